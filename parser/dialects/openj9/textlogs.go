package openj9

import (
	"bytes"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
)

// form is a GC log in text. Once a line began it, the lines that go on with it are its own.
type form struct {
	index  int
	name   string
	begins func(text []byte) bool
	goesOn func(text []byte) bool
}

const forms = 4

var textForms = [forms]form{
	{0, "JRockit GC log", beginsJRockit, func(text []byte) bool { return memoryModule(text) != nil }},
	{1, "HP-UX GC log", beginsHPUX, beginsHPUX},
	{2, "IBM GC log", beginsIBM, func(text []byte) bool {
		return ascii.HasPrefix(text, "<GC") || ascii.HasPrefix(text, "<AF") || ascii.HasPrefix(text, "<CON")
	}},
	{3, "IBM i GC log", beginsIBMi, func(text []byte) bool { return ascii.HasPrefix(text, "GC ") || ascii.HasPrefix(text, "GC:") }},
}

// textLog claims the lines of GC logs in text, and says once of each that it is not read.
func (d *decoder) textLog(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	if len(text) == 0 || text[0] != '[' && text[0] != '<' && text[0] != 'G' {
		return false
	}
	if d.other != nil && d.other.goesOn(text) {
		return true
	}
	for i := range textForms {
		if f := &textForms[i]; f.begins(text) {
			d.other = f
			d.refuse(l, &d.named[f.index], f.name+": recognised, not read yet", emit)
			return true
		}
	}
	return false
}

// maxModule is where the name of the module of a line of JRockit ends at the latest: a date and a process id can stand before it.
const maxModule = 64

// memoryModule returns what stands behind the brackets of a line of JRockit's module memory, nil for any other line.
func memoryModule(text []byte) []byte {
	if text[0] != '[' {
		return nil
	}
	at := bytes.Index(text[:min(len(text), maxModule)], []byte("[memory"))
	if at < 0 {
		return nil
	}
	rest := bytes.TrimLeft(text[at+len("[memory"):], " ")
	if len(rest) == 0 || rest[0] != ']' {
		return nil
	}
	for rest = rest[1:]; len(rest) > 0 && rest[0] == '['; {
		end := bytes.IndexByte(rest, ']')
		if end < 0 {
			return nil
		}
		rest = rest[end+1:]
	}
	return bytes.TrimLeft(rest, " ")
}

// beginsJRockit reports whether a line is one that only the memory module of JRockit writes.
func beginsJRockit(text []byte) bool {
	rest := memoryModule(text)
	for _, head := range [...]string{"GC strategy: ", "GC mode: ", "heap size: ", "Heap size: ", "Running with 32 bit heap", "Minimum TLA size is ", "<s>-<end>: GC "} {
		if ascii.HasPrefix(rest, head) {
			return true
		}
	}
	return len(rest) > 0 && ascii.Digit(rest[0]) && bytes.Contains(rest, []byte("->")) && bytes.Contains(rest, []byte(" ms"))
}

// beginsHPUX reports whether text is a record of HP-UX: nothing but numbers in brackets.
func beginsHPUX(text []byte) bool {
	const head = "<GC: "
	if !ascii.HasPrefix(text, head) || len(text) == len(head) || !ascii.Digit(text[len(head)]) || !bytes.HasSuffix(text, []byte(" >")) {
		return false
	}
	for _, c := range text[len(head) : len(text)-1] {
		if !ascii.Digit(c) && c != ' ' && c != '.' && c != '-' {
			return false
		}
	}
	return true
}

// beginsIBM reports whether text begins a record of IBM's machines before J9.
func beginsIBM(text []byte) bool {
	for _, head := range [...]string{"<AF: Allocation Failure. need ", "<AF[", "<GC[0]: Expanded System Heap ", "<GC(1): GC cycle started "} {
		if ascii.HasPrefix(text, head) {
			return true
		}
	}
	return false
}

// beginsIBMi reports whether text is the first line of a log of IBM i, or of a collection in it.
func beginsIBMi(text []byte) bool {
	if ascii.HasPrefix(text, "GC: initial heap(KB) ") {
		return true
	}
	return ascii.HasPrefix(text, "GC ") && bytes.Contains(text, []byte(": starting collection, threshold "))
}
