package inflection

import (
	"slices"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// TestClockOfAllocation wants as much time between two collections as was allocated between them, and as much in all as a count of
// the collections gives.
func TestClockOfAllocation(t *testing.T) {
	for _, c := range []struct {
		name    string
		runtime string
		clock   timeline.Clock
		live    []unit.Bytes
		peak    []unit.Bytes
		want    []float64
		made    bool
	}{
		// 10, 40 and 50 of 100 allocated, over the three seconds from 1 s on
		{"no clock", "jvm", timeline.ByNumber, []unit.Bytes{10, 5, 5, 9}, []unit.Bytes{99, 20, 45, 55}, []float64{1, 1.3, 2.5, 4}, true},
		{"a heap that shrank from one to the next", "jvm", timeline.ByNumber, []unit.Bytes{10, 50, 5, 9}, []unit.Bytes{99, 60, 45, 55}, []float64{1, 2.5, 2.5, 4}, true},
		{"nothing allocated", "jvm", timeline.ByNumber, []unit.Bytes{9, 9, 9, 9}, []unit.Bytes{9, 9, 9, 9}, []float64{1, 2, 3, 4}, false},
		{"three collections", "jvm", timeline.ByNumber, []unit.Bytes{10, 5, 5}, []unit.Bytes{99, 20, 45}, []float64{1, 2, 3}, false},
		{"a clock", "jvm", timeline.SinceStart, []unit.Bytes{10, 5, 5, 9}, []unit.Bytes{99, 20, 45, 55}, []float64{1, 2, 3, 4}, false},
		{"another runtime", "go", timeline.ByNumber, []unit.Bytes{10, 5, 5, 9}, []unit.Bytes{99, 20, 45, 55}, []float64{1, 2, 3, 4}, false},
	} {
		s := &series{run: &timeline.Run{Runtime: c.runtime, Clock: c.clock}}
		for i := range c.live {
			s.run.Cycles.Append(timeline.Cycle{At: time.Duration(i+1) * time.Minute, Live: c.live[i], Peak: c.peak[i]})
			s.t = append(s.t, float64(i+1))
		}
		s.byAllocation()
		near := func(a, b float64) bool { return abs(a-b) < 1e-12 }
		if s.made != c.made || !slices.EqualFunc(s.t, c.want, near) {
			t.Errorf("%s: %v, made %v; want %v", c.name, s.t, s.made, c.want)
		}
		want := s.t[1]
		if c.made {
			want = 120 // the second collection came after two minutes
		}
		if got := s.onRun(s.t[1]); got != want {
			t.Errorf("%s: the second collection at %v s on the clock of the run, want %v", c.name, got, want)
		}
	}
}

// TestScopeOf checks that a young cycle of Shenandoah counts for the whole heap.
func TestScopeOf(t *testing.T) {
	young := &timeline.Cycle{Scope: timeline.Young}
	if scopeOf(&timeline.Run{Collector: event.Shenandoah}, young) != timeline.Whole || scopeOf(&timeline.Run{Collector: event.G1}, young) != timeline.Young {
		t.Error("want the whole heap for Shenandoah, and what the log says for others")
	}
}

// TestSteeperFill draws an Epsilon heap as straight phases over six points, and wants the onset where the first of the steeper ones
// begins that go on to the end.
func TestSteeperFill(t *testing.T) {
	through := func(x, y, slope float64) line { return line{slope: slope, mid: y, meanX: x} }
	was := hinge{x0: 0.11, low: 0.1, high: 0.12, level: 0.13}
	two := func(before, after line) []phase { return []phase{{0, 2, before, true}, {3, 5, after, true}} }
	three := func(a, b, c float64) []phase {
		return []phase{{0, 1, through(0.3, 0.3, a), true}, {2, 3, through(0.3, 0.3, b), true}, {4, 5, through(0.7, 0.3+0.4*b, c), true}}
	}
	for _, c := range []struct {
		name      string
		collector event.Collector
		start     int
		phases    []phase
		want      hinge
	}{
		{"twice as fast", event.Epsilon, 0, two(through(0, 0, 1), through(0.5, 0.5, 2)), hinge{x0: 0.5, low: 0.4, high: 0.6, level: 0.5}},
		{"faster by three tenths", event.Epsilon, 0, two(through(0, 0, 1), through(0.5, 0.5, steeperLeak)), hinge{x0: 0.5, low: 0.4, high: 0.6, level: 0.5}},
		{"by less", event.Epsilon, 0, two(through(0, 0, 1), through(0.5, 0.5, 1.29)), was},
		{"lines that meet early", event.Epsilon, 0, two(through(0, 0, 1), through(0.3, 0.3, 2)), hinge{x0: 0.4, low: 0.4, high: 0.6, level: 0.4}},
		{"lines that meet late", event.Epsilon, 0, two(through(0, 0, 1), through(0.7, 0.7, 2)), hinge{x0: 0.6, low: 0.4, high: 0.6, level: 0.6}},
		{"from a level", event.Epsilon, 0, two(through(0, 0.5, 0), through(0.5, 0.5, 2)), was},
		{"from a fall", event.Epsilon, 0, two(through(0, 1, -1), through(0.5, 0.5, 2)), was},
		{"the first of two bends", event.Epsilon, 0, three(1, 2, 4), hinge{x0: 0.3, low: 0.2, high: 0.4, level: 0.3}},
		{"the bend before one that is slight", event.Epsilon, 0, three(1, 2, 2.5), hinge{x0: 0.3, low: 0.2, high: 0.4, level: 0.3}},
		{"a bend, after one that is slight", event.Epsilon, 0, three(1, 1.2, 2.5), hinge{x0: 0.7, low: 0.6, high: 0.8, level: 0.78}},
		{"a stretch that was steeper for a while", event.Epsilon, 0, three(1, 3, 1), was},
		{"a stretch that was steepest first", event.Epsilon, 0, three(1, 3, 2), hinge{x0: 0.3, low: 0.2, high: 0.4, level: 0.3}},
		{"a bend in the warm-up", event.Epsilon, 1, two(through(0, 0, 1), through(0.5, 0.5, 2)), was},
		{"another collector", event.Serial, 0, two(through(0, 0, 1), through(0.5, 0.5, 2)), was},
	} {
		st := &study{
			series: &series{run: &timeline.Run{Collector: c.collector}},
			scaled: &scaled{x: []float64{0, 0.2, 0.4, 0.6, 0.8, 1}}, phases: c.phases, trend: trend{start: c.start},
		}
		got := st.uncollected(was)
		for _, d := range [][2]float64{{got.x0, c.want.x0}, {got.low, c.want.low}, {got.high, c.want.high}, {got.level, c.want.level}} {
			if abs(d[0]-d[1]) > 1e-12 {
				t.Errorf("%s: %v from %v to %v at level %v, want %+v", c.name, got.x0, got.low, got.high, got.level, c.want)
				break
			}
		}
	}
}
