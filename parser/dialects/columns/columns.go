// Package columns reads the rows of tables whose cells begin below their titles, as docker, kubectl and crictl print them with
// Go's text/tabwriter.
package columns

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxTitles is how many columns a table can have.
const maxTitles = 24

// Table is where the columns of a table begin. The zero Table has none.
type Table struct {
	titles []string
	begins []int // in characters
}

// Header reads a line of titles, which stand two blanks apart or more. All of the titles wanted must be among them.
func Header(line []byte, wanted ...string) (Table, bool) {
	var t Table
	line = expand(line)
	for _, s := range spans(line) {
		t.titles = append(t.titles, string(line[s.from:s.to]))
		t.begins = append(t.begins, s.from)
	}
	if len(t.titles) > maxTitles {
		return Table{}, false
	}
	for _, w := range wanted {
		if !slices.Contains(t.titles, w) {
			return Table{}, false
		}
	}
	return t, len(t.titles) > 0
}

// Empty reports whether the table has no columns.
func (t *Table) Empty() bool { return len(t.titles) == 0 }

// Has reports whether the table has a column.
func (t *Table) Has(title string) bool { return slices.Contains(t.titles, title) }

// Row splits a line into cells, one for each title. The cells stand below their titles; where they do not, as the table was
// copied without its blanks, there must be as many as titles, two blanks apart or more.
func (t *Table) Row(line []byte) (Row, bool) {
	if t.Empty() {
		return Row{}, false
	}
	line = expand(line)
	if cells, ok := t.below(line); ok {
		return Row{t.titles, cells}, true
	}
	found := spans(line)
	if len(found) != len(t.titles) {
		return Row{}, false
	}
	cells := make([]string, len(found))
	for i, s := range found {
		cells[i] = string(line[s.from:s.to])
	}
	return Row{t.titles, cells}, true
}

// below splits a line where the columns begin.
func (t *Table) below(line []byte) ([]string, bool) {
	chars := func(n int) int { return n }
	if !ascii(line) {
		at := make([]int, 0, len(line))
		for i := range string(line) {
			at = append(at, i)
		}
		chars = func(n int) int {
			if n >= len(at) {
				return len(line)
			}
			return at[n]
		}
	}
	cells := make([]string, len(t.titles))
	for i, begin := range t.begins {
		from, to := min(chars(begin), len(line)), len(line)
		if i+1 < len(t.begins) {
			to = min(chars(t.begins[i+1]), len(line))
		}
		if from > 0 && from < len(line) && line[from-1] != ' ' || from < len(line) && line[from] == ' ' && i == 0 {
			return nil, false
		}
		cells[i] = string(bytes.TrimSpace(line[from:to]))
	}
	return cells, cells[0] != ""
}

func ascii(line []byte) bool {
	for _, c := range line {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Row is the cells of a line.
type Row struct{ titles, cells []string }

// Cell returns the cell below a title, empty where there is none.
func (r Row) Cell(title string) string {
	if i := slices.Index(r.titles, title); i >= 0 {
		return r.cells[i]
	}
	return ""
}

type span struct{ from, to int }

// expand replaces tabs by blanks up to the next of the stops, which stand eight characters apart: kubectl to 1.7 pads with tabs.
func expand(line []byte) []byte {
	if bytes.IndexByte(line, '\t') < 0 {
		return line
	}
	out := make([]byte, 0, 2*len(line))
	at := 0
	for _, c := range line {
		switch {
		case c == '\t':
			n := 8 - at%8
			out = append(out, "        "[:n]...)
			at += n
			continue
		case c < utf8.RuneSelf || utf8.RuneStart(c):
			at++
		}
		out = append(out, c)
	}
	return out
}

// spans finds the texts in a line that stand two blanks apart.
func spans(line []byte) (found []span) {
	text := string(line)
	for at := 0; at < len(text) && len(found) <= maxTitles; {
		if text[at] == ' ' {
			at++
			continue
		}
		end := len(text)
		if i := strings.Index(text[at:], "  "); i >= 0 {
			end = at + i
		}
		found = append(found, span{at, len(strings.TrimRight(text[:end], " "))})
		at = end
	}
	return found
}
