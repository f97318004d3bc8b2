package android

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
	"oomtrace/parser/shape"
	"oomtrace/parser/unit"
)

// maxSize is the largest number in any unit that is taken for a size: an exbibyte in bytes.
const maxSize = 1 << 60

// collection reads a collection of ART or Dalvik, and what ART says around one.
func (d *decoder) collection(l *dialect.Line, m *message, emit dialect.Emit) bool {
	if bytes.Contains(m.text, []byte("GC freed ")) { // the blank before it is too common to look for
		if i := bytes.Index(m.text, []byte(" GC freed ")); i > 0 {
			return d.art(l, m, i+1, emit)
		}
	}
	if i := bytes.Index(m.text, []byte("GC_")); i >= 0 {
		return d.dalvik(l, m, m.text[i:], emit)
	}
	return d.clamp(l, m, emit) || aside(m.text)
}

// kinds are the words of the names of ART's collectors.
var kinds = []string{
	"young", "sticky", "partial", "full", "generational", "concurrent", "copying", "mark", "sweep", "compact", "semispace",
}

// art reads a collection of ART whose "GC freed" stands at the index at.
func (d *decoder) art(l *dialect.Line, m *message, at int, emit dialect.Emit) bool {
	kind, cause := collectorOf(m.text[:at-1])
	if kind == "" {
		return false
	}
	tree, err := d.read.art.Parse(bytes.TrimRight(m.text[at:], " "))
	if err != nil {
		emit(d.problem(l, m, "a collection of ART that breaks off or is not as ART writes it"))
		return true
	}
	heap, ok := tree.Heap.bytes()
	footprint, too := tree.Footprint.bytes()
	if !ok || !too {
		emit(d.problem(l, m, "a collection with sizes beyond any machine"))
		return true
	}
	gc := &event.GC{Head: d.head(l, m), Collector: event.ART, Scope: event.Whole, Kind: kind, Cause: cause, Forced: cause == "Explicit"}
	gc.After, gc.Capacity, gc.Step = unit.Known(heap), unit.Known(footprint), tree.Heap.step()
	if strings.Contains(kind, "young") || strings.Contains(kind, "sticky") {
		gc.Scope = event.Young
	} else {
		gc.Live = gc.After
	}
	var paused time.Duration
	for i := range tree.Paused {
		paused = add(paused, tree.Paused[i].duration())
	}
	gc.Pause, gc.Wall = event.Took(paused), event.Took(tree.Total.duration())
	emit(gc)
	return true
}

// collectorOf returns the words before "GC freed" that name the collector, and the one before that says why.
func collectorOf(text []byte) (kind, cause string) {
	words := strings.Fields(string(text[max(0, len(text)-96):]))
	first := len(words)
	for first > 0 && slices.Contains(kinds, words[first-1]) {
		first--
	}
	if first == len(words) || first == 0 {
		return "", ""
	}
	return strings.Join(words[first:], " "), words[first-1]
}

// bytes returns the size. ok is false if it is beyond any machine.
func (s *size) bytes() (unit.Bytes, bool) {
	n := s.N.Int()
	if n > maxSize/int64(s.step()) {
		return 0, false
	}
	return unit.Bytes(n) * s.step(), true
}

func (s *size) step() unit.Bytes {
	switch s.Unit {
	case "KB":
		return unit.KiB
	case "MB":
		return unit.MiB
	case "GB":
		return unit.GiB
	}
	return 1
}

func (t *took) duration() time.Duration {
	switch t.Unit {
	case "ns":
		return time.Duration(t.N.Scaled(0))
	case "us":
		return time.Duration(t.N.Scaled(3))
	case "ms":
		return time.Duration(t.N.Scaled(6))
	}
	return time.Duration(t.N.Scaled(9))
}

// add returns the sum of two durations that are not negative, or the longest duration if that is too short.
func add(a, b time.Duration) time.Duration {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// dalvik reads a collection of Dalvik from its cause.
func (d *decoder) dalvik(l *dialect.Line, m *message, text []byte, emit dialect.Emit) bool {
	cause, rest, ok := bytes.Cut(text, []byte(" "))
	if !ok || !ascii.HasPrefix(rest, "freed ") {
		return false
	}
	tree, err := d.read.dalvik.Parse(bytes.TrimRight(rest, " "))
	if err != nil || max(tree.Heap.Int(), tree.Size.Int()) > maxSize/int64(unit.KiB) {
		emit(d.problem(l, m, "a collection of Dalvik that breaks off or is not as Dalvik writes it"))
		return true
	}
	gc := &event.GC{Head: d.head(l, m), Collector: event.ART, Scope: event.Whole, Cause: string(cause), Forced: string(cause) == "GC_EXPLICIT"}
	gc.After, gc.Capacity, gc.Step = kib(&tree.Heap), kib(&tree.Size), unit.KiB
	gc.Live = gc.After
	var paused time.Duration
	for i := range tree.Paused {
		paused = add(paused, millis(&tree.Paused[i]))
	}
	gc.Pause = event.Took(paused)
	if tree.Total != nil {
		gc.Wall = event.Took(millis(tree.Total))
	}
	emit(gc)
	return true
}

func kib(n *shape.Num) unit.Size {
	if n == nil || n.Int() > maxSize/int64(unit.KiB) {
		return unit.Size{}
	}
	return unit.Known(unit.Bytes(n.Int()) * unit.KiB)
}

func millis(n *shape.Num) time.Duration {
	return time.Duration(min(n.Int(), math.MaxInt64/int64(time.Millisecond))) * time.Millisecond
}

// clamp reads "Clamp target GC heap from 279MB to 256MB": the second size is the growth limit.
func (d *decoder) clamp(l *dialect.Line, m *message, emit dialect.Emit) bool {
	if !ascii.HasPrefix(m.text, "Clamp target GC heap from ") {
		return false
	}
	_, to, ok := bytes.Cut(m.text, []byte(" to "))
	limit, known := pretty(to)
	if !ok || !known || limit == 0 {
		emit(d.problem(l, m, "a heap limit that is no size"))
		return true
	}
	d.limit(l, m, clip(m.text), limit, emit)
	return true
}

// pretty reads a size as PrettySize prints it; its units are binary.
func pretty(text []byte) (unit.Bytes, bool) {
	n, digits := number(text)
	s := size{Unit: string(bytes.TrimSpace(text[digits:]))}
	if digits == 0 || s.Unit != "B" && s.step() == 1 {
		return 0, false
	}
	return unit.Bytes(n) * s.step(), true
}

// asides are what ART says around a collection that it waits for.
var asides = []string{"Starting a blocking GC ", "Waiting for a blocking GC ", "WaitForGcToComplete blocked ", "Forcing collection of SoftReferences for "}

func aside(text []byte) bool {
	return slices.ContainsFunc(asides, func(words string) bool { return ascii.HasPrefix(text, words) })
}

// thrown is the failed allocation that was told last, and the limit that was.
type thrown struct {
	words string
	gap   int           // lines since
	limit event.Setting // without its place
}

// outOfMemory reads an OutOfMemoryError of ART.
func (d *decoder) outOfMemory(l *dialect.Line, m *message, emit dialect.Emit) bool {
	if words, ok := threads(m.text); ok {
		d.once(l, m, event.RuntimeOOM{Kind: event.OOMThreads, Message: words}, emit)
		return true
	}
	i := bytes.Index(m.text, []byte("Failed to allocate a "))
	if i < 0 || !bytes.Contains(m.text[i:], []byte(" byte allocation with ")) {
		return false
	}
	words := m.text[i:]
	if end := bytes.IndexAny(words, `";`); end >= 0 {
		words = words[:end]
	}
	tree, err := d.read.failure.Parse(bytes.TrimRight(words, " "))
	if err != nil {
		emit(d.problem(l, m, "a failed allocation that breaks off or is not as ART writes it"))
		return true
	}
	d.once(l, m, event.RuntimeOOM{Kind: event.OOMHeap, Message: clip(words), Requested: plain(&tree.Asked)}, emit)
	if limit, ok := plain(tree.Limit).Get(); ok && limit > 0 {
		_, said, _ := bytes.Cut(words, []byte("growth limit "))
		d.limit(l, m, "growth limit "+clip(said), limit, emit)
	}
	return true
}

// threads finds the words of ART for a thread that could not be made.
func threads(text []byte) (string, bool) {
	i := bytes.Index(text, []byte("OutOfMemoryError"))
	if i < 0 {
		return "", false
	}
	for _, words := range []string{"pthread_create (", "Could not allocate JNI Env"} {
		if at := bytes.Index(text[i:], []byte(words)); at >= 0 {
			message, _, _ := bytes.Cut(text[i+at:], []byte(`"`))
			return clip(message), true
		}
	}
	return "", false
}

func plain(n *shape.Num) unit.Size {
	if n == nil || n.Int() > maxSize {
		return unit.Size{}
	}
	return unit.Known(unit.Bytes(n.Int()))
}

// once emits a want of memory, unless it was just told: it is logged when it is thrown, and when nobody catches it.
func (d *decoder) once(l *dialect.Line, m *message, oom event.RuntimeOOM, emit dialect.Emit) {
	known := d.thrown.words == oom.Message && d.thrown.gap <= throwGap
	d.thrown.words, d.thrown.gap = oom.Message, 0
	if known {
		return
	}
	oom.Head, oom.Runtime = d.head(l, m), "art"
	emit(&oom)
}

// limit emits the growth limit, unless it is the one that was told last.
func (d *decoder) limit(l *dialect.Line, m *message, text string, limit unit.Bytes, emit dialect.Emit) {
	s := event.Setting{Runtime: "art", Name: event.MaxHeap, Size: unit.Known(limit), PID: m.pid}
	if s == d.thrown.limit {
		return
	}
	d.thrown.limit = s
	s.Head, s.Text = d.head(l, m), text
	emit(&s)
}
