package cloud

import (
	"oomtrace/parser/shape"
	"oomtrace/parser/unit"
)

// report is the memory in a REPORT of Lambda.
type report struct {
	Size shape.Num `parser:"'Memory' 'Size' ':' @@ 'MB'"`
	Used shape.Num `parser:"'Max' 'Memory' 'Used' ':' @@ 'MB'"`
}

// limit is the limit of Cloud Run and what was used.
type limit struct {
	Limit size `parser:"( 'Memory' | 'memory' ) 'limit' 'of' @@"`
	Used  size `parser:"'exceeded' 'with' @@ 'used' '.'?"`
}

// soft is a limit of App Engine and what was used.
type soft struct {
	Hard  bool       `parser:"'Exceeded' ( @'hard' | 'soft' ) ( 'private' )?"`
	Limit size       `parser:"'memory' 'limit' 'of' @@"`
	Used  *size      `parser:"( 'with' @@ )?"`
	After *shape.Num `parser:"( 'after' 'servicing' @@ ( 'requests' | 'request' ) 'total' )? '.'?"`
}

// size is a size with its unit.
type size struct {
	N    shape.Decimal `parser:"@@"`
	Unit string        `parser:"@( 'MiB' | 'MB' | 'M' | 'GiB' | 'GB' | 'G' | 'KiB' | 'KB' )"`
}

// dyno is the use of a dyno.
type dyno struct {
	Used  shape.Num     `parser:"'Process' 'running' 'mem' '=' @@ 'M'"`
	Share shape.Decimal `parser:"'(' @@ '%' ')'"`
}

// status is the end of a dyno.
type status struct {
	Code shape.Num `parser:"'Process' 'exited' 'with' 'status' @@"`
}

var (
	reportGrammar = shape.Words[report]()
	limitGrammar  = shape.Words[limit]()
	softGrammar   = shape.Words[soft]()
	dynoGrammar   = shape.Words[dyno]()
	statusGrammar = shape.Words[status]()
)

// readers are the shape caches of decoders.
type readers struct {
	report *shape.Cache[report]
	limit  *shape.Cache[limit]
	soft   *shape.Cache[soft]
	dyno   *shape.Cache[dyno]
	status *shape.Cache[status]
}

func newReaders() *readers {
	return &readers{
		report: reportGrammar.Cache(),
		limit:  limitGrammar.Cache(),
		soft:   softGrammar.Cache(),
		dyno:   dynoGrammar.Cache(),
		status: statusGrammar.Cache(),
	}
}

// bytes returns the size; unknown if there is none or if it is beyond any machine.
func (s *size) bytes() unit.Size {
	if s == nil {
		return unit.Size{}
	}
	one := unit.MiB
	switch s.Unit[0] {
	case 'K':
		one = unit.KiB
	case 'G':
		one = unit.GiB
	}
	if s.N.Scaled(0) > maxSize/int64(one) {
		return unit.Size{}
	}
	return unit.Known(unit.Bytes(s.N.Scaled(3)) * one / 1000)
}
