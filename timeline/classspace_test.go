package timeline

import (
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// A JVM that died of a full class space is followed by that alone, as it is committed, where its log shows it apart.
func TestFollowClassSpace(t *testing.T) {
	for _, c := range []struct {
		name  string
		kind  event.OOMKind
		shown bool
		want  uint32 // KiB beside the heap in the last collection
	}{
		{"the class space was full", event.OOMClassSpace, true, 19},
		{"it was full, and nothing shows it", event.OOMClassSpace, false, 119},
		{"the metaspace was full", event.OOMMetaspace, true, 119},
	} {
		b := New(Options{})
		head := func(line int) event.Head {
			return event.Head{Pos: event.Pos{File: "gc.log", Line: line}, Dialect: "jvm-unified", Time: event.Time{Has: event.Process, Process: time.Duration(line) * time.Second}}
		}
		for i := range 20 {
			gc := &event.GC{Head: head(i + 1), Collector: event.Serial, Scope: event.Whole, Cycle: int64(i), Numbered: true, After: unit.Known(5 * unit.MiB)}
			gc.Metaspace.After = unit.Known(unit.Bytes(100+i) * unit.KiB)
			if c.shown {
				gc.ClassSpace = event.Area{After: unit.Known(unit.KiB), Committed: unit.Known(unit.Bytes(i) * unit.KiB)}
			}
			b.Add(gc)
		}
		b.Add(&event.RuntimeOOM{Head: head(21), Runtime: "jvm", Kind: c.kind, Fatal: true})
		r := b.Build().PrimaryRun()
		if got := r.Cycles.last().Beside; got != c.want || r.ClassSpace != (c.want == 19) {
			t.Errorf("%s: %d KiB beside the heap, class space alone %t", c.name, got, r.ClassSpace)
		}
	}
}
