package inflection

import (
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"

	"pgregory.net/rapid"
)

func TestKinds(t *testing.T) {
	saw := func(x float64) float64 { return 15 + 25*(x*6-math.Floor(x*6)) }
	for _, c := range []struct {
		name string
		s    story
		want Kind
		at   int // index of the onset, at most 3 off; -1 for none
	}{
		{"a leak", story{live: shape(200, 0.02, hingeAt(15, 0.4, 49)), goal: 2, limit: 100, death: kernelKill}, Leak, 80},
		{"a leak from the begin", story{live: shape(200, 0.02, hingeAt(5, 0, 49)), goal: 2, limit: 100, death: kernelKill}, Leak, 0},
		{"a leak whose end nobody saw", story{live: shape(200, 0.02, hingeAt(15, 0.4, 49)), goal: 2, limit: 100, death: logEnds}, Leak, 80},
		{"a leak at an unknown limit", story{live: shape(200, 0.02, hingeAt(15, 0.4, 49)), goal: 2, death: kernelKill}, Leak, 80},
		{"a leak that the system ended", story{live: shape(60, 0.02, hingeAt(15, 0.4, 90)), goal: 2, death: goRefused}, Leak, 24},
		{"a slow leak below a sawtooth as high as the limit", story{live: append(shape(300, 0, saw), shape(300, 0, hingeAt(15, 0, 48))...), goal: 2, limit: 100, death: kernelKill}, Leak, 300},
		{"a step", story{live: shape(200, 0.01, func(x float64) float64 { return 20 + 28*math.Round(x) }), goal: 2, limit: 100, death: kernelKill}, Step, 100},
		{"a spike", story{live: with(shape(200, 0.02, flatAt(20)), 48), goal: 2, limit: 100, death: kernelKill}, Spike, 199},
		{"a spike of three cycles", story{live: with(shape(200, 0.02, flatAt(20)), 30, 40, 48), goal: 2, limit: 100, death: kernelKill}, Spike, 197},
		{"GOGC doubles past the limit", story{live: shape(100, 0.02, flatAt(48)), goal: 2, limit: 100, death: kernelKill}, GoalOvershoot, -1},
		{"too small a heap", story{live: shape(100, 0.02, flatAt(95)), runtime: "jvm", xmx: 100, death: heapFull}, UndersizedLimit, -1},
		{"too small a limit with GOMEMLIMIT", story{live: shape(100, 0.02, flatAt(92)), goal: 2, hold: 95, limit: 100, death: kernelKill}, UndersizedLimit, -1},
		{"memory outside the heap", story{live: shape(100, 0.02, flatAt(12)), goal: 2, limit: 100, death: kernelKill}, OffHeap, -1},
		{"a busy collector", story{live: shape(100, 0.01, flatAt(95)), goal: 2, hold: 96, limit: 100, wall: 0.8, death: logEnds}, Thrash, -1},
		{"level", story{live: shape(100, 0.05, flatAt(30)), goal: 2, limit: 100, death: logEnds}, Healthy, -1},
		{"a cache that fills and empties", story{live: shape(300, 0.01, saw), goal: 2, limit: 100, death: logEnds}, Healthy, -1},
		{"a step that nobody died of", story{live: shape(200, 0.01, func(x float64) float64 { return 10 + 20*math.Round(x) }), goal: 2, limit: 100, death: logEnds}, Healthy, -1},
		{"a warm-up", story{live: shape(200, 0.01, func(x float64) float64 { return 30 - 25*math.Exp(-x/0.05) }), goal: 2, limit: 100, death: logEnds}, Healthy, -1},
		{"a few cycles of filling", story{live: []float64{5, 6, 8, 9, 11, 12, 13, 14, 15}, goal: 2, limit: 100, death: logEnds}, Healthy, -1},
		{"no collection and no death", story{death: timeline.Death{Kind: timeline.NoDeath}}, Undetermined, -1},
	} {
		f := c.s.judge()
		if f.Verdict.Kind != c.want {
			t.Errorf("%s: %s (%s), want %s", c.name, f.Verdict.Kind, f.Verdict.Confidence, c.want)
			continue
		}
		on := f.Runs[0].Onset
		switch {
		case c.at < 0 && on != nil:
			t.Errorf("%s: an onset at %d", c.name, on.Index)
		case c.at >= 0 && (on == nil || on.Index < c.at-3 || on.Index > c.at+3):
			t.Errorf("%s: onset %+v, want index %d", c.name, on, c.at)
		case on != nil && on.Source != event.Pos{File: "gc.log", Line: on.Index + 1}:
			t.Errorf("%s: onset on line %v, want %d", c.name, on.Source, on.Index+1)
		}
	}
}

// A finding does not depend on the unit of memory or on where the clock begins.
func TestScaleAndShift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		level, onset, top := rapid.Float64Range(64, 256).Draw(t, "level"), rapid.Float64Range(0, 0.9).Draw(t, "onset"), rapid.Float64Range(256, 512).Draw(t, "top")
		curve := map[string]func(float64) float64{
			"hinge": hingeAt(level, onset, top), "level": flatAt(top),
			"step":  func(x float64) float64 { return level + (top-level)*math.Ceil(max(0, x-onset)) },
			"waves": func(x float64) float64 { return level * (1.2 + math.Sin(40*x)) },
		}[rapid.SampledFrom([]string{"hinge", "level", "step", "waves"}).Draw(t, "curve")]
		s := story{
			live:  shape(rapid.IntRange(30, 300).Draw(t, "n"), rapid.Float64Range(0, 0.05).Draw(t, "noise"), curve),
			limit: 1024, goal: 2,
			death: rapid.SampledFrom([]timeline.Death{kernelKill, logEnds}).Draw(t, "death"),
		}
		a, b := s.timeline(), s.timeline()
		shift := time.Duration(rapid.IntRange(0, 1e6).Draw(t, "shift")) * time.Second
		for i := range b.Runs[0].Cycles.Len() {
			c := b.Runs[0].Cycles.At(i)
			c.At += shift
			c.Live *= 8
			c.Peak *= 8
			c.Goal *= 8
		}
		b.Limit.Size = unit.Known(8 * unit.GiB)
		b.Limits[0] = b.Limit
		f, g := Judge(a, Default()), Judge(b, Default())
		if f.Verdict.Kind != g.Verdict.Kind || f.Verdict.Confidence != g.Verdict.Confidence {
			t.Fatalf("%s (%s) became %s (%s)", f.Verdict.Kind, f.Verdict.Confidence, g.Verdict.Kind, g.Verdict.Confidence)
		}
		if x, y := index(f), index(g); x != y {
			t.Fatalf("onset at %d became %d", x, y)
		}
		if x, y := crossed(f), crossed(g); x != y {
			t.Fatalf("inflection at %d became %d", x, y)
		}
	})
}

func index(f *Finding) int {
	if f.Runs[0].Onset == nil {
		return -1
	}
	return f.Runs[0].Onset.Index
}

func crossed(f *Finding) int {
	if f.Runs[0].Inflection == nil {
		return -1
	}
	return f.Runs[0].Inflection.Index
}

// Whatever a log holds, a judgement ends without panic, finds its indexes inside the run, and is the same each time.
func TestAnySeries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 300).Draw(t, "n")
		s := story{limit: rapid.SampledFrom([]float64{0, 100, 1e9}).Draw(t, "limit"), goal: rapid.SampledFrom([]float64{0, 1, 2}).Draw(t, "goal")}
		s.death = rapid.SampledFrom([]timeline.Death{kernelKill, heapFull, goRefused, logEnds, {}}).Draw(t, "death")
		s.runtime = rapid.SampledFrom([]string{"go", "jvm"}).Draw(t, "runtime")
		for range n {
			s.live = append(s.live, float64(rapid.SampledFrom([]int{0, 1, 7, 50, 99, 1 << 40}).Draw(t, "live")))
			s.at = append(s.at, float64(rapid.IntRange(0, 5).Draw(t, "at")))
			s.scopes += rapid.SampledFrom([]string{"w", "y", "m", "o"}).Draw(t, "scope")
		}
		tl := s.timeline()
		tl.Runs[0].Unnumbered = rapid.Bool().Draw(t, "unnumbered")
		f := Judge(tl, Options{})
		if g := Judge(tl, Default()); !reflect.DeepEqual(f, g) {
			t.Fatalf("two findings differ:\n%+v\n%+v", f, g)
		}
		r := f.Runs[0]
		for _, c := range append(slices.Clone(r.Recovered), crossingsOf(r)...) {
			if c.Index < 0 || c.Index >= n {
				t.Fatalf("crossing outside the run: %+v", c)
			}
		}
		if on := r.Onset; on != nil && (on.Index < 0 || on.Index >= n || on.Low > on.High) {
			t.Fatalf("onset %+v of %d cycles", on, n)
		}
		for i, p := range r.Phases {
			if p.First > p.Last || i > 0 && p.First != r.Phases[i-1].Last+1 {
				t.Fatalf("phases do not follow each other: %+v", r.Phases)
			}
		}
		if g := r.Growth; g != nil && (g.Low > g.PerSecond || g.High < g.PerSecond || math.IsNaN(g.R2) || math.IsInf(g.PerSecond, 0)) {
			t.Fatalf("growth %+v", g)
		}
	})
}

func crossingsOf(r Run) []Crossing {
	var out []Crossing
	for _, c := range []*Crossing{r.Inflection, r.LimitCrossing} {
		if c != nil {
			out = append(out, *c)
		}
	}
	return out
}

func TestGrowthAndForecast(t *testing.T) {
	s := story{live: shape(400, 0.005, hingeAt(100, 0.25, 500)), every: 10, goal: 2, limit: 1024, death: kernelKill}
	s.death.At, s.death.Timed = 4010*time.Second, true
	r := s.judge().Runs[0]
	want := 400 * mib / 3000
	if g := r.Growth; math.Abs(g.PerSecond-want) > 0.02*want || g.Low > want || g.High < want || g.Shape != linear || g.R2 < 0.99 {
		t.Errorf("growth %+v, want %.0f bytes a second", g, want)
	}
	if l := r.Growth.FromInflection; l == nil || math.Abs(l.PerSecond-want) > 0.03*want || l.R2 < 0.98 || l.R2 >= 1 || l.Cycles != r.Inflection.LaterCycles+1 {
		t.Errorf("from the inflection %+v on: %+v, want %.0f bytes a second", r.Inflection, l, want)
	}
	if on := r.Onset; math.Abs(on.At.Seconds()-1000) > 40 || math.Abs(float64(on.Level)-100*mib) > mib {
		t.Errorf("onset %+v, want at 1000 s from 100 MiB", on)
	}
	f := r.Forecast
	if f == nil || f.MadeAt != r.Inflection.At || f.Low > 4100*time.Second || f.High < 4000*time.Second {
		t.Fatalf("forecast %+v", f)
	}
	if math.Abs(f.Death.Seconds()-3895) > 40 {
		t.Errorf("death foretold at %v, 95 %% of the ceiling of 512 MiB is reached at 3895 s", f.Death)
	}
	if r := (story{live: s.live, every: 10, goal: 2, death: kernelKill}).judge().Runs[0]; r.Forecast != nil {
		t.Errorf("a forecast without a limit: %+v", r.Forecast)
	}
}

func TestShapes(t *testing.T) {
	for _, c := range []struct {
		name string
		f    func(float64) float64
		want string
	}{
		{"steady", hingeAt(20, 0.3, 48), linear},
		{"accelerating", func(x float64) float64 { d := max(0, x-0.3) / 0.7; return 15 + 33*d*d*d }, accelerating},
		{"stairs", func(x float64) float64 { return 12 + 9*math.Floor(4.99*x) }, steps},
	} {
		r := story{live: shape(200, 0.004, c.f), goal: 2, limit: 100, death: kernelKill}.judge().Runs[0]
		if r.Growth == nil || r.Growth.Shape != c.want {
			t.Errorf("%s: growth %+v, want %s", c.name, r.Growth, c.want)
		}
	}
}

// A million cycles: the steps are linear, and the quadratic ones see 240 points only.
func BenchmarkJudgeMillion(b *testing.B) {
	tl := story{live: shape(1e6, 0.05, hingeAt(100, 0.4, 500)), every: 0.01, goal: 2, limit: 1024, death: kernelKill}.timeline()
	b.ReportAllocs()
	for b.Loop() {
		if f := Judge(tl, Default()); f.Verdict.Kind != Leak {
			b.Fatal(f.Verdict.Kind)
		}
	}
}
