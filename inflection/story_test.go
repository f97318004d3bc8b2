package inflection

import (
	"math/rand/v2"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// story is a run as a test tells it. The zero values of the limits are unknown ones.
type story struct {
	live    []float64 // MiB after each cycle
	every   float64   // seconds from cycle to cycle; 0 is 1
	at      []float64 // seconds of each cycle, instead of every
	goal    float64   // times the live heap before; 0 prints no goals
	hold    float64   // MiB that GOMEMLIMIT holds the goal at
	limit   float64   // MiB
	soft    float64   // MiB, GOMEMLIMIT as stated
	xmx     float64   // MiB
	runtime string    // go where empty
	scopes  string    // w, o, m or y for each cycle; whole where empty
	wall    float64   // seconds of each collection
	death   timeline.Death
	events  []event.Event
}

// A death of each kind, as the logs tell it.
var (
	kernelKill = timeline.Death{Kind: timeline.MemcgKill, Event: &event.Kill{
		Head:       event.Head{Pos: event.Pos{File: "dmesg.txt", Line: 1}},
		Constraint: event.ConstraintMemcg,
		Victims:    []event.Victim{{PID: 7, Name: "svc"}},
		KilledAt:   event.Pos{File: "dmesg.txt", Line: 9},
	}}
	heapFull = timeline.Death{Kind: timeline.RuntimeOOM, Event: &event.RuntimeOOM{
		Head: event.Head{Pos: event.Pos{File: "app.log", Line: 3}}, Runtime: "jvm", Kind: event.OOMHeap, Message: "Java heap space",
	}}
	goRefused = timeline.Death{Kind: timeline.RuntimeOOM, Event: &event.RuntimeOOM{
		Head: event.Head{Pos: event.Pos{File: "app.log", Line: 3}}, Runtime: "go", Kind: event.OOMHeap, Message: "runtime: out of memory",
	}}
	logEnds = timeline.Death{Kind: timeline.LogEnds}
)

const mib = float64(unit.MiB)

// timeline makes the timeline of the story.
func (s story) timeline() *timeline.Timeline {
	tl := &timeline.Timeline{Files: []string{"gc.log"}, Death: s.death, Events: s.events}
	run := &timeline.Run{Runtime: s.runtime, Step: unit.MiB}
	if run.Runtime == "" {
		run.Runtime = "go"
	}
	for i := range s.live {
		run.Cycles.Append(s.cycle(i))
	}
	if s.goal > 0 {
		run.Factor = timeline.Factor{Known: true, K: s.goal, Follows: s.hold == 0}
		if s.hold > 0 {
			run.Factor.Plateau = unit.Known(unit.Bytes(s.hold * mib))
		}
	}
	tl.Runs = []*timeline.Run{run}
	for _, l := range []struct {
		size float64
		from string
	}{{s.limit, "flag"}, {s.xmx, "xmx"}, {s.soft, "gomemlimit"}} {
		if l.size > 0 {
			tl.Limits = append(tl.Limits, timeline.Limit{Size: unit.Known(unit.Bytes(l.size * mib)), From: l.from})
		}
	}
	if len(tl.Limits) > 0 {
		tl.Limit = tl.Limits[0]
	}
	return tl
}

// cycle makes cycle i, on line i+1.
func (s story) cycle(i int) timeline.Cycle {
	every := s.every
	if every == 0 {
		every = 1
	}
	at := float64(i+1) * every
	if s.at != nil {
		at = s.at[i]
	}
	c := timeline.Cycle{At: time.Duration(at * 1e9), Live: unit.Bytes(s.live[i] * mib), N: uint32(i + 1), Line: uint32(i + 1), Wall: float32(s.wall)}
	c.Peak = c.Live
	if s.goal > 0 && i > 0 {
		goal := s.live[i-1] * s.goal
		if s.hold > 0 {
			goal = max(min(goal, s.hold), s.live[i-1])
		}
		c.Goal = unit.Bytes(goal * mib)
		c.Peak = max(c.Goal, c.Live)
	}
	if s.scopes != "" {
		c.Scope = map[byte]timeline.Scope{'w': timeline.Whole, 'o': timeline.Old, 'm': timeline.Mixed, 'y': timeline.Young}[s.scopes[i]]
	}
	return c
}

// judge judges the story with the default options.
func (s story) judge() *Finding { return Judge(s.timeline(), Default()) }

// shape makes n values of a curve over 0 to 1, with uniform noise of the given share of a value. The noise is the same each time.
func shape(n int, noise float64, f func(x float64) float64) []float64 {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]float64, n)
	for i := range out {
		v := f(float64(i) / float64(n-1))
		out[i] = v * (1 + noise*(2*r.Float64()-1))
	}
	return out
}

// hingeAt is level until x0, and rises to top at 1 from there.
func hingeAt(level, x0, top float64) func(float64) float64 {
	return func(x float64) float64 { return level + (top-level)*max(0, x-x0)/(1-x0) }
}

// flatAt is level throughout.
func flatAt(level float64) func(float64) float64 { return func(float64) float64 { return level } }

// with returns values with the ones at the end replaced.
func with(v []float64, end ...float64) []float64 {
	copy(v[len(v)-len(end):], end)
	return v
}
