package inflection

import (
	"math"
	"slices"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// overLimit is the share of its limit that a group can only use if the limit was lowered: no page is charged beyond it,
// but for a few that the kernel cannot refuse.
const overLimit = 1.05

// Charge is what a kernel report says about the memory of the group whose limit was reached, or of the machine.
type Charge struct {
	Machine bool       // of the whole machine: the kernel had no memory left, or none that the task might use
	Total   unit.Bytes // in use by the group, or all that the machine has; 0 where the report does not tell
	Anon    unit.Bytes // heaps and stacks of processes, without shared memory
	Shmem   unit.Bytes // files in a tmpfs and shared mappings
	File    unit.Bytes // page cache, without shared memory
	Kernel  unit.Bytes // used by the kernel for the group: slab, page tables, pipes, sockets
}

// ChargeOf adds up the amounts of a report, which go by the names of cgroup v2, or of the kernel's summary of the machine
// (mm/memcontrol.c, mm/show_mem.c).
func ChargeOf(k *event.Kill) Charge {
	if k.Global || k.Constraint == event.ConstraintNone || k.Constraint == event.ConstraintCpuset || k.Constraint == event.ConstraintPolicy {
		return machineCharge(k)
	}
	c := Charge{Total: k.Usage.Or(0), Anon: stat(k, "anon"), Shmem: stat(k, "shmem")}
	c.File = max(0, stat(k, "file")-c.Shmem)
	c.Kernel = max(stat(k, "kernel"), sum(k, "slab", "kernel_stack", "pagetables", "sock", "percpu"))
	if !has(k, "kernel") && has(k, "anon") && has(k, "file") {
		c.Kernel = max(c.Kernel, c.uncounted())
	}
	if c.Total == 0 {
		c.Total = c.Anon + c.Shmem + c.File + c.Kernel
	}
	return c
}

// uncountedLeast is the share of a group's use that must be missing from its statistics to say that the kernel has it:
// pages that were charged just now are in no statistic yet.
const uncountedLeast = 0.20

// uncounted returns what a group uses beyond the pages of its processes and files. Before 5.18 no statistic of a v2 group
// has a total for the kernel, and the buffers of pipes stand in the usage alone.
func (c Charge) uncounted() unit.Bytes {
	rest := c.Total - c.Anon - c.Shmem - c.File
	if float64(rest) < uncountedLeast*float64(c.Total) {
		return 0
	}
	return rest
}

// machineCharge adds up the amounts of a machine. Its shared memory lies on the lists of anonymous memory.
func machineCharge(k *event.Kill) Charge {
	c := Charge{Machine: true, Total: k.RAM.Or(0), Shmem: stat(k, "shmem")}
	c.Anon = max(0, sum(k, "active_anon", "inactive_anon", "isolated_anon")-c.Shmem)
	c.File = sum(k, "active_file", "inactive_file", "isolated_file")
	c.Kernel = sum(k, "slab_reclaimable", "slab_unreclaimable", "kernel_stack", "pagetables")
	if c.Total == 0 {
		c.Total = c.Anon + c.Shmem + c.File + c.Kernel + stat(k, "free")
	}
	return c
}

// kernelFacts copies what a kernel report says about the memory of the group, or of the machine.
func kernelFacts(f *Facts) {
	k := f.Kill
	if k == nil {
		return
	}
	c := ChargeOf(k)
	f.Machine, f.Usage = c.Machine, float64(c.Total)
	f.Anon, f.Shmem, f.File, f.Kernel = float64(c.Anon), float64(c.Shmem), float64(c.File), float64(c.Kernel)
	f.StatsPos = k.UsageAt
	if f.StatsPos.Line == 0 {
		f.StatsPos = k.Pos
	}
	f.Lowered = k.Lowered || f.Usage >= overLimit*float64(k.Limit.Or(math.MaxInt64))
	f.VictimName, f.VictimRSS = victim(k)
	f.Culprit = culprit(k, f.VictimRSS)
	f.Largest = largest(k.Tasks)
	f.Unevictable, f.Free, f.HighFree = float64(stat(k, "unevictable")), float64(stat(k, "free")), float64(stat(k, "free_highmem"))
	f.TaskSum = 0
	for _, t := range k.Tasks {
		f.TaskSum += float64(t.RSS.Or(0))
	}
	f.Crowd, f.CrowdHeld = crowd(k, f.Usage)
}

// stat returns the named amount of a report, 0 where it has none.
func stat(k *event.Kill, name string) unit.Bytes {
	i := slices.IndexFunc(k.Stats, func(s event.Stat) bool { return s.Name == name })
	if i < 0 {
		return 0
	}
	return k.Stats[i].Size
}

func has(k *event.Kill, name string) bool {
	return slices.ContainsFunc(k.Stats, func(s event.Stat) bool { return s.Name == name })
}

// sum adds up the named amounts that the report has.
func sum(k *event.Kill, names ...string) unit.Bytes {
	total := unit.Bytes(0)
	for _, name := range names {
		total += stat(k, name)
	}
	return total
}

// victim returns the name and the memory of the largest process that was killed.
func victim(k *event.Kill) (name string, rss float64) {
	for _, v := range k.Victims {
		held := float64(v.Anon.Or(0) + v.File.Or(0) + v.Shmem.Or(0))
		if name == "" || held > rss {
			name, rss = v.Name, held
		}
	}
	return name, rss
}

// culprit returns the largest task that was not killed, if it holds twice as much as the largest victim or more.
func culprit(k *event.Kill, rss float64) event.Task {
	killed := map[int]bool{}
	for _, v := range k.Victims {
		killed[v.PID] = true
	}
	other := largest(slices.DeleteFunc(slices.Clone(k.Tasks), func(t event.Task) bool { return killed[t.PID] }))
	if len(k.Victims) == 0 || float64(other.RSS.Or(0)) < 2*rss {
		return event.Task{}
	}
	return other
}

// largest returns the task that holds most; the zero task where none holds anything.
func largest(tasks []event.Task) event.Task {
	var out event.Task
	for _, t := range tasks {
		if t.RSS.Or(0) > out.RSS.Or(0) {
			out = t
		}
	}
	return out
}
