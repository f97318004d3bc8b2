// Package jvmlegacy reads the garbage collector logs of Java before unified logging: JDK 1.4 to 8, the collectors
// Serial, Parallel, CMS with ParNew, G1 and the Shenandoah of later builds of JDK 8, as -verbose:gc, -XX:+PrintGC and
// -XX:+PrintGCDetails write them.
//
// The emitters, as of HotSpot 8 (src/share/vm):
//
//   - gc_implementation/shared/gcTraceTime.cpp prints the stamps and the brackets; gcTrace.cpp and gc_interface/gcCause.cpp
//     the cause, which JDK 6 and most of 7 leave out.
//   - memory/genCollectedHeap.cpp, memory/generation.cpp and memory/defNewGeneration.cpp print Serial;
//     gc_implementation/parNew and gc_implementation/concurrentMarkSweep print ParNew and CMS;
//     gc_implementation/parallelScavenge prints Parallel; gc_implementation/g1 prints G1, whose pauses take many lines;
//     gc_implementation/shenandoah prints Shenandoah.
//   - runtime/arguments.cpp and utilities/ostream.cpp print the three lines at the head of each file and the lines
//     of -XX:+UseGCLogFileRotation.
//   - gc_implementation/shared/adaptiveSizePolicy.cpp says that the GC overhead limit is exceeded.
//
// Nothing locks the stream for a whole record: threads of concurrent phases write in the middle of pauses, and flags
// like PrintTenuringDistribution and PrintAdaptiveSizePolicy break records over lines. So the decoder knows no lines but
// brackets. It keeps the records that are open, and takes from any line what it closes.
package jvmlegacy

import (
	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

const name = "jvm-legacy"

// Dialect reads GC logs of JDK 1.4 to 8.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "Java 8 and earlier, GC log of -verbose:gc, -XX:+PrintGC, -XX:+PrintGCDetails",
	Versions: "JDK 5 to 8 (HotSpot), 1.4 in part",
	Notes:    notes,
	New:      func() dialect.Decoder { return newDecoder() },
	Grammars: []dialect.Grammar{
		{
			Name:    "line of a record, behind its stamps and without the dates in it",
			EBNF:    recordGrammar.EBNF(),
			Example: "[Full GC (Ergonomics) [PSYoungGen: 123456K->0K(262144K)] [ParOldGen: 654321K->654321K(786432K)] 777777K->654321K(1048576K), [Metaspace: 12345K->12345K(1064960K)], 1.2345678 secs]",
		},
		{
			Name:    "memory of the machine or of the container",
			EBNF:    memoryGrammar.EBNF(),
			Example: "Memory: 4k page, physical 24683656k(18543508k free), swap 0k(0k free)",
		},
		{
			Name:    "flag of the command line",
			EBNF:    flagGrammar.EBNF(),
			Example: "-XX:MaxHeapSize=67108864",
		},
	},
}

const notes = `A->B(C) behind the last inner bracket is the whole heap: A before, B after the collection, C the committed size. The
live heap is B of a full collection; B of a young one holds all that died in the old generation since.
A record that collected the old generation with the world stopped counts as full whatever it calls itself: ParNew that
falls back to CMS with a concurrent mode failure, DefNew that ends in Tenured.
The old generation of a young collection is what the heap has beyond the young one. For G1 it is what Eden and the
survivors leave.
PermGen and Metaspace are one area. The number in brackets behind Metaspace is address space reserved and no bound; it
is left out.
CMS Initial Mark and Remark, and G1 remark and cleanup, print an occupancy in the middle of marking. CMS prints one number,
which is the heap before; nothing is said about after.
G1 prints the heap of a pause some lines below it; the line of a full collection repeats what the record said, and counts once.
A cycle of Shenandoah tells the heap at its two cleanups and goes on meanwhile; only its full pause shows what is live.
The uptime is the time that PrintGCTimeStamps gives, the calendar time that of PrintGCDateStamps.
"promotion failed", "concurrent mode failure", "to-space exhausted" and "GC time would exceed GCTimeLimit" are part of the kind.`

// Bounds of what a decoder keeps.
const (
	maxLine    = 1 << 14 // longer lines are no lines of a record
	maxFrames  = 16      // brackets in brackets
	maxRecords = 3       // records in records
	maxGap     = 4096    // foreign lines inside a record: tables of classes, free lists
)

// decoder reads one stream.
type decoder struct {
	cache  cachedGrammars
	buf    []byte
	names  names
	know   event.Collector // what the flags or the areas said last
	seen   bool            // a record or a head of a log came by
	head   int             // lines until the head of a log ends
	block  bool            // inside a block of PrintHeapAtGC
	ring   bool            // among the events of an hs_err file, which holds blocks of PrintHeapAtGC too
	over   bool            // the overhead limit was told
	open   []*pause        // records whose last bracket is not closed, the outermost first
	frames []frame         // brackets that are open, over all records
	deeper int             // brackets beyond maxFrames
	done   *pause          // a whole record that may have more lines to come
	gap    int             // foreign lines since the last line of the record
	spare  []*pause
	slab   []event.GC
}

func newDecoder() *decoder {
	d := &decoder{names: names{}}
	d.Forget()
	return d
}

// Sibling implements dialect.Sibling.
func (d *decoder) Sibling() dialect.Decoder { return &decoder{cache: d.cache, names: d.names} }

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	if d.mine(l, emit) {
		d.gap = 0
		return true
	}
	d.foreign(emit)
	return false
}

// Flush implements dialect.Decoder.
func (d *decoder) Flush(emit dialect.Emit) {
	d.settle(emit)
	d.abandon("the log ends inside this record", emit)
	d.block, d.head = false, 0
}

// foreign takes note of a line of another writer.
func (d *decoder) foreign(emit dialect.Emit) {
	d.head = 0
	if d.done != nil && d.done.sized() {
		d.settle(emit)
	}
	if d.done == nil && len(d.open) == 0 {
		d.block = false
		return
	}
	if d.gap++; d.gap > maxGap {
		d.settle(emit)
		d.abandon("this record does not end", emit)
	}
}
