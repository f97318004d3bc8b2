package envelope

import (
	"bytes"

	"oomtrace/parser/event"
)

// cri is what containerd and CRI-O write to /var/log/pods: a stamp with nanoseconds, the pipe, P for a
// piece of a longer line and F for the last piece, the payload.
//
//	2026-11-22T19:28:20.063957624Z stderr F gc 1 @0.002s 10%: ...
func cri(s *Stripper, r *Record) bool {
	t, n := s.iso(r.Text)
	if n == 0 || len(r.Text) < n+len(" stderr F") || r.Text[n+len(" stderr")] != ' ' {
		return false
	}
	pipe, rest := r.Text[n+1:n+len(" stderr")], r.Text[n+len(" stderr "):]
	if string(pipe) != "stderr" && string(pipe) != "stdout" || rest[0] != 'F' && rest[0] != 'P' {
		return false
	}
	tags, payload, _ := bytes.Cut(rest, []byte(" "))
	if len(tags) > 1 && tags[1] != ':' {
		return false
	}
	s.setWall(r, t)
	r.Partial = tags[0] == 'P'
	r.Text = payload
	s.named(r, pipe, fillPipe)
	return true
}

func fillPipe(st *event.Stream, text []byte) { st.Pipe = string(text) }

// dockerJSON is the json-file driver of Docker. A line longer than 16 KiB is split over records, of
// which all but the last have no line end in "log".
//
//	{"log":"gc 1 @0.002s 10%: ...\n","stream":"stderr","attrs":{"tag":"a"},"time":"2026-11-22T19:28:20.063957331Z"}
func dockerJSON(s *Stripper, r *Record) bool {
	if !bytes.HasPrefix(r.Text, []byte(`{"log":"`)) {
		return false
	}
	var log, pipe, stamp value
	whole := members(r.Text, func(key []byte, v value) bool {
		switch string(key) {
		case "log":
			log = v
		case "stream":
			pipe = v
		case "time":
			stamp = v
		case "attrs":
		default:
			return false
		}
		return true
	})
	t, n := s.iso(stamp.text)
	if !whole || n == 0 || n != len(stamp.text) || len(pipe.text) == 0 {
		return false
	}
	text := log.text
	r.Partial = true
	if log.escaped && bytes.HasSuffix(text, []byte(`\n`)) && !bytes.HasSuffix(text, []byte(`\\n`)) {
		text = text[:len(text)-2]
		log.escaped = bytes.IndexByte(text, '\\') >= 0
		r.Partial = false
	}
	s.setWall(r, t)
	s.named(r, pipe.text, fillPipe)
	r.Text = text
	if log.escaped {
		s.decode(r, func(dst []byte) []byte { return unescape(dst, text) })
		if bytes.HasSuffix(r.Text, []byte("\n")) {
			r.Text = r.Text[:len(r.Text)-1]
			r.Partial = false
		}
	}
	return true
}

// kubectlPrefix is what kubectl logs --prefix writes; a stamp may follow.
//
//	[pod/audit-api-6d9f7c8b54-x2k9p/audit-api] gc 1 @0.002s 10%: ...
func kubectlPrefix(s *Stripper, r *Record) bool {
	rest, ok := bytes.CutPrefix(r.Text, []byte("[pod/"))
	if !ok {
		return false
	}
	end := bytes.Index(rest[:min(len(rest), maxName)], []byte("] "))
	if end < 0 || bytes.Count(rest[:end], []byte("/")) != 1 {
		return false
	}
	s.named(r, rest[:end], func(st *event.Stream, text []byte) {
		pod, container, _ := bytes.Cut(text, []byte("/"))
		st.Pod, st.Container = string(pod), string(container)
	})
	r.Text = rest[end+2:]
	return true
}

// compose is what docker compose logs and pm2 logs write.
//
//	audit-api-1  | gc 1 @0.002s 10%: ...
//	0|audit-api  | gc 1 @0.002s 10%: ...
func compose(s *Stripper, r *Record) bool {
	end := bytes.IndexByte(r.Text[:min(len(r.Text), 128)], ' ')
	if end < 1 || !isHost(afterIndex(r.Text[:end])) {
		return false
	}
	bar := end
	for bar < len(r.Text) && r.Text[bar] == ' ' && bar < end+128 {
		bar++
	}
	if bar+1 >= len(r.Text) || r.Text[bar] != '|' || r.Text[bar+1] != ' ' {
		return false
	}
	s.named(r, r.Text[:end], func(st *event.Stream, text []byte) { st.Container = string(text) })
	r.Text = r.Text[bar+2:]
	return true
}

// afterIndex skips the number of a process of pm2.
func afterIndex(name []byte) []byte {
	if _, width := number(name); width > 0 && width+1 < len(name) && name[width] == '|' {
		return name[width+1:]
	}
	return name
}

// isoTimestamp is a stamp and nothing else: kubectl logs --timestamps, docker logs -t, an export of
// CloudWatch, ts with a format.
//
//	2026-11-22T19:28:20.063957060Z gc 1 @0.002s 10%: ...
func isoTimestamp(s *Stripper, r *Record) bool {
	t, n := s.iso(r.Text)
	if n == 0 || n < len(r.Text) && r.Text[n] != ' ' && r.Text[n] != '\t' {
		return false
	}
	s.setWall(r, t)
	r.Text = r.Text[min(n+1, len(r.Text)):]
	return true
}

// epochTimestamp is seconds since 1970 in front of a line, as ts %.s and supervisors write it.
//
//	1795375700.064 gc 1 @0.002s 10%: ...
func epochTimestamp(s *Stripper, r *Record) bool {
	t, n := epoch(r.Text)
	if n == 0 || n >= len(r.Text) || r.Text[n] != ' ' {
		return false
	}
	s.setWall(r, t)
	r.Text = r.Text[n+1:]
	return true
}

// shortTimestamp is what ts of moreutils writes.
//
//	Nov 22 19:28:20 gc 1 @0.002s 10%: ...
func shortTimestamp(s *Stripper, r *Record) bool {
	t, known, n := s.short(r.Text)
	if n == 0 || n >= len(r.Text) || r.Text[n] != ' ' {
		return false
	}
	s.setShort(r, t, known, r.Text[:n])
	r.Text = r.Text[n+1:]
	return true
}
