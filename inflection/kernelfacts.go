package inflection

import (
	"math"
	"oomtrace/parser/event"
)

// overLimit is the share of its limit that a group can only use if the limit was lowered: no page is charged beyond it,
// but for a few that the kernel cannot refuse.
const overLimit = 1.05

// kernelFacts copies what a kernel report says about the memory of the group.
func kernelFacts(f *Facts) {
	k := f.Kill
	if k == nil {
		return
	}
	f.Usage = float64(k.Usage.Or(0))
	f.StatsPos = k.UsageAt
	if f.StatsPos.Line == 0 {
		f.StatsPos = k.Pos
	}
	f.Anon = stat(k, "anon", "rss")
	f.Shmem = stat(k, "shmem")
	f.File = max(0, stat(k, "file", "cache")-f.Shmem)
	f.Kernel = max(stat(k, "kernel"), stat(k, "slab")+stat(k, "kernel_stack")+stat(k, "pagetables")+stat(k, "sock")+stat(k, "percpu"))
	if f.Usage == 0 {
		f.Usage = f.Anon + f.Shmem + f.File + f.Kernel
	}
	f.Lowered = k.Lowered || f.Usage >= overLimit*float64(k.Limit.Or(math.MaxInt64))
	f.VictimName, f.VictimRSS = victim(k)
	f.Culprit = culprit(k, f.VictimRSS)
}

// stat returns the first of the named amounts that the report has, in bytes. A report may hold one block a group; the first
// is the group whose limit was hit.
func stat(k *event.Kill, names ...string) float64 {
	for _, name := range names {
		for _, s := range k.Stats {
			if s.Name == name {
				return float64(s.Size)
			}
		}
	}
	return 0
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
	var largest event.Task
	for _, t := range k.Tasks {
		if !killed[t.PID] && t.RSS.Or(0) > largest.RSS.Or(0) {
			largest = t
		}
	}
	if len(k.Victims) == 0 || float64(largest.RSS.Or(0)) < 2*rss {
		return event.Task{}
	}
	return largest
}
