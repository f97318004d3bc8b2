package inflection

import "math"

// The onset is where a hinge bends: base before t0, base + s*(t-t0)^p after it, fitted to the floor from the plateau on.
//
//	power    p: 1 for steady growth, more for growth that accelerates
//	climb    time that the growth needs to get out of the scatter of the plateau; growth that accelerates, out of what counts as a straight line
//	clamp    not after the last time that the curve was within the scatter of the plateau, or a little later where the next
//	         collection is far, and not before the last time that it was at its level, less the climb
//
// All times are shares of the curve's length.
type hinge struct {
	x0    float64 // the onset
	bend  float64 // where the line through all of the growth bends
	base  float64
	slope float64
	power float64
	sse   float64
	r2    float64
	low   float64 // interval of x0
	high  float64
	sigma float64 // scatter of the plateau
	level float64 // its median
	// rivals are the hinges that fit nearly as well: what the interval of the onset, and that of a forecast, is made of.
	rivals []hinge
}

// powers are the bends that are tried. A larger one must explain morePower of what is left, as it always explains some.
var powers = []float64{1, 1.5, 2, 2.5, 3}

const (
	morePower = 0.3
	outSigma  = 2.5 // standard deviations of the plateau that count as within it
)

// hingeBetter is the share of the squared distances that a bend must leave at most where the phases show no plateau: if
// nothing is level at the begin, the log more likely starts inside the growth.
const hingeBetter = 0.8

// beginShare is the share of the growth that the first rise must make for its own line to be drawn.
const beginShare = 0.15

// rivalFit is how much larger the squared distances of a hinge may be that still explains the floor. The points of a floor hang together:
// the textbook's few percent for 240 independent ones would be far too sure.
const rivalFit = 0.5

// findOnset fits the hinge. Where the phases show no plateau, the growth begins with the log unless a bend is plain.
func findOnset(sc *scaled, tr trend) hinge {
	var all, fromBegin []hinge
	best := hinge{sse: math.Inf(1)}
	for _, p := range powers {
		fits := fitHinges(sc, tr, p)
		all = append(all, fits...)
		if h := least(fits); h.sse < best.sse*(1-morePower) {
			best = h
		}
		fromBegin = append(fromBegin, fits[0])
	}
	straight := least(fromBegin)
	if !tr.hasLevel && best.sse > hingeBetter*straight.sse {
		straight.low, straight.high = straight.x0, straight.x0
		straight.level, straight.sigma = tr.level, tr.noise
		return straight.among(all, sc, tr)
	}
	if best.power > 1 {
		best.x0 = middle(all)
	}
	best.readPlateau(sc, tr)
	h := best.clamp(sc, tr).among(all, sc, tr)
	h.bend = h.x0
	if best.power == 1 || tr.paused {
		h.begin(sc, tr)
	}
	return h
}

// fitWeight is how fast the weight of a hinge falls with its squared distances.
const fitWeight = 3

// middle returns the mean bend of the hinges of growth that accelerates, each with the weight of its fit. Growth that begins
// late and bends little looks like growth that begins early and bends much: the one that fits best is chance, their middle is near the truth.
func middle(all []hinge) float64 {
	var sum, weights float64
	for _, h := range all {
		if h.power == 1 {
			continue
		}
		w := math.Pow(h.sse+sameFit, -fitWeight)
		sum += w * h.x0
		weights += w
	}
	return sum / weights
}

// begin moves the onset on to where the first rise of straight growth leaves the plateau. A line through growth that paused or fell back
// on its way is less steep than its begin, and bends too early.
func (h *hinge) begin(sc *scaled, tr trend) {
	first := *h
	if n := tr.firstRise + 1; n-tr.start > leastRun && sc.floor[n-1]-h.level >= beginShare*tr.growth {
		first = least(fitHinges(sc.upTo(n), tr, 1))
		first.level, first.sigma = h.level, h.sigma
	}
	first.lift(sc, tr)
	h.x0 = max(h.x0, first.clamp(sc, tr).x0)
	h.low, h.high = min(h.low, h.x0), max(h.high, h.x0)
}

// upTo returns the first n points.
func (sc *scaled) upTo(n int) *scaled {
	return &scaled{x: sc.x[:n], y: sc.y[:n], floor: sc.floor[:n], weight: sc.weight[:n], eps: sc.eps, noise: sc.noise}
}

// carriesOn is the share of how far a plateau swings above its floor that the rise must swing too for the swing to go on in it.
const carriesOn = 0.1

// lift moves the bend from where the floor leaves its base to where the curve leaves the plateau. The floor of a plateau is its lowest
// point, while that of a rise follows close below it: the two lines cross too early. Where a swing ended as the growth began, the growth
// may have begun at its bottom: there nothing is made up for.
func (h *hinge) lift(sc *scaled, tr trend) {
	var above []float64
	for i, x := range sc.x[:tr.firstRise+1] {
		if x > h.x0 {
			above = append(above, sc.y[i]-sc.floor[i])
		}
	}
	swing, goesOn := h.level-h.base, median(above)
	if goesOn >= carriesOn*swing && h.slope > 0 {
		h.x0 += max(0, swing-goesOn) / h.slope
	}
}

// among keeps the rivals of a hinge and widens its interval to hold their bends, and one point to each side.
func (h hinge) among(all []hinge, sc *scaled, tr trend) hinge {
	k := firstAt(sc.x, h.x0)
	h.low = min(h.low, sc.x[max(tr.start, k-1)])
	h.high = max(h.high, sc.x[min(len(sc.x)-1, k+1)])
	for _, r := range all {
		if r.sse <= h.sse*(1+rivalFit) {
			h.rivals = append(h.rivals, r)
			h.low, h.high = min(h.low, r.x0), max(h.high, r.x0)
		}
	}
	return h
}

// readPlateau measures level and scatter of the curve before the bend, or on the base. A hump that came once and never again is
// left out: what stands above the floor by more than the second largest swing of the plateau.
func (h *hinge) readPlateau(sc *scaled, tr trend) {
	last := tr.base
	if !tr.hasLevel {
		last = firstAt(sc.x, h.x0)
	}
	last = max(last, tr.start)
	on := sc.y[tr.start : last+1]
	swing := habits(sc.x[tr.start:last+1], on).second
	bound := sc.floor[last] + max(swing, levelEps*sc.eps)
	var usual []float64
	for _, y := range on {
		if y <= bound {
			usual = append(usual, y)
		}
	}
	h.level, h.sigma = medianOf(usual), max(spread(usual), tr.noise)
}

// fitHinges returns the hinges of one power that bend at each point from the begin on, and between two.
func fitHinges(sc *scaled, tr trend, power float64) []hinge {
	out := []hinge{fitAt(sc, tr.start, sc.x[tr.start], power)}
	for k := tr.start + 1; k < len(sc.x); k++ {
		out = append(out, fitAt(sc, tr.start, (sc.x[k-1]+sc.x[k])/2, power), fitAt(sc, tr.start, sc.x[k], power))
	}
	return out
}

// sameFit is the difference of squared distances, in shares, that rounding makes.
const sameFit = 1e-12

// least returns the hinge with the least squared distances, the first of those that are equal but for rounding.
func least(fits []hinge) hinge {
	best := fits[0]
	for _, h := range fits[1:] {
		if h.sse < best.sse-sameFit {
			best = h
		}
	}
	return best
}

// fitAt fits base and slope of a hinge that bends at x0 to the floor from a point on.
func fitAt(sc *scaled, start int, x0, power float64) hinge {
	var n, sg, sy, sgg, sgy, syy float64
	for i := start; i < len(sc.x); i++ {
		g := pow(max(0, sc.x[i]-x0), power)
		y, w := sc.floor[i], sc.weight[i]
		n += w
		sg += w * g
		sy += w * y
		sgg += w * g * g
		sgy += w * g * y
		syy += w * y * y
	}
	gg, gy, yy := sgg-sg*sg/n, sgy-sg*sy/n, syy-sy*sy/n
	h := hinge{x0: x0, bend: x0, base: sy / n, power: power, sse: max(0, yy)}
	if gg > 1e-15 && gy > 0 {
		h.slope = gy / gg
		h.base = (sy - h.slope*sg) / n
		h.sse = max(0, yy-gy*gy/gg)
		h.r2 = 1 - h.sse/max(yy, 1e-15)
	}
	return h
}

// pow is x^p for the few powers that are tried.
func pow(x, p float64) float64 {
	switch p {
	case 1:
		return x
	case 1.5:
		return x * math.Sqrt(x)
	case 2:
		return x * x
	case 2.5:
		return x * x * math.Sqrt(x)
	case 3:
		return x * x * x
	}
	return math.Pow(x, p)
}

// gapShare is the share of the gap behind the last point within the scatter in which the bend may lie.
const gapShare = 0.25

// room returns how much later than point i, the last within the scatter, the bend may be: collections can be far apart, and the growth
// only has to reach the next of them.
func (h hinge) room(sc *scaled, i int) float64 {
	if h.slope <= 0 || i+1 >= len(sc.x) {
		return 0
	}
	gap := sc.x[i+1] - sc.x[i]
	rise := max(0, sc.floor[i+1]-h.level)
	return max(0, min(gapShare*gap, gap-math.Pow(rise/h.slope, 1/h.power)))
}

// clamp keeps the bend between what the curve itself shows, and sets the interval.
func (h hinge) clamp(sc *scaled, tr trend) hinge {
	lastIn, lastLevel := tr.start, tr.start
	out := max(outSigma*h.sigma, sc.eps)
	for i := tr.start; i < len(sc.x); i++ {
		if sc.y[i] <= h.level+out {
			lastIn = i
		}
		if sc.y[i] <= h.level {
			lastLevel = i
		}
	}
	climb := 0.0
	switch {
	case h.slope > 0 && h.power > 1:
		climb = math.Pow(out/h.slope, 1/h.power)
	case h.slope > 0:
		climb = outSigma * h.sigma / h.slope
	}
	first := sc.x[tr.start]
	h.high = sc.x[lastIn] + h.room(sc, lastIn)
	h.low = max(first, min(sc.x[lastLevel]-climb, h.high))
	h.x0 = min(max(h.x0, h.low), h.high)
	return h
}
