package kernel

import (
	"bytes"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// machine reads a line of Mem-Info. What it counts in pages and for the whole machine is kept; the lists by node,
// zone and CPU are claimed, as they belong to the report, and left alone.
func (d *decoder) machine(rep *report, r *record) bool {
	text := r.Text[:min(len(r.Text), maxLine)]
	switch {
	case text[0]-'0' <= 9 && index(text, " pages") > 0:
		d.pageTotal(rep, text)
	case bytes.HasPrefix(text, []byte("Free swap ")) || bytes.HasPrefix(text, []byte("Total swap ")):
		d.swapTotal(rep, text)
	case index(text, "HighMem free:") >= 0:
		d.highMemory(rep, text)
	case bytes.HasPrefix(text, []byte("Node ")):
		d.smallestBlock(rep, text)
	case hasPrefix(text, machineLines):
	case text[0]|0x20 >= 'a' && text[0]|0x20 <= 'z':
		return d.pageCounts(rep, text)
	default:
		return false
	}
	return true
}

// machineLines begin the lines of Mem-Info that are left alone.
var machineLines = []string{
	"lowmem_reserve", "Swap cache stats", "Unreclaimable slab info", "Name ", "DMA", "Normal", "HighMem", "Movable",
	"CPU", "cpu ", "per_cpu", "protections", "Memory cgroup min protection", "kmalloc-",
}

func hasPrefix(text []byte, prefixes []string) bool {
	for _, p := range prefixes {
		if bytes.HasPrefix(text, []byte(p)) {
			return true
		}
	}
	return false
}

// pageCounts reads "active_anon:68090 inactive_anon:3320 isolated_anon:0".
func (d *decoder) pageCounts(rep *report, text []byte) bool {
	if len(text) > maxLine || bytes.IndexByte(text, ':') < 0 {
		return false
	}
	tree, err := d.caches.pageList.Parse(text)
	if err != nil {
		return false
	}
	for _, c := range tree.Counts {
		if len(rep.machineStats) < maxStats {
			rep.machineStats = append(rep.machineStats, event.Stat{Name: c.Name, Size: unit.Bytes(c.Value.Int())})
		}
	}
	return true
}

// pageTotal reads "98168 pages RAM" and "20936 pages reserved"; other totals of pages pass.
func (d *decoder) pageTotal(rep *report, text []byte) {
	tree, err := d.caches.pages.Parse(text)
	if err != nil {
		return
	}
	switch tree.Name {
	case "RAM":
		rep.ram = unit.Bytes(tree.Value.Int())
	case "reserved":
		rep.reserved = unit.Bytes(tree.Value.Int())
	}
}

// swapTotal reads "Free swap  = 0kB" and "Total swap = 131068kB".
func (d *decoder) swapTotal(rep *report, text []byte) {
	tree, err := d.caches.swap.Parse(text)
	if err != nil {
		return
	}
	if tree.Name == "Free" {
		rep.freeSwap = kib(tree.Value.Int())
	} else {
		rep.allSwap = kib(tree.Value.Int())
	}
}

// highMemory reads the beginning of "HighMem free:1234kB min:512kB …".
func (d *decoder) highMemory(rep *report, text []byte) {
	end := index(text, "kB")
	if end < 0 {
		return
	}
	if tree, err := d.caches.high.Parse(text[:end+len("kB")]); err == nil {
		rep.highFree = unit.Known(rep.highFree.Or(0) + kib(tree.Free.Int()).Or(0))
	}
}

// smallestBlock reads the beginning of "Node 0 DMA32: 1*4kB (U) 1*8kB (U) …".
func (d *decoder) smallestBlock(rep *report, text []byte) {
	star, end := bytes.IndexByte(text, '*'), index(text, "kB")
	if rep.block != 0 || star < 0 || end < star {
		return
	}
	if tree, err := d.caches.buddy.Parse(text[:end+len("kB")]); err == nil {
		rep.block = times(unit.Bytes(tree.Page.Int()), unit.KiB)
	}
}

// mayTrace claims what else stands in a report: the registers, the machine's name, the beginning of Mem-Info.
func mayTrace(rep *report, r *record) bool {
	text := r.Text
	if bytes.HasPrefix(text, []byte("Mem-Info:")) || bytes.HasPrefix(text, []byte("Mem-info:")) {
		rep.section = inMachine
		return true
	}
	if hasPrefix(text, machineLines[len(machineLines)-2:]) {
		return true
	}
	return rep.section == inTrace && hasPrefix(text, traceLines)
}

// traced reads a line of the call trace: "memory_max_write+0x17a/0x1f0".
func (d *decoder) traced(rep *report, r *record) bool {
	if index(r.Text, "+0x") < 0 || hasPrefix(r.Text, []string{"CPU:", "Pid:"}) {
		return false
	}
	if index(r.Text, "memory_max_write+") >= 0 || index(r.Text, "mem_cgroup_resize_") >= 0 {
		rep.kill.Lowered = true
	}
	return true
}

// traceLines begin the lines between the header and the memory of a report.
var traceLines = []string{
	"Call Trace:", "Call trace:", "<TASK>", "</TASK>", "<IRQ>", "</IRQ>", "Hardware name:", "Workqueue:", "Tainted:", "Modules linked in",
	"RIP:", "EIP:", "Code:", "RSP:", "RAX:", "RDX:", "RBP:", "R10:", "R13:", "ORIG_RAX:", "FS:", "CS:", "CR2:", "PKRU:", "EAX:", "ESI:", "DS:",
	"pc :", "lr :", "sp :", "pstate:", "x29:", "x26:", "x23:", "x20:", "x17:", "x14:", "x11:", "x8 :", "x5 :", "x2 :",
}
