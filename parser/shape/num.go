package shape

import (
	"math"
	"math/bits"
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

// Decimal is digits with an optional fraction: 12, 0.018. It has no sign and no exponent. A fraction is read to
// 18 digits; what follows is left out. Like a Num it is a place of its own: the cache takes 12 where it saw
// 0.018, so no decision of a grammar may depend on whether there is a fraction.
type Decimal struct {
	whole, frac Num // frac has no digits where there is no fraction
}

// Parse takes a token of 1 to 18 digits, and a point and a fraction if they follow at once.
func (d *Decimal) Parse(lex *lexer.PeekingLexer) error {
	if err := d.whole.Parse(lex); err != nil {
		return err
	}
	d.frac = Num{}
	end := d.whole.offset + d.whole.digits
	whole := lex.MakeCheckpoint()
	if point := lex.Peek(); point.Value != "." || point.Pos.Offset != end {
		return nil
	}
	lex.Next()
	t := lex.Peek()
	if t.EOF() || t.Pos.Offset != end+1 || !digit(t.Value[0]) {
		lex.LoadCheckpoint(whole)
		return nil
	}
	lex.Next()
	d.frac.offset = t.Pos.Offset
	for d.frac.digits < min(len(t.Value), maxDigits) {
		d.frac.value = d.frac.value*10 + int64(t.Value[d.frac.digits]-'0')
		d.frac.digits++
	}
	return nil
}

// Scaled returns the number times 10 to the power of exp, rounded to the nearest integer, half away from zero.
// Milliseconds become nanoseconds with Scaled(6). Results beyond an int64 stop at its largest value.
func (d Decimal) Scaled(exp int) int64 {
	if d.whole.digits <= 9 && d.frac.digits <= exp && exp <= 9 {
		return d.whole.value*powers[exp] + d.frac.value*powers[exp-d.frac.digits]
	}
	v, f := scale(d.whole.value, exp), scale(d.frac.value, exp-d.frac.digits)
	if v > math.MaxInt64-f {
		return math.MaxInt64
	}
	return v + f
}

// Step returns the last place of the number as written, scaled like Scaled: 0.018 with exp 6 has the step 1000.
func (d Decimal) Step(exp int) int64 {
	return max(1, scale(1, exp-d.frac.digits))
}

// Float returns the number as a float64.
func (d Decimal) Float() float64 {
	return float64(d.whole.value) + float64(d.frac.value)/math.Pow10(d.frac.digits)
}

// scale returns v, which is not negative, times 10 to the power of exp.
func scale(v int64, exp int) int64 {
	switch {
	case v == 0 || exp < -maxDigits:
		return 0
	case exp > maxDigits:
		return math.MaxInt64
	case exp < 0:
		unit := powers[-exp]
		return v/unit + (v%unit+unit/2)/unit
	}
	hi, lo := bits.Mul64(uint64(v), uint64(powers[exp]))
	if hi != 0 || lo > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(lo)
}

// powers holds the powers of ten that an int64 can tell apart by digits.
var powers = func() (p [maxDigits + 1]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()
