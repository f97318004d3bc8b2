package report

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// clock puts moments of the primary run into words. It never invents a calendar time: without a tie to a wall clock it
// counts back from the end, or on from the start.
type clock struct {
	axis    Axis
	zero    time.Time // wall time at zero of the run's clock
	zone    *time.Location
	end     time.Duration
	endStep time.Duration // resolution of the wall clock that tells of the end; 0 is unknown
	fine    bool          // the whole run is shorter than two minutes: seconds need decimals
	run     *timeline.Run // the primary one; nil without cycles
	last    int           // index of its last cycle that was judged
	words   timeline.Words
	ago     string // "before the kill"
	// vague says that no line ties the death to the run's clock: it came after the last cycle, nobody knows how long after.
	vague bool
}

func newClock(in Input) clock {
	c := clock{zone: in.Zone, axis: AxisProcess}
	if c.zone == nil {
		c.zone = time.UTC
	}
	run := in.Timeline.PrimaryRun()
	if run == nil || run.Cycles.Len() == 0 {
		c.axis = AxisWall
		return c
	}
	c.run, c.words, c.last = run, run.Words(), run.Cycles.Len()-1
	c.end = endOf(in.Timeline)
	if t := in.Timeline.Death.Time; t.Has.Has(event.Wall) {
		c.endStep = t.Step
	}
	c.fine = c.end-run.Cycles.At(0).At < 2*time.Minute
	c.vague = vague(in.Timeline)
	c.ago = "before the kill"
	if c.vague {
		c.ago = "before the last " + c.words.Point
	}
	switch d := in.Timeline.Death; {
	case run.Clock == timeline.ByNumber:
		c.axis = AxisCycles
	case !run.Start.IsZero():
		c.axis, c.zero = AxisWall, run.Start.UTC()
		if t := in.Timeline.Death.Time; t.Has.Has(event.Wall) && c.zero.Add(c.end).Equal(t.WallTime()) {
			c.endStep = stepOf(t)
		}
	case d.Kind == timeline.NoDeath || d.Kind == "":
		c.axis = AxisProcess
	case d.Kind == timeline.LogEnds:
		c.axis, c.ago = AxisTMinus, "before the last line"
	case d.Kind == timeline.MemcgKill || d.Kind == timeline.GlobalKill || d.Kind == timeline.UserspaceKill:
		c.axis = AxisTMinus
	case c.vague:
		c.axis = AxisTMinus
	default:
		c.axis, c.ago = AxisTMinus, "before the end"
	}
	return c
}

// vague reports a death whose moment on the primary run's clock is not known.
func vague(tl *timeline.Timeline) bool {
	d, run := tl.Death, tl.PrimaryRun()
	switch d.Kind {
	case timeline.LogEnds, timeline.NoDeath, "":
		return false
	case timeline.MemcgKill, timeline.GlobalKill, timeline.UserspaceKill, timeline.Eviction, timeline.RuntimeOOM, timeline.Signal, timeline.Exit:
	}
	return !d.Timed && !(d.Time.Has.Has(event.Wall) && !run.Start.IsZero()) && !(d.Time.Has.Has(event.Process) && run.Clock == timeline.SinceStart)
}

// endOf returns the moment on the primary run's clock that the incident ended at: the death, or else the last cycle.
func endOf(tl *timeline.Timeline) time.Duration {
	run := tl.PrimaryRun()
	last := run.Cycles.At(run.Cycles.Len() - 1).At
	switch d := tl.Death; {
	case d.Timed:
		return d.At
	case d.Time.Has.Has(event.Wall) && !run.Start.IsZero():
		return max(last, d.Time.WallTime().Sub(run.Start))
	case d.Time.Has.Has(event.Process) && run.Clock == timeline.SinceStart:
		return max(last, d.Time.Process)
	}
	return last
}

// at names a moment on the primary run's clock: "09:10:56", "T−22:05", "12.30 s".
func (c clock) at(d time.Duration) string {
	switch c.axis {
	case AxisWall:
		return c.wall(c.zero.Add(d))
	case AxisTMinus:
		return c.minus(c.end - d)
	case AxisCycles:
		return c.words.Number + " " + c.number(d)
	case AxisProcess:
	}
	return c.since(d)
}

// name is at with the zone or the words that a sentence needs.
func (c clock) name(d time.Duration) string {
	switch c.axis {
	case AxisWall:
		return c.at(d) + " " + c.zoneName(c.zero.Add(d))
	case AxisTMinus:
		if moment, ok := strings.CutPrefix(c.ago, "before "); ok && d == c.end {
			return "at " + moment
		}
		return short(c.end-d) + " " + c.ago
	case AxisProcess:
		if c.run != nil && c.run.Clock == timeline.SinceFirst {
			return short(d) + " after the first line"
		}
		return short(d) + " after its start"
	case AxisCycles:
	}
	return c.at(d)
}

// final names the end itself, with its preposition: "at 09:33:06 UTC", "1 h 22 min after its start".
func (c clock) final() string {
	switch c.axis {
	case AxisWall:
		return "at " + c.ending()
	case AxisCycles:
		return "after " + c.ending()
	case AxisTMinus, AxisProcess:
	}
	return c.ending()
}

// ending names the end itself: "09:33:06 UTC", "GC 812", "1 h 22 min after its start".
func (c clock) ending() string {
	switch {
	case c.axis == AxisWall, c.axis == AxisCycles:
		return c.name(c.end)
	case c.run.Clock == timeline.SinceFirst:
		return short(c.end) + " after the first line"
	}
	return short(c.end) + " after its start"
}

// wall prints a calendar time in the report's zone; the day is named where it is not the day of the end.
func (c clock) wall(t time.Time) string {
	if c.run != nil && t.Equal(c.zero.Add(c.end)) {
		return c.told(t, c.endStep)
	}
	return c.told(t, 0)
}

// told is wall for a time that a log tells with a resolution, 0 if that is unknown: it has no more digits than that clock had.
func (c clock) told(t time.Time, step time.Duration) string {
	t = t.In(c.zone)
	layout := "15:04:05"
	if c.fine && c.run != nil && step < time.Second {
		layout = "15:04:05.000"
	}
	if c.run != nil {
		y, m, d := c.zero.Add(c.end).In(c.zone).Date()
		if y2, m2, d2 := t.Date(); y != y2 || m != m2 || d != d2 {
			layout = "2 Jan " + layout
		}
	}
	return t.Format(layout)
}

// stepOf returns the resolution of a wall time: that of the stamp, or where a finer clock moved the time away from that, of this one.
func stepOf(t event.Time) time.Duration {
	if t.WallStep > 0 && t.WallTime().Nanosecond() == 0 {
		return t.WallStep
	}
	return t.Step
}

// utcTimes are the moments that notes of the timeline name.
var utcTimes = regexp.MustCompile(`\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC\b`)

// local puts the moments that a note names into the report's zone.
func (c clock) local(note string) string {
	const layout = "2006-01-02 15:04:05.000 MST"
	return utcTimes.ReplaceAllStringFunc(note, func(s string) string {
		t, err := time.Parse(layout, s)
		if err != nil {
			return s
		}
		return t.In(c.zone).Format(layout)
	})
}

func (c clock) zoneName(t time.Time) string { return t.In(c.zone).Format("MST") }

func (c clock) minus(d time.Duration) string {
	sign := "T−"
	if d < 0 {
		sign, d = "T+", -d
	}
	if c.fine {
		return fmt.Sprintf("%s%.2f s", sign, d.Seconds())
	}
	return sign + colons(d)
}

func (c clock) since(d time.Duration) string {
	if c.fine {
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	return colons(d)
}

// colons prints 1:22:05, or 22:05 below an hour.
func colons(d time.Duration) string {
	s := int64(math.Round(d.Seconds()))
	if s < 3600 {
		return fmt.Sprintf("%02d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s%3600/60, s%60)
}

// number returns the number of the cycle at a moment of a run that has no clock: one second a cycle.
func (c clock) number(d time.Duration) string {
	last := c.run.Cycles.Len() - 1
	i := min(searchAt(&c.run.Cycles, d), last)
	beyond := max(0, int64((d-c.run.Cycles.At(last).At)/time.Second))
	return fmt.Sprint(int64(c.run.Cycles.At(i).N) + beyond)
}

// searchAt returns the index of the first cycle at or after d.
func searchAt(cycles *timeline.Cycles, d time.Duration) int {
	lo, hi := 0, cycles.Len()
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if cycles.At(mid).At < d {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// span names the time between two moments for a sentence: "22 minutes", or "40 collections" where there is no clock.
func (c clock) span(from, to time.Duration) string {
	if c.axis == AxisCycles {
		return some(max(0, min(searchAt(&c.run.Cycles, to), c.last)-searchAt(&c.run.Cycles, from)), c.words.Point)
	}
	if c.vague && to == c.end {
		return "at least " + spoken(to-from)
	}
	if to == c.end && to-from < c.endStep {
		return "less than " + spoken(max(c.endStep, time.Millisecond))
	}
	return spoken(to - from)
}

// lead is span for tables: "22 min 09 s".
func (c clock) lead(from, to time.Duration) string {
	if c.axis == AxisCycles {
		return c.span(from, to)
	}
	if c.vague && to == c.end {
		return c.least(from)
	}
	if to == c.end && to-from < c.endStep {
		return "less than " + short(c.endStep)
	}
	return short(to - from)
}

// least is the time from a moment to an end of which all that is known is that it came after the last collection.
func (c clock) least(from time.Duration) string {
	if from >= c.end {
		return "not known"
	}
	return "at least " + short(c.end-from)
}

// stamp returns the wall time of a moment on a run's clock, as precise as that clock is (a millisecond).
func stamp(run *timeline.Run, d time.Duration) Stamp {
	if run.Start.IsZero() {
		return Stamp{}
	}
	return Stamp{Time: run.Start.Add(d).UTC(), Step: time.Millisecond}
}

// eventStamp returns the wall time of an event with the resolution of its log.
func eventStamp(t event.Time) Stamp {
	if !t.Has.Has(event.Wall) {
		return Stamp{}
	}
	return Stamp{Time: t.WallTime(), Step: t.Step}
}

// eventTime puts an event's own time into words: the wall clock if it has one, else the boot or process clock.
func (c clock) eventTime(t event.Time) string {
	switch {
	case t.Has.Has(event.Wall):
		return c.told(t.WallTime(), stepOf(t)) + " " + c.zoneName(t.WallTime())
	case t.Has.Has(event.Process):
		return short(t.Process) + " after its start"
	case t.Has.Has(event.Boot):
		return short(t.Boot) + " after boot"
	}
	return ""
}

// onAxis returns the place of an event on the primary run's clock.
func (c clock) onAxis(t event.Time) (time.Duration, bool) {
	switch {
	case c.run == nil:
		return 0, false
	case t.Has.Has(event.Wall) && c.axis == AxisWall:
		return t.WallTime().Sub(c.zero), true
	case t.Has.Has(event.Process) && c.run.Clock == timeline.SinceStart:
		return t.Process, true
	}
	return 0, false
}
