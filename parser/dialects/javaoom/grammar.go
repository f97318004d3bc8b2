package javaoom

import (
	"github.com/alecthomas/participle/v2"

	"oomtrace/parser/shape"
)

// counted is a message that states amounts.
type counted struct {
	Direct *direct    `parser:"  @@"`
	Netty  *netty     `parser:"| @@"`
	Swap   *swap      `parser:"| @@"`
	Unsafe *shape.Num `parser:"| 'Unable' 'to' 'allocate' @@ 'bytes'"`
	Heap   *shape.Num `parser:"| 'Could' 'not' 'reserve' 'enough' 'space' 'for' @@ 'KB' 'object' 'heap'"`
}

// direct is java.nio.Bits since JDK 13.
type direct struct {
	Asked shape.Num `parser:"'Cannot' 'reserve' @@ 'bytes' 'of' 'direct' 'buffer' 'memory'"`
	InUse shape.Num `parser:"'(' 'allocated' ':' @@ ','"`
	Limit shape.Num `parser:"'limit' ':' @@ ')'"`
}

// netty is io.netty.util.internal.PlatformDependent, which keeps accounts of its own.
type netty struct {
	Asked shape.Num `parser:"'failed' 'to' 'allocate' @@ 'byte' '(' 's' ')' 'of' 'direct' 'memory'"`
	InUse shape.Num `parser:"'(' 'used' ':' @@ ','"`
	Limit shape.Num `parser:"'max' ':' @@ ')'"`
}

// swap is the VM itself, up to JDK 7.
type swap struct {
	Asked  shape.Num `parser:"'request'? @@ 'bytes' 'for'"`
	Reason []string  `parser:"@( !( 'Out' | Digits ) )+ 'Out' 'of' 'swap' 'space' '?'"`
}

var countedGrammar = shape.New[counted](participle.Elide("Space"), participle.UseLookahead(participle.MaxLookahead))
