package report_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"oomtrace/parser/unit"
	"oomtrace/report"
)

func TestColumns(t *testing.T) {
	c := report.Chart{
		From: 0, To: 10, Top: 8 * unit.MiB,
		Runs: []report.Series{
			{Points: []report.Point{{At: 0, Live: unit.MiB}, {At: 2.5, Live: 4 * unit.MiB}, {At: 4, Live: 2 * unit.MiB}}},
			{Points: []report.Point{{At: 7, Live: 3 * unit.MiB}, {At: 7.2, Live: unit.MiB}, {At: 10, Live: 8 * unit.MiB}}},
		},
		Moments: []report.Moment{{Kind: report.MomentOnset, At: 1}, {Kind: report.MomentInflection, At: 9}},
	}
	want := []report.Column{
		{Live: unit.MiB, Known: true},
		{Live: unit.MiB, Known: true}, // stands from the cycle before
		{Live: 4 * unit.MiB, Known: true},
		{Live: 4 * unit.MiB, Known: true},
		{Live: 2 * unit.MiB, Known: true},
		{},
		{},                                // between two lives
		{Live: 3 * unit.MiB, Known: true}, // the most of two
		{Live: unit.MiB, Known: true},
		{Live: 8 * unit.MiB, Known: true, Hot: true},
	}
	if diff := cmp.Diff(want, c.Columns(10)); diff != "" {
		t.Error(diff)
	}
	if got, want := c.Sparkline(10), "▂▂▅▅▃  ▄▂█"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	c.Resident, c.Killed = []report.Reading{{At: 1, V: float64(5 * unit.MiB)}, {At: 3.5, V: float64(9 * unit.MiB)}, {At: 6, V: float64(7 * unit.MiB)}}, 16*unit.MiB
	if diff := cmp.Diff(want, c.Columns(10)); diff != "" || c.LiveTop() != 8*unit.MiB {
		t.Errorf("where the heap is the story, resident memory is drawn: %s", diff)
	}
	c.RSS = "RSS 16 MiB at the end"
	for i, mib := range []unit.Bytes{0, 5, 5, 9, 9, 9, 7, 0, 0, 16} { // each stands until the next
		want[i].Resident = mib * unit.MiB
	}
	if diff := cmp.Diff(want, c.Columns(10)); diff != "" || c.LiveTop() != 16*unit.MiB {
		t.Errorf("top %s: %s", c.LiveTop(), diff)
	}
	if got, want := c.ResidentSparkline(10), " ▃▃▅▅▅▄  █"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if c.Columns(0) != nil || (&report.Chart{}).Sparkline(10) != "" {
		t.Error("no columns and no runs draw something")
	}
}
