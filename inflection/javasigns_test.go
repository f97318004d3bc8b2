package inflection

import (
	"strings"
	"testing"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// TestJavaSigns holds each sign against facts in which it holds and in which it just does not.
func TestJavaSigns(t *testing.T) {
	at := event.Pos{File: "gc.log", Line: 5}
	of := func(kind event.OOMKind, c event.Collector, change func(*Facts)) Facts {
		return but(java(kind), func(f *Facts) {
			f.Java.Collector, f.Java.Signs.Collections = c, 40
			change(f)
		})
	}
	sign := func(n int) timeline.Sign { return timeline.Sign{Count: n, First: at, Last: at} }
	swap := func(free unit.Bytes) func(*Facts) {
		return func(f *Facts) {
			f.Java.Report = &event.JVMReport{}
			f.Java.Report.Machine.SwapTotal, f.Java.Report.Machine.SwapFree = unit.Known(100*unit.MiB), unit.Known(free*unit.MiB)
		}
	}
	for _, c := range []struct {
		name   string
		f      Facts
		detail string
		claim  string // of the evidence; empty where nothing must be said
		advice string
	}{
		{"humongous", of(event.OOMHeap, event.G1, func(f *Facts) { f.Java.Signs.Humongous = sign(4) }), "humongous", "half a region", "G1HeapRegionSize"},
		{"too few humongous", of(event.OOMHeap, event.G1, func(f *Facts) { f.Java.Signs.Humongous = sign(3) }), "", "", ""},
		{"humongous in a short log", of(event.OOMHeap, event.G1, func(f *Facts) { f.Java.Signs.Humongous, f.Java.Signs.Collections = sign(2), 4 }), "", "", ""},
		{"every third of nine humongous", of(event.OOMHeap, event.G1, func(f *Facts) { f.Java.Signs.Humongous, f.Java.Signs.Collections = sign(3), 9 }), "humongous", "3 of 9 collections", "G1HeapRegionSize"},
		{"humongous with another collector", of(event.OOMHeap, event.CMS, func(f *Facts) { f.Java.Signs.Humongous = sign(40) }), "", "", ""},
		{"lost races", of(event.OOMHeap, event.CMS, func(f *Facts) { f.Java.Signs.LostRace = sign(2) }), "promotion-failed", "concurrent mode failure", "CMSInitiatingOccupancyFraction"},
		{"one of each failure", of(event.OOMHeap, event.CMS, func(f *Facts) { f.Java.Signs.LostRace, f.Java.Signs.NoRoom = sign(1), sign(1) }), "promotion-failed", "found no room, once", "CMSInitiatingOccupancyFraction"},
		{"one failure", of(event.OOMHeap, event.CMS, func(f *Facts) { f.Java.Signs.LostRace = sign(1) }), "", "full before CMS had collected it, once", ""},
		{"no room with another collector", of(event.OOMHeap, event.G1, func(f *Facts) { f.Java.Signs.NoRoom = sign(9) }), "", "found no room, 9", ""},
		{"no explicit collections", of(event.OOMDirect, event.G1, func(f *Facts) { f.Java.NoExplicit = at }), "direct-memory", "DisableExplicitGC", "remove -XX:+DisableExplicitGC"},
		{"explicit collections", of(event.OOMDirect, event.G1, func(*Facts) {}), "direct-memory", "", ""},
		{"no explicit collections, but a full heap", of(event.OOMHeap, event.G1, func(f *Facts) { f.Java.NoExplicit = at }), "", "", ""},
		{"swap in use", of(event.OOMHeap, event.G1, swap(80)), "", "20 MiB of the 100 MiB of swap", "out of swap"},
		{"little swap in use", of(event.OOMHeap, event.G1, swap(81)), "", "", ""},
		{"no swap", of(event.OOMHeap, event.G1, func(f *Facts) { f.Java.Report = &event.JVMReport{} }), "", "", ""},
		{"swap of which the use is not told", of(event.OOMHeap, event.G1, func(f *Facts) {
			f.Java.Report = &event.JVMReport{}
			f.Java.Report.Machine.SwapTotal = unit.Known(100 * unit.MiB)
		}), "", "", ""},
		{"no report", of(event.OOMHeap, event.G1, func(*Facts) {}), "", "", ""},
		{"lost races with another collector", of(event.OOMHeap, event.Serial, func(f *Facts) { f.Java.Signs.LostRace = sign(2) }), "", "full before CMS had collected it, 2 times", ""},
	} {
		v := verdictOf(c.f)
		if v.Detail != c.detail {
			t.Errorf("%s: %s %q, want detail %q", c.name, v.Kind, v.Detail, c.detail)
		}
		var claims []string
		for _, e := range c.f.javaSigns(v.Kind) {
			claims = append(claims, e.Claim)
		}
		if got := strings.Join(claims, "\n"); c.claim == "" && got != "" || !strings.Contains(got, c.claim) {
			t.Errorf("%s: evidence %q, want %q", c.name, got, c.claim)
		}
		var advice []string
		c.f.signAdvice(func(s string, _ ...any) { advice = append(advice, s) })
		if got := strings.Join(advice, "\n"); c.advice == "" && got != "" || !strings.Contains(got, c.advice) {
			t.Errorf("%s: advice %q, want %q", c.name, got, c.advice)
		}
	}
}

// TestSignsOfNoDeath checks that signs are evidence only where the verdict explains a death.
func TestSignsOfNoDeath(t *testing.T) {
	f := but(java(event.OOMHeap), func(f *Facts) { f.Java.Signs.NoRoom = timeline.Sign{Count: 9} })
	for _, k := range []Kind{Healthy, NotAnOOM, Undetermined} {
		if got := f.javaSigns(k); got != nil {
			t.Errorf("%s: %v", k, got)
		}
	}
	if got := f.javaSigns(Leak); len(got) != 1 {
		t.Errorf("a leak: %v, want one sign", got)
	}
	f.Runtime, f.OOM = "go", nil
	if got := f.javaSigns(Leak); got != nil {
		t.Errorf("a Go program: %v", got)
	}
}
