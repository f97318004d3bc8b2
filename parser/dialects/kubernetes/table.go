package kubernetes

import (
	"bytes"
	"strconv"
	"strings"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/columns"
	"oomtrace/parser/event"
)

// tableLine takes the titles of kubectl get events, kubectl events and kubectl get pods, and the rows that follow without
// another line between.
func (d *decoder) tableLine(l *dialect.Line, emit dialect.Emit) bool {
	if c := l.Text[0]; c == 'L' || c == 'N' {
		for i, k := range tables {
			if t, ok := columns.Header(l.Text, k.titles...); ok {
				d.columns, d.table = t, &tables[i]
				return true
			}
		}
	}
	if d.table == nil || ofKernel(l.Text) {
		return false
	}
	row, ok := d.columns.Row(l.Text)
	if !ok || !d.table.read(l, row, emit) {
		d.table = nil
		return false
	}
	return true
}

// ofKernel reports whether a row holds a line of the kernel, as node-problem-detector hands it on. The row is left to those who
// read the kernel's lines: they know more of it.
func ofKernel(row []byte) bool {
	return bytes.Contains(row, []byte(": Killed process ")) || bytes.Contains(row, []byte(": Kill process "))
}

// table is a kind of table, told by its titles. Its reader reports whether a row is one.
type table struct {
	titles []string
	read   func(*dialect.Line, columns.Row, dialect.Emit) bool
}

var tables = []table{
	{[]string{"LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"}, eventRow},
	{[]string{"LAST SEEN", "TYPE", "REASON", "KIND", "NAME", "MESSAGE"}, eventRow}, // kubectl to 1.13
	{[]string{"NAME", "READY", "STATUS", "RESTARTS", "AGE"}, podRow},
}

// eventRow tells a row of events, whose object is "pod/checkout-7d9f8c6b5-x2x9k" or "Pod/...".
func eventRow(l *dialect.Line, row columns.Row, emit dialect.Emit) bool {
	if kind := row.Cell("TYPE"); kind != "Normal" && kind != "Warning" {
		return false
	}
	h := happening{ev: event.ContainerEvent{Head: l.Head(name)}}
	var ok bool
	if h.kind, h.name, ok = strings.Cut(row.Cell("OBJECT"), "/"); !ok {
		h.kind, h.name = row.Cell("KIND"), row.Cell("NAME")
		h.name, _, _ = strings.Cut(h.name, ".")
	}
	h.kind, h.name = clip(h.kind), clip(h.name)
	h.ev.Namespace = clip(row.Cell("NAMESPACE"))
	h.ev.Reason, h.ev.Message = clip(row.Cell("REASON")), row.Cell("MESSAGE")
	h.ev.Name, h.ev.Role = field(row.Cell("SUBOBJECT"))
	h.ev.Ago, h.ev.Count = age(row.Cell("LAST SEEN"))
	if n, err := strconv.Atoi(row.Cell("COUNT")); err == nil {
		h.ev.Count = n
	}
	if _, host, ok := strings.Cut(row.Cell("SOURCE"), ", "); ok {
		h.ev.Node = clip(host)
	}
	if at := instant(row.Cell("LAST SEEN")); at != 0 {
		setTime(&h.ev, at)
	}
	h.report(emit)
	return true
}

// podRow tells a row of kubectl get pods. Its status is a phase, or why a container waits or ended; which one it does not say.
func podRow(l *dialect.Line, row columns.Row, emit dialect.Emit) bool {
	ready, all, ok := strings.Cut(row.Cell("READY"), "/")
	if !ok || !isNumber(ready) || !isNumber(all) {
		return false
	}
	restarts, _, _ := strings.Cut(row.Cell("RESTARTS"), " ")
	n, err := strconv.Atoi(restarts)
	if err != nil {
		return false
	}
	s := &event.ContainerStatus{
		Head: l.Head(name),
		Container: event.Container{
			Engine: event.Kubernetes, Namespace: clip(row.Cell("NAMESPACE")), Pod: clip(strings.TrimPrefix(row.Cell("NAME"), "pod/")), Node: clip(row.Cell("NODE")),
		},
		Reason: clip(row.Cell("STATUS")), Restarts: n, HasRestarts: true,
	}
	if init, why, ok := strings.Cut(s.Reason, ":"); ok && init == "Init" {
		s.Role, s.Reason = "init", why
	}
	switch s.Reason {
	case "Running", "Pending", "Succeeded", "Failed", "Completed", "Unknown", "Terminating":
		s.State, s.Reason = strings.ToLower(s.Reason), ""
	case "OOMKilled":
		s.State, s.SaysOOM, s.OOMKilled = "terminated", true, true
	}
	emit(s)
	return true
}

func isNumber(text string) bool {
	return text != "" && len(bytes.Trim([]byte(text), "0123456789")) == 0
}
