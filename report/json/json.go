// Package json writes a report as the JSON document of schema oomtrace/1: one object, keys in a fixed order, names with
// their unit, times in UTC with the precision of the log, and null for what is not known. Text is escaped so that the
// document is harmless inside HTML.
package json

import (
	"encoding/json"
	"io"
	"math"
	"time"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/report"
)

// Write prints the document, indented and with a line end. It fails where w does, or where an event has no JSON.
func Write(w io.Writer, m *report.Model) error {
	n := names{m}
	d := document{
		Schema: m.Schema, Tool: tool{m.Version}, Verdict: n.verdict(&m.Verdict), Limit: n.limit(m.Limit), Crash: n.crash(&m.Crash),
		Runs: each(m.Runs, n.run), Suspects: each(m.Suspects, suspectOf), Goroutines: []struct{}{},
		Inputs: each(m.Inputs, inputOf), Notes: each(m.Notes, n.note), Events: []json.RawMessage{},
	}
	for _, ev := range m.Events {
		text, err := event.AppendJSON(nil, ev)
		if err != nil {
			return err
		}
		d.Events = append(d.Events, text)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(d)
}

type document struct {
	Schema     string            `json:"schema"`
	Tool       tool              `json:"tool"`
	Verdict    verdict           `json:"verdict"`
	Limit      *limit            `json:"limit"`
	Crash      crash             `json:"crash"`
	Runs       []run             `json:"runs"`
	Events     []json.RawMessage `json:"events"`
	Suspects   []suspect         `json:"suspects"`
	Goroutines []struct{}        `json:"goroutines"`
	Inputs     []input           `json:"inputs"`
	Notes      []note            `json:"notes"`
}

type tool struct {
	Version string `json:"version"`
}

type source struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

type verdict struct {
	Kind        inflection.Kind        `json:"kind"`
	Detail      *string                `json:"detail"`
	Confidence  *inflection.Confidence `json:"confidence"`
	Sentence    string                 `json:"sentence"`
	Also        []inflection.Kind      `json:"also"`
	Evidence    []claim                `json:"evidence"`
	Missing     []string               `json:"missing"`
	Advice      []string               `json:"advice"`
	WouldChange []string               `json:"would_change"`
}

type claim struct {
	Claim  string  `json:"claim"`
	Source *source `json:"source"`
}

type note struct {
	Text   string  `json:"text"`
	Source *source `json:"source"`
}

type limit struct {
	Bytes       unit.Bytes `json:"bytes"`
	From        *string    `json:"from"`
	Source      *source    `json:"source"`
	ConfirmedBy *source    `json:"confirmed_by"`
}

type crash struct {
	Kind        string    `json:"kind"`
	Time        *string   `json:"time"`
	Seconds     *float64  `json:"process_seconds"`
	PID         *int      `json:"pid"`
	Name        *string   `json:"name"`
	Cgroup      *string   `json:"cgroup"`
	ContainerID *string   `json:"container_id"`
	PodUID      *string   `json:"pod_uid"`
	RSS         unit.Size `json:"rss_bytes"`
	Source      *source   `json:"source"`
}

type run struct {
	Index         int        `json:"index"`
	Primary       bool       `json:"primary"`
	Runtime       *string    `json:"runtime"`
	Version       *string    `json:"version"`
	PID           *int       `json:"pid"`
	Cycles        int        `json:"cycles"`
	Start         *string    `json:"start_time"`
	First         *float64   `json:"first_seconds"`
	Last          *float64   `json:"last_seconds"`
	Live          *live      `json:"live"`
	Ceiling       *ceiling   `json:"ceiling"`
	Inflection    *crossing  `json:"inflection"`
	LimitCrossing *crossing  `json:"limit_crossing"`
	Recovered     []crossing `json:"recovered_crossings"`
	Old           *old       `json:"old_generation"`
	Onset         *onset     `json:"onset"`
	Growth        *growth    `json:"growth"`
	Forecast      *forecast  `json:"forecast"`
	Missed        []warning  `json:"missed_warnings"`
	Basis         *string    `json:"basis"`
	Read          *string    `json:"read"`
	Series        []track    `json:"series"`
	WhatIf        *whatIf    `json:"what_if"`
}

// track is one amount that was read of the process, in the unit that its name ends with.
type track struct {
	Name  string   `json:"name"`
	Count int      `json:"count"`
	First *float64 `json:"first"`
	Last  *float64 `json:"last"`
	Max   *float64 `json:"max"`
	MaxAt *source  `json:"max_source"`
}

type live struct {
	First unit.Bytes `json:"first_bytes"`
	Last  unit.Bytes `json:"last_bytes"`
	Max   unit.Bytes `json:"max_bytes"`
	Step  *int64     `json:"step_bytes"`
}

type ceiling struct {
	Bytes unit.Bytes `json:"bytes"`
	Basis *string    `json:"basis"`
}

type crossing struct {
	Cycle     int64      `json:"cycle"`
	Seconds   *float64   `json:"process_seconds"`
	Time      *string    `json:"time"`
	Live      unit.Bytes `json:"live_bytes"`
	OfCeiling *float64   `json:"fraction_of_ceiling"`
	OfLimit   *float64   `json:"fraction_of_limit"`
	Later     int        `json:"later_cycles"`
	Source    *source    `json:"source"`
}

type old struct {
	Capacity   unit.Bytes `json:"capacity_bytes"`
	First      unit.Bytes `json:"first_bytes"`
	Last       unit.Bytes `json:"last_bytes"`
	Max        unit.Bytes `json:"max_bytes"`
	Inflection *crossing  `json:"inflection"`
	Source     *source    `json:"source"`
}

type onset struct {
	Cycle   int64      `json:"cycle"`
	Seconds *float64   `json:"process_seconds"`
	Low     *float64   `json:"low_seconds"`
	High    *float64   `json:"high_seconds"`
	Time    *string    `json:"time"`
	Live    unit.Bytes `json:"live_bytes"`
	Source  *source    `json:"source"`
}

type growth struct {
	PerSecond *float64 `json:"bytes_per_second"`
	Low       *float64 `json:"low"`
	High      *float64 `json:"high"`
	Shape     *string  `json:"shape"`
	R2        *float64 `json:"r2"`
}

type forecast struct {
	MadeAt *float64 `json:"made_at_seconds"`
	Death  *float64 `json:"death_seconds"`
	Low    *float64 `json:"low_seconds"`
	High   *float64 `json:"high_seconds"`
}

type warning struct {
	Rule      string   `json:"rule"`
	Seconds   *float64 `json:"process_seconds"`
	Lead      *float64 `json:"lead_seconds"`
	ID        string   `json:"id"`
	False     int      `json:"false_alarms"`
	LastFalse *float64 `json:"last_false_alarm_seconds"`
}

type whatIf struct {
	Rows        []setting `json:"rows"`
	Assumptions string    `json:"assumptions"`
}

type setting struct {
	Setting string     `json:"setting"`
	Ceiling unit.Bytes `json:"ceiling_bytes"`
	Outcome string     `json:"outcome"`
	Seconds *float64   `json:"process_seconds"`
	Low     *float64   `json:"low_seconds"`
	High    *float64   `json:"high_seconds"`
	Advised bool       `json:"advised"`
	Note    *string    `json:"note"`
}

type suspect struct {
	Function   string     `json:"function"`
	File       *string    `json:"file"`
	Line       *int       `json:"line"`
	Growth     unit.Bytes `json:"growth_bytes"`
	GrowthLow  unit.Size  `json:"growth_low"`
	GrowthHigh unit.Size  `json:"growth_high"`
	Share      *float64   `json:"share"`
	Base       unit.Bytes `json:"base_bytes"`
	Last       unit.Bytes `json:"last_bytes"`
	Objects    int64      `json:"objects"`
	Stack      []string   `json:"stack"`
}

type input struct {
	File       string    `json:"file"`
	Bytes      int64     `json:"bytes"`
	SHA256     *string   `json:"sha256"`
	Lines      int       `json:"lines"`
	Envelope   *string   `json:"envelope"`
	Dialects   []dialect `json:"dialects"`
	Understood int       `json:"understood"`
	Other      int       `json:"other"`
	Damaged    int       `json:"damaged"`
	Problems   []problem `json:"problems"`
}

type dialect struct {
	Name    string `json:"name"`
	Records int    `json:"records"`
}

type problem struct {
	Line    int     `json:"line"`
	Dialect *string `json:"dialect"`
	Message string  `json:"message"`
}

// each converts a list; the result is never nil, so that JSON has [] and not null.
func each[A, B any](in []A, f func(*A) B) []B {
	out := make([]B, 0, len(in))
	for i := range in {
		out = append(out, f(&in[i]))
	}
	return out
}

// known returns a pointer to a value, or nil for the zero value, which stands for unknown.
func known[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// number returns a pointer to a float, or nil for what JSON cannot say.
func number(f float64) *float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return &f
}

// list keeps an empty list from being null.
func list[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}

// names knows the folder that the positions of the model leave out: machines get the names that the user gave.
type names struct{ m *report.Model }

func (n names) source(p event.Pos) *source {
	if p == (event.Pos{}) {
		return nil
	}
	p = n.m.Full(p)
	return &source{p.File, p.Line}
}

// timeOf prints a time with as many digits as its log has.
func timeOf(s report.Stamp) *string {
	if s.Time.IsZero() {
		return nil
	}
	layout := "2006-01-02T15:04:05Z07:00"
	switch {
	case s.Step <= 0:
		layout = time.RFC3339Nano
	case s.Step < time.Microsecond:
		layout = "2006-01-02T15:04:05.000000000Z07:00"
	case s.Step < time.Millisecond:
		layout = "2006-01-02T15:04:05.000000Z07:00"
	case s.Step < time.Second:
		layout = "2006-01-02T15:04:05.000Z07:00"
	}
	text := s.Time.UTC().Format(layout)
	return &text
}

func (n names) verdict(v *report.Verdict) verdict {
	return verdict{
		Kind: v.Kind, Detail: known(v.Detail), Confidence: known(v.Confidence), Sentence: v.Sentence.String(), Also: list(v.Also),
		Evidence: each(v.Evidence, func(c *report.Claim) claim { return claim{c.Text, n.source(c.Source)} }),
		Missing:  list(v.Missing), Advice: each(v.Advice, func(t *report.Text) string { return t.String() }), WouldChange: list(v.WouldChange),
	}
}

func (n names) note(x *report.Note) note { return note{x.Text, n.source(x.Source)} }

func (n names) limit(l *report.Limit) *limit {
	if l == nil {
		return nil
	}
	return &limit{l.Bytes, known(l.From), n.source(l.Source), n.source(l.ConfirmedBy)}
}

func (n names) crash(c *report.Crash) crash {
	return crash{
		Kind: string(c.Kind), Time: timeOf(c.Time), Seconds: c.Seconds, PID: known(c.PID), Name: known(c.Name), Cgroup: known(c.Cgroup),
		ContainerID: known(c.ContainerID), PodUID: known(c.PodUID), RSS: c.RSS, Source: n.source(c.Source),
	}
}

// missed are the rules that would have rung in time.
func missed(in []report.Warning) []warning {
	out := []warning{}
	for _, w := range in {
		if w.Rang {
			out = append(out, warning{w.Rule, number(w.Seconds), number(w.Lead), w.ID, w.False, w.LastFalse})
		}
	}
	return out
}

func whatIfOf(w *report.WhatIf) *whatIf {
	if w == nil {
		return nil
	}
	return &whatIf{
		Rows: each(w.Rows, func(s *report.Setting) setting {
			outcome := "survived"
			switch {
			case s.Unseen:
				outcome = "log-ends"
			case s.Died:
				outcome = "died"
			}
			return setting{s.Setting, s.Fits, outcome, s.Seconds, s.Low, s.High, s.Advised, known(s.Note)}
		}),
		Assumptions: w.Assumptions,
	}
}

func (n names) run(r *report.Run) run {
	out := run{
		Index: r.Index, Primary: r.Primary, Runtime: known(r.Runtime), Version: known(r.Version), PID: known(r.PID), Cycles: r.Cycles,
		Start: timeOf(r.Start), Inflection: n.crossing(r.Inflection), LimitCrossing: n.crossing(r.LimitCrossing),
		Recovered: each(r.Recovered, func(c *report.Crossing) crossing { return *n.crossing(c) }),
		Missed:    missed(r.Warnings), WhatIf: whatIfOf(r.WhatIf),
	}
	out.Basis, out.Read = known(string(r.Basis)), known(r.Read)
	out.Series = each(r.Tracks, func(t *report.Track) track {
		return track{t.Name, t.Count, number(t.First), number(t.Last), number(t.Max), n.source(t.Source)}
	})
	if r.Cycles > 0 {
		out.First, out.Last = number(r.First), number(r.Last)
		out.Live = &live{r.Live.First, r.Live.Last, r.Live.Max, known(int64(r.Live.Step))}
	}
	if c := r.Ceiling; c != nil {
		out.Ceiling = &ceiling{c.Bytes, known(c.Basis)}
	}
	if g := r.OldGeneration; g != nil {
		out.Old = &old{g.Capacity, g.First, g.Last, g.Max, n.crossing(g.Inflection), n.source(g.Source)}
	}
	if o := r.Onset; o != nil {
		out.Onset = &onset{o.Cycle, number(o.Seconds), number(o.Low), number(o.High), timeOf(o.Time), o.Live, n.source(o.Source)}
	}
	if g := r.Growth; g != nil {
		out.Growth = &growth{number(g.PerSecond), number(g.Low), number(g.High), known(g.Shape), g.R2}
	}
	if f := r.Forecast; f != nil {
		out.Forecast = &forecast{number(f.MadeAt), number(f.Death), number(f.Low), number(f.High)}
	}
	return out
}

func (n names) crossing(c *report.Crossing) *crossing {
	if c == nil {
		return nil
	}
	return &crossing{c.Cycle, number(c.Seconds), timeOf(c.Time), c.Live, c.FractionOfCeiling, c.FractionOfLimit, c.LaterCycles, n.source(c.Source)}
}

func suspectOf(s *report.Suspect) suspect {
	return suspect{
		s.Function, known(s.File), known(s.Line), s.Growth, s.GrowthLow, s.GrowthHigh, number(s.Share), s.Base, s.Last, s.Objects, list(s.Stack),
	}
}

func inputOf(s *report.Source) input {
	return input{
		File: s.File, Bytes: s.Bytes, SHA256: known(s.SHA256), Lines: s.Lines, Envelope: known(s.Envelope),
		Dialects:   each(s.Dialects, func(d *report.Dialect) dialect { return dialect{d.Name, d.Records} }),
		Understood: s.Understood, Other: s.Other, Damaged: s.Damaged,
		Problems: each(s.Problems, func(p *report.Problem) problem { return problem{p.Line, known(p.Dialect), p.Message} }),
	}
}
