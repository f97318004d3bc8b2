package kernel

import (
	"bytes"
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// Bounds of a decoder.
const (
	maxOpen    = 4       // reports read at a time: old kernels mix them
	maxHeld    = 8       // different reports without a victim that wait for their repetition
	maxTasks   = 1 << 16 // rows kept of one task table
	maxVictims = 1 << 12 // victims kept of one report
	maxStats   = 512     // entries kept of memory.stat or Mem-Info
	maxPath    = 4096    // bytes kept of the path of a group
	maxLine    = 4096    // bytes that a grammar is given; the kernel prints about 1000 at most
	maxForeign = 4000    // lines of others within a report
	maxAfter   = 100     // lines of others after the last word of a report
	gap        = 10 * time.Second
)

// decoder reads the reports of one kernel log.
type decoder struct {
	caches
	open       []*report // oldest first
	held       []*event.Kill
	suppressed int64
	last       event.Time // of the last line that belonged to a report
	foreign    int        // lines since
	record     record     // the one being read
	spare      *report    // one whose event was counted and not kept, for use again
	scratch    []byte
}

func newDecoder() dialect.Decoder { return &decoder{caches: newCaches()} }

// Sibling implements dialect.Sibling.
func (d *decoder) Sibling() dialect.Decoder { return &decoder{caches: d.caches} }

// Idle implements dialect.Idler.
func (d *decoder) Idle() bool { return len(d.open) == 0 && len(d.held) == 0 }

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	busy := d.current("") != nil
	if !busy && !mayAnchor(l.Text) {
		d.pass(l.Time, emit)
		return false
	}
	claimed := false
	for text := plain(l.Text); len(text) > 0; {
		d.record = record{Line: *l, emit: emit}
		r := &d.record
		r.Text, text = cutRecord(text)
		r.unwrap()
		d.expire(r.Time, emit)
		if d.expected(r) || d.anchored(r) || d.inside(r) {
			claimed = true
			d.foreign = 0
			if r.Time.Has != 0 {
				d.last = r.Time
			}
		}
	}
	if !claimed {
		d.pass(l.Time, emit)
	}
	return claimed
}

// Flush implements dialect.Decoder.
func (d *decoder) Flush(emit dialect.Emit) {
	d.close(len(d.open), emit)
	d.release(emit)
}

// pass counts a line of somebody else.
func (d *decoder) pass(t event.Time, emit dialect.Emit) {
	if len(d.open) == 0 && len(d.held) == 0 {
		return
	}
	d.expire(t, emit)
	if d.foreign++; d.foreign > maxForeign || d.foreign > maxAfter && d.current("") == nil {
		d.close(len(d.open), emit)
	}
	if d.foreign > maxForeign {
		d.release(emit)
	}
}

// expire closes what is open if the log was silent for a while, or if its clock was set back: a new boot.
func (d *decoder) expire(t event.Time, emit dialect.Emit) {
	if len(d.open) == 0 && len(d.held) == 0 {
		return
	}
	both := d.last.Has & t.Has
	var silence time.Duration
	switch {
	case both.Has(event.Boot):
		silence = t.Boot - d.last.Boot
	case both.Has(event.Wall):
		silence = max(0, time.Duration(t.Wall-d.last.Wall))
	}
	if silence > gap || silence < -time.Second {
		d.close(len(d.open), emit)
	}
	if silence < -time.Second {
		d.release(emit)
	}
}

// close ends the n oldest reports.
func (d *decoder) close(n int, emit dialect.Emit) {
	for _, r := range d.open[:n] {
		if !r.says() {
			emit(&event.Problem{Head: r.kill.Head, Message: "the beginning of an out-of-memory report, and nothing of its facts"})
			continue
		}
		if !d.deliver(r.finish(), emit) {
			d.spare = r
		}
	}
	d.open = append(d.open[:0], d.open[n:]...)
}

// deliver emits the event, or counts it if the same task of the same group met the same end before. It returns
// whether the event was kept.
func (d *decoder) deliver(k *event.Kill, emit dialect.Emit) bool {
	if len(k.Victims) > 0 || k.Trigger.PID == 0 && !k.NoKillable {
		d.release(emit)
		emit(k)
		return true
	}
	for _, h := range d.held {
		if sameEnd(h, k) {
			h.Repeats++
			h.Suppressed += k.Suppressed
			h.NoKillable = h.NoKillable || k.NoKillable
			return false
		}
	}
	if len(d.held) == maxHeld {
		d.release(emit)
	}
	d.held = append(d.held, k)
	return true
}

// sameEnd reports whether two reports without a victim tell of the same task in the same trouble. The later one may
// be cut off before it says more than the task.
func sameEnd(a, b *event.Kill) bool {
	cut := b.OOMMemcg == "" && !b.Usage.IsKnown() && !b.NoKillable && !b.Global
	return a.Trigger.PID == b.Trigger.PID && (cut || a.OOMMemcg == b.OOMMemcg && a.Limit == b.Limit)
}

// release emits the events that waited for their repetition.
func (d *decoder) release(emit dialect.Emit) {
	for _, k := range d.held {
		emit(k)
	}
	d.held = d.held[:0]
}

// begin opens a report with the record's line, after closing those that are done and those before them.
func (d *decoder) begin(r *record) *report {
	for i := len(d.open); i > 0; i-- {
		if d.open[i-1].done() {
			d.close(i, r.emit)
			break
		}
	}
	if len(d.open) == maxOpen {
		d.close(1, r.emit)
	}
	rep := d.fresh()
	rep.caller = r.caller
	rep.kill.Head = r.Head(name)
	rep.kill.Repeats = 1
	rep.kill.Suppressed, d.suppressed = d.suppressed, 0
	if r.Stream != nil {
		rep.kill.Host = r.Stream.Host
	}
	d.open = append(d.open, rep)
	return rep
}

// fresh returns an empty report.
func (d *decoder) fresh() *report {
	rep := d.spare
	if rep == nil {
		return &report{}
	}
	d.spare = nil
	stats, tasks := rep.kill.Stats[:0], rep.kill.Tasks[:0]
	*rep = report{}
	rep.kill.Stats, rep.kill.Tasks = stats, tasks
	return rep
}

// current returns the report that the next line of the caller belongs to, or nil. Without a caller it is the
// youngest one that is not done.
func (d *decoder) current(caller string) *report {
	var found *report
	for _, r := range d.open {
		if !r.done() && (caller == "" || r.caller == "" || r.caller == caller) {
			found = r
		}
	}
	return found
}

// currentOrNew is current for lines that can begin a report whose header is lost.
func (d *decoder) currentOrNew(r *record) *report {
	if rep := d.current(r.caller); rep != nil {
		return rep
	}
	return d.begin(r)
}

// reportOf returns the report that kills the process pid, or nil.
func (d *decoder) reportOf(r *record, pid int) *report {
	tests := []func(*report) bool{
		func(rep *report) bool { return rep.victim(pid) != nil },
		func(rep *report) bool { return !rep.done() && rep.chosen != nil && rep.chosen.PID == pid },
		func(rep *report) bool { return !rep.done() && rep.hasTask(pid) },
		func(rep *report) bool { return rep == d.current(r.caller) },
		func(rep *report) bool { return rep.group },
	}
	for _, test := range tests {
		for i := len(d.open) - 1; i >= 0; i-- {
			if rep := d.open[i]; (r.caller == "" || rep.caller == "" || rep.caller == r.caller) && test(rep) {
				return rep
			}
		}
	}
	return nil
}

func clip(text []byte) string { return string(text[:min(len(text), maxPath)]) }

func kib(n int64) unit.Size { return unit.Known(times(unit.Bytes(n), unit.KiB)) }

// index is bytes.Index for a string.
func index(text []byte, what string) int { return bytes.Index(text, []byte(what)) }
