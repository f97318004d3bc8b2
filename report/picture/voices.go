package picture

import (
	"slices"

	"oomtrace/report"
)

// VoiceHeight is the height of the row of one witness, in pixels.
const VoiceHeight = 24

// LifeSize is half the height of the bar of a life, in pixels.
const LifeSize = 7

const (
	markSize  = 5.0 // from the middle of a mark to its edge
	markGap   = 4.0 // between a mark and its name
	voiceSize = 10.5
)

// voicesHeight returns the height of the rows and of their title.
func voicesHeight(list []report.Voice) float64 {
	if len(list) == 0 {
		return 0
	}
	return LaneGap + VoiceHeight*float64(len(list))
}

// stretch is a part of a row, in pixels from the left edge of the sheet.
type stretch struct{ from, to float64 }

func (s stretch) meets(others []stretch) bool {
	return slices.ContainsFunc(others, func(o stretch) bool { return s.from < o.to && o.from < s.to })
}

// voices draws when witnesses spoke: a row for each, a sign for each thing that was said, and what it was where there is room.
func (c sheet) voices(list []report.Voice, f frame) {
	c.text(xy{f.left, f.top - 8}, "what the logs tell, and when", lettering{soft, 11, false, start})
	for i, v := range list {
		y := f.top + VoiceHeight*(float64(i)+0.5)
		size := voiceSize * min(1, (f.left-12)/textWidth(v.Title, voiceSize, false))
		c.text(xy{f.left - 8, y + 4}, v.Title, lettering{soft, size, false, end})
		c.line(xy{f.left, y}, xy{f.right, y}, pen{grid, 1, ""})
		full := signs(v.Marks, f)
		marks := urgent(v.Marks)
		for _, m := range slices.Backward(marks) { // the death on top
			c.mark(m, f, y)
		}
		for _, m := range marks {
			if at, s, anchor, ok := spot(m, f, full); ok {
				full = append(full, s)
				ink := muted
				if m.Hot {
					ink = red
				}
				c.text(xy{at, y + 4}, m.Label, lettering{ink, voiceSize, m.Hot, anchor})
			}
		}
	}
	c.line(xy{f.left, f.bottom}, xy{f.right, f.bottom}, pen{soft, 1, ""})
}

// urgent puts the death first, then what tells of memory, then the rest.
func urgent(marks []report.Mark) []report.Mark {
	out := slices.Clone(marks)
	slices.SortStableFunc(out, func(a, b report.Mark) int { return rank(a) - rank(b) })
	return out
}

func rank(m report.Mark) int {
	switch {
	case m.Hot:
		return 0
	case m.Kind == report.MarkKill, m.Kind == report.MarkOOM:
		return 1
	}
	return 2
}

// signs lists the parts of a row that signs stand in. A life leaves its inside free.
func signs(marks []report.Mark, f frame) []stretch {
	var out []stretch
	for _, m := range marks {
		if m.Kind != report.MarkLife {
			x := f.x(m.At)
			out = append(out, stretch{x - markSize - 2, x + markSize + 2})
		}
	}
	return out
}

// spot finds the place of a mark's name: inside a life, else to the right of the sign, else to the left.
func spot(m report.Mark, f frame, taken []stretch) (at float64, s stretch, side anchor, ok bool) {
	width := textWidth(m.Label, voiceSize, m.Hot)
	from, to := f.x(m.At), f.x(m.Until)
	if m.Kind == report.MarkLife {
		at = (from + to) / 2
		s = stretch{at - width/2, at + width/2}
		return at, s, middle, width+6 <= to-from && !s.meets(taken)
	}
	at = from + markSize + markGap
	if s = (stretch{at, at + width + markGap}); s.to <= pageWidth && !s.meets(taken) {
		return at, s, start, true
	}
	at = from - markSize - markGap
	s = stretch{at - width - markGap, at}
	return at, s, end, s.from >= f.left && !s.meets(taken)
}

// mark draws the sign of one thing that was said: a cross for a kill, a triangle that points up where memory ran out and to the
// right for a start, a square for an end, a bar for a life, a dot for the rest.
func (c sheet) mark(m report.Mark, f frame, y float64) {
	const r = markSize
	x, ink := f.x(m.At), slate
	if m.Hot {
		ink = red
	}
	switch m.Kind {
	case report.MarkKill:
		c.cross(xy{x, y})
	case report.MarkOOM:
		if !m.Hot {
			ink = amber
		}
		c.area([]xy{{x, y - r}, {x + r, y + r - 1}, {x - r, y + r - 1}}, ink, 1)
	case report.MarkStart:
		c.area([]xy{{x - r + 1, y - r}, {x + r, y}, {x - r + 1, y + r}}, ink, 1)
	case report.MarkEnd:
		c.rect(xy{x - r + 1, y - r + 1}, 2*r-2, 2*r-2, ink, 1)
	case report.MarkLife:
		c.rect(xy{x, y - LifeSize}, max(1.5, f.x(m.Until)-x-1), 2*LifeSize, ink, 0.16)
		c.line(xy{x, y - LifeSize}, xy{x, y + LifeSize}, pen{ink, 1.4, ""})
	case report.MarkSaid:
		c.dot(xy{x, y}, r-1, paper, ink, 1.4)
	}
}
