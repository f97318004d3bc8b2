package inflection

import "slices"

// The trend is what the floor says about growth that stayed, in shares of the top of the curve:
//
//	base       the plateau before the rise; it may be missing, where the log begins inside the rise
//	growth     level at the end minus level of the base
//	swing      second largest swing that did recover, after the warm-up
//	rest       share of the time since the onset that the last plateau takes: growth that stopped is no leak
//	jump       largest share of the growth inside a thirtieth of the run
type trend struct {
	ok        bool // the curve is long enough to say anything
	start     int  // first point after the warm-up
	base      int  // last point of the base; start-1 where there is none
	level     float64
	end       float64
	growth    float64
	swing     float64
	swingTime float64 // longest time that a swing took
	time      float64 // since the base
	rest      float64
	jump      float64
	jumpFrom  int // points of the largest jump
	jumpTo    int
	jumps     int // of a quarter of the growth and more
	jumped    float64
	stairs    float64 // share of the growth that came in stairs of a twentieth of it and more
	cycles    int     // from the base to the end
	noise     float64
	hasLevel  bool
	firstRise int  // last point of the first phase that rises after the base; the last point of all where none does
	paused    bool // a plateau follows that phase
}

const (
	jumpTime   = 0.03 // of the run
	jumpShare  = 0.25 // of the growth: smaller ones are stairs of a leak
	jumpPart   = 0.10 // of the growth, between two points of one jump
	stairPart  = 0.05 // of the growth
	stairSteep = 4.0  // times the mean rate
	stairTime  = 0.08 // of the run: a reload is over by then
	leastRun   = 4    // points
)

// findTrend reads the trend off the phases of a curve.
func findTrend(c *curve, sc *scaled, ph []phase) trend {
	n := len(sc.x)
	if n < leastRun {
		return trend{}
	}
	warm := sc.warmUp(ph)
	ph = ph[warm:]
	tr := trend{ok: true, start: ph[0].first, noise: sc.noise}
	tr.base = tr.start - 1
	if !ph[0].rise {
		tr.base, tr.hasLevel = ph[0].last, true
		tr.level = sc.middle(ph[0])
		ph = ph[1:]
	} else {
		tr.level = sc.floor[tr.start]
	}
	tr.end = sc.floor[n-1]
	tr.growth = tr.end - tr.level
	h := habits(sc.x[tr.start:], sc.y[tr.start:])
	tr.swing, tr.swingTime = h.second, h.longest
	tr.time = 1 - sc.x[max(0, tr.base)]
	tr.cycles = c.last[n-1] - c.last[max(0, tr.base)]
	tr.rest = sc.rest(ph, tr)
	tr.firstRise = n - 1
	for i, p := range ph {
		if p.rise {
			tr.firstRise = p.last
			tr.paused = slices.ContainsFunc(ph[i:], func(p phase) bool { return !p.rise })
			break
		}
	}
	tr.findJumps(sc)
	return tr
}

// tailSwing is how far the end of the floor may stand above a plateau and still belong to it, in swings of that plateau:
// the floor rises at its end by itself, as fewer points are left to hold it down.
const tailSwing = 1.3

// rest returns the share of the time since the base that the last plateau takes, of the phases after the base.
func (sc *scaled) rest(ph []phase, tr trend) float64 {
	for _, p := range ph {
		swing := habits(sc.x[p.first:], sc.y[p.first:]).second
		if tr.end-sc.floor[p.first] < max(levelShare, levelEps*sc.eps, tailSwing*swing) {
			return (1 - sc.x[p.first]) / max(tr.time, lightSpan)
		}
	}
	return 0
}

// findJumps measures how much of the growth happens at once. A jump is a rise of the floor within jumpTime, or a chain of points
// that all rise, with a calm point before and after it, that is over within stairTime.
func (tr *trend) findJumps(sc *scaled) {
	if tr.growth <= 0 {
		return
	}
	n := len(sc.x)
	i := tr.start
	for k := tr.start + 1; k < n; k++ {
		for i < k-1 && sc.x[k]-sc.x[i] > jumpTime {
			i++
		}
		tr.largest(sc, i, k)
	}
	for k := tr.start + 1; k < n; k++ {
		from := k - 1
		for k < n-1 && tr.rises(sc, k) && tr.rises(sc, k+1) {
			k++
		}
		if k-from > 1 && sc.x[k]-sc.x[from] > stairTime {
			continue
		}
		share := tr.largest(sc, from, k)
		if share >= jumpShare {
			tr.jumps++
			tr.jumped += share
		}
		if share >= stairPart && share >= stairSteep*(sc.x[k]-sc.x[from])/max(tr.time, lightSpan) {
			tr.stairs += share
		}
	}
}

// largest keeps the rise from point i to point k if it is the largest so far, and returns its share of the growth.
func (tr *trend) largest(sc *scaled, i, k int) float64 {
	share := (sc.floor[k] - sc.floor[i]) / tr.growth
	if share > tr.jump {
		tr.jump, tr.jumpFrom, tr.jumpTo = share, i, k
	}
	return share
}

// rises reports whether the floor rises by a notable part of the growth from the point before k.
func (tr *trend) rises(sc *scaled, k int) bool {
	return sc.floor[k]-sc.floor[k-1] >= jumpPart*tr.growth
}
