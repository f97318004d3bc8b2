package report_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/report/reporttest"
	"oomtrace/timeline"
)

// noisy draws a run of a few thousand cycles with jumps, gaps and long stretches of one level.
func noisy(t *rapid.T) *timeline.Run {
	r := &timeline.Run{Runtime: "go", Start: time.Unix(1_800_000_000, 0)}
	n := rapid.IntRange(1, 5000).Draw(t, "cycles")
	seed := rapid.Uint64().Draw(t, "seed")
	spread := rapid.SampledFrom([]uint64{0, 3, 100, 1000}).Draw(t, "spread")
	now := time.Duration(0)
	for i := range n {
		seed = seed*6364136223846793005 + 1442695040888963407
		x := seed >> 33
		now += time.Duration(x%1000) * time.Millisecond
		if x%977 == 0 {
			now += time.Hour
		}
		live := unit.Bytes(1000+x>>5%(spread+1)) * unit.MiB
		r.Cycles.Append(timeline.Cycle{At: now, Live: live, Peak: live + unit.Bytes(x%500)*unit.MiB, Pause: float32(x%100) / 1000, N: uint32(i + 1), Line: uint32(i + 1)})
	}
	return r
}

func cross(r *timeline.Run, i int) inflection.Crossing {
	x := r.Cycles.At(i)
	return inflection.Crossing{Index: i, Cycle: int64(x.N), At: x.At, Live: x.Live, LaterCycles: r.Cycles.Len() - 1 - i}
}

// TestReductionKeeps holds the reduced series to what a reader must see: the first and the last cycle, the onset, every
// crossing, and the cycles around each event.
func TestReductionKeeps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := noisy(t)
		n := r.Cycles.Len()
		pick := rapid.IntRange(0, n-1)
		found := inflection.Run{Ceiling: inflection.Ceiling{Bytes: unit.Known(3 * unit.GiB)}}
		must := []int{0, n - 1}
		if rapid.Bool().Draw(t, "crosses") {
			x, y := cross(r, pick.Draw(t, "inflection")), cross(r, pick.Draw(t, "limit"))
			found.Inflection, found.LimitCrossing = &x, &y
			must = append(must, x.Index, y.Index)
		}
		for _, i := range rapid.SliceOfN(pick, 0, 20).Draw(t, "recovered") {
			found.Recovered = append(found.Recovered, cross(r, i))
			must = append(must, i)
		}
		o := pick.Draw(t, "onset")
		found.Onset = &inflection.Onset{Index: o, At: r.Cycles.At(o).At}
		must = append(must, o)
		tl := &timeline.Timeline{Runs: []*timeline.Run{r}, Files: []string{"f"}}
		for _, i := range rapid.SliceOfN(pick, 0, 10).Draw(t, "events") {
			at := r.Cycles.At(i).At
			tl.Events = append(tl.Events, &event.Dump{Head: event.Head{Time: event.Time{Has: event.Wall, Wall: r.Start.Add(at).UnixNano()}}, Kind: "goroutine-dump"})
			must = append(must, firstAt(r, at))
		}
		m := report.New(report.Input{Timeline: tl, Finding: &inflection.Finding{Verdict: inflection.Verdict{Kind: inflection.Leak}, Runs: []inflection.Run{found}}})
		points := m.Chart.Runs[0].Points
		var got []int
		for _, p := range points {
			got = append(got, int(p.Cycle)-1)
		}
		if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Fatalf("cycles are not in order: %v", got)
		}
		for _, i := range must {
			if _, ok := slices.BinarySearch(got, i); !ok {
				t.Errorf("cycle %d is lost; %d of %d are kept", i, len(got), n)
			}
		}
		if len(points) > 2500 {
			t.Errorf("%d points of %d cycles", len(points), n)
		}
	})
}

func firstAt(r *timeline.Run, at time.Duration) int {
	i := 0
	for r.Cycles.At(i).At < at {
		i++
	}
	return i
}

// TestLongRunStaysSmall draws a million cycles with a hundred thousand crossings.
func TestLongRunStaysSmall(t *testing.T) {
	r := &timeline.Run{Runtime: "go"}
	for i := range 1_000_000 {
		live := unit.Bytes(100+i%7) * unit.MiB
		r.Cycles.Append(timeline.Cycle{At: time.Duration(i) * time.Second, Live: live, Peak: 2 * live, N: uint32(i + 1)})
	}
	var found inflection.Run
	for i := 0; i < 1_000_000; i += 10 {
		found.Recovered = append(found.Recovered, cross(r, i))
	}
	in := report.Input{Timeline: &timeline.Timeline{Runs: []*timeline.Run{r}}, Finding: &inflection.Finding{Verdict: inflection.Verdict{Kind: inflection.Leak}, Runs: []inflection.Run{found}}}
	if n := len(report.New(in).Chart.Runs[0].Points); n > 4500 {
		t.Errorf("%d points", n)
	}
}

func TestLivesShareTheBudget(t *testing.T) {
	tl := &timeline.Timeline{Primary: 199}
	for i := range 200 {
		r := &timeline.Run{Runtime: "go", Restarted: i < 199}
		for k := range 500 {
			r.Cycles.Append(timeline.Cycle{At: time.Duration(k) * time.Second, Live: unit.Bytes(k) * unit.MiB, N: uint32(k + 1)})
		}
		tl.Runs = append(tl.Runs, r)
	}
	m := report.New(report.Input{Timeline: tl})
	total := 0
	for i, s := range m.Chart.Runs {
		total += len(s.Points)
		if i > 0 {
			before := m.Chart.Runs[i-1]
			if s.Points[0].At < before.Points[len(before.Points)-1].At {
				t.Errorf("life %d begins at %g, before life %d ends", s.Run, s.Points[0].At, before.Run)
			}
		}
	}
	if !m.Chart.Laid || len(m.Chart.Runs) != 40 || total > 5000 {
		t.Errorf("laid %v, %d lives, %d points", m.Chart.Laid, len(m.Chart.Runs), total)
	}
	if last := m.Chart.Runs[39]; !last.Primary || last.Offset != 0 {
		t.Errorf("the last life drawn is %+v", last.Run)
	}
}

func TestAxes(t *testing.T) {
	want := map[string]report.Axis{
		"leak": report.AxisWall, "no-wall-clock": report.AxisTMinus, "untimed-death": report.AxisTMinus, "no-clock": report.AxisCycles, "nothing": report.AxisWall,
	}
	for _, c := range reporttest.Cases() {
		m := report.New(c.Input)
		if axis, ok := want[c.Name]; ok && m.Chart.Axis != axis {
			t.Errorf("%s: axis %s, want %s", c.Name, m.Chart.Axis, axis)
		}
		ch := m.Chart
		if len(ch.Runs) == 0 {
			continue
		}
		if n := len(ch.YTicks); n < 2 || n > 12 {
			t.Errorf("%s: %d ticks up", c.Name, n)
		}
		if n := len(ch.XTicks); n > 12 {
			t.Errorf("%s: %d ticks along", c.Name, n)
		}
		for _, x := range ch.XTicks {
			if x.At < ch.From || x.At > ch.To || x.Label == "" {
				t.Errorf("%s: tick %+v outside %g to %g", c.Name, x, ch.From, ch.To)
			}
		}
		for _, x := range ch.Moments {
			if x.Kind != report.MomentForecast && (x.At < ch.From || x.At > ch.To) {
				t.Errorf("%s: %+v outside %g to %g", c.Name, x, ch.From, ch.To)
			}
		}
	}
}

// TestTicksOfAnySpan draws runs from a microsecond to centuries.
func TestTicksOfAnySpan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		span := time.Duration(rapid.Int64Range(1, 1<<62).Draw(t, "span") >> rapid.IntRange(0, 60).Draw(t, "shift"))
		r := &timeline.Run{Runtime: "go"}
		if rapid.Bool().Draw(t, "wall") {
			r.Start = time.Unix(1_800_000_000, 0)
		}
		top := unit.Bytes(rapid.Int64Range(0, 1<<60).Draw(t, "top") >> rapid.IntRange(0, 59).Draw(t, "small"))
		r.Cycles.Append(timeline.Cycle{At: 0, Live: top, N: 1})
		r.Cycles.Append(timeline.Cycle{At: max(1, span), Live: top, N: 2})
		tl := &timeline.Timeline{Runs: []*timeline.Run{r}}
		tl.Death.Kind = rapid.SampledFrom([]timeline.DeathKind{timeline.NoDeath, timeline.LogEnds}).Draw(t, "death")
		m := report.New(report.Input{Timeline: tl})
		if x, y := len(m.Chart.XTicks), len(m.Chart.YTicks); x > 15 || y > 15 || y < 1 {
			t.Errorf("%d ticks along, %d up: %s", x, y, fmt.Sprint(m.Chart.XTicks, m.Chart.YTicks))
		}
	})
}
