package report_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

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
			reporttest.Golden(t, filepath.Join("testdata", c.Name+".json"), string(got)+"\n")
		})
	}
}
