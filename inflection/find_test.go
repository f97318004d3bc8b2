package inflection

import (
	"slices"
	"strings"
	"testing"
	"time"

	"oomtrace/timeline"
)

// What is published of a run counts its cycles from the begin of the run, also where a restart hides in it: here after 30 cycles.
func TestPublishedIndexes(t *testing.T) {
	for _, c := range []struct {
		name  string
		live  []float64
		onset int // index of the onset; -1 for none
	}{
		{"a step", append(shape(30, 0, hingeAt(10, 0, 48)), shape(120, 0, jumpAt(8, 0.495, 48))...), 30 + 59},
		{"a spike", append(shape(30, 0, hingeAt(10, 0, 48)), with(shape(120, 0, flatAt(8)), 48)...), 30 + 119},
		{"level", append(shape(30, 0, hingeAt(10, 0, 48)), shape(120, 0, flatAt(8))...), -1},
	} {
		tl := story{live: c.live, goal: 2, limit: 100, death: kernelKill}.timeline()
		tl.Runs[0].Unnumbered = true
		r := Judge(tl, Default()).Runs[0]
		if r.Prepared.First != 30 || r.Prepared.Last != 149 {
			t.Errorf("%s: prepared %+v", c.name, r.Prepared)
		}
		if r.Phases[0].First != 30 || r.Phases[len(r.Phases)-1].Last != 149 {
			t.Errorf("%s: phases %+v", c.name, r.Phases)
		}
		switch on := r.Onset; {
		case on == nil || c.onset < 0:
			if on != nil || c.onset >= 0 {
				t.Errorf("%s: onset %+v, want index %d", c.name, on, c.onset)
			}
		case on.Index != c.onset || on.Cycle != int64(c.onset+1) || on.Source.Line != c.onset+1 || on.Live != bytes(48*mib) || on.Level != bytes(8*mib):
			t.Errorf("%s: onset %+v, want index %d", c.name, on, c.onset)
		case on.At != time.Duration(c.onset+1)*time.Second || on.High != on.At || on.Low != on.At-time.Second:
			t.Errorf("%s: onset at %v, from %v to %v", c.name, on.At, on.Low, on.High)
		}
	}
}

// A jump too late for a new level, in a log so short that its time is no small part of it.
func TestSuddenEnd(t *testing.T) {
	f := story{live: with(shape(12, 0, flatAt(10)), 48, 48, 48), goal: 2, limit: 100, death: kernelKill}.judge()
	if on := f.Runs[0].Onset; f.Verdict.Kind != Spike || on == nil || on.Index != 9 || on.Level != bytes(10*mib) || on.Live != bytes(48*mib) {
		t.Errorf("%s, onset %+v", f.Verdict.Kind, on)
	}
}

// A jump with the first cycle has no cycle before it.
func TestSuddenAtOnce(t *testing.T) {
	st := story{live: shape(20, 0, flatAt(10)), limit: 100, death: kernelKill}.study()
	var r Run
	st.sudden(&r, 0, 0)
	if on := r.Onset; on.Index != 0 || on.At != time.Second || on.Low != time.Second || on.High != time.Second {
		t.Errorf("onset %+v", on)
	}
}

// A step is where its jump passes the middle.
func TestStepAt(t *testing.T) {
	for _, c := range []struct {
		name string
		v    []float64
		want int
	}{
		{"just in the middle", []float64{10, 10, 10, 20, 30, 30, 30}, 3},
		{"just below it", []float64{10, 10, 10, 19, 30, 30, 30}, 4},
		{"with the first cycle", []float64{20, 10, 10, 10, 10, 10, 30}, 0},
		{"never", []float64{10, 10, 10, 10, 10, 10, 30}, 5},
	} {
		st := &study{
			series: &series{v: c.v},
			curve:  &curve{floor: []float64{10, 30}, first: []int{0, 3}, last: []int{2, 5}},
			trend:  trend{jumpFrom: 0, jumpTo: 1},
		}
		if got := st.stepAt(); got != c.want {
			t.Errorf("%s: cycle %d, want %d", c.name, got, c.want)
		}
	}
}

// The last of several jumps is the one that killed: the onset stands there, and the one before is told too.
func TestLastLeap(t *testing.T) {
	then := func(v []float64, more ...float64) []float64 { return append(slices.Clone(v), more...) }
	calm := shape(20, 0, flatAt(8))
	once := then(calm, 33, 33, 33, 33, 33, 33, 33)
	for _, c := range []struct {
		name  string
		live  []float64
		onset int
		level float64
		to    float64 // level that the jump before led to; 0 for none
	}{
		{"a jump as high as the first, in two cycles", then(once, 43, 58), 27, 33, 33},
		{"half as high as the first", then(once, 45.5), 27, 33, 33},
		{"less than half as high", then(once, 45), 20, 8, 0},
		{"one that was given back", then(once, 58, 33, 33, 33), 20, 8, 0},
		{"three of them", then(once, 57, 57, 57, 57, 57, 57, 82, 82, 82), 33, 57, 33},
	} {
		f := story{live: c.live, limit: 1.9 * c.live[len(c.live)-1], goal: 2, death: kernelKill}.judge()
		on, e := f.Runs[0].Onset, f.Runs[0].Earlier
		if f.Verdict.Kind != Step || on == nil || on.Index != c.onset || on.Level != bytes(c.level*mib) {
			t.Errorf("%s: %s, onset %+v", c.name, f.Verdict.Kind, on)
		}
		if (e != nil) != (c.to > 0) || e != nil && *e != (Jump{At: 21 * time.Second, From: bytes(8 * mib), To: bytes(c.to * mib)}) {
			t.Errorf("%s: before it %+v", c.name, e)
		}
	}
}

// A leap is a quarter of the growth and half of the largest jump at least, made of cycles that each are a tenth of the growth: here of 40,
// from 100 to 140, after a jump of 16.
func TestLastLeapBounds(t *testing.T) {
	for _, c := range []struct {
		name string
		end  []float64 // levels after 100, 116 and 116
		want leap
	}{
		{"a quarter of the growth at once", []float64{126, 129, 132, 135, 138, 140}, leap{first: 3, from: 116, to: 126}},
		{"a little less", []float64{125, 128, 131, 134, 137, 140}, leap{}},
		{"in three parts of a tenth", []float64{120, 124, 128, 131, 134, 137, 140}, leap{first: 3, from: 116, to: 128}},
		{"in parts of less", []float64{119, 122, 125, 128, 131, 134, 137, 140}, leap{}},
	} {
		v := append([]float64{100, 116, 116}, c.end...)
		st := &study{
			series: &series{v: v},
			curve:  &curve{floor: []float64{100, 116}, first: []int{0, 1}, last: []int{0, 1}, top: 200},
			hinge:  hinge{level: 0.5},
			trend:  trend{jumpFrom: 0, jumpTo: 1},
		}
		if got, ok := st.lastLeap(); got != c.want || ok != (c.want != leap{}) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// On the line is above it, of single collections as of the median of many.
func TestWhyNoneOnTheLine(t *testing.T) {
	o := Default()
	o.Fraction, o.Recover = 0.5, 0.4
	for _, c := range []struct {
		name       string
		peak, most float64
		ceiling    float64
		want       string
	}{
		{"below the line", 49, 40, 100, "never reached 50 %"},
		{"one collection on the line", 50, 49, 100, "in single collections only: it peaked at 50 B, 50 %, but the median of 3 collections in a row never passed 49 B, 49 %"},
		{"the median on the line", 50, 50, 100, "came back below 40 % each time"},
		{"nothing fits", 50, 50, 0, "no collection left anything alive"},
	} {
		st := &study{j: &judge{o: o}, ceiling: ceiling{bytes: c.ceiling}, series: &series{run: &timeline.Run{}, v: []float64{10, c.peak, 10}, calm: []float64{10, c.most, 10}}}
		if got := st.whyNone(); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// An empty heap crosses no line, whether a limit is known or not.
func TestWhyNoneOfNothing(t *testing.T) {
	for _, limit := range []float64{0, 100} {
		r := story{live: make([]float64, 20), limit: limit, death: logEnds}.judge().Runs[0]
		want := "no collection left anything alive"
		if limit > 0 {
			want = "the live heap never reached 70 % of the 100 MiB that fit: it peaked at 0 B, 0 %"
		}
		if r.WhyNone != want || r.Inflection != nil {
			t.Errorf("limit %v: %q, want %q", limit, r.WhyNone, want)
		}
	}
}

// The last plateau is calm from its first cycle on, if it is long enough to have a habit; the series has none else.
func TestCalm(t *testing.T) {
	index := make([]int, 40)
	for i := range index {
		index[i] = i
	}
	for _, c := range []struct {
		name   string
		phases []phase
		want   int
	}{
		{"level throughout", []phase{{first: 0, last: 39}}, 0},
		{"a plateau of nine cycles", []phase{{first: 0, last: 9}, {first: 10, last: 30, rise: true}, {first: 31, last: 39}}, 31},
		{"one of eight", []phase{{first: 0, last: 9}, {first: 10, last: 31, rise: true}, {first: 32, last: 39}}, 0},
		{"a rise to the end", []phase{{first: 0, last: 9}, {first: 10, last: 39, rise: true}}, 0},
		{"nothing but a rise", []phase{{first: 0, last: 39, rise: true}}, 40},
		{"no phase", nil, 40},
	} {
		st := &study{series: &series{v: make([]float64, 40)}, curve: &curve{first: index, last: index}, phases: c.phases}
		if got := st.calm(); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// What a caller leaves out, or cannot mean, is the default; a heap has recovered below the line of danger, never above it.
func TestOptions(t *testing.T) {
	d := Default()
	all := func(v float64) Options { return Options{v, v, v, v, v, v, v} }
	for _, c := range []struct {
		name    string
		o, want Options
	}{
		{"nothing set", Options{}, d},
		{"nothing meant", all(-1), d},
		{"all set", all(0.5), all(0.5)},
		{"a low line", Options{Fraction: 0.5}, Options{0.5, 0.5, d.Swing, d.SwingAlive, d.Growth, d.GrowthAlive, d.Presumed}},
	} {
		if got := c.o.orDefault(); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// Every run has a finding of its own, and those that grew by themselves as well are counted.
func TestAlike(t *testing.T) {
	leak := story{live: shape(100, 0, hingeAt(10, 0.3, 48)), goal: 2, limit: 100, death: kernelKill}
	tl := leak.timeline()
	for _, s := range []story{leak, {live: shape(100, 0, flatAt(10)), goal: 2}} {
		tl.Runs = append(tl.Runs, s.timeline().Runs[0])
	}
	f := Judge(tl, Default())
	if f.Verdict.Kind != Leak || !slices.ContainsFunc(f.Verdict.Evidence, func(e Evidence) bool { return e.Claim == "1 other run in the log grew as well" }) {
		t.Errorf("%s %v", f.Verdict.Kind, f.Verdict.Evidence)
	}
	short := func(restarted bool, end float64) *Growth {
		tl := leak.timeline()
		r := story{live: shape(14, 0, hingeAt(10, 0.4, end)), goal: 2}.timeline().Runs[0]
		r.Restarted = restarted
		tl.Runs = append([]*timeline.Run{r}, tl.Runs...)
		tl.Primary = 1
		return Judge(tl, Default()).Runs[0].Growth
	}
	if short(true, 48) == nil || short(true, 20) != nil || short(false, 48) != nil {
		t.Error("a short life that grew counts where it was started again and ended as the last one did, and else not")
	}
	if f.Runs[1].Growth == nil || f.Runs[2].Growth != nil {
		t.Errorf("growth %+v and %+v", f.Runs[1].Growth, f.Runs[2].Growth)
	}
	for _, e := range leak.judge().Verdict.Evidence {
		if strings.Contains(e.Claim, "other run") {
			t.Errorf("a single run: %s", e.Claim)
		}
	}
}

// Scatter and swings are told in bytes: two humps of 20 and 18 MiB on a level of 100 MiB that is off by 1 MiB at most.
func TestScatterAndSwing(t *testing.T) {
	live := shape(200, 0.01, hingeAt(100, 0.5, 300))
	for i := range 9 {
		live[20+i] += 20
		live[50+i] += 18
	}
	r := story{live: live, goal: 2, limit: 620, death: kernelKill}.judge().Runs[0]
	if r.Growth == nil || r.Growth.Swing < bytes(17*mib) || r.Growth.Swing > bytes(19*mib) {
		t.Errorf("growth %+v, want a second swing of 18 MiB", r.Growth)
	}
	if r.Onset == nil || r.Onset.Scatter < bytes(0.1*mib) || r.Onset.Scatter > bytes(mib) || r.Onset.Level < bytes(99*mib) || r.Onset.Level > bytes(101*mib) {
		t.Errorf("onset %+v, want a level of 100 MiB and a scatter of less than 1 MiB", r.Onset)
	}
}
