package parser_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"oomtrace/parser"
	"oomtrace/parser/dialect"
	"oomtrace/parser/dialect/dialecttest"
	"oomtrace/parser/event"
)

// voice is one stream: a decoder and what it has said.
type voice struct {
	dialect.Decoder
	said []byte
}

func (v *voice) emit(ev event.Event) {
	v.said, _ = event.AppendJSON(v.said, ev)
	v.said = append(v.said, '\n')
}

func (v *voice) hear(number int, text []byte) {
	claimed := v.Decode(&dialect.Line{Pos: event.Pos{File: "log", Line: number}, Text: text}, v.emit)
	v.said = fmt.Appendf(v.said, "%d %t\n", number, claimed)
}

// Streams that share a decoder's memory of lines say the same as streams that do not, whatever the order of their lines.
func TestSiblings(t *testing.T) {
	for _, d := range parser.Dialects() {
		logs := dialecttest.Logs(t, filepath.Join("dialects", strings.NewReplacer("-", "", "_", "").Replace(d.Name), "testdata"))
		if _, ok := d.New().(dialect.Sibling); !ok {
			continue
		}
		if len(logs) == 0 {
			t.Errorf("%s: no logs", d.Name)
		}
		first := d.New()
		for i, log := range logs {
			other := logs[(i+1)%len(logs)]
			alone, together := []*voice{{Decoder: d.New()}, {Decoder: d.New()}}, []*voice{{Decoder: sibling(first)}, {Decoder: sibling(first)}}
			texts := [][][]byte{bytes.Split(log.Text, []byte("\n")), bytes.Split(other.Text, []byte("\n"))}
			for n := range max(len(texts[0]), len(texts[1])) {
				for s, lines := range texts {
					if n < len(lines) {
						alone[s].hear(n+1, lines[n])
						together[s].hear(n+1, lines[n])
					}
				}
			}
			for s := range texts {
				alone[s].Flush(alone[s].emit)
				together[s].Flush(together[s].emit)
				if diff := cmp.Diff(string(alone[s].said), string(together[s].said)); diff != "" {
					t.Errorf("%s, %s with %s: stream %d (-alone +together):\n%s", d.Name, log.Path, other.Path, s, diff)
				}
			}
		}
	}
}

func sibling(d dialect.Decoder) dialect.Decoder { return d.(dialect.Sibling).Sibling() }

// As many writers as are kept apart fit into the memory of a small container.
func TestManyWriters(t *testing.T) {
	const gc = "gc 1 @0.023s 1%: 0.11+0.45+0.003 ms clock, 0.23+0/0.19/0.14+0.006 ms cpu, 14->14->10 MB, 15 MB goal, 0 MB stacks, 0 MB globals, 2 P"
	var log bytes.Buffer
	for i := range 4096 {
		fmt.Fprintf(&log, "audit-api-%05d | %s\naudit-api-%05d | served in 5 ms: 17 requests\n", i, gc, i)
	}
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	collections := 0
	for ev, err := range (&parser.Reader{Name: "log"}).Events(&log) {
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := ev.(*event.GC); !ok {
			t.Errorf("%+v", ev)
			continue
		}
		if collections++; collections == 4096 {
			runtime.GC()
			runtime.ReadMemStats(&during)
		}
	}
	if held := int64(during.HeapAlloc) - int64(before.HeapAlloc); collections != 4096 || held > 40<<20 {
		t.Errorf("%d collections, %d MiB for 4096 writers", collections, held>>20)
	}
}
