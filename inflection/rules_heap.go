package inflection

import (
	"fmt"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// Levels of the ceiling that the rules compare with.
const (
	spikeLevel     = 0.70 // a spike to here explains a death
	spikeLevelSeen = 0.45 // and to here if a witness saw the death, as it comes before the next collection ends
	spikeDoubles   = 0.50 // rise over the base of such a spike
	stepJump       = 0.68 // share of the growth that happens at once
	stepJumps      = 3    // or in so few jumps
	stepJumped     = 0.85
	stepAfter      = 3    // cycles at the new level: fewer are no level
	fullLevel      = 0.84 // a usual peak above this leaves no room
	goalCeiling    = 0.80 // of the limit: a ceiling below it is low because of the goal
	usefulFrees    = 0.25 // of the heap: collections that free more are of use, however often they come
	collectingMost = 0.50 // of the wall clock
	collectingNear = 0.25 // near the ceiling
)

func spikes(f Facts) ([]Evidence, bool) {
	if ev, ok := f.arrayTooLong(); ok {
		return ev, true
	}
	if !f.Fatal() || f.onlyStarts() || f.outsideHeap() {
		return nil, false
	}
	if f.suddenEnd() {
		return f.spikeEvidence(f.From, f.Level, f.JumpPos), true
	}
	if !f.Spike || f.LeakFirst {
		return nil, false
	}
	high := f.SpikeTop >= spikeLevel*f.Ceiling
	doubled := f.Seen() && f.SpikeTop >= spikeLevelSeen*f.Ceiling && f.SpikeRise > spikeDoubles*f.SpikeBase
	return f.spikeEvidence(f.SpikeBase, f.SpikeTop, f.SpikePos), high || doubled
}

// suddenEnd reports whether nearly all growth came at once, and the process died too soon after it for a new level.
func (f *Facts) suddenEnd() bool {
	return f.Seen() && f.Growth >= f.Options.Growth*f.End && f.AtOnce() && f.AfterJump < stepAfter && f.HeapExplains()
}

func (f *Facts) spikeEvidence(from, to float64, at event.Pos) []Evidence {
	w := f.words()
	ev := []Evidence{{Claim: fmt.Sprintf("the %s rose from %s to %s within the last few %s", w.Level, bytes(from), bytes(to), w.Points()), Source: at}}
	return append(ev, f.deathEvidence()...)
}

func stepped(f Facts) ([]Evidence, bool) {
	if !f.Seen() || !f.Grew() || !f.HeapExplains() || !f.AtOnce() || f.onlyStarts() || f.v8Dying() {
		return nil, false
	}
	ev := []Evidence{
		{Claim: fmt.Sprintf("%.0f %% of the growth from %s to %s came at once", 100*max(f.Jump, f.Jumped), bytes(f.From), bytes(f.To)), Source: f.JumpPos},
	}
	if f.LastJump > 0 {
		ev[0].Claim = fmt.Sprintf("the %s jumped from %s to %s", f.words().Memory, bytes(f.From), bytes(f.LastJump))
		ev = append(ev, Evidence{Claim: fmt.Sprintf("then from %s to %s: it was this jump that killed", bytes(f.LastJump), bytes(f.Level)), Source: f.LastJumpPos})
		return append(ev, f.deathEvidence()...), true
	}
	ev = append(ev, Evidence{Claim: fmt.Sprintf("it stayed there: %s at the last %s", bytes(f.Level), f.words().Point), Source: f.LastPos})
	return append(ev, f.deathEvidence()...), true
}

func leaks(f Facts) ([]Evidence, bool) {
	if ev, ok := f.classLeak(); ok {
		return ev, true
	}
	if ev, ok := f.lateLeak(); ok {
		return ev, true
	}
	if !f.Leaked() {
		return nil, false
	}
	if ev, ok := f.v8OnlyTheLast(); ok {
		return ev, true
	}
	w := f.words()
	ev := []Evidence{{Claim: fmt.Sprintf("from here on the %s never came back to %s", w.Level, bytes(f.From)), Source: f.OnsetPos}}
	switch {
	case f.onlyRises():
		ev[0].Claim = fmt.Sprintf("from here on the %s grew from %s", w.Level, bytes(f.From))
	case bytes(f.From) <= 0:
		ev[0].Claim = "from here on the " + w.Level + " grew, and never came back"
	}
	if f.CrossPos.Line > 0 && f.bounded() {
		ev = append(ev, Evidence{Claim: fmt.Sprintf("it passed %.0f %% of the %s that fit, for good", 100*f.Options.Fraction, bytes(f.Ceiling)), Source: f.CrossPos})
	}
	ev = append(ev, Evidence{Claim: fmt.Sprintf("%s at the last %s%s", bytes(f.Level), w.Point, f.swingText()), Source: f.LastPos})
	if f.Alike > 0 {
		ev = append(ev, Evidence{Claim: several(f.Alike, "other run") + " in the log grew as well", Source: f.FirstPos})
	}
	ev = append(append(ev, f.beyondBoxEvidence()...), f.v8BoxEvidence()...)
	return append(ev, f.deathEvidence()...), true
}

// bounded reports whether the ceiling is one: a limit is known, or the runtime itself said that the heap was full. Else the
// last level stands in for it, and nothing is a share of it.
func (f *Facts) bounded() bool { return f.Limited() || f.Heap }

// ofCeiling prints a level beside what fits, if that is known.
func (f *Facts) ofCeiling(level float64) string {
	if !f.bounded() {
		return bytes(level).String()
	}
	return fmt.Sprintf("%s of the %s that fit", bytes(level), bytes(f.Ceiling))
}

// swingText compares the growth with what did recover, as far as readings show that.
func (f *Facts) swingText() string {
	switch {
	case f.onlyRises():
		return ""
	case f.Swing <= 0.01*f.Growth:
		return ", and nothing of the growth was ever given back"
	}
	return fmt.Sprintf(", the growth is %.1f times any swing that recovered twice", f.Growth/f.Swing)
}

func thrashes(f Facts) ([]Evidence, bool) {
	if ev, ok := f.javaThrash(); ok {
		return ev, true
	}
	share := max(f.Collecting, f.CollectingCPU)
	if f.outsideHeap() || f.v8Useful() || f.goUseful() || share <= collectingMost && (!f.Near || share <= collectingNear) {
		return nil, false
	}
	return []Evidence{
		{Claim: fmt.Sprintf("in the %s from here to the end a collection was under way %.0f %% of the time", span(f.CollectingSpan), 100*min(1, share)), Source: f.CollectingPos},
		{Claim: "the " + f.words().Level + " stood at " + f.ofCeiling(f.Level) + f.heldDown(), Source: f.LastPos},
	}, true
}

// goUseful reports whether the collections of Go freed enough to be of use. They run beside the program, so that their time alone is no loss.
func (f *Facts) goUseful() bool { return f.Runtime == "go" && f.Frees > usefulFrees }

// heldDown names GOMEMLIMIT where it is what leaves the heap no room.
func (f *Facts) heldDown() string {
	if f.Soft <= 0 || f.Level < nearLevel*f.Soft {
		return ""
	}
	return fmt.Sprintf(", %.0f %% of the GOMEMLIMIT of %s that its collector tries to keep", 100*f.Level/f.Soft, bytes(f.Soft))
}

// full reports whether the live heap usually peaked so near to its ceiling that nothing else needs to explain a death.
func (f *Facts) full() bool { return f.Limited() && f.Usual > fullLevel*f.Ceiling }

func overshoots(f Facts) ([]Evidence, bool) {
	if !f.Seen() || f.OOM != nil || f.v8() || !f.full() || f.Ceiling >= goalCeiling*f.Limit {
		return nil, false
	}
	ev := []Evidence{
		{Claim: fmt.Sprintf("the live heap was level and peaked at %s, %.0f %% of the limit", bytes(f.Usual), 100*f.Usual/f.Limit), Source: f.UsualPos},
		{Claim: fmt.Sprintf("the goal is %s the live heap: %s against a limit of %s", times(f.Factor), bytes(f.Usual*f.Factor), bytes(f.Limit)), Source: f.LastPos},
	}
	return append(ev, f.deathEvidence()...), true
}

func undersized(f Facts) ([]Evidence, bool) {
	if ev, ok := f.nativeIs(UndersizedLimit); ok {
		return ev, true
	}
	if ev, ok := f.metaTooSmall(); ok {
		return ev, true
	}
	beyond := f.heapFilledBox() || f.v8FilledBox()
	if !f.Seen() || f.Cycles < 2 || f.outsideHeap() || !f.full() && !f.Heap && !beyond {
		return nil, false
	}
	ev := []Evidence{{Claim: "the " + f.words().Level + " was level and peaked at " + f.ofCeiling(f.Usual), Source: f.UsualPos}}
	ev = append(append(ev, f.beyondBoxEvidence()...), f.v8BoxEvidence()...)
	return append(ev, f.deathEvidence()...), true
}

func offHeap(f Facts) ([]Evidence, bool) {
	if ev, ok := f.nativeIs(OffHeap); ok {
		return ev, true
	}
	if ev, ok := f.directFull(); ok {
		return ev, true
	}
	if ev, ok := f.grewOutside(); ok || f.resident() {
		return ev, ok
	}
	group := f.groupKill() || f.OOM != nil && f.OOM.Kind == event.OOMNative
	if !group || !f.Limited() || f.Cycles == 0 || f.onlyStarts() {
		return nil, false
	}
	ev := []Evidence{{Claim: fmt.Sprintf("the live heap never explains it: %s of the %s that fit", bytes(f.Usual), bytes(f.Ceiling)), Source: f.UsualPos}}
	if f.Peak > 0 {
		ev = append(ev, Evidence{Claim: fmt.Sprintf("the heap with all garbage was %s at most in the last %s", bytes(f.Peak), f.words().Points()), Source: f.LastPos})
	}
	ev = append(ev, f.residentEvidence()...)
	if f.stacksHigh() {
		ev = append(ev, Evidence{Claim: fmt.Sprintf("the runtime counted %s of stacks, %s before", bytes(f.Stacks), bytes(f.StacksWas)), Source: f.LastPos})
	}
	return append(ev, f.deathEvidence()...), true
}

func healthy(f Facts) ([]Evidence, bool) {
	if f.Seen() || f.Cycles == 0 {
		return nil, false
	}
	w := f.words()
	return []Evidence{
		{Claim: fmt.Sprintf("the %s was %s at the first %s", w.Level, bytes(f.First), w.Point), Source: f.FirstPos},
		{Claim: fmt.Sprintf("and %s at the last, with no growth that stayed", bytes(f.Level)), Source: f.LastPos},
	}, true
}

func undetermined(f Facts) ([]Evidence, bool) { return f.deathEvidence(), true }

// deathEvidence points at the line that saw the death.
func (f *Facts) deathEvidence() []Evidence {
	if f.DeathPos.Line == 0 {
		return nil
	}
	switch {
	case f.OOM != nil && f.Death.Kind == timeline.RuntimeOOM:
		return []Evidence{{Claim: "the runtime gave up: " + f.OOM.Message, Source: f.DeathPos}}
	case f.nobody():
		return []Evidence{{Claim: "the kernel found no process that it may kill", Source: f.DeathPos}}
	case f.Kill != nil && f.Seen():
		return []Evidence{{Claim: "the kernel killed " + f.victim(), Source: f.DeathPos}}
	case f.Told.claim != "":
		return []Evidence{{Claim: f.Told.claim, Source: f.DeathPos}}
	}
	return nil
}

// victim names the largest victim of the kernel's report.
func (f *Facts) victim() string {
	if f.VictimName == "" {
		return "a process of the group"
	}
	if f.VictimRSS <= 0 {
		return f.VictimName
	}
	return fmt.Sprintf("%s, which held %s", f.VictimName, bytes(f.VictimRSS))
}
