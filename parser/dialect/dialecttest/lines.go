package dialecttest

import (
	"testing"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// By makes of what a cache of shapes offers what Examples wants.
func By[T any](parse func([]byte) (*T, error)) func([]byte) error {
	return func(text []byte) error {
		_, err := parse(text)
		return err
	}
}

// Examples holds the example of each grammar of the dialect against the parser that stands in its place.
func Examples(t *testing.T, d dialect.Dialect, parsers ...func([]byte) error) {
	t.Helper()
	if len(parsers) != len(d.Grammars) {
		t.Fatalf("%d grammars, want %d", len(d.Grammars), len(parsers))
	}
	for i, g := range d.Grammars {
		if err := parsers[i]([]byte(g.Example)); err != nil || g.EBNF == "" {
			t.Errorf("%s: EBNF %q, example %q: %v", g.Name, g.EBNF, g.Example, err)
		}
	}
}

// Refuses fails the test where a fresh decoder claims one of the lines, or says anything of it.
func Refuses(t *testing.T, d dialect.Dialect, lines ...string) {
	t.Helper()
	for _, line := range lines {
		emit := func(ev event.Event) { t.Errorf("%.100q: %+v", line, ev) }
		if d.New().Decode(&dialect.Line{Pos: event.Pos{File: "log", Line: 1}, Text: []byte(line)}, emit) {
			t.Errorf("%.100q is claimed", line)
		}
	}
}

// Bench reads a line of the dialect, one of an application and one of the kernel, each over and over.
func Bench(b *testing.B, d dialect.Dialect, own string) {
	for _, c := range []struct{ name, line string }{
		{"own", own},
		{"foreign", "2026/11/22 19:54:32 INFO request done path=/api/v1/items status=200 took=12ms"},
		{"kernel", "memory: usage 65536kB, limit 65536kB, failcnt 33"},
	} {
		b.Run(c.name, func(b *testing.B) {
			decoder := d.New()
			l := &dialect.Line{Pos: event.Pos{File: "log", Line: 1}, Text: []byte(c.line)}
			emit := func(event.Event) {}
			b.SetBytes(int64(len(c.line)))
			b.ReportAllocs()
			for b.Loop() {
				decoder.Decode(l, emit)
			}
		})
	}
}
