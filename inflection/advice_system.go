package inflection

import (
	"math"
	"strings"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

const javaLog = "-Xlog:gc*:file=gc.log, before JDK 9 -Xloggc:gc.log -XX:+PrintGCDetails"

// gcLogs says how the next run of a program writes a log of its collections, by the name that the kernel knows it by. Node
// 24 and later call their main thread, and so their process, something else.
var gcLogs = map[string]string{
	"java":            javaLog,
	"node":            "--trace-gc",
	"MainThread":      "--trace-gc",
	"node-MainThread": "--trace-gc",
}

// gcLog says how the next run would tell of its heap.
func (f *Facts) gcLog() string {
	if how := gcLogs[f.VictimName]; how != "" {
		return how
	}
	if f.java() {
		return javaLog
	}
	return "GODEBUG=gctrace=1 for Go, -Xlog:gc* for Java, --trace-gc for Node"
}

// otherRuntime reports whether the name of the victim is of none of the runtimes whose logs are read here; it may be a Go program.
func (f *Facts) otherRuntime() bool {
	return f.VictimName != "" && gcLogs[f.VictimName] == "" && !f.java() && f.Runtime == "" && !f.NoCollector
}

// noCollections says what the absence of collections leaves open, and what would tell.
func (f *Facts) noCollections() string {
	if f.NoCollector {
		return "no collection can be in the log, as GOGC=off was stated without GOMEMLIMIT: how the heap grew cannot be told"
	}
	if f.otherRuntime() {
		return "nothing in the input tells how its memory grew: readings of it over time would, and a log of its garbage collector if it has one"
	}
	const none = "no collection is in the input: a GC log of the process would show how its heap grew"
	if gcLogs[f.VictimName] != "" || f.java() {
		return none + " (" + f.gcLog() + ")"
	}
	return none + " (" + f.gcLog() + "). A Go process with GOGC=off and no GOMEMLIMIT prints none at all: --env GOGC=off says so"
}

// systemAdvice says what to do about a verdict that rests on the kernel's report. It returns whether it had anything to say
// that the rule's own text does not.
func (f *Facts) systemAdvice(v Verdict, add func(string, ...any)) bool {
	switch {
	case v.Kind == NodePressure && f.binding() != "":
		add("let it use more memory nodes (cpuset.mems, numactl), or move some of what is bound to the same nodes: the machine as a whole need not have been short of memory")
	case v.Kind == NodePressure && f.Kill != nil && float64(f.Largest.RSS.Or(0)) >= mostOfMachine*f.Usage && f.Usage > 0:
		add("look at %s (pid %d) first: it held %s of the %s that the machine has. Find out why it needs so much (a profile of its memory), and give it a limit of its own (MemoryMax= of a systemd unit, --memory of a container), so that it is stopped before the machine is full", f.Largest.Name, f.Largest.PID, bytes(float64(f.Largest.RSS.Or(0))), bytes(f.Usage))
	case v.Kind == NodePressure && !f.kubernetes():
		add("sum up what runs on the machine and bound the largest of it; add memory or swap if all of it is meant to run there")
	case v.Kind == KilledFromOutside && f.Death.Manual():
		add("find out who asked for it at that minute: a console with SysRq, or a script that writes f to /proc/sysrq-trigger. The kernel.sysrq setting restricts it")
	case v.Kind == Undetermined && f.nobody():
		add("give the processes of the group an oom_score_adj above -1000, which children inherit (OOMScoreAdjust= of a unit): until then a full group hangs instead of being restarted")
		f.raiseAdvice(add)
	case v.Kind == Undetermined && f.NoCollector && f.Cycles == 0:
		f.noCollectorAdvice(add)
	case v.Kind == Undetermined && f.Seen() && f.Cycles == 0 && f.otherRuntime():
		add("record its memory over time in the next run, and how its collector ran if it has one: that tells growth from a load that is too large for the limit")
		f.raiseAdvice(add)
	case v.Kind == Undetermined && f.Seen() && f.Cycles == 0:
		add("write a GC log in the next run (%s): it tells a heap that grows from one that is too large for the limit, and both from memory beside the heap", f.gcLog())
		f.raiseAdvice(add)
	case v.Kind == Undetermined && len(v.Missing) > 0:
		add("add what would decide it: %s", strings.Join(v.Missing, "; "))
	default:
		return false
	}
	return true
}

// mostOfMachine is the share of a machine's memory from which on one process is the matter, and not the sum of all.
const mostOfMachine = 0.50

// kubernetes reports whether anything in the input tells of Kubernetes.
func (f *Facts) kubernetes() bool {
	if f.Workload == event.Kubernetes || f.Told.engine == event.Kubernetes || f.Death.Kind == timeline.Eviction {
		return true
	}
	return f.Kill != nil && (f.Kill.PodUID != "" || strings.Contains(f.Kill.TaskMemcg, "kubepods") || strings.Contains(f.Kill.OOMMemcg, "kubepods"))
}

// raiseAdvice gives a limit to try where nothing says how much would be enough.
func (f *Facts) raiseAdvice(add func(string, ...any)) {
	if f.Limit > 0 {
		add("until then a limit of %s instead of %s tells growth from need: what grows fills that one too", roundUp(f.Limit*(1+raiseBy)), bytes(f.Limit))
	}
}

// noCollectorAdvice turns the collector on again, where it matters.
func (f *Facts) noCollectorAdvice(add func(string, ...any)) {
	switch {
	case f.lacks(memoryLimitSince):
	case f.Limit > 0:
		room := f.beside()
		add("set GOMEMLIMIT=%.0fMiB (the limit of %s less %s for what the runtime does not count): with GOGC=off the collector then runs when memory gets short, and only then", math.Floor((f.Limit-room)/(1<<20)), bytes(f.Limit), bytes(room))
	default:
		add("set GOMEMLIMIT to a tenth below the memory limit: with GOGC=off the collector then runs when memory gets short, and only then")
	}
	add("or remove GOGC=off: a process that never collects keeps all that it ever allocated, and dies at any limit")
}
