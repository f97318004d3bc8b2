package earlyoom

import (
	"strings"
	"testing"

	"oomtrace/parser/dialect/dialecttest"
)

func TestGolden(t *testing.T) { dialecttest.Run(t, Dialect) }

func FuzzDecode(f *testing.F) { dialecttest.Fuzz(f, Dialect) }

// Forget drops the caches, for the fuzz test that holds them against the grammars.
func (d *decoder) Forget() { d.read = newReaders() }

func TestExamples(t *testing.T) {
	r := newReaders()
	dialecttest.Examples(t, Dialect,
		dialecttest.By(r.gauge.Parse),
		dialecttest.By(r.sent.Parse),
		dialecttest.By(r.facts.Parse),
		dialecttest.By(r.gone.Parse),
		dialecttest.By(r.status.Parse),
	)
}

func TestForeignLines(t *testing.T) {
	dialecttest.Refuses(t, Dialect,
		"", " ", "earlyoom: ", "mem avail", "memory: usage 4kB", "low fuel", "low memory", "sending SIGTERM to process group 7", "sending SIGTERM to 7 workers", "killing process 7",
		"Killing process 456 (worker-0) with signal SIGKILL.", "process 7 exited after all", "process exited after 1.9 seconds", "escalating to SIGKILL after 2.4 seconds",
		"kill failed: Timer expired", "PID: 3", "PID: x, name: y, badness: 3", "PID: 3, nom: y, badness: 3", "Send SIGTERM to the victim", "MemAvailable: 1574.5 MiB, SwapFree: 546.0 MiB",
		"Killing 'x' (2846)", strings.Repeat("mem avail: ", maxLine),
	)
}

func BenchmarkDecode(b *testing.B) {
	dialecttest.Bench(b, Dialect, "mem avail:   363 of   556 MiB (65.36%), swap free:    0 of    0 MiB ( 0.00%)")
}
