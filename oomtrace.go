// Package oomtrace explains out-of-memory crashes from the logs they leave behind. Analyze is the whole pipeline as one
// call: bytes become events, events become runs on one clock, runs become a finding, the finding becomes a report.
// The package reads no clock and no environment: the same inputs and options give the same report.
package oomtrace

import (
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"time"

	"oomtrace/inflection"
	"oomtrace/parser"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/timeline"
)

// Input is one stream of an incident. Open starts it at its beginning; the caller of Open closes what it returns.
type Input struct {
	Name     string
	Open     func() (io.ReadCloser, error)
	Once     bool      // Open works a single time, as for a pipe: the report then shows no raw lines of it
	Modified time.Time // of the file; only its year is used, where a log names none. Zero is unknown.
}

// Options say what the logs may not. The zero value is usable.
type Options struct {
	Limit    unit.Size         // memory limit of the process that died
	Env      map[string]string // its environment
	Start    time.Time         // wall time of the first line, where the log has no wall clock
	LogZone  *time.Location    // of time stamps that name no zone; nil is UTC, and noted
	Profiles []Input           // heap profiles, in any order; those among the inputs count too
	Fraction float64           // of the ceiling that must not be crossed for good; 0 is 0.70

	Service string         // name in the report; empty takes the log's own
	Zone    *time.Location // for display; nil is UTC
	Redact  bool           // leave out raw lines and messages, and the names of files, hosts, containers and processes
	Version string         // of the program, for the report
	Command []string       // the command line, for the report
}

// Analyze explains one incident. Inputs may come in any order and mix, heap profiles among them. An input that breaks is reported in the error
// and spoils nothing: the model then holds what was read. The model is nil only if ctx ended.
func Analyze(ctx context.Context, inputs []Input, o Options) (*report.Model, error) {
	inputs, profiles := apart(until(ctx, inputs))
	builder := timeline.New(timeline.Options{Limit: o.Limit, Env: o.Env, Start: o.Start})
	sources, broken := readAll(inputs, parser.Reader{Hash: true, Zone: o.LogZone}, func(ev event.Event) error {
		builder.Add(ev)
		return nil
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	tl := builder.Build()
	settings := inflection.Default()
	if o.Fraction > 0 {
		settings.Fraction = o.Fraction
	}
	finding := inflection.Judge(tl, settings)
	in := report.Input{
		Timeline: tl, Finding: finding, Sources: sources, Service: o.Service, Zone: o.Zone,
		Version: o.Version, Command: o.Command, Fraction: settings.Fraction, Redact: o.Redact,
	}
	unread := addSuspects(&in, slices.Concat(until(ctx, o.Profiles), profiles))
	if !o.Redact {
		in.Lines = excerpts(inputs, report.Wanted(in))
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return report.New(in), errors.Join(broken, unread)
}

// Read hands every event of the inputs to each, in the order of the input, judging nothing. It ends with the first error
// of each, or with ctx; an input that breaks is reported in the error and does not keep the others from being read.
func Read(ctx context.Context, inputs []Input, each func(event.Event) error) error {
	_, err := readAll(until(ctx, inputs), parser.Reader{}, each)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// until returns the inputs with streams that end when ctx does. Events are no place to look at it: a log may have none.
func until(ctx context.Context, inputs []Input) []Input {
	out := slices.Clone(inputs)
	for i, in := range inputs {
		out[i].Open = func() (io.ReadCloser, error) {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			r, err := in.Open()
			if err != nil {
				return nil, err
			}
			return &bounded{r, ctx}, nil
		}
	}
	return out
}

// bounded is a stream that breaks when its context ends.
type bounded struct {
	io.ReadCloser
	ctx context.Context
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.ctx.Err() != nil {
		return 0, b.ctx.Err()
	}
	return b.ReadCloser.Read(p)
}

// readAll reads the inputs one after the other, each with a copy of the reader.
func readAll(inputs []Input, reader parser.Reader, each func(event.Event) error) ([]report.Source, error) {
	var sources []report.Source
	var broken []error
	reader.Year = yearOf(inputs)
	for _, in := range inputs {
		source, err, refused := readOne(in, reader, each)
		sources = append(sources, source)
		if refused != nil {
			return sources, errors.Join(append(broken, refused)...)
		}
		if err != nil {
			broken = append(broken, err)
		}
	}
	return sources, errors.Join(broken...)
}

// readOne reads an input to its end. The first error is the input's, the second one the receiver's.
func readOne(in Input, reader parser.Reader, each func(event.Event) error) (s report.Source, broken, refused error) {
	s.File = in.Name
	r, err := in.Open()
	if err != nil {
		s.Note, s.Ignored = report.Unreadable, true
		return s, err, nil
	}
	defer func() { broken = errors.Join(broken, r.Close()) }()
	var stats parser.Stats
	reader.Name, reader.Stats = in.Name, &stats
	for ev, err := range reader.Events(r) {
		if err != nil {
			broken = err
			break
		}
		if refused = each(ev); refused != nil {
			return s, nil, refused
		}
	}
	return source(in.Name, stats), broken, nil
}

// source is what the report says about an input.
func source(name string, s parser.Stats) report.Source {
	out := report.Source{
		File: name, Bytes: s.Bytes, SHA256: s.SHA256, Lines: s.Lines, Envelope: s.Envelope,
		Understood: s.Understood, Other: s.Other, Damaged: s.Damaged, First: s.First, Notes: s.Notes,
	}
	for _, d := range s.Dialects {
		out.Dialects = append(out.Dialects, report.Dialect{Name: d.Name, Title: title(d.Name), Records: d.Records})
	}
	for _, p := range s.Problems {
		out.Problems = append(out.Problems, report.Problem{Line: p.Line, Dialect: p.Dialect, Message: p.Message})
	}
	out.Ignored = s.Understood == 0 && len(s.Dialects) == 0 &&
		!slices.ContainsFunc(s.Problems, func(p parser.Problem) bool { return p.Dialect != parser.ReaderName })
	switch {
	case s.Bytes == 0:
		out.Note = report.Empty
	case s.Truncated:
		out.Note = report.CutShort
	case s.Binary:
		out.Note = report.Binary
	}
	return out
}

func title(dialect string) string {
	for _, d := range parser.Dialects() {
		if d.Name == dialect {
			return d.Title
		}
	}
	return ""
}

// linesForYear is how far into each input a year is looked for.
const linesForYear = 200

var dated = regexp.MustCompile(`\b((?:19|20)\d\d)-(?:0[1-9]|1[0-2])-[0-3]\d[T ]|\b[A-Z][a-z]{2} [ 0-3]\d \d\d:\d\d:\d\d ((?:19|20)\d\d)\b`)

// yearOf returns the year for time stamps that name none: the first one that any input names, else that of the oldest
// input's last change, else 0.
func yearOf(inputs []Input) int {
	numbers := make([]int, linesForYear)
	for i := range numbers {
		numbers[i] = i + 1
	}
	for _, in := range inputs {
		lines := excerpt(in, numbers)
		for _, n := range numbers {
			if m := dated.FindStringSubmatch(lines[n]); m != nil {
				year, err := strconv.Atoi(m[1] + m[2])
				if err == nil {
					return year
				}
			}
		}
	}
	oldest := time.Time{}
	for _, in := range inputs {
		if !in.Modified.IsZero() && (oldest.IsZero() || in.Modified.Before(oldest)) {
			oldest = in.Modified
		}
	}
	if oldest.IsZero() {
		return 0
	}
	return oldest.UTC().Year()
}

// excerpts returns the raw text of lines.
func excerpts(inputs []Input, wanted []event.Pos) map[event.Pos]string {
	found := map[event.Pos]string{}
	for _, in := range inputs {
		var numbers []int
		for _, pos := range wanted {
			if pos.File == in.Name && !slices.Contains(numbers, pos.Line) {
				numbers = append(numbers, pos.Line)
			}
		}
		for n, text := range excerpt(in, numbers) {
			found[event.Pos{File: in.Name, Line: n}] = text
		}
	}
	return found
}

// excerpt returns lines of an input, none where it cannot be read: the reading itself has already said so.
func excerpt(in Input, numbers []int) map[int]string {
	if len(numbers) == 0 || in.Once {
		return nil
	}
	r, err := in.Open()
	if err != nil {
		return nil
	}
	defer func() { _ = r.Close() }()
	return parser.Excerpt(r, numbers)
}
