package inflection

import (
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// study works through the story.
func (s story) study() *study {
	j := &judge{tl: s.timeline(), o: Default()}
	j.primary = j.study(j.tl.Runs[0], true)
	return j.primary
}

// facts returns what the rules see of the story.
func (s story) facts() Facts { return s.study().j.facts() }

// A heap far above what is usual, at the end of a log that does not tell of a death.
func TestPresumed(t *testing.T) {
	killed := timeline.Death{Kind: timeline.Signal}
	high := but(leaking(), func(f *Facts) { f.Death, f.Level = logEnds, 0.86*gib })
	for _, c := range []struct {
		name string
		f    Facts
		want bool
	}{
		{"the log ends", high, true},
		{"nothing tells of an end", but(high, func(f *Facts) { f.Death.Kind = timeline.NoDeath }), true},
		{"nothing is known", but(high, func(f *Facts) { f.Death.Kind = "" }), true},
		{"just so high", but(high, func(f *Facts) { f.Level = 0.85 * gib }), false},
		{"no limit is known", but(high, func(f *Facts) { f.Limit = 0 }), false},
		{"an exit", but(high, func(f *Facts) { f.Death.Kind = timeline.Exit }), false},
		{"SIGKILL", but(high, func(f *Facts) { f.Death, f.Ended = killed, &event.ProcessEnd{Signal: "SIGKILL"} }), true},
		{"SIGTERM", but(high, func(f *Facts) { f.Death, f.Ended = killed, &event.ProcessEnd{Signal: "SIGTERM"} }), false},
		{"status 137", but(high, func(f *Facts) { f.Death, f.Ended = killed, &event.ProcessEnd{Code: 137} }), true},
		{"status 143", but(high, func(f *Facts) { f.Death, f.Ended = killed, &event.ProcessEnd{Code: 143} }), false},
		{"an engine tells of signal 9", but(high, func(f *Facts) { f.Death, f.Told.signal = killed, 9 }), true},
		{"an engine tells of signal 15", but(high, func(f *Facts) { f.Death, f.Told.signal = killed, 15 }), false},
		{"an exit with the status of a signal", but(high, func(f *Facts) { f.Death.Kind, f.Ended = timeline.Exit, &event.ProcessEnd{Code: 137} }), false},
	} {
		if got := c.f.Presumed(); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// Which line tells of the death.
func TestDeathLine(t *testing.T) {
	at := event.Head{Pos: event.Pos{File: "a.log", Line: 3}}
	for _, c := range []struct {
		name string
		ev   event.Event
		want int
	}{
		{"a kill", &event.Kill{Head: at}, 3},
		{"a kill with a line of its own", &event.Kill{Head: at, KilledAt: event.Pos{File: "a.log", Line: 9}}, 9},
		{"a want of the runtime", &event.RuntimeOOM{Head: at}, 3},
		{"an end of the process", &event.ProcessEnd{Head: at}, 3},
		{"nothing", nil, 0},
	} {
		var f Facts
		(&judge{tl: &timeline.Timeline{Death: timeline.Death{Event: c.ev}}}).deathFacts(&f)
		if f.DeathPos.Line != c.want {
			t.Errorf("%s: line %d, want %d", c.name, f.DeathPos.Line, c.want)
		}
	}
}

// What the rules see of the level of a run: a plateau of 20 MiB among 10, read of the second half.
func TestLevelFacts(t *testing.T) {
	live := shape(60, 0, flatAt(10))
	for i := 40; i < 50; i++ {
		live[i] = 20
	}
	live[3] = 30 // torn: mended
	f := story{live: live, goal: 2, limit: 100, death: logEnds}.facts()
	if f.First != 10*mib || f.Level != 10*mib || f.Most != 20*mib || f.FirstPos.Line != 1 || f.LastPos.Line != 60 {
		t.Errorf("from %v on line %v to %v on line %v, at most %v", f.First, f.FirstPos, f.Level, f.LastPos, f.Most)
	}
	if f.Usual != 20*mib || f.UsualPos.Line != 50 {
		t.Errorf("usual %v on line %v", f.Usual, f.UsualPos)
	}
	if f.CollectingSpan != 15 || f.CollectingPos.Line != 45 {
		t.Errorf("the last quarter begins on line %d and takes %v s, want line 45 and the 15 s to line 60", f.CollectingPos.Line, f.CollectingSpan)
	}
	if f.Peak != 20*mib {
		t.Errorf("the goal of the last cycles is twice 10 MiB, peak %v", f.Peak)
	}
}

// The last cycle alone does not tell the level of the end, and a cycle in the first half not what is usual.
func TestEndOfThree(t *testing.T) {
	live := with(shape(40, 0, flatAt(10)), 10, 14, 12, 11)
	f := story{live: live, limit: 100, death: logEnds}.facts()
	if f.Level != 14*mib || f.Peak != 14*mib {
		t.Errorf("level %v, peak %v", f.Level, f.Peak)
	}
	live = with(shape(40, 0, flatAt(10)), 14, 12, 11, 10)
	if f := (story{live: live, limit: 100, death: logEnds}).facts(); f.Level != 12*mib || f.Peak != 12*mib {
		t.Errorf("level %v, peak %v, of the last three cycles", f.Level, f.Peak)
	}
}

// A cycle each second, and five seconds before the tenth: only the last twenty distances count.
func TestDistanceAndQuiet(t *testing.T) {
	at := make([]float64, 30)
	for i := range at {
		at[i] = float64(i)
		if i >= 9 {
			at[i] += 4
		}
	}
	for n, want := range map[int]float64{30: 1, 29: 5, 10: 5, 9: 1, 2: 1, 1: 0} {
		s := story{live: shape(30, 0, flatAt(10))[:n], at: at[:n], limit: 100, death: logEnds}
		if f := s.facts(); f.Distance != want {
			t.Errorf("%d cycles: %v s, want %v", n, f.Distance, want)
		}
	}
	s := story{live: shape(30, 0, flatAt(10)), at: at, limit: 100, death: kernelKill}
	s.death.At, s.death.Timed = time.Minute, true
	if f := s.facts(); f.Quiet != 27 {
		t.Errorf("%v s from the last cycle at 33 s to the death at 60 s", f.Quiet)
	}
}

// Stacks and goroutines, as the lines of a Go process count them.
func TestStackFacts(t *testing.T) {
	for _, runtime := range []string{"go", "jvm"} {
		s := story{live: []float64{10, 10, 10, 10}, runtime: runtime, limit: 100, death: logEnds}
		tl := s.timeline()
		for i, kib := range []uint32{1, 5, 9, 3} {
			tl.Runs[0].Cycles.At(i).Beside = kib
			tl.Runs[0].Cycles.At(i).Extra = 10 + kib
		}
		j := &judge{tl: tl, o: Default()}
		j.primary = j.study(tl.Runs[0], true)
		f := j.facts()
		want := [2]float64{3 << 10, 5 << 10}
		if runtime != "go" {
			want = [2]float64{}
		}
		if got := [2]float64{f.Stacks, f.StacksWas}; got != want {
			t.Errorf("%s: stacks of %v bytes, want %v", runtime, got, want)
		}
		if want := [2]int{11, 13}; runtime == "go" && f.Routines != want || runtime == "jvm" && f.Routines != [2]int{} {
			t.Errorf("%s: goroutines %v", runtime, f.Routines)
		}
	}
}

// A heap that was looked at as a whole once only is not known for sure.
func TestUnsure(t *testing.T) {
	live := shape(20, 0, flatAt(10))
	for _, c := range []struct {
		scopes string
		want   bool
	}{
		{"yyyyyyyyyyyyyyyyyyyy", true},
		{"yyyyyyyyoyyyyyyyyyyy", true},
		{"yyyyyyyyoyyyyoyyyyyy", false},
		{"yyyyyyyywyyyywyyyyyy", false},
		{"wwwwwwwwwwwwwwwwwwww", false},
	} {
		if f := (story{live: live, runtime: "jvm", scopes: c.scopes, xmx: 100, death: logEnds}).facts(); f.Unsure != c.want {
			t.Errorf("%s: unsure %v", c.scopes, f.Unsure)
		}
	}
}

// Growth goes on where each of its measures is just enough.
func TestGoesOn(t *testing.T) {
	enough := trend{cycles: 12, rest: 0.41, growth: 0.5, swing: 0.25, end: 2}
	for _, c := range []struct {
		name   string
		change func(*trend)
		want   bool
	}{
		{"just enough", func(*trend) {}, true},
		{"a cycle less", func(tr *trend) { tr.cycles = 11 }, false},
		{"it rested", func(tr *trend) { tr.rest = restShare }, false},
		{"larger swings", func(tr *trend) { tr.swing = 0.26 }, false},
		{"a higher end", func(tr *trend) { tr.end = 2.1 }, false},
	} {
		tr := enough
		c.change(&tr)
		if got := tr.goesOn(leakCyclesAlive, 2, 0.25); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// What the rules see of growth: a step from 20 to 48 MiB with cycle 100 of 200.
func TestGrowthFacts(t *testing.T) {
	step := func(x float64) float64 { return 20 + 28*float64(int(x+0.4975)) }
	f := story{live: shape(200, 0, step), goal: 2, limit: 100, death: kernelKill}.facts()
	if f.From != 20*mib || f.Jump != 1 || f.AfterJump != 99 || f.JumpPos.Line != 101 || f.OnsetPos.Line == 0 {
		t.Errorf("from %v, %v of the growth at once on %v, %d cycles before the end", f.From, f.Jump, f.JumpPos, f.AfterJump)
	}
	if f.CrossPos.Line != 101 {
		t.Errorf("70 %% of 50 MiB passed on line %d", f.CrossPos.Line)
	}
	if f := (story{live: shape(200, 0, step), goal: 2, limit: 200, death: kernelKill}).facts(); f.CrossPos.Line != 0 {
		t.Errorf("70 %% of 100 MiB passed on line %d", f.CrossPos.Line)
	}
	if f := (story{live: []float64{10, 20, 40}, limit: 100, death: kernelKill}).facts(); f.To != 0 || f.GrowCycles != 0 {
		t.Errorf("three cycles grew to %v", f.To)
	}
}

// A run that is a leak by itself, with a spike at its end: the larger of the two names the death.
func TestLeaksWithout(t *testing.T) {
	st := story{live: shape(100, 0, hingeAt(10, 0.3, 40)), goal: 2, limit: 100, death: kernelKill}.study()
	grown := st.trend.growth * st.curve.top
	for _, c := range []struct {
		name string
		sp   spike
		want bool
	}{
		{"smaller than the growth", spike{first: 100, rise: 0.9 * grown}, true},
		{"as high as the growth", spike{first: 100, rise: grown}, false},
		{"before the growth", spike{first: 30}, false},
	} {
		if got := st.leaksWithout(c.sp); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	level := story{live: shape(100, 0.02, flatAt(10)), goal: 2, limit: 100, death: kernelKill}.study()
	if level.leaksWithout(spike{first: 100}) {
		t.Error("a level heap leaks")
	}
}
