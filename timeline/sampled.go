package timeline

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// Basis says what the level of a run's cycles rests on.
type Basis string

// What a level can rest on.
const (
	FromLog      Basis = ""         // each cycle is a collection that a log tells of
	FromGoal     Basis = "goal"     // readings of the goal of the next collection, over the factor by which it exceeds the live heap
	FromLive     Basis = "live"     // readings of what the last collection left
	FromFloor    Basis = "floor"    // the low points of readings of the heap in use, garbage included
	FromResident Basis = "resident" // readings of the memory of the process or container: the heap is a part of it
	FromMetadata Basis = "metadata" // the class metadata of a JVM at each collection, for an incident that is about that
)

// Sampled reports whether the cycles of a run are readings and no collections.
func (r *Run) Sampled() bool { return r.Basis != FromLog && r.Basis != FromMetadata }

const (
	leastReadings = 4
	leastTroughs  = 12  // of a heap; with fewer low points all readings count
	defaultFactor = 2.0 // GOGC=100
	noGoal        = 1 << 50
)

// source is what can stand for the live heap, the best first.
type levelSource struct {
	name    string
	basis   Basis
	runtime string // empty fits all
}

var levelSources = []levelSource{
	{event.ValueHeapLive, FromLive, "go"},
	{event.ValueNextGC, FromGoal, "go"},
	{event.ValueOldGen, FromFloor, ""},
	{event.ValueHeapLive, FromLive, ""},
	{event.ValueHeapAlloc, FromFloor, ""},
	{event.ValueHeapInUse, FromFloor, ""},
	{event.ValueWorkingSet, FromResident, ""},
	{event.ValueRSS, FromResident, ""},
	{event.ValueAnon, FromResident, ""},
	{event.ValueUsage, FromResident, ""},
	{event.ValuePeakUsage, FromResident, ""},
}

// sampled makes runs of what was read of each process and container. It is the way out where no log tells of collections.
func (b *Builder) sampled(t *Timeline) {
	for _, g := range b.gauges.all {
		src, tr := g.level()
		if tr == nil {
			continue
		}
		set := b.settings(g)
		for _, life := range g.lives(tr) {
			if src.basis == FromResident {
				life = alive(life)
			}
			if len(life) < leastReadings || len(t.Runs) == maxChains {
				continue
			}
			if r := b.sampledRun(g, src, set, life); r.Cycles.Len() > 0 {
				t.Runs = append(t.Runs, r)
			}
		}
	}
	slices.SortStableFunc(t.Runs, func(x, y *Run) int { return cmp.Compare(x.Cycles.At(0).stamp(), y.Cycles.At(0).stamp()) })
	for i, r := range t.Runs {
		r.Index = i
		r.Restarted = slices.ContainsFunc(t.Runs[i+1:], func(z *Run) bool { return z.gauge == r.gauge })
	}
}

// level returns the track that says most about the live heap of a gauge.
func (g *gauge) level() (levelSource, *track) {
	for _, src := range levelSources {
		if src.runtime != "" && src.runtime != g.runtime {
			continue
		}
		tr := g.find(src.name)
		if tr != nil && tr.says(src.basis) {
			return src, tr
		}
	}
	return levelSource{}, nil
}

// says reports whether a track holds amounts at all: a live size that no collection measured yet is 0, and where GOGC is off
// the goal is beyond any memory.
func (tr *track) says(basis Basis) bool {
	n := 0
	for _, r := range tr.readings {
		if r.V > 0 && (basis != FromGoal || r.V < noGoal) {
			n++
		}
	}
	return n >= leastReadings
}

// lives splits readings where the process started anew: its start moved, its count of collections fell, or a highest mark did.
func (g *gauge) lives(tr *track) [][]Reading {
	var cuts []time.Duration
	if tr.name == event.ValuePeakUsage {
		cuts = falls(tr)
	}
	if started := g.find(event.ValueStarted); started != nil {
		for i := 1; i < len(started.readings); i++ {
			if started.readings[i].V > started.readings[i-1].V+1 {
				cuts = append(cuts, started.readings[i].At)
			}
		}
	}
	if gcs := g.find(event.ValueGCs); gcs != nil && len(cuts) == 0 {
		cuts = falls(gcs)
	}
	var out [][]Reading
	rest := tr.readings
	for _, cut := range cuts {
		n := sort.Search(len(rest), func(i int) bool { return rest[i].At >= cut })
		out, rest = append(out, rest[:n]), rest[n:]
	}
	return append(out, rest)
}

// falls returns when a value that only grows in one life was less than before.
func falls(tr *track) []time.Duration {
	var at []time.Duration
	for i := 1; i < len(tr.readings); i++ {
		if tr.readings[i].V < tr.readings[i-1].V {
			at = append(at, tr.readings[i].At)
		}
	}
	return at
}

const (
	lastGasps = 5    // readings that a watcher may take after the death
	gone      = 0.30 // of the level before: what is left then is page cache
)

// alive leaves out the last readings where they are of a process that is gone.
func alive(life []Reading) []Reading {
	for n := 1; n <= lastGasps && len(life)-n >= leastReadings; n++ {
		before, after := life[len(life)-n-1], life[len(life)-n:]
		if !slices.ContainsFunc(after, func(r Reading) bool { return r.V >= gone*before.V }) {
			return life[:len(life)-n]
		}
	}
	return life
}

// sampledRun makes the run of one life.
func (b *Builder) sampledRun(g *gauge, src levelSource, set goSettings, life []Reading) *Run {
	r := &Run{Runtime: g.runtime, Stream: g.origin, Basis: src.basis, Read: src.name, Unnumbered: true, gauge: g}
	if g.origin != nil {
		r.PID = g.origin.PID
	}
	if src.basis == FromResident {
		r.Runtime = "" // what bounds the heap does not bound this
	}
	if r.Runtime == "go" {
		r.Factor = Factor{Known: true, K: set.factor, Follows: true}
	}
	switch src.basis {
	case FromGoal:
		b.goals(r, g, set.soft, life)
	case FromFloor:
		b.troughs(r, g, life)
	case FromLive, FromResident, FromLog:
		b.levels(r, g, life)
	}
	b.setClocks(r, g)
	return r
}

// goSettings are GOGC, as the factor of the goal over the live heap, and GOMEMLIMIT in bytes, 0 where there is none.
type goSettings struct{ factor, soft float64 }

// settings returns what the user stated, else what the process itself exported last, else the default.
func (b *Builder) settings(g *gauge) goSettings {
	out := goSettings{factor: defaultFactor}
	if g.runtime != "go" {
		return out
	}
	for _, kept := range [][]kept{b.head, b.tail} {
		for _, k := range kept {
			s, ok := k.ev.(*event.Setting)
			if !ok || s.Runtime != "go" || writer(s.Stream) != g.stream {
				continue
			}
			var percent float64
			if _, err := fmt.Sscanf(s.Text, "GOGC=%g", &percent); s.Name == event.FlagName && err == nil && percent > 0 {
				out.factor = 1 + percent/100
			}
			if s.Name == event.SoftLimit {
				out.soft = float64(s.Size.Or(0))
			}
		}
	}
	if size, ok := memoryLimit(b.opts.Env["GOMEMLIMIT"]); ok && size.IsKnown() {
		out.soft = float64(size.Or(0))
	}
	out.factor = cmp.Or(b.setFactor(), out.factor)
	return out
}

// cycleOf makes a cycle of a reading. Its place on the clock of the run is not set yet.
func cycleOf(n int, rd Reading) Cycle {
	return Cycle{At: rd.At, Live: unit.Bytes(rd.V), Peak: unit.Bytes(rd.V), N: uint32(n), Line: rd.Line, File: rd.File, Scope: Whole}
}

// goals makes a cycle of each new goal: the live heap that it was set by. Collections between two readings are not seen.
func (b *Builder) goals(r *Run, g *gauge, soft float64, life []Reading) {
	gcs, alloc, routines := g.cursor(event.ValueGCs), g.cursor(event.ValueHeapAlloc), g.cursor(event.ValueGoroutines)
	last := -1.0
	for _, rd := range life {
		inUse := alloc.at(rd.At)
		n := gcs.at(rd.At)
		if rd.V <= 0 || rd.V >= noGoal {
			continue
		}
		if n >= 0 && n == last {
			end := r.Cycles.last()
			end.Peak = max(end.Peak, unit.Bytes(inUse))
			continue
		}
		last = n
		c := cycleOf(r.Cycles.Len()+1, rd)
		c.Goal = unit.Bytes(rd.V)
		if n > 0 {
			c.N, r.Unnumbered = clamp[uint32](int64(n)), false
		}
		c.Live = unit.Bytes(rd.V / r.Factor.K)
		if soft > 0 && rd.V > 0.9*soft {
			c.Live = max(c.Live, unit.Bytes(min(inUse, rd.V))) // GOMEMLIMIT holds the goal down: the heap is hardly more than what lives
		}
		c.Peak = max(c.Live, unit.Bytes(inUse))
		c.Extra = clamp[uint32](int64(max(0, routines.at(rd.At))))
		r.Cycles.Append(c)
	}
}

// troughs makes a cycle of each low point: there the collector had just done its work. Its peak is the largest reading since
// the one before.
func (b *Builder) troughs(r *Run, g *gauge, life []Reading) {
	var low []int
	for i := range life {
		left := i == 0 || life[i].V < life[i-1].V
		right := i+1 == len(life) || life[i].V <= life[i+1].V
		if left && right && life[i].V > 0 {
			low = append(low, i)
		}
	}
	if len(low) < leastTroughs {
		b.levels(r, g, life)
		return
	}
	routines := g.cursor(event.ValueGoroutines)
	from := 0
	for _, i := range low {
		c := cycleOf(r.Cycles.Len()+1, life[i])
		for _, rd := range life[from:i] {
			c.Peak = max(c.Peak, unit.Bytes(rd.V))
		}
		from = i
		c.Extra = clamp[uint32](int64(max(0, routines.at(life[i].At))))
		r.Cycles.Append(c)
	}
}

// levels makes a cycle of each reading.
func (b *Builder) levels(r *Run, g *gauge, life []Reading) {
	alloc := &cursor{}
	if r.Basis == FromLive {
		alloc = g.cursor(event.ValueHeapAlloc)
	}
	for _, rd := range life {
		if rd.V <= 0 {
			continue
		}
		c := cycleOf(r.Cycles.Len()+1, rd)
		c.Peak = max(c.Peak, unit.Bytes(alloc.at(rd.At)))
		r.Cycles.Append(c)
	}
}

// cursor walks along a track.
type cursor struct {
	readings []Reading
	next     int
}

func (g *gauge) cursor(name string) *cursor {
	if tr := g.find(name); tr != nil {
		return &cursor{readings: tr.readings}
	}
	return &cursor{}
}

// at returns the last value up to a time, -1 where there is none. Times must not fall.
func (c *cursor) at(at time.Duration) float64 {
	for c.next < len(c.readings) && c.readings[c.next].At <= at {
		c.next++
	}
	if c.next == 0 {
		return -1
	}
	return c.readings[c.next-1].V
}

// setClocks puts the cycles on the clock of the run, and stamps them: since the start of the process where it is known, else
// since the first reading.
func (b *Builder) setClocks(r *Run, g *gauge) {
	if r.Cycles.Len() == 0 {
		return
	}
	first := r.Cycles.At(0).At
	zero := first
	r.Clock = SinceFirst
	switch g.clock {
	case processClock:
		zero, r.Clock = 0, SinceStart
	case noClock:
		r.Clock = ByNumber
	case wallClock, collections:
		if s := g.cursor(event.ValueStarted).at(r.Cycles.last().At); s > 0 && nanos(s) <= int64(first) {
			zero, r.Clock = time.Duration(nanos(s)), SinceStart
		}
	case bootClock:
	}
	if g.clock.wall() && !b.based {
		b.base, b.based = int64(first), true
	}
	for i := range r.Cycles.Len() {
		c := r.Cycles.At(i)
		switch {
		case g.clock.wall():
			c.setStamp(int64(c.At)-b.base, false)
		case g.clock == bootClock:
			c.setStamp(int64(c.At), true)
		}
		c.At -= zero
		if g.clock == noClock {
			c.At = time.Duration(i) * time.Second
		}
	}
}

// noteSampled says what the level of the primary run rests on.
func (b *Builder) noteSampled(t *Timeline) {
	r := t.PrimaryRun()
	if r == nil || !r.Sampled() {
		return
	}
	at := b.pos(r.Cycles.At(0))
	n := count(r.Cycles.Len(), "reading", "readings")
	switch r.Basis {
	case FromGoal:
		t.note(at, "no log of the collections: the live heap is estimated from %s of %s, divided by %.2f", n, r.Read, r.Factor.K)
	case FromLive:
		t.note(at, "no log of the collections: the live heap is what %s of %s say", n, r.Read)
	case FromFloor:
		t.note(at, "no log of the collections: the live heap is estimated from the low points of %s, %s; garbage may be in it", r.Read, n)
	case FromResident:
		t.note(at, "no log of the collections and no reading of the heap: the level is that of %s, %s; what of it is heap is not known", r.Read, n)
	case FromLog:
		return
	}
	if r.Read == event.ValuePeakUsage {
		t.note(at, "%s is the most that was used until then: memory that was given back in between does not show", r.Read)
	}
	if r.gauge.clock == collections {
		t.note(at, "the readings have no time of their own; each is placed at the end of the last collection that it names")
	}
}

// boxLimit returns the limit that the readings of the primary run, or of its container, state last.
func (b *Builder) boxLimit(t *Timeline) Limit {
	var out Limit
	for i := range t.Series {
		s := &t.Series[i]
		if s.Name != event.ValueLimit || s.Run != t.Primary {
			continue
		}
		if last := s.Last(); last.V > 0 && last.V < noGoal {
			out = Limit{Size: unit.Known(unit.Bytes(last.V)), From: s.Dialect, Source: b.posOf(last)}
		}
	}
	return out
}

func (b *Builder) posOf(r *Reading) event.Pos {
	return event.Pos{File: b.files[r.File], Line: int(r.Line)}
}

// readLimits adds the limits that readings state to those of other witnesses, which are believed before them.
func (b *Builder) readLimits(t *Timeline) {
	soft := Limit{}
	for _, ev := range t.Events {
		if s, ok := ev.(*event.Setting); ok && s.Name == event.SoftLimit && s.Runtime == "go" && s.Size.IsKnown() {
			soft = Limit{Size: s.Size, From: "gomemlimit", Source: s.Pos}
		}
	}
	if soft.Size.IsKnown() && !slices.ContainsFunc(t.Limits, func(l Limit) bool { return l.From == soft.From }) {
		t.Limits = append(t.Limits, soft)
		if !t.Limit.Size.IsKnown() {
			t.Limit = soft
		}
	}
	box := b.boxLimit(t)
	if !box.Size.IsKnown() {
		return
	}
	t.Limits = append(t.Limits, box)
	switch {
	case !t.Limit.Size.IsKnown(), t.Limit.From == "gomemlimit":
		t.Limit = box
	case t.Limit.Size == box.Size && t.Limit.ConfirmedBy == (event.Pos{}):
		t.Limit.ConfirmedBy = box.Source
	case t.Limit.Size != box.Size && (t.Limit.From == "memcg" || t.Limit.From == "flag"):
		t.note(box.Source, "the readings state a limit of %s; using %s", box.Size, t.Limit.Size)
	}
}
