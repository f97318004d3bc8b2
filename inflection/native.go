package inflection

import (
	"cmp"
	"fmt"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// A native out of memory of a JVM is a request to the system that was refused. Why, the crash report tells: its limits, the
// machine, the container and the process at that moment.
//
//	startup    the VM had no time to grow: the heap that it asked for does not fit
//	limit      a limit of the process was reached while the machine had memory: ulimit -v, mappings, overcommit, heap base
//	container  the container was full
//	machine    the machine was full: of this JVM, or of others
//	off-heap   none of these: the process grew outside of its heap
type native struct {
	kind   Kind
	detail string
	claim  string
}

const (
	startupSeconds = 3.0      // a JVM that asks for its heap does so at once
	startupLeast   = 64 << 20 // a request that can be for a whole heap: one of malloc, or for a thread, is far smaller
	mapsFull       = 0.99     // of vm.max_map_count
	virtualFull    = 0.80     // of ulimit -v: one more arena or thread does not fit
	boxFull        = 0.90     // of the container
	halfMachine    = 0.50     // of the machine: who holds less is not the one that filled it
	lowMachine     = 0.05     // of the machine that is available when it is full
	lowAddress     = 4 << 30
)

// nativeCause reads a native out of memory; ok is false for other deaths.
func (f *Facts) nativeCause() (n native, ok bool) {
	if f.OOM == nil || f.OOM.Runtime != "jvm" || f.Death.Kind != timeline.RuntimeOOM ||
		f.OOM.Kind != event.OOMNative && f.OOM.Kind != event.OOMAddressSpace || f.classesFilled() {
		return native{}, false
	}
	r := f.Java.Report
	if r == nil {
		return f.nativeBlind(), true
	}
	asked := float64(r.Native.Size.Or(f.OOM.Requested.Or(0)))
	for _, try := range []func(*event.JVMReport, float64) (native, bool){f.atStart, limitReached, boxReached, machineFull, strictOvercommit, heapBase} {
		if n, ok := try(r, asked); ok {
			return n, true
		}
	}
	return native{OffHeap, "native", "no limit of the process explains it, and the machine had memory"}, true
}

// nativeBlind decides without a crash report.
func (f *Facts) nativeBlind() native {
	switch {
	case f.OOM.Kind == event.OOMAddressSpace:
		return native{AddressSpace, "", "the system refused memory"}
	case f.Cycles == 0 && f.OOM.Fatal && float64(f.OOM.Requested.Or(0)) >= startupLeast:
		return native{UndersizedLimit, "startup", fmt.Sprintf("the JVM asked for %s at once and collected nothing yet: it could not even start", bytes(float64(f.OOM.Requested.Or(0))))}
	}
	return native{OffHeap, "native", "the request was not for the heap"}
}

// atStart decides for a JVM that had just begun.
func (f *Facts) atStart(r *event.JVMReport, asked float64) (native, bool) {
	early := r.Starting || r.Uptime.Known && r.Uptime.D.Seconds() < startupSeconds
	if !early || f.Cycles >= fewCycles || asked <= 0 {
		return native{}, false
	}
	ram := float64(r.Machine.MemTotal.Or(r.Machine.Physical.Or(0)))
	if box := float64(r.Container.Limit.Or(0)); box > 0 {
		ram = min(cmp.Or(ram, box), box)
	}
	if ram > 0 && asked >= halfMachine*ram {
		return native{UndersizedLimit, "startup", fmt.Sprintf("the JVM asked for %s at its start, the machine or container has %s", bytes(asked), bytes(ram))}, true
	}
	if n, ok := limitReached(r, asked); ok {
		return n, true
	}
	if n, ok := boxReached(r, asked); ok {
		return n, true
	}
	return native{NodePressure, "startup", fmt.Sprintf("the JVM asked for %s at its start, which the rest of the machine had taken", bytes(asked))}, true
}

// limitReached decides where a limit of the process or of the kernel was reached.
func limitReached(r *event.JVMReport, asked float64) (native, bool) {
	l := r.Limits
	virtual := float64(r.Process.Virtual.Or(0))
	if as := float64(l.AddressSpace.Or(0)); as > 0 && (virtual == 0 || virtual+asked >= virtualFull*as) {
		return native{AddressSpace, "rlimit", fmt.Sprintf("ulimit -v is %s, and the process had mapped %s", bytes(as), orUnknown(virtual))}, true
	}
	if data := float64(l.Data.Or(0)); data > 0 && (virtual == 0 || virtual+asked >= virtualFull*data) {
		return native{AddressSpace, "rlimit", fmt.Sprintf("ulimit -d is %s", bytes(data))}, true
	}
	if l.MaxMapCount > 0 && float64(l.Maps) >= mapsFull*float64(l.MaxMapCount) {
		return native{AddressSpace, "map-count", fmt.Sprintf("%d of the %d mappings that vm.max_map_count allows were in use", l.Maps, l.MaxMapCount)}, true
	}
	return native{}, false
}

func orUnknown(v float64) string {
	if v <= 0 {
		return "an unknown amount"
	}
	return bytes(v).String()
}

// boxReached decides where the container was full.
func boxReached(r *event.JVMReport, asked float64) (native, bool) {
	limit, usage := float64(r.Container.Limit.Or(0)), float64(r.Container.Usage.Or(0))
	if limit <= 0 || usage+asked < boxFull*limit {
		return native{}, false
	}
	if heap := float64(r.Heap.Committed.Or(r.Heap.Used.Or(0))); heap >= heapExplain*limit {
		return native{UndersizedLimit, "", fmt.Sprintf("the container of %s was full, %s of it with the heap", bytes(limit), bytes(heap))}, true
	}
	return native{OffHeap, "native", fmt.Sprintf("the container of %s was full, the heap took %s of it", bytes(limit), orUnknown(float64(r.Heap.Committed.Or(0))))}, true
}

// machineFull decides where the machine had no memory left.
func machineFull(r *event.JVMReport, asked float64) (native, bool) {
	m := r.Machine
	ram := float64(m.MemTotal.Or(m.Physical.Or(0)))
	free := float64(m.Available.Or(m.MemFree.Or(m.Free.Or(0)))) + float64(m.SwapFree.Or(0))
	known := m.Available.IsKnown() || m.MemFree.IsKnown() || m.Free.IsKnown()
	if ram <= 0 || !known || free >= asked && free >= lowMachine*ram {
		return native{}, false
	}
	held := float64(r.Process.RSS.Or(r.Heap.Committed.Or(0)))
	switch {
	case held < halfMachine*ram:
		return native{NodePressure, "", fmt.Sprintf("%s of the machine's %s were left, and this JVM held %s", bytes(free), bytes(ram), orUnknown(held))}, true
	case float64(r.Heap.Reserved.Or(0)) >= fullLevel*ram:
		return native{UndersizedLimit, "", fmt.Sprintf("the heap may take %s of the machine's %s", bytes(float64(r.Heap.Reserved.Or(0))), bytes(ram))}, true
	}
	return native{OffHeap, "native", fmt.Sprintf("this JVM held %s of the machine's %s, more than half of it", bytes(held), bytes(ram))}, true
}

// strictOvercommit decides where the kernel's commit limit was reached while there was memory.
func strictOvercommit(r *event.JVMReport, asked float64) (native, bool) {
	limit, used := float64(r.Machine.CommitLimit.Or(0)), float64(r.Machine.CommittedAS.Or(0))
	if limit <= 0 || used <= 0 || asked <= 0 || used+asked <= limit {
		return native{}, false
	}
	return native{AddressSpace, "overcommit", fmt.Sprintf("%s of the %s that may be committed were, and %s were asked for", bytes(used), bytes(limit), bytes(asked))}, true
}

// heapBase decides where malloc failed below a heap that lies low in the address space, for its references to be short.
func heapBase(r *event.JVMReport, _ float64) (native, bool) {
	if r.Native.Call != "malloc" || r.OopsMode == "" || r.HeapBase == 0 || r.HeapBase >= lowAddress {
		return native{}, false
	}
	return native{AddressSpace, "heap-base", fmt.Sprintf("the heap begins at %#x, which leaves the C heap no room to grow below it", r.HeapBase)}, true
}

// nativeIs holds where the crash report explains a native out of memory by the kind.
func (f *Facts) nativeIs(k Kind) ([]Evidence, bool) {
	n, ok := f.nativeCause()
	if !ok || n.kind != k {
		return nil, false
	}
	at := f.Java.ReportPos
	if at.Line == 0 {
		at = f.OOM.Pos
	}
	ev := []Evidence{{Claim: n.claim, Source: at}}
	if big := f.Java.mostTracked(); big.Committed > 0 {
		ev = append(ev, Evidence{Claim: fmt.Sprintf("beside the heap, native memory tracking counts most for %q: %s", big.Name, big.Committed), Source: at})
	}
	if f.Cycles > 0 {
		ev = append(ev, Evidence{Claim: f.lastLevel(), Source: f.LastPos})
	}
	return append(ev, f.deathEvidence()...), true
}

// mostTracked is what native memory tracking counts most for beside the heap; the zero value where a report has none of it.
func (j *javaFacts) mostTracked() (most event.NMTCategory) {
	if j.Report == nil || len(j.Report.NMT) == 0 {
		return most
	}
	for _, c := range j.Report.NMT[1:] { // the total comes first
		if c.Name != "Java Heap" && c.Committed > most.Committed {
			most = c
		}
	}
	return most
}
