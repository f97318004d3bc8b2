package docker

import (
	"bytes"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/launch"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// DecodeDocument implements dialect.DocumentDecoder.
func (d *decoder) DecodeDocument(doc *dialect.Document, emit dialect.Emit) bool {
	read := d.readerOf(doc.Text)
	if read == nil {
		return false
	}
	if !doc.Cut && len(doc.Starts) == 1 && !gjson.ValidBytes(doc.Text) {
		emit(problem(&doc.Line, "a JSON value of a container engine that breaks off"))
		return true
	}
	root := gjson.ParseBytes(doc.Text)
	found := false
	one := func(_, object gjson.Result) bool {
		found = object.IsObject() && read(doc, object, emit) || found
		return true
	}
	if root.IsArray() {
		root.ForEach(one)
	} else {
		one(gjson.Result{}, root)
	}
	if found && doc.Cut {
		emit(problem(&doc.Line, "the log ends inside of a JSON value of a container engine"))
	}
	return found
}

// reader reads one object and reports whether it is what it looked like.
type reader func(*dialect.Document, gjson.Result, dialect.Emit) bool

// readerOf tells by the keys in a text what it may be. Most documents are foreign.
func (d *decoder) readerOf(text []byte) reader {
	has := func(key string) bool { return bytes.Contains(text, []byte(key)) }
	switch {
	case has(`"OOMKilled":`), has(`"HostConfig":`), has(`"MemorySwap":`):
		return inspect
	case has(`"CONTAINER_`):
		return cri
	case has(`"Actor":`) && has(`"Action":`), has(`"Status":`) && has(`"timeNano":`):
		return jsonEvent
	case has(`"Status":`) && (has(`"Names":`) || has(`"Service":`)):
		return d.listed
	}
	return nil
}

// inspect reads what docker inspect and podman inspect print of a container, or its member State or HostConfig alone.
func inspect(doc *dialect.Document, c gjson.Result, emit dialect.Emit) bool {
	state, host, config := c.Get("State"), c.Get("HostConfig"), c.Get("Config")
	switch {
	case state.IsObject():
	case c.Get("OOMKilled").Exists() && c.Get("ExitCode").Exists():
		state = c
	case c.Get("MemorySwap").Exists() && c.Get("CgroupParent").Exists():
		host = c
	default:
		return false
	}
	s := &event.ContainerStatus{Head: doc.Head(name), Container: container(c, config)}
	if podman(state, host) {
		s.Engine = event.Podman
	}
	s.Pos = doc.PosAt(firstOf(state.Get("OOMKilled"), state, host).Index)
	s.State, s.Message, s.Cgroup = clip(state.Get("Status").String()), clip(state.Get("Error").String()), clip(state.Get("CgroupPath").String())
	oom := state.Get("OOMKilled")
	s.OOMKilled, s.SaysOOM = oom.Bool(), oom.IsBool()
	running := state.Get("Running").Bool()
	s.Started, s.Finished = instant(state.Get("StartedAt")), instant(state.Get("FinishedAt"))
	if code := state.Get("ExitCode"); code.Exists() && !running && s.State != "created" {
		s.ExitCode, s.HasExit = int(code.Int()), true
	}
	s.PID = int(state.Get("Pid").Int())
	if n := c.Get("RestartCount"); n.Exists() {
		s.Restarts, s.HasRestarts = int(n.Int()), true
	}
	s.Limit = bound(firstOf(host.Get("Memory"), config.Get("Memory")))
	s.Request = bound(host.Get("MemoryReservation"))
	s.SwapLimit = bound(firstOf(host.Get("MemorySwap"), config.Get("MemorySwap")))
	emit(s)
	settings(doc, &s.Container, words(doc, c, config), emit)
	return true
}

// container names the container of an inspect. Kubernetes tells docker about its pods in labels.
func container(c, config gjson.Result) event.Container {
	labels := config.Get("Labels")
	label := func(key string) string { return clip(labels.Get(gjson.Escape("io.kubernetes." + key)).String()) }
	is := event.Container{
		Engine:    event.Docker,
		ID:        clip(firstOf(c.Get("Id"), c.Get("ID")).String()),
		Name:      clip(strings.TrimPrefix(c.Get("Name").String(), "/")),
		Image:     clip(firstOf(c.Get("ImageName"), config.Get("Image")).String()),
		Namespace: label("pod.namespace"),
		Pod:       label("pod.name"),
		PodUID:    label("pod.uid"),
	}
	if n := label("container.name"); n != "" {
		is.Name = n
	}
	return is
}

// podman reports whether an inspect is podman's: docker has none of these members.
func podman(state, host gjson.Result) bool {
	return state.Get("ConmonPid").Exists() || state.Get("OciVersion").Exists() || host.Get("CgroupManager").Exists()
}

// firstOf returns the first value that exists.
func firstOf(values ...gjson.Result) gjson.Result {
	for _, v := range values {
		if v.Exists() {
			return v
		}
	}
	return gjson.Result{}
}

// bound reads a bound in bytes, where 0 and negative numbers stand for none.
func bound(v gjson.Result) unit.Size {
	if n := v.Int(); n > 0 && n < 1<<62 {
		return unit.Known(unit.Bytes(n))
	}
	return unit.Size{}
}

// instant reads a time, which may be the zero time of Go, nanoseconds since 1970, or empty. 0 is unknown.
func instant(v gjson.Result) int64 {
	if v.Type == gjson.Number {
		return max(v.Int(), 0)
	}
	t, err := time.Parse(time.RFC3339Nano, v.String())
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		return 0
	}
	return t.UnixNano()
}

// words returns the environment and the command of a container.
func words(doc *dialect.Document, c, config gjson.Result) (all []launch.Word) {
	config.Get("Env").ForEach(func(_, v gjson.Result) bool {
		if variable, value, _ := strings.Cut(v.String(), "="); launch.Of(variable) {
			all = append(all, launch.Word{Name: variable, Value: value, Pos: doc.PosAt(v.Index)})
		}
		return true
	})
	lists := []gjson.Result{config.Get("Entrypoint"), config.Get("Cmd")}
	if c.Get("Path").Exists() {
		lists = []gjson.Result{c.Get("Path"), c.Get("Args")}
	}
	for _, list := range lists {
		list.ForEach(func(_, v gjson.Result) bool {
			all = append(all, launch.Word{Value: v.String(), Pos: doc.PosAt(v.Index)})
			return true
		})
	}
	return all
}

// settings tells what the words set for a container.
func settings(doc *dialect.Document, of *event.Container, all []launch.Word, emit dialect.Emit) {
	stream := &event.Stream{Namespace: of.Namespace, Pod: of.Pod, PodUID: of.PodUID, Container: of.Name, ContainerID: of.ID}
	launch.Settings(all, func(s event.Setting) {
		pos := s.Pos
		s.Head = doc.Head(name)
		s.Pos, s.Stream = pos, stream
		emit(&s)
	})
}
