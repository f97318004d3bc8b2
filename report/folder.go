package report

import (
	"slices"
	"strings"

	"oomtrace/parser/event"
)

// Short returns the name of a file without the folder that all inputs share.
func (m *Model) Short(name string) string { return strings.TrimPrefix(name, m.Folder) }

// Full puts the folder back that the positions of a Model leave out.
func (m *Model) Full(p event.Pos) event.Pos {
	if p.File != "" {
		p.File = m.Folder + p.File
	}
	return p
}

const slashes = `/\`

// folder returns the directory that all inputs share, with its slash and cleaned; nothing where they share none, or the
// root alone. A redacted report has names without directories anyway.
func folder(in Input) string {
	names := positions(in)
	if in.Redact || len(names) == 0 {
		return ""
	}
	shared := directory(names[0])
	for _, name := range names[1:] {
		for !strings.HasPrefix(name, shared) {
			shared = directory(strings.TrimRight(shared, slashes))
		}
	}
	if strings.Trim(shared, slashes) == "" {
		return ""
	}
	return Clean(shared)
}

// directory returns what stands before the last element of a name, with its slash.
func directory(name string) string { return name[:strings.LastIndexAny(name, slashes)+1] }

// positions lists the files that positions of the report may lie in, each once.
func positions(in Input) []string {
	var out []string
	add := func(name string) {
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, s := range in.Sources {
		add(s.File)
	}
	for _, name := range in.Timeline.Files {
		add(name)
	}
	for _, ev := range in.Timeline.Events {
		add(ev.Header().Pos.File)
	}
	return out
}
