package parser

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// The formats of packed data, as notes and errors name them.
const (
	gzipFormat  = "gzip"
	zstdFormat  = "zstd"
	bzip2Format = "bzip2"
	notPacked   = ""
	garbageNote = "what stands behind the packed data is no packed data and was left out"
)

// maxChanges is how often the format can change within one input: a decoder of bzip2 takes 4 MB for a member of 14 bytes.
const maxChanges = 100

// formatOf tells packed data by its first bytes.
func formatOf(text *bufio.Reader) string {
	head, _ := text.Peek(4)
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b\x08")):
		return gzipFormat
	case bytes.Equal(head, []byte("\x28\xb5\x2f\xfd")), len(head) == 4 && head[0]&0xf0 == 0x50 && string(head[1:]) == "\x2a\x4d\x18":
		return zstdFormat
	case bytes.HasPrefix(head, []byte("BZh")):
		if head, _ := text.Peek(10); len(head) == 10 && string(head[4:]) == "\x31\x41\x59\x26\x53\x59" {
			return bzip2Format
		}
	}
	return notPacked
}

// packed unpacks the members of an input one after the other, of whatever format each is. Zero bytes may stand behind a
// member, as tapes and block devices leave them.
type packed struct {
	in      *bufio.Reader
	format  string
	now     io.Reader // the members at hand; nil before the first
	behind  lagging   // in, for decoders that look at what follows their last member
	gzip    *gzip.Reader
	zstd    *zstd.Decoder
	formats []string // seen, each once
	changes int
	garbage bool // something that is no packed data follows
}

// newPacked returns nil where the text is not packed.
func newPacked(text *bufio.Reader) (*packed, error) {
	p := &packed{in: text, behind: lagging{in: text}}
	if formatOf(text) == notPacked {
		return nil, nil
	}
	return p, p.open()
}

// open begins to read the members that stand next in the input.
func (p *packed) open() error {
	format := formatOf(p.in)
	if format != p.format {
		p.changes++
	}
	if !slices.Contains(p.formats, format) {
		p.formats = append(p.formats, format)
	}
	p.format = format
	if err := p.begin(); err != nil {
		return fmt.Errorf("%s: %w", format, err)
	}
	return nil
}

func (p *packed) begin() (err error) {
	switch p.format {
	case gzipFormat:
		if p.gzip == nil {
			p.gzip, err = gzip.NewReader(p.in)
		} else {
			err = p.gzip.Reset(p.in)
		}
		if err != nil {
			return err
		}
		p.gzip.Multistream(false)
		p.now = p.gzip
	case zstdFormat:
		if p.zstd == nil {
			p.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxSeen))
		}
		if err == nil {
			err = p.zstd.Reset(&p.behind)
		}
		p.now = p.zstd
	case bzip2Format:
		p.now = bzip2.NewReader(&p.behind)
	}
	return err
}

func (p *packed) Read(b []byte) (int, error) {
	for {
		n, err := p.now.Read(b)
		switch {
		case err == nil || n > 0:
			return n, nil
		case !errors.Is(err, io.EOF) && !p.ends(err):
			return 0, fmt.Errorf("%s: %w", p.format, err)
		case !p.more():
			p.now = new(bytes.Reader) // decoders may go on behind an error
			return 0, io.EOF
		}
		if err := p.open(); err != nil {
			return 0, err
		}
	}
}

// ends reports whether the error says that something of another format follows, and goes back to where it begins.
func (p *packed) ends(err error) bool {
	switch {
	case errors.Is(err, zstd.ErrMagicMismatch):
		p.behind.rewind(4)
		return true
	case errors.Is(err, bzip2.StructuralError("bad magic value in continuation file")):
		p.behind.rewind(2)
		return true
	}
	return false
}

// more reports whether another member follows.
func (p *packed) more() bool {
	p.behind.rewind(0)
	for {
		c, err := p.in.ReadByte()
		if err != nil {
			return false
		}
		if c != 0 {
			break
		}
	}
	_ = p.in.UnreadByte()
	p.garbage = formatOf(p.in) == notPacked || p.changes > maxChanges
	return !p.garbage
}

func (p *packed) names() string { return strings.Join(p.formats, " and ") }

func (p *packed) close() {
	if p.zstd != nil {
		p.zstd.Close()
	}
}

// maxLag is how many bytes a decoder reads to see whether another member of its format follows.
const maxLag = 4

// lagging reads from a buffer, and leaves the bytes read last in it.
type lagging struct {
	in  *bufio.Reader
	lag int // bytes read that are still in the buffer
}

func (l *lagging) Read(b []byte) (int, error) {
	if _, err := l.in.Peek(l.lag + 1); err != nil {
		return 0, err
	}
	head, _ := l.in.Peek(l.in.Buffered())
	n := copy(b, head[l.lag:])
	l.lag += n
	if l.lag > maxLag {
		_, _ = l.in.Discard(l.lag - maxLag)
		l.lag = maxLag
	}
	return n, nil
}

// ReadByte keeps the decoder of bzip2 from reading ahead.
func (l *lagging) ReadByte() (byte, error) {
	var b [1]byte
	_, err := l.Read(b[:])
	return b[0], err
}

// rewind goes back by n bytes; the reader of the buffer goes on from there.
func (l *lagging) rewind(n int) {
	_, _ = l.in.Discard(max(0, l.lag-n))
	l.lag = 0
}
