package jvmunified

import (
	"bytes"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// metaspaceOOM is the block that Metaspace::report_metadata_oome in src/hotspot/share/memory/metaspace.cpp prints
// when metadata could not be allocated, JDK 11 and later.
type metaspaceOOM struct {
	event *event.RuntimeOOM
	class bool // the class space was asked

	used, usedClass unit.Size
	committedClass  unit.Size
	max, maxClass   unit.Size
}

// wordSize is the unit of the size that failed, on a 64-bit machine.
const wordSize = 8

// rootChunk is the largest piece of the class space. HotSpot does not remember which bound an allocation hit: since JDK 16 it
// blames the class space where a piece of this size would not have fitted any more.
const rootChunk = 4 * unit.MiB

// metaspaceFailure reads the first line of the block: "Metaspace (data) allocation failed for size 14".
func (d *decoder) metaspaceFailure(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	tree, err := d.failure.Parse(text)
	if err != nil {
		return false
	}
	d.endMetaspace(emit)
	d.release(emit)
	ev := &event.RuntimeOOM{Head: d.head(l), Runtime: runtime, Message: string(text)}
	if n := tree.Words.Int(); n <= maxBytes/wordSize {
		ev.Requested = unit.Known(unit.Bytes(n) * wordSize)
	}
	d.oom = &metaspaceOOM{event: ev, class: tree.Space == "class"}
	return true
}

// metaspaceLine reads a line of the block.
func (d *decoder) metaspaceLine(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	o := d.oom
	text = bytes.TrimLeft(text, " ")
	switch {
	case bytes.HasSuffix(text, []byte("used.")):
		tree, err := d.used.Parse(text)
		if err != nil {
			return false
		}
		switch n := scaled(&tree.N, tree.Unit); tree.Space[0] {
		case "Both":
			o.used = n
		case "Class":
			o.usedClass = n
		}
	case hasPrefix(text, "Class space: "):
		tree, err := d.committed.Parse(bytes.TrimRight(text, " "))
		if err != nil {
			return false
		}
		o.committedClass = scaled(&tree.N, tree.Unit)
	case hasPrefix(text, "MaxMetaspaceSize: "), hasPrefix(text, "CompressedClassSpaceSize: "):
		return d.metaspaceLimit(l, text, emit)
	default:
		return false
	}
	return true
}

// metaspaceLimit reads a limit. The one of the class space is the last line that is needed.
func (d *decoder) metaspaceLimit(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	tree, err := d.limit.Parse(text)
	if err != nil {
		return false
	}
	var n unit.Size
	if tree.N != nil {
		n = scaled(tree.N, tree.Unit)
	}
	if tree.Name == "MaxMetaspaceSize" {
		d.oom.max = n
		if n.IsKnown() {
			d.set(l, event.MaxMetaspace, text, n, emit)
		}
		return true
	}
	d.oom.maxClass = n
	d.endMetaspace(emit)
	if n.IsKnown() {
		d.set(l, event.MaxClassSpace, text, n, emit)
	}
	return true
}

// endMetaspace emits what the block said. As HotSpot itself does, it blames the class space if what was asked of it
// would have gone beyond its size.
func (d *decoder) endMetaspace(emit dialect.Emit) {
	o := d.oom
	if o == nil {
		return
	}
	d.oom = nil
	ev := o.event
	ev.Kind, ev.InUse = event.OOMMetaspace, o.used
	bound := o.max
	if o.class && o.classIsFull() {
		ev.Kind, ev.InUse, bound = event.OOMClassSpace, o.usedClass, o.maxClass
	}
	ev.Bound = int64(bound.Or(0))
	d.release(emit)
	emit(ev)
}

func (o *metaspaceOOM) classIsFull() bool {
	most, known := o.maxClass.Get()
	committed, ok := o.committedClass.Get()
	if !known || !ok {
		return true
	}
	asked := (o.event.Requested.Or(0) + rootChunk - 1) / rootChunk * rootChunk
	// The block rounds what is committed to 10 KiB.
	return committed+asked > most-10*unit.KiB
}
