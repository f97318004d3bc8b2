package inflection

import (
	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// A stay is a stretch of cycles above a line: it begins with the first cycle at or above Options.Fraction of a reference
// (the ceiling, or the limit), and ends with the first cycle below Options.Recover of it. The inflection is the beginning of the
// stay that never ended. Both are read off the running median, as a single large cycle is no crossing and a single small
// one no recovery.
type stay struct {
	first int // cycle that crossed
	end   int // first cycle below the lower line; the length of the series where the stay never ended
}

// Windows of the running median, in cycles: nine were best on 1,894 simulated deaths; short runs cannot afford nine.
const (
	medianCycles      = medianCyclesMost
	medianCyclesShort = 5
	medianCyclesFew   = 3
)

// crossingWindow returns the window of the running median for n cycles.
func crossingWindow(n int) int {
	switch {
	case n < 20:
		return medianCyclesFew
	case n < 60:
		return medianCyclesShort
	}
	return medianCycles
}

// smoothen takes the running median of the series.
func (s *series) smoothen() {
	s.calm = make([]float64, len(s.v))
	for i := range s.calm {
		s.calm[i] = centred(s.v, i, crossingWindow(len(s.v)))
	}
}

// smooth returns the running median of the series at cycle i.
func (s *series) smooth(i int) float64 { return s.calm[i] }

// stays returns all stays above upper of the n values that at gives, in order.
func stays(n int, at func(int) float64, upper, lower float64) []stay {
	var out []stay
	above := false
	for i := range n {
		switch v := at(i); {
		case !above && v >= upper:
			out = append(out, stay{first: i, end: n})
			above = true
		case above && v < lower:
			out[len(out)-1].end = i
			above = false
		}
	}
	return out
}

// crossings is what became of one line: the stay that never ended, and those that did.
type crossings struct {
	last      *Crossing
	recovered []Crossing
}

// keepRecovered bounds the list of recovered crossings: a sawtooth of a million cycles has thousands of them, and the last ones tell.
const keepRecovered = 50

// cross finds the stays above the line that a reference of ref bytes gives.
func (j *judge) cross(s *series, ref float64, c ceiling) crossings {
	var out crossings
	if ref <= 0 || s.len() < 2 { // one cycle shows neither a rise nor that nothing came back
		return out
	}
	all := stays(s.len(), s.smooth, j.o.Fraction*ref, j.o.Recover*ref)
	for _, st := range all[max(0, len(all)-keepRecovered):] {
		x := j.crossing(s, st, c)
		if st.end == s.len() {
			out.last = &x
			continue
		}
		x.RecoveredAt = s.cycle(st.end).At
		out.recovered = append(out.recovered, x)
	}
	return out
}

// crossing describes the beginning of a stay.
func (j *judge) crossing(s *series, st stay, c ceiling) Crossing {
	cycle, level := s.cycle(st.first), s.smooth(st.first)
	x := Crossing{
		Index:       s.first + st.first,
		Cycle:       int64(cycle.N),
		At:          cycle.At,
		Live:        bytes(level),
		LaterCycles: s.len() - 1 - st.first,
		Truncated:   st.first == 0,
		Source:      j.source(s.first+st.first, s),
	}
	if c.bytes > 0 {
		x.FractionOfCeiling = level / c.bytes
	}
	if c.hard > 0 {
		x.FractionOfLimit = level / c.hard
	}
	return x
}

// source returns the line of the run's cycle with index i.
func (j *judge) source(i int, s *series) event.Pos {
	return position(j.tl, s.run.Cycles.At(i))
}

// position returns the line of a cycle.
func position(tl *timeline.Timeline, c *timeline.Cycle) event.Pos {
	pos := event.Pos{Line: int(c.Line)}
	if int(c.File) < len(tl.Files) {
		pos.File = tl.Files[c.File]
	}
	return pos
}
