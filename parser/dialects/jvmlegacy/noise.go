package jvmlegacy

import (
	"bytes"

	"oomtrace/parser/dialect"
)

// noise is what flags print between and inside records, by its beginning.
var noise = []string{
	"Desired survivor size ",
	"- age ",
	"Total time for which application threads were stopped: ",
	"Application time: ",
	"AdaptiveSizePolicy::",
	"AdaptiveSizeStart: ",
	"AdaptiveSizeStop: ",
	"PSAdaptiveSizePolicy::",
	"avg_survived_padded_avg: ",
	"Statistics for BinaryTreeDictionary:",
	"Statistics for IndexedFreeLists:",
	"Total Free Space: ",
	"Max   Chunk Size: ",
	"Number of Blocks: ",
	"Av.  Block  Size: ",
	"Tree      Height: ",
	"Before GC:",
	"After GC:",
	"CMS: Large",
	"Finished generational collection",
	"Mark stack is full.",
}

// isNoise reports whether the text behind the stamps of a line is known and says nothing.
func isNoise(text []byte) bool {
	for _, n := range noise {
		if n[0] == text[0] && hasPrefix(text, n) {
			return true
		}
	}
	return false
}

// heapBlock takes the lines around a block of PrintHeapAtGC, and the one at the end of the program.
func (d *decoder) heapBlock(text []byte, emit dialect.Emit) bool {
	switch {
	case hasPrefix(text, "{Heap before ") || hasPrefix(text, "{Heap Before "):
		if len(d.open) == 0 {
			d.settle(emit)
		}
		d.block, d.seen = true, true
		return true
	case hasPrefix(text, "Heap after GC invocations=") || hasPrefix(text, "Heap before GC invocations="):
		d.block = true
		return true
	case string(text) == "}" && d.seen:
		d.block = false
		return true
	case string(text) == "Heap" && d.seen:
		d.block = true
		return true
	}
	return false
}

var areas = [][]byte{
	[]byte(" total "), []byte(" used"), []byte("space "), []byte("region size "), []byte("[0x"), []byte("gen "), []byte("generation "),
}

// inHeapBlock reports whether text is a line of a block of PrintHeapAtGC.
func inHeapBlock(text []byte) bool {
	for _, a := range areas {
		if bytes.Contains(text, a) {
			return true
		}
	}
	return false
}
