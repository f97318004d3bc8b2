package timeline

import (
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// goLine is a line of Go 1.18, with its live heap, at a second of its process.
func goLine(number int64, second int) *event.GC {
	ev := &event.GC{Collector: event.Go, Numbered: true, Cycle: number, Live: unit.Known(unit.MiB), Stacks: unit.Known(0)}
	ev.Pos = event.Pos{File: "app.log", Line: int(number)}
	ev.Time = event.Time{Has: event.Process, Process: time.Duration(second) * time.Second}
	return ev
}

// apart are the ways in which two lines can differ that no process writes both.
var apart = []struct {
	name   string
	change func(*event.GC)
}{
	{"another writer", func(ev *event.GC) { ev.Stream = &event.Stream{PID: 7} }},
	{"another file", func(ev *event.GC) { ev.Pos.File = "other.log" }},
	{"another runtime", func(ev *event.GC) { ev.Collector = event.V8 }},
	{"no number", func(ev *event.GC) { ev.Numbered = false }},
	{"no clock", func(ev *event.GC) { ev.Time = event.Time{} }},
}

func TestSegments(t *testing.T) {
	for _, c := range append(apart, []struct {
		name   string
		change func(*event.GC)
	}{
		{"an older release", func(ev *event.GC) { ev.Stacks = unit.Size{} }},
		{"what a crash report remembers", func(ev *event.GC) { ev.Dialect = history }},
	}...) {
		b := New(Options{})
		other := goLine(2, 2)
		c.change(other)
		b.Add(goLine(1, 1))
		b.Add(other)
		b.Add(goLine(3, 3))
		if len(b.segments) != 2 || b.segments[0].raw.Len() != 2 {
			t.Errorf("%s: %d segments, want one of two lines and one of one", c.name, len(b.segments))
		}
	}
	node, android := goLine(1, 1), goLine(2, 2)
	node.Collector, android.Collector = event.V8, event.ART
	b := New(Options{})
	b.Add(node)
	b.Add(android)
	if len(b.segments) != 2 {
		t.Errorf("lines of V8 and of ART are in %d segments, want 2", len(b.segments))
	}
}

func TestOnePipeOrTheOther(t *testing.T) {
	b := New(Options{})
	for i, pipe := range []string{"stdout", "stderr", "stdout"} {
		ev := goLine(int64(i+1), i)
		ev.Stream = &event.Stream{ContainerID: "0123456789ab", Pipe: pipe}
		b.Add(ev)
	}
	if len(b.segments) != 1 {
		t.Errorf("%d segments, want one: a process writes to both of its pipes", len(b.segments))
	}
}

// A torn line that lost its end looks like one of an older release. It goes on where the lines before left off.
func TestCutShort(t *testing.T) {
	cut := func() *event.GC {
		ev := goLine(2, 2)
		ev.Stacks, ev.Mended = unit.Size{}, true
		return ev
	}
	for _, c := range append(apart, []struct {
		name   string
		change func(*event.GC)
	}{
		{"", func(*event.GC) {}},
		{"another number", func(ev *event.GC) { ev.Cycle = 3 }},
		{"the same number", func(ev *event.GC) { ev.Cycle = 1 }},
		{"a whole line", func(ev *event.GC) { ev.Mended = false }},
	}...) {
		b := New(Options{})
		ev := cut()
		c.change(ev)
		b.Add(goLine(1, 1))
		b.Add(ev)
		want := 2
		if c.name == "" {
			want = 1
		}
		if len(b.segments) != want {
			t.Errorf("a cut line, %s: %d segments, want %d", c.name, len(b.segments), want)
		}
	}
	unnumbered := goLine(0, 1)
	unnumbered.Numbered = false
	ev := cut()
	ev.Cycle = 1
	b := New(Options{})
	b.Add(unnumbered)
	b.Add(ev)
	if len(b.segments) != 2 {
		t.Errorf("a cut line with a number goes on in a log without numbers")
	}
}

func TestVersionOf(t *testing.T) {
	known, timed := unit.Known(0), event.Time{Has: event.Process}
	for _, c := range []struct {
		gc   event.GC
		want string
	}{
		{event.GC{Collector: event.G1, Stacks: known}, ""},
		{event.GC{Collector: event.Go, Stacks: known, Head: event.Head{Time: timed}}, "1.18 to 1.26"},
		{event.GC{Collector: event.Go, Head: event.Head{Time: timed}}, "1.5 to 1.17"},
		{event.GC{Collector: event.Go, LivePrev: known, Goroutines: 1}, "1.4"},
		{event.GC{Collector: event.Go, LivePrev: known}, "1.3"},
		{event.GC{Collector: event.Go}, "1.0 to 1.2"},
	} {
		if got := versionOf(&c.gc); got != c.want {
			t.Errorf("%+v: %q, want %q", c.gc, got, c.want)
		}
	}
}

// cycle is a cycle at a second of the process; stamped at a second of the envelopes, or not where that is 0.
func cycle(n uint32, second, stamp float64) Cycle {
	c := Cycle{N: n, At: time.Duration(second * float64(time.Second))}
	if stamp != 0 {
		c.setStamp(int64(stamp*1e9), false)
	}
	return c
}

func TestFollows(t *testing.T) {
	for _, c := range []struct {
		name string
		key  segmentKey
		b    Cycle // after number 5, second 50, stamped at 150 s
		want bool
	}{
		{"by number", segmentKey{numbered: true}, cycle(6, 0, 0), true},
		{"by number, whatever the stamp", segmentKey{numbered: true}, cycle(6, 0, 1), true},
		{"the same number", segmentKey{numbered: true}, cycle(5, 60, 160), false},
		{"a smaller number", segmentKey{numbered: true}, cycle(4, 60, 160), false},
		{"by clock", segmentKey{timed: true}, cycle(0, 51, 0), true},
		{"at the same time", segmentKey{timed: true}, cycle(0, 50, 0), true},
		{"earlier", segmentKey{timed: true}, cycle(0, 49, 160), false},
		{"by both", segmentKey{numbered: true, timed: true}, cycle(6, 51, 0), true},
		{"a number that contradicts the clock", segmentKey{numbered: true, timed: true}, cycle(4, 51, 0), false},
		{"a clock that contradicts the number", segmentKey{numbered: true, timed: true}, cycle(6, 49, 0), false},
		{"by stamp", segmentKey{}, cycle(0, 0, 151), true},
		{"at the same stamp", segmentKey{}, cycle(0, 0, 150), true},
		{"an earlier stamp", segmentKey{}, cycle(0, 0, 149), false},
		{"no stamp", segmentKey{}, cycle(0, 0, 0), true},
	} {
		s, a := segment{segmentKey: c.key}, cycle(5, 50, 150)
		if got := s.follows(&a, &c.b); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	s, a, b := segment{}, cycle(5, 50, 0), cycle(6, 60, 1)
	if !s.follows(&a, &b) {
		t.Error("a stamp after a line without one: nothing contradicts")
	}
}

func TestStampJump(t *testing.T) {
	full := segmentKey{numbered: true, timed: true}
	for _, c := range []struct {
		name string
		key  segmentKey
		a, b Cycle
		want bool
	}{
		{"a minute and a bit more than the process clock says", full, cycle(1, 10, 100), cycle(3, 20, 170.001), true},
		{"just a minute more", full, cycle(1, 10, 100), cycle(3, 20, 170), false},
		{"the very next number", full, cycle(1, 10, 100), cycle(2, 20, 900), false},
		{"the process clock knows of the time", full, cycle(1, 10, 100), cycle(3, 810, 900), false},
		{"the first has no stamp", full, cycle(1, 10, 0), cycle(3, 20, 900), false},
		{"the second has no stamp", full, cycle(1, 10, -900), cycle(3, 20, 0), false},
		{"no process clock", segmentKey{numbered: true}, cycle(1, 10, 100), cycle(3, 20, 900), false},
		{"no numbers", segmentKey{timed: true}, cycle(1, 10, 100), cycle(3, 20, 900), false},
	} {
		s := segment{segmentKey: c.key}
		if got := s.stampJump(&c.a, &c.b); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestVeryNext(t *testing.T) {
	both := segmentKey{numbered: true, timed: true}
	for _, c := range []struct {
		name         string
		key          segmentKey
		a, b         Cycle
		rises, falls bool
	}{
		{"next", segmentKey{numbered: true}, cycle(5, 0, 0), cycle(6, 0, 0), true, false},
		{"before", segmentKey{numbered: true}, cycle(6, 0, 0), cycle(5, 0, 0), false, true},
		{"the same", segmentKey{numbered: true}, cycle(5, 0, 0), cycle(5, 0, 0), false, false},
		{"the one after the next", segmentKey{numbered: true}, cycle(5, 0, 0), cycle(7, 0, 0), false, false},
		{"two before", segmentKey{numbered: true}, cycle(7, 0, 0), cycle(5, 0, 0), false, false},
		{"next, and later", both, cycle(5, 1, 0), cycle(6, 2, 0), true, false},
		{"next, at the same time", both, cycle(5, 1, 0), cycle(6, 1, 0), true, false},
		{"next, but earlier", both, cycle(5, 2, 0), cycle(6, 1, 0), false, false},
		{"before, and earlier", both, cycle(6, 2, 0), cycle(5, 1, 0), false, true},
		{"before, at the same time", both, cycle(6, 1, 0), cycle(5, 1, 0), false, true},
		{"before, but later", both, cycle(6, 1, 0), cycle(5, 2, 0), false, false},
		{"later, without numbers", segmentKey{timed: true}, cycle(0, 1, 0), cycle(0, 5, 0), true, false},
		{"earlier, without numbers", segmentKey{timed: true}, cycle(0, 5, 0), cycle(0, 1, 0), false, true},
		{"at once, without numbers", segmentKey{timed: true}, cycle(0, 5, 0), cycle(0, 5, 0), false, false},
		{"stamps tell better than numbers", both, cycle(6, 2, 100), cycle(5, 1, 101), true, false},
		{"and so do they backwards", both, cycle(5, 1, 101), cycle(6, 2, 100), false, true},
		{"of one stamp, the numbers tell", both, cycle(6, 2, 100), cycle(5, 1, 100), false, true},
		{"and so do they forwards", both, cycle(5, 1, 100), cycle(6, 2, 100), true, false},
		{"one stamp tells nothing", both, cycle(6, 2, 100), cycle(5, 1, 0), false, true},
		{"nor does the other", both, cycle(6, 2, 0), cycle(5, 1, 100), false, true},
	} {
		s := segment{segmentKey: c.key}
		if rises, falls := s.step1(&c.a, &c.b); rises != c.rises || falls != c.falls {
			t.Errorf("%s: %v, %v, want %v, %v", c.name, rises, falls, c.rises, c.falls)
		}
	}
}

func TestVotes(t *testing.T) {
	for _, c := range []struct {
		name        string
		numbers     []uint32
		reach       int
		next, order votes
	}{
		{"ten in order", []uint32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, near, votes{up: 9}, votes{up: 2}},
		{"ten turned round", []uint32{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, near, votes{down: 9}, votes{down: 2}},
		{"two alternate", []uint32{1, 101, 2, 102, 3, 103, 4, 104, 5, 105}, near, votes{up: 8}, votes{up: 2}},
		{"two alternate, seen line by line", []uint32{1, 101, 2, 102, 3, 103, 4, 104, 5, 105}, 1, votes{}, votes{up: 5, down: 4}},
		{"the eighth line before", []uint32{1, 50, 60, 70, 80, 90, 100, 110, 2}, near, votes{up: 1}, votes{up: 1}},
		{"the ninth line before", []uint32{1, 50, 60, 70, 80, 90, 100, 110, 120, 2}, near, votes{}, votes{up: 1, down: 1}},
		{"a line between its neighbours", []uint32{1, 3, 2}, near, votes{up: 1, down: 1}, votes{}},
	} {
		s := segment{segmentKey: segmentKey{numbered: true}, raw: byNumber(c.numbers...)}
		if next, order := s.vote(c.reach, true); next != c.next || order != c.order {
			t.Errorf("%s: %+v, %+v, want %+v, %+v", c.name, next, order, c.next, c.order)
		}
		if _, order := s.vote(c.reach, false); order != (votes{}) {
			t.Errorf("%s: nobody asked for the order: %+v", c.name, order)
		}
	}
}

func TestTurnedRound(t *testing.T) {
	for _, c := range []struct {
		name    string
		numbers []uint32
		want    bool
	}{
		{"in order", []uint32{1, 2, 3, 4}, false},
		{"turned round", []uint32{4, 3, 2, 1}, true},
		{"two lines changed places", []uint32{1, 3, 2, 4, 5}, false},
		{"one line", []uint32{1}, false},
		{"lines that tell nothing", []uint32{5, 5, 5}, false},
		{"as many rise as fall", []uint32{2, 1, 2}, false},
		{"a process that starts anew", []uint32{6, 7, 8, 9, 1, 2, 3, 4}, false},
		{"two alternate, turned round", []uint32{104, 4, 103, 3, 102, 2, 101, 1}, true},
		// Of 20 lines, 12 follow the line before: three of five are not enough to tell. But all that have a line eight lines
		// before them stand before it in number.
		{"short pages, the last one first", []uint32{19, 20, 17, 18, 15, 16, 13, 14, 10, 11, 12, 7, 8, 9, 4, 5, 6, 1, 2, 3}, true},
		// One page less, and 13 follow.
		{"longer pages, the last one first", []uint32{18, 19, 20, 16, 17, 13, 14, 15, 10, 11, 12, 7, 8, 9, 4, 5, 6, 1, 2, 3}, false},
	} {
		s := segment{segmentKey: segmentKey{numbered: true}, raw: byNumber(c.numbers...)}
		if got := s.newestFirst(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
