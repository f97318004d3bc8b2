package parser_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"oomtrace/parser"
	"oomtrace/parser/event"
)

// benchSize is the size of the logs of BenchmarkReader in MB, set with OOMTRACE_BENCH_MB.
func benchSize(b *testing.B) int {
	text := os.Getenv("OOMTRACE_BENCH_MB")
	if text == "" {
		return 16_000_000
	}
	mb, err := strconv.Atoi(text)
	if err != nil || mb < 1 {
		b.Fatalf("OOMTRACE_BENCH_MB=%q: want a number of MB", text)
	}
	return mb * 1_000_000
}

// traceLines are the collections of real programs, of several versions of Go.
func traceLines(b *testing.B) [][]byte {
	b.Helper()
	data, err := os.ReadFile("testdata/gctrace.log")
	if err != nil {
		b.Fatal(err)
	}
	return bytes.Split(bytes.TrimSpace(data), []byte("\n"))
}

const application = `time="2026-11-22T19:28:31Z" level=info msg="request done" method=GET path=/api/v1/cart id=77182 user=bob status=200 bytes=5123 took=12.5ms`

// BenchmarkReader reads logs made of real lines, end to end through Events. The yardstick is grep -c '^gc ' on the first
// of them.
func BenchmarkReader(b *testing.B) {
	start := time.Date(2026, 11, 22, 19, 28, 20, 63957624, time.UTC)
	stamp := func(i int, layout string) string {
		return start.Add(time.Duration(i) * 17 * time.Millisecond).Format(layout)
	}
	plain := func(dst []byte, _ int, text []byte) []byte { return append(append(dst, text...), '\n') }
	b.Run("grep", func(b *testing.B) { count(b, benchLog(b, plain)) })
	for _, c := range []struct {
		name string
		line func(dst []byte, i int, text []byte) []byte
	}{
		{"gctrace", plain},
		{"mixed", func(dst []byte, i int, text []byte) []byte {
			if i%10 != 0 {
				text = []byte(application)
			}
			return plain(dst, i, text)
		}},
		{"cri", func(dst []byte, i int, text []byte) []byte {
			return fmt.Appendf(dst, "%s stderr F %s\n", stamp(i, "2006-01-02T15:04:05.000000000Z"), text)
		}},
		{"docker-json", func(dst []byte, i int, text []byte) []byte {
			quoted, _ := json.Marshal(string(text) + "\n")
			return fmt.Appendf(dst, `{"log":%s,"stream":"stderr","time":"%s"}`+"\n", quoted, stamp(i, "2006-01-02T15:04:05.000000000Z"))
		}},
		{"syslog", func(dst []byte, i int, text []byte) []byte {
			return fmt.Appendf(dst, "%s node-7 audit-api[11842]: %s\n", stamp(i, time.Stamp), text)
		}},
	} {
		b.Run(c.name, func(b *testing.B) { read(b, benchLog(b, c.line)) })
	}
}

// benchLog writes real lines over and over, until the log has the size of the benchmark.
func benchLog(b *testing.B, write func(dst []byte, i int, text []byte) []byte) []byte {
	b.Helper()
	lines, size := traceLines(b), benchSize(b)
	log := make([]byte, 0, size+1000)
	for i := 0; len(log) < size; i++ {
		log = write(log, i, lines[i%len(lines)])
	}
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	return log
}

// read runs the reader over the log.
func read(b *testing.B, log []byte) {
	for b.Loop() {
		n := 0
		for ev, err := range (&parser.Reader{Name: "bench.log", Year: 2026}).Events(bytes.NewReader(log)) {
			if err != nil {
				b.Fatal(err)
			}
			if _, ok := ev.(*event.GC); ok {
				n++
			}
		}
		if n < len(log)/2000 {
			b.Fatalf("%d collections in %d bytes", n, len(log))
		}
	}
}

// count runs grep over the log.
func count(b *testing.B, log []byte) {
	grep, err := exec.LookPath("grep")
	if err != nil {
		b.Skip(err)
	}
	file := filepath.Join(b.TempDir(), "bench.log")
	if err := os.WriteFile(file, log, 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if out, err := exec.Command(grep, "-c", "^gc ", file).Output(); err != nil {
			b.Fatalf("%s: %v", out, err)
		}
	}
}
