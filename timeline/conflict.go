package timeline

import (
	"fmt"
	"slices"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// contradict lists where engines and the kernel do not say the same, and whom to believe.
func (b *Builder) contradict(t *Timeline) {
	kill, _ := t.Death.Event.(*event.Kill)
	for _, s := range t.Workload.Statuses {
		switch c, _ := claimOf(&told{status: s}); {
		case kill != nil && len(kill.Victims) > 0 && b.sameEnd(t, s):
			t.missed(s, kill)
		case c.child:
			t.survived(s)
		case s.OOMKilled && len(b.kills) > 0 && kill == nil:
			t.conflict(s.Pos, "%s says that the container was killed for want of memory; the kernel's log shows no such kill, and may not reach back to it", s.Engine.Title())
		}
	}
	for _, ev := range t.Workload.Events {
		if c, _ := claimOf(&told{event: ev}); kill != nil && len(kill.Victims) > 0 && c.kind == Eviction {
			t.conflict(ev.Pos, "%s evicted the pod for the pressure on its node as well; the kernel's kill came from the limit or from the machine, without a warning", ev.Engine.Title())
		}
	}
}

// sameEnd reports whether a status tells of the life that ended in the death of the incident.
func (b *Builder) sameEnd(t *Timeline, s *event.ContainerStatus) bool {
	d := t.Death.Time
	if s.Finished == 0 || !d.Has.Has(event.Wall) {
		return s.Finished == 0 || len(t.Workload.Statuses) == 1
	}
	return d.WallTime().Sub(moment(s.Finished)).Abs() <= oneEnd
}

// missed says what an engine does not tell of a death that the kernel's log shows.
func (t *Timeline) missed(s *event.ContainerStatus, k *event.Kill) {
	c, _ := claimOf(&told{status: s})
	switch {
	case c.child:
		t.survived(s)
	case s.OOMKilled || !s.SaysOOM || s.Finished == 0 && !s.HasExit && s.Signal == 0:
	case killKind(k, unit.Size{}) == GlobalKill:
		t.conflict(s.Pos, "%s says %s and not OOMKilled, which it says of the container's own limit only; the kernel's log shows that the whole machine was out of memory", s.Engine.Title(), ending(s))
	default:
		t.conflict(s.Pos, "%s says OOMKilled=false; the kernel's log shows the kill, and the kernel is the witness", s.Engine.Title())
	}
}

// survived explains an OOMKilled that is not the end of the container.
func (t *Timeline) survived(s *event.ContainerStatus) {
	t.Death.Child = t.Death.Child || t.Death.Kind == MemcgKill
	switch {
	case s.Engine == event.ECS:
		t.conflict(s.Pos, "ECS says that the container was killed for want of memory (%s); it takes that from a flag that stays set once any process of the container was killed", ending(s))
	case s.HasExit || s.Signal != 0:
		t.conflict(s.Pos, "%s says OOMKilled=true, but the container ended with %s: a process that it had started was killed, not its first one", s.Engine.Title(), ending(s))
	default:
		t.conflict(s.Pos, "%s says OOMKilled=true, but the container goes on: a process that it had started was killed, not its first one", s.Engine.Title())
	}
}

// ending puts how a status says that the container ended into words.
func ending(s *event.ContainerStatus) string {
	switch {
	case s.Signal != 0:
		return fmt.Sprintf("signal %d", s.Signal)
	case s.HasExit:
		return fmt.Sprintf("status %d", s.ExitCode)
	}
	return "no status"
}

// conflict adds a contradiction, once.
func (t *Timeline) conflict(at event.Pos, format string, args ...any) {
	n := Note{Text: fmt.Sprintf(format, args...), Source: at}
	if !slices.ContainsFunc(t.Conflicts, func(o Note) bool { return o.Text == n.Text }) {
		t.Conflicts = append(t.Conflicts, n)
	}
}
