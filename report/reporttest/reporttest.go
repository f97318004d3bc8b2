// Package reporttest holds incidents made by hand for the tests of the report and its writers: one for each verdict kind,
// and more for what a log may lack or what a hostile log may hold. The numbers are made up and fit together.
package reporttest

import (
	"time"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/timeline"
)

// Case is an incident as the report gets it.
type Case struct {
	Name  string
	Input report.Input
}

// Hostile are texts that a log may hold and that must come out harmless in every format.
var Hostile = []string{
	`</script><script>alert(1)</script>`,
	"\x1b[31mred\x1b]0;title\x07",
	`__f__alert(1)__f__`,
	"@everyone #123 GH-7",
	"``` ` `` |a|b| \\| <img src=x onerror=alert(1)>",
	"two\nlines\r\n\n# heading\u2028end",
	"\u202etxt.exe\u2066\u200b",
	"[link](javascript:alert(1)) ![x](http://evil.example/x.png) https://evil.example",
	"\x00\x9b31m\xff\xfe{{constructor.constructor('x')()}}",
}

const logName = "gctrace.log"

// Folder is where the inputs of the incident "folders" lie.
const Folder = "/srv/incidents/2026-11-12/checkout/"

var start = time.Date(2026, 11, 12, 2, 10, 0, 0, time.UTC)

// leg is a stretch of a run: so many cycles, so far apart, the live heap going from one size to another, in MiB.
type leg struct {
	cycles   int
	every    time.Duration
	from, to float64
}

// life makes a run of a Go process out of legs.
func life(legs ...leg) *timeline.Run {
	r := &timeline.Run{
		Runtime: "go", Collector: event.Go, Version: "1.18 to 1.26", Start: start, Step: unit.MiB,
		Factor: timeline.Factor{Known: true, K: 2, Follows: true},
	}
	now := time.Duration(0)
	for _, l := range legs {
		for i := range l.cycles {
			now += l.every
			live := unit.Bytes((l.from + (l.to-l.from)*float64(i+1)/float64(l.cycles)) * float64(unit.MiB))
			n := uint32(r.Cycles.Len() + 1) //nolint:gosec // small
			r.Cycles.Append(timeline.Cycle{
				At: now, Live: live, Peak: live * 8 / 5, Goal: 2 * live, N: n, Line: 2*n + 1, CPU: 0.02, Pause: 0.0005, Procs: 4,
			})
		}
	}
	return r
}

// incident is a timeline of one run, and a finding without a crossing.
func incident(kind inflection.Kind, confidence inflection.Confidence, limit unit.Bytes, r *timeline.Run) report.Input {
	tl := &timeline.Timeline{Runs: []*timeline.Run{r}, Files: []string{logName}}
	if limit > 0 {
		tl.Limit = timeline.Limit{Size: unit.Known(limit), From: "flag"}
		tl.Limits = []timeline.Limit{tl.Limit}
	}
	n := r.Cycles.Len()
	found := inflection.Run{Live: inflection.Live{First: r.Cycles.At(0).Live, Last: r.Cycles.At(n - 1).Live, Step: unit.MiB}, Prepared: inflection.Prepared{Last: n - 1}}
	for i := range n {
		found.Live.Max = max(found.Live.Max, r.Cycles.At(i).Live)
	}
	if limit > 0 {
		found.Ceiling = inflection.Ceiling{Bytes: unit.Known(limit), Basis: "the limit: GOMEMLIMIT holds the goal down"}
	}
	return report.Input{
		Timeline: tl, Service: "checkout-api", Version: "0.1.0",
		Finding: &inflection.Finding{Verdict: inflection.Verdict{Kind: kind, Confidence: confidence}, Runs: []inflection.Run{found}},
		Sources: []report.Source{{
			File: logName, Bytes: 1242118, SHA256: "9f2c61d07a1b5f0e9f2c61d07a1b5f0e9f2c61d07a1b5f0e9f2c61d0c0a4e41b", Lines: 2*n + 12, Envelope: "none",
			Dialects: []report.Dialect{{Name: "gctrace", Title: "Go gctrace", Records: n}}, Understood: n, Other: n + 12,
		}},
	}
}

// crossing describes the cycle with an index as a crossing.
func crossing(in report.Input, i int) *inflection.Crossing {
	r := in.Timeline.Runs[0]
	x := r.Cycles.At(i)
	c := &inflection.Crossing{
		Index: i, Cycle: int64(x.N), At: x.At, Live: x.Live, LaterCycles: r.Cycles.Len() - 1 - i,
		Source: event.Pos{File: logName, Line: int(x.Line)},
	}
	if l, ok := in.Timeline.Limit.Size.Get(); ok {
		c.FractionOfLimit = float64(x.Live) / float64(l)
	}
	if l, ok := in.Finding.Runs[0].Ceiling.Bytes.Get(); ok {
		c.FractionOfCeiling = float64(x.Live) / float64(l)
	}
	return c
}

// firstAbove returns the first cycle from which on the live heap stays above a fraction of the ceiling.
func firstAbove(in report.Input, fraction float64) int {
	r := in.Timeline.Runs[0]
	level := in.Finding.Runs[0].Ceiling.Bytes.Or(0)
	i := r.Cycles.Len()
	for i > 0 && float64(r.Cycles.At(i-1).Live) >= fraction*float64(level) {
		i--
	}
	return i
}

// grow adds an onset at a cycle, the growth from there to the end, and the inflection if there is one.
func grow(in *report.Input, onset int, r2 float64) {
	r, f := in.Timeline.Runs[0], &in.Finding.Runs[0]
	last := r.Cycles.Len() - 1
	o, e := r.Cycles.At(onset), r.Cycles.At(last)
	f.Onset = &inflection.Onset{
		Index: onset, Cycle: int64(o.N), At: o.At, Low: o.At - time.Minute, High: o.At + time.Minute, Live: o.Live, Level: o.Live, Scatter: 9 * unit.MiB,
		Source: event.Pos{File: logName, Line: int(o.Line)},
	}
	perSecond := float64(e.Live-o.Live) / (e.At - o.At).Seconds()
	f.Growth = &inflection.Growth{PerSecond: perSecond, Low: 0.9 * perSecond, High: 1.1 * perSecond, Shape: "linear", R2: r2, From: o.Live, To: e.Live}
	if i := firstAbove(*in, 0.70); i <= last {
		f.Inflection = crossing(*in, i)
		if x := r.Cycles.At(i); last-i > 1 {
			f.Growth.FromInflection = &inflection.Line{PerSecond: float64(e.Live-x.Live) / (e.At - x.At).Seconds(), R2: 1, Cycles: last - i + 1}
		}
		left := float64(f.Ceiling.Bytes.Or(0)-r.Cycles.At(i).Live) / perSecond
		at := r.Cycles.At(i).At
		f.Forecast = &inflection.Forecast{MadeAt: at, Death: at + time.Duration(left*1e9), Low: at + time.Duration(left*0.8e9), High: at + time.Duration(left*1.4e9)}
	} else {
		f.WhyNone = "the live heap never stayed above 70 % of what fits"
	}
}

// kill ends an incident by the kernel, four seconds after the last cycle.
func kill(in *report.Input, kind timeline.DeathKind) *event.Kill {
	r := in.Timeline.Runs[0]
	at := r.Cycles.At(r.Cycles.Len()-1).At + 4*time.Second
	limit := in.Timeline.Limit.Size
	k := &event.Kill{
		Head:   event.Head{Pos: event.Pos{File: "kern.log", Line: 180}, Dialect: "kernel"},
		Kernel: "6.12.43", Constraint: event.ConstraintMemcg, Usage: limit, Limit: limit, OOMMemcg: "/kubepods/burstable/pod7c1f/4be1",
		Trigger: event.Task{PID: 41877, Name: "checkout-api"}, Page: unit.Known(4 * unit.KiB), Repeats: 1,
		Victims:  []event.Victim{{PID: 41877, Name: "checkout-api", Anon: unit.Known(limit.Or(unit.GiB) - 8*unit.MiB), File: unit.Known(2 * unit.MiB)}},
		Tasks:    []event.Task{{PID: 41877, Name: "checkout-api", RSS: limit}, {PID: 9, Name: "pause", RSS: unit.Known(unit.MiB)}},
		KilledAt: event.Pos{File: "kern.log", Line: 212},
	}
	d := timeline.Death{Kind: kind, At: at, Timed: true, PID: 41877, Name: "checkout-api", Cgroup: k.OOMMemcg, PodUID: "7c1f", RSS: limit, Event: k, Kills: 1}
	if !r.Start.IsZero() {
		k.Time = event.Time{Has: event.Wall, Wall: r.Start.Add(at).UnixNano(), Step: time.Second}
		d.Time = k.Time
		in.Timeline.Ties = []timeline.Tie{{From: "process", To: "wall", Text: "The clock of gctrace.log was tied to UTC by the time stamps of its lines.", Source: event.Pos{File: logName, Line: 3}}}
	}
	in.Timeline.Death = d
	in.Timeline.Events = []event.Event{k}
	in.Timeline.Limit.ConfirmedBy = event.Pos{File: "kern.log", Line: 201}
	in.Sources = append(in.Sources, report.Source{File: "kern.log", Bytes: 31002, Lines: 240, Envelope: "syslog", Dialects: []report.Dialect{{Name: "kernel", Records: 1}}, Understood: 61, Other: 179})
	return k
}

// stop ends an incident by an event of the process's own output, at the last cycle.
func stop(in *report.Input, kind timeline.DeathKind, ev event.Event) {
	r := in.Timeline.Runs[0]
	at := r.Cycles.At(r.Cycles.Len()-1).At + 100*time.Millisecond
	h := ev.Header()
	h.Pos = event.Pos{File: logName, Line: 2*r.Cycles.Len() + 3}
	in.Timeline.Death = timeline.Death{Kind: kind, At: at, Timed: true, Event: ev}
	in.Timeline.Events = []event.Event{ev}
}

// foresee adds what alarms and other settings would have made of the primary run, with the limit as what fits.
func foresee(in *report.Input) {
	run, tl := *in.Timeline.Runs[0], *in.Timeline
	run.Factor = timeline.Factor{}
	tl.Runs = []*timeline.Run{&run}
	judged := inflection.Judge(&tl, inflection.Default()).Runs[0]
	f := &in.Finding.Runs[0]
	f.Alarms, f.WhatIf, f.Assumed = judged.Alarms, judged.WhatIf, judged.Assumed
}

// Leak is the incident that the documentation shows: a climb from 0.6 to 3.7 GiB within 90 minutes under a limit of 4 GiB.
func Leak() report.Input {
	in := incident("leak", inflection.High, 4*unit.GiB, life(leg{900, 23 * time.Second, 560, 620}, leg{1400, 4 * time.Second, 620, 3789}))
	grow(&in, 900, 0.9991)
	kill(&in, timeline.MemcgKill)
	foresee(&in)
	v := &in.Finding.Verdict
	v.Evidence = []inflection.Evidence{
		{Claim: "from the onset on, the live heap never came back to its level before", Source: in.Finding.Runs[0].Onset.Source},
		{Claim: "the kernel killed pid 41877 at its memory limit", Source: event.Pos{File: "kern.log", Line: 212}},
	}
	v.Advice = []string{"find what keeps the memory alive: compare two heap profiles"}
	v.WouldChange = []string{"a limit other than 4 GiB: at 6 GiB no cycle crosses 70 %"}
	in.Profiles = []string{"heap-0800.pb.gz", "heap-0925.pb.gz"}
	in.Suspects = []report.Suspect{{
		Function: "session.(*Cache).put", File: "session/cache.go", Line: 118, Growth: 1853 * unit.MiB, Share: 0.71,
		Base: 92 * unit.MiB, Last: 1945 * unit.MiB, Objects: 412806, Stack: []string{"session.(*Cache).put", "session.Load", "net/http.HandlerFunc.ServeHTTP"},
	}}
	s := &in.Sources[0]
	s.Damaged = 2
	s.Problems = []report.Problem{{Line: 2204, Dialect: "gctrace", Message: "expected milliseconds at column 34", Text: "gc 2181 @8113.402s 2%: 0.12+86+0.0{"}, {Line: 2310, Dialect: "gctrace", Message: "line ends early", Text: "gc 2406 @11502.0"}}
	in.Command = []string{"oomtrace", "analyze", "gctrace.log", "kern.log", "--limit", "4GiB"}
	return in
}

// Cases returns all incidents.
func Cases() []Case {
	cases := []Case{{"leak", Leak()}}
	add := func(name string, in report.Input) { cases = append(cases, Case{name, in}) }
	for _, c := range []func() (string, report.Input){
		step, spike, undersized, overshoot, thrash, offHeap, resident, healthy, recovered, logEnds, alive, noWall, untimed, noClock, truncated, weak, oneCycle,
		runtimeOOM, addressSpace, threads, stack, outside, panicked, undetermined, crashLoop, redacted, folders, hostile, java, processes,
	} {
		name, in := c()
		add(name, in)
	}
	for _, c := range kernelCases() {
		add(c.Name, c.Input)
	}
	add("kernel-only", kernelOnly())
	add("witnesses", witnesses())
	add("told-alone", toldAlone())
	add("nothing", report.Input{})
	return cases
}

func step() (string, report.Input) {
	in := incident("step", inflection.High, 4*unit.GiB, life(leg{300, 10 * time.Second, 900, 910}, leg{2, 10 * time.Second, 910, 3300}, leg{200, 10 * time.Second, 3300, 3310}))
	grow(&in, 300, 0.61)
	kill(&in, timeline.MemcgKill)
	return "step", in
}

func spike() (string, report.Input) {
	in := incident("spike", inflection.Medium, 4*unit.GiB, life(leg{300, 10 * time.Second, 480, 490}, leg{2, time.Second, 490, 3700}))
	grow(&in, 300, 0.9)
	kill(&in, timeline.MemcgKill)
	return "spike", in
}

func undersized() (string, report.Input) {
	in := incident("undersized-limit", inflection.High, 512*unit.MiB, life(leg{20, time.Second, 20, 470}, leg{300, 10 * time.Second, 470, 472}))
	in.Finding.Runs[0].Inflection = crossing(in, firstAbove(in, 0.70))
	kill(&in, timeline.MemcgKill)
	return "undersized-limit", in
}

func overshoot() (string, report.Input) {
	in := incident("goal-overshoot", inflection.High, 256*unit.MiB, life(leg{200, 2 * time.Second, 20, 146}))
	in.Finding.Runs[0].Ceiling = inflection.Ceiling{Bytes: unit.Known(128 * unit.MiB), Basis: "limit / 2.00: each cycle's goal is twice the live heap"}
	grow(&in, 10, 0.98)
	kill(&in, timeline.MemcgKill)
	in.Finding.Verdict.Advice = []string{"set GOMEMLIMIT to 230 MiB"}
	return "goal-overshoot", in
}

func thrash() (string, report.Input) {
	r := life(leg{20, time.Second, 20, 244}, leg{400, 100 * time.Millisecond, 244, 245})
	for i := 20; i < r.Cycles.Len(); i++ {
		r.Cycles.At(i).CPU = 0.3
	}
	in := incident("thrash", inflection.High, 256*unit.MiB, r)
	in.Finding.Verdict.Also = []inflection.Kind{"undersized-limit"}
	kill(&in, timeline.MemcgKill)
	return "thrash", in
}

func offHeap() (string, report.Input) {
	in := incident("off-heap", inflection.Medium, 4*unit.GiB, life(leg{400, 5 * time.Second, 1020, 1100}))
	in.Finding.Verdict.Detail = "mmap"
	in.Finding.Runs[0].WhyNone = "the live heap stayed far below what fits"
	kill(&in, timeline.MemcgKill)
	return "off-heap", in
}

// resident is the same with readings of resident memory, the last of them well before the death.
func resident() (string, report.Input) {
	_, in := offHeap()
	s := timeline.Series{Name: event.ValueRSS, Count: 60}
	for i := range s.Count {
		s.Readings = append(s.Readings, timeline.Reading{At: time.Duration(100+30*i) * time.Second, V: float64(1100+48*i) * float64(unit.MiB), Line: uint32(i + 1)}) //nolint:gosec // small
	}
	in.Timeline.Series = []timeline.Series{s}
	return "resident", in
}

func healthy() (string, report.Input) {
	in := incident("healthy", inflection.High, 4*unit.GiB, life(leg{200, 10 * time.Second, 500, 2500}, leg{200, 10 * time.Second, 600, 610}))
	in.Timeline.Death.Kind = timeline.NoDeath
	return "healthy", in
}

func recovered() (string, report.Input) {
	in := incident("healthy", inflection.Medium, 4*unit.GiB, life(leg{100, 10 * time.Second, 500, 3000}, leg{100, 10 * time.Second, 600, 3100}, leg{100, 10 * time.Second, 600, 700}))
	in.Timeline.Death.Kind = timeline.LogEnds
	for _, i := range []int{95, 192} {
		x := crossing(in, i)
		x.RecoveredAt, x.LaterCycles = in.Timeline.Runs[0].Cycles.At(i+9).At, 8
		in.Finding.Runs[0].Recovered = append(in.Finding.Runs[0].Recovered, *x)
	}
	return "recovered", in
}

func logEnds() (string, report.Input) {
	in := incident("leak", inflection.Medium, 4*unit.GiB, life(leg{900, 23 * time.Second, 560, 620}, leg{1400, 4 * time.Second, 620, 3789}))
	grow(&in, 900, 0.9991)
	in.Timeline.Death.Kind = timeline.LogEnds
	in.Finding.Verdict.Presumed = true
	in.Finding.Verdict.Missing = []string{"an OOM kill fits, but the log cannot prove it: add the kernel log or kubectl get pod -o json"}
	return "log-ends", in
}

func alive() (string, report.Input) {
	in := incident("leak", inflection.Low, 0, life(leg{100, time.Hour, 100, 110}, leg{100, time.Hour, 110, 160}))
	grow(&in, 100, 0.97)
	in.Finding.Runs[0].Inflection, in.Finding.Runs[0].Forecast = nil, nil
	in.Finding.Runs[0].WhyNone = "no limit is known"
	in.Timeline.Death.Kind = timeline.NoDeath
	return "alive", in
}

func noWall() (string, report.Input) {
	r := life(leg{200, 2 * time.Second, 20, 25}, leg{600, 2 * time.Second, 25, 240})
	r.Start = time.Time{}
	in := incident("leak", inflection.High, 256*unit.MiB, r)
	grow(&in, 200, 0.99)
	kill(&in, timeline.MemcgKill)
	foresee(&in)
	return "no-wall-clock", in
}

func untimed() (string, report.Input) {
	r := life(leg{40, 50 * time.Millisecond, 20, 25}, leg{60, 50 * time.Millisecond, 25, 240})
	r.Start = time.Time{}
	in := incident("leak", inflection.High, 256*unit.MiB, r)
	grow(&in, 40, 0.99)
	k := kill(&in, timeline.MemcgKill)
	k.Time = event.Time{Has: event.Boot, Boot: 242031 * time.Millisecond}
	in.Timeline.Death.Timed, in.Timeline.Death.Time = false, k.Time
	in.Timeline.Death.At = r.Cycles.At(r.Cycles.Len() - 1).At
	return "untimed-death", in
}

func noClock() (string, report.Input) {
	r := life(leg{40, time.Second, 20, 25}, leg{160, time.Second, 25, 240})
	r.Start, r.Clock = time.Time{}, timeline.ByNumber
	in := incident("leak", inflection.Medium, 256*unit.MiB, r)
	grow(&in, 40, 0.99)
	in.Timeline.Death.Kind = timeline.LogEnds
	return "no-clock", in
}

func truncated() (string, report.Input) {
	in := incident("leak", inflection.Medium, 256*unit.MiB, life(leg{60, time.Minute, 200, 250}))
	grow(&in, 0, 0.99)
	in.Finding.Runs[0].Inflection.Truncated = true
	kill(&in, timeline.MemcgKill)
	return "truncated", in
}

func weak() (string, report.Input) {
	in := incident("leak", inflection.Low, 256*unit.MiB, life(leg{60, time.Minute, 20, 30}, leg{60, time.Minute, 30, 245}))
	grow(&in, 60, 0.31)
	kill(&in, timeline.GlobalKill)
	return "weak-rate", in
}

func oneCycle() (string, report.Input) {
	in := incident("undetermined", inflection.Low, 0, life(leg{1, time.Second, 4, 4}))
	in.Timeline.Death.Kind = timeline.LogEnds
	in.Finding.Verdict.Missing = []string{"one collection is too little to judge"}
	return "one-cycle", in
}

func runtimeOOM() (string, report.Input) {
	in := incident("leak", inflection.High, 256*unit.MiB, life(leg{200, 2 * time.Second, 20, 25}, leg{600, 2 * time.Second, 25, 240}))
	grow(&in, 200, 0.99)
	stop(&in, timeline.RuntimeOOM, &event.RuntimeOOM{Runtime: "go", Kind: event.OOMHeap, Message: "fatal error: runtime: out of memory"})
	return "runtime-oom", in
}

func addressSpace() (string, report.Input) {
	in := incident("address-space", inflection.High, 0, life(leg{50, time.Second, 20, 25}))
	stop(&in, timeline.RuntimeOOM, &event.RuntimeOOM{
		Runtime: "go", Kind: event.OOMAddressSpace, Message: "fatal error: runtime: cannot allocate memory", Requested: unit.Known(4 * unit.MiB), InUse: unit.Known(90 * unit.MiB),
	})
	return "address-space", in
}

func threads() (string, report.Input) {
	in := incident("thread-limit", inflection.High, 0, life(leg{50, time.Second, 20, 25}))
	stop(&in, timeline.RuntimeOOM, &event.RuntimeOOM{Runtime: "go", Kind: event.OOMThreads, Message: "fatal error: thread exhaustion", Bound: 10000})
	return "thread-limit", in
}

func stack() (string, report.Input) {
	in := incident("stack-overflow", inflection.High, 0, life(leg{50, time.Second, 20, 25}))
	stop(&in, timeline.RuntimeOOM, &event.RuntimeOOM{Runtime: "go", Kind: event.OOMStack, Message: "fatal error: stack overflow", Bound: 1000000000})
	return "stack-overflow", in
}

func outside() (string, report.Input) {
	in := incident("killed-from-outside", inflection.Medium, 4*unit.GiB, life(leg{50, time.Second, 20, 25}))
	stop(&in, timeline.Signal, &event.ProcessEnd{Kind: event.EndSignal, Signal: "SIGKILL", Code: 137, HasCode: true})
	return "killed-from-outside", in
}

func panicked() (string, report.Input) {
	in := incident("not-an-oom", inflection.High, 4*unit.GiB, life(leg{50, time.Second, 20, 25}))
	stop(&in, timeline.Exit, &event.ProcessEnd{Runtime: "go", Kind: event.EndPanic, Message: "panic: runtime error: index out of range [7] with length 3", Code: 2, HasCode: true})
	return "not-an-oom", in
}

func undetermined() (string, report.Input) {
	in := incident("undetermined", inflection.Low, 0, life(leg{50, time.Second, 20, 25}))
	kill(&in, timeline.MemcgKill)
	in.Timeline.Limit = timeline.Limit{}
	in.Finding.Verdict.Missing = []string{"the limit: give --limit"}
	return "undetermined", in
}

func crashLoop() (string, report.Input) {
	in := incident("crash-loop", inflection.High, 256*unit.MiB, life(leg{60, time.Minute, 20, 245}))
	grow(&in, 0, 0.99)
	kill(&in, timeline.MemcgKill)
	in.Timeline.Death.Kills = 5
	for i := range 2 {
		r := life(leg{60, time.Minute, 20, 245})
		r.Start, r.Restarted, r.Index = start.Add(-time.Duration(2-i)*90*time.Minute), true, i
		in.Timeline.Runs = append(in.Timeline.Runs, r)
		in.Finding.Runs = append(in.Finding.Runs, inflection.Run{})
	}
	n := len(in.Timeline.Runs)
	in.Timeline.Runs = append(in.Timeline.Runs[1:n:n], in.Timeline.Runs[0])
	in.Finding.Runs = append(in.Finding.Runs[1:n:n], in.Finding.Runs[0])
	in.Timeline.Primary = n - 1
	return "crash-loop", in
}

// witnesses is a leak that an engine tells of too, with an earlier life.
func witnesses() report.Input {
	in := Leak()
	in.Timeline.Workload.Engine = event.Docker
	end := in.Timeline.Runs[0].Start.Add(in.Timeline.Death.At)
	say := func(line int, before time.Duration, action event.ContainerAction, code int) {
		ev := &event.ContainerEvent{
			Head:      event.Head{Pos: event.Pos{File: "events.txt", Line: line}, Time: event.Time{Has: event.Wall, Wall: end.Add(-before).UnixNano(), Step: time.Millisecond}},
			Container: event.Container{Engine: event.Docker}, Action: action, ExitCode: code, HasExit: action == event.ActionExit,
		}
		in.Timeline.Events = append(in.Timeline.Events, ev)
		in.Timeline.Workload.Events = append(in.Timeline.Workload.Events, ev)
	}
	say(1, 6*time.Hour, event.ActionStart, 0)
	say(2, 2*time.Hour+30*time.Second, event.ActionOOM, 0)
	say(3, 2*time.Hour, event.ActionExit, 137)
	say(4, 2*time.Hour-time.Minute, event.ActionStart, 0)
	say(5, 0, event.ActionOOM, 0)
	say(6, -2*time.Second, event.ActionExit, 137)
	told := in.Timeline.Workload.Events
	in.Timeline.Conflicts = []timeline.Note{{Text: "docker says OOMKilled=false; the kernel's log shows the kill, and the kernel is the witness", Source: event.Pos{File: "events.txt", Line: 6}}}
	in.Timeline.Ends = []*timeline.End{
		{Main: true, Told: []event.Event{in.Timeline.Death.Event, told[4], told[5]}, Conflicts: in.Timeline.Conflicts},
		{Told: []event.Event{told[1], told[2]}},
	}
	in.Timeline.Workload.Lives = []timeline.Life{
		{Started: end.Add(-6 * time.Hour), Finished: end.Add(-2 * time.Hour), ExitCode: 137, Ended: true, OOM: true, Source: event.Pos{File: "events.txt", Line: 3}},
		{Started: end.Add(-119 * time.Minute), Finished: end.Add(2 * time.Second), ExitCode: 137, Ended: true, OOM: true, Source: event.Pos{File: "events.txt", Line: 6}},
	}
	return in
}

// toldAlone is the same without a line of a collector.
func toldAlone() report.Input {
	in := witnesses()
	tl := in.Timeline
	tl.Runs, tl.Primary, tl.Death.Timed, tl.Ties, in.Finding.Runs = nil, -1, false, nil, nil
	tl.Files = []string{"kern.log", "events.txt"}
	in.Finding.Verdict = inflection.Verdict{Kind: inflection.Undetermined, Confidence: inflection.Low}
	in.Sources, in.Suspects, in.Profiles = in.Sources[1:], nil, nil
	return in
}

func redacted() (string, report.Input) {
	in := Leak()
	in.Redact = true
	in.Timeline.Runs[0].Stream = &event.Stream{Host: "node-17", Namespace: "shop", Pod: "checkout-7c1f"}
	move(&in, "/srv/secret/", "/srv/secret/")
	in.Lines = map[event.Pos]string{{File: "kern.log", Line: 212}: "Nov 12 node-17 kernel: Memory cgroup out of memory"}
	return "redacted", in
}

// folders is an incident whose logs lie in folders, as those of an archive do.
func folders() (string, report.Input) {
	in := Leak()
	move(&in, Folder+"pods/", Folder)
	in.Sources[0].Notes = []string{"unpacked gzip", "time stamps name no time zone: read as UTC"}
	in.Profiles[0], in.Profiles[1] = Folder+"profiles/"+in.Profiles[0], Folder+"profiles/"+in.Profiles[1]
	return "folders", in
}

// move puts the two logs of the leak into folders.
func move(in *report.Input, gc, kern string) {
	to := func(p *event.Pos) { p.File = map[string]string{logName: gc, "kern.log": kern}[p.File] + p.File }
	in.Timeline.Files[0] = gc + in.Timeline.Files[0]
	in.Sources[0].File, in.Sources[1].File = gc+in.Sources[0].File, kern+in.Sources[1].File
	k := in.Timeline.Death.Event.(*event.Kill)
	f := &in.Finding.Runs[0]
	for _, p := range []*event.Pos{&k.Pos, &k.KilledAt, &in.Timeline.Limit.ConfirmedBy, &in.Timeline.Ties[0].Source, &f.Inflection.Source, &f.Onset.Source} {
		to(p)
	}
	for i := range in.Finding.Verdict.Evidence {
		to(&in.Finding.Verdict.Evidence[i].Source)
	}
}

// hostile puts hostile text wherever a log or a name can.
func hostile() (string, report.Input) {
	in := Leak()
	h := func(i int) string { return Hostile[i%len(Hostile)] }
	in.Service = h(0)
	in.Timeline.Files[0] = h(1)
	in.Timeline.Runs[0].Stream = &event.Stream{Pod: h(2), Container: h(3)}
	in.Timeline.Runs[0].Version = h(4)
	in.Timeline.Death.Name, in.Timeline.Death.Cgroup = h(5), h(6)
	in.Timeline.Notes = []timeline.Note{{Text: h(7), Source: event.Pos{File: h(8), Line: 1}}}
	in.Timeline.Ties[0].Text = h(0)
	k := in.Timeline.Death.Event.(*event.Kill)
	k.Victims[0].Name, k.OOMMemcg = h(1), h(3)
	f := &in.Finding.Runs[0]
	f.Inflection.Source.File, f.Ceiling.Basis, f.Growth.Shape = h(4), h(0), h(5)
	v := &in.Finding.Verdict
	for i := range Hostile {
		v.Evidence = append(v.Evidence, inflection.Evidence{Claim: h(i), Source: event.Pos{File: h(i + 1), Line: i}})
		v.Missing = append(v.Missing, h(i))
		v.Advice = append(v.Advice, h(i))
		v.WouldChange = append(v.WouldChange, h(i))
		in.Suspects = append(in.Suspects, report.Suspect{Function: h(i), File: h(i + 1), Line: 1, Growth: unit.MiB, Share: 0.01, Stack: []string{h(i + 2)}})
		in.Sources = append(in.Sources, report.Source{
			File: h(i), Envelope: h(i + 1), Note: h(i + 2), SHA256: h(i + 3), Damaged: 1, Dialects: []report.Dialect{{Name: h(i), Title: h(i)}},
			Problems: []report.Problem{{Line: 1, Dialect: h(i), Message: h(i + 1), Text: h(i + 2)}},
		})
	}
	in.Suspects[0].Function = h(4)
	in.Profiles = Hostile
	in.Command = Hostile
	in.Version = h(0)
	in.Lines = map[event.Pos]string{}
	for i, p := range report.Wanted(in) {
		in.Lines[p] = h(i)
	}
	return "hostile", in
}

// java is a process whose old generation and class metadata fill up, and that the system counted until its end.
func java() (string, report.Input) {
	r := life(leg{300, 2 * time.Second, 100, 110}, leg{900, 2 * time.Second, 110, 900})
	r.Runtime, r.Collector, r.Factor = "jvm", event.Parallel, timeline.Factor{}
	for i := range r.Cycles.Len() {
		x := r.Cycles.At(i)
		x.Goal, x.Procs, x.Pause, x.Peak = 0, 0, 0.004+float32(i)*0.001, x.Live+40*unit.MiB
		x.Old, x.OldRoom, x.Beside = uint32((x.Live-20*unit.MiB)/unit.KiB), 900<<10, uint32(40<<10+20*i) //nolint:gosec // small
	}
	in := incident("leak", inflection.High, unit.GiB, r)
	grow(&in, 300, 0.999)
	i := firstAbove(in, 0.65)
	old := crossing(in, i)
	old.Live = unit.Bytes(r.Cycles.At(i).Old) * unit.KiB
	in.Finding.Runs[0].OldGen = &inflection.OldGen{Capacity: 900 * unit.MiB, First: 80 * unit.MiB, Last: 880 * unit.MiB, Max: 880 * unit.MiB, Inflection: old, Source: old.Source}
	stop(&in, timeline.RuntimeOOM, &event.RuntimeOOM{Runtime: "jvm", Kind: event.OOMHeap, Message: "java.lang.OutOfMemoryError: Java heap space"})
	in.Timeline.Death.RSS = unit.Known(1200 * unit.MiB)
	return "java", in
}

// processes is a leak with another process on the same wall clock.
func processes() (string, report.Input) {
	in := Leak()
	other := life(leg{500, 40 * time.Second, 300, 340})
	other.Index, other.PID, other.Stream = 1, 77, &event.Stream{Pod: "backup-2"}
	other.Start = start.Add(10 * time.Minute)
	in.Timeline.Runs = append(in.Timeline.Runs, other)
	in.Finding.Runs = append(in.Finding.Runs, inflection.Run{Live: inflection.Live{First: 300 * unit.MiB, Last: 340 * unit.MiB, Max: 340 * unit.MiB}, WhyNone: "the heap stayed where it was"})
	return "processes", in
}

// kernelCases are the verdicts that the kernel's report decides.
func kernelCases() []Case {
	var out []Case
	for _, c := range []struct {
		kind  inflection.Kind
		death timeline.DeathKind
		edit  func(*report.Input, *event.Kill)
	}{
		{"neighbour", timeline.MemcgKill, func(_ *report.Input, k *event.Kill) {
			k.Tasks = append(k.Tasks, event.Task{PID: 77, Name: "backup", RSS: unit.Known(3174 * unit.MiB)})
		}},
		{"parent-limit", timeline.MemcgKill, func(_ *report.Input, k *event.Kill) {
			k.OOMMemcg, k.Limit = "/kubepods/burstable", unit.Known(8*unit.GiB)
		}},
		{"node-pressure", timeline.GlobalKill, func(_ *report.Input, k *event.Kill) {
			k.Global, k.OOMMemcg, k.Constraint = true, "", event.ConstraintNone
		}},
		{"shared-memory", timeline.MemcgKill, func(_ *report.Input, k *event.Kill) {
			k.Stats = []event.Stat{{Name: "anon", Size: 300 * unit.MiB}, {Name: "shmem", Size: 3174 * unit.MiB}}
		}},
		{"page-cache", timeline.MemcgKill, func(_ *report.Input, k *event.Kill) {
			k.Stats = []event.Stat{{Name: "file", Size: 3174 * unit.MiB}}
		}},
		{"kernel-memory", timeline.MemcgKill, func(_ *report.Input, k *event.Kill) {
			k.Stats = []event.Stat{{Name: "slab", Size: 2174 * unit.MiB}, {Name: "kernel", Size: 3174 * unit.MiB}}
		}},
		{"limit-lowered", timeline.MemcgKill, func(*report.Input, *event.Kill) {}},
		{"userspace-kill", timeline.UserspaceKill, func(in *report.Input, _ *event.Kill) { in.Finding.Verdict.Kind = "node-pressure" }},
		{"eviction", timeline.Eviction, func(in *report.Input, _ *event.Kill) { in.Finding.Verdict.Kind = "node-pressure" }},
	} {
		in := incident(c.kind, inflection.High, 4*unit.GiB, life(leg{100, 10 * time.Second, 300, 320}))
		c.edit(&in, kill(&in, c.death))
		out = append(out, Case{string(c.kind), in})
	}
	return out
}

// kernelOnly is an incident without any GC log.
func kernelOnly() report.Input {
	in := incident("undetermined", inflection.Low, 2*unit.GiB, life(leg{1, time.Second, 4, 4}))
	kill(&in, timeline.MemcgKill)
	tl := in.Timeline
	tl.Runs, tl.Primary, tl.Death.Timed, tl.Ties, in.Finding.Runs = nil, -1, false, nil, nil
	tl.Files = []string{"kern.log"}
	in.Service = ""
	in.Sources = in.Sources[1:]
	return in
}
