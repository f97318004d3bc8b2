package timeline

import (
	"cmp"

	"oomtrace/parser/event"
)

// Words are the nouns of every sentence about a run: what its level is the level of, and what its points are. They are chosen here
// and nowhere else.
type Words struct {
	Level  string // "live heap", "working set", "class metadata"
	Brief  string // the level where there is little room: "live"
	Memory string // what grows, or comes back: "heap", "memory"
	Point  string // "collection", "reading"
	Cycle  string // a point where there is little room: "cycle", "reading"
	Number string // what the numbers of the points count: "GC", "reading"
}

// Points is Point for several.
func (w Words) Points() string { return w.Point + "s" }

// Cycles is Cycle for several.
func (w Words) Cycles() string { return w.Cycle + "s" }

// LevelNames say what a reading of memory is called that stands for the live heap, by the name of its value.
var LevelNames = map[string]string{
	event.ValueRSS: "resident set", event.ValueWorkingSet: "working set", event.ValueAnon: "anonymous memory", event.ValueUsage: "memory in use",
	event.ValuePeakUsage: "peak memory",
}

// Words returns those of a run whose level rests on this, and on readings of that value.
func (b Basis) Words(read string) Words {
	w := Words{Level: "live heap", Brief: "live", Memory: "heap", Point: "collection", Cycle: "cycle", Number: "GC"}
	switch b {
	case FromLog:
		return w
	case FromMetadata:
		w.Level, w.Brief, w.Memory = read, read, read
		return w
	case FromResident:
		w.Level, w.Memory = cmp.Or(LevelNames[read], "memory"), "memory"
		w.Brief = w.Level
	case FromGoal, FromLive, FromFloor:
	}
	w.Point, w.Cycle, w.Number = "reading", "reading", "reading"
	return w
}

// Uncollected are the words of a heap that no collector empties: all that was allocated is in it, live or not.
var Uncollected = Words{Level: "heap in use", Brief: "used", Memory: "heap", Point: "reading", Cycle: "reading", Number: "reading"}

// OnlyRises reports whether the level of the run cannot fall, so that nothing can be told of recovery: the most that was used until
// then, or the heap of Epsilon.
func (r *Run) OnlyRises() bool { return r.Read == event.ValuePeakUsage || r.uncollected() }

func (r *Run) uncollected() bool { return r.Collector == event.Epsilon && r.Basis == FromLog }

// Words returns those of the run. Where each goal that was read comes with the count of collections, that is its number.
func (r *Run) Words() Words {
	if r.uncollected() {
		return Uncollected
	}
	w := r.Basis.Words(r.Read)
	if r.Basis == FromGoal && !r.Unnumbered {
		w.Number = "GC"
	}
	return w
}
