package inflection

import (
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// A JVM whose class metadata fills its bound is told of by that: when it passed 70 % for good, since when it grew, and how fast.
func TestMetadata(t *testing.T) {
	// 2 MiB until second 20, then 1 MiB a second: 70 % of 40 MiB are passed with 28 MiB, in the cycle with index 45.
	level := func(i int) float64 { return 2 + max(0, float64(i-19)) }
	const apart event.OOMKind = "apart" // what was full is the class space, and the log shows that by itself
	for _, c := range []struct {
		name  string
		kind  event.OOMKind
		shown func(i int) bool
		bound float64 // MiB
		first unit.Bytes
		cross int // index, -1 is none
		none  string
	}{
		{"bounded", event.OOMMetaspace, func(int) bool { return true }, 40, 2, 45, ""},
		{"every third collection shows it", event.OOMMetaspace, func(i int) bool { return i%3 == 0 }, 40, 2, 45, ""},
		{"not shown at first", event.OOMMetaspace, func(i int) bool { return i >= 21 }, 40, 4, 45, ""},
		{"a bound far away", event.OOMMetaspace, func(int) bool { return true }, 400, 2, -1, "the class metadata never stayed over 70 % of the 400 MiB that are allowed"},
		{"no bound", event.OOMMetaspace, func(int) bool { return true }, 0, 2, -1, "no bound on the class metadata is known, so that there is no line to cross"},
		{"the bound of a part of it", event.OOMClassSpace, func(int) bool { return true }, 40, 2, -1, "no bound on the class metadata is known, so that there is no line to cross"},
		{"the class space apart", apart, func(int) bool { return true }, 40, 2, 45, ""},
		{"the class space apart, its bound far away", apart, func(int) bool { return true }, 400, 2, -1, "the class space never stayed over 70 % of the 400 MiB that are allowed"},
		{"the class space apart, its bound unknown", apart, func(int) bool { return true }, 0, 2, -1, "no bound on the class space is known, so that there is no line to cross"},
	} {
		heap := make([]float64, 58)
		for i := range heap {
			heap[i] = 5
		}
		tl := story{
			live: heap, runtime: "jvm", xmx: 128,
			death: timeline.Death{Kind: timeline.RuntimeOOM, Event: &event.RuntimeOOM{Runtime: "jvm", Kind: c.kind, Message: "Metaspace", Fatal: true}},
		}.timeline()
		for _, name := range []event.SettingName{event.MaxMetaspace, event.MaxClassSpace} {
			if c.bound > 0 {
				tl.Events = append(tl.Events, &event.Setting{Name: name, Size: unit.Known(unit.Bytes(c.bound * mib))})
			}
		}
		for i := range heap {
			if c.shown(i) {
				tl.Runs[0].Cycles.At(i).Beside = uint32(level(i) * 1024)
			}
		}
		if c.kind == apart {
			c.kind, tl.Runs[0].ClassSpace = event.OOMClassSpace, true
			tl.Death.Event.(*event.RuntimeOOM).Kind = c.kind
		}
		f := Judge(tl, Default())
		m := f.Runs[0].Metadata
		if f.Verdict.Kind != Leak || m == nil {
			t.Errorf("%s: %s, %+v", c.name, f.Verdict.Kind, m)
			continue
		}
		if m.First != c.first*unit.MiB || m.Last != m.Max || m.WhyNone != c.none || m.Bound.IsKnown() != (c.bound > 0 && (c.kind == event.OOMMetaspace || tl.Runs[0].ClassSpace)) {
			t.Errorf("%s: %+v", c.name, m)
		}
		if x := m.Inflection; (x == nil) != (c.cross < 0) || x != nil && (x.Index < c.cross || x.Index > c.cross+2) {
			t.Errorf("%s: the inflection is %+v, want cycle %d", c.name, x, c.cross)
		}
		if o := m.Onset; o == nil || (o.At-20*time.Second).Abs() > 4*time.Second {
			t.Errorf("%s: the onset is %+v", c.name, o)
		}
		if g := m.Growth; g == nil || g.PerSecond < 0.85*mib || g.PerSecond > 1.15*mib {
			t.Errorf("%s: growth %+v", c.name, g)
		} else if l := g.FromInflection; (l == nil) != (c.cross < 0) || l != nil && (l.PerSecond < 0.9*mib || l.PerSecond > 1.1*mib || l.Cycles != m.Inflection.LaterCycles+1) {
			t.Errorf("%s: from the inflection on %+v", c.name, l)
		}
	}
}

// Class metadata that no collection shows, or too few do, is not judged; that which stands still has no onset.
func TestMetadataThatShowsNothing(t *testing.T) {
	for _, c := range []struct {
		name  string
		kib   []uint32
		shown bool
		onset bool
	}{
		{"never shown", []uint32{0, 0, 0, 0, 0, 0}, false, false},
		{"shown by three collections", []uint32{0, 0, 0, 10000, 20000, 30000}, false, false},
		{"by four", []uint32{0, 0, 10000, 20000, 30000, 40000}, true, true},
		{"level", []uint32{9000, 9000, 9000, 9000, 9000, 9000}, true, false},
	} {
		st := story{live: []float64{5, 5, 5, 5, 5, 5}, runtime: "jvm", xmx: 128}.study()
		for i, kib := range c.kib {
			st.series.run.Cycles.At(i).Beside = kib
		}
		m := st.metadata(&Facts{})
		if (m != nil) != c.shown || m != nil && (m.Onset != nil) != c.onset {
			t.Errorf("%s: %+v", c.name, m)
		}
	}
}
