// Package terminal prints a report as text for a terminal: the sentence, a chart of eighth blocks, the figures, and how
// sure the verdict is. It decides nothing and lays out what the Model says.
package terminal

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"oomtrace/parser/unit"
	"oomtrace/report"
)

// Options say what the terminal can do. The zero value is 80 columns of UTF-8 without colours.
type Options struct {
	Width   int      // columns; 0 is 80, less than 40 is 40, more than 100 is 100
	Color   bool     // ANSI colours
	ASCII   bool     // no character beyond ASCII
	Quiet   bool     // the verdict line only
	Verbose bool     // list damaged lines, and what was read of each file
	Wrote   []string // what was written where, printed at the end
}

const (
	indent   = 2
	noteHang = len("note: ")
	labels   = 13 // width of the labels of the summary, two spaces included
	narrow   = 60 // columns below which the chart becomes a sparkline
)

// Write prints the report.
func Write(w io.Writer, m *report.Model, o Options) error {
	if o.Width == 0 {
		o.Width = 80
	}
	o.Width = min(max(o.Width, 40), 100)
	p := &printer{out: bufio.NewWriter(w), o: o}
	if o.Quiet {
		p.line(m.Verdict.Sentence.String())
		return p.out.Flush()
	}
	p.wrapped(0, 0, m.Verdict.Sentence.String())
	if len(m.Chart.Runs) > 0 {
		p.line("")
		p.chart(&m.Chart)
	} else if s := m.Verdict.Second.String(); s != "" {
		p.line("")
		p.wrapped(0, 0, s)
	}
	p.summary(m.Summary)
	p.closing(m)
	p.notes(m)
	if o.Verbose {
		p.problems(m)
	}
	if len(o.Wrote) > 0 {
		p.line("")
		for _, s := range o.Wrote {
			p.line(report.Clean(s))
		}
	}
	return p.out.Flush()
}

type printer struct {
	out *bufio.Writer
	o   Options
	top unit.Bytes // of the chart
}

// line prints one line as it is, without trailing spaces.
func (p *printer) line(s string) {
	s = strings.TrimRight(s, " ")
	if p.o.ASCII {
		s = ascii(s)
	}
	fmt.Fprintln(p.out, s)
}

type style string

const (
	plain style = ""
	red   style = "\x1b[31m"
	dim   style = "\x1b[2m"
	reset       = "\x1b[0m"
)

// paint colours a text where the terminal has colours.
func (p *printer) paint(s style, text string) string {
	if !p.o.Color || s == plain || text == "" {
		return text
	}
	return string(s) + text + reset
}

// wrapped prints a paragraph, its first line and the others indented.
func (p *printer) wrapped(first, others int, text string) {
	for i, l := range wrap(text, p.o.Width, first, others) {
		if i == 0 {
			p.line(strings.Repeat(" ", first) + l)
			continue
		}
		p.line(strings.Repeat(" ", others) + l)
	}
}

// wrap breaks a text at spaces so that no line is wider than width, its indent included; a word that is too long for a
// line of its own is cut into pieces. Two spaces in a row stay.
func wrap(text string, width, first, others int) []string {
	var out []string
	line, room := "", max(width-first, 8)
	flush := func() {
		out = append(out, strings.TrimRight(line, " "))
		line, room = "", max(width-others, 8)
	}
	for _, word := range strings.SplitAfter(text, " ") {
		bare := strings.TrimRight(word, " ")
		if line != "" && utf8.RuneCountInString(line)+utf8.RuneCountInString(bare) > room {
			flush()
		}
		for utf8.RuneCountInString(bare) > room {
			r := []rune(word)
			line = string(r[:room])
			word = string(r[room:])
			bare = strings.TrimRight(word, " ")
			flush()
		}
		if line == "" {
			word = strings.TrimLeft(word, " ")
		}
		line += word
	}
	if line != "" || len(out) == 0 {
		flush()
	}
	return out
}

func (p *printer) summary(rows []report.Row) {
	if len(rows) == 0 {
		return
	}
	p.line("")
	hang := indent + labels
	for _, r := range rows {
		label := r.Label + strings.Repeat(" ", max(1, labels-len(r.Label)))
		for i, l := range wrap(r.Text.String(), p.o.Width, hang, hang) {
			switch {
			case i > 0:
				label = strings.Repeat(" ", labels)
			case r.Hot:
				label = p.paint(red, r.Label) + label[len(r.Label):]
			}
			if r.Dim {
				l = p.paint(dim, l)
			}
			p.line(strings.Repeat(" ", indent) + label + l)
		}
	}
}

func (p *printer) closing(m *report.Model) {
	if len(m.Closing) > 0 {
		p.line("")
		p.wrapped(indent, indent, m.Closing.String())
	}
	if len(m.Verdict.Advice) > 0 {
		p.line("")
		for i, a := range m.Verdict.Advice {
			p.wrapped(indent, indent+3, fmt.Sprintf("%d. %s", i+1, a))
		}
	}
	if len(m.Hints) > 0 {
		p.line("")
		for _, h := range m.Hints {
			p.wrapped(indent, indent, h)
		}
	}
}

// problems lists the damaged lines, and says of each file how much of it was understood.
func (p *printer) problems(m *report.Model) {
	p.line("")
	for _, in := range m.Inputs {
		if in.Lines > 0 {
			p.wrapped(indent, indent+2, fmt.Sprintf("%s: %d lines understood, %d of other output, %d damaged", m.Short(in.File), in.Understood, in.Other, in.Damaged))
		}
		for _, x := range in.Problems {
			p.wrapped(indent, indent+2, fmt.Sprintf("%s:%d: %s: %s", m.Short(in.File), x.Line, x.Dialect, x.Message))
			if x.Text != "" {
				p.wrapped(indent+2, indent+4, x.Text)
			}
		}
		if rest := in.Damaged - len(in.Problems); rest > 0 && len(in.Problems) > 0 {
			p.wrapped(indent, indent, fmt.Sprintf("%s: %d more", m.Short(in.File), rest))
		}
	}
}

// notes prints what was assumed, dimly: nothing is guessed in silence, and nothing of it comes before the verdict.
func (p *printer) notes(m *report.Model) {
	notes := slices.DeleteFunc(slices.Clone(m.Notes), m.Told)
	if len(notes) == 0 {
		return
	}
	p.line("")
	for _, n := range notes {
		text := "note: " + strings.TrimSuffix(n.Text, ".")
		if at := report.At(n.Source); at != "" {
			text += " (" + at + ")"
		}
		for i, l := range wrap(text, p.o.Width, indent, indent+noteHang) {
			p.line(p.paint(dim, strings.Repeat(" ", indent+noteHang*min(i, 1))+l))
		}
	}
}

var asciiFor = strings.NewReplacer(
	"–", "-", "−", "-", "²", "2", "·", "-", "…", "...", "↑", "^", "│", "|", "┤", "|", "╌", "-", "└", "+", "─", "-", "┴", "+", "┘", "+",
)

// ascii replaces what a terminal without UTF-8 cannot show.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			return r
		}
		return '?'
	}, asciiFor.Replace(s))
}
