package heapprof

import (
	"math"
	"slices"
)

// trend is how one series moved over time.
type trend struct {
	growth    float64 // Theil-Sen slope times span
	low, high float64 // its 95 % interval by Kendall's statistic
	tau       float64 // Kendall's tau-a: pairs that rise less pairs that fall, of all pairs
}

// trendOf measures a series of two points or more whose times rise. It takes the square of their number.
func trendOf(times, values []float64) trend {
	n := len(values)
	span := times[n-1] - times[0]
	var slopes []float64
	balance, pairs := 0, 0
	for j := range n {
		for i := range j {
			d := values[j] - values[i]
			pairs++
			switch {
			case d > 0:
				balance++
			case d < 0:
				balance--
			}
			if dt := times[j] - times[i]; dt > 0 {
				slopes = append(slopes, d/dt)
			}
		}
	}
	slices.Sort(slopes)
	m := len(slopes)
	half := 1.96 * math.Sqrt(float64(n*(n-1)*(2*n+5))/18) / 2
	low := max(0, int(math.Floor(float64(m-1)/2-half)))
	high := min(m-1, int(math.Ceil(float64(m-1)/2+half)))
	return trend{
		growth: (slopes[(m-1)/2] + slopes[m/2]) / 2 * span,
		low:    slopes[low] * span,
		high:   slopes[high] * span,
		tau:    float64(balance) / float64(pairs),
	}
}
