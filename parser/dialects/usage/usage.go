// Package usage reads the tables in which tools show the memory of containers and processes: docker stats, podman stats,
// kubectl top, ps, pidstat -r and smem.
//
// Who writes them:
//
//   - docker/cli cli/command/container/formatter_stats.go: CONTAINER ID, NAME, CPU %, MEM USAGE / LIMIT, MEM %, ...; with
//     --format json one object a line. The usage is less the inactive page cache (calculateMemUsageUnixNoCache); without a
//     limit the memory of the machine stands in its place. podman stats has ID first and leaves out "CONTAINER".
//   - kubernetes/kubectl pkg/cmd/top, metricsutil: NAME, CPU(cores), MEMORY(bytes), with POD and NAMESPACE before; the working set.
//   - procps ps (src/ps/output.c): PID, RSS and VSZ in KiB, the command last.
//   - sysstat pidstat (pidstat.c): "07:42:16 PM   UID       PID  minflt/s  majflt/s     VSZ     RSS   %MEM  Command".
//   - smem: PID, User, Command, Swap, USS, PSS, RSS in KiB.
package usage

import (
	"bytes"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/moment"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

const name = "usage"

// Dialect reads tables of memory.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "docker stats, kubectl top, ps, pidstat -r and smem",
	Versions: "docker 1.10 to 29, podman 4 and 5, kubectl 1.8 to 1.35, procps 3 and 4, sysstat 10 to 12, smem 1.4",
	Notes: `Each row is a sample of one container or process. Repeated tables are a series; a line that is a time stamp before a table is
the time of its rows.
working_set_bytes is what docker and kubectl show, rss_bytes what ps, pidstat and smem show. limit_bytes is docker's limit, which is the memory of
the machine where none was set.`,
	Grammars: []dialect.Grammar{
		{
			Name:    "row of docker stats",
			EBNF:    `Row = id name percent size "/" size percent { cell } .`,
			Example: "45cb1b5c1d2e   payments   0.05%     117.3MiB / 160MiB   73.31%    1.02kB / 126B   0B / 0B   6",
		},
		{
			Name:    "row of kubectl top",
			EBNF:    `Row = [ namespace ] pod [ container ] cpu size .`,
			Example: "cart-7d9f   12m          117Mi",
		},
		{
			Name:    "row of ps, pidstat and smem",
			EBNF:    `Row = { cell } .  (* the cells below PID and RSS are numbers *)`,
			Example: "   4711 114796 1674596 promleak",
		},
	},
	Anchors: slices.Concat(dockerTitles, processTitles, []string{kubectlTitle, "Linux "}),
	Moments: true,
	New:     func() dialect.Decoder { return &decoder{streams: map[event.Stream]*event.Stream{}} },
}

// What stands in the titles of tables. RSS is a title of its own, and never the only one.
var (
	dockerTitles  = []string{"MEM USAGE / LIMIT", "MEM USAGE/LIMIT"}
	processTitles = []string{" RSS", "\tRSS", "RSS ", "RSS\t"}
)

const kubectlTitle = "MEMORY(bytes)"

const (
	maxLine    = 4096
	maxTitles  = 32
	maxStreams = 1 << 14
)

// decoder reads the lines of one stream.
type decoder struct {
	table   *table
	when    event.Time
	timed   bool      // a row has taken it
	date    time.Time // of the first line of pidstat
	streams map[event.Stream]*event.Stream
	limits  map[*event.Stream]unit.Bytes
}

// table is how the rows below a header are read.
type table struct {
	read   func(d *decoder, words []string) (event.Stream, []event.Value, bool)
	titles []string
	name   int // column of the command, -1 without one
}

// at returns the cell of a column: counted from the left before the command, and from the right behind it, as a command
// may hold blanks.
func (t *table) at(words []string, title string) string {
	i := slices.Index(t.titles, title)
	if i < 0 || len(words) < len(t.titles) {
		return ""
	}
	if t.name >= 0 && i > t.name {
		return words[len(words)-(len(t.titles)-i)]
	}
	return words[i]
}

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	text := l.Text
	if len(text) == 0 || len(text) > maxLine {
		if at, ok := moment.Bare(l); ok {
			d.when, d.table, d.timed = at, nil, false
		}
		return false
	}
	if d.header(text) {
		if d.timed && d.date.IsZero() {
			d.when = event.Time{} // it was that of the table before
		}
		d.timed = false
		return true
	}
	if d.table != nil && d.row(l, emit) {
		return true
	}
	if at, ok := moment.Of(text); ok {
		d.when, d.timed = at, false
	}
	if bytes.HasPrefix(text, []byte("Linux ")) {
		d.sysstat(string(text))
	}
	d.table = nil
	return false
}

// Idle implements dialect.Idler.
func (d *decoder) Idle() bool { return d.table == nil }

// Flush implements dialect.Decoder.
func (d *decoder) Flush(dialect.Emit) {}

// header takes the titles of a table.
func (d *decoder) header(text []byte) bool {
	switch {
	case containsAny(text, dockerTitles):
		d.table = &table{read: dockerRow, name: -1}
		return true
	case bytes.Contains(text, []byte(kubectlTitle)):
		d.table = &table{read: kubectlRow, titles: strings.Fields(string(text)), name: -1}
		return slices.Contains(d.table.titles, kubectlTitle)
	case bytes.Contains(text, []byte("PID")) && containsAny(text, processTitles):
		return d.processes(text)
	}
	return false
}

func containsAny(text []byte, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return bytes.Contains(text, []byte(part)) })
}

// processes takes the titles of ps, pidstat and smem.
func (d *decoder) processes(text []byte) bool {
	titles := strings.Fields(strings.TrimPrefix(string(text), "#"))
	if len(titles) > maxTitles || !slices.Contains(titles, "PID") || !slices.Contains(titles, "RSS") || slices.ContainsFunc(titles, func(s string) bool { return strings.ContainsAny(s, "[],={}") }) {
		return false
	}
	d.table = &table{read: processRow, titles: titles, name: -1}
	for _, n := range []string{"COMMAND", "Command", "CMD", "COMM"} {
		if i := slices.Index(titles, n); i >= 0 {
			d.table.name = i
		}
	}
	return true
}

// row reads a row of the table that is open.
func (d *decoder) row(l *dialect.Line, emit dialect.Emit) bool {
	words := strings.Fields(string(l.Text))
	s, values, ok := d.table.read(d, words)
	if !ok {
		return false
	}
	ev := &event.Sample{Head: l.Head(name), Values: values}
	ev.Stream = d.stream(l.Stream, s)
	d.setTime(ev, words)
	d.limit(ev, emit)
	emit(ev)
	return true
}

// limit states a limit where it is a new one.
func (d *decoder) limit(s *event.Sample, emit dialect.Emit) {
	for _, v := range s.Values {
		if v.Name != event.ValueLimit || d.limits[s.Stream] == unit.Bytes(v.V) {
			continue
		}
		if d.limits == nil || len(d.limits) >= maxStreams {
			d.limits = map[*event.Stream]unit.Bytes{}
		}
		d.limits[s.Stream] = unit.Bytes(v.V)
		emit(&event.Setting{Head: s.Head, Name: event.MemoryLimit, Text: "MEM LIMIT", Size: unit.Known(unit.Bytes(v.V))})
	}
}

// stream returns the one stream of a container or process, in that of the line.
func (d *decoder) stream(outer *event.Stream, s event.Stream) *event.Stream {
	if outer != nil {
		s.Host = outer.Host
	}
	if known, ok := d.streams[s]; ok {
		return known
	}
	if len(d.streams) >= maxStreams {
		clear(d.streams)
	}
	d.streams[s] = &s
	return &s
}

// setTime gives a row the time of its own, or of the line before the table.
func (d *decoder) setTime(s *event.Sample, words []string) {
	if s.Time.Has.Has(event.Wall) {
		return
	}
	s.Time, d.timed = d.when, true
	if d.date.IsZero() || len(words) < 2 {
		return
	}
	layout, text := "15:04:05", words[0]
	if words[1] == "AM" || words[1] == "PM" {
		layout, text = "03:04:05 PM", words[0]+" "+words[1]
	}
	clock, err := time.Parse(layout, text)
	if err != nil {
		return
	}
	at := d.date.Add(time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute + time.Duration(clock.Second())*time.Second)
	if d.when.Has.Has(event.Wall) && at.UnixNano() < d.when.Wall-int64(12*time.Hour) {
		d.date = d.date.AddDate(0, 0, 1) // past midnight
		at = at.AddDate(0, 0, 1)
	}
	s.Time = event.Time{Has: event.Wall, Wall: at.UnixNano(), WallStep: time.Second, Assumed: event.AssumedZone}
	d.when = s.Time
}

// sysstat takes the date of "Linux 6.12.43 (host) 	11/22/2026 	_x86_64_	(2 CPU)".
func (d *decoder) sysstat(text string) {
	words := strings.Fields(text)
	if len(words) < 5 || !strings.HasPrefix(words[2], "(") {
		return
	}
	for _, layout := range []string{"01/02/2006", "2006-01-02", "01/02/06"} {
		if t, err := time.Parse(layout, words[3]); err == nil {
			d.date, d.when = t, event.Time{}
		}
	}
}

// DecodeDocument implements dialect.DocumentDecoder: lines of docker stats --format json.
func (d *decoder) DecodeDocument(doc *dialect.Document, emit dialect.Emit) bool {
	if !bytes.Contains(doc.Text, []byte(`"MemUsage"`)) || len(doc.Text) > maxLine {
		return false
	}
	root := gjson.ParseBytes(doc.Text)
	used, limit, _ := strings.Cut(root.Get("MemUsage").Str, " / ")
	values, ok := memory(used, limit)
	if !ok {
		return false
	}
	ev := &event.Sample{Head: doc.Head(name), Values: values}
	id := root.Get("ID").Str
	if id == "" {
		id = root.Get("Container").Str
	}
	ev.Stream = d.stream(doc.Stream, event.Stream{Container: root.Get("Name").Str, ContainerID: idOf(id)})
	if !ev.Time.Has.Has(event.Wall) {
		ev.Time = d.when
	}
	d.limit(ev, emit)
	emit(ev)
	return true
}

// idOf returns what is the id of a container and not its name.
func idOf(s string) string {
	if len(s) >= 12 && strings.Trim(s, "0123456789abcdef") == "" {
		return s
	}
	return ""
}

// memory makes values of "117.3MiB" and "160MiB".
func memory(used, limit string) ([]event.Value, bool) {
	u, err := unit.Parse(used)
	if err != nil {
		return nil, false
	}
	values := []event.Value{{Name: event.ValueWorkingSet, V: float64(u)}}
	if l, err := unit.Parse(limit); err == nil && l > 0 {
		values = append(values, event.Value{Name: event.ValueLimit, V: float64(l)})
	}
	return values, true
}

// dockerRow reads "45cb1b5c1d2e payments 0.05% 117.3MiB / 160MiB 73.31% ...".
func dockerRow(_ *decoder, words []string) (s event.Stream, values []event.Value, ok bool) {
	slash := slices.Index(words, "/")
	if slash < 3 || slash+2 > len(words) {
		return s, nil, false
	}
	s.ContainerID = idOf(words[0])
	if slash >= 4 {
		s.Container = words[1]
	}
	values, ok = memory(words[slash-1], words[slash+1])
	return s, values, ok
}

// kubectlRow reads "shop cart-7d9f app 12m 117Mi".
func kubectlRow(d *decoder, words []string) (s event.Stream, values []event.Value, ok bool) {
	t := d.table
	size, err := unit.Parse(t.at(words, kubectlTitle))
	if err != nil || len(words) != len(t.titles) {
		return s, nil, false
	}
	s.Namespace, s.Pod = t.at(words, "NAMESPACE"), t.at(words, "POD")
	if s.Pod == "" {
		s.Pod = t.at(words, "NAME")
	} else {
		s.Container = t.at(words, "NAME")
	}
	return s, []event.Value{{Name: event.ValueWorkingSet, V: float64(size)}}, true
}

// processRow reads a row of ps, pidstat or smem.
func processRow(d *decoder, words []string) (s event.Stream, values []event.Value, ok bool) {
	t := d.table
	pid, err := strconv.Atoi(t.at(words, "PID"))
	if err != nil || pid <= 0 {
		return s, nil, false
	}
	rss, err := strconv.ParseUint(t.at(words, "RSS"), 10, 50)
	if err != nil {
		return s, nil, false
	}
	s.PID = pid
	if t.name >= 0 && len(words) > t.name {
		s.Unit = path.Base(words[t.name])
	}
	return s, []event.Value{{Name: event.ValueRSS, V: float64(rss) * 1024}}, true
}
