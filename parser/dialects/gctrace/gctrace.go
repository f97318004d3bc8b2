// Package gctrace reads what the Go runtime prints about its memory.
package gctrace

import "oomtrace/parser/dialect"

// Dialect is the dialect of this package.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "Go runtime, GODEBUG=gctrace=1",
	Versions: "Go 1.0 to 1.26",
	New:      newDecoder,
}
