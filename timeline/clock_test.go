package timeline

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"oomtrace/parser/event"
)

// bothClocks is the head of a line that names the wall clock and the boot clock, in seconds.
func bothClocks(host string, wall, boot float64) event.Head {
	return event.Head{
		Stream: &event.Stream{Host: host},
		Time:   event.Time{Has: event.Wall | event.Boot, Wall: int64(wall * 1e9), Boot: time.Duration(boot * 1e9)},
	}
}

// A boot is known by its host and by the distance of its clock from the wall clock; the line with the least delay says it best.
func TestBoots(t *testing.T) {
	type line struct {
		host       string
		wall, boot float64
	}
	for _, c := range []struct {
		name  string
		lines []line
		want  []string // host, distance, line
	}{
		{"the least delay", []line{{"a", 1003, 3}, {"a", 1002, 5}, {"a", 1012, 6}}, []string{"a 997 2"}},
		{"the first of those that are received as fast", []line{{"a", 1003, 3}, {"a", 1005, 5}}, []string{"a 1000 1"}},
		{"two minutes late", []line{{"a", 1000, 0}, {"a", 1121, 1}}, []string{"a 1000 1"}},
		{"two minutes early", []line{{"a", 1120, 0}, {"a", 1001, 1}}, []string{"a 1000 2"}},
		{"more than two minutes late", []line{{"a", 1000, 0}, {"a", 1121.001, 1}}, []string{"a 1000 1", "a 1120.001 2"}},
		{"two machines", []line{{"a", 1000, 0}, {"b", 1001, 0}, {"b", 1000.5, 0}, {"a", 1002, 0}}, []string{"a 1000 1", "b 1000.5 3"}},
	} {
		b := New(Options{})
		for i, l := range c.lines {
			h := bothClocks(l.host, l.wall, l.boot)
			h.Pos.Line = i + 1
			b.Add(&event.Dump{Head: h})
		}
		var got []string
		for _, tie := range b.boots {
			got = append(got, fmt.Sprint(tie.host, " ", tie.offset.Seconds(), " ", tie.at.Line))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestBootsAreBounded(t *testing.T) {
	b := New(Options{})
	for i := range maxBoots + 2 {
		b.Add(&event.Dump{Head: bothClocks("a", float64(i*3600), 0)})
	}
	if len(b.boots) != maxBoots {
		t.Errorf("%d boots, want %d", len(b.boots), maxBoots)
	}
}

// The wall time of a kernel line is that of its boot, not the time at which it was received.
func TestWallOf(t *testing.T) {
	one := []bootTie{{host: "a", offset: 1000 * time.Second}}
	two := slices.Concat(one, []bootTie{{host: "a", offset: 5000 * time.Second}, {host: "b", offset: 9000 * time.Second}})
	boot := event.Head{Time: event.Time{Has: event.Boot, Boot: 7 * time.Second}}
	wall := event.Head{Time: event.Time{Has: event.Wall, Wall: 7e9}}
	for _, c := range []struct {
		name string
		ties []bootTie
		head event.Head
		want float64 // seconds since 1970; 0 is unknown
	}{
		{"no clock", one, event.Head{}, 0},
		{"the wall clock", one, wall, 7},
		{"the boot clock of the only boot", one, boot, 1007},
		{"the boot clock of nobody knows which boot", two, boot, 0},
		{"the boot clock, and no tie", nil, boot, 0},
		{"both, of the first boot", two, bothClocks("a", 1010, 7), 1007},
		{"both, of the second", two, bothClocks("a", 5010, 7), 5007},
		{"received two minutes late", two, bothClocks("a", 1127, 7), 1007},
		{"received two minutes early", two, bothClocks("a", 887, 7), 1007},
		{"of no boot that is known", two, bothClocks("a", 1127.5, 7), 1127.5},
		{"of another machine", two, bothClocks("b", 1010, 7), 1010},
	} {
		b := Builder{boots: c.ties}
		got, known := b.wallOf(&c.head)
		if want := time.Unix(0, int64(c.want*1e9)); known != (c.want > 0) || known && !got.Equal(want) {
			t.Errorf("%s: %v, %v, want %v", c.name, got, known, want)
		}
	}
}

// stampedEach is a run that collects every second from second 0 on, stamped so many seconds later, each on its own.
func stampedEach(delays ...float64) *Run {
	r := &Run{}
	for i, delay := range delays {
		c := Cycle{N: uint32(i + 1), At: time.Duration(i) * time.Second}
		c.setStamp(int64((float64(i)+delay)*1e9), false)
		r.Cycles.Append(c)
	}
	return r
}

func TestOffsets(t *testing.T) {
	silent := stampedEach(5, 3, 4)
	silent.Cycles.At(1).Flags &^= WallTied
	kernel := stampedEach(5, 3, 4)
	kernel.Cycles.At(0).Flags ^= WallTied | bootStamp
	wall := stampedEach(5, 3, 4)
	wall.Cycles.At(1).Flags ^= WallTied | bootStamp
	number := stampedEach(5, 3, 4)
	number.Clock = ByNumber
	for _, c := range []struct {
		name string
		run  *Run
		want string // distances in seconds, of the boot clock or not, index of the least
	}{
		{"the least in the middle", stampedEach(5, 3, 4), "[3 4 5] false 1"},
		{"two that are least", stampedEach(5, 3, 3), "[3 3 5] false 1"},
		{"the first is least", stampedEach(3, 5, 4), "[3 4 5] false 0"},
		{"a line without a stamp", silent, "[4 5] false 2"},
		{"the first is of the boot clock", kernel, "[5] true 0"},
		{"another is of the boot clock", wall, "[4 5] false 2"},
		{"no clock at all", number, "[] false 0"},
	} {
		offs, boot, at := offsets(c.run)
		seconds := []float64{}
		for _, off := range offs {
			seconds = append(seconds, off.Seconds())
		}
		if got := fmt.Sprint(seconds, boot, at); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// Of a long run, every second cycle is looked at, or every third.
func TestOffsetsAreBounded(t *testing.T) {
	for n, want := range map[int]int{2*maxPoints - 1: 2*maxPoints - 1, 2 * maxPoints: maxPoints, 3*maxPoints + 1: maxPoints + 1} {
		if offs, _, _ := offsets(stampedEach(make([]float64, n)...)); len(offs) != want {
			t.Errorf("%d of %d cycles were looked at, want %d", len(offs), n, want)
		}
	}
}

// A stamp of whole seconds was cut off; the collection is taken back from it where the clock is that of its beginning.
func TestWholeSeconds(t *testing.T) {
	took := stampedEach(-0.25, -0.25, -0.25, -0.25)
	borrowed := stampedEach(-0.25, -0.25, -0.25, -0.25)
	borrowed.Clock = SinceFirst
	kernel := stampedEach(0.5, 0.5, 0.5, 0.5)
	for _, r := range []*Run{took, borrowed} {
		for i := range r.Cycles.Len() {
			r.Cycles.At(i).Wall = 0.25
		}
	}
	for i := range kernel.Cycles.Len() {
		kernel.Cycles.At(i).Flags ^= WallTied | bootStamp
	}
	silent := stampedEach(0, 0.5, 0, 0)
	silent.Cycles.At(1).Flags &^= WallTied
	late := func(n int) *Run { return stampedEach(append(make([]float64, n), 0.5)...) }
	for _, c := range []struct {
		name string
		run  *Run
		base float64
		want bool
	}{
		{"four", stampedEach(0, 0, 0, 0), 0, true},
		{"three may be so by chance", stampedEach(0, 0, 0), 0, false},
		{"one is not", stampedEach(0, 0, 0.5, 0), 0, false},
		{"a millisecond more", stampedEach(0, 0, 0.001, 0), 0, true},
		{"a millisecond less", stampedEach(0, 0, 0.999, 0), 0, true},
		{"two milliseconds more", stampedEach(0, 0, 0.002, 0), 0, false},
		{"two milliseconds less", stampedEach(0, 0, 0.998, 0), 0, false},
		{"before 1970", stampedEach(-90, -90, -90, -89.5), 0, false},
		{"whole with what they count from", stampedEach(0.5, 0.5, 0.5, 0.5), 0.5, true},
		{"not whole with what they count from", stampedEach(0, 0, 0, 0), 0.5, false},
		{"the boot clock counts from nothing else", kernel, 0.5, false},
		{"the time of the collection was taken off", took, 0, true},
		{"but not where the clock is that of the stamps", borrowed, 0, false},
		{"a line without a stamp", silent, 0, true},
		{"a fraction among the first lines", late(lookBack - 1), 0, false},
		{"a fraction beyond them", late(lookBack), 0, true},
	} {
		if got := wholeSeconds(c.run, int64(c.base*1e9)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// One stamp in a hundred may be wrong.
func TestWrongStamp(t *testing.T) {
	for n, want := range map[int]float64{99: -9.75, 100: 0.25} {
		delays := make([]float64, n)
		for i := range delays {
			delays[i] = 0.25
		}
		delays[n/2] = -9.75
		b := Builder{files: []string{"app.log"}}
		tie := b.tieRun(&Timeline{}, stampedEach(delays...))
		if got := tie.wall.Sub(time.Unix(0, 0)).Seconds(); got != want {
			t.Errorf("of %d cycles: the run starts at %v s, want %v s", n, got, want)
		}
	}
}

// A run whose clock is the kernel's has a wall time only where one boot is known.
func TestRunOnTheBootClock(t *testing.T) {
	for _, c := range []struct {
		boots []bootTie
		want  string
	}{
		{nil, "unknown"},
		{[]bootTie{{offset: 1000 * time.Second}}, "1000.25"},
		{[]bootTie{{offset: 1000 * time.Second}, {offset: 5000 * time.Second}}, "unknown"},
	} {
		r := stampedEach(0.25, 0.25, 0.25)
		for i := range r.Cycles.Len() {
			r.Cycles.At(i).Flags ^= WallTied | bootStamp
		}
		b := Builder{files: []string{"app.log"}, boots: c.boots}
		tie := b.tieRun(&Timeline{}, r)
		got := "unknown"
		if !tie.wall.IsZero() {
			got = fmt.Sprint(tie.wall.Sub(time.Unix(0, 0)).Seconds())
		}
		if got != c.want || !tie.booted || tie.boot != 250*time.Millisecond {
			t.Errorf("%d boots: wall %s, want %s; %+v", len(c.boots), got, c.want, tie)
		}
	}
}

// A crash report that names both clocks ties a log without stamps.
func TestTieOfTheEnd(t *testing.T) {
	for _, c := range []struct {
		name   string
		form   string
		change func(*event.RuntimeOOM)
		want   string // wall time of the log's zero, seconds since 1970
	}{
		{"both clocks", "timed", func(*event.RuntimeOOM) {}, "1000"},
		{"whole seconds", "timed", func(e *event.RuntimeOOM) { e.Time.WallStep = time.Second }, "1000 coarse"},
		{"milliseconds", "timed", func(e *event.RuntimeOOM) { e.Time.WallStep = time.Millisecond }, "1000"},
		{"one clock only", "timed", func(e *event.RuntimeOOM) { e.Time.Has = event.Wall }, "unknown"},
		{"the end of another process", "timed", func(e *event.RuntimeOOM) { e.PID = 8 }, "unknown"},
		{"a log without a clock", "", func(*event.RuntimeOOM) {}, "unknown"},
	} {
		b := New(Options{})
		log, other := growing("gc.log", c.form), growing("other.log", c.form)
		log.stream, other.stream, other.collector = &event.Stream{OwnPID: 7}, &event.Stream{OwnPID: 8}, event.G1
		for _, ev := range slices.Concat(log.events(), other.events()) {
			b.Add(ev)
		}
		oom := &event.RuntimeOOM{Runtime: jvm, Kind: event.OOMHeap, PID: 7}
		oom.Pos = event.Pos{File: "hs_err.log", Line: 1}
		oom.Time = event.Time{Has: event.Process | event.Wall, Process: 21 * time.Second, Wall: 1021e9}
		c.change(oom)
		b.Add(oom)
		tl := &Timeline{Primary: -1}
		b.deaths()
		b.runs(tl)
		tie := b.tie(tl)[0]
		got := "unknown"
		if !tie.wall.IsZero() {
			got = fmt.Sprint(tie.wall.Sub(time.Unix(0, 0)).Seconds())
		}
		if tie.coarse {
			got += " coarse"
		}
		if got != c.want {
			t.Errorf("%s: the log begins at %s, want %s", c.name, got, c.want)
		}
	}
}

// Tie.From says by which name a report calls the clock of a run.
func TestClockName(t *testing.T) {
	for clock, want := range map[Clock]string{SinceStart: "process", SinceFirst: "log", ByNumber: "cycles"} {
		if got := clockName(&Run{Clock: clock}); got != want {
			t.Errorf("clock %d: %s, want %s", clock, got, want)
		}
	}
}
