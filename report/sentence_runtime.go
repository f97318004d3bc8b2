package report

import (
	"fmt"
	"strconv"
	"strings"

	"oomtrace/parser/event"
)

// The sentences of ends that the runtime, or the process itself, tells of.

func (b *builder) addressFirst() Text {
	return b.died().Plain(": the address space that it may use was full, not the memory")
}

// says reports that the runtime's own words, which the sentence quotes, name the bound that was passed.
func (b *builder) says(o *event.RuntimeOOM) bool {
	return !b.in.Redact && o.Bound > 0 && strings.Contains(o.Message, strconv.FormatInt(o.Bound, 10))
}

func (b *builder) threadFirst() Text {
	without := "it may not have more threads"
	if o, ok := b.in.Timeline.Death.Event.(*event.RuntimeOOM); ok && o.Runtime == "jvm" {
		without = "no further thread could be made" // for want of room for its stack, it may be
	}
	return b.boundFirst("it may have %s threads, and needed more", without)
}

func (b *builder) stackFirst() Text {
	return b.boundFirst("a stack passed its bound of %s bytes", "a stack overflowed, as endless recursion makes it")
}

// boundFirst is the sentence of a runtime that passed a bound of its own: the format takes the bound, where one is told.
func (b *builder) boundFirst(format, without string) Text {
	t := b.died()
	o, ok := b.in.Timeline.Death.Event.(*event.RuntimeOOM)
	switch {
	case ok && b.says(o):
		return t
	case ok && o.Bound > 0:
		return t.Plain(": " + fmt.Sprintf(format, count(o.Bound)))
	}
	return t.Plain(": " + without)
}

func (b *builder) notOOMFirst() Text {
	t := b.died()
	e, ok := b.in.Timeline.Death.Event.(*event.ProcessEnd)
	switch frame := b.frame(e); {
	case !ok || b.in.Redact:
	case frame != "":
		t = t.Plain(" in ").Log(cut(frame, 100))
	case e.Message != "" && !e.Fault():
		t = t.Plain(" (").Log(cut(e.Message, 100)).Plain(")")
	}
	return t.Plain(", not for want of memory")
}

// frame is where a JVM failed, as its crash report says; it is empty where nothing does.
func (b *builder) frame(e *event.ProcessEnd) string {
	for _, ev := range b.in.Timeline.Events {
		if d, ok := ev.(*event.Dump); ok && e != nil && e.Fault() && d.JVM != nil && d.JVM.PID == e.PID {
			_, place := d.JVM.Failed()
			return place
		}
	}
	return ""
}

// faulted reports whether the process died of a fault of its own.
func (b *builder) faulted() bool {
	e, ok := b.in.Timeline.Death.Event.(*event.ProcessEnd)
	return ok && e.Fault()
}

// runtimeSecond tells what the runtime said.
func (b *builder) runtimeSecond() Text {
	o, ok := b.in.Timeline.Death.Event.(*event.RuntimeOOM)
	if !ok {
		return b.flatSecond()
	}
	var t Text
	if r, ok := o.Requested.Get(); ok {
		t = t.Plain("The allocation that failed asked for " + measure(r))
		if u, ok := o.InUse.Get(); ok {
			t = t.Plain("; " + measure(u) + " were in use")
		}
		t = t.Plain(".")
	}
	if b.run != nil {
		t = t.Plain(space(t)).Append(b.flatSecond())
	}
	return t
}
