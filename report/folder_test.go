package report_test

import (
	"testing"

	"oomtrace/parser/event"
	"oomtrace/report"
	"oomtrace/timeline"
)

func TestFolder(t *testing.T) {
	for _, c := range []struct {
		inputs []string
		want   string
	}{
		{nil, ""},
		{[]string{"gc.log"}, ""},
		{[]string{"/gc.log", "/kern.log"}, ""},
		{[]string{"a/b/gc.log"}, "a/b/"},
		{[]string{"/a/b/gc.log", "/a/b/kern.log"}, "/a/b/"},
		{[]string{"/a/b/c/gc.log", "/a/b/kern.log"}, "/a/b/"},
		{[]string{"/a/b/kern.log", "/a/b/c/gc.log"}, "/a/b/"},
		{[]string{"/a/b/gc.log", "/x/kern.log"}, ""},
		{[]string{"/a/gc.log", "kern.log"}, ""},
		{[]string{"ab/gc.log", "a/kern.log"}, ""},
		{[]string{"a.tar!x/gc.log", "a.tar!y/gc.log"}, ""},
		{[]string{`C:\logs\gc.log`, `C:\logs\kern.log`}, `C:\logs\`},
		{[]string{"a\x1b/gc.log", "a\x1b/kern.log"}, `a\x1b/`},
	} {
		in := report.Input{Timeline: &timeline.Timeline{Primary: -1}}
		for i, name := range c.inputs {
			in.Sources = append(in.Sources, report.Source{File: name})
			in.Timeline.Notes = append(in.Timeline.Notes, timeline.Note{Text: "said", Source: event.Pos{File: name, Line: i + 1}})
		}
		m := report.New(in)
		if m.Folder != c.want {
			t.Errorf("the folder of %q is %q, want %q", c.inputs, m.Folder, c.want)
		}
		for _, n := range m.Notes {
			if full, want := m.Full(n.Source).File, report.Clean(c.inputs[n.Source.Line-1]); full != want {
				t.Errorf("%q with the folder put back is %q", want, full)
			}
		}
		in.Redact = true
		if m := report.New(in); m.Folder != "" {
			t.Errorf("the redacted report of %q names the folder %q", c.inputs, m.Folder)
		}
	}
}

// A folder shared by all names of positions only: what lies elsewhere must not become another file.
func TestFolderKnowsAllPositions(t *testing.T) {
	in := report.Input{
		Timeline: &timeline.Timeline{Primary: -1, Events: []event.Event{&event.Dump{Head: event.Head{Pos: event.Pos{File: "/other/dump.txt", Line: 3}}}}},
		Sources:  []report.Source{{File: "/logs/gc.log"}},
	}
	if m := report.New(in); m.Folder != "" {
		t.Errorf("folder %q, although a position lies elsewhere", m.Folder)
	}
}
