package report_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the test needs a zone, whatever the machine has

	"oomtrace/report"
)

func TestTicks(t *testing.T) {
	zero := time.Date(2026, 11, 12, 9, 0, 0, 0, time.UTC)
	wall := func(zone *time.Location) report.Chart {
		return report.Chart{Axis: report.AxisWall, Zero: zero, Zone: zone, To: 5 * 86400}
	}
	counted := report.Chart{Axis: report.AxisCycles, To: 100, Runs: []report.Series{{Points: []report.Point{{At: 0, Cycle: 7}, {At: 41, Cycle: 48}, {At: 90, Cycle: 97}}}}}
	process := report.Chart{Axis: report.AxisProcess, To: 1e6}
	for _, c := range []struct {
		name     string
		chart    report.Chart
		from, to float64
		want     string
	}{
		{"wall, an hour", wall(nil), 60, 3700, "09:15 09:30 09:45 10:00"},
		{"wall, another zone", wall(time.FixedZone("IST", 5*3600+1800)), 60, 3700, "14:45 15:00 15:15 15:30"},
		{"wall, seconds", wall(nil), 0, 20, "09:00:00 09:00:05 09:00:10 09:00:15 09:00:20"},
		{"wall, milliseconds", wall(nil), 0, 1, "09:00:00.000 09:00:00.200 09:00:00.400 09:00:00.600 09:00:00.800 09:00:01.000"},
		{"wall, more than a day", wall(nil), 0, 30 * 3600, "12 Nov 12:00 | 12 Nov 18:00 | 13 Nov 00:00 | 13 Nov 06:00 | 13 Nov 12:00"},
		{"wall, days", wall(nil), 0, 5 * 86400, "13 Nov | 14 Nov | 15 Nov | 16 Nov | 17 Nov"},
		{"wall, years", report.Chart{Axis: report.AxisWall, Zero: zero, To: 1e8}, 0, 1e8, "26 Aug | 16 Nov"},
		{"counting down", report.Chart{Axis: report.AxisTMinus, End: 3000, To: 3300}, 0, 3300, "T−45:00 T−30:00 T−15:00 T−0"},
		{"after the end", report.Chart{Axis: report.AxisTMinus, End: 40, To: 60}, 10, 60, "T−30 s T−20 s T−10 s T−0 T+10 s T+20 s"},
		{"far from the end", report.Chart{Axis: report.AxisTMinus, End: 4000, To: 4000}, 10, 10.4, "T−3990 s T−3989.9 s T−3989.8 s T−3989.7 s T−3989.6 s"},
		{"process clock", process, 0, 20000, "0 2:00 h 4:00 h"},
		{"process clock, before its begin", process, -100, 50, "−90 s −60 s −30 s 0 30 s"},
		{"process clock, days", process, 0, 1e6, "0 7 d"},
		{"by number", counted, 0, 100, "7 27 47 67 87 107"},
		{"by number, closely", counted, 50, 52, "57 58 59"},
		{"nothing", process, 5, 5, ""},
		{"no number", process, 5, math.NaN(), ""},
	} {
		var got []string
		for _, tick := range c.chart.Ticks(c.from, c.to, 5) {
			if tick.At < c.from || tick.At > c.to {
				t.Errorf("%s: a tick at %v", c.name, tick.At)
			}
			got = append(got, tick.Label)
		}
		sep := " "
		if strings.Contains(c.want, "|") {
			sep = " | "
		}
		if s := strings.Join(got, sep); s != c.want {
			t.Errorf("%s: %q, want %q", c.name, s, c.want)
		}
	}
}

// Ticks stand at round local times, also in the night in which summer time ends.
func TestTicksAroundSummerTime(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	ch := report.Chart{Axis: report.AxisWall, Zero: time.Date(2026, 10, 24, 22, 0, 0, 0, time.UTC), Zone: berlin, To: 6 * 3600}
	var got []string
	for _, tick := range ch.Ticks(0, ch.To, 6) {
		got = append(got, tick.Label)
	}
	if want := []string{"00:00", "01:00", "02:00", "02:00", "03:00", "04:00", "05:00"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := ch.Shifts(), []report.Shift{{From: 0, Ahead: 2 * time.Hour}, {From: 3 * 3600, Ahead: time.Hour}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	ch.Axis = report.AxisTMinus
	if got, want := ch.Shifts(), []report.Shift{{}}; !slices.Equal(got, want) {
		t.Errorf("without calendar times %v, want %v", got, want)
	}
}

// Steps grow, each at least by a third, from what a clock can tell to the whole chart.
func TestSteps(t *testing.T) {
	for _, c := range []struct {
		axis  report.Axis
		span  float64
		first report.Step
		last  report.Step
	}{
		{report.AxisWall, 60, report.Step{Size: 0.001, Unit: report.StepMillis}, report.Step{Size: 7 * 86400, Unit: report.StepDay}},
		{report.AxisTMinus, 40 * 86400, report.Step{Size: 0.001, Unit: report.StepMillis}, report.Step{Size: 56 * 86400, Unit: report.StepDay}},
		{report.AxisCycles, 700, report.Step{Size: 1, Unit: report.StepCount}, report.Step{Size: 5000, Unit: report.StepCount}},
	} {
		ch := report.Chart{Axis: c.axis, From: 10, To: 10 + c.span}
		steps := ch.Steps()
		if steps[0] != c.first || steps[len(steps)-1] != c.last {
			t.Errorf("%s: from %v to %v, want %v to %v", c.axis, steps[0], steps[len(steps)-1], c.first, c.last)
		}
		for i := 1; i < len(steps); i++ {
			if steps[i].Size < 1.3*steps[i-1].Size {
				t.Errorf("%s: %v after %v", c.axis, steps[i], steps[i-1])
			}
		}
	}
}
