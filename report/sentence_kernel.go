package report

import (
	"slices"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// The sentences of verdicts that rest on the kernel's report.

// kill returns the kernel's report of the death.
func (b *builder) kill() *event.Kill {
	k, _ := b.in.Timeline.Death.Event.(*event.Kill)
	if k == nil {
		return &event.Kill{}
	}
	return k
}

// killedText says that the kernel killed, and how often where the log of the kernel is all there is: a verdict on the
// collections of one life is about the end of that life.
func (b *builder) killedText(when string) string {
	d := b.in.Timeline.Death
	if d.Manual() {
		return " was killed" + when
	}
	switch {
	case d.Kills < 2 || b.run != nil:
		return " was OOM-killed" + when
	case b.othersKilled():
		return " was OOM-killed" + when + " (one of " + count(int64(d.Kills)) + " kills in its group)"
	}
	return " was OOM-killed " + times(d.Kills) + ", the last time" + when
}

// othersKilled reports whether the kernel also killed processes of another name at the limit of the one that died.
func (b *builder) othersKilled() bool {
	group := b.kill().OOMMemcg
	return slices.ContainsFunc(b.in.Timeline.Events, func(ev event.Event) bool {
		k, ok := ev.(*event.Kill)
		return ok && k.OOMMemcg == group && len(k.Victims) > 0 &&
			!slices.ContainsFunc(k.Victims, func(v event.Victim) bool { return v.Name == b.in.Timeline.Death.Name })
	})
}

func (b *builder) neighbourFirst() Text {
	k := b.kill()
	c := inflection.ChargeOf(k)
	if b.in.Finding.Verdict.Detail == "many-processes" {
		return b.died().Plain("; " + count(int64(len(k.Tasks))) + " processes, none of them large, filled " + map[bool]string{true: "the machine", false: "its group"}[c.Machine] + " together")
	}
	other := largestTask(k, b.in.Timeline.Death.PID)
	l, limited := b.in.Timeline.Limit.Size.Get()
	t := b.died()
	switch {
	case other.Name == "":
		return t.Plain(", but another process of its group held the memory")
	case c.Machine:
		t = t.Plain("; the whole machine was out of memory, but process ").Log(other.Name).Plain(" held " + measure(other.RSS.Or(0)))
		if c.Total > 0 {
			t = t.Plain(" of its " + measure(c.Total))
		}
		return t
	}
	t = t.Plain(", but process ").Log(other.Name).Plain(" in the same group held " + measure(other.RSS.Or(0)))
	if limited {
		t = t.Plain(" of " + bound(l))
	}
	return t
}

// largestTask returns the task of a report that holds most, but for one process; the zero task where none holds anything.
func largestTask(k *event.Kill, but int) event.Task {
	var out event.Task
	for _, t := range k.Tasks {
		if t.PID != but && t.RSS.Or(0) > out.RSS.Or(0) {
			out = t
		}
	}
	return out
}

func (b *builder) parentFirst() Text {
	t := b.died().Plain(" by the limit of a parent group")
	k := b.kill()
	if k.OOMMemcg != "" && !b.in.Redact {
		t = t.Plain(" (").Log(k.OOMMemcg)
		if l, ok := k.Limit.Get(); ok {
			t = t.Plain(", " + bound(l))
		}
		t = t.Plain(")")
	}
	return t.Plain(", not by its own")
}

func (b *builder) nodeFirst() Text {
	if b.byEngine() {
		return b.toldNode()
	}
	k := b.kill()
	c := inflection.ChargeOf(k)
	switch k.Constraint {
	case event.ConstraintCpuset:
		return b.died().Plain("; the memory nodes that its cpuset allows were full").Append(free(k))
	case event.ConstraintPolicy:
		return b.died().Plain("; the memory nodes that its NUMA policy allows were full").Append(free(k))
	}
	t := b.died().Plain("; the whole machine was out of memory")
	largest := largestTask(k, 0)
	if largest.Name == "" || c.Total == 0 || !c.Machine {
		return t.Plain(", no limit of its own was reached")
	}
	if largest.PID == b.in.Timeline.Death.PID {
		return t.Plain(", and the process itself held " + measure(largest.RSS.Or(0)) + " of its " + measure(c.Total))
	}
	return t.Plain(", of which the largest process, ").Log(largest.Name).Plain(", held " + measure(largest.RSS.Or(0)) + " of " + measure(c.Total))
}

// free says how much memory the machine had free elsewhere.
func free(k *event.Kill) Text {
	for _, s := range k.Stats {
		if s.Name == "free" && s.Size > 0 {
			return Text{}.Plain(", while the machine had " + measure(s.Size) + " free")
		}
	}
	return nil
}

func (b *builder) sharedFirst() Text {
	return b.chargeFirst("shared memory (tmpfs, /dev/shm)", func(c inflection.Charge) unit.Bytes { return c.Shmem })
}

func (b *builder) cacheFirst() Text {
	return b.chargeFirst("page cache that could not be freed", func(c inflection.Charge) unit.Bytes { return c.File })
}

func (b *builder) kernelFirst() Text {
	return b.chargeFirst("kernel memory", func(c inflection.Charge) unit.Bytes { return c.Kernel })
}

// chargeFirst says how much of the memory of the group, or of the machine, was of one kind.
func (b *builder) chargeFirst(what string, part func(inflection.Charge) unit.Bytes) Text {
	t := b.died()
	c := inflection.ChargeOf(b.kill())
	size, of := part(c), ""
	switch l, ok := b.in.Timeline.Limit.Size.Get(); {
	case size == 0 && c.Machine:
		return t.Plain("; the machine was full of " + what)
	case size == 0:
		return t.Plain("; its group was full of " + what)
	case c.Machine:
		of = " of the machine's " + measure(c.Total)
	case ok:
		of = " of " + bound(l)
	}
	return t.Plain("; " + measure(size) + of + " was " + what)
}

func (b *builder) loweredFirst() Text {
	t := b.died().Plain(" after its limit was lowered")
	if l, ok := b.in.Timeline.Limit.Size.Get(); ok {
		t = t.Plain(" to " + bound(l))
	}
	return t
}

func (b *builder) outsideFirst() Text {
	if b.in.Timeline.Death.Manual() {
		return b.died().Plain(" because somebody asked the kernel to kill (SysRq f), whether memory was short or not")
	}
	return b.died().Plain(", and nothing in the logs shows that memory was the reason")
}

// saysHeapFull reports whether a JVM or V8 itself said that its heap was full.
func (b *builder) saysHeapFull() bool {
	o, ok := b.in.Timeline.Death.Event.(*event.RuntimeOOM)
	return ok && (o.Runtime == "jvm" || o.Runtime == "v8") && o.Kind == event.OOMHeap
}

func (b *builder) undeterminedFirst() Text {
	k := b.kill()
	switch {
	case k.NoKillable && len(k.Victims) == 0:
		return b.nobodyFirst(k)
	case b.in.Timeline.NoCollector && b.run == nil && b.dead():
		return b.died().Append(b.atLimit(k)).Plain(", with GOGC=off and no GOMEMLIMIT: its collector never ran")
	case b.byEngine():
		return b.toldUndetermined()
	case b.run == nil && b.in.Timeline.Death.Kind == timeline.MemcgKill:
		return b.limitFirst(k)
	case b.saysHeapFull():
		return b.died().Plain(": its heap was full; these logs do not tell what filled it")
	case b.dead():
		return b.died().Plain("; these logs do not tell why")
	case b.run == nil:
		return Text{}.Plain("These logs do not tell what ended the process")
	}
	return b.died().Plain("; whether memory was a problem cannot be told from this log")
}

// nobodyFirst is the sentence of a report without a victim: the group is stuck, not dead.
func (b *builder) nobodyFirst(k *event.Kill) Text {
	t := Text{}.Plain("Nothing was killed" + b.when())
	c := inflection.ChargeOf(k)
	switch l, ok := k.Limit.Get(); {
	case c.Machine:
		t = t.Plain(", although the machine was out of memory")
	default:
		t = t.Plain(", although ")
		if g := b.secret(k.OOMMemcg); g != "" {
			t = t.Log(g)
		} else {
			t = t.Plain("a group")
		}
		t = t.Plain(" was at its limit")
		if ok {
			t = t.Plain(" of " + bound(l))
		}
	}
	if k.Repeats > 1 {
		t = t.Plain(" " + times(k.Repeats))
	}
	return t.Plain(": every process of it is exempt from the kernel's killer")
}

// limitFirst is the sentence of a kill at the limit of a group where nothing but the kernel's report is known.
func (b *builder) limitFirst(k *event.Kill) Text {
	c := inflection.ChargeOf(k)
	t := b.died().Append(b.atLimit(k))
	var held unit.Bytes
	for _, v := range k.Victims {
		held += v.Anon.Or(0)
	}
	all := c.Anon
	if all == 0 {
		all = held // kernels before 3.9 print no amounts
	}
	if all == 0 {
		return t.Plain("; these logs do not tell why")
	}
	t = t.Plain(", " + measure(all) + " of it ")
	switch {
	case len(k.Victims) == 0:
		t = t.Plain("anonymous memory of its processes")
	case len(k.Victims) > 1 && float64(held) >= ownShare*float64(all):
		t = t.Plain("anonymous memory of the " + count(int64(len(k.Victims))) + " processes that were killed together")
	case len(k.Victims) > 1:
		t = t.Plain("anonymous memory, " + measure(held) + " in the " + count(int64(len(k.Victims))) + " processes that were killed together")
	case float64(held) >= ownShare*float64(all):
		t = t.Plain("its own (anonymous) memory")
	default:
		t = t.Plain("anonymous memory, " + measure(held) + " in the process that was killed")
	}
	return t.Plain("; no GC log says how it grew")
}

// ownShare is the share of a group's anonymous memory from which on it is the victim's: the rest is of a shell or a sidecar.
const ownShare = 0.80

// atLimit names the limit of the group that the kernel enforced; it is empty where there was none.
func (b *builder) atLimit(k *event.Kill) Text {
	l, ok := k.Limit.Get()
	switch {
	case !ok || b.in.Timeline.Death.Kind != timeline.MemcgKill:
		return nil
	case k.ContainerID != "" || k.PodUID != "":
		return Text{}.Plain(" at its container limit of " + bound(l))
	}
	return Text{}.Plain(" at its limit of " + bound(l))
}

func (b *builder) undeterminedSecond() Text {
	if b.run == nil && b.in.Timeline.Death.Event == nil {
		return nil
	}
	if b.run == nil && b.byEngine() {
		return b.toldSecond()
	}
	return b.flatSecond()
}

// killSecond tells what the kernel reported.
func (b *builder) killSecond() Text {
	if k, ok := b.in.Timeline.Death.Event.(*event.Kill); ok {
		t := b.killText(k)
		t[0].Text = upper(t[0].Text)
		return t.Plain(".")
	}
	if b.run != nil {
		return b.flatSecond()
	}
	return b.toldSecond()
}
