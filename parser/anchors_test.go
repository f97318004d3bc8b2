package parser

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"oomtrace/parser/anchor"
	"oomtrace/parser/dialect"
	"oomtrace/parser/dialect/dialecttest"
	"oomtrace/parser/event"
)

// said lists all that the dialects make of a log.
func said(dialects []dialect.Dialect, name string, log []byte) string {
	var out []byte
	var stats Stats
	u := newRun(&Reader{Name: name, Year: 2026, Stats: &stats}, dialects, func(ev event.Event, _ error) bool {
		out, _ = event.AppendJSON(out, ev)
		out = append(out, '\n')
		return true
	})
	err := u.read(bytes.NewReader(log))
	return fmt.Sprintf("%s%+v %v", out, stats.Counts, err)
}

// unanchored are the dialects that see every line.
func unanchored() []dialect.Dialect {
	all := slices.Clone(Dialects())
	for i := range all {
		all[i].Anchors, all[i].Moments = nil, false
	}
	return all
}

func logsOfAll(t testing.TB) []dialecttest.Log {
	t.Helper()
	dirs, err := filepath.Glob("dialects/*/testdata")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("%d directories, %v", len(dirs), err)
	}
	var logs []dialecttest.Log
	for _, dir := range append(dirs, "testdata/envelopes") {
		logs = append(logs, dialecttest.Logs(t, dir)...)
	}
	return logs
}

// mixed puts lines of a second log, in turn with those of an application and with times, between the lines of a first.
func mixed(a, b []byte) []byte {
	var out []byte
	rest := bytes.SplitAfter(b, []byte("\n"))
	for i, line := range bytes.SplitAfter(a, []byte("\n")) {
		out = append(out, line...)
		if i < len(rest) && i%3 == 0 {
			out = append(append(out, rest[i]...), "request done in 5 ms\n"...)
		}
		if i%7 == 5 {
			out = append(out, "Sun Nov 22 19:42:16 UTC 2026\n\n"...)
		}
	}
	return out
}

// beginnings are logs whose first lines decide what becomes of the rest.
var beginnings = []string{
	"low 0\nhigh 0\nmax 4\noom 1\noom_kill 3\n",
	"cache 4096\nrss 8192\n",
	"Memory cgroup stats for /docker/x:\nanon 4096\nfile 8192\n",
	"Memory cgroup stats for /docker/x:\nrequest done in 5 ms\nanon 4096\nfile 8192\n",
	"/proc/meminfo\nMemTotal: 4096 kB\nMemAvailable: 1024 kB\n",
	"00400000-7ffd1000 ---p 00000000 00:00 0  [rollup]\nRss: 4096 kB\nAnonymous: 512 kB\n",
	"Name:\tleak\nPid:\t7\nVmRSS:\t4096 kB\n",
	"==> memory.current <==\n4096\n\n==> memory.max <==\nmax\n",
	"4096\n8192\n",
	"Linux 6.12.43 (host)\t11/22/2026\t_x86_64_\t(2 CPU)\n\n19:42:16 UID PID VSZ RSS Command\n19:42:17 0 7 9 5 leak\n",
	"PID\tRSS\n7\t4096\n",
	"RSS PID\n4096 7\n",
	"LAST SEEN  TYPE     REASON   OBJECT  MESSAGE\n3s         Warning  Evicted  pod/a   The node was low on resource: memory.\n",
	"Last State:     Terminated\n  Reason:       OOMKilled\n  Exit Code:    137\n",
}

// The events of a log are the same whether or not idle decoders see the lines without their anchors.
func TestAnchorsChangeNothing(t *testing.T) {
	all := unanchored()
	logs := logsOfAll(t)
	for _, text := range beginnings {
		log := dialecttest.Log{Path: text, Text: []byte("request done in 5 ms\n" + text)}
		logs = append(logs, log, log)
	}
	for i, log := range logs {
		name := [...]string{"log", "memory.current"}[i%2] // the second names what its lines are
		for _, text := range [][]byte{log.Text, mixed(log.Text, logs[(i+1)%len(logs)].Text)} {
			if got, want := said(Dialects(), name, text), said(all, name, text); got != want {
				t.Errorf("%s as %s: got\n%s\nwant\n%s", log.Path, name, got, want)
			}
		}
	}
}

func TestAnchorsAreLongEnough(t *testing.T) {
	if n := len(Dialects()); n > anchor.MaxReaders {
		t.Errorf("%d dialects are more than a set of anchors tells apart", n)
	}
	for _, d := range Dialects() {
		for _, a := range d.Anchors {
			if len(a) < 4 {
				t.Errorf("%s: the anchor %q has fewer than four bytes", d.Name, a)
			}
		}
	}
}

func FuzzAnchors(f *testing.F) {
	for _, log := range logsOfAll(f) {
		f.Add(log.Text[:min(len(log.Text), 4096)])
	}
	all := unanchored()
	f.Fuzz(func(t *testing.T, log []byte) {
		if got, want := said(Dialects(), "log", log), said(all, "log", log); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}
