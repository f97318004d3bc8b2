package timeline

import (
	"slices"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// javaLog describes collections of a JVM: one a second, each with so much more alive.
type javaLog struct {
	file, dialect string
	collector     event.Collector
	first, n      int           // number of the first collection, and how many
	at            time.Duration // of the first
	live, step    unit.Bytes
	form          string // "timed numbered stamped", any of them
	shift         time.Duration
	stream        *event.Stream
}

func (l javaLog) events() []event.Event {
	var out []event.Event
	for i := range l.n {
		gc := &event.GC{Collector: l.collector, Scope: event.Whole, Step: unit.KiB}
		if gc.Collector == "" {
			gc.Collector = event.Parallel
		}
		gc.Pos = event.Pos{File: l.file, Line: 10 * (i + 1)}
		gc.Dialect = l.dialect
		gc.Stream = l.stream
		at := l.at + time.Duration(i)*time.Second
		if strings.Contains(l.form, "timed") {
			gc.Time.Has |= event.Process
			gc.Time.Process = at + l.shift
		}
		if strings.Contains(l.form, "stamped") {
			gc.Time.Has |= event.Wall
			gc.Time.Wall = int64(1_700_000_000*time.Second + at + l.shift)
		}
		if strings.Contains(l.form, "numbered") {
			gc.Numbered, gc.Cycle = true, int64(l.first+i)
		}
		live := l.live + unit.Bytes(i)*l.step
		gc.After, gc.Before = unit.Known(live), unit.Known(live+8*unit.MiB)
		out = append(out, gc)
	}
	return out
}

func buildJava(lists ...[]event.Event) *Timeline {
	b := New(Options{})
	for _, l := range lists {
		for _, ev := range l {
			b.Add(ev)
		}
	}
	return b.Build()
}

func growing(file string, form string) javaLog {
	return javaLog{file: file, form: form, n: 20, at: time.Second, live: 10 * unit.MiB, step: 2 * unit.MiB}
}

func notes(tl *Timeline) string {
	var s []string
	for _, n := range tl.Notes {
		s = append(s, n.Text)
	}
	return strings.Join(s, "\n")
}

func TestJavaRuns(t *testing.T) {
	log := growing("gc.log", "timed numbered")
	past := javaLog{file: "hs_err.log", dialect: history, form: "timed numbered", first: 100, n: 10, at: 11 * time.Second, live: 30 * unit.MiB, step: 2 * unit.MiB, shift: 3 * time.Millisecond}
	with := func(l javaLog, change func(*javaLog)) javaLog { change(&l); return l }
	for _, c := range []struct {
		name   string
		lists  [][]event.Event
		cycles []int
		note   string
	}{
		{"the history of a crash report repeats the log", [][]event.Event{log.events(), past.events()}, []int{20}, "the heap history of the crash report repeats 10 collections"},
		{"the report read first", [][]event.Event{past.events(), log.events()}, []int{20}, "repeats 10 collections"},
		{"half of it is in the log", [][]event.Event{log.events(), with(past, func(l *javaLog) { l.at = 16 * time.Second; l.live = 40 * unit.MiB }).events()}, []int{20}, "repeats 10 collections"},
		{"less than half of it is", [][]event.Event{log.events(), with(past, func(l *javaLog) { l.at = 17 * time.Second; l.live = 42 * unit.MiB }).events()}, []int{20, 10}, ""},
		{"a history alone is the run", [][]event.Event{past.events()}, []int{10}, ""},
		{"the history of another process", [][]event.Event{log.events(), with(past, func(l *javaLog) { l.live = 300 * unit.MiB }).events()}, []int{20, 10}, ""},
		{"a log without a clock, by sizes", [][]event.Event{growing("gc.log", "numbered").events(), past.events()}, []int{20}, "repeats 10 collections"},
		{"a copy in another form", [][]event.Event{log.events(), with(growing("stdout.log", "timed numbered stamped"), func(l *javaLog) { l.shift = time.Millisecond }).events()}, []int{20}, "20 collections stand in the input more than once"},
		{"another JVM that grows alike, with another collector", [][]event.Event{log.events(), with(growing("b.log", "timed"), func(l *javaLog) { l.collector = event.G1 }).events()}, []int{20, 20}, ""},
		{"another JVM that grows alike, with other numbers", [][]event.Event{log.events(), with(growing("b.log", "timed numbered"), func(l *javaLog) { l.first = 7 }).events()}, []int{20, 20}, ""},
		{"rotated files, the newest first", [][]event.Event{
			with(growing("gc.log", "timed numbered"), func(l *javaLog) { l.first, l.at, l.live = 40, 41*time.Second, 90*unit.MiB }).events(),
			with(growing("gc.log.0", "timed numbered"), func(l *javaLog) { l.first, l.at, l.live = 20, 21*time.Second, 50*unit.MiB }).events(),
			growing("gc.log.1", "timed numbered").events(),
		}, []int{60}, ""},
		{"rotated files without numbers", [][]event.Event{
			with(growing("gc.log.2.current", "timed"), func(l *javaLog) { l.at, l.live = 41*time.Second, 90*unit.MiB }).events(),
			growing("gc.log.0", "timed").events(),
			with(growing("gc.log.1", "timed"), func(l *javaLog) { l.at, l.live = 21*time.Second, 50*unit.MiB }).events(),
		}, []int{60}, ""},
		{"files of two logs", [][]event.Event{
			growing("a.log", "timed numbered").events(),
			with(growing("b.log", "timed numbered"), func(l *javaLog) { l.first, l.at, l.live = 20, 21*time.Second, 50*unit.MiB }).events(),
		}, []int{20, 20}, ""},
		{"a second life in one file", [][]event.Event{log.events(), with(log, func(l *javaLog) { l.live = 11 * unit.MiB }).events()}, []int{20, 20}, ""},
		{"a line that is a second late", [][]event.Event{log.events(), with(log, func(l *javaLog) { l.n, l.first, l.at, l.live = 1, 19, 19*time.Second, 48*unit.MiB }).events()}, []int{21}, ""},
		{"a line that is later than that", [][]event.Event{log.events(), with(log, func(l *javaLog) { l.n, l.first, l.at, l.live = 1, 19, 18*time.Second, 48*unit.MiB }).events()}, []int{20, 1}, ""},
		{"numbers that begin anew, without a clock", [][]event.Event{growing("gc.log", "numbered").events(), growing("gc.log", "numbered").events()}, []int{20, 20}, ""},
		{"two lines of one cycle of Shenandoah", [][]event.Event{
			with(log, func(l *javaLog) { l.collector, l.n = event.Shenandoah, 1 }).events(),
			with(log, func(l *javaLog) { l.collector = event.Shenandoah }).events(),
		}, []int{20}, ""},
	} {
		tl := buildJava(c.lists...)
		var got []int
		for _, r := range tl.Runs {
			got = append(got, r.Cycles.Len())
			for i := 1; i < r.Cycles.Len(); i++ {
				if r.Cycles.At(i).At < r.Cycles.At(i-1).At {
					t.Errorf("%s: the clock of the run falls at cycle %d", c.name, i)
				}
			}
		}
		if len(got) != len(c.cycles) {
			t.Errorf("%s: runs of %v cycles, want %v", c.name, got, c.cycles)
			continue
		}
		for i := range got {
			if got[i] != c.cycles[i] {
				t.Errorf("%s: runs of %v cycles, want %v", c.name, got, c.cycles)
			}
		}
		if !strings.Contains(notes(tl), c.note) {
			t.Errorf("%s: notes %q, want %q", c.name, notes(tl), c.note)
		}
	}
}

// Numbers of a JVM are given when a collection begins, lines are written when it ends.
func TestJavaNumbersOutOfOrder(t *testing.T) {
	events := growing("gc.log", "timed numbered").events()
	for i := 3; i+1 < len(events); i += 4 {
		a, b := events[i].(*event.GC), events[i+1].(*event.GC)
		a.Cycle, b.Cycle = b.Cycle, a.Cycle
	}
	if tl := buildJava(events); len(tl.Runs) != 1 || tl.Runs[0].Cycles.Len() != 20 {
		t.Errorf("%d runs", len(tl.Runs))
	}
}

func javaOOM(file string, change func(*event.RuntimeOOM)) *event.RuntimeOOM {
	o := &event.RuntimeOOM{Runtime: jvm, Kind: event.OOMHeap, Message: "Java heap space"}
	o.Pos = event.Pos{File: file, Line: 1}
	change(o)
	return o
}

func TestJavaDeath(t *testing.T) {
	again := growing("gc.log", "timed numbered")
	again.live = 11 * unit.MiB
	twice := [][]event.Event{growing("gc.log", "timed numbered").events(), again.events()}
	add := func(lists [][]event.Event, evs ...event.Event) [][]event.Event {
		return append(lists[:len(lists):len(lists)], evs)
	}
	at := func(d time.Duration) func(*event.RuntimeOOM) {
		return func(o *event.RuntimeOOM) { o.Time = event.Time{Has: event.Process, Process: d} }
	}
	t.Run("the words of one death count once, and the crash report most", func(t *testing.T) {
		report := javaOOM("hs_err.log", func(o *event.RuntimeOOM) { at(20500 * time.Millisecond)(o); o.Fatal = true })
		tl := buildJava(add(twice[:1], javaOOM("stdout.log", func(*event.RuntimeOOM) {}), report)...)
		if tl.Death.Event != report || !tl.Death.Timed || tl.Death.At != 20500*time.Millisecond {
			t.Errorf("%+v", tl.Death)
		}
	})
	t.Run("a report in a file of its own is of the last life", func(t *testing.T) {
		tl := buildJava(add(twice, javaOOM("stderr.log", func(*event.RuntimeOOM) {}))...)
		if tl.Primary != 1 || tl.Death.Kind != RuntimeOOM || tl.Death.Timed {
			t.Errorf("primary %d, %+v", tl.Primary, tl.Death)
		}
	})
	t.Run("a report of a process that was dead before the log ends is of none", func(t *testing.T) {
		two := [][]event.Event{growing("a.log", "timed").events(), growing("b.log", "timed").events()}
		two[1][19].(*event.GC).Time.Process = 100 * time.Second
		tl := buildJava(add(two, javaOOM("hs_err.log", at(21*time.Second)))...)
		if tl.Primary != 0 {
			t.Errorf("primary %d", tl.Primary)
		}
	})
	t.Run("collections after the error are a release", func(t *testing.T) {
		tl := buildJava(add(twice[:1], javaOOM("hs_err.log", at(18500*time.Millisecond)))...)
		r := tl.PrimaryRun()
		if r.Cycles.At(17).Flags&BeforeKill != 0 || r.Cycles.At(18).Flags&BeforeKill == 0 {
			t.Errorf("flags %b, %b", r.Cycles.At(17).Flags, r.Cycles.At(18).Flags)
		}
	})
	t.Run("by process id", func(t *testing.T) {
		one, two := growing("a.log", "timed"), growing("b.log", "timed")
		one.stream, two.stream = &event.Stream{OwnPID: 11}, &event.Stream{OwnPID: 12}
		tl := buildJava(one.events(), two.events(), []event.Event{javaOOM("hs_err.log", func(o *event.RuntimeOOM) { o.PID = 11 })})
		if tl.Primary < 0 || tl.Runs[tl.Primary].Stream.OwnPID != 11 {
			t.Errorf("primary %d", tl.Primary)
		}
	})
}

// A crash report names the clock time and the uptime of its end, which gives its collections clock times.
func TestCrashReportTiesClocks(t *testing.T) {
	past := growing("gc.log", "timed numbered")
	for _, both := range []bool{true, false} {
		end := javaOOM("hs_err.log", func(o *event.RuntimeOOM) {
			o.Time = event.Time{Has: event.Process, Process: 20500 * time.Millisecond}
			if both {
				o.Time.Has |= event.Wall
				o.Time.Wall, o.Time.WallStep = storyWall.Add(20500*time.Millisecond).Truncate(time.Second).UnixNano(), time.Second
			}
		})
		tl := buildJava(past.events(), []event.Event{end})
		start := tl.PrimaryRun().Start
		if both && start.Sub(storyWall).Abs() > time.Second || !both && !start.IsZero() {
			t.Errorf("both clocks %v: start %s", both, start)
		}
	}
}

// The history of a crash report stands behind its first line, which tells the end.
func TestJavaHistoryIsBeforeItsEnd(t *testing.T) {
	past := growing("hs_err.log", "timed numbered")
	past.dialect = history
	for _, timed := range []bool{true, false} {
		end := javaOOM("hs_err.log", func(o *event.RuntimeOOM) {
			o.Dialect = history
			if timed {
				o.Time = event.Time{Has: event.Process, Process: 20500 * time.Millisecond}
			}
		})
		tl := buildJava(past.events(), []event.Event{end})
		if tl.Death.Event != end || tl.PrimaryRun().End().Flags&BeforeKill != 0 {
			t.Errorf("timed %v: %+v, flags %b", timed, tl.Death, tl.PrimaryRun().End().Flags)
		}
	}
}

// TestMarks wants the pauses in which a cycle marks to be no collections, whatever sizes they tell.
func TestMarks(t *testing.T) {
	log := growing("gc.log", "timed numbered")
	plain := buildJava(log.events())
	var marked []event.Event
	for _, ev := range log.events() {
		gc := *ev.(*event.GC)
		gc.Marking, gc.Scope = true, event.Old
		gc.After = unit.Known(gc.Before.Or(0) + 100*unit.MiB)
		marked = append(marked, ev, &gc)
	}
	got := buildJava(marked)
	if len(got.Runs) != 1 || got.Runs[0].Cycles.Len() != log.n {
		t.Fatalf("%d runs, %d collections, want 1 and %d", len(got.Runs), got.Runs[0].Cycles.Len(), log.n)
	}
	for i := range log.n {
		if a, b := *got.Runs[0].Cycles.At(i), *plain.Runs[0].Cycles.At(i); a != b {
			t.Errorf("collection %d is %+v, want %+v", i, a, b)
		}
	}
	if notes(got) != notes(plain) {
		t.Errorf("notes %q, want %q", notes(got), notes(plain))
	}
}

// javaChain is a life of a JVM as its segment tells it.
func javaChain(key segmentKey, cycles ...Cycle) *chain {
	key.runtime = jvm
	return &chain{segment: &segment{segmentKey: key, kind: event.Parallel}, cycles: cyclesOf(cycles...)}
}

// A line that is later than a second, or than half of the time, begins another life; so do numbers that begin anew.
func TestReborn(t *testing.T) {
	const (
		timed  = "timed"
		counts = "numbered"
		both   = "timed numbered"
	)
	for _, c := range []struct {
		name, form string
		a, b       Cycle
		most       uint32
		want       bool
	}{
		{"later", both, cycle(5, 10, 0), cycle(6, 11, 0), 5, false},
		{"a second late", timed, cycle(0, 10, 0), cycle(0, 9, 0), 0, false},
		{"more than a second late", timed, cycle(0, 10, 0), cycle(0, 8.999, 0), 0, true},
		{"half of the time", timed, cycle(0, 1, 0), cycle(0, 0.5, 0), 0, false},
		{"less than half of the time", timed, cycle(0, 1, 0), cycle(0, 0.499, 0), 0, true},
		{"a little late, and the first number", both, cycle(5, 10, 0), cycle(0, 9.5, 0), 1, true},
		{"a little late, and the first number again", both, cycle(0, 10, 0), cycle(0, 9.5, 0), 0, false},
		{"a little late, and another number", both, cycle(5, 10, 0), cycle(1, 9.5, 0), 5, false},
		{"a little late, and no numbers", timed, cycle(0, 10, 0), cycle(0, 9.5, 0), 5, false},
		{"at the same time", both, cycle(5, 10, 0), cycle(0, 10, 0), 5, false},
		{"replaced unseen, with a number that no cycle can be behind", both, cycle(100, 10, 100), cycle(35, 11, 200), 100, true},
		{"replaced unseen, with a number that a concurrent cycle can have", both, cycle(100, 10, 100), cycle(36, 11, 200), 100, false},
		{"the first number", counts, cycle(1, 0, 0), cycle(0, 0, 0), 1, true},
		{"the first number again", counts, cycle(0, 0, 0), cycle(0, 0, 0), 0, false},
		{"far behind, and among the first", counts, cycle(67, 0, 0), cycle(2, 0, 0), 67, true},
		{"not that far behind", counts, cycle(66, 0, 0), cycle(2, 0, 0), 66, false},
		{"far behind, and not among the first", counts, cycle(100, 0, 0), cycle(3, 0, 0), 100, false},
		{"no number and no clock", "", cycle(9, 0, 0), cycle(0, 0, 0), 9, false},
	} {
		s := segment{segmentKey: segmentKey{timed: strings.Contains(c.form, timed), numbered: strings.Contains(c.form, counts)}}
		if got := s.reborn(&c.a, &c.b, c.most); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// A clock that falls back eight times, or at every tenth line, tells of as many lives; more often, of processes that alternate.
func TestLivesOrProcesses(t *testing.T) {
	for _, c := range []struct{ lines, falls, chains int }{
		{16, 8, 9},
		{18, 9, 2},
		{110, 11, 12},
		{109, 11, 2},
	} {
		s := &segment{segmentKey: segmentKey{runtime: jvm, timed: true, numbered: true}}
		old, young := uint32(0), uint32(0)
		for i := range c.lines {
			if odd := (c.lines - i) % 2; i >= c.lines-2*c.falls && odd == 0 {
				old++
				s.raw.Append(Cycle{N: 1000 + old, At: time.Hour + time.Duration(old)*time.Second, Live: 900 * unit.MiB})
				continue
			}
			young++
			s.raw.Append(Cycle{N: young, At: time.Duration(young) * time.Second, Live: 20 * unit.MiB})
		}
		if got, _, _ := s.jvmChains(); len(got) != c.chains {
			t.Errorf("%d lines of which %d fall back: %d chains, want %d", c.lines, c.falls, len(got), c.chains)
		}
	}
}

// Only Shenandoah prints a collection twice.
func TestOneNumberTwice(t *testing.T) {
	for kind, want := range map[event.Collector]int{event.Shenandoah: 2, event.G1: 3} {
		s := &segment{segmentKey: segmentKey{runtime: jvm, timed: true, numbered: true}, kind: kind, raw: cyclesOf(cycle(1, 1, 0), cycle(1, 2, 0), cycle(2, 3, 0))}
		if got, _, _ := s.jvmChains(); len(got) != 1 || got[0].cycles.Len() != want {
			t.Errorf("%s: %d chains, the first of %d cycles, want one of %d", kind, len(got), got[0].cycles.Len(), want)
		}
	}
}

// A late line goes to its place by the clock, behind those of the same time, and at most 64 lines back.
func TestInsertByTime(t *testing.T) {
	for _, c := range []struct {
		name  string
		n     int // lines before, at the seconds 1 to n
		late  float64
		timed bool
		want  int // its place
	}{
		{"in time", 9, 10, true, 9},
		{"late", 9, 4.5, true, 4},
		{"at the time of another", 9, 4, true, 4},
		{"before all", 9, 0, true, 0},
		{"very late", 100, 0, true, 36},
		{"no clock", 9, 4.5, false, 9},
	} {
		var list Cycles
		for i := range c.n {
			list.Append(cycle(1, float64(i+1), 0))
		}
		list.insertByTime(cycle(7, c.late, 0), c.timed)
		if got := list.At(c.want); got.N != 7 || list.Len() != c.n+1 {
			t.Errorf("%s: at place %d of %d is %+v", c.name, c.want, list.Len(), *got)
		}
	}
}

// Two sources of a collection round differently: by their step, and by 3 % of the larger size.
func TestLikeSize(t *testing.T) {
	const step = 10
	for _, c := range []struct {
		name string
		a, b Cycle
		want bool
	}{
		{"as far as they may be", Cycle{Live: 100}, Cycle{Live: 87}, true},
		{"farther", Cycle{Live: 100}, Cycle{Live: 86}, false},
		{"only the heap before is alike", Cycle{Live: 100, Peak: 200}, Cycle{Live: 50, Peak: 216}, true},
		{"neither is", Cycle{Live: 100, Peak: 200}, Cycle{Live: 50, Peak: 217}, false},
		{"the heap before is not known", Cycle{Live: 100}, Cycle{Live: 50}, false},
	} {
		if got, back := likeSize(&c.a, &c.b, step), likeSize(&c.b, &c.a, step); got != c.want || back != c.want {
			t.Errorf("%s: %v and %v, want %v", c.name, got, back, c.want)
		}
	}
}

// One collection is within a tenth of a second in two sources, has one size, and one number where numbers count.
func TestHasCollection(t *testing.T) {
	a := javaChain(segmentKey{timed: true}, Cycle{N: 1, At: time.Second, Live: 100}, Cycle{N: 2, At: 2 * time.Second, Live: 200}, Cycle{N: 3, At: 2 * time.Second, Live: 300})
	const tenth = 100 * time.Millisecond
	for _, c := range []struct {
		name    string
		c       Cycle
		numbers bool
		want    bool
	}{
		{"a tenth before", Cycle{N: 9, At: time.Second - tenth, Live: 100}, false, true},
		{"more", Cycle{N: 9, At: time.Second - tenth - 1, Live: 100}, false, false},
		{"a tenth after", Cycle{N: 9, At: 2*time.Second + tenth, Live: 300}, false, true},
		{"more than that", Cycle{N: 9, At: 2*time.Second + tenth + 1, Live: 300}, false, false},
		{"another size", Cycle{N: 1, At: time.Second, Live: 300}, false, false},
		{"the number", Cycle{N: 2, At: 2 * time.Second, Live: 200}, true, true},
		{"another number", Cycle{N: 9, At: 2 * time.Second, Live: 200}, true, false},
	} {
		if got := a.hasAt(&c.c, c.numbers); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// Without a clock, the collections of two sources are the same ones if half of the shorter source, and two at least, stand in the
// same order near the end of the longer one.
func TestTwinWithoutClock(t *testing.T) {
	key := segmentKey{numbered: true}
	grow := make([]Cycle, 200) // by 7 % each, so that no two are alike
	for i, live := 0, 1e6; i < len(grow); i, live = i+1, live*1.07 {
		grow[i] = Cycle{N: uint32(i), Live: unit.Bytes(live)}
	}
	other := func(n int) []Cycle { return slices.Repeat([]Cycle{{N: 1, Live: 1}}, n) }
	short := []Cycle{{N: 1, Live: 1000}, {N: 2, Live: 2000}, {N: 3, Live: 3000}}
	for _, c := range []struct {
		name string
		of   []Cycle // the shorter source
		in   []Cycle
		want bool
	}{
		{"all of it", short, short, true},
		{"two of two", short[1:], short, true},
		{"one of one", short[2:], short, false},
		{"two of four", slices.Concat(short[:2], other(2)), short, true},
		{"two of five", slices.Concat(short[:2], other(3)), short, false},
		{"one of two", slices.Concat(short[:1], other(1)), short, false},
		{"one that is there once, twice", []Cycle{{N: 1, Live: 2000}, {N: 1, Live: 2000}}, []Cycle{{N: 1, Live: 1000}, {N: 1, Live: 2000}, {N: 1, Live: 3000}}, false},
		{"other numbers", []Cycle{{N: 2, Live: 1000}, {N: 3, Live: 2000}, {N: 4, Live: 3000}}, short, false},
		{"half of ten, as near to the end as twice the ten and 64", grow[111:121], grow, true},
		{"less than half of them so near", grow[110:120], grow, false},
		{"64 away from where the search begins", grow[191:195], grow, true},
		{"farther", grow[192:196], grow, false},
	} {
		if got := javaChain(key, c.of...).twin(javaChain(key, c.in...)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// A file goes on where another of its log was full: under a name of the same family, in the same form, and not before its end.
func TestGoesOnFrom(t *testing.T) {
	full := segmentKey{timed: true, numbered: true}
	api := event.Stream{Container: "api"}
	for _, c := range []struct {
		name       string
		a, z       segmentKey
		end, begin Cycle
		file       string // of the second; the first is gc.log.0
		want       bool
	}{
		{"by both", full, full, cycle(9, 9, 0), cycle(10, 10, 0), "gc.log.1", true},
		{"at the same time", full, full, cycle(9, 9, 0), cycle(10, 9, 0), "gc.log.1", true},
		{"earlier", full, full, cycle(9, 9, 0), cycle(10, 8, 0), "gc.log.1", false},
		{"as far behind in number as a concurrent cycle can be", full, full, cycle(164, 9, 0), cycle(100, 9, 0), "gc.log.1", true},
		{"farther behind", full, full, cycle(165, 9, 0), cycle(100, 9, 0), "gc.log.1", false},
		{"no numbers", segmentKey{timed: true}, segmentKey{timed: true}, cycle(165, 9, 0), cycle(100, 9, 0), "gc.log.1", true},
		{"by stamp", segmentKey{}, segmentKey{}, cycle(0, 0, 50), cycle(0, 0, 50), "gc.log.1", true},
		{"stamped earlier", segmentKey{}, segmentKey{}, cycle(0, 0, 50), cycle(0, 0, 49), "gc.log.1", false},
		{"numbers, and stamped earlier", segmentKey{numbered: true}, segmentKey{numbered: true}, cycle(9, 0, 50), cycle(10, 0, 49), "gc.log.1", false},
		{"a clock, and stamped earlier", full, full, cycle(9, 9, 50), cycle(10, 10, 49), "gc.log.1", true},
		{"numbers alone", segmentKey{numbered: true}, segmentKey{numbered: true}, cycle(9, 0, 0), cycle(10, 0, 0), "gc.log.1", true},
		{"nothing tells", segmentKey{}, segmentKey{}, cycle(0, 0, 0), cycle(0, 0, 50), "gc.log.1", false},
		{"the same file", full, full, cycle(9, 9, 0), cycle(10, 10, 0), "gc.log.0", false},
		{"another log", full, full, cycle(9, 9, 0), cycle(10, 10, 0), "app.log.1", false},
		{"another writer", full, segmentKey{timed: true, numbered: true, stream: api}, cycle(9, 9, 0), cycle(10, 10, 0), "gc.log.1", false},
		{"another form", full, segmentKey{timed: true}, cycle(9, 9, 0), cycle(10, 10, 0), "gc.log.1", false},
		{"a form without a clock", full, segmentKey{numbered: true}, cycle(9, 9, 0), cycle(10, 10, 0), "gc.log.1", false},
	} {
		a, z := javaChain(c.a, cycle(1, 1, 0), c.end), javaChain(c.z, c.begin, cycle(999, 999, 0))
		a.name, z.name = "gc.log.0", c.file
		if got := z.goesOnFrom(a); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// Sources of one life become one chain, whatever is beside them.
func TestUniteJVM(t *testing.T) {
	three := []Cycle{cycle(1, 1, 0), cycle(2, 2, 0), cycle(3, 3, 0)}
	key := segmentKey{timed: true, numbered: true}
	named := func(name string, past bool, cycles ...Cycle) *chain {
		ch := javaChain(key, cycles...)
		ch.name, ch.history = name, past
		return ch
	}
	lone := func(n int) (out []*chain) {
		for i := range n {
			out = append(out, named("lone"+strings.Repeat("x", i), false, cycle(uint32(i), float64(100*(i+1)), 0)))
		}
		return out
	}
	for _, c := range []struct {
		name          string
		in            []*chain
		out           int
		doubles, left int
	}{
		{"two copies", []*chain{named("a", false, three...), named("b", false, three...)}, 1, 3, 0},
		{"three copies", []*chain{named("a", false, three...), named("b", false, three...), named("c", false, three...)}, 1, 6, 0},
		{"a copy of the second", append(lone(1), named("a", false, three...), named("b", false, three...)), 2, 3, 0},
		{"two lives in one file that are alike", []*chain{named("a", false, three...), named("a", false, three...)}, 2, 0, 0},
		{"the history is in the file of the log", []*chain{named("a", true, three...), named("a", false, three...)}, 1, 0, 1},
		{"the history is in the file of the second log", append([]*chain{named("b", true, three...)}, append(lone(1), named("b", false, three...))...), 2, 0, 1},
		{"a log in a report read twice", []*chain{named("a", true, three...), named("a", true, three...)}, 2, 0, 0},
		{"one JVM", lone(1), 1, 0, 0},
		{"as many as are compared", append(lone(maxStitch-2), named("a", false, three...), named("b", false, three...)), maxStitch - 1, 3, 0},
		{"more", append(lone(maxStitch-1), named("a", false, three...), named("b", false, three...)), maxStitch + 1, 0, 0},
	} {
		out, doubles, left := uniteJVM(c.in)
		if len(out) != c.out || doubles != c.doubles || len(left) != c.left {
			t.Errorf("%s: %d chains, %d doubles, %d left out, want %d, %d, %d", c.name, len(out), doubles, len(left), c.out, c.doubles, c.left)
		}
	}
}

// Of several JVMs, the one whose end is nearest to a text wrote it, of two as near the last; none that went on for long after it,
// or is another process.
func TestJVMWriter(t *testing.T) {
	run := func(pid int, end float64) *Run {
		r := &Run{Runtime: jvm, Cycles: cyclesOf(cycle(1, 1, 0), cycle(2, end, 0))}
		if pid >= 0 {
			r.Stream = &event.Stream{OwnPID: pid}
		}
		return r
	}
	node := run(-1, 100)
	node.Runtime = "v8"
	for _, c := range []struct {
		name string
		runs []*Run
		pid  int
		at   float64 // on the clock of the process; 0 is not known
		want int
	}{
		{"the nearest", []*Run{run(-1, 50), run(-1, 90), run(-1, 70)}, 0, 100, 1},
		{"of two as near, the last", []*Run{run(-1, 90), run(-1, 110), run(-1, 80)}, 0, 100, 1},
		{"no time: the last", []*Run{run(-1, 50), run(-1, 90), run(-1, 70)}, 0, 0, 2},
		{"half a minute before the end", []*Run{run(-1, 130)}, 0, 100, 0},
		{"more", []*Run{run(-1, 130.001)}, 0, 100, -1},
		{"by process id", []*Run{run(7, 50), run(8, 100)}, 7, 100, 0},
		{"a text without one", []*Run{run(7, 50), run(8, 100)}, 0, 100, 1},
		{"a log without one", []*Run{run(0, 50), run(8, 100)}, 7, 100, 0},
		{"another process", []*Run{run(8, 100)}, 7, 100, -1},
		{"another runtime", []*Run{node}, 0, 100, -1},
	} {
		tl := &Timeline{Runs: c.runs}
		oom := javaOOM("hs_err.log", func(o *event.RuntimeOOM) {
			o.PID = c.pid
			if c.at > 0 {
				o.Time = event.Time{Has: event.Process, Process: time.Duration(c.at * float64(time.Second))}
			}
		})
		got := tl.jvmWriter(oom, func(*Run) (time.Duration, bool) { return 0, false })
		if slices.Index(c.runs, got) != c.want {
			t.Errorf("%s: run %d, want %d", c.name, slices.Index(c.runs, got), c.want)
		}
	}
	two := []*Run{run(-1, 50), run(-1, 100)}
	since := map[*Run]time.Duration{two[0]: 51 * time.Second, two[1]: 40 * time.Second}
	tl := &Timeline{Runs: two}
	if got := tl.jvmWriter(javaOOM("a", func(*event.RuntimeOOM) {}), func(r *Run) (time.Duration, bool) { return since[r], true }); got != two[0] {
		t.Error("by the wall clock, the second run went on for a minute")
	}
	end := &event.ProcessEnd{Runtime: jvm, PID: 7}
	if got := (&Timeline{Runs: []*Run{run(7, 50), run(8, 50)}}).jvmWriter(end, func(*Run) (time.Duration, bool) { return 0, false }); got == nil || got.Stream.OwnPID != 7 {
		t.Errorf("the end of process 7 is of %+v", got)
	}
	for _, ev := range []event.Event{&event.ProcessEnd{Runtime: "go"}, &event.RuntimeOOM{Runtime: "go"}, &event.Dump{}} {
		if got := tl.jvmWriter(ev, nil); got != nil {
			t.Errorf("%T is no end of a JVM, and is of %+v", ev, *got)
		}
	}
}

// That it was fatal tells most of an error, then that it has a time, then that it has words.
func TestOOMWeight(t *testing.T) {
	timed := event.Head{Time: event.Time{Has: event.Wall}}
	ordered := []*event.RuntimeOOM{
		{},
		{Message: "x"},
		{Head: timed},
		{Head: timed, Message: "x"},
		{Fatal: true},
		{Fatal: true, Message: "x"},
		{Fatal: true, Head: timed},
		{Fatal: true, Head: timed, Message: "x"},
	}
	for i, ev := range ordered {
		if got := oomWeight(ev); got != i {
			t.Errorf("%+v weighs %d, want %d", *ev, got, i)
		}
	}
}

func TestOrder(t *testing.T) {
	flags := []bool{true, false, true, false}
	slices.SortFunc(flags, order)
	if !slices.Equal(flags, []bool{false, false, true, true}) || order(true, true) != 0 {
		t.Errorf("sorted %v", flags)
	}
}

// The files of a log, in whatever order they come, are one chain, and each chain takes what goes on where it ends.
func TestRotated(t *testing.T) {
	file := func(name string, index, second int) *chain {
		ch := javaChain(segmentKey{timed: true, file: index}, cycle(0, float64(second), 0), cycle(0, float64(second+1), 0))
		ch.name = name
		return ch
	}
	out := rotated([]*chain{file("gc.log", 0, 30), file("app.log", 1, 25), file("gc.log.0", 2, 20), file("gc.log.1", 3, 10)})
	if len(out) != 2 || out[0].cycles.Len() != 6 || out[1].name != "app.log" {
		t.Fatalf("%d chains, the first of %d cycles, want 2 and 6", len(out), out[0].cycles.Len())
	}
	if out[0].file != 3 || !slices.Equal(out[0].also, []int{2, 0}) || out[0].cycles.last().At != 31*time.Second {
		t.Errorf("the log begins in file %d and goes on in %v to %s", out[0].file, out[0].also, out[0].cycles.last().At)
	}
}
