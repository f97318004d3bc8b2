package v8

import (
	"bytes"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// limits are the flags that bound the heap, in MiB. V8 takes - and _ for one.
var limits = []string{"--max-old-space-size", "--max-heap-size"}

// maxFlagLine is the longest line that is looked at for flags.
const maxFlagLine = 4096

// commandLine reads the heap limit from a command line that a shell, npm or the program printed. Flags that stand in a
// text about flags are not a setting: the command, or NODE_OPTIONS, must begin the line behind a prompt.
func (d *decoder) commandLine(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	if len(text) > maxFlagLine || !bytes.Contains(text, []byte("--max")) {
		return false
	}
	if !command(text) {
		return false
	}
	claimed := false
	for word := range bytes.FieldsSeq(text) {
		flag, size, ok := limit(word)
		if ok {
			emit(&event.Setting{Head: l.Head(name), Runtime: "v8", Name: event.MaxHeap, Text: string(flag), Size: unit.Known(unit.Bytes(size) * unit.MiB)})
			claimed = true
		}
	}
	return claimed
}

// limit finds a flag in a word: "--max-old-space-size=512", "NODE_OPTIONS='--max_old_space_size=512'".
func limit(word []byte) (flag []byte, mib int64, ok bool) {
	from := bytes.Index(word, []byte("--"))
	if from < 0 {
		return nil, 0, false
	}
	flag = bytes.Trim(word[from:], `"'`)
	key, value, found := bytes.Cut(flag, []byte("="))
	if !found {
		return nil, 0, false
	}
	key = bytes.ReplaceAll(key, []byte("_"), []byte("-"))
	for _, name := range limits {
		if string(key) != name {
			continue
		}
		mib, digits := number(value)
		return flag, mib, digits > 0 && digits == len(value) && mib > 0 && mib <= maxMB
	}
	return nil, 0, false
}

// command reports whether text is a call of node, behind what prompts and env put before it.
func command(text []byte) bool {
	text = bytes.TrimLeft(text, ">$+# ")
	for range 16 {
		word, rest, _ := bytes.Cut(text, []byte(" "))
		if ascii.HasPrefix(word, "NODE_OPTIONS=") {
			return true
		}
		switch program(word) {
		case "node", "nodejs", "electron":
			return true
		case "exec", "env", "cross-env", "export", "time", "nohup":
		default:
			if bytes.IndexByte(word, '=') <= 0 {
				return false
			}
		}
		text = bytes.TrimLeft(rest, " ")
	}
	return false
}

// program returns the name of the program that a path ends with.
func program(path []byte) string {
	path = path[bytes.LastIndexAny(path, `/\`)+1:]
	return string(bytes.TrimSuffix(path, []byte(".exe")))
}
