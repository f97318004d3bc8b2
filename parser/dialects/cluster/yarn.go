package cluster

import (
	"bytes"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
	"oomtrace/parser/shape"
	"oomtrace/parser/unit"
)

// yarn is a kill by the NodeManager that waits for the dump of the container's processes.
type yarn struct {
	event *event.ContainerEvent
	lines int
	pages int64 // of the largest process
	told  string
}

// beyond reads "Container [pid=2477,containerID=container_1401362984347_0002_01_000001] is running beyond physical memory limits.
// Current usage: 1.0 GB of 1 GB physical memory used; 1.7 GB of 5 GB virtual memory used. Killing container."
func (d *decoder) beyond(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	i := bytes.Index(text, []byte("Container [pid="))
	if i < 0 {
		return false
	}
	reason, usage, found := bytes.Cut(text[i:], []byte("Current usage: "))
	end := bytes.IndexByte(reason, ']')
	if end < 0 || !found {
		return false
	}
	tree, err := d.read.container.Parse(reason[:end+1])
	if err != nil {
		emit(problem(l, "a container that is not as YARN writes it"))
		return true
	}
	ev := happened(l, event.YARN, event.ActionOOM, "physical memory", text[i:])
	ev.PID, ev.ID, ev.Signal = int(min(tree.PID.Int(), 1<<31)), tree.ID[0], sigkill
	if bytes.Contains(reason, []byte("virtual memory limit")) || bytes.Contains(reason, []byte("'VIRTUAL'")) {
		ev.Action, ev.Reason = event.ActionKill, "virtual memory"
	}
	if !d.usage(usage, ev) {
		emit(problem(l, "what a container uses, not as YARN writes it"))
	}
	d.endYARN(emit)
	d.yarn = yarn{event: ev, told: d.yarn.told}
	return true
}

const sigkill = 9

// usage reads the amounts for which the container was killed.
func (d *decoder) usage(text []byte, ev *event.ContainerEvent) bool {
	sentence, _, _ := bytes.Cut(text, []byte(". "))
	for part := range bytes.SplitSeq(sentence, []byte(";")) {
		tree, err := d.read.used.Parse(bytes.TrimSpace(bytes.TrimRight(part, ".")))
		if err == nil && tree.Kind+" memory" == ev.Reason {
			ev.Usage, ev.Limit = tree.Used.bytes(), tree.Limit.bytes()
			return true
		}
	}
	return false
}

// tree reads the lines behind the kill: "|- 2483 2477 2477 2477 (java) 5021 548 1711837184 274360 /usr/bin/java ...".
func (d *decoder) tree(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	d.yarn.lines++
	row := bytes.TrimLeft(text, " \t")
	switch {
	case d.yarn.lines > maxTree:
		d.endYARN(emit)
		return false
	case ascii.HasPrefix(row, "Dump of the process-tree for "), ascii.HasPrefix(row, "|- PID PPID "):
		return true
	case ascii.HasPrefix(row, "|- "):
		if !d.member(row[len("|- "):]) {
			emit(problem(l, "a process that is not as YARN writes it"))
		}
		return true
	}
	d.endYARN(emit)
	return false
}

// member reads a process of the tree.
func (d *decoder) member(row []byte) bool {
	open, end := bytes.Index(row, []byte(" (")), bytes.Index(row, []byte(") "))
	if open < 0 || end < open {
		return false
	}
	numbers := row[end+len(") "):]
	cut := 0
	for range 4 {
		blank := bytes.IndexByte(numbers[cut:], ' ')
		if blank < 0 {
			cut = len(numbers) + 1
			break
		}
		cut += blank + 1
	}
	tree, err := d.read.process.Parse(bytes.TrimSpace(numbers[:min(max(cut-1, 0), len(numbers))]))
	if err != nil {
		return false
	}
	pid, _, _ := bytes.Cut(row, []byte(" "))
	n, ok := ascii.Int(pid)
	if pages := tree.Pages.Int(); ok && pages > d.yarn.pages {
		d.yarn.pages, d.yarn.event.PID, d.yarn.event.Process = pages, n, clip(row[open+len(" ("):end])
	}
	return ok
}

func (d *decoder) endYARN(emit dialect.Emit) {
	if d.yarn.event != nil {
		emit(d.yarn.event)
		d.yarn = yarn{told: d.yarn.told}
	}
}

// spark reads "Lost executor 2 on node: Container killed by YARN for exceeding memory limits. 9.1 GB of 9 GB physical memory
// used." Spark says it several times in other words around it.
func (d *decoder) spark(l *dialect.Line, text []byte, at int, emit dialect.Emit) bool {
	i := bytes.LastIndex(text[:at], []byte("Container killed by YARN for e"))
	limits := bytes.Index(text[at:], []byte("memory limits."))
	if i < 0 || limits < 0 {
		return false
	}
	told := clip(bytes.TrimSpace(text[i:]))
	if told == d.yarn.told {
		return true
	}
	d.yarn.told = told
	sentence, _, _ := bytes.Cut(bytes.TrimSpace(text[at+limits+len("memory limits."):]), []byte(". "))
	ev := happened(l, event.YARN, event.ActionOOM, "physical memory", text[i:])
	if tree, err := d.read.used.Parse(bytes.TrimRight(sentence, ". ")); err == nil {
		ev.Usage, ev.Limit, ev.Reason = tree.Used.bytes(), tree.Limit.bytes(), tree.Kind+" memory"
	}
	if ev.Reason == "virtual memory" {
		ev.Action = event.ActionKill
	}
	if _, lost, ok := bytes.Cut(text[:i], []byte("Lost executor ")); ok {
		executor, host, _ := bytes.Cut(lost, []byte(" on "))
		host, _, _ = bytes.Cut(host, []byte(":"))
		ev.Name, ev.Node = "executor "+clip(executor), clip(host)
	}
	emit(ev)
	return true
}

// numberOf returns the digits of a number that may be missing.
func numberOf(n *shape.Num) string {
	if n == nil {
		return ""
	}
	return step(n.Int(), "", "")
}

// pbs reads "=>> PBS: job killed: mem 2097152kb exceeded limit 1048576kb".
func (d *decoder) pbs(l *dialect.Line, text []byte, _ int, emit dialect.Emit) bool {
	i := bytes.Index(text, []byte("PBS: job killed: "))
	if i < 0 {
		return false
	}
	facts := text[i+len("PBS: job killed: "):]
	if !ascii.HasPrefix(facts, "mem ") && !ascii.HasPrefix(facts, "vmem ") && !ascii.HasPrefix(facts, "pmem ") && !ascii.HasPrefix(facts, "pvmem ") {
		return false
	}
	tree, err := d.read.pbs.Parse(bytes.TrimSpace(facts))
	if err != nil {
		emit(problem(l, "a job above its limit, not as PBS writes it"))
		return true
	}
	ev := happened(l, PBS, event.ActionOOM, tree.Kind, text[i:])
	ev.Usage, ev.Limit = amount(tree.Used.Int(), unit.KiB), amount(tree.Limit.Int(), unit.KiB)
	emit(ev)
	return true
}

// grid reads "job 7.1 exceeds job hard limit "h_vmem" of queue "all.q@n1" (4434563072.00000 > limit:4294967296.00000) - sending
// SIGKILL".
func (d *decoder) grid(l *dialect.Line, text []byte, at int, emit dialect.Emit) bool {
	open, end := bytes.LastIndexByte(text, '('), bytes.LastIndexByte(text, ')')
	job := bytes.LastIndex(text[:at], []byte("job "))
	if job < 0 || open < at || end < open {
		return false
	}
	kind, _, _ := bytes.Cut(text[at+len("xceeds job hard limit "):], []byte(" "))
	if !bytes.Contains(kind, []byte("vmem")) && !bytes.Contains(kind, []byte("rss")) && !bytes.Contains(kind, []byte("data")) {
		return false
	}
	tree, err := d.read.grid.Parse(text[open : end+1])
	if err != nil {
		emit(problem(l, "a job above its limit, not as Grid Engine writes it"))
		return true
	}
	ev := happened(l, GridEngine, event.ActionOOM, clip(bytes.Trim(kind, `"`)), text[job:])
	id, _, _ := bytes.Cut(text[job+len("job "):], []byte(" "))
	ev.ID, ev.Signal = clip(id), sigkill
	ev.Usage, ev.Limit = amount(tree.Used.Scaled(0), 1), amount(tree.Limit.Scaled(0), 1)
	emit(ev)
	return true
}
