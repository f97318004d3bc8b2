package gocrash

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// maxMessage bounds the message of an event, in bytes. A panic can print any string.
const maxMessage = 1024

// death is what the runtime said so far about one end. Exactly one of oom and end is set.
type death struct {
	head event.Head
	oom  *event.RuntimeOOM
	end  *event.ProcessEnd
	sure bool // the words are the runtime's own, whatever follows
	pc   bool // the runtime printed the program counter: a signal, and registers follow the stacks
	gap  int  // foreign lines since
	// What tells a panic that killed from one that the program recovered from and printed.
	blank  bool // an empty line stands before the stack
	frames int  // frames of the first stack so far
	own    bool // the program printed the stack itself
}

// ranOut reports whether both deaths are for want of the same thing.
func (d *death) ranOut(next *death) bool {
	return d.oom != nil && next.oom != nil && d.oom.Kind == next.oom.Kind
}

func (d *death) isPanic() bool { return d.end != nil && d.end.Kind == event.EndPanic }

// lastWords claims the lines that tell of a death.
func (d *decoder) lastWords(l *dialect.Line, emit dialect.Emit) bool {
	text := l.Text
	if d.attach(text) {
		d.dump.count(d.dump.open())
		return true
	}
	next, claimed := d.words(l, emit)
	if next == nil {
		return claimed
	}
	switch {
	case d.dump.open() && d.sameDeath():
		d.dump.count(true)
	case d.dump.open():
		d.close(emit)
		d.death = next
	case d.death == nil:
		d.death = next
	case !d.death.blank && (d.death.gap == 0 || d.death.ranOut(next)):
		d.merge(next)
	default:
		d.settle(false, emit)
		d.death = next
	}
	return true
}

// sameDeath reports whether the dump that is open has not come to the end of a stack: then another thread dies of
// the same cause, or the runtime relays a signal from thread to thread.
func (d *decoder) sameDeath() bool {
	return d.dump.deadly && (d.dump.relay || !d.dump.bottom || d.dump.next == location)
}

// merge joins two deaths whose words follow each other: a reason and its fatal error, two threads, or two panics.
func (d *decoder) merge(next *death) {
	if d.death.oom == nil && next.oom != nil {
		next.head = d.death.head
		d.death = next
		return
	}
	if d.death.ranOut(next) && !d.death.oom.Requested.IsKnown() && next.oom.Requested.IsKnown() {
		next.head = d.death.head
		d.death = next
	}
}

// wantsSize reports whether the runtime said that memory ran out and not how much was asked for: Go 1.0 to 1.15 and, for
// what it maps for itself, later ones.
func (d *death) wantsSize() bool {
	return d.oom != nil && d.oom.Kind == event.OOMHeap && !d.oom.Requested.IsKnown()
}

// asked reads the size of a large allocation off the frame that made it, which prints it as its first argument
// (runtime/malloc.go, largeAlloc(size, ...), Go 1.4 to 1.15).
func (d *decoder) asked(text []byte) {
	if d.death == nil || !d.death.wantsSize() {
		return
	}
	argument, ok := cut(text, "runtime.largeAlloc(0x")
	if !ok {
		return
	}
	digits, _, _ := bytes.Cut(argument, []byte(","))
	if n, err := strconv.ParseInt(string(digits), 16, 64); err == nil && n > 0 {
		d.death.oom.Requested = unit.Known(unit.Bytes(n))
	}
}

// attach claims the lines that add to the words before them and are no death of their own.
func (d *decoder) attach(text []byte) bool {
	if d.death == nil {
		return false
	}
	if signal, ok := cut(text, "[signal "); ok {
		if d.death.end != nil {
			d.death.end.Signal = signalName(signal)
		}
		d.death.sure = true
		return true
	}
	if inner, ok := indented(text); ok && !d.dump.open() && d.death.gap == 0 && !d.death.blank {
		d.chain(inner)
		return true
	}
	switch {
	case ascii.HasPrefix(text, "PC=0x"):
		d.death.sure, d.death.pc = true, true
	case ascii.HasPrefix(text, "runtime: sp=0x"),
		ascii.HasPrefix(text, "runtime: may need to increase max user processes"),
		ascii.HasPrefix(text, "signal arrived during "),
		ascii.HasPrefix(text, "instruction bytes: 0x"):
	default:
		return false
	}
	d.death.gap = 0
	return true
}

// chain reads an indented line under a panic: the panic that followed it, the fatal error that did, or the rest of
// its message.
func (d *decoder) chain(inner []byte) {
	if d.death.end == nil {
		return
	}
	if message, ok := cut(inner, "panic: "); ok {
		d.death.end.Message = panicMessage(message)
	}
	if message, ok := cut(inner, "fatal error: "); ok {
		d.death = fatal(d.death.head, message)
	}
}

// words reads a line that begins to tell of a death. A reason that does not read is a problem.
func (d *decoder) words(l *dialect.Line, emit dialect.Emit) (*death, bool) {
	text := l.Text
	if message, ok := cut(text, "fatal error: "); ok {
		return fatal(l.Head(name), message), true
	}
	if message, ok := cut(text, "panic: "); ok {
		end := &event.ProcessEnd{Runtime: "go", Kind: event.EndPanic, Message: panicMessage(message)}
		return &death{head: l.Head(name), end: end}, true
	}
	if signal, ok := signalLine(text); ok {
		end := &event.ProcessEnd{Runtime: "go", Kind: event.EndSignal, Message: clip(text), Signal: signal}
		return &death{head: l.Head(name), end: end}, true
	}
	if !ascii.HasPrefix(text, "runtime") {
		return nil, false
	}
	for _, r := range plainReasons {
		if ascii.HasPrefix(text, r.words) {
			return outOf(l.Head(name), r.kind, text), true
		}
	}
	if !hasAnyPrefix(text, measuredReasons) {
		return nil, false
	}
	oom, err := d.reason(text)
	if err != nil {
		emit(problem(l, "the reason of a fatal error does not read"))
		oom = &event.RuntimeOOM{Kind: event.OOMHeap}
	}
	oom.Runtime, oom.Message = "go", clip(text)
	return &death{head: l.Head(name), oom: oom, sure: true}, true
}

// measuredReasons are the beginnings of the lines that the grammar reason reads.
var measuredReasons = []string{
	"runtime: out of memory: cannot allocate ",
	"runtime: goroutine stack exceeds ",
	"runtime: program exceeds ",
	"runtime: failed to create new OS thread (have ",
	"runtime: VirtualAlloc of ",
}

// plainReasons are lines of the runtime that tell of want of memory or threads without a number that we need.
var plainReasons = []struct {
	words string
	kind  event.OOMKind
}{
	{"runtime: mmap: too much locked memory", event.OOMAddressSpace},
	{"runtime: mmap(", event.OOMAddressSpace},
	{"runtime: memory allocated by OS [", event.OOMAddressSpace},
	{"runtime: memory allocated by OS (", event.OOMAddressSpace},
	{"runtime: address space conflict: ", event.OOMAddressSpace},
	{"runtime/cgo: pthread_create failed: ", event.OOMThreads},
	{"runtime/cgo: out of memory in ", event.OOMNative},
}

func (d *decoder) reason(text []byte) (*event.RuntimeOOM, error) {
	r, err := d.read.reason.Parse(text)
	if err != nil {
		return nil, err
	}
	switch {
	case r.Block != nil && r.Block.Negative:
		return &event.RuntimeOOM{Kind: event.OOMHeap, InUse: size(r.Block.InUse.Int())}, nil
	case r.Block != nil:
		return &event.RuntimeOOM{Kind: event.OOMHeap, Requested: size(r.Block.Asked.Int()), InUse: size(r.Block.InUse.Int())}, nil
	case r.Stack != nil:
		return &event.RuntimeOOM{Kind: event.OOMStack, Bound: r.Stack.Int()}, nil
	case r.Threads != nil:
		return &event.RuntimeOOM{Kind: event.OOMThreads, Bound: r.Threads.Int()}, nil
	case r.NoThread != nil:
		return &event.RuntimeOOM{Kind: event.OOMThreads, Bound: r.NoThread.Have.Int()}, nil
	}
	return &event.RuntimeOOM{Kind: event.OOMHeap, Requested: size(r.Commit.Asked.Int())}, nil
}

// fatal tells want of memory, stack or threads from the other fatal errors by the runtime's words.
func fatal(head event.Head, message []byte) *death {
	for _, f := range fatalKinds {
		if bytes.Contains(message, []byte(f.words)) {
			return outOf(head, f.kind, message)
		}
	}
	return &death{head: head, end: &event.ProcessEnd{Runtime: "go", Kind: event.EndFatal, Message: clip(message)}}
}

// fatalKinds names what ran out by words of the fatal error, the first match wins.
var fatalKinds = []struct {
	words string
	kind  event.OOMKind
}{
	{"out of memory", event.OOMHeap},
	{"cannot allocate memory", event.OOMHeap},
	{"cannot allocate heap metadata", event.OOMHeap},
	{"failed to allocate aligned heap memory", event.OOMHeap},
	{"failed to commit pages", event.OOMHeap},
	{"failed to reserve page summary memory", event.OOMAddressSpace},
	{"in arena address space", event.OOMAddressSpace},
	{"arena virtual address space", event.OOMAddressSpace},
	{"exceeds address space limit", event.OOMAddressSpace},
	{"too many address space collisions", event.OOMAddressSpace},
	{"thread exhaustion", event.OOMThreads},
	{"newosproc", event.OOMThreads},
	{"stack overflow", event.OOMStack},
}

func outOf(head event.Head, kind event.OOMKind, message []byte) *death {
	return &death{head: head, sure: true, oom: &event.RuntimeOOM{Runtime: "go", Kind: kind, Message: clip(message)}}
}

// settle tells the death that is open. Words that any program could print count only if confirmed: a stack, a signal
// or a parent's line followed, or the log ended there.
func (d *decoder) settle(confirmed bool, emit dialect.Emit) {
	was := d.death
	d.death = nil
	switch {
	case was.oom != nil:
		was.oom.Head = was.head
		emit(was.oom)
	case was.sure || confirmed:
		was.end.Head = was.head
		emit(was.end)
	default:
		emit(&event.Problem{Head: was.head, Message: "a crash without a stack and without an end: taken as words of the program", Text: was.end.Message})
	}
}

// frame tells a panic that killed by the frames of its first stack. The runtime prints an empty line before the
// stack and its own frames at the top; a program that recovered prints debug.Stack, or its deferred function above the
// frame of panic.
func (d *decoder) frame(function []byte, emit dialect.Emit) {
	p := d.death
	if p == nil || p.wantsSize() {
		return
	}
	p.frames++
	switch {
	case p.frames == 1 && ascii.HasPrefix(function, "runtime/debug."):
		p.own = true
	case p.blank || p.sure:
		d.confirm(emit)
	case p.frames > 1 && (string(function) == "panic" || string(function) == "runtime.panic" || string(function) == "runtime.gopanic"):
		p.own = true
	}
	if p.own {
		d.death, d.dump.deadly = nil, false
		d.dump.event.Head = p.head
		d.dump.count(true)
	}
}

// confirm tells the death that is open, as its stack follows.
func (d *decoder) confirm(emit dialect.Emit) {
	if d.death == nil {
		return
	}
	d.dump.deadly = true
	d.settle(true, emit)
}

// panicMessage is the argument of a panic without the runtime's remarks: [recovered] and [recovered, repanicked].
func panicMessage(message []byte) string {
	message = bytes.TrimSuffix(message, []byte(" [recovered, repanicked]"))
	return clip(bytes.TrimSuffix(message, []byte(" [recovered]")))
}

// signalWords are the signals whose name the runtime prints when it dies of them, src/runtime/sigtab_*.go.
var signalWords = []string{
	"SIGQUIT: quit", "SIGABRT: abort", "SIGSEGV: segmentation violation", "SIGBUS: bus error", "SIGILL: illegal instruction",
	"SIGTRAP: trace trap", "SIGFPE: floating-point exception", "SIGSYS: bad system call", "SIGSTKFLT: stack fault",
	"SIGEMT: emulate instruction executed", "SIGHUP: terminal line hangup", "SIGINT: interrupt", "SIGTERM: termination",
}

// signalLine reads a line that consists of a signal as the runtime names it, or of a Windows exception.
func signalLine(text []byte) (string, bool) {
	for _, words := range signalWords {
		if string(text) == words {
			return signalName(text), true
		}
	}
	return "", ascii.HasPrefix(text, "Exception 0x")
}

// signalName returns the leading SIG... of a text, or nothing.
func signalName(text []byte) string {
	end := 0
	for end < len(text) && (text[end] >= 'A' && text[end] <= 'Z' || text[end]-'0' <= 9) {
		end++
	}
	if end > 12 || !ascii.HasPrefix(text, "SIG") {
		return ""
	}
	return string(text[:end])
}

func size(n int64) unit.Size { return unit.Known(unit.Bytes(n)) }

func problem(l *dialect.Line, message string) *event.Problem {
	return &event.Problem{Head: l.Head(name), Message: message, Text: clip(l.Text)}
}

// clip copies a text, without half a character at the bound.
func clip(text []byte) string {
	if len(text) <= maxMessage {
		return string(text)
	}
	end := maxMessage
	for end > maxMessage-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return string(text[:end])
}

func hasAnyPrefix(text []byte, prefixes []string) bool {
	for _, p := range prefixes {
		if ascii.HasPrefix(text, p) {
			return true
		}
	}
	return false
}

func cut(text []byte, prefix string) ([]byte, bool) {
	if !ascii.HasPrefix(text, prefix) {
		return nil, false
	}
	return text[len(prefix):], true
}
