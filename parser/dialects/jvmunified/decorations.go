package jvmunified

import (
	"bytes"
	"time"

	"oomtrace/parser/event"
)

// Bounds of what a line can be decorated with. LogDecorators knows twelve decorators.
const (
	maxFields = 16
	maxField  = 300 // a host name has up to 253 bytes
)

// fieldKind is what a decoration is. The kinds stand in the order in which the JVM writes them, so that a line
// whose fields are in another order is known as foreign.
type fieldKind uint8

const (
	calendar  fieldKind = iota // time, utctime
	seconds                    // uptime
	millis                     // timemillis, uptimemillis
	nanos                      // timenanos, uptimenanos
	word                       // hostname, level or tags: not yet told apart
	host                       // hostname
	number                     // pid, tid
	levelName                  // level
	tagSet                     // tags
)

// field is one decoration, without its brackets and its padding.
type field struct {
	kind       fieldKind
	start, end int
}

// decorations are the fields in brackets in front of a message. Their clocks are read only when an event is made
// of the line.
type decorations struct {
	fields  [maxFields]field
	n       int
	tags    []byte // without padding; nil if there are none
	level   []byte // without padding; nil if there is none
	stamped bool   // there is at least one clock
	message []byte
}

// scan takes the decorations off a line that begins with a bracket. It reports false for brackets that are not
// those of the JVM. The slices of the result belong to the line.
func (d *decorations) scan(line []byte) bool {
	d.n, d.tags, d.level, d.stamped = 0, nil, nil, false
	pos := 0
	for pos < len(line) && line[pos] == '[' {
		rest := line[pos+1 : min(len(line), pos+1+maxField)]
		end := bytes.IndexByte(rest, ']')
		if end < 0 || d.n == maxFields {
			return false
		}
		kind, length := kindOf(rest[:end])
		if length < 0 {
			return false
		}
		d.fields[d.n] = field{kind, pos + 1, pos + 1 + length}
		d.n++
		pos += end + 2
	}
	if d.n == 0 || pos < len(line) && line[pos] != ' ' {
		return false
	}
	d.message = line[min(len(line), pos+1):]
	return d.settle(line)
}

// settle tells the words apart and checks the order of the fields.
func (d *decorations) settle(line []byte) bool {
	last := calendar
	for i := range d.n {
		f := &d.fields[i]
		if f.kind == word {
			text := line[f.start:f.end]
			switch {
			case isLevel(text):
				f.kind, d.level = levelName, text
			case i == d.n-1 && isTags(text) && (d.level != nil || knownTag(text)):
				f.kind, d.tags = tagSet, text
			default:
				f.kind = host
			}
		}
		if f.kind < last || i > 0 && f.kind == last && once[f.kind] {
			return false
		}
		last = f.kind
		d.stamped = d.stamped || f.kind <= nanos
	}
	return true
}

// once are the kinds that a line has at most once.
var once = [...]bool{seconds: true, host: true, levelName: true, tagSet: true}

// layout returns a number that lines with the same kinds of decorations share.
func (d *decorations) layout() uint64 {
	layout := uint64(1)
	for _, f := range d.fields[:d.n] {
		layout = layout<<4 | uint64(f.kind)
	}
	return layout
}

// kindOf looks at the form of a field, and returns its length without the padding, negative if it is none. The forms
// are disjoint but for words.
func kindOf(text []byte) (kind fieldKind, length int) {
	length = len(text)
	if length == 0 || !digit(text[0]) {
		return word, wordEnd(text)
	}
	if length > len("2026-11-22T19:22:54") && text[4] == '-' && text[10] == 'T' {
		return calendar, length
	}
	digits := digitsEnd(text)
	if digits == length {
		return number, length
	}
	if text[length-1] == 's' {
		switch {
		case digits == length-2 && text[digits] == 'm':
			return millis, length
		case digits == length-2 && text[digits] == 'n':
			return nanos, length
		case (text[digits] == '.' || text[digits] == ',') && digitsEnd(text[digits+1:]) == length-digits-2 && digits < length-2:
			return seconds, length
		}
	}
	return word, wordEnd(text)
}

// wordEnd returns where the padding behind a word begins, -1 if it is nothing that can be a host name, a level or
// tags.
func wordEnd(text []byte) int {
	end := len(text)
	for end > 0 && text[end-1] == ' ' {
		end--
	}
	for _, b := range text[:end] {
		if b <= ' ' || b == '[' || b >= 0x7f {
			return -1
		}
	}
	return end
}

func isLevel(text []byte) bool {
	switch string(text) {
	case "error", "warning", "info", "debug", "trace":
		return true
	}
	return false
}

// isTags reports whether text has the form of a tag set: gc,heap. Nothing at all is a tag set too.
func isTags(text []byte) bool {
	for _, b := range text {
		if b-'a' > 'z'-'a' && b != ',' && b != '_' && !digit(b) {
			return false
		}
	}
	return true
}

// pid returns the id of the process, 0 if it is not there. Of two numbers the first is the process; one alone is
// taken for it, as a log that names threads names the process too.
func (d *decorations) pid(line []byte) int {
	for _, f := range d.fields[:d.n] {
		if f.kind == number {
			n, _ := integer(line[f.start:f.end])
			return int(min(n, 1<<31-1))
		}
	}
	return 0
}

// bootUptime is the largest value of a lone stamp in nanoseconds on the first line of a log that is read as time
// since the start of the JVM. Beyond it, it is System.nanoTime, which on Linux counts from the boot of the machine.
const bootUptime = 10 * time.Minute

// clock reads the clocks of one stream.
type clock struct {
	origin nanosOrigin // of lone stamps in nanoseconds

	text    [28]byte // the calendar time read last: most lines share their second with the line before
	seconds int64    // of text
}

// read adds the clocks of the decorations to what the envelope said.
func (c *clock) read(d *decorations, line []byte, t event.Time) event.Time {
	for i, f := range d.fields[:d.n] {
		text := line[f.start:f.end]
		switch f.kind {
		case calendar:
			c.setCalendar(&t, text)
		case seconds:
			setUptime(&t, text)
		case millis:
			n, ok := integer(text)
			switch {
			case !ok:
			case n >= epochMillis:
				setWall(&t, n*int64(time.Millisecond))
			default:
				setProcess(&t, time.Duration(n)*time.Millisecond, time.Millisecond)
			}
		case nanos:
			n, ok := integer(text)
			if !ok {
				continue
			}
			first := i+1 < d.n && d.fields[i+1].kind == nanos
			second := i > 0 && d.fields[i-1].kind == nanos
			if first || !second && c.sinceBoot(n) {
				setBoot(&t, time.Duration(n))
			} else {
				setProcess(&t, time.Duration(n), time.Nanosecond)
			}
		}
	}
	return t
}

// sinceBoot decides at its first call from when the lone stamps in nanoseconds count.
func (c *clock) sinceBoot(n int64) bool {
	if c.origin == 0 {
		c.origin = sinceStart
		if time.Duration(n) > bootUptime {
			c.origin = sinceBoot
		}
	}
	return c.origin == sinceBoot
}

// nanosOrigin says from when the lone stamps in nanoseconds of a log count.
type nanosOrigin uint8

const (
	sinceStart nanosOrigin = iota + 1
	sinceBoot
)

// epochMillis tells timemillis from uptimemillis: a JVM would have to run for 31 years.
const epochMillis = 1_000_000_000_000

// setCalendar reads 2026-11-22T19:22:54.410+0000, as os::iso8601_time in src/hotspot/share/runtime/os.cpp writes it.
func (c *clock) setCalendar(t *event.Time, text []byte) {
	const second, zone = len("2026-11-22T19:22:54"), len("2026-11-22T19:22:54.410")
	if t.Has.Has(event.Wall) || len(text) != len(c.text) || digitsEnd(text[second+1:]) != zone-second-1 {
		return
	}
	if string(text[:second]) != string(c.text[:second]) || string(text[zone:]) != string(c.text[zone:]) {
		at, err := time.Parse("2006-01-02T15:04:05-0700", string(text))
		if err != nil || at.Year() < 1970 || at.Year() > 2200 {
			return
		}
		copy(c.text[:], text)
		c.seconds = at.Unix()
	}
	part, _ := integer(text[second+1:])
	setWall(t, c.seconds*int64(time.Second)+part*int64(time.Millisecond))
}

// setBoot sets the clock that counts from the boot of the machine.
func setBoot(t *event.Time, since time.Duration) {
	if t.Has.Has(event.Boot) {
		return
	}
	t.Has |= event.Boot
	t.Boot = since
	refine(t, time.Nanosecond)
}

// setWall sets the wall clock unless the envelope or an earlier field did.
func setWall(t *event.Time, ns int64) {
	if t.Has.Has(event.Wall) {
		return
	}
	t.Has |= event.Wall
	t.Wall, t.WallStep = ns, time.Millisecond
	refine(t, time.Millisecond)
}

// setUptime reads 0.018s or 0,018s.
func setUptime(t *event.Time, text []byte) {
	point := digitsEnd(text)
	whole, ok := integer(text[:point])
	fraction := text[point+1 : len(text)-1]
	if !ok || whole >= 1<<33 || len(fraction) > 9 {
		return
	}
	step := time.Second
	for range fraction {
		step /= 10
	}
	part, _ := integer(fraction)
	setProcess(t, time.Duration(whole)*time.Second+time.Duration(part)*step, step)
}

func setProcess(t *event.Time, since, step time.Duration) {
	if t.Has.Has(event.Process) {
		return
	}
	t.Has |= event.Process
	t.Process = since
	refine(t, step)
}

func refine(t *event.Time, step time.Duration) {
	if t.Step == 0 || step < t.Step {
		t.Step = step
	}
}

// integer reads the digits at the beginning of text, at most 18.
func integer(text []byte) (n int64, ok bool) {
	end := digitsEnd(text)
	if end == 0 || end > 18 {
		return 0, false
	}
	for _, b := range text[:end] {
		n = n*10 + int64(b-'0')
	}
	return n, true
}

func digit(b byte) bool { return b-'0' <= 9 }

func digitsEnd(text []byte) int {
	n := 0
	for n < len(text) && digit(text[n]) {
		n++
	}
	return n
}
