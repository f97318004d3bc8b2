package html

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/report/picture"
)

// figure is what the script of a page needs to draw the timeline. Only numbers and words of ours go into it: text from a
// log stands in the page alone, where the template escapes it.
type figure struct {
	Option  map[string]any `json:"option"`
	Axis    report.Axis    `json:"axis"`
	From    float64        `json:"from"` // on the horizontal axis
	To      float64        `json:"to"`
	End     float64        `json:"end"`
	EndWord string         `json:"endWord"`
	Unit    float64        `json:"unit"` // bytes
	Name    string         `json:"name"` // of the unit
	Digits  int            `json:"digits"`
	Edges   []edge         `json:"edges"` // names of the lines, the most important first
	Flags   []flag         `json:"flags"` // vertical marks, the most important first
}

// edge names a line at the right end of the plot.
type edge struct {
	Bytes unit.Bytes `json:"y"`
	Text  string     `json:"text"`
	Class string     `json:"class"`
	Full  bool       `json:"full"` // true of the whole range only: hidden when zoomed
}

// flag names a vertical mark.
type flag struct {
	At    float64 `json:"x"`
	Text  string  `json:"text"`
	Class string  `json:"class"`
}

// Columns of the data set.
const (
	colX = iota
	colLive
	colBand // peak over live
	colGoal
	colPause // milliseconds
	colCycle
	colLine
)

// colours stand in the option as names of style sheet variables; the script resolves them, again when the theme changes.
const (
	blue  = "var(--live)"
	grey  = "var(--goal)"
	amber = "var(--warn)"
	red   = "var(--alarm)"
	soft  = "var(--soft)"
	grid  = "var(--grid)"
	slate = "var(--pause)"
	paper = "var(--bg)"
)

// chartJSON returns the data block of the interactive timeline, safe to stand inside a script element.
func chartJSON(m *report.Model) ([]byte, error) {
	ch := &m.Chart
	x := horizontal(ch)
	name, digits := unitName(ch.Scale.Unit)
	f := figure{
		Option: option(m, x), Axis: ch.Axis, From: x(ch.From), To: x(ch.To), End: x(ch.End), EndWord: endWord(m),
		Unit: float64(max(ch.Scale.Unit, 1)), Name: name, Digits: digits, Edges: edges(ch, name, digits), Flags: flags(m, x),
	}
	data, err := json.Marshal(f) // the default escaping: no "<" is left
	if err != nil {
		return nil, fmt.Errorf("html: chart data: %w", err)
	}
	return data, nil
}

// horizontal returns the map from seconds on the chart's clock to its axis: milliseconds of local time, since the start,
// or before the end; or the seconds themselves where they count collections.
func horizontal(ch *report.Chart) func(float64) float64 {
	shift := 0.0
	switch ch.Axis {
	case report.AxisWall:
		shift = picture.WallSeconds(ch)
	case report.AxisTMinus:
		shift = -ch.End
	case report.AxisCycles:
		return finite
	case report.AxisProcess:
	}
	return func(at float64) float64 { return finite(math.Round((at + shift) * 1000)) }
}

// finite is f, or 0 where it is no number.
func finite(f float64) float64 {
	if number(f) == nil {
		return 0
	}
	return f
}

func unitName(u unit.Bytes) (name string, digits int) {
	switch {
	case u >= unit.TiB:
		return "TiB", 2
	case u >= unit.GiB:
		return "GiB", 2
	case u >= unit.MiB:
		return "MiB", 0
	case u >= unit.KiB:
		return "KiB", 0
	}
	return "B", 0
}

func endWord(m *report.Model) string {
	if m.Crash.Seen {
		return "the kill"
	}
	return "the end"
}

func size(b, u unit.Bytes, digits int) string {
	return fmt.Sprintf("%.*f", digits, float64(b)/float64(max(u, 1)))
}

func edges(ch *report.Chart, name string, digits int) []edge {
	var first, last []edge
	for _, l := range ch.Lines {
		n := size(l.Bytes, ch.Scale.Unit, digits)
		switch l.Kind {
		case report.LineLimit:
			first = append(first, edge{l.Bytes, "limit " + n + " " + name, "alarm strong", false})
		case report.LineCeiling:
			first = append(first, edge{l.Bytes, "ceiling " + n, "alarm", false})
		case report.LineLast:
			first = append(first, edge{l.Bytes, "last level " + n, "muted", false})
		case report.LineThreshold:
			last = append(last, edge{l.Bytes, percent(ch) + " = " + n, "warn", false})
		}
	}
	p, ok := picture.LastPoint(ch)
	if !ok {
		return append(first, last...)
	}
	first = append(first, edge{p.Live, "live heap " + size(p.Live, ch.Scale.Unit, digits), "live strong", true})
	if p.Peak > p.Live {
		last = append(last, edge{p.Peak, "peak " + size(p.Peak, ch.Scale.Unit, digits), "live", true})
	}
	if p.Goal > 0 {
		last = append(last, edge{p.Goal, "GC goal " + size(p.Goal, ch.Scale.Unit, digits), "muted", true})
	}
	return append(first, last...)
}

// percent names the line that must not be crossed.
func percent(ch *report.Chart) string {
	var line, whole unit.Bytes
	for _, l := range ch.Lines {
		switch l.Kind {
		case report.LineThreshold:
			line = l.Bytes
		case report.LineCeiling, report.LineLast:
			whole = l.Bytes
		case report.LineLimit:
			if whole == 0 {
				whole = l.Bytes
			}
		}
	}
	if whole <= 0 {
		return "threshold"
	}
	return fmt.Sprintf("%g %%", math.Round(1000*float64(line)/float64(whole))/10)
}

// markNames are the words for the marks, in order of importance.
var markNames = []struct {
	kind        report.MomentKind
	text, class string
}{
	{report.MomentInflection, "inflection", "alarm strong"},
	{report.MomentKill, "end", "muted"},
	{report.MomentOnset, "climb begins", "muted"},
	{report.MomentLimit, "above %s of the limit", "warn"},
	{report.MomentRestart, "restart", "muted"},
	{report.MomentRecovered, "crossed, recovered", "muted"},
	{report.MomentEvent, "other event", "muted"},
}

func flags(m *report.Model, x func(float64) float64) []flag {
	out := []flag{}
	for _, name := range markNames {
		for _, mark := range m.Chart.Moments {
			if mark.Kind != name.kind {
				continue
			}
			f := flag{x(mark.At), strings.Replace(name.text, "%s", percent(&m.Chart), 1), name.class}
			if mark.Kind == report.MomentKill && m.Crash.Seen {
				f.Text, f.Class = "killed", "alarm strong"
			}
			out = append(out, f)
		}
	}
	return out
}

// option returns the chart's configuration, made and checked by the chart library's own types.
func option(m *report.Model, x func(float64) float64) map[string]any {
	ch := &m.Chart
	line := charts.NewLine()
	line.SetGlobalOptions(
		charts.WithInitializationOpts(opts.Initialization{ChartID: "timeline", Theme: "white"}),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis"}),
		charts.WithDataZoomOpts(opts.DataZoom{Type: "inside", XAxisIndex: []int{0, 1}}),
		charts.WithGridOpts(
			opts.Grid{Left: "46", Right: "132", Top: "86", Height: "290"},
			opts.Grid{Left: "46", Right: "132", Top: "412", Height: "40"},
		),
		charts.WithXAxisOpts(xAxis(ch, x, 0)),
		charts.WithYAxisOpts(opts.YAxis{
			Type: "value", Min: 0, Max: max(ch.Top, 1), AxisLine: &opts.AxisLine{Show: opts.Bool(false), OnZero: opts.Bool(false)},
			AxisLabel: &opts.AxisLabel{Show: opts.Bool(true), Color: soft, FontSize: 12},
			SplitLine: &opts.SplitLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: grid}},
		}),
	)
	line.ExtendXAxis(xAxis(ch, x, 1))
	line.ExtendYAxis(opts.YAxis{
		Type: "value", GridIndex: 1, Min: 0, AxisLine: &opts.AxisLine{Show: opts.Bool(false), OnZero: opts.Bool(false)},
		AxisLabel: &opts.AxisLabel{Show: opts.Bool(true), Color: soft, FontSize: 11},
		SplitLine: &opts.SplitLine{Show: opts.Bool(false)}, SplitNumber: 1,
	})
	line.AddDataset(opts.Dataset{Source: rows(ch, x)})
	line.AddSeries("live", nil, from(colLive), drawn(blue, 1.8, "solid"), marks(m, x))
	line.AddSeries("base", nil, from(colLive), drawn(blue, 0, "solid"), stacked(nil))
	line.AddSeries("band", nil, from(colBand), drawn(blue, 0, "solid"), stacked(&opts.AreaStyle{Color: blue, Opacity: opts.Float(0.16)}))
	line.AddSeries("goal", nil, from(colGoal), drawn(grey, 1, "dotted"))
	bar := charts.NewBar()
	bar.AddSeries("pause", nil, from(colPause), charts.WithSeriesOpts(func(s *charts.SingleSeries) {
		s.XAxisIndex, s.YAxisIndex, s.BarWidth = 1, 1, "1.2"
		s.ItemStyle = &opts.ItemStyle{Color: slate}
	}))
	line.Overlap(bar)
	line.Accept(visitor{step: yStep(ch)})
	line.Validate()
	return line.JSON()
}

func xAxis(ch *report.Chart, x func(float64) float64, grid int) opts.XAxis {
	kind := "value"
	if ch.Axis == report.AxisWall {
		kind = "time"
	}
	last := grid == 1
	return opts.XAxis{
		Type: kind, GridIndex: grid, Min: x(ch.From), Max: x(ch.To),
		AxisLabel: &opts.AxisLabel{Show: opts.Bool(last), Color: soft, FontSize: 12, Margin: 12},
		AxisTick:  &opts.AxisTick{Show: opts.Bool(last), LineStyle: &opts.LineStyle{Color: soft}},
		AxisLine:  &opts.AxisLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: soft}},
		SplitLine: &opts.SplitLine{Show: opts.Bool(false)},
	}
}

// yStep is the distance of the model's own ticks, so that both pictures have the same.
func yStep(ch *report.Chart) unit.Bytes {
	if len(ch.YTicks) < 2 {
		return 0
	}
	return ch.YTicks[1].Bytes - ch.YTicks[0].Bytes
}

// rows is the data set: one row a point, and an empty one between two runs, where the line breaks.
func rows(ch *report.Chart, x func(float64) float64) [][]any {
	out := [][]any{}
	for i, s := range ch.Runs {
		if i > 0 && len(s.Points) > 0 {
			out = append(out, []any{x(s.Points[0].At), nil, nil, nil, nil, nil, nil})
		}
		for _, p := range s.Points {
			row := []any{x(p.At), p.Live, max(p.Peak-p.Live, 0), nil, number(math.Round(p.Pause*1e6) / 1e3), p.Cycle, p.Line}
			if p.Goal > 0 {
				row[colGoal] = p.Goal
			}
			out = append(out, row)
		}
	}
	return out
}

// number is f, or null where it is none: JSON has no NaN.
func number(f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return f
}

// from ties a series to a column of the data set.
func from(column int) charts.SeriesOpts {
	return charts.WithSeriesOpts(func(s *charts.SingleSeries) {
		s.Data = nil
		s.Encode = &opts.Encode{X: colX, Y: column}
	})
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
	return charts.WithSeriesOpts(func(s *charts.SingleSeries) {
		s.MarkLines = &opts.MarkLines{Data: lines, MarkLineStyle: opts.MarkLineStyle{Symbol: []string{"none", "none"}, Label: &opts.Label{Show: opts.Bool(false)}}}
		s.MarkAreas = &opts.MarkAreas{Data: areas, MarkAreaStyle: opts.MarkAreaStyle{ItemStyle: &opts.ItemStyle{Color: red, Opacity: opts.Float(0.1)}}}
		s.MarkPoints = &opts.MarkPoints{Data: points, MarkPointStyle: opts.MarkPointStyle{Label: &opts.Label{Show: opts.Bool(false)}}}
	})
}

// cross is the sign of a death, as an outline.
const cross = "path://M1 0L5 4 9 0 10 1 6 5 10 9 9 10 5 6 1 10 0 9 4 5 0 1Z"

// visitor adds what the library's types do not have.
type visitor struct {
	charts.BaseConfigurationVisitor
	step unit.Bytes // between two ticks of the heap axis; 0 leaves it to the chart
}

// Visit adds what the typed options of the library cannot say.
func (v visitor) Visit(option map[string]any) {
	option["useUTC"] = true
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
		Interval unit.Bytes    `json:"interval,omitempty"`
		AxisTick opts.AxisTick `json:"axisTick"`
	}
	out := []axis{}
	for i, y := range axes {
		a := axis{YAxis: y, AxisTick: opts.AxisTick{Show: opts.Bool(false)}}
		if i == 0 {
			a.Interval = v.step
		}
		out = append(out, a)
	}
	return out
}
