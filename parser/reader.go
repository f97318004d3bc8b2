// Package parser turns logs into events. Bytes of any file go in: packed, of any encoding, wrapped by
// container runtimes and log shippers, lines of many writers mixed. Events come out in the order of the
// input. What a line means is left to the dialects, what the events mean to the timeline.
package parser

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/bits"
	"time"

	"oomtrace/parser/anchor"
	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/moment"
	"oomtrace/parser/envelope"
	"oomtrace/parser/event"
)

// Reader reads one input. Its fields are options; the zero value reads what is to be read and names no file.
type Reader struct {
	Name string         // of the input, for positions
	Year int            // of the first stamp that names none; 0 is unknown, and noted
	Zone *time.Location // of stamps that name none; nil is UTC, and noted
	Hash bool           // fill Stats.SHA256, which costs a pass over all bytes

	// Stats is filled while the events are read, if it is not nil.
	Stats *Stats
}

// ReaderName stands in the place of the dialect where the reader itself reports a problem: a line too long, too many writers.
const ReaderName = "reader"

// Events reads the input. An error comes only where the input itself breaks, always as the last pair and
// after all events of what was read before; it names the file and the place and wraps the cause. A line
// that cannot be read is an event.Problem. The memory used does not depend on the size of the input.
func (r *Reader) Events(in io.Reader) iter.Seq2[event.Event, error] {
	return func(yield func(event.Event, error) bool) {
		run := newRun(r, Dialects(), yield)
		if err := run.read(in); err != nil && !run.stopped {
			yield(nil, err)
		}
	}
}

// run is one reading of one input.
type run struct {
	name     string
	hash     bool
	yield    func(event.Event, error) bool
	stopped  bool // the receiver wants no more
	handing  bool // the receiver has an event in its hands
	stats    *Stats
	lines    lines
	docs     documents
	table    *table // the input is an export as comma-separated values
	reversed bool   // a document had its newest line first
	strip    envelope.Stripper
	tally    tally
	dialects []dialect.Dialect

	anchors *anchor.Set // of the dialects
	moments uint64      // the dialects that lines concern that are a time, a bit for each

	streams map[*event.Stream]*stream
	order   []*stream // of first appearance
	last    *stream
	assumed event.Assumed

	emit    dialect.Emit
	current int // dialect that has the line; -1 is the reader
	line    dialect.Line
	records []int
}

// stream is the state of one writer.
type stream struct {
	key      *event.Stream
	decoders []dialect.Decoder
	idlers   []dialect.Idler // those of them that need not see every line, else nil
	busy     uint64          // those of the idlers that are not idle, a bit for each
	owner    int             // index of the dialect that claimed the last line that was claimed; -1 before
}

// note looks whether a decoder is idle, after it was asked: nothing else can change that.
func (st *stream) note(i int) {
	idler := st.idlers[i]
	if idler == nil {
		return
	}
	st.busy &^= 1 << i
	if !idler.Idle() {
		st.busy |= 1 << i
	}
}

func newRun(r *Reader, dialects []dialect.Dialect, yield func(event.Event, error) bool) *run {
	u := &run{
		name:     r.Name,
		hash:     r.Hash,
		yield:    yield,
		stats:    r.Stats,
		strip:    envelope.Stripper{Year: r.Year, Zone: r.Zone},
		dialects: dialects,
		streams:  map[*event.Stream]*stream{},
		anchors:  anchors(dialects),
		moments:  moments(dialects),
		records:  make([]int, len(dialects)),
		current:  -1,
	}
	if u.stats == nil {
		u.stats = &Stats{}
	}
	u.emit = u.receive
	return u
}

func (u *run) read(in io.Reader) error {
	i, err := newInput(in, u.hash)
	if err == nil {
		u.lines.in = i.text
		err = u.all()
		u.cutDocument()
		if u.table != nil {
			u.endRows()
		}
		u.flush()
		if i.garbage() {
			u.problem(event.Head{Pos: event.Pos{File: u.name, Line: u.lines.number}, Dialect: ReaderName}, nil, garbageNote)
		}
	}
	i.finish(err, u.stopped)
	u.sum(i)
	if err == nil {
		return nil
	}
	u.stats.Truncated = true
	return fmt.Errorf("%s: after line %d: %w", u.name, u.lines.number, err)
}

// all hands every line on. It returns what broke the input.
func (u *run) all() error {
	for !u.stopped {
		text, ok := u.lines.next()
		if ok {
			u.physical(text)
			continue
		}
		if !errors.Is(u.lines.err, io.EOF) {
			return u.lines.err
		}
		return nil
	}
	return nil
}

// physical takes a line as it stands in the file.
func (u *run) physical(text []byte) {
	if u.table != nil {
		u.tabular(bytes.TrimRight(text, "\r"))
		return
	}
	if u.stats.First == "" {
		u.stats.First = string(bytes.TrimSpace(text[:min(len(text), maxFirst)]))
		if header := envelope.Header(bytes.TrimRight(text, "\r")); header != nil {
			u.table = &table{header: header}
			return
		}
	}
	switch u.docs.add(text, u.lines.number, u.lines.cut) {
	case held:
	case whole:
		u.document(false)
	case broken:
		u.release()
		u.physical(text)
	case apart:
		u.wrapped(text, u.lines.number, u.lines.cut)
	}
}

// wrapped takes a line that is no part of a document.
func (u *run) wrapped(text []byte, number int, cut int64) {
	if len(text) > 0 && (text[0] == '{' || text[0] == '[') {
		doc := dialect.Document{Line: dialect.Line{Pos: event.Pos{File: u.name, Line: number}, Text: text}, Starts: oneLine}
		if u.unpack(&doc) {
			if cut > 0 {
				u.problem(doc.Head(ReaderName), text, "line of %d bytes: only the first %d were looked at", int64(len(text))+cut, len(text))
			}
			return
		}
	}
	rec := u.strip.Strip(bytes.TrimRight(text, "\r"), number, cut)
	for ; rec != nil; rec = u.strip.Next() {
		u.logical(rec)
	}
}

// document offers the JSON value that is held to the dialects, and hands its lines on where none takes it.
func (u *run) document(cut bool) {
	pos := event.Pos{File: u.name, Line: u.docs.first}
	doc := dialect.Document{Line: dialect.Line{Pos: pos, Text: u.docs.text}, Starts: u.docs.starts, Cut: cut}
	if u.unpack(&doc) {
		u.docs.clear()
		return
	}
	if !u.decodeDocument(u.stream(nil), &doc) {
		u.pretty(cut)
		return
	}
	n := 0
	for line := range u.docs.lines {
		if len(bytes.TrimSpace(line)) > 0 {
			n++
		}
	}
	u.tally.add("", n)
	u.stats.Understood += n
	u.docs.clear()
}

// unpack hands the log lines on that a document of a log store holds. It reports false where it holds none.
func (u *run) unpack(doc *dialect.Document) bool {
	items, backwards := u.strip.Unpack(doc.Text)
	u.reversed = u.reversed || backwards
	for i := range items {
		if rec := u.strip.Take(&items[i], doc.PosAt(items[i].Offset).Line); rec != nil {
			u.logical(rec)
		}
	}
	return len(items) > 0
}

// pretty reads the document that is held as one record of a logger that stands on several lines. Where it is none, its
// lines are handed on.
func (u *run) pretty(cut bool) {
	if cut {
		u.release()
		return
	}
	rec, ok := u.strip.Pretty(u.docs.text, u.docs.first, len(u.docs.starts))
	if !ok {
		u.release()
		return
	}
	u.docs.clear()
	if rec != nil {
		u.logical(rec)
	}
}

// cutDocument takes the document in which the input ends.
func (u *run) cutDocument() {
	if u.docs.open() {
		u.document(true)
	}
}

// release hands the lines on that are held for a document and are none.
func (u *run) release() {
	for line, number := range u.docs.lines {
		u.wrapped(line, number, 0)
	}
	u.docs.clear()
}

// decodeDocument asks the dialects in their order, until one says that the document is its own.
func (u *run) decodeDocument(st *stream, doc *dialect.Document) bool {
	for i, d := range st.decoders {
		if reader, ok := d.(dialect.DocumentDecoder); ok && u.askDocument(st, i, reader, doc) {
			return true
		}
	}
	return false
}

// askDocument shows the document to a dialect.
func (u *run) askDocument(st *stream, i int, reader dialect.DocumentDecoder, doc *dialect.Document) (claimed bool) {
	u.current = i
	defer u.rescue(st, i, &doc.Line)
	claimed = reader.DecodeDocument(doc, u.emit)
	st.note(i)
	return claimed
}

// logical takes a line of the program, which may have stood on several physical ones. Where the pipeline
// decoded it, it may be several lines; and the output of progress bars goes on behind a CR.
func (u *run) logical(rec *envelope.Record) {
	st := u.last
	if st == nil || st.key != rec.Stream {
		st = u.stream(rec.Stream)
	}
	u.line = dialect.Line{Pos: event.Pos{File: u.name, Line: rec.Line}, Time: rec.Time, Stream: rec.Stream}
	text := bytes.TrimRight(rec.Text, "\r")
	if rec.Cut > 0 {
		u.problem(u.line.Head(ReaderName), text, "line of %d bytes: only the first %d were looked at", int64(len(text))+rec.Cut, len(text))
	}
	if len(text) > 0 {
		u.tally.add(rec.Outer, rec.Lines)
	}
	claimed := false
	for rest, more := text, true; more; {
		var line []byte
		line, rest, more = cutLine(rest, rec.Decoded)
		claimed = u.decode(st, line) || claimed
		if rec.Spread {
			u.line.Pos.Line = min(u.line.Pos.Line+1, rec.Line+rec.Lines-1)
		}
	}
	switch {
	case claimed:
		u.stats.Understood += rec.Lines
	case len(text) > 0:
		u.stats.Other += rec.Lines
	}
}

// stream returns the state of a writer.
func (u *run) stream(key *event.Stream) *stream {
	st, ok := u.streams[key]
	if !ok {
		st = &stream{key: key, decoders: make([]dialect.Decoder, len(u.dialects)), idlers: make([]dialect.Idler, len(u.dialects)), owner: -1}
		for i, d := range u.dialects {
			st.decoders[i] = u.decoder(i, d)
			st.idlers[i] = idler(d, st.decoders[i])
			st.note(i)
		}
		u.streams[key] = st
		u.order = append(u.order, st)
	}
	u.last = st
	return st
}

// decoder returns a decoder for a further stream.
func (u *run) decoder(i int, d dialect.Dialect) dialect.Decoder {
	if len(u.order) > 0 {
		if first, ok := u.order[0].decoders[i].(dialect.Sibling); ok {
			return first.Sibling()
		}
	}
	return d.New()
}

// cutLine splits text behind its first line, which ends with a CR, or with LF or CRLF in decoded text.
func cutLine(text []byte, decoded bool) (line, rest []byte, more bool) {
	end, skip := bytes.IndexByte(text, '\r'), 1
	if decoded {
		if lf := bytes.IndexByte(text, '\n'); lf >= 0 && (end < 0 || lf < end) {
			end = lf
		} else if lf >= 0 && lf == end+1 {
			skip = 2
		}
	}
	if end < 0 {
		return text, nil, false
	}
	return text[:end], text[end+skip:], true
}

// decode asks the dialects until one says that the line is its own: first the one that the last line of the stream belonged
// to, as no line belongs to two, then the others in their order.
func (u *run) decode(st *stream, text []byte) bool {
	u.line.Text = text
	if isDocument(text) && u.decodeDocument(st, &dialect.Document{Line: u.line, Starts: oneLine}) {
		return true
	}
	if st.owner >= 0 && u.ask(st, st.owner) {
		return true
	}
	for concerned := u.concerned(st); concerned != 0; concerned &= concerned - 1 {
		i := bits.TrailingZeros64(concerned)
		if i == st.owner || !u.ask(st, i) {
			continue
		}
		st.owner = i
		return true
	}
	return false
}

// concerned returns the dialects that the line can concern, a bit for each.
func (u *run) concerned(st *stream) uint64 {
	all := st.busy | u.anchors.Find(u.line.Text)
	if all&u.moments != u.moments && moment.Possible(&u.line) {
		all |= u.moments
	}
	return all
}

// ask shows the line to a dialect.
func (u *run) ask(st *stream, i int) (claimed bool) {
	u.current = i
	defer u.rescue(st, i, &u.line)
	claimed = st.decoders[i].Decode(&u.line, u.emit)
	st.note(i)
	return claimed
}

// rescue is deferred around a call of a decoder. A decoder that panics has a fault that nobody foresaw, and an analysis is not lost for a line: the line
// is a problem, which says so, and a fresh decoder reads on. A panic of the receiver is not ours to stop.
func (u *run) rescue(st *stream, i int, l *dialect.Line) {
	if u.handing {
		return
	}
	fault := recover()
	if fault == nil {
		return
	}
	d := u.dialects[i]
	st.decoders[i] = d.New()
	st.idlers[i] = idler(d, st.decoders[i])
	st.note(i)
	u.problem(l.Head(ReaderName), l.Text, "a fault of oomtrace: its decoder of %s gave up here (%v)", d.Name, fault)
}

// anchors returns the set of what the dialects look for.
func anchors(dialects []dialect.Dialect) *anchor.Set {
	texts := make([][]string, len(dialects))
	for i, d := range dialects {
		texts[i] = d.Anchors
	}
	return anchor.New(texts)
}

// moments returns the dialects that lines concern that are nothing but a time, a bit for each.
func moments(dialects []dialect.Dialect) (all uint64) {
	for i, d := range dialects {
		if d.Moments {
			all |= 1 << i
		}
	}
	return all
}

// idler returns the decoder as one that need not see every line, nil if it is none.
func idler(d dialect.Dialect, decoder dialect.Decoder) dialect.Idler {
	if len(d.Anchors) == 0 {
		return nil
	}
	if i, ok := decoder.(dialect.Idler); ok {
		return i
	}
	return stateless{decoder}
}

// stateless is a decoder that keeps nothing between lines.
type stateless struct{ dialect.Decoder }

// Idle implements dialect.Idler.
func (stateless) Idle() bool { return true }

// oneLine is where the lines of a document begin that has but one.
var oneLine = []int{0}

// isDocument reports whether a line looks like a whole JSON object or array.
func isDocument(text []byte) bool {
	if len(text) < 2 {
		return false
	}
	last := text[len(text)-1]
	return text[0] == '{' && last == '}' || text[0] == '[' && last == ']'
}

func (u *run) problem(head event.Head, text []byte, format string, args ...any) {
	u.current = -1
	u.receive(&event.Problem{Head: head, Message: fmt.Sprintf(format, args...), Text: string(text[:min(len(text), maxFirst)])})
}

// receive counts an event and passes it on.
func (u *run) receive(ev event.Event) {
	if p, ok := ev.(*event.Problem); ok {
		u.stats.problem(p)
	} else if u.current >= 0 {
		u.records[u.current]++
		u.assumed |= ev.Header().Time.Assumed
	}
	u.handing = true
	u.stopped = u.stopped || !u.yield(ev, nil)
	u.handing = false
}

// flush ends all streams, in the order of their first lines.
func (u *run) flush() {
	for _, rec := range u.strip.Rest() {
		u.logical(&rec)
	}
	for _, st := range u.order {
		for i := range st.decoders {
			u.end(st, i)
		}
	}
	if u.strip.Crowded() {
		u.problem(event.Head{Pos: event.Pos{File: u.name, Line: u.lines.number}, Dialect: ReaderName}, nil,
			"more than %d writers in one input: the others were read as if they were one", envelope.MaxWriters)
	}
}

// end tells a decoder that its stream has ended.
func (u *run) end(st *stream, i int) {
	u.current = i
	defer u.rescue(st, i, &dialect.Line{Pos: event.Pos{File: u.name, Line: u.lines.number}, Stream: st.key})
	st.decoders[i].Flush(u.emit)
}

// sum completes what is said about the input.
func (u *run) sum(i *input) {
	s := u.stats
	s.Bytes, s.SHA256 = i.raw.n, i.raw.hex()
	s.Lines = u.lines.number
	s.Envelope = u.tally.most()
	s.Binary = u.lines.sample.binary()
	for i, d := range u.dialects {
		if u.records[i] > 0 {
			s.Dialects = append(s.Dialects, Records{d.Name, u.records[i]})
		}
	}
	s.describe(i)
	u.noteOrder()
	u.noteAssumptions()
}

func (u *run) noteAssumptions() {
	s := u.stats
	switch {
	case u.assumed&event.AssumedYear == 0:
	case u.strip.Year == 0:
		s.note("time stamps name no year, and none was given: the year %d stands for it", envelope.Fallback)
	default:
		s.note("time stamps name no year: the first is read as one of %d", u.strip.Year)
	}
	if u.assumed&event.AssumedZone != 0 {
		s.note("time stamps name no time zone: read as UTC (--log-tz names another)")
	} else if u.strip.Localised() {
		s.note("time stamps name no time zone: read as %s", u.strip.Zone)
	}
	if u.strip.Labelled() {
		s.note("labels of TAI64N are read as atomic time, as s6 writes them; those of daemontools and runit come out 27 s early")
	}
	if n, example := u.strip.Unread(); n > 0 {
		s.note("%d time stamps could not be read, the first is %q", n, example)
	}
}
