package inflection

import (
	"cmp"
	"slices"
	"time"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// A crash loop is a program that dies, is started again and dies in the same way, before it ever ran for long:
//
//	deaths   kills of one group or pod and one program, or ends of a runtime for one want, on one clock
//	lives    runs of one program that follow each other, where the log has their collections
//	short    no longer than Kubernetes takes to forget that a container was restarted
//	alike    the heap ended at about the same size each time
type loop struct {
	deaths  int           // or lives, whichever are more
	longest time.Duration // from one death to the next, or the longest life
	first   event.Pos     // the first death, or the beginning of the first life
	lives   bool          // counted in lives: no line saw the deaths of all of them
	counted int           // restarts that an engine counts, where that is how the loop is known
	listed  bool          // an engine lists the lives: longest is of one of them
}

const (
	loopDeaths = 3                // two may be chance
	shortLife  = 10 * time.Minute // Kubernetes resets its back-off when a container ran for so long
	oneDeath   = time.Second      // kills of one group that follow each other faster hit several processes of one life
	sameEnd    = 0.25             // of the heap at the end of the last life
)

// findLoop counts the deaths like the last one, the lives that engines tell of, and the lives like the last one. Of those that
// count most, the first is the best proof.
func findLoop(tl *timeline.Timeline) loop {
	var out loop
	for _, l := range []loop{deathsLike(tl), toldLoop(tl), livesLike(tl)} {
		if l.deaths > out.deaths {
			out = l
		}
	}
	return out
}

// public is what others need to tell of a loop.
func (l loop) public() Loop {
	switch {
	case l.counted > 0:
		return Loop{Deaths: l.deaths}
	case l.listed, l.lives:
		return Loop{Deaths: l.deaths, Life: l.longest}
	}
	return Loop{Deaths: l.deaths, Between: l.longest}
}

// stamp is when and where a death was seen.
type stamp struct {
	at   time.Duration
	pos  event.Pos
	kill *event.Kill // nil where the runtime itself told
}

// deathsLike returns the stretch of short lives, by the deaths around the one that the incident is about.
func deathsLike(tl *timeline.Timeline) loop {
	own := tl.Death.Event
	clock := clockOf(own)
	if clock == 0 {
		return loop{}
	}
	var all []stamp
	for _, ev := range tl.Events {
		if sameDeath(own, ev) && clockOf(ev)&clock != 0 {
			all = append(all, stampOf(ev, clock))
		}
	}
	slices.SortStableFunc(all, func(a, b stamp) int { return cmp.Compare(a.at, b.at) })
	return stretch(all, stampOf(own, clock).at)
}

// stretch returns the deaths that follow each other within a short life, around the time at.
func stretch(all []stamp, at time.Duration) loop {
	var l loop
	for i, s := range all {
		gap := time.Duration(0)
		if i > 0 {
			gap = s.at - all[i-1].at
		}
		switch {
		case i == 0 || gap > shortLife:
			if s.at > at {
				return l
			}
			l = loop{deaths: 1, first: s.pos}
		case gap >= oneDeath || bornLater(all[i-1].kill, s.kill):
			l.deaths++
			l.longest = max(l.longest, gap)
		}
	}
	return l
}

// clockOf returns the one clock that a death is placed on: the kernel's, else the wall's; 0 where it has none.
func clockOf(ev event.Event) event.Clocks {
	if ev == nil {
		return 0
	}
	has := ev.Header().Time.Has
	if has&event.Boot != 0 {
		return event.Boot
	}
	return has & event.Wall
}

func stampOf(ev event.Event, clock event.Clocks) stamp {
	h := ev.Header()
	s := stamp{at: time.Duration(h.Time.Wall), pos: h.Pos}
	if clock == event.Boot {
		s.at = h.Time.Boot
	}
	s.kill, _ = ev.(*event.Kill)
	if s.kill != nil && s.kill.KilledAt.Line > 0 {
		s.pos = s.kill.KilledAt
	}
	return s
}

// bornLater reports whether none of the victims of a kill was there at the kill before it, so that the program was started
// between the two.
func bornLater(before, k *event.Kill) bool {
	if before == nil || len(before.Tasks) == 0 {
		return false
	}
	return !slices.ContainsFunc(k.Victims, func(v event.Victim) bool {
		return slices.ContainsFunc(before.Tasks, func(t event.Task) bool { return t.PID == v.PID })
	})
}

// sameDeath reports whether a program like that of own died of the same.
func sameDeath(own, ev event.Event) bool {
	if own, ok := own.(*event.Kill); ok {
		k, ok := ev.(*event.Kill)
		return ok && len(k.Victims) > 0 && sameGroup(own, k) && sameProgram(own, k)
	}
	if own, ok := own.(*event.RuntimeOOM); ok {
		o, ok := ev.(*event.RuntimeOOM)
		return ok && o.Kind == own.Kind && o.Runtime == own.Runtime
	}
	return false
}

// sameGroup reports whether two kills are of one limit. A new container of the same pod is a new group.
func sameGroup(a, b *event.Kill) bool {
	if a.PodUID != "" && b.PodUID != "" {
		return a.PodUID == b.PodUID
	}
	return a.OOMMemcg != "" && a.OOMMemcg == b.OOMMemcg
}

func sameProgram(a, b *event.Kill) bool {
	name, _ := victim(a)
	other, _ := victim(b)
	return name == other
}

// livesLike returns the runs of the same program before the one that the incident is about, itself included.
func livesLike(tl *timeline.Timeline) loop {
	last := tl.PrimaryRun()
	if last == nil || !shortLived(last) {
		return loop{}
	}
	l := loop{deaths: 1, longest: lifetime(last), first: firstLine(tl, last), lives: true}
	for i := last.Index - 1; i >= 0; i-- {
		r := tl.Runs[i]
		if !r.Restarted || r.Runtime != last.Runtime || r.Version != last.Version {
			continue
		}
		if !shortLived(r) || !endedAlike(r, last) {
			break
		}
		l.deaths++
		l.longest = max(l.longest, lifetime(r))
		l.first = firstLine(tl, r)
	}
	return l
}

// shortLived reports whether a clock shows that a run was over soon.
func shortLived(r *timeline.Run) bool {
	return r.Cycles.Len() > 0 && r.Clock != timeline.ByNumber && lifetime(r) <= shortLife
}

// lifetime is what the collections of a run show of it. The clock of a process begins with its start, other clocks with the first line.
func lifetime(r *timeline.Run) time.Duration { return r.End().At }

// endedAlike reports whether two runs ended with heaps of about the same size.
func endedAlike(r, last *timeline.Run) bool {
	a, b := endPeak(r), endPeak(last)
	return abs(a-b) <= sameEnd*b
}

// endPeak is the largest heap of the last collections, garbage included.
func endPeak(r *timeline.Run) float64 {
	n := r.Cycles.Len()
	peak := 0.0
	for i := max(0, n-endCycles); i < n; i++ {
		peak = max(peak, float64(r.Cycles.At(i).Peak))
	}
	return peak
}

func firstLine(tl *timeline.Timeline, r *timeline.Run) event.Pos { return position(tl, r.Cycles.At(0)) }
