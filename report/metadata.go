package report

import (
	"slices"

	"oomtrace/inflection"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// metadataName says what is shown of the class metadata of a run, by the detail of the verdict.
func metadataName(r *timeline.Run, detail string) string {
	switch {
	case detail == "perm-gen":
		return "permanent generation"
	case r.ClassSpace:
		return "class space"
	}
	return "class metadata"
}

// aboutMetadata turns an incident of a JVM that died of its class metadata into one whose level is that, in every life that shows it,
// so that every figure and picture is of what filled up. The heap takes its place beside it. Any other incident stays as it is.
//
// To let each figure ask which of the two it is about would be the other way: the cycles of a run are read in dozens of places.
func aboutMetadata(in Input) Input {
	tl, f := in.Timeline, in.Finding
	if tl.PrimaryRun() == nil || tl.Primary >= len(f.Runs) || f.Runs[tl.Primary].Metadata == nil {
		return in
	}
	about, judged := *tl, *f
	about.Runs, judged.Runs = slices.Clone(tl.Runs), slices.Clone(f.Runs)
	for i, r := range tl.Runs {
		if shown := firstBeside(r); r.Runtime == "jvm" && shown > 0 && i < len(f.Runs) {
			about.Runs[i] = metadataRun(r, shown, metadataName(r, f.Verdict.Detail))
			judged.Runs[i] = inflection.Run{Live: span(about.Runs[i])}
		}
	}
	found, md := f.Runs[tl.Primary], f.Runs[tl.Primary].Metadata
	judged.Runs[tl.Primary] = inflection.Run{
		Live: inflection.Live{First: md.First, Last: md.Last, Max: md.Max, Step: unit.KiB}, Ceiling: inflection.Ceiling{Bytes: md.Bound, Basis: "limit"},
		Prepared: inflection.Prepared{First: found.Prepared.First, Last: found.Prepared.Last}, Inflection: md.Inflection, LimitCrossing: md.Inflection, Onset: md.Onset, Growth: md.Growth, Alarms: found.Alarms,
		WhyNone: md.WhyNone, Metadata: md,
	}
	about.Limit, about.Limits = timeline.Limit{}, nil
	if md.Bound.IsKnown() {
		about.Limit = timeline.Limit{Size: md.Bound, From: "max-metaspace", Source: md.Allowed}
		if tl.PrimaryRun().ClassSpace {
			about.Limit.From = "max-class-space"
		}
		about.Limits = []timeline.Limit{about.Limit}
	}
	in.Timeline, in.Finding = &about, &judged
	return in
}

// firstBeside returns the first amount beside the heap that a run shows, in KiB; 0 where it shows none.
func firstBeside(r *timeline.Run) uint32 {
	for i := range r.Cycles.Len() {
		if amount := r.Cycles.At(i).Beside; amount > 0 {
			return amount
		}
	}
	return 0
}

// metadataRun returns a run whose level is its class metadata, with the heap beside it. A collection that does not show it has the amount
// before it, and those before the first have the first, in KiB.
func metadataRun(r *timeline.Run, amount uint32, name string) *timeline.Run {
	out := *r
	out.Cycles, out.Basis, out.Read = timeline.Cycles{}, timeline.FromMetadata, name
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

// span returns the levels of a run that nobody judged.
func span(r *timeline.Run) inflection.Live {
	n := r.Cycles.Len()
	out := inflection.Live{First: r.Cycles.At(0).Live, Last: r.Cycles.At(n - 1).Live, Step: unit.KiB}
	for i := range n {
		out.Max = max(out.Max, r.Cycles.At(i).Live)
	}
	return out
}
