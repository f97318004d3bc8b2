package timeline

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// cases are stories and the timelines that they give.
var cases = []struct {
	name, story, want string
	options           Options
}{
	{"one process that leaks and is killed", `
		gc live 16MiBx10 16MiB+4MiBx10
		kill at=30s rss=110MiB limit=128MiB boot
	`, `
* 1.18 to 1.26 gc 1..21 (21) 1s..21s live 16..56
memcg-kill svc
`, Options{}},
	{"nothing at all", ``, `
none
`, Options{}},
	{"a log that just ends", `gc live 16MiBx10`, `
* 1.18 to 1.26 gc 1..10 (10) 1s..10s live 16..16
log-ends
`, Options{}},
	{"a kill without any collection", `kill at=30s rss=110MiB limit=128MiB`, `
memcg-kill svc
`, Options{}},
	{"an exit without any collection", `end at=30s code=2`, `
exit
`, Options{}},
	{"lost lines leave one run", `gc live 16MiBx3 _ _ 18MiBx3 _ 20MiBx3`, `
* 1.18 to 1.26 gc 1..12 (9) 1s..12s live 16..20
log-ends
`, Options{}},
	{"restarts are found and the last one counts", `
		gc live 16MiB+5MiBx10
		gc live 16MiB+5MiBx10 start=12s
		gc live 16MiB+5MiBx10 start=24s
		kill at=11.5s rss=120MiB limit=128MiB boot
		kill at=23.5s rss=120MiB limit=128MiB boot
		kill at=35.5s rss=120MiB limit=128MiB boot
	`, `
  1.18 to 1.26 gc 1..11 (11) 1s..11s live 16..66 restarted
  1.18 to 1.26 gc 1..11 (11) 1s..11s live 16..66 restarted
* 1.18 to 1.26 gc 1..11 (11) 1s..11s live 16..66
memcg-kill svc
`, Options{}},
	{"the run before a short restart is the one that died", `
		gc live 16MiB+5MiBx10
		gc live 16MiBx3 start=12s
		kill at=11.5s rss=120MiB limit=128MiB boot
	`, `
* 1.18 to 1.26 gc 1..11 (11) 1s..11s live 16..66 restarted
  1.18 to 1.26 gc 1..3 (3) 1s..3s live 16..16
memcg-kill svc
`, Options{}},
	{"restarts of Go 1.4, which has no clock", `
		gc live 16MiB+5MiBx10 form=1.4
		gc live 16MiB+5MiBx10 form=1.4 start=12s
	`, `
  1.4 gc 1..11 (11) 0s..10s live 16..66 restarted
* 1.4 gc 1..11 (11) 0s..10s live 16..66
log-ends
`, Options{}},
	{"two programs of different form in one log", `
		gc live 16MiB+5MiBx10 every=1s
		gc live 16MiBx60 every=400ms form=1.5
		kill at=11.5s rss=125MiB limit=128MiB boot
	`, `
  1.5 to 1.17 gc 1..60 (60) 400ms..24s live 16..16
* 1.18 to 1.26 gc 1..11 (11) 1s..11s live 16..66
memcg-kill svc
`, Options{}},
	{"two programs of one form in one log", `
		gc live 16MiB+5MiBx10 every=1s
		gc live 40MiBx60 every=410ms start=250ms
		kill at=11.5s rss=115MiB limit=128MiB boot
	`, `
  1.18 to 1.26 gc 1..60 (60) 410ms..24.6s live 40..40
* 1.18 to 1.26 gc 1..11 (11) 1s..11s live 16..66
memcg-kill svc
`, Options{}},
	{"two programs of Go 1.2 in one log", `
		gc live 16MiB+5MiBx10 every=1s form=1.2
		gc live 40MiBx30 every=410ms start=250ms form=1.2
	`, `
  1.0 to 1.2 gc 1..30 (30) 0s..29s live 40..40
* 1.0 to 1.2 gc 1..11 (11) 0s..10s live 16..66
log-ends
`, Options{}},
	{"stamps tie the kill to the run", `
		gc live 16MiB+5MiBx10 start=3s wall delay=2ms
		kill at=14.6s rss=120MiB limit=128MiB wall
	`, `
* 1.18 to 1.26 gc 1..11 (11) 1s..11s live 16..66 start 3.001s
memcg-kill svc at 11.599s
`, Options{}},
	{"the kernel clock ties through the journal", `
		gc live 16MiB+5MiBx10 start=3s boot
		kill at=14.6s rss=120MiB limit=128MiB boot
	`, `
* 1.18 to 1.26 gc 1..11 (11) 1s..11s live 16..66
memcg-kill svc at 11.601s
`, Options{}},
	{"a kernel line with both clocks is worth its own stamp, less the delay", `
		gc live 16MiB+5MiBx10 start=3s wall
		kill at=1s rss=1MiB limit=128MiB wall boot name=other
		kill at=14.6s rss=120MiB limit=128MiB wall boot delay=20s
	`, `
* 1.18 to 1.26 gc 1..11 (11) 1s..11s live 16..66 start 2.999s
memcg-kill svc at 11.601s
`, Options{}},
	{"the kernel clock in the journal, and a line with both clocks", `
		gc live 16MiB+5MiBx10 start=3s boot
		kill at=14.6s rss=120MiB limit=128MiB wall boot
	`, `
* 1.18 to 1.26 gc 1..11 (11) 1s..11s live 16..66 start 2.999s
memcg-kill svc at 11.601s
`, Options{}},
	{"a kernel log in local time without a zone", `
		gc live 16MiB+5MiBx10 start=3s wall
		kill at=14.6s rss=120MiB limit=128MiB wall zone=1h
	`, `
* 1.18 to 1.26 gc 1..11 (11) 1s..11s live 16..66 start 2.999s
memcg-kill svc at 11.601s
`, Options{}},
	{"a kernel log without a year, in local time", `
		gc live 16MiB+5MiBx10 start=3s wall
		kill at=14.6s rss=120MiB limit=128MiB wall zone=-227903h
	`, `
* 1.18 to 1.26 gc 1..11 (11) 1s..11s live 16..66 start 2.999s
memcg-kill svc at 11.601s
`, Options{}},
	{"a run that goes on after the kill did not die of it", `
		gc live 16MiBx100 start=3s wall
		kill at=14.6s rss=120MiB limit=128MiB wall
	`, `
* 1.18 to 1.26 gc 1..100 (100) 1s..1m40s live 16..16 start 2.999s
log-ends
`, Options{}},
	{"a victim smaller than the live heap is another process", `
		gc live 16MiB+10MiBx20
		kill at=50s rss=20MiB limit=32MiB boot
	`, `
* 1.18 to 1.26 gc 1..21 (21) 1s..21s live 16..216
log-ends
`, Options{}},
	{"the container id joins, whatever the size", `
		gc live 16MiBx20 stream=n,0,0123456789abcdef
		gc live 90MiBx20 stream=n,0,fedcba9876543210
		kill at=50s rss=20MiB limit=32MiB boot container=0123456789ab
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
  1.18 to 1.26 gc 1..20 (20) 1s..20s live 90..90
memcg-kill svc
`, Options{}},
	{"another pod was killed", `
		gc live 16MiBx20 stream=n,0,,pod-1
		kill at=50s rss=40MiB limit=64MiB boot pod=pod-2
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
log-ends
`, Options{}},
	{"the process id joins", `
		gc live 16MiBx20 stream=n,12
		gc live 16MiBx20 stream=n,13
		kill at=50s rss=40MiB limit=64MiB boot pid=12
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
  1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
memcg-kill svc
`, Options{}},
	{"another process id and another name", `
		gc live 16MiBx20 stream=n,12,,,audit-api
		kill at=50s rss=40MiB limit=64MiB boot pid=14 name=mysqld
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
log-ends
`, Options{}},
	{"another process id but the name, cut to 15 bytes", `
		gc live 16MiBx20 stream=n,12,,,inventory-service.service
		kill at=50s rss=40MiB limit=64MiB boot pid=14 name=inventory-servi
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
memcg-kill inventory-servi
`, Options{}},
	{"the process id is that of the container engine", `
		gc live 16MiBx20 stream=n,12,,,0123456789ab
		kill at=50s rss=40MiB limit=64MiB boot pid=14 name=api
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
memcg-kill api
`, Options{}},
	{"the process id is that of dockerd", `
		gc live 16MiBx20 stream=n,12,,,docker.service
		kill at=50s rss=40MiB limit=64MiB boot pid=14 name=api
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
memcg-kill api
`, Options{}},
	{"the clock of the kill is some seconds behind", `
		gc live 16MiBx20 wall
		kill at=12s rss=40MiB limit=64MiB wall
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16 start -1ms
memcg-kill svc
`, Options{}},
	{"a kill long after the last line", `
		gc live 16MiBx20 wall
		kill at=20m rss=40MiB limit=64MiB wall
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16 start -1ms
memcg-kill svc at 20m0.001s
`, Options{}},
	{"pages of an export, the last one first", `
		gc live 20MiB+1MiBx9 first=11 at=10s
		gc live 10MiB+1MiBx9 start=30s
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 10..29
log-ends
`, Options{}},
	{"a new process id is a restart", `
		gc live 16MiBx20 stream=n,12,,,api
		gc live 16MiBx20 stream=n,13,,,api start=30s
	`, `
  1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16 restarted
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
log-ends
`, Options{}},
	{"the runtime gives up", `
		gc live 16MiBx20
		oom at=30s
		end at=31s code=2
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
runtime-oom
`, Options{}},
	{"the runtime gives up in the first of two runs", `
		gc live 16MiBx20
		oom at=25s
		gc live 16MiBx20 start=30s
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16 restarted
  1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
runtime-oom
`, Options{}},
	{"the runtime gives up, the kernel killed another", `
		gc live 16MiBx20
		oom at=25s
		kill at=50s rss=40MiB limit=64MiB boot
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
runtime-oom
`, Options{}},
	{"the shell saw what the kernel did", `
		gc live 16MiBx20
		end at=25s kind=signal signal=SIGKILL
		kill at=25s rss=40MiB limit=64MiB boot
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
memcg-kill svc
`, Options{}},
	{"the shell saw a kill that nobody explains", `
		gc live 16MiBx20
		end at=25s code=137
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
signal
`, Options{}},
	{"a panic, and the parent's word for it", `
		gc live 16MiBx20
		end at=25s kind=panic signal=SIGSEGV
		end at=26s code=2
		kill at=25s rss=40MiB limit=64MiB boot
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
exit
`, Options{}},
	{"an orderly exit, timed", `
		gc live 16MiBx20 wall
		end at=25s code=0 wall
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16 start -1ms
exit at 25.001s
`, Options{}},
	{"the crash text comes as a file of its own", `
		gc live 16MiBx20
		oom at=25s file=crash.txt
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
runtime-oom
`, Options{}},
	{"a crash text in another log of several", `
		gc live 16MiBx20
		gc live 16MiBx20 file=other.log
		oom at=25s file=crash.txt
	`, `
  1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
log-ends
`, Options{}},
	{"the machine ran out of memory", `
		gc live 16MiBx20
		kill at=25s rss=40MiB constraint=none boot
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
global-kill svc
`, Options{}},
	{"an old kernel that names no constraint", `
		gc live 16MiBx20
		kill at=25s rss=40MiB constraint=? boot
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
global-kill svc
`, Options{}},
	{"an old kernel that states a limit", `
		gc live 16MiBx20
		kill at=25s rss=40MiB constraint=? limit=64MiB victim=none boot
	`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
memcg-kill
`, Options{}},
	{"--start ties the first run", `gc live 16MiBx20`, `
* 1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16 start 59s
log-ends
`, Options{Start: storyWall.Add(time.Minute)}},
	{"one log in two files", `
		gc live 16MiBx20 file=gc.log.0
		gc live 17MiBx20 file=gc.log.1 first=21 at=20s
	`, `
* 1.18 to 1.26 gc 1..40 (40) 1s..40s live 16..17
log-ends
`, Options{}},
	{"one log in two files, in the other order, with a part missing", `
		gc live 17MiBx20 file=gc.log.1 first=121 at=120s
		gc live 16MiBx20 file=gc.log.0
	`, `
* 1.18 to 1.26 gc 1..140 (40) 1s..2m20s live 16..17
log-ends
`, Options{}},
	{"two logs of two programs", `
		gc live 16MiBx20 file=a.log
		gc live 17MiBx20 file=b.log first=121 at=120s
	`, `
  1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16
* 1.18 to 1.26 gc 121..140 (20) 2m1s..2m20s live 17..17
log-ends
`, Options{}},
	{"one log given twice", `
		gc live 16MiB+5MiBx10 file=a.log seed=5
		gc live 16MiB+5MiBx10 file=b.log seed=5
	`, `
* 1.18 to 1.26 gc 1..11 (11) 1s..11s live 16..66
log-ends
`, Options{}},
	{"a replacement whose first lines were lost", `
		gc live 16MiBx20 wall
		gc live 16MiBx20 wall first=30 at=30s start=10m
	`, `
  1.18 to 1.26 gc 1..20 (20) 1s..20s live 16..16 restarted start -1ms
* 1.18 to 1.26 gc 30..49 (20) 31s..50s live 16..16 start 9m59.999s
log-ends
`, Options{}},
}

func TestTimeline(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tl := build(c.options, tell(t, c.story).events())
			if got, want := tl.draw(), strings.TrimPrefix(c.want, "\n"); got != want {
				t.Errorf("story:%s\n got:\n%swant:\n%snotes: %+v", c.story, got, want, tl.Notes)
			}
		})
	}
}

// A file turned round gives the same cycles.
func TestNewestFirst(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if strings.Contains(c.story, "file=") || strings.HasPrefix(c.name, "pages") {
				t.Skip("order of files, or of pages")
			}
			s := tell(t, c.story)
			var turned []event.Event
			for _, name := range s.names {
				evs := s.file(name)
				slices.Reverse(evs)
				turned = append(turned, number(evs)...)
			}
			if got, want := build(c.options, turned).draw(), strings.TrimPrefix(c.want, "\n"); got != want {
				t.Errorf("story:%s\n got:\n%swant:\n%s", c.story, got, want)
			}
		})
	}
}

func TestUnnumbered(t *testing.T) {
	var evs []event.Event
	for i := range 20 {
		ev := &event.GC{Collector: event.Parallel, Scope: event.Young, After: unit.Known(unit.Bytes(i) * unit.MiB)}
		ev.Pos = event.Pos{File: "gc.log", Line: i + 1}
		ev.Time = event.Time{Has: event.Process, Process: time.Duration(i%12) * time.Second}
		evs = append(evs, ev)
	}
	tl := build(Options{}, evs)
	if len(tl.Runs) != 2 || tl.Runs[0].Cycles.Len() != 12 || tl.Runs[1].Cycles.Len() != 8 {
		t.Fatalf("got %s", tl.draw())
	}
	r := tl.Runs[1]
	if !r.Unnumbered || r.Runtime != "jvm" || r.Cycles.At(7).N != 8 || r.Cycles.At(0).Scope != Young {
		t.Errorf("got %+v, first cycle %+v", r, *r.Cycles.At(0))
	}
}

// piece is a chain of a log in one file, of cycles whose seconds are their numbers, one a line from the first line on.
func piece(file string, line, first, last uint32) *chain {
	key := segmentKey{stream: event.Stream{}, file: int(file[0]) + int(file[len(file)-1]), runtime: "go", version: "1.18 to 1.26", numbered: true, timed: true}
	ch := &chain{segment: &segment{segmentKey: key, name: file}}
	for n := first; n <= last; n++ {
		c := cycle(n, float64(n), 0)
		c.File, c.Line, c.Live, c.Goal = uint16(key.file), line, 10*unit.MiB, 20*unit.MiB
		ch.cycles.Append(c)
		line++
	}
	return ch
}

// with changes a chain, and the segment of it alone.
func (ch *chain) with(change func(*chain)) *chain {
	s := *ch.segment
	ch.segment = &s
	change(ch)
	return ch
}

func TestContinues(t *testing.T) {
	pod := event.Stream{Pod: "api"}
	same := func(*chain) {}
	unnumbered := func(ch *chain) { ch.numbered = false }
	streamed := func(ch *chain) { ch.stream = pod }
	for _, c := range []struct {
		name   string
		a, z   *chain
		of     func(*chain) // both
		unlike func(*chain) // z alone
		want   bool
	}{
		{"two files of one family", piece("gc.log.0", 1, 1, 20), piece("gc.log.1", 1, 900, 950), same, same, true},
		{"the other way round", piece("gc.log.0", 1, 900, 950), piece("gc.log.1", 1, 1, 20), same, same, false},
		{"of another runtime", piece("gc.log.0", 1, 1, 20), piece("gc.log.1", 1, 21, 30), same, func(ch *chain) { ch.runtime = "v8" }, false},
		{"of another release", piece("gc.log.0", 1, 1, 20), piece("gc.log.1", 1, 21, 30), same, func(ch *chain) { ch.version = "1.4" }, false},
		{"the second without numbers", piece("gc.log.0", 1, 1, 20), piece("gc.log.1", 1, 21, 30), same, unnumbered, false},
		{"the second without a clock", piece("gc.log.0", 1, 1, 20), piece("gc.log.1", 1, 21, 30), same, func(ch *chain) { ch.timed = false }, false},
		{"of another writer", piece("gc.log.0", 1, 1, 20), piece("gc.log.1", 1, 21, 30), same, streamed, false},
		{"two files of one writer", piece("a.log", 1, 1, 20), piece("b.log", 1, 900, 950), streamed, same, true},
		{"stamps that say otherwise", piece("gc.log.0", 1, 1, 20), piece("gc.log.1", 1, 21, 30), func(ch *chain) { ch.tied = true }, func(ch *chain) { ch.zero = time.Hour }, false},
		{"two names, and eight numbers on", piece("a.log", 1, 1, 20), piece("b.log", 1, 28, 30), same, same, true},
		{"two names, and nine numbers on", piece("a.log", 1, 1, 20), piece("b.log", 1, 29, 30), same, same, false},
		{"two names, and a goal that fits nearly", piece("a.log", 1, 1, 20), piece("b.log", 1, 21, 30), same, func(ch *chain) { ch.cycles.At(0).Goal = 23 * unit.MiB }, true},
		{"two names, and a goal that does not", piece("a.log", 1, 1, 20), piece("b.log", 1, 21, 30), same, func(ch *chain) { ch.cycles.At(0).Goal = 24 * unit.MiB }, false},
		{"a later page of an export that stands before", piece("gc.log", 100, 1, 20), piece("gc.log", 1, 21, 30), same, same, true},
		{"a page that stands after", piece("gc.log", 1, 1, 20), piece("gc.log", 100, 21, 30), same, same, false},
		{"a page with a number missing", piece("gc.log", 100, 1, 20), piece("gc.log", 1, 22, 30), same, same, false},
		{"pages on one line", piece("gc.log", 1, 20, 20), piece("gc.log", 1, 21, 21), same, same, false},
		{"no numbers, two files of one family", piece("gc.log.0", 1, 1, 20), piece("gc.log.1", 1, 900, 950), unnumbered, same, true},
		{"no numbers, two files of one writer", piece("a.log", 1, 1, 20), piece("b.log", 1, 900, 950), func(ch *chain) { unnumbered(ch); streamed(ch) }, same, true},
		{"no numbers, two names", piece("a.log", 1, 1, 20), piece("b.log", 1, 21, 30), unnumbered, same, false},
		{"no numbers, one file", piece("gc.log", 100, 1, 20), piece("gc.log", 1, 21, 30), unnumbered, same, false},
	} {
		if got := continues(c.a.with(c.of), c.z.with(c.of).with(c.unlike)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// Two lives of one process begin at least a minute apart, by the stamps of their lines.
func TestSameStart(t *testing.T) {
	for _, c := range []struct {
		a, z time.Duration // -1 is unknown
		want bool
	}{
		{time.Hour, time.Hour + 59*time.Second, true},
		{time.Hour, time.Hour + time.Minute, false},
		{time.Hour + time.Minute, time.Hour, false},
		{-1, time.Hour, true},
		{time.Hour, -1, true},
	} {
		if got := sameStart(&chain{zero: c.a, tied: c.a >= 0}, &chain{zero: c.z, tied: c.z >= 0}); got != c.want {
			t.Errorf("%s and %s: %v, want %v", c.a, c.z, got, c.want)
		}
	}
}

// The line with the least delay says when the process began.
func TestBegan(t *testing.T) {
	late := func(n int) []Cycle { return slices.Repeat([]Cycle{cycle(1, 10, 105)}, n) }
	kernel := cycle(3, 30, 110)
	kernel.Flags ^= WallTied | bootStamp
	for _, c := range []struct {
		name   string
		timed  bool
		cycles []Cycle
		tied   bool
		want   time.Duration
	}{
		{"the least delay", true, []Cycle{cycle(1, 10, 105), cycle(2, 20, 110), cycle(3, 30, 125)}, true, 90 * time.Second},
		{"no stamp", true, []Cycle{cycle(1, 10, 0)}, false, 0},
		{"one stamp", true, []Cycle{cycle(1, 10, 0), cycle(2, 20, 110)}, true, 90 * time.Second},
		{"a stamp of another clock", true, []Cycle{cycle(1, 10, 105), kernel}, true, 95 * time.Second},
		{"no clock", false, []Cycle{cycle(1, 10, 105)}, false, 0},
		{"among the first lines", true, append(late(lookBack-1), cycle(2, 20, 110)), true, 90 * time.Second},
		{"beyond them", true, append(late(lookBack), cycle(2, 20, 110)), true, 95 * time.Second},
	} {
		ch := &chain{segment: &segment{segmentKey: segmentKey{timed: c.timed}}, cycles: cyclesOf(c.cycles...)}
		if ch.began(); ch.tied != c.tied || ch.zero != c.want {
			t.Errorf("%s: %s, %v, want %s", c.name, ch.zero, ch.tied, c.want)
		}
	}
}

func TestJoint(t *testing.T) {
	for _, c := range []struct {
		name       string
		in         []*chain
		head, tail int // indexes; -1 is none
	}{
		{"nothing goes on", []*chain{piece("a.log", 1, 1, 9), piece("b.log", 1, 1, 9)}, -1, -1},
		{"the rest stands first", []*chain{piece("b.log", 1, 10, 19), piece("a.log", 1, 1, 9)}, 1, 0},
		{"the fewest numbers missing", []*chain{piece("a.log", 1, 1, 7), piece("b.log", 1, 1, 9), piece("c.log", 1, 1, 8), piece("d.log", 1, 12, 19)}, 1, 3},
		{"fewer missing, though another stands nearer", []*chain{piece("a.log", 1, 1, 9), piece("c.log", 1, 1, 7), piece("d.log", 1, 12, 19)}, 0, 2},
		{"as many missing, and the last before it", []*chain{piece("a.log", 1, 1, 9), piece("c.log", 1, 1, 9), piece("b.log", 1, 1, 9), piece("d.log", 1, 12, 19)}, 1, 3},
		{"two that fit alike", []*chain{piece("a.log", 1, 1, 9), piece("b.log", 1, 101, 109), piece("c.log", 1, 12, 19), piece("d.log", 1, 112, 119)}, 0, 2},
	} {
		head, tail := joint(c.in)
		if h, z := slices.Index(c.in, head), slices.Index(c.in, tail); h != c.head || z != c.tail {
			t.Errorf("%s: %d goes on in %d, want %d in %d", c.name, h, z, c.head, c.tail)
		}
	}
}

// Where there are very many chains, none are compared with each other.
func TestStitchIsBounded(t *testing.T) {
	for n, want := range map[int]bool{maxStitch: true, maxStitch + 1: false} {
		var others []*chain
		for i := range n - 2 {
			others = append(others, piece("x.log", 1, 1, 1).with(func(ch *chain) { ch.version = strconv.Itoa(i) }))
		}
		if head, _ := joint(append(others, piece("a.log", 1, 1, 9), piece("b.log", 1, 10, 19))); (head != nil) != want {
			t.Errorf("of %d chains, two are joined: %v, want %v", n, !want, want)
		}
		if out, _ := unite(append(others, piece("a.log", 1, 1, 9), piece("b.log", 1, 1, 9))); (len(out) == n-1) != want {
			t.Errorf("of %d chains, two are united: %v, want %v", n, !want, want)
		}
	}
}

// The nearest end is the last before the beginning; where there is none, as in an export whose pages stand the wrong way
// round, the first after it.
func TestNearer(t *testing.T) {
	at := func(line uint32) *chain { return &chain{cycles: cyclesOf(Cycle{Line: line})} }
	for _, c := range []struct {
		a, b uint32 // lines of the ends; line 50 is the beginning
		want bool
	}{
		{40, 30, true},
		{30, 40, false},
		{40, 60, true},
		{60, 40, false},
		{60, 70, true},
		{70, 60, false},
		{40, 40, false},
		{60, 60, false},
		{50, 30, false},
		{30, 50, true},
	} {
		if got := nearer(at(c.a), at(c.b), at(50)); got != c.want {
			t.Errorf("line %d nearer to 50 than %d: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestOverlap(t *testing.T) {
	same := func(*chain) {}
	changed := func(i int) func(*chain) { return func(ch *chain) { ch.cycles.At(i).CPU = 1 } }
	for _, c := range []struct {
		name   string
		a, z   *chain
		of     func(*chain) // both
		unlike func(*chain) // z alone
		want   bool
	}{
		{"a copy", piece("a.log", 1, 1, 20), piece("b.log", 1, 1, 20), same, same, true},
		{"the end and what follows", piece("a.log", 1, 1, 20), piece("b.log", 1, 18, 40), same, same, true},
		{"the last line and what follows", piece("a.log", 1, 1, 20), piece("b.log", 1, 20, 40), same, same, true},
		{"some lines", piece("a.log", 1, 1, 20), piece("b.log", 1, 5, 7), same, same, true},
		{"what follows", piece("a.log", 1, 1, 20), piece("b.log", 1, 21, 40), same, same, false},
		{"what is before", piece("a.log", 1, 10, 20), piece("b.log", 1, 9, 20), same, same, false},
		{"another at the eighth line", piece("a.log", 1, 1, 20), piece("b.log", 1, 1, 20), same, changed(7), false},
		{"another at the ninth line", piece("a.log", 1, 1, 20), piece("b.log", 1, 1, 20), same, changed(8), true},
		{"no clock", piece("a.log", 1, 1, 20), piece("b.log", 1, 1, 20), func(ch *chain) { ch.timed = false }, same, false},
		{"no numbers", piece("a.log", 1, 1, 20), piece("b.log", 1, 1, 20), func(ch *chain) { ch.numbered = false }, same, false},
		{"of another release", piece("a.log", 1, 1, 20), piece("b.log", 1, 1, 20), same, func(ch *chain) { ch.version = "1.4" }, false},
		{"at another time", piece("a.log", 1, 1, 20), piece("b.log", 1, 1, 20), func(ch *chain) { ch.tied = true }, func(ch *chain) { ch.zero = time.Hour }, false},
	} {
		if got := overlap(c.a.with(c.of), c.z.with(c.of).with(c.unlike)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestMerge(t *testing.T) {
	both := segmentKey{numbered: true, timed: true}
	later := func(ch *chain, i int, by time.Duration) *chain { ch.cycles.At(i).At += by; return ch }
	for _, c := range []struct {
		name string
		a, z *chain
		want []uint32 // nil is a contradiction
	}{
		{"a copy", ticks(both, 0, 1, 2, 3), ticks(both, 0, 1, 2, 3), []uint32{1, 2, 3}},
		{"each lacks some", ticks(both, 0, 1, 3, 4), ticks(both, 0, 2, 3, 5), []uint32{1, 2, 3, 4, 5}},
		{"the first goes on", ticks(both, 0, 1, 2, 3, 4), ticks(both, 0, 1, 2), []uint32{1, 2, 3, 4}},
		{"the second goes on", ticks(both, 0, 1, 2), ticks(both, 0, 1, 2, 3, 4), []uint32{1, 2, 3, 4}},
		{"the second begins earlier", ticks(both, 0, 3, 4), ticks(both, 0, 1, 2, 3), []uint32{1, 2, 3, 4}},
		{"one number, two times", ticks(both, 0, 1, 2, 3), later(ticks(both, 0, 1, 2, 3), 2, time.Second), nil},
		{"two numbers at one time", ticks(both, 0, 1, 3), later(ticks(both, 0, 1, 2), 1, time.Second), []uint32{1, 2, 3}},
		{"a number later than the next", ticks(both, 0, 1, 3), later(ticks(both, 0, 1, 2), 1, 2*time.Second), nil},
	} {
		before := c.a.cycles.numbers()
		want := c.want
		if c.want == nil {
			want = before
		}
		if done := c.a.merge(c.z); done != (c.want != nil) || !slices.Equal(c.a.cycles.numbers(), want) {
			t.Errorf("%s: %v, %v, want %v", c.name, done, c.a.cycles.numbers(), want)
		}
	}
}

// Of two copies, the one that says who wrote it names the run, and the line with a stamp is kept.
func TestMergeKeepsWhatSaysMore(t *testing.T) {
	bare := func() *chain { return piece("a.log", 1, 1, 2) }
	told := func() *chain {
		ch := piece("b.log", 1, 1, 2)
		ch.origin = &event.Stream{Pod: "api"}
		for i := range ch.cycles.Len() {
			ch.cycles.At(i).setStamp(int64(i)*1e9, false)
		}
		return ch
	}
	for name, pair := range map[string][2]*chain{"bare first": {bare(), told()}, "bare last": {told(), bare()}} {
		a, z := pair[0], pair[1]
		if !a.merge(z) || a.name != "b.log" || !a.cycles.At(0).stamped() || !a.cycles.At(1).stamped() {
			t.Errorf("%s: %s, first %+v, last %+v", name, a.name, *a.cycles.At(0), *a.cycles.last())
		}
	}
}

// span is a run of some cycles between two lines.
func span(first, last uint32, cycles int) *Run {
	r := &Run{}
	for i := range cycles {
		r.Cycles.Append(Cycle{Line: first + uint32(i)})
	}
	r.Cycles.last().Line = last
	return r
}

func TestBefore(t *testing.T) {
	stamped := func(r *Run, from, to int64) *Run {
		r.Cycles.At(0).setStamp(from*1e9, false)
		r.Cycles.last().setStamp(to*1e9, false)
		return r
	}
	turned := func(r *Run) *Run { r.turned = true; return r }
	for _, c := range []struct {
		name    string
		r, next *Run
		want    bool
	}{
		{"after its last line", span(1, 9, 2), span(10, 19, 2), true},
		{"on its last line", span(1, 9, 2), span(9, 19, 2), false},
		{"within", span(1, 9, 2), span(5, 19, 2), false},
		{"turned round, before its last line", turned(span(19, 10, 2)), turned(span(9, 1, 2)), true},
		{"turned round, on its last line", turned(span(19, 10, 2)), turned(span(10, 1, 2)), false},
		{"turned round, within", turned(span(19, 10, 2)), turned(span(15, 1, 2)), false},
		{"only one turned round", turned(span(19, 10, 2)), span(20, 29, 2), true},
		{"by stamps", stamped(span(11, 19, 2), 1, 9), stamped(span(1, 9, 2), 10, 19), true},
		{"at one time", stamped(span(11, 19, 2), 1, 9), stamped(span(1, 9, 2), 9, 19), true},
		{"within, by stamps", stamped(span(1, 9, 2), 1, 9), stamped(span(10, 19, 2), 8, 19), false},
		{"one without stamps", stamped(span(1, 9, 2), 1, 9), span(10, 19, 2), true},
	} {
		if got := c.r.before(c.next); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// A run started again if the longest that followed it began after its end; of two as long, the one that began last counts.
func TestRestartBesideAnother(t *testing.T) {
	for _, c := range []struct {
		beside, last int // cycles of the two runs that follow
		want         bool
	}{{3, 2, false}, {2, 2, true}, {2, 3, true}} {
		tl := &Timeline{Runs: []*Run{span(1, 6, 2), span(5, 20, c.beside), span(8, 30, c.last)}}
		b := Builder{files: []string{"app.log"}}
		if b.noteRestarts(tl); tl.Runs[0].Restarted != c.want || tl.Runs[1].Restarted || tl.Runs[2].Restarted {
			t.Errorf("%d cycles and %d: restarted %v, want %v", c.beside, c.last, tl.Runs[0].Restarted, c.want)
		}
	}
}

func TestInterleaves(t *testing.T) {
	in := func(r *Run, first, last uint16) *Run {
		r.Cycles.At(0).File, r.Cycles.last().File = first, last
		return r
	}
	streamed := span(5, 19, 2)
	streamed.Stream = &event.Stream{PID: 7}
	for _, c := range []struct {
		name string
		a, z *Run
		want bool
	}{
		{"between each other", span(1, 9, 2), span(5, 19, 2), true},
		{"one in the other", span(1, 19, 2), span(5, 9, 2), true},
		{"one after the other", span(1, 9, 2), span(10, 19, 2), false},
		{"from its last line on", span(1, 9, 2), span(9, 19, 2), false},
		{"turned round, between each other", span(19, 5, 2), span(9, 1, 2), true},
		{"turned round, one after the other", span(19, 10, 2), span(9, 1, 2), false},
		{"of another writer", span(1, 9, 2), streamed, false},
		{"in another file", span(1, 9, 2), in(span(5, 19, 2), 1, 1), false},
		{"ending in another file", span(1, 9, 2), in(span(5, 19, 2), 0, 1), false},
	} {
		if got := c.a.interleaves(c.z); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if got := c.z.interleaves(c.a); got != c.want {
			t.Errorf("%s, the other way: %v, want %v", c.name, got, c.want)
		}
	}
}
