package jvmlegacy

import (
	"bytes"
	"time"

	"oomtrace/parser/event"
)

// lead is what can stand before a record: PrintGCDateStamps, PrintGCTimeStamps, PrintGCID, in this order.
type lead struct {
	wall      int64 // nanoseconds since the Unix epoch
	dated     bool
	uptime    time.Duration
	timed     bool
	id        int64
	numbered  bool
	indent    int // blanks at the beginning of the line
	afterward int // where the rest of the line begins
}

// leadOf reads what stands before a record.
func leadOf(text []byte) lead {
	var s lead
	for s.indent < len(text) && text[s.indent] == ' ' {
		s.indent++
	}
	at := s.indent
	if ns, n := date(text[at:]); n > 0 {
		s.wall, s.dated = ns, true
		at += n
	}
	if d, n := uptime(text[at:]); n > 0 {
		s.uptime, s.timed = d, true
		at += n
	}
	if id, n := number18(text[min(at+1, len(text)):]); at < len(text) && text[at] == '#' && n > 0 && hasPrefix(text[at+1+n:], ":") {
		s.id, s.numbered = id, true
		at += n + 2
	}
	if at > s.indent {
		for at < len(text) && text[at] == ' ' {
			at++
		}
	}
	s.afterward = at
	return s
}

// stamped reports whether the line names a clock.
func (s lead) stamped() bool { return s.dated || s.timed }

// addTo adds the clocks of the line to those of its envelope, which comes first.
func (s lead) addTo(t *event.Time) {
	const step = time.Millisecond
	if s.dated && !t.Has.Has(event.Wall) {
		t.Has |= event.Wall
		t.Wall, t.WallStep = s.wall, step
	}
	if s.timed {
		t.Has |= event.Process
		t.Process = s.uptime
	}
	if s.stamped() && (t.Step == 0 || step < t.Step) {
		t.Step = step
	}
}

const (
	dateForm   = "2026-11-22T19:19:28.415+0000: "
	dateLength = len(dateForm) - 2
)

// date reads a stamp of PrintGCDateStamps and the colon and blank behind it. The zone has always four digits.
func date(b []byte) (ns int64, length int) {
	const n = dateLength
	if len(b) < n+1 || b[10] != 'T' || b[n] != ':' || !matches(b[:n]) {
		return 0, 0
	}
	two := func(at int) int { return int(b[at]-'0')*10 + int(b[at+1]-'0') }
	year, month, day := two(0)*100+two(2), two(5), two(8)
	hour, minute, second := two(11), two(14), two(17)
	if month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 {
		return 0, 0
	}
	millis := int(b[20]-'0')*100 + two(21)
	offset := time.Duration(two(24))*time.Hour + time.Duration(two(26))*time.Minute
	if b[23] == '-' {
		offset = -offset
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, millis*int(time.Millisecond), time.UTC)
	length = n + 1
	for length < len(b) && b[length] == ' ' {
		length++
	}
	return t.Add(-offset).UnixNano(), length
}

// matches reports whether b has digits and punctuation where dateForm has them. A decimal comma is a point too.
func matches(b []byte) bool {
	for i, c := range b {
		switch want := dateForm[i]; {
		case digit(want):
			if !digit(c) {
				return false
			}
		case want == '+' && c == '-' || want == '.' && c == ',':
		case c != want:
			return false
		}
	}
	return true
}

// uptime reads a stamp of PrintGCTimeStamps, "9.739: ", which has three decimals behind a point or a comma, and
// the colon and blanks behind it.
func uptime(b []byte) (d time.Duration, length int) {
	seconds, n := number18(b)
	if n == 0 || n > 9 || len(b) < n+5 || b[n] != '.' && b[n] != ',' || b[n+4] != ':' {
		return 0, 0
	}
	millis, m := number18(b[n+1:])
	if m != 3 {
		return 0, 0
	}
	length = n + 5
	for length < len(b) && b[length] == ' ' {
		length++
	}
	return time.Duration(seconds)*time.Second + time.Duration(millis)*time.Millisecond, length
}

// number18 reads up to 18 decimal digits; more are no number.
func number18(b []byte) (v int64, n int) {
	for n < len(b) && digit(b[n]) {
		v = v*10 + int64(b[n]-'0')
		if n++; n > 18 {
			return 0, 0
		}
	}
	return v, n
}

// undated appends text to dst without the dates in it, as their digits say nothing new. A blank stays in their
// place, and comes between a word and the uptime that JDK 7 writes right behind it: [GC2.167: [ParNew. Both
// kinds of stamps end with a colon.
func undated(dst, text []byte) []byte {
	from, colon := 0, 0
	for {
		i := bytes.IndexByte(text[colon:], ':')
		if i < 0 {
			return append(dst, text[from:]...)
		}
		i += colon
		colon = i + 1
		switch {
		case i-from >= dateLength && text[i-len("19:19:28.415+0000")-1] == 'T' && matches(text[i-dateLength:i]):
			dst = append(append(dst, text[from:i-dateLength]...), ' ')
			from = colon
		case i-from > len("0.222") && (text[i-4] == '.' || text[i-4] == ','):
			if at := uptimeStart(text[from:], i-from); at > 0 && letter(text[from+at-1]) {
				dst = append(append(dst, text[from:from+at]...), ' ')
				from += at
			}
		}
	}
}

// uptimeStart returns where the uptime begins that ends before the colon, -1 if there is none.
func uptimeStart(text []byte, colon int) int {
	at := colon - len(".222")
	for at > 0 && digit(text[at-1]) {
		at--
	}
	if _, n := uptime(text[at:]); n == 0 {
		return -1
	}
	return at
}

func letter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

func digit(b byte) bool { return b-'0' <= 9 }

func hasPrefix(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }
