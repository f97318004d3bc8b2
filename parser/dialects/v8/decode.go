package v8

import (
	"bytes"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
)

// Bounds of the work for one line and of what a decoder remembers.
const (
	maxLine     = 1 << 16 // no line of V8 is longer; --trace-gc-nvp writes 4 KiB
	maxEntries  = 64      // collections in one line: the last block holds 512 bytes
	maxIsolates = 1024
	maxWords    = 256 // kinds and causes
)

// decoder reads the lines of one stream.
type decoder struct {
	read     readers
	slab     []event.GC
	words    map[string]string
	owners   map[string]isolate // by the text that names them
	isolates map[isolate]*heap
	last     *heap // of the collection read last
	recent   recent
	block    block
	crash    crash
}

// isolate is the writer that a line names before its text. The zero isolate names none.
type isolate struct {
	pid     int
	address string
}

// heap is what is known of one isolate.
type heap struct {
	stream *event.Stream
	time   event.Time // of its last collection
	spaces *event.Sample
}

func newDecoder() *decoder { return fresh(newReaders()) }

// Sibling implements dialect.Sibling.
func (d *decoder) Sibling() dialect.Decoder { return fresh(d.read) }

func fresh(read readers) *decoder {
	return &decoder{
		read:     read,
		words:    map[string]string{},
		owners:   map[string]isolate{},
		isolates: map[isolate]*heap{},
	}
}

// Idle implements dialect.Idler.
func (d *decoder) Idle() bool {
	return !d.block.open && !d.block.fresh && d.block.owner == nil && !d.crash.open
}

// anchors returns the texts one of which stands in every line that is V8's by itself: what begins a collection, what
// --trace-gc-verbose measures or the address of the isolate before it, the words of a death, a flag.
func anchors() []string {
	texts := []string{
		"used:", "Total time spent in GC", "External", "Backing", "<--- Last few GCs --->", "<--- JS stacktrace --->", "FATAL ERROR: ", "# Fatal ", "--max",
	}
	for _, b := range beginnings {
		texts = append(texts, "ms: "+b.text)
	}
	for _, w := range chromium {
		texts = append(texts, w.words)
	}
	for _, w := range thrown {
		texts = append(texts, w.words)
	}
	for _, digit := range "0123456789abcdefABCDEF" {
		texts = append(texts, ":0x"+string(digit))
	}
	return texts
}

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	text := l.Text
	if len(text) == 0 {
		return false
	}
	if len(text) > maxLine {
		text = text[:maxLine]
	}
	claimed := d.line(l, text, emit)
	if !claimed {
		d.block.foreign()
		d.crash.foreign()
	}
	return claimed
}

func (d *decoder) line(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	if d.entries(l, text, emit) || d.verbose(l, text, emit) {
		return true
	}
	return d.blockLine(text) || d.lastWords(l, text, emit) || d.stack(l, text, emit) || d.commandLine(l, text, emit)
}

// Flush implements dialect.Decoder.
func (d *decoder) Flush(emit dialect.Emit) {
	if d.last != nil {
		d.last.endSpaces(emit)
	}
}

// entries reads the collections of a line, one or several that run into each other.
func (d *decoder) entries(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	at, ok := d.nextEntry(text, 0)
	if !ok {
		return false
	}
	claimed := false
	for range maxEntries {
		next, more := d.nextEntry(text, at.words)
		end := len(text)
		if more {
			end = next.start
		}
		claimed = d.entry(l, at, text[at.body:end], text, emit) || claimed
		if !more {
			break
		}
		at = next
	}
	return claimed
}

// entry reads one collection. Without the isolate before it, a text that cannot be read is not V8's.
func (d *decoder) entry(l *dialect.Line, at place, body, text []byte, emit dialect.Emit) bool {
	var gc *event.GC
	var ok bool
	switch at.form {
	case traceForm:
		gc, ok = d.trace(l, body)
	case pairsForm:
		gc, ok = d.pairs(l, body)
	case jsonForm:
		gc, ok = d.json(l, body)
	}
	if !ok {
		if at.owner.address == "" {
			return false
		}
		emit(problem(l, text[at.start:], "a collection that breaks off or is not as V8 writes it"))
		return true
	}
	if gc == nil {
		emit(problem(l, text[at.start:], "a collection with numbers beyond any machine"))
		return true
	}
	h := d.heap(l, at.owner)
	if d.block.open {
		d.block.owner = d.recent.owner(gc, h)
		if d.block.owner != nil {
			return true // it repeats the trace
		}
		d.block.owner = h
	}
	if d.last != nil {
		d.last.endSpaces(emit)
	}
	gc.Stream = h.streamOr(l.Stream)
	h.time = gc.Time
	d.last = h
	d.recent.add(gc, h)
	emit(gc)
	return true
}

// heap returns the state of an isolate.
func (d *decoder) heap(l *dialect.Line, id isolate) *heap {
	if id == (isolate{}) && d.block.open && len(d.isolates) == 1 {
		return d.last // the last block of Node.js 6 names no isolate
	}
	h := d.isolates[id]
	if h != nil {
		return h
	}
	if len(d.isolates) >= maxIsolates {
		clear(d.isolates)
	}
	h = &heap{}
	if id != (isolate{}) {
		s := event.Stream{}
		if l.Stream != nil {
			s = *l.Stream
		}
		s.OwnPID, s.Isolate = id.pid, id.address
		h.stream = &s
	}
	d.isolates[id] = h
	return h
}

// streamOr returns the stream of the isolate, or the line's where the log names no isolate.
func (h *heap) streamOr(s *event.Stream) *event.Stream {
	if h != nil && h.stream != nil {
		return h.stream
	}
	return s
}

// form is how a collection is written.
type form int

const (
	traceForm form = iota
	pairsForm
	jsonForm
)

// place is where a collection stands in a line: from its isolate, or from its time where it names none.
type place struct {
	start, body, words int // words is behind the time
	owner              isolate
	form               form
}

// beginnings are the texts behind "T ms: " that begin a collection.
var beginnings = []struct {
	text string
	form form
}{
	{"Scavenge", traceForm},
	{"Mark-", traceForm},
	{"Minor ", traceForm},
	{"Incremental M", traceForm},
	{"pause=", pairsForm},
	{"GC: {", jsonForm},
}

// nextEntry returns where the next collection begins in text, its time at from or later.
func (d *decoder) nextEntry(text []byte, from int) (place, bool) {
	for search := from; ; {
		i := bytes.Index(text[search:], []byte("ms: ")) // the blank before it is too common to look for
		if i < 0 {
			return place{}, false
		}
		i += search
		search = i + len("ms: ")
		f, ok := formOf(text[search:])
		if !ok || i == 0 || text[i-1] != ' ' {
			continue
		}
		i--
		body := i
		for body > from && ascii.Digit(text[body-1]) {
			body--
		}
		if body == i {
			continue
		}
		p := place{start: body, body: body, words: search, form: f}
		d.findOwner(&p, text, from)
		return p, true
	}
}

func formOf(text []byte) (form, bool) {
	for _, b := range beginnings {
		if ascii.HasPrefix(text, b.text) {
			return b.form, true
		}
	}
	return 0, false
}

// findOwner reads the isolate that stands before the time.
func (d *decoder) findOwner(p *place, text []byte, from int) {
	end := p.body
	for end > from && text[end-1] == ' ' {
		end--
	}
	open := bytes.LastIndexByte(text[from:end], '[')
	if open < 0 || text[end-1] != ']' {
		return
	}
	if id, n := d.owner(text[from+open:]); n > 0 && from+open+n == end {
		p.owner, p.start = id, from+open
	}
}

// maxOwner is the longest text that can name an isolate: "[4194304:0x7f0000012000:12]".
const maxOwner = 48

// owner reads "[927:0x3f8d9970]", "[927:0x3f8d9970:0]" or "[927]" at the beginning of text and returns its length,
// which is 0 if it is something else.
func (d *decoder) owner(text []byte) (isolate, int) {
	end := bytes.IndexByte(text[:min(len(text), maxOwner)], ']')
	if end < 0 || text[0] != '[' || !ascii.Digit(text[1]) {
		return isolate{}, 0
	}
	if id, ok := d.owners[string(text[:end])]; ok {
		return id, end + 1
	}
	id, ok := newIsolate(text[1:end])
	if !ok {
		return isolate{}, 0
	}
	if len(d.owners) >= maxIsolates {
		clear(d.owners)
	}
	d.owners[string(text[:end])] = id
	return id, end + 1
}

// newIsolate reads the inside of the brackets. Windows prints all digits of the address, and no 0x.
func newIsolate(text []byte) (isolate, bool) {
	pid, rest, found := bytes.Cut(text, []byte(":"))
	n, digits := number(pid)
	if n == 0 || n >= 1<<31 || digits != len(pid) {
		return isolate{}, false
	}
	if !found {
		return isolate{pid: int(n)}, true
	}
	address, group, _ := bytes.Cut(rest, []byte(":"))
	bare := bytes.TrimPrefix(address, []byte("0x"))
	if len(bare) == 0 || len(bare) > 16 || !all(bare, hexDigit) || !all(group, ascii.Digit) {
		return isolate{}, false
	}
	if len(bare) == len(address) && len(bare) != 8 && len(bare) != 16 {
		return isolate{}, false
	}
	return isolate{int(n), string(bytes.ToLower(bare))}, true
}

func all(text []byte, is func(byte) bool) bool {
	for _, b := range text {
		if !is(b) {
			return false
		}
	}
	return true
}

func hexDigit(b byte) bool { return ascii.Digit(b) || b|0x20 >= 'a' && b|0x20 <= 'f' }

// word returns text as a string, the same one for the same text.
func (d *decoder) word(text []byte) string {
	if s, ok := d.words[string(text)]; ok {
		return s
	}
	if len(d.words) >= maxWords {
		clear(d.words)
	}
	s := string(text)
	d.words[s] = s
	return s
}

// maxProblemText bounds what a problem and a message quote.
const maxProblemText = 200

func problem(l *dialect.Line, text []byte, message string) *event.Problem {
	return &event.Problem{Head: l.Head(name), Message: message, Text: clip(text)}
}

func clip(text []byte) string { return string(text[:min(len(text), maxProblemText)]) }
