package envelope

import "bytes"

const escape = 0x1b

// clean takes off what is not part of the text: the mark of UTF-8, NUL bytes at both ends, which a log
// has where its file was cut or the machine went down, and the escape sequences of terminals.
func (s *Stripper) clean(b []byte) []byte {
	for len(b) > 0 && (b[0] == 0 || b[0] == 0xef) {
		rest, marked := bytes.CutPrefix(b, []byte("\xef\xbb\xbf"))
		if b[0] != 0 && !marked {
			break
		}
		b = bytes.TrimLeft(rest, "\x00")
	}
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	if bytes.IndexByte(b, escape) < 0 {
		return b
	}
	s.plain = appendPlain(s.plain[:0], b)
	return s.plain
}

// maxTitle is how long the text of an ESC ] sequence may be.
const maxTitle = 1024

// appendPlain appends b without escape sequences (ECMA-48): ESC [ ... letter, ESC ] ... BEL, and
// ESC ( B.
func appendPlain(dst, b []byte) []byte {
	for {
		i := bytes.IndexByte(b, escape)
		if i < 0 {
			return append(dst, b...)
		}
		dst = append(dst, b[:i]...)
		b = b[i+sequence(b[i:]):]
	}
}

// sequence returns the length of the escape sequence at the beginning of b.
func sequence(b []byte) int {
	if len(b) < 2 {
		return len(b)
	}
	switch b[1] {
	case '[':
		n := 2
		for n < len(b) && b[n] >= 0x20 && b[n] < 0x40 {
			n++
		}
		if n < len(b) && b[n] >= 0x40 && b[n] < 0x7f {
			n++
		}
		return n
	case ']':
		b = b[:min(len(b), maxTitle)]
		end := bytes.IndexByte(b, 0x07)
		if st := bytes.Index(b, []byte("\x1b\\")); st > 0 && (end < 0 || st < end) {
			return st + 2
		}
		if end < 0 {
			return 2
		}
		return end + 1
	}
	n := 1
	for n < len(b) && b[n] >= 0x20 && b[n] < 0x30 {
		n++
	}
	return min(n+1, len(b))
}
