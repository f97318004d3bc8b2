package jvmlegacy

import (
	"github.com/alecthomas/participle/v2"

	"oomtrace/parser/shape"
)

// record is one line of a record, without its dates: brackets that open and close, sizes, durations and words. A
// record may be broken over lines anywhere, and others may be written in the middle of it, so a line by itself
// has no other structure. Blanks count: nothing is elided.
type record struct {
	Parts []part `parser:"@@*"`
}

type part struct {
	Times   *times   `parser:"  @@"`
	Open    *opening `parser:"| @@"`
	Close   bool     `parser:"| @']'"`
	Note    string   `parser:"| '(' @( Word | Space | '.' | '-' | '(' ')' )+ ')'"`
	ID      *id      `parser:"| @@"`
	Measure *measure `parser:"| @@"`
	Text    string   `parser:"| @( ( !( '[' | ']' | '(' | '#' | Digits ) )+ | '(' | '#' )"`
}

// times is the CPU time that PrintGCDetails appends to a pause.
type times struct {
	User number `parser:"'[' 'Times' ':' Space? 'user' '=' @@"`
	Sys  number `parser:"Space? 'sys' '=' @@"`
	Real number `parser:"',' Space? 'real' '=' @@ Space? 'secs' ']'"`
}

// opening is a bracket and the name behind it: [Full GC, [ParNew, [CMS-concurrent-mark-start, [1 CMS-remark.
type opening struct {
	Generation *shape.Num `parser:"'[' ( @@ Space (?= Word ) )?"`
	Name       string     `parser:"( @( Word ( ( '-' | Space )? Word )* '-'* ) )?"`
}

// id is the number that PrintGCID gives a collection.
type id struct {
	N shape.Num `parser:"'#' @@ ':'"`
}

// measure is a number and what stands around it: 17459K->2176K(19648K), 62.0M(64.0M)->59.6M(64.0M), 43696K(43712K),
// 0.0010684 secs, 0.092 ms, or 9.739: which is an uptime.
type measure struct {
	Size     size   `parser:"@@"`
	Capacity *size  `parser:"( '(' @@ ')' )?"`
	After    *size  `parser:"( '->' @@"`
	Bound    *size  `parser:"  ( '(' @@ ')' )? )?"`
	Took     string `parser:"( Space @( 'secs' | 'sec' | 'seconds' | 'ms' ) )?"`
	Uptime   bool   `parser:"@':'?"`
}

type size struct {
	N    number `parser:"@@"`
	Unit string `parser:"@( 'B' | 'K' | 'M' | 'G' | 'T' )?"`
}

// number has a decimal point, or a comma where the locale of the JVM wants one.
type number struct {
	Point shape.Decimal `parser:"@@"`
	Comma *shape.Num    `parser:"( ',' @@ )?"`
}

// memory is the second line of a log: what the JVM took for the memory of the machine or of its container.
type memory struct {
	Page     shape.Num `parser:"'Memory' ':' Space @@ 'k' Space 'page' ','"`
	Physical shape.Num `parser:"Space 'physical' Space @@ 'k' '('"`
	Free     shape.Num `parser:"@@ 'k' Space 'free' ')'"`
	Swap     *swap     `parser:"@@?"`
}

type swap struct {
	Total shape.Num `parser:"',' Space 'swap' Space @@ 'k' '('"`
	Free  shape.Num `parser:"@@ 'k' Space 'free' ')'"`
}

// flag is one flag of the third line: -XX:MaxHeapSize=67108864, -XX:+UseG1GC.
type flag struct {
	Switch string     `parser:"'-' 'XX' ':' @( '+' | '-' )?"`
	Name   string     `parser:"@Word"`
	Size   *shape.Num `parser:"( '=' ( @@"`
	Text   []string   `parser:"| @( Word | Arrow | Other ) @( Word | Arrow | Other | Digits )* )? )?"`
}

var (
	recordGrammar = shape.New[record](participle.UseLookahead(participle.MaxLookahead))
	memoryGrammar = shape.New[memory](participle.UseLookahead(participle.MaxLookahead))
	flagGrammar   = shape.New[flag](participle.UseLookahead(participle.MaxLookahead))
)
