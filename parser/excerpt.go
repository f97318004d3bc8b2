package parser

import "io"

// maxExcerpt is how much of a line an excerpt shows, in bytes.
const maxExcerpt = 2000

// Excerpt returns the lines with the given numbers as they stand in the input, unpacked and decoded, their envelopes
// left on and each cut after 2000 bytes. The input is read as far as the last of them; an input that breaks before
// gives the lines up to there.
func Excerpt(in io.Reader, numbers []int) map[int]string {
	wanted := map[int]bool{}
	last := 0
	for _, n := range numbers {
		wanted[n] = true
		last = max(last, n)
	}
	found := map[int]string{}
	source, err := newInput(in, false)
	defer source.finish(err, true)
	if err != nil {
		return found
	}
	l := lines{in: source.text}
	for l.number < last {
		text, ok := l.next()
		if !ok {
			break
		}
		if _, seen := found[l.number]; wanted[l.number] && !seen {
			found[l.number] = string(text[:min(len(text), maxExcerpt)])
		}
	}
	return found
}
