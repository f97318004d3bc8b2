package envelope

import (
	"bytes"
	"time"

	"oomtrace/parser/event"
)

// logEntry is a record of a logging library, a log shipper or a log store. Several of its fields can hold the line.
type logEntry struct {
	lines  [4]value
	found  int
	when   value
	origin origin
	depth  int // objects around the member at hand
}

// maxNesting is how deep the objects of a record are looked into: each costs a look at all that it holds.
const maxNesting = 4

// member keeps what a member of the record says.
func (e *logEntry) member(key []byte, v value) bool {
	switch string(key) {
	case "msg", "message", "log", "line", "text", "MESSAGE", "textPayload", "short_message", "LogEntry", "LogMessage":
		if v.quoted && e.found < len(e.lines) {
			e.lines[e.found] = v
			e.found++
		}
	case "time", "ts", "timestamp", "@timestamp", "@t", "date", "TimeGenerated":
		if len(v.text) > len(e.when.text) {
			e.when = v
		}
	case "involvedObject", "regarding": // an event of Kubernetes, whose message is no line of a program
		return false
	case "jsonPayload", "_source", "attributes":
		if e.depth < maxNesting {
			e.depth++
			members(v.text, e.member)
			e.depth--
		}
	default:
		if isReading(key, v.text) {
			return false
		}
		e.origin.member(key, v)
	}
	return true
}

// text appends the lines, one under the other.
func (e *logEntry) text(dst []byte) []byte {
	for i, v := range e.lines[:e.found] {
		if i > 0 {
			dst = append(dst, '\n')
		}
		dst = bytes.TrimRight(v.decode(dst), "\r\n")
	}
	return dst
}

// jsonLogger is the record of a logging library or a log shipper. Where several of its fields can hold the
// line, all of them are handed on, one under the other.
//
//	{"level":"info","ts":1795375700.063958,"msg":"gc 1 @0.002s 10%: ..."}
func jsonLogger(s *Stripper, r *Record) bool {
	e := &s.logged
	*e = logEntry{}
	if !members(r.Text, s.member) || e.found == 0 {
		return false
	}
	if t, ok := s.loggerTime(e.when); ok {
		s.setWall(r, t)
	}
	s.from(r, &e.origin)
	s.decode(r, e.text)
	return true
}

// member is logEntry.member of the record that is read.
func (s *Stripper) member(key []byte, v value) bool { return s.logged.member(key, v) }

// loggerTime reads a stamp: RFC 3339, or a number of seconds, milli-, micro- or nanoseconds since 1970,
// which are told by their size.
func (s *Stripper) loggerTime(v value) (t stamp, ok bool) {
	if v.quoted {
		if t, n := s.iso(v.text); n > 0 && n == len(v.text) {
			return t, true
		}
	}
	whole, width := number(v.text)
	var step time.Duration
	switch width {
	case 10:
		step = time.Second
	case 13:
		step = time.Millisecond
	case 16:
		step = time.Microsecond
	case 19:
		step = time.Nanosecond
	default:
		return t, false
	}
	t.step = step
	perSecond := int64(time.Second / step)
	ns := whole % perSecond * int64(step)
	if rest := v.text[width:]; step == time.Second && len(rest) > 1 && rest[0] == '.' {
		part, fine, digits := fraction(rest[1:])
		if digits == len(rest)-1 {
			ns, t.step = part, fine
		}
	}
	t.set(whole/perSecond, ns, v.text)
	return t, true
}

// origin is what a record says about its writer.
type origin struct {
	host, unit, namespace, pod, podUID, container, containerID, pipe value

	depth int // objects around the member at hand
}

// member keeps what a member of the record itself tells about the writer. Others may name what the record is about.
func (o *origin) member(key []byte, v value) {
	switch string(key) {
	case "stream":
		if p := string(v.text); p == "stdout" || p == "stderr" {
			o.pipe = v
			return
		}
		o.object(v)
	case "program":
		o.unit = v
	case "host":
		if v.quoted {
			o.host = v
		}
	case "logStreamName":
		o.unit = v
	case "container":
		members(v.text, func(key []byte, v value) bool {
			o.part("container", key, v)
			return true
		})
	case "kubernetes", "labels", "resource", "fields":
		o.object(v)
	}
}

// object looks into an object that describes the writer.
func (o *origin) object(v value) {
	if len(v.text) > 0 && v.text[0] == '{' && o.depth < maxNesting {
		o.depth++
		members(v.text, o.label)
		o.depth--
	}
}

// label keeps a label of the writer, or a member of an object that describes it.
func (o *origin) label(key []byte, v value) bool {
	switch string(key) {
	case "host", "node_name":
		o.host = v
	case "pod_name", "pod":
		o.pod = v
	case "namespace_name", "namespace", "pod_namespace":
		o.namespace = v
	case "container_name", "container":
		o.container = v
	case "pod_id", "pod_uid":
		o.podUID = v
	case "docker_id", "container_id":
		o.containerID = v
	case "labels":
		o.object(v)
	}
	if !v.quoted {
		members(v.text, func(inner []byte, v value) bool {
			o.part(string(key), inner, v)
			return true
		})
	}
	return true
}

// part keeps the name or the id of a nested object.
func (o *origin) part(parent string, key []byte, v value) {
	switch {
	case !v.quoted:
	case parent == "pod" && string(key) == "name":
		o.pod = v
	case parent == "pod" && string(key) == "uid":
		o.podUID = v
	case parent == "container" && string(key) == "name":
		o.container = v
	case parent == "container" && string(key) == "id":
		o.containerID = v
	case parent == "node" && string(key) == "name":
		o.host = v
	}
}

// from sets the stream of the record to the writer. A host alone names none.
func (s *Stripper) from(r *Record, o *origin) {
	for _, v := range []*value{&o.host, &o.unit, &o.namespace, &o.pod, &o.podUID, &o.container, &o.containerID} {
		if !v.quoted {
			*v = value{}
		}
	}
	if o.unit.text == nil && o.pod.text == nil && o.container.text == nil && o.containerID.text == nil {
		if o.pipe.text != nil {
			s.named(r, o.pipe.text, fillPipe)
		}
		return
	}
	s.beginKey()
	for _, v := range [...]value{o.host, o.unit, o.namespace, o.pod, o.podUID, o.container, o.containerID, o.pipe} {
		s.addKey(v.text)
	}
	s.named(r, s.key, func(st *event.Stream, text []byte) {
		f := keyFields(text)
		if len(f) < 8 {
			return
		}
		for i, field := range [...]*string{&st.Host, &st.Unit, &st.Namespace, &st.Pod, &st.PodUID, &st.Container, &st.ContainerID, &st.Pipe} {
			if len(f[i]) > 0 {
				*field = string(f[i])
			}
		}
	})
}

// logfmt is the text form of logrus, and of others that write key=value: a stamp first, the line in msg. What stands
// behind msg is handed on below it where it holds a text: a value in quotes.
//
//	time="2026-11-22T19:28:20Z" level=info msg="gc 1 @0.002s 10%: ..." stream=stderr
func logfmt(s *Stripper, r *Record) bool {
	text := r.Text
	mark := bytes.IndexByte(text[:min(len(text), 8)], '=')
	if mark < 1 || !isTimeKey(text[:mark]) {
		return false
	}
	when, rest, ok := logfmtValue(text[mark+1:])
	t, known := s.loggerTime(value{text: when.text, quoted: true})
	if !ok || !known {
		return false
	}
	at := bytes.Index(rest[:min(len(rest), maxName)], []byte(" msg="))
	if at < 0 {
		return false
	}
	line, tail, ok := logfmtValue(rest[at+len(" msg="):])
	if !ok {
		return false
	}
	s.setWall(r, t)
	if bytes.IndexByte(tail, '"') < 0 {
		tail = nil
	}
	if tail == nil && !line.escaped {
		r.Text = line.text
		return true
	}
	s.decode(r, func(dst []byte) []byte {
		dst = bytes.TrimRight(line.decode(dst), "\r\n")
		if tail != nil {
			dst = append(append(dst, '\n'), tail[1:]...)
		}
		return dst
	})
	return true
}

func isTimeKey(b []byte) bool {
	switch string(b) {
	case "time", "ts", "t":
		return true
	}
	return false
}

// logfmtValue splits a value off, quoted or not. What follows is empty or begins with a blank.
func logfmtValue(b []byte) (v value, rest []byte, ok bool) {
	if len(b) > 0 && b[0] == '"' {
		v, rest, ok = quoted(b)
		return v, rest, ok && (len(rest) == 0 || rest[0] == ' ')
	}
	end := bytes.IndexByte(b, ' ')
	if end < 0 {
		end = len(b)
	}
	return value{text: b[:end], quoted: true}, b[end:], end > 0
}

// zerologConsole is zerolog's ConsoleWriter without its colours: a clock of twelve hours, which is no time without a
// date, and a level of three letters.
//
//	07:28PM INF gc 1 @0.002s 10%: ... stream=stderr
func zerologConsole(_ *Stripper, r *Record) bool {
	end := bytes.IndexByte(r.Text[:min(len(r.Text), 8)], ' ')
	if end < len("3:04PM") || len(r.Text) < end+5 || r.Text[end-1] != 'M' || r.Text[end-2] != 'A' && r.Text[end-2] != 'P' || r.Text[end-5] != ':' {
		return false
	}
	switch string(r.Text[end+1 : end+4]) {
	case "TRC", "DBG", "INF", "WRN", "ERR", "FTL", "PNC", "???":
	default:
		return false
	}
	if r.Text[end+4] != ' ' {
		return false
	}
	r.Text = r.Text[end+5:]
	return true
}

// klog is the header of the logs of Kubernetes and of Google's glog: level, month and day, clock, thread, source line.
//
//	E1122 19:28:20.063958   11842 server.go:12] gc 1 @0.002s 10%: ...
func klog(s *Stripper, r *Record) bool {
	const length = len("E1122 19:28:20.063958 ")
	b := r.Text
	if len(b) < length || b[5] != ' ' || b[length-1] != ' ' || b[14] != '.' {
		return false
	}
	month, day, clock := two(b[1:]), two(b[3:]), hms(b[6:])
	ns, step, width := fraction(b[15 : length-1])
	if month < 1 || month > 12 || day < 1 || day > 31 || clock < 0 || width != 6 {
		return false
	}
	end := bytes.Index(b[length:min(len(b), length+128)], []byte("] "))
	if end < 0 {
		return false
	}
	s.setYearless(r, month, day, clock, ns, step, b[:length])
	r.Text = b[length+end+2:]
	return true
}

// logcat is the stamp of Android's log; what names the process and the tag stays.
//
//	11-22 19:28:20.063  1234  1240 I art     : ...
func logcat(s *Stripper, r *Record) bool {
	const length = len("11-22 19:28:20.063")
	b := r.Text
	if len(b) < length+2 || b[2] != '-' || b[5] != ' ' || b[14] != '.' || b[length] != ' ' {
		return false
	}
	month, day, clock := two(b), two(b[3:]), hms(b[6:])
	ns, step, width := fraction(b[15:length])
	if month < 1 || month > 12 || day < 1 || day > 31 || clock < 0 || width != 3 {
		return false
	}
	s.setYearless(r, month, day, clock, ns, step, b[:length])
	r.Text = b[length+1:]
	return true
}

// setYearless sets the time of a stamp that has neither year nor zone.
func (s *Stripper) setYearless(r *Record, month, day, clock int, ns int64, step time.Duration, text []byte) {
	t := stamp{step: step}
	t.set(civil(s.year(month), month, day)*86400+int64(clock), ns, text)
	t = s.localise(t)
	t.assumed |= event.AssumedYear
	s.setWall(r, t)
}
