// Package inflection judges a timeline: when the growth began that killed the process, when it passed the line
// from which there was no way back, how fast it was, and of which kind. It is pure: the same timeline gives the same finding.
package inflection

import (
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// Finding is the judgement of one incident.
type Finding struct {
	Verdict Verdict
	Runs    []Run // one for each run of the timeline, same order
	Loop    Loop  // of deaths like the one judged; the zero value where that stands alone
}

// Loop is a row of deaths that follow each other shortly, the one judged last.
type Loop struct {
	Deaths  int
	Life    time.Duration // no life took longer; 0 where none is known
	Between time.Duration // from one death to the next at most; 0 where lives are known
}

// Kind is a verdict kind. The names are stable: tickets and alerts quote them.
type Kind string

// Confidence says how far to trust a verdict.
type Confidence string

// The confidences.
const (
	High   Confidence = "high"
	Medium Confidence = "medium"
	Low    Confidence = "low"
)

// Verdict is the answer.
type Verdict struct {
	Kind        Kind
	Detail      string // goroutine, stacks, mmap ...; empty if none
	Confidence  Confidence
	Presumed    bool   // nobody saw a death, but so little room was left at the end that it must have been one
	Also        []Kind // other kinds that hold
	Evidence    []Evidence
	Missing     []string // what could not be known, and what would tell
	Advice      []string // what to do, most useful first
	WouldChange []string
}

// Evidence is a claim and the line that proves it. The zero Source means that no single line does.
type Evidence struct {
	Claim  string
	Source event.Pos
}

// Run is what was found in one run.
type Run struct {
	Live          Live
	Ceiling       Ceiling
	OtherLimit    bool       // the limit that was given is less than what was live: it is of another process
	Prepared      Prepared   // the series that was judged, for the picture
	Phases        []Phase    // of the no-return floor
	Inflection    *Crossing  // of the ceiling
	LimitCrossing *Crossing  // the user's rule as it stands, of the limit
	Recovered     []Crossing // stays above the line that ended
	Onset         *Onset
	Earlier       *Jump // of a step: the jump before the one at the onset; nil where that was the only one
	Growth        *Growth
	Forecast      *Forecast
	Alarms        []Alarm       // of the run that the incident is about: what standard alarm rules would have done
	WhatIf        []Alternative // of the same run: what another setting would have made of it
	Assumed       []string      // what the alternatives take for granted
	Metadata      *Metadata     // of the JVM that died of it; nil for any other incident
	OldGen        *OldGen       // nil where the collector has none of its own, or the log does not show it
	WhyNone       string        // why there is no inflection, in words; empty where there is one
}

// Live is the range of the live heap in a run.
type Live struct {
	First, Last, Max, Step unit.Bytes
}

// Ceiling is the live heap that the process can hold.
type Ceiling struct {
	Bytes unit.Size // unknown where no limit is known and nothing grew
	Basis string    // "limit / 2.00: each cycle's goal is twice the live heap"
}

// Crossing is the first cycle of a stay above a line.
type Crossing struct {
	Index             int // of the cycle in the run
	Cycle             int64
	At                time.Duration
	Live              unit.Bytes
	FractionOfCeiling float64 // 0 where no ceiling is known
	FractionOfLimit   float64 // 0 where no limit is known
	LaterCycles       int
	Truncated         bool // the log begins above the line: the true crossing came earlier
	Source            event.Pos
	RecoveredAt       time.Duration // end of a stay that ended; zero for the last
}

// Onset is when the growth began that killed the process.
type Onset struct {
	Index     int
	Cycle     int64
	At        time.Duration
	Low, High time.Duration // interval of the onset
	Live      unit.Bytes
	Level     unit.Bytes // level of the plateau before
	Scatter   unit.Bytes // one sigma around that level
	Source    event.Pos
}

// Jump is a sudden rise of the live heap from one level to another.
type Jump struct {
	At       time.Duration
	From, To unit.Bytes
}

// Growth is how the heap grew from the onset to the end.
type Growth struct {
	PerSecond float64 // bytes
	Low, High float64
	Shape     string // linear, accelerating, steps
	R2        float64
	From, To  unit.Bytes
	Swing     unit.Bytes // second largest swing that did recover
	// FromInflection is the line from the inflection to the end; nil without one, or where the cycles from it on make no line.
	FromInflection *Line
}

// Line is the least-squares straight line through the live heap of some cycles.
type Line struct {
	PerSecond float64 // bytes
	R2        float64
	Cycles    int
}

// Forecast is the death as it could have been told at the inflection, from the cycles before it only.
type Forecast struct {
	MadeAt, Death, Low, High time.Duration
}

// Phase is a straight piece of the no-return floor.
type Phase struct {
	First, Last int // cycle indexes
	From, To    unit.Bytes
	Rise        bool
}

// Prepared is the series that was judged: indexes of the run's cycles and the live heap as prepared.
type Prepared struct {
	First, Last int          // cycles of the run that were looked at: Last is before a release after the death
	Live        []unit.Bytes // of the cycles from First to Last, without the garbage that collections of a part of the heap leave; nil where each shows the live heap itself
}
