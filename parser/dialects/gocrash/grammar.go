package gocrash

import (
	"github.com/alecthomas/participle/v2"

	"oomtrace/parser/shape"
)

// reason is the line that says why, before the line "fatal error: ...". Each alternative has a meaning of its own,
// see death.go.
type reason struct {
	Block    *block     `parser:"  @@"`
	Stack    *shape.Num `parser:"| 'runtime' ':' Space 'goroutine' Space 'stack' Space 'exceeds' Space @@ '-' 'byte' Space 'limit'"`
	Threads  *shape.Num `parser:"| 'runtime' ':' Space 'program' Space 'exceeds' Space @@ '-' 'thread' Space 'limit'"`
	NoThread *noThread  `parser:"| @@"`
	Commit   *commit    `parser:"| @@"`
}

// block is a failed allocation. Go 1.5 and earlier can print a negative size.
type block struct {
	Negative bool      `parser:"'runtime' ':' Space 'out' Space 'of' Space 'memory' ':' Space 'cannot' Space 'allocate' Space @'-'?"`
	Asked    shape.Num `parser:"@@ '-' 'byte' Space 'block' Space"`
	InUse    shape.Num `parser:"'(' @@ Space 'in' Space 'use' ')'"`
}

// noThread is clone or pthread_create refused.
type noThread struct {
	Have  shape.Num `parser:"'runtime' ':' Space 'failed' Space 'to' Space 'create' Space 'new' Space 'OS' Space 'thread' Space '(' 'have' Space @@ Space 'already' ';' Space"`
	Errno shape.Num `parser:"'errno' '=' @@ ')'"`
}

// commit is Windows refusing memory: errno 1455 is the commit limit.
type commit struct {
	Asked shape.Num `parser:"'runtime' ':' Space 'VirtualAlloc' Space 'of' Space @@ Space 'bytes' Space 'failed' Space"`
	Errno shape.Num `parser:"'with' Space 'errno' '=' @@"`
}

// header begins the stack of a goroutine. Its numbers in brackets are minutes and bubbles.
type header struct {
	ID      shape.Num   `parser:"'goroutine' Space @@"`
	Machine []machine   `parser:"( Space @@ )*"`
	State   []shape.Num `parser:"Space '[' ( (?! ']' ':' EOF ) ( @@ | Digits | Word | Space | Other ) )* ']' ':'"`
}

// machine is gp=, m= and mp= of Go 1.22 and later.
type machine struct {
	M *shape.Num `parser:"( 'gp' | 'mp' ) '=' '#' | 'm' '=' ( 'nil' | @@ )"`
}

// place is what follows the file name in a stack: the line and the addresses.
type place struct {
	Line   shape.Num `parser:"':' @@"`
	Offset bool      `parser:"@( Space '+' '#' )?"`
	FP     bool      `parser:"@( Space 'fp' '=' '#' )?"`
	SP     bool      `parser:"@( Space 'sp' '=' '#' )?"`
	PC     bool      `parser:"@( Space 'pc' '=' '#' )?"`
}

// register is a line of the register dump after a signal: one register, or two on ppc64 and mips.
type register struct {
	Names []string `parser:"@Word Space '#' ( Space @Word Space '#' )?"`
}

var (
	reasons   = shape.New[reason](lookahead)
	headers   = shape.New[header](lookahead)
	places    = shape.New[place](lookahead)
	registers = shape.New[register](lookahead)
)

// lookahead is enough for the common beginning of two alternatives.
var lookahead = participle.UseLookahead(16)

// readers are the shape caches of one decoder.
type readers struct {
	reason   *shape.Cache[reason]
	header   *shape.Cache[header]
	place    *shape.Cache[place]
	register *shape.Cache[register]
	blanked  []byte
}

func newReaders() readers {
	return readers{
		reason:   reasons.Cache(),
		header:   headers.Cache(),
		place:    places.Cache(),
		register: registers.Cache(),
	}
}

// blank returns the text with every address 0x... replaced by #. The result is valid until the next call.
func (r *readers) blank(text []byte) []byte {
	out := r.blanked[:0]
	for i := 0; i < len(text); {
		end := address(text, i)
		if end == i {
			out = append(out, text[i])
			i++
			continue
		}
		out = append(out, '#')
		i = end
	}
	r.blanked = out
	return out
}

// address returns the end of the address that begins at i, or i.
func address(text []byte, i int) int {
	if text[i] != '0' || i+2 >= len(text) || text[i+1] != 'x' {
		return i
	}
	end := i + 2
	for end < len(text) && hexDigit(text[end]) {
		end++
	}
	if end == i+2 {
		return i
	}
	return end
}

func hexDigit(b byte) bool { return b-'0' <= 9 || b-'a' <= 'f'-'a' }
