package inflection

import (
	"cmp"
	"fmt"
	"slices"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

const (
	boxForHeap = 75   // percent of a container that the heap may take: the rest is threads, code, metaspace, buffers
	boxForXmx  = 1.25 // of -Xmx, for a container that leaves room for the rest
	roomToGrow = 0.7  // of the heap, that the live set may take for collections to stay cheap
)

// javaAdvice says what to do for a JVM. It reports whether it knows better than the advice for all runtimes.
func (f *Facts) javaAdvice(v Verdict, add func(string, ...any)) bool {
	switch v.Kind {
	case Leak:
		f.javaLeakAdvice(v, add)
	case Step:
		add("look for a reload, a data update or a configuration change at the time of the jump; drop the old data before loading the new")
		f.beyondBoxAdvice(add)
	case Spike:
		if v.Detail == "array-size" {
			add("read the stack of the thread that failed: the length of that array is computed wrongly or not bounded. More heap does not help")
			return true
		}
		add("find the request or batch of the last seconds; bound its size, stream it, or limit how many run at once. -XX:+HeapDumpOnOutOfMemoryError shows what it held")
		f.beyondBoxAdvice(add)
	case UndersizedLimit:
		f.javaSizeAdvice(v, add)
	case Thrash:
		add("give the heap room: the live heap is %s, so that -Xmx of %s lets the collector breathe", bytes(f.Level), roundUp(f.Level/roomToGrow))
	case OffHeap:
		f.javaOffHeapAdvice(v, add)
	case AddressSpace:
		f.javaAddressAdvice(v, add)
	case ThreadLimit:
		f.threadAdvice(add)
	case NodePressure:
		if v.Detail == "" || f.OOM == nil {
			return false
		}
		add("lower -Xms so that the JVM starts with less, and look at what else runs on the machine")
	default:
		return false
	}
	f.signAdvice(add)
	f.swallowedAdvice(add)
	return true
}

func (f *Facts) javaLeakAdvice(v Verdict, add func(string, ...any)) {
	switch v.Detail {
	case "metaspace", "class-space", "perm-gen":
		add("look for class loaders that are never let go: redeployments, scripts compiled again and again, proxies and lambdas made per call. %s", f.classTools())
		switch v.Detail {
		case "class-space":
			add("-XX:CompressedClassSpaceSize bounds the class space; more of it buys time only")
		case "perm-gen":
			add("-XX:MaxPermSize bounds the permanent generation; more of it buys time only")
		default:
			add("-XX:MaxMetaspaceSize bounds it; more of it buys time only")
		}
		return
	}
	if f.uncollected() {
		add("run with a collector that collects (-XX:+UseSerialGC, -XX:+UseG1GC): Epsilon is for programs that end before they have filled the heap. With Epsilon, -Xmx must hold all that is ever allocated")
		return
	}
	add("take a heap dump near the end (-XX:+HeapDumpOnOutOfMemoryError, jcmd PID GC.heap_dump) and one before the onset, and compare the classes that grew: jcmd PID GC.class_histogram is a quick first look")
	f.buysAdvice(add)
	f.beyondBoxAdvice(add)
}

// classTools names what counts the class loaders, and what shows the classes that come and go.
func (f *Facts) classTools() string {
	if f.lacks(unifiedLogSince) {
		return "jmap -clstats PID (before JDK 8 -permstat) counts them; -XX:+TraceClassLoading -XX:+TraceClassUnloading show which classes come and never go"
	}
	return "jcmd PID VM.classloader_stats and VM.metaspace count them; -Xlog:class+load,class+unload shows which classes come and never go"
}

// beyondBoxAdvice gives a heap that fits its container.
func (f *Facts) beyondBoxAdvice(add func(string, ...any)) {
	if f.beyondBox() {
		add("-Xmx of %s does not fit a container of %s: use %s instead, so that the JVM collects before the kernel kills", bytes(f.Java.Xmx), bytes(f.Java.Box), f.fittingHeap())
	}
}

// fittingHeap is the flag for a heap that its container has room for, beside what the process was seen to hold outside of its heap.
func (f *Facts) fittingHeap() string {
	const step = 5 // percent
	percent := min(boxForHeap, int(100*(1-f.Java.Rest/f.Java.Box))/step*step)
	if f.lacks(ramPercentageSince) {
		return fmt.Sprintf("-Xmx%dm", int64(float64(percent)/100*f.Java.Box/float64(unit.MiB)))
	}
	return fmt.Sprintf("-XX:MaxRAMPercentage=%d", percent)
}

func (f *Facts) javaSizeAdvice(v Verdict, add func(string, ...any)) {
	switch {
	case v.Detail == "metaspace":
		add("raise -XX:MaxMetaspaceSize by a third (and -XX:CompressedClassSpaceSize where that is what was full)")
	case v.Detail == "startup":
		itself := fmt.Sprintf("; -XX:MaxRAMPercentage=%d does it by itself", boxForHeap)
		if f.lacks(ramPercentageSince) {
			itself = ""
		}
		add("lower -Xms and -Xmx to what the machine or the container has, less what else runs there%s", itself)
	case f.beyondBox():
		f.beyondBoxAdvice(add)
		add("or raise the limit of the container to at least %s: -Xmx and a quarter for all that is not heap", roundUp(f.Java.Xmx*boxForXmx))
	case f.Java.Xmx > 0:
		add("raise -Xmx from %s to about %s, and the limit of the container with it, or hold less: smaller caches, fewer workers", bytes(f.Java.Xmx), roundUp(f.Java.Xmx*(1+raiseBy)))
	default:
		add("raise the limit from %s to about %s, or hold less: smaller caches, fewer workers", bytes(max(f.Limit, f.Ceiling)), roundUp(max(f.Limit, f.Ceiling)*(1+raiseBy)))
	}
}

func (f *Facts) javaOffHeapAdvice(v Verdict, add func(string, ...any)) {
	if v.Detail == "direct-memory" {
		add("find who keeps direct buffers: Netty's leak detector (-Dio.netty.leakDetection.level=paranoid), the MBean java.nio:type=BufferPool,name=direct. A buffer is freed when its owner is collected, so that an idle collector keeps them")
		add("-XX:MaxDirectMemorySize bounds them, without it -Xmx does")
		return
	}
	if f.VictimRSS > f.Peak && f.Peak > 0 {
		add("%s of the resident %s are not on the heap", bytes(f.VictimRSS-f.Peak), bytes(f.VictimRSS))
	}
	uncounted := "what it does not count is malloc of libraries"
	if f.lacks(nativeTrackingSince) {
		uncounted = "look at malloc of libraries too"
		add("compare pmap -x PID of two moments: it tells the stacks of threads from other mappings")
	} else {
		add("run with -XX:NativeMemoryTracking=summary and compare jcmd PID VM.native_memory baseline and summary.diff: it names threads, code, metaspace and direct buffers")
	}
	add(uncounted + ": MALLOC_ARENA_MAX=2 tells whether it is arenas, jemalloc's profile tells who")
	f.beyondBoxAdvice(add)
}

func (f *Facts) javaAddressAdvice(v Verdict, add func(string, ...any)) {
	switch v.Detail {
	case "map-count":
		add("raise vm.max_map_count, after looking at what maps so much: mapped files, ZGC with a large heap, thread stacks")
	case "overcommit":
		add("vm.overcommit_memory=2 refuses what is not backed: lower -Xms and the number of threads, add swap, or raise vm.overcommit_ratio")
	case "heap-base":
		add("move the heap away from the C heap: -XX:HeapBaseMinAddress=32g, or -XX:-UseCompressedOops")
	default:
		add("raise or remove ulimit -v: a JVM reserves far more addresses than it uses. If the process mapped more and more, look for native memory with -XX:NativeMemoryTracking=summary")
	}
}

func (f *Facts) threadAdvice(add func(string, ...any)) {
	if r := f.Java.Report; r != nil && len(r.Threads.Groups) > 0 {
		g := slices.MaxFunc(r.Threads.Groups, func(a, b event.ThreadGroup) int { return cmp.Compare(a.Count, b.Count) })
		add("%d of the %d Java threads are named %q: find the pool that makes them, and bound it", g.Count, r.Threads.Java, g.Name)
	} else {
		add("take a thread dump (jcmd PID Thread.print, or kill -3) and group the threads by name: the pool that grew is the leak")
	}
	against := "a smaller -Xss does not help against these"
	if f.addressSuspect() {
		against += ". It helps, and so does a smaller heap, where ulimit -v or a 32-bit process left no room for the stack of one more thread"
	}
	add("raise pids.max of the container, ulimit -u or kernel.threads-max only when so many threads are meant; %s", against)
}

// swallowedAdvice points at errors that were caught before the one that ended the process.
func (f *Facts) swallowedAdvice(add func(string, ...any)) {
	const some = 3
	if r := f.Java.Report; r != nil && r.HeapOOMs+r.MetaspaceOOMs+r.ClassSpaceOOMs >= some && f.OOM != nil && f.OOM.Kind != event.OOMThreads {
		ends := "-XX:+ExitOnOutOfMemoryError"
		if f.lacks(exitOnOOMSince) {
			ends = `-XX:OnOutOfMemoryError="kill -9 %p"`
		}
		add("%d OutOfMemoryErrors had been thrown before, and something caught them: %s ends the process at the first", r.HeapOOMs+r.MetaspaceOOMs+r.ClassSpaceOOMs, ends)
	}
}
