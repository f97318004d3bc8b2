package jvmunified

import (
	"testing"

	"oomtrace/parser/dialect/dialecttest"
)

func TestGolden(t *testing.T) { dialecttest.Run(t, Dialect) }

func FuzzDecode(f *testing.F) { dialecttest.Fuzz(f, Dialect) }

// Forget drops the caches, for the fuzz test that holds them against the grammars.
func (d *decoder) Forget() {
	d.caches = newCaches()
	clear(d.tags)
	clear(d.triggers)
}
