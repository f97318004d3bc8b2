package timeline

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
)

// Each death is one end with all that tells of it. An end is drawn as the lines that tell of it, the main one with a star, and
// with an exclamation mark for each contradiction.
func TestOneEndForOneDeath(t *testing.T) {
	const (
		box  = "id=" + payments + " cname=/payments"
		gone = "container=" + payments + " group=/docker/" + payments
		gc   = "gc live 16MiB+4MiBx20 stream=node,0," + payments + " wall\n"
	)
	for _, c := range []struct{ name, story, want string }{
		{"nothing", "gc live 16MiBx20", ""},
		{"the kernel alone", "kill boot at=5s pid=7", "*kern.log:1"},
		{
			"one death in four logs, none of which is on time",
			gc + "kill wall at=21s pid=7 " + gone + "\nevent wall at=22s action=oom " + box + "\nevent wall at=30s action=exit exit=137 " + box +
				"\nstatus state=exited oom=true exit=137 finished=23s " + box,
			"*kern.log:1 events.log:1 events.log:2 docker.json:1",
		},
		{
			"docker says no",
			"kill wall at=21s pid=7 " + gone + "\nstatus state=exited oom=false exit=137 finished=23s " + box,
			"*kern.log:1 docker.json:1!",
		},
		{
			"three lives within seconds",
			"event wall at=0s action=start " + box + "\nevent wall at=4s action=oom " + box + "\nevent wall at=5s action=exit exit=137 " + box +
				"\nevent wall at=6s action=start " + box + "\nevent wall at=9s action=exit exit=137 " + box +
				"\nevent wall at=10s action=start " + box + "\nevent wall at=14s action=exit exit=137 " + box + "\nkill wall at=13s pid=7 " + gone,
			"*events.log:7 kern.log:1, events.log:5, events.log:2 events.log:3",
		},
		{
			"exits close together, and no start is told",
			"event wall at=0s action=exit exit=137 " + box + "\nevent wall at=8s action=exit exit=137 " + box + "\nkill wall at=7s pid=7 " + gone,
			"*events.log:2 kern.log:1, events.log:1",
		},
		{
			"two processes of one container",
			"kill boot at=5s pid=7 name=a rss=9MiB " + gone + "\nkill boot at=5.3s pid=8 name=b rss=9MiB " + gone,
			"*kern.log:2, kern.log:1",
		},
		{"two copies of the kernel's log", "kill boot at=5s pid=7\nkill boot at=5s pid=7 file=dmesg.txt", "*kern.log:1 dmesg.txt:1"},
		{"a kill of another container", gc + "kill wall at=21s pid=7 " + gone + "\nkill wall at=22s pid=8 group=/docker/other", "*kern.log:1, kern.log:2"},
		{"a report that names no victim", "kill boot at=4s victim=none", "*kern.log:1"},
		{"a report that names no victim, and one that does", "kill boot at=4s victim=none\nkill boot at=5s pid=7", "*kern.log:2"},
		{
			"a child, and the container goes on",
			"kill wall at=21s pid=7 " + gone + "\nstatus state=exited oom=true exit=0 finished=60s " + box,
			"*kern.log:1 docker.json:1!",
		},
		{"no clock but that of the kernel", "kill boot at=5s pid=7 " + gone + "\nstatus state=exited oom=true exit=137 finished=21s " + box, "*kern.log:1 docker.json:1"},
		{
			"no clock, and two lives",
			"kill boot at=5s pid=7 " + gone + "\nstatus state=exited oom=true exit=137 finished=21s " + box + "\nevent wall at=60s action=exit exit=137 " + box,
			"*kern.log:1 docker.json:1, events.log:1",
		},
		{"its own words and those of its shell", "gc live 16MiBx20\noom at=21s\nend at=21s kind=exit code=2", "*app.log:21 app.log:22"},
		{"words of a life before", "gc live 16MiBx20 wall\noom at=21s wall\ngc live 16MiBx20 start=60s wall\nkill wall at=81s pid=7", "*kern.log:1"},
		{"an earlier end", "gc live 16MiBx20 wall\nend at=21s kind=exit code=2 wall\ngc live 16MiBx20 start=60s wall\nkill wall at=81s pid=7", "*kern.log:1, app.log:21"},
		{"the kernel, and the shell that saw it", "gc live 16MiBx20\nkill boot at=21s pid=7\nend at=21s kind=signal signal=SIGKILL", "*app.log:21 kern.log:1"},
		{"another container", gc + "kill wall at=21s pid=7 " + gone + "\nevent wall at=22s action=exit exit=137 id=" + strings.Repeat("ab", 32), "*kern.log:1"},
		{"a unit, of which systemd ends the rest", "event wall at=21s engine=systemd-oomd cname=api.service action=kill\nevent wall at=21.5s engine=systemd cname=api.service action=kill reason=oom-kill signal=9", "*events.log:1 events.log:2"},
	} {
		tl := build(Options{}, tell(t, c.story).events())
		if got := drawEnds(tl); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func drawEnds(tl *Timeline) string {
	var out []string
	for _, e := range tl.Ends {
		var lines []string
		for _, ev := range e.Told {
			p := ev.Header().Pos
			lines = append(lines, fmt.Sprintf("%s:%d", p.File, p.Line))
		}
		mark := ""
		if e.Main {
			mark = "*"
		}
		out = append(out, mark+strings.Join(lines, " ")+strings.Repeat("!", len(e.Conflicts)))
	}
	return strings.Join(out, ", ")
}

// A dump belongs to the end that the same file tells of before it; one that somebody asked for in between belongs to none.
func TestEndsWithDumps(t *testing.T) {
	dump := func(line int) event.Event {
		return &event.Dump{Head: event.Head{Pos: event.Pos{File: "app.log", Line: line}}, Kind: "goroutine-dump"}
	}
	var evs []event.Event
	evs = append(evs, tell(t, "gc live 16MiBx20").events()...)
	evs = append(evs, dump(21))
	fatal := &event.ProcessEnd{Head: event.Head{Pos: event.Pos{File: "app.log", Line: 22}}, Kind: event.EndFatal}
	other := &event.Dump{Head: event.Head{Pos: event.Pos{File: "other.log", Line: 30}}, Kind: "goroutine-dump"}
	evs = append(evs, fatal, dump(23), other)
	if got := drawEnds(build(Options{}, evs)); got != "*app.log:22 app.log:23" {
		t.Error(got)
	}
}

// What many say of many ends is bounded.
func TestEndsAreBounded(t *testing.T) {
	b := New(Options{})
	for i := range 5000 {
		line := 1 + i
		b.Add(&event.Kill{Head: event.Head{Pos: event.Pos{File: "kern.log", Line: line}, Time: event.Time{Has: event.Boot}}, Victims: []event.Victim{{PID: line % 100}}})
	}
	tl := b.Build()
	if len(tl.Ends) != maxEnds {
		t.Errorf("%d ends", len(tl.Ends))
	}
	for _, e := range tl.Ends {
		if len(e.Told) > maxTold {
			t.Errorf("%d tell of one end", len(e.Told))
		}
	}
}

// headAt is the head of a line of app.log, some time after the story began; -1 is an unknown time.
func headAt(line int, after time.Duration) event.Head {
	h := event.Head{Pos: event.Pos{File: "app.log", Line: line}}
	if after >= 0 {
		h.Time = event.Time{Has: event.Wall, Wall: storyWall.Add(after).UnixNano()}
	}
	return h
}

// Words that are no end by themselves come last, the others by their distance from the death, on either side of it.
func TestNearestWordsComeFirst(t *testing.T) {
	dead := []*End{{at: storyWall}}
	at := func(after time.Duration) word { return word{at: storyWall.Add(after)} }
	joins := word{at: storyWall, joins: true}
	for _, c := range []struct {
		name string
		ends []*End
		x, y word
		want int
	}{
		{"the nearer one", dead, at(-time.Second), at(2 * time.Second), -1},
		{"the nearer one comes second", dead, at(2 * time.Second), at(-time.Second), 1},
		{"before and after", dead, at(-time.Second), at(time.Second), 0},
		{"no time", dead, word{}, at(time.Hour), 1},
		{"no end by itself", dead, joins, at(time.Hour), 1},
		{"no end by itself, second", dead, at(time.Hour), joins, -1},
		{"no death", nil, at(2 * time.Second), at(-time.Second), 0},
		{"no death, and no end by itself", nil, joins, at(time.Hour), 1},
	} {
		if got := (&Timeline{Ends: c.ends}).nearer(&c.x, &c.y); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

// A contradiction stands with the end that its line tells of, else with the first one, and with none where nothing ended.
func TestEndOfContradiction(t *testing.T) {
	a, z := &event.ProcessEnd{Head: headAt(1, 0)}, &event.ProcessEnd{Head: headAt(2, 0)}
	tl := &Timeline{Ends: []*End{{Told: []event.Event{a}}, {Told: []event.Event{z}}}}
	for line, want := range map[int]int{1: 0, 2: 1, 3: 0} {
		if got := tl.endOf(headAt(line, 0).Pos); got != tl.Ends[want] {
			t.Errorf("line %d is not of end %d", line, want)
		}
	}
	none := &Timeline{Conflicts: []Note{{Source: headAt(1, 0).Pos}}}
	New(Options{}).endings(none, nil)
	if len(none.Ends) != 0 {
		t.Errorf("%d ends of nothing", len(none.Ends))
	}
}

// The wall time of a death is the one that is told, else that of its run's clock.
func TestTimeOfDeath(t *testing.T) {
	runs := []*Run{{Start: storyWall}}
	for _, c := range []struct {
		name  string
		death Death
		runs  []*Run
		want  time.Time
	}{
		{"told", Death{Time: headAt(1, time.Second).Time, Timed: true, At: 3 * time.Second}, runs, storyWall.Add(time.Second)},
		{"by the clock of its run", Death{Timed: true, At: 3 * time.Second}, runs, storyWall.Add(3 * time.Second)},
		{"at no known time of its run", Death{At: 3 * time.Second}, runs, time.Time{}},
		{"a run that began at no known time", Death{Timed: true, At: 3 * time.Second}, []*Run{{}}, time.Time{}},
		{"no run", Death{Timed: true, At: 3 * time.Second}, nil, time.Time{}},
	} {
		tl := &Timeline{Death: c.death, Runs: c.runs, Primary: len(c.runs) - 1}
		if got := tl.diedAt(); !got.Equal(c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// A process that tells of its end by its own clock does so at a wall time, where that of its start is known.
func TestWordByProcessClock(t *testing.T) {
	for _, c := range []struct {
		story string
		known bool
	}{{"gc live 16MiBx20 wall", true}, {"gc live 16MiBx20", false}} {
		b := New(Options{})
		for _, ev := range tell(t, c.story).events() {
			b.Add(ev)
		}
		tl := b.Build()
		var want time.Time
		if r := tl.PrimaryRun(); c.known {
			want = r.Start.Add(21 * time.Second)
		}
		end := &event.ProcessEnd{Head: headAt(21, -1), Kind: event.EndFatal}
		end.Time = event.Time{Has: event.Process, Process: 21 * time.Second}
		if w, ok := b.word(tl, end, nil); !ok || !w.mine || !w.at.Equal(want) {
			t.Errorf("%s: got %v, want %v", c.story, w.at, want)
		}
	}
}

// Of two ends that a word may be about, it is about the nearer one, and of two alike about the first.
func TestWordJoinsNearestEnd(t *testing.T) {
	for after, want := range map[time.Duration]int{0: 0, 5 * time.Second: 0, 5*time.Second + 1: 1, 10 * time.Second: 1} {
		tl := &Timeline{Ends: []*End{{at: storyWall, mine: true}, {at: storyWall.Add(10 * time.Second), mine: true}}}
		New(Options{}).join(tl, &word{ev: &event.RuntimeOOM{}, at: storyWall.Add(after), mine: true, joins: true})
		if len(tl.Ends[want].Told) != 1 || len(tl.Ends[1-want].Told) != 0 {
			t.Errorf("%s after the first: not of end %d", after, want)
		}
	}
}

func TestAboutOneEnd(t *testing.T) {
	run, other := &Run{}, &Run{Index: 1}
	mine := func(after time.Duration) word { return word{at: storyWall.Add(after), mine: true} }
	restart := []Life{{Started: storyWall.Add(5 * time.Second)}}
	for _, c := range []struct {
		name  string
		end   End
		word  word
		lives []Life
		want  bool
	}{
		{"another process, in its own words", End{run: run}, word{run: run}, nil, true},
		{"a third process", End{run: run}, word{run: other}, nil, false},
		{"nobody knows whose words", End{}, word{}, nil, false},
		{"words of another", End{mine: true, run: run}, word{run: run}, nil, false},
		{"as late as two engines may be", End{at: storyWall, mine: true}, mine(oneEnd), nil, true},
		{"later", End{at: storyWall, mine: true}, mine(oneEnd + 1), nil, false},
		{"as early", End{at: storyWall, mine: true}, mine(-oneEnd), nil, true},
		{"started in between", End{at: storyWall, mine: true}, mine(6 * time.Second), restart, false},
		{"started at that moment", End{at: storyWall, mine: true}, mine(5 * time.Second), restart, true},
		{"ended as it started", End{at: storyWall.Add(5 * time.Second), mine: true}, mine(6 * time.Second), restart, true},
	} {
		tl := &Timeline{Workload: Workload{Lives: c.lives}}
		c.word.ev = &event.RuntimeOOM{}
		if got := New(Options{}).about(tl, &c.end, &c.word); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

// Without a time, an event of the engine is of the incident's death only where it has but one to tell of.
func TestEventWithoutTime(t *testing.T) {
	for _, c := range []struct {
		lives, count int
		want         bool
	}{{0, 0, true}, {1, 1, true}, {2, 1, false}, {1, 2, false}, {2, 2, false}} {
		tl := &Timeline{Workload: Workload{Lives: make([]Life, c.lives)}}
		if got := New(Options{}).aboutDeath(tl, &word{ev: &event.ContainerEvent{Count: c.count}}); got != c.want {
			t.Errorf("%d lives, told %d times: got %v", c.lives, c.count, got)
		}
	}
}

// One log tells of an end once, however it rounds the time; what two logs tell may be one end.
func TestTellingTwoEnds(t *testing.T) {
	elsewhere := func(h event.Head) event.Head {
		h.Pos.File = "other.log"
		return h
	}
	status := func(h event.Head, after time.Duration) event.Event {
		s := &event.ContainerStatus{Head: h}
		if after >= 0 {
			s.Finished = storyWall.Add(after).UnixNano()
		}
		return s
	}
	action := func(h event.Head, a event.ContainerAction) event.Event {
		return &event.ContainerEvent{Head: h, Container: event.Container{Engine: event.Docker}, Action: a}
	}
	process := func(h event.Head, kind event.EndKind) event.Event { return &event.ProcessEnd{Head: h, Kind: kind} }
	kill := func(h event.Head, pid int) event.Event {
		return &event.Kill{Head: h, Victims: []event.Victim{{PID: pid}}}
	}
	const s = time.Second
	for _, c := range []struct {
		name string
		x, y event.Event
		want bool
	}{
		{"statuses a second apart", status(headAt(1, -1), 0), status(headAt(2, -1), s), false},
		{"statuses further apart", status(headAt(1, -1), 0), status(headAt(2, -1), s+1), true},
		{"statuses of two logs", status(headAt(1, -1), 0), status(elsewhere(headAt(2, -1)), 9*s), false},
		{"a status without a time", status(headAt(1, -1), -1), status(headAt(2, -1), 9*s), false},
		{"a status, and one without a time", status(headAt(1, -1), 9*s), status(headAt(2, -1), -1), false},
		{"exits a second apart", action(headAt(1, 0), event.ActionExit), action(headAt(2, s), event.ActionExit), false},
		{"exits further apart", action(headAt(1, s+1), event.ActionExit), action(headAt(2, 0), event.ActionExit), true},
		{"an exit and its cause", action(headAt(1, 0), event.ActionOOM), action(headAt(2, 9*s), event.ActionExit), false},
		{"an exit without a time", action(headAt(1, 0), event.ActionExit), action(headAt(2, -1), event.ActionExit), false},
		{"two exits of a process", process(headAt(1, 0), event.EndExit), process(headAt(2, 0), event.EndExit), true},
		{"an error and the exit after it", process(headAt(1, 0), event.EndFatal), process(headAt(2, 0), event.EndExit), false},
		{"a parent and a shell", process(headAt(1, 0), event.EndExit), process(elsewhere(headAt(2, 0)), event.EndExit), false},
		{"one kill, a second late", kill(headAt(1, 0), 7), kill(headAt(2, s), 7), false},
		{"one number, later", kill(headAt(1, 0), 7), kill(headAt(2, s+1), 7), true},
		{"two victims", kill(headAt(1, 0), 7), kill(headAt(2, 0), 8), true},
	} {
		if got := New(Options{}).apart(c.x, c.y); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

// A dump is of the end that the process told of last: of two on one line, the first.
func TestDumpFindsItsEnd(t *testing.T) {
	end := func(line, told int) *End {
		e := &End{}
		for range told {
			e.Told = append(e.Told, &event.ProcessEnd{Head: headAt(line, -1)})
		}
		return e
	}
	for _, c := range []struct {
		name string
		ends []*End
		line int
		want string
	}{
		{"in the same line, the first one of the log", []*End{end(1, 1)}, 1, "2"},
		{"a line later", []*End{end(1, 1)}, 2, "2"},
		{"before the end", []*End{end(2, 1)}, 1, "1"},
		{"the last one before it", []*End{end(1, 1), end(3, 1), end(5, 1)}, 4, "1 2 1"},
		{"two in one line", []*End{end(1, 1), end(1, 1)}, 1, "2 1"},
		{"room for one", []*End{end(1, maxTold-1)}, 2, fmt.Sprint(maxTold)},
		{"no room", []*End{end(1, maxTold)}, 2, fmt.Sprint(maxTold)},
	} {
		(&Timeline{Ends: c.ends}).dumped(&event.Dump{Head: headAt(c.line, -1)})
		var got []string
		for _, e := range c.ends {
			got = append(got, fmt.Sprint(len(e.Told)))
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}
