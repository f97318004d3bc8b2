package parser

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// jsonDialect claims every document that holds the word pod, and every line that holds the word line.
var jsonDialect = dialect.Dialect{Name: "json-test", New: func() dialect.Decoder { return jsonDecoder{} }}

type jsonDecoder struct{}

func (jsonDecoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	if !strings.Contains(string(l.Text), "line") {
		return false
	}
	emit(&event.Setting{Head: l.Head("json-test"), Text: string(l.Text)})
	return true
}

func (jsonDecoder) DecodeDocument(d *dialect.Document, emit dialect.Emit) bool {
	at := strings.Index(string(d.Text), "pod")
	if at < 0 {
		return false
	}
	emit(&event.Setting{Head: event.Head{Pos: d.PosAt(at)}, Text: fmt.Sprintf("%d lines, cut %t", len(d.Starts), d.Cut)})
	return true
}

func (jsonDecoder) Flush(dialect.Emit) {}

func TestDocuments(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
		counts     Counts
	}{
		{"pretty", "{\n  \"kind\": \"pod\",\n\n  \"n\": [1, 2]\n}\nline\n", []string{"2: 5 lines, cut false", "6: line"}, Counts{Understood: 5}},
		{"one line", "{\"kind\": \"pod\"}\n", []string{"1: 1 lines, cut false"}, Counts{Understood: 1}},
		{"two in a row", "[\n\"pod\"\n]\n{\n\"pod\": 1}\n", []string{"2: 3 lines, cut false", "5: 2 lines, cut false"}, Counts{Understood: 5}},
		{"CRLF", "{\r\n  \"kind\": \"pod\"\r\n}\r\n", []string{"2: 3 lines, cut false"}, Counts{Understood: 3}},
		{"cut", "{\n  \"kind\": \"pod\",\n", []string{"2: 2 lines, cut true"}, Counts{Understood: 2}},
		{"brackets in strings", "{\n \"a\": \"}]\\\"pod\"\n}\n", []string{"2: 3 lines, cut false"}, Counts{Understood: 3}},
		{"foreign", "{\n \"line\": 1\n}\n", []string{"2:  \"line\": 1"}, Counts{Understood: 1, Other: 2}},
		{"no JSON after all", "{\n \"pod\": 1,\nline of the program\n{\n\"pod\":2\n}\n", []string{"3: line of the program", "5: 3 lines, cut false"}, Counts{Understood: 4, Other: 2}},
		{"not valid", "{\n \"pod\": :\n}\nline\n", []string{"4: line"}, Counts{Understood: 1, Other: 3}},
		{"brackets of other logs", "[pod\n[12.5] line {\n", []string{"2: [12.5] line {"}, Counts{Understood: 1, Other: 1}},
		{"open string", "{ \"pod\nline\n", []string{"2: line"}, Counts{Understood: 1, Other: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			var stats Stats
			u := newRun(&Reader{Stats: &stats}, []dialect.Dialect{jsonDialect}, func(ev event.Event, _ error) bool {
				got = append(got, fmt.Sprintf("%d: %s", ev.Header().Pos.Line, ev.(*event.Setting).Text))
				return true
			})
			if err := u.read(strings.NewReader(test.text)); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if stats.Counts != test.counts {
				t.Errorf("got %+v, want %+v", stats.Counts, test.counts)
			}
		})
	}
}

func TestTooLargeDocumentsAreReadByLine(t *testing.T) {
	d := documents{}
	long := []byte(strings.Repeat(" ", 1<<20) + "1,")
	if d.add([]byte("["), 1, 0) != held {
		t.Fatal("the first line is not held")
	}
	for number := 2; ; number++ {
		switch got := d.add(long, number, 0); got {
		case held:
			if number > maxDocument>>20+1 {
				t.Fatal("more than the bound is held")
			}
		case broken:
			return
		case apart, whole:
			t.Fatalf("line %d: %v", number, got)
		}
	}
}
