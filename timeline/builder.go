package timeline

import (
	"slices"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// Bounds of what a builder keeps beside the cycles, so that a hostile log costs no more than a long one.
const (
	maxEvents  = 10_000 // half from the beginning and half from the end
	maxSamples = 4096
	maxDeaths  = 4096
)

// Builder takes the events of one incident in the order of the input and puts them on a timeline.
// It keeps 88 bytes a collection and a bounded number of other events.
type Builder struct {
	opts     Options
	files    []string
	fileOf   map[string]int
	segments []*segment
	segOf    map[segmentKey]*segment
	latest   *segment // where the last collection went
	base     int64    // stamps of cycles count from here, nanoseconds since the Unix epoch
	based    bool

	seq      int
	head     []kept // first other events
	tail     []kept // last other events, a ring once it is full
	lost     int    // other events that were not kept
	samples  []kept
	stride   int // every stride-th sample is kept
	sampleNo int
	allKills bounded
	allEnds  bounded                     // RuntimeOOM and ProcessEnd
	kills    []*event.Kill               // those of allKills, once all events were added
	copyOf   map[*event.Kill]*event.Kill // the first report of a kill that stands in the input more than once
	dead     map[*event.Kill]*Run        // the run that each kill ended, as far as one fits
	beside   *event.Kill                 // one that came with another end of the incident's process, and is noted with that
	ends     []event.Event               // those of allEnds
	told     bounded                     // ContainerStatus and ContainerEvent
	who      []identity                  // of the writer of each run

	gauges  gauges
	boots   []bootTie
	sizes   int // collections without any size
	sizesAt event.Pos
	jvm     JVMSigns
	kinds   map[string]signs // of collections, by what the log calls them
}

// kept is an event with its place in the input.
type kept struct {
	seq int
	ev  event.Event
}

// New returns an empty builder.
func New(o Options) *Builder {
	return &Builder{opts: o, fileOf: map[string]int{}, segOf: map[segmentKey]*segment{}, stride: 1}
}

// Add takes the next event. The builder may keep it.
func (b *Builder) Add(ev event.Event) {
	b.seq++
	h := ev.Header()
	if h.Time.Has.Has(event.Wall | event.Boot) {
		b.tieBoot(h)
	}
	switch ev := ev.(type) {
	case *event.GC:
		b.collection(ev)
		return
	case *event.Problem:
		return
	case *event.Sample:
		b.sample(ev)
		b.reading(ev)
		return
	case *event.Kill:
		b.allKills.add(ev)
	case *event.RuntimeOOM, *event.ProcessEnd:
		b.allEnds.add(ev)
	case *event.ContainerStatus, *event.ContainerEvent:
		b.told.add(ev)
	case *event.Dump, *event.Setting:
	}
	b.file(h.Pos.File)
	b.keep(ev)
}

// file returns the index of an input, and the last possible one for inputs beyond what a cycle can name.
func (b *Builder) file(name string) int {
	i, ok := b.fileOf[name]
	if ok {
		return i
	}
	i = min(len(b.files), 1<<16-1)
	b.fileOf[name] = i
	if i == len(b.files) {
		b.files = append(b.files, name)
	}
	return i
}

func (b *Builder) keep(ev event.Event) {
	k := kept{b.seq, ev}
	switch {
	case len(b.head) < maxEvents/2:
		b.head = append(b.head, k)
	case len(b.tail) < maxEvents/2:
		b.tail = append(b.tail, k)
	default:
		b.tail[b.lost%len(b.tail)] = k
		b.lost++
	}
}

// sample keeps every stride-th sample, and doubles the stride when there are too many.
func (b *Builder) sample(ev event.Event) {
	n := b.sampleNo
	b.sampleNo++
	if n%b.stride != 0 {
		return
	}
	if len(b.samples) == maxSamples {
		b.stride *= 2
		for i := range maxSamples / 2 {
			b.samples[i] = b.samples[2*i]
		}
		b.samples = b.samples[:maxSamples/2]
	}
	b.file(ev.Header().Pos.File)
	b.samples = append(b.samples, kept{b.seq, ev})
}

// events returns what was kept, in the order of the input.
func (b *Builder) events() []event.Event {
	all := slices.Concat(b.head, b.tail, b.samples)
	slices.SortFunc(all, func(x, y kept) int { return x.seq - y.seq })
	out := make([]event.Event, len(all))
	for i, k := range all {
		out[i] = k.ev
	}
	return out
}

// collection turns a GC event into a cycle and puts it into its segment.
func (b *Builder) collection(ev *event.GC) {
	if ev.Marking {
		return // its sizes are no live heap
	}
	b.sign(ev)
	live, late, ok := liveOf(ev)
	if !ok {
		if b.sizes == 0 {
			b.sizesAt = ev.Pos
		}
		b.sizes++
		return
	}
	s := b.segment(ev)
	c := Cycle{
		At:      ev.Time.Process,
		Live:    live,
		Peak:    max(ev.Peak.Or(0), ev.Before.Or(0)),
		Goal:    ev.Goal.Or(0),
		Old:     kib(ev.Old.After),
		OldRoom: kib(ev.Old.Committed),
		Beside:  max(kib(ev.Stacks), kib(ev.Metaspace.After)),
		Line:    clamp[uint32](int64(ev.Pos.Line)),
		CPU:     float32(ev.CPU.D.Seconds()),
		Pause:   float32(ev.Pause.D.Seconds()),
		Wall:    float32(ev.Wall.D.Seconds()),
		Extra:   max(clamp[uint32](int64(ev.Goroutines)), kib(ev.ClassSpace.Committed)),
		File:    uint16(s.file),
		Procs:   clamp[uint16](int64(ev.Procs)),
		Scope:   scopeOf(ev.Scope),
	}
	if ev.Numbered {
		c.N = clamp[uint32](ev.Cycle)
	}
	if ev.Forced {
		c.Flags |= Forced
	}
	if ev.Mended {
		c.Flags |= Mended
	}
	if late {
		c.Flags |= lateLive
	} else {
		c.Peak = max(c.Peak, live)
	}
	b.stamp(&c, ev)
	s.step = max(s.step, ev.Step)
	s.guess |= ev.Time.Assumed
	s.raw.Append(c)
}

// clamp returns n, or the largest number of the type where n is beyond it: a log can state any number.
func clamp[T uint16 | uint32](n int64) T { return T(min(n, int64(^T(0)))) }

// liveOf returns the live heap that a collection shows. late says that it is the one of the cycle before.
func liveOf(ev *event.GC) (live unit.Bytes, late, ok bool) {
	for _, s := range []unit.Size{ev.Live, ev.After} {
		if v, known := s.Get(); known {
			return v, false, true
		}
	}
	if v, known := ev.LivePrev.Get(); known {
		return v, true, true
	}
	return 0, false, false
}

// kib returns a size in whole KiB, 0 where it is not known.
func kib(s unit.Size) uint32 { return clamp[uint32](int64(s.Or(0) / unit.KiB)) }

func scopeOf(s event.Scope) Scope {
	switch s {
	case event.Old:
		return Old
	case event.Mixed:
		return Mixed
	case event.Young:
		return Young
	case event.Whole:
	}
	return Whole
}

// stamp keeps the wall clock of the line, or its boot clock, less the time that the collection took: gctrace
// prints its own clock as of the beginning of a collection, and the line at its end.
func (b *Builder) stamp(c *Cycle, ev *event.GC) {
	at, boot := ev.Time.Wall, false
	switch {
	case ev.Time.Has.Has(event.Wall):
		if !b.based {
			b.base, b.based = at, true
		}
		at -= b.base
	case ev.Time.Has.Has(event.Boot):
		at, boot = int64(ev.Time.Boot), true
	default:
		return
	}
	if ev.Time.Has.Has(event.Process) {
		at -= int64(ev.Wall.D)
	}
	c.setStamp(at, boot)
}

// Build puts everything that was added on one timeline. The builder is used up.
func (b *Builder) Build() *Timeline {
	t := &Timeline{Primary: -1, Events: b.events(), Files: b.files, NoCollector: b.neverCollects(), JVM: b.jvm}
	b.deaths()
	b.runs(t)
	b.gauges.settle()
	if len(t.Runs) == 0 {
		b.sampled(t)
	}
	ties := b.tie(t)
	b.death(t, ties)
	t.followClassSpace()
	b.attach(t, ties)
	b.limit(t)
	b.readLimits(t)
	b.notes(t)
	b.noteSampled(t)
	return t
}

// deaths lists the kills and ends that were kept.
func (b *Builder) deaths() {
	b.ends, b.kills = b.allEnds.all(), nil
	for _, ev := range b.allKills.all() {
		b.kills = append(b.kills, ev.(*event.Kill))
	}
	b.copies()
}

// wall turns a stamp of a cycle into a time.
func (b *Builder) wall(stamp int64) time.Time { return time.Unix(0, b.base+stamp).UTC() }
