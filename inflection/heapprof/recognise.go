package heapprof

import (
	"bytes"
	"encoding/binary"
)

// HeadSize is how many bytes of a profile, unpacked, are enough for Recognise.
const HeadSize = 512

// Recognise reports whether bytes are the beginning of a profile, of the heap or of something else: the legacy text, or
// the protocol buffer of github.com/google/pprof/proto/profile.proto, which begins with fields in any order and always
// says what its samples count. They must be unpacked.
func Recognise(head []byte) bool {
	if bytes.HasPrefix(head, []byte("heap profile: ")) {
		return true
	}
	types := 0
	for len(head) > 0 {
		f, ok := cutField(head)
		switch {
		case !ok:
			return false
		case f.whole && f.number == sampleType:
			types++
		}
		head = f.rest
	}
	return types > 0
}

// Fields of the message Profile.
const (
	sampleType = 1
	periodType = 11
)

const (
	varint = 0
	packed = 2 // a length and as many bytes: messages, strings, lists of numbers
)

// wires are the wire types of the fields of the message Profile, a bit for each that may occur.
var wires = [...]byte{
	1: 1 << packed, 2: 1 << packed, 3: 1 << packed, 4: 1 << packed, 5: 1 << packed, 6: 1 << packed,
	7: 1 << varint, 8: 1 << varint, 9: 1 << varint, 10: 1 << varint, 11: 1 << packed, 12: 1 << varint,
	13: 1<<varint | 1<<packed, 14: 1 << varint, 15: 1 << varint,
}

// field is one field of the message Profile.
type field struct {
	number uint64
	whole  bool // it does not go on behind the head
	rest   []byte
}

// cutField takes the first field off the head. It fails where the message Profile has no such field.
func cutField(head []byte) (field, bool) {
	tag, n := binary.Uvarint(head)
	number, wire := tag>>3, tag&7
	if n <= 0 || number >= uint64(len(wires)) || wires[number]&(1<<wire) == 0 {
		return field{}, false
	}
	head = head[n:]
	value, n := binary.Uvarint(head)
	switch {
	case n < 0:
		return field{}, false
	case n == 0:
		return field{number: number}, true // cut within the number
	case wire == varint:
		return field{number, true, head[n:]}, true
	}
	head = head[n:]
	if value > uint64(len(head)) {
		return field{number: number}, true
	}
	if (number == sampleType || number == periodType) && !valueType(head[:value]) {
		return field{}, false
	}
	return field{number, true, head[value:]}, true
}

// valueType reports whether bytes are a message ValueType: up to two numbers, the name of what is counted and its unit.
func valueType(message []byte) bool {
	const name, measure = 1<<3 | varint, 2<<3 | varint
	for len(message) > 0 {
		if message[0] != name && message[0] != measure {
			return false
		}
		_, n := binary.Uvarint(message[1:])
		if n <= 0 {
			return false
		}
		message = message[1+n:]
	}
	return true
}
