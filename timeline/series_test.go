package timeline

import (
	"math"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// sampleAt is a sample at a second of the stories' wall clock; without one where at is negative.
func sampleAt(s *event.Stream, at float64, values ...event.Value) *event.Sample {
	ev := &event.Sample{Head: event.Head{Pos: event.Pos{File: "m.prom", Line: 1}, Stream: s, Dialect: "prometheus"}, Runtime: "go", Values: values}
	if at >= 0 {
		ev.Time = event.Time{Has: event.Wall, Wall: storyWall.UnixNano() + int64(at*1e9)}
	}
	return ev
}

func val(name string, v float64) event.Value { return event.Value{Name: name, V: v} }

const oneMiB = 1 << 20

func TestRunOfGoals(t *testing.T) {
	var evs []event.Event
	for i := range 20 {
		evs = append(evs, sampleAt(nil, float64(i),
			val(event.ValueNextGC, float64(20+i/2*4)*oneMiB), val(event.ValueGCs, float64(1+i/2)), val(event.ValueHeapAlloc, float64(15+i)*oneMiB), val(event.ValueRSS, 50*oneMiB)))
	}
	tl := build(Options{Env: map[string]string{"GOGC": "300"}}, evs)
	r := tl.PrimaryRun()
	if r == nil || r.Basis != FromGoal || r.Read != event.ValueNextGC || r.Cycles.Len() != 10 {
		t.Fatalf("got %+v, want 10 cycles of goals", r)
	}
	c := r.Cycles.At(9)
	if c.Live != 14*oneMiB || c.Peak != 34*oneMiB || c.N != 10 || c.At != 18*time.Second || r.Factor.K != 4 {
		t.Errorf("got %+v, factor %v", c, r.Factor)
	}
	if !r.Start.Equal(storyWall) {
		t.Errorf("the run starts at %v", r.Start)
	}
	rss := tl.SeriesOf(0, event.ValueRSS)
	if rss == nil || rss.Count != 20 || rss.Last().At != 19*time.Second {
		t.Errorf("series %+v", rss)
	}
	if len(tl.Notes) == 0 || !strings.Contains(tl.Notes[len(tl.Notes)-1].Text, "divided by 4.00") {
		t.Errorf("the notes do not say what the level rests on: %+v", tl.Notes)
	}
}

func TestGoalHeldDownByMemoryLimit(t *testing.T) {
	var evs []event.Event
	for i := range 6 {
		evs = append(evs, sampleAt(nil, float64(i), val(event.ValueNextGC, 95*oneMiB), val(event.ValueHeapAlloc, 90*oneMiB), val(event.ValueGCs, float64(i))))
	}
	tl := build(Options{Env: map[string]string{"GOMEMLIMIT": "100MiB"}}, evs)
	if got := tl.PrimaryRun().End().Live; got != 90*oneMiB {
		t.Errorf("live %v, want what is in use", got)
	}
}

func TestRunOfLowPoints(t *testing.T) {
	var evs []event.Event
	for i := range 60 {
		evs = append(evs, &event.Sample{
			Head: event.Head{Pos: event.Pos{File: "m.log", Line: i + 1}}, Runtime: "jvm",
			Values: []event.Value{val(event.ValueHeapAlloc, float64(100+i+50*(i%4))*oneMiB)},
		})
	}
	r := build(Options{}, evs).PrimaryRun()
	if r == nil || r.Basis != FromFloor || r.Clock != ByNumber || r.Cycles.Len() != 15 {
		t.Fatalf("got %+v", r)
	}
	if c := r.Cycles.At(1); c.Live != 104*oneMiB || c.Peak != 253*oneMiB || c.Line != 5 {
		t.Errorf("got %+v", c)
	}
}

func TestRunOfResidentMemory(t *testing.T) {
	pod := &event.Stream{Pod: "cart-1", Container: "app"}
	var evs []event.Event
	for i := range 10 {
		s := sampleAt(pod, float64(15*i), val(event.ValueWorkingSet, float64(50+i)*oneMiB), val(event.ValueLimit, 128*oneMiB))
		s.Runtime = ""
		evs = append(evs, s)
	}
	tl := build(Options{}, evs)
	r := tl.PrimaryRun()
	if r == nil || r.Basis != FromResident || r.Runtime != "" || r.Cycles.Len() != 10 || r.Stream != pod {
		t.Fatalf("got %+v", r)
	}
	if tl.Limit.Size != unit.Known(128*oneMiB) || tl.Limit.From != "prometheus" {
		t.Errorf("limit %+v", tl.Limit)
	}
}

func TestLivesOfReadings(t *testing.T) {
	var evs []event.Event
	for i := range 20 {
		evs = append(evs, sampleAt(nil, float64(i), val(event.ValueHeapLive, float64(10+i%10)*oneMiB), val(event.ValueStarted, float64(storyWall.Unix()+int64(i/10*10)-1))))
	}
	tl := build(Options{}, evs)
	if len(tl.Runs) != 2 || !tl.Runs[0].Restarted || tl.Runs[1].Cycles.Len() != 10 {
		t.Fatalf("%d runs", len(tl.Runs))
	}
	if tl.Runs[1].Clock != SinceStart {
		t.Errorf("the clock of the second life is %v", tl.Runs[1].Clock)
	}
}

func TestPeaksBeginANewLifeWhereTheyFall(t *testing.T) {
	var evs []event.Event
	for i, mib := range []float64{16, 20, 20, 24, 28, 32, 16, 16, 17, 18, 19} {
		evs = append(evs, sampleAt(nil, float64(i), val(event.ValuePeakUsage, mib*oneMiB)))
	}
	tl := build(Options{}, evs)
	if len(tl.Runs) != 2 || tl.Runs[0].Cycles.Len() != 6 || tl.Runs[1].Cycles.Len() != 5 || !tl.Runs[0].Restarted {
		t.Fatalf("got %d runs, want one of 6 readings and one of 5", len(tl.Runs))
	}
	if r := tl.Runs[1]; r.Basis != FromResident || r.Read != event.ValuePeakUsage || r.End().Live != 19*oneMiB {
		t.Errorf("got %+v", r)
	}
	if last := tl.Notes[len(tl.Notes)-1].Text; !strings.Contains(last, "given back in between does not show") {
		t.Errorf("the notes end with %q", last)
	}
}

func TestScrapesWithoutTimeAreAtTheLastCollection(t *testing.T) {
	var evs []event.Event
	for i := range 6 {
		evs = append(evs, sampleAt(nil, -1, val(event.ValueLastGC, float64(storyWall.Unix())+float64(2*i)), val(event.ValueNextGC, 8*oneMiB), val(event.ValueGCs, float64(i))))
		evs[i].Header().Pos.File = "scrape-" + string(rune('0'+i)) + ".prom"
	}
	tl := build(Options{}, evs)
	if r := tl.PrimaryRun(); r == nil || r.Cycles.Len() != 6 || r.End().At != 10*time.Second {
		t.Fatalf("got %+v", r)
	}
}

func TestReadingsBesideALog(t *testing.T) {
	s := tell(t, "gc live 16MiB+4MiBx20 start=3s every=500ms wall")
	evs := s.events()
	for i := range 20 {
		evs = append(evs, sampleAt(nil, 3.5+float64(i)/2, val(event.ValueRSS, float64(60+i)*oneMiB)))
		evs = append(evs, sampleAt(&event.Stream{Pod: "other"}, -1, val(event.ValueRSS, 1)))
	}
	tl := build(Options{}, evs)
	if len(tl.Runs) != 1 || tl.Runs[0].Sampled() {
		t.Fatalf("%d runs", len(tl.Runs))
	}
	rss := tl.SeriesOf(0, event.ValueRSS)
	if rss == nil || rss.Count != 20 {
		t.Fatalf("no series beside the run: %+v", tl.Series)
	}
	if got := rss.First().At - tl.Runs[0].Cycles.At(0).At; got.Abs() > 100*time.Millisecond {
		t.Errorf("the first reading is %v from the first collection", got)
	}
	if len(tl.Series) != 2 || tl.Series[1].Run != -1 {
		t.Errorf("the other pod: %+v", tl.Series)
	}
}

func TestReadingsAreBounded(t *testing.T) {
	b := New(Options{})
	n := maxReadings + maxReadings/2
	for i := range n {
		v := 100.0
		switch i {
		case 7:
			v = 1
		case n / 3:
			v = 1000
		}
		b.Add(sampleAt(nil, float64(i), val(event.ValueRSS, v)))
	}
	s := b.Build().SeriesOf(0, event.ValueRSS)
	if s.Count != n || len(s.Readings) > maxReadings {
		t.Errorf("%d of %d readings are kept", len(s.Readings), s.Count)
	}
	if s.Max().V != 1000 {
		t.Errorf("the largest kept is %v", s.Max().V)
	}
	least := math.Inf(1)
	for _, r := range s.Readings {
		least = min(least, r.V)
	}
	if least != 1 {
		t.Errorf("the least kept is %v", least)
	}
}

func TestGaugesAreBounded(t *testing.T) {
	b := New(Options{})
	for i := range maxGauges + 3 {
		b.Add(sampleAt(&event.Stream{PID: i + 1}, 1, val(event.ValueRSS, 1)))
	}
	tl := b.Build()
	if len(tl.Series) != maxGauges || len(tl.Notes) == 0 {
		t.Errorf("%d series, notes %+v", len(tl.Series), tl.Notes)
	}
}

func TestReadingsWithoutACommonClockEndWithTheRun(t *testing.T) {
	evs := tell(t, "gc live 16MiB+4MiBx20 start=3s every=500ms").events()
	for i := range 20 {
		evs = append(evs, sampleAt(&event.Stream{PID: 7}, float64(1000+i), val(event.ValueRSS, float64(60+i)*oneMiB)))
	}
	tl := build(Options{}, evs)
	rss := tl.SeriesOf(0, event.ValueRSS)
	if rss == nil || rss.Last().At != tl.Runs[0].End().At {
		t.Fatalf("got %+v", tl.Series)
	}
	if len(tl.Notes) == 0 || !strings.Contains(tl.Notes[0].Text, "last reading is put at the end") {
		t.Errorf("notes %+v", tl.Notes)
	}
}

func TestReadingsAfterTheDeathAreLeftOut(t *testing.T) {
	var evs []event.Event
	for i := range 12 {
		v := float64(50+i) * oneMiB
		if i > 9 {
			v = 3 * oneMiB
		}
		evs = append(evs, sampleAt(nil, float64(i), val(event.ValueRSS, v)))
	}
	if r := build(Options{}, evs).PrimaryRun(); r.Cycles.Len() != 10 {
		t.Errorf("%d cycles, want 10", r.Cycles.Len())
	}
}

func TestLimitsThatReadingsState(t *testing.T) {
	evs := tell(t, "gc live 16MiB+4MiBx20 start=3s every=500ms wall").events()
	for i := range 20 {
		evs = append(evs, sampleAt(nil, 3.5+float64(i)/2, val(event.ValueLimit, 200*oneMiB)))
	}
	evs = append(evs, &event.Setting{Head: event.Head{Pos: event.Pos{File: "m.prom", Line: 9}}, Runtime: "go", Name: event.SoftLimit, Size: unit.Known(180 * oneMiB)})
	if tl := build(Options{}, evs); tl.Limit.Size != unit.Known(200*oneMiB) || len(tl.Limits) != 2 {
		t.Errorf("limits %+v", tl.Limits)
	}
	if tl := build(Options{Limit: unit.Known(200 * oneMiB)}, evs); tl.Limit.From != "flag" || tl.Limit.ConfirmedBy.Line == 0 {
		t.Errorf("limit %+v is not confirmed", tl.Limit)
	}
	if tl := build(Options{Limit: unit.Known(100 * oneMiB)}, evs); tl.Limit.From != "flag" || len(tl.Notes) == 0 {
		t.Errorf("limit %+v, notes %+v", tl.Limit, tl.Notes)
	}
}
