// Package gctrace reads what the Go runtime prints about its memory with GODEBUG=gctrace=1: the gc lines of Go 1.0 to
// 1.26 and of gccgo, the lines of the scavenger (scvg, scav), and those of gctrace=2, gcpacertrace, schedtrace,
// inittrace and checkfinalizers, which come with them.
//
// The emitters are src/pkg/runtime/mgc0.c (Go 1.0 to 1.3), src/runtime/mgc0.c (1.4) and src/runtime/mgc.go (since 1.5);
// mheap.c, mheap.go and mgcscavenge.go for the scavenger; mgcpacer.go, proc.c and proc.go for the rest.
//
// A gc line is not written at once: the runtime makes a write(2) call for every number and every literal of it, 35 to
// 45 in all, and the lines of other writers of stderr land between them. The decoder puts such a torn line together
// again, see writing and torn. It refuses where more than one reading is possible.
package gctrace

import "oomtrace/parser/dialect"

// Dialect is the dialect of this package.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "Go runtime, GODEBUG=gctrace=1",
	Versions: "Go 1.0 to 1.26, gccgo",
	Notes:    notes,
	New:      newDecoder,
	Grammars: []dialect.Grammar{
		{
			Name:    "gc line of Go 1.5 to 1.26",
			EBNF:    modernGrammar.EBNF(),
			Example: "gc 3 @0.023s 1%: 0.11+0.45+0.003 ms clock, 0.23+0/0.19/0.14+0.006 ms cpu, 14->14->10 MB, 15 MB goal, 0 MB stacks, 0 MB globals, 2 P",
		},
		{
			Name:    "gc line of Go 1.0 to 1.4 and gccgo, behind its first two letters",
			EBNF:    ancientGrammar.EBNF(),
			Example: "gc22(1): 0+105+133+0 us, 12 -> 12 MB, 9246 (12387-3141) objects, 7 goroutines, 1569/0/1562 sweeps, 0(0) handoff, 0(0) steal, 0/0/0 yields",
		},
		{
			Name:    "scavenger to Go 1.13, behind scvg",
			EBNF:    scvgGrammar.EBNF(),
			Example: "scvg0: inuse: 31, idle: 2, sys: 34, released: 0, consumed: 34 (MB)",
		},
		{
			Name:    "scavenger since Go 1.14, scavtrace=1",
			EBNF:    scavGrammar.EBNF(),
			Example: "scav 0 KiB work (bg), 0 KiB work (eager), 3440 KiB now, 96% util",
		},
		{
			Name:    "pacer, gcpacertrace=1",
			EBNF:    pacerGrammar.EBNF(),
			Example: "pacer: 35% CPU (25 exp.) for 116664+2824+158026 B work (158026 B exp.) in 4019040 B -> 4313728 B (∆goal 119424, cons/mark 0)",
		},
		{
			Name:    "scheduler, schedtrace=1000",
			EBNF:    schedGrammar.EBNF(),
			Example: "SCHED 1016ms: gomaxprocs=2 idleprocs=1 threads=5 spinningthreads=0 idlethreads=2 runqueue=0 [0 0]",
		},
		{
			Name:    "package initialisation, inittrace=1",
			EBNF:    initGrammar.EBNF(),
			Example: "init compress/flate @0.94 ms, 0.008 ms clock, 4240 bytes, 7 allocs",
		},
		{
			Name:    "mark statistics of Go 1.25 and later, gctrace=2",
			EBNF:    scanGrammar.EBNF(),
			Example: "scan: total 34+109+1004=1147 objs, 16+12=28 spans",
		},
		{
			Name:    "finalizer queues, checkfinalizers=1",
			EBNF:    queuesGrammar.EBNF(),
			Example: "checkfinalizers: queue: 0 finalizers + 0 cleanups",
		},
	},
}

const notes = `A->B->C MB: A is the heap when the collection began, B when marking ended, C what it found alive. C is the live heap
of the report. "N MB goal" is the goal of this collection, set after the one before. The numbers are whole MiB, rounded
down, so each is up to 1 MiB low. They count objects: stacks, fragmentation and the runtime's own memory come on top.

A -> B MB: in Go 1.0 to 1.2 (times in ms) A is the heap before and B after the collection. In Go 1.3 and 1.4 (times in
us) A is the live heap after the collection before, and B the heap when this one began: the live heap of the last
collection of such a log is unknown.

@T is the time since the runtime started. P% is the share of CPU time since then, so it says little about now. The
pause is the first phase and the last one; up to Go 1.4 it is all of them. CPU time leaves idle marking out.

(forced) means runtime.GC or debug.FreeOSMemory; in Go 1.5 to 1.8 also every collection under gcstoptheworld=1.
"GC forced" on a line of its own is the runtime's collection after two minutes without one; it becomes the cause of
the next collection. Each process counts its collections from 1.

A line that other writers tore is put together again and marked as mended. What has lost a piece, or can be read in
several ways, is a problem. A line that was cut behind the heap sizes still counts, with the rest unknown.`
