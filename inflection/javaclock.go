package inflection

import (
	"math"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// scopeOf returns which part of the heap a collection showed. What Shenandoah leaves after a young cycle is what is in use, as after
// any other: it moves little, and its cycles over the old part print no level of their own.
func scopeOf(run *timeline.Run, c *timeline.Cycle) timeline.Scope {
	if run.Collector == event.Shenandoah {
		return timeline.Whole
	}
	return c.Scope
}

// byAllocation makes a clock for a JVM whose log has none: what was allocated from one collection to the next. Counting the
// collections was tried and lost: a dying JVM collects so often that its last second looks like half of its life. The clock runs as long
// as a count of the collections would.
func (s *series) byAllocation() {
	n := len(s.t)
	if s.run.Runtime != "jvm" || s.run.Clock != timeline.ByNumber || n < leastRun {
		return
	}
	t := make([]float64, n)
	for i := 1; i < n; i++ {
		t[i] = t[i-1] + max(0, float64(s.cycle(i).Peak-s.cycle(i-1).Live))
	}
	if t[n-1] <= 0 {
		return
	}
	first, span := s.t[0], s.t[n-1]-s.t[0]
	for i := range t {
		s.t[i] = first + span*t[i]/t[n-1]
	}
	s.made = true
}

// steeperLeak is how much faster a heap that is never collected must fill from some phase on to the end for a leak to have begun there.
const steeperLeak = 1.3

// uncollected moves the onset where nothing is ever collected. With Epsilon a heap holds all that was allocated, and rises from its
// first line on: what is kept and not only made shows as a steeper rise. The onset is where the lines of the two phases meet.
func (st *study) uncollected(h hinge) hinge {
	if st.series.run.Collector != event.Epsilon {
		return h
	}
	sc, least := st.scaled, math.Inf(1)
	for k := len(st.phases) - 1; k > 0 && st.phases[k-1].first >= st.trend.start; k-- {
		before, after := st.phases[k-1], st.phases[k]
		least = min(least, after.fit.slope)
		if before.fit.slope <= 0 || least < steeperLeak*before.fit.slope {
			continue
		}
		h.low, h.high = sc.x[before.last], sc.x[after.first]
		h.x0 = min(max(before.fit.meets(after.fit), h.low), h.high)
		h.level = before.fit.at(h.x0)
	}
	return h
}

// meets returns where two lines of different slopes meet.
func (l line) meets(m line) float64 {
	return (m.at(0) - l.at(0)) / (l.slope - m.slope)
}

// onRun returns a time of the series on the clock of its run.
func (s *series) onRun(t float64) float64 {
	if !s.made {
		return t
	}
	return s.cycle(firstAt(s.t, t)).At.Seconds()
}
