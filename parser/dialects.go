package parser

import (
	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/gocrash"
	"oomtrace/parser/dialects/kernel"
)

// Dialects returns all dialects, in the order in which they are asked whether a line is their own.
func Dialects() []dialect.Dialect {
	return []dialect.Dialect{kernel.Dialect, gocrash.Dialect}
}
