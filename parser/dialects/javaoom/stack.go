package javaoom

import (
	"bytes"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// makers are the places of the class library that throw an error without a message, by what they could not get.
var makers = []struct {
	place string
	kind  event.OOMKind
}{
	{"Unsafe.allocateMemory", event.OOMNative},
	{"Unsafe.reallocateMemory", event.OOMNative},
	{"ClassLoader.defineClass1(", event.OOMNative},
	{"hugeCapacity(", event.OOMArray},
	{"hugeLength(", event.OOMArray},
	{"newCapacity(", event.OOMArray},
	{"newLength(", event.OOMArray},
	{"FileChannelImpl.map", event.OOMAddressSpace},
}

// belongs takes a line of the stack of the error at hand, or of its heap dump.
func (d *decoder) belongs(l *dialect.Line) bool {
	text := l.Text
	if isFrame(text) {
		d.doubt = false
		if d.open.Kind == "" && d.open.Message == "" {
			for _, m := range makers {
				if bytes.Contains(text, []byte(m.place)) {
					d.open.Kind = m.kind
				}
			}
		}
		return true
	}
	if !isAside(text) {
		return false
	}
	d.doubt = false
	return true
}

// isFrame reports whether text is a line of a stack. Pipelines write a tab as blanks.
func isFrame(text []byte) bool {
	rest := bytes.TrimLeft(text, "\t ")
	return len(rest) < len(text) && (hasPrefix(rest, "at ") || hasPrefix(rest, "... ") && bytes.HasSuffix(rest, []byte(" more")))
}

// asides are what the VM writes around an error.
var asides = []string{
	"Dumping heap to ",
	"Heap dump file created [",
	"Unable to create ",
	"# -XX:OnOutOfMemoryError=",
	"#   Executing ",
}

func isAside(text []byte) bool {
	for _, a := range asides {
		if hasPrefix(text, a) {
			return true
		}
	}
	return false
}
