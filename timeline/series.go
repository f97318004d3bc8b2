package timeline

import (
	"cmp"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"oomtrace/parser/event"
)

// Series is what was read of one amount of a process, a container or a machine, in the order of time.
type Series struct {
	Name     string // as package event has it: rss_bytes
	Runtime  string // go, jvm, v8; empty if nothing tells
	Dialect  string // who wrote it
	Stream   *event.Stream
	Run      int // index in Timeline.Runs of the run that it is of; -1 where it stands alone
	Count    int // readings in the log; fewer are kept where there were very many
	Readings []Reading
}

// Reading is one value of a series, 32 bytes.
type Reading struct {
	At   time.Duration // on the clock of the run; without one, since the first reading of any series
	V    float64
	Line uint32
	File uint16
}

// First and Last return the ends of a series that is not empty.
func (s *Series) First() *Reading { return &s.Readings[0] }

// Last returns the last reading.
func (s *Series) Last() *Reading { return &s.Readings[len(s.Readings)-1] }

// Max returns the largest reading.
func (s *Series) Max() *Reading {
	most := &s.Readings[0]
	for i := range s.Readings {
		if s.Readings[i].V > most.V {
			most = &s.Readings[i]
		}
	}
	return most
}

// SeriesOf returns the longest series of that name that is of a run, or nil.
func (t *Timeline) SeriesOf(run int, name string) *Series {
	var out *Series
	for i := range t.Series {
		s := &t.Series[i]
		if s.Run == run && s.Name == name && (out == nil || s.Count > out.Count) {
			out = s
		}
	}
	return out
}

// Bounds of what is kept of readings. Where there are more, the longest series is thinned out.
const (
	maxReadings = 1 << 20 // of all series together
	maxGauges   = 4096
)

// gauges are all who were read, in the order of their first readings.
type gauges struct {
	all    []*gauge
	of     map[gaugeKey]*gauge
	latest *gauge
	origin *event.Stream
	file   string
	count  int // readings kept
	lost   int // samples of more gauges than are kept
}

// gaugeKey tells apart who is read: a writer, or where no envelope and no label names one, files of one kind.
type gaugeKey struct {
	stream event.Stream
	kind   string
}

// gauge is what was read of one process, container or machine.
type gauge struct {
	gaugeKey
	origin  *event.Stream
	runtime string
	dialect string
	clock   gaugeClock
	tracks  []*track
	last    int64
}

// gaugeClock says what the readings of a gauge count from.
type gaugeClock uint8

const (
	noClock gaugeClock = iota
	wallClock
	collections // the wall clock, of the last collection before the reading
	processClock
	bootClock
)

// track is one amount of a gauge.
type track struct {
	name     string
	count    int
	readings []Reading // never empty; At is nanoseconds on the clock of the gauge
}

// followed are the names that tracks are kept of.
var followed = func() map[string]bool {
	out := map[string]bool{event.ValueStarted: true}
	for _, n := range event.Followed() {
		out[n] = true
	}
	return out
}()

// reading keeps the values of a sample that are followed.
func (b *Builder) reading(ev *event.Sample) {
	if !slices.ContainsFunc(ev.Values, func(v event.Value) bool { return followed[v.Name] }) {
		return
	}
	g := b.gauges.gauge(ev)
	if g == nil {
		return
	}
	if ev.Runtime != "" {
		g.runtime = ev.Runtime
	}
	at, ok := g.at(ev)
	if !ok {
		return
	}
	file := uint16(b.file(ev.Pos.File))
	for _, v := range ev.Values {
		if !followed[v.Name] || math.IsNaN(v.V) || math.IsInf(v.V, 0) {
			continue
		}
		g.track(v.Name).add(Reading{At: time.Duration(at), V: v.V, Line: clamp[uint32](int64(ev.Pos.Line)), File: file})
		b.gauges.count++
	}
	if b.gauges.count > maxReadings {
		b.gauges.thin()
	}
}

// gauge returns who a sample is of, or nil beyond what is kept. Consecutive samples mostly share it.
func (gs *gauges) gauge(ev *event.Sample) *gauge {
	if gs.latest != nil && gs.origin == ev.Stream && gs.file == ev.Pos.File && gs.latest.dialect == ev.Dialect {
		return gs.latest
	}
	key := gaugeKey{stream: writer(ev.Stream)}
	if ev.Stream == nil {
		key.kind = ev.Dialect + " " + kindOfFile(ev.Pos.File)
	}
	g := gs.of[key]
	if g == nil {
		if len(gs.all) == maxGauges {
			gs.lost++
			return nil
		}
		g = &gauge{gaugeKey: key, origin: ev.Stream, dialect: ev.Dialect}
		if gs.of == nil {
			gs.of = map[gaugeKey]*gauge{}
		}
		gs.of[key] = g
		gs.all = append(gs.all, g)
	}
	gs.latest, gs.origin, gs.file = g, ev.Stream, ev.Pos.File
	return g
}

// kindOfFile is the name of a file without its digits: scrapes are often kept in a file each, named by their time.
func kindOfFile(name string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return -1
		}
		return r
	}, path.Base(name))
}

// at returns the time of a sample on the clock of the gauge, which is that of its first sample.
func (g *gauge) at(ev *event.Sample) (at int64, ok bool) {
	clock, at := clockOf(ev)
	if len(g.tracks) == 0 {
		g.clock = clock
	}
	switch {
	case g.clock == noClock:
		at = g.last + int64(time.Second)
	case clock != g.clock:
		return 0, false
	}
	g.last = at
	return at, true
}

// clockOf returns the best clock of a sample. A scrape without a stamp is placed by the end of the last collection that it names.
func clockOf(ev *event.Sample) (gaugeClock, int64) {
	switch {
	case ev.Time.Has.Has(event.Wall):
		return wallClock, ev.Time.Wall
	case valueOf(ev, event.ValueLastGC) > 0:
		return collections, nanos(valueOf(ev, event.ValueLastGC))
	case valueOf(ev, event.ValueStarted) > 0 && valueOf(ev, event.ValueLastGC) == 0:
		return collections, nanos(valueOf(ev, event.ValueStarted))
	case ev.Time.Has.Has(event.Process):
		return processClock, int64(ev.Time.Process)
	case ev.Time.Has.Has(event.Boot):
		return bootClock, int64(ev.Time.Boot)
	}
	return noClock, 0
}

// nanos turns seconds since the epoch, more than 0, into nanoseconds; beyond what they can say it is 0.
func nanos(s float64) int64 {
	if s >= 9e9 {
		return 0
	}
	return int64(s * 1e9)
}

// valueOf returns the value of a sample with that name, -1 where it has none.
func valueOf(ev *event.Sample, name string) float64 {
	for _, v := range ev.Values {
		if v.Name == name {
			return v.V
		}
	}
	return -1
}

// track returns the track of that name, a new one if there is none.
func (g *gauge) track(name string) *track {
	if tr := g.find(name); tr != nil {
		return tr
	}
	tr := &track{name: name}
	g.tracks = append(g.tracks, tr)
	return tr
}

func (g *gauge) find(name string) *track {
	for _, tr := range g.tracks {
		if tr.name == name {
			return tr
		}
	}
	return nil
}

func (tr *track) add(r Reading) {
	tr.readings = append(tr.readings, r)
	tr.count++
}

// thin halves the longest tracks until half of what may be kept is. There are fewer tracks than a quarter of that, so that the
// longest has more than four readings, and halving makes it shorter.
func (gs *gauges) thin() {
	for gs.count > maxReadings/2 {
		var longest *track
		for _, g := range gs.all {
			for _, tr := range g.tracks {
				if longest == nil || len(tr.readings) > len(longest.readings) {
					longest = tr
				}
			}
		}
		gs.count -= len(longest.readings)
		longest.halve()
		gs.count += len(longest.readings)
	}
}

// halve keeps the least and the largest of every four readings.
func (tr *track) halve() {
	tr.sort()
	kept := tr.readings[:0]
	for four := range slices.Chunk(tr.readings, 4) {
		least, most := 0, 0
		for i := range four {
			if four[i].V < four[least].V {
				least = i
			}
			if four[i].V > four[most].V {
				most = i
			}
		}
		a, z := four[min(least, most)], four[max(least, most)]
		kept = append(kept, a)
		if least != most {
			kept = append(kept, z)
		}
	}
	tr.readings = kept
}

// sort puts readings in the order of time.
func (tr *track) sort() {
	slices.SortStableFunc(tr.readings, func(x, y Reading) int { return cmp.Compare(x.At, y.At) })
}

// settle sorts all tracks, and puts together what files of two kinds say of one process that nothing names. It forgets gauges
// whose readings were no numbers.
func (gs *gauges) settle() {
	gs.all = slices.DeleteFunc(gs.all, func(g *gauge) bool { return len(g.tracks) == 0 })
	for _, g := range gs.all {
		for _, tr := range g.tracks {
			tr.sort()
		}
	}
	var out []*gauge
	for _, g := range gs.all {
		i := slices.IndexFunc(out, func(o *gauge) bool { return o.alike(g) })
		if i < 0 {
			out = append(out, g)
			continue
		}
		out[i].absorb(g)
	}
	gs.all = out
}

// alike reports whether two gauges without names may be of one process: their runtimes do not differ, and their times overlap.
func (g *gauge) alike(o *gauge) bool {
	if g.origin != nil || o.origin != nil || !g.clock.wall() || !o.clock.wall() || g.runtime != o.runtime && g.runtime != "" && o.runtime != "" {
		return false
	}
	a, b := g.span()
	c, d := o.span()
	return a <= d && c <= b
}

func (c gaugeClock) wall() bool { return c == wallClock || c == collections }

// span returns the times of the first and the last reading.
func (g *gauge) span() (from, to time.Duration) {
	from, to = math.MaxInt64, math.MinInt64
	for _, tr := range g.tracks {
		from, to = min(from, tr.readings[0].At), max(to, tr.readings[len(tr.readings)-1].At)
	}
	return from, to
}

// absorb takes the tracks of another gauge, of two with one name the longer one.
func (g *gauge) absorb(o *gauge) {
	g.runtime = cmp.Or(g.runtime, o.runtime)
	for _, tr := range o.tracks {
		i := slices.IndexFunc(g.tracks, func(x *track) bool { return x.name == tr.name })
		switch {
		case i < 0:
			g.tracks = append(g.tracks, tr)
		case g.tracks[i].count < tr.count:
			g.tracks[i] = tr
		}
	}
}

// attach puts the readings on the clocks of the runs that they are of.
func (b *Builder) attach(t *Timeline, ties []runTie) {
	origin := int64(math.MaxInt64)
	for _, g := range b.gauges.all {
		from, _ := g.span()
		origin = min(origin, int64(from))
	}
	alone := len(t.Runs) == 1 && b.gauges.oneName()
	placed := false
	runs, zeros := make([]int, len(b.gauges.all)), make([]int64, len(b.gauges.all))
	for i, g := range b.gauges.all {
		runs[i], zeros[i] = b.runOf(t, g, ties, alone)
		placed = placed || runs[i] >= 0
	}
	for i, g := range b.gauges.all {
		run, zero := runs[i], zeros[i]
		if alone && !placed && g.mayBe(t.Runs[0], true) && (ties[0].wall.IsZero() || !g.clock.wall()) {
			run, zero = 0, b.byEnd(t, g)
		}
		if run < 0 {
			zero = origin
		}
		for _, name := range event.Followed() {
			if tr := g.find(name); tr != nil {
				t.Series = append(t.Series, tr.series(g, run, zero))
			}
		}
	}
	if b.gauges.lost > 0 {
		t.note(event.Pos{}, "%s of more than %d processes and containers were left out", count(b.gauges.lost, "reading", "readings"), maxGauges)
	}
}

// byEnd lets the readings of the only process end when its run ends. No line names both clocks.
func (b *Builder) byEnd(t *Timeline, g *gauge) (zero int64) {
	_, to := g.span()
	end := t.Runs[0].End().At
	if t.Death.Timed {
		end = t.Death.At
	}
	first := &g.tracks[len(g.tracks)-1].readings[0]
	t.note(b.posOf(first), "no line names both the clock of the log and that of the readings; the last reading is put at the end")
	return int64(to - end)
}

func (tr *track) series(g *gauge, run int, zero int64) Series {
	s := Series{Name: tr.name, Runtime: g.runtime, Dialect: g.dialect, Stream: g.origin, Run: run, Count: tr.count, Readings: tr.readings}
	for i := range s.Readings {
		s.Readings[i].At -= time.Duration(zero)
	}
	return s
}

// runOf returns the run that a gauge is of, the primary one if it may be, and where its clock begins on that of the gauge.
func (b *Builder) runOf(t *Timeline, g *gauge, ties []runTie, alone bool) (run int, zero int64) {
	run = -1
	for i, r := range t.Runs {
		at, tied := zeroOf(g, r, ties[i])
		of := r.gauge == g || r.gauge == nil && g.mayBe(r, alone) && g.during(r, at)
		if tied && of && (i == t.Primary || run < 0) {
			run, zero = i, at
		}
	}
	return run, zero
}

// oneName reports whether no two gauges are named as of different pods or containers.
func (gs *gauges) oneName() bool {
	pod, container := "", ""
	for _, g := range gs.all {
		s := &g.stream
		if s.Pod != "" && pod != "" && s.Pod != pod || s.Container != "" && container != "" && s.Container != container {
			return false
		}
		pod, container = cmp.Or(pod, s.Pod), cmp.Or(container, s.Container)
	}
	return true
}

// zeroOf returns the beginning of a run's clock on the clock of a gauge.
func zeroOf(g *gauge, r *Run, tie runTie) (zero int64, ok bool) {
	switch {
	case g.clock.wall():
		return tie.wall.UnixNano(), !tie.wall.IsZero()
	case g.clock == bootClock:
		return int64(tie.boot), tie.booted
	case g.clock == processClock:
		return 0, r.Clock == SinceStart
	}
	return 0, r.gauge == g
}

// slack is by how much readings may begin after the last collection of a run, or end before the first one.
const slack = 5 * time.Minute

// during reports whether readings overlap a run.
func (g *gauge) during(r *Run, zero int64) bool {
	from, to := g.span()
	return int64(from)-zero <= int64(r.End().At+slack) && int64(to)-zero >= int64(r.Cycles.At(0).At-slack)
}

// mayBe reports whether what is known of both does not tell a gauge and a run apart. Where one of them has no name, it counts
// only if there is no choice.
func (g *gauge) mayBe(r *Run, alone bool) bool {
	if g.runtime != "" && r.Runtime != g.runtime || g.find(event.ValueTotal) != nil {
		return false
	}
	a, z := &g.stream, writer(r.Stream)
	if a.PID != 0 && z.PID != 0 && !relayed(&z) {
		return a.PID == z.PID
	}
	named := false
	for _, p := range [][2]string{{a.Namespace, z.Namespace}, {a.Pod, z.Pod}, {a.PodUID, z.PodUID}, {a.Container, z.Container}} {
		if p[0] != "" && p[1] != "" {
			if p[0] != p[1] {
				return false
			}
			named = true
		}
	}
	if a.ContainerID != "" && z.ContainerID != "" {
		return samePrefix(a.ContainerID, z.ContainerID)
	}
	return named || *a == z || alone || *a == event.Stream{} || g.runtime != "" && r.Stream == nil
}
