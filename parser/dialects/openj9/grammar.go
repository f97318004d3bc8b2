package openj9

import "oomtrace/parser/shape"

// dumped says why a javacore was written, behind 1TISIGINFO. An exception is named by its class, and in later
// versions by its message.
type dumped struct {
	Event   []string `parser:"'Dump' 'Event' \"\\\"\" @Word+ \"\\\"\" '(' ( Digits | Word )+ ')'"`
	Class   []string `parser:"( 'Detail' \"\\\"\" @( !\"\\\"\" )+ \"\\\"\""`
	Message []string `parser:"  ( \"\\\"\" @( !\"\\\"\" )+ \"\\\"\" )? )? 'received'"`
}

// opening is the first element of a verbose GC log.
type opening struct {
	Before  []string `parser:"'<' 'verbosegc' ( !( 'version' | '>' ) )*"`
	Version []string `parser:"( 'version' '=' \"\\\"\" @( !\"\\\"\" )+ \"\\\"\" ( !'>' )* )? '>'"`
}

var (
	dumpedGrammar  = shape.Words[dumped]()
	openingGrammar = shape.Words[opening]()
)
