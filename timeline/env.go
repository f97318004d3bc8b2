package timeline

import (
	"math"
	"strconv"
	"strings"

	"oomtrace/parser/unit"
)

// memoryLimit reads GOMEMLIMIT as the Go runtime does (runtime/string.go, parseByteCount, since 1.19): a plain count,
// or digits and one of B, KiB, MiB, GiB, TiB, in exactly this spelling. The runtime takes the empty text and "off" as no limit;
// anything else that it cannot read stops the program at its start. ok is false for such a text.
func memoryLimit(s string) (limit unit.Size, ok bool) {
	if s == "" || s == "off" {
		return unit.Size{}, true
	}
	times := int64(1)
	if rest, found := strings.CutSuffix(s, "B"); found {
		s = rest
		if rest, found = strings.CutSuffix(s, "i"); found {
			if rest == "" {
				return unit.Size{}, false
			}
			power := strings.IndexByte("KMGT", rest[len(rest)-1]) + 1
			if power == 0 {
				return unit.Size{}, false
			}
			times, s = 1<<(10*power), rest[:len(rest)-1]
		}
	}
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil || n > math.MaxInt64/uint64(times) {
		return unit.Size{}, false
	}
	if int64(n)*times == math.MaxInt64 {
		return unit.Size{}, true // the runtime's own way to say off
	}
	return unit.Known(unit.Bytes(int64(n) * times)), true
}

// gcPercent reads GOGC as the Go runtime does (runtime/mgcpacer.go, readGOGC): "off", a 32 bit number, or else 100.
func gcPercent(s string) (percent int, off bool) {
	if s == "off" {
		return 0, true
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 100, false
	}
	return int(n), n < 0
}

// setFactor returns the k that GOGC asks for, or 0 where the user does not say or GOGC is off.
func (b *Builder) setFactor() float64 {
	s, stated := b.opts.Env["GOGC"]
	if !stated {
		return 0
	}
	percent, off := gcPercent(s)
	if off {
		return 0
	}
	return 1 + float64(percent)/100
}
