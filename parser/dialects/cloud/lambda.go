package cloud

import (
	"bytes"
	"cmp"
	"strings"

	"github.com/tidwall/gjson"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// request is what is known of a request of Lambda.
type request struct {
	id          string
	used, limit unit.Size // of its REPORT
	killed      bool      // its process was killed by SIGKILL
	told        bool      // its end was told
}

// full reports whether the environment of the request used all of its memory. The numbers are whole MB.
func (r *request) full() bool {
	used, ok := r.used.Get()
	limit, known := r.limit.Get()
	return ok && known && limit > 0 && used >= limit/100*99
}

// request returns what is remembered of a request.
func (d *decoder) request(id string) *request {
	for i := range d.requests {
		if d.requests[i].id == id {
			return &d.requests[i]
		}
	}
	if len(d.requests) >= maxRequests {
		d.requests = append(d.requests[:0], d.requests[1:]...)
	}
	d.requests = append(d.requests, request{id: id})
	return &d.requests[len(d.requests)-1]
}

// lambda reads a line from "RequestId: " on, before which stand other words.
func (d *decoder) lambda(l *dialect.Line, text, before []byte, emit dialect.Emit) bool {
	id, rest, _ := bytes.Cut(text[len("RequestId: "):], []byte(" "))
	if tab := bytes.IndexByte(id, '\t'); tab >= 0 {
		id, rest = id[:tab], text[len("RequestId: ")+tab:]
	}
	if len(id) < 3 || len(id) > 64 {
		return false
	}
	switch {
	case bytes.HasSuffix(before, []byte("REPORT ")):
		return d.reported(l, clip(id), rest, emit)
	case ascii.HasPrefix(rest, "Error: Runtime exited with error: "):
		d.exited(l, clip(id), rest[len("Error: Runtime exited with error: "):], emit)
	case ascii.HasPrefix(rest, "Error: Runtime exited without providing a reason"), ascii.HasPrefix(rest, "Process exited before completing request"):
		d.ended(l, d.request(clip(id)), "Runtime.ExitError", rest, emit)
	default:
		return false
	}
	return true
}

// reported reads the rest of a REPORT: "Duration: 11.48 ms Billed Duration: 12 ms Memory Size: 128 MB Max Memory Used: 10 MB
// Status: error Error Type: Runtime.OutOfMemory", the fields set apart by tabs or blanks.
func (d *decoder) reported(l *dialect.Line, id string, rest []byte, emit dialect.Emit) bool {
	from := bytes.Index(rest, []byte("Memory Size: "))
	used := bytes.Index(rest, []byte("Max Memory Used: "))
	if from < 0 || used < from {
		return false
	}
	end := bytes.Index(rest[used:], []byte(" MB"))
	if end < 0 {
		emit(problem(l, "a REPORT of Lambda that breaks off"))
		return true
	}
	tree, err := d.read.report.Parse(rest[from : used+end+len(" MB")])
	if err != nil {
		emit(problem(l, "a REPORT of Lambda that is not as it writes it"))
		return true
	}
	d.measure(l, id, mib(tree.Used.Int()), mib(tree.Size.Int()), field(rest, "Status: "), field(rest, "Error Type: "), rest, emit)
	return true
}

// field returns the word behind a key.
func field(text []byte, key string) string {
	i := bytes.Index(text, []byte(key))
	if i < 0 {
		return ""
	}
	value := text[i+len(key):]
	if end := bytes.IndexAny(value, "\t "); end >= 0 {
		value = value[:end]
	}
	return clip(value)
}

// measure emits what a report says.
func (d *decoder) measure(l *dialect.Line, id string, used, limit unit.Size, status, errorType string, text []byte, emit dialect.Emit) {
	r := d.request(id)
	r.used, r.limit = used, limit
	sample := &event.Sample{Head: l.Head(name)}
	if n, ok := used.Get(); ok {
		sample.Values = append(sample.Values, event.Value{Name: event.ValuePeakUsage, V: float64(n)})
	}
	if n, ok := limit.Get(); ok {
		sample.Values = append(sample.Values, event.Value{Name: event.ValueLimit, V: float64(n)})
	}
	emit(sample)
	switch {
	case r.killed && r.full() || strings.HasSuffix(errorType, outOfMemoryType):
		d.ended(l, r, cmp.Or(errorType, "Runtime.ExitError"), text, emit)
	case !r.told && (errorType != "" || status != "" && status != "success"):
		d.ended(l, r, cmp.Or(errorType, status), text, emit)
	}
}

// outOfMemoryType ends the type of an error: Runtime.OutOfMemory.
const outOfMemoryType = "OutOfMemory"

// exited reads "signal: killed" and "exit status 1", the words of Go for the end of the runtime.
func (d *decoder) exited(l *dialect.Line, id string, how []byte, emit dialect.Emit) {
	how, _, _ = bytes.Cut(how, []byte(" Runtime.ExitError"))
	r := d.request(id)
	r.killed = ascii.HasPrefix(how, "signal: killed")
	d.ended(l, r, "Runtime.ExitError", how, emit)
}

// ended emits the end of a request. It is for want of memory where Lambda says so, or where its process was killed with all of
// its memory used.
func (d *decoder) ended(l *dialect.Line, r *request, reason string, text []byte, emit dialect.Emit) {
	r.told = true
	ev := happened(l, event.Lambda, event.ActionExit, reason, bytes.TrimSpace(text))
	ev.ID, ev.Usage, ev.Limit = r.id, r.used, r.limit
	if r.killed {
		ev.Signal = sigkill
	}
	if strings.HasSuffix(reason, outOfMemoryType) || r.killed && r.full() {
		ev.Action = event.ActionOOM
	}
	emit(ev)
}

// telemetry reads a platform.report of the JSON log format.
func (d *decoder) telemetry(doc *dialect.Document, root gjson.Result, emit dialect.Emit) bool {
	if root.Get("type").Str != "platform.report" {
		return false
	}
	record := root.Get("record")
	id := record.Get("requestId").Str
	if id == "" {
		return false
	}
	metrics := record.Get("metrics")
	line := doc.Line
	line.Text = []byte(record.Raw)
	d.measure(&line, clip([]byte(id)), megabytes(metrics.Get("maxMemoryUsedMB")), megabytes(metrics.Get("memorySizeMB")),
		record.Get("status").Str, record.Get("errorType").Str, line.Text, emit)
	return true
}

// megabytes reads a number of MiB, which is a string in some documents; unknown where there is none.
func megabytes(v gjson.Result) unit.Size {
	if n := v.Int(); v.Exists() && v.Type != gjson.Null && n > 0 {
		return mib(n)
	}
	return unit.Size{}
}
