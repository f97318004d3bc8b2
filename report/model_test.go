package report_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"oomtrace/report"
	"oomtrace/report/reporttest"
)

func TestModel(t *testing.T) {
	for _, c := range reporttest.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			m := report.New(c.Input)
			for i := range m.Chart.Runs {
				m.Chart.Runs[i].Points = m.Chart.Runs[i].Points[:min(2, len(m.Chart.Runs[i].Points))]
			}
			for _, l := range m.Chart.Lanes {
				for i, c := range l.Curves {
					l.Curves[i] = c[:min(2, len(c))]
				}
			}
			got, err := json.MarshalIndent(m, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", c.Name+".json"), append(got, '\n'))
		})
	}
}

// golden compares an output with a file, or rewrites the file where UPDATE_GOLDEN is set.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s (-want +got):\n%s", path, cmp.Diff(string(want), string(got)))
	}
}
