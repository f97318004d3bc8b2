package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// wording is how a verdict kind is told: its name, the sentence and the one after it.
type wording struct {
	kind   inflection.Kind
	name   string
	first  func(*builder) Text
	second func(*builder) Text
}

var wordings = []wording{
	{inflection.Leak, "heap leak", (*builder).leakFirst, (*builder).growthSecond},
	{inflection.Step, "heap step", (*builder).stepFirst, (*builder).growthSecond},
	{inflection.Spike, "allocation burst", (*builder).spikeFirst, (*builder).spikeSecond},
	{inflection.UndersizedLimit, "limit too small", (*builder).undersizedFirst, (*builder).flatSecond},
	{inflection.GoalOvershoot, "GC goal beyond the limit", (*builder).overshootFirst, (*builder).overshootSecond},
	{inflection.Thrash, "GC thrashing", (*builder).thrashFirst, (*builder).thrashSecond},
	{inflection.OffHeap, "memory outside the heap", (*builder).offHeapFirst, (*builder).flatSecond},
	{inflection.Healthy, "no memory problem", (*builder).healthyFirst, (*builder).flatSecond},
	{inflection.Neighbour, "a neighbour took the memory", (*builder).neighbourFirst, (*builder).killSecond},
	{inflection.ParentLimit, "limit of a parent group", (*builder).parentFirst, (*builder).killSecond},
	{inflection.NodePressure, "machine out of memory", (*builder).nodeFirst, (*builder).killSecond},
	{inflection.SharedMemory, "shared memory", (*builder).sharedFirst, (*builder).killSecond},
	{inflection.PageCache, "page cache", (*builder).cacheFirst, (*builder).killSecond},
	{inflection.KernelMemory, "kernel memory", (*builder).kernelFirst, (*builder).killSecond},
	{inflection.LimitLowered, "limit was lowered", (*builder).loweredFirst, (*builder).killSecond},
	{inflection.CrashLoop, "crash loop", (*builder).loopFirst, (*builder).loopSecond},
	{inflection.AddressSpace, "address space full", (*builder).addressFirst, (*builder).runtimeSecond},
	{inflection.ThreadLimit, "thread limit", (*builder).threadFirst, (*builder).runtimeSecond},
	{inflection.StackOverflow, "stack overflow", (*builder).stackFirst, (*builder).runtimeSecond},
	{inflection.KilledFromOutside, "killed from outside", (*builder).outsideFirst, (*builder).flatSecond},
	{inflection.NotAnOOM, "not out of memory", (*builder).notOOMFirst, (*builder).flatSecond},
	{inflection.Undetermined, "undetermined", (*builder).undeterminedFirst, (*builder).undeterminedSecond},
}

func wordingOf(k inflection.Kind) wording {
	i := slices.IndexFunc(wordings, func(w wording) bool { return w.kind == k })
	if i < 0 {
		w := wordings[len(wordings)-1]
		w.kind, w.name = k, Clean(string(k))
		return w
	}
	return wordings[i]
}

func (b *builder) verdict() Verdict {
	v := b.in.Finding.Verdict
	if v.Kind == "" {
		v.Kind = inflection.Undetermined
	}
	w := wordingOf(v.Kind)
	out := Verdict{
		Kind: v.Kind, Detail: Clean(v.Detail), Confidence: v.Confidence, Also: v.Also,
		Name: b.kindName(w, v.Detail), Sentence: w.first(b).Plain("."), Second: b.again(v, w.second(b)),
		Crash: b.in.Timeline.Death.Memory() || b.in.Timeline.Death.Kind == timeline.LogEnds && v.Kind != inflection.Healthy && v.Kind != inflection.Undetermined && v.Kind != inflection.NotAnOOM,
	}
	out.Kicker = out.Name
	if v.Confidence != "" {
		out.Kicker += " · confidence " + Clean(string(v.Confidence))
	}
	for _, e := range v.Evidence {
		out.Evidence = append(out.Evidence, Claim{b.heard(e.Claim), b.pos(e.Source)})
	}
	out.Missing, out.WouldChange = b.heardAll(v.Missing), b.heardAll(v.WouldChange)
	out.Advice = b.advice(v)
	return out
}

// kindName names a verdict for a headline: "Go heap leak", "Goroutine leak".
func (b *builder) kindName(w wording, detail string) string {
	switch {
	case w.kind == inflection.Leak && detail == "goroutine":
		return "Goroutine leak"
	case w.kind == inflection.Leak && detail != "":
		return upper(Clean(strings.ReplaceAll(detail, "-", " "))) + " leak"
	case w.kind == inflection.OffHeap && detail != "":
		return upper(w.name) + ": " + Clean(strings.ReplaceAll(detail, "-", " "))
	case (w.kind == inflection.Leak || w.kind == inflection.Step) && b.run != nil:
		return runtimeName(b.run.Runtime) + " " + w.name
	}
	return upper(w.name)
}

func runtimeName(r string) string {
	switch r {
	case "go":
		return "Go"
	case "jvm":
		return "Java"
	case "v8":
		return "JavaScript"
	case "art":
		return "Android"
	}
	return "Managed"
}

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// nameless is what stands for the name of the program where nothing names it, at the beginning of a sentence.
const nameless = "The process"

// who names the program, at the beginning of a sentence.
func (b *builder) who() Text {
	if b.m.Service == nameless {
		return Text{}.Plain(nameless)
	}
	return Text{}.Log(b.m.Service)
}

// died says what ended, how and when: "checkout-api was OOM-killed at 09:33:06 UTC".
func (b *builder) died() Text {
	d := b.in.Timeline.Death
	who, when := b.who(), b.when()
	if b.byEngine() {
		return b.claimedText(who, when)
	}
	switch d.Kind {
	case timeline.MemcgKill, timeline.GlobalKill:
		return who.Plain(b.killedText(when))
	case timeline.UserspaceKill:
		return who.Plain(" was killed" + when + " by a userspace OOM killer")
	case timeline.Eviction:
		return who.Plain(" was evicted" + when + " for want of memory")
	case timeline.RuntimeOOM:
		if o, ok := d.Event.(*event.RuntimeOOM); ok && o.Message != "" && !b.in.Redact {
			return who.Plain(" stopped" + when + " with “").Log(cut(lastWords(o), 120)).Plain("”")
		}
		return who.Plain(" ran out of memory" + when)
	case timeline.Signal:
		return b.ended(who, when)
	case timeline.Exit:
		return b.ended(who, when)
	case timeline.LogEnds:
		return Text{}.Plain("The log ends" + when)
	case timeline.NoDeath:
	}
	return Text{}.Plain("No crash found")
}

// lastWords returns what a runtime said of its end, for the middle of a sentence.
func lastWords(o *event.RuntimeOOM) string {
	said, _, _ := strings.Cut(o.Message, " for attributes: ") // those of the thread that the JVM could not start
	return strings.TrimRight(strings.TrimPrefix(said, "FATAL ERROR: "), ". ")
}

func (b *builder) ended(who Text, when string) Text {
	e, ok := b.in.Timeline.Death.Event.(*event.ProcessEnd)
	switch {
	case ok && e.Kind == event.EndPanic:
		return who.Plain(" panicked" + when)
	case ok && e.Kind == event.EndFatal:
		return who.Plain(" ended" + when + " with a fatal error")
	case ok && e.Signal != "":
		return who.Plain(" was ended by ").Log(e.Signal).Plain(when)
	case ok && e.HasCode:
		return who.Plainf(" exited with status %d%s", e.Code, when)
	case b.in.Timeline.Death.Kind == timeline.Signal:
		return who.Plain(" was ended by a signal" + when)
	}
	return who.Plain(" exited" + when)
}

// when names the moment of the end with a space before it; empty where no clock tells.
func (b *builder) when() string {
	if b.run != nil && !b.clock.vague {
		return " " + b.clock.final()
	}
	t := b.in.Timeline.Death.Time
	s := b.clock.eventTime(t)
	switch {
	case s == "":
		return ""
	case t.Has.Has(event.Wall):
		return " at " + s
	}
	return " " + s
}

func (b *builder) dead() bool {
	switch b.in.Timeline.Death.Kind {
	case timeline.LogEnds, timeline.NoDeath, "":
		return false
	case timeline.MemcgKill, timeline.GlobalKill, timeline.UserspaceKill, timeline.Eviction, timeline.RuntimeOOM, timeline.Signal, timeline.Exit:
	}
	return true
}

// lastLive returns the live heap that was judged last.
func (b *builder) lastLive() unit.Bytes {
	if b.run == nil {
		return 0
	}
	if l := b.found.Live.Last; l > 0 {
		return l
	}
	return b.liveAt(b.lastCycle())
}

// liveAt returns the live heap after a cycle of the primary run, as it was judged.
func (b *builder) liveAt(i int) unit.Bytes { return liveOf(b.run, b.found.Prepared, i) }

// liveOf returns the live heap after cycle i of a run: without the garbage that a collection of a part of the heap leaves, where
// that was worked out, else as the log has it.
func liveOf(r *timeline.Run, p inflection.Prepared, i int) unit.Bytes {
	if k := i - p.First; k >= 0 && k < len(p.Live) {
		return p.Live[k]
	}
	return r.Cycles.At(i).Live
}

func (b *builder) maxLive() unit.Bytes { return max(b.found.Live.Max, b.lastLive()) }

// ofLimit says how much of the limit (or of what fits) a size is: "92 % of 4 GiB"; the size alone where neither is known.
func (b *builder) ofLimit(x unit.Bytes) string {
	if l := b.heapLimit(); l > 0 {
		return about(float64(x)/float64(l)) + " of " + bound(l)
	}
	if c, ok := b.found.Ceiling.Bytes.Get(); ok && c > 0 && !b.standIn() {
		return about(float64(x)/float64(c)) + " of the " + measure(c) + " that fit"
	}
	return measure(x)
}

// heapLimit returns the limit that the heap meets first: that of the process, or -Xmx where it is smaller. 0 is none.
func (b *builder) heapLimit() unit.Bytes {
	least := b.in.Timeline.Limit.Size.Or(0)
	for _, l := range b.in.Timeline.Limits {
		if x, ok := l.Size.Get(); ok && l.From == "xmx" && (least == 0 || x < least) {
			least = x
		}
	}
	return least
}

// alive is the sentence of a growth whose end nobody saw.
func (b *builder) alive() Text {
	if b.in.Timeline.Death.Kind == timeline.LogEnds {
		return b.died().Plain(" with the live heap at " + b.ofLimit(b.lastLive()) + " and rising; no kill event was given")
	}
	t := b.died().Plain(", but the live heap stands at " + b.ofLimit(b.lastLive()))
	if g := b.found.Growth; g != nil && g.PerSecond > 0 {
		return t.Plain(" and rises by " + strings.TrimPrefix(b.rateText(g), "+"))
	}
	return t.Plain(" and rises")
}

func (b *builder) rateText(g *inflection.Growth) string {
	if b.run.Clock == timeline.ByNumber {
		return perCycle(g.PerSecond)
	}
	return rate(g.PerSecond, b.clock.fine)
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
	case x != nil && x.Truncated && !b.clock.vague:
		return Text{}.Plain(", at least " + b.clock.span(x.At, b.clock.end) + " after its heap stopped recovering")
	case x != nil && b.clock.vague && x.At >= b.clock.end:
		return Text{}.Plain(", after its heap stopped recovering")
	case x != nil:
		return Text{}.Plain(", " + b.clock.span(x.At, b.clock.end) + " after its heap stopped recovering")
	case o != nil && b.clock.vague && o.At >= b.clock.end:
		return Text{}.Plain(", after its heap began to grow")
	case o != nil:
		return Text{}.Plain(", " + b.clock.span(o.At, b.clock.end) + " after its heap began to grow")
	}
	return nil
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
	jump := "its heap stepped up from " + measure(from) + " to " + measure(to)
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
		return b.died().Plain("; its heap burst within the last collections")
	}
	last := b.clock.end
	if !b.dead() || b.clock.vague {
		last = b.run.Cycles.At(b.lastCycle()).At // the levels are those of collections
	}
	from := measure(o.Level)
	if l, ok := b.in.Timeline.Limit.Size.Get(); ok && l > 0 {
		from = about(float64(o.Level) / float64(l))
	}
	t := b.died().Plain("; its heap went from " + from + " to " + b.ofLimit(b.lastLive()))
	if last > o.At {
		t = t.Plain(" in " + b.spanTo(o.At, last))
	}
	if b.dead() && o.Index >= b.lastCycle() {
		t = t.Plain(", between two collections")
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
	t := Text{}.Plain("Until " + b.clock.name(o.At) + " the live heap stood at " + measure(o.Level))
	if o.Index >= b.lastCycle() {
		return t.Plain("; the burst fell between the last collections.")
	}
	return t.Plain("; the burst took the last " + some(b.lastCycle()-o.Index+1, "collection") + ".")
}

// growthSecond tells of the threshold, the count and the rate.
func (b *builder) growthSecond() Text {
	t := b.crossedText()
	g := b.found.Growth
	if g == nil || b.run == nil {
		return t
	}
	t = t.Plain(space(t) + "It grew " + strings.TrimPrefix(b.rateText(g), "+"))
	if o := b.found.Onset; o != nil {
		t = t.Plain(" from " + b.startOf(o))
	}
	end := "the last line"
	if b.dead() {
		end = "the end"
	}
	t = t.Plain(" until " + end + ".")
	if weak(g.R2) {
		t = t.Plain(" The rate is weak: the heap did not grow along a line.")
	}
	return t
}

// startOf names when growth began, and at which level; with the log it began at none that could be told.
func (b *builder) startOf(o *inflection.Onset) string {
	if o.Level <= 0 {
		return "the first collection on"
	}
	return b.clock.name(o.At) + ", " + measure(o.Level) + ","
}

func space(t Text) string {
	if len(t) == 0 {
		return ""
	}
	return " "
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
	t := Text{}.Plain("Live heap crossed " + line + at + b.clock.name(x.At))
	if x.Truncated {
		t = Text{}.Plain("Live heap was above " + line + " already where the log begins")
	}
	switch x.LaterCycles {
	case 0:
		return t.Plain("; no collection followed.")
	case 1:
		return t.Plain(" and the one collection that followed did not bring it back.")
	}
	return t.Plain(" and none of the " + count(int64(x.LaterCycles)) + " collections that followed brought it back.")
}

// sentence gives a clause a capital and a full stop.
func sentence(s string) string {
	s = upper(s)
	if s != "" && !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

func (b *builder) undersizedFirst() Text {
	switch b.in.Finding.Verdict.Detail {
	case "startup":
		return b.died().Plain("; it asked for more than there is before it had started")
	case "metaspace":
		return b.died().Plain(" with its class metadata at a steady level: the bound on it is too small")
	}
	return b.died().Plain(" with the live heap steady at " + b.ofLimit(b.lastLive()) + ": its usual load does not fit")
}

// flatSecond tells the range of a heap that is not the story.
func (b *builder) flatSecond() Text {
	if b.run == nil {
		return b.killSecond()
	}
	if b.in.Finding.Verdict.Kind == inflection.Healthy && len(b.found.Recovered) == 0 {
		return Text{}.Plain("After " + some(b.run.Cycles.Len(), "collection") + " it stood at " + measure(b.lastLive()) + ".")
	}
	t := Text{}.Plain("Over " + some(b.run.Cycles.Len(), "collection") + " the live heap peaked at " + b.ofLimit(b.maxLive()) + " and ended at " + measure(b.lastLive()) + ".")
	if w := b.found.WhyNone; w != "" {
		t = t.Plain(" " + sentence(b.heard(w)))
	}
	return t
}

// nextGoal returns the heap that the cycle after the last one may grow to.
func (b *builder) nextGoal() unit.Bytes {
	if b.run == nil {
		return 0
	}
	goal := b.run.Cycles.At(b.lastCycle()).Goal
	if f := b.run.Factor; f.Known && f.Follows {
		goal = max(goal, unit.Bytes(f.K*float64(b.lastLive())))
	}
	return goal
}

// tightGoal is the share of the limit from which on a GC goal leaves too little for stacks, code and the runtime.
const tightGoal = 0.85

func (b *builder) overshootFirst() Text {
	l, ok := b.in.Timeline.Limit.Size.Get()
	if !ok || l == 0 || b.run == nil {
		return b.died().Plain(" when the next GC goal no longer fitted")
	}
	t := b.died().Plain(" with only " + about(float64(b.lastLive())/float64(l)) + " of its limit live: ")
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

// softLimit returns GOMEMLIMIT where something states it, else 0.
func (b *builder) softLimit() unit.Bytes {
	for _, l := range b.in.Timeline.Limits {
		if l.From == "gomemlimit" {
			return l.Size.Or(0)
		}
	}
	return 0
}

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
	if b.run == nil {
		return t.Plain(", but not by its heap: " + look)
	}
	return t.Plain(", but its heap was only " + measure(b.heapEnd()) + ": " + look)
}

// heapEnd returns the largest heap that the last collections saw.
func (b *builder) heapEnd() unit.Bytes {
	last := b.lastCycle()
	top := unit.Bytes(0)
	for i := max(0, last-2); i <= last; i++ {
		top = max(top, b.run.Cycles.At(i).Peak, b.run.Cycles.At(i).Live)
	}
	return top
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
		return t.Plain(", but the live heap ends at " + b.ofLimit(b.lastLive()) + " and did not recover in the last " + some(x.LaterCycles+1, "collection"))
	}
	if n := len(b.found.Recovered); n > 0 {
		t = t.Plain("; " + b.threshold() + " was crossed " + times(n) + " and recovered")
		if n > 1 {
			t = t.Plain(" each time")
		}
		return t
	}
	return t.Plain(". Live heap peaked at " + b.ofLimit(b.maxLive()) + " and always recovered")
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return count(int64(n)) + " times"
}

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
		return t.Plain("; never more than " + short(l.Between) + " after the time before")
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

func (b *builder) addressFirst() Text {
	return b.died().Plain(": the address space that it may use was full, not the memory")
}

// says reports that the runtime's own words, which the sentence quotes, name the bound that was passed.
func (b *builder) says(o *event.RuntimeOOM) bool {
	return !b.in.Redact && o.Bound > 0 && strings.Contains(o.Message, strconv.FormatInt(o.Bound, 10))
}

func (b *builder) threadFirst() Text {
	return b.boundFirst("it may have %s threads, and needed more", "it may not have more threads")
}

func (b *builder) stackFirst() Text {
	return b.boundFirst("a stack passed its bound of %s bytes", "a stack overflowed, as endless recursion makes it")
}

// boundFirst is the sentence of a runtime that passed a bound of its own: the format takes the bound, where one is told.
func (b *builder) boundFirst(format, without string) Text {
	t := b.died()
	o, ok := b.in.Timeline.Death.Event.(*event.RuntimeOOM)
	switch {
	case ok && b.says(o):
		return t
	case ok && o.Bound > 0:
		return t.Plain(": " + fmt.Sprintf(format, count(o.Bound)))
	}
	return t.Plain(": " + without)
}

func (b *builder) notOOMFirst() Text {
	t := b.died()
	if e, ok := b.in.Timeline.Death.Event.(*event.ProcessEnd); ok && e.Message != "" && !b.in.Redact {
		t = t.Plain(" (").Log(cut(e.Message, 100)).Plain(")")
	}
	return t.Plain(", not for want of memory")
}

// runtimeSecond tells what the runtime said.
func (b *builder) runtimeSecond() Text {
	o, ok := b.in.Timeline.Death.Event.(*event.RuntimeOOM)
	if !ok {
		return b.flatSecond()
	}
	var t Text
	if r, ok := o.Requested.Get(); ok {
		t = t.Plain("The allocation that failed asked for " + measure(r))
		if u, ok := o.InUse.Get(); ok {
			t = t.Plain("; " + measure(u) + " were in use")
		}
		t = t.Plain(".")
	}
	if b.run != nil {
		t = t.Plain(space(t)).Append(b.flatSecond())
	}
	return t
}

// advice puts the concrete steps that only the report can name around those of the verdict.
func (b *builder) advice(v inflection.Verdict) []Text {
	var out []Text
	if len(b.m.Suspects) > 0 {
		s := b.m.Suspects[0]
		t := Text{}.Plain("Look at ").Log(s.Function).Plain(" first")
		if s.File != "" {
			t = t.Plain(", ").Log(fmt.Sprintf("%s:%d", s.File, s.Line))
		}
		out = append(out, t.Plain(": it holds "+about(s.Share)+" of the growth between the heap profiles."))
	}
	for _, a := range v.Advice {
		out = append(out, Text{}.Plain(sentence(b.heard(a))))
	}
	if t := b.buys(); t != nil && (v.Kind == inflection.Leak || v.Kind == inflection.GoalOvershoot || v.Kind == inflection.CrashLoop) {
		out = append(out, t)
	}
	if t := b.alertAdvice(); t != nil {
		out = append(out, t)
	}
	return out
}

// buys says how much time a restart and a larger limit buy at the measured rate.
func (b *builder) buys() Text {
	g := b.found.Growth
	ceiling, ok := b.found.Ceiling.Bytes.Get()
	if !ok || g == nil || g.PerSecond <= 0 || weak(g.R2) || b.run.Clock == timeline.ByNumber || ceiling <= g.From {
		return nil
	}
	whole := float64(ceiling-g.From) / g.PerSecond
	if whole < 60 {
		return nil // a restart that buys seconds is no advice
	}
	t := Text{}.Plain("A restart buys at most " + buyTime(whole))
	if l, ok := b.in.Timeline.Limit.Size.Get(); ok && l >= ceiling {
		share := float64(ceiling) / float64(l)
		extra := unit.GiB
		for extra > l && extra > unit.MiB {
			extra /= 4
		}
		t = t.Plain("; each extra " + strings.TrimPrefix(bound(extra), "1 ") + " of limit buys " + buyTime(share*float64(extra)/g.PerSecond) + " more")
	}
	return t.Plain(".")
}

// buyTime prints seconds as a spoken span; a growth of a byte a year buys "years".
func buyTime(s float64) string {
	if s > 365*86400 {
		return "more than a year"
	}
	return spoken(time.Duration(s * float64(time.Second)))
}

// title names the report for a browser tab or the subject of a mail.
func (b *builder) title() string {
	verb := map[timeline.DeathKind]string{
		timeline.MemcgKill: "OOM-killed", timeline.GlobalKill: "OOM-killed", timeline.UserspaceKill: "OOM-killed",
		timeline.Eviction: "evicted", timeline.RuntimeOOM: "out of memory", timeline.Signal: "killed", timeline.Exit: "ended",
	}[b.in.Timeline.Death.Kind]
	if verb == "" {
		verb = b.m.Verdict.Name
	}
	name := b.m.Service
	if name == nameless && len(b.in.Timeline.Files) > 0 {
		name = b.file(b.in.Timeline.Files[0])
	}
	s := name + " " + verb
	if t := b.m.Crash.Time.Time; !t.IsZero() {
		s += " " + t.In(b.clock.zone).Format("2006-01-02 15:04 MST")
	}
	return s
}
