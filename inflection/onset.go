package inflection

import "math"

// The onset is where a hinge bends: base before t0, base + s*(t-t0)^p after it, fitted to the floor from the plateau on.
//
//	power    p: 1 for steady growth, more for growth that accelerates
//	climb    time that the growth needs to get out of the scatter of the plateau
//	clamp    not after the last time that the curve was within the scatter of the plateau, and not before the last time
//	         that it was at its level, less the climb
//
// All times are shares of the curve's length.
type hinge struct {
	x0    float64
	base  float64
	slope float64
	power float64
	sse   float64
	r2    float64
	low   float64 // interval of x0
	high  float64
	sigma float64 // scatter of the plateau
	level float64 // its median
}

// powers are the bends that are tried. More than 1 must explain morePower of what is left, as it always explains some.
var powers = []float64{1, 1.5, 2, 3}

const (
	morePower = 0.13
	outSigma  = 2.5 // standard deviations of the plateau that count as within it
)

// hingeBetter is the share of the squared distances that a bend must leave at most where the phases show no plateau: if
// nothing is level at the begin, the log more likely starts inside the growth.
const hingeBetter = 0.8

// findOnset fits the hinge. Where the phases show no plateau, the growth begins with the log unless a bend is plain.
func findOnset(sc *scaled, tr trend) hinge {
	straight, best := hinge{sse: math.Inf(1)}, hinge{sse: math.Inf(1)}
	for _, p := range powers {
		h := fitHinge(sc, tr, p)
		if h.sse < best.sse*(1-morePower) || p == 1 {
			best = h
		}
		if h := fitAt(sc, tr.start, sc.x[tr.start], p); h.sse < straight.sse {
			straight = h
		}
	}
	if !tr.hasLevel && best.sse > hingeBetter*straight.sse {
		h := straight
		h.low, h.high = h.x0, h.x0
		h.level, h.sigma = tr.level, tr.noise
		return h
	}
	best.readPlateau(sc, tr)
	return best.clamp(sc, tr)
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

// fitHinge returns the best hinge of one power. Its bend is at a point, or between two.
func fitHinge(sc *scaled, tr trend, power float64) hinge {
	best := hinge{sse: math.Inf(1)}
	for k := tr.start; k < len(sc.x)-1; k++ {
		for _, x0 := range []float64{sc.x[k], (sc.x[k] + sc.x[k+1]) / 2} {
			if h := fitAt(sc, tr.start, x0, power); h.sse < best.sse {
				best = h
			}
		}
	}
	return best
}

// fitAt fits base and slope of a hinge that bends at x0 to the floor from a point on.
func fitAt(sc *scaled, start int, x0, power float64) hinge {
	var n, sg, sy, sgg, sgy, syy float64
	for i := start; i < len(sc.x); i++ {
		g := 0.0
		if d := sc.x[i] - x0; d > 0 {
			g = pow(d, power)
		}
		y, w := sc.floor[i], sc.weight[i]
		n += w
		sg += w * g
		sy += w * y
		sgg += w * g * g
		sgy += w * g * y
		syy += w * y * y
	}
	gg, gy, yy := sgg-sg*sg/n, sgy-sg*sy/n, syy-sy*sy/n
	h := hinge{x0: x0, base: sy / n, power: power, sse: max(0, yy)}
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
	case 3:
		return x * x * x
	}
	return math.Pow(x, p)
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
	if h.slope > 0 {
		climb = math.Pow(outSigma*h.sigma/h.slope, 1/h.power)
	}
	first := sc.x[tr.start]
	h.high = sc.x[lastIn]
	h.low = max(first, min(sc.x[lastLevel]-climb, h.high))
	h.x0 = min(max(h.x0, h.low), h.high)
	return h
}
