package kernel

import (
	"bytes"

	"oomtrace/parser/event"
)

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
