package jvmlegacy

import (
	"math"
	"strings"
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// pause is a record: a stop of the world, from its first bracket to its last line.
type pause struct {
	gc     *event.GC
	name   string // GC, Full GC, GC pause
	flags  flags
	young  bool // the record says what the young generation did
	old    bool // the record says what the old generation did
	marks  bool // the heap is an occupancy in the middle of marking
	begins bool // Shenandoah: the line only says that the phase begins
	placed bool // the collector is known by the areas
}

// flags are the words that change what a record means.
type flags uint16

const (
	young flags = 1 << iota
	mixed
	partial
	initialMark
	toSpaceExhausted
	toSpaceOverflow
	promotionFailed
	modeFailure
	modeInterrupted
	backedOut // the -- of a collection that had to be undone
	overLimit // GC time would exceed GCTimeLimit
	overThrow // GC time is exceeding GCTimeLimit
)

// words are the flags as they are printed, in the order of their bits.
var words = []string{
	"young", "mixed", "partial", "initial-mark", "to-space exhausted", "to-space overflow",
	"promotion failed", "concurrent mode failure", "concurrent mode interrupted", "--",
	"GC time would exceed GCTimeLimit", "GC time is exceeding GCTimeLimit",
}

// flagOf returns the flag that is printed so, 0 if there is none.
func flagOf(word string) flags {
	for i, w := range words {
		if w == word {
			return 1 << i
		}
	}
	return 0
}

// overheadIn returns the flag for what a text says about the limit of -XX:GCTimeLimit.
func overheadIn(text string) flags {
	switch {
	case strings.Contains(text, "is exceeding GCTimeLimit of ") || strings.Contains(text, "is exceeding overhead limit of "):
		return overThrow
	case strings.Contains(text, "would exceed GCTimeLimit of ") || strings.Contains(text, "would exceed overhead limit of "):
		return overLimit
	}
	return 0
}

// names makes the kind of a collection from the beginning of its record and its flags, once each.
type names map[kind]string

type kind struct {
	name  string
	flags flags
}

func (n names) of(k kind) string {
	s, ok := n[k]
	if !ok {
		var b strings.Builder
		b.WriteString(k.name)
		for i, w := range words {
			switch {
			case k.flags&(1<<i) == 0:
			case w == "--":
				b.WriteString(w)
			default:
				b.WriteString(" (" + w + ")")
			}
		}
		s = b.String()
		if len(n) < 256 {
			n[k] = s
		}
	}
	return s
}

// frame is a bracket that is open.
type frame uint8

const (
	aside     frame = iota // says nothing that is wanted
	whole                  // a record
	youngArea              // DefNew, ParNew, PSYoungGen
	oldArea                // Tenured, CMS, ParOldGen
	permArea               // the permanent generation
	metaArea               // Metaspace, where the number in brackets is reserved
	g1Areas                // Eden, Survivors and Heap of G1
	unnamed                // the heap of a G1 pause in JDK 6
)

// bracket is what the name behind a bracket tells.
type bracket struct {
	frame     frame
	collector event.Collector // empty if the name tells none
	unsure    bool            // another area may tell better
}

var brackets = map[string]bracket{
	"DefNew":     {youngArea, event.Serial, true},
	"ParNew":     {youngArea, event.CMS, true},
	"ASParNew":   {youngArea, event.CMS, false},
	"PSYoungGen": {youngArea, event.Parallel, false},

	"Tenured":            {oldArea, event.Serial, false},
	"CMS":                {oldArea, event.CMS, false},
	"CMSCMS":             {oldArea, event.CMS, false}, // PrintFLSStatistics repeats the name
	"ASCMS":              {oldArea, event.CMS, false},
	"CMS-initial-mark":   {oldArea, event.CMS, false},
	"CMS-remark":         {oldArea, event.CMS, false},
	"ASCMS-initial-mark": {oldArea, event.CMS, false},
	"ASCMS-remark":       {oldArea, event.CMS, false},
	"ParOldGen":          {oldArea, event.Parallel, false},
	"PSOldGen":           {oldArea, event.Parallel, false},

	"Perm":      {frame: permArea},
	"CMS Perm":  {frame: permArea},
	"PSPermGen": {frame: permArea},
	"Metaspace": {frame: metaArea},
	"Eden":      {g1Areas, event.G1, false},
	"":          {frame: unnamed},

	"GC":         {frame: whole},
	"GC--":       {frame: whole},
	"Full GC":    {frame: whole},
	"Full GC--":  {frame: whole},
	"GC pause":   {whole, event.G1, false},
	"GC remark":  {whole, event.G1, false},
	"GC cleanup": {whole, event.G1, false},

	"Pause Full": {whole, event.Shenandoah, false},
	degenerated:  {whole, event.Shenandoah, false},
	cleanup:      {whole, event.Shenandoah, false},
}

// named returns what the name behind a bracket tells. The JVM may warn right behind the name of CMS, where it gives
// up a concurrent collection: "[CMSbailing out to foreground collection".
func named(name string) bracket {
	b, known := brackets[name]
	if !known && strings.HasPrefix(name, "CMS") && !strings.HasPrefix(name, "CMS-") {
		return brackets["CMS"]
	}
	return b
}

// walk is the state of one line while its parts are taken.
type walk struct {
	l      *dialect.Line
	s      lead   // the stamps that stand last before the part
	label  string // the text before a measure
	mine   bool   // a part of the line belongs to a record
	opened bool   // a record began on the line
}

// take takes the parts of a line and reports whether they belong to a record.
func (d *decoder) take(l *dialect.Line, s lead, tree *record, emit dialect.Emit) bool {
	w := walk{l: l, s: s}
	w.mine = len(d.open) > 0
	for i := range tree.Parts {
		p := &tree.Parts[i]
		switch {
		case p.Measure != nil:
			d.measured(&w, p.Measure)
			w.label = ""
		case p.Open != nil:
			d.enter(&w, p.Open, emit)
		case p.Close:
			d.leave(&w, emit)
		case p.Note != "":
			d.noted(p.Note)
		case p.Times != nil:
			d.timed(&w, p.Times)
		case p.ID != nil:
			w.s.id, w.s.numbered = p.ID.N.Int(), true
		default:
			w.label = p.Text
			d.said(p.Text)
		}
	}
	if len(d.open) == 0 {
		d.frames, d.deeper = d.frames[:0], 0
	}
	return w.mine || w.opened
}

// top returns the innermost record that is open.
func (d *decoder) top() *pause { return d.open[len(d.open)-1] }

// enter opens a bracket.
func (d *decoder) enter(w *walk, o *opening, emit dialect.Emit) {
	b := named(o.Name)
	if b.frame == whole {
		d.begin(w, o.Name, emit)
	}
	if p := d.current(); p != nil {
		d.place(p, b)
		p.marks = p.marks || o.Generation != nil || o.Name == "YG occupancy"
	}
	w.label = ""
	if len(d.frames) == maxFrames {
		d.deeper++
		return
	}
	d.frames = append(d.frames, b.frame)
}

// place takes note of the collector that a bracket tells. DefNew and ParNew may stand before the old generation of
// Serial or of CMS.
func (d *decoder) place(p *pause, b bracket) {
	if b.collector == "" || p.placed {
		return
	}
	if !b.unsure || d.know != event.CMS && d.know != event.Serial {
		d.know = b.collector
	}
	p.gc.Collector, p.placed = d.know, !b.unsure
}

// begin opens a record. One inside another is a young collection that CMS makes before it remarks; any other
// means that the one before was cut off.
func (d *decoder) begin(w *walk, name string, emit dialect.Emit) {
	d.seen = true
	if n := len(d.open); n > 0 && (n >= maxRecords || !d.top().marks && d.top().gc.Cause != finalRemark) {
		d.abandon("the next record begins inside this one", emit)
	}
	if len(d.open) == 0 {
		d.settle(emit)
		d.frames = d.frames[:0]
	}
	var p *pause
	if n := len(d.spare); n > 0 {
		p, d.spare = d.spare[n-1], d.spare[:n-1]
		*p = pause{}
	} else {
		p = &pause{}
	}
	gc := d.newGC()
	p.gc = gc
	gc.Head = w.l.Head(dialectName)
	w.s.addTo(&gc.Time)
	gc.Cycle, gc.Numbered = w.s.id, w.s.numbered
	gc.Collector, gc.Scope = d.know, event.Young
	name, undone := strings.CutSuffix(name, "--")
	if undone {
		p.flags |= backedOut
	}
	switch name {
	case "Full GC", "Pause Full", degenerated, cleanup:
		gc.Scope = event.Whole
	case "GC remark", "GC cleanup":
		gc.Scope, p.marks = event.Old, true
	}
	p.name = name
	d.open = append(d.open, p)
	w.opened = true
}

const (
	dialectName = name
	finalRemark = "CMS Final Remark"
	cleanup     = "Concurrent cleanup"   // of Shenandoah: twice a cycle, and the program goes on
	degenerated = "Pause Degenerated GC" // of Shenandoah: the rest of a cycle, with the world stopped
)

// current returns the record that the bracket at hand belongs to: the one that is open, or the whole one that
// may have more lines.
func (d *decoder) current() *pause {
	if len(d.open) > 0 {
		return d.top()
	}
	return d.done
}

// leave closes a bracket, and a record with its own.
func (d *decoder) leave(w *walk, emit dialect.Emit) {
	if d.deeper > 0 {
		d.deeper--
		return
	}
	n := len(d.frames)
	if n == 0 {
		if len(d.open) == 0 {
			return
		}
		n, d.frames = 1, append(d.frames, whole)
	}
	f := d.frames[n-1]
	d.frames = d.frames[:n-1]
	if f != whole || len(d.open) == 0 {
		return
	}
	p := d.top()
	d.open = d.open[:len(d.open)-1]
	if len(d.open) > 0 {
		d.emit(p, emit)
		return
	}
	d.settle(emit)
	d.done = p
	w.mine = true
}

// depth returns the innermost bracket: whole where a number is the record's own.
func (d *decoder) depth() frame {
	if n := len(d.frames); n > 0 {
		return d.frames[n-1]
	}
	if len(d.open) > 0 {
		return whole
	}
	return aside
}

// noted takes a text in parentheses.
func (d *decoder) noted(text string) {
	f := d.depth()
	if f == aside || len(d.open) == 0 {
		return
	}
	p := d.top()
	if flag := flagOf(text); flag != 0 {
		p.flags |= flag
		return
	}
	if f == whole && p.gc.Cause == "" && !p.gc.After.IsKnown() {
		p.gc.Cause = text
		switch text {
		case "System", "System.gc()", "JvmtiEnv ForceGarbageCollection":
			p.gc.Forced = true
		case finalRemark, "CMS Initial Mark":
			p.marks = true
			d.know, p.gc.Collector = event.CMS, event.CMS
		}
	}
}

// said takes text between the parts.
func (d *decoder) said(text string) {
	if len(d.open) == 0 || len(text) < 2 {
		return
	}
	p := d.top()
	p.begins = p.begins || strings.HasSuffix(text, ", start")
	if strings.Contains(text, "--") && d.depth() == whole {
		p.flags |= backedOut
	}
	if len(text) > len("GC time ") {
		p.flags |= overheadIn(text)
	}
}

// timed takes the CPU time of the record that just ended.
func (d *decoder) timed(w *walk, t *times) {
	if d.done != nil && len(d.open) == 0 && !d.done.gc.CPU.Known {
		if user, sys := t.User.span(), t.Sys.span(); user.Known && sys.Known {
			d.done.gc.CPU = event.Took(user.D + sys.D)
		}
		w.mine = true
	}
}

// measured takes a number.
func (d *decoder) measured(w *walk, m *measure) {
	if m.Uptime && m.After == nil && m.Size.Unit == "" {
		w.s = lead{uptime: m.Size.N.span().D, timed: true, wall: w.s.wall, dated: w.s.dated}
		return
	}
	p := d.current()
	if p == nil || len(d.frames) == 0 && len(d.open) == 0 || m.After != nil && m.After.Unit == "" {
		return // a number without its unit is cut off
	}
	if len(d.open) == 0 && p.gc.Collector != event.G1 && p.gc.Collector != "" {
		return // only G1 says more behind the end of a record
	}
	switch d.depth() {
	case whole:
		d.ofHeap(p, m)
	case youngArea:
		if m.After != nil {
			p.gc.Young, p.young = m.area(), true
		}
	case oldArea:
		d.ofOld(p, m)
	case permArea:
		if m.After != nil {
			p.gc.Metaspace = m.area()
		}
	case metaArea:
		if m.After != nil {
			p.gc.Metaspace = event.Area{Before: m.Size.bytes(), After: m.After.bytes()}
		}
	case g1Areas:
		p.ofG1(w.label, m)
		w.mine = true
	case unnamed:
		if m.After != nil && p.name == "GC pause" && !p.gc.After.IsKnown() {
			p.setHeap(m)
			w.mine = true
		}
	case aside:
	}
}

// ofHeap takes a number of the record itself: the heap, an occupancy of the heap, or how long it took.
func (d *decoder) ofHeap(p *pause, m *measure) {
	switch {
	case m.Took == "ms":
		p.took(event.Span{Known: true, D: time.Duration(min(m.Size.N.scaled(6), math.MaxInt64/2))})
	case m.Took != "":
		p.took(m.Size.N.span())
	case m.After != nil && (m.Bound != nil || !p.gc.After.IsKnown()):
		p.setHeap(m)
	case m.After == nil && m.Capacity != nil && m.Size.Unit != "" && (p.marks || p.name == "GC" && !p.sized()):
		p.marks = true // JDK 6 and older do not say that CMS marks: [GC 876593K(1851392K), 0.07 secs]
		p.gc.Before, p.gc.Committed = m.Size.bytes(), m.Capacity.bytes()
		p.gc.Step = m.Size.step()
	}
}

// took takes how long the record took.
func (p *pause) took(s event.Span) {
	if p.name == cleanup {
		p.gc.Wall = s
		return
	}
	p.gc.Pause = s
}

// setHeap takes the heap before and after the collection.
func (p *pause) setHeap(m *measure) {
	a := m.area()
	p.gc.Before, p.gc.After, p.gc.Committed = a.Before, a.After, a.Committed
	p.gc.Step = m.After.step()
	p.marks = p.name == "GC remark" || p.name == "GC cleanup"
}

// ofOld takes the old generation.
func (d *decoder) ofOld(p *pause, m *measure) {
	switch {
	case m.After != nil:
		p.gc.Old, p.old = m.area(), true
	case m.Capacity != nil && m.Size.Unit != "":
		p.gc.Old = event.Area{Before: m.Size.bytes(), Committed: m.Capacity.bytes()}
	}
}

// ofG1 takes a size of the line that ends a G1 pause: Eden, Survivors or Heap, by the text before it.
func (p *pause) ofG1(label string, m *measure) {
	if m.After == nil {
		return
	}
	switch a := m.area(); {
	case strings.Contains(label, "Heap"):
		if !p.gc.After.IsKnown() || p.gc.Step > unit.KiB && m.After.step() < p.gc.Step {
			p.setHeap(m)
		}
	case strings.Contains(label, "Survivors"):
		p.gc.Young.Before, p.gc.Young.After = plus(p.gc.Young.Before, a.Before), plus(p.gc.Young.After, a.After)
	default:
		p.gc.Young, p.young = event.Area{Before: a.Before, After: a.After}, true
	}
}

// sized reports whether nothing more is to come that would be missed.
func (p *pause) sized() bool { return p.gc.After.IsKnown() || p.marks || p.begins }

// settle emits the record that may have had more lines.
func (d *decoder) settle(emit dialect.Emit) {
	if p := d.done; p != nil {
		d.done = nil
		d.emit(p, emit)
	}
}

// abandon gives up the records that are open. One that already said what the heap was counts.
func (d *decoder) abandon(why string, emit dialect.Emit) {
	for _, p := range d.open {
		if p.gc.After.IsKnown() {
			d.emit(p, emit)
			continue
		}
		emit(problem(p.gc.Head, []byte(d.names.of(kind{p.name, p.flags})), why))
	}
	d.open, d.frames, d.deeper = d.open[:0], d.frames[:0], 0
}

// emit tells a record and keeps its memory for the next.
func (d *decoder) emit(p *pause, emit dialect.Emit) {
	d.spare = append(d.spare, p)
	gc := p.gc
	if p.begins {
		return
	}
	if !p.sized() {
		emit(problem(gc.Head, []byte(d.names.of(kind{p.name, p.flags})), "a collection that does not say what it left of the heap"))
		return
	}
	gc.Kind = d.names.of(kind{p.name, p.flags &^ overThrow})
	switch {
	case p.marks:
		gc.Scope, gc.Marking = event.Old, true
	case p.old:
		gc.Scope = event.Whole
	case p.flags&(mixed|partial) != 0:
		gc.Scope = event.Mixed
	}
	if gc.Scope == event.Whole && p.name != cleanup && p.name != degenerated {
		gc.Live = gc.After
	}
	if p.young && p.old && gc.Collector != event.Parallel && gc.After.IsKnown() && gc.Old.After.IsKnown() {
		gc.Young.After = minus(gc.After, gc.Old.After) // the collection of the old generation came later and emptied both
	}
	if p.young && !p.old {
		gc.Old = event.Area{Before: minus(gc.Before, gc.Young.Before), After: minus(gc.After, gc.Young.After)}
		if gc.Young.Committed.IsKnown() {
			gc.Old.Committed = minus(gc.Committed, gc.Young.Committed)
		}
	}
	emit(gc)
	d.thrown(p, emit)
}

// slabSize is how many collections are allocated at a time.
const slabSize = 64

func (d *decoder) newGC() *event.GC {
	if len(d.slab) == 0 {
		d.slab = make([]event.GC, slabSize)
	}
	gc := &d.slab[0]
	d.slab = d.slab[1:]
	return gc
}

// thrown tells the OutOfMemoryError that the Parallel collector threw for its overhead limit, once in a log.
func (d *decoder) thrown(p *pause, emit dialect.Emit) {
	if p.flags&overThrow == 0 || d.over {
		return
	}
	d.over = true
	emit(&event.RuntimeOOM{Head: p.gc.Head, Runtime: "jvm", Kind: event.OOMOverhead, Message: "GC time is exceeding GCTimeLimit"})
}

func (m *measure) area() event.Area {
	a := event.Area{Before: m.Size.bytes(), After: m.After.bytes()}
	if m.Bound != nil {
		a.Committed = m.Bound.bytes()
	}
	return a
}

// scale returns the bytes of the unit. A size without one is in bytes.
func (s *size) scale() unit.Bytes {
	switch s.Unit {
	case "K":
		return unit.KiB
	case "M":
		return unit.MiB
	case "G":
		return unit.GiB
	case "T":
		return unit.TiB
	}
	return unit.B
}

// bytes returns the size, unknown where it is beyond any machine.
func (s *size) bytes() unit.Size {
	const digits = 6
	n := s.N.scaled(digits)
	scale := s.scale()
	if n > math.MaxInt64/int64(unit.KiB) || n/1e6 > int64(unit.PiB/scale) {
		return unit.Size{}
	}
	return unit.Known(unit.Bytes(n/1e6)*scale + (unit.Bytes(n%1e6)*scale+5e5)/1e6)
}

// step returns the last place of the size as written.
func (s *size) step() unit.Bytes {
	step := s.N.Point.Step(6)
	if s.N.Comma != nil {
		step = max(1, pow10(6-s.N.Comma.Digits()))
	}
	return max(1, unit.Bytes(step)*s.scale()/1e6)
}

// scaled returns the number times 10 to the power of exp.
func (n *number) scaled(exp int) int64 {
	v := n.Point.Scaled(exp)
	if n.Comma == nil {
		return v
	}
	frac := n.Comma.Int()
	if places := exp - n.Comma.Digits(); places >= 0 {
		frac *= pow10(places)
	} else {
		frac /= pow10(-places)
	}
	if v > math.MaxInt64-frac {
		return math.MaxInt64
	}
	return v + frac
}

// span reads the number as seconds, unknown where it is beyond all patience.
func (n *number) span() event.Span {
	if v := n.scaled(9); v < math.MaxInt64/2 {
		return event.Took(time.Duration(v))
	}
	return event.Span{}
}

// pow10 returns 10 to the power of n, 0 where n is negative, for n up to 18.
func pow10(n int) int64 {
	if n < 0 {
		return 0
	}
	v := int64(1)
	for range n {
		v *= 10
	}
	return v
}

func plus(a, b unit.Size) unit.Size {
	x, okx := a.Get()
	y, oky := b.Get()
	if !okx || !oky {
		return unit.Size{}
	}
	return unit.Known(x + y)
}

// minus returns what is left of a, unknown where b is larger.
func minus(a, b unit.Size) unit.Size {
	x, okx := a.Get()
	y, oky := b.Get()
	if !okx || !oky || y > x {
		return unit.Size{}
	}
	return unit.Known(x - y)
}

func inKiB(n int64) unit.Size {
	if n > int64(unit.PiB/unit.KiB) {
		return unit.Size{}
	}
	return unit.Known(unit.Bytes(n) * unit.KiB)
}
