package timeline

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// A JVM writes its collections in the order in which they end, and numbers them in the order in which they begin: a young
// collection inside a concurrent cycle has the larger number and the earlier line. So its lines are put in order by its
// clock, and only a clock that falls back, or numbers that begin anew, tell another life.
const (
	jvm        = "jvm"
	backStep   = time.Second // a line may be this late: legacy records carry the time at which they began
	jvmLives   = 8           // of one segment; where more of its lines fall back, several processes alternate
	jvmApart   = 100 * time.Millisecond
	jvmSize    = 0.03 // two sources of one collection round differently and look a moment apart
	jvmTwins   = 0.5  // of the shorter source that must be in the other
	jvmFewest  = 2
	jvmLateAge = 64 // numbers that a concurrent cycle may be behind
)

// history is the dialect whose collections are the last few that the JVM remembered at its death.
const history = "hs_err"

// jvmChains splits a segment of a JVM into its lives.
func (s *segment) jvmChains() (out []*chain, doubles, dropped int) {
	if !s.ordered() && s.newestFirst() {
		s.turned = true
		s.raw.reverse()
	}
	if s.fallsBack() > max(jvmLives, s.raw.Len()/10) {
		return s.sort()
	}
	var life *chain
	most := uint32(0)
	s.raw.drain(func(c *Cycle) {
		if life == nil || s.reborn(life.cycles.last(), c, most) {
			life, most = &chain{segment: s}, 0
			out = append(out, life)
		}
		most = max(most, c.N)
		if s.kind == event.Shenandoah && s.numbered && life.cycles.n > 0 && life.cycles.last().N == c.N {
			life.cycles.last().absorb(c)
			return
		}
		life.cycles.insertByTime(*c, s.timed)
	})
	return out, 0, 0
}

// absorb takes a later line of the same collection: Shenandoah prints the heap twice a cycle, first with most of what it is about
// to free still in it.
func (c *Cycle) absorb(later *Cycle) {
	peak, pause := max(c.Peak, later.Peak), max(c.Pause, later.Pause)
	old, room, meta, class := c.Old, c.OldRoom, c.Beside, c.Extra
	*c = *later
	c.Peak, c.Pause = peak, pause
	c.Old, c.OldRoom, c.Beside, c.Extra = cmp.Or(c.Old, old), cmp.Or(c.OldRoom, room), cmp.Or(c.Beside, meta), cmp.Or(c.Extra, class)
}

// fallsBack counts the lines that begin a life.
func (s *segment) fallsBack() int {
	n, most := 0, uint32(0)
	for i := 1; i < s.raw.Len(); i++ {
		a, b := s.raw.At(i-1), s.raw.At(i)
		most = max(most, a.N)
		if s.reborn(a, b, most) {
			n, most = n+1, 0
		}
	}
	return n
}

// reborn reports whether b, the line after a, is of another life. most is the largest number before b.
func (s *segment) reborn(a, b *Cycle, most uint32) bool {
	switch {
	case s.timed && b.At < a.At:
		return a.At-b.At > backStep || b.At < a.At/2 || s.numbered && b.N == 0 && most > 0
	case s.timed && s.stampJump(a, b):
		return b.N+jvmLateAge < most
	case s.numbered && !s.timed:
		return b.N == 0 && most > 0 || b.N+jvmLateAge < most && b.N <= jvmFewest
	}
	return false
}

// insertByTime adds a cycle that may be a little late.
func (c *Cycles) insertByTime(x Cycle, timed bool) {
	at := c.n
	for timed && at > 0 && c.n-at < lookBack && c.At(at-1).At > x.At {
		at--
	}
	c.insert(at, x)
}

// uniteJVM puts together what is one life of one JVM: the files of a rotated log, whatever their names; a log that was
// written to two places in two forms; and the history in an hs_err file, which repeats the last collections of the log.
// It returns the number of collections that were double, and where a history was left out for a log.
func uniteJVM(in []*chain) (out []*chain, doubles int, left []*chain) {
	var own []*chain
	for _, ch := range in {
		if ch.runtime == jvm {
			own = append(own, ch)
		} else {
			out = append(out, ch)
		}
	}
	if len(own) < 2 || len(own) > maxStitch {
		return in, 0, nil
	}
	own = rotated(own)
	slices.SortStableFunc(own, func(a, b *chain) int {
		return cmp.Or(order(a.history, b.history), cmp.Compare(b.cycles.Len(), a.cycles.Len()))
	})
	var kept []*chain
	for _, z := range own {
		i := slices.IndexFunc(kept, func(a *chain) bool { return a.name != z.name && z.twin(a) })
		if i < 0 {
			i = slices.IndexFunc(kept, func(a *chain) bool { return z.history && !a.history && z.twin(a) })
		}
		if i < 0 {
			kept = append(kept, z)
			continue
		}
		kept[i].also = append(append(kept[i].also, z.file), z.also...)
		if z.history {
			left = append(left, z)
		} else {
			doubles += z.cycles.Len()
		}
	}
	return append(out, kept...), doubles, left
}

// order sorts false before true.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// twin reports whether the collections of ch are collections of a as well: at the same time and, as far as the two sources
// round alike, of the same size.
func (ch *chain) twin(a *chain) bool {
	n := ch.cycles.Len()
	if ch.timed && a.timed && !sameStart(a, ch) || ch.stranger(a) {
		return false
	}
	numbers := ch.numbered && a.numbered && !ch.history // a history counts otherwise
	found, from := 0, 0
	if !ch.timed || !a.timed {
		from = max(0, a.cycles.Len()-2*n-lookBack) // without a clock, the order tells
	}
	for i := range n {
		c := ch.cycles.At(i)
		if ch.timed && a.timed {
			if a.hasAt(c, numbers) {
				found++
			}
			continue
		}
		for k := from; k < a.cycles.Len() && k < from+lookBack; k++ {
			d := a.cycles.At(k)
			if likeSize(c, d, max(a.step, ch.step)) && (!numbers || c.N == d.N) {
				found, from = found+1, k+1
				break
			}
		}
	}
	return float64(found) >= jvmTwins*float64(n) && found >= jvmFewest
}

// stranger reports whether two logs are of different JVMs, as each names another collector. What a crash report says of the
// collector is coarser.
func (ch *chain) stranger(a *chain) bool {
	return !ch.history && !a.history && ch.kind != a.kind
}

// hasAt reports whether the chain has a collection of this time and size, and of this number where numbers count.
func (ch *chain) hasAt(c *Cycle, numbers bool) bool {
	first := sort.Search(ch.cycles.Len(), func(i int) bool { return ch.cycles.At(i).At >= c.At-jvmApart })
	for i := first; i < ch.cycles.Len() && ch.cycles.At(i).At <= c.At+jvmApart; i++ {
		if d := ch.cycles.At(i); likeSize(c, d, ch.step) && (!numbers || c.N == d.N) {
			return true
		}
	}
	return false
}

// likeSize compares the heaps of two cycles, before or after.
func likeSize(c, d *Cycle, step unit.Bytes) bool {
	near := func(a, b unit.Bytes) bool {
		return float64(max(a-b, b-a)) <= float64(step)+jvmSize*float64(max(a, b))
	}
	return near(c.Live, d.Live) || c.Peak > 0 && near(c.Peak, d.Peak)
}

// rotated puts the files of one log in order of time and together.
func rotated(in []*chain) (out []*chain) {
	sorted := slices.Clone(in)
	slices.SortStableFunc(sorted, func(a, b *chain) int {
		x, y := a.cycles.At(0), b.cycles.At(0)
		if a.tied && b.tied || !a.timed && x.stamped() && y.stamped() {
			return cmp.Compare(x.stamp(), y.stamp())
		}
		if a.timed && b.timed {
			return cmp.Compare(x.At, y.At)
		}
		return cmp.Compare(x.N, y.N)
	})
	for _, z := range sorted {
		i := len(out) - 1
		for i >= 0 && !z.goesOnFrom(out[i]) {
			i--
		}
		if i < 0 {
			out = append(out, z)
			continue
		}
		z.cycles.drain(func(c *Cycle) { out[i].cycles.Append(*c) })
		out[i].also = append(append(out[i].also, z.file), z.also...)
	}
	return out
}

// goesOnFrom reports whether ch is the file that was begun when a was full.
func (ch *chain) goesOnFrom(a *chain) bool {
	if a.name == ch.name || a.history || ch.history || family(a.name) != family(ch.name) || a.stream != ch.stream {
		return false
	}
	if a.timed != ch.timed || a.numbered != ch.numbered || !sameStart(a, ch) {
		return false
	}
	end, begin := a.cycles.last(), ch.cycles.At(0)
	switch {
	case a.timed && begin.At < end.At:
		return false
	case a.numbered && begin.N+jvmLateAge < end.N:
		return false
	case !a.timed && end.stamped() && begin.stamped() && begin.stamp() < end.stamp():
		return false
	case !a.timed && !a.numbered && !end.stamped():
		return false
	}
	return true
}

// noteHistory says which histories were left out.
func (b *Builder) noteHistory(t *Timeline, left []*chain) {
	for _, h := range left {
		t.note(b.pos(h.cycles.At(0)), "the heap history of the crash report repeats %s of the log of the collections, and was left out",
			count(h.cycles.Len(), "collection", "collections"))
	}
}

// jvmWriter returns the run that a JVM wrote a text of its own file about: not one of another process, nor one that went on
// for long after it; of several, the one whose end is nearest, or the last.
func (t *Timeline) jvmWriter(ev event.Event, wallAt func(*Run) (time.Duration, bool)) *Run {
	pid, ok := jvmPID(ev)
	if !ok {
		return nil
	}
	h := ev.Header()
	var out *Run
	least := time.Duration(0)
	for _, r := range t.Runs {
		if r.Runtime != jvm || pid != 0 && r.ownPID() != 0 && pid != r.ownPID() {
			continue
		}
		off := time.Duration(0)
		at, timed := h.Time.Process, h.Time.Has.Has(event.Process) && r.Clock == SinceStart
		if !timed {
			at, timed = wallAt(r)
		}
		if timed {
			if off = at - r.End().At; off < -killSkew {
				continue
			}
			off = off.Abs()
		}
		if out == nil || off <= least {
			out, least = r, off
		}
	}
	return out
}

// ownPID returns the process id that the run's lines themselves name, 0 where they do not.
func (r *Run) ownPID() int {
	if r.Stream == nil {
		return 0
	}
	return r.Stream.OwnPID
}

// jvmPID returns the process id that the end of a JVM names. ok is false where it is not the end of a JVM.
func jvmPID(ev event.Event) (pid int, ok bool) {
	switch ev := ev.(type) {
	case *event.RuntimeOOM:
		return ev.PID, ev.Runtime == jvm
	case *event.ProcessEnd:
		return ev.PID, ev.Runtime == jvm
	case *event.GC, *event.Kill, *event.Dump, *event.Sample, *event.Setting, *event.ContainerStatus, *event.ContainerEvent, *event.Problem:
	}
	return 0, false
}

// oomWeight says how much a text tells about the end of a JVM: one death leaves its words in the log, in the output and in
// the crash report, and the last has the time and the numbers.
func oomWeight(ev *event.RuntimeOOM) int {
	w := 0
	if ev.Fatal {
		w += 4
	}
	if ev.Header().Time.Has != 0 {
		w += 2
	}
	if ev.Message != "" {
		w++
	}
	return w
}
