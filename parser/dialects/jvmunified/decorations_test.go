package jvmunified

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// decorators are the fields of a line in the order in which the JVM writes them, as in a real log with all of them.
var decorators = []struct{ name, text string }{
	{"time", "2026-11-22T20:26:53.344+0100"},
	{"utctime", "2026-11-22T19:26:53.344+0000"},
	{"uptime", "0.214s"},
	{"timemillis", "1795375613344ms"},
	{"uptimemillis", "213ms"},
	{"timenanos", "1402069697701ns"},
	{"uptimenanos", "213852169ns"},
	{"hostname", "vm-7.example"},
	{"pid", "9835"},
	{"tid", "9842"},
	{"level", "info   "},
	{"tags", "gc          "},
}

// Every combination of decorators is read, and gives the clocks that it names.
func TestDecorators(t *testing.T) {
	const message = "GC(1) Pause Young (Normal) (G1 Evacuation Pause) 9M->8M(64M) 1.896ms"
	wall := time.Date(2026, 11, 22, 19, 26, 53, 344e6, time.UTC).UnixNano()
	for set := range 1 << len(decorators) {
		var names []string
		var prefix string
		has := map[string]bool{}
		for i, d := range decorators {
			if set>>i&1 == 1 {
				names = append(names, d.name)
				prefix += "[" + d.text + "]"
				has[d.name] = true
			}
		}
		if prefix != "" {
			prefix += " "
		}
		var want event.Time
		if has["time"] || has["utctime"] || has["timemillis"] {
			want.Has, want.Wall, want.WallStep, want.Step = event.Wall, wall, time.Millisecond, time.Millisecond
		}
		switch {
		case has["uptime"]:
			want.Has, want.Process, want.Step = want.Has|event.Process, 214*time.Millisecond, time.Millisecond
		case has["uptimemillis"]:
			want.Has, want.Process, want.Step = want.Has|event.Process, 213*time.Millisecond, time.Millisecond
		case has["uptimenanos"]:
			want.Has, want.Process, want.Step = want.Has|event.Process, 213852169, 1
		}
		if has["timenanos"] {
			want.Has, want.Boot, want.Step = want.Has|event.Boot, 1402069697701, 1
		}
		for _, comma := range []bool{false, true} {
			line := prefix + message
			if comma {
				line = strings.NewReplacer("0.214s", "0,214s", "1.896ms", "1,896ms").Replace(line)
			}
			gc := one(t, line)
			if gc == nil {
				t.Errorf("%s: not read: %s", strings.Join(names, ","), line)
				continue
			}
			if gc.Time != want {
				t.Errorf("%s: time of %s\nwant %+v\ngot  %+v", strings.Join(names, ","), line, want, gc.Time)
			}
			if gc.Cycle != 1 || gc.Before != unit.Known(9*unit.MiB) || gc.After != unit.Known(8*unit.MiB) ||
				gc.Pause != event.Took(1896*time.Microsecond) {
				t.Errorf("%s: %s: got %+v", strings.Join(names, ","), line, gc)
			}
		}
	}
}

// one reads a line that stands alone, and returns its collection.
func one(t *testing.T, line string) *event.GC {
	t.Helper()
	var found *event.GC
	d := newDecoder()
	emit := func(ev event.Event) {
		gc, ok := ev.(*event.GC)
		if !ok || found != nil {
			t.Errorf("%s: a second event, or another: %T", line, ev)
			return
		}
		found = gc
	}
	if !d.Decode(&dialect.Line{Text: []byte(line)}, emit) {
		return nil
	}
	d.Flush(emit)
	return found
}

// What an envelope says about the wall clock stays.
func TestEnvelopeClock(t *testing.T) {
	d := newDecoder()
	l := dialect.Line{Text: []byte("[2026-11-22T19:26:53.344+0000][0.214s][info][gc] GC(1) Pause Full (System.gc()) 9M->8M(64M) 1.896ms")}
	l.Time = event.Time{Has: event.Wall, Wall: 42, Step: time.Nanosecond, WallStep: time.Nanosecond}
	want := l.Time
	want.Has |= event.Process
	want.Process = 214 * time.Millisecond
	d.Decode(&l, func(event.Event) {})
	d.Flush(func(ev event.Event) {
		if got := ev.Header().Time; got != want {
			t.Errorf("want %+v\ngot  %+v", want, got)
		}
	})
}

// Brackets that a JVM does not write.
func TestForeignBrackets(t *testing.T) {
	for _, line := range []string{
		"[info][0.214s] GC(1) text", "[0.214s][0.215s][info][gc] text", "[info][info][gc] text",
		"[12][vm][info][gc] text", "[0.214s]text", "[0.214s] [info] text", "[a b][gc] text", "[0.214s", "[", "[]x", "[2026-11-22 19:26:53][gc] text",
		"[\x00][gc] text", "[\xff][gc] text", "[[gc]] text",
	} {
		d := newDecoder()
		if d.Decode(&dialect.Line{Text: []byte(line)}, func(ev event.Event) { t.Errorf("%q: %+v", line, ev) }) {
			t.Errorf("%q: claimed", line)
		}
	}
}

// A JVM that starts in the same stream brings its own collector, region size and largest heap.
func TestRestart(t *testing.T) {
	var got []string
	d := newDecoder()
	emit := func(ev event.Event) {
		if gc, ok := ev.(*event.GC); ok {
			got = append(got, fmt.Sprintf("%s %d %s", gc.Collector, gc.Cycle, gc.Capacity))
		}
	}
	for _, line := range []string{
		"[0.1s][info][gc] Using G1",
		"[0.1s][info][gc,init] Heap Max Capacity: 64M",
		"[0.9s][info][gc] GC(0) Pause Young (Normal) (G1 Evacuation Pause) 9M->8M(64M) 1.896ms",
		"[0.1s][info][gc] Using Serial",
		"[0.9s][info][gc] GC(0) Pause Young (Allocation Failure) 9M->8M(64M) 1.896ms",
	} {
		d.Decode(&dialect.Line{Text: []byte(line)}, emit)
	}
	d.Flush(emit)
	if want := "g1 0 64 MiB, serial 0 unknown"; strings.Join(got, ", ") != want {
		t.Errorf("want %s, got %s", want, strings.Join(got, ", "))
	}
}
