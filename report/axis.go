package report

import (
	"fmt"
	"math"
	"time"
)

// StepUnit is how the ticks of a horizontal axis are written that lie a step apart.
type StepUnit string

// The units of steps: how a wall clock is written, and a time since something.
const (
	StepMillis StepUnit = "ms"    // 15:04:05.250, 0.25 s
	StepSecond StepUnit = "s"     // 15:04:05, 90 s
	StepMinute StepUnit = "min"   // 15:04, 12:30
	StepHour   StepUnit = "h"     // 15:04, 1:30 h
	StepDay    StepUnit = "d"     // 2 Jan, 3 d
	StepCount  StepUnit = "count" // the number of a collection
)

// Step is a round distance between two ticks of a horizontal axis.
type Step struct {
	Size float64 // seconds; collections on an axis that counts them
	Unit StepUnit
}

// XTick is a labelled moment of the horizontal axis.
type XTick struct {
	At    float64
	Label string
}

// MostTicks is how many ticks a horizontal axis has at most that is as wide as the page.
const MostTicks = 7

const (
	maxTicks = 20 // of an axis, whatever its numbers are
	day      = 86400.0
)

// roundTimes are the steps of an axis that shows times, in seconds. Beyond the last they double.
var roundTimes = []struct {
	unit  StepUnit
	sizes []float64
}{
	{StepMillis, []float64{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5}},
	{StepSecond, []float64{1, 2, 5, 10, 15, 30}},
	{StepMinute, []float64{60, 120, 300, 600, 900}},
	{StepHour, []float64{1800, 3600, 7200, 10800, 21600, 43200}},
	{StepDay, []float64{day, 2 * day, 7 * day}},
}

// Steps returns the steps that some stretch of the chart may need, from the finest to one that is as long as the chart.
func (c *Chart) Steps() []Step {
	if c.instant {
		return nil
	}
	var out []Step
	span := c.To - c.From
	if c.Axis == AxisCycles {
		for size := 1.0; size < 10*span; size *= 10 {
			out = append(out, Step{size, StepCount}, Step{2 * size, StepCount}, Step{5 * size, StepCount})
		}
		return out
	}
	for _, of := range roundTimes {
		for _, size := range of.sizes {
			out = append(out, Step{size, of.unit})
		}
	}
	for size := 14 * day; size < 2*span; size *= 2 {
		out = append(out, Step{size, StepDay})
	}
	return out
}

// Ticks returns about n labelled moments between two of the chart, at round values of its axis.
func (c *Chart) Ticks(from, to float64, n int) []XTick {
	step, ok := c.step(from, to, n)
	if !ok {
		return nil
	}
	origin := c.origin(from)
	var out []XTick
	for k := math.Ceil((from - origin) / step.Size); len(out) < maxTicks; k++ {
		at := origin + k*step.Size
		if !(at <= to) {
			break
		}
		out = append(out, XTick{at, c.tickText(at, step.Unit, to-from)})
	}
	return out
}

// step returns the finest step that goes into a stretch of the chart no more than n times.
func (c *Chart) step(from, to float64, n int) (Step, bool) {
	if !(to > from) {
		return Step{}, false
	}
	for _, s := range c.Steps() {
		if s.Size >= (to-from)/float64(n) {
			return s, true
		}
	}
	return Step{}, false
}

// origin returns the moment from which the ticks of a stretch that begins at from are counted.
func (c *Chart) origin(from float64) float64 {
	switch c.Axis {
	case AxisWall:
		_, shift := c.wall(from).Zone()
		return -float64(c.Zero.UnixNano())/1e9 - float64(shift)
	case AxisTMinus:
		return c.End
	case AxisProcess, AxisCycles:
	}
	return 0
}

// wall returns the time of a moment in the chart's zone, to the millisecond.
func (c *Chart) wall(at float64) time.Time {
	zone := c.Zone
	if zone == nil {
		zone = time.UTC
	}
	return c.Zero.Add(time.Duration(math.Round(at*1e6)) * time.Microsecond).Round(time.Millisecond).In(zone)
}

// A Shift is a stretch of a chart in which its zone is the same time ahead of UTC.
type Shift struct {
	From  float64 // on the clock of the chart
	Ahead time.Duration
}

// Shifts returns the stretches of one shift each, the first at the chart's begin. There is one but where summer time begins or ends;
// an axis that shows no calendar time has one of nothing.
func (c *Chart) Shifts() []Shift {
	if c.Axis != AxisWall {
		return []Shift{{From: c.From}}
	}
	var out []Shift
	for at := c.From; len(out) == 0 || at < c.To; {
		t := c.wall(at)
		_, ahead := t.Zone()
		out = append(out, Shift{at, time.Duration(ahead) * time.Second})
		_, end := t.ZoneBounds()
		if end.IsZero() {
			break
		}
		at = end.Sub(c.Zero).Seconds()
	}
	return out
}

// tickText labels a moment as the unit of the step has it; the day is named where the stretch is longer than one.
func (c *Chart) tickText(at float64, unit StepUnit, span float64) string {
	switch c.Axis {
	case AxisWall:
		return c.wall(at).Format(wallLayout(unit, span))
	case AxisTMinus:
		if at > c.End {
			return "T+" + spanText(at-c.End, unit)
		}
		return "T−" + spanText(c.End-at, unit)
	case AxisCycles:
		return fmt.Sprint(c.cycleAt(at))
	case AxisProcess:
	}
	if at < 0 {
		return "−" + spanText(-at, unit)
	}
	return spanText(at, unit)
}

func wallLayout(unit StepUnit, span float64) string {
	switch {
	case unit == StepMillis:
		return "15:04:05.000"
	case unit == StepSecond:
		return "15:04:05"
	case unit == StepDay:
		return "2 Jan"
	case span > day:
		return "2 Jan 15:04"
	}
	return "15:04"
}

// spanText prints a time since something, in seconds.
func spanText(s float64, unit StepUnit) string {
	if s < 1e-9 {
		return "0"
	}
	switch unit {
	case StepMinute:
		return colons(time.Duration(s * float64(time.Second)))
	case StepHour:
		m := int64(math.Round(s / 60))
		return fmt.Sprintf("%d:%02d h", m/60, m%60)
	case StepDay:
		return trimFloat(math.Round(s/864)/100) + " d"
	case StepMillis, StepSecond, StepCount:
	}
	return trimFloat(s) + " s"
}

// cycleAt returns the number of the collection at a moment of a chart that counts them, one a second. It is counted from the nearest
// one after it that is drawn, or else from the last.
func (c *Chart) cycleAt(at float64) int64 {
	var near Point
	for _, s := range c.Runs {
		for _, p := range s.Points {
			if near = p; p.At >= at {
				return max(0, p.Cycle-int64(math.Round(p.At-at)))
			}
		}
	}
	return near.Cycle + int64(math.Round(at-near.At))
}
