// Package herokumetrics reads the memory of dynos as Heroku's log-runtime-metrics tells it, every 20 s a line of each dyno:
//
//	source=web.1 dyno=heroku.123.abc sample#memory_total=103.50MB sample#memory_rss=94.70MB ... sample#memory_quota=512.00MB
//
// As devcenter.heroku.com/articles/log-runtime-metrics has it: total is rss, cache and swap; MB is 2^20 bytes; newer lines have the quota.
package herokumetrics

import (
	"bytes"
	"strconv"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

const name = "heroku-metrics"

// Dialect reads log-runtime-metrics.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "Heroku log-runtime-metrics",
	Versions: "as of 2026",
	Notes:    `rss_bytes and usage_bytes (memory_total: with cache and swap) are of a dyno, limit_bytes is its quota.`,
	Grammars: []dialect.Grammar{
		{
			Name:    "log-runtime-metrics",
			EBNF:    `Line = "source=" dyno { "sample#" name "=" number ( "MB" | "pages" ) } .`,
			Example: "source=web.1 dyno=heroku.2808254.d97d0ea7 sample#memory_total=103.50MB sample#memory_rss=94.70MB sample#memory_cache=0.32MB sample#memory_swap=8.48MB sample#memory_quota=512.00MB",
		},
	},
	New:     func() dialect.Decoder { return &decoder{dynos: map[event.Stream]*event.Stream{}} },
	Anchors: []string{"sample#memory_"},
}

const (
	maxLine  = 2048
	maxDynos = 4096
	maxText  = 200
)

// decoder reads the lines of one stream.
type decoder struct {
	dynos  map[event.Stream]*event.Stream
	quotas map[*event.Stream]unit.Bytes
}

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	if len(l.Text) > maxLine {
		return false
	}
	return bytes.Contains(l.Text, []byte("sample#memory_")) && d.dyno(l, emit)
}

// Flush implements dialect.Decoder.
func (d *decoder) Flush(dialect.Emit) {}

// samples are the names of Heroku's readings.
var samples = map[string]string{
	"memory_total": event.ValueUsage, "memory_rss": event.ValueRSS, "memory_cache": event.ValueFile, "memory_swap": event.ValueSwap, "memory_quota": event.ValueLimit,
}

// dyno reads a line of log-runtime-metrics.
func (d *decoder) dyno(l *dialect.Line, emit dialect.Emit) bool {
	s := &event.Sample{Head: l.Head(name)}
	for word := range bytes.FieldsSeq(l.Text) {
		key, value, _ := bytes.Cut(word, []byte("="))
		if string(key) == "source" && len(value) > 0 {
			s.Stream = d.stream(l.Stream, string(value))
		}
		key, ok := bytes.CutPrefix(key, []byte("sample#"))
		to := samples[string(key)]
		if !ok || to == "" {
			continue
		}
		size, ok := megabytes(value)
		if !ok {
			emit(&event.Problem{Head: l.Head(name), Message: "want a number of MB behind sample#" + string(key), Text: string(l.Text[:min(len(l.Text), maxText)])})
			return true
		}
		s.Values = append(s.Values, event.Value{Name: to, V: float64(size)})
		d.quota(s, to, size, emit)
	}
	if len(s.Values) == 0 {
		return false
	}
	emit(s)
	return true
}

// quota states the limit of a dyno where it is a new one.
func (d *decoder) quota(s *event.Sample, to string, size unit.Bytes, emit dialect.Emit) {
	if to != event.ValueLimit || d.quotas[s.Stream] == size || size <= 0 {
		return
	}
	if d.quotas == nil || len(d.quotas) >= maxDynos {
		d.quotas = map[*event.Stream]unit.Bytes{}
	}
	d.quotas[s.Stream] = size
	emit(&event.Setting{Head: s.Head, Name: event.MemoryLimit, Text: "memory_quota", Size: unit.Known(size)})
}

// stream returns the stream of a dyno.
func (d *decoder) stream(outer *event.Stream, source string) *event.Stream {
	var s event.Stream
	if outer != nil {
		s = *outer
	}
	s.Container = source
	if known, ok := d.dynos[s]; ok {
		return known
	}
	if len(d.dynos) >= maxDynos {
		clear(d.dynos)
	}
	d.dynos[s] = &s
	return &s
}

// megabytes reads "94.70MB".
func megabytes(text []byte) (unit.Bytes, bool) {
	number, ok := bytes.CutSuffix(text, []byte("MB"))
	v, err := strconv.ParseFloat(string(number), 64)
	if !ok || err != nil || !(v >= 0 && v < 1<<40) {
		return 0, false
	}
	return unit.Bytes(v * float64(unit.MiB)), true
}
