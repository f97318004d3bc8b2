package report_test

import (
	"testing"
	"time"

	"oomtrace/inflection"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/timeline"
)

func BenchmarkNew(b *testing.B) {
	r := &timeline.Run{Runtime: "go"}
	for i := range 1_000_000 {
		live := unit.Bytes(100+i/10000+i%7) * unit.MiB
		r.Cycles.Append(timeline.Cycle{At: time.Duration(i) * time.Second, Live: live, Peak: 2 * live, N: uint32(i + 1)})
	}
	x := cross(r, 600_000)
	in := report.Input{
		Timeline: &timeline.Timeline{Runs: []*timeline.Run{r}, Limit: timeline.Limit{Size: unit.Known(220 * unit.MiB)}, Death: timeline.Death{Kind: timeline.MemcgKill}},
		Finding:  &inflection.Finding{Runs: []inflection.Run{{Inflection: &x}}},
	}
	for b.Loop() {
		report.New(in)
	}
}
