package report

import (
	"cmp"
	"slices"
	"strings"

	"oomtrace/parser/event"
)

// shortestSecret is how long a name must be to be taken out of sentences: shorter ones are parts of words.
const shortestSecret = 3

// heard cleans a sentence that an earlier stage made. In a redacted report it takes out what names a machine, a group, a
// pod or a container, and the folders of files.
func (b *builder) heard(s string) string {
	if b.in.Redact {
		s = b.hide.Replace(s)
	}
	return Clean(s)
}

// heardAll cleans sentences as heard does.
func (b *builder) heardAll(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, b.heard(s))
	}
	return out
}

// secrets makes the replacer of a redacted report. Longer names go first, so that none is left in part.
func (b *builder) secrets() *strings.Replacer {
	var names []string
	d := b.in.Timeline.Death
	names = append(names, d.Cgroup, d.ContainerID, d.PodUID)
	w := b.in.Timeline.Workload
	names = append(names, boxNames(&w.Container)...)
	for _, ev := range b.in.Timeline.Events {
		names = append(names, b.streamNames(ev.Header().Stream)...)
		switch ev := ev.(type) {
		case *event.ContainerStatus:
			names = append(append(names, boxNames(&ev.Container)...), ev.Cgroup)
		case *event.ContainerEvent:
			names = append(append(names, boxNames(&ev.Container)...), ev.Cgroup)
		case *event.GC, *event.Kill, *event.RuntimeOOM, *event.ProcessEnd, *event.Dump, *event.Sample, *event.Setting, *event.Problem:
		}
		if k, ok := ev.(*event.Kill); ok {
			names = append(names, k.OOMMemcg, k.TaskMemcg, k.PodUID, k.ContainerID, k.Host)
		}
	}
	for _, r := range b.in.Timeline.Runs {
		names = append(names, b.streamNames(r.Stream)...)
	}
	for _, file := range b.in.Timeline.Files {
		names = append(names, file[:strings.LastIndexAny(file, `/\`)+1])
	}
	slices.SortFunc(names, func(x, y string) int { return cmp.Or(cmp.Compare(len(y), len(x)), strings.Compare(x, y)) })
	names = slices.Compact(names)
	var pairs []string
	for _, name := range names {
		if len(name) < shortestSecret {
			break
		}
		with := "(redacted)"
		if strings.HasSuffix(name, "/") || strings.HasSuffix(name, `\`) {
			with = ""
		}
		pairs = append(pairs, name, with)
	}
	return strings.NewReplacer(pairs...)
}

// boxNames are the names of a container that a redacted report must not tell, the first digits of its id too.
func boxNames(c *event.Container) []string {
	const shortID = 12
	return []string{c.ID, c.ID[:min(len(c.ID), shortID)], strings.TrimPrefix(c.Name, "/"), c.Image, c.Namespace, c.Pod, c.PodUID, c.Node}
}

func (b *builder) streamNames(s *event.Stream) []string {
	if s == nil {
		return nil
	}
	return []string{s.Host, s.Namespace, s.Pod, s.PodUID, s.ContainerID}
}
