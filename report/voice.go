package report

import (
	"cmp"
	"fmt"
	"slices"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// Voice is one kind of witness beside the collections, and when it spoke: a row of marks below the chart, on its axis.
type Voice struct {
	Name  VoiceName
	Title string // "kernel", "docker", "process"
	Marks []Mark
}

// VoiceName tells the kinds of witnesses apart.
type VoiceName string

// The witnesses, from top to bottom.
const (
	VoiceKernel    VoiceName = "kernel"
	VoiceContainer VoiceName = "container" // an engine, an orchestrator, a service manager, a platform
	VoiceProcess   VoiceName = "process"   // its own words, or those of its parent and shell
	VoiceRestarts  VoiceName = "restarts"  // lives of the process or container
)

// Mark is one thing that a witness said. A life has an end, anything else is a moment.
type Mark struct {
	At     float64 // seconds on the clock of the chart
	Until  float64 // end of a life; At where it is a moment
	Label  string  // one or two words: "OOM kill", "exit 137"
	Text   string  // the moment in words, "09:33:06"
	Hot    bool    // it is the death, or tells of it
	Source event.Pos
}

const maxVoiceMarks = 60 // of each row; the newest win

// voices lists the witnesses that spoke at a time that the chart knows.
func (b *builder) voices(ch *Chart) []Voice {
	rows := []Voice{{Name: VoiceKernel, Title: "kernel"}, {Name: VoiceContainer, Title: cmp.Or(string(b.in.Timeline.Workload.Engine), "container")}, {Name: VoiceProcess, Title: "process"}}
	for _, ev := range b.in.Timeline.Events {
		row, label := voiceOf(ev)
		if row < 0 || row == 1 && !b.ofWorkload(ev) && ev != b.in.Timeline.Death.Event {
			continue
		}
		if at, ok := b.spoke(ev); ok {
			rows[row].Marks = append(rows[row].Marks, Mark{
				At: at, Until: at, Label: label, Text: b.clock.eventTime(toldAt(ev)), Hot: ev == b.in.Timeline.Death.Event, Source: b.pos(witnessPos(ev)),
			})
		}
	}
	rows = append(rows, b.restarts())
	var out []Voice
	for _, v := range rows {
		v.Marks = slices.DeleteFunc(v.Marks, func(m Mark) bool { return m.Until < ch.From || m.At > ch.To })
		slices.SortStableFunc(v.Marks, func(x, y Mark) int { return cmp.Compare(x.At, y.At) })
		v.Marks = v.Marks[max(0, len(v.Marks)-maxVoiceMarks):]
		if len(v.Marks) > 0 {
			out = append(out, v)
		}
	}
	return out
}

// voiceOf returns the row of an event and what its mark is called; -1 where it is no witness.
func voiceOf(ev event.Event) (row int, label string) {
	switch ev := ev.(type) {
	case *event.Kill:
		if len(ev.Victims) == 0 {
			return 0, "nothing to kill"
		}
		return 0, "OOM kill"
	case *event.ContainerStatus:
		return 1, statusLabel(ev)
	case *event.ContainerEvent:
		return 1, eventLabelOf(ev)
	case *event.RuntimeOOM:
		return 2, "out of memory"
	case *event.ProcessEnd:
		return 2, "ended"
	case *event.Dump:
		return 2, Clean(ev.Kind)
	case *event.GC, *event.Sample, *event.Setting, *event.Problem:
	}
	return -1, ""
}

func statusLabel(s *event.ContainerStatus) string {
	switch {
	case s.OOMKilled:
		return "OOMKilled"
	case s.HasExit:
		return fmt.Sprintf("exit %d", s.ExitCode)
	case s.Signal > 0:
		return fmt.Sprintf("signal %d", s.Signal)
	}
	return Clean(cmp.Or(s.Reason, s.State))
}

func eventLabelOf(ev *event.ContainerEvent) string {
	switch {
	case ev.Action == event.ActionExit && ev.HasExit:
		return fmt.Sprintf("exit %d", ev.ExitCode)
	case ev.Action == event.ActionExit && ev.Signal > 0:
		return fmt.Sprintf("signal %d", ev.Signal)
	case ev.Action == event.ActionEvict:
		return "evicted"
	}
	return string(ev.Action)
}

// spoke returns when an event happened, in seconds on the clock of the chart.
func (b *builder) spoke(ev event.Event) (float64, bool) {
	if d := b.in.Timeline.Death; ev == d.Event && b.run != nil && !b.clock.vague {
		return seconds(b.clock.end), true
	}
	at, ok := b.clock.onAxis(toldAt(ev))
	return seconds(at), ok
}

// restarts lists the lives of the container, as its engine tells of them.
func (b *builder) restarts() Voice {
	v := Voice{Name: VoiceRestarts, Title: "lives"}
	for i, l := range b.in.Timeline.Workload.Lives {
		if m, ok := b.life(l); ok {
			m.Label = fmt.Sprintf("life %d", i+1)
			v.Marks = append(v.Marks, m)
		}
	}
	if len(v.Marks) < 2 {
		v.Marks = nil // one life is what the chart shows
	}
	return v
}

func (b *builder) life(l timeline.Life) (Mark, bool) {
	if _, ok := l.Length(); !ok || b.clock.axis != AxisWall {
		return Mark{}, false
	}
	return Mark{
		At: seconds(l.Started.Sub(b.clock.zero)), Until: seconds(l.Finished.Sub(b.clock.zero)),
		Text: b.clock.wall(l.Started) + " to " + b.clock.wall(l.Finished), Hot: l.OOM, Source: b.pos(l.Source),
	}, true
}
