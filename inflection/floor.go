package inflection

import "slices"

// The curve is the series in a bounded number of points; its floor is what was never given back:
//
//	curve    at most 240 buckets of equally many cycles, the median of each; with fewer cycles a running median
//	floor    floor[i] is the least of curve[i] and everything after: memory that never came back after i.
//	         Caches, daily load and partial recoveries vanish; the floor only rises
//	swing    how far the curve rose above the floor before it came back to it
//	scatter  standard deviation of the noise from point to point
type curve struct {
	x     []float64 // seconds
	y     []float64 // bytes
	first []int     // first cycle of each point, as index of the series
	last  []int     // last cycle of each point
	floor []float64
	noise float64 // scatter in bytes
	top   float64 // largest y
	lag   float64 // how long before the end the cycle lies whose value the last point has, as a share of the length
}

// buckets is the number of points of a curve: the exact partition costs the square of it, and a screen shows no more.
const buckets = 240

// newCurve reduces a series. It takes linear time.
func newCurve(s *series) *curve {
	c := &curve{}
	if s.len() <= buckets {
		c.each(s)
	} else {
		c.bucket(s)
	}
	c.floor = noReturn(c.y)
	c.noise = pointNoise(c.y)
	c.top = slices.Max(c.y)
	c.lag = c.behind(s)
	return c
}

// behind returns how long before the end the middle one of the cycles lies that the last point is the median of: growth goes on
// meanwhile.
func (c *curve) behind(s *series) float64 {
	n := s.len()
	last := len(c.x) - 1
	span := c.x[last] - c.x[0]
	if span <= 0 {
		return 0
	}
	if n <= buckets {
		last -= curveWindow(n) / 4
	}
	return (s.axis()[n-1] - c.x[last]) / span
}

// each takes every cycle as a point.
func (c *curve) each(s *series) {
	c.x = s.axis()
	c.y = endMedian(s.v, curveWindow(s.len()))
	for i := range s.v {
		c.first = append(c.first, i)
		c.last = append(c.last, i)
	}
}

// curveWindow returns the window of the running median for n points.
func curveWindow(n int) int {
	switch {
	case n < 40:
		return 3
	case n < 100:
		return 5
	}
	return 7
}

// bucket takes the median of equally many cycles as a point, at the time of its middle cycle.
func (c *curve) bucket(s *series) {
	n := s.len()
	var values []float64
	for b := range buckets {
		lo, hi := b*n/buckets, (b+1)*n/buckets
		values = append(values[:0], s.v[lo:hi]...)
		c.y = append(c.y, median(values))
		c.x = append(c.x, s.axis()[(lo+hi)/2]) // the median of an even number of values is the upper one of the two in the middle
		c.first = append(c.first, lo)
		c.last = append(c.last, hi-1)
	}
}

// noReturn returns the no-return floor of a curve.
func noReturn(y []float64) []float64 {
	floor := make([]float64, len(y))
	least := y[len(y)-1]
	for i := len(y) - 1; i >= 0; i-- {
		least = min(least, y[i])
		floor[i] = least
	}
	return floor
}

// pointNoise returns the standard deviation of the noise of y. Second differences do not see a straight rise; their
// own deviation is the square root of six times that of the noise.
func pointNoise(y []float64) float64 {
	if len(y) < 3 {
		return 0
	}
	d := make([]float64, len(y)-2)
	for i := range d {
		d[i] = abs(y[i] - 2*y[i+1] + y[i+2])
	}
	return 1.4826 * median(d) / 2.449
}

// fall is a way down of a curve: from a top to the lowest point before the curve has made good half of a fall.
type fall struct {
	from, to int
	height   float64
}

// habit is what a curve does and takes back.
type habit struct {
	largest, second float64 // heights of the two largest swings that did recover, that is of the two largest falls
	longest         float64 // time from one low to the next, of the longest such swing
}

// habits returns the habit of the curve y at the times x.
func habits(x, y []float64) habit {
	var h habit
	deepest := biggest(falls(y, 0))
	low := 0
	for _, f := range falls(y, deepest.height/2) {
		h.second = max(h.second, min(h.largest, f.height))
		h.largest = max(h.largest, f.height)
		h.longest = max(h.longest, x[f.to]-x[low])
		low = f.to
	}
	if h.second > 0 {
		return h
	}
	// One great fall: the second is in what comes before or after it.
	before := biggest(falls(y[:deepest.from], 0))
	after := biggest(falls(y[deepest.to:], 0))
	h.second = max(before.height, after.height)
	return h
}

// falls returns the falls of y that the curve made good by more than back afterwards. With back 0 it returns for each new
// top the deepest fall below it.
func falls(y []float64, back float64) []fall {
	var out []fall
	top, low := 0, 0
	for i := range y {
		recovered := back > 0 && y[i]-y[low] > back
		if y[i] >= y[top] || recovered {
			if low > top {
				out = append(out, fall{top, low, y[top] - y[low]})
			}
			top, low = i, i
			continue
		}
		if y[i] < y[low] {
			low = i
		}
	}
	if low > top {
		out = append(out, fall{top, low, y[top] - y[low]})
	}
	return out
}

// biggest returns the highest fall, the first of equals.
func biggest(in []fall) fall {
	var best fall
	for _, f := range in {
		if f.height > best.height {
			best = f
		}
	}
	return best
}
