package inflection

import "slices"

// Rule is one kind of verdict as data: what it is called, what it means, what to do, and when it holds.
type Rule struct {
	ID    string // OT101: stable, quoted in tickets
	Kind  Kind
	Title string
	Text  string // what it means, for a person at three in the morning
	Next  string // what to do now

	// Holds reports whether the facts fit, with the evidence.
	Holds func(Facts) ([]Evidence, bool)

	// Beside lists the kinds that this one may stand beside, as its cause lies elsewhere: any of them, or none.
	Beside []Kind
}

// everyKind stands for all kinds in Rule.Beside.
var everyKind = []Kind{"*"}

// mayStandBeside reports whether the rule's kind may stand beside another.
func (r Rule) mayStandBeside(k Kind) bool {
	return slices.Contains(r.Beside, k) || slices.Contains(r.Beside, everyKind[0])
}

// Explain returns the rule of a kind.
func Explain(kind Kind) (Rule, bool) {
	for _, r := range Rules() {
		if r.Kind == kind {
			return r, true
		}
	}
	return Rule{}, false
}

// Rules returns all rules in the order in which they are asked: the first that holds names the verdict. What the process itself
// said comes first, then sudden and lasting growth of its heap, then what the kernel counted besides, then heaps that did not grow.
func Rules() []Rule {
	return []Rule{
		{
			ID: "OT301", Kind: StackOverflow, Title: "A stack outgrew its bound", Holds: stackOverflow,
			Text: "One goroutine or thread recursed until the runtime's bound on a stack was passed. This is a fault of the code and not of the amount of memory.",
			Next: "Read the dump: the frames that repeat are the recursion. Bound its depth; more memory only delays it.",
		},
		{
			ID: "OT302", Kind: ThreadLimit, Title: "No further thread could be made", Holds: threadLimit,
			Text: "The runtime could not start another operating system thread: its own bound, the pids limit of the container or ulimit -u was reached. The heap is not the matter.",
			Next: "Find what blocks in system calls or cgo, each of which holds a thread. Raise pids.max or ulimit -u only when the number of threads is meant to be so high.",
		},
		{
			ID: "OT303", Kind: NotAnOOM, Title: "The process died of something else", Holds: notAnOOM,
			Text: "The log ends with a panic, a fatal error, a fault such as SIGSEGV or an exit that has nothing to do with memory, and nobody saw a kill for want of memory: the kernel's killer sends SIGKILL and nothing else.",
			Next: "Follow the message of the crash. Memory needs no attention for this incident.",
		},
		{
			ID: "OT304", Kind: AddressSpace, Title: "The system refused memory to a process that did not grow", Holds: addressSpace, Beside: everyKind,
			Text: "The runtime asked for memory and the system said no, without a kill: ulimit -v, the number of mappings, strict overcommit, or one single allocation larger than everything that is left.",
			Next: "Compare ulimit -v, vm.max_map_count and vm.overcommit_memory with what the process maps. If one allocation was huge, find the size that it was computed from and bound it.",
		},
		{
			ID: "OT305", Kind: KilledFromOutside, Title: "Somebody ended the process", Holds: killedFromOutside, Beside: everyKind,
			Text: "The process got a signal, and nothing shows a kill for want of memory: a liveness probe, a deployment, a drain, a stop that timed out, an operator. Status 137 alone proves nothing either way: without the log of the kernel, and with nothing that tells how much memory was in use, the verdict is undetermined.",
			Next: "Ask the orchestrator: events of the pod, exit reason, probes, deployments at that minute.",
		},
		{
			ID: "OT207", Kind: LimitLowered, Title: "The limit was set below what was in use", Holds: limitLowered,
			Text: "Somebody or something lowered the limit of the group below what it used at that moment, and the kernel had to kill at once: an autoscaler that resizes in place, systemctl set-property, docker update. The process need not have grown at all.",
			Next: "Find out who changed the limit at that minute, and set it back to the peak and a third. An autoscaler needs a floor that is no lower than the peak of its last days.",
		},
		{
			ID: "OT102", Kind: Spike, Title: "The heap shot up within seconds of the death", Holds: spikes,
			Text: "The live heap was at its usual level until the last few collections, then rose at once by more than it ever does, and the process died. One request, one batch or one query is the usual cause.",
			Next: "Find what came in during the last seconds before the death. Bound its size, stream it, or limit how many run at once. A heap profile of a quiet minute does not show it.",
		},
		{
			ID: "OT103", Kind: Step, Title: "The heap jumped to a new level and stayed there", Holds: stepped,
			Text: "Most of the growth happened in one jump, or in very few, and the heap stayed at the new level: a reload that keeps the old data beside the new, a cache that was filled, a larger tenant.",
			Next: "Look for a reload, a deployment of data or a configuration change at the time of the jump. Drop the old data before loading the new; if the new level is meant, raise the limit.",
		},
		{
			ID: "OT101", Kind: Leak, Title: "The live heap grew without return until the end", Holds: leaks, Beside: []Kind{KilledFromOutside, NotAnOOM, LimitLowered},
			Text: "From the onset on, memory that the collector could not free piled up, more than any swing that recovered before, and it went on to the end. Something is kept that is never let go: entries of a map or cache, goroutines, timers, listeners.",
			Next: "Compare a heap profile from before the onset with one from near the end, and look at the sites that grew. Restarting buys the time from start to onset to death; a larger limit buys only the time that the rate says.",
		},
		{
			ID: "OT201", Kind: SharedMemory, Title: "Shared memory filled the container", Holds: sharedMemory,
			Text: "Most of what the kernel charged to the container is shared memory: files in a tmpfs such as /dev/shm or a volume of medium Memory, or shared mappings. The heap was far below the limit. Killing a process frees none of it while the files stay.",
			Next: "List the tmpfs mounts of the container and what lies in them. Give them a size limit, delete what is not needed, or put the files on a disk.",
		},
		{
			ID: "OT202", Kind: KernelMemory, Title: "Kernel memory filled the container", Holds: kernelMemory,
			Text: "A large part of what was charged to the container is memory of the kernel on its behalf: directory entries and inodes, socket buffers, pipes, page tables. The heap was far below the limit.",
			Next: "Look at slab, sock and pagetables in the kernel's report. Find the leak of files, sockets or mappings, or the scan over millions of files.",
		},
		{
			ID: "OT203", Kind: PageCache, Title: "Page cache that could not be dropped filled the container", Holds: pageCache,
			Text: "Most of what was charged to the container is file cache. That is normally dropped before anything is killed; here it was dirty, locked or being written to a slow disk.",
			Next: "Look for large writes to slow storage, mlock and old kernels. Write in smaller pieces and sync them, or raise the limit for the writer.",
		},
		{
			ID: "OT204", Kind: Neighbour, Title: "Another process held the memory", Holds: neighbour, Beside: everyKind,
			Text: "The kernel's task table shows another process of the same group, or of the machine, with far more memory than the one that was killed or that wrote this log; or it shows many small processes that fill the group together. The victim is innocent.",
			Next: "Look at the process named in the evidence. Give each process a limit of its own, so that the one that grows is the one that is killed. Of many small ones, bound the number of workers.",
		},
		{
			ID: "OT205", Kind: NodePressure, Title: "The whole machine ran out of memory", Holds: nodePressure, Beside: everyKind,
			Text: "The machine had no memory left, or none that the process might use; no container passed its limit. The kernel, a killer such as systemd-oomd or earlyoom, or an eviction by the kubelet ended it. The victim was picked by size and score, and may be innocent.",
			Next: "Sum up what runs on the machine. Requests below real use overcommit it: set requests to what is used, reserve memory for the system, and let eviction act first.",
		},
		{
			ID: "OT206", Kind: ParentLimit, Title: "A limit above the container was reached", Holds: parentLimit, Beside: everyKind,
			Text: "The group whose limit was reached is a parent of the killed process's own group: the sum of all siblings counts. The killed container may have been well within its own limit.",
			Next: "List the siblings with their use. Give each a limit so that the sum fits, or raise the limit of the parent.",
		},
		{
			ID: "OT106", Kind: Thrash, Title: "The collector took most of the time", Holds: thrashes, Beside: everyKind,
			Text: "The heap was so near to what it may use that collections followed each other without end and freed little. The process still answered, slowly, until something gave up on it.",
			Next: "Give the heap room: raise GOMEMLIMIT or -Xmx and the limit together, or hold less. A memory limit for the runtime without room above the live heap turns an out-of-memory kill into this.",
		},
		{
			ID: "OT105", Kind: GoalOvershoot, Title: "The live heap was fine, the next goal was not", Holds: overshoots,
			Text: "The live heap did not grow. But the Go runtime lets the heap grow to its goal before it collects again, by default twice the live heap, and that goal lies beyond the limit.",
			Next: "Set GOMEMLIMIT (Go 1.19 or later) 5 to 10 % below the limit, so that the runtime collects earlier when memory is short; or lower GOGC; or raise the limit to the goal and a tenth.",
		},
		{
			ID: "OT104", Kind: UndersizedLimit, Title: "The limit is too small for the steady load", Holds: undersized,
			Text: "The live heap was level, and near all that it may use. Nothing leaks: the process simply needs more than it was given.",
			Next: "Raise the limit by a third and watch, or make the working set smaller: smaller caches, fewer workers, smaller batches.",
		},
		{
			ID: "OT107", Kind: OffHeap, Title: "The memory was not on the heap", Holds: offHeap,
			Text: "The process was killed at its limit, while its live heap, and the heap with all garbage, were far below. The rest is memory that the collector does not see: stacks, mmap, cgo and C libraries, direct buffers, fragmentation.",
			Next: "Compare the resident size with what the runtime accounts for (runtime/metrics, NMT). Look at stacks, at mappings (pmap), and at allocations of C libraries.",
		},
		{
			ID: "OT208", Kind: CrashLoop, Title: "It dies like this again and again", Holds: crashLoop, Beside: everyKind,
			Text: "The program died, was started again and died in the same way, three times or more and each time within minutes. If every life is over after a few collections, the limit does not hold what a start needs; files in a tmpfs that outlive the process do the same.",
			Next: "Raise the limit until one start succeeds, look at what it loads, and make a start need less. If the group was nearly full before the process began, delete what its earlier lives left in a tmpfs.",
		},
		{
			ID: "OT108", Kind: Healthy, Title: "Nothing points at memory", Holds: healthy,
			Text: "The live heap shows no growth that stays, no jump at the end and no busy collector, and nobody saw a death for want of memory.",
			Next: "If the process did die, add the kernel log and the state of the container: this log alone does not explain it.",
		},
		{
			ID: "OT401", Kind: Undetermined, Title: "The input does not decide it", Holds: undetermined,
			Text: "The process died, or may have died, for want of memory, but what would tell why is not in the input. An engine that says OOMKilled tells that a process was killed, not why; one that says status 137 and OOMKilled=false tells not even that it was not.",
			Next: "Add what would tell. A log of the collections says most: GODEBUG=gctrace=1, -Xlog:gc*, --trace-gc.",
		},
	}
}
