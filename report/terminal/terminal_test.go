package terminal_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"oomtrace/report"
	"oomtrace/report/reporttest"
	"oomtrace/report/terminal"
)

var forms = []struct {
	name string
	o    terminal.Options
}{
	{"wide", terminal.Options{}},
	{"color", terminal.Options{Color: true}},
	{"narrow", terminal.Options{Width: 50}},
	{"ascii", terminal.Options{ASCII: true}},
	{"quiet", terminal.Options{Quiet: true}},
	{"verbose", terminal.Options{Verbose: true, Wrote: []string{"Wrote gctrace.oomtrace.html (853 kB)."}}},
}

func render(t *testing.T, m *report.Model, o terminal.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := terminal.Write(&b, m, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	for _, c := range reporttest.Cases() {
		m := report.New(c.Input)
		for _, f := range forms {
			drawn := c.Name == "resident" && f.name != "quiet" && f.name != "verbose"
			if f.name != "wide" && c.Name != "leak" && c.Name != "hostile" && !drawn {
				continue
			}
			t.Run(c.Name+"/"+f.name, func(t *testing.T) {
				reporttest.Golden(t, filepath.Join("testdata", c.Name+"."+f.name+".txt"), render(t, m, f.o))
			})
		}
	}
}

// TestFits holds every case in every form to its width, and to characters that the terminal can show.
func TestFits(t *testing.T) {
	for _, c := range reporttest.Cases() {
		m := report.New(c.Input)
		for _, width := range []int{0, 1, 45, 59, 60, 80, 500} {
			for _, ascii := range []bool{false, true} {
				limit := min(max(width, 40), 100)
				if width == 0 {
					limit = 80
				}
				for line := range strings.Lines(render(t, m, terminal.Options{Width: width, ASCII: ascii, Verbose: true})) {
					line = strings.TrimSuffix(line, "\n")
					if n := utf8.RuneCountInString(line); n > limit {
						t.Errorf("%s: %d columns in %d: %q", c.Name, n, limit, line)
					}
					if line != strings.TrimRight(line, " ") {
						t.Errorf("%s: spaces at the end: %q", c.Name, line)
					}
					for _, r := range line {
						if unicode.In(r, unicode.C) || ascii && r >= utf8.RuneSelf {
							t.Errorf("%s: %U in %q", c.Name, r, line)
						}
					}
				}
			}
		}
	}
}

// TestColor shows that colours change nothing but the colour.
func TestColor(t *testing.T) {
	strip := strings.NewReplacer("\x1b[31m", "", "\x1b[2m", "", "\x1b[0m", "")
	for _, c := range reporttest.Cases() {
		m := report.New(c.Input)
		for _, width := range []int{40, 80} {
			colored := render(t, m, terminal.Options{Width: width, Color: true})
			if diff := cmp.Diff(render(t, m, terminal.Options{Width: width}), strip.Replace(colored)); diff != "" {
				t.Errorf("%s: colours change the text (-plain +colored):\n%s", c.Name, diff)
			}
			if strings.Count(colored, "\x1b[0m")*2 != strings.Count(colored, "\x1b[") {
				t.Errorf("%s: a colour is not reset", c.Name)
			}
		}
	}
}

func TestQuiet(t *testing.T) {
	for _, c := range reporttest.Cases() {
		got := render(t, report.New(c.Input), terminal.Options{Quiet: true})
		if strings.Count(got, "\n") != 1 || !strings.HasSuffix(got, ".\n") {
			t.Errorf("%s: not one sentence: %q", c.Name, got)
		}
	}
}

type failing struct{}

var errDisk = errors.New("disk full")

func (failing) Write([]byte) (int, error) { return 0, errDisk }

func TestWriteFails(t *testing.T) {
	m := report.New(reporttest.Leak())
	for _, f := range forms {
		if err := terminal.Write(failing{}, m, f.o); !errors.Is(err, errDisk) {
			t.Errorf("%s: got %v, want %v", f.name, err, errDisk)
		}
	}
}

// People read short names: the folder that all inputs share is said nowhere.
func TestShortNames(t *testing.T) {
	for _, c := range reporttest.Cases() {
		if got := render(t, report.New(c.Input), terminal.Options{Verbose: true}); strings.Contains(got, reporttest.Folder) {
			t.Errorf("%s names the folder of its inputs:\n%s", c.Name, got)
		}
	}
}
