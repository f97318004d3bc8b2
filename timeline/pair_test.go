package timeline

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
)

// Each kill ends one process, and each process dies once: clocks decide which, else size, else the order of both.
func TestPairing(t *testing.T) {
	const (
		a = "gc live 16MiB+4MiBx20 file=a.log every=500ms k=2"
		b = "gc live 20MiB+4MiBx20 file=b.log every=500ms k=2 start=40s"
		// off has the heap of a process that dies of memory beside it
		off = "gc live 8MiBx20 file=off.log every=500ms k=2 start=40s"
		ka  = "kill rss=120MiB limit=128MiB name=a group=/a file=ka.log at=10700ms"
		kb  = "kill rss=124MiB limit=128MiB name=b group=/b file=kb.log at=51s"
	)
	lines := func(clock string, all ...string) string {
		for i := range all {
			all[i] += " " + clock
		}
		return strings.Join(all, "\n")
	}
	for _, c := range []struct {
		name, story string
		run, victim string
		timed       bool
	}{
		{"each at its time", lines("wall", a, ka, b, kb), "b.log", "b", true},
		{"each at its time, in another order", lines("wall", kb, b, a, ka), "b.log", "b", true},
		{"a later kill that another log ends with", lines("wall", a, ka, off, kb), "a.log", "a", true},
		{"the same on the clock of the kernel", lines("boot", a, ka, off, kb), "a.log", "a", true},
		{"a later kill whose log is not given", lines("wall", a, ka, kb), "a.log", "a", true},
		{"a kill in time whose log is not given, and no other", lines("wall", a, kb), "a.log", "b", true},
		{"by order where no clock tells", lines("boot", ka, kb) + "\n" + lines("", a, off), "a.log", "a", false},
		{"by order, of two that grew", lines("boot", ka, kb) + "\n" + lines("", a, b), "b.log", "b", false},
		{"by size where no clock tells", lines("boot", ka, "kill rss=16MiB limit=128MiB name=b group=/b file=kb.log at=51s") + "\n" + lines("", a), "a.log", "a", false},
	} {
		tl := build(Options{}, tell(t, c.story).events())
		run := tl.Files[tl.PrimaryRun().Cycles.At(0).File]
		if run != c.run || tl.Death.Name != c.victim || tl.Death.Timed != c.timed {
			t.Errorf("%s: %s was killed at the end of %s, timed %v; want %s, %s, %v\n%s", c.name, tl.Death.Name, run, tl.Death.Timed, c.victim, c.run, c.timed, c.story)
		}
	}
}

// One kill in two logs is one, and a report that names several victims may have ended as many runs.
func TestPairingOfCopies(t *testing.T) {
	const first, again = "kill rss=120MiB pid=7 name=a group=/a file=dmesg.log at=11s boot", "kill rss=120MiB pid=7 name=a group=/a file=journal.log at=11s delay=9s wall"
	for _, c := range []struct {
		name, story string
		kills       int
	}{
		{"a copy by another clock", first + "\n" + again, 1},
		{"a copy by both clocks", first + " wall\n" + again, 1},
		{"another process", first + "\n" + strings.Replace(again, "pid=7", "pid=8", 1), 2},
		{"another size", first + "\n" + strings.Replace(again, "120MiB", "121MiB", 1), 2},
		{"two minutes later by another log", first + " wall\n" + strings.Replace(strings.Replace(again, "at=11s", "at=1m51s", 1), "delay=9s", "delay=20s", 1), 1},
		{"a nanosecond more", first + " wall\n" + strings.Replace(strings.Replace(again, "at=11s", "at=1m51s", 1), "delay=9s", "delay=20.000000001s", 1), 2},
		{"the same process id minutes later", first + " wall\n" + strings.Replace(again, "delay=9s", "delay=9m", 1), 2},
		{"the same process id in one file", first + "\n" + strings.Replace(first, "11s", "99s", 1), 2},
	} {
		if d := build(Options{}, tell(t, c.story).events()).Death; d.Kills != c.kills {
			t.Errorf("%s: %d kills, want %d", c.name, d.Kills, c.kills)
		}
	}
	assumed := "kill rss=120MiB pid=7 name=a group=/a file=kern.log at=11s zone=1h wall"
	for _, story := range []string{again + "\n" + assumed, assumed + "\n" + again} {
		if d := build(Options{}, tell(t, story).events()).Death; d.Kills != 1 || d.Time.Assumed != 0 {
			t.Errorf("%s: %d kills, assumed %v of the one that was taken", story, d.Kills, d.Time.Assumed)
		}
	}
	r, s := runOf(Cycle{}), runOf(Cycle{})
	s.Index = 1
	for victims, want := range []int{1: 1, 2: 2} {
		k := &event.Kill{Victims: make([]event.Victim, victims)}
		if got := len(New(Options{}).paired([]match{{kill: k, run: r}, {kill: k, run: s}})); victims > 0 && got != want {
			t.Errorf("%d victims: %d pairs, want %d", victims, got, want)
		}
	}
}

// The kernel's kills that the incident is not about are told, each with its group; those of the same group, or of a program of
// one name where nothing tells two groups apart, are of the incident.
func TestOtherKills(t *testing.T) {
	const note = "these logs tell of other deaths for want of memory, each an incident of its own: "
	id := func(c string) string { return strings.Repeat(c, 64) }
	kill := func(at int, words string) string {
		return fmt.Sprintf("kill rss=50MiB file=kern.log boot pid=%d at=%ds %s\n", at, at, words)
	}
	grouped := func(path string) string { return "name=app group=" + path + " task=" + path }
	for _, c := range []struct {
		name, story string
		kills       int
		want        string
	}{
		{"its own group", kill(1, grouped("/a")) + kill(2, grouped("/a")), 2, ""},
		{"one name, two groups", kill(1, grouped("/a")) + kill(2, grouped("/a")) + kill(3, grouped("/b")), 1, note + "app in /a (2 times)"},
		{"one name, two containers", kill(1, "name=java container="+id("a")) + kill(2, "name=java container="+id("b")), 1, note + "java in container aaaaaaaaaaaa"},
		{"one name, no groups", kill(1, "name=java") + kill(2, "name=java"), 2, ""},
		{"two names, no groups", kill(1, "name=chrome constraint=none") + kill(2, "name=java constraint=none"), 1, note + "chrome"},
		{"children of one parent limit", kill(1, "name=java group=/p task=/p/a") + kill(2, "name=java group=/p task=/p/b"), 2, ""},
		{"an engine tells of both", "event action=oom cname=pay id=" + id("a") + " at=1s wall\n" + "event action=oom cname=api id=" + id("b") + " at=9s wall\n" + kill(1, "name=java container="+id("a")) + kill(9, "name=java container="+id("b")), 1, note + "pay"},
		{"a log of its own", "gc live 16MiB+4MiBx8 file=b.log boot\n" + kill(9, grouped("/b")) + kill(3, "name=db group=/a task=/a"), 1, note + "db in /a"},
		{"the log of another process in one group", "gc live 16MiB+4MiBx8 file=x.log boot\ngc live 16MiB+4MiBx8 start=60s file=y.log boot\n" + kill(9, "name=x group=/g task=/g") + kill(69, "name=y group=/g task=/g"), 1, note + "x in /g"},
		{"the lives of one program, each in a container of its own", "gc live 16MiB+4MiBx8 boot\ngc live 16MiB+4MiBx8 start=60s boot\n" + kill(9, "name=app container="+id("a")) + kill(69, "name=app container="+id("b")), 2, ""},
		{"two logs of one name in one group", "gc live 16MiB+4MiBx8 file=x.log boot\ngc live 16MiB+4MiBx8 start=60s file=y.log boot\n" + kill(9, grouped("/g")) + kill(69, grouped("/g")), 1, note + "app in /g"},
		{"two logs of one container", "gc live 16MiB+4MiBx8 file=x.log boot\ngc live 16MiB+4MiBx8 start=60s file=y.log boot\n" + kill(9, "name=app container="+id("a")) + kill(69, "name=app container="+id("a")), 2, ""},
		{"the lives of one process", "gc live 16MiB+4MiBx8 boot\ngc live 16MiB+4MiBx8 start=60s boot\n" + kill(9, grouped("/g")) + kill(69, grouped("/g")), 2, ""},
	} {
		tl := build(Options{}, tell(t, c.story).events())
		got := ""
		for _, n := range tl.Notes {
			if strings.HasPrefix(n.Text, note) {
				got = n.Text
			}
		}
		if got != c.want || tl.Death.Kills != c.kills {
			t.Errorf("%s: got %q, want %q; %d kills, want %d", c.name, got, c.want, tl.Death.Kills, c.kills)
		}
	}
}

// A log of two incidents without clocks leaves it open which kill was whose, and says so.
func TestAmbiguousKill(t *testing.T) {
	const (
		a  = "gc live 16MiB+4MiBx20 file=a.log every=500ms k=2\n"
		b  = "gc live 20MiB+4MiBx20 file=b.log every=500ms k=2\n"
		ka = "kill rss=120MiB name=a group=/a file=ka.log at=11s boot\n"
		kb = "kill rss=124MiB name=b group=/b file=kb.log at=51s boot\n"
	)
	for _, c := range []struct {
		name, story string
		want        string
	}{
		{"one of each", a + ka, ""},
		{"two logs", a + b + ka, "of 2 runs and 1 kill, the pair that fits by size and order was taken"},
		{"two kills", a + ka + kb, "of 1 run and 2 kills, the pair that fits by size and order was taken"},
		{"two of each", a + b + ka + kb, "of 2 runs and 2 kills, the pair that fits by size and order was taken"},
		{"kills of one group", a + ka + ka, ""},
		{"a kill that does not fit", a + ka + "kill rss=9MiB name=b group=/b file=kb.log at=51s boot\n", ""},
	} {
		tl := build(Options{}, tell(t, c.story).events())
		got := ""
		for _, n := range tl.Notes {
			if _, rest, ok := strings.Cut(n.Text, "of the collections; "); ok {
				got = rest
			}
		}
		if got != c.want || tl.Death.Guessed != (c.want != "") {
			t.Errorf("%s: %q, guessed %v, want %q", c.name, got, tl.Death.Guessed, c.want)
		}
	}
}

// Of very many kills that fit one log equally well, the last counts.
func TestManyKillsOfOneRun(t *testing.T) {
	story := "gc live 16MiB+4MiBx20 file=a.log\n"
	for i := range 3 * maxFits {
		story += fmt.Sprintf("kill rss=%dMiB name=a pid=%d at=%ds boot\n", 190-i/2, i+1, i+60)
	}
	if d := build(Options{}, tell(t, story).events()).Death; d.PID != 3*maxFits {
		t.Errorf("the death is that of process %d, want %d", d.PID, 3*maxFits)
	}
}

// A kill is the later the more it lies behind the end of a run, in terms of the pauses between its last collections.
func TestLateness(t *testing.T) {
	every := func(d time.Duration) *Run {
		r := &Run{}
		for i := range 20 {
			r.Cycles.Append(Cycle{At: time.Duration(i) * d})
		}
		return r
	}
	for _, c := range []struct {
		name        string
		after, than time.Duration
		run, other  *Run
		want        int
	}{
		{"nearer", time.Second, 2 * time.Second, every(time.Second), every(time.Second), -1},
		{"farther", 40 * time.Second, 2 * time.Second, every(time.Second), every(time.Second), 1},
		{"as far", time.Second, time.Second, every(time.Second), every(time.Second), 0},
		{"as far, of a process that collects seldom", 20 * time.Second, 20 * time.Second, every(2 * time.Minute), every(time.Second), -1},
	} {
		m := match{run: c.run, timed: true, at: c.run.End().At + c.after}
		n := match{run: c.other, timed: true, at: c.other.End().At + c.than}
		got := 0
		switch x, y := m.lateness(), n.lateness(); {
		case x < y:
			got = -1
		case x > y:
			got = 1
		}
		if got != c.want {
			t.Errorf("%s: %v and %v", c.name, m.lateness(), n.lateness())
		}
	}
	if l := (&match{run: every(time.Second)}).lateness(); l != 0 {
		t.Errorf("without a time: %v", l)
	}
	// One pause behind the end costs half the logarithm of two.
	for pause, after := range map[time.Duration]time.Duration{100 * time.Millisecond: time.Second, time.Minute: time.Minute} {
		r := every(pause)
		m := match{run: r, timed: true, at: r.End().At + after}
		if l := m.lateness(); math.Abs(l-math.Ln2/2) > 1e-9 {
			t.Errorf("%s behind collections every %s: %v, want %v", after, pause, l, math.Ln2/2)
		}
	}
}

// Two runs that no clock ties to their kills exchange them where that puts both into one order and costs at most what makes
// pairs equally good.
func TestUntangle(t *testing.T) {
	for _, c := range []struct {
		name            string
		gap             time.Duration // of the first run's kill, after that of the second
		straight, cross [2]float64    // how well the kills fit as they are, and exchanged: that of the first run, of the second
		timed           bool
		want            bool // exchanged
	}{
		{"at no cost", time.Second, [2]float64{0, 0}, [2]float64{0, 0}, false, true},
		{"at just the cost of equally good", time.Second, [2]float64{equallyGood, 0}, [2]float64{0, 0}, false, true},
		{"at a larger cost", time.Second, [2]float64{0.71, 0}, [2]float64{0, 0}, false, false},
		{"both count", time.Second, [2]float64{1, 1}, [2]float64{0, 2}, false, true},
		{"one gains less than the other loses", time.Second, [2]float64{1, 1}, [2]float64{2, -2}, false, false},
		{"in order", -time.Second, [2]float64{0, 0}, [2]float64{1, 1}, false, false},
		{"at one moment", 0, [2]float64{0, 0}, [2]float64{1, 1}, false, false},
		{"tied by a clock", time.Second, [2]float64{0, 0}, [2]float64{1, 1}, true, false},
	} {
		r, s := runOf(Cycle{}), runOf(Cycle{})
		s.Index = 1
		k, l := killAt(c.gap), killAt(0)
		pairs := []match{{run: r, kill: k, score: c.straight[0], timed: c.timed}, {run: s, kill: l, score: c.straight[1]}}
		untangle(pairs, append(slices.Clone(pairs), match{run: r, kill: l, score: c.cross[0]}, match{run: s, kill: k, score: c.cross[1]}))
		if got := pairs[0].kill == l; got != c.want || pairs[0].run != r || pairs[1].run != s || pairs[1].kill == pairs[0].kill {
			t.Errorf("%s: exchanged %v, want %v", c.name, got, c.want)
		}
	}
}

// A pair that fits just so much less well that it is equally good is a rival; the kill of another life of the same log is none.
func TestRivals(t *testing.T) {
	for _, c := range []struct {
		name   string
		less   float64
		file   uint16 // of the other run; the one that was taken is of file 0
		ended  bool   // the other kill ended the other run
		runs   int
		kills  int
		around string
	}{
		{"just equally good", equallyGood, 1, false, 2, 2, "/b"},
		{"less well", 0.71, 1, false, 1, 1, "/b"},
		{"the end of another log", 0, 1, true, 2, 2, "/b"},
		{"the end of another life of this log", 0, 0, true, 1, 1, "/b"},
		{"a kill of the same group", 0, 1, true, 2, 1, "/a"},
	} {
		b := New(Options{})
		b.file("a.log")
		b.file("b.log")
		r, s := runOf(Cycle{}), runOf(Cycle{File: c.file})
		k, l := &event.Kill{OOMMemcg: "/a"}, &event.Kill{OOMMemcg: c.around}
		b.dead = map[*event.Kill]*Run{k: r}
		if c.ended {
			b.dead[l] = s
		}
		m := match{run: r, kill: k, score: equallyGood}
		b.rivals(&m, []match{m, {run: s, kill: l, score: equallyGood - c.less}})
		if m.runs != c.runs || m.kills != c.kills {
			t.Errorf("%s: %d runs and %d kills, want %d and %d", c.name, m.runs, m.kills, c.runs, c.kills)
		}
	}
}
