package inflection

import (
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// OldGen is the old generation of a collector that has one with a bound of its own: it is full before the whole heap is.
type OldGen struct {
	Capacity   unit.Bytes // as the last collection that shows it says
	First, Max unit.Bytes // after a collection
	Last       unit.Bytes
	Inflection *Crossing // of the capacity, by the rule of the live heap; nil where it was never crossed for good
	Source     event.Pos // the last collection that shows it
}

// oldCycles is the least number of collections that must show the old generation.
const oldCycles = 3

// oldGen returns the old generation of a run, or nil where the log does not show one with a bound.
func (st *study) oldGen() *OldGen {
	s := st.series
	var index []int
	room := 0.0
	for i := range s.len() {
		if c := s.cycle(i); c.OldRoom > 0 && c.Old > 0 {
			index = append(index, i)
			room = float64(c.OldRoom) * 1024
		}
	}
	if len(index) < oldCycles {
		return nil
	}
	old := &series{run: s.run, first: s.first, t: make([]float64, len(index)), v: make([]float64, len(index))}
	for k, i := range index {
		old.t[k], old.v[k] = s.t[i], float64(s.cycle(i).Old)*1024
	}
	old.smoothen()
	last := index[len(index)-1]
	out := &OldGen{
		Capacity: bytes(room), First: bytes(old.v[0]), Last: bytes(old.v[len(old.v)-1]), Source: st.at(last),
	}
	for _, v := range old.v {
		out.Max = max(out.Max, bytes(v))
	}
	o := st.j.o
	for _, x := range stays(old.len(), old.smooth, o.Fraction*room, o.Recover*room) {
		if x.end < old.len() {
			continue
		}
		i := index[x.first]
		c, level := s.cycle(i), old.smooth(x.first)
		out.Inflection = &Crossing{
			Index: s.first + i, Cycle: int64(c.N), At: c.At, Live: bytes(level), FractionOfCeiling: level / room,
			LaterCycles: s.len() - 1 - i, Truncated: x.first == 0, Source: st.at(i),
		}
	}
	return out
}

// leaked publishes a leak: of the heap by its trend, of class metadata by nothing on the heap, and of a few collections by
// their first.
func (st *study) leaked(r *Run, detail string) {
	switch {
	case detail == "metaspace" || detail == "class-space" || detail == "perm-gen":
		st.withoutLine(r)
	case st.lateFull(): // it began before the log does
	case !st.trend.ok:
		st.sudden(r, 0, st.series.v[0])
	default:
		st.grown(r)
		if !st.series.made {
			r.Forecast = st.forecast()
		}
	}
}
