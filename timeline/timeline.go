// Package timeline turns the events of one incident into runs of processes on one clock: which cycles belong to
// one life of one process, when each life began and ended, which memory limit was in force, and what ended it.
// It opens no file, reads no clock and draws no conclusion about growth: that is inflection's work.
package timeline

import (
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// Options say what the user knows and the logs may not. The zero value is usable.
type Options struct {
	Limit unit.Size         // --limit
	Env   map[string]string // --env: the environment of the process that died
	Start time.Time         // --start: wall time of the first cycle; zero is unknown
}

// Timeline is one incident on one clock.
type Timeline struct {
	Runs    []*Run
	Primary int // index in Runs of the run that the incident is about; -1 where there is no cycle at all
	Limit   Limit
	Limits  []Limit // every limit that something stated, the one in force included
	Death   Death
	Ties    []Tie
	Series  []Series // readings beside the collections, or instead of them

	Workload  Workload // what engines say of the container, unit or job
	Conflicts []Note   // where two witnesses contradict each other, and whom to believe
	Ends      []*End   // the deaths that witnesses tell of, that of the incident first

	Events []event.Event // everything but collections and problems, in the order of the input
	Files  []string      // names of the inputs; Cycle.File indexes it
	Notes  []Note        // what was assumed or contradicts, for the report

	// SoftStated says that something states GOMEMLIMIT: a size, or off.
	SoftStated bool

	// NoCollector says that the stated environment turns Go's collector off: GOGC=off, and no GOMEMLIMIT.
	NoCollector bool

	JVM JVMSigns
}

// PrimaryRun returns the run that the incident is about, or nil.
func (t *Timeline) PrimaryRun() *Run {
	if t.Primary < 0 || t.Primary >= len(t.Runs) {
		return nil
	}
	return t.Runs[t.Primary]
}

// Run is one life of one process: the collections between its start and its end.
type Run struct {
	Index      int
	Runtime    string // go, jvm, v8, art
	Collector  event.Collector
	Version    string // what the shape of the lines tells: "1.18 to 1.26"; empty is unknown
	PID        int    // 0 is unknown
	Stream     *event.Stream
	Cycles     Cycles
	Basis      Basis  // what Live of the cycles rests on; FromLog where they are collections
	Read       string // the value that was read where they are not: next_gc_bytes
	Clock      Clock
	Start      time.Time  // wall time at zero of the run's clock, UTC; zero where no clock could be tied
	Step       unit.Bytes // resolution of the sizes in the log
	Factor     Factor
	ClassSpace bool          // Beside of its cycles is the class space alone, as committed: the process died of that
	Restarted  bool          // another run of the same process follows
	Unnumbered bool          // the log numbers no cycles, so that a restart may have gone unseen
	Mended     int           // cycles put together from torn lines
	turned     bool          // the file holds the newest line first
	also       []uint16      // other files of the same process
	gauge      *gauge        // who was read, where the cycles are readings
	fromReport bool          // its cycles are the history in a crash report
	guess      event.Assumed // what was assumed about the stamps of the lines
}

// Clock says what the At of a run's cycles counts from.
type Clock uint8

// The clocks of a run.
const (
	SinceStart Clock = iota // the process clock of the log
	SinceFirst              // a wall or boot clock, from the first event of the run on
	ByNumber                // no clock at all: one second a cycle, and the report says so
)

// Cycle is one collection, kept small: a log of a million cycles is judged in memory.
type Cycle struct {
	At        time.Duration // on the run's clock, when the line was written
	Live      unit.Bytes    // what the collection left alive, as well as the log shows it
	Peak      unit.Bytes    // largest heap seen in the collection, at least Live
	Goal      unit.Bytes    // 0 where the log has none
	N         uint32        // the log's own number, or the count of cycles in the run
	Line      uint32
	CPU       float32 // CPU seconds of the collection, idle marking left out
	Pause     float32 // seconds with the program stopped
	Wall      float32 // seconds from the first phase to the last, concurrent phases included; 0 where the log has none
	Old       uint32  // KiB in the old generation after the collection; 0 where the log has none
	OldRoom   uint32  // KiB that the old generation could grow to, or had; 0 where the log has none
	Beside    uint32  // KiB that the log counts beside the heap: stacks of a Go program, class metadata of a JVM
	Extra     uint32  // goroutines of a Go program, or KiB committed to the class space of a JVM
	File      uint16
	Procs     uint16
	stampHigh int16 // upper and lower part of the stamp, see stamp and setStamp
	Scope     Scope
	Flags     Flags
	stampLow  uint32
}

// Scope is event.Scope in one byte.
type Scope uint8

// The scopes of a cycle.
const (
	Whole Scope = iota
	Old
	Mixed
	Young
)

// Flags are the yes-or-no facts of a cycle.
type Flags uint8

// The flags.
const (
	Forced     Flags = 1 << iota // asked for by the program
	Mended                       // from a torn line
	LiveGuess                    // Live is not this cycle's own: Go 1.3 and 1.4 print it one cycle late
	WallTied                     // the line had a wall clock of its own
	BeforeKill                   // after the death: a release that the unwinding of the process caused
	bootStamp                    // the stamp is of the boot clock
	lateLive                     // Live is of the cycle before; until the run is finished
)

// Factor is the pacer's k: the goal of a cycle over the live heap of the cycle before. A Go process without
// GOMEMLIMIT needs k times its live heap.
type Factor struct {
	Known     bool
	K         float64 // median over the run
	Estimated bool    // the log has no goals, or no cycles: K is what the sizes or GOGC say
	// Follows says that the goal follows the live heap; where it does not, GOMEMLIMIT holds it down and Plateau is where.
	Follows bool
	Plateau unit.Size
}

// Limit is a bound on memory and who states it.
type Limit struct {
	Size        unit.Size // unknown where nothing states a limit
	From        string    // flag, memcg, xmx, gomemlimit, docker, kubernetes, systemd, v8-flag
	Source      event.Pos // zero for a flag
	ConfirmedBy event.Pos // another witness of the same size; zero if none
}

// DeathKind says what ended the incident.
type DeathKind string

// The ends, as they are named in JSON.
const (
	MemcgKill     DeathKind = "memcg-kill"
	GlobalKill    DeathKind = "global-kill"
	UserspaceKill DeathKind = "userspace-kill"
	Eviction      DeathKind = "eviction"
	RuntimeOOM    DeathKind = "runtime-oom"
	Signal        DeathKind = "signal"
	Exit          DeathKind = "exit"
	LogEnds       DeathKind = "log-ends"
	NoDeath       DeathKind = "none"
)

// Death is what ended the incident.
type Death struct {
	Kind        DeathKind
	At          time.Duration // on the clock of the primary run; where not Timed, its last cycle: death came no earlier
	Timed       bool          // some line ties the clock of the death to the clock of the run
	Time        event.Time    // Wall is the best estimate, not the receive stamp, where a tie tells better
	PID         int
	Name        string
	Cgroup      string
	ContainerID string
	PodUID      string
	RSS         unit.Size
	Event       event.Event // the kernel's, the runtime's, the process's own or an engine's word; nil where the log just ends
	Kills       int         // kernel reports of this incident, repeats included; those without a victim only where none has one
	Guessed     bool        // several kills or logs fit each other, and nothing names the one that is of the other
	Child       bool        // a process in the container was killed, and an engine says that the container went on or ended otherwise
}

// Claimed reports whether only an engine tells of the end: no line of the kernel, the runtime or the process itself does.
func (d Death) Claimed() bool {
	switch d.Event.(type) {
	case *event.ContainerStatus, *event.ContainerEvent:
		return true
	case *event.GC, *event.Kill, *event.RuntimeOOM, *event.ProcessEnd, *event.Dump, *event.Sample, *event.Setting, *event.Problem, nil:
	}
	return false
}

// Manual reports whether somebody made the kernel kill (SysRq f, /proc/sysrq-trigger), with or without want of memory:
// the kernel prints order=-1 then (mm/oom_kill.c, is_sysrq_oom).
func (d Death) Manual() bool {
	k, ok := d.Event.(*event.Kill)
	return ok && k.Order == -1
}

// Memory reports whether the end is a death for want of memory that some witness saw.
func (d Death) Memory() bool {
	switch d.Kind {
	case MemcgKill, UserspaceKill, Eviction, RuntimeOOM:
		return true
	case GlobalKill:
		return !d.Manual()
	case Signal, Exit, LogEnds, NoDeath:
	}
	return false
}

// Tie is how two clocks were put on one axis.
type Tie struct {
	Run    int // index in Timeline.Runs
	From   string
	To     string
	Offset time.Duration // To minus From
	Source event.Pos     // the line that names both clocks
	Text   string        // one sentence for the report
}

// Note is something that the report must say: an assumption, a contradiction, a doubt.
type Note struct {
	Text   string
	Source event.Pos // zero where no line is to blame
}

// Cycles is a list of cycles in blocks, so that appending to a long one copies nothing. The zero value is empty.
type Cycles struct {
	blocks [][]Cycle
	n      int
}

const blockSize = 1 << 12

// Append adds a cycle at the end.
func (c *Cycles) Append(x Cycle) {
	if c.n%blockSize == 0 {
		size := blockSize
		if c.n == 0 {
			size = 8
		}
		c.blocks = append(c.blocks, make([]Cycle, 0, size))
	}
	last := &c.blocks[len(c.blocks)-1]
	*last = append(*last, x)
	c.n++
}

// Len returns the number of cycles.
func (c *Cycles) Len() int { return c.n }

// At returns the cycle with index i, to read or to change in place.
func (c *Cycles) At(i int) *Cycle { return &c.blocks[i/blockSize][i%blockSize] }
