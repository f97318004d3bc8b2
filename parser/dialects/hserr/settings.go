package hserr

import (
	"bytes"
	"math"
	"strings"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// sizes are the flags that bound memory.
var sizes = []struct {
	flag string
	is   event.SettingName
}{
	{"MaxHeapSize", event.MaxHeap},
	{"InitialHeapSize", event.InitialHeap},
	{"MaxMetaspaceSize", event.MaxMetaspace},
	{"CompressedClassSpaceSize", event.MaxClassSpace},
	{"MaxDirectMemorySize", event.MaxDirect},
	{"G1HeapRegionSize", event.RegionSize},
	{"ShenandoahRegionSize", event.RegionSize},
}

// short are the options that stand for a flag.
var short = []struct {
	option string
	is     event.SettingName
}{
	{"-Xmx", event.MaxHeap},
	{"-Xms", event.InitialHeap},
}

// telling are the other flags that matter to a verdict.
var telling = []string{
	"DisableExplicitGC", "ExplicitGCInvokesConcurrent", "UseGCOverheadLimit", "GCTimeLimit", "GCHeapFreeLimit", "ExitOnOutOfMemoryError", "CrashOnOutOfMemoryError",
	"HeapDumpOnOutOfMemoryError", "UseCompressedOops", "UseCompressedClassPointers", "HeapBaseMinAddress", "AlwaysPreTouch", "MaxRAMPercentage", "InitialRAMPercentage", "MaxRAM",
	"MaxRAMFraction", "UseContainerSupport", "ThreadStackSize", "MaxPermSize", "NativeMemoryTracking", "UseLargePages",
	"ZGenerational", "ShenandoahGCMode", "CMSInitiatingOccupancyFraction", "InitiatingHeapOccupancyPercent", "G1ReservePercent",
}

// maxStated bounds the settings that are told apart.
const maxStated = 64

func (f *file) isStated(n event.SettingName) bool {
	for i := range f.stated {
		if f.stated[i].Name == n {
			return true
		}
	}
	return false
}

// state tells a setting, unless the file said the same before.
func (f *file) state(l *dialect.Line, s event.Setting) {
	s.Head = l.Head(name)
	f.set(&s)
}

func (f *file) set(s *event.Setting) {
	for i := range f.stated {
		old := &f.stated[i]
		if old.Name == s.Name && old.Size == s.Size && (s.Size.IsKnown() || sameFlag(old.Text, s.Text)) {
			return
		}
	}
	if len(f.stated) == maxStated {
		return
	}
	s.Runtime, s.PID = "jvm", f.jvm.PID
	f.stated = append(f.stated, event.Setting{Name: s.Name, Text: s.Text, Size: s.Size})
	f.emit(s)
}

// sameFlag reports whether two texts are equal, or give one flag a value each: 64m on the command line is 67108864
// among the global flags.
func sameFlag(a, b string) bool {
	x, _, valued := strings.Cut(a, "=")
	y, _, both := strings.Cut(b, "=")
	return x == y && valued == both
}

// commandLine reads the options in "jvm_args:" and, JDK 11 and later, in "Command Line:".
func (f *file) commandLine(l *dialect.Line) {
	args, ok := cut(l.Text, "jvm_args: ")
	if !ok {
		args, ok = cut(l.Text, "Command Line: ")
	}
	if !ok {
		return
	}
	for arg := range bytes.FieldsSeq(args) {
		if len(arg) > 4 && len(arg) <= 256 && arg[0] == '-' && arg[1] == 'X' {
			f.option(l, string(arg))
		}
	}
}

func (f *file) option(l *dialect.Line, arg string) {
	for _, o := range short {
		if value, ok := strings.CutPrefix(arg, o.option); ok {
			f.stateSize(l, o.is, arg, value)
		}
	}
	if strings.HasPrefix(arg, "-Xss") {
		f.state(l, event.Setting{Name: event.FlagName, Text: arg})
	}
	flag, ok := strings.CutPrefix(arg, "-XX:")
	if !ok {
		return
	}
	flag, value, _ := strings.Cut(flag, "=")
	for _, s := range sizes {
		if flag == s.flag {
			f.stateSize(l, s.is, arg, value)
		}
	}
	if tells(strings.TrimLeft(flag, "+-")) {
		f.state(l, event.Setting{Name: event.FlagName, Text: arg})
	}
}

func tells(flag string) bool {
	for _, t := range telling {
		if t == flag {
			return true
		}
	}
	return false
}

// stateSize tells a size of the command line. A 0 stands for the default.
func (f *file) stateSize(l *dialect.Line, is event.SettingName, arg, value string) {
	if strings.Trim(value, "0") == "" {
		return
	}
	size, err := unit.Parse(value)
	if err != nil {
		f.problem(l, "the size of an option does not read")
		return
	}
	f.state(l, event.Setting{Name: is, Text: arg, Size: unit.Known(size)})
}

// globalFlag reads a line of "[Global flags]": type, name, value, and in braces who may set it and who did.
func (f *file) globalFlag(l *dialect.Line) {
	if len(l.Text) == 0 {
		f.place = elsewhere
		return
	}
	flag, is, matters := flagOf(l.Text)
	if !matters {
		return
	}
	g, err := f.flag.Parse(l.Text)
	if err != nil {
		f.problem(l, "a global flag does not read")
		return
	}
	if g.Huge {
		return
	}
	if g.Value != nil {
		value := string(bytes.TrimSpace(between(l.Text, "=", "{")))
		s := event.Setting{Name: is, Text: "-XX:" + flag + "=" + value}
		if is != event.FlagName && g.Value.Float() < math.MaxInt64/2 && g.Value.Float() >= 1 {
			s.Size = unit.Known(unit.Bytes(g.Value.Float()))
		}
		if is == event.FlagName || s.Size.IsKnown() {
			f.state(l, s)
		}
		return
	}
	f.state(l, event.Setting{Name: is, Text: "-XX:" + written(flag, g.Word)})
}

// written is a flag as the command line has it.
func written(flag, value string) string {
	switch value {
	case "true":
		return "+" + flag
	case "false":
		return "-" + flag
	}
	return flag + "=" + value
}

// flagOf returns the name of a global flag and what it sets, if it matters.
func flagOf(text []byte) (flag string, is event.SettingName, matters bool) {
	text = bytes.TrimLeft(text, " ")
	_, rest, _ := bytes.Cut(text, []byte(" "))
	rest = bytes.TrimLeft(rest, " ")
	end := bytes.IndexAny(rest, " :=")
	if end < 0 {
		return "", "", false
	}
	for i := range sizes {
		if s := &sizes[i]; s.flag == string(rest[:end]) {
			return s.flag, s.is, true
		}
	}
	for _, t := range telling {
		if t == string(rest[:end]) {
			return t, event.FlagName, true
		}
	}
	return "", "", false
}

// metaspaceBound reads the bounds in the report of the metaspace, where no flag said them.
func (f *file) metaspaceBound(l *dialect.Line) {
	is := event.MaxMetaspace
	rest, ok := cut(l.Text, "MaxMetaspaceSize: ")
	if !ok {
		rest, ok = cut(l.Text, "CompressedClassSpaceSize: ")
		is = event.MaxClassSpace
	}
	if !ok || len(rest) == 0 || rest[0]-'0' > 9 || f.isStated(is) {
		return
	}
	r, err := f.readings.Parse(l.Text)
	if err != nil {
		f.problem(l, "a bound of the metaspace does not read")
		return
	}
	f.state(l, event.Setting{Name: is, Text: clip(l.Text), Size: r.First.Size.size()})
}
