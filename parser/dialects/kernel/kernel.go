// Package kernel reads the out-of-memory reports of Linux: who asked for memory, which bound was hit, what the
// memory was used for, and who was killed. The lines come from dump_header, dump_tasks and oom_kill_process in
// mm/oom_kill.c, from mem_cgroup_print_oom_context and its family in mm/memcontrol.c, and from show_mem. Logs of
// kernels 5.10, 6.1, 6.12, 6.16, 6.18 and 7.3 were read; what 2.6 to 4.20 print is known from the formats of these
// functions, not from logs of their own.
//
// A report is read from its header to the last process it killed. Lines of others may stand within it, and any part
// may be missing: the header in a ring buffer that ran over, everything but two lines in what grep left. Reports that
// found nobody to kill repeat hundreds of times a second; equal ones become one event that counts them.
//
// Envelopes are taken off by the reader, and lines are known by their own words wherever they stand, so an envelope
// that nobody knows costs nothing but a look at the name of the triggering task.
package kernel

import "oomtrace/parser/dialect"

const name = "kernel"

// Dialect describes the out-of-memory reports of the Linux kernel.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "Linux kernel, out-of-memory reports (memory cgroup, global, cpuset, memory policy)",
	Versions: "Linux 2.6 to 7.3",
	Notes: `The task that invoked the OOM killer, the task that was killed and the task that holds most memory are three
different things, and often three different processes. oom_memcg is the group whose limit was hit, task_memcg the
group of the victim: where they differ, the limit belongs to a parent, and the sum of its children hit it.

Amounts of the task table are pages. The page size is the victim's total-vm divided by its total_vm; without either it
is the smallest block of the free lists, or 4 KiB, which is then marked as assumed. From 6.2 to 6.18 the table and the
killed line are approximate: the usage line and the stats of the group are exact.

The stats are amounts of memory only, in bytes, with the groups below counted in. Those of cgroup v1 carry the names of
v2: cache is file, rss is anon, and the kmem counter is kernel. In a global report they come from Mem-Info.

A limit that the kernel prints as its largest number is no limit, and unknown here. failcnt proves nothing.
"page allocation failure" kills nobody and is not read.`,
	Grammars: []dialect.Grammar{
		{Name: "header, after \"invoked oom-killer:\"", EBNF: headers.EBNF(), Example: "java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=985"},
		{Name: "CPU line, from the pid to the name", EBNF: cpus.EBNF(), Example: "CPU: 0 UID: 0 PID: 161 Comm: java Not tainted 6.12.107+deb13-cloud-amd64 #1  Debian 6.12.107-1"},
		{Name: "usage and limit of a memory cgroup", EBNF: usages.EBNF(), Example: "memory: usage 130840kB, limit 131072kB, failcnt 0"},
		{Name: "memory cgroup stats, one a line", EBNF: stats.EBNF(), Example: "total_inactive_anon 133525504"},
		{Name: "memory cgroup stats, one group a line", EBNF: statLists.EBNF(), Example: "Memory cgroup stats for /docker/4d5e: cache:0KB rss:980KB rss_huge:0KB mapped_file:0KB"},
		{Name: "Mem-Info, page counts", EBNF: pageLists.EBNF(), Example: "active_anon:68090 inactive_anon:3320 isolated_anon:0"},
		{Name: "Mem-Info, totals", EBNF: pages.EBNF(), Example: "98168 pages RAM"},
		{Name: "Mem-Info, swap", EBNF: swaps.EBNF(), Example: "Free swap  = 0kB"},
		{Name: "Mem-Info, free blocks, the first", EBNF: buddies.EBNF(), Example: "Node 0 DMA32: 1*4kB (U) 1*8kB (U) 5*16kB (U)"},
		{Name: "task table, a row up to the name", EBNF: rows.EBNF(), Example: "[    161]     0   161    70410    68258    68096        0       162   593920        0           985 java"},
		{Name: "oom-kill line, constraint", EBNF: constraints.EBNF(), Example: "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0-1,global_oom,task_memcg=/,task=java,pid=142,uid=0"},
		{Name: "oom-kill line, victim", EBNF: chosens.EBNF(), Example: "oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=cs,mems_allowed=1,global_oom,task_memcg=/cs,task=node,pid=201,uid=0"},
		{Name: "killed process, up to the name", EBNF: processes.EBNF(), Example: "Killed process 33421 (memcg_process), UID 0, total-vm:5736968kB, anon-rss:5200732kB, file-rss:1176kB, shmem-rss:0kB"},
		{Name: "killed process, after the name", EBNF: tails.EBNF(), Example: "Memory cgroup out of memory: Killed process 11808 (audit-api) total-vm:1296596kB, anon-rss:130296kB, file-rss:2024kB, shmem-rss:0kB, UID:0 pgtables:348kB oom_score_adj:0"},
		{Name: "reports left out", EBNF: suppressed.EBNF(), Example: "oom_kill_process: 70 callbacks suppressed"},
	},
	New:     newDecoder,
	Anchors: anchorTexts(),
}
