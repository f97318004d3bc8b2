// Package launch reads how a program was started, its environment and its arguments as the engine of a container states
// them, and tells what they set about memory. Nothing else of them comes out, as they hold secrets: of a variable with many
// options only the options that are known to bound or to steer memory.
package launch

import (
	"math"
	"strconv"
	"strings"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// Word is a variable of the environment, or an argument of the command.
type Word struct {
	Name  string // of the variable; empty for an argument
	Value string
	Pos   event.Pos
}

// Bounds of the work for one container.
const (
	maxWords = 1 << 12 // arguments and variables
	maxText  = 200     // of a setting, as the options that are known are short
	maxValue = 1 << 16 // bytes of a variable or an argument
)

// Settings tells what the words set, in the order in which the runtimes take them: of two that set the same, the later one
// is in force. The heads of the settings hold the place of their word and nothing else.
func Settings(words []Word, emit func(event.Setting)) {
	words = words[:min(len(words), maxWords)]
	for _, source := range sources {
		for i := range words {
			if w := &words[i]; w.Name == source.variable && len(w.Value) <= maxValue {
				source.read(w, emit)
			}
		}
	}
}

// sources are the variables that set something, and the arguments, whose name is empty. JAVA_OPTS and CATALINA_OPTS are no
// variables of the runtime: start scripts hand them on. The JVM reads JAVA_TOOL_OPTIONS first and _JAVA_OPTIONS last
// (hotspot/share/runtime/arguments.cpp), its launcher JDK_JAVA_OPTIONS before its own arguments (libjli/args.c, JDK 9 and
// later), OpenJ9 OPENJ9_JAVA_OPTIONS behind JAVA_TOOL_OPTIONS. Node reads NODE_OPTIONS before its arguments.
var sources = []struct {
	variable string
	read     func(*Word, func(event.Setting))
}{
	{"GOMEMLIMIT", softLimit},
	{"GOGC", percent},
	{"GODEBUG", debug},
	{"MALLOC_ARENA_MAX", arenas},
	{"JAVA_TOOL_OPTIONS", java},
	{"OPENJ9_JAVA_OPTIONS", java},
	{"JAVA_OPTS", java},
	{"CATALINA_OPTS", java},
	{"JDK_JAVA_OPTIONS", java},
	{"NODE_OPTIONS", node},
	{"", arguments},
	{"_JAVA_OPTIONS", java},
}

// Of reports whether a variable can set something, so that the values of all others need not be looked at.
func Of(variable string) bool {
	for _, s := range sources {
		if s.variable == variable {
			return variable != ""
		}
	}
	return false
}

func tell(w *Word, runtime string, name event.SettingName, text string, size unit.Size, emit func(event.Setting)) {
	if len(text) > maxText {
		return
	}
	emit(event.Setting{Head: event.Head{Pos: w.Pos}, Runtime: runtime, Name: name, Text: text, Size: size})
}

func softLimit(w *Word, emit func(event.Setting)) {
	tell(w, "go", event.SoftLimit, "GOMEMLIMIT="+w.Value, goSize(w.Value), emit)
}

// goSize reads GOMEMLIMIT as the Go runtime does (runtime/string.go, parseByteCount, since 1.19): a plain count, or digits
// and one of B, KiB, MiB, GiB, TiB.
func goSize(s string) unit.Size {
	digits := strings.TrimRight(s, "KMGTiB")
	times := unit.B
	switch s[len(digits):] {
	case "", "B":
	case "KiB":
		times = unit.KiB
	case "MiB":
		times = unit.MiB
	case "GiB":
		times = unit.GiB
	case "TiB":
		times = unit.TiB
	default:
		return unit.Size{}
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || int64(n) >= math.MaxInt64/int64(times) {
		return unit.Size{}
	}
	return unit.Known(unit.Bytes(n) * times)
}

func percent(w *Word, emit func(event.Setting)) {
	if _, err := strconv.ParseInt(w.Value, 10, 32); err == nil || w.Value == "off" {
		tell(w, "go", event.GCPercent, "GOGC="+w.Value, unit.Size{}, emit)
	}
}

// debug tells GODEBUG, whose names and values are short words.
func debug(w *Word, emit func(event.Setting)) {
	if w.Value != "" && strings.Trim(w.Value, "abcdefghijklmnopqrstuvwxyz0123456789=,-#") == "" {
		tell(w, "go", event.FlagName, "GODEBUG="+w.Value, unit.Size{}, emit)
	}
}

func arenas(w *Word, emit func(event.Setting)) {
	if _, err := strconv.ParseUint(w.Value, 10, 31); err == nil {
		tell(w, "", event.FlagName, "MALLOC_ARENA_MAX="+w.Value, unit.Size{}, emit)
	}
}

func arguments(w *Word, emit func(event.Setting)) {
	java(w, emit)
	node(w, emit)
}

// sizes are the options of the JVM that bound something, by what stands before the value.
var sizes = []struct {
	prefix string
	name   event.SettingName
}{
	{"-Xmx", event.MaxHeap},
	{"-Xms", event.InitialHeap},
	{"-XX:MaxHeapSize=", event.MaxHeap},
	{"-XX:InitialHeapSize=", event.InitialHeap},
	{"-XX:MaxMetaspaceSize=", event.MaxMetaspace},
	{"-XX:CompressedClassSpaceSize=", event.MaxClassSpace},
	{"-XX:MaxDirectMemorySize=", event.MaxDirect},
	{"-XX:G1HeapRegionSize=", event.RegionSize},
}

// switches are the options of the JVM without a size that matter to a verdict, up to their value.
var switches = []string{
	"-XX:MaxRAMPercentage=", "-XX:InitialRAMPercentage=", "-XX:MinRAMPercentage=", "-XX:MaxRAM=", "-XX:MaxRAMFraction=",
	"-XX:+UseContainerSupport", "-XX:-UseContainerSupport", "-XX:+DisableExplicitGC", "-XX:-UseGCOverheadLimit",
	"-XX:+ExitOnOutOfMemoryError", "-XX:+CrashOnOutOfMemoryError", "-XX:+HeapDumpOnOutOfMemoryError",
	"-XX:+AlwaysPreTouch", "-XX:NativeMemoryTracking=", "-XX:MaxPermSize=", "-Xss",
	"-XX:+UseSerialGC", "-XX:+UseParallelGC", "-XX:+UseG1GC", "-XX:+UseZGC", "-XX:+UseShenandoahGC", "-XX:+UseConcMarkSweepGC", "-XX:+UseEpsilonGC",
}

func java(w *Word, emit func(event.Setting)) {
	for option := range strings.FieldsSeq(w.Value) {
		option = strings.Trim(option, `"'`)
		if !strings.HasPrefix(option, "-X") {
			continue
		}
		for _, s := range sizes {
			value, ok := strings.CutPrefix(option, s.prefix)
			if size, err := unit.Parse(value); ok && err == nil {
				tell(w, "jvm", s.name, option, unit.Known(size), emit)
			}
		}
		for _, s := range switches {
			if value, ok := strings.CutPrefix(option, s); ok && plain(value) && (value == "" || !strings.Contains(s, ":+") && !strings.Contains(s, ":-")) {
				tell(w, "jvm", event.FlagName, option, unit.Size{}, emit)
			}
		}
	}
}

// plain reports whether the value of an option is a number, a size or a word.
func plain(value string) bool {
	return strings.Trim(value, "abcdefghijklmnopqrstuvwxyzGKMT0123456789.") == ""
}

func node(w *Word, emit func(event.Setting)) {
	for option := range strings.FieldsSeq(w.Value) {
		option = strings.Trim(option, `"'`)
		if !strings.HasPrefix(option, "--max") {
			continue
		}
		flag, value, _ := strings.Cut(option, "=")
		mib, err := strconv.ParseUint(value, 10, 31)
		if err != nil || mib == 0 {
			continue
		}
		switch strings.ReplaceAll(flag, "_", "-") {
		case "--max-old-space-size", "--max-heap-size":
			tell(w, "v8", event.MaxHeap, option, unit.Known(unit.Bytes(mib)*unit.MiB), emit)
		case "--max-semi-space-size", "--max-old-space-size-percentage":
			tell(w, "v8", event.FlagName, option, unit.Size{}, emit)
		}
	}
}
