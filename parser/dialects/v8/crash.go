package v8

import (
	"bytes"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
)

// recent holds the collections that were read last, to know them again where a dying process repeats them.
type recent struct {
	seen []sight
	next int // the oldest, once there are maxRecent
}

// maxRecent is how many collections are remembered: the last block holds few, and workers write between them.
const maxRecent = 256

// sight is what two texts of one collection agree in.
type sight struct {
	owner *heap
	gc    figures
}

type figures struct {
	time                     event.Time
	before, after, committed int64
	pause                    event.Span
}

func figuresOf(gc *event.GC) figures {
	return figures{
		event.Time{Process: gc.Time.Process}, int64(gc.Before.Or(-1)), int64(gc.After.Or(-1)), int64(gc.Committed.Or(-1)), gc.Pause,
	}
}

func (r *recent) add(gc *event.GC, h *heap) {
	if len(r.seen) < maxRecent {
		r.seen = append(r.seen, sight{h, figuresOf(gc)})
		return
	}
	r.seen[r.next] = sight{h, figuresOf(gc)}
	r.next = (r.next + 1) % maxRecent
}

// owner returns the heap that the collection was seen of, or nil if it was not seen. A heap without a stream is
// that of a log that names no isolate, and of the last block of Node.js 6.
func (r *recent) owner(gc *event.GC, h *heap) *heap {
	want := figuresOf(gc)
	for i := range r.seen {
		if s := &r.seen[i]; s.owner != nil && s.gc == want && (s.owner == h || h.stream == nil) {
			return s.owner
		}
	}
	return nil
}

// maxBlock is how many lines of other writers a block and a stack are followed through.
const maxBlock = 16

// block is "<--- Last few GCs --->" and what follows it.
type block struct {
	open  bool
	fresh bool  // nothing of it was read yet
	gap   int   // lines of other writers since the last one of the block
	owner *heap // of its collections
}

func (b *block) foreign() {
	b.fresh = false
	if b.gap++; b.gap > maxBlock {
		b.open, b.owner = false, nil
	}
}

// blockLine claims the frame of the last words on stdout, and the rest of an entry whose beginning V8 has overwritten.
func (d *decoder) blockLine(text []byte) bool {
	mark := bytes.Index(text, []byte("<--- "))
	switch {
	case mark >= 0 && ascii.HasPrefix(text[mark:], "<--- Last few GCs --->"):
		d.block = block{open: true, fresh: true, owner: d.block.owner}
		return true
	case mark >= 0 && ascii.HasPrefix(text[mark:], "<--- JS stacktrace --->"):
		d.crash.begin(mark)
		return true
	case d.block.fresh && (bytes.Contains(text, []byte("mu = ")) || bytes.Contains(text, []byte("since start of marking"))):
		d.block.fresh = false
		return true
	}
	return false
}

// crash follows the stacks of a death.
type crash struct {
	open   bool
	gap    int
	prefix int // bytes that stood before the words of the death, as no envelope took them off
}

func (c *crash) begin(prefix int) { *c = crash{open: true, prefix: prefix} }

func (c *crash) foreign() {
	if c.gap++; c.gap > maxBlock {
		c.open = false
	}
}

// traced stands above the frames of JavaScript in the last words of Node.js before 14. Later ones have no such frames.
const (
	traced   = "==== JS stack trace ===="
	tracedBy = "Node.js 6 to 13"
)

// stack claims a line of the stacks, and tells the versions that print such a one.
func (d *decoder) stack(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	claimed := d.crash.stack(text)
	if claimed && ascii.HasPrefix(text[d.crash.prefix:], traced) {
		emit(&event.Setting{Head: l.Head(name), Runtime: "v8", Name: event.VersionName, Text: tracedBy})
	}
	return claimed
}

// stack claims a line of the stacks: "==== JS stack trace ===", "    1: tick [...]", " 1: 0x8fb090 node::Abort() [node]".
func (c *crash) stack(text []byte) bool {
	if !c.open || len(text) <= c.prefix {
		return false
	}
	text = text[c.prefix:]
	if !frame(text) && !isFrameOf(text) {
		return false
	}
	c.gap = 0
	return true
}

// frame reports whether text is a number, a colon, and what runs there.
func frame(text []byte) bool {
	text = bytes.TrimLeft(text, " ")
	_, digits := number(text)
	return digits > 0 && digits <= 3 && ascii.HasPrefix(text[digits:], ": ")
}

// isFrameOf reports whether text stands above or below the frames of a stack.
func isFrameOf(text []byte) bool {
	for _, words := range []string{
		"==== ", "Security context: ", "----- Native stack trace -----", "----- JavaScript stack trace -----", "#FailureMessage Object: ",
	} {
		if ascii.HasPrefix(text, words) {
			return true
		}
	}
	return string(text) == "#"
}

// lastWords reads the text of a death.
func (d *decoder) lastWords(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	words, kind, ok := fatal(text)
	if !ok {
		return d.fatalCall(l, text, emit)
	}
	emit(&event.RuntimeOOM{Head: d.deathHead(l), Runtime: "v8", Kind: kind, Message: clip(words)})
	d.endBlock(len(text) - len(words))
	return true
}

// fatalCall reads an end that is no want of memory: a call of V8's API that cannot be answered.
func (d *decoder) fatalCall(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	i := bytes.Index(text, []byte("FATAL ERROR: v8::"))
	if i < 0 {
		return false
	}
	emit(&event.ProcessEnd{Head: d.deathHead(l), Runtime: "v8", Kind: event.EndFatal, Message: clip(text[i:])})
	d.endBlock(i)
	return true
}

// endBlock ends the block at the words of the death, before which some bytes of another writer may stand.
func (d *decoder) endBlock(prefix int) {
	d.block = block{}
	d.crash.begin(prefix)
}

// deathHead returns the head of an end, in the stream of the isolate of the last block, or of the only one.
func (d *decoder) deathHead(l *dialect.Line) event.Head {
	head := l.Head(name)
	owner := d.block.owner
	if owner == nil && len(d.isolates) == 1 {
		owner = d.last
	}
	head.Stream = owner.streamOr(head.Stream)
	return head
}

// fatal finds the words of V8 or Node.js that say what could not be had.
func fatal(text []byte) (words []byte, kind event.OOMKind, ok bool) {
	if i := bytes.Index(text, []byte("FATAL ERROR: ")); i >= 0 {
		words = text[i:]
		switch {
		case bytes.Contains(words, []byte("JavaScript heap out of memory")):
			return words, event.OOMHeap, true
		case bytes.Contains(words, []byte("process out of memory")):
			return words, processKind(words), true
		}
		return nil, "", false
	}
	if i := bytes.Index(text, []byte("# Fatal ")); i >= 0 {
		return fatalOfV8(text[i:])
	}
	if i := bytes.Index(text, []byte("V8 ")); i >= 0 {
		for _, w := range chromium {
			if ascii.HasPrefix(text[i:], w.words) {
				return text[i:], w.kind, true
			}
		}
	}
	rest := bytes.TrimPrefix(text, []byte("Uncaught "))
	for _, w := range thrown {
		if ascii.HasPrefix(rest, w.words) {
			return text, w.kind, true
		}
	}
	return nil, "", false
}

// fatalOfV8 reads the words of V8 where nobody handles the end: base::FatalOOM, and its form before V8 11.
func fatalOfV8(words []byte) ([]byte, event.OOMKind, bool) {
	rest := words[len("# Fatal "):]
	switch {
	case ascii.HasPrefix(rest, "JavaScript out of memory: "), ascii.HasPrefix(rest, "javascript OOM in "), ascii.HasPrefix(rest, "JavaScript OOM in "):
		return words, event.OOMHeap, true
	case ascii.HasPrefix(rest, "process out of memory: "), ascii.HasPrefix(rest, "process OOM in "):
		return words, processKind(words), true
	case ascii.HasPrefix(rest, "JavaScript invalid size error "):
		return words, event.OOMArray, true
	}
	return nil, "", false
}

// processKind tells what is meant by memory of the process. Up to V8 4 the words stood for the heap too.
func processKind(words []byte) event.OOMKind {
	switch {
	case bytes.Contains(words, []byte("CALL_AND_RETRY")):
		return event.OOMHeap
	case bytes.Contains(words, []byte("virtual memory")), bytes.Contains(words, []byte("reservation")), bytes.Contains(words, []byte("CodeRange")):
		return event.OOMAddressSpace
	}
	return event.OOMNative
}

// chromium are the words of Chromium and Electron for the end of a renderer.
var chromium = []struct {
	words string
	kind  event.OOMKind
}{
	{"V8 javascript OOM", event.OOMHeap},
	{"V8 process OOM", event.OOMNative},
}

// thrown are the exceptions that a program may survive.
var thrown = []struct {
	words string
	kind  event.OOMKind
}{
	{"RangeError: Array buffer allocation failed", event.OOMNative},
	{"Error [ERR_WORKER_OUT_OF_MEMORY]: ", event.OOMHeap},
}
