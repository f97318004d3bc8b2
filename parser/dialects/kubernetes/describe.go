package kubernetes

import (
	"bytes"
	"strconv"
	"strings"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/columns"
	"oomtrace/parser/dialects/launch"
	"oomtrace/parser/event"
)

// description is the output of kubectl describe for one object while its lines come. What it says of containers is told at its end,
// as the QoS class and the UID of the pod, which the message of an event may name, follow them.
type description struct {
	head    event.Head
	kind    string // pod, node, part, or other
	pod     event.Container
	qos     string
	state   event.ContainerStatus // of the pod itself
	section string                // at the left margin: Containers, Events ...
	role    string
	table   columns.Table
	boxes   []*box
	events  []happening
	rows    []*event.ContainerStatus // of the pods of a node
	margin  int                      // where a part begins, less where it would stand in a whole description
}

// box is a container of a description.
type box struct {
	now, last event.ContainerStatus
	has       bool   // last is told
	field     string // whose lines follow: State, Last State, Limits, Requests, Environment, Command, Args
	words     []launch.Word
}

// Bounds of what a description holds.
const (
	maxBoxes  = 1024
	maxEvents = 4096
	maxWords  = 4096
)

// describeLine takes a line of kubectl describe. The first, with the name, is known for one by the second only and is not claimed.
func (d *decoder) describeLine(l *dialect.Line, emit dialect.Emit) bool {
	text := l.Text
	if name, ok := property(text, "Name"); ok {
		d.endDescription(emit)
		d.named = clip(name)
		return false
	}
	if d.named != "" {
		d.described(l)
		d.named = ""
	}
	if d.desc == nil {
		d.desc = part(l)
	}
	if d.desc == nil || d.desc.section == "Events" && ofKernel(l.Text) {
		return false
	}
	if !d.desc.line(l, emit) {
		d.endDescription(emit)
		return false
	}
	return true
}

// part begins the description of one container that was cut out of a larger one, as people and grep do it, at a line that says how
// the container ended or why it waits. Its name is not known.
func part(l *dialect.Line) *description {
	if !bytes.HasSuffix(l.Text, []byte(" Terminated")) && !bytes.HasSuffix(l.Text, []byte(" Waiting")) {
		return nil
	}
	rest := bytes.TrimLeft(l.Text, " ")
	key, _, _ := bytes.Cut(rest, []byte(":"))
	switch string(key) {
	case "State", "Last State", "Last Termination State":
	default:
		return nil
	}
	d := &description{kind: "part", pod: event.Container{Engine: event.Kubernetes}, section: "Containers", head: l.Head(name), margin: len(l.Text) - len(rest) - 4}
	d.boxes = []*box{{}}
	return d
}

// described begins a description, if the line behind the name is one of a description.
func (d *decoder) described(l *dialect.Line) {
	is := event.Container{Engine: event.Kubernetes}
	kind := "other"
	switch {
	case has(l.Text, "Namespace"):
		is.Pod = d.named
	case has(l.Text, "Roles"), has(l.Text, "Role"):
		kind, is.Node = "node", d.named
	default:
		return
	}
	d.desc = &description{head: l.Head(name), kind: kind, pod: is}
}

// line takes a line, and reports whether it belongs to the description.
func (d *description) line(l *dialect.Line, emit dialect.Emit) bool {
	text := bytes.TrimRight(l.Text, " \t")
	if d.kind == "part" {
		return d.partLine(l, text)
	}
	switch {
	case len(text) == 0:
		return d.section != "Events"
	case text[0] == ' ':
		d.inner(l, text, emit)
		return true
	}
	key, rest, ok := bytes.Cut(text, []byte(":"))
	if !ok || len(key) == 0 || len(key) > 32 || key[0] < 'A' || key[0] > 'Z' {
		return d.kind == "pod" && d.section == "Message"
	}
	d.section = string(key)
	d.table = columns.Table{}
	d.member(l, d.section, clip(string(bytes.TrimSpace(rest))))
	return true
}

// partLine takes a line of the one container that a part is of.
func (d *description) partLine(l *dialect.Line, text []byte) bool {
	rest := bytes.TrimLeft(text, " ")
	indent := len(text) - len(rest) - d.margin
	if indent < 4 || bytes.IndexByte(rest, ':') < 1 {
		return false
	}
	d.container(l, indent, string(rest))
	return true
}

// member takes a line at the left margin.
func (d *description) member(l *dialect.Line, key, value string) {
	switch key {
	case "Namespace":
		d.pod.Namespace = value
	case "Node":
		d.kind = "pod"
		if value != "<none>" {
			d.pod.Node, _, _ = strings.Cut(value, "/")
		}
	case "Status":
		d.state.State = strings.ToLower(value)
	case "Reason":
		if value != "" {
			d.state.Reason, d.state.Head = value, l.Head(name)
		}
	case "Message":
		d.state.Message = value
	case "QoS Class":
		d.qos = value
	case "Annotations":
		d.annotation(value)
	case "Init Containers":
		d.role = "init"
	case "Containers":
		d.kind, d.role = "pod", ""
	case "Ephemeral Containers":
		d.role = "ephemeral"
	}
}

// annotation reads "kubernetes.io/config.mirror: HASH" of a static pod.
func (d *description) annotation(text string) {
	if hash, ok := strings.CutPrefix(text, "kubernetes.io/config.mirror: "); ok {
		d.pod.PodUID = strings.TrimSpace(hash)
	}
}

// inner takes a line that is indented.
func (d *description) inner(l *dialect.Line, text []byte, emit dialect.Emit) {
	rest := bytes.TrimLeft(text, " ")
	indent := len(text) - len(rest)
	switch d.section {
	case "Annotations":
		d.annotation(string(rest))
	case "Init Containers", "Containers", "Ephemeral Containers":
		d.container(l, indent, string(rest))
	case "Resources":
		d.resources(l, indent, string(rest))
	case "Events":
		d.event(l, text, emit)
	case "Conditions":
		d.condition(l, text)
	case "Non-terminated Pods":
		d.nodePod(l, text)
	}
}

// container takes a line of a list of containers: the name two blanks in, its members four, theirs six.
func (d *description) container(l *dialect.Line, indent int, text string) {
	key, value, ok := strings.Cut(text, ":")
	value = strings.TrimSpace(value)
	if indent == 2 && ok && value == "" && len(d.boxes) < maxBoxes {
		b := &box{}
		b.now.Head, b.now.Name, b.now.Role = l.Head(name), clip(key), d.role
		d.boxes = append(d.boxes, b)
		return
	}
	if len(d.boxes) == 0 {
		return
	}
	b := d.boxes[len(d.boxes)-1]
	switch {
	case indent == 4 && ok:
		b.member(l, key, value)
	case indent >= 6:
		b.inner(l, text, key, value)
	}
}

// member takes a member of a container.
func (b *box) member(l *dialect.Line, key, value string) {
	b.field = key
	switch key {
	case "Container ID":
		b.now.ID = bareID(clip(value))
	case "Image":
		b.now.Image = clip(value)
	case "State":
		b.now.State, b.now.Head = strings.ToLower(clip(value)), l.Head(name)
	case "Last State", "Last Termination State":
		b.field, b.has = "Last State", true
		b.last.State, b.last.Head = strings.ToLower(clip(value)), l.Head(name)
	case "Restart Count":
		n, err := strconv.Atoi(value)
		b.now.Restarts, b.now.HasRestarts = n, err == nil
	}
}

// inner takes a line below a member of a container.
func (b *box) inner(l *dialect.Line, text, key, value string) {
	switch b.field {
	case "State":
		detail(&b.now, l, key, value)
	case "Last State":
		detail(&b.last, l, key, value)
	case "Limits":
		if key == "memory" {
			b.now.Limit = bound(value)
		}
	case "Requests":
		if key == "memory" {
			b.now.Request = bound(value)
		}
	case "Environment", "Environment Variables":
		value, _, _ = strings.Cut(value, " (limits.memory)")
		if launch.Of(key) && len(b.words) < maxWords {
			b.words = append(b.words, launch.Word{Name: key, Value: value, Pos: l.Pos})
		}
	case "Command", "Args":
		if len(b.words) < maxWords {
			b.words = append(b.words, launch.Word{Value: text, Pos: l.Pos})
		}
	}
}

// detail takes a line below State or Last State.
func detail(s *event.ContainerStatus, l *dialect.Line, key, value string) {
	switch key {
	case "Reason":
		s.Pos = l.Pos
		if s.State == "terminated" {
			ended(s, clip(value), s.Message)
		}
		s.Reason = clip(value)
	case "Message":
		s.Message = clip(value)
	case "Exit Code":
		n, err := strconv.Atoi(value)
		s.ExitCode, s.HasExit = n, err == nil
	case "Signal":
		s.Signal, _ = strconv.Atoi(value)
	case "Started":
		s.Started = instant(value)
	case "Finished":
		s.Finished = instant(value)
	}
}

// resources takes the bounds of the pod as a whole (Kubernetes 1.32 and later).
func (d *description) resources(l *dialect.Line, indent int, text string) {
	key, value, _ := strings.Cut(text, ":")
	if indent == 2 {
		d.role = key
	}
	if key != "memory" {
		return
	}
	if d.state.Dialect == "" {
		d.state.Head = l.Head(name)
	}
	if d.role == "Limits" {
		d.state.Limit = bound(value)
	} else {
		d.state.Request = bound(value)
	}
}

// event takes a row of the events.
func (d *description) event(l *dialect.Line, text []byte, emit dialect.Emit) {
	if d.table.Empty() {
		d.table, _ = columns.Header(text, "Reason", "Message")
		return
	}
	row, ok := d.table.Row(text)
	if !ok {
		emit(problem(l, "an event of kubectl describe whose cells do not stand below their titles"))
		return
	}
	if strings.Trim(row.Cell("Reason"), "-") == "" || len(d.events) >= maxEvents {
		return
	}
	h := happening{ev: event.ContainerEvent{Head: l.Head(name), Container: d.pod}}
	h.ev.Reason, h.ev.Message = clip(row.Cell("Reason")), row.Cell("Message")
	h.ev.Name, h.ev.Role = field(row.Cell("SubObjectPath") + row.Cell("SubobjectPath"))
	h.ev.Ago, h.ev.Count = age(row.Cell("Age") + row.Cell("LastSeen"))
	setTime(&h.ev, instant(row.Cell("LastSeen")))
	if n, err := strconv.Atoi(row.Cell("Count")); err == nil {
		h.ev.Count = n
	}
	d.events = append(d.events, h)
	if uid := podUID(h.ev.Message); uid != "" && d.kind == "pod" && d.pod.PodUID == "" {
		d.pod.PodUID = uid
	}
}

// condition takes a row of the conditions of a node.
func (d *description) condition(l *dialect.Line, text []byte) {
	if d.table.Empty() {
		d.table, _ = columns.Header(text, "Type", "Status", "LastTransitionTime", "Message")
		return
	}
	row, ok := d.table.Row(text)
	if !ok || row.Cell("Type") != "MemoryPressure" || row.Cell("Status") != "True" {
		return
	}
	h := happening{ev: event.ContainerEvent{Head: l.Head(name), Container: d.pod}}
	h.ev.Reason, h.ev.Message = "MemoryPressure", row.Cell("Message")
	setTime(&h.ev, instant(row.Cell("LastTransitionTime")))
	d.events = append(d.events, h)
}

// nodePod takes a row of the pods of a node: the bounds of all containers of a pod together.
func (d *description) nodePod(l *dialect.Line, text []byte) {
	if d.table.Empty() {
		d.table, _ = columns.Header(text, "Namespace", "Name", "Memory Limits")
		return
	}
	row, ok := d.table.Row(text)
	if !ok || strings.Trim(row.Cell("Name"), "-") == "" || len(d.rows) >= maxEvents {
		return
	}
	amount := func(title string) string {
		text, _, _ := strings.Cut(row.Cell(title), " ")
		return text
	}
	s := &event.ContainerStatus{Head: l.Head(name), Container: d.pod, Limit: bound(amount("Memory Limits")), Request: bound(amount("Memory Requests"))}
	s.Namespace, s.Pod = clip(row.Cell("Namespace")), clip(row.Cell("Name"))
	if s.Limit.IsKnown() || s.Request.IsKnown() {
		d.rows = append(d.rows, s)
	}
}

// endDescription tells what a description said.
func (d *decoder) endDescription(emit dialect.Emit) {
	it := d.desc
	d.desc = nil
	if it == nil {
		return
	}
	if it.kind == "pod" || it.kind == "part" {
		it.tell(emit)
	}
	for _, s := range it.rows {
		emit(s)
	}
	for i := range it.events {
		h := &it.events[i]
		if it.kind == "pod" {
			h.ev.PodUID = it.pod.PodUID
		} else {
			h.ev.Pod = ""
		}
		h.report(emit)
	}
}

// tell emits the containers of a pod.
func (d *description) tell(emit dialect.Emit) {
	if d.state.Dialect != "" {
		d.state.Container, d.state.QoS = d.pod, d.qos
		d.state.Usage = usage(d.state.Message)
		emit(&d.state)
	}
	for _, b := range d.boxes {
		is := d.pod
		is.Name, is.Role, is.ID, is.Image = b.now.Name, b.now.Role, b.now.ID, b.now.Image
		b.now.Container, b.now.QoS = is, d.qos
		if b.has {
			b.last.Container, b.last.QoS, b.last.Previous = is, d.qos, true
			b.last.Limit, b.last.Request = b.now.Limit, b.now.Request
			b.last.Restarts, b.last.HasRestarts = b.now.Restarts, b.now.HasRestarts
			emit(&b.last)
		}
		if d.kind != "part" || b.now.State != "" {
			emit(&b.now)
		}
		tell(b.words, &is, d.head, emit)
	}
}

// property returns what stands behind a key at the left margin. kubectl to 1.7 pads with tabs.
func property(text []byte, key string) (string, bool) {
	if !has(text, key) {
		return "", false
	}
	return strings.TrimSpace(string(text[len(key)+1:])), true
}

// has reports whether a line at the left margin begins with a key and a value, blanks or tabs apart.
func has(text []byte, key string) bool {
	return len(text) > len(key)+1 && string(text[:len(key)]) == key && text[len(key)] == ':' && (text[len(key)+1] == ' ' || text[len(key)+1] == '\t')
}
