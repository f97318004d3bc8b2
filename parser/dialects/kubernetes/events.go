package kubernetes

import (
	"strconv"
	"strings"
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// reasons are the reasons of events that matter to a death, and what they tell. Of some the message decides, see actionOf.
var reasons = map[string]event.ContainerAction{
	"Started":                   event.ActionStart,
	"Killing":                   event.ActionKill,
	"BackOff":                   event.ActionRestart,
	"OOMKilling":                event.ActionOOM, // node-problem-detector, of a line of the kernel
	"SystemOOM":                 event.ActionOOM, // kubelet, of a kill outside of the limits of a group
	"OOMKilled":                 event.ActionOOM,
	"Evicted":                   event.ActionEvict, // kubelet
	"EvictedByVPA":              event.ActionEvict,
	"TaintManagerEviction":      event.ActionEvict,
	"Preempting":                event.ActionEvict, // kubelet, to admit a critical pod
	"Preempted":                 event.ActionEvict, // scheduler
	"Unhealthy":                 event.ActionOther,
	"EvictionThresholdMet":      event.ActionOther,
	"NodeHasInsufficientMemory": event.ActionOther,
	"MemoryPressure":            event.ActionOther, // a condition of a node
	"NodeNotReady":              event.ActionOther,
	"Rebooted":                  event.ActionOther,
	"ResizeStarted":             event.ActionOther, // of limits
	"ResizeCompleted":           event.ActionOther,
	"ResizeError":               event.ActionOther,
	"Failed":                    event.ActionOther,
	"FailedCreatePodSandBox":    event.ActionOther,
}

// actionOf returns what an event tells, and whether it matters.
func actionOf(reason, message string) (event.ContainerAction, bool) {
	action, ok := reasons[reason]
	switch reason {
	case "BackOff":
		ok = strings.Contains(message, "restarting failed")
	case "Unhealthy":
		ok = strings.HasPrefix(message, "Liveness") || strings.HasPrefix(message, "Startup")
	case "Failed", "FailedCreatePodSandBox":
		return event.ActionOOM, strings.Contains(message, "OOM-killed")
	case "TaintManagerEviction":
		ok = strings.HasPrefix(message, "Marking")
	}
	return action, ok
}

// happening is an event of Kubernetes as any of its forms states it.
type happening struct {
	ev   event.ContainerEvent
	kind string // of the object: Pod, Node, in any case
	name string // of the object
}

// report emits what an event tells, if it matters.
func (h *happening) report(emit dialect.Emit) {
	action, ok := actionOf(h.ev.Reason, h.ev.Message)
	if !ok {
		return
	}
	ev := h.ev
	ev.Engine, ev.Action = event.Kubernetes, action
	ev.Count = max(ev.Count, 1)
	switch strings.ToLower(h.kind) {
	case "pod", "pods", "po":
		ev.Pod = h.name
	case "node", "nodes", "no":
		ev.Node = h.name
	}
	readMessage(&ev, h.ev.Message)
	ev.Message = clip(ev.Message)
	emit(&ev)
}

// readMessage sets what the message of an event says.
func readMessage(ev *event.ContainerEvent, message string) {
	switch ev.Action {
	case event.ActionOOM:
		ev.PID, ev.Process = victim(message)
	case event.ActionEvict:
		ev.Usage = usage(message)
	case event.ActionStart, event.ActionExit, event.ActionKill, event.ActionExceed, event.ActionRestart, event.ActionOther:
	}
	if ev.Name == "" {
		ev.Name = containerOf(message)
	}
	if ev.PodUID == "" {
		ev.PodUID = podUID(message)
	}
}

// victim reads the process of "System OOM encountered, victim process: java, pid: 1580" (kubelet, oom_watcher_linux.go) or of
// "Killed process 1580 (java) total-vm:..." (the kernel, as node-problem-detector hands it on).
func victim(message string) (pid int, process string) {
	if _, rest, ok := strings.Cut(message, "victim process: "); ok {
		if i := strings.LastIndex(rest, ", pid: "); i >= 0 {
			pid, _ = strconv.Atoi(strings.TrimSpace(rest[i+len(", pid: "):]))
			return pid, clip(rest[:i])
		}
	}
	for _, words := range []string{"Killed process ", "Kill process "} {
		_, rest, _ := strings.Cut(message, words)
		number, rest, ok := strings.Cut(rest, " (")
		end := strings.Index(rest, ") ")
		if n, err := strconv.Atoi(number); ok && err == nil && end >= 0 {
			return n, clip(rest[:end])
		}
	}
	return 0, ""
}

// usage reads what was used out of the message of an eviction for want of memory (kubelet, eviction/helpers.go): the most of
// all "Container x was using 4923412Ki, request is 0, has larger consumption of memory.", until 1.22 without the last words.
func usage(message string) (most unit.Size) {
	if !strings.Contains(message, "low on resource: memory") {
		return most
	}
	for _, part := range strings.Split(message, " was using ")[1:] {
		amount, _, _ := strings.Cut(part, ",")
		if q := quantity(amount); q.IsKnown() && q.Or(0) > most.Or(-1) {
			most = q
		}
	}
	return most
}

// containerOf finds the name of the container in the messages of the kubelet.
func containerOf(message string) string {
	for _, before := range []string{
		"restarting failed container=", "restarting failed container ", "Started container ", "Stopping container ", "Container ", "Killing container with id ",
	} {
		_, rest, ok := strings.Cut(message, before)
		if !ok || before == "Container " && !strings.HasPrefix(message, before) && !strings.Contains(message, "low on resource") {
			continue
		}
		word, _, _ := strings.Cut(rest, " ")
		word, _, _ = strings.Cut(word, ",")
		if before == "Killing container with id " {
			_, id, _ := strings.Cut(word, "://")
			word, _, _ = strings.Cut(id, ":")
		}
		return clip(strings.Trim(word, `."`))
	}
	return ""
}

// podUID finds the UID in "... in pod NAME_NAMESPACE(UID)" and "pod=NAME_NAMESPACE(UID)": a UUID, or the 32 digits of a static pod.
func podUID(message string) string {
	_, rest, _ := strings.Cut(message, "_")
	_, rest, _ = strings.Cut(rest, "(")
	uid, _, ok := strings.Cut(rest, ")")
	if !ok || strings.Trim(uid, "0123456789abcdef-") != "" || len(uid) != 32 && (len(uid) != 36 || strings.Count(uid, "-") != 4) {
		return ""
	}
	return uid
}

// object tells an event that stands in JSON or YAML, of the API v1 or events.k8s.io/v1.
func object(v value, src *source, emit dialect.Emit) {
	h := happening{ev: event.ContainerEvent{Head: src.at(v)}}
	of := first(v.get("involvedObject"), v.get("regarding"))
	h.kind, h.name = of.get("kind").short(), of.get("name").short()
	h.ev.Namespace = of.get("namespace").short()
	h.ev.Reason, h.ev.Message = v.get("reason").short(), first(v.get("message"), v.get("note")).text()
	if strings.EqualFold(h.kind, "pod") {
		h.ev.PodUID = of.get("uid").short()
	}
	h.ev.Name, h.ev.Role = field(of.get("fieldPath").text())
	from := first(v.get("source"), v.get("deprecatedSource"))
	h.ev.Node = first(from.get("host"), v.get("reportingInstance")).short()
	h.ev.Count, _ = first(v.get("series", "count"), v.get("count"), v.get("deprecatedCount")).number()
	begin := first(v.get("firstTimestamp"), v.get("deprecatedFirstTimestamp"), v.get("eventTime")).instant()
	end := first(v.get("series", "lastObservedTime"), v.get("lastTimestamp"), v.get("deprecatedLastTimestamp"), v.get("eventTime"), v.get("metadata", "creationTimestamp")).instant()
	if h.ev.Count > 1 {
		h.ev.First = begin
	}
	setTime(&h.ev, end)
	h.report(emit)
}

// first returns the first value that exists and is not empty.
func first(values ...value) value {
	for _, v := range values {
		if v.exists() && (v.isObject() || v.text() != "") {
			return v
		}
	}
	return value{}
}

// field reads the path of a container: spec.initContainers{migrate}.
func field(path string) (container, role string) {
	list, rest, ok := strings.Cut(path, "{")
	if !ok {
		return "", ""
	}
	for _, l := range lists {
		if list == "spec."+l.spec {
			role = l.role
		}
	}
	return clip(strings.TrimSuffix(rest, "}")), role
}

// age reads how long ago something happened in a table: 3m56s, 2d3h, and "27s (x3 over 40s)" with how often and since when.
func age(cell string) (ago event.Span, count int) {
	cell, times, _ := strings.Cut(cell, " (x")
	digits, _, _ := strings.Cut(times, " ")
	count, _ = strconv.Atoi(digits)
	return duration(cell), count
}

// units are the units of an age (apimachinery/pkg/util/duration, HumanDuration).
var units = map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'y': 365 * 24 * time.Hour}

// maxAge is the largest age that is taken for one.
const maxAge = 100 * 365 * 24 * time.Hour

func duration(text string) event.Span {
	var sum time.Duration
	rest := []byte(text)
	if len(rest) == 0 || len(rest) > 16 {
		return event.Span{}
	}
	for len(rest) > 0 {
		n, digits := 0, 0
		for digits < len(rest) && digits < 6 && rest[digits]-'0' <= 9 {
			n = n*10 + int(rest[digits]-'0')
			digits++
		}
		if digits == 0 || digits == len(rest) {
			return event.Span{}
		}
		each := units[rest[digits]]
		if each == 0 || time.Duration(n) > maxAge/each {
			return event.Span{}
		}
		sum += time.Duration(n) * each
		if sum > maxAge {
			return event.Span{}
		}
		rest = rest[digits+1:]
	}
	return event.Took(sum)
}
