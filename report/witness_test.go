package report_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/report"
)

// Three lives of one container, as docker tells them; of the last only the kernel knows why it ended.
func loopOfLives() []event.Event {
	id := strings.Repeat("45cbbf984de1", 6)[:64]
	say := func(line int, at time.Duration, action event.ContainerAction, word string) event.Event {
		return happened(event.Docker, action, func(e *event.ContainerEvent) {
			e.ID, e.Name, e.Pod, e.Reason = id, "payments", "", word
			e.Pos.Line, e.Time.Wall, e.Time.Step = line, toldAt+int64(at), time.Millisecond
			if action == event.ActionExit {
				e.ExitCode, e.HasExit = 137, true
			}
		})
	}
	var out []event.Event
	for i := range 3 {
		at := time.Duration(20*i) * time.Second
		out = append(out, say(1+3*i, at, event.ActionStart, "start"))
		if i < 2 {
			out = append(out, say(2+3*i, at+4*time.Second, event.ActionOOM, "oom"))
		}
		out = append(out, say(3+3*i, at+time.Duration(5+i)*time.Second, event.ActionExit, "die"))
	}
	return append(out, &event.Kill{
		Head:       event.Head{Pos: event.Pos{File: "kern.log", Line: 9}, Time: event.Time{Has: event.Wall, Wall: toldAt + 45e9, Step: time.Second}},
		Constraint: event.ConstraintMemcg, OOMMemcg: "/docker/" + id, ContainerID: id, Limit: unit.Known(64 * unit.MiB), Usage: unit.Known(64 * unit.MiB),
		Victims: []event.Victim{{PID: 7, Name: "java", Anon: unit.Known(62 * unit.MiB)}},
	})
}

// A loop without a GC log is told as one, by its lives or by the time between the deaths.
func TestLoopSentence(t *testing.T) {
	kills := func() (out []event.Event) {
		for i := range 3 {
			out = append(out, &event.Kill{
				Head:       event.Head{Pos: event.Pos{File: "kern.log", Line: 1 + i}, Time: event.Time{Has: event.Boot, Boot: time.Duration(20*i) * time.Second}},
				Constraint: event.ConstraintMemcg, OOMMemcg: "/svc", Usage: unit.Known(64 * unit.MiB), Limit: unit.Known(64 * unit.MiB),
				Victims: []event.Victim{{PID: 7 + i, Name: "java", Anon: unit.Known(61 * unit.MiB)}},
			})
		}
		return out
	}
	for _, c := range []struct {
		name   string
		events []event.Event
		want   string
	}{
		{"docker and the kernel", loopOfLives(), "payments is in a crash loop: it died 3 times, the last time OOM-killed at 20:25:45 UTC at its container limit of 64 MiB; none of its lives took longer than 7 s."},
		{"the kernel alone", kills(), "java is in a crash loop: it died 3 times, the last time OOM-killed 40 s after boot at its limit of 64 MiB, at most 20 s apart."},
	} {
		m := told(c.events...)
		if m.Verdict.Kind != inflection.CrashLoop {
			t.Fatalf("%s: %s", c.name, m.Verdict.Kind)
		}
		if got := m.Verdict.Sentence.String(); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// The witnesses of each death stand in the order of time, whatever the order of the files, and say a thing once.
func TestWitnessesInOrder(t *testing.T) {
	events := loopOfLives()
	slices.Reverse(events)
	var got []string
	for _, w := range allSaid(told(events...)) {
		got = append(got, strings.TrimSuffix(w.Time, " UTC")+" "+w.Text)
	}
	want := []string{
		"20:25:04 docker says: oom", "20:25:05 docker says: exit, status 137",
		"20:25:24 docker says: oom", "20:25:26 docker says: exit, status 137",
		"20:25:45 the kernel's out-of-memory killer ran and killed java (pid 7, 62 MiB resident); group /docker/" + strings.Repeat("45cbbf984de1", 6)[:64] + "; usage 64 MiB of 64 MiB",
		"20:25:47 docker says: exit, status 137",
		"20:25:00 docker says: start", "20:25:20 docker says: start", "20:25:40 docker says: start",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Without a collection, what witnesses said is a chart of its own, on the clock that they have.
func TestVoicesAlone(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []event.Event
		axis   report.Axis
		rows   string
		to     float64
	}{
		{"docker and the kernel", loopOfLives(), report.AxisWall, "kernel 1, docker 8, lives 3", 47},
		{"one death is not drawn", loopOfLives()[8:], report.AxisWall, "", 0},
		{"one moment", []event.Event{killAt(1, 5), killAt(2, 5)}, report.AxisProcess, "", 0},
		{"kernel clock", []event.Event{killAt(1, 5), killAt(2, 65)}, report.AxisProcess, "kernel 2", 65},
		{"no clock", []event.Event{killAt(1, -1), killAt(2, -1)}, report.AxisWall, "", 0},
	} {
		ch := told(c.events...).Chart
		var rows []string
		for _, v := range ch.Voices {
			rows = append(rows, fmt.Sprintf("%s %d", v.Title, len(v.Marks)))
		}
		if got := strings.Join(rows, ", "); ch.Axis != c.axis || got != c.rows || ch.To != c.to {
			t.Errorf("%s: axis %s to %v with %q, want %s to %v with %q", c.name, ch.Axis, ch.To, got, c.axis, c.to, c.rows)
		}
		if (len(ch.XTicks) > 0) != (c.rows != "") {
			t.Errorf("%s: ticks %v", c.name, ch.XTicks)
		}
	}
}

func killAt(line, boot int) *event.Kill {
	k := &event.Kill{
		Head:       event.Head{Pos: event.Pos{File: "kern.log", Line: line}},
		Constraint: event.ConstraintMemcg, OOMMemcg: "/svc", Limit: unit.Known(64 * unit.MiB), Victims: []event.Victim{{PID: line, Name: "java"}},
	}
	if boot >= 0 {
		k.Time = event.Time{Has: event.Boot, Boot: time.Duration(boot) * time.Second}
	}
	return k
}

// allSaid lists what other logs say, whatever it is about.
func allSaid(m *report.Model) []report.Witness {
	var out []report.Witness
	for _, a := range m.Accounts {
		out = append(out, a.Witnesses...)
	}
	return out
}

// One death is one account, in whatever words it is told, and a contradiction stands with it. What is of no death comes last.
func TestAccounts(t *testing.T) {
	events := append(loopOfLives(), status(func(s *event.ContainerStatus) {
		s.Engine, s.ID, s.Name, s.Pod = event.Docker, strings.Repeat("45cbbf984de1", 6)[:64], "payments", ""
		s.OOMKilled, s.SaysOOM, s.Finished = false, true, toldAt+47e9
		s.Pos.File = "inspect.json"
	}))
	m := told(events...)
	var got []string
	for _, a := range m.Accounts {
		got = append(got, "# "+a.Title)
		for _, c := range a.Conflicts {
			got = append(got, "! "+c.Text)
		}
		for _, w := range a.Witnesses {
			got = append(got, report.At(w.Source))
		}
	}
	const no = "docker says OOMKilled=false; the kernel's log shows the kill, and the kernel is the witness"
	want := []string{
		"# An earlier death, 20:25:04 UTC", "events:2", "events:3",
		"# An earlier death, 20:25:24 UTC", "events:5", "events:6",
		"# The death explained here, of java (pid 7), 20:25:45 UTC", "! " + no, "kern.log:9", "events:9", "inspect.json:12",
		"# What else they say", "events:1", "events:4", "events:7",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	i := slices.IndexFunc(m.Summary, func(r report.Row) bool { return r.Label == "told by" })
	if i < 0 || m.Summary[i].Text.String() != "the kernel (kern.log:9), docker (events:9, inspect.json:12); they do not agree: "+no {
		t.Errorf("%v", m.Summary)
	}
	if k := slices.IndexFunc(m.Notes, m.Told); k < 0 || m.Notes[k].Text != no {
		t.Errorf("the contradiction is not among the notes %v", m.Notes)
	}
}

// One line that tells of one death needs no heading, and two things that it tells are one row.
func TestAccountOfOneLine(t *testing.T) {
	at := event.Head{Pos: event.Pos{File: "hs_err.log", Line: 2}}
	m := told(&event.RuntimeOOM{Head: at, Runtime: "jvm", Kind: event.OOMHeap}, &event.Dump{Head: at, Kind: "hs_err", Lines: 5})
	if len(m.Accounts) != 1 || m.Accounts[0].Title != "" || len(m.Accounts[0].Witnesses) != 1 || m.Accounts[0].Witnesses[0].Text != "the runtime gave up: heap; hs_err, 5 lines" {
		t.Errorf("%+v", m.Accounts)
	}
}
