package ascii

import (
	"bytes"
	"strconv"
	"testing"
)

func TestInt(t *testing.T) {
	for _, c := range []struct {
		text string
		want int // -1 is none
	}{
		{"0", 0},
		{"007", 7},
		{"999999999", 999_999_999},
		{"1000000000", -1},
		{"", -1},
		{"-1", -1},
		{"+1", -1},
		{"1 ", -1},
		{"1/", -1},
		{"1:", -1},
	} {
		got, ok := Int([]byte(c.text))
		if ok != (c.want >= 0) || ok && got != c.want {
			t.Errorf("%q: got %d, %t; want %d", c.text, got, ok, c.want)
		}
	}
}

func FuzzHasPrefix(f *testing.F) {
	f.Add([]byte("gc 1"), "gc ")
	f.Add([]byte("gc"), "gc ")
	f.Fuzz(func(t *testing.T, text []byte, prefix string) {
		if got, want := HasPrefix(text, prefix), bytes.HasPrefix(text, []byte(prefix)); got != want {
			t.Errorf("%q begins with %q: got %t, want %t", text, prefix, got, want)
		}
	})
}

func TestDigit(t *testing.T) {
	for b := range 256 {
		_, err := strconv.Atoi(string(rune(b)))
		if got := Digit(byte(b)); got != (err == nil && b < 128) {
			t.Errorf("%q: got %t", rune(b), got)
		}
	}
}
