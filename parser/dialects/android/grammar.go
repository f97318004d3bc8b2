package android

import "oomtrace/parser/shape"

// art is a collection of ART from "GC freed".
type art struct {
	Objects   *objects  `parser:"'GC' 'freed' ( @@ 'AllocSpace' 'objects'"`
	Bytes     *size     `parser:"| @@ 'AllocSpace' 'bytes' ) ','"`
	Large     objects   `parser:"@@ 'LOS' 'objects' ','"`
	Free      shape.Num `parser:"@@ '%' 'free' ','"`
	Heap      size      `parser:"@@ '/'"`
	Footprint size      `parser:"@@ ','"`
	Paused    []took    `parser:"'paused' @@ ( ',' @@ )*"`
	Total     took      `parser:"'total' @@"`
}

// objects is a number of objects and their size. Both are negative where a collection counted what was allocated meanwhile.
type objects struct {
	Count shape.Num `parser:"'-'? @@"`
	Size  size      `parser:"'(' @@ ')'"`
}

// size is what PrettySize prints.
type size struct {
	N    shape.Num `parser:"'-'? @@"`
	Unit string    `parser:"@( 'B' | 'KB' | 'MB' | 'GB' )"`
}

// took is what PrettyDuration prints.
type took struct {
	N    shape.Decimal `parser:"@@"`
	Unit string        `parser:"@( 'ns' | 'us' | 'ms' | 's' )?"`
}

// dalvik is a collection of Dalvik behind its cause.
type dalvik struct {
	Freed    *shape.Num  `parser:"'freed' '<'? @@ 'K' ','"`
	Percent  shape.Num   `parser:"@@ '%' 'free'"`
	Heap     shape.Num   `parser:"@@ 'K' '/'"`
	Size     shape.Num   `parser:"@@ 'K' ','"`
	External []shape.Num `parser:"( 'external' @@ 'K' '/' @@ 'K' ',' )?"`
	Paused   []shape.Num `parser:"'paused' @@ 'ms' ( '+' @@ 'ms' )?"`
	Total    *shape.Num  `parser:"( ',' 'total' @@ 'ms' )?"`
}

// failure is an allocation that ART could not do.
type failure struct {
	Asked     shape.Num  `parser:"'Failed' 'to' 'allocate' 'a' @@ 'byte' 'allocation'"`
	Free      shape.Num  `parser:"'with' @@ 'free' 'bytes'"`
	Left      size       `parser:"'and' @@ 'until' 'OOM'"`
	Footprint *shape.Num `parser:"( ',' ( 'target' | 'max' 'allowed' ) 'footprint' @@"`
	Limit     *shape.Num `parser:"  ',' 'growth' 'limit' @@ )?"`
}

// kill is a kill of lmkd or of the kernel's driver behind the name of the process.
type kill struct {
	PID  shape.Num  `parser:"'(' @@ ')'"`
	TGID *shape.Num `parser:"( '(' 'tgid' @@ ')' )?"`
	UID  *shape.Num `parser:"( ',' 'uid' @@ )?"`
	Adj  shape.Num  `parser:"',' ( 'oom_score_adj' | 'oom_adj' | 'adj' ) '-'? @@ ','?"`
	RSS  *shape.Num `parser:"( 'to' 'free' @@ ( 'kB' | 'kb' ) 'rss'?"`
	Swap *shape.Num `parser:"  ( ',' @@ ( 'kB' | 'kb' ) 'swap' )? )?"`
}

// free is the second line of a kill.
type free struct {
	RSS    shape.Num  `parser:"'to' 'free' @@ 'kB'"`
	System bool       `parser:"( @( 'because' 'system' 'is' 'under' )"`
	Level  string     `parser:"  @Word 'memory' 'pressure'"`
	Adj    *shape.Num `parser:"  ( ( 'oom_adj' | 'oom_score_adj' ) '-'? @@ )?"`
	For    *shape.Num `parser:"| 'on' 'behalf' 'of' \"'\" ( Word | '/' | ':' | '-' | '.' )+ \"'\" '(' @@ ')' 'because' )?"`
}

// process is the line of a tombstone that names the process.
type process struct {
	PID    shape.Num  `parser:"'pid' ':' @@ ','"`
	Parent *shape.Num `parser:"( 'ppid' ':' @@ ',' )?"`
	TID    shape.Num  `parser:"'tid' ':' @@ ',' 'name' ':'"`
}

type signal struct {
	Number shape.Num `parser:"'signal' @@"`
	Name   string    `parser:"'(' @Word ')'"`
}

type uptime struct {
	Seconds shape.Num `parser:"'Process' 'uptime' ':' @@ 's'"`
}

var (
	artGrammar     = shape.Words[art]()
	dalvikGrammar  = shape.Words[dalvik]()
	failureGrammar = shape.Words[failure]()
	killGrammar    = shape.Words[kill]()
	freeGrammar    = shape.Words[free]()
	processGrammar = shape.Words[process]()
	signalGrammar  = shape.Words[signal]()
	uptimeGrammar  = shape.Words[uptime]()
)

// readers are the shape caches of one decoder.
type readers struct {
	art     *shape.Cache[art]
	dalvik  *shape.Cache[dalvik]
	failure *shape.Cache[failure]
	kill    *shape.Cache[kill]
	free    *shape.Cache[free]
	process *shape.Cache[process]
	signal  *shape.Cache[signal]
	uptime  *shape.Cache[uptime]
}

func newReaders() readers {
	return readers{
		art:     artGrammar.Cache(),
		dalvik:  dalvikGrammar.Cache(),
		failure: failureGrammar.Cache(),
		kill:    killGrammar.Cache(),
		free:    freeGrammar.Cache(),
		process: processGrammar.Cache(),
		signal:  signalGrammar.Cache(),
		uptime:  uptimeGrammar.Cache(),
	}
}
