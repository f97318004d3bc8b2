package dialecttest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// echo claims the lines that begin with "mine" and makes a problem of each; it can misbehave on purpose.
type echo struct {
	spoil bool
	seen  int
	fresh bool
}

func (e *echo) Decode(l *dialect.Line, emit dialect.Emit) bool {
	if !bytes.HasPrefix(l.Text, []byte("mine")) {
		return false
	}
	if e.spoil {
		l.Text[0] = 'M'
	}
	e.seen++
	emit(&event.Problem{Head: l.Head("echo"), Message: strings.Repeat("!", e.seen), Text: string(l.Text)})
	return true
}

func (e *echo) Flush(emit dialect.Emit) {
	emit(&event.Problem{Head: event.Head{Pos: event.Pos{File: "log", Line: 1}, Dialect: "echo"}, Message: "flushed"})
}

func (e *echo) Forget() { e.fresh = true }

var echoes = dialect.Dialect{Name: "echo", New: func() dialect.Decoder { return &echo{} }}

func TestGolden(t *testing.T) { Run(t, echoes) }

func TestDecode(t *testing.T) {
	got := Decode(t, echoes, []byte("a\r\nb\nmine 1\r\nc\nmine 2\nd\ne"))
	for _, want := range []string{`"mine 1"`, `"mine 2"`, `"flushed"`, `{"foreign":"1-2 4 6-7"}` + "\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

func TestForgetBeforeEachLine(t *testing.T) {
	var made *echo
	d := echoes
	d.New = func() dialect.Decoder { made = &echo{}; return made }
	if read(t, d, []byte("x"), true); !made.fresh {
		t.Error("a cold run does not call Forget")
	}
	if read(t, d, []byte("x"), false); made.fresh {
		t.Error("a warm run calls Forget")
	}
}

func TestArchive(t *testing.T) {
	text := "about\n-- log.a --\nx\n-- Reboot --\ny\n-- events.a --\n-- log --\nlast"
	a := parseArchive([]byte(text))
	want := archive{comment: []byte("about\n"), files: []file{
		{"log.a", []byte("x\n-- Reboot --\ny\n")}, {"events.a", []byte("")}, {"log", []byte("last")},
	}}
	if d := cmp.Diff(want, a, cmp.AllowUnexported(archive{}, file{})); d != "" {
		t.Errorf("parsed (-want +got):\n%s", d)
	}
	if got := string(a.format()); got != text+"\n" {
		t.Errorf("formatted: %q, want %q", got, text+"\n")
	}
}

func TestMutateIsRepeatable(t *testing.T) {
	log := bytes.Repeat([]byte("gc 1 @0.5s\n"), 100)
	if !bytes.Equal(mutate(log, 0), log) {
		t.Error("seed 0 changes the log")
	}
	a, b := mutate(log, 3), mutate(log, 3)
	if !bytes.Equal(a, b) || bytes.Equal(a, log) {
		t.Error("seed 3 does not change the log, or not twice in the same way")
	}
}
