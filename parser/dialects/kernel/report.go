package kernel

import (
	"slices"
	"strings"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// report is a report of the kernel that is being read.
type report struct {
	kill    event.Kill
	caller  string
	headed  bool // the header was seen
	quoted  bool // something that no envelope took off stood before the header
	section section
	columns columns

	memcg        bool // the limit of a memory cgroup was hit
	container    string
	chosen       *event.Victim // whom the kernel means to kill
	chosenAt     event.Pos
	group        bool         // memory.oom.group: more victims follow
	listed       bool         // the stats came one group a line, in KiB
	memswap      [2]unit.Size // usage and limit of memory and swap together
	kmem         unit.Size
	machineStats []event.Stat // of Mem-Info, in pages
	ram          unit.Bytes   // pages
	reserved     unit.Bytes   // pages
	freeSwap     unit.Size
	allSwap      unit.Size
	highFree     unit.Size  // of a 32-bit machine: memory that the kernel itself cannot use
	block        unit.Bytes // smallest block of the buddy list
}

// section is the part of a report that the next line most likely belongs to.
type section uint8

const (
	inTrace section = iota
	inUsage
	inStats
	inMachine
	inTable
)

// columns tells where the task table keeps what, as its own header says. The pid is column 0.
type columns struct {
	count, vm, rss, adj int
}

// done reports whether the report has said what it is about: who was killed, or that nobody could be.
func (r *report) done() bool { return len(r.kill.Victims) > 0 || r.kill.NoKillable }

// says reports whether the report holds any fact at all.
func (r *report) says() bool {
	k := &r.kill
	return r.headed || r.done() || r.chosen != nil || r.memcg || k.Usage.IsKnown() || len(k.Tasks) > 0
}

func (r *report) hasTask(pid int) bool {
	return slices.ContainsFunc(r.kill.Tasks, func(t event.Task) bool { return t.PID == pid })
}

func (r *report) victim(pid int) *event.Victim {
	for i := range r.kill.Victims {
		if r.kill.Victims[i].PID == pid {
			return &r.kill.Victims[i]
		}
	}
	return nil
}

// finish turns pages into bytes and what was gathered into the event.
func (r *report) finish() *event.Kill {
	k := &r.kill
	if r.chosen != nil && !r.done() {
		k.Victims, k.KilledAt = []event.Victim{*r.chosen}, r.chosenAt
	}
	r.setPage()
	r.scaleTasks()
	switch {
	case r.memcg:
		k.Global = false
		if k.Constraint == "" {
			k.Constraint = event.ConstraintMemcg
		}
		r.setGroup()
	case k.Global || r.machineStats != nil:
		k.Global = true
		r.setMachine()
	}
	r.setWorkload()
	return k
}

// setPage finds the page size: the victim's address space is told in pages and in KiB.
func (r *report) setPage() {
	k := &r.kill
	for _, v := range k.Victims {
		total, known := v.TotalVM.Get()
		for _, t := range k.Tasks {
			pages := t.TotalVM.Or(0)
			if known && t.PID == v.PID && pages > 0 && total%pages == 0 && isPage(total/pages) {
				k.Page = unit.Known(total / pages)
				return
			}
		}
	}
	if isPage(r.block) {
		k.Page = unit.Known(r.block)
		return
	}
	if len(k.Tasks) > 0 || r.machineStats != nil {
		k.Page, k.PageAssumed = unit.Known(4*unit.KiB), true
	}
}

func isPage(b unit.Bytes) bool { return b >= 4*unit.KiB && b <= 256*unit.KiB && b&(b-1) == 0 }

func (r *report) scaleTasks() {
	for i := range r.kill.Tasks {
		t := &r.kill.Tasks[i]
		t.RSS, t.TotalVM = r.pages(t.RSS), r.pages(t.TotalVM)
	}
}

func (r *report) pages(s unit.Size) unit.Size {
	n, known := s.Get()
	if !known {
		return s
	}
	return unit.Known(times(n, r.kill.Page.Or(0)))
}

// times multiplies and stops at the largest number of bytes.
func times(n, by unit.Bytes) unit.Bytes {
	const most = 1<<63 - 2
	if by > 0 && n > most/by {
		return most
	}
	return n * by
}

// setGroup fills in what the report says about the memory cgroup.
func (r *report) setGroup() {
	k := &r.kill
	k.Stats = groupStats(k.Stats)
	if kmem, known := r.kmem.Get(); known && !slices.ContainsFunc(k.Stats, func(s event.Stat) bool { return s.Name == "kernel" }) {
		k.Stats = append(k.Stats, event.Stat{Name: "kernel", Size: kmem})
	}
	memory, memswap := k.Usage.Or(0), r.memswap[0].Or(0)
	if !k.SwapUsage.IsKnown() && k.Usage.IsKnown() && memswap >= memory && memswap > 0 {
		k.SwapUsage = unit.Known(memswap - memory)
		limit, known := r.memswap[1].Get()
		if most, ok := k.Limit.Get(); known && ok && limit >= most {
			k.SwapLimit = unit.Known(limit - most)
		}
	}
}

// setMachine fills in what the report says about the whole machine.
func (r *report) setMachine() {
	k := &r.kill
	page := k.Page.Or(0)
	k.Stats = r.machineStats
	for i := range k.Stats {
		k.Stats[i].Size = times(k.Stats[i].Size, page)
	}
	if high, known := r.highFree.Get(); known {
		k.Stats = append(k.Stats, event.Stat{Name: "free_highmem", Size: high})
	}
	if r.ram > r.reserved {
		k.RAM = unit.Known(times(r.ram-r.reserved, page))
	}
	free, known := r.freeSwap.Get()
	all, ok := r.allSwap.Get()
	if known && ok && all >= free {
		k.SwapUsage, k.SwapLimit = unit.Known(all-free), r.allSwap
	}
}

// setWorkload names the pod and the container of the victim, or of the limit where the victim's group is not told.
func (r *report) setWorkload() {
	k := &r.kill
	for _, path := range []string{k.TaskMemcg, k.OOMMemcg} {
		if k.PodUID == "" {
			k.PodUID = PodUID(path)
		}
		if k.ContainerID == "" {
			k.ContainerID = ContainerID(path)
		}
	}
	if k.ContainerID == "" && r.memcg && k.TaskMemcg == "" {
		k.ContainerID = r.container
	}
}

// addStat adds an amount; groups below the first one are added up.
func (r *report) addStat(name string, size unit.Bytes) {
	for i := range r.kill.Stats {
		if r.kill.Stats[i].Name == name {
			if r.listed {
				r.kill.Stats[i].Size += size
			}
			return
		}
	}
	r.kill.Stats = append(r.kill.Stats, event.Stat{Name: name, Size: size})
}

// unified gives the names of memory.stat on cgroup v1 their names on v2.
var unified = map[string]string{
	"cache": "file", "rss": "anon", "rss_huge": "anon_thp",
	"mapped_file": "file_mapped", "dirty": "file_dirty", "writeback": "file_writeback",
}

// groupStats keeps the amounts of memory, with the groups below counted in, under the names of cgroup v2.
func groupStats(all []event.Stat) []event.Stat {
	v1, total := false, false
	for _, s := range all {
		v1 = v1 || s.Name == "cache" || s.Name == "rss"
		total = total || strings.HasPrefix(s.Name, "total_")
	}
	kept := all[:0]
	for _, s := range all {
		short, isTotal := strings.CutPrefix(s.Name, "total_")
		if isTotal != total || isCount(short) {
			continue
		}
		s.Name = short
		if v2 := unified[short]; v1 && v2 != "" {
			s.Name = v2
		}
		kept = append(kept, s)
	}
	return kept
}

// isCount reports whether an entry of memory.stat counts events or is a limit, not an amount of memory.
func isCount(name string) bool {
	for _, prefix := range []string{"pg", "psw", "workingset_", "thp_", "swpin", "swpout", "zswpin", "zswpout", "zswpwb", "numa_", "nr_", "hierarchical_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
