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
	whole, more := float64(ceiling-g.From)/g.PerSecond, b.moreTime(g)
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
		t = t.Plain("; each extra " + strings.TrimPrefix(bound(extra), "1 ") + " of limit buys " + buyTime(share*float64(extra)*more) + " more")
	}
	return t.Plain(".")
}

// moreTime is the seconds that one more byte of live heap buys: what the replay of a larger limit found, else what the mean rate says.
func (b *builder) moreTime(g *inflection.Growth) float64 {
	if rows := b.found.WhatIf; len(rows) > 0 {
		was, larger := rows[0], rows[len(rows)-1]
		if late := larger.At - was.At; larger.Died && late > 0 && larger.Ceiling > was.Ceiling {
			return late.Seconds() / float64(larger.Ceiling-was.Ceiling)
		}
	}
	return 1 / g.PerSecond
}

// buyTime prints seconds as a spoken span; a growth of a byte a year buys "years".
func buyTime(s float64) string {
	if s > 365*86400 {
		return "more than a year"
	}
	return spoken(time.Duration(s * float64(time.Second)))
}
