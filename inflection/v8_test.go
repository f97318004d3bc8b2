package inflection

import (
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

var v8Full = timeline.Death{Kind: timeline.RuntimeOOM, Event: &event.RuntimeOOM{
	Head: event.Head{Pos: event.Pos{File: "app.log", Line: 3}}, Runtime: "v8", Kind: event.OOMHeap, Message: "JavaScript heap out of memory",
}}

// v8Story is a run of V8 whose collections of the whole heap leave live MiB of peak MiB, and stop the program for busy seconds
// after it ran for ran seconds.
type v8Story struct {
	live, peak, ran, busy func(x float64) float64
	n                     int
	limit                 float64
	death                 timeline.Death
}

func (s v8Story) timeline() *timeline.Timeline {
	tl := story{runtime: "v8", live: shape(s.n, 0.005, s.live), limit: s.limit, death: s.death}.timeline()
	at := 0.0
	for i := range s.n {
		x := float64(i) / float64(s.n-1)
		c := tl.Runs[0].Cycles.At(i)
		at += s.ran(x) + s.busy(x)
		c.At = time.Duration(at * float64(time.Second))
		c.CPU, c.Wall = float32(s.busy(x)), float32(s.ran(x)+s.busy(x))
		c.Peak = max(c.Live, unit.Bytes(s.peak(x)*mib))
	}
	return tl
}

// choking grows as x grows, and collects ever longer from 0.7 on.
func choking(x float64) float64 { return 0.02 + 600*max(0, x-0.7)*max(0, x-0.7) }

// TestV8 holds the verdicts on stories of V8 against each other.
func TestV8(t *testing.T) {
	second := flatAt(1)
	for _, c := range []struct {
		name  string
		story v8Story
		want  Kind
	}{
		{
			"a leak that chokes at its limit is one by the time that the program ran",
			v8Story{n: 60, live: hingeAt(4, 0, 60), peak: hingeAt(6, 0, 61), ran: flatAt(0.1), busy: choking, death: v8Full},
			Leak,
		},
		{
			"the same, collected while the program ran",
			v8Story{n: 60, live: hingeAt(4, 0, 60), peak: hingeAt(6, 0, 80), ran: second, busy: flatAt(0.02), death: v8Full},
			Leak,
		},
		{
			"a level that holds for long after a jump is a step",
			v8Story{n: 60, live: jumpAt(20, 0.3, 60), peak: jumpAt(30, 0.3, 70), ran: second, busy: flatAt(0.02), death: v8Full},
			Step,
		},
		{
			"a jump to the ceiling from which on it only collects is no level",
			v8Story{n: 60, live: jumpAt(20, 0.3, 60), peak: jumpAt(30, 0.3, 61), ran: second, busy: jumpAt(0.02, 0.3, 4), death: v8Full},
			Thrash,
		},
		{
			"a busy collector that frees much serves its purpose",
			v8Story{n: 60, live: flatAt(10), peak: flatAt(25), ran: flatAt(0.1), busy: flatAt(0.2), limit: 11, death: logEnds},
			Healthy,
		},
		{
			"one that frees little does not",
			v8Story{n: 60, live: flatAt(10), peak: flatAt(11), ran: flatAt(0.1), busy: flatAt(0.2), limit: 11, death: logEnds},
			Thrash,
		},
		{
			"without a bound nothing is near it",
			v8Story{n: 60, live: flatAt(10), peak: flatAt(11), ran: flatAt(0.1), busy: flatAt(0.2), death: logEnds},
			Healthy,
		},
		{
			"a heap that took most of its container with garbage explains the kill",
			v8Story{n: 60, live: hingeAt(4, 0, 50), peak: hingeAt(20, 0, 104), ran: second, busy: flatAt(0.02), limit: 120, death: kernelKill},
			Leak,
		},
		{
			"a level one of such a size was too small a container",
			v8Story{n: 60, live: flatAt(50), peak: flatAt(80), ran: second, busy: flatAt(0.02), limit: 120, death: kernelKill},
			UndersizedLimit,
		},
		{
			"a smaller one does not explain it",
			v8Story{n: 60, live: flatAt(50), peak: flatAt(70), ran: second, busy: flatAt(0.02), limit: 120, death: kernelKill},
			OffHeap,
		},
	} {
		if got := Judge(c.story.timeline(), Default()).Verdict; got.Kind != c.want {
			t.Errorf("%s: %s, want %s: %v", c.name, got.Kind, c.want, got.Evidence)
		}
	}
}

// jumpAt is low before x0 and high from there on.
func jumpAt(low, x0, high float64) func(float64) float64 {
	return func(x float64) float64 {
		if x < x0 {
			return low
		}
		return high
	}
}

// TestV8LastBlock checks that the few collections of a last block are a leak only where they are all that is left.
func TestV8LastBlock(t *testing.T) {
	block := story{runtime: "v8", live: []float64{59.5, 60}, death: v8Full}.judge().Verdict
	if block.Kind != Leak || block.Confidence != Low {
		t.Errorf("%s, confidence %s, want a leak of low confidence", block.Kind, block.Confidence)
	}
	if !strings.Contains(strings.Join(block.Missing, "; "), "--trace-gc") {
		t.Errorf("nothing asks for --trace-gc: %q", block.Missing)
	}
	for name, s := range map[string]story{
		"a whole log":            {runtime: "v8", live: []float64{60, 60, 60, 60, 60, 60, 60, 60}, death: v8Full},
		"one from the start":     {runtime: "v8", live: []float64{41, 60}, death: v8Full},
		"a heap not called full": {runtime: "v8", live: []float64{59.5, 60}, death: logEnds},
	} {
		if got := s.judge().Verdict.Kind; got == Leak {
			t.Errorf("%s is a leak", name)
		}
	}
}

// TestV8Onset checks that the onset of a leak that chokes comes out on the clock of the run.
func TestV8Onset(t *testing.T) {
	tl := v8Story{n: 80, live: hingeAt(20, 0.5, 60), peak: hingeAt(22, 0.5, 61), ran: flatAt(0.1), busy: choking, death: v8Full}.timeline()
	f := Judge(tl, Default())
	if f.Verdict.Kind != Leak || f.Runs[0].Onset == nil {
		t.Fatalf("%s, want a leak with its onset", f.Verdict.Kind)
	}
	want, run := tl.Runs[0].Cycles.At(40).At, tl.Runs[0].End().At
	if off := (f.Runs[0].Onset.At - want).Abs(); off > run/20 {
		t.Errorf("onset at %s, want %s of %s", f.Runs[0].Onset.At, want, run)
	}
}
