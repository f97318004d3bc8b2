package inflection

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// heapless are the kinds that the heap plays no part in: nothing about it is missing.
var heapless = []Kind{StackOverflow, ThreadLimit, NotAnOOM, LimitLowered}

// heapKinds are the kinds that rest on what the live heap did.
var heapKinds = []Kind{Leak, Step, Spike, GoalOvershoot, UndersizedLimit, Thrash, CrashLoop, Healthy, KilledFromOutside, Undetermined}

// missing lists what could not be known and what would tell.
func (f *Facts) missing(k Kind) []string {
	var out []string
	say := func(so bool, text string) {
		if so {
			out = append(out, text)
		}
	}
	noEnd := f.Death.Kind == timeline.LogEnds || f.Death.Kind == timeline.NoDeath || f.Death.Kind == ""
	heap, w := !slices.Contains(heapless, k), f.words()
	say(f.killedHard() && !f.Seen(), "no kernel log: whether the signal came from the kernel's out-of-memory killer was not seen")
	say(f.Seen() && f.Death.Claimed() && f.Death.Kind != timeline.Eviction && !f.Told.machine, f.noWitness())
	say(heap && f.Cycles == 0 && !f.nobody(), f.noCollections())
	say(noEnd && !f.nobody(), "nothing says how the process ended: the kernel log (dmesg, journalctl -k) or the state of the container would")
	say(f.Kill != nil && f.Kill.Suppressed > 0 && f.Seen(), fmt.Sprintf("the kernel kept %d further lines about such kills to itself (callbacks suppressed): there were more than the log shows", f.suppressed()))
	say(f.Death.Guessed, "nothing names the process that was killed in the log: another kill or another log of the input fits as well")
	say(f.short(), "only the line of the kill is left of the kernel's report: the lines around it tell what filled the memory")
	say(f.mappedByJVM() && f.charged(f.Shmem, sharedShare), "most of the memory was shared memory that java had mapped: with ZGC that is its heap, else files of a tmpfs; -Xlog:gc or the command line tells which collector it ran")
	say(f.Foreign > 0, fmt.Sprintf("the %s of %s does not fit the limit of %s: that is the limit of another process, and nothing tells of the one of this", w.Level, bytes(f.Most), bytes(f.Foreign)))
	say(heap && !f.Limited() && f.Cycles > 0 && f.Foreign == 0, f.noLimit())
	say(f.Runtime == "go" && f.Limited() && !f.softKnown() && (k == GoalOvershoot || k == OffHeap), "GOMEMLIMIT is not known: --env GOMEMLIMIT=... tells whether the goal was held down")
	say(k == ThreadLimit && f.addressSuspect(), "the JVM says the same where a bound on threads was reached and where ulimit -v left no room for a stack: ulimit -a of the process, or its /proc/PID/limits, tells which")
	say(heap && f.Java.Late >= lateHeap, "the log begins near the end of the process: an earlier part of it, or a GC log beside the crash report, would show how the heap filled")
	say(heap && slices.Contains(heapKinds, k) && f.Unsure, "fewer than two collections of the old generation are in the log: what grew may be garbage that nobody looked at")
	say(heap && f.Cycles > 0 && f.Cycles < fewCycles, "only "+several(f.Cycles, w.Point)+map[bool]string{true: " is", false: " are"}[f.Cycles == 1]+" in the log")
	say(f.cutShort(k), fmt.Sprintf("the log ends %s before the death, where a %s came at least every %s: its end seems to be missing, and what the %s did last is not known", span(f.Quiet), w.Point, span(f.Distance), w.Memory))
	say(heap && f.uncollected(), "Epsilon collects nothing: how much of the heap was live is not known, and every program that goes on allocating fills it")
	say(f.V8.OnlyTheLast, "only the collections that V8 prints when it dies are in the log: --trace-gc shows how the heap grew, and tells a leak from a limit that is too small")
	say(f.Kill != nil && f.Kill.Repeats > 1 && !f.nobody(), "the kernel's report was seen more than once; the first is judged")
	return out
}

// noLimit says what a limit would tell.
func (f *Facts) noLimit() string {
	if f.resident() {
		return "no memory limit is known: --limit tells how much of it was taken"
	}
	return "no memory limit is known: --limit tells how much of it the heap took, and separates a heap that filled it from memory outside the heap"
}

// hosted are the platforms whose machines nobody but the host looks into.
var hosted = []event.Engine{event.CloudRun, event.AppEngine, event.Lambda, event.Heroku}

// noWitness says that the kill is known from an engine alone, and which log would tell more.
func (f *Facts) noWitness() string {
	who := f.Told.engine.Title()
	switch {
	case slices.Contains(hosted, f.Told.engine):
		return "no kernel log, which " + who + " does not give out: the kill is known from " + who + " alone, which does not tell what filled the memory"
	case f.OtherKills:
		return "the kernel's log does not show this kill, which is known from " + who + " alone: the log of that machine at that minute would tell whose limit was reached, and what filled it (dmesg, journalctl -k)"
	}
	return "no kernel log: the kill is known from " + who + " alone, which does not tell whose limit was reached, nor what filled it (dmesg, journalctl -k)"
}

const (
	headroom    = 0.10 // of the limit, where nothing says how much the process needs beside its heap: the Go guide asks for 5 to 10 %
	leastRoom   = 0.05
	raiseBy     = 1.0 / 3
	usualOfPeak = 0.90 // of a new limit, that the peak may take
)

// advice says what to do on these facts, most useful first.
func (f *Facts) advice(v Verdict) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if f.cutShort(v.Kind) {
		add("find the end of the log: rotated files, kubectl logs --previous, what the collector of the logs had not sent yet")
	}
	if f.java() && f.javaAdvice(v, add) {
		return out
	}
	if v.Kind == NotAnOOM && f.fault() {
		f.faultAdvice(add)
		return out
	}
	switch v.Kind {
	case Leak:
		f.leakAdvice(v, add)
	case Step:
		add("look for a reload, a data update or a configuration change at the time of the jump; drop the old data before loading the new")
		f.memoryLimitAdvice(add)
	case Spike:
		add("find the request or batch of the last seconds; bound its size, stream it, or limit how many run at once")
		f.memoryLimitAdvice(add)
	case GoalOvershoot:
		late := f.lacks(memoryLimitSince)
		if !late {
			f.memoryLimitAdvice(add)
		}
		if f.Factor > 1 {
			add("or give it the memory that GOGC asks for: %s of live heap times %.2f needs a limit of at least %s", bytes(f.Most), f.Factor, bytes(f.largerLimit(v.Kind)))
		}
		if gogc := f.fittingGOGC(); gogc > 0 {
			add("or lower GOGC to %d, which lets the heap of the peak fit, for more CPU", gogc)
		}
		if late {
			f.memoryLimitAdvice(add)
		}
	case UndersizedLimit:
		add("raise the limit from %s to about %s, or hold less: smaller caches, fewer workers", bytes(max(f.Limit, f.Ceiling)), bytes(f.largerLimit(v.Kind)))
	case Thrash:
		f.thrashAdvice(add)
	case OffHeap:
		f.offHeapAdvice(v, add)
	default:
		if f.systemAdvice(v, add) {
			break
		}
		if r, ok := Explain(v.Kind); ok {
			add("%s", r.Next)
		}
	}
	if len(out) > 0 {
		out[0] = strings.TrimPrefix(out[0], "or ")
	}
	return out
}

// thrashAdvice gives the heap room, and the container with it where that has too little for both.
func (f *Facts) thrashAdvice(add func(string, ...any)) {
	room := roundUp(f.Level / roomToGrow)
	box := roundUp(float64(room) / (1 - headroom))
	name := map[string]string{"go": "GOMEMLIMIT", "v8": "--max-old-space-size"}[f.Runtime]
	if name == "" {
		name = "the runtime's memory limit"
	}
	what := fmt.Sprintf("the live heap is %s, so that %s of %s lets it breathe", bytes(f.Level), name, room)
	switch {
	case f.Soft <= 0 && f.Runtime == "go" && (f.Limited() || f.lacks(memoryLimitSince)):
		add("give the heap room: the live heap is %s, so that it takes a limit of about %s", bytes(f.Level), box)
	case f.Limited() && f.Runtime != "v8" && float64(box) > f.Limit:
		add("give the heap room: %s. That does not fit the limit of %s: raise the limit to about %s with it, as %s alone lets the kernel kill instead", what, bytes(f.Limit), box, name)
	default:
		add("give the heap room: %s", what)
	}
	add("or hold less: smaller caches, fewer workers, smaller batches")
}

// CompareProfiles is the advice that heap profiles make needless.
const CompareProfiles = "compare a heap profile from before the onset with one from near the end; the sites that grew hold what is never let go"

// leakAdvice names the next step and what a larger limit would buy.
func (f *Facts) leakAdvice(v Verdict, add func(string, ...any)) {
	if v.Detail == "goroutine" {
		add("group the goroutines of a dump by the place that created them and by how long they wait: thousands in one place, waiting for minutes, are the leak")
	}
	switch {
	case f.v8() && f.lacks(nearHeapLimitSince):
		add("take heap snapshots of the next run before it dies (--inspect and the memory tab of Chrome's tools, or the module heapdump) and compare them: the constructors whose retained size grew hold what is never let go")
	case f.v8():
		add("let the next run write heap snapshots before it dies (--heapsnapshot-near-heap-limit=2, Node.js 14.18, 15.1 or later) and compare them: the constructors whose retained size grew hold what is never let go")
	default:
		add(CompareProfiles)
	}
	f.buysAdvice(add)
	f.memoryLimitAdvice(add)
}

// buysAdvice says how much longer the run would have lasted with the last setting that was replayed, which gives it more memory.
func (f *Facts) buysAdvice(add func(string, ...any)) {
	if len(f.WhatIf) == 0 {
		return
	}
	was, larger := f.WhatIf[0], f.WhatIf[len(f.WhatIf)-1]
	if buys := larger.At - was.At; larger.Died && buys > 0 {
		add("%s buys %s at this rate and cures nothing", article(larger.Setting), about(buys.Seconds()))
	}
}

// article puts one before a setting that has no name of its own: a limit of 4 GiB, but -Xmx of 4 GiB.
func article(setting string) string {
	if strings.HasPrefix(setting, "limit") {
		return "a " + setting
	}
	return setting
}

// memoryLimitAdvice gives a value for GOMEMLIMIT where a Go process has a hard limit and none of its own.
func (f *Facts) memoryLimitAdvice(add func(string, ...any)) {
	value, ok := f.roomForHeap()
	if !ok {
		return
	}
	set := "set"
	if f.lacks(memoryLimitSince) {
		set = "or run it with Go 1.19 or later, the first to have a memory limit, and set"
	}
	add("%s GOMEMLIMIT=%.0fMiB (the limit of %s less %s for what the runtime does not count), so that the collector uses the whole limit before the kernel acts", set, value/(1<<20), bytes(f.Limit), bytes(f.beside()))
}

// softKnown reports whether GOMEMLIMIT is known: it is stated, the goals show it, or the runtime has none.
func (f *Facts) softKnown() bool {
	return f.Soft > 0 || f.SoftStated || f.lacks(memoryLimitSince)
}

// memoryLimit is the GOMEMLIMIT to set for this runtime; ok is false where it has none, and where roomForHeap is.
func (f *Facts) memoryLimit() (value float64, ok bool) {
	if f.lacks(memoryLimitSince) {
		return 0, false
	}
	return f.roomForHeap()
}

// roomForHeap is the GOMEMLIMIT to set, in bytes and whole MiB: the limit less what the runtime does not count. ok is false where one is
// set already, where no limit is known, and where the live heap is beyond it.
func (f *Facts) roomForHeap() (value float64, ok bool) {
	if f.Runtime != "go" || !f.Limited() || f.Soft > 0 || f.OOM != nil {
		return 0, false
	}
	value = math.Floor((f.Limit-f.beside())/(1<<20)) * (1 << 20)
	return value, value > f.Level
}

// beside is the memory to leave outside GOMEMLIMIT: what the kernel counted that is no anonymous memory, at least a twentieth of
// the limit; a tenth where no kernel report tells.
func (f *Facts) beside() float64 {
	if f.Kill == nil || f.Machine || f.Anon <= 0 {
		return headroom * f.Limit
	}
	return max(leastRoom*f.Limit, f.Shmem+f.Kernel)
}

// fittingGOGC is the largest round GOGC at which the goal for the peak of the live heap takes 90 % of the limit; 0 if none does.
func (f *Facts) fittingGOGC() int {
	if f.Most == 0 {
		return 0
	}
	gogc := int(100*(usualOfPeak*f.Limit/f.Most-1)) / 5 * 5
	if gogc < 10 {
		return 0
	}
	return gogc
}

// offHeapAdvice names where to look.
func (f *Facts) offHeapAdvice(v Verdict, add func(string, ...any)) {
	switch v.Detail {
	case "stacks":
		add("look at the number of goroutines and the depth of their calls: the stacks alone took %s", bytes(f.Stacks))
	case "fragmentation":
		add("the live heap was %s once and %s at the end, but its spans are still partly used: allocate what lives long apart from what dies young, or restart after the peak", bytes(f.Most), bytes(f.Level))
	default:
		if f.VictimRSS > f.Peak && f.Peak > 0 {
			add("%s of the resident %s are not on the heap: %s", bytes(f.VictimRSS-f.Peak), bytes(f.VictimRSS), f.besideHeap())
		} else {
			add("%s", f.besideHeap())
		}
	}
}

// besideHeap names what a runtime keeps outside its heap, and how to see it.
func (f *Facts) besideHeap() string {
	if f.v8() {
		return "look at Buffer and ArrayBuffer, whose bytes V8 keeps outside its heap (external and arrayBuffers of process.memoryUsage(), logged beside rss), and at native addons"
	}
	return "look at mmap, cgo and C libraries (pmap -x, /proc/PID/smaps), and at stacks"
}

// wouldChange says which further input would change the verdict.
func (f *Facts) wouldChange(k Kind) []string {
	w := f.words()
	switch k {
	case Leak:
		if f.uncollected() {
			return []string{"a run with a collector that collects: what each collection leaves is live, and only that can leak"}
		}
		if f.peaks() {
			return []string{"readings of what was in use at each time: if that came back from such a height before, it is load and no leak"}
		}
		if !f.Seen() {
			return []string{"a log that goes on and shows the " + w.Memory + " coming back to its old level: then it was load, not a leak"}
		}
		if f.java() && f.classesFilled() {
			return []string{"a longer log in which the class metadata came back from such a height before: then it is a reload at too small a bound"}
		}
		return []string{"a longer log in which the " + w.Memory + " came back from such a height before: then it is load at too small a limit"}
	case Healthy:
		if f.resident() {
			return []string{"a kernel log with a kill of this process: then its memory grew after the last reading"}
		}
		return []string{"a kernel log with a kill of this process: then the memory was outside the heap, or grew after the last " + w.Point}
	case OffHeap:
		early := "a last " + w.Point + " long before the death: what was allocated after it is in no line of this log"
		if f.java() {
			return []string{early}
		}
		own := "GOMEMLIMIT or GOGC of the process, if they differ from what the goals show"
		if f.lacks(memoryLimitSince) {
			own = "GOGC of the process, if it differs from what the goals show"
		}
		return []string{early, own}
	case GoalOvershoot:
		if f.softKnown() {
			return nil
		}
		return []string{"GOMEMLIMIT set in the process: then the goal does not run ahead, and the memory was outside the heap"}
	case KilledFromOutside:
		return []string{"a kernel log with a kill of this process at that time"}
	}
	return nil
}

// several prints a number and what it counts.
func several(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// roundUp prints bytes rounded up to a size that people write into a manifest: to 64 MiB, or for small ones to a power of two that is an
// eighth of them at most.
func roundUp(v float64) unit.Bytes {
	step := max(1, min(float64(64*unit.MiB), math.Ldexp(1, math.Ilogb(v/8))))
	return unit.Bytes(math.Ceil(v/step) * step)
}

// about prints seconds as a rough duration.
func about(s float64) string {
	switch {
	case s >= 2*24*3600:
		return fmt.Sprintf("about %.0f days", s/(24*3600))
	case s >= 2*3600:
		return fmt.Sprintf("about %.0f hours", s/3600)
	case s >= 120:
		return fmt.Sprintf("about %.0f minutes", s/60)
	}
	return "about " + span(s)
}

// span prints seconds with two digits or three: 700 ms, 6.4 s, 14 s, 1 min 05 s, 2 h 10 min.
func span(s float64) string {
	whole := int64(s + 0.5)
	switch {
	case s < 0.9995:
		return fmt.Sprintf("%.0f ms", 1000*s)
	case s < 9.95:
		return fmt.Sprintf("%.1f s", s)
	case whole < 60:
		return fmt.Sprintf("%d s", whole)
	case whole < 3600:
		return fmt.Sprintf("%d min %02d s", whole/60, whole%60)
	}
	minutes := int64(s/60 + 0.5)
	return fmt.Sprintf("%d h %02d min", minutes/60, minutes%60)
}
