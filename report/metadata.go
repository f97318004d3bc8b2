package report

import (
	"slices"

	"oomtrace/inflection"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// metadataNames say what class metadata is called, by the detail of the verdict.
var metadataNames = map[string]string{"metaspace": "class metadata", "class-space": "class metadata", "perm-gen": "permanent generation"}

// aboutMetadata turns an incident of a JVM that died of its class metadata into one whose level is that, so that every figure and
// picture is of what filled up. The heap takes its place beside it. Any other incident stays as it is.
func aboutMetadata(in Input) Input {
	tl, f := in.Timeline, in.Finding
	r := tl.PrimaryRun()
	if r == nil || tl.Primary >= len(f.Runs) || f.Runs[tl.Primary].Metadata == nil {
		return in
	}
	found := f.Runs[tl.Primary]
	md := found.Metadata
	about := *tl
	about.Runs = slices.Clone(tl.Runs)
	about.Runs[tl.Primary] = metadataRun(r, f.Verdict.Detail)
	about.Limit, about.Limits = timeline.Limit{}, nil
	if md.Bound.IsKnown() {
		about.Limit = timeline.Limit{Size: md.Bound, From: "max-metaspace", Source: md.Allowed}
		about.Limits = []timeline.Limit{about.Limit}
	}
	judged := *f
	judged.Runs = slices.Clone(f.Runs)
	judged.Runs[tl.Primary] = inflection.Run{
		Live: inflection.Live{First: md.First, Last: md.Last, Max: md.Max, Step: unit.KiB}, Ceiling: inflection.Ceiling{Bytes: md.Bound, Basis: "limit"},
		Prepared: inflection.Prepared{First: found.Prepared.First, Last: found.Prepared.Last}, Inflection: md.Inflection, LimitCrossing: md.Inflection, Onset: md.Onset, Growth: md.Growth, Alarms: found.Alarms,
		WhyNone: md.WhyNone, Metadata: md,
	}
	in.Timeline, in.Finding = &about, &judged
	return in
}

// metadataRun returns a run whose level is its class metadata, with the heap beside it. A collection that does not show it has the amount
// before it, and those before the first have the first.
func metadataRun(r *timeline.Run, detail string) *timeline.Run {
	out := *r
	out.Cycles, out.Basis, out.Read = timeline.Cycles{}, timeline.FromMetadata, metadataNames[detail]
	var amount uint32
	for i := 0; i < r.Cycles.Len() && amount == 0; i++ {
		amount = r.Cycles.At(i).Beside
	}
	for i := range r.Cycles.Len() {
		c := *r.Cycles.At(i)
		if c.Beside > 0 {
			amount = c.Beside
		}
		c.Beside = uint32(c.Live / unit.KiB)
		c.Live = unit.Bytes(amount) * unit.KiB
		c.Peak, c.Goal, c.Old, c.OldRoom = c.Live, 0, 0, 0
		out.Cycles.Append(c)
	}
	return &out
}
