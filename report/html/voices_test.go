package html

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"oomtrace/report"
	"oomtrace/report/reporttest"
)

func witnessModel(t *testing.T) *report.Model {
	t.Helper()
	all := reporttest.Cases()
	return report.New(all[slices.IndexFunc(all, func(c reporttest.Case) bool { return c.Name == "witnesses" })].Input)
}

// The witnesses stand in the last plot, which zooms with the others.
func TestVoicesInTheChart(t *testing.T) {
	m := witnessModel(t)
	text, err := chartJSON(m)
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Voices []voice
		Option struct {
			Grid     []any
			XAxis    []any
			YAxis    []any
			DataZoom []struct{ XAxisIndex []int }
			Series   []struct {
				Name       string
				Type       string
				XAxisIndex int
				Data       []any
			}
		}
	}
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range f.Voices {
		for _, m := range v.Marks {
			got = append(got, fmt.Sprintf("%s: %s, line %d", v.Title, m.Word, m.Line))
		}
	}
	want := []string{
		"kernel: OOM kill, line 212",
		"docker: start, line 1", "docker: oom, line 2", "docker: exit 137, line 3", "docker: start, line 4", "docker: oom, line 5", "docker: exit 137, line 6",
		"lives: life 1, line 3", "lives: life 2, line 6",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	grid := len(m.Chart.Lanes) + 1
	o := f.Option
	if len(o.Grid) != grid+1 || len(o.XAxis) != grid+1 || len(o.YAxis) != grid+1 || !slices.Contains(o.DataZoom[0].XAxisIndex, grid) {
		t.Errorf("%d grids, %d and %d axes, zoom of %v; want %d of each", len(o.Grid), len(o.XAxis), len(o.YAxis), o.DataZoom, grid+1)
	}
	marks := 0
	for _, s := range o.Series {
		switch {
		case s.Type == "scatter" && s.XAxisIndex == grid:
			marks += len(s.Data)
		case s.Name == "life" && s.XAxisIndex == grid:
			marks++
		}
	}
	if marks != len(want) {
		t.Errorf("%d marks are drawn of %d", marks, len(want))
	}
}

// A word of a log does not reach the script.
func TestVoicesHoldNoLogText(t *testing.T) {
	m := witnessModel(t)
	for _, hostile := range reporttest.Hostile {
		for i := range m.Chart.Voices {
			m.Chart.Voices[i].Title = hostile
			for k := range m.Chart.Voices[i].Marks {
				m.Chart.Voices[i].Marks[k].Label = hostile
			}
		}
		for _, v := range voices(m, func(f float64) float64 { return f }) {
			for _, s := range v.Marks {
				if s.Word == hostile || v.Title == hostile {
					t.Errorf("%q is in the data of the script", hostile)
				}
			}
		}
	}
}
