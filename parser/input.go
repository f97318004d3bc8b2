package parser

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
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
	raw   *meter
	text  io.Reader
	close []func()

	packing  []string // from the outside in: gzip
	encoding string   // UTF-16LE; empty is UTF-8 or anything else with ASCII
	garbage  bool     // something that is no packed data stands behind the packed data
}

func newInput(in io.Reader, hashed bool) (*input, error) {
	i := &input{raw: &meter{in: in}}
	if hashed {
		i.raw.sum = sha256.New()
	}
	text := bufio.NewReaderSize(i.raw, blockSize/4)
	for range maxNest {
		unpacked, err := i.unpack(text)
		if err != nil {
			return i, err
		}
		if unpacked == nil {
			break
		}
		text = bufio.NewReaderSize(&guard{in: unpacked, raw: i.raw}, blockSize/4)
	}
	i.text = text
	i.decode(text)
	return i, nil
}

// unpack returns nil where the text is not packed.
func (i *input) unpack(text *bufio.Reader) (io.Reader, error) {
	head, _ := text.Peek(4)
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b\x08")):
		i.packing = append(i.packing, "gzip")
		z, err := gzip.NewReader(text)
		if err != nil {
			return nil, fmt.Errorf("gzip: %w", err)
		}
		z.Multistream(false)
		return &members{in: text, z: z, garbage: &i.garbage}, nil
	case bytes.Equal(head, []byte("\x28\xb5\x2f\xfd")), len(head) == 4 && head[0]&0xf0 == 0x50 && string(head[1:]) == "\x2a\x4d\x18":
		i.packing = append(i.packing, "zstd")
		z, err := zstd.NewReader(text, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxSeen))
		if err != nil {
			return nil, fmt.Errorf("zstd: %w", err)
		}
		i.close = append(i.close, z.Close)
		return &frames{in: z, garbage: &i.garbage}, nil
	case bytes.HasPrefix(head, []byte("BZh")):
		if head, _ := text.Peek(10); len(head) < 10 || string(head[4:]) != "\x31\x41\x59\x26\x53\x59" {
			return nil, nil
		}
		i.packing = append(i.packing, "bzip2")
		return &named{in: bzip2.NewReader(text), name: "bzip2"}, nil
	}
	return nil, nil
}

func (i *input) decode(text *bufio.Reader) {
	head, _ := text.Peek(peekSize)
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
	i.text = bufio.NewReaderSize(transform.NewReader(text, unicode.UTF16(order, unicode.UseBOM).NewDecoder()), blockSize/4)
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

// finish reads to the end of the raw input, so that its size and its sum are those of the whole, unless
// the reading was stopped on purpose.
func (i *input) finish(cause error, stopped bool) {
	for _, f := range i.close {
		f()
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

// members reads the members of a gzip file one after the other. Zero bytes may stand behind the last one,
// as tapes and block devices leave them.
type members struct {
	in      *bufio.Reader
	z       *gzip.Reader
	garbage *bool
}

func (m *members) Read(b []byte) (int, error) {
	for {
		n, err := m.z.Read(b)
		switch {
		case errors.Is(err, io.EOF) && n > 0:
			return n, nil
		case errors.Is(err, io.EOF) && m.more():
			if err := m.z.Reset(m.in); err != nil {
				return 0, fmt.Errorf("gzip: %w", err)
			}
			m.z.Multistream(false)
		case err == nil || errors.Is(err, io.EOF):
			return n, err
		default:
			return n, fmt.Errorf("gzip: %w", err)
		}
	}
}

// more reports whether another member follows.
func (m *members) more() bool {
	for {
		c, err := m.in.ReadByte()
		if err != nil {
			return false
		}
		if c != 0 {
			break
		}
	}
	_ = m.in.UnreadByte()
	head, _ := m.in.Peek(2)
	if string(head) == "\x1f\x8b" {
		return true
	}
	*m.garbage = true
	return false
}

// frames reads zstd frames, and ends where something else follows them.
type frames struct {
	in      *zstd.Decoder
	n       int64
	garbage *bool
}

func (f *frames) Read(b []byte) (int, error) {
	n, err := f.in.Read(b)
	f.n += int64(n)
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return n, err
	case errors.Is(err, zstd.ErrMagicMismatch) && f.n > 0:
		*f.garbage = true
		return n, io.EOF
	}
	return n, fmt.Errorf("zstd: %w", err)
}

// named puts a name before the errors of a reader.
type named struct {
	in   io.Reader
	name string
}

func (r *named) Read(b []byte) (int, error) {
	n, err := r.in.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%s: %w", r.name, err)
	}
	return n, err
}
