// Package picture draws the timeline of a report as SVG. The picture needs no style sheet and no script: every colour and
// size is an attribute, so that it survives wherever an image does. Classes name the role of each element, for pages that
// have a theme. It takes what the [report.Model] decided and only places it; the same model gives the same bytes.
package picture

import (
	"fmt"
	"io"
	"math"
	"strconv"
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

const (
	pageWidth  = 1080.0
	plotLeft   = 46.0
	plotRight  = pageWidth - 132 // the rest is for the names of the lines
	plotHeight = 300.0
	laneGap    = 34.0
	laneHeight = 40.0
	headHeight = 30.0 // of a picture that stands alone
)

// SVG writes the timeline: live heap, its bounds, what happened, and the pauses below. A model without a cycle gives an
// empty frame that says so.
func SVG(w io.Writer, m *report.Model, o Options) error {
	if o.ID == "" {
		o.ID = "timeline"
	}
	ch := &m.Chart
	f := frame{left: plotLeft, right: plotRight, from: ch.From, to: ch.To, max: ch.Top}
	flags := raise(without(ch.Moments, report.MomentForecast), f, plotLeft, pageWidth)
	head := 8.0
	if o.Alone {
		head += headHeight
	}
	f.top = head + float64(rows(flags))*rowHeight + 10
	f.bottom = f.top + plotHeight
	worst := worstPause(ch)
	height := f.bottom + 44
	if worst > 0 {
		height += laneGap + laneHeight
	}

	var c canvas
	c.open(o, m, pageWidth, height)
	if len(ch.Runs) == 0 {
		c.text(pageWidth/2, height/2, "no collection was read: there is nothing to draw", lettering{soft, 14, false, middle})
		return c.close(w)
	}
	c.spans(ch, f)
	c.grid(ch, f)
	c.heap(ch, f)
	c.bounds(ch, f)
	for _, s := range ch.Runs {
		c.curve(f.trace(s.Points, live), pen{blue, 1.8, ""})
	}
	c.flags(m, flags, f)
	c.edge(ch, f)
	base := f.bottom
	if worst > 0 {
		base += laneGap + laneHeight
		c.pauses(ch, f, base, worst)
	}
	c.xAxis(ch.XTicks, f, base, ch.AxisLabel)
	return c.close(w)
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

func (c *canvas) open(o Options, m *report.Model, width, height float64) {
	c.put(`<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 `)
	c.number(width)
	c.put(" ")
	c.number(height)
	c.put(`"`)
	c.attr("width", width)
	c.attr("height", height)
	c.put(` font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"`)
	c.put(` aria-labelledby="`)
	c.escaped(o.ID + "-title " + o.ID + "-story")
	c.put("\">\n<title id=\"")
	c.escaped(o.ID + "-title")
	c.put(`">`)
	c.escaped(m.Title)
	c.put("</title>\n<desc id=\"")
	c.escaped(o.ID + "-story")
	c.put(`">`)
	c.escaped(m.Chart.Description)
	c.put("</desc>\n")
	if o.Alone {
		c.rect(0, 0, width, height, paper, 1)
		c.text(plotLeft, 24, m.Title, lettering{black, 15, true, start})
	}
}

func (c *canvas) close(w io.Writer) error {
	c.put("</svg>\n")
	_, err := w.Write(c.Bytes())
	return err
}

// spans shades the stretches of which the chart says something; the text is left out where it does not fit.
func (c *canvas) spans(ch *report.Chart, f frame) {
	for _, s := range ch.Spans {
		from, to := f.x(s.From), f.x(s.To)
		c.rect(from, f.top, max(to-from, 0), f.bottom-f.top, red, 0.1)
	}
}

// spanLabels names the shaded stretches at the foot of the plot, a clause a line, where that fits.
func (c *canvas) spanLabels(ch *report.Chart, f frame) {
	for _, s := range ch.Spans {
		from, to := f.x(s.From), f.x(s.To)
		if textWidth(s.Label, 11, false)+8 <= to-from {
			c.text((from+to)/2, f.bottom-8, s.Label, lettering{red, 11, false, middle})
			continue
		}
		first, second, _ := strings.Cut(s.Label, ", ")
		if max(textWidth(first, 11, false), textWidth(second, 11, false))+8 <= to-from {
			c.text((from+to)/2, f.bottom-21, first, lettering{red, 11, false, middle})
			c.text((from+to)/2, f.bottom-8, second, lettering{red, 11, false, middle})
		}
	}
}

func (c *canvas) grid(ch *report.Chart, f frame) {
	for _, t := range ch.YTicks {
		y := f.y(t.Bytes)
		if t.Bytes > 0 {
			c.line(f.left, y, f.right, y, pen{grid, 1, ""})
		}
		c.text(f.left-8, y+4, t.Label, lettering{soft, 12.5, false, end})
	}
	c.text(f.left-8, f.top-10, ch.Scale.Name, lettering{soft, 12, false, end})
	c.line(f.left, f.bottom, f.right, f.bottom, pen{soft, 1, ""})
}

// heap draws the band from the live heap to the peak, and the goal of the collector.
func (c *canvas) heap(ch *report.Chart, f frame) {
	for _, s := range ch.Runs {
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

func (c *canvas) bounds(ch *report.Chart, f frame) {
	for _, l := range ch.Lines {
		c.line(f.left, f.y(l.Bytes), f.right, f.y(l.Bytes), penFor(l.Kind))
	}
}

// edge names the lines at the right end.
func (c *canvas) edge(ch *report.Chart, f frame) {
	var labels, last []edgeLabel
	for _, l := range ch.Lines {
		label := edgeLabel{f.y(l.Bytes), l.Label, penFor(l.Kind).ink, l.Kind == report.LineLimit}
		if l.Kind == report.LineThreshold {
			last = append(last, label)
			continue
		}
		labels = append(labels, label)
	}
	if p, ok := LastPoint(ch); ok {
		labels = append(labels, edgeLabel{f.y(p.Live), "live heap " + ch.Scale.Format(p.Live), blue, true})
		if p.Peak > p.Live {
			last = append(last, edgeLabel{f.y(p.Peak), "peak " + ch.Scale.Format(p.Peak), blue, false})
		}
		if p.Goal > 0 {
			last = append(last, edgeLabel{f.y(p.Goal), "GC goal " + ch.Scale.Format(p.Goal), muted, false})
		}
	}
	for _, l := range settle(append(labels, last...), f.top, f.bottom) {
		c.text(f.right+9, l.y+4, l.text, lettering{l.ink, labelSize, l.bold, start})
	}
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
func (c *canvas) flags(m *report.Model, flags []flag, f frame) {
	for i := len(flags) - 1; i >= 0; i-- { // the most important on top
		l := flags[i]
		if l.row < 0 && l.moment.Kind == report.MomentRecovered {
			continue // its ring says enough
		}
		top := f.top
		if l.row >= 0 {
			top = f.top - 8 - float64(l.row)*rowHeight
		}
		c.line(l.x, top, l.x, f.bottom, flagPen(l.moment.Kind, m.Crash.Seen))
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
		c.text(l.x, y, l.moment.Label, lettering{ink, noteSize, bold, l.anchor})
		c.text(l.x, y+13, l.moment.Text, lettering{ink, 11, false, l.anchor})
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
func (c *canvas) marker(m *report.Model, l flag, f frame) {
	at := xy{l.x, f.y(l.moment.Live)}
	switch l.moment.Kind {
	case report.MomentInflection:
		c.dot(at, 4.5, red, paper, 1.5)
	case report.MomentLimit:
		c.dot(at, 3.5, amber, paper, 1.2)
	case report.MomentRecovered:
		c.dot(at, 4, paper, amber, 1.6)
	case report.MomentKill:
		if m.Crash.Seen {
			c.cross(xy{l.x, f.y(DeathLevel(&m.Chart))})
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

func (c *canvas) cross(at xy) {
	const r = 5
	c.line(at.x-r, at.y-r, at.x+r, at.y+r, pen{red, 2.2, ""})
	c.line(at.x-r, at.y+r, at.x+r, at.y-r, pen{red, 2.2, ""})
}

func worstPause(ch *report.Chart) float64 {
	worst := 0.0
	for _, s := range ch.Runs {
		for _, p := range s.Points {
			if p.Pause > worst && !math.IsInf(p.Pause, 0) {
				worst = p.Pause
			}
		}
	}
	return worst
}

// pauses draws the lane of stop-the-world pauses: in each pixel column the longest.
func (c *canvas) pauses(ch *report.Chart, f frame, base, worst float64) {
	c.text(f.left, base-laneHeight-8, "stop-the-world pause, longest in each column", lettering{soft, 11, false, start})
	c.line(f.left, base, f.right, base, pen{soft, 1, ""})
	c.text(f.left-8, base+4, "0", lettering{soft, 11, false, end})
	c.text(f.right+9, base-laneHeight+8, "worst "+milliseconds(worst), lettering{slate, 11, false, start})
	height := map[float64]float64{}
	var columns []float64
	for _, s := range ch.Runs {
		for _, p := range s.Points {
			x := math.Floor(f.x(p.At))
			if _, seen := height[x]; !seen {
				columns = append(columns, x)
			}
			height[x] = max(height[x], p.Pause/worst*laneHeight)
		}
	}
	c.put(`<path d="`)
	for _, x := range columns {
		if h := height[x]; h >= 0.05 {
			c.put("M")
			c.number(x + 0.5)
			c.put(" ")
			c.number(base)
			c.put("v")
			c.number(-h)
		}
	}
	c.put(`"`)
	c.stroke(pen{slate, 1.2, ""})
	c.put("/>\n")
}

// milliseconds prints a pause of so many seconds.
func milliseconds(seconds float64) string {
	ms := seconds * 1000
	switch {
	case ms >= 100:
		return fmt.Sprintf("%.0f ms", ms)
	case ms >= 1:
		return fmt.Sprintf("%.1f ms", ms)
	}
	return strconv.FormatFloat(ms, 'g', 2, 64) + " ms"
}

// xAxis labels the horizontal axis, leaving out labels that would touch the one before.
func (c *canvas) xAxis(ticks []report.XTick, f frame, base float64, name string) {
	free := math.Inf(-1)
	for _, t := range ticks {
		if !f.holds(t.At) {
			continue
		}
		x := f.x(t.At)
		c.line(x, base, x, base+4, pen{soft, 1, ""})
		half := textWidth(t.Label, 12.5, false) / 2
		if x-half < free {
			continue
		}
		free = x + half + 6
		c.text(x, base+18, t.Label, lettering{soft, 12.5, false, middle})
	}
	c.text(f.right, base+34, name, lettering{soft, 11, false, end})
}
