package report

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// TestReduce compares the reduction with its definition, written the slow way: whatever the series, the line drawn through
// the result covers in each column exactly the heights that the whole series covers there, so it crosses what that crosses.
func TestReduce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var cycles timeline.Cycles
		at := time.Duration(0)
		for range rapid.IntRange(1, 600).Draw(t, "cycles") {
			at += rapid.SampledFrom([]time.Duration{0, 1, time.Millisecond, time.Second, time.Hour}).Draw(t, "gap")
			live := unit.Bytes(rapid.IntRange(0, 50).Draw(t, "live"))
			cycles.Append(timeline.Cycle{At: at, Live: live, Peak: live + unit.Bytes(rapid.IntRange(0, 50).Draw(t, "peak")), Pause: float32(rapid.IntRange(0, 9).Draw(t, "pause"))})
		}
		n := cycles.Len()
		budget := rapid.IntRange(1, 700).Draw(t, "budget")
		keep := rapid.SliceOfN(rapid.IntRange(-3, n+3), 0, 5).Draw(t, "keep")
		got := reduce(&cycles, n, func(i int) unit.Bytes { return cycles.At(i).Live }, keep, budget)
		if n <= budget {
			if len(got) != n {
				t.Fatalf("%d of %d cycles are left although all fit", len(got), n)
			}
			return
		}
		for _, i := range append(slices.DeleteFunc(keep, func(i int) bool { return i < 0 || i >= n }), 0, n-1) {
			if _, ok := slices.BinarySearch(got, i); !ok {
				t.Errorf("cycle %d is lost", i)
			}
		}
		if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Errorf("not in order: %v", got)
		}
		if most := max(1, budget/pointsColumn)*pointsColumn + len(keep) + 2; len(got) > most {
			t.Errorf("%d points, at most %d are asked for", len(got), most)
		}
		whole, drawn := extremes(&cycles, numbers(n), budget), extremes(&cycles, got, budget)
		for k, b := range whole {
			if drawn[k] != b {
				t.Errorf("column %d covers %+v, want %+v", k, drawn[k], b)
			}
		}
	})
}

// box is what a column covers.
type box struct {
	first, last     int
	low, high, peak unit.Bytes
	pause           float32
}

func extremes(cycles *timeline.Cycles, indexes []int, budget int) map[time.Duration]box {
	columns := time.Duration(max(1, budget/pointsColumn))
	from, to := cycles.At(0).At, cycles.At(cycles.Len()-1).At
	out := map[time.Duration]box{}
	for _, i := range indexes {
		x := cycles.At(i)
		k := (x.At - from) / ((to-from)/columns + 1)
		b, ok := out[k]
		if !ok {
			b = box{first: i, low: x.Live}
		}
		out[k] = box{b.first, i, min(b.low, x.Live), max(b.high, x.Live), max(b.peak, x.Peak), max(b.pause, x.Pause)}
	}
	return out
}
