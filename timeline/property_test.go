package timeline

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"

	"pgregory.net/rapid"
)

// process draws a line of a story. The heaps of different processes never meet: if they did while the clocks beat
// in step, nothing in the log could tell the two apart.
func process(t *rapid.T, i int) string {
	base := 16 + 200*i + rapid.IntRange(0, 8).Draw(t, "base")
	step := rapid.IntRange(0, 3).Draw(t, "step")
	n := rapid.IntRange(3, 60).Draw(t, "cycles")
	every := rapid.IntRange(30, 90).Draw(t, "every")*10 + 3*i
	start := rapid.IntRange(0, 500).Draw(t, "start")*10 + 77*i
	return fmt.Sprintf("gc live %dMiB+%dMiBx%d every=%dms start=%dms", base, step, n, every, start)
}

// eachAlone draws the runs that every line of a story gives on its own, sorted.
func eachAlone(t testing.TB, lines []string) []string {
	var out []string
	for _, line := range lines {
		out = append(out, runsOf(build(Options{}, tell(t, line).events()))...)
	}
	slices.Sort(out)
	return out
}

// runsOf draws the runs without the marks that depend on the others.
func runsOf(tl *Timeline) []string {
	var out []string
	for _, line := range strings.Split(strings.TrimSpace(tl.draw()), "\n") {
		if strings.Contains(line, " gc ") {
			out = append(out, strings.TrimSuffix(strings.TrimLeft(line, "* "), " restarted"))
		}
	}
	slices.Sort(out)
	return out
}

// Interleaving several processes gives all of them back, in the order of the file and turned round.
func TestInterleaved(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var lines []string
		for i := range rapid.IntRange(2, 3).Draw(rt, "processes") {
			lines = append(lines, process(rt, i))
		}
		want := eachAlone(t, lines)
		s := tell(t, strings.Join(lines, "\n"))
		evs := s.file("app.log")
		if rapid.Bool().Draw(rt, "turned") {
			slices.Reverse(evs)
			number(evs)
		}
		if got := runsOf(build(Options{}, evs)); !slices.Equal(got, want) {
			rt.Fatalf("%s\n got %s\nwant %s", strings.Join(lines, "\n"), strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
	})
}

// drawStory draws processes one after the other in one log, and the kill of the last.
func drawStory(t *rapid.T, clock string) string {
	var s strings.Builder
	start := 0
	for range rapid.IntRange(1, 4).Draw(t, "lives") {
		n, every := rapid.IntRange(4, 40).Draw(t, "cycles"), rapid.IntRange(100, 900).Draw(t, "every")
		fmt.Fprintf(&s, "gc live %dMiB+%dMiBx%d every=%dms start=%dms %s\n", rapid.IntRange(16, 30).Draw(t, "base"),
			rapid.IntRange(0, 3).Draw(t, "step"), n, every, start, clock)
		start += (n+1)*every + rapid.IntRange(100, 5000).Draw(t, "pause")
	}
	fmt.Fprintf(&s, "kill at=%dms rss=200MiB limit=256MiB %s", start, clock)
	return s.String()
}

// Splitting a log in two gives the same runs, and so does a file in which others write as well.
func TestSplitAndForeign(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := drawStory(rt, "")
		want := build(Options{}, tell(t, text).events()).draw()
		evs := tell(t, text).events()
		at := rapid.IntRange(0, len(evs)).Draw(rt, "split")
		for i, ev := range evs {
			if h := ev.Header(); h.Pos.File == "app.log" {
				h.Pos.File = "gc.log.0"
				if i >= at {
					h.Pos.File = "gc.log.1"
				}
			}
		}
		if got := build(Options{}, evs).draw(); got != want {
			rt.Fatalf("split at %d:\n%s\n got %s\nwant %s", at, text, got, want)
		}
		evs = tell(t, text).events()
		for range rapid.IntRange(0, 20).Draw(rt, "foreign") {
			i := rapid.IntRange(0, len(evs)).Draw(rt, "place")
			var ev event.Event = &event.Problem{Message: "foreign"}
			if rapid.Bool().Draw(rt, "sample") {
				ev = &event.Sample{}
			}
			ev.Header().Pos.File = "app.log"
			evs = slices.Insert(evs, i, ev)
		}
		if got := build(Options{}, evs).draw(); got != want {
			rt.Fatalf("foreign:\n%s\n got %s\nwant %s", text, got, want)
		}
	})
}

// Moving all wall clocks moves the starts and nothing else.
func TestShiftedWall(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := drawStory(rt, "wall")
		by := time.Duration(rapid.Int64Range(-1e9, 1e9).Draw(rt, "by")) * time.Millisecond
		a, evs := build(Options{}, tell(t, text).events()), tell(t, text).events()
		for _, ev := range evs {
			ev.Header().Time.Wall += int64(by)
		}
		z := build(Options{}, evs)
		for i, r := range z.Runs {
			r.Start = r.Start.Add(-by)
			if got := r.Start.Sub(a.Runs[i].Start).Abs(); got > time.Second {
				rt.Errorf("run %d starts %s off", i, got) // whole seconds are told from others, so that up to half a second is right
			}
		}
		if a.Death.Timed != z.Death.Timed || (a.Death.At-z.Death.At).Abs() > time.Second || len(a.Runs) != len(z.Runs) {
			rt.Fatalf("%s\n got %swant %s", text, z.draw(), a.draw())
		}
	})
}

// Whatever comes, in whatever order, every collection is in exactly one run, and runs are in order.
func TestHostileOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var evs []event.Event
		n := rapid.IntRange(0, 200).Draw(rt, "n")
		for i := range n {
			s := tell(t, fmt.Sprintf("gc live %dMiB first=%d at=%dms file=%c.log %s seed=%d", rapid.IntRange(1, 90).Draw(rt, "live"),
				rapid.IntRange(1, 30).Draw(rt, "number"), rapid.IntRange(0, 9000).Draw(rt, "at"),
				rapid.SampledFrom([]rune("ab")).Draw(rt, "file"), rapid.SampledFrom([]string{"", "wall", "boot"}).Draw(rt, "clock"), i+1))
			evs = append(evs, s.events()...)
		}
		tl := build(Options{}, number(evs))
		total := 0
		for _, r := range tl.Runs {
			total += r.Cycles.Len()
			for i := 1; i < r.Cycles.Len(); i++ {
				if a, z := r.Cycles.At(i-1), r.Cycles.At(i); z.N <= a.N || z.At < a.At {
					rt.Fatalf("run %d: gc %d at %s before gc %d at %s", r.Index, a.N, a.At, z.N, z.At)
				}
			}
		}
		if total != n {
			rt.Fatalf("%d of %d collections in %d runs", total, n, len(tl.Runs))
		}
	})
}
