package report

import (
	"slices"

	"oomtrace/inflection"
	"oomtrace/parser/event"
)

// asideKinds are the verdicts that the heap of the process plays no part in: to tell of its inflection would lead astray.
var asideKinds = []inflection.Kind{
	inflection.Healthy, inflection.OffHeap, inflection.Neighbour, inflection.ParentLimit, inflection.NodePressure, inflection.SharedMemory,
	inflection.PageCache, inflection.KernelMemory, inflection.AddressSpace, inflection.ThreadLimit, inflection.StackOverflow,
	inflection.KilledFromOutside, inflection.NotAnOOM,
}

// heapKinds are the verdicts that are about the heap.
var heapKinds = []inflection.Kind{
	inflection.Leak, inflection.Step, inflection.Spike, inflection.UndersizedLimit, inflection.GoalOvershoot, inflection.Thrash,
}

// aside reports whether the verdict leaves the heap out: it is of such a kind, and no kind about the heap holds beside it;
// or nothing was decided and there is no limit to hold the heap to.
func (b *builder) aside() bool {
	v := b.in.Finding.Verdict
	for _, k := range v.Also {
		if slices.Contains(heapKinds, k) {
			return false
		}
	}
	if v.Kind == inflection.Undetermined || v.Kind == "" {
		return b.standIn()
	}
	return slices.Contains(asideKinds, v.Kind)
}

// standIn reports whether nothing tells how much heap fits, so that the ceiling of the finding is but the last level.
func (b *builder) standIn() bool {
	tl := b.in.Timeline
	if tl.Limit.Size.IsKnown() {
		return false
	}
	for _, l := range tl.Limits {
		if l.From == "xmx" {
			return false
		}
	}
	o, ok := tl.Death.Event.(*event.RuntimeOOM)
	return !ok || o.Kind != event.OOMHeap
}

// told returns what the report tells of a run: all that was found, but no inflection where the heap plays no part, and no
// ceiling there that no limit stands behind.
func (b *builder) told(i int) inflection.Run {
	f := b.finding(i)
	if !b.m.Aside {
		return f
	}
	f.Inflection, f.LimitCrossing, f.Forecast = nil, nil, nil
	if b.standIn() {
		f.Ceiling, f.Recovered, f.WhyNone = inflection.Ceiling{}, nil, ""
	}
	return f
}

// level returns the size that a run is measured by, and its name: the limit, the ceiling, or the last level of the live heap.
func (b *builder) level() (size float64, of LineKind) {
	limit := b.in.Timeline.Limit.Size.Or(0)
	switch ceiling := b.found.Ceiling.Bytes.Or(0); {
	case ceiling > 0 && b.standIn():
		return float64(ceiling), LineLast
	case ceiling > 0 && ceiling != limit:
		return float64(ceiling), LineCeiling
	case limit > 0:
		return float64(limit), LineLimit
	}
	return 0, ""
}
