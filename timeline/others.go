package timeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"oomtrace/parser/event"
)

// otherDead is a container, unit or process that engines or the kernel tell died for want of memory, and that the incident is not about.
type otherDead struct {
	names    names
	what     string
	kills    int
	events   int
	statuses int // states tell of the last death, which events tell of as well
	source   event.Pos
}

const maxOthersNamed = 5

// others notes the deaths for want of memory that the incident is not about: each is an incident of its own.
func (b *Builder) others(t *Timeline, all []told) {
	var dead []otherDead
	for i := range all {
		x := &all[i]
		c, ok := claimOf(x)
		if !ok || c.weight < tellsMemory || t.concerns(x) {
			continue
		}
		d := otherDead{names: x.names, what: x.called(), source: x.header().Pos}
		if d.what == "" {
			continue
		}
		if x.event != nil {
			d.events = max(1, x.event.Count)
		} else {
			d.statuses = 1
		}
		dead = d.addTo(dead)
	}
	for _, k := range b.kills {
		if len(k.Victims) > 0 && b.original(k) == k && !b.concernsKill(t, k) {
			n := enrich(namesOfKill(k), all)
			d := otherDead{names: n, what: n.calledVictim(k), source: k.Pos, kills: max(1, k.Repeats)}
			dead = d.addTo(dead)
		}
	}
	if len(dead) == 0 {
		return
	}
	var list []string
	for i, d := range dead {
		if i == maxOthersNamed {
			list = append(list, fmt.Sprintf("%d more", len(dead)-i))
			break
		}
		if n := max(d.kills, d.events, d.statuses); n > 1 {
			d.what += fmt.Sprintf(" (%d times)", n)
		}
		list = append(list, d.what)
	}
	t.note(dead[0].source, "these logs tell of other deaths for want of memory, each an incident of its own: %s", strings.Join(list, ", "))
}

// addTo counts a death, with others of the same thing.
func (d otherDead) addTo(dead []otherDead) []otherDead {
	i := slices.IndexFunc(dead, func(o otherDead) bool { return o.what == d.what || o.names.kin(&d.names) == same })
	if i < 0 {
		return append(dead, d)
	}
	dead[i].kills += d.kills
	dead[i].events += d.events
	dead[i].statuses += d.statuses
	return dead
}

// concernsKill reports whether a kill is of the incident.
func (b *Builder) concernsKill(t *Timeline, k *event.Kill) bool {
	if of, ok := t.Death.Event.(*event.Kill); ok {
		return b.sameIncident(t, k, of)
	}
	if b.beside != nil && b.sameDeaths(b.beside, k) {
		return true
	}
	return b.ofWorkload(t, k) || slices.ContainsFunc(t.Death.pids(), func(pid int) bool { return pid != 0 && pid == k.Victims[0].PID })
}

// calledVictim is what the victim of a kill is called: by the name that an engine has for its container, else by its own and
// its group.
func (n *names) calledVictim(k *event.Kill) string {
	name := cmp.Or(largestVictim(k).Name, "a process")
	switch {
	case n.name != "" || n.pod != "":
		return strings.TrimPrefix(cmp.Or(n.name, n.pod), "/")
	case k.ContainerID != "":
		return name + " in container " + k.ContainerID[:min(len(k.ContainerID), leastID)]
	case n.path != "":
		return name + " in " + n.path
	}
	return name
}

// concerns reports whether something that an engine tells is of the incident.
func (t *Timeline) concerns(x *told) bool {
	if x.any() == t.Death.Event {
		return true
	}
	if x.status != nil {
		return slices.Contains(t.Workload.Statuses, x.status)
	}
	ev := x.event
	if ev.PID != 0 && slices.Contains(t.Death.pids(), ev.PID) {
		return true
	}
	return slices.Contains(t.Workload.Events, ev)
}

// pids returns the process ids of those that a kill was about.
func (d Death) pids() []int {
	var out []int
	if k, ok := d.Event.(*event.Kill); ok {
		for _, v := range k.Victims {
			out = append(out, v.PID)
		}
	}
	if ev, ok := d.Event.(*event.ContainerEvent); ok {
		out = append(out, ev.PID)
	}
	return out
}

// called is what something is called that an engine tells of, in few words; empty where it has no name. A slice is where units live:
// it does not die itself.
func (x *told) called() string {
	c := x.container()
	name := cmp.Or(c.Name, c.Pod, x.names.unit)
	if name == "" && x.event != nil {
		name = x.event.Process
	}
	if strings.HasSuffix(name, ".slice") {
		return ""
	}
	return cmp.Or(name, c.ID[:min(12, len(c.ID))])
}
