package hserr

import (
	"bytes"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// snapshot is a heap as the collectors print it, in "Heap:" and in the history.
type snapshot struct {
	collector              event.Collector
	heap, young, old       event.Space
	metaspace, classSpace  event.Space
	step                   unit.Bytes
	shenandoah, allocation bool // the title of the heap of Shenandoah, of Epsilon was seen
}

// part is what an area is of the heap.
type part uint8

const (
	whole part = iota
	young
	old
	permanent // class metadata of JDK 7 and earlier, no part of the heap
)

// heapAreas are the areas by their names. What tells nothing about the collector has none.
var heapAreas = []struct {
	name      string
	is        part
	collector event.Collector
}{
	{"def new generation ", young, event.Serial},
	{"DefNew ", young, event.Serial},
	{"par new generation ", young, event.CMS},
	{"PSYoungGen ", young, event.Parallel},
	{"tenured generation ", old, ""},
	{"Tenured ", old, ""},
	{"concurrent mark-sweep generation ", old, event.CMS},
	{"ParOldGen ", old, event.Parallel},
	{"PSOldGen ", old, event.Parallel},
	{"garbage-first heap ", whole, event.G1},
	{"PSPermGen ", permanent, ""},
	{"compacting perm gen ", permanent, ""},
	{"concurrent-mark-sweep perm gen ", permanent, ""},
}

// area reads a line of a heap and reports whether it is one.
func (f *file) area(l *dialect.Line, s *snapshot) bool {
	text := bytes.TrimLeft(l.Text, " ")
	if len(text) == 0 {
		return false
	}
	for i := range heapAreas {
		if a := &heapAreas[i]; a.name[0] == text[0] && hasPrefix(text, a.name) {
			if a.collector != "" {
				s.collector = a.collector
			}
			f.generationLine(l, s, a.is)
			return true
		}
	}
	switch {
	case hasPrefix(text, "Metaspace ") && bytes.Contains(text, []byte(" used ")):
		return f.amountsLine(l, s, &s.metaspace)
	case hasPrefix(text, "class space "):
		return f.amountsLine(l, s, &s.classSpace)
	case hasPrefix(text, "ZHeap "):
		s.collector = event.ZGC
		return f.amountsLine(l, s, &s.heap)
	case hasPrefix(text, "region size "):
		f.regionSize(l)
	case hasPrefix(text, "Shenandoah Heap"), hasPrefix(text, "Generational Shenandoah Heap"):
		s.collector, s.shenandoah = event.Shenandoah, true
	case hasPrefix(text, "Epsilon Heap"):
		s.collector, s.allocation = event.Epsilon, true
	case s.shenandoah && text[0]-'0' <= 9 && bytes.HasSuffix(text, []byte(" used")):
		f.shenandoahLine(l, s)
	case s.allocation && hasPrefix(text, "space "):
		s.heap, s.step = bounds(text), 1
	default:
		return false
	}
	return true
}

// untilAddresses is the line without the addresses at its end.
func untilAddresses(text []byte) []byte {
	before, _, _ := bytes.Cut(text, []byte("["))
	return before
}

func (f *file) generationLine(l *dialect.Line, s *snapshot, is part) {
	g, err := f.generation.Parse(untilAddresses(l.Text))
	if err != nil {
		f.problem(l, "an area of the heap does not read")
		return
	}
	space := event.Space{Used: g.Used.size()}
	if g.Total != nil {
		space.Committed = g.Total.size()
	} else {
		space.Committed, space.Reserved = g.Committed.size(), g.Reserved.size()
	}
	s.step = max(s.step, unit.KiB)
	switch is {
	case whole:
		s.heap = space
		return
	case permanent:
		s.metaspace = space
		return
	case young:
		s.young = space
	case old:
		s.old = space
	}
	s.heap.Used = sum(s.young.Used, s.old.Used)
	s.heap.Committed = sum(s.young.Committed, s.old.Committed)
}

// sum adds what both generations say. A file may end between the two, and half a heap is none.
func sum(a, b unit.Size) unit.Size {
	x, known := a.Get()
	y, both := b.Get()
	if !known || !both {
		return unit.Size{}
	}
	return unit.Known(x + y)
}

func (f *file) amountsLine(l *dialect.Line, s *snapshot, into *event.Space) bool {
	a, err := f.amounts.Parse(untilAddresses(l.Text))
	if err != nil {
		f.problem(l, "the metaspace or heap does not read")
		return true
	}
	for i := range a.Parts {
		p := &a.Parts[i]
		set(into, p.Label, &p.Size)
		if into == &s.heap && p.Size.Unit == "M" {
			s.step = unit.MiB
		}
	}
	return true
}

func (f *file) shenandoahLine(l *dialect.Line, s *snapshot) {
	h, err := f.shenandoah.Parse(l.Text)
	if err != nil {
		f.problem(l, "the heap of Shenandoah does not read")
		return
	}
	s.step = unit.KiB
	for i := range h.Parts {
		p := &h.Parts[i]
		set(&s.heap, p.Label, &p.Size)
		if p.Size.Unit == "M" {
			s.step = unit.MiB
		}
	}
}

// set puts an amount where its label says. The capacity of the metaspace of JDK 8 to 15 is left out: it is what the
// chunks in use hold, between used and committed. The capacity of the heap of ZGC is what is committed of it.
func set(into *event.Space, label []string, s *sized) {
	switch {
	case len(label) == 1 && label[0] == "used":
		into.Used = s.size()
	case len(label) == 1 && label[0] == "committed":
		into.Committed = s.size()
	case len(label) == 1 && label[0] == "capacity" && !into.Committed.IsKnown():
		into.Committed = s.size()
	case len(label) == 1 && (label[0] == "reserved" || label[0] == "max" || label[0] == "total"), len(label) == 2 && label[0] == "max":
		into.Reserved = s.size()
	}
}

// bounds reads the addresses of a space: where it begins, to where it is used, where it ends.
func bounds(text []byte) event.Space {
	inner := between(text, "[", ")")
	from, rest, _ := bytes.Cut(inner, []byte(","))
	top, end, ok := bytes.Cut(rest, []byte(","))
	if !ok {
		return event.Space{}
	}
	used := extent(append(append(bytes.Clone(from), ','), top...))
	total := unit.Known(extent(append(append(bytes.Clone(from), ','), end...)))
	return event.Space{Used: unit.Known(used), Committed: total, Reserved: total}
}

// regionSize tells the size of the regions of G1.
func (f *file) regionSize(l *dialect.Line) {
	if f.isStated(event.RegionSize) {
		return
	}
	r, err := f.regions.Parse(l.Text)
	if err != nil {
		f.problem(l, "the size of a region does not read")
		return
	}
	f.state(l, event.Setting{Name: event.RegionSize, Text: clip(untilComma(l.Text)), Size: r.Size.size()})
}

func untilComma(text []byte) []byte {
	before, _, _ := bytes.Cut(text, []byte(","))
	return before
}

// heapLine reads a line of the heap as it was, or of the metaspace report after it.
func (f *file) heapLine(l *dialect.Line) {
	s := &f.now
	if !f.area(l, s) {
		f.plain(l)
		return
	}
	reserved := f.jvm.Heap.Reserved
	f.jvm.Heap, f.jvm.Young, f.jvm.Old = s.heap, s.young, s.old
	f.jvm.Metaspace, f.jvm.ClassSpace = s.metaspace, s.classSpace
	if !f.jvm.Heap.Reserved.IsKnown() {
		f.jvm.Heap.Reserved = reserved
	}
	if f.jvm.Collector == "" && s.collector != "" && f.jvm.Heap.Used.IsKnown() {
		f.jvm.Collector = s.collector
		f.state(l, event.Setting{Name: event.CollectorName, Text: string(s.collector)})
	}
}

// heapAddress reads where the heap lies and how large it can grow: "Heap address: 0x00000000fc000000, size: 64 MB,
// Compressed Oops mode: 32-bit".
func (f *file) heapAddress(l *dialect.Line) {
	rest, ok := cut(l.Text[1:], "eap address: ")
	if !ok {
		return
	}
	f.jvm.HeapBase = address(rest)
	if megabytes := number(between(rest, "size: ", " MB")); megabytes > 0 && megabytes < 1<<40 {
		f.jvm.Heap.Reserved = unit.Known(unit.Bytes(megabytes) * unit.MiB)
		if !f.isStated(event.MaxHeap) {
			f.state(l, event.Setting{Name: event.MaxHeap, Text: clip(l.Text), Size: f.jvm.Heap.Reserved})
		}
	}
	if _, mode, ok := bytes.Cut(rest, []byte("Compressed Oops mode: ")); ok {
		f.jvm.OopsMode = clip(mode)
	}
}

// exceptions reads "OutOfMemory and StackOverflow Exception counts:".
func (f *file) exceptions(l *dialect.Line) {
	if !hasPrefix(l.Text, "OutOfMemoryError ") && !hasPrefix(l.Text, "StackOverflowErrors=") {
		return
	}
	c, err := f.count.Parse(l.Text)
	if err != nil {
		f.problem(l, "a count of exceptions does not read")
		return
	}
	switch c.Name {
	case "java_heap_errors":
		f.jvm.HeapOOMs = c.N.Int()
	case "metaspace_errors":
		f.jvm.MetaspaceOOMs = c.N.Int()
	case "class_metaspace_errors":
		f.jvm.ClassSpaceOOMs = c.N.Int()
	case "StackOverflowErrors":
		f.jvm.StackOverflows = c.N.Int()
	}
}
