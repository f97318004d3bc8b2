package hserr

import (
	"strings"
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// clock reads the time of the death: in the summary, JDK 11 and later, on three lines at the end before, of which the
// uptime is the last of the file.
func (f *file) clock(l *dialect.Line) bool {
	text := l.Text
	switch {
	case hasPrefix(text, "Time: "), hasPrefix(text, "time: "):
		f.summaryLine(l)
	case hasPrefix(text, "timezone: "):
		f.zone = clip(text[len("timezone: "):])
		f.stamp()
	case hasPrefix(text, "elapsed time: "):
		f.done = true
		e, err := f.readers.elapsed.Parse(text)
		if err != nil {
			f.problem(l, "the uptime does not read")
			return true
		}
		f.up(time.Duration(e.Uptime.Scaled(9)), time.Duration(e.Uptime.Step(9)))
	default:
		return false
	}
	return true
}

func (f *file) summaryLine(l *dialect.Line) {
	s, err := f.readers.summary.Parse(l.Text)
	if err != nil {
		f.problem(l, "the time of the death does not read")
		return
	}
	if s.Uptime != nil {
		f.up(time.Duration(s.Uptime.Scaled(9)), time.Duration(s.Uptime.Step(9)))
	}
	month := strings.Index(months, s.Month)
	if len(s.Month) != 3 || month < 0 || month%3 != 0 || s.Year.Int() < 1990 || s.Year.Int() > 2200 || s.Day.Int() > 31 || s.Hour.Int() > 23 || s.Minute.Int() > 59 || s.Second.Int() > 60 {
		f.problem(l, "the time of the death is none")
		return
	}
	f.local = time.Date(int(s.Year.Int()), time.Month(month/3+1), int(s.Day.Int()), int(s.Hour.Int()), int(s.Minute.Int()), int(s.Second.Int()), 0, time.UTC)
	f.zone = strings.Join(s.Zone, "")
	f.stamp()
}

const months = "JanFebMarAprMayJunJulAugSepOctNovDec"

// up sets the uptime at the death.
func (f *file) up(at, step time.Duration) {
	f.jvm.Uptime = event.Took(at)
	t := &f.head.Time
	t.Has |= event.Process
	t.Process, t.Step = at, step
}

// stamp sets the wall clock of the death, unless the envelope has a better one.
func (f *file) stamp() {
	if f.local.IsZero() || f.received {
		return
	}
	t := &f.head.Time
	offset, known := offsetOf(f.zone)
	t.Has |= event.Wall
	t.Wall, t.WallStep = f.local.Add(-offset).UnixNano(), time.Second
	t.Assumed &^= event.AssumedZone
	if !known {
		t.Assumed |= event.AssumedZone
	}
}

// zones are the names that the time zone database of today gives to one offset from UTC only, in quarters of an
// hour. CST, IST, BST and PST are left out: each names several.
var zones = map[string]int{
	"UTC": 0, "GMT": 0, "UCT": 0, "Z": 0, "WET": 0, "WEST": 4, "CET": 4, "CEST": 8, "EET": 8, "EEST": 12, "MSK": 12,
	"WAT": 4, "CAT": 8, "SAST": 8, "EAT": 12, "PKT": 20, "WIB": 28, "WITA": 32, "WIT": 36, "HKT": 32, "JST": 36, "KST": 36,
	"AWST": 32, "ACST": 38, "ACDT": 42, "AEST": 40, "AEDT": 44, "NZST": 48, "NZDT": 52,
	"NST": -14, "NDT": -10, "AST": -16, "ADT": -12, "EST": -20, "EDT": -16, "MST": -28, "MDT": -24, "PDT": -28, "AKST": -36, "AKDT": -32, "HST": -40,
}

// offsetOf returns how far a zone is ahead of UTC: a name of one meaning, or a number like +08 and -0330.
func offsetOf(zone string) (time.Duration, bool) {
	if quarters, ok := zones[zone]; ok {
		return time.Duration(quarters) * 15 * time.Minute, true
	}
	if len(zone) != 3 && len(zone) != 5 || zone[0] != '+' && zone[0] != '-' || strings.Trim(zone[1:], "0123456789") != "" {
		return 0, false
	}
	hours, minutes := number([]byte(zone[1:3])), int64(0)
	if len(zone) == 5 {
		minutes = number([]byte(zone[3:5]))
	}
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if zone[0] == '-' {
		offset = -offset
	}
	return offset, true
}
