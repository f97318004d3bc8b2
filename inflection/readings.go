package inflection

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"time"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// readingFacts are what readings beside a log of the collections, or instead of one, say of the process.
type readingFacts struct {
	Basis timeline.Basis // what the level of the run rests on
	Read  string         // the value that was read for it

	// The memory of the whole process or container: its usual level near the beginning, and the largest at the end, with the
	// heap, garbage included, at both times. 0 is unknown.
	Name             string
	From, To         float64
	HeapFrom, HeapTo float64
	FromPos, ToPos   event.Pos
}

const (
	leastRead    = 8    // readings that show growth
	outsideShare = 0.50 // of what the process grew by: more than that beside the heap is the larger part
	outsideGrew  = 0.20 // of its size at the end: less is no growth that kills
	readFull     = 0.85 // of the limit, from which on a death is presumed
	earlyPart    = 0.10 // of the time: start-up is over by then
	earlyUpTo    = 0.30
)

// readingFacts copies what was read of the primary run.
func (j *judge) readingFacts(f *Facts) {
	r := j.tl.PrimaryRun()
	if r == nil || r.Cycles.Len() == 0 {
		return
	}
	rd := &f.Readings
	rd.Basis, rd.Read = r.Basis, r.Read
	if r.Basis == timeline.FromResident {
		return // the level is that already
	}
	for _, name := range []string{event.ValueRSS, event.ValueWorkingSet, event.ValueAnon} {
		if s := j.tl.SeriesOf(r.Index, name); s != nil {
			j.resident(rd, r, s)
			break
		}
	}
}

// resident compares both ends of a series with the heap at the same times.
func (j *judge) resident(rd *readingFacts, r *timeline.Run, s *timeline.Series) {
	all := s.Readings
	if d := j.tl.Death; d.Timed {
		n, _ := slices.BinarySearchFunc(all, d.At, func(x timeline.Reading, at time.Duration) int { return cmp.Compare(x.At, at) })
		all = all[:n]
	}
	if len(all) < leastRead {
		return
	}
	from, span := all[0].At, float64(all[len(all)-1].At-all[0].At)
	early := all[:0:0]
	for _, x := range all {
		if part := float64(x.At-from) / max(span, 1); part >= earlyPart && part <= earlyUpTo {
			early = append(early, x)
		}
	}
	if len(early) == 0 {
		early = all[:1]
	}
	slices.SortFunc(early, func(a, b timeline.Reading) int { return cmp.Compare(a.V, b.V) })
	first, last := early[len(early)/2], all[len(all)-1]
	for _, x := range all[len(all)-endCycles:] {
		if x.V > last.V {
			last = x
		}
	}
	rd.Name = s.Name
	rd.From, rd.To = first.V, last.V
	rd.FromPos, rd.ToPos = j.posOf(&first), j.posOf(&last)
	rd.HeapFrom, rd.HeapTo = heapAt(r, first.At), heapAt(r, last.At)
}

func (j *judge) posOf(r *timeline.Reading) event.Pos {
	return event.Pos{File: j.tl.Files[r.File], Line: int(r.Line)}
}

// heapAt returns the largest heap, garbage included, of the collections around a time.
func heapAt(r *timeline.Run, at time.Duration) float64 {
	n := r.Cycles.Len()
	after := sort.Search(n, func(i int) bool { return r.Cycles.At(i).At > at })
	most := 0.0
	for i := max(0, after-endCycles); i < min(n, after+1); i++ {
		most = max(most, float64(r.Cycles.At(i).Peak))
	}
	return most
}

// outside returns by how much the process grew beside its heap.
func (rd *readingFacts) outside() float64 {
	return rd.To - rd.From - max(0, rd.HeapTo-rd.HeapFrom)
}

// grewOutside holds where the process grew to its limit, and most of the growth was not on the heap.
func (f *Facts) grewOutside() ([]Evidence, bool) {
	rd := &f.Readings
	if rd.To <= 0 || f.onlyStarts() || f.Heap || !f.Seen() && !(f.Limited() && rd.To >= readFull*f.Limit) {
		return nil, false
	}
	grown := rd.To - rd.From
	if grown < outsideGrew*rd.To || rd.outside() < outsideShare*grown {
		return nil, false
	}
	return append(f.residentEvidence(), f.deathEvidence()...), true
}

// residentEvidence compares the process with its heap.
func (f *Facts) residentEvidence() []Evidence {
	rd := &f.Readings
	if rd.To <= 0 {
		return nil
	}
	return []Evidence{
		{Claim: fmt.Sprintf("the %s was %s here, with a heap of %s, garbage included", timeline.LevelNames[rd.Name], bytes(rd.From), bytes(rd.HeapFrom)), Source: rd.FromPos},
		{Claim: fmt.Sprintf("at the end it was %s, with a heap of %s", bytes(rd.To), bytes(rd.HeapTo)), Source: rd.ToPos},
	}
}

// resident reports whether the level is the memory of the whole process or container.
func (f *Facts) resident() bool { return f.Readings.Basis == timeline.FromResident }

// peaks reports whether the level is the most that was used until then, which never falls.
func (f *Facts) peaks() bool { return f.Readings.Read == event.ValuePeakUsage }

// uncollected reports whether nothing ever collects the heap.
func (f *Facts) uncollected() bool { return f.Java.Collector == event.Epsilon }

// onlyRises reports whether the level cannot fall, so that nothing can be told of recovery.
func (f *Facts) onlyRises() bool { return f.peaks() || f.uncollected() }

// words are the nouns of what is said of the run.
func (f *Facts) words() timeline.Words {
	if f.uncollected() {
		return timeline.Uncollected
	}
	return f.Readings.Basis.Words(f.Readings.Read)
}

// sampled lowers what is claimed for a verdict that rests on readings, and says what would tell more.
func (f *Facts) sampled(v *Verdict) {
	rd := &f.Readings
	if rd.Basis == timeline.FromLog {
		return
	}
	if v.Confidence == High && v.Kind != NodePressure && v.Kind != LimitLowered {
		v.Confidence = Medium
	}
	why := "no log of the collections: the live heap is an estimate from readings of " + rd.Read
	switch {
	case f.peaks():
		why = "the most memory used so far is all that was read: a leak, a cache that fills, and memory that was given back in between look the same in it"
	case f.resident() && v.Kind == Healthy:
		why = "no log of the collections: what came between the readings is not known"
	case f.resident():
		why = "no reading of the heap: a log of the collections, or a heap profile, would tell whether the heap grew or something outside of it"
	}
	v.Missing = append(v.Missing, why)
}
