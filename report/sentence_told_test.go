package report_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/timeline"
)

// toldAt is when the stories of engines begin: 2026-11-22 20:25:00 UTC.
const toldAt = 1795379100 * int64(1e9)

// status is the state of a container that ended after a minute.
func status(change func(*event.ContainerStatus)) *event.ContainerStatus {
	s := &event.ContainerStatus{
		Head: event.Head{Pos: event.Pos{File: "pod.json", Line: 12}}, Container: event.Container{Engine: event.Kubernetes, Name: "checkout", Pod: "checkout-7d9"},
		State: "terminated", Reason: "OOMKilled", SaysOOM: true, OOMKilled: true, HasExit: true, ExitCode: 137,
		Started: toldAt, Finished: toldAt + 60e9, Limit: unit.Known(96 * unit.MiB),
	}
	change(s)
	return s
}

func happened(engine event.Engine, action event.ContainerAction, change func(*event.ContainerEvent)) *event.ContainerEvent {
	e := &event.ContainerEvent{
		Head:      event.Head{Pos: event.Pos{File: "events", Line: 3}, Time: event.Time{Has: event.Wall, Wall: toldAt + 61e9}},
		Container: event.Container{Engine: engine, Name: "checkout", Pod: "checkout-7d9"}, Action: action, Count: 1,
	}
	change(e)
	return e
}

func told(events ...event.Event) *report.Model { return report.New(toldInput(events...)) }

func toldInput(events ...event.Event) report.Input {
	b := timeline.New(timeline.Options{})
	for _, ev := range events {
		b.Add(ev)
	}
	tl := b.Build()
	return report.Input{Timeline: tl, Finding: inflection.Judge(tl, inflection.Default())}
}

// The headline of an end that only an engine tells of.
func TestToldSentences(t *testing.T) {
	plain := func(*event.ContainerStatus) {}
	none := func(*event.ContainerEvent) {}
	for _, c := range []struct {
		name   string
		events []event.Event
		want   string
		second string
	}{
		{"OOMKilled", []event.Event{status(plain)}, "checkout was OOM-killed at 20:26:00 UTC, says Kubernetes; its limit was 96 MiB; what filled the memory is in none of these logs.", "Its last life took 1 min 00 s."},
		{"restarts", []event.Event{status(func(s *event.ContainerStatus) { s.Restarts, s.HasRestarts = 2, true })}, "checkout was OOM-killed at 20:26:00 UTC, says Kubernetes; its limit was 96 MiB; what filled the memory is in none of these logs.", "Kubernetes counts 2 restarts; its last life took 1 min 00 s."},
		{"a child", []event.Event{status(func(s *event.ContainerStatus) { s.ExitCode = 0 })}, "A process of checkout was OOM-killed at 20:26:00 UTC, says Kubernetes; its limit was 96 MiB; what filled the memory is in none of these logs.", "Its last life took 1 min 00 s."},
		{"status 137", []event.Event{status(func(s *event.ContainerStatus) { s.OOMKilled, s.Reason = false, "Error" })}, "checkout ended with status 137 at 20:26:00 UTC; whether the kernel killed it for want of memory cannot be told from this.", "Its last life took 1 min 00 s."},
		{"signal 9", []event.Event{status(func(s *event.ContainerStatus) { s.OOMKilled, s.HasExit, s.Signal = false, false, 9 })}, "checkout was ended by signal 9 at 20:26:00 UTC; whether the kernel killed it for want of memory cannot be told from this.", "Its last life took 1 min 00 s."},
		{"status 1", []event.Event{status(func(s *event.ContainerStatus) { s.OOMKilled, s.ExitCode = false, 1 })}, "checkout ended with status 1 at 20:26:00 UTC, not for want of memory.", ""},
		{"waits", []event.Event{
			status(func(s *event.ContainerStatus) { s.Restarts, s.HasRestarts = 4, true }),
			status(func(s *event.ContainerStatus) {
				s.State, s.Reason, s.OOMKilled, s.HasExit, s.Started, s.Finished = "waiting", "CrashLoopBackOff", false, false, 0, 0
			}),
		}, "checkout was OOM-killed at 20:26:00 UTC, says Kubernetes, after 4 restarts.", "Kubernetes counts 4 restarts; its last life took 1 min 00 s."},
		{"evicted", []event.Event{happened(event.Kubernetes, event.ActionEvict, none)}, "checkout was evicted at 20:26:01 UTC for want of memory; the machine was short of memory, no limit of its own was reached.", ""},
		{"killed by a daemon", []event.Event{happened(event.SystemdOOMD, event.ActionKill, none)}, "checkout was killed at 20:26:01 UTC by systemd-oomd for want of memory; the machine was short of memory, no limit of its own was reached.", ""},
		{"killed by a platform", []event.Event{happened(event.CloudRun, event.ActionOOM, func(e *event.ContainerEvent) { e.Limit = unit.Known(512 * unit.MiB) })}, "checkout was killed at 20:26:01 UTC by Cloud Run for want of memory; its limit was 512 MiB; what filled the memory is in none of these logs.", ""},
		{"killed by YARN", []event.Event{happened(event.YARN, event.ActionOOM, none)}, "checkout was killed at 20:26:01 UTC by YARN for want of memory; what filled the memory is in none of these logs.", ""},
		{"killed by somebody", []event.Event{happened(event.Docker, event.ActionKill, func(e *event.ContainerEvent) { e.Signal = 9 })}, "checkout was killed at 20:26:01 UTC by docker, and nothing in the logs shows that memory was the reason.", ""},
	} {
		m := told(c.events...)
		if got := m.Verdict.Sentence.String(); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		if got := m.Verdict.Second.String(); c.second != "" && got != c.second {
			t.Errorf("%s: then %q, want %q", c.name, got, c.second)
		}
	}
}

// A child that the kernel killed goes by its own name, not by that of its container.
func TestChildByTheKernel(t *testing.T) {
	kill := &event.Kill{
		Head: event.Head{Pos: event.Pos{File: "kern.log", Line: 9}, Time: event.Time{Has: event.Wall, Wall: toldAt + 59e9}}, Constraint: event.ConstraintMemcg,
		ContainerID: strings.Repeat("0123456789ab", 6)[:64], Limit: unit.Known(64 * unit.MiB), Usage: unit.Known(64 * unit.MiB),
		Victims: []event.Victim{{PID: 7, Name: "worker", Anon: unit.Known(60 * unit.MiB)}},
	}
	for code, want := range map[int]string{0: "worker", 137: "checkout"} {
		m := told(kill, status(func(s *event.ContainerStatus) { s.ID, s.ExitCode = kill.ContainerID, code }))
		if m.Service != want {
			t.Errorf("status %d: %s, want %s: %s", code, m.Service, want, m.Verdict.Sentence)
		}
	}
}

// Where an engine and the kernel do not say the same, the report says whom to believe.
func TestConflictNoted(t *testing.T) {
	kill := &event.Kill{
		Head: event.Head{Pos: event.Pos{File: "kern.log", Line: 9}, Time: event.Time{Has: event.Wall, Wall: toldAt + 59e9}}, Constraint: event.ConstraintMemcg,
		ContainerID: strings.Repeat("0123456789ab", 6)[:64], Limit: unit.Known(96 * unit.MiB), Usage: unit.Known(96 * unit.MiB),
		Victims: []event.Victim{{PID: 7, Name: "checkout", Anon: unit.Known(90 * unit.MiB)}},
	}
	const want = "Kubernetes says OOMKilled=false; the kernel's log shows the kill, and the kernel is the witness"
	for says, noted := range map[bool]int{true: 0, false: 1} {
		m := told(kill, status(func(s *event.ContainerStatus) { s.ID, s.OOMKilled, s.Reason = kill.ContainerID, says, "Error" }))
		n := 0
		for _, note := range m.Notes {
			if note.Text == want {
				n++
			}
		}
		if n != noted {
			t.Errorf("OOMKilled=%v: noted %d times, want %d: %v", says, n, noted, m.Notes)
		}
	}
}

// The engine that states a limit goes by its own name.
func TestLimitOfAnEngine(t *testing.T) {
	limited := func(e *event.ContainerEvent) { e.Limit = unit.Known(512 * unit.MiB) }
	for engine, want := range map[event.Engine]string{event.CloudRun: "from Cloud Run", event.Lambda: "from Lambda", event.Docker: "from docker"} {
		m := told(happened(engine, event.ActionOOM, limited))
		if !slices.ContainsFunc(m.Summary, func(r report.Row) bool { return strings.Contains(r.Text.String(), want) }) {
			t.Errorf("%v, want %q", m.Summary, want)
		}
	}
}

// What engines say stands among the witnesses, that of other containers does not.
func TestToldWitnesses(t *testing.T) {
	m := told(
		status(func(s *event.ContainerStatus) {
			s.Restarts, s.HasRestarts, s.Peak = 1, true, unit.Known(95*unit.MiB)
		}),
		happened(event.Kubernetes, event.ActionRestart, func(e *event.ContainerEvent) { e.Message, e.Count = "Back-off restarting failed container", 7 }),
		happened(event.Kubernetes, event.ActionOther, func(*event.ContainerEvent) {}),
		happened(event.Kubernetes, event.ActionExit, func(e *event.ContainerEvent) { e.Pod, e.HasExit, e.ExitCode = "other-1", true, 1 }),
	)
	var got []string
	for _, w := range allSaid(m) {
		got = append(got, fmt.Sprintf("%s %s %s", w.Kind, w.Time, w.Text))
	}
	want := []string{
		"container-status 20:26:00 UTC Kubernetes says: terminated OOMKilled, status 137, OOMKilled=true, 1 restart, limit 96 MiB, at most 95 MiB used",
		"container-event 20:26:01 UTC Kubernetes says: restart: Back-off restarting failed container, 7 times",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A redacted report names no container, pod or group.
func TestRedactedEngines(t *testing.T) {
	in := toldInput(status(func(s *event.ContainerStatus) {
		s.ID, s.Namespace, s.Cgroup = strings.Repeat("45cbbf984de1", 6)[:64], "shop", "/kubepods/besteffort"
		s.Message = "checkout-7d9 in shop"
	}))
	in.Redact = true
	m := report.New(in)
	text := m.Title + m.Verdict.Sentence.String() + m.Verdict.Second.String() + fmt.Sprint(m.Verdict.Evidence, m.Accounts, m.Summary, m.Notes, m.Crash, m.Facts)
	for _, secret := range []string{"checkout", "45cbbf984de1", "kubepods", "shop"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is told in %s", secret, text)
		}
	}
}

// Each witness has a row below the chart, on its clock.
func TestVoices(t *testing.T) {
	b := timeline.New(timeline.Options{})
	pod := &event.Stream{Pod: "checkout-7d9", Container: "checkout"}
	for i := range 60 {
		live := unit.Bytes(10+i/2) * unit.MiB
		b.Add(&event.GC{
			Head: event.Head{Pos: event.Pos{File: "gc.log", Line: i + 1}, Stream: pod, Time: event.Time{
				Has: event.Wall | event.Process, Wall: toldAt + 137e6 + int64(i)*1e9, Process: time.Duration(i) * time.Second,
			}},
			Collector: event.Go, Scope: event.Whole, Cycle: int64(i + 1), Numbered: true, Live: unit.Known(live), After: unit.Known(live), Goal: unit.Known(2 * live),
		})
	}
	b.Add(status(func(s *event.ContainerStatus) {
		s.Started = toldAt - 60e9
		s.Finished = toldAt - 30e9
		s.Previous = true
	}))
	b.Add(status(func(*event.ContainerStatus) {}))
	b.Add(happened(event.Kubernetes, event.ActionExceed, func(e *event.ContainerEvent) { e.Time.Wall = toldAt + 30e9 }))
	b.Add(&event.Dump{
		Head: event.Head{Pos: event.Pos{File: "other.log", Line: 1}, Time: event.Time{Has: event.Wall, Wall: toldAt + 40e9}}, Kind: "goroutine-dump",
	})
	tl := b.Build()
	m := report.New(report.Input{Timeline: tl, Finding: inflection.Judge(tl, inflection.Default())})
	var got []string
	for _, v := range m.Chart.Voices {
		for _, x := range v.Marks {
			got = append(got, fmt.Sprintf("%s %s %d..%d hot=%t", v.Name, x.Label, int64(math.Round(x.At)), int64(math.Round(x.Until)), x.Hot))
		}
	}
	want := []string{
		"container exceed 30..30 hot=false",
		"container OOMKilled 60..60 hot=true",
		"process goroutine-dump 40..40 hot=false",
		"restarts life 2 0..60 hot=true",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
