// Package dialect says what a dialect is: a value that names one way of writing down what happened to
// memory, and makes decoders for it. Dialects claim lines, not files, as real logs mix several writers.
package dialect

import "oomtrace/parser/event"

// Line is one line of one stream after its envelope was taken off.
type Line struct {
	Pos    event.Pos
	Time   event.Time    // what the envelope says; a decoder adds the clocks of the payload
	Stream *event.Stream // nil in a file of one writer
	Text   []byte        // without line end; valid during the call only
}

// Head returns the head of an event that this line begins.
func (l *Line) Head(dialect string) event.Head {
	return event.Head{Pos: l.Pos, Time: l.Time, Stream: l.Stream, Dialect: dialect}
}

// Emit receives an event. The receiver owns it.
type Emit func(event.Event)

// Decoder reads the lines of one stream, in order. It belongs to that stream and is never shared.
type Decoder interface {
	// Decode looks at a line and reports whether it is the dialect's own. A line that is its own and
	// broken is claimed too, and gives an event.Problem. Foreign lines must be refused quickly: most
	// lines of most logs are foreign to all dialects.
	Decode(l *Line, emit Emit) bool

	// Flush ends the stream. A record that the end of the log cut off still says what it knows.
	Flush(emit Emit)
}

// Sibling is a decoder that can make another one, for a further stream of the same input. The two share what they learned
// about the look of lines, so that many streams cost little, and nothing that a stream said. They are used in turn,
// never at once.
type Sibling interface {
	Decoder
	Sibling() Decoder
}

// Dialect describes a dialect and makes its decoders.
type Dialect struct {
	Name     string // stable, lower case: gctrace
	Title    string // one line for people: "Go runtime, GODEBUG=gctrace=1"
	Versions string // what was read and tested: "Go 1.0 to 1.26"
	Notes    string // what else oomtrace formats NAME should say: meaning of the fields, traps
	Grammars []Grammar
	New      func() Decoder
}

// Grammar is one record form of a dialect.
type Grammar struct {
	Name    string // "gc line of Go 1.6 to 1.17"
	EBNF    string
	Example string // a real line
}
