package systemd

import (
	"bytes"
	"strings"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// page is the output of systemctl status for one unit, or the end of systemd-run --wait.
type page struct {
	open   bool
	lines  int
	status event.ContainerStatus
}

// maxPage is how many lines an open page may have.
const maxPage = 64

// dots stand before the name of a unit in systemctl status, the last two where the terminal has no others.
var dots = []string{"● ", "○ ", "× ", "↻ ", "* ", "x "}

// dotted reads "× workerskill.service - Forking workers", the first line of a page.
func (d *decoder) dotted(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	for _, dot := range dots {
		rest, ok := bytes.CutPrefix(text, []byte(dot))
		if !ok {
			continue
		}
		unit, _, _ := bytes.Cut(rest, []byte(" "))
		if !isUnit(unit) {
			return false
		}
		d.endPage(emit)
		d.turn(l, clip(unit))
		return true
	}
	return false
}

// turn opens a page.
func (d *decoder) turn(l *dialect.Line, unit string) {
	d.page = page{open: true, status: event.ContainerStatus{Head: l.Head(name), Container: container(unit)}}
}

// field reads a line of the open page.
func (d *decoder) field(text []byte, emit dialect.Emit) bool {
	p := &d.page
	key, value, ok := bytes.Cut(text, []byte(": "))
	if p.lines++; !ok || p.lines > maxPage {
		d.endPage(emit)
		return false
	}
	switch string(key) {
	case "Active":
		p.active(value)
	case "Main PID":
		p.process(value)
	case "Memory":
		p.status.Usage = d.amount(firstWord(value))
		d.amounts(value)
	case "Mem peak", "Memory peak":
		p.status.Peak = d.amount(firstWord(value))
		d.amounts(value)
	case "Memory swap peak":
		p.status.SwapPeak = d.amount(value)
	case "CGroup":
		p.status.Cgroup = clip(value)
	case "Finished with result":
		p.result("failed", value)
	case "Main processes terminated with":
		p.ended(value)
	case "Loaded", "Drop-In", "Transient", "Duration", "Invocation", "Process", "Docs", "Tasks", "CPU", "IO", "IP", "TriggeredBy", "Triggers", "Until", "Status",
		"Error", "FD Store", "Service runtime", "CPU time consumed", "IP traffic received", "IP traffic sent", "IO bytes read", "IO bytes written":
	default:
		d.endPage(emit)
		return false
	}
	return true
}

// active reads "failed (Result: oom-kill) since Sun 2026-11-22 20:47:26 CET; 2s ago".
func (p *page) active(value []byte) {
	state, _, _ := bytes.Cut(value, []byte(" "))
	p.status.State = clip(state)
	if result, ok := between(value, "(Result: ", ")"); ok {
		p.result(clip(state), result)
	}
}

func (p *page) result(state string, result []byte) {
	s := &p.status
	s.State, s.Reason = state, clip(bytes.TrimSpace(result))
	if s.Reason == "success" {
		s.State = "inactive"
	}
	s.SaysOOM, s.OOMKilled = true, s.Reason == "oom-kill"
}

// process reads "456 (code=killed, signal=KILL)" or "454 (bigapp)".
func (p *page) process(value []byte) {
	pid, rest, _ := bytes.Cut(value, []byte(" "))
	p.status.PID, _ = ascii.Int(pid)
	if how, ok := between(rest, "(code=", ")"); ok {
		p.ended(append([]byte("code="), how...))
	}
}

// ended reads "code=killed, signal=KILL", "code=exited, status=1/FAILURE" and "code=killed, status=9/KILL".
func (p *page) ended(value []byte) {
	code, rest, _ := strings.Cut(strings.TrimPrefix(string(value), "code="), ",")
	code, old, slash := strings.Cut(code, "/")
	if slash {
		rest = old
	}
	_, what, _ := strings.Cut(rest, "=")
	status, word, named := strings.Cut(what, "/")
	if !named {
		word = what
	}
	n, ok := ascii.Int([]byte(status))
	switch code {
	case "exited":
		p.status.ExitCode, p.status.HasExit = n, ok
	case "killed", "dumped":
		if p.status.Signal = signals[word]; ok {
			p.status.Signal = n
		}
	}
}

// amounts reads what stands in brackets behind an amount: "(max: 64M available: 1.2M peak: 60M swap: 0B swap peak: 1M)", with
// or without commas.
func (d *decoder) amounts(value []byte) {
	inside, ok := between(value, "(", ")")
	if !ok {
		return
	}
	var key []string
	for word := range strings.FieldsSeq(string(inside)) {
		last, named := strings.CutSuffix(word, ":")
		if named {
			key = append(key, last)
			continue
		}
		if strings.Trim(word, "0123456789.BKMGTPE,") != "" {
			key = append(key, word)
			continue
		}
		d.page.named(strings.Join(key, " "), d.amount([]byte(strings.TrimSuffix(word, ","))))
		key = key[:0]
	}
}

func (p *page) named(key string, size unit.Size) {
	switch key {
	case "max", "limit":
		p.status.Limit = size
	case "peak":
		p.status.Peak = size
	case "swap peak":
		p.status.SwapPeak = size
	}
}

func firstWord(value []byte) []byte {
	word, _, _ := bytes.Cut(value, []byte(" "))
	return word
}

// endPage emits the page.
func (d *decoder) endPage(emit dialect.Emit) {
	if d.page.open && d.page.lines > 0 && d.page.status.State != "" {
		s := d.page.status
		emit(&s)
	}
	d.page = page{}
}

// ran reads the lines of systemd-run --wait.
func (d *decoder) ran(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	if unit, ok := bytes.CutPrefix(text, []byte("Running as unit: ")); ok {
		unit, _, _ = bytes.Cut(unit, []byte(";"))
		d.running = clip(bytes.TrimSpace(unit))
		return false
	}
	if !ascii.HasPrefix(text, "Finished with result: ") {
		return false
	}
	d.endPage(emit)
	d.turn(l, d.running)
	d.running = ""
	return d.field(text, emit)
}

// dumpedInfo reads "PID: 4711 (node)" and "Signal: 6 (ABRT)" of coredumpctl info.
func (d *decoder) dumpedInfo(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	if pid, ok := bytes.CutPrefix(text, []byte("PID: ")); ok {
		word, comm, _ := bytes.Cut(pid, []byte(" "))
		n, known := ascii.Int(word)
		if !known || len(comm) < 2 || comm[0] != '(' || comm[len(comm)-1] != ')' {
			return false
		}
		d.core.pid, d.core.name, d.core.until = n, clip(comm[1:len(comm)-1]), d.lines+8
		return false
	}
	what, ok := bytes.CutPrefix(text, []byte("Signal: "))
	if !ok || d.core.until < d.lines {
		return false
	}
	signal, known := between(what, "(", ")")
	if !known {
		return false
	}
	emit(&event.ProcessEnd{
		Head: l.Head(name), Kind: event.EndSignal, PID: d.core.pid, Signal: "SIG" + clip(signal), Message: "core dump of " + d.core.name,
	})
	d.core = core{}
	return true
}

// core is the process of a core dump that is being listed.
type core struct {
	pid   int
	name  string
	until int // line of the stream
}
