package timeline

import (
	"cmp"
	"slices"
	"strings"

	"oomtrace/parser/event"
)

// names are what one container, unit or job goes by in different logs. What is not known is empty.
type names struct {
	ids                    []string // of containers: a workload that was restarted may have had several
	own                    bool     // ids is the one that the log of the process itself names: no other is of this life
	podUID, namespace, pod string
	name                   string // of the container or job
	unit                   string // systemd unit, or what a syslog tag says
	path                   string // control group
}

// kinship says whether two sets of names are of one thing.
type kinship int8

const (
	stranger kinship = iota - 1
	unknown
	same
)

// kin compares two sets of names. An id, a control group or a pod decides; a name alone is believed where nothing speaks
// against it.
func (n *names) kin(o *names) kinship {
	switch {
	case shareID(n.ids, o.ids), o.liesIn(n.path), n.liesIn(o.path):
		return same
	case differ(n.podUID, o.podUID), differ(n.pod, o.pod), differ(n.namespace, o.namespace):
		return stranger
	}
	name, unit := compareNames(n.name, o.name), compareUnits(n, o)
	pod := n.podUID != "" && n.podUID == o.podUID || n.pod != "" && n.pod == o.pod
	apart := len(n.ids) > 0 && len(o.ids) > 0
	switch {
	case name == stranger, unit == stranger, apart && !pod:
		return stranger
	case pod && apart:
		return name // of one pod: another container, or the same one restarted
	case pod:
		return same
	}
	return max(name, unit)
}

func differ(a, b string) bool { return a != "" && b != "" && a != b }

func shareID(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool {
		return slices.ContainsFunc(b, func(y string) bool { return x == y || samePrefix(x, y) })
	})
}

// compareNames compares the names of two containers. Compose puts the name of its project before that of the service.
func compareNames(a, b string) kinship {
	switch {
	case a == "" || b == "":
		return unknown
	case a == b, hasService(a, b), hasService(b, a):
		return same
	}
	return stranger
}

func hasService(long, short string) bool {
	return strings.HasSuffix(long, "-"+short) || strings.HasSuffix(long, "_"+short)
}

// compareUnits compares units. A tag of syslog is not always the name of a unit, so that only two units can differ.
func compareUnits(n, o *names) kinship {
	for _, pair := range [][2]string{{n.unit, o.unit}, {n.unit, o.name}, {n.name, o.unit}} {
		if pair[0] != "" && shortUnit(pair[0]) == shortUnit(pair[1]) {
			return same
		}
	}
	if isUnit(n.unit) && isUnit(o.unit) {
		return stranger
	}
	return unknown
}

func shortUnit(s string) string { return strings.TrimSuffix(s, ".service") }

func isUnit(s string) bool { return strings.HasSuffix(s, ".service") || strings.HasSuffix(s, ".scope") }

// leastID is how long an id must be to be looked for inside of a name.
const leastID = 12

// liesIn reports whether a control group is one of the thing with these names. A slice holds the groups of many things.
func (n *names) liesIn(path string) bool {
	for element := range strings.SplitSeq(path, "/") {
		if element == "" {
			continue
		}
		if element == n.name || element == n.unit && (isUnit(element) || strings.HasSuffix(path, element)) {
			return true
		}
		for _, id := range n.ids {
			job, _, _ := strings.Cut(id, ".") // step 0 of a job of Slurm is 440575.0
			if element == id || element == "job_"+job || len(id) >= leastID && strings.Contains(element, id) {
				return true
			}
		}
	}
	return false
}

// take fills in what o knows and n does not. It reports whether that was anything.
func (n *names) take(o *names) bool {
	taken := false
	for _, f := range []struct{ to, from *string }{
		{&n.podUID, &o.podUID},
		{&n.namespace, &o.namespace},
		{&n.pod, &o.pod},
		{&n.name, &o.name},
		{&n.unit, &o.unit},
		{&n.path, &o.path},
	} {
		if *f.to == "" && *f.from != "" {
			*f.to, taken = *f.from, true
		}
	}
	if n.own {
		return taken
	}
	for _, id := range o.ids {
		if !shareID(n.ids, []string{id}) {
			n.ids, taken = append(n.ids, id), true
		}
	}
	return taken
}

// none reports whether nothing is known.
func (n *names) none() bool {
	return len(n.ids) == 0 && n.podUID == "" && n.pod == "" && n.name == "" && n.unit == "" && n.path == ""
}

// namesOfContainer returns what an engine calls a container, a unit or a job.
func namesOfContainer(c *event.Container, cgroup string) names {
	n := names{podUID: c.PodUID, namespace: c.Namespace, pod: c.Pod, path: cgroup}
	if c.ID != "" {
		n.ids = []string{c.ID}
	}
	name := strings.TrimPrefix(c.Name, "/")
	if c.Engine == event.Systemd || c.Engine == event.SystemdOOMD || isUnit(name) {
		n.unit = name
	} else {
		n.name = name
	}
	return n
}

// namesOfStream returns what the envelope of a line, or else the name of its file, says of its writer.
func namesOfStream(s *event.Stream, file string) names {
	n := namesOfFile(file)
	if s == nil {
		return n
	}
	of := names{podUID: s.PodUID, namespace: s.Namespace, pod: s.Pod, name: s.Container}
	if !isRelay(s.Unit) {
		of.unit = s.Unit
	}
	switch {
	case s.ContainerID != "":
		of.ids, of.own = []string{s.ContainerID}, true
	case len(s.Host) == leastID && isHex(s.Host): // a container's name for itself, unless it was given one
		of.ids, of.own = []string{s.Host}, true
	default:
		of.ids, of.own = n.ids, n.own
	}
	of.take(&n)
	return of
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// namesOfFile reads the paths under which engines keep the logs of containers:
//
//	/var/log/pods/NAMESPACE_POD_UID/CONTAINER/0.log
//	/var/log/containers/POD_NAMESPACE_CONTAINER-ID.log
//	/var/lib/docker/containers/ID/ID-json.log
func namesOfFile(file string) names {
	parts := strings.FieldsFunc(file, func(r rune) bool { return r == '/' || r == '\\' || r == '!' })
	var base, folder, above string
	for _, p := range parts {
		above, folder, base = folder, base, p
	}
	if f := strings.Split(above, "_"); len(f) == 3 && isUID(f[2]) {
		return names{namespace: f[0], pod: f[1], podUID: f[2], name: folder}
	}
	if id, ok := strings.CutSuffix(base, "-json.log"); ok && len(id) == 64 && isHex(id) {
		return names{ids: []string{id}, own: true}
	}
	if f := strings.Split(strings.TrimSuffix(base, ".log"), "_"); len(f) == 3 {
		dash := strings.LastIndex(f[2], "-")
		if id := f[2][dash+1:]; dash > 0 && len(id) == 64 && isHex(id) {
			return names{pod: f[0], namespace: f[1], name: f[2][:dash], ids: []string{id}, own: true}
		}
	}
	return names{}
}

// isUID reports whether s is the UID of a pod, or of a static pod the hash of its manifest.
func isUID(s string) bool {
	return len(s) == 36 && strings.Count(s, "-") == 4 && isHex(strings.ReplaceAll(s, "-", "")) || len(s) == 32 && isHex(s)
}

// namesOfKill returns what the kernel's report names of the victim's group, or of the limit where it does not tell more.
func namesOfKill(k *event.Kill) names {
	n := names{podUID: k.PodUID, path: cmp.Or(k.TaskMemcg, k.OOMMemcg)}
	if k.ContainerID != "" {
		n.ids, n.own = []string{k.ContainerID}, true
	}
	for element := range strings.SplitSeq(n.path, "/") {
		if isUnit(element) && len(n.ids) == 0 {
			n.unit = element
		}
	}
	return n
}
