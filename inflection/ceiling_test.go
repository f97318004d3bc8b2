package inflection

import (
	"testing"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// The heap of this test ends at 40 MiB.
func TestFindCeiling(t *testing.T) {
	const (
		unknown = "no limit is known: the last level of the live heap stands in for it"
		full    = "the runtime itself said that the heap was full at this level"
		soft    = "limit: GOMEMLIMIT keeps the goal from running ahead of the live heap"
		twice   = "limit / 2.00: each cycle's goal is twice the live heap"
	)
	for _, c := range []struct {
		name  string
		s     story
		other bool    // the run is not the one that died
		want  ceiling // in MiB
	}{
		{"nothing is known", story{}, false, ceiling{bytes: 40, basis: unknown}},
		{"the goal follows the live heap to an unknown limit", story{goal: 2}, false, ceiling{bytes: 40, factor: 2, follows: true, basis: unknown}},
		{"a limit", story{limit: 100}, false, ceiling{known: true, bytes: 100, hard: 100, basis: "limit"}},
		{"and a goal", story{limit: 100, goal: 2}, false, ceiling{known: true, bytes: 50, hard: 100, factor: 2, follows: true, basis: twice}},
		{"a goal at the live heap", story{limit: 100, goal: 1}, false, ceiling{known: true, bytes: 100, hard: 100, factor: 1, follows: true, basis: "limit"}},
		{"GOMEMLIMIT below the limit", story{limit: 100, soft: 99, goal: 2}, false, ceiling{known: true, bytes: 100, hard: 100, soft: 99, factor: 2, basis: soft}},
		{"GOMEMLIMIT at the limit protects nobody", story{limit: 100, soft: 100, goal: 2}, false, ceiling{known: true, bytes: 50, hard: 100, factor: 2, follows: true, basis: twice}},
		{"the goal stays at an unstated GOMEMLIMIT", story{limit: 100, hold: 60, goal: 2}, false, ceiling{known: true, bytes: 100, hard: 100, soft: 60, factor: 2, basis: soft}},
		{"what is stated holds, wherever the goal stays", story{limit: 100, soft: 70, hold: 60, goal: 2}, false, ceiling{known: true, bytes: 100, hard: 100, soft: 70, factor: 2, basis: soft}},
		{"the goal stays, and no limit is known", story{hold: 60, goal: 2}, false, ceiling{bytes: 40, soft: 60, factor: 2, basis: unknown}},
		{"a JVM has no GOMEMLIMIT", story{runtime: "jvm", limit: 100, xmx: 64, soft: 60}, false, ceiling{known: true, bytes: 64, hard: 64, basis: "-Xmx"}},

		{"the heap was full below its limit", story{runtime: "jvm", xmx: 64, death: heapFull}, false, ceiling{known: true, bytes: 40, hard: 64, declared: true, basis: full}},
		{"and at an unknown one", story{runtime: "jvm", death: heapFull}, false, ceiling{bytes: 40, declared: true, basis: full}},
		{"it was full at its limit", story{runtime: "jvm", xmx: 40, death: heapFull}, false, ceiling{known: true, bytes: 40, hard: 40, declared: true, basis: "-Xmx"}},
		{"the limit of another process", story{limit: 31}, false, ceiling{bytes: 40, foreign: 31, basis: unknown}},
		{"one that is hardly less than what is live", story{limit: 32}, false, ceiling{known: true, bytes: 32, hard: 32, basis: "limit"}},
		{"that of another life", story{limit: 31}, true, ceiling{known: true, bytes: 31, hard: 31, basis: "limit"}},
		{"no heap holds more than its limit", story{runtime: "jvm", xmx: 39, death: heapFull}, false, ceiling{known: true, bytes: 39, hard: 39, declared: true, basis: "-Xmx"}},
		{"another heap was full", story{runtime: "jvm", xmx: 64, death: heapFull}, true, ceiling{known: true, bytes: 64, hard: 64, basis: "-Xmx"}},
	} {
		tl := c.s.timeline()
		got := findCeiling(tl, &series{run: tl.Runs[0]}, 40*mib, !c.other)
		got.bytes, got.hard, got.soft = got.bytes/mib, got.hard/mib, got.soft/mib
		got.foreign /= mib
		allowed := c.want.bytes // what the limits leave: a runtime that declares less does not change it
		if c.want.declared || !c.want.known {
			allowed = c.want.hard
		}
		if got.allowed != allowed*mib {
			t.Errorf("%s: the limits leave %.0f MiB, want %.0f", c.name, got.allowed/mib, allowed)
		}
		got.allowed = 0
		if got != c.want {
			t.Errorf("%s:\n%+v, want\n%+v", c.name, got, c.want)
		}
	}
}

func TestTimes(t *testing.T) {
	for k, want := range map[float64]string{1.95: "1.95 times", 1.951: "twice", 2: "twice", 2.05: "twice", 2.051: "2.05 times", 3: "3.00 times"} {
		if got := times(k); got != want {
			t.Errorf("%v: %q, want %q", k, got, want)
		}
	}
}

func TestHeapDeclaredFull(t *testing.T) {
	for _, c := range []struct {
		name string
		d    timeline.Death
		want bool
	}{
		{"Java heap space", timeline.Death{Kind: timeline.RuntimeOOM, Event: &event.RuntimeOOM{Kind: event.OOMHeap}}, true},
		{"the collector gave up", timeline.Death{Kind: timeline.RuntimeOOM, Event: &event.RuntimeOOM{Kind: event.OOMOverhead}}, true},
		{"something else was full", timeline.Death{Kind: timeline.RuntimeOOM, Event: &event.RuntimeOOM{Kind: event.OOMMetaspace}}, false},
		{"it was not what ended the process", timeline.Death{Kind: timeline.LogEnds, Event: &event.RuntimeOOM{Kind: event.OOMHeap}}, false},
		{"a kill", kernelKill, false},
	} {
		if got := declaredFull(c.d); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// Memory in swap does not count against a limit, so that more can be live than it allows. A verdict does not advise below what is live.
func TestForeignLimit(t *testing.T) {
	swapping := timeline.Death{Kind: timeline.MemcgKill, Event: &event.Kill{SwapUsage: unit.Known(100 * unit.MiB), Victims: []event.Victim{{Name: "svc"}}}}
	for _, c := range []struct {
		name  string
		death timeline.Death
		other bool
	}{
		{"six times the limit", kernelKill, true},
		{"most of it in swap", swapping, false},
	} {
		f := story{live: shape(100, 0.01, flatAt(150)), limit: 25.5, death: c.death}.judge()
		says := contains(f.Verdict.Missing, "that is the limit of another process")
		if f.Runs[0].OtherLimit != c.other || says != c.other {
			t.Errorf("%s: another's limit %v, %q", c.name, f.Runs[0].OtherLimit, f.Verdict.Missing)
		}
		if c.other && (f.Verdict.Kind == UndersizedLimit || contains(f.Verdict.Advice, "raise the limit")) {
			t.Errorf("%s: %s, %q", c.name, f.Verdict.Kind, f.Verdict.Advice)
		}
	}
}
