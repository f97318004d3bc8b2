package report

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

const (
	rowsAround = 3  // rows on either side of the inflection
	rowsEnd    = 3  // rows before the end
	rowsAlone  = 10 // last rows where nothing is to be shown but the end
	maxWitness = 20
)

// Wanted returns the lines whose raw text the report shows if Input.Lines has it, in the order of the table.
func Wanted(in Input) []event.Pos {
	b := newBuilder(in)
	var out []event.Pos
	for _, i := range b.evidenceIndexes() {
		if i >= 0 {
			out = append(out, b.linePos(b.run.Cycles.At(i)))
		}
	}
	for _, ev := range b.witnessEvents() {
		out = append(out, witnessPos(ev))
	}
	return out
}

// anchor returns the cycle that the table is about: the inflection, the onset, or none.
func (b *builder) anchor() int {
	switch {
	case b.found.Inflection != nil:
		return b.found.Inflection.Index
	case b.found.Onset != nil:
		return b.found.Onset.Index
	}
	return -1
}

// lastCycle returns the last cycle that was judged: what comes after is the unwinding of a dying process.
func (b *builder) lastCycle() int {
	n := b.run.Cycles.Len()
	if p := b.found.Prepared; p.Last > p.First && p.Last < n {
		return p.Last
	}
	return n - 1
}

// evidenceIndexes lists the cycles of the table; -1 stands for a gap.
func (b *builder) evidenceIndexes() []int {
	if b.run == nil {
		return nil
	}
	last := b.lastCycle()
	anchor := b.anchor()
	if anchor < 0 || anchor > last {
		return window(last-rowsAlone+1, last, last)
	}
	near := window(anchor-rowsAround, anchor+rowsAround, last)
	tail := window(last-rowsEnd+1, last, last)
	if tail[0] <= near[len(near)-1]+1 {
		return window(near[0], last, last)
	}
	return slices.Concat(near, []int{-1}, tail)
}

func window(from, to, last int) []int {
	var out []int
	for i := max(from, 0); i <= min(to, last); i++ {
		out = append(out, i)
	}
	return out
}

func (b *builder) evidence() Evidence {
	var e Evidence
	indexes := b.evidenceIndexes()
	if len(indexes) == 0 {
		return e
	}
	switch {
	case b.found.Inflection != nil:
		e.Title = "Evidence around the inflection"
	case b.found.Onset != nil:
		e.Title = "Evidence around the beginning of the growth"
	default:
		e.Title = "The last " + b.words.Points()
	}
	top := unit.Bytes(0)
	for _, i := range indexes {
		if i >= 0 {
			x := b.run.Cycles.At(i)
			top = max(top, b.liveAt(i), x.Peak, x.Goal)
		}
	}
	e.Scale = Scale{unit.MiB, "MiB"}
	if top < 10*unit.MiB {
		e.Scale = Scale{unit.KiB, "KiB"}
	}
	level, of := b.level()
	e.Of = of
	e.Level = b.levelHead()
	e.Caption = fmt.Sprintf("Line numbers refer to %s. Sizes in %s", b.file(b.linePos(b.run.Cycles.At(indexes[0])).File), e.Scale.Name)
	if !b.run.Sampled() {
		e.Caption += ", pauses in ms"
	}
	e.Caption += "."
	if len(b.found.Prepared.Live) > 0 {
		e.Caption += " The live heap is without the garbage that collections of a part of the heap leave, as those of the whole heap show it."
	}
	if b.smoothed() {
		e.Caption += " The inflection is judged by the running median, which a single " + b.words.Cycle + " does not move."
	}
	for k, i := range indexes {
		if i < 0 {
			e.Rows = append(e.Rows, b.gapRow(indexes[k-1]+1, indexes[k+1]-1, level, of))
			continue
		}
		e.Rows = append(e.Rows, b.cycleRow(i, e.Scale, level))
	}
	if b.in.Timeline.Death.Event != nil {
		p := b.deathPos()
		when := b.clock.at(b.clock.end)
		if b.clock.vague {
			when = "later"
		}
		e.Rows = append(e.Rows, EvidenceRow{
			Kind: "event", Source: b.pos(p), Time: when, Note: b.endLabel() + b.endDetail(), Raw: b.raw(p), Hot: true,
		})
	}
	return e
}

// levelHead heads the column of the level.
func (b *builder) levelHead() string {
	if b.run.Sampled() {
		return upper(b.words.Brief)
	}
	return upper(b.words.Brief) + " after"
}

func (b *builder) raw(p event.Pos) string {
	line := b.in.Lines[p]
	if bracket.MatchString(line) {
		return ""
	}
	return b.secret(cut(line, 400))
}

// bracket is a line of a JSON document that opens or closes something and says nothing by itself.
var bracket = regexp.MustCompile(`^\s*("[^"]*"\s*:\s*)?[{}\[\]]+,?\s*$`)

// endDetail names the limit that was reached.
func (b *builder) endDetail() string {
	if b.in.Timeline.Death.Kind == timeline.MemcgKill && b.m.Limit != nil {
		return ": limit " + b.m.Limit.Text + " reached"
	}
	return ""
}

func (b *builder) cycleRow(i int, s Scale, level float64) EvidenceRow {
	x, live := b.run.Cycles.At(i), b.liveAt(i)
	p := b.linePos(x)
	r := EvidenceRow{
		Kind: "cycle", Source: b.pos(p), Time: b.clock.at(x.At), Cycle: fmt.Sprint(x.N),
		Live: s.Format(live), Raw: b.raw(p),
	}
	if b.run.Basis != timeline.FromResident && b.run.Basis != timeline.FromMetadata {
		r.Peak = s.Format(max(x.Peak, live))
	}
	if !b.run.Sampled() {
		r.Pause = fmt.Sprintf("%.2f", 1000*float64(x.Pause))
	}
	if x.Goal > 0 {
		r.Goal = s.Format(x.Goal)
	}
	if i > 0 {
		r.Delta = signed(s, live-b.liveAt(i-1))
	}
	if level > 0 {
		f := float64(live) / level
		r.Fraction, r.Percent = finite(f), percent(f)
	}
	r.Note = b.cycleNote(i)
	r.Hot = b.found.Inflection != nil && b.found.Inflection.Index == i
	return r
}

func signed(s Scale, d unit.Bytes) string {
	if d > 0 {
		return "+" + s.Format(d)
	}
	return s.Format(d)
}

func (b *builder) cycleNote(i int) string {
	x := b.run.Cycles.At(i)
	_, of := b.level()
	in := b.found.Inflection
	switch {
	case in != nil && in.Index == i && in.Truncated:
		return "Inflection: the log begins above " + b.threshold() + " of the " + string(of)
	case in != nil && in.Index == i && b.smoothed():
		return "Inflection: here the running median passes " + b.threshold() + " of the " + string(of) + ", with no later recovery"
	case in != nil && in.Index == i && b.run.OnlyRises():
		return "Inflection: first " + b.words.Cycle + " above " + b.threshold() + " of the " + string(of)
	case in != nil && in.Index == i:
		return "Inflection: first " + b.words.Cycle + " above " + b.threshold() + " of the " + string(of) + " with no later recovery"
	case b.found.Onset != nil && b.found.Onset.Index == i:
		return "the climb begins"
	case b.found.LimitCrossing != nil && b.found.LimitCrossing.Index == i:
		return "first " + b.words.Cycle + " above " + b.threshold() + " of the limit for good"
	case i == b.lastCycle():
		return "last " + b.words.Cycle + " before the end"
	case x.Flags&timeline.Mended != 0:
		return "put together from a torn line"
	case x.Flags&timeline.Forced != 0:
		return "asked for by the program"
	}
	return ""
}

// smoothed reports whether the inflection, which is read off the running median, stands elsewhere than the cycles by
// themselves would say: the cycle is not above the line, the one before is already, or a later one is not.
func (b *builder) smoothed() bool {
	x := b.found.Inflection
	level, _ := b.level()
	if x == nil || level <= 0 {
		return false
	}
	line := b.in.Fraction * level
	before := x.Index > 0 && float64(b.liveAt(x.Index-1)) >= line
	return before || b.below(x.Index, b.lastCycle(), line) > 0
}

// gapRow sums up the cycles from first to last that the table leaves out.
func (b *builder) gapRow(first, last int, level float64, of LineKind) EvidenceRow {
	low := first
	for i := first; i <= last; i++ {
		if b.liveAt(i) < b.liveAt(low) {
			low = i
		}
	}
	least := b.liveAt(low)
	note := some(last-first+1, "further "+b.words.Cycle)
	if level > 0 && b.found.Inflection != nil {
		if below := b.below(first, last, b.in.Fraction*level); below == 0 {
			note += ", none below " + b.threshold()
		} else {
			note += fmt.Sprintf(", %s below %s for a moment", count(int64(below)), b.threshold())
		}
	}
	note += ". Lowest " + measure(least)
	if level > 0 {
		note += " (" + percent(float64(least)/level) + " of the " + string(of) + ")"
	}
	p := b.pos(b.linePos(b.run.Cycles.At(low)))
	return EvidenceRow{Kind: "gap", Source: p, Note: note + fmt.Sprintf(" at line %d.", p.Line)}
}

// below counts the cycles of a stretch whose live heap lies below a level.
func (b *builder) below(first, last int, level float64) int {
	n := 0
	for i := first; i <= last; i++ {
		if float64(b.liveAt(i)) < level {
			n++
		}
	}
	return n
}

// witnessEvents lists the events that tell of an end, in the order of time; those of which no clock tells come last.
func (b *builder) witnessEvents() []event.Event {
	var out []event.Event
	if d := b.in.Timeline.Death.Event; d != nil {
		out = append(out, d)
	}
	for _, ev := range b.in.Timeline.Events {
		if ev == b.in.Timeline.Death.Event || len(out) == maxWitness {
			continue
		}
		if eventLabel(ev) != "" || b.ofWorkload(ev) {
			out = append(out, ev)
		}
	}
	slices.SortStableFunc(out, b.earlier)
	return out
}

// earlier compares two events by the wall clock, or else by that of the kernel.
func (b *builder) earlier(x, y event.Event) int {
	at, to := toldAt(x), toldAt(y)
	for _, clock := range []func(event.Time) (time.Duration, bool){b.wallTime, bootTime} {
		first, known := clock(at)
		second, too := clock(to)
		switch {
		case known && too:
			return cmp.Compare(first, second)
		case known:
			return -1
		case too:
			return 1
		}
	}
	return 0
}

// wallTime returns the wall time of an event since the Unix epoch, its own or that of its place on the chart.
func (b *builder) wallTime(t event.Time) (time.Duration, bool) {
	if t.Has.Has(event.Wall) {
		return time.Duration(t.Wall), true
	}
	if at, ok := b.clock.onAxis(t); ok && b.clock.axis == AxisWall {
		return time.Duration(b.clock.zero.UnixNano()) + at, true
	}
	return 0, false
}

func bootTime(t event.Time) (time.Duration, bool) { return t.Boot, t.Has.Has(event.Boot) }

// witnessPos is the line of an event that says the most: of a kill the one that names what was killed.
func witnessPos(ev event.Event) event.Pos {
	if k, ok := ev.(*event.Kill); ok && k.KilledAt != (event.Pos{}) {
		return k.KilledAt
	}
	return ev.Header().Pos
}

// witness puts what an event tells into words.
func (b *builder) witness(ev event.Event) (w Witness, ok bool) {
	p := witnessPos(ev)
	w = Witness{Time: b.clock.eventTime(toldAt(ev)), Source: b.pos(p), Raw: b.raw(p)}
	switch ev := ev.(type) {
	case *event.Kill:
		w.Kind, w.Text = "oom-kill", b.killText(ev).String()
	case *event.RuntimeOOM:
		w.Kind, w.Text = "runtime-oom", "the runtime gave up: "+b.secretOr(ev.Message, string(ev.Kind))
	case *event.ProcessEnd:
		w.Kind, w.Text = "process-end", b.endText(ev).String()
	case *event.Dump:
		w.Kind, w.Text = "dump", dumpText(ev)
	case *event.ContainerStatus:
		w.Kind, w.Text = "container-status", b.statusText(ev)
	case *event.ContainerEvent:
		w.Kind, w.Text = "container-event", b.toldText(ev)
	case *event.GC, *event.Sample, *event.Setting, *event.Problem:
	}
	return w, w.Kind != ""
}

// shown reports whether the table of evidence has the line of the main log that a witness stands in.
func (b *builder) shown(w Witness) bool {
	rows := b.m.Evidence.Rows
	return len(rows) > 0 && w.Source.File == rows[0].Source.File && slices.ContainsFunc(rows, func(r EvidenceRow) bool { return r.Source == w.Source })
}

func (b *builder) secretOr(s, instead string) string {
	if s = b.secret(cut(s, 200)); s == "" {
		return Clean(instead)
	}
	return s
}

// killText tells what the kernel reported, as a clause.
func (b *builder) killText(k *event.Kill) Text {
	t := Text{}.Plain("the kernel's out-of-memory killer ran")
	if k.NoKillable && len(k.Victims) == 0 {
		t = t.Plain(" and found no process that it may kill")
	}
	for i, v := range k.Victims {
		if i == 3 {
			t = t.Plain(" and others")
			break
		}
		t = t.Plain(map[bool]string{true: " and killed ", false: ", "}[i == 0]).Log(v.Name).Plainf(" (pid %d", v.PID)
		if rss, ok := victimRSS(v); ok {
			t = t.Plain(", " + measure(rss) + " resident")
		}
		t = t.Plain(")")
	}
	t = t.Append(spared(k))
	if g := b.secret(k.OOMMemcg); g != "" {
		t = t.Plain("; group ").Log(g)
	}
	if u, ok := k.Usage.Get(); ok {
		t = t.Plain("; usage " + measure(u))
		if l, ok := k.Limit.Get(); ok {
			t = t.Plain(" of " + bound(l))
		}
	}
	if used, of := k.SwapUsage.Or(0), k.SwapLimit.Or(0); of > 0 && float64(used) >= swapFull*float64(of) {
		t = t.Plain("; swap " + measure(used) + " of " + bound(of))
	}
	if k.Repeats > 1 {
		t = t.Plainf("; %d equal reports", k.Repeats)
	}
	return t
}

const (
	swapFull = 0.99 // of swap: the kernel leaves a few pages
	heldMore = 1.10 // times the largest victim: what a task table tells of a size is not exact
)

// spared names the process that held more than any that was killed, as a clause; it is empty where there is none.
func spared(k *event.Kill) Text {
	var most unit.Bytes
	for _, v := range k.Victims {
		rss, _ := victimRSS(v)
		most = max(most, rss)
	}
	var other event.Task
	for _, task := range k.Tasks {
		switch {
		case slices.ContainsFunc(k.Victims, func(v event.Victim) bool { return v.PID == task.PID }):
			most = max(most, task.RSS.Or(0))
		case task.RSS.Or(0) > other.RSS.Or(0):
			other = task
		}
	}
	held := other.RSS.Or(0)
	if other.Name == "" || len(k.Victims) > 0 && most == 0 || float64(held) <= heldMore*float64(most) {
		return nil
	}
	t := Text{}.Plain(", while ").Log(other.Name).Plainf(" (pid %d) held ", other.PID)
	if len(k.Victims) > 0 {
		t = t.Plain("more, ")
	}
	return t.Plain(measure(held))
}

// victimRSS adds up the resident memory of a victim.
func victimRSS(v event.Victim) (unit.Bytes, bool) {
	known := v.Anon.IsKnown() || v.File.IsKnown() || v.Shmem.IsKnown()
	return v.Anon.Or(0) + v.File.Or(0) + v.Shmem.Or(0), known
}

// endText tells how a process ended, as a clause.
func (b *builder) endText(e *event.ProcessEnd) Text {
	var t Text
	switch e.Kind {
	case event.EndSignal:
		t = t.Plain("ended by ").Log(e.Signal)
	case event.EndPanic:
		t = t.Plain("a panic ended it")
	case event.EndFatal:
		t = t.Plain("a fatal error ended it")
	case event.EndExit:
		t = t.Plain("it exited")
	default:
		t = t.Plain("it ended")
	}
	if e.HasCode {
		t = t.Plainf(" with status %d", e.Code)
	}
	if m := b.secret(cut(e.Message, 200)); m != "" {
		t = t.Plain(": ").Log(m)
	}
	return t
}

func dumpText(d *event.Dump) string {
	s := Clean(d.Kind) + ", " + some(d.Lines, "line")
	if d.Goroutines > 0 {
		s += ", " + some(d.Goroutines, "goroutine")
	}
	if d.Cut {
		s += ", cut off"
	}
	return s
}

// gcShare returns the share of the machine that the collections from first to last used, 0 to 1.
func (b *builder) gcShare(first, last int) (float64, bool) {
	if b.run == nil || b.run.Clock == timeline.ByNumber || last <= first {
		return 0, false
	}
	var cpu float64
	procs := 0
	for i := first + 1; i <= last; i++ {
		x := b.run.Cycles.At(i)
		cpu += float64(x.CPU)
		procs = max(procs, int(x.Procs))
	}
	wall := seconds(b.run.Cycles.At(last).At - b.run.Cycles.At(first).At)
	if procs == 0 || wall <= 0 || cpu <= 0 {
		return 0, false
	}
	return math.Min(1, cpu/(wall*float64(procs))), true
}

// endWindow returns the first cycle of the last twentieth of the run, at least ten cycles.
func (b *builder) endWindow() int {
	last := b.lastCycle()
	span := b.run.Cycles.At(last).At - b.run.Cycles.At(0).At
	from := searchAt(&b.run.Cycles, b.run.Cycles.At(last).At-max(span/20, time.Nanosecond))
	return max(0, min(from, last-10))
}
