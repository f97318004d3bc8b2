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
