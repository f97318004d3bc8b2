package inflection

import (
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

// onRun returns a time of the series on the clock of its run.
func (s *series) onRun(t float64) float64 {
	if !s.made {
		return t
	}
	return s.cycle(firstAt(s.t, t)).At.Seconds()
}
