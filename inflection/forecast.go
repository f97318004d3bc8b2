package inflection

import "math"

// A forecast is what could have been told at the inflection: the same steps on the cycles up to it and nothing later, drawn on to
// the ceiling. It is made to be held against the death, so the ceiling must come from a limit and not from the end of the log.
//
// The next collection and not the clock decides when a process dies, so that the interval is wider by one and a half of the usual
// distances between two collections.
const forecastIntervals = 1.5

// forecast returns the forecast made at the inflection, or nil where there was nothing to tell by.
func (st *study) forecast() *Forecast {
	x := st.bound.last
	if x == nil || x.Truncated {
		return nil
	}
	ceiling := st.ceiling.fromLimit()
	n := x.Index - st.series.first + 1
	if ceiling <= 0 || n < 2*leastRun {
		return nil
	}
	past := *st.series
	past.t, past.v = past.t[:n], past.v[:n]
	c := newCurve(&past)
	sc := c.scale()
	tr := findTrend(c, sc, sc.phases())
	if !tr.ok || tr.growth <= 0 {
		return nil
	}
	return findOnset(sc, tr).drawnOn(c, &past, ceiling)
}

// fromLimit returns the ceiling that the limits give, 0 where none is known: what the runtime declared at the end was not known before.
func (c ceiling) fromLimit() float64 {
	switch {
	case c.hard <= 0:
		return 0
	case c.factor > 1 && c.follows:
		return c.hard / c.factor
	}
	return c.hard
}

// drawnOn draws the hinge on to the ceiling.
func (h hinge) drawnOn(c *curve, past *series, ceiling float64) *Forecast {
	n := past.len()
	now, span := past.t[n-1], max(c.x[len(c.x)-1]-c.x[0], lightSpan)
	base, sigma := h.level*c.top, h.sigma*c.top
	level := max(past.v[n-1], c.y[len(c.y)-1])
	reach := func(x0, base, level float64) float64 {
		t0 := c.x[0] + x0*span
		if level <= base || ceiling <= level {
			return now
		}
		return t0 + (now-t0)*math.Pow((ceiling-base)/(level-base), 1/h.power)
	}
	from := max(0, n-21)
	interval := (now - past.t[from]) / float64(max(1, n-1-from))
	death := reach(h.x0, base, level)
	low := min(death, reach(h.high, base-sigma, level+sigma), reach(h.x0, base, level+sigma))
	high := max(death, reach(h.low, base+sigma, level-sigma), reach(h.x0, base, level-sigma))
	return &Forecast{
		MadeAt: seconds(now), Death: seconds(death),
		Low:  seconds(max(now, low-forecastIntervals*interval)),
		High: seconds(high + forecastIntervals*interval),
	}
}
