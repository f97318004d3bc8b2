// Package earlyoom reads the logs of earlyoom and of nohang, daemons that kill a process before the kernel has to.
//
// The emitters are kill.c and main.c of earlyoom (github.com/rfjakob/earlyoom): a gauge of the memory and the swap of the
// machine, once a second, minute or hour, then "low memory!" and the kill, whose words changed with almost every version up to
// 1.9; and src/nohang of nohang 0.1 and 0.2 (github.com/hakavlad/nohang), which writes many lines about its victim and then
// "Implement a corrective action:".
package earlyoom

import (
	"bytes"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

const name = "earlyoom"

// Nohang is the engine of the kills of nohang.
const Nohang event.Engine = "nohang"

// Dialect is the dialect of this package.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "earlyoom and nohang",
	Versions: "earlyoom to 1.9, nohang 0.1 and 0.2",
	New:      func() dialect.Decoder { return &decoder{read: newReaders()} },
	Anchors: []string{
		"mem avail: ", "emory! ", "sending SIG", "illing process ", "kill failed: ", "exited after ", "escalating to SIGKILL after ", "PID: ",
	},
	Notes: `"mem avail" is what the kernel thinks it can give out without swapping, of the memory that is not the kernel's own. It becomes
a sample of the machine. Both memory and swap must fall below their limits before earlyoom acts, unless swap is set to 100 %.

A kill is a container event with the action kill: the victim is the process with the largest oom_score, which need not be the
one that grew. Its usage is VmRSS, in whole MiB. The first signal is SIGTERM, and a process that ends on it looks as if it had
been stopped: an exit status 143, or 0. The kernel may kill the same process a moment later; the pid tells.`,
	Grammars: []dialect.Grammar{
		{
			Name:    "memory and swap of the machine",
			EBNF:    gaugeGrammar.EBNF(),
			Example: "mem avail:   144 of   558 MiB (25.81%), swap free:    0 of    0 MiB ( 0.00%)",
		},
		{
			Name:    "kill, up to the name of the process",
			EBNF:    sentGrammar.EBNF(),
			Example: "sending SIGTERM to process 430 uid 0",
		},
		{
			Name:    "what is known of the process, behind its name",
			EBNF:    factsGrammar.EBNF(),
			Example: "oom_score 1070, VmRSS 410 MiB",
		},
		{
			Name:    "end of the process",
			EBNF:    goneGrammar.EBNF(),
			Example: "process 430 exited after 0.103 seconds",
		},
		{
			Name:    "memory before nohang acts",
			EBNF:    statusGrammar.EBNF(),
			Example: "MemAvailable: 1574.5 MiB, SwapFree: 546.0 MiB",
		},
	},
}

// Bounds of the work for one line.
const (
	maxLine = 1 << 14 // earlyoom writes the command line of its victim
	maxText = 300     // of what a problem and a message quote
)

// decoder reads the lines of one stream.
type decoder struct {
	read   *readers
	reason string // of the next kill
	last   event.ContainerEvent
	victim victim // of nohang
}

// Sibling implements dialect.Sibling.
func (d *decoder) Sibling() dialect.Decoder { return &decoder{read: d.read} }

// Idle implements dialect.Idler.
func (d *decoder) Idle() bool { return !d.victim.waits() }

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	if len(l.Text) > maxLine {
		return false
	}
	text := message(l.Text)
	if len(text) == 0 {
		return false
	}
	if d.victim.waits() && d.portrait(l, text, emit) {
		return true
	}
	switch text[0] {
	case 'm':
		return d.gauge(l, text, emit)
	case 'l', 'L':
		return d.low(text)
	case 's', 'k', 'K':
		return d.kill(l, text, emit)
	case 'p', 'e':
		return d.after(l, text, emit)
	case 'P', '\xe2': // an arrow stands before it in some versions of nohang
		return d.chosen(text)
	}
	return false
}

// Flush implements dialect.Decoder.
func (d *decoder) Flush(dialect.Emit) { *d = decoder{read: d.read} }

// message takes off the tag "earlyoom[423]: " where no envelope has, and blanks.
func message(text []byte) []byte {
	if i := bytes.Index(text, []byte("yoom[")); i >= 0 { // a y is rare, and so quickly not found
		if end := bytes.Index(text[i:], []byte("]: ")); end >= 0 && end < 20 {
			text = text[i+end+len("]: "):]
		}
	}
	return bytes.TrimLeft(text, " \t")
}

func problem(l *dialect.Line, what string) *event.Problem {
	return &event.Problem{Head: l.Head(name), Message: what, Text: clip(l.Text)}
}

func clip(text []byte) string { return string(text[:min(len(text), maxText)]) }
