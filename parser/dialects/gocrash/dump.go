package gocrash

import (
	"bytes"
	"slices"
	"strings"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
)

// expected is the kind of line that comes next in a dump.
type expected uint8

const (
	heading  expected = iota // the header of a stack, after an empty line
	frame                    // a function, "created by", or the end of the stack
	location                 // the file and line of the function before
)

// dump is the block of stacks that is open.
type dump struct {
	event     *event.Dump // nil if none is open
	next      expected
	bottom    bool // the last frame is one that a stack ends with
	broken    bool // the last line was cut in its middle
	deadly    bool // a death began it
	signal    bool // a signal began it, or takes part: registers end it
	registers bool // they were seen
	relay     bool // GOTRACEBACK=crash goes on to the other threads
	addresses bool // places carry pc=
	gap       int  // foreign lines since the last line of the dump
	empty     bool // an empty line stands right before
}

func (d *dump) open() bool { return d.event != nil }

// count adds a line to the dump if it is its own.
func (d *dump) count(own bool) {
	if own {
		d.event.Lines++
		d.gap, d.empty = 0, false
	}
}

// isCut reports whether the log ends inside the dump.
func (d *dump) isCut() bool {
	if !d.open() || d.gap > 1 {
		return false
	}
	return d.broken || d.next == location || d.next == frame && !d.bottom || d.signal && !d.registers
}

// begin opens a dump at a line. A death of the runtime's own words is told now; a panic waits for its first frames, and a
// want of memory without a size for its first stack.
func (d *decoder) begin(l *dialect.Line, emit dialect.Emit) {
	d.dump = dump{event: &event.Dump{Head: l.Head(name), Runtime: "go", Kind: "goroutine-dump"}}
	if d.death == nil {
		return
	}
	d.dump.deadly = true
	d.dump.signal = d.death.pc
	if !d.death.isPanic() && !d.death.wantsSize() {
		d.confirm(emit)
	}
}

// close ends the dump that is open.
func (d *decoder) close(emit dialect.Emit) {
	if !d.dump.open() {
		return
	}
	d.confirm(emit)
	emit(d.dump.event)
	d.dump = dump{}
}

// dumpLine claims the lines of stacks and what the runtime prints between and after them.
func (d *decoder) dumpLine(l *dialect.Line, emit dialect.Emit) bool {
	text := l.Text
	if len(bytes.TrimSpace(text)) == 0 {
		return d.emptyLine()
	}
	if ascii.HasPrefix(text, "goroutine ") || string(text) == "runtime stack:" {
		return d.heading(l, emit)
	}
	if d.death != nil && !d.dump.open() && d.bareStack(text) {
		d.begin(l, emit)
	}
	if !d.dump.open() {
		return false
	}
	if inner, ok := indented(text); ok {
		return d.place(l, inner, emit)
	}
	return d.function(text, emit) || d.note(text) || d.register(text)
}

// emptyLine claims an empty line that belongs to a crash: before the first stack, and after each.
func (d *decoder) emptyLine() bool {
	if d.dump.open() {
		own := d.dump.gap == 0 || d.dump.deadly && d.dump.next == frame && d.dump.bottom
		d.dump.count(own)
		d.dump.empty = true
		if own && d.dump.next == frame {
			d.dump.next = heading
		}
		return own
	}
	if d.death == nil {
		return false
	}
	d.death.blank = true
	return d.death.gap == 0
}

// heading claims the header of a stack. It belongs to the dump that is open, where other lines stand between only if
// the process is dying and an empty line comes right before: a program that lives prints its stacks one by one.
func (d *decoder) heading(l *dialect.Line, emit dialect.Emit) bool {
	goroutine := l.Text[0] == 'g'
	if goroutine {
		if _, err := d.read.header.Parse(d.read.blank(l.Text)); err != nil {
			return headerLike(l.Text) && d.brokenLine(l, "the header of a goroutine does not read", emit)
		}
	}
	if d.dump.open() && d.dump.gap > 0 && !(d.dump.deadly && d.dump.empty) {
		d.close(emit)
	}
	if d.dump.open() {
		d.confirm(emit)
	} else {
		d.begin(l, emit)
	}
	d.dump.count(true)
	d.dump.next, d.dump.bottom, d.dump.broken = frame, false, false
	if goroutine {
		d.dump.event.Goroutines++
	}
	return true
}

// headerLike reports whether a line begins as the header of a goroutine does.
func headerLike(text []byte) bool {
	_, rest, ok := number(text[len("goroutine "):])
	return ok && (ascii.HasPrefix(rest, " [") || ascii.HasPrefix(rest, " gp="))
}

// brokenLine claims a line in the middle of a dump that begins as one of its lines and does not go on as one.
func (d *decoder) brokenLine(l *dialect.Line, message string, emit dialect.Emit) bool {
	if !d.dump.open() || d.dump.gap > 0 {
		return false
	}
	emit(problem(l, message))
	d.dump.count(true)
	d.dump.next, d.dump.broken = frame, true
	return true
}

// bareStack reports whether the line is the first frame of a stack without a header, as Go 1.2 prints it after a
// signal.
func (d *decoder) bareStack(text []byte) bool {
	_, ok := functionName(text)
	return ok && d.death.pc && d.death.blank && d.death.gap == 0
}

// function claims the line of a frame that names the function.
func (d *decoder) function(text []byte, emit dialect.Emit) bool {
	if creator, ok := cut(text, "created by "); ok && len(creator) > 0 {
		d.dump.count(true)
		d.dump.next, d.dump.bottom, d.dump.broken = location, true, false
		return true
	}
	function, ok := functionName(text)
	bare := d.dump.signal && d.dump.event.Goroutines == 0
	if !ok || d.dump.next == heading && !bare || d.dump.gap > 0 && !qualified(function) {
		return false
	}
	d.dump.count(true)
	d.dump.next, d.dump.bottom, d.dump.broken = location, endsStack(function), false
	d.asked(text)
	d.frame(function, emit)
	return true
}

// place claims the line of a frame that names the file and what may stand in its stead.
func (d *decoder) place(l *dialect.Line, inner []byte, emit dialect.Emit) bool {
	if string(inner) == "goroutine running on other thread; stack unavailable" {
		d.dump.count(true)
		d.dump.next, d.dump.bottom = frame, true
		return true
	}
	if ascii.HasPrefix(inner, "pc=0x") && d.dump.next == location {
		d.dump.count(true)
		d.dump.next = frame
		return true
	}
	colon := bytes.LastIndexByte(inner, ':')
	if colon <= 0 {
		return d.noPlace(l, inner, emit)
	}
	p, err := d.read.place.Parse(d.read.blank(inner[colon:]))
	if err != nil {
		return d.noPlace(l, inner, emit)
	}
	d.dump.count(true)
	d.dump.next = frame
	d.dump.broken = d.dump.addresses && p.FP && !p.PC
	d.dump.addresses = d.dump.addresses || p.PC
	return true
}

// noPlace claims a line that stands where a file must stand and is broken.
func (d *decoder) noPlace(l *dialect.Line, inner []byte, emit dialect.Emit) bool {
	if d.dump.next != location || bytes.IndexByte(inner, '/') < 0 {
		return false
	}
	return d.brokenLine(l, "the place of a stack frame does not read", emit)
}

// notes are the beginnings of the other lines that the runtime prints inside a dump.
var notes = []string{
	"stack: frame={sp:0x",
	"runtime: g ",
	"runtime: goroutine ",
	"runtime: unexpected return pc for ",
	"traceback: ",
	"panic during panic",
	"stack trace unavailable",
	"signal arrived during ",
	"instruction bytes: 0x",
	"[signal ",
}

func (d *decoder) note(text []byte) bool {
	switch {
	case string(text) == "-----":
		d.dump.relay = true
	case ascii.HasPrefix(text, "PC=0x"):
		d.dump.signal = true
	case string(text) == "non-Go function":
		d.dump.next = location
	case ascii.HasPrefix(text, "non-Go function at pc="), ascii.HasPrefix(text, "[originating from goroutine "), elided(text):
		d.dump.next = frame
	case hasAnyPrefix(text, notes), d.dump.gap == 0 && hexdump(text):
	default:
		return false
	}
	d.dump.count(true)
	return true
}

// elided reads "...13421645 frames elided..." of Go 1.21 and later, and "...additional frames elided..." before it.
func elided(text []byte) bool {
	rest, ok := cut(text, "...")
	rest = bytes.TrimPrefix(bytes.TrimLeft(rest, "0123456789"), []byte("additional"))
	return ok && string(rest) == " frames elided..."
}

// hexdump reads a line of the stack memory that the runtime shows around a bad return address:
// "0x000000c00004ce48:  0x000000c00004ce50 <main.main+0x0000000000000020>".
func hexdump(text []byte) bool {
	if len(text) < 4 {
		return false
	}
	end := address(text, 0)
	return end > 0 && ascii.HasPrefix(text[end:], ": ")
}

// register claims a line of the register dump.
func (d *decoder) register(text []byte) bool {
	if !d.dump.signal || len(text) > 64 || bytes.IndexByte(text, ' ') < 0 {
		return false
	}
	r, err := d.read.register.Parse(d.read.blank(text))
	if err != nil || !registerName(r.Names[0]) {
		return false
	}
	d.dump.count(true)
	d.dump.registers, d.dump.next, d.dump.bottom, d.dump.broken = true, heading, true, false
	return true
}

// registerName knows the registers that signal_*.go names on any processor: r10, a0, rflags.
func registerName(s string) bool {
	letters := strings.TrimRight(s, "0123456789")
	return len(letters) == 1 && len(s) <= 3 || slices.Contains(registerNames, s)
}

var registerNames = []string{
	"rax", "rbx", "rcx", "rdx", "rdi", "rsi", "rbp", "rsp", "rip", "rflags", "cs", "ds", "es", "fs", "gs", "ss",
	"eax", "ebx", "ecx", "edx", "edi", "esi", "ebp", "esp", "eip", "eflags", "trap", "error", "oldmask", "cpsr", "fault",
	"fp", "ip", "sp", "lr", "pc", "msr", "ctr", "link", "xer", "ccr", "hi", "lo", "ra", "gp", "tp", "psw_mask",
}

// functionName reads the line of a frame, "main.(*Cache).Put(0xc00001, {0x1, 0x2?}, ...)", and returns the function.
// C functions of Go 1.4 and earlier have no package; without arguments only those that a stack shows in that form
// count.
func functionName(text []byte) ([]byte, bool) {
	n := len(text)
	if n < 3 || text[n-1] != ')' {
		return nil, false
	}
	open := n - 2
	for open > 0 && argument(text[open]) {
		open--
	}
	if open == 0 || text[open] != '(' {
		return nil, false
	}
	args := text[open+1 : n-1]
	if len(args) > 0 && !ascii.HasPrefix(args, "0x") && args[0] != '.' && args[0] != '{' && args[0] != '_' {
		return nil, false
	}
	function := text[:open]
	for _, b := range function {
		if b <= ' ' || b == '"' || b == '=' || b == 0x7f {
			return nil, false
		}
	}
	first := function[0]
	named := first|0x20 >= 'a' && first|0x20 <= 'z' || first == '_' || first >= 0x80
	return function, named && (qualified(function) || len(args) > 0 || slices.Contains(bareFunctions, string(function)))
}

// qualified reports whether the name of a function holds its package.
func qualified(function []byte) bool { return bytes.IndexByte(function, '.') >= 0 }

// bareFunctions are the functions of src/pkg/runtime/*.c and *.goc of Go 1.2 to 1.4 that are not exported to Go, take
// no arguments and stand in stacks.
var bareFunctions = []string{
	"timerproc", "runfinq", "bgsweep", "schedule", "stopm", "findrunnable", "sysmon", "mstart", "gcstopm", "stoplockedm", "endcgo", "unwindm", "main",
}

// argument reports whether a byte can stand among the arguments of a frame.
func argument(b byte) bool {
	switch b {
	case 'x', '.', ',', ' ', '{', '}', '?', '_':
		return true
	}
	return hexDigit(b)
}

// endsStack reports whether a complete stack can end with the function.
func endsStack(function []byte) bool {
	switch string(function) {
	case "main.main", "runtime.main", "runtime.goexit", "runtime.mcall", "runtime.morestack", "runtime.systemstack":
		return true
	}
	return ascii.HasPrefix(function, "runtime.mstart") || ascii.HasPrefix(function, "runtime.rt0_go")
}

// indented returns a line without the tab before it, in each form that a log gives a tab: \t, #011, blanks.
func indented(text []byte) ([]byte, bool) {
	for _, tab := range []string{"\t", "#011", "    "} {
		if inner, ok := cut(text, tab); ok {
			return bytes.TrimLeft(inner, " "), true
		}
	}
	return nil, false
}
