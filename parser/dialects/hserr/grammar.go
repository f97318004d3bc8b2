package hserr

import (
	"github.com/alecthomas/participle/v2"

	"oomtrace/parser/shape"
	"oomtrace/parser/unit"
)

// sized is a number with its unit: 19648K, 64 MB, 48.00 MB, 262144 k. Without a unit it is bytes.
type sized struct {
	N    shape.Decimal `parser:"@@"`
	Unit string        `parser:"@( 'K' | 'M' | 'G' | 'B' | 'k' | 'KB' | 'MB' | 'GB' | 'kB' | 'Kb' | 'bytes' )?"`
}

func (s *sized) bytes() unit.Bytes {
	scale := unit.B
	switch s.Unit {
	case "K", "k", "KB", "kB", "Kb":
		scale = unit.KiB
	case "M", "MB":
		scale = unit.MiB
	case "G", "GB":
		scale = unit.GiB
	}
	return unit.Bytes(min(s.N.Float()*float64(scale), 1<<62))
}

func (s *sized) size() unit.Size { return unit.Known(s.bytes()) }

// generation is one area of a heap: its name, what it may use, and what it does.
type generation struct {
	Name      []string `parser:"( (?! 'total' ) @( Word | '-' ) )+ 'total'"`
	Reserved  *sized   `parser:"( 'reserved' @@ ','"`
	Committed *sized   `parser:"  'committed' @@ ','"`
	Total     *sized   `parser:"| @@ ',' )"`
	Used      sized    `parser:"'used' @@"`
}

// amounts is the metaspace, its class space, or the heap of ZGC: a name and amounts after their labels.
type amounts struct {
	Name  []string `parser:"( @( 'Metaspace' | 'ZHeap' ) | @'class' @'space' )"`
	Parts []amount `parser:"@@ ( ',' @@ )*"`
}

type amount struct {
	Label []string `parser:"@Word+"`
	Size  sized    `parser:"@@"`
}

// shenandoah is the heap of Shenandoah: amounts before their labels.
type shenandoah struct {
	Parts []labelled `parser:"@@ ( ',' @@ )*"`
}

type labelled struct {
	Size  sized    `parser:"@@"`
	Label []string `parser:"@Word+"`
}

// regions is the line after the heap of G1: the size of a region.
type regions struct {
	Size sized `parser:"'region' 'size' @@ ',' ( Digits | Word | Other )*"`
}

// ringEvent begins an entry of the heap history, alone or with the heap before or after a collection.
type ringEvent struct {
	At   *shape.Decimal `parser:"( 'Event' ':' @@ )?"`
	Mark *string        `parser:"( 'GC' 'heap' @( 'before' | 'after' )"`
	Heap *invocations   `parser:"| @@ )"`
}

// invocations is the head of a heap before or after a collection.
type invocations struct {
	Of    string    `parser:"'{'? @( 'Heap' | 'heap' | 'metaspace' )"`
	When  string    `parser:"@( 'before' | 'Before' | 'after' | 'After' ) 'GC'"`
	Count shape.Num `parser:"'invocations' '=' @@"`
	Full  shape.Num `parser:"'(' 'full' @@ ')' ':'"`
}

// summary is the time of the death: in the summary with the uptime, in JDK 8 and earlier alone.
type summary struct {
	Month  string         `parser:"( 'Time' | 'time' ) ':' Word @Word"`
	Day    shape.Num      `parser:"@@"`
	Hour   shape.Num      `parser:"@@ ':'"`
	Minute shape.Num      `parser:"@@ ':'"`
	Second shape.Num      `parser:"@@"`
	Year   shape.Num      `parser:"@@"`
	Zone   []string       `parser:"( (?! 'elapsed' 'time' ) @( Word | Digits | Other ) )*"`
	Uptime *shape.Decimal `parser:"( 'elapsed' 'time' ':' @@ 'seconds' ( Digits | Word | Other )* )?"`
}

// elapsed is the uptime at the end of a file of JDK 8 and earlier.
type elapsed struct {
	Uptime shape.Decimal `parser:"'elapsed' 'time' ':' @@ 'seconds' ( Digits | Word | Other )*"`
}

// allocation is the request that failed, in the header.
type allocation struct {
	Call string    `parser:"'#' 'Native' 'memory' 'allocation' '(' @Word ')' 'failed' 'to' Word"`
	Size shape.Num `parser:"@@ 'bytes' ( Digits | Word | Arrow | Other )*"`
}

// exhausted is the same of JDK 6 and earlier.
type exhausted struct {
	Size shape.Num `parser:"'#' 'java' '.' 'lang' '.' 'OutOfMemoryError' ':' 'requested' @@ 'bytes' ( Digits | Word | Arrow | Other )*"`
}

// flag is a line of the section "[Global flags]".
type flag struct {
	Name  string         `parser:"Word @Word ':'? '='"`
	Value *shape.Decimal `parser:"( @@"`
	Huge  bool           `parser:"| @Digits"` // more digits than any memory has bytes
	Word  string         `parser:"| @Word )"`
	Kind  []string       `parser:"( '{' ( Digits | @Word | Other )* )?"`
}

// readings are numbers after their labels: "Swapped out: 0K", "MemFree: 6748736 kB", with more of them in
// parentheses or after commas.
type readings struct {
	First reading   `parser:"@@"`
	More  []reading `parser:"( ( ',' | '(' | ')' )+ ( @@ | Word+ ) )* ')'*"`
}

type reading struct {
	Label []string `parser:"( @( Word | '-' ) )+ ':'"`
	Size  sized    `parser:"@@"`
}

// physical is the memory that the process sees, and its swap.
type physical struct {
	Page  *shape.Num `parser:"'Memory' ':' ( @@ 'k' 'page' )?"`
	Total *share     `parser:"( ','? ( 'system' '-' 'wide' )? 'physical' @@"`
	Swap  *share     `parser:"  ( ',' 'swap' @@ )? )?"`
}

type share struct {
	Size sized  `parser:"@@"`
	Free *sized `parser:"( '(' @@ 'free' ')' )?"`
}

// pageFile is what the system can commit on Windows, and what is left of it.
type pageFile struct {
	Total sized `parser:"'TotalPageFile' 'size' @@"`
	Free  sized `parser:"'(' 'AvailPageFile' 'size' @@ ')'"`
}

// peaked is an amount of a process on Windows and the most that it was.
type peaked struct {
	Now  sized  `parser:"':' @@"`
	Peak *sized `parser:"( ',' 'peak' ':' @@ )?"`
}

// rlimits is the line of the limits of the process. JDK 11 and later have two of each.
type rlimits struct {
	Limits []rlimit `parser:"'rlimit' ( '(' 'soft' '/' 'hard' ')' )? ':' ( @@ ','? )+"`
}

type rlimit struct {
	Name string `parser:"@Word"`
	Soft bound  `parser:"@@"`
	Hard *bound `parser:"( '/' @@ )?"`
}

type bound struct {
	Size *sized `parser:"@@ | 'infinity' | 'unlimited'"`
}

// category is a category of the native memory tracking, or their total.
type category struct {
	Name      []string `parser:"( 'Total' ':' | '-' @( Word | '-' )+ '(' )"`
	Reserved  sized    `parser:"'reserved' '=' @@ ','"`
	Committed sized    `parser:"'committed' '=' @@ ( Digits | Word | Other )*"`
}

// count is a count of exceptions.
type count struct {
	Name string    `parser:"'OutOfMemoryError'? @Word '='"`
	N    shape.Num `parser:"@@"`
}

var (
	generations = shape.New[generation](elide, lookahead)
	amountses   = shape.New[amounts](elide, lookahead)
	shenandoahs = shape.New[shenandoah](elide, lookahead)
	regionses   = shape.New[regions](elide, lookahead)
	ringEvents  = shape.New[ringEvent](elide, lookahead)
	summaries   = shape.New[summary](elide, lookahead)
	elapseds    = shape.New[elapsed](elide, lookahead)
	allocations = shape.New[allocation](elide, lookahead)
	exhausteds  = shape.New[exhausted](elide, lookahead)
	flags       = shape.New[flag](elide, lookahead)
	readingses  = shape.New[readings](elide, lookahead)
	physicals   = shape.New[physical](elide, lookahead)
	pageFiles   = shape.New[pageFile](elide, lookahead)
	peakeds     = shape.New[peaked](elide, lookahead)
	rlimitses   = shape.New[rlimits](elide, lookahead)
	categories  = shape.New[category](elide, lookahead)
	counts      = shape.New[count](elide, lookahead)
	elide       = participle.Elide("Space")
	lookahead   = participle.UseLookahead(16)
)

// readers are the shape caches of one decoder.
type readers struct {
	generation *shape.Cache[generation]
	amounts    *shape.Cache[amounts]
	shenandoah *shape.Cache[shenandoah]
	regions    *shape.Cache[regions]
	ringEvent  *shape.Cache[ringEvent]
	summary    *shape.Cache[summary]
	elapsed    *shape.Cache[elapsed]
	allocation *shape.Cache[allocation]
	exhausted  *shape.Cache[exhausted]
	flag       *shape.Cache[flag]
	readings   *shape.Cache[readings]
	physical   *shape.Cache[physical]
	pageFile   *shape.Cache[pageFile]
	peaked     *shape.Cache[peaked]
	rlimits    *shape.Cache[rlimits]
	category   *shape.Cache[category]
	count      *shape.Cache[count]
}

func newReaders() readers {
	return readers{
		generation: generations.Cache(),
		amounts:    amountses.Cache(),
		shenandoah: shenandoahs.Cache(),
		regions:    regionses.Cache(),
		ringEvent:  ringEvents.Cache(),
		summary:    summaries.Cache(),
		elapsed:    elapseds.Cache(),
		allocation: allocations.Cache(),
		exhausted:  exhausteds.Cache(),
		flag:       flags.Cache(),
		readings:   readingses.Cache(),
		physical:   physicals.Cache(),
		pageFile:   pageFiles.Cache(),
		peaked:     peakeds.Cache(),
		rlimits:    rlimitses.Cache(),
		category:   categories.Cache(),
		count:      counts.Cache(),
	}
}
