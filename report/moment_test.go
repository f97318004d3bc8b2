package report_test

import (
	"strings"
	"testing"
	"time"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/timeline"
)

// Three kills within two seconds are three marks; the same kill told by two logs is one.
func TestEachKillHasAMark(t *testing.T) {
	kill := func(file string, boot time.Duration, pid int) *event.Kill {
		return &event.Kill{
			Head:       event.Head{Pos: event.Pos{File: file, Line: pid}, Time: event.Time{Has: event.Boot, Boot: boot, Step: time.Microsecond}},
			Constraint: event.ConstraintMemcg, OOMMemcg: "/a", TaskMemcg: "/a", Limit: unit.Known(48 * unit.MiB), Usage: unit.Known(48 * unit.MiB),
			Victims: []event.Victim{{PID: pid, Name: "node", Anon: unit.Known(47 * unit.MiB)}}, Repeats: 1,
		}
	}
	tl := &timeline.Timeline{Primary: -1, Events: []event.Event{
		kill("kern.log", 93030*time.Millisecond, 286), kill("kern.log", 94210*time.Millisecond, 288), kill("kern.log", 94900*time.Millisecond, 290),
		kill("console.log", 94900*time.Millisecond, 290),
	}}
	tl.Death = timeline.Death{Kind: timeline.MemcgKill, Event: tl.Events[2]}
	m := report.New(report.Input{Timeline: tl, Finding: &inflection.Finding{}})
	if len(m.Chart.Voices) != 1 || len(m.Chart.Voices[0].Marks) != 3 {
		t.Errorf("rows of witnesses %+v, want one with three marks", m.Chart.Voices)
	}
}

// A clock of whole seconds tells of whole seconds, and cannot tell what it stamps from the death within the same second.
func TestWholeSeconds(t *testing.T) {
	start := time.Date(2026, 11, 22, 19, 43, 9, 491e6, time.UTC)
	r := &timeline.Run{Runtime: "jvm", Start: start}
	for i := range 5 {
		r.Cycles.Append(timeline.Cycle{At: time.Duration(i+1) * time.Second, Live: unit.MiB, N: uint32(i + 1)}) //nolint:gosec // small
	}
	stamped := func(at time.Time) event.Time {
		return event.Time{Has: event.Wall | event.Process, Wall: at.UnixNano(), WallStep: time.Second, Process: at.Sub(start), Step: time.Millisecond}
	}
	end := start.Add(7509 * time.Millisecond) // 19:43:17.000
	dump := &event.Dump{Head: event.Head{Pos: event.Pos{File: "hs_err.log", Line: 2}, Time: stamped(end)}, Kind: "hs_err"}
	dump.Time.Has = event.Wall
	oom := &event.RuntimeOOM{Head: event.Head{Pos: event.Pos{File: "hs_err.log", Line: 2}, Time: stamped(end)}, Runtime: "jvm", Kind: event.OOMNative, Message: "malloc failed"}
	for _, c := range []struct {
		death time.Time
		want  string
	}{
		{end, "at 19:43:17 UTC "},
		{end.Add(768 * time.Millisecond), "at 19:43:17.768 UTC "}, // another clock told it
	} {
		tl := &timeline.Timeline{
			Runs: []*timeline.Run{r}, Events: []event.Event{oom, dump},
			Death: timeline.Death{Kind: timeline.RuntimeOOM, Timed: true, At: c.death.Sub(start), Time: stamped(c.death), Event: oom},
		}
		m := report.New(report.Input{Timeline: tl, Finding: &inflection.Finding{Runs: make([]inflection.Run, 1)}})
		if got := m.Verdict.Sentence.String() + " "; !strings.Contains(got, strings.TrimSuffix(c.want, " ")+" ") {
			t.Errorf("%q, want %q in it", got, c.want)
		}
		for _, x := range m.Chart.Moments {
			if x.Kind == report.MomentEvent {
				t.Errorf("%s at %v beside the death at %v", x.Label, x.At, c.death.Sub(start))
			}
		}
		for _, v := range m.Chart.Voices {
			for _, x := range v.Marks {
				if x.At != c.death.Sub(start).Seconds() || x.Text != "19:43:17 UTC" {
					t.Errorf("%s at %v, %q", x.Label, x.At, x.Text)
				}
			}
		}
	}
}

// What several logs say of one moment in the same words is one row, and a bracket of a JSON document says nothing.
func TestOneRowForOneMoment(t *testing.T) {
	at := time.Date(2026, 11, 22, 19, 43, 17, 0, time.UTC)
	said := func(file string, line int, message string) *event.RuntimeOOM {
		when := event.Time{Has: event.Wall, Wall: at.UnixNano(), Step: time.Second, WallStep: time.Second}
		return &event.RuntimeOOM{Head: event.Head{Pos: event.Pos{File: file, Line: line}, Time: when}, Runtime: "jvm", Kind: event.OOMMetaspace, Message: message}
	}
	tl := &timeline.Timeline{Primary: -1, Events: []event.Event{
		said("hs_err.log", 2, "Metaspace"), said("stdout.log", 7, "Metaspace"), said("stdout.log", 9, "Compressed class space"),
	}}
	tl.Death = timeline.Death{Kind: timeline.RuntimeOOM, Event: tl.Events[0]}
	lines := map[event.Pos]string{{File: "hs_err.log", Line: 2}: `    "waiting": {`, {File: "stdout.log", Line: 9}: `  "reason": "OOMKilled",`}
	var got []string
	for _, w := range allSaid(report.New(report.Input{Timeline: tl, Finding: &inflection.Finding{}, Lines: lines})) {
		got = append(got, report.At(w.Source)+" "+w.Text+" "+w.Raw)
	}
	want := "hs_err.log:2 the runtime gave up: Metaspace \nstdout.log:9 the runtime gave up: Compressed class space   \"reason\": \"OOMKilled\","
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}
