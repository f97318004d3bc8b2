package report

import (
	"fmt"
	"math"
	"slices"
	"time"

	"oomtrace/inflection"
	"oomtrace/parser/unit"
)

// summary are the lines under the terminal's chart and the rows of the Markdown table.
func (b *builder) summary() []Row {
	var out []Row
	add := func(r Row) {
		if len(r.Text) > 0 {
			out = append(out, r)
		}
	}
	if b.m.Aside {
		add(Row{Label: b.words.Level, Text: b.liveRow()})
	} else {
		add(Row{Label: "inflection", Text: b.inflectionRow(), Hot: b.found.Inflection != nil})
		add(Row{Label: "lead time", Text: b.leadRow()})
	}
	g := b.primary().Growth
	add(Row{Label: "growth", Text: b.growthRow(), Dim: g != nil && g.Dim})
	add(Row{Label: "forecast", Text: b.forecastRow()})
	add(Row{Label: "alarm", Text: b.alarmRow()})
	add(Row{Label: "what if", Text: b.whatIfRow()})
	add(Row{Label: "end", Text: b.endRow()})
	if _, of := b.level(); of != LineLimit || b.found.Inflection == nil {
		add(Row{Label: "limit", Text: b.limitRow()})
	}
	if slices.Contains(b.m.Verdict.Also, inflection.CrashLoop) {
		add(Row{Label: "lives", Text: Text{}.Plain(b.deaths())})
	}
	add(Row{Label: "suspect", Text: b.suspectRow()})
	add(Row{Label: "told by", Text: b.toldByRow()})
	return out
}

// liveRow tells of a heap that is not the story.
func (b *builder) liveRow() Text {
	if b.run == nil {
		return nil
	}
	t := Text{}.Plain("at most " + measure(b.maxLive()))
	if of := b.ofLimit(b.maxLive()); of != measure(b.maxLive()) {
		t = t.Plain(", " + of)
	}
	return t.Plain(", over " + some(b.run.Cycles.Len(), b.words.Point))
}

func (b *builder) inflectionRow() Text {
	x := b.found.Inflection
	if b.run == nil {
		return nil
	}
	if x == nil {
		if w := b.found.WhyNone; w != "" {
			return Text{}.Plain("none: " + b.heard(w))
		}
		return Text{}.Plain("none found")
	}
	t := Text{}.Plain(b.clock.at(x.At) + "  ")
	if b.clock.axis != AxisCycles {
		t = t.Plainf("%s %d, ", b.words.Number, x.Cycle)
	}
	t = t.Log(At(b.pos(x.Source))).Plain(", " + measure(x.Live))
	if measure(x.Live) != measure(b.liveAt(x.Index)) {
		t = t.Plain(" as running median")
	}
	switch _, of := b.level(); {
	case of == LineLimit && x.FractionOfLimit > 0:
		t = t.Plain(", " + percent(x.FractionOfLimit) + " of " + b.limitWords())
	case of != "" && x.FractionOfCeiling > 0:
		c, _ := b.found.Ceiling.Bytes.Get()
		t = t.Plain(", " + percent(x.FractionOfCeiling) + " of " + b.fits(c))
	}
	return t
}

// fits names a ceiling: what fits, or the last level where no limit tells what fits.
func (b *builder) fits(ceiling unit.Bytes) string {
	if b.standIn() {
		return "the last level, " + measure(ceiling)
	}
	return measure(ceiling) + " that fit"
}

func (b *builder) limitWords() string {
	if l := b.m.Limit; l != nil {
		return l.Text
	}
	return "the limit"
}

func (b *builder) leadRow() Text {
	x := b.found.Inflection
	if x == nil {
		return nil
	}
	t := Text{}.Plain(b.clock.lead(x.At, b.clock.end))
	if !b.dead() {
		t = t.Plain(" to the last line")
	}
	if b.clock.axis != AxisCycles {
		t = t.Plain(", " + noneOr(x.LaterCycles, b.words.Point))
	}
	level, _ := b.level()
	if level <= 0 || x.LaterCycles == 0 {
		return t
	}
	if n := b.below(x.Index+1, b.lastCycle(), b.in.Fraction*level); n > 0 {
		return t.Plain(", " + count(int64(n)) + " below " + b.threshold() + " for a moment, none recovered")
	}
	return t.Plain(", none below " + b.threshold())
}

func (b *builder) growthRow() Text {
	r := b.primary()
	if r.Growth == nil {
		return nil
	}
	t := Text{}.Plain(r.Growth.Text)
	if r.Growth.R2 != nil {
		t = t.Plain(", r² " + r2(*r.Growth.R2))
	}
	if r.Onset != nil {
		t = t.Plain(", " + some(r.Growth.Cycles, b.words.Cycle) + " from " + r.Onset.Text)
	}
	return t
}

// forecastRow holds the forecast that was made at the inflection against what happened.
func (b *builder) forecastRow() Text {
	f := b.primary().Forecast
	if f == nil {
		return nil
	}
	t := "at the inflection due at " + f.Text + " (" + f.Range + ")"
	switch {
	case !b.in.Timeline.Death.Memory() || b.clock.vague:
	case b.clock.axis == AxisTMinus:
		t += ", it came at T"
	case b.clock.endStep >= time.Second && math.Abs(f.Death-seconds(b.clock.end)) < b.clock.endStep.Seconds():
		t += ", it came in the second of " + b.clock.at(b.clock.end)
	default:
		t += ", it came at " + b.clock.at(b.clock.end)
	}
	return Text{}.Plain(t)
}

func (b *builder) endRow() Text {
	if b.run == nil {
		if rss, ok := b.in.Timeline.Death.RSS.Get(); ok {
			return Text{}.Plain("RSS " + measure(rss))
		}
		return nil
	}
	t := Text{}.Plain(b.words.Level + " " + measure(b.lastLive()))
	if share := b.endOf(); share != "" {
		t = t.Plain(" (" + share + ")")
	}
	if share, ok := b.endShare(); ok {
		t = t.Plain(", GC used " + about(share) + " of CPU")
	}
	if rss, ok := b.in.Timeline.Death.RSS.Get(); ok {
		t = t.Plain(", RSS " + measure(rss))
	}
	return t
}

func (b *builder) endOf() string {
	if l := b.heapLimit(); l > 0 {
		return about(float64(b.lastLive()) / float64(l))
	}
	return ""
}

// limitRow names the limit where no other row does.
func (b *builder) limitRow() Text {
	if b.m.Limit == nil && b.run == nil {
		return nil
	}
	if b.m.Limit == nil {
		return Text{}.Plain("not known")
	}
	t := Text{}.Plain(b.m.Limit.Text + ", from " + b.limitSource(b.m.Limit.From))
	if x := b.heapLimit(); x < b.in.Timeline.Limit.Size.Or(0) {
		return t.Plain("; " + bound(x) + " of it for the heap, from " + b.heapSource())
	}
	return t
}

func (b *builder) suspectRow() Text {
	if len(b.m.Suspects) == 0 {
		return nil
	}
	s := b.m.Suspects[0]
	t := Text{}.Log(s.Function)
	if s.File != "" {
		t = t.Plain("  ").Log(fmt.Sprintf("%s:%d", s.File, s.Line))
	}
	return t.Plain("  " + signedMeasure(s) + ", " + about(s.Share) + " of growth")
}

func signedMeasure(s Suspect) string {
	if s.Growth >= 0 {
		return "+" + measure(s.Growth)
	}
	return measure(s.Growth)
}
