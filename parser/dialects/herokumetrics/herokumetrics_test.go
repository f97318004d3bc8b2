package herokumetrics

import (
	"testing"

	"oomtrace/parser/dialect/dialecttest"
)

func TestGolden(t *testing.T) { dialecttest.Run(t, Dialect) }

func FuzzDecoder(f *testing.F) { dialecttest.Fuzz(f, Dialect) }
