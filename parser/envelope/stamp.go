package envelope

import (
	"bytes"
	"math"
	"time"

	"oomtrace/parser/event"
)

// stamp is a point in time as a text states it.
type stamp struct {
	ns      int64 // since the Unix epoch
	step    time.Duration
	assumed event.Assumed
	comma   bool   // the fraction stands after a comma, as dmesg writes it
	beyond  []byte // the text of a time that ns cannot count; else nil
}

// maxSeconds is how far from 1970 a stamp can lie, the years 1678 to 2261: nanoseconds count 292 years, of which some
// days are left for zones.
const maxSeconds = math.MaxInt64/1_000_000_000 - 1_000_000

// set sets the time to seconds and nanoseconds since 1970, which text states.
func (t *stamp) set(seconds, ns int64, text []byte) {
	if seconds < -maxSeconds || seconds > maxSeconds {
		t.beyond = text
		return
	}
	t.ns = seconds*1e9 + ns
}

// dates remembers what was read last, as most lines share their second with the line before.
type dates struct {
	text    [19]byte
	seconds int64 // of text, taken as UTC

	localised bool // a stamp without a zone was read as one of the given zone

	years   int // turns of the year since the first stamp without one
	month   int // of the last stamp without a year
	unread  int
	example string
}

// setWall sets the wall clock. The outermost stamp stays unless it assumed more than this one.
func (s *Stripper) setWall(r *Record, t stamp) {
	if t.beyond != nil {
		s.unread(t.beyond)
		return
	}
	if r.Time.Has.Has(event.Wall) && (r.Time.Assumed == 0 || t.assumed != 0) {
		return
	}
	r.Time.Has |= event.Wall
	r.Time.Wall = t.ns
	r.Time.Assumed = t.assumed
	r.Time.WallStep = t.step
	r.refine(t.step)
}

func (r *Record) setBoot(d, step time.Duration) {
	r.Time.Has |= event.Boot
	r.Time.Boot = d
	r.refine(step)
}

func (r *Record) refine(step time.Duration) {
	if r.Time.Step == 0 || step < r.Time.Step {
		r.Time.Step = step
	}
}

// iso reads 2006-01-02T15:04:05 at the beginning of b, with a blank for the T and / for - too, then a
// fraction after . or , and a zone. It returns the length of the stamp, 0 if there is none.
func (s *Stripper) iso(b []byte) (t stamp, n int) {
	const length = len("2006-01-02T15:04:05")
	if len(b) < length {
		return t, 0
	}
	if !bytes.Equal(b[:length], s.dates.text[:]) {
		seconds, ok := isoSeconds(b)
		if !ok {
			return t, 0
		}
		copy(s.dates.text[:], b)
		s.dates.seconds = seconds
	}
	n = length
	t.step = time.Second
	ns := int64(0)
	if n < len(b) && (b[n] == '.' || b[n] == ',') {
		var width int
		t.comma = b[n] == ','
		if ns, t.step, width = fraction(b[n+1:]); width == 0 {
			return t, 0
		}
		n += 1 + width
	}
	t.set(s.dates.seconds, ns, b[:n])
	offset, width := zone(b[n:])
	if width == 0 {
		offset, width = apartZone(b[n:])
	}
	if width == 0 {
		t = s.localise(t)
	}
	t.ns -= int64(offset) * 1e9
	return t, n + width
}

// localise moves a time that was read as UTC to the zone of the input.
func (s *Stripper) localise(t stamp) stamp {
	if s.Zone == nil {
		t.assumed |= event.AssumedZone
		return t
	}
	s.dates.localised = true
	u := time.Unix(0, t.ns).UTC()
	t.ns = time.Date(u.Year(), u.Month(), u.Day(), u.Hour(), u.Minute(), u.Second(), u.Nanosecond(), s.Zone).UnixNano()
	return t
}

func isoSeconds(b []byte) (int64, bool) {
	if b[4] != b[7] || b[4] != '-' && b[4] != '/' || b[10] != 'T' && b[10] != ' ' {
		return 0, false
	}
	century, year, month, day := two(b), two(b[2:]), two(b[5:]), two(b[8:])
	clock := hms(b[11:])
	if century < 0 || year < 0 || month < 1 || month > 12 || day < 1 || day > 31 || clock < 0 {
		return 0, false
	}
	return civil(century*100+year, month, day)*86400 + int64(clock), true
}

// two reads two decimal digits, -1 if they are none.
func two(b []byte) int {
	hi, lo := b[0]-'0', b[1]-'0'
	if hi > 9 || lo > 9 {
		return -1
	}
	return int(hi)*10 + int(lo)
}

// hms reads 15:04:05 and returns the second of the day, -1 if it is none. A leap second is allowed.
func hms(b []byte) int {
	if len(b) < 8 || b[2] != ':' || b[5] != ':' {
		return -1
	}
	h, m, sec := two(b), two(b[3:]), two(b[6:])
	if h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 60 {
		return -1
	}
	return h*3600 + m*60 + sec
}

// fraction reads the digits of a fraction of a second. Those after the ninth are read over.
func fraction(b []byte) (ns int64, step time.Duration, width int) {
	step = time.Second
	for width < len(b) && b[width]-'0' <= 9 {
		if width < 9 {
			step /= 10
			ns += int64(b[width]-'0') * int64(step)
		}
		width++
	}
	return ns, step, width
}

// zone reads Z, +02:00, +0200 or +02 and returns the seconds east of UTC.
func zone(b []byte) (offset, width int) {
	if len(b) == 0 {
		return 0, 0
	}
	if b[0] == 'Z' {
		return 0, 1
	}
	if b[0] != '+' && b[0] != '-' || len(b) < 3 || two(b[1:]) < 0 {
		return 0, 0
	}
	offset, width = two(b[1:])*3600, 3
	rest := b[3:]
	if len(rest) > 2 && rest[0] == ':' && two(rest[1:]) >= 0 {
		offset, width = offset+two(rest[1:])*60, 6
	} else if len(rest) > 1 && two(rest) >= 0 {
		offset, width = offset+two(rest)*60, 5
	}
	if b[0] == '-' {
		offset = -offset
	}
	return offset, width
}

// apartZone reads " +0100", as Go and Ruby print a time.
func apartZone(b []byte) (offset, width int) {
	if len(b) < 7 || b[0] != ' ' || b[6] != ' ' {
		return 0, 0
	}
	if offset, width = zone(b[1:]); width != 5 {
		return 0, 0
	}
	return offset, 6
}

// civil returns the days from 1970-01-01 to a date of the Gregorian calendar.
func civil(year, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	days := 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1
	return int64(days) - 719468
}

// short reads "Nov 22 19:47:03" with an optional fraction at the beginning of b, and returns its length.
// The month may be of any language: then the time is not known.
func (s *Stripper) short(b []byte) (t stamp, known bool, n int) {
	blank := bytes.IndexByte(b[:min(len(b), 16)], ' ')
	if blank < 3 || len(b) < blank+len(" 22 19:47:03") || b[blank+3] != ' ' {
		return t, false, 0
	}
	day, clock := day(b[blank+1:]), hms(b[blank+4:])
	if day < 1 || day > 31 || clock < 0 {
		return t, false, 0
	}
	if bytes.ContainsAny(b[:blank], ":/-=") {
		return t, false, 0
	}
	n = blank + len(" 22 19:47:03")
	t.step = time.Second
	var ns int64
	if n+1 < len(b) && b[n] == '.' {
		var width int
		if ns, t.step, width = fraction(b[n+1:]); width > 0 {
			n += 1 + width
		}
	}
	month := monthOf(b[:blank])
	if month == 0 {
		return t, false, n
	}
	t.set(civil(s.year(month), month, day)*86400+int64(clock), ns, b[:n])
	t = s.localise(t)
	t.assumed |= event.AssumedYear
	return t, true, n
}

// day reads a day of the month, padded with a blank or a zero.
func day(b []byte) int {
	if b[0] == ' ' {
		return int(b[1]) - '0'
	}
	return two(b)
}

// year returns the year of a stamp that has none: it follows the months over the turn of a year.
func (s *Stripper) year(month int) int {
	d := &s.dates
	switch {
	case d.month >= 11 && month <= 2:
		d.years++
	case d.month != 0 && d.month <= 2 && month >= 11 && d.years > 0:
		d.years--
	}
	d.month = month
	if s.Year == 0 {
		return Fallback + d.years
	}
	return s.Year + d.years
}

// unread counts a stamp that is none we can read.
func (s *Stripper) unread(text []byte) {
	if s.dates.unread == 0 {
		s.dates.example = string(text)
	}
	s.dates.unread++
}

// monthOf returns the number of an English month, 0 if the name is none.
func monthOf(name []byte) int {
	if len(name) != 3 {
		return 0
	}
	const names = "JanFebMarAprMayJunJulAugSepOctNovDec"
	for i := 0; i < len(names); i += 3 {
		if string(name) == names[i:i+3] {
			return i/3 + 1
		}
	}
	return 0
}

// epoch reads seconds since 1970 with ten digits before the point, and returns the length.
func epoch(b []byte) (t stamp, n int) {
	if len(b) < 12 || b[10] != '.' {
		return t, 0
	}
	seconds, width := number(b)
	if width != 10 {
		return t, 0
	}
	ns, step, width := fraction(b[11:])
	if width == 0 {
		return t, 0
	}
	t.step = step
	t.set(seconds, ns, b[:11+width])
	return t, 11 + width
}

// number reads up to 18 decimal digits.
func number(b []byte) (n int64, width int) {
	for width < len(b) && n < math.MaxInt64/10 && width < 19 && b[width]-'0' <= 9 {
		n = n*10 + int64(b[width]-'0')
		width++
	}
	return n, width
}
