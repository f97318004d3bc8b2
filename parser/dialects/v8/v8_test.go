package v8

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialect/dialecttest"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

func TestGolden(t *testing.T) { dialecttest.Run(t, Dialect) }

func FuzzDecode(f *testing.F) { dialecttest.Fuzz(f, Dialect) }

// Forget drops the caches, for the fuzz test that holds them against the grammars.
func (d *decoder) Forget() { d.read = newReaders() }

func TestExamples(t *testing.T) {
	r := newReaders()
	dialecttest.Examples(t, Dialect,
		dialecttest.By(r.sizes.Parse),
		dialecttest.By(r.pause.Parse),
		dialecttest.By(r.marking.Parse),
		dialecttest.By(r.pairs.Parse),
		dialecttest.By(r.space.Parse),
		dialecttest.By(r.amount.Parse),
	)
}

// decode reads a log as one stream and returns what became of it.
func decode(log string, stream *event.Stream) (events []event.Event, foreign []string) {
	dec := newDecoder()
	emit := func(ev event.Event) { events = append(events, ev) }
	for i, text := range strings.Split(log, "\n") {
		if !dec.Decode(&dialect.Line{Pos: event.Pos{File: "log", Line: i + 1}, Stream: stream, Text: []byte(text)}, emit) {
			foreign = append(foreign, text)
		}
	}
	dec.Flush(emit)
	return events, foreign
}

const scavenge = "[927:0x3f8d9970]       67 ms: Scavenge 2.5 (4.2) -> 2.2 (5.2) MB, 11.3 / 0.0 ms  (average mu = 1.000, current mu = 1.000) allocation failure "

// What may stand before a line that no envelope takes off changes nothing.
func TestPrefixes(t *testing.T) {
	want, _ := decode(scavenge, nil)
	for _, prefix := range []string{
		"2023-11-11T10:29:44: ", "@apps/web:dev: ", "web_1  | ", `{"log":"`, "0|app  | ", "\x1b[32mapp\x1b[0m ", "[1] ", "[web] ", "node[12]: ",
	} {
		got, _ := decode(prefix+scavenge, nil)
		if len(got) != 1 {
			t.Errorf("%q: %d events, want 1", prefix, len(got))
			continue
		}
		a, b := *got[0].(*event.GC), *want[0].(*event.GC)
		if a.Stream == nil || *a.Stream != *b.Stream {
			t.Errorf("%q: stream %v, want %v", prefix, a.Stream, b.Stream)
		}
		if a.Stream = b.Stream; a != b {
			t.Errorf("%q:\n got %+v\nwant %+v", prefix, a, b)
		}
	}
}

// Behind a prefix, the last block still repeats the trace, and the stack is still V8's.
func TestPrefixedDeath(t *testing.T) {
	death := []string{
		scavenge, "<--- Last few GCs --->", scavenge, "<--- JS stacktrace --->", "==== JS stack trace =====", "    1: tick [a.js:1]",
		"FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", "----- Native stack trace -----",
		" 1: 0x8fb090 node::Abort() [node]",
	}
	for _, prefix := range []string{"", "2023-11-11T10:29:44: ", "@apps/web:dev: "} {
		got, foreign := decode(prefix+strings.Join(death, "\n"+prefix), nil)
		if len(got) != 3 || len(foreign) > 0 {
			t.Errorf("%q: %d events, want a collection, a version and a death; foreign lines %q", prefix, len(got), foreign)
		}
	}
}

func TestIsolates(t *testing.T) {
	base := &event.Stream{Pod: "web-1", Pipe: "stdout"}
	for line, want := range map[string]event.Stream{
		scavenge: {OwnPID: 927, Isolate: "3f8d9970"},
		"[8441:0x3daa3000:0]       41 ms: Scavenge 2.5 (4.2) -> 2.2 (5.2) MB, 1.1 / 0.0 ms task": {OwnPID: 8441, Isolate: "3daa3000"},
		"[1234:000001F2A3B4C5D0]       41 ms: Scavenge 2.5 (4.2) -> 2.2 (5.2) MB, 1.1 / 0.0 ms":  {OwnPID: 1234, Isolate: "000001f2a3b4c5d0"},
		"[1234]       41 ms: Scavenge 2.5 (4.2) -> 2.2 (5.2) MB, 1 ms [allocation failure].":     {OwnPID: 1234},
		"       41 ms: Scavenge 2.5 (4.2) -> 2.2 (5.2) MB, 1 ms [allocation failure].":           {},
		"[x:0x12]       41 ms: Scavenge 2.5 (4.2) -> 2.2 (5.2) MB, 1 ms":                         {},
	} {
		got, foreign := decode(line, base)
		if len(got) != 1 || len(foreign) > 0 {
			t.Errorf("%s: %d events, foreign %q", line, len(got), foreign)
			continue
		}
		want.Pod, want.Pipe = base.Pod, base.Pipe
		if s := got[0].Header().Stream; *s != want {
			t.Errorf("%s: stream %+v, want %+v", line, *s, want)
		}
	}
}

// Workers of one process count their time from their own start, and a death is that of the isolate whose block it is.
func TestWorkers(t *testing.T) {
	worker := strings.ReplaceAll(scavenge, "0x3f8d9970", "0x7f0000012000")
	main := strings.ReplaceAll(scavenge, "   67 ms", " 9067 ms")
	death := "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"
	got, foreign := decode(strings.Join([]string{scavenge, worker, main, "", "<--- Last few GCs --->", "", worker, "", "<--- JS stacktrace --->", death}, "\n"), nil)
	if len(got) != 4 {
		t.Fatalf("%d events, want 3 collections and a death: %v", len(got), got)
	}
	if strings.Join(foreign, "") != "" {
		t.Errorf("foreign lines %q", foreign)
	}
	if got[0].Header().Stream != got[2].Header().Stream || got[0].Header().Stream == got[1].Header().Stream {
		t.Error("the streams do not tell the isolates apart")
	}
	oom, ok := got[3].(*event.RuntimeOOM)
	if !ok || oom.Stream != got[1].Header().Stream || oom.Message != death || oom.Kind != event.OOMHeap {
		t.Errorf("death %+v, want that of the worker", got[3])
	}
}

func TestDeathOfAnUnknownIsolate(t *testing.T) {
	worker := strings.ReplaceAll(scavenge, "0x3f8d9970", "0x7f0000012000")
	base := &event.Stream{Pod: "web-1"}
	got, _ := decode(scavenge+"\n"+worker+"\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", base)
	if oom, ok := got[len(got)-1].(*event.RuntimeOOM); !ok || oom.Stream != base {
		t.Errorf("death %+v, want one in the stream of the line", got[len(got)-1])
	}
}

func TestLastWords(t *testing.T) {
	for line, want := range map[string]event.OOMKind{
		"FATAL ERROR: CALL_AND_RETRY_LAST Allocation failed - JavaScript heap out of memory":                       event.OOMHeap,
		"FATAL ERROR: CALL_AND_RETRY_2 Allocation failed - process out of memory":                                  event.OOMHeap,
		"FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory": event.OOMHeap,
		"FATAL ERROR: invalid array length Allocation failed - JavaScript heap out of memory":                      event.OOMHeap,
		"FATAL ERROR: Committing semi space failed. Allocation failed - JavaScript heap out of memory":             event.OOMHeap,
		"FATAL ERROR: NewSpace::Rebalance Allocation failed - JavaScript heap out of memory":                       event.OOMHeap,
		"@apps/web:dev: FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory":         event.OOMHeap,
		"FATAL ERROR: Zone Allocation failed - process out of memory":                                              event.OOMNative,
		"# Fatal process out of memory: Zone":                                                                      event.OOMNative,
		"# Fatal process out of memory: Failed to reserve virtual memory for CodeRange":                            event.OOMAddressSpace,
		"# Fatal process out of memory: Oilpan: CagedHeap reservation.":                                            event.OOMAddressSpace,
		"# Fatal javascript OOM in Ineffective mark-compacts near heap limit":                                      event.OOMHeap,
		"# Fatal JavaScript out of memory: Reached heap limit":                                                     event.OOMHeap,
		"# Fatal JavaScript invalid size error 169220804":                                                          event.OOMArray,
		"V8 javascript OOM (MarkCompactCollector: young object promotion failed).":                                 event.OOMHeap,
		"V8 javascript OOM: (MemoryChunk allocation failed during deserialization.).":                              event.OOMHeap,
		"Uncaught RangeError: Array buffer allocation failed":                                                      event.OOMNative,
		"Error [ERR_WORKER_OUT_OF_MEMORY]: Worker terminated due to reaching memory limit: JS heap out of memory":  event.OOMHeap,
		"FATAL ERROR: the database is gone":                                                                        "",
		"# Fatal error in , line 0":                                                                                "",
		"we saw an Error [ERR_WORKER_OUT_OF_MEMORY]: again":                                                        "",
		"JavaScript heap out of memory":                                                                            "",
		"Fatal: out of memory":                                                                                     "",
	} {
		got, _ := decode(line, nil)
		kind := event.OOMKind("")
		if len(got) == 1 {
			kind = got[0].(*event.RuntimeOOM).Kind
		}
		if kind != want {
			t.Errorf("%s: %q, want %q", line, kind, want)
		}
	}
	got, _ := decode("FATAL ERROR: v8::ToLocalChecked Empty MaybeLocal.", nil)
	if end, ok := got[0].(*event.ProcessEnd); !ok || end.Kind != event.EndFatal || end.Runtime != "v8" {
		t.Errorf("a fatal call: %+v", got[0])
	}
}

func TestCommandLines(t *testing.T) {
	for line, want := range map[string]unit.Bytes{
		"> node --max-old-space-size=512 dist/main.js":                        512 * unit.MiB,
		"$ NODE_ENV=production /usr/local/bin/node --max_old_space_size=64 x": 64 * unit.MiB,
		"NODE_OPTIONS='--max-old-space-size=4096' next build":                 4096 * unit.MiB,
		"> cross-env NODE_OPTIONS=--max-old-space-size=4096 webpack":          4096 * unit.MiB,
		`C:\nodejs\node.exe --max-heap-size=128 server.js`:                    128 * unit.MiB,
		"try node --max-old-space-size=4096 to give it more":                  0,
		"increase the limit with NODE_OPTIONS=--max-old-space-size=8192":      0,
		"> node --max-old-space-size= server.js":                              0,
		"> node --max-old-space-size=12x server.js":                           0,
		"> node --max-old-space-size=99999999999999 server.js":                0,
		"> node --max-semi-space-size=64 server.js":                           0,
	} {
		got, foreign := decode(line, nil)
		size := unit.Bytes(0)
		if len(got) == 1 {
			s := got[0].(*event.Setting)
			size = s.Size.Or(-1)
			if s.Name != event.MaxHeap || s.Runtime != "v8" || !strings.HasPrefix(s.Text, "--max") {
				t.Errorf("%s: %+v", line, s)
			}
		}
		if size != want || len(got)+len(foreign) != 1 {
			t.Errorf("%s: %d, want %d; foreign %q", line, size, want, foreign)
		}
	}
}

// Lines of other programs that look a little like V8's.
func TestForeignLines(t *testing.T) {
	for _, line := range []string{
		"took 12 ms: Scavenge hunt done",
		"12 ms: Mark-up rendered",
		"[12:34] 5 ms: pause=1",
		"[42:1234/010203.456:ERROR:gpu.cc(12)] lost",
		"[12:30] lunch", "[1:2] Old memory", " 1: first", "==== heading", "#", "----- Native stack trace -----",
		"GET /a 200 12 ms: ok", "[2026] 12 ms: Minor change", "<--- here", "",
	} {
		if events, foreign := decode(line, nil); len(events) != 0 || len(foreign) != 1 {
			t.Errorf("%q is claimed: %v", line, events)
		}
	}
}

// Lines made to cost time: the log goes on after each. Work that grew with the square of a line would not end before the
// test's own timeout.
func TestHostileLines(t *testing.T) {
	for _, piece := range []string{" ms: Scavenge ", "1 ms: Scavenge ", "1 ms: Mark-Compact 1 (1) -> 1 (1) MB, ", "[1:0x1] ", "[", "1 ms: pause=1 a=1 ", "1 ms: GC: {", "(+ ", "used: 1 KB, "} {
		for _, head := range []string{"", "[927:0x3f8d9970]  ", "[927:0x3f8d9970] 1 ms: Mark-sweep 1 (1) -> 1 (1) MB, 1 / 0 ms "} {
			got, _ := decode(head+strings.Repeat(piece, 1<<20/len(piece))+"\n"+scavenge, nil)
			gc, ok := got[len(got)-1].(*event.GC)
			if !ok || gc.Time.Process != 67*time.Millisecond {
				t.Errorf("%q, many of %q: the good line behind it is lost", head, piece)
			}
		}
	}
}

func TestManyIsolates(t *testing.T) {
	d := newDecoder()
	for i := range 3 * maxIsolates {
		line := strings.Replace(scavenge, "927", "1"+strings.Repeat("0", i%5)+string(rune('1'+i%9)), 1)
		line = strings.Replace(line, "3f8d9970", strings.Repeat("a", i%16+1)+"", 1)
		d.Decode(&dialect.Line{Text: []byte(strings.Replace(line, "67 ms", "6"+strings.Repeat("7", i%9)+" ms", 1))}, func(event.Event) {})
	}
	if len(d.isolates) > maxIsolates || len(d.words) > maxWords {
		t.Errorf("%d isolates and %d words are remembered", len(d.isolates), len(d.words))
	}
}

func TestCollectionsHardlyAllocate(t *testing.T) {
	d := newDecoder()
	l := &dialect.Line{Pos: event.Pos{File: "log", Line: 1}, Text: []byte(scavenge)}
	foreign := &dialect.Line{Pos: l.Pos, Text: []byte("2026/11/22 19:54:32 INFO [web] took 12 ms: done")}
	emit := func(event.Event) {}
	d.Decode(l, emit)
	if n := testing.AllocsPerRun(10*slabSize, func() { d.Decode(l, emit); d.Decode(foreign, emit) }); n > 2.1 {
		t.Errorf("%v allocations for a collection and a foreign line, want at most the isolate's name and its address", n)
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct{ name, path string }{
		{"node14", "testdata/bench/node14.txt"},
		{"node20-nvp", "testdata/bench/node20-nvp.txt"},
		{"node26-json", "testdata/bench/node26-json.txt"},
		{"foreign", "../gctrace/testdata/foreign.txt"},
	} {
		b.Run(c.name, func(b *testing.B) {
			data, err := os.ReadFile(c.path)
			if err != nil {
				b.Fatal(err)
			}
			log := bytes.Repeat(data, 1+1<<20/len(data))
			lines := bytes.Split(bytes.TrimSuffix(log, []byte("\n")), []byte("\n"))
			d := newDecoder()
			emit := func(event.Event) {}
			b.SetBytes(int64(len(log)))
			b.ReportAllocs()
			for b.Loop() {
				l := dialect.Line{Pos: event.Pos{File: "log"}}
				for i, text := range lines {
					l.Pos.Line, l.Text = i+1, text
					d.Decode(&l, emit)
				}
			}
		})
	}
}
