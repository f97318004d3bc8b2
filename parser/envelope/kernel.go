package envelope

import (
	"bytes"
	"time"

	"oomtrace/parser/event"
)

// dmesg is the stamp of the kernel's ring buffer, seconds since boot; with PRINTK_CALLER the task or the
// CPU stands behind it. The forms of dmesg -d and dmesg -r are read too (util-linux, sys-utils/dmesg.c).
//
//	[  242.031013] java invoked oom-killer: ...
//	[  201.264][ T7855] java invoked oom-killer: ...
//	[  242.031013 <    0.000120>] java invoked oom-killer: ...
//	[  +0.104137] java invoked oom-killer: ...
func dmesg(s *Stripper, r *Record) bool {
	inside, rest, ok := bracketed(r.Text)
	if !ok {
		return false
	}
	inside = bytes.TrimLeft(inside, " ")
	relative := len(inside) > 0 && inside[0] == '+'
	if relative {
		inside = bytes.TrimLeft(inside[1:], " ")
	}
	d, step, width := seconds(inside)
	if width == 0 || width < len(inside) && !isDelta(inside[width:]) {
		return false
	}
	if relative {
		s.pass(r, d)
	} else {
		r.setBoot(d, step)
	}
	r.Text = bytes.TrimPrefix(afterCaller(rest), []byte(" "))
	return true
}

// since is the clock of dmesg -e and -H: the minute that a line named, and what passed after it.
type since struct {
	known          bool
	minute, passed int64 // nanoseconds
}

// dmesgReltime is a line of dmesg -e and -H that names a new minute. The lines behind it say what passed since the one
// before.
//
//	[Nov22 19:51] java invoked oom-killer: ...
func dmesgReltime(s *Stripper, r *Record) bool {
	const length = len("Nov22 19:51")
	inside, rest, ok := bracketed(r.Text)
	if !ok || len(inside) != length || inside[5] != ' ' {
		return false
	}
	month, day, hour, minute := monthOf(inside[:3]), day(inside[3:]), two(inside[6:]), two(inside[9:])
	if month == 0 || inside[8] != ':' || day < 1 || day > 31 || hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return false
	}
	s.setYearless(r, month, day, hour*3600+minute*60, 0, time.Minute, inside)
	s.since = since{known: r.Time.Has.Has(event.Wall), minute: r.Time.Wall}
	r.Text = bytes.TrimPrefix(afterCaller(rest), []byte(" "))
	return true
}

// pass moves the clock of dmesg -e on, and sets the time of the record to it.
func (s *Stripper) pass(r *Record, d time.Duration) {
	if !s.since.known {
		return
	}
	s.since.passed += int64(d)
	t := stamp{ns: s.since.minute + s.since.passed, step: time.Minute, assumed: event.AssumedYear}
	if s.Zone == nil {
		t.assumed |= event.AssumedZone
	}
	s.setWall(r, t)
}

// bracketed splits "[...]rest" where the bracket closes early.
func bracketed(b []byte) (inside, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '[' {
		return nil, nil, false
	}
	end := bytes.IndexByte(b[:min(len(b), 64)], ']')
	if end < 0 {
		return nil, nil, false
	}
	return b[1:end], b[end+1:], true
}

// seconds reads "242.031013", which must have a point and three digits or more behind it. JVM logs write
// [0.013s], which is no such stamp.
func seconds(b []byte) (d, step time.Duration, width int) {
	whole, n := number(b)
	if n == 0 || n > 9 || n >= len(b) || b[n] != '.' {
		return 0, 0, 0
	}
	ns, step, m := fraction(b[n+1:])
	if m < 3 {
		return 0, 0, 0
	}
	return time.Duration(whole)*time.Second + time.Duration(ns), step, n + 1 + m
}

// isDelta tells " <    0.000120>" behind a stamp.
func isDelta(b []byte) bool {
	b = bytes.TrimLeft(b, " ")
	return len(b) > 2 && b[0] == '<' && b[len(b)-1] == '>'
}

// afterCaller skips "[ T7855]" or "[    C0]".
func afterCaller(b []byte) []byte {
	inside, rest, ok := bracketed(b)
	if !ok {
		return b
	}
	inside = bytes.TrimLeft(inside, " ")
	if len(inside) < 2 || inside[0] != 'T' && inside[0] != 'C' || pid(inside[1:]) == 0 && string(inside[1:]) != "0" {
		return b
	}
	return rest
}

// dmesgCtime is dmesg -T. The names are those of the locale; what matters is a clock and a year at the end.
//
//	[Sun Nov 22 19:36:40 2026] java invoked oom-killer: ...
func dmesgCtime(s *Stripper, r *Record) bool {
	inside, rest, ok := bracketed(r.Text)
	const tail = len("19:36:40 2026")
	if !ok || len(inside) < tail+4 || inside[len(inside)-5] != ' ' {
		return false
	}
	year, width := number(inside[len(inside)-4:])
	clock := hms(inside[len(inside)-tail:])
	if width != 4 || clock < 0 {
		return false
	}
	date := bytes.Fields(inside[:len(inside)-tail])
	if len(date) < 2 {
		return false
	}
	day, month := pid(date[len(date)-1]), monthOf(date[len(date)-2])
	if month == 0 || day < 1 || day > 31 {
		s.unread(inside)
	} else {
		t := stamp{step: time.Second}
		t.set(civil(int(year), month, day)*86400+int64(clock), 0, inside)
		s.setWall(r, s.localise(t))
	}
	r.Text = bytes.TrimPrefix(afterCaller(rest), []byte(" "))
	return true
}

// dmesgISO is dmesg --time-format iso, with a comma before the fraction.
//
//	2026-11-22T19:36:40,329841+00:00 java invoked oom-killer: ...
func dmesgISO(s *Stripper, r *Record) bool {
	t, n := s.iso(r.Text)
	if !t.comma || r.Text[10] != 'T' || n >= len(r.Text) || r.Text[n] != ' ' {
		return false
	}
	s.setWall(r, t)
	r.Text = bytes.TrimPrefix(afterCaller(r.Text[n+1:]), []byte(" "))
	return true
}

// priority is the <N> of dmesg -r and of syslog, in front of another envelope.
//
//	<4>[  242.031013] java invoked oom-killer: ...
func priority(_ *Stripper, r *Record) bool {
	rest, ok := cutPriority(r.Text)
	if ok {
		r.Text = rest
	}
	return ok
}

// cutPriority takes off <N>, where N is a priority of syslog: a facility and a level.
func cutPriority(b []byte) (rest []byte, ok bool) {
	if len(b) < 4 || b[0] != '<' {
		return nil, false
	}
	v, width := number(b[1:min(len(b), 5)])
	if width == 0 || width > 3 || v > 191 || 1+width == len(b) || b[1+width] != '>' {
		return nil, false
	}
	return b[width+2:], true
}

// dmesgDecoded is the facility and the level of dmesg -x, in front of a stamp.
//
//	kern  :warn  : [  242.031013] java invoked oom-killer: ...
func dmesgDecoded(_ *Stripper, r *Record) bool {
	const width = len("kern  :warn  : ")
	b := r.Text
	if len(b) < width || b[6] != ':' || b[13] != ':' || b[14] != ' ' || !isColumn(b[:6]) || !isColumn(b[7:13]) {
		return false
	}
	r.Text = b[width:]
	return true
}

// isColumn reports whether b is a lower-case word padded with blanks.
func isColumn(b []byte) bool {
	for _, c := range bytes.TrimRight(b, " ") {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return b[0] != ' '
}

// kmsg is a record of /dev/kmsg: priority, sequence number, microseconds since boot, flags
// (kernel, Documentation/ABI/testing/dev-kmsg).
//
//	4,396,14329841,-;java invoked oom-killer: ...
//	4,396,14329841,-,caller=T7855;java invoked oom-killer: ...
func kmsg(_ *Stripper, r *Record) bool {
	rest := r.Text
	var field [3]int64
	for i := range field {
		n, width := number(rest)
		if width == 0 || width >= len(rest) || rest[width] != ',' {
			return false
		}
		field[i], rest = n, rest[width+1:]
	}
	end := bytes.IndexByte(rest[:min(len(rest), 64)], ';')
	if end < 1 || rest[0] != '-' && rest[0] != 'c' && rest[0] != '+' || field[2] > 1<<52 {
		return false
	}
	r.setBoot(time.Duration(field[2])*time.Microsecond, time.Microsecond)
	r.Text = rest[end+1:]
	return true
}

// journaldMonotonic is journalctl -o short-monotonic: the stamp of dmesg, then host and tag.
//
//	[ 1488.788876] node-7 audit-api[11842]: gc 1 @0.002s 10%: ...
func journaldMonotonic(s *Stripper, r *Record) bool {
	inside, rest, ok := bracketed(r.Text)
	if !ok || len(rest) < 2 || rest[0] != ' ' {
		return false
	}
	inside = bytes.TrimLeft(inside, " ")
	d, step, width := seconds(inside)
	if width == 0 || width != len(inside) {
		return false
	}
	name, payload, ok := s.hostTag(rest[1:], true)
	if !ok {
		return false
	}
	r.setBoot(d, step)
	s.named(r, name, fillHostTag)
	r.Text = payload
	return true
}
