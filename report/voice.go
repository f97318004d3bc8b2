package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"oomtrace/parser/event"
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

// MarkKind says what was told, which the shape of a mark shows.
type MarkKind string

// What witnesses tell of.
const (
	MarkKill  MarkKind = "kill"  // something was killed, or taken away
	MarkOOM   MarkKind = "oom"   // memory ran out, or is above its quota
	MarkStart MarkKind = "start" // of a life
	MarkEnd   MarkKind = "end"   // of a life
	MarkLife  MarkKind = "life"  // from its start to its end
	MarkSaid  MarkKind = "said"  // anything else
)

// Mark is one thing that a witness said. A life has an end, anything else is a moment.
type Mark struct {
	Kind   MarkKind
	At     float64 // seconds on the clock of the chart
	Until  float64 // end of a life; At where it is a moment
	Label  string  // one or two words: "OOM kill", "exit 137"
	Text   string  // the moment in words, "09:33:06"
	Hot    bool    // it is the death, or tells of it
	Source event.Pos
	victim int // process id of what was killed; 0 is unknown
}

const (
	maxVoiceMarks = 60   // of each row; the newest win
	besides       = 0.08 // of its length that a chart is widened at either end, for what was said shortly before or after
	oneMoment     = 1.0  // seconds within which the same words of one witness are one mark
)

// voices lists the witnesses that spoke at a time that the chart shows, and widens the chart for those that spoke shortly before
// or after it.
func (b *builder) voices(ch *Chart) []Voice {
	margin := besides * (ch.To - ch.From)
	from, to := ch.From-margin, ch.To+margin
	out := tidy(b.rows(b.spoke, ch.Zero), from, to)
	for _, v := range out {
		for _, m := range v.Marks {
			ch.From, ch.To = min(ch.From, max(m.At, from)), max(ch.To, min(m.Until, to))
		}
	}
	return out
}

// voicesAlone makes a chart of the witnesses where there is no collection: on the wall clock, or on that of the kernel where
// more of them have that.
func (b *builder) voicesAlone(ch *Chart) {
	ch.Axis, ch.AxisLabel = AxisWall, ""
	ch.Zero = b.firstWall()
	rows := b.rows(func(ev event.Event) (float64, bool) {
		if t := toldAt(ev); t.Has.Has(event.Wall) {
			return t.WallTime().Sub(ch.Zero).Seconds(), true
		}
		return 0, false
	}, ch.Zero)
	booted := b.rows(func(ev event.Event) (float64, bool) {
		t := toldAt(ev)
		return seconds(t.Boot), t.Has.Has(event.Boot)
	}, time.Time{})
	if marksOf(booted) > marksOf(rows) {
		ch.Axis, ch.AxisLabel, ch.Zero, rows = AxisProcess, "time since boot", time.Time{}, booted
	}
	ch.Voices = tidy(rows, math.Inf(-1), math.Inf(1))
	if len(ch.Voices) == 0 {
		return
	}
	ch.From, ch.To = math.Inf(1), math.Inf(-1)
	for _, v := range ch.Voices {
		for _, m := range v.Marks {
			ch.From, ch.To = min(ch.From, m.At), max(ch.To, m.Until)
			if m.Hot {
				ch.End = m.Until
			}
		}
	}
	if ch.To-ch.From < oneMoment { // one moment needs no axis
		ch.From, ch.To, ch.End, ch.Voices = 0, 0, 0, nil
		return
	}
	if ch.Axis == AxisWall {
		ch.AxisLabel = b.clock.zoneName(ch.Zero)
	}
	ch.XTicks = ch.Ticks(ch.From, ch.To, MostTicks)
}

// firstWall returns the earliest wall time that a witness or a life has.
func (b *builder) firstWall() time.Time {
	var first time.Time
	earlier := func(t time.Time) {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	for _, ev := range b.in.Timeline.Events {
		who, _, _ := voiceOf(ev)
		if t := toldAt(ev); who != "" && t.Has.Has(event.Wall) {
			earlier(t.WallTime())
		}
	}
	for _, l := range b.in.Timeline.Workload.Lives {
		earlier(l.Started)
	}
	return first.UTC()
}

// rows sorts what was told by who told it. The function at places it; zero is the wall time at its second 0.
func (b *builder) rows(at func(event.Event) (float64, bool), zero time.Time) []Voice {
	rows := []Voice{{Name: VoiceKernel, Title: "kernel"}, {Name: VoiceContainer, Title: cmp.Or(string(b.in.Timeline.Workload.Engine), "container")}, {Name: VoiceProcess, Title: "process"}}
	for _, ev := range b.in.Timeline.Events {
		who, kind, label := voiceOf(ev)
		row := slices.IndexFunc(rows, func(v Voice) bool { return v.Name == who })
		death := ev == b.in.Timeline.Death.Event
		if row < 0 || who == VoiceContainer && !b.ofWorkload(ev) && !death {
			continue
		}
		if x, ok := at(ev); ok {
			rows[row].Marks = append(rows[row].Marks, Mark{
				Kind: kind, At: x, Until: x, Label: label, Text: b.clock.eventTime(toldAt(ev)), Hot: death, Source: b.pos(witnessPos(ev)),
				victim: victim(ev),
			})
		}
	}
	if zero.IsZero() {
		return rows
	}
	return append(rows, b.lives(zero))
}

// tidy leaves the marks from one moment to another, each once and in order, and the rows that have any. Nothing is left where
// all that was told is the death itself.
func tidy(rows []Voice, from, to float64) []Voice {
	var out []Voice
	for _, v := range rows {
		v.Marks = slices.DeleteFunc(v.Marks, func(m Mark) bool { return m.Until < from || m.At > to })
		slices.SortStableFunc(v.Marks, func(x, y Mark) int { return cmp.Compare(x.At, y.At) })
		v.Marks = once(v.Marks)
		v.Marks = v.Marks[max(0, len(v.Marks)-maxVoiceMarks):]
		if len(v.Marks) > 0 {
			out = append(out, v)
		}
	}
	if len(out) == 1 && len(out[0].Marks) == 1 && out[0].Marks[0].Hot {
		return nil
	}
	return out
}

// once leaves out a mark that says in the same moment what the one before it says of the same process.
func once(marks []Mark) []Mark {
	var out []Mark
	for _, m := range marks {
		last := len(out) - 1
		if last < 0 || out[last].Label != m.Label || out[last].victim != m.victim || m.Kind == MarkLife || m.At-out[last].At > oneMoment {
			out = append(out, m)
			continue
		}
		if m.Hot {
			out[last] = m
		}
	}
	return out
}

// victim returns the id of the first process that a kill took, 0 for anything else.
func victim(ev event.Event) int {
	if k, ok := ev.(*event.Kill); ok && len(k.Victims) > 0 {
		return k.Victims[0].PID
	}
	return 0
}

func marksOf(rows []Voice) int {
	n := 0
	for _, v := range rows {
		n += len(v.Marks)
	}
	return n
}

// voiceOf returns who tells of an event, what it tells of and what its mark is called; the name is empty where it is no witness.
func voiceOf(ev event.Event) (who VoiceName, kind MarkKind, label string) {
	switch ev := ev.(type) {
	case *event.Kill:
		if len(ev.Victims) == 0 {
			return VoiceKernel, MarkOOM, "nothing to kill"
		}
		return VoiceKernel, MarkKill, "OOM kill"
	case *event.ContainerStatus:
		return VoiceContainer, statusKind(ev), statusLabel(ev)
	case *event.ContainerEvent:
		return VoiceContainer, eventKind(ev), eventLabelOf(ev)
	case *event.RuntimeOOM:
		return VoiceProcess, MarkOOM, "out of memory"
	case *event.ProcessEnd:
		return VoiceProcess, MarkEnd, "ended"
	case *event.Dump:
		return VoiceProcess, MarkSaid, Clean(ev.Kind)
	case *event.GC, *event.Sample, *event.Setting, *event.Problem:
	}
	return "", "", ""
}

func statusKind(s *event.ContainerStatus) MarkKind {
	switch {
	case s.OOMKilled:
		return MarkKill
	case s.HasExit, s.Signal > 0:
		return MarkEnd
	}
	return MarkSaid
}

func eventKind(ev *event.ContainerEvent) MarkKind {
	switch ev.Action {
	case event.ActionExit:
		return MarkEnd
	case event.ActionKill, event.ActionEvict:
		return MarkKill
	case event.ActionOOM, event.ActionExceed:
		return MarkOOM
	case event.ActionStart, event.ActionRestart:
		return MarkStart
	case event.ActionOther:
	}
	return MarkSaid
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

// spoke returns when an event happened, in seconds on the clock of the chart. What a coarse clock tells of the same moment as
// the death is put there.
func (b *builder) spoke(ev event.Event) (float64, bool) {
	at, ok := b.clock.onAxis(toldAt(ev))
	if b.atDeath(ev, at) {
		return seconds(b.clock.end), ok || b.run != nil
	}
	return seconds(at), ok
}

// atDeath reports whether an event at a moment of the chart is the death, or is stamped by a clock that cannot tell it from that.
func (b *builder) atDeath(ev event.Event, at time.Duration) bool {
	if b.run == nil || b.clock.vague {
		return false
	}
	t := toldAt(ev)
	return ev == b.in.Timeline.Death.Event || t.Has.Has(event.Wall) && (at-b.clock.end).Abs() < cmp.Or(t.WallStep, t.Step)
}

// lives lists those of the container, as its engine tells of them; zero is the wall time at second 0.
func (b *builder) lives(zero time.Time) Voice {
	v := Voice{Name: VoiceRestarts, Title: "lives"}
	for i, l := range b.in.Timeline.Workload.Lives {
		if _, ok := l.Length(); !ok {
			continue
		}
		v.Marks = append(v.Marks, Mark{
			Kind: MarkLife, At: l.Started.Sub(zero).Seconds(), Until: l.Finished.Sub(zero).Seconds(), Label: fmt.Sprintf("life %d", i+1),
			Text: b.clock.wall(l.Started) + " to " + b.clock.wall(l.Finished), Hot: l.OOM, Source: b.pos(l.Source),
		})
	}
	if len(v.Marks) < 2 && b.run != nil && b.run.Cycles.Len() > 0 {
		v.Marks = nil // one life is what the chart shows
	}
	return v
}
