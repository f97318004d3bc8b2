package memstats

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// field is a field of runtime.MemStats or of process.memoryUsage().
type field int

const (
	alloc field = iota
	totalAlloc
	sys
	heapAlloc
	heapSys
	heapInuse
	stackInuse
	nextGC
	lastGC
	numGC
	goroutines
	rss
	heapTotal
	heapUsed
	external
	count
)

// fieldOf tells a field by its name in lower case, without separators.
var fieldOf = map[string]field{
	"alloc": alloc, "totalalloc": totalAlloc, "sys": sys, "heapalloc": heapAlloc, "heapsys": heapSys, "heapinuse": heapInuse,
	"stackinuse": stackInuse, "nextgc": nextGC, "lastgc": lastGC, "numgc": numGC,
	"goroutines": goroutines, "numgoroutine": goroutines, "numgoroutines": goroutines,
	"rss": rss, "heaptotal": heapTotal, "heapused": heapUsed, "external": external,
}

// valueNames are the names of the values that fields give; those of others are told by none.
var valueNames = [count]string{
	heapAlloc: event.ValueHeapAlloc, heapInuse: event.ValueHeapInUse, heapSys: event.ValueHeapSys, nextGC: event.ValueNextGC, sys: event.ValueRuntimeSys,
	stackInuse: event.ValueStacks, numGC: event.ValueGCs, lastGC: event.ValueLastGC, goroutines: event.ValueGoroutines,
	rss: event.ValueRSS, heapTotal: event.ValueHeapSys, heapUsed: event.ValueHeapAlloc, external: event.ValueDirect,
}

// fields are what one line or document tells.
type fields struct {
	has     [count]bool
	value   [count]float64
	stamped bool
	wall    int64 // nanoseconds since the Unix epoch
	step    time.Duration
}

func (f *fields) clear() { *f = fields{} }

// runtime says whose fields these are; it is empty where they are too few to tell.
func (f *fields) runtime() string {
	switch h := &f.has; {
	case h[heapAlloc] && (h[heapInuse] || h[heapSys] || h[nextGC] || h[numGC] || h[sys] || h[totalAlloc]):
		return "go"
	case h[alloc] && h[totalAlloc] && h[sys]:
		f.has[heapAlloc], f.value[heapAlloc] = true, f.value[alloc] // MemStats says: the same
		return "go"
	case h[heapUsed] && h[heapTotal]:
		return "v8"
	}
	return ""
}

func (f *fields) values() []event.Value {
	var out []event.Value
	for i, n := range valueNames {
		if n == "" || !f.has[i] {
			continue
		}
		v := f.value[i]
		if field(i) == lastGC {
			v /= 1e9
		}
		out = append(out, event.Value{Name: n, V: v})
	}
	return out
}

// set takes a field by the name that the log gives it. The first of a name counts.
func (f *fields) set(key []byte, v float64) {
	var buf [32]byte
	scale := 1.0
	n := canonical(buf[:0], key)
	for _, u := range units {
		if rest, ok := strings.CutSuffix(n, u.end); ok && rest != "" {
			n, scale = rest, u.scale
			break
		}
	}
	i, ok := fieldOf[n]
	if !ok || f.has[i] || !(v >= 0) || math.IsInf(v*scale, 0) {
		return
	}
	f.has[i], f.value[i] = true, v*scale
}

// units are what the name of a field may end with.
var units = []struct {
	end   string
	scale float64
}{
	{"bytes", 1},
	{"kib", 1 << 10},
	{"kb", 1 << 10},
	{"mib", 1 << 20},
	{"mb", 1 << 20},
	{"gib", 1 << 30},
	{"gb", 1 << 30},
}

// canonical writes a name in lower case and without separators. Names too long for a field come out empty.
func canonical(dst, key []byte) string {
	if len(key) > cap(dst) {
		return ""
	}
	for _, c := range key {
		switch {
		case c == '_' || c == '-' || c == '.':
		case 'A' <= c && c <= 'Z':
			dst = append(dst, c|0x20)
		default:
			dst = append(dst, c)
		}
	}
	return string(dst)
}

// text reads fields such as "HeapAlloc:123", "heap_alloc=123" and "Alloc = 3 MiB".
func (f *fields) text(text []byte) {
	for at := 0; at < len(text); {
		sign := bytes.IndexAny(text[at:], ":=")
		if sign < 0 {
			return
		}
		sign += at
		key := lastWord(text[at:sign])
		rest := bytes.TrimLeft(text[sign+1:], " \"'")
		n := numberLen(rest)
		at = sign + 1
		if n == 0 || len(key) == 0 {
			continue
		}
		v, err := strconv.ParseFloat(string(rest[:n]), 64)
		if err != nil {
			continue
		}
		f.set(key, v*unitScale(rest[n:]))
	}
}

// lastWord returns the name that text ends with.
func lastWord(text []byte) []byte {
	text = bytes.TrimRight(text, " \"'")
	from := len(text)
	for from > 0 && wordByte(text[from-1]) {
		from--
	}
	return text[from:]
}

func wordByte(c byte) bool {
	return c|0x20-'a' < 26 || c-'0' <= 9 || c == '_' || c == '-' || c == '.'
}

func numberLen(text []byte) int {
	n := 0
	for n < len(text) && n < 24 && (text[n]-'0' <= 9 || n > 0 && (text[n] == '.' || text[n] == 'e' || text[n] == '+')) {
		n++
	}
	return n
}

// unitScale returns the bytes of the unit that text begins with, 1 where it is none.
func unitScale(text []byte) float64 {
	word := bytes.TrimLeft(text, " ")
	n := 0
	for n < len(word) && n < 4 && word[n]|0x20-'a' < 26 {
		n++
	}
	if n == 0 || n < len(word) && (word[n] == ':' || word[n] == '=' || word[n] == '_') {
		return 1
	}
	size, err := unit.Parse("1" + string(word[:n]))
	if err != nil {
		return 1
	}
	return float64(size)
}

// cockroach reads "12 GiB RSS, 2849 goroutines, 2.2 GiB/2.3 GiB/4.9 GiB GO alloc/idle/total, ...".
func (f *fields) cockroach(text []byte) {
	for part := range strings.SplitSeq(string(text), ", ") {
		switch {
		case strings.HasSuffix(part, " RSS"):
			f.sized(rss, strings.TrimSuffix(part, " RSS"))
		case strings.Contains(part, " goroutines"):
			if n, err := strconv.Atoi(part[:strings.IndexByte(part, ' ')]); err == nil {
				f.has[goroutines], f.value[goroutines] = true, float64(n)
			}
		default:
			f.goHeap(part)
		}
	}
}

// goHeap reads "2.2 GiB/2.3 GiB/4.9 GiB GO alloc/idle/total", which some versions begin with "Go".
func (f *fields) goHeap(part string) {
	for _, name := range [...]string{" GO alloc/idle/total", " Go alloc/idle/total"} {
		text, _, found := strings.Cut(part, name)
		if sizes := strings.Split(text, "/"); found && len(sizes) == 3 {
			f.sized(heapAlloc, sizes[0])
			f.sized(sys, sizes[2])
		}
	}
}

func (f *fields) sized(i field, text string) {
	if size, err := unit.Parse(strings.ReplaceAll(text, " ", "")); err == nil {
		f.has[i], f.value[i] = true, float64(size)
	}
}

// json reads the members of an object, and of the objects in it, and returns where the first field stands.
func (f *fields) json(text []byte) (at int) {
	root := gjson.ParseBytes(text)
	at = -1
	root.ForEach(func(k, v gjson.Result) bool {
		f.member(k, v, &at)
		if v.IsObject() {
			v.ForEach(func(k, v gjson.Result) bool {
				f.member(k, v, &at)
				return true
			})
		}
		return true
	})
	return max(at, 0)
}

func (f *fields) member(k, v gjson.Result, at *int) {
	switch k.Str {
	case "ts", "time", "timestamp", "@timestamp":
		f.setTime(v)
		return
	}
	was := f.has
	switch v.Type {
	case gjson.Number:
		f.set([]byte(k.Str), v.Num)
	case gjson.String:
		if n := numberLen([]byte(v.Str)); n > 0 && len(v.Str) < 32 {
			if x, err := strconv.ParseFloat(v.Str[:n], 64); err == nil {
				f.set([]byte(k.Str), x*unitScale([]byte(v.Str[n:])))
			}
		}
	case gjson.Null, gjson.False, gjson.True, gjson.JSON:
	}
	if *at < 0 && f.has != was {
		*at = k.Index
	}
}

// setTime reads the time of a JSON line: RFC 3339, or seconds, milli-, micro- or nanoseconds since 1970, told by their size.
func (f *fields) setTime(v gjson.Result) {
	if f.stamped {
		return
	}
	if v.Type == gjson.String {
		t, err := time.Parse(time.RFC3339Nano, v.Str)
		if err == nil && t.Year() > 1970 && t.Year() < 2200 {
			f.stamped, f.wall, f.step = true, t.UnixNano(), time.Microsecond
		}
		return
	}
	for _, scale := range []float64{1, 1e3, 1e6, 1e9} {
		if s := v.Num / scale; s >= 1e8 && s < 1e10 {
			f.stamped, f.wall, f.step = true, int64(math.Round(s*1e6))*1e3, time.Millisecond
			return
		}
	}
}
