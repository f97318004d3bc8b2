package parser

import (
	"bytes"
	"encoding/json"
)

// maxDocument is how large a JSON value on several lines may be. Larger ones are read line by line.
const maxDocument = 64 << 20

// documents puts JSON values that stand on several lines together again. The zero value is ready.
type documents struct {
	text   []byte
	starts []int // where each line begins in text
	first  int   // physical line of the first
	depth  int   // brackets open
}

// progress says what became of a line.
type progress int

const (
	apart  progress = iota // belongs to no document, and none is open
	held                   // begins one or goes on with it
	whole                  // ends one, that now is to be taken
	broken                 // shows that the lines held are no document; itself it is not held
)

// add takes a line, without its line end, of which cut bytes were left out at the end.
func (d *documents) add(line []byte, number int, cut int64) progress {
	if !d.open() {
		if !opensDocument(line) {
			return apart
		}
		d.first = number
	}
	depth, ok := scanJSON(d.depth, line)
	if !ok || cut > 0 || number != d.first+len(d.starts) || len(d.text)+len(line) > maxDocument {
		if d.open() {
			return broken
		}
		return apart
	}
	d.depth = depth
	d.starts = append(d.starts, len(d.text))
	d.text = append(d.text, line...)
	d.text = append(d.text, '\n')
	switch {
	case depth > 0:
		return held
	case len(d.starts) == 1:
		d.clear()
		return apart
	case json.Valid(d.text):
		return whole
	}
	d.drop()
	return broken
}

// open reports whether lines are held.
func (d *documents) open() bool { return len(d.starts) > 0 }

// drop gives the last line back.
func (d *documents) drop() {
	last := len(d.starts) - 1
	d.text = d.text[:d.starts[last]]
	d.starts = d.starts[:last]
}

// lines calls yield with each line held and its number.
func (d *documents) lines(yield func(line []byte, number int) bool) {
	for i, start := range d.starts {
		end := len(d.text)
		if i+1 < len(d.starts) {
			end = d.starts[i+1]
		}
		if !yield(d.text[start:end-1], d.first+i) {
			return
		}
	}
}

// clear forgets the lines held. A large buffer is given back.
func (d *documents) clear() {
	if cap(d.text) > maxLine {
		d.text = nil
	}
	*d = documents{text: d.text[:0], starts: d.starts[:0]}
}

// opensDocument reports whether a line may be the first of several: it begins with a bracket and ends where more must follow.
func opensDocument(line []byte) bool {
	if len(line) > 0 && line[0] > ' ' && line[0] != '{' && line[0] != '[' {
		return false
	}
	line = bytes.TrimSpace(line)
	if len(line) == 0 || line[0] != '{' && line[0] != '[' {
		return false
	}
	switch line[len(line)-1] {
	case '{', '[', ',', ':':
		return true
	}
	return false
}

// scanJSON reports whether a line can be a part of a JSON value of which depth brackets are open, and how many are open
// behind it. It follows brackets and strings only. Strings end on their line.
func scanJSON(depth int, line []byte) (int, bool) {
	ended := false
	for i := 0; i < len(line); i++ {
		c := line[i]
		if jsonSpace[c] {
			continue
		}
		if ended || !jsonBytes[c] {
			return depth, false
		}
		switch c {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			ended = depth == 0
		case '"':
			end := stringEnd(line[i+1:])
			if end < 0 {
				return depth, false
			}
			i += end + 1
		}
	}
	return depth, true
}

// stringEnd returns the index of the quote that ends a string, -1 where the line ends before.
func stringEnd(text []byte) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// jsonBytes are the bytes of JSON outside of strings, white space left out.
var jsonBytes, jsonSpace = byteSet(`{}[]",:+-.0123456789eEtrufalsn`), byteSet(" \t\r")

func byteSet(chars string) (set [256]bool) {
	for i := range len(chars) {
		set[chars[i]] = true
	}
	return set
}
