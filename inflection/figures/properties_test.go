package figures

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"oomtrace/report"
)

// What does not change an incident does not change what is said of it: lines of the program between those of its collections, a log that
// was rotated, and lines that were lost.

// foreign are lines that no dialect claims.
var foreign = []string{
	"2026-03-01T00:00:00Z INFO request done in 12 ms, gc 7 not mentioned",
	"{\"level\":\"warn\",\"msg\":\"slow query\",\"took\":812}",
	"",
	"goroutines are fine, heap 12->13 MB said the metrics",
	"\tat com.example.Service.call(Service.java:118)",
}

// with returns the incident with another log in place of its first, under the names given.
func (in *incident) with(names []string, texts ...string) *incident {
	out := *in
	out.logs = map[string]string{}
	out.names = append(slices.Clone(names), in.names[1:]...)
	for i, name := range names {
		out.logs[name] = texts[i]
	}
	for _, name := range in.names[1:] {
		out.logs[name] = in.logs[name]
	}
	return &out
}

func (in *incident) lines() []string { return slices.Collect(strings.Lines(in.logs[in.names[0]])) }

// interleave puts lines of the program between the others.
func interleave(in *incident, r *rand.Rand) *incident {
	var text strings.Builder
	for _, line := range in.lines() {
		for r.IntN(3) == 0 {
			text.WriteString(foreign[r.IntN(len(foreign))] + "\n")
		}
		text.WriteString(line)
	}
	return in.with(in.names[:1], text.String())
}

// rotate splits the log into three files, and names the newest first.
func rotate(in *incident, r *rand.Rand) *incident {
	lines, name := in.lines(), in.names[0]
	a := 1 + r.IntN(len(lines)-2)
	b := a + 1 + r.IntN(len(lines)-a-1)
	return in.with([]string{name, name + ".1", name + ".2"}, strings.Join(lines[b:], ""), strings.Join(lines[a:b], ""), strings.Join(lines[:a], ""))
}

// lose drops a tenth of the lines, but for the begin that names the heap and the end that a spike consists of.
func lose(in *incident, r *rand.Rand) *incident {
	lines := in.lines()
	var text strings.Builder
	for i, line := range lines {
		if i < 3 || i >= len(lines)-4 || r.IntN(10) > 0 {
			text.WriteString(line)
		}
	}
	return in.with(in.names[:1], text.String())
}

// primary returns the run that a report is about.
func primary(m *report.Model) *report.Run {
	i := slices.IndexFunc(m.Runs, func(r report.Run) bool { return r.Primary })
	if i < 0 {
		return &report.Run{}
	}
	return &m.Runs[i]
}

// apart is how far the onsets of two reports of an incident lie apart, as a share of the run, and whether that is more than two collections.
func apart(in *incident, a, b *report.Run) (share float64, far bool) {
	if (a.Onset == nil) != (b.Onset == nil) {
		return 1, true
	}
	if a.Onset == nil {
		return 0, false
	}
	off := math.Abs(a.Onset.Seconds - b.Onset.Seconds)
	return off / in.end, off > math.Max(0.03*in.end, 2*in.end/float64(a.Cycles))
}

func TestProperties(t *testing.T) {
	const incidents = 72
	for _, c := range []struct {
		name   string
		change func(*incident, *rand.Rand) *incident
		exact  bool    // the answer is the same to the last digit
		same   float64 // else the share of kinds, and of onsets near by, that stay
	}{
		{"foreign lines", interleave, true, 1},
		{"a rotated log", rotate, true, 1},
		{"a tenth of the lines lost", lose, false, 0.95},
	} {
		t.Run(c.name, func(t *testing.T) {
			var kinds, onsets share
			for i := range incidents {
				in := simulate(5, i)
				changed := c.change(in, rand.New(rand.NewPCG(9, uint64(i))))
				a, b := in.judge(t), changed.judge(t)
				what := fmt.Sprintf("incident %d, %s", i, in.class)
				kinds.add(a.Verdict.Kind == b.Verdict.Kind)
				off, far := apart(in, primary(a), primary(b))
				onsets.add(!far)
				if a.Verdict.Kind != b.Verdict.Kind || far {
					t.Logf("%s: %s became %s, onset moved by %.1f %% of the run", what, a.Verdict.Kind, b.Verdict.Kind, 100*off)
				}
				if c.exact && (a.Verdict.Kind != b.Verdict.Kind || off > 0 || primary(a).Cycles != primary(b).Cycles) {
					t.Errorf("%s: not the same", what)
				}
			}
			if kinds.of() < c.same || onsets.of() < c.same {
				t.Errorf("same kind %s, onset near by %s; want %.0f %%", &kinds, &onsets, 100*c.same)
			}
		})
	}
}
