package picture

import (
	"math"
	"slices"

	"oomtrace/parser/unit"
	"oomtrace/report"
)

// frame maps moments and sizes to the rectangle of a plot.
type frame struct {
	left, right, top, bottom float64
	from, to                 float64 // seconds on the chart's clock
	max                      float64
}

func (f frame) x(at float64) float64 {
	if f.to <= f.from || math.IsNaN(at) {
		return f.left
	}
	share := (at - f.from) / (f.to - f.from)
	return f.left + min(max(share, 0), 1)*(f.right-f.left)
}

// y returns the place of a value, downwards from the top of the sheet; what is higher than the plot is drawn at its upper edge.
func (f frame) y(v float64) float64 {
	if !(f.max > 0) {
		return f.bottom
	}
	share := v / f.max
	return f.bottom - min(max(share, 0), 1)*(f.bottom-f.top)
}

func (f frame) holds(at float64) bool { return at >= f.from && at <= f.to }

// within returns the points between the frame's edges.
func (f frame) within(points []report.Point) []report.Point {
	first, last := 0, len(points)
	for first < last && points[first].At < f.from {
		first++
	}
	for last > first && points[last-1].At > f.to {
		last--
	}
	return points[first:last]
}

// trace maps one size of each point, leaving out those for which pick reports false.
func (f frame) trace(points []report.Point, pick func(report.Point) (unit.Bytes, bool)) []xy {
	out := make([]xy, 0, len(points))
	for _, p := range points {
		if b, ok := pick(p); ok {
			out = append(out, xy{f.x(p.At), f.y(float64(b))})
		}
	}
	return thin(out)
}

// readings maps the values of a lane.
func (f frame) readings(values []report.Reading) []xy {
	out := make([]xy, 0, len(values))
	for _, r := range values {
		out = append(out, xy{f.x(r.At), f.y(r.V)})
	}
	return thin(out)
}

// longest returns of each pixel column the highest value, as the top of a bar in its middle.
func (f frame) longest(values []report.Reading) []xy {
	var out []xy
	for i := 0; i < len(values); {
		column, most := math.Floor(f.x(values[i].At)), 0.0
		for ; i < len(values) && math.Floor(f.x(values[i].At)) == column; i++ {
			most = max(most, values[i].V)
		}
		if top := f.y(most); f.bottom-top >= 0.05 {
			out = append(out, xy{column + 0.5, top})
		}
	}
	return out
}

// band returns the outline of the area between live heap and peak: in each pixel column the highest peak, and back again
// the lowest live heap.
func (f frame) band(points []report.Point) []xy {
	var upper, lower []xy
	for i := 0; i < len(points); {
		x := math.Floor(f.x(points[i].At))
		low, high := points[i].Live, points[i].Peak
		for ; i < len(points) && math.Floor(f.x(points[i].At)) == x; i++ {
			low, high = min(low, points[i].Live), max(high, points[i].Peak, points[i].Live)
		}
		upper, lower = append(upper, xy{x, f.y(float64(high))}), append(lower, xy{x, f.y(float64(low))})
	}
	slices.Reverse(lower)
	return append(dropLevel(upper), dropLevel(lower)...)
}

func live(p report.Point) (unit.Bytes, bool) { return p.Live, true }
func goal(p report.Point) (unit.Bytes, bool) { return p.Goal, p.Goal > 0 }

// thin keeps of each pixel column the first, the highest, the lowest and the last point: the line drawn through them
// covers the same pixels. Points inside a level stretch go too.
func thin(points []xy) []xy {
	var kept []xy
	for i := 0; i < len(points); {
		column := math.Floor(points[i].x)
		first, high, low := i, i, i
		for ; i < len(points) && math.Floor(points[i].x) == column; i++ {
			if points[i].y < points[high].y {
				high = i
			}
			if points[i].y > points[low].y {
				low = i
			}
		}
		picked := [...]int{first, min(high, low), max(high, low), i - 1}
		for n, k := range picked {
			if n == 0 || k != picked[n-1] {
				kept = append(kept, points[k])
			}
		}
	}
	return dropLevel(kept)
}

// dropLevel leaves out points whose neighbours stand at the same height, to a tenth of a pixel.
func dropLevel(points []xy) []xy {
	same := func(a, b xy) bool { return math.Round(a.y*10) == math.Round(b.y*10) }
	out := points[:0]
	for i, p := range points {
		inner := i > 0 && i+1 < len(points)
		if !inner || !same(points[i-1], p) || !same(p, points[i+1]) {
			out = append(out, p)
		}
	}
	return out
}
