// Package javaoom reads how Java programs say that memory ran out: the OutOfMemoryError in stdout, stderr and the logs
// of the program.
//
// Who writes it, as of JDK 25:
//
//   - src/hotspot/share/utilities/debug.cpp, report_java_out_of_memory, writes "Aborting due to
//     java.lang.OutOfMemoryError: ..." (-XX:+CrashOnOutOfMemoryError), "Terminating due to ..." (-XX:+ExitOnOutOfMemoryError)
//     and "# java.lang.OutOfMemoryError: ..." (-XX:OnOutOfMemoryError) to stdout; services/heapDumper.cpp writes the
//     message, "Dumping heap to ..." and "Heap dump file created [...]".
//   - src/java.base/share/classes/java/lang/ThreadGroup.java writes "Exception in thread ..." to stderr, Throwable.java the
//     stack; prims/jni.cpp "Exception: java.lang.OutOfMemoryError thrown from the UncaughtExceptionHandler in thread ...".
//   - src/hotspot/share/memory/virtualspace.cpp and runtime/java.cpp (vm_exit_during_initialization) write "Could not reserve
//     enough space for ...KB object heap" where the VM does not even start.
//   - The messages stand in memory/universe.cpp (heap, metaspace, array size, GC overhead), prims/jvm.cpp (threads),
//     java/nio/Bits.java (direct memory) and sun/misc/Unsafe.java. Loggers put them behind prefixes of their own.
//
// The options that end a process do so for the heap, the array size, the metaspace and the class space, not for direct
// memory and threads. An exception alone ends one thread, and the program may go on.
package javaoom

import (
	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/shape"
)

const name = "java-oom"

// Dialect reads OutOfMemoryErrors.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "Java, OutOfMemoryError in stdout, stderr and logs",
	Versions: "JDK 6 to 28",
	Notes: `Each OutOfMemoryError is one runtime-oom event with its kind: heap, gc-overhead, array-size, metaspace, class-space,
direct-memory, threads, perm-gen, native or address-space. A message that is not known has no kind.
The same message again within 256 lines and a minute is the same event: threads die one after the other, and a
logger prints the cause of a cause.
"Terminating due to" and "Aborting due to" end the process: fatal is true. An exception may end one thread only.
The stack behind the message belongs to it. For an error without a message it tells the kind.
The name of the class in other text, in a list of classes or in a flag, is no error.`,
	Grammars: []dialect.Grammar{{
		Name:    "message with amounts, behind the name of the class",
		EBNF:    countedGrammar.EBNF(),
		Example: "Cannot reserve 262144 bytes of direct buffer memory (allocated: 67108864, limit: 67108864)",
	}},
	New:     func() dialect.Decoder { return newDecoder() },
	Anchors: []string{"OutOf", "Could not reserve enough space for ", initFailed},
}

// initFailed stands before the reason why a VM did not start.
const initFailed = "Error occurred during initialization of VM"

// Bounds of what is one event.
const (
	window     = 256 // lines in which the same message is the same event
	windowSecs = 60  // and seconds, where the lines name them
	maxLine    = 1 << 16
	maxMessage = 400
)

// decoder reads one stream.
type decoder struct {
	counted *shape.Cache[counted]
	lines   int               // of the stream so far
	open    *event.RuntimeOOM // not told yet, as its stack or its dump is being written
	doubt   bool              // open is told only if a stack follows
	told    map[string]report // by message
	order   []string          // of told
}

// report is where a message was told last.
type report struct {
	line  int
	time  event.Time
	fatal bool
}

func newDecoder() *decoder {
	d := &decoder{told: map[string]report{}}
	d.Forget()
	return d
}

// Forget drops the cache of the grammar.
func (d *decoder) Forget() { d.counted = countedGrammar.Cache() }

// Sibling implements dialect.Sibling.
func (d *decoder) Sibling() dialect.Decoder {
	return &decoder{counted: d.counted, told: map[string]report{}}
}

// Idle implements dialect.Idler.
func (d *decoder) Idle() bool { return d.open == nil && len(d.told) == 0 }

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	d.lines++
	if d.open != nil && d.belongs(l) {
		return true
	}
	if len(l.Text) <= maxLine {
		if f, ok := find(l.Text); ok {
			return d.found(l, f, emit)
		}
		if f, ok := findStart(l.Text); ok {
			return d.found(l, f, emit)
		}
	}
	if d.open != nil && len(l.Text) > 0 {
		d.tell(emit)
	}
	return string(l.Text) == initFailed || len(d.told) > 0 && isAside(l.Text)
}

// Flush implements dialect.Decoder.
func (d *decoder) Flush(emit dialect.Emit) {
	if d.open != nil {
		d.tell(emit)
	}
}
