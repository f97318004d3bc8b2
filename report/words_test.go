package report_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/timeline"
)

// readings is an incident of readings of one value: a level that climbs over the limit, with one dip, a reading a second or without a clock.
func readings(name string, timed, kill bool) *timeline.Timeline {
	b := timeline.New(timeline.Options{Limit: unit.Known(100 * unit.MiB)})
	for i := range 60 {
		live := 30 + float64(max(0, i-20))*1.7
		if i == 12 {
			live = 80
		}
		h := event.Head{Pos: event.Pos{File: "m.log", Line: i + 1}}
		if timed {
			h.Time = event.Time{Has: event.Wall, Wall: toldAt + int64(i)*1e9}
		}
		b.Add(&event.Sample{Head: h, Values: []event.Value{{Name: name, V: live * float64(unit.MiB)}}})
	}
	if kill {
		b.Add(&event.Kill{
			Head:       event.Head{Pos: event.Pos{File: "kern.log", Line: 1}, Time: event.Time{Has: event.Wall, Wall: toldAt + 60e9}},
			Constraint: event.ConstraintMemcg, Limit: unit.Known(100 * unit.MiB), Usage: unit.Known(100 * unit.MiB),
			Victims: []event.Victim{{PID: 7, Name: "app", Anon: unit.Known(99 * unit.MiB)}},
		})
	}
	return b.Build()
}

// said are all the words of a report but those that speak of the heap on purpose: what the rules advise, and what is missing.
func said(t *testing.T, m *report.Model) string {
	t.Helper()
	m.Verdict.Advice, m.Verdict.Missing, m.Verdict.WouldChange, m.Closing, m.Notes, m.Series, m.Events = nil, nil, nil, nil, nil, nil, nil
	for i := range m.Runs {
		m.Runs[i].Basis = ""
	}
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	text := string(out)
	for _, key := range []string{`"Cycle":`, `"Cycles":`, `"LaterCycles":`, `"Kind":"cycle"`, `"Live":`, `"Collector":`, `"Heap":`, `"ID":"heap-p`, `"Axis":"cycles"`} {
		text = strings.ReplaceAll(text, key, "")
	}
	return text
}

// Whatever the verdict, a report on readings of a whole process speaks of no heap and of no collections.
func TestWordsOfReadings(t *testing.T) {
	foreign := regexp.MustCompile(`[^"]*\b([Hh]eap|[Cc]ollections?|[Cc]ycles?|GC)\b[^"]*`)
	allowed := regexp.MustCompile(`(?i)memory outside the heap|^off-heap$|not by its heap`)
	for name, level := range timeline.LevelNames {
		for _, kind := range kinds() {
			for _, timed := range []bool{true, false} {
				for _, kill := range []bool{true, false} {
					tl := readings(name, timed, kill)
					f := inflection.Judge(tl, inflection.Default())
					f.Verdict.Kind, f.Verdict.Detail = kind, ""
					text := said(t, report.New(report.Input{Timeline: tl, Finding: f}))
					for _, s := range foreign.FindAllString(text, -1) {
						if !allowed.MatchString(s) {
							t.Errorf("%s on %s, timed %t, killed %t: %s", kind, name, timed, kill, s)
						}
					}
					if !strings.Contains(text, level) {
						t.Errorf("%s on %s: nothing speaks of the %s", kind, name, level)
					}
				}
			}
		}
	}
}

// kinds are the verdicts that readings of a whole process can come to: the others are about goals and collections.
func kinds() []inflection.Kind {
	var out []inflection.Kind
	for _, r := range inflection.Rules() {
		if r.Kind != inflection.GoalOvershoot && r.Kind != inflection.Thrash {
			out = append(out, r.Kind)
		}
	}
	return out
}

// How the level of a run is said to have been lost, by what it rests on.
func TestWordsOfLoss(t *testing.T) {
	for _, c := range []struct {
		name, value string
		want        string
		kicker      string
		second      string
	}{
		{"working set", event.ValueWorkingSet, "after its memory stopped recovering", "Memory leak", "Working set crossed 70 % of the 100 MiB limit"},
		{"peak memory", event.ValuePeakUsage, "after its peak memory passed 70 %", "Memory leak", "Peak memory crossed 70 % of the 100 MiB limit"},
		{"heap in use", event.ValueHeapAlloc, "after its heap stopped recovering", "Managed heap leak", "Live heap crossed 70 % of the 100 MiB limit"},
	} {
		tl := readings(c.value, true, true)
		m := report.New(report.Input{Timeline: tl, Finding: inflection.Judge(tl, inflection.Default())})
		if s := m.Verdict.Sentence.String(); !strings.Contains(s, c.want) {
			t.Errorf("%s: %q, want %q", c.name, s, c.want)
		}
		if s := m.Verdict.Name; s != c.kicker {
			t.Errorf("%s is a %q, want %q", c.name, s, c.kicker)
		}
		s := m.Verdict.Second.String() + " " + m.Chart.Spans[0].Label
		if !strings.HasPrefix(s, c.second) || strings.Contains(s, " brought it back") != (c.value != event.ValuePeakUsage) || strings.Contains(s, "recovery") != (c.value != event.ValuePeakUsage) {
			t.Errorf("%s: %q, want %q", c.name, s, c.second)
		}
		if m.Words.Points() != "readings" || m.Evidence.Rows[0].Pause != "" {
			t.Errorf("%s: %s with a pause of %q ms", c.name, m.Words.Points(), m.Evidence.Rows[0].Pause)
		}
	}
}

// What is read off the name of a service or a file is not ours to reword.
func TestWordsOfOthers(t *testing.T) {
	tl := readings(event.ValueRSS, true, true)
	m := report.New(report.Input{Timeline: tl, Finding: inflection.Judge(tl, inflection.Default()), Service: "heap-collection"})
	if want := "heap-collection OOM-killed " + time.Unix(0, toldAt+60e9).UTC().Format("2006-01-02 15:04 MST"); m.Title != want {
		t.Errorf("title %q, want %q", m.Title, want)
	}
}

// A limit that the readings state is named by who stated it.
func TestLimitOfReadings(t *testing.T) {
	for from, want := range map[string]string{"usage": "docker stats", "cgroupfs": "the control group", "prometheus": "Prometheus", "heroku-metrics": "Heroku", "memcg": "the kernel's out-of-memory report"} {
		tl := readings(event.ValueWorkingSet, true, false)
		tl.Limit.From = from
		m := report.New(report.Input{Timeline: tl, Finding: inflection.Judge(tl, inflection.Default())})
		if got := m.Provenance.Limit; !strings.HasSuffix(got, "from "+want) {
			t.Errorf("%s: %q, want %q", from, got, want)
		}
	}
}

// A death in the moment of the last reading, and a dip that the last reading alone did not make good.
func TestWordsOfTheLastReading(t *testing.T) {
	tl := readings(event.ValueWorkingSet, true, false)
	last := tl.Runs[0].Cycles.Len() - 1
	for i := range last {
		tl.Runs[0].Cycles.At(i).Live = 30 * unit.MiB
	}
	m := report.New(report.Input{Timeline: tl, Finding: &inflection.Finding{
		Verdict: inflection.Verdict{Kind: inflection.Healthy},
		Runs:    []inflection.Run{{Inflection: &inflection.Crossing{Index: last}, Ceiling: inflection.Ceiling{Bytes: unit.Known(100 * unit.MiB)}}},
	}})
	if s := m.Verdict.Sentence.String(); !strings.HasSuffix(s, " and did not recover in the last reading.") {
		t.Error(s)
	}
	tl = readings(event.ValueWorkingSet, true, true)
	end := tl.Runs[0].Cycles.At(last).At
	tl.Death.Timed, tl.Death.At, tl.Death.Time.Step = true, end, time.Microsecond
	m = report.New(report.Input{Timeline: tl, Finding: &inflection.Finding{
		Verdict: inflection.Verdict{Kind: inflection.Leak},
		Runs:    []inflection.Run{{Inflection: &inflection.Crossing{Index: last, At: end}}},
	}})
	if s := m.Verdict.Sentence.String(); !strings.HasSuffix(s, ", less than 1 ms after its memory stopped recovering.") {
		t.Error(s)
	}
}
