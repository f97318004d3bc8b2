package earlyoom

import (
	"math"

	"oomtrace/parser/shape"
	"oomtrace/parser/unit"
)

// gauge is the line with memory and swap, in MiB.
type gauge struct {
	Mem   shape.Num     `parser:"'mem' 'avail' ':' @@ 'of'"`
	Total shape.Num     `parser:"@@ 'MiB'"`
	Share shape.Decimal `parser:"'(' @@ '%' ')' ','"`
	Swap  shape.Num     `parser:"'swap' 'free' ':' @@ 'of'"`
	Swaps shape.Num     `parser:"@@ 'MiB'"`
	Free  shape.Decimal `parser:"'(' @@ '%' ')'"`
}

// sent is a kill of 1.2 and later, up to the name of the process. Version 1.2 names the signal behind it.
type sent struct {
	Signal string     `parser:"( 'sending' @Word 'to' | 'killing' ) 'process'"`
	PID    shape.Num  `parser:"@@"`
	UID    *shape.Num `parser:"( 'uid' @@ )?"`
}

// facts are what earlyoom knows of its victim. Up to 1.2 the signal is one of them.
type facts struct {
	Facts []fact `parser:"'with'? @@ ( ( ',' | ':' ) @@ )*"`
}

type fact struct {
	Name string    `parser:"@Word ':'? '-'?"`
	N    shape.Num `parser:"@@"`
	Unit string    `parser:"@Word?"`
}

// gone is the end of a process, or of the patience with it.
type gone struct {
	PID   *shape.Num    `parser:"( 'process' @@? 'exited' | 'escalating' 'to' 'SIGKILL' )"`
	After shape.Decimal `parser:"'after' @@ 'seconds'"`
}

// status is a line of nohang.
type status struct {
	Mem  shape.Decimal `parser:"'MemAvailable' ':' @@ 'MiB'"`
	Swap shape.Decimal `parser:"',' 'SwapFree' ':' @@ 'MiB'"`
}

var (
	gaugeGrammar  = shape.Words[gauge]()
	sentGrammar   = shape.Words[sent]()
	factsGrammar  = shape.Words[facts]()
	goneGrammar   = shape.Words[gone]()
	statusGrammar = shape.Words[status]()
)

// readers are the shape caches of decoders.
type readers struct {
	gauge  *shape.Cache[gauge]
	sent   *shape.Cache[sent]
	facts  *shape.Cache[facts]
	gone   *shape.Cache[gone]
	status *shape.Cache[status]
}

func newReaders() *readers {
	return &readers{
		gauge:  gaugeGrammar.Cache(),
		sent:   sentGrammar.Cache(),
		facts:  factsGrammar.Cache(),
		gone:   goneGrammar.Cache(),
		status: statusGrammar.Cache(),
	}
}

// mib returns a number of MiB in bytes; unknown if it is beyond any machine.
func mib(n int64) unit.Size {
	if n > math.MaxInt64/int64(unit.MiB) {
		return unit.Size{}
	}
	return unit.Known(unit.Bytes(n) * unit.MiB)
}
