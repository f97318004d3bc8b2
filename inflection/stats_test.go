package inflection

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestNthEqualsSorting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SliceOfN(rapid.Float64Range(-3, 3), 1, 200).Draw(t, "v")
		if rapid.Bool().Draw(t, "few values") {
			for i := range v {
				v[i] = math.Round(v[i])
			}
		}
		k := rapid.IntRange(0, len(v)-1).Draw(t, "k")
		sorted := slices.Clone(v)
		slices.Sort(sorted)
		if got := nth(slices.Clone(v), k); got != sorted[k] {
			t.Fatalf("nth(%v, %d) = %v, want %v", v, k, got, sorted[k])
		}
	})
}

// Values that make the median of three the worst pivot each time must not take quadratic time: the patience runs out and the rest
// is sorted.
func TestNthOnHostileOrder(t *testing.T) {
	n := 1 << 16
	v := make([]float64, n)
	for i := range v { // two interleaved rises: the middle is small again and again
		v[i] = float64(i%2*n + i/2)
	}
	want := slices.Clone(v)
	slices.Sort(want)
	for _, k := range []int{0, n / 2, n - 1} {
		if got := nth(slices.Clone(v), k); got != want[k] {
			t.Errorf("nth at %d: %v, want %v", k, got, want[k])
		}
	}
}

// What is below a pivot comes first, then what equals it, then what is above it; the pivot is the median of the first, the middle and
// the last value.
func TestPartition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SliceOfN(rapid.Map(rapid.IntRange(-3, 3), func(n int) float64 { return float64(n) }), 1, 12).Draw(t, "v")
		ends := []float64{v[0], v[len(v)/2], v[len(v)-1]}
		slices.Sort(ends)
		got := slices.Clone(v)
		below, above := partition(got)
		for i, x := range got {
			if (x < ends[1]) != (i < below) || (x > ends[1]) != (i >= above) {
				t.Fatalf("partition(%v) = %v, below %d, above %d, pivot %v", v, got, below, above, ends[1])
			}
		}
		slices.Sort(v)
		slices.Sort(got)
		if !slices.Equal(v, got) {
			t.Fatalf("values got lost: %v of %v", got, v)
		}
	})
}

// running is centred at each value.
func running(v []float64, w int) []float64 {
	return sample(len(v), len(v)+2, func(i int) float64 { return centred(v, i, w) })
}

func TestCentredIsTheMedian(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SliceOfN(rapid.Float64Range(-3, 3), 1, 30).Draw(t, "v")
		w := rapid.SampledFrom([]int{medianCyclesFew, medianCyclesShort, medianCycles}).Draw(t, "w")
		for i := range v {
			half := min(w/2, i, len(v)-1-i)
			if got, want := centred(v, i, w), medianOf(v[i-half:i+half+1]); got != want {
				t.Fatalf("centred(%v, %d, %d) = %v, want %v", v, i, w, got, want)
			}
		}
	})
}

func TestSample(t *testing.T) {
	for _, c := range []struct{ n, most, want, last int }{{0, 4, 0, -1}, {1, 4, 1, 0}, {4, 4, 4, 3}, {5, 4, 3, 4}, {8, 4, 4, 6}, {9, 4, 3, 6}, {1000, 4, 4, 750}} {
		got := sample(c.n, c.most, func(i int) float64 { return float64(i) })
		if len(got) != c.want || c.want > 0 && (got[0] != 0 || got[c.want-1] != float64(c.last)) || cap(got) > c.most+1 {
			t.Errorf("%d of at most %d: %v with room for %d, want %d up to %d", c.n, c.most, got, cap(got), c.want, c.last)
		}
	}
}

func TestMedians(t *testing.T) {
	v := []float64{1, 9, 2, 3, 50, 4, 5}
	for _, c := range []struct {
		name string
		got  []float64
		want []float64
	}{
		{"windows shrink at both ends", running(v, 5), []float64{1, 2, 3, 4, 4, 5, 5}},
		{"windows are cut at the end", endMedian(v, 5), []float64{1, 2, 3, 4, 4, 5, 5}},
		{"as they are where the values fall", endMedian([]float64{9, 8, 7, 6, 5, 4}, 5), []float64{9, 8, 7, 6, 6, 5}},
		{"one value", running([]float64{7}, 9), []float64{7}},
		{"none", running(nil, 9), []float64{}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	if got := endMedian([]float64{1, 1, 1, 1, 1, 9}, 5)[5]; got != 1 {
		t.Errorf("the last value alone decides the end: %v", got)
	}
	if got := running([]float64{1, 1, 1, 1, 1, 9}, 5)[5]; got != 9 {
		t.Errorf("a shrunk window is not centred: %v", got)
	}
}

func TestQuantileOfNothing(t *testing.T) {
	if quantile(nil, 0.5) != 0 || median(nil) != 0 || spread(nil) != 0 {
		t.Error("want 0 for no values")
	}
}

func TestQuantileIsTheNearestRank(t *testing.T) {
	for _, c := range []struct {
		v    []float64
		q    float64
		want float64
	}{
		{[]float64{3, 1, 2}, 0, 1},
		{[]float64{3, 1, 2}, 0.5, 2},
		{[]float64{3, 1, 2}, 1, 3},
		{[]float64{5, 4, 3, 2, 1}, 0.124, 1}, // rank 0.496
		{[]float64{5, 4, 3, 2, 1}, 0.125, 2}, // rank 0.5 is the upper one's
		{[]float64{5, 4, 3, 2, 1}, 0.95, 5},
		{[]float64{2, 1}, 0.49, 1},
		{[]float64{7}, 0.95, 7},
	} {
		if got := quantile(slices.Clone(c.v), c.q); got != c.want {
			t.Errorf("quantile(%v, %v) = %v, want %v", c.v, c.q, got, c.want)
		}
	}
	if got := medianOf([]float64{4, 1, 3, 2}); got != 3 {
		t.Errorf("the median of 1 to 4 is %v, want the upper one of the middle two", got)
	}
}

// near reports whether two numbers are the same but for rounding.
func near(got, want float64) bool {
	return got == want || math.Abs(got-want) <= 1e-9*(1+math.Abs(want))
}

func TestLines(t *testing.T) {
	for _, c := range []struct {
		name string
		x, y []float64
		want line
		at3  float64
	}{
		{"two points", []float64{0, 2}, []float64{1, 5}, line{slope: 2, mid: 3, meanX: 1}, 7},
		{"down", []float64{4, 6}, []float64{5, 1}, line{slope: -2, mid: 3, meanX: 5}, 7},
		{"a peak has no slope", []float64{0, 1, 2}, []float64{0, 3, 0}, line{mid: 1, meanX: 1, sse: 6}, 1},
		// About the means (2, 3): xx 2, xy 3, yy 6, so that 6 - 3*3/2 is left.
		{"three points off the line", []float64{1, 2, 3}, []float64{2, 2, 5}, line{slope: 1.5, mid: 3, meanX: 2, sse: 1.5}, 4.5},
		{"points above each other have no slope", []float64{5, 5}, []float64{1, 3}, line{mid: 2, meanX: 5, sse: 2}, 2},
	} {
		got := lineThrough(c.x, c.y)
		if !near(got.slope, c.want.slope) || !near(got.mid, c.want.mid) || !near(got.meanX, c.want.meanX) || !near(got.sse, c.want.sse) || !near(got.at(3), c.at3) {
			t.Errorf("%s: %+v, %v at 3; want %+v, %v", c.name, got, got.at(3), c.want, c.at3)
		}
		if of := newSums(c.x, c.y).fit(0, len(c.x)-1); of != got {
			t.Errorf("%s: %+v from running sums, want %+v", c.name, of, got)
		}
	}
	const tiny = 1e-12 // as rounding leaves of points above each other
	for xx, want := range map[float64]float64{tiny: 0, 2 * tiny: 0.5} {
		if got := lineOf(1, 0, 0, xx, tiny, tiny).slope; got != want {
			t.Errorf("slope %v over squares of %v, want %v", got, xx, want)
		}
	}
}

func TestSpread(t *testing.T) {
	if got := spread([]float64{10, 10, 12, 8, 10, 1000}); got != 1.4826*2 {
		t.Errorf("spread %v: an outlier must not count by its size", got)
	}
}

// The line from running sums is the line from the points.
func TestFitEqualsLeastSquares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 40).Draw(t, "n")
		x, y := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i] = float64(i)/float64(n) + rapid.Float64Range(0, 0.001).Draw(t, "x")
			y[i] = rapid.Float64Range(0, 1).Draw(t, "y")
		}
		first := rapid.IntRange(0, n-2).Draw(t, "first")
		last := rapid.IntRange(first+1, n-1).Draw(t, "last")
		got := newSums(x, y).fit(first, last)
		want := 0.0
		for i := first; i <= last; i++ {
			d := y[i] - got.at(x[i])
			want += d * d
		}
		if all := lineThrough(x[first:last+1], y[first:last+1]); math.Abs(all.slope-got.slope) > 1e-6 || math.Abs(all.sse-got.sse) > 1e-6 {
			t.Fatalf("%+v from the points, %+v from the running sums", all, got)
		}
		if math.Abs(got.sse-want) > 1e-6 {
			t.Fatalf("sum of squares %v, by the points %v", got.sse, want)
		}
		for _, off := range []float64{-0.01, 0.01} { // no other line is nearer
			worse := 0.0
			for i := first; i <= last; i++ {
				d := y[i] - got.at(x[i]) - off*(x[i]-x[first]) - off/3
				worse += d * d
			}
			if worse < want-1e-9 {
				t.Fatalf("a tilted line is nearer: %v < %v", worse, want)
			}
		}
	})
}
