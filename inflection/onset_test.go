package inflection

import (
	"math"
	"slices"
	"testing"
)

func TestFitOfOneHinge(t *testing.T) {
	quarters := []float64{0, 0.25, 0.5, 0.75, 1}
	for _, c := range []struct {
		name      string
		x, floor  []float64
		weight    []float64 // nil is 1 each
		start     int
		x0, power float64
		want      hinge // base, slope, sse and r2
	}{
		{"on it", quarters, []float64{0.25, 0.25, 0.25, 0.5, 0.75}, nil, 0, 0.5, 1, hinge{base: 0.25, slope: 1, r2: 1}},
		{"square", quarters, []float64{0.25, 0.25, 0.25, 0.375, 0.75}, nil, 0, 0.5, 2, hinge{base: 0.25, slope: 2, r2: 1}},
		{"cubic", []float64{0, 0.5, 1}, []float64{0.5, 0.5625, 1}, nil, 0, 0, 3, hinge{base: 0.5, slope: 0.5, r2: 1}},
		{"between the two", []float64{0, 0.25, 1}, []float64{0.5, 0.53125, 0.75}, nil, 0, 0, 1.5, hinge{base: 0.5, slope: 0.25, r2: 1}},
		{"points before the begin do not count", []float64{0, 0.5, 1}, []float64{-5, 0.25, 0.75}, nil, 1, 0.5, 1, hinge{base: 0.25, slope: 1, r2: 1}},
		// The mean is 4/3, squares about it 2 and 14/3, products 3: 9/2 of 14/3 is explained.
		{"off it", []float64{0, 1, 2}, []float64{0, 1, 3}, nil, 0, 0, 1, hinge{base: -1.0 / 6, slope: 1.5, sse: 1.0 / 6, r2: 27.0 / 28}},
		// At 1 the mean is 3/4, and 1*(3/4)^2 + 3*(1/4)^2 is left of 3 - 9/5.
		{"heavier points draw it", []float64{0, 1, 1}, []float64{0, 0, 1}, []float64{1, 1, 3}, 0, 0, 1, hinge{slope: 0.75, sse: 0.75, r2: 0.375}},
		{"level", []float64{0, 0.5, 1}, []float64{0.5, 0.5, 0.5}, nil, 0, 0, 1, hinge{base: 0.5}},
		{"a bend at the last point leaves nothing to rise", []float64{0, 1}, []float64{0, 1}, nil, 0, 1, 1, hinge{base: 0.5, sse: 0.5}},
		{"nor do points that weigh nothing", []float64{0, 1}, []float64{0, 1}, []float64{1e20, 1e-15}, 0, 0, 1, hinge{}},
		{"the least weight", []float64{0, 1}, []float64{0, 1}, []float64{1e20, 2e-15}, 0, 0, 1, hinge{slope: 1, r2: 1}},
	} {
		sc := scaledOf(c.x, c.floor)
		if c.weight != nil {
			sc.weight = c.weight
		}
		got := fitAt(sc, c.start, c.x0, c.power)
		if got.x0 != c.x0 || got.bend != c.x0 || got.power != c.power || !near(got.base, c.want.base) || !near(got.slope, c.want.slope) || !near(got.sse, c.want.sse) || !near(got.r2, c.want.r2) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestPow(t *testing.T) {
	for _, c := range []struct{ x, p, want float64 }{{5, 1, 5}, {4, 1.5, 8}, {3, 2, 9}, {4, 2.5, 32}, {2, 3, 8}, {16, 0.25, 2}} {
		if got := pow(c.x, c.p); got != c.want {
			t.Errorf("%v to the power of %v is %v, want %v", c.x, c.p, got, c.want)
		}
	}
}

func TestHingesBendAtAndBetweenPoints(t *testing.T) {
	for start, want := range [][]float64{{0, 0.125, 0.25, 0.625, 1}, {0.25, 0.625, 1}, {1}} {
		var got []float64
		for _, h := range fitHinges(scaledOf([]float64{0, 0.25, 1}, []float64{0, 0.5, 1}), trend{start: start}, 2) {
			got = append(got, h.x0)
		}
		if !slices.Equal(got, want) {
			t.Errorf("from point %d: bends at %v, want %v", start, got, want)
		}
	}
}

func TestLeast(t *testing.T) {
	for _, c := range []struct {
		sse  []float64
		want int
	}{
		{[]float64{3, 1, 2}, 1},
		{[]float64{1, 2, 3}, 0},
		{[]float64{1, 1, 1}, 0},
		{[]float64{sameFit, 0}, 0}, // the same but for rounding
		{[]float64{2 * sameFit, 0}, 1},
	} {
		var fits []hinge
		for i, sse := range c.sse {
			fits = append(fits, hinge{x0: float64(i), sse: sse})
		}
		if got := least(fits); got.x0 != float64(c.want) {
			t.Errorf("of %v the least is at %v, want %d", c.sse, got.x0, c.want)
		}
	}
}

// From a point at 0.5 the next one, at 1, is a gap of 0.5 away; the plateau is at 0.25.
func TestRoomBeforeTheNextCollection(t *testing.T) {
	for _, c := range []struct {
		name string
		i    int
		next float64 // floor of the next point
		h    hinge
		want float64
	}{
		{"a quarter of the gap at most", 1, 0.5, hinge{slope: 1, power: 1}, 0.125},
		{"the growth takes the rest of it", 1, 0.65, hinge{slope: 1, power: 1}, 0.1},
		{"steeper growth takes less", 1, 1.05, hinge{slope: 2, power: 1}, 0.1},
		{"accelerating growth begins slowly", 1, 0.41, hinge{slope: 1, power: 2}, 0.1},
		{"the growth takes all of it", 1, 0.75, hinge{slope: 1, power: 1}, 0},
		{"the growth takes longer", 1, 0.95, hinge{slope: 1, power: 1}, 0},
		{"a next point below the plateau", 1, 0.2, hinge{slope: 1, power: 1}, 0.125},
		{"no growth", 1, 0.25, hinge{power: 1}, 0},
		{"no next point", 2, 0.5, hinge{slope: 1, power: 1}, 0},
	} {
		c.h.level = 0.25
		sc := scaledOf([]float64{0, 0.5, 1}, []float64{0.2, 0.2, c.next})
		if got := c.h.room(sc, c.i); !near(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// The plateau of this test is at 0.25: the curve is last at it at 0.25, and last within the scatter, 0.125 above it, at 0.5.
func TestClamp(t *testing.T) {
	y := []float64{0.25, 0.25, 0.375, 0.625, 1}
	for _, c := range []struct {
		name          string
		y             []float64
		eps           float64
		start         int
		h             hinge
		low, x0, high float64
	}{
		{"a bend in between stays", y, 0, 0, hinge{x0: 0.3, sigma: 0.05, slope: 1, power: 1}, 0.125, 0.3, 0.5},
		{"not before the climb out of the scatter", y, 0, 0, hinge{x0: 0.05, sigma: 0.05, slope: 1, power: 1}, 0.125, 0.125, 0.5},
		{"not after the last point within the scatter", y, 0, 0, hinge{x0: 0.9, sigma: 0.05, slope: 1, power: 1}, 0.125, 0.5, 0.5},
		{"accelerating growth climbs slowly", y, 0, 0, hinge{x0: 0.05, sigma: 0.05, slope: 8, power: 2}, 0.125, 0.125, 0.75 - math.Sqrt(3)/8},
		{"not before the warm-up ended", y, 0, 1, hinge{x0: 0.05, sigma: 0.05, slope: 1, power: 1}, 0.25, 0.25, 0.5},
		{"what counts as straight is within the scatter", y, 0.125, 0, hinge{x0: 0.9, slope: 1, power: 1}, 0.25, 0.5, 0.5},
		{"accelerating growth climbs out of it too", y, 0.125, 0, hinge{x0: 0.05, slope: 8, power: 2}, 0.125, 0.125, 0.75 - math.Sqrt(3)/8},
		{"without scatter there is nothing to climb", y, 0, 0, hinge{x0: 0.9, slope: 1, power: 1}, 0.25, 0.3125, 0.3125},
		{"without growth neither", y, 0, 0, hinge{x0: 0.05, sigma: 0.05, power: 1}, 0.25, 0.25, 0.5},
		{"nor that which accelerates", y, 0, 0, hinge{x0: 0.05, sigma: 0.05, power: 2}, 0.25, 0.25, 0.5},
		{"a next point that is far", []float64{0.25, 0.25, 0.375, 0.45, 1}, 0, 0, hinge{x0: 0.9, sigma: 0.05, slope: 1, power: 1}, 0.125, 0.55, 0.55},
	} {
		sc := scaledOf(nil, c.y)
		sc.eps = c.eps
		c.h.level = 0.25
		got := c.h.clamp(sc, trend{start: c.start})
		if !near(got.low, c.low) || !near(got.x0, c.x0) || !near(got.high, c.high) {
			t.Errorf("%s: %v within %v to %v, want %v within %v to %v", c.name, got.x0, got.low, got.high, c.x0, c.low, c.high)
		}
	}
}

// The bend of this test is at 0.5, and the swings of its plateau reach 0.625 above its base.
func TestLift(t *testing.T) {
	for _, c := range []struct {
		name  string
		above []float64 // the curve above its floor at 0.5, 0.75 and 1
		last  int       // point of the first rise
		slope float64
		want  float64
	}{
		{"swings that go on less high", []float64{0.5, 0.25, 0.25}, 4, 2, 0.6875},
		{"what swings at the bend does not tell", []float64{0.5, 0.25, 0}, 3, 2, 0.6875},
		{"nor does what follows the first rise", []float64{0.5, 0.25, 0.5}, 3, 2, 0.6875},
		{"swings that go on a tenth as high", []float64{0, 0.0625, 0.0625}, 4, 2, 0.78125},
		{"smaller ones are over", []float64{0, 0.0615, 0.0615}, 4, 2, 0.5},
		{"swings that go on as high", []float64{0, 0.625, 0.625}, 4, 2, 0.5},
		{"higher ones", []float64{0, 0.7, 0.7}, 4, 2, 0.5},
		{"no growth", []float64{0, 0.25, 0.25}, 4, 0, 0.5},
	} {
		sc := scaledOf(nil, []float64{0.125, 0.125, 0.125, 0.125, 0.125})
		sc.y = slices.Clone(sc.y)
		for i, above := range c.above {
			sc.y[2+i] += above
		}
		h := hinge{x0: 0.5, level: 0.875, base: 0.25, slope: c.slope, power: 1}
		h.lift(sc, trend{firstRise: c.last})
		if !near(h.x0, c.want) {
			t.Errorf("%s: bends at %v, want %v", c.name, h.x0, c.want)
		}
	}
}

func TestRivals(t *testing.T) {
	for _, c := range []struct {
		name      string
		h         hinge // its squared distances are 2
		start     int
		rivals    []hinge
		low, high float64
		kept      int
	}{
		{"a point to each side", hinge{x0: 0.5, low: 0.5, high: 0.5}, 0, nil, 0.25, 0.75, 0},
		{"at the begin", hinge{}, 0, nil, 0, 0.25, 0},
		{"at the end of the warm-up", hinge{x0: 0.5, low: 0.5, high: 0.5}, 2, nil, 0.5, 0.75, 0},
		{"at the end", hinge{x0: 1, low: 1, high: 1}, 0, nil, 0.75, 1, 0},
		{"a wider interval stays", hinge{x0: 0.5, low: 0.1, high: 0.9}, 0, nil, 0.1, 0.9, 0},
		{"those half as far off again", hinge{x0: 0.5, low: 0.5, high: 0.5}, 0, []hinge{{x0: 0.1, sse: 3}, {x0: 0, sse: 3.01}, {x0: 0.6, sse: 2}, {x0: 1, sse: 3.01}}, 0.1, 0.75, 2},
		{"a later one", hinge{x0: 0.5, low: 0.5, high: 0.5}, 0, []hinge{{x0: 0.9, sse: 3}}, 0.25, 0.9, 1},
	} {
		c.h.sse = 2
		got := c.h.among(c.rivals, scaledOf(nil, []float64{0, 0, 0, 0.5, 1}), trend{start: c.start})
		if got.low != c.low || got.high != c.high || len(got.rivals) != c.kept {
			t.Errorf("%s: %v to %v with %d rivals, want %v to %v with %d", c.name, got.low, got.high, len(got.rivals), c.low, c.high, c.kept)
		}
	}
}

func TestPlateauBeforeTheGrowth(t *testing.T) {
	for _, c := range []struct {
		name         string
		y            []float64
		eps          float64
		tr           trend
		x0           float64 // of the hinge, where there is no plateau
		level, sigma float64
	}{
		{"its median", []float64{0.25, 0.26, 0.27, 0.6, 1}, 0.02, trend{base: 2, hasLevel: true}, 0, 0.26, 0.014826},
		{"of the points after the warm-up", []float64{0, 0.25, 0.26, 0.27, 1}, 0.02, trend{start: 1, base: 3, hasLevel: true}, 0, 0.26, 0.014826},
		{"or those up to the bend", []float64{0.25, 0.26, 0.27, 0.6, 1}, 0.02, trend{base: -1}, 0.5, 0.26, 0.014826},
		{"the scatter is at least the noise", []float64{0.25, 0.26, 0.27, 0.6, 1}, 0.02, trend{base: 2, hasLevel: true, noise: 0.1}, 0, 0.26, 0.1},
		{"one hump is left out", []float64{0.25, 0.75, 0.75, 0.75, 0.75, 0.25, 1}, 0.02, trend{base: 5, hasLevel: true}, 0, 0.25, 0},
		{"two are a habit", []float64{0.25, 0.75, 0.75, 0.25, 0.75, 0.75, 0.25, 1}, 0.02, trend{base: 6, hasLevel: true}, 0, 0.75, 0},
		{"what counts as straight is no hump", []float64{0.25, 0.375, 0.375, 0.375, 0.25, 1}, 0.05, trend{base: 4, hasLevel: true}, 0, 0.375, 0},
	} {
		sc := scaledOf(nil, c.y)
		sc.eps = c.eps
		h := hinge{x0: c.x0}
		h.readPlateau(sc, c.tr)
		if !near(h.level, c.level) || !near(h.sigma, c.sigma) {
			t.Errorf("%s: %v with a scatter of %v, want %v and %v", c.name, h.level, h.sigma, c.level, c.sigma)
		}
	}
}

// The hinge of this test bends too early, near the begin, and is far less steep than the first rise, which leaves the plateau at 0.25 and
// pauses. The scatter is wide, so that the curve alone does not say where.
func TestBeginOfTheFirstRise(t *testing.T) {
	for _, c := range []struct {
		name  string
		floor []float64
		tr    trend
		x0    float64
		want  float64
	}{
		{"five points show it", []float64{0.2, 0.2, 0.2, 0.4, 0.6, 0.6, 0.6, 0.6, 0.6}, trend{growth: 0.4, firstRise: 4}, 0.02, 0.25},
		{"four do not", []float64{0.2, 0.2, 0.4, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6}, trend{growth: 0.4, firstRise: 3}, 0.02, 0.02},
		{"nor do four after the warm-up", []float64{0, 0.2, 0.2, 0.4, 0.6, 0.6, 0.6, 0.6, 0.6}, trend{start: 1, growth: 0.4, firstRise: 4}, 0.15, 0.15},
		{"15 % of the growth", []float64{0, 0, 0, 0.075, 0.15, 0.15, 0.15, 0.15, 1}, trend{growth: 1, firstRise: 4}, 0.1, 0.25},
		{"less than 15 % of the growth", []float64{0, 0, 0, 0.07, 0.14, 0.14, 0.14, 0.14, 1}, trend{growth: 1, firstRise: 4}, 0.1, 0.1},
		{"less, on a higher plateau", []float64{0.2, 0.2, 0.2, 0.25, 0.3, 0.3, 0.3, 0.3, 1}, trend{growth: 1, firstRise: 4}, 0.1, 0.1},
		{"the same rise of less growth", []float64{0, 0, 0, 0.07, 0.14, 0.14, 0.14, 0.14, 0.8}, trend{growth: 0.8, firstRise: 4}, 0.1, 0.25},
		{"a hinge that bends later stays", []float64{0.2, 0.2, 0.2, 0.4, 0.6, 0.6, 0.6, 0.6, 0.6}, trend{growth: 0.4, firstRise: 4}, 0.3, 0.3},
	} {
		h := hinge{x0: c.x0, low: c.x0, high: c.x0, level: c.floor[c.tr.start], base: c.floor[c.tr.start], sigma: 0.05, slope: 0.6, power: 1}
		h.begin(scaledOf(nil, c.floor), c.tr)
		if !near(h.x0, c.want) || h.low != c.x0 || !near(h.high, max(c.x0, c.want)) {
			t.Errorf("%s: %v within %v to %v, want %v", c.name, h.x0, h.low, h.high, c.want)
		}
	}
}

// The power of a hinge is the least that explains the floor: more must explain at least 13 % of what is left.
func TestPowerOfTheGrowth(t *testing.T) {
	bent := func(p float64) []float64 {
		return shape(17, 0, func(x float64) float64 { return 0.25 + pow(max(0, x-0.5), p) })
	}
	stairs := func(x float64) float64 { return 0.5 + math.Floor(4*x)/64 }
	for _, c := range []struct {
		name  string
		y     []float64
		base  int
		power float64
		x0    float64
	}{
		{"steady", bent(1), 8, 1, 0.5},
		{"between steady and square", bent(1.5), 8, 1.5, 0.5},
		{"square", bent(2), 8, 2, 0.5},
		{"cubic", bent(3), 8, 3, 0.5},
		{"the last point alone tells nothing of a power", with(shape(17, 0, stairs), 1), 15, 1, 15.0 / 16},
		{"nor does a level floor", shape(17, 0, flatAt(0.5)), 16, 1, 1},
	} {
		sc := scaledOf(nil, c.y)
		h := findOnset(sc, trend{base: c.base, hasLevel: true, level: sc.floor[0], growth: sc.floor[16] - sc.floor[0], firstRise: 16})
		if h.power != c.power || !near(h.x0, c.x0) {
			t.Errorf("%s: power %v from %v on, want %v from %v on", c.name, h.power, h.x0, c.power, c.x0)
		}
	}
}

// Without a plateau before it the growth began with the log.
func TestOnsetWithoutPlateau(t *testing.T) {
	for _, c := range []struct {
		name          string
		x, y          []float64
		eps           float64
		x0, low, high float64
	}{
		{"a bend that leaves 86 % of the squares is not plain", nil, []float64{0.2, 0.28, 0.36, 0.5, 0.56, 0.7, 0.76, 0.92, 1}, 0, 0, 0, 0.125},
		{"one that leaves 30 % is", nil, []float64{0.2, 0.2, 0.2, 0.45, 0.5, 0.65, 0.78, 0.9, 1}, 0, 0.25, 0.125, 0.375},
		// The curve is last within what counts as straight at 0.5.
		{"a line without any noise", []float64{0, 0.25, 0.5, 1}, []float64{0.5, 0.5 + 1.0/256, 0.5 + 2.0/256, 0.5 + 4.0/256}, 0.012, 0, 0, 0.5},
	} {
		sc := scaledOf(c.x, c.y)
		sc.eps = c.eps
		h := findOnset(sc, trend{base: -1, level: c.y[0], growth: c.y[len(c.y)-1] - c.y[0], firstRise: len(c.y) - 1})
		if !near(h.x0, c.x0) || !near(h.low, c.low) || !near(h.high, c.high) {
			t.Errorf("%s: %v within %v to %v, want %v within %v to %v", c.name, h.x0, h.low, h.high, c.x0, c.low, c.high)
		}
	}
}

// A hinge whose squared distances are 2^(1/3) times those of another weighs half as much.
func TestMiddle(t *testing.T) {
	half := math.Cbrt(2)
	for _, c := range []struct {
		name string
		all  []hinge
		want float64
	}{
		{"one", []hinge{{x0: 0.25, sse: 1, power: 2}}, 0.25},
		{"two that fit as well", []hinge{{x0: 0.25, sse: 1, power: 2}, {x0: 0.75, sse: 1, power: 3}}, 0.5},
		{"one that fits worse", []hinge{{x0: 0.25, sse: 1, power: 2}, {x0: 1, sse: half, power: 3}}, 0.5},
		{"steady growth is none of them", []hinge{{x0: 0.25, sse: 1, power: 2}, {x0: 1, sse: 0.5, power: 1}}, 0.25},
		{"beside one without any distance", []hinge{{x0: 0.25, power: 2}, {x0: 1, sse: 1, power: 2}}, 0.25},
		{"beside one without any but what rounding makes", []hinge{{x0: 0.25, power: 2}, {x0: 1, sse: sameFit, power: 2}}, 3.0 / 9},
	} {
		if got := middle(c.all); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
