package envelope

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"time"

	"oomtrace/parser/event"
)

// The fields of a journal entry that are looked at (systemd.journal-fields(7)).
const (
	journalMessage = iota
	journalRealtime
	journalMonotonic
	journalSource
	journalHost
	journalUnit
	journalTag
	journalPID
	journalContainer
	journalContainerID
	journalPartial
	journalFields
)

// entry is an entry of the journal. A field without text is not there.
type entry [journalFields]value

// set keeps the value of a field that is looked at.
func (e *entry) set(key []byte, v value) {
	var i int
	switch string(key) {
	case "MESSAGE":
		i = journalMessage
	case "__REALTIME_TIMESTAMP":
		i = journalRealtime
	case "__MONOTONIC_TIMESTAMP":
		i = journalMonotonic
	case "_SOURCE_MONOTONIC_TIMESTAMP":
		i = journalSource
	case "_HOSTNAME":
		i = journalHost
	case "_SYSTEMD_UNIT":
		i = journalUnit
	case "SYSLOG_IDENTIFIER":
		i = journalTag
	case "_PID":
		i = journalPID
	case "CONTAINER_NAME":
		i = journalContainer
	case "CONTAINER_ID_FULL":
		i = journalContainerID
	case "CONTAINER_PARTIAL_MESSAGE":
		i = journalPartial
	default:
		return
	}
	e[i] = v
}

// entry sets the record to what an entry says.
func (s *Stripper) entry(r *Record, e *entry) {
	micro(e[journalRealtime], func(us int64) { s.setWall(r, stamp{ns: us * 1000, step: time.Microsecond}) })
	source, unit := e[journalSource], e[journalUnit]
	if source.text == nil {
		source = e[journalMonotonic]
	}
	micro(source, func(us int64) { r.setBoot(time.Duration(us)*time.Microsecond, time.Microsecond) })
	if unit.text == nil {
		unit = e[journalTag]
	}
	s.beginKey()
	for _, v := range [...]value{e[journalHost], unit, e[journalPID], e[journalContainer], e[journalContainerID]} {
		s.addKey(v.text)
	}
	if len(bytes.Trim(s.key, "\x00")) > 0 {
		s.named(r, s.key, fillEntry)
	}
	s.decode(r, e[journalMessage].decode)
	r.Partial = string(e[journalPartial].text) == "true"
}

func fillEntry(st *event.Stream, text []byte) {
	f := keyFields(text)
	if len(f) < 5 {
		return
	}
	st.Host, st.Unit, st.PID, st.Container, st.ContainerID = string(f[0]), string(f[1]), atoi(f[2]), string(f[3]), string(f[4])
}

func micro(v value, set func(int64)) {
	if us, width := number(v.text); width > 0 && width == len(v.text) && us < 1<<53 {
		set(us)
	}
}

// journaldJSON is journalctl -o json.
//
//	{"__REALTIME_TIMESTAMP":"1795375700063958","_PID":"11842","_SYSTEMD_UNIT":"a.service","MESSAGE":"gc 1 ..."}
func journaldJSON(s *Stripper, r *Record) bool {
	var e entry
	whole := members(r.Text, func(key []byte, v value) bool {
		e.set(key, v)
		return true
	})
	if !whole || e[journalMessage].text == nil || e[journalRealtime].text == nil {
		return false
	}
	s.entry(r, &e)
	return true
}

// eventStream is the wrapping of journalctl -o json-sse and json-seq around their JSON.
//
//	data: {"__REALTIME_TIMESTAMP":...}
func eventStream(_ *Stripper, r *Record) bool {
	rest, ok := bytes.CutPrefix(r.Text, []byte("data: "))
	if !ok {
		rest, ok = bytes.CutPrefix(r.Text, []byte{0x1e})
	}
	if !ok || len(rest) == 0 || rest[0] != '{' {
		return false
	}
	r.Text = rest
	return true
}

const (
	// maxEntry is how many lines an entry of the journal may have, and maxField how many bytes of a field are kept.
	maxEntry = 4096
	maxField = MaxText
)

// block is an entry of the journal that stands on several lines, as journalctl -o export and -o verbose write it.
type block struct {
	open    bool
	verbose bool
	lines   int
	at      int // line of the message
	entry   entry
	text    []byte // of the fields
	message int    // where the last field began, if it was the message; else -1

	binary []byte // name of a field whose value comes behind its length
	raw    []byte // the length and the value

	pending []byte // the line that ended a block, if it begins none
	waiting bool
}

// feed takes a line of an entry that stands on several lines. It reports whether the line was taken, and whether the
// record holds an entry.
func (s *Stripper) feed(line []byte) (taken, whole bool) {
	b := &s.block
	verbose := beginsVerbose(line)
	switch {
	case !b.open && !verbose && !beginsExport(line):
		return false, false
	case !b.open:
		s.begin(line, verbose)
		return true, false
	case b.verbose && verbose:
		whole = s.finish()
		s.begin(line, true)
		return true, whole
	case b.verbose && !bytes.HasPrefix(line, []byte("    ")):
		whole = s.finish()
		b.waiting = whole
		b.pending = append(b.pending[:0], line...)
		return whole, whole
	case !b.verbose && len(line) == 0 && b.binary == nil:
		b.lines++
		return true, s.finish()
	}
	b.lines++
	s.blockLine(line)
	if b.lines > maxEntry {
		return true, s.finish()
	}
	return true, false
}

func beginsExport(line []byte) bool {
	return len(line) > 11 && line[0] == '_' && line[1] == '_' &&
		(bytes.HasPrefix(line, []byte("__CURSOR=")) || bytes.HasPrefix(line, []byte("__REALTIME_TIMESTAMP=")))
}

// beginsVerbose tells "Sun 2026-11-22 19:44:22.872737 UTC [s=64d4...;i=1;b=fa15...]".
func beginsVerbose(line []byte) bool {
	return len(line) > 32 && line[len(line)-1] == ']' && bytes.Contains(line[:min(len(line), 64)], []byte(" [s="))
}

// begin opens an entry with its first line.
func (s *Stripper) begin(line []byte, verbose bool) {
	b := &s.block
	b.open, b.verbose, b.lines, b.at, b.message = true, verbose, 1, s.number, -1
	b.entry, b.text, b.binary, b.raw = entry{}, b.text[:0], nil, b.raw[:0]
	if !verbose {
		s.blockLine(line)
		return
	}
	for part := range bytes.SplitSeq(line[bytes.Index(line, []byte(" [s="))+2:len(line)-1], []byte(";")) {
		switch {
		case bytes.HasPrefix(part, []byte("t=")):
			b.clock(journalRealtime, part[2:])
		case bytes.HasPrefix(part, []byte("m=")):
			b.clock(journalMonotonic, part[2:])
		}
	}
}

// clock keeps a number of microseconds that stands in hexadecimal digits.
func (b *block) clock(field int, digits []byte) {
	var us int64
	for _, c := range digits[:min(len(digits), 14)] {
		n := hexDigit(c)
		if n < 0 {
			return
		}
		us = us<<4 | int64(n)
	}
	from := len(b.text)
	b.text = strconv.AppendInt(b.text, us, 10)
	b.entry[field] = value{text: b.text[from:], quoted: true}
}

// blockLine reads a line of a block.
func (s *Stripper) blockLine(line []byte) {
	b := &s.block
	if b.binary != nil {
		b.addBinary(line)
		return
	}
	if b.verbose {
		const indent = "    "
		line = line[len(indent):]
		if len(line) > 0 && line[0] == ' ' {
			b.more(bytes.TrimPrefix(line, []byte("        ")))
			return
		}
	}
	key, text, found := bytes.Cut(line, []byte("="))
	if !found {
		b.message = -1
		if !b.verbose {
			b.binary = append([]byte{}, line...)
			b.raw = b.raw[:0]
		}
		return
	}
	b.set(s.number, key, text)
}

func (b *block) set(line int, key, text []byte) {
	from := len(b.text)
	b.message = -1
	if string(key) == "MESSAGE" {
		b.message, b.at = from, line
	}
	b.text = append(b.text, text[:min(len(text), maxField)]...)
	b.entry.set(key, value{text: b.text[from:], quoted: true})
}

// more adds a line to the message.
func (b *block) more(text []byte) {
	if b.message < 0 || len(b.text)-b.message > maxField {
		return
	}
	b.text = append(append(b.text, '\n'), text...)
	b.entry[journalMessage].text = b.text[b.message:]
}

// addBinary adds a line to a value that stands behind its length, eight bytes with the lowest first.
func (b *block) addBinary(line []byte) {
	const width = 8
	b.raw = append(b.raw, line...)
	if len(b.raw) >= width {
		if n := binary.LittleEndian.Uint64(b.raw); uint64(len(b.raw)-width) >= n || n > maxField {
			b.set(b.at+b.lines-1, b.binary, b.raw[width:])
			b.binary = nil
			return
		}
	}
	b.raw = append(b.raw, '\n')
}

// finish ends a block, and reports whether it had a message.
func (s *Stripper) finish() bool {
	b := &s.block
	b.open = false
	if b.binary != nil && len(b.raw) > 8 {
		b.set(b.at, b.binary, b.raw[8:])
	}
	if b.entry[journalMessage].text == nil {
		return false
	}
	s.record = Record{Line: b.at, Lines: b.lines, Outer: "journald-export"}
	if b.verbose {
		s.record.Outer = "journald-verbose"
	}
	s.entry(&s.record, &b.entry)
	return (!s.record.Partial && len(s.held) == 0 || s.join(&s.record, 0)) && s.inner(1)
}
