package inflection

import (
	"fmt"

	"oomtrace/timeline"
)

const (
	lateMeta     = 0.50 // of the life of the process, from which on class metadata that does not grow proves nothing
	firstNumbers = 1    // a log that begins with them lacks nothing
	lateHeap     = 0.90 // and a heap that is full from the first collection on has filled before
)

// late returns the share of the life of the process that had passed when the log begins; 0 where that is not known. The history in
// a crash report holds the last 10 or 20 collections, and a rotated log what its last files hold.
func (st *study) late() float64 {
	s := st.series
	if s.run.Runtime != "jvm" || s.run.Clock != timeline.SinceStart || st.end <= 0 {
		return 0
	}
	if !s.run.Unnumbered && s.cycle(0).N <= firstNumbers {
		return 0 // there was no collection before
	}
	return s.t[0] / st.end
}

// lateFull reports whether the log holds nothing but the end of a JVM that said that its heap was full, and the heap was full all
// along: it was not, for most of its life, or it would have ended before.
func (st *study) lateFull() bool {
	return st.late() >= lateHeap && st.ceiling.declared && st.series.v[0] >= st.j.o.Fraction*st.ceiling.bytes && !st.spike.found
}

// lateLeak holds where the heap filled before the log begins. A leak is the likeliest reason, and this evidence is weak.
func (f *Facts) lateLeak() ([]Evidence, bool) {
	if !f.Java.LateFull {
		return nil, false
	}
	ev := []Evidence{
		{Claim: fmt.Sprintf("the heap held %s at the first collection of the log, which covers the last %.1f %% of its life", bytes(f.First), 100*(1-f.Java.Late)), Source: f.FirstPos},
		{Claim: fmt.Sprintf("and %s at the last: it had filled before, and was not given back", bytes(f.Level)), Source: f.LastPos},
	}
	return append(ev, f.deathEvidence()...), true
}
