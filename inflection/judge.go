package inflection

import (
	"math"
	"slices"

	"oomtrace/timeline"
)

// Judge judges an incident. It reads every cycle a fixed number of times, and adds work that depends on the options only.
func Judge(tl *timeline.Timeline, o Options) *Finding {
	j := &judge{tl: tl, o: o.orDefault()}
	f := &Finding{Runs: make([]Run, len(tl.Runs))}
	for i, run := range tl.Runs {
		st := j.study(run, i == tl.Primary)
		f.Runs[i] = st.run()
		switch {
		case i == tl.Primary:
			j.primary = st
		case st.grewAlone():
			j.alike++
			st.grown(&f.Runs[i])
		default:
			st.withoutLine(&f.Runs[i])
		}
	}
	facts := j.facts()
	f.Verdict = j.verdict(&facts)
	if f.Verdict.Kind == CrashLoop || slices.Contains(f.Verdict.Also, CrashLoop) {
		f.Loop = facts.Loop.public()
	}
	j.publish(f, &facts)
	return f
}

// publish adds onset and growth to the primary run where the verdict is about growth.
func (j *judge) publish(f *Finding, facts *Facts) {
	st := j.primary
	if st == nil || st.series.len() == 0 {
		return
	}
	r := &f.Runs[j.tl.Primary]
	switch f.Verdict.Kind {
	case Leak:
		st.leaked(r, f.Verdict.Detail)
		if facts.classesFilled() {
			r.Metadata = st.metadata(facts)
		}
	case Step:
		st.stepped(r)
	case Spike:
		if st.spike.found {
			st.sudden(r, st.spike.first, st.spike.base)
		} else {
			st.sudden(r, st.stepAt(), st.hinge.level*st.curve.top)
		}
	default:
		st.withoutLine(r)
	}
	from := math.Inf(1)
	if r.Onset != nil {
		from = r.Onset.Low.Seconds()
	}
	if f.Verdict.Kind != Healthy {
		r.Alarms = st.alarms(from)
	}
	r.WhatIf, r.Assumed = facts.WhatIf, facts.Assumed
}

// judge holds what the steps of one judgement share.
type judge struct {
	tl      *timeline.Timeline
	o       Options
	primary *study // nil where there is no cycle
	alike   int    // other runs that grew by themselves: the same growth in each life is strong evidence
}

// study is everything that was worked out about one run, step by step.
type study struct {
	j       *judge
	primary bool
	series  *series
	end     float64 // seconds
	curve   *curve
	scaled  *scaled
	phases  []phase
	trend   trend
	ceiling ceiling
	spike   spike
	hinge   hinge
	limits  crossings // of the limit
	bound   crossings // of the ceiling
	growing growing
	thrash  collecting
}

// study works through one run.
func (j *judge) study(run *timeline.Run, primary bool) *study {
	st := &study{j: j, primary: primary}
	st.series = prepare(run, j.tl.Death, primary)
	s := st.series
	if s.len() == 0 {
		st.ceiling = findCeiling(j.tl, s, 0, primary)
		return st
	}
	st.end = s.end(j.tl.Death, primary)
	st.curve = newCurve(s)
	st.scaled = st.curve.scale()
	st.phases = st.scaled.phases()
	st.trend = findTrend(st.curve, st.scaled, st.phases)
	st.ceiling = findCeiling(j.tl, s, st.lastLevel(), primary)
	st.spike = findSpike(s, st.afterWarmUp(), st.calm(), st.end)
	st.bound = j.cross(s, st.ceiling.bytes, st.ceiling)
	st.limits = j.cross(s, st.ceiling.hard, st.ceiling)
	st.thrash = findCollecting(s, st.ceiling)
	if st.trend.ok {
		st.hinge = st.uncollected(findOnset(st.scaled, st.trend))
		st.growing = st.findGrowth()
	}
	return st
}

// afterWarmUp returns the first cycle after the warm-up.
func (st *study) afterWarmUp() int {
	if !st.trend.ok {
		return 0
	}
	return st.curve.first[st.trend.start]
}

// calm returns the first cycle of the last plateau; the length of the series where there is none.
func (st *study) calm() int {
	for i := len(st.phases) - 1; i >= 0; i-- {
		p := st.phases[i]
		first, last := st.curve.first[p.first], st.curve.last[p.last]
		if !p.rise && last-first >= spikeCalm {
			return first
		}
	}
	return st.series.len()
}

// lastLevel is the largest of the last cycles: the heap was at least so large when the process died.
func (st *study) lastLevel() float64 {
	v := st.series.v
	return slices.Max(v[max(0, len(v)-endCycles):])
}

// endCycles is how many cycles are the end of a run: a torn or forced last one must not decide alone.
const endCycles = 3
