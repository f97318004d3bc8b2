package kubernetes

import (
	"bytes"
	"strconv"
	"strings"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
)

// What stands in events in the log of the kubelet.
const (
	occurred        = `Event occurred" object=`
	objectReference = "Event(v1.ObjectReference{"
	eviction        = "viction manager: pod "
)

// logLine takes an event in the log of the kubelet:
//
//	"Event occurred" object="default/api-1" fieldPath="spec.containers{api}" kind="Pod" ... reason="Killing" message="..."
//	Event(v1.ObjectReference{Kind:"Node", Namespace:"", Name:"node1", ...}): type: 'Warning' reason: 'SystemOOM' System OOM ...
//
// the second until 1.19, and an eviction as the eviction manager logs it.
func logLine(l *dialect.Line, emit dialect.Emit) bool {
	at := bytes.Index(l.Text, []byte("Event"))
	if at >= 0 && ofKernel(l.Text[at:]) {
		return false
	}
	if at < 0 {
		return evicted(l, emit)
	}
	text := l.Text[at:]
	h := happening{ev: event.ContainerEvent{Head: l.Head(name)}}
	switch {
	case ascii.HasPrefix(text, occurred):
		fields := string(text)
		of := pair(fields, "object")
		h.kind, h.name = pair(fields, "kind"), of
		if namespace, pod, ok := strings.Cut(of, "/"); ok {
			h.ev.Namespace, h.name = namespace, pod
		}
		h.ev.Name, h.ev.Role = field(pair(fields, "fieldPath"))
		h.ev.Reason, h.ev.Message = clip(pair(fields, "reason")), pair(fields, "message")
	case ascii.HasPrefix(text, objectReference):
		_, rest, ok := bytes.Cut(text, []byte("reason: '"))
		reason, message, whole := strings.Cut(string(rest), "' ")
		if !ok || !whole {
			emit(problem(l, "an event that breaks off"))
			return true
		}
		h.kind, h.name = reference(text, "Kind"), reference(text, "Name")
		h.ev.Namespace, h.ev.PodUID = reference(text, "Namespace"), reference(text, "UID")
		h.ev.Name, h.ev.Role = field(reference(text, "FieldPath"))
		h.ev.Reason, h.ev.Message = clip(reason), message
		if h.kind != "Pod" {
			h.ev.PodUID = ""
		}
	default:
		return false
	}
	h.kind, h.name, h.ev.Namespace = clip(h.kind), clip(h.name), clip(h.ev.Namespace)
	h.report(emit)
	return true
}

// evicted takes "Eviction manager: pod is evicted successfully" pod="default/api-1".
func evicted(l *dialect.Line, emit dialect.Emit) bool {
	at := bytes.Index(l.Text, []byte(eviction))
	if at < 0 || !bytes.Contains(l.Text[at:], []byte("evicted successfully")) {
		return false
	}
	of := pair(string(l.Text[at:]), "pod")
	if of == "" {
		word, _, _ := strings.Cut(string(l.Text[at+len(eviction):]), " ") // NAME_NAMESPACE(UID) until 1.20
		pod, rest, _ := strings.Cut(word, "_")
		namespace, _, _ := strings.Cut(rest, "(")
		of = namespace + "/" + pod
	}
	namespace, pod, _ := strings.Cut(of, "/")
	emit(&event.ContainerEvent{
		Head: l.Head(name), Container: event.Container{Engine: event.Kubernetes, Namespace: clip(namespace), Pod: clip(pod), PodUID: podUID(string(l.Text))},
		Action: event.ActionEvict, Reason: "Evicted", Count: 1,
	})
	return true
}

// pair returns the quoted value of a key in text as klog writes it: key="value".
func pair(text, key string) string {
	_, rest, ok := strings.Cut(text, " "+key+`="`)
	if !ok {
		return ""
	}
	for end := range len(rest) {
		if rest[end] == '"' && (end == 0 || rest[end-1] != '\\') {
			if value, err := strconv.Unquote(`"` + rest[:end] + `"`); err == nil {
				return value
			}
			return rest[:end]
		}
	}
	return ""
}

// reference returns a member of an ObjectReference as Go prints it: Kind:"Pod".
func reference(text []byte, key string) string {
	_, rest, _ := bytes.Cut(text, []byte(key+`:"`))
	value, _, ok := bytes.Cut(rest, []byte(`"`))
	if !ok {
		return ""
	}
	return clip(string(value))
}
