package systemd

import (
	"bytes"
	"slices"
	"strings"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
)

// life is what the lines of a unit have told since it was started.
type life struct {
	name     string
	started  int64 // nanoseconds since the Unix epoch; 0 is unknown
	restarts int
	counted  bool // restarts is known
	killed   bool // the manager says that it lost a process to an OOM killer
	timedOut string
	exit     exit
	status   *event.ContainerStatus // that waits for what the unit consumed
	since    int                    // line of the stream from which on it waits
}

// exit is how the main process ended.
type exit struct {
	known  bool
	signal int
	code   int
}

// kinds are the endings of the names of units that hold processes for long. All end with e.
var kinds = []string{".service", ".scope", ".slice"}

// ofUnit splits "U: words", as the manager writes it, where U is a unit that can hold much memory.
func ofUnit(text []byte) (unit, words []byte, ok bool) {
	end := bytes.IndexByte(text[:min(len(text), maxName)], ' ')
	if end < 4 || text[end-1] != ':' || text[end-2] != 'e' {
		return nil, nil, false
	}
	unit = text[:end-1]
	return unit, text[end+1:], isUnit(unit)
}

// isUnit reports whether a word is the name of a unit that can hold much memory.
func isUnit(word []byte) bool {
	return len(word) <= maxName && slices.ContainsFunc(kinds, func(k string) bool { return len(word) > len(k) && bytes.HasSuffix(word, []byte(k)) })
}

// unit reads what the manager says of a unit.
func (d *decoder) unit(l *dialect.Line, unit, words []byte, emit dialect.Emit) bool {
	switch {
	case string(words) == "A process of this unit has been killed by the OOM killer.",
		string(words) == "The kernel OOM killer killed some processes in this unit.":
		d.life(unit, emit).killed = true
		emit(d.happened(l, unit, words, event.ActionOOM, "oom-kill"))
	case ascii.HasPrefix(words, "systemd-oomd killed "):
		return d.oomdKilled(l, unit, words, emit)
	case ascii.HasPrefix(words, "Killing process "):
		return d.killing(l, unit, words, emit)
	case ascii.HasPrefix(words, "State '"), ascii.HasPrefix(words, "Watchdog timeout"):
		return d.late(unit, words, emit)
	case bytes.Contains(words, []byte(" process exited, code=")):
		return d.exited(l, unit, words, emit)
	case ascii.HasPrefix(words, "Failed with result '"), string(words) == "Deactivated successfully.", string(words) == "Succeeded.":
		return d.over(l, unit, words, emit)
	case ascii.HasPrefix(words, "Consumed "):
		return d.consumed(l, unit, words, emit)
	case ascii.HasPrefix(words, "Scheduled restart job, restart counter "):
		return d.restart(l, unit, words, emit)
	default:
		return false
	}
	return true
}

// life returns what is remembered of a unit. Where there are too many units, the oldest is forgotten.
func (d *decoder) life(unit []byte, emit dialect.Emit) *life {
	if u, ok := d.units[string(unit)]; ok {
		return u
	}
	if len(d.order) >= maxUnits {
		d.forget(d.units[d.order[0]], emit)
		delete(d.units, d.order[0])
		d.order = d.order[1:]
	}
	if d.units == nil {
		d.units = map[string]*life{}
	}
	u := &life{name: string(unit)}
	d.units[u.name] = u
	d.order = append(d.order, u.name)
	return u
}

// forget ends the wait of a unit.
func (d *decoder) forget(u *life, emit dialect.Emit) {
	if u.status == nil {
		return
	}
	d.ended = slices.DeleteFunc(d.ended, func(other *life) bool { return other == u })
	u.end(emit)
}

// expire ends the wait of units whose line with what they consumed did not come.
func (d *decoder) expire(emit dialect.Emit) {
	for len(d.ended) > 0 && d.lines-d.ended[0].since > patience {
		d.ended[0].end(emit)
		d.ended = d.ended[1:]
	}
}

// end emits the status of a unit that ended. A unit that ended well and whose use is not known says nothing.
func (u *life) end(emit dialect.Emit) {
	s := u.status
	if s.Reason != "success" || s.OOMKilled || s.Peak.IsKnown() {
		emit(s)
	}
	*u = life{name: u.name, restarts: u.restarts, counted: u.counted}
}

func container(unit string) event.Container {
	return event.Container{Engine: event.Systemd, Name: unit, ID: containerID(unit)}
}

// containerID returns the id of the container whose processes a scope holds: docker-<64 hexadecimal digits>.scope.
func containerID(unit string) string {
	scope, ok := strings.CutSuffix(unit, ".scope")
	id := scope[strings.LastIndexByte(scope, '-')+1:]
	if !ok || len(id) != 64 || strings.Trim(id, "0123456789abcdef") != "" || strings.Contains(scope, "conmon-") {
		return ""
	}
	return id
}

func (d *decoder) happened(l *dialect.Line, unit, words []byte, action event.ContainerAction, reason string) *event.ContainerEvent {
	return &event.ContainerEvent{
		Head: l.Head(name), Container: container(string(unit)),
		Action: action, Reason: reason, Message: clip(words), Count: 1,
	}
}

// oomdKilled reads "systemd-oomd killed 12 process(es) in this unit."
func (d *decoder) oomdKilled(l *dialect.Line, unit, words []byte, emit dialect.Emit) bool {
	if _, err := d.read.several.Parse(words); err != nil {
		emit(problem(l, "a kill by systemd-oomd that breaks off or is not as systemd writes it"))
		return true
	}
	d.life(unit, emit).killed = true
	ev := d.happened(l, unit, words, event.ActionKill, "oom-kill")
	ev.Engine, ev.Signal = event.SystemdOOMD, sigkill
	emit(ev)
	return true
}

// killing reads "Killing process 456 (worker-0) with signal SIGKILL."
func (d *decoder) killing(l *dialect.Line, unit, words []byte, emit dialect.Emit) bool {
	rest := words[len("Killing process "):]
	n := digits(rest)
	pid, ok := ascii.Int(rest[:n])
	end := bytes.LastIndex(rest, []byte(") with signal "))
	if !ok || end < n+2 || !ascii.HasPrefix(rest[n:], " (") {
		emit(problem(l, "a kill that breaks off or is not as systemd writes it"))
		return true
	}
	sent, _, _ := strings.Cut(string(rest[end+len(") with signal "):]), ".")
	u := d.life(unit, emit)
	ev := d.happened(l, unit, words, event.ActionKill, u.timedOut)
	if ev.Reason == "" && u.killed {
		ev.Reason = "oom-kill"
	}
	ev.PID, ev.Process, ev.Signal = pid, clip(rest[n+2:end]), signals[strings.TrimPrefix(sent, "SIG")]
	emit(ev)
	return true
}

// late remembers why the manager is going to kill: "State 'stop-sigterm' timed out. Killing."
func (d *decoder) late(unit, words []byte, emit dialect.Emit) bool {
	if state, ok := between(words, "State '", "' timed out"); ok {
		d.life(unit, emit).timedOut = clip(state) + " timed out"
		return true
	}
	if ascii.HasPrefix(words, "Watchdog timeout") {
		d.life(unit, emit).timedOut = "watchdog timeout"
		return true
	}
	return false
}

// exited reads "Main process exited, code=killed, status=9/KILL".
func (d *decoder) exited(l *dialect.Line, unit, words []byte, emit dialect.Emit) bool {
	tree, err := d.read.exited.Parse(words)
	if err != nil {
		emit(problem(l, "the end of a process that breaks off or is not as systemd writes it"))
		return true
	}
	ev := d.happened(l, unit, words, event.ActionExit, tree.Code)
	ex := exitOf(tree)
	ev.Signal, ev.ExitCode, ev.HasExit = ex.signal, ex.code, ex.signal == 0
	if strings.EqualFold(tree.Which, "main") {
		d.life(unit, emit).exit = ex
	} else {
		ev.Process = "control process"
	}
	emit(ev)
	return true
}

func exitOf(tree *exited) exit {
	status := int(min(tree.Status.Int(), 1<<15))
	if tree.Code == "killed" || tree.Code == "dumped" {
		return exit{known: true, signal: status}
	}
	return exit{known: true, code: status}
}

// over reads the line that ends a unit. What it consumed may stand in the next one.
func (d *decoder) over(l *dialect.Line, unit, words []byte, emit dialect.Emit) bool {
	result, failed := between(words, "Failed with result '", "'")
	if ascii.HasPrefix(words, "Failed ") && !failed {
		emit(problem(l, "the result of a unit that breaks off"))
		return true
	}
	u := d.life(unit, emit)
	d.forget(u, emit)
	s := &event.ContainerStatus{
		Head: l.Head(name), Container: container(u.name), State: "inactive", Reason: "success",
		SaysOOM: true, OOMKilled: u.killed,
		Started: u.started, Restarts: u.restarts, HasRestarts: u.counted,
	}
	if s.Time.Has.Has(event.Wall) {
		s.Finished = s.Time.Wall
	}
	if failed {
		s.State, s.Reason = "failed", clip(result)
		s.OOMKilled = s.OOMKilled || s.Reason == "oom-kill"
	}
	if u.exit.known {
		s.Signal, s.ExitCode, s.HasExit = u.exit.signal, u.exit.code, u.exit.signal == 0
	}
	u.status, u.since = s, d.lines
	d.ended = append(d.ended, u)
	return failed || u.killed
}

// consumed reads "Consumed 1.510s CPU time over 2min wall clock time, 48M memory peak, 152.5M memory swap peak." It is said
// when a unit ended, and once more where it is stopped then.
func (d *decoder) consumed(l *dialect.Line, unit, words []byte, emit dialect.Emit) bool {
	u := d.units[string(unit)]
	if u == nil || u.status == nil {
		return false
	}
	for clause := range bytes.SplitSeq(bytes.TrimSuffix(words, []byte(".")), []byte(", ")) {
		if !bytes.HasSuffix(clause, []byte(" peak")) {
			continue
		}
		tree, err := d.read.peak.Parse(clause)
		if err != nil {
			emit(problem(l, "what a unit consumed, not as systemd writes it"))
			continue
		}
		if tree.Swap {
			u.status.SwapPeak = tree.Size.bytes()
		} else {
			u.status.Peak = tree.Size.bytes()
		}
	}
	d.forget(u, emit)
	return true
}

// restart reads "Scheduled restart job, restart counter is at 5."
func (d *decoder) restart(l *dialect.Line, unit, words []byte, emit dialect.Emit) bool {
	tree, err := d.read.restarts.Parse(words)
	if err != nil {
		emit(problem(l, "a restart that breaks off or is not as systemd writes it"))
		return true
	}
	u := d.life(unit, emit)
	d.forget(u, emit)
	*u = life{name: u.name, restarts: int(min(tree.Count.Int(), 1<<31)), counted: true}
	ev := d.happened(l, unit, words, event.ActionRestart, "")
	ev.Count = max(u.restarts, 1)
	emit(ev)
	return true
}

// start remembers when a unit was started: "Started leaky.service - Leaky payments API." The line itself is foreign, as
// most of its kind say nothing of memory.
func (d *decoder) start(l *dialect.Line, text []byte, emit dialect.Emit) {
	unit, ok := between(text, "Started ", " ")
	if !ok {
		unit = bytes.TrimSuffix(bytes.TrimPrefix(text, []byte("Started ")), []byte("."))
	}
	if !ascii.HasPrefix(text, "Started ") || !isUnit(unit) {
		return
	}
	u := d.life(unit, emit)
	d.forget(u, emit)
	*u = life{name: u.name, restarts: u.restarts, counted: u.counted}
	if l.Time.Has.Has(event.Wall) {
		u.started = l.Time.Wall
	}
}

const sigkill = 9

// signals are the numbers of the signals that end processes, on Linux.
var signals = map[string]int{
	"HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "TRAP": 5, "ABRT": 6, "BUS": 7, "FPE": 8, "KILL": sigkill,
	"USR1": 10, "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15, "XCPU": 24, "XFSZ": 25, "SYS": 31,
}
