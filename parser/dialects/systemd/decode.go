package systemd

import (
	"bytes"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// Bounds of the work for one line and of what a decoder remembers.
const (
	maxLine  = 4096
	maxText  = 300  // of what a problem and a message quote
	maxUnits = 256  // whose state is remembered
	maxName  = 256  // of a unit; the manager allows 255
	patience = 64   // lines for which a unit that ended waits for the line with what it consumed
	maxDump  = 4096 // lines of a dump of candidates or of the output of a command
)

// decoder reads the lines of one stream.
type decoder struct {
	read  *readers
	lines int // shown so far
	units map[string]*life
	order []string // names in units, oldest first
	ended []*life  // units that wait for what they consumed, in the order of their ends
	dump  dump

	properties properties
	page       page
	core       core
	running    string // unit of systemd-run
}

// Sibling implements dialect.Sibling.
func (d *decoder) Sibling() dialect.Decoder { return &decoder{read: d.read} }

// Idle implements dialect.Idler.
func (d *decoder) Idle() bool {
	return len(d.ended) == 0 && !d.dump.open && !d.page.open && !d.properties.seen && d.core.until < d.lines
}

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	d.lines++
	if len(d.ended) > 0 {
		d.expire(emit)
	}
	if len(l.Text) > maxLine {
		return false
	}
	text := message(l.Text)
	if key, value, ok := property(text); ok {
		return d.show(l, key, value)
	}
	if d.properties.seen {
		d.endShow(emit)
	}
	if d.page.open && d.field(text, emit) {
		return true
	}
	return len(text) > 0 && d.line(l, text, emit)
}

// line reads a line that is no part of the output of a command.
func (d *decoder) line(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	if d.dump.open && d.candidate(l, text, emit) {
		return true
	}
	if unit, words, ok := ofUnit(text); ok {
		return d.unit(l, unit, words, emit)
	}
	switch text[0] {
	case 'S':
		d.start(l, text, emit)
		return d.dumpedInfo(l, text, emit)
	case 'K', 'M', 'C', 'D':
		return d.oomd(l, text, emit)
	case 'P', '[':
		return d.dumped(l, text, emit) || d.dumpedInfo(l, text, emit)
	case 'R', 'F':
		return d.ran(l, text, emit)
	case '*', 'x', '\xe2', '\xc3':
		return d.dotted(l, text, emit)
	}
	return false
}

// Flush implements dialect.Decoder.
func (d *decoder) Flush(emit dialect.Emit) {
	for _, u := range d.ended {
		u.end(emit)
	}
	d.endShow(emit)
	d.endPage(emit)
	*d = decoder{read: d.read}
}

// message takes off what stands before the message of a part of systemd where no envelope has: "May 07 14:29:23
// systemd-oomd[1852]: ", and blanks.
func message(text []byte) []byte {
	if i := bytes.Index(text, []byte("ystemd")); i >= 0 { // a y is rare, and so quickly not found
		rest := text[i+len("ystemd"):]
		open := bytes.IndexByte(rest, '[')
		end := bytes.Index(rest, []byte("]: "))
		if open >= 0 && open < end && end < 32 && digits(rest[open+1:end]) == end-open-1 {
			text = rest[end+len("]: "):]
		}
	}
	return bytes.TrimLeft(text, " \t")
}

// digits returns how many digits text begins with.
func digits(text []byte) int {
	n := 0
	for n < len(text) && text[n]-'0' <= 9 {
		n++
	}
	return n
}

func problem(l *dialect.Line, what string) *event.Problem {
	return &event.Problem{Head: l.Head(name), Message: what, Text: clip(l.Text)}
}

func clip(text []byte) string { return string(text[:min(len(text), maxText)]) }

// between returns what stands in text between two pieces.
func between(text []byte, before, after string) ([]byte, bool) {
	i := bytes.Index(text, []byte(before))
	if i < 0 {
		return nil, false
	}
	text = text[i+len(before):]
	end := bytes.Index(text, []byte(after))
	if end < 0 {
		return nil, false
	}
	return text[:end], true
}
