package hserr

import (
	"testing"

	"oomtrace/parser/dialect/dialecttest"
)

// Forget drops the shape caches, for the fuzz test.
func (d *decoder) Forget() { d.read = newReaders() }

func TestGolden(t *testing.T) { dialecttest.Run(t, Dialect) }

func FuzzDecode(f *testing.F) { dialecttest.Fuzz(f, Dialect) }
