// Package anchor looks for many short texts in a line at once. Who reads logs of many kinds knows each by a few words; one
// look at a line tells which of them can be its reader, so that a line of nobody costs one pass instead of one a reader.
package anchor

import "encoding/binary"

// MaxReaders is how many readers a set can tell apart.
const MaxReaders = 64

// gram is how many bytes are looked at together. No text is shorter.
const gram = 4

// Set is the texts of all readers. It is made once and read by any number of goroutines.
//
// Of each text one window of four bytes is kept as a bit in a table; where a window of the line hits a bit, the texts of
// that window are compared. Windows do not depend on each other, so the scan is limited by nothing but loads.
type Set struct {
	table [1 << tableBits / 64]uint64
	found map[uint32][]text // by window
	all   uint64
}

const tableBits = 16

// text is one text of one reader.
type text struct {
	text   string
	window int // where the window begins in it
	reader uint64
}

// New makes a set of the texts of readers, at most MaxReaders. A reader without texts, or with one of fewer than four
// bytes, is told that every line may be its own.
func New(readers [][]string) *Set {
	s := &Set{found: map[uint32][]text{}}
	for i, texts := range readers {
		bit := uint64(1) << i
		if !usable(texts) {
			s.all |= bit
			continue
		}
		for _, t := range texts {
			s.add(t, bit)
		}
	}
	return s
}

func usable(texts []string) bool {
	for _, t := range texts {
		if len(t) < gram {
			return false
		}
	}
	return len(texts) > 0
}

func (s *Set) add(t string, reader uint64) {
	at := rarest(t)
	w := window([]byte(t[at:]))
	h := hash(w)
	s.table[h/64] |= 1 << (h % 64)
	s.found[w] = append(s.found[w], text{t, at, reader})
}

// rarest returns where the window of a text begins that other lines have least: small letters and blanks are common.
func rarest(t string) int {
	best, least := 0, gram+1
	for at := 0; at+gram <= len(t); at++ {
		common := 0
		for _, c := range []byte(t[at : at+gram]) {
			if c >= 'a' && c <= 'z' || c == ' ' || c >= '0' && c <= '9' {
				common++
			}
		}
		if common < least {
			best, least = at, common
		}
	}
	return best
}

func window(b []byte) uint32 { return binary.LittleEndian.Uint32(b[:gram]) }

func hash(w uint32) uint32 { return w * 0x9e3779b1 >> (32 - tableBits) }

// Find returns the set of the readers one of whose texts stands in the line, a bit for each.
func (s *Set) Find(line []byte) uint64 {
	readers := s.all
	i := 0
	for ; i+8 <= len(line); i += 4 { // four windows of one load
		w := binary.LittleEndian.Uint64(line[i:])
		if s.hit(uint32(w))|s.hit(uint32(w>>8))|s.hit(uint32(w>>16))|s.hit(uint32(w>>24)) != 0 {
			for k := range 4 {
				readers |= s.at(line, i+k)
			}
		}
	}
	for ; i+gram <= len(line); i++ {
		readers |= s.at(line, i)
	}
	return readers
}

// hit returns a bit that is set if the texts of a window are to be compared.
func (s *Set) hit(w uint32) uint64 {
	h := hash(w)
	return s.table[h/64] >> (h % 64) & 1
}

// at returns the readers of the texts whose window begins at i.
func (s *Set) at(line []byte, i int) (readers uint64) {
	w := window(line[i:])
	if s.hit(w) == 0 {
		return 0
	}
	for _, t := range s.found[w] {
		from := i - t.window
		if from >= 0 && len(line)-from >= len(t.text) && string(line[from:from+len(t.text)]) == t.text {
			readers |= t.reader
		}
	}
	return readers
}
