package systemd

import (
	"bytes"
	"strings"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// dump is the list of candidates that systemd-oomd writes before it kills. The last one is the one that it killed.
type dump struct {
	open  bool
	list  bool // it is the output of oomctl, which lists what is watched
	lines int
	path  string
	usage unit.Size // of the candidate
}

// oomd reads the kills of systemd-oomd.
func (d *decoder) oomd(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	switch {
	case ascii.HasPrefix(text, "Considered ") && bytes.Contains(text, []byte(" cgroups for killing, top candidates were")):
		d.dump = dump{open: true}
		return true
	case string(text) == "Dry Run: no", string(text) == "Dry Run: yes":
		d.dump = dump{open: true, list: true}
		return true
	case ascii.HasPrefix(text, "Killed /"), ascii.HasPrefix(text, "Marked /"):
		return d.kill(l, text, emit)
	case ascii.HasPrefix(text, "Memory pressure for /"):
		return d.pressed(l, text, emit)
	}
	return false
}

// candidate reads a line of the dump.
func (d *decoder) candidate(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	c := &d.dump
	text = bytes.TrimLeft(bytes.ReplaceAll(text, []byte("#011"), nil), " \t")
	if c.lines++; c.lines > maxDump {
		c.open = false
		return false
	}
	key, value, ok := bytes.Cut(text, []byte(": "))
	switch string(key) {
	case "Path":
		c.path, c.usage = clip(value), unit.Size{}
	case "Current Memory Usage":
		c.usage = d.amount(value)
		c.watched(l, emit)
	case "Memory", "Swap":
		return c.list && d.machine(l, string(key), value, emit)
	case "Swap Usage", "Memory Pressure Limit", "Pressure", "Memory Min", "Memory Low", "Pgscan", "Last Pgscan":
	case "Swap Used Limit", "Default Memory Pressure Limit", "Default Memory Pressure Duration":
		return c.list
	default:
		return c.list && !ok && (ascii.HasPrefix(text, "System Context:") || bytes.HasSuffix(text, []byte(" Monitored CGroups:")))
	}
	return ok
}

// watched emits what oomctl says of a group.
func (c *dump) watched(l *dialect.Line, emit dialect.Emit) {
	if !c.list || c.path == "" || c.path == "/" {
		return
	}
	s := &event.ContainerStatus{Head: l.Head(name), Container: container(unitOf(c.path)), Cgroup: c.path, Usage: c.usage, State: "monitored"}
	s.Engine = event.SystemdOOMD
	emit(s)
}

// machine reads "Memory: Used: 5.1G Total: 7.5G" of oomctl.
func (d *decoder) machine(l *dialect.Line, what string, value []byte, emit dialect.Emit) bool {
	taken, _ := between(value, "Used: ", " ")
	_, all, _ := bytes.Cut(value, []byte("Total: "))
	used, known := d.amount(taken).Get()
	total, too := d.amount(all).Get()
	if !known || !too {
		return false
	}
	names := map[string][2]string{"Memory": {event.ValueTotal, event.ValueAvailable}, "Swap": {swapTotal, event.ValueSwapFree}}[what]
	emit(&event.Sample{Head: l.Head(name), Values: []event.Value{{Name: names[0], V: float64(total)}, {Name: names[1], V: float64(total - used)}}})
	return true
}

// swapTotal is the swap of the machine.
const swapTotal = "machine_swap_total_bytes"

// amount reads a size that stands alone; unknown if it is none.
func (d *decoder) amount(text []byte) unit.Size {
	tree, err := d.read.amount.Parse(bytes.TrimRight(text, " "))
	if err != nil {
		return unit.Size{}
	}
	return tree.Size.bytes()
}

// kill reads "Killed /G due to ...". The path of a group may hold anything but a slash at its end.
func (d *decoder) kill(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	i := bytes.Index(text, []byte(" due to "))
	if i < 0 {
		return false
	}
	path, why := text[len("Killed "):i], text[i+len(" due to "):]
	path = bytes.TrimSuffix(path, []byte(" for killing"))
	ev := &event.ContainerEvent{
		Head: l.Head(name), Container: container(unitOf(string(path))), Cgroup: clip(path),
		Action: event.ActionKill, Message: clip(text), Signal: sigkill, Count: 1,
	}
	ev.Engine = event.SystemdOOMD
	sample := &event.Sample{Head: ev.Head}
	var whole bool
	if at := bytes.LastIndex(why, []byte(" being ")); ascii.HasPrefix(why, "memory pressure for /") && at > 0 {
		ev.Reason = "memory-pressure"
		whole = d.pressure(why[at+1:], sample)
	} else if ascii.HasPrefix(why, "memory used (") || ascii.HasPrefix(why, "swap used (") {
		ev.Reason = "memory-used"
		whole = d.used(why, sample)
	} else {
		return false
	}
	if !whole {
		emit(problem(l, "a kill by systemd-oomd that breaks off or is not as it writes it"))
	}
	if d.dump.path == string(path) {
		ev.Usage = d.dump.usage
	}
	d.dump = dump{}
	if len(sample.Values) > 0 {
		emit(sample)
	}
	emit(ev)
	return true
}

// pressure reads "being 51.07% > 50.00% for > 20s with reclaim activity".
func (d *decoder) pressure(text []byte, sample *event.Sample) bool {
	tree, err := d.read.pressure.Parse(bytes.TrimRight(text, " "))
	if err != nil {
		return false
	}
	sample.Values = []event.Value{
		{Name: "memory_pressure_ratio", V: tree.Share.Float() / 100},
		{Name: "memory_pressure_limit_ratio", V: tree.Limit.Float() / 100},
	}
	return true
}

// used reads the memory and the swap of the machine.
func (d *decoder) used(text []byte, sample *event.Sample) bool {
	tree, err := d.read.used.Parse(bytes.TrimRight(text, " "))
	if err != nil {
		return false
	}
	if len(tree.Memory) == 2 {
		taken, all := tree.Memory[0].Int(), tree.Memory[1].Int()
		sample.Values = append(sample.Values,
			event.Value{Name: event.ValueTotal, V: float64(all)}, event.Value{Name: event.ValueAvailable, V: float64(all - taken)})
	}
	taken, all := tree.Swap[0].Int(), tree.Swap[1].Int()
	sample.Values = append(sample.Values,
		event.Value{Name: swapTotal, V: float64(all)}, event.Value{Name: event.ValueSwapFree, V: float64(all - taken)})
	return true
}

// pressed reads "Memory pressure for /P is greater than 50 for more than 10 seconds and there was reclaim activity" of v247
// and v248, where the kill itself stands in the lines of the unit only.
func (d *decoder) pressed(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	path, ok := between(text, "Memory pressure for ", " is greater than ")
	if !ok {
		return false
	}
	ev := &event.ContainerEvent{
		Head: l.Head(name), Container: container(unitOf(string(path))), Cgroup: clip(path),
		Action: event.ActionExceed, Reason: "memory-pressure", Message: clip(text), Count: 1,
	}
	ev.Engine = event.SystemdOOMD
	emit(ev)
	return true
}

// unitOf returns the last name of a path of a control group.
func unitOf(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// dumped reads "Process 4711 (node) of user 1000 dumped core." of systemd-coredump.
func (d *decoder) dumped(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	at := bytes.Index(text, []byte("Process "))
	if at < 0 || at > len("[🡕] ") {
		return false
	}
	rest := text[at+len("Process "):]
	n := digits(rest)
	end := bytes.LastIndex(rest, []byte(") of user "))
	pid, ok := ascii.Int(rest[:n])
	if !ok || end < n+2 || !ascii.HasPrefix(rest[n:], " (") {
		return false
	}
	how := rest[end+len(") of user "):]
	if !bytes.Contains(how, []byte(" dumped core")) && !bytes.Contains(how, []byte(" terminated abnormally")) {
		return false
	}
	emit(&event.ProcessEnd{
		Head: l.Head(name), Kind: event.EndSignal, PID: pid, Message: clip(text[at:]),
	})
	return true
}
