package timeline_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"oomtrace/parser"
	"oomtrace/timeline"
)

// Logs of real programs that the kernel killed, with what is known about them. The traces of the kernel's stack are left
// out of its reports.
func TestRealLogs(t *testing.T) {
	for _, c := range []struct{ dir, want string }{
		// Two programs write to one pipe; only the one of Go 1.26 leaks and is killed, the other goes on for 48 s.
		{"two-processes", "2 runs, 51 cycles of Go 1.18 to 1.26 are primary, restarted 0; memcg-kill of 23664 svc, 1 report"},
		// One program of Go 1.4.3, killed four times.
		{"restarts", "4 runs, 25 cycles of Go 1.4 are primary, restarted 3; memcg-kill of 29362 inventory-servi, 4 report"},
		// A download from Datadog, newest line first.
		{"newest-first", "1 runs, 52 cycles of Go 1.18 to 1.26 are primary, restarted 0; log-ends of 0 , 0 report"},
		// The API of Loki and the download of Grafana Explore: all on one line, newest first.
		{"one-line", "1 runs, 52 cycles of Go 1.18 to 1.26 are primary, restarted 0; log-ends of 0 , 0 report"},
		{"one-line-grafana", "1 runs, 52 cycles of Go 1.18 to 1.26 are primary, restarted 0; log-ends of 0 , 0 report"},
	} {
		t.Run(c.dir, func(t *testing.T) {
			b := timeline.New(timeline.Options{})
			for _, name := range []string{"gctrace.log", "dmesg.txt"} {
				read(t, b, filepath.Join("testdata", c.dir, name))
			}
			tl := b.Build()
			restarted := 0
			for _, r := range tl.Runs {
				if r.Restarted {
					restarted++
				}
			}
			r, d := tl.PrimaryRun(), tl.Death
			got := fmt.Sprintf("%d runs, %d cycles of Go %s are primary, restarted %d; %s of %d %s, %d report",
				len(tl.Runs), r.Cycles.Len(), r.Version, restarted, d.Kind, d.PID, d.Name, d.Kills)
			if got != c.want {
				t.Errorf("\n got %s\nwant %s\nnotes %+v", got, c.want, tl.Notes)
			}
			for i := 1; i < r.Cycles.Len(); i++ {
				if a, z := r.Cycles.At(i-1), r.Cycles.At(i); z.N != a.N+1 || z.At < a.At {
					t.Errorf("gc %d at %s comes before gc %d at %s", a.N, a.At, z.N, z.At)
				}
			}
		})
	}
}

func read(t *testing.T, b *timeline.Builder, name string) {
	t.Helper()
	f, err := os.Open(name)
	if os.IsNotExist(err) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	reader := parser.Reader{Name: name}
	for ev, err := range reader.Events(f) {
		if err != nil {
			t.Fatal(err)
		}
		b.Add(ev)
	}
}
