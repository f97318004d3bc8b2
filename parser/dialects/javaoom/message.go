package javaoom

import (
	"bytes"
	"strings"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// messages are what an OutOfMemoryError says, by its beginning. The longer of two comes first.
var messages = []struct {
	text string
	kind event.OOMKind
}{
	{"Java heap space", event.OOMHeap},
	{"GC overhead limit exceeded", event.OOMOverhead},
	{"Requested array size exceeds VM limit", event.OOMArray},
	{"Required array length ", event.OOMArray},
	{"Required array size too large", event.OOMArray},
	{"Required length exceeds implementation limit", event.OOMArray},
	{"Metaspace", event.OOMMetaspace},
	{"Compressed class space", event.OOMClassSpace},
	{"Direct buffer memory", event.OOMDirect},
	{"Cannot reserve ", event.OOMDirect},
	{"failed to allocate ", event.OOMDirect},
	{"unable to create new native thread", event.OOMThreads},
	{"unable to create native thread", event.OOMThreads},
	{"PermGen space", event.OOMPermGen},
	{"C heap space", event.OOMNative},
	{"Unable to allocate ", event.OOMNative},
	{"request ", event.OOMNative},
	{"Map failed", event.OOMAddressSpace},
}

// classes are the errors that are looked for.
var classes = [...]string{"java.lang.OutOfMemoryError", "io.netty.util.internal.OutOfDirectMemoryError"}

// finding is an OutOfMemoryError in a line.
type finding struct {
	message []byte
	kind    event.OOMKind
	known   bool // the message is one of messages
	fatal   bool
	sure    bool // the prefix is one that the VM, a stack or a logger writes
}

// find looks for an OutOfMemoryError that is more than the name of the class.
func find(text []byte) (finding, bool) {
	for at := 0; ; at++ {
		i := bytes.Index(text[at:], []byte("OutOf"))
		if i < 0 {
			return finding{}, false
		}
		at += i
		for _, class := range classes {
			begin := at - strings.LastIndexByte(class, '.') - 1
			if begin < 0 || !hasPrefix(text[begin:], class) {
				continue
			}
			if f, ok := findAt(text[:begin], text[begin+len(class):]); ok {
				return f, true
			}
		}
	}
}

// findStart looks for the end of a VM that never began: it could not reserve its heap.
func findStart(text []byte) (finding, bool) {
	text = bytes.TrimRight(text, " ")
	if !hasPrefix(text, "Could not reserve enough space for ") || !endsWith(text, "object heap") {
		return finding{}, false
	}
	return finding{message: text, kind: event.OOMAddressSpace, known: true, fatal: true, sure: true}, true
}

// findAt reads an OutOfMemoryError between the text before the name of the class and the text behind it.
func findAt(before, behind []byte) (finding, bool) {
	f := finding{fatal: endsWith(before, "Terminating due to ") || endsWith(before, "Aborting due to ")}
	f.sure = f.fatal || announced(before)
	switch {
	case hasPrefix(behind, ": "):
		f.message = bytes.TrimSpace(unquoted(behind[2:]))
		f.kind, f.known = kindOf(f.message)
		return f, f.known || f.sure && spoken(before)
	case hasPrefix(behind, " thrown from the UncaughtExceptionHandler in thread "):
		return f, endsWith(before, "Exception: ")
	case len(bytes.TrimRight(behind, " ")) == 0:
		f.sure = f.sure && len(before) > 0
		return f, len(before) == 0 || f.sure
	}
	return finding{}, false
}

// unquoted returns the text up to a quote, a tag or an escaped line end, which are of JSON or XML that no envelope
// took off, and without the thread that a VM names behind the message.
func unquoted(text []byte) []byte {
	text, _, _ = bytes.Cut(text, []byte(" [in thread "))
	for i, c := range text {
		if c == '"' || c == '<' || c == '\\' && i+1 < len(text) && (text[i+1] == 'n' || text[i+1] == 'r') {
			return text[:i]
		}
	}
	return text
}

// spoken reports whether the VM or a stack stands before the error, so that any message is one.
func spoken(before []byte) bool {
	return endsWith(before, " due to ") || endsWith(before, "Caused by: ") || endsWith(before, "\" ") && bytes.Contains(before, []byte("Exception in thread \""))
}

// announced reports whether before is what the VM, a stack or a logger puts in front of an error, and no sentence of
// prose: nothing, punctuation and a blank, a blank and a level in capitals.
func announced(before []byte) bool {
	if len(before) == 0 || endsWith(before, "# ") || endsWith(before, "Exception ") || endsWith(before, "\t") {
		return true
	}
	text := bytes.TrimRight(before, " ")
	if len(text) == 0 {
		return true
	}
	last := text[len(text)-1]
	if strings.IndexByte(`:-]>|;)"=,({`, last) >= 0 {
		return true
	}
	word := text[bytes.LastIndexByte(text, ' ')+1:]
	return len(word) > 2 && bytes.Equal(word, bytes.ToUpper(word)) || endsWith(text, "exception is")
}

// kindOf returns what ran out by the message.
func kindOf(message []byte) (event.OOMKind, bool) {
	for _, m := range messages {
		if !hasPrefix(message, m.text) {
			continue
		}
		rest := message[len(m.text):]
		switch {
		case m.text == "request ":
			return m.kind, bytes.Contains(rest, []byte("Out of swap space"))
		case m.text == "failed to allocate ":
			return m.kind, bytes.Contains(rest, []byte(" of direct memory"))
		case m.text[len(m.text)-1] == ' ':
			return m.kind, len(rest) > 0 && rest[0]-'0' <= 9
		}
		return m.kind, ends(rest)
	}
	if len(message) > 0 && message[0]-'0' <= 9 && bytes.HasSuffix(message, []byte("Out of swap space?")) {
		return event.OOMNative, true
	}
	return "", false
}

// ends reports whether a message ends before rest, or goes on as the VM goes on.
func ends(rest []byte) bool {
	if len(rest) == 0 {
		return true
	}
	switch c := rest[0]; {
	case c == ' ':
		return hasPrefix(rest, " [in thread") || hasPrefix(rest, " (")
	case c|0x20 >= 'a' && c|0x20 <= 'z' || c-'0' <= 9 || c == '_':
		return false
	}
	return true
}

// found takes an OutOfMemoryError. It joins the one at hand if that says the same.
func (d *decoder) found(l *dialect.Line, f finding, emit dialect.Emit) bool {
	ev := d.newEvent(l, f)
	if o := d.open; o != nil {
		if o.Message == ev.Message || ev.Message == "" {
			o.Fatal = o.Fatal || ev.Fatal
			d.doubt = d.doubt && !f.sure
			return !d.doubt
		}
		d.tell(emit)
	}
	if d.repeats(ev) {
		return f.sure
	}
	d.open, d.doubt = ev, !f.sure
	return f.sure
}

// repeats reports whether the error was told only just now. One without a message repeats any.
func (d *decoder) repeats(ev *event.RuntimeOOM) bool {
	for message, last := range d.told {
		if (message == ev.Message || ev.Message == "") && d.near(last, ev) && (last.fatal || !ev.Fatal) {
			return true
		}
	}
	return false
}

// near reports whether the same message was told only just now.
func (d *decoder) near(last report, ev *event.RuntimeOOM) bool {
	if d.lines-last.line > window {
		return false
	}
	both := last.time.Has & ev.Time.Has
	return !both.Has(event.Wall) || ev.Time.Wall-last.time.Wall <= windowSecs*1e9
}

func (d *decoder) newEvent(l *dialect.Line, f finding) *event.RuntimeOOM {
	ev := &event.RuntimeOOM{Head: l.Head(name), Runtime: "jvm", Kind: f.kind, Fatal: f.fatal}
	ev.Message = string(f.message[:min(len(f.message), maxMessage)])
	if len(f.message) == 0 {
		return ev
	}
	tree, err := d.counted.Parse(f.message)
	if err != nil {
		return ev // the message states no amounts
	}
	switch {
	case tree.Direct != nil:
		ev.Requested, ev.InUse, ev.Bound = size(tree.Direct.Asked.Int()), size(tree.Direct.InUse.Int()), tree.Direct.Limit.Int()
	case tree.Netty != nil:
		ev.Requested, ev.InUse, ev.Bound = size(tree.Netty.Asked.Int()), size(tree.Netty.InUse.Int()), tree.Netty.Limit.Int()
	case tree.Swap != nil:
		ev.Requested = size(tree.Swap.Asked.Int())
	case tree.Unsafe != nil:
		ev.Requested = size(tree.Unsafe.Int())
	case tree.Heap != nil && tree.Heap.Int() <= int64(unit.PiB/unit.KiB):
		ev.Requested = size(tree.Heap.Int() * int64(unit.KiB))
	}
	return ev
}

// tell emits the error at hand, unless it may have been prose and nothing followed.
func (d *decoder) tell(emit dialect.Emit) {
	ev := d.open
	d.open = nil
	if d.doubt {
		return
	}
	if _, ok := d.told[ev.Message]; !ok {
		if d.order = append(d.order, ev.Message); len(d.order) > maxTold {
			delete(d.told, d.order[0])
			d.order = d.order[1:]
		}
	}
	d.told[ev.Message] = report{d.lines, ev.Time, ev.Fatal}
	emit(ev)
}

// maxTold is how many different messages are remembered.
const maxTold = 16

func size(n int64) unit.Size { return unit.Known(unit.Bytes(n)) }

func hasPrefix(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }

func endsWith(b []byte, s string) bool { return len(b) >= len(s) && string(b[len(b)-len(s):]) == s }
