package inflection

import (
	"slices"
	"testing"
)

// scaledOf returns a curve in shares that is its own floor. Without times the points are at equal distances.
func scaledOf(x, y []float64) *scaled {
	if x == nil {
		for i := range y {
			x = append(x, float64(i)/float64(len(y)-1))
		}
	}
	return &scaled{x: x, y: y, floor: noReturn(y), weight: slices.Repeat([]float64{1}, len(x)), eps: leastEps, sums: newSums(x, noReturn(y))}
}

// Each point of this test stands for ten cycles.
func TestTrend(t *testing.T) {
	const level, rise = false, true
	for _, c := range []struct {
		name   string
		y      []float64
		phases []phase
		want   trend
	}{
		{
			"three points are no trend",
			[]float64{0, 0.5, 1},
			[]phase{{first: 0, last: 2, rise: rise}},
			trend{},
		},
		{
			"four are",
			[]float64{0.25, 0.25, 0.25, 0.25},
			[]phase{{first: 0, last: 3, rise: level}},
			trend{ok: true, base: 3, hasLevel: true, level: 0.25, end: 0.25, firstRise: 3},
		},
		{
			"a plateau and a rise",
			[]float64{0.25, 0.25, 0.25, 0.625, 1},
			[]phase{{first: 0, last: 2, rise: level}, {first: 3, last: 4, rise: rise}},
			trend{ok: true, base: 2, hasLevel: true, level: 0.25, end: 1, growth: 0.75, time: 0.5, cycles: 20, firstRise: 4},
		},
		{
			"the level is the middle of the plateau",
			[]float64{0.125, 0.25, 0.25, 0.625, 1},
			[]phase{{first: 0, last: 2, rise: level}, {first: 3, last: 4, rise: rise}},
			trend{ok: true, base: 2, hasLevel: true, level: 0.25, end: 1, growth: 0.75, time: 0.5, cycles: 20, firstRise: 4},
		},
		{
			"a rise from the begin",
			[]float64{0.25, 0.375, 0.5, 0.75, 1},
			[]phase{{first: 0, last: 4, rise: rise}},
			trend{ok: true, base: -1, level: 0.25, end: 1, growth: 0.75, time: 1, cycles: 40, firstRise: 4},
		},
		{
			"a pause between two rises",
			[]float64{0.25, 0.5, 0.5, 0.5, 1},
			[]phase{{first: 0, last: 1, rise: rise}, {first: 2, last: 3, rise: level}, {first: 4, last: 4, rise: rise}},
			trend{ok: true, base: -1, level: 0.25, end: 1, growth: 0.75, time: 1, cycles: 40, firstRise: 1, paused: true},
		},
		{
			"growth that stopped after a quarter",
			[]float64{0.25, 0.75, 1, 1, 1},
			[]phase{{first: 0, last: 0, rise: level}, {first: 1, last: 1, rise: rise}, {first: 2, last: 4, rise: level}},
			trend{ok: true, hasLevel: true, level: 0.25, end: 1, growth: 0.75, time: 1, rest: 0.5, cycles: 40, firstRise: 1, paused: true},
		},
		{
			"a plateau of one point does not rest",
			[]float64{1, 1, 1, 1, 1},
			[]phase{{first: 0, last: 0, rise: level}, {first: 1, last: 4, rise: level}},
			trend{ok: true, hasLevel: true, level: 1, end: 1, time: 1, rest: 0.75, cycles: 40, firstRise: 4},
		},
		{
			"what is four times as steep as all after it is warm-up",
			[]float64{0, 0.5, 0.625, 0.75, 1},
			[]phase{{first: 0, last: 0, rise: rise}, {first: 1, last: 4, rise: rise}},
			trend{ok: true, base: -1, level: 0, end: 1, growth: 1, time: 1, cycles: 40, firstRise: 0},
		},
		{
			"a plateau after the warm-up",
			[]float64{0, 0.75, 0.75, 0.75, 1},
			[]phase{{first: 0, last: 0, rise: rise}, {first: 1, last: 3, rise: level}, {first: 4, last: 4, rise: rise}},
			trend{ok: true, start: 1, base: 3, hasLevel: true, level: 0.75, end: 1, growth: 0.25, time: 0.25, cycles: 10, firstRise: 4},
		},
		{
			"a rise after the warm-up",
			[]float64{0, 0.75, 0.8125, 0.875, 0.9375},
			[]phase{{first: 0, last: 0, rise: rise}, {first: 1, last: 4, rise: rise}},
			trend{ok: true, start: 1, base: 0, level: 0.75, end: 0.9375, growth: 0.1875, time: 1, cycles: 40, firstRise: 4},
		},
		{
			"swings of a quarter and of a half",
			[]float64{0.25, 0.5, 0.25, 0.75, 0.25, 0.25, 0.5, 0.75, 1},
			[]phase{{first: 0, last: 5, rise: level}, {first: 6, last: 8, rise: rise}},
			trend{ok: true, base: 5, hasLevel: true, level: 0.25, end: 1, growth: 0.75, swing: 0.25, swingTime: 0.25, time: 0.375, cycles: 30, firstRise: 8},
		},
	} {
		cv := &curve{}
		for i := range c.y {
			cv.last = append(cv.last, 10*i)
		}
		got := findTrend(cv, scaledOf(nil, c.y), c.phases)
		got.jump, got.jumpFrom, got.jumpTo, got.jumps, got.jumped, got.stairs = 0, 0, 0, 0, 0, 0
		if got != c.want {
			t.Errorf("%s:\n%+v, want\n%+v", c.name, got, c.want)
		}
	}
}

// Growth rests in its last plateau: the first phase whose begin the end stands no higher above than noise and its swings explain.
func TestRest(t *testing.T) {
	x := []float64{0, 0.25, 0.5, 0.75, 1}
	for _, c := range []struct {
		name string
		y    []float64 // of the phase that begins at 0.25
		eps  float64
		want float64
	}{
		{"level", []float64{0, 0, 0, 0}, 0, 1},
		{"a rise that shows", []float64{0, 0, 0, levelShare}, 0, 0},
		{"a smaller one", []float64{0, 0, 0, 0.0349}, 0, 1},
		{"a rise within the noise", []float64{0, 0, 0, 0.049}, 0.02, 1},
		{"a rise out of the noise", []float64{0, 0, 0, 0.051}, 0.02, 0},
	} {
		sc := scaledOf(x, append([]float64{0}, c.y...))
		sc.eps = c.eps
		tr := trend{end: sc.floor[4], time: 0.75}
		if got := sc.rest([]phase{{first: 1, last: 4}}, tr); got != c.want {
			t.Errorf("%s: rests for %v of the time, want %v", c.name, got, c.want)
		}
	}
	for end, want := range map[float64]float64{0.129: 0.5, 0.131: 0} { // 1.3 times the smaller one of the swings, which is 0.1
		y := []float64{0, 0, 0.1, 0, 0.2, 0, 0, 0, end}
		sc := scaledOf(nil, y)
		sc.eps = 0
		if got := sc.rest([]phase{{first: 1, last: 8}}, trend{end: end, time: 1.75}); got != want {
			t.Errorf("an end %v above a plateau with swings of 0.1: rests for %v of the time, want %v", end, got, want)
		}
	}
}

// The floors of this test are in shares of the growth, and a sixteenth of it is no notable part.
func TestJumpsAndStairs(t *testing.T) {
	const part = 1.0 / 16
	for _, c := range []struct {
		name     string
		x, floor []float64
		time     float64 // since the base; 0 is the whole length
		start    int
		want     trend // jump, jumpFrom, jumpTo, jumps, jumped, stairs
	}{
		{"between two points", []float64{0, 0.01, 0.02, 1}, []float64{0, 0, 1, 1}, 0, 0, trend{jump: 1, jumpTo: 2, jumps: 1, jumped: 1, stairs: 1}},
		{"before the warm-up ended", []float64{0, 0.01, 0.5, 0.51, 1}, []float64{-1, 0, 0, 1, 1}, 0, 2, trend{jump: 1, jumpFrom: 2, jumpTo: 3, jumps: 1, jumped: 1, stairs: 1}},
		{"a quarter is a jump", []float64{0, 0.01, 1}, []float64{0, 0.25, 0.25}, 0, 0, trend{jump: 0.25, jumpTo: 1, jumps: 1, jumped: 0.25, stairs: 0.25}},
		{"less is a stair", []float64{0, 0.01, 1}, []float64{0, 0.24, 0.24}, 0, 0, trend{jump: 0.24, jumpTo: 1, stairs: 0.24}},
		{"a twentieth is the least stair", []float64{0, 0.01, 1}, []float64{0, 0.05, 0.05}, 0, 0, trend{jump: 0.05, jumpTo: 1, stairs: 0.05}},
		{"less is none", []float64{0, 0.01, 1}, []float64{0, 0.049, 0.049}, 0, 0, trend{jump: 0.049, jumpTo: 1}},
		{"four times as steep as the mean is a stair", []float64{0, part, 1}, []float64{0, 0.25, 0.25}, 0, 0, trend{jump: 0.25, jumpTo: 1, jumps: 1, jumped: 0.25, stairs: 0.25}},
		{"less steep is none", []float64{0, part, 1}, []float64{0, 0.24, 0.24}, 0, 0, trend{jump: 0.24, jumpTo: 1}},
		{"four times as steep as the mean of half of the time", []float64{0, part, 1}, []float64{0, 0.5, 0.5}, 0.5, 0, trend{jump: 0.5, jumpTo: 1, jumps: 1, jumped: 0.5, stairs: 0.5}},
		{"less steep than that", []float64{0, part, 1}, []float64{0, 0.49, 0.49}, 0.5, 0, trend{jump: 0.49, jumpTo: 1, jumps: 1, jumped: 0.49}},
		{"the steepness of a late stair", []float64{0, 0.5, 0.5 + part, 1}, []float64{0, 0, 0.25, 0.25}, 0, 0, trend{jump: 0.25, jumpFrom: 1, jumpTo: 2, jumps: 1, jumped: 0.25, stairs: 0.25}},
		{"collections far apart show no less at once", []float64{0, 0.5, 1}, []float64{0, 1, 1}, 0, 0, trend{jump: 1, jumpTo: 1, jumps: 1, jumped: 1}},
		{"nor later in the run", []float64{0, 0.5, 0.75, 1}, []float64{0, 0, 1, 1}, 0, 0, trend{jump: 1, jumpFrom: 1, jumpTo: 2, jumps: 1, jumped: 1, stairs: 1}},
		{"but a rise from one to the next is none", []float64{0, 0.5, 1}, []float64{0, 0.5, 1}, 0, 0, trend{jump: 0.5, jumpTo: 1}},

		{"small rises within 3 % of the run", []float64{0, 0.01, 0.02, 0.03, 1}, []float64{0, part, 2 * part, 3 * part, 3 * part}, 0, 0, trend{jump: 3 * part, jumpTo: 3, stairs: 3 * part}},
		{"later in the run", []float64{0, 0.5, 0.51, 0.52, 0.525, 1}, []float64{0, 0, part, 2 * part, 3 * part, 3 * part}, 0, 0, trend{jump: 3 * part, jumpFrom: 1, jumpTo: 4, stairs: 3 * part}},
		{"of longer ones the first", []float64{0, 0.01, 0.02, 0.031, 1}, []float64{0, part, 2 * part, 3 * part, 3 * part}, 0, 0, trend{jump: 2 * part, jumpTo: 2, stairs: 3 * part}},

		{"a chain of rises over 8 % of the run", []float64{0, 0.02, 0.04, 0.06, 0.08, 1}, []float64{0, 0.25, 0.5, 0.75, 1, 1}, 0, 0, trend{jump: 1, jumpTo: 4, jumps: 1, jumped: 1, stairs: 1}},
		{"that began late", []float64{0, 0.5, 0.52, 0.54, 0.56, 1}, []float64{0, 0, 0.25, 0.5, 1, 1}, 0, 0, trend{jump: 1, jumpFrom: 1, jumpTo: 4, jumps: 1, jumped: 1, stairs: 1}},
		{"over a longer time", []float64{0, 0.02, 0.04, 0.06, 0.09, 1}, []float64{0, 0.25, 0.5, 0.75, 1, 1}, 0, 0, trend{jump: 0.25, jumpTo: 1}},
		{"up to the last point", []float64{0, 0.96, 0.98, 1}, []float64{0, 0, 0.5, 1}, 0, 0, trend{jump: 1, jumpFrom: 1, jumpTo: 3, jumps: 1, jumped: 1, stairs: 1}},
		{"links of a tenth", []float64{0, 0.02, 0.04, 1}, []float64{0, 0.1, 1, 1}, 0, 0, trend{jump: 1, jumpTo: 2, jumps: 1, jumped: 1, stairs: 1}},
		{"less is no link", []float64{0, 0.02, 0.04, 1}, []float64{0, part, 1, 1}, 0, 0, trend{jump: 1 - part, jumpFrom: 1, jumpTo: 2, jumps: 1, jumped: 1 - part, stairs: 1 - part}},
		{"two jumps with a calm point between them", []float64{0, 0.02, 0.04, 0.06, 1}, []float64{0, 0.5, 0.5, 1, 1}, 0, 0, trend{jump: 0.5, jumpTo: 1, jumps: 2, jumped: 1, stairs: 1}},
	} {
		for _, growth := range []float64{1, 0.5} { // what counts is the share
			tr := trend{start: c.start, growth: growth, time: c.time}
			if c.time == 0 {
				tr.time = 1
			}
			want := c.want
			want.start, want.growth, want.time = tr.start, tr.growth, tr.time
			sc := scaledOf(c.x, slices.Clone(c.floor))
			for i := range sc.floor {
				sc.floor[i] *= growth
			}
			tr.findJumps(sc)
			if tr != want {
				t.Errorf("%s:\n%+v, want\n%+v", c.name, tr, want)
			}
		}
	}
	var none trend // a plateau that is reached from below does not grow
	none.findJumps(scaledOf(nil, []float64{0.5, 1, 1, 1}))
	if none != (trend{}) {
		t.Errorf("jumps without growth: %+v", none)
	}
}
