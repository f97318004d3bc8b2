package timeline

import (
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// segmentKey tells apart what can never be one run: other writers, other files (put together again later),
// other runtimes, and lines of another form.
type segmentKey struct {
	stream   event.Stream
	file     int
	runtime  string
	version  string
	numbered bool
	timed    bool
	history  bool // the last collections in a crash report
}

// segment is what one file holds of one writer in one form, in the order of the file.
type segment struct {
	segmentKey
	origin *event.Stream
	name   string // of the file, as the events say it
	kind   event.Collector
	step   unit.Bytes
	guess  event.Assumed // what was assumed about its stamps
	turned bool          // the file holds the newest line first
	raw    Cycles
}

// writer returns the stream without what does not tell processes apart: one process writes to both of its pipes.
func writer(s *event.Stream) event.Stream {
	if s == nil {
		return event.Stream{}
	}
	w := *s
	w.Pipe = ""
	return w
}

// segment returns the segment that a collection belongs to. Consecutive collections mostly share it.
func (b *Builder) segment(ev *event.GC) *segment {
	version := versionOf(ev)
	timed := ev.Time.Has.Has(event.Process)
	past := ev.Dialect == history
	if s := b.latest; s != nil && s.origin == ev.Stream && s.name == ev.Pos.File && s.version == version &&
		s.numbered == ev.Numbered && s.timed == timed && s.history == past && s.runtime == runtimeOf(ev.Collector) {
		return s
	}
	if s := b.latest; ev.Mended && s != nil && s.cutShort(ev, timed) {
		return s
	}
	key := segmentKey{writer(ev.Stream), b.file(ev.Pos.File), runtimeOf(ev.Collector), version, ev.Numbered, timed, past}
	s := b.segOf[key]
	if s == nil {
		s = &segment{segmentKey: key, origin: ev.Stream, name: ev.Pos.File, kind: ev.Collector}
		b.segOf[key] = s
		b.segments = append(b.segments, s)
	}
	b.latest = s
	return s
}

// cutShort reports whether a line that was put together from pieces goes on in this segment although its form is
// another: it may lack the fields at its end.
func (s *segment) cutShort(ev *event.GC, timed bool) bool {
	return s.origin == ev.Stream && s.name == ev.Pos.File && s.timed == timed && s.numbered && ev.Numbered &&
		s.runtime == runtimeOf(ev.Collector) && int64(s.raw.last().N)+1 == ev.Cycle
}

func runtimeOf(c event.Collector) string {
	switch c {
	case event.Go:
		return "go"
	case event.V8:
		return "v8"
	case event.ART:
		return "art"
	case event.Serial, event.Parallel, event.CMS, event.G1, event.ZGC, event.Shenandoah, event.Epsilon:
	}
	return "jvm"
}

// versionOf tells the Go releases that print a line with these fields: runtime/mgc.go and mgc0.c of each.
func versionOf(ev *event.GC) string {
	if ev.Collector != event.Go {
		return ""
	}
	switch {
	case ev.Stacks.IsKnown():
		return "1.18 to 1.26"
	case ev.Time.Has.Has(event.Process):
		return "1.5 to 1.17"
	case !ev.LivePrev.IsKnown():
		return "1.0 to 1.2"
	case ev.Goroutines > 0:
		return "1.4"
	}
	return "1.3"
}

// ordered reports whether the whole segment is one run in the order of the file, the usual case.
func (s *segment) ordered() bool {
	for i := 1; i < s.raw.Len(); i++ {
		if a, b := s.raw.At(i-1), s.raw.At(i); !s.follows(a, b) || s.stampJump(a, b) {
			return false
		}
	}
	return true
}

// follows reports whether b can be a later cycle of the process that wrote a.
func (s *segment) follows(a, b *Cycle) bool {
	if s.numbered && b.N <= a.N || s.timed && b.At < a.At {
		return false
	}
	if s.numbered || s.timed {
		return true
	}
	return !a.stamped() || !b.stamped() || b.stamp() >= a.stamp()
}

// stampJump reports whether the envelopes say that much more time passed between two cycles than the process
// clock does, with collections missing between them: a process that was replaced while nobody saw its first lines.
func (s *segment) stampJump(a, b *Cycle) bool {
	if !s.timed || !s.numbered || b.N == a.N+1 || !a.stamped() || !b.stamped() {
		return false
	}
	drift := time.Duration(b.stamp()-a.stamp()) - (b.At - a.At)
	return drift > time.Minute
}

// near is how many neighbours newestFirst looks at; streams in which more processes alternate are rare.
const near = 8

// newestFirst reports whether the file holds the lines in the opposite order, as exports of Loki and CloudWatch do.
// A process that starts anew makes the number fall once, a file turned round makes it fall by one at every line.
// Mostly the lines follow each other in number, one way or the other. Where they do not, as processes alternate or
// lines changed places, each line votes twice: by the next numbers among its neighbours, and by the line some way before it.
func (s *segment) newestFirst() bool {
	next, order := s.vote(1, false)
	if 5*max(next.up, next.down) <= 3*s.raw.Len() {
		next, order = s.vote(near, true)
	}
	return next.down+order.down > next.up+order.up
}

// votes counts the lines that speak for either order.
type votes struct{ up, down int }

func (v *votes) add(up, down bool) {
	if up {
		v.up++
	}
	if down {
		v.down++
	}
}

// vote compares each line with the ones up to reach before it, and if far is set, also as such with the farthest.
func (s *segment) vote(reach int, far bool) (next, order votes) {
	for i := 1; i < s.raw.Len(); i++ {
		c := s.raw.At(i)
		rises, falls := false, false
		for j := i - 1; j >= max(0, i-reach); j-- {
			r, f := s.step1(s.raw.At(j), c)
			rises, falls = rises || r, falls || f
		}
		next.add(rises, falls)
		if far && i >= reach {
			order.add(s.follows(s.raw.At(i-reach), c), s.follows(c, s.raw.At(i-reach)))
		}
	}
	return next, order
}

// step1 reports whether b is the very next cycle after a, and whether it is the very one before.
func (s *segment) step1(a, b *Cycle) (rises, falls bool) {
	if a.stamped() && b.stamped() {
		if later, earlier := b.stamp() > a.stamp(), b.stamp() < a.stamp(); later || earlier {
			return later, earlier
		}
	}
	if !s.numbered {
		return b.At > a.At, b.At < a.At
	}
	return b.N == a.N+1 && (!s.timed || b.At >= a.At), b.N+1 == a.N && (!s.timed || b.At <= a.At)
}
