package inflection

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
	spikeTime      = 0.06 // of the run
	spikeTimeFew   = 0.12 // with fewer than spikeFew cycles, where one interval is that much
	spikeFew       = 25
	spikeLater     = 0.90 // of the rise that a later first cycle must keep to be the better one: the cycle before is noise
	spikeBaseCycle = 9    // cycles before the spike whose median is its base
)

// findSpike looks at the last cycles of a series that ended at the given second.
func findSpike(s *series, from int, end float64) spike {
	n := s.len()
	if n-from < 5 {
		return spike{}
	}
	run := end - s.t[from]
	bound := spikeTime
	if n-from < spikeFew {
		bound = spikeTimeFew
	}
	_, top := minMax(s.v[from:])
	var best spike
	for i := max(from+3, n-spikeCycles); i < n; i++ {
		before := s.v[from:i]
		sp := spike{first: i, short: (end - s.t[i]) / max(run, lightSpan)}
		sp.base = medianOf(before[max(0, len(before)-spikeBaseCycle):])
		_, sp.level = minMax(s.v[i:])
		sp.rise = sp.level - max(sp.base, s.v[i-1])
		work := append([]float64(nil), before...)
		usual := median(work)
		sp.habit = quantile(work, 0.95) - usual
		sp.found = sp.rise >= spikeRise*top && sp.rise >= spikeHabit*sp.habit && sp.short <= bound &&
			s.v[n-1] >= sp.base+0.5*sp.rise
		if sp.found && sp.rise > best.rise*spikeLater {
			sp.rise, best = max(sp.rise, best.rise), sp
		}
	}
	return best
}
