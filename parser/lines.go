package parser

import (
	"bytes"
	"io"

	"oomtrace/parser/envelope"
)

const (
	// blockSize is how much is read at once.
	blockSize = 256 << 10
	// maxLine is how many bytes of a line are looked at. The rest is read over and counted.
	maxLine = envelope.MaxText
	// maxStore is maxLine for a line that is a document of many log lines.
	maxStore = 16 << 20
)

// lines splits an input at its line ends. Lines are slices of one buffer of 4 MiB at most, of 32 MiB
// where the answer of a log store stands on one line.
type lines struct {
	in   io.Reader
	err  error // why the input ended
	buf  []byte
	from int // where the next line begins
	scan int // what lies before was searched for a line end
	to   int // end of what was read

	number int   // of the line returned last, from 1
	cut    int64 // how many bytes of that line were read over
	inside bool  // the line returned last goes on
	sample sample
}

// next returns the next line without its line feed, valid until the next call. At the end it returns
// false, and err tells why: io.EOF, or what broke.
//
// A line longer than maxLine ends there; where it holds CRs, as the output of progress bars does, it
// is returned in pieces that end at one. The pieces have the number of their one line.
func (l *lines) next() ([]byte, bool) {
	l.cut = 0
	for {
		end := bytes.IndexByte(l.buf[l.scan:l.to], '\n')
		if end >= 0 && l.scan+end-l.from <= l.longest() {
			return l.take(l.scan+end, 1), true
		}
		l.scan = l.to
		l.skipNUL()
		if l.to-l.from > l.longest() {
			return l.long(), true
		}
		if l.err != nil {
			break
		}
		l.fill()
	}
	if l.from == l.to {
		return nil, false
	}
	return l.take(l.to, 0), true
}

// longest returns how many bytes of the line at hand are looked at.
func (l *lines) longest() int {
	if l.to-l.from > maxLine && envelope.MayHoldLines(l.buf[l.from:l.to]) {
		return maxStore
	}
	return maxLine
}

// take returns the text up to end, behind which stand skip bytes of line end.
func (l *lines) take(end, skip int) []byte {
	line := l.buf[l.from:end]
	l.begin()
	l.inside = false
	l.from = end + skip
	l.scan = l.from
	return line
}

func (l *lines) begin() {
	if !l.inside {
		l.number++
	}
}

// skipNUL drops NUL bytes where a line begins: a file that was cut while it was open begins with a hole,
// which can have any size.
func (l *lines) skipNUL() {
	for l.from < l.to && l.buf[l.from] == 0 {
		l.from++
	}
}

// long returns the beginning of a long line, and reads over the rest unless it goes on behind a CR.
func (l *lines) long() []byte {
	longest := l.longest()
	line := l.buf[l.from : l.from+longest]
	l.begin()
	if cr := bytes.LastIndexByte(line[:longest-1], '\r'); cr > 0 {
		l.inside = true
		l.from += cr + 1
		l.scan = l.from
		return line[:cr]
	}
	l.inside = false
	l.from += longest
	keep := l.from
	for {
		end := bytes.IndexByte(l.buf[l.from:l.to], '\n')
		if end >= 0 {
			l.cut += int64(end)
			l.from += end + 1
			break
		}
		l.cut += int64(l.to - l.from)
		l.from = l.to
		if l.err != nil {
			break
		}
		if l.to == len(l.buf) {
			l.from, l.to = keep, keep
		}
		l.read()
	}
	l.scan = l.from
	return line
}

// fill makes room behind the text that is not used up, and reads.
func (l *lines) fill() {
	if l.buf == nil {
		l.buf = make([]byte, blockSize)
	}
	if l.from > 0 {
		l.to = copy(l.buf, l.buf[l.from:l.to])
		l.scan -= l.from
		l.from = 0
	}
	if l.to == len(l.buf) {
		l.buf = append(l.buf, make([]byte, len(l.buf))...)
	}
	l.read()
}

func (l *lines) read() {
	n, err := l.in.Read(l.buf[l.to:])
	l.sample.add(l.buf[l.to : l.to+n])
	l.to += n
	l.err = err
}

// sample looks at the beginning of an input, behind a hole if there is one, to tell text from other things.
type sample struct {
	seen, control int
}

const (
	sampleSize = 64 << 10
	// maxControl is the share of control characters above which an input is no text, in percent.
	maxControl = 5
)

func (s *sample) add(b []byte) {
	if s.seen == 0 {
		b = bytes.TrimLeft(b, "\x00")
	}
	for _, c := range b[:min(len(b), sampleSize-s.seen)] {
		s.seen++
		if c < ' ' && (c < '\a' || c > '\r') && c != 0x1b {
			s.control++
		}
	}
}

func (s *sample) binary() bool { return s.control*100 > s.seen*maxControl }
