package inflection

import (
	"fmt"
	"slices"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// Metadata is the class metadata of a JVM that died of it, judged by the rules of the live heap.
type Metadata struct {
	Bound       unit.Size // -XX:MaxMetaspaceSize, or of the class space alone -XX:CompressedClassSpaceSize; unknown where no log states it
	Allowed     event.Pos // where it is stated
	First, Last unit.Bytes
	Max         unit.Bytes
	Inflection  *Crossing // of the bound; nil where it is unknown, or was never crossed for good
	Onset       *Onset    // nil where the log shows too little of it
	Growth      *Growth
	WhyNone     string    // why there is no inflection, in words; empty where there is one
	Source      event.Pos // the last collection that shows it
}

// metadata judges the class metadata of a run, or returns nil where the log does not show how it grew.
func (st *study) metadata(f *Facts) *Metadata {
	s, bound := st.series.beside(), f.metaBound(st.series.run)
	name := "class metadata"
	if st.series.run.ClassSpace {
		name = "class space"
	}
	if s.len() < leastRun {
		return nil
	}
	m := &study{j: st.j, primary: st.primary, series: s, end: st.end, ceiling: ceiling{bytes: bound, hard: bound}}
	m.curve = newCurve(s)
	m.scaled = m.curve.scale()
	m.phases = m.scaled.phases()
	m.trend = findTrend(m.curve, m.scaled, m.phases)
	m.bound = st.j.cross(s, bound, m.ceiling)
	out := &Metadata{
		First: bytes(s.v[0]), Last: bytes(s.v[s.len()-1]), Max: bytes(slices.Max(s.v)),
		Inflection: m.bound.last, Source: m.at(s.len() - 1),
	}
	switch {
	case bound <= 0:
		out.WhyNone = "no bound on the " + name + " is known, so that there is no line to cross"
	case out.Inflection == nil:
		out.WhyNone = fmt.Sprintf("the %s never stayed over %.0f %% of the %s that are allowed", name, 100*st.j.o.Fraction, bytes(bound))
	}
	if bound > 0 {
		out.Bound, out.Allowed = unit.Known(bytes(bound)), f.Java.Allowed
	}
	if m.trend.ok && m.trend.growth > 0 {
		m.hinge = findOnset(m.scaled, m.trend)
		m.growing = m.findGrowth()
		var r Run
		m.grown(&r)
		out.Onset, out.Growth = r.Onset, r.Growth
	}
	return out
}

// beside returns what the log counts beside the heap, from the first collection that shows it on. One that does not show it has the
// amount before it.
func (s *series) beside() *series {
	from := 0
	for from < s.len() && s.cycle(from).Beside == 0 {
		from++
	}
	out := &series{run: s.run, first: s.first + from, t: s.t[from:]}
	for i := from; i < s.len(); i++ {
		amount := float64(s.cycle(i).Beside) * 1024
		if amount == 0 {
			amount = out.v[len(out.v)-1]
		}
		out.v = append(out.v, amount)
	}
	out.smoothen()
	return out
}

// metaBound returns the bound on what the run shows of its class metadata, 0 where none is known. That of the class space bounds a
// part of it only.
func (f *Facts) metaBound(r *timeline.Run) float64 {
	if f.OOM != nil && f.OOM.Kind == event.OOMClassSpace && !r.ClassSpace {
		return 0
	}
	return f.Java.MaxMeta
}
