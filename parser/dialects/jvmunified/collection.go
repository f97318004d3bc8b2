package jvmunified

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/shape"
	"oomtrace/parser/unit"
)

// slabSize is how many collections are allocated at a time.
const slabSize = 64

// maxOpen is how many collections can be open at a time.
const maxOpen = 8

// maxBytes is the largest amount that is believed; sums of a few of them fit unit.Bytes.
const maxBytes = 1 << 56

// group gathers the lines of one collection, which share its number, until the one that closes it.
type group struct {
	used   bool
	opened int // which of the groups of the stream it is
	id     int64
	head   event.Head // of its first line

	first [256]byte // the line that opened it, for a log that is cut off inside it
	n     int

	young, old, metaspace, classSpace event.Area
	exact                             bool // young and old are in KiB
	counts                            counts
	live                              [3]unit.Size // at the end of marking, by generation
	kept                              unit.Size    // alive in the young generation of ZGC when it had been evacuated
	capacity, reserve                 unit.Size    // of ZGC, when it ended
	high                              unit.Size
	paused                            time.Duration // sum of the pauses of a concurrent collection
	pauses                            bool
	full                              bool // Shenandoah made a full collection of it
	remarks                           []string
}

// counts are numbers of regions of G1.
type counts struct {
	youngBefore, youngAfter, oldBefore, oldAfter int64
	eden, tenured                                bool // the lines were there
}

// generation numbers index group.live.
const (
	whole = iota // ZGC without generations, or the young one in a minor collection
	young        // in a major collection
	old
)

// group returns the lines read so far of a collection. The number of collections at the same time is bounded: the
// one opened first is given up.
func (d *decoder) group(l *dialect.Line, id int64, emit dialect.Emit) *group {
	if d.open == nil {
		d.open = make([]group, maxOpen)
	}
	first := &d.open[0]
	for i := range d.open {
		g := &d.open[i]
		if g.used && g.id == id {
			return g
		}
		if first.used && (!g.used || g.opened < first.opened) {
			first = g
		}
	}
	d.giveUp(first, emit)
	d.opened++
	*first = group{used: true, opened: d.opened, id: id, head: l.Head(name)}
	return first
}

// giveUpAll gives up all open collections, the one opened first to begin with.
func (d *decoder) giveUpAll(emit dialect.Emit) {
	slices.SortFunc(d.open, func(a, b group) int { return a.opened - b.opened })
	for i := range d.open {
		d.giveUp(&d.open[i], emit)
	}
}

// close takes a collection out of the open ones. It returns an empty group if there was nothing but the last line.
func (d *decoder) close(id int64) group {
	for i := range d.open {
		if g := &d.open[i]; g.used && g.id == id {
			g.used = false
			return *g
		}
	}
	return group{}
}

// opening keeps the line that opens a collection. What it says is read only if the one that closes it never comes.
func (d *decoder) opening(l *dialect.Line, id int64, emit dialect.Emit) {
	g := d.group(l, id, emit)
	g.head = l.Head(name)
	g.n = copy(g.first[:], l.Text)
}

// giveUp makes an event of a collection without a last line: the log was cut off in it, or the line was lost.
func (d *decoder) giveUp(g *group, emit dialect.Emit) {
	if !g.used {
		return
	}
	g.used = false
	before, after, committed, ok := g.sums()
	live := g.liveSet()
	if !ok && !live.IsKnown() {
		return
	}
	d.release(emit)
	head, c := d.began(g)
	gc := d.newGC(head)
	gc.Cycle = g.id
	d.describe(gc, c, g)
	gc.Live, gc.Step = live, unit.MiB
	if ok {
		gc.Before, gc.After, gc.Committed, gc.Step = before, after, committed, unit.KiB
		if c.live {
			gc.Live = after
		}
	}
	emit(gc)
}

// began reads the line that opened a collection.
func (d *decoder) began(g *group) (event.Head, *class) {
	head := g.head
	line := g.first[:g.n]
	message := line
	var deco decorations
	if g.n > 0 && line[0] == '[' && deco.scan(line) {
		head.Time = d.clock.read(&deco, line, head.Time)
		message = deco.message
	}
	if _, text, ok := collectionID(message); ok {
		if tree, err := d.beginning.Parse(text); err == nil {
			return head, classify(tree.Words, tree.Notes)
		}
	}
	return head, &class{scope: event.Young}
}

// release emits the collection that waited for the lines behind its last one: CPU time, metaspace.
func (d *decoder) release(emit dialect.Emit) {
	if gc := d.waiting; gc != nil {
		d.waiting = nil
		emit(gc)
	}
}

func (d *decoder) newGC(head event.Head) *event.GC {
	if len(d.slab) == 0 {
		d.slab = make([]event.GC, slabSize)
	}
	gc := &d.slab[0]
	d.slab = d.slab[1:]
	gc.Head = head
	gc.Numbered = true
	d.ran = true
	return gc
}

// collection makes the event of a collection that a line closes.
func (d *decoder) collection(l *dialect.Line, id int64, s *summary, mended bool, emit dialect.Emit) {
	if s.class == nil {
		s.class = classify(s.Words, s.Notes)
	}
	c := s.class
	if c.idle {
		return
	}
	before, ok1 := s.Heap.Before.bytes()
	after, ok2 := s.Heap.After.bytes()
	if !ok1 || !ok2 {
		d.problem(l, "a collection with sizes beyond any machine", emit)
		return
	}
	d.release(emit)
	var g group
	if !c.marks {
		g = d.close(id) // lines about a cycle that marks belong to its end
	}
	gc := d.newGC(d.head(l))
	gc.Cycle, gc.Mended = id, mended
	d.describe(gc, c, &g)
	gc.Before, gc.After = unit.Known(before), unit.Known(after)
	gc.Committed, gc.Peak = g.capacity, g.high
	if b := s.Heap.AfterBound; b != nil && b.Unit != "%" {
		gc.Committed = b.size()
	}
	gc.Step = s.Heap.Before.unit()
	g.refine(gc)
	if most, known := d.maxHeap.Get(); known && gc.Committed.Or(0) > most {
		d.maxHeap, gc.Capacity = unit.Size{}, unit.Size{} // the header was another program's
	}
	switch {
	case c.live, g.full:
		gc.Scope, gc.Live = event.Whole, gc.After
	case c.scope == event.Whole:
		gc.Live = g.liveSet()
		d.major.keep(gc, &g)
	case c.collector == event.ZGC:
		gc.Live = d.major.liveAfter(gc, &g)
	}
	if took := s.took(); c.pause {
		gc.Pause = took
	} else if g.pauses {
		gc.Pause = event.Took(g.paused)
	}
	d.waiting = gc
}

// describe fills in what does not depend on the sizes of the heap.
func (d *decoder) describe(gc *event.GC, c *class, g *group) {
	if c.collector != "" {
		d.collector = c.collector
	}
	gc.Collector, gc.Scope, gc.Kind, gc.Cause, gc.Marking = d.collector, c.scope, c.kind, c.cause, c.marks
	gc.Forced = forced[c.cause]
	if gc.Cause == "" && d.collector == event.Shenandoah {
		gc.Cause = d.trigger
	}
	remarks := g.remarks
	if c.live && d.clearing {
		remarks = append(remarks, "clearing soft references")
		d.clearing = false
	}
	if d.promotion && !c.marks {
		remarks = append(remarks, "Promotion failed")
		d.promotion = false
	}
	for _, r := range remarks {
		gc.Kind += " (" + r + ")"
	}
	gc.Young, gc.Old, gc.Metaspace, gc.ClassSpace = g.young, g.old, g.metaspace, g.classSpace
	if size, known := d.region.Get(); known && g.counts.eden && g.counts.tenured {
		gc.Young = event.Area{Before: times(g.counts.youngBefore, size), After: times(g.counts.youngAfter, size)}
		gc.Old = event.Area{Before: times(g.counts.oldBefore, size), After: times(g.counts.oldAfter, size)}
	}
	gc.Capacity = d.maxHeap
	if most, known := d.maxHeap.Get(); known {
		if reserve, known := g.reserve.Get(); known && reserve < most {
			gc.Capacity = unit.Known(most - reserve)
		}
	}
}

// refine replaces the sizes of the last line, which are rounded down to MiB, by the sums of the areas, where these
// say the same.
func (g *group) refine(gc *event.GC) {
	before, after, committed, ok := g.sums()
	if !ok || !near(before, gc.Before, gc.Step) || !near(after, gc.After, gc.Step) {
		return
	}
	gc.Before, gc.After, gc.Step = before, after, unit.KiB
	if near(committed, gc.Committed, unit.MiB) {
		gc.Committed = committed
	}
}

// near reports whether the exact size is one that was rounded to the rough one.
func near(exact, rough unit.Size, step unit.Bytes) bool {
	a, ok1 := exact.Get()
	b, ok2 := rough.Get()
	return ok1 && ok2 && a > b-2*step && a < b+2*step
}

// sums adds the areas of a generational heap.
func (g *group) sums() (before, after, committed unit.Size, ok bool) {
	after, ok = sum(g.young.After, g.old.After)
	if !ok || !g.exact {
		return unit.Size{}, unit.Size{}, unit.Size{}, false
	}
	before, _ = sum(g.young.Before, g.old.Before)
	committed, _ = sum(g.young.Committed, g.old.Committed)
	return before, after, committed, true
}

func sum(a, b unit.Size) (unit.Size, bool) {
	x, ok1 := a.Get()
	y, ok2 := b.Get()
	if !ok1 || !ok2 {
		return unit.Size{}, false
	}
	return unit.Known(x + y), true
}

// liveSet returns what marking found alive in the whole heap.
func (g *group) liveSet() unit.Size {
	if all, ok := sum(g.live[young], g.live[old]); ok {
		return all
	}
	if g.live[young].IsKnown() || g.live[old].IsKnown() {
		return unit.Size{}
	}
	return g.live[whole]
}

// major is what the last major collection of generational ZGC said. A minor one marks the young generation only; what is
// alive after it is what the major one found, plus what the young generation holds more since, plus what went to the old one.
type major struct{ live, kept, old unit.Size }

func (m *major) keep(gc *event.GC, g *group) { *m = major{gc.Live, g.kept, gc.Old.After} }

// liveAfter returns the heap alive after a minor collection, and brings its old generation up to date.
func (m *major) liveAfter(gc *event.GC, g *group) unit.Size {
	heap, ok1 := gc.After.Get()
	inYoung, ok2 := gc.Young.After.Get()
	live, ok3 := m.live.Get()
	before, ok4 := m.kept.Get()
	old, ok5 := m.old.Get()
	kept, ok6 := g.kept.Get()
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 || heap < inYoung {
		return unit.Size{}
	}
	gc.Old.After = unit.Known(heap - inYoung)
	return unit.Known(min(max(kept, live+kept-before+heap-inYoung-old), heap))
}

// area reads a line of areas: the generations of Serial, Parallel and CMS, or metaspace.
func (d *decoder) area(l *dialect.Line, id int64, text []byte, emit dialect.Emit) {
	cache := d.areas
	if text[0] == 'M' {
		cache = d.metaspace
	}
	tree, err := cache.Parse(text)
	if err != nil {
		d.metaspaceAmounts(l, id, text, emit)
		return
	}
	if gc := d.waiting; gc != nil && gc.Cycle == id && tree.List[0].Name == "Metaspace" {
		gc.Metaspace, gc.ClassSpace = tree.List[0].metaspace(), tree.classSpace()
		return
	}
	g := d.group(l, id, emit)
	for i := range tree.List {
		a := &tree.List[i]
		switch a.Name {
		case "DefNew", "ParNew", "PSYoungGen":
			g.young = a.Heap.area()
		case "Tenured", "CMS", "ParOldGen", "PSOldGen":
			g.old = a.Heap.area()
		case "Metaspace":
			g.metaspace = a.metaspace()
		case "Class":
			g.classSpace = a.metaspace()
		}
		if c, ok := areaOf[a.Name]; ok {
			d.collector, g.exact = c, true
		}
	}
}

// areaOf names the collector that has an area of this name.
var areaOf = map[string]event.Collector{
	"DefNew": event.Serial, "Tenured": event.Serial,
	"ParNew": event.CMS, "CMS": event.CMS,
	"PSYoungGen": event.Parallel, "ParOldGen": event.Parallel, "PSOldGen": event.Parallel,
}

// metaspaceAmounts reads the metaspace of ZGC and Epsilon, which is that of the end of the collection.
func (d *decoder) metaspaceAmounts(l *dialect.Line, id int64, text []byte, emit dialect.Emit) {
	tree, err := d.amounts.Parse(text)
	if err != nil || len(tree.Name) != 1 || tree.Name[0] != "Metaspace" {
		return
	}
	d.group(l, id, emit).metaspace = tree.area()
}

func (a *amounts) area() event.Area {
	return event.Area{After: a.named("used"), Committed: a.named("committed")}
}

func (a *amounts) named(name string) unit.Size {
	for i := range a.List {
		if a.List[i].Name == name {
			return a.List[i].Size.size()
		}
	}
	return unit.Size{}
}

// regionLine reads how many regions of one kind G1 had. What lies in archive and humongous regions is old.
func (d *decoder) regionLine(l *dialect.Line, id int64, text []byte, emit dialect.Emit) {
	tree, err := d.regions[text[0]&7].Parse(text)
	if err != nil {
		return
	}
	c := &d.group(l, id, emit).counts
	before, after := min(tree.Before.Int(), maxRegions), min(tree.After.Int(), maxRegions)
	switch tree.Kind {
	case "Eden", "Survivor":
		c.youngBefore += before
		c.youngAfter += after
		c.eden = true
	case "Old", "Humongous", "Archive":
		c.oldBefore += before
		c.oldAfter += after
		c.tenured = true
	}
	d.collector = event.G1
}

// maxRegions bounds a number of regions, so that it can be multiplied by their size.
const maxRegions = 1 << 24

func times(n int64, size unit.Bytes) unit.Size {
	return unit.Known(unit.Bytes(n) * min(size, unit.TiB))
}

// tableRow reads the rows of ZGC's tables that say how much was used, alive, committed and kept in reserve. The
// columns are Mark Start, Mark End, Relocate Start, Relocate End, and for the whole heap High and Low.
func (d *decoder) tableRow(l *dialect.Line, id int64, text []byte, emit dialect.Emit) {
	rest := text
	if len(rest) > 2 && rest[1] == ':' {
		rest = rest[2:]
	}
	for len(rest) > 0 && rest[0] == ' ' {
		rest = rest[1:]
	}
	if !hasPrefix(rest, "Live: ") && !hasPrefix(rest, "Used: ") && !hasPrefix(rest, "Capacity: ") && !hasPrefix(rest, "Reserve: ") {
		return
	}
	tree, err := d.row.Parse(text)
	if err != nil || len(tree.Cells) < 4 {
		return
	}
	const markEnd, relocateEnd, high = 1, 3, 4
	g := d.group(l, id, emit)
	heap := len(tree.Cells) > high
	switch last := tree.Cells[relocateEnd].value(); tree.Name {
	case "Live":
		g.live[generationOf(tree.Gen)] = tree.Cells[markEnd].value()
		if tree.Gen != "O" {
			g.kept = last
		}
	case "Capacity":
		g.capacity = last
		if share := tree.Cells[relocateEnd].Share; share != nil && share.N.Int() == 100 && !d.maxHeap.IsKnown() {
			d.maxHeap = last // JDK 11 has no other line that tells it
		}
	case "Reserve":
		g.reserve = last
	case "Used":
		used := event.Area{Before: tree.Cells[0].value(), After: last}
		switch {
		case heap:
			g.high = tree.Cells[high].value()
		case tree.Gen == "O":
			g.old = used
		case tree.Gen != "":
			g.young = used
		}
	}
}

func generationOf(letter string) int {
	switch letter {
	case "Y":
		return young
	case "O":
		return old
	}
	return whole
}

func (c *cell) value() unit.Size {
	if c.Size == nil {
		return unit.Size{}
	}
	return c.Size.size()
}

// atEnd reads what Shenandoah used when a collection had ended, JDK 24 and later: in KiB, by generation if it has
// any. The same in front of the line that closes a collection is about a full one in it.
func (d *decoder) atEnd(l *dialect.Line, id int64, text []byte, emit dialect.Emit) {
	text, _, _ = bytes.Cut(text, []byte(", "))
	tree, err := d.ending.Parse(text)
	if err != nil {
		return
	}
	gc := d.waiting
	if gc == nil || gc.Cycle != id {
		if tree.Words[0] == "Full" {
			d.remark(l, id, []byte("Cannot finish degeneration"), emit)
		}
		return
	}
	used := tree.Used.size()
	switch tree.Gen {
	case "Young":
		gc.Young.After = used
		return
	case "Old":
		gc.Old.After = used
		used, _ = sum(gc.Young.After, used)
	}
	if near(used, gc.After, gc.Step) {
		if gc.Live == gc.After {
			gc.Live = used
		}
		gc.After, gc.Step = used, unit.KiB
	}
}

// phasePause adds a pause to those of its collection.
func (d *decoder) phasePause(l *dialect.Line, id int64, text []byte, emit dialect.Emit) {
	tree, err := d.phase.Parse(text)
	if err != nil {
		if tree, err = d.phase.Parse(d.points(text)); err != nil {
			return
		}
	}
	g := d.group(l, id, emit)
	g.pauses = true
	g.paused = add(g.paused, time.Duration(tree.Took.Scaled(6)))
}

// cpuTime adds the CPU time to the collection that has just ended. Other phases have such lines too.
func (d *decoder) cpuTime(id int64, text []byte, emit dialect.Emit) {
	if d.waiting == nil || d.waiting.Cycle != id {
		return
	}
	tree, err := d.cpu.Parse(text)
	if err != nil {
		if tree, err = d.cpu.Parse(d.points(text)); err != nil {
			return
		}
	}
	d.waiting.CPU = event.Took(add(time.Duration(tree.User.Scaled(9)), time.Duration(tree.Sys.Scaled(9))))
	d.release(emit)
}

// remark keeps what the log says about a collection besides its sizes.
func (d *decoder) remark(l *dialect.Line, id int64, text []byte, emit dialect.Emit) {
	var r string
	switch {
	case hasPrefix(text, "To-space exhausted"):
		r = "To-space exhausted"
	case hasPrefix(text, "Clearing All Soft"):
		r = "clearing soft references"
	case hasPrefix(text, "Promotion failed"):
		r = "Promotion failed"
	case hasPrefix(text, "Concurrent Mode Failure"), hasPrefix(text, "Concurrent mode failure"):
		r = "Concurrent mode failure"
	case hasPrefix(text, "Cannot finish degeneration"):
		d.group(l, id, emit).full = true
		r = "upgraded to Full GC"
	default:
		return
	}
	g := d.group(l, id, emit)
	for _, have := range g.remarks {
		if have == r {
			return
		}
	}
	g.remarks = append(g.remarks, r)
}

// forced are the causes that stand for a request of the program or its operator.
var forced = map[string]bool{
	"System.gc()": true, "Diagnostic Command": true, "Heap Inspection Initiated GC": true, "Heap Dump Initiated GC": true,
	"JvmtiEnv ForceGarbageCollection": true, "WhiteBox Initiated Full GC": true, "WhiteBox Initiated Young GC": true,
}

// qualifiers are notes that say what kind of collection it was; others are causes.
var qualifiers = map[string]bool{
	"Normal": true, "Concurrent Start": true, "Initial Mark": true, "Prepare Mixed": true, "Mixed": true,
	"Young": true, "Old": true, "Global": true, "unload classes": true, "process weakrefs": true,
	"Mark": true, "Roots": true, "Evacuation": true, "Update Refs": true, "Outside of Cycle": true, "Evac": true,
}

// classify says what the words of a collection mean.
func classify(list []string, notes []note) *class {
	c := &class{kind: strings.Join(list, " ")}
	marks := map[string]bool{}
	for _, w := range list {
		marks[w] = true
	}
	for _, n := range notes {
		text := n.text()
		switch {
		case qualifiers[text], strings.HasPrefix(text, "Evacuation Failure"):
			c.kind += " (" + text + ")"
			marks[text] = true
		case c.cause != "":
			c.kind += " (" + c.cause + ")"
			c.cause = text
		default:
			c.cause = text
		}
	}
	c.pause = marks["Pause"]
	c.collector = collectorOf(c, marks)
	switch {
	case c.pause && (marks["Remark"] || marks["Cleanup"] || marks["Initial"] && c.cause == ""):
		c.scope, c.marks = event.Old, true
	case marks["Full"]:
		c.scope, c.live = event.Whole, true
	case marks["Old"]:
		c.scope = event.Old
	case marks["Mixed"]:
		c.scope = event.Mixed
	case marks["Young"], marks["Minor"], marks["Initial"]:
		c.scope = event.Young
	case marks["Major"], marks["Garbage"], marks["Degenerated"], marks["cleanup"], marks["Concurrent"] && marks["GC"]:
		c.scope = event.Whole
	case c.pause:
		c.scope = event.Young // of an unknown kind: the least that it can be
	default:
		c.idle = true
	}
	return c
}

// collectorOf names the collector that writes such words, if only one does.
func collectorOf(c *class, marks map[string]bool) event.Collector {
	switch {
	case marks["Normal"], marks["Concurrent Start"], marks["Prepare Mixed"], marks["Mixed"], strings.HasPrefix(c.cause, "G1 "):
		return event.G1
	case marks["Garbage"], marks["Major"], marks["Minor"]:
		return event.ZGC
	case marks["cleanup"], marks["Degenerated"], marks["Concurrent"] && marks["GC"]:
		return event.Shenandoah
	case c.cause == "Ergonomics":
		return event.Parallel
	}
	return ""
}

// text returns the note as it stands in the log, with single blanks.
func (n *note) text() string {
	var b strings.Builder
	spaced := false // a word that follows is one of its own
	for _, t := range n.Text {
		isWord := len(t) > 1 || digit(t[0]) || t[0]|0x20-'a' <= 'z'-'a'
		if isWord && spaced {
			b.WriteByte(' ')
		}
		b.WriteString(t)
		spaced = isWord || t == ":" || t == ","
	}
	return b.String()
}

// took returns how long the last line says it took.
func (s *summary) took() event.Span {
	if s.Took == nil {
		return event.Span{}
	}
	if s.Unit == "s" {
		return event.Took(time.Duration(s.Took.Scaled(9)))
	}
	return event.Took(time.Duration(s.Took.Scaled(6)))
}

// area returns a line A->B(C).
func (c *change) area() event.Area {
	a := event.Area{Before: c.Before.size(), After: c.After.size()}
	if c.AfterBound != nil {
		a.Committed = c.AfterBound.size()
	}
	return a
}

// classSpace returns the part of the metaspace that compressed class pointers reach.
func (a *areas) classSpace() event.Area {
	for i := range a.List {
		if a.List[i].Name == "Class" {
			return a.List[i].metaspace()
		}
	}
	return event.Area{}
}

// metaspace returns a metaspace A(C)->B(C). JDK 9 to early 11 print A->B(R), where R is the address space in
// reserve, which is neither committed nor a limit.
func (a *area) metaspace() event.Area {
	m := a.Heap.area()
	if a.Heap.BeforeBound == nil {
		m.Committed = unit.Size{}
	}
	return m
}

var units = map[string]unit.Bytes{"B": unit.B, "K": unit.KiB, "M": unit.MiB, "G": unit.GiB, "T": unit.TiB}

// unit returns what the size is a multiple of.
func (s *size) unit() unit.Bytes { return units[s.Unit] }

// bytes returns the size. It reports false for a share, and for what no machine has.
func (s *size) bytes() (unit.Bytes, bool) {
	u := units[s.Unit]
	if u == 0 || s.N.Int() > maxBytes/int64(u) {
		return 0, false
	}
	return unit.Bytes(s.N.Int()) * u, true
}

// size returns the size, unknown where it is beyond belief.
func (s *size) size() unit.Size {
	b, ok := s.bytes()
	if !ok {
		return unit.Size{}
	}
	return unit.Known(b)
}

// scaled returns an amount with two decimals as the block about metaspace prints it.
func scaled(n *shape.Decimal, name string) unit.Size {
	u := map[string]unit.Bytes{"bytes": unit.B, "KB": unit.KiB, "MB": unit.MiB, "GB": unit.GiB}[name]
	v := n.Float() * float64(u)
	if v > maxBytes {
		return unit.Size{}
	}
	return unit.Known(unit.Bytes(math.Round(v)))
}

// add returns the sum of two durations that are not negative, or the longest duration if that is too short.
func add(a, b time.Duration) time.Duration {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
