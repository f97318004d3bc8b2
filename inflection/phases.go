package inflection

import (
	"math"
	"slices"
)

// The floor is cut into straight phases by exact optimal partitioning: of all ways to cut it, the one with the least sum of
// squared distances from the lines plus a penalty a cut. A phase is
//
//	rise     the floor goes up in it by more than noise and habit explain
//	level    it does not: a plateau
//	warm-up  rises at the very begin that are much steeper than everything after
//
// Everything here is in shares: x of the length of the series, y of the top of its curve.
type phase struct {
	first, last int // points of the curve
	fit         line
	rise        bool
}

// scaled is a curve in shares of its length and its top.
type scaled struct {
	x, y, floor []float64
	weight      []float64 // of the points in a fit over the whole curve, see weights
	eps         float64   // what counts as a straight line: 1.2 % of the top, or 1.2 times the scatter
	noise       float64
	sums        sums // of the floor
}

const (
	leastEps   = 0.012 // a hundredth of a picture is what an eye takes for straight
	noiseEps   = 1.2
	lightTop   = 1e-9 // against division by zero where a log holds empty heaps only
	lightSpan  = 1e-9
	phaseCost  = 3.0  // times the logarithm of the number of points: the usual price of two more numbers
	pointCost  = 0.05 // times the number of points: the floor is a staircase and not a line with independent errors
	levelShare = 0.035
	levelEps   = 2.5
	levelSwing = 0.25
)

// scale turns a curve into shares.
func (c *curve) scale() *scaled {
	n := len(c.x)
	sc := &scaled{x: make([]float64, n), y: make([]float64, n), floor: make([]float64, n)}
	span := max(c.x[n-1]-c.x[0], lightSpan)
	top := max(c.top, lightTop)
	for i := range c.x {
		sc.x[i] = (c.x[i] - c.x[0]) / span
		sc.y[i] = c.y[i] / top
		sc.floor[i] = c.floor[i] / top
	}
	sc.noise = c.noise / top
	sc.eps = max(leastEps, noiseEps*sc.noise)
	sc.weight = weights(sc.x)
	sc.sums = newSums(sc.x, sc.floor)
	return sc
}

// weights returns the square root of the time that each point stands for. Collections come faster and faster as a heap
// fills up: without weights the last minutes would outvote the hours before them, and by time alone a single early point the minutes.
func weights(x []float64) []float64 {
	w := make([]float64, len(x))
	for i := range x {
		before, after := max(0, i-1), min(len(x)-1, i+1)
		w[i] = math.Sqrt(max(x[after]-x[before], lightSpan))
	}
	return w
}

// penalty is what one more phase must save in squared distance.
func (sc *scaled) penalty() float64 {
	m := float64(len(sc.x))
	return sc.eps * sc.eps * (pointCost*m + phaseCost*math.Log(m))
}

// partition returns the first point of each phase of the best partition. It takes the square of the number of points in time.
func (sc *scaled) partition() []int {
	n := len(sc.x)
	best := make([]float64, n+1) // cost of the points before i
	from := make([]int, n+1)
	price := sc.penalty()
	for j := 1; j <= n; j++ {
		best[j] = math.Inf(1)
		for i := range j {
			if cost := best[i] + sc.sums.fit(i, j-1).sse + price; cost < best[j] {
				best[j], from[j] = cost, i
			}
		}
	}
	var starts []int
	for j := n; j > 0; j = from[j] {
		starts = append(starts, from[j])
	}
	slices.Reverse(starts)
	return starts
}

// phases cuts the floor and says of each piece whether it rises.
func (sc *scaled) phases() []phase {
	starts := sc.partition()
	out := make([]phase, len(starts))
	for k, first := range starts {
		last := len(sc.x) - 1
		if k+1 < len(starts) {
			last = starts[k+1] - 1
		}
		p := phase{first: first, last: last, fit: sc.sums.fit(first, last)}
		p.rise = p.fit.slope*(sc.x[last]-sc.x[first]) >= sc.levelBound(first, last)
		out[k] = p
	}
	return sc.mergeLevels(out)
}

// levelBound returns the rise from which on the points first to last are no plateau.
func (sc *scaled) levelBound(first, last int) float64 {
	swing := 0.0
	for i := first; i <= last; i++ {
		swing = max(swing, sc.y[i]-sc.floor[i])
	}
	return max(levelShare, levelEps*sc.eps, levelSwing*swing)
}

// mergeLevels joins neighbouring plateaus that make one plateau, as a partition cuts a slow staircase here and there.
func (sc *scaled) mergeLevels(in []phase) []phase {
	out := in[:1]
	for _, p := range in[1:] {
		prev := &out[len(out)-1]
		if !prev.rise && !p.rise && sc.middle(p)-sc.middle(*prev) < sc.levelBound(prev.first, p.last) {
			prev.last = p.last
			prev.fit = sc.sums.fit(prev.first, prev.last)
			continue
		}
		out = append(out, p)
	}
	return out
}

// middle returns the level of a plateau, which a single low point at its begin must not decide.
func (sc *scaled) middle(p phase) float64 { return medianOf(sc.floor[p.first : p.last+1]) }

const (
	warmUpSteeper = 4    // a warm-up is at least so many times steeper than what follows, on average
	shortLevel    = 0.05 // a first plateau shorter than this share of the run is a step of the warm-up
)

// warmUp returns how many leading phases are warm-up. The last phase never is.
func (sc *scaled) warmUp(ph []phase) int {
	n := 0
	for n < len(ph)-1 && (ph[n].rise || sc.x[ph[n+1].first]-sc.x[ph[n].first] < shortLevel) {
		n++
	}
	for n > 0 && !sc.steepUntil(ph[n].first) {
		n--
	}
	return n
}

// steepUntil reports whether the floor rises so much more steeply before a point than after it that it warms up.
func (sc *scaled) steepUntil(end int) bool {
	before := sc.slope(0, end)
	return before > 0 && before >= warmUpSteeper*sc.slope(end, len(sc.x)-1)
}

// slope returns the mean slope of the floor between two points.
func (sc *scaled) slope(i, k int) float64 {
	return (sc.floor[k] - sc.floor[i]) / max(sc.x[k]-sc.x[i], lightSpan)
}
