package timeline

import "oomtrace/parser/event"

// heapSources names who states the bound on the heap of a runtime, as Limit.From has it.
var heapSources = map[string]string{"jvm": "xmx", "v8": "v8-flag", "art": "growth-limit"}

// heapLimit returns the last heap bound stated for the primary run: by its own stream, else by its file, else by any log
// of its runtime. Without a run, any runtime's counts. A rotated log may have lost it.
func (b *Builder) heapLimit(t *Timeline) Limit {
	r := t.PrimaryRun()
	var best *event.Setting
	rank := 1
	for _, ev := range t.Events {
		s, ok := ev.(*event.Setting)
		if !ok || s.Name != event.MaxHeap || !s.Size.IsKnown() || heapSources[s.Runtime] == "" {
			continue
		}
		if near := b.nearness(s, r); near >= rank {
			best, rank = s, near
		}
	}
	if best == nil {
		return b.envHeapLimit()
	}
	return Limit{Size: best.Size, From: heapSources[best.Runtime], Source: best.Pos}
}

// nearness says how surely a setting is of the run: 0 is not at all, 3 is by the same writer.
func (b *Builder) nearness(s *event.Setting, r *Run) int {
	switch {
	case r == nil:
		return 1
	case s.Runtime != r.Runtime:
		return 0
	case s.Stream != nil && s.Stream == r.Stream:
		return 3
	case s.Pos.File == b.pos(r.Cycles.At(0)).File:
		return 2
	}
	return 1
}
