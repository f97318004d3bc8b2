package report_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/report/reporttest"
	"oomtrace/timeline"
)

// row returns the summary's row of a label.
func row(m *report.Model, label string) string {
	for _, r := range m.Summary {
		if r.Label == label {
			return r.Text.String()
		}
	}
	return ""
}

func TestWarnings(t *testing.T) {
	m := report.New(reporttest.Leak())
	w := m.Runs[0].Warnings[0]
	// 27 min 12 s from the crossing to the kill, less the ten minutes that the rule waits; the live heap passes 70 % a collection later
	// than the median of nine does.
	if w.Rule != "live > 70 % of ceiling for 10 min" || !w.Rang || w.Text != "17 min 12 s" || w.Lead != 17*60+12 {
		t.Errorf("got %+v", w)
	}
	if got, want := row(m, "alarm"), "heap in use > mean + 2 σ of 15 min (P3): 1 h 31 min before the end; 3 of 8 rules in time"; got != want {
		t.Errorf("summary says %q, want %q", got, want)
	}
	if a := m.Verdict.Advice[len(m.Verdict.Advice)-1].String(); a != "Alert when the live heap is above 2.80 GiB for 10 minutes: that would have come 17 minutes before the end." {
		t.Errorf("advice %q", a)
	}
	if got := row(report.New(input(t, "healthy")), "alarm"); got != "" {
		t.Errorf("healthy, but %q", got)
	}
}

func TestAlarmRow(t *testing.T) {
	at := 41 * time.Minute
	late := inflection.Alarm{ID: "a", Rule: "late rule", Rang: true, At: 50 * time.Minute, Lead: 10 * time.Minute}
	noisy := inflection.Alarm{ID: "b", Rule: "noisy rule", Rang: true, At: at, Lead: 19 * time.Minute, False: 7, Last: 3 * time.Minute}
	mute := inflection.Alarm{ID: "c", Rule: "mute rule", False: 1, Last: time.Minute}
	for _, c := range []struct {
		alarms     []inflection.Alarm
		want, none string
	}{
		{nil, "", ""},
		{
			[]inflection.Alarm{mute, {ID: "d", Rule: "still rule"}},
			"none of 2 standard rules would have rung in time",
			"None of the standard rules would have rung in time: mute rule (rang 1 time for nothing, the last at 02:11:00); still rule.",
		},
		{[]inflection.Alarm{noisy, mute}, "noisy rule: 19 min 00 s before the end, after 7 false alarms", ""},
		{[]inflection.Alarm{noisy, late, mute}, "late rule: 10 min 00 s before the end; 2 of 3 rules in time", ""},
	} {
		in := reporttest.Leak()
		in.Finding.Runs[0].Alarms = c.alarms
		m := report.New(in)
		if got := row(m, "alarm"); got != c.want {
			t.Errorf("%d alarms: %q, want %q", len(c.alarms), got, c.want)
		}
		if got := m.Runs[0].NoWarning; got != c.none {
			t.Errorf("%d alarms: %q, want %q", len(c.alarms), got, c.none)
		}
		for i, w := range m.Runs[0].Warnings {
			if w.Rang != (w.Text != "") || w.Rang != (w.When != "") || (w.False > 0) != (w.LastText != "" && w.LastFalse != nil) {
				t.Errorf("warning %d: %+v", i, w)
			}
		}
	}
}

// What other settings would have made of a run, told beside the end at 60 minutes.
func TestWhatIf(t *testing.T) {
	r := &timeline.Run{Runtime: "go"}
	for i := range 61 {
		r.Cycles.Append(timeline.Cycle{At: time.Duration(i) * time.Minute, Live: 900 * unit.MiB, N: uint32(i + 1)}) //nolint:gosec // small
	}
	minute := func(m int) time.Duration { return time.Duration(m) * time.Minute }
	in := report.Input{
		Timeline: &timeline.Timeline{Runs: []*timeline.Run{r}, Limit: timeline.Limit{Size: unit.Known(unit.GiB)}, Death: timeline.Death{Kind: timeline.MemcgKill, Timed: true, At: minute(60)}},
		Finding: &inflection.Finding{Verdict: inflection.Verdict{Kind: inflection.Leak}, Runs: []inflection.Run{{WhatIf: []inflection.Alternative{
			{Setting: "as it was", Ceiling: unit.GiB, Died: true, At: minute(60), Low: minute(60), High: minute(60)},
			{Setting: "A", Ceiling: unit.GiB, Died: true, At: minute(50), Low: minute(50), High: minute(50)},
			{Setting: "B", Ceiling: unit.GiB, Died: true, At: minute(70), Low: minute(65), High: minute(90)},
			{Setting: "C", Ceiling: unit.GiB, Died: true, At: minute(70), Low: minute(70), High: minute(70), Advised: true},
			{Setting: "D", Ceiling: 2 * unit.GiB, Advised: true, Note: "slow"},
			{Setting: "E", Ceiling: unit.GiB, Died: true, At: minute(60) + 732*time.Millisecond, Low: minute(60) + 200*time.Millisecond, High: minute(60) + 820*time.Millisecond},
			{Setting: "F", Ceiling: unit.GiB, Died: true, At: minute(60) - 40*time.Millisecond, Low: minute(60) - 40*time.Millisecond, High: minute(60) - 40*time.Millisecond},
		}, Assumed: []string{"one thing", "another"}}}},
	}
	m := report.New(in)
	w := m.Runs[0].WhatIf
	for i, want := range []string{
		"died 1 h 00 min after its start", "died 10 min 00 s earlier", "died 10 min 00 s later (5 min 00 s to 30 min 00 s)", "died 10 min 00 s later", "survived the log",
		"died 732 ms later (200 ms to 820 ms)", "died 40 ms earlier",
	} {
		if got := w.Rows[i]; got.Outcome != want || got.Died != (got.Seconds != nil) {
			t.Errorf("%s: %+v, want %q", got.Setting, got, want)
		}
	}
	if w.Assumptions != "One thing; another." {
		t.Errorf("assumptions %q", w.Assumptions)
	}
	if got, want := row(m, "what if"), "C: died 10 min 00 s later; D: survived the log"; got != want {
		t.Errorf("summary says %q, want %q", got, want)
	}
	in.Finding.Runs[0].WhatIf = in.Finding.Runs[0].WhatIf[:2]
	unseen := &in.Finding.Runs[0].WhatIf[0]
	unseen.Died, unseen.Unseen = false, true
	if got := report.New(in).Runs[0].WhatIf.Rows[0]; got.Outcome != "the log ends 1 h 00 min after its start" || got.Died || got.Seconds != nil {
		t.Errorf("where nobody saw a death: %+v", got)
	}
	if got, want := row(report.New(in), "what if"), "A: died 10 min 00 s earlier"; got != want {
		t.Errorf("summary says %q, want %q", got, want)
	}
}

// The forecast is held against what came, where something did.
func TestForecastDue(t *testing.T) {
	in := reporttest.Leak()
	if got, want := row(report.New(in), "forecast"), "at the inflection due at 09:37:22 (09:30:08 to 09:51:50), it came at 09:28:24"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	in.Finding.Runs[0].Forecast.Death = in.Timeline.Death.At + 400*time.Millisecond
	if got := row(report.New(in), "forecast"); !strings.HasSuffix(got, ", it came in the second of 09:28:24") {
		t.Errorf("a clock of whole seconds is held against a part of one: %q", got)
	}
	in.Timeline.Death = timeline.Death{Kind: timeline.LogEnds}
	if got := row(report.New(in), "forecast"); strings.Contains(got, "it came") {
		t.Errorf("nobody died, but %q", got)
	}
}

// More memory buys as much in the advice as in the table of what other settings would have made.
func TestMoreTime(t *testing.T) {
	in := reporttest.Leak()
	end := in.Timeline.Death.At
	in.Finding.Runs[0].WhatIf = []inflection.Alternative{
		{Setting: "as it was", Ceiling: unit.GiB, Died: true, At: end, Low: end, High: end},
		{Setting: "limit", Ceiling: 2 * unit.GiB, Died: true, At: end + time.Hour, Low: end, High: end + 2*time.Hour},
	}
	advice := func() (all string) {
		for _, a := range report.New(in).Verdict.Advice {
			all += a.String() + "\n"
		}
		return all
	}
	const want = "each extra GiB of limit buys 60 minutes more"
	if got := advice(); !strings.Contains(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	in.Finding.Runs[0].WhatIf[1].Died = false
	if got := advice(); strings.Contains(got, want) {
		t.Errorf("a limit that was never reached: %q", got)
	}
}

// A log of the collections says how large the heap of a JVM may be, and not whether anybody asked for that.
func TestHeapSource(t *testing.T) {
	states := func(texts ...string) (out []event.Event) {
		for _, text := range texts {
			out = append(out, &event.Setting{Runtime: "jvm", Name: event.MaxHeap, Text: text, Size: unit.Known(unit.GiB)})
		}
		return out
	}
	for _, c := range []struct {
		events []event.Event
		want   string
	}{
		{nil, "1 GiB, from -Xmx"},
		{states("Heap Max Capacity: 1G"), "1 GiB, from the JVM's maximum heap"},
		{states("Heap Max Capacity: 1G", "-Xmx1g"), "1 GiB, from -Xmx"},
	} {
		in := reporttest.Leak()
		in.Timeline.Limit = timeline.Limit{Size: unit.Known(unit.GiB), From: "xmx"}
		in.Timeline.Limits, in.Timeline.Events = []timeline.Limit{in.Timeline.Limit}, c.events
		if got := row(report.New(in), "limit"); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// Where there is no clock, the lead time counts the collections that were judged: the last one may be the release after the death.
func TestLeadInCollections(t *testing.T) {
	in := reporttest.Leak()
	run, found := in.Timeline.Runs[0], &in.Finding.Runs[0]
	run.Clock, run.Start, in.Timeline.Death = timeline.ByNumber, time.Time{}, timeline.Death{Kind: timeline.LogEnds}
	last := run.Cycles.Len() - 2
	found.Prepared.Last = last
	got := row(report.New(in), "lead time")
	if want := fmt.Sprintf("%d collections ", last-found.Inflection.Index); !strings.HasPrefix(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
