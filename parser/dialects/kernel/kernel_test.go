package kernel

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialect/dialecttest"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// Forget drops the caches, for the fuzz test that holds them against the grammars.
func (d *decoder) Forget() { d.caches = newCaches() }

func TestGolden(t *testing.T) { dialecttest.Run(t, Dialect) }

func FuzzDecode(f *testing.F) { dialecttest.Fuzz(f, Dialect) }

// feed reads lines as one stream and returns the events and how many lines were claimed.
func feed(lines []dialect.Line) (events []event.Event, claimed int) {
	d := newDecoder()
	emit := func(ev event.Event) { events = append(events, ev) }
	for i := range lines {
		lines[i].Pos = event.Pos{File: "log", Line: i + 1}
		if d.Decode(&lines[i], emit) {
			claimed++
		}
	}
	d.Flush(emit)
	return events, claimed
}

func feedText(log string) ([]event.Event, int) {
	var lines []dialect.Line
	for l := range strings.SplitSeq(strings.Trim(log, "\n"), "\n") {
		lines = append(lines, dialect.Line{Text: []byte(l)})
	}
	return feed(lines)
}

// kills reads a log that must give kills only.
func kills(t *testing.T, log string) []*event.Kill {
	t.Helper()
	events, _ := feedText(log)
	var out []*event.Kill
	for _, ev := range events {
		k, ok := ev.(*event.Kill)
		if !ok {
			t.Fatalf("%#v\nfrom\n%s", ev, log)
		}
		out = append(out, k)
	}
	return out
}

func kill(t *testing.T, log string) *event.Kill {
	t.Helper()
	all := kills(t, log)
	if len(all) != 1 {
		t.Fatalf("%d events, want 1, from\n%s", len(all), log)
	}
	return all[0]
}

func TestHeader(t *testing.T) {
	tests := []struct {
		line, name, gfp string
		order, adj      int
	}{
		{"oom-killer: gfp_mask=0xd0", "", "0xd0", 0, 0},
		{"oom-killer: gfp_mask=0xd0, order=1", "", "0xd0", 1, 0},
		{"httpd invoked oom-killer: gfp_mask=0x201d2, order=0, oomkilladj=0", "httpd", "0x201d2", 0, 0},
		{"httpd invoked oom-killer: gfp_mask=0x201da, order=0, oom_adj=-17", "httpd", "0x201da", 0, 0},
		{"httpd invoked oom-killer: gfp_mask=0x201da, order=0, oom_adj=0, oom_score_adj=0", "httpd", "0x201da", 0, 0},
		{"sed invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=-998", "sed", "0xd0", 0, -998},
		{"cp invoked oom-killer: gfp_mask=0x24000c0(GFP_KERNEL), order=0, oom_score_adj=984", "cp", "0x24000c0(GFP_KERNEL)", 0, 984},
		{"cp invoked oom-killer: gfp_mask=0x14000c0(GFP_KERNEL), nodemask=(null),  order=0, oom_score_adj=-998", "cp", "0x14000c0(GFP_KERNEL)", 0, -998},
		{"cp invoked oom-killer: gfp_mask=0x14000c0(GFP_KERNEL), nodemask=0-1,4,  order=2, oom_score_adj=0", "cp", "0x14000c0(GFP_KERNEL)", 2, 0},
		{"CPU 0/KVM invoked oom-killer: gfp_mask=0x15000c0(GFP_KERNEL_ACCOUNT), nodemask=(null), order=0, oom_score_adj=0", "CPU 0/KVM", "0x15000c0(GFP_KERNEL_ACCOUNT)", 0, 0},
		{"runc:[2:INIT] invoked oom-killer: gfp_mask=0x0(), order=0, oom_score_adj=0", "runc:[2:INIT]", "0x0()", 0, 0},
		{"kworker/0:0 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=-1, oom_score_adj=0", "kworker/0:0", "0xcc0(GFP_KERNEL)", -1, 0},
		{"Dec  4 host kernel: [   12.5] Web Content invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0", "Web Content", "0xcc0(GFP_KERNEL)", 0, 0},
		{"2023-12-04T10:49:30.127Z In(05) vcpu-5 - Guest: <6>[39291577.009360] java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0", "java", "0xcc0(GFP_KERNEL)", 0, 0},
		{"20:31:49.738 [warn] node invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0", "node", "0xcc0(GFP_KERNEL)", 0, 0},
		{`{"host":"node1","msg":" java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=7"}`, "java", "0xcc0(GFP_KERNEL)", 0, 7},
	}
	for _, tt := range tests {
		k := kill(t, tt.line)
		got := []any{k.Trigger.Name, k.GFP, k.Order, k.Trigger.ScoreAdj}
		if want := []any{tt.name, tt.gfp, tt.order, tt.adj}; !cmp.Equal(got, want) {
			t.Errorf("%s\n got %v\nwant %v", tt.line, got, want)
		}
	}
}

func TestCPULine(t *testing.T) {
	tests := []struct {
		line, name string
		pid        int
		kernel     string
	}{
		{"Pid: 23212, comm: php-fpm Not tainted 2.6.32-642.el6.x86_64 #1", "php-fpm", 23212, "2.6.32-642.el6.x86_64"},
		{"CPU: 4 PID: 29481 Comm: sed Not tainted 3.10.0-514.6.1.el7.x86_64 #1", "sed", 29481, "3.10.0-514.6.1.el7.x86_64"},
		{"CPU: 2 PID: 5282 Comm: java Tainted: G    B          ------------ T 3.10.0-327.4.5.el7.x86_64 #1", "java", 5282, "3.10.0-327.4.5.el7.x86_64"},
		{"CPU: 0 PID: 9 Comm: java Kdump: loaded Tainted: P           OE     4.18.0-305.el8.x86_64 #1", "java", 9, "4.18.0-305.el8.x86_64"},
		{"CPU: 44 PID: 24430 Comm: CPU 0/KVM Not tainted 4.15.0-108-generic #109-Ubuntu", "CPU 0/KVM", 24430, "4.15.0-108-generic"},
		{"CPU: 0 UID: 0 PID: 272 Comm: worker Tainted: G        W          6.12.107+deb13-cloud-amd64 #1  Debian 6.12.107-1", "worker", 272, "6.12.107+deb13-cloud-amd64"},
		{"CPU: 1 UID: 0 PID: 12692 Comm: java Not tainted 6.18.44-fc-v769 #1 PREEMPT(none) ", "java", 12692, "6.18.44-fc-v769"},
		{"CPU: 1 PID: 7 Comm: x PID: 9 Comm: Not tainted 5.10.0 #1", "x PID: 9 Comm:", 7, "5.10.0"},
	}
	for _, tt := range tests {
		k := kill(t, "x invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0\n"+tt.line)
		if k.Trigger.Name != tt.name || k.Trigger.PID != tt.pid || k.Kernel != tt.kernel {
			t.Errorf("%s\n got %q %d %q\nwant %q %d %q", tt.line, k.Trigger.Name, k.Trigger.PID, k.Kernel, tt.name, tt.pid, tt.kernel)
		}
	}
}

func kb(n unit.Bytes) unit.Size { return unit.Known(n * unit.KiB) }

func TestKilledLine(t *testing.T) {
	tests := []struct {
		line       string
		constraint event.Constraint
		global     bool
		want       event.Victim
	}{
		{"Out of Memory: Killed process 26417 (httpd).", "", true, event.Victim{PID: 26417, Name: "httpd"}},
		{
			"Killed process 2188 (mysqld) vsz:3330016kB, anon-rss:2104kB, file-rss:8kB", "", false,
			event.Victim{PID: 2188, Name: "mysqld", TotalVM: kb(3330016), Anon: kb(2104), File: kb(8)},
		},
		{
			"Killed process 2188 (mysqld) total-vm:3330016kB, anon-rss:2104kB, file-rss:8kB", "", false,
			event.Victim{PID: 2188, Name: "mysqld", TotalVM: kb(3330016), Anon: kb(2104), File: kb(8)},
		},
		{
			"Killed process 11726, UID 498, (mysqld) total-vm:4kB, anon-rss:2kB, file-rss:1kB", "", false,
			event.Victim{PID: 11726, Name: "mysqld", UID: 498, HasUID: true, TotalVM: kb(4), Anon: kb(2), File: kb(1)},
		},
		{
			"Killed process 33421 (memcg_process), UID 0, total-vm:4kB, anon-rss:2kB, file-rss:1kB, shmem-rss:0kB", "", false,
			event.Victim{PID: 33421, Name: "memcg_process", HasUID: true, TotalVM: kb(4), Anon: kb(2), File: kb(1), Shmem: kb(0)},
		},
		{
			"Out of memory (oom_kill_allocating_task): Killed process 150 (stress) total-vm:4kB, anon-rss:2kB, file-rss:1kB, shmem-rss:0kB, UID:7 pgtables:828kB oom_score_adj:-998", "", true,
			event.Victim{PID: 150, Name: "stress", UID: 7, HasUID: true, TotalVM: kb(4), Anon: kb(2), File: kb(1), Shmem: kb(0), ScoreAdj: -998, HasAdj: true},
		},
		{
			"Memory cgroup out of memory: Killed process 15934 ((resolved)) total-vm:168424kB, anon-rss:4064kB, file-rss:3584kB, shmem-rss:0kB", event.ConstraintMemcg, false,
			event.Victim{PID: 15934, Name: "(resolved)", TotalVM: kb(168424), Anon: kb(4064), File: kb(3584), Shmem: kb(0)},
		},
		{
			"Memory cgroup out of memory: Killed process 5 (x) total-vm:1kB) total-vm:9kB, anon-rss:2kB, file-rss:1kB, shmem-rss:0kB", event.ConstraintMemcg, false,
			event.Victim{PID: 5, Name: "x) total-vm:1kB", TotalVM: kb(9), Anon: kb(2), File: kb(1), Shmem: kb(0)},
		},
		{
			`{"message":" Out of memory: Killed process 5 (java) total-vm:9kB, anon-rss:2kB, file-rss:1kB, shmem-rss:0kB"}`, "", true,
			event.Victim{PID: 5, Name: "java", TotalVM: kb(9), Anon: kb(2), File: kb(1), Shmem: kb(0)},
		},
	}
	for _, tt := range tests {
		k := kill(t, tt.line)
		if len(k.Victims) != 1 || k.Victims[0] != tt.want || k.Constraint != tt.constraint || k.Global != tt.global || k.KilledAt != k.Pos {
			t.Errorf("%s\n got %+v %s global %v\nwant %+v %s global %v", tt.line, k.Victims, k.Constraint, k.Global, tt.want, tt.constraint, tt.global)
		}
	}
}

func TestCutKilledLine(t *testing.T) {
	events, _ := feedText("Memory cgroup out of memory: Killed process 12 (java) total-vm:281640kB, anon-rss:272384kB, fil")
	if len(events) != 2 {
		t.Fatalf("%d events, want a problem and a kill", len(events))
	}
	if p, ok := events[0].(*event.Problem); !ok || !strings.Contains(p.Message, "cut or broken") {
		t.Errorf("first event: %+v, want a problem", events[0])
	}
	want := event.Victim{PID: 12, Name: "java", TotalVM: kb(281640), Anon: kb(272384)}
	if k, ok := events[1].(*event.Kill); !ok || k.Victims[0] != want {
		t.Errorf("second event: %+v, want %+v", events[1], want)
	}
}

func TestForeignLines(t *testing.T) {
	for _, line := range []string{
		"",
		"kthreadd: page allocation failure: order:4, mode:0xcc0(GFP_KERNEL), nodemask=(null)",
		"SLUB: Unable to allocate memory on node -1, gfp=0x6000c0(GFP_KERNEL)",
		"gc 1 @0.002s 5%: 0.22+0.47+0.004 ms clock, 0.4+0/0/0 ms cpu, 4->4->0 MB, 4 MB goal, 2 P",
		"java.lang.OutOfMemoryError: Java heap space",
		"Killed process 12 by the operator",
		"supervisor: Killed process 12 (worker) after its time out",
		"what does \"java invoked oom-killer: \" mean?",
		"memory: usage of the cache is fine",
		"oom_reaper: reaped process 2 (java), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB",
		"net_ratelimit: 12 callbacks suppressed",
		"systemd-oomd killed 1 process(es) in this unit.",
		"app.service: A process of this unit has been killed by the OOM killer.",
		"a room in memory, Killing me softly, the limit of reason",
	} {
		if events, claimed := feedText(line); len(events) != 0 || claimed != 0 {
			t.Errorf("%q: %d events, claimed %d, want a foreign line", line, len(events), claimed)
		}
	}
}

// The lines of kernels that no machine of ours runs follow the formats of mm/oom_kill.c and mm/memcontrol.c.

const linux310 = `
[48.1] java invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=984
[48.1] java cpuset=b27201334a41cd0749d053b18378d7ea65617b8e26277197ea25c974da1a5a8a mems_allowed=0-1
[48.1] CPU: 2 PID: 5290 Comm: java Not tainted 3.10.0-1160.el7.x86_64 #1
[48.1] Call Trace:
[48.1]  [<ffffffff8163515c>] dump_stack+0x19/0x1b
[48.2] Task in /kubepods/burstable/pod5c2bdb16-6b4d-4b3a-9a43-4d2a2f9ad0f1/b27201334a41cd0749d053b18378d7ea65617b8e26277197ea25c974da1a5a8a killed as a result of limit of /kubepods/burstable/pod5c2bdb16-6b4d-4b3a-9a43-4d2a2f9ad0f1
[48.2] memory: usage 1048576kB, limit 1048576kB, failcnt 189
[48.2] memory+swap: usage 1048576kB, limit 9007199254740988kB, failcnt 0
[48.2] kmem: usage 2048kB, limit 9007199254740988kB, failcnt 0
[48.2] Memory cgroup stats for /kubepods/burstable/pod5c2bdb16-6b4d-4b3a-9a43-4d2a2f9ad0f1: cache:0KB rss:0KB rss_huge:0KB mapped_file:0KB swap:0KB inactive_anon:0KB active_anon:0KB inactive_file:0KB active_file:0KB unevictable:0KB
[48.2] Memory cgroup stats for /kubepods/burstable/pod5c2bdb16-6b4d-4b3a-9a43-4d2a2f9ad0f1/b27201334a41cd0749d053b18378d7ea65617b8e26277197ea25c974da1a5a8a: cache:24KB rss:1046000KB rss_huge:0KB mapped_file:0KB swap:0KB inactive_anon:0KB active_anon:1046000KB inactive_file:0KB active_file:0KB unevictable:0KB
[48.2] Memory cgroup stats for /kubepods/burstable/pod5c2bdb16-6b4d-4b3a-9a43-4d2a2f9ad0f1/pause: cache:0KB rss:40KB rss_huge:0KB mapped_file:0KB swap:0KB inactive_anon:0KB active_anon:40KB inactive_file:0KB active_file:0KB unevictable:0KB
[48.2] [ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name
[48.2] [ 5100]     0  5100      253        1       4        0          -998 pause
[48.2] [ 5282]  1337  5282    40000    16380     600        0           984 (java) main loop
[48.2] Memory cgroup out of memory: Kill process 5290 (java) score 1984 or sacrifice child
[48.2] Killed process 5282 (java), UID 1337, total-vm:2560000kB, anon-rss:1046000kB, file-rss:12kB, shmem-rss:0kB
`

func TestLinux310(t *testing.T) {
	k := kill(t, linux310)
	const pod = "/kubepods/burstable/pod5c2bdb16-6b4d-4b3a-9a43-4d2a2f9ad0f1"
	const container = "b27201334a41cd0749d053b18378d7ea65617b8e26277197ea25c974da1a5a8a"
	want := event.Kill{
		Head:       event.Head{Pos: event.Pos{File: "log", Line: 1}, Time: event.Time{Has: event.Boot, Boot: 48100 * time.Millisecond, Step: 100 * time.Millisecond}, Dialect: "kernel"},
		Kernel:     "3.10.0-1160.el7.x86_64",
		Constraint: event.ConstraintMemcg,
		Trigger:    event.Task{PID: 5290, Name: "java", ScoreAdj: 984},
		GFP:        "0xd0",
		OOMMemcg:   pod,
		TaskMemcg:  pod + "/" + container,
		Usage:      kb(1048576),
		Limit:      kb(1048576),
		FailCount:  189,
		SwapUsage:  kb(0),
		Stats: []event.Stat{
			{Name: "file", Size: 24 * unit.KiB},
			{Name: "anon", Size: 1046040 * unit.KiB},
			{Name: "anon_thp"},
			{Name: "file_mapped"},
			{Name: "swap"},
			{Name: "inactive_anon"},
			{Name: "active_anon", Size: 1046040 * unit.KiB},
			{Name: "inactive_file"},
			{Name: "active_file"},
			{Name: "unevictable"},
			{Name: "kernel", Size: 2 * unit.MiB},
		},
		Victims: []event.Victim{{PID: 5282, Name: "java", UID: 1337, HasUID: true, TotalVM: kb(2560000), Anon: kb(1046000), File: kb(12), Shmem: kb(0)}},
		Tasks: []event.Task{
			{PID: 5100, Name: "pause", RSS: kb(64), TotalVM: kb(253 * 64), ScoreAdj: -998},
			{PID: 5282, Name: "(java) main loop", RSS: kb(16380 * 64), TotalVM: kb(2560000), ScoreAdj: 984},
		},
		Page:         kb(64),
		Repeats:      1,
		PodUID:       "5c2bdb16-6b4d-4b3a-9a43-4d2a2f9ad0f1",
		ContainerID:  container,
		UsageAt:      event.Pos{File: "log", Line: 7},
		ConstraintAt: event.Pos{File: "log", Line: 6},
		KilledAt:     event.Pos{File: "log", Line: 17},
	}
	if d := cmp.Diff(&want, k, cmp.AllowUnexported(unit.Size{})); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

// TestLinux26 has the Mem-Info that a report of a memory cgroup held before 3.9, and the table of el6.
func TestLinux26(t *testing.T) {
	k := kill(t, `
php-fpm invoked oom-killer: gfp_mask=0xd0, order=0, oom_adj=0, oom_score_adj=0
php-fpm cpuset=/ mems_allowed=0
Pid: 23212, comm: php-fpm Not tainted 2.6.32-642.el6.x86_64 #1
Call Trace:
 [<ffffffff811310f0>] ? dump_header+0x90/0x1b0
Task in /lxc/39004 killed as a result of limit of /lxc/39004
memory: usage 524288kB, limit 524288kB, failcnt 4152239
memory+swap: usage 0kB, limit 9007199254740991kB, failcnt 0
Mem-Info:
Node 0 DMA per-cpu:
CPU    0: hi:    0, btch:   1 usd:   0
active_anon:885 inactive_anon:102 isolated_anon:0
 active_file:6 inactive_file:0 isolated_file:0
Node 0 DMA: 3*4kB 1*8kB = 20kB
12 total pagecache pages
Free swap  = 10kB
Total swap = 20kB
262143 pages RAM
46 pages reserved
[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name
[23212]   498 23212   110000   100000   1       0             0 php-fpm
Memory cgroup out of memory: Kill process 23212 (php-fpm) score 1000 or sacrifice child
Killed process 23212, UID 498, (php-fpm) total-vm:440000kB, anon-rss:390000kB, file-rss:10000kB
`)
	if k.Global || k.Constraint != event.ConstraintMemcg || len(k.Stats) != 0 || k.RAM.IsKnown() || k.SwapUsage.IsKnown() {
		t.Errorf("the machine's memory went into the report of a group: %+v", k)
	}
	if k.Trigger.PID != 23212 || k.Page != kb(4) || k.PageAssumed || k.Limit != kb(524288) || k.OOMMemcg != "/lxc/39004" || k.Tasks[0].RSS != kb(400000) {
		t.Errorf("got %+v", k)
	}
}

const open = "java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"

func TestFactsOfItsOwn(t *testing.T) {
	k := kill(t, "oom_kill_process: 70 callbacks suppressed\n"+open+`
 memory_max_write+0x1a/0x2c
Mem-Info:
active_anon:10 inactive_anon:20
100 pages RAM
10 pages reserved
Free swap  = 8kB
Total swap = 24kB
[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
[      7]     0     7       30       20   102400        0             0 java
Out of memory and no killable processes...
`)
	want := []event.Stat{{Name: "active_anon", Size: 40 * unit.KiB}, {Name: "inactive_anon", Size: 80 * unit.KiB}}
	if k.Suppressed != 70 || !k.Lowered || !k.NoKillable || !k.Global || !k.PageAssumed || k.RAM != kb(360) || k.SwapUsage != kb(16) || k.SwapLimit != kb(24) || !cmp.Equal(k.Stats, want) {
		t.Errorf("got %+v", k)
	}
	k = kill(t, open+"Mem-Info:\nNode 0 DMA32: 0*64kB 1*128kB (U) = 128kB\n[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\n[    7]     0     7       30       20   1        0             0 java\n")
	if k.Page != kb(64) || k.PageAssumed || k.Tasks[0].RSS != kb(20*64) {
		t.Errorf("the smallest free block is a page: got %v %v %v", k.Page, k.PageAssumed, k.Tasks)
	}
}

func TestLimits(t *testing.T) {
	for _, tt := range []struct {
		kb   string
		want unit.Size
	}{
		{"980", kb(980)},
		{"0", kb(0)},
		{"17179869184", kb(1 << 34)},
		{"9007199254740988", unit.Size{}},
		{"9007199254740991", unit.Size{}},
		{"18014398509481983", unit.Size{}},
		{"9007199254740928", unit.Size{}},
		{"8589934588", unit.Size{}},
	} {
		if k := kill(t, "memory: usage 1kB, limit "+tt.kb+"kB, failcnt 0"); k.Limit != tt.want {
			t.Errorf("limit %skB: got %v, want %v", tt.kb, k.Limit, tt.want)
		}
	}
}

// TestStatShapes reads one record of several lines in the ways that logs write it.
func TestStatShapes(t *testing.T) {
	for _, sep := range []string{"\n", "\n                ", "#012", `\x0a`} {
		k := kill(t, open+"Memory cgroup stats for /a:\n"+strings.Join([]string{"anon 4096", "file 0", "pgfault 9", "kernel_stack 49152"}, sep)+"\nTasks state (memory values in pages):")
		want := []event.Stat{{Name: "anon", Size: 4096}, {Name: "file"}, {Name: "kernel_stack", Size: 49152}}
		if !cmp.Equal(k.Stats, want) {
			t.Errorf("separator %q: got %v, want %v", sep, k.Stats, want)
		}
	}
}

func TestOddNames(t *testing.T) {
	for _, comm := range []string{"(a) b,pid=1,x", "a,task=b,uid=0", "x,oom_memcg=/y", "[1] 2 3", "] ", "</script>"} {
		k := kill(t, open+"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a/b,task="+comm+",pid=7,uid=33")
		want := event.Victim{PID: 7, Name: comm, UID: 33, HasUID: true}
		if k.OOMMemcg != "/a" || k.TaskMemcg != "/a/b" || len(k.Victims) != 1 || k.Victims[0] != want {
			t.Errorf("%q: got %q %q %+v", comm, k.OOMMemcg, k.TaskMemcg, k.Victims)
		}
		k = kill(t, open+"[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\n[    7]     0     7       30       20   1        0         -1000 "+comm+"\n")
		if len(k.Tasks) != 1 || k.Tasks[0].Name != comm || k.Tasks[0].ScoreAdj != -1000 {
			t.Errorf("%q: got tasks %+v", comm, k.Tasks)
		}
	}
}

// TestExamples reads the example of each grammar where it stands in a report.
func TestExamples(t *testing.T) {
	before := map[string]string{
		"memory cgroup stats, one a line":  "Memory cgroup stats for /a:\n",
		"Mem-Info, page counts":            "Mem-Info:\n",
		"Mem-Info, totals":                 "Mem-Info:\n",
		"Mem-Info, swap":                   "Mem-Info:\n",
		"Mem-Info, free blocks, the first": "Mem-Info:\n",
		"task table, a row up to the name": "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name\n",
	}
	for _, g := range Dialect.Grammars {
		log := open + before[g.Name] + g.Example
		events, claimed := feedText(log)
		if want := strings.Count(log, "\n") + 1; claimed != want {
			t.Errorf("%s: %d lines of %d claimed in\n%s", g.Name, claimed, want, log)
		}
		for _, ev := range events {
			if p, ok := ev.(*event.Problem); ok {
				t.Errorf("%s: %s", g.Name, p.Message)
			}
		}
		if g.EBNF == "" {
			t.Errorf("%s: no EBNF", g.Name)
		}
	}
}

func killed(pid int) string {
	return fmt.Sprintf("Memory cgroup out of memory: Killed process %d (p%d) total-vm:9kB, anon-rss:2kB, file-rss:1kB, shmem-rss:0kB\n", pid, pid)
}

func row(pid int) string {
	return fmt.Sprintf("[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\n[%5d]     0 %5d       30       20   1        0             0 p%d\n", pid, pid, pid)
}

// TestAssembly says which lines make one event. A victim is a pid; "-" is a report without one; "x3" its repetitions.
func TestAssembly(t *testing.T) {
	const nobody = "Out of memory and no killable processes...\n"
	cpu := func(pid int) string { return fmt.Sprintf("CPU: 0 PID: %d Comm: java Not tainted 5.10.0 #1\n", pid) }
	for _, tt := range []struct{ name, log, want string }{
		{"kills without headers", killed(1) + killed(2) + killed(3), "1 | 2 | 3"},
		{"header and kill", open + killed(1) + open + killed(2), "1 | 2"},
		{"a kill that the rate limit left without header", open + killed(1) + killed(2), "1 | 2"},
		{"a group", open + killed(1) + "Tasks in /a are going to be killed due to memory.oom.group set\n" + killed(1) + killed(2) + killed(3), "1 2 3"},
		{"a group without its title", open + killed(1) + killed(1) + killed(2), "1 2"},
		{"the reaper in between", open + killed(1) + "oom_reaper: reaped process 1 (p1), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB\n" + killed(1) + killed(2), "1 2"},
		{"two reports mixed", open + open + row(1) + "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=p1,pid=1,uid=0\n" + killed(1), "- | 1"},
		{"callers told apart", "[ 1.0][   T7] " + open + "[ 1.0][   T8] " + open + "[ 1.1][   T7] " + row(1)[:75] + "\n[ 1.1][   T7] " + row(1)[75:] + "[ 1.2][   T8] " + killed(2) + "[ 1.2][   T7] " + killed(1), "1 | 2"},
		{"the chosen one only", open + "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=p1,pid=1,uid=0\n", "1"},
		{"a child dies instead", open + "Out of memory: Kill process 1 (p1) score 9 or sacrifice child\n" + killed(2), "2"},
		{"shared memory", open + killed(1) + "Kill process 4 (p4) sharing same memory\n", "1"},
		{"nobody, repeated", strings.Repeat(open+cpu(7)+nobody, 3) + open + killed(1), "-x3 | 1"},
		{"nobody, two tasks in turn", strings.Repeat(open+cpu(7)+nobody+open+cpu(8)+nobody, 3), "-x3 | -x3"},
		{"nobody, the last report cut off", strings.Repeat(open+cpu(7)+"memory: usage 4kB, limit 4kB, failcnt 0\n"+nobody, 3) + open + cpu(7), "-x4"},
		{"headers that grep left", open + open + open, "- | - | -"},
		{"boot clock set back", "[ 90.0] " + open + "[ 1.0] " + killed(1), "- | 1"},
		{"silence", "[ 1.0] " + open + "[ 12.0] " + killed(1), "- | 1"},
		{"no silence", "[ 1.0] " + open + "[ 9.0] Mem-Info:\n[ 18.0] " + killed(1), "1"},
		{"strangers inside", open + strings.Repeat("usb 1-1: new device\n", 3000) + killed(1), "1"},
		{"too many strangers", open + strings.Repeat("usb 1-1: new device\n", 5000) + killed(1), "- | 1"},
		{"usage without header", "memory: usage 4kB, limit 4kB, failcnt 0\n" + killed(1) + "memory: usage 4kB, limit 4kB, failcnt 0\n" + killed(2), "1 | 2"},
		{"the tail of a report", "anon 4096\nTasks state (memory values in pages):\n" + row(1) + killed(1), "1"},
	} {
		var got []string
		for _, k := range kills(t, tt.log) {
			var pids []string
			for _, v := range k.Victims {
				pids = append(pids, fmt.Sprint(v.PID))
			}
			if len(pids) == 0 {
				pids = []string{"-"}
			}
			if k.Repeats > 1 {
				pids = append(pids, fmt.Sprintf("x%d", k.Repeats))
			}
			got = append(got, strings.ReplaceAll(strings.Join(pids, " "), "- x", "-x"))
		}
		if got := strings.Join(got, " | "); got != tt.want {
			t.Errorf("%s: got %q, want %q from\n%.2000s", tt.name, got, tt.want, tt.log)
		}
	}
}

func TestWallClockClosesReports(t *testing.T) {
	at := func(sec int64, text string) dialect.Line {
		return dialect.Line{Time: event.Time{Has: event.Wall, Wall: sec * 1e9}, Stream: &event.Stream{Host: "node1"}, Text: []byte(strings.TrimSpace(text))}
	}
	events, _ := feed([]dialect.Line{at(100, open), at(105, killed(1)), at(116, open), at(125, killed(2)), at(200, killed(3))})
	if len(events) != 3 {
		t.Fatalf("%d events, want 3", len(events))
	}
	for _, ev := range events {
		if k := ev.(*event.Kill); k.Host != "node1" || len(k.Victims) != 1 {
			t.Errorf("got %+v", k)
		}
	}
}

func TestEnvelopeClockWins(t *testing.T) {
	events, _ := feed([]dialect.Line{{Time: event.Time{Has: event.Boot, Boot: time.Second}, Text: []byte("[   99.5] " + strings.TrimSpace(open))}})
	if k := events[0].(*event.Kill); k.Time.Boot != time.Second {
		t.Errorf("boot clock %v, want that of the envelope", k.Time.Boot)
	}
}

func TestBrokenLinesAreProblems(t *testing.T) {
	for _, tt := range []struct{ log, want string }{
		{"java invoked oom-killer: gfp_mask=0xcc", ""},
		{"java invoked oom-killer: gfp_mask=", "header"},
		{open + "memory: usage 98304kB, limit 98", "usage line"},
		{open + "Memory cgroup stats for /a: cache:0KB rss:98", "stats"},
		{open + "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a/very/lo", "oom-kill line"},
		{"Tasks state (memory values in pages):", "nothing of its facts"},
	} {
		events, _ := feedText(tt.log)
		got := ""
		for _, ev := range events {
			if p, ok := ev.(*event.Problem); ok {
				got += p.Message
			}
		}
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s\n got problem %q, want %q", tt.log, got, tt.want)
		}
	}
}

func TestPathsToWorkloads(t *testing.T) {
	const hex = "3f4a9c0de1b2a3948576a0b1c2d3e4f5061728394a5b6c7d8e9f00112233445a"
	const uid = "0330b2c1-a15b-4cdd-b5e5-72d4a90bee82"
	for _, tt := range []struct{ path, pod, container string }{
		{"/", "", ""},
		{"", "", ""},
		{"/kubepods/burstable/pod" + uid + "/" + hex, uid, hex},
		{"/kubepods/pod" + uid, uid, ""},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0330b2c1_a15b_4cdd_b5e5_72d4a90bee82.slice/cri-containerd-" + hex + ".scope", uid, hex},
		{"/kubepods.slice/kubepods-pod0330b2c1_a15b_4cdd_b5e5_72d4a90bee82.slice/crio-" + hex + ".scope", uid, hex},
		{"/kubepods.slice/kubepods-pod0330b2c1_a15b_4cdd_b5e5_72d4a90bee82.slice/crio-conmon-" + hex + ".scope", uid, ""},
		{"/kubepods/burstable/pod0123456789abcdef0123456789abcdef/" + hex, "0123456789abcdef0123456789abcdef", hex},
		{"/lxc.payload.node3/kubepods/besteffort/pod" + uid + "/" + hex + "/init.scope", uid, hex},
		{"/docker/" + hex, "", hex},
		{"/system.slice/docker-" + hex + ".scope", "", hex},
		{"/system.slice/containerd.service/kubepods-burstable-pod0330b2c1_a15b_4cdd_b5e5_72d4a90bee82.slice:cri-containerd:" + hex, uid, hex},
		{"/machine.slice/libpod-" + hex + ".scope", "", hex},
		{"/machine.slice/libpod-conmon-" + hex + ".scope", "", ""},
		{"/ecs/task1/" + hex, "", hex},
		{"/ecs/cdf83842a36c4d07a2a1a5b7a6a2b0f1/cdf83842a36c4d07a2a1a5b7a6a2b0f1-2425065413", "", "cdf83842a36c4d07a2a1a5b7a6a2b0f1-2425065413"},
		{"/docker/" + strings.Repeat("a", 64) + "/kubelet/kubepods/pod" + uid + "/" + hex, uid, hex},
		{"/system.slice/app.service", "", ""},
		{"/default/web", "", ""},
		{"/lxc/39004", "", ""},
		{"/user.slice/podium.scope", "", ""},
	} {
		if pod, container := PodUID(tt.path), ContainerID(tt.path); pod != tt.pod || container != tt.container {
			t.Errorf("%s\n got %q %q\nwant %q %q", tt.path, pod, container, tt.pod, tt.container)
		}
	}
}

// flood makes a log of reports without a victim from a real one, and returns it line by line.
func flood(tb testing.TB, lines int) []dialect.Line {
	data, err := os.ReadFile("testdata/v2-6.12.txtar")
	if err != nil {
		tb.Fatal(err)
	}
	_, log, _ := bytes.Cut(data, []byte("-- log.13-no-killable --\n"))
	log, _, _ = bytes.Cut(log, []byte("\n-- "))
	second := bytes.Index(log[1:], []byte("worker invoked oom-killer"))
	second += 1 + bytes.Index(log[1+second:], []byte("\n"))
	report := bytes.Split(log[:bytes.Index(log[second:], []byte("worker invoked oom-killer"))+second], []byte("\n"))
	report = report[:len(report)-1]
	out := make([]dialect.Line, lines)
	for i := range out {
		text := report[i%len(report)]
		_, text, _ = bytes.Cut(text, []byte("] "))
		boot := time.Minute + time.Duration(i)*100*time.Microsecond
		out[i] = dialect.Line{Pos: event.Pos{File: "log", Line: i + 1}, Time: event.Time{Has: event.Boot, Boot: boot}, Text: text}
	}
	return out
}

func TestFloodIsOneEvent(t *testing.T) {
	lines := flood(t, 60_000)
	want := 0
	for _, l := range lines {
		if bytes.Contains(l.Text, []byte("no killable")) {
			want++
		}
	}
	events, _ := feed(lines[:len(lines)-len(lines)%want])
	if len(events) != 1 || want < 100 {
		t.Fatalf("%d events from %d reports, want 1 from hundreds", len(events), want)
	}
	if k := events[0].(*event.Kill); k.Repeats < want-1 || k.Repeats > want {
		t.Errorf("%d repeats, want %d", k.Repeats, want)
	}
}

func BenchmarkFlood(b *testing.B) { benchmark(b, flood(b, 60_000)) }

func BenchmarkForeign(b *testing.B) {
	lines := make([]dialect.Line, 10_000)
	for i := range lines {
		lines[i].Text = []byte(`2026-11-22T20:47:03.931498+01:00 INFO request served method=GET path=/api/v1/orders status=200 bytes=5120 took=12ms`)
	}
	benchmark(b, lines)
}

func benchmark(b *testing.B, lines []dialect.Line) {
	size := 0
	for _, l := range lines {
		size += len(l.Text) + 1
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		d := newDecoder()
		emit := func(event.Event) {}
		for i := range lines {
			d.Decode(&lines[i], emit)
		}
		d.Flush(emit)
	}
}

// TestLongLines reads long lines of every repetition, and a kill behind each: work that grew with the square of the
// length would not end before the test's own timeout.
func TestLongLines(t *testing.T) {
	sections := []string{"", "Memory cgroup stats for /a:", "Mem-Info:", "[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name"}
	pieces := []string{
		"[", "[1] ", "[ 1.5] ", "<4>", "a ", "a:1 ", "1", "#012", `\x0a`, "\n", "\x1b[", "kernel: ", " ", "(", ")", ",pid=1", ",task=",
		"Killed process 1 (a) ", "Killed process 1 (a) total-vm:1kB, ", "oom-kill:constraint=", "oom-killer: gfp_mask=0x1, ", "memory: usage ",
		"Memory cgroup stats for : ", "Node 0 *", "1 pages ", " cpuset=", "PID: 1 Comm: ",
	}
	for _, section := range sections {
		for _, piece := range pieces {
			d := newDecoder()
			victims := 0
			emit := func(ev event.Event) {
				if k, ok := ev.(*event.Kill); ok && slices.ContainsFunc(k.Victims, func(v event.Victim) bool { return v.PID == 4711 }) {
					victims++
				}
			}
			for _, l := range []string{open, section, strings.Repeat(piece, 1<<20/len(piece)), open, killed(4711)} {
				d.Decode(&dialect.Line{Text: []byte(l)}, emit)
			}
			d.Flush(emit)
			if victims != 1 {
				t.Errorf("%q, many of %q: the kill behind them came out %d times", section, piece, victims)
			}
		}
	}
}

// A 32-bit machine tells how much of its memory only programs can use, by node where it has several.
func TestHighMemory(t *testing.T) {
	k := kill(t, `httpd invoked oom-killer: gfp_mask=0xd0, order=1, oom_adj=0, oom_score_adj=0
Mem-Info:
active_anon:100 inactive_anon:20 isolated_anon:0
Normal free:3500kB min:3756kB low:4692kB high:5632kB active_anon:0kB
HighMem free:2100000kB min:512kB low:3852kB high:7192kB active_anon:100kB
Node 1 HighMem free:8kB min:512kB low:3852kB high:7192kB active_anon:100kB
HighMem free:broken
HighMem: 100*4kB 20*8kB = 560kB
917504 pages RAM
Out of memory: Killed process 2188 (httpd) total-vm:3330016kB, anon-rss:200kB, file-rss:4kB, shmem-rss:0kB
`)
	if want := (event.Stat{Name: "free_highmem", Size: 2100008 * unit.KiB}); !slices.Contains(k.Stats, want) {
		t.Errorf("got %v, want %v among them", k.Stats, want)
	}
}
