// Package openj9 recognises what JVMs other than HotSpot leave behind: javacore files and verbose GC logs of Eclipse OpenJ9
// and IBM's J9, and the GC logs of older IBM machines, of JRockit and of HP-UX. It names them and says that they are not read
// yet; of a javacore it reads why it was written.
//
// The emitters are runtime/rasdump/javadump.cpp (JavaCoreDumpWriter) and runtime/gc_verbose_handler_standard_java of
// OpenJ9, and gc/verbose of OMR. The text forms are known from logs that other tools use as examples: <AF[1]: ...> of IBM up to
// Java 1.4.2, "GC 1: ..." of IBM i, "[memory ] ..." of JRockit R26 to R28, "<GC: 2 4.020320 ...>" of HP-UX 1.3 and 1.4.
package openj9

import (
	"bytes"
	"strings"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
)

const name = "openj9"

// Dialect recognises files of OpenJ9.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "JVMs of OpenJ9, IBM, JRockit and HP-UX: javacore and GC logs",
	Versions: "recognised only: Java 1.2.2 to 17",
	Notes: `A javacore (javacore.20240915.103045.54321.0001.txt) and a verbose GC log (-verbose:gc, -Xverbosegclog) are recognised
and reported once as not read yet. Where the javacore was written for an OutOfMemoryError, that is a runtime-oom event.
So are the GC logs of IBM before J9, of IBM i, of JRockit (-Xverbose:memory) and of HP-UX (-Xverbosegc).`,
	Grammars: []dialect.Grammar{
		{
			Name:    "why a javacore was written, behind 1TISIGINFO",
			EBNF:    dumpedGrammar.EBNF(),
			Example: `Dump Event "systhrow" (00040000) Detail "java/lang/OutOfMemoryError" "Java heap space" received`,
		},
		{
			Name:    "first element of a verbose GC log",
			EBNF:    openingGrammar.EBNF(),
			Example: `<verbosegc xmlns="http://www.ibm.com/j9/verbosegc" version="R28_Java8_GA_20150116_2030_B231420_CMPRSS">`,
		},
	},
	New: func() dialect.Decoder { return &decoder{} },
}

// decoder reads one stream.
type decoder struct {
	javacore bool  // a javacore began
	verbose  bool  // a verbose GC log began
	other    *form // a text log of another machine began
	told     struct{ javacore, verbose bool }
	named    [forms]bool
}

const (
	maxText = 200
	maxLine = 4096 // no line that is read is longer
)

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	if len(l.Text) < len("NULL") {
		return false
	}
	switch {
	case ascii.HasPrefix(l.Text, "0SECTION       TITLE subcomponent dump routine"):
		d.javacore, d.verbose = true, false
		d.refuse(l, &d.told.javacore, "OpenJ9 javacore: recognised, not read yet", emit)
		return true
	case d.javacore && isTagged(l.Text):
		d.reason(l, emit)
		return true
	}
	text := bytes.TrimLeft(l.Text, " \t")
	if d.textLog(l, text, emit) {
		return true
	}
	switch {
	case len(text) == 0 || text[0] != '<':
		return false
	case beginsVerbose(text):
		d.verbose, d.javacore = true, false
		d.refuse(l, &d.told.verbose, "OpenJ9 verbose GC log"+version(text)+": recognised, not read yet", emit)
		return true
	case ascii.HasPrefix(text, "</verbosegc>"):
		was := d.verbose
		d.verbose = false
		return was
	}
	return d.verbose
}

// Flush implements dialect.Decoder.
func (d *decoder) Flush(dialect.Emit) { *d = decoder{} }

// refuse says once that a file is not read.
func (d *decoder) refuse(l *dialect.Line, told *bool, message string, emit dialect.Emit) {
	if *told {
		return
	}
	*told = true
	emit(&event.Problem{Head: l.Head(name), Message: message, Text: string(l.Text[:min(len(l.Text), maxText)])})
}

// isTagged reports whether text is a line of a javacore: a digit and a tag in capitals, or NULL.
func isTagged(text []byte) bool {
	if ascii.HasPrefix(text, "NULL") {
		return true
	}
	if text[0]-'0' > 9 {
		return false
	}
	for i, c := range text[1:] {
		if c-'A' < 26 || c-'0' <= 9 {
			continue
		}
		return i >= 3 && c == ' '
	}
	return len(text) > 4
}

// beginners are the elements that only a verbose GC log has. A log that was rotated begins with any of them.
var beginners = []string{
	"<verbosegc ", "<exclusive-start id=\"", "<gc-start id=\"", "<cycle-start id=\"", "<af-start id=\"",
	"<allocation-stats totalBytes=\"", "<concurrent-kickoff id=\"",
}

func beginsVerbose(text []byte) bool {
	for _, b := range beginners {
		if ascii.HasPrefix(text, b) {
			return true
		}
	}
	return false
}

// version returns the version that the log names, behind a blank.
func version(text []byte) string {
	if len(text) > maxLine {
		return ""
	}
	tree, err := openingGrammar.Parse(string(text))
	if err != nil || len(tree.Version) == 0 {
		return ""
	}
	return " " + strings.Join(tree.Version, "")
}

// reason emits the OutOfMemoryError for which a javacore was written.
func (d *decoder) reason(l *dialect.Line, emit dialect.Emit) {
	if !ascii.HasPrefix(l.Text, "1TISIGINFO ") || len(l.Text) > maxLine {
		return
	}
	tree, err := dumpedGrammar.Parse(string(l.Text[len("1TISIGINFO "):]))
	if err != nil {
		emit(&event.Problem{Head: l.Head(name), Message: "why the javacore was written, in an unknown form", Text: string(l.Text[:min(len(l.Text), maxText)])})
		return
	}
	if strings.Join(tree.Class, "") != "java/lang/OutOfMemoryError" {
		return
	}
	message := between(l.Text, len(tree.Message) > 0)
	emit(&event.RuntimeOOM{Head: l.Head(name), Runtime: "jvm", Kind: kindOf(message), Message: message})
}

// between returns the last quoted text of a line, with the blanks that a grammar leaves out.
func between(text []byte, quoted bool) string {
	if !quoted {
		return ""
	}
	end := bytes.LastIndexByte(text, '"')
	begin := bytes.LastIndexByte(text[:end], '"')
	return string(text[begin+1 : end])
}

// kindOf returns what ran out by the message, empty where it does not tell.
func kindOf(message string) event.OOMKind {
	switch {
	case strings.HasPrefix(message, "Java heap space"):
		return event.OOMHeap
	case strings.Contains(message, "create a thread"):
		return event.OOMThreads
	case strings.Contains(message, "native memory"):
		return event.OOMNative
	}
	return ""
}
