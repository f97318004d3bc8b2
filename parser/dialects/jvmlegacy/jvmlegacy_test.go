package jvmlegacy

import (
	"bytes"
	"os"
	"testing"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialect/dialecttest"
	"oomtrace/parser/event"
)

func TestGolden(t *testing.T) { dialecttest.Run(t, Dialect) }

func FuzzDecoder(f *testing.F) { dialecttest.Fuzz(f, Dialect) }

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct{ name, file string }{
		{"parallel", "parallel-details.txtar"}, {"cms", "cms.txtar"}, {"g1", "g1.txtar"}, {"simple", "simple-uptime.txtar"},
	} {
		b.Run(c.name, func(b *testing.B) {
			data, err := os.ReadFile("testdata/" + c.file)
			if err != nil {
				b.Fatal(err)
			}
			_, log, _ := bytes.Cut(data, []byte("-- log --\n"))
			log, _, _ = bytes.Cut(log, []byte("-- events --\n"))
			lines := bytes.Split(log, []byte("\n"))
			d := newDecoder()
			b.SetBytes(int64(len(log)))
			b.ReportAllocs()
			for b.Loop() {
				for i, text := range lines {
					d.Decode(&dialect.Line{Pos: event.Pos{Line: i + 1}, Text: text}, func(event.Event) {})
				}
			}
		})
	}
}

// A record of a known shape costs its event and nothing else, and events come many at a time.
func TestAllocations(t *testing.T) {
	lines := [][]byte{
		[]byte("2026-11-22T19:19:28.415+0000: 0.222: [GC (Allocation Failure) 2026-11-22T19:19:28.415+0000: 0.222: [ParNew: 17459K->2174K(19648K), 0.0064502 secs] 17459K->8690K(63360K), 0.0065695 secs] [Times: user=0.00 sys=0.00, real=0.00 secs] "),
		[]byte("2026-11-22T19:19:33.240+0000: 5.047: [CMS-concurrent-mark-start]"),
		[]byte("3.000: [GC pause (G1 Evacuation Pause) (young), 0.0055672 secs]"),
		[]byte("      [Ext Root Scanning (ms): Min: 0.4, Avg: 0.4, Max: 0.4, Diff: 0.0, Sum: 0.8]"),
		[]byte("   [Eden: 7168.0K(7168.0K)->0.0B(4096.0K) Survivors: 0.0B->1024.0K Heap: 7168.0K(65536.0K)->6856.0K(65536.0K)]"),
		[]byte(" [Times: user=0.00 sys=0.01, real=0.00 secs] "),
		[]byte("order 4711 served in 12 ms"),
	}
	d := newDecoder()
	run := func() {
		for _, text := range lines {
			d.Decode(&dialect.Line{Text: text}, func(event.Event) {})
		}
	}
	run()
	if n := testing.AllocsPerRun(slabSize, run); n > 0.1 {
		t.Errorf("%v allocations for %d lines, want fewer than one in ten rounds", n, len(lines))
	}
}
