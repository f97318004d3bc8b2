package hserr

import "bytes"

// opens reports whether a line begins a file. JDK 6 and earlier say "unexpected error".
func opens(text []byte) bool {
	if !hasPrefix(text, "# ") {
		return false
	}
	return hasPrefix(text, fatalHeader) || hasPrefix(text, memoryHeader) || hasPrefix(text, unexpectedHeader)
}

const (
	fatalHeader      = "# A fatal error has been detected by the Java Runtime Environment"
	memoryHeader     = "# There is insufficient memory for the Java Runtime Environment to continue"
	unexpectedHeader = "# An unexpected error has been detected by "
)

// sections are the lines that begin the parts after the header. One of them opens a file whose header is lost, or
// stands in another stream.
var sections = []string{
	"---------------  S U M M A R Y ---", "---------------  T H R E A D  ---", "---------------  P R O C E S S  ---", "---------------  S Y S T E M  ---",
}

// ruler begins all sections.
const ruler = "---------------  "

func isSection(text []byte) bool {
	return hasPrefix(text, ruler) && hasAnyPrefix(text, sections)
}

// inHeader reports whether a line can stand in a header, or begin what follows it.
func inHeader(text []byte) bool {
	return len(text) == 0 || text[0] == '#' || isSection(text)
}

// words begin lines of others that may stand between ours: of the JVM's own logs, of the program, of its parent.
var words = []string{
	"GC(", "java.lang.", "Exception in thread ", "Exception: ", "Caused by: ", "\tat ", "\t... ", "Terminating due to ", "Aborting due to ", "Dumping heap to ",
	"Heap dump file created", "OpenJDK ", "Java HotSpot(TM) ", "Killed", "Aborted", "Out of memory: ", "Memory cgroup out of memory: ", "{\"",
}

// levels begin a line of unified logging whose decorations name no time.
var levels = []string{"[trace", "[debug", "[info", "[warning", "[error]", "[error ", "[gc"}

// foreign reports whether a line is written by another log.
func foreign(text []byte) bool {
	if len(text) < 3 {
		return false
	}
	switch text[0] {
	case '[':
		return bracketed(text)
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return stamped(text)
	}
	return hasAnyPrefix(text, words)
}

// bracketed tells decorations of unified logging and stamps of the kernel from our own lines in brackets:
// [Global flags], [MachCode], [0x00007f9c1d851a18], [error occurred during error reporting ...].
func bracketed(text []byte) bool {
	if hasPrefix(text, "[error occurred ") {
		return false
	}
	inner := bytes.TrimLeft(text[1:], " ")
	if len(inner) > 1 && inner[0]-'0' <= 9 {
		return inner[1] != 'x'
	}
	return hasAnyPrefix(text, levels)
}

// stamped reports whether a line begins with a date or with seconds, as log lines do: 2024-06-12T08:42:11, 2024/06/12,
// 12.345: [GC. Ours begin with addresses, or are one number.
func stamped(text []byte) bool {
	digits := 0
	for digits < len(text) && text[digits]-'0' <= 9 {
		digits++
	}
	rest := text[digits:]
	switch {
	case len(rest) < 4:
		return false
	case digits == 4 && (rest[0] == '-' || rest[0] == '/'):
		return rest[1]-'0' <= 9 && rest[2]-'0' <= 9 && rest[3] == rest[0]
	case rest[0] == '.' || rest[0] == ',':
		end := 1
		for end < len(rest) && rest[end]-'0' <= 9 {
			end++
		}
		return end > 1 && end < len(rest) && rest[end] == ':'
	}
	return digits <= 2 && rest[0] == ':' && rest[1]-'0' <= 9 && rest[2]-'0' <= 9 && rest[3] == ':'
}
