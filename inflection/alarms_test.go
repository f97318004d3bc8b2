package inflection

import (
	"math"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/timeline"

	"pgregory.net/rapid"
)

// alarmOf returns what one rule would have done.
func alarmOf(t *testing.T, s story, id string) Alarm {
	t.Helper()
	for _, a := range s.judge().Runs[0].Alarms {
		if a.ID == id {
			return a
		}
	}
	t.Fatalf("no alarm %s", id)
	return Alarm{}
}

// When each rule rings, what its lead is, and what it rang for in vain before. Collections follow each other every 10 seconds.
func TestAlarms(t *testing.T) {
	leak := shape(600, 0, hingeAt(10, 0.5, 49.9)) // passes 35 MiB, 70 % of what fits, at collection 488
	decoy := shape(600, 0, hingeAt(10, 0.5, 49.9))
	for i := 50; i < 130; i++ {
		decoy[i] = 40 // for 800 s
	}
	short := shape(600, 0, hingeAt(10, 0.5, 49.9))
	for i := 50; i < 60; i++ {
		short[i] = 40 // for 100 s
	}
	for _, c := range []struct {
		name, id string
		live     []float64
		change   func(*timeline.Timeline)
		rang     bool
		at       float64 // seconds, 20 off at most
		false_   int
		last     float64
	}{
		{"above the line for ten minutes", "live-ceiling", leak, nil, true, 4880 + 600, 0, 0},
		{"and for one", "live-ceiling-quick", leak, nil, true, 4880 + 60, 0, 0},
		{"the limit's own line is never reached", "live-limit", leak, nil, false, 0, 0, 0},
		{"a hump that recovered was a false alarm", "live-ceiling", decoy, nil, true, 4880 + 600, 1, 510 + 600},
		{"a short one only for the quick rule", "live-ceiling", short, nil, true, 4880 + 600, 0, 0},
		{"namely here", "live-ceiling-quick", short, nil, true, 4880 + 60, 1, 510 + 60},
		{"twice the live heap is no goal to be near to", "live-goal", leak, nil, false, 0, 0, 0},
		{"a goal that is held down is", "live-goal", leak, func(tl *timeline.Timeline) {
			for i := range tl.Runs[0].Cycles.Len() {
				tl.Runs[0].Cycles.At(i).Goal = 52 << 20
			}
		}, true, 5770, 0, 0},
		{"no pause is long", "pause", leak, func(tl *timeline.Timeline) { tl.Runs[0].Cycles.At(3).Pause = 0.2 }, false, 0, 0, 0},
		{"one is, too early", "pause", leak, func(tl *timeline.Timeline) { tl.Runs[0].Cycles.At(3).Pause = 0.21 }, false, 0, 1, 40},
		{"one is, in time", "pause", leak, func(tl *timeline.Timeline) { tl.Runs[0].Cycles.At(500).Pause = 0.21 }, true, 5010, 0, 0},
		{"the limit of the container is near", "resident-limit", leak, func(tl *timeline.Timeline) { resident(tl, 4000, 94, 95.5) }, true, 5000, 0, 0},
		{"it was near for a while", "resident-limit", leak, func(tl *timeline.Timeline) { resident(tl, 1000, 94, 96, 93) }, false, 0, 1, 2000},
		{"a quarter of the time", "collector", leak, func(tl *timeline.Timeline) { pauses(tl, 400, 2.4) }, false, 0, 0, 0},
		{"more than a quarter", "collector", leak, func(tl *timeline.Timeline) { pauses(tl, 400, 2.6) }, true, 4010 + 300, 0, 0},
		{"of four processors", "collector", leak, func(tl *timeline.Timeline) {
			for i := 400; i < tl.Runs[0].Cycles.Len(); i++ {
				tl.Runs[0].Cycles.At(i).CPU, tl.Runs[0].Cycles.At(i).Procs = 12, 4
			}
		}, true, 4010 + 260, 0, 0},
	} {
		tl := (story{live: c.live, every: 10, goal: 2, limit: 100, death: kernelKill}).timeline()
		if c.change != nil {
			c.change(tl)
		}
		var got Alarm
		for _, a := range Judge(tl, Default()).Runs[0].Alarms {
			if a.ID == c.id {
				got = a
			}
		}
		switch {
		case got.ID == "" || got.Rang != c.rang || got.False != c.false_:
			t.Errorf("%s: %+v, want rang %v and %d false alarms", c.name, got, c.rang, c.false_)
		case c.rang && (math.Abs(got.At.Seconds()-c.at) > 20 || math.Abs((got.At+got.Lead).Seconds()-6000) > 1e-6):
			t.Errorf("%s: rang at %v with a lead of %v, want %v s before 6000 s", c.name, got.At, got.Lead, c.at)
		case math.Abs(got.Last.Seconds()-c.last) > 20:
			t.Errorf("%s: last false alarm at %v, want %v s", c.name, got.Last, c.last)
		}
	}
}

// resident adds readings of the resident size in MiB, the first at from and the others a thousand seconds apart.
func resident(tl *timeline.Timeline, from float64, sizes ...float64) {
	s := timeline.Series{Name: event.ValueRSS}
	for i, size := range sizes {
		s.Readings = append(s.Readings, timeline.Reading{At: time.Duration((from + 1000*float64(i)) * 1e9), V: size * mib})
	}
	tl.Series = append(tl.Series, s)
}

// pauses stops the program for so long in each collection from one on.
func pauses(tl *timeline.Timeline, from int, seconds float32) {
	for i := from; i < tl.Runs[0].Cycles.Len(); i++ {
		tl.Runs[0].Cycles.At(i).Pause = seconds
	}
}

// Without growth an alarm is a warning only if it rings until the end.
func TestAlarmsWithoutGrowth(t *testing.T) {
	full := story{live: shape(400, 0, flatAt(95)), every: 10, runtime: "jvm", xmx: 100, death: heapFull}
	if a := alarmOf(t, full, "live-ceiling"); !a.Rang || math.Abs(a.At.Seconds()-610) > 1e-6 || a.False != 0 {
		t.Errorf("a heap that is full from the begin: %+v", a)
	}
	over := story{live: shape(400, 0, flatAt(95)), every: 10, runtime: "jvm", xmx: 100, death: heapFull}
	for i := 200; i < 400; i++ {
		over.live[i] = 50
	}
	over.live[399] = 99
	if a := alarmOf(t, over, "live-ceiling"); a.Rang || a.False != 1 {
		t.Errorf("a heap that was full once: %+v", a)
	}
}

// A log without a clock, and one that has nothing that a rule could watch, have no alarms of it.
func TestNoAlarms(t *testing.T) {
	tl := (story{live: shape(100, 0, hingeAt(10, 0.5, 49)), limit: 100, goal: 2, death: kernelKill}).timeline()
	tl.Runs[0].Clock = timeline.ByNumber
	if a := Judge(tl, Default()).Runs[0].Alarms; len(a) > 0 {
		t.Errorf("alarms without a clock: %+v", a)
	}
	for _, a := range (story{live: shape(100, 0, hingeAt(10, 0.5, 49)), death: kernelKill}).judge().Runs[0].Alarms {
		if !strings.HasPrefix(a.ID, "heap-") {
			t.Errorf("a log of nothing but live heaps, without a limit: %+v", a)
		}
	}
	if a := (story{live: shape(100, 0, flatAt(75)), every: 60, goal: 1.2, limit: 100, death: logEnds}).judge(); a.Verdict.Kind != Healthy || a.Runs[0].Alarms != nil {
		t.Errorf("%s, with alarms %+v", a.Verdict.Kind, a.Runs[0].Alarms)
	}
}

// The rings of a threshold, against the definition written the slow way: at each second, was the last reading beyond the bound, and
// all others since so long?
func TestRingsOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type reading struct {
			at     int
			beyond bool
		}
		var all []reading
		at := 0
		for range rapid.IntRange(0, 40).Draw(t, "n") {
			at += rapid.IntRange(1, 6).Draw(t, "gap")
			all = append(all, reading{at, rapid.Bool().Draw(t, "beyond")})
		}
		hold, end := rapid.IntRange(0, 9).Draw(t, "hold"), at+rapid.IntRange(0, 9).Draw(t, "rest")
		rule := alarmRule{hold: time.Duration(hold) * time.Second, watch: func(_ *replay, each func(float64, bool)) bool {
			for _, x := range all {
				each(float64(x.at), x.beyond)
			}
			return true
		}}
		rings, _ := (&replay{end: float64(end)}).rings(rule)
		got := map[int]bool{}
		for _, r := range rings {
			for s := int(r.from); s < int(r.to); s++ {
				got[s] = true
			}
		}
		for s := range end {
			since, beyond := 0, false
			for _, x := range all {
				if x.at > s {
					break
				}
				if x.beyond && !beyond {
					since = x.at
				}
				beyond = x.beyond
			}
			if want := beyond && s-since >= hold; got[s] != want {
				t.Fatalf("at %d s ringing is %v, want %v; hold %d, readings %v, rings %v", s, got[s], want, hold, all, rings)
			}
		}
	})
}

// The heap in use is held against mean and deviation of thirty samples before it, each counted anew by the oracle.
func TestHeapBeyondOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(20, 200).Draw(t, "n")
		s := story{live: shape(n, rapid.Float64Range(0, 0.2).Draw(t, "noise"), hingeAt(20, rapid.Float64Range(0, 1).Draw(t, "onset"), 49)), every: float64(rapid.IntRange(5, 90).Draw(t, "every")), goal: 2, limit: 100, death: kernelKill}
		tl := s.timeline()
		st := (&judge{tl: tl, o: Default()}).study(tl.Runs[0], true)
		r := &replay{st: st, end: st.end}
		sigma, row := rapid.SampledFrom([]float64{2, 3}).Draw(t, "sigma"), rapid.IntRange(1, 3).Draw(t, "row")
		var samples []float64
		inUse := func(at float64) float64 {
			for i := 1; i < st.series.len(); i++ {
				if a, b := st.series.t[i-1], st.series.t[i]; at >= a && at < b {
					low := st.series.v[i-1]
					return low + (max(low, float64(st.series.cycle(i).Peak))-low)*(at-a)/(b-a)
				}
			}
			return math.NaN()
		}
		k, in := 0, 0
		heapBeyond(sigma, row)(r, func(at float64, beyond bool) {
			if want := st.series.t[0] + 30*float64(k); math.Abs(at-want) > 1e-6 {
				t.Fatalf("sample %d at %v, want %v", k, at, want)
			}
			k++
			x := inUse(at)
			in++
			if !unusual(samples, x, sigma, float64(tl.Runs[0].Step)) {
				in = 0
			}
			samples = append(samples, x)
			if want := in >= row; beyond != want {
				t.Fatalf("sample %d, %v: beyond is %v, want %v", k, x, beyond, want)
			}
		})
	})
}

// unusual reports whether x is beyond the last thirty samples; false while there are fewer.
func unusual(samples []float64, x, sigma, step float64) bool {
	if len(samples) < 30 {
		return false
	}
	last := samples[len(samples)-30:]
	mean, variance := 0.0, 0.0
	for _, v := range last {
		mean += v / 30
	}
	for _, v := range last {
		variance += (v - mean) * (v - mean) / 30
	}
	return x > mean+sigma*max(math.Sqrt(variance), step/math.Sqrt(12))
}
