package report

import (
	"fmt"
	"slices"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// caption says what the picture shows.
func (b *builder) caption(ch Chart) string {
	n, after := b.lastCycle()+1, b.run.Cycles.Len()-1-b.lastCycle()
	s := b.curve(some(n, b.words.Point))
	if after > 0 {
		s += fmt.Sprintf(" The %s after the death, which saw what it freed, %s left out.", some(after, b.words.Point), map[bool]string{true: "is", false: "are"}[after == 1])
	}
	if n := len(ch.Runs); n > 1 {
		s += fmt.Sprintf(" %s lives of processes are drawn.", count(int64(n)))
	}
	if g := b.found.OldGen; g != nil && g.Inflection != nil && !b.m.Aside {
		s += fmt.Sprintf(" The old generation, %s at most, passed %s for good at %s: it is full before the heap is.",
			measure(g.Capacity), b.threshold(), b.clock.name(g.Inflection.At))
	}
	if slices.ContainsFunc(ch.Runs, func(s Series) bool { return s.Other }) {
		s += " The grey lines are other processes: " + b.otherNames(&ch) + "."
	}
	if n := len(b.found.Recovered); n > 0 {
		s += fmt.Sprintf(" The %s also passed %s %s and recovered, so that is not the inflection.", b.words.Memory, b.threshold(), times(n))
	}
	return s
}

// curve says what the line of the picture shows, and the band where there is one.
func (b *builder) curve(points string) string {
	level, each := upper(b.words.Level), "each of "+points
	if b.run.Cycles.Len() == 1 {
		each = "the only " + b.words.Point
	}
	switch {
	case len(b.found.Prepared.Live) > 0:
		return fmt.Sprintf("Live heap after %s, without the garbage that collections of a part of the heap leave (line), and the heap just before it (band).", each)
	case b.run.Basis == timeline.FromLog:
		return fmt.Sprintf("Heap that survived %s (line), and the heap just before it (band).", each)
	case b.run.Basis == timeline.FromMetadata:
		return fmt.Sprintf("%s after %s.", level, each)
	case b.banded():
		return fmt.Sprintf("%s at %s (line), and the heap in use, garbage included (band).", level, each)
	}
	return fmt.Sprintf("%s at %s.", level, each)
}

// banded reports whether the heap was read beside what lives of it.
func (b *builder) banded() bool {
	for i := range b.run.Cycles.Len() {
		if c := b.run.Cycles.At(i); c.Peak > c.Live {
			return true
		}
	}
	return false
}

// captionWithout says what the picture shows where no collection was read.
func (b *builder) captionWithout(ch *Chart) string {
	const none = "No collection was read. "
	_, killed := b.in.Timeline.Death.Event.(*event.Kill)
	switch {
	case len(ch.Holders) > 0 && killed:
		return none + "This is what the kernel counted when it killed."
	case len(ch.Holders) > 0:
		return none + "These are the sizes that the crash report gives."
	case len(ch.Voices) > 0:
		return none + "This is what the logs tell, and when."
	}
	return none + "The logs hold nothing else that could be drawn: no sizes to compare, no times that lie apart."
}

// description tells the story for those who cannot see the picture.
func (b *builder) description() string {
	s := b.m.Verdict.Sentence.String()
	if t := b.m.Verdict.Second.String(); t != "" {
		s += " " + t
	}
	return s + fmt.Sprintf(" %s from %s to %s, at most %s.", upper(b.words.Level), measure(b.liveAt(0)), measure(b.lastLive()), measure(b.maxLive()))
}
