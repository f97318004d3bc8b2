package inflection

import "oomtrace/timeline"

// A generational collector looks at the young part of the heap most of the time. What such a cycle leaves is the live
// set plus the garbage that was promoted since somebody last looked at the old part:
//
//	anchor   a cycle that shows the live set: a collection of the whole or the old heap, or the last of a group of mixed ones
//	gap      the partial cycles between two anchors
//	garbage  what a gap piled up a cycle, as the anchor at its end shows
//
// Partial cycles are not thrown away: in a calm service the only anchors may be hours apart.

// gap is the partial cycles first to last, and the garbage in bytes that each of them added. Mixed collections at its end,
// from mixed on, take garbage away again.
type gap struct {
	first, mixed, last int
	open               bool // no anchor follows
	garbage            float64
}

func (g gap) len() int { return g.mixed - g.first }

// liveSet takes the promoted garbage out of the cycles that look at a part of the heap.
func (s *series) liveSet() {
	if !s.partial {
		return
	}
	isAnchor := s.findAnchors()
	gaps := s.gaps(isAnchor)
	usualGarbage(gaps)
	for _, g := range gaps {
		s.takeOut(g)
	}
}

// findAnchors tells the cycles that show the live set and counts them.
func (s *series) findAnchors() []bool {
	is := make([]bool, len(s.v))
	s.anchors = 0
	for i := range is {
		switch scopeOf(s.run, s.cycle(i)) {
		case timeline.Whole, timeline.Old:
			is[i] = true
		case timeline.Mixed:
			is[i] = i == len(is)-1 || s.cycle(i+1).Scope != timeline.Mixed
		case timeline.Young:
		}
		if is[i] {
			s.anchors++
		}
	}
	return is
}

// gaps returns the stretches between the anchors with the garbage that the anchor after each shows.
func (s *series) gaps(isAnchor []bool) []gap {
	var out []gap
	for i := 0; i < len(s.v); i++ {
		if isAnchor[i] {
			continue
		}
		g := gap{first: i}
		for i+1 < len(s.v) && !isAnchor[i+1] {
			i++
		}
		g.last = i
		g.open = i == len(s.v)-1
		g.mixed = i + 1
		for g.mixed > g.first && s.cycle(g.mixed-1).Scope == timeline.Mixed {
			g.mixed--
		}
		if !g.open && g.len() > 0 {
			g.garbage = max(0, s.v[g.mixed-1]-s.v[i+1]) / float64(g.len())
		}
		out = append(out, g)
	}
	return out
}

// riseInside is the share of the neighbours' garbage below which a gap is taken to hide growth of the live set.
const riseInside = 0.40

// usualGarbage gives the garbage of their neighbours to the open gap and to those whose own is suspiciously small: live
// memory that grew inside the gap looks like garbage that was never there.
func usualGarbage(gaps []gap) {
	own := make([]float64, len(gaps))
	for i, g := range gaps {
		own[i] = g.garbage
	}
	for i, g := range gaps {
		if usual := neighbours(gaps, own, i); g.open || g.garbage < riseInside*usual {
			gaps[i].garbage = usual
		}
	}
}

// neighbours returns the median garbage of up to three gaps of similar length on either side of gap i, and 0 where there is none.
func neighbours(gaps []gap, own []float64, i int) float64 {
	var near []float64
	for _, step := range []int{-1, 1} {
		taken := 0
		for k := i + step; k >= 0 && k < len(gaps) && taken < 3 && abs(float64(k-i)) <= 8; k += step {
			alike := gaps[k].len() <= 3*gaps[i].len()+3 && gaps[i].len() <= 3*gaps[k].len()+3
			if !gaps[k].open && (alike || gaps[i].open) {
				near = append(near, own[k])
				taken++
			}
		}
	}
	return median(near)
}

// takeOut subtracts the garbage of a gap, never going below the lower of the live sets at its ends.
func (s *series) takeOut(g gap) {
	least := s.v[g.first]
	if g.first > 0 {
		least = s.v[g.first-1]
	}
	if !g.open {
		least = min(least, s.v[g.last+1])
	}
	for i := g.first; i < g.mixed; i++ {
		piled := g.garbage * float64(i-g.first+1)
		s.v[i] = max(s.v[i]-piled, min(least, s.v[i]))
	}
	if g.len() == 0 {
		return
	}
	for i := g.mixed; i <= g.last; i++ {
		way := float64(i-g.mixed+1) / float64(g.last-g.mixed+2)
		s.v[i] = s.v[g.mixed-1] + way*(s.v[g.last+1]-s.v[g.mixed-1])
	}
}
