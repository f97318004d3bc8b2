package jvmunified

import (
	"bytes"
	"os"
	"testing"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// BenchmarkDecode reads logs of 1 MB made of the golden ones. Events are thrown away.
func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"g1", "parallel", "zgc-generational", "shenandoah", "decorations"} {
		b.Run(name, func(b *testing.B) { benchmark(b, goldenLog(b, name)) })
	}
	b.Run("foreign", func(b *testing.B) {
		benchmark(b, []byte("2026-11-22T19:22:54.410Z INFO  [main] c.e.Application - order 4711 of customer 12 took 34 ms\n"+
			"[2026-11-22 19:22:54,410] {scheduler.py:12} INFO - task 4711 has ended\n"))
	})
}

func benchmark(b *testing.B, data []byte) {
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
}

// goldenLog returns the logs of a golden case.
func goldenLog(tb testing.TB, name string) []byte {
	data, err := os.ReadFile("testdata/" + name + ".txtar")
	if err != nil {
		tb.Fatal(err)
	}
	var log []byte
	keep := false
	for line := range bytes.Lines(data) {
		if bytes.HasPrefix(line, []byte("-- ")) {
			keep = bytes.HasPrefix(line, []byte("-- log"))
			continue
		}
		if keep {
			log = append(log, line...)
		}
	}
	return log
}
