// Package shape makes grammars fast. A log of a million lines has a handful of shapes once its numbers are
// taken out; a Cache lets the grammar parse the first line of each shape and remembers where the numbers go.
// Every later line of that shape costs a comparison of the literal pieces and the reading of the digits:
// no grammar, no reflection, no allocation.
//
// What makes this right is one law: what a grammar decides must not depend on the value of a number. A grammar
// keeps it by taking in every number as a Num node and by having no literal that begins with a digit; New
// checks the second half, and the fuzz tests of each dialect hold cached answers against the grammar's own.
package shape

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// Bounds of one Cache. They are generous: a dialect has fewer than fifty shapes.
const (
	maxTemplates = 256  // shapes remembered
	maxPerShape  = 8    // templates that differ only in digits the grammar takes literally
	maxRefused   = 4096 // shapes remembered as foreign
	maxLine      = 4096 // longer lines always go through the grammar
)

// Lexer is the lexer for shape grammars: digit runs, words of letters (digits that follow a letter belong to
// the word: G1), runs of blanks, and every other character by itself. Grammars elide Space or name it.
var Lexer = lexer.MustSimple([]lexer.SimpleRule{
	{Name: "Digits", Pattern: `[0-9]+`},
	{Name: "Word", Pattern: `[\pL_][\pL0-9_]*`},
	{Name: "Space", Pattern: `[ \t]+`},
	{Name: "Other", Pattern: `.`},
})

// Grammar is a participle grammar that keeps the law. It is safe for concurrent use; make it once, in a
// package variable.
type Grammar[T any] struct {
	parser *participle.Parser[T]
}

// New builds a grammar over Lexer. It panics if the grammar is wrong, as regexp.MustCompile does.
func New[T any](options ...participle.Option) *Grammar[T] {
	p := participle.MustBuild[T](append([]participle.Option{participle.Lexer(Lexer)}, options...)...)
	if lit, bad := digitLiteral(p.String()); bad {
		panic(fmt.Sprintf("shape: literal %s begins with a digit: take it in as a Num", lit))
	}
	return &Grammar[T]{p}
}

// EBNF returns the grammar in words.
func (g *Grammar[T]) EBNF() string { return g.parser.String() }

// Parse reads a whole line with the grammar itself. It is the reference that a Cache must agree with.
func (g *Grammar[T]) Parse(line string) (*T, error) { return g.parser.ParseString("", line) }

// Cache returns a new cache for the grammar. A cache belongs to one goroutine.
func (g *Grammar[T]) Cache() *Cache[T] {
	return &Cache[T]{grammar: g, shapes: map[string][]*template[T]{}, refused: map[string]error{}}
}

// Cache answers as its grammar does, and fast where it has seen the shape of the line before.
type Cache[T any] struct {
	grammar   *Grammar[T]
	last      *template[T]
	shapes    map[string][]*template[T] // by skeleton
	templates int
	refused   map[string]error // by skeleton that keeps the digits of words
	skeleton  []byte
}

// template is one shape: the literal pieces around the digit runs, and where each run goes.
type template[T any] struct {
	pieces []string // one more than slots
	slots  []*Num
	tree   *T
}

// Parse reads a whole line. The tree is valid until the next call. The error is the grammar's own for the
// first line of the shape; a line that is refused from memory gets the same error with older columns.
func (c *Cache[T]) Parse(line []byte) (*T, error) {
	if c.last != nil && c.last.fill(line) {
		return c.last.tree, nil
	}
	if len(line) > maxLine {
		return c.grammar.Parse(string(line))
	}
	c.skeleton = appendSkeleton(c.skeleton[:0], line, true)
	known := c.shapes[string(c.skeleton)]
	for _, t := range known {
		if t.fill(line) {
			c.last = t
			return t.tree, nil
		}
	}
	c.skeleton = appendSkeleton(c.skeleton[:0], line, false)
	if err, ok := c.refused[string(c.skeleton)]; ok {
		return nil, err
	}
	text := string(line)
	tree, err := c.grammar.Parse(text)
	if err != nil {
		if len(c.refused) < maxRefused && refusable(line) {
			c.refused[string(c.skeleton)] = err
		}
		return nil, err
	}
	if c.templates < maxTemplates && len(known) < maxPerShape {
		if t, ok := newTemplate(text, tree); ok {
			c.templates++
			key := string(appendSkeleton(nil, line, true))
			c.shapes[key] = append(known, t)
			c.last = t
		}
	}
	return tree, nil
}

// fill reads the numbers of a line into the tree if the line has the template's shape. On false the tree
// may hold numbers of two lines; nobody looks at it before the next successful fill.
func (t *template[T]) fill(line []byte) bool {
	pos := 0
	for i, slot := range t.slots {
		piece := t.pieces[i]
		if len(line)-pos <= len(piece) || string(line[pos:pos+len(piece)]) != piece {
			return false
		}
		pos += len(piece)
		start, v := pos, int64(0)
		for pos < len(line) && line[pos]-'0' <= 9 {
			v = v*10 + int64(line[pos]-'0')
			pos++
		}
		digits := pos - start
		if digits == 0 || digits > maxDigits {
			return false
		}
		slot.value, slot.digits, slot.offset = v, digits, start
	}
	return string(line[pos:]) == t.pieces[len(t.slots)]
}

// newTemplate makes a template from the tree that the grammar built for the line. It refuses where a number of
// the tree is not exactly one whole run of digits in the line.
func newTemplate[T any](line string, tree *T) (*template[T], bool) {
	t := &template[T]{tree: tree}
	collect(reflect.ValueOf(tree), &t.slots)
	end := 0
	for _, n := range t.slots {
		start, stop := n.offset, n.offset+n.digits
		whole := start >= end && stop <= len(line) && strings.Trim(line[start:stop], "0123456789") == "" &&
			(start == 0 || !digit(line[start-1])) && (stop == len(line) || !digit(line[stop]))
		if !whole {
			return nil, false
		}
		t.pieces = append(t.pieces, line[end:start])
		end = stop
	}
	t.pieces = append(t.pieces, line[end:])
	return t, true
}

var numType = reflect.TypeFor[Num]()

// collect gathers the Num nodes of a syntax tree in source order, which is the order of its fields.
func collect(v reflect.Value, into *[]*Num) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			collect(v.Elem(), into)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			collect(v.Index(i), into)
		}
	case reflect.Struct:
		if v.Type() == numType {
			*into = append(*into, v.Addr().Interface().(*Num))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				collect(v.Field(i), into)
			}
		}
	}
}

// appendSkeleton appends the line with every run of digits replaced by one mark. With all unset, digits that
// belong to a word stay, as a grammar may take such a word literally.
func appendSkeleton(dst, line []byte, all bool) []byte {
	inWord := false
	for i := 0; i < len(line); i++ {
		b := line[i]
		if !digit(b) {
			inWord = b == '_' || b|0x20 >= 'a' && b|0x20 <= 'z' || b >= 0x80
			dst = append(dst, b)
			continue
		}
		if inWord && !all {
			dst = append(dst, b)
			continue
		}
		for i+1 < len(line) && digit(line[i+1]) {
			i++
		}
		dst = append(dst, 0)
	}
	return dst
}

// refusable reports whether the skeleton alone decides that the line is foreign. A run of more digits than a
// Num takes is refused for its value, and a NUL byte looks like the mark of a digit run.
func refusable(line []byte) bool {
	run := 0
	for _, b := range line {
		if b == 0 {
			return false
		}
		if !digit(b) {
			run = 0
		} else if run++; run > maxDigits {
			return false
		}
	}
	return true
}

func digit(b byte) bool { return b-'0' <= 9 }

// digitLiteral finds a literal of the printed grammar that begins with a digit.
func digitLiteral(ebnf string) (string, bool) {
	for i := 0; i+1 < len(ebnf); i++ {
		if ebnf[i] != '"' {
			continue
		}
		end := i + 1
		for end < len(ebnf) && ebnf[end] != '"' {
			if ebnf[end] == '\\' {
				end++
			}
			end++
		}
		if digit(ebnf[i+1]) {
			return ebnf[i:min(end+1, len(ebnf))], true
		}
		i = end
	}
	return "", false
}
