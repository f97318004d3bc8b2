// Package unit holds the one unit that everything else is counted in. Text becomes Bytes on entry,
// Bytes become text on exit, and nothing between the two multiplies by 1024.
package unit

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// Bytes is a number of bytes. Differences and rates may be negative.
type Bytes int64

// The binary multiples.
const (
	B   Bytes = 1
	KiB       = 1024 * B
	MiB       = 1024 * KiB
	GiB       = 1024 * MiB
	TiB       = 1024 * GiB
	PiB       = 1024 * TiB
)

// Examples shows sizes that Parse reads, for messages and help.
const Examples = "4GiB, 4Gi, 4096M, 4g, 4294967296"

var _ pflag.Value = (*Bytes)(nil)

// Parse reads a memory limit as people write it for containers and runtimes, in any case and with an optional
// fraction and space: KiB, MiB, GiB, TiB, PiB, Ki ... Pi and the bare letters k, m, g, t, p of docker, java and
// systemd are powers of 1024; KB, MB, GB, TB and PB are powers of 1000; plain numbers and b are bytes. The
// result is at least 1. Errors name the text and show examples.
func Parse(text string) (Bytes, error) {
	refuse := func(why string) (Bytes, error) {
		return 0, fmt.Errorf("%q is not a size%s. Examples: %s", text, why, Examples)
	}
	s := strings.TrimSpace(text)
	end := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if end < 0 {
		end = len(s)
	}
	number, name := s[:end], strings.ToLower(strings.TrimSpace(s[end:]))
	switch {
	case strings.HasPrefix(s, "-"):
		return refuse(": it is negative")
	case name == "max" && number == "":
		return refuse(": it sets no limit")
	case number == "" || strings.Count(number, ".") > 1 || !strings.ContainsAny(number[:1], "0123456789") || strings.HasSuffix(number, "."):
		return refuse("")
	case len(number) > 40:
		return refuse(": it is too long")
	}
	scale, err := multiple(name)
	if err != nil {
		return refuse("")
	}
	value, ok := new(big.Rat).SetString(number)
	if !ok {
		return refuse("")
	}
	value.Mul(value, new(big.Rat).SetInt64(scale))
	whole := new(big.Int).Quo(value.Num(), value.Denom())
	switch {
	case !whole.IsInt64():
		return refuse(": it is larger than " + strconv.FormatInt(math.MaxInt64, 10) + " bytes")
	case whole.Sign() == 0:
		return refuse(": it is less than one byte")
	}
	return Bytes(whole.Int64()), nil
}

var errUnit = errors.New("unknown unit")

// multiple returns how many bytes the unit with this lower-case name has.
func multiple(name string) (int64, error) {
	if name == "" || name == "b" {
		return 1, nil
	}
	power := strings.IndexByte("kmgtp", name[0]) + 1
	base := int64(1024)
	switch name[1:] {
	case "", "i", "ib":
	case "b":
		base = 1000
	default:
		power = 0
	}
	if power == 0 {
		return 0, errUnit
	}
	scale := int64(1)
	for range power {
		scale *= base
	}
	return scale, nil
}

// Ambiguous returns a note where the text means one size to docker, java and systemd and another to Kubernetes: the
// bare capitals of "4G". It returns "" for sizes that everybody reads alike.
func Ambiguous(text string) string {
	s := strings.TrimSpace(text)
	if len(s) < 2 || !strings.ContainsRune("KMGTP", rune(s[len(s)-1])) {
		return ""
	}
	b, err := Parse(s)
	if err != nil {
		return ""
	}
	letter := s[len(s)-1:]
	decimal, err := Parse(s + "B")
	if err != nil {
		return ""
	}
	number := strings.TrimSpace(s[:len(s)-1])
	return fmt.Sprintf("read %s as %s (docker, java, systemd); Kubernetes means %s bytes. Write %s%si or %s%sB.",
		s, b, Thousands(int64(decimal)), number, letter, number, letter)
}

// Thousands prints a number with commas between groups of three digits.
func Thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Set makes *Bytes a flag value: it reads text as Parse does.
func (b *Bytes) Set(text string) error {
	v, err := Parse(text)
	if err != nil {
		return err
	}
	*b = v
	return nil
}

// Type names the value in help.
func (*Bytes) Type() string { return "SIZE" }

// scales are the units that String prints, largest first, with their decimals where the number is not whole.
var scales = []struct {
	name     string
	size     Bytes
	decimals int
}{{"PiB", PiB, 2}, {"TiB", TiB, 2}, {"GiB", GiB, 2}, {"MiB", MiB, 0}, {"KiB", KiB, 0}}

// String prints the number in the largest binary unit that leaves at least 1: "4 GiB", "3.70 GiB", "412 MiB",
// "1.5 MiB", "17 B". Whole multiples have no decimals, MiB and KiB have one below 10.
func (b Bytes) String() string {
	if b < 0 {
		return "-" + (-max(b, -math.MaxInt64)).String()
	}
	for _, s := range scales {
		if b < s.size-s.size/2048 { // what would round to 1024 of a unit is 1.00 of the next
			continue
		}
		return b.In(s.name)
	}
	return strconv.FormatInt(int64(b), 10) + " B"
}

// In prints the number in the given binary unit (KiB to PiB, or B), so that one table or axis keeps one scale.
func (b Bytes) In(name string) string {
	for _, s := range scales {
		if s.name != name {
			continue
		}
		decimals := s.decimals
		v := float64(b) / float64(s.size)
		switch {
		case b%s.size == 0:
			decimals = 0
		case s.decimals == 0 && math.Abs(v) < 9.95:
			decimals = 1
		}
		return strconv.FormatFloat(v, 'f', decimals, 64) + " " + name
	}
	return strconv.FormatInt(int64(b), 10) + " B"
}

// MarshalJSON writes the plain byte count.
func (b Bytes) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, int64(b), 10), nil }
