package gctrace

import (
	"strings"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
)

// dead is the status of a goroutine that ended.
const dead = 6

// census is a block of schedtrace: its first line, and with scheddetail a line for each goroutine.
type census struct {
	seen       bool // a line of schedtrace was seen in this stream
	sample     *event.Sample
	goroutines int
	detailed   bool
}

// end emits the sample of the block.
func (c *census) end(emit dialect.Emit) {
	if c.sample == nil {
		return
	}
	if c.detailed {
		c.sample.Values = append(c.sample.Values, event.Value{Name: "goroutines", V: float64(c.goroutines)})
	}
	emit(c.sample)
	*c = census{seen: true}
}

// aside reads the lines that the runtime prints besides gc lines. A word that begins like one of them is not
// enough: the whole line must be as the runtime writes it.
func (d *decoder) aside(l *dialect.Line, emit dialect.Emit) bool {
	text := l.Text
	if len(text) < 5 || len(text) > maxLine {
		return false
	}
	switch text[0] {
	case ' ':
		return d.schedDetail(text)
	case 'S':
		return ascii.HasPrefix(text, "SCHED ") && d.schedLine(l, emit)
	case 's':
		return d.scavenger(l, emit)
	case 'f':
		return ascii.HasPrefix(text, "forced scvg") && d.scvgLine(l, text[len("forced scvg"):], emit)
	case 'p':
		return d.pacing(l, emit)
	case 'i':
		return ascii.HasPrefix(text, "init ") && parses(d.inits.Parse(text))
	case 'c':
		if !ascii.HasPrefix(text, "checkfinalizers: ") {
			return false
		}
		tree, err := d.queues.Parse(text)
		if err != nil {
			return false
		}
		d.reading(l, tree.values(), emit)
		return true
	case 'G':
		if string(text) != "GC forced" {
			return false
		}
		d.cause = "GC forced"
		return true
	}
	return false
}

func (d *decoder) scavenger(l *dialect.Line, emit dialect.Emit) bool {
	switch text := l.Text; {
	case ascii.HasPrefix(text, "scvg"):
		return d.scvgLine(l, text[len("scvg"):], emit)
	case ascii.HasPrefix(text, "scan: "):
		return parses(d.scan.Parse(text))
	case ascii.HasPrefix(text, "scav "):
		tree, err := d.scav.Parse(text)
		if err != nil {
			return false
		}
		d.reading(l, tree.values(), emit)
		return true
	}
	return false
}

func (d *decoder) scvgLine(l *dialect.Line, rest []byte, emit dialect.Emit) bool {
	tree, err := d.scvg.Parse(rest)
	if err != nil {
		return false
	}
	d.reading(l, tree.values(), emit)
	return true
}

func (d *decoder) pacing(l *dialect.Line, emit dialect.Emit) bool {
	if d.forms >= 1<<go14 && ascii.HasPrefix(l.Text, "pause ") {
		return parses(d.pause.Parse(l.Text))
	}
	if !ascii.HasPrefix(l.Text, "pacer: ") {
		return false
	}
	tree, err := d.pacer.Parse(l.Text)
	if err != nil {
		return false
	}
	d.reading(l, tree.values(), emit)
	return true
}

// reading emits a sample unless the line has nothing to say about memory.
func (d *decoder) reading(l *dialect.Line, values []event.Value, emit dialect.Emit) {
	if d.census.sample != nil {
		d.census.end(emit)
	}
	if len(values) > 0 {
		emit(&event.Sample{Head: l.Head(name), Values: values})
	}
}

func (d *decoder) schedLine(l *dialect.Line, emit dialect.Emit) bool {
	tree, err := d.sched.Parse(l.Text)
	if err != nil {
		return false
	}
	d.census.end(emit)
	d.census = census{seen: true, sample: &event.Sample{Head: l.Head(name), Values: tree.values()}}
	return true
}

// schedDetail reads a line of scheddetail, such as "  G1: status=4(chan receive) m=-1 lockedm=-1".
func (d *decoder) schedDetail(text []byte) bool {
	if !d.census.seen || !ascii.HasPrefix(text, "  ") || strings.IndexByte("PMG", text[2]) < 0 {
		return false
	}
	tree, err := d.detail.Parse(text[3:])
	if err != nil {
		return false
	}
	d.census.detailed = true
	if text[2] == 'G' && optional(tree.Status) != dead {
		d.census.goroutines++
	}
	return true
}

func parses[T any](_ *T, err error) bool { return err == nil }
