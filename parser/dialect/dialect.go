// Package dialect says what a dialect is: a value that names one way of writing down what happened to
// memory, and makes decoders for it. Dialects claim lines, not files, as real logs mix several writers.
package dialect

import (
	"sort"

	"oomtrace/parser/event"
)

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

// Idler is a decoder that keeps something between lines, of a dialect with anchors.
type Idler interface {
	Decoder
	// Idle reports whether no record is open, nor anything else kept that a line without an anchor could change or end.
	Idle() bool
}

// Document is a JSON value that stands on one line or on several, as inspect commands and APIs write them.
type Document struct {
	Line         // the first line, but Text is the whole value, its lines ended by LF
	Starts []int // where each line begins in Text, the first at 0
	Cut    bool  // the log ends inside of the value
}

// PosAt returns the position of the line that holds the byte at an offset of Text.
func (d *Document) PosAt(offset int) event.Pos {
	pos := d.Pos
	pos.Line += max(sort.SearchInts(d.Starts, offset+1)-1, 0)
	return pos
}

// DocumentDecoder is a decoder that reads whole JSON documents too. A document that no decoder takes is handed on line by line.
type DocumentDecoder interface {
	Decoder
	// DecodeDocument looks at a document and reports whether it is the dialect's own. Like Decode it must refuse foreign
	// ones quickly. Only a document of several lines is known to be valid JSON, unless it is cut.
	DecodeDocument(d *Document, emit Emit) bool
}

// Dialect describes a dialect and makes its decoders.
type Dialect struct {
	Name     string // stable, lower case: gctrace
	Title    string // one line for people: "Go runtime, GODEBUG=gctrace=1"
	Versions string // what was read and tested: "Go 1.0 to 1.26"
	Notes    string // what else oomtrace formats NAME should say: meaning of the fields, traps
	Grammars []Grammar
	New      func() Decoder

	// Anchors are texts of four bytes or more, one of which stands in every line that can concern an idle decoder: any other
	// line would be refused, and change nothing. The reader does not show it. Empty: all lines may concern it. Where a
	// decoder is no Idler, it is always idle.
	Anchors []string

	// Moments says that lines that are nothing but a time concern an idle decoder too, as package moment reads them: those of
	// scripts between readings.
	Moments bool
}

// Grammar is one record form of a dialect.
type Grammar struct {
	Name    string // "gc line of Go 1.6 to 1.17"
	EBNF    string
	Example string // a real line
}
