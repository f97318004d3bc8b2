package inflection

import (
	"fmt"
	"slices"

	"oomtrace/parser/unit"
)

// run turns a study into what is published about the run.
func (st *study) run() Run {
	s := st.series
	if s.len() == 0 {
		return Run{WhyNone: "the run has no collection"}
	}
	r := Run{
		Live:          st.live(),
		Prepared:      Prepared{First: s.first, Last: s.first + s.len() - 1, Live: s.judged()},
		Ceiling:       Ceiling{Bytes: unit.Known(bytes(st.ceiling.bytes)), Basis: st.ceiling.basis},
		Inflection:    st.bound.last,
		LimitCrossing: st.limits.last,
		Recovered:     st.bound.recovered,
		Phases:        st.publishedPhases(),
	}
	r.OtherLimit = st.ceiling.foreign > 0
	r.OldGen = st.oldGen()
	r.WhyNone = st.whyNone()
	return r
}

// judged returns the live heap after each cycle where the log itself does not show it.
func (s *series) judged() []unit.Bytes {
	if !s.partial {
		return nil
	}
	out := make([]unit.Bytes, s.len())
	for i, v := range s.v {
		out[i] = bytes(v)
	}
	return out
}

// live returns the range of the live heap as judged.
func (st *study) live() Live {
	v := st.series.v
	return Live{First: bytes(v[0]), Last: bytes(v[len(v)-1]), Max: bytes(slices.Max(v)), Step: st.series.run.Step}
}

// publishedPhases returns the phases in cycles and bytes.
func (st *study) publishedPhases() []Phase {
	var out []Phase
	for _, p := range st.phases {
		out = append(out, Phase{
			First: st.series.first + st.curve.first[p.first],
			Last:  st.series.first + st.curve.last[p.last],
			From:  bytes(max(0, st.curve.floor[p.first])),
			To:    bytes(max(0, st.curve.floor[p.last])),
			Rise:  p.rise,
		})
	}
	return out
}

// whyNone says in words why the run has no inflection; it is empty where there is one.
func (st *study) whyNone() string {
	c, o, w := st.ceiling, st.j.o, st.series.run.Words()
	switch {
	case st.bound.last != nil:
		return ""
	case c.bytes <= 0:
		return "no collection left anything alive"
	case st.series.len() == 1:
		return "one " + w.Point + " shows neither growth nor recovery"
	}
	most, peak := 0.0, slices.Max(st.series.v)
	for i := range st.series.v {
		most = max(most, st.series.smooth(i))
	}
	switch {
	case peak < o.Fraction*c.bytes:
		return fmt.Sprintf("the %s never reached %.0f %% of the %s that fit: it peaked at %s, %.0f %%",
			w.Level, 100*o.Fraction, bytes(c.bytes), bytes(peak), 100*peak/c.bytes)
	case most < o.Fraction*c.bytes:
		return fmt.Sprintf("the %s reached %.0f %% of the %s that fit in single %s only: it peaked at %s, %.0f %%, but the median of %d %s in a row never passed %s, %.0f %%",
			w.Level, 100*o.Fraction, bytes(c.bytes), w.Points(), bytes(peak), 100*peak/c.bytes, crossingWindow(st.series.len()), w.Points(), bytes(most), 100*most/c.bytes)
	}
	return fmt.Sprintf("the %s passed %.0f %% of the %s that fit, and came back below %.0f %% each time",
		w.Level, 100*o.Fraction, bytes(c.bytes), 100*o.Recover)
}

// withoutLine takes the crossings back where no limit is known: the last level stands in for the ceiling then, and
// every heap ends above 70 % of where it ends. Only growth makes that level mean anything.
func (st *study) withoutLine(r *Run) {
	if st.ceiling.known || st.ceiling.declared || st.ceiling.bytes <= 0 {
		return
	}
	r.Ceiling, r.Inflection, r.Recovered = Ceiling{}, nil, nil
	r.WhyNone = "no memory limit is known, so that there is no line to cross"
}

// grown publishes the onset and the growth of a run whose heap grew, as far as the verdict draws on them.
func (st *study) grown(r *Run) {
	s, g, h := st.series, st.growing, st.hinge
	c := s.cycle(g.index)
	top := st.curve.top
	r.Onset = &Onset{
		Index: s.first + g.index, Cycle: int64(c.N), At: seconds(s.onRun(g.onset)), Low: seconds(s.onRun(g.low)), High: seconds(s.onRun(g.high)),
		Live: bytes(s.v[g.index]), Level: bytes(h.level * top), Scatter: bytes(h.sigma * top), Source: st.at(g.index),
	}
	r.Growth = &Growth{
		PerSecond: g.rate, Low: g.rateLow, High: g.rateHigh, Shape: g.shape, R2: g.r2,
		From: bytes(g.from), To: bytes(g.to), Swing: bytes(st.trend.swing * top),
	}
	if x := st.bound.last; x != nil {
		r.Growth.FromInflection = s.lineFrom(x.Index - s.first)
	}
}

// sudden publishes the onset of a spike: its first cycle.
func (st *study) sudden(r *Run, first int, level float64) {
	s := st.series
	c := s.cycle(first)
	r.Onset = &Onset{
		Index: s.first + first, Cycle: int64(c.N), At: seconds(s.onRun(s.t[first])), Low: seconds(s.onRun(s.t[max(0, first-1)])), High: seconds(s.onRun(s.t[first])),
		Live: bytes(s.v[first]), Level: bytes(level), Source: st.at(first),
	}
}

// stepAt returns the first cycle at or above the middle of the largest jump.
func (st *study) stepAt() int {
	tr, c := st.trend, st.curve
	middle := (c.floor[tr.jumpFrom] + c.floor[tr.jumpTo]) / 2
	n := c.first[tr.jumpFrom]
	for n < c.last[tr.jumpTo] && st.series.v[n] < middle {
		n++
	}
	return n
}

// A leap is a row of cycles of which each left more for good than the one before. The process died after the last of several.
type leap struct {
	first    int     // cycle
	from, to float64 // bytes: levels before and after
}

// lastLeap returns the last leap after the largest jump, if one of them is a quarter of the growth and half as high as that jump. It is
// looked for in single cycles, as medians hide how a log ends, and however long it took, as collections may be far apart.
func (st *study) lastLeap() (last leap, ok bool) {
	tr, c, v := st.trend, st.curve, st.series.v
	growth := st.lastLevel() - st.hinge.level*c.top
	largest := c.floor[tr.jumpTo] - c.floor[tr.jumpFrom]
	floor := noReturn(v)
	rises := func(i int) bool { return floor[i]-floor[i-1] >= jumpPart*growth }
	i := c.last[tr.jumpTo] + 1
	for i < len(v) && rises(i) { // the largest still
		i++
	}
	for ; i < len(v); i++ {
		l := leap{first: i, from: floor[i-1]}
		for ; i < len(v) && rises(i); i++ {
			l.to = floor[i]
		}
		if l.to-l.from >= max(jumpShare*growth, largest/2) {
			last, ok = l, true
		}
	}
	return last, ok
}

// stepped publishes the onset of a step: the jump after which the process died, and the one before it.
func (st *study) stepped(r *Run) {
	level := st.hinge.level * st.curve.top
	last, ok := st.lastLeap()
	if !ok {
		st.sudden(r, st.stepAt(), level)
		return
	}
	c, tr := st.curve, st.trend
	r.Earlier = &Jump{At: seconds(st.series.onRun(st.series.t[st.stepAt()])), From: bytes(c.floor[tr.jumpFrom]), To: bytes(c.floor[tr.jumpTo])}
	st.sudden(r, last.first, last.from)
}
