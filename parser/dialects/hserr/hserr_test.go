package hserr

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialect/dialecttest"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// Forget drops the shape caches, for the fuzz test.
func (d *decoder) Forget() { d.read = newReaders() }

func TestGolden(t *testing.T) { dialecttest.Run(t, Dialect) }

func FuzzDecode(f *testing.F) { dialecttest.Fuzz(f, Dialect) }

func TestGrammarExamples(t *testing.T) {
	r := newReaders()
	parse := []func([]byte) error{
		func(b []byte) error { _, err := r.generation.Parse(b); return err },
		func(b []byte) error { _, err := r.amounts.Parse(b); return err },
		func(b []byte) error { _, err := r.shenandoah.Parse(b); return err },
		func(b []byte) error { _, err := r.regions.Parse(b); return err },
		func(b []byte) error { _, err := r.ringEvent.Parse(b); return err },
		func(b []byte) error { _, err := r.summary.Parse(b); return err },
		func(b []byte) error { _, err := r.elapsed.Parse(b); return err },
		func(b []byte) error { _, err := r.allocation.Parse(b); return err },
		func(b []byte) error { _, err := r.exhausted.Parse(b); return err },
		func(b []byte) error { _, err := r.flag.Parse(b); return err },
		func(b []byte) error { _, err := r.readings.Parse(b); return err },
		func(b []byte) error { _, err := r.physical.Parse(b); return err },
		func(b []byte) error { _, err := r.pageFile.Parse(b); return err },
		func(b []byte) error { _, err := r.peaked.Parse(b); return err },
		func(b []byte) error { _, err := r.rlimits.Parse(b); return err },
		func(b []byte) error { _, err := r.category.Parse(b); return err },
		func(b []byte) error { _, err := r.count.Parse(b); return err },
	}
	if len(parse) != len(Dialect.Grammars) {
		t.Fatalf("%d grammars, want %d", len(Dialect.Grammars), len(parse))
	}
	for i, g := range Dialect.Grammars {
		if err := parse[i]([]byte(g.Example)); err != nil || g.EBNF == "" {
			t.Errorf("%s: %q: %v", g.Name, g.Example, err)
		}
	}
}

// golden returns the lines of one log of a golden case.
func golden(t testing.TB, file, log string) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(data), "-- log."+log+" --\n")
	if !ok {
		t.Fatalf("no log %s in %s", log, file)
	}
	text, _, _ := strings.Cut(rest, "\n-- events.")
	return strings.Split(text, "\n")
}

var source = regexp.MustCompile(`"source":\{[^}]*\},`)

// decode reads a log as one stream. It returns the events as JSON without their places, and the lines refused.
func decode(t testing.TB, lines []string, at event.Time) (events []event.Event, said string, foreign []string) {
	t.Helper()
	dec := Dialect.New()
	var out []byte
	emit := func(ev event.Event) {
		events = append(events, ev)
		line, err := event.AppendJSON(nil, ev)
		if err != nil {
			t.Fatal(err)
		}
		out = append(append(out, source.ReplaceAll(line, nil)...), '\n')
	}
	for i, text := range lines {
		if !dec.Decode(&dialect.Line{Pos: event.Pos{File: "log", Line: i + 1}, Time: at, Text: []byte(text)}, emit) {
			foreign = append(foreign, text)
		}
	}
	dec.Flush(emit)
	return events, string(out), foreign
}

// TestOtherWritersBetween puts lines of other writers behind each line of a file, in turn.
func TestOtherWritersBetween(t *testing.T) {
	others := []string{
		"[2026-11-22T20:22:07.990+0000][9.390s][info][gc             ] GC(106) Pause Full (G1 Compaction Pause) 60M->60M(64M) 3.172ms",
		"[9,390s][info   ][gc,heap     ] GC(106) Old regions: 64->64", "[9390ms] GC(106) Pause Full (G1 Compaction Pause) 60M->60M(64M) 3.172ms",
		"GC(106) Pause Full (G1 Compaction Pause) 60M->60M(64M) 3.172ms", "[info][gc] GC(106) Concurrent Mark Abort", "[error][os] no", "[gc] GC(3) To-space exhausted",
		"2024-06-12T08:42:11.332+0000: [Full GC (Ergonomics) [PSYoungGen: 123456K->0K(262144K)]", "9.712: [GC (Allocation Failure)  19648K->2176K(63360K), 0.0021 secs]",
		"9,712: [GC 19648K->2176K(63360K), 0.0021 secs]", "08:42:11 INFO served", "2024/06/12 08:42:11 served",
		"Aborting due to java.lang.OutOfMemoryError: Java heap space", "java.lang.OutOfMemoryError: Java heap space", `Exception in thread "main" java.lang.Error`,
		"\tat java.lang.Thread.run(Thread.java:745)", "[  242.031013] Out of memory: Killed process 612 (java)", `{"level":"info"}`, "Killed",
	}
	for _, c := range []struct{ file, log string }{{"jdk8", "serial"}, {"jdk25", "serial"}, {"jdk21", "native"}} {
		lines := golden(t, c.file, c.log)
		_, want, alone := decode(t, lines, event.Time{})
		for at := 2; at < len(lines); at += 5 {
			other := others[at/5%len(others)]
			mixed := append(append(append([]string{}, lines[:at]...), other), lines[at:]...)
			_, got, foreign := decode(t, mixed, event.Time{})
			if got != want || len(foreign) != len(alone)+1 {
				t.Fatalf("%s.%s: %q behind line %d, %q: %d lines refused, want %d. Events (-alone +mixed):\n%s",
					c.file, c.log, other, at, lines[at-1], len(foreign), len(alone)+1, cmp.Diff(want, got))
			}
		}
	}
}

// TestCutAnywhere ends a file behind each of its lines: the death is told once, and what is told of the heap is never
// half of it.
func TestCutAnywhere(t *testing.T) {
	for _, c := range []struct{ file, log string }{{"jdk8", "serial"}, {"jdk17", "parallel"}, {"jdk25", "serial"}, {"jdk28", "g1"}} {
		lines := golden(t, c.file, c.log)
		last := 0
		for last < len(lines) && lines[last] != "END." && !strings.HasPrefix(lines[last], "elapsed time: ") {
			last++
		}
		for end := 6; end <= last; end += 2 {
			events, _, _ := decode(t, lines[:end], event.Time{})
			deaths := 0
			for _, ev := range events {
				switch ev := ev.(type) {
				case *event.RuntimeOOM:
					deaths++
				case *event.GC:
					if used, ok := ev.After.Get(); ok && used < 40*unit.MiB {
						t.Fatalf("%s.%s, cut behind line %d: %v left after a collection", c.file, c.log, end, used)
					}
				case *event.Dump:
					if !ev.Cut {
						t.Errorf("%s.%s, cut behind line %d, %q: not seen as cut", c.file, c.log, end, lines[end-1])
					}
				case *event.Problem:
					t.Errorf("%s.%s, cut behind line %d: %s: %q", c.file, c.log, end, ev.Message, ev.Text)
				case *event.Kill, *event.ProcessEnd, *event.Sample, *event.Setting, *event.ContainerStatus, *event.ContainerEvent:
				}
			}
			if deaths != 1 {
				t.Fatalf("%s.%s, cut behind line %d: %d deaths, want 1", c.file, c.log, end, deaths)
			}
		}
	}
}

func TestForeignLinesAreRefusedQuickly(t *testing.T) {
	dec := &decoder{read: newReaders()}
	for _, text := range []string{"#", "# a comment", "", "2026-11-22 served", "---------------  a line of dashes", "Heap:", "Event: 9.704 GC heap before", "END."} {
		l := dialect.Line{Text: []byte(text)}
		if n := testing.AllocsPerRun(10, func() {
			if dec.Decode(&l, nil) {
				t.Errorf("%q is claimed without a file", text)
			}
		}); n > 0 {
			t.Errorf("%v allocations to refuse %q", n, text)
		}
	}
}

// TestAbandonedFile reads on after a file without an end: the next writer's lines close it.
func TestAbandonedFile(t *testing.T) {
	lines := golden(t, "streams", "cut")
	for range maxGap + 2 {
		lines = append(lines, "2026-11-22T20:23:00Z INFO started again")
	}
	lines = append(lines, "Heap:")
	events, _, foreign := decode(t, lines, event.Time{})
	if foreign[len(foreign)-1] != "Heap:" {
		t.Errorf("a line long after the file is claimed")
	}
	if _, ok := events[len(events)-1].(*event.Dump); !ok {
		t.Errorf("the last event is a %T", events[len(events)-1])
	}
}

// TestMemoryIsBounded feeds an endless file.
func TestMemoryIsBounded(t *testing.T) {
	dec := &decoder{read: newReaders()}
	collections := 0
	emit := func(ev event.Event) {
		if _, ok := ev.(*event.GC); ok {
			collections++
		}
	}
	feed := func(format string, args ...any) {
		dec.Decode(&dialect.Line{Text: fmt.Appendf(nil, format, args...)}, emit)
	}
	feed("%s", fatalHeader)
	for i := range 4 * maxNotes {
		feed("# JRE version: (%d)", i)
	}
	feed("---------------  P R O C E S S  ---------------")
	feed("Java Threads: ( => current thread )")
	for i := range 4 * maxGroups {
		feed(`  0x00007f9c140c8ac0 JavaThread "%s" [_thread_blocked, id=3, stack(0x1000,0x2000)]`, strings.Repeat("x", i%97)+string(rune('a'+i%26)))
	}
	feed("GC Heap History (1000000 events):")
	for i := range 3 * maxPending {
		feed("Event: %d.000 GC heap before", i)
		feed("{Heap before GC invocations=%d (full 0):", i)
		feed(" garbage-first heap   total 65536K, used 61876K [0x00000000fc000000, 0x00000000fc100200, 0x0000000100000000)")
	}
	feed("Native Memory Tracking:")
	for i := range 4 * maxCategories {
		feed("- C%d (reserved=1KB, committed=1KB)", i)
	}
	f := dec.file
	if len(f.ring.pending) > maxPending || len(f.ring.before) > maxBefore || len(f.threads.groups) > maxGroups || len(f.jvm.NMT) > maxCategories || len(f.stated) > maxStated {
		t.Errorf("a file holds %d collections, %d beginnings, %d groups, %d categories, %d settings", len(f.ring.pending), len(f.ring.before), len(f.threads.groups), len(f.jvm.NMT), len(f.stated))
	}
	if dec.Flush(emit); collections != 3*maxPending {
		t.Errorf("%d collections told, want %d", collections, 3*maxPending)
	}
}

func TestZones(t *testing.T) {
	for zone, want := range map[string]string{
		"UTC": "0s", "CEST": "2h0m0s", "+08": "8h0m0s", "-0330": "-3h30m0s", "NST": "-3h30m0s", "EDT": "-4h0m0s", "ACST": "9h30m0s",
		"CST": "", "IST": "", "BST": "", "PST": "", "W.EuropeStandardTime": "", "": "", "+1": "", "+0a": "",
	} {
		got := ""
		if offset, ok := offsetOf(zone); ok {
			got = offset.String()
		}
		if got != want {
			t.Errorf("zone %q: %q, want %q", zone, got, want)
		}
	}
}

func TestClock(t *testing.T) {
	file := func(line string) []string {
		return []string{fatalHeader + ":", "#  SIGSEGV (0xb) at pc=0x1, pid=7, tid=8", "---------------  S U M M A R Y ------------", line}
	}
	received := event.Time{Has: event.Wall, Wall: 5, WallStep: time.Millisecond}
	for _, c := range []struct {
		name, line string
		at, want   event.Time
	}{
		{"a zone that is known", "Time: Mon Nov 24 09:43:29 2025 CET elapsed time: 11.468691 seconds (0d 0h 0m 11s)", event.Time{}, event.Time{
			Has: event.Wall | event.Process, Wall: time.Date(2025, 11, 24, 8, 43, 29, 0, time.UTC).UnixNano(), WallStep: time.Second, Process: 11468691 * time.Microsecond, Step: time.Microsecond,
		}},
		{"a zone of several meanings", "Time: Mon Nov  4 09:43:29 2025 CST elapsed time: 11 seconds (0d 0h 0m 11s)", event.Time{}, event.Time{
			Has: event.Wall | event.Process, Assumed: event.AssumedZone, Wall: time.Date(2025, 11, 4, 9, 43, 29, 0, time.UTC).UnixNano(), WallStep: time.Second, Process: 11 * time.Second, Step: time.Second,
		}},
		{"an envelope knows the wall clock better", "Time: Mon Nov  4 09:43:29 2025 CST elapsed time: 11.5 seconds (0d 0h 0m 11s)", received, event.Time{
			Has: event.Wall | event.Process, Wall: 5, WallStep: time.Millisecond, Process: 11500 * time.Millisecond, Step: 100 * time.Millisecond,
		}},
		{"no such month", "Time: Mon Nox  4 09:43:29 2025 UTC elapsed time: 11 seconds (0d 0h 0m 11s)", event.Time{}, event.Time{Has: event.Process, Process: 11 * time.Second, Step: time.Second}},
	} {
		events, said, _ := decode(t, file(c.line), c.at)
		if d := cmp.Diff(c.want, events[len(events)-1].Header().Time); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
		if isProblem := strings.Contains(said, `"type":"problem"`); isProblem != (c.name == "no such month") {
			t.Errorf("%s: problem is %v", c.name, isProblem)
		}
	}
}

// TestCollectionsHaveNoWallClock holds that the stamp of an envelope, which says when the file was written, is not
// taken for the time of the collections in its history.
func TestCollectionsHaveNoWallClock(t *testing.T) {
	events, _, _ := decode(t, golden(t, "jdk17", "g1"), event.Time{Has: event.Wall, Wall: 5})
	n := 0
	for _, ev := range events {
		if gc, ok := ev.(*event.GC); ok {
			n++
			if gc.Time.Has != event.Process {
				t.Errorf("a collection with clocks %b", gc.Time.Has)
			}
		}
	}
	if n != 3 {
		t.Errorf("%d collections, want 3", n)
	}
}

func TestKinds(t *testing.T) {
	for words, want := range map[string]event.OOMKind{
		"OutOfMemory encountered: Java heap space": event.OOMHeap, "OutOfMemory encountered: GC overhead limit exceeded": event.OOMOverhead,
		"OutOfMemory encountered: Requested array size exceeds VM limit": event.OOMArray, "OutOfMemory encountered: Metaspace": event.OOMMetaspace,
		"OutOfMemory encountered: Compressed class space": event.OOMClassSpace, "OutOfMemory encountered: PermGen space": event.OOMPermGen,
		"OutOfMemory encountered: Direct buffer memory": event.OOMDirect, "OutOfMemory encountered: unable to create native thread": event.OOMThreads,
		"OutOfMemory encountered: C heap space": event.OOMNative,
	} {
		if got := javaKind(words); got != want {
			t.Errorf("%q is %s, want %s", words, got, want)
		}
	}
	for _, c := range []struct {
		line string
		want event.NativeRequest
		kind event.OOMKind
	}{
		{"# Native memory allocation (malloc) failed to allocate 32744 bytes for ChunkPool::allocate", event.NativeRequest{Call: "malloc", Size: unit.Known(32744), For: "ChunkPool::allocate"}, event.OOMNative},
		{"# Native memory allocation (mmap) failed to map 16384 bytes for committing reserved memory.", event.NativeRequest{Call: "mmap", Size: unit.Known(16384), For: "committing reserved memory"}, event.OOMNative},
		{"# Native memory allocation (mmap) failed to map 67108864 bytes. Error detail: Failed to reserve memory for metaspace", event.NativeRequest{Call: "mmap", Size: unit.Known(64 * unit.MiB), For: "Failed to reserve memory for metaspace"}, event.OOMAddressSpace},
		{"# Native memory allocation (mprotect) failed to protect 16384 bytes. Error detail: guard pages", event.NativeRequest{Call: "mprotect", Size: unit.Known(16384), For: "guard pages"}, event.OOMAddressSpace},
		{"# Cannot create worker GC thread. Out of system resources.", event.NativeRequest{Call: "thread", For: "Cannot create worker GC thread. Out of system resources."}, event.OOMThreads},
	} {
		events, _, _ := decode(t, []string{memoryHeader + ".", c.line, "---------------  S U M M A R Y ------------"}, event.Time{})
		oom, dump := events[0].(*event.RuntimeOOM), events[1].(*event.Dump)
		if dump.JVM.Native != c.want || oom.Kind != c.kind {
			t.Errorf("%q: %+v is %s, want %+v, %s", c.line, dump.JVM.Native, oom.Kind, c.want, c.kind)
		}
	}
}

func benchmark(b *testing.B, lines []string) {
	log := []byte(strings.Join(lines, "\n"))
	emit := func(event.Event) {}
	dec := Dialect.New()
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	var l dialect.Line
	for b.Loop() {
		for text := range bytes.SplitSeq(log, []byte("\n")) {
			l.Text = text
			dec.Decode(&l, emit)
		}
	}
}

func BenchmarkFile(b *testing.B) { benchmark(b, golden(b, "jdk25", "zgc")) }

func BenchmarkForeign(b *testing.B) {
	benchmark(b, strings.Split(strings.Repeat("2026/11/22 19:34:24 request 7 by bob took 12.4 ms, 200 OK\n"+`{"level":"info","msg":"served","id":9}`+"\n", 10_000), "\n"))
}
