package json_test

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/report/json"
	"oomtrace/report/reporttest"
)

func render(t *testing.T, m *report.Model) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Write(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	for _, c := range reporttest.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			reporttest.Golden(t, filepath.Join("testdata", c.Name+".json"), render(t, report.New(c.Input)))
		})
	}
}

// keys of the objects of the contract; an array stands for its elements.
var keys = map[string]string{
	"@this":                     "crash events goroutines inputs limit notes runs schema suspects tool verdict",
	"tool":                      "version",
	"verdict":                   "advice also confidence detail evidence kind missing sentence would_change",
	"verdict.evidence.0":        "claim source",
	"verdict.evidence.0.source": "file line",
	"limit":                     "bytes confirmed_by from source",
	"crash":                     "cgroup container_id kind name pid pod_uid process_seconds rss_bytes source time",
	"runs.0":                    "basis ceiling cycles first_seconds forecast growth index inflection last_seconds limit_crossing live missed_warnings old_generation onset pid primary read recovered_crossings runtime series start_time version what_if",
	"runs.0.live":               "first_bytes last_bytes max_bytes step_bytes",
	"runs.0.ceiling":            "basis bytes",
	"runs.0.inflection":         "cycle fraction_of_ceiling fraction_of_limit later_cycles live_bytes process_seconds source time",
	"runs.0.onset":              "cycle high_seconds live_bytes low_seconds process_seconds source time",
	"runs.0.growth":             "bytes_per_second high low r2 shape",
	"runs.0.forecast":           "death_seconds high_seconds low_seconds made_at_seconds",
	"runs.0.missed_warnings.0":  "false_alarms id last_false_alarm_seconds lead_seconds process_seconds rule",
	"suspects.0":                "base_bytes file function growth_bytes growth_high growth_low last_bytes line objects share stack",
	"inputs.0":                  "bytes damaged dialects envelope file lines other problems sha256 understood",
	"inputs.0.dialects.0":       "name records",
	"inputs.0.problems.0":       "dialect line message",
}

func TestKeys(t *testing.T) {
	doc := render(t, report.New(reporttest.Leak()))
	for path, want := range keys {
		var got []string
		gjson.Get(doc, path).ForEach(func(k, _ gjson.Result) bool {
			got = append(got, k.String())
			return true
		})
		slices.Sort(got)
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("keys of %s (-want +got):\n%s", path, diff)
		}
	}
}

func TestUnknownIsNull(t *testing.T) {
	doc := render(t, report.New(report.Input{}))
	for _, path := range []string{"limit", "crash.time", "crash.pid", "crash.name", "crash.rss_bytes", "crash.source", "crash.process_seconds", "verdict.detail"} {
		if got := gjson.Get(doc, path); got.Type != gjson.Null || !got.Exists() {
			t.Errorf("%s is %q, want null", path, got.Raw)
		}
	}
	for _, path := range []string{"runs", "events", "suspects", "goroutines", "inputs", "notes", "verdict.also", "verdict.evidence", "verdict.missing", "verdict.advice", "verdict.would_change"} {
		if got := gjson.Get(doc, path); got.Raw != "[]" {
			t.Errorf("%s is %q, want []", path, got.Raw)
		}
	}
}

func TestTimePrecision(t *testing.T) {
	at := time.Date(2026, 11, 12, 10, 33, 6, 120_000_000, time.FixedZone("CET", 3600))
	for _, c := range []struct {
		step time.Duration
		want string
	}{
		{time.Second, "2026-11-12T09:33:06Z"},
		{time.Minute, "2026-11-12T09:33:06Z"},
		{time.Millisecond, "2026-11-12T09:33:06.120Z"},
		{time.Microsecond, "2026-11-12T09:33:06.120000Z"},
		{time.Nanosecond, "2026-11-12T09:33:06.120000000Z"},
		{0, "2026-11-12T09:33:06.12Z"},
	} {
		m := report.New(report.Input{})
		m.Crash.Time = report.Stamp{Time: at, Step: c.step}
		if got := gjson.Get(render(t, m), "crash.time").String(); got != c.want {
			t.Errorf("step %v: got %s, want %s", c.step, got, c.want)
		}
	}
}

// TestHarmless shows that the document can stand inside HTML and on a terminal, and is whole.
func TestHarmless(t *testing.T) {
	for _, c := range reporttest.Cases() {
		doc := render(t, report.New(c.Input))
		if !stdjson.Valid([]byte(doc)) {
			t.Errorf("%s: no JSON", c.Name)
		}
		if i := strings.IndexFunc(doc, func(r rune) bool {
			return strings.ContainsRune("<>&\u2028\u2029\u202e", r) || r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0
		}); i >= 0 {
			t.Errorf("%s: %q", c.Name, doc[max(0, i-20):i+20])
		}
	}
}

func TestNotANumber(t *testing.T) {
	m := report.New(reporttest.Leak())
	m.Runs[0].Growth.PerSecond = math.NaN()
	m.Suspects[0].Share = math.Inf(1)
	doc := render(t, m)
	for _, path := range []string{"runs.0.growth.bytes_per_second", "suspects.0.share"} {
		if got := gjson.Get(doc, path).Raw; got != "null" {
			t.Errorf("%s is %s, want null", path, got)
		}
	}
}

// Machines get the names of files as the user gave them.
func TestFullNames(t *testing.T) {
	cases := reporttest.Cases()
	i := slices.IndexFunc(cases, func(c reporttest.Case) bool { return c.Name == "folders" })
	doc := render(t, report.New(cases[i].Input))
	for path, want := range map[string]string{
		"inputs.0.file":                  "pods/gctrace.log",
		"inputs.1.file":                  "kern.log",
		"crash.source.file":              "kern.log",
		"limit.confirmed_by.file":        "kern.log",
		"runs.0.inflection.source.file":  "pods/gctrace.log",
		"runs.0.onset.source.file":       "pods/gctrace.log",
		"verdict.evidence.0.source.file": "pods/gctrace.log",
		"verdict.evidence.1.source.file": "kern.log",
		"events.0.source.file":           "kern.log",
		"notes.1.source.file":            "pods/gctrace.log",
	} {
		if got := gjson.Get(doc, path).String(); got != reporttest.Folder+want {
			t.Errorf("%s is %q, want %q", path, got, reporttest.Folder+want)
		}
	}
}

type failing struct{}

var errDisk = errors.New("disk full")

func (failing) Write([]byte) (int, error) { return 0, errDisk }

func TestWriteFails(t *testing.T) {
	m := report.New(reporttest.Leak())
	if err := json.Write(failing{}, m); !errors.Is(err, errDisk) {
		t.Errorf("got %v, want %v", err, errDisk)
	}
	m.Events = []event.Event{nil}
	if err := json.Write(&bytes.Buffer{}, m); err == nil {
		t.Error("a nil event has JSON")
	}
}

// TestAgrees holds the document to the Model that the other writers print.
func TestAgrees(t *testing.T) {
	m := report.New(reporttest.Leak())
	doc := render(t, m)
	if got, want := gjson.Get(doc, "verdict.sentence").String(), m.Verdict.Sentence.String(); got != want {
		t.Errorf("sentence %q, want %q", got, want)
	}
	if got, want := gjson.Get(doc, "limit.bytes").Int(), int64(4*unit.GiB); got != want {
		t.Errorf("limit %d, want %d", got, want)
	}
	if got := gjson.Get(doc, "events.0.type").String(); got != "oom-kill" {
		t.Errorf("first event is %q, want oom-kill", got)
	}
}
