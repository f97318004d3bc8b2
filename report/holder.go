package report

import (
	"cmp"
	"slices"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// Holder is a process, or a kind of memory, and how much of it the kernel counted when it killed. It is drawn where no
// collection was read, as there is no heap to draw.
type Holder struct {
	Group string // "resident memory of processes", "memory of the group by kind"
	Label string
	Bytes unit.Bytes
	Hot   bool // it was killed
}

const maxHolders = 8 // processes that are drawn, the largest of them

// holders lists what the kernel's report of the death counted, the largest first.
func (b *builder) holders() []Holder {
	k, ok := b.in.Timeline.Death.Event.(*event.Kill)
	if !ok {
		return nil
	}
	var out []Holder
	for _, t := range k.Tasks {
		if rss, known := t.RSS.Get(); known && rss > 0 {
			killed := slices.ContainsFunc(k.Victims, func(v event.Victim) bool { return v.PID == t.PID && t.PID != 0 })
			out = append(out, Holder{"resident memory of processes", cut(Clean(t.Name), 24), rss, killed})
		}
	}
	if len(out) == 0 {
		for _, v := range k.Victims {
			if rss, known := victimRSS(v); known && rss > 0 {
				out = append(out, Holder{"resident memory of processes", cut(Clean(v.Name), 24), rss, true})
			}
		}
	}
	largest(out)
	out = out[:min(len(out), maxHolders)]
	c := inflection.ChargeOf(k)
	group := "memory of the group, by kind"
	if c.Machine {
		group = "memory of the machine, by kind"
	}
	var kinds []Holder
	for _, h := range []Holder{
		{group, "processes", c.Anon, false},
		{group, "shared memory, tmpfs", c.Shmem, false},
		{group, "page cache", c.File, false},
		{group, "kernel", c.Kernel, false},
	} {
		if h.Bytes > 0 {
			kinds = append(kinds, h)
		}
	}
	largest(kinds)
	return append(out, kinds...)
}

func largest(list []Holder) {
	slices.SortStableFunc(list, func(x, y Holder) int { return cmp.Compare(y.Bytes, x.Bytes) })
}
