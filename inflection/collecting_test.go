package inflection

import (
	"testing"

	"oomtrace/timeline"
)

// TestCollecting measures the collector over hand-made cycles. The first cycle of each measure only begins it: its own times do not count.
func TestCollecting(t *testing.T) {
	begin := timeline.Cycle{Wall: 99, Pause: 99, CPU: 99, Procs: 99}
	times := func(c timeline.Cycle) []timeline.Cycle { return []timeline.Cycle{begin, c, c, c} }
	for _, c := range []struct {
		name    string
		runtime string
		cycles  []timeline.Cycle
		seconds []float64
		live    []float64
		ceiling ceiling
		want    collecting
	}{
		{"a share of the wall clock", "go", times(timeline.Cycle{Wall: 0.5, Pause: 0.25}), []float64{1, 2, 3, 5}, []float64{9, 1, 1, 1}, ceiling{bytes: 100}, collecting{share: 0.375}},
		{"pauses longer than the rest", "jvm", times(timeline.Cycle{Wall: 0.25, Pause: 0.5}), []float64{1, 2, 3, 5}, []float64{9, 1, 1, 1}, ceiling{bytes: 100}, collecting{share: 0.375}},
		{"a share of two processors", "go", times(timeline.Cycle{CPU: 1, Procs: 2}), []float64{1, 2, 3, 5}, []float64{9, 1, 1, 1}, ceiling{bytes: 100}, collecting{cpu: 0.375}},
		{"processors that the log does not count", "go", times(timeline.Cycle{CPU: 1}), []float64{1, 2, 3, 5}, []float64{9, 1, 1, 1}, ceiling{bytes: 100}, collecting{cpu: 0.75}},
		{"V8 stands still for the longer of both", "v8", times(timeline.Cycle{CPU: 0.25, Pause: 0.5, Wall: 9}), []float64{1, 2, 3, 5}, []float64{9, 1, 1, 1}, ceiling{bytes: 100}, collecting{share: 0.375}},
		{"half of the heap is freed", "go", []timeline.Cycle{{Peak: 8, Live: 8}, {Peak: 8, Live: 6}, {Peak: 8, Live: 4}, {Peak: 8, Live: 2}}, []float64{1, 2, 3, 5}, []float64{9, 1, 1, 1}, ceiling{bytes: 100}, collecting{frees: 0.5}},
		{"no time has passed", "go", times(timeline.Cycle{Wall: 1, CPU: 1}), []float64{5, 5, 5, 5}, []float64{9, 1, 1, 1}, ceiling{bytes: 100}, collecting{}},
		{"near the ceiling", "go", times(timeline.Cycle{}), []float64{1, 2, 3, 5}, []float64{0, 85, 85, 0}, ceiling{bytes: 100}, collecting{near: true}},
		{"not quite", "go", times(timeline.Cycle{}), []float64{1, 2, 3, 5}, []float64{100, 84, 84, 100}, ceiling{bytes: 100}, collecting{}},
		{"near GOMEMLIMIT", "go", times(timeline.Cycle{}), []float64{1, 2, 3, 5}, []float64{0, 85, 85, 0}, ceiling{bytes: 200, soft: 100}, collecting{near: true}},
		{"not quite near it", "go", times(timeline.Cycle{}), []float64{1, 2, 3, 5}, []float64{100, 84, 84, 100}, ceiling{bytes: 200, soft: 100}, collecting{}},
		{"three cycles", "go", []timeline.Cycle{{Wall: 1}, {Wall: 1}, {Wall: 1}}, []float64{1, 2, 3}, []float64{99, 99, 99}, ceiling{bytes: 100}, collecting{}},
	} {
		s := &series{run: &timeline.Run{Runtime: c.runtime}, t: c.seconds, v: c.live}
		for _, cycle := range c.cycles {
			s.run.Cycles.Append(cycle)
		}
		if got := findCollecting(s, c.ceiling); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// TestCollectingBegins wants the measure over the last quarter of the cycles, and three at least.
func TestCollectingBegins(t *testing.T) {
	for n, want := range map[int]int{4: 0, 12: 8, 15: 11, 16: 11, 40: 29} {
		p := prepared(story{live: shape(n, 0, flatAt(50)), death: logEnds})
		if got := findCollecting(p, ceiling{}).first; got != want {
			t.Errorf("of %d cycles it begins at %d, want %d", n, got, want)
		}
	}
}

// Without a clock nothing tells how much of the time long collections took: a healthy heap that is collected slowly does not thrash.
func TestCollectingWithoutClock(t *testing.T) {
	tl := (story{live: shape(120, 0, flatAt(50)), wall: 2, limit: 100, goal: 1.2, death: logEnds}).timeline()
	if v := Judge(tl, Default()).Verdict; v.Kind != Thrash {
		t.Errorf("with a clock: %s", v.Kind)
	}
	tl.Runs[0].Clock = timeline.ByNumber
	if v := Judge(tl, Default()).Verdict; v.Kind != Healthy {
		t.Errorf("without a clock: %s %+v", v.Kind, v.Evidence)
	}
}
