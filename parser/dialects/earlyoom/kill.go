package earlyoom

import (
	"bytes"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

const (
	sigkill = 9
	sigterm = 15
)

// gauge reads "mem avail:   144 of   558 MiB (25.81%), swap free:    0 of    0 MiB ( 0.00%)".
func (d *decoder) gauge(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	if !ascii.HasPrefix(text, "mem avail: ") {
		return false
	}
	tree, err := d.read.gauge.Parse(bytes.TrimRight(text, " "))
	if err != nil {
		emit(problem(l, "a gauge that breaks off or is not as earlyoom writes it"))
		return true
	}
	bytes := func(n int64) float64 { return float64(n) * float64(unit.MiB) }
	emit(&event.Sample{Head: l.Head(name), Values: []event.Value{
		{Name: event.ValueAvailable, V: bytes(tree.Mem.Int())},
		{Name: event.ValueTotal, V: bytes(tree.Total.Int())},
		{Name: event.ValueSwapFree, V: bytes(tree.Swap.Int())},
		{Name: "machine_swap_total_bytes", V: bytes(tree.Swaps.Int())},
	}})
	return true
}

// low reads "low memory! at or below SIGTERM limits: mem 30.00%, swap 100.00%", the reason of the kill that follows.
func (d *decoder) low(text []byte) bool {
	if len(text) < len("low memory! ") || !bytes.EqualFold(text[:len("low memory! ")], []byte("low memory! ")) {
		return false
	}
	d.reason = clip(text[len("low memory! "):])
	return true
}

// kill reads a kill in the words of any version:
//
//	sending SIGTERM to process 430 uid 0 "hog2": oom_score 1070, VmRSS 410 MiB, cmdline "/usr/local/bin/eat"
//	killing process 27541 "bash" with signal 15: badness 550, VmRSS 7609 MiB
//	Killing process 'bash' with signal 15, pid: 5874, badness: 538, VmRSS: 3160 MiB
func (d *decoder) kill(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	if ascii.HasPrefix(text, "kill failed: ") && d.last.PID != 0 {
		d.again(l, text, event.ActionOther, "kill failed", emit)
		return true
	}
	head, process, rest, ok := named(text)
	if !ok && begins(text) {
		emit(problem(l, "a kill that breaks off or is not as earlyoom writes it"))
		return true
	}
	if !ok {
		return false
	}
	ev := &event.ContainerEvent{
		Head: l.Head(name), Container: event.Container{Engine: event.Earlyoom},
		Action: event.ActionKill, Reason: d.reason, Message: clip(text), Process: clip(process), Count: 1,
	}
	if !d.headed(head, ev) || !d.known(rest, ev) || ev.PID == 0 {
		emit(problem(l, "a kill that breaks off or is not as earlyoom writes it"))
		return true
	}
	d.last, d.reason = *ev, ""
	emit(ev)
	return true
}

// begins reports whether text begins as a kill of 1.3 and later does.
func begins(text []byte) bool {
	const words = "sending SIGTERM to process "
	return len(text) > len(words) && text[len(words)]-'0' <= 9 && (ascii.HasPrefix(text, words) || ascii.HasPrefix(text, "sending SIGKILL to process "))
}

// named splits the line of a kill around the name of the process, which may hold anything.
func named(text []byte) (head, process, rest []byte, ok bool) {
	quote, ends := []byte(` "`), []string{`": badness `, `": oom_score `}
	switch {
	case ascii.HasPrefix(text, "sending SIG"):
	case ascii.HasPrefix(text, "killing process "):
		ends = []string{`" with signal `}
	case ascii.HasPrefix(text, "Killing process '"):
		quote, ends = []byte(" '"), []string{"' with signal "}
	default:
		return nil, nil, nil, false
	}
	head, process, ok = bytes.Cut(text, quote)
	if !ok {
		return nil, nil, nil, false
	}
	for _, end := range ends {
		if i := bytes.Index(process, []byte(end)); i >= 0 {
			return head, process[:i], bytes.TrimLeft(process[i+1:], ": "), true
		}
	}
	return nil, nil, nil, false
}

// headed reads what stands before the name.
func (d *decoder) headed(head []byte, ev *event.ContainerEvent) bool {
	if string(head) == "Killing process" {
		return true
	}
	tree, err := d.read.sent.Parse(head)
	if err != nil {
		return false
	}
	ev.PID = int(min(tree.PID.Int(), 1<<31))
	ev.Signal = map[string]int{"SIGKILL": sigkill, "SIGTERM": sigterm}[tree.Signal]
	return true
}

// known reads what stands behind the name, without the command line.
func (d *decoder) known(rest []byte, ev *event.ContainerEvent) bool {
	rest, _, _ = bytes.Cut(rest, []byte(", cmdline "))
	rest, _, _ = bytes.Cut(rest, []byte(", ordering "))
	tree, err := d.read.facts.Parse(bytes.TrimRight(rest, " "))
	if err != nil {
		return false
	}
	for i := range tree.Facts {
		switch f := &tree.Facts[i]; f.Name {
		case "VmRSS":
			ev.Usage = mib(f.N.Int())
		case "signal":
			ev.Signal = int(min(f.N.Int(), 64))
		case "pid":
			ev.PID = int(min(f.N.Int(), 1<<31))
		}
	}
	return true
}

// after reads what follows a kill: "process 430 exited after 0.103 seconds", "escalating to SIGKILL after 2.4 seconds".
func (d *decoder) after(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	escalating := ascii.HasPrefix(text, "escalating to SIGKILL after ")
	if !escalating && !(ascii.HasPrefix(text, "process ") && bytes.Contains(text, []byte("exited after "))) {
		return false
	}
	tree, err := d.read.gone.Parse(bytes.TrimRight(text, " "))
	if err != nil || tree.PID == nil && d.last.PID == 0 {
		return false
	}
	if tree.PID != nil && tree.PID.Int() != int64(d.last.PID) {
		d.last = event.ContainerEvent{PID: int(min(tree.PID.Int(), 1<<31))}
	}
	if escalating {
		d.last.Signal = sigkill
		d.again(l, text, event.ActionKill, "escalating to SIGKILL", emit)
		return true
	}
	d.again(l, text, event.ActionExit, "", emit)
	return true
}

// again emits a further event of the process that was killed last.
func (d *decoder) again(l *dialect.Line, text []byte, action event.ContainerAction, reason string, emit dialect.Emit) {
	emit(&event.ContainerEvent{
		Head: l.Head(name), Container: event.Container{Engine: event.Earlyoom},
		Action: action, Reason: reason, Message: clip(text), Signal: d.last.Signal, PID: d.last.PID, Process: d.last.Process, Count: 1,
	})
}
