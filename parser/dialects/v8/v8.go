// Package v8 reads what V8 and Node.js print about their heaps: the lines of --trace-gc, --trace-gc-nvp and
// --trace-gc-verbose, the last collections that a dying process repeats, and its last words.
//
// Where the lines come from:
//
//   - src/heap/gc-tracer.cc: PrintHeader and GCTracer::Print write "T ms: Mark-Compact A (B) -> C (D) MB, p / q ms",
//     GCTracer::PrintNVP the pairs of --trace-gc-nvp (a JSON object since V8 14). PrintIsolate (src/utils) puts
//     "[pid:isolate] " before them, since V8 14 also "[pid:isolate:group] ".
//   - src/heap/heap.cc: PrintShortHeapStatistics writes the block of --trace-gc-verbose, AddToRingBuffer keeps the last
//     512 bytes of the trace. src/heap/heap-controller.cc writes the limits that V8 sets itself.
//   - src/api/api.cc: FatalProcessOutOfMemory prints "<--- Last few GCs --->" with these bytes and "<--- JS stacktrace --->"
//     on stdout; src/base/logging.cc: FatalOOM prints "# Fatal process out of memory: Zone" where nobody else does.
//   - src/node_errors.cc of Node.js: OOMErrorHandler (OnFatalError) prints "FATAL ERROR: ..." and the native stack on stderr.
//
// A collection is kept in 255 bytes for the last block, without its line end where it was longer. So the entries of
// that block run into each other, and the first may have lost its beginning. They are found by their own anchors, in
// whatever stands around them.
//
// One process has one heap for its main thread and one for each worker. Each counts its time from its own start. They
// are told apart by the stream of their events, which carries the process and the isolate that the line names.
package v8

import (
	"oomtrace/parser/dialect"
)

const name = "v8"

// Dialect is the dialect of this package.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "V8 and Node.js, --trace-gc and out of memory",
	Versions: "Node.js 6 to 26 (V8 5.1 to 14.6)",
	Notes:    notes,
	New:      func() dialect.Decoder { return newDecoder() },
	Anchors:  anchors(),
	Grammars: []dialect.Grammar{
		{
			Name:    "collection up to the heap sizes, --trace-gc",
			EBNF:    sizesGrammar.EBNF(),
			Example: "5901 ms: Scavenge (reduce) (interleaved) 58.1 (65.8) -> 56.2 (60.3) MB",
		},
		{
			Name:    "pause, behind the heap sizes",
			EBNF:    pauseGrammar.EBNF(),
			Example: ", pooled: 0.0 MB, 73.56 / 0.00 ms",
		},
		{
			Name:    "incremental marking, behind the pause",
			EBNF:    markingGrammar.EBNF(),
			Example: "(+ 22.3 ms in 53 steps since start of marking, biggest step 14.2 ms, walltime since start of marking 370 ms)",
		},
		{
			Name:    "collection as pairs, --trace-gc-nvp to V8 13",
			EBNF:    pairsGrammar.EBNF(),
			Example: "38 ms: pause=8.0 mutator=24.4 gc=s reduce_memory=0 time_to_safepoint=0.00 total_size_before=4074344 total_size_after=3892312 promotion_ratio=0.0%",
		},
		{
			Name:    "space of the heap, --trace-gc-verbose",
			EBNF:    spaceGrammar.EBNF(),
			Example: "Large object space,     used:   6036 KB, available:      0 KB, committed:   6136 KB",
		},
		{
			Name:    "memory in KB, --trace-gc-verbose",
			EBNF:    amountGrammar.EBNF(),
			Example: "External memory reported:   2048 KB",
		},
	},
}

const notes = `T ms: KIND A (B) -> C (D) MB: T is the time since the isolate started, when the line is printed, so when the collection
has ended. A and C are the objects of the heap before and after it, B and D what the heap has from the system; an MB is
2^20 bytes. C is the live heap after Mark-sweep and Mark-Compact (one thing under two names: Node.js 20 renamed it).
After a Scavenge it still holds the garbage of the old space, so the live heap is unknown there. C counts the young
generation too: a heap can show more than --max-old-space-size.

p / q ms: p is the pause of the main thread, q the part that embedders took. (reduce) means that V8 tries to save
memory, (interleaved) that a scavenge ran inside a marking. "(+ x ms in n steps" are pauses before this one; walltime is
how long the marking took with them. mu is the share of time that is left to the program.

--trace-gc-nvp prints bytes; "gc=s" is a scavenge, "gc=ms" and "gc=mc" are the whole heap. Since V8 14 it is JSON.
--trace-gc-verbose adds the spaces of the heap and the external memory (Buffers): one sample a block, at the time of
the collection before it, as its lines name none. Other lines with [pid:0xisolate] before them are V8's too and say
nothing about memory.

The entries of "Last few GCs" that repeat the trace count once. The first bytes of that block can be the end of an
entry whose beginning is lost; they are passed over. The limit of the heap stands in no line: it is a setting only
where the command line was printed (--max-old-space-size, --max-heap-size, in MiB).

Each isolate is a stream of its own, named by the process (as it sees itself) and the isolate. The text of a death
belongs to the isolate of the last block, or to the only one that was seen; it has no other name for it.`
