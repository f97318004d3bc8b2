package inflection

import (
	"math"
	"slices"
	"testing"

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
