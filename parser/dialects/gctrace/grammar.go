package gctrace

import "oomtrace/parser/shape"

// modern is the gc line since Go 1.5. Go 1.5 has five phases, later versions three. The CPU times of the mark
// phase are three: assist, background, idle.
type modern struct {
	Cycle   shape.Num       `parser:"'gc' '#'? @@"`
	Since   shape.Decimal   `parser:"'@' @@ 's'"`
	Share   shape.Num       `parser:"@@ '%'"`
	Leaks   bool            `parser:"@( '(' 'checking' 'for' 'goroutine' 'leaks' ')' )? ':'"`
	Clock   []shape.Decimal `parser:"@@ ( '+' @@ )* 'ms' 'clock' ','"`
	CPU     []cpuTime       `parser:"( @@ ( '+' @@ )* 'ms' 'cpu' ',' )?"`
	Before  shape.Num       `parser:"@@ '->'"`
	Peak    shape.Num       `parser:"@@ '->'"`
	After   shape.Num       `parser:"@@ 'MB' ','"`
	Goal    shape.Num       `parser:"@@ 'MB' 'goal' ','"`
	Stacks  *shape.Num      `parser:"( @@ 'MB' 'stacks' ',' )?"`
	Globals *shape.Num      `parser:"( @@ 'MB' 'globals' ',' )?"`
	Procs   shape.Num       `parser:"@@ 'P'"`
	Forced  bool            `parser:"@( '(' 'forced' ')' )?"`
}

// cpuTime is the CPU time of one phase: one number, or assist/background/idle.
type cpuTime struct {
	Busy shape.Decimal `parser:"@@"`
	Mark *markTime     `parser:"( '/' @@ )?"`
}

type markTime struct {
	Background shape.Decimal `parser:"@@"`
	Idle       shape.Decimal `parser:"'/' @@"`
}

// ancient is the gc line up to Go 1.4 and of gccgo, without its first two letters, as the lexer reads gc12 as
// one word. The unit of the times tells Go 1.2 (ms) from 1.3 (us), and with it what the heap sizes mean.
type ancient struct {
	Cycle      shape.Num   `parser:"@@"`
	Threads    *shape.Num  `parser:"( '(' @@ ')' )? ':'"`
	Phases     []shape.Num `parser:"@@ ( '+' @@ )*"`
	Unit       string      `parser:"@( 'ms' | 'us' ) ','?"`
	From       shape.Num   `parser:"@@ '->'"`
	To         shape.Num   `parser:"@@ 'MB' ','?"`
	Objects    []shape.Num `parser:"@@ ( '->' @@ )? '(' @@ '-' @@ ')' 'objects' ','?"`
	Lookups    []shape.Num `parser:"( @@ 'pointer' 'lookups' '(' @@ 'size' ',' @@ 'addr' ')' ','? )?"`
	Goroutines *shape.Num  `parser:"( @@ 'goroutines' ','? )?"`
	Sweeps     []shape.Num `parser:"( @@ '/' @@ '/' @@ 'sweeps' ','? )?"`
	Handoffs   []shape.Num `parser:"( @@ ( '(' @@ ')' )? 'handoff' ','? )?"`
	Steals     []shape.Num `parser:"( @@ '(' @@ ')' 'steal' ','? )?"`
	Yields     []shape.Num `parser:"( @@ '/' @@ '/' @@ 'yields' )?"`
}

// scvg is a line of the scavenger up to Go 1.13, without its first four letters.
type scvg struct {
	Round    *shape.Num `parser:"( '-'? @@ )? ':'"`
	Usage    *usage     `parser:"( @@"`
	Released *shape.Num `parser:"| @@ 'MB' 'released'"`
	Forced   bool       `parser:"| @( 'GC' 'forced' ) )"`
}

// usage is the state of the page heap in MB.
type usage struct {
	InUse    shape.Num `parser:"'inuse' ':' @@ ','"`
	Idle     shape.Num `parser:"'idle' ':' @@ ','"`
	Sys      shape.Num `parser:"'sys' ':' @@ ','"`
	Released shape.Num `parser:"'released' ':' @@ ','"`
	Consumed shape.Num `parser:"'consumed' ':' @@ '(' 'MB' ')'"`
}

// scav is a line of scavtrace=1, Go 1.14 and later.
type scav struct {
	Generation *shape.Num `parser:"'scav' ( @@ (?= Digits ) )?"`
	Work       shape.Num  `parser:"@@ 'KiB' 'work' ( '(' 'bg' ')' )? ','"`
	Eager      *shape.Num `parser:"( @@ 'KiB' 'work' '(' 'eager' ')' ',' )?"`
	Released   shape.Num  `parser:"@@ 'KiB' ( 'total' | 'now' ) ','"`
	Used       shape.Num  `parser:"@@ '%' 'util'"`
	Forced     bool       `parser:"@( '(' 'forced' ')' )?"`
	Reset      bool       `parser:"@( '[' 'controller' 'reset' ']' )?"`
}

// pacer is a line of gcpacertrace=1.
type pacer struct {
	Assist *assist `parser:"'pacer' ':' ( @@"`
	Sweep  *sweep  `parser:"| @@"`
	Model  *model  `parser:"| @@"`
	Work   *work   `parser:"| @@ )"`
}

type assist struct {
	Ratio   float     `parser:"'assist' 'ratio' '=' @@"`
	Scan    shape.Num `parser:"'(' 'scan' @@ 'MB' 'in'"`
	Heap    shape.Num `parser:"@@ '->'"`
	Goal    shape.Num `parser:"@@ 'MB' ')'"`
	Workers shape.Num `parser:"'workers' '=' @@ '+'"`
	Share   float     `parser:"@@"`
}

type sweep struct {
	Heap      shape.Num `parser:"'sweep' 'done' 'at' 'heap' 'size' @@ 'MB' ';'"`
	Allocated shape.Num `parser:"'allocated' @@ 'MB' ( 'during' 'sweep' | 'of' 'spans' ) ';'"`
	Pages     shape.Num `parser:"'swept' @@ 'pages'"`
	Rate      *float    `parser:"( 'at' @@ 'pages' '/' 'byte' )?"`
}

// model is the line of the pacer up to Go 1.17: H_m_prev=2236962 h_t=+8.750000e-001 ...
type model struct {
	Marked shape.Num `parser:"'H_m_prev' '=' @@"`
	Terms  []term    `parser:"@@+"`
}

type term struct {
	Name  []string `parser:"@Word ( @'/' @Word )? '='"`
	Value float    `parser:"@@"`
}

// work is the line of the pacer since Go 1.18. Its sizes are bytes.
type work struct {
	Share    shape.Num   `parser:"@@ '%' 'CPU'"`
	Expected shape.Num   `parser:"'(' @@ 'exp' '.' ')' 'for'"`
	Work     []shape.Num `parser:"@@ ( '+' @@ )* 'B' 'work'"`
	Planned  shape.Num   `parser:"'(' @@ 'B' 'exp' '.' ')' 'in'"`
	Before   shape.Num   `parser:"@@ 'B' '->'"`
	After    shape.Num   `parser:"@@ 'B'"`
	Missed   float       `parser:"'(' '∆' 'goal' @@ ','"`
	Cost     float       `parser:"'cons' '/' 'mark' @@ ')'"`
}

// float is a number as the runtime prints it: +4.076850e-001 up to Go 1.25, 0.4076850 since 1.26.
type float struct {
	Sign     string         `parser:"@( '+' | '-' )?"`
	Number   *shape.Decimal `parser:"( @@"`
	Exponent *shape.Num     `parser:"  ( 'e' ( '+' | '-' ) @@ )?"`
	Odd      string         `parser:"| @( 'NaN' | 'Inf' ) )"`
}

// sched is the first line of schedtrace.
type sched struct {
	Since      shape.Num `parser:"'SCHED' @@ 'ms' ':'"`
	GoMaxProcs shape.Num `parser:"'gomaxprocs' '=' @@"`
	Idle       shape.Num `parser:"'idleprocs' '=' @@"`
	Threads    shape.Num `parser:"'threads' '=' @@"`
	Fields     []field   `parser:"@@*"`
}

// field is name=value in a line of schedtrace, or the lengths of the run queues in brackets.
type field struct {
	Name string      `parser:"( @Word '='"`
	Num  *shape.Num  `parser:"  ( '-'? @@"`
	Word string      `parser:"  | @Word (?! '=' )"`
	List []shape.Num `parser:"  | '[' @@* ']' )?"`
	Runq []shape.Num `parser:"| '[' @@* ']' )"`
}

// detail is a line of scheddetail about a processor, a thread or a goroutine, without its blanks and its letter.
type detail struct {
	ID     shape.Num  `parser:"@@ ':'"`
	Status *shape.Num `parser:"( 'status' '=' @@ )?"`
	Reason []string   `parser:"( '(' @( Word | '-' | '/' | ':' | ',' | '(' | Digits )* ( @')' (?= ')' ) )? ')' )?"`
	Fields []field    `parser:"@@*"`
}

// initLine is a line of inittrace=1.
type initLine struct {
	Package []string      `parser:"'init' @( Word | Digits | '.' | '/' | '-' | '~' )+"`
	Since   shape.Decimal `parser:"'@' @@ 'ms' ','"`
	Took    shape.Decimal `parser:"@@ 'ms' 'clock' ','"`
	Bytes   shape.Num     `parser:"@@ 'bytes' ','"`
	Allocs  shape.Num     `parser:"@@ 'allocs'"`
}

// scan is a line of gctrace=2 since Go 1.25: how many objects and spans the mark phase looked at.
type scan struct {
	Class   *shape.Num  `parser:"'scan' ':' ( 'total' | 'class' ( @@ 'B' | 'L' ) )"`
	Objects []shape.Num `parser:"@@ ( '+' @@ )* ( '=' @@ )? 'objs'"`
	Spans   []shape.Num `parser:"( ',' @@ ( '+' @@ )* ( '=' @@ )? 'spans' )?"`
}

// queues is a line of checkfinalizers=1, Go 1.26.
type queues struct {
	Finalizers shape.Num `parser:"'checkfinalizers' ':' 'queue' ':' @@ 'finalizers' '+'"`
	Cleanups   shape.Num `parser:"@@ 'cleanups'"`
}

// pause is a line of debug.gcpausetrace, up to Go 1.4.
type pause struct {
	Nanos shape.Num `parser:"'pause' @@"`
}

var (
	modernGrammar  = shape.Words[modern]()
	ancientGrammar = shape.Words[ancient]()
	scvgGrammar    = shape.Words[scvg]()
	scavGrammar    = shape.Words[scav]()
	pacerGrammar   = shape.Words[pacer]()
	schedGrammar   = shape.Words[sched]()
	detailGrammar  = shape.Words[detail]()
	initGrammar    = shape.Words[initLine]()
	scanGrammar    = shape.Words[scan]()
	queuesGrammar  = shape.Words[queues]()
	pauseGrammar   = shape.Words[pause]()
)
