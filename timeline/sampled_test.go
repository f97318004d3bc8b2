package timeline

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// trackOf makes a track of values at the seconds 0, 1, 2 ...
func trackOf(name string, values ...float64) *track {
	return &track{name: name, readings: readings(values...), count: len(values)}
}

// sums writes cycles as their numbers, live heaps and peaks.
func sums(r *Run) (out []string) {
	for i := range r.Cycles.Len() {
		c := r.Cycles.At(i)
		out = append(out, fmt.Sprintf("%d: %d of %d", c.N, c.Live, c.Peak))
	}
	return out
}

// What says most about the live heap stands for it, if it has four amounts.
func TestLevel(t *testing.T) {
	const off = noGoal // of a goal where GOGC is off
	four := func(name string) *track { return trackOf(name, 1, 1, 1, 1) }
	for _, c := range []struct {
		name, runtime string
		tracks        []*track
		want          string
		basis         Basis
	}{
		{"nothing", "go", nil, "", FromLog},
		{"Go, all", "go", []*track{four(event.ValueRSS), four(event.ValueHeapAlloc), four(event.ValueNextGC), four(event.ValueHeapLive)}, event.ValueHeapLive, FromLive},
		{"Go, the goal", "go", []*track{four(event.ValueHeapAlloc), four(event.ValueNextGC)}, event.ValueNextGC, FromGoal},
		{"Go, the goal of a collector that is off", "go", []*track{four(event.ValueHeapAlloc), trackOf(event.ValueNextGC, off, off, 1, 1, 1)}, event.ValueHeapAlloc, FromFloor},
		{"Go, the collector was off at times", "go", []*track{trackOf(event.ValueNextGC, off, 1, 1, 1, 1)}, event.ValueNextGC, FromGoal},
		{"a JVM, all", jvm, []*track{four(event.ValueHeapLive), four(event.ValueNextGC), four(event.ValueOldGen)}, event.ValueOldGen, FromFloor},
		{"a JVM, the live heap", jvm, []*track{four(event.ValueHeapLive), four(event.ValueHeapAlloc)}, event.ValueHeapLive, FromLive},
		{"three amounts are too few", "go", []*track{trackOf(event.ValueHeapLive, 0, 1, 1, 1), four(event.ValueRSS)}, event.ValueRSS, FromResident},
		{"as large as it may be, and no goal", "", []*track{trackOf(event.ValueUsage, off, off, off, off)}, event.ValueUsage, FromResident},
	} {
		src, tr := (&gauge{runtime: c.runtime, tracks: c.tracks}).level()
		if src.name != c.want || src.basis != c.basis || (tr == nil) != (c.want == "") {
			t.Errorf("%s: %q as %q, want %q as %q", c.name, src.name, src.basis, c.want, c.basis)
		}
	}
}

// A new life begins where the start of the process moves by more than its rounding, or without that where the count of collections
// falls. The reading at that time is of the new life.
func TestLivesOfGauge(t *testing.T) {
	for _, c := range []struct {
		name   string
		tracks []*track
		want   []int // readings of each life
	}{
		{"nothing tells", nil, []int{6}},
		{"one start", []*track{trackOf(event.ValueStarted, 100, 100, 100, 100, 100, 100)}, []int{6}},
		{"a start that is read a second later", []*track{trackOf(event.ValueStarted, 100, 100, 101, 101, 101, 101)}, []int{6}},
		{"two starts", []*track{trackOf(event.ValueStarted, 100, 100, 101.5, 101.5, 101.5, 101.5)}, []int{2, 4}},
		{"three starts", []*track{trackOf(event.ValueStarted, 100, 110, 110, 110, 110, 120)}, []int{1, 4, 1}},
		{"the count falls", []*track{trackOf(event.ValueGCs, 7, 8, 8, 0, 1, 2)}, []int{3, 3}},
		{"the count rests", []*track{trackOf(event.ValueGCs, 7, 7, 7, 7, 7, 7)}, []int{6}},
		{"the count falls, and the start moves at another time", []*track{trackOf(event.ValueGCs, 7, 8, 8, 0, 1, 2), trackOf(event.ValueStarted, 100, 100, 110, 110, 110, 110)}, []int{2, 4}},
	} {
		var got []int
		for _, life := range (&gauge{tracks: c.tracks}).lives(trackOf(event.ValueRSS, 1, 2, 3, 4, 5, 6)) {
			got = append(got, len(life))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: lives of %v readings, want %v", c.name, got, c.want)
		}
	}
}

// The last readings are of a process that is gone if all of them, five at most, are below 30 % of the one before.
func TestAlive(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   int
	}{
		{[]float64{100, 100, 100, 100, 29}, 4},
		{[]float64{100, 100, 100, 100, 30}, 5},
		{[]float64{100, 100, 100, 100, 29, 29, 29, 29, 29}, 4},
		{[]float64{100, 100, 100, 100, 29, 29, 29, 29, 29, 29}, 10},
		{[]float64{100, 100, 100, 29}, 4}, // three are too few for a life
		{[]float64{100, 100, 100, 100, 29, 31}, 6},
	} {
		if got := len(alive(readings(c.values...))); got != c.want {
			t.Errorf("of %v, %d are left, want %d", c.values, got, c.want)
		}
	}
}

// A life of four readings is a run, one of fewer or of nothing is none; heaps may fall as far as they like.
func TestSampledRuns(t *testing.T) {
	for _, c := range []struct {
		name, read string
		values     []float64
		started    []float64
		want       []int // cycles
	}{
		{"two lives", event.ValueRSS, []float64{1, 1, 1, 1, 1, 1, 1, 1}, []float64{0, 0, 0, 0, 9, 9, 9, 9}, []int{4, 4}},
		{"the second is short", event.ValueRSS, []float64{1, 1, 1, 1, 1, 1, 1}, []float64{0, 0, 0, 0, 9, 9, 9}, []int{4}},
		{"the second is empty", event.ValueRSS, []float64{1, 1, 1, 1, 0, 0, 0, 0}, []float64{0, 0, 0, 0, 9, 9, 9, 9}, []int{4}},
		{"a process that is gone", event.ValueRSS, []float64{100, 100, 100, 100, 1}, nil, []int{4}},
		{"a heap that falls", event.ValueHeapAlloc, []float64{100, 100, 100, 100, 1}, nil, []int{5}},
	} {
		g := &gauge{clock: processClock, tracks: []*track{trackOf(c.read, c.values...), trackOf(event.ValueStarted, c.started...)}}
		b, tl := New(Options{}), &Timeline{}
		b.gauges.all = []*gauge{g}
		b.sampled(tl)
		var got []int
		for i, r := range tl.Runs {
			got = append(got, r.Cycles.Len())
			if last := i+1 == len(tl.Runs); r.Restarted == last || r.Index != i {
				t.Errorf("%s: run %d has the index %d, restarted %v", c.name, i, r.Index, r.Restarted)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: runs of %v cycles, want %v", c.name, got, c.want)
		}
	}
}

func TestSampledRunsAreBounded(t *testing.T) {
	rss, started := &track{name: event.ValueRSS}, &track{name: event.ValueStarted}
	for i := range leastReadings * (maxChains + 2) {
		at := time.Duration(i) * time.Second
		rss.add(Reading{At: at, V: 1})
		started.add(Reading{At: at, V: float64(100 * (i / leastReadings))})
	}
	b, tl := New(Options{}), &Timeline{}
	b.gauges.all = []*gauge{{clock: processClock, tracks: []*track{rss, started}}}
	if b.sampled(tl); len(tl.Runs) != maxChains {
		t.Errorf("%d runs, want %d", len(tl.Runs), maxChains)
	}
}

// What the user states counts most, then what the process exported last; GOGC=100 is the default.
func TestGoSettings(t *testing.T) {
	api := &event.Stream{Container: "api"}
	set := func(s *event.Stream, runtime string, name event.SettingName, text string, size unit.Size) event.Event {
		return &event.Setting{Head: event.Head{Stream: s}, Runtime: runtime, Name: name, Text: text, Size: size}
	}
	gogc := func(text string) event.Event { return set(api, "go", event.FlagName, text, unit.Size{}) }
	soft := func(size unit.Size) event.Event { return set(api, "go", event.SoftLimit, "", size) }
	for _, c := range []struct {
		name    string
		runtime string
		env     map[string]string
		events  []event.Event
		want    goSettings
	}{
		{"nothing", "go", nil, nil, goSettings{2, 0}},
		{"GOGC", "go", nil, []event.Event{gogc("GOGC=50")}, goSettings{1.5, 0}},
		{"the last GOGC", "go", nil, []event.Event{gogc("GOGC=50"), gogc("GOGC=300")}, goSettings{4, 0}},
		{"GOGC=0", "go", nil, []event.Event{gogc("GOGC=0")}, goSettings{2, 0}},
		{"GOGC=off", "go", nil, []event.Event{gogc("GOGC=off")}, goSettings{2, 0}},
		{"no flag", "go", nil, []event.Event{set(api, "go", event.MaxHeap, "GOGC=50", unit.Size{})}, goSettings{2, 0}},
		{"of another runtime", "go", nil, []event.Event{set(api, "jvm", event.FlagName, "GOGC=50", unit.Size{})}, goSettings{2, 0}},
		{"of another writer", "go", nil, []event.Event{set(nil, "go", event.FlagName, "GOGC=50", unit.Size{})}, goSettings{2, 0}},
		{"GOMEMLIMIT", "go", nil, []event.Event{soft(unit.Known(700))}, goSettings{2, 700}},
		{"GOMEMLIMIT off", "go", nil, []event.Event{soft(unit.Known(700)), soft(unit.Size{})}, goSettings{2, 0}},
		{"a flag with a size", "go", nil, []event.Event{set(api, "go", event.FlagName, "", unit.Known(700))}, goSettings{2, 0}},
		{"the user", "go", map[string]string{"GOGC": "10", "GOMEMLIMIT": "900"}, []event.Event{gogc("GOGC=50"), soft(unit.Known(700))}, goSettings{1.1, 900}},
		{"the user says off, which bounds nothing", "go", map[string]string{"GOGC": "off", "GOMEMLIMIT": "off"}, []event.Event{gogc("GOGC=50"), soft(unit.Known(700))}, goSettings{1.5, 700}},
		{"another runtime", jvm, map[string]string{"GOGC": "10", "GOMEMLIMIT": "900"}, []event.Event{gogc("GOGC=50")}, goSettings{2, 0}},
	} {
		b := New(Options{Env: c.env})
		for _, ev := range c.events {
			b.Add(ev)
		}
		g := &gauge{gaugeKey: gaugeKey{stream: *api}, runtime: c.runtime}
		if got := b.settings(g); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// A goal over the factor is the live heap that it was set by. It is read until the count of collections changes, and the largest
// heap meanwhile is its peak.
func TestGoals(t *testing.T) {
	for _, c := range []struct {
		name   string
		goals  []float64
		tracks []*track
		soft   float64
		want   []string
	}{
		{"no more is known", []float64{200, 200, 300}, nil, 0, []string{"1: 100 of 100", "2: 100 of 100", "3: 150 of 150"}},
		{"the collections are counted", []float64{200, 200, 200, 300}, []*track{trackOf(event.ValueGCs, 5, 5, 6, 6)}, 0, []string{"5: 100 of 100", "6: 100 of 100"}},
		{"there was none yet", []float64{8, 8, 10}, []*track{trackOf(event.ValueGCs, 0, 0, 1)}, 0, []string{"1: 4 of 4", "1: 5 of 5"}},
		{
			"the heap in use rises meanwhile",
			[]float64{200, 200, 200, 300},
			[]*track{trackOf(event.ValueGCs, 5, 5, 5, 6), trackOf(event.ValueHeapAlloc, 120, 180, 150, 160)},
			0,
			[]string{"5: 100 of 180", "6: 150 of 160"},
		},
		{"the collector was off", []float64{200, 0, noGoal, noGoal - 2}, nil, 0, []string{"1: 100 of 100", fmt.Sprintf("2: %d of %[1]d", noGoal/2-1)}},
		{"GOMEMLIMIT is near", []float64{91, 91, 91}, []*track{trackOf(event.ValueHeapAlloc, 80, 95, 30)}, 100, []string{"1: 80 of 80", "2: 91 of 95", "3: 45 of 45"}},
		{"nine tenths of it is not near", []float64{90}, []*track{trackOf(event.ValueHeapAlloc, 80)}, 100, []string{"1: 45 of 80"}},
	} {
		r := &Run{Factor: Factor{K: 2}, Unnumbered: true}
		New(Options{}).goals(r, &gauge{tracks: c.tracks}, c.soft, readings(c.goals...))
		if got := sums(r); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	r := &Run{Factor: Factor{K: 2}, Unnumbered: true}
	New(Options{}).goals(r, &gauge{tracks: []*track{trackOf(event.ValueGCs, 0, 1)}}, 0, readings(8, 8)[:1])
	if !r.Unnumbered {
		t.Error("a process that counts no collection yet gives numbers")
	}
}

// A low point is the first of equal readings that are below the one before and not above the one after. Where there are twelve,
// they are the cycles, each with the peak since the one before; else every reading is one.
func TestTroughs(t *testing.T) {
	valleys := func(n int, more ...float64) []float64 { return append(slices.Repeat([]float64{50, 90}, n), more...) }
	goroutines := &track{name: event.ValueGoroutines, readings: readings(7)}
	for _, c := range []struct {
		name   string
		values []float64
		n      int
		last   string
	}{
		{"twelve", valleys(12), 12, "12: 50 of 90"},
		{"eleven", valleys(11), 22, "22: 90 of 90"},
		{"the last reading is one", valleys(12, 10), 13, "13: 10 of 90"},
		{"two alike are one", valleys(12, 40, 40, 60), 13, "13: 40 of 90"},
		{"the first of two alike", valleys(12, 40, 40, 60, 39), 14, "14: 39 of 60"},
		{"nothing is none", valleys(12, 0, 70), 12, "12: 50 of 90"},
	} {
		r := &Run{Basis: FromFloor}
		New(Options{}).troughs(r, &gauge{tracks: []*track{goroutines}}, readings(c.values...))
		if got := sums(r); len(got) != c.n || got[len(got)-1] != c.last {
			t.Errorf("%s: %d cycles, %q, want %d, the last %q", c.name, len(got), got, c.n, c.last)
		}
		if first := r.Cycles.At(0); first.Live != 50 || first.Peak != 50 || c.n < 22 && first.Extra != 7 {
			t.Errorf("%s: the first is %+v", c.name, *first)
		}
	}
}

// Every amount is a level; the heap in use is a peak only beside readings of the live heap.
func TestLevels(t *testing.T) {
	alloc := trackOf(event.ValueHeapAlloc, 5, 9, 9)
	for basis, want := range map[Basis][]string{
		FromLive:     {"1: 7 of 7", "2: 1 of 9"},
		FromResident: {"1: 7 of 7", "2: 1 of 1"},
	} {
		r := &Run{Basis: basis}
		New(Options{}).levels(r, &gauge{tracks: []*track{alloc}}, readings(7, 0, 1))
		if got := sums(r); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", basis, got, want)
		}
	}
}

func TestCursor(t *testing.T) {
	c := cursor{readings: readings(5, 6, 7)}
	for i, want := range []float64{-1, -1, 5, 5, 6, 6, 7, 7} {
		if got := c.at(time.Duration(i-2) * time.Second / 2); got != want {
			t.Errorf("at %d half seconds: %v, want %v", i-2, got, want)
		}
	}
}

// The clock of a run of readings counts from the start of the process if that is known, and cannot be later than the first reading.
func TestClockOfReadings(t *testing.T) {
	const at = 100 * time.Second // of the first of two readings, 5 s apart
	for _, c := range []struct {
		name    string
		clock   gaugeClock
		started float64
		want    Clock
		first   time.Duration
		flags   Flags
	}{
		{"the process", processClock, 50, SinceStart, at, 0},
		{"the kernel", bootClock, 50, SinceFirst, 0, bootStamp},
		{"wall", wallClock, 60, SinceStart, 40 * time.Second, WallTied},
		{"collections", collections, 60, SinceStart, 40 * time.Second, WallTied},
		{"started at the first reading", wallClock, 100, SinceStart, 0, WallTied},
		{"started after it", wallClock, 101, SinceFirst, 0, WallTied},
		{"no start", wallClock, 0, SinceFirst, 0, WallTied},
	} {
		g := &gauge{clock: c.clock, tracks: []*track{trackOf(event.ValueStarted, c.started)}}
		r := &Run{Cycles: cyclesOf(Cycle{At: at}, Cycle{At: at + 5*time.Second})}
		b := New(Options{})
		b.setClocks(r, g)
		a, z := r.Cycles.At(0), r.Cycles.At(1)
		if r.Clock != c.want || a.At != c.first || z.At != c.first+5*time.Second || a.Flags != c.flags {
			t.Errorf("%s: clock %d, from %s to %s, flags %b, want clock %d from %s, flags %b", c.name, r.Clock, a.At, z.At, a.Flags, c.want, c.first, c.flags)
		}
		if a.stamped() && (z.stamp()-a.stamp() != 5e9 || a.stamp()+b.base != int64(at)) {
			t.Errorf("%s: stamps %d and %d from %d", c.name, a.stamp(), z.stamp(), b.base)
		}
	}
	r := &Run{Cycles: cyclesOf(Cycle{At: 1}, Cycle{At: 2}, Cycle{At: 3})}
	New(Options{}).setClocks(r, &gauge{})
	if r.Clock != ByNumber || r.Cycles.At(0).At != 0 || r.Cycles.At(2).At != 2*time.Second {
		t.Errorf("no clock: %d, from %s to %s", r.Clock, r.Cycles.At(0).At, r.Cycles.At(2).At)
	}
	b := New(Options{})
	b.base, b.based = 7, true
	b.setClocks(r, &gauge{clock: wallClock})
	if b.base != 7 {
		t.Errorf("stamps count from %d, want the base that others use", b.base)
	}
}

// The report says what the level rests on.
func TestNotesOfReadings(t *testing.T) {
	for _, c := range []struct {
		name  string
		value event.Value
		timed bool
		want  string
	}{
		{"goal", val(event.ValueNextGC, 8*oneMiB), true, "estimated from 4 readings of next_gc_bytes, divided by 2.00"},
		{"live", val(event.ValueHeapLive, 8*oneMiB), true, "is what 4 readings of heap_live_bytes say"},
		{"floor", val(event.ValueHeapInUse, 8*oneMiB), true, "the low points of heap_inuse_bytes, 4 readings; garbage may be in it"},
		{"resident", val(event.ValueAnon, 8*oneMiB), true, "the level is that of anon_bytes, 4 readings; what of it is heap is not known"},
		{"placed by collections", val(event.ValueHeapLive, 8*oneMiB), false, "each is placed at the end of the last collection"},
	} {
		var evs []event.Event
		for i := range 4 {
			ev := sampleAt(nil, float64(i), c.value)
			if !c.timed {
				ev = sampleAt(nil, -1, c.value, val(event.ValueLastGC, float64(i+1)))
			}
			evs = append(evs, ev)
		}
		tl := build(Options{}, evs)
		if !noted(tl, c.want) || noted(tl, "end of the last collection") == c.timed {
			t.Errorf("%s: notes %+v, want %q", c.name, tl.Notes, c.want)
		}
	}
}

// The limit that the readings of the primary run state last confirms the one in force, replaces one that nothing enforces, or is
// told beside one that was stated otherwise.
func TestLimitOfReadings(t *testing.T) {
	at := event.Pos{File: "m.prom", Line: 3}
	box := Limit{Size: unit.Known(64), From: "prometheus", Source: at}
	limit := func(size unit.Bytes, from string) Limit { return Limit{Size: unit.Known(size), From: from} }
	confirmed := func(l Limit, by event.Pos) Limit { l.ConfirmedBy = by; return l }
	of := func(run int, values ...float64) Series {
		return Series{Name: event.ValueLimit, Dialect: "prometheus", Run: run, Readings: readings(values...)}
	}
	const note = "the readings state a limit of 64 B; using 99 B"
	for _, c := range []struct {
		name   string
		series []Series
		before Limit
		want   Limit
		note   string
	}{
		{"none was known", []Series{of(0, 70, 70, 64)}, Limit{}, box, ""},
		{"no limit is read as nothing, or as more than there can be", []Series{of(0, 1, 1, 64), of(0, 0), of(0, noGoal)}, Limit{}, box, ""},
		{"almost as much as that", []Series{of(0, 1, 1, noGoal-1)}, Limit{}, Limit{Size: unit.Known(noGoal - 1), From: "prometheus", Source: at}, ""},
		{"of another run", []Series{of(1, 1, 1, 64), of(-1, 1, 1, 64)}, Limit{}, Limit{}, ""},
		{"of another amount", []Series{{Name: event.ValueRSS, Readings: readings(1, 1, 64)}}, Limit{}, Limit{}, ""},
		{"GOMEMLIMIT enforces nothing", []Series{of(0, 1, 1, 64)}, limit(99, "gomemlimit"), box, ""},
		{"the user says the same", []Series{of(0, 1, 1, 64)}, limit(64, "flag"), confirmed(limit(64, "flag"), at), ""},
		{"the kernel says so too", []Series{of(0, 1, 1, 64)}, confirmed(limit(64, "flag"), event.Pos{Line: 9}), confirmed(limit(64, "flag"), event.Pos{Line: 9}), ""},
		{"the user says otherwise", []Series{of(0, 1, 1, 64)}, limit(99, "flag"), limit(99, "flag"), note},
		{"the kernel says otherwise", []Series{of(0, 1, 1, 64)}, limit(99, "memcg"), limit(99, "memcg"), note},
		{"a runtime says otherwise", []Series{of(0, 1, 1, 64)}, limit(99, "xmx"), limit(99, "xmx"), ""},
	} {
		b, tl := New(Options{}), &Timeline{Series: c.series, Limit: c.before}
		b.file(at.File)
		b.readLimits(tl)
		if tl.Limit != c.want || noted(tl, "the readings state") != (c.note != "") || c.note != "" && !noted(tl, c.note) {
			t.Errorf("%s: limit %+v, notes %+v, want %+v, %q", c.name, tl.Limit, tl.Notes, c.want, c.note)
		}
	}
}

// GOMEMLIMIT counts as the process exports it last, unless the user states it; it is in force where nothing else is known.
func TestExportedSoftLimit(t *testing.T) {
	at := event.Pos{File: "m.prom", Line: 9}
	soft := func(runtime string, name event.SettingName, size unit.Size) event.Event {
		return &event.Setting{Head: event.Head{Pos: at}, Runtime: runtime, Name: name, Size: size}
	}
	last := soft("go", event.SoftLimit, unit.Known(64))
	for _, c := range []struct {
		name   string
		events []event.Event
		limits []Limit // known before
		want   []Limit
	}{
		{"alone", []event.Event{soft("go", event.SoftLimit, unit.Known(9)), last}, nil, []Limit{{Size: unit.Known(64), From: "gomemlimit", Source: at}}},
		{"then off", []event.Event{last, soft("go", event.SoftLimit, unit.Size{})}, nil, []Limit{{Size: unit.Known(64), From: "gomemlimit", Source: at}}},
		{"beside a limit", []event.Event{last}, []Limit{{Size: unit.Known(1), From: "flag"}}, []Limit{{Size: unit.Known(1), From: "flag"}, {Size: unit.Known(64), From: "gomemlimit", Source: at}}},
		{"the user states it", []event.Event{last}, []Limit{{Size: unit.Known(1), From: "gomemlimit"}}, []Limit{{Size: unit.Known(1), From: "gomemlimit"}}},
		{"of another runtime", []event.Event{soft("jvm", event.SoftLimit, unit.Known(64))}, nil, nil},
		{"another setting", []event.Event{soft("go", event.MaxHeap, unit.Known(64))}, nil, nil},
	} {
		tl := &Timeline{Events: c.events, Limits: slices.Clone(c.limits)}
		inForce := Limit{}
		if len(c.want) > 0 {
			inForce = c.want[0]
		}
		if len(c.limits) > 0 {
			tl.Limit = c.limits[0]
		}
		New(Options{}).readLimits(tl)
		if tl.Limit != inForce || !slices.Equal(tl.Limits, c.want) {
			t.Errorf("%s: limit %+v of %+v, want %+v of %+v", c.name, tl.Limit, tl.Limits, inForce, c.want)
		}
	}
}
