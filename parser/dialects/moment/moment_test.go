package moment

import (
	"testing"
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

func TestOf(t *testing.T) {
	for _, c := range []struct {
		text    string
		want    string // empty is none
		assumed event.Assumed
	}{
		{"Sun Nov 22 19:42:16 UTC 2026", "2026-11-22T19:42:16Z", 0},
		{"Sun Nov  1 07:42:16 PM UTC 2026", "2026-11-01T19:42:16Z", 0},
		{"Sun 22 Nov 2026 07:42:16 PM CET", "2026-11-22T19:42:16Z", event.AssumedZone},
		{"=== 2026-11-22T20:42:16+01:00 ===", "2026-11-22T19:42:16Z", 0},
		{"Date: Sun, 22 Nov 2026 19:42:16 GMT", "2026-11-22T19:42:16Z", 0},
		{"2026-11-22 19:42:16", "2026-11-22T19:42:16Z", event.AssumedZone},
		{"1795376536", "2026-11-22T19:42:16Z", 0},
		{"--- 1795376536.25", "2026-11-22T19:42:16Z", 0},
		{"117551104", "", 0},
		{"1795376536431", "", 0},
		{"Sun Nov 22 19:42:16 UTC 2026 and more", "", 0},
		{"Swap: 12:30 all went wrong", "", 0},
		{"", "", 0},
	} {
		got, ok := Of([]byte(c.text))
		if ok != (c.want != "") {
			t.Errorf("%q: ok is %v", c.text, ok)
			continue
		}
		if ok && !Possible(&dialect.Line{Text: []byte(c.text)}) {
			t.Errorf("%q is a time and not possible", c.text)
		}
		if ok && (got.WallTime().Truncate(time.Second).Format(time.RFC3339) != c.want || got.Assumed != c.assumed) {
			t.Errorf("%q: got %v, assumed %v", c.text, got.WallTime(), got.Assumed)
		}
	}
}

func TestPossible(t *testing.T) {
	stamped := event.Time{Has: event.Wall, Wall: 1795376536e9}
	for _, c := range []struct {
		line dialect.Line
		want bool
	}{
		{dialect.Line{Time: stamped}, true}, // the envelope took the stamp off
		{dialect.Line{}, false},
		{dialect.Line{Time: stamped, Text: []byte("request done in 5 ms")}, false},
		{dialect.Line{Text: []byte("2026-11-22 19:42:16 a request that took longer than a time is long, by far")}, false},
	} {
		if got := Possible(&c.line); got != c.want {
			t.Errorf("%q at %v: got %t", c.line.Text, c.line.Time, got)
		}
	}
}
