package envelope_test

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/envelope"
	"oomtrace/parser/event"
)

// describe puts everything that the envelopes of a line say into one line.
func describe(r *envelope.Record) string {
	if r == nil {
		return "held back"
	}
	parts := []string{r.Outer}
	if r.Time.Has.Has(event.Wall) {
		parts = append(parts, string(r.Time.AppendWall(nil)))
	}
	if r.Time.Assumed&event.AssumedYear != 0 {
		parts = append(parts, "year?")
	}
	if r.Time.Assumed&event.AssumedZone != 0 {
		parts = append(parts, "zone?")
	}
	if r.Time.Has.Has(event.Boot) {
		parts = append(parts, "boot "+r.Time.Boot.String())
	}
	if r.Time.Step != 0 {
		parts = append(parts, "step "+r.Time.Step.String())
	}
	if r.Stream != nil {
		parts = append(parts, "{"+strings.Join(known(*r.Stream), " ")+"}")
	}
	if r.Lines > 1 {
		parts = append(parts, fmt.Sprintf("lines %d to %d", r.Line, r.Line+r.Lines-1))
	}
	return strings.Join(parts, " | ") + "\n\t" + fmt.Sprintf("%q", r.Text)
}

// known lists the fields of a stream that are set.
func known(s event.Stream) (fields []string) {
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			fields = append(fields, fmt.Sprintf("%s:%v", v.Type().Field(i).Name, v.Field(i)))
		}
	}
	return fields
}

// TestShapes reads testdata/shapes.txt: a line of a log, then behind a tab what is to come out. The file is
// read by one stripper from the first line to the last, as shapes mix in real files. UPDATE_GOLDEN=1
// writes it anew.
func TestShapes(t *testing.T) {
	const path = "testdata/shapes.txt"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	strip := envelope.Stripper{Year: 2026}
	number := 0
	for line := range strings.Lines(string(data)) {
		switch {
		case strings.HasPrefix(line, "\t"):
		case strings.HasPrefix(line, "# "), line == "\n":
			out.WriteString(line)
		default:
			raw := strings.NewReplacer(`<ESC>`, "\x1b", `<RS>`, "\x1e", `<NUL>`, "\x00", `<BOM>`, "\xef\xbb\xbf",
				`<LEN9>`, "\x09\x00\x00\x00\x00\x00\x00\x00", `<EMPTY>`, "").Replace(strings.TrimSuffix(line, "\n"))
			number++
			fmt.Fprintf(&out, "%s\t%s\n", line, describe(strip.Strip([]byte(raw), number, 0)))
			for r := strip.Next(); r != nil; r = strip.Next() {
				fmt.Fprintf(&out, "\t%s\n", describe(r))
			}
		}
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, want := strings.Split(out.String(), "\n"), strings.Split(string(data), "\n")
	for i := range max(len(got), len(want)) {
		g, w := at(got, i), at(want, i)
		if g != w {
			t.Fatalf("%s:%d:\ngot  %s\nwant %s", path, i+1, g, w)
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(end of file)"
}

func strip(s *envelope.Stripper, line string) envelope.Record { return *s.Strip([]byte(line), 1, 0) }

func TestTurnOfTheYear(t *testing.T) {
	s := envelope.Stripper{Year: 2025}
	for _, c := range []struct{ line, want string }{
		{"Dec 31 23:59:59 node-7 app[1]: a", "2025-12-31T23:59:59Z"},
		{"Jan  1 00:00:00 node-7 app[1]: b", "2026-01-01T00:00:00Z"},
		{"Dec 31 23:59:59 node-7 late[2]: c", "2025-12-31T23:59:59Z"},
		{"Jan  1 00:00:01 node-7 app[1]: d", "2026-01-01T00:00:01Z"},
		{"Feb 28 00:00:01 node-7 app[1]: e", "2026-02-28T00:00:01Z"},
	} {
		r := strip(&s, c.line)
		if got := string(r.Time.AppendWall(nil)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.line, got, c.want)
		}
	}
}

func TestZone(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	for _, c := range []struct {
		line      string
		want      string
		localised bool
	}{
		{"Nov 22 19:47:03 node-7 app[1]: a", "2026-11-22T18:47:03Z", true},
		{"2026-11-22T19:47:03Z stderr F a", "2026-11-22T19:47:03Z", false},
		{"[Sun Nov 22 19:47:03 2026] a", "2026-11-22T18:47:03Z", true},
	} {
		s := envelope.Stripper{Year: 2026, Zone: berlin}
		r := strip(&s, c.line)
		if got := string(r.Time.AppendWall(nil)); got != c.want || r.Time.Assumed&event.AssumedZone != 0 || s.Localised() != c.localised {
			t.Errorf("%s: got %s, assumed %v, localised %v, want %s", c.line, got, r.Time.Assumed, s.Localised(), c.want)
		}
	}
}

// A time that nanoseconds since 1970 cannot count is no time. The line is stripped all the same where its form is clear.
func TestTimesBeyondCounting(t *testing.T) {
	for _, c := range []struct{ line, text string }{
		{"0001-01-01T00:00:00Z stderr F a", "a"},
		{"9999-12-31T23:59:59Z a", "a"},
		{`{"log":"a\n","stream":"stderr","time":"0001-01-01T00:00:00Z"}`, "a"},
		{`{"ts":9999999999.5,"msg":"a"}`, "a"},
		{`{"ts":9999999999999,"msg":"a"}`, "a"},
		{"9999999999.25 a", "a"},
		{"[Sun Nov 22 19:36:40 9026] a", "a"},
	} {
		var s envelope.Stripper
		r := strip(&s, c.line)
		if n, _ := s.Unread(); r.Time.Has.Has(event.Wall) || string(r.Text) != c.text || n != 1 {
			t.Errorf("%s: %d stamps unread, %s", c.line, n, describe(&r))
		}
	}
	var s envelope.Stripper
	if r := strip(&s, "2261-12-31T23:59:59Z a"); string(r.Time.AppendWall(nil)) != "2261-12-31T23:59:59Z" {
		t.Errorf("the last second that counts: %s", describe(&r))
	}
}

// The pieces that the end cut off come out in order also where they began in the same line, as a long line of carriage
// returns is handed on in parts.
func TestRestIsInOrder(t *testing.T) {
	for range 20 {
		var s envelope.Stripper
		for _, pipe := range []string{"stdout", "stderr"} {
			s.Strip([]byte("2026-11-22T19:28:20Z "+pipe+" P "+pipe), 1, 0)
		}
		if rest := s.Rest(); len(rest) != 2 || string(rest[0].Text) != "stdout" || string(rest[1].Text) != "stderr" {
			t.Fatalf("rest: %+v", rest)
		}
	}
}

func TestUnknownMonth(t *testing.T) {
	var s envelope.Stripper
	for _, line := range []string{"апр 28 19:47:03 node-7 kernel: x", "5月 29 19:47:03 node-7 kernel: x", "mars  1 19:47:03 node-7 kernel: x", "[月  1月 26 19:36:40 2026] x"} {
		r := strip(&s, line)
		if r.Time.Has != 0 || string(r.Text) != "x" {
			t.Errorf("%s: got %s", line, describe(&r))
		}
	}
	if n, example := s.Unread(); n != 4 || example != "апр 28 19:47:03" {
		t.Errorf("unread: %d, %q", n, example)
	}
}

func TestStreamsAreInterned(t *testing.T) {
	var s envelope.Stripper
	a := strip(&s, "2026-11-22T19:28:20Z stderr F a").Stream
	b := strip(&s, "2026-11-22T19:28:20Z stdout F a").Stream
	c := strip(&s, "2026-11-22T19:28:21Z stderr F a").Stream
	d := strip(&s, `{"log":"a\n","stream":"stderr","time":"2026-11-22T19:28:21Z"}`).Stream
	if a != c || a != d || a == b {
		t.Errorf("streams %p %p %p %p", a, b, c, d)
	}
}

func TestCrowd(t *testing.T) {
	var s envelope.Stripper
	var last *event.Stream
	for i := range envelope.MaxWriters + 10 {
		last = strip(&s, fmt.Sprintf("Nov 22 19:28:20 node-7 app[%d]: a", i+1)).Stream
		if s.Crowded() != (i >= envelope.MaxWriters) {
			t.Fatalf("writer %d: crowded %v", i+1, s.Crowded())
		}
	}
	if other := strip(&s, "Nov 22 19:28:20 node-7 yet-another[1]: a").Stream; other != last {
		t.Error("writers beyond the limit do not share one stream")
	}
	if first := strip(&s, "Nov 22 19:28:20 node-7 app[1]: a").Stream; first.PID != 1 {
		t.Errorf("known writer got lost: %+v", first)
	}
}

// TestHitsAllocateNothing holds for lines whose writer was seen before.
func TestHitsAllocateNothing(t *testing.T) {
	for _, line := range []string{
		"gc 1 @0.002s 10%: 0.26+0.40+0.005 ms clock, 3->4->3 MB, 4 MB goal, 2 P",
		"2026-11-22T19:28:20.063957624Z stderr F gc 1 @0.002s 10%:",
		`{"log":"gc 1 @0.002s 3-\u003e4-\u003e3 MB\n","stream":"stderr","time":"2026-11-22T19:28:20.063957331Z"}`,
		`{"__REALTIME_TIMESTAMP":"1795375700063958","_PID":"11842","_HOSTNAME":"node-7","MESSAGE":"gc 1"}`,
		`{"level":"info","ts":1795375700.063958,"msg":"gc 1 @0.002s 10%:"}`,
		"Nov 22 19:28:20 node-7 kernel: [  242.031013] java invoked oom-killer: gfp_mask=0xcc0",
		"<30>1 2026-11-22T19:28:20.063958Z node-7 audit-api 11842 - - gc 1",
		"[pod/audit-api-6d9f7c8b54-x2k9p/audit-api] gc 1 @0.002s 10%:",
		"\x1b[32m[   11.679868] \x1b[0m\x1b[1mgc 1\x1b[0m",
	} {
		var s envelope.Stripper
		b := []byte(line)
		s.Strip(b, 1, 0)
		if n := testing.AllocsPerRun(100, func() { s.Strip(b, 1, 0) }); n != 0 {
			t.Errorf("%v allocations for %s", n, line)
		}
	}
}

// FuzzStrip: no input breaks the stripper, the payload is not longer than the text, and what matched last does
// not change what comes out.
func FuzzStrip(f *testing.F) {
	data, err := os.ReadFile("testdata/shapes.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		f.Add([]byte(strings.TrimSpace(line)), []byte("2026-11-22T19:28:20Z stderr F a"))
	}
	f.Fuzz(func(t *testing.T, line, before []byte) {
		fresh := envelope.Stripper{Year: 2026}
		want := describe(fresh.Strip(line, 1, 0))
		used := envelope.Stripper{Year: 2026}
		used.Strip(line, 1, 0)
		used.Rest()
		if got := describe(used.Strip(line, 1, 0)); got != want {
			t.Fatalf("the same line again: got %s, want %s", got, want)
		}
		used.Rest()
		used.Strip(before, 1, 0)
		if r := used.Strip(line, 2, 0); r != nil && len(r.Text) > len(line)+len(before)+4 {
			t.Fatalf("%d bytes came out of %d", len(r.Text), len(line)+len(before))
		}
	})
}
