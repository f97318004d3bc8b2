package inflection

import (
	"slices"
	"testing"
	"time"
)

func TestCeilingThatTheLimitsGive(t *testing.T) {
	for _, c := range []struct {
		name string
		c    ceiling
		want float64
	}{
		{"no limit", ceiling{bytes: 80, factor: 2, follows: true}, 0},
		{"a limit", ceiling{bytes: 80, hard: 100}, 100},
		{"the goal is twice the live heap", ceiling{bytes: 80, hard: 100, factor: 2, follows: true}, 50},
		{"but GOMEMLIMIT holds it", ceiling{bytes: 80, hard: 100, factor: 2}, 100},
		{"no goal below the live heap holds", ceiling{bytes: 80, hard: 100, factor: 0.5, follows: true}, 100},
	} {
		if got := c.c.fromLimit(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// The curve of this test lasts from second 100 to 200 and tops at 400 bytes; its hinge leaves 100 bytes at 150.
func TestDue(t *testing.T) {
	c := &curve{x: []float64{100, 150, 200}, top: 400}
	for _, r := range []struct {
		name         string
		slope, power float64
		level        float64
		want         float64
	}{
		{"steady growth", 1, 1, 400, 225},
		{"steeper", 2, 1, 600, 212.5},
		{"accelerating", 0.25, 2, 500, 350},
		{"not before now", 1, 1, 200, 210},
		{"nor for a level below the plateau", 1, 1, 50, 210},
		{"without growth the time since the bend passes once more", 0, 1, 400, 270},
	} {
		h := hinge{bend: 0.5, base: 0.25, slope: r.slope, power: r.power}
		if got := h.due(c, 210, r.level); !near(got, max(r.want, 210)) {
			t.Errorf("%s: %v s, want %v", r.name, got, r.want)
		}
	}
}

// The square of the time rises by the sum of the times at either end of a stretch.
func TestLatelyIsAPartOfTheTimeSinceTheBend(t *testing.T) {
	s := &series{}
	for x := 100.0; x <= 200; x += 10 {
		s.t, s.v = append(s.t, x), append(s.v, x*x)
	}
	h := hinge{bend: 0.3} // at 130
	for _, c := range []struct{ part, want float64 }{
		{1, 330},
		{0.6, 360}, // from 158 on
		{0.5, 370}, // from 165 on, four cycles
		{0.4, 0},   // from 172 on, three cycles tell no rate
	} {
		if got := h.lately(&curve{x: s.t}, s, c.part); !near(got, c.want) {
			t.Errorf("the last %v of the time: %v a second, want %v", c.part, got, c.want)
		}
	}
}

// The hinge of this test leaves 100 bytes at 20 s and reaches 400 at 100 s, now. Up to 60 s the collections are 6 s apart, then 2 s, so
// that the interval is 3 s wider to each side. Of the ceiling of 500 bytes it reaches 90 % at 113 1/3, 95 % at 120, all at 126 2/3 s.
func TestForecastInterval(t *testing.T) {
	const third = 1.0 / 3
	for _, c := range []struct {
		name         string
		rate         float64 // bytes a second since 60 s
		jumpAt, jump float64 // the second and the bytes of a jump on the way
		rivals       []hinge
		low, high    float64
	}{
		{"growth at its mean rate", 3.75, 0, 0, nil, 110 + third, 129 + 2*third},
		{"growth that is faster lately", 5, 0, 0, nil, 107, 129 + 2*third},
		{"growth that is slower lately", 2, 0, 0, nil, 110 + third, 153},
		{"growth that pauses", 0, 0, 0, nil, 110 + third, 129 + 2*third},
		// A line through n points that are 2 s apart gets steeper by the jump, times the sum of the distances of the points
		// after it from the middle, over the sum of the squares of all.
		{"a jump in the last half of the growth, the line of which is 28*110/3080 steeper", 3.75, 80, 28, nil, 97 + 50/4.75, 129 + 2*third},
		{"in the last quarter, 22*30/440", 3.75, 90, 22, nil, 97 + 50/5.25, 129 + 2*third},
		{"in the last eighth, 14*9/70", 3.75, 96, 14, nil, 97 + 50/5.55, 129 + 2*third},
		{"a steeper rival", 3.75, 0, 0, []hinge{{base: 0.25, slope: 1, bend: 0.25, power: 1}}, 109.5, 129 + 2*third},
		{"a flatter rival", 3.75, 0, 0, []hinge{{base: 0.25, slope: 0.5, power: 1}}, 110 + third, 203},
		{"not before now", 3.75, 0, 0, []hinge{{base: 0.25, slope: 2, bend: 0.5, power: 1}}, 100, 129 + 2*third},
	} {
		s := &series{}
		for x := 0.0; x <= 100; x += 2 {
			if x < 60 && int(x)%6 != 0 {
				continue
			}
			v := 400 - c.rate*(100-x)
			if x < c.jumpAt {
				v -= c.jump
			}
			s.t, s.v = append(s.t, x), append(s.v, v)
		}
		h := hinge{bend: 0.2, base: 0.25, slope: 0.9375, power: 1, rivals: c.rivals}
		got := h.drawnOn(&curve{x: s.t, top: 400}, s, 500)
		want := Forecast{MadeAt: 100 * time.Second, Death: 120 * time.Second, Low: seconds(c.low), High: seconds(c.high)}
		if got.MadeAt != want.MadeAt || (got.Death-want.Death).Abs() > time.Microsecond || (got.Low-want.Low).Abs() > time.Microsecond || (got.High-want.High).Abs() > time.Microsecond {
			t.Errorf("%s: %+v, want %+v", c.name, *got, want)
		}
	}
}

// A forecast is told by what was known at the inflection: eight cycles at least, of a heap that grows, below a limit.
func TestForecastIsMadeAtTheInflection(t *testing.T) {
	grows := shape(20, 0, hingeAt(20, 0, 80))
	late := with(slices.Clone(grows), 500, 500, 500)
	for _, c := range []struct {
		name  string
		v     []float64
		first int // cycle of the run that the series begins with
		x     *Crossing
		fits  float64
		want  time.Duration // when it is made; 0 is never
	}{
		{"at the eighth cycle", grows, 0, &Crossing{Index: 7}, 100, 8 * time.Second},
		{"whatever comes later", late, 0, &Crossing{Index: 7}, 100, 8 * time.Second},
		{"at the eighth since a restart", grows, 5, &Crossing{Index: 12}, 100, 8 * time.Second},
		{"at the seventh", grows, 0, &Crossing{Index: 6}, 100, 0},
		{"at the seventh since a restart", grows, 5, &Crossing{Index: 11}, 100, 0},
		{"no inflection", grows, 0, nil, 100, 0},
		{"one before the log began", grows, 0, &Crossing{Index: 7, Truncated: true}, 100, 0},
		{"no limit", grows, 0, &Crossing{Index: 7}, 0, 0},
		{"a level heap", shape(20, 0, flatAt(80)), 0, &Crossing{Index: 7}, 100, 0},
	} {
		s := &series{first: c.first, v: c.v}
		for i := range c.v {
			s.t = append(s.t, float64(i+1))
		}
		st := &study{series: s, bound: crossings{last: c.x}, ceiling: ceiling{hard: 2 * c.fits, allowed: c.fits}}
		got := st.forecast()
		if (got == nil) != (c.want == 0) {
			t.Errorf("%s: forecast %+v", c.name, got)
			continue
		}
		if got == nil {
			continue
		}
		// From 20 on 60 are gained in 19 seconds, so that 95 are reached 23.75 seconds after the first cycle.
		if got.MadeAt != c.want || (got.Death-24750*time.Millisecond).Abs() > time.Millisecond {
			t.Errorf("%s: %+v, want the death at 24.75 s", c.name, *got)
		}
	}
}
