package earlyoom

import (
	"bytes"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// patience is how many lines may stand between the choice of a victim and its kill. A tree of its ancestors is among them.
const patience = 64

// victim is what nohang has told of the process that it is going to kill.
type victim struct {
	pid     int
	process string
	reason  string
	cgroup  string
	rss     unit.Size
	lines   int // left to wait for the kill
}

func (v *victim) waits() bool { return v.lines > 0 }

// chosen reads "PID: 903309, name: mysqld, badness: 849".
func (d *decoder) chosen(text []byte) bool {
	if !ascii.HasPrefix(text, "PID: ") {
		return false
	}
	number, rest, _ := bytes.Cut(text[len("PID: "):], []byte(", "))
	pid, ok := ascii.Int(number)
	end := bytes.LastIndex(rest, []byte(", badness: "))
	if !ok || end < len("name: ") || !bytes.EqualFold(rest[:len("name: ")], []byte("name: ")) {
		return false
	}
	d.victim = victim{pid: pid, process: clip(rest[len("name: "):end]), lines: patience}
	return true
}

// portrait reads the lines about the victim, up to the kill.
func (d *decoder) portrait(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	v := &d.victim
	v.lines--
	text = bytes.TrimRight(text, " ")
	switch {
	case ascii.HasPrefix(text, "MemAvailable [") && bytes.Contains(text, []byte("<= ")):
		v.reason = clip(text)
	case ascii.HasPrefix(text, "VmRSS: "):
		v.rss = size(text[len("VmRSS: "):], " MiB", unit.MiB)
	case ascii.HasPrefix(text, "Victim VmRSS: "):
		v.rss = size(text[len("Victim VmRSS: "):], " KiB", unit.KiB)
	case ascii.HasPrefix(text, "CGroup_v2: /"):
		v.cgroup = clip(text[len("CGroup_v2: "):])
	case ascii.HasPrefix(text, "MemAvailable: "):
		return d.status(l, text, emit)
	case ascii.HasPrefix(text, "Send SIG") && bytes.Contains(text, []byte(" to the victim")):
		d.strike(l, text, emit)
	case ascii.HasPrefix(text, "Sending SIG") && bytes.Contains(text, []byte(" to the victim")):
		d.strike(l, text, emit)
	default:
		return false
	}
	return true
}

// size reads "10432 MiB  (Anon: 10427 MiB, ...)" where the unit is " MiB".
func size(text []byte, name string, of unit.Bytes) unit.Size {
	number, _, found := bytes.Cut(bytes.TrimLeft(text, " "), []byte(name))
	n, ok := ascii.Int(number)
	if !found || !ok {
		return unit.Size{}
	}
	return unit.Known(unit.Bytes(n) * of)
}

// status reads "MemAvailable: 1574.5 MiB, SwapFree: 546.0 MiB".
func (d *decoder) status(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	tree, err := d.read.status.Parse(text)
	if err != nil {
		return false
	}
	emit(&event.Sample{Head: l.Head(name), Values: []event.Value{
		{Name: event.ValueAvailable, V: tree.Mem.Float() * float64(unit.MiB)},
		{Name: event.ValueSwapFree, V: tree.Swap.Float() * float64(unit.MiB)},
	}})
	return true
}

// strike emits the kill.
func (d *decoder) strike(l *dialect.Line, text []byte, emit dialect.Emit) {
	v := &d.victim
	ev := &event.ContainerEvent{
		Head: l.Head(name), Container: event.Container{Engine: Nohang},
		Action: event.ActionKill, Reason: v.reason, Message: clip(text), Signal: sigterm,
		PID: v.pid, Process: v.process, Cgroup: v.cgroup, Usage: v.rss, Count: 1,
	}
	if bytes.Contains(text, []byte("SIGKILL")) {
		ev.Signal = sigkill
	}
	d.victim = victim{}
	emit(ev)
}
