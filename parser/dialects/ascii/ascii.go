// Package ascii looks at the bytes of lines in place, as dialects do with every line: without a copy, and as fast as it goes.
package ascii

// HasPrefix reports whether text begins with a prefix.
func HasPrefix(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && string(text[:len(prefix)]) == prefix
}

// Digit reports whether a byte is a decimal digit.
func Digit(b byte) bool { return b-'0' <= 9 }

// Int reads text that consists of 1 to 9 digits, so that the number fits into an int of any machine.
func Int(text []byte) (n int, ok bool) {
	if len(text) == 0 || len(text) > 9 {
		return 0, false
	}
	for _, c := range text {
		if !Digit(c) {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}
