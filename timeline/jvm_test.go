package timeline

import (
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
