package inflection

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
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
	for _, c := range []struct {
		name string
		s    story
		want int
	}{
		{"after the error the heap is empty", story{live: with(slices.Clone(level), 30, 10), death: heapFull, runtime: "jvm"}, 18},
		{"one cycle that low only", story{live: with(slices.Clone(level), 10), death: heapFull, runtime: "jvm"}, 19},
		{"just not low enough", story{live: with(slices.Clone(level), 73), death: heapFull, runtime: "jvm"}, 20},
		{"seven are no release", story{live: with(slices.Clone(level), 9, 9, 9, 9, 9, 9, 9), death: heapFull, runtime: "jvm"}, 20},
		{"a kill leaves none behind", story{live: with(slices.Clone(level), 30, 10), death: kernelKill, runtime: "jvm"}, 20},
		{"nor does Go", story{live: with(slices.Clone(level), 30, 10), death: goRefused}, 20},
		{"cycles after the time of the error", story{live: slices.Clone(level), death: timed}, 18},
		{"the error went to another log", story{live: with(slices.Clone(level), 10), death: logEnds, runtime: "jvm", xmx: 100}, 19},
		{"after collections half of which are young", story{live: with(slices.Clone(level), 10), scopes: "wwwwwwwwwwwwwwwwwyyw", death: logEnds, runtime: "jvm"}, 19},
		{"most of which are young", story{live: with(slices.Clone(level), 10), scopes: "wwwwwwwwwwwwwwwwyyyw", death: logEnds, runtime: "jvm"}, 20},
		{"after collections that freed enough", story{live: with(slices.Clone(level), 10), goal: 1.06, death: logEnds, runtime: "jvm"}, 20},
		{"of a process that exited", story{live: with(slices.Clone(level), 10), death: timeline.Death{Kind: timeline.Exit}, runtime: "jvm"}, 20},
	} {
		if got := prepared(c.s).len(); got != c.want {
			t.Errorf("%s: %d cycles left, want %d", c.name, got, c.want)
		}
	}
}

func TestReleaseMarkedByTheTimeline(t *testing.T) {
	tl := story{live: shape(20, 0, flatAt(90)), death: kernelKill}.timeline()
	tl.Runs[0].Cycles.At(19).Flags |= timeline.BeforeKill
	if got := prepare(tl.Runs[0], tl.Death, true).len(); got != 19 {
		t.Errorf("%d cycles, want 19", got)
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
		{"too near to the end", append(shape(40, 0, hingeAt(10, 0.2, 90)), shape(7, 0, flatAt(10))...), "", true, 0},
		{"a young collection cannot free so much", append(shape(40, 0, hingeAt(10, 0.2, 90)), shape(40, 0, hingeAt(30, 0.2, 90))...), strings.Repeat("y", 80), true, 40},
	} {
		tl := story{live: c.v, scopes: c.scopes, death: logEnds}.timeline()
		tl.Runs[0].Unnumbered = c.unnumbered
		if got := prepare(tl.Runs[0], tl.Death, true).first; got != c.want {
			t.Errorf("%s: first cycle %d, want %d", c.name, got, c.want)
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
	if s := prepared(story{live: []float64{1, 100, 1, 1}, death: logEnds}); s.mended != 0 {
		t.Error("four values are too few to call one torn")
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
	} {
		s := prepared(story{live: c.v, scopes: c.scopes, runtime: "jvm", death: logEnds})
		if !slices.Equal(s.v, c.want) || s.anchors != c.anchors {
			t.Errorf("%s: %v with %d anchors, want %v with %d", c.name, s.v, s.anchors, c.want, c.anchors)
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
