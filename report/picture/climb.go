package picture

import (
	"io"
	"math"

	"oomtrace/parser/unit"
	"oomtrace/report"
)

const (
	climbWidth  = 620.0
	climbRight  = climbWidth - 82
	climbHeight = 230.0
)

// Climb writes the close-up of the growth: from shortly before the onset to the end, with the forecast as it could have
// been made at the inflection. It writes nothing where the model has no growth to look at closely: neither an onset nor an
// inflection of a run with several collections.
func Climb(w io.Writer, m *report.Model, o Options) error {
	from, ok := climbStart(m)
	if !ok {
		return nil
	}
	if o.ID == "" {
		o.ID = "climb"
	}
	ch := &m.Chart
	run, points := primary(m)
	f := frame{left: plotLeft, right: climbRight, from: from, to: ch.End, max: float64(ch.Top)}
	f.from = max(ch.From, from-0.12*(ch.End-from))
	f.to = climbEnd(run, ch, f.from)
	flags := raise(climbMoments(ch, f), f, plotLeft, climbWidth)
	f.top = 8 + float64(rows(flags))*rowHeight + 10
	f.bottom = f.top + climbHeight
	points = f.within(points)

	var v vector
	v.begin(m, o.ID, climbWidth, f.bottom+44)
	c := sheet{&v}
	c.spans(ch, f)
	c.grid(ch, f)
	c.bounds(ch, f)
	c.curve(f.trace(points, live), pen{blue, 2, ""})
	c.forecast(run, ch, f)
	c.spanLabels(ch, f)
	c.flags(m, flags, f)
	var names []edgeLabel
	for _, l := range ch.Lines {
		names = append(names, edgeLabel{f.y(float64(l.Bytes)), shortName(l), penFor(l.Kind).ink, l.Kind == report.LineLimit})
	}
	for _, l := range settle(names, f.top, f.bottom) {
		c.text(xy{f.right + 9, l.y + 4}, l.text, lettering{l.ink, labelSize, l.bold, start})
	}
	c.xAxis(ch.Ticks(f.from, f.to, 5), f, ch.AxisLabel)
	v.put("</svg>\n")
	_, err := w.Write(v.Bytes())
	return err
}

func shortName(l report.Line) string {
	switch l.Kind {
	case report.LineCeiling, report.LineLast:
		return string(l.Kind)
	case report.LineLimit, report.LineThreshold:
	}
	return l.Short
}

// primary returns the run that the incident is about and its points, or nil.
func primary(m *report.Model) (*report.Run, []report.Point) {
	for _, s := range m.Chart.Runs {
		if s.Primary && s.Run >= 0 && s.Run < len(m.Runs) {
			return &m.Runs[s.Run], s.Points
		}
	}
	return nil, nil
}

// climbStart returns when the growth began; without an onset, as long before the inflection as the end is after it. It reports
// false where there is no growth to draw.
func climbStart(m *report.Model) (float64, bool) {
	run, points := primary(m)
	if run == nil || len(points) < 2 {
		return 0, false
	}
	from := math.Inf(1)
	switch {
	case run.Onset != nil:
		from = run.Onset.Seconds
	case run.Inflection != nil:
		from = max(points[0].At, 2*run.Inflection.Seconds-m.Chart.End)
	}
	return from, from < m.Chart.End
}

// climbEnd leaves room for the forecast death, if it is not too far away.
func climbEnd(run *report.Run, ch *report.Chart, from float64) float64 {
	length := ch.End - from
	to := ch.End + 0.04*length
	if fc := run.Forecast; fc != nil && fc.Death > ch.End {
		to = max(to, min(fc.Death+0.06*length, ch.End+0.6*length))
	}
	return to
}

func climbMoments(ch *report.Chart, f frame) []report.Moment {
	var out []report.Moment
	for _, m := range ch.Moments {
		if f.holds(m.At) && m.Kind != report.MomentEvent {
			out = append(out, m)
		}
	}
	return out
}

// forecast draws the line from the inflection to the foretold death, and the interval of the latter. What lies beyond the
// right edge is cut off there.
func (c sheet) forecast(run *report.Run, ch *report.Chart, f frame) {
	fc, x := run.Forecast, run.Inflection
	if fc == nil || x == nil || fc.Death <= x.Seconds {
		return
	}
	level := forecastLevel(run, ch)
	if level <= 0 {
		return
	}
	share := min(1, (f.to-x.Seconds)/(fc.Death-x.Seconds))
	reached := x.Live + unit.Bytes(share*float64(level-x.Live))
	to := xy{f.x(x.Seconds + share*(fc.Death-x.Seconds)), f.y(float64(reached))}
	c.curve([]xy{{f.x(x.Seconds), f.y(float64(x.Live))}, to}, pen{black, 1.2, "3 3"})
	if share < 1 {
		return
	}
	if fc.High > fc.Low {
		c.line(xy{f.x(fc.Low), to.y}, xy{f.x(fc.High), to.y}, pen{black, 1, ""})
	}
	c.dot(to, 3.5, paper, black, 1.2)
}

// forecastLevel is the live heap at which the forecast expects the death: the ceiling, else the limit.
func forecastLevel(run *report.Run, ch *report.Chart) unit.Bytes {
	if run.Ceiling != nil {
		return run.Ceiling.Bytes
	}
	for _, l := range ch.Lines {
		if l.Kind == report.LineLimit {
			return l.Bytes
		}
	}
	return 0
}
