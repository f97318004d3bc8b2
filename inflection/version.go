package inflection

import (
	"slices"
	"strconv"
	"strings"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// A version is that of a runtime, by its numbers: 1.21 of Go, 8.0.392 of a JVM, 14.18 of Node.js. The zero version is unknown.
type version [3]int

// versionIn reads the last version that a text names: "go1.21.3", "1.5 to 1.17", "17.0.15+6-LTS", "1.8.0_504-b01". A JVM counts
// from 9 on without the 1 in front; what stands behind three numbers is a build.
func versionIn(runtime, text string) version {
	if _, last, isRange := strings.Cut(text, " to "); isRange {
		text = last
	}
	first := strings.IndexAny(text, "0123456789")
	if first < 0 {
		return version{}
	}
	var numbers []int
	for _, field := range strings.FieldsFunc(text[first:], func(r rune) bool { return r == '.' || r == '_' }) {
		digits := field[:len(field)-len(strings.TrimLeft(field, "0123456789"))]
		n, err := strconv.Atoi(digits)
		if err != nil {
			break
		}
		if numbers = append(numbers, n); digits != field {
			break
		}
	}
	if runtime == "jvm" && len(numbers) > 1 && numbers[0] == 1 {
		numbers = numbers[1:]
	}
	var v version
	copy(v[:], numbers)
	return v
}

// atLeast reports whether v is w or later.
func (v version) atLeast(w version) bool { return slices.Compare(v[:], w[:]) >= 0 }

// A setting of a runtime came with a version, and often to older lines later: since holds the first version of each line that has it,
// the oldest line last.
type since []version

var (
	memoryLimitSince    = since{{1, 19}}           // GOMEMLIMIT
	ramPercentageSince  = since{{10}, {8, 0, 191}} // -XX:MaxRAMPercentage
	exitOnOOMSince      = since{{9}, {8, 0, 92}}   // -XX:+ExitOnOutOfMemoryError
	nativeTrackingSince = since{{8}, {7, 0, 40}}   // -XX:NativeMemoryTracking
	unifiedLogSince     = since{{9}}               // -Xlog
	nearHeapLimitSince  = since{{15, 1}, {14, 18}} // --heapsnapshot-near-heap-limit
)

// lacks reports whether the runtime is known to be too old for a setting. One of unknown version lacks nothing.
func (f *Facts) lacks(s since) bool {
	v := f.Version
	if v == (version{}) {
		return false
	}
	for i, w := range s {
		if v.atLeast(w) && (i == 0 || v[0] == w[0]) {
			return false
		}
	}
	return true
}

// runtimeVersion returns the last version that the runtime of a run can be: what its own file states, else the latest that any
// file states of that runtime, else what the shape of its lines tells.
func runtimeVersion(tl *timeline.Timeline, runtime string, own event.Pos) version {
	var stated, elsewhere version
	for _, ev := range tl.Events {
		s, ok := ev.(*event.Setting)
		if !ok || s.Name != event.VersionName || s.Runtime != runtime {
			continue
		}
		v := versionIn(runtime, s.Text)
		if s.Pos.File == own.File {
			stated = v
		}
		if v.atLeast(elsewhere) {
			elsewhere = v
		}
	}
	for _, v := range []version{stated, elsewhere} {
		if v != (version{}) {
			return v
		}
	}
	if run := tl.PrimaryRun(); run != nil && run.Runtime == runtime {
		return versionIn(runtime, run.Version)
	}
	return version{}
}
