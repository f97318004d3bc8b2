package timeline

import (
	"math"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// runOf makes a run of these cycles.
func runOf(cycles ...Cycle) *Run {
	return &Run{Cycles: cyclesOf(cycles...)}
}

// killAt makes a kill with a wall clock, told from the one of the stories.
func killAt(after time.Duration, victims ...event.Victim) *event.Kill {
	return &event.Kill{Head: event.Head{Time: event.Time{Has: event.Wall, Wall: storyWall.Add(after).UnixNano()}}, Victims: victims}
}

// What names say of a kill and a run: whether they may belong together, how well they fit, and whether that is sure.
func TestWeighNames(t *testing.T) {
	of := func(id string) names { return names{ids: []string{id}, podUID: pod, name: "api"} }
	own := func(id string) names { n := of(id); n.own = true; return n }
	app, sh := event.Victim{PID: 7, Name: "app"}, event.Victim{PID: 8, Name: "sh"}
	for _, c := range []struct {
		name     string
		log, of  names
		guess    bool
		stream   *event.Stream
		victims  []event.Victim
		ok, sure bool
		score    float64
		pid      int // of the victim that is taken
	}{
		{"nothing is known", names{}, names{}, false, nil, []event.Victim{app}, true, false, 0, 7},
		{"one container", own(payments), of(payments), false, nil, []event.Victim{app}, true, true, sameContainer, 7},
		{"another container of one name in one pod", of(payments), of(multi), false, nil, []event.Victim{app}, true, true, samePod, 7},
		{"the same, where the log names its container", own(payments), of(multi), false, nil, []event.Victim{app}, false, false, 0, 7},
		{"the pod, where the log names its container", own(payments), names{podUID: pod}, false, nil, []event.Victim{app}, true, true, samePod, 7},
		{"another pod", names{podUID: pod}, names{podUID: payments[:36]}, false, nil, []event.Victim{app}, false, false, 0, 7},
		{"the container that was guessed", of(payments), of(payments), true, nil, []event.Victim{app}, true, false, guessed, 7},
		{"another one than was guessed", names{podUID: pod}, names{podUID: payments[:36]}, true, nil, []event.Victim{app}, true, false, -guessed, 7},
		{"the name of the first victim", names{}, names{}, false, &event.Stream{Unit: "app.service"}, []event.Victim{app, sh}, true, false, sameName, 7},
		{"the name of the second", names{}, names{}, false, &event.Stream{Unit: "sh"}, []event.Victim{app, sh}, true, false, sameName, 8},
		{"another name, and no process id", names{}, names{}, false, &event.Stream{Unit: "db"}, []event.Victim{app}, true, false, 0, 7},
		{"the process id", names{}, names{}, false, &event.Stream{PID: 8}, []event.Victim{app, sh}, true, true, samePID, 8},
		{"the process id and the name", names{}, names{}, false, &event.Stream{PID: 7, Unit: "app"}, []event.Victim{app}, true, true, samePID + sameName, 7},
		{"another process id", names{}, names{}, false, &event.Stream{PID: 9}, []event.Victim{app}, false, false, 0, 7},
		{"another process id of one name", names{}, names{}, false, &event.Stream{PID: 9, Unit: "app"}, []event.Victim{app}, true, false, sameName, 7},
		{"another process id in one container", own(payments), of(payments), false, &event.Stream{PID: 9}, []event.Victim{app}, true, true, sameContainer, 7},
		{"a process id, and no victim", names{}, names{}, false, &event.Stream{PID: 9}, nil, true, false, 0, 0},
	} {
		r := runOf(Cycle{})
		r.Stream = c.stream
		m := match{kill: killAt(0, c.victims...), run: r, names: c.log, of: c.of, guess: c.guess}
		ok, pid := m.weighNames(), 0
		if m.victim != nil {
			pid = m.victim.PID
		}
		if ok != c.ok || m.sure != c.sure || m.score != c.score || pid != c.pid {
			t.Errorf("%s: ok %v, sure %v, score %v, victim %d; want %v, %v, %v, %d", c.name, ok, m.sure, m.score, pid, c.ok, c.sure, c.score, c.pid)
		}
	}
}

// A victim that held less than 0.4 of the live heap did not hold it; one that held less than the heap at its largest loses twice
// the logarithm of that, one that held more once, and never more than 3.
func TestWeighSize(t *testing.T) {
	for _, c := range []struct {
		name             string
		held, peak, live unit.Size
		sure, ok         bool
		score            float64
	}{
		{"as much as the heap", unit.Known(100), unit.Known(100), unit.Known(50), false, true, 0},
		{"twice as much", unit.Known(200), unit.Known(100), unit.Known(50), false, true, -math.Log(2)},
		{"half of it", unit.Known(50), unit.Known(100), unit.Known(50), false, true, -2 * math.Log(2)},
		{"a hundred times as much", unit.Known(10000), unit.Known(100), unit.Known(50), false, true, -3},
		{"0.4 of the live heap", unit.Known(40), unit.Known(100), unit.Known(100), false, true, -2 * math.Log(2.5)},
		{"less", unit.Known(39), unit.Known(100), unit.Known(100), false, false, 0},
		{"less, but it was this one", unit.Known(39), unit.Known(100), unit.Known(100), true, true, -2 * math.Log(100.0/39)},
		{"not known", unit.Size{}, unit.Known(100), unit.Known(100), false, true, 0},
		{"nothing, which is what a kernel prints of a process that is gone", unit.Known(0), unit.Known(100), unit.Known(100), false, true, 0},
		{"a log without sizes", unit.Known(100), unit.Known(0), unit.Known(0), false, true, 0},
	} {
		m := match{kill: killAt(0), victim: &event.Victim{Anon: c.held}, run: runOf(Cycle{Peak: c.peak.Or(0), Live: c.live.Or(0)}), sure: c.sure}
		if ok := m.weighSize(); ok != c.ok || math.Abs(m.score-c.score) > 1e-9 {
			t.Errorf("%s: %v with %v, want %v with %v", c.name, ok, m.score, c.ok, c.score)
		}
	}
}

// The heap at the end of a run is the largest of its last three cycles.
func TestEndSize(t *testing.T) {
	r := runOf(Cycle{Peak: 900, Live: 800}, Cycle{Peak: 70, Live: 30}, Cycle{Peak: 60, Live: 40}, Cycle{Peak: 50, Live: 20})
	if peak, live := r.endSize(); peak != 70 || live != 40 {
		t.Errorf("%d and %d, want 70 and 40", peak, live)
	}
}

// A kill fits the end of a run that it follows within 150 s; clocks may be wrong by 2 s, by 3 s where the log has whole seconds.
func TestWeighTime(t *testing.T) {
	const end = 100 * time.Second
	for _, c := range []struct {
		name        string
		after       time.Duration // of the kill, after the end of the run
		coarse      bool
		assumed     event.Assumed
		ok, sure    bool
		score       float64
		timed       bool
		at          time.Duration
		skew, moved time.Duration
	}{
		{"at the end", 0, false, 0, true, true, inTime, true, end, 0, 0},
		{"2 s before", -2 * time.Second, false, 0, true, true, inTime, true, end, 0, 0},
		{"a bit more", -2*time.Second - 1, false, 0, true, false, tooLate, false, 0, 2*time.Second + 1, 0},
		{"3 s before by whole seconds", -3 * time.Second, true, 0, true, true, inTime, true, end, 0, 0},
		{"a bit more by whole seconds", -3*time.Second - 1, true, 0, true, false, tooLate, false, 0, 3*time.Second + 1, 0},
		{"30 s before", -30 * time.Second, false, 0, true, false, tooLate, false, 0, 30 * time.Second, 0},
		{"the run went on", -30*time.Second - 1, false, 0, false, false, 0, false, 0, 0, 0},
		{"150 s after", 150 * time.Second, false, 0, true, true, inTime, true, end + 150*time.Second, 0, 0},
		{"long after", 150*time.Second + 1, false, 0, true, false, tooLate, true, end + 150*time.Second + 1, 0, 0},
		{"in another zone", 2*time.Hour + time.Second, false, event.AssumedZone, true, true, inTime, true, end + time.Second, 0, 2 * time.Hour},
		{"in another zone, to the west", -2*time.Hour + time.Second, false, event.AssumedZone, true, true, inTime, true, end + time.Second, 0, -2 * time.Hour},
		{"in a zone that the log names", 2 * time.Hour, false, 0, true, false, tooLate, true, end + 2*time.Hour, 0, 0},
	} {
		m := match{kill: killAt(end + c.after), run: runOf(Cycle{At: end})}
		m.kill.Time.Assumed = c.assumed
		ok := New(Options{}).weighTime(&m, runTie{wall: storyWall, coarse: c.coarse})
		if ok != c.ok || m.sure != c.sure || m.score != c.score || m.timed != c.timed || m.at != c.at || m.skew != c.skew || m.off != c.moved {
			t.Errorf("%s: %v, %+v", c.name, ok, m)
		}
	}
	m := match{kill: &event.Kill{}, run: runOf(Cycle{})}
	if !New(Options{}).weighTime(&m, runTie{wall: storyWall}) || m.timed || m.score != 0 {
		t.Errorf("a kill without a clock: %+v", m)
	}
}

// A distance is explained by a zone of whole half hours, 14 of them at most, or by years, as far as they were assumed.
func TestWrongClock(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name    string
		assumed event.Assumed
		d, want time.Duration // want 0 is no explanation
	}{
		{"an hour and the most that a kill is late", event.AssumedZone, time.Hour + 150*time.Second, time.Hour},
		{"more than that", event.AssumedZone, time.Hour + 150*time.Second + 1, 0},
		{"an hour and as early as a tie may be wrong", event.AssumedZone, time.Hour - 2*time.Second, time.Hour},
		{"earlier than that", event.AssumedZone, time.Hour - 2*time.Second - 1, 0},
		{"half an hour to the west", event.AssumedZone, -30 * time.Minute, -30 * time.Minute},
		{"the zone furthest to the east", event.AssumedZone, 14 * time.Hour, 14 * time.Hour},
		{"further than that", event.AssumedZone, 14*time.Hour + 30*time.Minute, 0},
		{"the furthest to the west", event.AssumedZone, -14 * time.Hour, -14 * time.Hour},
		{"further west", event.AssumedZone, -14*time.Hour - 30*time.Minute, 0},
		{"the zone is known", event.AssumedYear, time.Hour, 0},
		{"both are known", 0, time.Hour, 0},
		{"nothing to explain", event.AssumedZone | event.AssumedYear, time.Minute, 0},
		{"a year", event.AssumedYear, 365*day + time.Second, 365 * day},
		{"a year that is known", event.AssumedZone, 365 * day, 0},
		{"a year, and as early as a tie may be wrong", event.AssumedYear, 365*day - 2*time.Second, 365 * day},
		{"earlier in the year", event.AssumedYear, 365*day - 2*time.Second - 1, 0},
		{"a year and a zone", event.AssumedYear | event.AssumedZone, -365*day - time.Hour, -365*day - time.Hour},
	} {
		m := match{kill: &event.Kill{}, run: runOf(Cycle{At: time.Minute})}
		m.kill.Time.Assumed = c.assumed
		off, ok := New(Options{}).wrongClock(&m, runTie{wall: storyWall}, c.d, killSlip)
		if ok != (c.want != 0) || ok && off != c.want {
			t.Errorf("%s: %s, %v, want %s", c.name, off, ok, c.want)
		}
	}
}

// A year that was assumed may be wrong by more than one, and near the turn of the year by one for a distance of seconds.
func TestYearsOff(t *testing.T) {
	for _, c := range []struct{ t, at, want string }{
		{"2026-11-22 12:00:01", "2026-11-22 12:00:00", "2026-11-22 12:00:01"},
		{"2026-01-01 00:00:01", "2026-12-31 23:59:59", "2027-01-01 00:00:01"},
		{"2026-12-31 23:59:59", "2026-01-01 00:00:01", "2025-12-31 23:59:59"},
		{"2026-05-01 12:00:00", "2019-05-01 12:00:00", "2019-05-01 12:00:00"},
		{"2020-05-01 12:00:00", "2026-05-01 12:00:00", "2026-05-01 12:00:00"},
	} {
		var at [3]time.Time
		for i, s := range []string{c.t, c.at, c.want} {
			at[i], _ = time.Parse(time.DateTime, s)
		}
		if got := at[0].Add(-yearsOff(at[0], at[1])); !got.Equal(at[2]) {
			t.Errorf("%s near %s: %s, want %s", c.t, c.at, got, c.want)
		}
	}
}

// Of pairs that fit about as well as the best one, the last counts: the last run, and of its kills the last by a clock that
// tells of both, else the last of the input.
func TestBestOf(t *testing.T) {
	first, second := &Run{Index: 0}, &Run{Index: 1}
	early, late := killAt(time.Second), killAt(2*time.Second)
	for _, c := range []struct {
		name string
		all  []match
		want int // index
	}{
		{"none", nil, -1},
		{"the best", []match{{run: first, kill: early, score: 3}, {run: second, kill: late, score: 2}}, 0},
		{"equally good is 0.7 less", []match{{run: first, kill: early, score: 0.7}, {run: second, kill: late}}, 1},
		{"the last run", []match{{run: second, kill: early}, {run: first, kill: late}}, 0},
		{"the last kill", []match{{run: first, kill: late}, {run: first, kill: early}}, 0},
		{"the last of the input", []match{{run: first, kill: early}, {run: first, kill: killAt(time.Second)}}, 1},
		{"all worse than nothing", []match{{run: first, kill: early, score: -5}, {run: first, kill: late, score: -4}}, 1},
	} {
		var want *match
		if c.want >= 0 {
			want = &c.all[c.want]
		}
		if got := bestOf(c.all); got != want {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// The clock of the kernel tells best which of two kills came first, then the wall clock.
func TestBetween(t *testing.T) {
	at := func(has event.Clocks, boot, wall time.Duration) *event.Kill {
		return &event.Kill{Head: event.Head{Time: event.Time{Has: has, Boot: boot, Wall: int64(wall)}}}
	}
	for _, c := range []struct {
		name  string
		k, l  *event.Kill
		gap   time.Duration
		known bool
		order int // of k and l
	}{
		{"boot", at(event.Boot, 7, 0), at(event.Boot, 9, 0), 2, true, -1},
		{"wall", at(event.Wall, 0, 9), at(event.Wall, 0, 6), -3, true, 1},
		{"both, which do not agree", at(event.Boot|event.Wall, 7, 9), at(event.Boot|event.Wall, 9, 6), 2, true, -1},
		{"one clock in common", at(event.Boot|event.Wall, 7, 9), at(event.Wall, 0, 10), 1, true, -1},
		{"one moment", at(event.Boot, 7, 0), at(event.Boot, 7, 0), 0, true, 0},
		{"no clock in common", at(event.Boot, 7, 0), at(event.Wall, 0, 10), 0, false, 0},
	} {
		gap, known := between(c.k, c.l)
		if gap != c.gap || known != c.known || when(c.k, c.l) != c.order {
			t.Errorf("%s: %d, %v, order %d; want %d, %v, %d", c.name, gap, known, when(c.k, c.l), c.gap, c.known, c.order)
		}
	}
}

// A kill under another limit than the one that the user names fits less well.
func TestLimitOfTheUser(t *testing.T) {
	for _, c := range []struct {
		said, hit unit.Size
		score     float64
	}{
		{unit.Known(64), unit.Known(64), 0},
		{unit.Known(64), unit.Known(128), -1},
		{unit.Known(64), unit.Size{}, 0},
		{unit.Size{}, unit.Known(128), 0},
	} {
		b := New(Options{Limit: c.said})
		b.who = make([]identity, 1)
		k := killAt(0)
		k.Limit = c.hit
		if m, ok := b.match(k, names{}, runOf(Cycle{}), runTie{}); !ok || m.score != c.score {
			t.Errorf("--limit %v, a kill at %v: %v, want %v", c.said, c.hit, m.score, c.score)
		}
	}
}

// Of several victims the largest tells of the kill, and the first of those alike. What a victim held is its anonymous memory, its
// files and what it shared.
func TestLargestVictim(t *testing.T) {
	held := func(pid int, anon unit.Size) event.Victim { return event.Victim{PID: pid, Anon: anon} }
	for _, c := range []struct {
		name    string
		victims []event.Victim
		want    int
		rss     unit.Size
	}{
		{"none", nil, 0, unit.Size{}},
		{"the second", []event.Victim{held(1, unit.Known(5)), held(2, unit.Known(6))}, 2, unit.Known(6)},
		{"the first of two alike", []event.Victim{held(1, unit.Known(5)), held(2, unit.Known(5))}, 1, unit.Known(5)},
		{"one that held nothing is more than one of which nothing is known", []event.Victim{held(1, unit.Size{}), held(2, unit.Known(0))}, 2, unit.Known(0)},
		{"whichever comes first", []event.Victim{held(1, unit.Known(0)), held(2, unit.Size{})}, 1, unit.Known(0)},
		{"all kinds of memory", []event.Victim{held(1, unit.Known(100)), {PID: 2, Anon: unit.Known(80), File: unit.Known(20), Shmem: unit.Known(3)}}, 2, unit.Known(103)},
		{"the task table", []event.Victim{held(9, unit.Size{}), held(1, unit.Known(5))}, 9, unit.Known(50)},
	} {
		k := killAt(0, c.victims...)
		k.Tasks = []event.Task{{PID: 8, RSS: unit.Known(70)}, {PID: 9, RSS: unit.Known(50)}}
		pid, v := 0, largestVictim(k)
		if v != nil {
			pid = v.PID
		}
		if got := rss(k, v); pid != c.want || got != c.rss {
			t.Errorf("%s: %d with %v, want %d with %v", c.name, pid, got, c.want, c.rss)
		}
	}
}
