package timeline

import (
	"cmp"
	"math"
	"slices"
	"time"

	"oomtrace/parser/event"
)

// End is one death with all that tells of it, each witness in its own words: the kernel's report, what engines say, and what
// the process, its parent or its shell wrote.
type End struct {
	Main      bool          // it is the death of the incident
	Told      []event.Event // in the order of the input
	Conflicts []Note        // those of Timeline.Conflicts that are about it
	at        time.Time     // zero is unknown
	run       *Run          // nil where nothing tells whose end it is
	mine      bool          // of the workload or the process of the incident
}

// Bounds of the ends that are told apart, so that a hostile log costs no more than a long one.
const (
	maxEnds = 32
	maxTold = 32 // of each
)

// word is what one event tells of an end.
type word struct {
	ev    event.Event
	at    time.Time // zero is unknown
	run   *Run      // nil where nothing tells whose end it is
	mine  bool      // of the workload or the process of the incident
	joins bool      // no end by itself, but one that others tell of
	child bool      // of a process that the container outlived, at a time that it does not tell
}

// endings sorts the events by the death that they tell of: first that of the incident, then others as they come.
func (b *Builder) endings(t *Timeline, all []told) {
	if ev := t.Death.Event; ev != nil && t.Death.Kind != NoDeath {
		t.Ends = append(t.Ends, &End{Main: true, Told: []event.Event{ev}, at: t.diedAt(), run: t.PrimaryRun(), mine: true})
	}
	engines := map[event.Event]*told{}
	for i := range all {
		engines[all[i].any()] = &all[i]
	}
	order := map[event.Event]int{}
	var words []word
	var dumps []*event.Dump
	for i, ev := range t.Events {
		order[ev] = i
		if d, ok := ev.(*event.Dump); ok {
			dumps = append(dumps, d)
		} else if w, ok := b.word(t, ev, engines[ev]); ok && ev != t.Death.Event {
			words = append(words, w)
		}
	}
	slices.SortStableFunc(words, func(x, y word) int { return t.nearer(&x, &y) })
	for i := range words {
		b.join(t, &words[i])
	}
	for _, d := range dumps {
		t.dumped(d)
	}
	for _, e := range t.Ends {
		slices.SortFunc(e.Told, func(x, y event.Event) int { return cmp.Compare(order[x], order[y]) })
	}
	for _, c := range t.Conflicts {
		if len(t.Ends) > 0 {
			e := t.endOf(c.Source)
			e.Conflicts = append(e.Conflicts, c)
		}
	}
}

// nearer puts words in the order in which they find their end: those that are none by themselves last, and of the others the
// nearest to the death first, so that of two that cannot both be about it the nearer one is.
func (t *Timeline) nearer(x, y *word) int {
	if x.joins != y.joins {
		if y.joins {
			return -1
		}
		return 1
	}
	if len(t.Ends) == 0 {
		return 0
	}
	return cmp.Compare(gap(t.Ends[0].at, x.at), gap(t.Ends[0].at, y.at))
}

// gap is the time between two moments, the longest that there is where one is not known.
func gap(x, y time.Time) time.Duration {
	if x.IsZero() || y.IsZero() {
		return math.MaxInt64
	}
	return x.Sub(y).Abs()
}

// endOf returns the end that a line tells of, or else the first one.
func (t *Timeline) endOf(line event.Pos) *End {
	for _, e := range t.Ends {
		if slices.ContainsFunc(e.Told, func(ev event.Event) bool { return ev.Header().Pos == line }) {
			return e
		}
	}
	return t.Ends[0]
}

// diedAt returns the wall time of the death, as well as it is known.
func (t *Timeline) diedAt() time.Time {
	r := t.PrimaryRun()
	switch d := t.Death; {
	case d.Time.Has.Has(event.Wall):
		return d.Time.WallTime()
	case d.Timed && r != nil && !r.Start.IsZero():
		return r.Start.Add(d.At)
	}
	return time.Time{}
}

// word returns what an event tells of an end; x is what an engine says with it, or nil.
func (b *Builder) word(t *Timeline, ev event.Event, x *told) (w word, ok bool) {
	w.ev = ev
	w.at, _ = b.wallOf(ev.Header())
	switch ev := ev.(type) {
	case *event.Kill:
		w.mine = b.ofWorkload(t, ev)
		return w, len(ev.Victims) > 0
	case *event.ContainerStatus:
		if x == nil {
			return w, false
		}
		c, ends := claimOf(x)
		w.at, w.mine, w.child = moment(x.at), true, c.child
		return w, ends && t.concerns(x)
	case *event.ContainerEvent:
		if x == nil {
			return w, false
		}
		_, ends := claimOf(x)
		w.mine, w.joins = true, !ends
		return w, (ends || ev.Action == event.ActionKill) && t.concerns(x)
	case *event.RuntimeOOM, *event.ProcessEnd:
		_, w.joins = ev.(*event.RuntimeOOM) // a process may outlive it
		w.run = b.writerOf(t, ev)
		w.mine = w.run == t.PrimaryRun()
		if at := ev.Header().Time; w.at.IsZero() && at.Has.Has(event.Process) && w.run != nil && !w.run.Start.IsZero() {
			w.at = w.run.Start.Add(at.Process)
		}
		return w, true
	case *event.GC, *event.Dump, *event.Sample, *event.Setting, *event.Problem:
	}
	return w, false
}

// join adds a word to the end that it is about, of several the nearest in time, or else makes one of it.
func (b *Builder) join(t *Timeline, w *word) {
	var best *End
	for _, e := range t.Ends {
		if b.about(t, e, w) && (best == nil || gap(e.at, w.at) < gap(best.at, w.at)) {
			best = e
		}
	}
	switch {
	case best != nil && len(best.Told) < maxTold:
		best.Told = append(best.Told, w.ev)
	case best == nil && !w.joins && len(t.Ends) < maxEnds:
		t.Ends = append(t.Ends, &End{Told: []event.Event{w.ev}, at: w.at, run: w.run, mine: w.mine})
	}
}

// about reports whether a word may be about an end: it is of the same workload or process, and came at the same time within
// one life. Without a time, it is that of the incident where nothing speaks against it.
func (b *Builder) about(t *Timeline, e *End, w *word) bool {
	switch {
	case slices.ContainsFunc(e.Told, func(o event.Event) bool { return b.apart(o, w.ev) }):
		return false
	case slices.ContainsFunc(e.Told, func(o event.Event) bool { return sameVictim(o, w.ev) }):
		return true
	case e.mine != w.mine:
		return false
	case !w.mine:
		return w.run != nil && w.run == e.run
	case w.child:
		return e.Main
	case !e.at.IsZero() && !w.at.IsZero():
		return gap(e.at, w.at) <= oneEnd && !t.Workload.startedBetween(e.at, w.at)
	}
	return e.Main && b.aboutDeath(t, w)
}

// aboutDeath reports whether a word of the incident's workload or process, which no time ties to its death, tells of that.
func (b *Builder) aboutDeath(t *Timeline, w *word) bool {
	switch ev := w.ev.(type) {
	case *event.ContainerStatus:
		return b.sameEnd(t, ev)
	case *event.ContainerEvent:
		return len(t.Workload.Lives) <= 1 && ev.Count <= 1
	case *event.RuntimeOOM, *event.ProcessEnd:
		_, byKernel := t.Death.Event.(*event.Kill)
		return !byKernel || byKill(ev)
	case *event.Kill, *event.GC, *event.Dump, *event.Sample, *event.Setting, *event.Problem:
	}
	return false
}

// startedBetween reports whether an engine started the workload between two moments.
func (w *Workload) startedBetween(x, y time.Time) bool {
	if y.Before(x) {
		x, y = y, x
	}
	return slices.ContainsFunc(w.Lives, func(l Life) bool { return l.Started.After(x) && l.Started.Before(y) })
}

// apart reports whether two events tell of two ends, whenever they came: kills of two processes, or what one log says but once
// of a life.
func (b *Builder) apart(x, y event.Event) bool {
	oneFile := x.Header().Pos.File == y.Header().Pos.File
	switch x := x.(type) {
	case *event.Kill:
		y, ok := y.(*event.Kill)
		return ok && !sameVictim(x, y)
	case *event.ContainerStatus:
		y, ok := y.(*event.ContainerStatus)
		return ok && oneFile && x.Finished != 0 && y.Finished != 0 && moment(x.Finished).Sub(moment(y.Finished)).Abs() > time.Second
	case *event.ContainerEvent:
		y, ok := y.(*event.ContainerEvent)
		if !ok || !oneFile || x.Engine != y.Engine || x.Action != event.ActionExit || y.Action != event.ActionExit {
			return false
		}
		at, known := b.wallOf(&x.Head)
		to, too := b.wallOf(&y.Head)
		return known && too && at.Sub(to).Abs() > time.Second
	case *event.ProcessEnd:
		y, ok := y.(*event.ProcessEnd)
		return ok && oneFile && x.Kind == y.Kind
	case *event.RuntimeOOM, *event.GC, *event.Dump, *event.Sample, *event.Setting, *event.Problem:
	}
	return false
}

// sameVictim reports whether two kernel reports are of one kill, as two copies of a log have it.
func sameVictim(x, y event.Event) bool {
	k, ok := x.(*event.Kill)
	l, too := y.(*event.Kill)
	if !ok || !too || len(k.Victims) == 0 || len(l.Victims) == 0 || k.Victims[0].PID != l.Victims[0].PID {
		return false
	}
	gap, known := between(k, l)
	return k == l || known && gap.Abs() <= oneShortage
}

// dumped adds a dump to the end that its process told of last, on the lines before it or in the same line.
func (t *Timeline) dumped(d *event.Dump) {
	var best *End
	last := -1
	for _, e := range t.Ends {
		for _, ev := range e.Told {
			switch ev.(type) {
			case *event.RuntimeOOM, *event.ProcessEnd:
				if p := ev.Header().Pos; p.File == d.Pos.File && p.Line <= d.Pos.Line && p.Line > last {
					best, last = e, p.Line
				}
			case *event.Kill, *event.ContainerStatus, *event.ContainerEvent, *event.GC, *event.Dump, *event.Sample, *event.Setting, *event.Problem:
			}
		}
	}
	if best != nil && len(best.Told) < maxTold {
		best.Told = append(best.Told, d)
	}
}
