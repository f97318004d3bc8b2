package timeline

import (
	"slices"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// What an engine's word makes of the end of a container. No kind says that it tells of no end.
func TestClaimOfStatus(t *testing.T) {
	for _, c := range []struct {
		name   string
		status event.ContainerStatus
		kind   DeathKind
		weight int
		child  bool
	}{
		{"nothing", event.ContainerStatus{}, "", 0, false},
		{"it ended, nobody says how", event.ContainerStatus{Finished: 1}, "", 0, false},
		{"an orderly end", event.ContainerStatus{HasExit: true}, Exit, tellsStatus, false},
		{"a disorderly end", event.ContainerStatus{HasExit: true, ExitCode: 3, Finished: 1}, Exit, tellsStatus, false},
		{"the last status that is none of a signal", event.ContainerStatus{HasExit: true, ExitCode: 128}, Exit, tellsStatus, false},
		{"SIGHUP", event.ContainerStatus{HasExit: true, ExitCode: 129}, Signal, tellsSignal, false},
		{"the last signal", event.ContainerStatus{HasExit: true, ExitCode: 192}, Signal, tellsSignal, false},
		{"beyond the signals", event.ContainerStatus{HasExit: true, ExitCode: 193}, Exit, tellsStatus, false},
		{"a signal as such", event.ContainerStatus{Signal: 15}, Signal, tellsSignal, false},
		{"the status of an earlier end", event.ContainerStatus{State: "Running", HasExit: true, ExitCode: 1}, "", 0, false},
		{"want of memory", event.ContainerStatus{OOMKilled: true, HasExit: true, ExitCode: 137}, MemcgKill, tellsMemory, false},
		{"want of memory, as a signal", event.ContainerStatus{OOMKilled: true, Signal: 9}, MemcgKill, tellsMemory, false},
		{"want of memory, and an end of which nothing is known", event.ContainerStatus{OOMKilled: true, Finished: 1}, MemcgKill, tellsMemory, false},
		{"a child for want of memory", event.ContainerStatus{OOMKilled: true, HasExit: true, ExitCode: 9}, MemcgKill, tellsMemory, true},
		{"a child for want of memory, then SIGTERM", event.ContainerStatus{OOMKilled: true, Signal: 15}, MemcgKill, tellsMemory, true},
		{"a child for want of memory, and it goes on", event.ContainerStatus{OOMKilled: true}, MemcgKill, tellsMemory, true},
		{"a child for want of memory, and it runs again", event.ContainerStatus{OOMKilled: true, State: "running", Finished: 1}, MemcgKill, tellsMemory, true},
		{"killed by systemd-oomd", event.ContainerStatus{Container: event.Container{Engine: event.SystemdOOMD}, OOMKilled: true, Signal: 9}, UserspaceKill, tellsMemory, false},
		{"evicted", event.ContainerStatus{Reason: "Evicted"}, Eviction, tellsMemoryBy, false},
		{"evicted for want of memory", event.ContainerStatus{Reason: "Evicted", Message: "The node was low on resource: Memory."}, Eviction, tellsMemoryBy, false},
		{"evicted for want of disk", event.ContainerStatus{Reason: "Evicted", Message: "The node was low on resource: ephemeral-storage."}, Signal, tellsSender, false},
	} {
		got, ok := claimOf(&told{status: &c.status})
		if got.kind != c.kind || got.weight != c.weight || got.child != c.child || ok != (c.kind != "") {
			t.Errorf("%s: %q of weight %d, child %v; want %q of %d, %v", c.name, got.kind, got.weight, got.child, c.kind, c.weight, c.child)
		}
	}
}

// The same of something that happened.
func TestClaimOfEvent(t *testing.T) {
	docker, kubelet, systemd := event.Container{Engine: event.Docker}, event.Container{Engine: event.Kubernetes}, event.Container{Engine: event.Systemd}
	for _, c := range []struct {
		name   string
		event  event.ContainerEvent
		kind   DeathKind
		weight int
	}{
		{"evicted", event.ContainerEvent{Action: event.ActionEvict}, Eviction, tellsMemoryBy},
		{"evicted for a more important pod", event.ContainerEvent{Action: event.ActionEvict, Message: "Preempted by shop/cart"}, Signal, tellsSender},
		{"docker's oom", event.ContainerEvent{Container: docker, Action: event.ActionOOM}, MemcgKill, tellsMemory},
		{"the limit of a platform", event.ContainerEvent{Container: event.Container{Engine: event.CloudRun}, Action: event.ActionOOM}, UserspaceKill, tellsMemory},
		{"a full node", event.ContainerEvent{Container: kubelet, Action: event.ActionOOM, Message: "System OOM encountered"}, GlobalKill, tellsMemory},
		{"a kernel line of a group, handed on", event.ContainerEvent{Container: kubelet, Action: event.ActionOOM, Message: "Memory cgroup out of memory: Killed process 7"}, MemcgKill, tellsMemory},
		{"a container of Kubernetes", event.ContainerEvent{Container: event.Container{Engine: event.Kubernetes, Name: "api"}, Action: event.ActionOOM}, MemcgKill, tellsMemory},
		{"earlyoom", event.ContainerEvent{Container: event.Container{Engine: event.Earlyoom}, Action: event.ActionKill, Signal: 15}, UserspaceKill, tellsMemoryBy},
		{"Slurm", event.ContainerEvent{Container: event.Container{Engine: event.Slurm}, Action: event.ActionKill, Reason: "oom-kill"}, UserspaceKill, tellsMemoryBy},
		{"systemd ends the rest of a unit", event.ContainerEvent{Container: systemd, Action: event.ActionKill, Reason: "oom-kill", Signal: 9}, "", 0},
		{"docker kill", event.ContainerEvent{Container: docker, Action: event.ActionKill, Signal: 9}, Signal, tellsSender},
		{"docker stop", event.ContainerEvent{Container: docker, Action: event.ActionKill, Signal: 15}, Signal, tellsSender},
		{"a kill that names no signal", event.ContainerEvent{Container: docker, Action: event.ActionKill}, Signal, tellsSender},
		{"a signal that asks for a reload", event.ContainerEvent{Container: docker, Action: event.ActionKill, Signal: 1}, "", 0},
		{"an orderly exit", event.ContainerEvent{Container: docker, Action: event.ActionExit, HasExit: true}, Exit, tellsStatus},
		{"an exit by a signal", event.ContainerEvent{Container: systemd, Action: event.ActionExit, Signal: 9}, Signal, tellsSignal},
		{"an exit, nobody says how", event.ContainerEvent{Container: docker, Action: event.ActionExit}, "", 0},
		{"the exit of a process that starts a unit", event.ContainerEvent{Container: systemd, Action: event.ActionExit, Process: "ExecStartPre", HasExit: true, ExitCode: 1}, "", 0},
		{"the exit of a process that docker names", event.ContainerEvent{Container: docker, Action: event.ActionExit, Process: "api", HasExit: true}, Exit, tellsStatus},
		{"a start", event.ContainerEvent{Container: docker, Action: event.ActionStart, Signal: 9, HasExit: true}, "", 0},
	} {
		got, ok := claimOf(&told{event: &c.event})
		if got.kind != c.kind || got.weight != c.weight || got.child || ok != (c.kind != "") {
			t.Errorf("%s: %q of weight %d, child %v; want %q of %d", c.name, got.kind, got.weight, got.child, c.kind, c.weight)
		}
	}
}

// An out-of-memory event of a container that lived on for more than half a minute, or ended otherwise, was of a child.
func TestOutlived(t *testing.T) {
	const moment = int64(1000 * time.Second)
	one, other := names{ids: []string{payments}}, names{ids: []string{multi}}
	oom := func(at int64) told {
		return told{names: one, event: &event.ContainerEvent{Action: event.ActionOOM}, at: at}
	}
	exit := func(n names, code int, after time.Duration) told {
		return told{names: n, event: &event.ContainerEvent{Action: event.ActionExit, HasExit: true, ExitCode: code}, at: moment + int64(after)}
	}
	status := func(n names, s event.ContainerStatus, at int64) told { return told{names: n, status: &s, at: at} }
	died, survived := event.ContainerStatus{OOMKilled: true, HasExit: true, ExitCode: 137}, event.ContainerStatus{OOMKilled: true, HasExit: true}
	for _, c := range []struct {
		name  string
		oom   told
		rest  []told // in order of time
		child bool
	}{
		{"nothing follows", oom(moment), nil, false},
		{"SIGKILL half a minute later", oom(moment), []told{exit(one, 137, 30*time.Second)}, false},
		{"SIGKILL after more than that", oom(moment), []told{exit(one, 137, 30*time.Second+1)}, true},
		{"an exit in order", oom(moment), []told{exit(one, 0, time.Second)}, true},
		{"an exit told of a second before", oom(moment), []told{exit(one, 0, -time.Second)}, true},
		{"an exit of an earlier life", oom(moment), []told{exit(one, 0, -time.Second-1)}, false},
		{"an exit of another container", oom(moment), []told{exit(other, 0, time.Second)}, false},
		{"another event of the kind, then an exit in order", oom(moment), []told{oom(moment + 1), exit(one, 0, time.Second)}, true},
		{"docker kill, then SIGKILL", oom(moment), []told{{names: one, event: &event.ContainerEvent{Action: event.ActionKill}, at: moment}, exit(one, 137, 1)}, false},
		{"a start, then SIGKILL", oom(moment), []told{{names: one, event: &event.ContainerEvent{Action: event.ActionStart}, at: moment + 1}, exit(one, 137, 2)}, false},
		{"a status that agrees", oom(moment), []told{status(one, died, moment+1)}, false},
		{"a status that tells of a child", oom(moment), []told{status(one, survived, moment+1)}, true},
		{"a status that tells of a child at no time", oom(moment), []told{status(one, survived, 0)}, true},
		{"a status of an orderly end at no time", oom(moment), []told{status(one, event.ContainerStatus{HasExit: true}, 0)}, false},
		{"a child of an earlier life", oom(moment), []told{status(one, survived, 1)}, false},
		{"a child of another container", oom(moment), []told{status(other, survived, 0)}, false},
		{"an event of no known time", oom(0), []told{status(one, survived, 0)}, false},
		{"an exit is no such event", exit(one, 137, 0), []told{exit(one, 0, 1)}, false},
	} {
		all := append([]told{c.oom}, c.rest...)
		if got := claims(all, func(x *told) bool { return x == &all[0] }); len(got) != 1 || got[0].child != c.child {
			t.Errorf("%s: %+v, want child %v", c.name, got, c.child)
		}
	}
}

// The strongest claim comes first, and the death of a child is worth no more than an exit. Of claims alike, the latest counts.
func TestOrderOfClaims(t *testing.T) {
	at := func(second int64, s event.ContainerStatus) told { return told{status: &s, at: second} }
	all := []told{
		at(1, event.ContainerStatus{HasExit: true}),
		at(2, event.ContainerStatus{OOMKilled: true}),
		at(3, event.ContainerStatus{}),
		at(4, event.ContainerStatus{OOMKilled: true, Signal: 9}),
		at(5, event.ContainerStatus{Signal: 9}),
		at(6, event.ContainerStatus{OOMKilled: true, Signal: 9}),
	}
	var got []int64
	for _, c := range claims(all, func(x *told) bool { return x.at != 5 }) {
		got = append(got, c.told.at)
	}
	if want := []int64{6, 4, 2, 1}; !slices.Equal(got, want) {
		t.Errorf("claims of %v, want %v", got, want)
	}
}

// Engines tell of one end at several times, and the first is nearest to it. What is said of memory and what is not are two ends.
func TestEarliest(t *testing.T) {
	const s = int64(time.Second)
	type said struct {
		weight int
		at     int64
	}
	for _, c := range []struct {
		name string
		all  []said
		want int64
	}{
		{"one", []said{{tellsMemory, 20 * s}}, 20 * s},
		{"an earlier one", []said{{tellsMemory, 20 * s}, {tellsMemory, 12 * s}}, 12 * s},
		{"a later one", []said{{tellsMemory, 20 * s}, {tellsMemory, 22 * s}}, 20 * s},
		{"an earlier one that is weaker", []said{{tellsMemoryBy, 20 * s}, {tellsMemory, 12 * s}}, 12 * s},
		{"an earlier one that is stronger", []said{{tellsMemory, 20 * s}, {tellsMemoryBy, 12 * s}}, 12 * s},
		{"the exit before", []said{{tellsMemory, 20 * s}, {tellsSender, 12 * s}}, 20 * s},
		{"what made it exit", []said{{tellsSender, 20 * s}, {tellsMemory, 12 * s}}, 20 * s},
		{"a signal and an exit", []said{{tellsSignal, 20 * s}, {tellsStatus, 12 * s}}, 12 * s},
		{"15 s before is another end", []said{{tellsMemory, 20 * s}, {tellsMemory, 5 * s}}, 20 * s},
		{"less is not", []said{{tellsMemory, 20 * s}, {tellsMemory, 5*s + 1}}, 5*s + 1},
		{"the first of three", []said{{tellsMemory, 20 * s}, {tellsMemory, 12 * s}, {tellsMemory, 14 * s}}, 12 * s},
	} {
		var all []claim
		for _, x := range c.all {
			all = append(all, claim{weight: x.weight, told: &told{at: x.at}})
		}
		if got := earliest(all); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, time.Duration(got), time.Duration(c.want))
		}
	}
}

// A time is as precise as its last digit.
func TestResolution(t *testing.T) {
	for ns, want := range map[int64]time.Duration{
		3e9: time.Second, 3e9 + 4e6: time.Millisecond, 3e9 + 5e3: time.Microsecond, 3e9 + 6: time.Nanosecond, 17e9 + 120e6: time.Millisecond,
	} {
		if got := resolution(ns); got != want {
			t.Errorf("%d: %s, want %s", ns, got, want)
		}
	}
}

// What was used is what a process held only where an engine killed a process, or counts one as YARN does.
func TestMemoryOfAClaim(t *testing.T) {
	used := unit.Known(110 * unit.MiB)
	for _, c := range []struct {
		name string
		told told
		want unit.Size
	}{
		{"by its id", told{event: &event.ContainerEvent{PID: 7, Usage: used}}, used},
		{"by its name", told{event: &event.ContainerEvent{Process: "api", Usage: used}}, used},
		{"a container of YARN", told{event: &event.ContainerEvent{Container: event.Container{Engine: event.YARN}, Usage: used}}, used},
		{"a container of a platform", told{event: &event.ContainerEvent{Container: event.Container{Engine: event.CloudRun}, Usage: used}}, unit.Size{}},
		{"a status", told{status: &event.ContainerStatus{Usage: used}}, unit.Size{}},
	} {
		if got := (&claim{told: &c.told}).rss(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
