package parser_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"oomtrace/parser"
	"oomtrace/parser/event"
)

// TestKernelForms reads one report of a machine in every form in which the logs of it were kept: all options of dmesg and
// journalctl, /dev/kmsg, a serial console, files of rsyslog. The facts are the same, and so are the clocks as far as a form
// shows them.
func TestKernelForms(t *testing.T) {
	dirs, err := filepath.Glob("testdata/kernel/*")
	if err != nil || len(dirs) != 5 {
		t.Fatalf("%d machines, %v", len(dirs), err)
	}
	forms := 0
	for _, dir := range dirs {
		files, err := filepath.Glob(dir + "/*")
		if err != nil {
			t.Fatal(err)
		}
		forms += len(files)
		want := ""
		var boot time.Duration
		for _, file := range files {
			kill := oneKill(t, file)
			at := kill.Time
			if at.Has.Has(event.Boot) {
				if boot == 0 {
					boot = at.Boot
				}
				if (at.Boot - boot).Abs() > 2*time.Millisecond {
					t.Errorf("%s: %s after boot, another form says %s", file, at.Boot, boot)
				}
			}
			facts := *kill
			facts.Head, facts.Host = event.Head{}, ""
			facts.UsageAt, facts.ConstraintAt, facts.KilledAt = event.Pos{}, event.Pos{}, event.Pos{}
			got, err := event.AppendJSON(nil, &facts)
			if err != nil {
				t.Fatal(err)
			}
			if want == "" {
				want = string(got)
			}
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Errorf("%s (-%s +this):\n%s", file, files[0], diff)
			}
		}
	}
	if forms != 37 {
		t.Errorf("%d forms", forms)
	}
}

// oneKill returns the only event of a log.
func oneKill(t *testing.T, file string) *event.Kill {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var kills []*event.Kill
	for ev, err := range (&parser.Reader{Name: file, Year: 2026}).Events(bytes.NewReader(data)) {
		if err != nil {
			t.Fatal(err)
		}
		kill, ok := ev.(*event.Kill)
		if !ok {
			t.Fatalf("%s: %+v", file, ev)
		}
		kills = append(kills, kill)
	}
	if len(kills) != 1 {
		t.Fatalf("%s: %d kills", file, len(kills))
	}
	return kills[0]
}
