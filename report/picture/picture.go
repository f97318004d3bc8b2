// Package picture draws the timeline of a report, as SVG and as PNG from the same geometry. The SVG needs no style sheet and
// no script: every colour and size is an attribute, so that it survives wherever an image does. Classes name the role of
// each element, for pages that have a theme. The package takes what the [report.Model] decided and only places it; the same
// model gives the same bytes.
package picture

import (
	"cmp"
	"io"
	"math"
	"strings"

	"oomtrace/parser/unit"
	"oomtrace/report"
)

// Options of a picture. The zero value draws for a page.
type Options struct {
	// ID begins the ids inside the picture, so that two of them fit on one page. Empty is "timeline" or "climb".
	ID string
	// Alone draws a file of its own, with a background and a heading, rather than a part of a page.
	Alone bool
}

// The places of a timeline, in pixels, for those who draw the same one otherwise.
const (
	PlotLeft   = 64  // from the left edge to the plot
	PlotMargin = 150 // from the plot to the right edge, for the names of the lines
	PlotHeight = 300
	LaneGap    = 34 // over each lane, for its title
)

const (
	pageWidth  = 1080.0
	plotLeft   = PlotLeft
	plotRight  = pageWidth - PlotMargin
	headHeight = 30.0 // of a picture that stands alone
	wordSize   = 14.0 // of the words where there is nothing to draw
	wordStep   = 20.0
)

// LaneHeight returns the height of a lane, in pixels.
func LaneHeight(kind report.LaneKind) float64 {
	if kind == report.LaneOld {
		return 84
	}
	return 40
}

// SVG writes the timeline: live heap, its bounds, what happened, and the lanes below. A model without a cycle gives what the
// witnesses counted and when they spoke, and where there is neither, the verdict in words.
func SVG(w io.Writer, m *report.Model, o Options) error {
	if o.ID == "" {
		o.ID = "timeline"
	}
	t := newTimeline(m, o)
	var v vector
	v.begin(m, o.ID, pageWidth, t.height)
	t.draw(sheet{&v})
	v.put("</svg>\n")
	_, err := w.Write(v.Bytes())
	return err
}

// PNG writes the same picture as pixels, two of them for each of the SVG, with a background and a heading.
func PNG(w io.Writer, m *report.Model) error {
	t := newTimeline(m, Options{Alone: true})
	r := newRaster(pageWidth, t.height, 2)
	t.draw(sheet{r})
	return r.encode(w)
}

// timeline is the layout of the picture.
type timeline struct {
	m      *report.Model
	o      Options
	f      frame
	flags  []flag
	height float64
}

func newTimeline(m *report.Model, o Options) timeline {
	ch := &m.Chart
	t := timeline{m: m, o: o, f: frame{left: plotLeft, right: plotRight, from: ch.From, to: ch.To, max: float64(ch.Top)}}
	t.flags = raise(without(ch.Moments, report.MomentForecast), t.f, plotLeft, pageWidth)
	t.f.top = 18 + float64(rows(t.flags))*rowHeight
	if o.Alone {
		t.f.top += headHeight
	}
	t.f.bottom = t.f.top + PlotHeight
	t.height = t.f.bottom + 44
	for _, l := range ch.Lanes {
		t.height += LaneGap + LaneHeight(l.Kind)
	}
	t.height += voicesHeight(ch.Voices)
	if len(ch.Runs) == 0 {
		t.layWitnesses()
	}
	return t
}

// layWitnesses lays out what is left where there is no collection: what the kernel counted, and when witnesses spoke.
func (t *timeline) layWitnesses() {
	ch := &t.m.Chart
	t.f.top -= rowHeight // no marks stand over it
	t.f.bottom = t.f.top
	if len(ch.Holders) > 0 {
		t.f.bottom += holdersHeight(ch.Holders)
	}
	t.height = t.f.bottom + rowHeight
	if len(ch.Voices) > 0 {
		t.height = t.f.bottom + voicesHeight(ch.Voices) + 44
	}
	if ch.Empty() {
		t.height = t.f.top + wordStep*float64(len(t.words())+1)
	}
}

func (t timeline) draw(c sheet) {
	ch, f := &t.m.Chart, t.f
	if t.o.Alone {
		c.rect(xy{}, pageWidth, t.height, paper, 1)
		c.text(xy{20, 24}, fit(t.m.Title, 15, pageWidth-40), lettering{black, 15, true, start})
	}
	if len(ch.Runs) == 0 {
		t.drawWitnesses(c)
		return
	}
	c.spans(ch, f)
	c.grid(ch, f)
	c.heap(ch, f)
	c.bounds(ch, f)
	for _, s := range ch.Runs {
		if s.Other {
			c.curve(f.trace(s.Points, live), pen{slate, 1.2, ""})
			continue
		}
		c.curve(f.trace(s.Points, live), pen{blue, 1.8, ""})
	}
	c.resident(ch, f)
	c.flags(t.m, t.flags, f)
	c.edge(ch, f)
	for _, l := range ch.Lanes {
		f.top = f.bottom + LaneGap
		f.bottom, f.max = f.top+LaneHeight(l.Kind), l.Top
		c.lane(l, f)
	}
	t.drawVoices(c, f)
}

// drawWitnesses draws what there is without a collection.
func (t timeline) drawWitnesses(c sheet) {
	ch := &t.m.Chart
	if len(ch.Holders) > 0 {
		c.holders(t.m, t.f.top)
	}
	if len(ch.Voices) > 0 {
		t.drawVoices(c, t.f)
	}
	if ch.Empty() {
		for i, line := range t.words() {
			c.text(xy{20, t.f.top + wordStep*float64(i+1)}, line, lettering{muted, wordSize, false, start})
		}
	}
}

// words are what stands in place of a picture where there is nothing to draw: the verdict, and why it is not drawn.
func (t timeline) words() []string {
	const width = pageWidth - 40
	lines := wrap(t.m.Verdict.Sentence.String(), wordSize, width)
	return append(append(lines, ""), wrap(t.m.Chart.Caption, wordSize, width)...)
}

// wrap breaks a text into lines no wider than that, at its blanks.
func wrap(s string, size, width float64) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if longer := line + " " + word; line != "" && textWidth(longer, size, false) <= width {
			line = longer
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		line = fit(word, size, width)
	}
	return append(lines, line)
}

// drawVoices draws the witnesses below a plot, and the axis below them.
func (t timeline) drawVoices(c sheet, f frame) {
	ch := &t.m.Chart
	if len(ch.Voices) > 0 {
		f.top = f.bottom + LaneGap
		f.bottom = f.top + VoiceHeight*float64(len(ch.Voices))
		c.voices(ch.Voices, f)
	}
	c.xAxis(ch.XTicks, f, ch.AxisLabel)
}

// fit cuts a text that is wider than that, as bold letters, and marks the cut.
func fit(s string, size, width float64) string {
	for letters := []rune(s); textWidth(s, size, true) > width; {
		letters = letters[:len(letters)-1]
		s = string(letters) + "…"
	}
	return s
}

func without(moments []report.Moment, kind report.MomentKind) []report.Moment {
	var out []report.Moment
	for _, m := range moments {
		if m.Kind != kind {
			out = append(out, m)
		}
	}
	return out
}

// spans shades the stretches of which the chart says something.
func (c sheet) spans(ch *report.Chart, f frame) {
	for _, s := range ch.Spans {
		from, to := f.x(s.From), f.x(s.To)
		c.rect(xy{from, f.top}, max(to-from, 0), f.bottom-f.top, red, 0.1)
	}
}

// spanLabels names the shaded stretches at the foot of the plot, a clause a line, where that fits.
func (c sheet) spanLabels(ch *report.Chart, f frame) {
	for _, s := range ch.Spans {
		from, to := f.x(s.From), f.x(s.To)
		if textWidth(s.Label, 11, false)+8 <= to-from {
			c.text(xy{(from + to) / 2, f.bottom - 8}, s.Label, lettering{red, 11, false, middle})
			continue
		}
		first, second, _ := strings.Cut(s.Label, ", ")
		if max(textWidth(first, 11, false), textWidth(second, 11, false))+8 <= to-from {
			c.text(xy{(from + to) / 2, f.bottom - 21}, first, lettering{red, 11, false, middle})
			c.text(xy{(from + to) / 2, f.bottom - 8}, second, lettering{red, 11, false, middle})
		}
	}
}

func (c sheet) grid(ch *report.Chart, f frame) {
	for _, t := range ch.YTicks {
		y := f.y(float64(t.Bytes))
		if t.Bytes > 0 {
			c.line(xy{f.left, y}, xy{f.right, y}, pen{grid, 1, ""})
		}
		c.text(xy{f.left - 8, y + 4}, t.Label, lettering{soft, 12.5, false, end})
	}
	c.line(xy{f.left, f.bottom}, xy{f.right, f.bottom}, pen{soft, 1, ""})
}

// shortLevels are names that fit beside the plot.
var shortLevels = map[string]string{
	"anonymous memory": "anonymous", "memory in use": "in use", "class metadata": "metadata", "permanent generation": "perm. gen.",
}

// LevelName is what the line of the plot is called beside it.
func LevelName(ch *report.Chart) string { return cmp.Or(shortLevels[ch.Level], ch.Level) }

// heap draws the band from the live heap to the peak, and the goal of the collector.
func (c sheet) heap(ch *report.Chart, f frame) {
	for _, s := range ch.Runs {
		if s.Other {
			continue
		}
		c.area(f.band(s.Points), blue, 0.16)
		if line := f.trace(s.Points, goal); len(line) > 1 {
			c.curve(line, pen{grey, 1, "1 2.5"})
		}
	}
}

// penFor returns how a horizontal line is drawn.
func penFor(kind report.LineKind) pen {
	switch kind {
	case report.LineLimit:
		return pen{red, 1.6, ""}
	case report.LineCeiling:
		return pen{red, 1.2, "9 3"}
	case report.LineLast:
		return pen{soft, 1, "9 3"}
	case report.LineThreshold:
	}
	return pen{amber, 1.2, "6 4"}
}

func (c sheet) bounds(ch *report.Chart, f frame) {
	for _, l := range ch.Lines {
		y := f.y(float64(l.Bytes))
		c.line(xy{f.left, y}, xy{f.right, y}, penFor(l.Kind))
	}
}

// edge names the lines at the right end.
func (c sheet) edge(ch *report.Chart, f frame) {
	var labels, last []edgeLabel
	for _, l := range ch.Lines {
		label := edgeLabel{f.y(float64(l.Bytes)), l.Label, penFor(l.Kind).ink, l.Kind == report.LineLimit}
		if l.Kind == report.LineThreshold {
			last = append(last, label)
			continue
		}
		labels = append(labels, label)
	}
	if p, ok := LastPoint(ch); ok {
		labels = append(labels, edgeLabel{f.y(float64(p.Live)), LevelName(ch) + " " + report.Spell(p.Live), blue, true})
		if p.Peak > p.Live {
			last = append(last, edgeLabel{f.y(float64(p.Peak)), "peak " + report.Spell(p.Peak), blue, false})
		}
		if n := len(ch.Resident); n > 0 {
			r := ch.Resident[n-1].V
			labels = append(labels, edgeLabel{f.y(r), "RSS " + report.Spell(unit.Bytes(r)), purple, false})
		}
		if p.Goal > 0 {
			last = append(last, edgeLabel{f.y(float64(p.Goal)), "GC goal " + report.Spell(p.Goal), muted, false})
		}
	}
	labels = append(labels, last...)
	for _, p := range OtherEnds(ch) {
		labels = append(labels, edgeLabel{f.y(float64(p.Live)), "another process " + report.Spell(p.Live), slate, false})
	}
	for _, l := range settle(labels, f.top, f.bottom) {
		c.text(xy{f.right + 9, l.y + 4}, l.text, lettering{l.ink, labelSize, l.bold, start})
	}
}

// OtherEnds returns the last collections of the other processes whose lines reach the last tenth of the chart.
func OtherEnds(ch *report.Chart) []report.Point {
	var out []report.Point
	for _, s := range ch.Runs {
		if n := len(s.Points); s.Other && n > 0 && s.Points[n-1].At >= ch.To-(ch.To-ch.From)/10 {
			out = append(out, s.Points[n-1])
		}
	}
	return out
}

// LastPoint returns the last collection of the primary run before the end.
func LastPoint(ch *report.Chart) (report.Point, bool) {
	for _, s := range ch.Runs {
		if !s.Primary {
			continue
		}
		for i := len(s.Points) - 1; i >= 0; i-- {
			if i == 0 || s.Points[i].At <= ch.End {
				return s.Points[i], true
			}
		}
	}
	return report.Point{}, false
}

// flags draws the vertical marks and their texts.
func (c sheet) flags(m *report.Model, flags []flag, f frame) {
	for i := len(flags) - 1; i >= 0; i-- { // the most important on top
		l := flags[i]
		if l.row < 0 && l.moment.Kind == report.MomentRecovered {
			continue // its ring says enough
		}
		top := f.top
		if l.row >= 0 {
			top = f.top - 8 - float64(l.row)*rowHeight
		}
		c.line(xy{l.x, top}, xy{l.x, f.bottom}, flagPen(l.moment.Kind, m.Crash.Seen))
	}
	for i := len(flags) - 1; i >= 0; i-- {
		c.marker(m, flags[i], f)
	}
	for _, l := range flags {
		if l.row < 0 {
			continue
		}
		ink, bold := muted, false
		switch l.moment.Kind {
		case report.MomentInflection:
			ink, bold = red, true
		case report.MomentKill:
			if m.Crash.Seen {
				ink, bold = red, true
			}
		case report.MomentLimit:
			ink = amber
		case report.MomentOnset, report.MomentRestart, report.MomentRecovered, report.MomentForecast, report.MomentEvent:
		}
		y := f.top - 26 - float64(l.row)*rowHeight
		c.text(xy{l.x, y}, l.moment.Label, lettering{ink, noteSize, bold, l.anchor})
		c.text(xy{l.x, y + 13}, l.moment.Text, lettering{ink, 11, false, l.anchor})
	}
}

func flagPen(kind report.MomentKind, crash bool) pen {
	switch kind {
	case report.MomentInflection:
		return pen{red, 1.4, ""}
	case report.MomentKill:
		if crash {
			return pen{red, 2.2, ""}
		}
	case report.MomentOnset:
		return pen{soft, 1, ""}
	case report.MomentLimit:
		return pen{amber, 1.2, ""}
	case report.MomentForecast:
		return pen{black, 1, "3 3"}
	case report.MomentRestart, report.MomentRecovered, report.MomentEvent:
	}
	return pen{soft, 1, "1.5 3"}
}

// marker draws the sign of a mark: a dot on the live heap, a ring where it recovered, a cross where it died.
func (c sheet) marker(m *report.Model, l flag, f frame) {
	at := xy{l.x, f.y(float64(l.moment.Live))}
	switch l.moment.Kind {
	case report.MomentInflection:
		c.dot(at, 4.5, red, paper, 1.5)
	case report.MomentLimit:
		c.dot(at, 3.5, amber, paper, 1.2)
	case report.MomentRecovered:
		c.dot(at, 4, paper, amber, 1.6)
	case report.MomentKill:
		if m.Crash.Seen {
			c.cross(xy{l.x, f.y(float64(DeathLevel(&m.Chart)))})
		}
	case report.MomentOnset, report.MomentRestart, report.MomentForecast, report.MomentEvent:
	}
}

// DeathLevel returns the size at which the cross of a death stands: the limit, else the last live heap.
func DeathLevel(ch *report.Chart) unit.Bytes {
	for _, l := range ch.Lines {
		if l.Kind == report.LineLimit {
			return l.Bytes
		}
	}
	p, _ := LastPoint(ch)
	return p.Live
}

func (c sheet) cross(at xy) {
	const r = 5
	c.line(xy{at.x - r, at.y - r}, xy{at.x + r, at.y + r}, pen{red, 2.2, ""})
	c.line(xy{at.x - r, at.y + r}, xy{at.x + r, at.y - r}, pen{red, 2.2, ""})
}

// resident draws what the system counted for the process: a line, or a diamond where only one moment is known.
func (c sheet) resident(ch *report.Chart, f frame) {
	if len(ch.Resident) == 1 {
		at, r := xy{f.x(ch.Resident[0].At), f.y(ch.Resident[0].V)}, 5.0
		c.area([]xy{{at.x, at.y - r}, {at.x + r, at.y}, {at.x, at.y + r}, {at.x - r, at.y}}, purple, 1)
		return
	}
	c.curve(f.readings(ch.Resident), pen{purple, 1.4, "7 2 2 2"})
}

// lane draws a plot of its own.
func (c sheet) lane(l report.Lane, f frame) {
	c.text(xy{f.left, f.top - 8}, l.Title, lettering{soft, 11, false, start})
	for _, t := range l.Ticks {
		y := f.y(t.V)
		if t.V > 0 {
			c.line(xy{f.left, y}, xy{f.right, y}, pen{grid, 1, ""})
		}
		c.text(xy{f.left - 8, y + 4}, t.Label, lettering{soft, 11, false, end})
	}
	c.line(xy{f.left, f.bottom}, xy{f.right, f.bottom}, pen{soft, 1, ""})
	for _, line := range l.Lines {
		c.line(xy{f.left, f.y(line.V)}, xy{f.right, f.y(line.V)}, penFor(line.Kind))
	}
	for _, curve := range l.Curves {
		if l.Bars {
			c.bars(f.longest(curve), f.bottom, pen{slate, 1.2, ""})
			continue
		}
		c.curve(f.readings(curve), pen{lanePen(l.Kind), 1.4, ""})
	}
	if l.Mark != nil {
		x := f.x(l.Mark.At)
		c.line(xy{x, f.top}, xy{x, f.bottom}, pen{red, 1.4, ""})
		c.dot(xy{x, f.y(l.Mark.V)}, 3.5, red, paper, 1.2)
	}
	names := []edgeLabel{{f.y(l.LastAt), l.Last, lanePen(l.Kind), true}}
	for _, line := range l.Lines {
		names = append(names, edgeLabel{f.y(line.V), line.Label, penFor(line.Kind).ink, false})
	}
	for _, name := range settle(names, f.top, f.bottom) {
		c.text(xy{f.right + 9, name.y + 4}, name.text, lettering{name.ink, 11, name.bold, start})
	}
}

func lanePen(kind report.LaneKind) ink {
	switch kind {
	case report.LaneOld:
		return blue
	case report.LaneBeside, report.LaneGoroutines:
		return purple
	case report.LaneCollector, report.LanePause:
	}
	return slate
}

// xAxis labels the horizontal axis below a plot, leaving out labels that would touch the one before.
func (c sheet) xAxis(ticks []report.XTick, f frame, name string) {
	free := math.Inf(-1)
	for _, t := range ticks {
		if !f.holds(t.At) {
			continue
		}
		x := f.x(t.At)
		c.line(xy{x, f.bottom}, xy{x, f.bottom + 4}, pen{soft, 1, ""})
		half := textWidth(t.Label, 12.5, false) / 2
		if x-half < free {
			continue
		}
		free = x + half + 6
		c.text(xy{x, f.bottom + 18}, t.Label, lettering{soft, 12.5, false, middle})
	}
	c.text(xy{f.right, f.bottom + 34}, name, lettering{soft, 11, false, end})
}
