package hserr

import (
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// Bounds of the history: collections kept until their metaspace is known, and heaps before collections whose end did
// not come yet. Collections of the two generations of ZGC overlap.
const (
	maxPending = 4096
	maxBefore  = 4
)

// ring is the history of the heap, and of the metaspace.
type ring struct {
	at, step  time.Duration // of the last mark
	open      *entry
	before    []*entry
	pending   []*event.GC // told when the history of the metaspace was read
	cursor    int         // first of pending that may have no metaspace yet
	collector event.Collector
	full      int64 // full collections of the last heap
	known     bool  // full is known
}

// entry is the heap or the metaspace before or after a collection.
type entry struct {
	snapshot
	head        event.Head
	class       bool // the metaspace
	after       bool
	outer       bool // another collection began before this one ended
	at          time.Duration
	count, full int64
}

// ringLine reads a line of a history.
func (f *file) ringLine(l *dialect.Line) {
	text := l.Text
	switch {
	case len(text) == 0 || string(text) == "No events":
	case text[0] == '}':
		f.ring.close(f)
	case hasPrefix(text, "Event: ") || hasPrefix(text, "{Heap ") || hasPrefix(text, "Heap "):
		f.mark(l)
	case f.ring.open != nil:
		f.area(l, &f.ring.open.snapshot)
	}
}

func (f *file) mark(l *dialect.Line) {
	r := &f.ring
	e, err := f.ringEvent.Parse(l.Text)
	if err != nil {
		f.problem(l, "an entry of the heap history does not read")
		return
	}
	r.close(f)
	if e.At != nil {
		r.at, r.step = time.Duration(e.At.Scaled(9)), time.Duration(e.At.Step(9))
	}
	if e.Heap == nil {
		return
	}
	r.open = &entry{
		head: l.Head(name), class: e.Heap.Of == "metaspace", after: e.Heap.When == "after" || e.Heap.When == "After",
		at: r.at, count: e.Heap.Count.Int(), full: e.Heap.Full.Int(),
	}
	r.open.head.Time = event.Time{Has: event.Process, Process: r.at, Step: r.step}
}

// close ends the entry that is open.
func (r *ring) close(f *file) {
	e := r.open
	r.open = nil
	switch {
	case e == nil:
	case e.class:
		r.attach(e)
	case e.after && e.heap.Used.IsKnown():
		r.keep(r.collection(f, r.partner(e), e), f)
	case !e.after:
		if e.collector != "" {
			r.collector = e.collector
		}
		if len(r.before) == maxBefore {
			r.keep(r.unfinished(r.before[0]), f)
			r.before = r.before[1:]
		}
		for _, b := range r.before {
			b.outer = true
		}
		r.before = append(r.before, e)
	}
}

// partner takes the heap before the collection that ended with e. Most count a collection at its end, Parallel and the
// old generation of ZGC before they print the heap, and an old collection of ZGC may last over several young ones.
func (r *ring) partner(e *entry) *entry {
	for i := len(r.before) - 1; i >= 0; i-- {
		b := r.before[i]
		if b.count == e.count-1 || b.count == e.count && (e.collector == event.Parallel || e.collector == event.ZGC) {
			return r.take(i)
		}
	}
	if len(r.before) == 0 || r.before[0].count > e.count {
		return nil
	}
	return r.take(0)
}

func (r *ring) take(i int) *entry {
	b := r.before[i]
	r.before = append(r.before[:i], r.before[i+1:]...)
	return b
}

// collection makes the event of a collection whose end the history holds. Its beginning may have been overwritten.
func (r *ring) collection(f *file, before, after *entry) *event.GC {
	if after.collector != "" {
		r.collector = after.collector
	}
	gc := &event.GC{
		Head: after.head, Collector: r.collector, Scope: r.scope(before, after), Cycle: after.count, Numbered: true,
		After: after.heap.Used, Committed: after.heap.Committed, Capacity: after.heap.Reserved,
		Old:       event.Area{After: after.old.Used, Committed: after.old.Committed},
		Young:     event.Area{After: after.young.Used, Committed: after.young.Committed},
		Metaspace: event.Area{After: after.metaspace.Used, Committed: after.metaspace.Committed}, ClassSpace: event.Area{After: after.classSpace.Used, Committed: after.classSpace.Committed},
		Step: after.step,
	}
	if !gc.Capacity.IsKnown() {
		gc.Capacity = f.jvm.Heap.Reserved
	}
	if before != nil {
		gc.Before, gc.Old.Before, gc.Young.Before, gc.Metaspace.Before = before.heap.Used, before.old.Used, before.young.Used, before.metaspace.Used
		gc.Wall = event.Took(max(0, after.at-before.at))
		if stops(r.collector) {
			gc.Pause = gc.Wall
		}
	}
	if gc.Scope == event.Whole && stops(r.collector) {
		gc.Live = gc.After
	}
	r.full, r.known = after.full, true
	return gc
}

// stops reports whether the heap that a collector prints is that of a pause: what is left after a full one is alive.
func stops(c event.Collector) bool {
	return c == event.Serial || c == event.Parallel || c == event.CMS || c == event.G1
}

// scope tells a collection of the whole heap by the count of the full ones. Parallel counts before it prints the
// heap, so the count of the collection before decides; at the beginning of the history a shrinking old generation does.
func (r *ring) scope(before, after *entry) event.Scope {
	rises := before != nil && after.full > before.full
	switch r.collector {
	case event.Shenandoah:
		return event.Whole
	case event.ZGC:
		if after.full == after.count {
			return event.Whole // one generation: each collection is full
		}
		if before != nil && (before.outer || before.count == after.count) {
			return event.Old
		}
		return event.Young
	case event.Parallel:
		rises = r.known && after.full > r.full
		if !r.known && before != nil {
			rises = after.full > 0 && after.old.Used.Or(0) < before.old.Used.Or(0)
		}
	}
	if rises {
		return event.Whole
	}
	return event.Young
}

// unfinished makes the event of a collection whose end the history does not hold: it ran when the JVM died.
func (r *ring) unfinished(b *entry) *event.GC {
	return &event.GC{
		Head: b.head, Collector: r.collector, Cycle: b.count + 1, Numbered: true, Before: b.heap.Used, Committed: b.heap.Committed, Capacity: b.heap.Reserved,
		Old: event.Area{Before: b.old.Used, Committed: b.old.Committed}, Young: event.Area{Before: b.young.Used, Committed: b.young.Committed},
		Metaspace: event.Area{Before: b.metaspace.Used, Committed: b.metaspace.Committed}, Step: b.step,
	}
}

// keep holds a collection back until its metaspace is known.
func (r *ring) keep(gc *event.GC, f *file) {
	if len(r.pending) == maxPending {
		r.tell(f)
	}
	r.pending = append(r.pending, gc)
}

// attach adds the metaspace before or after a collection. The histories have the same order.
func (r *ring) attach(e *entry) {
	number := e.count
	if !e.after && r.collector != event.Parallel {
		number++
	}
	for i := r.cursor; i < len(r.pending); i++ {
		gc := r.pending[i]
		if gc.Cycle < number {
			r.cursor = i
			continue
		}
		if gc.Cycle > number {
			return
		}
		m := &gc.Metaspace
		if e.after && !m.After.IsKnown() {
			m.After, m.Committed = e.metaspace.Used, e.metaspace.Committed
			gc.ClassSpace.After, gc.ClassSpace.Committed = e.classSpace.Used, e.classSpace.Committed
			return
		}
		if !e.after && !m.Before.IsKnown() {
			m.Before = e.metaspace.Used
			return
		}
	}
}

// settle ends the history of the heap.
func (r *ring) settle(f *file) {
	r.close(f)
	for _, b := range r.before {
		r.keep(r.unfinished(b), f)
	}
	r.before = nil
}

// end ends both histories and tells their collections.
func (r *ring) end(f *file) {
	r.settle(f)
	r.tell(f)
}

func (r *ring) tell(f *file) {
	for _, gc := range r.pending {
		f.emit(gc)
	}
	r.pending, r.cursor = nil, 0
}
