package gctrace

import "oomtrace/parser/dialects/ascii"

// How many bytes must speak for a reading, and how many make a line that of another writer beyond doubt.
const (
	clearLikeness = 4
	sureLikeness  = 10
)

// likenessBytes is how much of a line of other writers is kept to know them again.
const likenessBytes = 32

// recent holds how the last lines of other writers begin. What was written into a gc line looks like them, which
// tells where a number of the gc line ends and a date begins: gc 362026/11/22 19:54:34 INFO.
type recent struct {
	lines [16][likenessBytes]byte
	sizes [16]int
	used  int
	next  int
}

func (r *recent) add(text []byte) {
	r.sizes[r.next] = copy(r.lines[r.next][:], text)
	r.used = max(r.used, r.next+1)
	r.next = (r.next + 1) % len(r.lines)
}

// likeness returns how many bytes of text speak for its being the beginning of another writer's line.
func (r *recent) likeness(text []byte) int {
	best := clock(text)
	for i := range r.lines {
		line := r.lines[i][:r.sizes[i]]
		like := commonPrefix(text, line)
		if like == len(text) && like == len(line) && r.used > i {
			like += clearLikeness // a whole short line, or an empty one
		}
		best = max(best, like)
	}
	return best
}

func commonPrefix(a, b []byte) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// clock returns how long the date or time is that text begins with: 2026/11/22, 2026-11-22, 19:54:34.
func clock(text []byte) int {
	for _, form := range []string{"2000/00/00", "2000-00-00", "00:00:00"} {
		if len(text) >= len(form) && looksLike(text, form) {
			return len(form)
		}
	}
	return 0
}

// looksLike reports whether text begins like the form, in which 0 stands for any digit.
func looksLike(text []byte, form string) bool {
	for i := range len(form) {
		if form[i] == '0' && !ascii.Digit(text[i]) || form[i] != '0' && text[i] != form[i] {
			return false
		}
	}
	return true
}
