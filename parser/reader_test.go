package parser

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/unicode"

	"oomtrace/parser/dialect"
	"oomtrace/parser/envelope"
	"oomtrace/parser/event"
)

// echo is a dialect whose every line that begins with "say " is an event, and whose "bad " is a problem. At
// the end of a stream it tells how many lines it saw.
var echo = dialect.Dialect{Name: "echo", New: func() dialect.Decoder { return &echoDecoder{} }}

type echoDecoder struct {
	lines int
	last  dialect.Line
}

func (d *echoDecoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	d.lines++
	d.last = *l
	switch {
	case bytes.HasPrefix(l.Text, []byte("say ")):
		emit(&event.ProcessEnd{Head: l.Head("echo"), Message: string(l.Text[4:])})
	case bytes.HasPrefix(l.Text, []byte("bad ")):
		emit(&event.Problem{Head: l.Head("echo"), Message: "bad", Text: string(l.Text)})
	default:
		return false
	}
	return true
}

func (d *echoDecoder) Flush(emit dialect.Emit) {
	emit(&event.Dump{Head: d.last.Head("echo"), Lines: d.lines})
}

// hear reads an input with echo alone and writes the events down, one a line.
func hear(r *Reader, in io.Reader) (string, error) {
	var out strings.Builder
	var failure error
	u := newRun(r, []dialect.Dialect{echo}, func(ev event.Event, err error) bool {
		h := ev.Header()
		fmt.Fprintf(&out, "%d", h.Pos.Line)
		if h.Time.Has.Has(event.Wall) {
			fmt.Fprintf(&out, " %s", h.Time.AppendWall(nil))
		}
		if h.Stream != nil {
			fmt.Fprintf(&out, " (%s)", h.Stream)
		}
		switch ev := ev.(type) {
		case *event.ProcessEnd:
			fmt.Fprintf(&out, " %s\n", short(ev.Message))
		case *event.Problem:
			fmt.Fprintf(&out, " problem: %s\n", ev.Message)
		case *event.Dump:
			fmt.Fprintf(&out, " end of %d\n", ev.Lines)
		case *event.GC, *event.Kill, *event.RuntimeOOM, *event.Sample, *event.Setting, *event.ContainerStatus, *event.ContainerEvent:
			fmt.Fprintf(&out, " unexpected %T\n", ev)
		}
		return true
	})
	failure = u.read(in)
	return out.String(), failure
}

func short(s string) string {
	if len(s) > 40 {
		return fmt.Sprintf("%s... %d", s[:10], len(s))
	}
	return s
}

func TestReader(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"lines", "say a\nother\n\nsay b\n", "1 a\n4 b\n4 end of 4\n"},
		{"last line cut", "say a\nsay b", "1 a\n2 b\n2 end of 2\n"},
		{"CRLF", "say a\r\n\r\nsay b\r\n", "1 a\n3 b\n3 end of 3\n"},
		{"doubled CR", "say a\r\r\nsay b\r\r\n", "1 a\n2 b\n2 end of 2\n"},
		{"progress bar", "10%\r20%\rsay a\nsay b\n", "1 a\n2 b\n2 end of 4\n"},
		{"CR only", "say a\rsay b\rsay c", "1 a\n1 b\n1 c\n1 end of 3\n"},
		{"mark of UTF-8", "\xef\xbb\xbfsay a\n", "1 a\n1 end of 1\n"},
		{"two files with marks", "\xef\xbb\xbfsay a\n\xef\xbb\xbfsay b\n", "1 a\n2 b\n2 end of 2\n"},
		{"NUL bytes", "\x00\x00\x00say a\x00\nsay\x00 b\n", "1 a\n2 end of 2\n"},
		{"hole of 3 MiB", strings.Repeat("\x00", 3<<20) + "say a\nsay b\n", "1 a\n2 b\n2 end of 2\n"},
		{"no UTF-8", "say \xff\xfe\xc3\n", "1 \xff\xfe\xc3\n1 end of 1\n"},
		{
			"long line", "say a\nsay " + long + "\nsay b\n",
			"1 a\n2 problem: line of 3145732 bytes: only the first 1048576 were looked at\n2 xxxxxxxxxx... 1048572\n3 b\n3 end of 3\n",
		},
		{
			"long last line", "say " + long,
			"1 problem: line of 3145732 bytes: only the first 1048576 were looked at\n1 xxxxxxxxxx... 1048572\n1 end of 1\n",
		},
		{"line of the largest size", "say " + long[:maxLine-4] + "\nsay b\n", "1 xxxxxxxxxx... 1048572\n2 b\n2 end of 2\n"},
		{
			"line one byte larger", "say " + long[:maxLine-3] + "\nsay b\n",
			"1 problem: line of 1048577 bytes: only the first 1048576 were looked at\n1 xxxxxxxxxx... 1048572\n2 b\n2 end of 2\n",
		},
		{"long progress bar", strings.Repeat("say 10%\r", 200_000)[:1_600_000-1] + "\nsay b\n", strings.Repeat("1 10%\n", 200_000) + "2 b\n2 end of 200001\n"},
		{
			"pieces", "2026-11-22T19:28:20.1Z stderr P sa\n2026-11-22T19:28:20.2Z stdout F say other\n2026-11-22T19:28:20.3Z stderr F y a\n",
			"2 2026-11-22T19:28:20.2Z (stdout) other\n1 2026-11-22T19:28:20.1Z (stderr) a\n2 2026-11-22T19:28:20.2Z (stdout) end of 1\n1 2026-11-22T19:28:20.1Z (stderr) end of 1\n",
		},
		{
			"pieces cut off", "2026-11-22T19:28:20Z stderr P say a\n2026-11-22T19:28:20Z stdout P say b\n",
			"1 2026-11-22T19:28:20Z (stderr) a\n2 2026-11-22T19:28:20Z (stdout) b\n1 2026-11-22T19:28:20Z (stderr) end of 1\n2 2026-11-22T19:28:20Z (stdout) end of 1\n",
		},
		{"lines in JSON", `{"level":"error","msg":"say a\r\nsay b\nother"}` + "\n", "1 a\n1 b\n1 end of 3\n"},
		{"problem", "bad a\nsay b\n", "1 problem: bad\n2 b\n2 end of 2\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := hear(&Reader{}, strings.NewReader(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Fatalf("(-want +got)\n%.2000s", diff)
			}
			for name, slow := range map[string]io.Reader{
				"byte by byte": iotest.OneByteReader(strings.NewReader(c.in)),
				"half":         iotest.HalfReader(strings.NewReader(c.in)),
				"data and EOF": iotest.DataErrReader(strings.NewReader(c.in)),
			} {
				if got, err := hear(&Reader{}, slow); err != nil || got != c.want {
					t.Errorf("%s: %v\n%.2000s", name, err, cmp.Diff(c.want, got))
				}
			}
		})
	}
}

const talk = "say a\nother\nsay b\nbad c\n"

var heard, _ = hear(&Reader{}, strings.NewReader(talk))

// bzipped is talk.
const bzipped = "\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\x0f\x25\x90\xb7\x00\x00\x09\xd1\x80\x00\x10\x40\x00\x3e\x40\x9c\x20\x20\x00\x21\xa9\xa6\x00\xd0\x80\x68\x01\x55\xac\x89\x98\xd1\xfa\x4a\xc2\xda\x80\xb8\xe1\x77\x24\x53\x85\x09\x00\xf2\x59\x0b\x70"

func gzipped(parts ...string) string {
	var b bytes.Buffer
	for _, p := range parts {
		w := gzip.NewWriter(&b)
		_, _ = io.WriteString(w, p)
		_ = w.Close()
	}
	return b.String()
}

func zstandard(parts ...string) string {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	var b []byte
	for _, p := range parts {
		b = w.EncodeAll([]byte(p), b)
	}
	return string(b)
}

func encoded(order unicode.Endianness, bom unicode.BOMPolicy, s string) string {
	b, err := unicode.UTF16(order, bom).NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return b
}

func TestPackedAndEncoded(t *testing.T) {
	for _, c := range []struct{ name, in, note string }{
		{"gzip", gzipped(talk), "unpacked gzip"},
		{"members", gzipped(talk[:9], talk[9:]), "unpacked gzip"},
		{"padding", gzipped(talk) + strings.Repeat("\x00", 1000), "unpacked gzip"},
		{"padding between members", gzipped(talk[:9]) + "\x00\x00" + gzipped(talk[9:]), "unpacked gzip"},
		{"garbage", gzipped(talk) + "garbage", "unpacked gzip; what stands behind the packed data is no packed data and was left out"},
		{"zstd", zstandard(talk), "unpacked zstd"},
		{"frames", zstandard(talk[:9], talk[9:]), "unpacked zstd"},
		{"skippable frame", "\x50\x2a\x4d\x18\x03\x00\x00\x00abc" + zstandard(talk), "unpacked zstd"},
		{"garbage after zstd", zstandard(talk) + "garbage", "unpacked zstd; what stands behind the packed data is no packed data and was left out"},
		{"zstd behind gzip", gzipped(talk[:9]) + zstandard(talk[9:]), "unpacked gzip and zstd"},
		{"gzip behind zstd", zstandard(talk[:9]) + gzipped(talk[9:]), "unpacked zstd and gzip"},
		{"gzip behind zstd and zeros", zstandard(talk[:9]) + "\x00\x00\x00\x00\x00" + gzipped(talk[9:]), "unpacked zstd and gzip"},
		{"padding after zstd", zstandard(talk) + strings.Repeat("\x00", 1000), "unpacked zstd"},
		{"zstd behind bzip2", bzipped + zstandard(""), "unpacked bzip2 and zstd"},
		{"bzip2 behind gzip and zstd", gzipped("") + zstandard("") + bzipped, "unpacked gzip and zstd and bzip2"},
		{"garbage after bzip2", bzipped + "garbage", "unpacked bzip2; what stands behind the packed data is no packed data and was left out"},
		{"bzip2", bzipped, "unpacked bzip2"},
		{"packed twice", zstandard(gzipped(talk)), "unpacked zstd in gzip"},
		{"UTF-16LE", encoded(unicode.LittleEndian, unicode.UseBOM, talk), "decoded UTF-16LE"},
		{"UTF-16BE", encoded(unicode.BigEndian, unicode.UseBOM, talk), "decoded UTF-16BE"},
		{"UTF-16LE without mark", encoded(unicode.LittleEndian, unicode.IgnoreBOM, talk), "decoded UTF-16LE"},
		{"UTF-16BE without mark", encoded(unicode.BigEndian, unicode.IgnoreBOM, talk), "decoded UTF-16BE"},
		{"UTF-16 with CRLF", encoded(unicode.LittleEndian, unicode.UseBOM, strings.ReplaceAll(talk, "\n", "\r\n")), "decoded UTF-16LE"},
		{"both", gzipped(encoded(unicode.LittleEndian, unicode.UseBOM, talk)), "unpacked gzip; decoded UTF-16LE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, in := range []io.Reader{strings.NewReader(c.in), iotest.OneByteReader(strings.NewReader(c.in))} {
				var stats Stats
				got, err := hear(&Reader{Stats: &stats, Hash: true}, in)
				want := heard
				if strings.Contains(c.note, "left out") {
					want += "4 problem: what stands behind the packed data is no packed data and was left out\n"
				}
				if err != nil || got != want {
					t.Errorf("%v\n%s", err, cmp.Diff(want, got))
				}
				sum := sha256.Sum256([]byte(c.in))
				if note := strings.Join(stats.Notes, "; "); note != c.note || stats.Bytes != int64(len(c.in)) || stats.SHA256 != hex.EncodeToString(sum[:]) {
					t.Errorf("notes %q, want %q; %d bytes, want %d; sum %s", note, c.note, stats.Bytes, len(c.in), stats.SHA256)
				}
			}
		})
	}
}

func TestBrokenInput(t *testing.T) {
	noise := make([]byte, 4096)
	for i := range noise {
		noise[i] = 'a' + byte(i*i%23)
	}
	big := talk + strings.Repeat("other "+string(noise)+"\n", 500)
	packed, frames := gzipped(big), zstandard(big)
	for _, c := range []struct {
		name, in string
		is       error
		says     string
	}{
		{"gzip cut off", packed[:len(packed)/2], io.ErrUnexpectedEOF, "gzip: unexpected EOF"},
		{"gzip cut in its sum", packed[:len(packed)-3], io.ErrUnexpectedEOF, "gzip: unexpected EOF"},
		{"gzip with a wrong sum", packed[:len(packed)-8] + "abcdefgh", nil, "gzip: "},
		{"zstd cut off", frames[:len(frames)-10], io.ErrUnexpectedEOF, "zstd: unexpected EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stats Stats
			got, err := hear(&Reader{Name: "a.log", Stats: &stats}, strings.NewReader(c.in))
			if !strings.HasPrefix(got, "1 a\n3 b\n4 problem: bad\n") {
				t.Errorf("what was readable did not come out: %q", got)
			}
			if err == nil || !strings.HasPrefix(err.Error(), "a.log: after line ") || !strings.Contains(err.Error(), c.says) || c.is != nil && !errors.Is(err, c.is) || !stats.Truncated {
				t.Errorf("got %v, truncated %v", err, stats.Truncated)
			}
		})
	}
}

func TestFailingReader(t *testing.T) {
	broken := errors.New("disk on fire")
	in := io.MultiReader(strings.NewReader("say a\nsay b"), iotest.ErrReader(broken))
	got, err := hear(&Reader{Name: "a.log"}, in)
	if got != "1 a\n2 b\n2 end of 2\n" || !errors.Is(err, broken) || err.Error() != "a.log: after line 2: disk on fire" {
		t.Errorf("got %q, %v", got, err)
	}
	var pairs int
	for ev, err := range (&Reader{}).Events(iotest.ErrReader(broken)) {
		if pairs++; ev != nil || !errors.Is(err, broken) {
			t.Errorf("got %v, %v", ev, err)
		}
	}
	if pairs != 1 {
		t.Errorf("%d pairs", pairs)
	}
}

func TestReaderWithoutProgress(t *testing.T) {
	if _, err := hear(&Reader{}, idle{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("got %v", err)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// zeros is an endless input.
type zeros struct{ fill string }

func (z zeros) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = z.fill[i%len(z.fill)]
	}
	return len(b), nil
}

func TestBomb(t *testing.T) {
	for name, pack := range map[string]func(io.Writer) io.WriteCloser{
		"gzip": func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"zstd": func(w io.Writer) io.WriteCloser {
			z, _ := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
			return z
		},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			w := pack(&b)
			if _, err := io.CopyN(w, zeros{"say a\n" + strings.Repeat("x", 2000) + "\n"}, 2*maxFree); err != nil {
				t.Fatal(err)
			}
			_ = w.Close()
			var stats Stats
			u := newRun(&Reader{Name: "a.log", Stats: &stats}, nil, func(event.Event, error) bool { return true })
			err := u.read(&b)
			if !errors.Is(err, ErrBomb) || !stats.Truncated || stats.Lines < 10_000 {
				t.Errorf("got %v, truncated %v, %d lines", err, stats.Truncated, stats.Lines)
			}
		})
	}
}

func TestEndlessLine(t *testing.T) {
	const size = 100 << 20
	in := io.MultiReader(strings.NewReader("say a\nsay "), io.LimitReader(zeros{"x"}, size), strings.NewReader("\nsay b\n"))
	got, err := hear(&Reader{}, in)
	want := fmt.Sprintf("1 a\n2 problem: line of %d bytes: only the first %d were looked at\n2 xxxxxxxxxx... %d\n3 b\n3 end of 3\n", size+4, maxLine, maxLine-4)
	if err != nil || got != want {
		t.Errorf("%v\n%s", err, cmp.Diff(want, got))
	}
}

func TestStats(t *testing.T) {
	in := "\n  first line  \nNov 22 19:47:03 node-7 app[1]: say a\nNov 22 19:47:04 node-7 app[1]: other\nNov 22 19:47:05 node-7 app[1]: bad b\nplain\n"
	stats := Stats{}
	if _, err := hear(&Reader{Year: 2026, Stats: &stats}, strings.NewReader(in)); err != nil {
		t.Fatal(err)
	}
	want := Stats{
		Bytes: int64(len(in)), Lines: 6, Envelope: "syslog", Dialects: []Records{{"echo", 3}}, Counts: Counts{Understood: 2, Other: 3},
		Damaged: 1, Problems: []Problem{{5, "echo", "bad"}}, First: "first line",
		Notes: []string{"time stamps name no year: the first is read as one of 2026", "time stamps name no time zone: read as UTC (--log-tz names another)"},
	}
	if diff := cmp.Diff(want, stats); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A line that is handed on in pieces is one line.
func TestStatsOfALongLine(t *testing.T) {
	for piece, want := range map[string]Counts{"say 10%\r": {Understood: 2, Other: 1}, "other\r": {Understood: 1, Other: 2}} {
		var stats Stats
		in := "say a\n" + strings.Repeat(piece, 4*maxLine/len(piece)) + "\nother\n"
		if _, err := hear(&Reader{Stats: &stats}, strings.NewReader(in)); err != nil || stats.Lines != 3 || stats.Counts != want {
			t.Errorf("%q: %v, %d lines, %+v, want 3 and %+v", piece, err, stats.Lines, stats.Counts, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	log := "one\n\ntwo " + strings.Repeat("x", maxExcerpt) + "\nthree"
	want := map[int]string{1: "one", 2: "", 3: ("two " + strings.Repeat("x", maxExcerpt))[:maxExcerpt], 4: "three"}
	for name, in := range map[string]string{"plain": log, "gzip": gzipped(log), "UTF-16": encoded(unicode.LittleEndian, unicode.UseBOM, log)} {
		if diff := cmp.Diff(want, Excerpt(strings.NewReader(in), []int{4, 1, 2, 3, 99})); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	broken := gzipped(log)
	for name, c := range map[string]struct {
		in   string
		want map[int]string
	}{
		"no line wanted":   {log, map[int]string{}},
		"no packed data":   {"\x1f\x8b\x08", map[int]string{}},
		"packed in broken": {zstandard("\x1f\x8b\x08"), map[int]string{}},
		"breaks off":       {broken[:len(broken)-9], map[int]string{1: "one", 2: ""}},
	} {
		wanted := []int{1, 2, 9}
		if name == "no line wanted" {
			wanted = nil
		}
		got := Excerpt(strings.NewReader(c.in), wanted)
		for n, text := range c.want {
			if got[n] != text {
				t.Errorf("%s: line %d is %q, want %q", name, n, got[n], text)
			}
		}
		if len(c.want) == 0 && len(got) != 0 {
			t.Errorf("%s: got %v, want nothing", name, got)
		}
	}
}

func TestNotes(t *testing.T) {
	for _, c := range []struct {
		in   string
		zone *time.Location
		want []string
	}{
		{"Nov 22 19:47:03 say a\n", nil, []string{"time stamps name no year, and none was given: the year 2000 stands for it", "time stamps name no time zone: read as UTC (--log-tz names another)"}},
		{"2026-11-22 19:47:03 log file created\n2026-11-22T19:47:03Z say a\n", nil, nil},
		{"[Sun Nov 22 19:47:03 2026] a\n", time.FixedZone("CET", 3600), []string{"time stamps name no time zone: read as CET"}},
		{"2026-11-22T19:47:03Z a\n", time.FixedZone("CET", 3600), nil},
		{"апр 28 19:47:03 a\nапр 28 19:47:04 a\n", nil, []string{`2 time stamps could not be read, the first is "апр 28 19:47:03"`}},
	} {
		var stats Stats
		if _, err := hear(&Reader{Zone: c.zone, Stats: &stats}, strings.NewReader(c.in)); err != nil || !slices.Equal(stats.Notes, c.want) {
			t.Errorf("%s: %v, %q, want %q", c.in, err, stats.Notes, c.want)
		}
	}
}

func TestProblemsAreBounded(t *testing.T) {
	var stats Stats
	if _, err := hear(&Reader{Stats: &stats}, strings.NewReader(strings.Repeat("bad\n", 5)+strings.Repeat("bad x\n", 1000))); err != nil {
		t.Fatal(err)
	}
	if stats.Damaged != 1000 || len(stats.Problems) != maxProblems || stats.Problems[0].Line != 6 {
		t.Errorf("%d damaged, %d listed", stats.Damaged, len(stats.Problems))
	}
}

func TestBinary(t *testing.T) {
	elf := "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x3e\x00\x01\x00\x00\x00" + strings.Repeat("\x00\x01\x02text\x03", 1000)
	for in, want := range map[string]bool{
		talk:                                 false,
		elf:                                  true,
		"":                                   false,
		"\x1b[32mgreen\x1b[0m\ttab\r\n\f\v":  false,
		strings.Repeat("\x00", 1<<20) + talk: false,
		strings.Repeat("日本語\n", 100):         false,
	} {
		var stats Stats
		if _, err := hear(&Reader{Stats: &stats}, strings.NewReader(in)); err != nil || stats.Binary != want {
			t.Errorf("%.20q: %v, binary %v", in, err, stats.Binary)
		}
	}
}

func TestManyWriters(t *testing.T) {
	var in strings.Builder
	for i := range envelope.MaxWriters + 100 {
		fmt.Fprintf(&in, "2026-11-22T19:28:20Z node-7 app[%d]: say a\n", i+1)
	}
	got, err := hear(&Reader{}, strings.NewReader(in.String()))
	if err != nil || strings.Count(got, "end of 1\n") != envelope.MaxWriters || strings.Count(got, "((other writers)) end of 100\n") != 1 ||
		!strings.HasSuffix(got, "4196 problem: more than 4096 writers in one input: the others were read as if they were one\n") {
		t.Errorf("%v\n%s", err, got[max(0, len(got)-1000):])
	}
}

func TestStopping(t *testing.T) {
	for stop := 1; stop < 4; stop++ {
		n := 0
		u := newRun(&Reader{}, []dialect.Dialect{echo}, func(event.Event, error) bool { n++; return n < stop })
		if err := u.read(strings.NewReader(talk)); err != nil || n != stop {
			t.Errorf("%d events after a stop at %d, %v", n, stop, err)
		}
	}
}

// fragile is echo, but that it has faults: it panics at a line, a document or an end that it did not foresee.
var fragile = dialect.Dialect{Name: "fragile", New: func() dialect.Decoder { return &fragileDecoder{} }}

type fragileDecoder struct{ echoDecoder }

func (d *fragileDecoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	if string(l.Text) == "break" {
		panic("no such line")
	}
	return d.echoDecoder.Decode(l, emit)
}

func (d *fragileDecoder) DecodeDocument(*dialect.Document, dialect.Emit) bool {
	panic("no such document")
}

func (d *fragileDecoder) Flush(dialect.Emit) { panic("no such end") }

func TestFaultOfDecoder(t *testing.T) {
	var stats Stats
	var got []string
	u := newRun(&Reader{Name: "a", Stats: &stats}, []dialect.Dialect{fragile, echo}, func(ev event.Event, _ error) bool {
		text := fmt.Sprintf("%d %s", ev.Header().Pos.Line, ev.Header().Dialect)
		if p, ok := ev.(*event.Problem); ok {
			text += fmt.Sprintf(" %s: %q", p.Message, p.Text)
		}
		got = append(got, text)
		return true
	})
	if err := u.read(strings.NewReader("say one\nbreak\n{\"a\": 1}\nsay two\n")); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1 echo",
		`2 reader a fault of oomtrace: its decoder of fragile gave up here (no such line): "break"`,
		`3 reader a fault of oomtrace: its decoder of fragile gave up here (no such document): "{\"a\": 1}"`,
		"4 echo",
		`4 reader a fault of oomtrace: its decoder of fragile gave up here (no such end): ""`,
		"3 echo",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if stats.Understood != 2 || stats.Damaged != 3 {
		t.Errorf("%+v", stats.Counts)
	}
}

// TestFaultOfReceiver: what the receiver does wrong is not taken for a fault of a decoder.
func TestFaultOfReceiver(t *testing.T) {
	defer func() {
		if fault := recover(); fault != "mine" {
			t.Errorf("got %v", fault)
		}
	}()
	u := newRun(&Reader{}, []dialect.Dialect{echo}, func(event.Event, error) bool { panic("mine") })
	t.Errorf("read on: %v", u.read(strings.NewReader(talk)))
}

// FuzzReader: the size of the reads and the kind of line ends make no difference, nothing panics, and lines
// are counted as they are.
func FuzzReader(f *testing.F) {
	f.Add([]byte(talk))
	f.Add([]byte("2026-11-22T19:28:20.1Z stderr P sa\n2026-11-22T19:28:20.3Z stderr F y a"))
	f.Add([]byte(gzipped(talk)))
	f.Add([]byte(encoded(unicode.LittleEndian, unicode.UseBOM, talk)))
	f.Fuzz(func(t *testing.T, data []byte) {
		var stats Stats
		want, wantErr := hear(&Reader{Stats: &stats}, bytes.NewReader(data))
		got, err := hear(&Reader{}, iotest.OneByteReader(bytes.NewReader(data)))
		if got != want || fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Fatalf("byte by byte: %v, %v\n%s", err, wantErr, cmp.Diff(want, got))
		}
		if stats.Understood+stats.Other > stats.Lines {
			t.Fatalf("%d lines: %+v", stats.Lines, stats.Counts)
		}
		if plain := utf16Of(data) == "" && len(stats.Notes) == 0; plain && !bytes.ContainsAny(data, "\r\x00") {
			crlf, _ := hear(&Reader{}, bytes.NewReader(bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))))
			if crlf != want {
				t.Fatalf("with CRLF:\n%s", cmp.Diff(want, crlf))
			}
		}
	})
}

// FuzzDialects: no input breaks any dialect behind the reader, and positions stay inside the file.
func FuzzDialects(f *testing.F) {
	f.Add([]byte("gc 1 @0.002s 10%: 0.26+0.40+0.005 ms clock, 0.53+0.061/0.46/0+0.010 ms cpu, 3->4->3 MB, 4 MB goal, 0 MB stacks, 0 MB globals, 2 P\n"))
	f.Add([]byte("[  242.031013] java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=985\n[  242.031113] memory: usage 51200kB, limit 51200kB, failcnt 38\n"))
	f.Add([]byte("fatal error: runtime: out of memory\n\ngoroutine 1 [running]:\nmain.main()\n\t/a.go:1 +0x1\nexit status 2\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var stats Stats
		for ev, err := range (&Reader{Name: "a", Stats: &stats}).Events(bytes.NewReader(data)) {
			if err != nil {
				break
			}
			if pos := ev.Header().Pos; pos.File != "a" || pos.Line < 1 || pos.Line > bytes.Count(data, []byte("\n"))+1 && len(stats.Notes) == 0 {
				t.Fatalf("event at %+v of %d lines", pos, bytes.Count(data, []byte("\n"))+1)
			}
			if _, err := event.AppendJSON(nil, ev); err != nil {
				t.Fatal(err)
			}
			if p, ok := ev.(*event.Problem); ok && strings.HasPrefix(p.Message, "a fault of oomtrace") {
				t.Fatal(p.Message)
			}
		}
	})
}
