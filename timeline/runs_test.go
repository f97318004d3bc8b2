package timeline

import (
	"slices"
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
