package hserr

import (
	"bytes"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// systemLine reads a line of the section SYSTEM.
func (f *file) systemLine(l *dialect.Line) {
	text := l.Text
	if len(text) < 4 {
		return
	}
	switch text[0] {
	case 'r':
		if hasPrefix(text, "rlimit") {
			f.rlimit(l)
			return
		}
	case '/':
		f.procSys(text)
		return
	case 'E':
		f.done = f.done || string(text) == "END."
		return
	case 'T', 't', 'e':
		if f.clock(l) {
			return
		}
	}
	switch {
	case hasPrefix(text, "Memory: "):
		f.memory(l)
	case hasPrefix(text, "TotalPageFile size "):
		f.commitLimit(l)
	case hasPrefix(text, "current process WorkingSet "):
		f.windowsProcess(l, &f.jvm.Process.RSS, &f.jvm.Process.PeakRSS)
	case hasPrefix(text, "current process commit charge "):
		f.windowsProcess(l, &f.jvm.Process.Private, nil)
	case hasPrefix(text, "container_type: "):
		f.jvm.Container.Type = clip(text[len("container_type: "):])
	default:
		f.measure(l)
	}
}

// measures are the lines of one amount each.
var measures = []struct {
	label string
	of    func(*event.JVMReport) *unit.Size
}{
	{"MemTotal:", func(r *event.JVMReport) *unit.Size { return &r.Machine.MemTotal }},
	{"MemFree:", func(r *event.JVMReport) *unit.Size { return &r.Machine.MemFree }},
	{"MemAvailable:", func(r *event.JVMReport) *unit.Size { return &r.Machine.Available }},
	{"SwapTotal:", func(r *event.JVMReport) *unit.Size { return &r.Machine.SwapTotal }},
	{"SwapFree:", func(r *event.JVMReport) *unit.Size { return &r.Machine.SwapFree }},
	{"CommitLimit:", func(r *event.JVMReport) *unit.Size { return &r.Machine.CommitLimit }},
	{"Committed_AS:", func(r *event.JVMReport) *unit.Size { return &r.Machine.CommittedAS }},
	{"Balloon:", func(r *event.JVMReport) *unit.Size { return &r.Machine.Balloon }},
	{"Cached:", func(r *event.JVMReport) *unit.Size { return &r.Machine.Cached }},
	{"Shmem:", func(r *event.JVMReport) *unit.Size { return &r.Machine.Shmem }},
	{"Slab:", func(r *event.JVMReport) *unit.Size { return &r.Machine.Slabs }},
	{"Virtual Size:", func(r *event.JVMReport) *unit.Size { return &r.Process.Virtual }},
	{"Resident Set Size:", func(r *event.JVMReport) *unit.Size { return &r.Process.RSS }},
	{"Swapped out:", func(r *event.JVMReport) *unit.Size { return &r.Process.Swapped }},
	{"C-Heap outstanding allocations:", func(r *event.JVMReport) *unit.Size { return &r.Process.CHeap }},
	{"memory_limit_in_bytes:", func(r *event.JVMReport) *unit.Size { return &r.Container.Limit }},
	{"memory_and_swap_limit_in_bytes:", func(r *event.JVMReport) *unit.Size { return &r.Container.Swap }},
	{"memory_usage_in_bytes:", func(r *event.JVMReport) *unit.Size { return &r.Container.Usage }},
	{"memory_max_usage_in_bytes:", func(r *event.JVMReport) *unit.Size { return &r.Container.MaxUsage }},
	{"rss_usage_in_bytes:", func(r *event.JVMReport) *unit.Size { return &r.Container.RSS }},
	{"cache_usage_in_bytes:", func(r *event.JVMReport) *unit.Size { return &r.Container.Cache }},
}

// tasks are the counts of processes and threads in the container.
var tasks = []struct {
	label string
	of    func(*event.JVMReport) *int64
}{
	{"maximum number of tasks:", func(r *event.JVMReport) *int64 { return &r.Container.TasksMax }},
	{"current number of tasks:", func(r *event.JVMReport) *int64 { return &r.Container.Tasks }},
}

// measure reads an amount. Words in its place, "unlimited" or "not supported", and negative numbers say nothing.
func (f *file) measure(l *dialect.Line) {
	for i := range tasks {
		if rest, ok := cut(l.Text, tasks[i].label); ok {
			*tasks[i].of(f.jvm) = number(bytes.TrimSpace(rest))
			return
		}
	}
	for i := range measures {
		m := &measures[i]
		if m.label[0] != l.Text[0] {
			continue
		}
		rest, ok := cut(l.Text, m.label)
		if !ok {
			continue
		}
		rest = bytes.TrimLeft(rest, " ")
		if len(rest) == 0 || rest[0]-'0' > 9 {
			return
		}
		f.amount(l, m.of(f.jvm))
		return
	}
}

// noLimit is a limit of a control group that is none: the kernel's largest number, less a page.
const noLimit = unit.PiB * 1024

func (f *file) amount(l *dialect.Line, into *unit.Size) {
	rest := bytes.TrimLeft(l.Text[bytes.IndexByte(l.Text, ':')+1:], " ")
	if len(rest) > 18 && number(rest) == 0 {
		return // more digits than any memory has bytes
	}
	r, err := f.readings.Parse(l.Text)
	if err != nil {
		f.problem(l, "an amount of memory does not read")
		return
	}
	size := r.First.Size.bytes()
	if size >= noLimit {
		return
	}
	*into = unit.Known(size)
	p := &f.jvm.Process
	switch into {
	case &p.RSS:
		f.residents(r.More)
	case &p.CHeap:
		if len(r.More) > 0 {
			p.CHeapRetained = r.More[0].Size.size()
		}
	case &f.jvm.Container.Limit:
		f.state(l, event.Setting{Name: event.MemoryLimit, Text: clip(l.Text), Size: *into})
	}
}

// physical memory below that of the machine is the limit of the container: the JVM asks the control group.
func (f *file) memory(l *dialect.Line) {
	p, err := f.physical.Parse(l.Text)
	if err != nil {
		f.problem(l, "the physical memory does not read")
		return
	}
	m := &f.jvm.Machine
	if p.Total == nil {
		return
	}
	m.Physical = p.Total.Size.size()
	if p.Total.Free != nil {
		m.Free = p.Total.Free.size()
	}
	if p.Swap != nil && !m.SwapTotal.IsKnown() {
		m.SwapTotal = p.Swap.Size.size()
		if p.Swap.Free != nil {
			m.SwapFree = p.Swap.Free.size()
		}
	}
	if total, ok := m.MemTotal.Get(); ok && m.Physical.Or(total) < total {
		f.state(l, event.Setting{Name: event.MemoryLimit, Text: clip(l.Text), Size: m.Physical})
	}
}

func (f *file) commitLimit(l *dialect.Line) {
	p, err := f.pageFile.Parse(l.Text)
	if err != nil {
		f.problem(l, "the size of the paging file does not read")
		return
	}
	total, free := p.Total.bytes(), p.Free.bytes()
	f.jvm.Machine.CommitLimit, f.jvm.Machine.CommittedAS = unit.Known(total), unit.Known(max(0, total-free))
}

// windowsProcess reads an amount that follows a label with a remark: "current process commit charge ("private bytes"):".
func (f *file) windowsProcess(l *dialect.Line, now, peak *unit.Size) {
	p, err := f.peaked.Parse(l.Text[bytes.IndexByte(l.Text, ')')+1:])
	if err != nil {
		f.problem(l, "the memory of the process does not read")
		return
	}
	*now = p.Now.size()
	if peak != nil && p.Peak != nil {
		*peak = p.Peak.size()
	}
}

func (f *file) rlimit(l *dialect.Line) {
	r, err := f.rlimits.Parse(l.Text)
	if err != nil {
		f.problem(l, "the limits of the process do not read")
		return
	}
	for i := range r.Limits {
		soft := r.Limits[i].Soft.Size
		if soft == nil {
			continue
		}
		switch r.Limits[i].Name {
		case "AS":
			f.jvm.Limits.AddressSpace = soft.size()
		case "DATA":
			f.jvm.Limits.Data = soft.size()
		case "NPROC":
			f.jvm.Limits.Processes = int64(soft.bytes())
		}
	}
}

// procSys reads the limits of the kernel: on the line itself since JDK 17, on the next one before.
func (f *file) procSys(text []byte) {
	limits := &f.jvm.Limits
	var into *int64
	switch {
	case hasPrefix(text, "/proc/sys/kernel/threads-max"):
		into = &limits.ThreadsMax
	case hasPrefix(text, "/proc/sys/kernel/pid_max"):
		into = &limits.PIDMax
	case hasPrefix(text, "/proc/sys/vm/max_map_count"):
		into = &limits.MaxMapCount
	default:
		return
	}
	rest := bytes.TrimSpace(text[bytes.LastIndexByte(text, ':')+1:])
	if len(rest) > 0 {
		*into = number(rest)
		return
	}
	f.next = func(text []byte) { *into = number(text) }
}

// library counts the mappings of the process: the lines of /proc/self/maps, or since JDK 21 their number.
func (f *file) library(text []byte) {
	limits := &f.jvm.Limits
	if rest, ok := cut(text, "Total number of mappings: "); ok {
		limits.Maps = number(rest)
		return
	}
	from, _, ok := bytes.Cut(text, []byte("-"))
	if !ok || len(from) == 0 || len(from) > 16 || bytes.ContainsFunc(from, func(r rune) bool { return !hexadecimal(r) }) {
		return
	}
	limits.Maps++
	if bytes.HasSuffix(text, []byte(" (deleted)")) {
		limits.DeletedMaps++
	}
}

func hexadecimal(r rune) bool { return r >= '0' && r <= '9' || r >= 'a' && r <= 'f' }

// maxCategories bounds the categories of native memory; JDK 28 has fewer than thirty.
const maxCategories = 64

func (f *file) category(l *dialect.Line) {
	isCategory := hasPrefix(l.Text, "Total: reserved=") || hasPrefix(l.Text, "- ") && bytes.Contains(l.Text, []byte("(reserved="))
	if !isCategory || len(f.jvm.NMT) == maxCategories {
		return
	}
	c, err := f.readers.category.Parse(l.Text)
	if err != nil {
		f.problem(l, "a category of native memory does not read")
		return
	}
	label := "Total"
	if len(c.Name) > 0 {
		label = clip(bytes.TrimSpace(between(l.Text[1:], " ", "(")))
	}
	f.jvm.NMT = append(f.jvm.NMT, event.NMTCategory{Name: label, Reserved: c.Reserved.bytes(), Committed: c.Committed.bytes()})
}

// residents reads the parts of the resident set.
func (f *file) residents(parts []reading) {
	p := &f.jvm.Process
	for i := range parts {
		size := parts[i].Size.size()
		switch parts[i].Label[0] {
		case "peak":
			p.PeakRSS = size
		case "anon":
			p.Anon = size
		case "file":
			p.File = size
		case "shmem":
			p.Shmem = size
		}
	}
}
