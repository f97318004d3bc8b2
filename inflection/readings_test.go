package inflection

import (
	"slices"
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

// The ends of a series of readings: the middle one by size of those from a tenth to three tenths of its time, and the largest of the
// last three. Here one reading a second from 1000 s to 1020 s, its number in the file as line.
func TestResident(t *testing.T) {
	const begin = 1000
	series := func(change func(v []float64)) []timeline.Reading {
		v := make([]float64, 21)
		for i := range v {
			v[i] = 100
		}
		copy(v[2:], []float64{5, 40, 30, 20, 10}) // 20 is the middle one
		change(v)
		var out []timeline.Reading
		for i := range v {
			out = append(out, timeline.Reading{At: time.Duration(begin+i) * time.Second, V: v[i], Line: uint32(i + 1)})
		}
		return out
	}
	plain := series(func([]float64) {})
	gap := slices.Concat(plain[:1], plain[14:])
	for _, c := range []struct {
		name     string
		readings []timeline.Reading
		dies     float64 // seconds; 0 is not timed
		from, to float64
		fromLine int
		toLine   int
	}{
		{"level at the end", plain, 0, 20, 100, 6, 21},
		{"the last is the largest", series(func(v []float64) { v[19], v[20] = 300, 500 }), 0, 20, 500, 6, 21},
		{"the third last is", series(func(v []float64) { v[17], v[18], v[19] = 900, 500, 500 }), 0, 20, 500, 6, 19},
		{"readings after the death", series(func(v []float64) { v[18], v[19], v[20] = 200, 300, 500 }), begin + 19, 30, 200, 5, 19},
		{"nothing read at the begin", gap, 0, 100, 100, 1, 21},
		{"seven readings", plain[:7], 0, 0, 0, 0, 0},
		{"eight readings", plain[:8], 0, 100, 100, 2, 8},
	} {
		j := &judge{tl: &timeline.Timeline{Files: []string{"m.log"}}}
		if c.dies > 0 {
			j.tl.Death = timeline.Death{Timed: true, At: time.Duration(c.dies) * time.Second}
		}
		var rd readingFacts
		j.resident(&rd, &timeline.Run{}, &timeline.Series{Name: event.ValueRSS, Readings: c.readings})
		if rd.From != c.from || rd.To != c.to || rd.FromPos.Line != c.fromLine || rd.ToPos.Line != c.toLine {
			t.Errorf("%s: from %v on line %d to %v on line %d", c.name, rd.From, rd.FromPos.Line, rd.To, rd.ToPos.Line)
		}
	}
}

// The heap at a time is the largest of the three collections up to it and the one after it. Here one collection a second, the sixth is large.
func TestHeapAt(t *testing.T) {
	var r timeline.Run
	for i := range 10 {
		c := timeline.Cycle{At: time.Duration(i+1) * time.Second, Peak: 1}
		if i == 5 {
			c.Peak = 9
		}
		r.Cycles.Append(c)
	}
	for _, c := range []struct {
		at, want float64
	}{{0, 1}, {4.9, 1}, {5, 9}, {6, 9}, {8.9, 9}, {9, 1}, {99, 1}} {
		if got := heapAt(&r, time.Duration(c.at*1e9)); got != c.want {
			t.Errorf("%v s: %v, want %v", c.at, got, c.want)
		}
	}
}

// Growth beside the heap, each where it is just enough of it and where it just is not.
func TestGrewOutside(t *testing.T) {
	killed := func(from, to, heapFrom, heapTo float64) Facts {
		return Facts{Death: kernelKill, Limit: 100, Readings: readingFacts{From: from, To: to, HeapFrom: heapFrom, HeapTo: heapTo}}
	}
	alive := func(from, to float64) Facts {
		return but(killed(from, to, 0, 0), func(f *Facts) { f.Death = logEnds })
	}
	for _, c := range []struct {
		name string
		f    Facts
		want bool
	}{
		{"half of the growth", killed(50, 100, 5, 30), true},
		{"less than half", killed(50, 100, 5, 31), false},
		{"the heap shrank meanwhile", killed(79, 100, 50, 5), true},
		{"a fifth of the size", killed(80, 100, 0, 0), true},
		{"less than a fifth", killed(80.1, 100, 0, 0), false},
		{"a fifth of a small size", killed(8, 10, 0, 0), true},
		{"less than a fifth of it", killed(8.1, 10, 0, 0), false},
		{"nothing was read", killed(0, 0, 0, 0), false},
		{"near the limit", alive(10, 85), true},
		{"not so near", alive(10, 84), false},
		{"no limit", but(alive(10, 85), func(f *Facts) { f.Limit = 0 }), false},
		{"the heap was full", but(killed(50, 100, 0, 0), func(f *Facts) { f.Heap = true }), false},
	} {
		evidence, ok := c.f.grewOutside()
		if ok != c.want || ok && len(evidence) < 2 {
			t.Errorf("%s: %v %v", c.name, ok, evidence)
		}
	}
	if f := (Facts{}); len(f.residentEvidence()) > 0 {
		t.Error("evidence of what was not read")
	}
}

// What rests on readings is less sure, but for what needs no heap.
func TestSampledConfidence(t *testing.T) {
	for _, c := range []struct {
		kind  Kind
		basis timeline.Basis
		want  Confidence
	}{
		{Leak, timeline.FromLog, High}, {Leak, timeline.FromGoal, Medium}, {NodePressure, timeline.FromGoal, High}, {LimitLowered, timeline.FromResident, High},
	} {
		v := Verdict{Kind: c.kind, Confidence: High}
		f := Facts{Readings: readingFacts{Basis: c.basis}}
		f.sampled(&v)
		if v.Confidence != c.want || (len(v.Missing) == 0) != (c.basis == timeline.FromLog) {
			t.Errorf("%s on %q: %s %q", c.kind, c.basis, v.Confidence, v.Missing)
		}
	}
	for _, c := range []struct {
		basis   timeline.Basis
		missing string
	}{
		{timeline.FromGoal, "the live heap is an estimate from readings of next_gc_bytes"}, {timeline.FromResident, "no reading of the heap"},
	} {
		v := Verdict{Confidence: Low}
		f := Facts{Readings: readingFacts{Basis: c.basis, Read: "next_gc_bytes"}}
		if f.sampled(&v); v.Confidence != Low || !contains(v.Missing, c.missing) {
			t.Errorf("%s became %s, missing %q, want %q", Low, v.Confidence, v.Missing, c.missing)
		}
	}
}

// What is said of readings of the whole process, and of a run without a clock.
func TestAdviceOnReadings(t *testing.T) {
	said := func(v Verdict) string {
		return strings.Join(slices.Concat(v.Advice, v.Missing, v.WouldChange), "; ")
	}
	rise := func(i int) float64 { return (20 + 1.8*float64(i)) * (1 << 20) }
	tl := watched(t, 128*unit.MiB, 60, nil, rise, true)
	if got := said(Judge(tl, Options{}).Verdict); !strings.Contains(got, "buys about") || !strings.Contains(got, "in which the memory came back") {
		t.Errorf("a process that grew: %s", got)
	}
	tl.Runs[0].Clock = timeline.ByNumber
	if got := said(Judge(tl, Options{}).Verdict); strings.Contains(got, "buys") {
		t.Errorf("nothing tells the time, and yet: %s", got)
	}
	level := func(i int) float64 { return (30 + float64(i%3)/8) * (1 << 20) }
	v := Judge(watched(t, 0, 60, nil, level, false), Options{}).Verdict
	for _, want := range []string{"what came between the readings is not known", "--limit tells how much of it was taken", "then its memory grew after the last reading"} {
		if got := said(v); v.Kind != Healthy || !strings.Contains(got, want) {
			t.Errorf("a level process is %s, want %q in %s", v.Kind, want, got)
		}
	}
}

// The most that was used until then never falls: nothing is told of memory that was given back.
func TestPeaks(t *testing.T) {
	b := timeline.New(timeline.Options{Limit: unit.Known(128 * unit.MiB)})
	for i := range 60 {
		at := time.Date(2026, 11, 22, 12, 0, i, 0, time.UTC).UnixNano()
		b.Add(&event.Sample{
			Head:   event.Head{Pos: event.Pos{File: "m.log", Line: i + 1}, Time: event.Time{Has: event.Wall, Wall: at}},
			Values: []event.Value{{Name: event.ValuePeakUsage, V: (20 + 1.8*float64(i)) * (1 << 20)}},
		})
	}
	v := Judge(b.Build(), Options{}).Verdict
	var all []string
	for _, e := range v.Evidence {
		all = append(all, e.Claim)
	}
	said := strings.Join(append(all, v.WouldChange...), "; ")
	for _, want := range []string{"from here on the peak memory grew from 2", "126 MiB at the last reading; ", "readings of what was in use at each time"} {
		if !strings.Contains(said, want) {
			t.Errorf("%s on %s, want %q", v.Kind, said, want)
		}
	}
	if strings.Contains(said, "given back") || strings.Contains(said, "swing") {
		t.Errorf("told of what came back: %s", said)
	}
}
