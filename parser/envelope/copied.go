package envelope

import "bytes"

// grepped is what grep -H and grep -n put before a line: a file name, a line number, : or, for context, -.
//
//	kern.log:4119:Nov 22 19:28:20 node-7 kernel: ...
//	kern.log-4120-Nov 22 19:28:20 node-7 kernel: ...
//	4119:Nov 22 19:28:20 node-7 kernel: ...
func grepped(s *Stripper, r *Record) bool {
	if n := lineNumber(s, r.Text); n > 0 {
		r.Text = r.Text[n:]
		return true
	}
	name := fileName(r.Text)
	if name == 0 {
		return false
	}
	rest := r.Text[name:]
	if n := lineNumber(s, rest[1:]); n > 0 && rest[n] == rest[0] {
		rest = rest[n:]
	} else if rest[0] != ':' {
		return false
	}
	r.Text = rest[1:]
	return true
}

// fileName returns the length of a name of a log file before : or -, else 0.
func fileName(b []byte) int {
	word := 0
	dotted := false
	for word < min(len(b), 256) && isPath(b[word]) {
		dotted = dotted || b[word] == '.'
		word++
	}
	if word < 4 || word == len(b) || !dotted && b[word] != ':' {
		return 0
	}
	for _, ending := range []string{".log", "messages", "syslog", "dmesg", ".txt", ".out", ".err", ".trace"} {
		at := bytes.Index(b[:word], []byte(ending))
		if at < 0 || at == 0 && ending[0] == '.' {
			continue
		}
		end := at + len(ending)
		for end < word && (b[end] == '.' || isWord(b[end])) {
			end++ // .1, .2.gz
		}
		if end+1 < len(b) && (b[end] == ':' && b[end+1] != ' ' || b[end] == '-') {
			return end
		}
	}
	return 0
}

func isPath(c byte) bool { return isWord(c) || c == '.' || c == '/' || c == '-' || c == '_' }

// lineNumber returns the length of a line number and the mark behind it, 0 if there is none. What follows must not be a
// digit, as in a clock or a date, unless it is a whole stamp.
func lineNumber(s *Stripper, b []byte) int {
	_, width := number(b)
	if width == 0 || width > 9 || width+1 >= len(b) || b[width] != ':' && b[width] != '-' {
		return 0
	}
	rest := b[width+1:]
	if rest[0] == ' ' {
		return 0
	}
	if _, n := s.iso(rest); rest[0]-'0' <= 9 && n == 0 {
		return 0
	}
	return width + 1
}

// counted is the number of a line as cat -n and less -N show it. It is one more than that of the line before.
//
//	4119 Nov 22 19:28:20 node-7 kernel: ...
func counted(s *Stripper, r *Record) bool {
	b := bytes.TrimLeft(r.Text, " ")
	n, width := number(b)
	if width == 0 || width > 9 || width >= len(b) || b[width] != ' ' && b[width] != '\t' || len(b) == len(r.Text) && width < 6 {
		return false
	}
	before := s.count
	s.count = counter{n, s.record.Line}
	if n != 1 && (n != before.n+1 || s.record.Line != before.line+1 && s.record.Line != before.line) {
		return false
	}
	r.Text = b[width+1:]
	return true
}

// counter is the number that the line with a physical number had.
type counter struct {
	n    int64
	line int
}

// markdown is the mark of a quotation in a ticket or a mail.
//
//	> > gc 1 @0.002s 10%: ...
func markdown(_ *Stripper, r *Record) bool {
	if len(r.Text) < 2 || r.Text[0] != '>' || r.Text[1] != ' ' {
		return false
	}
	r.Text = r.Text[2:]
	return true
}
