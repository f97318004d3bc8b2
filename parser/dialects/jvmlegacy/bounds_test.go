package jvmlegacy

import (
	"fmt"
	"strings"
	"testing"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// read decodes lines and returns what they give, one word an event.
func read(lines ...string) []string {
	d := newDecoder()
	var got []string
	emit := func(ev event.Event) {
		if gc, ok := ev.(*event.GC); ok {
			got = append(got, fmt.Sprintf("%s %s", gc.Kind, gc.After))
			return
		}
		if p, ok := ev.(*event.Problem); ok {
			got = append(got, "problem: "+p.Message)
			return
		}
		got = append(got, fmt.Sprintf("%T", ev))
	}
	for i, text := range lines {
		d.Decode(&dialect.Line{Pos: event.Pos{Line: i + 1}, Text: []byte(text)}, emit)
	}
	d.Flush(emit)
	return got
}

func TestBounds(t *testing.T) {
	const whole = "2.000: [GC (Allocation Failure)  2048K->1024K(4096K), 0.0062 secs]"
	foreign := strings.Split(strings.Repeat("order served\n", maxGap+1), "\n")
	brackets := strings.Repeat("[x ", 3*maxFrames)
	for _, c := range []struct {
		name  string
		lines []string
		want  []string
	}{
		{
			"a record that never ends", append(append([]string{"1.000: [GC (Allocation Failure) [ParNew"}, foreign...), whole),
			[]string{"problem: this record does not end", "GC 1 MiB"},
		},
		{
			"a G1 pause whose heap never comes", append(append([]string{"1.000: [GC pause (young), 0.005 secs]"}, foreign...), whole),
			[]string{"problem: a collection that does not say what it left of the heap", "GC 1 MiB"},
		},
		{
			"deep brackets",
			[]string{"1.000: [GC " + brackets + strings.Repeat("]", 3*maxFrames) + " 2048K->1024K(4096K), 0.1 secs]", whole},
			[]string{"GC 1 MiB", "GC 1 MiB"},
		},
		{
			"brackets that stay open",
			[]string{"1.000: [GC " + brackets, whole},
			[]string{"problem: the next record begins inside this one", "GC 1 MiB"},
		},
		{
			"records in records",
			[]string{strings.Repeat("1.000: [GC[YG occupancy: 1 K (2 K)]", 4*maxRecords), whole},
			append(repeat("problem: the next record begins inside this one", 4*maxRecords), "GC 1 MiB"),
		},
		{
			"brackets that close nothing",
			[]string{"1.000: [GC (System.gc())  2048K->1024K(4096K), 0.1 secs]" + strings.Repeat("]", 100), whole},
			[]string{"GC 1 MiB", "GC 1 MiB"},
		},
		{
			"a line beyond all records",
			[]string{"1.000: [GC " + strings.Repeat("x", maxLine) + " 2048K->1024K(4096K), 0.1 secs]", whole},
			[]string{"GC 1 MiB"},
		},
	} {
		got := read(c.lines...)
		if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func repeat(s string, n int) []string {
	return strings.Split(strings.TrimSuffix(strings.Repeat(s+"\n", n), "\n"), "\n")
}

func TestUnits(t *testing.T) {
	const unknown = -1
	for text, want := range map[string]unit.Bytes{
		"0.0B->512.0B(1024.0B)":      512,
		"2.0G->1.5G(4.0G)":           3 * unit.GiB / 2,
		"3T->2T(4T)":                 2 * unit.TiB,
		"62.0M->59.6M(64.0M)":        62495130,
		"62,0M->59,6M(64,0M)":        62495130,
		"1,0000000M->1,0000000M(1M)": unit.MiB,
		"9000000T->8000000T(1T)":     unknown,
	} {
		after := unit.Bytes(unknown)
		d := newDecoder()
		emit := func(ev event.Event) {
			if gc, ok := ev.(*event.GC); ok {
				after = gc.After.Or(unknown)
			}
		}
		d.Decode(&dialect.Line{Text: []byte("1.000: [GC (Allocation Failure)  " + text + ", 0.1 secs]")}, emit)
		d.Flush(emit)
		if after != want {
			t.Errorf("%s: %d, want %d", text, after, want)
		}
	}
}

func TestDates(t *testing.T) {
	for text, want := range map[string]int64{
		"2024-06-12T08:42:11.332+0000: x": 1718181731332,
		"2024-06-12T08:42:11.332-0800: x": 1718210531332,
		"2024-06-12T08:42:11.332+0530: x": 1718161931332,
		"2024-06-12T08:42:11,332+0000: x": 1718181731332,
		"2024-02-29T23:59:60.999+0000: x": 1709251200999,
		"2024-13-12T08:42:11.332+0000: x": 0,
		"2024-06-12T24:42:11.332+0000: x": 0,
		"2024-06-12T08:42:11.332+0000 x":  0,
		"2024-06-12 08:42:11.332+0000: x": 0,
		"2024-06-12T08:42:11.332+0000":    0,
		"x024-06-12T08:42:11.332+0000: x": 0,
	} {
		ns, n := date([]byte(text))
		if ns/1e6 != want || want != 0 && text[n:] != "x" {
			t.Errorf("%s: %d ms and %d bytes, want %d ms and all but the x", text, ns/1e6, n, want)
		}
	}
}

// TestSeams holds the text without dates against the text with a blank for each.
func TestSeams(t *testing.T) {
	for text, want := range map[string]string{
		"[GC2.167: [ParNew: 1K":                                   "[GC 2.167: [ParNew: 1K",
		"[CMS3.690: [CMS-concurrent-mark: 0.4/0.4 secs]":          "[CMS 3.690: [CMS-concurrent-mark: 0.4/0.4 secs]",
		"[GC2014-04-09T15:27:23.456+0200: 0.304: [ParNew":         "[GC  0.304: [ParNew",
		"[GC (x) 2014-04-09T15:27:23.456+0200: 0.304: [ParNew: a": "[GC (x)   0.304: [ParNew: a",
		"secs]2.5: [x":      "secs]2.5: [x",
		"[Times: user=0.00": "[Times: user=0.00",
		"a1.234: b":         "a 1.234: b",
		"1.234: b":          "1.234: b",
		":":                 ":",
	} {
		if got := string(undated(nil, []byte(text))); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
