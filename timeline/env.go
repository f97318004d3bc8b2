package timeline

import (
	"errors"
	"math"
	"regexp"
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
	bytes := int64(n) * times
	if bytes == math.MaxInt64 {
		return unit.Size{}, true // the runtime's own way to say off
	}
	return unit.Known(unit.Bytes(bytes)), true
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

// heapFlags are the flags that bound the heap of a runtime, by the variable that hands them over.
var heapFlags = []struct {
	variable, from string
	flag           *regexp.Regexp
	bare           unit.Bytes // unit of a number without one
}{
	{"JAVA_TOOL_OPTIONS", "xmx", regexp.MustCompile(`^-(?:Xmx|XX:MaxHeapSize=)(\d+)([kKmMgGtT]?)$`), unit.B},
	{"NODE_OPTIONS", "v8-flag", regexp.MustCompile(`^--max[-_]old[-_]space[-_]size=(\d+)()$`), unit.MiB},
}

// envHeapLimit returns the bound on the heap that the stated environment sets. The last flag of a variable counts, as it
// does for the runtime.
func (b *Builder) envHeapLimit() Limit {
	var l Limit
	for _, f := range heapFlags {
		for _, word := range strings.Fields(b.opts.Env[f.variable]) {
			m := f.flag.FindStringSubmatch(word)
			if m == nil {
				continue
			}
			if size, err := unit.Parse(m[1] + m[2]); err == nil && int64(size) <= math.MaxInt64/int64(f.bare) {
				l = Limit{Size: unit.Known(size * f.bare), From: f.from}
			}
		}
	}
	return l
}

// CheckEnv reports a variable that Options.Env has no use for, or whose value the runtime would not take. The error
// does not repeat the variable.
func CheckEnv(name, value string) error {
	switch name {
	case "GOMEMLIMIT":
		if _, ok := memoryLimit(value); !ok {
			return errors.New("the Go runtime takes digits and B, KiB, MiB, GiB or TiB, or off. Example: GOMEMLIMIT=3GiB")
		}
	case "GOGC":
		if _, err := strconv.ParseInt(value, 10, 32); err != nil && value != "off" {
			return errors.New("the Go runtime takes a whole number or off. Example: GOGC=200")
		}
	case "JAVA_TOOL_OPTIONS", "NODE_OPTIONS":
	default:
		return errors.New("only GOMEMLIMIT, GOGC, JAVA_TOOL_OPTIONS and NODE_OPTIONS are of use")
	}
	return nil
}

// neverCollects reports whether the stated environment turns the collector of Go off for good. GOMEMLIMIT would let it run
// near that limit (runtime/mgcpacer.go, since 1.19).
func (b *Builder) neverCollects() bool {
	s, stated := b.opts.Env["GOGC"]
	if _, off := gcPercent(s); !stated || !off {
		return false
	}
	limit, _ := memoryLimit(b.opts.Env["GOMEMLIMIT"])
	return !limit.IsKnown()
}
