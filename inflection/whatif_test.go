package inflection

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"

	"pgregory.net/rapid"
)

func alternative(r Run, prefix string) (Alternative, bool) {
	for _, a := range r.WhatIf {
		if strings.HasPrefix(a.Setting, prefix) {
			return a, true
		}
	}
	return Alternative{}, false
}

// What became of a run under other settings. A leak of 40 MiB in 3000 s that ends at 6000 s, with 50 MiB live under a limit of 100 MiB,
// reaches twice as much 50/40*3000 s later.
func TestAlternatives(t *testing.T) {
	leak := story{live: shape(600, 0, hingeAt(10, 0.5, 49.9)), every: 10, goal: 2, limit: 100, death: kernelKill}
	level := story{live: shape(600, 0.01, flatAt(48)), every: 10, goal: 2, limit: 100, death: kernelKill}
	small := story{live: shape(600, 0.01, flatAt(95)), every: 10, runtime: "jvm", xmx: 100, death: heapFull}
	held := story{live: shape(600, 0.01, flatAt(92)), every: 10, goal: 2, hold: 95, limit: 100, death: kernelKill}
	spike := story{live: with(shape(200, 0.02, flatAt(20)), 48), every: 10, goal: 2, limit: 100, death: kernelKill}
	for _, c := range []struct {
		name    string
		s       story
		setting string
		at      float64 // seconds of the death, 150 off at most; 0 survives
		advised bool
	}{
		{"as it was", leak, "as it was", 6000, false},
		{"a leak needs longer for twice the limit", leak, "limit of 200 MiB", 6000 + 3750, false},
		{"and for the whole limit", leak, "GOMEMLIMIT=90MiB", 6000 + 3000, true},
		{"and for half of the garbage", leak, "GOGC=50", 6000 + 1250, false},
		{"GOMEMLIMIT ends the overshoot", level, "GOMEMLIMIT=90MiB", 0, true},
		{"GOGC as well", level, "GOGC=85", 0, true},
		{"and a limit for the goal", level, "limit of 112 MiB", 0, true},
		{"a heap that is large enough", small, "-Xmx of 144 MiB", 0, true},
		{"a limit that is large enough", held, "limit of 144 MiB", 0, true},
		{"what a spike reached fits", spike, "limit of 200 MiB", 0, false},
	} {
		r := c.s.judge().Runs[0]
		a, ok := alternative(r, c.setting)
		switch {
		case !ok:
			t.Errorf("%s: no %q among %+v", c.name, c.setting, r.WhatIf)
		case a.Died != (c.at > 0) || c.at > 0 && math.Abs(a.At.Seconds()-c.at) > 150 || a.Advised != c.advised:
			t.Errorf("%s: %+v, want death at %v s, advised %v", c.name, a, c.at, c.advised)
		case a.Low > a.At || a.High < a.At:
			t.Errorf("%s: interval %v to %v around %v", c.name, a.Low, a.High, a.At)
		case len(r.Assumed) == 0:
			t.Errorf("%s: no assumptions", c.name)
		}
	}
}

// The settings that are worth a look, with the live heap that fits with each. A Go program of 1000 MiB whose goal is twice its live
// heap of 490 MiB; a tenth of the limit goes to what the runtime does not count.
func TestGoSettings(t *testing.T) {
	goProgram := func(change func(*Facts)) Facts {
		f := Facts{Runtime: "go", Limit: 1000 * mib, Ceiling: 500 * mib, Factor: 2, Follows: true, Most: 490 * mib, Level: 480 * mib}
		if change != nil {
			change(&f)
		}
		return f
	}
	memory := setting{"GOMEMLIMIT=900MiB", 900 * mib, true, "the collector works the harder the fuller it is"}
	hardly := memory
	hardly.note = "but the collector would hardly ever stop"
	half := setting{"GOGC=50", 1000 * mib / 1.5, false, "2.0 times as many collections"}
	twice := setting{"limit of 1.95 GiB", 1000 * mib, false, ""} // 2000 MiB
	for _, c := range []struct {
		name string
		f    Facts
		kind Kind
		want []setting
	}{
		{"a leak", goProgram(nil), Leak, []setting{memory, half, twice}},
		{"a spike", goProgram(nil), Spike, []setting{memory, half, twice}},
		{"a step", goProgram(nil), Step, []setting{memory, half, twice}},
		{"a peak below 85 % of GOMEMLIMIT", goProgram(func(f *Facts) { f.Most = 764.9 * mib }), Leak, []setting{memory, half, twice}},
		{"at it", goProgram(func(f *Facts) { f.Most = 765 * mib }), Leak, []setting{hardly, half, twice}},
		{"a goal of three times", goProgram(func(f *Facts) { f.Factor = 3 }), Leak, []setting{memory, {"GOGC=100", 500 * mib, false, "2.0 times as many collections"}, twice}},
		{"GOMEMLIMIT is set", goProgram(func(f *Facts) { f.Soft = 1 }), Leak, []setting{twice}},
		{"the goal does not follow", goProgram(func(f *Facts) { f.Follows = false }), Leak, []setting{twice}},
		{"the goal is the live heap", goProgram(func(f *Facts) { f.Factor = 1 }), Leak, []setting{twice}},
		{"nothing fits beside the live heap", goProgram(func(f *Facts) { f.Level = 900 * mib }), Leak, []setting{half, twice}},
		{"the goal overshoots a peak of 470 MiB", goProgram(func(f *Facts) { f.Most = 470 * mib }), GoalOvershoot, []setting{
			memory,
			{"GOGC=90", 1000 * mib / 1.9, true, "1.1 times as many collections"},
			{"limit of 1.06 GiB", 544 * mib, true, ""}, // 1088 MiB, of which 470*2 are 90 % at most
		}},
		{"and no GOGC fits", goProgram(func(f *Facts) { f.Most = 890 * mib }), GoalOvershoot, []setting{hardly, {"limit of 1.94 GiB", 992 * mib, true, ""}}},
		{"too small a limit", goProgram(func(f *Facts) { f.Most = 890 * mib }), UndersizedLimit, []setting{{"limit of 1.31 GiB", 672 * mib, true, ""}}}, // 1344 MiB
		{"too small a ceiling, which is larger", goProgram(func(f *Facts) { f.Most, f.Ceiling = 890*mib, 1500*mib }), UndersizedLimit, []setting{{"limit of 2 GiB", 3072 * mib, true, ""}}},
	} {
		sameSettings(t, c.name, c.f.goSettings(c.kind), c.want)
	}
}

// sameSettings compares settings, their ceilings to the byte.
func sameSettings(t *testing.T, name string, got, want []setting) {
	t.Helper()
	same := func(a, b setting) bool {
		near := math.Abs(a.ceiling-b.ceiling) < 1
		a.ceiling, b.ceiling = 0, 0
		return near && a == b
	}
	if !slices.EqualFunc(got, want, same) {
		t.Errorf("%s:\n%+v, want\n%+v", name, got, want)
	}
}

func TestJavaSettings(t *testing.T) {
	for _, c := range []struct {
		name string
		java javaFacts
		kind Kind
		want []setting
	}{
		{"a leak", javaFacts{Xmx: 1000 * mib}, Leak, []setting{{"-Xmx of 1.95 GiB", 1800 * mib, false, ""}}},
		{"too small a heap", javaFacts{Xmx: 1000 * mib}, UndersizedLimit, []setting{{"-Xmx of 1.31 GiB", 0.9 * 1344 * mib, true, ""}}},
		{"in a container that has room for it", javaFacts{Xmx: 1000 * mib, Box: 2500 * mib}, Leak, []setting{{"-Xmx of 1.95 GiB", 1800 * mib, false, ""}}},
		{"that has not", javaFacts{Xmx: 1000 * mib, Box: 2499 * mib}, Leak, []setting{{"-Xmx of 1.95 GiB in a container of 2.50 GiB", 1800 * mib, false, ""}}},
		{"that the JVM itself saw", javaFacts{Xmx: 1000 * mib, Memory: 2499 * mib}, Leak, []setting{{"-Xmx of 1.95 GiB with 2.50 GiB of memory", 1800 * mib, false, ""}}},
		{"and that has room for it", javaFacts{Xmx: 1000 * mib, Memory: 2500 * mib}, Leak, []setting{{"-Xmx of 1.95 GiB", 1800 * mib, false, ""}}},
		{"beyond its container", javaFacts{Xmx: 1000 * mib, Box: 999 * mib}, Leak, []setting{{"limit of 1.25 GiB", 1000 * mib, false, "a quarter more than -Xmx, for all that is not heap"}}},
		{"too small a container", javaFacts{Xmx: 1000 * mib, Box: 999 * mib}, UndersizedLimit, []setting{{"limit of 1.25 GiB", 1000 * mib, true, "a quarter more than -Xmx, for all that is not heap"}}},
		{"no -Xmx known", javaFacts{}, Leak, []setting{{"limit of 1.95 GiB", 1900 * mib, false, ""}}},
	} {
		f := Facts{Runtime: "jvm", Limit: 1000 * mib, Ceiling: 900 * mib, Java: c.java}
		sameSettings(t, c.name, f.javaSettings(c.kind), c.want)
	}
}

// There is something to replay where somebody died of a heap at a known limit, on a clock.
func TestSettings(t *testing.T) {
	v8 := Facts{Runtime: "v8", Limit: 1000 * mib, Ceiling: 500 * mib, Death: kernelKill, Rate: 1}
	clock := series{run: &timeline.Run{}}
	for _, c := range []struct {
		name string
		f    Facts
		s    series
		v    Verdict
		want []string
	}{
		{"a leak", v8, clock, Verdict{Kind: Leak}, []string{"limit of 2 GiB"}},
		{"of goroutines", v8, clock, Verdict{Kind: Leak, Detail: "goroutine"}, []string{"limit of 2 GiB"}},
		{"of the old generation", v8, clock, Verdict{Kind: UndersizedLimit, Detail: "old-generation"}, []string{"limit of 2 GiB"}},
		{"of something else", v8, clock, Verdict{Kind: Leak, Detail: "metaspace"}, nil},
		{"a step", v8, clock, Verdict{Kind: Step}, []string{"limit of 2 GiB"}},
		{"a spike", v8, clock, Verdict{Kind: Spike}, []string{"limit of 2 GiB"}},
		{"an overshoot", v8, clock, Verdict{Kind: GoalOvershoot}, []string{"limit of 2 GiB"}},
		{"memory outside the heap", v8, clock, Verdict{Kind: OffHeap}, nil},
		{"nobody died", but(v8, func(f *Facts) { f.Death = timeline.Death{Kind: timeline.Exit} }), clock, Verdict{Kind: Leak}, nil},
		{"no limit", but(v8, func(f *Facts) { f.Limit = 0 }), clock, Verdict{Kind: Leak}, nil},
		{"nothing fits", but(v8, func(f *Facts) { f.Ceiling = 0 }), clock, Verdict{Kind: Leak}, nil},
		{"a leak whose growth was not measured", but(v8, func(f *Facts) { f.Rate = 0 }), clock, Verdict{Kind: Leak}, nil},
		{"a leak of which only the last collections are known", but(v8, func(f *Facts) { f.V8.OnlyTheLast = true }), clock, Verdict{Kind: Leak}, nil},
		{"a step without a rate", but(v8, func(f *Facts) { f.Rate = 0 }), clock, Verdict{Kind: Step}, []string{"limit of 2 GiB"}},
		{"a clock of allocation", v8, series{run: &timeline.Run{}, made: true}, Verdict{Kind: Leak}, nil},
		{"no clock", v8, series{run: &timeline.Run{Clock: timeline.ByNumber}}, Verdict{Kind: Leak}, nil},
		{"a JVM", but(v8, func(f *Facts) { f.Runtime = "jvm" }), clock, Verdict{Kind: Leak}, []string{"limit of 1.95 GiB"}},
		{"Go", but(v8, func(f *Facts) { f.Runtime = "go" }), clock, Verdict{Kind: Leak}, []string{"limit of 1.95 GiB"}},
	} {
		var got []string
		for _, s := range (&study{series: &c.s}).settings(&c.f, c.v) {
			got = append(got, s.name)
			if want := 1024 * mib; s.name == "limit of 2 GiB" && s.ceiling != want {
				t.Errorf("%s: %v fit, want %v", c.name, s.ceiling, want)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A leak dies at the share of its ceiling that it died at, 80 % at least: the other levels follow from its rate, in MiB a second.
// Where nobody saw the end that share is 95 %. A step does not go on.
func TestDrawnOn(t *testing.T) {
	jump := func(x float64) float64 { return 20 + 28*math.Round(x) }
	for _, c := range []struct {
		name string
		s    story
		want float64 // seconds of the death with a limit of twice the size; 0 for none
	}{
		{"at 99 %", story{live: shape(101, 0, hingeAt(10, 0.5, 49.5)), death: kernelKill}, 1010 + (99-49.5)/0.079},
		{"at 70 %", story{live: shape(101, 0, hingeAt(10, 0.5, 35)), death: kernelKill}, 1010 + (80-35)/0.05},
		{"nobody saw it", story{live: shape(101, 0, hingeAt(10, 0.5, 49.5)), death: logEnds}, 1010 + (95-49.5)/0.079},
		{"a step", story{live: shape(101, 0, jump), death: kernelKill}, 0},
	} {
		c.s.every, c.s.goal, c.s.limit = 10, 2, 100
		a, ok := alternative(c.s.judge().Runs[0], "limit of 200 MiB")
		if !ok || a.Died != (c.want > 0) || a.Died && math.Abs(a.At.Seconds()-c.want) > 15 {
			t.Errorf("%s: %+v, want a death at %v s", c.name, a, c.want)
		}
	}
}

// The first collection that leaves more than the deadly level is the death; without growth nothing comes after the log, and what would
// come more than ten years after its end does not come.
func TestReplay(t *testing.T) {
	const years = 10 * 365 * 24 * 3600
	line := hinge{slope: 1, power: 1} // a byte a second
	base := study{end: 1, series: &series{run: &timeline.Run{}, t: []float64{0.5, 1}, v: []float64{10, 20}}, curve: &curve{x: []float64{0, 1}, top: 1}, hinge: line, trend: trend{ok: true}, growing: growing{rate: 1}}
	still, none := base, base
	still.growing.rate = 0
	none.trend.ok = false
	for _, c := range []struct {
		name   string
		st     study
		deadly float64
		grows  bool
		want   float64 // seconds; 0 survives
	}{
		{"passed by the first collection", base, 9, false, 0.5},
		{"passed by the last one", base, 19, false, 1},
		{"reached and not passed", base, 20, false, 0},
		{"within ten years", base, years + 1, true, years + 1},
		{"later", base, years + 2, true, 0},
		{"nothing grows", base, years, false, 0},
		{"no rate", still, years, true, 0},
		{"no trend", none, years, true, 0},
	} {
		var a Alternative
		c.st.replay(&a, c.deadly, c.grows)
		if a.Died != (c.want > 0) || math.Abs(a.At.Seconds()-c.want) > 1e-6 || a.Low > a.At || a.High < a.At {
			t.Errorf("%s: %+v, want a death at %v s", c.name, a, c.want)
		}
	}
}

// The growth of V8 is read on a clock that stands still in each collection, and drawn on by it; collections take the same share of the
// time again: two thirds of it all along, or nearly all of it when the heap is nearly full. Twice the level is reached after twice the time.
func TestDrawnOnOfV8(t *testing.T) {
	full := func(x float64) float64 {
		if x < 0.8 {
			return 0.2
		}
		return 2
	}
	for name, c := range map[string]struct {
		busy func(float64) float64
		want float64 // seconds
	}{
		"all along":  {flatAt(0.2), 36},
		"at the end": {full, 2 * (60*0.1 + 48*0.2 + 12*2)},
	} {
		tl := v8Story{n: 60, live: hingeAt(0, 0, 60), peak: hingeAt(6, 0, 61), ran: flatAt(0.1), busy: c.busy, limit: 70, death: logEnds}.timeline()
		st := (&judge{tl: tl, o: Default()}).study(tl.Runs[0], true)
		if got := st.drawnTo(120 * mib).Death.Seconds(); math.Abs(got-c.want) > 0.06*c.want {
			t.Errorf("%s: after %v s, want %v", name, got, c.want)
		}
	}
}

func TestAssumptions(t *testing.T) {
	const (
		same    = "the program keeps the same memory whatever the setting"
		again   = "it dies again when 90 % of what fits are live, as it did"
		unseen  = "it dies when 90 % of what fits are live; nobody saw the end"
		tenth   = "100 MiB of the limit go to what the Go runtime does not count, a tenth where no kernel report tells"
		little  = "50 MiB of the limit go to what the Go runtime does not count, a twentieth where the kernel's report shows less"
		exactly = "50 MiB of the limit go to what the Go runtime does not count, as the kernel's report shows"
		summed  = "55 MiB of the limit go to what the Go runtime does not count, as the kernel's report shows"
		kernels = "70 MiB of the limit go to what the Go runtime does not count, as the kernel's report shows"
		goesOn  = "the growth goes on as from the onset to the end"
		howFar  = "how far the rise at the end would have gone is not in the log"
	)
	f := Facts{Runtime: "go", Limit: 1000 * mib, Level: 400 * mib, Follows: true, Death: kernelKill, Kill: &event.Kill{}, Shmem: 60 * mib, Kernel: 10 * mib}
	for _, c := range []struct {
		name string
		f    Facts
		kind Kind
		want []string
	}{
		{"a leak of a Go program", f, Leak, []string{same, again, tenth, goesOn}},
		{"whose anonymous memory is known", but(f, func(f *Facts) { f.Anon = 1 }), Leak, []string{same, again, kernels, goesOn}},
		{"and is nearly all", but(f, func(f *Facts) { f.Anon, f.Shmem = 1, 39*mib }), Leak, []string{same, again, little, goesOn}},
		{"and is just not", but(f, func(f *Facts) { f.Anon, f.Shmem = 1, 40*mib }), Leak, []string{same, again, exactly, goesOn}},
		{"and leaves a little more", but(f, func(f *Facts) { f.Anon, f.Shmem = 1, 45*mib }), Leak, []string{same, again, summed, goesOn}},
		{"of the machine", but(f, func(f *Facts) { f.Anon, f.Machine = 1, true }), Leak, []string{same, again, tenth, goesOn}},
		{"without a report", but(f, func(f *Facts) { f.Anon, f.Kill = 1, nil }), Leak, []string{same, again, tenth, goesOn}},
		{"whose goal is held", but(f, func(f *Facts) { f.Follows = false }), Leak, []string{same, again, goesOn}},
		{"of a JVM", but(f, func(f *Facts) { f.Runtime = "jvm" }), Leak, []string{same, again, goesOn}},
		{"whose end nobody saw", but(f, func(f *Facts) { f.Death, f.Runtime = logEnds, "jvm" }), Leak, []string{same, unseen, goesOn}},
		{"a spike", but(f, func(f *Facts) { f.Runtime = "jvm" }), Spike, []string{same, again, howFar}},
		{"a step", but(f, func(f *Facts) { f.Runtime = "jvm" }), Step, []string{same, again}},
	} {
		if got := c.f.assumptions(Verdict{Kind: c.kind}, 0.9); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Where the heap is not what the process died of, or nothing says how much fits, or nobody died, there is nothing to replay.
func TestNoAlternatives(t *testing.T) {
	for name, s := range map[string]story{
		"off-heap": {live: shape(100, 0.02, flatAt(12)), goal: 2, limit: 100, death: kernelKill},
		"no limit": {live: shape(200, 0.02, hingeAt(15, 0.4, 49)), goal: 2, death: kernelKill},
		"healthy":  {live: shape(100, 0.05, flatAt(30)), goal: 2, limit: 100, death: logEnds},
	} {
		if r := s.judge().Runs[0]; len(r.WhatIf)+len(r.Assumed) > 0 {
			t.Errorf("%s: %+v", name, r.WhatIf)
		}
	}
}

// A larger ceiling never kills earlier, and what is advised for a heap that does not grow survives.
func TestLargerIsLater(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		grows := rapid.Bool().Draw(t, "grows")
		f := flatAt(rapid.Float64Range(48, 50).Draw(t, "level"))
		if grows {
			f = hingeAt(rapid.Float64Range(5, 30).Draw(t, "level"), rapid.Float64Range(0, 0.8).Draw(t, "onset"), 49)
		}
		s := story{live: shape(rapid.IntRange(40, 400).Draw(t, "n"), rapid.Float64Range(0, 0.03).Draw(t, "noise"), f), every: 10, goal: 2, limit: 100, death: kernelKill}
		r := s.judge().Runs[0]
		for i, a := range r.WhatIf {
			if a.Advised && a.Died && !grows {
				t.Fatalf("the advice kills: %+v", a)
			}
			for _, b := range r.WhatIf[:i] {
				large, less := a, b
				if large.Ceiling < less.Ceiling {
					large, less = less, large
				}
				if large.Ceiling > less.Ceiling && large.Died && (!less.Died || large.At < less.At) {
					t.Fatalf("%s dies before %s:\n%+v\n%+v", large.Setting, less.Setting, large, less)
				}
			}
		}
	})
}

// The settings of the table are the ones of the advice, to the byte.
func TestAdviceIsInTheTable(t *testing.T) {
	f := (story{live: shape(600, 0.01, flatAt(48)), every: 10, goal: 2, limit: 100, death: kernelKill}).judge()
	advice := strings.Join(f.Verdict.Advice, "; ")
	for _, a := range f.Runs[0].WhatIf {
		name := strings.TrimPrefix(strings.ReplaceAll(a.Setting, "GOGC=", "GOGC to "), "limit of ")
		if a.Advised && !strings.Contains(advice, name) {
			t.Errorf("%q is not in %s", name, advice)
		}
	}
	if n := len(f.Runs[0].WhatIf); n != 4 {
		t.Errorf("%d alternatives: %s", n, fmt.Sprint(f.Runs[0].WhatIf))
	}
}

func TestSecondsEnd(t *testing.T) {
	for in, want := range map[float64]time.Duration{
		1e30: math.MaxInt64, math.MaxInt64 / 1e9: math.MaxInt64, // which as a number of nanoseconds is one more than there are
		0: 0, 1.5: 1500 * time.Millisecond, 2.6e-9: 3, 2.4e-9: 2,
	} {
		if got := seconds(in); got != want {
			t.Errorf("%v s are %v, want %v", in, got, want)
		}
	}
	for in, want := range map[float64]unit.Bytes{0: 0, 1.4: 1, 1.6: 2} {
		if got := bytes(in); got != want {
			t.Errorf("%v bytes are %d, want %d", in, got, want)
		}
	}
}
