package inflection

import (
	"slices"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// What engines say, alone and beside a level heap or a leak under a limit of 100 MiB.
func TestEnginesAlone(t *testing.T) {
	at := event.Head{Pos: event.Pos{File: "inspect.json", Line: 3}}
	status := func(change func(*event.ContainerStatus)) *event.ContainerStatus {
		s := &event.ContainerStatus{
			Head: at, Container: event.Container{Engine: event.Docker, ID: "45cbbf984de1", Name: "api"},
			State: "exited", SaysOOM: true, HasExit: true, ExitCode: 137, Started: 1e18, Finished: 1e18 + 60e9,
		}
		change(s)
		return s
	}
	happened := func(change func(*event.ContainerEvent)) *event.ContainerEvent {
		e := &event.ContainerEvent{Head: at, Container: event.Container{Engine: event.Docker, ID: "45cbbf984de1"}, Action: event.ActionKill, Message: "why"}
		change(e)
		return e
	}
	for _, c := range []struct {
		name       string
		ev         event.Event
		kind       Kind
		confidence Confidence
		claim      string // a piece of the evidence
		missing    string // a piece of what is missing
	}{
		{"OOMKilled", status(func(s *event.ContainerStatus) { s.OOMKilled = true }), Undetermined, Low, "docker says that a process of it was killed for want of memory (OOMKilled, ended with status 137)", "known from docker alone"},
		{"OOMKilled=false", status(func(*event.ContainerStatus) {}), Undetermined, Low, "docker says that it ended with status 137 (OOMKilled=false)", "no kernel log: whether the signal"},
		{"a want of memory that cannot be", status(func(s *event.ContainerStatus) { s.Peak, s.Limit = mibs(18), mibs(256) }), KilledFromOutside, Medium, "never used more than 18 MiB of its 256 MiB", "no kernel log"},
		{"one that can", status(func(s *event.ContainerStatus) { s.Peak, s.Limit = mibs(128), mibs(256) }), Undetermined, Low, "status 137", "no kernel log"},
		{"a stop", status(func(s *event.ContainerStatus) { s.ExitCode = 143 }), KilledFromOutside, Medium, "status 143", "nothing says who sent the signal"},
		{"an error", status(func(s *event.ContainerStatus) { s.ExitCode = 1 }), NotAnOOM, High, "status 1", ""},
		{"an end in order", status(func(s *event.ContainerStatus) { s.ExitCode = 0 }), NotAnOOM, High, "status 0", ""},
		{"evicted", status(func(s *event.ContainerStatus) {
			s.Reason, s.Message = "Evicted", "The node was low on resource: memory."
		}), NodePressure, High, "evicted it: The node was low on resource: memory.", ""},
		{"evicted for want of disk", status(func(s *event.ContainerStatus) {
			s.Reason, s.Message = "Evicted", "The node was low on resource: ephemeral-storage."
		}), KilledFromOutside, High, "ephemeral-storage", ""},
		{"somebody ran kill", happened(func(e *event.ContainerEvent) { e.Signal = 9 }), KilledFromOutside, High, "docker killed it: why", ""},
		{"a killer that looks at the machine", happened(func(e *event.ContainerEvent) { e.Engine, e.Signal = event.SystemdOOMD, 9 }), NodePressure, Medium, "systemd-oomd killed it: why", ""},
		{"a killer that looks at the container", happened(func(e *event.ContainerEvent) { e.Engine = event.YARN }), Undetermined, Low, "YARN killed it: why", ""},
		{"a platform", happened(func(e *event.ContainerEvent) { e.Engine, e.Action = event.CloudRun, event.ActionOOM }), Undetermined, Low, "Cloud Run says that memory ran out: why", "which Cloud Run does not give out: the kill is known from Cloud Run alone"},
		{"a quota that is passed", happened(func(e *event.ContainerEvent) { e.Engine, e.Action = event.Heroku, event.ActionExceed }), Undetermined, Low, "", "nothing says how the process ended"},
	} {
		b := timeline.New(timeline.Options{})
		b.Add(c.ev)
		v := Judge(b.Build(), Default()).Verdict
		if v.Kind != c.kind || v.Confidence != c.confidence {
			t.Errorf("%s: %s %s, want %s %s", c.name, v.Kind, v.Confidence, c.kind, c.confidence)
		}
		if !slices.ContainsFunc(v.Evidence, func(e Evidence) bool { return strings.Contains(e.Claim, c.claim) }) && c.claim != "" {
			t.Errorf("%s: evidence %v, want %q", c.name, v.Evidence, c.claim)
		}
		if c.missing != "" && !contains(v.Missing, c.missing) {
			t.Errorf("%s: missing %q, want %q", c.name, v.Missing, c.missing)
		}
	}
}

// Where there is a log of the kernel that does not show the kill, another one is asked for.
func TestKillNotInTheLog(t *testing.T) {
	b := timeline.New(timeline.Options{})
	b.Add(&event.Kill{
		Head:     event.Head{Pos: event.Pos{File: "kern.log", Line: 1}, Time: event.Time{Has: event.Wall, Wall: 1e18}},
		OOMMemcg: "/docker/x", ContainerID: "0123456789abcdef", Constraint: event.ConstraintMemcg, Victims: []event.Victim{{PID: 7, Name: "sh"}},
	})
	b.Add(&event.ContainerStatus{
		Head:      event.Head{Pos: event.Pos{File: "inspect.json", Line: 1}},
		Container: event.Container{Engine: event.Docker, ID: "45cbbf984de1"}, HasExit: true, ExitCode: 137, SaysOOM: true, OOMKilled: true, Finished: 2e18,
	})
	v := Judge(b.Build(), Default()).Verdict
	if !contains(v.Missing, "the kernel's log does not show this kill, which is known from docker alone") || contains(v.Missing, "no kernel log") {
		t.Errorf("missing %q", v.Missing)
	}
}

// A leak is a leak whoever tells of its end; that nobody but an engine saw it makes it less sure.
func TestEnginesBesideAHeap(t *testing.T) {
	leak := shape(200, 0.02, hingeAt(15, 0.4, 49))
	flat := shape(200, 0.02, flatAt(20))
	claimed := func(kind timeline.DeathKind, ev event.Event) timeline.Death {
		ev.Header().Pos = event.Pos{File: "pod.json", Line: 2}
		return timeline.Death{Kind: kind, Event: ev}
	}
	killed := &event.ContainerStatus{Container: event.Container{Engine: event.Kubernetes}, OOMKilled: true, SaysOOM: true, HasExit: true, ExitCode: 137}
	ended := func(code int) *event.ContainerStatus {
		return &event.ContainerStatus{Container: event.Container{Engine: event.Docker}, SaysOOM: true, HasExit: true, ExitCode: code}
	}
	oomd := &event.ContainerEvent{Container: event.Container{Engine: event.SystemdOOMD}, Action: event.ActionKill, Signal: 9}
	for _, c := range []struct {
		name       string
		live       []float64
		death      timeline.Death
		kind       Kind
		confidence Confidence
	}{
		{"a leak", leak, claimed(timeline.MemcgKill, killed), Leak, Medium},
		{"a leak to its ceiling that SIGKILL ended", leak, claimed(timeline.Signal, ended(137)), Leak, Medium},
		{"a leak that SIGTERM ended", leak, claimed(timeline.Signal, ended(143)), KilledFromOutside, Medium},
		{"a level heap that SIGKILL ended", flat, claimed(timeline.Signal, ended(137)), KilledFromOutside, Medium},
		{"a level heap, OOMKilled", flat, claimed(timeline.MemcgKill, killed), OffHeap, Medium},
		{"a level heap, and systemd-oomd", flat, claimed(timeline.UserspaceKill, oomd), NodePressure, Medium},
		{"a leak, and systemd-oomd", leak, claimed(timeline.UserspaceKill, oomd), Leak, Medium},
		{"a level heap that ended in order", flat, claimed(timeline.Exit, ended(0)), Healthy, High},
		{"a level heap that ended with an error", flat, claimed(timeline.Exit, ended(1)), NotAnOOM, High},
	} {
		v := story{live: c.live, goal: 2, limit: 100, death: c.death}.judge().Verdict
		if v.Kind != c.kind || v.Confidence != c.confidence {
			t.Errorf("%s: %s %s, want %s %s", c.name, v.Kind, v.Confidence, c.kind, c.confidence)
		}
	}
}

// A loop by the lives that an engine lists, or counts.
func TestToldLoop(t *testing.T) {
	begin := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	life := func(from, length time.Duration, code int) timeline.Life {
		return timeline.Life{Started: begin.Add(from), Finished: begin.Add(from + length), ExitCode: code, Ended: true}
	}
	dead := timeline.Death{Kind: timeline.MemcgKill, Event: &event.ContainerStatus{OOMKilled: true}}
	waits := event.Pos{File: "pod.json", Line: 9}
	for _, c := range []struct {
		name  string
		lives []timeline.Life
		count int
		back  event.Pos
		death timeline.Death
		want  int
	}{
		{"three short ones", []timeline.Life{life(0, time.Second, 137), life(time.Minute, time.Second, 137), life(2*time.Minute, time.Second, 137)}, 0, event.Pos{}, dead, 3},
		{"one that ended in order", []timeline.Life{life(0, time.Second, 137), life(time.Minute, time.Second, 0), life(2*time.Minute, time.Second, 137)}, 0, event.Pos{}, dead, 1},
		{"one that lasted", []timeline.Life{life(0, time.Second, 137), life(time.Minute, 11*time.Minute, 137), life(20*time.Minute, time.Second, 137)}, 0, event.Pos{}, dead, 1},
		{"one that lasted just so long", []timeline.Life{life(0, time.Second, 137), life(time.Minute, 10*time.Minute, 137), life(20*time.Minute, time.Second, 137)}, 0, event.Pos{}, dead, 3},
		{"the next one runs already", []timeline.Life{life(0, time.Second, 137), life(time.Minute, time.Second, 137), life(2*time.Minute, time.Second, 137), {Started: begin.Add(3 * time.Minute)}}, 0, event.Pos{}, dead, 3},
		{"a signal, as the engine tells", []timeline.Life{life(0, time.Second, 137), life(time.Minute, time.Second, 137), {Started: begin, Finished: begin.Add(time.Second), Ended: true, Signal: 9}}, 0, event.Pos{}, dead, 3},
		{"another signal", []timeline.Life{life(0, time.Second, 137), life(time.Minute, time.Second, 137), {Started: begin, Finished: begin.Add(time.Second), Ended: true, Signal: 15}}, 0, event.Pos{}, dead, 0},
		{"counted, and waiting", []timeline.Life{life(0, time.Second, 137)}, 2, waits, dead, 3},
		{"counted", []timeline.Life{life(0, time.Second, 137)}, 2, event.Pos{}, dead, 1},
		{"no want of memory", []timeline.Life{life(0, time.Second, 137)}, 2, waits, timeline.Death{Kind: timeline.Signal}, 0},
	} {
		tl := &timeline.Timeline{Primary: -1, Death: c.death}
		tl.Workload = timeline.Workload{Container: event.Container{Engine: event.Kubernetes}, Lives: c.lives, Restarts: c.count, HasRestarts: true, BackOff: c.back}
		l := findLoop(tl)
		if l.deaths != c.want {
			t.Errorf("%s: %d deaths, want %d", c.name, l.deaths, c.want)
		}
		f := Judge(tl, Default())
		if (f.Verdict.Kind == CrashLoop) != (c.want >= loopDeaths) || (f.Loop != Loop{}) != (c.want >= loopDeaths) {
			t.Errorf("%s: %s, loop %+v", c.name, f.Verdict.Kind, f.Loop)
		}
		if c.want >= loopDeaths {
			v := f.Verdict
			if v.Kind != CrashLoop || v.Evidence[0].Claim == "" || c.back.Line > 0 && !strings.Contains(v.Evidence[0].Claim, "Kubernetes counts 2 restarts") {
				t.Errorf("%s: %s %v", c.name, v.Kind, v.Evidence)
			}
		}
	}
}

// Lives that are listed prove more than as many that are counted.
func TestListedBeforeCounted(t *testing.T) {
	begin := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	life := timeline.Life{Started: begin, Finished: begin, ExitCode: 137, Ended: true, Source: event.Pos{Line: 3}}
	tl := &timeline.Timeline{Death: timeline.Death{Kind: timeline.MemcgKill}}
	tl.Workload = timeline.Workload{Container: event.Container{Engine: event.Kubernetes}, Lives: []timeline.Life{life, life, life}, Restarts: 2, BackOff: event.Pos{Line: 9}}
	if l := toldLoop(tl); l != (loop{deaths: 3, first: event.Pos{Line: 3}, listed: true}) {
		t.Errorf("as many: %+v", l)
	}
	tl.Workload.Restarts = 3
	l := toldLoop(tl)
	if l != (loop{deaths: 4, first: event.Pos{Line: 9}, listed: true, counted: 3}) {
		t.Errorf("one more: %+v", l)
	}
	const want = "Kubernetes counts 3 restarts and waits before the next; the last life took less than a second"
	if got := l.told(&Facts{Workload: event.Kubernetes}); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What a kernel's report says beside its verdict, each where it holds and where it just does not.
func TestCircumstances(t *testing.T) {
	group := func(change func(*event.Kill)) *event.Kill {
		k := &event.Kill{
			Head: event.Head{Pos: event.Pos{File: "dmesg", Line: 1}}, Constraint: event.ConstraintMemcg, OOMMemcg: "/svc", TaskMemcg: "/svc",
			Usage: mibs(100), Limit: mibs(100), Stats: stats("anon", 90), GFP: "0xcc0(GFP_KERNEL)",
			Victims: []event.Victim{{PID: 7, Name: "svc", Anon: mibs(90)}}, Tasks: []event.Task{{PID: 7, Name: "svc", RSS: mibs(90)}},
			KilledAt: event.Pos{File: "dmesg", Line: 60}, UsageAt: event.Pos{File: "dmesg", Line: 30},
		}
		change(k)
		return k
	}
	machine := func(change func(*event.Kill)) *event.Kill {
		return group(func(k *event.Kill) {
			k.Constraint, k.Global, k.RAM, k.Usage, k.Limit = event.ConstraintNone, true, mibs(1000), unit.Size{}, unit.Size{}
			k.Stats = stats("active_anon", 900, "free", 40)
			change(k)
		})
	}
	crowd := func(n, each int) func(*event.Kill) {
		return func(k *event.Kill) {
			k.Tasks = []event.Task{{PID: 1, Name: "sh", RSS: unit.Known(unit.MiB / 4)}}
			for i := range n {
				k.Tasks = append(k.Tasks, event.Task{PID: 10 + i, Name: "worker", RSS: mibs(each)})
			}
			k.Victims = []event.Victim{{PID: 10, Name: "worker", Anon: mibs(each)}}
		}
	}
	for _, c := range []struct {
		name, phrase string
		kill         *event.Kill
		says         bool
		kind         Kind
		detail       string
	}{
		{"swap is full", "swap was full too", group(func(k *event.Kill) { k.SwapUsage, k.SwapLimit = mibs(99), mibs(100) }), true, Undetermined, ""},
		{"swap is nearly full", "swap was full too", group(func(k *event.Kill) { k.SwapUsage, k.SwapLimit = mibs(98), mibs(100) }), false, Undetermined, ""},
		{"there is no swap", "swap", group(func(k *event.Kill) { k.SwapUsage, k.SwapLimit = mibs(0), mibs(0) }), false, Undetermined, ""},
		{"half of the swap is free", "swap were free", machine(func(k *event.Kill) { k.SwapUsage, k.SwapLimit = mibs(50), mibs(100) }), true, NodePressure, ""},
		{"more than half", "60 MiB of 100 MiB swap were free", machine(func(k *event.Kill) { k.SwapUsage, k.SwapLimit = mibs(40), mibs(100) }), true, NodePressure, ""},
		{"less than half", "swap were free", machine(func(k *event.Kill) { k.SwapUsage, k.SwapLimit = mibs(51), mibs(100) }), false, NodePressure, ""},
		{"a machine without swap", "swap", machine(func(k *event.Kill) { k.SwapUsage, k.SwapLimit = mibs(0), mibs(0) }), false, NodePressure, ""},
		{"less than all of the swap", "50 MiB of 100 MiB", group(func(k *event.Kill) { k.SwapUsage, k.SwapLimit = mibs(50), mibs(100) }), false, Undetermined, ""},
		{"no amounts", "cannot be evicted", machine(func(k *event.Kill) { k.RAM, k.Stats = unit.Size{}, nil }), false, NodePressure, ""},
		{"locked", "cannot be evicted", group(func(k *event.Kill) { k.Stats = stats("anon", 90, "unevictable", 50) }), true, Undetermined, "locked-memory"},
		{"locked in part", "cannot be evicted", group(func(k *event.Kill) { k.Stats = stats("anon", 90, "unevictable", 49) }), false, Undetermined, ""},
		{"in pieces", "in one piece", machine(func(k *event.Kill) { k.Order, k.Stats = 2, stats("active_anon", 900, "free", 50) }), true, NodePressure, "fragmentation"},
		{"nothing free", "in one piece", machine(func(k *event.Kill) { k.Order, k.Stats = 2, stats("active_anon", 900, "free", 49) }), false, NodePressure, ""},
		{"two pages", "2 pages in one piece", machine(func(k *event.Kill) { k.Order, k.Stats = 1, stats("active_anon", 900, "free", 50) }), true, NodePressure, "fragmentation"},
		{"two pages of one node", "in one piece", machine(func(k *event.Kill) {
			k.Order, k.Constraint, k.Stats = 1, event.ConstraintCpuset, stats("active_anon", 900, "free", 50)
		}), false, NodePressure, "numa-binding"},
		{"two pages of some nodes", "in one piece", machine(func(k *event.Kill) {
			k.Order, k.Constraint, k.Stats = 1, event.ConstraintPolicy, stats("active_anon", 900, "free", 50)
		}), false, NodePressure, "numa-binding"},
		{"two pages of nobody knows how many", "in one piece", machine(func(k *event.Kill) { k.Order, k.RAM, k.Stats = 1, unit.Size{}, nil }), false, NodePressure, ""},
		{"single pages", "in one piece", machine(func(k *event.Kill) { k.Stats = stats("active_anon", 900, "free", 50) }), false, NodePressure, ""},
		{"an order that no kernel has", "1024 pages in one piece", machine(func(k *event.Kill) { k.Order, k.Stats = 1<<40, stats("active_anon", 900, "free", 50) }), true, NodePressure, "fragmentation"},
		{"low memory", "32-bit", machine(func(k *event.Kill) {
			k.GFP, k.Stats = "0xd0", stats("active_anon", 100, "free", 300, "free_highmem", 290)
		}), true, NodePressure, "low-memory"},
		{"high memory asked for", "32-bit", machine(func(k *event.Kill) {
			k.GFP, k.Stats = "0x201da", stats("active_anon", 100, "free", 300, "free_highmem", 290)
		}), false, NodePressure, ""},
		{"high memory asked for by name", "32-bit", machine(func(k *event.Kill) {
			k.GFP, k.Stats = "0x140dca(GFP_HIGHUSER)", stats("free", 300, "free_highmem", 290)
		}), false, NodePressure, ""},
		{"no high memory", "32-bit", machine(func(k *event.Kill) {
			k.GFP, k.Stats = "0xd0", stats("active_anon", 900, "free", 30, "free_highmem", 19)
		}), false, NodePressure, ""},
		{"just enough high memory", "32-bit", machine(func(k *event.Kill) {
			k.GFP, k.Stats = "0xd0", stats("active_anon", 900, "free", 30, "free_highmem", 20)
		}), true, NodePressure, "low-memory"},
		{"high memory of nobody knows how much", "32-bit", machine(func(k *event.Kill) { k.GFP, k.RAM, k.Stats = "0xd0", unit.Size{}, nil }), false, NodePressure, ""},
		{"nobody knows how much the group used", "another limit was reached", group(func(k *event.Kill) { k.GFP, k.Usage, k.Stats = "0x0()", unit.Size{}, nil }), false, Undetermined, ""},
		{"the limit of kernel memory", "another limit was reached", group(func(k *event.Kill) { k.GFP, k.Usage = "0x0()", mibs(94) }), true, KernelMemory, "kmem-limit"},
		{"the limit itself", "another limit was reached", group(func(k *event.Kill) { k.GFP, k.Usage = "0x0()", mibs(95) }), false, Undetermined, ""},
		{"an ordinary request", "another limit was reached", group(func(k *event.Kill) { k.Usage = mibs(94) }), false, Undetermined, ""},
		{"no spared process", "was spared", group(func(*event.Kill) {}), false, Undetermined, ""},
		{"no table of processes", "that were gone", group(func(k *event.Kill) { k.Tasks = nil }), false, Undetermined, ""},
		{"a spared process", "was spared", group(func(k *event.Kill) {
			k.Victims[0].Anon = mibs(10)
			k.Tasks = []event.Task{{PID: 7, RSS: mibs(10)}, {PID: 8, Name: "hog", RSS: mibs(39)}}
		}), true, Undetermined, ""},
		{"a spared process that is the culprit", "was spared", group(func(k *event.Kill) {
			k.Victims[0].Anon = mibs(10)
			k.Tasks = []event.Task{{PID: 7, RSS: mibs(10)}, {PID: 8, Name: "hog", RSS: mibs(40)}}
		}), false, Neighbour, ""},
		{"memory of the dead", "that were gone", group(func(k *event.Kill) { k.Tasks[0].RSS = mibs(44) }), true, Undetermined, ""},
		{"memory of the living", "that were gone", group(func(k *event.Kill) { k.Tasks[0].RSS = mibs(45) }), false, Undetermined, ""},
		{"a crowd", "5 processes, none of them above 12 MiB, held 60 MiB of the 100 MiB", group(crowd(5, 12)), true, Neighbour, "many-processes"},
		{"too few for a crowd", "none of them above", group(crowd(4, 20)), false, Undetermined, ""},
		{"a crowd that holds little", "none of them above", group(crowd(5, 11)), false, Undetermined, ""},
		{"five that fill it", "5 processes, none of them above 20 MiB, held 100 MiB of the 100 MiB", group(crowd(5, 20)), true, Neighbour, "many-processes"},
		{"a small one among four", "5 processes", group(func(k *event.Kill) {
			crowd(4, 20)(k)
			k.Tasks[0].RSS = mibs(1)
		}), true, Neighbour, "many-processes"},
		{"processes that hold nothing of nothing", "none of them above", group(func(k *event.Kill) {
			crowd(5, 0)(k)
			k.Tasks[0].RSS, k.Usage, k.Stats = mibs(0), unit.Size{}, nil
		}), false, Undetermined, ""},
		{"five large ones", "none of them above", group(crowd(5, 21)), false, Undetermined, ""},
	} {
		b := timeline.New(timeline.Options{})
		b.Add(c.kill)
		v := Judge(b.Build(), Default()).Verdict
		if says := slices.ContainsFunc(v.Evidence, func(e Evidence) bool { return strings.Contains(e.Claim, c.phrase) }); says != c.says {
			t.Errorf("%s: %v, about %q: want %v", c.name, v.Evidence, c.phrase, c.says)
		}
		if v.Kind != c.kind || v.Detail != c.detail {
			t.Errorf("%s: %s %q, want %s %q", c.name, v.Kind, v.Detail, c.kind, c.detail)
		}
	}
}

// The kernel memory that a report counts has names.
func TestKernelDetail(t *testing.T) {
	for _, c := range []struct {
		stats []event.Stat
		want  string
	}{
		{stats("kernel", 60, "slab", 30), "slab"},
		{stats("kernel", 60, "slab", 29), ""},
		{stats("kernel", 60, "sock", 40), "sockets"},
		{stats("kernel", 60, "pagetables", 31, "slab", 2), "page-tables"},
		{stats("kernel", 60), ""},
	} {
		b := timeline.New(timeline.Options{})
		b.Add(&event.Kill{
			Head: event.Head{Pos: event.Pos{File: "dmesg", Line: 1}}, Constraint: event.ConstraintMemcg, Usage: mibs(64), Limit: mibs(64), Stats: c.stats,
			Victims: []event.Victim{{PID: 7, Name: "svc", Anon: mibs(1)}},
		})
		v := Judge(b.Build(), Default()).Verdict
		if v.Kind != KernelMemory || v.Detail != c.want {
			t.Errorf("%v: %s %q, want %s", c.stats, v.Kind, v.Detail, c.want)
		}
	}
}

// A log of the kernel that left something out makes a verdict less sure, and says so.
func TestSuppressed(t *testing.T) {
	kill := func(suppressed int64) Verdict {
		b := timeline.New(timeline.Options{})
		b.Add(&event.Kill{
			Head: event.Head{Pos: event.Pos{File: "dmesg", Line: 1}}, Constraint: event.ConstraintNone, Global: true, RAM: mibs(100), Suppressed: suppressed,
			Victims: []event.Victim{{PID: 7, Name: "svc", Anon: mibs(60)}}, Stats: stats("active_anon", 90),
		})
		return Judge(b.Build(), Default()).Verdict
	}
	whole, cut := kill(0), kill(70)
	if whole.Confidence != High || cut.Confidence != Medium || !contains(cut.Missing, "70 further lines") || contains(whole.Missing, "further lines") {
		t.Errorf("%s %q, and with lines left out %s %q", whole.Confidence, whole.Missing, cut.Confidence, cut.Missing)
	}
}

// A kill that may be another's makes a verdict less sure, as hearsay does.
func TestGuessedDeath(t *testing.T) {
	for _, guessed := range []bool{true, false} {
		if f := (Facts{Death: timeline.Death{Kind: timeline.MemcgKill, Guessed: guessed}}); f.hearsay() != guessed {
			t.Errorf("guessed %v: hearsay %v", guessed, f.hearsay())
		}
	}
}

// A search for words leaves one line of a report.
func TestOneLineOfAReport(t *testing.T) {
	b := timeline.New(timeline.Options{})
	b.Add(&event.Kill{Head: event.Head{Pos: event.Pos{File: "dmesg", Line: 1}}, Victims: []event.Victim{{PID: 7, Name: "svc", Anon: mibs(60)}}})
	if v := Judge(b.Build(), Default()).Verdict; !contains(v.Missing, "only the line of the kill") {
		t.Errorf("missing %q", v.Missing)
	}
	if f := (Facts{Kill: &event.Kill{}}); f.short() {
		t.Error("a report without a kill lacks nothing but the kill")
	}
}

// What an engine tells of an end, and how that is put into words.
func TestToldEnd(t *testing.T) {
	status := func(s event.ContainerStatus) func(*toldFacts) {
		s.Engine = event.Docker
		return func(t *toldFacts) { t.ofStatus(&s) }
	}
	happened := func(ev event.ContainerEvent, lives ...timeline.Life) func(*toldFacts) {
		ev.Engine = event.Docker
		return func(t *toldFacts) {
			t.ofEvent(&ev)
			t.exit(&timeline.Workload{Lives: lives})
		}
	}
	lives := []timeline.Life{{Ended: true, ExitCode: 1}, {Ended: true, ExitCode: 137}, {ExitCode: 3}}
	for _, c := range []struct {
		name   string
		tell   func(*toldFacts)
		signal int
		claim  string
	}{
		{"status 128", status(event.ContainerStatus{HasExit: true, ExitCode: 128}), 0, "docker says that it ended with status 128"},
		{"status 129", status(event.ContainerStatus{HasExit: true, ExitCode: 129}), 1, "docker says that it ended with status 129"},
		{"status 192", status(event.ContainerStatus{HasExit: true, ExitCode: 192}), 64, "docker says that it ended with status 192"},
		{"status 193", status(event.ContainerStatus{HasExit: true, ExitCode: 193}), 0, "docker says that it ended with status 193"},
		{"a status that is not known", status(event.ContainerStatus{ExitCode: 137}), 0, "docker says that it did not end"},
		{"a signal", status(event.ContainerStatus{Signal: 1}), 1, "docker says that it was ended by signal 1"},
		{"a signal and a status", status(event.ContainerStatus{Signal: 1, HasExit: true, ExitCode: 137}), 1, "docker says that it ended with status 137"},
		{"a reason", status(event.ContainerStatus{HasExit: true, Reason: "Error"}), 0, "docker says that it ended with status 0 (Error)"},
		{"a reason, and no want of memory", status(event.ContainerStatus{HasExit: true, Reason: "Error", SaysOOM: true}), 0, "docker says that it ended with status 0 (Error, OOMKilled=false)"},
		{"an eviction", status(event.ContainerStatus{Reason: "Evicted"}), 15, "docker evicted it: Evicted"},
		{"an eviction with SIGKILL", status(event.ContainerStatus{Reason: "Evicted", Message: "why", Signal: 9}), 9, "docker evicted it: why"},
		{"an event of an eviction", happened(event.ContainerEvent{Action: event.ActionEvict}), 15, "docker evicted it: no reason given"},
		{"an event of a want of memory", happened(event.ContainerEvent{Action: event.ActionOOM}, lives...), 9, "docker says that memory ran out: event oom"},
		{"of a signal", happened(event.ContainerEvent{Action: event.ActionKill, Signal: 2, Reason: "why"}, lives...), 2, "docker killed it: why"},
		{"of a status", happened(event.ContainerEvent{Action: event.ActionExit, HasExit: true, ExitCode: 2}, lives...), 0, "docker says that it ended with status 2"},
		{"of a want of memory, and no life ended", happened(event.ContainerEvent{Action: event.ActionOOM}, lives[2]), 0, "docker says that memory ran out: event oom"},
	} {
		var told toldFacts
		c.tell(&told)
		if told.signal != c.signal || told.claim != c.claim {
			t.Errorf("%s: signal %d, %q; want %d, %q", c.name, told.signal, told.claim, c.signal, c.claim)
		}
	}
}

// The peak is the highest that an engine tells of, on the first line that does, and little where it is less than half of the limit.
func TestToldPeak(t *testing.T) {
	line := func(n int, peak, limit unit.Size) *event.ContainerStatus {
		return &event.ContainerStatus{Head: event.Head{Pos: event.Pos{Line: n}}, Peak: peak, Limit: limit}
	}
	for _, c := range []struct {
		name     string
		statuses []*event.ContainerStatus
		line     int
		little   bool
	}{
		{"the highest", []*event.ContainerStatus{line(1, mibs(10), mibs(64)), line(2, mibs(20), mibs(64)), line(3, mibs(10), mibs(64))}, 2, true},
		{"the first of equals", []*event.ContainerStatus{line(1, mibs(10), mibs(64)), line(2, mibs(10), mibs(64))}, 1, true},
		{"half of the limit", []*event.ContainerStatus{line(1, mibs(32), mibs(64))}, 1, false},
		{"half of the larger limit", []*event.ContainerStatus{line(1, mibs(30), mibs(64)), line(2, mibs(30), mibs(32))}, 1, true},
		{"no peak", []*event.ContainerStatus{line(1, unit.Size{}, mibs(64))}, 0, false},
		{"no limit", []*event.ContainerStatus{line(1, mibs(1), unit.Size{})}, 1, false},
	} {
		var f Facts
		(&judge{tl: &timeline.Timeline{Workload: timeline.Workload{Statuses: c.statuses}}}).toldFacts(&f)
		if f.Told.peakPos.Line != c.line || f.usedLittle() != c.little {
			t.Errorf("%s: peak on line %d, little %v", c.name, f.Told.peakPos.Line, f.usedLittle())
		}
	}
}
