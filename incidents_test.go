package oomtrace_test

import (
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oomtrace"
	"oomtrace/inflection"
	"oomtrace/parser/unit"
	"oomtrace/report"
)

// want is the truth of a bundled incident, see CONTRIBUTING.md.
type want struct {
	Files    []string `json:"files"`
	Limit    string   `json:"limit"`
	Env      []string `json:"env"`
	Profiles []string `json:"profiles"`
	Kinds    []string `json:"kinds"`
	Also     []string `json:"also"`
	Onset    *float64 `json:"onset_seconds"`
	Death    *float64 `json:"death_seconds"`
	Suspect  string   `json:"suspect"`
	Runs     int      `json:"runs"`
	Cycles   int      `json:"cycles"`
}

// TestIncidents analyses every bundled crash through the facade and holds the answer against what really happened.
func TestIncidents(t *testing.T) {
	folders, err := filepath.Glob("testdata/crashlogs/*/want.json")
	if err != nil || len(folders) < 12 {
		t.Fatalf("%d incidents, %v", len(folders), err)
	}
	for _, path := range folders {
		folder := filepath.Dir(path)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			w := readWant(t, path)
			m := analyze(t, folder, w)
			if !slices.Contains(w.Kinds, string(m.Verdict.Kind)) {
				t.Errorf("verdict %s, want %v: %s", m.Verdict.Kind, w.Kinds, m.Verdict.Sentence)
			}
			if c := m.Verdict.Confidence; c != inflection.High && len(m.Verdict.Missing) == 0 {
				t.Errorf("confidence %s, and nothing says why", c)
			}
			for _, kind := range w.Also {
				if !slices.Contains(m.Verdict.Also, inflection.Kind(kind)) {
					t.Errorf("beside it %v, want %s", m.Verdict.Also, kind)
				}
			}
			run := primary(t, m, w)
			if run == nil {
				return
			}
			if w.Cycles > 0 && run.Cycles != w.Cycles {
				t.Errorf("%d cycles in the run, want %d", run.Cycles, w.Cycles)
			}
			if w.Onset != nil {
				checkOnset(t, run, w)
			}
		})
	}
}

func readWant(t *testing.T, path string) want {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	var w want
	if err := d.Decode(&w); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return w
}

// files names files of a folder as inputs.
func files(folder string, names []string) []oomtrace.Input {
	var inputs []oomtrace.Input
	for _, name := range names {
		inputs = append(inputs, oomtrace.Input{Name: name, Open: func() (io.ReadCloser, error) { return os.Open(filepath.Join(folder, name)) }})
	}
	return inputs
}

func analyze(t *testing.T, folder string, w want) *report.Model {
	t.Helper()
	return analyzeWith(t, folder, w, oomtrace.Options{})
}

func analyzeWith(t *testing.T, folder string, w want, o oomtrace.Options) *report.Model {
	t.Helper()
	o.Env, o.Profiles = map[string]string{}, files(folder, w.Profiles)
	if w.Limit != "" {
		b, err := unit.Parse(w.Limit)
		if err != nil {
			t.Fatal(err)
		}
		o.Limit = unit.Known(b)
	}
	for _, pair := range w.Env {
		name, value, _ := strings.Cut(pair, "=")
		o.Env[name] = value
	}
	m, err := oomtrace.Analyze(t.Context(), files(folder, w.Files), o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func primary(t *testing.T, m *report.Model, w want) *report.Run {
	t.Helper()
	if w.Runs > 0 && len(m.Runs) != w.Runs {
		t.Errorf("%d runs, want %d", len(m.Runs), w.Runs)
	}
	i := slices.IndexFunc(m.Runs, func(r report.Run) bool { return r.Primary })
	if i < 0 {
		if w.Onset != nil {
			t.Error("no primary run")
		}
		return nil
	}
	if w.Suspect != "" {
		name := w.Suspect[strings.LastIndexByte(w.Suspect, '.')+1:]
		if len(m.Suspects) == 0 || !strings.Contains(m.Suspects[0].Function+strings.Join(m.Suspects[0].Stack, "\n"), name) {
			t.Errorf("suspects %+v, want %s first", m.Suspects, w.Suspect)
		}
	}
	return &m.Runs[i]
}

func checkOnset(t *testing.T, run *report.Run, w want) {
	t.Helper()
	if run.Onset == nil {
		t.Errorf("no onset, want %.3f s", *w.Onset)
		return
	}
	length := run.Last
	if w.Death != nil {
		length = *w.Death
	}
	if off := math.Abs(run.Onset.Seconds-*w.Onset) / length; off > 0.05 {
		t.Errorf("onset at %.3f s, want %.3f s: off by %.1f %% of the run", run.Onset.Seconds, *w.Onset, 100*off)
	}
}

// Two incidents in one input: clocks tell which kill ended which process, and the other one is told of.
func TestTwoIncidents(t *testing.T) {
	t.Parallel()
	var heap, beside []oomtrace.Input
	for folder, to := range map[string]*[]oomtrace.Input{"leak-java-xmx-over-limit": &heap, "off-heap-java-limit": &beside} {
		*to = files(filepath.Join("testdata/crashlogs", folder), []string{"gc.log", "dmesg.log"})
		for i := range *to {
			(*to)[i].Name = folder + "/" + (*to)[i].Name
		}
	}
	const other = "these logs tell of other deaths for want of memory, each an incident of its own: java in "
	for _, inputs := range [][]oomtrace.Input{slices.Concat(heap, beside), slices.Concat(beside, heap), {beside[1], heap[0], heap[1], beside[0]}} {
		m, err := oomtrace.Analyze(t.Context(), inputs, oomtrace.Options{})
		if err != nil {
			t.Fatal(err)
		}
		names := ""
		for _, in := range inputs {
			names += " " + in.Name
		}
		const want = "java was OOM-killed at 19:39:38 UTC, less than 1 s after its heap stopped recovering."
		if got := m.Verdict.Sentence.String(); got != want {
			t.Errorf("%s: %s\nwant: %s", names, got, want)
		}
		if !slices.ContainsFunc(m.Notes, func(n report.Note) bool { return strings.HasPrefix(n.Text, other) }) {
			t.Errorf("%s: the other death is in no note: %v", names, m.Notes)
		}
	}
}
