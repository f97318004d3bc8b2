package report

import (
	"fmt"
	"strings"
	"time"

	"oomtrace/inflection"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// The sentences of verdicts that are about the heap, or say that it was not the heap.

// alive is the sentence of a growth whose end nobody saw.
func (b *builder) alive() Text {
	if b.in.Timeline.Death.Kind == timeline.LogEnds {
		return b.died().Plain(" with the " + b.words.Level + " at " + b.ofLimit(b.lastLive()) + " and rising; no kill event was given")
	}
	t := b.died().Plain(", but the " + b.words.Level + " stands at " + b.ofLimit(b.lastLive()))
	if g := b.found.Growth; g != nil && g.PerSecond > 0 {
		return t.Plain(" and rises by " + strings.TrimPrefix(b.rateText(b.run, g.PerSecond), "+"))
	}
	return t.Plain(" and rises")
}

func (b *builder) leakFirst() Text {
	if !b.dead() {
		return b.alive()
	}
	return b.died().Append(b.grown()).Append(b.after())
}

// grown names what grew where it was not the heap.
func (b *builder) grown() Text {
	switch b.in.Finding.Verdict.Detail {
	case "metaspace":
		return Text{}.Plain("; its class metadata had grown until no more was allowed")
	case "class-space":
		return Text{}.Plain("; its class space had grown until it was full")
	case "perm-gen":
		return Text{}.Plain("; its permanent generation had grown until it was full")
	}
	return nil
}

// after says how long before the end the heap was lost.
func (b *builder) after() Text {
	switch x, o := b.found.Inflection, b.found.Onset; {
	case b.run != nil && b.run.Cycles.Len() == 1:
		return nil // one is no growth
	case x != nil && x.Truncated && b.clock.end-x.At < b.clock.endStep:
		return Text{}.Plain(", after " + b.lost())
	case x != nil && x.Truncated && !b.clock.vague:
		return Text{}.Plain(", at least " + b.clock.span(x.At, b.clock.end) + " after " + b.lost())
	case x != nil && b.clock.vague && x.At >= b.clock.end:
		return Text{}.Plain(", after " + b.lost())
	case x != nil:
		return Text{}.Plain(", " + b.clock.span(x.At, b.clock.end) + " after " + b.lost())
	case o != nil && b.clock.vague && o.At >= b.clock.end:
		return Text{}.Plain(", after " + b.rose())
	case o != nil:
		return Text{}.Plain(", " + b.clock.span(o.At, b.clock.end) + " after " + b.rose())
	}
	return nil
}

// lost says that the level passed the line and never came back, as a clause. Class metadata was named in the clause before.
func (b *builder) lost() string {
	switch {
	case b.run.Basis == timeline.FromMetadata:
		return "it passed " + b.threshold() + " for good"
	case b.run.OnlyRises():
		return "its " + b.words.Level + " passed " + b.threshold()
	}
	return "its " + b.words.Memory + " stopped recovering"
}

// rose says that the level began to grow, as a clause.
func (b *builder) rose() string {
	if b.run.Basis == timeline.FromMetadata {
		return "it began to grow"
	}
	return "its " + b.words.Memory + " began to grow"
}

func (b *builder) stepFirst() Text {
	o, g := b.found.Onset, b.found.Growth
	if o == nil {
		return b.leakFirst()
	}
	from, to := o.Level, b.lastLive()
	if g != nil && g.To > 0 {
		from, to = g.From, g.To
	}
	jump := "its " + b.words.Memory + " stepped up from " + measure(from) + " to " + measure(to)
	if e := b.found.Earlier; e != nil {
		jump += "; " + b.clock.span(e.At, o.At) + " before that it had stepped up from " + measure(e.From) + " to " + measure(e.To)
	}
	switch {
	case b.dead() && b.clock.vague && o.At >= b.clock.end:
		return b.died().Plain(", after " + jump)
	case b.dead():
		return b.died().Plain(", " + b.clock.span(o.At, b.clock.end) + " after " + jump)
	}
	return b.died().Plain("; " + b.clock.span(o.At, b.clock.end) + " before that " + jump)
}

func (b *builder) spikeFirst() Text {
	if b.in.Finding.Verdict.Detail == "array-size" {
		return b.died().Plain(": one array was longer than a JVM can have, however much memory is free")
	}
	o := b.found.Onset
	if o == nil {
		return b.died().Plain("; its " + b.words.Memory + " burst within the last " + b.words.Points())
	}
	last := b.clock.end
	if !b.dead() || b.clock.vague {
		last = b.run.Cycles.At(b.lastCycle()).At // the levels are those of collections
	}
	from := measure(o.Level)
	if l := b.heapLimit(); l > 0 {
		from = about(float64(o.Level) / float64(l))
	}
	t := b.died().Plain("; its " + b.words.Memory + " went from " + from + " to " + b.ofLimit(b.lastLive()))
	if last > o.At {
		t = t.Plain(" in " + b.spanTo(o.At, last))
	}
	if b.dead() && o.Index >= b.lastCycle() {
		t = t.Plain(", between two " + b.words.Points())
	}
	return t
}

// spanTo is the time between two collections, the last of which is not the end.
func (b *builder) spanTo(from, to time.Duration) string {
	if b.clock.axis == AxisCycles || to < b.clock.end || !b.clock.vague {
		return b.clock.span(from, to)
	}
	return spoken(to - from)
}

func (b *builder) spikeSecond() Text {
	o := b.found.Onset
	if o == nil {
		return b.growthSecond()
	}
	t := Text{}.Plain("Until " + b.clock.name(o.At) + " the " + b.words.Level + " stood at " + measure(o.Level))
	if o.Index >= b.lastCycle() {
		return t.Plain("; the burst fell between the last " + b.words.Points() + ".")
	}
	return t.Plain("; the burst took the last " + some(b.lastCycle()-o.Index+1, b.words.Point) + ".")
}

// growthSecond tells of the threshold, the count and the rate.
func (b *builder) growthSecond() Text {
	t := b.crossedText()
	g := b.found.Growth
	if g == nil || b.run == nil {
		return t
	}
	t = t.Plain(space(t) + "It grew " + strings.TrimPrefix(b.rateText(b.run, g.PerSecond), "+"))
	if o := b.found.Onset; o != nil {
		t = t.Plain(" from " + b.startOf(o))
	}
	end := "the last line"
	if b.dead() {
		end = "the end"
	}
	t = t.Plain(" until " + end + ".")
	if weak(g.R2) {
		t = t.Plain(" The rate is weak: the " + b.words.Memory + " did not grow along a line.")
	}
	return t
}

// startOf names when growth began, and at which level; with the log it began at none that could be told.
func (b *builder) startOf(o *inflection.Onset) string {
	if o.Level <= 0 {
		return "the first " + b.words.Point + " on"
	}
	return b.clock.name(o.At) + ", " + measure(o.Level) + ","
}

// levelName names what the threshold is a fraction of: "the 4 GiB limit", "the 2.00 GiB that fit (limit / 2.00: ...)".
func (b *builder) levelName() string {
	level, of := b.level()
	switch {
	case of == LineLimit:
		return "the " + bound(unit.Bytes(level)) + " limit"
	case of == LineLast:
		return b.fits(unit.Bytes(level)) + " (no limit is known)"
	case b.found.Ceiling.Basis != "":
		return "the " + measure(unit.Bytes(level)) + " that fit (" + b.heard(b.found.Ceiling.Basis) + ")"
	case of == LineCeiling:
		return "the " + measure(unit.Bytes(level)) + " that fit"
	}
	return "what fits"
}

func (b *builder) crossedText() Text {
	x := b.found.Inflection
	if x == nil {
		if w := b.found.WhyNone; w != "" {
			return Text{}.Plain(sentence(b.heard(w)))
		}
		return nil
	}
	line, at := b.threshold()+" of "+b.levelName(), " at "
	if b.clock.axis == AxisTMinus || b.clock.axis == AxisProcess {
		at = " " // "22 minutes before the kill"
	}
	t := Text{}.Plain(upper(b.words.Level) + " crossed " + line + at + b.clock.name(x.At))
	if x.Truncated {
		t = Text{}.Plain(upper(b.words.Level) + " was above " + line + " already where the log begins")
	}
	switch {
	case x.LaterCycles > 0 && b.run.OnlyRises():
		return t.Plain("; " + some(x.LaterCycles, b.words.Point) + " followed.")
	case x.LaterCycles == 0:
		return t.Plain("; no " + b.words.Point + " followed.")
	case x.LaterCycles == 1:
		return t.Plain(" and the one " + b.words.Point + " that followed did not bring it back.")
	}
	return t.Plain(" and none of the " + count(int64(x.LaterCycles)) + " " + b.words.Points() + " that followed brought it back.")
}

func (b *builder) undersizedFirst() Text {
	switch b.in.Finding.Verdict.Detail {
	case "startup":
		return b.died().Plain("; it asked for more than there is before it had started")
	case "metaspace":
		return b.died().Plain(" with its class metadata at a steady level: the bound on it is too small")
	}
	return b.died().Plain(" with the " + b.words.Level + " steady at " + b.ofLimit(b.lastLive()) + ": its usual load does not fit")
}

// flatSecond tells the range of a heap that is not the story.
func (b *builder) flatSecond() Text {
	if b.run == nil {
		return b.killSecond()
	}
	if b.in.Finding.Verdict.Kind == inflection.Healthy && len(b.found.Recovered) == 0 {
		return Text{}.Plain("After " + some(b.run.Cycles.Len(), b.words.Point) + " it stood at " + measure(b.lastLive()) + ".")
	}
	t := Text{}.Plain("Over " + some(b.run.Cycles.Len(), b.words.Point) + " the " + b.words.Level + " " + b.peaked() + " and ended at " + measure(b.lastLive()) + ".")
	if w := b.found.WhyNone; w != "" {
		t = t.Plain(" " + sentence(b.heard(w)))
	}
	return t
}

// tightGoal is the share of the limit from which on a GC goal leaves too little for stacks, code and the runtime.
const tightGoal = 0.85

func (b *builder) overshootFirst() Text {
	l, ok := b.in.Timeline.Limit.Size.Get()
	if !ok || l == 0 || b.run == nil {
		return b.died().Plain(" when the next GC goal no longer fitted")
	}
	only := ""
	if float64(b.lastLive()) < b.in.Fraction*float64(l) {
		only = "only "
	}
	t := b.died().Plain(" with " + only + about(float64(b.lastLive())/float64(l)) + " of its limit live: ")
	share := float64(b.nextGoal()) / float64(l)
	switch {
	case share <= tightGoal:
		return t.Plain("the heap grew past it before the next collection ended")
	case share <= 1:
		return t.Plain("the next GC goal (" + about(share) + " of the limit) left no room for the rest of the process")
	}
	return t.Plain("the next GC goal (" + about(share) + " of the limit) did not fit")
}

func (b *builder) overshootSecond() Text {
	t := b.crossedText()
	l, ok := b.in.Timeline.Limit.Size.Get()
	if ok && b.run != nil && b.run.Factor.Known && b.run.Factor.K > 1 {
		return t.Plain(space(t) + fmt.Sprintf("The pacer lets the heap grow to %.2f times what is live, so at most %s of the %s limit can be live.",
			b.run.Factor.K, measure(unit.Bytes(float64(l)/b.run.Factor.K)), bound(l)))
	}
	return t
}

func (b *builder) thrashFirst() Text {
	t := b.died()
	if b.run == nil {
		return t.Plain("; its collector ran without end and freed next to nothing")
	}
	from, to := b.endWindow(), b.lastCycle()
	span := b.spanTo(b.run.Cycles.At(from).At, b.run.Cycles.At(to).At)
	if b.clock.axis == AxisCycles {
		return t.Plain("; its last " + span + " freed next to nothing")
	}
	t = t.Plain("; in the last " + span + " its collector ran " + times(to-from) + " and freed next to nothing")
	if soft := b.softLimit(); soft > 0 && float64(b.lastLive()) >= heldDown*float64(soft) {
		t = t.Plain(": GOMEMLIMIT is " + bound(soft) + ", and " + measure(b.lastLive()) + " are live")
	}
	return t
}

// heldDown is the share of GOMEMLIMIT from which on its collector works for it.
const heldDown = 0.85

// thrashSecond tells what that cost.
func (b *builder) thrashSecond() Text {
	if share, ok := b.endShare(); ok {
		cores := ""
		if n := int(b.run.Cycles.At(b.lastCycle()).Procs); n > 1 {
			cores = " of all " + some(n, "core")
		}
		return Text{}.Plain("That took " + about(share) + " of the CPU time" + cores + ". ").Append(b.flatSecond())
	}
	return b.flatSecond()
}

// endShare is the collector's share of the machine at the end of the run.
func (b *builder) endShare() (float64, bool) {
	if b.run == nil {
		return 0, false
	}
	return b.gcShare(b.endWindow(), b.lastCycle())
}

func (b *builder) offHeapFirst() Text {
	t := b.died()
	rss, ok := b.in.Timeline.Death.RSS.Get()
	if ok {
		t = t.Plain(" at " + measure(rss) + " RSS")
	}
	look := "look at native memory, stacks, mmap or page cache"
	switch b.in.Finding.Verdict.Detail {
	case "stacks":
		look = "look at goroutine stacks"
	case "mmap":
		look = "look at mapped files and memory"
	case "threads":
		look = "look at the number of threads"
	case "direct-memory":
		look = "look at direct buffers"
	case "fragmentation":
		look = "look at fragmentation and what the allocator keeps"
	}
	if b.run == nil || b.run.Basis == timeline.FromResident {
		return t.Plain(", but not by its heap: " + look)
	}
	return t.Plain(", but its heap was only " + measure(b.heapEnd()) + ": " + look)
}

func (b *builder) healthyFirst() Text {
	t := b.died()
	if b.in.Timeline.Death.Kind == timeline.LogEnds {
		t = Text{}.Plain("No crash found")
	}
	if b.run == nil {
		return t
	}
	if x := b.finding(b.in.Timeline.Primary).Inflection; x != nil && !b.standIn() {
		return t.Plain(", but the " + b.words.Level + " ends at " + b.ofLimit(b.lastLive()) + " and did not recover in the last " + b.several(x.LaterCycles+1))
	}
	if n := len(b.found.Recovered); n > 0 {
		t = t.Plain("; " + b.threshold() + " was crossed " + times(n) + " and recovered")
		if n > 1 {
			t = t.Plain(" each time")
		}
		return t
	}
	if b.run.Cycles.Len() == 1 {
		return t.Plain(". At the only " + b.words.Point + " the " + b.words.Level + " was " + b.ofLimit(b.maxLive()))
	}
	t = t.Plain(". " + upper(b.words.Level) + " " + b.peaked())
	if b.run.OnlyRises() {
		return t
	}
	return t.Plain(" and always recovered")
}

// several counts points after "the last": "24 readings", but "reading" for one.
func (b *builder) several(n int) string {
	if n == 1 {
		return b.words.Point
	}
	return some(n, b.words.Point)
}

// peaked says how high the level rose.
func (b *builder) peaked() string {
	if b.run.OnlyRises() {
		return "rose to " + b.ofLimit(b.maxLive())
	}
	return "peaked at " + b.ofLimit(b.maxLive())
}
