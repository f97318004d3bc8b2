package gctrace

import (
	"testing"

	"oomtrace/parser/dialect/dialecttest"
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
