// Package gocrash reads how Go programs die: the last words of the runtime, the goroutine dump after them, and
// what the parent of the process says about its end.
//
// Where the lines come from, as of Go 1.26 (the files of Go 1.4 and earlier end in .c and .goc):
//
//   - src/runtime/panic.go: throw and fatal print "fatal error: ", printpanics prints "panic: ", dopanic_m prints
//     "[signal SIGSEGV: ...]", an empty line and the stacks. A panic that follows a recovered one is a line of its
//     own behind a tab; since Go 1.24 the further lines of a message stand behind a tab too.
//   - src/runtime/mheap.go prints "runtime: out of memory: cannot allocate N-byte block (M in use)" since Go 1.13
//     wherever it asked in vain; mem_linux.go throws "runtime: out of memory"; mpagealloc.go, malloc.go and
//     stack.go have words of their own; mem_windows.go prints "runtime: VirtualAlloc of N bytes failed".
//   - src/runtime/stack.go prints "runtime: goroutine stack exceeds N-byte limit", proc.go prints "runtime: program
//     exceeds N-thread limit", os_linux.go prints "runtime: failed to create new OS thread", and
//     src/runtime/cgo/gcc_util.c prints "runtime/cgo: pthread_create failed".
//   - src/runtime/signal_unix.go prints "SIGQUIT: quit", "PC=..." and, after the stacks, the registers
//     (signal_amd64.go and its neighbours).
//   - src/runtime/traceback.go prints the stacks: goroutineheader, traceback2, printcreatedby. Headers carry gp=, m=
//     and mp= since Go 1.22, "created by" names the creator since Go 1.21.
//   - go run and os/exec print "exit status N" and "signal: killed" (src/os/exec_posix.go); shells have their own
//     words (bash: jobs.c, "line 1: 26731 Killed").
//
// A runtime that throws prints all stacks whatever GOTRACEBACK says, and several threads may throw at once: what they
// print before the first stack has ended is one death.
//
// A program that recovers from a panic may print its stack in the same form. That is a dump and no death. The
// runtime puts an empty line before the first stack, and runtime/debug.Stack names itself in the first frame.
package gocrash

import (
	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
)

const name = "gocrash"

// Dialect reads the crash texts of the Go runtime.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "Go runtime, crash texts and goroutine dumps",
	Versions: "Go 1.2 to 1.26",
	Notes: `Out of memory, stack overflow and thread exhaustion become runtime-oom events; other fatal errors, panics, signals,
and the words of a parent process or a shell become process-end events. The two lines that the runtime prints for one
failed allocation are one event, also where several threads print them.
A goroutine dump is one crash-dump event with its number of lines and goroutines. Addresses are blanked to # before a
grammar sees them. Tabs may have become #011 (rsyslog) or blanks (copies from a web page).
A stack that the program prints itself after it recovered from a panic is a dump, and no end of the process.
"Killed" and "exit status 1" alone on a line count only at the end of a log or right after a death.`,
	Grammars: []dialect.Grammar{
		{Name: "reason, before the fatal error", EBNF: reasons.EBNF(), Example: "runtime: out of memory: cannot allocate 4194304-byte block (268173312 in use)"},
		{Name: "header of a goroutine", EBNF: headers.EBNF(), Example: "goroutine 70 gp=0x6c6e3669680 m=nil [chan send, 5 minutes]:"},
		{Name: "place in a stack, after the file", EBNF: places.EBNF(), Example: ":43 +0x68 fp=0x6c6e3515e98 sp=0x6c6e3515e50 pc=0x4fa808"},
		{Name: "register", EBNF: registers.EBNF(), Example: "rax    0xca"},
	},
	New: func() dialect.Decoder { return newDecoder() },
}

// maxGap is how many foreign lines may stand between two lines of one crash. The other threads of a dying process
// go on logging.
const maxGap = 64

// decoder reads one stream. Its memory does not depend on the length of a dump.
type decoder struct {
	read   readers
	death  *death // last words that are not told yet
	dump   dump
	parent *event.ProcessEnd // a parent's line that counts if the log ends here
	died   bool              // the last claimed line told of a death or belonged to one
}

func newDecoder() *decoder { return &decoder{read: newReaders()} }

// Sibling implements dialect.Sibling.
func (d *decoder) Sibling() dialect.Decoder { return &decoder{read: d.read} }

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	if d.death == nil && !d.dump.open() && !candidate(l.Text) {
		if len(l.Text) > 0 {
			d.parent, d.died = nil, false
		}
		return false
	}
	if d.lastWords(l, emit) || d.dumpLine(l, emit) || d.parentLine(l, emit) {
		d.parent = nil
		d.died = d.died || d.death != nil || d.dump.deadly
		return true
	}
	d.foreign(l, emit)
	return false
}

// Flush implements dialect.Decoder.
func (d *decoder) Flush(emit dialect.Emit) {
	cut := d.dump.isCut()
	if d.dump.open() {
		d.dump.event.Cut = cut
	}
	d.close(emit)
	if d.death != nil {
		d.settle(d.death.gap < maxGap, emit)
	}
	if d.parent != nil {
		emit(d.parent)
		d.parent = nil
	}
	d.died = false
}

// foreign takes note of a line that another writer put between ours.
func (d *decoder) foreign(l *dialect.Line, emit dialect.Emit) {
	if len(l.Text) == 0 {
		return
	}
	if end, ok := weakParent(l); ok {
		d.parent = end
		return
	}
	d.parent, d.died = nil, false
	if d.dump.open() {
		if d.dump.gap++; d.dump.gap > maxGap {
			d.close(emit)
		}
	}
	if d.death != nil {
		if d.death.gap++; d.death.gap > maxGap {
			d.settle(false, emit)
		}
	}
}

// candidate reports whether a line can begin something of ours while nothing is open.
func candidate(text []byte) bool {
	if len(text) < len("Killed") {
		return false
	}
	begins := false
	switch text[0] {
	case 'f':
		begins = ascii.HasPrefix(text, "fatal error: ")
	case 'p':
		begins = ascii.HasPrefix(text, "panic: ")
	case 'g':
		begins = ascii.HasPrefix(text, "goroutine ")
	case 'r':
		begins = ascii.HasPrefix(text, "runtime")
	case 'S':
		begins = ascii.HasPrefix(text, "SIG")
	case 'E':
		begins = ascii.HasPrefix(text, "Exception 0x")
	case 'K', 'e', 's', 'z', 'C':
		begins = isParent(text)
	}
	return begins || isShell(text)
}
