package event

// Names of the values of a Sample that the timeline follows, whatever the log calls them. Amounts are in bytes. A Sample may
// hold values of other names; they are printed and not followed.
const (
	// Of a process.
	ValueRSS        = "rss_bytes"         // resident set
	ValuePeakRSS    = "peak_rss_bytes"    // largest resident set so far, VmHWM
	ValueHeapAlloc  = "heap_alloc_bytes"  // objects on the heap, with garbage that was not swept yet
	ValueHeapInUse  = "heap_inuse_bytes"  // spans and pages that hold objects
	ValueHeapSys    = "heap_sys_bytes"    // what the heap has of the system: committed memory
	ValueHeapLimit  = "heap_limit_bytes"  // what the heap may grow to
	ValueHeapLive   = "heap_live_bytes"   // what the last collection of the whole or the old heap left
	ValueOldGen     = "old_gen_bytes"     // objects in the old generation, with garbage
	ValueNextGC     = "next_gc_bytes"     // Go: the heap size at which the next collection ends
	ValueRuntimeSys = "runtime_sys_bytes" // all that the runtime has of the system
	ValueStacks     = "stacks_bytes"      // of goroutines
	ValueNonHeap    = "non_heap_bytes"    // JVM: class metadata and code
	ValueDirect     = "direct_bytes"      // buffers outside of the heap that the runtime counts
	ValueGCs        = "gc_cycles"         // collections so far
	ValueGoroutines = "goroutines"
	ValueThreads    = "threads"

	// Of a container, or a group of processes.
	ValueUsage      = "usage_bytes"       // all that is charged, page cache included
	ValuePeakUsage  = "peak_usage_bytes"  // largest usage so far
	ValueWorkingSet = "working_set_bytes" // usage less the page cache that is easy to drop
	ValueAnon       = "anon_bytes"
	ValueFile       = "file_bytes" // page cache
	ValueShmem      = "shmem_bytes"
	ValueKernel     = "kernel_bytes"
	ValueSwap       = "swap_bytes"
	ValueLimit      = "limit_bytes"
	ValueOOMKills   = "oom_kills" // since the group was made
	ValueRestarts   = "restarts"

	// Of a machine.
	ValueTotal     = "machine_total_bytes"
	ValueAvailable = "machine_available_bytes"
	ValueSwapFree  = "machine_swap_free_bytes"

	// Moments, in seconds since the Unix epoch.
	ValueStarted = "start_unix_seconds"   // when the process started
	ValueLastGC  = "last_gc_unix_seconds" // when its last collection ended
)

// Followed returns the names that the timeline follows as series, in the order in which reports list them.
func Followed() []string {
	return []string{
		ValueRSS, ValuePeakRSS, ValueHeapAlloc, ValueHeapInUse, ValueHeapSys, ValueHeapLimit, ValueHeapLive, ValueOldGen, ValueNextGC,
		ValueRuntimeSys, ValueStacks, ValueNonHeap, ValueDirect, ValueGCs, ValueGoroutines, ValueThreads,
		ValueUsage, ValuePeakUsage, ValueWorkingSet, ValueAnon, ValueFile, ValueShmem, ValueKernel, ValueSwap, ValueLimit, ValueOOMKills, ValueRestarts,
		ValueTotal, ValueAvailable, ValueSwapFree,
	}
}
