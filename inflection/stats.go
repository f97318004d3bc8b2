package inflection

import "slices"

// quantile returns the value below which the share q of v lies, by nearest rank. It reorders v, takes linear time, and
// returns 0 for an empty slice.
func quantile(v []float64, q float64) float64 {
	if len(v) == 0 {
		return 0
	}
	return nth(v, int(q*float64(len(v)-1)+0.5))
}

// median returns the middle value of v, the upper one of two. It reorders v.
func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	return nth(v, len(v)/2)
}

// medianOf returns the median of v and leaves v as it is.
func medianOf(v []float64) float64 { return median(slices.Clone(v)) }

// patience is how many pivots are tried. Good ones halve what is left each time, so that half as many would do for any slice.
const patience = 64

// nth returns the value that a sorted v would hold at k, by partition around the median of three. Where the pivots
// are bad too often the rest is sorted, so that no input takes quadratic time.
func nth(v []float64, k int) float64 {
	for range patience {
		below, above := partition(v)
		switch {
		case k < below:
			v = v[:below]
		case k >= above:
			v, k = v[above:], k-above
		default:
			return v[k]
		}
	}
	slices.Sort(v)
	return v[k]
}

// partition moves the values below a pivot to the front and those above it to the back, and returns where the values
// equal to the pivot begin and end.
func partition(v []float64) (below, above int) {
	a, b, c := v[0], v[len(v)/2], v[len(v)-1]
	pivot := max(min(a, b), min(max(a, b), c))
	lo, hi := 0, len(v)
	for i := 0; i < hi; {
		switch {
		case v[i] < pivot:
			v[i], v[lo] = v[lo], v[i]
			lo++
			i++
		case v[i] > pivot:
			hi--
			v[i], v[hi] = v[hi], v[i]
		default:
			i++
		}
	}
	return lo, hi
}

// exactMost is how many values a quantile is taken of; of a longer series as many at equal distances stand for all, so that
// no series is copied whole.
const exactMost = 1 << 16

// sample returns the n values that at gives, or at least half of most values at equal distances where there are more.
func sample(n, most int, at func(int) float64) []float64 {
	every := 1 + (n-1)/most
	out := make([]float64, 0, n/every+1)
	for i := 0; i < n; i += every {
		out = append(out, at(i))
	}
	return out
}

// medianCyclesMost is the widest window of a running median.
const medianCyclesMost = 9

// centred returns the median of the w values around v[i]; w is odd and at most medianCyclesMost. The window shrinks at the
// ends, so that it stays centred.
func centred(v []float64, i, w int) float64 {
	half := min(w/2, i, len(v)-1-i)
	window := append(make([]float64, 0, medianCyclesMost), v[i-half:i+half+1]...)
	slices.Sort(window)
	return window[half]
}

// endMedian is a running median with windows that are cut off at the end of v and not shrunk: the very last value alone must
// not decide what the floor of everything before it is. At the begin there is no such harm.
func endMedian(v []float64, w int) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		half := min(i, w/2)
		out[i] = medianOf(v[i-half : min(len(v), i+half+1)])
	}
	return out
}

// spread returns the standard deviation of v around its median that noise without outliers would have: 1.4826 times
// the median distance from the median.
func spread(v []float64) float64 {
	m := medianOf(v)
	d := make([]float64, len(v))
	for i, x := range v {
		d[i] = abs(x - m)
	}
	return 1.4826 * median(d)
}

func abs(x float64) float64 { return max(x, -x) }

// line is a least-squares straight line through points.
type line struct {
	slope, mid float64 // mid is the value at the mean of the abscissae
	meanX      float64
	sse        float64 // sum of squared distances
}

// lineOf returns the least-squares line through the sums of n points.
func lineOf(n, x, y, xx, xy, yy float64) line {
	mx, my := x/n, y/n
	xx = max(0, xx-n*mx*mx)
	xy -= n * mx * my
	yy = max(0, yy-n*my*my)
	l := line{mid: my, meanX: mx, sse: yy}
	if xx > 1e-12 {
		l.slope = xy / xx
		l.sse = max(0, yy-xy*xy/xx)
	}
	return l
}

// lineThrough returns the least-squares line through the points (x[i], y[i]).
func lineThrough(x, y []float64) line {
	var sx, sy, sxx, sxy, syy float64
	for i := range x {
		sx += x[i]
		sy += y[i]
		sxx += x[i] * x[i]
		sxy += x[i] * y[i]
		syy += y[i] * y[i]
	}
	return lineOf(float64(len(x)), sx, sy, sxx, sxy, syy)
}

// at returns the value of the line at x.
func (l line) at(x float64) float64 { return l.mid + l.slope*(x-l.meanX) }

// sums holds running sums of points, so that the line through any stretch of them costs constant time.
type sums struct{ x, y, xx, xy, yy []float64 }

// newSums prepares the points (x[i], y[i]).
func newSums(x, y []float64) sums {
	n := len(x) + 1
	s := sums{make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)}
	for i := range x {
		s.x[i+1] = s.x[i] + x[i]
		s.y[i+1] = s.y[i] + y[i]
		s.xx[i+1] = s.xx[i] + x[i]*x[i]
		s.xy[i+1] = s.xy[i] + x[i]*y[i]
		s.yy[i+1] = s.yy[i] + y[i]*y[i]
	}
	return s
}

// fit returns the least-squares line through the points first to last, both included.
func (s sums) fit(first, last int) line {
	j := last + 1
	return lineOf(float64(j-first), s.x[j]-s.x[first], s.y[j]-s.y[first], s.xx[j]-s.xx[first], s.xy[j]-s.xy[first], s.yy[j]-s.yy[first])
}
