package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

const (
	maxPoints    = 2000 // of all series of a chart together, the points that must be kept aside
	pointsColumn = 6    // that a column can keep: first, last, least and most live, most peak, longest pause
	nearCycles   = 150  // cycles on either side of the inflection that are kept whole, so that zooming pays
	maxMarks     = 1000 // recovered crossings whose points are kept; the newest win
	maxRecovered = 6    // recovered crossings that are drawn; the newest win
	maxSeries    = 40   // runs that are drawn; the newest win, the primary one always stays
	maxEvents    = 24   // other events that are drawn
)

// chart describes the picture.
func (b *builder) chart() Chart {
	c := b.clock
	ch := Chart{Axis: c.axis, Zero: c.zero, Zone: c.zone, Level: b.words.Level}
	if b.run == nil || b.run.Cycles.Len() == 0 {
		ch.Holders = b.holders()
		b.voicesAlone(&ch)
		ch.Description = b.m.Verdict.Sentence.String()
		ch.Caption = b.captionWithout(&ch)
		return ch
	}
	ch.AxisLabel = b.axisLabel()
	ch.End = seconds(c.end)
	placed := b.place()
	ch.Laid = slices.ContainsFunc(placed, func(p place) bool { return p.laid })
	total := 0
	for _, p := range placed {
		total += b.in.Timeline.Runs[p.run].Cycles.Len()
	}
	for _, p := range placed {
		ch.Runs = append(ch.Runs, b.series(p, total))
	}
	ch.From, ch.To = extent(ch.Runs)
	ch.To = max(ch.To, ch.End)
	ch.Moments = b.moments(placed)
	ch.Spans = b.spans()
	ch.Resident = b.resident()
	ch.Killed = b.in.Timeline.Death.RSS.Or(0)
	ch.RSS = b.residentText(&ch)
	b.lines(&ch)
	for _, m := range ch.Moments {
		if m.Kind != MomentForecast {
			ch.From, ch.To = min(ch.From, m.At), max(ch.To, m.At)
		}
	}
	ch.instant = ch.To <= ch.From
	switch {
	case ch.instant && ch.Axis == AxisTMinus:
		ch.From = ch.To - 1
	case ch.instant:
		ch.To = ch.From + 1
	}
	ch.Voices = b.voices(&ch)
	ticks(&ch)
	ch.Lanes = b.lanes(placed, ch)
	ch.FromText, ch.ToText = b.brief(ch, ch.From), b.brief(ch, ch.To)
	switch {
	case ch.instant && ch.Axis == AxisTMinus:
		ch.FromText = ""
	case ch.instant:
		ch.ToText = ""
	}
	ch.Caption = b.caption(ch)
	ch.Description = b.description()
	return ch
}

// brief names a moment of the chart in few characters.
func (b *builder) brief(ch Chart, at float64) string {
	d := time.Duration(at * float64(time.Second))
	switch {
	case ch.Laid && at < seconds(b.run.Cycles.At(0).At):
		return "earlier lives"
	case ch.Axis == AxisWall && ch.To-ch.From >= 600:
		return strings.TrimSuffix(b.clock.wall(b.clock.zero.Add(d)), b.clock.zero.Add(d).Format(":05"))
	case ch.Axis == AxisTMinus && b.clock.vague && at >= ch.End:
		return "last " + b.words.Point
	case ch.Axis == AxisTMinus && at >= ch.End:
		return b.endLabel()
	}
	return b.clock.at(d)
}

// axisLabel says what the horizontal axis counts.
func (b *builder) axisLabel() string {
	switch b.clock.axis {
	case AxisWall:
		return b.clock.zoneName(b.clock.zero.Add(b.clock.end))
	case AxisTMinus:
		return "time " + b.clock.ago
	case AxisCycles:
		return b.words.Point
	case AxisProcess:
	}
	if b.run.Clock == timeline.SinceFirst {
		return "time since the first line"
	}
	return "time since the start"
}

// place is a run and how many seconds its clock is behind the primary one's.
type place struct {
	run    int
	offset time.Duration
	laid   bool // put before the next run without knowing the time between
}

// place chooses the runs that can be drawn on one axis: of those of the same level the ones tied to the same wall clock, or else the earlier lives of
// the same process, laid end to end.
func (b *builder) place() []place {
	tl := b.in.Timeline
	var out []place
	if b.clock.axis == AxisWall {
		for i, r := range tl.Runs {
			if r.Cycles.Len() > 0 && b.comparable(r) && !r.Start.IsZero() && i != tl.Primary {
				out = append(out, place{run: i, offset: r.Start.Sub(b.run.Start)})
			}
		}
		out = newest(out, maxSeries-1)
		return append(out, place{run: tl.Primary})
	}
	out = []place{{run: tl.Primary}}
	edge := b.run.Cycles.At(0).At
	if b.run.Clock == timeline.SinceStart {
		edge = min(edge, 0)
	}
	for i := tl.Primary - 1; i >= 0 && len(out) < maxSeries; i-- {
		r := tl.Runs[i]
		if r.Cycles.Len() == 0 || !b.comparable(r) || !r.Restarted || !sameWriter(r, b.run) || r.Clock != b.run.Clock {
			continue
		}
		offset := edge - r.Cycles.At(r.Cycles.Len()-1).At
		out = append(out, place{run: i, offset: offset, laid: true})
		edge = r.Cycles.At(0).At + offset
		if r.Clock == timeline.SinceStart {
			edge = offset
		}
	}
	slices.Reverse(out)
	return out
}

// comparable reports whether the level of a run is that of the primary one, so that both can share an axis.
func (b *builder) comparable(r *timeline.Run) bool { return r.Words().Level == b.words.Level }

func newest(p []place, n int) []place { return p[max(0, len(p)-n):] }

func sameWriter(a, b *timeline.Run) bool {
	return a.Runtime == b.Runtime && (a.Stream == b.Stream || a.Stream != nil && b.Stream != nil && *a.Stream == *b.Stream)
}

// series reduces one run. Runs share the budget of points by their number of cycles.
func (b *builder) series(p place, total int) Series {
	r := b.in.Timeline.Runs[p.run]
	budget := max(60, maxPoints*r.Cycles.Len()/max(total, 1))
	prepared, n := b.told(p.run).Prepared, r.Cycles.Len()
	if p.run == b.in.Timeline.Primary {
		n = b.lastCycle() + 1
	}
	live := func(i int) unit.Bytes { return liveOf(r, prepared, i) }
	s := Series{
		Run: p.run, Primary: p.run == b.in.Timeline.Primary, Other: !sameWriter(r, b.run),
		Offset: seconds(p.offset), Cycles: n,
	}
	for _, i := range reduce(&r.Cycles, n, live, b.keep(p), budget) {
		x := r.Cycles.At(i)
		s.Points = append(s.Points, Point{
			At: seconds(x.At + p.offset), Live: live(i), Peak: max(x.Peak, live(i)), Goal: x.Goal,
			Pause: float64(x.Pause), Line: int(x.Line), File: int(x.File), Cycle: int64(x.N),
		})
	}
	return s
}

// keep lists the cycles of a run that the reduction must not lose: both sides of every crossing, the onset, the
// neighbours of each event, and the surroundings of the inflection.
func (b *builder) keep(p place) []int {
	r, f := b.in.Timeline.Runs[p.run], b.told(p.run)
	var keep []int
	around := func(i, before, after int) {
		for j := i - before; j <= i+after; j++ {
			keep = append(keep, j)
		}
	}
	for _, c := range []*inflection.Crossing{f.Inflection, f.LimitCrossing} {
		if c != nil {
			around(c.Index, 1, 0)
		}
	}
	if f.Inflection != nil && p.run == b.in.Timeline.Primary {
		around(f.Inflection.Index, nearCycles, nearCycles)
	}
	if f.Onset != nil {
		around(f.Onset.Index, 1, 1)
	}
	for _, c := range f.Recovered[max(0, len(f.Recovered)-maxMarks):] {
		around(c.Index, 1, 0)
		if c.RecoveredAt > 0 {
			around(searchAt(&r.Cycles, c.RecoveredAt), 1, 0)
		}
	}
	for _, ev := range b.in.Timeline.Events {
		if at, ok := b.clock.onAxis(ev.Header().Time); ok && len(keep) < 4*maxPoints {
			around(searchAt(&r.Cycles, at-p.offset), 1, 0)
		}
	}
	return keep
}

// reduce returns the indexes of the first n cycles to draw, in order: M4 by time (the first, the last, the least and the most
// live heap of each column, and the highest peak and the longest pause), the first and the last cycle, and all of keep.
// Lines drawn through the result cross any height in exactly the columns in which the whole series crosses it.
func reduce(cycles *timeline.Cycles, n int, live func(int) unit.Bytes, keep []int, budget int) []int {
	if n <= budget {
		return numbers(n)
	}
	columns := max(1, budget/pointsColumn)
	from, to := cycles.At(0).At, cycles.At(n-1).At
	width := (to - from + time.Duration(columns)) / time.Duration(columns)
	picked := append([]int{0, n - 1}, slices.DeleteFunc(slices.Clone(keep), func(i int) bool { return i < 0 || i >= n })...)
	for i := 0; i < n; {
		column := (cycles.At(i).At - from) / max(width, 1)
		first, least, most, peak, pause := i, i, i, i, i
		for i < n && (cycles.At(i).At-from)/max(width, 1) == column {
			x := cycles.At(i)
			if live(i) < live(least) {
				least = i
			}
			if live(i) > live(most) {
				most = i
			}
			if x.Peak > cycles.At(peak).Peak {
				peak = i
			}
			if x.Pause > cycles.At(pause).Pause {
				pause = i
			}
			i++
		}
		picked = append(picked, first, least, most, peak, pause, i-1)
	}
	slices.Sort(picked)
	return slices.Compact(picked)
}

func numbers(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func extent(series []Series) (from, to float64) {
	from, to = math.Inf(1), math.Inf(-1)
	for _, s := range series {
		from = min(from, s.Points[0].At)
		to = max(to, s.Points[len(s.Points)-1].At)
	}
	return from, to
}

// moments lists the vertical marks, in the order of time.
func (b *builder) moments(placed []place) []Moment {
	var out []Moment
	add := func(kind MomentKind, at time.Duration, live unit.Bytes, label string, src event.Pos) {
		out = append(out, Moment{Kind: kind, At: seconds(at), Live: live, Label: label, Text: b.clock.at(at), Source: b.pos(src)})
	}
	for _, p := range placed {
		r, f := b.in.Timeline.Runs[p.run], b.told(p.run)
		if r.Restarted {
			last := r.Cycles.At(r.Cycles.Len() - 1)
			at := last.At + p.offset
			m := Moment{Kind: MomentRestart, At: seconds(at), Label: "restart", Source: b.pos(b.linePos(last))}
			if !p.laid {
				m.Text = b.clock.at(at)
			}
			out = append(out, m)
		}
		if p.run != b.in.Timeline.Primary {
			continue
		}
		for _, c := range f.Recovered[max(0, len(f.Recovered)-maxRecovered):] {
			add(MomentRecovered, c.At, c.Live, "crossed "+b.threshold()+", recovered", c.Source)
		}
		if f.Onset != nil {
			add(MomentOnset, f.Onset.At, f.Onset.Level, "climb begins", f.Onset.Source)
		}
		if f.Inflection != nil {
			add(MomentInflection, f.Inflection.At, f.Inflection.Live, "inflection", f.Inflection.Source)
		}
		if x := f.LimitCrossing; x != nil && (f.Inflection == nil || x.Index != f.Inflection.Index) {
			add(MomentLimit, x.At, x.Live, b.threshold()+" of the limit", x.Source)
		}
		if f.Forecast != nil {
			add(MomentForecast, f.Forecast.Death, 0, "forecast", event.Pos{})
		}
	}
	out = append(out, b.otherEvents()...)
	add(MomentKill, b.clock.end, 0, b.endLabel(), b.deathPos())
	if b.clock.vague {
		out[len(out)-1].Text = "after the last " + b.words.Point
	}
	slices.SortStableFunc(out, func(x, y Moment) int { return cmp.Compare(x.At, y.At) })
	return out
}

// otherEvents marks events that are neither the end nor samples.
func (b *builder) otherEvents() []Moment {
	var out []Moment
	for _, ev := range b.in.Timeline.Events {
		at, ok := b.clock.onAxis(ev.Header().Time)
		if !ok || b.atDeath(ev, at) || len(out) == maxEvents {
			continue
		}
		if label := eventLabel(ev); label != "" {
			out = append(out, Moment{Kind: MomentEvent, At: seconds(at), Label: label, Text: b.clock.at(at), Source: b.pos(ev.Header().Pos)})
		}
	}
	return out
}

func eventLabel(ev event.Event) string {
	switch ev := ev.(type) {
	case *event.Kill:
		return "OOM kill"
	case *event.RuntimeOOM:
		return "runtime out of memory"
	case *event.ProcessEnd:
		return "process ended"
	case *event.Dump:
		return Clean(ev.Kind)
	case *event.GC, *event.Sample, *event.Setting, *event.ContainerStatus, *event.ContainerEvent, *event.Problem:
	}
	return ""
}

// endLabel names the end of the incident on the chart.
func (b *builder) endLabel() string {
	switch b.in.Timeline.Death.Kind {
	case timeline.MemcgKill, timeline.GlobalKill, timeline.UserspaceKill:
		return "OOM kill"
	case timeline.Eviction:
		return "evicted"
	case timeline.RuntimeOOM:
		return "out of memory"
	case timeline.Signal:
		if b.faulted() {
			return "crash"
		}
		return "killed"
	case timeline.Exit:
		return "exit"
	case timeline.LogEnds, timeline.NoDeath:
	}
	return "log ends"
}

// spans shades the stretch without recovery.
func (b *builder) spans() []Span {
	x := b.found.Inflection
	if x == nil {
		return nil
	}
	label := some(x.LaterCycles, b.words.Cycle) + ", no recovery"
	if b.run.OnlyRises() {
		label = some(x.LaterCycles, b.words.Cycle) + ", above " + b.threshold()
	}
	return []Span{{Kind: "no-recovery", From: seconds(x.At), To: seconds(b.clock.end), Label: label}}
}

// lines sets the height of the chart, its scale and its horizontal lines.
func (b *builder) lines(ch *Chart) {
	top, goal := unit.Bytes(1), unit.Bytes(0)
	for _, s := range ch.Runs {
		for _, p := range s.Points {
			top, goal = max(top, p.Peak), max(goal, p.Goal)
		}
	}
	for _, r := range ch.Resident {
		if size := unit.Bytes(r.V); size <= 8*top {
			top = max(top, size)
		}
	}
	if goal <= top+top/4 { // a goal far above all that was seen would squeeze the picture
		top = max(top, goal)
	}
	limit, hasLimit := b.in.Timeline.Limit.Size.Get()
	ceiling, hasCeiling := b.found.Ceiling.Bytes.Get()
	// A limit far above everything that was seen would squeeze the picture flat; it is named in the facts instead.
	// What lies outside the heap is seen against the limit only.
	showLimit := hasLimit && limit > 0 && (limit <= 8*top || b.in.Finding.Verdict.Kind == inflection.OffHeap)
	showCeiling := hasCeiling && ceiling > 0 && ceiling <= 8*top && (!hasLimit || ceiling != limit)
	if showLimit {
		top = max(top, limit)
	}
	if showCeiling {
		top = max(top, ceiling)
	}
	ch.Scale, ch.Top = scaleFor(top), top
	if showLimit {
		ch.Lines = append(ch.Lines, Line{LineLimit, limit, "limit " + bound(limit), bound(limit)})
	}
	if showCeiling {
		l := Line{LineCeiling, ceiling, "ceiling " + measure(ceiling), "fits"}
		if b.standIn() {
			l = Line{LineLast, ceiling, "last level " + measure(ceiling), "last"}
		}
		ch.Lines = append(ch.Lines, l)
	}
	if level, _ := b.level(); level > 0 {
		at := unit.Bytes(math.Round(b.in.Fraction * level))
		if at <= top {
			ch.Lines = append(ch.Lines, Line{LineThreshold, at, b.threshold() + " = " + measure(at), b.threshold()})
		}
	}
}

// threshold prints the fraction: "70 %".
func (b *builder) threshold() string { return fmt.Sprintf("%g %%", math.Round(1000*b.in.Fraction)/10) }

// ticks labels both axes at round values.
func ticks(ch *Chart) {
	step := binaryStep(ch.Top, 5)
	for at := unit.Bytes(0); at <= ch.Top; at += step {
		ch.YTicks = append(ch.YTicks, YTick{at, tickSize(at)})
	}
	ch.XTicks = ch.Ticks(ch.From, ch.To, MostTicks)
}

// binaryStep returns the power of two that goes into a size at most n times and more than half as often.
func binaryStep(top unit.Bytes, n int64) unit.Bytes {
	step := unit.Bytes(1)
	for step < 1<<62 && top/step > unit.Bytes(n) {
		step *= 2
	}
	return step
}

// tickSize prints a size that is a multiple of a power of two: "256 MiB", "1.5 GiB".
func tickSize(b unit.Bytes) string {
	for _, s := range scales {
		if b >= s.Unit {
			return trimFloat(float64(b)/float64(s.Unit)) + " " + s.Name
		}
	}
	return "0"
}

func trimFloat(f float64) string { return fmt.Sprintf("%g", math.Round(f*1e6)/1e6) }

// roundStep returns 1, 2 or 5 times a power of ten, so that about n steps fill the range.
func roundStep(span float64, n int) float64 {
	if !(span > 0) {
		return 1
	}
	raw := span / float64(n)
	p := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5} {
		if m*p >= raw*0.999 {
			return m * p
		}
	}
	return 10 * p
}
