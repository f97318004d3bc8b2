package report

import (
	"fmt"
	"strings"
	"time"

	"oomtrace/inflection"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// advice puts the concrete steps that only the report can name around those of the verdict.
func (b *builder) advice(v inflection.Verdict) []Text {
	var out []Text
	if len(b.m.Suspects) > 0 {
		s := b.m.Suspects[0]
		t := Text{}.Plain("Look at ").Log(s.Function).Plain(" first")
		if s.File != "" {
			t = t.Plain(", ").Log(fmt.Sprintf("%s:%d", s.File, s.Line))
		}
		out = append(out, t.Plain(": it holds "+about(s.Share)+" of the growth between the heap profiles."))
	}
	for _, a := range v.Advice {
		if a == inflection.CompareProfiles && len(b.m.Suspects) > 0 {
			continue
		}
		out = append(out, Text{}.Plain(sentence(b.heard(a))))
	}
	if t := b.buys(); t != nil && (v.Kind == inflection.Leak || v.Kind == inflection.GoalOvershoot || v.Kind == inflection.CrashLoop) {
		out = append(out, t)
	}
	if t := b.alertAdvice(); t != nil {
		out = append(out, t)
	}
	return out
}

// buys says how much time a restart and a larger limit buy at the measured rate.
func (b *builder) buys() Text {
	g := b.found.Growth
	ceiling, ok := b.found.Ceiling.Bytes.Get()
	if !ok || g == nil || g.PerSecond <= 0 || weak(g.R2) || b.run.Clock == timeline.ByNumber || ceiling <= g.From {
		return nil
	}
	whole := float64(ceiling-g.From) / g.PerSecond
	if whole < 60 {
		return nil // a restart that buys seconds is no advice
	}
	t := Text{}.Plain("A restart buys at most " + buyTime(whole))
	if l, ok := b.in.Timeline.Limit.Size.Get(); ok && l >= ceiling {
		share := float64(ceiling) / float64(l)
		extra := unit.GiB
		for extra > l && extra > unit.MiB {
			extra /= 4
		}
		t = t.Plain("; each extra " + strings.TrimPrefix(bound(extra), "1 ") + " of limit buys " + buyTime(share*float64(extra)/g.PerSecond) + " more")
	}
	return t.Plain(".")
}

// buyTime prints seconds as a spoken span; a growth of a byte a year buys "years".
func buyTime(s float64) string {
	if s > 365*86400 {
		return "more than a year"
	}
	return spoken(time.Duration(s * float64(time.Second)))
}
