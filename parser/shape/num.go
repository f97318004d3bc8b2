package shape

import (
	"math"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// maxDigits is how many digits always fit an int64.
const maxDigits = 18

// Num is a run of decimal digits in a grammar, written as @@ or as part of a larger node. It is the only
// way for a grammar to take in a number: the cache writes straight into these nodes.
type Num struct {
	value  int64
	digits int
	offset int
}

// Parse takes one token that consists of 1 to 18 digits.
func (n *Num) Parse(lex *lexer.PeekingLexer) error {
	t := lex.Peek()
	if t.EOF() || len(t.Value) > maxDigits || strings.Trim(t.Value, "0123456789") != "" {
		return participle.NextMatch
	}
	lex.Next()
	n.value, n.digits, n.offset = 0, len(t.Value), t.Pos.Offset
	for i := range len(t.Value) {
		n.value = n.value*10 + int64(t.Value[i]-'0')
	}
	return nil
}

// Int returns the number, read in base ten whatever its leading zeros.
func (n Num) Int() int64 { return n.value }

// Digits returns how many digits the number was written with.
func (n Num) Digits() int { return n.digits }

// Decimal is digits with an optional fraction: 12, 0.018. It has no sign and no exponent.
type Decimal struct {
	Whole Num  `parser:"@@"`
	Frac  *Num `parser:"( '.' @@ )?"`
}

// Scaled returns the number times 10 to the power of exp, rounded to the nearest integer, half away from zero.
// Milliseconds become nanoseconds with Scaled(6). Results beyond an int64 stop at its largest value.
func (d Decimal) Scaled(exp int) int64 {
	v := scale(d.Whole.value, exp)
	if d.Frac == nil {
		return v
	}
	f := scale(d.Frac.value, exp-d.Frac.digits)
	if v > math.MaxInt64-f {
		return math.MaxInt64
	}
	return v + f
}

// Step returns the last place of the number as written, scaled like Scaled: 0.018 with exp 6 has the step 1000.
func (d Decimal) Step(exp int) int64 {
	if d.Frac != nil {
		exp -= d.Frac.digits
	}
	return max(1, scale(1, exp))
}

// Float returns the number as a float64.
func (d Decimal) Float() float64 {
	v := float64(d.Whole.value)
	if d.Frac != nil {
		v += float64(d.Frac.value) / math.Pow10(d.Frac.digits)
	}
	return v
}

func scale(v int64, exp int) int64 {
	for ; exp > 0; exp-- {
		if v > math.MaxInt64/10 {
			return math.MaxInt64
		}
		v *= 10
	}
	if exp == 0 || v == 0 {
		return v
	}
	if exp < -maxDigits {
		return 0
	}
	unit := int64(1)
	for ; exp < 0; exp++ {
		unit *= 10
	}
	return (v + unit/2) / unit
}
