package cluster

import (
	"bytes"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// lsf is an open report of a job.
type lsf struct {
	open   bool
	lines  int
	status event.ContainerStatus
}

// maxReport is how many lines a report of a job may have: the job itself is quoted in it.
const maxReport = 512

// report begins a report with the job's number, or with its end where that is all that is left.
func (d *decoder) report(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	switch {
	case ascii.HasPrefix(text, "Subject: Job "):
		d.endLSF(emit)
		d.begin(l)
		d.lsf.status.ID, d.lsf.status.Name = job(text[len("Subject: Job "):])
		return true
	case ascii.HasPrefix(text, "TERM_MEMLIMIT: "):
		d.begin(l)
		d.limited(l, text, emit)
		return true
	}
	return false
}

// job reads "4711: <python main.py> in cluster <hpc> Exited".
func job(text []byte) (id, command string) {
	number, rest, _ := bytes.Cut(text, []byte(":"))
	if _, named, ok := bytes.Cut(rest, []byte("<")); ok {
		if end := bytes.Index(named, []byte("> in cluster")); end >= 0 {
			command = clip(named[:end])
		}
	}
	return clip(number), command
}

func (d *decoder) begin(l *dialect.Line) {
	d.lsf = lsf{open: true, status: event.ContainerStatus{Head: l.Head(name), Container: event.Container{Engine: LSF}, SaysOOM: true}}
}

// limited reads "TERM_MEMLIMIT: job killed after reaching LSF memory usage limit."
func (d *decoder) limited(l *dialect.Line, text []byte, emit dialect.Emit) {
	s := &d.lsf.status
	s.OOMKilled, s.Reason, s.State = true, "TERM_MEMLIMIT", "exited"
	ev := happened(l, LSF, event.ActionOOM, "TERM_MEMLIMIT", text)
	ev.ID, ev.Name = s.ID, s.Name
	emit(ev)
}

// summary reads a line of the open report.
func (d *decoder) summary(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	if d.lsf.lines++; d.lsf.lines > maxReport || ascii.HasPrefix(text, "Subject: Job ") {
		d.endLSF(emit)
		return false
	}
	if ascii.HasPrefix(text, "TERM_MEMLIMIT: ") {
		d.limited(l, text, emit)
		return true
	}
	s := &d.lsf.status
	if code, ok := bytes.CutPrefix(text, []byte("Exited with exit code ")); ok {
		n, known := ascii.Int(bytes.TrimRight(code, ". "))
		s.ExitCode, s.HasExit = n, known
		return known
	}
	key, value, ok := bytes.Cut(text, []byte(" :"))
	if !ok {
		return false
	}
	switch string(bytes.TrimSpace(key)) {
	case "Max Memory":
		s.Peak = d.sized(value)
	case "Total Requested Memory":
		s.Limit = d.sized(value)
	case "Turnaround time":
		d.endLSF(emit)
	case "CPU time", "Average Memory", "Delta Memory", "Max Swap", "Max Processes", "Max Threads", "Run time":
	default:
		return false
	}
	return true
}

// sized reads "10240.00 MB"; "-" is unknown.
func (d *decoder) sized(value []byte) unit.Size {
	tree, err := d.read.size.Parse(bytes.TrimSpace(value))
	if err != nil {
		return unit.Size{}
	}
	return tree.bytes()
}

// endLSF emits the job of the open report, if it says anything of memory.
func (d *decoder) endLSF(emit dialect.Emit) {
	if d.lsf.open && (d.lsf.status.OOMKilled || d.lsf.status.Peak.IsKnown()) {
		s := d.lsf.status
		emit(&s)
	}
	d.lsf = lsf{}
}
