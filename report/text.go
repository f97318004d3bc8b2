package report

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Part is a piece of a Text.
type Part struct {
	Text string
	Log  bool // it came out of a log or a file name: quote it in formats that have markup
}

// Text is a sentence that remembers which of its pieces came out of a log.
type Text []Part

// Plain returns the text with words of our own added.
func (t Text) Plain(s string) Text { return append(t, Part{Text: s}) }

// Plainf returns the text with formatted words of our own added. Its arguments must not come from a log.
func (t Text) Plainf(format string, args ...any) Text { return t.Plain(fmt.Sprintf(format, args...)) }

// Log returns the text with a piece from a log added, cleaned.
func (t Text) Log(s string) Text { return append(t, Part{Text: Clean(s), Log: true}) }

// Append returns the text with another one added.
func (t Text) Append(more Text) Text { return append(t, more...) }

// setting is an option of a program, or a variable of its environment with its value.
var setting = regexp.MustCompile(`(^|[ (])(--?[A-Za-z][\w:+=,.*%-]*[\w*]|[A-Z][A-Z_]+=[\w.%-]*\w)`)

// Options parts a sentence of ours: options and settings, which a reader types as they stand, are marked as pieces of a log are.
func Options(s string) Text {
	var out Text
	from := 0
	for _, m := range setting.FindAllStringSubmatchIndex(s, -1) {
		out = append(out, Part{Text: s[from:m[4]]}, Part{Text: s[m[4]:m[5]], Log: true})
		from = m[5]
	}
	return append(out, Part{Text: s[from:]})
}

// String returns the text without distinction.
func (t Text) String() string {
	var b strings.Builder
	for _, p := range t {
		b.WriteString(p.Text)
	}
	return b.String()
}

// MarshalJSON writes the plain text.
func (t Text) MarshalJSON() ([]byte, error) { return json.Marshal(t.String()) }

// Clean makes text from a log harmless to show: control characters (ESC, newlines and C1 included), bidirectional
// overrides, other invisible format characters and invalid UTF-8 become visible escapes such as \x1b and \u202e.
// A tab becomes a space. Text without any of them is returned as it is.
func Clean(s string) string {
	if harmless(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\t':
			b.WriteByte(' ')
		case !unsafeRune(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += n
	}
	return b.String()
}

func harmless(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return utf8.ValidString(s) && !strings.ContainsFunc(s, unsafeRune)
		}
	}
	return true
}

// unsafeRune reports control and format characters, line and paragraph separators, private use and surrogates.
func unsafeRune(r rune) bool {
	return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp)
}

// cut shortens a text from a log to at most n runes.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
