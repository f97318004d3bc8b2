package timeline

import (
	"fmt"
	"slices"
	"testing"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

func linesOf(evs []event.Event) (out []int) {
	for _, ev := range evs {
		out = append(out, ev.Header().Pos.Line)
	}
	return out
}

// Of too many events, the first and the last are kept.
func TestEventsAreBounded(t *testing.T) {
	for _, n := range []int{maxEvents - 1, maxEvents, maxEvents + 1, 2*maxEvents + 7} {
		b := New(Options{})
		for i := range n {
			b.Add(&event.Dump{Head: event.Head{Pos: event.Pos{Line: i + 1}}})
		}
		var want []int
		for line := 1; line <= n; line++ {
			if line <= maxEvents/2 || line > n-maxEvents/2 {
				want = append(want, line)
			}
		}
		if got := linesOf(b.events()); !slices.Equal(got, want) {
			t.Errorf("of %d events, %d are kept, want %d", n, len(got), len(want))
		}
	}
}

// Of too many samples, every second is kept, or every fourth, from the first to the last.
func TestSamplesAreThinned(t *testing.T) {
	for n, stride := range map[int]int{maxSamples: 1, maxSamples + 1: 2, 2 * maxSamples: 2, 2*maxSamples + 1: 4, 4*maxSamples + 1: 8} {
		b := New(Options{})
		for i := range n {
			b.Add(&event.Sample{Head: event.Head{Pos: event.Pos{Line: i + 1}}})
		}
		var want []int
		for line := 1; line <= n; line += stride {
			want = append(want, line)
		}
		if got := linesOf(b.events()); !slices.Equal(got, want) {
			t.Errorf("of %d samples, %d are kept, want %d", n, len(got), len(want))
		}
		if tl := b.Build(); noted(tl, fmt.Sprintf("every %d. of %d samples was kept", stride, n)) != (stride > 1) {
			t.Errorf("of %d samples, every %d. is kept, and the notes say %+v", n, stride, tl.Notes)
		}
	}
}

// A cycle can name 65536 inputs; those beyond share the last name.
func TestInputsAreBounded(t *testing.T) {
	const most = 1 << 16
	b := New(Options{})
	for i := range most + 2 {
		b.Add(&event.Dump{Head: event.Head{Pos: event.Pos{File: fmt.Sprint(i)}}})
	}
	for i, want := range map[int]int{0: 0, 1: 1, most - 1: most - 1, most: most - 1, most + 1: most - 1} {
		if got := b.file(fmt.Sprint(i)); got != want {
			t.Errorf("input %d has index %d, want %d", i, got, want)
		}
	}
	if len(b.files) != most {
		t.Errorf("%d names of inputs", len(b.files))
	}
}

// The heap at a collection is what the line says of it; a line that says less is taken at its word.
func TestCycleOfACollection(t *testing.T) {
	size := func(n int) unit.Size { return unit.Known(unit.Bytes(n) * unit.MiB) }
	for _, c := range []struct {
		name       string
		gc         event.GC
		live, peak int // MiB
	}{
		{"live heap before that after the collection", event.GC{Live: size(4), After: size(6), Before: size(9), Peak: size(8)}, 4, 9},
		{"after the collection", event.GC{After: size(6), Before: size(9)}, 6, 9},
		{"larger than the heap before", event.GC{After: size(6), Before: size(5)}, 6, 6},
	} {
		r := build(Options{}, []event.Event{&c.gc}).PrimaryRun()
		got := r.Cycles.At(0)
		if got.Live != unit.Bytes(c.live)*unit.MiB || got.Peak != unit.Bytes(c.peak)*unit.MiB {
			t.Errorf("%s: live %s, peak %s MiB, want %d and %d", c.name, mib(got.Live), mib(got.Peak), c.live, c.peak)
		}
	}
}
