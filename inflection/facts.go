package inflection

import (
	"slices"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// Facts are what the rules decide on: numbers that were worked out once, and the lines that show them. Sizes are in bytes,
// shares between 0 and 1. The zero Facts is an incident that nothing is known about.
type Facts struct {
	Options Options

	// The run.
	Runtime  string
	Version  version // the last that the runtime can be; zero is unknown
	Cycles   int
	Unsure   bool // too few collections looked at the whole heap: growth may be garbage
	Death    timeline.Death
	Kill     *event.Kill       // the kernel's report, nil if none was seen
	OOM      *event.RuntimeOOM // the runtime gave up, nil if it did not
	Ended    *event.ProcessEnd // the process ended in another way, nil if nothing says so
	Heap     bool              // the runtime said that the heap was full
	DeathPos event.Pos
	// NoCollector says that GOGC=off was stated without GOMEMLIMIT.
	NoCollector bool
	SoftStated  bool // something states GOMEMLIMIT, be it off or above the limit
	Loop        loop // deaths like this one, shortly after each other
	Told        toldFacts
	Workload    event.Engine // the engine that knows the workload; empty where none does
	Conflicts   []timeline.Note
	OtherKills  bool // a log of the kernel was given, and none of the kills in it is the death

	WhatIf  []Alternative // what other settings would have made of the run, what was first; none where nothing was replayed
	Assumed []string      // what they take for granted

	Readings readingFacts // beside the log, or instead of it

	// What the process could hold.
	Limit, Soft, Ceiling float64 // 0 is unknown; Ceiling is the last level where no limit is known
	Foreign              float64 // a limit that is less than what was live, so that it is not of this process; 0 where there is none
	Factor               float64
	Follows              bool

	// The level of the live heap.
	First     float64 // at the first collection
	Level     float64 // at the end
	Most      float64 // ever
	Usual     float64 // what it usually peaks at in the second half
	FirstPos  event.Pos
	LastPos   event.Pos
	UsualPos  event.Pos
	Peak      float64 // largest heap seen in the last collections
	Quiet     float64 // seconds from the last cycle to the death
	Distance  float64 // longest time between two of the last cycles, seconds
	Stacks    float64 // of goroutines at the end, as the log has them
	StacksWas float64 // and in the first half
	Routines  [2]int  // goroutines at the first and at the last cycle; 0 is unknown

	Java javaFacts // of a JVM only
	V8   v8Facts   // of V8 only

	// Growth that stayed.
	From, To    float64 // level before it and at the end
	Alike       int     // other runs of this incident that grew as well
	Growth      float64 // share of the top of the curve
	Swing       float64 // second largest swing that did recover, same scale
	End         float64 // level at the end, same scale
	SwingTime   float64 // longest time that a swing took, as a share of the run
	GrowTime    float64 // time since the plateau, same scale
	Rest        float64 // share of the time since the onset that the last plateau takes
	GrowCycles  int
	Jump        float64 // largest share of the growth at once
	Jumps       int
	Jumped      float64
	AfterJump   int // cycles after the last of them
	JumpPos     event.Pos
	LastJump    float64 // level before a further jump, the last one; 0 where the largest was the last
	LastJumpPos event.Pos
	OnsetPos    event.Pos
	Rate        float64   // bytes a second from the onset to the end; 0 where the log has no clock
	CrossPos    event.Pos // zero where the ceiling's line was never crossed

	// Sudden growth at the very end.
	Spike     bool
	SpikeRise float64
	SpikeBase float64
	SpikeTop  float64
	SpikePos  event.Pos
	LeakFirst bool // without the spike the run is a leak that grew more

	// The collector near the end.
	Collecting, CollectingCPU float64 // shares of the wall clock, and of the CPU the process had
	CollectingSpan            float64 // seconds that these are of
	Frees                     float64 // share of the heap that the middle one of these collections freed; 0 is unknown
	Near                      bool
	CollectingPos             event.Pos

	// What the kernel says about the memory of the group, or of the machine, in bytes; 0 is unknown or none.
	Machine                          bool // Usage is all that the machine has
	Usage, Anon, Shmem, File, Kernel float64
	Unevictable, Free, HighFree      float64
	TaskSum                          float64 // of the task table
	Crowd                            int     // small processes that filled the group together
	CrowdHeld                        float64
	StatsPos                         event.Pos
	Culprit                          event.Task // another task of the report that holds far more than the victim
	Largest                          event.Task // the task of the report that holds most, killed or not
	Lowered                          bool       // the limit was set below the use
	VictimName                       string
	VictimRSS                        float64
}

// Leak thresholds that no user needs to turn.
const (
	leakCycles  = 4    // cycles of growth: three make a line of anything
	slowSwing   = 2.5  // times the longest swing that growth must have taken to be no swing
	restShare   = 0.42 // growth that stopped for longer than this share of its time is a step or a fill
	heapExplain = 0.62 // a group killed with the live heap below this share of its ceiling did not die of its heap
	peakExplain = 0.80 // and the same of a heap of Go with its garbage, of the limit: other runtimes fill what they may before they collect
	unsureLevel = 0.75 // of the ceiling, below which unseen garbage explains growth as well
)

// leakCyclesAlive is asked for where the process may well have gone on living: a service that fills its caches grows as well.
const leakCyclesAlive = 12

// Seen reports whether a witness saw a death for want of memory.
func (f *Facts) Seen() bool { return f.Death.Memory() }

// runtime names the runtime of the run, or the one that gave up, or that never collected; it is empty where none is known.
func (f *Facts) runtime() string {
	switch {
	case f.Runtime != "":
		return f.Runtime
	case f.OOM != nil:
		return f.OOM.Runtime
	case f.NoCollector:
		return "go"
	}
	return ""
}

// Limited reports whether a limit is known, so that levels mean something.
func (f *Facts) Limited() bool { return f.Limit > 0 }

// Presumed reports whether nobody saw the end, but the heap stood so high that it must have been a death.
func (f *Facts) Presumed() bool {
	unknown := f.Death.Kind == timeline.LogEnds || f.Death.Kind == timeline.NoDeath || f.Death.Kind == "" ||
		f.Death.Kind == timeline.Signal && f.killedHard()
	return unknown && f.Limited() && f.Level > f.Options.Presumed*f.Ceiling
}

// killedHard reports whether the process got the signal that the kernel's killer sends too.
func (f *Facts) killedHard() bool {
	return f.Ended != nil && (f.Ended.Signal == "SIGKILL" || f.Ended.Code == exitKilled) || f.Told.signal == exitKilled-128
}

// stacksHigh reports whether the stacks of goroutines hold more than the heap does.
func (f *Facts) stacksHigh() bool { return f.Stacks > f.Level && f.Stacks > 2*f.StacksWas }

// Fatal reports whether the process died for want of memory, seen or presumed.
func (f *Facts) Fatal() bool { return f.Seen() || f.Presumed() }

// Grew reports whether the heap grew by more than habit explains, for long enough to be no accident. A habit of swings as high as the
// limit hides any growth by size alone; growth to the ceiling that took several times as long as any of them is none of them.
func (f *Facts) Grew() bool {
	swing, least, cycles := f.Options.Swing, f.Options.Growth, leakCycles
	if !f.Seen() {
		swing, least, cycles = f.Options.SwingAlive, f.Options.GrowthAlive, leakCyclesAlive
		if f.Presumed() {
			least, cycles = f.Options.Growth, leakCycles
		}
	}
	if f.GrowCycles < cycles || f.Growth < least*f.End {
		return false
	}
	slow := f.Fatal() && f.Level >= fullLevel*f.Ceiling && f.Growth >= f.Swing && f.GrowTime >= slowSwing*f.SwingTime
	return slow || f.Growth >= swing*f.Swing
}

// HeapExplains reports whether the heap was large enough for its process to die of its growth. Without a limit nothing speaks against it.
func (f *Facts) HeapExplains() bool {
	if f.outsideHeap() || f.heapFilledBox() || f.v8FilledBox() {
		return !f.outsideHeap()
	}
	return !f.Limited() || !f.groupKill() || f.Level >= heapExplain*f.Ceiling || f.Runtime == "go" && f.Peak >= peakExplain*f.Limit
}

// groupKill reports whether the process died at the limit of its group, container or job, and not for want of memory of a machine.
func (f *Facts) groupKill() bool {
	return f.Death.Kind == timeline.MemcgKill || f.Death.Kind == timeline.UserspaceKill && !f.Told.machine
}

// Leaked reports whether the heap grew to the end and the growth explains the death, if there was one.
func (f *Facts) Leaked() bool {
	if f.Unsure && f.Level < unsureLevel*f.Ceiling {
		return false
	}
	if f.fewButRising() || f.boxGrewFull() || f.V8.OnlyTheLast {
		return true
	}
	return f.Grew() && f.Rest < restShare && f.HeapExplains() && !f.AtOnce() && !f.onlyStarts()
}

// loops reports whether the program died like this again and again.
func (f *Facts) loops() bool { return f.Fatal() && f.Loop.deaths >= loopDeaths }

// onlyStarts reports whether all that the log has of the last life in a loop is its start: so few collections rise
// whatever the program does.
func (f *Facts) onlyStarts() bool { return f.loops() && f.Cycles < fewCycles }

// AtOnce reports whether most of the growth came in one jump, or nearly all of it in very few.
func (f *Facts) AtOnce() bool {
	return f.Jump >= stepJump || f.Jumps <= stepJumps && f.Jumped >= stepJumped
}

// facts gathers what the rules need.
func (j *judge) facts() Facts {
	f := Facts{Options: j.o, Death: j.tl.Death, NoCollector: j.tl.NoCollector, SoftStated: j.tl.SoftStated}
	j.deathFacts(&f)
	j.toldFacts(&f)
	f.Workload, f.Conflicts = j.tl.Workload.Engine, j.tl.Conflicts
	kernelFacts(&f)
	f.OtherKills = f.Kill == nil && slices.ContainsFunc(j.tl.Events, func(ev event.Event) bool { _, ok := ev.(*event.Kill); return ok })
	f.Limit = float64(j.tl.Limit.Size.Or(0))
	f.Alike = j.alike
	f.Loop = findLoop(j.tl)
	if st := j.primary; st != nil && st.series.len() > 0 {
		st.seriesFacts(&f)
		st.v8Facts(&f)
	}
	j.javaFacts(&f, j.primary)
	j.readingFacts(&f)
	f.Version = runtimeVersion(j.tl, f.runtime(), f.LastPos)
	return f
}

// deathFacts copies what ended the process. Other deaths in the log are those of other lives and other processes.
func (j *judge) deathFacts(f *Facts) {
	switch ev := j.tl.Death.Event.(type) {
	case *event.Kill:
		f.Kill, f.DeathPos = ev, ev.Pos
		if ev.KilledAt.Line > 0 {
			f.DeathPos = ev.KilledAt
		}
	case *event.RuntimeOOM:
		f.OOM, f.DeathPos = ev, ev.Pos
	case *event.ProcessEnd:
		f.Ended, f.DeathPos = ev, ev.Pos
	case *event.GC, *event.Dump, *event.Sample, *event.Setting, *event.ContainerStatus, *event.ContainerEvent, *event.Problem, nil:
	}
	f.Heap = declaredFull(f.Death)
}

// seriesFacts copies what the steps found out about the primary run.
func (st *study) seriesFacts(f *Facts) {
	s, c := st.series, st.ceiling
	f.Runtime, f.Cycles = s.run.Runtime, s.len()
	f.Unsure = s.partial && s.anchors < 2
	f.Limit, f.Soft, f.Ceiling, f.Factor, f.Follows = c.hard, c.soft, c.bytes, c.factor, c.follows
	f.Foreign = c.foreign
	f.First, f.Level = s.v[0], st.lastLevel()
	f.Most = slices.Max(s.v)
	f.Usual, f.UsualPos = st.usual()
	f.FirstPos, f.LastPos = st.at(0), st.at(s.len()-1)
	st.endFacts(f)
	st.growthFacts(f)
	st.spikeFacts(f)
	f.Collecting, f.CollectingCPU, f.Near, f.Frees = st.thrash.share, st.thrash.cpu, st.thrash.near, st.thrash.frees
	f.CollectingSpan = s.t[s.len()-1] - s.t[st.thrash.first]
	f.CollectingPos = st.at(st.thrash.first)
}

// at returns the line of the series' cycle i.
func (st *study) at(i int) event.Pos { return st.j.source(st.series.first+i, st.series) }

const usualPeak = 0.90 // quantile of the smoothed levels that counts as what a service usually peaks at

// usual returns the usual peak of the second half of the run, and the last cycle that shows it: a quantile is one of the levels.
func (st *study) usual() (float64, event.Pos) {
	s := st.series
	from := max(st.afterWarmUp(), s.len()/2)
	level := quantile(sample(s.len()-from, exactMost, func(i int) float64 { return s.smooth(from + i) }), usualPeak)
	i := s.len() - 1
	for s.smooth(i) < level {
		i--
	}
	return level, st.at(i)
}

// distances is how many of them at the end tell how much time lies between two cycles.
const distances = 20

// endFacts describes the last cycles.
func (st *study) endFacts(f *Facts) {
	s := st.series
	n := s.len()
	f.Peak = s.endPeak()
	f.Quiet = st.end - s.t[n-1]
	for i := max(1, n-distances); i < n; i++ {
		f.Distance = max(f.Distance, s.t[i]-s.t[i-1])
	}
	for i := range n {
		if s.run.Runtime != "go" {
			break
		}
		f.Stacks = float64(s.cycle(i).Beside) * 1024
		if i < n/2 {
			f.StacksWas = max(f.StacksWas, f.Stacks)
		}
	}
	if s.run.Runtime == "go" {
		f.Routines = [2]int{int(s.cycle(0).Extra), int(s.cycle(n - 1).Extra)}
	}
}

// growthFacts copies the trend.
func (st *study) growthFacts(f *Facts) {
	tr := st.trend
	if !tr.ok {
		return
	}
	f.From, f.To = st.growing.from, st.growing.to
	f.Growth, f.Swing, f.End = tr.growth, tr.swing, tr.end
	f.Rest, f.GrowCycles = tr.rest, tr.cycles
	f.SwingTime, f.GrowTime = tr.swingTime, tr.time
	f.Jump, f.Jumps, f.Jumped = tr.jump, tr.jumps, tr.jumped
	if l, ok := st.lastLeap(); ok {
		f.LastJump, f.LastJumpPos = l.from, st.at(l.first)
	}
	f.AfterJump = st.series.len() - 1 - st.curve.first[tr.jumpTo]
	f.OnsetPos, f.JumpPos = st.at(st.growing.index), st.at(st.stepAt())
	if !st.lateFull() && st.series.run.Clock != timeline.ByNumber { // else the growth came before the log, or nothing tells its time
		f.Rate = st.growing.rate
	}
	if st.bound.last != nil {
		f.CrossPos = st.bound.last.Source
	}
}

// spikeFacts copies the spike, and judges the run without it.
func (st *study) spikeFacts(f *Facts) {
	sp := st.spike
	if !sp.found {
		return
	}
	f.Spike, f.SpikeRise, f.SpikeBase, f.SpikeTop = true, sp.rise, sp.base, sp.level
	f.SpikePos = st.at(sp.first)
	f.LeakFirst = st.leaksWithout(sp)
}

// grewAlone reports whether the run grew by more than its own habit and went on to its end, whatever ended it. An earlier life that ended
// with as large a heap as the one that was seen to die is taken to have died of the same: less growth proves it.
func (st *study) grewAlone() bool {
	if last, o := st.j.tl.PrimaryRun(), st.j.o; st.j.tl.Death.Memory() && st.series.run.Restarted && last != nil && endedAlike(st.series.run, last) {
		return st.trend.goesOn(leakCycles, o.Swing, o.Growth)
	}
	return st.trend.goesOn(leakCyclesAlive, st.j.o.SwingAlive, st.j.o.GrowthAlive)
}

// goesOn reports whether the trend is growth that went on to the end: over so many cycles, so many times the swings that did
// recover, and such a share of the level at the end.
func (tr *trend) goesOn(cycles int, swing, share float64) bool {
	return tr.cycles >= cycles && tr.rest < restShare && tr.growth >= swing*tr.swing && tr.growth >= share*tr.end
}

// leaksWithout reports whether the run up to a spike is a leak that grew more than the spike.
func (st *study) leaksWithout(sp spike) bool {
	before := *st.series
	before.t, before.v = before.t[:sp.first], before.v[:sp.first]
	if before.ran != nil {
		before.ran = before.ran[:sp.first]
	}
	c := newCurve(&before)
	sc := c.scale()
	tr := findTrend(c, sc, sc.phases())
	return tr.growth*c.top > sp.rise && tr.goesOn(leakCycles, st.j.o.Swing, st.j.o.Growth)
}
