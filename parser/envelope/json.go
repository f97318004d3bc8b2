package envelope

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// value is the value of a member of a JSON object, as it stands in the text.
type value struct {
	text    []byte // of a string without its quotes
	quoted  bool
	escaped bool // the string has escapes
}

// members calls member with every member of the JSON object that text is, and reports whether text is one whole object
// and member took them all. It is lenient: it finds members, and does not prove that the text is JSON.
func members(text []byte, member func(key []byte, v value) bool) bool {
	b := skipBlanks(text)
	if len(b) == 0 || b[0] != '{' {
		return false
	}
	b = skipBlanks(b[1:])
	for len(b) > 0 && b[0] != '}' {
		key, rest, ok := quoted(b)
		rest = skipBlanks(rest)
		if !ok || len(rest) == 0 || rest[0] != ':' {
			return false
		}
		v, rest, ok := anyValue(skipBlanks(rest[1:]))
		if !ok || !member(key.text, v) {
			return false
		}
		b = skipBlanks(rest)
		switch {
		case len(b) > 0 && b[0] == ',':
			b = skipBlanks(b[1:])
		case len(b) == 0 || b[0] != '}':
			return false
		}
	}
	return len(b) > 0 && len(bytes.TrimLeft(b[1:], " \t\r\n,")) == 0
}

// skipBlanks skips what may stand between the parts of JSON.
func skipBlanks(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t' || b[0] == '\n' || b[0] == '\r') {
		b = b[1:]
	}
	return b
}

// quoted splits a string off.
func quoted(b []byte) (v value, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return v, nil, false
	}
	for i := 1; ; {
		end := bytes.IndexByte(b[i:], '"')
		if end < 0 {
			return v, nil, false
		}
		i += end
		if !isEscaped(b[1:i]) {
			text := b[1:i]
			return value{text: text, quoted: true, escaped: bytes.IndexByte(text, '\\') >= 0}, b[i+1:], true
		}
		i++
	}
}

// isEscaped reports whether a character behind b is escaped: b ends with an odd number of backslashes.
func isEscaped(b []byte) bool {
	n := len(b)
	for n > 0 && b[n-1] == '\\' {
		n--
	}
	return (len(b)-n)%2 == 1
}

// anyValue splits a value off. Of an object or an array it looks for the end only.
func anyValue(b []byte) (v value, rest []byte, ok bool) {
	if len(b) == 0 {
		return v, nil, false
	}
	if b[0] == '"' {
		return quoted(b)
	}
	if b[0] != '{' && b[0] != '[' {
		end := bytes.IndexAny(b, ",} \t\r\n")
		if end < 1 {
			return v, nil, false
		}
		return value{text: b[:end]}, b[end:], true
	}
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			_, rest, ok := quoted(b[i:])
			if !ok {
				return v, nil, false
			}
			i = len(b) - len(rest) - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				return value{text: b[:i+1]}, b[i+1:], true
			}
		}
	}
	return v, nil, false
}

// unescape appends the text of a JSON string. Escapes that are none stay as they are.
func unescape(dst, b []byte) []byte {
	for {
		i := bytes.IndexByte(b, '\\')
		if i < 0 || i+1 == len(b) {
			return append(dst, b...)
		}
		dst = append(dst, b[:i]...)
		width := 2
		switch c := b[i+1]; c {
		case '"', '\\', '/':
			dst = append(dst, c)
		case 'n':
			dst = append(dst, '\n')
		case 't':
			dst = append(dst, '\t')
		case 'r':
			dst = append(dst, '\r')
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'u':
			var r rune
			if r, width = unicodeEscape(b[i:]); width > 0 {
				dst = utf8.AppendRune(dst, r)
				break
			}
			width = 2
			fallthrough
		default:
			dst = append(dst, '\\', c)
		}
		b = b[i+width:]
	}
}

// unicodeEscape reads \u003e, or two of them for one character.
func unicodeEscape(b []byte) (r rune, width int) {
	r = hex4(b)
	if r < 0 {
		return 0, 0
	}
	if utf16.IsSurrogate(r) && len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
		if pair := utf16.DecodeRune(r, hex4(b[6:])); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return r, 6
}

// hex4 reads the four digits of \uXXXX, -1 if they are none.
func hex4(b []byte) rune {
	if len(b) < 6 {
		return -1
	}
	var r rune
	for _, c := range b[2:6] {
		d := hexDigit(c)
		if d < 0 {
			return -1
		}
		r = r<<4 | rune(d)
	}
	return r
}

// hexDigit returns the value of a hexadecimal digit, -1 if it is none.
func hexDigit(c byte) int {
	switch {
	case c-'0' <= 9:
		return int(c - '0')
	case c|0x20-'a' < 6:
		return int(c|0x20-'a') + 10
	}
	return -1
}

// decode appends the text of a value: of a string, or of an array of byte values as the journal writes
// text that is no UTF-8 or holds control characters.
func (v value) decode(dst []byte) []byte {
	if v.quoted {
		if v.escaped {
			return unescape(dst, v.text)
		}
		return append(dst, v.text...)
	}
	if len(v.text) == 0 || v.text[0] != '[' {
		return dst
	}
	for b := v.text[1:]; len(b) > 0; {
		n, width := number(b)
		if width > 0 && n < 256 {
			dst = append(dst, byte(n))
		}
		b = b[max(width, 1):]
	}
	return dst
}
