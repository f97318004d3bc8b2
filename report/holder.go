package report

import (
	"cmp"
	"slices"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// Holder is a process, or a kind of memory, and how much of it the kernel counted when it killed, or the crash report when the
// JVM gave up. It is drawn where no collection was read, as there is no heap to draw.
type Holder struct {
	Group string // "resident memory of processes", "memory of the group, by kind"
	Label string
	Bytes unit.Bytes
	Hot   string `json:",omitempty"` // what became of it, where that was the death: "killed", "refused"
}

const maxHolders = 8 // processes that are drawn, the largest of them

// holders lists what the report of the death counted, group by group, the largest first.
func (b *builder) holders() []Holder {
	if k, ok := b.in.Timeline.Death.Event.(*event.Kill); ok {
		return counted(k)
	}
	for _, ev := range slices.Backward(b.in.Timeline.Events) {
		if d, ok := ev.(*event.Dump); ok && d.JVM != nil {
			return reported(d.JVM)
		}
	}
	return nil
}

// reported lists what a crash report says of the JVM's memory and of the machine's. A report that gives one number has no sizes
// to compare.
func reported(r *event.JVMReport) []Holder {
	const jvm, machine = "memory of the JVM, from its crash report", "memory of the machine"
	var out []Holder
	add := func(group, label, hot string, size unit.Size) {
		if n := size.Or(0); n > 0 {
			out = append(out, Holder{group, label, n, hot})
		}
	}
	add(jvm, "asked for", "refused", r.Native.Size)
	add(jvm, "resident set", "", r.Process.RSS)
	add(jvm, "heap, committed", "", r.Heap.Committed)
	add(jvm, "metaspace, committed", "", r.Metaspace.Committed)
	add(machine, "physical", "", r.Machine.Physical)
	add(machine, "free", "", r.Machine.Free)
	if len(out) < 2 {
		return nil
	}
	return out
}

// counted lists what the kernel's report of a kill counted.
func counted(k *event.Kill) []Holder {
	var out []Holder
	for _, t := range k.Tasks {
		if rss, known := t.RSS.Get(); known && rss > 0 {
			hot := ""
			if slices.ContainsFunc(k.Victims, func(v event.Victim) bool { return v.PID == t.PID && t.PID != 0 }) {
				hot = "killed"
			}
			out = append(out, Holder{"resident memory of processes", cut(Clean(t.Name), 24), rss, hot})
		}
	}
	if len(out) == 0 {
		for _, v := range k.Victims {
			if rss, known := victimRSS(v); known && rss > 0 {
				out = append(out, Holder{"resident memory of processes", cut(Clean(v.Name), 24), rss, "killed"})
			}
		}
	}
	sortBySize(out)
	out = out[:min(len(out), maxHolders)]
	c := inflection.ChargeOf(k)
	group := "memory of the group, by kind"
	if c.Machine {
		group = "memory of the machine, by kind"
	}
	var kinds []Holder
	for _, h := range []Holder{
		{group, "processes", c.Anon, ""},
		{group, "shared memory, tmpfs", c.Shmem, ""},
		{group, "page cache", c.File, ""},
		{group, "kernel", c.Kernel, ""},
	} {
		if h.Bytes > 0 {
			kinds = append(kinds, h)
		}
	}
	sortBySize(kinds)
	return append(out, kinds...)
}

// sortBySize puts the largest first.
func sortBySize(list []Holder) {
	slices.SortStableFunc(list, func(x, y Holder) int { return cmp.Compare(y.Bytes, x.Bytes) })
}
