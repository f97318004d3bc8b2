package picture

import (
	"cmp"
	"math"
	"slices"

	"oomtrace/report"
)

const (
	labelSize = 12
	noteSize  = 11.5
	lineStep  = 14 // between two labels at the right edge
	rowHeight = 31 // of two lines of text over the plot
	maxRows   = 3
)

// edgeLabel names a line at the right edge of the plot.
type edgeLabel struct {
	y    float64
	text string
	ink  ink
	bold bool
}

// settle moves labels apart until each has its own line, and drops those for which there is no room within two lines of
// their place. The labels come in order of importance.
func settle(labels []edgeLabel, top, bottom float64) []edgeLabel {
	var placed []edgeLabel
	free := func(y float64) bool {
		return y >= top && y <= bottom && !slices.ContainsFunc(placed, func(l edgeLabel) bool { return math.Abs(l.y-y) < lineStep })
	}
	for _, l := range labels {
		y := min(max(l.y, top), bottom)
		for shift := 0.0; shift <= 2*lineStep; shift++ {
			if free(y + shift) {
				l.y = y + shift
				placed = append(placed, l)
				break
			}
			if free(y - shift) {
				l.y = y - shift
				placed = append(placed, l)
				break
			}
		}
	}
	return placed
}

// flag is a vertical mark with two lines of text over the plot.
type flag struct {
	moment report.Moment
	x      float64
	row    int // 0 is next to the plot; -1 has no room
	anchor anchor
	from   float64 // extent of the text
	to     float64
}

// importance orders the marks: the first gets its label first.
var importance = []report.MomentKind{
	report.MomentInflection, report.MomentKill, report.MomentOnset, report.MomentLimit,
	report.MomentRestart, report.MomentRecovered, report.MomentForecast, report.MomentEvent,
}

// anchors are the sides that a label tries, in this order: the last one to the right of its line, the end of the incident
// and the inflection to the left of theirs, so that they fit when they are close.
func anchors(kind report.MomentKind, last bool) []anchor {
	switch {
	case last:
		return []anchor{start, middle, end}
	case kind == report.MomentKill, kind == report.MomentInflection:
		return []anchor{end, middle, start}
	}
	return []anchor{middle, end, start}
}

// raise finds a row and a side for each mark, so that no text covers another text or the line of another mark.
func raise(moments []report.Moment, f frame, left, right float64) []flag {
	flags := make([]flag, 0, len(moments))
	for _, m := range moments {
		if f.holds(m.At) {
			flags = append(flags, flag{moment: m, x: f.x(m.At), row: -1})
		}
	}
	slices.SortStableFunc(flags, func(a, b flag) int {
		return cmp.Compare(slices.Index(importance, a.moment.Kind), slices.Index(importance, b.moment.Kind))
	})
	last := math.Inf(-1)
	for _, l := range flags {
		last = max(last, l.x)
	}
	for i := range flags {
		place(&flags[i], flags[:i], left, right, last)
	}
	return flags
}

func place(l *flag, placed []flag, left, right, last float64) {
	width := max(textWidth(l.moment.Label, noteSize, true), textWidth(l.moment.Text, noteSize, false))
	for row := range maxRows {
		for _, side := range anchors(l.moment.Kind, l.x == last) {
			from := l.x - width*map[anchor]float64{start: 0, middle: 0.5, end: 1}[side]
			try := flag{moment: l.moment, x: l.x, row: row, anchor: side, from: from, to: from + width}
			if from >= left && try.to <= right && !slices.ContainsFunc(placed, func(p flag) bool { return clash(try, p) }) {
				*l = try
				return
			}
		}
	}
}

// clash reports whether two labels overlap, or one stands on the line that leads down from the other.
func clash(a, b flag) bool {
	const gap = 7
	switch {
	case a.row < 0 || b.row < 0:
		return false
	case a.row == b.row:
		return a.from < b.to+gap && b.from < a.to+gap
	case a.row > b.row:
		return a.x > b.from-3 && a.x < b.to+3
	}
	return b.x > a.from-3 && b.x < a.to+3
}

func rows(flags []flag) int {
	n := 1
	for _, l := range flags {
		n = max(n, l.row+1)
	}
	return n
}
