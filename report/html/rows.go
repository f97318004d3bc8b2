package html

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/report"
)

// maxProblems is how many damaged lines a page shows.
const maxProblems = 50

// said is a sentence and the line that proves it. Link names the row of the page that shows the line, if one does.
type said struct{ Text, Place, Link string }

// row is a row of the evidence table.
type row struct {
	report.EvidenceRow
	ID      string
	Place   string
	Columns int // of the table
	Wide    int // columns that the text of an event spans
	Bar     template.HTML
}

// account is what other logs say of one death.
type account struct {
	Title     string
	Conflicts []said
	Witnesses []witness
}

// shown says which columns the table of evidence has beside those that it always has.
type shown struct{ Of, Peak, Goal, Pause bool }

// shownIn returns those that have something in any row.
func shownIn(e report.Evidence) shown {
	s := shown{Of: e.Of != ""}
	for _, r := range e.Rows {
		s.Peak, s.Goal, s.Pause = s.Peak || r.Peak != "", s.Goal || r.Goal != "", s.Pause || r.Pause != ""
	}
	return s
}

// count returns how many columns the table has.
func (s shown) count() int {
	n := 6
	for _, so := range []bool{s.Of, s.Peak, s.Goal, s.Pause} {
		if so {
			n++
		}
	}
	return n
}

type witness struct {
	report.Witness
	ID    string
	Place string
}

type suspect struct {
	Function, Place, Percent, Growth, Last, Objects, Stack string
	New                                                    bool
	Bar                                                    template.HTML
}

type problem struct {
	report.Problem
	Place string
}

// anchors gives rows the ids that links lead to: L6086 for a line of the main file, L212-kern.log for one of another. The
// first row that shows a line has its id.
type anchors struct {
	file  string
	taken map[string]bool
}

func (a *anchors) name(p event.Pos) string {
	switch {
	case p.Line == 0:
		return ""
	case p.File == a.file:
		return "L" + strconv.Itoa(p.Line)
	}
	return "L" + strconv.Itoa(p.Line) + "-" + plain(p.File)
}

// plain keeps of a name what an id and a link can hold without escaping.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-':
			return r
		}
		return '_'
	}, s)
}

// take returns the id for the row that shows a line, or nothing if an earlier row shows it.
func (a *anchors) take(p event.Pos) string {
	id := a.name(p)
	if id == "" || a.taken[id] {
		return ""
	}
	a.taken[id] = true
	return id
}

// link returns the id of the row that shows a line, or nothing if none does.
func (a *anchors) link(p event.Pos) string {
	if id := a.name(p); a.taken[id] {
		return id
	}
	return ""
}

// mainFile is the file that the first cycle of the evidence stands in.
func mainFile(m *report.Model) string {
	for _, r := range m.Evidence.Rows {
		if r.Kind == "cycle" {
			return r.Source.File
		}
	}
	return ""
}

func rowsOf(m *report.Model, names *anchors) []row {
	columns := shownIn(m.Evidence).count()
	line := threshold(m)
	var out []row
	for _, r := range m.Evidence.Rows {
		v := row{EvidenceRow: r, Place: report.At(r.Source), Columns: columns, Wide: columns - 3}
		if r.Source.File == names.file && r.Source.Line > 0 {
			v.Place = strconv.Itoa(r.Source.Line)
		}
		if r.Kind != "gap" {
			v.ID = names.take(r.Source)
		}
		if r.Fraction != nil {
			v.Bar = bar(*r.Fraction, line)
		}
		out = append(out, v)
	}
	return out
}

// threshold is the line that must not be crossed, as a fraction of what the evidence compares with; 0 is unknown.
func threshold(m *report.Model) float64 {
	var line, whole unit.Bytes
	for _, l := range m.Chart.Lines {
		switch {
		case l.Kind == report.LineThreshold:
			line = l.Bytes
		case l.Kind == m.Evidence.Of:
			whole = l.Bytes
		}
	}
	if whole <= 0 {
		return 0
	}
	return float64(line) / float64(whole)
}

// bar draws a fraction, in red from the line on.
func bar(fraction, line float64) template.HTML {
	const width = 84
	class, colour := "f-live", "#1f66b0"
	if line > 0 && fraction >= line {
		class, colour = "f-alarm", "#c2261b"
	}
	mark := ""
	if line > 0 && line < 1 {
		mark = fmt.Sprintf(`<path class="s-warn" stroke="#9a5b00" d="M%.1f 0V10"/>`, line*width)
	}
	return template.HTML(fmt.Sprintf(`<svg width="%d" height="10" viewBox="0 0 %d 10" aria-hidden="true"><path class="f-grid" fill="#eceef0" d="M0 1H%dV9H0Z"/><path class="%s" fill="%s" d="M0 1H%.1fV9H0Z"/>%s</svg>`,
		width, width, width, class, colour, width*min(max(fraction, 0), 1), mark))
}

// accountsOf lists what other logs say. A row whose line the evidence table shows has no id of its own.
func accountsOf(m *report.Model, names *anchors) []account {
	var out []account
	for _, a := range m.Accounts {
		v := account{Title: a.Title}
		for _, w := range a.Witnesses {
			v.Witnesses = append(v.Witnesses, witness{w, names.take(w.Source), report.At(w.Source)})
		}
		for _, c := range a.Conflicts {
			v.Conflicts = append(v.Conflicts, said{c.Text, report.At(c.Source), names.link(c.Source)})
		}
		out = append(out, v)
	}
	return out
}

func suspectsOf(m *report.Model) []suspect {
	var out []suspect
	for _, s := range m.Suspects {
		v := suspect{
			Function: s.Function, Place: report.At(event.Pos{File: s.File, Line: s.Line}), New: s.New,
			Percent: fmt.Sprintf("%.0f %%", 100*s.Share), Growth: signed(s.Growth), Last: s.Last.String(), Objects: strconv.FormatInt(s.Objects, 10),
			Bar: bar(s.Share, 0),
		}
		if len(s.Stack) > 1 {
			v.Stack = strings.Join(s.Stack[1:min(len(s.Stack), 5)], " ← ")
		}
		out = append(out, v)
	}
	return out
}

func signed(b unit.Bytes) string {
	if b > 0 {
		return "+" + b.String()
	}
	return b.String()
}

// problemsOf lists the damaged lines of all inputs, the first of them, and how many it leaves out.
func problemsOf(m *report.Model) (out []problem, more int) {
	for _, in := range m.Inputs {
		more += in.Damaged
		for _, p := range in.Problems {
			if len(out) < maxProblems {
				out = append(out, problem{p, report.At(event.Pos{File: m.Short(in.File), Line: p.Line})})
			}
		}
	}
	return out, max(0, more-len(out))
}
