package docker

import (
	"bytes"
	"strconv"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// logLine reads what containerd and conmon log of a container:
//
//	TaskOOM event container_id:"4bcba7fc..."
//	TaskExit event container_id:"4bcba7fc..." id:"4bcba7fc..." pid:15536 exit_status:137 exited_at:{seconds:1795379104 nanos:0}
//	conmon 5d1e4f7a8b9c0d1e2f3a <ninfo>: OOM event received
//
// The first two are of internal/cri/server/events.go; before containerd 1.7 they read &TaskOOM{ContainerID:4bcba7fc...,}.
func logLine(l *dialect.Line, emit dialect.Emit) bool {
	for _, k := range logs {
		i := bytes.Index(l.Text, []byte(k.anchor))
		if i < 0 {
			continue
		}
		ev := &event.ContainerEvent{Head: l.Head(name), Reason: k.reason, Count: 1}
		if !k.read(ev, l.Text[:i], l.Text[i+len(k.anchor):]) {
			return false
		}
		if ev.Action != "" {
			emit(ev)
		}
		return true
	}
	return false
}

var logs = []struct {
	anchor, reason string
	read           func(ev *event.ContainerEvent, before, text []byte) bool
}{
	{"TaskOOM event ", "TaskOOM", taskOOM},
	{"TaskExit event ", "TaskExit", taskExit},
	{" <ninfo>: OOM ", "OOM received", conmon},
}

func taskOOM(ev *event.ContainerEvent, _, text []byte) bool {
	ev.Action = event.ActionOOM
	ev.Container = event.Container{Engine: event.Containerd, ID: idIn(text)}
	return ev.ID != ""
}

// taskExit reads the end of a container. That of a command run in one, and of the container that holds a pod together, is claimed only.
func taskExit(ev *event.ContainerEvent, _, text []byte) bool {
	ev.Container = event.Container{Engine: event.Containerd, ID: idIn(text)}
	_, own, _ := bytes.Cut(text, []byte(ev.ID))
	if ev.ID == "" {
		return false
	}
	if bytes.HasPrefix(text, []byte("in podsandbox handler")) || idIn(own) != ev.ID {
		return true
	}
	ev.Action, ev.HasExit = event.ActionExit, true
	ev.PID, ev.ExitCode = numberBehind(text, "pid:"), numberBehind(text, "exit_status:")
	if bytes.Contains(text, []byte("ExitStatus:")) {
		ev.PID, ev.ExitCode = numberBehind(text, "Pid:"), numberBehind(text, "ExitStatus:")
	}
	return true
}

// conmon reads the first 20 digits of an id, which are all that conmon logs.
func conmon(ev *event.ContainerEvent, before, text []byte) bool {
	word := before[bytes.LastIndexByte(before, ' ')+1:]
	ev.Action = event.ActionOOM
	ev.Container = event.Container{Engine: engineConmon, ID: clip(string(word))}
	return len(word) >= 12 && hexadecimal(word) && bytes.HasSuffix(bytes.TrimRight(text, `" `), []byte("received"))
}

// idIn finds the first 64 hexadecimal digits in a row.
func idIn(text []byte) string {
	from := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && ('0' <= text[i] && text[i] <= '9' || 'a' <= text[i] && text[i] <= 'f') {
			continue
		}
		if i-from == 64 {
			return string(text[from:i])
		}
		from = i + 1
	}
	return ""
}

// numberBehind reads the number behind a key, 0 where there is none.
func numberBehind(text []byte, key string) int {
	_, rest, _ := bytes.Cut(text, []byte(key))
	end := len(rest) - len(bytes.TrimLeft(rest, "0123456789"))
	n, err := strconv.ParseInt(string(rest[:end]), 10, 32)
	if err != nil {
		return 0
	}
	return int(n)
}
