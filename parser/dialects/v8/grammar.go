package v8

import "oomtrace/parser/shape"

// sizes is a collection from its time to its heap sizes.
type sizes struct {
	Since           shape.Num     `parser:"@@ 'ms' ':'"`
	Kind            []string      `parser:"@Word ( @'-' | @Word )*"`
	Modes           []string      `parser:"( '(' @Word+ ')' )*"`
	Before          shape.Decimal `parser:"@@"`
	CommittedBefore shape.Decimal `parser:"'(' @@ ')' '->'"`
	After           shape.Decimal `parser:"@@"`
	Committed       shape.Decimal `parser:"'(' @@ ')' 'MB'"`
}

// pause is what follows the heap sizes. V8 5 and earlier leave the second time out if it is zero.
type pause struct {
	Pooled   *shape.Decimal `parser:"',' ( 'pooled' ':' @@ 'MB' ',' )?"`
	Pause    shape.Decimal  `parser:"@@"`
	External *shape.Decimal `parser:"( '/' @@ )? 'ms'"`
}

// marking is the incremental marking that went before a collection of the whole heap.
type marking struct {
	Took    shape.Decimal  `parser:"'(' '+' @@ 'ms'"`
	Steps   shape.Num      `parser:"'in' @@ 'steps' 'since' ( 'start' 'of' 'marking' | 'last' 'GC' ) ','"`
	Biggest shape.Decimal  `parser:"'biggest' 'step' @@ 'ms'"`
	Wall    *shape.Decimal `parser:"( ',' 'walltime' 'since' 'start' 'of' 'marking' @@ 'ms' )? ')'"`
}

// pairs is a collection as name=value.
type pairs struct {
	Since shape.Num `parser:"@@ 'ms' ':'"`
	Pairs []pair    `parser:"@@+"`
}

type pair struct {
	Name     []string       `parser:"@Word ( @'.' @Word )* '='"`
	Negative bool           `parser:"@'-'?"`
	Word     string         `parser:"( @Word"`
	Number   *shape.Decimal `parser:"| @@"`
	Exponent *shape.Num     `parser:"  ( 'e' ( '+' | '-' ) @@ )? '%'? )"`
}

// space is one space of the heap in KB.
type space struct {
	Name      []string   `parser:"@Word ( @'-' | @Word )* ',' 'used' ':'"`
	Used      shape.Num  `parser:"@@ 'KB' ',' 'available' ':' '*'?"`
	Available shape.Num  `parser:"@@ 'KB'"`
	Committed *shape.Num `parser:"( ',' 'committed' ':' @@ 'KB' )?"`
}

// amount is one amount of memory in KB.
type amount struct {
	Name []string  `parser:"@( 'External' 'memory' ( 'reported' | 'global' ) | 'Backing' 'store' 'memory' ) ':'?"`
	KB   shape.Num `parser:"@@ 'KB'"`
}

var (
	sizesGrammar   = shape.Words[sizes]()
	pauseGrammar   = shape.Words[pause]()
	markingGrammar = shape.Words[marking]()
	pairsGrammar   = shape.Words[pairs]()
	spaceGrammar   = shape.Words[space]()
	amountGrammar  = shape.Words[amount]()
)

// readers are the shape caches of one decoder.
type readers struct {
	sizes   *shape.Cache[sizes]
	pause   *shape.Cache[pause]
	marking *shape.Cache[marking]
	pairs   *shape.Cache[pairs]
	space   *shape.Cache[space]
	amount  *shape.Cache[amount]
}

func newReaders() readers {
	return readers{
		sizes:   sizesGrammar.Cache(),
		pause:   pauseGrammar.Cache(),
		marking: markingGrammar.Cache(),
		pairs:   pairsGrammar.Cache(),
		space:   spaceGrammar.Cache(),
		amount:  amountGrammar.Cache(),
	}
}
