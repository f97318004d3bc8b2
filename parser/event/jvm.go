package event

import (
	"strings"

	"oomtrace/parser/unit"
)

// JVMReport is what an hs_err file says about a Java virtual machine at its death, and about the machine under it.
// Sizes are in bytes. A number that is 0 is unknown or, among the limits, not limited.
type JVMReport struct {
	PID       int
	Error     string // the reason in the header: "SIGSEGV (0xb) at pc=...", "fatal error: OutOfMemory encountered: Java heap space"
	Frame     string // the problematic frame, in the header
	Version   string // of the runtime: "25.0.3+9", "8.0_504-b01"
	Platform  string // "linux-amd64", "windows-amd64", "bsd-aarch64"
	Collector Collector
	Uptime    Span // "elapsed time": in the summary, JDK 11 and later, at the end of the file in JDK 8
	Starting  bool // the VM was not fully initialised yet

	Native     NativeRequest
	Heap       Space // "Heap:" of the section PROCESS, all generations together; Reserved is the largest heap allowed
	Young, Old Space // of collectors that have one area for each: Serial, Parallel, CMS
	Metaspace  Space // with the class space
	ClassSpace Space
	HeapBase   uint64 // address where the heap begins
	OopsMode   string // compressed references: "32-bit", "Zero based, Oop shift amount: 3"; empty if not used

	// "OutOfMemory and StackOverflow Exception counts": thrown since the start, caught or not.
	HeapOOMs, MetaspaceOOMs, ClassSpaceOOMs, StackOverflows int64

	Threads   JVMThreads
	Process   JVMProcess
	Limits    JVMLimits
	Machine   JVMMachine
	Container JVMContainer
	NMT       []NMTCategory // "Native Memory Tracking:", the total first, then in the order of the file
}

// Space is memory that a JVM manages: what is used of it, backed by the system, and set aside in addresses.
type Space struct {
	Used, Committed, Reserved unit.Size
}

// NativeRequest is the request to the system that failed, in the header of a native out of memory.
type NativeRequest struct {
	Call string    // malloc, mmap, mprotect; "thread" where no thread could be made
	Size unit.Size // of the request
	For  string    // what it was for, in the JVM's words: "committing reserved memory", "AllocateHeap"
}

// JVMThreads sums the lists of threads of the section PROCESS.
type JVMThreads struct {
	Java   int       // Java threads
	VM     int       // threads of the VM itself
	Stacks unit.Size // address space that the stacks of all listed threads take
	Groups []ThreadGroup
}

// ThreadGroup is a group of Java threads whose names differ in their numbers only, as those of a pool do.
type ThreadGroup struct {
	Name  string // with # for each number: "pool-#-thread-#"
	Count int
}

// JVMProcess is "Process Memory:" of the section SYSTEM, JDK 11 and later on Linux, and the lines after "Memory:" on
// Windows, which say RSS, PeakRSS and Private only.
type JVMProcess struct {
	Virtual       unit.Size
	RSS           unit.Size
	PeakRSS       unit.Size
	Anon          unit.Size // part of RSS
	File          unit.Size // part of RSS
	Shmem         unit.Size // part of RSS; the heap of ZGC is here
	Swapped       unit.Size
	CHeap         unit.Size // what malloc gave out
	CHeapRetained unit.Size // what malloc keeps
	Private       unit.Size // Windows: commit charge of the process
}

// JVMLimits are the limits of the section SYSTEM, and how much of the number of mappings was in use. Of a soft and
// a hard limit it is the soft one.
type JVMLimits struct {
	AddressSpace unit.Size // rlimit AS
	Data         unit.Size // rlimit DATA
	Processes    int64     // rlimit NPROC
	ThreadsMax   int64     // /proc/sys/kernel/threads-max
	PIDMax       int64     // /proc/sys/kernel/pid_max
	MaxMapCount  int64     // /proc/sys/vm/max_map_count
	Maps         int64     // mappings of the process, "Dynamic libraries:"
	DeletedMaps  int64     // of them those of files that are deleted
}

// JVMMachine is /proc/meminfo and the line "Memory:" of the section SYSTEM. Inside a container Physical and Free are
// those of the container, the others those of the host.
type JVMMachine struct {
	Physical, Free       unit.Size // "Memory:"
	SwapTotal, SwapFree  unit.Size
	MemTotal, MemFree    unit.Size
	Available            unit.Size // MemAvailable
	CommitLimit          unit.Size // Linux: the bound with vm.overcommit_memory=2 only; Windows: memory and paging file, always the bound
	CommittedAS          unit.Size
	Balloon              unit.Size // taken by the hypervisor
	Cached, Shmem, Slabs unit.Size
}

// JVMContainer is "container (cgroup) information:" of the section SYSTEM.
type JVMContainer struct {
	Type     string    // cgroupv1, cgroupv2; empty without a container
	Limit    unit.Size // unknown where it is unlimited
	Swap     unit.Size // limit of memory and swap together
	Usage    unit.Size
	MaxUsage unit.Size
	RSS      unit.Size // JDK 25 and later
	Cache    unit.Size // JDK 25 and later
	Tasks    int64     // processes and threads in it
	TasksMax int64
}

// NMTCategory is one category of the JVM's native memory tracking.
type NMTCategory struct {
	Name                string // "Total", "Java Heap", "Other"
	Reserved, Committed unit.Bytes
}

// Failed splits the problematic frame into the letter of its kind and the place: V is the JVM itself, v its stubs, C a native
// library, J compiled, j interpreted Java. The place is a method, or "newEntry+0x68 of libzip.so". Both are empty where the
// report names none. HotSpot writes frames in frame::print_on_error.
func (r *JVMReport) Failed() (kind, place string) {
	fields := strings.Fields(r.Frame)
	if len(fields) < 2 {
		return "", ""
	}
	kind, fields = fields[0], fields[1:]
	if inside, ok := strings.CutPrefix(fields[0], "["); ok {
		library, _, _ := strings.Cut(strings.TrimSuffix(inside, "]"), "+0x")
		return kind, strings.TrimPrefix(strings.Join(append(fields[1:], "of", library), " "), "of ")
	}
	for _, f := range fields {
		if strings.Contains(f, ".") && strings.Contains(f, "(") {
			return kind, f
		}
	}
	return kind, strings.Join(fields, " ")
}
