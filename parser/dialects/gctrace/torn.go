package gctrace

import (
	"bytes"
	"slices"
	"strings"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// Bounds of the search for the rest of a torn line.
const (
	maxTorn  = 4   // torn lines at a time
	maxAge   = 256 // lines after the last piece
	maxParts = 512 // readings of one torn line
)

// How many tokens of a line make it a gc line beyond doubt. A shorter beginning can be an application's text:
// "gc 5 workers started", {"msg":"gc 1 @0.100s 0%: not a trace line"}.
const (
	weakHead   = 2
	strongHead = 5
	innerHead  = 9
	strongTail = 6
)

// torn is a gc line whose rest is still to come.
type torn struct {
	head    dialect.Line // the line of the first piece, without text
	text    []byte       // its beginning, for a problem
	claimed bool         // its first piece was a gc line beyond doubt
	parts   []part
	age     int // lines since the last piece
}

// part is one way to read the pieces that were seen so far.
type part struct {
	w       *writing
	next    int    // the token that comes next
	text    string // the pieces put together
	foreign []string
}

// solution is a whole line made of the pieces of a torn one.
type solution struct {
	t     *torn
	part  part
	gc    *event.GC
	score int
}

// begin takes note of a gc line that was torn. Its first piece stands at l.Text[at], and the tokens before the
// first one are known to be missing there. It reports whether it claims the line.
func (d *decoder) begin(l *dialect.Line, at, first int, emit dialect.Emit) bool {
	text := l.Text[at:]
	t := &torn{head: *l, text: bytes.Clone(l.Text[:min(len(l.Text), maxProblemText)])}
	t.head.Text = nil
	reach := 0
	for _, w := range writings {
		before := part{w: w, next: first}
		if first > 0 {
			before.text = w.tokens[0].literal
		}
		d.tears, _ = w.walk(text, first, d.tears[:0])
		for _, stop := range d.tears {
			if stop.next >= weakHead {
				t.parts = append(t.parts, before.with(text, stop))
				reach = max(reach, stop.next)
			}
		}
	}
	switch {
	case at > 0:
		if gc, whole := d.partial(t); whole {
			d.collection(gc, l, emit)
			return true
		}
		if reach < innerHead {
			return false
		}
	case reach < weakHead, reach < strongHead && first > 0:
		return false
	}
	if reach >= strongHead {
		t.claimed = at == 0
		if cycle, ok := t.cycle(); ok {
			d.overtaken(cycle, emit)
		}
	}
	d.hold(t, emit)
	return t.claimed
}

// hold keeps a torn line in mind, in place of a doubtful or an old one if there are too many.
func (d *decoder) hold(t *torn, emit dialect.Emit) {
	if len(d.torn) == maxTorn {
		victim := slices.IndexFunc(d.torn, func(t *torn) bool { return !t.claimed })
		d.conclude(d.torn[max(victim, 0)], restMissing, emit)
	}
	d.torn = append(d.torn, t)
}

// with returns the part with one more piece, up to the tear.
func (p part) with(text []byte, at tear) part {
	p.next = at.next
	p.text += string(text[:at.length])
	p.foreign = append(slices.Clip(p.foreign), string(text[at.length:min(len(text), at.length+likenessBytes)]))
	return p
}

// cycle returns the number of the collection if all readings agree on it.
func (t *torn) cycle() (int64, bool) {
	var cycle int64
	for i, p := range t.parts {
		c := int64(0)
		for _, b := range []byte(p.text) {
			if digit(b) {
				c = c*10 + int64(b-'0')
			} else if c > 0 {
				break
			}
		}
		if i > 0 && c != cycle {
			return 0, false
		}
		cycle = c
	}
	return cycle, true
}

// overtaken gives up torn lines of the process that now writes about collection cycle: their rest was lost.
func (d *decoder) overtaken(cycle int64, emit dialect.Emit) {
	for _, t := range slices.Clone(d.torn) {
		if c, ok := t.cycle(); ok && (c == cycle || c+1 == cycle) {
			d.conclude(t, restMissing, emit)
		}
	}
}

// resume tries the line as a further piece of a torn line.
func (d *decoder) resume(l *dialect.Line, emit dialect.Emit) bool {
	if len(d.torn) == 0 {
		return false
	}
	var found []solution
	claimed := false
	likeness := d.recent.likeness(l.Text)
	for _, t := range slices.Clone(d.torn) {
		t.age++
		if t.age > maxAge || len(t.parts) > maxParts {
			d.conclude(t, restMissing, emit)
			continue
		}
		for _, p := range t.parts {
			if !p.continues(l.Text) {
				continue
			}
			tears, done := p.w.walk(l.Text, p.next, d.tears[:0])
			d.tears = tears
			if done {
				p.text += string(l.Text)
				found = append(found, solution{t: t, part: p})
				continue
			}
			for _, stop := range tears {
				alike := d.recent.likeness(l.Text[stop.length:])
				if stop.length == 0 || alike < likeness {
					continue
				}
				t.parts = append(t.parts, p.with(l.Text, stop))
				claimed = claimed || stop.next > p.next+1 || alike >= clearLikeness && stop.length < len(l.Text)
			}
		}
		if claimed {
			t.age = 0
		}
	}
	return d.decide(found, emit) || claimed
}

// continues is a quick test whether text can begin with the next token of the part.
func (p *part) continues(text []byte) bool {
	if p.next == len(p.w.tokens) {
		return len(text) == 0
	}
	if len(text) == 0 {
		return false
	}
	if tok := p.w.tokens[p.next]; tok.kind == 0 {
		return text[0] == tok.literal[0]
	}
	return digit(text[0])
}

// decide emits the one solution that can be true, or problems if there are several.
func (d *decoder) decide(found []solution, emit dialect.Emit) bool {
	var good []solution
	for _, s := range found {
		s.score = d.score(&s.part)
		same := func(o solution) bool { return o.t == s.t && o.part.text == s.part.text }
		if i := slices.IndexFunc(good, same); i >= 0 {
			good[i].score = max(good[i].score, s.score)
			continue
		}
		if gc, ok := d.read(&s.t.head, []byte(s.part.text)); ok && gc != nil {
			s.gc = gc
			good = append(good, s)
		}
	}
	if len(good) == 0 {
		return false
	}
	if good = d.likely(good); len(good) > 1 {
		for _, s := range good {
			if d.forget(s.t) {
				emit(problem(s.t.head.Head(name), s.t.text, "a torn gc line that can be read in several ways"))
			}
		}
		return true
	}
	d.forget(good[0].t)
	good[0].gc.Mended = true
	d.collection(good[0].gc, &good[0].t.head, emit)
	return true
}

// likely leaves the solutions that continue a process seen before in the form of its Go version, and of these the
// one that takes the other writers' text for what it looks like, if it is clearly ahead.
func (d *decoder) likely(all []solution) []solution {
	all = prefer(all, func(s solution) bool { return d.follows(s.gc) })
	all = prefer(all, func(s solution) bool { return d.forms[formOf(s.gc)] })
	best, second, at := -1, -1, 0
	for i, s := range all {
		if s.score > best {
			best, second, at = s.score, best, i
		} else {
			second = max(second, s.score)
		}
	}
	if best-second >= clearLikeness {
		return all[at : at+1]
	}
	return all
}

// score says how much of what the part takes for other writers' text looks like it.
func (d *decoder) score(p *part) int {
	score := 0
	for _, f := range p.foreign {
		score += d.recent.likeness([]byte(f))
	}
	return score
}

// prefer leaves the solutions that hold, if any does.
func prefer(all []solution, holds func(solution) bool) []solution {
	if slices.ContainsFunc(all, holds) {
		return slices.DeleteFunc(all, func(s solution) bool { return !holds(s) })
	}
	return all
}

// forget takes the torn line out of mind. It reports whether it was there.
func (d *decoder) forget(t *torn) bool {
	n := len(d.torn)
	d.torn = slices.DeleteFunc(d.torn, func(o *torn) bool { return o == t })
	return len(d.torn) < n
}

const restMissing = "the rest of this gc line is missing"

// conclude ends the wait for the rest of a torn line: what is there counts if it tells the heap sizes.
func (d *decoder) conclude(t *torn, message string, emit dialect.Emit) {
	if !d.forget(t) {
		return
	}
	gc, whole := d.partial(t)
	if gc != nil {
		gc.Mended = true
		d.collection(gc, &t.head, emit)
	}
	if !whole && (gc != nil || t.claimed) {
		emit(problem(t.head.Head(name), t.text, message))
	}
}

// partial reads a torn line as far as it is there, if that includes the heap sizes and leaves no doubt. It
// trusts a number only if a literal follows. It reports whether all of the line is there.
func (d *decoder) partial(t *torn) (gc *event.GC, whole bool) {
	var best *part
	for i := range t.parts {
		p := &t.parts[i]
		if p.next < p.w.known || p.w.tokens[p.next-1].kind != 0 {
			continue
		}
		if best != nil && !strings.HasPrefix(p.text, best.text) && !strings.HasPrefix(best.text, p.text) {
			return nil, false
		}
		if best == nil || len(p.text) > len(best.text) || len(p.text) == len(best.text) && p.next == len(p.w.tokens) {
			best = p
		}
	}
	if best == nil {
		return nil, false
	}
	w := best.w
	gc, ok := d.read(&t.head, []byte(w.fill(best.text, best.next)))
	if !ok || gc == nil {
		return nil, false
	}
	if !w.reached(goal, best.next) {
		gc.Goal = unit.Size{}
	}
	if !w.reached(stacks, best.next) {
		gc.Stacks = unit.Size{}
	}
	if !w.reached(globals, best.next) {
		gc.Globals = unit.Size{}
	}
	if !w.reached(procs, best.next) {
		gc.Procs = 0
	}
	return gc, best.next == len(w.tokens)
}

// headless claims the end of a gc line whose beginning is not there: the log begins inside it, or the piece
// before it could not be told from other text. If only the first two letters are missing it is still read.
func (d *decoder) headless(l *dialect.Line, emit dialect.Emit) bool {
	if !endsAsGC(l.Text) {
		return false
	}
	for _, w := range writings {
		for next := 1; next <= len(w.tokens)-strongTail; next++ {
			var done bool
			if d.tears, done = w.walk(l.Text, next, d.tears[:0]); !done {
				continue
			}
			if next == 1 {
				text := append([]byte(w.tokens[0].literal), l.Text...)
				if gc, ok := d.read(l, text); ok && gc != nil && d.follows(gc) {
					gc.Mended = true
					d.collection(gc, l, emit)
					return true
				}
			}
			emit(problem(l.Head(name), l.Text, "the beginning of this gc line is missing"))
			return true
		}
	}
	return false
}

func endsAsGC(text []byte) bool {
	return bytes.HasSuffix(text, []byte(" P")) || bytes.HasSuffix(text, []byte(" P (forced)")) ||
		bytes.HasSuffix(text, []byte(" yields"))
}

// clearLikeness is how many bytes must speak for a reading.
const clearLikeness = 4

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
		if form[i] == '0' && !digit(text[i]) || form[i] != '0' && text[i] != form[i] {
			return false
		}
	}
	return true
}
