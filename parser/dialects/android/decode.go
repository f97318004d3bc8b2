package android

import (
	"bytes"
	"strings"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// Bounds of the work for one line and of what a decoder remembers.
const (
	maxLine      = 4096 // logcat cuts at 4068 bytes
	maxProcesses = 1024
	maxText      = 200 // of what a problem and a message quote
)

// decoder reads the lines of one stream, which may hold the log of a whole device.
type decoder struct {
	read    readers
	streams map[event.Stream]*event.Stream
	thrown  thrown
	kill    *event.ContainerEvent // whose reason stands in the next line
	killGap int
	scudo   *event.RuntimeOOM // that a tombstone may tell more of
	aborted int               // lines since
	tomb    *tombstone

	untagged bool // the stream is none of those whose name stands for the words of a line
}

func newDecoder() *decoder { return fresh(newReaders()) }

// Sibling implements dialect.Sibling.
func (d *decoder) Sibling() dialect.Decoder { return fresh(d.read) }

func fresh(read readers) *decoder {
	return &decoder{read: read, streams: map[event.Stream]*event.Stream{}}
}

// Forerunners wait for what belongs to them this long, in lines.
const (
	reasonGap = 8
	tombGap   = 256
	throwGap  = 64
)

// Idle implements dialect.Idler.
func (d *decoder) Idle() bool {
	return d.untagged && d.kill == nil && d.scudo == nil && d.tomb == nil && (d.thrown.words == "" || d.thrown.gap > throwGap)
}

// anchors returns the texts one of which stands in every line that is Android's by itself.
func anchors() []string {
	return append([]string{
		"freed ", "Clamp target GC heap from ", "OutOfMemoryError", "Failed to allocate a ", "Kill '", "Killing '", "am_kill", "am_low_memory", "Scudo ", firstRule,
	}, asides...)
}

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	text := l.Text
	if len(text) == 0 || len(text) > maxLine {
		return false
	}
	d.untagged = l.Stream == nil || l.Stream.Unit != "am_kill" && l.Stream.Unit != "am_low_memory"
	d.thrown.gap++
	m := logcat(text)
	claimed := d.claim(l, &m, emit)
	d.wait(claimed, emit)
	return claimed
}

func (d *decoder) claim(l *dialect.Line, m *message, emit dialect.Emit) bool {
	if d.tomb != nil && d.entombed(l, m, emit) {
		return true
	}
	return d.collection(l, m, emit) || d.outOfMemory(l, m, emit) || d.killing(l, m, emit) || d.activity(l, m, emit) ||
		d.abort(l, m, emit) || d.bury(l, m)
}

// wait lets go of what waited too long.
func (d *decoder) wait(claimed bool, emit dialect.Emit) {
	if d.kill != nil {
		if d.killGap++; d.killGap > reasonGap {
			d.endKill(emit)
		}
	}
	if d.scudo != nil {
		if d.aborted++; d.aborted > tombGap {
			d.endScudo(emit)
		}
	}
	if d.tomb != nil && !claimed {
		if d.tomb.gap++; d.tomb.gap > maxTombGap {
			d.endTomb(false, emit)
		}
	}
}

// Flush implements dialect.Decoder.
func (d *decoder) Flush(emit dialect.Emit) {
	if d.tomb != nil {
		d.endTomb(!d.tomb.stacked, emit)
	}
	d.endScudo(emit)
	d.endKill(emit)
}

// message is a line of logcat: the process that wrote it, its tag, and the text.
type message struct {
	pid  int
	tag  []byte
	text []byte
}

// logcat takes the prefix of logcat off. Without one, the text is the whole line.
func logcat(text []byte) message {
	for _, read := range []func([]byte) (message, bool){brief, threadtime} {
		if m, ok := read(text); ok {
			return m
		}
	}
	if len(text) > 3 && text[0] == '<' && text[2] == '>' {
		text = text[3:] // the level of a kernel line
	}
	return message{text: text}
}

// brief reads "I/art     ( 1795): text", behind a date in the format time. Without the process it is the format tag.
func brief(text []byte) (message, bool) {
	slash := bytes.IndexByte(text[:min(len(text), 64)], '/')
	if slash < 1 || !level(text[slash-1]) || slash > 1 && text[slash-2] != ' ' && text[slash-2] != ',' {
		return message{}, false
	}
	tag, rest, ok := bytes.Cut(text[slash+1:], []byte(": "))
	if !ok {
		return message{}, false
	}
	m := message{text: rest}
	if open := bytes.LastIndexByte(tag, '('); open >= 0 && tag[len(tag)-1] == ')' {
		pid := bytes.TrimLeft(tag[open+1:len(tag)-1], " ")
		n, digits := number(pid)
		if digits != len(pid) {
			return message{}, false
		}
		m.pid, tag = n, tag[:open]
	}
	m.tag = bytes.TrimSpace(tag)
	return m, len(m.tag) > 0
}

// threadtime reads "10-24 14:24:26.342   710   710 I lowmemorykiller: text". The date may be missing, as an envelope has
// read it, and a user name may stand before the numbers.
func threadtime(text []byte) (message, bool) {
	rest := text
	var pid, n int
	seen := 0 // numbers just before
	for range 8 {
		rest = bytes.TrimLeft(rest, " ")
		word, after, ok := bytes.Cut(rest, []byte(" "))
		if !ok {
			return message{}, false
		}
		if len(word) == 1 && level(word[0]) && seen >= 2 {
			tag, body, ok := bytes.Cut(after, []byte(": "))
			return message{pid, bytes.TrimSpace(tag), body}, ok && len(tag) > 0 && len(tag) <= 64
		}
		v, digits := number(word)
		if digits == len(word) {
			pid, n = n, v
			seen++
		} else {
			seen = 0
		}
		rest = after
	}
	return message{}, false
}

func level(b byte) bool { return strings.IndexByte("VDIWEFA", b) >= 0 }

// number reads the digits at the beginning of text, up to nine of them.
func number(text []byte) (n, digits int) {
	for digits < len(text) && digits < 9 && text[digits]-'0' <= 9 {
		n = n*10 + int(text[digits]-'0')
		digits++
	}
	return n, digits
}

// stream returns the stream of the process that wrote the message, whatever its tag: one process writes under many.
func (d *decoder) stream(l *dialect.Line, m *message) *event.Stream {
	if m.pid == 0 {
		return l.Stream
	}
	s := event.Stream{}
	if l.Stream != nil {
		s = *l.Stream
	}
	s.PID = m.pid
	if known, ok := d.streams[s]; ok {
		return known
	}
	if len(d.streams) >= maxProcesses {
		clear(d.streams)
	}
	d.streams[s] = &s
	return &s
}

// head returns the head of an event that the message begins.
func (d *decoder) head(l *dialect.Line, m *message) event.Head {
	h := l.Head(name)
	h.Stream = d.stream(l, m)
	return h
}

func (d *decoder) problem(l *dialect.Line, m *message, what string) *event.Problem {
	return &event.Problem{Head: d.head(l, m), Message: what, Text: clip(m.text)}
}

func clip(text []byte) string { return string(text[:min(len(text), maxText)]) }
