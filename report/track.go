package report

import (
	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// Track sums up what was read of one amount of a run, beside its collections or instead of them. Its name tells the unit by its
// ending: _bytes, or none for a count.
type Track struct {
	Name             string
	Count            int
	First, Last, Max float64
	Source           event.Pos // of the largest reading
}

// tracks sums up the readings of the run with that index.
func (b *builder) tracks(run int) []Track {
	var out []Track
	for i := range b.in.Timeline.Series {
		s := &b.in.Timeline.Series[i]
		if s.Run != run || len(s.Readings) == 0 {
			continue
		}
		most := s.Max()
		tr := Track{Name: Clean(s.Name), Count: s.Count, First: s.First().V, Last: s.Last().V, Max: most.V}
		if int(most.File) < len(b.in.Timeline.Files) {
			tr.Source = b.pos(event.Pos{File: b.in.Timeline.Files[most.File], Line: int(most.Line)})
		}
		out = append(out, tr)
	}
	return out
}

// readResident reduces what was read of the memory of the whole process or container in the primary run. Where that is what the
// chart draws already, it is nothing.
func (b *builder) readResident() []Reading {
	if b.run.Basis == timeline.FromResident {
		return nil
	}
	for _, name := range []string{event.ValueRSS, event.ValueWorkingSet, event.ValueAnon} {
		s := b.in.Timeline.SeriesOf(b.run.Index, name)
		if s == nil {
			continue
		}
		var all []Reading
		for _, r := range s.Readings {
			if r.At <= b.clock.end {
				all = append(all, Reading{seconds(r.At), r.V})
			}
		}
		return thin(all, laneColumns)
	}
	return nil
}
