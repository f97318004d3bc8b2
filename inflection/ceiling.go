package inflection

import (
	"fmt"
	"slices"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// ceiling is the live heap that a process can hold before it dies, which for most Go processes is far below the limit:
//
//	hard limit   the bound that kills: the container's limit, -Xmx
//	goal         the heap size that the Go runtime lets the next collection end at, usually twice the live heap
//	factor       goal over the live heap that it was set by
//	follows      the goal moves with the live heap; where it does not, GOMEMLIMIT holds it down
//	garbage      what the scavenges of V8 leave counts against the limit like the live heap, until V8 itself sees a need to collect it
//	declared     the runtime itself said that the heap is full: it is, whatever the limit says
type ceiling struct {
	known    bool // from a limit; otherwise the last level stands in
	bytes    float64
	allowed  float64 // bytes before the runtime declared anything; 0 where no limit is known
	hard     float64 // 0 where no limit is known
	foreign  float64 // a limit that is less than what was live; 0 where there is none
	soft     float64 // GOMEMLIMIT where a log or the user states it, or where the goal stays; 0 otherwise
	factor   float64 // 0 where the log has no goals
	follows  bool
	declared bool
	basis    string
}

// findCeiling works the ceiling out from the limits and from how the goals of the run relate to its live heap.
func findCeiling(tl *timeline.Timeline, s *series, level float64, primary bool) ceiling {
	c := ceiling{hard: float64(tl.Limit.Size.Or(0)), soft: softLimit(tl, s.run)}
	c.factor, c.follows = s.run.Factor.K, s.run.Factor.Known && s.run.Factor.Follows
	if c.soft > 0 && (c.hard == 0 || c.soft < c.hard) { // GOMEMLIMIT above the container's limit protects nobody
		c.follows = false
	} else {
		c.soft = 0
	}
	if s.run.Runtime == "jvm" {
		c.javaCeiling(tl, s)
	}
	if primary && level > foreignLevel*(c.hard+swapped(tl)) {
		c.foreign, c.hard = c.hard, 0
	}
	c.known = c.hard > 0
	switch {
	case !c.known:
		c.bytes = level
		c.basis = "no limit is known: the last level of the " + s.run.Words().Level + " stands in for it"
	case s.run.Runtime == "jvm":
	case primary && s.v8Littered(tl.Death, c.hard, level):
		c.bytes = c.hard * level / s.endPeak()
		c.basis = fmt.Sprintf("limit / %.2f: at the end the heap with the garbage that scavenges leave was %s the live heap", c.hard/c.bytes, times(c.hard/c.bytes))
	case c.factor > 1 && c.follows:
		c.bytes = c.hard / c.factor
		c.basis = fmt.Sprintf("limit / %.2f: each cycle's goal is %s the live heap", c.factor, times(c.factor))
	case c.soft > 0:
		c.bytes = c.hard
		c.basis = "limit: GOMEMLIMIT keeps the goal from running ahead of the live heap"
	default:
		c.bytes = c.hard
		c.basis = "limit"
	}
	if c.known {
		c.allowed = c.bytes
	}
	if primary && declaredFull(tl.Death) {
		c.declared = true
		if level < c.bytes || !c.known {
			c.bytes = level
			c.basis = "the runtime itself said that the heap was full at this level"
		}
	}
	return c
}

// foreignLevel is the share of a limit that no live heap of its process can reach: logs round, and a kill comes late, but not so much.
const foreignLevel = 1.25

// swapped returns the memory that the kernel had moved to swap, where it need not count against a limit.
func swapped(tl *timeline.Timeline) float64 {
	if k, ok := tl.Death.Event.(*event.Kill); ok {
		return float64(k.SwapUsage.Or(0))
	}
	return 0
}

// times puts a factor in words.
func times(k float64) string {
	if k > 1.95 && k <= 2.05 {
		return "twice"
	}
	return fmt.Sprintf("%.2f times", k)
}

// declaredFull reports whether the runtime gave up because its heap had no room left.
func declaredFull(d timeline.Death) bool {
	oom, ok := d.Event.(*event.RuntimeOOM)
	return ok && d.Kind == timeline.RuntimeOOM && (oom.Kind == event.OOMHeap || oom.Kind == event.OOMOverhead)
}

// softLimit returns GOMEMLIMIT in bytes where something states it, else where the goals of the run stay.
func softLimit(tl *timeline.Timeline, run *timeline.Run) float64 {
	if run.Runtime != "go" {
		return 0
	}
	if soft := limitFrom(tl, "gomemlimit"); soft > 0 {
		return soft
	}
	return float64(run.Factor.Plateau.Or(0))
}

// limitFrom returns the smallest limit that the named source states, in bytes, or 0.
func limitFrom(tl *timeline.Timeline, from string) float64 {
	return leastLimit(tl, func(source string) bool { return source == from })
}

// leastLimit returns the smallest limit of the sources that count, in bytes, or 0.
func leastLimit(tl *timeline.Timeline, counts func(from string) bool) float64 {
	var sizes []unit.Bytes
	for _, l := range tl.Limits {
		if size := l.Size.Or(0); size > 0 && counts(l.From) {
			sizes = append(sizes, size)
		}
	}
	if sizes == nil {
		return 0
	}
	return float64(slices.Min(sizes))
}
