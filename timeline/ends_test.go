package timeline

import (
	"fmt"
	"strings"
	"testing"

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
