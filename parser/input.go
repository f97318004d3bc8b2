package parser

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"slices"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// ErrBomb is the cause of the error for an input that unpacks to so many times its size that it was
// made to do so. What came before the limit was read.
var ErrBomb = errors.New("unpacks to more than 250 times its size")

const (
	maxRatio = 250      // unpacked bytes for a packed one
	maxFree  = 64 << 20 // up to here every ratio is allowed
	maxNest  = 4        // packed in packed
	maxSeen  = 128 << 20
	peekSize = 512
)

// input turns the bytes of an input into UTF-8 text: packed ones are unpacked, UTF-16 is decoded.
type input struct {
	raw      *meter
	text     *bufio.Reader
	packing  []*packed // from the outside in
	encoding string    // UTF-16LE; empty is UTF-8 or anything else with ASCII
	foreign  string    // what it is instead of a log; empty where nothing speaks against a log
}

func newInput(in io.Reader, hashed bool) (*input, error) {
	i, err := unpack(in, hashed)
	if err == nil {
		i.decode()
	}
	return i, err
}

// unpack leaves the text as it is encoded.
func unpack(in io.Reader, hashed bool) (*input, error) {
	i := &input{raw: &meter{in: in}}
	if hashed {
		i.raw.sum = sha256.New()
	}
	text := bufio.NewReaderSize(i.raw, blockSize/4)
	for range maxNest {
		unpacked, err := newPacked(text)
		if unpacked == nil {
			break
		}
		i.packing = append(i.packing, unpacked)
		if err != nil {
			return i, err
		}
		text = bufio.NewReaderSize(&guard{in: unpacked, raw: i.raw}, blockSize/4)
	}
	i.text = text
	return i, nil
}

func (i *input) decode() {
	head, _ := i.text.Peek(peekSize)
	i.foreign = foreignNote(head)
	var order unicode.Endianness
	switch name := utf16Of(head); name {
	case "UTF-16LE":
		order = unicode.LittleEndian
		i.encoding = name
	case "UTF-16BE":
		order = unicode.BigEndian
		i.encoding = name
	default:
		return
	}
	i.text = bufio.NewReaderSize(transform.NewReader(i.text, unicode.UTF16(order, unicode.UseBOM).NewDecoder()), blockSize/4)
}

// utf16Of tells UTF-16 by its byte order mark, or by the NUL in every pair that text of mostly ASCII has.
func utf16Of(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")):
		return ""
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return "UTF-16LE"
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return "UTF-16BE"
	}
	pairs := len(head) / 2
	if pairs < 4 {
		return ""
	}
	var nul [2]int
	for i, c := range head[:pairs*2] {
		if c == 0 {
			nul[i%2]++
		}
	}
	switch {
	case nul[0] == 0 && nul[1]*10 > pairs*8:
		return "UTF-16LE"
	case nul[1] == 0 && nul[0]*10 > pairs*8:
		return "UTF-16BE"
	}
	return ""
}

// garbage reports whether something that is no packed data stands behind packed data.
func (i *input) garbage() bool {
	return slices.ContainsFunc(i.packing, func(p *packed) bool { return p.garbage })
}

// finish reads to the end of the raw input, so that its size and its sum are those of the whole, unless
// the reading was stopped on purpose.
func (i *input) finish(cause error, stopped bool) {
	for _, p := range i.packing {
		p.close()
	}
	if i.raw.err == nil && !stopped && !errors.Is(cause, ErrBomb) {
		_, _ = io.Copy(io.Discard, i.raw)
	}
}

// meter counts and sums what it reads.
type meter struct {
	in  io.Reader
	n   int64
	sum hash.Hash // nil if nobody wants it
	err error
}

// maxIdle is how often a read may come back empty-handed.
const maxIdle = 100

func (m *meter) Read(b []byte) (n int, err error) {
	for range maxIdle {
		if n, err = m.in.Read(b); n > 0 || err != nil || len(b) == 0 {
			break
		}
		err = io.ErrNoProgress
	}
	m.n += int64(n)
	if m.sum != nil {
		m.sum.Write(b[:n])
	}
	m.err = err
	return n, err
}

// hex returns the sum of the whole input, empty where it was not read to its end.
func (m *meter) hex() string {
	if m.sum == nil || !errors.Is(m.err, io.EOF) {
		return ""
	}
	return hex.EncodeToString(m.sum.Sum(nil))
}

// guard stops an input that unpacks to too much.
type guard struct {
	in  io.Reader
	raw *meter
	n   int64
}

func (g *guard) Read(b []byte) (int, error) {
	n, err := g.in.Read(b)
	g.n += int64(n)
	if g.n > maxFree && g.n/maxRatio > g.raw.n {
		return n, ErrBomb
	}
	return n, err
}
