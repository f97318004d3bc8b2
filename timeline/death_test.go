package timeline

import (
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// Of several ends, a want of memory tells most, then what is no exit. The first of those alike counts, of exits the last.
func TestTellingEnd(t *testing.T) {
	memory, java := &event.RuntimeOOM{Runtime: "go"}, &event.RuntimeOOM{Runtime: jvm}
	said, stamped, fatal := &event.RuntimeOOM{Runtime: jvm, Message: "x"}, &event.RuntimeOOM{Runtime: jvm}, &event.RuntimeOOM{Runtime: jvm, Fatal: true}
	stamped.Time.Has = event.Process
	signal, panics, exit, status := &event.ProcessEnd{Kind: event.EndSignal}, &event.ProcessEnd{Kind: event.EndPanic}, &event.ProcessEnd{Kind: event.EndExit}, &event.ProcessEnd{Kind: event.EndExit, Code: 1}
	for _, c := range []struct {
		name string
		ends []event.Event
		want event.Event
	}{
		{"none", nil, nil},
		{"an exit", []event.Event{exit}, exit},
		{"the last exit", []event.Event{exit, status}, status},
		{"the first signal", []event.Event{signal, panics}, signal},
		{"a panic before an exit", []event.Event{panics, exit}, panics},
		{"a signal after an exit", []event.Event{exit, signal}, signal},
		{"want of memory after a signal", []event.Event{signal, memory}, memory},
		{"want of memory before a signal", []event.Event{memory, signal, exit}, memory},
		{"the first want of memory of Go", []event.Event{memory, &event.RuntimeOOM{Runtime: "go", Fatal: true, Message: "x"}}, memory},
		{"the words of a JVM", []event.Event{java, said}, said},
		{"the time of a JVM", []event.Event{said, stamped, java}, stamped},
		{"the JVM that ends for it", []event.Event{stamped, fatal, said}, fatal},
		{"the first of a JVM", []event.Event{said, &event.RuntimeOOM{Runtime: jvm, Message: "y"}}, said},
	} {
		if got := tellingEnd(c.ends); got != c.want {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// Without any death the incident is about the last run whose live heap was at least half of the largest.
func TestPrimaryBySize(t *testing.T) {
	for _, c := range []struct {
		name string
		live []unit.Bytes // the largest of each run
		want int
	}{
		{"no run", nil, -1},
		{"runs without sizes", []unit.Bytes{0, 0}, 1},
		{"half of it", []unit.Bytes{30, 100, 50}, 2},
		{"less than half", []unit.Bytes{30, 100, 49}, 1},
		{"the largest", []unit.Bytes{100, 30, 20}, 0},
	} {
		tl := &Timeline{}
		for i, live := range c.live {
			r := runOf(Cycle{Live: live / 3}, Cycle{Live: live}, Cycle{Live: live / 2})
			r.Index = i
			tl.Runs = append(tl.Runs, r)
		}
		got := -1
		if r := New(Options{}).primary(tl, nil); r != nil {
			got = r.Index
		}
		if got != c.want {
			t.Errorf("%s: run %d, want %d", c.name, got, c.want)
		}
	}
}

// A line is of the writer of a run by its stream, whatever the pipe, or by its file where one of the two has no stream.
func TestSharesLog(t *testing.T) {
	out, errs, other := &event.Stream{PID: 7, Pipe: "stdout"}, &event.Stream{PID: 7, Pipe: "stderr"}, &event.Stream{PID: 8}
	for _, c := range []struct {
		name string
		log  *event.Stream
		line *event.Stream
		file uint16
		want bool
	}{
		{"the other pipe of one process, in another file", out, errs, 9, true},
		{"another process, in the same file", out, other, 3, false},
		{"the file in which the run ends", nil, nil, 3, true},
		{"the file in which it begins", nil, nil, 2, true},
		{"a file that belongs to it", nil, nil, 5, true},
		{"another file", nil, nil, 9, false},
		{"a line without a stream", out, nil, 3, true},
		{"a line without a stream in another file", out, nil, 9, false},
		{"a run without a stream", nil, out, 3, true},
		{"a run without a stream in another file", nil, out, 9, false},
	} {
		r := runOf(Cycle{File: 2}, Cycle{File: 3})
		r.Stream, r.also = c.log, []uint16{5}
		if got := r.sharesLog(&event.Head{Stream: c.line}, c.file); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// A run goes on after a line if more than its last three cycles came later, or all of a run that has no more than three.
func TestGoesOn(t *testing.T) {
	lines := func(lines ...uint32) *Run {
		var all []Cycle
		for i, l := range lines {
			all = append(all, Cycle{Line: l, At: time.Duration(i) * time.Second})
		}
		return runOf(all...)
	}
	with := func(r *Run, change func(*Run)) *Run { change(r); return r }
	java := func(r *Run) { r.Runtime = jvm }
	base := storyWall.UnixNano()
	stamped := func(r *Run) {
		for i := range r.Cycles.Len() {
			c := r.Cycles.At(i)
			c.setStamp(int64(c.At), false)
		}
	}
	process := func(at time.Duration) event.Head {
		return event.Head{Time: event.Time{Has: event.Process, Process: at}}
	}
	wall := func(at time.Duration) event.Head {
		return event.Head{Time: event.Time{Has: event.Wall, Wall: base + int64(at)}}
	}
	last := time.Second // of the cycle before the last three of five
	for _, c := range []struct {
		name string
		run  *Run
		line event.Head // its time
		at   place
		want bool
	}{
		{"the line is after all", lines(1, 2, 3, 4, 5), event.Head{}, place{0, 9}, false},
		{"three cycles come after it", lines(1, 2, 6, 7, 8), event.Head{}, place{0, 5}, false},
		{"four do", lines(1, 6, 7, 8, 9), event.Head{}, place{0, 5}, true},
		{"four do, one of them on the same line", lines(1, 5, 7, 8, 9), event.Head{}, place{0, 5}, false},
		{"all three do", lines(6, 7, 8), event.Head{}, place{0, 5}, true},
		{"two of three do", lines(4, 7, 8), event.Head{}, place{0, 5}, false},
		{"all four do", lines(6, 7, 8, 9), event.Head{}, place{0, 5}, true},
		{"four do in a file that is turned round", with(lines(9, 4, 3, 2, 1), func(r *Run) { r.turned = true }), event.Head{}, place{0, 5}, true},
		{"three do in a file that is turned round", with(lines(9, 8, 3, 2, 1), func(r *Run) { r.turned = true }), event.Head{}, place{0, 5}, false},
		{"a later file", lines(1, 2, 3, 4, 5), event.Head{}, place{1, 1}, false},
		{"a file before", with(lines(1, 2, 3, 4, 5), func(r *Run) { r.Cycles.At(1).File = 2 }), event.Head{}, place{1, 9}, true},
		{"a file of its own, which may be from any time", with(lines(1, 2, 3, 4, 5), func(r *Run) { r.Cycles.At(1).File, r.also = 2, []uint16{1} }), event.Head{}, place{1, 9}, false},
		{"its own file among others", with(lines(1, 6, 7, 8, 9), func(r *Run) { r.also = []uint16{0} }), event.Head{}, place{0, 5}, true},
		{"the end of a crash report stands before its history", with(lines(6, 7, 8, 9, 10), func(r *Run) { r.fromReport = true }), event.Head{Dialect: history}, place{0, 5}, false},
		{"the end of a crash report is not before a log", lines(6, 7, 8, 9, 10), event.Head{Dialect: history}, place{0, 5}, true},
		{"the clock of a JVM goes before the place", with(lines(6, 7, 8, 9, 10), java), process(9 * time.Second), place{0, 5}, false},
		{"the clock of a JVM that goes on", with(lines(1, 2, 3, 4, 5), java), process(last - jvmApart - 1), place{0, 9}, true},
		{"the clock of a JVM at one moment", with(lines(1, 2, 3, 4, 5), java), process(last - jvmApart), place{0, 9}, false},
		{"the clock of Go does not", lines(1, 2, 3, 4, 5), process(0), place{0, 9}, false},
		{"a JVM without a clock of its own", with(lines(1, 2, 3, 4, 5), func(r *Run) { java(r); r.Clock = SinceFirst }), process(0), place{0, 9}, false},
		{"the wall clock goes before the place", with(lines(6, 7, 8, 9, 10), stamped), wall(9 * time.Second), place{0, 5}, false},
		{"the wall clock of a run that goes on", with(lines(1, 2, 3, 4, 5), stamped), wall(last - killSlip - time.Microsecond), place{0, 9}, true},
		{"the wall clock at one moment", with(lines(1, 2, 3, 4, 5), stamped), wall(last - killSlip), place{0, 9}, false},
		{"the wall clock of the line alone", lines(1, 6, 7, 8, 9), wall(time.Hour), place{0, 5}, true},
	} {
		if got := c.run.goesOn(&c.line, c.at, base); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// A text belongs to the run of its log that ended last before it.
func TestWriterOf(t *testing.T) {
	const log = "gc live 16MiBx20\ngc live 16MiBx20 start=30s\n"
	for _, c := range []struct {
		name, story string
		want        int // -1 is none
	}{
		{"after both lives", log + "oom at=55s", 1},
		{"between them", log + "oom at=25s", 0},
		{"while the second dies", log + "oom at=48.5s", 1},
		{"in the middle of the first", log + "oom at=10s", -1},
		{"another file of two lives", log + "oom at=55s file=crash.txt", -1},
		{"another file of one life", "gc live 16MiBx20\noom at=55s file=crash.txt", 0},
		{"no life", "oom at=55s", -1},
	} {
		b := New(Options{})
		var oom event.Event
		for _, ev := range tell(t, c.story).events() {
			b.Add(ev)
			if _, ok := ev.(*event.RuntimeOOM); ok {
				oom = ev
			}
		}
		got := -1
		if r := b.writerOf(b.Build(), oom); r != nil {
			got = r.Index
		}
		if got != c.want {
			t.Errorf("%s: run %d, want %d", c.name, got, c.want)
		}
	}
}

// What ended a process looks like a kill from outside.
func TestByKill(t *testing.T) {
	for _, c := range []struct {
		end  event.Event
		want bool
	}{
		{&event.ProcessEnd{Signal: "SIGKILL"}, true},
		{&event.ProcessEnd{HasCode: true, Code: 137}, true},
		{&event.ProcessEnd{HasCode: true, Code: 136}, false},
		{&event.ProcessEnd{Code: 137}, false},
		{&event.ProcessEnd{Signal: "SIGTERM"}, false},
		{&event.RuntimeOOM{}, false},
		{nil, false},
	} {
		if got := byKill(c.end); got != c.want {
			t.Errorf("%+v: %v", c.end, got)
		}
	}
}

// A status above 128 stands for a signal.
func TestEndKind(t *testing.T) {
	for _, c := range []struct {
		end  event.ProcessEnd
		want DeathKind
	}{
		{event.ProcessEnd{Kind: event.EndSignal}, Signal},
		{event.ProcessEnd{Kind: event.EndPanic, HasCode: true, Code: 137}, Exit},
		{event.ProcessEnd{Kind: event.EndFatal}, Exit},
		{event.ProcessEnd{Kind: event.EndExit, HasCode: true, Code: 2}, Exit},
		{event.ProcessEnd{Kind: event.EndExit, HasCode: true, Code: 143}, Signal},
		{event.ProcessEnd{Kind: event.EndExit}, Exit},
	} {
		if got := endKind(&c.end); got != c.want {
			t.Errorf("%+v: %s, want %s", c.end, got, c.want)
		}
	}
}

// A kernel before 5.0 names no constraint; what it states of a group, or the user of a limit, tells.
func TestKillKind(t *testing.T) {
	some := unit.Known(unit.MiB)
	for _, c := range []struct {
		name string
		kill event.Kill
		flag unit.Size
		want DeathKind
	}{
		{"a group", event.Kill{Constraint: event.ConstraintMemcg}, unit.Size{}, MemcgKill},
		{"the machine", event.Kill{Constraint: event.ConstraintNone, OOMMemcg: "/a"}, some, GlobalKill},
		{"the processors of a group", event.Kill{Constraint: event.ConstraintCpuset}, some, GlobalKill},
		{"a memory policy", event.Kill{Constraint: event.ConstraintPolicy}, some, GlobalKill},
		{"nothing", event.Kill{}, unit.Size{}, GlobalKill},
		{"the name of a group", event.Kill{OOMMemcg: "/a"}, unit.Size{}, MemcgKill},
		{"a limit", event.Kill{Limit: some}, unit.Size{}, MemcgKill},
		{"a usage", event.Kill{Usage: some}, unit.Size{}, MemcgKill},
		{"--limit", event.Kill{}, some, MemcgKill},
		{"a report of the machine", event.Kill{Global: true, OOMMemcg: "/a"}, some, GlobalKill},
		{"nothing to kill", event.Kill{Constraint: event.ConstraintMemcg, NoKillable: true}, some, NoDeath},
		{"nothing more to kill", event.Kill{Constraint: event.ConstraintMemcg, NoKillable: true, Victims: []event.Victim{{PID: 7}}}, some, MemcgKill},
	} {
		if got := killKind(&c.kill, c.flag); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Two kills are of one group by the group, the container or the pod; what neither names tells nothing.
func TestSameGroup(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b event.Kill
		want bool
	}{
		{"nothing known", event.Kill{}, event.Kill{}, false},
		{"a group", event.Kill{OOMMemcg: "/a", PodUID: "x"}, event.Kill{OOMMemcg: "/a", PodUID: "y"}, true},
		{"a container", event.Kill{ContainerID: payments, OOMMemcg: "/a"}, event.Kill{ContainerID: payments, OOMMemcg: "/b"}, true},
		{"a pod", event.Kill{PodUID: pod, ContainerID: payments}, event.Kill{PodUID: pod, ContainerID: multi}, true},
		{"all of them others", event.Kill{OOMMemcg: "/a", ContainerID: payments, PodUID: "x"}, event.Kill{OOMMemcg: "/b", ContainerID: multi, PodUID: "y"}, false},
	} {
		if got := sameGroup(&c.a, &c.b); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// A kill is of the incident by the life that it ended, else by its group, else by the program where nothing tells more.
func TestSameIncident(t *testing.T) {
	const none, life, log = 0, 1, 2 // what the other kill ended: nothing that is known, another life of the log, another log
	named := func(name string, k event.Kill) *event.Kill {
		k.Victims = []event.Victim{{Name: name}}
		return &k
	}
	for _, c := range []struct {
		name  string
		kill  *event.Kill // of the incident
		other *event.Kill
		ended int
		known bool // an engine names the workload
		want  bool
	}{
		{"another life of the log", named("a", event.Kill{OOMMemcg: "/a"}), named("b", event.Kill{OOMMemcg: "/b"}), life, false, true},
		{"another log of the group", named("a", event.Kill{OOMMemcg: "/a"}), named("a", event.Kill{OOMMemcg: "/a"}), log, false, false},
		{"another log of the container", named("a", event.Kill{ContainerID: payments}), named("a", event.Kill{ContainerID: payments}), log, false, true},
		{"another program's log of the container", named("a", event.Kill{ContainerID: payments}), named("b", event.Kill{ContainerID: payments}), log, false, false},
		{"no log, the same group", named("a", event.Kill{OOMMemcg: "/a"}), named("b", event.Kill{OOMMemcg: "/a"}), none, false, true},
		{"no log, another group", named("a", event.Kill{TaskMemcg: "/a"}), named("a", event.Kill{TaskMemcg: "/b"}), none, false, false},
		{"no log, no groups, one name", named("a", event.Kill{}), named("a", event.Kill{}), none, false, true},
		{"no log, no groups, two names", named("a", event.Kill{}), named("b", event.Kill{}), none, false, false},
		{"no log, of the container that an engine names", named("a", event.Kill{}), named("b", event.Kill{ContainerID: payments}), none, true, true},
		{"another log of the container that an engine names", named("a", event.Kill{}), named("a", event.Kill{ContainerID: payments}), log, true, true},
		{"another program's log of the container that an engine names", named("a", event.Kill{}), named("b", event.Kill{ContainerID: payments}), log, true, false},
		{"one name, but an engine tells more", named("a", event.Kill{}), named("a", event.Kill{}), none, true, false},
	} {
		b := New(Options{})
		b.file("a.log")
		b.file("b.log")
		runs := []*Run{runOf(Cycle{}), runOf(Cycle{}), runOf(Cycle{File: 1})}
		tl := &Timeline{Runs: runs}
		if c.known {
			tl.Workload.Container = event.Container{ID: payments}
			tl.Workload.Events = []*event.ContainerEvent{{}}
		}
		b.kills = []*event.Kill{c.kill, c.other}
		b.dead = map[*event.Kill]*Run{c.kill: runs[0]}
		if c.ended != none {
			b.dead[c.other] = runs[c.ended]
		}
		if got := b.sameIncident(tl, c.other, c.kill); got != c.want || !b.sameIncident(tl, c.kill, c.kill) {
			t.Errorf("%s: %v", c.name, got)
		}
		c.other.Repeats = 3
		if got, want := b.killsLike(tl, c.kill), map[bool]int{true: 4, false: 1}[c.want]; got != want {
			t.Errorf("%s: %d kills, want %d", c.name, got, want)
		}
	}
}

// A kill whose clock nothing ties to that of the run is put at the end of a life that ended in a kill, at most 2 s before and
// 150 s after the last cycle.
func TestTimeByLife(t *testing.T) {
	const end = 100 * time.Second
	life := func(finished time.Duration, l Life) Life { l.Finished = storyWall.Add(finished); return l }
	oom := Life{OOM: true}
	for _, c := range []struct {
		name  string
		lives []Life
		at    time.Duration // 0 is nowhere
	}{
		{"none", nil, 0},
		{"killed for want of memory", []Life{life(end+time.Second, oom)}, end + time.Second},
		{"killed by a signal", []Life{life(end+time.Second, Life{Signal: 9})}, end + time.Second},
		{"a status of that", []Life{life(end+time.Second, Life{ExitCode: 137})}, end + time.Second},
		{"another end", []Life{life(end+time.Second, Life{Signal: 15, ExitCode: 143})}, 0},
		{"2 s before", []Life{life(end-2*time.Second, oom)}, end},
		{"earlier", []Life{life(end-2*time.Second-1, oom)}, 0},
		{"150 s after", []Life{life(end+150*time.Second, oom)}, end + 150*time.Second},
		{"later", []Life{life(end+150*time.Second+1, oom)}, 0},
		{"the last that fits", []Life{life(end+time.Second, oom), life(end+2*time.Second, oom), life(time.Hour, oom)}, end + 2*time.Second},
		{"a life that goes on", []Life{oom}, 0},
	} {
		tl := &Timeline{Workload: Workload{Lives: c.lives}}
		m := match{run: runOf(Cycle{At: end})}
		tl.timeByLife(&m, &runTie{wall: storyWall})
		if m.timed != (c.at > 0) || m.at != c.at {
			t.Errorf("%s: %s, %v, want %s", c.name, m.at, m.timed, c.at)
		}
	}
	m := match{run: runOf(Cycle{At: end}), timed: true, at: 7}
	lives := &Timeline{Workload: Workload{Lives: []Life{life(end, oom)}}}
	if lives.timeByLife(&m, &runTie{wall: storyWall}); m.at != 7 {
		t.Errorf("a time that is known was replaced by %s", m.at)
	}
}

// Of the cycles after the line in which a runtime gives up, memory is let go; without an order of lines the clock tells.
func TestBeforeAndAfterRuntimeOOM(t *testing.T) {
	at := func(seconds ...int) *Run {
		var all []Cycle
		for i, s := range seconds {
			all = append(all, Cycle{Line: uint32(10 * (i + 1)), At: time.Duration(s) * time.Second})
		}
		return runOf(all...)
	}
	for _, c := range []struct {
		name     string
		run      *Run
		file     string
		line     int
		step     time.Duration // of the wall clock of the death
		process  bool
		before   time.Duration // when the last cycle before the death ended
		released int           // of its cycles
	}{
		{"after all", at(1, 2, 3), "app.log", 35, 0, false, 3 * time.Second, 0},
		{"before the last", at(1, 2, 3), "app.log", 25, 0, false, 2 * time.Second, 1},
		{"before all but the first", at(1, 2, 3), "app.log", 15, 0, false, time.Second, 2},
		{"before all", at(1, 2, 3), "app.log", 5, 0, false, 0, 3},
		{"on the line of the second", at(1, 2, 3), "app.log", 20, 0, false, time.Second, 1},
		{"another file, by the clock", at(1, 2, 3), "crash.txt", 1, 0, false, 0, 1},
		{"another file, by a clock of whole seconds", at(1, 2, 4), "crash.txt", 1, time.Second, false, 0, 1},
		{"another file, within a whole second", at(1, 2, 3), "crash.txt", 1, time.Second, false, 0, 0},
		{"another file, by the clock of the process", at(1, 2, 3), "crash.txt", 1, time.Second, true, 0, 1},
	} {
		b := New(Options{})
		b.file("app.log")
		oom := &event.RuntimeOOM{Head: event.Head{Pos: event.Pos{File: c.file, Line: c.line}, Time: event.Time{Has: event.Wall, WallStep: c.step}}}
		if c.process {
			oom.Time.Has = event.Process
		}
		if got := b.lastBefore(c.run, oom).At; got != c.before {
			t.Errorf("%s: the last before is at %s, want %s", c.name, got, c.before)
		}
		b.release(&Timeline{Death: Death{Event: oom, Timed: true, At: 2 * time.Second}}, c.run)
		released := 0
		for i := range c.run.Cycles.Len() {
			if c.run.Cycles.At(i).Flags&BeforeKill != 0 {
				released++
			}
		}
		if released != c.released {
			t.Errorf("%s: %d released, want %d", c.name, released, c.released)
		}
	}
}

// A zone that was assumed of the kill moves its wall time; one that was assumed of the log does not.
func TestZoneOfTheKill(t *testing.T) {
	for kill, want := range map[bool]time.Duration{true: 21 * time.Second, false: 2*time.Hour + 21*time.Second} {
		evs := tell(t, "gc live 16MiBx20 wall\nkill at=21s rss=60MiB wall zone=2h").events()
		for i, ev := range evs {
			if h := ev.Header(); (i == 20) == kill {
				h.Time.Assumed = event.AssumedZone
			} else {
				h.Time.Assumed = 0
			}
		}
		d := build(Options{}, evs).Death
		if got := d.Time.WallTime().Sub(storyWall); !d.Timed || got != want {
			t.Errorf("assumed of the kill %v: timed %v, the kill is at %s, want %s", kill, d.Timed, got, want)
		}
	}
}

// The tie from the clock of the kernel to the wall clock names the run that was killed, if there is one.
func TestTieOfTheKill(t *testing.T) {
	const kill = "kill at=12s rss=60MiB wall boot name=app"
	for story, want := range map[string]int{kill: -1, "gc live 16MiBx10 wall\n" + kill: 0} {
		tl := build(Options{}, tell(t, story).events())
		if n := len(tl.Ties); n == 0 || tl.Ties[n-1].From != "boot" || tl.Ties[n-1].Run != want {
			t.Errorf("%s: ties %+v, want run %d", story, tl.Ties, want)
		}
	}
}

// A doubt about which run was killed is one only where there are several.
func TestNoteWhoseKill(t *testing.T) {
	const one, kill = "gc live 16MiBx20\n", "kill at=90s rss=60MiB"
	for story, want := range map[string]bool{one + kill: false, one + "gc live 16MiBx20 start=40s\n" + kill: true} {
		if got := noted(build(Options{}, tell(t, story).events()), "nothing names the process"); got != want {
			t.Errorf("%s: %v", story, got)
		}
	}
}

// A kill without a victim is told of as that of a process.
func TestVictimName(t *testing.T) {
	if got := victimName(&match{}); got != "a process" {
		t.Errorf("%q", got)
	}
	if got := victimName(&match{victim: &event.Victim{Name: "app"}}); got != "app" {
		t.Errorf("%q", got)
	}
}
