package inflection

import (
	"testing"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

func TestVersionIn(t *testing.T) {
	for _, c := range []struct {
		runtime, text string
		want          version
	}{
		{"go", "1.5 to 1.17", version{1, 17}},
		{"go", "go1.21.3", version{1, 21, 3}},
		{"go", "1.4", version{1, 4}},
		{"go", "devel +abc", version{}},
		{"go", "", version{}},
		{"jvm", "17.0.15+6-Debian-1deb12u1 (release)", version{17, 0, 15}},
		{"jvm", "1.8.0_504-8u504-ga-1-b01", version{8, 0, 504}},
		{"jvm", "8.0_504-b01", version{8, 0, 504}},
		{"jvm", "25", version{25}},
		{"jvm", "1", version{1}},
		{"v8", "Node.js 6 to 13", version{13}},
		{"v8", "v14.18.0", version{14, 18}},
	} {
		if got := versionIn(c.runtime, c.text); got != c.want {
			t.Errorf("%s %q: %v, want %v", c.runtime, c.text, got, c.want)
		}
	}
}

// A setting is there from its first version on, and in older lines from a later one on.
func TestLacks(t *testing.T) {
	for _, c := range []struct {
		v    version
		s    since
		want bool
	}{
		{version{}, memoryLimitSince, false},
		{version{1, 18, 10}, memoryLimitSince, true},
		{version{1, 19}, memoryLimitSince, false},
		{version{1, 26}, memoryLimitSince, false},
		{version{8, 0, 190}, ramPercentageSince, true},
		{version{8, 0, 191}, ramPercentageSince, false},
		{version{9, 0, 4}, ramPercentageSince, true},
		{version{10}, ramPercentageSince, false},
		{version{14, 17, 6}, nearHeapLimitSince, true},
		{version{14, 18}, nearHeapLimitSince, false},
		{version{15, 0, 1}, nearHeapLimitSince, true},
		{version{15, 1}, nearHeapLimitSince, false},
		{version{24}, nearHeapLimitSince, false},
	} {
		if got := (&Facts{Version: c.v}).lacks(c.s); got != c.want {
			t.Errorf("%v lacks %v: %v, want %v", c.v, c.s, got, c.want)
		}
	}
}

// What the file of the run states comes first, then the latest that another one states, then the shape of the lines.
func TestRuntimeVersion(t *testing.T) {
	states := func(file, runtime, text string) event.Event {
		return &event.Setting{Head: event.Head{Pos: event.Pos{File: file, Line: 1}}, Runtime: runtime, Name: event.VersionName, Text: text}
	}
	for _, c := range []struct {
		name   string
		events []event.Event
		want   version
	}{
		{"nothing is stated", nil, version{1, 17}},
		{"by the file of the run", []event.Event{states("a.log", "go", "go1.12"), states("b.log", "go", "go1.16")}, version{1, 12}},
		{"by others", []event.Event{states("b.log", "go", "go1.16"), states("c.log", "go", "go1.12")}, version{1, 16}},
		{"of another runtime", []event.Event{states("a.log", "jvm", "17.0.15")}, version{1, 17}},
	} {
		tl := &timeline.Timeline{Runs: []*timeline.Run{{Runtime: "go", Version: "1.5 to 1.17"}}, Events: c.events}
		if got := runtimeVersion(tl, "go", event.Pos{File: "a.log"}); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if got := runtimeVersion(&timeline.Timeline{Primary: -1}, "go", event.Pos{}); got != (version{}) {
		t.Errorf("no run: %v", got)
	}
}
