package inflection

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// toldFacts are what an engine says of the end of the container, unit or job, where it is the only witness of it, and what
// it counted besides. The zero value says that no engine tells of it.
type toldFacts struct {
	engine   event.Engine
	claim    string // what it says, as a clause
	code     int    // meaningful where exited
	signal   int    // that ended it; 0 is unknown or none
	exited   bool
	sender   string // who sent the signal and why, as far as an engine says; empty is unknown
	peak     float64
	peakPos  event.Pos
	asked    float64 // the limit that it set, in bytes; 0 is unknown
	machine  bool    // the killer looks at the memory of the machine
	restarts int
}

// toldFacts copies what engines say.
func (j *judge) toldFacts(f *Facts) {
	w := &j.tl.Workload
	f.Told.restarts = w.Restarts
	for _, s := range w.Statuses {
		if p := float64(s.Peak.Or(0)); p > f.Told.peak {
			f.Told.peak, f.Told.peakPos = p, s.Pos
		}
		f.Told.asked = max(f.Told.asked, float64(s.Limit.Or(0)))
	}
	switch ev := j.tl.Death.Event.(type) {
	case *event.ContainerStatus:
		f.Told.ofStatus(ev)
		f.DeathPos = ev.Pos
	case *event.ContainerEvent:
		f.Told.ofEvent(ev)
		f.DeathPos = ev.Pos
		f.Told.exit(w)
	case *event.GC, *event.Kill, *event.RuntimeOOM, *event.ProcessEnd, *event.Dump, *event.Sample, *event.Setting, *event.Problem, nil:
	}
}

func (t *toldFacts) ofStatus(s *event.ContainerStatus) {
	t.engine = s.Engine
	t.ended(s.ExitCode, s.HasExit, s.Signal)
	t.claim = fmt.Sprintf("%s says that it %s", s.Engine.Title(), t.how())
	switch {
	case s.Reason == "Evicted":
		t.claim = fmt.Sprintf("%s evicted it: %s", s.Engine.Title(), cmp.Or(s.Message, s.Reason))
		t.signal, t.sender = cmp.Or(t.signal, exitTerminated-128), t.claim
	case s.OOMKilled:
		t.claim = fmt.Sprintf("%s says that a process of it was killed for want of memory (%s)", s.Engine.Title(), join(cmp.Or(s.Reason, "OOMKilled"), t.how()))
	case s.SaysOOM:
		t.claim += " (" + join(s.Reason, "OOMKilled=false") + ")"
	case s.Reason != "":
		t.claim += " (" + s.Reason + ")"
	}
}

func (t *toldFacts) ofEvent(ev *event.ContainerEvent) {
	t.engine = ev.Engine
	t.ended(ev.ExitCode, ev.HasExit, ev.Signal)
	who := ev.Engine.Title()
	what := cmp.Or(ev.Message, ev.Reason, "no reason given")
	switch ev.Action {
	case event.ActionOOM:
		t.claim = fmt.Sprintf("%s says that memory ran out: %s", who, cmp.Or(ev.Message, "event "+cmp.Or(ev.Reason, "oom")))
	case event.ActionEvict:
		t.claim = fmt.Sprintf("%s evicted it: %s", who, what)
		t.signal, t.sender = cmp.Or(t.signal, exitTerminated-128), t.claim
	case event.ActionKill:
		t.claim = fmt.Sprintf("%s killed it: %s", who, what)
		t.machine = slices.Contains([]event.Engine{event.SystemdOOMD, event.Earlyoom, event.Lmkd}, ev.Engine)
		t.sender = t.claim
	case event.ActionStart, event.ActionExit, event.ActionExceed, event.ActionRestart, event.ActionOther:
		t.claim = fmt.Sprintf("%s says that it %s", who, t.how())
	}
}

// exit takes the status with which the container ended over from its last life, where the telling event has none.
func (t *toldFacts) exit(w *timeline.Workload) {
	if t.exited || t.signal != 0 {
		return
	}
	for _, l := range slices.Backward(w.Lives) {
		if l.Ended {
			t.ended(l.ExitCode, true, l.Signal)
			return
		}
	}
}

func (t *toldFacts) ended(code int, known bool, signal int) {
	t.code, t.exited, t.signal = code, known, signal
	if signal == 0 && known && code <= 128+64 {
		t.signal = max(0, code-128)
	}
}

// how puts the end into words.
func (t *toldFacts) how() string {
	switch {
	case t.exited:
		return fmt.Sprintf("ended with status %d", t.code)
	case t.signal > 0:
		return fmt.Sprintf("was ended by signal %d", t.signal)
	}
	return "did not end"
}

func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// The peak of a container that ended so far below its limit has nothing to do with memory.
const peakLow = 0.50

// usedLittle reports whether the engine saw that the workload stayed far below its limit.
func (f *Facts) usedLittle() bool {
	return f.Told.peak > 0 && f.Told.peak < peakLow*max(f.Told.asked, f.Limit)
}

// littleEvidence tells how little was used.
func (f *Facts) littleEvidence() []Evidence {
	if !f.usedLittle() {
		return nil
	}
	return []Evidence{{
		Claim:  fmt.Sprintf("it never used more than %s of its %s, so that status 137 alone is no sign of a want of memory", bytes(f.Told.peak), bytes(max(f.Told.asked, f.Limit))),
		Source: f.Told.peakPos,
	}}
}

// unproven reports whether all that is known of the end is a signal that the kernel's killer sends too: nobody says who sent
// it, and nothing tells how much memory was in use.
func (f *Facts) unproven() bool {
	return f.killedHard() && f.Told.sender == "" && f.Cycles == 0 && !f.usedLittle()
}

// toldLoop counts the lives like the last one by what engines tell of them: those that they list, or where the engine waits
// before it starts the container again, those that it counts.
func toldLoop(tl *timeline.Timeline) loop {
	var l loop
	w := &tl.Workload
	if !tl.Death.Memory() {
		return l
	}
	for _, life := range slices.Backward(w.Lives) {
		length, ok := life.Length()
		if !life.Ended && l.deaths == 0 && life.Finished.IsZero() {
			continue // it runs, after the death
		}
		killed := life.OOM || life.ExitCode == exitKilled || life.Signal == exitKilled-128
		if !ok || !killed || length > shortLife {
			break
		}
		l.deaths++
		l.longest, l.listed = max(l.longest, length), true
		l.first = life.Source
	}
	if l.deaths == 0 || w.BackOff.Line == 0 {
		return l
	}
	if counted := w.Restarts + 1; counted > l.deaths {
		l.deaths, l.first, l.counted = counted, w.BackOff, w.Restarts
	}
	return l
}

// told says how a loop is known that an engine counts.
func (l loop) told(f *Facts) string {
	took := span(l.longest.Seconds())
	if l.longest == 0 {
		took = "less than a second"
	}
	return fmt.Sprintf("%s counts %d restarts and waits before the next; the last life took %s", cmp.Or(f.Told.engine, f.Workload).Title(), l.counted, took)
}
