package inflection

import (
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// killAt is a kill of the group /svc on the clock of the kernel.
func killAt(seconds float64, change func(*event.Kill)) *event.Kill {
	k := &event.Kill{
		Head:     event.Head{Pos: event.Pos{File: "kern.log", Line: int(10 * seconds)}, Time: event.Time{Has: event.Boot, Boot: time.Duration(seconds * 1e9)}},
		OOMMemcg: "/svc", Victims: []event.Victim{{PID: 7, Name: "svc", Anon: unit.Known(unit.MiB)}},
	}
	if change != nil {
		change(k)
	}
	return k
}

// alone makes the first of the named processes the victim, and all of them the tasks of the group.
func alone(pids ...int) func(*event.Kill) {
	return func(k *event.Kill) {
		k.Victims[0].PID = pids[0]
		for _, pid := range pids {
			k.Tasks = append(k.Tasks, event.Task{PID: pid, Name: "svc", RSS: unit.Known(unit.MiB)})
		}
	}
}

func TestDeathsInALoop(t *testing.T) {
	pod := func(k *event.Kill) { k.PodUID, k.OOMMemcg = "p", "/pod/"+k.OOMMemcg[1:]+k.Pos.File[:k.Pos.Line%4] }
	for _, c := range []struct {
		name  string
		kills []*event.Kill // the last one is the death
		want  int
	}{
		{"one", []*event.Kill{killAt(100, nil)}, 1},
		{"three", []*event.Kill{killAt(100, nil), killAt(130, nil), killAt(160, nil)}, 3},
		{"just within ten minutes", []*event.Kill{killAt(100, nil), killAt(700, nil), killAt(1300, nil)}, 3},
		{"after a life of more", []*event.Kill{killAt(100, nil), killAt(700.1, nil), killAt(1300, nil)}, 2},
		{"a loop of an earlier day", []*event.Kill{killAt(1, nil), killAt(20, nil), killAt(40, nil), killAt(90000, nil)}, 1},
		{"several processes of one life", []*event.Kill{killAt(100, nil), killAt(100.1, nil), killAt(100.9, nil)}, 1},
		{"new processes within one second", []*event.Kill{killAt(100, alone(7)), killAt(100.4, alone(8)), killAt(100.9, alone(9))}, 3},
		{"processes of one life, as the tables show", []*event.Kill{killAt(100, alone(7, 8)), killAt(100.4, alone(8, 7)), killAt(100.9, alone(8))}, 1},
		{"another program of the group", []*event.Kill{killAt(100, func(k *event.Kill) { k.Victims[0].Name = "sh" }), killAt(130, nil), killAt(160, nil)}, 2},
		{"another group", []*event.Kill{killAt(100, func(k *event.Kill) { k.OOMMemcg = "/other" }), killAt(130, nil), killAt(160, nil)}, 2},
		{"no group at all", []*event.Kill{killAt(100, func(k *event.Kill) { k.OOMMemcg = "" }), killAt(130, func(k *event.Kill) { k.OOMMemcg = "" })}, 0},
		{"new containers of one pod", []*event.Kill{killAt(101, pod), killAt(132.2, pod), killAt(163.3, pod)}, 3},
		{"a report without a victim", []*event.Kill{killAt(100, nil), killAt(130, func(k *event.Kill) { k.Victims = nil }), killAt(160, nil)}, 2},
		{"no clock", []*event.Kill{killAt(100, func(k *event.Kill) { k.Time.Has = 0 }), killAt(130, func(k *event.Kill) { k.Time.Has = 0 })}, 0},
		{"the newest first", []*event.Kill{killAt(160, nil), killAt(130, nil), killAt(100, nil)}, 3},
	} {
		tl := &timeline.Timeline{Primary: -1}
		for _, k := range c.kills {
			tl.Events = append(tl.Events, k)
		}
		tl.Death = timeline.Death{Kind: timeline.MemcgKill, Event: tl.Events[len(tl.Events)-1]}
		if got := findLoop(tl); got.deaths != c.want {
			t.Errorf("%s: %d deaths, want %d", c.name, got.deaths, c.want)
		}
	}
	tl := &timeline.Timeline{Primary: -1, Events: []event.Event{killAt(100, nil), killAt(130, nil), killAt(165, nil)}}
	tl.Death.Event = tl.Events[2]
	if got := findLoop(tl); got.longest != 35*time.Second || got.first.Line != 1000 || got.lives {
		t.Errorf("%+v, want 35 s at most, from line 1000 on", got)
	}
}

func TestRuntimesInALoop(t *testing.T) {
	full := func(minute int64, kind event.OOMKind) *event.RuntimeOOM {
		return &event.RuntimeOOM{Kind: kind, Runtime: "go", Head: event.Head{Time: event.Time{Has: event.Wall, Wall: minute * 60e9}}}
	}
	tl := &timeline.Timeline{Primary: -1, Events: []event.Event{
		full(1, event.OOMThreads), full(2, event.OOMThreads), full(3, event.OOMStack), full(4, event.OOMThreads),
	}}
	tl.Death = timeline.Death{Kind: timeline.RuntimeOOM, Event: tl.Events[3]}
	if got := findLoop(tl); got.deaths != 3 || got.longest != 2*time.Minute {
		t.Errorf("%+v, want three deaths for want of threads", got)
	}
}

func TestLivesInALoop(t *testing.T) {
	life := func(seconds float64, end float64, change func(*timeline.Run)) *timeline.Run {
		r := story{live: []float64{end / 3, end / 2, end}, every: seconds / 3}.timeline().Runs[0]
		r.Restarted = true
		if change != nil {
			change(r)
		}
		return r
	}
	for _, c := range []struct {
		name string
		runs []*timeline.Run
		want int
	}{
		{"three alike", []*timeline.Run{life(9, 60, nil), life(8, 64, nil), life(9, 62, nil)}, 3},
		{"at the edge of alike", []*timeline.Run{life(9, 75, nil), life(8, 45, nil), life(9, 60, nil)}, 3},
		{"one that ended otherwise", []*timeline.Run{life(9, 60, nil), life(8, 44, nil), life(9, 60, nil)}, 1},
		{"one that ran for long", []*timeline.Run{life(9, 60, nil), life(601, 60, nil), life(9, 60, nil)}, 1},
		{"the last one ran for long", []*timeline.Run{life(9, 60, nil), life(9, 60, nil), life(601, 60, nil)}, 0},
		{"another program between", []*timeline.Run{life(9, 60, nil), life(999, 5, func(r *timeline.Run) { r.Restarted = false }), life(9, 60, nil)}, 2},
		{"no clock", []*timeline.Run{life(9, 60, nil), life(9, 60, nil), life(9, 60, func(r *timeline.Run) { r.Clock = timeline.ByNumber })}, 0},
	} {
		tl := &timeline.Timeline{Runs: c.runs, Primary: len(c.runs) - 1, Files: []string{"gc.log"}, Death: logEnds}
		for i, r := range c.runs {
			r.Index = i
		}
		c.runs[len(c.runs)-1].Restarted = false
		if got := findLoop(tl); got.deaths != c.want {
			t.Errorf("%s: %d lives, want %d", c.name, got.deaths, c.want)
		}
	}
}

// What other processes of the log died of is not what this one died of.
func TestForeignDeaths(t *testing.T) {
	live := shape(200, 0.02, hingeAt(15, 0.4, 49))
	for _, c := range []struct {
		name string
		ev   event.Event
	}{
		{"a panic", &event.ProcessEnd{Kind: event.EndPanic, Message: "panic: nil map"}},
		{"a stop", &event.ProcessEnd{Kind: event.EndSignal, Signal: "SIGTERM"}},
		{"a full heap", &event.RuntimeOOM{Kind: event.OOMHeap, Runtime: "go", Message: "out of memory"}},
		{"a kill of a neighbour", killAt(5, func(k *event.Kill) { k.Tasks = []event.Task{{Name: "hog", RSS: unit.Known(unit.GiB)}} })},
	} {
		alone := story{live: live, goal: 2, limit: 100, death: logEnds}
		beside := alone
		beside.events = []event.Event{c.ev}
		if got, want := beside.judge().Verdict, alone.judge().Verdict; got.Kind != want.Kind || len(got.Evidence) != len(want.Evidence) {
			t.Errorf("%s of another process: %s %v, want %s %v", c.name, got.Kind, got.Evidence, want.Kind, want.Evidence)
		}
	}
}

func TestLoweredLimit(t *testing.T) {
	for _, c := range []struct {
		name string
		k    event.Kill
		want bool
	}{
		{"the trace says so", event.Kill{Lowered: true}, true},
		{"far over the limit", event.Kill{Usage: unit.Known(105 * unit.MiB), Limit: unit.Known(100 * unit.MiB)}, true},
		{"a few pages over it", event.Kill{Usage: unit.Known(104 * unit.MiB), Limit: unit.Known(100 * unit.MiB)}, false},
		{"no limit is known", event.Kill{Usage: unit.Known(100 * unit.MiB)}, false},
	} {
		f := Facts{Kill: &c.k}
		if kernelFacts(&f); f.Lowered != c.want {
			t.Errorf("%s: %v", c.name, f.Lowered)
		}
	}
}
