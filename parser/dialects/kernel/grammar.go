package kernel

import (
	"github.com/alecthomas/participle/v2"

	"oomtrace/parser/shape"
)

// The grammars read the regular part of a line. Names of tasks and groups are free text and may hold anything, so
// they are cut out by what stands around them before a grammar sees the line.

// headerTail is what follows " invoked oom-killer: ".
type headerTail struct {
	Mask   string   `parser:"'gfp_mask' '=' @( Digits Word? ( '(' ( Word | Digits | '|' )* ')' )? )"`
	Nodes  string   `parser:"( ',' 'nodemask' '=' @( '(' 'null' ')' | Digits ( ( ',' | '-' ) Digits )* ) )?"`
	Order  *signed  `parser:"( ',' 'order' '=' @@ )?"`
	Adjust []adjust `parser:"( ',' @@ )*"`
}

type adjust struct {
	Name  string `parser:"@( 'oomkilladj' | 'oom_adj' | 'oom_score_adj' ) '='"`
	Value signed `parser:"@@"`
}

type signed struct {
	Minus bool      `parser:"@'-'?"`
	Value shape.Num `parser:"@@"`
}

func (s signed) int() int {
	if s.Minus {
		return -int(s.Value.Int())
	}
	return int(s.Value.Int())
}

// cpuPart is the part of the CPU line from the pid to the name of the task.
type cpuPart struct {
	PID shape.Num `parser:"( 'PID' | 'Pid' ) ':' @@ ','? ( 'Comm' | 'comm' ) ':'"`
}

// usageLine is one counter of a memory cgroup with its limit.
type usageLine struct {
	Name  string    `parser:"@( 'memory' ( '+' 'swap' )? | 'swap' | 'kmem' ) ':'"`
	Usage shape.Num `parser:"'usage' @@ 'kB' ','"`
	Limit shape.Num `parser:"'limit' @@ 'kB' ','"`
	Fails shape.Num `parser:"'failcnt' @@"`
}

// statLine is one entry of memory.stat, in bytes or events.
type statLine struct {
	Name  string    `parser:"@Word"`
	Value shape.Num `parser:"@@"`
}

// statList is all entries of one group on one line, in KiB.
type statList struct {
	Stats []statKB `parser:"@@+"`
}

type statKB struct {
	Name  string    `parser:"@Word ':'"`
	Value shape.Num `parser:"@@ ( 'KB' | 'kB' )"`
}

// pageList is a line of Mem-Info, in pages.
type pageList struct {
	Counts []pageCount `parser:"@@+"`
}

type pageCount struct {
	Name  string    `parser:"@Word ':'"`
	Value shape.Num `parser:"@@"`
}

// pagesLine is "98168 pages RAM".
type pagesLine struct {
	Value shape.Num `parser:"@@ 'pages'"`
	Name  string    `parser:"@Word"`
}

// swapLine is "Free swap  = 0kB".
type swapLine struct {
	Name  string    `parser:"@( 'Free' | 'Total' ) 'swap' '='"`
	Value shape.Num `parser:"@@ 'kB'"`
}

// buddyPart is the beginning of a list of free blocks; the smallest block is a page.
type buddyPart struct {
	Node shape.Num `parser:"'Node' @@ Word ':'"`
	Free shape.Num `parser:"@@ '*'"`
	Page shape.Num `parser:"@@ 'kB'"`
}

// highPart is the beginning of the state of the high memory of a 32-bit machine, of one node of it where there are several.
type highPart struct {
	Node *shape.Num `parser:"( 'Node' @@ )?"`
	Free shape.Num  `parser:"'HighMem' 'free' ':' @@ 'kB'"`
}

// taskRow is a row of the task table up to the name.
type taskRow struct {
	PID   shape.Num `parser:"'[' @@ ']'"`
	Cells []signed  `parser:"@@+"`
}

// constraintPart is the beginning of the oom-kill line.
type constraintPart struct {
	Constraint string `parser:"'oom' '-' 'kill' ':' 'constraint' '=' @Word"`
}

// chosenPart is the end of the oom-kill line.
type chosenPart struct {
	PID shape.Num `parser:"',' 'pid' '=' @@"`
	UID shape.Num `parser:"',' 'uid' '=' @@"`
}

// processPart names a process up to its name in parentheses.
type processPart struct {
	PID shape.Num  `parser:"( 'Killed' | 'Kill' ) 'process' @@"`
	UID *shape.Num `parser:"( ',' 'UID' @@ ',' )? '('"`
}

// killedTail is what follows the name of a killed process.
type killedTail struct {
	UID   *shape.Num   `parser:"( ',' 'UID' @@ )? ','?"`
	Facts []killedFact `parser:"( @@ ','? )*"`
}

type killedFact struct {
	Name  string `parser:"@( Word ( '-' Word )? ) ':'"`
	Value signed `parser:"@@ 'kB'?"`
}

// suppressedLine tells how many reports the kernel's rate limit swallowed.
type suppressedLine struct {
	Count shape.Num `parser:"'oom_kill_process' ':' @@ 'callbacks' 'suppressed'"`
}

var (
	headers     = grammar[headerTail]()
	cpus        = grammar[cpuPart]()
	usages      = grammar[usageLine]()
	stats       = grammar[statLine]()
	statLists   = grammar[statList]()
	pageLists   = grammar[pageList]()
	pages       = grammar[pagesLine]()
	swaps       = grammar[swapLine]()
	buddies     = grammar[buddyPart]()
	highs       = grammar[highPart]()
	rows        = grammar[taskRow]()
	constraints = grammar[constraintPart]()
	chosens     = grammar[chosenPart]()
	processes   = grammar[processPart]()
	tails       = grammar[killedTail]()
	suppressed  = grammar[suppressedLine]()
)

func grammar[T any]() *shape.Grammar[T] {
	return shape.New[T](participle.Elide("Space"), participle.UseLookahead(4))
}

// caches holds one cache for each grammar.
type caches struct {
	header     *shape.Cache[headerTail]
	cpu        *shape.Cache[cpuPart]
	usage      *shape.Cache[usageLine]
	stat       *shape.Cache[statLine]
	statList   *shape.Cache[statList]
	pageList   *shape.Cache[pageList]
	pages      *shape.Cache[pagesLine]
	swap       *shape.Cache[swapLine]
	buddy      *shape.Cache[buddyPart]
	high       *shape.Cache[highPart]
	row        *shape.Cache[taskRow]
	constraint *shape.Cache[constraintPart]
	chosen     *shape.Cache[chosenPart]
	process    *shape.Cache[processPart]
	tail       *shape.Cache[killedTail]
	suppressed *shape.Cache[suppressedLine]
}

func newCaches() caches {
	return caches{
		header:     headers.Cache(),
		cpu:        cpus.Cache(),
		usage:      usages.Cache(),
		stat:       stats.Cache(),
		statList:   statLists.Cache(),
		pageList:   pageLists.Cache(),
		pages:      pages.Cache(),
		swap:       swaps.Cache(),
		buddy:      buddies.Cache(),
		high:       highs.Cache(),
		row:        rows.Cache(),
		constraint: constraints.Cache(),
		chosen:     chosens.Cache(),
		process:    processes.Cache(),
		tail:       tails.Cache(),
		suppressed: suppressed.Cache(),
	}
}
