package prometheus

import (
	"bytes"
	"math"
	"strconv"
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/dialects/moment"
	"oomtrace/parser/event"
)

// point is a value and when it was measured.
type point struct {
	value   float64
	stamped bool
	wall    int64 // nanoseconds since the Unix epoch
	step    time.Duration
}

func nameByte(c byte) bool {
	return c|0x20-'a' < 26 || c == '_' || c == ':' || ascii.Digit(c)
}

// nameLen returns the length of the name that text begins with.
func nameLen(text []byte) int {
	n := 0
	for n < len(text) && nameByte(text[n]) {
		n++
	}
	return n
}

// hash is FNV-1a, which tells the series of one scrape apart.
func hash(text []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range text {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// valueOf reads "1.2e+08", "1.2e+08 1795376536431" and "1 1795376536.4 # {...} 1".
func valueOf(text []byte) (p point, ok bool) {
	word, rest, _ := bytes.Cut(text, []byte(" "))
	v, err := strconv.ParseFloat(string(word), 64)
	if err != nil {
		return p, false
	}
	p.value = v
	if at := bytes.Index(rest, []byte("# ")); at >= 0 {
		rest = rest[:at] // an exemplar
	}
	rest = bytes.TrimSpace(rest)
	if len(rest) == 0 {
		return p, true
	}
	stamp, err := strconv.ParseFloat(string(rest), 64)
	if err != nil {
		return p, false
	}
	p.setStamp(stamp, bytes.IndexByte(rest, '.') >= 0)
	return p, true
}

// Stamps are seconds in OpenMetrics and milliseconds in the older format. Seconds stay below this number until the year 5138,
// milliseconds passed it in 1973.
const leastMillis = 1e11

// setStamp takes a stamp in seconds or in milliseconds since the Unix epoch, whichever its size fits.
func (p *point) setStamp(stamp float64, fraction bool) {
	scale, step := 1e9, time.Second
	switch {
	case math.Abs(stamp) >= leastMillis:
		scale, step = 1e6, time.Millisecond
	case fraction:
		step = time.Millisecond
	}
	ns := stamp * scale
	if !(math.Abs(ns) < 1<<62) {
		return
	}
	p.stamped, p.step = true, step
	p.wall = int64(math.Round(ns/1e3)) * 1e3 // a float64 holds microseconds of this century
}

// stampLine looks for a line that is nothing but a time stamp, as scripts print it before each scrape.
func (d *decoder) stampLine(l *dialect.Line, emit dialect.Emit) {
	if when, ok := moment.Of(l.Text); ok {
		d.endScrape(emit)
		d.when = when
	}
}

// labels are the labels of the metric that is read. Its texts are valid for one line.
type labels struct {
	list []label
}

type label struct{ name, value []byte }

// get returns the value of the first of the names that is there.
func (ls *labels) get(names ...string) []byte {
	for _, n := range names {
		for _, l := range ls.list {
			if string(l.name) == n && len(l.value) > 0 {
				return l.value
			}
		}
	}
	return nil
}

// read takes labels in braces off text, if it begins with any. Promtool writes a blank behind each comma.
func (ls *labels) read(text []byte) (rest []byte, ok bool) {
	ls.list = ls.list[:0]
	if len(text) == 0 || text[0] != '{' {
		return text, true
	}
	text = text[1:]
	for {
		text = bytes.TrimLeft(text, " ,")
		if len(text) == 0 {
			return nil, false
		}
		if text[0] == '}' {
			return text[1:], true
		}
		eq := bytes.IndexByte(text, '=')
		if eq < 1 || eq+1 >= len(text) || text[eq+1] != '"' {
			return nil, false
		}
		end := quoteEnd(text[eq+2:])
		if end < 0 {
			return nil, false
		}
		ls.list = append(ls.list, label{bytes.TrimSpace(text[:eq]), unquote(text[eq+2 : eq+2+end])})
		text = text[eq+3+end:]
	}
}

// quoteEnd returns the index of the quote that ends a string.
func quoteEnd(text []byte) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// unquote resolves the escapes of a label's value.
func unquote(text []byte) []byte {
	if bytes.IndexByte(text, '\\') < 0 {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' && i+1 < len(text) {
			i++
			c = text[i]
			if c == 'n' {
				c = '\n'
			}
		}
		out = append(out, c)
	}
	return out
}

// rangeOf is the series of which promtool prints the points in the lines below.
type rangeOf struct {
	metric *metric
	head   event.Head
	labels labels
}

// promtool reads what stands behind "=>": a point, or nothing where the points stand in the lines below.
func (d *decoder) promtool(l *dialect.Line, m *metric, rest []byte, emit dialect.Emit) bool {
	rest = bytes.TrimSpace(rest)
	head := l.Head(name)
	head.Stream = d.names.stream(l.Stream, &d.labels)
	d.ranged = nil
	if len(rest) == 0 {
		d.ranged = &rangeOf{metric: m, head: head, labels: d.labels.clone()}
		return true
	}
	p, ok := atPoint(rest)
	if !ok {
		return d.broken(l, `want "number @[seconds]" behind the series`, emit)
	}
	if !d.names.aggregate(&d.labels) {
		d.single(m, head, &d.labels, p, emit)
	}
	return true
}

// pointLine reads a point of a range.
func (d *decoder) pointLine(l *dialect.Line, emit dialect.Emit) bool {
	p, ok := atPoint(l.Text)
	if !ok {
		return false
	}
	head := d.ranged.head
	head.Pos = l.Pos
	if !d.names.aggregate(&d.ranged.labels) {
		d.single(d.ranged.metric, head, &d.ranged.labels, p, emit)
	}
	return true
}

// single emits a point as a sample of its own.
func (d *decoder) single(m *metric, head event.Head, ls *labels, p point, emit dialect.Emit) {
	s := &event.Sample{Head: head}
	d.setTime(&s.Time, p)
	m.add(s, ls, p.value)
	if ev := m.setting(ls, p.value); ev != nil && d.isNew(s.Stream, ev.Name, p.value) {
		ev.Head = s.Head
		emit(ev)
	}
	d.tell(s, emit)
}

// atPoint reads "1.2e+08 @[1795376536.431]".
func atPoint(text []byte) (p point, ok bool) {
	number, rest, ok := bytes.Cut(text, []byte(" @["))
	if !ok || !bytes.HasSuffix(rest, []byte("]")) {
		return p, false
	}
	v, err := strconv.ParseFloat(string(number), 64)
	if err != nil {
		return p, false
	}
	at, err := strconv.ParseFloat(string(rest[:len(rest)-1]), 64)
	if err != nil {
		return p, false
	}
	p.value = v
	p.setStamp(at, bytes.IndexByte(rest, '.') >= 0)
	return p, p.stamped
}

func (ls *labels) clone() labels {
	out := labels{make([]label, len(ls.list))}
	for i, l := range ls.list {
		out.list[i] = label{bytes.Clone(l.name), bytes.Clone(l.value)}
	}
	return out
}
