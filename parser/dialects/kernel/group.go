package kernel

import (
	"bytes"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// limitOf reads "Task in /A killed as a result of limit of /B", of kernels before 5.0.
func (d *decoder) limitOf(r *record, at int) bool {
	rep := d.currentOrNew(r)
	rep.memcg, rep.section = true, inUsage
	k := &rep.kill
	if i := index(r.Text[:at], "Task in "); i >= 0 {
		k.TaskMemcg = clip(r.Text[i+len("Task in ") : at])
	}
	k.OOMMemcg = clip(bytes.TrimSpace(r.Text[at+len(" killed as a result of limit of "):]))
	k.ConstraintAt = r.Pos
	return true
}

// limitReached reads "Memory limit reached of cgroup /B".
func (d *decoder) limitReached(r *record, at int) bool {
	rep := d.currentOrNew(r)
	rep.memcg, rep.section = true, inUsage
	rep.kill.OOMMemcg = clip(bytes.TrimSpace(r.Text[at+len("Memory limit reached of cgroup "):]))
	rep.kill.ConstraintAt = r.Pos
	return true
}

// usageOf reads the first line of the usage block, which may begin a report whose header is lost.
func (d *decoder) usageOf(r *record, _ int) bool {
	rep := d.current(r.caller)
	if rep != nil && !rep.kill.Usage.IsKnown() {
		return d.usage(rep, r)
	}
	if _, err := d.caches.usage.Parse(usageText(r.Text)); err != nil {
		return false
	}
	return d.usage(d.begin(r), r)
}

// usageText returns the usage line from the name of its counter on.
func usageText(text []byte) []byte {
	at := index(text, ": usage ")
	if at < 0 {
		return nil
	}
	for _, name := range []string{"memory+swap", "memory", "swap", "kmem"} {
		if bytes.HasSuffix(text[:at], []byte(name)) {
			return regular(text[at-len(name):])
		}
	}
	return nil
}

// usage reads "memory: usage 98304kB, limit 98304kB, failcnt 0" and its sisters.
func (d *decoder) usage(rep *report, r *record) bool {
	text := usageText(r.Text)
	if text == nil {
		return false
	}
	tree, err := d.caches.usage.Parse(text)
	if err != nil {
		r.problem("a usage line of an out-of-memory report is cut or broken")
		return true
	}
	rep.memcg, rep.section = true, inUsage
	usage, limit := kib(tree.Usage.Int()), limited(tree.Limit.Int())
	k := &rep.kill
	switch tree.Name {
	case "memory":
		k.Usage, k.Limit, k.FailCount, k.UsageAt = usage, limit, tree.Fails.Int(), r.Pos
	case "swap":
		k.SwapUsage, k.SwapLimit = usage, limit
	case "memory+swap":
		rep.memswap = [2]unit.Size{usage, limit}
	case "kmem":
		rep.kmem = usage
	}
	return true
}

// limited returns a limit in KiB as a size. Kernels print "no limit" as the largest number of pages they can count,
// which depends on their page size and age: 9007199254740988, 18014398509481983 ... Real limits are far below. On 32
// bits it is the largest number of pages of 4 KiB.
func limited(kb int64) unit.Size {
	const (
		unlimited   = 1 << 50 // an exbibyte
		unlimited32 = 4 * (1<<31 - 1)
	)
	if kb >= unlimited || kb == unlimited32 {
		return unit.Size{}
	}
	return kib(kb)
}

// statsOf reads "Memory cgroup stats for /A:", with the stats behind it or on the next lines.
func (d *decoder) statsOf(r *record, at int) bool {
	rep := d.currentOrNew(r)
	rep.memcg, rep.section = true, inStats
	path := bytes.TrimSpace(r.Text[at+len("Memory cgroup stats for "):])
	list := []byte(nil)
	if i := bytes.LastIndex(path, []byte(": ")); i >= 0 {
		path, list = path[:i], path[i+2:]
	}
	if rep.kill.OOMMemcg == "" {
		rep.kill.OOMMemcg = clip(bytes.TrimSuffix(path, []byte(":")))
	}
	if list != nil {
		d.statList(rep, r, list)
	}
	return true
}

// statList reads "cache:0KB rss:980KB …", one line for each group below the one at its limit.
func (d *decoder) statList(rep *report, r *record, list []byte) {
	tree, err := d.caches.statList.Parse(regular(list))
	if err != nil {
		r.problem("the memory cgroup stats of an out-of-memory report are cut or broken")
		return
	}
	rep.listed = true
	for _, s := range tree.Stats {
		if len(rep.kill.Stats) < maxStats {
			rep.addStat(s.Name, times(unit.Bytes(s.Value.Int()), unit.KiB))
		}
	}
}

// stat reads "anon 66637824".
func (d *decoder) stat(rep *report, r *record) bool {
	text := r.Text
	if rep.quoted {
		text = lastTwo(text)
	}
	if last := len(text) - 1; last < 0 || last > 100 || text[last]-'0' > 9 {
		return false
	}
	tree, err := d.caches.stat.Parse(text)
	if err != nil {
		return false
	}
	if len(rep.kill.Stats) < maxStats {
		rep.kill.Stats = append(rep.kill.Stats, event.Stat{Name: tree.Name, Size: unit.Bytes(tree.Value.Int())})
	}
	return true
}

// lastTwo returns the last two words of a line.
func lastTwo(text []byte) []byte {
	if last := bytes.LastIndexByte(text, ' '); last > 0 {
		return text[bytes.LastIndexByte(text[:last], ' ')+1:]
	}
	return text
}
