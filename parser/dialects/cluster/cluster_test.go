package cluster

import (
	"strings"
	"testing"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialect/dialecttest"
	"oomtrace/parser/event"
)

func TestGolden(t *testing.T) { dialecttest.Run(t, Dialect) }

func FuzzDecode(f *testing.F) { dialecttest.Fuzz(f, Dialect) }

// Forget drops the caches, for the fuzz test that holds them against the grammars.
func (d *decoder) Forget() { d.read = newReaders() }

func TestExamples(t *testing.T) {
	r := newReaders()
	parse := []func([]byte) error{
		func(b []byte) error { _, err := r.detected.Parse(b); return err },
		func(b []byte) error { _, err := r.above.Parse(b); return err },
		func(b []byte) error { _, err := r.container.Parse(b); return err },
		func(b []byte) error { _, err := r.used.Parse(b); return err },
		func(b []byte) error { _, err := r.process.Parse(b); return err },
		func(b []byte) error { _, err := r.task.Parse(b); return err },
		func(b []byte) error { _, err := r.pbs.Parse(b); return err },
		func(b []byte) error { _, err := r.grid.Parse(b); return err },
	}
	if len(parse) != len(Dialect.Grammars) {
		t.Fatalf("%d grammars, want %d", len(Dialect.Grammars), len(parse))
	}
	for i, g := range Dialect.Grammars {
		if err := parse[i]([]byte(g.Example)); err != nil || g.EBNF == "" {
			t.Errorf("%s: %q: %v", g.Name, g.Example, err)
		}
	}
}

func TestForeignLines(t *testing.T) {
	for _, line := range []string{
		"", "x", "exceeded memory limit (", "the job exceeded memory limit (3 of 4)", "Exceeded job memory limit", "for exceeding memory limits.", "Exit Code: 137", "Terminated Exit Code: x",
		"kill event", "Detected 3 kill events in the room", "Out Of Memory", "error: Out Of Memory", "beyond the sea", "Container [pid=3", "JobID is not set", "Subject: lunch", "|- 1 2 3 (x) 4 5 6 7",
		"error exceeded limit 4", "this exceeds job hard limit \"h_rt\" (3)", "ID   = 4", "Job ID = 5", "CPU Memory Disk", `{"TaskStates": 3}`, strings.Repeat("x", maxLine), strings.Repeat("exceeded ", maxLine),
	} {
		d := Dialect.New()
		if d.Decode(&dialect.Line{Text: []byte(line)}, func(ev event.Event) { t.Errorf("%.100q: %+v", line, ev) }) {
			t.Errorf("%.100q is claimed", line)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct{ name, line string }{
		{"slurm", "slurmstepd: error: Detected 1 oom-kill event(s) in StepId=191.batch cgroup. Some of your processes may have been killed by the cgroup out-of-memory handler."},
		{"foreign", "2026/11/22 19:54:32 INFO request done path=/api/v1/items status=200 took=12ms"},
		{"kernel", "memory: usage 65536kB, limit 65536kB, failcnt 33"},
	} {
		b.Run(c.name, func(b *testing.B) {
			d := Dialect.New()
			l := &dialect.Line{Pos: event.Pos{File: "log", Line: 1}, Text: []byte(c.line)}
			emit := func(event.Event) {}
			b.SetBytes(int64(len(c.line)))
			b.ReportAllocs()
			for b.Loop() {
				d.Decode(l, emit)
			}
		})
	}
}
