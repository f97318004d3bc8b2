package report_test

import (
	"slices"
	"testing"

	"oomtrace/report"
)

// TestGiven holds that an input that gave nothing is named, whatever else is known.
func TestGiven(t *testing.T) {
	for _, c := range []struct {
		source report.Source
		want   string
	}{
		{report.Source{Note: report.Unreadable}, "a.log: could not be read"},
		{report.Source{Note: report.Unreadable, Notes: []string{"it is no heap profile"}}, "a.log: could not be read; it is no heap profile"},
		{report.Source{Note: report.Empty, Ignored: true}, "a.log: empty"},
		{report.Source{Note: report.CutShort, Lines: 7, Understood: 7}, "a.log: cut short; what comes before was read"},
		{report.Source{Note: report.Binary, Ignored: true, Lines: 2}, "a.log: no text, and nothing of it was understood"},
		{report.Source{Note: report.Binary, Ignored: true, Lines: 2, Notes: []string{"a zip archive"}}, "a.log: no text, and nothing of it was understood; a zip archive"},
		{report.Source{Ignored: true, Bytes: 3000}, "a.log: no text, and nothing of it was understood"},
		{report.Source{Ignored: true, Lines: 1}, "a.log: its one line was not understood"},
		{report.Source{Ignored: true, Lines: 1234}, "a.log: none of its 1,234 lines was understood"},
		{report.Source{Lines: 2, Understood: 2, Notes: []string{"unpacked gzip", "decoded UTF-16LE"}}, "a.log: unpacked gzip; decoded UTF-16LE"},
		{report.Source{Lines: 2, Understood: 2}, ""},
		{report.Source{Note: report.Binary, Lines: 2, Understood: 1}, ""},
	} {
		c.source.File = "a.log"
		var want []report.Note
		if c.want != "" {
			want = []report.Note{{Text: c.want}}
		}
		if got := report.New(report.Input{Sources: []report.Source{c.source}}).Notes; !slices.Equal(got, want) {
			t.Errorf("%+v: %v, want %v", c.source, got, want)
		}
	}
}

// TestGivenOnce holds that what is to be said of several inputs is said once.
func TestGivenOnce(t *testing.T) {
	source := func(file string, notes ...string) report.Source {
		return report.Source{File: file, Lines: 2, Understood: 2, Notes: notes}
	}
	in := report.Input{Sources: []report.Source{source("a", "no zone"), source("b"), source("c", "gzip", "no zone"), source("d", "no zone")}}
	want := []report.Note{{Text: "a, d: no zone"}, {Text: "c: gzip; no zone"}}
	if got := report.New(in).Notes; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
