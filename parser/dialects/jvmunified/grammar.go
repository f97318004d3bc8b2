package jvmunified

import (
	"github.com/alecthomas/participle/v2"

	"oomtrace/parser/event"
	"oomtrace/parser/shape"
)

// summary is the line that closes a collection: what it was, why, and the heap before and after.
type summary struct {
	Words []string       `parser:"@Word+"`
	Notes []note         `parser:"@@*"`
	Heap  change         `parser:"@@"`
	Took  *shape.Decimal `parser:"( @@"`
	Unit  string         `parser:"  @( 'ms' | 's' ) )?"`

	class *class // worked out once a template
}

// beginning is the line that opens a collection. It has no numbers.
type beginning struct {
	Words []string `parser:"@Word+"`
	Notes []note   `parser:"@@*"`
}

// note is a remark in parentheses: the cause, or what kind of pause it was.
type note struct {
	Text []string `parser:"'(' @( Word | Digits | '.' | ':' | ',' | '-' | '/' | '+' | '%' | '=' )+ ( @'(' @')' )? ')'"`
}

// size is an amount with its unit, or a share of the heap.
type size struct {
	N    shape.Num `parser:"@@"`
	Unit string    `parser:"@( 'B' | 'K' | 'M' | 'G' | 'T' | '%' )"`
}

// change is A->B(C). What stands in parentheses is a capacity, or a share where ZGC wrote the line.
type change struct {
	Before      size  `parser:"@@"`
	BeforeBound *size `parser:"( '(' @@ ')' )?"`
	After       size  `parser:"'->' @@"`
	AfterBound  *size `parser:"( '(' @@ ')' )?"`
}

// areas is a line of areas of a generational heap, or of metaspace.
type areas struct {
	List []area `parser:"@@+"`
}

type area struct {
	Name string `parser:"@Word ':'"`
	Heap change `parser:"@@"`
}

// regions counts the regions of one kind of G1: "Eden regions: 7->0(4)".
type regions struct {
	Kind   string     `parser:"@Word 'regions' ':'"`
	Before shape.Num  `parser:"@@ '->'"`
	After  shape.Num  `parser:"@@"`
	Bound  *shape.Num `parser:"( '(' @@ ')' )?"`
}

// row is a row of the heap table of ZGC: "Y:      Live:  -  8M (14%)  8M (14%)  8M (14%)".
type row struct {
	Gen   string `parser:"( @( 'y' | 'Y' | 'O' ) ':' )?"`
	Name  string `parser:"@Word ':'"`
	Cells []cell `parser:"@@+"`
}

type cell struct {
	None  bool  `parser:"( @'-'"`
	Size  *size `parser:"| @@"`
	Share *size `parser:"  '(' @@ ')' )"`
}

// amounts lists sizes by name: the heap of Epsilon, the metaspace of ZGC and Epsilon, the header of Shenandoah.
type amounts struct {
	Name []string `parser:"( @( 'y' | 'Y' | 'O' ) ':' )? @Word+ ':'"`
	List []amount `parser:"@@ ( ',' @@ )*"`
}

type amount struct {
	Size  size           `parser:"@@"`
	Share *shape.Decimal `parser:"( '(' @@ '%' ')' )?"`
	Name  string         `parser:"@Word"`
}

// ending is the beginning of what Shenandoah says behind a collection: "At end of Concurrent Young GC: Old generation
// used: 9472K".
type ending struct {
	Words []string `parser:"'At' 'end' 'of' @Word+ ':'"`
	Gen   string   `parser:"( @( 'Young' | 'Old' ) 'generation' )?"`
	Used  size     `parser:"'used' ':' @@"`
}

// phase is a pause of a concurrent collector: "Y: Pause Mark Start 0.015ms".
type phase struct {
	Gen   string        `parser:"( @( 'y' | 'Y' | 'O' ) ':' )?"`
	Words []string      `parser:"@'Pause' @Word+"`
	Notes []note        `parser:"@@*"`
	Took  shape.Decimal `parser:"@@ 'ms'"`
}

// cpu is the CPU time of a collection.
type cpu struct {
	User shape.Decimal `parser:"'User' '=' @@ 's'"`
	Sys  shape.Decimal `parser:"'Sys' '=' @@ 's'"`
	Real shape.Decimal `parser:"'Real' '=' @@ 's'"`
}

// setting is a line of the header whose value is a size: "Heap Max Capacity: 64M".
type setting struct {
	Name []string `parser:"@Word+ ':'"`
	Size size     `parser:"@@"`
}

// bounds is the header of Epsilon in JDK 11: "Resizeable heap; starting at 256M, max: 4G, step: 128M".
type bounds struct {
	Fixed *size `parser:"( 'Non' '-' 'resizeable' 'heap' ';' 'start' '/' 'max' ':' @@"`
	Start *size `parser:"| 'Resizeable' 'heap' ';' 'starting' 'at' @@ ','"`
	Max   *size `parser:"  'max' ':' @@ ',' 'step' ':'"`
	Step  *size `parser:"  @@ )"`
}

// took is the tail of a stall.
type took struct {
	Took shape.Decimal `parser:"@@ 'ms'"`
}

// dropped says how many messages a full buffer of the asynchronous log lost.
type dropped struct {
	N shape.Num `parser:"@@ 'messages' 'dropped' 'due' 'to' 'async' 'logging'"`
}

// failure opens the block about metaspace.
type failure struct {
	Space string    `parser:"'Metaspace' '(' @Word ')' 'allocation' 'failed' 'for' 'size'"`
	Words shape.Num `parser:"@@"`
}

// used, committed and limit are the lines of that block that say how much. "unlimited" is no limit.
type used struct {
	Space []string      `parser:"@Word ( @'-' @Word )? ':'"`
	N     shape.Decimal `parser:"@@"`
	Unit  string        `parser:"@( 'bytes' | 'KB' | 'MB' | 'GB' ) 'used' '.'"`
}

type committed struct {
	Space    []string      `parser:"@Word ( @'-' @Word )? 'space'? ':'"`
	Reserved shape.Decimal `parser:"@@ ( 'bytes' | 'KB' | 'MB' | 'GB' ) 'reserved' ','"`
	N        shape.Decimal `parser:"@@"`
	Unit     string        `parser:"@( 'bytes' | 'KB' | 'MB' | 'GB' )"`
	Share    shape.Num     `parser:"'(' '<'? @@ '%' ')' 'committed' ( '.' | ',' )"`
	Nodes    *shape.Num    `parser:"( @@ 'nodes' '.' )?"`
}

type limit struct {
	Name string         `parser:"@( 'MaxMetaspaceSize' | 'CompressedClassSpaceSize' ) ':'"`
	None bool           `parser:"( @'unlimited'"`
	N    *shape.Decimal `parser:"| @@"`
	Unit string         `parser:"  @( 'bytes' | 'KB' | 'MB' | 'GB' ) )"`
}

func grammar[T any]() *shape.Grammar[T] {
	return shape.New[T](participle.Elide("Space"), participle.UseLookahead(participle.MaxLookahead))
}

var (
	summaries  = grammar[summary]()
	beginnings = grammar[beginning]()
	areaLines  = grammar[areas]()
	regionList = grammar[regions]()
	rows       = grammar[row]()
	amountList = grammar[amounts]()
	endings    = grammar[ending]()
	phases     = grammar[phase]()
	cpus       = grammar[cpu]()
	settings   = grammar[setting]()
	boundLines = grammar[bounds]()
	stalls     = grammar[took]()
	drops      = grammar[dropped]()
	failures   = grammar[failure]()
	usedLines  = grammar[used]()
	commits    = grammar[committed]()
	limits     = grammar[limit]()
)

// caches holds the caches of the grammars. Where the lines of a collection alternate between a few forms of one
// grammar, each form has a cache of its own, so that it finds its template at once.
type caches struct {
	summary   *shape.Cache[summary]
	beginning *shape.Cache[beginning]
	areas     *shape.Cache[areas]
	metaspace *shape.Cache[areas]
	regions   [8]*shape.Cache[regions] // by the last bits of the first letter
	row       *shape.Cache[row]
	amounts   *shape.Cache[amounts]
	ending    *shape.Cache[ending]
	phase     *shape.Cache[phase]
	cpu       *shape.Cache[cpu]
	setting   *shape.Cache[setting]
	bounds    *shape.Cache[bounds]
	stall     *shape.Cache[took]
	dropped   *shape.Cache[dropped]
	failure   *shape.Cache[failure]
	used      *shape.Cache[used]
	committed *shape.Cache[committed]
	limit     *shape.Cache[limit]
}

func newCaches() caches {
	c := caches{
		summary:   summaries.Cache(),
		beginning: beginnings.Cache(),
		areas:     areaLines.Cache(),
		metaspace: areaLines.Cache(),
		row:       rows.Cache(),
		amounts:   amountList.Cache(),
		ending:    endings.Cache(),
		phase:     phases.Cache(),
		cpu:       cpus.Cache(),
		setting:   settings.Cache(),
		bounds:    boundLines.Cache(),
		stall:     stalls.Cache(),
		dropped:   drops.Cache(),
		failure:   failures.Cache(),
		used:      usedLines.Cache(),
		committed: commits.Cache(),
		limit:     limits.Cache(),
	}
	for i := range c.regions {
		c.regions[i] = regionList.Cache()
	}
	return c
}

// class is what the words of a collection mean.
type class struct {
	kind      string // as the log says, with what qualifies it
	cause     string
	scope     event.Scope
	collector event.Collector // empty where several write such lines
	idle      bool            // no pause, and nothing was collected
	marks     bool            // a pause of a cycle that marks
	live      bool            // a full collection: what it left is alive
	pause     bool            // the program stood still for all of it
}
