package cloud

import (
	"fmt"
	"strings"
	"testing"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialect/dialecttest"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

func TestGolden(t *testing.T) { dialecttest.Run(t, Dialect) }

func FuzzDecode(f *testing.F) { dialecttest.Fuzz(f, Dialect) }

// Forget drops the caches, for the fuzz test that holds them against the grammars.
func (d *decoder) Forget() { d.read = newReaders() }

func TestExamples(t *testing.T) {
	r := newReaders()
	parse := []func([]byte) error{
		func(b []byte) error { _, err := r.report.Parse(b); return err },
		func(b []byte) error { _, err := r.limit.Parse(b); return err },
		func(b []byte) error { _, err := r.soft.Parse(b); return err },
		func(b []byte) error { _, err := r.dyno.Parse(b); return err },
		func(b []byte) error { _, err := r.status.Parse(b); return err },
	}
	if len(parse) != len(Dialect.Grammars) {
		t.Fatalf("%d grammars, want %d", len(Dialect.Grammars), len(parse))
	}
	for i, g := range Dialect.Grammars {
		if err := parse[i]([]byte(g.Example)); err != nil || g.EBNF == "" {
			t.Errorf("%s: %q: %v", g.Name, g.Example, err)
		}
	}
}

func TestForeignLines(t *testing.T) {
	for _, line := range []string{
		"", "RequestId: ", "RequestId: abc", "RequestId: abc-def-ghi served", "xquestId: abc", "REPORT RequestId: abc-def\tDuration: 3 ms", "a memory limit exceeded the budget", "any limit of 3",
		"The quota was exceeded with 5 used", "Exceeded the limit of 3", "Process running mem", "Process exited with status 137", "Error R12 (Exit timeout)", "heroku[web.1", "heroku[web.1]: Starting process with command `bin/web`",
		"Memory limit of the plan exceeded with a lot used", "was found to be using too much memory and was terminated", strings.Repeat("y limit ", maxLine),
	} {
		d := Dialect.New()
		if d.Decode(&dialect.Line{Text: []byte(line)}, func(ev event.Event) { t.Errorf("%.100q: %+v", line, ev) }) {
			t.Errorf("%.100q is claimed", line)
		}
	}
}

// The source heroku is taken off by the envelope.
func TestDynoFromTheEnvelope(t *testing.T) {
	d := Dialect.New()
	stream := &event.Stream{Unit: "heroku", Container: "web.7"}
	var got []*event.ContainerEvent
	emit := func(ev event.Event) { got = append(got, ev.(*event.ContainerEvent)) }
	for _, text := range []string{"Process running mem=1124M(219.5%)", "Error R15 (Memory quota vastly exceeded)", "Stopping process with SIGKILL"} {
		if !d.Decode(&dialect.Line{Stream: stream, Text: []byte(text)}, emit) {
			t.Errorf("%q is refused", text)
		}
	}
	if len(got) != 2 || got[0].Name != "web.7" || got[0].Action != event.ActionOOM || got[0].Limit != unit.Known(512*unit.MiB) || got[1].Signal != sigkill {
		t.Errorf("%+v", got)
	}
}

// Only the latest requests are remembered.
func TestManyRequests(t *testing.T) {
	d := &decoder{read: newReaders()}
	for i := range 10 * maxRequests {
		d.Decode(&dialect.Line{Text: fmt.Appendf(nil, "RequestId: 7102cad9-%d Error: Runtime exited with error: signal: killed", i)}, func(event.Event) {})
	}
	if len(d.requests) != maxRequests || d.requests[maxRequests-1].id != fmt.Sprintf("7102cad9-%d", 10*maxRequests-1) {
		t.Errorf("%d requests, the last is %+v", len(d.requests), d.requests[len(d.requests)-1])
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct{ name, line string }{
		{"report", "REPORT RequestId: fa60295b-85a2-495a-a7e2-da5c85a5eb1e\tDuration: 19266.38 ms\tBilled Duration: 19267 ms\tMemory Size: 2688 MB\tMax Memory Used: 2581 MB"},
		{"foreign", "2026/11/22 19:54:32 INFO request done path=/api/v1/items status=200 took=12ms"},
		{"kernel", "memory: usage 65536kB, limit 65536kB, failcnt 33"},
	} {
		b.Run(c.name, func(b *testing.B) {
			d := Dialect.New()
			l := &dialect.Line{Pos: event.Pos{File: "log", Line: 1}, Text: []byte(c.line)}
			emit := func(event.Event) {}
			b.SetBytes(int64(len(c.line)))
			b.ReportAllocs()
			for b.Loop() {
				d.Decode(l, emit)
			}
		})
	}
}
