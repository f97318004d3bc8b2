package unit

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text string
		want Bytes
	}{
		{"4294967296", 4 * GiB},
		{"4GiB", 4 * GiB},
		{"4Gi", 4 * GiB},
		{"4gib", 4 * GiB},
		{"4G", 4 * GiB},
		{"4g", 4 * GiB},
		{"4GB", 4_000_000_000},
		{"4 GB", 4_000_000_000},
		{" 4 GiB ", 4 * GiB},
		{"4096M", 4 * GiB},
		{"4096m", 4 * GiB},
		{"4096Mi", 4 * GiB},
		{"512k", 512 * KiB},
		{"512kb", 512_000},
		{"1.5GiB", 1536 * MiB},
		{"0.5Ki", 512},
		{"7b", 7},
		{"2T", 2 * TiB},
		{"1PiB", PiB},
		{"010", 10},
		{"9223372036854775807", math.MaxInt64},
		{"8191PiB", 8191 * PiB},
	} {
		got, err := Parse(c.text)
		if err != nil || got != c.want {
			t.Errorf("Parse(%q) = %d, %v, want %d", c.text, int64(got), err, int64(c.want))
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "is not a size"},
		{"4GGiB", "is not a size"},
		{"GiB", "is not a size"},
		{"four", "is not a size"},
		{"-4GiB", "negative"},
		{"-1", "negative"},
		{"max", "sets no limit"},
		{"MAX", "sets no limit"},
		{"0", "less than one byte"},
		{"0.1", "less than one byte"},
		{"0GiB", "less than one byte"},
		{"4.5.6G", "is not a size"},
		{"4.", "is not a size"},
		{".5G", "is not a size"},
		{"4e9", "is not a size"},
		{"4%", "is not a size"},
		{"0x10", "is not a size"},
		{"4 4G", "is not a size"},
		{"4GiB2", "is not a size"},
		{"4ki b", "is not a size"},
		{"9223372036854775808", "larger than"},
		{"9999999999GiB", "larger than"},
		{"8192PiB", "larger than"},
		{strings.Repeat("9", 41), "too long"},
		{"4\x00G", "is not a size"},
	} {
		got, err := Parse(c.text)
		if err == nil {
			t.Errorf("Parse(%q) = %d, want an error", c.text, int64(got))
			continue
		}
		if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), Examples) {
			t.Errorf("Parse(%q): error %q, want it to say %q and to show examples", c.text, err, c.want)
		}
	}
}

func TestAmbiguous(t *testing.T) {
	const want = "read 4G as 4 GiB (docker, java, systemd); Kubernetes means 4,000,000,000 bytes. Write 4Gi or 4GB."
	if got := Ambiguous("4G"); got != want {
		t.Errorf("Ambiguous(4G) = %q, want %q", got, want)
	}
	for _, plain := range []string{"4g", "4Gi", "4GiB", "4GB", "4294967296", "G", "", "xG"} {
		if got := Ambiguous(plain); got != "" {
			t.Errorf("Ambiguous(%q) = %q, want nothing", plain, got)
		}
	}
}

func TestString(t *testing.T) {
	for _, c := range []struct {
		b    Bytes
		want string
	}{
		{0, "0 B"},
		{1023, "1023 B"},
		{KiB, "1 KiB"},
		{1536, "1.5 KiB"},
		{412 * MiB, "412 MiB"},
		{412*MiB + 100*KiB, "412 MiB"},
		{1536 * KiB, "1.5 MiB"},
		{1023*MiB + 900*KiB, "1.00 GiB"},
		{4 * GiB, "4 GiB"},
		{3789 * MiB, "3.70 GiB"},
		{1536 * GiB, "1.50 TiB"},
		{-412 * MiB, "-412 MiB"},
		{math.MaxInt64, "8192.00 PiB"},
		{math.MinInt64, "-8192.00 PiB"},
	} {
		if got := c.b.String(); got != c.want {
			t.Errorf("Bytes(%d).String() = %q, want %q", int64(c.b), got, c.want)
		}
	}
	if got := (3 * GiB).In("MiB"); got != "3072 MiB" {
		t.Errorf("In(MiB) = %q", got)
	}
	if got := Bytes(5).In("B"); got != "5 B" {
		t.Errorf("In(B) = %q", got)
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -999: "-999", -1000: "-1,000", 4_000_000_000: "4,000,000,000"} {
		if got := Thousands(n); got != want {
			t.Errorf("Thousands(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestSize(t *testing.T) {
	var absent Size
	zero := Known(0)
	if absent.IsKnown() || !zero.IsKnown() || absent == zero {
		t.Error("an absent size and a stated 0 must differ")
	}
	if got := absent.Or(7); got != 7 {
		t.Errorf("absent.Or(7) = %d", got)
	}
	if got, ok := Known(5).Get(); got != 5 || !ok {
		t.Errorf("Known(5).Get() = %d, %v", got, ok)
	}
	if got := Known(5).Or(7); got != 5 {
		t.Errorf("Known(5).Or(7) = %d", got)
	}
	if absent.String() != "unknown" || Known(GiB).String() != "1 GiB" {
		t.Errorf("String: %q, %q", absent, Known(GiB))
	}
	got, err := json.Marshal([]any{absent, zero, Known(42), MiB})
	if err != nil || string(got) != "[null,0,42,1048576]" {
		t.Errorf("JSON %s, %v", got, err)
	}
}

func TestFlagValue(t *testing.T) {
	var b Bytes
	if err := b.Set("4GiB"); err != nil || b != 4*GiB || b.Type() != "SIZE" {
		t.Errorf("Set(4GiB): %d, %v, type %s", int64(b), err, b.Type())
	}
	if err := b.Set("4GGiB"); err == nil || b != 4*GiB {
		t.Errorf("Set(4GGiB): %v; a refused text must leave the value as it was, got %d", err, int64(b))
	}
}

// A size that is written as text by its own byte count comes back, whatever unit stands behind a whole number.
func TestParseReadsBackWholeMultiples(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 8191).Draw(t, "n")
		u := rapid.SampledFrom(scales).Draw(t, "unit")
		text := Thousands(n)
		text = strings.ReplaceAll(text, ",", "") + u.name
		got, err := Parse(text)
		if err != nil || got != Bytes(n)*u.size {
			t.Fatalf("Parse(%q) = %d, %v", text, int64(got), err)
		}
	})
}
