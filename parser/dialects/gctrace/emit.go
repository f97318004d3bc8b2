package gctrace

import (
	"math"
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/shape"
	"oomtrace/parser/unit"
)

// slabSize is how many collections are allocated at a time.
const slabSize = 16

// maxMB is the largest heap that fits unit.Bytes with room to add.
const maxMB = 1 << 40

// newGC returns a collection with the head of the line.
func (d *decoder) newGC(l *dialect.Line) *event.GC {
	if len(d.slab) == 0 {
		d.slab = make([]event.GC, slabSize)
	}
	gc := &d.slab[0]
	d.slab = d.slab[1:]
	gc.Pos, gc.Time, gc.Stream, gc.Dialect = l.Pos, l.Time, l.Stream, name
	gc.Collector, gc.Scope, gc.Numbered, gc.Step = event.Go, event.Whole, true, unit.MiB
	return gc
}

// newModern makes the event of a gc line of Go 1.5 or later. It returns nil if a size is beyond all memory
// or the time beyond what a Duration holds.
func (d *decoder) newModern(l *dialect.Line, m *modern) *event.GC {
	since := time.Duration(m.Since.Scaled(9))
	if since == math.MaxInt64 || max(m.Before.Int(), m.Peak.Int(), m.After.Int(), m.Goal.Int(), optional(m.Stacks), optional(m.Globals)) > maxMB {
		return nil
	}
	gc := d.newGC(l)
	gc.Time.Has |= event.Process
	gc.Time.Process = since
	if step := time.Duration(m.Since.Step(9)); gc.Time.Step == 0 || step < gc.Time.Step {
		gc.Time.Step = step
	}
	gc.Cycle, gc.Forced, gc.Procs = m.Cycle.Int(), m.Forced, int(m.Procs.Int())
	gc.Before, gc.Peak, gc.After = mib(&m.Before), mib(&m.Peak), mib(&m.After)
	gc.Live = gc.After
	gc.Goal, gc.Stacks, gc.Globals = mib(&m.Goal), mib(m.Stacks), mib(m.Globals)

	var wall, cpu, first, last time.Duration
	for i := range m.Clock {
		last = millis(&m.Clock[i])
		wall = add(wall, last)
		if i == 0 {
			first = last
		}
	}
	if len(m.Clock) > 1 {
		gc.Pause = event.Took(add(first, last))
	}
	gc.Wall = event.Took(wall)
	for i := range m.CPU {
		cpu = add(cpu, millis(&m.CPU[i].Busy))
		if m.CPU[i].Mark != nil {
			cpu = add(cpu, millis(&m.CPU[i].Mark.Background))
		}
	}
	if len(m.CPU) > 0 {
		gc.CPU = event.Took(cpu)
	}
	return gc
}

// newAncient makes the event of a gc line up to Go 1.4. Those versions stop the world for all of their phases.
func (d *decoder) newAncient(l *dialect.Line, a *ancient) *event.GC {
	if max(a.From.Int(), a.To.Int()) > maxMB {
		return nil
	}
	gc := d.newGC(l)
	gc.Cycle = a.Cycle.Int()
	gc.Goroutines = int(optional(a.Goroutines))
	scale := time.Millisecond
	if a.Unit == "us" {
		scale = time.Microsecond
		gc.LivePrev, gc.Before = mib(&a.From), mib(&a.To)
	} else {
		gc.Before, gc.After, gc.Live = mib(&a.From), mib(&a.To), mib(&a.To)
	}
	var sum time.Duration
	for i := range a.Phases {
		sum = add(sum, time.Duration(min(a.Phases[i].Int(), math.MaxInt64/int64(scale)))*scale)
	}
	gc.Pause, gc.Wall = event.Took(sum), event.Took(sum)
	return gc
}

func inMiB(n *shape.Num) float64 { return float64(n.Int()) * float64(unit.MiB) }
func inKiB(n *shape.Num) float64 { return float64(n.Int()) * float64(unit.KiB) }

func (s *scvg) values() []event.Value {
	switch {
	case s.Usage != nil:
		u := s.Usage
		return []event.Value{
			{Name: "heap_inuse_bytes", V: inMiB(&u.InUse)},
			{Name: "heap_idle_bytes", V: inMiB(&u.Idle)},
			{Name: "heap_sys_bytes", V: inMiB(&u.Sys)},
			{Name: "heap_released_bytes", V: inMiB(&u.Released)},
			{Name: "heap_consumed_bytes", V: inMiB(&u.Consumed)},
		}
	case s.Released != nil:
		return []event.Value{{Name: "scavenged_bytes", V: inMiB(s.Released)}}
	}
	return nil
}

func (s *scav) values() []event.Value {
	scavenged := inKiB(&s.Work)
	if s.Eager != nil {
		scavenged += inKiB(s.Eager)
	}
	return []event.Value{
		{Name: "scavenged_bytes", V: scavenged},
		{Name: "heap_released_bytes", V: inKiB(&s.Released)},
		{Name: "heap_used_ratio", V: float64(s.Used.Int()) / 100},
	}
}

func (p *pacer) values() []event.Value {
	switch {
	case p.Work != nil:
		return []event.Value{
			{Name: "heap_before_bytes", V: float64(p.Work.Before.Int())},
			{Name: "heap_peak_bytes", V: float64(p.Work.After.Int())},
		}
	case p.Model != nil:
		return []event.Value{{Name: "previous_live_bytes", V: float64(p.Model.Marked.Int())}}
	}
	return nil
}

func (s *sched) values() []event.Value {
	return []event.Value{
		{Name: "gomaxprocs", V: float64(s.GoMaxProcs.Int())},
		{Name: "threads", V: float64(s.Threads.Int())},
	}
}

func (q *queues) values() []event.Value {
	return []event.Value{
		{Name: "queued_finalizers", V: float64(q.Finalizers.Int())},
		{Name: "queued_cleanups", V: float64(q.Cleanups.Int())},
	}
}

func optional(n *shape.Num) int64 {
	if n == nil {
		return 0
	}
	return n.Int()
}

func mib(n *shape.Num) unit.Size {
	if n == nil {
		return unit.Size{}
	}
	return unit.Known(unit.Bytes(n.Int()) * unit.MiB)
}

func millis(d *shape.Decimal) time.Duration { return time.Duration(d.Scaled(6)) }

// add returns the sum of two durations that are not negative, or the longest duration if that is too short.
func add(a, b time.Duration) time.Duration {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
