package inflection

import (
	"fmt"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// v8Facts are what is known of a process of V8 beyond its heap. V8 runs one program on one thread: while it collects or marks,
// nothing grows.
type v8Facts struct {
	Wholes      int       // collections of the whole heap
	From, To    float64   // bytes that the first and the last of them left
	FromPos     event.Pos // the first of them
	Frees       float64   // share of the heap that the middle one of the last of them freed
	BusyAfter   float64   // share of the time from the largest jump to the end in which the program stood still
	OnlyTheLast bool      // the log begins at the ceiling: it is the last block of a process that traced nothing
}

const (
	v8AtCeil = 0.70 // of the ceiling, at the first collection of a last block
)

// v8 reports whether the incident is one of V8.
func (f *Facts) v8() bool { return f.Runtime == "v8" || f.OOM != nil && f.OOM.Runtime == "v8" }

// v8Facts copies how the collections of the whole heap went. What a scavenge leaves holds garbage of the old generation.
func (st *study) v8Facts(f *Facts) {
	s := st.series
	if s.run.Runtime != "v8" {
		return
	}
	v := &f.V8
	var freed []float64
	for i := range s.len() {
		c := s.cycle(i)
		if c.Scope != timeline.Whole || c.Peak <= 0 {
			continue
		}
		left := float64(c.Live)
		if v.Wholes == 0 {
			v.From, v.FromPos = left, st.at(i)
		}
		v.Wholes, v.To = v.Wholes+1, left
		freed = append(freed, float64(c.Peak-c.Live)/float64(c.Peak))
	}
	last := min(len(freed), max(endCycles, len(freed)/collectingQuarter))
	v.Frees = median(freed[len(freed)-last:])
	if st.trend.ok {
		v.BusyAfter = s.busyFrom(st.stepAt())
	}
	v.OnlyTheLast = f.Heap && f.Cycles < fewCycles && f.First >= v8AtCeil*f.Ceiling
}

// v8OnlyTheLast holds where all that a log has are the collections that V8 prints when it dies. They cannot show growth: the heap was
// full before the first of them. That it was not full from the start is the likelier reading, as the process ran until then.
func (f *Facts) v8OnlyTheLast() ([]Evidence, bool) {
	if !f.V8.OnlyTheLast {
		return nil, false
	}
	ev := []Evidence{
		{Claim: fmt.Sprintf("the log begins at %s, %.0f %% of the level that V8 declared full: how it got there is not in it", bytes(f.First), 100*f.First/f.Ceiling), Source: f.FirstPos},
	}
	return append(ev, f.deathEvidence()...), true
}

// v8BoxEvidence says what a heap that filled its container held.
func (f *Facts) v8BoxEvidence() []Evidence {
	if !f.v8FilledBox() || f.V8.Wholes == 0 {
		return nil
	}
	return []Evidence{
		{Claim: fmt.Sprintf("from here on the collections of the whole heap left %s at first and %s at last", bytes(f.V8.From), bytes(f.V8.To)), Source: f.V8.FromPos},
		{Claim: fmt.Sprintf("with garbage the heap took %s of the container's %s: V8 was allowed more and saw no need to collect harder", bytes(f.Peak), bytes(f.Limit)), Source: f.LastPos},
	}
}

// v8FilledBox reports whether the kernel killed a process whose heap of V8, garbage included, took most of its container: V8 was allowed
// more and saw no need to collect harder.
func (f *Facts) v8FilledBox() bool {
	return f.v8() && f.Death.Kind == timeline.MemcgKill && f.Limit > 0 && f.Peak >= heapExplain*f.Limit
}

// v8Littered reports whether the kernel killed a process of V8 whose heap took most of its container, and held garbage that only a
// collection of the whole heap frees: less than the limit fits then, as V8 was allowed more and waited.
func (s *series) v8Littered(d timeline.Death, limit, level float64) bool {
	return s.run.Runtime == "v8" && s.partial && s.anchors > 0 && d.Kind == timeline.MemcgKill && level > 0 && level < s.endPeak() && s.endPeak() >= heapExplain*limit
}

// endPeak is the largest heap of the last collections, garbage included.
func (s *series) endPeak() float64 {
	peak := 0.0
	for i := max(0, s.len()-endCycles); i < s.len(); i++ {
		peak = max(peak, float64(s.cycle(i).Peak))
	}
	return peak
}

// v8Useful reports whether the collections of V8 freed enough to be of use, or nothing says how much fits.
func (f *Facts) v8Useful() bool {
	return f.Runtime == "v8" && (f.V8.Frees > usefulFrees || !f.Limited() && !f.Heap)
}

// v8Dying reports whether V8 did little but collect since the heap jumped: what looks like a new level is the ceiling.
func (f *Facts) v8Dying() bool { return f.Runtime == "v8" && f.Heap && f.V8.BusyAfter > collectingMost }

// busyFrom returns the share of the time from a cycle to the last one in which the program stood still.
func (s *series) busyFrom(first int) float64 {
	span, still := s.t[s.len()-1]-s.t[first], 0.0
	for i := first + 1; i < s.len(); i++ {
		still += busy(s.cycle(i))
	}
	if span <= 0 {
		return 0
	}
	return still / span
}

// busy returns the seconds that a collection kept the program from running.
func busy(c *timeline.Cycle) float64 { return max(float64(c.CPU), float64(c.Pause)) }

// programTime returns the seconds up to each cycle in which the program ran, on a clock that starts with the first. Near its limit
// V8 collects nearly all the time: by the wall clock growth that goes on as before then looks like a plateau, and what came before
// like a jump. A process that the kernel killed never came near that limit: nil.
func (s *series) programTime(death timeline.Death) []float64 {
	if s.run.Runtime != "v8" || s.len() == 0 || death.Kind == timeline.MemcgKill {
		return nil
	}
	ran := make([]float64, s.len())
	ran[0] = s.t[0]
	for i := 1; i < len(ran); i++ {
		ran[i] = ran[i-1] + max(0, s.t[i]-s.t[i-1]-busy(s.cycle(i)))
	}
	if ran[len(ran)-1] <= ran[0] {
		return nil
	}
	return ran
}

// axis returns the times that the shape of the growth is read on.
func (s *series) axis() []float64 {
	if s.ran != nil {
		return s.ran
	}
	return s.t
}

// clockAt turns a time of the axis into one on the clock of the run.
func (s *series) clockAt(x float64) float64 {
	if s.ran == nil {
		return x
	}
	i := firstAt(s.ran, x)
	if i == 0 {
		return s.t[0]
	}
	way := min(1, (x-s.ran[i-1])/(s.ran[i]-s.ran[i-1]))
	return s.t[i-1] + way*(s.t[i]-s.t[i-1])
}
