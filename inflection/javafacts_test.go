package inflection

import (
	"slices"
	"strings"
	"testing"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// factsOf gathers the facts of a timeline of one run.
func factsOf(tl *timeline.Timeline) Facts {
	j := &judge{tl: tl, o: Default()}
	j.primary = j.study(tl.Runs[0], true)
	return j.facts()
}

func TestBoxLimit(t *testing.T) {
	of := func(from string, mib unit.Bytes) timeline.Limit {
		return timeline.Limit{From: from, Size: unit.Known(mib * unit.MiB)}
	}
	for _, c := range []struct {
		name   string
		limits []timeline.Limit
		want   float64 // MiB
	}{
		{"none", nil, 0},
		{"bounds of a heap do not bind the process", []timeline.Limit{of("xmx", 100), of("gomemlimit", 50), of("v8-flag", 20), of("growth-limit", 10)}, 0},
		{"the smaller of two", []timeline.Limit{of("memcg", 256), of("flag", 128), of("xmx", 64)}, 128},
		{"in whatever order", []timeline.Limit{of("flag", 128), of("memcg", 256)}, 128},
		{"an unknown size and none at all bind nothing", []timeline.Limit{{From: "docker"}, of("memcg", 256), of("flag", 0)}, 256},
	} {
		if got := boxLimit(&timeline.Timeline{Limits: c.limits}) / mib; got != c.want {
			t.Errorf("%s: %v MiB, want %v", c.name, got, c.want)
		}
	}
}

// TestReportOfTheDeath wants the crash report of the process that gave up, else the last one.
func TestReportOfTheDeath(t *testing.T) {
	for _, c := range []struct {
		name    string
		pid     int // of the error; -1 is no error
		reports []int
		want    int // index of the report
	}{
		{"no error names a process", -1, []int{1, 2}, 1},
		{"an error of an unknown process", 0, []int{1, 2}, 1},
		{"the first is its own", 1, []int{1, 2}, 0},
		{"the last is its own", 2, []int{1, 2}, 1},
		{"the last of its own", 1, []int{1, 2, 1, 3}, 2},
		{"none is its own", 9, []int{1, 2, 3}, 2},
		{"none says whose it is", 0, []int{0, 0}, 1},
	} {
		tl := &timeline.Timeline{Events: []event.Event{&event.Dump{}, &event.Setting{}}}
		for i, pid := range c.reports {
			tl.Events = append(tl.Events, &event.Dump{Head: event.Head{Pos: event.Pos{Line: i + 1}}, JVM: &event.JVMReport{PID: pid}})
		}
		tl.Events = append(tl.Events, &event.Dump{})
		f := Facts{}
		if c.pid >= 0 {
			f.OOM = &event.RuntimeOOM{PID: c.pid}
		}
		(&judge{tl: tl}).reportFacts(&f)
		if got := f.Java.ReportPos.Line - 1; got != c.want || f.Java.Report.PID != c.reports[c.want] {
			t.Errorf("%s: report %d of %v, want %d", c.name, got, c.reports, c.want)
		}
	}
}

// TestMetaLimit wants the bound on what was full, and the line that keeps a program from collecting.
func TestMetaLimit(t *testing.T) {
	at := func(line int) event.Head { return event.Head{Pos: event.Pos{Line: line}} }
	events := []event.Event{
		&event.Dump{},
		&event.Setting{Head: at(1), Name: event.MaxMetaspace, Size: unit.Known(64 * unit.MiB)},
		&event.Setting{Head: at(2), Name: event.MaxClassSpace, Size: unit.Known(32 * unit.MiB)},
		&event.Setting{Head: at(3), Name: event.MaxMetaspace},
		&event.Setting{Head: at(4), Name: event.MaxClassSpace},
		&event.Setting{Head: at(5), Name: event.CollectorName, Text: "+DisableExplicitGC"},
		&event.Setting{Head: at(6), Name: event.FlagName, Text: "-XX:-DisableExplicitGC"},
	}
	off := slices.Concat(events, []event.Event{&event.Setting{Head: at(7), Name: event.FlagName, Text: "-XX:+DisableExplicitGC"}})
	for _, c := range []struct {
		name   string
		oom    *event.RuntimeOOM
		events []event.Event
		want   float64 // MiB
		line   int     // that says so
		off    int     // line of the flag
	}{
		{"nothing was full", nil, events, 64, 1, 0},
		{"the metaspace", &event.RuntimeOOM{Kind: event.OOMMetaspace}, events, 64, 1, 0},
		{"the class space", &event.RuntimeOOM{Kind: event.OOMClassSpace}, events, 32, 2, 0},
		{"no collections on demand", nil, off, 64, 1, 7},
	} {
		f := Facts{OOM: c.oom}
		(&judge{tl: &timeline.Timeline{Events: c.events}}).metaLimit(&f)
		if got := f.Java.MaxMeta / mib; got != c.want || f.Java.Allowed.Line != c.line || f.Java.NoExplicit.Line != c.off {
			t.Errorf("%s: %v MiB on line %d, flag on line %d; want %v, %d, %d", c.name, got, f.Java.Allowed.Line, f.Java.NoExplicit.Line, c.want, c.line, c.off)
		}
	}
}

// TestMetaFacts reads the growth of class metadata off five collections, one a second from 2 s on.
func TestMetaFacts(t *testing.T) {
	for _, c := range []struct {
		name           string
		kib            [5]uint32
		from, half, to float64 // KiB
		line           int
		late           bool
	}{
		{"in every collection", [5]uint32{100, 150, 200, 250, 300}, 100, 200, 300, 5, false},
		{"first in the middle", [5]uint32{0, 0, 200, 250, 0}, 200, 200, 250, 4, false},
		{"first after the middle", [5]uint32{0, 0, 0, 250, 300}, 250, 0, 300, 5, true},
		{"in none", [5]uint32{}, 0, 0, 0, 0, false},
	} {
		tl := story{runtime: "jvm", live: shape(5, 0, flatAt(10)), at: []float64{2, 3, 4, 5, 6}, death: logEnds}.timeline()
		for i, kib := range c.kib {
			tl.Runs[0].Cycles.At(i).Beside = kib
		}
		got := factsOf(tl).Java
		if got.MetaFrom != c.from*1024 || got.MetaHalf != c.half*1024 || got.MetaTo != c.to*1024 || got.MetaPos.Line != c.line || got.MetaLate != c.late {
			t.Errorf("%s: from %v by %v to %v on line %d, late %v", c.name, got.MetaFrom/1024, got.MetaHalf/1024, got.MetaTo/1024, got.MetaPos.Line, got.MetaLate)
		}
	}
}

// TestMetaGrew holds class metadata at each of its bounds.
func TestMetaGrew(t *testing.T) {
	for _, c := range []struct {
		name           string
		from, half, to float64 // MiB
		late           bool    // shown by late collections only
		life           float64 // share of the life that is in no log
		grew, level    bool
	}{
		{"by three tenths", 10, 11, 13, false, 0, true, false},
		{"by less", 10, 11, 12.99, false, 0, false, true},
		{"by 1 MiB", 2, 2, 3, false, 0, true, false},
		{"by less than 1 MiB", 2, 2, 2.99, false, 0, false, true},
		{"a twelfth of it in the second half", 10, 46, 50, false, 0, true, false},
		{"less of it in the second half", 10, 46.1, 50, false, 0, false, true},
		{"not at all, in late collections", 10, 10, 10, true, 0, false, false},
		{"not at all, in the second half of a life", 10, 10, 10, false, 0.5, false, false},
		{"not at all, in more than half of a life", 10, 10, 10, false, 0.49, false, true},
		{"never shown", 0, 0, 0, false, 0, false, false},
	} {
		f := Facts{Java: javaFacts{MetaFrom: c.from * mib, MetaHalf: c.half * mib, MetaTo: c.to * mib, MetaLate: c.late, Late: c.life}}
		if f.metaGrew() != c.grew || f.metaLevel() != c.level {
			t.Errorf("%s: grew %v, level %v; want %v, %v", c.name, f.metaGrew(), f.metaLevel(), c.grew, c.level)
		}
	}
}

// TestClassesFilled asks whether class metadata explains that the system refused memory, beside a heap that went from one level to
// another.
func TestClassesFilled(t *testing.T) {
	for _, c := range []struct {
		name             string
		kind             event.OOMKind
		metaFrom, metaTo float64 // MiB
		heapFrom, heapTo float64 // MiB
		want             bool
	}{
		{"32 MiB beside a level heap", event.OOMNative, 10, 42, 300, 300, true},
		{"addresses for 32 MiB", event.OOMAddressSpace, 10, 42, 300, 300, true},
		{"less than 32 MiB", event.OOMNative, 10, 41, 300, 300, false},
		{"as much as the heap grew", event.OOMNative, 10, 60, 250, 300, true},
		{"less than the heap grew", event.OOMNative, 10, 60, 249, 300, false},
		{"a full heap", event.OOMHeap, 10, 60, 300, 300, false},
		{"class metadata itself, whatever it grew", event.OOMMetaspace, 10, 10, 300, 300, true},
	} {
		f := java(c.kind)
		f.Java.MetaFrom, f.Java.MetaTo, f.First, f.Level = c.metaFrom*mib, c.metaTo*mib, c.heapFrom*mib, c.heapTo*mib
		if got := f.classesFilled(); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
		f.OOM.Runtime = "go"
		if c.kind != event.OOMMetaspace && f.classesFilled() {
			t.Errorf("%s: class metadata of a Go program", c.name)
		}
	}
	if f := calm(0.3); f.classesFilled() {
		t.Error("class metadata filled up, and nobody said so")
	}
}

// TestJavaFactsOfARun reads off a run what only a JVM has.
func TestJavaFactsOfARun(t *testing.T) {
	gathered := func(scopes string, live ...float64) int {
		return factsOf(story{runtime: "jvm", live: live, scopes: scopes, xmx: 100, death: heapFull}.timeline()).Java.Gathered
	}
	if got := gathered("www", 20, 30, 40); got != 3 {
		t.Errorf("%d collections of the whole heap that rise, want 3", got)
	}
	if got := gathered("wyw", 20, 30, 40); got != 0 {
		t.Errorf("%d collections of the whole heap that rise, where one is young", got)
	}
	if got := gathered("www", 20, 40, 30); got != 0 {
		t.Errorf("%d collections of the whole heap that rise, where one falls", got)
	}
	for _, c := range []struct {
		n    int
		want float64 // MiB freed by the middle one of the last quarter, at least three, where collection i frees i MiB
	}{{2, 0}, {3, 1}, {8, 6}, {12, 10}, {20, 17}} {
		tl := story{runtime: "jvm", live: shape(c.n, 0, flatAt(50)), xmx: 100, death: logEnds}.timeline()
		for i := range c.n {
			tl.Runs[0].Cycles.At(i).Peak += unit.Bytes(i) * unit.MiB
		}
		if got := factsOf(tl).Java.Frees / mib; got != c.want {
			t.Errorf("%d collections: the middle one of the last freed %v MiB, want %v", c.n, got, c.want)
		}
	}
	if got := factsOf(story{runtime: "jvm", death: logEnds}.timeline()).Java; got.Frees != 0 || got.Gathered != 0 {
		t.Errorf("no collections: %+v", got)
	}
}

// TestHeapInAMemoryFile wants the heap of ZGC, which the kernel counts as shared memory, among the memory of the process.
func TestHeapInAMemoryFile(t *testing.T) {
	for _, c := range []struct {
		name        string
		collector   event.Collector
		xmx         float64
		shmem, anon float64
	}{
		{"a heap of -Xmx at most", event.ZGC, 100, 50, 120},
		{"a heap without a bound", event.ZGC, 0, 0, 170},
		{"a heap with room to spare", event.ZGC, 200, 0, 170},
		{"another collector", event.G1, 100, 150, 20},
	} {
		death := timeline.Death{Kind: timeline.MemcgKill, Event: &event.Kill{
			Usage: unit.Known(256 * unit.MiB), Victims: []event.Victim{{PID: 7, Name: "java"}},
			Stats: []event.Stat{{Name: "anon", Size: 20 * unit.MiB}, {Name: "shmem", Size: 150 * unit.MiB}},
		}}
		tl := story{runtime: "jvm", live: shape(10, 0, flatAt(40)), xmx: c.xmx, limit: 256, death: death}.timeline()
		tl.Runs[0].Collector = c.collector
		if f := factsOf(tl); f.Shmem != c.shmem*mib || f.Anon != c.anon*mib {
			t.Errorf("%s: %v MiB shared, %v MiB of its own; want %v, %v", c.name, f.Shmem/mib, f.Anon/mib, c.shmem, c.anon)
		}
	}
}

// TestIsJava checks who is taken for a JVM.
func TestIsJava(t *testing.T) {
	for _, c := range []struct {
		f    Facts
		want bool
	}{
		{Facts{}, false},
		{Facts{Runtime: "jvm"}, true},
		{Facts{Runtime: "go"}, false},
		{Facts{OOM: &event.RuntimeOOM{Runtime: "jvm"}}, true},
		{Facts{OOM: &event.RuntimeOOM{Runtime: "go"}}, false},
	} {
		if got := c.f.java(); got != c.want {
			t.Errorf("runtime %q, error %+v: %v", c.f.Runtime, c.f.OOM, got)
		}
	}
}

// TestFullBox holds what is said of a heap that may outgrow its container against each of its bounds.
func TestFullBox(t *testing.T) {
	full := but(calm(0.75), func(f *Facts) {
		f.Runtime, f.Java.Xmx, f.Java.Box, f.Java.Rest = "jvm", 4*gib, 2*gib, 0.9*gib
		f.Options.SwingAlive, f.GrowCycles, f.Growth, f.End, f.Swing, f.Rest = 2, 3, 1, 2, 0.5, 0.41
	})
	for _, c := range []struct {
		name                string
		f                   Facts
		beyond, full, grown bool
	}{
		{"it grew and filled the container", full, true, true, true},
		{"-Xmx is the container", but(full, func(f *Facts) { f.Java.Xmx = 2 * gib }), false, false, false},
		{"no container is known", but(full, func(f *Facts) { f.Java.Box = 0 }), false, false, false},
		{"no report of the kernel", but(full, func(f *Facts) { f.Kill = nil }), true, false, false},
		{"the machine was full", but(full, func(f *Facts) { f.Death.Kind = timeline.GlobalKill }), true, false, false},
		{"no collection", but(full, func(f *Facts) { f.Cycles = 0 }), true, false, false},
		{"half of the container is something else", but(full, func(f *Facts) { f.Java.Rest = gib }), true, false, false},
		{"growth in two collections", but(full, func(f *Facts) { f.GrowCycles = 2 }), true, true, false},
		{"growth by less than half", but(full, func(f *Facts) { f.Growth, f.Swing = 0.99, 0 }), true, true, false},
		{"growth no higher than its swings", but(full, func(f *Facts) { f.Swing = 0.51 }), true, true, false},
		{"growth that stopped", but(full, func(f *Facts) { f.Rest = restShare }), true, true, false},
	} {
		if c.f.beyondBox() != c.beyond || c.f.heapFilledBox() != c.full || c.f.boxGrewFull() != c.grown {
			t.Errorf("%s: beyond %v, full %v, grown %v; want %v, %v, %v", c.name, c.f.beyondBox(), c.f.heapFilledBox(), c.f.boxGrewFull(), c.beyond, c.full, c.grown)
		}
		if ev := c.f.beyondBoxEvidence(); (ev != nil) != c.beyond || c.beyond && !strings.HasPrefix(ev[0].Claim, "-Xmx is 4 GiB, the container has 2 GiB: ") {
			t.Errorf("%s: evidence %v", c.name, ev)
		}
	}
}

// TestFewButRising holds a log of nothing but a few collections of the whole heap against each bound.
func TestFewButRising(t *testing.T) {
	rising := func(n int, first float64) Facts {
		return but(java(event.OOMHeap), func(f *Facts) {
			f.Options.GrowthAlive, f.Java.Gathered, f.First, f.Level = 0.25, n, first*gib, gib
		})
	}
	for _, c := range []struct {
		name string
		f    Facts
		want bool
	}{
		{"three that rise by a quarter", rising(3, 0.75), true},
		{"by less", rising(3, 0.76), false},
		{"two", rising(2, 0.5), false},
		{"four", rising(4, 0.5), true},
		{"five: the trend says more", rising(5, 0.5), false},
		{"nobody said that the heap was full", but(rising(3, 0.5), func(f *Facts) { f.Heap = false }), false},
	} {
		if got := c.f.fewButRising(); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// TestMappedByJVM holds the shared memory that a JVM had mapped against what there was of it.
func TestMappedByJVM(t *testing.T) {
	for _, c := range []struct {
		name          string
		mapped, shmem float64 // GiB
		cycles        int
		want          bool
	}{
		{"half of it", 1, 2, 0, true},
		{"less", 0.99, 2, 0, false},
		{"there is none", 0, 0, 0, false},
		{"collections tell of the JVM", 1, 2, 1, false},
	} {
		f := Facts{Shmem: c.shmem * gib, Cycles: c.cycles, Kill: &event.Kill{Victims: []event.Victim{{Name: "java", Shmem: unit.Known(unit.Bytes(c.mapped * gib))}}}}
		if got := f.mappedByJVM(); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if (&Facts{Shmem: gib}).mappedByJVM() {
		t.Error("no report of the kernel says who mapped it")
	}
}
