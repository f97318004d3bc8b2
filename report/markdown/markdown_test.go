package markdown_test

import (
	"bytes"
	"errors"
	"html"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"oomtrace/report"
	"oomtrace/report/markdown"
	"oomtrace/report/reporttest"
)

func render(t *testing.T, m *report.Model) string {
	t.Helper()
	var b bytes.Buffer
	if err := markdown.Write(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	for _, c := range reporttest.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			reporttest.Golden(t, filepath.Join("testdata", c.Name+".md"), render(t, report.New(c.Input)))
		})
	}
}

var danger = map[string]*regexp.Regexp{
	"HTML":        regexp.MustCompile(`<`),
	"a mention":   regexp.MustCompile(`@\w`),
	"a reference": regexp.MustCompile(`#\d|GH-\d`),
	"a link":      regexp.MustCompile(`(^|[^\\])\]\(|://|www\.`),
}

// TestHarmless takes every code span away as CommonMark reads them; nothing dangerous may be left.
func TestHarmless(t *testing.T) {
	for _, c := range reporttest.Cases() {
		cells := 0 // of the table's first row
		for line := range strings.Lines(render(t, report.New(c.Input))) {
			rest, spans := withoutCode(strings.TrimSuffix(line, "\n"))
			for what, r := range danger {
				if text := read(what, rest); r.MatchString(text) {
					t.Errorf("%s: %s in %q", c.Name, what, line)
				}
			}
			if !strings.HasPrefix(line, "|") {
				cells = 0
				continue
			}
			if cells == 0 {
				cells = strings.Count(rest, "|")
			}
			if strings.Count(rest, "|") != cells || strings.Contains(strings.Join(spans, ""), "|") {
				t.Errorf("%s: the row has other cells: %q", c.Name, line)
			}
		}
	}
}

// read returns a line as the reader that makes mentions and links sees it: with entities replaced.
func read(what, line string) string {
	if what == "HTML" {
		return line
	}
	return html.UnescapeString(line)
}

// withoutCode splits a line into what is not code and the code spans.
func withoutCode(line string) (rest string, spans []string) {
	for i := 0; i < len(line); {
		switch {
		case line[i] == '\\' && i+1 < len(line):
			rest += line[i : i+2]
			i += 2
		case line[i] == '`':
			fence := len(line[i:]) - len(strings.TrimLeft(line[i:], "`"))
			end := closing(line[i+fence:], fence)
			if end < 0 {
				rest += line[i : i+fence]
				i += fence
				continue
			}
			spans = append(spans, line[i+fence:i+fence+end])
			i += 2*fence + end
		default:
			rest += line[i : i+1]
			i++
		}
	}
	return rest, spans
}

// closing returns where the run of exactly n backticks begins, or -1.
func closing(s string, n int) int {
	for i := 0; i < len(s); {
		if s[i] != '`' {
			i++
			continue
		}
		run := len(s[i:]) - len(strings.TrimLeft(s[i:], "`"))
		if run == n {
			return i
		}
		i += run
	}
	return -1
}

// Options and settings are code, and what stands beside them is not: fences never touch.
func TestOptionsAreCode(t *testing.T) {
	for _, c := range []struct {
		text report.Text
		want string
	}{
		{report.Text{}.Plain("Raise -Xmx (or GOMEMLIMIT=1GiB), see -Xlog:gc*."), "Raise `-Xmx` (or `GOMEMLIMIT=1GiB`), see `-Xlog:gc*`."},
		{report.Text{}.Log("a b").Plain("-Xmx1g"), "`a b`&#8288;`-Xmx1g`"},
		{report.Text{}.Log("a b").Log(" ").Log("c`d"), "`a b`&#8288;`` c`d ``"},
		{report.Text{}.Plain("-Xmx1g`-Xms1g`` --limit`"), "`-Xmx1g`\\`-Xms1g\\`\\` `--limit`\\`"},
		{report.Text{}.Plain("`").Log("a b"), "\\`&#8288;`a b`"},
		{report.Text{}.Log("GH-12").Plain(" -Xss<b>@x"), "GH&#8288;-12 `-Xss`&lt;b\\>@&#8288;x"},
	} {
		m := &report.Model{Verdict: report.Verdict{Sentence: c.text}}
		got, _, _ := strings.Cut(strings.TrimPrefix(render(t, m), "**"), "**\n")
		if got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.text, got, c.want)
		}
		if rest, _ := withoutCode(got); strings.Contains(strings.ReplaceAll(rest, "\\`", ""), "`") {
			t.Errorf("%q: a fence is left open in %s", c.text, got)
		}
	}
}

type failing struct{}

var errDisk = errors.New("disk full")

func (failing) Write([]byte) (int, error) { return 0, errDisk }

func TestWriteFails(t *testing.T) {
	if err := markdown.Write(failing{}, report.New(reporttest.Leak())); !errors.Is(err, errDisk) {
		t.Errorf("got %v, want %v", err, errDisk)
	}
}

func TestFooter(t *testing.T) {
	in := reporttest.Leak()
	for _, name := range []string{"a", "b", "c"} {
		in.Sources = append(in.Sources, report.Source{File: name})
	}
	got := render(t, report.New(in))
	want := "oomtrace 0.1.0, `gctrace.log` sha256 `9f2c…e41b`, `kern.log`, `a`, 2 more files\n"
	if !strings.HasSuffix(got, "\n"+want) {
		t.Errorf("ends with %q, want %q", got[max(0, len(got)-120):], want)
	}
}

// People read short names: the folder that all inputs share is said nowhere.
func TestShortNames(t *testing.T) {
	for _, c := range reporttest.Cases() {
		if got := render(t, report.New(c.Input)); strings.Contains(got, reporttest.Folder) {
			t.Errorf("%s names the folder of its inputs:\n%s", c.Name, got)
		}
	}
}
