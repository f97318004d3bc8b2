// Package cluster reads what schedulers of clusters say of jobs that need too much memory: Slurm, YARN and Spark on it, Nomad,
// and the batch systems LSF, PBS and Grid Engine.
//
// Where the lines come from:
//
//   - Slurm: slurmstepd, "Detected 1 oom-kill event(s) in StepId=191.batch cgroup. Some of your processes may have been killed
//     by the cgroup out-of-memory handler." (to 21.08; before 20.11 "in step 191.batch cgroup"), later "Detected 1 oom_kill event
//     in StepId=440575.0. Some of the step tasks have been OOM Killed."; srun, "node: task 4: Out Of Memory"; where the cgroup
//     plugin is not used, slurmd (src/slurmd/slurmd/req.c): "Job 41176 exceeded memory limit (3940736 > 2068480), being killed",
//     in KiB to 18.08 and in bytes since. Rows of sacct.
//   - YARN: ContainersMonitorImpl of the NodeManager, "Container [pid=P,containerID=C] is running beyond physical memory limits.
//     Current usage: 1.0 GB of 1 GB physical memory used; ... Killing container." with a dump of its process tree; since 3.1
//     "is running NB beyond the 'PHYSICAL' memory limit." Spark repeats it: "Container killed by YARN for exceeding memory limits."
//   - Nomad: nomad alloc status (command/alloc_status.go) and the log of the client, "Exit Code: 137, Exit Message: "OOM Killed"";
//     the JSON of an allocation.
//   - LSF: "TERM_MEMLIMIT: job killed after reaching LSF memory usage limit." and the resource usage summary of a job report.
//   - PBS: "=>> PBS: job killed: mem 2097152kb exceeded limit 1048576kb". Grid Engine: "job 7.1 exceeds job hard limit "h_vmem"
//     of queue "all.q" (4434563072.00000 > limit:4294967296.00000) - sending SIGKILL".
package cluster

import (
	"bytes"
	"slices"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
)

const name = "cluster"

// Engines that only this package knows.
const (
	LSF        event.Engine = "lsf"
	PBS        event.Engine = "pbs"
	GridEngine event.Engine = "grid-engine"
)

// Dialect is the dialect of this package.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "Cluster schedulers: Slurm, YARN and Spark, Nomad, LSF, PBS, Grid Engine",
	Versions: "Slurm 2 to 25, Hadoop 2 and 3, Nomad 0.5 to 1.10, texts of the others",
	New:      func() dialect.Decoder { return &decoder{read: newReaders()} },
	Anchors:  anchors(),
	Notes: `Slurm tells of kills by the kernel in the cgroup of a step. "Exceeded job memory limit" without numbers follows on the kill. The state
OUT_OF_MEMORY of sacct says that a step of the job had a kill; MaxRSS is sampled and mostly too small.

YARN kills a container itself, by SIGTERM and SIGKILL (status 143 or 137), when the processes of its tree use more than the
container has; there is no report of the kernel then. The usage is that of the whole tree, the process the largest of it.
"virtual memory" is address space: such a kill is no want of memory but of yarn.nodemanager.vmem-pmem-ratio.

Nomad: "OOM Killed" is a flag of docker; 137 without it proves nothing.`,
	Grammars: []dialect.Grammar{
		{
			Name:    "kills in a step of Slurm",
			EBNF:    detectedGrammar.EBNF(),
			Example: "Detected 1 oom-kill event(s) in StepId=191.batch cgroup.",
		},
		{
			Name:    "job of Slurm above its limit",
			EBNF:    aboveGrammar.EBNF(),
			Example: "Job 41176 exceeded memory limit (3940736 > 2068480)",
		},
		{
			Name:    "container of YARN",
			EBNF:    containerGrammar.EBNF(),
			Example: "Container [pid=2477,containerID=container_1401362984347_0002_01_000001]",
		},
		{
			Name:    "what a container of YARN uses",
			EBNF:    usedGrammar.EBNF(),
			Example: "1.0 GB of 1 GB physical memory used",
		},
		{
			Name:    "process of a container of YARN, around its name",
			EBNF:    processGrammar.EBNF(),
			Example: "5021 548 1711837184 274360",
		},
		{
			Name:    "end of a task of Nomad",
			EBNF:    taskGrammar.EBNF(),
			Example: "Exit Code: 137, Signal: 9",
		},
		{
			Name:    "job of PBS above its limit",
			EBNF:    pbsGrammar.EBNF(),
			Example: "mem job total 4323312 kb exceeded limit 3145728 kb",
		},
		{
			Name:    "job of Grid Engine above its limit",
			EBNF:    gridGrammar.EBNF(),
			Example: "(4434563072.00000 > limit:4294967296.00000)",
		},
	},
}

// Bounds of the work for one line and of what a decoder remembers.
const (
	maxLine = 1 << 14
	maxText = 300 // of what a problem and a message quote
	maxTree = 512 // lines of a dump of processes
)

// decoder reads the lines of one stream.
type decoder struct {
	read  *readers
	yarn  yarn
	nomad nomad
	lsf   lsf
	table table
}

// Sibling implements dialect.Sibling.
func (d *decoder) Sibling() dialect.Decoder { return &decoder{read: d.read} }

// Idle implements dialect.Idler.
func (d *decoder) Idle() bool {
	return d.yarn.event == nil && !d.lsf.open && !d.table.open && !d.nomad.resources
}

// anchors returns the texts one of which stands in every line that begins something.
func anchors() []string {
	texts := []string{"kill event", "Out Of Memory", "yond ", "JobID", "Subject: Job ", "TERM_MEMLIMIT: ", `Task "`, " Memory ", "ID  ", "Node Name  "}
	for _, l := range landmarks {
		texts = append(texts, l.words)
	}
	return texts
}

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	text := l.Text
	if len(text) == 0 || len(text) > maxLine {
		return false
	}
	if d.yarn.event != nil && d.tree(l, text, emit) || d.lsf.open && d.summary(l, text, emit) || d.table.open && d.row(l, text, emit) {
		return true
	}
	switch text[0] {
	case 'J':
		return d.header(text) || d.nomadField(text)
	case 'T', '=', 'C', 'I', 'N', 'E', 'R', 'S':
		if d.nomadField(text) || d.report(l, text, emit) {
			return true
		}
	default:
		d.nomadRow(text)
	}
	return d.search(l, text, emit)
}

// landmark is a text that begins with an x, as few words do, and who reads the lines that hold it.
type landmark struct {
	words string
	read  func(*decoder, *dialect.Line, []byte, int, dialect.Emit) bool
}

var landmarks = []landmark{
	{"xceeded memory limit (", (*decoder).slurmLimit},
	{"xceeded job memory limit", (*decoder).slurmNote},
	{"xceeded step memory limit", (*decoder).slurmNote},
	{"xceeding ", (*decoder).spark},
	{"xceeded limit ", (*decoder).pbs},
	{"xceeds job hard limit ", (*decoder).grid},
	{"xit Code: ", (*decoder).nomadEnd},
}

// search looks for lines by what is rare in them.
func (d *decoder) search(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	for from := 0; ; {
		x := bytes.IndexByte(text[from:], 'x')
		if x < 0 {
			break
		}
		from += x
		for i := range landmarks {
			if ascii.HasPrefix(text[from:], landmarks[i].words) && landmarks[i].read(d, l, text, from, emit) {
				return true
			}
		}
		from++
	}
	if i := bytes.Index(text, []byte("kill event")); i >= 0 && d.slurmKills(l, text, emit) {
		return true
	}
	if i := bytes.Index(text, []byte("Out Of Memory")); i >= 0 && d.srun(l, text, i, emit) {
		return true
	}
	if i := bytes.Index(text, []byte("yond ")); i >= 0 {
		return d.beyond(l, text, emit)
	}
	return false
}

// Flush implements dialect.Decoder.
func (d *decoder) Flush(emit dialect.Emit) {
	d.endYARN(emit)
	d.endLSF(emit)
	*d = decoder{read: d.read}
}

func happened(l *dialect.Line, engine event.Engine, action event.ContainerAction, reason string, text []byte) *event.ContainerEvent {
	return &event.ContainerEvent{
		Head: l.Head(name), Container: event.Container{Engine: engine},
		Action: action, Reason: reason, Message: clip(bytes.TrimSpace(text)), Count: 1,
	}
}

func problem(l *dialect.Line, what string) *event.Problem {
	return &event.Problem{Head: l.Head(name), Message: what, Text: clip(l.Text)}
}

func clip(text []byte) string { return string(text[:min(len(text), maxText)]) }

// columns splits a row of a table at runs of two blanks or more, and at tabs.
func columns(text []byte) [][]byte {
	var out [][]byte
	for part := range bytes.SplitSeq(bytes.ReplaceAll(text, []byte("\t"), []byte("  ")), []byte("  ")) {
		if part = bytes.TrimSpace(part); len(part) > 0 {
			out = append(out, part)
		}
	}
	return slices.Clip(out)
}
