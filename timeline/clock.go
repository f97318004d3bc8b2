package timeline

import (
	"fmt"
	"slices"
	"time"

	"oomtrace/parser/event"
)

// sameBoot is how far the offset between the wall clock and the boot clock may vary within one boot: a syslog stamp
// is a receive time, and was seen 43 s late. Another boot differs by the uptime of the earlier one at least.
const (
	sameBoot = 2 * time.Minute
	maxBoots = 64
)

// bootTie is the offset from the boot clock of one boot to the wall clock, from the line with the least delay.
type bootTie struct {
	host   string
	offset time.Duration
	at     event.Pos
}

// tieBoot takes a line that carries both clocks.
func (b *Builder) tieBoot(h *event.Head) {
	host := hostOf(h)
	off := time.Duration(h.Time.Wall) - h.Time.Boot
	for i := range b.boots {
		t := &b.boots[i]
		if t.host != host || (off-t.offset).Abs() > sameBoot {
			continue
		}
		if off < t.offset {
			t.offset, t.at = off, h.Pos
		}
		return
	}
	if len(b.boots) < maxBoots {
		b.boots = append(b.boots, bootTie{host, off, h.Pos})
	}
}

func hostOf(h *event.Head) string {
	if h.Stream == nil {
		return ""
	}
	return h.Stream.Host
}

// bootTieOf returns the tie for the boot of a line: the one that its own wall clock is near to, or, without a wall
// clock, the only one that there is.
func (b *Builder) bootTieOf(h *event.Head) (bootTie, bool) {
	if !h.Time.Has.Has(event.Boot) {
		return bootTie{}, false
	}
	if !h.Time.Has.Has(event.Wall) {
		if len(b.boots) != 1 {
			return bootTie{}, false
		}
		return b.boots[0], true
	}
	host, off := hostOf(h), time.Duration(h.Time.Wall)-h.Time.Boot
	for _, t := range b.boots {
		if t.host == host && (off-t.offset).Abs() <= sameBoot {
			return t, true
		}
	}
	return bootTie{}, false
}

// wallOf returns the best estimate of the wall time at which a line was written.
func (b *Builder) wallOf(h *event.Head) (time.Time, bool) {
	if t, ok := b.bootTieOf(h); ok {
		return time.Unix(0, int64(t.offset+h.Time.Boot)).UTC(), true
	}
	if h.Time.Has.Has(event.Wall) {
		return h.Time.WallTime(), true
	}
	return time.Time{}, false
}

// runTie says where the zero of a run's clock lies on the other clocks.
type runTie struct {
	wall   time.Time // zero if unknown
	boot   time.Duration
	booted bool // boot is known
	coarse bool // the stamps have whole seconds only
}

// tie finds for every run where its clock lies on the clocks of the envelopes.
func (b *Builder) tie(t *Timeline) []runTie {
	ties := make([]runTie, len(t.Runs))
	for i, r := range t.Runs {
		ties[i] = b.tieRun(t, r)
		r.Start = ties[i].wall
	}
	b.tieStart(t, ties)
	return ties
}

// tieRun ties one run by the stamps of its own lines. A stamp is the time of receipt, so that the earliest ones are
// the truest; a low quantile keeps a wrong stamp from deciding. Stamps of whole seconds are cut off, so that the truth
// lies half a second later than the middle of them.
func (b *Builder) tieRun(t *Timeline, r *Run) (tie runTie) {
	offs, boot, at := offsets(r)
	if len(offs) == 0 {
		return b.tieEnd(t, r)
	}
	tie.coarse = wholeSeconds(r, b.base)
	off := offs[len(offs)/100]
	if tie.coarse {
		off = offs[len(offs)/2] + time.Second/2
	}
	source := b.pos(r.Cycles.At(at))
	if !boot {
		tie.wall = b.wall(int64(off))
		t.tie(r, clockName(r), "wall", off, source, "the stamps of the log's own lines tie %s to %s", clockName(r), stamp(tie.wall))
		return tie
	}
	tie.boot, tie.booted = off, true
	t.tie(r, clockName(r), "boot", off, source, "the stamps of the log's own lines tie %s to the clock of the kernel", clockName(r))
	if len(b.boots) == 1 {
		tie.wall = time.Unix(0, int64(b.boots[0].offset+off)).UTC()
	}
	return tie
}

// tieEnd ties a run without stamps by the report of its own death, if that names both clocks, as a crash report of HotSpot does.
func (b *Builder) tieEnd(t *Timeline, r *Run) (tie runTie) {
	if r.Clock != SinceStart {
		return tie
	}
	for _, ev := range b.ends {
		oom, ok := ev.(*event.RuntimeOOM)
		if !ok || !oom.Time.Has.Has(event.Process|event.Wall) || b.writerOf(t, ev) != r {
			continue
		}
		off := time.Duration(oom.Time.Wall) - oom.Time.Process
		tie.wall, tie.coarse = time.Unix(0, int64(off)).UTC(), oom.Time.WallStep >= time.Second
		t.tie(r, clockName(r), "wall", off, oom.Pos, "the report of the end names both clocks and ties %s to %s", clockName(r), stamp(tie.wall))
		return tie
	}
	return tie
}

func (t *Timeline) tie(r *Run, from, to string, off time.Duration, at event.Pos, format string, args ...any) {
	t.Ties = append(t.Ties, Tie{Run: r.Index, From: from, To: to, Offset: off, Source: at, Text: fmt.Sprintf(format, args...)})
}

// clockName names the clock of a run in Tie.
func clockName(r *Run) string {
	switch r.Clock {
	case SinceStart:
		return "process"
	case SinceFirst:
		return "log"
	case ByNumber:
	}
	return "cycles"
}

// offsets returns the sorted distances from the clock of the run to the stamps, whether these are of the boot clock,
// and the index of a cycle that shows the least. A run by number has none: its clock is not a clock.
func offsets(r *Run) (offs []time.Duration, boot bool, at int) {
	if r.Clock == ByNumber {
		return nil, false, 0
	}
	every := max(1, r.Cycles.Len()/maxPoints)
	var least time.Duration
	for i := 0; i < r.Cycles.Len(); i += every {
		c := r.Cycles.At(i)
		if !c.stamped() || len(offs) > 0 && c.Flags&bootStamp != 0 != boot {
			continue
		}
		off := time.Duration(c.stamp()) - c.At
		if len(offs) == 0 || off < least {
			least, at = off, i
		}
		boot = c.Flags&bootStamp != 0
		offs = append(offs, off)
	}
	slices.Sort(offs)
	return offs, boot, at
}

// wholeSeconds reports whether the envelope's stamps of a run have no fraction. The time that the collection took
// was taken off the stamps and is added again.
func wholeSeconds(r *Run, base int64) bool {
	n := min(r.Cycles.Len(), lookBack)
	for i := range n {
		c := r.Cycles.At(i)
		if !c.stamped() {
			continue
		}
		ns := c.stamp()
		if r.Clock == SinceStart {
			ns += int64(took(c))
		}
		if c.Flags&WallTied != 0 {
			ns += base
		}
		if at := time.Duration(ns); (at - at.Round(time.Second)).Abs() > time.Millisecond {
			return false
		}
	}
	return n > 3
}

// tieStart uses --start, which is the wall time of the first cycle of the input.
func (b *Builder) tieStart(t *Timeline, ties []runTie) {
	if b.opts.Start.IsZero() || len(t.Runs) == 0 {
		return
	}
	r := t.Runs[0]
	if !ties[0].wall.IsZero() {
		t.note(event.Pos{}, "the log has clock times of its own; --start was not used")
		return
	}
	if r.Clock == ByNumber {
		t.note(event.Pos{}, "the log has no clock, so that --start tells nothing but the time of its first %s", r.Words().Point)
	}
	first := r.Cycles.At(0)
	ties[0].wall = b.opts.Start.UTC().Add(-first.At)
	r.Start = ties[0].wall
	t.tie(r, clockName(r), "wall", 0, event.Pos{}, "--start says that the first %s was at %s", r.Words().Point, stamp(b.opts.Start.UTC()))
	if len(t.Runs) > 1 {
		t.note(event.Pos{}, "--start ties the first run only; nothing says when the later ones began")
	}
}

// stamp prints a wall time for a sentence.
func stamp(t time.Time) string { return t.Format("2006-01-02 15:04:05.000 MST") }
