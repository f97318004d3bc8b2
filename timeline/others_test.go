package timeline

import (
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
)

// Deaths for want of memory that the incident is not about are named, each once and with how often it happened.
func TestOtherDeaths(t *testing.T) {
	at := func(s int) event.Head {
		return event.Head{Pos: event.Pos{File: "events", Line: s + 1}, Time: event.Time{Has: event.Wall, Wall: storyWall.Add(time.Duration(s) * time.Second).UnixNano()}}
	}
	named := func(name string) event.Container {
		return event.Container{Engine: event.Docker, Name: name, ID: strings.Repeat(name[:1], 64)}
	}
	oom := func(s int, name string) event.Event {
		return &event.ContainerEvent{Head: at(s), Container: named(name), Action: event.ActionOOM, Count: 1}
	}
	exit := func(s int, name string, code int) event.Event {
		return &event.ContainerEvent{Head: at(s), Container: named(name), Action: event.ActionExit, ExitCode: code, HasExit: true, Count: 1}
	}
	state := func(name string, killed bool) event.Event {
		return &event.ContainerStatus{Head: at(90), Container: named(name), State: "exited", OOMKilled: killed, ExitCode: 137, HasExit: true}
	}
	killer := func(s, pid int, process string) event.Event {
		return &event.ContainerEvent{Head: at(s), Container: event.Container{Engine: event.Earlyoom}, Action: event.ActionKill, PID: pid, Process: process, Signal: 15, Count: 1}
	}
	slice := &event.ContainerEvent{Head: at(2), Container: event.Container{Engine: event.Systemd, Name: "machine.slice"}, Action: event.ActionOOM, Count: 1}
	many := func(from, to byte) (out []event.Event) {
		for c := from; c <= to; c++ {
			out = append(out, oom(int(c-from), string(c)))
		}
		return append(out, oom(80, "zoo"), exit(80, "zoo", 137))
	}
	const note = "these logs tell of other deaths for want of memory, each an incident of its own: "
	for _, c := range []struct {
		name   string
		events []event.Event
		want   string
	}{
		{"its own only", []event.Event{oom(1, "app"), exit(1, "app", 137), oom(9, "app"), state("app", true)}, ""},
		{"one other, twice", []event.Event{oom(1, "pay"), exit(1, "pay", 137), oom(3, "pay"), oom(9, "app"), exit(9, "app", 137)}, note + "pay (2 times)"},
		{"its state tells of the same death", []event.Event{oom(1, "pay"), state("pay", true), oom(100, "app"), exit(100, "app", 137)}, note + "pay"},
		{"two states of it", []event.Event{state("pay", true), state("pay", true), oom(100, "app"), exit(100, "app", 137)}, note + "pay (2 times)"},
		{"another that ended otherwise", []event.Event{exit(1, "pay", 1), state("run", false), oom(100, "app")}, ""},
		{"beside a process", []event.Event{killer(1, 7, "hog"), killer(2, 7, "hog"), oom(9, "app")}, note + "app"},
		{"a process", []event.Event{killer(1, 7, "hog"), killer(2, 7, "hog"), killer(9, 8, "app")}, note + "hog (2 times)"},
		{"the same process, asked twice", []event.Event{killer(1, 7, "hog"), killer(2, 7, "hog")}, ""},
		{"a slice", []event.Event{slice, oom(9, "app")}, ""},
		{"five others", many('a', 'e'), note + "a, b, c, d, e"},
		{"six others", many('a', 'f'), note + "a, b, c, d, e, 1 more"},
	} {
		tl := build(Options{}, c.events)
		got := ""
		for _, n := range tl.Notes {
			if strings.HasPrefix(n.Text, note) {
				got = n.Text
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q; it died of %+v", c.name, got, c.want, tl.Death.Event)
		}
	}
}

// A kill of the process that an engine says died is of the incident; a process id that nobody states names none.
func TestConcernsKill(t *testing.T) {
	for _, c := range []struct {
		told, killed int
		want         bool
	}{{7, 7, true}, {7, 8, false}, {0, 0, false}, {0, 7, false}} {
		tl := &Timeline{Primary: -1, Death: Death{Event: &event.ContainerEvent{PID: c.told}}}
		k := &event.Kill{Victims: []event.Victim{{PID: c.killed}}}
		if got := New(Options{}).concernsKill(tl, k); got != c.want {
			t.Errorf("an engine tells of process %d, the kernel killed %d: %v", c.told, c.killed, got)
		}
	}
}
