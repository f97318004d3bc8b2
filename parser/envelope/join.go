package envelope

import (
	"slices"

	"oomtrace/parser/event"
)

const (
	// MaxText is how many bytes of a joined line are kept. The rest is counted.
	MaxText = 1 << 20
	// maxHeld is how much text of unfinished lines is kept, of all writers together.
	maxHeld = 16 << 20
)

// pieces is the beginning of a line that came in several records.
type pieces struct {
	record Record // the first one
	depth  int    // of the envelope that split the line
	number int    // of lines that were held before it
	text   []byte
}

// join adds the record to the line of its stream. It reports whether the line is whole; then the record
// holds it, with the time and the place of its first piece.
func (s *Stripper) join(r *Record, depth int) bool {
	p := s.held[r.Stream]
	if p == nil {
		if !r.Partial {
			return true
		}
		if s.held == nil {
			s.held = map[*event.Stream]*pieces{}
		}
		p = &pieces{record: *r, depth: depth, number: s.heldLines}
		s.heldLines++
		p.record.Lines, p.record.Cut = 0, 0
		s.held[r.Stream] = p
	}
	room := min(len(r.Text), MaxText-len(p.text))
	p.text = append(p.text, r.Text[:room]...)
	p.record.Cut += r.Cut + int64(len(r.Text)-room)
	p.record.Lines += r.Lines
	p.record.Decoded = p.record.Decoded || r.Decoded
	s.heldBytes += room
	if r.Partial && s.heldBytes <= maxHeld {
		return false
	}
	s.release(r, p)
	return true
}

// release makes r the line that was put together, and forgets its pieces.
func (s *Stripper) release(r *Record, p *pieces) {
	delete(s.held, p.record.Stream)
	s.heldBytes -= len(p.text)
	*r = p.record
	r.Text = p.text
	r.Partial = false
}

// Rest returns the lines that the end of the input cut off, in the order in which they began.
func (s *Stripper) Rest() []Record {
	open := make([]*pieces, 0, len(s.held))
	for _, p := range s.held {
		open = append(open, p)
	}
	slices.SortFunc(open, func(a, b *pieces) int { return a.number - b.number })
	var rest []Record
	if s.block.open && s.finish() {
		rest = append(rest, s.record)
	}
	for _, p := range open {
		s.release(&s.record, p)
		if s.inner(p.depth + 1) {
			r := s.record
			r.Text = slices.Clone(r.Text)
			rest = append(rest, r)
		}
	}
	return rest
}
