package earlyoom

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
		func(b []byte) error { _, err := r.gauge.Parse(b); return err },
		func(b []byte) error { _, err := r.sent.Parse(b); return err },
		func(b []byte) error { _, err := r.facts.Parse(b); return err },
		func(b []byte) error { _, err := r.gone.Parse(b); return err },
		func(b []byte) error { _, err := r.status.Parse(b); return err },
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
		"", " ", "earlyoom: ", "mem avail", "memory: usage 4kB", "low fuel", "low memory", "sending SIGTERM to process group 7", "sending SIGTERM to 7 workers", "killing process 7",
		"Killing process 456 (worker-0) with signal SIGKILL.", "process 7 exited after all", "process exited after 1.9 seconds", "escalating to SIGKILL after 2.4 seconds",
		"kill failed: Timer expired", "PID: 3", "PID: x, name: y, badness: 3", "PID: 3, nom: y, badness: 3", "Send SIGTERM to the victim", "MemAvailable: 1574.5 MiB, SwapFree: 546.0 MiB",
		"Killing 'x' (2846)", strings.Repeat("mem avail: ", maxLine),
	} {
		d := Dialect.New()
		if d.Decode(&dialect.Line{Text: []byte(line)}, func(ev event.Event) { t.Errorf("%q: %+v", line, ev) }) {
			t.Errorf("%.100q is claimed", line)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct{ name, line string }{
		{"gauge", "mem avail:   363 of   556 MiB (65.36%), swap free:    0 of    0 MiB ( 0.00%)"},
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
