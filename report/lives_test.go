package report_test

import (
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

// A verdict on the heap tells as well that the process died like this before, in its second sentence and in the summary.
func TestDiedBefore(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*report.Input)
		want string // empty: nothing of it
	}{
		{"by the kernel's log", func(in *report.Input) { in.Finding.Loop = inflection.Loop{Deaths: 4, Between: 13 * time.Second} }, "it is the last of 4 deaths like this, never more than 13 s after the one before"},
		{"by its lives", func(in *report.Input) { in.Finding.Loop = inflection.Loop{Deaths: 4, Life: 13 * time.Second} }, "it is the last of 4 deaths like this, and no life took longer than 13 s"},
		{"by an engine", func(in *report.Input) {
			in.Timeline.Workload = timeline.Workload{Container: event.Container{Engine: event.Docker}, Restarts: 1, HasRestarts: true}
		}, "docker counts 1 restart"},
		{"by one that waits", func(in *report.Input) {
			in.Timeline.Workload = timeline.Workload{Container: event.Container{Engine: event.Kubernetes}, Restarts: 7, HasRestarts: true, BackOff: event.Pos{Line: 1}}
		}, "Kubernetes counts 7 restarts and waits before the next (CrashLoopBackOff)"},
		{"alone", func(in *report.Input) { in.Finding.Verdict.Also = nil }, ""},
	} {
		in := input(t, "leak")
		in.Finding.Verdict.Also = []inflection.Kind{inflection.CrashLoop}
		c.edit(&in)
		m := report.New(in)
		row := slices.IndexFunc(m.Summary, func(r report.Row) bool { return r.Label == "lives" })
		if c.want == "" {
			if row >= 0 || strings.Contains(m.Verdict.Second.String(), "like this") {
				t.Errorf("%s: %v, %s", c.name, m.Summary, m.Verdict.Second)
			}
			continue
		}
		if row < 0 || m.Summary[row].Text.String() != c.want {
			t.Errorf("%s: %v, want %q", c.name, m.Summary, c.want)
		}
		if got := m.Verdict.Second.String(); !strings.HasSuffix(got, " "+strings.ToUpper(c.want[:1])+c.want[1:]+".") {
			t.Errorf("%s: %s, want %q", c.name, got, c.want)
		}
	}
}

// The picture, the table and the figures show the same live heap: as judged, and up to the death.
func TestOneLiveHeap(t *testing.T) {
	in := input(t, "leak")
	r := in.Timeline.Runs[0]
	n := r.Cycles.Len()
	judged := make([]unit.Bytes, n-2)
	for i := range judged {
		judged[i] = r.Cycles.At(i).Live / 2
	}
	f := &in.Finding.Runs[0]
	f.Prepared = inflection.Prepared{Last: n - 3, Live: judged}
	f.Live.Last = judged[n-3]
	m := report.New(in)
	points := m.Chart.Runs[0].Points
	if last := points[len(points)-1]; last.Live != f.Live.Last || last.Peak != r.Cycles.At(n-3).Peak || last.Cycle != int64(r.Cycles.At(n-3).N) {
		t.Errorf("the chart ends with %+v, want %v", last, f.Live.Last)
	}
	for _, p := range points {
		if i := int(p.Cycle) - int(r.Cycles.At(0).N); p.Live != judged[i] {
			t.Fatalf("cycle %d is drawn at %v, want %v", p.Cycle, p.Live, judged[i])
		}
	}
	if !strings.Contains(m.Chart.Caption, "without the garbage that collections of a part of the heap leave") || !strings.Contains(m.Chart.Caption, "The 2 collections after the death, which saw what it freed, are left out.") {
		t.Errorf("caption %s", m.Chart.Caption)
	}
	rows := slices.DeleteFunc(slices.Clone(m.Evidence.Rows), func(r report.EvidenceRow) bool { return r.Kind != "cycle" })
	if got, want := rows[len(rows)-1].Live, m.Evidence.Scale.Format(f.Live.Last); got != want {
		t.Errorf("the table ends with %s, want %s", got, want)
	}
	if !strings.Contains(m.Evidence.Caption, "without the garbage") {
		t.Errorf("caption of the table %s", m.Evidence.Caption)
	}
}

// What is resident is held against the limit of the whole process, and what can lie beyond it is said.
func TestResidentFact(t *testing.T) {
	for _, c := range []struct {
		name  string
		rss   unit.Bytes
		files unit.Bytes
		edit  func(*timeline.Timeline)
		want  string
	}{
		{"within", 3 * unit.GiB, 0, nil, "75 % of 4 GiB"},
		{"beyond -Xmx", 3 * unit.GiB, 0, func(tl *timeline.Timeline) {
			tl.Limits = append(tl.Limits, timeline.Limit{Size: unit.Known(unit.GiB), From: "xmx"})
		}, "75 % of 4 GiB"},
		{"beyond the limit, by files", 5 * unit.GiB, unit.GiB, nil, "1.00 GiB of it pages of files, which need not count"},
		{"beyond it by more than files", 5*unit.GiB + 1, unit.GiB, nil, "the limit is 4 GiB"},
		{"beyond it", 5 * unit.GiB, 0, nil, "the limit is 4 GiB"},
		{"no limit", unit.GiB, 0, func(tl *timeline.Timeline) { tl.Limit, tl.Limits = timeline.Limit{}, nil }, "no limit known"},
	} {
		in := input(t, "off-heap")
		in.Timeline.Death.RSS = unit.Known(c.rss)
		in.Timeline.Death.Event.(*event.Kill).Victims = []event.Victim{{File: unit.Known(c.files)}}
		if c.edit != nil {
			c.edit(in.Timeline)
		}
		facts := report.New(in).Facts
		i := slices.IndexFunc(facts, func(f report.Fact) bool { return f.Label == "RSS at the end" })
		if i < 0 || facts[i].Note != c.want {
			t.Errorf("%s: %+v, want %q", c.name, facts, c.want)
		}
	}
}

// Where only the kernel tells, the figures are the kernel's.
func TestKillFacts(t *testing.T) {
	in := input(t, "node-pressure")
	k := in.Timeline.Death.Event.(*event.Kill)
	k.RAM, k.SwapUsage, k.SwapLimit = unit.Known(8*unit.GiB), unit.Known(unit.GiB), unit.Known(2*unit.GiB)
	in.Timeline.Primary, in.Timeline.Death.RSS = -1, unit.Known(2*unit.GiB)
	got := map[string]string{}
	facts := report.New(in).Facts
	for _, f := range facts {
		got[f.Label] = f.Value + ", " + f.Note
	}
	if len(facts) != 6 || got["RSS at the end"] != "2.00 GiB, 25 % of 8.00 GiB" || got["Memory of the machine"] != "8.00 GiB, all of it, says the kernel" || got["Swap"] != "1.00 GiB, in use of 2.00 GiB" {
		t.Errorf("%+v", facts)
	}
}

// A lead that nothing measures is not told as none.
func TestLeadNotKnown(t *testing.T) {
	in := input(t, "untimed-death")
	in.Finding.Runs[0].Inflection.At = in.Timeline.Death.At
	m := report.New(in)
	i := slices.IndexFunc(m.Facts, func(f report.Fact) bool { return f.Label == "Lead time" })
	if m.Facts[i].Value != "not known" {
		t.Errorf("%+v", m.Facts[i])
	}
	if got := m.Verdict.Second.String(); !strings.Contains(got, " at the last collection") {
		t.Error(got)
	}
}

// Growth from nothing began with the log.
func TestGrewFromNothing(t *testing.T) {
	in := input(t, "leak")
	in.Finding.Runs[0].Onset.Level = 0
	if got := report.New(in).Verdict.Second.String(); !strings.Contains(got, " from the first collection on until the end.") {
		t.Error(got)
	}
}
