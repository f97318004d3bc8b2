package jvmunified

import (
	"bytes"
	"strings"
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// aside reads a message that names no collection, and reports whether it is known. sure is as in message.
func (d *decoder) aside(l *dialect.Line, text []byte, sure bool, emit dialect.Emit) bool {
	if d.oom != nil && d.metaspaceLine(l, text, emit) {
		return true
	}
	switch text[0] {
	case 'U':
		return d.using(l, text, emit)
	case 'H', 'I', 'M', 'N', 'R':
		return d.header(l, text, sure, emit)
	case 'V':
		return sure && d.version(l, text, emit)
	case 'A':
		return d.stall(l, text, emit) || d.attempt(text)
	case 'O':
		return d.outOfMemory(l, text, emit)
	case 'G':
		return d.overhead(l, text, emit)
	case 'P':
		return d.failedPromotion(text)
	case 'T':
		return d.triggered(text)
	case 'C':
		return d.classSpace(l, text, sure, emit)
	case ' ', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return d.lost(l, text, emit)
	}
	return false
}

// collectors are the names by which a JVM introduces its collector, in CollectedHeap and its children.
var collectors = map[string]event.Collector{
	"Serial": event.Serial, "Parallel": event.Parallel, "Concurrent Mark Sweep": event.CMS, "G1": event.G1,
	"The Z Garbage Collector": event.ZGC, "Shenandoah": event.Shenandoah, "Epsilon": event.Epsilon,
}

// using reads "Using G1", with which a JVM begins.
func (d *decoder) using(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	if !hasPrefix(text, "Using ") {
		return false
	}
	c, ok := collectors[string(text[len("Using "):])]
	if !ok {
		return false
	}
	d.Flush(emit)
	d.begins()
	d.collector, d.preface = c, maxPreface
	d.set(l, event.CollectorName, text, unit.Size{}, emit)
	return true
}

// begins forgets what the header of an earlier JVM said. The first line of a header is not always the same one.
func (d *decoder) begins() {
	if d.ran {
		d.ran, d.region, d.maxHeap, d.trigger, d.major = false, unit.Size{}, unit.Size{}, "", major{}
	}
}

// maxPreface is how many lines the header has behind "Using G1" at most.
const maxPreface = 40

// inPreface reports whether a line without decorations is one of the header that nobody has a use for.
func inPreface(text []byte) bool {
	for _, prefix := range []string{
		"CPUs: ", "Large Page Support: ", "NUMA ", "Compressed Oops: ", "Heap Min Capacity: ", "Min Capacity: ", "Pre-touch: ",
		"Pre-touching: ", "Parallel Workers: ", "Concurrent Workers: ", "Concurrent Refinement Workers: ", "Periodic GC: ",
		"CDS archive", "Narrow klass ", "Alignments: ", "CardTable entry size: ", "Heap Region Count: ", "Runtime Workers: ",
		"GC Workers", "Uncommit: ", "Encoding Range: ", "Klass ", "Protection zone: ", "UseCompressedClassPointers ",
		"UseCompactObjectHeaders ", "TLAB Size ", "Mode: ", "Heuristics: ", "Soft Max ", "Address Space ", "Heap Back",
	} {
		if hasPrefix(text, prefix) {
			return true
		}
	}
	return false
}

// version reads "Version: 17.0.15+6-Debian-1deb12u1 (release)".
func (d *decoder) version(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	const prefix = "Version: "
	if !hasPrefix(text, prefix) || len(text) == len(prefix) || !digit(text[len(prefix)]) {
		return false
	}
	d.set(l, event.VersionName, text[len(prefix):], unit.Size{}, emit)
	return true
}

// headerNames are the lines of the header that state a bound, by their words. The others are of no use.
var headerNames = map[string]event.SettingName{
	"Heap Max Capacity":     event.MaxHeap,
	"Max Capacity":          event.MaxHeap, // ZGC
	"Heap Initial Capacity": event.InitialHeap,
	"Initial Capacity":      event.InitialHeap, // ZGC
	"Heap Region Size":      event.RegionSize,
	"Heap region size":      event.RegionSize,  // JDK 9 to 16
	"Memory":                event.MemoryLimit, // of the container, where there is one
}

// header reads a line of the header of a log, and what Epsilon says of its heap.
func (d *decoder) header(l *dialect.Line, text []byte, sure bool, emit dialect.Emit) bool {
	switch {
	case hasPrefix(text, "Metaspace ("):
		return d.metaspaceFailure(l, text, emit)
	case hasPrefix(text, "Heap: "), hasPrefix(text, "Metaspace: "):
		return d.epsilon(l, text, emit)
	case hasPrefix(text, "Initialize Shenandoah heap: "):
		return d.shenandoahHeap(l, text, emit)
	case hasPrefix(text, "Heap address: "):
		return d.heapAddress(l, text, emit)
	case hasPrefix(text, "Non-resizeable heap"), hasPrefix(text, "Resizeable heap"):
		return d.epsilonHeap(l, text, emit)
	case hasPrefix(text, "Relocation Stall ("):
		return d.stall(l, text, emit)
	}
	if len(text) > 64 || !sure && hasPrefix(text, "Memory: ") {
		return false
	}
	tree, err := d.setting.Parse(text)
	if err != nil {
		return false
	}
	setting, ok := headerNames[strings.Join(tree.Name, " ")]
	size := tree.Size.size()
	if !ok || !size.IsKnown() {
		return false
	}
	d.set(l, setting, text, size, emit)
	return true
}

// set emits a setting and remembers those that later lines need.
func (d *decoder) set(l *dialect.Line, name event.SettingName, text []byte, size unit.Size, emit dialect.Emit) {
	switch name {
	case event.MaxHeap:
		d.begins()
		d.maxHeap = size
	case event.RegionSize:
		d.begins()
		d.region = size
	}
	d.release(emit)
	emit(&event.Setting{Head: d.head(l), Runtime: runtime, Name: name, Text: string(text), Size: size, PID: d.deco.pid(l.Text)})
}

const runtime = "jvm"

// shenandoahHeap reads "Initialize Shenandoah heap: 65536K initial, 65536K min, 65536K max" of JDK 11.
func (d *decoder) shenandoahHeap(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	tree, err := d.amounts.Parse(text)
	if err != nil {
		return false
	}
	d.set(l, event.InitialHeap, text, tree.named("initial"), emit)
	d.set(l, event.MaxHeap, text, tree.named("max"), emit)
	return true
}

// epsilonHeap reads the header of Epsilon in JDK 11.
func (d *decoder) epsilonHeap(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	tree, err := d.bounds.Parse(text)
	if err != nil {
		return false
	}
	if tree.Fixed != nil {
		d.set(l, event.MaxHeap, text, tree.Fixed.size(), emit)
		return true
	}
	d.set(l, event.InitialHeap, text, tree.Start.size(), emit)
	d.set(l, event.MaxHeap, text, tree.Max.size(), emit)
	return true
}

// heapAddress reads "Heap address: 0x00000000fc000000, size: 64 MB, Compressed Oops mode: 32-bit", which is the
// only line of JDK 9 to 16 that tells the largest heap.
func (d *decoder) heapAddress(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	_, rest, ok := bytes.Cut(text, []byte(", size: "))
	n, isNumber := integer(rest)
	if !ok || !isNumber || !hasPrefix(rest[digitsEnd(rest):], " MB") || n > maxBytes/int64(unit.MiB) {
		return false
	}
	d.set(l, event.MaxHeap, text, unit.Known(unit.Bytes(n)*unit.MiB), emit)
	return true
}

// epsilon reads the heap that Epsilon reports as it grows, and the metaspace on the line that follows. Shenandoah
// prints the metaspace of a cycle behind it, too.
func (d *decoder) epsilon(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	if tree, err := d.areas.Parse(text); err == nil {
		if d.waiting != nil && tree.List[0].Name == "Metaspace" {
			d.waiting.Metaspace, d.waiting.ClassSpace = tree.List[0].metaspace(), tree.classSpace()
		}
		return true
	}
	tree, err := d.amounts.Parse(text)
	if err != nil || len(tree.Name) != 1 {
		return false
	}
	if tree.Name[0] == "Metaspace" {
		if d.waiting != nil {
			d.waiting.Metaspace = tree.area()
		}
		return true
	}
	used := tree.named("used")
	if !used.IsKnown() {
		return false
	}
	d.release(emit)
	d.collector = event.Epsilon
	gc := d.newGC(d.head(l))
	gc.Numbered = false
	gc.Collector, gc.Scope, gc.Kind = event.Epsilon, event.Whole, "Heap"
	gc.Before, gc.After, gc.Committed, gc.Capacity = used, used, tree.named("committed"), tree.named("reserved")
	gc.Step = tree.List[0].Size.unit()
	d.waiting = gc
	return true
}

// stall reads how long a thread waited for ZGC: "Allocation Stall (main) 5.110ms".
func (d *decoder) stall(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	key := "allocation_stall_seconds"
	if text[0] == 'R' {
		key = "relocation_stall_seconds"
	} else if !hasPrefix(text, "Allocation Stall (") {
		return false
	}
	end := bytes.LastIndexByte(text, ')')
	if end < 0 {
		return false
	}
	tree, err := d.caches.stall.Parse(text[end+1:])
	if err != nil {
		if tree, err = d.caches.stall.Parse(d.points(text[end+1:])); err != nil {
			return false
		}
	}
	d.release(emit)
	value := event.Value{Name: key, V: time.Duration(tree.Took.Scaled(6)).Seconds()}
	emit(&event.Sample{Head: d.head(l), Values: []event.Value{value}})
	return true
}

// outOfMemory reads "Out Of Memory (main)": ZGC is the only collector that says so.
func (d *decoder) outOfMemory(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	if !hasPrefix(text, "Out Of Memory (") || text[len(text)-1] != ')' {
		return false
	}
	d.release(emit)
	emit(&event.RuntimeOOM{Head: d.head(l), Runtime: runtime, Kind: event.OOMHeap, Message: string(text[:min(len(text), maxProblemText)])})
	return true
}

// overhead reads that collections took almost all the time and freed almost nothing: G1 and Parallel since JDK 26, and
// before that Parallel with -Xlog:gc+ergo=trace.
func (d *decoder) overhead(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	if !hasPrefix(text, "GC Overhead Limit exceeded too often (") && !hasPrefix(text, "GC is exceeding overhead limit of ") {
		return false
	}
	d.release(emit)
	emit(&event.RuntimeOOM{Head: d.head(l), Runtime: runtime, Kind: event.OOMOverhead, Message: string(text[:min(len(text), maxProblemText)])})
	return true
}

// attempt reads what G1 announces in front of a full collection: maximal since JDK 21, maximum before.
func (d *decoder) attempt(text []byte) bool {
	switch string(text) {
	case "Attempting maximal full compaction clearing soft references",
		"Attempting maximum full compaction clearing soft references":
		d.clearing = true
		return true
	case "Attempting full compaction", "Attempting full compaction clearing soft references":
		return true
	}
	return false
}

func (d *decoder) failedPromotion(text []byte) bool {
	if string(text) != "Promotion failed" {
		return false
	}
	d.promotion = true
	return true
}

// maxTriggers bounds the memory for reasons.
const maxTriggers = 256

// triggered reads why Shenandoah begins a cycle: "Trigger: Free (0B) is below minimum threshold (6553K)", and with
// generations "Trigger (Young): ...". The numbers of the reason are left out.
func (d *decoder) triggered(text []byte) bool {
	head, reason, ok := bytes.Cut(text, []byte(": "))
	if !ok || string(head) != "Trigger" && !hasPrefix(head, "Trigger (") {
		return false
	}
	if end := bytes.Index(reason, []byte(". ")); end >= 0 {
		reason = reason[:end]
	}
	short := reason[:min(len(reason), 200)]
	if known, ok := d.triggers[string(short)]; ok {
		d.trigger = known
		return true
	}
	d.trigger = withoutNumbers(short)
	if len(d.triggers) < maxTriggers {
		d.triggers[string(short)] = d.trigger
	}
	return true
}

// withoutNumbers returns the words of text outside of parentheses, up to the first that holds a digit.
func withoutNumbers(text []byte) string {
	var kept []string
	depth := 0
	for _, w := range strings.Fields(string(text)) {
		depth += strings.Count(w, "(")
		if depth == 0 {
			if strings.ContainsAny(w, "0123456789") {
				break
			}
			kept = append(kept, w)
		}
		depth = max(0, depth-strings.Count(w, ")"))
	}
	return strings.Join(kept, " ")
}

// classSpace reads how large the class space is, and over the rest of the header.
func (d *decoder) classSpace(l *dialect.Line, text []byte, sure bool, emit dialect.Emit) bool {
	var size []byte
	switch {
	case hasPrefix(text, "Compressed class space mapped at: "):
		_, size, _ = bytes.Cut(text, []byte("reserved size: "))
	case hasPrefix(text, "Compressed class space size: "): // JDK 9 to 15
		size = text[len("Compressed class space size: "):]
	case hasPrefix(text, "Clearing All Soft"):
		return sure
	}
	n, ok := integer(size)
	if !ok || n > maxBytes {
		return false
	}
	d.set(l, event.MaxClassSpace, text, unit.Known(unit.Bytes(n)), emit)
	return true
}

// lost reads "     5 messages dropped due to async logging".
func (d *decoder) lost(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	const words = "async logging"
	end := bytes.Index(text, []byte(words))
	if end < 0 {
		return false
	}
	tree, err := d.dropped.Parse(text[:end+len(words)]) // what to do about it may follow
	if err != nil {
		return false
	}
	d.problem(l, "the JVM dropped "+unit.Thousands(tree.N.Int())+" messages of this log, as its buffer was full", emit)
	return true
}

// system reads the lines of the operating system's side that tell of memory.
func (d *decoder) system(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	switch {
	case hasPrefix(text, "Failed to start thread") && bytes.Contains(text, []byte("(EAGAIN)")):
		d.release(emit)
		emit(&event.RuntimeOOM{Head: d.head(l), Runtime: runtime, Kind: event.OOMThreads, Message: string(text[:min(len(text), maxProblemText)])})
	case hasPrefix(text, "Memory Limit is: "):
		n, ok := integer(text[len("Memory Limit is: "):])
		if !ok || n == 0 || n > maxBytes {
			return false
		}
		d.set(l, event.MemoryLimit, text, unit.Known(unit.Bytes(n)), emit)
	default:
		return false
	}
	return true
}

// flags are the options that bound something, by what stands in front of their value.
var flags = []struct {
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
}

// switches are the flags without a size that matter to a verdict.
var switches = []string{
	"-XX:+DisableExplicitGC", "-XX:+ExitOnOutOfMemoryError", "-XX:+CrashOnOutOfMemoryError", "-XX:+HeapDumpOnOutOfMemoryError",
	"-XX:-UseGCOverheadLimit", "-XX:MaxRAMPercentage=", "-XX:OnOutOfMemoryError=",
}

// commandLine reads "jvm_args: -Xmx64m ..." of -Xlog:arguments.
func (d *decoder) commandLine(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	if !hasPrefix(text, "jvm_args: ") {
		return false
	}
	for _, arg := range bytes.Fields(text) {
		for _, f := range flags {
			if !hasPrefix(arg, f.prefix) {
				continue
			}
			if n, err := unit.Parse(string(arg[len(f.prefix):])); err == nil && n < maxBytes {
				d.set(l, f.name, arg, unit.Known(n), emit)
			}
		}
		for _, s := range switches {
			if hasPrefix(arg, s) {
				d.set(l, event.FlagName, arg, unit.Size{}, emit)
			}
		}
	}
	return true
}
