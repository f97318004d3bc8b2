package envelope

import (
	"bytes"
	"strings"

	"oomtrace/parser/event"
)

// stern is what stern writes: pod, container, with -t a stamp. The names are known by the form that a Deployment gives
// its pods, by the stamp behind them, or by stern's own word when it found the pod ("+ web-0 › app").
//
//	audit-api-6d9f7c8b54-x2k9p audit-api 2026-11-22T19:28:20.063957676Z gc 1 @0.002s 10%: ...
func stern(s *Stripper, r *Record) bool {
	pod, rest, ok := word(r.Text, 253)
	if !ok || !isName(pod) || len(s.pods) == 0 && bytes.IndexByte(pod, '-') < 0 {
		return false
	}
	container, rest, ok := word(rest, 63)
	if !ok || !isName(container) {
		return false
	}
	t, n := s.iso(rest)
	stamped := n > 0 && n < len(rest) && rest[n] == ' '
	if !stamped && !ofDeployment(pod) && !s.pods[string(pod)] || stamped && bytes.IndexByte(pod, '-') < 0 {
		return false
	}
	if stamped {
		s.setWall(r, t)
		rest = rest[n+1:]
	}
	s.named(r, r.Text[:len(pod)+1+len(container)], func(st *event.Stream, text []byte) {
		pod, container, _ := bytes.Cut(text, []byte(" "))
		st.Pod, st.Container = string(pod), string(container)
	})
	r.Text = rest
	return true
}

// sternFound is stern's word that it found a pod: "+ web-0 › app".
func sternFound(s *Stripper, r *Record) bool {
	rest, ok := bytes.CutPrefix(r.Text, []byte("+ "))
	if !ok {
		return false
	}
	pod, rest, ok := word(rest, 253)
	if ok && isName(pod) && bytes.HasPrefix(rest, []byte("› ")) && len(s.pods) < maxHosts {
		if s.pods == nil {
			s.pods = map[string]bool{}
		}
		s.pods[string(pod)] = true
	}
	return false
}

// word splits the first word of at most longest bytes and the blank behind it off.
func word(b []byte, longest int) (word, rest []byte, ok bool) {
	end := bytes.IndexByte(b[:min(len(b), longest+1)], ' ')
	if end < 1 {
		return nil, nil, false
	}
	return b[:end], b[end+1:], true
}

// isName reports whether b is a name as Kubernetes allows it: lower case, digits, - and .
func isName(b []byte) bool {
	for _, c := range b {
		if c-'a' >= 26 && c-'0' > 9 && c != '-' && c != '.' {
			return false
		}
	}
	return len(b) > 0 && b[0] != '-' && b[0] != '.'
}

// ofDeployment reports whether a pod has the name that a Deployment gives it: the hash of its template and five
// characters behind, both without vowels and without 0, 1 and 3 (k8s.io/apimachinery/pkg/util/rand).
func ofDeployment(pod []byte) bool {
	last := bytes.LastIndexByte(pod, '-')
	if last < 1 || len(pod)-last-1 != 5 || !isSafe(pod[last+1:]) {
		return false
	}
	hash := bytes.LastIndexByte(pod[:last], '-')
	width := last - hash - 1
	return hash > 0 && width >= 5 && width <= 10 && isSafe(pod[hash+1:last])
}

func isSafe(b []byte) bool {
	for _, c := range b {
		if strings.IndexByte("bcdfghjklmnpqrstvwxz2456789", c) < 0 {
			return false
		}
	}
	return true
}

// heroku is a line of Heroku's logplex: stamp, source and dyno.
//
//	2026-11-22T19:28:20.063958+00:00 app[web.1]: gc 1 @0.002s 10%: ...
func heroku(s *Stripper, r *Record) bool {
	t, n := s.iso(r.Text)
	if n == 0 || n+1 >= len(r.Text) || r.Text[n] != ' ' {
		return false
	}
	rest := r.Text[n+1:]
	open, end := bytes.IndexByte(rest[:min(len(rest), 64)], '['), bytes.Index(rest[:min(len(rest), 128)], []byte("]: "))
	if open < 1 || end < open+2 || !isHost(rest[:open]) || !isHost(rest[open+1:end]) {
		return false
	}
	s.setWall(r, t)
	s.named(r, rest[:end], func(st *event.Stream, text []byte) {
		source, dyno, _ := bytes.Cut(text, []byte("["))
		st.Unit, st.Container = string(source), string(dyno)
	})
	r.Text = rest[end+3:]
	return true
}

// cloudFoundry is a line of cf logs: stamp, source with its instance, pipe. Three blanks stand before it.
//
//	2026-11-22T19:28:20.06+0000 [APP/PROC/WEB/0] ERR gc 1 @0.002s 10%: ...
func cloudFoundry(s *Stripper, r *Record) bool {
	text := bytes.TrimLeft(r.Text, " ")
	t, n := s.iso(text)
	if n == 0 || n+2 >= len(text) || text[n] != ' ' || text[n+1] != '[' {
		return false
	}
	rest := text[n+2:]
	end := bytes.Index(rest[:min(len(rest), 128)], []byte("] "))
	if end < 1 || len(rest) < end+len("] ERR ") || bytes.IndexByte(rest[:end], '/') < 0 {
		return false
	}
	pipe := ""
	switch string(rest[end+2 : end+6]) {
	case "OUT ":
		pipe = "stdout"
	case "ERR ":
		pipe = "stderr"
	default:
		return false
	}
	s.setWall(r, t)
	s.named(r, rest[:end+6], func(st *event.Stream, text []byte) {
		st.Container, st.Pipe = string(text[:len(text)-len("] ERR ")]), pipe
	})
	r.Text = rest[end+6:]
	return true
}

// cloudWatchTail is aws logs tail: stamp with a fraction, name of the log stream, which holds a slash and no colon.
//
//	2026-11-22T19:28:20.063957+00:00 ecs/audit-api/1f2e gc 1 @0.002s 10%: ...
func cloudWatchTail(s *Stripper, r *Record) bool {
	t, n := s.iso(r.Text)
	if n == 0 || t.assumed != 0 || t.step > 1e6 || n+1 >= len(r.Text) || r.Text[n] != ' ' {
		return false
	}
	name, rest, ok := word(r.Text[n+1:], 512)
	if !ok || bytes.ContainsAny(name, `:*"'=()<>{},?`) {
		return false
	}
	if slash := bytes.IndexByte(name, '/'); slash < 1 || name[len(name)-1] == '/' {
		return false
	}
	s.setWall(r, t)
	s.named(r, name, func(st *event.Stream, text []byte) { st.Unit = string(text) })
	r.Text = rest
	return true
}

// logcli is the default output of Loki's logcli: stamp, labels, blanks.
//
//	2026-11-22T19:28:20Z {pod="audit-api-6d9f7c8b54-x2k9p"}       gc 1 @0.002s 10%: ...
func logcli(s *Stripper, r *Record) bool {
	t, n := s.iso(r.Text)
	if n == 0 || n+2 >= len(r.Text) || r.Text[n] != ' ' || r.Text[n+1] != '{' {
		return false
	}
	o := &s.logged.origin
	*o = origin{}
	rest, ok := labels(r.Text[n+2:], o)
	if !ok {
		return false
	}
	s.setWall(r, t)
	s.from(r, o)
	r.Text = bytes.TrimLeft(rest, " ")
	return true
}

// labels reads `pod="a", app="b"}` and returns what follows.
func labels(b []byte, o *origin) (rest []byte, ok bool) {
	for {
		b = bytes.TrimLeft(b, " ,")
		if len(b) > 0 && b[0] == '}' {
			return b[1:], true
		}
		mark := bytes.IndexByte(b[:min(len(b), 128)], '=')
		if mark < 1 || !isHost(b[:mark]) {
			return nil, false
		}
		v, after, ok := quoted(b[mark+1:])
		if !ok {
			return nil, false
		}
		o.label(b[:mark], v)
		b = after
	}
}

// fluentd is fluentd's out_file: stamp, tag and record, with tabs between.
//
//	2026-11-22T19:28:20+00:00	kube.var.log.containers.audit-api	{"stream":"stderr","log":"gc 1 ..."}
func fluentd(s *Stripper, r *Record) bool {
	t, n := s.iso(r.Text)
	if n == 0 || n+1 >= len(r.Text) || r.Text[n] != '\t' {
		return false
	}
	rest := r.Text[n+1:]
	tab := bytes.IndexByte(rest[:min(len(rest), maxName)], '\t')
	if tab < 1 || tab+1 >= len(rest) || rest[tab+1] != '{' {
		return false
	}
	s.setWall(r, t)
	s.named(r, rest[:tab], func(st *event.Stream, text []byte) { st.Unit = string(text) })
	r.Text = rest[tab+1:]
	return true
}

// vmware is a line of a virtual machine's log, in which a guest kernel's console may stand.
//
//	2023-12-04T10:49:30.127Z In(05) vcpu-5 - Guest: <6>[39291577.009360] java invoked oom-killer: ...
func vmware(s *Stripper, r *Record) bool {
	t, n := s.iso(r.Text)
	if n == 0 || n+2 >= len(r.Text) || r.Text[n] != ' ' {
		return false
	}
	rest := r.Text[n+1:]
	end := bytes.IndexByte(rest[:min(len(rest), 16)], ')')
	dash := bytes.Index(rest[:min(len(rest), 64)], []byte(" - "))
	if end < 4 || rest[2] != '(' || dash < end || two(rest[3:]) < 0 {
		return false
	}
	s.setWall(r, t)
	r.Text = bytes.TrimPrefix(rest[dash+3:], []byte("Guest: "))
	return true
}

// tai64n is the label of multilog, svlogd and s6-log: seconds and nanoseconds of the atomic time scale TAI, which is 37 s
// ahead of UTC since 2017.
//
//	@400000006b03427903cfeba9 gc 1 @0.002s 10%: ...
func tai64n(s *Stripper, r *Record) bool {
	const length = len("@400000006b03427903cfeba9")
	if len(r.Text) <= length || r.Text[length] != ' ' || r.Text[0] != '@' || r.Text[1] != '4' {
		return false
	}
	var n [3]int64
	for i := range n {
		for _, c := range r.Text[1+i*8 : 9+i*8] {
			d := hexDigit(c)
			if d < 0 {
				return false
			}
			n[i] = n[i]<<4 | int64(d)
		}
	}
	seconds := (n[0]-1<<30)<<32 + n[1] - leapSeconds
	if n[2] > 999_999_999 {
		return false
	}
	t := stamp{step: 1}
	t.set(seconds, n[2], r.Text[:length])
	s.labelled = true
	s.setWall(r, t)
	r.Text = r.Text[length+1:]
	return true
}

// leapSeconds is what TAI is ahead of UTC.
const leapSeconds = 37

// balena is a stamp of balena's console and of tools like it: a clock without a date, a level.
//
//	20:31:49.738 [warn] java invoked oom-killer: ...
func balena(_ *Stripper, r *Record) bool {
	const clock = len("20:31:49.738 ")
	if len(r.Text) < clock+4 || hms(r.Text) < 0 || r.Text[8] != '.' || r.Text[clock-1] != ' ' || r.Text[clock] != '[' {
		return false
	}
	end := bytes.IndexByte(r.Text[:min(len(r.Text), clock+10)], ']')
	if end < 0 || end+1 >= len(r.Text) || r.Text[end+1] != ' ' || !isColumn(r.Text[clock+1:end]) {
		return false
	}
	r.Text = r.Text[end+2:]
	return true
}

// pm2 is the stamp of pm2's log files: to the second, without a zone, a colon behind it. That of a JVM has both.
//
//	2026-11-22T19:28:20: gc 1 @0.002s 10%: ...
func pm2(s *Stripper, r *Record) bool {
	t, n := s.iso(r.Text)
	if n != len("2026-11-22T19:28:20") || n+2 > len(r.Text) || r.Text[n] != ':' || r.Text[n+1] != ' ' {
		return false
	}
	s.setWall(r, t)
	r.Text = r.Text[n+2:]
	return true
}

// turborepo is the prefix of turbo run: package and task.
//
//	@apps/web:dev: gc 1 @0.002s 10%: ...
func turborepo(s *Stripper, r *Record) bool {
	name, rest, ok := word(r.Text, 128)
	if !ok || name[len(name)-1] != ':' || bytes.Count(name, []byte(":")) != 2 || name[0] != '@' || bytes.IndexByte(name, '/') < 0 {
		return false
	}
	s.named(r, name[:len(name)-1], func(st *event.Stream, text []byte) { st.Container = string(text) })
	r.Text = rest
	return true
}
