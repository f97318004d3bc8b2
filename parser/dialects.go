package parser

import (
	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/android"
	"oomtrace/parser/dialects/cgroupfs"
	"oomtrace/parser/dialects/cloud"
	"oomtrace/parser/dialects/cluster"
	"oomtrace/parser/dialects/docker"
	"oomtrace/parser/dialects/earlyoom"
	"oomtrace/parser/dialects/gctrace"
	"oomtrace/parser/dialects/gocrash"
	"oomtrace/parser/dialects/herokumetrics"
	"oomtrace/parser/dialects/hserr"
	"oomtrace/parser/dialects/javaoom"
	"oomtrace/parser/dialects/jvmlegacy"
	"oomtrace/parser/dialects/jvmunified"
	"oomtrace/parser/dialects/kernel"
	"oomtrace/parser/dialects/kubernetes"
	"oomtrace/parser/dialects/memstats"
	"oomtrace/parser/dialects/openj9"
	"oomtrace/parser/dialects/prometheus"
	"oomtrace/parser/dialects/systemd"
	"oomtrace/parser/dialects/usage"
	"oomtrace/parser/dialects/v8"
	"oomtrace/parser/envelope"
)

// Dialects returns all dialects, in the order in which they are asked whether a line is their own.
func Dialects() []dialect.Dialect {
	return []dialect.Dialect{
		kubernetes.Dialect, // first: messages inside of its objects quote the lines of others
		gctrace.Dialect,
		javaoom.Dialect,
		jvmunified.Dialect,
		kernel.Dialect,
		gocrash.Dialect,
		hserr.Dialect,
		jvmlegacy.Dialect,
		openj9.Dialect,
		v8.Dialect,
		android.Dialect,
		prometheus.Dialect,
		memstats.Dialect,
		usage.Dialect,
		herokumetrics.Dialect,
		cgroupfs.Dialect,
		docker.Dialect,
		systemd.Dialect,
		earlyoom.Dialect,
		cloud.Dialect,
		cluster.Dialect,
	}
}

// Envelopes returns the names of what logs can be wrapped in, as Stats.Envelope has them.
func Envelopes() []string { return envelope.Names() }
