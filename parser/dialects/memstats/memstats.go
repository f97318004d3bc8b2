// Package memstats reads what programs of Go and Node.js print about their own memory: runtime.MemStats and
// process.memoryUsage(), whatever writes them down.
//
// Who writes it:
//
//   - expvar (src/expvar/expvar.go, since Go 1.0) answers /debug/vars with one JSON object of which "memstats" is the whole
//     runtime.MemStats (src/runtime/mstats.go), its fields as they are named there; the object stands on several lines.
//   - Programs log the fields themselves: as JSON (zap, zerolog, slog), as logfmt, with fmt's %+v, or as the sample that many
//     copied: "Alloc = 3 MiB\tTotalAlloc = 5 MiB\tSys = 12 MiB\tNumGC = 4".
//   - CockroachDB (server/status/runtime.go) logs "runtime stats: 12 GiB RSS, 2849 goroutines, 2.2 GiB/2.3 GiB/4.9 GiB GO
//     alloc/idle/total, ...".
//   - Node.js (lib/internal/process/per_thread.js, memoryUsage) gives rss, heapTotal, heapUsed, external and arrayBuffers.
//
// HeapAlloc holds garbage that was not swept yet and saws up and down; NextGC over the pacer's factor is the live heap. Names
// are compared without case, "_", "-" and "."; numbers without a unit are bytes.
package memstats

import (
	"bytes"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

const name = "memstats"

// Dialect reads runtime.MemStats and process.memoryUsage().
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "runtime.MemStats, expvar and process.memoryUsage(), as programs log them",
	Versions: "Go 1.0 to 1.26, Node.js 6 to 26",
	Notes: `A line or a JSON document counts if it has HeapAlloc and another field of runtime.MemStats, or Alloc, TotalAlloc and Sys, or
heapUsed and heapTotal of Node.js; fields of other names are passed over. In JSON they may stand in an object of their own.
Names may be written in any case and with "_", "-" or ".", and may end with the unit: heap_alloc_bytes, heapAllocMB.
A JSON line without a stamp of its envelope is placed by its own time, ts or timestamp.
heap_alloc_bytes is what was in use, garbage included; next_gc_bytes is the goal of the next collection.`,
	Grammars: []dialect.Grammar{
		{
			Name:    "expvar, or a JSON line",
			EBNF:    `Object = "{" { string ":" ( number | string | Object ) "," } "}" .`,
			Example: `{"level":"info","ts":1795376536.4,"msg":"memory","HeapAlloc":100948176,"HeapInuse":102244352,"NextGC":107175906,"NumGC":47}`,
		},
		{
			Name:    "fields in text",
			EBNF:    `Field = name ( ":" | "=" ) number [ unit ] .`,
			Example: "Alloc = 3 MiB\tTotalAlloc = 5 MiB\tSys = 12 MiB\tNumGC = 4",
		},
		{
			Name:    "runtime stats of CockroachDB",
			EBNF:    `Stats = "runtime stats:" size "RSS," number "goroutines," size "/" size "/" size "GO alloc/idle/total" .`,
			Example: "runtime stats: 12 GiB RSS, 2849 goroutines, 2.2 GiB/2.3 GiB/4.9 GiB GO alloc/idle/total, 6.3 GiB/8.1 GiB CGO alloc/total",
		},
	},
	New:     func() dialect.Decoder { return &decoder{} },
	Anchors: []string{"lloc", "LLOC", "eapUsed", "eap_used"},
}

const maxLine = 1 << 15

// decoder needs no memory of earlier lines.
type decoder struct {
	fields fields
}

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	if len(l.Text) > maxLine || !anchored(l.Text) {
		return false
	}
	d.fields.clear()
	if rest, ok := after(l.Text, "runtime stats: "); ok {
		d.fields.cockroach(rest)
	} else {
		d.fields.text(l.Text)
	}
	return d.tell(l, emit)
}

// anchored reports whether a line may be one.
func anchored(text []byte) bool {
	return bytes.Contains(text, []byte("lloc")) || bytes.Contains(text, []byte("LLOC")) || bytes.Contains(text, []byte("eapUsed")) || bytes.Contains(text, []byte("eap_used"))
}

func after(text []byte, anchor string) ([]byte, bool) {
	_, rest, ok := bytes.Cut(text, []byte(anchor))
	return rest, ok
}

// Flush implements dialect.Decoder.
func (d *decoder) Flush(dialect.Emit) {}

// DecodeDocument implements dialect.DocumentDecoder.
func (d *decoder) DecodeDocument(doc *dialect.Document, emit dialect.Emit) bool {
	if len(doc.Text) == 0 || doc.Text[0] != '{' || !anchored(doc.Text) {
		return false
	}
	d.fields.clear()
	at := d.fields.json(doc.Text)
	l := doc.Line
	l.Pos = doc.PosAt(at)
	if !l.Time.Has.Has(event.Wall) && d.fields.stamped {
		l.Time.Has |= event.Wall
		l.Time.Wall, l.Time.WallStep = d.fields.wall, d.fields.step
	}
	return d.tell(&l, emit)
}

// tell emits the sample of the fields, if they are ones of a runtime.
func (d *decoder) tell(l *dialect.Line, emit dialect.Emit) bool {
	runtime := d.fields.runtime()
	if runtime == "" {
		return false
	}
	emit(&event.Sample{Head: l.Head(name), Runtime: runtime, Values: d.fields.values()})
	return true
}
