package inflection

import (
	"fmt"
	"strings"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

const (
	sharedShare   = 0.50 // of what was charged: shared memory beyond it is the larger part
	kernelShare   = 0.30 // a healthy container keeps a few percent of its limit in the kernel
	cacheShare    = 0.50
	cacheVictim   = 0.30 // a victim above this share of the limit was not killed for page cache
	neighbourHeld = 0.40 // of the limit: another process must hold so much to be the culprit
	hugeAlloc     = 0.25 // of the live heap: one allocation of that size is no part of a trend
	hugeLeast     = 64 << 20
)

func stackOverflow(f Facts) ([]Evidence, bool) { return f.oomOf(event.OOMStack) }

func threadLimit(f Facts) ([]Evidence, bool) { return f.oomOf(event.OOMThreads) }

// addressSuspect reports whether a thread of a JVM may have found no room in the address space: pthread_create answers EAGAIN for that
// as well as for a bound on threads. A crash report names the limits of its process.
func (f *Facts) addressSuspect() bool {
	if !f.java() || f.OOM == nil || f.OOM.Kind != event.OOMThreads {
		return false
	}
	r := f.Java.Report
	return r == nil || r.Limits.AddressSpace.IsKnown()
}

// oomOf holds where the runtime gave up for the given want.
func (f *Facts) oomOf(kind event.OOMKind) ([]Evidence, bool) {
	if f.OOM == nil || f.OOM.Kind != kind || f.Death.Kind != timeline.RuntimeOOM {
		return nil, false
	}
	return []Evidence{{Claim: f.OOM.Message, Source: f.OOM.Pos}}, true
}

func notAnOOM(f Facts) ([]Evidence, bool) {
	if ev, ok := f.toldNotAnOOM(); ok {
		return ev, true
	}
	switch {
	case f.Seen():
		return nil, false
	case f.fault():
		return f.faultEvidence(), true
	case f.Ended == nil:
		return nil, false
	}
	failed := f.Ended.Kind == event.EndExit && f.Ended.HasCode && f.Ended.Code != 0 && !f.signalled()
	if f.Ended.Kind != event.EndPanic && f.Ended.Kind != event.EndFatal && !failed {
		return nil, false
	}
	return []Evidence{{Claim: f.endText(), Source: f.Ended.Pos}}, true
}

// toldNotAnOOM holds where an engine says that the container ended by itself, with a status that no signal leaves. Where
// there are collections, an end in order says nothing about them.
func (f *Facts) toldNotAnOOM() ([]Evidence, bool) {
	t := &f.Told
	if f.Seen() || !t.exited || t.signal != 0 || t.code == 0 && f.Cycles > 0 {
		return nil, false
	}
	return []Evidence{{Claim: t.claim, Source: f.DeathPos}}, true
}

// endText says how the process ended.
func (f *Facts) endText() string {
	if f.Ended == nil {
		return f.Told.claim
	}
	switch {
	case f.Ended.Kind == event.EndSignal && f.Ended.Message != "" && !strings.Contains(f.Ended.Message, f.Ended.Signal):
		return "the process got " + f.Ended.Signal + " (" + f.Ended.Message + ")"
	case f.Ended.Message != "":
		return f.Ended.Message
	case f.Ended.Signal != "":
		return "the process got " + f.Ended.Signal
	case f.Ended.HasCode:
		return fmt.Sprintf("the process exited with status %d", f.Ended.Code)
	}
	return "the process ended by itself"
}

// Exit statuses of a process that a signal ended, as shells and engines tell them.
const (
	exitKilled     = 128 + 9
	exitTerminated = 128 + 15
)

// signalled reports whether a signal ended the process that is no fault of its own.
func (f *Facts) signalled() bool {
	own := f.Ended != nil && (f.Ended.Kind == event.EndSignal || f.Ended.Code == exitKilled || f.Ended.Code == exitTerminated)
	return (own || f.Ended == nil && f.Told.signal != 0) && !f.fault()
}

func killedFromOutside(f Facts) ([]Evidence, bool) {
	if f.Death.Manual() && len(f.Kill.Victims) > 0 {
		return []Evidence{{Claim: "somebody asked the kernel to kill (SysRq f): it killed " + f.victim(), Source: f.DeathPos}}, true
	}
	if f.Seen() || !f.signalled() || f.killedHard() && f.Presumed() && (f.Leaked() || f.Spike) {
		return nil, false // SIGKILL near the ceiling is what the kernel's killer looks like to a process
	}
	if f.unproven() {
		return nil, false // the commonest sender of SIGKILL is the kernel's killer
	}
	return append([]Evidence{{Claim: f.endText(), Source: f.DeathPos}}, f.littleEvidence()...), true
}

// huge reports whether one single allocation failed that is no part of a trend.
func (f *Facts) huge() bool {
	if f.OOM == nil {
		return false
	}
	asked := float64(f.OOM.Requested.Or(0))
	return asked > hugeLeast && asked >= hugeAlloc*f.Level
}

func addressSpace(f Facts) ([]Evidence, bool) {
	if f.java() {
		return f.nativeIs(AddressSpace)
	}
	if f.OOM == nil || f.Death.Kind != timeline.RuntimeOOM || f.OOM.Runtime != "go" && f.OOM.Kind == event.OOMHeap {
		return nil, false
	}
	refused := f.OOM.Kind == event.OOMAddressSpace || f.OOM.Kind == event.OOMHeap
	if !refused || !f.huge() && (f.Leaked() || f.AtOnce() && f.Grew() || f.Spike) {
		return nil, false
	}
	claim := "the system refused memory: " + f.OOM.Message
	if f.huge() {
		claim = fmt.Sprintf("one allocation of %s was refused: %s", bytes(float64(f.OOM.Requested.Or(0))), f.OOM.Message)
	}
	ev := []Evidence{{Claim: claim, Source: f.OOM.Pos}}
	if f.Cycles > 0 {
		ev = append(ev, Evidence{Claim: f.lastLevel(), Source: f.LastPos})
	}
	return ev, true
}

// lastLevel is the claim of what the level of the run was at last.
func (f *Facts) lastLevel() string {
	w := f.words()
	return fmt.Sprintf("the %s was %s at the last %s", w.Level, bytes(f.Level), w.Point)
}

// charged reports whether the kernel counted an amount as at least a share of the group's memory.
func (f *Facts) charged(amount, share float64) bool {
	return f.Kill != nil && f.Seen() && f.Usage > 0 && amount >= share*f.Usage
}

// heapLow reports whether the heap, garbage included, was so far below the limit that something else filled the group.
func (f *Facts) heapLow() bool {
	return f.Cycles == 0 || !f.Limited() || f.Usual < heapExplain*f.Ceiling
}

func sharedMemory(f Facts) ([]Evidence, bool) {
	if f.mappedByJVM() {
		return nil, false
	}
	return f.filled(f.Shmem, sharedShare, "shared memory")
}

func kernelMemory(f Facts) ([]Evidence, bool) {
	if f.Kill != nil && f.kmemLimit() && f.heapLow() {
		return f.deathEvidence(), true
	}
	return f.filled(f.Kernel, kernelShare, "kernel memory")
}

func pageCache(f Facts) ([]Evidence, bool) {
	if f.VictimRSS >= cacheVictim*f.Usage {
		return nil, false
	}
	return f.filled(f.File, cacheShare, "file cache")
}

// filled holds where an amount other than the heap filled the group.
func (f *Facts) filled(amount, share float64, what string) ([]Evidence, bool) {
	if !f.charged(amount, share) || !f.heapLow() {
		return nil, false
	}
	ev := []Evidence{{Claim: fmt.Sprintf("%s of the %s %s are %s", bytes(amount), bytes(f.Usage), f.owner(), what), Source: f.StatsPos}}
	if f.Cycles > 0 {
		ev = append(ev, Evidence{Claim: fmt.Sprintf("the %s was only %s", f.words().Level, bytes(f.Usual)), Source: f.UsualPos})
	}
	return append(ev, f.deathEvidence()...), true
}

// owner says whose memory the kernel's report counts.
func (f *Facts) owner() string {
	if f.Machine {
		return "that the machine has"
	}
	return "charged to the group"
}

func neighbour(f Facts) ([]Evidence, bool) {
	if f.Kill != nil && f.Seen() && f.Crowd > 0 && f.heapLow() {
		return []Evidence{
			{Claim: fmt.Sprintf("%d processes, none of them above %s, held %s of the %s %s together", f.Crowd, bytes(float64(f.Largest.RSS.Or(0))), bytes(f.CrowdHeld), bytes(f.Usage), f.owner()), Source: f.StatsPos},
			{Claim: "the kernel killed " + f.victim(), Source: f.DeathPos},
		}, true
	}
	held := float64(f.Culprit.RSS.Or(0))
	if f.Kill == nil || !f.Seen() || held <= 0 {
		return nil, false
	}
	if held < f.neighbourLeast() || !f.heapLow() {
		return nil, false
	}
	return []Evidence{
		{Claim: fmt.Sprintf("%s (pid %d) held %s", f.Culprit.Name, f.Culprit.PID, bytes(held)), Source: f.StatsPos},
		{Claim: "the kernel killed " + f.victim(), Source: f.DeathPos},
	}, true
}

func nodePressure(f Facts) ([]Evidence, bool) {
	if ev, ok := f.nativeIs(NodePressure); ok {
		return ev, true
	}
	machine := f.Death.Kind == timeline.GlobalKill || f.Death.Kind == timeline.Eviction || f.Death.Kind == timeline.UserspaceKill && f.Told.machine
	if !machine || !f.Seen() {
		return nil, false
	}
	var ev []Evidence
	if held := float64(f.Largest.RSS.Or(0)); held > 0 && f.Usage > 0 {
		ev = append(ev, Evidence{Claim: fmt.Sprintf("the largest process, %s (pid %d), held %s of the %s %s", f.Largest.Name, f.Largest.PID, bytes(held), bytes(f.Usage), f.owner()), Source: f.StatsPos})
	}
	if binding := f.binding(); binding != "" {
		ev = append(ev, Evidence{Claim: "the memory nodes that its " + binding + " allows were full; others may not have been", Source: f.constraintPos()})
	}
	return append(ev, f.deathEvidence()...), true
}

// binding names what bound the task to some of the memory nodes of the machine; it is empty where nothing did.
func (f *Facts) binding() string {
	if f.Kill == nil {
		return ""
	}
	switch f.Kill.Constraint {
	case event.ConstraintCpuset:
		return "cpuset"
	case event.ConstraintPolicy:
		return "memory policy"
	}
	return ""
}

// constraintPos is the line that says what bounded the memory, else the one of the kill.
func (f *Facts) constraintPos() event.Pos {
	if at := f.Kill.ConstraintAt; at.Line > 0 {
		return at
	}
	return f.DeathPos
}

// nobody reports whether all that is known is that the kernel found no process that it may kill.
func (f *Facts) nobody() bool {
	return f.Kill != nil && f.Kill.NoKillable && len(f.Kill.Victims) == 0
}

func parentLimit(f Facts) ([]Evidence, bool) {
	k := f.Kill
	if k == nil || f.Death.Kind != timeline.MemcgKill || k.OOMMemcg == "" || k.TaskMemcg == "" || k.OOMMemcg == k.TaskMemcg {
		return nil, false
	}
	if f.VictimRSS <= 0 || f.VictimRSS >= heapExplain*f.Usage {
		return nil, false
	}
	ev := []Evidence{{
		Claim:  fmt.Sprintf("the limit of %s was reached, the killed process ran in %s and held %s of %s", k.OOMMemcg, k.TaskMemcg, bytes(f.VictimRSS), bytes(f.Usage)),
		Source: f.constraintPos(),
	}}
	if own := f.Told.asked; own > f.VictimRSS {
		ev = append(ev, Evidence{Claim: fmt.Sprintf("the container's own limit was %s, which it had not reached", bytes(own)), Source: f.DeathPos})
	}
	return ev, true
}

func limitLowered(f Facts) ([]Evidence, bool) {
	if !f.Lowered || f.Kill == nil || f.Death.Kind != timeline.MemcgKill {
		return nil, false
	}
	claim := "the kernel was applying a lower limit to the group when it killed"
	if limit, ok := f.Kill.Limit.Get(); ok && f.Usage > float64(limit) {
		claim = fmt.Sprintf("the limit was %s while the group used %s, which only a limit set below the use explains", limit, bytes(f.Usage))
	}
	return append([]Evidence{{Claim: claim, Source: f.StatsPos}}, f.deathEvidence()...), true
}

func crashLoop(f Facts) ([]Evidence, bool) {
	if !f.loops() {
		return nil, false
	}
	claim := fmt.Sprintf("from here on it died %d times, at most %s apart", f.Loop.deaths, span(f.Loop.longest.Seconds()))
	switch {
	case f.Loop.counted > 0:
		claim = f.Loop.told(&f)
	case f.Loop.listed:
		claim = fmt.Sprintf("from here on it died %d times, and no life took longer than %s", f.Loop.deaths, span(f.Loop.longest.Seconds()))
	case f.Loop.lives:
		claim = fmt.Sprintf("from here on it lived %d times, never longer than %s, and its heap ended at about the same size", f.Loop.deaths, span(f.Loop.longest.Seconds()))
	}
	return append([]Evidence{{Claim: claim, Source: f.Loop.first}}, f.deathEvidence()...), true
}
