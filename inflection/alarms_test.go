package inflection

import (
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

// replayOf returns a run as the rules see it, with a collection each hundred seconds.
func replayOf(s story, change func(*timeline.Run)) *replay {
	s.every = 100
	tl := s.timeline()
	run := tl.Runs[0]
	if change != nil {
		change(run)
	}
	st := &study{j: &judge{tl: tl, o: Default()}, series: prepare(run, s.death, true)}
	return &replay{st: st, end: st.series.t[st.series.len()-1]}
}

// What each rule reads, at each collection: beyond its bound or not.
func TestReadingsOfRules(t *testing.T) {
	at := func(bytes float64) func(*replay) float64 { return func(*replay) float64 { return bytes } }
	flat := shape(5, 0, flatAt(10))
	pauses := func(seconds ...float32) func(*timeline.Run) {
		return func(r *timeline.Run) {
			for i, s := range seconds {
				r.Cycles.At(i).Pause = s
			}
		}
	}
	for _, c := range []struct {
		name   string
		watch  func(*replay, func(float64, bool)) bool
		live   []float64
		change func(*timeline.Run)
		want   string // ! is beyond; empty where the log does not show what is watched
	}{
		{"live at the level", liveAbove(at(35 * mib)), []float64{34.9, 35, 35.1, 20}, nil, ".!!."},
		{"no level is known", liveAbove(at(0)), flat, nil, ""},
		{"live at nine tenths of the next goal, and above", liveNearGoal, []float64{45, 45.1, 20, 10}, func(r *timeline.Run) {
			r.Cycles.At(0).Goal, r.Cycles.At(1).Goal, r.Cycles.At(2).Goal = 1, 50*unit.MiB, 50*unit.MiB
		}, ".!"},
		{"the first goal is of no collection before", liveNearGoal, flat, func(r *timeline.Run) { r.Cycles.At(0).Goal = 1 }, ""},
		{"pauses of 200 ms, and of more", longPause, flat, pauses(0, 0.2, 0.201, 0, 1), "..!.!"},
		{"no pauses", longPause, flat, nil, ""},
		{"a quarter of five minutes", busyCollector, flat, pauses(25, 25, 25, 0, 0), "....."},
		{"more, in a window that is full", busyCollector, flat, pauses(30, 30, 30, 0, 0), "...!."},
		{"of late", busyCollector, flat, pauses(0, 0, 26, 25, 25), "....!"},
		{"a collector that takes no time", busyCollector, flat, nil, ""},
	} {
		r := replayOf(story{live: c.live, death: logEnds}, c.change)
		got, k := "", 0
		seen := c.watch(r, func(at float64, beyond bool) {
			if k++; at != 100*float64(k) {
				t.Errorf("%s: reading %d at %v s", c.name, k, at)
			}
			got += map[bool]string{true: "!", false: "."}[beyond]
		})
		if !seen {
			got = ""
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// The resident size is what the first of three readings says: of the process, the working set, what the container is charged for.
func TestResidentAbove(t *testing.T) {
	series := func(name string, run int, v ...float64) timeline.Series {
		s := timeline.Series{Name: name, Run: run}
		for _, x := range v {
			s.Readings = append(s.Readings, timeline.Reading{V: x * mib})
		}
		return s
	}
	for _, c := range []struct {
		name   string
		limit  float64
		series []timeline.Series
		want   string
	}{
		{"95 % of the limit, and more", 100, []timeline.Series{series(event.ValueRSS, 0, 94, 95, 95.1)}, "..!"},
		{"the process first", 100, []timeline.Series{series(event.ValueUsage, 0, 99), series(event.ValueWorkingSet, 0, 98), series(event.ValueRSS, 0, 90)}, "."},
		{"then the working set", 100, []timeline.Series{series(event.ValueUsage, 0, 99), series(event.ValueWorkingSet, 0, 98, 90)}, "!."},
		{"then what is charged", 100, []timeline.Series{series(event.ValueUsage, 0, 99)}, "!"},
		{"no readings", 100, nil, ""},
		{"no limit", 0, []timeline.Series{series(event.ValueRSS, 0, 94)}, ""},
	} {
		s := story{live: []float64{10}, limit: c.limit, death: kernelKill}
		r := replayOf(s, nil)
		r.st.j.tl.Series = c.series
		got := ""
		seen := residentAbove(r, func(_ float64, beyond bool) { got += map[bool]string{true: "!", false: "."}[beyond] })
		if !seen {
			got = ""
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A collection takes its pause of a process, or its processor time shared out over all processors where that is more.
func TestCollectorTime(t *testing.T) {
	for _, c := range []struct {
		in   timeline.Cycle
		want float64
	}{
		{timeline.Cycle{CPU: 12, Procs: 4, Pause: 1}, 3},
		{timeline.Cycle{CPU: 12, Procs: 4, Pause: 5}, 5},
		{timeline.Cycle{CPU: 12, Procs: 1}, 12},
		{timeline.Cycle{CPU: 12, Pause: 5}, 5},
	} {
		if got := collectorTime(&c.in); got != c.want {
			t.Errorf("%+v: %v s, want %v", c.in, got, c.want)
		}
	}
}

// The line of the live heap is 70 % of what fits, and of the limit where that is more.
func TestLinesOfRules(t *testing.T) {
	for _, c := range []struct {
		name           string
		in             ceiling
		ceiling, limit float64
	}{
		{"half of the limit fits", ceiling{hard: 100, factor: 2, follows: true}, 35, 70},
		{"all of it fits", ceiling{hard: 100}, 70, 0},
		{"no limit", ceiling{}, 0, 0},
	} {
		r := &replay{st: &study{j: &judge{o: Default()}, ceiling: c.in}}
		if a, b := ofCeiling(r), ofLimit(r); a != c.ceiling || b != c.limit {
			t.Errorf("%s: %v and %v, want %v and %v", c.name, a, b, c.ceiling, c.limit)
		}
	}
}

// A rule names what the run has readings of.
func TestTitlesOfRules(t *testing.T) {
	for _, c := range []struct {
		run        timeline.Run
		live, heap string
	}{
		{timeline.Run{}, "live > 70 % of limit for 10 min", "heap in use > its mean"},
		{timeline.Run{Basis: timeline.FromFloor, Read: event.ValueHeapAlloc}, "live > 70 % of limit for 10 min", "heap in use > its mean"},
		{timeline.Run{Basis: timeline.FromResident, Read: event.ValueWorkingSet}, "working set > 70 % of limit for 10 min", "working set > its mean"},
	} {
		r := &replay{st: &study{j: &judge{o: Default()}, series: &series{run: &c.run}}}
		if live, heap := liveTitle("limit", 10*time.Minute)(r), heapTitle("its mean")(r); live != c.live || heap != c.heap {
			t.Errorf("%q of %q: %q and %q, want %q and %q", c.run.Basis, c.run.Read, live, heap, c.live, c.heap)
		}
	}
}

// When a rule rings, to the second, in a run of a hundred seconds.
func TestRings(t *testing.T) {
	for _, c := range []struct {
		name     string
		hold     time.Duration
		readings string // a reading each ten seconds from zero on
		want     []ring
	}{
		{"at once", 0, ".!!.!.", []ring{{10, 30}, {40, 50}}},
		{"after some time", 15 * time.Second, ".!!.!.", []ring{{25, 30}}},
		{"after just as long", 20 * time.Second, ".!!.!.", []ring{{30, 30}}},
		{"after more time than that", 21 * time.Second, ".!!.!.", nil},
		{"to the end", 0, ".!.!", []ring{{10, 20}, {30, 100}}},
		{"not from the end on", 70 * time.Second, "...!", nil},
		{"from just before the end on", 69 * time.Second, "...!", []ring{{99, 100}}},
		{"a reading at the end", 0, "..........!", nil},
		{"readings after the end", 0, ".........!!!.!", []ring{{90, 100}}},
		{"readings after the end only", 0, "...........!!.", nil},
	} {
		rule := alarmRule{hold: c.hold, watch: func(_ *replay, each func(float64, bool)) bool {
			for i, x := range c.readings {
				each(10*float64(i), x == '!')
			}
			return true
		}}
		if got, _ := (&replay{end: 100}).rings(rule); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// Of the rings the first that comes with the growth or lasts to the end is the warning; those before it are false alarms.
func TestWarning(t *testing.T) {
	never := math.Inf(1)
	rule := alarmRule{id: "x", title: fixed("a rule"), hold: time.Minute, level: func(*replay) float64 { return 7 }}
	for _, c := range []struct {
		name  string
		rings []ring
		from  float64 // of the growth
		want  Alarm
	}{
		{"none", nil, 50, Alarm{}},
		{"with the growth", []ring{{50, 60}, {70, 80}}, 50, Alarm{Rang: true, At: 50 * time.Second, Lead: 50 * time.Second}},
		{"before it", []ring{{10, 20}, {49, 60}}, 50, Alarm{False: 2, Last: 49 * time.Second}},
		{"before it and to the end", []ring{{10, 20}, {40, 100}}, 50, Alarm{Rang: true, At: 40 * time.Second, Lead: 60 * time.Second, False: 1, Last: 10 * time.Second}},
		{"nothing grew", []ring{{10, 20}, {40, 99}}, never, Alarm{False: 2, Last: 40 * time.Second}},
		{"nothing grew, to the end", []ring{{40, 100}}, never, Alarm{Rang: true, At: 40 * time.Second, Lead: 60 * time.Second}},
	} {
		c.want.ID, c.want.Rule, c.want.Hold, c.want.Level = "x", "a rule", time.Minute, 7
		if got := (&replay{end: 100}).alarm(rule, c.rings, c.from); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
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

// The heap in use from collection to collection, sampled every thirty seconds: level for fifteen minutes, then on its way up.
func TestHeapBeyond(t *testing.T) {
	const calm = "..............................." // thirty samples, and one like them
	for _, c := range []struct {
		name  string
		sigma float64
		row   int
		step  unit.Bytes // least deviation is a 3.4641th of it
		over  float64    // bytes above the level, that the first sample on the way up is
		want  string
	}{
		{"three deviations of rounding, 31.2 bytes", 3, 1, 36, 31, calm + ".!"},
		{"more", 3, 1, 36, 32, calm + "!!"},
		{"two of them, 20.8 bytes", 2, 1, 36, 20, calm + ".!"},
		{"more than that", 2, 1, 36, 21, calm + "!!"},
		{"sizes that are not rounded", 3, 1, 0, 1, calm + "!!"},
		{"the second in a row", 3, 2, 36, 32, calm + ".!"},
		{"the third", 3, 3, 36, 32, calm + ".."},
		{"a level heap", 3, 1, 0, 0, calm + ".."},
	} {
		r := replayOf(story{live: []float64{10, 10, 10}, at: []float64{100, 1000, 1090}, death: logEnds}, func(run *timeline.Run) {
			run.Step = c.step
			run.Cycles.At(2).Peak += unit.Bytes(3 * c.over)
		})
		got, k := "", 0
		heapBeyond(c.sigma, c.row)(r, func(at float64, beyond bool) {
			if at != 100+30*float64(k) {
				t.Errorf("%s: sample %d at %v s", c.name, k, at)
			}
			k++
			got += map[bool]string{true: "!", false: "."}[beyond]
		})
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Of a run that is longer than a year the end is replayed.
func TestLongestReplay(t *testing.T) {
	const end = 30*maxScrapes + 1000.0
	s := &series{run: &timeline.Run{}, t: []float64{0, end}, v: []float64{5, 5}}
	s.run.Cycles.Append(timeline.Cycle{Live: 5, Peak: 5})
	s.run.Cycles.Append(timeline.Cycle{Live: 5, Peak: 5})
	n, first := 0, 0.0
	heapBeyond(3, 1)(&replay{st: &study{series: s}, end: end}, func(at float64, _ bool) {
		if n == 0 {
			first = at
		}
		n++
	})
	if n != maxScrapes || first != 1000 {
		t.Errorf("%d samples from %v s on, want %d from 1000 s", n, first, maxScrapes)
	}
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
