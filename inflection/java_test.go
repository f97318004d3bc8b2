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

// java returns the facts of a JVM with a level heap of 0.3 GiB of 1 GiB that gave up for the given want.
func java(kind event.OOMKind) Facts {
	return but(calm(0.3), func(f *Facts) {
		f.Runtime, f.Kill = "jvm", nil
		f.OOM = &event.RuntimeOOM{Runtime: "jvm", Kind: kind, Message: "no more"}
		f.OOM.Pos = event.Pos{File: "err.log", Line: 1}
		f.Death = timeline.Death{Kind: timeline.RuntimeOOM, Event: f.OOM}
		f.DeathPos = f.OOM.Pos
		f.Heap = declaredFull(f.Death)
		f.Limit, f.Java.Xmx = gib, gib
	})
}

// verdictOf asks the rules and the details.
func verdictOf(f Facts) Verdict {
	j := &judge{tl: &timeline.Timeline{}, o: Default()}
	return j.verdict(&f)
}

func TestJavaKinds(t *testing.T) {
	meta := func(from, half, to float64) func(*Facts) {
		return func(f *Facts) { f.Java.MetaFrom, f.Java.MetaHalf, f.Java.MetaTo = from*mib, half*mib, to*mib }
	}
	rising := func(f *Facts) Facts {
		l := leaking()
		l.Runtime, l.OOM, l.Death, l.Heap, l.Kill, l.Limit = "jvm", f.OOM, f.Death, f.Heap, nil, gib
		return l
	}
	with := func(k event.OOMKind, change ...func(*Facts)) Facts {
		f := java(k)
		for _, c := range change {
			c(&f)
		}
		return f
	}
	unborn := func(asked unit.Bytes, fatal bool) Facts {
		return with(event.OOMNative, func(f *Facts) { f.Cycles, f.OOM.Requested, f.OOM.Fatal = 0, unit.Known(asked), fatal })
	}
	native := with(event.OOMNative)
	heap, direct, array := java(event.OOMHeap), java(event.OOMDirect), java(event.OOMArray)
	over := but(calm(0.75), func(f *Facts) { // killed by the kernel, -Xmx twice the container
		f.Runtime, f.Limit, f.Java.Xmx, f.Java.Box, f.Java.Rest = "jvm", 2*gib, 4*gib, 2*gib, 0.9*gib
	})
	for _, c := range []struct {
		name   string
		f      Facts
		kind   Kind
		detail string
	}{
		{"a full heap that was level", heap, UndersizedLimit, ""},
		{"a full heap that grew", rising(&heap), Leak, ""},
		{"class metadata that grew", with(event.OOMMetaspace, meta(10, 20, 48)), Leak, "metaspace"},
		{"the class space", with(event.OOMClassSpace, meta(10, 20, 48)), Leak, "class-space"},
		{"the permanent generation", with(event.OOMPermGen), Leak, "perm-gen"},
		{"class metadata that grew just enough", with(event.OOMMetaspace, meta(10, 11, 13)), Leak, "metaspace"},
		{"class metadata that grew too little", with(event.OOMMetaspace, meta(10, 11, 12.9)), UndersizedLimit, "metaspace"},
		{"class metadata that grew by less than 1 MiB", with(event.OOMMetaspace, meta(1, 1, 1.99)), UndersizedLimit, "metaspace"},
		{"class metadata that grew early", with(event.OOMMetaspace, meta(10, 44.3, 48)), UndersizedLimit, "metaspace"},
		{"class metadata that grew late enough", with(event.OOMMetaspace, meta(10, 44.1, 48)), Leak, "metaspace"},
		{"class metadata that no early line shows", with(event.OOMMetaspace, meta(47, 0, 48), func(f *Facts) { f.Java.MetaLate = true }), Leak, "metaspace"},
		{"direct buffers", direct, OffHeap, "direct-memory"},
		{"direct buffers beside a heap that grew", rising(&direct), OffHeap, "direct-memory"},
		{"one long array beside a heap that grew", rising(&array), Spike, "array-size"},
		{"threads", java(event.OOMThreads), ThreadLimit, ""},
		{"the collector took all the time", java(event.OOMOverhead), Thrash, ""},
		{"native memory, nothing known", native, OffHeap, "native"},
		{"a heap before the first collection", unborn(64<<20, true), UndersizedLimit, "startup"},
		{"less than a heap, in a log without collections", unborn(64<<20-1, true), OffHeap, "native"},
		{"a refusal that the program was told of, in a log without collections", unborn(64<<20, false), OffHeap, "native"},
		{"addresses, nothing known", java(event.OOMAddressSpace), AddressSpace, ""},
		{"native memory that class metadata took", with(event.OOMNative, meta(10, 200, 400)), Leak, "metaspace"},
		{"native memory beside class metadata that grew by less than the heap", with(event.OOMNative, meta(10, 20, 45), func(f *Facts) { f.First = 0 }), OffHeap, "native"},
		{"native memory for class metadata", with(event.OOMNative, meta(10, 20, 45), func(f *Facts) {
			f.Java.Report = &event.JVMReport{Native: event.NativeRequest{For: "Failed to reserve memory for metaspace"}}
		}), Leak, "metaspace"},
		{"a heap beyond its container", over, UndersizedLimit, ""},
		{"a heap beyond its container that something else filled", but(over, func(f *Facts) { f.Java.Rest, f.Usual, f.Level = gib, 0.3*gib, 0.3*gib }), OffHeap, ""},
		{"a heap beyond its container that grew in three collections", but(over, func(f *Facts) { f.GrowCycles, f.Growth, f.Swing = 3, 0.5, 0 }), Leak, ""},
		{"in two collections", but(over, func(f *Facts) { f.GrowCycles, f.Growth, f.Swing = 2, 0.5, 0 }), UndersizedLimit, ""},
		{"by less than half", but(over, func(f *Facts) { f.GrowCycles, f.Growth, f.Swing = 3, 0.49, 0 }), UndersizedLimit, ""},
		{"a full heap of few collections that rise", but(heap, func(f *Facts) { f.Java.Gathered, f.First, f.Level = 3, 0.77*gib, gib }), Leak, ""},
		{"of two", but(heap, func(f *Facts) { f.Java.Gathered, f.First, f.Level = 2, 0.77*gib, gib }), UndersizedLimit, ""},
		{"that rise by less", but(heap, func(f *Facts) { f.Java.Gathered, f.First, f.Level = 3, 0.79*gib, gib }), UndersizedLimit, ""},
		{"collections that free a tenth of a full heap", but(calm(0.9), fullOf(0.10)), Thrash, ""},
		{"that free more", but(calm(0.9), fullOf(0.11)), Healthy, ""},
		{"of a heap that is not quite full", but(calm(0.84), fullOf(0.10)), Healthy, ""},
	} {
		v := verdictOf(c.f)
		if v.Kind != c.kind || v.Detail != c.detail {
			t.Errorf("%s: %s %q, want %s %q", c.name, v.Kind, v.Detail, c.kind, c.detail)
		}
		if len(v.Evidence) == 0 || len(v.Advice) == 0 {
			t.Errorf("%s: evidence %v, advice %v", c.name, v.Evidence, v.Advice)
		}
		for _, s := range append(v.Advice, v.Missing...) {
			if strings.Contains(s, "GOMEMLIMIT") || strings.Contains(s, "GOGC") {
				t.Errorf("%s: %q is no advice for a JVM", c.name, s)
			}
		}
	}
}

// fullOf makes the facts of a JVM that goes on living while the middle collection frees a share of its heap.
func fullOf(share float64) func(*Facts) {
	return func(f *Facts) {
		f.Runtime, f.Kill, f.Death = "jvm", nil, timeline.Death{Kind: timeline.Exit}
		f.Limit, f.Java.Frees = gib, share*gib
	}
}

// TestMappedSharedMemory holds a container full of shared memory, of which a process had mapped a part, against who it was.
func TestMappedSharedMemory(t *testing.T) {
	full := func(name string, mapped float64, cycles int) Facts {
		return but(calm(0.1), func(f *Facts) {
			f.Usage, f.Shmem, f.Cycles = 2*gib, 1.5*gib, cycles
			k := *f.Kill
			k.Victims = []event.Victim{{PID: 7, Name: name, Shmem: unit.Known(unit.Bytes(mapped * gib))}}
			f.Kill = &k
		})
	}
	for _, c := range []struct {
		name string
		f    Facts
		kind Kind
	}{
		{"a JVM that mapped half of it, and no log of it", full("java", 0.75, 0), Undetermined},
		{"that mapped less", full("java", 0.74, 0), SharedMemory},
		{"whose collections are known", full("java", 0.75, 20), SharedMemory},
		{"another program", full("postgres", 1.5, 0), SharedMemory},
	} {
		v := verdictOf(c.f)
		if v.Kind != c.kind {
			t.Errorf("%s: %s, want %s", c.name, v.Kind, c.kind)
		}
		if said := strings.Contains(strings.Join(v.Missing, "\n"), "ZGC"); said != (c.kind == Undetermined) {
			t.Errorf("%s: missing %q", c.name, v.Missing)
		}
	}
}

// Each cause on its own, with numbers at the edge of what counts, and just beside it.
func TestNativeCause(t *testing.T) {
	size := func(g float64) unit.Size { return unit.Known(unit.Bytes(g * gib)) }
	asked := func(g float64) event.NativeRequest { return event.NativeRequest{Size: size(g)} }
	for _, c := range []struct {
		name   string
		r      event.JVMReport
		kind   Kind
		detail string
	}{
		{"nothing told", event.JVMReport{}, OffHeap, "native"},
		{"at the start, half of the machine", event.JVMReport{Starting: true, Native: asked(4), Machine: event.JVMMachine{MemTotal: size(8)}}, UndersizedLimit, "startup"},
		{"at the start, less than half", event.JVMReport{Starting: true, Native: asked(3.9), Machine: event.JVMMachine{MemTotal: size(8)}}, NodePressure, "startup"},
		{"at the start, half of a container of the machine", event.JVMReport{Starting: true, Native: asked(2), Machine: event.JVMMachine{MemTotal: size(8)}, Container: event.JVMContainer{Limit: size(4)}}, UndersizedLimit, "startup"},
		{"at the start, half of the machine in a container without bound", event.JVMReport{Starting: true, Native: asked(4), Machine: event.JVMMachine{MemTotal: size(8)}, Container: event.JVMContainer{Limit: size(100)}}, UndersizedLimit, "startup"},
		{"at the start, half of a container on an unknown machine", event.JVMReport{Starting: true, Native: asked(2), Container: event.JVMContainer{Limit: size(4)}}, UndersizedLimit, "startup"},
		{"at the start, on an unknown machine", event.JVMReport{Starting: true, Native: asked(4)}, NodePressure, "startup"},
		{"at the start, nothing asked for", event.JVMReport{Starting: true}, OffHeap, "native"},
		{"early by its uptime", event.JVMReport{Uptime: event.Took(2900 * time.Millisecond), Native: asked(4), Machine: event.JVMMachine{MemTotal: size(8)}}, UndersizedLimit, "startup"},
		{"late by its uptime", event.JVMReport{Uptime: event.Took(3 * time.Second), Native: asked(4), Machine: event.JVMMachine{MemTotal: size(8)}}, OffHeap, "native"},
		{"ulimit -v reached", event.JVMReport{Process: event.JVMProcess{Virtual: size(8)}, Limits: event.JVMLimits{AddressSpace: size(10)}}, AddressSpace, "rlimit"},
		{"ulimit -v reached by the request", event.JVMReport{Native: asked(1), Process: event.JVMProcess{Virtual: size(7)}, Limits: event.JVMLimits{AddressSpace: size(10)}}, AddressSpace, "rlimit"},
		{"ulimit -v far", event.JVMReport{Process: event.JVMProcess{Virtual: size(7.9)}, Limits: event.JVMLimits{AddressSpace: size(10)}}, OffHeap, "native"},
		{"ulimit -v, use unknown", event.JVMReport{Limits: event.JVMLimits{AddressSpace: size(10)}}, AddressSpace, "rlimit"},
		{"ulimit -d, use unknown", event.JVMReport{Limits: event.JVMLimits{Data: size(10)}}, AddressSpace, "rlimit"},
		{"ulimit -d reached", event.JVMReport{Process: event.JVMProcess{Virtual: size(8)}, Limits: event.JVMLimits{Data: size(10)}}, AddressSpace, "rlimit"},
		{"ulimit -d reached by the request", event.JVMReport{Native: asked(1), Process: event.JVMProcess{Virtual: size(7)}, Limits: event.JVMLimits{Data: size(10)}}, AddressSpace, "rlimit"},
		{"ulimit -d far", event.JVMReport{Process: event.JVMProcess{Virtual: size(7.9)}, Limits: event.JVMLimits{Data: size(10)}}, OffHeap, "native"},
		{"no ulimit", event.JVMReport{Process: event.JVMProcess{Virtual: size(8)}}, OffHeap, "native"},
		{"mappings", event.JVMReport{Limits: event.JVMLimits{Maps: 99, MaxMapCount: 100}}, AddressSpace, "map-count"},
		{"fewer mappings", event.JVMReport{Limits: event.JVMLimits{Maps: 64874, MaxMapCount: 65530}}, OffHeap, "native"},
		{"a full container", event.JVMReport{Container: event.JVMContainer{Limit: size(100), Usage: size(90)}, Heap: event.Space{Committed: size(61)}}, OffHeap, "native"},
		{"a container that the request fills", event.JVMReport{Native: asked(10), Container: event.JVMContainer{Limit: size(100), Usage: size(80)}, Heap: event.Space{Committed: size(62)}}, UndersizedLimit, ""},
		{"a container full of heap", event.JVMReport{Container: event.JVMContainer{Limit: size(100), Usage: size(90)}, Heap: event.Space{Committed: size(62)}}, UndersizedLimit, ""},
		{"a container with room, of much heap", event.JVMReport{Container: event.JVMContainer{Limit: size(100), Usage: size(89)}, Heap: event.Space{Committed: size(62)}}, OffHeap, "native"},
		{"a full machine, of others", event.JVMReport{Machine: event.JVMMachine{MemTotal: size(8), Available: size(0.3)}, Process: event.JVMProcess{RSS: size(3.9)}}, NodePressure, ""},
		{"a full machine, of this JVM", event.JVMReport{Machine: event.JVMMachine{MemTotal: size(8), Available: size(0.3)}, Process: event.JVMProcess{RSS: size(4)}}, OffHeap, "native"},
		{"a full machine, of its heap", event.JVMReport{
			Machine: event.JVMMachine{MemTotal: size(100), Available: size(1)}, Process: event.JVMProcess{RSS: size(60)}, Heap: event.Space{Reserved: size(84)},
		}, UndersizedLimit, ""},
		{"a full machine, of this JVM beside its heap", event.JVMReport{
			Machine: event.JVMMachine{MemTotal: size(100), Available: size(1)}, Process: event.JVMProcess{RSS: size(60)}, Heap: event.Space{Reserved: size(83)},
		}, OffHeap, "native"},
		{"a machine with memory", event.JVMReport{Machine: event.JVMMachine{MemTotal: size(8), Available: size(0.5)}, Process: event.JVMProcess{RSS: size(1)}}, OffHeap, "native"},
		{"a machine with just enough memory", event.JVMReport{Native: asked(1), Machine: event.JVMMachine{MemTotal: size(20), Available: size(1)}, Process: event.JVMProcess{RSS: size(1)}}, OffHeap, "native"},
		{"a machine with less memory than was asked for", event.JVMReport{Native: asked(2), Machine: event.JVMMachine{MemTotal: size(20), Available: size(1)}, Process: event.JVMProcess{RSS: size(1)}}, NodePressure, ""},
		{"a full machine with room in its swap", event.JVMReport{Machine: event.JVMMachine{MemTotal: size(8), Available: size(0.3), SwapFree: size(1)}, Process: event.JVMProcess{RSS: size(1)}}, OffHeap, "native"},
		{"a machine of unknown size", event.JVMReport{Native: asked(1), Machine: event.JVMMachine{Available: size(0.1)}}, OffHeap, "native"},
		{"commit limit", event.JVMReport{Native: asked(1), Machine: event.JVMMachine{MemTotal: size(8), Available: size(4), CommitLimit: size(6), CommittedAS: size(5.1)}}, AddressSpace, "overcommit"},
		{"below the commit limit", event.JVMReport{Native: asked(1), Machine: event.JVMMachine{MemTotal: size(8), Available: size(4), CommitLimit: size(6), CommittedAS: size(5)}}, OffHeap, "native"},
		{"no commit limit", event.JVMReport{Native: asked(1), Machine: event.JVMMachine{CommittedAS: size(5)}}, OffHeap, "native"},
		{"a commit limit, use unknown", event.JVMReport{Native: asked(7), Machine: event.JVMMachine{CommitLimit: size(6)}}, OffHeap, "native"},
		{"a commit limit, nothing asked for", event.JVMReport{Machine: event.JVMMachine{CommitLimit: size(6), CommittedAS: size(7)}}, OffHeap, "native"},
		{"a low heap", event.JVMReport{Native: event.NativeRequest{Call: "malloc"}, OopsMode: "32-bit", HeapBase: 0xfc000000}, AddressSpace, "heap-base"},
		{"a high heap", event.JVMReport{Native: event.NativeRequest{Call: "malloc"}, OopsMode: "Zero based", HeapBase: 4 << 30}, OffHeap, "native"},
		{"a low heap that mmap does not care for", event.JVMReport{Native: event.NativeRequest{Call: "mmap"}, OopsMode: "32-bit", HeapBase: 0xfc000000}, OffHeap, "native"},
		{"a heap whose place nobody told", event.JVMReport{Native: event.NativeRequest{Call: "malloc"}, OopsMode: "32-bit"}, OffHeap, "native"},
	} {
		f := java(event.OOMNative)
		f.Java.Report, f.Java.ReportPos = &c.r, event.Pos{File: "hs_err.log", Line: 2}
		f.Cycles = 7 // few enough for a start
		v := verdictOf(f)
		if v.Kind != c.kind || v.Detail != c.detail {
			t.Errorf("%s: %s %q, want %s %q", c.name, v.Kind, v.Detail, c.kind, c.detail)
		}
		if len(v.Evidence) < 2 || v.Evidence[0].Source.Line == 0 || len(v.Advice) == 0 {
			t.Errorf("%s: evidence %+v, advice %v", c.name, v.Evidence, v.Advice)
		}
	}
	f := java(event.OOMNative)
	f.Java.Report = &event.JVMReport{Starting: true, Native: asked(4), Machine: event.JVMMachine{MemTotal: size(8)}}
	if f.Cycles = 8; verdictOf(f).Detail == "startup" {
		t.Error("after eight collections a JVM does not start any more")
	}
}

// What the verdict on a native out of memory says, and where that stands.
func TestNativeEvidence(t *testing.T) {
	nmt := func(names ...string) []event.NMTCategory {
		out := []event.NMTCategory{{Name: "Total", Committed: 900 * unit.MiB}}
		for i, name := range names {
			out = append(out, event.NMTCategory{Name: name, Committed: unit.Bytes(10*(len(names)-i)) * unit.MiB})
		}
		return out
	}
	equal := nmt("Java Heap", "Class", "Thread")
	equal[3].Committed = equal[2].Committed
	const (
		none = "no limit of the process explains it, and the machine had memory"
		left = "the live heap was 300 MiB at the last collection"
	)
	for _, c := range []struct {
		name   string
		r      event.JVMReport
		cycles int
		want   []string
	}{
		{"no more than the error", event.JVMReport{}, 0, []string{none}},
		{"after a collection", event.JVMReport{}, 1, []string{none, left}},
		{"tracking of the total only", event.JVMReport{NMT: nmt()}, 0, []string{none}},
		{"and of the heap", event.JVMReport{NMT: nmt("Java Heap")}, 0, []string{none}},
		{"of one thing beside the heap", event.JVMReport{NMT: nmt("Java Heap", "Class")}, 0, []string{none, `beside the heap, native memory tracking counts most for "Class": 10 MiB`}},
		{"of several", event.JVMReport{NMT: nmt("Thread", "Java Heap", "Class")}, 0, []string{none, `beside the heap, native memory tracking counts most for "Thread": 30 MiB`}},
		{"of equals the first", event.JVMReport{NMT: equal}, 0, []string{none, `beside the heap, native memory tracking counts most for "Class": 20 MiB`}},
		{"ulimit -v, use unknown", event.JVMReport{Limits: event.JVMLimits{AddressSpace: unit.Known(unit.GiB)}}, 0, []string{"ulimit -v is 1 GiB, and the process had mapped an unknown amount"}},
		{"ulimit -v, use known", event.JVMReport{Limits: event.JVMLimits{AddressSpace: unit.Known(unit.GiB)}, Process: event.JVMProcess{Virtual: unit.Known(unit.GiB)}}, 0, []string{"ulimit -v is 1 GiB, and the process had mapped 1 GiB"}},
	} {
		f := java(event.OOMNative)
		f.Cycles, f.Level, f.LastPos = c.cycles, 300*mib, event.Pos{File: "gc.log", Line: 40}
		f.Java.Report = &c.r
		kind := OffHeap
		if c.r.Limits.AddressSpace.IsKnown() {
			kind = AddressSpace
		}
		for _, told := range []event.Pos{{File: "hs_err.log", Line: 2}, {}} {
			f.Java.ReportPos = told
			ev, _ := f.nativeIs(kind)
			var got []string
			for _, e := range ev[:len(ev)-len(f.deathEvidence())] {
				got = append(got, e.Claim)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %q, want %q", c.name, got, c.want)
			}
			at := told
			if told.Line == 0 {
				at = f.OOM.Pos
			}
			if ev[0].Source != at {
				t.Errorf("%s: the cause is said to stand at %v, want %v", c.name, ev[0].Source, at)
			}
		}
	}
}

func TestJavaCeiling(t *testing.T) {
	killed := func(rss, shmem float64) timeline.Death {
		return timeline.Death{Kind: timeline.MemcgKill, Event: &event.Kill{
			Usage: unit.Known(256 * unit.MiB), Limit: unit.Known(256 * unit.MiB), Stats: []event.Stat{{Name: "shmem", Size: unit.Bytes(shmem * mib)}},
			Victims: []event.Victim{{Anon: unit.Known(unit.Bytes(rss * mib))}},
		}}
	}
	unmeasured := killed(250, 0)
	unmeasured.Event.(*event.Kill).Usage = unit.Size{}
	for _, c := range []struct {
		name      string
		xmx, box  float64
		collector event.Collector
		death     timeline.Death
		want      float64
		basis     string
	}{
		{"-Xmx within the container", 160, 256, event.G1, killed(250, 0), 160, "-Xmx"},
		{"-Xmx and no container", 160, 0, event.G1, logEnds, 160, "-Xmx"},
		{"-Xmx as large as the container", 256, 256, event.G1, killed(250, 0), 256, "-Xmx"},
		{"-Xmx beyond it: what the rest leaves", 512, 256, event.G1, killed(250, 0), 256 - (250 - 180), "limit less 70 MiB that the process held beside its heap; -Xmx is 512 MiB and beyond it"},
		{"beyond it, no kill", 512, 256, event.G1, logEnds, 256, "limit; -Xmx is 512 MiB and beyond it"},
		{"beyond it, a victim larger than what was charged", 512, 256, event.G1, killed(400, 0), 256 - (256 - 180), "limit less 76 MiB that the process held beside its heap; -Xmx is 512 MiB and beyond it"},
		{"beyond it, the rest is at most half of the container", 512, 150, event.G1, killed(300, 0), 150 - 75, "limit less 75 MiB that the process held beside its heap; -Xmx is 512 MiB and beyond it"},
		{"beyond it, the use of the group is not told", 512, 256, event.G1, unmeasured, 256 - (250 - 180), "limit less 70 MiB that the process held beside its heap; -Xmx is 512 MiB and beyond it"},
		{"beyond it, the size of the victim is not told", 512, 256, event.G1, killed(0, 0), 256, "limit; -Xmx is 512 MiB and beyond it"},
		{"the heap of ZGC is shared memory", 512, 256, event.ZGC, killed(250, 230), 256 - (250 - 230), "limit less 20 MiB that the process held beside its heap; -Xmx is 512 MiB and beyond it"},
		{"no -Xmx known", 0, 256, event.G1, killed(250, 0), 256 - (250 - 180), "limit less 70 MiB that the process held beside its heap"},
		{"nothing known", 0, 0, event.G1, logEnds, 180, "no limit is known: the last level of the live heap stands in for it"},
	} {
		st := story{live: shape(50, 0, hingeAt(20, 0.5, 180)), runtime: "jvm", xmx: c.xmx, limit: c.box, death: c.death}
		tl := st.timeline()
		tl.Runs[0].Collector = c.collector
		got := Judge(tl, Default()).Runs[0].Ceiling
		if v := float64(got.Bytes.Or(-1)) / mib; v < c.want-1 || v > c.want+1 || got.Basis != c.basis {
			t.Errorf("%s: %.1f MiB, %q; want %.0f, %q", c.name, v, got.Basis, c.want, c.basis)
		}
	}
}

func TestOutsideHeap(t *testing.T) {
	report := func(rss float64) func(*Facts) {
		return func(f *Facts) {
			f.Java.Report = &event.JVMReport{Process: event.JVMProcess{RSS: unit.Known(unit.Bytes(rss * gib))}}
		}
	}
	for _, c := range []struct {
		name string
		f    Facts
		want bool
	}{
		{"heap", java(event.OOMHeap), false},
		{"overhead", java(event.OOMOverhead), false},
		{"array", java(event.OOMArray), true},
		{"native, nothing known", java(event.OOMNative), true},
		{"native of a process that is mostly heap", but(java(event.OOMNative), report(0.3/0.62)), false},
		{"native of a process that is just mostly heap", but(java(event.OOMNative), func(f *Facts) { report(1)(f); f.Level = heapExplain * gib }), false},
		{"native of a process of which the size is not told", but(java(event.OOMNative), func(f *Facts) { f.Java.Report, f.Level = &event.JVMReport{}, gib }), true},
		{"an array that was too long before a kill", but(java(event.OOMArray), func(f *Facts) { f.Death = kernelKill }), false},
		{"no error", calm(0.3), false},
		{"native of a process that is not", but(java(event.OOMNative), report(0.3/0.61)), true},
		{"native of another runtime", but(java(event.OOMNative), func(f *Facts) { f.OOM.Runtime = "go" }), false},
	} {
		if got := c.f.outsideHeap(); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// A log without a clock is judged by what was allocated: a dying JVM collects ever more often.
func TestAllocationClock(t *testing.T) {
	s := story{live: shape(20, 0, func(float64) float64 { return 10 })}
	for live := 10.0; live < 60; {
		s.live = append(s.live, live)
		live += (64 - live) / 8 // an eighth of what is allocated stays
	}
	for range 60 {
		s.live = append(s.live, 60.5)
	}
	s.runtime, s.xmx, s.death = "jvm", 64, heapFull
	tl := s.timeline()
	r := tl.Runs[0]
	r.Clock, r.Unnumbered = timeline.ByNumber, true
	for i := range r.Cycles.Len() {
		c := r.Cycles.At(i)
		c.At, c.Peak = time.Duration(i)*time.Second, 64*unit.MiB
	}
	f := Judge(tl, Default())
	if f.Verdict.Kind != Leak {
		t.Fatalf("verdict %s", f.Verdict.Kind)
	}
	r.Runtime = "go"
	if f := Judge(tl, Default()); f.Verdict.Kind == Leak {
		t.Error("without that clock it is a leak as well, so that this test shows nothing")
	}
	on := f.Runs[0].Onset
	if on == nil || on.At != r.Cycles.At(on.Index).At || f.Runs[0].Forecast != nil {
		t.Errorf("onset %+v is not on the clock of the run", on)
	}
}

// A log that holds nothing but the end of a JVM whose heap was full all along says that it filled before.
func TestLateLeak(t *testing.T) {
	for _, c := range []struct {
		name        string
		first, from float64 // second of the first collection of a life of 100 s, and what it left of 64 MiB
		death       timeline.Death
		leak        bool
	}{
		{"the last tenth, full", 90, 60, heapFull, true},
		{"more of it", 89, 60, heapFull, false},
		{"not full at first", 90, 41, heapFull, false},
		{"nobody said that it was full", 90, 60, kernelKill, false},
		{"the last tenth, from its first collection on", 90, 60, heapFull, false},
	} {
		s := story{runtime: "jvm", xmx: 64, death: c.death}
		for i := range 11 {
			s.at = append(s.at, c.first+(100-c.first)*float64(i)/10)
			s.live = append(s.live, 60)
		}
		s.live[0] = c.from
		tl := s.timeline()
		for i := range tl.Runs[0].Cycles.Len() {
			if !strings.Contains(c.name, "from its first") {
				tl.Runs[0].Cycles.At(i).N += 100
			}
		}
		f := Judge(tl, Default())
		if got := f.Verdict.Kind == Leak && f.Verdict.Confidence == Low; got != c.leak {
			t.Errorf("%s: %s, %s", c.name, f.Verdict.Kind, f.Verdict.Confidence)
		}
		if c.leak && f.Runs[0].Onset != nil {
			t.Errorf("%s: onset %+v, which the log cannot show", c.name, f.Runs[0].Onset)
		}
	}
}

// TestNothingCollected wants the onset of an Epsilon heap where it begins to fill faster, and at its begin where it never does.
func TestNothingCollected(t *testing.T) {
	fill := func(slow, fast float64, bend int) story {
		s := story{runtime: "jvm", xmx: 1000, death: heapFull}
		level := 100.0
		for i := range 60 {
			s.live = append(s.live, level)
			if level += slow; i >= bend {
				level += fast - slow
			}
		}
		return s
	}
	for _, c := range []struct {
		name     string
		slow     float64
		fast     float64
		bend     int
		from, to float64
	}{
		{"twice as fast", 5, 10, 20, 19, 21},
		{"fast enough", 5, 7, 20, 18, 22},
		{"not much faster", 5, 5.5, 20, 0, 1},
		{"never faster", 8, 8, 60, 0, 1},
	} {
		tl := fill(c.slow, c.fast, c.bend).timeline()
		tl.Runs[0].Collector = event.Epsilon
		o := Judge(tl, Default()).Runs[0].Onset
		if o == nil {
			t.Errorf("%s: no onset", c.name)
			continue
		}
		first := tl.Runs[0].Cycles.At(0).At
		if got := (o.At - first).Seconds(); got < c.from || got > c.to {
			t.Errorf("%s: onset %.1f s after the first line, want %.0f to %.0f", c.name, got, c.from, c.to)
		}
	}
}
