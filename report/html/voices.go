package html

import (
	"cmp"
	"slices"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"oomtrace/report"
	"oomtrace/report/picture"
)

// voiceTitles are the names of rows where those of the model are not plain.
var voiceTitles = map[report.VoiceName]string{
	report.VoiceKernel: "kernel", report.VoiceContainer: "container", report.VoiceProcess: "process", report.VoiceRestarts: "lives",
}

// markWords are what a mark is called where its own name is not one of ours.
var markWords = map[report.MarkKind]string{
	report.MarkKill: "killed", report.MarkOOM: "out of memory", report.MarkStart: "start", report.MarkEnd: "ended", report.MarkLife: "life", report.MarkSaid: "message",
}

func voices(m *report.Model, x func(float64) float64) []voice {
	out := []voice{}
	files := chartFiles(m)
	for _, v := range m.Chart.Voices {
		row := voice{Title: word(v.Title, voiceTitles[v.Name]), Marks: []spoken{}}
		for _, m := range v.Marks {
			row.Marks = append(row.Marks, spoken{X: x(m.At), To: x(m.Until), Word: word(m.Label, markWords[m.Kind]), Line: m.Source.Line, File: max(0, slices.Index(files, m.Source.File)), Life: m.Kind == report.MarkLife, Hot: m.Hot})
		}
		slices.SortStableFunc(row.Marks, func(a, b spoken) int { return cmp.Compare(urgency(a), urgency(b)) })
		out = append(out, row)
	}
	return out
}

func urgency(s spoken) int {
	if s.Hot {
		return 0
	}
	return 1
}

// The signs of the marks, as outlines; those of the drawing have the same shapes.
var signs = map[report.MarkKind]string{
	report.MarkKill: cross, report.MarkOOM: "triangle", report.MarkStart: "path://M0 0L9 5 0 10Z", report.MarkEnd: "rect", report.MarkSaid: "circle",
}

// addVoices adds the rows of the witnesses as the last plot, one unit high each.
func addVoices(line *charts.Line, ch *report.Chart, x func(float64) float64) {
	grid, n := len(ch.Lanes)+1, len(ch.Voices)
	line.ExtendXAxis(xAxis(ch, x, grid))
	axis := yAxis(grid, float64(n), 11)
	axis.AxisLabel.Show, axis.SplitLine.Show = opts.Bool(false), opts.Bool(false)
	line.ExtendYAxis(axis)
	var points []any
	for i, v := range ch.Voices {
		y := float64(n-i) - 0.5
		for _, m := range v.Marks {
			if m.Kind == report.MarkLife {
				line.AddSeries("life", nil, drawn(markColour(m), 2*picture.LifeSize, "solid"), charts.WithSeriesOpts(func(s *charts.SingleSeries) {
					s.Data, s.XAxisIndex, s.YAxisIndex = [][]any{{x(m.At), y}, {x(m.Until), y}}, grid, grid
					s.LineStyle.Opacity = opts.Float(0.16)
				}))
				continue
			}
			points = append(points, map[string]any{
				"value": []any{x(m.At), y}, "symbol": signs[m.Kind], "symbolSize": 10, "itemStyle": map[string]any{"color": markColour(m)},
			})
		}
	}
	scatter := charts.NewScatter()
	scatter.AddSeries("voices", nil, charts.WithSeriesOpts(func(s *charts.SingleSeries) {
		s.Data, s.XAxisIndex, s.YAxisIndex = points, grid, grid
	}))
	line.Overlap(scatter)
}

func markColour(m report.Mark) string {
	switch {
	case m.Hot, m.Kind == report.MarkKill:
		return red
	case m.Kind == report.MarkOOM:
		return amber
	}
	return slate
}
