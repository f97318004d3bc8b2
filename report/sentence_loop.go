package report

import (
	"slices"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// The sentences of a process that dies again and again.

func (b *builder) loopFirst() Text {
	if b.run == nil && b.byEngine() {
		return b.toldLoop()
	}
	switch n := b.in.Timeline.Death.Kills; {
	case b.run == nil && b.in.Finding.Loop.Deaths > 1:
		return b.loopAlone()
	case b.run == nil && b.in.Timeline.Death.Kind == timeline.MemcgKill:
		return b.limitFirst(b.kill())
	case b.run == nil && n > 1:
		return b.died()
	case n > 1:
		return b.died().Plain(", the last of " + count(int64(n)) + " kills")
	}
	return b.died().Plain(", as in the lives before this one")
}

// loopAlone is the sentence of a loop that no GC log tells of: how often it died, of what the last time, and how fast.
func (b *builder) loopAlone() Text {
	l := b.in.Finding.Loop
	t := b.who().Plain(" is in a crash loop: it died " + times(l.Deaths) + ", the last time")
	switch b.in.Timeline.Death.Kind {
	case timeline.MemcgKill, timeline.GlobalKill:
		t = t.Plain(" OOM-killed" + b.when()).Append(b.atLimit(b.kill()))
	case timeline.UserspaceKill, timeline.Eviction, timeline.RuntimeOOM, timeline.Signal, timeline.Exit, timeline.LogEnds, timeline.NoDeath:
		t = t.Plain(b.when())
	}
	switch {
	case l.Life > 0:
		return t.Plain("; none of its lives took longer than " + short(l.Life))
	case l.Between > 0:
		return t.Plain(", at most " + short(l.Between) + " apart")
	}
	return t
}

// again adds to the second sentence of a verdict that the process also died like this before.
func (b *builder) again(v inflection.Verdict, t Text) Text {
	if s := b.deaths(); s != "" && slices.Contains(v.Also, inflection.CrashLoop) {
		return t.Plain(space(t) + sentence(s))
	}
	return t
}

// deaths says how often the process died like this, as the engine counts or as the logs show; it is empty where nothing does.
func (b *builder) deaths() string {
	l, w := b.in.Finding.Loop, &b.in.Timeline.Workload
	switch {
	case w.HasRestarts && w.Restarts > 0 && w.BackOff.Line > 0 && w.Engine == event.Kubernetes:
		return "Kubernetes counts " + some(w.Restarts, "restart") + " and waits before the next (CrashLoopBackOff)"
	case w.HasRestarts && w.Restarts > 0:
		return w.Engine.Title() + " counts " + some(w.Restarts, "restart")
	case l.Deaths < 2:
		return ""
	case l.Life > 0:
		return "it is the last of " + some(l.Deaths, "death") + " like this, and no life took longer than " + spoken(l.Life)
	}
	return "it is the last of " + some(l.Deaths, "death") + " like this, never more than " + spoken(l.Between) + " after the one before"
}

// loopSecond tells of the last life: of its heap, or where nothing tells of that, what ended it.
func (b *builder) loopSecond() Text {
	if b.run == nil {
		return b.killSecond()
	}
	return b.growthSecond()
}
