package report

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// builder holds what several parts of the Model are made from.
type builder struct {
	in    Input
	clock clock
	run   *timeline.Run  // the primary one; nil without cycles
	found inflection.Run // what is told of it
	words timeline.Words // what its level and its points are called
	m     *Model
	hide  *redaction // nil where the report is not redacted
}

// New makes the Model. The timeline and the finding must belong together; neither is changed.
func New(in Input) *Model {
	b := newBuilder(in)
	m, logged := b.m, in.Timeline // the collections as they stand in the logs
	in = b.in
	m.Schema, m.Version, m.Folder = Schema, Clean(in.Version), folder(in)
	m.Words, m.Service = b.words, b.service()
	m.Limit = b.limit(in.Timeline.Limit)
	m.Crash = b.crash()
	m.Runs = b.runs()
	m.Inputs = b.sources()
	m.Suspects = b.suspects()
	m.Profiles = b.names(in.Profiles)
	m.Verdict = b.verdict()
	m.Title = b.title()
	m.Chart = b.chart()
	m.Facts = b.facts()
	m.Lives = b.runRows()
	m.Rates = b.rates()
	m.Summary = b.summary()
	m.Evidence = b.evidence()
	m.Accounts = b.accounts()
	m.Notes = b.notes()
	m.Closing, m.Sure = b.closing(m.Verdict.Missing), b.closing(nil)
	m.Hints = b.hints()
	m.Provenance = b.provenance()
	if logged != nil {
		m.Series = logged.Runs
	}
	for _, name := range in.Timeline.Files {
		m.Files = append(m.Files, b.file(name))
	}
	m.Events = in.Timeline.Events
	if in.Redact {
		b.hide.place()
	}
	return m
}

func newBuilder(in Input) *builder {
	if in.Timeline == nil {
		in.Timeline = &timeline.Timeline{Primary: -1}
	}
	if in.Finding == nil {
		in.Finding = &inflection.Finding{Verdict: inflection.Verdict{Kind: inflection.Undetermined, Confidence: inflection.Low}}
	}
	if in.Fraction == 0 {
		in.Fraction = 0.70
	}
	in = ownLimit(aboutMetadata(in))
	var hide *redaction
	if in.Redact {
		in, hide = redacted(in)
	}
	b := &builder{in: in, clock: newClock(in), words: timeline.FromLog.Words(""), m: &Model{}, hide: hide}
	b.m.Aside = b.aside()
	if r := in.Timeline.PrimaryRun(); r != nil && r.Cycles.Len() > 0 {
		b.run, b.words = r, r.Words()
		b.found = b.told(in.Timeline.Primary)
		b.clock.last = b.lastCycle()
	}
	return b
}

// ownLimit leaves out a limit that is that of another process, so that nothing is told as a share of it.
func ownLimit(in Input) Input {
	if tl := in.Timeline; tl.PrimaryRun() != nil && tl.Primary < len(in.Finding.Runs) && in.Finding.Runs[tl.Primary].OtherLimit {
		about := *tl
		about.Limit, about.Limits = timeline.Limit{}, nil
		in.Timeline = &about
	}
	return in
}

// finding returns what was found in a run; nothing where the finding does not reach.
func (b *builder) finding(i int) inflection.Run {
	if i < 0 || i >= len(b.in.Finding.Runs) {
		return inflection.Run{}
	}
	return b.in.Finding.Runs[i]
}

// pos cleans a position for the report and leaves out the folder of its file.
func (b *builder) pos(p event.Pos) event.Pos {
	if p == (event.Pos{}) {
		return p
	}
	return event.Pos{File: b.file(p.File), Line: p.Line}
}

// file is the name of an input as sentences and positions have it.
func (b *builder) file(name string) string { return b.m.Short(b.name(name)) }

// name is the name of an input as the user gave it, or what stands for it in a redacted report.
func (b *builder) name(name string) string {
	if b.in.Redact {
		return b.hide.file(name)
	}
	return Clean(name)
}

// code is the name of a file of source code, without its folders in a redacted report.
func (b *builder) code(name string) string {
	if b.in.Redact {
		name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	}
	return Clean(name)
}

func (b *builder) names(files []string) []string {
	var out []string
	for _, f := range files {
		out = append(out, b.name(f))
	}
	return out
}

// secret leaves out what a redacted report must not tell.
func (b *builder) secret(s string) string {
	if b.in.Redact {
		return ""
	}
	return Clean(s)
}

// linePos returns where a cycle stands.
func (b *builder) linePos(x *timeline.Cycle) event.Pos {
	if int(x.File) < len(b.in.Timeline.Files) {
		return event.Pos{File: b.in.Timeline.Files[x.File], Line: int(x.Line)}
	}
	return event.Pos{Line: int(x.Line)}
}

// At prints a position as people write it, "gctrace.log:6086"; empty for the zero position.
func At(p event.Pos) string {
	switch {
	case p == (event.Pos{}):
		return ""
	case p.File == "":
		return fmt.Sprintf("line %d", p.Line)
	case p.Line == 0:
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// service names the program: as the user said, or in a report that may tell by the container, the unit, or the name that the kernel knew.
func (b *builder) service() string {
	names := []string{b.in.Service}
	if !b.in.Redact {
		names = append(names, b.toldNames()...)
	}
	return cut(Clean(cmp.Or(append(names, nameless)...)), 80)
}

// toldNames are the names that the logs have for it, some of them empty, the best first.
func (b *builder) toldNames() []string {
	var names []string
	if b.run != nil && b.run.Stream != nil {
		s := b.run.Stream
		names = append(names, s.Container, s.Unit, s.Pod)
	}
	d := b.in.Timeline.Death
	if !d.Child || d.Name == "" {
		names = append(names, strings.TrimPrefix(b.in.Timeline.Workload.Name, "/"))
	}
	return append(names, d.Name)
}

func (b *builder) limit(l timeline.Limit) *Limit {
	size, ok := l.Size.Get()
	if !ok {
		return nil
	}
	return &Limit{Bytes: size, Text: bound(size), From: Clean(l.From), Source: b.pos(l.Source), ConfirmedBy: b.pos(l.ConfirmedBy)}
}

// deathPos is the line that tells of the death.
func (b *builder) deathPos() event.Pos {
	if ev := b.in.Timeline.Death.Event; ev != nil {
		return witnessPos(ev)
	}
	return event.Pos{}
}

func (b *builder) crash() Crash {
	d := b.in.Timeline.Death
	c := Crash{
		Kind: d.Kind, Seen: d.Memory(), Time: eventStamp(d.Time), PID: d.PID, Name: b.secret(d.Name),
		Cgroup: b.secret(d.Cgroup), ContainerID: b.secret(d.ContainerID), PodUID: b.secret(d.PodUID),
		RSS: d.RSS, Kills: d.Kills, Source: b.pos(b.deathPos()), Text: b.clock.eventTime(d.Time),
	}
	if c.Kind == "" {
		c.Kind = timeline.NoDeath
	}
	if b.run != nil && c.Kind != timeline.NoDeath && !b.clock.vague {
		c.Seconds = finite(seconds(b.clock.end))
		c.Text = b.clock.ending()
		if c.Time.Time.IsZero() && b.clock.axis == AxisWall {
			c.Time = stamp(b.run, b.clock.end)
		}
	}
	return c
}

func (b *builder) runs() []Run {
	var out []Run
	for i, r := range b.in.Timeline.Runs {
		out = append(out, b.oneRun(i, r))
	}
	return out
}

func (b *builder) oneRun(i int, r *timeline.Run) Run {
	f := b.finding(i)
	out := Run{
		Index: i, Primary: i == b.in.Timeline.Primary, Runtime: r.Runtime, Collector: r.Collector, Version: Clean(r.Version),
		PID: r.PID, Name: b.streamName(r.Stream), Cycles: r.Cycles.Len(), Mended: r.Mended, Clock: r.Clock, Start: stamp(r, 0),
		Live: f.Live, WhyNone: b.heard(f.WhyNone),
	}
	if n := r.Cycles.Len(); n > 0 {
		out.First, out.Last = seconds(r.Cycles.At(0).At), seconds(r.Cycles.At(n-1).At)
	}
	if c, ok := f.Ceiling.Bytes.Get(); ok {
		out.Ceiling = &Ceiling{c, b.heard(f.Ceiling.Basis)}
	}
	out.Basis, out.Read, out.Tracks = r.Basis, Clean(r.Read), b.tracks(i)
	out.Inflection = b.crossing(r, f.Inflection)
	out.LimitCrossing = b.crossing(r, f.LimitCrossing)
	for k := range f.Recovered {
		out.Recovered = append(out.Recovered, *b.crossing(r, &f.Recovered[k]))
	}
	if g := f.OldGen; g != nil {
		out.OldGeneration = &OldGeneration{g.Capacity, g.First, g.Last, g.Max, b.crossing(r, g.Inflection), b.pos(g.Source)}
	}
	if o := f.Onset; o != nil {
		out.Onset = &Onset{
			Cycle: o.Cycle, Seconds: seconds(o.At), Low: seconds(o.Low), High: seconds(o.High), Time: stamp(r, o.At),
			Text: b.runTime(r, o.At), Live: o.Live, Level: o.Level, Scatter: o.Scatter, Source: b.pos(o.Source),
		}
	}
	if g := f.Growth; g != nil {
		out.Growth = b.growth(r, f, g)
	}
	if fc := f.Forecast; fc != nil {
		out.Forecast = b.forecast(r, fc)
	}
	if out.Primary {
		out.Warnings, out.WhatIf = b.warnings(), b.whatIf()
		out.NoWarning = b.noWarning(out.Warnings)
	}
	return out
}

// runTime puts a moment of any run into words; only the primary run counts back from the end.
func (b *builder) runTime(r *timeline.Run, d time.Duration) string {
	switch {
	case r == b.run:
		return b.clock.at(d)
	case b.clock.axis == AxisWall && !r.Start.IsZero():
		return b.clock.wall(r.Start.Add(d))
	}
	return colons(d)
}

func (b *builder) streamName(s *event.Stream) string {
	if s == nil {
		return ""
	}
	var parts []string
	for _, p := range []string{s.Namespace, s.Pod, s.Container, s.Unit} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if len(parts) == 0 && s.Host != "" {
		parts = append(parts, s.Host)
	}
	return b.secret(strings.Join(parts, "/"))
}

func (b *builder) crossing(r *timeline.Run, x *inflection.Crossing) *Crossing {
	if x == nil {
		return nil
	}
	out := &Crossing{
		Cycle: x.Cycle, Seconds: seconds(x.At), Time: stamp(r, x.At), Text: b.runTime(r, x.At), Live: x.Live,
		LaterCycles: x.LaterCycles, Truncated: x.Truncated, Source: b.pos(x.Source),
	}
	if x.FractionOfCeiling > 0 {
		out.FractionOfCeiling = finite(x.FractionOfCeiling)
	}
	if x.FractionOfLimit > 0 {
		out.FractionOfLimit = finite(x.FractionOfLimit)
	}
	if x.RecoveredAt > 0 {
		out.RecoveredSeconds = finite(seconds(x.RecoveredAt))
	}
	return out
}

func (b *builder) forecast(r *timeline.Run, f *inflection.Forecast) *Forecast {
	out := &Forecast{
		MadeAt: seconds(f.MadeAt), Death: seconds(f.Death), Low: seconds(f.Low), High: seconds(f.High),
		Text: b.runTime(r, f.Death), Range: b.runTime(r, f.Low) + " to " + b.runTime(r, f.High),
	}
	if r != b.run || !b.in.Timeline.Death.Memory() || b.clock.vague {
		return out
	}
	switch late := b.clock.end - f.Death; {
	case late > time.Second:
		out.Error = Text{}.Plain("the end came " + b.clock.span(f.Death, b.clock.end) + " later")
	case late < -time.Second:
		out.Error = Text{}.Plain("the end came " + b.clock.span(b.clock.end, f.Death) + " sooner")
	default:
		out.Error = Text{}.Plain("the end came then")
	}
	return out
}

func (b *builder) sources() []Source {
	out := slices.Clone(b.in.Sources)
	for i := range out {
		s := &out[i]
		s.File, s.Envelope, s.Note, s.SHA256 = b.name(s.File), Clean(s.Envelope), Clean(s.Note), Clean(s.SHA256)
		s.First, s.Notes = b.secret(cut(s.First, 200)), b.heardAll(s.Notes)
		s.Dialects = slices.Clone(s.Dialects)
		s.Problems = slices.Clone(s.Problems)
		for k := range s.Dialects {
			s.Dialects[k].Name, s.Dialects[k].Title = Clean(s.Dialects[k].Name), Clean(s.Dialects[k].Title)
		}
		for k := range s.Problems {
			p := &s.Problems[k]
			p.Dialect, p.Message, p.Text = Clean(p.Dialect), Clean(p.Message), b.secret(cut(p.Text, 200))
			if b.in.Redact {
				p.Message = "left out"
			}
		}
	}
	return out
}

func (b *builder) suspects() []Suspect {
	out := slices.Clone(b.in.Suspects)
	for i := range out {
		s := &out[i]
		s.Function, s.File = Clean(s.Function), b.code(s.File)
		s.Stack = slices.Clone(s.Stack)
		for k := range s.Stack {
			s.Stack[k] = Clean(s.Stack[k])
		}
	}
	return out
}

func (b *builder) notes() []Note {
	var out []Note
	for _, n := range b.in.Timeline.Notes {
		out = append(out, Note{b.clock.local(b.heard(n.Text)), b.pos(n.Source)})
	}
	for _, c := range b.in.Timeline.Conflicts {
		out = append(out, Note{b.clock.local(b.heard(c.Text)), b.pos(c.Source)})
	}
	for _, t := range b.in.Timeline.Ties {
		out = append(out, Note{b.clock.local(b.heard(t.Text)), b.pos(t.Source)})
	}
	out = append(out, b.given()...)
	for _, text := range b.in.Notes {
		out = append(out, Note{Text: b.heard(text)})
	}
	if b.m.Chart.Laid {
		out = append(out, Note{Text: "The logs do not tell how much time lay between the lives of the process; the chart lays them end to end."})
	}
	if b.in.Redact {
		out = append(out, Note{Text: redactedNote})
	}
	slices.SortStableFunc(out, func(x, y Note) int {
		return cmp.Or(cmp.Compare(x.Source.File, y.Source.File), cmp.Compare(x.Source.Line, y.Source.Line))
	})
	return slices.Compact(out)
}

func (b *builder) provenance() Provenance {
	p := Provenance{Tool: strings.TrimSpace("oomtrace "+b.m.Version) + ", report schema " + Schema, Clock: b.clockText(), Limit: b.limitText(), Redact: b.in.Redact}
	if !b.in.Redact {
		p.Command = Clean(shellLine(b.in.Command))
	}
	return p
}

func (b *builder) limitText() string {
	l := b.m.Limit
	if l == nil {
		return "not known"
	}
	s := fmt.Sprintf("%s = %d bytes, from %s", l.Text, int64(l.Bytes), b.limitSource(l.From))
	if l.Source != (event.Pos{}) {
		s += " (" + At(l.Source) + ")"
	}
	if l.ConfirmedBy != (event.Pos{}) {
		s += ", confirmed by " + At(l.ConfirmedBy)
	}
	return s
}

// limitSource names the witness of a limit in words.
func (b *builder) limitSource(from string) string {
	switch from {
	case "flag":
		return "--limit"
	case "memcg":
		return "the kernel's out-of-memory report"
	case "gomemlimit":
		return "GOMEMLIMIT"
	case "xmx":
		return b.heapSource()
	case "max-class-space":
		return "-XX:CompressedClassSpaceSize"
	case "max-metaspace":
		return "-XX:MaxMetaspaceSize"
	case "v8-flag":
		return "a V8 flag"
	case "usage":
		return "docker stats"
	case "cgroupfs":
		return "the control group"
	case "prometheus":
		return "Prometheus"
	case "heroku-metrics":
		return "Heroku"
	case "":
		return "an unnamed source"
	}
	return event.Engine(from).Title()
}

// heapSource names what bounds the heap of a JVM. A log of the collections tells how large it may be, and not whether anybody said so.
func (b *builder) heapSource() string {
	logged := false
	for _, ev := range b.in.Timeline.Events {
		s, ok := ev.(*event.Setting)
		if !ok || s.Runtime != "jvm" || s.Name != event.MaxHeap {
			continue
		}
		if logged = true; strings.Contains(s.Text, "-Xmx") {
			return "-Xmx"
		}
	}
	if logged {
		return "the JVM's maximum heap"
	}
	return "-Xmx"
}

func (b *builder) clockText() string {
	if b.run == nil {
		return "the logs' own"
	}
	switch b.clock.axis {
	case AxisWall:
		return b.axisLabel() + ", from the logs"
	case AxisTMinus, AxisProcess:
		if b.run.Clock == timeline.SinceFirst {
			return "no calendar time in the logs; times count from the first line"
		}
		return "no calendar time in the logs; times count from the start of the process"
	case AxisCycles:
	}
	return "none in the logs; " + b.words.Points() + " are counted"
}

// shellLine joins a command line so that a POSIX shell reads it back.
func shellLine(args []string) string {
	var b strings.Builder
	for i, a := range args {
		if i > 0 {
			b.WriteByte(' ')
		}
		if a != "" && !strings.ContainsFunc(a, needsQuote) {
			b.WriteString(a)
			continue
		}
		b.WriteString("'" + strings.ReplaceAll(a, "'", `'\''`) + "'")
	}
	return b.String()
}

func needsQuote(r rune) bool {
	return !strings.ContainsRune("-_./:=,+@%", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}
