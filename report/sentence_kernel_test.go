package report_test

import (
	"testing"
	"time"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/timeline"
)

func mib(n int) unit.Size { return unit.Known(unit.Bytes(n) * unit.MiB) }

// TestKernelSentences reads the headline of incidents of which nothing but the kernel's report is known.
func TestKernelSentences(t *testing.T) {
	group := func(change func(*event.Kill)) []*event.Kill {
		k := &event.Kill{
			Constraint: event.ConstraintMemcg, OOMMemcg: "/svc", Usage: mib(64), Limit: mib(64), Repeats: 1,
			Stats:   []event.Stat{{Name: "anon", Size: 62 * unit.MiB}, {Name: "file"}, {Name: "shmem"}, {Name: "kernel", Size: unit.MiB}},
			Victims: []event.Victim{{PID: 7, Name: "java", Anon: mib(61)}},
		}
		change(k)
		return []*event.Kill{k}
	}
	plain := func(*event.Kill) {}
	machine := func(change func(*event.Kill)) []*event.Kill {
		return group(func(k *event.Kill) {
			k.Constraint, k.Global, k.OOMMemcg, k.Usage, k.Limit, k.RAM = event.ConstraintNone, true, "", unit.Size{}, unit.Size{}, mib(426)
			k.Stats = []event.Stat{{Name: "inactive_anon", Size: 400 * unit.MiB}, {Name: "shmem", Size: 13 * unit.MiB}, {Name: "free", Size: 2 * unit.MiB}}
			k.Tasks = []event.Task{{PID: 7, Name: "java", RSS: mib(386)}}
			change(k)
		})
	}
	nobody := func(k *event.Kill) { k.Victims, k.NoKillable, k.Repeats = nil, true, 12 }
	off := map[string]string{"GOGC": "off"}
	for _, c := range []struct {
		name  string
		kills []*event.Kill
		env   map[string]string
		want  string
	}{
		{"a limit of systemd", group(plain), nil, "java was OOM-killed at its limit of 64 MiB, 62 MiB of it its own (anonymous) memory; no GC log says how it grew."},
		{"a container", group(func(k *event.Kill) { k.PodUID = "1" }), nil, "java was OOM-killed at its container limit of 64 MiB, 62 MiB of it its own (anonymous) memory; no GC log says how it grew."},
		{"several processes", group(func(k *event.Kill) { k.Victims[0].Anon = mib(40) }), nil, "java was OOM-killed at its limit of 64 MiB, 62 MiB of it anonymous memory, 40 MiB in the process that was killed; no GC log says how it grew."},
		{"all of a group", group(func(k *event.Kill) {
			k.Victims = []event.Victim{{PID: 7, Name: "java", Anon: mib(28)}, {PID: 8, Name: "sh", Anon: mib(20)}, {PID: 9, Name: "sh", Anon: mib(13)}}
		}), nil, "java was OOM-killed at its limit of 64 MiB, 62 MiB of it anonymous memory of the 3 processes that were killed together; no GC log says how it grew."},
		{"some of a group", group(func(k *event.Kill) {
			k.Victims = []event.Victim{{PID: 7, Name: "java", Anon: mib(20)}, {PID: 8, Name: "sh", Anon: mib(10)}}
		}), nil, "java was OOM-killed at its limit of 64 MiB, 62 MiB of it anonymous memory, 30 MiB in the 2 processes that were killed together; no GC log says how it grew."},
		{"no victim named", group(func(k *event.Kill) { k.Victims = nil }), nil, "The process was OOM-killed at its limit of 64 MiB, 62 MiB of it anonymous memory of its processes; no GC log says how it grew."},
		{"no amounts", group(func(k *event.Kill) { k.Stats = nil }), nil, "java was OOM-killed at its limit of 64 MiB, 61 MiB of it its own (anonymous) memory; no GC log says how it grew."},
		{"nothing but the name", group(func(k *event.Kill) { k.Stats, k.Victims[0].Anon = nil, unit.Size{} }), nil, "java was OOM-killed at its limit of 64 MiB; these logs do not tell why."},
		{"three times", append(append(group(plain), group(plain)...), group(plain)...), nil, "java was OOM-killed 3 times, the last time at its limit of 64 MiB, 62 MiB of it its own (anonymous) memory; no GC log says how it grew."},
		{"after another program", append(group(func(k *event.Kill) { k.Victims[0].Name = "sh" }), group(plain)...), nil, "java was OOM-killed (one of 2 kills in its group) at its limit of 64 MiB, 62 MiB of it its own (anonymous) memory; no GC log says how it grew."},
		{"pipes on 5.10", group(func(k *event.Kill) {
			k.Stats = []event.Stat{{Name: "anon"}, {Name: "file"}, {Name: "slab", Size: unit.MiB}}
		}), nil, "java was OOM-killed; 64 MiB of 64 MiB was kernel memory."},
		{"nothing to kill", group(nobody), nil, "Nothing was killed, although /svc was at its limit of 64 MiB 12 times: every process of it is exempt from the kernel's killer."},
		{"nothing to kill on the machine", machine(nobody), nil, "Nothing was killed, although the machine was out of memory 12 times: every process of it is exempt from the kernel's killer."},
		{"the collector is off", group(plain), off, "java was OOM-killed at its limit of 64 MiB, with GOGC=off and no GOMEMLIMIT: its collector never ran."},
		{"the machine", machine(plain), nil, "java was OOM-killed; the whole machine was out of memory, and the process itself held 386 MiB of its 426 MiB."},
		{"the machine, and a larger process", machine(func(k *event.Kill) { k.Tasks[0].PID, k.Tasks[0].Name, k.Tasks[0].RSS = 8, "hog", mib(100) }), nil, "java was OOM-killed; the whole machine was out of memory, of which the largest process, hog, held 100 MiB of 426 MiB."},
		{"the machine, and a culprit", machine(func(k *event.Kill) {
			k.Tasks[0].PID, k.Tasks[0].Name, k.Victims[0].Anon = 8, "hog", mib(5)
		}), nil, "java was OOM-killed; the whole machine was out of memory, but process hog held 386 MiB of its 426 MiB."},
		{"the machine, no table", machine(func(k *event.Kill) { k.Tasks = nil }), nil, "java was OOM-killed; the whole machine was out of memory, no limit of its own was reached."},
		{"shared memory of the machine", machine(func(k *event.Kill) { k.Stats[1].Size = 300 * unit.MiB }), nil, "java was OOM-killed; 300 MiB of the machine's 426 MiB was shared memory (tmpfs, /dev/shm)."},
		{"a cpuset", machine(func(k *event.Kill) { k.Constraint = event.ConstraintCpuset }), nil, "java was OOM-killed; the memory nodes that its cpuset allows were full, while the machine had 2 MiB free."},
		{"a memory policy", machine(func(k *event.Kill) { k.Constraint, k.Stats = event.ConstraintPolicy, nil }), nil, "java was OOM-killed; the memory nodes that its NUMA policy allows were full."},
		{"by hand", machine(func(k *event.Kill) { k.Order = -1 }), nil, "java was killed because somebody asked the kernel to kill (SysRq f), whether memory was short or not."},
	} {
		b := timeline.New(timeline.Options{Env: c.env})
		for _, k := range c.kills {
			b.Add(k)
		}
		tl := b.Build()
		m := report.New(report.Input{Timeline: tl, Finding: inflection.Judge(tl, inflection.Default())})
		if got := m.Verdict.Sentence.String(); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// What a report tells beside the victim: who held more, and whether swap was full.
func TestKillSecond(t *testing.T) {
	mib := func(n unit.Bytes) unit.Size { return unit.Known(n * unit.MiB) }
	table := []event.Task{{PID: 7, Name: "java", RSS: mib(31)}, {PID: 9, Name: "postgres", RSS: mib(50)}, {PID: 8, Name: "sh", RSS: mib(1)}}
	for _, c := range []struct {
		name   string
		change func(*event.Kill)
		want   string
	}{
		{"the largest was killed", func(k *event.Kill) { k.Tasks = table[:1] }, "killed java (pid 7, 31 MiB resident); usage 80 MiB of 80 MiB."},
		{"another held more", func(k *event.Kill) { k.Tasks = table }, "killed java (pid 7, 31 MiB resident), while postgres (pid 9) held more, 50 MiB; usage 80 MiB of 80 MiB."},
		{"an old kernel, which tells in the table only", func(k *event.Kill) {
			k.Victims[0].Anon, k.Tasks = unit.Size{}, append([]event.Task{{PID: 7, Name: "java", RSS: mib(60)}}, table[1:]...)
		}, "killed java (pid 7); usage 80 MiB of 80 MiB."},
		{"nothing tells what it held", func(k *event.Kill) { k.Victims[0].Anon, k.Tasks = unit.Size{}, table[1:] }, "killed java (pid 7); usage 80 MiB of 80 MiB."},
		{"about as much", func(k *event.Kill) { k.Tasks = []event.Task{{PID: 9, Name: "postgres", RSS: mib(32)}} }, "killed java (pid 7, 31 MiB resident); usage 80 MiB of 80 MiB."},
		{"nobody was killed", func(k *event.Kill) { k.Tasks, k.Victims, k.NoKillable = table, nil, true }, "found no process that it may kill, while postgres (pid 9) held 50 MiB; usage 80 MiB of 80 MiB."},
		{"swap was full", func(k *event.Kill) { k.SwapUsage, k.SwapLimit = mib(32), mib(32) }, "killed java (pid 7, 31 MiB resident); usage 80 MiB of 80 MiB; swap 32 MiB of 32 MiB."},
		{"swap was not", func(k *event.Kill) { k.SwapUsage, k.SwapLimit = mib(1), mib(32) }, "killed java (pid 7, 31 MiB resident); usage 80 MiB of 80 MiB."},
		{"no swap", func(k *event.Kill) { k.SwapUsage, k.SwapLimit = mib(0), mib(0) }, "killed java (pid 7, 31 MiB resident); usage 80 MiB of 80 MiB."},
	} {
		k := &event.Kill{
			Head: event.Head{Pos: event.Pos{File: "kern.log", Line: 1}}, Constraint: event.ConstraintMemcg, Usage: mib(80), Limit: mib(80),
			Victims: []event.Victim{{PID: 7, Name: "java", Anon: mib(31)}},
		}
		c.change(k)
		b := timeline.New(timeline.Options{})
		b.Add(k)
		tl := b.Build()
		m := report.New(report.Input{Timeline: tl, Finding: inflection.Judge(tl, inflection.Default())})
		if got, want := m.Verdict.Second.String(), "The kernel's out-of-memory killer ran and "+c.want; got != want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, want)
		}
	}
}

// A loop that only the kernel tells of is told by its last kill.
func TestLoopSecond(t *testing.T) {
	b := timeline.New(timeline.Options{})
	for i := range 3 {
		b.Add(&event.Kill{
			Head:       event.Head{Pos: event.Pos{File: "kern.log", Line: 1 + i}, Time: event.Time{Has: event.Boot, Boot: time.Duration(20*i) * time.Second}},
			Constraint: event.ConstraintMemcg, OOMMemcg: "/svc", Usage: unit.Known(64 * unit.MiB), Limit: unit.Known(64 * unit.MiB),
			Victims: []event.Victim{{PID: 7 + i, Name: "java", Anon: unit.Known(61 * unit.MiB)}},
		})
	}
	tl := b.Build()
	m := report.New(report.Input{Timeline: tl, Finding: inflection.Judge(tl, inflection.Default())})
	const want = "The kernel's out-of-memory killer ran and killed java (pid 9, 61 MiB resident); group /svc; usage 64 MiB of 64 MiB."
	if m.Verdict.Kind != inflection.CrashLoop || m.Verdict.Second.String() != want {
		t.Errorf("%s: %s", m.Verdict.Kind, m.Verdict.Second)
	}
}
