package gocrash

import (
	"bytes"
	"strconv"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
)

// parentLine claims what the parent of the process says about its end, where that is evident.
func (d *decoder) parentLine(l *dialect.Line, emit dialect.Emit) bool {
	end, ok := shellLine(l.Text)
	if !ok {
		end, ok = strongParent(l.Text)
	}
	if !ok && (d.death != nil || d.dump.open() && d.dump.deadly || d.died) {
		end, ok = weakWords(l.Text)
	}
	if !ok {
		return false
	}
	if d.dump.open() {
		d.close(emit)
	}
	if d.death != nil {
		d.settle(true, emit)
	}
	end.Head = l.Head(name)
	end.Message = clip(l.Text)
	emit(end)
	d.died = true
	return true
}

// weakParent reads a line that tells of an end only if nothing follows it: any program may print it.
func weakParent(l *dialect.Line) (*event.ProcessEnd, bool) {
	end, ok := weakWords(l.Text)
	if !ok {
		return nil, false
	}
	end.Head = l.Head(name)
	end.Message = clip(l.Text)
	return end, true
}

func weakWords(text []byte) (*event.ProcessEnd, bool) {
	if string(text) == "Killed" || string(text) == "Killed: 9" {
		return &event.ProcessEnd{Kind: event.EndSignal, Signal: "SIGKILL"}, true
	}
	code, ok := exitStatus(text)
	if !ok {
		return nil, false
	}
	return &event.ProcessEnd{Kind: event.EndExit, Code: code, HasCode: true}, true
}

// strongParent reads the lines that only a parent prints: go run and os/exec about a signal, an exit status that
// stands for a signal, GNU time, zsh.
func strongParent(text []byte) (*event.ProcessEnd, bool) {
	if code, ok := exitStatus(text); ok {
		return &event.ProcessEnd{Kind: event.EndExit, Code: code, HasCode: true}, code > 128
	}
	if words, ok := cut(text, "signal: "); ok {
		return signalled(bytes.TrimSuffix(words, []byte(" (core dumped)")), len(words))
	}
	if words, ok := cut(text, "zsh: "); ok {
		return signalled(words, bytes.IndexByte(words, ' '))
	}
	if number, ok := cut(text, "Command terminated by signal "); ok {
		n, err := strconv.Atoi(string(number[:min(len(number), 4)]))
		for _, s := range signals {
			if err == nil && n == s.number {
				return &event.ProcessEnd{Kind: event.EndSignal, Signal: s.name}, true
			}
		}
	}
	return nil, false
}

// signalled finds the signal that is named by all of words up to end.
func signalled(words []byte, end int) (*event.ProcessEnd, bool) {
	if end < 0 || end > len(words) {
		end = len(words)
	}
	for _, s := range signals {
		if bytes.EqualFold(words[:end], []byte(s.words)) {
			return &event.ProcessEnd{Kind: event.EndSignal, Signal: s.name}, true
		}
	}
	return nil, false
}

// signals are the signals in the words of src/syscall (os/exec, go run) and of the C library (shells).
var signals = []struct {
	number      int
	name, words string
}{
	{9, "SIGKILL", "killed"},
	{6, "SIGABRT", "aborted"},
	{6, "SIGABRT", "abort"},
	{11, "SIGSEGV", "segmentation fault"},
	{15, "SIGTERM", "terminated"},
	{3, "SIGQUIT", "quit"},
	{2, "SIGINT", "interrupt"},
	{1, "SIGHUP", "hangup"},
	{7, "SIGBUS", "bus error"},
	{4, "SIGILL", "illegal instruction"},
	{5, "SIGTRAP", "trace/breakpoint trap"},
	{8, "SIGFPE", "floating point exception"},
}

// isParent is a quick test for the lines of strongParent and weakWords.
func isParent(text []byte) bool {
	return hasAnyPrefix(text, []string{"exit status ", "signal: ", "zsh: ", "Command terminated by signal ", "Killed"})
}

// isShell is a quick test for the lines of shellLine.
func isShell(text []byte) bool { return bytes.Contains(text, []byte(": line ")) }

// exitStatus reads "exit status 2" as go run prints it.
func exitStatus(text []byte) (int, bool) {
	digits, ok := cut(text, "exit status ")
	if !ok || len(digits) == 0 || len(digits) > 3 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(digits), 10, 8)
	return int(n), err == nil
}

// shellLine reads how bash tells of a child that died by a signal:
// "/bin/bash: line 1: 26731 Killed                  ./svc -addr :8080".
func shellLine(text []byte) (*event.ProcessEnd, bool) {
	_, rest, ok := bytes.Cut(text, []byte(": line "))
	if !ok {
		return nil, false
	}
	_, rest, ok = number(rest)
	if !ok || !ascii.HasPrefix(rest, ": ") {
		return nil, false
	}
	pid, rest, ok := number(bytes.TrimLeft(rest[1:], " "))
	if !ok || !ascii.HasPrefix(rest, " ") {
		return nil, false
	}
	rest = bytes.TrimLeft(rest, " ")
	for _, s := range signals {
		n := len(s.words)
		if len(rest) >= n && bytes.EqualFold(rest[:n], []byte(s.words)) && (len(rest) == n || rest[n] == ' ' || rest[n] == ':') {
			return &event.ProcessEnd{Kind: event.EndSignal, Signal: s.name, PID: pid}, true
		}
	}
	return nil, false
}

// number reads the digits at the beginning of a text, up to nine.
func number(text []byte) (int, []byte, bool) {
	n, i := 0, 0
	for i < len(text) && i < 9 && text[i]-'0' <= 9 {
		n = n*10 + int(text[i]-'0')
		i++
	}
	return n, text[i:], i > 0
}
