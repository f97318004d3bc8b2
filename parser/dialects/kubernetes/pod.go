package kubernetes

import (
	"math/big"
	"strings"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/launch"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// lists are the lists of containers in a pod: where the specification and where the status stand.
var lists = []struct{ spec, status, role string }{
	{"initContainers", "initContainerStatuses", "init"},
	{"containers", "containerStatuses", ""},
	{"ephemeralContainers", "ephemeralContainerStatuses", "ephemeral"},
}

// pod tells what a pod says about its containers, the state before the last restart first.
func pod(meta, spec, status value, src *source, emit dialect.Emit) {
	is := event.Container{
		Engine: event.Kubernetes, Namespace: meta.get("namespace").short(), Pod: meta.get("name").short(),
		PodUID: meta.get("uid").short(), Node: spec.get("nodeName").short(),
	}
	if hash := meta.get("annotations", "kubernetes.io/config.mirror").short(); hash != "" {
		is.PodUID = hash
	}
	base := event.ContainerStatus{Container: is, QoS: status.get("qosClass").short()}
	podItself(spec, status, base, src, emit)
	for _, l := range lists {
		base.Role = l.role
		specs := byName(spec.get(l.spec))
		told := map[string]bool{}
		n := 0
		status.get(l.status).each(func(_ string, v value) bool {
			container := v.get("name").short()
			told[container] = true
			states(v, specs[container], base, src, emit)
			n++
			return n < maxContainers
		})
		containers(spec.get(l.spec), base, src, emit, told)
	}
}

// maxContainers is how many containers of one kind a pod can have. Real pods have a few.
const maxContainers = 1024

// byName returns the containers of a list by their names.
func byName(list value) map[string]value {
	found := map[string]value{}
	n := 0
	list.each(func(_ string, c value) bool {
		found[c.get("name").short()] = c
		n++
		return n < maxContainers
	})
	return found
}

// podItself tells what is said of the pod as a whole: that it was evicted, or a limit for all of its containers together.
func podItself(spec, status value, base event.ContainerStatus, src *source, emit dialect.Emit) {
	resources := spec.get("resources")
	s := base
	s.Limit, s.Request = memory(resources, "limits"), memory(resources, "requests")
	s.Reason, s.Message = status.get("reason").short(), status.get("message").short()
	at := status.get("reason")
	if s.Reason == "" {
		if !s.Limit.IsKnown() && !s.Request.IsKnown() {
			return
		}
		at = resources
	}
	s.State = strings.ToLower(status.get("phase").short())
	s.Usage = usage(s.Message)
	s.Head = src.at(at)
	emit(&s)
}

// containers tells the limits and settings of the containers of a pod or of a template. Those of which a status was seen have
// their limits told already.
func containers(spec value, base event.ContainerStatus, src *source, emit dialect.Emit, told map[string]bool) {
	n := 0
	spec.each(func(_ string, c value) bool {
		s := base
		s.Name, s.Image = c.get("name").short(), c.get("image").short()
		s.Limit, s.Request = memory(c.get("resources"), "limits"), memory(c.get("resources"), "requests")
		if !told[s.Name] {
			s.Head = src.at(c)
			emit(&s)
		}
		settings(c, &s.Container, s.Limit, src, emit)
		n++
		return n < maxContainers
	})
}

// memory reads an amount of memory among limits or requests.
func memory(resources value, which string) unit.Size {
	return bound(resources.get(which, "memory").text())
}

// states tells the state of a container before its last restart, and the one now. The limits that the status names are the
// ones that are in force (Kubernetes 1.27 and later), as those of the specification may be changed while it runs.
func states(v, spec value, base event.ContainerStatus, src *source, emit dialect.Emit) {
	s := base
	s.Name, s.Image = v.get("name").short(), v.get("image").short()
	s.Limit, s.Request = memory(spec.get("resources"), "limits"), memory(spec.get("resources"), "requests")
	if actual := v.get("resources"); actual.get("limits").exists() {
		s.Limit, s.Request = memory(actual, "limits"), memory(actual, "requests")
	}
	s.Restarts, s.HasRestarts = v.get("restartCount").number()
	s.ID = bareID(v.get("containerID").short())
	if last := v.get("lastState", "terminated"); last.exists() {
		was := s
		was.Previous = true
		terminated(&was, last, src, emit)
	}
	state := v.get("state")
	if t := state.get("terminated"); t.exists() {
		terminated(&s, t, src, emit)
		return
	}
	s.Head = src.at(v)
	for _, word := range []string{"running", "waiting"} {
		if now := state.get(word); now.exists() {
			s.Head = src.at(now)
			s.State, s.Reason, s.Message = word, now.get("reason").short(), now.get("message").short()
			s.Started = now.get("startedAt").instant()
		}
	}
	emit(&s)
}

// terminated tells the end of a container.
func terminated(s *event.ContainerStatus, t value, src *source, emit dialect.Emit) {
	at := t.get("reason")
	if !at.exists() {
		at = t
	}
	s.Head = src.at(at)
	s.State = "terminated"
	if id := t.get("containerID").short(); id != "" {
		s.ID = bareID(id)
	}
	s.ExitCode, s.HasExit = t.get("exitCode").number()
	s.Signal, _ = t.get("signal").number()
	s.Started, s.Finished = t.get("startedAt").instant(), t.get("finishedAt").instant()
	ended(s, t.get("reason").short(), t.get("message").short())
	emit(s)
}

// ended sets why a container ended. Of a kill for want of memory of the whole node Kubernetes says Error, not OOMKilled. "OOM
// Killed" is how the first versions spelled it; runc words a kill before the program began in its message.
func ended(s *event.ContainerStatus, reason, message string) {
	s.Reason, s.Message = reason, message
	s.SaysOOM = reason != ""
	s.OOMKilled = reason == "OOMKilled" || reason == "OOM Killed" || strings.Contains(message, "OOM-killed")
}

// bareID takes the name of the runtime off: containerd://00cdf68f...
func bareID(id string) string {
	if _, bare, ok := strings.Cut(id, "://"); ok {
		return bare
	}
	return id
}

// settings tells what the environment and the command of a container set.
func settings(c value, of *event.Container, limit unit.Size, src *source, emit dialect.Emit) {
	var words []launch.Word
	c.get("env").each(func(_ string, v value) bool {
		if variable := v.get("name").text(); launch.Of(variable) {
			words = append(words, launch.Word{Name: variable, Value: variableValue(v, limit), Pos: src.pos(v)})
		}
		return true
	})
	for _, list := range []string{"command", "args"} {
		c.get(list).each(func(_ string, v value) bool {
			words = append(words, launch.Word{Value: v.text(), Pos: src.pos(v)})
			return true
		})
	}
	tell(words, of, src.head, emit)
}

// variableValue is the value of a variable. One that refers to the limit of its container has that number, in units of the divisor and
// rounded up. What a secret or a config map holds is not in the pod.
func variableValue(v value, limit unit.Size) string {
	ref := v.get("valueFrom", "resourceFieldRef")
	if ref.get("resource").text() != "limits.memory" {
		return v.get("value").text()
	}
	size, known := limit.Get()
	if !known {
		return ""
	}
	divisor := bound(ref.get("divisor").text()).Or(1)
	n := new(big.Int).Add(big.NewInt(int64(size)), big.NewInt(int64(divisor)-1))
	return n.Quo(n, big.NewInt(int64(divisor))).String()
}

// tell emits what words set for a container.
func tell(words []launch.Word, of *event.Container, head event.Head, emit dialect.Emit) {
	if len(words) == 0 {
		return
	}
	stream := &event.Stream{Namespace: of.Namespace, Pod: of.Pod, PodUID: of.PodUID, Container: of.Name, ContainerID: of.ID}
	launch.Settings(words, func(s event.Setting) {
		pos := s.Pos
		s.Head = head
		s.Pos, s.Stream = pos, stream
		emit(&s)
	})
}
