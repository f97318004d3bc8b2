package report

import (
	"fmt"
	"math"
	"slices"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

const (
	laneColumns  = 90   // of a reduced lane; each keeps up to four values
	shareColumns = 72   // of the lane that adds up the work of the collector
	leastShare   = 0.05 // of the time in some column, below which that lane says nothing
)

// lanes lists the plots below the heap that the logs have values for.
func (b *builder) lanes(placed []place, ch Chart) []Lane {
	var out []Lane
	for _, lane := range []func([]place, Chart) (Lane, bool){b.oldLane, b.besideLane, b.goroutineLane, b.collectorLane, b.pauseLane} {
		if l, ok := lane(placed, ch); ok {
			out = append(out, l)
		}
	}
	return out
}

// curves reduces one value of the cycles of each run; a cycle that does not have it is left out.
func (b *builder) curves(placed []place, value func(*timeline.Cycle) (float64, bool)) [][]Reading {
	var out [][]Reading
	for _, p := range placed {
		cycles := &b.in.Timeline.Runs[p.run].Cycles
		var all []Reading
		for i := range cycles.Len() {
			x := cycles.At(i)
			if v, ok := value(x); ok && x.At+p.offset <= b.clock.end {
				all = append(all, Reading{seconds(x.At + p.offset), v})
			}
		}
		if len(all) > 0 {
			out = append(out, thin(all, laneColumns))
		}
	}
	return out
}

// thin keeps of each of n columns of equal time the first, the least, the most and the last value.
func thin(all []Reading, n int) []Reading {
	if len(all) <= 4*n {
		return all
	}
	from, width := all[0].At, (all[len(all)-1].At-all[0].At)/float64(n)
	var out []Reading
	for i := 0; i < len(all); {
		column := math.Floor((all[i].At - from) / width)
		first, least, most := i, i, i
		for ; i < len(all) && math.Floor((all[i].At-from)/width) == column; i++ {
			if all[i].V < all[least].V {
				least = i
			}
			if all[i].V > all[most].V {
				most = i
			}
		}
		picked := []int{first, least, most, i - 1}
		slices.Sort(picked)
		for _, k := range slices.Compact(picked) {
			out = append(out, all[k])
		}
	}
	return out
}

// highest returns the largest value of all curves.
func highest(curves [][]Reading) float64 {
	top := 0.0
	for _, c := range curves {
		for _, r := range c {
			top = max(top, r.V)
		}
	}
	return top
}

// final returns the last value of the last curve, which is that of the primary run.
func final(curves [][]Reading) float64 {
	c := curves[len(curves)-1]
	return c[len(c)-1].V
}

// oldLane is the old generation and its own line.
func (b *builder) oldLane(placed []place, _ Chart) (Lane, bool) {
	g := b.found.OldGen
	if g == nil || b.m.Aside {
		return Lane{}, false
	}
	l := Lane{Kind: LaneOld, Title: "old generation", Of: MeasureBytes}
	l.Curves = b.curves(placed, func(x *timeline.Cycle) (float64, bool) { return kib(x.Old), x.OldRoom > 0 && x.Old > 0 })
	if len(l.Curves) == 0 {
		return l, false
	}
	l.Top = max(highest(l.Curves), float64(g.Capacity))
	at := unit.Bytes(math.Round(b.in.Fraction * float64(g.Capacity)))
	l.Lines = []LaneLine{
		{LineCeiling, float64(g.Capacity), "room " + measure(g.Capacity)},
		{LineThreshold, float64(at), b.threshold()},
	}
	if x := g.Inflection; x != nil {
		l.Mark = &Reading{seconds(x.At), float64(x.Live)}
	}
	return sized(l), true
}

// besideLane is what the log counts beside the heap. That of a Go program is drawn only where it counts for something.
func (b *builder) besideLane(placed []place, ch Chart) (Lane, bool) {
	l := Lane{Kind: LaneBeside, Title: map[string]string{"go": "stacks", "jvm": "metaspace"}[b.run.Runtime], Of: MeasureBytes}
	switch {
	case b.run.Basis == timeline.FromMetadata:
		l.Title = "live heap"
	case l.Title == "":
		l.Title = "beside the heap"
	}
	l.Curves = b.curves(placed, func(x *timeline.Cycle) (float64, bool) { return kib(x.Beside), x.Beside > 0 })
	l.Top = highest(l.Curves)
	if len(l.Curves) == 0 || b.run.Runtime == "go" && l.Top < float64(ch.Top)/16 {
		return l, false
	}
	if bound := b.metadataBound(); b.run.Basis != timeline.FromMetadata && float64(bound) <= 8*l.Top && bound > 0 {
		l.Lines = []LaneLine{{LineLimit, float64(bound), "at most " + measure(bound)}}
		l.Top = max(l.Top, float64(bound))
	}
	return sized(l), true
}

// metadataBound is the bound on class metadata that a log states; 0 where none does.
func (b *builder) metadataBound() unit.Bytes {
	for _, ev := range b.in.Timeline.Events {
		if s, ok := ev.(*event.Setting); ok && s.Name == event.MaxMetaspace && b.run.Runtime == "jvm" {
			if size, known := s.Size.Get(); known {
				return size
			}
		}
	}
	return 0
}

func kib(n uint32) float64 { return float64(n) * float64(unit.KiB) }

// sized gives a lane of sizes its ticks and the name of its last value.
func sized(l Lane) Lane {
	top := unit.Bytes(math.Ceil(max(l.Top, 1)))
	most := int64(2) // as the lane is low
	if l.Kind == LaneOld {
		most = 4
	}
	step := binaryStep(top, most)
	for at := unit.Bytes(0); at <= top; at += step {
		l.Ticks = append(l.Ticks, LaneTick{float64(at), tickSize(at)})
	}
	l.Top, l.LastAt = float64(top), final(l.Curves)
	l.Last = measure(unit.Bytes(math.Round(l.LastAt)))
	return l
}

func (b *builder) goroutineLane(placed []place, _ Chart) (Lane, bool) {
	l := Lane{Kind: LaneGoroutines, Title: "goroutines", Of: MeasureCount}
	l.Curves = b.curves(placed, func(x *timeline.Cycle) (float64, bool) { return float64(x.Extra), x.Extra > 0 })
	if len(l.Curves) == 0 || b.run.Runtime == "jvm" {
		return l, false
	}
	l.Top = highest(l.Curves)
	step := max(1, roundStep(l.Top, 2))
	for v := 0.0; v <= l.Top; v += step {
		l.Ticks = append(l.Ticks, LaneTick{v, count(int64(v))})
	}
	l.LastAt = final(l.Curves)
	l.Last = count(int64(l.LastAt))
	return l, true
}

// collectorLane is the share of the CPU, or of the time, that the collections of a column took.
func (b *builder) collectorLane(placed []place, ch Chart) (Lane, bool) {
	l := Lane{Kind: LaneCollector, Title: "share of time stopped for collections", Of: MeasureShare}
	cpu := b.run.Cycles.At(b.lastCycle()).Procs > 0
	if cpu {
		l.Title = "share of CPU in the collector"
	}
	width := (ch.To - ch.From) / shareColumns
	if b.run.Clock == timeline.ByNumber || b.run.Cycles.Len() < shareColumns/2 {
		return l, false
	}
	for _, p := range placed {
		l.Curves = append(l.Curves, b.shares(p, ch, width, cpu))
	}
	worst := highest(l.Curves)
	if worst < leastShare {
		return l, false
	}
	l.Top = 1
	for _, top := range []float64{0.5, 0.25, 0.1} {
		if worst <= top {
			l.Top = top
		}
	}
	l.Ticks = []LaneTick{{0, "0"}, {l.Top, fmt.Sprintf("%g %%", 100*l.Top)}}
	l.LastAt = worst
	l.Last = "at most " + about(worst)
	return l, true
}

// shares adds up the work of one run by columns of the chart, as steps. A column of which the run saw a part only counts
// that part.
func (b *builder) shares(p place, ch Chart, width float64, cpu bool) []Reading {
	cycles := &b.in.Timeline.Runs[p.run].Cycles
	first, last := seconds(cycles.At(0).At+p.offset), min(seconds(cycles.At(cycles.Len()-1).At+p.offset), ch.End)
	work := make([]float64, shareColumns)
	for i := 1; i < cycles.Len(); i++ {
		x := cycles.At(i)
		took := float64(x.Pause)
		if cpu {
			took = float64(x.CPU) / float64(max(x.Procs, 1))
		}
		// The work of a collection was done since the one before it: a column gets its part of that time.
		from, to := seconds(cycles.At(i-1).At+p.offset), seconds(x.At+p.offset)
		from = max(from, to-max(took, float64(x.Wall), 1e-3))
		if to > ch.End || !(took > 0) {
			continue
		}
		spread(work, from-ch.From, to-ch.From, took, width)
	}
	var out []Reading
	for k, took := range work {
		from, to := max(ch.From+float64(k)*width, first), min(ch.From+float64(k+1)*width, last)
		if to-from < width/4 {
			continue
		}
		share := min(1, took/(to-from))
		out = append(out, Reading{from, share}, Reading{to, share})
	}
	return out
}

// spread gives each column the part of an amount that falls into it.
func spread(columns []float64, from, to, amount, width float64) {
	if to <= from {
		return
	}
	for k := max(0, int(from/width)); k < len(columns) && float64(k)*width < to; k++ {
		part := min(to, float64(k+1)*width) - max(from, float64(k)*width)
		columns[k] += amount * max(0, part) / (to - from)
	}
}

// pauseLane is the pauses: of each column the longest.
func (b *builder) pauseLane(_ []place, ch Chart) (Lane, bool) {
	l := Lane{Kind: LanePause, Title: "stop-the-world pause, longest in each column", Of: MeasureSeconds, Bars: true}
	for _, s := range ch.Runs {
		var bars []Reading
		for _, p := range s.Points {
			if p.Pause > 0 && !math.IsInf(p.Pause, 0) {
				bars = append(bars, Reading{p.At, p.Pause})
			}
		}
		if len(bars) > 0 {
			l.Curves = append(l.Curves, bars)
		}
	}
	worst := highest(l.Curves)
	if worst == 0 {
		return l, false
	}
	l.Top, l.LastAt = worst, worst
	l.Last = "worst " + pauseText(worst)
	l.Ticks = []LaneTick{{0, "0"}, {worst, pauseText(worst)}}
	return l, true
}

// pauseText prints a pause: "0.57 ms", "38 ms", "1.2 s".
func pauseText(s float64) string {
	switch ms := s * 1000; {
	case ms >= 10000:
		return fmt.Sprintf("%.0f s", s)
	case ms >= 1000:
		return fmt.Sprintf("%.1f s", s)
	case ms >= 10:
		return fmt.Sprintf("%.0f ms", ms)
	case ms >= 1:
		return fmt.Sprintf("%.1f ms", ms)
	}
	return fmt.Sprintf("%.2g ms", s*1000)
}

// resident is what the system counted for the process.
func (b *builder) resident() []Reading {
	out := slices.DeleteFunc(b.readResident(), func(r Reading) bool { return !(r.V > 0) }) // nothing is what is left of a process that has ended
	if rss, ok := b.in.Timeline.Death.RSS.Get(); ok && !b.clock.vague {
		out = append(out, Reading{seconds(b.clock.end), float64(rss)})
	}
	return out
}

// residentText names what is known of the resident memory of a process that died of what is not on its heap.
func (b *builder) residentText(ch *Chart) string {
	n := len(ch.Resident)
	switch {
	case b.in.Finding.Verdict.Kind != inflection.OffHeap:
	case ch.Killed > 0 && b.clock.vague:
		return "RSS " + measure(ch.Killed) + " at the end, after the last " + b.words.Point
	case ch.Killed > 0:
		return "RSS " + measure(ch.Killed) + " at the end"
	case n > 0:
		return "RSS " + measure(unit.Bytes(ch.Resident[n-1].V)) + " at the last reading"
	}
	return ""
}
