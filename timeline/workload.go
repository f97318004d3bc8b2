package timeline

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// Workload is the container, unit or job that the incident is about, as engines tell of it. The zero value says that none does.
type Workload struct {
	event.Container                          // its names, put together from all that name it
	Statuses        []*event.ContainerStatus // in the order of the input
	Events          []*event.ContainerEvent  // by time
	Lives           []Life                   // that something tells of, the oldest first
	Restarts        int                      // the largest count that an engine states
	HasRestarts     bool
	BackOff         event.Pos // where an engine says that it waits before it starts it again; zero where none does
	Assumed         bool      // no name ties it to the log: it is the only one that fits
}

// Known reports whether any engine tells of the workload.
func (w *Workload) Known() bool { return len(w.Statuses)+len(w.Events) > 0 }

// Life is one life of a container as its engine tells it.
type Life struct {
	Started, Finished time.Time // zero where nothing says
	ExitCode, Signal  int       // meaningful where Ended; 128 and a signal stand for the signal
	Ended             bool      // how it ended is known
	OOM               bool      // an engine says that it, or a part of it, was killed for want of memory
	Source            event.Pos // the line that says how it ended, else when it began
}

// Length returns how long the life lasted, where both of its ends are known.
func (l Life) Length() (time.Duration, bool) {
	if l.Started.IsZero() || l.Finished.IsZero() || l.Finished.Before(l.Started) {
		return 0, false
	}
	return l.Finished.Sub(l.Started), true
}

// told is something that an engine says, with the names of what it is about.
type told struct {
	names  names
	status *event.ContainerStatus // one of the two is set
	event  *event.ContainerEvent
	at     int64 // nanoseconds since the Unix epoch: the end that a status tells of, the time of an event; 0 is unknown
}

func (x *told) header() *event.Head {
	if x.status != nil {
		return x.status.Header()
	}
	return x.event.Header()
}

func (x *told) any() event.Event {
	if x.status != nil {
		return x.status
	}
	return x.event
}

func (x *told) container() *event.Container {
	if x.status != nil {
		return &x.status.Container
	}
	return &x.event.Container
}

// tell prepares what engines said: names and times, oldest first.
func (b *Builder) tell() []told {
	var out []told
	for _, ev := range b.told.all() {
		x := told{}
		stamped := true // its line is as old as what it says
		if s, ok := ev.(*event.ContainerStatus); ok {
			x = told{names: namesOfContainer(&s.Container, s.Cgroup), status: s, at: s.Finished}
			stamped = s.Engine == event.Systemd
		} else if e, ok := ev.(*event.ContainerEvent); ok {
			x = told{names: namesOfContainer(&e.Container, e.Cgroup), event: e}
		}
		if wall, ok := b.wallOf(ev.Header()); ok && stamped && x.at == 0 {
			x.at = wall.UnixNano()
		}
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(x, y told) int { return cmp.Compare(x.at, y.at) })
	return out
}

// enrich adds to names all that engines know of the same thing.
func enrich(n names, all []told) names {
	for range 3 { // names of names: a path leads to an id, and that to a pod
		more := false
		for i := range all {
			if n.kin(&all[i].names) == same && n.take(&all[i].names) {
				more = true
			}
		}
		if !more {
			break
		}
	}
	return n
}

// maxWorkloads bounds the containers that are told apart, where nothing names the one that counts.
const maxWorkloads = 128

// workloads lists the containers, units and jobs that engines tell of, each once.
func workloads(all []told) []names {
	var out []names
	for i := range all {
		x := &all[i].names
		if x.none() || len(out) == maxWorkloads {
			continue
		}
		if k := slices.IndexFunc(out, func(n names) bool { return n.kin(x) == same }); k >= 0 {
			out[k].take(x)
		} else {
			n := *x
			n.ids = slices.Clone(n.ids)
			out = append(out, n)
		}
	}
	return out
}

// workload gathers what engines say of the thing with these names.
func workload(n names, all []told) Workload {
	var w Workload
	for i := range all {
		x := &all[i]
		if x.names.none() || n.kin(&x.names) != same {
			continue
		}
		w.name(x.container())
		switch {
		case x.status != nil:
			w.status(x.status)
		default:
			w.Events = append(w.Events, x.event)
			w.happened(x)
		}
	}
	for _, s := range w.Statuses {
		w.live(s)
	}
	slices.SortStableFunc(w.Lives, func(x, y Life) int { return x.moment().Compare(y.moment()) })
	return w
}

// name fills in the names that are not known yet. The first engine that tells of the workload is its engine.
func (w *Workload) name(c *event.Container) {
	to, from := &w.Container, *c
	if to.Engine == "" || to.Engine == event.Systemd && to.ID != "" {
		to.Engine = from.Engine
	}
	if from.ID != "" && strings.Contains(from.Name, from.ID) {
		from.Name = "" // the scope that systemd makes for a container
	}
	for _, f := range []struct{ to, from *string }{
		{&to.ID, &from.ID},
		{&to.Name, &from.Name},
		{&to.Image, &from.Image},
		{&to.Namespace, &from.Namespace},
		{&to.Pod, &from.Pod},
		{&to.PodUID, &from.PodUID},
		{&to.Node, &from.Node},
	} {
		*f.to = cmp.Or(*f.to, *f.from)
	}
}

func (w *Workload) status(s *event.ContainerStatus) {
	w.Statuses = append(w.Statuses, s)
	w.restarted(s.Restarts, s.HasRestarts)
	if s.Reason == "CrashLoopBackOff" {
		w.BackOff = s.Pos
	}
}

func (w *Workload) restarted(n int, known bool) {
	if known {
		w.Restarts, w.HasRestarts = max(w.Restarts, n), true
	}
}

// oneEnd is how far apart two engines may tell of one end: dockerd on a busy machine says "die" 8.4 s after the kernel's kill.
const oneEnd = 15 * time.Second

// happened adds an event to the lives. Events come by time.
func (w *Workload) happened(x *told) {
	ev := x.event
	if ev.Action == event.ActionRestart {
		w.restarted(ev.Count, ev.Count > 0 && ev.Engine == event.Systemd)
		if ev.Reason == "BackOff" || ev.Reason == "CrashLoopBackOff" {
			w.BackOff = ev.Pos
		}
		return
	}
	if x.at == 0 {
		return
	}
	at := time.Unix(0, x.at).UTC()
	switch ev.Action {
	case event.ActionStart:
		w.Lives = append(w.Lives, Life{Started: at, Source: ev.Pos})
	case event.ActionOOM:
		w.current(at).OOM = true
	case event.ActionExit:
		if ev.Process != "" && ev.Engine == event.Systemd {
			return // a process of its own that starts or stops the unit
		}
		l := w.current(at)
		l.Finished, l.Source = at, ev.Pos
		l.ended(ev.ExitCode, ev.HasExit, ev.Signal)
	case event.ActionKill, event.ActionEvict, event.ActionExceed, event.ActionRestart, event.ActionOther:
	}
}

// current returns the life that something at a time belongs to: the last one, unless that ended long before.
func (w *Workload) current(at time.Time) *Life {
	if n := len(w.Lives); n > 0 {
		if l := &w.Lives[n-1]; l.Finished.IsZero() || at.Sub(l.Finished) < oneEnd {
			return l
		}
	}
	w.Lives = append(w.Lives, Life{})
	return &w.Lives[len(w.Lives)-1]
}

func (l *Life) ended(code int, known bool, signal int) {
	if known || signal > 0 {
		l.ExitCode, l.Signal, l.Ended = code, signal, true
	}
}

// moment is when the life is known to have been, for putting lives in order.
func (l Life) moment() time.Time {
	if l.Finished.IsZero() {
		return l.Started
	}
	return l.Finished
}

// live adds the life that a status tells of, or what the status knows of one that is known already.
func (w *Workload) live(s *event.ContainerStatus) {
	started, finished := moment(s.Started), moment(s.Finished)
	if started.IsZero() && finished.IsZero() {
		return
	}
	l := Life{Started: started, Finished: finished, OOM: s.OOMKilled, Source: s.Pos}
	l.ended(s.ExitCode, s.HasExit && !finished.IsZero(), s.Signal)
	i := slices.IndexFunc(w.Lives, l.alike)
	if i < 0 {
		w.Lives = append(w.Lives, l)
		return
	}
	k := &w.Lives[i]
	k.OOM = k.OOM || l.OOM
	if !l.Started.IsZero() {
		k.Started = l.Started
	}
	if !l.Finished.IsZero() {
		k.Finished = l.Finished // its own clock, without the delay of the event
	}
	if !k.Ended {
		k.ended(l.ExitCode, l.Ended, l.Signal)
	}
}

// alike reports whether two witnesses tell of one life.
func (l Life) alike(o Life) bool {
	near := func(a, b time.Time) bool { return !a.IsZero() && !b.IsZero() && a.Sub(b).Abs() < oneEnd }
	if !l.Finished.IsZero() && !o.Finished.IsZero() {
		return near(l.Finished, o.Finished) && (l.Started.IsZero() || o.Started.IsZero() || near(l.Started, o.Started))
	}
	return near(l.Started, o.Started)
}

func moment(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

// engineLimit returns the memory limit that an engine set for the workload: of the last life that is told, else of what
// an event says in passing.
func (w *Workload) engineLimit() Limit {
	var l Limit
	for _, ev := range w.Events {
		if bounds(ev.Limit) {
			l = Limit{Size: ev.Limit, From: string(ev.Engine), Source: ev.Pos}
		}
	}
	for _, s := range w.Statuses {
		if bounds(s.Limit) {
			l = Limit{Size: s.Limit, From: string(s.Engine), Source: s.Pos}
		}
	}
	return l
}

// noLimit is the size from which on a limit is a way to say that there is none: kernels and engines round the largest
// number that they can hold down to pages.
const noLimit = 1 << 62

// bounds reports whether an engine states a limit.
func bounds(limit unit.Size) bool {
	size := limit.Or(0)
	return size > 0 && size < noLimit
}

// bounded keeps the first and the last events of a kind, so that a log of any length costs no more.
type bounded struct {
	head, tail []event.Event
	lost       int
}

func (r *bounded) add(ev event.Event) {
	const half = maxDeaths / 2
	switch {
	case len(r.head) < half:
		r.head = append(r.head, ev)
	case len(r.tail) < half:
		r.tail = append(r.tail, ev)
	default:
		r.tail[r.lost%half] = ev
		r.lost++
	}
}

// all returns what was kept, in the order of the input.
func (r *bounded) all() []event.Event {
	at := 0
	if len(r.tail) > 0 {
		at = r.lost % len(r.tail)
	}
	return slices.Concat(r.head, r.tail[at:], r.tail[:at])
}
