package timeline

import (
	"slices"
	"strings"
	"time"

	"oomtrace/parser/event"
)

// identity is who wrote the collections of a run.
type identity struct {
	names names
	guess bool // nothing in the log says so: it is the only container that may have written it
}

// identify finds out who wrote each run: by the envelope or the path of the log, and by what engines know of these names. A
// log that says nothing is taken for that of the only container that engines tell of, or of the only one that died.
func (b *Builder) identify(t *Timeline, all []told) {
	b.who = make([]identity, len(t.Runs))
	only, ok := b.only(all)
	for i, r := range t.Runs {
		n := enrich(namesOfStream(r.Stream, b.files[r.Cycles.At(0).File]), all)
		b.who[i] = identity{names: n}
		if ok && !b.anyKin(&n, all) && n.kin(&only) != stranger {
			n.take(&only)
			b.who[i] = identity{names: n, guess: true}
		}
	}
}

// anyKin reports whether engines tell of the thing with these names.
func (b *Builder) anyKin(n *names, all []told) bool {
	return slices.ContainsFunc(all, func(x told) bool { return n.kin(&x.names) == same })
}

// only returns the one container that engines tell of. Of several it is the one that died, for want of memory or by a signal.
func (b *Builder) only(all []told) (names, bool) {
	several := workloads(all)
	for _, weight := range []int{tellsStatus, tellsSignal, tellsMemory} {
		if len(several) == 1 {
			return several[0], true
		}
		several = slices.DeleteFunc(several, func(n names) bool {
			ends := claims(all, func(x *told) bool { return !x.names.none() && n.kin(&x.names) == same })
			return len(ends) == 0 || ends[0].weight < weight
		})
	}
	if len(several) == 1 {
		return several[0], true
	}
	return names{}, false
}

// work finds what engines say of the workload of the primary run, by its own names and by those of the kill that ended it.
func (b *Builder) work(t *Timeline, r *Run, m *match, all []told) {
	who := &b.who[r.Index]
	if m != nil && (m.sure || who.names.none()) {
		if of := enrich(namesOfKill(m.kill), all); who.guess || who.names.none() {
			*who = identity{names: of, guess: !m.sure}
		} else {
			who.names.take(&of)
		}
	}
	t.Workload = workload(who.names, all)
	t.Workload.Assumed = who.guess && t.Workload.Known()
	if t.Workload.Assumed {
		t.note(t.Workload.source(), "nothing in the log of the %s names its container; %s was taken, the only one that fits", r.Words().Points(), t.Workload.called())
	}
	others := slices.DeleteFunc(workloads(all), func(n names) bool { return who.names.kin(&n) == same })
	if len(others) > 0 && !t.Workload.Known() {
		t.note(event.Pos{}, "engines tell of %s, and nothing says which of them wrote the log of the %s", count(len(others), "container", "containers"), r.Words().Points())
	}
}

// workOfKill finds what engines say of the workload that the kernel's kill hit. A report that names no group is taken for the
// end of the only container that may be meant.
func (b *Builder) workOfKill(t *Timeline, k *event.Kill, all []told) {
	n := enrich(namesOfKill(k), all)
	only, ok := b.only(all)
	ends := claims(all, func(x *told) bool { return only.kin(&x.names) == same })
	if ok && len(ends) > 0 && !b.anyKin(&n, all) && b.together(k, ends[0].told) {
		t.Workload = workload(only, all)
		t.Workload.Assumed = true
		t.note(k.Pos, "the kernel's report does not name the container; %s was taken, the only one that fits", t.Workload.called())
		return
	}
	t.Workload = workload(n, all)
}

// ofWorkload reports whether a kill hit the workload that engines tell of.
func (b *Builder) ofWorkload(t *Timeline, k *event.Kill) bool {
	n, of := namesOfContainer(&t.Workload.Container, ""), namesOfKill(k)
	return t.Workload.Known() && n.kin(&of) == same
}

// source is the first line that tells of the workload.
func (w *Workload) source() event.Pos {
	if len(w.Statuses) > 0 {
		return w.Statuses[0].Pos
	}
	if len(w.Events) > 0 {
		return w.Events[0].Pos
	}
	return event.Pos{}
}

// called names the workload for a sentence.
func (w *Workload) called() string {
	name := strings.TrimPrefix(w.Name, "/")
	switch {
	case name != "" && w.Pod != "":
		return name + " of pod " + w.Pod
	case name != "":
		return name
	case w.Pod != "":
		return "pod " + w.Pod
	case w.ID != "":
		return "container " + w.ID[:min(len(w.ID), leastID)]
	}
	return "the container"
}

// claimsOf returns what engines say of the end of a run, the strongest first. Where nothing else ties the clock of the run to
// the wall clock, the start of the container does.
func (b *Builder) claimsOf(t *Timeline, r *Run, tie *runTie, m *match, all []told) []claim {
	n := b.who[r.Index].names
	b.tieToStart(t, r, tie)
	return claims(all, func(x *told) bool {
		if x.names.none() {
			return b.fitsProcess(x, r, m, all) && b.fitsTime(t, x, r, tie)
		}
		return n.kin(&x.names) == same && b.fitsTime(t, x, r, tie)
	})
}

// tieToStart ties the process clock of a run to the start of its container, if the life of the container fits the run.
func (b *Builder) tieToStart(t *Timeline, r *Run, tie *runTie) {
	if !tie.wall.IsZero() || tie.booted || r.Clock != SinceStart {
		return
	}
	best := killLag
	var life *Life
	for i := range t.Workload.Lives {
		l := &t.Workload.Lives[i]
		length, ok := l.Length()
		if rest := length - r.End().At; ok && rest >= -killSlip && rest < best {
			best, life = rest, l
		}
	}
	if life == nil {
		return
	}
	tie.wall = life.Started
	r.Start = life.Started
	t.tie(r, clockName(r), "wall", 0, life.Source, "the engine says when the container was started, which ties the clock of the process to %s; the process may have begun a moment later", stamp(life.Started))
}

// fitsProcess reports whether a kill that names a process and no container may be that of the run.
func (b *Builder) fitsProcess(x *told, r *Run, m *match, all []told) bool {
	ev := x.event
	if ev == nil {
		return false
	}
	if m != nil && m.victim != nil && ev.PID != 0 && ev.PID == m.victim.PID {
		return true
	}
	pseudo := match{
		kill: &event.Kill{Head: ev.Head, Victims: []event.Victim{{PID: ev.PID, Name: ev.Process, Anon: ev.Usage}}},
		run:  r, names: b.who[r.Index].names,
	}
	pseudo.of = namesOfKill(pseudo.kill)
	if ev.PID == 0 && ev.Process == "" {
		return len(workloads(all)) == 0
	}
	return mayRun(ev.Process, r.Runtime) && pseudo.weighNames() && pseudo.weighSize()
}

// comms are the names of processes that one runtime alone has.
var comms = map[string]string{"java": jvm, "node": "v8", "MainThread": "v8", "node-MainThread": "v8"}

// mayRun reports whether a process of this name may have the runtime.
func mayRun(comm, runtime string) bool { return comms[comm] == "" || comms[comm] == runtime }

// fitsTime reports whether something that an engine tells may be about the end of the run: not before the last collection,
// and not of a life that began after it.
func (b *Builder) fitsTime(t *Timeline, x *told, r *Run, tie *runTie) bool {
	if tie.wall.IsZero() || x.at == 0 {
		return true
	}
	end := tie.wall.Add(r.End().At)
	at := time.Unix(0, x.at)
	slip := killSlip + time.Second
	pseudo := match{kill: &event.Kill{Head: *x.header()}, run: r}
	if _, ok := b.wrongClock(&pseudo, *tie, at.Sub(end), slip); ok {
		return true
	}
	if at.Before(end.Add(-slip)) {
		return false
	}
	return !slices.ContainsFunc(t.Workload.Lives, func(l Life) bool {
		return l.Started.After(end.Add(slip)) && !l.Started.After(at)
	})
}

// spared reports whether an engine that names the container of the run says that it ended by no kill.
func spared(told []claim) bool {
	return len(told) > 0 && told[0].weight == tellsStatus && !told[0].told.names.none()
}

// tells reports whether what engines say of an end tells more than what the process, its parent or its shell wrote.
func tells(told []claim, own event.Event) bool {
	if len(told) == 0 {
		return false
	}
	c := told[0]
	if own == nil {
		return !c.child
	}
	end, ok := own.(*event.ProcessEnd)
	byOther := ok && (end.Kind == event.EndSignal || end.Kind == event.EndExit)
	return byOther && c.strength() >= tellsMemory
}

// toldOf says how surely the incident is about the container or unit that a kill hit, by what engines tell of its end: 2 where
// somebody asked an engine for its state, and for that of no other container, 1 where an engine tells of it, else 0.
func toldOf(k *event.Kill, all []told) int {
	of := namesOfKill(k)
	told, asked, others := false, false, false
	for i := range all {
		x := &all[i]
		switch c, ok := claimOf(x); {
		case x.names.none():
		case of.kin(&x.names) != same:
			others = others || isAnswer(x)
		case ok && c.weight > tellsStatus:
			told = true
			asked = asked || isAnswer(x)
		}
	}
	switch {
	case asked && !others:
		return 2
	case told:
		return 1
	}
	return 0
}

// known is toldOf for many kills, most of which hit the same few groups.
func known(all []told) func(*event.Kill) int {
	groups := map[[4]string]int{}
	return func(k *event.Kill) int {
		key := [4]string{k.TaskMemcg, k.OOMMemcg, k.ContainerID, k.PodUID}
		n, ok := groups[key]
		if !ok {
			n = toldOf(k, all)
			groups[key] = n
		}
		return n
	}
}

// isAnswer reports whether an engine was asked for the state of a container, where service managers tell it all the time.
func isAnswer(x *told) bool { return x.status != nil && x.status.Engine != event.Systemd }

// strongest returns what engines say of the one end that they tell most of. It returns nothing where the kernel's kill k is
// that end, or where it tells more.
func (b *Builder) strongest(k *event.Kill, all []told) []claim {
	if k != nil && len(k.Victims) > 0 && toldOf(k, all) > 0 {
		return nil
	}
	every := claims(all, func(*told) bool { return true })
	if len(every) == 0 {
		return nil
	}
	best := every[0]
	if k != nil && !nobody(k) && (best.strength() <= tellsStatus || best.told.names.none() || b.together(k, best.told)) {
		return nil
	}
	n := enrich(best.told.names, all)
	return claims(all, func(x *told) bool { return x == best.told || !x.names.none() && n.kin(&x.names) == same })
}

// oneMoment is how far apart the kernel and an engine may tell of one death, where no name ties them.
const oneMoment = 10 * time.Second

// together reports whether a kill and what an engine tells may be one death: they came at one time, or one has none, and
// the names do not speak against it.
func (b *Builder) together(k *event.Kill, x *told) bool {
	of := namesOfKill(k)
	if of.kin(&x.names) == stranger {
		return false
	}
	wall, ok := b.wallOf(&k.Head)
	return !ok || x.at == 0 || wall.Sub(time.Unix(0, x.at)).Abs() <= oneMoment
}
