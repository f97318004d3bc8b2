package hserr

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// threads sums the lists of threads.
type threads struct {
	java, vm int
	stacks   unit.Bytes
	groups   map[string]int
}

// maxGroups bounds the names of threads that are told apart, maxTold those that are told.
const (
	maxGroups = 512
	maxTold   = 5
)

// line reads a line of a list of threads, and reports whether it is one: an address, "JavaThread", the name in quotes, the addresses of its stack.
func (t *threads) line(text []byte, isJava bool) bool {
	text = bytes.TrimPrefix(bytes.TrimLeft(text, " "), []byte("=>"))
	if !hasPrefix(text, "0x") || !bytes.Contains(text, []byte("Thread")) {
		return false
	}
	if bytes.Contains(text, []byte(" (exited) ")) {
		return true
	}
	stack := between(text, "stack(", ")")
	if stack == nil {
		stack = between(text, "[stack: ", "]")
	}
	t.stacks += extent(stack)
	if _, named, ok := bytes.Cut(text, []byte(` JavaThread "`)); ok {
		isJava = true
		t.group(named)
	}
	if isJava {
		t.java++
	} else {
		t.vm++
	}
	return true
}

// group counts a thread under its name without numbers.
func (t *threads) group(named []byte) {
	if end := bytes.LastIndexByte(named, '"'); end >= 0 {
		named = named[:end]
	}
	key := make([]byte, 0, 64)
	digits := false
	for _, b := range named[:min(len(named), 128)] {
		isDigit := b-'0' <= 9
		if isDigit && !digits {
			key = append(key, '#')
		} else if !isDigit {
			key = append(key, b)
		}
		digits = isDigit
	}
	if t.groups == nil {
		t.groups = map[string]int{}
	}
	if n, ok := t.groups[string(key)]; ok || len(t.groups) < maxGroups {
		t.groups[string(key)] = n + 1
	}
}

// sum returns what the lists say, with the largest groups of two and more threads.
func (t *threads) sum() event.JVMThreads {
	out := event.JVMThreads{Java: t.java, VM: t.vm}
	if t.stacks > 0 {
		out.Stacks = unit.Known(t.stacks)
	}
	names := slices.SortedFunc(maps.Keys(t.groups), func(a, b string) int {
		return cmp.Or(cmp.Compare(t.groups[b], t.groups[a]), cmp.Compare(a, b))
	})
	for _, n := range names[:min(len(names), maxTold)] {
		if t.groups[n] > 1 {
			out.Groups = append(out.Groups, event.ThreadGroup{Name: clip([]byte(n)), Count: t.groups[n]})
		}
	}
	return out
}
