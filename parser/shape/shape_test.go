package shape

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/participle/v2"
	"github.com/google/go-cmp/cmp"
)

// collection is a grammar with everything that dialects use: literals, words, both kinds of numbers, optional and
// repeated parts, alternatives, and a word that holds a digit.
type collection struct {
	Cycle   Num       `parser:"'gc' @@"`
	Since   Decimal   `parser:"'@' @@ 's'"`
	Phases  []Decimal `parser:"':' @@ ( '+' @@ )* 'ms'"`
	Heap    *heap     `parser:"( ',' @@ )?"`
	Kind    string    `parser:"( ',' @( 'G1' | 'CMS2' | Word ) )?"`
	Version *version  `parser:"( ',' @@ )?"`
	Forced  bool      `parser:"@( '(' 'forced' ')' )?"`
}

type heap struct {
	Before Num `parser:"@@ '->'"`
	After  Num `parser:"@@ 'MB'"`
}

type version struct {
	Major Num `parser:"'v' @@ '.'"`
	Minor Num `parser:"@@"`
}

var grammar = New[collection](participle.Elide("Space"))

var lines = []string{
	"gc 5 @0.090s: 0.10+0.47+0.003 ms, 19->20 MB",
	"gc 5 @0.090s: 0.10+0+12 ms, 19->20 MB (forced)",
	"gc 5 @0.090s: 0.10+0.5 ms",
	"gc 12345 @99s: 1 ms, 19->20 MB, G1, v 1.26",
	"gc 1 @2s: 3 ms, G7",
	"gc 1 @2s: 3 ms, Word",
	"gc 1 @2s: 3 ms, CMS2 (forced)",
	"gc 007 @00.090s: 010+08 ms, 019->020 MB",
	"gc 123456789012345678 @0.123456789012345678s: 1 ms",
	"gc 1234567890123456789 @0.1s: 1 ms",
	"gc 1 @0.1234567890123456789s: 1 ms",
	"gc 1 @1.2.3s: 1 ms",
	"gc 1 @1 .5s: 1 ms",
	"gc 1 @1.s: 1 ms",
	"gc \x00 @1s: 1 ms",
	"gc 1 @1s: 1 ms, é5",
	"gc 1 @1s: 1 ms, \xff",
	"gc 1 @1s: 1 ms ",
	"gc  1\t@1s : 1 ms",
	"request 5 took 0.5 ms",
	"",
	"5",
	"gc",
}

var treeOptions = cmp.Options{
	cmp.Transformer("num", func(n Num) [2]int64 { return [2]int64{n.value, int64(n.digits)} }),
	cmp.AllowUnexported(Decimal{}),
}

// checkLaw holds the cache against the grammar on one line.
func checkLaw(t *testing.T, c *Cache[collection], line []byte) {
	t.Helper()
	want, wantErr := grammar.Parse(string(line))
	got, gotErr := c.Parse(line)
	if (wantErr == nil) != (gotErr == nil) {
		t.Fatalf("%q: the cache says %v, the grammar %v", line, gotErr, wantErr)
	}
	if wantErr != nil {
		return
	}
	if d := cmp.Diff(want, got, treeOptions); d != "" {
		t.Fatalf("%q (-grammar +cache):\n%s", line, d)
	}
}

// change makes a neighbour of a line: other digits, longer and shorter runs, other bytes.
func change(rnd *rand.Rand, line []byte) []byte {
	odd := []string{
		"0", "7", "00", ".", ".5", "1.5", "123456789012345678", "1234567890123456789", "\x00", "\xff", "é", "é5",
		" ", "+", ",", "", "G1", "G2", "v", "gc", "ms", "->",
	}
	line = slices.Clone(line)
	for range rnd.IntN(4) {
		at := rnd.IntN(len(line) + 1)
		if rnd.IntN(2) == 0 && at < len(line) && digit(line[at]) {
			line[at] = byte('0' + rnd.IntN(10))
			continue
		}
		end := min(len(line), at+rnd.IntN(3))
		line = slices.Replace(line, at, end, []byte(odd[rnd.IntN(len(odd))])...)
	}
	return line
}

func TestCacheAgreesWithGrammar(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	cache := grammar.Cache()
	for range 20_000 {
		line := []byte(lines[rnd.IntN(len(lines))])
		if rnd.IntN(3) > 0 {
			line = change(rnd, line)
		}
		checkLaw(t, cache, line)
	}
}

func FuzzCacheAgreesWithGrammar(f *testing.F) {
	for _, l := range lines {
		f.Add([]byte(l), uint64(1))
	}
	f.Fuzz(func(t *testing.T, line []byte, seed uint64) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		cache := grammar.Cache()
		for range 8 {
			checkLaw(t, cache, line)
			line = change(rnd, line)
		}
		for _, l := range lines {
			checkLaw(t, cache, []byte(l))
		}
		checkLaw(t, cache, line)
	})
}

func TestHitsAllocateNothing(t *testing.T) {
	cache := grammar.Cache()
	pair := [][]byte{
		[]byte("gc 5 @0.090s: 0.10+0.47+0.003 ms, 19->20 MB"),
		[]byte("gc 6 @1s: 0+0.4+10 ms, 190->200 MB"),
	}
	other := [][]byte{[]byte("gc 5 @0.090s: 0.10 ms, G1"), []byte("request 5 took 1 ms"), []byte("request 678 took 90 ms")}
	for _, l := range append(slices.Clone(pair), other...) {
		_, _ = cache.Parse(l)
	}
	for _, lines := range [][][]byte{pair, append(slices.Clone(pair), other...)} {
		if n := testing.AllocsPerRun(100, func() {
			for _, l := range lines {
				_, _ = cache.Parse(l)
			}
		}); n != 0 {
			t.Errorf("%d lines of known shapes: %v allocations, want 0", len(lines), n)
		}
	}
}

func TestDecimalsShareATemplate(t *testing.T) {
	cache := grammar.Cache()
	for _, l := range []string{"gc 5 @0.09s: 0.1+2 ms", "gc 5 @9s: 0+0.25 ms", "gc 5 @12.5s: 10+0 ms"} {
		checkLaw(t, cache, []byte(l))
	}
	if cache.templates != 1 {
		t.Errorf("%d templates for one shape, want 1", cache.templates)
	}
}

func TestRefusalsAreRemembered(t *testing.T) {
	cache := grammar.Cache()
	_, first := cache.Parse([]byte("request 5 took 0.5 ms"))
	_, again := cache.Parse([]byte("request 678 took 900.25 ms"))
	if first == nil || !errors.Is(again, first) {
		t.Errorf("a line of a refused shape: %v, want the error of the first: %v", again, first)
	}
}

// A line that looks like a refused one only in the skeleton must still reach the grammar.
func TestRefusalsStayWithTheirShape(t *testing.T) {
	type word struct {
		Words []string `parser:"'a' ( @Word | @Other )+ | 'b' @Digits"`
	}
	g := New[word](participle.Elide("Space"))
	for _, pair := range [][2]string{
		{"a 5 c", "a \x00 c"},               // the mark of a number
		{"a b5", "a b6"},                    // digits of a word
		{"b 5 x", "b 12345678901234567890"}, // more digits than a Num takes
	} {
		c := g.Cache()
		for _, l := range pair {
			_, want := g.Parse(l)
			if _, got := c.Parse([]byte(l)); (got == nil) != (want == nil) {
				t.Errorf("%q after %q: the cache says %v, the grammar %v", l, pair[0], got, want)
			}
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	cache := grammar.Cache()
	letters := func(i int) string {
		return string([]byte{'a' + byte(i/676%26), 'a' + byte(i/26%26), 'a' + byte(i%26)})
	}
	for i := range max(maxRefused, maxTemplates) + 10 {
		checkLaw(t, cache, []byte("gc 1 @1s: 1 ms, "+letters(i)))
		checkLaw(t, cache, []byte("foreign "+letters(i)))
	}
	n := 0
	for _, ts := range cache.shapes {
		n += len(ts)
	}
	if n > maxTemplates || n != cache.templates || len(cache.refused) > maxRefused {
		t.Errorf("%d templates (counted %d) and %d refusals, want at most %d and %d",
			n, cache.templates, len(cache.refused), maxTemplates, maxRefused)
	}
	for i := range maxPerShape + 5 {
		checkLaw(t, cache, []byte("gc 1 @1s: 1 ms, word"+strings.Repeat("1", i+1)))
	}
	for skeleton, ts := range cache.shapes {
		if len(ts) > maxPerShape {
			t.Errorf("%q: %d templates, want at most %d", skeleton, len(ts), maxPerShape)
		}
	}
}

func TestLongLinesGoThroughTheGrammar(t *testing.T) {
	cache := grammar.Cache()
	long := []byte("gc 1 @1s: 1" + strings.Repeat("+1", maxLine) + " ms")
	checkLaw(t, cache, long)
	checkLaw(t, cache, long)
	if cache.templates != 0 {
		t.Error("a line longer than the bound is remembered")
	}
}

// A number that the grammar takes twice, or in another order than its fields, has no template.
func TestTreesOutOfOrderAreNotCached(t *testing.T) {
	type swapped struct {
		Second Num `parser:"( 'x' @@ )?"`
		First  Num `parser:"@@"`
		Third  Num `parser:"( 'y' @@ )?"`
	}
	g := New[swapped](participle.Elide("Space"))
	c := g.Cache()
	for _, l := range []string{"7 y 8", "9 y 10", "x 1 2", "x 3 4 y 5"} {
		want, wantErr := g.Parse(l)
		got, gotErr := c.Parse([]byte(l))
		if (wantErr == nil) != (gotErr == nil) {
			t.Fatalf("%q: the cache says %v, the grammar %v", l, gotErr, wantErr)
		}
		if d := cmp.Diff(want, got, treeOptions); d != "" {
			t.Errorf("%q (-grammar +cache):\n%s", l, d)
		}
	}
}

func TestLiteralsAreChecked(t *testing.T) {
	type digits struct {
		N Num `parser:"@@ '0x'"`
	}
	type tokens struct {
		N Num `parser:"@@ 'a-b'"`
	}
	for want, build := range map[string]func(){
		`"0x" begins with a digit`: func() { New[digits]() },
		`"a-b" is not one token`:   func() { New[tokens]() },
	} {
		func() {
			defer func() {
				if msg, _ := recover().(string); !strings.Contains(msg, want) {
					t.Errorf("panic %q, want %s", msg, want)
				}
			}()
			build()
		}()
	}
}

func TestEBNF(t *testing.T) {
	for _, want := range []string{"Collection = ", `"gc"`, "Decimal"} {
		if !strings.Contains(grammar.EBNF(), want) {
			t.Errorf("no %s in %s", want, grammar.EBNF())
		}
	}
}

func TestNumbers(t *testing.T) {
	type decimal struct {
		D Decimal `parser:"@@"`
	}
	g := New[decimal]()
	for _, c := range []struct {
		text         string
		exp          int
		scaled, step int64
		float        float64
	}{
		{"12", 0, 12, 1, 12},
		{"12", 6, 12_000_000, 1_000_000, 12},
		{"0.018", 6, 18_000, 1_000, 0.018},
		{"0.018", 3, 18, 1, 0.018},
		{"0.018", 1, 0, 1, 0.018},
		{"9.9999", 0, 10, 1, 9.9999},
		{"0.5", 0, 1, 1, 0.5},
		{"0.49", 0, 0, 1, 0.49},
		{"15.6", -1, 2, 1, 15.6},
		{"14.9", -1, 1, 1, 14.9},
		{"0", 30, 0, 1<<63 - 1, 0},
		{"1", -30, 0, 1, 1},
		{"999999999999999999.9", 3, 1<<63 - 1, 100, 999999999999999999.9},
		{"999999999999999999", 0, 999999999999999999, 1, 999999999999999999},
		{"0.123456789012345678999", 18, 123456789012345678, 1, 0.123456789012345678},
		{"010", 0, 10, 1, 10},
	} {
		got, err := g.Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if d := got.D; d.Scaled(c.exp) != c.scaled || d.Step(c.exp) != c.step || d.Float() != c.float {
			t.Errorf("%s exp %d: scaled %d step %d float %v, want %d %d %v",
				c.text, c.exp, d.Scaled(c.exp), d.Step(c.exp), d.Float(), c.scaled, c.step, c.float)
		}
	}
}

func TestNum(t *testing.T) {
	type num struct {
		N Num `parser:"@@"`
	}
	g := New[num]()
	got, err := g.Parse("0042")
	if err != nil || got.N.Int() != 42 || got.N.Digits() != 4 {
		t.Errorf("0042: %v %d digits, %v; want 42 of 4 digits", got.N.Int(), got.N.Digits(), err)
	}
	for _, l := range []string{"", "x", "1234567890123456789", "-1"} {
		if _, err := g.Parse(l); err == nil {
			t.Errorf("%q is taken for a number", l)
		}
	}
}

func BenchmarkHit(b *testing.B) {
	line := []byte("gc 5 @0.090s: 0.10+0.47+0.003+0.21+0+0.20+0.12+0.006 ms, 19->20 MB (forced)")
	cache := grammar.Cache()
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		if _, err := cache.Parse(line); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRefused(b *testing.B) {
	line := bytes.Repeat([]byte("request 5 took 0.5 ms "), 5)
	cache := grammar.Cache()
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		_, _ = cache.Parse(line)
	}
}
