package html

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"

	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/report/picture"
)

// figure is what the script of a page needs to draw the timeline. Only numbers and words of ours go into it: text from a
// log stands in the page alone, where the template escapes it.
type figure struct {
	Option  map[string]any `json:"option"`
	Columns []string       `json:"columns"` // of the data set of the option
	Height  float64        `json:"height"`  // of all plots and the axis below them, in pixels
	Axis    report.Axis    `json:"axis"`
	From    float64        `json:"from"` // on the horizontal axis
	To      float64        `json:"to"`
	End     float64        `json:"end"`
	EndWord string         `json:"endWord"`
	Ticks   int            `json:"ticks"`   // of the horizontal axis at most, on a wide screen
	Steps   []step         `json:"steps"`   // between two ticks of the horizontal axis, the finest first
	Shifts  []shift        `json:"shifts"`  // to local time
	Heights [][]string     `json:"heights"` // the labels of each vertical axis, from 0 upwards at its interval
	Level   string         `json:"level"`
	Number  string         `json:"number"` // what the numbers of the points count
	Edges   []edge         `json:"edges"`  // names of the lines, the most important first
	Flags   []flag         `json:"flags"`  // vertical marks, the most important first
	Lanes   []lane         `json:"lanes"`  // below the heap: grid and axes 1 and following
	Voices  []voice        `json:"voices"` // in the last grid, from top to bottom
}

// step is a round distance on the horizontal axis, and how ticks so far apart are written.
type step struct {
	Size float64         `json:"size"`
	Unit report.StepUnit `json:"unit"`
}

// shift is how far local time is ahead of the horizontal axis, in milliseconds, from a place on.
type shift struct {
	From  float64 `json:"from"`
	Ahead int64   `json:"ahead"`
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
	File int     `json:"file,omitempty"` // index in chartFiles
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
	Edges []edge         `json:"edges"`
	Data  [][]any        `json:"data"` // moments and values in order; empty for the pauses, which the data set has
}

// chartJSON returns the data block of the interactive timeline, safe to stand inside a script element.
func chartJSON(m *report.Model) ([]byte, error) {
	ch := &m.Chart
	x := horizontal(ch)
	f := figure{
		Option: option(m, x), Columns: columns, Height: height(ch), Axis: ch.Axis, From: x(ch.From), To: x(ch.To), End: x(ch.End), EndWord: endWord(m),
		Ticks: report.MostTicks, Steps: steps(ch), Shifts: shifts(ch, x), Heights: heights(ch), Level: levelName(ch), Number: numberName(m),
		Edges: edges(ch), Flags: flags(m, x), Lanes: lanes(ch, x), Voices: voices(m, x),
	}
	data, err := json.Marshal(f) // the default escaping: no "<" is left
	if err != nil {
		return nil, fmt.Errorf("html: chart data: %w", err)
	}
	return data, nil
}

// chartFiles lists the files that the points and marks of the chart stand in, those of the points first; none where one was read.
// The page has them, and the figure their numbers.
func chartFiles(m *report.Model) []string {
	if len(m.Files) < 2 {
		return nil
	}
	var out []string
	add := func(name string) {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, s := range m.Chart.Runs {
		for _, p := range s.Points {
			add(fileOf(m, p))
		}
	}
	for _, v := range m.Chart.Voices {
		for _, k := range v.Marks {
			add(k.Source.File)
		}
	}
	return out
}

func fileOf(m *report.Model, p report.Point) string {
	if p.File < len(m.Files) {
		return m.Files[p.File]
	}
	return ""
}

// horizontal returns the map from seconds on the chart's clock to its axis: milliseconds since the epoch, since the start,
// or before the end; or the seconds themselves where they count collections.
func horizontal(ch *report.Chart) func(float64) float64 {
	shift := 0.0
	switch ch.Axis {
	case report.AxisWall:
		shift = float64(ch.Zero.UnixMilli()) / 1000
	case report.AxisTMinus:
		shift = -ch.End
	case report.AxisCycles:
		return finite
	case report.AxisProcess:
	}
	return func(at float64) float64 { return finite(math.Round((at + shift) * 1000)) }
}

func steps(ch *report.Chart) []step {
	scale := 1000.0
	if ch.Axis == report.AxisCycles {
		scale = 1
	}
	out := []step{} // the page asks for none, where none is needed
	for _, s := range ch.Steps() {
		out = append(out, step{math.Round(scale * s.Size), s.Unit})
	}
	return out
}

func shifts(ch *report.Chart, x func(float64) float64) []shift {
	var out []shift
	for _, s := range ch.Shifts() {
		out = append(out, shift{x(s.From), s.Ahead.Milliseconds()})
	}
	return out
}

// heights are the labels of the vertical axes; the one of the witnesses has none.
func heights(ch *report.Chart) [][]string {
	out := make([][]string, 1, 1+len(ch.Lanes)+1)
	for _, t := range ch.YTicks {
		out[0] = append(out[0], word(t.Label, ""))
	}
	for _, l := range ch.Lanes {
		var labels []string
		for _, t := range l.Ticks {
			labels = append(labels, word(t.Label, ""))
		}
		out = append(out, labels)
	}
	return append(out, []string{})
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
	"live heap", "heap in use", "resident set", "working set", "anonymous", "in use", "peak memory", "metadata", "class space", "perm. gen.",
}

// levelName is what the script calls the line of the plot.
func levelName(ch *report.Chart) string {
	return levelNames[max(0, slices.Index(levelNames, picture.LevelName(ch)))]
}

// numberName is what the script calls the number of a point.
func numberName(m *report.Model) string {
	if m.Words.Number == "reading" {
		return "reading"
	}
	return "GC"
}

// lanes tells the script about the plots below the heap.
func lanes(ch *report.Chart, x func(float64) float64) []lane {
	out := []lane{}
	for _, l := range ch.Lanes {
		v := lane{Of: l.Of, Edges: laneEdges(l), Data: [][]any{}}
		if i := slices.Index(laneTitles, l.Title); i >= 0 {
			v.Title = laneTitles[i]
		}
		switch l.Kind {
		case report.LanePause:
			v.Word = "pause"
		case report.LaneCollector:
			v.Word = "collector"
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

// laneEdges names the last value of a lane and its lines.
func laneEdges(l report.Lane) []edge {
	whole := l.Top
	for _, line := range l.Lines {
		if line.Kind == report.LineCeiling {
			whole = line.V
		}
	}
	out := []edge{{l.LastAt, word(l.Last, ""), laneClass(l.Kind) + " strong", true}}
	for _, line := range l.Lines {
		switch n := report.Spell(unit.Bytes(line.V)); line.Kind {
		case report.LineThreshold:
			out = append(out, edge{line.V, share(line.V, whole), "warn", false})
		case report.LineLimit:
			out = append(out, edge{line.V, "at most " + n, "alarm", false})
		case report.LineCeiling, report.LineLast:
			out = append(out, edge{line.V, "room " + n, "alarm", false})
		}
	}
	return out
}

// share names a part of a whole. It is figured from the numbers, as the script gets no text of the model.
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
var plainWords = regexp.MustCompile(`^[A-Za-z0-9]+(( |, ?|: |[.:_/+−-])[A-Za-z0-9%]+)*$`)

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

// number is f, or null where it is none: JSON has no NaN.
func number(f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return f
}
