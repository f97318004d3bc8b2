package anchor_test

import (
	"bytes"
	"strings"
	"testing"

	"oomtrace/parser/anchor"
)

var readers = [][]string{
	{"invoked oom-killer: ", "Killed process "},
	{"FATAL ERROR: ", "<--- Last few GCs"},
	nil,
	{"GC freed ", "oom-killer: "},
	{"gc "},
}

// slow says what Find is to return.
func slow(line []byte) (want uint64) {
	for i, texts := range readers {
		mine := len(texts) == 0
		for _, t := range texts {
			mine = mine || len(t) < 4 || bytes.Contains(line, []byte(t))
		}
		if mine {
			want |= 1 << i
		}
	}
	return want
}

func TestFind(t *testing.T) {
	set := anchor.New(readers)
	for _, line := range []string{
		"", "a", "oom", "java invoked oom-killer: gfp_mask=0xcc0", "oom-killer: ", "oom-killer:", "Killed process 12", "killed process 12",
		"FATAL ERROR: Killed process <--- Last few GCs --->", "<--- Last few GC", strings.Repeat("Killed job ", 100),
	} {
		if got, want := set.Find([]byte(line)), slow([]byte(line)); got != want {
			t.Errorf("%q: %b, want %b", line, got, want)
		}
	}
	if set.Find(nil) != 1<<2|1<<4 {
		t.Error("readers without texts are not told of every line")
	}
}

func FuzzFind(f *testing.F) {
	set := anchor.New(readers)
	f.Add([]byte("java invoked oom-killer: GC freed "))
	f.Add([]byte("x<--- Last few GCs --->"))
	f.Fuzz(func(t *testing.T, line []byte) {
		for cut := range min(len(line), 8) {
			if got, want := set.Find(line[cut:]), slow(line[cut:]); got != want {
				t.Fatalf("%q: %b, want %b", line[cut:], got, want)
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	set := anchor.New(readers)
	line := []byte(`time="2026-11-22T19:28:31Z" level=info msg="request done" method=GET path=/api/v1/cart id=77182 user=bob status=200 bytes=5123 took=12.5ms`)
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		set.Find(line)
	}
}
