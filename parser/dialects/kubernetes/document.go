package kubernetes

import (
	"bytes"
	"strings"

	"github.com/tidwall/gjson"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// DecodeDocument implements dialect.DocumentDecoder.
func (d *decoder) DecodeDocument(doc *dialect.Document, emit dialect.Emit) bool {
	has := func(key string) bool { return bytes.Contains(doc.Text, []byte(key)) }
	object := has(`"kind":`) && has(`"apiVersion":`)
	part := has(`"restartCount":`) || has(`"involvedObject":`) || has(`"finishedAt":`) && has(`"exitCode":`)
	if !object && !part {
		return false
	}
	if !doc.Cut && len(doc.Starts) == 1 && !gjson.ValidBytes(doc.Text) {
		emit(problem(&doc.Line, "a JSON value of Kubernetes that breaks off"))
		return true
	}
	root := value{json: gjson.ParseBytes(doc.Text)}
	src := ofDocument(doc)
	if !resource(root, src, emit) && !fragment(root, src, emit) {
		return false
	}
	if doc.Cut {
		emit(problem(&doc.Line, "the log ends inside of a JSON value of Kubernetes"))
	}
	return true
}

// resource tells what an object of Kubernetes or a list of them says, and reports whether it is one.
func resource(v value, src *source, emit dialect.Emit) bool {
	if watched := v.get("object"); watched.isObject() && v.get("type").exists() && !v.get("kind").exists() {
		v = watched
	}
	kind := v.get("kind").text()
	if !v.get("apiVersion").exists() || kind == "" {
		return false
	}
	of, list := strings.CutSuffix(kind, "List")
	if !list {
		one(kind, v, src, emit)
		return true
	}
	v.get("items").each(func(_ string, item value) bool {
		kind := of
		if own := item.get("kind").text(); own != "" {
			kind = own
		}
		one(kind, item, src, emit)
		return true
	})
	return true
}

// one tells what an object says. Items of lists need not name their kind.
func one(kind string, v value, src *source, emit dialect.Emit) {
	switch kind {
	case "Pod":
		pod(v.get("metadata"), v.get("spec"), v.get("status"), src, emit)
	case "Event":
		object(v, src, emit)
	case "Node":
		node(v, src, emit)
	case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController", "Job":
		template(v, v.get("spec", "template", "spec"), src, emit)
	case "CronJob":
		template(v, v.get("spec", "jobTemplate", "spec", "template", "spec"), src, emit)
	}
}

// template tells the limits and settings that a workload states for its pods, whose names it does not know.
func template(v, spec value, src *source, emit dialect.Emit) {
	base := event.ContainerStatus{Container: event.Container{Engine: event.Kubernetes, Namespace: v.get("metadata", "namespace").short()}}
	for _, l := range lists {
		base.Role = l.role
		containers(spec.get(l.spec), base, src, emit, nil)
	}
}

// node tells that a node is short of memory.
func node(v value, src *source, emit dialect.Emit) {
	v.get("status", "conditions").each(func(_ string, c value) bool {
		if c.get("type").text() != "MemoryPressure" || c.get("status").text() != "True" {
			return true
		}
		ev := &event.ContainerEvent{
			Head: src.at(c), Container: event.Container{Engine: event.Kubernetes, Node: v.get("metadata", "name").short()},
			Action: event.ActionOther, Reason: "MemoryPressure", Message: c.get("message").short(), Count: 1,
		}
		setTime(ev, c.get("lastTransitionTime").instant())
		emit(ev)
		return true
	})
}

// fragment tells what a part of a pod says, as kubectl get -o jsonpath cuts it out: its status, the statuses of its containers,
// or how one of them ended. Exporters of events leave out their kind, and wrap them (eventrouter).
func fragment(v value, src *source, emit dialect.Emit) bool {
	base := event.ContainerStatus{Container: event.Container{Engine: event.Kubernetes}}
	if wrapped := v.get("event"); wrapped.isObject() {
		v = wrapped
	}
	switch {
	case v.get("involvedObject").isObject() && v.get("reason").exists():
		object(v, src, emit)
	case v.get("containerStatuses").exists():
		pod(value{}, value{}, v, src, emit)
	case v.get("restartCount").exists():
		states(v, value{}, base, src, emit)
	case v.get("exitCode").exists() && v.get("finishedAt").exists():
		terminated(&base, v, src, emit)
	case v.json.IsArray():
		found := false
		v.each(func(_ string, item value) bool {
			if found = item.get("restartCount").exists(); found {
				states(item, value{}, base, src, emit)
			}
			return found
		})
		return found
	default:
		return false
	}
	return true
}
