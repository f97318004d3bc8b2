package dialecttest

import (
	"bytes"
	"regexp"
)

// archive is a golden case in the txtar form: a comment, then files that each begin with a line "-- NAME --". Only
// the names of logs and events count as markers, so that a log may hold a line "-- Reboot --".
type archive struct {
	comment []byte
	files   []file
}

type file struct {
	name string
	data []byte
}

var marker = regexp.MustCompile(`(?m)^-- ((?:log|events)(?:\.[^ /]+)?) --\r?(?:\n|\z)`)

func parseArchive(data []byte) archive {
	var a archive
	rest := &a.comment
	for {
		m := marker.FindSubmatchIndex(data)
		if m == nil {
			*rest = data
			return a
		}
		*rest = data[:m[0]]
		a.files = append(a.files, file{name: string(data[m[2]:m[3]])})
		rest = &a.files[len(a.files)-1].data
		data = data[m[1]:]
	}
}

func (a archive) format() []byte {
	out := endLine(bytes.Clone(a.comment))
	for _, f := range a.files {
		out = append(out, "-- "+f.name+" --\n"...)
		out = endLine(append(out, f.data...))
	}
	return out
}

func (a archive) find(name string) ([]byte, bool) {
	for _, f := range a.files {
		if f.name == name {
			return f.data, true
		}
	}
	return nil, false
}

func endLine(b []byte) []byte {
	if len(b) > 0 && b[len(b)-1] != '\n' {
		b = append(b, '\n')
	}
	return b
}
