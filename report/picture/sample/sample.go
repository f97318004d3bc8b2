// Package sample holds hand-made report models for the tests of those who draw and lay them out. They are made up and
// plausible; each shows another shape of incident.
package sample

import (
	"fmt"
	"math"
	"time"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/timeline"
)

// Case is a model with a name.
type Case struct {
	Name  string
	Model *report.Model
}

// Cases returns all models.
func Cases() []Case {
	return []Case{
		{"leak", Leak()},
		{"overshoot", Overshoot()},
		{"restarts", Restarts()},
		{"healthy", Healthy()},
		{"clockless", Clockless()},
		{"empty", Empty()},
	}
}

var day = time.Date(2026, 11, 12, 2, 10, 0, 0, time.UTC)

// wave is a small repeatable unevenness in place of noise.
func wave(i int) float64 {
	x := math.Sin(float64(i)*12.9898) * 43758.5453
	return x - math.Floor(x) - 0.5
}

// life is a run whose live heap follows a function of the seconds since its start, in MiB.
func life(run int, primary bool, offset, length, every float64, liveMiB func(at float64) float64, goalMiB func(live float64) float64) report.Series {
	s := report.Series{Run: run, Primary: primary, Offset: offset}
	for i := 0; float64(i)*every <= length; i++ {
		at := float64(i) * every
		live := liveMiB(at) * (1 + 0.01*wave(i))
		goal := goalMiB(live)
		peak := live + (goal-live)*(0.95+0.05*wave(i+7))
		s.Points = append(s.Points, report.Point{
			At: at + offset, Live: unit.Bytes(live * float64(unit.MiB)), Peak: unit.Bytes(peak * float64(unit.MiB)),
			Goal: unit.Bytes(goal * float64(unit.MiB)), Pause: 0.0004 + 0.0002*math.Abs(wave(i*3)) + live/4e6*math.Max(0, live/2000-0.8),
			Line: i + 3, Cycle: int64(i + 1),
		})
	}
	s.Cycles = len(s.Points)
	return s
}

func yTicks(scale report.Scale, step, top unit.Bytes) (out []report.YTick) {
	for b := unit.Bytes(0); b <= top; b += step {
		out = append(out, report.YTick{Bytes: b, Label: fmt.Sprintf("%d", b/scale.Unit)})
	}
	return out
}

func number(f float64) *float64 { return &f }

func at(file string, line int) event.Pos { return event.Pos{File: file, Line: line} }

func text(s string) report.Text { return report.Text{}.Plain(s) }

var gib = report.Scale{Unit: unit.GiB, Name: "GiB"}

// Leak is a steady leak under a wall clock, with an earlier life, a rise that recovered, and a kernel log.
func Leak() *report.Model {
	const kill = 15400.0
	double := func(live float64) float64 { return math.Min(2*live, 3482) }
	first := life(0, false, -11500, 11400, 10, func(at float64) float64 { return 560 + 60*(1-math.Exp(-at/300)) }, double)
	second := life(1, true, 0, kill-4, 8, func(at float64) float64 {
		switch {
		case at < 900:
			return 560 * (1 - math.Exp(-at/300))
		case at > 5200 && at < 5700:
			return 560 + 2300*(1-math.Exp(-(at-5200)/60))
		case at < 9700:
			return 560 + 20*math.Sin(at/700)
		}
		return 560 + (at-9700)*0.56
	}, double)
	m := base("checkout-api", inflection.Kind("leak"), "Go heap leak")
	m.Title = "checkout-api OOM-killed 2026-11-12 09:33 UTC"
	m.Verdict.Sentence = report.Text{}.Log("checkout-api").Plain(" was OOM-killed at 09:33:06 UTC, 22 minutes after its heap stopped recovering.")
	m.Verdict.Second = text("Live heap crossed 70 % of the 4 GiB limit at 09:10:56 and none of the 864 collections that followed brought it back. It grew 40 MiB/min until the kernel killed the process.")
	m.Verdict.Advice = []report.Text{
		report.Text{}.Plain("Look here first: ").Log("session.(*Cache).put").Plain(" in ").Log("session/cache.go:118").Plain(" holds 71 % of the growth between the two heap profiles."),
		text("A restart buys at most 90 minutes of climb; each extra GiB of limit buys 25 more."),
		text("Alert on live heap above 70 % for 10 minutes: 12 minutes of warning here."),
	}
	m.Facts = []report.Fact{
		{Label: "Killed", Value: "09:33:06", Note: "memcg OOM, exit 137"},
		{Label: "Inflection", Value: "09:10:56", Note: "GC 3202, gctrace.log:6086", Hot: true},
		{Label: "Lead time", Value: "22 min 09 s", Note: "inflection to kill"},
		{Label: "Growth", Value: "+40 MiB/min", Note: "r² 0.999 over 864 cycles"},
		{Label: "Live heap at the end", Value: "3.70 GiB", Note: "92 % of the limit"},
		{Label: "GC at the end", Value: "49 % CPU", Note: "2 % before the climb"},
	}
	m.Limit = &report.Limit{Bytes: 4 * unit.GiB, Text: "4 GiB", From: "flag", ConfirmedBy: at("kern.log", 201)}
	m.Crash = report.Crash{Kind: timeline.MemcgKill, Seen: true, Seconds: number(kill), Text: "09:33:06 UTC", PID: 41877, Name: "checkout-api", Source: at("kern.log", 212)}
	m.Runs = []report.Run{
		{Index: 0, Runtime: "go", Cycles: first.Cycles},
		{
			Index: 1, Primary: true, Runtime: "go", Cycles: second.Cycles,
			Ceiling:    &report.Ceiling{Bytes: 4 * unit.GiB, Basis: "the limit"},
			Inflection: &report.Crossing{Cycle: 1758, Seconds: 14070, Live: 3007 * unit.MiB, LaterCycles: 166},
			Onset:      &report.Onset{Seconds: 9700, Low: 9650, High: 9760, Live: 560 * unit.MiB},
			Forecast:   &report.Forecast{MadeAt: 14070, Death: 15900, Low: 15700, High: 16200, Text: "09:41", Error: text("the kill came 8 minutes sooner")},
		},
	}
	m.Chart = report.Chart{
		Axis: report.AxisWall, AxisLabel: "UTC", Zero: day.Add(11500 * time.Second), Zone: time.UTC,
		From: -11500, To: kill, End: kill, Top: 4 * unit.GiB, Scale: gib, YTicks: yTicks(gib, unit.GiB, 4*unit.GiB),
		Runs: []report.Series{first, second},
		Lines: []report.Line{
			{Kind: report.LineLimit, Bytes: 4 * unit.GiB, Label: "limit 4 GiB", Short: "4 GiB"},
			{Kind: report.LineThreshold, Bytes: 3006477107, Label: "70 % = 2.80", Short: "70 %"},
		},
		Spans: []report.Span{{Kind: "no-recovery", From: 14070, To: kill, Label: "166 cycles, no recovery"}},
		Moments: []report.Moment{
			{Kind: report.MomentRestart, At: -100, Label: "restart", Text: "05:21:40"},
			{Kind: report.MomentRecovered, At: 5312, Live: 2868 * unit.MiB, Label: "crossed 70 %, recovered", Text: "06:50:12"},
			{Kind: report.MomentOnset, At: 9700, Live: 560 * unit.MiB, Label: "climb begins", Text: "08:02:10"},
			{Kind: report.MomentInflection, At: 14070, Live: 3007 * unit.MiB, Label: "inflection", Text: "09:10:56"},
			{Kind: report.MomentKill, At: kill, Label: "OOM kill", Text: "09:33:06"},
			{Kind: report.MomentForecast, At: 15900, Label: "forecast", Text: "09:41"},
		},
		Caption:     "Heap that survived each of 1,926 collections (line), and the heap just before it (band). The rise at 06:50 also passed 70 % but recovered.",
		Description: "Live heap of checkout-api from 02:10 to 09:33 UTC. It climbs from 08:02, passes 70 % of 4 GiB at 09:10:56 and never recovers; the process is killed at 09:33:06.",
	}
	for h := 3; h <= 9; h++ {
		when := time.Date(2026, 11, 12, h, 0, 0, 0, time.UTC).Sub(m.Chart.Zero).Seconds()
		m.Chart.XTicks = append(m.Chart.XTicks, report.XTick{At: when, Label: fmt.Sprintf("%02d:00", h)})
	}
	m.Rates = []report.Rate{
		{Window: "whole climb, from 08:02:10", Text: "+35 MiB/min", R2: number(0.998), Cycles: 1425},
		{Window: "15 min before the inflection", Text: "+36 MiB/min", R2: number(0.42), Cycles: 157, Dim: true},
		{Window: "inflection to kill", Text: "+40 MiB/min", R2: number(0.999), Cycles: 864, Hot: true},
	}
	m.Evidence = report.Evidence{
		Title: "Evidence around the inflection", Caption: "Line numbers refer to gctrace.log. Sizes in MiB, pauses in ms.",
		Scale: report.Scale{Unit: unit.MiB, Name: "MiB"}, Of: "limit",
	}
	for i := range 7 {
		row := report.EvidenceRow{
			Kind: "cycle", Source: at("gctrace.log", 6083+i), Time: fmt.Sprintf("09:10:%02d", 45+2*i), Cycle: fmt.Sprint(3199 + i), Live: fmt.Sprintf("2,8%02d", 64+3*i),
			Delta: "+14", Fraction: number(0.697 + 0.001*float64(i)), Percent: fmt.Sprintf("%.1f %%", 69.7+0.1*float64(i)), Peak: "3,505", Goal: "3,482", Pause: "0.57",
			Raw: fmt.Sprintf("gc %d @22456.1%02ds 3%%: 0.1+22+0.2 ms clock, 0.3+1/40/4+0.8 ms cpu, 2860->3505->2864 MB, 3482 MB goal, 4 P", 3199+i, i),
		}
		if i == 3 {
			row.Hot, row.Note = true, "Inflection: first cycle above 70 % with no later recovery"
		}
		m.Evidence.Rows = append(m.Evidence.Rows, row)
	}
	m.Evidence.Rows = append(m.Evidence.Rows,
		report.EvidenceRow{Kind: "gap", Note: "858 further cycles, none below 70 %. Lowest 2,884 MiB (70.4 %) at line 6093."},
		report.EvidenceRow{Kind: "cycle", Source: at("gctrace.log", 6961), Time: "09:33:02", Cycle: "4066", Live: "3,784", Delta: "+36", Fraction: number(0.924), Percent: "92.4 %", Peak: "3,916", Goal: "3,482", Pause: "0.79", Note: "last cycle in the log"},
		report.EvidenceRow{Kind: "event", Source: at("kern.log", 212), Time: "09:33:06", Note: "Killed: the group was at its limit of 4 GiB", Raw: "Memory cgroup out of memory: Killed process 41877 (checkout-api) total-vm:6021148kB, anon-rss:4189372kB, file-rss:2104kB"},
	)
	m.Witnesses = []report.Witness{{Kind: "oom-kill", Time: "09:33:06 UTC", Text: "the kernel killed pid 41877 for the limit of its group, 4 GiB", Raw: "Memory cgroup out of memory: Killed process 41877 (checkout-api)", Source: at("kern.log", 212)}}
	m.Suspects = []report.Suspect{
		{Function: "session.(*Cache).put", File: "session/cache.go", Line: 118, Growth: 1853 * unit.MiB, Share: 0.71, Last: 1900 * unit.MiB, Objects: 412806, Stack: []string{"session.(*Cache).put", "session.Load", "main.handle"}},
		{Function: "encoding/json.(*decodeState).literalStore", File: "encoding/json/decode.go", Line: 985, Growth: 412 * unit.MiB, Share: 0.16, Objects: 9120441, New: true, Stack: []string{"encoding/json.(*decodeState).literalStore", "encoding/json.Unmarshal", "session.Load"}},
	}
	m.Profiles = []string{"heap-0800.pb.gz", "heap-0925.pb.gz"}
	m.Verdict.Evidence = []report.Claim{
		{Text: "The kernel log names pid 41877; its limit is 4 GiB.", Source: at("kern.log", 201)},
		{Text: "Every collection from here on stayed above 70 % of the limit.", Source: at("gctrace.log", 6086)},
		{Text: "The heap grew in a straight line: r² 0.999."},
	}
	m.Verdict.WouldChange = []string{"A limit other than 4 GiB: at 6 GiB no cycle crosses 70 %."}
	m.Verdict.Missing = []string{"No goroutine dump: whether goroutines hold the memory was not seen."}
	return m
}

// Overshoot is a kill below 70 % of the limit: the next goal did not fit. No inflection, and seconds instead of hours.
func Overshoot() *report.Model {
	mib := report.Scale{Unit: unit.MiB, Name: "MiB"}
	s := life(0, true, 0, 38, 0.25, func(at float64) float64 { return 4 + 3.7*at }, func(live float64) float64 { return math.Max(4, 2*live) })
	m := base("worker", inflection.Kind("goal-overshoot"), "GC goal over the limit")
	m.Title = "worker OOM-killed after 38 s"
	m.Verdict.Sentence = report.Text{}.Log("worker").Plain(" was OOM-killed 38 s after its start with only 57 % of its limit live: the next GC goal (114 % of the limit) did not fit.")
	m.Verdict.Advice = []report.Text{text("Set GOMEMLIMIT to 230 MiB.")}
	m.Crash = report.Crash{Kind: timeline.MemcgKill, Seen: true, Seconds: number(38.4), Text: "", Name: "worker", Source: at("kern.log", 4)}
	m.Limit = &report.Limit{Bytes: 256 * unit.MiB, Text: "256 MiB", From: "memcg", Source: at("kern.log", 2)}
	m.Facts = facts("38 s")
	m.Runs = []report.Run{{
		Primary: true, Runtime: "go", Cycles: s.Cycles, WhyNone: "no collection left more than 70 % of the limit",
		Ceiling: &report.Ceiling{Bytes: 128 * unit.MiB, Basis: "limit / 2.00: each cycle's goal is twice the live heap"},
		Onset:   &report.Onset{Seconds: 2, Low: 1, High: 3, Live: 12 * unit.MiB},
	}}
	m.Chart = report.Chart{
		Axis: report.AxisTMinus, AxisLabel: "time before the kill", From: 0, To: 38.4, End: 38.4, Top: 300 * unit.MiB, Scale: mib,
		YTicks: yTicks(mib, 50*unit.MiB, 300*unit.MiB), Runs: []report.Series{s},
		Lines: []report.Line{
			{Kind: report.LineLimit, Bytes: 256 * unit.MiB, Label: "limit 256 MiB", Short: "256 MiB"},
			{Kind: report.LineCeiling, Bytes: 128 * unit.MiB, Label: "ceiling 128", Short: "fits"},
			{Kind: report.LineThreshold, Bytes: 89 * unit.MiB, Label: "70 % = 90", Short: "70 %"},
		},
		Moments: []report.Moment{
			{Kind: report.MomentOnset, At: 2, Live: 12 * unit.MiB, Label: "climb begins", Text: "T−36.4 s"},
			{Kind: report.MomentLimit, At: 37.9, Live: 140 * unit.MiB, Label: "70 % of the limit", Text: "T−0.5 s"},
			{Kind: report.MomentKill, At: 38.4, Label: "OOM kill", Text: "T−0.00 s"},
		},
		Caption: "Heap that survived each collection (line), and the heap just before it (band).", Description: "Live heap of worker over 38 seconds.",
	}
	for k := 35.0; k >= 0; k -= 5 {
		m.Chart.XTicks = append(m.Chart.XTicks, report.XTick{At: 38.4 - k, Label: fmt.Sprintf("T−%g s", k)})
	}
	return m
}

// Restarts is a crash loop: many short lives, laid on one wall clock.
func Restarts() *report.Model {
	m := Overshoot()
	m.Verdict.Kind, m.Verdict.Name, m.Verdict.Kicker = "crash-loop", "Crash loop", "Crash loop · confidence medium"
	m.Chart.Axis, m.Chart.AxisLabel, m.Chart.Zero, m.Chart.Zone = report.AxisWall, "UTC", day, time.UTC
	m.Chart.XTicks, m.Chart.Moments, m.Chart.Runs, m.Runs = nil, nil, nil, nil
	for i := range 9 {
		start := float64(i-8) * 60
		s := life(i, i == 8, start, 38, 0.5, func(at float64) float64 { return 4 + 3.7*at }, func(live float64) float64 { return 2 * live })
		m.Chart.Runs = append(m.Chart.Runs, s)
		m.Runs = append(m.Runs, report.Run{Index: i, Primary: i == 8, Runtime: "go", Cycles: s.Cycles})
		if i < 8 {
			m.Chart.Moments = append(m.Chart.Moments, report.Moment{Kind: report.MomentRestart, At: start + 38, Label: "restart", Text: day.Add(time.Duration(start+38) * time.Second).Format("15:04:05")})
		}
		m.Chart.XTicks = append(m.Chart.XTicks, report.XTick{At: start, Label: day.Add(time.Duration(start) * time.Second).Format("15:04:05")})
	}
	m.Chart.Moments = append(m.Chart.Moments, report.Moment{Kind: report.MomentKill, At: 38.4, Label: "OOM kill", Text: "02:10:38"})
	m.Chart.From = -480
	return m
}

// Healthy is a log without a crash.
func Healthy() *report.Model {
	s := life(0, true, 0, 7200, 5, func(at float64) float64 { return 900 + 200*math.Sin(at/600) }, func(live float64) float64 { return 2 * live })
	m := base("ledger", inflection.Kind("healthy"), "No crash")
	m.Title = "ledger: no crash found"
	m.Verdict.Crash = false
	m.Verdict.Sentence = text("No crash found. Live heap peaked at 27 % of 4 GiB and always recovered.")
	m.Crash = report.Crash{Kind: timeline.NoDeath}
	m.Facts = facts("–")
	m.Runs = []report.Run{{Primary: true, Runtime: "go", Cycles: s.Cycles, WhyNone: "the heap always recovered"}}
	m.Chart = report.Chart{
		Axis: report.AxisProcess, AxisLabel: "time since the start", To: 7200, End: 7200, Top: 4 * unit.GiB, Scale: gib,
		YTicks: yTicks(gib, unit.GiB, 4*unit.GiB), Runs: []report.Series{s},
		Lines: []report.Line{
			{Kind: report.LineLimit, Bytes: 4 * unit.GiB, Label: "limit 4 GiB", Short: "4 GiB"},
			{Kind: report.LineCeiling, Bytes: 2 * unit.GiB, Label: "ceiling 2.00", Short: "fits"},
			{Kind: report.LineThreshold, Bytes: 1434 * unit.MiB, Label: "70 % = 1.40", Short: "70 %"},
		},
		Moments: []report.Moment{{Kind: report.MomentKill, At: 7200, Label: "log ends", Text: "2:00:00"}},
		Caption: "Heap that survived each collection (line), and the heap just before it (band).", Description: "Live heap of ledger over two hours.",
	}
	for k := 0.0; k <= 7200; k += 1800 {
		m.Chart.XTicks = append(m.Chart.XTicks, report.XTick{At: k, Label: fmt.Sprintf("%d:%02d h", int(k)/3600, int(k)%3600/60)})
	}
	return m
}

// Clockless is a log without any clock and without a limit.
func Clockless() *report.Model {
	s := life(0, true, 0, 40, 1, func(at float64) float64 { return 20 + 9*at }, func(float64) float64 { return 0 })
	m := base("", inflection.Kind("undetermined"), "Undetermined")
	m.Service, m.Title = "The process", "The process: log ends while the heap was rising"
	m.Verdict.Sentence = text("The log ends while the heap was at its highest; no kill event was given.")
	m.Verdict.Missing = []string{"No memory limit is known: give --limit.", "No kernel log: the kill itself was not seen."}
	m.Crash = report.Crash{Kind: timeline.LogEnds}
	m.Facts = facts("–")
	m.Runs = []report.Run{{
		Primary: true, Runtime: "go", Cycles: s.Cycles, WhyNone: "no limit is known",
		Onset: &report.Onset{Seconds: 3, Low: 2, High: 4, Live: 50 * unit.MiB},
	}}
	mib := report.Scale{Unit: unit.MiB, Name: "MiB"}
	m.Chart = report.Chart{
		Axis: report.AxisCycles, AxisLabel: "collection", To: 40, End: 40, Top: 400 * unit.MiB, Scale: mib, YTicks: yTicks(mib, 100*unit.MiB, 400*unit.MiB),
		Runs: []report.Series{s},
		Moments: []report.Moment{
			{Kind: report.MomentOnset, At: 3, Live: 50 * unit.MiB, Label: "climb begins", Text: "GC 4"},
			{Kind: report.MomentKill, At: 40, Label: "log ends", Text: "GC 41"},
		},
		XTicks:  []report.XTick{{At: 0, Label: "1"}, {At: 10, Label: "11"}, {At: 20, Label: "21"}, {At: 30, Label: "31"}, {At: 40, Label: "41"}},
		Caption: "Heap that survived each collection.", Description: "Live heap over 41 collections.",
	}
	return m
}

// Empty is a kernel log alone: a death and no collection.
func Empty() *report.Model {
	m := base("java", inflection.Kind("undetermined"), "Undetermined")
	m.Title = "java OOM-killed"
	m.Verdict.Sentence = report.Text{}.Log("java").Plain(" was OOM-killed; no garbage collection log was given.")
	m.Crash = report.Crash{Kind: timeline.MemcgKill, Seen: true, Name: "java", Source: at("kern.log", 9)}
	m.Facts = facts("–")
	m.Chart = report.Chart{Axis: report.AxisWall}
	return m
}

func facts(end string) []report.Fact {
	return []report.Fact{
		{Label: "Killed", Value: end, Note: "memcg OOM"},
		{Label: "Inflection", Value: "–", Note: "none"},
		{Label: "Lead time", Value: "–"},
		{Label: "Growth", Value: "+222 MiB/min", Note: "r² 0.41 over 20 cycles", Dim: true},
		{Label: "Live heap at the end", Value: "146 MiB", Note: "57 % of the limit"},
		{Label: "GC at the end", Value: "2 % CPU"},
	}
}

func base(service string, kind inflection.Kind, name string) *report.Model {
	return &report.Model{
		Schema: report.Schema, Version: "0.1.0", Service: service,
		Verdict: report.Verdict{
			Kind: kind, Name: name, Confidence: inflection.High, Crash: true, Kicker: name + " · confidence high",
			Second: text("This is the second sentence."), Advice: []report.Text{text("Add the kernel log.")},
		},
		Closing: text("Confidence high. 3 damaged lines left out."),
		Inputs: []report.Source{
			{
				File: "gctrace.log", Bytes: 1242118, SHA256: "9f2c61d07a1b5f0e9f2c61d07a1b5f0e9f2c61d07a1b5f0e9f2c61d0c0a4e41b", Lines: 6968, Envelope: "cri",
				Dialects: []report.Dialect{{Name: "gctrace", Title: "Go gctrace", Records: 6892}}, Understood: 6892, Other: 73, Damaged: 3,
				Problems: []report.Problem{{Line: 2204, Dialect: "gctrace", Message: `column 34: unexpected "{"`, Text: `gc 2181 @8113.402s 2%: 0.12+86+0.0{"level":"info","msg":"session evicted"}`}},
			},
			{File: "kern.log", Bytes: 31002, SHA256: "41be0c9931dd7b6241be0c9931dd7b6241be0c9931dd7b6241be0c997712aa90", Lines: 240, Envelope: "syslog", Dialects: []report.Dialect{{Name: "kernel", Title: "Linux kernel", Records: 61}}, Understood: 61, Other: 179, Note: "cut short"},
		},
		Notes:      []report.Note{{Text: "The kernel log has no year: 2026 is assumed.", Source: at("kern.log", 1)}},
		Provenance: report.Provenance{Command: "oomtrace analyze gctrace.log kern.log --limit 4GiB", Limit: "4 GiB = 4294967296 bytes, from --limit, confirmed by kern.log:201", Clock: "UTC, from the container runtime's stamps", Tool: "oomtrace 0.1.0"},
	}
}
