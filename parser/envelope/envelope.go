// Package envelope takes off what a log pipeline wraps around the lines of a program: container runtimes,
// the journal, syslog, the kernel's ring buffer. A line goes in, the payload with its time and its writer
// comes out; a line without an envelope comes out as it is. What the payload means is left to the dialects,
// which find their records after an unknown prefix too.
//
// Envelopes nest (the journal around a kernel stamp, CRI around a JSON logger), so they are taken off one
// after the other. Each is one small value in the list below.
package envelope

import (
	"bytes"
	"math/bits"
	"time"

	"oomtrace/parser/event"
)

// Record is a line without its envelopes.
type Record struct {
	Text    []byte // payload; valid until the next call of Strip
	Time    event.Time
	Stream  *event.Stream // nil where no envelope names the writer
	Decoded bool          // the payload was decoded and may hold line ends of its own
	Spread  bool          // each line end of the payload is one of the file
	Partial bool          // the payload goes on in the next record of the stream; never set by Strip and Rest
	Line    int           // physical line, the first of several
	Lines   int           // how many physical lines there are: more than 1 where the pipeline split a long line, 0 where a record before began this one
	Cut     int64         // bytes at the end that were left out as the line was too long
	Outer   string        // name of the outermost envelope; empty if there is none
}

// envelope is one kind of wrapping.
type envelope struct {
	name  string // as in JSON; empty for a prefix that says nothing by itself
	first string // the bytes that it can begin with; empty for all
	joins bool   // it splits long lines over several records
	inner bool   // nothing else is wrapped within it
	hangs bool   // it indents the further lines of a message, as journalctl does
	vague bool   // its form also fits the lines of narrower envelopes, so that those go first
	strip func(*Stripper, *Record) bool
}

// envelopes is the one list. Of two that fit the same line, the narrower one stands first.
var envelopes = []envelope{
	{name: "cri", first: digits, joins: true, strip: cri},
	{name: "heroku", first: digits, strip: heroku},
	{name: "cloud-foundry", first: digits + " ", strip: cloudFoundry},
	{name: "logcli", first: digits, strip: logcli},
	{name: "fluentd", first: digits, strip: fluentd},
	{name: "vmware", first: digits, strip: vmware},
	{name: "syslog-iso", first: digits, hangs: true, strip: syslogISO},
	{name: "dmesg-iso", first: digits, inner: true, strip: dmesgISO},
	{name: "journald-unix", first: digits, hangs: true, strip: journaldUnix},
	{name: "kmsg", first: digits, inner: true, strip: kmsg},
	{name: "docker-json", first: "{", joins: true, strip: dockerJSON},
	{name: "journald-json", first: "{", joins: true, strip: journaldJSON},
	{name: "journald-monotonic", first: "[", hangs: true, strip: journaldMonotonic},
	{name: "kubectl-prefix", first: "[", strip: kubectlPrefix},
	{name: "dmesg", first: "[", inner: true, strip: dmesg},
	{name: "dmesg-ctime", first: "[", inner: true, strip: dmesgCtime},
	{name: "dmesg-reltime", first: "[", inner: true, strip: dmesgReltime},
	{name: "syslog-rfc5424", first: "<", strip: rfc5424},
	{name: "tai64n", first: "@", strip: tai64n},
	{name: "turborepo", first: "@", strip: turborepo},
	{name: "logfmt", first: "t", strip: logfmt},
	{name: "zerolog", first: digits, strip: zerologConsole},
	{name: "klog", first: "IWEF", strip: klog},
	{name: "", first: "<", strip: priority},
	{name: "", first: "kumdaslncf", strip: dmesgDecoded},
	{name: "", first: "d\x1e", strip: eventStream},
	{name: "", first: "+", strip: sternFound},
	{name: "", first: ">", strip: markdown},
	{name: "", first: digits + " ", strip: counted},
	{name: "journald-full", hangs: true, strip: journaldFull},
	{name: "syslog", hangs: true, strip: syslog},
	{name: "compose", strip: compose},
	{name: "stern", first: letters, strip: stern},
	{name: "cloudwatch-tail", first: digits, vague: true, strip: cloudWatchTail},
	{name: "pm2", first: digits, vague: true, strip: pm2},
	{name: "timestamp", first: digits, vague: true, strip: isoTimestamp},
	{name: "timestamp-epoch", first: digits, vague: true, strip: epochTimestamp},
	{name: "logcat", first: "01", vague: true, strip: logcat},
	{name: "", first: digits, vague: true, strip: balena},
	{name: "timestamp-ts", vague: true, strip: shortTimestamp},
	{name: "grep", vague: true, strip: grepped},
	{name: "json", first: "{", vague: true, strip: jsonLogger},
}

const (
	digits  = "0123456789"
	letters = "abcdefghijklmnopqrstuvwxyz"
	none    = -1

	// maxDepth is how many envelopes can lie around each other.
	maxDepth = 5
)

// candidates holds for every first byte the set of envelopes that can begin with it.
var candidates = func() (sets [256]uint64) {
	for i, e := range envelopes {
		for b := range sets {
			if e.first == "" && b > ' ' {
				sets[b] |= 1 << i
			}
		}
		for _, b := range []byte(e.first) {
			sets[b] |= 1 << i
		}
	}
	return sets
}()

// vague is the set of vague envelopes.
var vague = func() (set uint64) {
	for i, e := range envelopes {
		if e.vague {
			set |= 1 << i
		}
	}
	return set
}()

// Stripper takes the envelopes off the lines of one input, in order. The zero value is ready.
type Stripper struct {
	Year int            // year of the first stamp that names none; 0 is Fallback
	Zone *time.Location // zone of stamps that name none; nil is UTC, and marked as assumed

	record    Record
	last      [maxDepth]int // one more than the envelope that matched at this depth last
	dates     dates
	writers   writers
	hosts     map[string]bool // names that stand where a host stands, and proved to be one
	pods      map[string]bool // pods that stern found
	decoded   [2][]byte       // text that had to be decoded; two, as it is decoded again from there
	turn      int             // which of them holds the text that was decoded last
	plain     []byte          // text that had escape sequences
	key       []byte
	held      map[*event.Stream]*pieces // unfinished lines
	heldBytes int
	heldLines int // how many lines came in pieces so far
	number    int // physical line of the last record
	block     block
	logged    logEntry // the record of a logger that is read
	count     counter
	margin    margin
	since     since
	labelled  bool // a label of TAI64N was read
}

// Fallback is the year of stamps without one where nobody names a year. It is a leap year.
const Fallback = 2000

// Strip takes all envelopes off a line, of which cut bytes were left out at the end. Numbers of lines rise, or stay where
// a long line is handed over in parts. It returns nil for a piece of a longer line: the record of the last piece has all
// of it. The record is valid until the next call.
func (s *Stripper) Strip(line []byte, number int, cut int64) *Record {
	again := number == s.number
	s.number = number
	if taken, whole := s.feed(line); whole {
		return &s.record
	} else if taken {
		return nil
	}
	return s.line(line, number, cut, again)
}

// Next returns the record that Strip found besides the one that it returned, or nil. It is to be called until then.
func (s *Stripper) Next() *Record {
	if !s.block.waiting {
		return nil
	}
	s.block.waiting = false
	return s.line(s.block.pending, s.number, 0, false)
}

// line reads a line by itself. It may be a further part of the same physical line.
func (s *Stripper) line(line []byte, number int, cut int64, again bool) *Record {
	if hanging, ok := s.margin.cut(line, number); ok {
		s.record = Record{Text: s.clean(hanging), Line: number, Lines: 1, Cut: cut, Time: s.record.Time, Stream: s.record.Stream, Outer: s.record.Outer}
		return &s.record
	}
	s.record = Record{Text: line, Line: number, Lines: 1, Cut: cut}
	if again {
		s.record.Lines = 0
	}
	if !s.inner(0) {
		return nil
	}
	return &s.record
}

// inner takes the envelopes from a depth on off the record, and reports whether it holds a whole line.
func (s *Stripper) inner(depth int) bool {
	r := &s.record
	for ; depth < maxDepth; depth++ {
		r.Text = s.clean(r.Text)
		width := len(r.Text)
		found := s.one(r, depth)
		if found == none {
			break
		}
		e := &envelopes[found]
		if r.Outer == "" {
			r.Outer = e.name
		}
		if e.hangs && depth == 0 {
			s.margin = margin{number: r.Line, width: width - len(r.Text)}
		}
		if e.inner {
			return true
		}
		if e.joins && (r.Partial || len(s.held) > 0) && !s.join(r, depth) {
			return false
		}
	}
	if depth == maxDepth {
		r.Text = s.clean(r.Text)
	}
	return true
}

// margin is how wide the prefix of the line with a number was.
type margin struct {
	number, width int
}

// cut takes a line for a further one of the message on the line before, if it is indented by the prefix of that.
func (m *margin) cut(line []byte, number int) (rest []byte, ok bool) {
	if m.number == 0 || number != m.number+1 || len(line) <= m.width || line[0] != ' ' || len(bytes.TrimLeft(line[:m.width], " ")) > 0 {
		return nil, false
	}
	m.number = number
	return line[m.width:], true
}

// decode sets the text of the record to what write appends.
func (s *Stripper) decode(r *Record, write func(dst []byte) []byte) {
	s.turn = 1 - s.turn
	s.decoded[s.turn] = write(s.decoded[s.turn][:0])
	r.Text = s.decoded[s.turn]
	r.Decoded = true
}

// one takes the outermost envelope off and returns its index. The one that matched last goes first.
func (s *Stripper) one(r *Record, depth int) int {
	if len(r.Text) == 0 {
		return none
	}
	set := candidates[r.Text[0]]
	if set == 0 {
		return none
	}
	if last := s.last[depth] - 1; last >= 0 && set&^vague&(1<<last) != 0 {
		if envelopes[last].strip(s, r) {
			return last
		}
		set &^= 1 << last
	}
	for ; set != 0; set &= set - 1 {
		i := bits.TrailingZeros64(set)
		if envelopes[i].strip(s, r) {
			s.last[depth] = i + 1
			return i
		}
	}
	return none
}

// Crowded reports whether the input has more writers than are kept apart.
func (s *Stripper) Crowded() bool { return s.writers.crowded }

// Unread returns how many stamps could not be read, and the first of them. Their lines were stripped all the same.
func (s *Stripper) Unread() (n int, example string) { return s.dates.unread, s.dates.example }

// Labelled reports whether labels of TAI64N were read.
func (s *Stripper) Labelled() bool { return s.labelled }

// Localised reports whether stamps without a zone were read as those of Zone.
func (s *Stripper) Localised() bool { return s.dates.localised }
