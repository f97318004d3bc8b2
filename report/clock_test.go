package report_test

import (
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/timeline"
)

// TestClocks reads the same run on every clock that a log may have.
func TestClocks(t *testing.T) {
	wall := time.Date(2026, 11, 12, 23, 50, 0, 0, time.UTC)
	at := func(step time.Duration, d time.Duration) event.Time {
		return event.Time{Has: event.Wall, Wall: wall.Add(d).UnixNano(), Step: step}
	}
	for _, c := range []struct {
		name                   string
		start                  time.Time
		clock                  timeline.Clock
		death                  timeline.Death
		axis                   report.Axis
		end, crash, from, last string
	}{
		{
			"wall clock over midnight", wall, timeline.SinceStart,
			timeline.Death{Kind: timeline.MemcgKill, Time: at(time.Second, 21*time.Minute)},
			report.AxisWall, "00:11:00 UTC", "00:11:00 UTC", "12 Nov 23:50", "00:11",
		},
		{
			"wall clock, death timed by the run", wall, timeline.SinceStart,
			timeline.Death{Kind: timeline.MemcgKill, Timed: true, At: 20 * time.Minute},
			report.AxisWall, "00:10:00 UTC", "00:10:00 UTC", "12 Nov 23:50", "00:10",
		},
		{
			"wall clock, death untimed", wall, timeline.SinceStart,
			timeline.Death{Kind: timeline.MemcgKill},
			report.AxisWall, "after GC 21", "", "12 Nov 23:50", "00:10",
		},
		{
			"process clock, runtime dies",
			time.Time{},
			timeline.SinceStart,
			timeline.Death{Kind: timeline.RuntimeOOM, Time: event.Time{Has: event.Process, Process: 21 * time.Minute}},
			report.AxisTMinus, "21:00", "21 min 00 s after its start", "T−21:00", "out of memory",
		},
		{
			"process clock, no death",
			time.Time{},
			timeline.SinceStart,
			timeline.Death{Kind: timeline.NoDeath},
			report.AxisProcess, "20 min 00 s after its start", "", "00:00", "20:00",
		},
		{
			"seconds since the first line, no death",
			time.Time{},
			timeline.SinceFirst,
			timeline.Death{Kind: timeline.NoDeath},
			report.AxisProcess, "20 min 00 s after the first line", "", "00:00", "20:00",
		},
		{
			"death untimed, process clock of its own",
			time.Time{},
			timeline.SinceFirst,
			timeline.Death{Kind: timeline.RuntimeOOM, Time: event.Time{Has: event.Process, Process: time.Hour}},
			report.AxisTMinus, "1 h 00 min after its start", "1 h 00 min after its start", "T−20:00", "last collection",
		},
	} {
		r := &timeline.Run{Runtime: "go", Start: c.start, Clock: c.clock}
		for i := range 21 {
			r.Cycles.Append(timeline.Cycle{At: time.Duration(i) * time.Minute, Live: unit.MiB, N: uint32(i + 1)})
		}
		m := report.New(report.Input{Timeline: &timeline.Timeline{Runs: []*timeline.Run{r}, Death: c.death}})
		ch := m.Chart
		if ch.Axis != c.axis || m.Facts[0].Value != c.end || m.Crash.Text != c.crash || ch.FromText != c.from || ch.ToText != c.last {
			t.Errorf("%s: axis %s, end %q, crash %q, chart from %q to %q; want %s, %q, %q, %q, %q",
				c.name, ch.Axis, m.Facts[0].Value, m.Crash.Text, ch.FromText, ch.ToText, c.axis, c.end, c.crash, c.from, c.last)
		}
		if (m.Crash.Seconds == nil) != (c.crash == "" || c.last == "last collection") {
			t.Errorf("%s: the crash stands at %v", c.name, m.Crash.Seconds)
		}
	}
}
