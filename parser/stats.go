package parser

import (
	"fmt"
	"strings"

	"oomtrace/parser/event"
)

// Stats is what a reader can say about an input besides its events. It is complete when the events are.
type Stats struct {
	Bytes     int64  // as read, that is packed
	SHA256    string // of the bytes as read, in hex; empty if it was not asked for or the input broke
	Lines     int    // physical lines
	Envelope  string // the outermost wrapping that most lines had; "none"
	Dialects  []Records
	Counts        // of lines
	Damaged   int // problems met, each at a line
	Problems  []Problem
	First     string // beginning of the first line that is not blank; hostile
	Notes     []string
	Binary    bool // the input is no text
	Truncated bool // the input broke off, see the error
}

// Counts says what became of the lines. Blank lines count nowhere.
type Counts struct {
	Understood int // claimed by a dialect
	Other      int // of no dialect, as the application's own output
}

// Records counts the events of a dialect. Those without one are not listed.
type Records struct {
	Name    string
	Records int
}

// Problem is a line that was not read well.
type Problem struct {
	Line    int
	Dialect string
	Message string
}

const (
	// maxProblems is how many problems Stats lists. Damaged counts all.
	maxProblems = 100
	// maxFirst is how much of the first line Stats keeps.
	maxFirst = 200
)

func (s *Stats) problem(p *event.Problem) {
	s.Damaged++
	if len(s.Problems) < maxProblems {
		s.Problems = append(s.Problems, Problem{p.Pos.Line, p.Dialect, p.Message})
	}
}

func (s *Stats) note(format string, args ...any) {
	s.Notes = append(s.Notes, fmt.Sprintf(format, args...))
}

// tally counts the lines by envelope. There are few, so that a list serves.
type tally struct {
	names  []string
	counts []int
	last   int
}

func (t *tally) add(name string, lines int) {
	if len(t.names) == 0 || t.names[t.last] != name {
		t.last = t.find(name)
	}
	t.counts[t.last] += lines
}

func (t *tally) find(name string) int {
	for i, n := range t.names {
		if n == name {
			return i
		}
	}
	t.names = append(t.names, name)
	t.counts = append(t.counts, 0)
	return len(t.names) - 1
}

// most returns the envelope that most lines had. Of two, it is the one seen first.
func (t *tally) most() string {
	best := -1
	for i, n := range t.counts {
		if best < 0 || n > t.counts[best] {
			best = i
		}
	}
	if best < 0 || t.names[best] == "" {
		return "none"
	}
	return t.names[best]
}

// describe says how the input was packed and encoded.
func (s *Stats) describe(i *input) {
	if len(i.packing) > 0 {
		var names []string
		for _, p := range i.packing {
			names = append(names, p.names())
		}
		s.note("unpacked %s", strings.Join(names, " in "))
	}
	if i.garbage() {
		s.note("%s", garbageNote)
	}
	if i.foreign != "" {
		s.note("%s", i.foreign)
	}
	if i.encoding != "" {
		s.note("decoded %s", i.encoding)
	}
}
