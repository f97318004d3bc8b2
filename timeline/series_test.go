package timeline

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// sampleAt is a sample at a second of the stories' wall clock; without one where at is negative.
func sampleAt(s *event.Stream, at float64, values ...event.Value) *event.Sample {
	ev := &event.Sample{Head: event.Head{Pos: event.Pos{File: "m.prom", Line: 1}, Stream: s, Dialect: "prometheus"}, Runtime: "go", Values: values}
	if at >= 0 {
		ev.Time = event.Time{Has: event.Wall, Wall: storyWall.UnixNano() + int64(at*1e9)}
	}
	return ev
}

func val(name string, v float64) event.Value { return event.Value{Name: name, V: v} }

const oneMiB = 1 << 20

func TestRunOfGoals(t *testing.T) {
	var evs []event.Event
	for i := range 20 {
		evs = append(evs, sampleAt(nil, float64(i),
			val(event.ValueNextGC, float64(20+i/2*4)*oneMiB), val(event.ValueGCs, float64(1+i/2)), val(event.ValueHeapAlloc, float64(15+i)*oneMiB), val(event.ValueRSS, 50*oneMiB)))
	}
	tl := build(Options{Env: map[string]string{"GOGC": "300"}}, evs)
	r := tl.PrimaryRun()
	if r == nil || r.Basis != FromGoal || r.Read != event.ValueNextGC || r.Cycles.Len() != 10 {
		t.Fatalf("got %+v, want 10 cycles of goals", r)
	}
	c := r.Cycles.At(9)
	if c.Live != 14*oneMiB || c.Peak != 34*oneMiB || c.N != 10 || c.At != 18*time.Second || r.Factor.K != 4 {
		t.Errorf("got %+v, factor %v", c, r.Factor)
	}
	if !r.Start.Equal(storyWall) {
		t.Errorf("the run starts at %v", r.Start)
	}
	rss := tl.SeriesOf(0, event.ValueRSS)
	if rss == nil || rss.Count != 20 || rss.Last().At != 19*time.Second {
		t.Errorf("series %+v", rss)
	}
	if len(tl.Notes) == 0 || !strings.Contains(tl.Notes[len(tl.Notes)-1].Text, "divided by 4.00") {
		t.Errorf("the notes do not say what the level rests on: %+v", tl.Notes)
	}
}

func TestGoalHeldDownByMemoryLimit(t *testing.T) {
	var evs []event.Event
	for i := range 6 {
		evs = append(evs, sampleAt(nil, float64(i), val(event.ValueNextGC, 95*oneMiB), val(event.ValueHeapAlloc, 90*oneMiB), val(event.ValueGCs, float64(i))))
	}
	tl := build(Options{Env: map[string]string{"GOMEMLIMIT": "100MiB"}}, evs)
	if got := tl.PrimaryRun().End().Live; got != 90*oneMiB {
		t.Errorf("live %v, want what is in use", got)
	}
}

func TestRunOfLowPoints(t *testing.T) {
	var evs []event.Event
	for i := range 60 {
		evs = append(evs, &event.Sample{
			Head: event.Head{Pos: event.Pos{File: "m.log", Line: i + 1}}, Runtime: "jvm",
			Values: []event.Value{val(event.ValueHeapAlloc, float64(100+i+50*(i%4))*oneMiB)},
		})
	}
	r := build(Options{}, evs).PrimaryRun()
	if r == nil || r.Basis != FromFloor || r.Clock != ByNumber || r.Cycles.Len() != 15 {
		t.Fatalf("got %+v", r)
	}
	if c := r.Cycles.At(1); c.Live != 104*oneMiB || c.Peak != 253*oneMiB || c.Line != 5 {
		t.Errorf("got %+v", c)
	}
}

func TestRunOfResidentMemory(t *testing.T) {
	pod := &event.Stream{Pod: "cart-1", Container: "app"}
	var evs []event.Event
	for i := range 10 {
		s := sampleAt(pod, float64(15*i), val(event.ValueWorkingSet, float64(50+i)*oneMiB), val(event.ValueLimit, 128*oneMiB))
		s.Runtime = ""
		evs = append(evs, s)
	}
	tl := build(Options{}, evs)
	r := tl.PrimaryRun()
	if r == nil || r.Basis != FromResident || r.Runtime != "" || r.Cycles.Len() != 10 || r.Stream != pod {
		t.Fatalf("got %+v", r)
	}
	if tl.Limit.Size != unit.Known(128*oneMiB) || tl.Limit.From != "prometheus" {
		t.Errorf("limit %+v", tl.Limit)
	}
}

func TestLivesOfReadings(t *testing.T) {
	var evs []event.Event
	for i := range 20 {
		evs = append(evs, sampleAt(nil, float64(i), val(event.ValueHeapLive, float64(10+i%10)*oneMiB), val(event.ValueStarted, float64(storyWall.Unix()+int64(i/10*10)-1))))
	}
	tl := build(Options{}, evs)
	if len(tl.Runs) != 2 || !tl.Runs[0].Restarted || tl.Runs[1].Cycles.Len() != 10 {
		t.Fatalf("%d runs", len(tl.Runs))
	}
	if tl.Runs[1].Clock != SinceStart {
		t.Errorf("the clock of the second life is %v", tl.Runs[1].Clock)
	}
}

func TestPeaksBeginANewLifeWhereTheyFall(t *testing.T) {
	var evs []event.Event
	for i, mib := range []float64{16, 20, 20, 24, 28, 32, 16, 16, 17, 18, 19} {
		evs = append(evs, sampleAt(nil, float64(i), val(event.ValuePeakUsage, mib*oneMiB)))
	}
	tl := build(Options{}, evs)
	if len(tl.Runs) != 2 || tl.Runs[0].Cycles.Len() != 6 || tl.Runs[1].Cycles.Len() != 5 || !tl.Runs[0].Restarted {
		t.Fatalf("got %d runs, want one of 6 readings and one of 5", len(tl.Runs))
	}
	if r := tl.Runs[1]; r.Basis != FromResident || r.Read != event.ValuePeakUsage || r.End().Live != 19*oneMiB {
		t.Errorf("got %+v", r)
	}
	if last := tl.Notes[len(tl.Notes)-1].Text; !strings.Contains(last, "given back in between does not show") {
		t.Errorf("the notes end with %q", last)
	}
}

func TestScrapesWithoutTimeAreAtTheLastCollection(t *testing.T) {
	var evs []event.Event
	for i := range 6 {
		evs = append(evs, sampleAt(nil, -1, val(event.ValueLastGC, float64(storyWall.Unix())+float64(2*i)), val(event.ValueNextGC, 8*oneMiB), val(event.ValueGCs, float64(i))))
		evs[i].Header().Pos.File = "scrape-" + string(rune('0'+i)) + ".prom"
	}
	tl := build(Options{}, evs)
	if r := tl.PrimaryRun(); r == nil || r.Cycles.Len() != 6 || r.End().At != 10*time.Second {
		t.Fatalf("got %+v", r)
	}
}

func TestReadingsBesideALog(t *testing.T) {
	s := tell(t, "gc live 16MiB+4MiBx20 start=3s every=500ms wall")
	evs := s.events()
	for i := range 20 {
		evs = append(evs, sampleAt(nil, 3.5+float64(i)/2, val(event.ValueRSS, float64(60+i)*oneMiB)))
		evs = append(evs, sampleAt(&event.Stream{Pod: "other"}, -1, val(event.ValueRSS, 1)))
	}
	tl := build(Options{}, evs)
	if len(tl.Runs) != 1 || tl.Runs[0].Sampled() {
		t.Fatalf("%d runs", len(tl.Runs))
	}
	rss := tl.SeriesOf(0, event.ValueRSS)
	if rss == nil || rss.Count != 20 {
		t.Fatalf("no series beside the run: %+v", tl.Series)
	}
	if got := rss.First().At - tl.Runs[0].Cycles.At(0).At; got.Abs() > 100*time.Millisecond {
		t.Errorf("the first reading is %v from the first collection", got)
	}
	if len(tl.Series) != 2 || tl.Series[1].Run != -1 {
		t.Errorf("the other pod: %+v", tl.Series)
	}
}

func TestReadingsAreBounded(t *testing.T) {
	b := New(Options{})
	n := maxReadings + maxReadings/2
	for i := range n {
		v := 100.0
		switch i {
		case 7:
			v = 1
		case n / 3:
			v = 1000
		}
		b.Add(sampleAt(nil, float64(i), val(event.ValueRSS, v)))
	}
	s := b.Build().SeriesOf(0, event.ValueRSS)
	if s.Count != n || len(s.Readings) > maxReadings {
		t.Errorf("%d of %d readings are kept", len(s.Readings), s.Count)
	}
	if s.Max().V != 1000 {
		t.Errorf("the largest kept is %v", s.Max().V)
	}
	least := math.Inf(1)
	for _, r := range s.Readings {
		least = min(least, r.V)
	}
	if least != 1 {
		t.Errorf("the least kept is %v", least)
	}
}

func TestGaugesAreBounded(t *testing.T) {
	b := New(Options{})
	for i := range maxGauges + 3 {
		b.Add(sampleAt(&event.Stream{PID: i + 1}, 1, val(event.ValueRSS, 1)))
	}
	tl := b.Build()
	if len(tl.Series) != maxGauges || !noted(tl, "3 readings of more than 4096 processes and containers were left out") {
		t.Errorf("%d series, notes %+v", len(tl.Series), tl.Notes)
	}
	if maxGauges*len(followed) >= maxReadings/2/4 {
		t.Errorf("there may be %d tracks; thin relies on fewer than %d", maxGauges*len(followed), maxReadings/2/4)
	}
}

func TestReadingsWithoutACommonClockEndWithTheRun(t *testing.T) {
	evs := tell(t, "gc live 16MiB+4MiBx20 start=3s every=500ms").events()
	for i := range 20 {
		evs = append(evs, sampleAt(&event.Stream{PID: 7}, float64(1000+i), val(event.ValueRSS, float64(60+i)*oneMiB)))
	}
	tl := build(Options{}, evs)
	rss := tl.SeriesOf(0, event.ValueRSS)
	if rss == nil || rss.Last().At != tl.Runs[0].End().At {
		t.Fatalf("got %+v", tl.Series)
	}
	if len(tl.Notes) == 0 || !strings.Contains(tl.Notes[0].Text, "last reading is put at the end") {
		t.Errorf("notes %+v", tl.Notes)
	}
}

func TestReadingsAfterTheDeathAreLeftOut(t *testing.T) {
	var evs []event.Event
	for i := range 12 {
		v := float64(50+i) * oneMiB
		if i > 9 {
			v = 3 * oneMiB
		}
		evs = append(evs, sampleAt(nil, float64(i), val(event.ValueRSS, v)))
	}
	if r := build(Options{}, evs).PrimaryRun(); r.Cycles.Len() != 10 {
		t.Errorf("%d cycles, want 10", r.Cycles.Len())
	}
}

func TestLimitsThatReadingsState(t *testing.T) {
	evs := tell(t, "gc live 16MiB+4MiBx20 start=3s every=500ms wall").events()
	for i := range 20 {
		evs = append(evs, sampleAt(nil, 3.5+float64(i)/2, val(event.ValueLimit, 200*oneMiB)))
	}
	evs = append(evs, &event.Setting{Head: event.Head{Pos: event.Pos{File: "m.prom", Line: 9}}, Runtime: "go", Name: event.SoftLimit, Size: unit.Known(180 * oneMiB)})
	if tl := build(Options{}, evs); tl.Limit.Size != unit.Known(200*oneMiB) || len(tl.Limits) != 2 {
		t.Errorf("limits %+v", tl.Limits)
	}
	if tl := build(Options{Limit: unit.Known(200 * oneMiB)}, evs); tl.Limit.From != "flag" || tl.Limit.ConfirmedBy.Line == 0 {
		t.Errorf("limit %+v is not confirmed", tl.Limit)
	}
	if tl := build(Options{Limit: unit.Known(100 * oneMiB)}, evs); tl.Limit.From != "flag" || len(tl.Notes) == 0 {
		t.Errorf("limit %+v, notes %+v", tl.Limit, tl.Notes)
	}
}

// readings are values at the seconds 0, 1, 2 ... on line 1, 2, 3 ...
func readings(values ...float64) (out []Reading) {
	for i, v := range values {
		out = append(out, Reading{At: time.Duration(i) * time.Second, V: v, Line: uint32(i + 1)})
	}
	return out
}

// Of several readings that are the largest, and of several series that are the longest, the first one counts.
func TestFirstOfEquals(t *testing.T) {
	s := Series{Readings: readings(1, 3, 2, 3)}
	if got := s.Max(); got != &s.Readings[1] {
		t.Errorf("the largest is %+v, want the second", *got)
	}
	tl := Timeline{Series: []Series{{Name: "a", Run: 1, Count: 9}, {Name: "a", Count: 1}, {Name: "a", Count: 3}, {Name: "a", Count: 3}, {Name: "b", Count: 4}}}
	if got := tl.SeriesOf(0, "a"); got != &tl.Series[2] {
		t.Errorf("the longest is %+v, want the third", got)
	}
	if got := tl.SeriesOf(2, "a"); got != nil {
		t.Errorf("run 2 has %+v, want none", got)
	}
}

// Who is read is told apart by writer, and without one by dialect and kind of file.
func TestGauges(t *testing.T) {
	api, db := &event.Stream{Container: "api"}, &event.Stream{Container: "db"}
	for _, c := range []struct {
		name string
		a, b event.Head
		want int
	}{
		{"no name at all", event.Head{}, event.Head{}, 1},
		{"one writer in two files", event.Head{Stream: api, Pos: event.Pos{File: "a"}}, event.Head{Stream: api, Pos: event.Pos{File: "b"}}, 1},
		{"one writer in two dialects", event.Head{Stream: api, Dialect: "x"}, event.Head{Stream: api, Dialect: "y"}, 1},
		{"two writers", event.Head{Stream: api}, event.Head{Stream: db}, 2},
		{"two pipes of one writer", event.Head{Stream: &event.Stream{Pipe: "stdout"}}, event.Head{Stream: &event.Stream{Pipe: "stderr"}}, 1},
		{"a file for each hour", event.Head{Pos: event.Pos{File: "9/heap-09.log"}}, event.Head{Pos: event.Pos{File: "0/heap-10.log"}}, 1},
		{"files of two kinds", event.Head{Pos: event.Pos{File: "heap.log"}}, event.Head{Pos: event.Pos{File: "top.log"}}, 2},
		{"two dialects in one file", event.Head{Dialect: "x"}, event.Head{Dialect: "y"}, 2},
	} {
		b := New(Options{})
		for _, h := range []event.Head{c.a, c.b, c.a} {
			b.Add(&event.Sample{Head: h, Values: []event.Value{val(event.ValueRSS, 1)}})
		}
		if got := len(b.gauges.all); got != c.want {
			t.Errorf("%s: %d are read, want %d", c.name, got, c.want)
		}
	}
}

func TestKindOfFile(t *testing.T) {
	for name, want := range map[string]string{"scrapes/2026-0119.prom": "-.prom", "2026/c.d": "c.d", "app:1": "app:"} {
		if got := kindOfFile(name); got != want {
			t.Errorf("%s is of the kind %q, want %q", name, got, want)
		}
	}
}

// A sample is placed by its own stamp, else by the end of the last collection, else by the start of a process that collected
// nothing yet, else by the clock of the process or of the kernel.
func TestClockOf(t *testing.T) {
	at := func(has event.Clocks, values ...event.Value) *event.Sample {
		return &event.Sample{Head: event.Head{Time: event.Time{Has: has, Wall: 1, Boot: 2, Process: 3}}, Values: values}
	}
	all := event.Wall | event.Boot | event.Process
	started, last := val(event.ValueStarted, 1.5), val(event.ValueLastGC, 2.5)
	for _, c := range []struct {
		name  string
		ev    *event.Sample
		clock gaugeClock
		want  int64
	}{
		{"all", at(all, started, last), wallClock, 1},
		{"the last collection", at(event.Boot|event.Process, started, last), collections, 2.5e9},
		{"no collection yet", at(event.Boot|event.Process, started, val(event.ValueLastGC, 0)), collections, 1.5e9},
		{"no collection yet, and no start", at(event.Process, val(event.ValueStarted, 0), val(event.ValueLastGC, 0)), processClock, 3},
		{"nothing about collections", at(event.Boot|event.Process, started), processClock, 3},
		{"the kernel's clock", at(event.Boot), bootClock, 2},
		{"none", at(0), noClock, 0},
		{"a time that is no time", at(0, val(event.ValueLastGC, 9e9)), collections, 0},
		{"the last time that is one", at(0, val(event.ValueLastGC, 8.9e9)), collections, 8.9e18},
	} {
		if clock, got := clockOf(c.ev); clock != c.clock || got != c.want {
			t.Errorf("%s: %d on clock %d, want %d on clock %d", c.name, got, clock, c.want, c.clock)
		}
	}
}

// The clock of the first sample is that of all: a sample without it cannot be placed. Without a clock, samples are a second apart.
func TestTimesOfReadings(t *testing.T) {
	for _, c := range []struct {
		name string
		has  []event.Clocks
		want []time.Duration
	}{
		{"one clock", []event.Clocks{event.Process, event.Process}, []time.Duration{10, 20}},
		{"a sample without it", []event.Clocks{event.Process, 0, event.Process}, []time.Duration{10, 30}},
		{"a sample with another", []event.Clocks{event.Process, event.Boot, event.Process}, []time.Duration{10, 30}},
		{"none", []event.Clocks{0, event.Process, 0}, []time.Duration{time.Second, 2 * time.Second, 3 * time.Second}},
	} {
		b := New(Options{})
		for i, has := range c.has {
			at := time.Duration(10 * (i + 1))
			b.Add(&event.Sample{Head: event.Head{Time: event.Time{Has: has, Process: at, Boot: at}}, Values: []event.Value{val(event.ValueRSS, 1)}})
		}
		var got []time.Duration
		for _, r := range b.gauges.all[0].tracks[0].readings {
			got = append(got, r.At)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: readings at %v, want %v", c.name, got, c.want)
		}
	}
}

// What is no number is no reading, and who has none but such leaves no trace.
func TestReadingsThatAreNoNumbers(t *testing.T) {
	evs := tell(t, "gc live 16MiB+4MiBx20").events()
	for i, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		evs = append(evs, sampleAt(nil, float64(i), val(event.ValueRSS, v)))
	}
	if tl := build(Options{}, evs); len(tl.Series) != 0 || len(tl.Notes) != 0 {
		t.Errorf("series %+v, notes %+v", tl.Series, tl.Notes)
	}
	if tl := build(Options{}, append(evs, sampleAt(nil, 9, val(event.ValueRSS, 0), val("other", 1)))); len(tl.Series) != 1 || tl.Series[0].Count != 1 {
		t.Errorf("series %+v, want one of one reading", tl.Series)
	}
}

// Of every four readings, the least and the largest are kept, in the order of time.
func TestHalve(t *testing.T) {
	for _, c := range []struct{ in, want []float64 }{
		{[]float64{2, 1, 4, 3, 9, 7, 8, 6}, []float64{1, 4, 9, 6}},
		{[]float64{5, 5, 5, 5}, []float64{5}},
		{[]float64{1, 1, 2, 2, 7}, []float64{1, 2, 7}},
	} {
		tr := &track{readings: readings(c.in...)}
		tr.halve()
		var got []float64
		for i, r := range tr.readings {
			got = append(got, r.V)
			if first := slices.Index(c.in, r.V); i > 0 && r.At <= tr.readings[i-1].At || int(r.Line) != first+1 {
				t.Errorf("of %v: %v is that of line %d, want %d", c.in, r.V, r.Line, first+1)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("of %v: kept %v, want %v", c.in, got, c.want)
		}
	}
	late := &track{readings: []Reading{{At: 3, V: 1}, {At: 1, V: 2}, {At: 2, V: 3}}}
	if late.halve(); !slices.Equal(late.readings, []Reading{{At: 2, V: 3}, {At: 3, V: 1}}) {
		t.Errorf("out of order: kept %v", late.readings)
	}
}

// Beyond what may be kept, the longest tracks are halved, the first of two that are alike, until half of it is left.
func TestThin(t *testing.T) {
	for _, c := range []struct {
		name  string
		count int // readings kept, as if there were more tracks
		want  [3]int
	}{
		{"half is left", maxReadings / 2, [3]int{8, 16, 16}},
		{"one more", maxReadings/2 + 1, [3]int{8, 8, 16}},
		{"as many more as one track gives", maxReadings/2 + 8, [3]int{8, 8, 16}},
		{"one more than that", maxReadings/2 + 9, [3]int{8, 8, 8}},
		{"more than all of them give", maxReadings/2 + 17, [3]int{4, 8, 8}},
	} {
		gs := gauges{count: c.count}
		for _, n := range []int{8, 16, 16} {
			g := &gauge{tracks: []*track{{}}}
			for i := range n {
				g.tracks[0].add(Reading{At: time.Duration(i), V: float64(i)})
			}
			gs.all = append(gs.all, g)
		}
		gs.thin()
		var got [3]int
		for i, g := range gs.all {
			got[i] = len(g.tracks[0].readings)
		}
		if got != c.want || gs.count > maxReadings/2 {
			t.Errorf("%s: tracks of %v, %d counted, want %v", c.name, got, gs.count, c.want)
		}
	}
	b := New(Options{})
	b.gauges.count = maxReadings - 8
	for i, want := range []int{1, 2, 3, 4, 5, 6, 7, 8} {
		b.Add(sampleAt(nil, float64(i), val(event.ValueRSS, float64(i))))
		if got := len(b.gauges.all[0].tracks[0].readings); got != want || b.gauges.count != maxReadings-7+i {
			t.Errorf("%d readings kept of %d, %d counted", got, want, b.gauges.count)
		}
	}
}

// gaugeOf makes a gauge without a name that was read on the wall clock, of one track of some name with readings at these seconds.
func gaugeOf(runtime, name string, seconds ...int) *gauge {
	g := &gauge{runtime: runtime, clock: wallClock, tracks: []*track{{name: name}}}
	for _, s := range seconds {
		g.tracks[0].add(Reading{At: time.Duration(s) * time.Second, V: 1})
	}
	return g
}

// Readings from files of two kinds are of one process if nothing tells them apart and their times overlap, in one moment at least.
func TestAlike(t *testing.T) {
	named := gaugeOf("", "b", 1, 9)
	named.origin = &event.Stream{Pod: "cart-1"}
	booted := gaugeOf("", "b", 1, 9)
	booted.clock = bootClock
	collected := gaugeOf("", "b", 1, 9)
	collected.clock = collections
	for _, c := range []struct {
		name string
		a, b *gauge
		want bool
	}{
		{"one inside of the other", gaugeOf("", "a", 2, 4), gaugeOf("", "b", 1, 9), true},
		{"the end of one is the beginning of the other", gaugeOf("", "a", 1, 4), gaugeOf("", "b", 4, 9), true},
		{"one after the other", gaugeOf("", "a", 1, 3), gaugeOf("", "b", 4, 9), false},
		{"two runtimes", gaugeOf("go", "a", 1, 9), gaugeOf("jvm", "b", 1, 9), false},
		{"one runtime", gaugeOf("go", "a", 1, 9), gaugeOf("go", "b", 1, 9), true},
		{"one runtime is not known", gaugeOf("go", "a", 1, 9), gaugeOf("", "b", 1, 9), true},
		{"one has a name", gaugeOf("", "a", 1, 9), named, false},
		{"one is on the kernel's clock", gaugeOf("", "a", 1, 9), booted, false},
		{"one is placed by its collections", gaugeOf("", "a", 1, 9), collected, true},
	} {
		if a, b := c.a.alike(c.b), c.b.alike(c.a); a != c.want || b != c.want {
			t.Errorf("%s: got %v and %v, want %v", c.name, a, b, c.want)
		}
	}
}

func TestSettle(t *testing.T) {
	short, long, even := gaugeOf("", "a", 1, 2), gaugeOf("go", "a", 3, 2, 1), gaugeOf("", "a", 1, 2, 3)
	other, later := gaugeOf("", "b", 2), gaugeOf("", "a", 8, 9)
	all := gauges{all: []*gauge{short, long, even, other, later, {clock: wallClock}}}
	all.settle()
	if len(all.all) != 2 || all.all[0] != short || all.all[1] != later {
		t.Fatalf("%d are left, want the first and the one of a later time", len(all.all))
	}
	if short.runtime != "go" || len(short.tracks) != 2 || short.tracks[0] != long.tracks[0] || short.tracks[1] != other.tracks[0] {
		t.Errorf("got %+v, want the runtime, the first of the longest tracks and the other track", *short)
	}
	if !slices.Equal(long.tracks[0].readings, gaugeOf("", "a", 1, 2, 3).tracks[0].readings) {
		t.Errorf("readings %v are not in order", long.tracks[0].readings)
	}
}

// What is known of a writer tells readings and a run apart or puts them together; without a name, it counts that there is no choice.
func TestMayBe(t *testing.T) {
	const long = "0123456789abcdef"
	for _, c := range []struct {
		name          string
		read, wrote   event.Stream
		rt            string // runtime of what was read; the run is of Go
		choice, alone bool   // want where there are other runs, where there are none
	}{
		{"no names", event.Stream{}, event.Stream{}, "", true, true},
		{"no name of the readings", event.Stream{}, event.Stream{Pod: "p", ContainerID: long, PID: 5}, "", true, true},
		{"no name of the log", event.Stream{Pod: "p", ContainerID: long, PID: 5}, event.Stream{}, "", false, true},
		{"the same runtime", event.Stream{Unit: "u"}, event.Stream{Unit: "v"}, "go", false, true},
		{"another runtime", event.Stream{}, event.Stream{}, "jvm", false, false},
		{"one unit", event.Stream{Unit: "u"}, event.Stream{Unit: "u"}, "", true, true},
		{"one process id", event.Stream{PID: 5, Namespace: "n"}, event.Stream{PID: 5, Namespace: "m"}, "", true, true},
		{"two process ids", event.Stream{PID: 5, Namespace: "n"}, event.Stream{PID: 6, Namespace: "n"}, "", false, false},
		{"the process id is that of the engine", event.Stream{PID: 5, Namespace: "n"}, event.Stream{PID: 6, Namespace: "n", Unit: "docker"}, "", true, true},
		{"no process id of the log", event.Stream{PID: 5, Namespace: "n"}, event.Stream{Namespace: "n"}, "", true, true},
		{"no process id of the readings", event.Stream{Namespace: "n"}, event.Stream{PID: 5, Namespace: "n"}, "", true, true},
		{"one namespace", event.Stream{Namespace: "n"}, event.Stream{Namespace: "n", Pod: "p"}, "", true, true},
		{"two namespaces", event.Stream{Namespace: "n", Pod: "p"}, event.Stream{Namespace: "m", Pod: "p"}, "", false, false},
		{"one pod", event.Stream{Pod: "p"}, event.Stream{Pod: "p", Container: "c"}, "", true, true},
		{"two pods", event.Stream{Pod: "p"}, event.Stream{Pod: "q"}, "", false, false},
		{"one pod by its id", event.Stream{PodUID: "p"}, event.Stream{PodUID: "p", Container: "c"}, "", true, true},
		{"two pods by their ids", event.Stream{PodUID: "p"}, event.Stream{PodUID: "q"}, "", false, false},
		{"one container", event.Stream{Container: "c"}, event.Stream{Container: "c", Pod: "p"}, "", true, true},
		{"two containers", event.Stream{Container: "c", Pod: "p"}, event.Stream{Container: "d", Pod: "p"}, "", false, false},
		{"names that do not meet", event.Stream{Pod: "p"}, event.Stream{Unit: "u", Container: "c"}, "", false, true},
		{"one container by its id", event.Stream{ContainerID: long[:12]}, event.Stream{ContainerID: long}, "", true, true},
		{"two containers by their ids", event.Stream{ContainerID: long, Pod: "p"}, event.Stream{ContainerID: long[1:], Pod: "p"}, "", false, false},
	} {
		g, r := &gauge{gaugeKey: gaugeKey{stream: c.read}, runtime: c.rt}, &Run{Runtime: "go", Stream: &c.wrote}
		if choice, alone := g.mayBe(r, false), g.mayBe(r, true); choice != c.choice || alone != c.alone {
			t.Errorf("%s: with other runs %v, want %v; alone %v, want %v", c.name, choice, c.choice, alone, c.alone)
		}
	}
	unit := gaugeKey{stream: event.Stream{Unit: "u"}}
	if bare := (&Run{Runtime: "go"}); !(&gauge{gaugeKey: unit, runtime: "go"}).mayBe(bare, false) || (&gauge{gaugeKey: unit}).mayBe(bare, false) {
		t.Error("a log without a writer is of whatever names its runtime, and of nothing else that has a name")
	}
	if (&gauge{tracks: []*track{{name: event.ValueTotal}}}).mayBe(&Run{}, true) {
		t.Error("the machine is no process")
	}
}

// The zero of a run is known on the clock that some line ties it to.
func TestZeroOf(t *testing.T) {
	whole := runTie{wall: time.Unix(0, 7), boot: 5, booted: true}
	for _, c := range []struct {
		name  string
		clock gaugeClock
		run   Clock
		tie   runTie
		want  int64
		ok    bool
	}{
		{"the wall clock", wallClock, SinceFirst, whole, 7, true},
		{"the wall clock of collections", collections, SinceFirst, whole, 7, true},
		{"the kernel's clock", bootClock, SinceFirst, whole, 5, true},
		{"no tie to the kernel's clock", bootClock, SinceFirst, runTie{wall: whole.wall}, 0, false},
		{"the clock of the process", processClock, SinceStart, runTie{}, 0, true},
		{"a run since its first line", processClock, SinceFirst, whole, 0, false},
		{"no clock", noClock, SinceStart, whole, 0, false},
	} {
		g := &gauge{clock: c.clock}
		zero, ok := zeroOf(g, &Run{Clock: c.run}, c.tie)
		if zero != c.want || ok != c.ok {
			t.Errorf("%s: %d, %v, want %d, %v", c.name, zero, ok, c.want, c.ok)
		}
	}
	if _, ok := zeroOf(&gauge{clock: wallClock}, &Run{}, runTie{}); ok {
		t.Error("no tie to the wall clock: the zero is known")
	}
	own := &gauge{}
	if _, ok := zeroOf(own, &Run{gauge: own}, runTie{}); !ok {
		t.Error("the run was made of these readings: the zero is not known")
	}
}

// Readings are of a run from five minutes before its first collection to five minutes after its last one.
func TestDuring(t *testing.T) {
	r := &Run{Cycles: cyclesOf(Cycle{At: 10 * time.Second}, Cycle{At: 20 * time.Second})}
	const zero = 1000
	for _, c := range []struct {
		from, to int // seconds on the clock of the readings
		want     bool
	}{
		{zero + 20 + 300, zero + 900, true},
		{zero + 21 + 300, zero + 900, false},
		{0, zero + 10 - 300, true},
		{0, zero + 9 - 300, false},
		{zero + 12, zero + 13, true},
	} {
		if got := gaugeOf("", "a", c.from, c.to).during(r, int64(zero*time.Second)); got != c.want {
			t.Errorf("readings from %d to %d s, a run from %d to %d s: got %v, want %v", c.from, c.to, zero+10, zero+20, got, c.want)
		}
	}
}

func TestOneName(t *testing.T) {
	for _, c := range []struct {
		streams []event.Stream
		want    bool
	}{
		{nil, true},
		{[]event.Stream{{Pod: "p", Container: "c"}, {Pod: "p"}, {}, {Container: "c"}}, true},
		{[]event.Stream{{Pod: "p"}, {Container: "c"}, {Pod: "q"}}, false},
		{[]event.Stream{{Container: "c"}, {Pod: "p"}, {Container: "d"}}, false},
	} {
		var gs gauges
		for _, s := range c.streams {
			gs.all = append(gs.all, &gauge{gaugeKey: gaugeKey{stream: s}})
		}
		if got := gs.oneName(); got != c.want {
			t.Errorf("%+v: got %v, want %v", c.streams, got, c.want)
		}
	}
}

// Readings that may be of several runs are of the primary one, else of the first.
func TestRunOfReadings(t *testing.T) {
	at := func(s int64) runTie { return runTie{wall: time.Unix(s, 0)} }
	g := gaugeOf("", "a", 1000, 1010)
	for _, c := range []struct {
		name    string
		primary int
		ties    []runTie
		gauges  []*gauge // that the runs were made of
		run     int
		zero    int // seconds
	}{
		{"the first is primary", 0, []runTie{at(990), at(1000)}, []*gauge{nil, nil}, 0, 990},
		{"the second is primary", 1, []runTie{at(990), at(1000)}, []*gauge{nil, nil}, 1, 1000},
		{"neither is primary", 2, []runTie{at(990), at(1000)}, []*gauge{nil, nil}, 0, 990},
		{"the primary one is not tied", 1, []runTie{at(990), {}}, []*gauge{nil, nil}, 0, 990},
		{"the primary one was at another time", 1, []runTie{at(990), at(2000)}, []*gauge{nil, nil}, 0, 990},
		{"the primary one was made of other readings", 1, []runTie{at(990), at(1000)}, []*gauge{nil, {}}, 0, 990},
		{"one was made of these", 0, []runTie{{}, at(2000)}, []*gauge{nil, g}, 1, 2000},
		{"none is tied", 0, []runTie{{}, {}}, []*gauge{nil, g}, -1, 0},
	} {
		tl := &Timeline{Primary: c.primary}
		for _, of := range c.gauges {
			tl.Runs = append(tl.Runs, &Run{Cycles: cyclesOf(Cycle{}, Cycle{At: time.Second}), gauge: of})
		}
		run, zero := New(Options{}).runOf(tl, g, c.ties, false)
		if run != c.run || zero != int64(c.zero)*1e9 {
			t.Errorf("%s: run %d with its zero at %s, want %d at %d s", c.name, run, time.Duration(zero), c.run, c.zero)
		}
	}
}

// Readings that stand alone count from the first of all; where one gauge has its place in the run, no other is put there without
// a clock.
func TestReadingsThatStandAlone(t *testing.T) {
	var evs []event.Event
	for i, pod := range []string{"a", "b", "a", "b"} {
		evs = append(evs, sampleAt(&event.Stream{Pod: pod}, float64(9-3*i), val(event.ValueLimit, oneMiB)))
	}
	tl := build(Options{}, evs)
	if len(tl.Runs) != 0 || len(tl.Series) != 2 || tl.Series[0].First().At != 3*time.Second || tl.Series[1].First().At != 0 {
		t.Errorf("%d runs, series %+v, want two that begin after 3 s and after none", len(tl.Runs), tl.Series)
	}
	evs = tell(t, "gc live 16MiB+4MiBx20").events()
	for i := range 4 {
		own := sampleAt(&event.Stream{Unit: "a"}, 0, val(event.ValueRSS, oneMiB))
		own.Time = event.Time{Has: event.Process, Process: time.Duration(i+3) * time.Second}
		evs = append(evs, own, sampleAt(&event.Stream{Unit: "b"}, float64(i), val(event.ValueRSS, oneMiB)))
	}
	tl = build(Options{}, evs)
	if len(tl.Series) != 2 || tl.Series[0].Run != 0 || tl.Series[0].First().At != 3*time.Second || tl.Series[1].Run != -1 || noted(tl, "is put at the end") {
		t.Errorf("series %+v, notes %+v", tl.Series, tl.Notes)
	}
}

// Where the death has a time on the clock of the run, readings without a common clock end with it.
func TestReadingsEndWithTheDeath(t *testing.T) {
	evs := tell(t, "gc live 16MiB+4MiBx20 boot\nkill at=30s rss=110MiB limit=128MiB boot").events()
	for i := range 4 {
		evs = append(evs, sampleAt(nil, 5000+float64(i), val(event.ValueRSS, oneMiB)))
	}
	tl := build(Options{}, evs)
	if rss := tl.SeriesOf(0, event.ValueRSS); !tl.Death.Timed || rss == nil || rss.Last().At != tl.Death.At || tl.Death.At <= tl.Runs[0].End().At {
		t.Errorf("death %+v, series %+v", tl.Death, tl.Series)
	}
}
