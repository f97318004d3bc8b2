package report

import (
	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// closing says how sure the verdict is, what is missing and what was left out.
func (b *builder) closing(missing []string) Text {
	t := Text{}
	if c := b.m.Verdict.Confidence; c != "" {
		t = t.Plain("Confidence " + Clean(string(c)) + ".")
	}
	for _, m := range missing {
		t = t.Plain(space(t) + sentence(m))
	}
	damaged, last := 0, ""
	for _, s := range b.m.Inputs {
		damaged += s.Damaged
		if n := len(s.Problems); n > 0 && n == s.Damaged {
			last = At(event.Pos{File: b.m.Short(s.File), Line: s.Problems[n-1].Line})
		}
	}
	switch {
	case damaged == 1 && last != "":
		t = t.Plain(space(t) + "1 damaged line left out, ").Log(last).Plain(" (oomtrace -v shows it).")
	case damaged > 1 && last != "":
		t = t.Plain(space(t) + count(int64(damaged)) + " damaged lines left out, the last at ").Log(last).Plain(" (oomtrace -v shows them).")
	case damaged > 0:
		t = t.Plain(space(t) + some(damaged, "damaged line") + " left out (oomtrace -v shows them).")
	}
	return t
}

// hints say what the user could add for a better answer.
func (b *builder) hints() []string {
	var out []string
	switch {
	case b.run == nil || b.clock.axis == AxisWall:
	case b.clock.axis == AxisCycles:
		out = append(out, "A log with time stamps (kubectl logs --timestamps) would tell times.")
	default:
		out = append(out, "Add --start or kubectl --timestamps for clock times.")
	}
	decided := b.m.Aside && b.m.Verdict.Kind != inflection.Healthy && b.m.Verdict.Kind != inflection.Undetermined
	if b.m.Limit == nil && b.run != nil && b.run.Basis != timeline.FromMetadata && !decided {
		out = append(out, "No limit is known: give --limit, or add the log that states it.")
	}
	return out
}
