package heapprof

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"oomtrace/parser/unit"

	"github.com/google/pprof/profile"
)

// maxSize bounds a profile after decompression, in bytes. Profiles of large programs have a few MiB.
const maxSize = 256 << 20

// snapshot is one profile, summed by site.
type snapshot struct {
	name    string
	time    int64   // nanoseconds since the Unix epoch; 0 is unknown
	period  float64 // bytes a sample stands for, 1 if every allocation is counted
	symbols bool
	sites   map[site]total
}

// after returns how long after the first a profile was taken.
func (s snapshot) after(first snapshot) time.Duration { return time.Duration(s.time - first.time) }

// site is a place in the program that allocates.
type site struct {
	function, file string
	line           int
	stack          string // where the profile has no names, the whole stack: the leaf alone is a function of the runtime
}

// total is what a site holds.
type total struct {
	bytes   float64
	objects int64
	stacks  map[string]float64 // bytes by the functions of the stack, leaf first, a line each
}

func parse(p Profile) (snapshot, error) {
	if len(p.Data) == 0 {
		return snapshot{}, errors.New("it is empty")
	}
	data, err := inflate(p.Data, maxSize)
	if err != nil {
		return snapshot{}, err
	}
	prof, err := profile.ParseData(data)
	switch {
	case err != nil && Recognise(data):
		return snapshot{}, errors.New("it is cut short or damaged")
	case err != nil:
		return snapshot{}, errors.New("it is no heap profile")
	}
	space, objects := valueIndex(prof, "inuse_space", "space"), valueIndex(prof, "inuse_objects", "objects")
	if space < 0 {
		return snapshot{}, errors.New("it is no heap profile: it has no sample type inuse_space")
	}
	s := snapshot{name: p.Name, time: prof.TimeNanos, period: max(1, float64(prof.Period)), sites: map[site]total{}}
	std := stdlibOf(prof)
	for _, sample := range prof.Sample {
		held := sample.Value[space]
		if held == 0 || len(sample.Location) == 0 {
			continue
		}
		at, stack, named := siteOf(sample, std)
		s.symbols = s.symbols || named
		t := s.sites[at]
		t.bytes += float64(held)
		if objects >= 0 {
			t.objects += sample.Value[objects]
		}
		if t.stacks == nil {
			t.stacks = map[string]float64{}
		}
		t.stacks[stack] += float64(held)
		s.sites[at] = t
	}
	s.symbols = s.symbols || len(s.sites) == 0 && len(prof.Function) > 0
	return s, nil
}

// inflate takes off the compression; it refuses what is larger than most bytes.
func inflate(data []byte, most int64) ([]byte, error) {
	magic := []byte{0x1f, 0x8b}
	if !bytes.HasPrefix(data, magic) {
		return data, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, errors.New("its compression is broken")
	}
	out, err := io.ReadAll(io.LimitReader(z, most+1))
	switch {
	case err != nil:
		return nil, errors.New("it is cut short or its compression is broken")
	case int64(len(out)) > most:
		return nil, fmt.Errorf("it is larger than %s", unit.Bytes(most))
	case bytes.HasPrefix(out, magic):
		return nil, errors.New("it is compressed twice")
	}
	return out, nil
}

// valueIndex returns the index of the first sample type that has one of the names, or -1.
func valueIndex(p *profile.Profile, names ...string) int {
	for _, name := range names {
		if i := slices.IndexFunc(p.SampleType, func(t *profile.ValueType) bool { return t.Type == name }); i >= 0 {
			return i
		}
	}
	return -1
}

// siteOf returns the site of a sample and its stack. Without names the site is the whole stack, called by its leaf.
func siteOf(s *profile.Sample, std stdlib) (at site, stack string, named bool) {
	var functions []string
	var leaf, owner site
	for _, loc := range s.Location {
		if len(loc.Line) == 0 {
			functions = append(functions, fmt.Sprintf("%#x", loc.Address))
		}
		for _, line := range loc.Line {
			if line.Function == nil {
				continue
			}
			here := site{function: line.Function.Name, file: line.Function.Filename, line: int(line.Line)}
			functions = append(functions, here.function)
			if leaf.function == "" {
				leaf = here
			}
			if owner.function == "" && here.function != "" && !std.has(here) {
				owner = here
			}
		}
	}
	stack = strings.Join(functions, "\n")
	switch {
	case owner.function != "":
		return owner, stack, true
	case leaf.function != "":
		return leaf, stack, true
	case len(functions) > 0:
		return site{function: functions[0], stack: stack}, stack, false
	}
	return site{function: "unknown"}, stack, false
}

// stdlib tells functions of the runtime and the standard library from those of the program.
type stdlib struct {
	root string // where their sources lie, with a slash at the end; empty if unknown
}

// stdlibOf finds the root in the source file of any function of the package runtime.
func stdlibOf(p *profile.Profile) stdlib {
	for _, f := range p.Function {
		if i := strings.LastIndex(f.Filename, "/src/runtime/"); i >= 0 && strings.HasPrefix(f.Name, "runtime.") {
			return stdlib{f.Filename[:i+len("/src/")]}
		}
	}
	return stdlib{}
}

// has reports whether the function belongs to the standard library: its import path begins with an element of the
// library's, and its file, where both are known, lies below the root. Modules may be called "log" or "internal" too.
func (s stdlib) has(at site) bool {
	path := at.function[:strings.IndexAny(at.function+"(", "([{")] // type arguments and receivers hold paths of their own
	if strings.HasPrefix(path, "type:") || strings.HasPrefix(path, "go:") || strings.HasPrefix(path, "type..") {
		return true
	}
	element, _, _ := strings.Cut(path, "/")
	element, _, _ = strings.Cut(element, ".")
	if element == "vendor" {
		return true
	}
	if !slices.Contains(stdlibElements, element) || strings.Contains(firstElement(path), ".") && strings.Contains(path, "/") {
		return false
	}
	return s.root == "" || at.file == "" || strings.HasPrefix(at.file, s.root)
}

func firstElement(path string) string {
	element, _, _ := strings.Cut(path, "/")
	return element
}

// stdlibElements are the first elements of the import paths of Go 1.26's standard library.
var stdlibElements = []string{
	"archive", "arena", "bufio", "bytes", "cmp", "compress", "container", "context", "crypto", "database", "debug", "embed",
	"encoding", "errors", "expvar", "flag", "fmt", "go", "hash", "html", "image", "index", "internal", "io", "iter", "log",
	"maps", "math", "mime", "net", "os", "path", "plugin", "reflect", "regexp", "runtime", "simd", "slices", "sort", "strconv",
	"strings", "structs", "sync", "syscall", "testing", "text", "time", "unicode", "unique", "unsafe", "weak",
}
