package inflection

import "slices"

// A spike is a rise in the very last cycles that nothing before prepared for:
//
//	usual    median of the cycles before
//	habit    95th percentile of the cycles before, minus their median: what the service does on a usual day
//	rise     level at the end minus the level just before the spike
//
// It is looked for in the single cycles, as the curve smooths it away.
type spike struct {
	found bool
	first int     // cycle of the series
	rise  float64 // bytes
	base  float64 // level just before, bytes
	level float64 // at the end, bytes
	habit float64 // bytes
	short float64 // from its first cycle to the death, as a share of the run
}

const (
	spikeCycles    = 6
	spikeRise      = 0.18 // of the top
	spikeHabit     = 3.0
	spikeBegun     = 0.25 // of the rise: a heap that stood higher before had begun to grow earlier
	spikeTime      = 0.06 // of the run
	spikeTimeFew   = 0.12 // with fewer than spikeFew cycles, where one interval is that much
	spikeFew       = 25
	spikeLater     = 0.90 // of the rise that a later first cycle must keep to be the better one: the cycle before is noise
	spikeBaseCycle = 9    // cycles before the spike whose median is its base
	spikeCalm      = 8    // cycles of a last plateau from which on its habit, and not that of the way there, counts
)

// findSpike looks at the last cycles of a series after its warm-up, which ends before from. calm is the first cycle of the last plateau
// and end the second in which the series ended.
func findSpike(s *series, from, calm int, end float64) spike {
	n := s.len()
	if n-from < 5 {
		return spike{}
	}
	run := end - s.t[from]
	bound := spikeTime
	if n-from < spikeFew {
		bound = spikeTimeFew
	}
	top := slices.Max(s.v[from:])
	var best spike
	for i := max(from+3, n-spikeCycles); i < n; i++ {
		sp := s.spikeFrom(i, from)
		sp.short = (end - s.t[i]) / max(run, lightSpan)
		if i-calm >= spikeCalm {
			sp.habit = usualSwing(s.v[calm:i])
		} else {
			sp.habit = usualSwing(s.v[from:i])
		}
		sp.found = sp.short <= bound && sp.rise >= spikeRise*top && sp.rise >= spikeHabit*sp.habit &&
			s.v[i-1]-sp.base <= spikeBegun*(sp.level-sp.base) && s.v[n-1] >= sp.base+0.5*sp.rise
		if sp.found && sp.rise > best.rise*spikeLater {
			best = sp
		}
	}
	return best
}

// spikeFrom describes the rise from cycle i to the end.
func (s *series) spikeFrom(i, from int) spike {
	sp := spike{first: i, base: medianOf(s.v[max(from, i-spikeBaseCycle):i])}
	sp.level = slices.Max(s.v[i:])
	sp.rise = sp.level - max(sp.base, s.v[i-1])
	return sp
}

// habitSamples bounds the cycles that a habit is read from; of a longer run cycles at equal distances are taken.
const habitSamples = 4096

// usualSwing returns the 95th percentile of the values less their median.
func usualSwing(v []float64) float64 {
	values := sample(len(v), habitSamples, func(i int) float64 { return v[i] })
	middle := median(values)
	return quantile(values, 0.95) - middle
}
