package event

import (
	"strconv"
	"strings"
	"time"
)

// wallLayouts are RFC 3339 with 0 to 9 digits of a second.
var wallLayouts = [...]string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05.0Z07:00", "2006-01-02T15:04:05.00Z07:00",
	"2006-01-02T15:04:05.000Z07:00", "2006-01-02T15:04:05.0000Z07:00", "2006-01-02T15:04:05.00000Z07:00",
	"2006-01-02T15:04:05.000000Z07:00", "2006-01-02T15:04:05.0000000Z07:00", "2006-01-02T15:04:05.00000000Z07:00",
	"2006-01-02T15:04:05.000000000Z07:00",
}

// AppendWall appends the wall clock as RFC 3339 in UTC with the digits that the log gave, see WallStep.
// It panics if the time names no wall clock.
func (t Time) AppendWall(dst []byte) []byte {
	if t.WallStep <= 0 {
		return t.WallTime().AppendFormat(dst, time.RFC3339Nano)
	}
	digits := 0
	for step := time.Second; step > t.WallStep && digits < 9; step /= 10 {
		digits++
	}
	return t.WallTime().AppendFormat(dst, wallLayouts[digits])
}

// String names the writer for people: "host unit[42]", "namespace/pod/container stderr". It is empty for nil.
func (s *Stream) String() string {
	if s == nil {
		return ""
	}
	writer := s.Unit
	if s.PID != 0 {
		writer += "[" + strconv.Itoa(s.PID) + "]"
	}
	path := join("/", s.Namespace, s.Pod, s.Container)
	if s.Pod == "" {
		path = join("/", path, s.ContainerID)
	}
	return join(" ", s.Host, writer, path, s.Pipe, s.heap())
}

// heap names the heap of a process: "pid 927 isolate 3f8d9970".
func (s *Stream) heap() string {
	var pid, isolate string
	if s.OwnPID != 0 {
		pid = "pid " + strconv.Itoa(s.OwnPID)
	}
	if s.Isolate != "" {
		isolate = "isolate " + s.Isolate
	}
	return join(" ", pid, isolate)
}

// join is strings.Join without the empty parts.
func join(sep string, parts ...string) string {
	kept := parts[:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, sep)
}
