package parser_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"oomtrace/parser"
	"oomtrace/parser/event"
)

// timeless are the wrappings that name no date: copies, consoles, the journal since boot.
var timeless = []string{
	"crlf.log", "docker-compose-ansi.log", "docker-compose.log", "grep-prefix.log", "journald-short-monotonic.log", "kubectl-logs-prefix.log",
	"less-line-numbers.log", "markdown-quoted.md", "nomad-alloc.log", "plain.log", "plain.log.gz", "script-typescript.log", "stern.log",
	"utf16le-bom.log", "utf8-bom.log", "zerolog-console-ansi.log",
}

// TestEnvelopes reads the same eight collections of a Go 1.26 program in every wrapping. All files are
// cut from real trace lines; what came before the ninth collection is in them.
func TestEnvelopes(t *testing.T) {
	files, err := filepath.Glob("testdata/envelopes/*")
	if err != nil || len(files) < 61 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	plain, _ := collections(t, "testdata/envelopes/plain.log")
	stamped, _ := collections(t, "testdata/envelopes/docker-logs-t.log")
	if len(plain) != 8 {
		t.Fatalf("plain.log has %d collections, want 8", len(plain))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			got, stats := collections(t, file)
			if len(got) != len(plain) || stats.Damaged != 0 {
				t.Fatalf("%d collections and %d problems %v, want %d and none", len(got), stats.Damaged, stats.Problems, len(plain))
			}
			for i, gc := range got {
				want := plain[i]
				if gc.Cycle != want.Cycle || gc.Before != want.Before || gc.After != want.After || gc.Goal != want.Goal || gc.Time.Process != want.Time.Process || gc.CPU != want.CPU {
					t.Errorf("collection %d: got %+v\nwant %+v", i+1, gc, want)
				}
				if stamped := !slices.Contains(timeless, filepath.Base(file)); gc.Time.Has.Has(event.Wall) != stamped {
					t.Fatalf("collection %d: wall clock %t, want %t", i+1, !stamped, stamped)
				} else if !stamped {
					continue
				}
				off := time.Duration(gc.Time.Wall - stamped[i].Time.Wall).Abs()
				if off > max(gc.Time.WallStep, 2*time.Microsecond) {
					t.Errorf("collection %d: at %s, want %s", i+1, gc.Time.AppendWall(nil), stamped[i].Time.AppendWall(nil))
				}
			}
		})
	}
}

func collections(t *testing.T, file string) ([]*event.GC, parser.Stats) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var stats parser.Stats
	var all []*event.GC
	for ev, err := range (&parser.Reader{Name: file, Year: 2026, Stats: &stats}).Events(bytes.NewReader(data)) {
		if err != nil {
			t.Fatal(err)
		}
		if gc, ok := ev.(*event.GC); ok {
			all = append(all, gc)
		}
	}
	return all, stats
}
