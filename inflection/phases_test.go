package inflection

import (
	"math"
	"slices"
	"testing"

	"oomtrace/timeline"

	"pgregory.net/rapid"
)

func curveOf(v []float64) *curve {
	x := make([]float64, len(v))
	for i := range x {
		x[i] = float64(i)
	}
	c := &curve{x: x, y: v, floor: noReturn(v), noise: pointNoise(v)}
	for i := range v {
		c.first = append(c.first, i)
		c.last = append(c.last, i)
	}
	c.top = slices.Max(v)
	return c
}

func trendOf(v []float64) (trend, *scaled, []phase) {
	c := curveOf(v)
	sc := c.scale()
	ph := sc.phases()
	return findTrend(c, sc, ph), sc, ph
}

// The floor never falls, never lies above the curve, and meets it at the end.
func TestFloor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 50).Draw(t, "y")
		floor := noReturn(y)
		for i := range y {
			if want := slices.Min(y[i:]); floor[i] != want {
				t.Fatalf("floor %v at %d, want %v", floor[i], i, want)
			}
			if i > 0 && floor[i] < floor[i-1] {
				t.Fatalf("the floor falls at %d: %v", i, floor)
			}
		}
	})
}

// made returns a series of values a second apart.
func made(v []float64) *series {
	s := &series{run: &timeline.Run{}, v: v, t: make([]float64, len(v))}
	for i := range s.t {
		s.t[i] = 100 + float64(i)
	}
	return s
}

// rising returns n values that rise by one each.
func rising(n int) []float64 {
	return shape(n, 0, func(x float64) float64 { return math.Round(x * float64(n-1)) })
}

// A curve has a point for each cycle up to 240 of them, and 240 points of equally many cycles from there on. Its last point shows an
// earlier cycle than the last one, as the median of the last ones is no later than the middle of them.
func TestCurve(t *testing.T) {
	for _, c := range []struct {
		n     int
		lag   int // cycles from the one that the last point shows to the end
		point int // a point
		first int // its cycles
		last  int
		x, y  float64
	}{
		{2, 0, 1, 1, 1, 101, 1},
		{39, 0, 20, 20, 20, 120, 20},
		{40, 1, 20, 20, 20, 120, 20},
		{240, 1, 100, 100, 100, 200, 100},
		{480, 0, 100, 200, 201, 301, 201},
		{720, 1, 100, 300, 302, 401, 301},
		{360, 0, 1, 1, 2, 102, 2},
		{960, 1, 239, 956, 959, 1058, 958},
	} {
		got := newCurve(made(rising(c.n)))
		if points := min(c.n, 240); len(got.x) != points || len(got.y) != points || len(got.floor) != points {
			t.Errorf("%d cycles: %d points, want %d", c.n, len(got.x), points)
			continue
		}
		if p := c.point; got.first[p] != c.first || got.last[p] != c.last || got.x[p] != c.x || got.y[p] != c.y {
			t.Errorf("%d cycles: point %d is of the cycles %d to %d at (%v, %v), want %d to %d at (%v, %v)",
				c.n, p, got.first[p], got.last[p], got.x[p], got.y[p], c.first, c.last, c.x, c.y)
		}
		if want := float64(c.lag) / (got.x[len(got.x)-1] - got.x[0]); math.Abs(got.lag-want) > 1e-12 {
			t.Errorf("%d cycles: the last point lags by %v, want %v", c.n, got.lag, want)
		}
	}
	if got := newCurve(made([]float64{7})); got.lag != 0 || got.top != 7 || got.noise != 0 {
		t.Errorf("one cycle: %+v", got)
	}
	calm := slices.Repeat([]float64{5}, 241)
	calm[120] = 50
	for n, want := range map[int]float64{240: 5, 241: 50} { // a bucket of one cycle is what the cycle is, a running median is not
		if got := newCurve(made(calm[:n])).top; got != want {
			t.Errorf("%d cycles, one of them high: top %v, want %v", n, got, want)
		}
	}
	for n, want := range map[int]int{1: 3, 39: 3, 40: 5, 99: 5, 100: 7, 240: 7} {
		if got := curveWindow(n); got != want {
			t.Errorf("a running median of %d for %d cycles, want %d", got, n, want)
		}
	}
}

// Noise is told by second differences: a straight rise has none. To and fro by one, they are 2 each.
func TestPointNoise(t *testing.T) {
	for _, c := range []struct {
		y    []float64
		want float64
	}{
		{nil, 0},
		{[]float64{3, 9}, 0},
		{[]float64{0, 1, 0}, 2 * 1.4826 / 2.449},
		{[]float64{1, 2, 3, 4}, 0},
		{[]float64{0, 1, 0, 1, 0, 1}, 2 * 1.4826 / 2.449},
		{[]float64{5, 7, 5, 7}, 4 * 1.4826 / 2.449},
	} {
		if got := pointNoise(c.y); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("noise of %v is %v, want %v", c.y, got, c.want)
		}
	}
}

// No other way to cut the floor costs less.
func TestPartitionIsOptimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y := rapid.SliceOfN(rapid.Float64Range(0.1, 1), 2, 10).Draw(t, "y")
		sc := curveOf(y).scale()
		sc.eps = rapid.Float64Range(0.01, 0.3).Draw(t, "eps")
		cost := func(cuts []int) float64 {
			sum := 0.0
			for k, first := range cuts {
				last := len(y) - 1
				if k+1 < len(cuts) {
					last = cuts[k+1] - 1
				}
				sum += sc.sums.fit(first, last).sse + sc.penalty()
			}
			return sum
		}
		got := cost(sc.partition())
		for set := range 1 << (len(y) - 1) {
			cuts := []int{0}
			for i := 1; i < len(y); i++ {
				if set>>(i-1)&1 == 1 {
					cuts = append(cuts, i)
				}
			}
			if c := cost(cuts); c < got-1e-9 {
				t.Fatalf("cuts %v cost %v, the partition %v costs %v", cuts, c, sc.partition(), got)
			}
		}
	})
}

// Of two ways to cut that cost the same the earlier cut is taken: the middle point is as good an end as a begin.
func TestPartitionOfEquals(t *testing.T) {
	sc := &scaled{x: []float64{0, 0.5, 1}, eps: 1e-3}
	sc.sums = newSums(sc.x, []float64{0, 0, 1})
	if got := sc.partition(); !slices.Equal(got, []int{0, 1}) {
		t.Errorf("phases begin at %v, want 0 and 1", got)
	}
}

// Everything in shares: of the time from the first point to the last, and of the highest one.
func TestScale(t *testing.T) {
	c := &curve{x: []float64{100, 101, 103, 108}, y: []float64{20, 80, 40, 60}, floor: []float64{20, 40, 40, 60}, top: 80, noise: 4}
	sc := c.scale()
	for _, v := range []struct {
		name      string
		got, want []float64
	}{
		{"x", sc.x, []float64{0, 0.125, 0.375, 1}},
		{"y", sc.y, []float64{0.25, 1, 0.5, 0.75}},
		{"floor", sc.floor, []float64{0.25, 0.5, 0.5, 0.75}},
		{"weight, squared", []float64{square(sc.weight[0]), square(sc.weight[1]), square(sc.weight[2]), square(sc.weight[3])}, []float64{0.125, 0.375, 0.875, 0.625}},
		{"noise, eps", []float64{sc.noise, sc.eps}, []float64{0.05, 0.06}},
	} {
		for i := range v.want {
			if math.Abs(v.got[i]-v.want[i]) > 1e-12 {
				t.Errorf("%s: %v, want %v", v.name, v.got, v.want)
				break
			}
		}
	}
	if c.noise = 0.4; c.scale().eps != 0.012 {
		t.Errorf("eps %v, want 1.2 %% of the top at least", c.scale().eps)
	}
	ten := &scaled{x: make([]float64, 10), eps: 0.1}
	if got, want := ten.penalty(), 0.01*(0.5+3*2.302585092994046); math.Abs(got-want) > 1e-12 {
		t.Errorf("one more phase of ten points costs %v, want %v", got, want)
	}
}

// A phase is a rise from a bound on: 3.5 % of the top, two and a half times what counts as straight, or a quarter of its largest swing.
func TestLevelBound(t *testing.T) {
	for _, c := range []struct {
		name string
		y    []float64 // above a floor of 0.5
		eps  float64
		want float64
	}{
		{"neither noise nor swings", []float64{0.5, 0.5, 0.5}, 0.012, 0.035},
		{"noise", []float64{0.5, 0.5, 0.5}, 0.1, 0.25},
		{"a swing at the begin", []float64{1, 0.5, 0.5}, 0.012, 0.125},
		{"a swing at the end", []float64{0.5, 1, 0.5}, 0.012, 0.125},
		{"a swing behind the end", []float64{0.5, 0.5, 1}, 0.012, 0.035},
	} {
		sc := &scaled{y: c.y, floor: []float64{0.5, 0.5, 0.5}, eps: c.eps}
		if got := sc.levelBound(0, 1); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// A rise of just the bound, here a quarter of a swing of half the top, is one; two plateaus that far apart are two.
func TestJustARise(t *testing.T) {
	for _, c := range []struct {
		end  float64
		rise bool
	}{{0.625, true}, {0.624, false}} {
		sc := &scaled{x: []float64{0, 1}, y: []float64{1, c.end}, floor: []float64{0.5, c.end}, eps: 0.012}
		sc.sums = newSums(sc.x, sc.floor)
		ph := sc.phases()
		if len(ph) != 1 || ph[0].rise != c.rise {
			t.Errorf("from 0.5 to %v: %+v, want a rise %v", c.end, ph, c.rise)
		}
		sc = &scaled{x: []float64{0, 0.25, 0.5, 1}, y: []float64{1, 0.5, c.end, c.end}, floor: []float64{0.5, 0.5, c.end, c.end}, eps: 0.012}
		sc.sums = newSums(sc.x, sc.floor)
		ph = sc.mergeLevels([]phase{{first: 0, last: 1}, {first: 2, last: 3}})
		if two := len(ph) == 2; two != c.rise || ph[len(ph)-1].last != 3 {
			t.Errorf("plateaus at 0.5 and %v: %+v, want two %v", c.end, ph, c.rise)
		}
	}
}

// Warm-up are the leading rises, and plateaus shorter than a twentieth of the run, up to the last point before which the floor rises at
// least four times as steeply as after it.
func TestWarmUp(t *testing.T) {
	level, rise := false, true
	for _, c := range []struct {
		name  string
		x     []float64
		floor []float64
		first []int // of each phase
		rises []bool
		want  int
	}{
		{"four times as steep", []float64{0, 0.25, 1}, []float64{0, 0.5, 0.875}, []int{0, 1}, []bool{rise, rise}, 1},
		{"a little less", []float64{0, 0.25, 1}, []float64{0, 0.5, 0.876}, []int{0, 1}, []bool{rise, rise}, 0},
		{"the last phase is none", []float64{0, 0.25, 1}, []float64{0, 0.5, 0.5}, []int{0}, []bool{rise}, 0},
		{"a plateau of a twentieth", []float64{0, 0.05, 0.1, 1}, []float64{0, 0, 0.5, 0.5}, []int{0, 1, 2}, []bool{level, rise, level}, 0},
		{"a shorter one", []float64{0, 0.04, 0.1, 1}, []float64{0, 0, 0.5, 0.5}, []int{0, 1, 2}, []bool{level, rise, level}, 2},
		{"a shorter one behind a rise", []float64{0, 0.1, 0.12, 0.2, 1}, []float64{0, 0.3, 0.3, 0.5, 0.5}, []int{0, 1, 2, 3}, []bool{rise, level, rise, level}, 3},
		{"a rise that is not steep behind a steep one", []float64{0, 0.125, 0.875, 1}, []float64{0, 0.5, 0.875, 1}, []int{0, 1, 2}, []bool{rise, rise, level}, 1},
		{"nothing rises", []float64{0, 0.04, 1}, []float64{0.5, 0.5, 0.5}, []int{0, 1}, []bool{level, level}, 0},
	} {
		sc := &scaled{x: c.x, floor: c.floor}
		var ph []phase
		for k, first := range c.first {
			ph = append(ph, phase{first: first, rise: c.rises[k]})
		}
		if got := sc.warmUp(ph); got != c.want {
			t.Errorf("%s: %d phases, want %d", c.name, got, c.want)
		}
	}
}

func TestPhases(t *testing.T) {
	for _, c := range []struct {
		name string
		v    []float64
		want []bool // rise
		base int    // of the trend, at most 2 off
	}{
		{"level", shape(60, 0, flatAt(50)), []bool{false}, 59},
		{"a rise", shape(60, 0, hingeAt(10, 0, 100)), []bool{true}, -1},
		{"level, then a rise", shape(60, 0, hingeAt(20, 0.5, 100)), []bool{false, true}, 30},
		{"a step", shape(60, 0, func(x float64) float64 { return 20 + 60*math.Round(x) }), []bool{false, false}, 29},
		{"warm-up, then half of the run that rises by 3 %", shape(60, 0, func(x float64) float64 { return min(194*x, 97+6*(x-0.5)) }), []bool{true, false}, 59},
		{"warm-up, then level", shape(60, 0, func(x float64) float64 { return min(50, 5+900*x) }), []bool{true, false}, 59},
	} {
		tr, _, ph := trendOf(c.v)
		var got []bool
		for _, p := range ph {
			got = append(got, p.rise)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: rises %v, want %v", c.name, got, c.want)
		}
		if d := tr.base - c.base; d < -2 || d > 2 {
			t.Errorf("%s: base ends at %d, want %d", c.name, tr.base, c.base)
		}
	}
}

func TestHabits(t *testing.T) {
	for _, c := range []struct {
		name string
		y    []float64
		want habit
	}{
		{"nothing recovered", []float64{1, 2, 3, 4}, habit{}},
		{"one hump is chance", []float64{1, 5, 1, 1, 2, 3}, habit{largest: 4, second: 0, longest: 2}},
		{"two are habit", []float64{1, 5, 1, 4, 1}, habit{largest: 4, second: 3, longest: 2}},
		{"the larger one last", []float64{1, 4, 1, 5, 1}, habit{largest: 4, second: 3, longest: 2}},
		{"two of one height", []float64{1, 5, 1, 5, 1}, habit{largest: 4, second: 4, longest: 2}},
		{"three", []float64{1, 4, 1, 5, 1, 4.5, 1}, habit{largest: 4, second: 3.5, longest: 2}},
		{"a small swing and a hump", []float64{1, 2, 1.5, 9, 1, 3}, habit{largest: 8, second: 0.5, longest: 2}},
		{"a hump and a small swing", []float64{1, 9, 1, 2, 1.5, 3}, habit{largest: 8, second: 0.5, longest: 2}},
		{"a fall that pauses is one fall", []float64{1, 9, 5, 6, 1, 2}, habit{largest: 8, second: 0, longest: 4}},
	} {
		x := make([]float64, len(c.y))
		for i := range x {
			x[i] = float64(i)
		}
		if got := habits(x, c.y); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// A fall ends where the curve reaches its top again or, where that is asked, made good more than so much of it.
func TestFalls(t *testing.T) {
	for _, c := range []struct {
		name string
		y    []float64
		back float64
		want []fall
	}{
		{"nothing falls", []float64{1, 2, 2, 3}, 0, nil},
		{"one that ends the curve", []float64{1, 5, 2, 1}, 0, []fall{{1, 3, 4}}},
		{"down and up to the top", []float64{5, 1, 5, 2}, 0, []fall{{0, 1, 4}, {2, 3, 3}}},
		{"the first of the lowest points", []float64{5, 1, 1, 6}, 0, []fall{{0, 1, 4}}},
		{"half of it made good", []float64{9, 1, 5, 0, 2}, 4, []fall{{0, 3, 9}}},
		{"more than half", []float64{9, 1, 6, 0, 2}, 4, []fall{{0, 1, 8}, {2, 3, 6}}},
		{"which counts for nothing where only a new top does", []float64{9, 1, 6, 0, 2}, 0, []fall{{0, 3, 9}}},
		{"no curve", nil, 0, nil},
	} {
		if got := falls(c.y, c.back); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if got := biggest([]fall{{0, 1, 2}, {3, 4, 7}, {5, 6, 7}}); got.from != 3 {
		t.Errorf("the highest fall begins at %d, want the first of equals, 3", got.from)
	}
}

func TestJumps(t *testing.T) {
	for _, c := range []struct {
		name  string
		v     []float64
		jumps int
		at    bool // at once
	}{
		{"one step", shape(60, 0, func(x float64) float64 { return 20 + 60*math.Round(x) }), 1, true},
		{"three steps", shape(60, 0, func(x float64) float64 { return 20 + 20*math.Floor(3.99*x) }), 3, true},
		{"a steady rise", shape(60, 0, hingeAt(20, 0.5, 100)), 0, false},
		{"a rise over five points of thirty", with(shape(30, 0, flatAt(16)), 25, 39, 59, 75, 91), 0, false},
		{"eight stairs", shape(60, 0, func(x float64) float64 { return 20 + 10*math.Floor(7.99*x) }), 0, false},
	} {
		tr, _, _ := trendOf(c.v)
		f := Facts{Jump: tr.jump, Jumps: tr.jumps, Jumped: tr.jumped}
		if tr.jumps != c.jumps || f.AtOnce() != c.at {
			t.Errorf("%s: %d jumps of %.2f, at once %v; want %d, %v", c.name, tr.jumps, tr.jumped, f.AtOnce(), c.jumps, c.at)
		}
	}
}

func TestOnset(t *testing.T) {
	for _, c := range []struct {
		name  string
		v     []float64
		want  float64
		off   float64
		power float64
	}{
		{"steady growth", shape(200, 0.01, hingeAt(20, 0.4, 100)), 0.4, 0.01, 1},
		{"from the begin", shape(200, 0.01, hingeAt(20, 0, 100)), 0, 0.001, 1},
		{"accelerating", shape(200, 0.002, func(x float64) float64 { d := max(0, x-0.3) / 0.7; return 20 + 80*d*d }), 0.3, 0.03, 2},
		{"with swings", shape(200, 0.01, func(x float64) float64 { return 30 + 5*math.Sin(60*x) + 100*max(0, x-0.5) }), 0.5, 0.05, 1},
		{"after one great hump", shape(200, 0.01, func(x float64) float64 {
			if x > 0.1 && x < 0.35 {
				return 80
			}
			return hingeAt(20, 0.5, 100)(x)
		}), 0.5, 0.02, 1},
	} {
		tr, sc, _ := trendOf(c.v)
		h := findOnset(sc, tr)
		if math.Abs(h.x0-c.want) > c.off || h.power != c.power {
			t.Errorf("%s: onset %.3f of power %v, want %.3f and %v", c.name, h.x0, h.power, c.want, c.power)
		}
		if h.low > h.x0 || h.high < h.x0 {
			t.Errorf("%s: %.3f lies outside its interval %.3f to %.3f", c.name, h.x0, h.low, h.high)
		}
	}
}

func TestTooShortForATrend(t *testing.T) {
	if tr, _, _ := trendOf([]float64{1, 2, 3}); tr.ok {
		t.Errorf("a trend from three points: %+v", tr)
	}
}
