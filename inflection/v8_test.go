package inflection

import (
	"slices"
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

// What fits of a heap of V8 that the kernel killed is less than the limit: the garbage that its scavenges leave counts as well.
func TestV8Littered(t *testing.T) {
	// Every tenth collection is of the whole heap and finds half of it dead; the others leave the garbage of each cycle.
	scopes, live := "", []float64(nil)
	for i := range 60 {
		keep := 10 + 40*float64(i)/60
		if i%10 == 9 {
			scopes, live = scopes+"w", append(live, keep)
			continue
		}
		scopes, live = scopes+"y", append(live, keep+5*float64(i%10+1))
	}
	st := story{runtime: "v8", scopes: scopes[:59], live: live[:59], limit: 110, death: kernelKill}
	r := st.judge().Runs[0]
	if got := r.Ceiling.Bytes.Or(0); got < bytes(50*mib) || got > bytes(65*mib) {
		t.Errorf("%v fit: %s", got, r.Ceiling.Basis)
	}
	if r.Inflection == nil || r.WhyNone != "" {
		t.Errorf("no inflection: %s", r.WhyNone)
	}
	if n := len(r.Prepared.Live); n != 59 || r.Prepared.Live[58] != r.Live.Last {
		t.Errorf("%d levels as judged, the last is not %v", n, r.Live.Last)
	}
	for name, other := range map[string]func(*story){
		"V8 itself gave up":                        func(s *story) { s.death = v8Full },
		"the heap took too little of its limit":    func(s *story) { s.limit = 300 },
		"nothing but the whole heap was collected": func(s *story) { s.scopes = "" },
		"nothing was collected as a whole":         func(s *story) { s.scopes = strings.ReplaceAll(s.scopes, "w", "y") },
	} {
		s := st
		other(&s)
		if got := s.judge().Runs[0].Ceiling.Basis; strings.Contains(got, "scavenges") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// A heap of 80 MiB with its garbage and 40 without, killed at 100 MiB: half of the limit fits. Each of these is needed for that.
func TestV8LitteredBounds(t *testing.T) {
	const twice = "limit / 2.00: at the end the heap with the garbage that scavenges leave was twice the live heap"
	for _, c := range []struct {
		name              string
		anchors           int
		peak, live, limit float64
		fits              float64
		basis             string
	}{
		{"one collection of the whole heap", 1, 80, 40, 100, 50, twice},
		{"none", 0, 80, 40, 100, 100, "limit"},
		{"just enough of the limit", 1, 62, 31, 100, 50, twice},
		{"too little of it", 1, 61, 30.5, 100, 100, "limit"},
		{"nothing was live", 1, 80, 0, 100, 100, "limit"},
		{"all of it was live", 1, 80, 80, 100, 100, "limit"},
	} {
		s := &series{run: &timeline.Run{Runtime: "v8"}, v: make([]float64, 1), partial: true, anchors: c.anchors}
		s.run.Cycles.Append(timeline.Cycle{Peak: unit.Bytes(c.peak * mib)})
		tl := &timeline.Timeline{Limit: timeline.Limit{Size: unit.Known(unit.Bytes(c.limit * mib))}, Death: kernelKill}
		got := findCeiling(tl, s, c.live*mib, true)
		if got.bytes != c.fits*mib || got.basis != c.basis {
			t.Errorf("%s: %v MiB fit, %s", c.name, got.bytes/mib, got.basis)
		}
		if littered := s.v8Littered(kernelKill, c.limit*mib, c.live*mib); littered != (c.basis == twice) {
			t.Errorf("%s: littered %v", c.name, littered)
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

// standing is a run of V8 with a collection at each of some seconds, which stopped the program for so many.
func standing(at, busy []float64) *series {
	s := &series{run: &timeline.Run{Runtime: "v8"}, t: at, v: make([]float64, len(at))}
	for _, b := range busy {
		s.run.Cycles.Append(timeline.Cycle{CPU: float32(b / 2), Pause: float32(b)})
	}
	return s
}

// TestProgramTime takes the time in which V8 collected off the clock, and puts it back on.
func TestProgramTime(t *testing.T) {
	s := standing([]float64{1, 2, 4, 8, 9}, []float64{9, 0.5, 1, 4, 1})
	for _, c := range []struct {
		name  string
		s     *series
		death timeline.Death
		want  []float64
	}{
		{"it ran for 0.5 s, 1 s and not at all", s, v8Full, []float64{1, 1.5, 2.5, 2.5, 2.5}},
		{"collections that took longer than there was time", standing([]float64{1, 2, 4, 8}, []float64{0, 3, 0, 0}), logEnds, []float64{1, 1, 3, 7}},
		{"it never ran", standing([]float64{1, 2, 3}, []float64{1, 1, 1}), v8Full, nil},
		{"the kernel killed it", s, kernelKill, nil},
		{"no collection", standing(nil, nil), v8Full, nil},
	} {
		if got := c.s.programTime(c.death); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	s.run.Runtime = "go"
	if got := s.programTime(logEnds); got != nil {
		t.Errorf("a Go program collects while it runs: %v", got)
	}
	if got := s.clockAt(1.75); got != 1.75 {
		t.Errorf("1.75 s of a program that runs all the time is %v s", got)
	}
	s.ran = []float64{1, 1.5, 2.5, 2.5, 2.5}
	for _, c := range [][2]float64{{0.5, 1}, {1, 1}, {1.25, 1.5}, {1.5, 2}, {2, 3}, {2.5, 4}, {3, 9}} {
		if got := s.clockAt(c[0]); got != c[1] {
			t.Errorf("%v s of the program at %v s, want %v", c[0], got, c[1])
		}
	}
}

// TestBusyFrom wants the share of the time from a collection to the end in which the program stood still.
func TestBusyFrom(t *testing.T) {
	s := standing([]float64{1, 2, 4, 9}, []float64{9, 0.5, 1, 4})
	for first, want := range []float64{5.5 / 8, 5.0 / 7, 0.8, 0} {
		if got := s.busyFrom(first); got != want {
			t.Errorf("from collection %d: %v, want %v", first, got, want)
		}
	}
	if got := busy(&timeline.Cycle{CPU: 2, Pause: 1}); got != 2 {
		t.Errorf("a collection of 2 s of CPU and pauses of 1 s: %v s, want the longer", got)
	}
}

// TestV8Facts reads off a run what the collections of the whole heap left and freed. Collection i leaves 10+i MiB.
func TestV8Facts(t *testing.T) {
	for _, c := range []struct {
		name     string
		scopes   string
		freed    []float64 // share of what there was; of the last one where the list ends
		want     int
		from, to float64
		line     int
		frees    float64
	}{
		{"all of the whole heap", "wwww", []float64{0.5, 0.25, 0.75, 0.5}, 4, 10, 13, 1, 0.5},
		{"the first and the last are not", "ywwwy", []float64{0.9, 0.5, 0.25, 0.75, 0.9}, 3, 11, 13, 2, 0.5},
		{"three at the end of a short log", "wwwwwwww", []float64{0.9, 0.9, 0.9, 0.9, 0.9, 0.25, 0.75, 0.5}, 8, 10, 17, 1, 0.5},
		{"a quarter of a longer one", "wwwwwwwwwwwwwwwwwwww", []float64{
			0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.125, 0.25, 0.5, 0.75, 0.875,
		}, 20, 10, 29, 1, 0.5},
		{"none", "yyyy", []float64{0.5}, 0, 0, 0, 0, 0},
	} {
		s := story{runtime: "v8", scopes: c.scopes, death: logEnds}
		for i := range c.scopes {
			s.live = append(s.live, float64(10+i))
		}
		tl := s.timeline()
		for i := range c.scopes {
			cycle := tl.Runs[0].Cycles.At(i)
			cycle.Peak = unit.Bytes(float64(cycle.Live)/(1-c.freed[min(i, len(c.freed)-1)]) + 0.5)
		}
		tl.Runs[0].Cycles.Append(timeline.Cycle{At: time.Hour, N: 99}) // an empty heap tells nothing
		got := factsOf(tl).V8
		if got.Wholes != c.want || got.From != c.from*mib || got.To != c.to*mib || got.FromPos.Line != c.line || abs(got.Frees-c.frees) > 1e-6 {
			t.Errorf("%s: %+v, want %d from %v to %v MiB, line %d, freed %v", c.name, got, c.want, c.from, c.to, c.line, c.frees)
		}
	}
	if got := factsOf(story{live: shape(20, 0, flatAt(10)), death: logEnds}.timeline()).V8; got != (v8Facts{}) {
		t.Errorf("a Go program: %+v", got)
	}
}

// TestV8OnlyTheLast holds a log that begins at the ceiling against its bounds.
func TestV8OnlyTheLast(t *testing.T) {
	j := &judge{tl: story{runtime: "v8", live: []float64{60, 60}}.timeline(), o: Default()}
	for _, c := range []struct {
		name  string
		f     Facts
		claim string
	}{
		{"seven collections from 70 % on", Facts{Heap: true, Cycles: 7, First: v8AtCeil * gib, Ceiling: gib}, "the log begins at 717 MiB, 70 % of the level that V8 declared full: how it got there is not in it"},
		{"from less on", Facts{Heap: true, Cycles: 7, First: 0.69 * gib, Ceiling: gib}, ""},
		{"eight collections", Facts{Heap: true, Cycles: 8, First: 0.9 * gib, Ceiling: gib}, ""},
		{"nobody said that the heap was full", Facts{Cycles: 7, First: 0.9 * gib, Ceiling: gib}, ""},
	} {
		j.study(j.tl.Runs[0], true).v8Facts(&c.f)
		ev, ok := c.f.v8OnlyTheLast()
		if ok != (c.claim != "") || ok && ev[0].Claim != c.claim {
			t.Errorf("%s: %v %v, want %q", c.name, ok, ev, c.claim)
		}
	}
}

// TestV8Box holds a kill of a process of V8 against what makes its heap the reason.
func TestV8Box(t *testing.T) {
	full := but(calm(0.3), func(f *Facts) {
		f.Runtime, f.Limit, f.Peak = "v8", gib, heapExplain*gib
		f.V8 = v8Facts{Wholes: 5, From: 100 * mib, To: 200 * mib}
	})
	for _, c := range []struct {
		name string
		f    Facts
		want bool
		ev   int
	}{
		{"the heap was most of it", full, true, 2},
		{"the heap was less", but(full, func(f *Facts) { f.Peak = 0.61 * gib }), false, 0},
		{"the limit is unknown", but(full, func(f *Facts) { f.Limit = 0 }), false, 0},
		{"the machine was full", but(full, func(f *Facts) { f.Death.Kind = timeline.GlobalKill }), false, 0},
		{"a Go program", but(full, func(f *Facts) { f.Runtime = "go" }), false, 0},
		{"no collection of the whole heap", but(full, func(f *Facts) { f.V8.Wholes = 0 }), true, 0},
	} {
		ev := c.f.v8BoxEvidence()
		if got := c.f.v8FilledBox(); got != c.want || len(ev) != c.ev {
			t.Errorf("%s: %v, evidence %v", c.name, got, ev)
		}
	}
}

// TestV8Words holds the short questions about V8 against their bounds.
func TestV8Words(t *testing.T) {
	v8 := func(change func(*Facts)) Facts {
		return but(Facts{Runtime: "v8", Limit: gib, Heap: true, V8: v8Facts{Frees: usefulFrees, BusyAfter: collectingMost}}, change)
	}
	for _, c := range []struct {
		name              string
		f                 Facts
		is, useful, dying bool
	}{
		{"a quarter freed, half of the time collecting", v8(func(*Facts) {}), true, false, false},
		{"more freed", v8(func(f *Facts) { f.V8.Frees = 0.26 }), true, true, false},
		{"a limit is known", v8(func(f *Facts) { f.Heap = false }), true, false, false},
		{"a level was called full", v8(func(f *Facts) { f.Limit = 0 }), true, false, false},
		{"nothing says how much fits", v8(func(f *Facts) { f.Limit, f.Heap = 0, false }), true, true, false},
		{"more of the time collecting", v8(func(f *Facts) { f.V8.BusyAfter = 0.51 }), true, false, true},
		{"but not full", v8(func(f *Facts) { f.V8.BusyAfter, f.Heap = 0.51, false }), true, false, false},
		{"its error alone", Facts{OOM: &event.RuntimeOOM{Runtime: "v8"}, V8: v8Facts{Frees: 1}}, true, false, false},
		{"the error of another runtime", Facts{OOM: &event.RuntimeOOM{Runtime: "jvm"}}, false, false, false},
		{"a Go program", but(v8(func(f *Facts) { f.V8.Frees, f.V8.BusyAfter = 1, 1 }), func(f *Facts) { f.Runtime = "go" }), false, false, false},
	} {
		if c.f.v8() != c.is || c.f.v8Useful() != c.useful || c.f.v8Dying() != c.dying {
			t.Errorf("%s: V8 %v, useful %v, dying %v", c.name, c.f.v8(), c.f.v8Useful(), c.f.v8Dying())
		}
	}
}
