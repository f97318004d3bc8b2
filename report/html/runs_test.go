package html

import (
	"bytes"
	"strings"
	"testing"

	"oomtrace/report"
	"oomtrace/report/reporttest"
)

// Several runs have a table that tells which one the report is about; one run has none.
func TestTableOfRuns(t *testing.T) {
	rows := map[string]int{"processes": 2, "crash-loop": 3, "leak": 0, "nothing": 0}
	for _, c := range reporttest.Cases() {
		want, asked := rows[c.Name]
		if !asked {
			continue
		}
		var b bytes.Buffer
		if err := Write(&b, report.New(c.Input), Options{Static: true}); err != nil {
			t.Fatal(err)
		}
		_, table, found := strings.Cut(b.String(), `<section id="runs"`)
		if found != (want > 0) {
			t.Fatalf("%s: table of runs: %t", c.Name, found)
		}
		table, _, _ = strings.Cut(table, "</section>")
		if n := strings.Count(table, `<th scope="row" `); n != want {
			t.Errorf("%s: %d rows, want %d", c.Name, n, want)
		}
		if n := strings.Count(table, "this report"); want > 0 && n != 1 {
			t.Errorf("%s: %d rows are the one of the report", c.Name, n)
		}
	}
}

// What is not known is said once on a page.
func TestMissingIsSaidOnce(t *testing.T) {
	in := reporttest.Leak()
	in.Finding.Verdict.Missing = []string{"the zebra is missing"}
	m := report.New(in)
	var b bytes.Buffer
	if err := Write(&b, m, Options{Static: true}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(strings.ToLower(b.String()), "the zebra is missing"); n != 1 {
		t.Errorf("said %d times", n)
	}
	if !strings.Contains(b.String(), "Confidence high. 2 damaged lines left out") {
		t.Errorf("the page does not say how sure it is")
	}
}
