package timeline

import (
	"math"
	"slices"

	"oomtrace/parser/unit"
)

// maxPoints bounds the pairs that the factor of a long run is computed from; they are taken at equal distances.
const maxPoints = 16384

// pair is a live heap and the goal, or the size, that the next collection had.
type pair struct{ live, goal unit.Bytes }

// factor reads the pacer's k off a run. set is the k that GOGC asks for, 0 if it is unknown.
func factor(c *Cycles, step unit.Bytes, set float64) Factor {
	goals, peaks := pairs(c)
	if points := steady(goals, step); len(points) > 0 {
		k := quantile(ratios(points, step), 0.5)
		f := Factor{Known: true, K: k, Follows: follows(points, step, k, set)}
		if !f.Follows {
			f.Plateau = plateau(points)
		}
		return f
	}
	// Without goals, Go 1.0 to 1.4: a collection begins when the heap reaches the goal, or before, if the program
	// asks for it. The upper quartile is what the pacer does.
	if points := steady(peaks, step); len(points) > 0 {
		return Factor{Known: true, Estimated: true, K: quantile(ratios(points, step), 0.75), Follows: true}
	}
	return Factor{}
}

// pairs returns, for cycles that follow each other without a hole, the goal and the peak over the live heap before.
func pairs(c *Cycles) (goals, peaks []pair) {
	every := max(1, c.Len()/maxPoints)
	for i := 1; i < c.Len(); i += every {
		a, b := c.At(i-1), c.At(i)
		if b.N != a.N+1 || a.Live <= 0 || a.Scope != Whole || a.Flags&LiveGuess != 0 {
			continue
		}
		if b.Goal > 0 {
			goals = append(goals, pair{a.Live, b.Goal})
		} else {
			peaks = append(peaks, pair{a.Live, b.Peak})
		}
	}
	return goals, peaks
}

// steady leaves out heaps so small that the minimum heap of 4 MiB or the rounding of the log decides, as far as
// enough is left.
func steady(points []pair, step unit.Bytes) []pair {
	const enough = 3
	for _, least := range []unit.Bytes{16, 8, 4} {
		large := slices.DeleteFunc(slices.Clone(points), func(p pair) bool {
			return p.live < least*unit.MiB || p.live < least*step
		})
		if len(large) >= enough || least == 4 {
			return large
		}
	}
	return nil
}

// ratios returns goal over live, sizes taken in the middle of what the rounding down leaves open.
func ratios(points []pair, step unit.Bytes) []float64 {
	half := float64(step) / 2
	out := make([]float64, len(points))
	for i, p := range points {
		out[i] = (float64(p.goal) + half) / (float64(p.live) + half)
	}
	return out
}

// quantile sorts its argument.
func quantile(v []float64, q float64) float64 {
	slices.Sort(v)
	return v[int(q*float64(len(v)-1)+0.5)]
}

// Thresholds of follows.
const (
	leastSlope = 0.5  // of log goal on log live
	leastRange = 1.1  // largest over smallest live heap for a slope to mean something
	leastSteps = 3    // the same in steps of the log
	atTheLive  = 1.15 // a goal this near to a live heap that stands still is held down by GOMEMLIMIT
	asSet      = 0.9  // of the k that GOGC asks for: less is held down
)

// follows reports whether the goal rises with the live heap over the upper half of its range. Where the live
// heap does not move, only a goal close above it tells that something else holds it down.
func follows(points []pair, step unit.Bytes, k, set float64) bool {
	up := upper(points)
	low, high := up[0].live, up[0].live
	for _, p := range up {
		low, high = min(low, p.live), max(high, p.live)
	}
	if len(up) >= 3 && high-low >= leastSteps*step && float64(high) >= leastRange*float64(low) {
		return slope(up) >= leastSlope
	}
	if set > 0 {
		return k >= asSet*set
	}
	return k >= atTheLive
}

// upper returns the points in the upper half of the range of the live heap.
func upper(points []pair) []pair {
	low, high := points[0].live, points[0].live
	for _, p := range points {
		low, high = min(low, p.live), max(high, p.live)
	}
	return slices.DeleteFunc(slices.Clone(points), func(p pair) bool { return p.live < low+(high-low)/2 })
}

// slope is that of log goal on log live by least squares.
func slope(points []pair) float64 {
	var n, sx, sy, sxx, sxy float64
	for _, p := range points {
		x, y := math.Log(float64(p.live)), math.Log(float64(p.goal))
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

// plateau is the level at which the goal is held.
func plateau(points []pair) unit.Size {
	var goals []unit.Bytes
	for _, p := range upper(points) {
		goals = append(goals, p.goal)
	}
	slices.Sort(goals)
	return unit.Known(goals[len(goals)/2])
}
