package inflection

import (
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// TestOldGen reads the old generation of 100 MiB off a run. A level of 0 is a collection that does not show it.
func TestOldGen(t *testing.T) {
	rise := []float64{0, 10, 20, 0, 30, 40, 50, 60, 70, 80, 90}
	for _, c := range []struct {
		name string
		old  []float64 // MiB
		want *OldGen
	}{
		{"it fills", rise, &OldGen{
			Capacity: 100 * unit.MiB, First: 10 * unit.MiB, Max: 90 * unit.MiB, Last: 90 * unit.MiB, Source: event.Pos{File: "gc.log", Line: 11},
			Inflection: &Crossing{Index: 8, Cycle: 9, At: 9 * time.Second, Live: 70 * unit.MiB, FractionOfCeiling: 0.7, LaterCycles: 2, Source: event.Pos{File: "gc.log", Line: 9}},
		}},
		{"it is full from the begin", []float64{80, 80, 80, 80, 75}, &OldGen{
			Capacity: 100 * unit.MiB, First: 80 * unit.MiB, Max: 80 * unit.MiB, Last: 75 * unit.MiB, Source: event.Pos{File: "gc.log", Line: 5},
			Inflection: &Crossing{Cycle: 1, At: time.Second, Live: 80 * unit.MiB, FractionOfCeiling: 0.8, LaterCycles: 4, Truncated: true, Source: event.Pos{File: "gc.log", Line: 1}},
		}},
		{"it was full once", []float64{20, 80, 80, 80, 20, 20, 0, 0}, &OldGen{
			Capacity: 100 * unit.MiB, First: 20 * unit.MiB, Max: 80 * unit.MiB, Last: 20 * unit.MiB, Source: event.Pos{File: "gc.log", Line: 6},
		}},
		{"three collections show it", []float64{0, 20, 0, 20, 20}, &OldGen{
			Capacity: 100 * unit.MiB, First: 20 * unit.MiB, Max: 20 * unit.MiB, Last: 20 * unit.MiB, Source: event.Pos{File: "gc.log", Line: 5},
		}},
		{"two do", []float64{0, 20, 0, 20, 0}, nil},
	} {
		tl := story{runtime: "jvm", live: shape(len(c.old), 0, flatAt(90)), xmx: 200, death: logEnds}.timeline()
		for i, old := range c.old {
			cycle := tl.Runs[0].Cycles.At(i)
			cycle.Old, cycle.OldRoom = uint32(old*1024), 100*1024
			if i == 0 && old == 0 {
				cycle.Old, cycle.OldRoom = 5*1024, 0 // without a bound
			}
		}
		got := Judge(tl, Default()).Runs[0].OldGen
		switch {
		case got == nil || c.want == nil:
			if got != c.want {
				t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
			}
			continue
		case got.Inflection != nil && c.want.Inflection != nil && *got.Inflection != *c.want.Inflection, (got.Inflection == nil) != (c.want.Inflection == nil):
			t.Errorf("%s: inflection %+v, want %+v", c.name, got.Inflection, c.want.Inflection)
		}
		got.Inflection = c.want.Inflection
		if *got != *c.want {
			t.Errorf("%s: %+v, want %+v", c.name, *got, *c.want)
		}
	}
}

// TestOldGenAfterARestart counts the collections of the run, and not those since a restart that the log hides.
func TestOldGenAfterARestart(t *testing.T) {
	two := append(shape(40, 0, hingeAt(10, 0.2, 90)), shape(40, 0, hingeAt(11, 0.2, 90))...)
	tl := story{runtime: "jvm", live: two, xmx: 200, death: logEnds}.timeline()
	tl.Runs[0].Unnumbered = true
	for i, live := range two {
		cycle := tl.Runs[0].Cycles.At(i)
		cycle.Old, cycle.OldRoom = uint32(live*1024), 100*1024
	}
	r := Judge(tl, Default()).Runs[0]
	if x := r.OldGen.Inflection; r.Prepared.First != 40 || x == nil || x.Index <= 40 || x.Source.Line != x.Index+1 || x.LaterCycles != 79-x.Index {
		t.Errorf("prepared from %d on, inflection %+v", r.Prepared.First, x)
	}
}

// TestLeaked checks what is published of each kind of leak of a JVM.
func TestLeaked(t *testing.T) {
	grows := story{runtime: "jvm", live: shape(60, 0, hingeAt(10, 0.2, 60)), death: logEnds}
	made := func(tl *timeline.Timeline) *timeline.Timeline {
		r := tl.Runs[0]
		r.Clock = timeline.ByNumber
		for i := range r.Cycles.Len() {
			r.Cycles.At(i).Peak = 64 * unit.MiB
		}
		return tl
	}
	limited := grows
	limited.xmx = 64
	for _, c := range []struct {
		name            string
		tl              *timeline.Timeline
		detail          string
		onset, forecast bool
		crossed         bool
	}{
		{"of the heap", limited.timeline(), "", true, true, true},
		{"of the heap, on a clock of allocation", made(limited.timeline()), "", true, false, true},
		{"of class metadata", limited.timeline(), "metaspace", false, false, true},
		{"of classes without a limit", grows.timeline(), "class-space", false, false, false},
		{"of the permanent generation", grows.timeline(), "perm-gen", false, false, false},
		{"of the heap without a limit", grows.timeline(), "", true, false, true},
	} {
		st := (&judge{tl: c.tl, o: Default()}).study(c.tl.Runs[0], true)
		r := st.run()
		st.leaked(&r, c.detail)
		if (r.Onset != nil) != c.onset || (r.Forecast != nil) != c.forecast || (r.Inflection != nil) != c.crossed {
			t.Errorf("%s: onset %+v, forecast %+v, inflection %+v", c.name, r.Onset, r.Forecast, r.Inflection)
		}
	}
}
