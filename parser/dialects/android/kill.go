package android

import (
	"bytes"
	"strconv"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
)

// killing reads the kills of lmkd and of the kernel's driver.
func (d *decoder) killing(l *dialect.Line, m *message, emit dialect.Emit) bool {
	if d.kill != nil && d.reason(m, emit) {
		return true
	}
	text := m.text
	for _, words := range []string{"Kill '", "Killing '"} {
		i := bytes.Index(text, []byte(words))
		if i < 0 || !(i == 0 || bytes.HasSuffix(text[:i], []byte("lowmemorykiller: ")) || bytes.HasSuffix(text[:i], []byte("lmkd: "))) {
			continue
		}
		rest := text[i+len(words):]
		end := bytes.Index(rest, []byte("' ("))
		if end < 0 {
			return false
		}
		return d.victim(l, m, rest[:end], rest[end+1:], emit)
	}
	return false
}

// victim reads a kill from behind the name of the process.
func (d *decoder) victim(l *dialect.Line, m *message, process, text []byte, emit dialect.Emit) bool {
	facts, reason, _ := bytes.Cut(text, []byte("; reason: "))
	tree, err := d.read.kill.Parse(bytes.TrimRight(facts, " "))
	if err != nil {
		emit(d.problem(l, m, "a kill that breaks off or is not as lmkd writes it"))
		return true
	}
	d.endKill(emit)
	d.kill = &event.ContainerEvent{
		Head:      l.Head(name),
		Container: event.Container{Engine: event.Lmkd, Name: clip(process)},
		Action:    event.ActionKill, Reason: clip(reason), Message: clip(m.text),
		PID: int(min(tree.PID.Int(), 1<<31)), Process: clip(process), Usage: kib(tree.RSS), Count: 1,
	}
	d.killGap = 0
	if tree.RSS != nil {
		d.endKill(emit)
	}
	return true
}

// reason reads the lines that follow a kill of the kernel's driver or of an early lmkd.
func (d *decoder) reason(m *message, emit dialect.Emit) bool {
	i := bytes.Index(m.text, []byte("to free "))
	switch text := bytes.TrimLeft(m.text, " "); {
	case i >= 0 && !d.kill.Usage.IsKnown():
		tree, err := d.read.free.Parse(bytes.TrimRight(m.text[i:], " "))
		if err != nil {
			return false
		}
		d.kill.Usage = kib(&tree.RSS)
		if tree.System {
			d.kill.Reason = tree.Level + " memory pressure"
			d.endKill(emit)
		}
		return true
	case ascii.HasPrefix(text, "cache ") && bytes.Contains(text, []byte(" is below limit ")):
		d.kill.Reason = clip(text)
		d.killGap = 0
		return true
	case ascii.HasPrefix(text, "Free memory is "):
		d.endKill(emit)
		return true
	}
	return false
}

func (d *decoder) endKill(emit dialect.Emit) {
	if d.kill != nil {
		emit(d.kill)
		d.kill = nil
	}
}

// activity reads am_kill and am_low_memory of the event log.
func (d *decoder) activity(l *dialect.Line, m *message, emit dialect.Emit) bool {
	if m.tagged(l, "am_kill") {
		return d.activityKill(l, m, emit)
	}
	count, digits := number(m.text)
	if digits == 0 || !m.tagged(l, "am_low_memory") {
		return false
	}
	emit(&event.ContainerEvent{
		Head: l.Head(name), Container: event.Container{Engine: ActivityManager},
		Action: event.ActionOther, Reason: "am_low_memory", Message: strconv.Itoa(count) + " processes are cached, and memory is low", Count: 1,
	})
	return true
}

// tagged reports whether a message stands under a tag, which an envelope may have taken off.
func (m *message) tagged(l *dialect.Line, tag string) bool {
	if len(m.tag) == 0 && l.Stream != nil {
		return l.Stream.Unit == tag
	}
	return string(m.tag) == tag
}

// activityKill reads [user,pid,process,adj,reason] with an RSS in bytes behind it since Android 12.
func (d *decoder) activityKill(l *dialect.Line, m *message, emit dialect.Emit) bool {
	if len(m.text) < 2 || m.text[0] != '[' {
		return false
	}
	f := bytes.SplitN(bytes.TrimSuffix(m.text[1:], []byte("]")), []byte(","), 5)
	if len(f) < 5 {
		emit(d.problem(l, m, "am_kill without a reason"))
		return true
	}
	pid, digits := number(f[1])
	if digits == 0 || digits != len(f[1]) {
		emit(d.problem(l, m, "am_kill without a process"))
		return true
	}
	reason := f[4]
	if i := bytes.LastIndexByte(reason, ','); i >= 0 {
		if _, digits := number(reason[i+1:]); digits > 0 && i+1+digits == len(reason) {
			reason = reason[:i]
		}
	}
	emit(&event.ContainerEvent{
		Head: l.Head(name), Container: event.Container{Engine: ActivityManager, Name: clip(f[2])},
		Action: event.ActionKill, Reason: clip(reason), Message: clip(m.text), PID: pid, Process: clip(f[2]), Count: 1,
	})
	return true
}
