package inflection

import (
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"

	"pgregory.net/rapid"
)

// inflectionInProse is the definition, the slow way: the first cycle at or above the upper line such that no cycle after it, and
// none since the cycle that it must not go back behind, is below the lower one; -1 where there is none.
func inflectionInProse(v []float64, upper, lower float64) int {
	for i := range v {
		if v[i] < upper {
			continue
		}
		recovered := false
		for k := i; k < len(v); k++ {
			if v[k] < lower {
				recovered = true
			}
		}
		if !recovered {
			return i
		}
	}
	return -1
}

func TestStaysAgreeWithTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SliceOfN(rapid.Float64Range(0.4, 0.9), 0, 60).Draw(t, "v")
		all := stays(len(v), func(i int) float64 { return v[i] }, 0.7, 0.6)
		got := -1
		for i, st := range all {
			switch {
			case st.end == len(v) && i != len(all)-1:
				t.Fatalf("a stay that never ended is not the last: %v", all)
			case st.end == len(v):
				got = st.first
			case v[st.end] >= 0.6 || v[st.first] < 0.7:
				t.Fatalf("stay %v of %v", st, v)
			}
		}
		if want := inflectionInProse(v, 0.7, 0.6); got != want {
			t.Fatalf("inflection at %d, by the definition at %d: %v", got, want, v)
		}
	})
}

func TestStays(t *testing.T) {
	for _, c := range []struct {
		name string
		v    []float64
		want []stay
	}{
		{"none", []float64{0.5, 0.69, 0.5}, nil},
		{"on the line is above", []float64{0.5, 0.7}, []stay{{1, 2}}},
		{"on the lower line is no recovery", []float64{0.7, 0.6, 0.6}, []stay{{0, 3}}},
		{"just below it is", []float64{0.7, 0.599, 0.6}, []stay{{0, 1}}},
		{"back and forth over the upper line is one stay", []float64{0.71, 0.69, 0.71, 0.69}, []stay{{0, 4}}},
		{"two stays", []float64{0.8, 0.5, 0.8}, []stay{{0, 1}, {2, 3}}},
	} {
		got := stays(len(c.v), func(i int) float64 { return c.v[i] }, 0.7, 0.6)
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
	}
}

func TestCrossingsOfARun(t *testing.T) {
	hump := shape(200, 0, hingeAt(20, 0.5, 100))
	for i := 30; i < 50; i++ {
		hump[i] = 80
	}
	f := story{live: hump, limit: 100, xmx: 100, runtime: "jvm", death: heapFull}.judge()
	r := f.Runs[0]
	switch {
	case r.Inflection == nil || r.LimitCrossing == nil:
		t.Fatalf("no crossing: %s", r.WhyNone)
	case r.Inflection.Index < 155 || r.Inflection.Index > 170 || r.Inflection.Truncated:
		t.Errorf("inflection at %d (truncated %v), want near 162", r.Inflection.Index, r.Inflection.Truncated)
	case r.Inflection.LaterCycles != 199-r.Inflection.Index:
		t.Errorf("%d later cycles", r.Inflection.LaterCycles)
	case r.Inflection.Source.Line != r.Inflection.Index+1 || r.Inflection.Source.File != "gc.log":
		t.Errorf("source %v for cycle index %d", r.Inflection.Source, r.Inflection.Index)
	case len(r.Recovered) != 1 || r.Recovered[0].Index != 30 || r.Recovered[0].RecoveredAt == 0:
		t.Errorf("recovered %+v, want the hump at 30", r.Recovered)
	case r.WhyNone != "":
		t.Errorf("why none: %q", r.WhyNone)
	}
}

func TestTruncatedStart(t *testing.T) {
	r := story{live: shape(100, 0, hingeAt(75, 0, 100)), limit: 100, xmx: 100, runtime: "jvm", death: heapFull}.judge().Runs[0]
	if r.Inflection == nil || !r.Inflection.Truncated || r.Inflection.Index != 0 {
		t.Fatalf("inflection %+v, want the first cycle, truncated", r.Inflection)
	}
	if r.Forecast != nil {
		t.Errorf("a forecast from nothing: %+v", r.Forecast)
	}
}

func TestWhyNone(t *testing.T) {
	low := story{live: shape(100, 0.01, flatAt(20)), limit: 100, goal: 2, death: logEnds}.judge().Runs[0]
	if want := "the live heap never reached 70 % of the 50 MiB that fit: it peaked at 20 MiB, 40 %"; low.WhyNone != want {
		t.Errorf("%q, want %q", low.WhyNone, want)
	}
	peaks := story{live: with(shape(100, 0, flatAt(20)), 40, 40, 40, 20, 20, 20, 20, 20, 20), limit: 100, goal: 2, death: logEnds}.judge().Runs[0]
	if want := "the live heap reached 70 % of the 50 MiB that fit in single collections only: it peaked at 40 MiB, 80 %, but the median of 9 collections in a row never passed 20 MiB, 40 %"; peaks.WhyNone != want {
		t.Errorf("%q, want %q", peaks.WhyNone, want)
	}
	saw := shape(100, 0, func(x float64) float64 { return 10 + 35*(x*5-float64(int(x*5))) })
	back := story{live: with(saw, 10, 10, 10, 10, 10, 10), limit: 100, goal: 2, death: logEnds}.judge().Runs[0]
	if want := "the live heap passed 70 % of the 50 MiB that fit, and came back below 60 % each time"; back.WhyNone != want {
		t.Errorf("%q, want %q", back.WhyNone, want)
	}
	unlimited := "no memory limit is known, so that there is no line to cross"
	for _, c := range []struct {
		name string
		s    story
		want string
	}{
		{"level", story{live: shape(100, 0.01, flatAt(20)), goal: 2, death: logEnds}, unlimited},
		{"a panic", story{live: shape(100, 0.01, flatAt(20)), goal: 2, death: timeline.Death{Kind: timeline.Exit, Event: &event.ProcessEnd{Kind: event.EndPanic}}}, unlimited},
		{"a leak", story{live: shape(200, 0.01, hingeAt(15, 0.4, 49)), goal: 2, death: kernelKill}, ""},
		{"a spike", story{live: with(shape(200, 0.02, flatAt(20)), 48), goal: 2, death: kernelKill}, ""},
		{"a heap that its runtime found full", story{live: shape(100, 0.02, flatAt(95)), runtime: "jvm", death: heapFull}, ""},
	} {
		r := c.s.judge().Runs[0]
		if r.WhyNone != c.want || (r.Inflection == nil) != (c.want != "") || r.Ceiling.Bytes.IsKnown() != (c.want == "") || c.want != "" && r.Recovered != nil {
			t.Errorf("%s without a limit: inflection %+v of %+v, why none %q, want %q", c.name, r.Inflection, r.Ceiling, r.WhyNone, c.want)
		}
	}
	empty := story{live: make([]float64, 10), death: logEnds}.judge().Runs[0]
	if empty.WhyNone != "no collection left anything alive" {
		t.Errorf("%q", empty.WhyNone)
	}
}

func TestCrossingWindow(t *testing.T) {
	for n, want := range map[int]int{0: 3, 19: 3, 20: 5, 59: 5, 60: 9, 1e6: 9} {
		if got := crossingWindow(n); got != want {
			t.Errorf("the median of %d cycles is taken over %d, want %d", n, got, want)
		}
	}
}

// The series of this test begins with the third cycle of the run, and is at 80, 40 and 65 MiB by turns.
func TestCrossingsOfALine(t *testing.T) {
	tl := story{live: make([]float64, 2+181)}.timeline()
	s := &series{run: tl.Runs[0], first: 2}
	for i := range 181 {
		v := []float64{80, 40, 65}[i%3] * mib
		s.t, s.v, s.calm = append(s.t, float64(i+3)), append(s.v, v), append(s.calm, v)
	}
	j := &judge{tl: tl, o: Default()}
	got := j.cross(s, 100*mib, ceiling{bytes: 100 * mib, hard: 160 * mib})
	last := Crossing{
		Index: 182, Cycle: 183, At: 183 * time.Second, Live: 80 * unit.MiB, FractionOfCeiling: 0.8, FractionOfLimit: 0.5,
		Source: event.Pos{File: "gc.log", Line: 183},
	}
	if got.last == nil || *got.last != last {
		t.Errorf("the stay that never ended: %+v, want %+v", got.last, last)
	}
	if n := len(got.recovered); n != keepRecovered-1 { // of 61 stays the last 50 are kept
		t.Fatalf("%d stays that ended, want %d", n, keepRecovered-1)
	}
	first := last
	first.Index, first.Cycle, first.At, first.Source.Line = 35, 36, 36*time.Second, 36
	first.LaterCycles, first.RecoveredAt = 147, 37*time.Second
	if got.recovered[0] != first {
		t.Errorf("the first of them: %+v, want %+v", got.recovered[0], first)
	}

	if none := j.cross(s, 0, ceiling{}); none.last != nil || none.recovered != nil {
		t.Errorf("no limit gives no line: %+v", none)
	}
	begin := j.crossing(s, stay{}, ceiling{})
	if want := (Crossing{Index: 2, Cycle: 3, At: 3 * time.Second, Live: 80 * unit.MiB, LaterCycles: 180, Truncated: true, Source: event.Pos{File: "gc.log", Line: 3}}); begin != want {
		t.Errorf("at the begin, without ceiling and limit: %+v, want %+v", begin, want)
	}
	tl.Files = nil
	if pos := position(tl, s.cycle(0)); pos != (event.Pos{Line: 3}) {
		t.Errorf("a cycle of no file is on %v", pos)
	}
}
