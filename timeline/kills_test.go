package timeline

import (
	"testing"

	"oomtrace/parser/event"
)

// The report that tells what died is the one that names a victim, wherever it stands.
func TestTellingKill(t *testing.T) {
	killed := func(name string) *event.Kill {
		return &event.Kill{OOMMemcg: "/" + name, Victims: []event.Victim{{PID: 7, Name: name}}}
	}
	cut := &event.Kill{OOMMemcg: "/a"}
	none := &event.Kill{OOMMemcg: "/a", NoKillable: true, Repeats: 12}
	ended := &event.ProcessEnd{Kind: event.EndPanic}
	for _, c := range []struct {
		name   string
		events []event.Event
		kind   DeathKind
		victim string
		kills  int
	}{
		{"the last victim", []event.Event{killed("a"), killed("a")}, MemcgKill, "a", 2},
		{"a report without a victim after it", []event.Event{killed("a"), cut}, MemcgKill, "a", 1},
		{"nothing to kill after it", []event.Event{killed("a"), none}, MemcgKill, "a", 1},
		{"a report that is cut off", []event.Event{none, cut}, MemcgKill, "", 13},
		{"nothing to kill", []event.Event{none}, NoDeath, "", 12},
		{"nothing to kill, and a panic", []event.Event{none, ended}, Exit, "", 0},
	} {
		b := New(Options{})
		for _, ev := range c.events {
			b.Add(ev)
		}
		d := b.Build().Death
		if d.Kind != c.kind || d.Name != c.victim || d.Kills != c.kills {
			t.Errorf("%s: %s of %q, %d kills; want %s of %q, %d", c.name, d.Kind, d.Name, d.Kills, c.kind, c.victim, c.kills)
		}
	}
}

// The log of a process that was not killed ends as it does, whatever the kernel could not kill beside it.
func TestNobodyKilledBesideRun(t *testing.T) {
	b := New(Options{})
	for _, ev := range tell(t, "gc live 16MiBx20 start=3s every=500ms k=2").events() {
		b.Add(ev)
	}
	b.Add(&event.Kill{OOMMemcg: "/a", NoKillable: true})
	if d := b.Build().Death; d.Kind != LogEnds {
		t.Errorf("%s, want %s", d.Kind, LogEnds)
	}
}

// Somebody who asks the kernel to kill needs no want of memory.
func TestManualKill(t *testing.T) {
	for order, want := range map[int]bool{-1: false, 0: true, 2: true} {
		d := Death{Kind: GlobalKill, Event: &event.Kill{Order: order}}
		if d.Memory() != want || d.Manual() == want {
			t.Errorf("order %d: memory %v, manual %v", order, d.Memory(), d.Manual())
		}
	}
}

// GOGC=off leaves the collector to GOMEMLIMIT, if there is one.
func TestNoCollector(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want bool
	}{
		{nil, false},
		{map[string]string{"GOGC": "100"}, false},
		{map[string]string{"GOGC": ""}, false},
		{map[string]string{"GOGC": "off"}, true},
		{map[string]string{"GOGC": "-1"}, true},
		{map[string]string{"GOGC": "off", "GOMEMLIMIT": "off"}, true},
		{map[string]string{"GOGC": "off", "GOMEMLIMIT": "100MiB"}, false},
	} {
		if got := New(Options{Env: c.env}).Build().NoCollector; got != c.want {
			t.Errorf("%v: %v, want %v", c.env, got, c.want)
		}
	}
}
