package report

import (
	"fmt"
	"math"
	"slices"
	"time"

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

// growthNote says how well a rate is known: "r² 0.999 over 864 cycles".
func (b *builder) growthNote(g *Growth) string {
	s := "over " + some(g.Cycles, b.words.Cycle)
	if g.R2 != nil {
		s = "r² " + r2(*g.R2) + " " + s
	}
	return s
}

// weak reports whether a rate is too weak to rely on: what was seen does not lie along a line. A rate that could not be fitted is.
func weak(r2 float64) bool { return !(r2 >= 0.5) }

// r2 prints a coefficient of determination; what is not perfect never prints as 1.
func r2(x float64) string {
	if x < 1 {
		x = math.Min(x, 0.999)
	}
	return fmt.Sprintf("%.3f", x)
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

// boxLimit returns the limit of the whole process; those that its runtime sets itself bound its heap. 0 is none.
func (b *builder) boxLimit() unit.Bytes {
	least := unit.Bytes(0)
	for _, l := range b.in.Timeline.Limits {
		x, ok := l.Size.Get()
		if ok && !slices.Contains([]string{"xmx", "v8-flag", "growth-limit", "gomemlimit"}, l.From) && (least == 0 || x < least) {
			least = x
		}
	}
	return least
}

// victimFiles returns the pages of files that the victims of the kernel had mapped.
func (b *builder) victimFiles() unit.Bytes {
	var files unit.Bytes
	for _, v := range b.kill().Victims {
		files += v.File.Or(0)
	}
	return files
}

// maxPeak is the largest heap that was seen, garbage included.
func (b *builder) maxPeak() unit.Bytes {
	top := b.maxLive()
	for i := range b.run.Cycles.Len() {
		top = max(top, b.run.Cycles.At(i).Peak)
	}
	return top
}

func (b *builder) limitFact() Fact {
	if l := b.m.Limit; l != nil {
		return Fact{Label: "Limit", Value: l.Text, Note: "from " + limitSource(l.From)}
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

// summary are the lines under the terminal's chart and the rows of the Markdown table.
func (b *builder) summary() []Row {
	var out []Row
	add := func(r Row) {
		if len(r.Text) > 0 {
			out = append(out, r)
		}
	}
	if b.m.Aside {
		add(Row{Label: b.words.Level, Text: b.liveRow()})
	} else {
		add(Row{Label: "inflection", Text: b.inflectionRow(), Hot: b.found.Inflection != nil})
		add(Row{Label: "lead time", Text: b.leadRow()})
	}
	g := b.primary().Growth
	add(Row{Label: "growth", Text: b.growthRow(), Dim: g != nil && g.Dim})
	add(Row{Label: "forecast", Text: b.forecastRow()})
	add(Row{Label: "alarm", Text: b.alarmRow()})
	add(Row{Label: "what if", Text: b.whatIfRow()})
	add(Row{Label: "end", Text: b.endRow()})
	if _, of := b.level(); of != LineLimit || b.found.Inflection == nil {
		add(Row{Label: "limit", Text: b.limitRow()})
	}
	if slices.Contains(b.m.Verdict.Also, inflection.CrashLoop) {
		add(Row{Label: "lives", Text: Text{}.Plain(b.deaths())})
	}
	add(Row{Label: "suspect", Text: b.suspectRow()})
	add(Row{Label: "told by", Text: b.toldByRow()})
	return out
}

// liveRow tells of a heap that is not the story.
func (b *builder) liveRow() Text {
	if b.run == nil {
		return nil
	}
	t := Text{}.Plain("at most " + measure(b.maxLive()))
	if of := b.ofLimit(b.maxLive()); of != measure(b.maxLive()) {
		t = t.Plain(", " + of)
	}
	return t.Plain(", over " + some(b.run.Cycles.Len(), b.words.Point))
}

func (b *builder) inflectionRow() Text {
	x := b.found.Inflection
	if b.run == nil {
		return nil
	}
	if x == nil {
		if w := b.found.WhyNone; w != "" {
			return Text{}.Plain("none: " + b.heard(w))
		}
		return Text{}.Plain("none found")
	}
	t := Text{}.Plain(b.clock.at(x.At) + "  ")
	if b.clock.axis != AxisCycles {
		t = t.Plainf("%s %d, ", b.words.Number, x.Cycle)
	}
	t = t.Log(At(b.pos(x.Source))).Plain(", " + measure(x.Live))
	if measure(x.Live) != measure(b.liveAt(x.Index)) {
		t = t.Plain(" as running median")
	}
	switch _, of := b.level(); {
	case of == LineLimit && x.FractionOfLimit > 0:
		t = t.Plain(", " + percent(x.FractionOfLimit) + " of " + b.limitWords())
	case of != "" && x.FractionOfCeiling > 0:
		c, _ := b.found.Ceiling.Bytes.Get()
		t = t.Plain(", " + percent(x.FractionOfCeiling) + " of " + b.fits(c))
	}
	return t
}

// fits names a ceiling: what fits, or the last level where no limit tells what fits.
func (b *builder) fits(ceiling unit.Bytes) string {
	if b.standIn() {
		return "the last level, " + measure(ceiling)
	}
	return measure(ceiling) + " that fit"
}

func (b *builder) limitWords() string {
	if l := b.m.Limit; l != nil {
		return l.Text
	}
	return "the limit"
}

func (b *builder) leadRow() Text {
	x := b.found.Inflection
	if x == nil {
		return nil
	}
	t := Text{}.Plain(b.clock.lead(x.At, b.clock.end))
	if !b.dead() {
		t = t.Plain(" to the last line")
	}
	if b.clock.axis != AxisCycles {
		t = t.Plain(", " + noneOr(x.LaterCycles, b.words.Point))
	}
	level, _ := b.level()
	if level <= 0 || x.LaterCycles == 0 {
		return t
	}
	if n := b.below(x.Index+1, b.lastCycle(), b.in.Fraction*level); n > 0 {
		return t.Plain(", " + count(int64(n)) + " below " + b.threshold() + " for a moment, none recovered")
	}
	return t.Plain(", none below " + b.threshold())
}

// noneOr is some with a word for zero.
func noneOr(n int, noun string) string {
	if n == 0 {
		return "no " + noun
	}
	return some(n, noun)
}

func (b *builder) growthRow() Text {
	r := b.primary()
	if r.Growth == nil {
		return nil
	}
	t := Text{}.Plain(r.Growth.Text)
	if r.Growth.R2 != nil {
		t = t.Plain(", r² " + r2(*r.Growth.R2))
	}
	if r.Onset != nil {
		t = t.Plain(", " + some(r.Growth.Cycles, b.words.Cycle) + " from " + r.Onset.Text)
	}
	return t
}

// forecastRow holds the forecast that was made at the inflection against what happened.
func (b *builder) forecastRow() Text {
	f := b.primary().Forecast
	if f == nil {
		return nil
	}
	t := "at the inflection due at " + f.Text + " (" + f.Range + ")"
	switch {
	case !b.in.Timeline.Death.Memory() || b.clock.vague:
	case b.clock.axis == AxisTMinus:
		t += ", it came at T"
	case b.clock.endStep >= time.Second && math.Abs(f.Death-seconds(b.clock.end)) < b.clock.endStep.Seconds():
		t += ", it came in the second of " + b.clock.at(b.clock.end)
	default:
		t += ", it came at " + b.clock.at(b.clock.end)
	}
	return Text{}.Plain(t)
}

func (b *builder) endRow() Text {
	if b.run == nil {
		if rss, ok := b.in.Timeline.Death.RSS.Get(); ok {
			return Text{}.Plain("RSS " + measure(rss))
		}
		return nil
	}
	t := Text{}.Plain(b.words.Level + " " + measure(b.lastLive()))
	if share := b.endOf(); share != "" {
		t = t.Plain(" (" + share + ")")
	}
	if share, ok := b.endShare(); ok {
		t = t.Plain(", GC used " + about(share) + " of CPU")
	}
	if rss, ok := b.in.Timeline.Death.RSS.Get(); ok {
		t = t.Plain(", RSS " + measure(rss))
	}
	return t
}

func (b *builder) endOf() string {
	if l := b.heapLimit(); l > 0 {
		return about(float64(b.lastLive()) / float64(l))
	}
	return ""
}

// limitRow names the limit where no other row does.
func (b *builder) limitRow() Text {
	if b.m.Limit == nil && b.run == nil {
		return nil
	}
	if b.m.Limit == nil {
		return Text{}.Plain("not known")
	}
	t := Text{}.Plain(b.m.Limit.Text + ", from " + limitSource(b.m.Limit.From))
	if x := b.heapLimit(); x < b.in.Timeline.Limit.Size.Or(0) {
		return t.Plain("; " + bound(x) + " of it for the heap, from -Xmx")
	}
	return t
}

func (b *builder) suspectRow() Text {
	if len(b.m.Suspects) == 0 {
		return nil
	}
	s := b.m.Suspects[0]
	t := Text{}.Log(s.Function)
	if s.File != "" {
		t = t.Plain("  ").Log(fmt.Sprintf("%s:%d", s.File, s.Line))
	}
	return t.Plain("  " + signedMeasure(s) + ", " + about(s.Share) + " of growth")
}

func signedMeasure(s Suspect) string {
	if s.Growth >= 0 {
		return "+" + measure(s.Growth)
	}
	return measure(s.Growth)
}

// rates are the rows of the table of growth rates: the whole climb, and from the inflection on.
func (b *builder) rates() []Rate {
	g := b.primary().Growth
	if g == nil {
		return nil
	}
	window := "whole climb"
	if o := b.found.Onset; o != nil {
		window += ", from " + b.clock.at(o.At)
	}
	out := []Rate{{Window: window, Text: g.Text, R2: g.R2, Cycles: g.Cycles, Dim: g.Dim}}
	if late := b.found.Growth.FromInflection; late != nil && b.found.Inflection != nil {
		out = append(out, Rate{
			Window: "inflection to " + b.endWord(), Text: b.rateText(b.run, late.PerSecond), R2: finite(late.R2), Cycles: late.Cycles,
			Hot: true, Dim: weak(late.R2),
		})
	}
	return out
}

// closing says how sure the verdict is, what is missing and what was left out.
func (b *builder) closing(missing []string) Text {
	t := Text{}
	if c := b.m.Verdict.Confidence; c != "" {
		t = t.Plain("Confidence " + Clean(string(c)) + ".")
	}
	for _, m := range missing {
		t = t.Plain(space(t) + sentence(m))
	}
	damaged, last := 0, ""
	for _, s := range b.m.Inputs {
		damaged += s.Damaged
		if n := len(s.Problems); n > 0 && n == s.Damaged {
			last = At(event.Pos{File: b.m.Short(s.File), Line: s.Problems[n-1].Line})
		}
	}
	switch {
	case damaged == 1 && last != "":
		t = t.Plain(space(t) + "1 damaged line left out, ").Log(last).Plain(" (oomtrace -v shows it).")
	case damaged > 1 && last != "":
		t = t.Plain(space(t) + count(int64(damaged)) + " damaged lines left out, the last at ").Log(last).Plain(" (oomtrace -v shows them).")
	case damaged > 0:
		t = t.Plain(space(t) + some(damaged, "damaged line") + " left out (oomtrace -v shows them).")
	}
	return t
}

// hints say what the user could add for a better answer.
func (b *builder) hints() []string {
	var out []string
	switch {
	case b.run == nil || b.clock.axis == AxisWall:
	case b.clock.axis == AxisCycles:
		out = append(out, "A log with time stamps (kubectl logs --timestamps) would tell times.")
	default:
		out = append(out, "Add --start or kubectl --timestamps for clock times.")
	}
	decided := b.m.Aside && b.m.Verdict.Kind != inflection.Healthy && b.m.Verdict.Kind != inflection.Undetermined
	if b.m.Limit == nil && b.run != nil && b.run.Basis != timeline.FromMetadata && !decided {
		out = append(out, "No limit is known: give --limit, or add the log that states it.")
	}
	return out
}

// captionWithout says what the picture shows where no collection was read.
func (b *builder) captionWithout(ch *Chart) string {
	const none = "No collection was read. "
	_, killed := b.in.Timeline.Death.Event.(*event.Kill)
	switch {
	case len(ch.Holders) > 0 && killed:
		return none + "This is what the kernel counted when it killed."
	case len(ch.Holders) > 0:
		return none + "These are the sizes that the crash report gives."
	case len(ch.Voices) > 0:
		return none + "This is what the logs tell, and when."
	}
	return none + "The logs hold nothing else that could be drawn: no sizes to compare, no times that lie apart."
}

// caption says what the picture shows.
func (b *builder) caption(ch Chart) string {
	n, after := b.lastCycle()+1, b.run.Cycles.Len()-1-b.lastCycle()
	s := b.curve(some(n, b.words.Point))
	if after > 0 {
		s += fmt.Sprintf(" The %s after the death, which saw what it freed, %s left out.", some(after, b.words.Point), map[bool]string{true: "is", false: "are"}[after == 1])
	}
	if n := len(ch.Runs); n > 1 {
		s += fmt.Sprintf(" %s lives of processes are drawn.", count(int64(n)))
	}
	if g := b.found.OldGen; g != nil && g.Inflection != nil && !b.m.Aside {
		s += fmt.Sprintf(" The old generation, %s at most, passed %s for good at %s: it is full before the heap is.",
			measure(g.Capacity), b.threshold(), b.clock.name(g.Inflection.At))
	}
	if slices.ContainsFunc(ch.Runs, func(s Series) bool { return s.Other }) {
		s += " The grey lines are other processes: " + b.otherNames(&ch) + "."
	}
	if n := len(b.found.Recovered); n > 0 {
		s += fmt.Sprintf(" The %s also passed %s %s and recovered, so that is not the inflection.", b.words.Memory, b.threshold(), times(n))
	}
	return s
}

// curve says what the line of the picture shows, and the band where there is one.
func (b *builder) curve(points string) string {
	level := upper(b.words.Level)
	switch {
	case len(b.found.Prepared.Live) > 0:
		return fmt.Sprintf("Live heap after each of %s, without the garbage that collections of a part of the heap leave (line), and the heap just before it (band).", points)
	case b.run.Basis == timeline.FromLog:
		return fmt.Sprintf("Heap that survived each of %s (line), and the heap just before it (band).", points)
	case b.run.Basis == timeline.FromMetadata:
		return fmt.Sprintf("%s after each of %s.", level, points)
	case b.banded():
		return fmt.Sprintf("%s at each of %s (line), and the heap in use, garbage included (band).", level, points)
	}
	return fmt.Sprintf("%s at each of %s.", level, points)
}

// banded reports whether the heap was read beside what lives of it.
func (b *builder) banded() bool {
	for i := range b.run.Cycles.Len() {
		if c := b.run.Cycles.At(i); c.Peak > c.Live {
			return true
		}
	}
	return false
}

// description tells the story for those who cannot see the picture.
func (b *builder) description() string {
	s := b.m.Verdict.Sentence.String()
	if t := b.m.Verdict.Second.String(); t != "" {
		s += " " + t
	}
	return s + fmt.Sprintf(" %s from %s to %s, at most %s.", upper(b.words.Level), measure(b.liveAt(0)), measure(b.lastLive()), measure(b.maxLive()))
}
