package hserr

import (
	"bytes"
	"strings"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// death is what the header says about the end.
type death struct {
	memory  bool   // "There is insufficient memory"
	first   string // the first line, without "# "
	reason  string // the reason of a fatal error or a signal, "Internal Error (debug.cpp:362)"
	detail  string // the line after it, "fatal error: OutOfMemory encountered: Java heap space"
	request string // the request that failed, in the JVM's words
	frame   bool   // the next line is the problematic frame
}

// opened takes the first line.
func (d *death) opened(text []byte) {
	d.first = comment(text)
	d.memory = hasPrefix(text, memoryHeader)
}

// comment is what stands behind the # of a line.
func comment(text []byte) string { return clip(bytes.TrimLeft(text, "# ")) }

// header reads a line of the header.
func (f *file) header(l *dialect.Line) {
	text, d := l.Text, &f.death
	switch {
	case len(text) < 3:
	case d.frame:
		f.jvm.Frame, d.frame = comment(text), false
	case hasPrefix(text, "# Native memory allocation ("):
		f.request(l)
	case hasPrefix(text, "# Cannot create "):
		d.request = comment(text)
		f.jvm.Native = event.NativeRequest{Call: "thread", For: d.request}
	case hasPrefix(text, "# java.lang.OutOfMemoryError: requested "):
		f.oldRequest(l)
	case hasPrefix(text, "# Problematic frame:"):
		d.frame = true
	case hasPrefix(text, "# JRE version:"):
		f.version(l)
	case hasPrefix(text, "# Java VM:"):
		f.collector(l)
	case hasPrefix(text, "#  "):
		f.reason(text)
	case f.jvm.PID == 0:
		f.jvm.PID = int(number(between(text, "hs_err_pid", ".")))
	}
}

// reason takes the line that names a signal or the place of an error, and the one after it. They stand behind two
// blanks; hints stand behind three.
func (f *file) reason(text []byte) {
	d := &f.death
	switch {
	case hasPrefix(text, "#   "):
	case d.reason == "":
		reason, rest, _ := bytes.Cut(text, []byte(", pid="))
		d.reason = comment(reason)
		f.jvm.PID = int(number(rest))
	case d.detail == "":
		d.detail = comment(text)
	}
}

// request takes the request that the system refused.
func (f *file) request(l *dialect.Line) {
	f.death.request = comment(l.Text)
	a, err := f.allocation.Parse(l.Text)
	if err != nil {
		f.problem(l, "the failed allocation does not read")
		return
	}
	f.jvm.Native = event.NativeRequest{Call: a.Call, Size: unit.Known(unit.Bytes(a.Size.Int())), For: purpose(l.Text)}
}

func (f *file) oldRequest(l *dialect.Line) {
	f.death.request, f.death.memory = comment(l.Text), true
	a, err := f.exhausted.Parse(l.Text)
	if err != nil {
		f.problem(l, "the failed allocation does not read")
		return
	}
	f.jvm.Native = event.NativeRequest{Call: "malloc", Size: unit.Known(unit.Bytes(a.Size.Int())), For: strings.TrimSuffix(purpose(l.Text), ". Out of swap space?")}
}

// purpose is what memory was asked for: "Error detail: AllocateHeap" since JDK 17, "for AllocateHeap" before.
func purpose(text []byte) string {
	for _, label := range []string{"Error detail: ", " bytes for "} {
		if _, what, ok := bytes.Cut(text, []byte(label)); ok {
			return clip(bytes.TrimSuffix(what, []byte(".")))
		}
	}
	return ""
}

// version takes the version of the runtime: the first parenthesis that begins with a digit. It may hold another.
func (f *file) version(l *dialect.Line) {
	for rest := l.Text; ; {
		_, after, ok := bytes.Cut(rest, []byte("("))
		if !ok {
			return
		}
		rest = after
		after = bytes.TrimPrefix(after, []byte("build "))
		if len(after) > 0 && after[0]-'0' <= 9 {
			v, _, _ := bytes.Cut(after, []byte(")"))
			f.jvm.Version = clip(v)
			f.note(l, event.Setting{Name: event.VersionName, Text: f.jvm.Version})
			return
		}
	}
}

// collectors are named so by JDK 11 and later.
var collectors = []struct {
	text string
	is   event.Collector
}{
	{", serial gc", event.Serial},
	{", parallel gc", event.Parallel},
	{", concurrent mark sweep gc", event.CMS},
	{", g1 gc", event.G1},
	{", z gc", event.ZGC},
	{", generational z gc", event.ZGC},
	{", shenandoah gc", event.Shenandoah},
	{", generational shenandoah gc", event.Shenandoah},
	{", epsilon gc", event.Epsilon},
}

// platforms are the operating systems in the last words of "Java VM:", before the processor.
var platforms = []string{"linux-", "windows-", "bsd-", "aix-", "solaris-"}

// platform is the word of a line that names the operating system and the processor.
func platform(text []byte) string {
	for word := range bytes.FieldsSeq(text) {
		if hasAnyPrefix(word, platforms) {
			return clip(bytes.TrimRight(word, "),"))
		}
	}
	return ""
}

func (f *file) collector(l *dialect.Line) {
	f.jvm.Platform = platform(l.Text)
	for _, c := range collectors {
		if bytes.Contains(l.Text, []byte(c.text)) {
			f.jvm.Collector = c.is
			f.note(l, event.Setting{Name: event.CollectorName, Text: string(c.is)})
		}
	}
}

// maxNotes bounds the settings of a header.
const maxNotes = 4

// note keeps a setting of the header until it is clear that the header is not told twice.
func (f *file) note(l *dialect.Line, s event.Setting) {
	if len(f.notes) < maxNotes {
		s.Head = l.Head(name)
		f.notes = append(f.notes, &s)
	}
}

// introduce tells the settings of the header.
func (f *file) introduce() {
	for _, s := range f.notes {
		f.set(s)
	}
	f.notes = nil
}

// lastWords makes the event of the death.
func (f *file) lastWords() event.Event {
	d := &f.death
	f.jvm.Error = d.reason
	if d.detail != "" {
		f.jvm.Error = d.detail
	}
	message, isOOM := strings.CutPrefix(d.detail, "fatal error: ")
	switch {
	case isOOM && strings.HasPrefix(message, "OutOfMemory encountered: "):
		kind := javaKind(message)
		return &event.RuntimeOOM{Head: f.head, Runtime: "jvm", Kind: kind, Message: message, InUse: f.inUse(kind), Fatal: true, PID: f.jvm.PID}
	case d.memory:
		if message = d.request; message == "" {
			message = d.first
		}
		return &event.RuntimeOOM{Head: f.head, Runtime: "jvm", Kind: f.nativeKind(), Message: message, Requested: f.jvm.Native.Size, Fatal: true, PID: f.jvm.PID}
	}
	end := &event.ProcessEnd{Head: f.head, Runtime: "jvm", Kind: event.EndFatal, Message: d.reason, PID: f.jvm.PID}
	signal, _, _ := strings.Cut(d.reason, " ")
	switch {
	case strings.HasPrefix(signal, "SIG"), strings.HasPrefix(signal, "EXCEPTION_"):
		end.Kind, end.Signal = event.EndSignal, signal
	case d.detail != "":
		end.Message = d.reason + ": " + d.detail
	case d.reason == "":
		end.Message = d.first
	}
	return end
}

// javaKinds names what ran out by the words of the OutOfMemoryError, the first match wins.
var javaKinds = []struct {
	words string
	kind  event.OOMKind
}{
	{"GC overhead limit exceeded", event.OOMOverhead},
	{"Requested array size exceeds VM limit", event.OOMArray},
	{"Compressed class space", event.OOMClassSpace},
	{"Metaspace", event.OOMMetaspace},
	{"PermGen space", event.OOMPermGen},
	{"irect buffer", event.OOMDirect},
	{"native thread", event.OOMThreads},
	{"C heap", event.OOMNative},
	{"Out of swap space", event.OOMNative},
}

func javaKind(message string) event.OOMKind {
	for _, k := range javaKinds {
		if strings.Contains(message, k.words) {
			return k.kind
		}
	}
	return event.OOMHeap
}

// nativeKind tells what the system refused: a thread; address space, where memory was to be reserved, mapped without
// being committed, or protected, which splits a mapping; else memory.
func (f *file) nativeKind() event.OOMKind {
	n := &f.jvm.Native
	switch {
	case n.Call == "thread":
		return event.OOMThreads
	case n.Call == "mprotect", strings.Contains(n.For, "reserve memory for"), strings.Contains(n.For, "to map memory"), strings.Contains(n.For, "reserved region"):
		return event.OOMAddressSpace
	}
	return event.OOMNative
}

// inUse is what was used of the space that ran out.
func (f *file) inUse(kind event.OOMKind) unit.Size {
	switch kind {
	case event.OOMHeap, event.OOMOverhead:
		return f.jvm.Heap.Used
	case event.OOMMetaspace:
		return f.jvm.Metaspace.Used
	case event.OOMClassSpace:
		return f.jvm.ClassSpace.Used
	}
	return unit.Size{}
}
