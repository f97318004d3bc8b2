// Package jvmunified reads the unified logs of HotSpot, JDK 9 and later: what -Xlog:gc* writes to a file or among the
// output of the program, with any decorators and for every collector.
//
// A line is decorations in brackets, the number of a collection, and a message. LogDecorations in
// src/hotspot/share/logging/logDecorations.cpp writes the first, GCId::print_prefix in gc/shared/gcId.cpp the second.
// Both are taken off by hand; the messages that say something about memory are read by grammars:
//
//	gc/shared/gcTraceTime.cpp                     the line that closes a collection: "Pause Young (Normal) (cause) A->B(C) t"
//	gc/serial, gc/parallel, gc/cms (to JDK 13)    the generations, in KiB
//	gc/g1/g1HeapTransition.cpp                    regions by kind
//	gc/z/zDriver.cpp, zStat.cpp                   collections and tables of ZGC
//	gc/shenandoah/shenandoahConcurrentGC.cpp      cleanups, and since JDK 28 "Concurrent GC"
//	gc/epsilon/epsilonHeap.cpp                    the heap as it grows
//	gc/shared/gcInitLogger.cpp                    the header, JDK 16 and later
//	memory/metaspace.cpp, metaspaceUtils.cpp      metaspace, and the block that tells of its end
//
// Logs of JDK 11, 17, 21, 25 and an early 28 were read, every collector among them; what 9, 10, 12 and 14 print is
// known from logs that other tools use as examples.
//
// The lines of one collection share its number. Those that tell of the areas of the heap come before the line that
// closes it, its CPU time behind; the event is that of the closing line, and says what all of them say. Collections
// overlap: a young one runs while an old one marks. One that is still open when the log ends says what it knows.
package jvmunified

import "oomtrace/parser/dialect"

// Dialect describes the unified logs of HotSpot.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "JVM, unified logging (-Xlog:gc*)",
	Versions: "JDK 9 to 28: Serial, Parallel, CMS, G1, ZGC, Shenandoah, Epsilon",
	Notes:    notes,
	New:      newDecoder,
	Grammars: []dialect.Grammar{
		{
			Name:    "end of a collection, behind its number",
			EBNF:    summaries.EBNF(),
			Example: "[0.129s][info][gc] GC(0) Pause Young (Normal) (G1 Evacuation Pause) 6M->6M(64M) 4.856ms",
		},
		{
			Name:    "beginning of a collection, behind its number",
			EBNF:    beginnings.EBNF(),
			Example: "[0.124s][info][gc,start] GC(0) Pause Young (Normal) (G1 Evacuation Pause)",
		},
		{
			Name:    "areas of the heap and metaspace, behind the number",
			EBNF:    areaLines.EBNF(),
			Example: "[0.255s][info][gc,heap] GC(0) DefNew: 17456K(19648K)->2176K(19648K) Eden: 17456K(17472K)->0K(17472K) From: 0K(2176K)->2176K(2176K)",
		},
		{
			Name:    "regions of G1, behind the number",
			EBNF:    regionList.EBNF(),
			Example: "[0.129s][info][gc,heap] GC(0) Eden regions: 6->0(3)",
		},
		{
			Name:    "rows of the tables of ZGC, behind the number",
			EBNF:    rows.EBNF(),
			Example: "[0.191s][info][gc,heap] GC(0)      Live:         -                 8M (14%)           8M (14%)           8M (14%)            -                  -",
		},
		{
			Name:    "pauses of a concurrent collection, behind the number",
			EBNF:    phases.EBNF(),
			Example: "[0.184s][info][gc,phases] GC(0) Pause Mark Start 0.015ms",
		},
		{
			Name:    "what Shenandoah used at the end, JDK 24 and later, behind the number",
			EBNF:    endings.EBNF(),
			Example: "[0.323s][info][gc,ergo] GC(1) At end of GC: used: 10844K, used regions: 11008K, humongous waste: 0B",
		},
		{
			Name:    "CPU time, behind the number",
			EBNF:    cpus.EBNF(),
			Example: "[0.129s][info][gc,cpu] GC(0) User=0.01s Sys=0.00s Real=0.01s",
		},
		{
			Name:    "heap of Epsilon, metaspace of ZGC and Epsilon",
			EBNF:    amountList.EBNF(),
			Example: "[0.313s][info][gc] Heap: 65536K reserved, 65536K (100.00%) committed, 3473K (5.30%) used",
		},
		{
			Name:    "header",
			EBNF:    settings.EBNF(),
			Example: "[0.029s][info][gc,init] Heap Max Capacity: 64M",
		},
		{
			Name:    "header of Epsilon, JDK 11",
			EBNF:    boundLines.EBNF(),
			Example: "[0.032s][info][gc] Non-resizeable heap; start/max: 64M",
		},
		{
			Name:    "stall of ZGC, behind the name of the thread",
			EBNF:    stalls.EBNF(),
			Example: "[7.536s][info][gc] Allocation Stall (main) 760.150ms",
		},
		{
			Name:    "dropped messages, -Xlog:async",
			EBNF:    drops.EBNF(),
			Example: "[5.012s][warning][] 112 messages dropped due to async logging",
		},
		{
			Name:    "end of metaspace, first line",
			EBNF:    failures.EBNF(),
			Example: "[7.674s][info][gc,metaspace,freelist,oom] Metaspace (data) allocation failed for size 14",
		},
		{
			Name:    "end of metaspace, use",
			EBNF:    usedLines.EBNF(),
			Example: "[7.674s][info][gc,metaspace,freelist,oom]        Both:     45.42 MB used.",
		},
		{
			Name:    "end of metaspace, class space",
			EBNF:    commits.EBNF(),
			Example: "[7.674s][info][gc,metaspace,freelist,oom]       Class space:       48.00 MB reserved,       2.38 MB (  5%) committed,  1 nodes.",
		},
		{
			Name:    "end of metaspace, limits",
			EBNF:    limits.EBNF(),
			Example: "[7.674s][info][gc,metaspace,freelist,oom] MaxMetaspaceSize: 48.00 MB",
		},
	},
}

const notes = `A->B(C): A is the heap when the collection began, B when it ended, C what was committed. M is rounded down; where the
lines of the areas are in the log, their sums in KiB stand for it. Remark, Cleanup and the initial mark of CMS print
A->B(C) too: what was in use in the middle of marking, garbage included.

What B means depends on the collector. Behind a full collection it is the live heap. Behind a young or mixed one it is
an upper bound. Behind a concurrent one (ZGC, Shenandoah) it holds garbage and what the program allocated meanwhile:
the live heap of ZGC is the row Live at Mark End, of both generations in a major collection. A minor one adds to that of the
last major one what the young generation holds more, and what moved to the old one. Shenandoah has no such
line: up to JDK 27 a cycle ends with its second cleanup, and both are events with the number of the cycle. Epsilon
never collects, and says how much is used.

The old generation of G1 is its old, humongous and archive regions times the region size, so it is rounded up; without
the header, which only the first file of a rotated set has, the region size and the largest heap are unknown. ZGC of
JDK 11 keeps some of the heap in reserve; the capacity is what is left.

The number of a collection counts from 0 in each process. The clock is that of the end of the collection.

Without tags a line is claimed if its message is one of the JVM, or if its decorations are those of such a line. One
number among the decorations is taken for the pid, of two the first. A stamp in ms beyond 10^12 is a calendar time. One
stamp in ns is the time since the start of the JVM, or since boot where the first is more than ten minutes.

Metaspace that could not be allocated is blamed on the class space if the request would have gone beyond
CompressedClassSpaceSize, as HotSpot itself decides. Only ZGC writes "Out Of Memory (thread)"; G1 and Parallel write
since JDK 26 that the overhead limit was exceeded too often; the other collectors leave no word of it in their log.`
