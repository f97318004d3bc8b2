package parser

import (
	"slices"

	"oomtrace/parser/dialect"
	"oomtrace/parser/envelope"
	"oomtrace/parser/event"
)

// table reads an export of log lines as comma-separated values. Exports stand newest first more often than not: then the
// rows wait for the end of the input, or until they fill the room for a document.
type table struct {
	header *envelope.Table
	open   bool // the last row goes on
	text   []byte
	rows   []row
	seen   bool  // first is known
	first  int64 // time of the first row
	order  order
	parts  int // how often rows were put in order
}

type row struct {
	from, to    int // in the text of the table
	line, lines int
}

// order is the order of the rows of an export.
type order int

const (
	unknown order = iota
	oldestFirst
	newestFirst
)

// maxRow is how many lines a row may stand on. A quote that nothing closes must not swallow the rest.
const maxRow = 10000

// tabular takes a line of an export.
func (u *run) tabular(text []byte) {
	t := u.table
	if !t.open {
		t.rows = append(t.rows, row{from: len(t.text), line: u.lines.number})
	} else {
		t.text = append(t.text, '\n')
	}
	r := &t.rows[len(t.rows)-1]
	t.text = append(t.text, text...)
	r.to = len(t.text)
	r.lines = u.lines.number - r.line + 1
	t.open = t.header.Open(t.open, text)
	if t.open && (r.lines > maxRow || r.to-r.from > maxLine) {
		head := dialect.Line{Pos: event.Pos{File: u.name, Line: r.line}}
		u.problem(head.Head(ReaderName), t.text[r.from:r.to], "a quoted cell that does not end within %d lines", r.lines)
		t.open = false
	}
	if t.open {
		return
	}
	if t.order == unknown {
		u.findOrder(t.text[r.from:r.to])
	}
	if t.order == oldestFirst || len(t.text) > maxDocument {
		u.endRows()
	}
}

// findOrder compares the time of a row with that of the first.
func (u *run) findOrder(text []byte) {
	t := u.table
	when, known := u.strip.When(t.header, text)
	switch {
	case !known:
	case !t.seen:
		t.seen, t.first = true, when
	case when < t.first:
		t.order = newestFirst
	case when > t.first:
		t.order = oldestFirst
	}
}

// endRows hands the rows on that wait.
func (u *run) endRows() {
	t := u.table
	if t.order == newestFirst {
		slices.Reverse(t.rows)
		t.parts++
	}
	for _, r := range t.rows {
		if rec := u.strip.Row(t.header, t.text[r.from:r.to], r.line, r.lines); rec != nil {
			u.logical(rec)
		}
	}
	t.rows, t.text, t.open = t.rows[:0], t.text[:0], false
}

// noteOrder says what was put in order.
func (u *run) noteOrder() {
	s := u.stats
	parts := 0
	if u.table != nil {
		parts = u.table.parts
	}
	if u.reversed || parts > 0 {
		s.note("the newest line stands first: read from the last to the first")
	}
	if parts > 1 {
		s.note("the export is too large to be put in order as a whole: %d parts were, each by itself", parts)
	}
}
