package csv

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"oomtrace/report"
	"oomtrace/report/reporttest"
	"oomtrace/timeline"
)

func table(t *testing.T, m *report.Model) [][]string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, m); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(b.String(), Header+"\r\n") {
		t.Fatalf("begins with %.80q", b.String())
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestEveryCollectionAndEventHasARow(t *testing.T) {
	for _, c := range reporttest.Cases() {
		m := report.New(c.Input)
		rows, want := table(t, m), 1+len(m.Events)
		for _, r := range m.Series {
			want += r.Cycles.Len()
		}
		if len(rows) != want {
			t.Errorf("%s: %d rows, want %d", c.Name, len(rows), want)
		}
		for _, row := range rows {
			for i, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@\t\r\n|", rune(cell[0])) {
					t.Errorf("%s: column %d may be taken for a formula: %q", c.Name, i, cell)
				}
			}
		}
	}
}

func TestCells(t *testing.T) {
	rows := table(t, report.New(reporttest.Leak()))
	got := strings.Join(rows[1], ",")
	if want := "gc,gctrace.log,3,0,1,23,2026-11-12T02:10:23.000Z,587272465,939635944,1174544930,,,0.0005,0.02,false,"; got != want {
		t.Errorf("first row\n%s\nwant\n%s", got, want)
	}
	last := rows[len(rows)-1]
	if last[0] != "oom-kill" || last[1] != "kern.log" || last[2] != "180" || last[6] == "" || !json.Valid([]byte(last[15])) {
		t.Errorf("last row %q", last)
	}
}

// A reading has no pause and was asked for by nobody; that of a whole process has no heap beside it.
func TestReadings(t *testing.T) {
	for _, c := range []struct {
		basis timeline.Basis
		read  string
		want  string
	}{
		{timeline.FromFloor, "heap_alloc_bytes", "reading,m.log,5,0,2,1,,7000,9000,,,,,,,heap_alloc_bytes"},
		{timeline.FromResident, "rss_bytes", "reading,m.log,5,0,2,1,,7000,,,,,,,,rss_bytes"},
		{timeline.FromLog, "", "gc,m.log,5,0,2,1,,7000,9000,,,,0,0,false,"},
	} {
		r := &timeline.Run{Basis: c.basis, Read: c.read}
		r.Cycles.Append(timeline.Cycle{At: time.Second, N: 2, Line: 5, Live: 7000, Peak: 9000})
		rows := table(t, &report.Model{Files: []string{"m.log"}, Series: []*timeline.Run{r}})
		if got := strings.Join(rows[1], ","); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.basis, got, c.want)
		}
	}
}

func TestFormulasBecomeText(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "gc.log": "gc.log", "=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "a=1": "a=1",
	} {
		if got := text(in); got != want {
			t.Errorf("text(%q) = %q, want %q", in, got, want)
		}
	}
}

type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrorIsReported(t *testing.T) {
	if err := Write(full{}, report.New(reporttest.Leak())); !errors.Is(err, errFull) {
		t.Errorf("Write = %v", err)
	}
}
