package oomtrace_test

import (
	"bytes"
	"io"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"oomtrace"
	"oomtrace/parser/event"
	"oomtrace/report"
	"oomtrace/report/csv"
	"oomtrace/report/html"
	"oomtrace/report/json"
	"oomtrace/report/markdown"
	"oomtrace/report/picture"
	"oomtrace/report/terminal"
)

// writers are all that write text.
var writers = []struct {
	name  string
	write func(io.Writer, *report.Model) error
}{
	{"text", func(w io.Writer, m *report.Model) error { return terminal.Write(w, m, terminal.Options{Verbose: true}) }},
	{"markdown", markdown.Write},
	{"json", json.Write},
	{"csv", csv.Write},
	{"html", func(w io.Writer, m *report.Model) error { return html.Write(w, m, html.Options{Static: true}) }},
	{"svg", func(w io.Writer, m *report.Model) error { return picture.SVG(w, m, picture.Options{Alone: true}) }},
}

// ordinary are names in the bundled logs that are words of every report, or that say nothing of the user.
var ordinary = []string{
	"java", "node", "kernel", "default", "init", "docker", "dockerd", "containerd", "podman", "kubelet", "systemd", "systemd-oomd", "earlyoom",
	"stress", "leak", "main", "server", "app", "sh", "bash", "tail", "python3", "memory", "pause",
}

// TestRedactNames looks in every form of every redacted report for every name that the logs of the incident have.
func TestRedactNames(t *testing.T) {
	folders, err := filepath.Glob("testdata/crashlogs/*/want.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range folders {
		folder := filepath.Dir(path)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			w := readWant(t, path)
			open, m := analyze(t, folder, w), analyzeWith(t, folder, w, oomtrace.Options{Redact: true})
			if m.Verdict.Kind != open.Verdict.Kind || len(m.Events) != len(open.Events) {
				t.Errorf("verdict %s with %d events, want %s with %d", m.Verdict.Kind, len(m.Events), open.Verdict.Kind, len(open.Events))
			}
			secrets := namesIn(open)
			for _, writer := range writers {
				var out bytes.Buffer
				if err := writer.write(&out, m); err != nil {
					t.Fatal(err)
				}
				for _, name := range secrets {
					if at := name.FindIndex(out.Bytes()); at != nil {
						t.Errorf("%s holds %s: %q", writer.name, name, out.Bytes()[max(0, at[0]-60):min(out.Len(), at[1]+60)])
					}
				}
			}
		})
	}
}

// namesIn returns expressions for the names in a report that is not redacted.
func namesIn(m *report.Model) []*regexp.Regexp {
	var names []string
	for _, in := range m.Inputs {
		names = append(names, in.File, filepath.Base(in.File))
	}
	names = append(append(names, m.Profiles...), m.Crash.Name, m.Crash.Cgroup, m.Crash.PodUID, m.Crash.ContainerID)
	for _, ev := range m.Events {
		names = appendNames(names, reflect.ValueOf(ev))
	}
	for _, r := range m.Series {
		names = appendNames(names, reflect.ValueOf(r.Stream))
	}
	slices.Sort(names)
	var out []*regexp.Regexp
	for _, name := range slices.Compact(names) {
		if len(name) > 2 && !slices.Contains(ordinary, name) {
			out = append(out, regexp.MustCompile(`(?:^|\W)`+regexp.QuoteMeta(name)+`(?:\W|$)`))
		}
	}
	return out
}

// naming are the fields of events that name something.
var naming = []string{"Host", "Unit", "Namespace", "Pod", "PodUID", "Container", "ContainerID", "ID", "Name", "Image", "Node", "Cgroup", "OOMMemcg", "TaskMemcg", "Process"}

// appendNames adds the names in a value.
func appendNames(names []string, v reflect.Value) []string {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			names = appendNames(names, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			names = appendNames(names, v.Index(i))
		}
	case reflect.Struct:
		switch v.Interface().(type) {
		case event.Stat, event.Value, event.NMTCategory: // they name measures
			return names
		}
		for i := range v.NumField() {
			f := v.Field(i)
			if f.Type() != reflect.TypeFor[string]() {
				names = appendNames(names, f)
			} else if slices.Contains(naming, v.Type().Field(i).Name) {
				names = append(names, f.String())
			}
		}
	}
	return names
}
