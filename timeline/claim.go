package timeline

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// A claim is an end that an engine tells of. What engines say of an out-of-memory kill is hearsay: the kernel's report is the
// witness, and where there is one, the claim only confirms or contradicts it.
type claim struct {
	told   *told
	kind   DeathKind
	weight int
	child  bool // a process of the container was killed, and the container went on or ended otherwise
}

// How much an end tells.
const (
	tellsStatus   = iota + 1 // it ended, in order or not
	tellsSignal              // a signal ended it
	tellsSender              // somebody or something sent that signal
	tellsMemory              // for want of memory
	tellsMemoryBy            // for want of memory, and the one that killed says so itself
)

// killers are the engines that kill for want of memory themselves, without the kernel's killer.
var killers = []event.Engine{
	event.SystemdOOMD, event.Earlyoom, event.Lmkd, event.YARN, event.CloudRun, event.AppEngine, event.Lambda, event.Heroku,
}

// claimOf returns the end that something tells of.
func claimOf(x *told) (claim, bool) {
	c := claim{told: x}
	if x.status != nil {
		c.ofStatus(x.status)
	} else {
		c.ofEvent(x.event)
	}
	return c, c.weight > 0
}

func (c *claim) ofStatus(s *event.ContainerStatus) {
	ended := s.Finished != 0 || s.HasExit || s.Signal != 0
	if slices.Contains([]string{"running", "waiting", "created", "active"}, strings.ToLower(s.State)) {
		ended = false
	}
	killed := s.Signal == sigkill || s.HasExit && s.ExitCode == 128+sigkill
	switch {
	case s.Reason == "Evicted":
		c.evicted(s.Message)
	case s.OOMKilled:
		c.kind, c.weight = memoryKind(s.Engine), tellsMemory
		c.child = !killed && (!ended || s.HasExit || s.Signal != 0)
	case ended && (s.HasExit || s.Signal != 0):
		c.exited(s.ExitCode, s.Signal)
	}
}

func (c *claim) ofEvent(ev *event.ContainerEvent) {
	switch ev.Action {
	case event.ActionEvict:
		c.evicted(ev.Message)
	case event.ActionOOM:
		c.kind, c.weight = memoryKind(ev.Engine), tellsMemory
		if ev.Engine == event.Kubernetes && !strings.HasPrefix(ev.Message, "Memory cgroup") && ev.Name == "" {
			c.kind = GlobalKill // SystemOOM of the kubelet, or a line of the kernel as node-problem-detector hands it on
		}
	case event.ActionKill:
		switch {
		case slices.Contains(killers, ev.Engine), ev.Engine == event.Slurm:
			c.kind, c.weight = UserspaceKill, tellsMemoryBy
		case ev.Reason == "oom-kill":
			return // systemd ends the rest of a unit after the kernel killed one process of it
		case ev.Signal == 0, ev.Signal == sigkill, ev.Signal == sigterm:
			c.kind, c.weight = Signal, tellsSender
		}
	case event.ActionExit:
		if ev.Process != "" && ev.Engine == event.Systemd {
			return
		}
		if ev.HasExit || ev.Signal != 0 {
			c.exited(ev.ExitCode, ev.Signal)
		}
	case event.ActionStart, event.ActionExceed, event.ActionRestart, event.ActionOther:
	}
}

// evicted tells an eviction for want of memory from one for want of disk, of process ids, or for a more important pod.
func (c *claim) evicted(why string) {
	c.kind, c.weight = Eviction, tellsMemoryBy
	if why != "" && !strings.Contains(strings.ToLower(why), "memory") {
		c.kind, c.weight = Signal, tellsSender
	}
}

const (
	sigkill = 9
	sigterm = 15
)

func (c *claim) exited(code, signal int) {
	c.kind, c.weight = Exit, tellsStatus
	if signal > 0 || bySignal(code) {
		c.kind, c.weight = Signal, tellsSignal
	}
}

// bySignal reports whether a status stands for a signal: shells and container runtimes report that as 128 and its number.
func bySignal(code int) bool { return code > 128 && code <= 128+64 }

// memoryKind tells who killed, by the engine that says so.
func memoryKind(e event.Engine) DeathKind {
	if slices.Contains(killers, e) {
		return UserspaceKill
	}
	return MemcgKill
}

// claims returns the ends that the given tellings claim, the strongest first, and of those alike the latest first.
func claims(all []told, fits func(*told) bool) []claim {
	var out []claim
	for i := range all {
		if !fits(&all[i]) {
			continue
		}
		if c, ok := claimOf(&all[i]); ok {
			out = append(out, c)
		}
	}
	for i := range out {
		out[i].outlived(all)
	}
	slices.SortStableFunc(out, func(x, y claim) int {
		return cmp.Or(cmp.Compare(y.strength(), x.strength()), cmp.Compare(y.told.at, x.told.at))
	})
	return out
}

// strength is the weight, less what a claim loses where the container was not what died.
func (c *claim) strength() int {
	if c.child {
		return tellsStatus
	}
	return c.weight
}

// livedOn is how long a container must go on after one of its processes was killed to have survived it.
const livedOn = 30 * time.Second

// outlived notices that a container went on after an out-of-memory event: what was killed was a child of its first process.
func (c *claim) outlived(all []told) {
	ev := c.told.event
	if ev == nil || ev.Action != event.ActionOOM || c.told.at == 0 || c.told.names.none() {
		return
	}
	for i := range all {
		x := &all[i]
		if x.at < c.told.at-int64(time.Second) || c.told.names.kin(&x.names) != same {
			continue
		}
		end, ok := claimOf(x)
		if !ok || end.weight > tellsSignal && x.status == nil {
			continue
		}
		fatal := end.kind == Signal || end.kind == MemcgKill && !end.child
		c.child = x.at-c.told.at > int64(livedOn) || !fatal
		return
	}
	c.child = slices.ContainsFunc(all, func(x told) bool {
		end, ok := claimOf(&x)
		return ok && end.child && x.at == 0 && c.told.names.kin(&x.names) == same
	})
}

// rss returns the memory that a process held when an engine killed it.
func (c *claim) rss() unit.Size {
	if ev := c.told.event; ev != nil && (ev.PID != 0 || ev.Process != "" || ev.Engine == event.YARN) {
		return ev.Usage
	}
	return unit.Size{}
}

// claimed fills the death in from the strongest of several claims.
func (b *Builder) claimed(t *Timeline, r *Run, tie runTie, all []claim) {
	c := all[0]
	t.Death = Death{Kind: c.kind, Event: c.told.any(), RSS: c.rss(), Child: c.child}
	d := &t.Death
	box := c.told.container()
	d.ContainerID, d.PodUID = box.ID, box.PodUID
	d.Cgroup = c.told.names.path
	if ev := c.told.event; ev != nil {
		d.PID, d.Name = ev.PID, ev.Process
	}
	d.Time = c.told.header().Time
	if at := earliest(all); at != 0 {
		d.Time.Has |= event.Wall
		d.Time.Wall = at
		d.Time.WallStep = resolution(at)
		d.Time.Step = d.Time.WallStep
	}
	if r == nil {
		return
	}
	d.At = r.End().At
	if tie.wall.IsZero() || !d.Time.Has.Has(event.Wall) {
		return
	}
	d.At, d.Timed = max(d.At, d.Time.WallTime().Sub(tie.wall)), true
}

// earliest returns when the end was first told of: engines are late, each by its own delay. 0 is unknown.
func earliest(all []claim) int64 {
	at := all[0].told.at
	for _, c := range all[1:] {
		memory := c.weight >= tellsMemory == (all[0].weight >= tellsMemory)
		if t := c.told.at; memory && at-t < int64(oneEnd) {
			at = min(at, t)
		}
	}
	return at
}

// resolution guesses how precise a time is by its digits: Kubernetes tells whole seconds.
func resolution(ns int64) time.Duration {
	for _, step := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		if ns%int64(step) == 0 {
			return step
		}
	}
	return time.Nanosecond
}
