package gocrash

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialect/dialecttest"
	"oomtrace/parser/event"
)

// Forget drops the shape caches, for the fuzz test.
func (d *decoder) Forget() { d.read = newReaders() }

func TestGolden(t *testing.T) { dialecttest.Run(t, Dialect) }

func FuzzDecode(f *testing.F) { dialecttest.Fuzz(f, Dialect) }

func TestGrammarExamples(t *testing.T) {
	r := newReaders()
	parse := []func([]byte) error{
		func(b []byte) error { _, err := r.reason.Parse(b); return err },
		func(b []byte) error { _, err := r.header.Parse(b); return err },
		func(b []byte) error { _, err := r.place.Parse(b); return err },
		func(b []byte) error { _, err := r.register.Parse(b); return err },
	}
	if len(parse) != len(Dialect.Grammars) {
		t.Fatalf("%d grammars, want %d", len(Dialect.Grammars), len(parse))
	}
	for i, g := range Dialect.Grammars {
		if err := parse[i](r.blank([]byte(g.Example))); err != nil || g.EBNF == "" {
			t.Errorf("%s: %q: %v", g.Name, g.Example, err)
		}
	}
}

// decode reads a log as one stream and returns what became of it.
func decode(lines []string) (events []event.Event, foreign []string) {
	dec := Dialect.New()
	emit := func(ev event.Event) { events = append(events, ev) }
	for i, text := range lines {
		if !dec.Decode(&dialect.Line{Pos: event.Pos{File: "log", Line: i + 1}, Text: []byte(text)}, emit) {
			foreign = append(foreign, text)
		}
	}
	dec.Flush(emit)
	return events, foreign
}

// realDump is the middle of a dump of Go 1.21 with n goroutines.
func realDump(n int) []string {
	out := []string{"SIGQUIT: quit", "PC=0x465d81 m=0 sigcode=0", ""}
	for i := range n {
		out = append(out,
			fmt.Sprintf("goroutine %d [chan send, %d minutes]:", i+1, i%90+1),
			fmt.Sprintf("runtime.gopark(0x%x?, 0x0?, 0x0?, 0x0?, 0x0?)", i*7919),
			fmt.Sprintf("\t/usr/local/go/src/runtime/proc.go:398 +0xce fp=0xc%09x sp=0xc%09x pc=0x43834e", i*1024+64, i*1024+32),
			fmt.Sprintf("main.callUpstream({0xc%09x, 0x2000, 0x2000})", i*4096),
			fmt.Sprintf("\t/srv/gowork/src/svc/main.go:183 +0x2e fp=0xc%09x sp=0xc%09x pc=0x4d23ee", i*2048+64, i*2048+32),
			"created by main.main.leakGoroutines.func4 in goroutine 1",
			"\t/srv/gowork/src/svc/main.go:188 +0x4a",
			"")
	}
	return append(out, "rax    0xca", "rip    0x465d81", "gs     0x0")
}

func TestApplicationLinesInsideDump(t *testing.T) {
	app := []string{
		"2026/11/22 19:34:24 request 7 by bob", `{"level":"info","msg":"gc 9 @9.9s 9%: not a trace line"}`, "done()", "total 0x12",
		"gc 6 @0.737s 1%: 0.53+0.62+0.004 ms clock, 1.0+0.042/0.32/0+0.009 ms cpu, 33->33->16 MB, 35 MB goal, 0 MB stacks, 0 MB globals, 2 P",
		"\tindented: by 3", "handler(request 5)", "goroutine 5 finished", "created at 10:15", "...", "=== RUN TestX", "scvg0: 12 MB released",
	}
	dump := realDump(40)
	for at := 4; at < len(dump); at++ {
		for _, line := range app {
			log := append(append(append([]string{}, dump[:at]...), line), dump[at:]...)
			events, foreign := decode(log)
			if len(foreign) != 1 || foreign[0] != line {
				t.Fatalf("%q after %q: refused lines %q", line, dump[at-1], foreign)
			}
			if len(events) != 2 {
				t.Fatalf("%q after %q: %d events, want 2: %+v", line, dump[at-1], len(events), events)
			}
			if d, ok := events[1].(*event.Dump); !ok || d.Goroutines != 40 || d.Lines != len(dump)-3 || d.Cut {
				t.Fatalf("%q after %q: events %+v", line, dump[at-1], events[1])
			}
		}
	}
}

func TestCutAnywhere(t *testing.T) {
	dump := realDump(3)
	for end := 5; end < len(dump); end++ {
		events, _ := decode(dump[:end])
		d, ok := events[len(events)-1].(*event.Dump)
		registers := strings.HasPrefix(dump[end-1], "r")
		if !ok || d.Cut == (registers && !strings.HasPrefix(dump[end-1], "runtime")) {
			t.Errorf("cut after %q: %+v", dump[end-1], events[len(events)-1])
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	dec := newDecoder()
	emit := func(event.Event) {}
	var lines []dialect.Line
	for _, text := range realDump(64) {
		lines = append(lines, dialect.Line{Text: []byte(text)})
	}
	for i := range lines {
		dec.Decode(&lines[i], emit)
	}
	body := lines[3 : len(lines)-3]
	if n := testing.AllocsPerRun(10, func() {
		for i := range body {
			dec.Decode(&body[i], emit)
		}
	}); n > 0 {
		t.Errorf("%v allocations for %d lines of a dump that is open, want none", n, len(body))
	}
	foreign := []string{"2026/11/22 19:34:24 request 7 by bob", `{"level":"info","msg":"request 6"}`, "runtime stats: 12 GiB RSS", ""}
	dec = newDecoder()
	for _, text := range foreign {
		l := dialect.Line{Text: []byte(text)}
		if n := testing.AllocsPerRun(10, func() { dec.Decode(&l, emit) }); n > 0 {
			t.Errorf("%v allocations to refuse %q, want none", n, text)
		}
	}
}

func TestLongMessageIsClipped(t *testing.T) {
	events, _ := decode([]string{"panic: " + strings.Repeat("é", 1<<20), "exit status 2"})
	if m := events[0].(*event.ProcessEnd).Message; len(m) > maxMessage || strings.Trim(m, "é") != "" {
		t.Errorf("message of %d bytes, ends in %q", len(m), m[len(m)-4:])
	}
}

func benchmark(b *testing.B, lines []string) {
	log := []byte(strings.Join(lines, "\n"))
	emit := func(event.Event) {}
	dec := Dialect.New()
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	var l dialect.Line
	for b.Loop() {
		for text := range bytes.SplitSeq(log, []byte("\n")) {
			l.Text = text
			dec.Decode(&l, emit)
		}
	}
}

func BenchmarkDump(b *testing.B) { benchmark(b, realDump(10_000)) }

func BenchmarkForeign(b *testing.B) {
	benchmark(b, strings.Split(strings.Repeat("2026/11/22 19:34:24 request 7 by bob took 12.4 ms, 200 OK\n"+`{"level":"info","msg":"served","id":9}`+"\n", 10_000), "\n"))
}
