package report_test

import (
	"slices"
	"strings"
	"testing"

	"oomtrace/inflection"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/timeline"
)

// What plays no part in the verdict is not told, but stays in the runs, which machines read.
func TestInflectionThatIsNotTold(t *testing.T) {
	for _, c := range []struct {
		kind  inflection.Kind
		also  []inflection.Kind
		limit bool
		told  bool
	}{
		{kind: inflection.Leak, limit: true, told: true},
		{kind: inflection.Leak, told: true},
		{kind: inflection.NotAnOOM},
		{kind: inflection.NotAnOOM, limit: true},
		{kind: inflection.NodePressure, limit: true},
		{kind: inflection.NodePressure, also: []inflection.Kind{inflection.Leak}, limit: true, told: true},
		{kind: inflection.Undetermined, limit: true, told: true},
		{kind: inflection.Undetermined},
	} {
		in := input(t, "log-ends")
		in.Finding.Verdict.Kind, in.Finding.Verdict.Also = c.kind, c.also
		if !c.limit {
			in.Timeline.Limit, in.Timeline.Limits = timeline.Limit{}, nil
		}
		m := report.New(in)
		told := []bool{
			slices.ContainsFunc(m.Summary, func(r report.Row) bool { return r.Label == "inflection" }),
			slices.ContainsFunc(m.Facts, func(f report.Fact) bool { return f.Hot }),
			slices.ContainsFunc(m.Chart.Moments, func(x report.Moment) bool { return x.Kind == report.MomentInflection }),
			len(m.Chart.Spans) > 0,
			strings.Contains(m.Evidence.Title, "inflection"),
			slices.ContainsFunc(m.Evidence.Rows, func(r report.EvidenceRow) bool { return r.Hot && r.Kind == "cycle" }),
		}
		if slices.Contains(told, !c.told) {
			t.Errorf("%s, also %v, limit %v: told %v, want all %v", c.kind, c.also, c.limit, told, c.told)
		}
		if !c.limit && !c.told && len(m.Chart.Lines) > 0 {
			t.Errorf("%s: lines %v without a limit", c.kind, m.Chart.Lines)
		}
		if len(m.Facts) != 6 || m.Runs[0].Inflection == nil {
			t.Errorf("%s: %d facts, inflection of the run %v", c.kind, len(m.Facts), m.Runs[0].Inflection)
		}
	}
}

// An inflection that the cycles by themselves do not show is said to be of the running median.
func TestEvidenceOfTheMedian(t *testing.T) {
	const plain, median = "first cycle above 70 % of the limit", "the running median passes 70 % of the limit"
	for name, c := range map[string]struct {
		offset int
		live   unit.Bytes
		want   string
	}{
		"as it is":          {0, 2900 * unit.MiB, plain},
		"below the line":    {0, 2700 * unit.MiB, median},
		"above it before":   {-1, 2900 * unit.MiB, median},
		"below it later":    {5, 2700 * unit.MiB, median},
		"above it long ago": {-9, 2900 * unit.MiB, plain},
	} {
		in := input(t, "log-ends")
		r := in.Timeline.Runs[0]
		r.Cycles.At(in.Finding.Runs[0].Inflection.Index + c.offset).Live = c.live
		rows := report.New(in).Evidence.Rows
		i := slices.IndexFunc(rows, func(r report.EvidenceRow) bool { return r.Hot })
		if i < 0 || !strings.Contains(rows[i].Note, c.want) {
			t.Errorf("%s: row %d of %+v, want %q", name, i, rows, c.want)
		}
	}
}
