package jvmunified

import (
	"bytes"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

const name = "jvm-unified"

// Bounds of the work for one line.
const (
	maxLine     = 4096 // no line that is read is longer
	maxBrackets = 16   // places where decorations are looked for in a line that begins with other text
)

// decoder reads the lines of one stream.
type decoder struct {
	caches
	deco  decorations
	clock clock
	tags  map[string]tagInfo
	comma []byte // the message with points in its numbers, where the locale writes commas

	seen      bool   // a line of the JVM was read
	plain     bool   // one without decorations was
	layout    uint64 // of the last line without tags that was known
	preface   int    // lines without decorations that can still be of the header
	ran       bool   // the JVM whose header was read last has collected
	collector event.Collector
	region    unit.Size // of G1
	maxHeap   unit.Size
	trigger   string // why Shenandoah begins its next cycle
	triggers  map[string]string
	clearing  bool // the next full collection clears soft references
	promotion bool // the collection at hand could not promote
	major     major

	open    []group // collections whose last line has not come; nil or of maxOpen, not all used
	opened  int
	waiting *event.GC
	slab    []event.GC
	oom     *metaspaceOOM
}

func newDecoder() dialect.Decoder { return fresh(newCaches()) }

// Sibling implements dialect.Sibling.
func (d *decoder) Sibling() dialect.Decoder { return fresh(d.caches) }

func fresh(c caches) *decoder {
	return &decoder{caches: c, tags: map[string]tagInfo{}, triggers: map[string]string{}}
}

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	text := l.Text
	if len(text) < 4 {
		return false
	}
	if text[0] == '[' && d.deco.scan(text) {
		return d.decorated(l, emit)
	}
	return d.bare(l, emit) || d.seen && d.embedded(l, emit)
}

// Flush implements dialect.Decoder.
func (d *decoder) Flush(emit dialect.Emit) {
	d.release(emit)
	d.endMetaspace(emit)
	d.giveUpAll(emit)
}

// decorated reads a line with decorations. What they prove to be the JVM's is claimed whatever its message says;
// of other lines only those whose message is known.
func (d *decoder) decorated(l *dialect.Line, emit dialect.Emit) bool {
	tags := d.info(d.deco.tags)
	topic, evident := tags.topic, d.deco.evident(tags)
	if evident {
		d.seen = true
		if topic == other {
			return true
		}
	}
	if d.oom != nil && topic != metaOOM && topic != untagged {
		d.endMetaspace(emit)
	}
	message := d.deco.message
	if len(message) > maxLine {
		return evident
	}
	switch topic {
	case osLine:
		return d.system(l, message, emit) || evident
	case arguments:
		return d.commandLine(l, message, emit) || evident
	}
	if !evident && !d.seen && !opens(message) {
		return false
	}
	if d.message(l, message, evident || d.deco.stamped, emit) {
		d.seen = true
		if !evident && d.deco.stamped {
			d.layout = d.deco.layout()
		}
		return true
	}
	return evident || d.layout != 0 && d.layout == d.deco.layout()
}

// bare reads a line without decorations. Where a log has them, a line without is somebody else's.
func (d *decoder) bare(l *dialect.Line, emit dialect.Emit) bool {
	text := l.Text
	if len(text) > maxLine || !d.plain && !opens(text) {
		return false
	}
	d.deco.n, d.deco.tags, d.deco.message = 0, nil, text
	sure := d.preface > 0
	d.preface = max(0, d.preface-1)
	if d.message(l, text, sure, emit) {
		d.plain = true
		return true
	}
	return sure && inPreface(text)
}

// opens reports whether a line without decorations can be the first of a log: those that follow it are ordinary
// words, and known only where the JVM is known to write.
func opens(text []byte) bool {
	if len(text) == 0 {
		return false
	}
	switch text[0] {
	case 'G':
		return hasPrefix(text, "GC(")
	case 'U':
		return hasPrefix(text, "Using ")
	case 'M':
		return hasPrefix(text, "Metaspace (")
	case 'A':
		return hasPrefix(text, "Allocation Stall (")
	}
	return false
}

// embedded looks for decorations behind text that the program wrote without a line end.
func (d *decoder) embedded(l *dialect.Line, emit dialect.Emit) bool {
	text := l.Text
	gc := bytes.Index(text[:min(len(text), maxLine)], []byte("][gc"))
	if gc < 0 {
		return false
	}
	for at, n := 0, 0; n < maxBrackets; n++ {
		i := bytes.IndexByte(text[at:gc], '[')
		if i < 0 {
			return false
		}
		at += i
		if d.deco.scan(text[at:]) && d.deco.evident(d.info(d.deco.tags)) {
			cut := *l
			cut.Text = text[at:]
			return d.decorated(&cut, emit)
		}
		at++
	}
	return false
}

// message reads a message and reports whether it is one that the JVM writes. sure says that the decorations look
// like the JVM's, so that words which others could write too are taken for its own.
func (d *decoder) message(l *dialect.Line, text []byte, sure bool, emit dialect.Emit) bool {
	if id, rest, ok := collectionID(text); ok {
		d.line(l, id, rest, emit)
		return true
	}
	if len(text) < 4 {
		return false
	}
	return d.aside(l, text, sure, emit)
}

// collectionID takes "GC(12) " off a message. GCId::print_prefix in src/hotspot/share/gc/shared/gcId.cpp writes it.
func collectionID(text []byte) (id int64, rest []byte, ok bool) {
	if !hasPrefix(text, "GC(") {
		return 0, nil, false
	}
	digits := digitsEnd(text[3:])
	id, ok = integer(text[3:])
	end := 3 + digits
	if !ok || end >= len(text) || text[end] != ')' {
		return 0, nil, false
	}
	rest = text[end+1:]
	if len(rest) > 0 && rest[0] == ' ' {
		rest = rest[1:]
	}
	return id, rest, true
}

// line reads what a line says about one collection. Lines that it has no use for are the JVM's all the same.
func (d *decoder) line(l *dialect.Line, id int64, text []byte, emit dialect.Emit) {
	if len(text) < 4 {
		return
	}
	if text[1] == ':' && (text[0]|0x20 == 'y' || text[0] == 'O') {
		d.generation(l, id, text, emit)
		return
	}
	switch text[0] {
	case 'P', 'G', 'M', 'C', 'Y':
		d.pause(l, id, text, emit)
	case 'D':
		d.area(l, id, text, emit)
	case 'T':
		if text[1] == 'o' {
			d.remark(l, id, text, emit)
		} else {
			d.area(l, id, text, emit)
		}
	case 'E', 'S', 'O', 'H', 'A':
		if text[1] == 't' {
			d.atEnd(l, id, text, emit)
		} else {
			d.regionLine(l, id, text, emit)
		}
	case ' ', 'L', 'R':
		d.tableRow(l, id, text, emit)
	case 'U':
		d.cpuTime(id, text, emit)
	}
}

// pause reads the lines whose first words name a collection, a phase or an area.
func (d *decoder) pause(l *dialect.Line, id int64, text []byte, emit dialect.Emit) {
	switch arrow := bytes.Contains(text, []byte("->")); {
	case hasPrefix(text, "Metaspace: "), hasPrefix(text, "ParNew: "), hasPrefix(text, "CMS: "),
		hasPrefix(text, "PSYoungGen: "), hasPrefix(text, "ParOldGen: "), hasPrefix(text, "PSOldGen: "):
		d.area(l, id, text, emit)
	case hasPrefix(text, "Clearing All Soft"), hasPrefix(text, "Concurrent Mode Failure"), hasPrefix(text, "Concurrent mode failure"),
		hasPrefix(text, "Promotion failed"), hasPrefix(text, "Cannot finish degeneration"):
		d.remark(l, id, text, emit)
	case arrow:
		d.closing(l, id, text, emit)
	case hasPrefix(text, "Pause ") && bytes.HasSuffix(text, []byte("ms")):
		d.phasePause(l, id, text, emit)
	case opensCollection(text):
		d.opening(l, id, emit)
	}
}

// generation reads the lines of generational ZGC, which name the generation first. The pauses of both belong to
// the collection.
func (d *decoder) generation(l *dialect.Line, id int64, text []byte, emit dialect.Emit) {
	rest := bytes.TrimLeft(text[2:], " ")
	switch {
	case hasPrefix(rest, "Pause "):
		d.phasePause(l, id, text, emit)
	case hasPrefix(rest, "Clearing All Soft"):
		d.remark(l, id, rest, emit)
	case hasPrefix(rest, "Metaspace: "):
		d.metaspaceAmounts(l, id, text, emit)
	default:
		d.tableRow(l, id, text, emit)
	}
}

// closing reads the line that closes a collection. Where it cannot be read, other text may have been glued to it.
func (d *decoder) closing(l *dialect.Line, id int64, text []byte, emit dialect.Emit) {
	tree, err := d.summary.Parse(text)
	if err != nil {
		tree, err = d.summary.Parse(d.points(text))
	}
	mended := false
	if err != nil {
		arrow := bytes.Index(text, []byte("->"))
		if end := bytes.Index(text[arrow:], []byte("ms")); end >= 0 {
			tree, err = d.summary.Parse(text[:arrow+end+2])
			mended = true
		}
	}
	if err != nil {
		if likeCollection(text) {
			d.problem(l, "a collection that cannot be read", emit)
		}
		return
	}
	d.collection(l, id, tree, mended, emit)
}

// likeCollection reports whether text begins as the line that closes a collection does, so that one which cannot
// be read is worth telling.
func likeCollection(text []byte) bool {
	return hasPrefix(text, "Pause Young") || hasPrefix(text, "Pause Full") || hasPrefix(text, "Pause Degenerated") ||
		hasPrefix(text, "Pause Mixed") || opensCollection(text) && text[0] != 'P'
}

// opensCollection reports whether text names a collection, as the line that opens it does.
func opensCollection(text []byte) bool {
	for _, prefix := range []string{
		"Pause Young", "Pause Full", "Pause Mixed", "Pause Degenerated", "Garbage Collection", "Major Collection", "Minor Collection",
		"Concurrent GC",
	} {
		if hasPrefix(text, prefix) {
			return true
		}
	}
	return false
}

// points returns the message with a point for every comma between two digits: the JVM writes its numbers in the
// locale of the process.
func (d *decoder) points(text []byte) []byte {
	d.comma = append(d.comma[:0], text...)
	for i := 1; i+1 < len(text); i++ {
		if text[i] == ',' && digit(text[i-1]) && digit(text[i+1]) {
			d.comma[i] = '.'
		}
	}
	return d.comma
}

// maxProblemText bounds what a problem quotes.
const maxProblemText = 200

func (d *decoder) problem(l *dialect.Line, message string, emit dialect.Emit) {
	d.release(emit)
	head := d.head(l)
	emit(&event.Problem{Head: head, Message: message, Text: string(l.Text[:min(len(l.Text), maxProblemText)])})
}

// head returns the head of an event with all clocks of its line.
func (d *decoder) head(l *dialect.Line) event.Head {
	h := l.Head(name)
	h.Time = d.clock.read(&d.deco, l.Text, h.Time)
	return h
}

func hasPrefix(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && string(text[:len(prefix)]) == prefix
}
