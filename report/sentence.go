package report

import (
	"slices"
	"strings"

	"oomtrace/inflection"
	"oomtrace/parser/event"
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
	{inflection.Leak, "leak", (*builder).leakFirst, (*builder).growthSecond},
	{inflection.Step, "step", (*builder).stepFirst, (*builder).growthSecond},
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

// noCrash are the kinds that are no death for want of memory, however full the heap was.
var noCrash = []inflection.Kind{inflection.Healthy, inflection.Undetermined, inflection.NotAnOOM, inflection.KilledFromOutside}

func (b *builder) verdict() Verdict {
	v := b.in.Finding.Verdict
	if v.Kind == "" {
		v.Kind = inflection.Undetermined
	}
	w := wordingOf(v.Kind)
	out := Verdict{
		Kind: v.Kind, Detail: Clean(v.Detail), Confidence: v.Confidence, Also: v.Also,
		Name: b.kindName(w, v.Detail), Sentence: w.first(b).Plain("."), Second: b.again(v, w.second(b)),
		Crash: b.in.Timeline.Death.Memory() || v.Presumed && !slices.Contains(noCrash, v.Kind),
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
	case w.kind != inflection.Leak && w.kind != inflection.Step:
		return upper(w.name)
	case b.run == nil, b.run.Basis == timeline.FromResident:
		return upper(b.words.Memory) + " " + w.name
	}
	return runtimeName(b.run.Runtime) + " " + b.words.Memory + " " + w.name
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
	case ok && e.Fault():
		return who.Plain(" crashed with ").Log(e.Signal).Plain(when)
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

func space(t Text) string {
	if len(t) == 0 {
		return ""
	}
	return " "
}

// sentence gives a clause a capital and a full stop.
func sentence(s string) string {
	s = upper(s)
	if s != "" && !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
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

// title names the report for a browser tab or the subject of a mail.
func (b *builder) title() string {
	verb := map[timeline.DeathKind]string{
		timeline.MemcgKill: "OOM-killed", timeline.GlobalKill: "OOM-killed", timeline.UserspaceKill: "OOM-killed",
		timeline.Eviction: "evicted", timeline.RuntimeOOM: "out of memory", timeline.Signal: "killed", timeline.Exit: "ended",
	}[b.in.Timeline.Death.Kind]
	switch {
	case verb == "":
		verb = b.m.Verdict.Name
	case b.faulted():
		verb = "crashed"
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
