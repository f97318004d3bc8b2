package kernel

import "strings"

// PodUID returns the UID of the Kubernetes pod that a cgroup path names, with dashes, or the 32 hexadecimal digits
// of a static pod; it is empty if the path names none. The systemd driver writes the dashes of a UID as underscores.
func PodUID(path string) string {
	for part := range innermost(path) {
		part, _, _ = strings.Cut(part, ":") // "….slice:cri-containerd:<id>"
		part = strings.TrimSuffix(part, ".slice")
		at := strings.LastIndex(part, "pod")
		if at < 0 || at > 0 && part[at-1] != '-' {
			continue
		}
		if uid := strings.ReplaceAll(part[at+len("pod"):], "_", "-"); isUUID(uid) || len(uid) == 32 && isHex(uid) {
			return uid
		}
	}
	return ""
}

// ContainerID returns the id of the container that a cgroup path names, as docker, containerd, CRI-O, podman and the
// ECS agent write it; it is empty if the path names none. In nested containers it is the inner one.
func ContainerID(path string) string {
	for part := range innermost(path) {
		part = strings.TrimSuffix(part, ".scope")
		if strings.Contains(part, "conmon-") { // the monitor of a container runs outside of it
			return ""
		}
		id := part[strings.LastIndexAny(part, "-:")+1:]
		if len(id) == 64 && isHex(id) {
			return id
		}
		task, container, _ := strings.Cut(part, "-") // ECS on Fargate
		if len(task) == 32 && isHex(task) && container != "" && strings.Trim(container, "0123456789") == "" {
			return part
		}
	}
	return ""
}

// innermost yields the names of a path from the last to the first.
func innermost(path string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for path != "" {
			slash := strings.LastIndexByte(path, '/')
			if !yield(path[slash+1:]) || slash < 0 {
				return
			}
			path = path[:slash]
		}
	}
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, n := range []int{8, 4, 4, 4, 12} {
		if i > 0 {
			if s[0] != '-' {
				return false
			}
			s = s[1:]
		}
		if !isHex(s[:n]) {
			return false
		}
		s = s[n:]
	}
	return true
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }
