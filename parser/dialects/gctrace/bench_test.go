package gctrace

import (
	"bytes"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// BenchmarkDecode reads logs of 1 MB made of real lines. Events are thrown away. In the torn one, 15 % of the gc
// lines are torn by lines that begin with a date.
func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct{ name, path string }{
		{"go1.26", "testdata/traces/go1.26.txt"},
		{"go1.16", "testdata/traces/go1.16.txt"},
		{"go1.4", "testdata/traces/go1.4.txt"},
		{"torn", "testdata/traces/go1.26.txt"},
		{"foreign", "testdata/foreign.txt"},
	} {
		b.Run(c.name, func(b *testing.B) {
			data, err := os.ReadFile(c.path)
			if err != nil {
				b.Fatal(err)
			}
			if c.name == "torn" {
				trace := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
				log, _ := tornLog(trace, rand.New(rand.NewPCG(1, 1)), styles[0].line)
				data = []byte(log)
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
