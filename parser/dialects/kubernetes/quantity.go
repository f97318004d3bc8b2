package kubernetes

import (
	"math/big"
	"strconv"
	"strings"

	"oomtrace/parser/unit"
)

// suffixes are the units of a quantity, as powers of ten and of two (apimachinery/pkg/api/resource/suffix.go).
var suffixes = map[string]struct{ ten, two int64 }{
	"n": {ten: -9}, "u": {ten: -6}, "m": {ten: -3}, "": {}, "k": {ten: 3}, "M": {ten: 6}, "G": {ten: 9}, "T": {ten: 12}, "P": {ten: 15}, "E": {ten: 18},
	"Ki": {two: 10}, "Mi": {two: 20}, "Gi": {two: 30}, "Ti": {two: 40}, "Pi": {two: 50}, "Ei": {two: 60},
}

// quantity reads an amount of memory: 512Mi, 1.5Gi, 1G, 1e9, 128974848, 128974848000m. Parts of a byte count as one, as
// Kubernetes rounds up. Amounts below zero and above 8 EiB are unknown.
func quantity(text string) unit.Size {
	text = strings.TrimPrefix(strings.TrimSpace(text), "+")
	end := len(text) - len(strings.TrimLeft(text, "0123456789."))
	digits, suffix := text[:end], text[end:]
	if digits == "" || len(digits) > 30 {
		return unit.Size{}
	}
	scale, ok := suffixes[suffix]
	if !ok {
		power, err := strconv.ParseInt(strings.TrimLeft(suffix, "eE"), 10, 8)
		if err != nil || len(suffix) > 4 || suffix[0] != 'e' && suffix[0] != 'E' || power < -18 || power > 18 {
			return unit.Size{}
		}
		scale.ten = power
	}
	n, ok := new(big.Rat).SetString(digits)
	if !ok {
		return unit.Size{}
	}
	n.Mul(n, power(10, scale.ten))
	n.Mul(n, power(2, scale.two))
	whole, rest := new(big.Int).QuoRem(n.Num(), n.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		whole.Add(whole, big.NewInt(1))
	}
	if !whole.IsInt64() || whole.Int64() >= 1<<62 {
		return unit.Size{}
	}
	return unit.Known(unit.Bytes(whole.Int64()))
}

// bound reads a limit or a request. None and 0 are no bound.
func bound(text string) unit.Size {
	q := quantity(text)
	if q.Or(0) == 0 {
		return unit.Size{}
	}
	return q
}

// power returns base to the power of e, which may be negative.
func power(base, e int64) *big.Rat {
	whole := new(big.Int).Exp(big.NewInt(base), big.NewInt(max(e, -e)), nil)
	if e < 0 {
		return new(big.Rat).SetFrac(big.NewInt(1), whole)
	}
	return new(big.Rat).SetInt(whole)
}
