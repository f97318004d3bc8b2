package cluster

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
		dialecttest.By(r.detected.Parse),
		dialecttest.By(r.above.Parse),
		dialecttest.By(r.container.Parse),
		dialecttest.By(r.used.Parse),
		dialecttest.By(r.process.Parse),
		dialecttest.By(r.task.Parse),
		dialecttest.By(r.pbs.Parse),
		dialecttest.By(r.grid.Parse),
	)
}

func TestForeignLines(t *testing.T) {
	dialecttest.Refuses(t, Dialect,
		"", "x", "exceeded memory limit (", "the job exceeded memory limit (3 of 4)", "Exceeded job memory limit", "for exceeding memory limits.", "Exit Code: 137", "Terminated Exit Code: x",
		"kill event", "Detected 3 kill events in the room", "Out Of Memory", "error: Out Of Memory", "beyond the sea", "Container [pid=3", "JobID is not set", "Subject: lunch", "|- 1 2 3 (x) 4 5 6 7",
		"error exceeded limit 4", "this exceeds job hard limit \"h_rt\" (3)", "ID   = 4", "Job ID = 5", "CPU Memory Disk", `{"TaskStates": 3}`, strings.Repeat("x", maxLine), strings.Repeat("exceeded ", maxLine),
	)
}

func BenchmarkDecode(b *testing.B) {
	dialecttest.Bench(b, Dialect, "slurmstepd: error: Detected 1 oom-kill event(s) in StepId=191.batch cgroup. Some of your processes may have been killed by the cgroup out-of-memory handler.")
}
