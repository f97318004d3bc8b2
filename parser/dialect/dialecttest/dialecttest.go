// Package dialecttest is the one harness that holds dialects against golden logs.
//
// A golden case is a log of real lines and the events that it must give, in the testdata directory of the
// dialect's package. It is a txtar file,
//
//	Go 1.26.0, linux/amd64, program killed by its memory cgroup.
//	-- log --
//	gc 1 @0.002s 5%: 0.22+0.47+0.004 ms clock, ...
//	-- events --
//	{"type":"gc", ...}
//	{"foreign":"2-4 9"}
//
// whose first lines say where the log comes from. It may hold several logs, named log.NAME, with their events in
// events.NAME; each is read by a decoder of its own. No other name is a marker, so a log may hold "-- Reboot --".
// A log that is not for text editors is kept as the plain files NAME.log and NAME.events.
//
// Events are JSON Lines without the keys that are null. The last line names the lines that the dialect refused, so that what it claims is golden
// too. A JSON value that begins a line, and of which the last line begins with its last bracket, is offered to a decoder of documents first.
// UPDATE_GOLDEN=1 writes the events anew.
package dialecttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// Run holds the dialect against every golden case in testdata. Each case is a subtest.
func Run(t *testing.T, d dialect.Dialect) {
	t.Helper()
	archives := glob(t, "testdata", "*.txtar")
	plain := glob(t, "testdata", "*.log")
	if len(archives)+len(plain) == 0 {
		t.Fatal("no golden cases in testdata")
	}
	for _, path := range archives {
		t.Run(name(path), func(t *testing.T) { runArchive(t, d, path) })
	}
	for _, path := range plain {
		t.Run(name(path), func(t *testing.T) { runPlain(t, d, path) })
	}
	t.Run("damaged lines", func(t *testing.T) { runDamaged(t, d) })
}

// Decode reads a log as one stream and returns the events as JSON Lines and the last line of a golden case. It
// fails the test if an event lacks its head, or if the decoder keeps or changes the text of a line.
func Decode(t testing.TB, d dialect.Dialect, log []byte) string {
	t.Helper()
	return read(t, d, log, false)
}

// Fuzz holds what a decoder with warm caches says against what it says when its caches are fresh for each line. The
// seeds are the golden logs, each as it is and with some bytes changed. A decoder takes part if its tests give it a
// method Forget() that drops its caches and nothing else; without it, Fuzz looks for panics only.
func Fuzz(f *testing.F, d dialect.Dialect) {
	for _, log := range Logs(f, "testdata") {
		text := log.Text[:min(len(log.Text), 1<<14)]
		for seed := range uint64(8) {
			f.Add(text, seed)
		}
	}
	f.Fuzz(func(t *testing.T, log []byte, seed uint64) {
		log = mutate(log, seed)
		warm, cold := read(t, d, log, false), read(t, d, log, true)
		if warm != cold {
			t.Errorf("caches change the events (-cold +warm):\n%slog:\n%q", diff(cold, warm), log)
		}
	})
}

func runArchive(t *testing.T, d dialect.Dialect, path string) {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	old := parseArchive(data)
	if len(bytes.TrimSpace(old.comment)) == 0 {
		t.Errorf("%s: the first lines must say where the log comes from", path)
	}
	now := archive{comment: old.comment}
	for _, f := range old.files {
		if rest, ok := strings.CutPrefix(f.name, "log"); ok {
			now.files = append(now.files, f, file{"events" + rest, []byte(Decode(t, d, f.data))})
		}
	}
	if len(now.files) == 0 {
		t.Fatalf("%s: no file named log", path)
	}
	if update() {
		write(t, path, now.format())
		return
	}
	for _, f := range now.files {
		want, ok := old.find(f.name)
		if !ok {
			t.Errorf("%s: no file %s; run with UPDATE_GOLDEN=1", path, f.name)
			continue
		}
		compare(t, path+", "+f.name, string(want), string(f.data))
	}
}

func runPlain(t *testing.T, d dialect.Dialect, path string) {
	log, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	golden := strings.TrimSuffix(path, ".log") + ".events"
	got := Decode(t, d, log)
	if update() {
		write(t, golden, []byte(got))
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatalf("%v; run with UPDATE_GOLDEN=1", err)
	}
	compare(t, golden, string(want), got)
}

// runDamaged reads the first lines of each log with some of them damaged at one word, for each word in turn. Most lines stay whole, so that a
// damaged one meets the decoder in the state that the others have put it in. Nothing is asked but that the decoder does not panic and that its
// events are sound.
func runDamaged(t *testing.T, d dialect.Dialect) {
	const (
		most  = 6 << 10  // bytes of a log
		all   = 96 << 10 // bytes of all logs
		words = 24
		apart = 7 // lines
	)
	logs := Logs(t, "testdata")
	for _, log := range logs {
		lines := bytes.SplitAfter(log.Text[:min(len(log.Text), most, all/len(logs))], []byte("\n"))
		for word := range words {
			for first := range apart {
				damaged := slices.Clone(lines)
				for i := range lines {
					switch (i + first) % apart {
					case 0:
						damaged[i] = damage(lines[i], word, func(before, _, _ []byte) []byte { return before })
					case 2:
						damaged[i] = damage(lines[i], word, func(before, _, after []byte) []byte { return slices.Concat(before, after) })
					case 4:
						damaged[i] = damage(lines[i], word, func(before, at, after []byte) []byte { return slices.Concat(at, after, []byte(" "), before) })
					case 6:
						damaged[i] = damage(lines[i], word, func(before, at, after []byte) []byte { return slices.Concat(before, notUTF8, at, after) })
					}
				}
				if text := slices.Concat(damaged...); !bytes.Equal(text, log.Text) {
					Decode(t, d, text)
				}
			}
		}
	}
}

// notUTF8 is what a mapping of letters makes three times as long.
var notUTF8 = bytes.Repeat([]byte{0xff}, 20)

// damage returns what do makes of a line: of what stands before its n-th word, of this word with the spaces behind it, and of the rest. A line with fewer
// words stays as it is.
func damage(line []byte, n int, do func(before, at, after []byte) []byte) []byte {
	text := bytes.TrimSuffix(line, []byte("\n"))
	places := wordAt.FindAllIndex(text, n+1)
	if len(places) <= n {
		return line
	}
	from, to := places[n][0], places[n][1]
	return append(slices.Clone(do(text[:from], text[from:to], text[to:])), '\n')
}

var wordAt = regexp.MustCompile(`\S+ *`)

func compare(t *testing.T, what, want, got string) {
	t.Helper()
	if d := diff(nulls.ReplaceAllString(want, ""), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// read decodes a log line by line from a buffer that it spoils after each line.
func read(t testing.TB, d dialect.Dialect, log []byte, fresh bool) string {
	t.Helper()
	var out []event.Event
	lines := bytes.Split(bytes.TrimSuffix(log, []byte("\n")), []byte("\n"))
	dec := d.New()
	emit := func(ev event.Event) { out = append(out, ev) }
	var foreign []int
	var buf []byte
	for i := 0; i < len(lines); i++ {
		if n := document(t, dec, lines, i, emit); n > 0 {
			i += n - 1
			continue
		}
		text := bytes.TrimSuffix(lines[i], []byte("\r"))
		buf = append(buf[:0], text...)
		if f, ok := dec.(interface{ Forget() }); ok && fresh {
			f.Forget()
		}
		l := &dialect.Line{Pos: event.Pos{File: "log", Line: i + 1}, Text: buf}
		if !dec.Decode(l, emit) {
			foreign = append(foreign, i+1)
		}
		if !bytes.Equal(buf, text) {
			t.Fatalf("line %d: the decoder changed %q to %q", i+1, text, buf)
		}
		for j := range buf {
			buf[j] = '~'
		}
	}
	dec.Flush(emit)

	var dst []byte
	for _, ev := range out {
		h := ev.Header()
		if h.Dialect != d.Name || h.Pos.File != "log" || h.Pos.Line < 1 || h.Pos.Line > len(lines) {
			t.Errorf("an event with a wrong head: %+v", *h)
		}
		var err error
		if dst, err = event.AppendJSON(dst, ev); err != nil {
			t.Fatal(err)
		}
		dst = endLine(dst)
	}
	if len(foreign) > 0 {
		dst = fmt.Appendf(dst, "{\"foreign\":\"%s\"}\n", ranges(foreign))
	}
	return string(nulls.ReplaceAll(dst, nil))
}

// document offers the JSON value that begins in a line to a decoder of documents, and returns how many lines it took.
func document(t testing.TB, dec dialect.Decoder, lines [][]byte, first int, emit dialect.Emit) int {
	reader, ok := dec.(dialect.DocumentDecoder)
	if !ok || len(lines[first]) == 0 || lines[first][0] != '{' && lines[first][0] != '[' {
		return 0
	}
	doc := &dialect.Document{Line: dialect.Line{Pos: event.Pos{File: "log", Line: first + 1}}}
	for i, line := range lines[first:] {
		doc.Starts = append(doc.Starts, len(doc.Text))
		doc.Text = append(append(doc.Text, line...), '\n')
		last := i == 0 || len(line) > 0 && (line[0] == '}' || line[0] == ']')
		if !last || !json.Valid(doc.Text) {
			continue
		}
		doc.Text = doc.Text[:len(doc.Text)-1]
		text := bytes.Clone(doc.Text)
		taken := reader.DecodeDocument(doc, emit)
		if !bytes.Equal(doc.Text, text) {
			t.Fatalf("line %d: the decoder changed the document to %q", first+1, doc.Text)
		}
		for j := range doc.Text {
			doc.Text[j] = '~'
		}
		if taken {
			return i + 1
		}
		return 0
	}
	return 0
}

// nulls matches the keys of a JSON line that say nothing.
var nulls = regexp.MustCompile(`,"[a-z_]+":null|"[a-z_]+":null,`)

// ranges writes rising line numbers as "1-3 7".
func ranges(lines []int) string {
	var parts []string
	for i := 0; i < len(lines); i++ {
		first := lines[i]
		for i+1 < len(lines) && lines[i+1] == lines[i]+1 {
			i++
		}
		if lines[i] == first {
			parts = append(parts, fmt.Sprint(first))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", first, lines[i]))
		}
	}
	return strings.Join(parts, " ")
}

// mutate changes some places of a log: digits, other bytes, pieces left out, lines cut or torn. Seed 0 changes
// nothing.
func mutate(log []byte, seed uint64) []byte {
	if seed == 0 || len(log) == 0 {
		return log
	}
	rnd := rand.New(rand.NewPCG(seed, 1))
	odd := []string{"\x00", "\xff", "é", "0", "007", "123456789012345678", "1234567890123456789", "\n", " ", "-", "", "x"}
	log = slices.Clone(log)
	for range 1 + len(log)/200 {
		at := rnd.IntN(len(log))
		end := min(len(log), at+1)
		switch rnd.IntN(4) {
		case 0:
			if b := &log[at]; '0' <= *b && *b <= '9' {
				*b = byte('0' + rnd.IntN(10))
			}
		case 1:
			end = min(len(log), at+rnd.IntN(12))
			fallthrough
		default:
			log = slices.Replace(log, at, end, []byte(odd[rnd.IntN(len(odd))])...)
		}
		if len(log) == 0 {
			return log
		}
	}
	return log
}

// Log is the log of a golden case.
type Log struct {
	Path string // of the file that holds it
	Text []byte
}

// Logs returns the logs of all golden cases in a directory.
func Logs(t testing.TB, dir string) []Log {
	t.Helper()
	var logs []Log
	for _, path := range append(glob(t, dir, "*.txtar"), glob(t, dir, "*.log")...) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(path) == ".log" {
			logs = append(logs, Log{path, data})
			continue
		}
		for _, f := range parseArchive(data).files {
			if strings.HasPrefix(f.name, "log") {
				logs = append(logs, Log{path, f.data})
			}
		}
	}
	return logs
}

func glob(t testing.TB, dir, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func name(path string) string {
	base := filepath.Base(path)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

func diff(want, got string) string {
	return cmp.Diff(strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n"))
}

func update() bool { return os.Getenv("UPDATE_GOLDEN") == "1" }

func write(t *testing.T, path string, data []byte) {
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
