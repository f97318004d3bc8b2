package input

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestClosest(t *testing.T) {
	names := []string{"gctrace.log", "kern.log", "Limit", "quiet"}
	for word, want := range map[string]string{
		"gctrce.log": "gctrace.log", "gctrace.lgo": "gctrace.log", "kernel.log": "kern.log", "limt": "Limit",
		"kern.log": "", "quite": "quiet", "zzz": "", "": "",
	} {
		if got := Closest(word, names); got != want {
			t.Errorf("Closest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"same", "same", 0}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestNamedOpensEachFileFromItsBeginning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	in := Named([]string{path}, nil)[0]
	if in.Modified.IsZero() || in.Once {
		t.Errorf("Modified %v, Once %v", in.Modified, in.Once)
	}
	for range 2 {
		if got := content(t, in.Open); got != "text" {
			t.Errorf("read %q", got)
		}
	}
}

func TestStandardInput(t *testing.T) {
	once := Named([]string{Stdin}, strings.NewReader("text"))[0]
	if got := content(t, once.Open); got != "text" || !once.Once || once.Name != "stdin" {
		t.Errorf("read %q, Once %v, name %q", got, once.Once, once.Name)
	}
	if _, err := once.Open(); err == nil {
		t.Error("a pipe was opened twice")
	}
	inputs, cleanup := Rereadable([]string{"other.log", Stdin}, strings.NewReader("text"))
	if inputs[1].Once {
		t.Error("a kept stream can be opened again")
	}
	for range 2 {
		if got := content(t, inputs[1].Open); got != "text" {
			t.Errorf("read %q", got)
		}
	}
	cleanup()
	if r, err := inputs[1].Open(); err == nil {
		if _, err := io.ReadAll(r); err == nil {
			t.Error("the copy can be read after cleanup")
		}
	}
}

// TestPipe reads a named pipe, as process substitution of a shell makes one, as often as it is asked for.
func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := exec.Command("mkfifo", path).Run(); err != nil {
		t.Skip("no mkfifo here:", err)
	}
	go func() { _ = os.WriteFile(path, []byte("text"), 0o600) }()
	inputs, cleanup := Rereadable([]string{path}, nil)
	defer cleanup()
	for range 2 {
		if got := content(t, inputs[0].Open); got != "text" {
			t.Errorf("read %q", got)
		}
	}
	if in := Named([]string{path}, nil)[0]; !in.Once {
		t.Error("a pipe can be opened once")
	}
}

func TestErrorsSayWhatHelps(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "gctrace.log"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"gctrce.log":    "no such file. Did you mean " + filepath.Join(folder, "gctrace.log") + "?",
		"unlike.bin":    "no such file",
		".":             "it is a directory",
		"gctrace.log/x": "not a directory",
	} {
		_, err := Named([]string{folder + "/" + name}, nil)[0].Open()
		if err == nil || !strings.HasPrefix(err.Error(), "cannot read ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want it to say %q", name, err, want)
		}
	}
}

func content(t *testing.T, open func() (io.ReadCloser, error)) string {
	t.Helper()
	r, err := open()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return string(text)
}
