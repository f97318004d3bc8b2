package inflection

import (
	"fmt"
	"math"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// An alarm rule is what an alerting system could have watched. Replayed over the incident it says when it would have rung:
//
//	reading     what the rule sees at one moment: at each collection, or every thirty seconds
//	ring        the readings were beyond the bound for as long as the rule waits; it rings until a reading is not
//	warning     the first ring of the growth that killed the process: from the onset on, or one that lasted to the end. Where
//	            nothing grew, a ring that lasted to the end
//	false alarm any ring before the warning, as the process went on living
type alarmRule struct {
	id    string // stable, for machines
	title func(r *replay) string
	hold  time.Duration           // how long the readings must be beyond the bound; 0 rings at once
	level func(r *replay) float64 // of the live heap, in bytes, for a rule about it; else nil
	// watch hands over the readings: the time, how long the reading stands for itself, and whether it is beyond the bound. It returns
	// false where the log does not show what the rule watches.
	watch func(r *replay, each func(t float64, beyond bool)) bool
}

// Alarm is what a rule would have done in a run.
type Alarm struct {
	ID    string
	Rule  string        // "live > 70 % of ceiling for 10 min"
	Level unit.Bytes    // of the live heap, from which on the rule counts; 0 for rules about something else
	Hold  time.Duration // how long the rule waits
	Rang  bool          // it would have warned before the end; At and Lead are of that warning
	At    time.Duration // on the run's clock
	Lead  time.Duration // from then to the end
	False int           // false alarms before
	Last  time.Duration // when the last of them began
}

// Bounds of the standard rules.
const (
	liveHold    = 10 * time.Minute
	liveShort   = time.Minute // for a run that is over within minutes
	goalBound   = 0.90
	boxBound    = 0.95
	pauseBound  = 200 * time.Millisecond
	busyBound   = 0.25
	busyWindow  = 5 * time.Minute
	scrapeEvery = 30 * time.Second
	scrapeTime  = 15 * time.Minute
	sigmaThird  = 2.0 // P3
	sigmaSecond = 3.0 // P2
	secondsInP1 = 3   // P2 in a row that make a P1
)

// alarmRules returns the standard set, in the order of the table.
func alarmRules() []alarmRule {
	return []alarmRule{
		{id: "live-ceiling", title: liveTitle("ceiling", liveHold), hold: liveHold, level: ofCeiling, watch: liveAbove(ofCeiling)},
		{id: "live-ceiling-quick", title: liveTitle("ceiling", liveShort), hold: liveShort, level: ofCeiling, watch: liveAbove(ofCeiling)},
		{id: "live-limit", title: liveTitle("limit", liveHold), hold: liveHold, level: ofLimit, watch: liveAbove(ofLimit)},
		{id: "heap-p3", title: heapTitle("mean + 2 σ of 15 min (P3)"), watch: heapBeyond(sigmaThird, 1)},
		{id: "heap-p2", title: heapTitle("mean + 3 σ of 15 min (P2)"), watch: heapBeyond(sigmaSecond, 1)},
		{id: "heap-p1", title: heapTitle("mean + 3 σ of 15 min, three times in a row (P1)"), watch: heapBeyond(sigmaSecond, secondsInP1)},
		{id: "live-goal", title: fixed("live > 90 % of the next goal"), watch: liveNearGoal},
		{id: "resident-limit", title: fixed("resident > 95 % of limit"), watch: residentAbove},
		{id: "pause", title: fixed("pause > 200 ms"), watch: longPause},
		{id: "collector", title: fixed("collector > 25 % of the time for 5 min"), watch: busyCollector},
	}
}

func fixed(title string) func(*replay) string { return func(*replay) string { return title } }

func liveTitle(of string, hold time.Duration) func(*replay) string {
	return func(r *replay) string {
		return fmt.Sprintf("%s > %.0f %% of %s for %.0f min", r.st.series.run.Words().Brief, 100*r.st.j.o.Fraction, of, hold.Minutes())
	}
}

// heapTitle names what the run has of the heap with its garbage: of readings of the whole process, that is their level.
func heapTitle(bound string) func(*replay) string {
	return func(r *replay) string {
		if run := r.st.series.run; run.Basis == timeline.FromResident {
			return run.Words().Level + " > " + bound
		}
		return "heap in use > " + bound
	}
}

// replay is a run as an alerting system would have seen it, up to its end.
type replay struct {
	st  *study
	end float64
}

// alarms replays the standard rules over the run that the incident is about. from is when the growth began that killed it, and
// infinite where nothing grew.
func (st *study) alarms(from float64) []Alarm {
	if st.series.run.Clock == timeline.ByNumber || st.series.made {
		return nil
	}
	r := &replay{st: st, end: st.end}
	var out []Alarm
	for _, rule := range alarmRules() {
		rings, seen := r.rings(rule)
		if seen {
			out = append(out, r.alarm(rule, rings, from))
		}
	}
	return out
}

// ring is one ringing of an alarm, in seconds; it is over at the end of the run.
type ring struct{ from, to float64 }

// rings returns when a rule rings before the end, and whether the log shows what it watches.
func (r *replay) rings(rule alarmRule) (out []ring, seen bool) {
	hold, since := rule.hold.Seconds(), math.Inf(1)
	stop := func(t float64) {
		if from := since + hold; from <= t && from < r.end {
			out = append(out, ring{from, t})
		}
		since = math.Inf(1)
	}
	seen = rule.watch(r, func(t float64, beyond bool) {
		if t = min(t, r.end); beyond {
			since = min(since, t)
		} else {
			stop(t)
		}
	})
	stop(r.end)
	return out, seen
}

// alarm tells the warning from the false alarms.
func (r *replay) alarm(rule alarmRule, rings []ring, from float64) Alarm {
	a := Alarm{ID: rule.id, Rule: rule.title(r), Hold: rule.hold}
	if rule.level != nil {
		a.Level = bytes(rule.level(r))
	}
	for _, x := range rings {
		if x.from >= from || x.to == r.end {
			a.Rang, a.At, a.Lead = true, seconds(x.from), seconds(r.end-x.from)
			break
		}
		a.False++
		a.Last = seconds(x.from)
	}
	return a
}

// ofCeiling is the line of a live heap: of what was known to fit before the end, and not what the runtime declared at it; 0 is unknown.
func ofCeiling(r *replay) float64 { return r.st.j.o.Fraction * r.st.ceiling.fromLimit() }

// ofLimit is the same line of the limit; 0 where the limit is what fits.
func ofLimit(r *replay) float64 {
	if r.st.ceiling.hard == r.st.ceiling.fromLimit() {
		return 0
	}
	return r.st.j.o.Fraction * r.st.ceiling.hard
}

// liveAbove watches the live heap after each collection.
func liveAbove(of func(*replay) float64) func(*replay, func(float64, bool)) bool {
	return func(r *replay, each func(float64, bool)) bool {
		level := of(r)
		if level <= 0 {
			return false
		}
		for i, v := range r.st.series.v {
			each(r.st.series.t[i], v >= level)
		}
		return true
	}
}

// liveNearGoal watches what a collection left against the size at which the next one is to end: near it, the collector has no room.
func liveNearGoal(r *replay, each func(float64, bool)) bool {
	s := r.st.series
	seen := false
	for i := 0; i+1 < s.len(); i++ {
		if goal := float64(s.cycle(i + 1).Goal); goal > 0 {
			seen = true
			each(s.t[i], s.v[i] > goalBound*goal)
		}
	}
	return seen
}

// residentAbove watches what the system counted for the process or its container, where a log has readings of it.
func residentAbove(r *replay, each func(float64, bool)) bool {
	tl := r.st.j.tl
	limit := boxLimit(tl)
	for _, name := range []string{event.ValueRSS, event.ValueWorkingSet, event.ValueUsage} {
		s := tl.SeriesOf(r.st.series.run.Index, name)
		if s == nil || limit <= 0 {
			continue
		}
		for _, x := range s.Readings {
			each(x.At.Seconds(), x.V > boxBound*limit)
		}
		return true
	}
	return false
}

// longPause watches the pauses. A pause is over when it is read.
func longPause(r *replay, each func(float64, bool)) bool {
	s := r.st.series
	seen := false
	for i := range s.len() {
		pause := s.cycle(i).Pause
		seen = seen || pause > 0
		each(s.t[i], pause > float32(pauseBound.Seconds()))
	}
	return seen
}

// busyCollector watches the share of the last five minutes that the collector took: of the processors of a Go program, else of the clock.
func busyCollector(r *replay, each func(float64, bool)) bool {
	s := r.st.series
	first, sum, seen := 0, 0.0, false
	for i := range s.len() {
		took := collectorTime(s.cycle(i))
		sum += took
		seen = seen || took > 0
		for s.t[i]-s.t[first] > busyWindow.Seconds() {
			sum -= collectorTime(s.cycle(first))
			first++
		}
		full := s.t[i]-s.t[0] >= busyWindow.Seconds()
		each(s.t[i], full && sum > busyBound*busyWindow.Seconds())
	}
	return seen
}

// collectorTime is what a collection took in seconds of the whole process.
func collectorTime(c *timeline.Cycle) float64 {
	if c.Procs > 0 {
		return max(float64(c.CPU)/float64(c.Procs), float64(c.Pause))
	}
	return float64(c.Pause)
}

// maxScrapes bounds the samples of a run: the last year of it is replayed.
const maxScrapes = 1 << 20

// heapBeyond watches the heap in use, garbage included, as a scrape every thirty seconds sees it: between two collections it rises
// from what one left to what the next one found. It is held against mean and deviation of the fifteen minutes before; row readings
// must be beyond it one after the other.
func heapBeyond(sigma float64, row int) func(*replay, func(float64, bool)) bool {
	return func(r *replay, each func(float64, bool)) bool {
		s := r.st.series
		every := scrapeEvery.Seconds()
		w := window{values: make([]float64, 0, int(scrapeTime/scrapeEvery)), least: float64(s.run.Step) / math.Sqrt(12)}
		t := max(s.t[0], r.end-maxScrapes*every)
		inRow := 0
		for i := 1; i < s.len(); i++ {
			low, high := s.v[i-1], max(s.v[i-1], float64(s.cycle(i).Peak))
			for ; t < s.t[i]; t += every {
				x := low + (high-low)*(t-s.t[i-1])/(s.t[i]-s.t[i-1])
				inRow++
				if !w.full() || x <= w.above(sigma) {
					inRow = 0
				}
				each(t, inRow >= row)
				w.add(x)
			}
		}
		return true
	}
}

// window is the last values of a series.
type window struct {
	values []float64 // a ring once it is full
	next   int
	least  float64 // deviation that rounding alone makes
}

func (w *window) full() bool { return len(w.values) == cap(w.values) }

// above returns what lies so many deviations above the mean.
func (w *window) above(sigma float64) float64 {
	n, sum, squares := float64(len(w.values)), 0.0, 0.0
	for _, v := range w.values {
		sum += v
	}
	mean := sum / n
	for _, v := range w.values {
		squares += square(v - mean)
	}
	return mean + sigma*max(math.Sqrt(squares/n), w.least)
}

func (w *window) add(x float64) {
	if !w.full() {
		w.values = append(w.values, x)
		return
	}
	w.values[w.next] = x
	w.next = (w.next + 1) % len(w.values)
}

// fromLimit returns the ceiling that an alarm rule can know of, 0 where none: by the limit, and by how the goals follow the live heap.
// What else a process held when it died, and what its runtime declared then, nobody could put into a rule.
func (c ceiling) fromLimit() float64 {
	if c.follows {
		return c.hard / max(1, c.factor)
	}
	return c.hard
}
