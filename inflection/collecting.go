package inflection

import "oomtrace/timeline"

// collecting says how busy the collector was near the end, in the last quarter of the cycles:
//
//	share    time with a collection under way, as a share of the wall clock
//	cpu      CPU time of the collector as a share of what the process had; 0 where the log does not tell
//	near     the heap stood near what it may use, so that collections freed little
//	frees    share of the heap that the middle one of the collections freed; 0 where the log does not tell
type collecting struct {
	share float64
	cpu   float64
	near  bool
	frees float64
	first int // cycle that the measure begins at
}

const (
	collectingQuarter = 4
	nearLevel         = 0.85 // of the ceiling, or of GOMEMLIMIT
)

// findCollecting measures the collector of a series.
func findCollecting(s *series, c ceiling) collecting {
	n := s.len()
	if n < 4 {
		return collecting{}
	}
	out := collecting{first: n - 1 - max(3, n/collectingQuarter)}
	var wall, cpu float64
	var freed []float64
	procs := 1.0
	for i := out.first + 1; i < n; i++ {
		cycle := s.cycle(i)
		if s.run.Runtime == "v8" {
			wall += busy(cycle) // its Wall counts time in which the program ran
			continue
		}
		wall += max(float64(cycle.Wall), float64(cycle.Pause))
		cpu += float64(cycle.CPU)
		procs = max(1, float64(cycle.Procs))
		if cycle.Peak > 0 {
			freed = append(freed, 1-float64(cycle.Live)/float64(cycle.Peak))
		}
	}
	span := s.t[n-1] - s.t[out.first]
	if span <= 0 || s.run.Clock == timeline.ByNumber { // a second a collection is no time to hold theirs against
		return out
	}
	out.share = wall / span
	out.cpu = cpu / (span * procs)
	out.frees = median(freed)
	last := s.v[out.first+1:]
	level := median(sample(len(last), exactMost, func(i int) float64 { return last[i] }))
	out.near = level >= nearLevel*c.bytes || c.soft > 0 && level >= nearLevel*c.soft
	return out
}
