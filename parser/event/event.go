// Package event is the vocabulary of oomtrace: what a log can say, as a closed sum of small structs.
// Dialects make events, the timeline reads them, and nothing in between knows text any more. The
// package imports no other package of the program but unit.
//
// An event is handed around by pointer and belongs to whoever received it; the reader never touches it again.
package event

import (
	"strings"
	"time"

	"oomtrace/parser/unit"
)

// Event is one thing that a log says. The sum is sealed: a type switch over the pointers below is complete.
//
//sumtype:decl
type Event interface {
	// Header gives access to what all events share.
	Header() *Head
	isEvent()
}

// Head is what all events share: where the log says it, when, who wrote it, and which dialect read it.
type Head struct {
	Pos     Pos
	Time    Time
	Stream  *Stream // nil where the file holds the lines of one writer only
	Dialect string
}

// Header returns the head itself, so that embedding it is half of being an Event.
func (h *Head) Header() *Head { return h }

// Pos is a line of an input. Lines count from 1 in the physical file, before any envelope is taken off.
// File is the name the user gave, with "!member" after it inside an archive.
type Pos struct {
	File string
	Line int
}

// Clocks is the set of clocks that a line names.
type Clocks uint8

// The clocks. Only the timeline may put two of them on one axis.
const (
	Wall    Clocks = 1 << iota // a calendar time
	Boot                       // since the kernel booted, without suspend
	Process                    // since the runtime started
)

// Has reports whether all clocks of the set c are named.
func (s Clocks) Has(c Clocks) bool { return s&c == c }

// Assumed says what a wall clock left out and the reader filled in. Every assumption is printed in the report.
type Assumed uint8

// What was assumed about a wall clock.
const (
	AssumedZone Assumed = 1 << iota // no zone in the text: read as UTC unless the user named a zone
	AssumedYear                     // no year in the text: the year the reader was told, see parser.Reader
)

// Time is when a line was written, on each clock that the line and its envelope name. The zero Time says nothing.
type Time struct {
	Has     Clocks
	Assumed Assumed
	Wall    int64         // nanoseconds since the Unix epoch; the envelope's stamp, that is when the line was received
	Boot    time.Duration // kernel time stamp
	Process time.Duration // gctrace @1.2s, JVM uptime
	Step    time.Duration // resolution of the finest clock named; 0 is unknown

	WallStep time.Duration // resolution of the wall clock: how many digits the log gave; 0 is unknown
}

// WallTime returns the wall clock in UTC. It panics if the line names none, as that is a bug of the caller.
func (t Time) WallTime() time.Time {
	if !t.Has.Has(Wall) {
		panic("event: no wall clock")
	}
	return time.Unix(0, t.Wall).UTC()
}

// Stream names one writer of a file that holds the lines of several, as the envelopes tell it. Envelopes
// intern their streams: two lines of one writer carry the same pointer.
type Stream struct {
	Host        string
	Unit        string // systemd unit or syslog tag
	Namespace   string
	Pod         string
	PodUID      string
	Container   string
	ContainerID string
	Pipe        string // stdout or stderr
	PID         int    // 0 is unknown

	// What the lines themselves say where one process holds several heaps, or several processes share a pipe.
	OwnPID  int    // the process as it sees itself: in a container not the id that the kernel names; 0 is unknown
	Isolate string // address of a V8 isolate, lower case without 0x: a worker has one of its own
}

// Collector names a garbage collector family.
type Collector string

// The collectors, as they are named in JSON.
const (
	Go         Collector = "go"
	Serial     Collector = "serial"
	Parallel   Collector = "parallel"
	CMS        Collector = "cms"
	G1         Collector = "g1"
	ZGC        Collector = "zgc"
	Shenandoah Collector = "shenandoah"
	Epsilon    Collector = "epsilon"
	V8         Collector = "v8"
	ART        Collector = "art"
)

// Scope is the part of the heap that a collection looked at. Only some scopes show the live set.
type Scope string

// The scopes, as they are named in JSON.
const (
	Whole Scope = "whole"
	Old   Scope = "old"
	Mixed Scope = "mixed"
	Young Scope = "young"
)

// Area is one area of a generational heap, before and after a collection.
type Area struct {
	Before, After, Committed unit.Size
}

// Span is a duration that a log may have left out; its zero value is unknown.
type Span struct {
	Known bool
	D     time.Duration
}

// Took returns the Span that states d.
func Took(d time.Duration) Span { return Span{true, d} }

// GC is one garbage collection.
type GC struct {
	Head
	Collector Collector
	Scope     Scope
	Kind      string // as the log says, "Pause Full"; empty for Go
	Cause     string // as the log says, "Ergonomics"
	Cycle     int64  // the log's own number of the collection; meaningful if Numbered
	Numbered  bool
	Forced    bool // asked for by the program
	Mended    bool // the line was torn by other writers and put together again
	Marking   bool // a pause in which a cycle marks and frees nothing: its sizes are what was in use, garbage included

	Before     unit.Size // heap when the collection began
	Peak       unit.Size // largest heap during the collection
	After      unit.Size // heap when it ended
	Live       unit.Size // what the collection found alive; unknown where the log does not show it
	LivePrev   unit.Size // Go 1.3 and 1.4: live heap of the cycle before, as this line says it
	Goal       unit.Size // Go: the heap size at which this collection was due to end
	Committed  unit.Size
	Capacity   unit.Size
	Stacks     unit.Size // Go 1.18 and later
	Globals    unit.Size // Go 1.18 and later
	Old, Young Area
	Metaspace  Area
	ClassSpace Area // JVM: the part of Metaspace that compressed class pointers reach

	Pause      Span // stop-the-world time
	CPU        Span // CPU time of the collection, idle marking left out
	Wall       Span // from the first phase to the last, concurrent phases included
	Procs      int  // Go: GOMAXPROCS, the "P" of the line; 0 is unknown
	Goroutines int  // Go 1.4; 0 is unknown
	Step       unit.Bytes
}

// Constraint says which bound an out-of-memory kill of the kernel enforced.
type Constraint string

// The constraints, as they are named in JSON. The empty one is unknown (kernels before 5.0 do not say).
const (
	ConstraintMemcg  Constraint = "memcg"
	ConstraintNone   Constraint = "none"
	ConstraintCpuset Constraint = "cpuset"
	ConstraintPolicy Constraint = "memory-policy"
)

// Kill is one out-of-memory report of the kernel, with or without a victim.
type Kill struct {
	Head
	Host        string
	Kernel      string // release, "6.12.43+deb13-amd64"
	Constraint  Constraint
	Global      bool
	Trigger     Task // the task that asked for memory: name, and pid where known
	GFP         string
	Order       int
	OOMMemcg    string // the group whose limit was hit
	TaskMemcg   string // the group of the victim
	Usage       unit.Size
	Limit       unit.Size // unknown also where the kernel prints its "unlimited"
	FailCount   int64
	SwapUsage   unit.Size
	SwapLimit   unit.Size
	Stats       []Stat // memory by kind, of the group or in a global report of the machine, in the order of the report
	Victims     []Victim
	Tasks       []Task // the task table
	Page        unit.Size
	PageAssumed bool      // the report does not tell its page size: 4 KiB was taken
	RAM         unit.Size // memory that the kernel manages, in a global report
	NoKillable  bool      // the kernel found no process that it may kill
	Lowered     bool      // the limit was set below the usage
	Suppressed  int64     // reports that the kernel's rate limit swallowed before this one
	Repeats     int       // how many equal reports this event stands for, 1 or more
	PodUID      string
	ContainerID string
	// Lines of the report that carry a fact of their own, so that evidence can point at them.
	UsageAt, ConstraintAt, KilledAt Pos
}

// Stat is one named amount of memory in a kernel report.
type Stat struct {
	Name string
	Size unit.Bytes
}

// Victim is a killed process as the "Killed process" line describes it.
type Victim struct {
	PID      int
	Name     string
	UID      int
	HasUID   bool
	TotalVM  unit.Size
	Anon     unit.Size
	File     unit.Size
	Shmem    unit.Size
	ScoreAdj int
	HasAdj   bool
}

// Task is a row of the kernel's task table, or the task that triggered the report.
type Task struct {
	PID      int
	Name     string
	RSS      unit.Size
	TotalVM  unit.Size
	ScoreAdj int
}

// OOMKind says what a runtime ran out of.
type OOMKind string

// What a runtime can run out of, as it is named in JSON.
const (
	OOMHeap         OOMKind = "heap"          // the collected heap, or memory for it
	OOMAddressSpace OOMKind = "address-space" // mmap refused, ulimit -v, page summary
	OOMThreads      OOMKind = "threads"
	OOMStack        OOMKind = "stack"
	OOMNative       OOMKind = "native"
	OOMOverhead     OOMKind = "gc-overhead"   // JVM: collections took almost all the time and freed almost nothing
	OOMArray        OOMKind = "array-size"    // JVM: one array longer than the VM can address, however much is free
	OOMMetaspace    OOMKind = "metaspace"     // JVM: class metadata
	OOMClassSpace   OOMKind = "class-space"   // JVM: the part of the metaspace that compressed class pointers reach
	OOMDirect       OOMKind = "direct-memory" // JVM: buffers outside of the heap, -XX:MaxDirectMemorySize
	OOMPermGen      OOMKind = "perm-gen"      // JVM before 8: class metadata and interned strings
)

// RuntimeOOM is a runtime that gave up for want of memory, threads or stack.
type RuntimeOOM struct {
	Head
	Runtime   string // go, jvm, v8, art
	Kind      OOMKind
	Message   string    // the runtime's own words, one line
	Requested unit.Size // the allocation that failed
	InUse     unit.Size // what the runtime says it held
	Bound     int64     // the bound that was passed: threads, or bytes of stack or of direct memory; 0 is unknown
	Fatal     bool      // JVM: the log says that the process ends for it; without, a thread may have survived
	PID       int       // 0 is unknown
}

// EndKind says how a process ended.
type EndKind string

// How a process can end, as it is named in JSON.
const (
	EndPanic  EndKind = "panic"  // an uncaught panic or exception, not for want of memory
	EndFatal  EndKind = "fatal"  // a fatal error of the runtime, not for want of memory
	EndSignal EndKind = "signal" // a signal, see Signal
	EndExit   EndKind = "exit"   // an orderly or disorderly exit, see Code
)

// ProcessEnd is the end of a process as its own output, its parent or its shell tells it.
type ProcessEnd struct {
	Head
	Runtime string // empty if unknown
	Kind    EndKind
	Message string
	Signal  string // SIGKILL, SIGQUIT ...
	Code    int
	HasCode bool
	PID     int // 0 is unknown
}

// Fault reports whether the process got a signal for a fault of its own: an address that is not there, an instruction that
// is none, a division by zero, on Windows any exception. Go prints SIGABRT and SIGTRAP that somebody sent; Android's
// tombstones show those that the process raised itself.
func (e *ProcessEnd) Fault() bool {
	if e.Kind != EndSignal {
		return false
	}
	switch e.Signal {
	case "SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGSYS":
		return true
	case "SIGABRT", "SIGTRAP":
		return e.Runtime == "art"
	}
	return strings.HasPrefix(e.Signal, "EXCEPTION_")
}

// Dump is a block of diagnostic output: a goroutine dump, an hs_err file, a tombstone.
type Dump struct {
	Head
	Runtime    string
	Kind       string     // goroutine-dump, hs_err
	Lines      int        // physical lines of the block
	Goroutines int        // goroutines in it
	Cut        bool       // the log ends inside the block
	JVM        *JVMReport // the sections of an hs_err file, else nil
}

// Sample is a reading of memory that is no collection: scavenger lines, Prometheus, earlyoom.
type Sample struct {
	Head
	Runtime string // go, jvm, v8, art; empty if the reading does not tell
	Values  []Value
}

// Value is one reading of a Sample. Its name tells the unit by its ending: _bytes, _ratio, or none for a count.
type Value struct {
	Name string
	V    float64
}

// Setting is a limit or a flag that a log states: a heap limit on the command line of a JVM, the memory of a container.
//
// The engine that started a container states the settings in its environment and its arguments too. Head.Stream then names
// the container as far as the engine knows it (Namespace, Pod, PodUID, Container, ContainerID) and is no stream of the input:
// compare the names, not the pointer. Of several that set the same for one container, the last is in force.
type Setting struct {
	Head
	Runtime string // jvm, v8, go; empty if it is not a runtime's
	Name    SettingName
	Text    string    // as the log says: "-XX:MaxHeapSize=67108864"
	Size    unit.Size // unknown where the setting is no size
	PID     int       // 0 is unknown
}

// SettingName says what a Setting bounds or selects, whatever the log calls it.
type SettingName string

// The settings, as they are named in JSON.
const (
	MaxHeap       SettingName = "max-heap"        // -Xmx, --max-old-space-size
	InitialHeap   SettingName = "initial-heap"    // -Xms
	RegionSize    SettingName = "region-size"     // of G1, Shenandoah
	MemoryLimit   SettingName = "memory-limit"    // of the container or the machine, as the process sees it
	SoftLimit     SettingName = "soft-limit"      // GOMEMLIMIT; the size is unknown where it is off or no size that Go reads
	GCPercent     SettingName = "gc-percent"      // GOGC, as Text: GOGC=50
	MaxMetaspace  SettingName = "max-metaspace"   // -XX:MaxMetaspaceSize
	MaxClassSpace SettingName = "max-class-space" // -XX:CompressedClassSpaceSize
	MaxDirect     SettingName = "max-direct"      // -XX:MaxDirectMemorySize
	CollectorName SettingName = "collector"       // which garbage collector runs
	VersionName   SettingName = "version"         // of the runtime
	FlagName      SettingName = "flag"            // any other flag that matters to a verdict, as Text
)

// Problem is a line that a dialect claimed and could not read, or an envelope that broke. Nothing that
// was claimed is ever dropped without one.
type Problem struct {
	Head
	Message string // lower case, what was found and what was wanted
	Text    string // the beginning of the line, for the report; hostile
}

func (*GC) isEvent()         {}
func (*Kill) isEvent()       {}
func (*RuntimeOOM) isEvent() {}
func (*ProcessEnd) isEvent() {}
func (*Dump) isEvent()       {}
func (*Sample) isEvent()     {}
func (*Setting) isEvent()    {}
func (*Problem) isEvent()    {}
