package jvmunified

import (
	"strings"
	"testing"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// Lines made to cost time: the log goes on after each. Work that grew with the square of a line would not end before the
// test's own timeout.
func TestHostileLines(t *testing.T) {
	heads := []string{
		"", "[0.1s][info][gc] ", "[0.1s][info][gc] GC(1) ", "[0.1s][info][gc] GC(1) Pause Young ", "[0.1s][info][gc] GC(1) Live: ",
		"GC(1) ", "[0.1s][info][gc,metaspace] Metaspace: ", "[0.1s][info][gc] Heap: ", "[0.1s][info][gc] Allocation Stall (",
		"[0.1s][info][gc] Trigger: ", "[0.1s][info][gc,phases] GC(1) Pause ",
	}
	pieces := []string{
		"[", "[0.1s]", "(", ")", "( ", "a", "a ", "(a)", "(a", "1K->2K(3K) ", "A: 1K->2K(3K) ", "1M (2%) ", "- ", "1M used, ", "1,", "1.",
		"->", "Pause ", "GC(1) ", "Young ", "(a) 1M->", "a: ", "[1ms][gc", "][gc",
	}
	for _, head := range heads {
		for _, piece := range pieces {
			d := newDecoder()
			found := false
			emit := func(ev event.Event) {
				gc, ok := ev.(*event.GC)
				found = found || ok && gc.Cycle == 7
			}
			for _, n := range []int{1 << 15, maxLine / 2} {
				line := head + strings.Repeat(piece, n/len(piece))
				d.Decode(&dialect.Line{Text: []byte(line)}, emit)
			}
			d.Decode(&dialect.Line{Text: []byte("[1.5s][info][gc] GC(7) Pause Young (Normal) (G1 Evacuation Pause) 6M->5M(64M) 6.617ms")}, emit)
			d.Flush(emit)
			if !found {
				t.Errorf("%q, many of %q: the good line behind it is lost", head, piece)
			}
		}
	}
}
