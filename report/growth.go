package report

import (
	"fmt"
	"math"

	"oomtrace/inflection"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

func (b *builder) growth(r *timeline.Run, f inflection.Run, g *inflection.Growth) *Growth {
	out := &Growth{
		PerSecond: g.PerSecond, Low: g.Low, High: g.High, Shape: Clean(g.Shape), R2: finite(g.R2),
		Text: b.rateText(r, g.PerSecond), Dim: weak(g.R2), Cycles: r.Cycles.Len(),
	}
	if f.Onset != nil {
		out.Cycles = max(0, r.Cycles.Len()-f.Onset.Index)
	}
	return out
}

// rates are the rows of the table of growth rates: the whole climb, and from the inflection on.
func (b *builder) rates() []Rate {
	g := b.primary().Growth
	if g == nil {
		return nil
	}
	window := "whole climb"
	if o := b.found.Onset; o != nil {
		window += ", from " + b.clock.at(o.At)
	}
	out := []Rate{{Window: window, Text: g.Text, R2: g.R2, Cycles: g.Cycles, Dim: g.Dim}}
	if late := b.found.Growth.FromInflection; late != nil && b.found.Inflection != nil {
		out = append(out, Rate{
			Window: "inflection to " + b.endWord(), Text: b.rateText(b.run, late.PerSecond), R2: finite(late.R2), Cycles: late.Cycles,
			Hot: true, Dim: weak(late.R2),
		})
	}
	return out
}

// growthNote says how well a rate is known: "r² 0.999 over 864 cycles".
func (b *builder) growthNote(g *Growth) string {
	s := "over " + some(g.Cycles, b.words.Cycle)
	if g.R2 != nil {
		s = "r² " + r2(*g.R2) + " " + s
	}
	return s
}

// rateText prints a rate of a run in the unit that a person would use.
func (b *builder) rateText(r *timeline.Run, perSecond float64) string {
	if r.Clock == timeline.ByNumber {
		return perCycle(perSecond, r.Words())
	}
	return rate(perSecond, b.clock.fine)
}

// perCycle prints the rate of a run without a clock, whose cycles lie a second apart.
func perCycle(bytes float64, words timeline.Words) string {
	s := measure(unit.Bytes(bytes))
	if bytes >= 0 {
		s = "+" + s
	}
	return s + "/" + words.Cycle
}

// weak reports whether a rate is too weak to rely on: what was seen does not lie along a line. A rate that could not be fitted is.
func weak(r2 float64) bool { return !(r2 >= 0.5) }

// r2 prints a coefficient of determination; what is not perfect never prints as 1.
func r2(x float64) string {
	if x < 1 {
		x = math.Min(x, 0.999)
	}
	return fmt.Sprintf("%.3f", x)
}
