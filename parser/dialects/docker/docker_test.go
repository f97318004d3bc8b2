package docker

import (
	"testing"

	"oomtrace/parser/dialect/dialecttest"
)

func TestGolden(t *testing.T) { dialecttest.Run(t, Dialect) }

// Forget drops the caches of a decoder.
func (d *decoder) Forget() { d.ended = endedGrammar.Cache() }

func FuzzDecode(f *testing.F) { dialecttest.Fuzz(f, Dialect) }
