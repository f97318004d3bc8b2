package oomtrace_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"oomtrace"
	"oomtrace/inflection"
	"oomtrace/parser"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// fullCollections is a table that people draw by hand after a Java incident: what each of the last full collections left alive, 128,
// 63 and 17 seconds before the error. The record in the middle is broken over two lines, as it was found.
const fullCollections = `2024-06-12T08:41:06.332+0000: [Full GC (Ergonomics) [PSYoungGen: 98765K->0K(262144K)] [ParOldGen: 520000K->482000K(786432K)] 618765K->482000K(1048576K), [Metaspace: 12345K->12345K(1064960K)], 0.9345678 secs]
2024-06-12T08:42:11.332+0000: [Full GC (Ergonomics) [PSYoungGen: 123456K->0K(262144K)]
 [ParOldGen: 654321K->654321K(786432K)] 777777K->654321K(1048576K), [Metaspace: 12345K->12345K(1064960K)], 1.2345678 secs]
2024-06-12T08:42:57.332+0000: [Full GC (Ergonomics) [PSYoungGen: 131072K->0K(262144K)] [ParOldGen: 740000K->721500K(786432K)] 871072K->721500K(1048576K), [Metaspace: 12345K->12345K(1064960K)], 1.5345678 secs]
Exception in thread "main" java.lang.OutOfMemoryError: Java heap space
`

func judgeText(t *testing.T, text string, limit unit.Size) (*timeline.Timeline, *inflection.Finding) {
	t.Helper()
	b := timeline.New(timeline.Options{Limit: limit})
	for ev, err := range (&parser.Reader{Name: "gc.log"}).Events(strings.NewReader(text)) {
		if err != nil {
			t.Fatal(err)
		}
		b.Add(ev)
	}
	tl := b.Build()
	return tl, inflection.Judge(tl, inflection.Default())
}

// The second collection is the point of no return: 62 % of the whole heap, but 91 % of what the heap held when the JVM gave up, and
// 83 % of the old generation.
func TestFullCollections(t *testing.T) {
	for _, c := range []struct {
		name  string
		limit unit.Size
	}{
		{"no limit known", unit.Size{}},
		{"the whole heap named as limit", unit.Known(1048576 * unit.KiB)},
	} {
		t.Run(c.name, func(t *testing.T) {
			tl, f := judgeText(t, fullCollections, c.limit)
			if len(f.Runs) != 1 || tl.Death.Kind != timeline.RuntimeOOM {
				t.Fatalf("%d runs, death %s", len(f.Runs), tl.Death.Kind)
			}
			r := f.Runs[0]
			x := r.Inflection
			if x == nil || x.Live != 654321*unit.KiB || x.Index != 1 || x.Source.Line != 2 {
				t.Errorf("inflection %+v, want 654321 KiB on line 2", x)
			}
			if r.Ceiling.Bytes != unit.Known(721500*unit.KiB) {
				t.Errorf("ceiling %v, want the last level", r.Ceiling.Bytes)
			}
			if r.LimitCrossing != nil && r.LimitCrossing.Index != 2 {
				t.Errorf("of the limit: %+v, want none or the last", r.LimitCrossing)
			}
			old := r.OldGen
			if old == nil || old.Capacity != 786432*unit.KiB || old.Inflection == nil || old.Inflection.Index != 1 || old.Inflection.Source.Line != 2 {
				t.Errorf("old generation %+v, want its crossing on line 2", old)
			}
			if f.Verdict.Kind != inflection.Leak || f.Verdict.Confidence != inflection.Low {
				t.Errorf("verdict %s, %s; want leak, low: three collections are few", f.Verdict.Kind, f.Verdict.Confidence)
			}
		})
	}
}

// Three collections that do not rise are no leak.
func TestFullCollectionsLevel(t *testing.T) {
	level := strings.NewReplacer("482000K", "721400K", "654321K", "721450K", "520000K", "730000K", "618765K", "828765K", "777777K", "844906K").Replace(fullCollections)
	if _, f := judgeText(t, level, unit.Size{}); f.Verdict.Kind == inflection.Leak {
		t.Errorf("verdict %s: %+v", f.Verdict.Kind, f.Verdict.Evidence)
	}
}

// The same through the facade: the report names the line.
func TestFullCollectionsReport(t *testing.T) {
	in := oomtrace.Input{Name: "gc.log", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(fullCollections)), nil }}
	m, err := oomtrace.Analyze(context.Background(), []oomtrace.Input{in}, oomtrace.Options{})
	if err != nil || m.Verdict.Kind != inflection.Leak {
		t.Fatalf("%v, %v", m.Verdict.Kind, err)
	}
}

// TestErrorAlone judges each text of an OutOfMemoryError by itself, as the HotSpot of Java 6 to 28 prints it.
func TestErrorAlone(t *testing.T) {
	for _, c := range []struct {
		message string
		kind    inflection.Kind
		detail  string
	}{
		{"Java heap space", inflection.Undetermined, ""},
		{"GC overhead limit exceeded", inflection.Thrash, ""},
		{"Requested array size exceeds VM limit", inflection.Spike, "array-size"},
		{"Metaspace", inflection.Leak, "metaspace"},
		{"Compressed class space", inflection.Leak, "class-space"},
		{"PermGen space", inflection.Leak, "perm-gen"},
		{"Direct buffer memory", inflection.OffHeap, "direct-memory"},
		{"Cannot reserve 262144 bytes of direct buffer memory (allocated: 67108864, limit: 67108864)", inflection.OffHeap, "direct-memory"},
		{"unable to create new native thread", inflection.ThreadLimit, ""},
		{"unable to create native thread: possibly out of memory or process/resource limits reached", inflection.ThreadLimit, ""},
		{"C heap space", inflection.OffHeap, "native"},
		{"request 8388608 bytes for Chunk::new. Out of swap space?", inflection.OffHeap, "native"},
	} {
		_, f := judgeText(t, "Exception in thread \"main\" java.lang.OutOfMemoryError: "+c.message+"\n", unit.Size{})
		if v := f.Verdict; v.Kind != c.kind || v.Detail != c.detail {
			t.Errorf("%s: %s %q, want %s %q", c.message, v.Kind, v.Detail, c.kind, c.detail)
		}
	}
}
