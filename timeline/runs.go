package timeline

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// runs makes the runs of the timeline out of the segments.
func (b *Builder) runs(t *Timeline) {
	var chains []*chain
	doubles, dropped := 0, 0
	for _, s := range b.segments {
		out, twice, lost := s.chains()
		chains = append(chains, out...)
		doubles, dropped = doubles+twice, dropped+lost
	}
	for _, ch := range chains {
		ch.began()
	}
	chains, again, left := uniteJVM(chains)
	chains, twice := stitch(chains)
	inOrder(chains)
	for i, ch := range chains {
		t.Runs = append(t.Runs, ch.run(i, b.setFactor()))
	}
	b.noteRestarts(t)
	b.noteMixed(t)
	b.noteHistory(t, left)
	if n := doubles + twice + again; n > 0 {
		t.note(event.Pos{}, "%s in the input more than once and counted once", count(n, "collection stands", "collections stand"))
	}
	if dropped > 0 {
		t.note(event.Pos{}, "%s of more than %d processes were left out, those with the fewest collections",
			count(dropped, "collection", "collections"), maxChains)
	}
}

// inOrder sorts chains by their beginning: by the clocks of the envelopes if all have one, else by place.
func inOrder(chains []*chain) {
	stamped := !slices.ContainsFunc(chains, func(ch *chain) bool { return ch.cycles.At(0).Flags&WallTied == 0 })
	slices.SortStableFunc(chains, func(x, y *chain) int {
		a, z := x.cycles.At(0), y.cycles.At(0)
		if stamped {
			return cmp.Compare(a.stamp(), z.stamp())
		}
		line := cmp.Compare(a.Line, z.Line)
		if x.turned && y.turned {
			line = -line
		}
		return cmp.Or(cmp.Compare(a.File, z.File), line)
	})
}

// stitch puts together the chains that are parts of one run: a log that is split over files, pages of an export
// in another order, and a log that was given twice. It returns the number of cycles that were double.
func stitch(in []*chain) (out []*chain, doubles int) {
	for _, ch := range in {
		ch.began()
	}
	out, doubles = unite(in)
	for {
		head, tail := joint(out)
		if head == nil {
			return out, doubles
		}
		tail.cycles.drain(func(c *Cycle) { head.cycles.Append(*c) })
		at := min(slices.Index(out, head), slices.Index(out, tail))
		out = slices.DeleteFunc(out, func(c *chain) bool { return c == head || c == tail })
		out = slices.Insert(out, at, head)
	}
}

// maxStitch bounds the number of chains that are compared with each other.
const maxStitch = 512

// joint finds two chains of which the second goes on where the first ends, the ones that fit best.
func joint(in []*chain) (head, tail *chain) {
	if len(in) > maxStitch {
		return nil, nil
	}
	best := uint32(0)
	for _, z := range in {
		for _, a := range in {
			if a == z || !continues(a, z) {
				continue
			}
			gap := z.cycles.At(0).N - a.cycles.last().N
			if head == nil || gap < best || gap == best && tail == z && nearer(a, head, z) {
				head, tail, best = a, z, gap
			}
		}
	}
	return head, tail
}

// nearer reports whether the end of a stands nearer to the beginning of z than that of b does.
func nearer(a, b, z *chain) bool {
	end, other, begin := placeOf(a.cycles.last()), placeOf(b.cycles.last()), placeOf(z.cycles.At(0))
	before := func(p place) bool { return p.compare(begin) < 0 }
	switch {
	case before(end) != before(other):
		return before(end)
	case before(end):
		return end.compare(other) > 0
	}
	return end.compare(other) < 0
}

// continues reports whether z is the rest of a.
func continues(a, z *chain) bool {
	end, begin := a.cycles.last(), z.cycles.At(0)
	if !alike(a, z) || a.stream != z.stream || !a.follows(end, begin) || !sameStart(a, z) {
		return false
	}
	if !a.numbered {
		return a.file != z.file && (a.stream != event.Stream{} || family(a.name) == family(z.name))
	}
	gap := begin.N - end.N
	if a.file == z.file {
		return gap == 1 && begin.Line < end.Line // pages of an export; in order, the sorter has decided
	}
	if a.stream != (event.Stream{}) || family(a.name) == family(z.name) {
		return true
	}
	return gap <= near && misfit(end, begin, a.k) < 1
}

// alike reports whether two chains may be of one process, by what is known without looking at their cycles.
func alike(a, z *chain) bool {
	return a.runtime == z.runtime && a.version == z.version && a.numbered == z.numbered && a.timed == z.timed
}

// sameStart reports whether the envelopes of two chains agree on when the process began, as far as they say.
func sameStart(a, z *chain) bool {
	return !a.tied || !z.tied || (a.zero-z.zero).Abs() < time.Minute
}

// began notes the zero of the process clock on the clock of the envelopes, if the first lines tell it.
func (ch *chain) began() {
	if !ch.timed {
		return
	}
	for i := range min(ch.cycles.Len(), lookBack) {
		c := ch.cycles.At(i)
		if c.Flags&WallTied == 0 {
			continue
		}
		zero := time.Duration(c.stamp()) - c.At
		if !ch.tied {
			ch.zero, ch.tied = zero, true
		}
		ch.zero = min(ch.zero, zero)
	}
}

// unite merges the chains that hold the same collections: a log that was given twice, or by two ways.
func unite(in []*chain) (out []*chain, doubles int) {
	if len(in) > maxStitch {
		return in, 0
	}
	for _, z := range in {
		if !slices.ContainsFunc(out, func(a *chain) bool {
			n := a.cycles.Len() + z.cycles.Len()
			done := (overlap(a, z) || overlap(z, a)) && a.merge(z)
			if done {
				doubles += n - a.cycles.Len()
			}
			return done
		}) {
			out = append(out, z)
		}
	}
	return out, doubles
}

// overlap reports whether z begins with a cycle that a holds too, and goes on alike. A few cycles of a small heap
// may be alike by chance; where the log has a clock, they are not.
func overlap(a, z *chain) bool {
	if !alike(a, z) || !a.timed || !a.numbered || !sameStart(a, z) {
		return false
	}
	first := z.cycles.At(0)
	i := a.find(first.N)
	common := 0
	for j := 0; i+j < a.cycles.Len() && j < z.cycles.Len() && j < near; j++ {
		if !a.cycles.At(i + j).same(z.cycles.At(j)) {
			return false
		}
		common++
	}
	return common > 0
}

// find returns the index of the first cycle whose number is at least n.
func (ch *chain) find(n uint32) int {
	return sort.Search(ch.cycles.Len(), func(i int) bool { return ch.cycles.At(i).N >= n })
}

// merge takes the cycles of z in, each number once, and prefers the stream that says more. It does nothing and
// returns false where the two contradict each other.
func (ch *chain) merge(z *chain) bool {
	x, y := &ch.cycles, &z.cycles
	var both Cycles
	for i, j := 0, 0; i < x.Len() || j < y.Len(); {
		var c *Cycle
		switch {
		case j == y.Len() || i < x.Len() && x.At(i).N < y.At(j).N:
			c = x.At(i)
			i++
		case i == x.Len() || y.At(j).N < x.At(i).N:
			c = y.At(j)
			j++
		case !x.At(i).same(y.At(j)):
			return false
		default:
			c = x.At(i)
			if !c.stamped() {
				c = y.At(j)
			}
			i, j = i+1, j+1
		}
		if both.Len() > 0 && c.At < both.last().At {
			return false
		}
		both.Append(*c)
	}
	ch.cycles = both
	if ch.origin == nil {
		ch.segment = z.segment
	}
	return true
}

// family is the name of a file without what rotation adds: gc.log.0, gc.log.1.gz and gc.log.2.current are one family.
func family(name string) string {
	for _, end := range []string{".gz", ".zst", ".current"} {
		name = strings.TrimSuffix(name, end)
	}
	return strings.TrimRight(name, ".-_0123456789T")
}

// run makes the run of a chain.
func (ch *chain) run(index int, set float64) *Run {
	r := &Run{
		Index: index, Runtime: ch.runtime, Collector: ch.kind, Version: ch.version, Stream: ch.origin,
		Cycles: ch.cycles, Step: ch.step, Unnumbered: !ch.numbered, turned: ch.turned, guess: ch.guess,
	}
	if ch.origin != nil {
		r.PID = ch.origin.PID
	}
	r.number()
	r.setClock(ch.timed)
	r.settleLive()
	if r.Runtime == "go" {
		r.Factor = factor(&r.Cycles, r.Step, set)
	}
	r.fromReport = ch.history
	for _, f := range ch.also {
		r.also = append(r.also, uint16(f))
	}
	return r
}

// number counts the cycles of a log that does not, and those that were mended.
func (r *Run) number() {
	for i := range r.Cycles.Len() {
		c := r.Cycles.At(i)
		if r.Unnumbered {
			c.N = uint32(i + 1)
		}
		if c.Flags&Mended != 0 {
			r.Mended++
		}
	}
}

// setClock gives the cycles a clock where the log has none of its own.
func (r *Run) setClock(timed bool) {
	if timed {
		return
	}
	n := r.Cycles.Len()
	first := r.Cycles.At(0)
	boot := first.Flags & bootStamp
	r.Clock = SinceFirst
	for i := range n {
		if c := r.Cycles.At(i); !c.stamped() || c.Flags&bootStamp != boot {
			r.Clock = ByNumber
			break
		}
	}
	start, at := first.stamp(), time.Duration(0)
	for i := range n {
		c := r.Cycles.At(i)
		if r.Clock == ByNumber {
			c.At = time.Duration(i) * time.Second
			continue
		}
		at = max(at, time.Duration(c.stamp()-start))
		c.At = at
	}
}

// settleLive moves the live heaps of Go 1.3 and 1.4 to the cycles that they belong to: a line prints the one of the
// cycle before (runtime/mgc0.c, "next_gc estimate"). The last of a run, and one before a hole, can only be guessed.
func (r *Run) settleLive() {
	n := r.Cycles.Len()
	if r.Cycles.At(0).Flags&lateLive == 0 {
		return
	}
	for i := range n {
		c := r.Cycles.At(i)
		c.Flags &^= lateLive
		if i+1 < n && r.Cycles.At(i+1).N == c.N+1 {
			c.Live = r.Cycles.At(i + 1).Live
		} else {
			c.Flags |= LiveGuess
			c.Live = r.guessLive(i)
		}
		c.Peak = max(c.Peak, c.Live)
	}
}

// guessLive estimates what the cycle with index i left alive: what the cycle before left, and the usual growth since.
func (r *Run) guessLive(i int) unit.Bytes {
	before := r.Cycles.At(i).Live // as the line says it: the cycle before
	var growth []unit.Bytes
	for j := max(1, i-3); j < i; j++ {
		growth = append(growth, r.Cycles.At(j).Live-r.Cycles.At(j-1).Live)
	}
	if len(growth) > 0 {
		slices.Sort(growth)
		before += growth[len(growth)/2]
	}
	return min(max(before, 0), max(r.Cycles.At(i).Peak, r.Cycles.At(i).Live))
}

// End returns the run's last cycle.
func (r *Run) End() *Cycle { return r.Cycles.last() }

// begin returns the place of the first cycle in the input, for comparing.
func (r *Run) begin() place { return placeOf(r.Cycles.At(0)) }
func (r *Run) end() place   { return placeOf(r.Cycles.last()) }

// place is a line of the input.
type place struct {
	file uint16
	line uint32
}

func placeOf(c *Cycle) place { return place{c.File, c.Line} }

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.file, q.file), cmp.Compare(p.line, q.line))
}

// noteRestarts flags the runs that another run of the same program follows.
func (b *Builder) noteRestarts(t *Timeline) {
	last := map[lineage]*Run{}
	for i := len(t.Runs) - 1; i >= 0; i-- {
		r := t.Runs[i]
		key := b.lineage(r)
		next := last[key]
		if next != nil && r.before(next) {
			r.Restarted = true
		}
		if next == nil || r.before(next) || next.Cycles.Len() < r.Cycles.Len() {
			last[key] = r
		}
	}
}

// before reports whether the run had ended when the other began, by the clocks of the envelopes or by place.
func (r *Run) before(next *Run) bool {
	end, begin := r.Cycles.last(), next.Cycles.At(0)
	if end.stamped() && begin.stamped() {
		return end.stamp() <= begin.stamp()
	}
	if r.turned && next.turned {
		return next.begin().compare(r.end()) < 0
	}
	return r.end().compare(next.begin()) < 0
}

// lineage is what one program keeps when it starts anew.
type lineage struct {
	stream  event.Stream
	family  string
	version string
}

func (b *Builder) lineage(r *Run) lineage {
	if r.Stream == nil {
		return lineage{family: family(b.files[r.Cycles.At(0).File]), version: r.Version}
	}
	w := writer(r.Stream)
	w.PID, w.ContainerID = 0, ""
	return lineage{stream: w, version: r.Version}
}

// noteMixed says where several processes write to one log at the same time.
func (b *Builder) noteMixed(t *Timeline) {
	for i, r := range t.Runs {
		if slices.ContainsFunc(t.Runs[:i], func(q *Run) bool { return q.interleaves(r) }) {
			t.note(b.pos(r.Cycles.At(0)), "several processes write to one log at the same time; %d runs were told apart by number, clock and size", len(t.Runs))
			return
		}
	}
}

// interleaves reports whether the lines of two runs of one stream stand between each other.
func (r *Run) interleaves(q *Run) bool {
	if r.Cycles.At(0).File != q.Cycles.At(0).File || r.Cycles.last().File != q.Cycles.last().File || r.Stream != q.Stream {
		return false
	}
	first := func(r *Run) uint32 { return min(r.Cycles.At(0).Line, r.Cycles.last().Line) }
	last := func(r *Run) uint32 { return max(r.Cycles.At(0).Line, r.Cycles.last().Line) }
	return first(r) < last(q) && first(q) < last(r)
}

// pos returns the position of a cycle.
func (b *Builder) pos(c *Cycle) event.Pos { return event.Pos{File: b.files[c.File], Line: int(c.Line)} }

// note adds a note.
func (t *Timeline) note(at event.Pos, format string, args ...any) {
	t.Notes = append(t.Notes, Note{Text: fmt.Sprintf(format, args...), Source: at})
}

// count prints a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
