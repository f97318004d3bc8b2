// Package markdown writes a report as Markdown for a comment in GitHub, GitLab or Jira: the sentence, a table of the
// figures, a sparkline, and what to do. Text that came out of a log stands in a code span, where it can be neither
// markup nor a mention nor a link.
package markdown

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"oomtrace/report"
)

const (
	sparkWidth = 60
	maxFiles   = 3 // in the last line
)

// Write prints the report.
func Write(w io.Writer, m *report.Model) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "**%s**\n", text(m.Verdict.Sentence))
	if len(m.Verdict.Second) > 0 {
		fmt.Fprintf(out, "\n%s\n", text(m.Verdict.Second))
	}
	table(out, m.Summary)
	spark(out, m)
	foresight(out, m)
	if len(m.Verdict.Advice) > 0 {
		fmt.Fprintln(out)
	}
	for i, a := range m.Verdict.Advice {
		fmt.Fprintf(out, "%d. %s\n", i+1, text(a))
	}
	if len(m.Closing) > 0 {
		fmt.Fprintf(out, "\n%s\n", text(m.Closing))
	}
	notes(out, m)
	fmt.Fprintf(out, "\n%s\n", footer(m))
	return out.Flush()
}

func table(out io.Writer, rows []report.Row) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprint(out, "\n| | |\n|---|---|\n")
	for _, r := range rows {
		label := strings.ToUpper(r.Label[:1]) + r.Label[1:]
		fmt.Fprintf(out, "| %s | %s |\n", escape(label), cell(r.Text))
	}
}

// notes lists what was assumed, and which file gave nothing.
func notes(out io.Writer, m *report.Model) {
	list := slices.DeleteFunc(slices.Clone(m.Notes), m.Told)
	if len(list) > 0 {
		fmt.Fprintln(out)
	}
	for _, n := range list {
		line := "- " + words(strings.TrimSuffix(n.Text, "."))
		if at := report.At(n.Source); at != "" {
			line += " (" + quote(at) + ")"
		}
		fmt.Fprintln(out, line)
	}
}

// foresight prints the table of alarm rules and that of other settings.
func foresight(out io.Writer, m *report.Model) {
	for _, r := range m.Runs {
		if !r.Primary {
			continue
		}
		warnings(out, &r)
		if r.WhatIf != nil {
			whatIf(out, r.WhatIf)
		}
	}
}

// warnings tells which alarm rules would have rung, and when.
func warnings(out io.Writer, r *report.Run) {
	if r.NoWarning != "" {
		fmt.Fprintf(out, "\n%s\n", words(r.NoWarning))
		return
	}
	if len(r.Warnings) > 0 {
		fmt.Fprint(out, "\n| Alarm rule | Rings | Lead | False alarms |\n|---|---|---|---|\n")
	}
	for _, w := range r.Warnings {
		when, lead, last := "not in time", "–", ""
		if w.Rang {
			when, lead = w.When, w.Text
		}
		if w.False > 0 {
			last = ", the last at " + w.LastText
		}
		fmt.Fprintf(out, "| %s | %s | %s | %d%s |\n", escape(w.Rule), escape(when), escape(lead), w.False, escape(last))
	}
}

func whatIf(out io.Writer, w *report.WhatIf) {
	fmt.Fprintf(out, "\n| Setting | %s | Outcome |\n|---|---|---|\n", escape(w.Head))
	for _, s := range w.Rows {
		name, outcome := words(s.Setting), s.Outcome
		if s.Advised {
			name = "**" + name + "**"
		}
		if s.Note != "" {
			outcome += "; " + s.Note
		}
		fmt.Fprintf(out, "| %s | %s | %s |\n", name, escape(s.FitsText), words(outcome))
	}
	fmt.Fprintf(out, "\n%s\n", words(w.Assumptions))
}

func spark(out io.Writer, m *report.Model) {
	c := &m.Chart
	if len(c.Runs) == 0 {
		return
	}
	right := c.ToText
	if m.Limit != nil {
		right += ", limit " + m.Limit.Text
	}
	gap := max(2, sparkWidth-utf8.RuneCountInString(c.FromText)-utf8.RuneCountInString(right))
	fmt.Fprintln(out)
	if c.RSS != "" {
		fmt.Fprintf(out, "    %s\n", dotted(c.ResidentSparkline(sparkWidth)))
	}
	fmt.Fprintf(out, "    %s\n    %s%s%s\n", dotted(c.Sparkline(sparkWidth)), c.FromText, strings.Repeat(" ", gap), right)
	if c.RSS != "" {
		fmt.Fprintf(out, "    above: %s; below: %s\n", c.RSS, c.Level)
	}
}

// dotted shows the gaps of a sparkline.
func dotted(s string) string { return strings.ReplaceAll(s, " ", "·") }

// footer names the tool and what was read, so that a copy of the text can be traced.
func footer(m *report.Model) string {
	s := escape(strings.TrimSpace("oomtrace " + m.Version))
	for i, in := range m.Inputs {
		if i == maxFiles && i < len(m.Inputs)-1 {
			s += fmt.Sprintf(", %d more files", len(m.Inputs)-maxFiles)
			break
		}
		s += ", " + quote(m.Short(in.File))
		if len(in.SHA256) >= 8 {
			s += " sha256 " + quote(in.SHA256[:4]+"…"+in.SHA256[len(in.SHA256)-4:])
		}
	}
	return s
}

// words lays out a sentence of ours.
func words(s string) string { return text(report.Text{}.Plain(s)) }

// text lays out a sentence: our own words escaped, pieces from logs and options as code.
func text(t report.Text) string {
	var b strings.Builder
	for _, p := range t {
		if p.Log {
			piece(&b, p.Text)
			continue
		}
		for _, o := range report.Options(p.Text) {
			if o.Log {
				span(&b, o.Text)
				continue
			}
			b.WriteString(escape(o.Text))
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// piece adds what came out of a log.
func piece(b *strings.Builder, s string) {
	if plainName(s) {
		b.WriteString(escape(s))
		return
	}
	span(b, s)
}

// span adds a code span. Beside another one a word joiner keeps their fences apart.
func span(b *strings.Builder, s string) {
	code := quote(s)
	if code != "" && strings.HasSuffix(b.String(), "`") {
		b.WriteString("&#8288;")
	}
	b.WriteString(code)
}

// cell is text inside a table, where a bar ends the cell even within code: it becomes a broken bar.
func cell(t report.Text) string {
	listed := make(report.Text, len(t))
	for i, p := range t {
		if !p.Log {
			p.Text = strings.ReplaceAll(p.Text, "  ", ", ") // the terminal's columns
		}
		listed[i] = p
	}
	return strings.ReplaceAll(text(listed), "|", "¦")
}

// plainName reports text that no Markdown reader takes for anything but a word: letters, digits and single dashes.
func plainName(s string) bool {
	if s == "" || len(s) > 60 || s[0] == '-' || strings.Contains(s, "--") {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

// quote makes a code span whose fence is longer than every run of backticks inside.
func quote(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" {
		return ""
	}
	longest, run := 0, 0
	for _, r := range s {
		if r == '`' {
			run++
			longest = max(longest, run)
			continue
		}
		run = 0
	}
	fence := strings.Repeat("`", longest+1)
	if longest > 0 {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}

// noLink breaks what readers turn into links without any markup.
var noLink = strings.NewReplacer("://", ":&#8288;//", "www.", "www&#8288;.", "GH-", "GH&#8288;-")

// escape makes words of our own, which may hold a number or a path, harmless: markup is escaped, and a word joiner keeps
// mentions, issue numbers and bare addresses from becoming links.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '|':
			b.WriteString("&#124;")
		case strings.ContainsRune("\\`*_{}[]~>$", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '@' || r == '#':
			b.WriteRune(r)
			b.WriteString("&#8288;")
		case r == '!':
			b.WriteString(`\!`)
		default:
			b.WriteRune(r)
		}
	}
	return noLink.Replace(b.String())
}
