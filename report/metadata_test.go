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

// The report of a JVM that died of its class metadata is about that, in every figure; the heap is a lane beside it.
func TestReportOfMetadata(t *testing.T) {
	tl := &timeline.Timeline{
		Runs: []*timeline.Run{{Runtime: "jvm"}}, Files: []string{"gc.log"},
		Death: timeline.Death{Kind: timeline.RuntimeOOM, Timed: true, At: 61e9, Event: &event.RuntimeOOM{Runtime: "jvm", Kind: event.OOMMetaspace, Message: "Metaspace", Fatal: true}},
		Limit: timeline.Limit{Size: unit.Known(128 * unit.MiB), From: "xmx"},
		Events: []event.Event{
			&event.Setting{Head: event.Head{Pos: event.Pos{File: "gc.log", Line: 1}}, Runtime: "jvm", Name: event.MaxMetaspace, Size: unit.Known(40 * unit.MiB)},
		},
	}
	for i := range 58 {
		tl.Runs[0].Cycles.Append(timeline.Cycle{
			At: time.Duration(i+1) * time.Second, N: uint32(i), Line: uint32(i + 2), Live: 5 * unit.MiB, Peak: 9 * unit.MiB, Beside: uint32(2+max(0, i-19)) * 1024,
		})
	}
	m := report.New(report.Input{Timeline: tl, Finding: inflection.Judge(tl, inflection.Default())})
	if tl.Runs[0].Cycles.At(0).Live != 5*unit.MiB || m.Series[0] != tl.Runs[0] {
		t.Error("the collections are not those of the log any more")
	}
	told := m.Verdict.Sentence.String() + " " + m.Verdict.Second.String()
	for _, f := range m.Facts {
		told += "; " + f.Label + " " + f.Value + " " + f.Note
	}
	for _, r := range m.Summary {
		told += "; " + r.Label + " " + r.Text.String()
	}
	for _, want := range []string{"passed 70 % for good", "Class metadata crossed 70 % of the 40 MiB limit", "Class metadata at the end 40 MiB", "Limit 40 MiB from -XX:MaxMetaspaceSize", "MiB/s"} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not in %s", want, told)
		}
	}
	if strings.Contains(told, "live heap") || strings.Contains(told, "128 MiB") {
		t.Errorf("the heap is told of: %s", told)
	}
	if s := m.Runs[0].NoWarning; !strings.HasPrefix(s, "None of the standard rules, which watch the heap, would have rung in time: ") {
		t.Errorf("of the alarms: %q", s)
	}
	if ch := m.Chart; ch.Level != "class metadata" || !strings.HasPrefix(ch.Caption, "Class metadata after each of 58 collections.") {
		t.Errorf("the picture is of %q: %s", ch.Level, ch.Caption)
	}
	if l := m.Chart.Lanes[0]; l.Title != "live heap" || l.Curves[0][0].V != float64(5*unit.MiB) {
		t.Errorf("the first lane is %s", l.Title)
	}
}

// Earlier lives of that JVM are shown by their class metadata too, and those whose log tells of their heap only not at all.
func TestLivesOfMetadata(t *testing.T) {
	tl := &timeline.Timeline{
		Primary: 2, Files: []string{"gc.log"},
		Death: timeline.Death{Kind: timeline.RuntimeOOM, Timed: true, At: 61e9, Event: &event.RuntimeOOM{Runtime: "jvm", Kind: event.OOMMetaspace, Message: "Metaspace", Fatal: true}},
		Events: []event.Event{
			&event.Setting{Head: event.Head{Pos: event.Pos{File: "gc.log", Line: 1}}, Runtime: "jvm", Name: event.MaxMetaspace, Size: unit.Known(40 * unit.MiB)},
		},
	}
	for life, beside := range []uint32{0, 1, 1} {
		r := &timeline.Run{Index: life, Runtime: "jvm", Restarted: life < 2, Start: time.Unix(1795379100+70*int64(life), 0)}
		for i := range 58 {
			r.Cycles.Append(timeline.Cycle{
				At: time.Duration(i+1) * time.Second, N: uint32(i), Line: uint32(100*life + i + 2), Live: 5 * unit.MiB, Peak: 9 * unit.MiB,
				Beside: beside * uint32(2+max(0, i-19)) * 1024,
			})
		}
		tl.Runs = append(tl.Runs, r)
	}
	m := report.New(report.Input{Timeline: tl, Finding: inflection.Judge(tl, inflection.Default())})
	var got []string
	for _, l := range m.Lives {
		got = append(got, l.First+" to "+l.Last)
	}
	if want := "– to –; 2 MiB to 40 MiB; 2 MiB to 40 MiB"; strings.Join(got, "; ") != want {
		t.Errorf("lives %q, want %s", got, want)
	}
	if l := m.Runs[1].Live; l.First != 2*unit.MiB || l.Last != 40*unit.MiB || l.Max != 40*unit.MiB {
		t.Errorf("the second life went from %s to %s, at most %s", l.First, l.Last, l.Max)
	}
	if len(m.Chart.Runs) != 2 || m.Chart.Runs[0].Run != 1 || m.Chart.Runs[0].Points[0].Live != 2*unit.MiB {
		t.Errorf("drawn are %+v", m.Chart.Runs)
	}
}

// Where the log shows the class space apart, and that was full, the report is about it and its bound.
func TestReportOfClassSpace(t *testing.T) {
	tl := &timeline.Timeline{
		Runs: []*timeline.Run{{Runtime: "jvm", ClassSpace: true}}, Files: []string{"gc.log"},
		Death:  timeline.Death{Kind: timeline.RuntimeOOM, Timed: true, At: 61e9, Event: &event.RuntimeOOM{Runtime: "jvm", Kind: event.OOMClassSpace, Message: "Compressed class space", Fatal: true}},
		Events: []event.Event{&event.Setting{Runtime: "jvm", Name: event.MaxClassSpace, Size: unit.Known(40 * unit.MiB)}},
	}
	for i := range 58 {
		tl.Runs[0].Cycles.Append(timeline.Cycle{
			At: time.Duration(i+1) * time.Second, N: uint32(i), Line: uint32(i + 2), Live: 5 * unit.MiB, Peak: 9 * unit.MiB, Beside: uint32(2+max(0, i-19)) * 1024,
		})
	}
	m := report.New(report.Input{Timeline: tl, Finding: inflection.Judge(tl, inflection.Default())})
	if got := m.Verdict.Second.String(); m.Chart.Level != "class space" || !strings.HasPrefix(got, "Class space crossed 70 % of the 40 MiB limit") {
		t.Errorf("%s: %s", m.Chart.Level, got)
	}
	if m.Limit.From != "max-class-space" || !strings.Contains(m.Provenance.Limit, "from -XX:CompressedClassSpaceSize") {
		t.Errorf("the limit is %+v: %s", m.Limit, m.Provenance.Limit)
	}
}
