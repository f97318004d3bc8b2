// Package report turns a judged timeline into a Model: every number, sentence, tick and row of the report, decided once.
// The writers in its sub-packages (terminal, json, markdown, csv, html, picture) take the same *Model and only lay it out,
// so they cannot disagree. The package opens no file, reads no clock and uses no randomness.
//
// Every string in a Model but those of Events and Series, which are as the logs have them, went through [Clean]: control characters, escape sequences and bidirectional overrides that a
// log may hold are visible text. What a format needs beyond that (HTML, Markdown) is the work of its writer; a [Text]
// says which of its parts came out of a log.
package report

import (
	"time"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// Schema names the JSON document that a Model becomes.
const Schema = "oomtrace/1"

// Input is what a Model is made of.
type Input struct {
	Timeline *timeline.Timeline
	Finding  *inflection.Finding
	Sources  []Source
	Suspects []Suspect
	Profiles []string             // names of the heap profiles that the suspects come from, oldest first
	Notes    []string             // what the reading of profiles assumed or left out
	Lines    map[event.Pos]string // raw text of the lines that Wanted names; nil leaves raw text out
	Service  string               // name in the report; empty takes the log's own
	Zone     *time.Location       // for display; nil is UTC
	Version  string               // of the tool
	Command  []string             // the command line, for the provenance; may be empty
	Fraction float64              // the line that must not be crossed for good; 0 is 0.70
	Redact   bool                 // leave out raw log lines and names; a note in the report says which
}

// Model is the whole report. Its JSON is stable and is what the tests compare; the document for users is written by report/json.
type Model struct {
	Schema     string
	Version    string
	Folder     string         // the directory that all inputs share, with its slash: only Inputs, Profiles and the command line show it
	Words      timeline.Words // what the run that the report is about is called in it
	Service    string         // name of the program in sentences; "The process" where nothing names it
	Title      string         // of a page or a mail: "checkout-api OOM-killed 2026-11-12 09:33 UTC"
	Verdict    Verdict
	Facts      []Fact   // always six
	Aside      bool     // the heap plays no part in the verdict: what was found of it stands in Runs, but is not told
	Summary    []Row    // the lines under the terminal's chart and the rows of the Markdown table
	Lives      []RunRow `json:",omitempty"` // the table of runs, where there are several
	Closing    Text     // confidence, what is missing and what was left out, one paragraph
	Sure       Text     // the same without what is missing, where a page lists that
	Hints      []string
	Limit      *Limit
	Crash      Crash
	Runs       []Run
	Chart      Chart
	Rates      []Rate
	Evidence   Evidence
	Accounts   []Account // what other logs say
	Suspects   []Suspect
	Profiles   []string // as the user named them
	Inputs     []Source // as the user named them
	Notes      []Note   // assumptions, contradictions, ties of clocks
	Provenance Provenance
	Events     []event.Event   `json:"-"` // not collections; as the logs have them, not cleaned
	Series     []*timeline.Run `json:"-"` // every collection of each of Runs, for tables of all of them
	Files      []string        `json:"-"` // names of the files that Cycle.File indexes, as positions have them
}

// Verdict is the answer, in words.
type Verdict struct {
	Kind        inflection.Kind
	Name        string // "Go heap leak"
	Detail      string
	Confidence  inflection.Confidence
	Crash       bool   // a death for want of memory, seen or presumed
	Kicker      string // "Go heap leak · confidence high"
	Sentence    Text   // what died, when, how long after recovery ended
	Second      Text   // threshold, count, rate
	Advice      []Text // most useful first
	Also        []inflection.Kind
	Evidence    []Claim
	Missing     []string
	WouldChange []string
}

// Claim is one reason of the verdict and the line that proves it; the zero Source means that no single line does.
type Claim struct {
	Text   string
	Source event.Pos
}

// Fact is one of the six figures at the head of the report.
type Fact struct {
	Label string // "Lead time"
	Value string // "22 min 09 s"; an en dash where there is none
	Note  string // "inflection to kill"
	Hot   bool   // the inflection
	Dim   bool   // too weak to rely on: a rate with r² below 0.5
}

// Row is one labelled line of the summary.
type Row struct {
	Label string // lower case, one or two words
	Text  Text
	Hot   bool
	Dim   bool
}

// Limit is the bound in force.
type Limit struct {
	Bytes       unit.Bytes
	Text        string // "4 GiB"
	From        string
	Source      event.Pos
	ConfirmedBy event.Pos
}

// Stamp is a calendar time in UTC with the resolution of its log. The zero Stamp is unknown.
type Stamp struct {
	Time time.Time
	Step time.Duration // 0 is unknown
}

// Crash is what ended the incident.
type Crash struct {
	Kind        timeline.DeathKind
	Seen        bool // some witness saw a memory death
	Time        Stamp
	Seconds     *float64 // on the clock of the primary run
	Text        string   // "09:33:06 UTC"; empty where no clock tells
	PID         int
	Name        string
	Cgroup      string
	ContainerID string
	PodUID      string
	RSS         unit.Size
	Kills       int
	Source      event.Pos
}

// Run is one life of one process.
type Run struct {
	Index         int
	Primary       bool
	Runtime       string
	Collector     event.Collector
	Version       string
	PID           int
	Name          string // of the stream: pod/container, unit or host; empty if the file has one writer
	Cycles        int
	Mended        int
	Clock         timeline.Clock
	Start         Stamp
	First, Last   float64 // seconds on the run's clock
	Live          inflection.Live
	Ceiling       *Ceiling
	Inflection    *Crossing
	LimitCrossing *Crossing
	Recovered     []Crossing
	OldGeneration *OldGeneration
	Onset         *Onset
	Growth        *Growth
	Forecast      *Forecast
	Warnings      []Warning // of the primary run
	NoWarning     string    `json:",omitempty"` // the same in one sentence, where none of them would have rung in time
	WhatIf        *WhatIf   // of the primary run
	WhyNone       string
	Basis         timeline.Basis `json:",omitempty"` // what the level rests on, where it is readings and no collections
	Read          string         `json:",omitempty"` // the value that was read for it
	Tracks        []Track        `json:",omitempty"`
}

// Ceiling is the live heap that a run could hold.
type Ceiling struct {
	Bytes unit.Bytes
	Basis string
}

// OldGeneration is the part of a heap that is full before the whole is. FractionOfCeiling of its Inflection is of Capacity.
type OldGeneration struct {
	Capacity, First, Last, Max unit.Bytes
	Inflection                 *Crossing
	Source                     event.Pos // the last collection that shows it
}

// Crossing is the first cycle of a stay above the line.
type Crossing struct {
	Cycle             int64
	Seconds           float64
	Time              Stamp
	Text              string // on the report's clock
	Live              unit.Bytes
	FractionOfCeiling *float64
	FractionOfLimit   *float64
	LaterCycles       int
	Truncated         bool
	RecoveredSeconds  *float64
	Source            event.Pos
}

// Onset is when the fatal growth began.
type Onset struct {
	Cycle              int64
	Seconds, Low, High float64
	Time               Stamp
	Text               string
	Live               unit.Bytes
	Level, Scatter     unit.Bytes
	Source             event.Pos
}

// Growth is the rate from the onset to the end.
type Growth struct {
	PerSecond, Low, High float64 // bytes
	Shape                string
	R2                   *float64
	Text                 string // "+40 MiB/min"
	Dim                  bool   // r² below 0.5
	Cycles               int
}

// Forecast is the death as it could have been told at the inflection.
type Forecast struct {
	MadeAt, Death, Low, High float64 // seconds on the run's clock
	Text                     string  // "09:41"
	Range                    string  // its interval: "09:31 to 10:02"
	Error                    Text    // how it compares with what happened; empty where nothing did
}

// Warning is a standard alarm rule and what it would have done in a run.
type Warning struct {
	ID        string
	Rule      string // "live > 70 % of ceiling for 10 min"
	Level     unit.Bytes
	Hold      time.Duration
	Rang      bool     // in time; Seconds, Lead, When and Text are of that warning
	Seconds   float64  // when it rings, on the run's clock
	Lead      float64  // seconds from then to the death
	When      string   // "09:20:56"
	Text      string   // the lead: "12 min 05 s"
	False     int      // alarms before, that nothing came of
	LastFalse *float64 // when the last of them began
	LastText  string
}

// WhatIf is what other settings would have made of a run: the row of what was comes first.
type WhatIf struct {
	Rows        []Setting
	Head        string // of the column of FitsText: "Live heap that fits"
	Assumptions string // one sentence
}

// Setting is a row of that table.
type Setting struct {
	Setting  string // "GOMEMLIMIT=1843MiB"
	Fits     unit.Bytes
	FitsText string // how much fits with it: "1.80 GiB"
	Unseen   bool   // nobody saw the end, which is that of the log
	Died     bool
	Seconds  *float64 // of the death, on the run's clock; nil where nobody died
	Low      *float64
	High     *float64
	Outcome  string // "survived the log", "died 2 h 10 min later (1 h 50 min to 2 h 30 min)"
	Advised  bool
	Note     string
}

// Rate is a row of the table of growth rates.
type Rate struct {
	Window string // "whole climb, from 08:02"
	Text   string
	R2     *float64
	Cycles int
	Hot    bool
	Dim    bool
}

// Axis says what a chart counts on its horizontal axis.
type Axis string

// The axes.
const (
	AxisWall    Axis = "wall"    // Chart.Zero plus seconds, shown in Chart.Zone
	AxisProcess Axis = "process" // seconds since the process started, or since the first event
	AxisTMinus  Axis = "t-minus" // seconds before Chart.End
	AxisCycles  Axis = "cycles"  // the log has no clock: the number of the collection
)

// Chart describes the picture without drawing it. All At are seconds on the clock of the primary run (earlier runs may be
// negative), whatever the axis shows.
type Chart struct {
	Axis        Axis
	AxisLabel   string         // "UTC", "time since start", "before the kill", "collection"
	Zero        time.Time      // wall time at second 0, in UTC; the zero time where no wall clock is known
	Zone        *time.Location `json:"-"`
	From, To    float64
	End         float64 // the death, or the last cycle
	instant     bool    // the logs show one moment only: the other end of the axis is made up, and has no label
	FromText    string  // From and To in few characters, for a narrow axis: "02:10", "T−1:22:05"
	ToText      string
	Level       string // what the line of the plot is: "live heap", "working set", "class metadata"
	Top         unit.Bytes
	Scale       Scale
	YTicks      []YTick
	XTicks      []XTick
	Laid        bool // runs without a common clock are laid end to end
	Runs        []Series
	Resident    []Reading  // what the system counted for the process, in bytes, where a log tells
	Killed      unit.Bytes `json:",omitempty"` // resident memory at the death, even where no line ties that to the axis; 0 is unknown
	RSS         string     `json:",omitempty"` // names what of it is known: "RSS 129 MiB at the end"; empty where the heap is the story
	Lines       []Line
	Holders     []Holder `json:",omitempty"` // what was counted at the death, where there is no collection
	Spans       []Span
	Moments     []Moment
	Voices      []Voice // when the other witnesses spoke, from top to bottom
	Lanes       []Lane  // plots of their own below the heap, from top to bottom
	Caption     string
	Description string // the story in one paragraph, for screen readers
}

// Empty reports whether there is nothing to draw.
func (c *Chart) Empty() bool { return len(c.Runs) == 0 && len(c.Holders) == 0 && len(c.Voices) == 0 }

// Scale is the one unit of a table or an axis.
type Scale struct {
	Unit unit.Bytes
	Name string // "GiB"
}

// YTick is a labelled place of the vertical axis.
type YTick struct {
	Bytes unit.Bytes
	Label string
}

// Series is the reduced series of one run.
type Series struct {
	Run     int // index in Model.Runs
	Primary bool
	Other   bool    // of another process than the primary run, not an earlier life of it
	Offset  float64 // seconds to add to the run's clock to get At
	Cycles  int     // before the reduction
	Points  []Point
}

// Point is one collection.
type Point struct {
	At    float64
	Live  unit.Bytes
	Peak  unit.Bytes
	Goal  unit.Bytes // 0 where the log has none
	Pause float64    // seconds
	Line  int
	File  int `json:",omitempty"` // index in Model.Files
	Cycle int64
}

// Reading is one value at a moment.
type Reading struct {
	At, V float64
}

// Measure is what the values of a lane are.
type Measure string

// The measures.
const (
	MeasureBytes   Measure = "bytes"
	MeasureShare   Measure = "shares" // 0 to 1
	MeasureSeconds Measure = "seconds"
	MeasureCount   Measure = "count"
)

// LaneKind tells the plots below the heap apart.
type LaneKind string

// The lanes.
const (
	LaneOld        LaneKind = "old-generation"
	LaneBeside     LaneKind = "beside-heap" // class metadata of a JVM, stacks of a Go program
	LaneGoroutines LaneKind = "goroutines"
	LaneCollector  LaneKind = "gc-share" // of the time, or of the CPU, that collections took
	LanePause      LaneKind = "pause"
)

// Lane is a plot of its own below the heap, with the same horizontal axis.
type Lane struct {
	Kind   LaneKind
	Title  string // "old generation"
	Of     Measure
	Top    float64
	Ticks  []LaneTick
	Lines  []LaneLine
	Curves [][]Reading // one a run
	Bars   bool        // values are drawn as upright strokes
	Last   string      // names the last value, or the worst: "44 MiB", "worst 38 ms"
	LastAt float64     // its value
	Mark   *Reading    // from where on the values stayed above the threshold line
}

// LaneTick is a labelled place of a lane's vertical axis.
type LaneTick struct {
	V     float64
	Label string
}

// LaneLine is a horizontal line of a lane.
type LaneLine struct {
	Kind  LineKind
	V     float64
	Label string
}

// LineKind tells the horizontal lines apart.
type LineKind string

// The horizontal lines.
const (
	LineLimit     LineKind = "limit"
	LineCeiling   LineKind = "ceiling"
	LineLast      LineKind = "last level" // of the live heap, where nothing tells what fits
	LineThreshold LineKind = "threshold"
)

// Line is a horizontal line.
type Line struct {
	Kind  LineKind
	Bytes unit.Bytes
	Label string // "limit 4 GiB", "70 % = 2.80 GiB"
	Short string // "4 GiB", "70 %": for a narrow axis
}

// Span is a shaded stretch.
type Span struct {
	Kind     string // no-recovery
	From, To float64
	Label    string // "864 cycles, no recovery"
}

// MomentKind tells the vertical marks apart.
type MomentKind string

// The vertical marks.
const (
	MomentRestart    MomentKind = "restart"
	MomentOnset      MomentKind = "onset"
	MomentInflection MomentKind = "inflection"
	MomentLimit      MomentKind = "limit-crossing"
	MomentRecovered  MomentKind = "recovered"
	MomentKill       MomentKind = "kill" // the end of the incident, whatever it was
	MomentForecast   MomentKind = "forecast"
	MomentEvent      MomentKind = "event" // another event with a clock: an earlier kill, a dump
)

// Moment is a vertical mark.
type Moment struct {
	Kind   MomentKind
	At     float64
	Live   unit.Bytes // height of its dot; 0 for none
	Label  string     // "inflection"
	Text   string     // "09:10:56"
	Source event.Pos
}

// Evidence is the table of cycles around the inflection (or the onset, or the end where there is neither).
type Evidence struct {
	Title   string
	Caption string
	Scale   Scale
	Level   string   // head of the column of Live: "Live after", "Working set"
	Of      LineKind // what Fraction is a fraction of; empty where it is of nothing
	Rows    []EvidenceRow
}

// EvidenceRow is one row of that table. Kind is cycle, gap or event. A gap has only a Note and the Source of
// its lowest cycle; an event has no numbers.
type EvidenceRow struct {
	Kind     string
	Source   event.Pos
	Time     string
	Cycle    string
	Live     string // in the table's scale
	Delta    string
	Fraction *float64
	Percent  string // "70.1 %"
	Peak     string // empty, as the two below, where the log has none
	Goal     string
	Pause    string // milliseconds
	Note     string
	Raw      string // the line itself; empty unless Input.Lines has it
	Hot      bool
}

// Witness is an event, of whatever log, that tells of an end.
type Witness struct {
	Kind   string // oom-kill, runtime-oom, process-end, dump, container-status, container-event
	Time   string
	Text   string // one clause
	Raw    string // the line itself, if known
	Source event.Pos
}

// Suspect is an allocation site that grew.
type Suspect struct {
	Function   string
	File       string
	Line       int
	Growth     unit.Bytes
	GrowthLow  unit.Size
	GrowthHigh unit.Size
	Share      float64 // of the growth of all sites
	Base, Last unit.Bytes
	Objects    int64
	New        bool // not in the first profile
	Stack      []string
}

// Source is one input and what was read of it.
type Source struct {
	File       string
	Bytes      int64
	SHA256     string // hexadecimal; empty is unknown
	Lines      int
	Envelope   string
	Dialects   []Dialect
	Understood int
	Other      int
	Damaged    int
	Problems   []Problem // may be fewer than Damaged: the first ones
	Ignored    bool      // nothing of it was understood, nor meant for a dialect
	Note       string    // Unreadable, Empty, CutShort, Binary, or nothing to say
	Notes      []string  // how it was unpacked and decoded, what was assumed
	First      string    // beginning of the first line
}

// What a Source may be.
const (
	Unreadable = "unreadable" // it could not be opened, or it is a damaged heap profile
	Empty      = "empty"
	CutShort   = "cut short" // its packing breaks off; what came before was read
	Binary     = "binary"
)

// Dialect is a dialect that was met in an input.
type Dialect struct {
	Name    string
	Title   string
	Records int
}

// Problem is a line that a dialect claimed and could not read.
type Problem struct {
	Line    int
	Dialect string
	Message string
	Text    string // the beginning of the line
}

// Note is something that the report must say.
type Note struct {
	Text   string
	Source event.Pos
}

// Provenance says how the report came to be.
type Provenance struct {
	Command string
	Limit   string
	Clock   string
	Tool    string
	Redact  bool
}
