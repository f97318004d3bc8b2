package inflection

import (
	"math"
	"testing"
)

func TestFirstAt(t *testing.T) {
	late := []float64{1e9, 1e9 + 1, 1e9 + 2} // the clock of a machine that has been up for thirty years
	for _, c := range []struct {
		name string
		t    []float64
		x    float64
		want int
	}{
		{"before all", []float64{1, 2, 3}, 0, 0},
		{"at one", []float64{1, 2, 3}, 2, 1},
		{"after one", []float64{1, 2, 3}, 2.001, 2},
		{"after all", []float64{1, 2, 3}, 9, 2},
		{"the first of equals", []float64{1, 2, 2, 2, 3}, 2, 1},
		{"a single one", []float64{1}, 2, 0},
		{"a billionth of the length is rounding", []float64{0, 1, 2}, 1 + 1e-9, 1},
		{"more is not", []float64{0, 1, 2}, 1 + 4e-9, 2},
		{"what a large number cannot hold is rounding", late, 1e9 + 1 + 5e-7, 1},
		{"before the clock's zero as well", []float64{-1e9 - 2, -1e9 - 1, -1e9}, -1e9 - 1 + 5e-7, 1},
	} {
		if got := firstAt(c.t, c.x); got != c.want {
			t.Errorf("%s: firstAt(%v, %v) = %d, want %d", c.name, c.t, c.x, got, c.want)
		}
	}
}

// The slope of base + s*(x-bend)^p at x = 1 is p*s*(1-bend)^(p-1).
func TestSteepness(t *testing.T) {
	for _, c := range []struct {
		h    hinge
		want float64
	}{
		{hinge{bend: 0.25, slope: 2, power: 1}, 2},
		{hinge{bend: 0.5, slope: 3, power: 2}, 3},
		{hinge{bend: 0.5, slope: 4, power: 3}, 3},
		{hinge{slope: 2, power: 1.5}, 3},
	} {
		if got := c.h.steepness(); !near(got, c.want) {
			t.Errorf("%+v is %v steep at the end, want %v", c.h, got, c.want)
		}
	}
}

func TestRates(t *testing.T) {
	for _, c := range []struct {
		name            string
		g               growing
		sigma           float64
		rate, low, high float64
	}{
		{"a certain onset and no scatter", growing{from: 100, to: 300, onset: 10, low: 10, high: 10, last: 50}, 0, 5, 5, 5},
		{"an onset between 10 and 30", growing{from: 100, to: 300, onset: 25, low: 10, high: 30, last: 50}, 0, 8, 5, 10},
		// Off by 2*6*sqrt(1+1)/sqrt(3) for a level that hardly rises.
		{"a scatter", growing{from: 100, to: 100, onset: 10, low: 10, high: 10, last: 50}, 6, 0, -0.3 * math.Sqrt(2.0/3), 0.3 * math.Sqrt(2.0/3)},
		// Twice the level scatters twice as much: 2*6*sqrt(1+4)/sqrt(3).
		{"a scatter that grows with the level", growing{from: 100, to: 200, onset: 10, low: 10, high: 10, last: 50}, 6, 2.5, 2.5 - 0.3*math.Sqrt(5.0/3), 2.5 + 0.3*math.Sqrt(5.0/3)},
		{"a scatter of a level that falls", growing{from: 100, to: 60, onset: 10, low: 10, high: 10, last: 50}, 6, -1, -1 - 0.3*math.Sqrt(2.0/3), -1 + 0.3*math.Sqrt(2.0/3)},
	} {
		c.g.rates(c.sigma)
		if !near(c.g.rate, c.rate) || !near(c.g.rateLow, c.low) || !near(c.g.rateHigh, c.high) {
			t.Errorf("%s: %v between %v and %v, want %v between %v and %v", c.name, c.g.rate, c.g.rateLow, c.g.rateHigh, c.rate, c.low, c.high)
		}
	}
}

// The hinge is in shares: the run of this test takes 40 seconds from second 10 on, and its curve tops at 200 bytes.
func TestGrowthInBytesAndSeconds(t *testing.T) {
	const onset, low, high = 0.5, 0.25, 0.75
	for _, c := range []struct {
		name   string
		lag    float64
		power  float64
		stairs float64
		to     float64
		shape  string
	}{
		{"up to the last point", 0, 1, 0, 200, linear},
		{"and on to the last cycle, a tenth of the length behind it", 0.1, 1, 0, 220, linear}, // slope 1
		{"which is steeper where growth accelerates", 0.1, 2, 0, 220, accelerating},           // 2*1*(1-0.5)
		{"and steeper still", 0.1, 3, 0.49, 215, accelerating},                                // 3*1*(1-0.5)^2
		{"in stairs, whatever the curve through them", 0, 3, 0.5, 200, steps},                 // half of the growth
	} {
		st := &study{
			series: &series{t: []float64{10, 20, 30, 40, 50}, v: make([]float64, 5)},
			curve:  &curve{x: []float64{10, 20, 30, 40, 50}, top: 200, lag: c.lag},
			trend:  trend{end: 1, stairs: c.stairs},
			hinge:  hinge{x0: onset, low: low, high: high, bend: 0.5, slope: 1, power: c.power, level: 0.5, r2: 0.9},
		}
		g := st.findGrowth()
		if g.onset != 30 || g.low != 20 || g.high != 40 || g.last != 50 || g.index != 2 || g.from != 100 || g.r2 != 0.9 || !near(g.to, c.to) || g.shape != c.shape {
			t.Errorf("%s: %+v, want from 100 at 30 s to %v, %s", c.name, g, c.to, c.shape)
		}
		if want := (c.to - 100) / 20; !near(g.rate, want) {
			t.Errorf("%s: rate %v, want %v", c.name, g.rate, want)
		}
	}
}

func TestLineFrom(t *testing.T) {
	for _, c := range []struct {
		name  string
		s     story
		first int
		want  *Line
	}{
		{"a straight climb", story{live: []float64{9, 1, 2, 3, 4}}, 1, &Line{mib, 1, 4}},
		{"every ten seconds", story{live: []float64{1, 2, 3}, every: 10}, 0, &Line{mib / 10, 1, 3}},
		{"a bent climb", story{live: []float64{0, 0, 3}}, 0, &Line{1.5 * mib, 0.75, 3}}, // slope 3/2, r² 3*3/(2*6)
		{"a fall", story{live: []float64{8, 8, 5}}, 0, &Line{-1.5 * mib, 0.75, 3}},
		{"as high at the end as at the beginning", story{live: []float64{1, 4, 1}}, 0, &Line{0, 0, 3}},
		{"at odd times", story{live: []float64{1, 1, 2, 4}, at: []float64{0, 1e6, 1e6 + 1, 1e6 + 3}}, 1, &Line{mib, 1, 3}},
		{"two cycles", story{live: []float64{1, 2, 3}}, 1, nil},
		{"level", story{live: []float64{1, 2, 2, 2}}, 1, nil},
		{"all at once", story{live: []float64{1, 2, 3}, at: []float64{5, 5, 5}}, 0, nil},
	} {
		got := c.s.study().series.lineFrom(c.first)
		if (got == nil) != (c.want == nil) || got != nil && (!near(got.PerSecond, c.want.PerSecond) || !near(got.R2, c.want.R2) || got.Cycles != c.want.Cycles) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// The scatter of the plateau, 5 % of 200 bytes, widens the rate: 2*10*sqrt(1+2*2)/sqrt(3) bytes over 20 seconds.
func TestScatterWidensTheRate(t *testing.T) {
	st := &study{
		series: &series{t: []float64{0, 20, 40}, v: make([]float64, 3)},
		curve:  &curve{x: []float64{0, 20, 40}, top: 200},
		trend:  trend{end: 1},
		hinge:  hinge{x0: 0.5, low: 0.5, high: 0.5, bend: 0.5, slope: 1, power: 1, level: 0.5, sigma: 0.05},
	}
	g := st.findGrowth()
	if off := math.Sqrt(5.0 / 3); !near(g.rate, 5) || !near(g.rateLow, 5-off) || !near(g.rateHigh, 5+off) {
		t.Errorf("rate %v between %v and %v, want 5 give or take %v", g.rate, g.rateLow, g.rateHigh, off)
	}
}
