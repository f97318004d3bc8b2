// Package unit holds the one unit that everything else is counted in. Text becomes Bytes on entry,
// Bytes become text on exit, and nothing between the two multiplies by 1024.
package unit

import "strconv"

// Bytes is a number of bytes. Differences and rates may be negative.
type Bytes int64

// The binary multiples.
const (
	B   Bytes = 1
	KiB       = 1024 * B
	MiB       = 1024 * KiB
	GiB       = 1024 * MiB
	TiB       = 1024 * GiB
)

// MarshalJSON writes the plain byte count.
func (b Bytes) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, int64(b), 10), nil }
