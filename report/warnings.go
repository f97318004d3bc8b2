package report

import (
	"slices"
	"strings"
	"time"

	"oomtrace/inflection"
	"oomtrace/timeline"
)

// warnings tells what the standard alarm rules would have done in the primary run.
func (b *builder) warnings() []Warning {
	if b.run == nil || b.m.Aside || b.run.Clock == timeline.ByNumber {
		return nil
	}
	var out []Warning
	for _, a := range b.found.Alarms {
		w := Warning{ID: a.ID, Rule: Clean(a.Rule), Level: a.Level, Hold: a.Hold, Rang: a.Rang, False: a.False}
		if a.Rang {
			w.Seconds, w.Lead = seconds(a.At), seconds(a.Lead)
			w.When, w.Text = b.clock.at(a.At), short(a.Lead)
		}
		if a.False > 0 {
			w.LastFalse, w.LastText = finite(seconds(a.Last)), b.clock.at(a.Last)
		}
		out = append(out, w)
	}
	return out
}

// noWarning says in one sentence which rules were tried, where none would have rung in time; it is empty where one would.
func (b *builder) noWarning(all []Warning) string {
	if len(all) == 0 || slices.ContainsFunc(all, func(w Warning) bool { return w.Rang }) {
		return ""
	}
	var rules []string
	for _, w := range all {
		rule := w.Rule
		if w.False > 0 {
			rule += " (rang " + some(w.False, "time") + " for nothing, the last at " + w.LastText + ")"
		}
		rules = append(rules, rule)
	}
	which := "None of the standard rules"
	if b.run.Basis == timeline.FromMetadata {
		which += ", which watch the heap,"
	}
	return which + " would have rung in time: " + strings.Join(rules, "; ") + "."
}

// liveWarning returns the first rule about the live heap that would have warned in time, nil if none would.
func (b *builder) liveWarning() *inflection.Alarm {
	if b.m.Aside || b.run == nil || b.run.Clock == timeline.ByNumber || b.run.Basis == timeline.FromMetadata {
		return nil
	}
	for i, a := range b.found.Alarms {
		if a.Rang && a.Level > 0 {
			return &b.found.Alarms[i]
		}
	}
	return nil
}

// alertAdvice says which alert to set, and what it would have been worth.
func (b *builder) alertAdvice() Text {
	a := b.liveWarning()
	if a == nil {
		return nil
	}
	return Text{}.Plain("Alert when the " + b.words.Level + " is above " + measure(a.Level) + " for " + spoken(a.Hold) + ": that would have come " + spoken(a.Lead) + " before the end.")
}

// alarmRow says in one line what the standard rules would have done: the earliest warning among those that had rung for nothing least often.
func (b *builder) alarmRow() Text {
	all := b.warnings()
	if len(all) == 0 {
		return nil
	}
	var best *Warning
	rang := 0
	for i := range all {
		w := &all[i]
		if !w.Rang {
			continue
		}
		rang++
		if best == nil || w.False < best.False || w.False == best.False && w.Lead > best.Lead {
			best = w
		}
	}
	if best == nil {
		return Text{}.Plain("none of " + some(len(all), "standard rule") + " would have rung in time")
	}
	t := best.Rule + ": " + best.Text + " before the end"
	if best.False > 0 {
		t += ", after " + some(best.False, "false alarm")
	}
	if rang > 1 {
		t += "; " + count(int64(rang)) + " of " + some(len(all), "rule") + " in time"
	}
	return Text{}.Plain(t)
}

// whatIf tells what other settings would have made of the primary run; nil where nothing was replayed.
func (b *builder) whatIf() *WhatIf {
	if b.run == nil || len(b.found.WhatIf) == 0 || b.m.Aside || b.clock.vague {
		return nil
	}
	out := &WhatIf{Head: upper(b.words.Level) + " that fits"}
	for _, a := range b.found.WhatIf {
		s := Setting{Setting: Clean(a.Setting), Fits: a.Ceiling, FitsText: measure(a.Ceiling), Unseen: a.Unseen, Died: a.Died, Advised: a.Advised, Note: Clean(a.Note), Outcome: "survived the log"}
		switch {
		case a.Unseen:
			s.Outcome = "the log ends " + b.clock.final()
		case a.Died:
			s.Seconds, s.Low, s.High = finite(seconds(a.At)), finite(seconds(a.Low)), finite(seconds(a.High))
			s.Outcome = b.outcome(a, b.found.WhatIf[0].At)
		}
		out.Rows = append(out.Rows, s)
	}
	out.Assumptions = sentence(strings.Join(b.found.Assumed, "; "))
	return out
}

// outcome puts a death under another setting into words, beside the real one at the end.
func (b *builder) outcome(a inflection.Alternative, end time.Duration) string {
	switch late := (a.At - end).Round(time.Millisecond); {
	case late < 0:
		return "died " + short(-late) + " earlier"
	case late == 0 && a.High <= a.At:
		return "died " + b.clock.final()
	case a.Low == a.High:
		return "died " + short(late) + " later"
	default:
		return "died " + short(late) + " later (" + short(max(0, a.Low-end)) + " to " + short(max(0, a.High-end)) + ")"
	}
}

// whatIfRow says in one line what the advised setting would have made of the run.
func (b *builder) whatIfRow() Text {
	w := b.whatIf()
	if w == nil {
		return nil
	}
	var parts []string
	for _, s := range w.Rows[1:] {
		if s.Advised || len(w.Rows) == 2 {
			parts = append(parts, s.Setting+": "+s.Outcome)
		}
	}
	if len(parts) == 0 {
		parts = append(parts, w.Rows[1].Setting+": "+w.Rows[1].Outcome)
	}
	return Text{}.Plain(strings.Join(parts, "; "))
}
