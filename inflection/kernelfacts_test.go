package inflection

import (
	"slices"
	"strings"
	"testing"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// stats makes the amounts of a report from pairs of a name and MiB.
func stats(pairs ...any) []event.Stat {
	var out []event.Stat
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, event.Stat{Name: pairs[i].(string), Size: unit.Bytes(pairs[i+1].(int)) * unit.MiB})
	}
	return out
}

func mibs(n int) unit.Size { return unit.Known(unit.Bytes(n) * unit.MiB) }

func TestChargeOf(t *testing.T) {
	const m = unit.MiB
	machine := stats("active_anon", 240, "inactive_anon", 150, "active_file", 1, "inactive_file", 2, "slab_reclaimable", 3, "slab_unreclaimable", 8, "shmem", 12, "pagetables", 1, "free", 4)
	for _, c := range []struct {
		name string
		kill event.Kill
		want Charge
	}{
		{
			"a v2 group",
			event.Kill{Usage: mibs(64), Stats: stats("anon", 12, "file", 50, "kernel", 2, "shmem", 49, "slab", 1)},
			Charge{Total: 64 * m, Anon: 12 * m, File: m, Shmem: 49 * m, Kernel: 2 * m},
		},
		{
			"pipe buffers, which kernels before 5.18 put into no statistic",
			event.Kill{Usage: mibs(64), Stats: stats("anon", 0, "file", 0, "shmem", 0, "slab", 1)},
			Charge{Total: 64 * m, Kernel: 64 * m},
		},
		{
			"pages charged just now",
			event.Kill{Usage: mibs(64), Stats: stats("anon", 52, "file", 0, "slab", 1)},
			Charge{Total: 64 * m, Anon: 52 * m, Kernel: m},
		},
		{
			"a fifth that is in no statistic",
			event.Kill{Usage: mibs(50), Stats: stats("anon", 30, "file", 10, "shmem", 5)},
			Charge{Total: 50 * m, Anon: 30 * m, File: 5 * m, Shmem: 5 * m, Kernel: 10 * m},
		},
		{
			"a report cut off after its first amount",
			event.Kill{Usage: mibs(64), Stats: stats("anon", 10)},
			Charge{Total: 64 * m, Anon: 10 * m},
		},
		{
			"no usage",
			event.Kill{Stats: stats("anon", 10, "file", 5, "shmem", 4, "kernel", 3)},
			Charge{Total: 18 * m, Anon: 10 * m, File: m, Shmem: 4 * m, Kernel: 3 * m},
		},
		{
			"a machine",
			event.Kill{Global: true, RAM: mibs(426), Stats: machine},
			Charge{Machine: true, Total: 426 * m, Anon: 378 * m, File: 3 * m, Shmem: 12 * m, Kernel: 12 * m},
		},
		{
			"some nodes of a machine of unknown size",
			event.Kill{Constraint: event.ConstraintCpuset, Stats: machine},
			Charge{Machine: true, Total: 409 * m, Anon: 378 * m, File: 3 * m, Shmem: 12 * m, Kernel: 12 * m},
		},
		{"a machine without amounts", event.Kill{Global: true}, Charge{Machine: true}},
	} {
		if got := ChargeOf(&c.kill); got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

// Of victims and tasks that hold as much, the first is the largest. A victim with a name goes before one without.
func TestLargest(t *testing.T) {
	for _, c := range []struct {
		name    string
		victims []event.Victim
		want    string
		held    float64
	}{
		{"none", nil, "", 0},
		{"one that holds nothing", []event.Victim{{Name: "a"}}, "a", 0},
		{"two that hold as much", []event.Victim{{Name: "a", Anon: mibs(3)}, {Name: "b", File: mibs(1), Shmem: mibs(2)}}, "a", 3 * mib},
		{"a larger second", []event.Victim{{Name: "a", Anon: mibs(1)}, {Name: "b", Anon: mibs(2), File: mibs(3), Shmem: mibs(4)}}, "b", 9 * mib},
		{"a smaller second", []event.Victim{{Name: "a", Anon: mibs(2)}, {Name: "b", Anon: mibs(1)}}, "a", 2 * mib},
		{"a name after none", []event.Victim{{Anon: mibs(2)}, {Name: "b", Anon: mibs(1)}}, "b", mib},
	} {
		if name, held := victim(&event.Kill{Victims: c.victims}); name != c.want || held != c.held {
			t.Errorf("%s: %q with %v, want %q with %v", c.name, name, held, c.want, c.held)
		}
	}
	tasks := []event.Task{{PID: 1}, {PID: 2, RSS: mibs(2)}, {PID: 3, RSS: mibs(2)}, {PID: 4, RSS: mibs(1)}}
	if got := largest(tasks); got.PID != 2 {
		t.Errorf("the largest task is %d", got.PID)
	}
	if got := largest(tasks[:1]); got != (event.Task{}) {
		t.Errorf("a task that holds nothing is the largest: %+v", got)
	}
}

// The verdict on a kernel's report alone.
func TestReportAlone(t *testing.T) {
	victim := []event.Victim{{PID: 7, Name: "java", Anon: mibs(386)}}
	machine := func(change func(*event.Kill)) event.Kill {
		k := event.Kill{
			Head: event.Head{Pos: event.Pos{File: "dmesg", Line: 1}}, Constraint: event.ConstraintNone, Global: true, RAM: mibs(426), Victims: victim,
			Stats: stats("active_anon", 250, "inactive_anon", 150, "shmem", 13), Tasks: []event.Task{{PID: 7, Name: "java", RSS: mibs(386)}},
			KilledAt: event.Pos{File: "dmesg", Line: 60}, ConstraintAt: event.Pos{File: "dmesg", Line: 59},
		}
		change(&k)
		return k
	}
	hog := func(n int) func(*event.Kill) {
		return func(k *event.Kill) {
			k.Victims = []event.Victim{{PID: 7, Name: "small", Anon: mibs(20)}}
			k.Tasks = append(k.Tasks[:0], event.Task{PID: 8, Name: "hog", RSS: mibs(n)})
		}
	}
	for _, c := range []struct {
		name   string
		kill   event.Kill
		kind   Kind
		detail string
		also   []Kind
	}{
		{"the machine is full", machine(func(*event.Kill) {}), NodePressure, "", nil},
		{"of shared memory", machine(func(k *event.Kill) { k.Stats = stats("inactive_anon", 350, "shmem", 213) }), SharedMemory, "", []Kind{NodePressure}},
		{"not quite", machine(func(k *event.Kill) { k.Stats = stats("inactive_anon", 350, "shmem", 212) }), NodePressure, "", nil},
		{"another process holds much of it", machine(hog(171)), Neighbour, "", []Kind{NodePressure}},
		{"not so much", machine(hog(170)), NodePressure, "", nil},
		{"a cpuset", machine(func(k *event.Kill) { k.Constraint = event.ConstraintCpuset }), NodePressure, "numa-binding", nil},
		{"a memory policy", machine(func(k *event.Kill) { k.Constraint = event.ConstraintPolicy }), NodePressure, "numa-binding", nil},
		{"by hand", machine(func(k *event.Kill) { k.Order = -1 }), KilledFromOutside, "", nil},
		{"by hand, and nothing was killed", machine(func(k *event.Kill) { k.Order, k.Victims, k.NoKillable = -1, nil, true }), Undetermined, "", nil},
		{"nothing to kill", machine(func(k *event.Kill) { k.Victims, k.NoKillable = nil, true }), Undetermined, "", nil},
	} {
		b := timeline.New(timeline.Options{})
		b.Add(&c.kill)
		v := Judge(b.Build(), Default()).Verdict
		if v.Kind != c.kind || v.Detail != c.detail || !slices.Equal(v.Also, c.also) {
			t.Errorf("%s: %s %q and %v; want %s %q and %v", c.name, v.Kind, v.Detail, v.Also, c.kind, c.detail, c.also)
		}
		for _, e := range v.Evidence {
			if e.Source.Line == 0 || strings.Contains(e.Claim, "%!") {
				t.Errorf("%s: evidence %+v", c.name, e)
			}
		}
		if len(v.Advice) == 0 || len(v.Evidence) == 0 {
			t.Errorf("%s: evidence %v, advice %v", c.name, v.Evidence, v.Advice)
		}
	}
}

// Without a limit no evidence is a share of anything.
func TestNoShareWithoutLimit(t *testing.T) {
	for _, c := range []struct {
		name  string
		facts Facts
		rule  func(Facts) ([]Evidence, bool)
	}{
		{"a leak", but(leaking(), func(f *Facts) { f.CrossPos.Line = 9 }), leaks},
		{"a busy collector", but(calm(0.9), func(f *Facts) { f.Collecting = 0.9 }), thrashes},
	} {
		for _, limit := range []float64{0, 2 * gib} {
			c.facts.Limit = limit
			evidence, ok := c.rule(c.facts)
			said := slices.ContainsFunc(evidence, func(e Evidence) bool { return strings.Contains(e.Claim, "that fit") })
			if !ok || said != (limit > 0) {
				t.Errorf("%s, limit %v: %v %v", c.name, limit, ok, evidence)
			}
		}
	}
}
