package gctrace

import (
	"bytes"
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
	"oomtrace/parser/shape"
)

const name = "gctrace"

// Bounds of the work for one line of text.
const (
	maxLine  = 4096 // no line of the runtime is longer
	maxTries = 8    // places in a row where a gc line is looked for in vain
)

// decoder reads the lines of one stream. Whole gc lines take the short way through Decode; everything else is
// for the longer one.
type decoder struct {
	*shared
	runs   [4]run // the processes that write into this stream
	oldest int    // in runs
	form   form   // of the gc line read last
	forms  forms  // of all gc lines that were whole
	cause  string // of the next collection
	behind bool   // the line before was a whole gc line

	census census
	torn   []*torn
	recent recent
	tears  []tear
	found  []solution // of the line at hand
	pieces []piece    // of the line at hand
}

// shared is what the decoders of one input have in common: how their lines look, and nothing that they say.
type shared struct {
	modern  *shape.Cache[modern]
	ancient *shape.Cache[ancient]
	scvg    *shape.Cache[scvg]
	scav    *shape.Cache[scav]
	pacer   *shape.Cache[pacer]
	sched   *shape.Cache[sched]
	detail  *shape.Cache[detail]
	inits   *shape.Cache[initLine]
	scan    *shape.Cache[scan]
	queues  *shape.Cache[queues]
	pause   *shape.Cache[pause]
	slab    []event.GC
}

// run is the last collection of one process.
type run struct {
	cycle int64
	since time.Duration
}

func newDecoder() dialect.Decoder {
	return &decoder{shared: &shared{
		modern:  modernGrammar.Cache(),
		ancient: ancientGrammar.Cache(),
		scvg:    scvgGrammar.Cache(),
		scav:    scavGrammar.Cache(),
		pacer:   pacerGrammar.Cache(),
		sched:   schedGrammar.Cache(),
		detail:  detailGrammar.Cache(),
		inits:   initGrammar.Cache(),
		scan:    scanGrammar.Cache(),
		queues:  queuesGrammar.Cache(),
		pause:   pauseGrammar.Cache(),
	}}
}

// Sibling implements dialect.Sibling.
func (d *decoder) Sibling() dialect.Decoder { return &decoder{shared: d.shared} }

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	if anchored(l.Text) {
		if gc, ok := d.read(l, l.Text); ok {
			d.collection(gc, l, emit)
			d.behind = true
			return true
		}
	}
	claimed := d.aside(l, emit) || d.embedded(l, emit) || d.resume(l, emit) || d.headless(l, emit) ||
		bareHead(l.Text) && d.begin(l, 0, 1, emit)
	d.behind = false
	if !claimed {
		d.recent.add(l.Text)
	}
	return claimed
}

// Flush implements dialect.Decoder.
func (d *decoder) Flush(emit dialect.Emit) {
	for len(d.torn) > 0 {
		d.conclude(d.torn[0], "the log ends inside this gc line", emit)
	}
	d.census.detailed = false // the block may be cut
	d.census.end(emit)
}

// anchored reports whether text begins as a gc line does: "gc 1", "gc #1", "gc1".
func anchored(text []byte) bool {
	if len(text) < 4 || text[0] != 'g' || text[1] != 'c' {
		return false
	}
	if text[2] == ' ' {
		return ascii.Digit(text[3]) || text[3] == '#' && len(text) > 4 && ascii.Digit(text[4])
	}
	return ascii.Digit(text[2])
}

// read reads text as a whole gc line. It returns a nil event for one that states a size beyond all memory
// or a time beyond all patience.
func (d *decoder) read(l *dialect.Line, text []byte) (*event.GC, bool) {
	if len(text) > maxLine {
		return nil, false
	}
	if text[2] == ' ' {
		if n := len(text); text[n-1] == 'P' && text[n-2] != ' ' {
			return nil, false // torn behind a number by text that begins with a P
		}
		tree, err := d.modern.Parse(text)
		if err != nil {
			return nil, false
		}
		d.form = tree.form()
		return d.newModern(l, tree), true
	}
	tree, err := d.ancient.Parse(text[2:])
	if err != nil {
		return nil, false
	}
	d.form = tree.form()
	return d.newAncient(l, tree), true
}

// collection emits what a gc line gave and takes note of its process.
func (d *decoder) collection(gc *event.GC, l *dialect.Line, emit dialect.Emit) {
	if gc == nil {
		emit(problem(l.Head(name), l.Text, "a gc line with numbers beyond any machine"))
		return
	}
	if len(d.torn) > 0 {
		d.overtaken(gc.Cycle, emit)
	}
	if d.census.sample != nil {
		d.census.end(emit)
	}
	if d.cause != "" {
		gc.Cause, d.cause = d.cause, ""
	}
	d.note(gc)
	emit(gc)
}

// note remembers the collection as the last of its process.
func (d *decoder) note(gc *event.GC) {
	if !gc.Mended {
		d.forms |= 1 << d.form
	}
	next := run{gc.Cycle, gc.Time.Process}
	for i := range d.runs {
		if d.runs[i].precedes(next) {
			d.runs[i] = next
			return
		}
	}
	d.runs[d.oldest] = next
	d.oldest = (d.oldest + 1) % len(d.runs)
}

// follows reports whether the collection is the next one of a process seen before, or the first of one.
func (d *decoder) follows(gc *event.GC) bool {
	next := run{gc.Cycle, gc.Time.Process}
	for i := range d.runs {
		if d.runs[i].precedes(next) {
			return true
		}
	}
	return false
}

// precedes reports whether next is the next collection of the same process. The zero run precedes a first one.
func (r run) precedes(next run) bool { return next.cycle == r.cycle+1 && next.since >= r.since }

// embedded looks for gc lines that do not begin where the text does: behind a prefix that nobody took off, or
// after text that somebody wrote without a line end. There can be any number of them: the exports of Loki and of
// Grafana hold a whole log in one line. It also takes note of torn lines.
func (d *decoder) embedded(l *dialect.Line, emit dialect.Emit) bool {
	claimed := false
	at := nextAnchor(l.Text, 0)
	for tries := 0; at >= 0 && tries < maxTries; tries++ {
		if gc, ok := d.read(l, l.Text[at:]); ok {
			d.collection(gc, l, emit)
			return true
		}
		if d.begin(l, at, 0, emit) {
			claimed, tries = true, 0
		}
		at = nextAnchor(l.Text, at+2)
	}
	return claimed
}

// bareHead reports whether text begins like a gc line that lost its first letters: "31 @5.311s", "31(1): ".
func bareHead(text []byte) bool {
	n := digits(text)
	return n > 0 && (ascii.HasPrefix(text[n:], " @") || ascii.HasPrefix(text[n:], "("))
}

// nextAnchor returns where the next gc line can begin in text, at from or later, or -1.
func nextAnchor(text []byte, from int) int {
	for {
		i := bytes.Index(text[from:], []byte("gc"))
		if i < 0 {
			return -1
		}
		from += i
		if anchored(text[from:]) {
			return from
		}
		from += 2
	}
}

// maxProblemText bounds what a problem quotes.
const maxProblemText = 200

func problem(head event.Head, text []byte, message string) *event.Problem {
	return &event.Problem{Head: head, Message: message, Text: string(text[:min(len(text), maxProblemText)])}
}
