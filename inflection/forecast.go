package inflection

import "math"

// A forecast is what could have been told at the inflection: the same steps on the cycles up to it and nothing later, drawn on to
// the ceiling. It is made to be held against the death, so the ceiling must come from a limit and not from the end of the log.
//
// The next collection and not the clock decides when a process dies, so that the interval is wider by one and a half of the usual
// distances between two collections.
const forecastIntervals = 1.5

// What the kernel charges beside the heap takes a part of the limit: real processes died when their ceiling was filled to 90 to 100 %.
const (
	dueAt      = 0.95 // of the ceiling
	dueAtFirst = 0.90
	dueAtLast  = 1.00
)

// forecast returns the forecast made at the inflection, or nil where there was nothing to tell by.
func (st *study) forecast() *Forecast {
	x := st.bound.last
	if x == nil || x.Truncated {
		return nil
	}
	ceiling := st.ceiling.allowed // what the runtime declared at the end was not known before
	n := x.Index - st.series.first + 1
	if ceiling <= 0 || n < 2*leastRun {
		return nil
	}
	past := *st.series
	past.t, past.v, past.ran = past.t[:n], past.v[:n], nil
	c := newCurve(&past)
	sc := c.scale()
	tr := findTrend(c, sc, sc.phases())
	if tr.growth <= 0 {
		return nil
	}
	return findOnset(sc, tr).drawnOn(c, &past, ceiling)
}

// drawnOn draws the hinge on to the ceiling, and its rivals for the interval.
func (h hinge) drawnOn(c *curve, past *series, ceiling float64) *Forecast {
	n := past.len()
	now := past.t[n-1]
	death := h.due(c, now, dueAt*ceiling)
	low, high := min(death, h.due(c, now, dueAtFirst*ceiling)), max(death, h.due(c, now, dueAtLast*ceiling))
	for _, r := range h.rivals {
		low = min(low, r.due(c, now, dueAtFirst*ceiling))
		high = max(high, r.due(c, now, dueAtLast*ceiling))
	}
	for _, part := range recent {
		if rate := h.lately(c, past, part); rate > 0 {
			level := past.v[n-1]
			low = min(low, max(now, now+(dueAtFirst*ceiling-level)/rate))
			high = max(high, now+(dueAtLast*ceiling-level)/rate)
		}
	}
	from := max(0, n-21)
	interval := (now - past.t[from]) / float64(n-1-from)
	return &Forecast{
		MadeAt: seconds(now), Death: seconds(death),
		Low:  seconds(max(now, low-forecastIntervals*interval)),
		High: seconds(high + forecastIntervals*interval),
	}
}

// recent are the last parts of the time since the bend whose own rates widen the interval: a leak that paused, or grows faster now,
// does not go on at its mean rate.
var recent = []float64{1.0 / 8, 1.0 / 4, 1.0 / 2}

// lately returns the rate over the last part of the time since the bend, in bytes a second.
func (h hinge) lately(c *curve, past *series, part float64) float64 {
	first, last := c.x[0], c.x[len(c.x)-1]
	bend := first + h.bend*(last-first)
	i := firstAt(past.t, last-part*(last-bend))
	if past.len()-i < leastRun {
		return 0
	}
	return lineThrough(past.t[i:], past.v[i:]).slope
}

// due returns when the hinge reaches a level in bytes, in seconds, and not before now. Where it is not steep enough to be told, the
// time since its bend is taken to pass once more.
func (h hinge) due(c *curve, now, level float64) float64 {
	span := max(c.x[len(c.x)-1]-c.x[0], lightSpan)
	rise := max(0, level/max(c.top, lightTop)-h.base)
	if h.slope <= 0 {
		return now + (now - c.x[0] - h.bend*span)
	}
	return max(now, c.x[0]+span*(h.bend+math.Pow(rise/h.slope, 1/h.power)))
}
