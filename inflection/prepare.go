package inflection

import (
	"math"
	"time"

	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// series is the live heap of one run as it is judged, after preparation:
//
//	release    the last collections of a dying process, which see what the unwinding of its stack freed: cut
//	rebirth    a restart that a log without cycle numbers hides: what comes before is cut
//	live set   cycles that look at a part of the heap only show garbage too: it is taken out
//	glitch     a single value far off both its neighbours, as torn lines leave: replaced by the neighbours' mean
type series struct {
	run     *timeline.Run
	first   int       // index in the run of the first value
	t       []float64 // seconds on the clock of the run, never falling
	ran     []float64 // of them the seconds in which the program ran; nil but for V8
	v       []float64 // bytes
	calm    []float64 // running median of v
	anchors int       // cycles that show the live set themselves
	partial bool      // some cycles do not
	mended  int       // glitches
	cut     int       // cycles after the death
	reborn  int       // cycles before a restart that the log hides
	made    bool      // t counts what was allocated, as the log has no clock
}

func (s *series) len() int { return len(s.v) }

// cycle returns the cycle of the run that value i comes from.
func (s *series) cycle(i int) *timeline.Cycle { return s.run.Cycles.At(s.first + i) }

// end returns when the series ended for good: at the death where it is timed on this run's clock, else with the last cycle.
func (s *series) end(d timeline.Death, primary bool) float64 {
	last := s.t[len(s.t)-1]
	if primary && d.Timed {
		return max(last, d.At.Seconds())
	}
	return last
}

// prepare reads the series of a run. The death counts for the run that it ended only.
func prepare(run *timeline.Run, death timeline.Death, ended bool) *series {
	s := &series{run: run}
	n := run.Cycles.Len()
	if ended {
		n = beforeRelease(run, death)
	}
	s.cut = run.Cycles.Len() - n
	if run.Unnumbered {
		s.first = lastRebirth(run, n)
		s.reborn = s.first
	}
	s.read(n)
	s.t = clock(s.t)
	s.byAllocation()
	s.ran = s.programTime(death)
	s.mend() // before the live set is worked out, as a torn collection of the whole heap would spoil all around it
	s.liveSet()
	s.mend()
	s.smoothen()
	return s
}

// read copies the cycles from s.first to n.
func (s *series) read(n int) {
	s.t = make([]float64, n-s.first)
	s.v = make([]float64, n-s.first)
	for i := range s.t {
		c := s.cycle(i)
		s.t[i] = c.At.Seconds()
		s.v[i] = float64(c.Live)
		switch scopeOf(s.run, c) {
		case timeline.Young:
			s.partial = true
		case timeline.Mixed:
			s.partial = true
		case timeline.Whole, timeline.Old:
			s.anchors++
		}
	}
}

// clock makes times that never fall, and counts cycles where all times are the same.
func clock(t []float64) []float64 {
	for i := 1; i < len(t); i++ {
		t[i] = max(t[i], t[i-1])
	}
	if len(t) > 0 && t[len(t)-1] == t[0] {
		for i := range t {
			t[i] = t[0] + float64(i)
		}
	}
	return t
}

const (
	// Real G1 and ZGC logs show one to three collections after the OutOfMemoryError; six leaves room for two threads dying.
	maxRelease = 6
	// A collection that finds less than this share of the level before it did not free it in the usual way.
	releaseLevel = 0.80
	// So many collections in a row that free so small a share of the heap end in the error.
	desperateRun  = 4
	desperateFree = 0.05
)

// beforeRelease returns the number of cycles up to the death. Only a heap that its runtime declared full is unwound:
// after a kill nothing is written.
func beforeRelease(run *timeline.Run, death timeline.Death) int {
	n := run.Cycles.Len()
	for n > 0 && run.Cycles.At(n-1).Flags&timeline.BeforeKill != 0 {
		n--
	}
	said := death.Kind == timeline.RuntimeOOM
	if said && death.Timed {
		for n > 4 && run.Cycles.At(n-1).At > death.At+time.Millisecond {
			n--
		}
	}
	if run.Runtime != "jvm" || !said && death.Kind != timeline.LogEnds {
		return n
	}
	for k := range maxRelease {
		first := n - maxRelease + k
		if first >= desperateRun && released(run, first, n) && (said || desperate(run, first)) {
			return first
		}
	}
	return n
}

// desperate reports whether the collections before n freed next to nothing, one after another, most of them of the whole heap: a
// JVM that is about to say so. Where its error went to another log, a release behind them is all that shows it.
func desperate(run *timeline.Run, n int) bool {
	whole := 0
	for i := n - desperateRun; i < n; i++ {
		c := run.Cycles.At(i)
		if float64(c.Peak-c.Live) > desperateFree*float64(c.Peak) {
			return false
		}
		if c.Scope == timeline.Whole {
			whole++
		}
	}
	return 2*whole >= desperateRun
}

// released reports whether all cycles from first to n lie well below the level just before them.
func released(run *timeline.Run, first, n int) bool {
	level := min(run.Cycles.At(first-1).Live, run.Cycles.At(first-2).Live)
	for i := first; i < n; i++ {
		if float64(run.Cycles.At(i).Live) >= releaseLevel*float64(level) {
			return false
		}
	}
	return true
}

const (
	rebirthFall  = 0.50 // a restart leaves less than this share of the heap
	rebirthLevel = 1.3  // times the heap that the run began with: what a restarted process begins with too
	rebirthStay  = 3    // for so many cycles, as a collection after a release looks the same once
	rebirthGuard = 8    // a fall so near the end is a release, or too young to tell
)

// lastRebirth returns the index of the first cycle of the last process in a run whose log numbers no cycles: the heap
// falls by more than half, to the level that the run began at, and stays there.
func lastRebirth(run *timeline.Run, n int) int {
	if n < 2*rebirthGuard {
		return 0
	}
	begin := float64(max(run.Cycles.At(0).Live, run.Cycles.At(1).Live, run.Cycles.At(2).Live))
	for i := n - rebirthGuard; i > rebirthStay; i-- {
		before := float64(min(run.Cycles.At(i-1).Live, run.Cycles.At(i-2).Live))
		level := rebirthLevel * begin
		if run.Cycles.At(i).Scope == timeline.Young {
			level = before // a young collection cannot free what is old: only a restart can
		}
		if begun(run, i, rebirthFall*before, level) {
			return i
		}
	}
	return 0
}

// begun reports whether the cycles from i on lie below both bounds.
func begun(run *timeline.Run, i int, fall, begin float64) bool {
	for k := i; k < i+rebirthStay; k++ {
		if v := float64(run.Cycles.At(k).Live); v >= fall || v > begin {
			return false
		}
	}
	return true
}

const (
	glitchShare  = 0.25 // a torn number is off by a digit; a collection is rarely off by a quarter for one cycle
	glitchSpread = 6.0  // and by this many standard deviations of the step from cycle to cycle
)

// mend replaces glitches by the mean of their neighbours. The first and the last value have one neighbour only and stay. Of fewer
// than six values none can be told from the usual step.
func (s *series) mend() {
	n := len(s.v)
	steps := sample(n-1, exactMost, func(i int) float64 { return abs(s.v[i+1] - s.v[i]) })
	bound := glitchSpread * 1.4826 * median(steps)
	for i := 1; i < n-1; i++ {
		a, x, b := s.v[i-1], s.v[i], s.v[i+1]
		off := min(abs(x-a), abs(x-b))
		if off > bound && off > glitchShare*max(a, b) && abs(a-b) < off/2 {
			s.v[i] = (a + b) / 2
			s.mended++
		}
	}
}

// bytes rounds a value of the series to whole bytes.
func bytes(v float64) unit.Bytes { return unit.Bytes(v + 0.5) }

// seconds turns seconds into a duration, to the nanosecond, and beyond three hundred years into the longest there is.
func seconds(t float64) time.Duration {
	if t*1e9 >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(t*1e9 + 0.5)
}
