package report

import (
	"slices"

	"oomtrace/inflection"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// lastLive returns the live heap that was judged last.
func (b *builder) lastLive() unit.Bytes {
	if b.run == nil {
		return 0
	}
	if l := b.found.Live.Last; l > 0 {
		return l
	}
	return b.liveAt(b.lastCycle())
}

// liveAt returns the live heap after a cycle of the primary run, as it was judged.
func (b *builder) liveAt(i int) unit.Bytes { return liveOf(b.run, b.found.Prepared, i) }

// liveOf returns the live heap after cycle i of a run: without the garbage that a collection of a part of the heap leaves, where
// that was worked out, else as the log has it.
func liveOf(r *timeline.Run, p inflection.Prepared, i int) unit.Bytes {
	if k := i - p.First; k >= 0 && k < len(p.Live) {
		return p.Live[k]
	}
	return r.Cycles.At(i).Live
}

func (b *builder) maxLive() unit.Bytes { return max(b.found.Live.Max, b.lastLive()) }

// heapEnd returns the largest heap that the last collections saw.
func (b *builder) heapEnd() unit.Bytes {
	last := b.lastCycle()
	top := unit.Bytes(0)
	for i := max(0, last-2); i <= last; i++ {
		top = max(top, b.run.Cycles.At(i).Peak, b.run.Cycles.At(i).Live)
	}
	return top
}

// ofLimit says how much of the limit (or of what fits) a size is: "92 % of 4 GiB"; the size alone where neither is known.
func (b *builder) ofLimit(x unit.Bytes) string {
	if l := b.heapLimit(); l > 0 {
		return about(float64(x)/float64(l)) + " of " + bound(l)
	}
	if c, ok := b.found.Ceiling.Bytes.Get(); ok && c > 0 && !b.standIn() {
		return about(float64(x)/float64(c)) + " of the " + measure(c) + " that fit"
	}
	return measure(x)
}

// heapLimit returns the limit that the heap meets first: that of the process, or -Xmx where it is smaller. 0 is none.
func (b *builder) heapLimit() unit.Bytes {
	least := b.in.Timeline.Limit.Size.Or(0)
	for _, l := range b.in.Timeline.Limits {
		if x, ok := l.Size.Get(); ok && l.From == "xmx" && (least == 0 || x < least) {
			least = x
		}
	}
	return least
}

// softLimit returns GOMEMLIMIT where something states it, else 0.
func (b *builder) softLimit() unit.Bytes {
	for _, l := range b.in.Timeline.Limits {
		if l.From == "gomemlimit" {
			return l.Size.Or(0)
		}
	}
	return 0
}

// nextGoal returns the heap that the cycle after the last one may grow to.
func (b *builder) nextGoal() unit.Bytes {
	if b.run == nil {
		return 0
	}
	goal := b.run.Cycles.At(b.lastCycle()).Goal
	if f := b.run.Factor; f.Known && f.Follows {
		goal = max(goal, unit.Bytes(f.K*float64(b.lastLive())))
	}
	return goal
}

// boxLimit returns the limit of the whole process; those that its runtime sets itself bound its heap. 0 is none.
func (b *builder) boxLimit() unit.Bytes {
	least := unit.Bytes(0)
	for _, l := range b.in.Timeline.Limits {
		x, ok := l.Size.Get()
		if ok && !slices.Contains([]string{"xmx", "v8-flag", "growth-limit", "gomemlimit"}, l.From) && (least == 0 || x < least) {
			least = x
		}
	}
	return least
}

// victimFiles returns the pages of files that the victims of the kernel had mapped.
func (b *builder) victimFiles() unit.Bytes {
	var files unit.Bytes
	for _, v := range b.kill().Victims {
		files += v.File.Or(0)
	}
	return files
}

// maxPeak is the largest heap that was seen, garbage included.
func (b *builder) maxPeak() unit.Bytes {
	top := b.maxLive()
	for i := range b.run.Cycles.Len() {
		top = max(top, b.run.Cycles.At(i).Peak)
	}
	return top
}
