// Package jvmunified reads the unified logs of HotSpot.
package jvmunified

import "oomtrace/parser/dialect"

// Dialect describes the unified logs of HotSpot.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "JVM, unified logging of JDK 9 and later (-Xlog:gc*)",
	Versions: "JDK 9 to 28",
	New:      newDecoder,
}
