package hserr

import (
	"bytes"
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// maxText bounds what an event takes of a line, in bytes.
const maxText = 1024

// place is the part of a file that the last title began.
type place uint8

const (
	elsewhere   place = iota // parts that no verdict needs, or lines that tell themselves what they are
	javaThreads              // "Java Threads:"
	vmThreads                // "Other Threads:"
	heap                     // "Heap:"
	heapRing                 // "GC Heap History", since JDK 25 "GC Heap Usage History"
	classRing                // "Metaspace Usage History" of JDK 25 and later
	libraries                // "Dynamic libraries:"
	globalFlags              // "[Global flags]"
	tracking                 // "Native Memory Tracking:"
	system                   // the section SYSTEM
)

// file is one hs_err file that is open.
type file struct {
	*readers
	emit dialect.Emit
	head event.Head
	twin *file // the header before, if nothing but a header was before
	dump *event.Dump
	jvm  *event.JVMReport
	body bool // the header is over
	done bool // the last line was read
	gap  int  // foreign lines since the last line

	death    death
	local    time.Time // the time of the death, as if its zone were UTC
	zone     string    // its zone
	received bool      // the envelope tells the wall clock
	now      snapshot  // the heap at the death
	place    place
	next     func(text []byte) // takes the line after a label that stands alone
	ring     ring
	threads  threads
	stated   []event.Setting // settings told so far, without their heads
	notes    []*event.Setting
}

func newFile(r *readers, l *dialect.Line) *file {
	jvm := &event.JVMReport{}
	f := &file{
		readers:  r,
		received: l.Time.Has.Has(event.Wall),
		head:     l.Head(name),
		jvm:      jvm,
		dump:     &event.Dump{Head: l.Head(name), Runtime: "jvm", Kind: "hs_err", Lines: 1, JVM: jvm},
	}
	if opens(l.Text) {
		f.death.opened(l.Text)
	}
	return f
}

// merge joins the header with the one before it if both are of one process. Else it tells that one. The header of a
// native out of memory does not name the process on the screen.
func (f *file) merge(emit dialect.Emit) {
	was := f.twin
	f.twin = nil
	switch {
	case was == nil:
	case was.jvm.PID != f.jvm.PID && was.jvm.PID != 0 && f.jvm.PID != 0:
		was.tell(emit)
	default:
		f.head, f.dump.Head = was.head, was.dump.Head
		f.received = was.received
		f.dump.Lines += was.dump.Lines
	}
}

// tell tells the death, after the collections before it, and the dump.
func (f *file) tell(emit dialect.Emit) {
	f.emit = emit
	f.introduce()
	f.ring.end(f)
	f.jvm.Threads = f.threads.sum()
	end := f.lastWords()
	if f.death.first != "" {
		emit(end)
	}
	if f.body {
		f.dump.Time = f.head.Time
		f.dump.Cut = !f.done
		emit(f.dump)
	}
}

// line reads a line of the file.
func (f *file) line(l *dialect.Line) {
	text := l.Text
	if isSection(text) {
		f.section(text)
		return
	}
	if !f.body {
		f.header(l)
		return
	}
	if take := f.next; take != nil {
		f.next = nil
		take(text)
		return
	}
	if f.title(text) {
		return
	}
	switch f.place {
	case javaThreads, vmThreads:
		if !f.threads.line(text, f.place == javaThreads) {
			f.plain(l)
		}
	case heap:
		f.heapLine(l)
	case heapRing, classRing:
		f.ringLine(l)
	case libraries:
		f.library(text)
	case globalFlags:
		f.globalFlag(l)
	case tracking:
		f.category(l)
	case system:
		f.systemLine(l)
	case elsewhere:
		f.plain(l)
	}
}

// section begins SUMMARY, THREAD, PROCESS or SYSTEM.
func (f *file) section(text []byte) {
	if !f.body {
		f.body = true
		f.merge(f.emit)
		f.introduce()
	}
	f.ring.end(f)
	f.place = elsewhere
	if bytes.Contains(text, []byte("S Y S T E M")) {
		f.place = system
	}
}

// titles begin a part of PROCESS. What follows an unknown title is nowhere, as it always stands alone on its line.
var titles = []struct {
	text  string
	place place
}{
	{"Java Threads: (", javaThreads},
	{"Other Threads:", vmThreads},
	{"Threads with active compile tasks:", elsewhere},
	{"Heap:", heap},
	{"GC Heap History (", heapRing},
	{"GC Heap Usage History (", heapRing},
	{"Metaspace Usage History (", classRing},
	{"Dynamic libraries:", libraries},
	{"VM Arguments:", elsewhere},
	{"[Global flags]", globalFlags},
	{"Native Memory Tracking:", tracking},
	{"Environment Variables:", elsewhere},
	{"Periodic native trim", elsewhere},
	{"Logging:", elsewhere},
	{"Code Cache:", elsewhere},
	{"CodeCache: size=", elsewhere},
	{"CodeHeap ", elsewhere},
	{"VM state:", elsewhere},
}

// title takes the first line of a part. All rings have titles that end alike.
func (f *file) title(text []byte) bool {
	if len(text) == 0 || text[0] == ' ' || f.place == system {
		return false
	}
	for i := range titles {
		if t := &titles[i]; t.text[0] == text[0] && hasPrefix(text, t.text) {
			f.enter(t.place)
			f.jvm.Starting = f.jvm.Starting || bytes.Contains(text, []byte("(not fully initialized)"))
			return true
		}
	}
	if string(text) == "Heap" { // JDK 7 and earlier
		f.enter(heap)
		return true
	}
	if bytes.HasSuffix(text, []byte(" events):")) {
		f.enter(elsewhere)
		return true
	}
	return false
}

func (f *file) enter(p place) {
	if p != classRing {
		f.ring.end(f)
	} else {
		f.ring.settle(f)
	}
	f.place = p
}

// plain reads a line that tells itself what it is.
func (f *file) plain(l *dialect.Line) {
	text := l.Text
	if len(text) < 4 {
		return
	}
	switch text[0] {
	case 'T', 't', 'e':
		f.clock(l)
	case 'H', 'h':
		f.heapAddress(l)
	case 'C', 'M', 'j':
		f.commandLine(l)
		f.metaspaceBound(l)
	case 'O', 'S':
		f.exceptions(l)
	case 'E':
		f.done = f.done || string(text) == "END."
	}
}

func (f *file) problem(l *dialect.Line, message string) {
	f.emit(&event.Problem{Head: l.Head(name), Message: message, Text: clip(l.Text)})
}

func hasAnyPrefix(text []byte, prefixes []string) bool {
	for _, p := range prefixes {
		if hasPrefix(text, p) {
			return true
		}
	}
	return false
}

func hasPrefix(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && string(text[:len(prefix)]) == prefix
}

func cut(text []byte, prefix string) ([]byte, bool) {
	if !hasPrefix(text, prefix) {
		return nil, false
	}
	return text[len(prefix):], true
}

// between returns what stands after the first left and before the next right, or to the end.
func between(text []byte, left, right string) []byte {
	_, rest, ok := bytes.Cut(text, []byte(left))
	if !ok {
		return nil
	}
	found, _, _ := bytes.Cut(rest, []byte(right))
	return found
}

// number reads the digits that a text begins with. There are none in an empty one; more than 18 are no number.
func number(text []byte) int64 {
	n, digits := int64(0), 0
	for _, b := range text {
		if b-'0' > 9 {
			break
		}
		n = n*10 + int64(b-'0')
		if digits++; digits > 18 {
			return 0
		}
	}
	return n
}

// address reads hexadecimal digits, with or without 0x.
func address(text []byte) uint64 {
	text = bytes.TrimPrefix(text, []byte("0x"))
	n := uint64(0)
	for i, b := range text {
		var d uint64
		switch {
		case b-'0' <= 9:
			d = uint64(b - '0')
		case b-'a' < 6:
			d = uint64(b-'a') + 10
		case b-'A' < 6:
			d = uint64(b-'A') + 10
		default:
			return n
		}
		if i == 16 {
			return 0
		}
		n = n<<4 | d
	}
	return n
}

// extent is the distance of two addresses that a comma parts, as in "0x00007f9c1bd00000,0x00007f9c1be00000".
func extent(text []byte) unit.Bytes {
	low, rest, ok := bytes.Cut(text, []byte(","))
	if !ok {
		return 0
	}
	from, to := address(bytes.TrimSpace(low)), address(bytes.TrimSpace(rest))
	if to < from || to-from > 1<<50 {
		return 0
	}
	return unit.Bytes(to - from)
}

// clip copies a text, without half a character at the bound.
func clip(text []byte) string {
	text = bytes.TrimSpace(text)
	if len(text) > maxText {
		text = bytes.ToValidUTF8(text[:maxText], nil)
	}
	return string(text)
}
