package report_test

import (
	"testing"
	"time"

	"oomtrace/inflection"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/timeline"
)

// TestInstant holds that a log of one collection gets no time that is not in it: no label but at its one moment, no tick,
// no trend.
func TestInstant(t *testing.T) {
	r := &timeline.Run{Runtime: "v8"}
	r.Cycles.Append(timeline.Cycle{At: 3555 * time.Millisecond, Live: 55 * unit.MiB, N: 1})
	tl := &timeline.Timeline{Runs: []*timeline.Run{r}, Death: timeline.Death{Kind: timeline.LogEnds}}
	in := report.Input{Timeline: tl, Finding: inflection.Judge(tl, inflection.Default())}
	in.Finding.Verdict.Kind = inflection.Healthy
	m := report.New(in)
	if c := m.Chart; c.FromText != "" || len(c.XTicks)+len(c.Steps()) > 0 || !(c.To > c.From) {
		t.Errorf("from %q, ticks %v, steps %v, %g to %g", c.FromText, c.XTicks, c.Steps(), c.From, c.To)
	}
	if got, want := m.Verdict.Sentence.String(), "No crash found. At the only collection the live heap was 55 MiB."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if x, why := in.Finding.Runs[0].Inflection, in.Finding.Runs[0].WhyNone; x != nil || why == "" {
		t.Errorf("inflection %v, why none: %q", x, why)
	}
}
