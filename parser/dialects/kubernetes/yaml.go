package kubernetes

import (
	"bytes"
	"slices"

	"go.yaml.in/yaml/v3"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// maxYAML is how large an object in YAML can be; etcd keeps none above 1.5 MiB. Of larger ones the beginning is not read either.
const maxYAML = 4 << 20

// manifest is the YAML text of an object, or of an item of a list, while its lines come.
type manifest struct {
	text   []byte
	lines  []int // physical line of each line of text
	head   event.Head
	first  []byte   // the first line, for a problem
	seen   []string // members at the left margin
	list   bool     // the lines are those of an item
	indent int      // of the dash of an item
	large  bool
}

// keys are the members of objects and events, which stand at the left margin.
var keys = map[string]bool{
	"apiVersion": true, "kind": true, "metadata": true, "spec": true, "status": true, "items": true, "data": true, "type": true,
	"action": true, "count": true, "eventTime": true, "firstTimestamp": true, "involvedObject": true, "lastTimestamp": true, "message": true,
	"reason": true, "related": true, "reportingComponent": true, "reportingInstance": true, "series": true, "source": true, "note": true,
	"regarding": true, "reportingController": true, "deprecatedCount": true, "deprecatedFirstTimestamp": true, "deprecatedLastTimestamp": true,
	"deprecatedSource": true,
}

// beginsYAML reports whether a line is the first of an object. kubectl sorts the members, people write kind first too.
func beginsYAML(text []byte) bool {
	for _, first := range firsts {
		if string(text) == first {
			return true
		}
	}
	return false
}

// firsts are the lines that an object can begin with.
var firsts = []string{
	"apiVersion: v1", "apiVersion: apps/v1", "apiVersion: batch/v1", "apiVersion: events.k8s.io/v1",
	"kind: Pod", "kind: List", "kind: Event", "kind: Deployment", "kind: StatefulSet", "kind: DaemonSet",
}

// goesOn reports whether a line can belong to the object whose first line was seen. A member that comes again begins another one.
func (m *manifest) goesOn(text []byte) bool {
	if len(text) == 0 || text[0] == ' ' || text[0] == '#' {
		return true
	}
	if text[0] == '-' {
		return m.list && (len(text) == 1 || text[1] == ' ')
	}
	key, _, ok := bytes.Cut(text, []byte(":"))
	if !ok || !keys[string(key)] || slices.Contains(m.seen, string(key)) {
		return false
	}
	m.seen = append(m.seen, string(key))
	return true
}

// yamlLine takes a line of an object. The items of a list are read one by one, so that a list can have any length.
func (d *decoder) yamlLine(l *dialect.Line, emit dialect.Emit) bool {
	m := d.yaml
	if m != nil && !m.goesOn(l.Text) {
		d.endYAML(emit)
		m = nil
	}
	if m == nil {
		if !beginsYAML(l.Text) {
			return false
		}
		m = &manifest{head: l.Head(name), indent: -1}
		m.goesOn(l.Text)
		d.yaml = m
	}
	if m.list {
		m.item(l, emit)
		return true
	}
	if string(l.Text) == "items:" {
		m.list, m.text, m.lines = true, nil, nil
		return true
	}
	m.add(l, l.Text)
	return true
}

// item takes a line behind "items:".
func (m *manifest) item(l *dialect.Line, emit dialect.Emit) {
	rest := bytes.TrimLeft(l.Text, " ")
	indent := len(l.Text) - len(rest)
	dashed := len(rest) > 1 && rest[0] == '-' && rest[1] == ' '
	if m.indent < 0 && dashed {
		m.indent = indent
	}
	switch {
	case len(rest) > 0 && indent <= m.indent && !dashed, m.indent < 0:
		m.end(emit) // kind and metadata of the list
		return
	case dashed && indent == m.indent:
		m.end(emit)
		m.head = l.Head(name)
	}
	line := bytes.Clone(l.Text)
	if dashed && indent == m.indent {
		line[indent] = ' '
	}
	m.add(l, line)
}

func (m *manifest) add(l *dialect.Line, line []byte) {
	if len(m.text)+len(line) > maxYAML {
		m.large = true
		return
	}
	if m.first == nil {
		m.first = []byte(clip(string(line)))
	}
	m.text = append(append(m.text, line...), '\n')
	m.lines = append(m.lines, l.Pos.Line)
}

// end reads what was collected.
func (m *manifest) end(emit dialect.Emit) {
	text, lines, large := m.text, m.lines, m.large
	m.text, m.lines, m.large = m.text[:0], m.lines[:0], false
	if large {
		emit(m.problem("an object of more than 4 MiB in YAML"))
		return
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil || len(root.Content) == 0 {
		emit(m.problem("an object of Kubernetes that is no YAML"))
		return
	}
	src := &source{m.head, func(v value) event.Pos {
		pos := m.head.Pos
		if n := v.yaml; n != nil && n.Line >= 1 && n.Line <= len(lines) {
			pos.Line = lines[n.Line-1]
		}
		return pos
	}}
	v := value{yaml: root.Content[0]}
	if kind := kindOf(v); kind != "" {
		one(kind, v, src, emit)
	}
	m.first = nil
}

// kindOf returns the kind of an object, which the items of a list need not name.
func kindOf(v value) string {
	switch {
	case v.get("kind").exists():
		return v.get("kind").text()
	case v.get("involvedObject").exists():
		return "Event"
	case v.get("spec", "containers").exists():
		return "Pod"
	}
	return ""
}

func (m *manifest) problem(what string) *event.Problem {
	return &event.Problem{Head: m.head, Message: what, Text: string(m.first)}
}

func (d *decoder) endYAML(emit dialect.Emit) {
	if d.yaml != nil {
		d.yaml.end(emit)
		d.yaml = nil
	}
}
