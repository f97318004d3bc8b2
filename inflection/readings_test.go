package inflection

import (
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// watched builds an incident of readings: a level, and beside it the resident set, one reading a second of n.
func watched(t *testing.T, limit unit.Bytes, n int, heap, rss func(i int) float64, kill bool) *timeline.Timeline {
	t.Helper()
	b := timeline.New(timeline.Options{Limit: unit.Known(limit)})
	start := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for i := range n {
		h := event.Head{Pos: event.Pos{File: "m.log", Line: i + 1}, Time: event.Time{Has: event.Wall, Wall: start.Add(time.Duration(i) * time.Second).UnixNano()}}
		s := &event.Sample{Head: h, Values: []event.Value{{Name: event.ValueRSS, V: rss(i)}}}
		if heap != nil {
			s.Runtime = "go"
			s.Values = append(s.Values, event.Value{Name: event.ValueNextGC, V: 2 * heap(i)}, event.Value{Name: event.ValueGCs, V: float64(i)}, event.Value{Name: event.ValueHeapAlloc, V: 1.5 * heap(i)})
		}
		b.Add(s)
	}
	if kill {
		b.Add(&event.Kill{
			Head:       event.Head{Pos: event.Pos{File: "kern.log", Line: 1}, Time: event.Time{Has: event.Wall, Wall: start.Add(time.Duration(n) * time.Second).UnixNano()}},
			Constraint: event.ConstraintMemcg, Limit: unit.Known(limit), Usage: unit.Known(limit), Repeats: 1,
			Victims: []event.Victim{{PID: 7, Name: "app", Anon: unit.Known(limit)}},
		})
	}
	return b.Build()
}

func TestVerdictsOnReadings(t *testing.T) {
	const mib = 1 << 20
	level := func(v float64) func(int) float64 {
		return func(i int) float64 { return v*mib + float64(i%3)*mib/8 }
	}
	rise := func(from, each float64) func(int) float64 {
		return func(i int) float64 { return (from + each*float64(i)) * mib }
	}
	for _, c := range []struct {
		name      string
		heap, rss func(int) float64
		kill      bool
		want      Kind
		says      string // in the evidence
	}{
		{"the heap grew", rise(10, 0.7), rise(30, 1.5), true, Leak, "live heap"},
		{"only the process grew", level(10), rise(30, 1.6), true, OffHeap, "the resident set was"},
		{"only the process grew, and nobody saw the end", level(10), rise(30, 1.6), false, OffHeap, "at the end it was"},
		{"nothing grew", level(10), level(30), false, Healthy, ""},
		{"the process grew and no heap was read", nil, rise(20, 1.8), true, Leak, "resident set"},
		{"the process was level and no heap was read", nil, level(30), false, Healthy, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := Judge(watched(t, 128*mib, 60, c.heap, c.rss, c.kill), Options{}).Verdict
			if v.Kind != c.want {
				t.Fatalf("verdict %s, want %s: %+v", v.Kind, c.want, v.Evidence)
			}
			if v.Confidence == High {
				t.Error("confidence is high without a log of the collections")
			}
			var all []string
			for _, e := range v.Evidence {
				all = append(all, e.Claim)
			}
			if text := strings.Join(all, "; "); !strings.Contains(text, c.says) || c.heap == nil && strings.Contains(text, "heap") {
				t.Errorf("evidence %q, want %q in it", text, c.says)
			}
			if !strings.Contains(strings.Join(v.Missing, "; "), "log of the collections") {
				t.Errorf("missing: %q", v.Missing)
			}
		})
	}
}
