package timeline

import (
	"fmt"
	"testing"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

func TestSigns(t *testing.T) {
	b := New(Options{})
	for i, c := range []struct {
		collector   event.Collector
		kind, cause string
	}{
		{event.G1, "Pause Young (Normal) (Evacuation Failure: Allocation)", "G1 Evacuation Pause"},
		{event.G1, "GC pause (young) (to-space exhausted)", "G1 Humongous Allocation"},
		{event.CMS, "GC (promotion failed) (concurrent mode failure)", ""},
		{event.CMS, "Pause Full (Concurrent mode failure)", "Allocation Failure"},
		{event.Parallel, "GC--", "Allocation Failure"},
		{event.Parallel, "Full GC", "Ergonomics"},
		{event.Go, "promotion failed", ""},
	} {
		gc := &event.GC{Collector: c.collector, Kind: c.kind, Cause: c.cause, After: unit.Known(unit.MiB)}
		gc.Pos = event.Pos{File: "gc.log", Line: i + 1}
		b.Add(gc)
	}
	line := func(n int) event.Pos { return event.Pos{File: "gc.log", Line: n} }
	want := JVMSigns{6, Sign{4, line(1), line(5)}, Sign{2, line(3), line(4)}, Sign{1, line(2), line(2)}}
	if got := b.Build().JVM; got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// A log can name its collections as it likes: the names that are remembered are bounded, and what the others say counts all the same.
func TestSignsOfManyKinds(t *testing.T) {
	b := New(Options{})
	for i := range maxKinds + 9 {
		for _, name := range []string{"Pause", "promotion failed"} {
			b.Add(&event.GC{Collector: event.G1, Kind: fmt.Sprintf("%s %d", name, i), After: unit.Known(unit.MiB)})
		}
	}
	if got := b.Build().JVM.NoRoom.Count; got != maxKinds+9 || len(b.kinds) != maxKinds {
		t.Errorf("%d signs, %d kinds kept; want %d and %d", got, len(b.kinds), maxKinds+9, maxKinds)
	}
}
