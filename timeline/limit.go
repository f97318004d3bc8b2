package timeline

import (
	"slices"

	"oomtrace/parser/event"
)

// limit lists the limits that something states and picks the one in force: the group's own where the kernel enforced
// it, else the one that the user named, else the one that the engine set, else the heap bound of the runtime, else
// GOMEMLIMIT, which the runtime tries to keep and nobody enforces.
func (b *Builder) limit(t *Timeline) {
	kill := b.kernelLimit(t)
	flag := Limit{Size: b.opts.Limit, From: "flag"}
	set := t.engineLimit()
	soft := b.softLimit(t)
	heap := b.heapLimit(t)
	for _, l := range []Limit{kill, flag, set, heap, soft} {
		if l.Size.IsKnown() {
			t.Limits = append(t.Limits, l)
		}
	}
	if len(t.Limits) == 0 {
		return
	}
	t.Limit = t.Limits[0]
	b.compareLimits(t, kill, flag, soft)
	b.compareEngine(t, set)
}

// engineLimit returns the limit that an engine set for the workload, else the one that its word on the death states: platforms
// that run one thing in a place need not name it.
func (t *Timeline) engineLimit() Limit {
	if l := t.Workload.engineLimit(); l.Size.IsKnown() {
		return l
	}
	if ev, ok := t.Death.Event.(*event.ContainerEvent); ok && bounds(ev.Limit) {
		return Limit{Size: ev.Limit, From: string(ev.Engine), Source: ev.Pos}
	}
	return Limit{}
}

// compareEngine says whether the limit that the engine set is the one in force.
func (b *Builder) compareEngine(t *Timeline, set Limit) {
	size, ok := set.Size.Get()
	inForce := t.Limit.Size.Or(0)
	switch {
	case !ok || t.Limit == set:
		return
	case size == inForce:
		if t.Limit.ConfirmedBy == (event.Pos{}) {
			t.Limit.ConfirmedBy = set.Source
		}
	case t.Limit.From == "memcg" && b.parentHit(t):
		t.note(set.Source, "%s set a limit of %s; the kernel enforced %s, that of a parent group", event.Engine(set.From).Title(), size, inForce)
	case t.Limit.From == "memcg":
		t.note(set.Source, "%s states a limit of %s, the kernel enforced %s; using what the kernel enforced", event.Engine(set.From).Title(), size, inForce)
	default:
		t.note(set.Source, "%s states a limit of %s, --limit says %s; using %s", event.Engine(set.From).Title(), size, inForce, inForce)
	}
}

// parentHit reports whether the limit that was hit is of a group above that of the victim.
func (b *Builder) parentHit(t *Timeline) bool {
	k, ok := t.Death.Event.(*event.Kill)
	return ok && k.OOMMemcg != "" && k.TaskMemcg != "" && k.OOMMemcg != k.TaskMemcg
}

// kernelLimit returns the limit that the kernel enforced in the death of this incident.
func (b *Builder) kernelLimit(t *Timeline) Limit {
	k, ok := t.Death.Event.(*event.Kill)
	if !ok {
		return Limit{}
	}
	if t.Death.Kind == GlobalKill {
		if b.opts.Limit.IsKnown() {
			t.note(k.Pos, "the whole machine ran out of memory; the limit of %s is not what ended the process", b.opts.Limit)
		}
		return Limit{}
	}
	if !k.Limit.IsKnown() {
		t.note(k.Pos, "the kernel's report does not state the limit of the group")
		return Limit{}
	}
	at := k.UsageAt
	if at == (event.Pos{}) {
		at = k.Pos
	}
	return Limit{Size: k.Limit, From: "memcg", Source: at}
}

// softLimit reads GOMEMLIMIT from the stated environment.
func (b *Builder) softLimit(t *Timeline) Limit {
	s, stated := b.opts.Env["GOMEMLIMIT"]
	t.SoftStated = stated || slices.ContainsFunc(t.Events, statesSoft)
	if !stated {
		return Limit{}
	}
	size, ok := memoryLimit(s)
	if !ok {
		t.note(event.Pos{}, "GOMEMLIMIT=%q is not a size that the Go runtime accepts (digits and B, KiB, MiB, GiB or TiB); it was left out", s)
	}
	return Limit{Size: size, From: "gomemlimit"}
}

// statesSoft reports whether an event states GOMEMLIMIT.
func statesSoft(ev event.Event) bool {
	s, ok := ev.(*event.Setting)
	return ok && s.Name == event.SoftLimit
}

// compareLimits says where the witnesses agree and where they do not.
func (b *Builder) compareLimits(t *Timeline, kill, flag, soft Limit) {
	if kill.Size.IsKnown() && flag.Size.IsKnown() {
		if kill.Size == flag.Size {
			t.Limit = flag
			t.Limit.ConfirmedBy = kill.Source
		} else {
			t.note(kill.Source, "the kernel event says the limit was %s, --limit says %s; using %s", kill.Size, flag.Size, kill.Size)
		}
	}
	if t.Limit.From == "gomemlimit" {
		t.note(event.Pos{}, "the only limit known is GOMEMLIMIT, which the runtime tries to keep and nothing enforces")
		return
	}
	if s, ok := soft.Size.Get(); ok && s > t.Limit.Size.Or(s) {
		t.note(event.Pos{}, "GOMEMLIMIT is %s, above the limit of %s, and so could not help", s, t.Limit.Size)
	}
}

// notes adds what the report must say about the reading as a whole.
func (b *Builder) notes(t *Timeline) {
	if r := t.PrimaryRun(); r != nil {
		b.noteRun(t, r)
	}
	if b.sizes > 0 {
		t.note(b.sizesAt, "%s without any size of the heap left out", count(b.sizes, "collection", "collections"))
	}
	if lost := b.lost + b.allKills.lost + b.allEnds.lost + b.told.lost; lost > 0 {
		t.note(event.Pos{}, "%s beside the collections not kept: more than %d came", count(lost, "event", "events"), maxDeaths)
	}
	if b.stride > 1 {
		t.note(event.Pos{}, "every %d. of %d samples was kept", b.stride, b.sampleNo)
	}
}

// noteRun says what is doubtful about the primary run.
func (b *Builder) noteRun(t *Timeline, r *Run) {
	if r.Mended > 0 {
		t.note(b.firstWith(r, Mended), "%s put together again from lines that other writers had torn", count(r.Mended, "collection was", "collections were"))
	}
	if r.Cycles.last().Flags&LiveGuess != 0 {
		t.note(b.pos(r.End()), "Go %s prints the live heap one collection late; the last value is an estimate", r.Version)
	}
	if r.Clock == ByNumber {
		t.note(b.pos(r.Cycles.At(0)), "the log has no clock; one second a %s is drawn, and no time is known", r.Words().Point)
	}
	if r.Runtime != "go" {
		return
	}
	if r.Factor.Estimated {
		t.note(event.Pos{}, "Go %s prints no heap goal; the factor between live heap and goal is estimated from the heap at the start of each collection", r.Version)
	}
	if set := b.setFactor(); !r.Factor.Known && set > 0 {
		r.Factor = Factor{Known: true, Estimated: true, K: set, Follows: true}
		t.note(event.Pos{}, "the heap is too small to show the factor between live heap and goal; the one of GOGC is taken")
	}
}

// firstWith returns the position of the first cycle with a flag.
func (b *Builder) firstWith(r *Run, f Flags) event.Pos {
	for i := range r.Cycles.Len() {
		if c := r.Cycles.At(i); c.Flags&f != 0 {
			return b.pos(c)
		}
	}
	return event.Pos{}
}
