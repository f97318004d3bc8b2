// Package android reads what Android says about memory: the collections and the OutOfMemoryError of its runtimes ART and
// Dalvik, the kills of its low memory killers, and the tombstones of processes whose native memory ran out.
//
// Where the lines come from:
//
//   - art/runtime/gc/heap.cc: LogGC prints "Background concurrent copying GC freed ..., 27MB/51MB, paused 267us total
//     148.168ms"; the first number is what is allocated after the collection, the second the target footprint. Since
//     Android 12 the objects are left out: "freed 15MB AllocSpace bytes". Heap::ThrowOutOfMemoryError writes "Failed to
//     allocate a N byte allocation with ..., growth limit N", Thread::ThrowOutOfMemoryError (art/runtime/thread.cc) logs it
//     as "Throwing OutOfMemoryError". Sizes and times are those of PrettySize and PrettyDuration: whole units, rounded down.
//   - dalvik/vm/alloc/Heap.cpp, to Android 4.4: "GC_CONCURRENT freed 2049K, 65% free 3571K/9991K, paused 2ms+2ms".
//   - system/memory/lmkd/lmkd.cpp (Android 9 and later): "Kill 'NAME' (PID), uid U, oom_score_adj A to free NkB rss, NkB
//     swap; reason: ...", in its first versions "Killing 'NAME' (PID), uid U, adj A" with the reason in a line of its own.
//   - drivers/staging/android/lowmemorykiller.c of Linux to 4.11: "Killing 'NAME' (PID), adj A," and up to three lines.
//   - frameworks/base EventLogTags.logtags: am_kill and am_low_memory in the event log.
//   - system/core/debuggerd: tombstones; the abort messages are scudo's (compiler-rt/lib/scudo/standalone/report_linux.cpp)
//     and the C++ runtime's.
//
// All but kernel lines and tombstone files stand behind the prefix of logcat, which names the process. It is read here where
// no envelope has taken it off, in the formats threadtime, time, brief and tag.
package android

import (
	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

const name = "android"

// ActivityManager is the engine of am_kill and am_low_memory.
const ActivityManager event.Engine = "activity-manager"

// Dialect is the dialect of this package.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "Android: ART and Dalvik, low memory killers, tombstones",
	Versions: "Android 2.3 to 16 (from published logs)",
	Notes:    notes,
	New:      func() dialect.Decoder { return newDecoder() },
	Anchors:  anchors(),
	Grammars: []dialect.Grammar{
		{
			Name:    "collection of ART, behind its cause and its name",
			EBNF:    artGrammar.EBNF(),
			Example: "GC freed 689241(30MB) AllocSpace objects, 0(0B) LOS objects, 46% free, 27MB/51MB, paused 267us,219us total 148.168ms",
		},
		{
			Name:    "collection of Dalvik, behind its cause",
			EBNF:    dalvikGrammar.EBNF(),
			Example: "freed 2049K, 65% free 3571K/9991K, external 4703K/5261K, paused 2ms+2ms",
		},
		{
			Name:    "failed allocation of ART",
			EBNF:    failureGrammar.EBNF(),
			Example: "Failed to allocate a 24 byte allocation with 65496 free bytes and 63KB until OOM, target footprint 268435456, growth limit 268435456",
		},
		{
			Name:    "kill, behind the name of the process",
			EBNF:    killGrammar.EBNF(),
			Example: " (17933), uid 10446, oom_score_adj 0 to free 140528kB rss, 37404kB swap",
		},
		{
			Name:    "what the victim held, in a line of its own",
			EBNF:    freeGrammar.EBNF(),
			Example: "to free 20784kB on behalf of 'kswapd0' (442) because",
		},
		{
			Name:    "process of a tombstone, up to its name",
			EBNF:    processGrammar.EBNF(),
			Example: "pid: 4116, tid: 14231, name:",
		},
		{
			Name:    "signal of a tombstone",
			EBNF:    signalGrammar.EBNF(),
			Example: "signal 6 (SIGABRT)",
		},
		{
			Name:    "age of a process in a tombstone",
			EBNF:    uptimeGrammar.EBNF(),
			Example: "Process uptime: 6578s",
		},
	},
}

const notes = `CAUSE KIND GC freed ..., P% free, A/B, paused ...: A is what is allocated after the collection, the live heap of the report
where the whole heap was looked at; B is the target footprint, which ART moves up to the growth limit. "young" (and "sticky"
before Android 8) looks at new objects only: A still holds old garbage then. "partial" leaves out what all processes share.
Sizes are rounded down to whole KB from 3 KB on and whole MB from 2 MB on.

The growth limit (dalvik.vm.heapgrowthlimit, or heapsize with android:largeHeap) becomes a setting where a failed allocation
or "Clamp target GC heap" names it. An OutOfMemoryError is told once, although the runtime logs it when it is thrown and
again when nobody catches it. A program can catch it and go on.

A kill by lmkd, by its forerunner in the kernel or by the ActivityManager is no report of the kernel's own OOM killer. It is
a container event with the action kill: a process that was fine can be killed to make room for others. Its usage is the RSS
that the killer names.

A tombstone is one dump, and a death: want of native memory where scudo or the C++ runtime say so in the abort message,
else a signal. "exhausted N for size class" is a lack of address space for one size of blocks, not of memory.
GC lines carry no clock of their own: all times are logcat's.`
