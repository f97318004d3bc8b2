package timeline

import (
	"math"
	"slices"
	"testing"
	"time"

	"oomtrace/parser/unit"
)

// heap is a cycle with its sizes in MiB.
func heap(live, peak, goal float64) *Cycle {
	size := func(n float64) unit.Bytes { return unit.Bytes(n * float64(unit.MiB)) }
	return &Cycle{Live: size(live), Peak: size(peak), Goal: size(goal)}
}

func near9(a, b float64) bool { return a == b || math.Abs(a-b) < 1e-9 }

// The goal of a cycle is k times the live heap of the one before, give or take k MiB; a tenth of it more costs 1.
func TestMisfit(t *testing.T) {
	late := func(c *Cycle) *Cycle { c.Flags |= lateLive; return c }
	for _, c := range []struct {
		name    string
		last, c *Cycle
		k, want float64
	}{
		{"the goal of GOGC=100", heap(10, 20, 20), heap(10, 20, 20), 2, 0},
		{"k is 2 where nothing tells", heap(10, 20, 20), heap(10, 20, 20), 0, 0},
		{"k MiB more", heap(10, 20, 20), heap(10, 20, 22), 2, 0},
		{"1 MiB more than that", heap(10, 20, 20), heap(10, 20, 23), 2, 0.5},
		{"1 MiB less than that", heap(10, 20, 20), heap(10, 20, 17), 2, 0.5},
		{"much more", heap(10, 20, 20), heap(10, 20, 90), 2, 3},
		{"another k", heap(10, 40, 40), heap(10, 40, 48), 4, 1},
		{"the goal at the minimum heap tells nothing", heap(2.999, 4, 4), heap(10, 20, 20), 2, 0},
		{"and just beyond it tells", heap(3, 4, 4), heap(10, 20, 20), 2, 3},
		{"without a goal, the largest heap tells", heap(10, 20, 0), heap(10, 23, 0), 2, 0.5},
		{"Go 1.4 prints the live heap one cycle late", heap(1, 20, 0), late(heap(10, 23, 0)), 2, 0.5},
		{"which was in the heap of the cycle before", heap(1, 9, 0), late(heap(10, 20, 0)), 2, 0},
		{"and cannot be larger", heap(1, 8.999, 0), late(heap(10, 20, 0)), 2, 3},
	} {
		if got := misfit(c.last, c.c, c.k); !near9(got, c.want) {
			t.Errorf("%s: costs %v, want %v", c.name, got, c.want)
		}
	}
}

// A chain of n cycles, with the indexes in the segment of its first and last lines.
func seen(n uint32, first, last int) *chain {
	ch := &chain{segment: &segment{}, first: first, seen: last}
	for i := range n {
		ch.cycles.Append(Cycle{N: i + 1, At: time.Duration(i) * time.Second})
	}
	return ch
}

// Silence costs half the logarithm of how many times longer than usual it is.
func TestSilence(t *testing.T) {
	for _, c := range []struct {
		name  string
		chain *chain
		index int
		want  float64
	}{
		{"the line after the only one", seen(1, 5, 5), 6, 0},
		{"the third line after the only one", seen(1, 5, 5), 8, math.Log(3) / 2},
		{"every fourth line, and the fourth", seen(3, 1, 9), 13, 0},
		{"every fourth line, and earlier", seen(3, 1, 9), 10, 0},
		{"every fourth line, and the eighth", seen(3, 1, 9), 17, math.Log(2) / 2},
		{"every line, and the second", seen(3, 1, 3), 5, math.Log(2) / 2},
	} {
		if got := c.chain.silence(c.index); !near9(got, c.want) {
			t.Errorf("%s: costs %v, want %v", c.name, got, c.want)
		}
	}
}

// A line that comes when the clock of its process says costs nothing.
func TestUntimely(t *testing.T) {
	const ms = time.Millisecond
	wall := func(c Cycle, took float32) *Cycle { c.Wall = took; return &c }
	for _, c := range []struct {
		name      string
		now, upto time.Duration // the process began between 1 s and upto
		every     time.Duration
		c         *Cycle
		want      float64
	}{
		{"in time", 11500 * ms, time.Second, 0, wall(cycle(1, 10, 0), 0.5), 0},
		{"late, as far as is known", 12500 * ms, 2 * time.Second, 0, wall(cycle(1, 10, 0), 0.5), 0},
		{"150 ms late", 11650 * ms, time.Second, 0, wall(cycle(1, 10, 0), 0.5), 1.5},
		{"1 s late, of a process that collects every 400 ms", 12500 * ms, time.Second, 400 * ms, wall(cycle(1, 10, 0), 0.5), 5},
		{"1 s late, of one that collects every 40 s", 12500 * ms, time.Second, 40 * time.Second, wall(cycle(1, 10, 0), 0.5), 1 / 1.1},
		{"very late", time.Hour, time.Second, 0, wall(cycle(1, 10, 0), 0.5), 10},
		{"10 ms early", 11490 * ms, time.Second, 0, wall(cycle(1, 10, 0), 0.5), math.Log(2) / 2},
		{"500 ms early, of a process that collects every 240 ms", 11 * time.Second, time.Second, 240 * ms, wall(cycle(1, 10, 0), 0.5), math.Log(3) / 2},
		{"stamped in time", time.Hour, time.Second, 0, wall(cycle(1, 10, 11), 0.5), 0},
		{"stamped 10 ms late", 0, time.Second, 0, wall(cycle(1, 10, 11.01), 0), math.Log(2) / 2},
		{"stamped 10 ms early", 0, time.Second, 0, wall(cycle(1, 10, 10.99), 0), math.Log(2) / 2},
		{"stamped 20 ms late", 0, time.Second, 0, wall(cycle(1, 10, 11.02), 0), math.Log(3) / 2},
		{"stamped hours late", 0, time.Second, 0, wall(cycle(1, 10, 36000), 0), 6},
	} {
		o, ch := sorter{now: c.now}, &chain{start: time.Second, upto: c.upto, every: c.every}
		if got := o.untimely(ch, c.c); !near9(got, c.want) {
			t.Errorf("%s: costs %v, want %v", c.name, got, c.want)
		}
	}
}

func TestOffBeat(t *testing.T) {
	for _, c := range []struct {
		name     string
		numbered bool
		beat     time.Duration
		c        Cycle // after number 5, second 50
		want     float64
	}{
		{"no beat is known", true, 0, cycle(6, 70, 0), 0},
		{"in step", true, 10 * time.Second, cycle(6, 60, 0), 0},
		{"twice as long", true, 999 * time.Millisecond, cycle(6, 51.999, 0), 0.3 * math.Log(2)},
		{"half as long", true, 1999 * time.Millisecond, cycle(6, 50.999, 0), 0.3 * math.Log(2)},
		{"an hour", true, time.Second, cycle(6, 3650, 0), 1},
		{"numbers are missing", true, 999 * time.Millisecond, cycle(7, 51.999, 0), 0},
		{"no numbers", false, 999 * time.Millisecond, cycle(0, 51.999, 0), 0.3 * math.Log(2)},
	} {
		ch := &chain{segment: &segment{segmentKey: segmentKey{numbered: c.numbered}}, beat: c.beat, cycles: cyclesOf(cycle(5, 50, 0))}
		if got := ch.offBeat(&c.c); !near9(got, c.want) {
			t.Errorf("%s: costs %v, want %v", c.name, got, c.want)
		}
	}
}

// What does not fit adds up; beyond what can be believed, the cost is infinite.
func TestCost(t *testing.T) {
	fit := func(c Cycle) *Cycle { c.Live, c.Goal, c.Procs = 10*unit.MiB, 20*unit.MiB, 4; return &c }
	procs := func(c *Cycle) *Cycle { c.Procs = 8; return c }
	goal := func(c *Cycle) *Cycle { c.Goal = 23 * unit.MiB; return c }
	number, both, clock := segmentKey{numbered: true}, segmentKey{numbered: true, timed: true}, segmentKey{timed: true}
	for _, c := range []struct {
		name  string
		key   segmentKey
		beat  time.Duration
		index int
		c     *Cycle // after number 5, second 50, index 9
		want  float64
	}{
		{"the next", number, 0, 10, fit(cycle(6, 0, 0)), 0},
		{"the next, after some silence", number, 0, 12, fit(cycle(6, 0, 0)), math.Log(3) / 2},
		{"the next, of another goal", number, 0, 10, goal(fit(cycle(6, 0, 0))), 0.5},
		{"the next, with another GOMAXPROCS", number, 0, 10, procs(fit(cycle(6, 0, 0))), 2},
		{"one missing, whatever the goal", number, 0, 10, goal(fit(cycle(7, 0, 0))), 1},
		{"ten missing", number, 0, 10, fit(cycle(16, 0, 0)), 1 + math.Log(10)/2},
		{"a thousand missing", number, 0, 10, fit(cycle(1006, 0, 0)), 3.5},
		{"a thousand missing, with another GOMAXPROCS", number, 0, 10, procs(fit(cycle(1006, 0, 0))), math.Inf(1)},
		{"no numbers", clock, 0, 10, goal(fit(cycle(0, 50, 50))), 0},
		{"the next, when it is due", both, 10 * time.Second, 10, fit(cycle(6, 60, 60)), 0},
		{"the next, at twice the time", both, 999 * time.Millisecond, 10, fit(cycle(6, 51.999, 51.999)), 0.3 * math.Log(2)},
		{"the next, stamped 10 ms late", both, 0, 10, fit(cycle(6, 60, 60.01)), math.Log(2) / 2},
		{"the next, stamped hours late, with another GOMAXPROCS", both, 0, 10, procs(fit(cycle(6, 60, 36000))), 8},
		{"and after some silence", both, 0, 12, procs(fit(cycle(6, 60, 36000))), math.Inf(1)},
	} {
		seg := &segment{segmentKey: c.key}
		o := sorter{seg: seg, index: c.index}
		ch := &chain{segment: seg, cycles: cyclesOf(*fit(cycle(5, 50, 50))), first: 9, seen: 9, k: 2, beat: c.beat, upto: math.MaxInt64 / 2}
		if got := o.cost(ch, c.c); !near9(got, c.want) {
			t.Errorf("%s: costs %v, want %v", c.name, got, c.want)
		}
	}
}

// ticks is a chain of cycles whose seconds are their numbers, with the index after its last hole.
func ticks(key segmentKey, gap int, numbers ...uint32) *chain {
	ch := &chain{segment: &segment{segmentKey: key}, gap: gap}
	for _, n := range numbers {
		ch.cycles.Append(cycle(n, float64(n), 0))
	}
	return ch
}

func upTo(first, last uint32) (out []uint32) {
	for n := first; n <= last; n++ {
		out = append(out, n)
	}
	return out
}

func TestHole(t *testing.T) {
	both, number, clock := segmentKey{numbered: true, timed: true}, segmentKey{numbered: true}, segmentKey{timed: true}
	goal := func(c Cycle, goal unit.Bytes) Cycle { c.Live, c.Goal = 10*unit.MiB, goal; return c }
	swapped := func(key segmentKey, goal unit.Bytes) *chain {
		ch := ticks(key, 0, 2)
		ch.cycles.At(0).Goal = goal
		return ch
	}
	for _, c := range []struct {
		name   string
		chain  *chain
		c      Cycle
		at     int
		double bool
	}{
		{"the last again", ticks(both, 0, 1, 2, 3), cycle(3, 3, 0), -1, true},
		{"the last number, another time", ticks(both, 0, 1, 2, 3), cycle(3, 4, 0), -1, false},
		{"the last number, and no clock to tell", ticks(number, 0, 1, 2, 3), cycle(3, 3, 0), -1, false},
		{"no numbers, the last again", ticks(clock, 0, 1, 2, 3), cycle(3, 3, 0), -1, true},
		{"no numbers, an earlier one", ticks(clock, 0, 1, 2, 3), cycle(2, 2, 0), -1, false},
		{"nothing is missing", ticks(both, 0, 1, 2, 3), cycle(2, 2.5, 0), -1, false},
		{"the missing one", ticks(both, 2, 1, 2, 4), cycle(3, 3, 0), 2, false},
		{"the missing one, at the time of the one before", ticks(both, 2, 1, 2, 4), cycle(3, 2, 0), 2, false},
		{"the missing one, at the time of the one after", ticks(both, 2, 1, 2, 4), cycle(3, 4, 0), 2, false},
		{"the missing one, earlier than the one before", ticks(both, 2, 1, 2, 4), cycle(3, 1.9, 0), -1, false},
		{"the missing one, later than the one after", ticks(both, 2, 1, 2, 4), cycle(3, 4.1, 0), -1, false},
		{"the missing one, without a clock", ticks(number, 2, 1, 2, 4), cycle(3, 9, 0), 2, false},
		{"the missing one, some lines ago", ticks(both, 2, 1, 2, 4, 5, 6), cycle(3, 3, 0), 2, false},
		{"the only one before", ticks(both, 1, 1, 3), cycle(2, 2, 0), 1, false},
		{"before the first", ticks(both, 1, 5, 7), cycle(4, 4, 0), -1, false},
		{"beyond the last, but earlier", ticks(both, 2, 1, 2, 4), cycle(5, 3, 0), -1, false},
		{"one that is there", ticks(both, 1, 1, 3, 4, 5), cycle(4, 4, 0), -1, true},
		{"one that is there, at another time", ticks(both, 1, 1, 3, 4, 5), cycle(4, 4.5, 0), -1, false},
		{"one that is there, without a clock", ticks(number, 1, 1, 3, 4, 5), cycle(4, 4, 0), -1, false},
		{"a hole 63 lines ago", ticks(both, 1, slices.Concat(upTo(1, 1), upTo(3, 65))...), cycle(2, 2, 0), 1, false},
		{"a hole 64 lines ago", ticks(both, 1, slices.Concat(upTo(1, 1), upTo(3, 66))...), cycle(2, 2, 0), -1, false},
		{"a double after a hole 64 lines ago", ticks(both, 1, slices.Concat(upTo(1, 1), upTo(3, 66))...), cycle(50, 50, 0), -1, true},
		{"a double after a hole 65 lines ago", ticks(both, 1, slices.Concat(upTo(1, 1), upTo(3, 67))...), cycle(50, 50, 0), -1, false},
		{"the first two changed places", swapped(both, 20*unit.MiB), goal(cycle(1, 1, 0), 4*unit.MiB), 0, false},
		{"the first two, at one time", swapped(both, 20*unit.MiB), goal(cycle(1, 2, 0), 4*unit.MiB), 0, false},
		{"the first two, and the clock says otherwise", swapped(both, 20*unit.MiB), goal(cycle(1, 2.1, 0), 4*unit.MiB), -1, false},
		{"the first two, without a clock", swapped(number, 20*unit.MiB), goal(cycle(1, 9, 0), 4*unit.MiB), 0, false},
		{"the first two, and the goal fits nearly", swapped(both, 23*unit.MiB), goal(cycle(1, 1, 0), 4*unit.MiB), 0, false},
		{"the first two, and the goal says otherwise", swapped(both, 24*unit.MiB), goal(cycle(1, 1, 0), 4*unit.MiB), -1, false},
		{"the first two, with one missing between", swapped(both, 20*unit.MiB), goal(cycle(0, 0, 0), 4*unit.MiB), -1, false},
		{"not the first two", ticks(both, 0, 2, 3), cycle(1, 1, 0), -1, false},
	} {
		if at, double := c.chain.hole(&c.c); at != c.at || double != c.double {
			t.Errorf("%s: place %d, double %v, want %d, %v", c.name, at, double, c.at, c.double)
		}
	}
}

// A line that two chains explain alike goes to the one that began last, and a hole is worth the cost of one missing line.
func TestPlace(t *testing.T) {
	seg := &segment{segmentKey: segmentKey{numbered: true}}
	open := func(seen, gap int, numbers ...uint32) *chain {
		return &chain{segment: seg, cycles: byNumber(numbers...), first: seen, seen: seen, gap: gap}
	}
	for _, c := range []struct {
		name   string
		chains []*chain
		n      uint32
		want   [][]uint32
	}{
		{"two alike", []*chain{open(2, 0, 4), open(2, 0, 4)}, 5, [][]uint32{{4}, {4, 5}}},
		{"the one that spoke last", []*chain{open(2, 0, 4), open(1, 0, 4)}, 5, [][]uint32{{4, 5}, {4}}},
		{"the next number", []*chain{open(2, 0, 4), open(2, 0, 3)}, 5, [][]uint32{{4, 5}, {3}}},
		{"nobody's", []*chain{open(2, 0, 4)}, 2, [][]uint32{{4}, {2}}},
		{"a hole", []*chain{open(2, 2, 3, 4, 6)}, 5, [][]uint32{{3, 4, 5, 6}}},
		{"a hole, or the end with one missing, which began last", []*chain{open(2, 1, 4, 6), open(2, 0, 3)}, 5, [][]uint32{{4, 6}, {3, 5}}},
		{"a hole, or the end with one missing, which began first", []*chain{open(2, 0, 3), open(2, 1, 4, 6)}, 5, [][]uint32{{3}, {4, 5, 6}}},
		{"a hole, or the end with two missing", []*chain{open(2, 1, 4, 6), open(2, 0, 2)}, 5, [][]uint32{{4, 5, 6}, {2}}},
		{"a hole, or the very next", []*chain{open(2, 0, 4), open(2, 1, 4, 6)}, 5, [][]uint32{{4, 5}, {4, 6}}},
		{"before the first", []*chain{open(2, 0, 6)}, 5, [][]uint32{{5, 6}}},
	} {
		o := sorter{seg: seg, open: c.chains, index: 2}
		o.place(&Cycle{N: c.n})
		var got [][]uint32
		for _, ch := range o.open {
			got = append(got, ch.cycles.numbers())
		}
		if !slices.EqualFunc(got, c.want, slices.Equal[[]uint32]) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// What the end of a chain tells of the lines to come.
func TestExtend(t *testing.T) {
	sized := func(c Cycle, live, goal unit.Bytes) *Cycle { c.Live, c.Goal, c.Wall = live, goal, 0.5; return &c }
	const mb = unit.MiB
	for _, c := range []struct {
		name string
		last *Cycle
		c    *Cycle
		k    float64
		gap  int
	}{
		{"the next", sized(cycle(5, 50, 0), 10*mb, 20*mb), sized(cycle(6, 60, 0), 10*mb, 30*mb), 3, 0},
		{"one missing", sized(cycle(5, 50, 0), 10*mb, 20*mb), sized(cycle(7, 60, 0), 10*mb, 30*mb), 2, 1},
		{"no live heap", sized(cycle(5, 50, 0), 0, 20*mb), sized(cycle(6, 60, 0), 10*mb, 30*mb), 2, 0},
		{"the least goal", sized(cycle(5, 50, 0), mb, 20*mb), sized(cycle(6, 60, 0), 10*mb, 4*mb), 2, 0},
		{"more than the least", sized(cycle(5, 50, 0), mb, 20*mb), sized(cycle(6, 60, 0), 10*mb, 5*mb), 5, 0},
	} {
		seg := &segment{segmentKey: segmentKey{numbered: true, timed: true}}
		ch := &chain{segment: seg, cycles: cyclesOf(*c.last), k: 2, upto: math.MaxInt64 / 2}
		o := sorter{seg: seg, open: []*chain{ch}, index: 9}
		o.extend(ch, c.c)
		if ch.k != c.k || ch.gap != c.gap || ch.seen != 9 || ch.cycles.Len() != 2 {
			t.Errorf("%s: k %v, hole at %d, seen %d, want %v, %d, 9", c.name, ch.k, ch.gap, ch.seen, c.k, c.gap)
		}
		if ch.every != 30*time.Second || ch.beat != 10*time.Second {
			t.Errorf("%s: one every %s, the last after %s, want 30s and 10s", c.name, ch.every, ch.beat)
		}
	}
}

// Between which times on the axis of the sorter a process began.
func TestBeginnings(t *testing.T) {
	seg := &segment{segmentKey: segmentKey{numbered: true, timed: true}}
	line := func(n uint32, second, stamp float64) *Cycle {
		c := cycle(n, second, stamp)
		c.Wall = 0.5
		return &c
	}
	o := sorter{seg: seg, index: 1}
	want := func(when string, now float64, bounds ...float64) {
		t.Helper()
		if got := o.now.Seconds(); got != now {
			t.Errorf("%s: it is %v s, want %v", when, got, now)
		}
		for i, ch := range o.open {
			if got := ch.start.Seconds(); got != bounds[2*i] {
				t.Errorf("%s: chain %d began at %v s at the earliest, want %v", when, i, got, bounds[2*i])
			}
			if got := min(ch.upto, time.Hour).Seconds(); got != bounds[2*i+1] {
				t.Errorf("%s: chain %d began at %v s at the latest, want %v", when, i, got, bounds[2*i+1])
			}
		}
	}
	o.begin(line(3, 10, 0))
	want("the first line", 0, -10, -10)
	o.index = 2
	o.extend(o.open[0], line(4, 20, 0))
	want("its next", 10, -10, -10)
	o.begin(line(1, 4, 0))
	want("another process", 10, -10, -10, 6, 3600)
	o.extend(o.open[0], line(5, 30, 0))
	want("the first again, which bounds the other", 20, -10, -10, 6, 16.5)
	o.extend(o.open[1], line(2, 9, 0))
	want("a line as early as it can be", 20, -10, -10, 10.5, 16.5)
	o.extend(o.open[0], line(6, 31, 0))
	want("the first again", 21, -10, -10, 10.5, 12.5)
	o.extend(o.open[1], line(3, 15, 100))
	want("a stamp", 100, -10, -10, 10.5, 12.5)
	o.extend(o.open[0], line(7, 120, 105))
	want("an earlier beginning by the stamps", 105, -15, -10, 10.5, 12.5)
	o.begin(line(1, 2, 110))
	want("a process whose lines have stamps", 110, -15, -10, 10.5, 12.5, 108, 3600)
}

// A chain that has been silent for ten minutes, or for a hundred times its usual time, is closed.
func TestRetire(t *testing.T) {
	for _, c := range []struct {
		name  string
		timed bool
		now   time.Duration // the last line was at 100 s, by a clock that began at 50 s
		every time.Duration
		want  bool
	}{
		{"ten minutes", true, 750 * time.Second, time.Second, false},
		{"more than ten minutes", true, 750*time.Second + 1, time.Second, true},
		{"a hundred times the usual", true, 1150 * time.Second, 10 * time.Second, false},
		{"more than that", true, 1150*time.Second + 1, 10 * time.Second, true},
		{"no clock", false, time.Hour, time.Second, false},
	} {
		seg := &segment{segmentKey: segmentKey{timed: c.timed}}
		ch := &chain{segment: seg, cycles: cyclesOf(cycle(1, 100, 0)), start: 50 * time.Second, every: c.every}
		o := sorter{seg: seg, open: []*chain{ch}, now: c.now}
		if o.retire(); (len(o.closed) == 1) != c.want || len(o.open)+len(o.closed) != 1 {
			t.Errorf("%s: closed %v, want %v", c.name, !c.want, c.want)
		}
	}
}

// Where too many chains are open, the one that spoke least lately is closed.
func TestCrowded(t *testing.T) {
	for n, want := range map[int]int{maxOpen - 1: 0, maxOpen: 1} {
		seg := &segment{}
		o := sorter{seg: seg}
		for i := range n {
			o.open = append(o.open, &chain{segment: seg, cycles: byNumber(1), seen: 10 + (i+7)%n})
		}
		o.retire()
		if len(o.closed) != want || len(o.open) != n-want {
			t.Errorf("%d open chains: %d were closed, want %d", n, len(o.closed), want)
		}
		for _, ch := range o.closed {
			if ch.seen != 10 {
				t.Errorf("the chain that was seen at %d was closed, want the one at 10", ch.seen)
			}
		}
	}
}

// Of very many chains, the longest are kept, in the order in which they were.
func TestShrink(t *testing.T) {
	seg := &segment{}
	for n, want := range map[int]int{2*maxChains - 1: 2*maxChains - 1, 2 * maxChains: maxChains} {
		o := sorter{seg: seg}
		for i := range n {
			ch := &chain{segment: seg, cycles: byNumber(1), first: i}
			if i%2 == 1 {
				ch.cycles = byNumber(1, 2)
			}
			o.closed = append(o.closed, ch)
		}
		o.retire()
		if len(o.closed) != want || o.dropped != n-want {
			t.Errorf("of %d chains %d are kept, without %d cycles; want %d without %d", n, len(o.closed), o.dropped, want, n-want)
		}
		for i, ch := range o.closed {
			if want == maxChains && ch.first != 2*i+1 {
				t.Fatalf("chain %d is kept in place %d; want the chains of two cycles, in order", ch.first, i)
			}
		}
	}
}
