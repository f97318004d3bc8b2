package inflection

import (
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// TestJavaAdvice wants a phrase in the advice for a JVM, and misses another.
func TestJavaAdvice(t *testing.T) {
	full := java(event.OOMHeap)
	beyond := but(full, func(f *Facts) { f.Java.Xmx, f.Java.Box = 4*gib, 2*gib })
	kill := func(rss, peak float64) Facts {
		return but(calm(0.3), func(f *Facts) { f.Runtime, f.VictimRSS, f.Peak = "jvm", rss*gib, peak*gib })
	}
	pools := func(groups ...event.ThreadGroup) Facts {
		return but(java(event.OOMThreads), func(f *Facts) { f.Java.Report = &event.JVMReport{Threads: event.JVMThreads{Java: 60, Groups: groups}} })
	}
	thrown := func(heap, meta, class int64, kind event.OOMKind) Facts {
		return but(java(kind), func(f *Facts) {
			f.Java.Report = &event.JVMReport{HeapOOMs: heap, MetaspaceOOMs: meta, ClassSpaceOOMs: class}
		})
	}
	of := func(v string, f Facts) Facts {
		return but(f, func(f *Facts) { f.Version = versionIn("jvm", v) })
	}
	const swallowed = "OutOfMemoryErrors had been thrown before"
	for _, c := range []struct {
		name  string
		v     Verdict
		f     Facts
		says  string
		never string
	}{
		{"a leak", Verdict{Kind: Leak}, replayed(full, "-Xmx of 2 GiB", 10*time.Minute), "-Xmx of 2 GiB buys about 10 minutes at this rate", "twice"},
		{"a leak that nothing was replayed of", Verdict{Kind: Leak}, full, "heap dump", "buys"},
		{"a leak in a container that the heap does not fit beside the rest", Verdict{Kind: Leak}, but(beyond, func(f *Facts) { f.Java.Rest = 0.66 * gib }), "use -XX:MaxRAMPercentage=65 instead", "=75"},
		{"in a JVM that knows no percentage", Verdict{Kind: Leak}, of("1.8.0_181", but(beyond, func(f *Facts) { f.Java.Rest = 0.66 * gib })), "use -Xmx1331m instead", "MaxRAMPercentage"},
		{"too little to start with a JVM that knows none", Verdict{Kind: UndersizedLimit, Detail: "startup"}, of("1.8.0_181", beyond), "lower -Xms and -Xmx", "MaxRAMPercentage"},
		{"classes of a JVM without -Xlog", Verdict{Kind: Leak, Detail: "metaspace"}, of("1.8.0_504-b01", full), "-XX:+TraceClassLoading", "-Xlog"},
		{"classes of a JVM with it", Verdict{Kind: Leak, Detail: "metaspace"}, of("9.0.4", full), "-Xlog:class+load", "TraceClassLoading"},
		{"memory outside the heap of a JVM that does not track it", Verdict{Kind: OffHeap}, of("1.7.0_25", kill(2, 0.5)), "pmap -x", "NativeMemoryTracking"},
		{"three errors before, in an old JVM", Verdict{Kind: UndersizedLimit}, of("1.8.0_77", thrown(1, 1, 1, event.OOMHeap)), `-XX:OnOutOfMemoryError="kill -9 %p" ends`, "Exit"},
		{"a leak to a limit that -Xmx ignores", Verdict{Kind: Leak}, beyond, "-Xmx of 4 GiB does not fit a container of 2 GiB: use -XX:MaxRAMPercentage=75", "raise"},
		{"classes", Verdict{Kind: Leak, Detail: "metaspace"}, full, "-XX:MaxMetaspaceSize bounds it", "heap dump"},
		{"the class space", Verdict{Kind: Leak, Detail: "class-space"}, full, "-XX:CompressedClassSpaceSize bounds", "MaxMetaspaceSize"},
		{"the permanent generation", Verdict{Kind: Leak, Detail: "perm-gen"}, full, "-XX:MaxPermSize bounds", "MaxMetaspaceSize"},
		{"a step", Verdict{Kind: Step}, beyond, "-XX:MaxRAMPercentage=75", "request or batch"},
		{"a spike", Verdict{Kind: Spike}, beyond, "the request or batch of the last seconds", "array"},
		{"a spike in a container", Verdict{Kind: Spike}, beyond, "-XX:MaxRAMPercentage=75", "array"},
		{"an array", Verdict{Kind: Spike, Detail: "array-size"}, beyond, "the length of that array", "MaxRAMPercentage"},
		{"too little metaspace", Verdict{Kind: UndersizedLimit, Detail: "metaspace"}, beyond, "raise -XX:MaxMetaspaceSize by a third", "does not fit"},
		{"too little to start", Verdict{Kind: UndersizedLimit, Detail: "startup"}, beyond, "lower -Xms and -Xmx", "does not fit"},
		{"a container below -Xmx", Verdict{Kind: UndersizedLimit}, beyond, "at least 5 GiB: -Xmx and a quarter", "raise -Xmx"},
		{"a heap of a known bound", Verdict{Kind: UndersizedLimit}, but(full, func(f *Facts) { f.Java.Xmx = 3 * gib }), "raise -Xmx from 3 GiB to about 4 GiB", "raise the limit from"},
		{"a heap of an unknown bound", Verdict{Kind: UndersizedLimit}, but(full, func(f *Facts) { f.Java.Xmx, f.Limit, f.Ceiling = 0, 3*gib, gib }), "raise the limit from 3 GiB to about 4 GiB", "-Xmx"},
		{"a busy collector", Verdict{Kind: Thrash}, but(full, func(f *Facts) { f.Level = 1.4 * gib }), "the live heap is 1.40 GiB, so that -Xmx of 2 GiB", "limit"},
		{"memory outside the heap", Verdict{Kind: OffHeap}, kill(2, 0.5), "1.50 GiB of the resident 2 GiB are not on the heap", "direct.leak"},
		{"memory outside a heap of unknown size", Verdict{Kind: OffHeap}, kill(2, 0), "NativeMemoryTracking", "of the resident"},
		{"memory no larger than the heap", Verdict{Kind: OffHeap}, kill(0.5, 0.5), "NativeMemoryTracking", "of the resident"},
		{"memory outside a heap that may outgrow its container", Verdict{Kind: OffHeap}, beyond, "-XX:MaxRAMPercentage=75", "raise"},
		{"direct buffers", Verdict{Kind: OffHeap, Detail: "direct-memory"}, full, "-XX:MaxDirectMemorySize", "NativeMemoryTracking"},
		{"mappings", Verdict{Kind: AddressSpace, Detail: "map-count"}, full, "vm.max_map_count", "ulimit"},
		{"overcommit", Verdict{Kind: AddressSpace, Detail: "overcommit"}, full, "vm.overcommit_ratio", "ulimit"},
		{"a low heap", Verdict{Kind: AddressSpace, Detail: "heap-base"}, full, "HeapBaseMinAddress", "ulimit"},
		{"ulimit", Verdict{Kind: AddressSpace, Detail: "rlimit"}, full, "ulimit -v", "overcommit"},
		{"a start on a full machine", Verdict{Kind: NodePressure, Detail: "startup"}, full, "lower -Xms", "cordon"},
		{"threads of pools", Verdict{Kind: ThreadLimit}, pools(event.ThreadGroup{Name: "small-#", Count: 9}, event.ThreadGroup{Name: "large-#", Count: 30}, event.ThreadGroup{Name: "last-#", Count: 20}), `30 of the 60 Java threads are named "large-#"`, "take a thread dump"},
		{"threads of pools as large as each other", Verdict{Kind: ThreadLimit}, pools(event.ThreadGroup{Name: "first-#", Count: 30}, event.ThreadGroup{Name: "second-#", Count: 30}), `named "first-#"`, "take a thread dump"},
		{"threads that no report groups", Verdict{Kind: ThreadLimit}, pools(), "take a thread dump", "are named"},
		{"threads without a report", Verdict{Kind: ThreadLimit}, java(event.OOMThreads), "take a thread dump", "are named"},
		{"or room for their stacks", Verdict{Kind: ThreadLimit}, java(event.OOMThreads), "where ulimit -v or a 32-bit process left no room", "are named"},
		{"threads of a process without ulimit -v", Verdict{Kind: ThreadLimit}, pools(), "does not help against these", "ulimit -v"},
		{"three errors before", Verdict{Kind: UndersizedLimit}, thrown(1, 1, 1, event.OOMHeap), "3 " + swallowed, "thread"},
		{"many errors of one kind", Verdict{Kind: UndersizedLimit}, thrown(0, 0, 9, event.OOMHeap), "9 " + swallowed, "thread"},
		{"two errors before", Verdict{Kind: UndersizedLimit}, thrown(1, 1, 0, event.OOMHeap), "raise", swallowed},
		{"errors before the threads ran out", Verdict{Kind: ThreadLimit}, thrown(9, 9, 9, event.OOMThreads), "pids.max", swallowed},
		{"errors before a kill", Verdict{Kind: OffHeap}, but(kill(2, 0.5), func(f *Facts) { f.Java.Report = &event.JVMReport{HeapOOMs: 9} }), "NativeMemoryTracking", swallowed},
		{"swap in use", Verdict{Kind: UndersizedLimit}, but(full, func(f *Facts) {
			f.Java.Report = &event.JVMReport{Machine: event.JVMMachine{SwapTotal: unit.Known(unit.GiB), SwapFree: unit.Known(0)}}
		}), "keep the heap out of swap", swallowed},
	} {
		got := strings.Join(c.f.advice(c.v), "\n")
		if !strings.Contains(got, c.says) || strings.Contains(got, c.never) {
			t.Errorf("%s: %q; want %q and not %q", c.name, got, c.says, c.never)
		}
	}
	for _, c := range []struct {
		name string
		v    Verdict
		f    Facts
	}{
		{"a full machine", Verdict{Kind: NodePressure}, full},
		{"a full machine that the kernel tells of", Verdict{Kind: NodePressure, Detail: "eviction"}, kill(2, 0.5)},
		{"shared memory", Verdict{Kind: SharedMemory}, full},
	} {
		if c.f.javaAdvice(c.v, func(string, ...any) {}) {
			t.Errorf("%s: a JVM needs no other advice than others do", c.name)
		}
	}
}
