package inflection

import (
	"testing"

	"oomtrace/timeline"
)

// TestLate wants the share of a life before its log, where the log tells it.
func TestLate(t *testing.T) {
	for _, c := range []struct {
		name       string
		runtime    string
		clock      timeline.Clock
		number     uint32 // of the first collection
		unnumbered bool
		first, end float64
		want       float64
	}{
		{"the last fifth", "jvm", timeline.SinceStart, 17, false, 80, 100, 0.8},
		{"from the second collection on", "jvm", timeline.SinceStart, 2, false, 80, 100, 0.8},
		{"from the first collection on", "jvm", timeline.SinceStart, 1, false, 80, 100, 0},
		{"nobody knows which collection it is", "jvm", timeline.SinceStart, 1, true, 80, 100, 0.8},
		{"a clock of the day", "jvm", timeline.SinceFirst, 17, false, 80, 100, 0},
		{"a Go program", "go", timeline.SinceStart, 17, false, 80, 100, 0},
		{"no time has passed", "jvm", timeline.SinceStart, 17, false, 0, 0, 0},
	} {
		run := &timeline.Run{Runtime: c.runtime, Clock: c.clock, Unnumbered: c.unnumbered}
		run.Cycles.Append(timeline.Cycle{N: c.number})
		st := &study{series: &series{run: run, t: []float64{c.first}, v: []float64{1}}, end: c.end}
		if got := st.late(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestLateFull holds the end of a life against what makes it a heap that filled before.
func TestLateFull(t *testing.T) {
	for _, c := range []struct {
		name     string
		from     float64 // second of 100
		level    float64 // of a ceiling of 100, where three quarters are full
		declared bool
		spike    bool
		want     bool
	}{
		{"full for the last tenth of its life", 90, 75, true, false, true},
		{"for more of its life", 89, 75, true, false, false},
		{"not quite full at first", 90, 74, true, false, false},
		{"not said to be full", 90, 75, false, false, false},
		{"full by a spike", 90, 75, true, true, false},
	} {
		run := &timeline.Run{Runtime: "jvm"}
		run.Cycles.Append(timeline.Cycle{N: 50})
		st := &study{
			j: &judge{o: Options{Fraction: 0.75}}, series: &series{run: run, t: []float64{c.from}, v: []float64{c.level}}, end: 100,
			ceiling: ceiling{declared: c.declared, bytes: 100}, spike: spike{found: c.spike},
		}
		if got := st.lateFull(); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
