package parser

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"oomtrace/parser/anchor"
	"oomtrace/parser/dialect"
	"oomtrace/parser/dialect/dialecttest"
	"oomtrace/parser/event"
)

// said lists all that the dialects make of a log.
func said(dialects []dialect.Dialect, log []byte) string {
	var out []byte
	var stats Stats
	u := newRun(&Reader{Name: "log", Year: 2026, Stats: &stats}, dialects, func(ev event.Event, _ error) bool {
		out, _ = event.AppendJSON(out, ev)
		out = append(out, '\n')
		return true
	})
	err := u.read(bytes.NewReader(log))
	return fmt.Sprintf("%s%+v %v", out, stats.Counts, err)
}

// unanchored are the dialects that see every line.
func unanchored() []dialect.Dialect {
	all := slices.Clone(Dialects())
	for i := range all {
		all[i].Anchors = nil
	}
	return all
}

func logsOfAll(t testing.TB) []dialecttest.Log {
	t.Helper()
	dirs, err := filepath.Glob("dialects/*/testdata")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("%d directories, %v", len(dirs), err)
	}
	var logs []dialecttest.Log
	for _, dir := range append(dirs, "testdata/envelopes") {
		logs = append(logs, dialecttest.Logs(t, dir)...)
	}
	return logs
}

// mixed puts lines of a second log, in turn with those of an application, between the lines of a first.
func mixed(a, b []byte) []byte {
	var out []byte
	rest := bytes.SplitAfter(b, []byte("\n"))
	for i, line := range bytes.SplitAfter(a, []byte("\n")) {
		out = append(out, line...)
		if i < len(rest) && i%3 == 0 {
			out = append(append(out, rest[i]...), "request done in 5 ms\n"...)
		}
	}
	return out
}

// The events of a log are the same whether or not idle decoders see the lines without their anchors.
func TestAnchorsChangeNothing(t *testing.T) {
	all := unanchored()
	logs := logsOfAll(t)
	for i, log := range logs {
		for _, text := range [][]byte{log.Text, mixed(log.Text, logs[(i+1)%len(logs)].Text)} {
			if got, want := said(Dialects(), text), said(all, text); got != want {
				t.Errorf("%s: got\n%s\nwant\n%s", log.Path, got, want)
			}
		}
	}
}

func TestAnchorsAreLongEnough(t *testing.T) {
	if n := len(Dialects()); n > anchor.MaxReaders {
		t.Errorf("%d dialects are more than a set of anchors tells apart", n)
	}
	for _, d := range Dialects() {
		for _, a := range d.Anchors {
			if len(a) < 4 {
				t.Errorf("%s: the anchor %q has fewer than four bytes", d.Name, a)
			}
		}
	}
}

func FuzzAnchors(f *testing.F) {
	for _, log := range logsOfAll(f) {
		f.Add(log.Text[:min(len(log.Text), 4096)])
	}
	all := unanchored()
	f.Fuzz(func(t *testing.T, log []byte) {
		if got, want := said(Dialects(), log), said(all, log); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}
