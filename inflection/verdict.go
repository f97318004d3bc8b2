package inflection

import (
	"slices"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// verdict asks the rules. The first that holds names it.
func (j *judge) verdict(f *Facts) Verdict {
	var v Verdict
	for _, r := range Rules() {
		evidence, ok := r.Holds(*f)
		switch {
		case !ok:
		case v.Kind == "":
			v.Kind, v.Evidence = r.Kind, evidence
		case r.mayStandBeside(v.Kind):
			v.Also = append(v.Also, r.Kind)
		}
	}
	v.Evidence = append(v.Evidence, f.circumstances()...)
	v.Evidence = append(v.Evidence, f.javaSigns(v.Kind)...)
	for _, c := range f.Conflicts {
		v.Evidence = append(v.Evidence, Evidence{Claim: c.Text, Source: c.Source})
	}
	v.Detail = f.detail(v.Kind, j.tl)
	v.Presumed = f.Presumed()
	v.Confidence = f.confidence(v.Kind)
	if f.hearsay() {
		v.Confidence = v.Confidence.lower()
	}
	v.Missing = f.missing(v.Kind)
	if v.Confidence != High {
		v.Missing = append(v.Missing, f.doubts(v.Kind, len(v.Missing) == 0)...)
	}
	if st := j.primary; st != nil && st.series.len() > 0 {
		f.WhatIf, f.Assumed = st.alternatives(f, v)
	}
	v.Advice = f.advice(v)
	v.WouldChange = f.wouldChange(v.Kind)
	f.sampled(&v)
	return v
}

const (
	manyRoutines   = 1000 // goroutines in a dump; services of that many on purpose exist, so growth must show too
	routinesGrew   = 3
	leastRoutines  = 100 // at the end of a run whose lines count them: two that became seven hold no heap
	fellFromHeight = 2.0 // a heap that was once so many times as large leaves holes in its spans
)

// detail narrows a kind down where the log shows more than the heap.
func (f *Facts) detail(k Kind, tl *timeline.Timeline) string {
	if f.java() {
		return f.javaDetail(k)
	}
	switch k {
	case NodePressure:
		return f.pressureDetail()
	case KernelMemory:
		return f.kernelDetail()
	case Neighbour:
		if f.Crowd > 0 {
			return "many-processes"
		}
	case CrashLoop, Undetermined:
		if f.Kill != nil && f.locked() {
			return "locked-memory"
		}
	case Leak:
		grew := f.Routines[0] > 0 && f.Routines[1] >= max(leastRoutines, routinesGrew*f.Routines[0])
		if grew || slices.ContainsFunc(tl.Events, manyGoroutines) {
			return "goroutine"
		}
	case OffHeap:
		switch {
		case f.stacksHigh():
			return "stacks"
		case f.Most >= fellFromHeight*f.Level && f.Most >= heapExplain*f.Ceiling:
			return "fragmentation"
		case f.File > f.Anon:
			return "mmap"
		}
	}
	return ""
}

// hearsay reports whether the death is known from an engine alone, from a log of the kernel that is not whole, or may be another's.
func (f *Facts) hearsay() bool {
	return f.Death.Guessed || f.Seen() && f.Death.Claimed() && f.Death.Kind != timeline.Eviction || f.Kill != nil && f.Seen() && f.Kill.Suppressed > 0
}

// pressureDetail says why the machine had no memory that the task might use.
func (f *Facts) pressureDetail() string {
	switch {
	case f.binding() != "":
		return "numa-binding"
	case f.Kill != nil && f.lowMemory():
		return "low-memory"
	case f.Kill != nil && f.fragmented():
		return "fragmentation"
	case f.Kill != nil && f.locked():
		return "locked-memory"
	case f.Death.Kind == timeline.Eviction:
		return "eviction"
	}
	return ""
}

// kernelKinds are the parts of kernel memory that the report counts, and what a large one is called.
var kernelKinds = []struct{ stat, detail string }{
	{"slab", "slab"}, {"sock", "sockets"}, {"pagetables", "page-tables"}, {"percpu", "per-cpu"}, {"kernel_stack", "thread-stacks"}, {"vmalloc", "vmalloc"},
}

// kernelDetail names the part of kernel memory that is at least half of it. The buffers of pipes stand in no part.
func (f *Facts) kernelDetail() string {
	if f.Kill == nil {
		return ""
	}
	if f.kmemLimit() {
		return "kmem-limit"
	}
	for _, k := range kernelKinds {
		if size := float64(stat(f.Kill, k.stat)); 2*size >= f.Kernel {
			return k.detail
		}
	}
	return ""
}

// manyGoroutines reports whether an event is a dump of very many goroutines.
func manyGoroutines(ev event.Event) bool {
	d, ok := ev.(*event.Dump)
	return ok && d.Goroutines >= manyRoutines
}

const (
	clearCycles = 12  // fewer cycles of growth are a short story
	clearSwing  = 2.0 // times what is asked for
	fewCycles   = 8
)

// confidence says how far to trust a kind on these facts.
func (f *Facts) confidence(k Kind) Confidence {
	if f.cutShort(k) {
		return Low
	}
	if c, ok := f.javaConfidence(k); ok {
		return c
	}
	switch k {
	case Undetermined:
		return Low
	case StackOverflow, NotAnOOM, SharedMemory, NodePressure, LimitLowered:
		return High
	case ThreadLimit:
		if f.addressSuspect() {
			return Medium
		}
		return High
	case KilledFromOutside:
		switch {
		case f.Death.Manual(), f.Told.sender != "":
			return High
		case f.killedHard() && !f.usedLittle() && (f.Cycles < fewCycles || !f.Limited()):
			return Low
		}
	case Leak:
		return f.leakConfidence()
	case Step, Spike:
		if f.Seen() && f.Limited() && f.Cycles >= clearCycles {
			return High
		}
	case GoalOvershoot, UndersizedLimit, Thrash:
		if f.Limited() && f.Cycles >= fewCycles {
			return High
		}
	case OffHeap:
		if f.Usual < heapExplain*f.Ceiling && f.Peak < heapExplain*f.Limit {
			return High
		}
	case CrashLoop:
		if f.Seen() && !f.Loop.lives {
			return High
		}
		return Medium
	case Healthy:
		if f.Cycles >= clearCycles && f.Limited() && f.Death.Kind == timeline.Exit {
			return High
		}
	}
	if f.Cycles > 0 && f.Cycles < fewCycles || f.Unsure {
		return Low
	}
	return Medium
}

const (
	cutDistances = 3.0 // times the longest distance between collections
	cutSeconds   = 2.0 // clocks of whole seconds
)

// levelKinds are the kinds that rest on a heap that stayed level to the end.
var levelKinds = []Kind{OffHeap, GoalOvershoot, UndersizedLimit}

// cutShort reports whether a kind rests on a log that ends so long before the death that its end seems to be missing: what the heap did last
// is not known.
func (f *Facts) cutShort(k Kind) bool {
	return slices.Contains(levelKinds, k) && f.Cycles >= fewCycles && f.Quiet >= cutSeconds && f.Quiet > cutDistances*f.Distance
}

// leakConfidence is high where a witness saw the death and the growth leaves no other reading.
func (f *Facts) leakConfidence() Confidence {
	plain := f.GrowCycles >= clearCycles && f.Growth >= clearSwing*f.Options.Swing*f.Swing && !f.Unsure
	switch {
	case plain && f.Seen():
		return High
	case f.GrowCycles < fewCycles || f.Unsure:
		return Low
	}
	return Medium
}
