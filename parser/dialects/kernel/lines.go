package kernel

import (
	"bytes"
	"slices"
	"strings"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// anchors are the texts by which a line is known wherever it stands, and what reads the line, in the order in which
// they are tried. All texts of a group contain its sign, so that a line without any sign is let go at little cost. A
// reader gets the place of the text, and returns false if the line is foreign after all.
var anchors = []struct {
	sign  []byte
	texts []anchor
}{
	{[]byte("oom"), []anchor{
		{[]byte("oom-killer: "), (*decoder).header},
		{[]byte("oom-kill:constraint="), (*decoder).constrained},
		{[]byte(" are going to be killed due to memory.oom.group set"), (*decoder).groupKill},
		{[]byte("oom_reaper: "), (*decoder).reaped},
		{[]byte("oom_kill_process: "), (*decoder).suppress},
	}},
	{[]byte("Kill"), []anchor{
		{[]byte("Killed process "), (*decoder).killed},
		{[]byte("Kill process "), (*decoder).chose},
	}},
	{[]byte("emory"), []anchor{
		{[]byte("memory: usage "), (*decoder).usageOf},
		{[]byte("Memory cgroup stats for "), (*decoder).statsOf},
		{[]byte("Memory limit reached of cgroup "), (*decoder).limitReached},
		{[]byte("Tasks state (memory values in pages)"), (*decoder).tableAhead},
		{[]byte("of memory and no killable processes"), (*decoder).nobody},
	}},
	{[]byte("limit of "), []anchor{
		{[]byte(" killed as a result of limit of "), (*decoder).limitOf},
	}},
}

type anchor struct {
	text []byte
	read func(d *decoder, r *record, at int) bool
}

// mayAnchor is the cheap test that lets foreign lines go.
func mayAnchor(text []byte) bool {
	for i := range anchors {
		if bytes.Contains(text, anchors[i].sign) {
			return true
		}
	}
	return false
}

// anchored reads a line that is known by its own words.
func (d *decoder) anchored(r *record) bool {
	for i := range anchors {
		if !bytes.Contains(r.Text, anchors[i].sign) {
			continue
		}
		for _, a := range anchors[i].texts {
			if at := bytes.Index(r.Text, a.text); at >= 0 && a.read(d, r, at) {
				return true
			}
		}
	}
	return false
}

// expected reads a line of the lists that most of a report consists of. A row of the task table may name a task as
// it likes, so it is tried before all anchors.
func (d *decoder) expected(r *record) bool {
	rep := d.current(r.caller)
	if rep == nil || len(r.Text) == 0 {
		return false
	}
	switch rep.section {
	case inTrace:
		return d.traced(rep, r)
	case inStats:
		return d.stat(rep, r)
	case inTable:
		return d.task(rep, r)
	}
	return false
}

// inside reads any other line that only its place in a report explains.
func (d *decoder) inside(r *record) bool {
	rep := d.current(r.caller)
	if rep == nil || len(r.Text) == 0 {
		return false
	}
	if rep.section == inMachine && d.machine(rep, r) {
		return true
	}
	return d.usage(rep, r) || d.table(rep, r) || d.cpu(rep, r) || d.cpuset(rep, r) || mayTrace(rep, r)
}

// header reads "java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0".
func (d *decoder) header(r *record, at int) bool {
	tail := r.Text[at+len("oom-killer: "):]
	before, invoked := bytes.CutSuffix(r.Text[:at], []byte(" invoked "))
	if !bytes.HasPrefix(tail, []byte("gfp_mask=")) || !invoked && at > 0 {
		return false
	}
	rep := d.begin(r)
	rep.headed = true
	k := &rep.kill
	if invoked {
		k.Trigger.Name, rep.quoted = triggerName(before)
	}
	tree, err := d.caches.header.Parse(regular(tail))
	if err != nil {
		r.problem("the header of an out-of-memory report is cut or broken")
		return true
	}
	k.GFP = tree.Mask
	if tree.Order != nil {
		k.Order = tree.Order.int()
	}
	for _, a := range tree.Adjust {
		if a.Name == "oom_score_adj" {
			k.Trigger.ScoreAdj = a.Value.int()
		}
	}
	return true
}

// maxComm is the length of the longest name of a task (TASK_COMM_LEN without the NUL).
const maxComm = 15

// triggerName cuts the name of the task from what stands before " invoked". Where more stands there than a name
// can hold, some envelope was not taken off: the name is what follows the last mark that envelopes end with.
func triggerName(before []byte) (name string, quoted bool) {
	at := -1
	for _, mark := range []string{"kernel: ", "] ", ": "} {
		if i := bytes.LastIndex(before, []byte(mark)); len(before)-at-1 > maxComm && i >= 0 {
			at = i + len(mark) - 1
		}
	}
	if len(before)-at-1 > maxComm {
		at = bytes.LastIndexByte(before, ' ')
	}
	rest := before[at+1:]
	return clip(bytes.TrimSpace(rest)), at >= 0
}

// cpu reads "CPU: 0 UID: 0 PID: 161 Comm: java Not tainted 6.12.107+deb13-cloud-amd64 #1".
func (d *decoder) cpu(rep *report, r *record) bool {
	if rep.section != inTrace {
		return false
	}
	at := max(index(r.Text, "PID: "), index(r.Text, "Pid: "))
	end := max(index(r.Text, "Comm: "), index(r.Text, "comm: "))
	if at < 0 || end < at || end > at+100 {
		return false
	}
	tree, err := d.caches.cpu.Parse(r.Text[at : end+len("comm:")])
	if err != nil {
		return false
	}
	k := &rep.kill
	if k.Trigger.PID != 0 {
		return true
	}
	k.Trigger.PID = int(tree.PID.Int())
	comm, build := cutBuild(r.Text[end+len("comm: "):])
	if comm = bytes.TrimSpace(comm); len(comm) > 0 && len(comm) <= maxComm {
		k.Trigger.Name = string(comm)
	}
	k.Kernel = release(build)
	return true
}

// cutBuild cuts the rest of a CPU line where the name of the task ends.
func cutBuild(text []byte) (comm, build []byte) {
	end := -1
	for _, mark := range []string{" Not tainted ", " Tainted: ", " Kdump: "} {
		if i := bytes.LastIndex(text, []byte(mark)); i >= 0 && (end < 0 || i < end) {
			end = i
		}
	}
	if end < 0 {
		return nil, nil
	}
	return text[:end], text[end:]
}

// release finds the kernel release, the word before the number of the build: "6.12.107+deb13-cloud-amd64 #1".
func release(build []byte) string {
	if i := index(build, " #"); i >= 0 {
		build = build[:i]
	}
	build = bytes.TrimSpace(build)
	last := build[bytes.LastIndexByte(build, ' ')+1:]
	if len(last) == 0 || last[0]-'0' > 9 {
		return ""
	}
	return clip(last)
}

// cpuset reads "java cpuset=docker-… mems_allowed=0", which kernels before 5.0 print after the header.
func (d *decoder) cpuset(rep *report, r *record) bool {
	if rep.section != inTrace {
		return false
	}
	at, end := index(r.Text, "cpuset="), index(r.Text, " mems_allowed=")
	if at < 0 || end < at {
		return false
	}
	rep.container = ContainerID(clip(r.Text[at+len("cpuset=") : end]))
	return true
}

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

// tableAhead reads the title of the task table.
func (d *decoder) tableAhead(r *record, _ int) bool {
	d.currentOrNew(r).section = inTable
	return true
}

// table reads the header of the task table. It names the columns, which differ from kernel to kernel.
func (d *decoder) table(rep *report, r *record) bool {
	if index(r.Text, " total_vm ") < 0 || index(r.Text, "pid") < 0 {
		return false
	}
	end := bytes.LastIndexByte(r.Text, ']')
	names := strings.Fields(clip(r.Text[end+1:]))
	if end < 0 || len(names) < 3 || len(names) > 32 || names[len(names)-1] != "name" {
		return false
	}
	column := func(name string) int { return slices.Index(names, name) }
	rep.section = inTable
	rep.columns = columns{count: len(names) - 1, vm: column("total_vm"), rss: column("rss"), adj: column("oom_score_adj")}
	return true
}

// task reads a row of the task table.
func (d *decoder) task(rep *report, r *record) bool {
	if rep.columns.count == 0 {
		return false
	}
	text := r.Text
	for range 8 { // an unknown envelope may hold brackets of its own
		at := bytes.IndexByte(text, '[')
		if at < 0 {
			return false
		}
		text = text[at:]
		if numbers, name, ok := cutRow(text, rep.columns.count); ok {
			d.scratch = squeeze(d.scratch[:0], numbers)
			if tree, err := d.caches.row.Parse(d.scratch); err == nil && len(tree.Cells) == rep.columns.count {
				rep.addTask(tree, name)
				return true
			}
		}
		text = text[1:]
	}
	return false
}

// cutRow cuts a row of the task table before its last column, the name, which may hold blanks.
func cutRow(text []byte, count int) (numbers, name []byte, ok bool) {
	text = text[:min(len(text), maxLine)]
	at := bytes.IndexByte(text, ']') + 1
	for range count {
		for at < len(text) && text[at] == ' ' {
			at++
		}
		start := at
		for at < len(text) && (text[at]-'0' <= 9 || text[at] == '-') {
			at++
		}
		if at == start {
			return nil, nil, false
		}
	}
	if at < len(text) && text[at] != ' ' {
		return nil, nil, false
	}
	return text[:at], text[min(at+1, len(text)):], true
}

func (r *report) addTask(row *taskRow, name []byte) {
	if len(r.kill.Tasks) == maxTasks {
		return
	}
	t := event.Task{PID: int(row.PID.Int()), Name: clip(name)}
	if c := r.columns.vm; c >= 0 {
		t.TotalVM = unit.Known(unit.Bytes(row.Cells[c].Value.Int()))
	}
	if c := r.columns.rss; c >= 0 {
		t.RSS = unit.Known(unit.Bytes(row.Cells[c].Value.Int()))
	}
	if c := r.columns.adj; c >= 0 {
		t.ScoreAdj = row.Cells[c].int()
	}
	r.kill.Tasks = append(r.kill.Tasks, t)
}

// constrained reads "oom-kill:constraint=CONSTRAINT_MEMCG,…,oom_memcg=/A,task_memcg=/B,task=java,pid=1,uid=0". Names
// and paths may hold commas: the pid and the uid are found from the right.
func (d *decoder) constrained(r *record, at int) bool {
	text := bytes.TrimRight(r.Text[at:], " \"'}\r")
	comma := bytes.IndexByte(text, ',')
	if comma < 0 || comma > 100 {
		return false
	}
	tree, err := d.caches.constraint.Parse(text[:comma])
	if err != nil {
		return false
	}
	chosen, err := d.choice(text)
	rep := d.current(r.caller)
	if chosen != nil {
		rep = d.reportOf(r, chosen.PID)
	}
	if rep == nil || rep.done() {
		rep = d.begin(r)
	}
	if err != nil {
		r.problem("the oom-kill line is cut or broken: no pid and uid at its end")
	}
	k := &rep.kill
	k.Constraint, k.ConstraintAt = constraintNames[tree.Constraint], r.Pos
	rep.memcg = k.Constraint == event.ConstraintMemcg
	k.Global = index(text, ",global_oom") >= 0
	if oom, task := groups(text); task != "" || oom != "" {
		k.OOMMemcg, k.TaskMemcg = oom, task
	}
	rep.chosen, rep.chosenAt = chosen, r.Pos
	return true
}

var constraintNames = map[string]event.Constraint{
	"CONSTRAINT_MEMCG":         event.ConstraintMemcg,
	"CONSTRAINT_NONE":          event.ConstraintNone,
	"CONSTRAINT_CPUSET":        event.ConstraintCpuset,
	"CONSTRAINT_MEMORY_POLICY": event.ConstraintPolicy,
}

// choice reads the end of the oom-kill line.
func (d *decoder) choice(text []byte) (*event.Victim, error) {
	tree, err := d.caches.chosen.Parse(last(text[max(0, bytes.LastIndex(text, []byte(",pid="))):], 100))
	if err != nil {
		return nil, err
	}
	v := &event.Victim{PID: int(tree.PID.Int()), UID: int(tree.UID.Int()), HasUID: true}
	_, task, _ := bytes.Cut(text[:bytes.LastIndex(text, []byte(",pid="))], []byte(",task="))
	v.Name = clip(task)
	return v, nil
}

// groups returns the paths of an oom-kill line. The name of the task comes last and may look like anything.
func groups(text []byte) (oom, task string) {
	_, rest, found := bytes.Cut(text, []byte(",oom_memcg="))
	if found {
		path, after, _ := bytes.Cut(rest, []byte(",task_memcg="))
		oom, rest = clip(path), after
	} else {
		_, rest, _ = bytes.Cut(text, []byte(",task_memcg="))
	}
	path, _, _ := bytes.Cut(rest, []byte(",task="))
	return oom, clip(path)
}

// chose reads "Kill process 24572 (java) score 0 or sacrifice child", until kernel 5.0. The victim may turn out to
// be a child of that process.
func (d *decoder) chose(r *record, at int) bool {
	v, tail, ok := d.process(r.Text[at:])
	rep := d.current(r.caller)
	if !ok || rep == nil && index(r.Text[:at], "f memory") < 0 {
		return false
	}
	if bytes.HasPrefix(tail, []byte(" sharing same memory")) {
		if rep := d.reportOf(r, v.PID); rep != nil && rep.victim(v.PID) == nil {
			rep.addVictim(v)
		}
		return true
	}
	if rep == nil {
		rep = d.begin(r)
	}
	rep.chosen, rep.chosenAt = &v, r.Pos
	rep.bound(r.Text[:at])
	return true
}

// bound learns from "Memory cgroup out of memory: " or "Out of memory: " which bound was hit.
func (r *report) bound(before []byte) {
	switch {
	case index(before, "emory cgroup out of memory") >= 0:
		r.memcg = true
	case index(before, "Out of memory") >= 0 || index(before, "Out of Memory") >= 0:
		r.kill.Global = !r.memcg
	}
}

// killed reads "Killed process 161 (java) total-vm:281640kB, anon-rss:272384kB, …" in all its forms.
func (d *decoder) killed(r *record, at int) bool {
	v, tail, ok := d.process(r.Text[at:])
	if !ok {
		return false
	}
	tail = regular(tail)
	sized := index(tail, "total-vm:") >= 0 || index(tail, "vsz:") >= 0
	if !sized && index(r.Text[:at], "ut of memory") < 0 && index(r.Text[:at], "ut of Memory") < 0 && d.current(r.caller) == nil {
		return false
	}
	rep := d.reportOf(r, v.PID)
	if rep == nil {
		rep = d.begin(r)
	}
	if !d.facts(&v, tail) {
		r.problem("the line of a killed process is cut or broken after the name")
	}
	rep.bound(r.Text[:at])
	if rep.victim(v.PID) != nil { // memory.oom.group prints the first victim twice
		rep.group = true
		return true
	}
	if len(rep.kill.Victims) == 0 {
		rep.kill.KilledAt = r.Pos
	}
	rep.addVictim(v)
	return true
}

func (r *report) addVictim(v event.Victim) {
	if len(r.kill.Victims) < maxVictims {
		r.kill.Victims = append(r.kill.Victims, v)
	}
}

// process reads "Killed process 161 (java)" and returns what follows. The name may hold parentheses.
func (d *decoder) process(text []byte) (v event.Victim, tail []byte, ok bool) {
	open := bytes.IndexByte(text, '(')
	if open < 0 || open > 100 {
		return v, nil, false
	}
	tree, err := d.caches.process.Parse(text[:open+1])
	if err != nil {
		return v, nil, false
	}
	v.PID = int(tree.PID.Int())
	if tree.UID != nil {
		v.UID, v.HasUID = int(tree.UID.Int()), true
	}
	rest := text[open+1:]
	for _, mark := range []string{") total-vm:", ") vsz:", "), UID ", ") score ", ") sharing same memory", ")"} {
		if end := bytes.LastIndex(rest, []byte(mark)); end >= 0 {
			v.Name = clip(rest[:end])
			return v, rest[end+1:], true
		}
	}
	v.Name = clip(rest[:min(len(rest), maxComm)])
	return v, nil, true
}

// facts reads the sizes of a killed process. Of a line that is cut it reads what is whole.
func (d *decoder) facts(v *event.Victim, tail []byte) bool {
	tail = bytes.TrimSpace(tail)
	if len(tail) == 0 {
		return true
	}
	for try := range 3 {
		if tree, err := d.caches.tail.Parse(tail); err == nil {
			take(v, tree)
			return try == 0
		}
		tail = tail[:max(0, bytes.LastIndexByte(tail, ' '))]
	}
	return false
}

func take(v *event.Victim, tree *killedTail) {
	if tree.UID != nil {
		v.UID, v.HasUID = int(tree.UID.Int()), true
	}
	for _, f := range tree.Facts {
		switch n := f.Value.Value.Int(); f.Name {
		case "total-vm", "vsz":
			v.TotalVM = kib(n)
		case "anon-rss":
			v.Anon = kib(n)
		case "file-rss":
			v.File = kib(n)
		case "shmem-rss":
			v.Shmem = kib(n)
		case "UID":
			v.UID, v.HasUID = int(n), true
		case "oom_score_adj":
			v.ScoreAdj, v.HasAdj = f.Value.int(), true
		}
	}
}

// groupKill reads "Tasks in /A are going to be killed due to memory.oom.group set".
func (d *decoder) groupKill(r *record, at int) bool {
	start := index(r.Text[:at], "Tasks in ")
	if start < 0 {
		return false
	}
	var rep *report
	if n := len(d.open); n > 0 {
		rep = d.open[n-1]
	} else {
		rep = d.begin(r)
	}
	rep.group, rep.memcg = true, true
	if k := &rep.kill; k.TaskMemcg == "" {
		k.TaskMemcg = clip(r.Text[start+len("Tasks in ") : at])
	}
	return true
}

// nobody reads "Out of memory and no killable processes...".
func (d *decoder) nobody(r *record, _ int) bool {
	rep := d.currentOrNew(r)
	rep.kill.NoKillable, rep.kill.KilledAt = true, r.Pos
	return true
}

// reaped claims the word of the kernel thread that frees the victim's memory: it says nothing new.
func (d *decoder) reaped(*record, int) bool { return len(d.open) > 0 }

// suppress reads "oom_kill_process: 70 callbacks suppressed": so many reports are missing before the next one.
func (d *decoder) suppress(r *record, at int) bool {
	tree, err := d.caches.suppressed.Parse(bytes.TrimSpace(regular(r.Text[at:])))
	if err != nil {
		return false
	}
	d.suppressed = min(d.suppressed+tree.Count.Int(), 1<<40)
	return true
}
