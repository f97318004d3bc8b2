package docker

import (
	"strings"

	"github.com/tidwall/gjson"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/launch"
	"oomtrace/parser/event"
)

// cri reads what crictl inspect prints of a container: the answer of the runtime interface of Kubernetes, and what the
// runtime (containerd or CRI-O) adds under info.
func cri(doc *dialect.Document, c gjson.Result, emit dialect.Emit) bool {
	status, info := c.Get("status"), c.Get("info")
	if !status.IsObject() || !strings.HasPrefix(status.Get("state").String(), "CONTAINER_") {
		return false
	}
	label := func(key string) string {
		return clip(status.Get("labels." + gjson.Escape("io.kubernetes."+key)).String())
	}
	s := &event.ContainerStatus{Head: doc.Head(name), Container: event.Container{
		Engine:    engineCRI,
		ID:        clip(status.Get("id").String()),
		Name:      clip(status.Get("metadata.name").String()),
		Image:     clip(status.Get("image.image").String()),
		Namespace: label("pod.namespace"),
		Pod:       label("pod.name"),
		PodUID:    label("pod.uid"),
	}}
	s.Pos = doc.PosAt(firstOf(status.Get("reason"), status).Index)
	s.State = strings.ToLower(strings.TrimPrefix(clip(status.Get("state").String()), "CONTAINER_"))
	s.Reason, s.Message = clip(status.Get("reason").String()), clip(status.Get("message").String())
	if s.State == "exited" {
		s.ExitCode, s.HasExit = int(status.Get("exitCode").Int()), true
		s.SaysOOM, s.OOMKilled = s.Reason != "", s.Reason == "OOMKilled"
		s.Finished = instant(status.Get("finishedAt"))
	}
	s.Started = instant(status.Get("startedAt"))
	if n := status.Get("metadata.attempt"); n.Exists() {
		s.Restarts, s.HasRestarts = int(n.Int()), true
	}
	spec := info.Get("runtimeSpec")
	s.PID, s.Cgroup = int(info.Get("pid").Int()), clip(spec.Get("linux.cgroupsPath").String())
	s.Limit = bound(firstOf(status.Get("resources.linux.memoryLimitInBytes"), spec.Get("linux.resources.memory.limit")))
	s.SwapLimit = bound(firstOf(status.Get("resources.linux.memorySwapLimitInBytes"), spec.Get("linux.resources.memory.swap")))
	emit(s)

	var all []launch.Word
	spec.Get("process.env").ForEach(func(_, v gjson.Result) bool {
		if variable, value, _ := strings.Cut(v.String(), "="); launch.Of(variable) {
			all = append(all, launch.Word{Name: variable, Value: value, Pos: doc.PosAt(v.Index)})
		}
		return true
	})
	spec.Get("process.args").ForEach(func(_, v gjson.Result) bool {
		all = append(all, launch.Word{Value: v.String(), Pos: doc.PosAt(v.Index)})
		return true
	})
	settings(doc, &s.Container, all, emit)
	return true
}
