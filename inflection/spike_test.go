package inflection

import (
	"slices"
	"testing"
)

// level returns n values of 100 with the ones at the end replaced.
func level(n int, end ...float64) []float64 {
	return with(slices.Repeat([]float64{100}, n), end...)
}

// A spike rises by 18 % of the top and by three times what the run does on a usual day, from a heap that had not begun to grow, is not
// over at the end, and is short. The series of this test has a cycle each second.
func TestSpike(t *testing.T) {
	habit := func(end ...float64) []float64 { // two of thirty cycles, more than 5 %, stand 10 above the others
		v := level(30, end...)
		v[5], v[15] = 110, 110
		return v
	}
	for _, c := range []struct {
		name  string
		v     []float64
		from  int     // first cycle after the warm-up
		calm  int     // first cycle of the last plateau, 0 for none
		after float64 // seconds from the last cycle to the end
		want  spike   // first, base, level and rise
	}{
		{name: "level", v: level(30)},
		{name: "one cycle", v: level(30, 200), want: spike{first: 29, base: 100, level: 200, rise: 100}},
		{name: "six cycles", v: level(200, 200, 200, 200, 200, 200, 200), want: spike{first: 194, base: 100, level: 200, rise: 100}},
		{name: "seven cycles are growth", v: level(200, 200, 200, 200, 200, 200, 200, 200)},

		{name: "the fifth cycle", v: level(5, 200), want: spike{first: 4, base: 100, level: 200, rise: 100}},
		{name: "the fourth: too few to know what is usual", v: level(4, 200)},
		{name: "the fifth after the warm-up", v: level(8, 200), from: 3, want: spike{first: 7, base: 100, level: 200, rise: 100}},
		{name: "the fourth after the warm-up", v: level(8, 200), from: 4},

		{name: "6 % of the run", v: level(98, 200, 200, 200, 200), after: 3, want: spike{first: 94, base: 100, level: 200, rise: 100}},
		{name: "more than 6 % of the run", v: level(98, 200, 200, 200, 200), after: 3.5},
		{name: "12 % of a short run", v: level(23, 200), after: 3, want: spike{first: 22, base: 100, level: 200, rise: 100}},
		{name: "more than 12 % of a short run", v: level(23, 200), after: 3.1},
		{name: "24 cycles are a short run", v: level(24, 200, 200, 200), want: spike{first: 21, base: 100, level: 200, rise: 100}},
		{name: "25 are not", v: level(25, 200, 200, 200)},
		{name: "24 after the warm-up", v: level(26, 200, 200, 200), from: 2, want: spike{first: 23, base: 100, level: 200, rise: 100}},

		{name: "18 % of the top", v: with(slices.Repeat([]float64{82}, 30), 100), want: spike{first: 29, base: 82, level: 100, rise: 18}},
		{name: "less than 18 % of the top", v: with(slices.Repeat([]float64{83}, 30), 100)},
		{name: "three times the habit", v: habit(130), want: spike{first: 29, base: 100, level: 130, rise: 30}},
		{name: "less than three times the habit", v: habit(129)},
		{name: "the habit was that of the way to a plateau of eight cycles", v: habit(129), calm: 21, want: spike{first: 29, base: 100, level: 129, rise: 29}},
		{name: "seven cycles are no plateau", v: habit(129), calm: 22},

		{name: "still half as high at the end", v: level(30, 200, 150), want: spike{first: 28, base: 100, level: 200, rise: 100}},
		{name: "over at the end", v: level(30, 200, 149)},
		{name: "a quarter of it came before", v: level(30, 125, 200), after: 1, want: spike{first: 29, base: 100, level: 200, rise: 75}},
		{name: "more than a quarter came before", v: level(30, 126, 200), after: 1},
		{name: "a tenth of it in the first cycle", v: level(30, 110, 200), want: spike{first: 28, base: 100, level: 200, rise: 100}},
		{name: "the cycle before is noise", v: level(30, 109, 200), want: spike{first: 29, base: 100, level: 200, rise: 91}},
	} {
		s := &series{v: c.v}
		for i := range c.v {
			s.t = append(s.t, 1000+float64(i))
		}
		calm := c.calm
		if calm == 0 {
			calm = len(c.v)
		}
		got := findSpike(s, c.from, calm, 999+float64(len(c.v))+c.after)
		if got.found != (c.want.rise > 0) || got.first != c.want.first || got.base != c.want.base || got.level != c.want.level || got.rise != c.want.rise {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
		if share := (999 + float64(len(c.v)) + c.after - 1000 - float64(got.first)) / (float64(len(c.v)-1-c.from) + c.after); got.found && !near(got.short, share) {
			t.Errorf("%s: it takes %v of the run, want %v", c.name, got.short, share)
		}
	}
}
