package timeline

import (
	"slices"
	"testing"

	"oomtrace/parser/unit"
)

// points are pairs of so many MiB: live or base, and goal.
func points(mib ...[2]float64) (out []pair) {
	for _, p := range mib {
		live, goal := unit.Bytes(p[0]*float64(unit.MiB)), unit.Bytes(p[1]*float64(unit.MiB))
		out = append(out, pair{live, live, goal})
	}
	return out
}

// A goal counts against the live heap of the cycle just before it, if that is sure, and so does a peak where there is no goal.
func TestPairs(t *testing.T) {
	const step = 10
	live := func(n unit.Bytes) Cycle { return Cycle{Live: n, N: 1} }
	goal := func(n unit.Bytes) Cycle { return Cycle{Goal: n, N: 2} }
	for _, c := range []struct {
		name         string
		a, b         Cycle
		goals, peaks []pair
	}{
		{"a goal", live(100), goal(200), []pair{{100, 100, 200}}, nil},
		{"a peak", live(100), Cycle{Peak: 190, N: 2}, nil, []pair{{100, 100, 190}}},
		{"half of the stacks counts with the live heap", Cycle{Live: 100, Beside: 6, N: 1}, goal(9000), []pair{{100, 100 + 3<<10, 9000}}, nil},
		{"a goal that is below the live heap by the rounding", live(100), goal(90), []pair{{100, 100, 90}}, nil},
		{"a goal that is below by more was read wrong", live(100), goal(89), nil, nil},
		{"a cycle is missing between", live(100), Cycle{Goal: 200, N: 3}, nil, nil},
		{"the live heap is an estimate", Cycle{Live: 100, Flags: LiveGuess, N: 1}, goal(200), nil, nil},
		{"the collection was of a part of the heap", Cycle{Live: 100, Scope: Young, N: 1}, goal(200), nil, nil},
	} {
		list := cyclesOf(c.a, c.b)
		goals, peaks := pairs(&list, step)
		if !slices.Equal(goals, c.goals) || !slices.Equal(peaks, c.peaks) {
			t.Errorf("%s: goals %v, peaks %v, want %v and %v", c.name, goals, peaks, c.goals, c.peaks)
		}
	}
}

// The pairs of a long run are taken at equal distances, those of one of less than twice maxPoints all.
func TestPairsAreBounded(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 0, 2*maxPoints - 1: 2*maxPoints - 2, 2 * maxPoints: maxPoints, 3 * maxPoints: maxPoints} {
		var c Cycles
		for i := range n {
			c.Append(Cycle{N: uint32(i), Live: 1, Goal: 2})
		}
		if goals, _ := pairs(&c, 0); len(goals) != want {
			t.Errorf("%d cycles: %d pairs, want %d", n, len(goals), want)
		}
	}
}

// Heaps of 16 MiB and of 16 steps of the log are large enough; for want of three such, smaller ones do, but none below 4.
func TestSteady(t *testing.T) {
	of := func(live ...float64) (out [][2]float64) {
		for _, l := range live {
			out = append(out, [2]float64{l, 2 * l})
		}
		return out
	}
	for _, c := range []struct {
		name string
		live []float64
		step unit.Bytes
		kept []float64
	}{
		{"three are enough", []float64{15.9, 16, 16, 17}, unit.MiB, []float64{16, 16, 17}},
		{"two are not", []float64{7.9, 8, 16, 17}, unit.MiB, []float64{8, 16, 17}},
		{"nor are two of 8 MiB", []float64{3.9, 4, 8, 16}, unit.MiB, []float64{4, 8, 16}},
		{"what is left is taken", []float64{3.9, 4}, unit.MiB, []float64{4}},
		{"nothing is left", []float64{3.9, 1}, unit.MiB, nil},
		{"a log of coarse steps", []float64{31, 32, 32, 32}, 2 * unit.MiB, []float64{32, 32, 32}},
		{"a log of very coarse steps", []float64{31, 32, 40, 64}, 8 * unit.MiB, []float64{32, 40, 64}},
	} {
		if got, want := steady(points(of(c.live...)...), c.step), points(of(c.kept...)...); !slices.Equal(got, want) {
			t.Errorf("%s: of %v MiB in steps of %s: got %v, want %v", c.name, c.live, c.step, got, want)
		}
	}
}

// Sizes are rounded down, so each stands for half a step more.
func TestRatios(t *testing.T) {
	p := []pair{{live: 10, base: 14, goal: 38}}
	if got := ratios(p, 4, pair.ofLive); got[0] != 40./12 {
		t.Errorf("goal over live heap %v, want %v", got[0], 40./12)
	}
	if got := ratios(p, 4, pair.ofBase); got[0] != 40./16 {
		t.Errorf("goal over base %v, want %v", got[0], 40./16)
	}
}

func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		q    float64
		want int
	}{{0, 1}, {0.12, 1}, {0.13, 2}, {0.5, 3}, {0.75, 4}, {0.9, 5}, {1, 5}} {
		if got := quantile([]int{5, 1, 4, 2, 3}, c.q); got != c.want {
			t.Errorf("the %v quantile of 1 to 5 is %d, want %d", c.q, got, c.want)
		}
	}
}

// A goal follows if it rises with the live heap over the upper half of its range, and is not far below what it was at smaller
// heaps. Nine heaps of 1 MiB leave what comes after them as the upper half.
func TestGoalFollows(t *testing.T) {
	small := func(more ...[2]float64) [][2]float64 { return append(slices.Repeat([][2]float64{{1, 1}}, 9), more...) }
	for _, c := range []struct {
		name   string
		points [][2]float64
		step   unit.Bytes
		set    float64
		want   bool
	}{
		{"k falls to three quarters", [][2]float64{{100, 400}, {100, 400}, {200, 600}, {200, 600}, {200, 600}}, 0, 0, true},
		{"k falls below", [][2]float64{{100, 400}, {100, 400}, {200, 599}, {200, 599}, {200, 599}}, 0, 0, false},
		{"k is three quarters of what GOGC asks for", [][2]float64{{200, 600}, {200, 600}, {200, 600}}, 0, 4, true},
		{"k is less than that", [][2]float64{{200, 599}, {200, 599}, {200, 599}}, 0, 4, false},
		{"a goal 8 % above the live heap", [][2]float64{{100, 108}, {100, 108}, {100, 108}}, 0, 0, true},
		{"a goal nearer to the live heap is held down", [][2]float64{{100, 107}, {100, 107}, {100, 107}}, 0, 0, false},
		{"unless GOGC asks for it", [][2]float64{{100, 107}, {100, 107}, {100, 107}}, 0, 1.07, true},
		{"the goal rises half as steeply", small([2]float64{100, 200}, [2]float64{150, 300}, [2]float64{400, 400}), 0, 0, true},
		{"less than half", small([2]float64{100, 200}, [2]float64{150, 300}, [2]float64{400, 399}), 0, 0, false},
		{"two heaps say nothing", small([2]float64{100, 200}, [2]float64{180, 200}), 0, 0, true},
		{"three do", small([2]float64{100, 200}, [2]float64{110, 200}, [2]float64{120, 200}), 0, 0, false},
		{"heaps within a tenth of each other say nothing", small([2]float64{100, 200}, [2]float64{105, 200}, [2]float64{109, 200}), 0, 0, true},
		{"a tenth does", small([2]float64{10, 20}, [2]float64{10.5, 20}, [2]float64{11, 20}), 0, 0, false},
		{"heaps within three steps of the log say nothing", small([2]float64{100, 200}, [2]float64{110, 200}, [2]float64{120, 200}), 7 * unit.MiB, 0, true},
		{"three steps do", small([2]float64{100, 200}, [2]float64{110, 200}, [2]float64{121, 200}), 7 * unit.MiB, 0, false},
	} {
		if got := follows(points(c.points...), c.step, c.set); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// The middle of the range is in its upper half; the twentieth at either end does not count for the range.
func TestUpper(t *testing.T) {
	for _, c := range []struct{ in, want []float64 }{
		{[]float64{30, 20, 10}, []float64{30, 20}},
		{[]float64{10, 19, 21, 30}, []float64{21, 30}},
		{[]float64{10, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 900}, []float64{20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 900}},
	} {
		of := func(bases []float64) (out []pair) {
			for _, b := range bases {
				out = append(out, points([2]float64{b, 1})...)
			}
			return out
		}
		if got, want := upper(of(c.in)), of(c.want); !slices.Equal(got, want) {
			t.Errorf("of %v MiB: got %v, want %v", c.in, got, c.want)
		}
	}
}

// Of seven points, three are a third: the middle one of them by its base and the middle one by its goal.
func TestEnds(t *testing.T) {
	in := points([2]float64{70, 1}, [2]float64{10, 9}, [2]float64{60, 3}, [2]float64{20, 8}, [2]float64{50, 2}, [2]float64{30, 7}, [2]float64{40, 100})
	low, high := ends(in)
	if want := (pair{base: 20 * unit.MiB, goal: 8 * unit.MiB}); low != want {
		t.Errorf("the lower third is %v, want %v", low, want)
	}
	if want := (pair{base: 60 * unit.MiB, goal: 2 * unit.MiB}); high != want {
		t.Errorf("the upper third is %v, want %v", high, want)
	}
}

// A goal is held at the middle of the goals that are more than 8 % above the live heap; without such, at the middle of all.
func TestPlateau(t *testing.T) {
	for _, c := range []struct {
		name   string
		points [][2]float64
		want   unit.Bytes
	}{
		{"the live heap has reached some", [][2]float64{{10, 11}, {80, 91}, {82, 90}, {84, 92}, {95, 100}, {100, 108}}, 91},
		{"it has reached all", [][2]float64{{10, 20}, {80, 81}, {82, 83}, {84, 85}, {100, 108}}, 85},
		{"what lies below the upper half does not count", [][2]float64{{10, 20}, {20, 40}, {80, 90}, {80, 90}}, 90},
	} {
		if got := plateau(points(c.points...)); got != unit.Known(c.want*unit.MiB) {
			t.Errorf("%s: %v, want %s", c.name, got, c.want*unit.MiB)
		}
	}
}
