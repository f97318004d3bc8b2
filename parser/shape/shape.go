// Package shape makes grammars fast. A log of a million lines has a handful of shapes once its numbers are
// taken out; a Cache lets the grammar parse the first line of each shape and remembers where the numbers go.
// Every later line of that shape costs a comparison of the literal pieces and the reading of the digits:
// no grammar, no reflection, no allocation.
//
// What makes this right is one law: what a grammar decides must not depend on how a number is written. A grammar
// keeps it by taking in every number as a Num or a Decimal node, by having no literal that begins with a digit,
// and by never offering a Num and a Decimal as alternatives for one place. New checks the literals, and the fuzz
// tests of each dialect hold cached answers against the grammar's own.
package shape

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"strconv"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// Bounds of one Cache. They are generous: a dialect has fewer than fifty shapes.
const (
	maxTemplates = 1024 // shapes remembered
	maxPerShape  = 8    // templates that differ only in digits the grammar takes literally
	maxRefused   = 4096 // shapes remembered as foreign
	maxLine      = 4096 // longer lines always go through the grammar
)

// Lexer is the lexer for shape grammars: digit runs, words of letters (digits that follow a letter belong to
// the word: G1), runs of blanks, the arrow ->, and every other character by itself. Grammars elide Space or name it.
var Lexer = lexer.MustSimple([]lexer.SimpleRule{
	{Name: "Digits", Pattern: `[0-9]+`},
	{Name: "Word", Pattern: `[\pL_][\pL0-9_]*`},
	{Name: "Space", Pattern: `[ \t]+`},
	{Name: "Arrow", Pattern: `->`},
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
	if err := checkLiterals(p.String()); err != nil {
		panic(err.Error())
	}
	return &Grammar[T]{p}
}

// Words builds a grammar as New does, of lines in which blanks do nothing but part words. It looks as far ahead as it must.
func Words[T any]() *Grammar[T] {
	return New[T](participle.Elide("Space"), participle.UseLookahead(participle.MaxLookahead))
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

// template is one shape: the literal pieces around the numbers, and where each number goes.
type template[T any] struct {
	slots []slot
	rest  string // after the last slot
	tree  *T
}

// slot is one number of a template and the literal text before it.
type slot struct {
	before     string
	head, mask uint64 // the first eight bytes of before, to compare them at once
	num        *Num
	frac       *Num // the fraction of a Decimal; nil for a Num
}

// comesAt reports whether the text before the number stands at pos, and something after it.
func (s *slot) comesAt(line []byte, pos int) bool {
	if pos+8 > len(line) {
		return len(line)-pos > len(s.before) && string(line[pos:pos+len(s.before)]) == s.before
	}
	if binary.LittleEndian.Uint64(line[pos:])&s.mask != s.head {
		return false
	}
	return len(s.before) < 8 || len(line)-pos > len(s.before) && string(line[pos:pos+len(s.before)]) == s.before
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
	memorable := refusable(line)
	if memorable {
		c.skeleton = appendSkeleton(c.skeleton[:0], line, false)
		if err, ok := c.refused[string(c.skeleton)]; ok {
			return nil, err
		}
	}
	text := string(line)
	tree, err := c.grammar.Parse(text)
	if err != nil {
		if memorable {
			c.refuse(err)
		}
		return nil, err
	}
	if t, ok := newTemplate(text, tree); ok && len(known) < maxPerShape {
		c.learn(t, line)
	}
	return tree, nil
}

// refuse remembers the line whose skeleton was just made as foreign. A full memory starts afresh, so that a log
// that changes its ways is still read fast.
func (c *Cache[T]) refuse(err error) {
	if len(c.refused) >= maxRefused {
		clear(c.refused)
	}
	c.refused[string(c.skeleton)] = err
}

// learn remembers a template of the line that was just parsed.
func (c *Cache[T]) learn(t *template[T], line []byte) {
	if c.templates >= maxTemplates {
		clear(c.shapes)
		c.templates = 0
	}
	c.skeleton = appendSkeleton(c.skeleton[:0], line, true)
	c.shapes[string(c.skeleton)] = append(c.shapes[string(c.skeleton)], t)
	c.templates++
	c.last = t
}

// fill reads the numbers of a line into the tree if the line has the template's shape. On false the tree
// may hold numbers of two lines; nobody looks at it before the next successful fill.
func (t *template[T]) fill(line []byte) bool {
	pos := 0
	for i := range t.slots {
		s := &t.slots[i]
		if !s.comesAt(line, pos) {
			return false
		}
		pos += len(s.before)
		n := s.num.fill(line, pos)
		if n == 0 {
			return false
		}
		pos += n
		if s.frac == nil {
			continue
		}
		s.frac.digits, s.frac.value = 0, 0
		if pos+1 < len(line) && line[pos] == '.' && digit(line[pos+1]) {
			n := s.frac.fill(line, pos+1)
			if n == 0 {
				return false
			}
			pos += 1 + n
		}
	}
	return string(line[pos:]) == t.rest
}

// fill reads the run of digits at pos and returns its length: 0 if there is none or if it is too long.
func (n *Num) fill(line []byte, pos int) int {
	v, i := int64(0), pos
	for i < len(line) && digit(line[i]) {
		v = v*10 + int64(line[i]-'0')
		i++
	}
	if i-pos > maxDigits {
		return 0
	}
	n.value, n.digits = v, i-pos // the offset has served when the template was made
	return i - pos
}

// newTemplate makes a template from the tree that the grammar built for the line. It refuses where a number of
// the tree is not exactly one whole number of the line.
func newTemplate[T any](line string, tree *T) (*template[T], bool) {
	t := &template[T]{tree: tree}
	collect(reflect.ValueOf(tree), &t.slots)
	end := 0
	for i := range t.slots {
		s := &t.slots[i]
		start, stop := s.num.offset, s.num.offset+s.num.digits
		if s.frac != nil && s.frac.digits > 0 {
			stop = s.frac.offset + s.frac.digits
		}
		whole := start >= end && start < stop && stop <= len(line) &&
			(start == 0 || !digit(line[start-1])) && (stop == len(line) || !digit(line[stop]))
		if !whole {
			return nil, false
		}
		s.before = line[end:start]
		for i := range min(8, len(s.before)) {
			s.head |= uint64(s.before[i]) << (8 * i)
			s.mask |= 0xff << (8 * i)
		}
		end = stop
	}
	t.rest = line[end:]
	return t, true
}

// collect gathers the numbers of a syntax tree in source order, which is the order of its fields.
func collect(v reflect.Value, into *[]slot) {
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
		switch n := v.Addr().Interface().(type) {
		case *Num:
			*into = append(*into, slot{num: n})
			return
		case *Decimal:
			*into = append(*into, slot{num: &n.whole, frac: &n.frac})
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				collect(v.Field(i), into)
			}
		}
	}
}

// appendSkeleton appends the line with every number replaced by one mark. With loose set, a number may have a
// fraction and may stand in a word. Without, digits that belong to a word stay, as a grammar may take such a
// word literally.
func appendSkeleton(dst, line []byte, loose bool) []byte {
	inWord := false
	for i := 0; i < len(line); {
		b := line[i]
		if !digit(b) || inWord && !loose {
			inWord = b == '_' || b|0x20 >= 'a' && b|0x20 <= 'z' || b >= 0x80 || inWord && digit(b)
			dst = append(dst, b)
			i++
			continue
		}
		i = digitsEnd(line, i)
		if loose && i+1 < len(line) && line[i] == '.' && digit(line[i+1]) {
			i = digitsEnd(line, i+1)
		}
		dst = append(dst, 0)
		inWord = false
	}
	return dst
}

// digitsEnd returns where the run of digits at pos ends.
func digitsEnd(line []byte, pos int) int {
	for pos < len(line) && digit(line[pos]) {
		pos++
	}
	return pos
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

// checkLiterals looks at the literals of a printed grammar: one that begins with a digit would break the law, and
// one that is not a single token would never match.
func checkLiterals(ebnf string) error {
	for i := 0; i < len(ebnf); i++ {
		if ebnf[i] != '"' {
			continue
		}
		quoted, err := strconv.QuotedPrefix(ebnf[i:])
		if err != nil {
			return fmt.Errorf("shape: literal at %s: %w", ebnf[i:], err)
		}
		i += len(quoted) - 1
		text, _ := strconv.Unquote(quoted)
		if text != "" && digit(text[0]) {
			return fmt.Errorf("shape: literal %s begins with a digit: take it in as a Num", quoted)
		}
		if !oneToken(text) {
			return fmt.Errorf("shape: literal %s is not one token: write its tokens one by one", quoted)
		}
	}
	return nil
}

func oneToken(text string) bool {
	lex, err := Lexer.LexString("", text)
	if err != nil {
		return false
	}
	tokens, err := lexer.ConsumeAll(lex)
	return err == nil && len(tokens) == 2 // the token and the end
}
