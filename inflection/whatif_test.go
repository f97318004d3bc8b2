package inflection

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/unit"

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
