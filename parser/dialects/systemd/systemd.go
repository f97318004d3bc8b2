// Package systemd reads what systemd says of the units that it runs and kills: the manager's own lines, systemd-oomd,
// systemd-coredump, and what systemctl, systemd-run and oomctl print.
//
// Where the lines come from:
//
//   - src/core/unit.c and service.c: "U: Main process exited, code=killed, status=9/KILL", "U: Failed with result 'oom-kill'.",
//     "U: Consumed 1.510s CPU time, 48M memory peak." (the peaks since v256), "U: A process of this unit has been killed by
//     the OOM killer." (v243 to v257; later "The kernel OOM killer killed some processes in this unit."), "U: systemd-oomd
//     killed 1 process(es) in this unit." (v247 and later), "U: Killing process 456 (worker) with signal SIGKILL.",
//     "U: Scheduled restart job, restart counter is at 5.".
//   - src/oom/oomd-manager.c: "Killed /G due to memory pressure for /P being 51.07% > 50.00% for > 20s with reclaim activity"
//     and "Killed /G due to memory used (N) / total (N) and swap used (N) / total (N) being more than 90.00%" (v249 and
//     later); since v259 "Marked /G for killing due to ...". Before it "Considered N cgroups for killing, top candidates
//     were:" and the candidates, of which the last was killed (src/oom/oomd-util.c).
//   - src/coredump: "Process 4711 (node) of user 1000 dumped core."
//   - src/systemctl/systemctl-show.c: systemctl status and systemctl show. src/run/run.c: the end of systemd-run --wait.
//
// Sizes are those of FORMAT_BYTES: units of 1024 with one decimal, rounded down.
package systemd

import (
	"oomtrace/parser/dialect"
)

const name = "systemd"

// Dialect is the dialect of this package.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "systemd: units, systemd-oomd, systemd-coredump, systemctl",
	Versions: "systemd 208 to 260",
	Notes:    notes,
	New:      func() dialect.Decoder { return &decoder{read: newReaders()} },
	Anchors: []string{
		".service", ".scope", ".slice", "Considered ", "Killed /", "Marked /", "Memory pressure for /", "Dry Run: ", "Process ", "PID: ", "Signal: ",
		"Running as unit: ", "Finished with result: ", "ActiveState=", "Result=", "ControlGroup=", "MemoryMax=", "MemoryCurrent=", "MemoryPeak=", "MemorySwapPeak=",
		"NRestarts=", "ExecMain",
	},
	Grammars: []dialect.Grammar{
		{
			Name:    "end of a process of a unit, behind the name of the unit",
			EBNF:    exitedGrammar.EBNF(),
			Example: "Main process exited, code=killed, status=9/KILL",
		},
		{
			Name:    "largest use of a unit, a clause of the line that says what it consumed",
			EBNF:    peakGrammar.EBNF(),
			Example: "152.5M memory swap peak",
		},
		{
			Name:    "restart of a unit",
			EBNF:    restartsGrammar.EBNF(),
			Example: "Scheduled restart job, restart counter is at 5.",
		},
		{
			Name:    "what the manager says of a kill by systemd-oomd",
			EBNF:    severalGrammar.EBNF(),
			Example: "systemd-oomd killed 12 process(es) in this unit.",
		},
		{
			Name:    "kill by systemd-oomd for want of memory and swap, behind the group",
			EBNF:    usedGrammar.EBNF(),
			Example: "memory used (711921664) / total (711921664) and swap used (163225600) / total (167768064) being more than 90.00%",
		},
		{
			Name:    "kill by systemd-oomd for memory pressure, behind the groups",
			EBNF:    pressureGrammar.EBNF(),
			Example: "being 51.07% > 50.00% for > 20s with reclaim activity",
		},
		{
			Name:    "size of a field",
			EBNF:    amountGrammar.EBNF(),
			Example: "535.7M",
		},
	},
}

const notes = `A unit is a container to oomtrace: its name joins it to the cgroup path of the kernel's report, and the scope of a container
to the container's id.

"A process of this unit has been killed by the OOM killer" stands for kills at the limit of the unit and for those of a machine
that ran out alike, and the slices above a unit say it again: it is no verdict, the kernel's report is. "Failed with result
'oom-kill'" is said of kills by the kernel and by systemd-oomd. With OOMPolicy=continue the result of such a unit is 'signal'.

A unit becomes one container status when it ended: result, exit status or signal, the largest use of memory (since v256, an
upper mark of the whole cgroup with its page cache), when it was started, and how often it was restarted.

systemd-oomd acts before the kernel does: it kills a whole cgroup with SIGKILL, for pressure (time lost waiting for memory) or
for use of memory and swap of the machine, not at a limit of the unit. "Killing process N (x) with signal SIGKILL" behind
"State 'stop-sigterm' timed out" is the manager's own kill of a service that did not stop in time, and no want of memory.`
