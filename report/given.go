package report

import (
	"slices"
	"strings"
)

// given notes what is to be said of the inputs: that they gave nothing, how they were unpacked and decoded, what was assumed. What
// is to be said of several is said once.
func (b *builder) given() []Note {
	var out []Note
	var said []string
	for i := range b.in.Sources {
		s := &b.in.Sources[i]
		parts := b.heardAll(s.Notes)
		if lack := s.lack(); lack != "" {
			parts = append([]string{lack}, parts...)
		}
		if len(parts) == 0 {
			continue
		}
		text := strings.Join(parts, "; ")
		if k := slices.Index(said, text); k >= 0 {
			out[k].Text += ", " + b.file(s.File)
			continue
		}
		said = append(said, text)
		out = append(out, Note{Text: b.file(s.File)})
	}
	for i, text := range said {
		out[i].Text += ": " + text
	}
	return out
}

// lack says why an input gave nothing, or not all that it has; it is empty for one that was read.
func (s *Source) lack() string {
	switch {
	case s.Note == Unreadable:
		return "could not be read"
	case s.Note == CutShort:
		return "cut short; what comes before was read"
	case s.Note == Empty:
		return "empty"
	case s.Ignored && (s.Note == Binary || s.Lines == 0):
		return "no text, and nothing of it was understood"
	case s.Ignored && s.Lines == 1:
		return "its one line was not understood"
	case s.Ignored:
		return "none of its " + count(int64(s.Lines)) + " lines was understood"
	}
	return ""
}
