package inflection

import (
	"math"
	"slices"
	"sort"
)

// growing is the growth from the onset to the end, in bytes and seconds.
type growing struct {
	from, to  float64 // bytes: level of the plateau, level at the end
	onset     float64 // seconds on the clock of the run
	low, high float64 // interval of the onset
	last      float64 // seconds: the last cycle
	rate      float64 // bytes a second
	rateLow   float64
	rateHigh  float64
	shape     string
	r2        float64
	index     int // cycle of the series at the onset
}

// The shapes of growth, as they are named in JSON.
const (
	linear       = "linear"
	accelerating = "accelerating"
	steps        = "steps"
)

// stairShare is the share of the growth that must come in stairs for its shape to be steps.
const stairShare = 0.5

// findGrowth turns the hinge into bytes and seconds.
func (st *study) findGrowth() growing {
	s, c, h := st.series, st.curve, st.hinge
	span := c.x[len(c.x)-1] - c.x[0]
	at := func(x float64) float64 { return s.clockAt(c.x[0] + x*span) }
	g := growing{
		onset: at(h.x0), low: at(h.low), high: at(h.high),
		last: s.t[s.len()-1],
		from: h.level * c.top,
		to:   st.trend.end*c.top + h.steepness()*c.top*c.lag,
		r2:   h.r2,
	}
	g.index = firstAt(s.t, g.onset)
	g.shape = linear
	if h.power > 1 {
		g.shape = accelerating
	}
	if st.trend.stairs >= stairShare {
		g.shape = steps
	}
	g.rates(h.sigma * c.top)
	return g
}

// steepness is the slope of the hinge at the end of the curve, in shares.
func (h hinge) steepness() float64 {
	return h.power * h.slope * math.Pow(1-h.bend, h.power-1)
}

// firstAt returns the index of the first time at or after x, but for rounding; the last index where there is none.
func firstAt(t []float64, x float64) int {
	last := len(t) - 1
	off := 1e-9*(t[last]-t[0]) + 1e-15*abs(x)
	return min(sort.SearchFloat64s(t, x-off), last)
}

// rates works out the mean rate from the onset to the end, and its interval: the onset at either end of its own, and both
// levels off by two standard errors of the scatter, which grows with the level.
func (g *growing) rates(sigma float64) {
	rate := func(from, rise float64) float64 { return rise / max(g.last-from, 1e-9) }
	rise := g.to - g.from
	off := 2 * sigma * math.Sqrt(1+square(max(1, g.to/max(g.from, 1)))) / math.Sqrt(3)
	g.rate = rate(g.onset, rise)
	g.rateLow = min(rate(g.low, rise-off), g.rate)
	g.rateHigh = max(rate(g.high, rise+off), g.rate)
}

// leastLine is how many cycles a line is drawn through: two of them always make one.
const leastLine = 3

// lineFrom returns the line through the live heap from cycle first on, by the clock of the run; nil where the cycles are too few, or all
// at one time or of one size.
func (s *series) lineFrom(first int) *Line {
	n := s.len() - first
	if n < leastLine {
		return nil
	}
	x, y := make([]float64, n), slices.Clone(s.v[first:])
	begin, span, top := s.cycle(first).At, s.cycle(s.len()-1).At-s.cycle(first).At, slices.Max(y)
	if span <= 0 || slices.Min(y) == top {
		return nil
	}
	flat := 0.0
	for i := range x {
		x[i] = float64(s.cycle(first+i).At-begin) / float64(span)
		y[i] /= top
	}
	l := lineThrough(x, y)
	for i := range y {
		flat += square(y[i] - l.mid)
	}
	return &Line{PerSecond: l.slope * top / span.Seconds(), R2: max(0, 1-l.sse/flat), Cycles: n}
}

func square(x float64) float64 { return x * x }
