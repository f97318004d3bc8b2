package docker

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// actions are the words of docker and podman for what happened to a container, as far as they matter to its death.
var actions = map[string]event.ContainerAction{
	"start":                    event.ActionStart,
	"die":                      event.ActionExit, // docker
	"died":                     event.ActionExit, // podman
	"oom":                      event.ActionOOM,
	"kill":                     event.ActionKill,
	"restart":                  event.ActionRestart,
	"stop":                     event.ActionOther,
	"update":                   event.ActionOther, // of limits
	"health_status: unhealthy": event.ActionOther,
}

// jsonEvent reads a line of docker events --format '{{json .}}' or of podman events --format json.
func jsonEvent(doc *dialect.Document, o gjson.Result, emit dialect.Emit) bool {
	kind, actor := o.Get("Type"), o.Get("Actor")
	ev := &event.ContainerEvent{Head: doc.Head(name), Count: 1}
	ev.Pos = doc.PosAt(o.Index)
	switch {
	case actor.IsObject() && o.Get("Action").Exists():
		attributes := actor.Get("Attributes")
		ev.Container = event.Container{Engine: event.Docker, ID: clip(actor.Get("ID").String())}
		ev.Reason = clip(o.Get("Action").String())
		addAttributes(ev, func(key string) string { return attributes.Get(gjson.Escape(key)).String() })
	case o.Get("Status").Exists() && o.Get("ID").Exists():
		attributes := o.Get("Attributes")
		ev.Container = event.Container{Engine: event.Podman, ID: clip(o.Get("ID").String())}
		ev.Reason = clip(o.Get("Status").String())
		addAttributes(ev, func(key string) string { return attributes.Get(gjson.Escape(key)).String() })
		ev.Name, ev.Image = clip(o.Get("Name").String()), clip(o.Get("Image").String())
		if code := o.Get("ContainerExitCode"); code.Exists() {
			ev.ExitCode, ev.HasExit = int(code.Int()), true
		}
	default:
		return false
	}
	at(ev, o)
	if kind.String() == "container" {
		report(ev, emit)
	}
	return true
}

// at sets the time that an event in JSON states.
func at(ev *event.ContainerEvent, o gjson.Result) {
	ns := o.Get("timeNano").Int()
	step := time.Nanosecond
	if ns == 0 {
		ns, step = instant(o.Get("Time")), time.Nanosecond
	}
	if ns == 0 {
		ns, step = o.Get("time").Int()*1e9, time.Second
	}
	if ns > 0 {
		ev.Time.Wall, ev.Time.WallStep = ns, step
		ev.Time.Has |= event.Wall
		ev.Time.Assumed = 0
	}
}

// addAttributes sets what the attributes of an event say. The labels of the container stand among them.
func addAttributes(ev *event.ContainerEvent, get func(string) string) {
	text := func(key string) string { return clip(get(key)) }
	ev.Name, ev.Image = text("name"), text("image")
	ev.Namespace, ev.Pod, ev.PodUID = text("io.kubernetes.pod.namespace"), text("io.kubernetes.pod.name"), text("io.kubernetes.pod.uid")
	if n := text("io.kubernetes.container.name"); n != "" {
		ev.Name = n
	}
	if code, err := strconv.Atoi(get("exitCode")); err == nil {
		ev.ExitCode, ev.HasExit = code, true
	}
	if signal, err := strconv.Atoi(get("signal")); err == nil && signal > 0 && signal < 128 {
		ev.Signal = signal
	}
	if get("health_status") == "unhealthy" {
		ev.Reason = "health_status: unhealthy"
	}
}

// report emits an event if what happened matters. A signal that need not end a process is no kill.
func report(ev *event.ContainerEvent, emit dialect.Emit) {
	action, ok := actions[ev.Reason]
	if !ok {
		return
	}
	if action == event.ActionKill && ev.Signal != 0 && !ends(ev.Signal) {
		action = event.ActionOther
	}
	ev.Action = action
	emit(ev)
}

// ends reports whether a signal is sent to end a process: SIGINT, SIGQUIT, SIGABRT, SIGKILL and SIGTERM.
func ends(signal int) bool {
	switch signal {
	case 2, 3, 6, 9, 15:
		return true
	}
	return false
}

// textEvent reads a line of docker events or podman events: a stamp, "container", what happened, the id, and attributes in
// brackets. Lines about images, networks and volumes are claimed too where they name an id.
func textEvent(l *dialect.Line, emit dialect.Emit) bool {
	text, zoned := afterStamp(l.Text)
	kind, rest, _ := bytes.Cut(text, []byte(" "))
	if !subject(kind) {
		return false
	}
	from, to := findID(rest)
	if to == 0 || from < 2 {
		return false
	}
	action := string(bytes.TrimRight(rest[:from], " "))
	attributes := bytes.TrimLeft(rest[to:], " ")
	if string(kind) != "container" {
		return true
	}
	ev := &event.ContainerEvent{Head: l.Head(name), Reason: clip(action), Count: 1, Container: event.Container{Engine: event.Docker, ID: string(rest[from:to])}}
	if zoned || action == "died" {
		ev.Engine = event.Podman
	}
	if len(attributes) > 0 && (attributes[0] != '(' || attributes[len(attributes)-1] != ')') {
		emit(problem(l, "an event of a container whose attributes break off"))
		return true
	}
	addAttributes(ev, func(key string) string { return attribute(attributes, key) })
	report(ev, emit)
	return true
}

// subject reports whether a word is the type of what an event is about.
func subject(word []byte) bool {
	for _, s := range subjects {
		if string(word) == s {
			return true
		}
	}
	return false
}

// subjects are what an event can be about.
var subjects = []string{"container", "image", "network", "volume", "pod", "plugin"}

// topics begin those of the events of containerd.
var topics = []string{"/tasks/", "/containers/", "/images/", "/snapshot/", "/sandbox/", "/namespaces/", "/content/"}

// afterStamp skips a stamp, and the name of its zone, which stays where the stamp was taken off.
func afterStamp(text []byte) (rest []byte, zoned bool) {
	rest = text
	for range 4 {
		word, after, ok := bytes.Cut(rest, []byte(" "))
		switch {
		case !ok || len(word) == 0:
			return rest, zoned
		case len(bytes.Trim(word, "0123456789-:.+TZ")) == 0 && len(word) >= 3:
		case len(word) <= 5 && len(bytes.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) == 0:
			zoned = true
		default:
			return rest, zoned
		}
		rest = after
	}
	return rest, zoned
}

// findID finds the id of a container in a text: a word of 64 hexadecimal digits, or of 12 before a bracket.
func findID(text []byte) (from, to int) {
	for at := 0; at < len(text); {
		end := bytes.IndexByte(text[at:], ' ')
		if end < 0 {
			end = len(text) - at
		}
		word := text[at : at+end]
		short := len(word) == 12 && bytes.HasPrefix(text[at+end:], []byte(" ("))
		if (len(word) == 64 || short) && hexadecimal(word) {
			return at, at + end
		}
		if digest, ok := bytes.CutPrefix(word, []byte("sha256:")); ok && len(digest) == 64 && hexadecimal(digest) {
			return at, at + end
		}
		at += end + 1
	}
	return 0, 0
}

func hexadecimal(word []byte) bool { return len(bytes.Trim(word, "0123456789abcdef")) == 0 }

// attribute finds "key=value" in "(a=b, key=value, c=d)". Values may hold anything; the first key that fits is taken.
func attribute(attributes []byte, key string) string {
	for _, before := range []string{"(", ", "} {
		_, rest, ok := strings.Cut(string(attributes), before+key+"=")
		if !ok {
			continue
		}
		if end := strings.Index(rest, ", "); end >= 0 {
			return rest[:end]
		}
		return strings.TrimSuffix(rest, ")")
	}
	return ""
}

// ctrEvent reads a line of ctr events: a stamp, the namespace of containerd, a topic, and a JSON value.
func ctrEvent(l *dialect.Line, emit dialect.Emit) bool {
	i := bytes.Index(l.Text, []byte(" /"))
	if i < 0 || len(l.Text) == 0 || l.Text[len(l.Text)-1] != '}' {
		return false
	}
	topic, value, _ := bytes.Cut(l.Text[i+1:], []byte(" "))
	before, _ := afterStamp(l.Text[:i+1])
	namespace := bytes.TrimSuffix(before, []byte(" "))
	if len(value) == 0 || value[0] != '{' || len(bytes.Trim(namespace, "abcdefghijklmnopqrstuvwxyz0123456789._-")) > 0 || !topical(topic) {
		return false
	}
	if !gjson.ValidBytes(value) {
		emit(problem(l, "an event of containerd that breaks off"))
		return true
	}
	o := gjson.ParseBytes(value)
	ev := &event.ContainerEvent{Head: l.Head(name), Reason: string(topic), Count: 1, Container: event.Container{
		Engine: event.Containerd, ID: clip(o.Get("container_id").String()),
	}}
	if ev.ID == "" && bytes.HasPrefix(topic, []byte("/tasks/")) {
		return false
	}
	switch string(topic) {
	case "/tasks/start":
		ev.Action, ev.PID = event.ActionStart, int(o.Get("pid").Int())
	case "/tasks/oom":
		ev.Action = event.ActionOOM
	case "/tasks/exit":
		if id := o.Get("id").String(); id != "" && id != ev.ID {
			return true // a command that was run in the container, not the container
		}
		ev.Action, ev.PID = event.ActionExit, int(o.Get("pid").Int())
		ev.ExitCode, ev.HasExit = int(o.Get("exit_status").Int()), true
	default:
		return true
	}
	emit(ev)
	return true
}

// topical reports whether a word is a topic of containerd: /tasks/exit, /containers/create.
func topical(word []byte) bool {
	for _, t := range topics {
		if bytes.HasPrefix(word, []byte(t)) {
			return true
		}
	}
	return false
}
