package gctrace

import (
	"slices"
	"strings"
	"testing"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialect/dialecttest"
	"oomtrace/parser/event"
)

func TestGolden(t *testing.T) { dialecttest.Run(t, Dialect) }

func FuzzDecode(f *testing.F) { dialecttest.Fuzz(f, Dialect) }

// Forget drops the caches, for the fuzz test that holds them against the grammars.
func (d *decoder) Forget() {
	fresh := newDecoder().(*decoder)
	d.modern, d.ancient, d.scvg, d.scav, d.pacer = fresh.modern, fresh.ancient, fresh.scvg, fresh.scav, fresh.pacer
	d.sched, d.detail, d.inits, d.scan = fresh.sched, fresh.detail, fresh.inits, fresh.scan
	d.queues, d.pause = fresh.queues, fresh.pause
}

// Lines made to cost time: each is read in a moment, and the log goes on after it.
func TestHostileLines(t *testing.T) {
	for _, piece := range []string{goodLine + `","`, "gc 1 @0.1s 0%: ", "gc1", "gc 1", "1", "SCHED 1ms: ", "init a", "pacer: ", "gc 1 @0.001s 0%: 1+", "0+"} {
		for _, head := range []string{"", "gc 1 @0.001s 0%: ", "init ", "SCHED 0ms: gomaxprocs=1 idleprocs=0 threads=5 "} {
			log := head + strings.Repeat(piece, 1<<20/len(piece)) + "\n" + goodLine
			if gc := lastGC(decodeAll(log)); gc == nil || gc.Cycle != 7 {
				t.Errorf("%q, many of %q: the good line behind it is lost: %+v", head, piece, gc)
			}
		}
	}
}

const goodLine = "gc 7 @1.243s 0%: 0.057+0.63+0.002 ms clock, 0.11+0.056/0.37/0.22+0.005 ms cpu, 33->33->16 MB, 34 MB goal, 2 P"

func lastGC(events []event.Event) *event.GC {
	for _, ev := range slices.Backward(events) {
		if gc, ok := ev.(*event.GC); ok {
			return gc
		}
	}
	return nil
}

func TestExamples(t *testing.T) {
	for _, g := range Dialect.Grammars {
		d := newDecoder()
		emit := func(ev event.Event) {
			if p, ok := ev.(*event.Problem); ok {
				t.Errorf("%s: %s", g.Name, p.Message)
			}
		}
		if !d.Decode(&dialect.Line{Pos: event.Pos{File: "log", Line: 1}, Text: []byte(g.Example)}, emit) {
			t.Errorf("%s: the example is not claimed: %s", g.Name, g.Example)
		}
		d.Flush(emit)
		if g.EBNF == "" {
			t.Errorf("%s: no grammar", g.Name)
		}
	}
}

// Every writing must print what the grammar reads, in its own form and with all of its numbers.
func TestWritingsMatchTheGrammar(t *testing.T) {
	for _, w := range writings {
		line := w.fill("", 0)
		d := newDecoder().(*decoder)
		if _, ok := d.read(&dialect.Line{}, []byte(line)); !ok || d.form != w.form {
			t.Errorf("form %d: %q is read as form %d, %v", w.form, line, d.form, ok)
		}
		if w.known == 0 || w.known >= len(w.tokens) {
			t.Errorf("form %d: the heap sizes end at token %d of %d", w.form, w.known, len(w.tokens))
		}
	}
}

func TestWholeLinesHardlyAllocate(t *testing.T) {
	d := newDecoder()
	l := &dialect.Line{Pos: event.Pos{File: "log", Line: 1}, Text: []byte(goodLine)}
	foreign := &dialect.Line{Pos: l.Pos, Text: []byte("2026/11/22 19:54:32 INFO gc 5 workers, egc 1")}
	emit := func(event.Event) {}
	d.Decode(l, emit)
	if n := testing.AllocsPerRun(10*slabSize, func() { d.Decode(l, emit); d.Decode(foreign, emit) }); n > 0.1 {
		t.Errorf("%v allocations for a gc line and a foreign one, want those of the slab", n)
	}
}
