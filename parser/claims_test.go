package parser_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"oomtrace/parser"
	"oomtrace/parser/dialect"
	"oomtrace/parser/dialect/dialecttest"
	"oomtrace/parser/envelope"
	"oomtrace/parser/event"
)

// goldenLogs are the logs of the golden cases of all dialects, and the wrapped ones.
func goldenLogs(t *testing.T) []dialecttest.Log {
	t.Helper()
	dirs, err := filepath.Glob("dialects/*/testdata")
	if err != nil || len(dirs) < len(parser.Dialects()) {
		t.Fatalf("%d directories of golden cases for %d dialects, %v", len(dirs), len(parser.Dialects()), err)
	}
	var logs []dialecttest.Log
	for _, dir := range append(dirs, "testdata/envelopes") {
		found := dialecttest.Logs(t, dir)
		if len(found) == 0 {
			t.Errorf("%s: no logs", dir)
		}
		logs = append(logs, found...)
	}
	return logs
}

// TestOneDialectClaimsALine shows every line of every golden log to every dialect.
func TestOneDialectClaimsALine(t *testing.T) {
	for _, log := range goldenLogs(t) {
		t.Run(log.Path, func(t *testing.T) {
			var strip envelope.Stripper
			decoders := map[*event.Stream][]dialect.Decoder{}
			number := 0
			for text := range bytes.Lines(log.Text) {
				number++
				rec := strip.Strip(bytes.TrimRight(text, "\r\n"), number, 0)
				if rec == nil {
					continue
				}
				if decoders[rec.Stream] == nil {
					for _, d := range parser.Dialects() {
						decoders[rec.Stream] = append(decoders[rec.Stream], d.New())
					}
				}
				line := dialect.Line{Pos: event.Pos{File: log.Path, Line: rec.Line}, Time: rec.Time, Stream: rec.Stream, Text: rec.Text}
				var claims []string
				for i, d := range decoders[rec.Stream] {
					if d.Decode(&line, func(event.Event) {}) {
						claims = append(claims, parser.Dialects()[i].Name)
					}
				}
				if len(claims) > 1 {
					t.Errorf("line %d is claimed by %s: %q", number, strings.Join(claims, " and "), rec.Text)
				}
			}
		})
	}
}

func TestDialects(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range parser.Dialects() {
		if seen[d.Name] {
			t.Errorf("two dialects are named %s", d.Name)
		}
		seen[d.Name] = true
		if d.Name == "" || d.Name != strings.ToLower(d.Name) || d.Title == "" || d.Versions == "" || d.Notes == "" || len(d.Grammars) == 0 || d.New == nil {
			t.Errorf("dialect %q does not say all that it should: %+v", d.Name, d)
		}
		for _, g := range d.Grammars {
			if g.Name == "" || g.EBNF == "" || g.Example == "" {
				t.Errorf("dialect %s: grammar %+v is incomplete", d.Name, g)
			}
		}
	}
}
