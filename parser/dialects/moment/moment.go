// Package moment reads the lines between readings that are nothing but a time, as scripts print them: date, date -u, date -Is,
// date +%s, and the Date header of an HTTP answer.
package moment

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// layouts are how the time is written.
var layouts = []string{
	time.RFC3339Nano,
	"Mon Jan _2 15:04:05 MST 2006",
	"Mon Jan _2 03:04:05 PM MST 2006",
	"Mon _2 Jan 2006 15:04:05 MST",
	"Mon _2 Jan 2006 03:04:05 PM MST",
	"Mon _2 Jan 15:04:05 MST 2006",
	time.RFC1123,
	"2006-01-02 15:04:05 -0700",
	zoneless,
	"2006-01-02T15:04:05",
}

const zoneless = "2006-01-02 15:04:05"

const (
	shortest = 10
	longest  = 64
)

// Of reads a line. Signs that set it off, "=== 2026-11-22T19:42:16Z ===", are passed over. A zone that is a name of few letters, and
// none of UTC, is read as UTC and said to be assumed.
func Of(line []byte) (t event.Time, ok bool) {
	text := bare(line)
	if !plausible(text) {
		return t, false
	}
	if s, ok := epoch(text); ok {
		return event.Time{Has: event.Wall, Wall: s, WallStep: time.Second}, true
	}
	if bytes.IndexByte(text, ':') < 0 {
		return t, false
	}
	for _, layout := range layouts {
		at, err := time.Parse(layout, string(text))
		if err != nil || at.Year() < 1971 || at.Year() > 2200 {
			continue
		}
		t = event.Time{Has: event.Wall, Wall: at.UnixNano(), WallStep: time.Second}
		if name, offset := at.Zone(); offset == 0 && name != "UTC" && name != "GMT" && name != "" || len(layout) == len(zoneless) {
			t.Assumed = event.AssumedZone
		}
		return t, true
	}
	return t, false
}

// Bare returns the time of a line that was nothing but a stamp, which an envelope has taken off.
func Bare(l *dialect.Line) (t event.Time, ok bool) {
	return l.Time, len(l.Text) == 0 && l.Time.Has.Has(event.Wall)
}

// Possible reports whether Of or Bare may find a time in a line. It says no to nearly all other lines, and quickly.
func Possible(l *dialect.Line) bool {
	return len(l.Text) == 0 && l.Time.Has.Has(event.Wall) || plausible(bare(l.Text))
}

// bare takes off what sets a time off.
func bare(line []byte) []byte {
	for len(line) > 0 && setsOff(line[0]) {
		line = line[1:]
	}
	for len(line) > 0 && setsOff(line[len(line)-1]) {
		line = line[:len(line)-1]
	}
	return bytes.TrimPrefix(line, []byte("Date: "))
}

func setsOff(c byte) bool { return c == ' ' || c == '=' || c == '-' || c == '#' || c == '\t' }

func plausible(text []byte) bool {
	return len(text) >= shortest && len(text) <= longest && mayBegin(text[0])
}

func mayBegin(c byte) bool { return c-'0' <= 9 || strings.IndexByte("MTWFS", c) >= 0 }

// epoch reads seconds since 1970, as of this century.
func epoch(text []byte) (ns int64, ok bool) {
	if text[0]-'0' > 9 || len(text) > 20 {
		return 0, false
	}
	s, err := strconv.ParseFloat(string(text), 64)
	if err != nil || s < 1e9 || s >= 1e10 {
		return 0, false
	}
	return int64(s*1e6) * 1e3, true
}
