package cluster

import (
	"bytes"
	"strconv"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// slurmKills reads "Detected 1 oom-kill event(s) in StepId=191.batch cgroup. Some of your processes may have been killed by the
// cgroup out-of-memory handler."
func (d *decoder) slurmKills(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	i := bytes.Index(text, []byte("Detected "))
	if i < 0 {
		return false
	}
	sentence, _, _ := bytes.Cut(text[i:], []byte(". "))
	tree, err := d.read.detected.Parse(bytes.TrimRight(sentence, " ."))
	if err != nil {
		if bytes.Contains(sentence, []byte("in StepId=")) || bytes.Contains(sentence, []byte("in step ")) {
			emit(problem(l, "kills in a step that break off or are not as Slurm writes them"))
			return true
		}
		return false
	}
	ev := happened(l, event.Slurm, event.ActionOOM, "oom-kill", text[i:])
	ev.ID, ev.Count = step(tree.Job.Int(), numberOf(tree.Step), tree.Batch), int(max(1, min(tree.Count.Int(), 1<<31)))
	emit(ev)
	return true
}

// step names a job or a step of it: "191", "191.0", "191.batch".
func step(job int64, number string, word string) string {
	id := strconv.FormatInt(job, 10)
	if number+word != "" {
		id += "." + number + word
	}
	return id
}

// slurmLimit reads "Job 41176 exceeded memory limit (3940736 > 2068480), being killed". The words of a step with a heterogeneous
// name are read in part.
func (d *decoder) slurmLimit(l *dialect.Line, text []byte, at int, emit dialect.Emit) bool {
	end := bytes.IndexByte(text[at:], ')')
	from := max(bytes.LastIndex(text[:at], []byte(": "))+len(": ")-1, 0)
	if end < 0 || !bytes.Contains(text[:at], []byte("tep")) && !bytes.Contains(text[:at], []byte("ob")) {
		return false
	}
	tree, err := d.read.above.Parse(bytes.TrimSpace(text[from : at+end+1]))
	if err != nil {
		return false
	}
	one := unit.KiB
	if tree.Kind == "StepId" || tree.Kind == "JobId" {
		one = 1
	}
	ev := happened(l, event.Slurm, event.ActionOOM, "memory limit", text[from:])
	ev.ID = step(tree.Job.Int(), numberOf(tree.Step), tree.Batch)
	ev.Usage, ev.Limit = amount(tree.Used.Int(), one), amount(tree.Limit.Int(), one)
	emit(ev)
	return true
}

// slurmNote reads "slurmstepd: error: Exceeded job memory limit", which says no more.
func (d *decoder) slurmNote(l *dialect.Line, text []byte, at int, emit dialect.Emit) bool {
	if !bytes.Contains(text[:at], []byte("error: E")) {
		return false
	}
	emit(happened(l, event.Slurm, event.ActionOOM, "memory limit", text[at-1:]))
	return true
}

// srun reads "srun: error: nid001277: tasks 1-3: Out Of Memory".
func (d *decoder) srun(l *dialect.Line, text []byte, at int, emit dialect.Emit) bool {
	_, rest, ok := bytes.Cut(text[:at], []byte("error: "))
	node, tasks, too := bytes.Cut(rest, []byte(": task"))
	if !ok || !too || len(tasks) > maxText {
		return false
	}
	ev := happened(l, event.Slurm, event.ActionOOM, "Out Of Memory", rest)
	ev.Node, ev.Message = clip(node), clip(bytes.TrimSpace(text))
	emit(ev)
	return true
}

// table is an open table of sacct.
type table struct {
	open bool
	from []int // where each column begins
	keys []string
}

// header reads the head of a table of sacct: "JobID           JobName  ...      State ExitCode", or with | between.
func (d *decoder) header(text []byte) bool {
	if !ascii.HasPrefix(text, "JobID") || !bytes.Contains(text, []byte("State")) {
		return false
	}
	d.table = table{open: true}
	if bytes.IndexByte(text, '|') >= 0 {
		for key := range bytes.SplitSeq(text, []byte("|")) {
			d.table.keys = append(d.table.keys, clip(key))
		}
		return true
	}
	for _, key := range bytes.Fields(text) {
		d.table.keys = append(d.table.keys, clip(key))
	}
	return true
}

// row reads a row of the table. The line of dashes tells where the columns of a printed table begin.
func (d *decoder) row(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	t := &d.table
	if text[0] == '-' && len(bytes.Trim(text, "- ")) == 0 {
		t.from = nil
		for i := range text {
			if text[i] == '-' && (i == 0 || text[i-1] == ' ') {
				t.from = append(t.from, i)
			}
		}
		t.open = len(t.from) == len(t.keys)
		return true
	}
	values := t.values(text)
	if len(values) < len(t.keys) || len(values[0]) == 0 || values[0][0]-'0' > 9 {
		t.open = false
		return false
	}
	s := t.status(l, values)
	if s.OOMKilled {
		emit(s)
	}
	return s.OOMKilled
}

// values cuts a row into its columns.
func (t *table) values(text []byte) [][]byte {
	if t.from == nil {
		return bytes.Split(text, []byte("|"))
	}
	var out [][]byte
	for i, from := range t.from {
		end := len(text)
		if i+1 < len(t.from) {
			end = t.from[i+1]
		}
		if from >= len(text) {
			out = append(out, nil)
			continue
		}
		out = append(out, bytes.TrimSpace(text[from:min(end, len(text))]))
	}
	return out
}

// status returns what a row says of a job or a step.
func (t *table) status(l *dialect.Line, values [][]byte) *event.ContainerStatus {
	s := &event.ContainerStatus{Head: l.Head(name), Container: event.Container{Engine: event.Slurm}, SaysOOM: true}
	for i, key := range t.keys {
		value := values[i]
		switch key {
		case "JobID":
			s.ID = clip(value)
		case "JobName":
			s.Name = clip(value)
		case "State":
			s.State = clip(value)
			s.OOMKilled = ascii.HasPrefix(value, "OUT_OF_ME") // a narrow column cuts it: OUT_OF_ME+
		case "NodeList":
			s.Node = clip(value)
		case "MaxRSS":
			s.Peak = sizeOf(value)
		case "ReqMem":
			s.Limit = sizeOf(bytes.TrimRight(value, "nc"))
		case "ExitCode":
			exitCode(s, value)
		}
	}
	return s
}

// sizeOf reads a size of sacct: 4194304K, 4G, 8Gn.
func sizeOf(value []byte) unit.Size {
	n, err := unit.Parse(string(value))
	if err != nil {
		return unit.Size{}
	}
	return unit.Known(n)
}

// outOfMemory stands in the place of a signal where a job ran out of memory.
const outOfMemory = 125

// exitCode reads "0:125": a status and a signal.
func exitCode(s *event.ContainerStatus, value []byte) {
	code, signal, ok := bytes.Cut(value, []byte(":"))
	n, err := strconv.Atoi(string(code))
	if !ok || err != nil {
		return
	}
	s.ExitCode, s.HasExit = n, true
	if k, err := strconv.Atoi(string(signal)); err == nil && k > 0 {
		s.HasExit = false
		if k != outOfMemory {
			s.Signal = k
		}
	}
}
