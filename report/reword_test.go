package report

import (
	"strings"
	"testing"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

func TestReword(t *testing.T) {
	words := func() *Model {
		return &Model{
			Verdict: Verdict{Name: "Heap leak", Sentence: Text{}.Log("heap-svc").Plain(" died after its heap stopped recovering")},
			Summary: []Row{{Label: "live heap", Text: Text{}.Plain("GC 7, at the last collection")}},
		}
	}
	for _, c := range []struct {
		basis timeline.Basis
		read  string
		want  string
	}{
		{timeline.FromResident, event.ValueRSS, "Memory leak: heap-svc died after its memory stopped recovering; resident set: reading 7, at the last reading"},
		{timeline.FromFloor, event.ValueHeapAlloc, "Heap leak: heap-svc died after its heap stopped recovering; live heap: reading 7, at the last reading"},
		{timeline.FromResident, event.ValuePeakUsage, "Memory leak: heap-svc died after its peak memory passed 80 %; peak memory: reading 7, at the last reading"},
		{timeline.FromMetadata, "class metadata", "Heap leak: heap-svc died after it passed 80 % for good; class metadata: GC 7, at the last collection"},
		{timeline.FromGoal, event.ValueNextGC, "Heap leak: heap-svc died after its heap stopped recovering; live heap: GC 7, at the last collection"},
		{timeline.FromLog, "", "Heap leak: heap-svc died after its heap stopped recovering; live heap: GC 7, at the last collection"},
	} {
		b := &builder{in: Input{Fraction: 0.8}, run: &timeline.Run{Basis: c.basis, Read: c.read}, m: words()}
		b.reword()
		m := b.m
		got := strings.Join([]string{m.Verdict.Name, m.Verdict.Sentence.String()}, ": ") + "; " + m.Summary[0].Label + ": " + m.Summary[0].Text.String()
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.basis, got, c.want)
		}
	}
}
