package inflection

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// prepared returns the series of a story in MiB.
func prepared(s story) *series {
	p := prepare(s.timeline().Runs[0], s.death, true)
	for i := range p.v {
		p.v[i] = math.Round(p.v[i]/mib*100) / 100
	}
	return p
}

func TestRelease(t *testing.T) {
	level := shape(20, 0, flatAt(90))
	timed := heapFull
	timed.At, timed.Timed = 18*time.Second, true
	first := heapFull
	first.Timed = true
	killed := kernelKill
	killed.At, killed.Timed = 18*time.Second, true
	rounded := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 18.001, 18.002}
	for _, c := range []struct {
		name string
		s    story
		want int
	}{
		{"after the error the heap is empty", story{live: with(slices.Clone(level), 30, 10), death: heapFull, runtime: "jvm"}, 18},
		{"one cycle that low only", story{live: with(slices.Clone(level), 10), death: heapFull, runtime: "jvm"}, 19},
		{"a fifth less is not low enough", story{live: with(slices.Clone(level), 72), death: heapFull, runtime: "jvm"}, 20},
		{"nor is less than that of the cycle before it", story{live: with(slices.Clone(level), 75, 61), death: heapFull, runtime: "jvm"}, 20},
		{"nor of the one before that", story{live: with(slices.Clone(level), 75, 90, 61), death: heapFull, runtime: "jvm"}, 20},
		{"six are one", story{live: with(slices.Clone(level), 9, 9, 9, 9, 9, 9), death: heapFull, runtime: "jvm"}, 14},
		{"four cycles must be left", story{live: []float64{90, 90, 90, 90, 9}, death: heapFull, runtime: "jvm"}, 4},
		{"three would be too few", story{live: []float64{90, 90, 90, 9}, death: heapFull, runtime: "jvm"}, 4},
		{"seven are no release", story{live: with(slices.Clone(level), 9, 9, 9, 9, 9, 9, 9), death: heapFull, runtime: "jvm"}, 20},
		{"a kill leaves none behind", story{live: with(slices.Clone(level), 30, 10), death: kernelKill, runtime: "jvm"}, 20},
		{"nor does Go", story{live: with(slices.Clone(level), 30, 10), death: goRefused}, 20},
		{"cycles after the time of the error", story{live: slices.Clone(level), death: timed}, 18},
		{"within a millisecond of it", story{live: slices.Clone(level), at: rounded, death: timed}, 19},
		{"a time before all cycles is of another clock", story{live: slices.Clone(level), death: first}, 4},
		{"cycles after the time of a kill are told by a clock that is off", story{live: slices.Clone(level), death: killed}, 20},
		{"the error went to another log", story{live: with(slices.Clone(level), 10), death: logEnds, runtime: "jvm", xmx: 100}, 19},
		{"after collections half of which are young", story{live: with(slices.Clone(level), 10), scopes: "wwwwwwwwwwwwwwwwwyyw", death: logEnds, runtime: "jvm"}, 19},
		{"most of which are young", story{live: with(slices.Clone(level), 10), scopes: "wwwwwwwwwwwwwwwwyyyw", death: logEnds, runtime: "jvm"}, 20},
		{"after collections that freed enough", story{live: with(slices.Clone(level), 10), goal: 1.06, death: logEnds, runtime: "jvm"}, 20},
		{"of a process that exited", story{live: with(slices.Clone(level), 10), death: timeline.Death{Kind: timeline.Exit}, runtime: "jvm"}, 20},
	} {
		if got := prepared(c.s); got.len() != c.want || got.cut != len(c.s.live)-c.want {
			t.Errorf("%s: %d cycles left, %d cut, want %d", c.name, got.len(), got.cut, c.want)
		}
	}
}

// Where no line says that the heap was full, four collections in a row that freed at most a twentieth of it do.
func TestDesperate(t *testing.T) {
	for _, c := range []struct {
		name string
		peak float64 // MiB before each of the four collections, which leave 95
		last float64 // before the one that finds the heap released
		want int
	}{
		{"a twentieth", 100, 10, 19},
		{"more than that", 100.1, 10, 20},
		{"nothing, and the release frees most", 95, 95, 19},
	} {
		tl := story{live: with(shape(20, 0, flatAt(95)), 10), death: logEnds, runtime: "jvm", xmx: 100}.timeline()
		for i := range 19 {
			tl.Runs[0].Cycles.At(i).Peak = unit.Bytes(c.peak * mib)
		}
		tl.Runs[0].Cycles.At(19).Peak = unit.Bytes(c.last * mib)
		if got := prepare(tl.Runs[0], tl.Death, true).len(); got != c.want {
			t.Errorf("%s: %d cycles left, want %d", c.name, got, c.want)
		}
	}
}

// The series ends with the death where that is timed and of this run, and never before its last cycle.
func TestSeriesEnd(t *testing.T) {
	s := &series{t: []float64{1, 2, 20}}
	for _, c := range []struct {
		name    string
		death   timeline.Death
		primary bool
		want    float64
	}{
		{"the death comes later", timeline.Death{At: 25 * time.Second, Timed: true}, true, 25},
		{"it was stamped before the last cycle", timeline.Death{At: 19 * time.Second, Timed: true}, true, 20},
		{"its time is unknown", timeline.Death{At: 25 * time.Second}, true, 20},
		{"it is of another run", timeline.Death{At: 25 * time.Second, Timed: true}, false, 20},
	} {
		if got := s.end(c.death, c.primary); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestReleaseMarkedByTheTimeline(t *testing.T) {
	tl := story{live: shape(20, 0, flatAt(90)), death: kernelKill}.timeline()
	tl.Runs[0].Cycles.At(19).Flags |= timeline.BeforeKill
	if got := prepare(tl.Runs[0], tl.Death, true).len(); got != 19 {
		t.Errorf("%d cycles, want 19", got)
	}
	for i := range tl.Runs[0].Cycles.Len() {
		tl.Runs[0].Cycles.At(i).Flags |= timeline.BeforeKill
	}
	if got := prepare(tl.Runs[0], tl.Death, true).len(); got != 0 {
		t.Errorf("%d cycles, want none where all are marked", got)
	}
}

func TestRebirth(t *testing.T) {
	two := append(shape(40, 0, hingeAt(10, 0.2, 90)), shape(40, 0, hingeAt(11, 0.2, 90))...)
	for _, c := range []struct {
		name       string
		v          []float64
		scopes     string
		unnumbered bool
		want       int
	}{
		{"down to the first level, and it stays", two, "", true, 40},
		{"a numbered log would say so", two, "", false, 0},
		{"to a level of its own", append(shape(40, 0, hingeAt(10, 0.2, 90)), shape(40, 0, hingeAt(30, 0.2, 90))...), "", true, 0},
		{"eight before the end", append(shape(40, 0, hingeAt(10, 0.2, 90)), shape(8, 0, flatAt(10))...), "", true, 40},
		{"too near to the end", append(shape(40, 0, hingeAt(10, 0.2, 90)), shape(7, 0, flatAt(10))...), "", true, 0},
		{"in the shortest run", []float64{10, 10, 10, 90, 90, 90, 90, 90, 10, 10, 10, 10, 10, 10, 10, 10}, "", true, 8},
		{"in one that is too short", []float64{10, 10, 10, 90, 90, 90, 90, 10, 10, 10, 10, 10, 10, 10, 10}, "", true, 0},
		{"within the first cycles nothing is known of the first level", []float64{10, 90, 90, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10}, "", true, 0},
		{"up to 1.3 times the most of the first three", append([]float64{5, 10, 6, 90, 90}, shape(20, 0, flatAt(13))...), "", true, 5},
		{"no more than that", append([]float64{5, 10, 6, 90, 90}, shape(20, 0, flatAt(13.1))...), "", true, 0},
		{"half is no fall", append([]float64{10, 10, 10, 20, 20}, shape(20, 0, flatAt(10))...), "", true, 0},
		{"less than half is", append([]float64{10, 10, 10, 20.1, 20.1}, shape(20, 0, flatAt(10))...), "", true, 5},
		{"by way of a level between, the heap was emptied", append([]float64{10, 10, 10, 90, 90, 18}, shape(20, 0, flatAt(10))...), "", true, 0},
		{"which was low just before", append([]float64{10, 10, 10, 90, 90, 18, 90}, shape(20, 0, flatAt(10))...), "", true, 0},
		{"three cycles long", append([]float64{10, 10, 10, 90, 90, 10, 10, 10}, shape(20, 0, flatAt(90))...), "", true, 5},
		{"two cycles are none", append([]float64{10, 10, 10, 90, 90, 10, 10}, shape(20, 0, flatAt(90))...), "", true, 0},
		{"empty heaps are as they were", shape(20, 0, flatAt(0)), "", true, 0},
		{"a young collection cannot free so much", append(shape(40, 0, hingeAt(10, 0.2, 90)), shape(40, 0, hingeAt(30, 0.2, 90))...), strings.Repeat("y", 80), true, 40},
	} {
		tl := story{live: c.v, scopes: c.scopes, death: logEnds}.timeline()
		tl.Runs[0].Unnumbered = c.unnumbered
		if got := prepare(tl.Runs[0], tl.Death, true); got.first != c.want || got.reborn != c.want || got.len() != len(c.v)-c.want {
			t.Errorf("%s: first cycle %d, %d before a restart, %d left; want %d", c.name, got.first, got.reborn, got.len(), c.want)
		}
	}
}

func TestMend(t *testing.T) {
	for _, c := range []struct {
		name   string
		end    []float64
		mended int
		want   float64 // third value from the end
	}{
		{"a digit too few", []float64{50, 51, 5, 51, 50}, 1, 51},
		{"a digit too many", []float64{50, 51, 510, 51, 50}, 1, 51},
		{"a quarter off is no torn number", []float64{50, 51, 62, 51, 50}, 0, 62},
		{"two in a row are a level", []float64{50, 51, 5, 5, 50}, 0, 5},
		{"the last one may be true", []float64{50, 51, 50, 51, 500}, 0, 50},
	} {
		s := prepared(story{live: with(shape(30, 0.01, flatAt(50)), c.end...), death: logEnds})
		if got := s.v[27]; s.mended != c.mended || got != c.want {
			t.Errorf("%s: %d mended, value %v; want %d, %v", c.name, s.mended, got, c.mended, c.want)
		}
	}
}

// A value is torn that lies off both its neighbours by more than a quarter of the larger one, by more than six standard deviations of
// the usual step, which is 1.4826 times the median one, and by more than twice what lies between them.
func TestTorn(t *testing.T) {
	steady := func(step, x float64) []float64 { // to and fro by a step, x in the middle
		return []float64{50, 50 + step, 50, 50 + step, 50, x, 50, 50 + step, 50, 50 + step, 50}
	}
	level := func(a, x, b float64) []float64 { return []float64{a, a, a, a, a, x, b, b, b, b, b} }
	wild := func(x float64) []float64 { // steps of 12500 about a level of 250000: six deviations are 111195
		return []float64{250000, 262500, 250000, 262500, 250000, x, 250000, 262500, 250000, 262500, 250000}
	}
	for _, c := range []struct {
		name string
		v    []float64
		want float64 // in the middle
	}{
		{"a quarter of a level one", level(50, 62.5, 50), 62.5},
		{"more than a quarter", level(50, 62.6, 50), 50},
		{"less by more than a quarter", level(50, 37.4, 50), 50},
		{"a quarter of the larger neighbour", level(49, 61.5, 50), 61.5},
		{"six deviations", wild(250000 + 111195), 250000 + 111195},
		{"a little more", wild(250000 + 111196), 250000},
		{"within six deviations of steps of two", steady(2, 67), 67},
		{"beyond them", steady(2, 68), 50},
		{"twice as far as the neighbours are from each other", level(50, 80, 60), 80},
		{"as far from the other one", level(60, 80, 50), 80},
		{"farther", level(50, 81, 60), 55},
		{"between the neighbours", level(50, 75, 100), 75},
		{"six values", []float64{50, 50, 50, 5, 50, 50}, 50},
	} {
		s := &series{v: slices.Clone(c.v)}
		i := len(c.v) / 2
		if s.mend(); s.v[i] != c.want || (s.mended == 1) != (c.want != c.v[i]) {
			t.Errorf("%s: %v becomes %v, %d mended; want %v", c.name, c.v[i], s.v[i], s.mended, c.want)
		}
	}
	for _, v := range [][]float64{{1, 100, 1, 1}, {50, 5, 50, 50, 50}, {7}, nil} {
		s := &series{v: slices.Clone(v)}
		if s.mend(); s.mended != 0 {
			t.Errorf("%v are too few to call one torn", v)
		}
	}
}

// The live set of a generational heap is level, and garbage piles up between the old collections.
func TestLiveSet(t *testing.T) {
	for _, c := range []struct {
		name    string
		v       []float64
		scopes  string
		want    []float64
		anchors int
	}{
		{"each gap shows its garbage", []float64{20, 25, 30, 20, 25, 30, 20}, "wyywyyw", []float64{20, 20, 20, 20, 20, 20, 20}, 3},
		{"before the first anchor too", []float64{25, 30, 20}, "yyw", []float64{20, 20, 20}, 1},
		{"the open gap takes the usual garbage", []float64{20, 25, 30, 20, 25, 30}, "wyywyy", []float64{20, 20, 20, 20, 20, 20}, 2},
		{"without any anchor nothing is known", []float64{20, 25, 30}, "yyy", []float64{20, 25, 30}, 0},
		{"growth in a gap is not garbage", []float64{20, 25, 30, 20, 25, 30, 29, 34, 39, 29}, "wyywyywyyw", []float64{20, 20, 20, 20, 20, 20, 29, 29, 29, 29}, 4},
		{"mixed ones lead down", []float64{20, 25, 30, 26, 20}, "wyymm", []float64{20, 20, 20, 20, 20}, 2},
		{"from the young one before them to the last of them", []float64{20, 22, 50, 50, 40}, "wymmm", []float64{20, 22, 28, 34, 40}, 2},
		{"which only the last shows of a group", []float64{20, 50, 40, 45, 40}, "wmmym", []float64{20, 50, 40, 40, 40}, 3},
		{"mixed ones at the begin have nothing to lead from", []float64{50, 40, 45, 40}, "mmyw", []float64{50, 40, 40, 40}, 2},
		{"collections of the old part show it", []float64{20, 25, 30}, "owo", []float64{20, 25, 30}, 3},
		{"a gap never goes below the lower of its ends", []float64{20, 21, 50, 30, 31, 50, 30}, "wyywyyw", []float64{20, 20, 30, 30, 30, 30, 30}, 3},
	} {
		s := prepared(story{live: c.v, scopes: c.scopes, runtime: "jvm", death: logEnds})
		if !slices.Equal(s.v, c.want) || s.anchors != c.anchors {
			t.Errorf("%s: %v with %d anchors, want %v with %d", c.name, s.v, s.anchors, c.want, c.anchors)
		}
	}
}

// What a gap takes over from the gaps around it: the median garbage of three of similar length on either side, no farther than eight
// gaps away. Two lengths are similar where neither is more than three times the other, and three.
func TestUsualGarbage(t *testing.T) {
	type has struct {
		len     int
		garbage float64
		open    bool
	}
	long := slices.Repeat([]has{{len: 100, garbage: 50}}, 8)
	for _, c := range []struct {
		name string
		gaps []has
		i    int
		want float64
	}{
		{"three on either side", []has{{5, 100, false}, {5, 12, false}, {5, 13, false}, {5, 14, false}, {5, 0, false}, {5, 15, false}, {5, 16, false}, {5, 17, false}, {5, 100, false}}, 4, 15},
		{"the first gap", []has{{5, 0, false}, {5, 12, false}, {5, 13, false}, {5, 14, false}}, 0, 13},
		{"the last gap", []has{{5, 12, false}, {5, 13, false}, {5, 14, false}, {5, 0, false}}, 3, 13},
		{"alone", []has{{5, 1, false}}, 0, 1},
		{"eight gaps away", append(append([]has{{9, 12, false}}, long[1:]...), has{9, 0, false}), 8, 12},
		{"nine gaps away", append(append([]has{{9, 12, false}}, long...), has{9, 0, false}), 9, 0},
		{"three times as long and three", []has{{2, 0, false}, {9, 12, false}}, 0, 12},
		{"longer than that", []has{{2, 0, false}, {10, 12, false}}, 0, 0},
		{"a third as long, less three", []has{{9, 0, false}, {2, 12, false}}, 0, 12},
		{"shorter than that", []has{{10, 0, false}, {2, 12, false}}, 0, 0},
		{"an open gap takes what it finds", []has{{2, 12, false}, {10, 0, true}}, 1, 12},
		{"and has nothing to give", []has{{10, 0, false}, {10, 12, true}}, 0, 0},
		{"two fifths of the usual garbage", []has{{5, 10, false}, {5, 4, false}, {5, 10, false}}, 1, 4},
		{"less than that hides growth", []has{{5, 10, false}, {5, 3.9, false}, {5, 10, false}}, 1, 10},
		{"more than usual", []has{{5, 10, false}, {5, 30, false}, {5, 10, false}}, 1, 30},
	} {
		var gaps []gap
		for k, h := range c.gaps {
			gaps = append(gaps, gap{first: 200 * k, mixed: 200*k + h.len, open: h.open, garbage: h.garbage})
		}
		if usualGarbage(gaps); gaps[c.i].garbage != c.want {
			t.Errorf("%s: %v a cycle, want %v", c.name, gaps[c.i].garbage, c.want)
		}
	}
}

func TestClock(t *testing.T) {
	for _, c := range []struct{ in, want []float64 }{
		{[]float64{1, 3, 2, 4}, []float64{1, 3, 3, 4}},
		{[]float64{7, 7, 7}, []float64{7, 8, 9}},
		{[]float64{7}, []float64{7}},
		{nil, nil},
	} {
		if got := clock(slices.Clone(c.in)); !slices.Equal(got, c.want) {
			t.Errorf("clock(%v) = %v, want %v", c.in, got, c.want)
		}
	}
}

func TestCeiling(t *testing.T) {
	level := shape(50, 0, flatAt(40))
	for _, c := range []struct {
		name  string
		s     story
		want  float64 // MiB
		basis string
	}{
		{"the goal is twice the live heap", story{live: level, goal: 2, limit: 100, death: kernelKill}, 50, "limit / 2.00: each cycle's goal is twice the live heap"},
		{"or three times", story{live: level, goal: 3, limit: 150, death: kernelKill}, 50, "limit / 3.00: each cycle's goal is 3.00 times the live heap"},
		{"GOMEMLIMIT holds the goal", story{live: level, goal: 2, hold: 60, limit: 100, death: kernelKill}, 100, "limit: GOMEMLIMIT keeps the goal from running ahead of the live heap"},
		{"GOMEMLIMIT is stated", story{live: level, goal: 2, soft: 90, limit: 100, death: kernelKill}, 100, "limit: GOMEMLIMIT keeps the goal from running ahead of the live heap"},
		{"GOMEMLIMIT above the limit protects nobody", story{live: level, goal: 2, soft: 120, limit: 100, death: kernelKill}, 50, "limit / 2.00: each cycle's goal is twice the live heap"},
		{"no goals in the log", story{live: level, limit: 100, death: kernelKill}, 100, "limit"},
		{"the heap of a JVM ends at Xmx", story{live: level, runtime: "jvm", xmx: 64, limit: 100, death: kernelKill}, 64, "-Xmx"},
		{"the runtime declared it full", story{live: level, runtime: "jvm", xmx: 64, death: heapFull}, 40, "the runtime itself said that the heap was full at this level"},
		{"no limit", story{live: shape(50, 0, hingeAt(20, 0.5, 40)), goal: 2, death: kernelKill}, 40, "no limit is known: the last level of the live heap stands in for it"},
	} {
		got := c.s.judge().Runs[0].Ceiling
		if float64(got.Bytes.Or(-1)) != c.want*mib || got.Basis != c.basis {
			t.Errorf("%s: %v, %q; want %v MiB, %q", c.name, got.Bytes, got.Basis, c.want, c.basis)
		}
	}
}

// A panic is an end like any other: the last line of a program says why it is gone.
func TestPanic(t *testing.T) {
	s := story{live: shape(30, 0, flatAt(40)), limit: 500, goal: 2, death: timeline.Death{Kind: timeline.Exit, Event: &event.ProcessEnd{
		Head: event.Head{Pos: event.Pos{File: "gc.log", Line: 77}}, Kind: event.EndPanic, Message: "nil map",
	}}}
	v := s.judge().Verdict
	if v.Kind != NotAnOOM || v.Evidence[0].Source.Line != 77 {
		t.Errorf("%+v", v)
	}
}
