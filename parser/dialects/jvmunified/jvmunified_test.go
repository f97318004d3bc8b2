package jvmunified

import (
	"testing"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialect/dialecttest"
	"oomtrace/parser/event"
)

func TestGolden(t *testing.T) { dialecttest.Run(t, Dialect) }

func FuzzDecode(f *testing.F) { dialecttest.Fuzz(f, Dialect) }

// Forget drops the caches, for the fuzz test that holds them against the grammars.
func (d *decoder) Forget() {
	d.caches = newCaches()
	clear(d.tags)
	clear(d.triggers)
}

// The examples of the grammars are lines that the dialect takes for its own.
func TestExamples(t *testing.T) {
	d := newDecoder()
	for _, g := range Dialect.Grammars {
		if !d.Decode(&dialect.Line{Text: []byte(g.Example)}, func(event.Event) {}) {
			t.Errorf("%s: refused: %q", g.Name, g.Example)
		}
	}
}
