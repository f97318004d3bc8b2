package v8

import (
	"bytes"
	"math"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
	"oomtrace/parser/shape"
	"oomtrace/parser/unit"
)

// slabSize is how many collections are allocated at a time.
const slabSize = 64

// Bounds of what a line may say: a time of 30 years, and an exbibyte.
const (
	maxMillis = 1e12
	maxMB     = 1 << 40
	maxBytes  = 1 << 60
)

// newGC returns a collection with the head of the line and the time since the isolate started.
func (d *decoder) newGC(l *dialect.Line, millis int64) *event.GC {
	if len(d.slab) == 0 {
		d.slab = make([]event.GC, slabSize)
	}
	gc := &d.slab[0]
	d.slab = d.slab[1:]
	*gc = event.GC{Head: l.Head(name), Collector: event.V8}
	gc.Time.Has |= event.Process
	gc.Time.Process = time.Duration(millis) * time.Millisecond
	if gc.Time.Step == 0 || time.Millisecond < gc.Time.Step {
		gc.Time.Step = time.Millisecond
	}
	return gc
}

// trace reads a collection of --trace-gc. The event is nil where its numbers are beyond any machine.
func (d *decoder) trace(l *dialect.Line, body []byte) (gc *event.GC, ok bool) {
	end := sizesEnd(body)
	if end < 0 {
		return nil, false
	}
	tree, err := d.read.sizes.Parse(body[:end])
	if err != nil {
		return nil, false
	}
	if tree.beyond() {
		return nil, true
	}
	gc = d.newGC(l, tree.Since.Int())
	gc.Kind = d.word(kindOf(body))
	gc.Scope = scopeOf(gc.Kind)
	gc.Before, gc.After, gc.Committed = mib(&tree.Before), mib(&tree.After), mib(&tree.Committed)
	gc.Step = unit.Bytes(mebi(tree.After.Step(6)))
	if gc.Scope == event.Whole {
		gc.Live = gc.After
	}
	d.aftermath(gc, body[end:])
	return gc, true
}

// sizesEnd returns where the heap sizes end, behind the MB, or -1.
func sizesEnd(body []byte) int {
	arrow := bytes.Index(body, []byte("->"))
	if arrow < 0 {
		return -1
	}
	end := bytes.Index(body[arrow:], []byte(") MB"))
	if end < 0 {
		return -1
	}
	return arrow + end + len(") MB")
}

// kindOf returns the words between the time and the heap sizes: "Mark-Compact (reduce)".
func kindOf(body []byte) []byte {
	begin := bytes.IndexByte(body, ':') + 1
	end := begin
	for end < len(body) && !ascii.Digit(body[end]) {
		end++
	}
	return bytes.TrimSpace(body[begin:end])
}

// scopeOf tells the collections of the young generation from those of the whole heap.
func scopeOf(kind string) event.Scope {
	if strings.HasPrefix(kind, "Scavenge") || strings.Contains(kind, "Minor") {
		return event.Young
	}
	return event.Whole
}

func (s *sizes) beyond() bool {
	most := max(s.Before.Scaled(0), s.CommittedBefore.Scaled(0), s.After.Scaled(0), s.Committed.Scaled(0))
	return s.Since.Int() > maxMillis || most > maxMB
}

// aftermath reads what follows the heap sizes: the pause, the marking before it, and the reason. Any of it may have
// been cut off.
func (d *decoder) aftermath(gc *event.GC, text []byte) {
	end := pauseEnd(text)
	if end == 0 {
		return
	}
	tree, err := d.read.pause.Parse(text[:end])
	if err != nil {
		return
	}
	gc.Pause = event.Took(millis(&tree.Pause))
	gc.CPU = gc.Pause
	text = text[end:]
	if steps, ok := group(text, "(+ "); ok {
		if tree, err := d.read.marking.Parse(steps); err == nil {
			gc.CPU = event.Took(add(gc.Pause.D, millis(&tree.Took)))
			if tree.Wall != nil {
				gc.Wall = event.Took(max(millis(tree.Wall), gc.Pause.D))
			}
		}
	}
	gc.Cause = d.word(cause(text))
}

// pauseEnd returns where the pause ends, behind its ms, or 0.
func pauseEnd(text []byte) int {
	i := bytes.Index(text, []byte(" ms"))
	if i < 0 || len(text) == 0 || text[0] != ',' {
		return 0
	}
	return i + len(" ms")
}

// group returns the text in parentheses that begins with open. ok is false if there is none, or no end of it.
func group(text []byte, open string) (inside []byte, ok bool) {
	from := bytes.Index(text, []byte(open))
	if from < 0 {
		return nil, false
	}
	end := bytes.IndexByte(text[from:], ')')
	if end < 0 {
		return nil, false
	}
	return text[from : from+end+1], true
}

// cause returns the reason that a line gives, without the parentheses before it. Node.js 6 puts it in brackets.
func cause(text []byte) []byte {
	for {
		text = bytes.TrimLeft(text, " ")
		if len(text) == 0 || text[0] != '(' {
			break
		}
		end := bytes.IndexByte(text, ')')
		if end < 0 {
			return nil // cut off before the reason
		}
		text = text[end+1:]
	}
	text = bytes.TrimRight(text, " ;.")
	if len(text) > 1 && text[0] == '[' && text[len(text)-1] == ']' {
		text = bytes.ReplaceAll(text[1:len(text)-1], []byte("] ["), []byte("; "))
	}
	return text[:min(len(text), maxProblemText)]
}

// pairs reads a collection of --trace-gc-nvp.
func (d *decoder) pairs(l *dialect.Line, body []byte) (gc *event.GC, ok bool) {
	tree, err := d.read.pairs.Parse(bytes.TrimRight(body, " "))
	if err != nil {
		return nil, false
	}
	var r record
	r.since = tree.Since.Int()
	for i := range tree.Pairs {
		p := &tree.Pairs[i]
		if len(p.Name) != 1 {
			continue
		}
		if p.Number == nil {
			if p.Name[0] == "gc" {
				r.kind = p.Word
			}
			continue
		}
		if !p.Negative && p.Exponent == nil {
			r.set(p.Name[0], p.Number)
		}
	}
	return d.recorded(l, &r)
}

// record is what the pairs and the JSON object of a collection say.
type record struct {
	since                    int64
	kind, cause              string
	pause                    event.Span
	before, after, committed unit.Size
	beyond                   bool
}

func (r *record) set(name string, n *shape.Decimal) {
	switch name {
	case "pause":
		r.pause = event.Took(millis(n))
	case "total_size_before", "start_object_size":
		r.before = r.size(n.Scaled(0))
	case "total_size_after", "end_object_size":
		r.after = r.size(n.Scaled(0))
	case "end_memory_size":
		r.committed = r.size(n.Scaled(0))
	}
}

func (r *record) size(n int64) unit.Size {
	if n < 0 || n > maxBytes {
		r.beyond = true
		return unit.Size{}
	}
	return unit.Known(unit.Bytes(n))
}

// recorded makes the event of a record. Without a kind and a size it is none.
func (d *decoder) recorded(l *dialect.Line, r *record) (*event.GC, bool) {
	if r.beyond || r.since > maxMillis {
		return nil, true
	}
	if r.kind == "" || !r.after.IsKnown() {
		return nil, false
	}
	gc := d.newGC(l, r.since)
	gc.Kind, gc.Cause, gc.Pause, gc.CPU, gc.Step = r.kind, r.cause, r.pause, r.pause, 1
	gc.Before, gc.After, gc.Committed = r.before, r.after, r.committed
	gc.Scope = event.Young
	if r.kind == "ms" || r.kind == "mc" {
		gc.Scope, gc.Live = event.Whole, gc.After
	}
	return gc, true
}

// fields are the members of the JSON object that are read.
var fields = []string{
	"gc", "reason", "collector_reason", "pause", "start_object_size", "end_object_size", "end_memory_size",
}

// json reads a collection of --trace-gc-nvp since V8 14: T ms: GC: {...}.
func (d *decoder) json(l *dialect.Line, body []byte) (gc *event.GC, ok bool) {
	object := body[bytes.IndexByte(body, '{'):]
	if end := bytes.LastIndexByte(object, '}'); end >= 0 {
		object = object[:end+1]
	}
	since, digits := number(body)
	if digits == 0 || !gjson.ValidBytes(object) {
		return nil, false
	}
	m := gjson.GetManyBytes(object, fields...)
	r := record{since: since, kind: d.word([]byte(m[0].Str)), cause: d.word(joinCauses(m[1].Str, m[2].Str))}
	if p := m[3]; p.Type == gjson.Number && p.Num >= 0 && p.Num < maxMillis {
		r.pause = event.Took(time.Duration(math.Round(p.Num * float64(time.Millisecond))))
	}
	for i, into := range []*unit.Size{&r.before, &r.after, &r.committed} {
		if v := m[4+i]; v.Type == gjson.Number {
			*into = r.size(int64(min(v.Num, 2*maxBytes)))
		}
	}
	return d.recorded(l, &r)
}

// joinCauses puts the two reasons together as the lines of --trace-gc do.
func joinCauses(reason, collector string) []byte {
	if reason != "" && collector != "" {
		reason += "; "
	}
	return []byte(reason + collector)
}

// number reads the digits at the beginning of text, up to 18 of them.
func number(text []byte) (n int64, digits int) {
	for digits < len(text) && digits < 18 && ascii.Digit(text[digits]) {
		n = n*10 + int64(text[digits]-'0')
		digits++
	}
	return n, digits
}

// mib returns a number of MB as bytes.
func mib(d *shape.Decimal) unit.Size { return unit.Known(unit.Bytes(mebi(d.Scaled(6)))) }

// mebi returns millionths of a MiB as bytes, rounded.
func mebi(millionths int64) int64 {
	const million = 1_000_000
	whole, rest := millionths/million, millionths%million
	return whole*int64(unit.MiB) + (rest*int64(unit.MiB)+million/2)/million
}

func millis(d *shape.Decimal) time.Duration { return time.Duration(d.Scaled(6)) }

// add returns the sum of two durations that are not negative, or the longest duration if that is too short.
func add(a, b time.Duration) time.Duration {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
