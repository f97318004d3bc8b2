package envelope

import (
	"bytes"
	"slices"
	"strconv"

	"oomtrace/parser/event"
)

const (
	// MaxWriters is how many writers of one input are kept apart. All others share one stream.
	MaxWriters = 4096
	// maxName is how much of the text that names a writer counts.
	maxName = 512
)

// writers interns streams, so that two lines of one writer carry the same pointer.
type writers struct {
	last    *writer
	byKey   map[writerKey]*writer
	byValue map[event.Stream]*event.Stream
	others  event.Stream
	crowded bool
}

type writer struct {
	key    writerKey
	stream *event.Stream
}

// writerKey is the text that names a writer, below the stream that outer envelopes named.
type writerKey struct {
	outer *event.Stream
	text  string
}

// named sets the stream of the record to the writer that text names. The function fill reads the text
// into the stream; it is called when the text is seen for the first time.
func (s *Stripper) named(r *Record, text []byte, fill func(*event.Stream, []byte)) {
	w := &s.writers
	text = text[:min(len(text), maxName)]
	if w.last != nil && w.last.key.outer == r.Stream && w.last.key.text == string(text) {
		r.Stream = w.last.stream
		return
	}
	found, ok := w.byKey[writerKey{r.Stream, string(text)}]
	if !ok {
		found = w.add(writerKey{r.Stream, string(text)}, fill)
	}
	if found == nil {
		r.Stream = &w.others
		return
	}
	w.last = found
	r.Stream = found.stream
}

// add returns nil when there are too many writers to keep them apart.
func (w *writers) add(key writerKey, fill func(*event.Stream, []byte)) *writer {
	if len(w.byKey) >= MaxWriters {
		w.crowded = true
		w.others.Unit = "(other writers)"
		return nil
	}
	if w.byKey == nil {
		w.byKey = map[writerKey]*writer{}
		w.byValue = map[event.Stream]*event.Stream{}
	}
	var value event.Stream
	if key.outer != nil {
		value = *key.outer
	}
	fill(&value, []byte(key.text))
	stream, ok := w.byValue[value]
	if !ok {
		stream = &value
		w.byValue[value] = stream
	}
	added := &writer{key, stream}
	w.byKey[key] = added
	return added
}

// maxHosts is how many host names of one input are remembered.
const maxHosts = 1024

// hostTag splits "node-7 audit-api[11842]: payload" into the part that names the writer and the payload.
// Text of a program can look the same ("fatal error: out of memory"), so the first word must be known to
// be a host: by a process number or the kernel behind it once, or, unless strict, by its form.
func (s *Stripper) hostTag(b []byte, strict bool) (name, payload []byte, ok bool) {
	blank := bytes.IndexByte(b[:min(len(b), 256)], ' ')
	if blank < 1 || b[blank-1] == ':' || !isHost(b[:blank]) {
		return nil, nil, false
	}
	host, tag := b[:blank], b[blank+1:]
	end := bytes.IndexByte(tag[:min(len(tag), 256)], ':')
	if end < 1 || end+1 < len(tag) && tag[end+1] != ' ' || bytes.IndexByte(tag[:end], ' ') >= 0 {
		return nil, nil, false
	}
	tag = tag[:end]
	sure := string(tag) == "kernel" || pidOf(tag) > 0
	if !sure && !s.hosts[string(host)] && (strict || !looksLikeHost(host)) {
		return nil, nil, false
	}
	if sure && !s.hosts[string(host)] && len(s.hosts) < maxHosts {
		if s.hosts == nil {
			s.hosts = map[string]bool{}
		}
		s.hosts[string(host)] = true
	}
	name = b[:blank+1+end]
	return name, bytes.TrimPrefix(b[len(name)+1:], []byte(" ")), true
}

func isHost(b []byte) bool {
	for _, c := range b {
		if !isWord(c) && c != '.' && c != ':' && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

func isWord(c byte) bool {
	return c-'0' <= 9 || c|0x20-'a' < 26
}

// looksLikeHost tells node-7 and 10.0.0.1 from a word of a message.
func looksLikeHost(b []byte) bool { return bytes.ContainsAny(b, "0123456789-") }

// fillHostTag reads "node-7 audit-api[11842]" into a stream.
func fillHostTag(st *event.Stream, text []byte) {
	host, tag, _ := bytes.Cut(text, []byte(" "))
	st.Host = string(host)
	if pid := pidOf(tag); pid > 0 {
		st.PID = pid
		tag = tag[:bytes.LastIndexByte(tag, '[')]
	}
	st.Unit = string(tag)
}

// pidOf reads the process number of "audit-api[11842]", 0 if there is none.
func pidOf(tag []byte) int {
	if len(tag) < 3 || tag[len(tag)-1] != ']' {
		return 0
	}
	return pid(tag[bytes.LastIndexByte(tag, '[')+1 : len(tag)-1])
}

func pid(b []byte) int {
	n, width := number(b)
	if width == 0 || width != len(b) || width > 10 {
		return 0
	}
	return int(n)
}

// Keys of writers that several fields name.

func (s *Stripper) beginKey() { s.key = s.key[:0] }

func (s *Stripper) addKey(field []byte) {
	s.key = append(s.key, field...)
	s.key = append(s.key, 0)
}

// keyFields undoes addKey.
func keyFields(key []byte) [][]byte { return slices.Clip(bytes.Split(key, []byte{0})) }

func atoi(b []byte) int {
	n, err := strconv.Atoi(string(b))
	if err != nil {
		return 0
	}
	return n
}
