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
		{"one second apart", []*event.Kill{killAt(100, nil), killAt(101, nil), killAt(102, nil)}, 3},
		{"several processes of one life", []*event.Kill{killAt(100, nil), killAt(100.1, nil), killAt(100.9, nil)}, 1},
		{"new processes within one second", []*event.Kill{killAt(100, alone(7)), killAt(100.4, alone(8)), killAt(100.9, alone(9))}, 3},
		{"processes of one life, as the tables show", []*event.Kill{killAt(100, alone(7, 8)), killAt(100.4, alone(8, 7)), killAt(100.9, alone(8))}, 1},
		{"another program of the group", []*event.Kill{killAt(100, func(k *event.Kill) { k.Victims[0].Name = "sh" }), killAt(130, nil), killAt(160, nil)}, 2},
		{"another group", []*event.Kill{killAt(100, func(k *event.Kill) { k.OOMMemcg = "/other" }), killAt(130, nil), killAt(160, nil)}, 2},
		{"two pods with one name for their group", []*event.Kill{killAt(100, func(k *event.Kill) { k.PodUID = "p" }), killAt(130, func(k *event.Kill) { k.PodUID = "q" })}, 1},
		{"only one of two kills tells its pod", []*event.Kill{killAt(100, func(k *event.Kill) { k.PodUID = "p" }), killAt(130, nil)}, 2},
		{"no group at all", []*event.Kill{killAt(100, func(k *event.Kill) { k.OOMMemcg = "" }), killAt(130, func(k *event.Kill) { k.OOMMemcg = "" })}, 0},
		{"new containers of one pod", []*event.Kill{killAt(101, pod), killAt(132.2, pod), killAt(163.3, pod)}, 3},
		{"a report without a victim", []*event.Kill{killAt(100, nil), killAt(130, func(k *event.Kill) { k.Victims = nil }), killAt(160, nil)}, 2},
		{"no report has a victim", []*event.Kill{killAt(100, func(k *event.Kill) { k.Victims = nil }), killAt(130, func(k *event.Kill) { k.Victims = nil })}, 0},
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
}

func TestRuntimesInALoop(t *testing.T) {
	full := func(second int64, runtime string, kind event.OOMKind) *event.RuntimeOOM {
		return &event.RuntimeOOM{Kind: kind, Runtime: runtime, Head: event.Head{Time: event.Time{Has: event.Wall, Wall: second * 1e9}}}
	}
	tl := &timeline.Timeline{Primary: -1, Events: []event.Event{
		full(60, "go", event.OOMThreads), full(120, "go", event.OOMThreads), full(180, "go", event.OOMStack), full(180, "jvm", event.OOMThreads),
		killAt(200, nil), full(240, "go", event.OOMThreads), full(240, "go", event.OOMThreads), // said twice
	}}
	tl.Death = timeline.Death{Kind: timeline.RuntimeOOM, Event: tl.Events[5]}
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
		{"none longer than ten minutes", []*timeline.Run{life(9, 60, nil), life(600, 60, nil), life(9, 60, nil)}, 3},
		{"at the edge of alike", []*timeline.Run{life(9, 75, nil), life(8, 45, nil), life(9, 60, nil)}, 3},
		{"one that ended otherwise", []*timeline.Run{life(9, 60, nil), life(8, 44, nil), life(9, 60, nil)}, 1},
		{"one that ran for long", []*timeline.Run{life(9, 60, nil), life(601, 60, nil), life(9, 60, nil)}, 1},
		{"the last one ran for long", []*timeline.Run{life(9, 60, nil), life(9, 60, nil), life(601, 60, nil)}, 0},
		{"another program between", []*timeline.Run{life(9, 60, nil), life(999, 5, func(r *timeline.Run) { r.Restarted = false }), life(9, 60, nil)}, 2},
		{"another runtime between", []*timeline.Run{life(9, 60, nil), life(999, 5, func(r *timeline.Run) { r.Runtime = "jvm" }), life(9, 60, nil)}, 2},
		{"another version between", []*timeline.Run{life(9, 60, nil), life(999, 5, func(r *timeline.Run) { r.Version = "1.26" }), life(9, 60, nil)}, 2},
		{"one that is not known to have collected", []*timeline.Run{life(9, 60, nil), life(9, 60, func(r *timeline.Run) { r.Cycles = timeline.Cycles{} }), life(9, 60, nil)}, 1},
		{"a peak of old is not how it ended", []*timeline.Run{life(9, 60, func(r *timeline.Run) {
			*r = *story{live: []float64{240, 20, 60, 20}}.timeline().Runs[0]
			r.Restarted = true
		}), life(9, 60, nil)}, 2},
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

// A loop is told from its first death or life on, with the longest way from one to the next or the longest life. Deaths that lines
// tell are a better proof than as many lives.
func TestWhatALoopTells(t *testing.T) {
	var runs []*timeline.Run
	for i, seconds := range []float64{6, 12, 9} {
		r := story{live: []float64{20, 30, 60}, every: seconds / 3}.timeline().Runs[0]
		r.Index, r.Restarted = i, true
		for k := range 3 {
			r.Cycles.At(k).Line = uint32(10*i + k + 1)
		}
		runs = append(runs, r)
	}
	tl := &timeline.Timeline{Runs: runs, Primary: 2, Files: []string{"gc.log"}, Death: logEnds}
	want := loop{deaths: 3, longest: 12 * time.Second, first: event.Pos{File: "gc.log", Line: 1}, lives: true}
	if got := findLoop(tl); got != want {
		t.Errorf("three lives: %+v, want %+v", got, want)
	}
	tl.Events = []event.Event{killAt(100, nil), killAt(130, nil), killAt(165, func(k *event.Kill) { k.KilledAt = event.Pos{File: "kern.log", Line: 1660} })}
	tl.Death.Event = tl.Events[2]
	want = loop{deaths: 3, longest: 35 * time.Second, first: event.Pos{File: "kern.log", Line: 1000}}
	if got := findLoop(tl); got != want {
		t.Errorf("three lives and as many kills: %+v, want %+v", got, want)
	}
	tl.Events = tl.Events[2:]
	want = loop{deaths: 1, first: event.Pos{File: "kern.log", Line: 1660}}
	if got := deathsLike(tl); got != want {
		t.Errorf("one kill: %+v, want %+v", got, want)
	}
	for _, c := range []struct {
		in   loop
		want Loop
	}{
		{loop{deaths: 4, longest: time.Minute}, Loop{Deaths: 4, Between: time.Minute}},
		{loop{deaths: 4, longest: time.Minute, lives: true}, Loop{Deaths: 4, Life: time.Minute}},
		{loop{deaths: 4, longest: time.Minute, listed: true}, Loop{Deaths: 4, Life: time.Minute}},
		{loop{deaths: 4, longest: time.Minute, counted: 3}, Loop{Deaths: 4}},
	} {
		if got := c.in.public(); got != c.want {
			t.Errorf("%+v is told as %+v, want %+v", c.in, got, c.want)
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
