package report

import (
	"fmt"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// facts are the six figures at the head of the report. One that is not known says why in its note.
func (b *builder) facts() []Fact {
	if b.m.Aside && b.run != nil {
		return b.asideFacts()
	}
	if ev, ok := b.in.Timeline.Death.Event.(*event.Kill); ok && b.run == nil {
		return b.killFacts(ev)
	}
	return []Fact{b.endFact(), b.inflectionFact(), b.leadFact(), b.growthFact(), b.liveFact(), b.lastFact()}
}

// killFacts are the figures of an incident that only the kernel tells of.
func (b *builder) killFacts(k *event.Kill) []Fact {
	out := []Fact{b.endFact()}
	c := inflection.ChargeOf(k)
	whole, of := c.Total, "what the machine has"
	if l, ok := k.Limit.Get(); ok && !c.Machine {
		whole, of = l, "the limit"
	}
	if rss, ok := b.in.Timeline.Death.RSS.Get(); ok {
		f := b.rssFact(rss)
		if c.Machine && whole > 0 {
			f.Note = about(float64(rss)/float64(whole)) + " of " + measure(whole)
		}
		out = append(out, f)
	}
	if c.Machine && whole > 0 {
		out = append(out, Fact{Label: "Memory of the machine", Value: measure(whole), Note: "all of it, says the kernel"})
	} else {
		out = append(out, b.limitFact())
	}
	for _, part := range []struct {
		label string
		size  unit.Bytes
	}{{"Anonymous memory", c.Anon}, {"Shared memory", c.Shmem}, {"Page cache", c.File}, {"Kernel memory", c.Kernel}} {
		if part.size > 0 && whole > 0 {
			out = append(out, Fact{Label: part.label, Value: measure(part.size), Note: about(float64(part.size)/float64(whole)) + " of " + of})
		}
	}
	if room, ok := k.SwapLimit.Get(); ok && room > 0 {
		out = append(out, Fact{Label: "Swap", Value: measure(k.SwapUsage.Or(0)), Note: "in use of " + measure(room)})
	}
	if n := b.in.Timeline.Death.Kills; n > 0 {
		out = append(out, Fact{Label: "Kills", Value: count(int64(n)), Note: "like this in the logs"})
	}
	if len(k.Tasks) > 0 {
		out = append(out, Fact{Label: "Processes", Value: count(int64(len(k.Tasks))), Note: "in the kernel's table"})
	}
	out = append(out, b.inflectionFact(), b.leadFact(), b.growthFact(), b.liveFact())
	return out[:6]
}

// asideFacts are the figures of an incident that is not about the heap.
func (b *builder) asideFacts() []Fact {
	out := []Fact{
		b.endFact(), b.liveFact(),
		{Label: upper(b.words.Level) + " at most", Value: measure(b.maxLive()), Note: "over " + some(b.run.Cycles.Len(), b.words.Point)},
		b.limitFact(),
	}
	if rss, ok := b.in.Timeline.Death.RSS.Get(); ok {
		out = append(out, b.rssFact(rss))
	}
	if f, ok := b.collectorFact(); ok {
		out = append(out, f)
	}
	out = append(out,
		b.wholeFact(),
		Fact{Label: upper(b.words.Points()), Value: count(int64(b.run.Cycles.Len())), Note: "in the log"},
	)
	return out[:6]
}

// wholeFact is the largest heap, garbage included. Readings of the whole process tell nothing of that, but where they began.
func (b *builder) wholeFact() Fact {
	if b.run.Basis == timeline.FromResident {
		return Fact{Label: upper(b.words.Level) + " at first", Value: measure(b.liveAt(0)), Note: "at the first " + b.words.Point}
	}
	return Fact{Label: "Heap at most", Value: measure(b.maxPeak()), Note: "garbage included"}
}

func (b *builder) endFact() Fact {
	f := Fact{Label: "Killed", Value: dash}
	switch b.in.Timeline.Death.Kind {
	case timeline.MemcgKill:
		f.Note = "memcg OOM"
	case timeline.GlobalKill:
		f.Note = "OOM of the whole machine"
	case timeline.UserspaceKill:
		f.Note = "userspace OOM killer"
	case timeline.Eviction:
		f.Label, f.Note = "Evicted", "by the kubelet"
	case timeline.RuntimeOOM:
		f.Label, f.Note = "Stopped", "out of memory, says the runtime"
	case timeline.Signal:
		f.Label, f.Note = "Ended", "by a signal"
	case timeline.Exit:
		f.Label, f.Note = "Ended", "by itself"
	case timeline.LogEnds:
		f.Label, f.Note = "Log ends", "no kill was seen"
	default:
		f.Label, f.Note = "End", "no crash found"
	}
	if e, ok := b.in.Timeline.Death.Event.(*event.ProcessEnd); ok && e.HasCode {
		f.Note += fmt.Sprintf(", exit %d", e.Code)
	}
	if b.byEngine() {
		f.Note += ", says " + b.engine().Title()
	}
	switch {
	case b.run == nil, b.clock.vague:
		if t := b.clock.eventTime(b.in.Timeline.Death.Time); t != "" {
			f.Value = t
		} else if b.clock.vague {
			f.Value = fmt.Sprintf("after %s %d", b.words.Number, b.run.Cycles.At(b.run.Cycles.Len()-1).N)
		}
	case b.clock.axis == AxisTMinus:
		f.Value = b.clock.since(b.clock.end)
		f.Note += ", counted from the start"
	default:
		f.Value = b.clock.name(b.clock.end)
	}
	return f
}

func (b *builder) inflectionFact() Fact {
	f := Fact{Label: "Inflection", Value: dash, Note: "none found"}
	if b.run == nil {
		f.Note = "no GC log"
		return f
	}
	x := b.found.Inflection
	if x == nil {
		if w := b.found.WhyNone; w != "" {
			f.Note = b.heard(w)
		}
		return f
	}
	f.Value, f.Hot = b.clock.at(x.At), true
	f.Note = fmt.Sprintf("%s %d, %s", b.words.Number, x.Cycle, At(b.pos(x.Source)))
	if x.Truncated {
		f.Value = "before " + f.Value
	}
	return f
}

func (b *builder) leadFact() Fact {
	f := Fact{Label: "Lead time", Value: dash, Note: "no inflection"}
	if x := b.found.Inflection; x != nil {
		f.Value, f.Note = b.clock.lead(x.At, b.clock.end), "inflection to "+b.endWord()
		return f
	}
	if o := b.found.Onset; o != nil {
		f.Value, f.Note = b.clock.lead(o.At, b.clock.end), "onset to "+b.endWord()
	}
	return f
}

// endWord names the end in the notes.
func (b *builder) endWord() string {
	switch b.in.Timeline.Death.Kind {
	case timeline.MemcgKill, timeline.GlobalKill, timeline.UserspaceKill:
		return "kill"
	case timeline.LogEnds, timeline.NoDeath, "":
		return "last line"
	case timeline.Eviction, timeline.RuntimeOOM, timeline.Signal, timeline.Exit:
	}
	return "end"
}

func (b *builder) growthFact() Fact {
	f := Fact{Label: "Growth", Value: dash, Note: "no lasting growth found"}
	if b.run == nil {
		f.Note = "no GC log"
	}
	g := b.primary().Growth
	if g == nil {
		return f
	}
	f.Value, f.Dim, f.Note = g.Text, g.Dim, b.growthNote(g)
	return f
}

// primary returns the run that the incident is about, or an empty one.
func (b *builder) primary() Run {
	for _, r := range b.m.Runs {
		if r.Primary {
			return r
		}
	}
	return Run{}
}

func (b *builder) liveFact() Fact {
	f := Fact{Label: upper(b.words.Level) + " at the end", Value: dash, Note: "no GC log"}
	if b.run != nil {
		f.Value = measure(b.lastLive())
		f.Note = b.ofLimit(b.lastLive())
		if f.Note == f.Value {
			f.Note = "no limit known"
		}
		return f
	}
	if rss, ok := b.in.Timeline.Death.RSS.Get(); ok {
		return b.rssFact(rss)
	}
	return f
}

// rssFact is the resident memory, as a share of what bounds the whole process. More than that limit can be resident: the pages of a file
// are charged to whoever read them first.
func (b *builder) rssFact(rss unit.Bytes) Fact {
	f := Fact{Label: "RSS at the end", Value: measure(rss), Note: "no limit known"}
	l := b.boxLimit()
	switch {
	case l > 0 && rss <= l:
		f.Note = about(float64(rss)/float64(l)) + " of " + bound(l)
	case l > 0 && b.victimFiles() > 0 && rss-b.victimFiles() <= l:
		f.Note = measure(b.victimFiles()) + " of it pages of files, which need not count"
	case l > 0:
		f.Note = "the limit is " + bound(l)
	}
	return f
}

func (b *builder) limitFact() Fact {
	if l := b.m.Limit; l != nil {
		return Fact{Label: "Limit", Value: l.Text, Note: "from " + b.limitSource(l.From)}
	}
	return Fact{Label: "Limit", Value: dash, Note: "not known"}
}

// collectorFact is the collector's share of the CPU at the end.
func (b *builder) collectorFact() (Fact, bool) {
	share, ok := b.endShare()
	if !ok {
		return Fact{}, false
	}
	f := Fact{Label: "GC at the end", Value: about(share) + " CPU", Note: "of " + some(int(b.run.Cycles.At(b.lastCycle()).Procs), "core")}
	if o := b.found.Onset; o != nil {
		if before, ok := b.gcShare(0, o.Index); ok {
			f.Note = about(before) + " before the climb"
		}
	}
	return f, true
}

// lastFact is the collector's share of the CPU, or else the resident memory, the limit or the count of cycles.
func (b *builder) lastFact() Fact {
	if f, ok := b.collectorFact(); ok {
		return f
	}
	if rss, ok := b.in.Timeline.Death.RSS.Get(); ok && b.run != nil {
		return b.rssFact(rss)
	}
	if b.m.Limit == nil && b.run != nil {
		return Fact{Label: upper(b.words.Points()), Value: count(int64(b.run.Cycles.Len())), Note: "no limit known"}
	}
	return b.limitFact()
}
