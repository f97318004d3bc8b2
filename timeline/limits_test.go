package timeline

import (
	"testing"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// TestHeapLimit picks the bound on the heap that belongs to the run: that of its writer, else of its file, else of its runtime.
func TestHeapLimit(t *testing.T) {
	own, other := &event.Stream{Container: "api"}, &event.Stream{Container: "sidecar"}
	setting := func(runtime, file string, line int, stream *event.Stream, size unit.Size) event.Event {
		return &event.Setting{Head: event.Head{Pos: event.Pos{File: file, Line: line}, Stream: stream}, Runtime: runtime, Name: event.MaxHeap, Size: size}
	}
	cycle := &event.GC{
		Head:      event.Head{Pos: event.Pos{File: "gc.log", Line: 9}, Stream: own, Time: event.Time{Has: event.Process, Process: 1e9}},
		Collector: event.G1, Scope: event.Whole, Live: unit.Known(unit.MiB), After: unit.Known(unit.MiB),
	}
	nameless := *cycle
	nameless.Stream = nil
	for _, c := range []struct {
		name   string
		events []event.Event
		want   Limit
	}{
		{"none", []event.Event{cycle}, Limit{}},
		{
			"of its writer",
			[]event.Event{setting("jvm", "gc.log", 1, own, unit.Known(64*unit.MiB)), setting("jvm", "gc.log", 2, other, unit.Known(unit.GiB)), cycle},
			Limit{Size: unit.Known(64 * unit.MiB), From: "xmx", Source: event.Pos{File: "gc.log", Line: 1}},
		},
		{
			"the last of its writer",
			[]event.Event{setting("jvm", "gc.log", 1, own, unit.Known(64*unit.MiB)), setting("jvm", "gc.log", 2, own, unit.Known(unit.GiB)), cycle},
			Limit{Size: unit.Known(unit.GiB), From: "xmx", Source: event.Pos{File: "gc.log", Line: 2}},
		},
		{
			"of its file",
			[]event.Event{cycle, setting("jvm", "hs_err", 1, nil, unit.Known(unit.GiB)), setting("jvm", "gc.log", 3, nil, unit.Known(64*unit.MiB))},
			Limit{Size: unit.Known(64 * unit.MiB), From: "xmx", Source: event.Pos{File: "gc.log", Line: 3}},
		},
		{
			"of its runtime",
			[]event.Event{cycle, setting("jvm", "hs_err", 1, nil, unit.Known(unit.GiB))},
			Limit{Size: unit.Known(unit.GiB), From: "xmx", Source: event.Pos{File: "hs_err", Line: 1}},
		},
		{
			"of its file, though no line names a writer",
			[]event.Event{setting("jvm", "gc.log", 1, nil, unit.Known(64*unit.MiB)), setting("jvm", "hs_err", 1, nil, unit.Known(unit.GiB)), &nameless},
			Limit{Size: unit.Known(64 * unit.MiB), From: "xmx", Source: event.Pos{File: "gc.log", Line: 1}},
		},
		{"of another runtime", []event.Event{cycle, setting("v8", "gc.log", 1, own, unit.Known(unit.GiB))}, Limit{}},
		{"without a size", []event.Event{cycle, setting("jvm", "gc.log", 1, own, unit.Size{})}, Limit{}},
		{
			"without a run",
			[]event.Event{setting("v8", "app.log", 1, nil, unit.Known(unit.GiB))},
			Limit{Size: unit.Known(unit.GiB), From: "v8-flag", Source: event.Pos{File: "app.log", Line: 1}},
		},
	} {
		b := New(Options{})
		for _, ev := range c.events {
			b.Add(ev)
		}
		if got := b.Build().Limit; got != c.want {
			t.Errorf("%s: limit %+v, want %+v", c.name, got, c.want)
		}
	}
}

// TestEnvironmentBoundsTheHeap reads the heap bound from the environment that the user states.
func TestEnvironmentBoundsTheHeap(t *testing.T) {
	for _, c := range []struct {
		name, value string
		want        Limit
	}{
		{"JAVA_TOOL_OPTIONS", "-Xms64m -Xmx512m -Dx=y", Limit{Size: unit.Known(512 * unit.MiB), From: "xmx"}},
		{"JAVA_TOOL_OPTIONS", "-Xmx1g -XX:MaxHeapSize=67108864", Limit{Size: unit.Known(64 * unit.MiB), From: "xmx"}},
		{"JAVA_TOOL_OPTIONS", "-Dcmd=-Xmx512m", Limit{}},
		{"JAVA_TOOL_OPTIONS", "-Xmx99999999999999999999g", Limit{}},
		{"NODE_OPTIONS", "--inspect --max-old-space-size=512", Limit{Size: unit.Known(512 * unit.MiB), From: "v8-flag"}},
		{"NODE_OPTIONS", "--max_old_space_size=9223372036854775807", Limit{}},
		{"NODE_OPTIONS", "--max_old_space_size=8796093022207", Limit{Size: unit.Known(8796093022207 * unit.MiB), From: "v8-flag"}},
		{"NODE_OPTIONS", "--max_old_space_size=8796093022208", Limit{}},
		{"NODE_OPTIONS", "", Limit{}},
	} {
		b := New(Options{Env: map[string]string{c.name: c.value}})
		if got := b.Build().Limit; got != c.want {
			t.Errorf("%s=%s: limit %+v, want %+v", c.name, c.value, got, c.want)
		}
	}
}

func TestCheckEnv(t *testing.T) {
	for pair, ok := range map[[2]string]bool{
		{"GOMEMLIMIT", "3GiB"}: true, {"GOMEMLIMIT", "off"}: true, {"GOMEMLIMIT", "3GB"}: false, {"GOMEMLIMIT", "xx"}: false,
		{"GOGC", "200"}: true, {"GOGC", "off"}: true, {"GOGC", "-1"}: true, {"GOGC", "abc"}: false, {"GOGC", ""}: false,
		{"JAVA_TOOL_OPTIONS", "-Xmx1g"}: true, {"NODE_OPTIONS", ""}: true, {"FOO", "bar"}: false,
	} {
		if err := CheckEnv(pair[0], pair[1]); (err == nil) != ok {
			t.Errorf("CheckEnv(%s, %s) = %v, want ok %v", pair[0], pair[1], err, ok)
		}
	}
}

// GOMEMLIMIT is stated by the user's environment or by a line that names it, and by no other setting.
func TestSoftStated(t *testing.T) {
	for name, want := range map[event.SettingName]bool{event.SoftLimit: true, event.MaxHeap: false} {
		tl := build(Options{}, []event.Event{&event.Setting{Name: name, Size: unit.Known(unit.GiB)}})
		if tl.SoftStated != want {
			t.Errorf("a line that states %s: %v", name, tl.SoftStated)
		}
	}
}
