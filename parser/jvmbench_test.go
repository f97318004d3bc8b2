package parser_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"oomtrace/parser"
	"oomtrace/parser/event"
)

// heapLines are the lines of a unified log of G1 that say how full the heap is.
const heapLines = `Pause (Young|Full|Remark|Cleanup).*->|(Eden|Survivor|Old|Humongous|Archive) regions:`

// BenchmarkUnified reads a unified log of G1, real lines over and over, end to end through Events. The yardstick is grep -cE for
// its heap lines, in the same run.
func BenchmarkUnified(b *testing.B) {
	log := unifiedLog(b)
	b.Run("grep", func(b *testing.B) {
		grep, err := exec.LookPath("grep")
		if err != nil {
			b.Skip(err)
		}
		file := filepath.Join(b.TempDir(), "gc.log")
		if err := os.WriteFile(file, log, 0o600); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(log)))
		for b.Loop() {
			if out, err := exec.Command(grep, "-cE", heapLines, file).Output(); err != nil {
				b.Fatalf("%s: %v", out, err)
			}
		}
	})
	b.Run("events", func(b *testing.B) {
		b.SetBytes(int64(len(log)))
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			for ev, err := range (&parser.Reader{Name: "gc.log"}).Events(bytes.NewReader(log)) {
				if err != nil {
					b.Fatal(err)
				}
				if _, ok := ev.(*event.GC); ok {
					n++
				}
			}
			if n < len(log)/20_000 {
				b.Fatalf("%d collections in %d bytes", n, len(log))
			}
		}
	})
}

// unifiedLog repeats the golden log of G1 with all that -Xlog:gc* says, its numbers of collections rising.
func unifiedLog(b *testing.B) []byte {
	b.Helper()
	data, err := os.ReadFile("dialects/jvmunified/testdata/g1.txtar")
	if err != nil {
		b.Fatal(err)
	}
	var lines [][]byte
	for line := range bytes.Lines(data) {
		if line[0] == '[' && bytes.Contains(line, []byte("GC(")) {
			lines = append(lines, line)
		}
	}
	size := benchSize(b)
	log := make([]byte, 0, size+size/8)
	for n := 0; len(log) < size; n++ {
		for _, line := range lines {
			at := bytes.Index(line, []byte("GC(")) + len("GC(")
			end := at + bytes.IndexByte(line[at:], ')')
			log = fmt.Appendf(append(log, line[:at]...), "%d", n)
			log = append(log, line[end:]...)
		}
	}
	return log
}
