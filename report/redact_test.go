package report_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"oomtrace/parser/event"
	"oomtrace/report"
	"oomtrace/timeline"
)

// words are the strings of events that a redacted report keeps: those of a fixed set, and versions.
var words = []string{
	"Head.Dialect", "Stream.Pipe", "GC.Kind", "GC.Cause", "Kill.Kernel", "Kill.GFP", "Stat.Name", "RuntimeOOM.Runtime", "ProcessEnd.Runtime", "ProcessEnd.Signal",
	"Dump.Runtime", "Dump.Kind", "JVMReport.Version", "JVMReport.Platform", "JVMReport.OopsMode", "NativeRequest.Call", "NativeRequest.For", "JVMContainer.Type",
	"NMTCategory.Name", "Sample.Runtime", "Value.Name", "Setting.Runtime", "Setting.Text", "Container.Role", "ContainerStatus.State", "ContainerStatus.Reason",
	"ContainerStatus.QoS", "ContainerEvent.Reason", "Stream.Isolate",
}

// TestRedactFields fills every string of every event and looks what a redacted report keeps: a new field is either a name or free
// words, and left out, or one of the words above.
func TestRedactFields(t *testing.T) {
	var all []event.Event
	for _, ev := range []event.Event{
		&event.GC{}, &event.Kill{}, &event.RuntimeOOM{}, &event.ProcessEnd{}, &event.Dump{}, &event.Sample{}, &event.Setting{},
		&event.ContainerStatus{}, &event.ContainerEvent{}, &event.Problem{},
	} {
		fill(reflect.ValueOf(ev).Elem())
		all = append(all, ev)
	}
	m := report.New(report.Input{Redact: true, Timeline: &timeline.Timeline{Primary: -1, Events: all}})
	var kept []string
	for i, ev := range m.Events {
		if ev == all[i] {
			t.Errorf("%T is the event itself and no copy", ev)
		}
		for _, s := range strs(reflect.ValueOf(ev).Elem()) {
			if path, ok := strings.CutPrefix(s, "secret of "); ok && !slices.Contains(kept, path) {
				kept = append(kept, path)
			}
		}
	}
	slices.Sort(kept)
	slices.Sort(words)
	if !slices.Equal(kept, words) {
		t.Errorf("kept\n%s\nwant\n%s", strings.Join(kept, "\n"), strings.Join(words, "\n"))
	}
}

// fill puts the name of its field into every plain string.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Field(i)
			switch {
			case !f.CanSet():
			case f.Type() == reflect.TypeFor[string]():
				f.SetString(fmt.Sprintf("secret of %s.%s", v.Type().Name(), v.Type().Field(i).Name))
			default:
				fill(f)
			}
		}
	}
}

// strs lists the plain strings of a value.
func strs(v reflect.Value) (out []string) {
	switch v.Kind() {
	case reflect.Pointer:
		return strs(v.Elem())
	case reflect.Slice:
		return strs(v.Index(0))
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.Type() == reflect.TypeFor[string]() {
				out = append(out, f.String())
			} else {
				out = append(out, strs(f)...)
			}
		}
	}
	return out
}

// A name is left out of a sentence, and no word that it is a part of.
func TestRedactSentences(t *testing.T) {
	in := report.Input{Redact: true, Timeline: &timeline.Timeline{
		Primary:  -1,
		Death:    timeline.Death{Kind: timeline.MemcgKill, Name: "app", ContainerID: strings.Repeat("4be1", 16)},
		Workload: timeline.Workload{Container: event.Container{Name: "/app", Pod: "app-7c1f"}},
		Notes:    []timeline.Note{{Text: "it happened to app of pod app-7c1f (4be14be14be1) of java, see logs/app.log:3", Source: event.Pos{File: "logs/app.log", Line: 3}}},
	}, Sources: []report.Source{{File: "logs/app.log"}}}
	want := "it happened to (redacted 1) of pod (redacted 3) ((redacted 2)) of java, see input-1.log:3"
	for _, n := range report.New(in).Notes {
		if n.Source.Line == 3 && n.Text == want && n.Source.File == "input-1.log" {
			return
		}
	}
	t.Errorf("want %q in %+v", want, report.New(in).Notes)
}
