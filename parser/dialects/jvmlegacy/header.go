package jvmlegacy

import (
	"bytes"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// headLines is how many lines the head of a log has: the VM, its memory, its flags.
const headLines = 3

// maxSetting bounds what a setting quotes.
const maxSetting = 512

// header takes the lines at the head of a file, which a rotated log repeats in each.
func (d *decoder) header(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	switch {
	case isVM(text):
		d.settle(emit)
		d.seen, d.head, d.over = true, headLines-1, false
		emit(setting(l, event.VersionName, release(text), unit.Size{}))
	case d.head > 0 && hasPrefix(text, "Memory: "):
		d.head--
		tree, err := d.cache.memory.Parse(bytes.TrimRight(text, " "))
		if err != nil {
			emit(problem(l.Head(name), text, "the memory of the machine, in an unknown form"))
			return true
		}
		emit(setting(l, event.MemoryLimit, clip(text), inKiB(tree.Physical.Int())))
	case hasPrefix(text, "CommandLine flags: "):
		d.seen, d.head = true, 0
		d.flags(l, text[len("CommandLine flags: "):], emit)
	case hasPrefix(text, "GC log file created ") || hasPrefix(text, "GC log file has reached the maximum size"):
		d.settle(emit)
		d.seen = true
	case d.head > 0 && hasPrefix(text, "/proc/meminfo:"):
	default:
		return false
	}
	return true
}

// isVM reports whether text names the VM: OpenJDK 64-Bit Server VM (25.504-b01) for linux-amd64 JRE (1.8.0_504-...).
func isVM(text []byte) bool {
	return (hasPrefix(text, "OpenJDK ") || hasPrefix(text, "Java HotSpot(TM) ")) &&
		bytes.Contains(text, []byte(" VM (")) && bytes.Contains(text, []byte(") for ")) && bytes.Contains(text, []byte(" JRE ("))
}

// release returns what stands behind JRE in the line of the VM: 1.8.0_504-8u504-ga-1-b01.
func release(text []byte) string {
	_, rest, _ := bytes.Cut(text, []byte(" JRE ("))
	version, _, _ := bytes.Cut(rest, []byte(")"))
	return clip(version)
}

func setting(l *dialect.Line, n event.SettingName, text string, s unit.Size) *event.Setting {
	return &event.Setting{Head: l.Head(name), Runtime: "jvm", Name: n, Text: text, Size: s}
}

func clip(text []byte) string {
	return string(bytes.TrimRight(text[:min(len(text), maxSetting)], " "))
}

// sizes are the flags whose value is a number of bytes.
var sizes = map[string]event.SettingName{
	"MaxHeapSize":              event.MaxHeap,
	"InitialHeapSize":          event.InitialHeap,
	"G1HeapRegionSize":         event.RegionSize,
	"MaxMetaspaceSize":         event.MaxMetaspace,
	"MaxPermSize":              event.MaxMetaspace,
	"CompressedClassSpaceSize": event.MaxClassSpace,
	"MaxDirectMemorySize":      event.MaxDirect,
}

// collectors are the flags that choose one. ParNew goes with CMS unless another flag says so.
var collectors = map[string]event.Collector{
	"UseSerialGC":        event.Serial,
	"UseParallelGC":      event.Parallel,
	"UseParallelOldGC":   event.Parallel,
	"UseConcMarkSweepGC": event.CMS,
	"UseG1GC":            event.G1,
	"UseShenandoahGC":    event.Shenandoah,
}

// telling are other flags that change what a death means.
var telling = map[string]bool{
	"CrashOnOutOfMemoryError":                      true,
	"DisableExplicitGC":                            true,
	"ExitOnOutOfMemoryError":                       true,
	"ExplicitGCInvokesConcurrent":                  true,
	"HeapDumpOnOutOfMemoryError":                   true,
	"OnOutOfMemoryError":                           true,
	"ThreadStackSize":                              true,
	"UseCMSCompactAtFullCollection":                true,
	"UseCMSInitiatingOccupancyOnly":                true,
	"UseCompressedOops":                            true,
	"UseGCOverheadLimit":                           true,
	"CMSInitiatingOccupancyFraction":               true,
	"G1ReservePercent":                             true,
	"InitiatingHeapOccupancyPercent":               true,
	"MaxRAM":                                       true,
	"MaxRAMFraction":                               true,
	"MaxRAMPercentage":                             true,
	"UseCGroupMemoryLimitForHeap":                  true,
	"UseContainerSupport":                          true,
	"NativeMemoryTracking":                         true,
	"ExplicitGCInvokesConcurrentAndUnloadsClasses": true,
}

// flags emits what the flags of the command line bound or choose.
func (d *decoder) flags(l *dialect.Line, text []byte, emit dialect.Emit) {
	d.know = ""
	for word := range bytes.FieldsSeq(text) {
		if !hasPrefix(word, "-XX:") {
			continue // the rest of a value with blanks
		}
		f, err := d.cache.flag.Parse(word)
		if err != nil {
			continue // no flag that is looked for has such a value
		}
		if n, ok := sizes[f.Name]; ok && f.Size != nil {
			emit(setting(l, n, clip(word), unit.Known(unit.Bytes(f.Size.Int()))))
		}
		if c, ok := collectors[f.Name]; ok && f.Switch == "+" && c != d.know {
			d.know = c
			emit(setting(l, event.CollectorName, clip(word), unit.Size{}))
		}
		if telling[f.Name] {
			emit(setting(l, event.FlagName, clip(word), unit.Size{}))
		}
	}
}

// overhead takes the words of the Parallel collector about -XX:GCTimeLimit on a line of their own.
func (d *decoder) overhead(text []byte) bool {
	if !hasPrefix(text, "GC ") {
		return false
	}
	f := overheadIn(string(text[:min(len(text), maxProblemText)]))
	if f == 0 || len(d.open) == 0 {
		return false
	}
	d.top().flags |= f
	return true
}
