package systemd

import (
	"math"
	"strings"

	"oomtrace/parser/shape"
	"oomtrace/parser/unit"
)

// exited is the end of a process of a unit, behind the name of the unit.
type exited struct {
	Which  string    `parser:"@( 'Main' | 'main' | 'Control' | 'control' ) 'process' 'exited' ','"`
	Code   string    `parser:"'code' '=' @Word ','"`
	Status shape.Num `parser:"'status' '=' @@ '/'"`
	Name   []string  `parser:"( @Word | @'/' )* ( '(' 'success' ')' )?"`
}

// peak is a clause of the line that says what a unit consumed.
type peak struct {
	Size size `parser:"@@ 'memory'"`
	Swap bool `parser:"@'swap'? 'peak'"`
}

// size is what FORMAT_BYTES prints: units of 1024, with one decimal.
type size struct {
	N    shape.Decimal `parser:"@@"`
	Unit string        `parser:"@( 'B' | 'K' | 'M' | 'G' | 'T' | 'P' | 'E' )"`
}

// restarts is how often a unit was started again.
type restarts struct {
	Count shape.Num `parser:"'Scheduled' 'restart' 'job' ',' 'restart' 'counter' 'is' 'at' @@ '.'"`
}

// several is what the manager says of a unit whose processes systemd-oomd killed.
type several struct {
	Count *shape.Num `parser:"'systemd' '-' 'oomd' 'killed' ( @@"`
	Some  bool       `parser:"| @'some' ) 'process' '(' 'es' ')' 'in' 'this' 'unit' '.'"`
}

// used is why systemd-oomd killed: memory and swap of the machine.
type used struct {
	Memory []shape.Num   `parser:"( 'memory' 'used' '(' @@ ')' '/' 'total' '(' @@ ')' 'and' )?"`
	Swap   []shape.Num   `parser:"'swap' 'used' '(' @@ ')' '/' 'total' '(' @@ ')'"`
	Limit  shape.Decimal `parser:"'being' 'more' 'than' @@ '%'"`
}

// pressure is why systemd-oomd killed: how much time a group lost waiting for memory, behind the path of the group.
type pressure struct {
	Share shape.Decimal `parser:"'being' @@ '%'"`
	Limit shape.Decimal `parser:"'>' @@ '%'"`
	For   []span        `parser:"'for' '>' @@+ 'with' 'reclaim' 'activity'"`
}

// span is a part of a time span: 1min 30s.
type span struct {
	N    shape.Num `parser:"@@"`
	Unit string    `parser:"@Word"`
}

// amount is a size that stands alone: the value of a field, to which a second one may belong.
type amount struct {
	Size size `parser:"@@"`
}

var (
	exitedGrammar   = shape.Words[exited]()
	peakGrammar     = shape.Words[peak]()
	restartsGrammar = shape.Words[restarts]()
	severalGrammar  = shape.Words[several]()
	usedGrammar     = shape.Words[used]()
	pressureGrammar = shape.Words[pressure]()
	amountGrammar   = shape.Words[amount]()
)

// readers are the shape caches of decoders.
type readers struct {
	exited   *shape.Cache[exited]
	peak     *shape.Cache[peak]
	restarts *shape.Cache[restarts]
	several  *shape.Cache[several]
	used     *shape.Cache[used]
	pressure *shape.Cache[pressure]
	amount   *shape.Cache[amount]
}

func newReaders() *readers {
	return &readers{
		exited:   exitedGrammar.Cache(),
		peak:     peakGrammar.Cache(),
		restarts: restartsGrammar.Cache(),
		several:  severalGrammar.Cache(),
		used:     usedGrammar.Cache(),
		pressure: pressureGrammar.Cache(),
		amount:   amountGrammar.Cache(),
	}
}

// bytes returns the size as it was rounded; unknown if it is beyond any machine.
func (s *size) bytes() unit.Size {
	thousandths, shift := s.N.Scaled(3), 10*strings.Index("BKMGTPE", s.Unit)
	if thousandths > math.MaxInt64>>shift {
		return unit.Size{}
	}
	return unit.Known(unit.Bytes(thousandths << shift / 1000))
}
