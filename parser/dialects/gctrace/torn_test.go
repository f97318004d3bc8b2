package gctrace

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// styles are what other writers of a log write: each makes line i. The last is made to be taken for pieces of gc
// lines, and what cannot be told apart must be refused.
var styles = []struct {
	name    string
	atLeast int // percent of the torn lines that must come back
	line    func(i int, rnd *rand.Rand) string
}{
	{"log", 95, func(i int, rnd *rand.Rand) string {
		return fmt.Sprintf("2026/11/22 19:%02d:%02d INFO worker=%d request id=%d status=200", i/60%60, i%60, rnd.IntN(4), i)
	}},
	{"json", 95, func(i int, rnd *rand.Rand) string {
		return fmt.Sprintf(`{"level":"info","ts":1795374874.%03d,"msg":"gc %d soon","user":"bob"}`, rnd.IntN(1000), i)
	}},
	{"iso", 95, func(i int, _ *rand.Rand) string {
		return fmt.Sprintf("2026-11-22T19:54:%02d.%03dZ INFO served %d MB, 4 P", i%60, i%1000, i)
	}},
	{"clock", 95, func(i int, _ *rand.Rand) string { return fmt.Sprintf("19:54:%02d.%03d DBG tick", i%60, i%1000) }},
	{"klog", 95, func(i int, rnd *rand.Rand) string {
		return fmt.Sprintf("I1122 19:54:%02d.%06d       1 main.go:%d] served", i%60, rnd.IntN(1e6), i)
	}},
	{"epoch", 95, func(i int, rnd *rand.Rand) string {
		return fmt.Sprintf("1795374%03d.%03d info served", i%1000, rnd.IntN(1000))
	}},
	{"access", 95, func(i int, rnd *rand.Rand) string {
		return fmt.Sprintf(`10.0.3.%d - - [22/Nov/2026:19:54:%02d +0000] "GET / HTTP/1.1" 200 %d`, rnd.IntN(256), i%60, rnd.IntN(9999))
	}},
	{"words", 95, func(i int, _ *rand.Rand) string { return fmt.Sprintf("user %d logged in", i) }},
	{"mixed", 85, func(i int, rnd *rand.Rand) string {
		return []string{"", "  at main.go:12", "/healthz ok", "+ set -x", "P", " MB", "2026/11/22 19:54:34 served", "gc thread idle, 17->18 MB/s"}[rnd.IntN(8)]
	}},
}

var number = regexp.MustCompile(`[0-9]+(\.[0-9]+)?`)

// borders returns where the runtime ends one write and begins the next, found in the line alone.
func borders(line string) []int {
	var at []int
	for _, m := range number.FindAllStringIndex(line, -1) {
		at = append(at, m[0], m[1])
	}
	at = append(at, len(line)) // the line end is a write of its own
	if i := strings.Index(line, " (forced)"); i > 0 {
		at = append(at, i)
	}
	slices.Sort(at)
	return slices.Compact(at)
}

// tearLine puts whole lines of another writer at one to three borders of the line.
func tearLine(line string, rnd *rand.Rand, foreign func() string) string {
	all := borders(line)
	n := 1
	if k := rnd.IntN(20); k < 3 {
		n = 2 + k/2
	}
	var cuts []int
	for range n {
		cuts = append(cuts, all[rnd.IntN(len(all))])
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var b strings.Builder
	from := 0
	for _, c := range cuts {
		b.WriteString(line[from:c])
		for range 1 + rnd.IntN(4) {
			b.WriteString(foreign() + "\n")
		}
		from = c
	}
	b.WriteString(line[from:])
	return b.String()
}

// decodeAll reads a log without envelope.
func decodeAll(log string) []event.Event {
	var out []event.Event
	d := newDecoder()
	emit := func(ev event.Event) { out = append(out, ev) }
	for i, l := range strings.Split(strings.TrimSuffix(log, "\n"), "\n") {
		d.Decode(&dialect.Line{Pos: event.Pos{File: "log", Line: i + 1}, Text: []byte(l)}, emit)
	}
	d.Flush(emit)
	return out
}

// content is the collection without what a tear changes by right.
func content(gc *event.GC) event.GC {
	c := *gc
	c.Pos, c.Mended = event.Pos{}, false
	return c
}

func TestTornLinesComeBack(t *testing.T) {
	paths, err := filepath.Glob("testdata/traces/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatal("no traces", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		trace := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
		for s, style := range styles {
			t.Run(filepath.Base(path)+"/"+style.name, func(t *testing.T) {
				tearTrace(t, trace, uint64(s), style.atLeast, style.line)
			})
		}
	}
}

// tornLog mixes a trace with the lines of another writer, which tear 15 % of its lines. It returns the log and
// how many lines are torn.
func tornLog(trace []string, rnd *rand.Rand, style func(int, *rand.Rand) string) (string, int) {
	count, torn := 0, 0
	foreign := func() string { count++; return style(count, rnd) }
	var log strings.Builder
	for _, line := range trace {
		for range rnd.IntN(6) {
			log.WriteString(foreign() + "\n")
		}
		if rnd.IntN(100) < 15 {
			torn++
			line = tearLine(line, rnd, foreign)
		}
		log.WriteString(line + "\n")
	}
	return log.String(), torn
}

func tearTrace(t *testing.T, trace []string, seed uint64, atLeast int, style func(int, *rand.Rand) string) {
	truth := map[event.GC]int{}
	for _, ev := range decodeAll(strings.Join(trace, "\n")) {
		truth[content(ev.(*event.GC))]++
	}
	torn, back := 0, 0
	for round := range uint64(4) {
		log, n := tornLog(trace, rand.New(rand.NewPCG(seed, round)), style)
		left := map[event.GC]int{}
		for k, n := range truth {
			left[k] = n
		}
		whole := 0
		for _, ev := range decodeAll(log) {
			gc, ok := ev.(*event.GC)
			if !ok {
				continue
			}
			switch c := content(gc); {
			case left[c] > 0:
				left[c]--
				whole++
			case !partOf(c, truth):
				t.Errorf("round %d: a wrong collection, line %d:\n%s", round, gc.Pos.Line, around(log, gc.Pos.Line))
				for k := range truth {
					if k.Cycle == c.Cycle {
						t.Log(cmp.Diff(k, c, cmp.AllowUnexported(unit.Size{})))
					}
				}
			}
		}
		torn += n
		back += whole - (len(trace) - n)
	}
	if torn == 0 || back*100 < torn*atLeast {
		t.Errorf("%d of %d torn lines came back, want %d %%", back, torn, atLeast)
	}
}

// partOf reports whether the collection says less than a true one and nothing else.
func partOf(c event.GC, truth map[event.GC]int) bool {
	for k := range truth {
		if c.Cycle != k.Cycle || c.Time != k.Time || c.Before != k.Before || c.After != k.After || c.LivePrev != k.LivePrev {
			continue
		}
		known := (!c.Goal.IsKnown() || c.Goal == k.Goal) && (!c.Stacks.IsKnown() || c.Stacks == k.Stacks) &&
			(!c.Globals.IsKnown() || c.Globals == k.Globals) && (c.Procs == 0 || c.Procs == k.Procs) &&
			(c.Goroutines == 0 || c.Goroutines == k.Goroutines) && c.Pause == k.Pause && c.CPU == k.CPU && c.Wall == k.Wall
		if known {
			return true
		}
	}
	return false
}

func around(log string, line int) string {
	lines := strings.Split(log, "\n")
	return strings.Join(lines[max(0, line-3):min(len(lines), line+10)], "\n")
}

// A torn line of another Go version than the rest of the stream is still read.
func TestTornLineOfAnotherVersion(t *testing.T) {
	log := goodLine + "\ngc3(1): 0+0+37+0 us, 4 -> 8 MB, 183 (224-41) obtained\n" +
		"gc 8 @1.3s 0%: 0\ngc9(1): 0+0+37+0 us, user logged in\n8 -> 16 MB, 183 (224-41) objects, 6 goroutines, 29/0/0 sweeps, " +
		"0(0) handoff, 0(0) steal, 0/0/0 yields\n"
	var mended []int64
	for _, ev := range decodeAll(log) {
		if gc, ok := ev.(*event.GC); ok && gc.Mended {
			mended = append(mended, gc.Cycle)
		}
	}
	if !slices.Equal(mended, []int64{9, 3}) {
		t.Errorf("mended cycles %v, want 9 and, as far as it is there, 3", mended)
	}
}
