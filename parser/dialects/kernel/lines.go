package kernel

import (
	"bytes"
)

// anchors are the texts by which a line is known wherever it stands, and what reads the line, in the order in which
// they are tried. All texts of a group contain its sign, so that a line without any sign is let go at little cost. A
// reader gets the place of the text, and returns false if the line is foreign after all.
var anchors = []struct {
	sign  []byte
	texts []anchor
}{
	{[]byte("oom"), []anchor{
		{[]byte("oom-killer: "), (*decoder).header},
		{[]byte("oom-kill:constraint="), (*decoder).constrained},
		{[]byte(" are going to be killed due to memory.oom.group set"), (*decoder).groupKill},
		{[]byte("oom_reaper: "), (*decoder).reaped},
		{[]byte("oom_kill_process: "), (*decoder).suppress},
	}},
	{[]byte("Kill"), []anchor{
		{[]byte("Killed process "), (*decoder).killed},
		{[]byte("Kill process "), (*decoder).chose},
	}},
	{[]byte("mory"), []anchor{
		{[]byte("memory: usage "), (*decoder).usageOf},
		{[]byte("Memory cgroup stats for "), (*decoder).statsOf},
		{[]byte("Memory limit reached of cgroup "), (*decoder).limitReached},
		{[]byte("Tasks state (memory values in pages)"), (*decoder).tableAhead},
		{[]byte("of memory and no killable processes"), (*decoder).nobody},
	}},
	{[]byte("killed as a "), []anchor{
		{[]byte(" killed as a result of limit of "), (*decoder).limitOf},
	}},
}

type anchor struct {
	text []byte
	read func(d *decoder, r *record, at int) bool
}

// anchorTexts returns the texts of all anchors.
func anchorTexts() (texts []string) {
	for i := range anchors {
		for _, a := range anchors[i].texts {
			texts = append(texts, string(a.text))
		}
	}
	return texts
}

// mayAnchor is the cheap test that lets foreign lines go.
func mayAnchor(text []byte) bool {
	for i := range anchors {
		if bytes.Contains(text, anchors[i].sign) {
			return true
		}
	}
	return false
}

// anchored reads a line that is known by its own words.
func (d *decoder) anchored(r *record) bool {
	for i := range anchors {
		if !bytes.Contains(r.Text, anchors[i].sign) {
			continue
		}
		for _, a := range anchors[i].texts {
			if at := bytes.Index(r.Text, a.text); at >= 0 && a.read(d, r, at) {
				return true
			}
		}
	}
	return false
}

// expected reads a line of the lists that most of a report consists of. A row of the task table may name a task as
// it likes, so it is tried before all anchors.
func (d *decoder) expected(r *record) bool {
	rep := d.current(r.caller)
	if rep == nil || len(r.Text) == 0 {
		return false
	}
	switch rep.section {
	case inTrace:
		return d.traced(rep, r)
	case inStats:
		return d.stat(rep, r)
	case inTable:
		return d.task(rep, r)
	}
	return false
}

// inside reads any other line that only its place in a report explains.
func (d *decoder) inside(r *record) bool {
	rep := d.current(r.caller)
	if rep == nil || len(r.Text) == 0 {
		return false
	}
	if rep.section == inMachine && d.machine(rep, r) {
		return true
	}
	return d.usage(rep, r) || d.table(rep, r) || d.cpu(rep, r) || d.cpuset(rep, r) || mayTrace(rep, r)
}
