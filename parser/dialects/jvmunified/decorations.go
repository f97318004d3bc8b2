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
		kind, ok := kindOf(rest[:end])
		if !ok {
			return false
		}
		d.fields[d.n] = field{kind, pos + 1, pos + 1 + len(trimPadding(rest[:end]))}
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
		text := line[f.start:f.end]
		if f.kind == word {
			switch {
			case isLevel(text):
				f.kind, d.level = levelName, text
			case i == d.n-1 && isTags(text) && (d.level != nil || knownTag(text)):
				f.kind, d.tags = tagSet, text
			default:
				f.kind = host
			}
		}
		if f.kind < last || f.kind == last && f.kind >= host && f.kind != number {
			return false
		}
		last = f.kind
		d.stamped = d.stamped || f.kind <= nanos
	}
	return true
}

// evident reports whether the decorations alone prove that the JVM wrote the line: tags that it knows beside
// something else, or any tags where clock and level stand as it writes them.
func (d *decorations) evident() bool {
	if d.tags == nil {
		return false
	}
	if d.stamped && d.level != nil {
		return true
	}
	return knownTag(d.tags) && (d.n > 1 || bytes.IndexByte(d.tags, ',') > 0)
}

// kindOf looks at the form of a field. The forms are disjoint but for words.
func kindOf(text []byte) (fieldKind, bool) {
	if len(text) == 0 {
		return word, true // the tags of a note about dropped messages
	}
	if !digit(text[0]) {
		return word, printable(text)
	}
	digits := digitsEnd(text)
	switch rest := string(text[digits:]); {
	case rest == "":
		return number, true
	case rest == "ms":
		return millis, true
	case rest == "ns":
		return nanos, true
	case digits == 4 && len(text) > len("2026-11-22T19:22:54") && text[4] == '-' && text[10] == 'T':
		return calendar, true
	case len(rest) > 2 && (rest[0] == '.' || rest[0] == ',') && rest[len(rest)-1] == 's' && digitsEnd(text[digits+1:]) == len(rest)-2:
		return seconds, true
	}
	return word, printable(text)
}

// printable reports whether a word can be a host name, a level or tags: no blanks but the padding at its end.
func printable(text []byte) bool {
	for _, b := range trimPadding(text) {
		if b <= ' ' || b == '[' || b >= 0x7f {
			return false
		}
	}
	return true
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

// clocks adds the clocks of the decorations to what the envelope said.
func (d *decoder) clocks(line []byte, t event.Time) event.Time {
	deco := &d.deco
	lone := true // one stamp of this kind only
	for i, f := range deco.fields[:deco.n] {
		text := line[f.start:f.end]
		switch f.kind {
		case calendar:
			setCalendar(&t, text)
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
			lone = (i == 0 || deco.fields[i-1].kind != nanos) && (i+1 == deco.n || deco.fields[i+1].kind != nanos)
			first := i+1 < deco.n && deco.fields[i+1].kind == nanos
			n, ok := integer(text)
			if !ok || t.Has.Has(event.Process) {
				continue
			}
			if d.nanos == 0 {
				d.nanos = sinceStart
				if time.Duration(n) > bootUptime {
					d.nanos = sinceBoot
				}
			}
			if first || lone && d.nanos == sinceBoot {
				if !t.Has.Has(event.Boot) {
					t.Has |= event.Boot
					t.Boot = time.Duration(n)
					refine(&t, time.Nanosecond)
				}
				continue
			}
			setProcess(&t, time.Duration(n), time.Nanosecond)
		}
	}
	return t
}

// nanosOrigin says from when the lone stamps in nanoseconds of a log count.
type nanosOrigin uint8

const (
	sinceStart nanosOrigin = iota + 1
	sinceBoot
)

// epochMillis tells timemillis from uptimemillis: a JVM would have to run for 31 years.
const epochMillis = 1_000_000_000_000

func setCalendar(t *event.Time, text []byte) {
	at, err := time.Parse("2006-01-02T15:04:05-0700", string(text))
	if err != nil || at.Year() < 1970 || at.Year() > 2200 {
		return
	}
	setWall(t, at.UnixNano())
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

func trimPadding(text []byte) []byte { return bytes.TrimRight(text, " ") }
