package javaoom

import (
	"bytes"
	"testing"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialect/dialecttest"
	"oomtrace/parser/event"
)

func TestGolden(t *testing.T) { dialecttest.Run(t, Dialect) }

func FuzzDecoder(f *testing.F) { dialecttest.Fuzz(f, Dialect) }

// The same error is told again only when its lines are far away, in lines or in time.
func TestRepeats(t *testing.T) {
	for _, c := range []struct {
		name    string
		foreign int   // lines between
		seconds int64 // between, 0 without a clock
		want    int
	}{
		{"close", 10, 0, 1},
		{"close in lines and time", 10, 59, 1},
		{"close in lines only", 10, 61, 2},
		{"far in lines", window + 1, 0, 2},
	} {
		d, n := newDecoder(), 0
		emit := func(event.Event) { n++ }
		line := func(text string, at int64) {
			l := &dialect.Line{Text: []byte(text)}
			if c.seconds > 0 {
				l.Time = event.Time{Has: event.Wall, Wall: at * 1e9}
			}
			d.Decode(l, emit)
		}
		const oom = `Exception in thread "main" java.lang.OutOfMemoryError: Java heap space`
		line(oom, 1)
		for range c.foreign {
			line("request served", 1)
		}
		line(oom, 1+c.seconds)
		d.Flush(emit)
		if n != c.want {
			t.Errorf("%s: %d events, want %d", c.name, n, c.want)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	d := newDecoder()
	for i := range 1000 {
		text := append([]byte("Caused by: java.lang.OutOfMemoryError: reason "), bytes.Repeat([]byte("x"), i)...)
		d.Decode(&dialect.Line{Text: text}, func(event.Event) {})
	}
	if len(d.told) > maxTold || len(d.order) > maxTold {
		t.Errorf("%d messages are kept, want at most %d", len(d.told), maxTold)
	}
}

func BenchmarkForeign(b *testing.B) {
	text := []byte(`2026-11-22 19:19:28,415 INFO  [http-nio-8080-exec-7] c.e.OrderService - order 4711 took 12 ms`)
	d := newDecoder()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		d.Decode(&dialect.Line{Text: text}, func(event.Event) {})
	}
}
