package timeline_test

import (
	"fmt"
	"testing"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

func TestWords(t *testing.T) {
	for _, c := range []struct {
		run  timeline.Run
		want string
	}{
		{timeline.Run{}, "live heap, live, heap: 2 collections, 2 cycles, GC 7"},
		{timeline.Run{Unnumbered: true}, "live heap, live, heap: 2 collections, 2 cycles, GC 7"},
		{timeline.Run{Basis: timeline.FromGoal, Read: event.ValueNextGC}, "live heap, live, heap: 2 readings, 2 readings, GC 7"},
		{timeline.Run{Basis: timeline.FromGoal, Read: event.ValueNextGC, Unnumbered: true}, "live heap, live, heap: 2 readings, 2 readings, reading 7"},
		{timeline.Run{Basis: timeline.FromLive, Read: event.ValueHeapLive}, "live heap, live, heap: 2 readings, 2 readings, reading 7"},
		{timeline.Run{Basis: timeline.FromFloor, Read: event.ValueHeapAlloc}, "live heap, live, heap: 2 readings, 2 readings, reading 7"},
		{timeline.Run{Basis: timeline.FromResident, Read: event.ValueWorkingSet}, "working set, working set, memory: 2 readings, 2 readings, reading 7"},
		{timeline.Run{Basis: timeline.FromResident, Read: "swap_bytes"}, "memory, memory, memory: 2 readings, 2 readings, reading 7"},
		{timeline.Run{Collector: event.Epsilon}, "heap in use, used, heap: 2 readings, 2 readings, reading 7"},
		{timeline.Run{Collector: event.Serial}, "live heap, live, heap: 2 collections, 2 cycles, GC 7"},
		{timeline.Run{Basis: timeline.FromMetadata, Read: "class metadata"}, "class metadata, class metadata, class metadata: 2 collections, 2 cycles, GC 7"},
	} {
		w := c.run.Words()
		if got := fmt.Sprintf("%s, %s, %s: 2 %s, 2 %s, %s 7", w.Level, w.Brief, w.Memory, w.Points(), w.Cycles(), w.Number); got != c.want {
			t.Errorf("%s of %s: %s, want %s", c.run.Basis, c.run.Read, got, c.want)
		}
	}
}
