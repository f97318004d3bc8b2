package html

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"oomtrace/report"
	"oomtrace/report/picture"
)

// columns are the names of the columns of the data set.
var columns = []string{colX: "x", colLive: "live", colBand: "band", colGoal: "goal", colPause: "pause", colCycle: "cycle", colLine: "line", colFile: "file"}

const (
	colX = iota
	colLive
	colBand // peak over live
	colGoal
	colPause // seconds
	colCycle
	colLine
	colFile // index in chartFiles; left out where it is 0
)

// colours stand in the option as names of style sheet variables; the script resolves them, again when the theme changes.
const (
	blue    = "var(--live)"
	grey    = "var(--goal)"
	amber   = "var(--warn)"
	red     = "var(--alarm)"
	soft    = "var(--soft)"
	gridInk = "var(--grid)"
	slate   = "var(--pause)"
	purple  = "var(--rss)"
	paper   = "var(--bg)"
)

func laneColour(kind report.LaneKind) string {
	return map[string]string{"live": blue, "rss": purple, "pause": slate}[laneClass(kind)]
}

// The upper edge and the height of the plot of the heap, and the height of the labels below the last plot, in pixels.
const (
	plotTop    = 86
	plotHeight = picture.PlotHeight
	axisHeight = 34
)

// option returns the chart's configuration, made and checked by the chart library's own types.
func option(m *report.Model, x func(float64) float64) map[string]any {
	ch := &m.Chart
	line := charts.NewLine()
	var grids []opts.Grid
	var axes []int
	for i, p := range plots(ch) {
		grids, axes = append(grids, grid(p)), append(axes, i)
	}
	line.SetGlobalOptions(
		charts.WithInitializationOpts(opts.Initialization{ChartID: "timeline", Theme: "white"}),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis"}),
		charts.WithDataZoomOpts(opts.DataZoom{Type: "inside", XAxisIndex: axes, FilterMode: "none"}),
		charts.WithGridOpts(grids...),
		charts.WithXAxisOpts(xAxis(ch, x, 0)),
		charts.WithYAxisOpts(yAxis(0, max(float64(ch.Top), 1), 12)),
	)
	line.AddDataset(opts.Dataset{Source: rows(m, x)})
	line.AddSeries("live", nil, from(colLive), drawn(blue, 1.8, "solid"), marks(m, x))
	line.AddSeries("base", nil, from(colLive), drawn(blue, 0, "solid"), stacked(nil))
	line.AddSeries("band", nil, from(colBand), drawn(blue, 0, "solid"), stacked(&opts.AreaStyle{Color: blue, Opacity: opts.Float(0.16)}))
	line.AddSeries("goal", nil, from(colGoal), drawn(grey, 1, "dotted"))
	if others := others(ch, x); len(others) > 0 {
		line.AddSeries("other", nil, drawn(slate, 1.2, "solid"), valued(others, 0))
	}
	if len(ch.Resident) > 1 {
		line.AddSeries("rss", nil, drawn(purple, 1.4, "dashed"), valued(curves([][]report.Reading{ch.Resident}, x), 0))
	}
	intervals := []float64{yStep(ch)}
	for i, l := range ch.Lanes {
		line.ExtendXAxis(xAxis(ch, x, i+1))
		line.ExtendYAxis(yAxis(i+1, l.Top, 11))
		intervals = append(intervals, laneStep(l))
		if l.Kind == report.LanePause {
			bar := charts.NewBar()
			bar.AddSeries("pause", nil, from(colPause), charts.WithSeriesOpts(func(s *charts.SingleSeries) {
				s.XAxisIndex, s.YAxisIndex, s.BarWidth = i+1, i+1, "1.2"
				s.ItemStyle = &opts.ItemStyle{Color: slate}
			}))
			line.Overlap(bar)
			continue
		}
		line.AddSeries(string(l.Kind), nil, drawn(laneColour(l.Kind), 1.4, "solid"), valued(curves(l.Curves, x), i+1), laneMarks(l, x))
	}
	if len(ch.Voices) > 0 {
		intervals = append(intervals, 1)
		addVoices(line, ch, x)
	}
	line.Accept(visitor{steps: intervals})
	line.Validate()
	return line.JSON()
}

// plot is where a plot stands, in pixels.
type plot struct{ top, height float64 }

// plots are those of the heap, of the lanes and of the witnesses, from top to bottom.
func plots(ch *report.Chart) []plot {
	out := []plot{{plotTop, plotHeight}}
	add := func(height float64) {
		above := out[len(out)-1]
		out = append(out, plot{above.top + above.height + picture.LaneGap, height})
	}
	for _, l := range ch.Lanes {
		add(picture.LaneHeight(l.Kind))
	}
	if n := len(ch.Voices); n > 0 {
		add(picture.VoiceHeight * float64(n))
	}
	return out
}

// height is that of the whole chart, with the labels of its axis.
func height(ch *report.Chart) float64 {
	all := plots(ch)
	last := all[len(all)-1]
	return last.top + last.height + axisHeight
}

func grid(p plot) opts.Grid {
	return opts.Grid{Left: strconv.Itoa(picture.PlotLeft), Right: strconv.Itoa(picture.PlotMargin), Top: fmt.Sprint(p.top), Height: fmt.Sprint(p.height)}
}

func yAxis(grid int, top float64, size int) opts.YAxis {
	return opts.YAxis{
		Type: "value", GridIndex: grid, Min: 0, Max: top, AxisLine: &opts.AxisLine{Show: opts.Bool(false), OnZero: opts.Bool(false)},
		AxisLabel: &opts.AxisLabel{Show: opts.Bool(true), Color: soft, FontSize: size},
		SplitLine: &opts.SplitLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: gridInk}},
	}
}

// others are the live heaps of other processes.
func others(ch *report.Chart, x func(float64) float64) [][]any {
	var list [][]report.Reading
	for _, s := range ch.Runs {
		if !s.Other || len(s.Points) == 0 {
			continue
		}
		var curve []report.Reading
		for _, p := range s.Points {
			curve = append(curve, report.Reading{At: p.At, V: float64(p.Live)})
		}
		list = append(list, curve)
	}
	return curves(list, x)
}

func xAxis(ch *report.Chart, x func(float64) float64, grid int) opts.XAxis {
	last := grid == len(ch.Lanes)+min(1, len(ch.Voices))
	return opts.XAxis{
		Type: "value", GridIndex: grid, Min: x(ch.From), Max: x(ch.To),
		AxisLabel: &opts.AxisLabel{Show: opts.Bool(last), Color: soft, FontSize: 12, Margin: 12},
		AxisTick:  &opts.AxisTick{Show: opts.Bool(last), LineStyle: &opts.LineStyle{Color: soft}},
		AxisLine:  &opts.AxisLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: soft}},
		SplitLine: &opts.SplitLine{Show: opts.Bool(false)},
	}
}

// yStep is the distance of the model's own ticks, so that both pictures have the same.
func yStep(ch *report.Chart) float64 {
	if len(ch.YTicks) < 2 {
		return 0
	}
	return float64(ch.YTicks[1].Bytes - ch.YTicks[0].Bytes)
}

func laneStep(l report.Lane) float64 {
	if len(l.Ticks) < 2 {
		return 0
	}
	return l.Ticks[1].V - l.Ticks[0].V
}

// rows is the data set: one row a point, and an empty one between two runs, where the line breaks.
func rows(m *report.Model, x func(float64) float64) [][]any {
	out := [][]any{}
	files := chartFiles(m)
	for _, s := range m.Chart.Runs {
		if s.Other {
			continue
		}
		if len(out) > 0 && len(s.Points) > 0 {
			out = append(out, []any{x(s.Points[0].At), nil, nil, nil, nil, nil, nil})
		}
		for _, p := range s.Points {
			row := []any{x(p.At), p.Live, max(p.Peak-p.Live, 0), nil, number(math.Round(p.Pause*1e7) / 1e7), p.Cycle, p.Line}
			if p.Goal > 0 {
				row[colGoal] = p.Goal
			}
			if k := slices.Index(files, fileOf(m, p)); k > 0 {
				row = append(row, k)
			}
			out = append(out, row)
		}
	}
	return out
}

// from ties a series to a column of the data set.
func from(column int) charts.SeriesOpts {
	return charts.WithSeriesOpts(func(s *charts.SingleSeries) {
		s.Data = nil
		s.Encode = &opts.Encode{X: colX, Y: column}
	})
}

// valued gives a series values of its own, in one of the plots.
func valued(data [][]any, plot int) charts.SeriesOpts {
	return charts.WithSeriesOpts(func(s *charts.SingleSeries) { s.Data, s.XAxisIndex, s.YAxisIndex = data, plot, plot })
}

func drawn(colour string, width float32, dash string) charts.SeriesOpts {
	return charts.WithSeriesOpts(func(s *charts.SingleSeries) {
		s.ShowSymbol = opts.Bool(false)
		s.LineStyle = &opts.LineStyle{Color: colour, Width: width, Type: dash}
		s.ItemStyle = &opts.ItemStyle{Color: colour}
	})
}

// stacked puts a series on the others of the band.
func stacked(area *opts.AreaStyle) charts.SeriesOpts {
	return charts.WithSeriesOpts(func(s *charts.SingleSeries) {
		s.Stack, s.AreaStyle = "band", area
		s.LineStyle.Opacity = opts.Float(0)
	})
}

// marks adds the bounds, the shaded stretch and the moments. The library's types for them lack styles of single items and
// spell one key wrongly, so the items are plain maps.
func marks(m *report.Model, x func(float64) float64) charts.SeriesOpts {
	ch := &m.Chart
	style := func(colour, dash string, width float64) map[string]any {
		return map[string]any{"color": colour, "type": dash, "width": width}
	}
	var lines, areas, points []any
	for _, l := range ch.Lines {
		look := style(amber, "dashed", 1.2)
		switch l.Kind {
		case report.LineLimit:
			look = style(red, "solid", 1.6)
		case report.LineCeiling:
			look = style(red, "dashed", 1.2)
		case report.LineLast:
			look = style(soft, "dashed", 1)
		case report.LineThreshold:
		}
		lines = append(lines, map[string]any{"yAxis": l.Bytes, "lineStyle": look})
	}
	for _, s := range ch.Spans {
		areas = append(areas, []any{map[string]any{"xAxis": x(s.From)}, map[string]any{"xAxis": x(s.To)}})
	}
	for _, mark := range ch.Moments {
		look := style(soft, "dotted", 1)
		point := map[string]any{"coord": []any{x(mark.At), mark.Live}, "symbol": "circle"}
		switch mark.Kind {
		case report.MomentForecast:
			continue
		case report.MomentKill:
			if m.Crash.Seen {
				look = style(red, "solid", 2.2)
				point["coord"], point["symbol"] = []any{x(mark.At), picture.DeathLevel(ch)}, cross
				point["symbolSize"], point["itemStyle"] = 12, map[string]any{"color": red}
			}
		case report.MomentInflection:
			look = style(red, "solid", 1.4)
			point["symbolSize"], point["itemStyle"] = 9, map[string]any{"color": red, "borderColor": paper, "borderWidth": 1.5}
		case report.MomentLimit:
			look = style(amber, "solid", 1.2)
			point["symbolSize"], point["itemStyle"] = 7, map[string]any{"color": amber, "borderColor": paper, "borderWidth": 1.2}
		case report.MomentOnset:
			look = style(soft, "solid", 1)
		case report.MomentRecovered:
			point["symbolSize"], point["itemStyle"] = 8, map[string]any{"color": paper, "borderColor": amber, "borderWidth": 1.6}
		case report.MomentRestart, report.MomentEvent:
		}
		lines = append(lines, map[string]any{"xAxis": x(mark.At), "lineStyle": look})
		if point["symbolSize"] != nil {
			points = append(points, point)
		}
	}
	if n := len(ch.Resident); n == 1 {
		points = append(points, map[string]any{
			"coord": []any{x(ch.Resident[0].At), ch.Resident[0].V}, "symbol": "diamond", "symbolSize": 11, "itemStyle": map[string]any{"color": purple},
		})
	}
	return charts.WithSeriesOpts(func(s *charts.SingleSeries) {
		s.MarkLines = &opts.MarkLines{Data: lines, MarkLineStyle: opts.MarkLineStyle{Symbol: []string{"none", "none"}, Label: &opts.Label{Show: opts.Bool(false)}}}
		s.MarkAreas = &opts.MarkAreas{Data: areas, MarkAreaStyle: opts.MarkAreaStyle{ItemStyle: &opts.ItemStyle{Color: red, Opacity: opts.Float(0.1)}}}
		s.MarkPoints = &opts.MarkPoints{Data: points, MarkPointStyle: opts.MarkPointStyle{Label: &opts.Label{Show: opts.Bool(false)}}}
	})
}

// laneMarks adds the bounds of a lane and the moment from which on its values stayed above the line.
func laneMarks(l report.Lane, x func(float64) float64) charts.SeriesOpts {
	var lines, points []any
	for _, line := range l.Lines {
		look := map[string]any{"color": red, "type": "dashed", "width": 1.2}
		if line.Kind == report.LineThreshold {
			look["color"] = amber
		}
		lines = append(lines, map[string]any{"yAxis": line.V, "lineStyle": look})
	}
	if l.Mark != nil {
		lines = append(lines, map[string]any{"xAxis": x(l.Mark.At), "lineStyle": map[string]any{"color": red, "type": "solid", "width": 1.4}})
		points = append(points, map[string]any{
			"coord": []any{x(l.Mark.At), l.Mark.V}, "symbol": "circle", "symbolSize": 7,
			"itemStyle": map[string]any{"color": red, "borderColor": paper, "borderWidth": 1.2},
		})
	}
	return charts.WithSeriesOpts(func(s *charts.SingleSeries) {
		s.MarkLines = &opts.MarkLines{Data: lines, MarkLineStyle: opts.MarkLineStyle{Symbol: []string{"none", "none"}, Label: &opts.Label{Show: opts.Bool(false)}}}
		s.MarkPoints = &opts.MarkPoints{Data: points, MarkPointStyle: opts.MarkPointStyle{Label: &opts.Label{Show: opts.Bool(false)}}}
	})
}

// cross is the sign of a death, as an outline.
const cross = "path://M1 0L5 4 9 0 10 1 6 5 10 9 9 10 5 6 1 10 0 9 4 5 0 1Z"

// visitor adds what the library's types do not have.
type visitor struct {
	charts.BaseConfigurationVisitor
	steps []float64 // between two ticks of each vertical axis; 0 leaves it to the chart
}

// Visit adds what the typed options of the library cannot say.
func (v visitor) Visit(option map[string]any) {
	option["animation"] = false
	for _, unused := range []string{"title", "legend", "toolbox", "color"} {
		delete(option, unused)
	}
}

// VisitDataZooms lets the plain wheel scroll the page, and a drag select rather than pan.
func (v visitor) VisitDataZooms(zooms []opts.DataZoom) any {
	type zoom struct {
		opts.DataZoom
		ZoomOnMouseWheel string `json:"zoomOnMouseWheel"`
		MoveOnMouseMove  string `json:"moveOnMouseMove"`
		MoveOnMouseWheel bool   `json:"moveOnMouseWheel"`
	}
	out := []zoom{}
	for _, z := range zooms {
		out = append(out, zoom{z, "ctrl", "shift", false})
	}
	return out
}

// VisitYAxis sets the distance of the labels and leaves out the ticks.
func (v visitor) VisitYAxis(axes []opts.YAxis) any {
	type axis struct {
		opts.YAxis
		Interval float64       `json:"interval,omitempty"`
		AxisTick opts.AxisTick `json:"axisTick"`
	}
	out := []axis{}
	for i, y := range axes {
		a := axis{YAxis: y, AxisTick: opts.AxisTick{Show: opts.Bool(false)}}
		if i < len(v.steps) {
			a.Interval = v.steps[i]
		}
		out = append(out, a)
	}
	return out
}
