package envelope

import (
	"bytes"

	"oomtrace/parser/event"
)

// syslog is the traditional form of syslog files and of journalctl -o short and short-precise (RFC 3164
// 4.1 without the priority; systemd, src/shared/logs-show.c). It has no year and no zone.
//
//	Nov 22 19:28:20 node-7 audit-api[11842]: gc 1 @0.002s 10%: ...
func syslog(s *Stripper, r *Record) bool {
	t, known, n := s.short(r.Text)
	if n == 0 {
		return false
	}
	text := r.Text[:n]
	if !s.tagged(r, n) {
		return false
	}
	s.setShort(r, t, known, text)
	return true
}

// setShort sets the time of a stamp without a year, or counts it where its month is not known.
func (s *Stripper) setShort(r *Record, t stamp, known bool, text []byte) {
	if !known {
		s.unread(text)
		return
	}
	s.setWall(r, t)
}

// tagged takes off a blank, host and tag behind a stamp of n bytes.
func (s *Stripper) tagged(r *Record, n int) bool {
	if n == 0 || n+1 >= len(r.Text) || r.Text[n] != ' ' {
		return false
	}
	name, payload, ok := s.hostTag(r.Text[n+1:], false)
	if !ok {
		return false
	}
	s.named(r, name, fillHostTag)
	r.Text = payload
	return true
}

// syslogISO is rsyslog's RSYSLOG_FileFormat and journalctl -o short-iso and short-iso-precise.
//
//	2026-11-22T19:28:20.063958+00:00 node-7 audit-api[11842]: gc 1 @0.002s 10%: ...
func syslogISO(s *Stripper, r *Record) bool {
	t, n := s.iso(r.Text)
	if t.comma || !s.tagged(r, n) {
		return false
	}
	s.setWall(r, t)
	return true
}

// journaldUnix is journalctl -o short-unix.
//
//	1795376662.872737 oomlab kernel: java invoked oom-killer: ...
func journaldUnix(s *Stripper, r *Record) bool {
	t, n := epoch(r.Text)
	if !s.tagged(r, n) {
		return false
	}
	s.setWall(r, t)
	return true
}

// journaldFull is journalctl -o short-full: a day of the week in any language, a date and a zone name.
//
//	Sun 2026-11-22 19:44:22 UTC oomlab kernel: java invoked oom-killer: ...
func journaldFull(s *Stripper, r *Record) bool {
	blank := bytes.IndexByte(r.Text[:min(len(r.Text), 16)], ' ')
	if blank < 1 || len(r.Text) < blank+24 || r.Text[blank+5] != '-' {
		return false
	}
	t, n := s.iso(r.Text[blank+1:])
	n += blank + 1
	if t.step == 0 || n+1 >= len(r.Text) || r.Text[n] != ' ' {
		return false
	}
	name := bytes.IndexByte(r.Text[n+1:min(len(r.Text), n+16)], ' ')
	if name < 1 {
		return false
	}
	word := string(r.Text[n+1 : n+1+name])
	if offset, width := zone(r.Text[n+1:]); width == name {
		t.ns -= int64(offset) * 1e9
		t.assumed = 0
	} else if word == "UTC" || word == "GMT" {
		t.assumed = 0
	}
	if !s.tagged(r, n+1+name) {
		return false
	}
	s.setWall(r, t)
	return true
}

// rfc5424 is the newer syslog form: version 1, stamp, host, program, process, message id, structured data.
//
//	<30>1 2026-11-22T19:28:20.063958Z node-7 audit-api 11842 - [meta sequenceId="1"] gc 1 @0.002s 10%: ...
func rfc5424(s *Stripper, r *Record) bool {
	rest, ok := cutPriority(r.Text)
	if !ok || !bytes.HasPrefix(rest, []byte("1 ")) {
		return false
	}
	rest = rest[2:]
	t, n := s.iso(rest)
	switch {
	case n > 0 && n < len(rest) && rest[n] == ' ':
		rest = rest[n+1:]
	case bytes.HasPrefix(rest, []byte("- ")):
		rest = rest[2:]
	default:
		return false
	}
	names := rest
	for range 4 {
		blank := bytes.IndexByte(rest[:min(len(rest), 256)], ' ')
		if blank < 1 {
			return false
		}
		rest = rest[blank+1:]
	}
	names = names[:len(names)-len(rest)]
	payload, ok := afterData(rest)
	if !ok {
		return false
	}
	if n > 0 {
		s.setWall(r, t)
	}
	s.named(r, names, fillRFC5424)
	r.Text = bytes.TrimPrefix(payload, []byte("\xef\xbb\xbf"))
	return true
}

func fillRFC5424(st *event.Stream, text []byte) {
	fields := bytes.Fields(text)
	known := func(i int) string {
		if i >= len(fields) || string(fields[i]) == "-" {
			return ""
		}
		return string(fields[i])
	}
	st.Host, st.Unit, st.PID = known(0), known(1), atoi([]byte(known(2)))
}

// afterData skips structured data, "-" or "[id a="b"][id c="d"]", and the blank behind it.
func afterData(b []byte) ([]byte, bool) {
	if len(b) > 0 && b[0] == '-' {
		return afterBlanks(b[1:]), true
	}
	if len(b) == 0 || b[0] != '[' {
		return nil, false
	}
	quoted := false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == ']' && !quoted && (i+1 == len(b) || b[i+1] != '['):
			return afterBlanks(b[i+1:]), true
		}
	}
	return nil, false
}

// afterBlanks skips the blank in front of a message, and the second one that rsyslog leaves there.
func afterBlanks(b []byte) []byte {
	return bytes.TrimPrefix(bytes.TrimPrefix(b, []byte(" ")), []byte(" "))
}
