package v8

import (
	"bytes"
	"strings"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
	"oomtrace/parser/shape"
	"oomtrace/parser/unit"
)

// verbose reads the lines that have an isolate before them and are no collection: those of --trace-gc-verbose, and
// whatever other flags of V8 print. An address with 0x is enough to know them; Windows prints none.
func (d *decoder) verbose(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	open := bytes.IndexByte(text, '[')
	if open < 0 {
		return false
	}
	text = text[open:]
	id, n := d.owner(text)
	if n == 0 || id.address == "" || len(text) == n {
		return false
	}
	words := bytes.TrimLeft(text[n:], " ")
	space, known := d.amounts(words)
	if !known && !bytes.Contains(text[:n], []byte(":0x")) {
		return false
	}
	if len(space) == 0 && !ascii.HasPrefix(words, "Total time spent in GC") {
		return true
	}
	h := d.heap(l, id)
	if d.last != nil && d.last != h {
		d.last.endSpaces(emit)
	}
	d.last = h
	if ascii.HasPrefix(words, "Total time spent in GC") {
		h.endSpaces(emit)
		return true
	}
	h.gather(l, space)
	return true
}

// gather adds values to the sample of a block. The lines name no time: it is that of the collection before them.
func (h *heap) gather(l *dialect.Line, values []event.Value) {
	if h.spaces == nil {
		h.spaces = &event.Sample{Head: l.Head(name)}
		h.spaces.Stream = h.streamOr(l.Stream)
		if h.time.Has.Has(event.Process) {
			h.spaces.Time.Has |= event.Process
			h.spaces.Time.Process, h.spaces.Time.Step = h.time.Process, h.time.Step
		}
	}
	h.spaces.Values = append(h.spaces.Values, values...)
}

// endSpaces emits the sample of the block that was gathered.
func (h *heap) endSpaces(emit dialect.Emit) {
	if h.spaces != nil {
		emit(h.spaces)
		h.spaces = nil
	}
}

// spaces are the spaces that a sample tells of. The others are small.
var spaces = map[string]string{
	"Old space":              "old_space",
	"New space":              "new_space",
	"Large object space":     "large_object_space",
	"New large object space": "new_large_object_space",
	"Code space":             "code_space",
	"All spaces":             "heap",
	"Memory allocator":       "",
	"Read-only space":        "",
	"Map space":              "",
	"Trusted space":          "",
}

// amounts reads a line of PrintShortHeapStatistics. known is false if it is another line.
func (d *decoder) amounts(words []byte) (values []event.Value, known bool) {
	if bytes.Contains(words, []byte("used:")) {
		tree, err := d.read.space.Parse(words)
		if err != nil {
			return nil, false
		}
		prefix, known := spaces[spaceName(tree.Name)]
		if prefix == "" {
			return nil, known
		}
		values = append(values, event.Value{Name: prefix + "_used_bytes", V: kib(&tree.Used)})
		if tree.Committed != nil {
			values = append(values, event.Value{Name: prefix + "_committed_bytes", V: kib(tree.Committed)})
		}
		return values, true
	}
	tree, err := d.read.amount.Parse(words)
	if err != nil {
		return nil, ascii.HasPrefix(words, "Total time spent in GC")
	}
	return []event.Value{{Name: amountName(tree.Name), V: kib(&tree.KB)}}, true
}

func spaceName(words []string) string {
	return strings.ReplaceAll(strings.Join(words, " "), " - ", "-")
}

// amountName names memory outside of the heap that objects of the heap keep alive. "global" is what the embedder adds.
func amountName(words []string) string {
	switch words[len(words)-1] {
	case "reported":
		return "external_bytes"
	case "global":
		return "external_global_bytes"
	}
	return "backing_store_bytes"
}

func kib(n *shape.Num) float64 { return float64(n.Int()) * float64(unit.KiB) }
