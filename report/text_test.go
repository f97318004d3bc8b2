package report_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"oomtrace/report"
	"oomtrace/report/reporttest"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"checkout-api", "checkout-api"},
		{"größe 4 GiB ▁▂", "größe 4 GiB ▁▂"},
		{"\x1b[31mred\x07", `\x1b[31mred\x07`},
		{"a\tb", "a b"},
		{"two\r\nlines", `two\x0d\x0alines`},
		{"\u009b31m", `\x9b31m`},
		{"\xff\x80", `\xff\x80`},
		{"\u202etxt.exe", `\u202etxt.exe`},
		{"zero\u200bwidth\u2060", `zero\u200bwidth\u2060`},
		{"line\u2028para\u2029", `line\u2028para\u2029`},
		{"\U000e0041tag", `\U000e0041tag`},
		{"\ufeffbom", `\ufeffbom`},
		{"\u00adsoft", `\xadsoft`},
		{"�", "�"},
	} {
		if got := report.Clean(c.in); got != c.want {
			t.Errorf("Clean(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestCleanIsHarmless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "in")
		got := report.Clean(in)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) }) {
			t.Errorf("Clean(%q) = %q", in, got)
		}
		if again := report.Clean(got); again != got {
			t.Errorf("Clean(Clean(%q)) = %q, want %q", in, again, got)
		}
	})
}

func TestTextKnowsItsSource(t *testing.T) {
	x := report.Text{}.Plain("a ").Log("b\x1b").Plainf(" %d", 3)
	if got, want := x.String(), `a b\x1b 3`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if x[0].Log || !x[1].Log || x[2].Log {
		t.Errorf("wrong sources: %+v", x)
	}
	json, err := x.MarshalJSON()
	if err != nil || string(json) != `"a b\\x1b 3"` {
		t.Errorf("got %s, %v", json, err)
	}
}

// TestModelIsHarmless looks at every string of every Model, whatever the log held.
func TestModelIsHarmless(t *testing.T) {
	for _, c := range reporttest.Cases() {
		m := report.New(c.Input)
		m.Events = nil
		walk(t, c.Name, m)
	}
}

func TestOptions(t *testing.T) {
	for in, want := range map[string][]string{
		"Try -Xlog:class+load,class+unload (--trace-gc for Node), GOMEMLIMIT=91MiB; not a-b - c.": {"-Xlog:class+load,class+unload", "--trace-gc", "GOMEMLIMIT=91MiB"},
		"-Xlog:gc* or give --limit.":   {"-Xlog:gc*", "--limit"},
		"-Xmx1g`":                      {"-Xmx1g"},
		"x-Xmx1g, T-5 s, A=1 or (a=b)": nil,
		"":                             nil,
	} {
		var got []string
		parts := report.Options(in)
		for _, p := range parts {
			if p.Log {
				got = append(got, p.Text)
			}
		}
		if !slices.Equal(got, want) || parts.String() != in {
			t.Errorf("%q: got %q in %q, want %q", in, got, parts, want)
		}
	}
}
