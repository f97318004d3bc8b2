package systemd

import (
	"fmt"
	"strings"
	"testing"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialect/dialecttest"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

func TestGolden(t *testing.T) { dialecttest.Run(t, Dialect) }

func FuzzDecode(f *testing.F) { dialecttest.Fuzz(f, Dialect) }

// Forget drops the caches, for the fuzz test that holds them against the grammars.
func (d *decoder) Forget() { d.read = newReaders() }

func TestExamples(t *testing.T) {
	r := newReaders()
	dialecttest.Examples(t, Dialect,
		dialecttest.By(r.exited.Parse),
		dialecttest.By(r.peak.Parse),
		dialecttest.By(r.restarts.Parse),
		dialecttest.By(r.several.Parse),
		dialecttest.By(r.used.Parse),
		dialecttest.By(r.pressure.Parse),
		dialecttest.By(r.amount.Parse),
	)
}

// decode reads a log as one stream, whose lines are a second apart, and returns what became of it.
func decode(log string) (events []event.Event, foreign []string) {
	dec := Dialect.New()
	emit := func(ev event.Event) { events = append(events, ev) }
	for i, text := range strings.Split(log, "\n") {
		l := &dialect.Line{Pos: event.Pos{File: "log", Line: i + 1}, Text: []byte(text)}
		l.Time = event.Time{Has: event.Wall, Wall: int64(i+1) * 1e9}
		if !dec.Decode(l, emit) {
			foreign = append(foreign, text)
		}
	}
	dec.Flush(emit)
	return events, foreign
}

func TestTimesOfAUnit(t *testing.T) {
	events, _ := decode(`Started leaky.service - Leaky payments API.
leaky.service: Main process exited, code=exited, status=1/FAILURE
leaky.service: Failed with result 'exit-code'.
leaky.service: Consumed 1.510s CPU time, 48M memory peak.
leaky.service: Scheduled restart job, restart counter is at 3.
Started leaky.service.
leaky.service: Failed with result 'oom-kill'.`)
	var got []event.ContainerStatus
	for _, ev := range events {
		if s, ok := ev.(*event.ContainerStatus); ok {
			got = append(got, *s)
		}
	}
	if len(got) != 2 {
		t.Fatalf("%d statuses, want 2", len(got))
	}
	if s := got[0]; s.Started != 1e9 || s.Finished != 3e9 || s.ExitCode != 1 || !s.HasExit || s.OOMKilled || s.HasRestarts || s.Peak != unit.Known(48*unit.MiB) {
		t.Errorf("first life: %+v", s)
	}
	if s := got[1]; s.Started != 6e9 || s.Finished != 7e9 || s.HasExit || !s.OOMKilled || s.Restarts != 3 || s.Peak.IsKnown() {
		t.Errorf("second life: %+v", s)
	}
}

// A unit that ended waits for what it consumed, but not for ever, and none is forgotten in silence.
func TestUnitsThatWait(t *testing.T) {
	var log strings.Builder
	for i := range 3 * maxUnits {
		fmt.Fprintf(&log, "unit%d.service: Failed with result 'oom-kill'.\n", i)
	}
	events, _ := decode(log.String())
	if len(events) != 3*maxUnits {
		t.Errorf("%d statuses, want %d", len(events), 3*maxUnits)
	}
	events, _ = decode("a.service: Failed with result 'oom-kill'." + strings.Repeat("\nforeign", patience+1) + "\nb.service: The kernel OOM killer killed some processes in this unit.")
	if _, ok := events[0].(*event.ContainerStatus); !ok || len(events) != 2 {
		t.Errorf("the status does not come before what was said later: %+v", events)
	}
}

func TestForeignLines(t *testing.T) {
	for _, line := range []string{
		"", " ", "e: ", "x.service: ", "service: Failed with result 'x'", "my.service: Reloading.", "Started the engine.", "Started ", "Killed /x", "Killed /x due to rain",
		"Process 1 (x) of user 2 is fine", "Process x", "Memory pressure for /x rises", "Considered 3 cgroups", "systemd[1]: ", "systemd[1]: Started x.timer - y.",
		"a.slice: Consumed 3s CPU time, 4M memory peak.", "	Path: /x", "Consumed 1.510s CPU time, 48M memory peak.", "x.servicf: A process of this unit has been killed by the OOM killer.",
	} {
		if events, foreign := decode(line); len(events) != 0 || len(foreign) != 1 {
			t.Errorf("%q is claimed: %v", line, events)
		}
	}
}

func TestBrokenLines(t *testing.T) {
	for _, line := range []string{
		"x.service: Main process exited, code=killed, status=", "x.service: Main process exited, code=killed, status=9999999999999999999999/KILL", "x.service: Failed with result 'oom-k",
		"x.service: Killing process 4 (x", "x.service: Killing process 1234567890123 (x) with signal SIGKILL.", "x.service: systemd-oomd killed 4", "x.service: Scheduled restart job, restart counter is",
		"x.service: Failed with result 'signal'.\nx.service: Consumed 4M memory peaky peak, 99999999999999999999M memory peak",
	} {
		events, _ := decode(line)
		if _, ok := events[0].(*event.Problem); !ok {
			t.Errorf("%q: %+v, want a problem", line, events[0])
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	dialecttest.Bench(b, Dialect, "leaky.service: A process of this unit has been killed by the OOM killer.")
}

// Commands cut off, properties in files of units, and lines that only look like those of a command.
func TestForeignOutput(t *testing.T) {
	for _, log := range []string{
		"MemoryMax=64M\nOOMPolicy=stop\nResult=fine\n", "X=1", "Main=", "● ", "* a.service", "x a.service - b\n", "Running as unit: a.service", "Finished with result", "PID: 3 (x)\nSignal: ", "Signal: 6 (ABRT)", "Dry Run: perhaps",
	} {
		if events, _ := decode(log); len(events) != 0 {
			t.Errorf("%q: %+v", log, events[0])
		}
	}
	events, _ := decode("Dry Run: no\n" + strings.Repeat("Path: /x.service\n", maxDump+1) + "Current Memory Usage: 4M")
	if len(events) != 0 {
		t.Errorf("a list without end is read: %+v", events[0])
	}
	events, _ = decode("* a.service - x\nActive: failed (Result: oom-kill)" + strings.Repeat("\nTasks: 1", maxPage) + "\nMain PID: 7")
	if s, ok := events[0].(*event.ContainerStatus); len(events) != 1 || !ok || s.PID != 0 {
		t.Errorf("a page without end is read: %+v", events)
	}
}
