package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// The sentences of ends that an engine tells of: docker, Kubernetes, systemd, a platform.

// engine returns the engine whose word on the end counts.
func (b *builder) engine() event.Engine {
	switch ev := b.in.Timeline.Death.Event.(type) {
	case *event.ContainerStatus:
		return ev.Engine
	case *event.ContainerEvent:
		return ev.Engine
	case *event.GC, *event.Kill, *event.RuntimeOOM, *event.ProcessEnd, *event.Dump, *event.Sample, *event.Setting, *event.Problem, nil:
	}
	return b.in.Timeline.Workload.Engine
}

// claimedText says what an engine claims: "was OOM-killed at 09:33:06 UTC, says docker".
func (b *builder) claimedText(who Text, when string) Text {
	d := b.in.Timeline.Death
	says := ", says " + b.engine().Title()
	switch d.Kind {
	case timeline.MemcgKill, timeline.GlobalKill:
		if d.Child {
			return Text{}.Plain("A process of ").Append(who).Plain(" was OOM-killed" + when + says)
		}
		return who.Plain(" was OOM-killed" + when + says)
	case timeline.UserspaceKill:
		return who.Plain(" was killed" + when + " by " + b.engine().Title() + " for want of memory")
	case timeline.Eviction:
		return who.Plain(" was evicted" + when + " for want of memory")
	case timeline.RuntimeOOM, timeline.Signal, timeline.Exit, timeline.LogEnds, timeline.NoDeath:
	}
	if ev, ok := d.Event.(*event.ContainerEvent); ok && ev.Action == event.ActionKill {
		return who.Plain(" was killed" + when + " by " + ev.Engine.Title())
	}
	return who.Plain(" " + b.toldExit() + when)
}

// toldExit says how an engine tells that the container ended.
func (b *builder) toldExit() string {
	code, known, signal := 0, false, 0
	switch ev := b.in.Timeline.Death.Event.(type) {
	case *event.ContainerStatus:
		code, known, signal = ev.ExitCode, ev.HasExit, ev.Signal
	case *event.ContainerEvent:
		code, known, signal = ev.ExitCode, ev.HasExit, ev.Signal
	case *event.GC, *event.Kill, *event.RuntimeOOM, *event.ProcessEnd, *event.Dump, *event.Sample, *event.Setting, *event.Problem, nil:
	}
	switch {
	case known:
		return fmt.Sprintf("ended with status %d", code)
	case signal > 0:
		return fmt.Sprintf("was ended by signal %d", signal)
	}
	return "ended"
}

// toldUndetermined is the sentence of an end that only an engine tells of, where nothing tells why.
func (b *builder) toldUndetermined() Text {
	t := b.died()
	switch d := b.in.Timeline.Death; d.Kind {
	case timeline.MemcgKill, timeline.GlobalKill, timeline.UserspaceKill, timeline.Eviction:
		if l, ok := b.in.Timeline.Limit.Size.Get(); ok {
			t = t.Plain("; its limit was " + bound(l))
		}
		if b.run == nil {
			return t.Plain("; what filled the memory is in none of these logs")
		}
		return t.Plain("; these logs do not tell why")
	case timeline.RuntimeOOM, timeline.Signal, timeline.Exit, timeline.LogEnds, timeline.NoDeath:
	}
	return t.Plain("; whether the kernel killed it for want of memory cannot be told from this")
}

// toldSecond tells of the lives of the container that an engine counts.
func (b *builder) toldSecond() Text {
	w := &b.in.Timeline.Workload
	var parts []string
	if w.HasRestarts && w.Restarts > 0 {
		parts = append(parts, fmt.Sprintf("%s counts %s", w.Engine.Title(), some(w.Restarts, "restart")))
	}
	if l, ok := lastLength(w); ok {
		parts = append(parts, "its last life took "+short(l))
	}
	if len(parts) == 0 {
		return nil
	}
	return Text{}.Plain(sentence(strings.Join(parts, "; ")))
}

// lastLength returns how long the last life that ended took.
func lastLength(w *timeline.Workload) (time.Duration, bool) {
	for _, l := range slices.Backward(w.Lives) {
		if length, ok := l.Length(); ok {
			return length, true
		}
	}
	return 0, false
}

// ofWorkload reports whether an event of an engine is about the workload of the incident.
func (b *builder) ofWorkload(ev event.Event) bool {
	w := &b.in.Timeline.Workload
	switch ev := ev.(type) {
	case *event.ContainerStatus:
		return slices.Contains(w.Statuses, ev)
	case *event.ContainerEvent:
		return slices.Contains(w.Events, ev) && ev.Action != event.ActionOther
	case *event.GC, *event.Kill, *event.RuntimeOOM, *event.ProcessEnd, *event.Dump, *event.Sample, *event.Setting, *event.Problem:
	}
	return false
}

// toldAt returns when something that an engine tells happened.
func toldAt(ev event.Event) event.Time {
	t := ev.Header().Time
	if s, ok := ev.(*event.ContainerStatus); ok {
		if at := cmp.Or(s.Finished, s.Started); at != 0 {
			return event.Time{Has: event.Wall, Wall: at, Step: time.Second}
		}
		return event.Time{}
	}
	return t
}

// statusText tells the state of a container as its engine reports it, as a clause.
func (b *builder) statusText(s *event.ContainerStatus) string {
	parts := []string{s.Engine.Title() + " says: " + strings.TrimSpace(strings.Join([]string{s.State, s.Reason}, " "))}
	if s.Reason == "" && s.State == "" {
		parts[0] = s.Engine.Title() + " says"
	}
	add := func(so bool, format string, args ...any) {
		if so {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(s.HasExit, "status %d", s.ExitCode)
	add(!s.HasExit && s.Signal > 0, "signal %d", s.Signal)
	add(s.SaysOOM, "OOMKilled=%t", s.OOMKilled)
	add(s.HasRestarts, "%s", some(s.Restarts, "restart"))
	if l, ok := s.Limit.Get(); ok {
		add(true, "limit %s", bound(l))
	}
	if p, ok := s.Peak.Get(); ok {
		add(true, "at most %s used", measure(p))
	}
	return Clean(strings.Join(parts, ", "))
}

// engineWord is what docker and podman call an action, where that says nothing more.
var engineWord = map[event.ContainerAction]string{event.ActionExit: "die", event.ActionOOM: "oom", event.ActionStart: "start", event.ActionKill: "kill", event.ActionRestart: "restart"}

// toldText tells an event of an engine, as a clause.
func (b *builder) toldText(ev *event.ContainerEvent) string {
	s := ev.Engine.Title() + " says: " + string(ev.Action)
	if ev.HasExit {
		s += fmt.Sprintf(", status %d", ev.ExitCode)
	} else if ev.Signal > 0 {
		s += fmt.Sprintf(", signal %d", ev.Signal)
	}
	if m := cmp.Or(ev.Message, ev.Reason); m != "" && m != string(ev.Action) && m != engineWord[ev.Action] {
		s += ": " + b.secretOr(m, ev.Reason)
	}
	if ev.Count > 1 {
		s += fmt.Sprintf(", %d times", ev.Count)
	}
	return Clean(s)
}

// byEngine reports whether all that is known of the end is the word of an engine.
func (b *builder) byEngine() bool { return b.in.Timeline.Death.Claimed() }

// toldNode is the sentence of a machine that was short of memory, as an engine tells it.
func (b *builder) toldNode() Text {
	return b.died().Plain("; the machine was short of memory, no limit of its own was reached")
}

// toldLoop is the sentence of a container that its engine starts again and again.
func (b *builder) toldLoop() Text {
	w := &b.in.Timeline.Workload
	t := b.died()
	if w.Restarts > 0 {
		return t.Plain(", after " + some(w.Restarts, "restart"))
	}
	return t.Plain(", as in the lives before this one")
}
