// Package prometheus reads memory metrics as Prometheus and its clients write them: scrapes in the text format, query
// results of the HTTP API, and what promtool prints.
//
// Who writes it:
//
//   - The text format 0.0.4 and OpenMetrics 1.0: prometheus/common expfmt/text_create.go (client_golang v1.23), client_java
//     PrometheusTextFormatWriter, micrometer, prom-client, cAdvisor (/metrics/cadvisor of the kubelet), kube-state-metrics.
//     One scrape is one block of lines; timestamps are rare: milliseconds, in OpenMetrics seconds.
//   - The HTTP API: web/api/v1/api.go writes {"status":"success","data":{"resultType":"matrix"|"vector","result":[...]}} on one
//     line; each value is [seconds, "text"]. VictoriaMetrics /api/v1/export writes one object a series with values and timestamps.
//   - promtool query (cmd/promtool, promql/value.go, String): `metric{...} => 1.2e+08 @[1795376536.431]`, for ranges the series
//     on a line that ends with "=>" and one "value @[seconds]" a line below.
package prometheus

import (
	"bytes"
	"maps"
	"slices"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/dialects/moment"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

const name = "prometheus"

// Dialect reads metrics of Prometheus.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "Prometheus and OpenMetrics: scrapes, query results, promtool",
	Versions: "text format 0.0.4, OpenMetrics 1.0, HTTP API v1, promtool 2 and 3, VictoriaMetrics export",
	Notes: `Metrics read: go_memstats_*, go_gc_*, go_goroutines, process_resident_memory_bytes, container_memory_*, container_spec_memory_limit_bytes,
jvm_memory_* of client_java, micrometer and OpenTelemetry, jvm_buffer_*, nodejs_heap_*, node_memory_*, kube_pod_container_resource_limits.
Each scrape is one sample a process; it ends where a series comes again, at "# EOF" and at a line that is a time stamp.
The labels namespace, pod, container, uid and id name the writer, without them instance and job.
A scrape without a time stamp is placed by the stamp of its lines, or of the line before it; else by the end of the last collection, which
client_golang exports. Pools of a JVM are added up; of -1, which stands for no bound, nothing is made.
heap_alloc_bytes is what was in use at the moment of the scrape, garbage included. next_gc_bytes is the goal of the next collection of Go.`,
	Grammars: []dialect.Grammar{
		{
			Name:    "line of the text format",
			EBNF:    `Metric = name [ "{" [ label "=" string { "," label "=" string } [ "," ] ] "}" ] number [ timestamp ] [ "# " exemplar ] .`,
			Example: `go_memstats_heap_alloc_bytes 9.9838472e+07`,
		},
		{
			Name:    "comment of the text format",
			EBNF:    `Comment = "# TYPE" name kind | "# HELP" name text | "# UNIT" name unit | "# EOF" .`,
			Example: `# TYPE go_memstats_heap_alloc_bytes gauge`,
		},
		{
			Name:    "result of the HTTP API",
			EBNF:    `Result = "{" "\"metric\"" ":" labels "," ( "\"value\"" ":" point | "\"values\"" ":" "[" { point } "]" ) "}" . point = "[" seconds "," string "]" .`,
			Example: `{"metric":{"__name__":"container_memory_working_set_bytes","container":"app","pod":"cart-1"},"values":[[1795376536.431,"117551104"]]}`,
		},
		{
			Name:    "line of promtool",
			EBNF:    `Point = [ name ] "{" labels "}" "=>" ( number "@[" seconds "]" | { number "@[" seconds "]" } ) .`,
			Example: `container_memory_working_set_bytes{container="app", pod="cart-1"} => 117551104 @[1795376536.431]`,
		},
	},
	Anchors: append([]string{"# EOF", "# TYPE", "# HELP", "# UNIT"}, slices.Sorted(maps.Keys(known))...),
	Moments: true,
	New:     func() dialect.Decoder { return newDecoder() },
}

// Bounds of the work for one line and of what a decoder remembers.
const (
	maxLine    = 1 << 14
	maxStreams = 1 << 14
	maxSeries  = 1 << 16 // of one scrape
	maxText    = 200
)

// decoder reads the lines of one stream.
type decoder struct {
	names   *names
	family  []byte // the name of the last "# TYPE" or "# HELP" line
	when    event.Time
	seen    map[uint64]struct{} // series of the scrape that is open
	open    []*event.Sample     // of the scrape, by writer, in the order of their first lines
	openOf  map[*event.Stream]int
	ranged  *rangeOf
	settled map[settingKey]float64
	labels  labels
}

type settingKey struct {
	stream *event.Stream
	name   event.SettingName
}

func newDecoder() *decoder {
	return &decoder{names: newNames(), seen: map[uint64]struct{}{}, openOf: map[*event.Stream]int{}, settled: map[settingKey]float64{}}
}

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	text := l.Text
	if len(text) == 0 || len(text) > maxLine {
		if at, ok := moment.Bare(l); ok {
			d.endScrape(emit)
			d.when = at
		}
		return false
	}
	switch c := text[0]; {
	case c == '#':
		return d.comment(text, emit)
	case (c == '{' || nameByte(c) && !ascii.Digit(c)) && d.metric(l, emit), d.ranged != nil && d.pointLine(l, emit):
		return true
	}
	d.stampLine(l, emit)
	return false
}

// Idle implements dialect.Idler. A scrape that is open ends with a line that has an anchor, or that is a time.
func (d *decoder) Idle() bool { return len(d.family) == 0 && d.ranged == nil }

// Flush implements dialect.Decoder.
func (d *decoder) Flush(emit dialect.Emit) { d.endScrape(emit) }

// comment reads "# TYPE", "# HELP", "# UNIT" and "# EOF".
func (d *decoder) comment(text []byte, emit dialect.Emit) bool {
	if string(text) == "# EOF" {
		had := len(d.open) > 0 || len(d.family) > 0
		d.endScrape(emit)
		return had
	}
	rest, ok := bytes.CutPrefix(text, []byte("# "))
	if !ok || len(rest) < 6 {
		return false
	}
	word, rest, _ := bytes.Cut(rest, []byte(" "))
	switch string(word) {
	case "TYPE", "HELP", "UNIT":
	default:
		return false
	}
	family, kind, _ := bytes.Cut(rest, []byte(" "))
	if n := nameLen(family); n == 0 || n != len(family) || bytes.IndexByte(family, '_') < 0 {
		return false
	}
	if string(word) == "TYPE" && !kinds[string(kind)] {
		return false
	}
	d.family = append(d.family[:0], family...)
	return true
}

// kinds are the types of metrics.
var kinds = map[string]bool{
	"counter": true, "gauge": true, "histogram": true, "summary": true, "untyped": true, "unknown": true, "info": true, "stateset": true, "gaugehistogram": true,
}

// metric reads a line that begins with the name of a metric, or as promtool prints expressions, with its labels.
func (d *decoder) metric(l *dialect.Line, emit dialect.Emit) bool {
	text := l.Text
	n := nameLen(text)
	if n < len(text) && text[n] != '{' && text[n] != ' ' && text[n] != '\t' || n == len(text) {
		return false
	}
	m := known[string(text[:n])]
	if m == nil {
		return n > 0 && d.inFamily(text[:n])
	}
	rest, ok := d.labels.read(text[n:])
	if !ok {
		return d.broken(l, "labels that do not end", emit)
	}
	rest = bytes.TrimLeft(rest, " \t")
	if after, ok := bytes.CutPrefix(rest, []byte("=>")); ok {
		return d.promtool(l, m, after, emit)
	}
	p, ok := valueOf(rest)
	if !ok {
		if len(d.family) == 0 {
			return false // a word of a log line that is the name of a metric
		}
		return d.broken(l, "no number behind the name of the metric", emit)
	}
	d.reading(l, m, p, hash(text[:len(text)-len(rest)]), emit)
	return true
}

// inFamily reports whether a metric that is not read belongs to the family that the last comment named.
func (d *decoder) inFamily(name []byte) bool {
	return len(d.family) > 0 && bytes.HasPrefix(name, d.family)
}

func (d *decoder) broken(l *dialect.Line, what string, emit dialect.Emit) bool {
	emit(&event.Problem{Head: l.Head(name), Message: what, Text: string(l.Text[:min(len(l.Text), maxText)])})
	return true
}

// reading takes one series of a scrape.
func (d *decoder) reading(l *dialect.Line, m *metric, p point, series uint64, emit dialect.Emit) {
	if _, again := d.seen[series]; again || len(d.seen) >= maxSeries {
		d.endScrape(emit)
	}
	d.seen[series] = struct{}{}
	stream := d.names.stream(l.Stream, &d.labels)
	if d.names.aggregate(&d.labels) {
		return
	}
	i, ok := d.openOf[stream]
	if !ok {
		i = len(d.open)
		d.openOf[stream] = i
		s := &event.Sample{Head: l.Head(name)}
		s.Stream = stream
		d.setTime(&s.Time, p)
		d.open = append(d.open, s)
	}
	s := d.open[i]
	m.add(s, &d.labels, p.value)
	d.setting(m, l, s, p.value, emit)
}

// setTime gives a sample the time of its own stamp, of its line, or of the line before the scrape.
func (d *decoder) setTime(t *event.Time, p point) {
	switch {
	case p.stamped:
		t.Has |= event.Wall
		t.Wall, t.WallStep, t.Assumed = p.wall, p.step, 0
	case !t.Has.Has(event.Wall) && d.when.Has.Has(event.Wall):
		*t = d.when
	}
}

// setting emits the limit or flag that a metric states, where it is a new one.
func (d *decoder) setting(m *metric, l *dialect.Line, s *event.Sample, v float64, emit dialect.Emit) {
	if ev := m.setting(&d.labels, v); ev != nil && d.isNew(s.Stream, ev.Name, v) {
		ev.Head = l.Head(name)
		ev.Stream, ev.Time = s.Stream, s.Time
		emit(ev)
	}
}

// isNew reports whether a setting was not told yet with this value.
func (d *decoder) isNew(stream *event.Stream, name event.SettingName, v float64) bool {
	key := settingKey{stream, name}
	if old, ok := d.settled[key]; ok && old == v {
		return false
	}
	if len(d.settled) >= maxStreams {
		clear(d.settled)
	}
	d.settled[key] = v
	return true
}

// tell emits a sample, and what its sums say about the bound on the heap of a JVM.
func (d *decoder) tell(s *event.Sample, emit dialect.Emit) {
	if len(s.Values) == 0 {
		return
	}
	for _, v := range s.Values {
		if v.Name == event.ValueHeapLimit && bounded(v.V) && d.isNew(s.Stream, event.MaxHeap, v.V) {
			emit(&event.Setting{Head: s.Head, Runtime: s.Runtime, Name: event.MaxHeap, Size: unit.Known(unit.Bytes(v.V))})
		}
	}
	emit(s)
}

// endScrape emits the samples of the scrape that is open.
func (d *decoder) endScrape(emit dialect.Emit) {
	for _, s := range d.open {
		d.tell(s, emit)
	}
	clear(d.open)
	d.open = d.open[:0]
	clear(d.openOf)
	clear(d.seen)
	d.family = d.family[:0]
}
