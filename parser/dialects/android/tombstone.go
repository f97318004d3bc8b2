package android

import (
	"bytes"
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// maxTombGap is how many lines of other writers may stand in a tombstone that came through logcat.
const maxTombGap = 32

// maxUptime is the longest age of a process in seconds, 30 years.
const maxUptime = 1e9

// tombstone is the dump of a native crash that is being read.
type tombstone struct {
	dump    event.Dump
	end     event.ProcessEnd
	named   bool // the process was named; other threads follow
	stacked bool // it holds a stack, so that it is as good as whole
	gap     int
}

// Rules that stand above a tombstone and between its threads.
const (
	firstRule  = "*** *** *** *** *** *** *** ***"
	threadRule = "--- --- --- --- --- --- --- ---"
)

// bury begins a tombstone.
func (d *decoder) bury(l *dialect.Line, m *message) bool {
	if !ascii.HasPrefix(m.text, firstRule) {
		return false
	}
	head := l.Head(name)
	d.tomb = &tombstone{
		dump: event.Dump{Head: head, Runtime: "art", Kind: "tombstone", Lines: 1},
		end:  event.ProcessEnd{Head: head},
	}
	return true
}

// entombed reads a line of the open tombstone.
func (d *decoder) entombed(l *dialect.Line, m *message, emit dialect.Emit) bool {
	t := d.tomb
	if ascii.HasPrefix(m.text, firstRule) {
		d.endTomb(false, emit)
		return false
	}
	own, whole := d.field(m.text)
	if !own && !inside(m.text) {
		return false
	}
	if own && !whole {
		emit(d.problem(l, m, "a field of a tombstone that breaks off or is not as debuggerd writes it"))
	}
	t.stacked = t.stacked || ascii.HasPrefix(bytes.TrimLeft(m.text, " "), "#00 pc ")
	t.dump.Lines++
	t.gap = 0
	return true
}

// field reads a line that says something of the process; whole is false if it cannot be read. Other threads are passed over.
func (d *decoder) field(text []byte) (own, whole bool) {
	t := d.tomb
	switch {
	case ascii.HasPrefix(text, "pid: "):
		return true, d.process(text)
	case ascii.HasPrefix(text, "Process uptime: "):
		return true, d.uptime(text)
	case ascii.HasPrefix(text, "Timestamp: "):
		return true, t.stamp(string(bytes.TrimSpace(text[len("Timestamp: "):])))
	case ascii.HasPrefix(text, "signal "):
		return true, d.signal(text)
	case ascii.HasPrefix(text, "Abort message: "):
		if t.end.Message == "" {
			t.end.Message = clip(bytes.Trim(text[len("Abort message: "):], `'" `))
			if d.scudo != nil && d.scudo.Message == t.end.Message {
				d.scudo = nil // the tombstone tells it
			}
		}
		return true, true
	}
	return false, false
}

func (d *decoder) process(text []byte) bool {
	t := d.tomb
	if t.named {
		return true
	}
	end := bytes.Index(text, []byte("name:"))
	if end < 0 {
		return false
	}
	tree, err := d.read.process.Parse(text[:end+len("name:")])
	if err != nil {
		return false
	}
	t.end.PID, t.named = int(min(tree.PID.Int(), 1<<31)), true
	return true
}

func (d *decoder) uptime(text []byte) bool {
	tree, err := d.read.uptime.Parse(bytes.TrimSpace(text))
	if err != nil || tree.Seconds.Int() > maxUptime {
		return false
	}
	now := &d.tomb.end.Time
	now.Has |= event.Process
	now.Process, now.Step = time.Duration(tree.Seconds.Int())*time.Second, time.Second
	return true
}

func (d *decoder) signal(text []byte) bool {
	end := bytes.IndexByte(text, ')')
	if end < 0 {
		return false
	}
	tree, err := d.read.signal.Parse(text[:end+1])
	if err != nil {
		return false
	}
	if d.tomb.end.Signal == "" {
		d.tomb.end.Signal = tree.Name
	}
	return true
}

// stamp takes the wall clock of the crash, which debuggerd writes with its zone.
func (t *tombstone) stamp(text string) bool {
	for _, layout := range []string{"2006-01-02 15:04:05.999999999-0700", "2006-01-02 15:04:05-0700"} {
		wall, err := time.Parse(layout, text)
		if err != nil || wall.Year() < 1970 || wall.Year() > 2200 {
			continue
		}
		now := &t.end.Time
		now.Has |= event.Wall
		now.Wall, now.WallStep, now.Assumed = wall.UnixNano(), stampStep(text), 0
		return true
	}
	return false
}

// stampStep returns the resolution of a stamp: how many digits it has behind the point.
func stampStep(text string) time.Duration {
	step := time.Second
	_, frac, _ := bytes.Cut([]byte(text), []byte("."))
	for i := 0; i < len(frac) && i < 9 && frac[i]-'0' <= 9; i++ {
		step /= 10
	}
	return step
}

// parts are how lines of a tombstone begin that say nothing of memory.
var parts = []string{
	"Build fingerprint: ", "Revision: ", "ABI: ", "Cmdline: ", "Executable: ", "uid: ", "Cause: ", "Note: ", "tagged_addr_ctrl: ",
	"pac_enabled_keys: ", "esr: ", "LineageOS Version: ", "Page size: ", "Kernel Release: ", "backtrace:", "stack:", "memory near ",
	"code around ", "log ", "Log ", threadRule, "    ",
}

// inside reports whether text is another line of a tombstone: a field, a register, a frame, or the end of a quotation.
func inside(text []byte) bool {
	for _, words := range parts {
		if ascii.HasPrefix(text, words) {
			return true
		}
	}
	return string(text) == "'" || ascii.HasPrefix(bytes.TrimLeft(text, " "), "#0") || ascii.HasPrefix(bytes.TrimLeft(text, " "), "#1")
}

// endTomb emits the tombstone and the death that it tells of.
func (d *decoder) endTomb(cut bool, emit dialect.Emit) {
	t := d.tomb
	d.tomb = nil
	t.dump.Cut = cut
	emit(&t.dump)
	oom, ok := wantOf(t.end.Message)
	if !ok {
		if t.end.Signal != "" {
			t.end.Kind, t.end.Runtime = event.EndSignal, "art"
			emit(&t.end)
		}
		return
	}
	oom.Head, oom.Runtime = t.end.Head, "art"
	if t.end.PID != 0 {
		s := event.Stream{}
		if t.end.Stream != nil {
			s = *t.end.Stream
		}
		s.PID, s.Unit = t.end.PID, ""
		oom.Stream = &s
	}
	emit(oom)
}

// abort reads the words of scudo where they stand in the log.
func (d *decoder) abort(l *dialect.Line, m *message, emit dialect.Emit) bool {
	if !bytes.Contains(m.text, []byte("Scudo ")) {
		return false
	}
	i := bytes.Index(m.text, []byte("Scudo "))
	quoted := i > 0 && bytes.HasSuffix(m.text[:i], []byte("Abort message: '"))
	if i > 0 && !quoted {
		return false
	}
	oom, ok := wantOf(string(bytes.Trim(m.text[i:min(len(m.text), i+maxText)], `'" `)))
	if !ok {
		return false
	}
	d.endScudo(emit)
	oom.Head, oom.Runtime = d.head(l, m), "art"
	d.scudo, d.aborted = oom, 0
	return true
}

func (d *decoder) endScudo(emit dialect.Emit) {
	if d.scudo != nil {
		emit(d.scudo)
		d.scudo = nil
	}
}

// wantOf reports whether an abort message tells of a want of memory, and which.
func wantOf(words string) (*event.RuntimeOOM, bool) {
	text := []byte(words)
	oom := &event.RuntimeOOM{Kind: event.OOMNative, Message: words}
	switch {
	case ascii.HasPrefix(text, "Scudo OOM: "):
		oom.Kind = event.OOMAddressSpace
	case ascii.HasPrefix(text, "Scudo ERROR: internal map failure"):
		if _, asked, ok := bytes.Cut(text, []byte(" requesting ")); ok {
			if n, known := pretty(asked); known {
				oom.Requested = unit.Known(n)
			}
		}
	case bytes.Contains(text, []byte("std::bad_alloc")):
	default:
		return nil, false
	}
	return oom, true
}
