// Package hserr reads hs_err files: what a HotSpot JVM writes when it dies, into a file of its own or into the stream
// of its container.
//
// Where the text comes from, as of JDK 8u504 and JDK 25 (paths of 25; JDK 8 has hotspot/src in place of src/hotspot):
//
//   - src/hotspot/share/utilities/vmError.cpp: VMError::report prints the sections one after the other. First the
//     header, lines behind "#"; then, JDK 11 and later, the summary with the time and the uptime; THREAD, PROCESS and SYSTEM.
//     JDK 8 has no summary and puts time, zone and uptime at the end. JDK 11 and later end with "END.".
//     report_and_die writes the header on the screen first, and all of it to the file. A file that is /dev/stderr
//     or -XX:+ErrorFileToStderr therefore gives two headers in one stream.
//   - src/hotspot/share/utilities/debug.cpp: report_java_out_of_memory makes the fatal error "OutOfMemory
//     encountered: ..." (-XX:+CrashOnOutOfMemoryError), report_vm_out_of_memory makes "There is insufficient memory".
//   - the heap: print_on of each collector (share/gc/*/...Heap.cpp, generation.cpp, psYoungGen.cpp), and
//     memory/metaspaceUtils.cpp. The same text stands in "Heap:" and in the history.
//   - the history: share/gc/shared/collectedHeap.cpp (GCHeapLog), printed by utilities/events.hpp:
//     10 entries in JDK 8, 20 later, 250 for generational ZGC. Since JDK 25 heap and metaspace have one each.
//   - SYSTEM: os/linux/os_linux.cpp (limits, /proc/meminfo, "Process Memory:", "container (cgroup) information:"),
//     os/windows/os_windows.cpp ("TotalPageFile size", "current process WorkingSet").
//   - native memory tracking: share/nmt/memReporter.cpp.
//
// Between these lines other threads go on writing: lines that look like another log's are refused while a file is open.
package hserr

import (
	"oomtrace/parser/dialect"
)

const name = "hs_err"

// Dialect reads the crash files of HotSpot JVMs.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "HotSpot JVM, crash file hs_err_pid*.log",
	Versions: "JDK 8 to 28",
	Notes: `A death for want of memory is a runtime-oom event, any other a process-end event; both carry the time and the uptime of
the file. The sections are one crash-dump event: the heap and metaspace as they were, what the process and the machine held, limits,
container, threads, and native memory tracking where it was on.
Each entry of the GC heap history is a gc event: the heap before and after, at the uptime of the entry. The scope is whole where the count
of full collections rose. The live heap is stated for whole collections only; what ZGC and Shenandoah use holds garbage too.
Limits and flags are setting events: from the global flags (JDK 11 and later), else from the command line.
A file without an end is cut; one without its header tells no death, only what it held. Two headers of one process are one death.
The names of time zones that mean one offset all over the world are read; of another the time is taken as UTC, which is noted.`,
	Grammars: []dialect.Grammar{
		{Name: "area of a heap", EBNF: generations.EBNF(), Example: " garbage-first heap   total reserved 65536K, committed 65536K, used 61294K "},
		{Name: "metaspace, and heap of ZGC", EBNF: amountses.EBNF(), Example: " Metaspace       used 2942K, capacity 4494K, committed 4864K, reserved 1056768K"},
		{Name: "heap of Shenandoah", EBNF: shenandoahs.EBNF(), Example: " 65536K max, 65536K soft max, 65536K committed, 49509K used"},
		{Name: "regions of G1", EBNF: regionses.EBNF(), Example: "  region size 1024K, 6 young (6144K), 1 survivors (1024K)"},
		{Name: "entry of the heap history", EBNF: ringEvents.EBNF(), Example: "Event: 9.355 {heap Before GC invocations=81 (full 8):"},
		{Name: "time of death", EBNF: summaries.EBNF(), Example: "Time: Sun Nov 22 19:43:17 2026 UTC elapsed time: 7.508744 seconds (0d 0h 0m 7s)"},
		{Name: "uptime of JDK 8", EBNF: elapseds.EBNF(), Example: "elapsed time: 9.712670 seconds (0d 0h 0m 9s)"},
		{Name: "failed request", EBNF: allocations.EBNF(), Example: "# Native memory allocation (mmap) failed to map 68719476736 bytes. Error detail: committing reserved memory."},
		{Name: "failed request of JDK 6", EBNF: exhausteds.EBNF(), Example: "# java.lang.OutOfMemoryError: requested 1048576 bytes for Chunk::new. Out of swap space?"},
		{Name: "global flag", EBNF: flags.EBNF(), Example: "   size_t MaxHeapSize                              = 67108864                                  {product} {command line}"},
		{Name: "memory of the process, the machine, the container", EBNF: readingses.EBNF(), Example: "Resident Set Size: 1032820K (peak: 1032820K) (anon: 1007584K, file: 25236K, shmem: 0K)"},
		{Name: "physical memory", EBNF: physicals.EBNF(), Example: "Memory: 4k page, physical 262144k(105792k free), swap 0k(0k free)"},
		{Name: "memory to commit, Windows", EBNF: pageFiles.EBNF(), Example: "TotalPageFile size 23329M (AvailPageFile size 8397M)"},
		{Name: "memory of the process, Windows, after its label", EBNF: peakeds.EBNF(), Example: ": 1182M, peak: 1182M"},
		{Name: "limits of the process", EBNF: rlimitses.EBNF(), Example: "rlimit (soft/hard): STACK 8192k/infinity , CORE 0k/infinity , NPROC 96364/96364 , AS 2400000k/2400000k"},
		{Name: "native memory", EBNF: categories.EBNF(), Example: "-                 Java Heap (reserved=65536KB, committed=65536KB)"},
		{Name: "count of exceptions", EBNF: counts.EBNF(), Example: "OutOfMemoryError java_heap_errors=3002"},
	},
	New:     func() dialect.Decoder { return &decoder{read: newReaders()} },
	Anchors: []string{fatalHeader, memoryHeader, unexpectedHeader, ruler},
}

// maxGap is how many lines of other writers may stand between two lines of one file.
const maxGap = 64

// decoder reads one stream. Its memory is bounded whatever the length of a file.
type decoder struct {
	read readers
	file *file // nil if none is open
}

// Sibling implements dialect.Sibling.
func (d *decoder) Sibling() dialect.Decoder { return &decoder{read: d.read} }

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	if opens(l.Text) {
		d.open(l, emit)
		return true
	}
	if d.file == nil && isSection(l.Text) {
		d.file = newFile(&d.read, l)
		d.file.dump.Lines = 0
	}
	f := d.file
	if f == nil {
		return false
	}
	if foreign(l.Text) || !f.body && !inHeader(l.Text) {
		if len(l.Text) > 0 {
			f.gap++
		}
		if f.gap > maxGap {
			d.close(emit)
		}
		return false
	}
	f.gap = 0
	f.dump.Lines++
	f.emit = emit
	f.line(l)
	if f.done {
		d.close(emit)
	}
	return true
}

// Idle implements dialect.Idler.
func (d *decoder) Idle() bool { return d.file == nil }

// Flush implements dialect.Decoder.
func (d *decoder) Flush(emit dialect.Emit) { d.close(emit) }

// open begins a file. A header that follows a header may be the same death once more, see merge.
func (d *decoder) open(l *dialect.Line, emit dialect.Emit) {
	next := newFile(&d.read, l)
	if f := d.file; f != nil && !f.body {
		f.merge(emit)
		next.twin = f
	} else {
		d.close(emit)
	}
	d.file = next
}

// close tells what the file that is open said.
func (d *decoder) close(emit dialect.Emit) {
	f := d.file
	if f == nil {
		return
	}
	d.file = nil
	f.merge(emit)
	f.tell(emit)
}
