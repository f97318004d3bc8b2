package jvmlegacy

import (
	"bytes"
	"strings"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/shape"
)

type cachedGrammars struct {
	record *shape.Cache[record]
	memory *shape.Cache[memory]
	flag   *shape.Cache[flag]
}

// Forget drops the caches of the grammars.
func (d *decoder) Forget() {
	d.cache = cachedGrammars{recordGrammar.Cache(), memoryGrammar.Cache(), flagGrammar.Cache()}
}

// mine looks at a line and reports whether it is of this dialect.
func (d *decoder) mine(l *dialect.Line, emit dialect.Emit) bool {
	text := l.Text
	if len(text) == 0 || len(text) > maxLine {
		return false
	}
	s := leadOf(text)
	rest := text[s.afterward:]
	if len(rest) == 0 {
		return s.stamped() && d.seen
	}
	switch rest[0] {
	case '[':
		return d.bracketed(l, s, rest, emit)
	case '{', '}', 'H':
		if !d.ring && d.heapBlock(rest, emit) {
			return true
		}
	case 'E':
		d.ring = hasPrefix(rest, "Event: ")
		return false
	case 'O', 'J', 'M', 'C', 'G', '/':
		if d.header(l, rest, emit) || d.overhead(rest) {
			return true
		}
	}
	switch {
	case d.block && s.indent > 0 && inHeapBlock(rest):
		return true
	case d.seen && isNoise(rest):
		return true
	case len(d.open) > 0 && continues(rest):
		return d.parse(l, s, rest, emit)
	}
	return d.embedded(l, emit)
}

// bracketed takes a line that begins with a bracket.
func (d *decoder) bracketed(l *dialect.Line, s lead, rest []byte, emit dialect.Emit) bool {
	switch {
	case opens(rest):
		d.block = false
		return d.parse(l, s, rest[:len(rest)-talk(rest)], emit)
	case hasPrefix(rest, "[Times: "):
		if d.done == nil && len(d.open) == 0 {
			return d.seen
		}
		return d.parse(l, s, rest, emit)
	case concurrent(rest):
		d.seen = true
		if !endsWithPhase(rest) {
			d.parse(l, s, rest, emit)
		}
		return true
	case len(d.open) > 0:
		if continues(rest) {
			return d.parse(l, s, rest, emit)
		}
	case isArea(rest[1:]) && bytes.Contains(rest, []byte("->")):
		if d.embedded(l, emit) {
			return true
		}
		d.settle(emit)
		emit(problem(l.Head(name), l.Text, "the end of a record whose beginning is not in the log"))
		return true
	case d.done != nil && (s.indent > 0 || hasPrefix(rest, "[Eden: ")):
		if bytes.Contains(rest, []byte("->")) {
			return d.parse(l, s, rest, emit)
		}
		return true
	}
	return d.seen && (s.indent > 0 || s.stamped())
}

// opens reports whether text begins as a stop of the world does, or as a phase of Shenandoah that tells the heap.
func opens(text []byte) bool {
	for _, name := range [...]string{"[Pause Full", "[Pause Degenerated GC", "[Concurrent cleanup"} {
		if hasPrefix(text, name) {
			return true
		}
	}
	after := afterGC(text)
	if after == 0 || after == len(text) || talk(text) > 0 {
		return after > 0
	}
	rest := text[after:]
	return digit(rest[0]) || rest[0] == '[' || hasPrefix(rest, "--") || hasPrefix(rest, ": ") ||
		rest[0] == ' ' && !hasPrefix(rest, " concurrent-") && !hasPrefix(rest, " Worker")
}

// afterGC returns where [GC or [Full GC ends, 0 if text begins with neither.
func afterGC(text []byte) int {
	for _, name := range [...]string{"[GC", "[Full GC"} {
		if hasPrefix(text, name) {
			return len(name)
		}
	}
	return 0
}

// talk returns how many bytes at the end of text are what PrintAdaptiveSizePolicy and PrintFLSStatistics say right
// behind the beginning of a record: [GCAdaptiveSizePolicy::..., [GCBefore GC:.
func talk(text []byte) int {
	after := afterGC(text)
	rest := bytes.TrimPrefix(text[after:], []byte(" "))
	for _, name := range [...]string{"AdaptiveSize", "PSAdaptiveSize", "Before GC:"} {
		if after > 0 && hasPrefix(rest, name) {
			return len(rest)
		}
	}
	return 0
}

// concurrent reports whether text is a line of a phase that does not stop the world.
func concurrent(text []byte) bool {
	return hasPrefix(text, "[CMS-concurrent-") || hasPrefix(text, "[GC concurrent-") || hasPrefix(text, "[ASCMS-concurrent-")
}

// endsWithPhase reports whether nothing but CPU times follows the bracket of a concurrent phase.
func endsWithPhase(text []byte) bool {
	i := bytes.IndexByte(text, ']')
	if i < 0 {
		return bytes.IndexByte(text[1:], '[') < 0
	}
	inner, rest := text[1:i], bytes.TrimRight(text[i+1:], " ")
	return bytes.IndexByte(inner, '[') < 0 && (len(rest) == 0 || hasPrefix(rest, " [Times: ") && bytes.IndexByte(rest, ']') == len(rest)-1)
}

// continues reports whether text can go on with a record that a line before left open.
func continues(text []byte) bool {
	switch c := text[0]; {
	case c == '[':
		return !hasPrefix(text, "[GC Worker") && (bytes.IndexByte(text, ']') > 0 || isArea(text[1:]))
	case c == ':' || c == ',' || c == '(' || c == ']' || digit(c) || c == '-':
		return bytes.IndexByte(text, ']') >= 0
	}
	return false
}

// isArea reports whether text begins with the name of a generation, behind which a line may end.
func isArea(text []byte) bool {
	for _, a := range [...]string{"CMS", "ParNew", "DefNew", "Tenured", "PSYoungGen", "PSOldGen", "ParOldGen", "ASParNew", "ASCMS"} {
		if hasPrefix(text, a) {
			return true
		}
	}
	return false
}

// embedded looks for a record that begins behind what another writer left on the line.
func (d *decoder) embedded(l *dialect.Line, emit dialect.Emit) bool {
	text := l.Text
	if trimmed := bytes.TrimRight(text, " "); !bytes.HasSuffix(trimmed, []byte(" secs]")) {
		return false
	}
	at := bytes.Index(text, []byte("[GC"))
	if full := bytes.Index(text, []byte("[Full GC")); at < 0 || full >= 0 && full < at {
		at = full
	}
	if at < 0 || !opens(text[at:]) {
		return false
	}
	from := at
	for from > 0 && strings.IndexByte("0123456789.,:-+T #", text[from-1]) >= 0 {
		from--
	}
	s := leadOf(text[from:])
	if from+s.afterward != at {
		s = lead{}
	}
	return d.parse(l, s, text[at:], emit)
}

// parse reads rest, which stands behind the stamps s, and takes what it opens and closes.
func (d *decoder) parse(l *dialect.Line, s lead, rest []byte, emit dialect.Emit) bool {
	d.buf = undated(d.buf[:0], rest)
	tree, err := d.cache.record.Parse(d.buf)
	if err != nil {
		emit(problem(l.Head(name), l.Text, "a number of more than 18 digits"))
		return true
	}
	return d.take(l, s, tree, emit)
}

// maxProblemText bounds what a problem quotes.
const maxProblemText = 200

func problem(head event.Head, text []byte, message string) *event.Problem {
	return &event.Problem{Head: head, Message: message, Text: string(text[:min(len(text), maxProblemText)])}
}
