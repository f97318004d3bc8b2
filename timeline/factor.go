package timeline

import (
	"cmp"
	"math"
	"slices"

	"oomtrace/parser/unit"
)

// maxPoints bounds the pairs that the factor of a long run is computed from; they are taken at equal distances.
const maxPoints = 16384

// pair is a live heap and the goal, or the size, that the next collection had. base is what the goal was set from:
// since Go 1.19 the stacks count with the live heap (runtime/mgcpacer.go, heapGoalInternal); at GOGC=100 by one half.
type pair struct{ live, base, goal unit.Bytes }

// factor reads the pacer's k off a run. set is the k that GOGC asks for, 0 if it is unknown.
func factor(c *Cycles, step unit.Bytes, set float64) Factor {
	goals, peaks := pairs(c, step)
	if points := steady(goals, step); len(points) > 0 {
		k := quantile(ratios(points, step, pair.ofLive), 0.5)
		f := Factor{Known: true, K: k, Follows: follows(points, step, set)}
		if !f.Follows {
			f.Plateau = plateau(points)
		}
		return f
	}
	// Without goals, Go 1.0 to 1.4: a collection begins when the heap reaches the goal, or before, if the program
	// asks for it. The upper quartile is what the pacer does.
	if points := steady(peaks, step); len(points) > 0 {
		return Factor{Known: true, Estimated: true, K: quantile(ratios(points, step, pair.ofLive), 0.75), Follows: true}
	}
	return Factor{}
}

// pairs returns, for cycles that follow each other without a hole, the goal and the peak over the live heap before. No
// goal is below the live heap that it was set from (runtime/mgcpacer.go, memoryLimitHeapGoal): of such a pair, one was
// read wrong.
func pairs(c *Cycles, step unit.Bytes) (goals, peaks []pair) {
	every := max(1, c.Len()/maxPoints)
	for i := 1; i < c.Len(); i += every {
		a, b := c.At(i-1), c.At(i)
		if b.N != a.N+1 || a.Scope != Whole || a.Flags&LiveGuess != 0 {
			continue
		}
		switch {
		case b.Goal == 0:
			peaks = append(peaks, pair{a.Live, a.Live, b.Peak})
		case b.Goal+step >= a.Live:
			goals = append(goals, pair{a.Live, a.Live + unit.Bytes(a.Beside)*unit.KiB/2, b.Goal})
		}
	}
	return goals, peaks
}

// steady leaves out heaps so small that the minimum heap of 4 MiB or the rounding of the log decides, as far as
// enough is left.
func steady(points []pair, step unit.Bytes) []pair {
	const enough = 3
	var large []pair
	for _, least := range []unit.Bytes{16, 8, 4} {
		large = slices.DeleteFunc(slices.Clone(points), func(p pair) bool { return p.live < least*max(unit.MiB, step) })
		if len(large) >= enough {
			break
		}
	}
	return large
}

func (p pair) ofLive() unit.Bytes { return p.live }
func (p pair) ofBase() unit.Bytes { return p.base }

// ratios returns goal over live or base, sizes taken in the middle of what the rounding down leaves open.
func ratios(points []pair, step unit.Bytes, of func(pair) unit.Bytes) []float64 {
	half := float64(step) / 2
	out := make([]float64, len(points))
	for i, p := range points {
		out[i] = (float64(p.goal) + half) / (float64(of(p)) + half)
	}
	return out
}

// quantile sorts its argument.
func quantile[T cmp.Ordered](v []T, q float64) T {
	slices.Sort(v)
	return v[int(q*float64(len(v)-1)+0.5)]
}

// Thresholds of follows.
const (
	leastSlope = 0.5  // of log goal on log live
	leastRange = 1.1  // large over small live heap for a slope to mean something
	leastSteps = 3    // the same in steps of the log
	edge       = 0.05 // of the live heaps at either end may be odd
	atTheLive  = 1.08 // a goal this near to the live heap is held down: GOGC=8 is set by nobody
	fallenTo   = 0.75 // of the k at smaller heaps, or of the one that GOGC asks for: less is held down
)

// follows reports whether the goal rises with the live heap over the upper half of its range. A goal that GOMEMLIMIT
// holds down stays where it is, and then goes along with the live heap, as it is never below it.
func follows(points []pair, step unit.Bytes, set float64) bool {
	up := upper(points)
	k := quantile(ratios(up, step, pair.ofBase), 0.5)
	usual := max(set, quantile(ratios(points, step, pair.ofBase), 0.9))
	if k < fallenTo*usual || k < atTheLive && set == 0 {
		return false
	}
	low, high := ends(up)
	if len(up) < 3 || high.base-low.base < leastSteps*step || float64(high.base) < leastRange*float64(low.base) {
		return true
	}
	slope := math.Log(float64(high.goal)/float64(low.goal)) / math.Log(float64(high.base)/float64(low.base))
	return slope >= leastSlope
}

// upper returns the points in the upper half of the range of what the goals were set from.
func upper(points []pair) []pair {
	bases := make([]unit.Bytes, len(points))
	for i, p := range points {
		bases[i] = p.base
	}
	low, high := quantile(bases, edge), quantile(bases, 1-edge)
	return slices.DeleteFunc(slices.Clone(points), func(p pair) bool { return p.base < low+(high-low)/2 })
}

// ends returns the middle of the lower and of the upper third of the points: Tukey's resistant line goes through
// them. Least squares was tried and lost: one wrong value at an end turns its line.
func ends(points []pair) (low, high pair) {
	sorted := slices.SortedFunc(slices.Values(points), func(a, b pair) int { return cmp.Compare(a.base, b.base) })
	third := (len(sorted) + 2) / 3
	return middle(sorted[:third]), middle(sorted[len(sorted)-third:])
}

// middle returns the medians of some points.
func middle(points []pair) pair {
	bases, goals := make([]unit.Bytes, len(points)), make([]unit.Bytes, len(points))
	for i, p := range points {
		bases[i], goals[i] = p.base, p.goal
	}
	return pair{base: quantile(bases, 0.5), goal: quantile(goals, 0.5)}
}

// plateau is the level at which the goal is held: the middle of the goals that the live heap had not reached yet.
func plateau(points []pair) unit.Size {
	var held, all []unit.Bytes
	for _, p := range upper(points) {
		all = append(all, p.goal)
		if float64(p.goal) > atTheLive*float64(p.live) {
			held = append(held, p.goal)
		}
	}
	if len(held) == 0 {
		held = all
	}
	return unit.Known(quantile(held, 0.5))
}
