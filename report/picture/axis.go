package picture

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"oomtrace/report"
)

// ticks labels about n round moments between two on the chart's own axis: the model labels the whole timeline, a
// close-up needs finer steps.
func ticks(ch *report.Chart, points []report.Point, from, to float64, n int) []report.XTick {
	step, origin := roundSeconds((to-from)/float64(n)), 0.0
	switch ch.Axis {
	case report.AxisWall:
		origin = -WallSeconds(ch)
	case report.AxisTMinus:
		origin = ch.End
	case report.AxisCycles:
		step = max(1, round125((to-from)/float64(n)))
	case report.AxisProcess:
	}
	var out []report.XTick
	if !(step > 0) {
		return nil
	}
	for k := math.Ceil((from - origin) / step); origin+k*step <= to; k++ {
		at := origin + k*step
		out = append(out, report.XTick{At: at, Label: tickLabel(ch, points, at, step)})
	}
	return out
}

// WallSeconds returns the local time at second 0 of the chart, in seconds since the epoch.
func WallSeconds(ch *report.Chart) float64 {
	end := ch.Zero.Add(time.Duration(ch.End * float64(time.Second)))
	return float64(ch.Zero.UnixMilli())/1000 + float64(zoneShift(ch, end))
}

// zoneShift returns how many seconds the chart's zone is ahead of UTC at a moment.
func zoneShift(ch *report.Chart, at time.Time) int {
	if ch.Zone == nil {
		return 0
	}
	_, shift := at.In(ch.Zone).Zone()
	return shift
}

func tickLabel(ch *report.Chart, points []report.Point, at, step float64) string {
	switch ch.Axis {
	case report.AxisWall:
		local := time.UnixMilli(int64(math.Round((at + WallSeconds(ch)) * 1000))).UTC()
		switch {
		case step < 1:
			return local.Format("15:04:05.000")
		case step < 60:
			return local.Format("15:04:05")
		case step < 86400:
			return local.Format("15:04")
		}
		return local.Format("2 Jan")
	case report.AxisTMinus:
		if at > ch.End {
			return spanLabel("T+", at-ch.End, step)
		}
		return spanLabel("T−", ch.End-at, step)
	case report.AxisCycles:
		return nearestCycle(points, at)
	case report.AxisProcess:
	}
	return spanLabel("", at, step)
}

func nearestCycle(points []report.Point, at float64) string {
	for _, p := range points {
		if p.At >= at {
			return strconv.FormatInt(p.Cycle, 10)
		}
	}
	return ""
}

// spanLabel prints a distance as seconds, minutes:seconds or hours:minutes, whichever the step needs.
func spanLabel(prefix string, s, step float64) string {
	switch {
	case s < 1e-9:
		return prefix + "0"
	case step < 30:
		return prefix + strconv.FormatFloat(math.Round(s*1e3)/1e3, 'f', -1, 64) + " s"
	case step < 3600:
		n := int64(math.Round(s))
		if n >= 3600 {
			return fmt.Sprintf("%s%d:%02d:%02d", prefix, n/3600, n%3600/60, n%60)
		}
		return fmt.Sprintf("%s%02d:%02d", prefix, n/60, n%60)
	case step < 86400:
		n := int64(math.Round(s / 60))
		return fmt.Sprintf("%s%d:%02d h", prefix, n/60, n%60)
	}
	return prefix + strconv.FormatFloat(math.Round(s/864)/100, 'f', -1, 64) + " d"
}

// roundSeconds returns the round time step at or above the wanted one.
func roundSeconds(want float64) float64 {
	if !(want > 0) {
		return 0
	}
	for _, s := range []float64{
		1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800,
	} {
		if want <= 1 {
			return round125(want)
		}
		if want <= s {
			return s
		}
	}
	return math.Ceil(want/604800) * 604800
}

// round125 returns the 1, 2 or 5 times a power of ten at or above the wanted number.
func round125(want float64) float64 {
	if !(want > 0) {
		return 0
	}
	p := math.Pow(10, math.Floor(math.Log10(want)))
	for _, m := range []float64{1, 2, 5} {
		if m*p >= want*0.999 {
			return m * p
		}
	}
	return 10 * p
}
