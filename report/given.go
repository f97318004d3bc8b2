package report

import "strings"

// given notes what is to be said of an input: that it gave nothing, how it was unpacked and decoded, what was assumed.
func (b *builder) given(s *Source) (Note, bool) {
	parts := b.heardAll(s.Notes)
	if lack := s.lack(); lack != "" {
		parts = append([]string{lack}, parts...)
	}
	return Note{Text: b.file(s.File) + ": " + strings.Join(parts, "; ")}, len(parts) > 0
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
