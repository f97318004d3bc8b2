package parser_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"oomtrace/parser"
	"oomtrace/parser/dialect"
	"oomtrace/parser/envelope"
	"oomtrace/parser/event"
)

// golden finds the logs in the archives of the dialects' golden cases, see dialecttest.
var golden = regexp.MustCompile(`(?m)^-- (log|events)[^\n]* --\r?\n`)

func goldenLogs(t *testing.T) map[string][]byte {
	t.Helper()
	logs := map[string][]byte{}
	for _, pattern := range []string{"dialects/*/testdata/*.txtar", "testdata/envelopes/*.log"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files, %v", pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(file, ".txtar") {
				logs[file] = data
				continue
			}
			marks := append(golden.FindAllSubmatchIndex(data, -1), []int{len(data)})
			for i, m := range marks[:len(marks)-1] {
				if string(data[m[2]:m[3]]) == "log" {
					logs[file] = append(logs[file], data[m[1]:marks[i+1][0]]...)
				}
			}
		}
	}
	return logs
}

// TestOneDialectClaimsALine shows every line of every golden log to every dialect.
func TestOneDialectClaimsALine(t *testing.T) {
	for file, log := range goldenLogs(t) {
		t.Run(file, func(t *testing.T) {
			var strip envelope.Stripper
			decoders := map[*event.Stream][]dialect.Decoder{}
			number := 0
			for text := range bytes.Lines(log) {
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
				line := dialect.Line{Pos: event.Pos{File: file, Line: rec.Line}, Time: rec.Time, Stream: rec.Stream, Text: rec.Text}
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
