package html

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"

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
	Level   string         `json:"level"`
	Edges   []edge         `json:"edges"`  // names of the lines, the most important first
	Flags   []flag         `json:"flags"`  // vertical marks, the most important first
	Lanes   []lane         `json:"lanes"`  // below the heap: grid and axes 1 and following
	Voices  []voice        `json:"voices"` // in the last grid, from top to bottom
}

// voice is a row of what a witness said.
type voice struct {
	Title string   `json:"title"`
	Marks []spoken `json:"marks"` // the most important first
}

// spoken is one thing that was said. A life lasts from X to To.
type spoken struct {
	X    float64 `json:"x"`
	To   float64 `json:"to"`
	Word string  `json:"word"`
	Line int     `json:"line"`
	Life bool    `json:"life"`
	Hot  bool    `json:"hot"`
}

// edge names a line at the right end of a plot.
type edge struct {
	V     float64 `json:"y"`
	Text  string  `json:"text"`
	Class string  `json:"class"`
	Full  bool    `json:"full"` // true of the whole range only: hidden when zoomed
}

// flag names a vertical mark.
type flag struct {
	At    float64 `json:"x"`
	Text  string  `json:"text"`
	When  string  `json:"when"`
	Class string  `json:"class"`
}

// lane is what the script must know of a plot below the heap.
type lane struct {
	Title string         `json:"title"`
	Word  string         `json:"word"` // for the tooltip
	Of    report.Measure `json:"of"`
	Most  string         `json:"most"` // said before Last, where that is the largest value
	Last  float64        `json:"last"`
	Class string         `json:"class"`
	Edges []edge         `json:"edges"`
	Data  [][]any        `json:"data"` // moments and values in order; empty for the pauses, which the data set has
}

// Columns of the data set.
const (
	colX = iota
	colLive
	colBand // peak over live
	colGoal
	colPause // seconds
	colCycle
	colLine
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

// chartJSON returns the data block of the interactive timeline, safe to stand inside a script element.
func chartJSON(m *report.Model) ([]byte, error) {
	ch := &m.Chart
	x := horizontal(ch)
	f := figure{
		Option: option(m, x), Axis: ch.Axis, From: x(ch.From), To: x(ch.To), End: x(ch.End), EndWord: endWord(m), Level: levelName(ch),
		Edges: edges(ch), Flags: flags(m, x), Lanes: lanes(ch, x), Voices: voices(ch, x),
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

func endWord(m *report.Model) string {
	if m.Crash.Seen {
		return "the kill"
	}
	return "the end"
}

func edges(ch *report.Chart) []edge {
	first, last := []edge{}, []edge{}
	for _, l := range ch.Lines {
		n, v := report.Spell(l.Bytes), float64(l.Bytes)
		switch l.Kind {
		case report.LineLimit:
			first = append(first, edge{v, "limit " + n, "alarm strong", false})
		case report.LineCeiling:
			first = append(first, edge{v, "ceiling " + n, "alarm", false})
		case report.LineLast:
			first = append(first, edge{v, "last level " + n, "muted", false})
		case report.LineThreshold:
			last = append(last, edge{v, percent(ch) + " = " + n, "warn", false})
		}
	}
	p, ok := picture.LastPoint(ch)
	if !ok {
		return append(first, last...)
	}
	first = append(first, edge{float64(p.Live), levelName(ch) + " " + report.Spell(p.Live), "live strong", true})
	if n := len(ch.Resident); n > 0 {
		v := ch.Resident[n-1].V
		first = append(first, edge{v, "RSS " + report.Spell(unit.Bytes(v)), "rss", true})
	}
	if p.Peak > p.Live {
		last = append(last, edge{float64(p.Peak), "peak " + report.Spell(p.Peak), "live", true})
	}
	if p.Goal > 0 {
		last = append(last, edge{float64(p.Goal), "GC goal " + report.Spell(p.Goal), "muted", true})
	}
	for _, p := range picture.OtherEnds(ch) {
		last = append(last, edge{float64(p.Live), "another process " + report.Spell(p.Live), "pause", true})
	}
	return append(first, last...)
}

// laneTitles are the titles that a lane may have: the words of the page's script are constants.
var laneTitles = []string{
	"old generation", "live heap", "metaspace", "stacks", "beside the heap", "goroutines", "share of CPU in the collector",
	"share of time stopped for collections", "stop-the-world pause, longest in each column",
}

// levelNames are what the line of the plot may be called.
var levelNames = []string{
	"live heap", "resident set", "working set", "anonymous", "in use", "peak memory", "metadata", "perm. gen.",
}

// levelName is what the script calls the line of the plot.
func levelName(ch *report.Chart) string {
	return levelNames[max(0, slices.Index(levelNames, picture.LevelName(ch)))]
}

// lanes tells the script about the plots below the heap.
func lanes(ch *report.Chart, x func(float64) float64) []lane {
	out := []lane{}
	for _, l := range ch.Lanes {
		v := lane{Of: l.Of, Last: l.LastAt, Class: laneClass(l.Kind) + " strong", Edges: []edge{}, Data: [][]any{}}
		if i := slices.Index(laneTitles, l.Title); i >= 0 {
			v.Title = laneTitles[i]
		}
		whole := l.Top
		for _, line := range l.Lines {
			if line.Kind == report.LineCeiling {
				whole = line.V
			}
		}
		for _, line := range l.Lines {
			switch n := report.Spell(unit.Bytes(line.V)); line.Kind {
			case report.LineThreshold:
				v.Edges = append(v.Edges, edge{line.V, share(line.V, whole), "warn", false})
			case report.LineLimit:
				v.Edges = append(v.Edges, edge{line.V, "at most " + n, "alarm", false})
			case report.LineCeiling, report.LineLast:
				v.Edges = append(v.Edges, edge{line.V, "room " + n, "alarm", false})
			}
		}
		switch l.Kind {
		case report.LanePause:
			v.Word, v.Most = "pause", "worst "
		case report.LaneCollector:
			v.Word, v.Most = "collector", "at most "
		case report.LaneOld, report.LaneBeside, report.LaneGoroutines:
			v.Word = v.Title
		}
		if l.Kind != report.LanePause {
			v.Data = curves(l.Curves, x)
		}
		out = append(out, v)
	}
	return out
}

// share names a part of a whole.
func share(part, whole float64) string {
	if !(whole > 0) {
		return "threshold"
	}
	return fmt.Sprintf("%g %%", math.Round(1000*part/whole)/10)
}

func laneClass(kind report.LaneKind) string {
	switch kind {
	case report.LaneOld:
		return "live"
	case report.LaneBeside, report.LaneGoroutines:
		return "rss"
	case report.LaneCollector, report.LanePause:
	}
	return "pause"
}

func laneColour(kind report.LaneKind) string {
	return map[string]string{"live": blue, "rss": purple, "pause": slate}[laneClass(kind)]
}

// curves is a list of points, with an empty one between two curves, where the line breaks.
func curves(curves [][]report.Reading, x func(float64) float64) [][]any {
	out := [][]any{}
	for i, curve := range curves {
		if i > 0 {
			out = append(out, []any{x(curve[0].At), nil})
		}
		for _, r := range curve {
			out = append(out, []any{x(r.At), number(math.Round(r.V*1e6) / 1e6)})
		}
	}
	return out
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
	return share(float64(line), float64(whole))
}

// plainWords is what a text of the model must be to stand in the data of the script: words and numbers that mean nothing to HTML, to the
// script or to the chart library, whatever they came out of.
var plainWords = regexp.MustCompile(`^[A-Za-z0-9]+(( |, |: |[.:_/+−-])[A-Za-z0-9%]+)*$`)

// word returns a text if it consists of plain words, else another one.
func word(s, instead string) string {
	if len(s) <= 60 && plainWords.MatchString(s) {
		return s
	}
	return instead
}

// markNames are the marks in order of importance, and their words where those of the model are not plain.
var markNames = []struct {
	kind        report.MomentKind
	text, class string
}{
	{report.MomentInflection, "inflection", "alarm strong"},
	{report.MomentKill, "end", "muted"},
	{report.MomentOnset, "climb begins", "muted"},
	{report.MomentLimit, "above the line of the limit", "warn"},
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
			f := flag{At: x(mark.At), Text: word(mark.Label, name.text), When: word(mark.Text, ""), Class: name.class}
			if mark.Kind == report.MomentKill && m.Crash.Seen {
				f.Class = "alarm strong"
			}
			out = append(out, f)
		}
	}
	return out
}

// The upper edge and the height of the plot of the heap, in pixels.
const (
	plotTop    = 86
	plotHeight = picture.PlotHeight
)

// option returns the chart's configuration, made and checked by the chart library's own types.
func option(m *report.Model, x func(float64) float64) map[string]any {
	ch := &m.Chart
	line := charts.NewLine()
	grids, axes, top := []opts.Grid{plot(plotTop, plotHeight)}, []int{0}, float64(plotTop+plotHeight)
	for i, l := range ch.Lanes {
		grids, axes = append(grids, plot(top+picture.LaneGap, picture.LaneHeight(l.Kind))), append(axes, i+1)
		top += picture.LaneGap + picture.LaneHeight(l.Kind)
	}
	if n := len(ch.Voices); n > 0 {
		grids, axes = append(grids, plot(top+picture.LaneGap, picture.VoiceHeight*float64(n))), append(axes, len(ch.Lanes)+1)
	}
	line.SetGlobalOptions(
		charts.WithInitializationOpts(opts.Initialization{ChartID: "timeline", Theme: "white"}),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis"}),
		charts.WithDataZoomOpts(opts.DataZoom{Type: "inside", XAxisIndex: axes}),
		charts.WithGridOpts(grids...),
		charts.WithXAxisOpts(xAxis(ch, x, 0)),
		charts.WithYAxisOpts(yAxis(0, max(float64(ch.Top), 1), 12)),
	)
	line.AddDataset(opts.Dataset{Source: rows(ch, x)})
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

func plot(top, height float64) opts.Grid {
	return opts.Grid{
		Left: strconv.Itoa(picture.PlotLeft), Right: strconv.Itoa(picture.PlotMargin),
		Top: fmt.Sprint(top), Height: fmt.Sprint(height),
	}
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
	kind := "value"
	if ch.Axis == report.AxisWall {
		kind = "time"
	}
	last := grid == len(ch.Lanes)+min(1, len(ch.Voices))
	return opts.XAxis{
		Type: kind, GridIndex: grid, Min: x(ch.From), Max: x(ch.To),
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
func rows(ch *report.Chart, x func(float64) float64) [][]any {
	out := [][]any{}
	for _, s := range ch.Runs {
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
