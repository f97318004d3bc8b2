package gctrace

import (
	"bytes"
	"slices"
	"strings"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// Bounds of the search for the rest of a torn line.
const (
	maxTorn  = 4   // torn lines at a time
	maxAge   = 256 // lines after the last piece
	maxParts = 512 // readings of one torn line
	maxCut   = 12  // bytes of a token that the beginning of a log can leave
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
	lines   [][]byte     // that hold pieces, the first one first
	parts   []part
	starts  [256]bool // how a further piece can begin
	cycle   int64     // the number of the collection; 0 if the readings do not agree on it
	claimed bool      // its first piece is a gc line beyond doubt
	whole   bool      // there is a reading that lacks the line end only
	age     int       // lines since the last piece
}

// part is one way to read the pieces that were seen so far.
type part struct {
	w      *writing
	next   int // the token that comes next
	lead   string
	prev   *part
	line   int // of torn.lines
	length int // of the piece in that line
}

// text puts the pieces of the part together.
func (t *torn) text(p *part) string {
	before := p.lead
	if p.prev != nil {
		before = t.text(p.prev)
	}
	return before + string(t.lines[p.line][:p.length])
}

// solution is a whole line made of the pieces of a torn one.
type solution struct {
	t     *torn
	text  string
	score int
	gc    *event.GC
}

// begin takes note of a gc line that was torn. Its first piece stands at l.Text[at], and the tokens before the
// first one are known to be missing there. It reports whether it claims the line.
func (d *decoder) begin(l *dialect.Line, at, first int, emit dialect.Emit) bool {
	text := l.Text[at:min(len(l.Text), at+maxLine)]
	reach := 0
	for _, w := range writings {
		if w.literalAt(0, text) || first > 0 {
			d.tears, _ = w.walk(text, first, d.tears[:0])
			for _, stop := range d.tears {
				reach = max(reach, stop.next)
			}
		}
	}
	least := weakHead
	if at > 0 {
		least = innerHead
	} else if first > 0 {
		least = strongHead
	}
	if reach < least {
		return false
	}
	t := newTorn(l, text, first, reach, d.forms)
	if at > 0 {
		if gc, whole := d.partial(t); whole {
			d.collection(gc, l, emit)
			return true
		}
	}
	if reach >= strongHead {
		t.claimed = at == 0
		d.overtaken(t.cycle, emit)
	}
	t.claimed = t.claimed || at == 0 && first == 0 && (headLength(text) == len(headParts) || d.expected(text))
	d.hold(t, emit)
	return t.claimed
}

// headParts are what stands before the first numbers of a modern gc line.
var headParts = [...]string{"gc ", " @", "s ", "%: "}

// headLength returns how many of the first numbers of a modern gc line text begins with, however many decimals they
// have: the number of the collection, its time, its share and the first clock.
func headLength(text []byte) int {
	for i, literal := range headParts {
		if !ascii.HasPrefix(text, literal) {
			return i
		}
		text = text[len(literal):]
		n := numberEnd(text)
		if n == 0 {
			return i
		}
		text = text[n:]
	}
	return len(headParts)
}

// expected reports whether text begins as a gc line does up to its @, where one was due: with the number that a process
// comes to next, or right behind another gc line. There, words in the place of the clock are those of an application.
func (d *decoder) expected(text []byte) bool {
	if !ascii.HasPrefix(text, "gc ") {
		return false
	}
	number := text[len("gc "):]
	n := digits(number)
	if n == 0 || n > maxNumber || !ascii.HasPrefix(number[n:], " @") {
		return false
	}
	if d.behind && headLength(text) < len(headParts)-1 {
		return true
	}
	cycle := int64(0)
	for _, b := range number[:n] {
		cycle = cycle*10 + int64(b-'0')
	}
	return slices.ContainsFunc(d.runs[:], func(r run) bool { return r.cycle > 0 && r.cycle+1 == cycle })
}

// newTorn returns the torn line that begins with text, with all the ways to read it in the forms that the stream has
// shown. Where none of them reaches as far as the text goes, it takes all forms.
func newTorn(l *dialect.Line, text []byte, first, reach int, known forms) *torn {
	t := &torn{head: *l, lines: [][]byte{bytes.Clone(text)}}
	t.head.Text = nil
	if !t.read(text, first, known, reach) {
		t.read(text, first, allForms, reach)
	}
	t.cycle = t.number()
	return t
}

// read adds the ways to read text, from token first on. It reports whether one of them reaches as far as wanted.
func (t *torn) read(text []byte, first int, in forms, reach int) bool {
	t.parts = t.parts[:0]
	reached := false
	for _, w := range writings {
		if !in.has(w.form) {
			continue
		}
		lead := ""
		if first > 0 {
			lead = w.tokens[0].literal
		}
		tears, _ := w.walk(text, first, nil)
		for _, stop := range tears {
			if stop.next >= weakHead {
				t.add(part{w: w, next: stop.next, lead: lead, length: stop.length})
				reached = reached || stop.next >= reach
			}
		}
	}
	return reached
}

// add adds a reading.
func (t *torn) add(p part) {
	t.parts = append(t.parts, p)
	if p.next == len(p.w.tokens) {
		t.whole = true
		return
	}
	if tok := p.w.tokens[p.next]; tok.kind == 0 {
		t.starts[tok.literal[0]] = true
		return
	}
	for b := '0'; b <= '9'; b++ {
		t.starts[b] = true
	}
}

// number returns the number of the collection if all readings agree on it, else 0.
func (t *torn) number() int64 {
	var number int64
	for i := range t.parts {
		text := t.lines[0][:t.parts[i].length]
		text = text[bytes.IndexAny(text, "0123456789"):]
		n := int64(0)
		for _, b := range text[:digits(text)] {
			n = n*10 + int64(b-'0')
		}
		if i > 0 && n != number {
			return 0
		}
		number = n
	}
	return number
}

// hold keeps a torn line in mind, in place of a doubtful or an old one if there are too many.
func (d *decoder) hold(t *torn, emit dialect.Emit) {
	if len(d.torn) == maxTorn {
		victim := slices.IndexFunc(d.torn, func(t *torn) bool { return !t.claimed })
		d.conclude(d.torn[max(victim, 0)], restMissing, emit)
	}
	d.torn = append(d.torn, t)
}

// overtaken gives up torn lines of the process that now writes about collection cycle: their rest was lost.
func (d *decoder) overtaken(cycle int64, emit dialect.Emit) {
	for _, t := range slices.Clone(d.torn) {
		if t.cycle != 0 && (t.cycle == cycle || t.cycle+1 == cycle) {
			d.conclude(t, restMissing, emit)
		}
	}
}

// resume tries the line as a further piece of a torn line.
func (d *decoder) resume(l *dialect.Line, emit dialect.Emit) bool {
	if len(d.torn) == 0 {
		return false
	}
	text := l.Text[:min(len(l.Text), maxLine)]
	d.found, d.pieces = d.found[:0], d.pieces[:0]
	for _, t := range slices.Clone(d.torn) {
		if !slices.Contains(d.torn, t) {
			continue // concluded with the one before
		}
		t.age++
		if t.age > maxAge || len(t.parts) > maxParts {
			d.conclude(t, restMissing, emit)
			continue
		}
		if len(text) == 0 && t.whole || len(text) > 0 && t.starts[text[0]] {
			d.extend(t, text)
		}
	}
	return d.decide(emit) || d.keep(text)
}

// piece is a further piece of a torn line.
type piece struct {
	t     *torn
	part  part
	clear bool // a piece beyond doubt
}

// extend tries text as a further piece of a torn line. It adds to d.found where it is the last one, and to d.pieces
// where the line goes on.
func (d *decoder) extend(t *torn, text []byte) {
	likeness := d.recent.likeness(text)
	if likeness >= sureLikeness {
		return
	}
	for i := range t.parts {
		p := &t.parts[i]
		tears, done := p.w.walk(text, p.next, d.tears[:0])
		d.tears = tears
		if done {
			d.found = append(d.found, solution{t: t, text: t.text(p) + string(text), score: d.score(t, p)})
			continue
		}
		for _, stop := range tears {
			alike := d.recent.likeness(text[stop.length:])
			if stop.length == 0 || alike < likeness {
				continue
			}
			d.pieces = append(d.pieces, piece{
				t:     t,
				part:  part{w: p.w, next: stop.next, prev: p, line: len(t.lines), length: stop.length},
				clear: stop.next > p.next+1 || alike >= clearLikeness && stop.length < len(text),
			})
		}
	}
}

// keep adds the pieces just found to their torn lines. It reports whether one of them is a piece beyond doubt.
func (d *decoder) keep(text []byte) bool {
	claimed := false
	for _, p := range d.pieces {
		if len(p.t.lines) == p.part.line {
			p.t.lines = append(p.t.lines, bytes.Clone(text))
		}
		p.t.add(p.part)
		if p.clear {
			p.t.age = 0
			claimed = true
		}
	}
	return claimed
}

// decide emits the one solution of d.found that can be true, or problems if there are several.
func (d *decoder) decide(emit dialect.Emit) bool {
	var good []solution
	for _, s := range d.found {
		same := func(o solution) bool { return o.t == s.t && o.text == s.text }
		if i := slices.IndexFunc(good, same); i >= 0 {
			good[i].score = max(good[i].score, s.score)
			continue
		}
		if gc, ok := d.read(&s.t.head, []byte(s.text)); ok && gc != nil {
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
				emit(problem(s.t.head.Head(name), s.t.lines[0], "a torn gc line that can be read in several ways"))
			}
		}
		return true
	}
	d.forget(good[0].t)
	good[0].gc.Mended = true
	d.collection(good[0].gc, &good[0].t.head, emit)
	return true
}

// likely leaves the solutions that continue a process seen before, and of these the one that takes the other
// writers' text for what it looks like, if it is clearly ahead.
func (d *decoder) likely(all []solution) []solution {
	follows := func(s solution) bool { return d.follows(s.gc) }
	if slices.ContainsFunc(all, follows) {
		all = slices.DeleteFunc(all, func(s solution) bool { return !follows(s) })
	}
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
func (d *decoder) score(t *torn, p *part) int {
	score := d.recent.likeness(t.lines[p.line][p.length:])
	if p.prev != nil {
		score += d.score(t, p.prev)
	}
	return score
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
		emit(problem(t.head.Head(name), t.lines[0], message))
	}
}

// partial reads the first piece of a torn line, if it includes the heap sizes and leaves no doubt. It trusts a
// number only if a literal follows. It reports whether all of the line is there.
func (d *decoder) partial(t *torn) (gc *event.GC, whole bool) {
	var best *part
	var text string
	for i := range t.parts {
		p := &t.parts[i]
		if p.prev != nil || p.next < p.w.known || p.w.tokens[p.next-1].kind != 0 {
			continue
		}
		now := t.text(p)
		if !strings.HasPrefix(now, text) && !strings.HasPrefix(text, now) {
			return nil, false
		}
		if len(now) > len(text) || len(now) == len(text) && p.next == len(p.w.tokens) {
			best, text = p, now
		}
	}
	if best == nil {
		return nil, false
	}
	w := best.w
	gc, ok := d.read(&t.head, []byte(w.fill(text, best.next)))
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
			if !d.endsWith(w, next, l.Text) {
				continue
			}
			if _, whole := w.walk(l.Text, next, nil); whole && next == 1 {
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

// endsWith reports whether text is the end of a line from token next on, behind a cut-off literal or number.
func (d *decoder) endsWith(w *writing, next int, text []byte) bool {
	for cut := range min(len(text), maxCut) {
		var done bool
		if d.tears, done = w.walk(text[cut:], next, d.tears[:0]); done {
			return true
		}
	}
	return false
}

func endsAsGC(text []byte) bool {
	return bytes.HasSuffix(text, []byte(" P")) || bytes.HasSuffix(text, []byte(" P (forced)")) ||
		bytes.HasSuffix(text, []byte(" yields"))
}
