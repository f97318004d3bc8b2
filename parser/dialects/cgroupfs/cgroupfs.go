// Package cgroupfs reads the files in which Linux tells the memory of a control group, of a process and of the machine, as
// people print them one after the other: with cat, head, grep or a loop around them.
//
// Who writes them:
//
//   - cgroup v2 (mm/memcontrol.c): memory.stat begins with "anon N", memory.events with "low N", both in lines of a name and
//     a number; memory.current, memory.peak, memory.max, memory.high and memory.swap.current hold one number in bytes, or "max".
//   - cgroup v1 (mm/memcontrol-v1.c): memory.stat begins with "cache N"; memory.usage_in_bytes, memory.max_usage_in_bytes and
//     memory.limit_in_bytes hold one number.
//   - /proc/PID/status (fs/proc/task_mmu.c, task_mem): "VmHWM:	  114796 kB"; kB is 1024 bytes.
//   - /proc/PID/smaps_rollup: "Rss:              114796 kB" behind a line that ends with [rollup].
//   - /proc/meminfo (fs/proc/meminfo.c) begins with MemTotal.
//
// The kernel's out-of-memory report has a memory.stat of its own, below "Memory cgroup stats for", which is not read here.
// A number alone says nothing: it counts only in a file of that name, behind its name and a colon as grep prints it, or
// below "==> memory.current <==" as head and tail print it.
package cgroupfs

import (
	"bytes"
	"math"
	"path"
	"slices"
	"strconv"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/moment"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

const name = "cgroupfs"

// Dialect reads memory.stat and its like.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "Linux memory.stat, memory.events, memory.current, /proc/PID/status and /proc/meminfo",
	Versions: "cgroup v1 and v2, Linux 2.6 to 7.x",
	Notes: `Files that stand one below the other are one sample, until one of their lines comes again or a line that is a time stamp.
The working set is the usage less inactive_file, as the kubelet has it. "max" and v1's largest number are no limit.`,
	Grammars: []dialect.Grammar{
		{Name: "line of memory.stat and memory.events", EBNF: `Line = [ path ":" ] name number .`, Example: "anon 117551104"},
		{Name: "file of one number", EBNF: `Line = [ path ":" ] ( number | "max" ) .`, Example: "/sys/fs/cgroup/memory.current:118673408"},
		{Name: "line of /proc/PID/status and /proc/meminfo", EBNF: `Line = name ":" number "kB" .`, Example: "VmRSS:\t  114796 kB"},
	},
	Anchors: append([]string{"memory.", "==> ", "anon ", "cache ", "low ", "MemTotal", "Name:\t"}, leads...),
	Moments: true,
	New:     func() dialect.Decoder { return &decoder{} },
}

const maxLine = 512

// Leads are lines that say what follows.
const (
	kernelStats = "Memory cgroup stats"
	machineFile = "/proc/meminfo"
	rollupArea  = "[rollup]"
)

var leads = []string{kernelStats, machineFile, rollupArea}

// kind is the file that a line belongs to.
type kind uint8

const (
	none    kind = iota
	stat2        // memory.stat of cgroup v2
	stat1        // and of v1
	events       // memory.events
	status       // /proc/PID/status
	meminfo      // /proc/meminfo
	rollup       // /proc/PID/smaps_rollup
)

// decoder reads the lines of one stream.
type decoder struct {
	kind   kind
	input  string // the name of the file that is read
	file   string // of the lines below "==> file <=="
	before []byte // the line before, if it is a lead
	when   event.Time
	sample *event.Sample
	seen   map[string]bool // names in the sample
	proc   event.Stream    // name and pid that /proc/PID/status begins with
	told   unit.Bytes      // the limit that was stated last
}

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	if d.input == "" {
		d.input = path.Base(l.Pos.File)
	}
	text := l.Text
	if len(text) == 0 || len(text) > maxLine {
		if at, ok := moment.Bare(l); ok {
			d.end(emit)
			d.when = at
		}
		return false
	}
	if at, ok := moment.Of(text); ok && !d.single(text) {
		d.end(emit)
		d.when = at
		return false
	}
	if file, ok := header(text); ok {
		d.file, d.kind = file, none
		return numbers[file] != ""
	}
	claimed := d.claim(l, emit)
	if !claimed {
		d.remember(text)
		if d.kind != status {
			d.kind = none
		}
	}
	return claimed
}

// Idle implements dialect.Idler. In a file of one number every line may be it.
func (d *decoder) Idle() bool {
	return d.kind == none && d.proc == (event.Stream{}) && len(d.before) == 0 && d.input != "" && numbers[d.content()] == ""
}

// content is the name of the file that a line is the content of, where it does not name another itself.
func (d *decoder) content() string {
	if d.file != "" {
		return d.file
	}
	return d.input
}

// Flush implements dialect.Decoder.
func (d *decoder) Flush(emit dialect.Emit) { d.end(emit) }

// header reads "==> /sys/fs/cgroup/memory.current <==".
func header(text []byte) (file string, ok bool) {
	rest, ok := bytes.CutPrefix(text, []byte("==> "))
	if !ok {
		return "", false
	}
	rest, ok = bytes.CutSuffix(rest, []byte(" <=="))
	return path.Base(string(rest)), ok
}

// numbers are the files of one number.
var numbers = map[string]string{
	"memory.current": event.ValueUsage, "memory.usage_in_bytes": event.ValueUsage,
	"memory.peak": event.ValuePeakUsage, "memory.max_usage_in_bytes": event.ValuePeakUsage,
	"memory.max": event.ValueLimit, "memory.limit_in_bytes": event.ValueLimit,
	"memory.swap.current": event.ValueSwap,
}

// single reports whether a number that looks like a time is the content of a file.
func (d *decoder) single(text []byte) bool {
	return text[0]-'0' <= 9 && bytes.IndexByte(text, ':') < 0 && (numbers[d.file] != "" || numbers[d.input] != "")
}

func (d *decoder) claim(l *dialect.Line, emit dialect.Emit) bool {
	text := l.Text
	file := d.content()
	if at := bytes.Index(text, []byte("memory.")); at >= 0 && (at == 0 || text[at-1] == '/') {
		named, rest, ok := bytes.Cut(text[at:], []byte(":"))
		if ok {
			file, text = string(named), rest
		}
	}
	if to := numbers[file]; to != "" && len(text) > 0 && (text[0]-'0' <= 9 || string(text) == "max") {
		return d.number(l, to, text, emit)
	}
	if key, value, ok := colon(text); ok {
		return d.procLine(l, key, value, emit)
	}
	if key, value, ok := words(text); ok {
		return d.statLine(l, key, value, emit)
	}
	return false
}

// number takes the content of a file of one number.
func (d *decoder) number(l *dialect.Line, to string, text []byte, emit dialect.Emit) bool {
	text = bytes.TrimSpace(text)
	if string(text) == "max" {
		return true
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		emit(&event.Problem{Head: l.Head(name), Message: `want a number of bytes or "max"`, Text: string(text)})
		return true
	}
	if to == event.ValueLimit && n >= 1<<60 {
		return true // v1 writes the largest whole page for no limit
	}
	d.put(l, to, to, float64(n), emit)
	if to == event.ValueLimit && unit.Bytes(n) != d.told {
		d.told = unit.Bytes(n)
		emit(&event.Setting{Head: d.sample.Head, Name: event.MemoryLimit, Text: string(text), Size: unit.Known(d.told)})
	}
	return true
}

// put adds a value to the sample; where the key was there already, it ends the one and begins another.
func (d *decoder) put(l *dialect.Line, key, to string, v float64, emit dialect.Emit) {
	if d.seen[key] {
		d.end(emit)
	}
	if d.sample == nil {
		d.sample = &event.Sample{Head: l.Head(name)}
		d.seen = map[string]bool{}
		if !d.sample.Time.Has.Has(event.Wall) && d.when.Has != 0 {
			d.sample.Time = d.when
		}
	}
	d.seen[key] = true
	if to == "" {
		return
	}
	if slices.ContainsFunc(d.sample.Values, func(x event.Value) bool { return x.Name == to }) {
		return // another file says the same
	}
	d.sample.Values = append(d.sample.Values, event.Value{Name: to, V: v})
}

// end emits the sample that is open.
func (d *decoder) end(emit dialect.Emit) {
	s := d.sample
	d.sample, d.seen = nil, nil
	if s == nil {
		return
	}
	d.workingSet(s)
	if d.proc != (event.Stream{}) && s.Stream == nil {
		stream := d.proc
		s.Stream = &stream
	}
	if len(s.Values) > 0 {
		emit(s)
	}
}

// inactive is the page cache that is easy to drop, until the sample ends.
const inactive = "inactive_file_bytes"

// workingSet takes the page cache that is easy to drop off the usage.
func (d *decoder) workingSet(s *event.Sample) {
	usage, idle := -1.0, -1.0
	for _, v := range s.Values {
		switch v.Name {
		case event.ValueUsage:
			usage = v.V
		case inactive:
			idle = v.V
		}
	}
	if usage >= 0 && idle >= 0 {
		s.Values = append(s.Values, event.Value{Name: event.ValueWorkingSet, V: math.Max(0, usage-idle)})
	}
}

// statNames are the lines of memory.stat that are read.
var statNames = [...]map[string]string{
	stat2: {
		"anon": event.ValueAnon, "file": event.ValueFile, "kernel": event.ValueKernel, "shmem": event.ValueShmem, "inactive_file": inactive,
	},
	stat1: {
		"rss": event.ValueAnon, "cache": event.ValueFile, "shmem": event.ValueShmem, "swap": event.ValueSwap, "inactive_file": inactive,
		"hierarchical_memory_limit": event.ValueLimit,
	},
	events: {"oom_kill": event.ValueOOMKills},
}

// openers are the first lines of the files.
var openers = map[string]kind{"anon": stat2, "cache": stat1, "low": events}

// statLine reads "anon 117551104".
func (d *decoder) statLine(l *dialect.Line, key, value []byte, emit dialect.Emit) bool {
	if k, ok := openers[string(key)]; ok && !bytes.Contains(d.before, []byte(kernelStats)) {
		d.kind = k
	}
	if d.kind != stat2 && d.kind != stat1 && d.kind != events {
		return false
	}
	n, err := strconv.ParseUint(string(value), 10, 64)
	if err != nil {
		return false
	}
	to := statNames[d.kind][string(key)]
	if to == event.ValueLimit && n >= 1<<60 {
		to = ""
	}
	d.put(l, string(rune('0'+d.kind))+string(key), to, float64(n), emit)
	return true
}

// words reads a name in lower case and a number.
func words(text []byte) (key, value []byte, ok bool) {
	key, value, ok = bytes.Cut(text, []byte(" "))
	if !ok || len(key) == 0 || len(value) == 0 || len(value) > 20 {
		return nil, nil, false
	}
	for _, c := range key {
		if c-'a' >= 26 && c != '_' && c-'0' > 9 {
			return nil, nil, false
		}
	}
	for _, c := range value {
		if c-'0' > 9 {
			return nil, nil, false
		}
	}
	return key, value, true
}
