package terminal

import (
	"slices"
	"strings"
	"unicode/utf8"

	"oomtrace/parser/unit"
	"oomtrace/report"
)

const (
	rows   = 7
	gutter = 10 // label, space and axis
)

var eighths = []rune(" ▁▂▃▄▅▆▇█")

// chart draws the chart as wide as the terminal allows. Sparklines have no ASCII form.
func (p *printer) chart(c *report.Chart) {
	if p.o.Width < narrow && !p.o.ASCII {
		p.sparkline(c)
		return
	}
	p.bars(c)
}

// sparkline is the chart of a narrow terminal: one line, and below it where it begins and ends.
func (p *printer) sparkline(c *report.Chart) {
	n := p.o.Width - 2*indent
	pad := strings.Repeat(" ", indent)
	if c.RSS != "" {
		p.line(pad + c.ResidentSparkline(n))
	}
	p.line(pad + p.paintHot([]rune(c.Sparkline(n)), c.Columns(n)))
	p.line(p.paint(dim, strings.TrimRight(pad+spread(c.FromText, c.ToText, n), " ")))
	if c.RSS != "" {
		p.wrapped(indent, indent, "above: "+c.RSS+"; below: "+c.Level)
	}
}

// spread puts one text at the left and one at the right of n columns.
func spread(left, right string, n int) string {
	gap := n - utf8.RuneCountInString(left) - utf8.RuneCountInString(right)
	return left + strings.Repeat(" ", max(1, gap)) + right
}

// paintHot colours the columns from the inflection on.
func (p *printer) paintHot(line []rune, columns []report.Column) string {
	hot := slices.IndexFunc(columns, func(c report.Column) bool { return c.Hot })
	if hot < 0 || hot >= len(line) {
		return string(line)
	}
	return string(line[:hot]) + p.paint(red, strings.TrimRight(string(line[hot:]), " "))
}

// bars draws seven rows of eighth blocks, the threshold as a dashed line, and the axis with the moments that matter.
func (p *printer) bars(c *report.Chart) {
	n := p.o.Width - gutter - indent
	columns := c.Columns(n)
	p.top = c.LiveTop()
	threshold := p.rowOf(c, report.LineThreshold)
	for row := rows - 1; row >= 0; row-- {
		line := make([]rune, n)
		for i, col := range columns {
			line[i] = p.cell(col, row)
			switch {
			case line[i] != ' ':
			case col.Resident > 0 && row == p.rowAt(col.Resident):
				line[i] = p.dot()
			case row == threshold:
				line[i] = '╌'
			}
		}
		label, axis := "", "│"
		if text := p.rowLabel(c, row); text != "" {
			label, axis = text, "┤"
		}
		p.line(p.paint(dim, right(label)+" "+axis) + p.paintHot(line, columns))
	}
	p.axis(c, n)
	if c.RSS != "" {
		p.wrapped(gutter, gutter, string(p.block())+" "+c.Level+"  "+string(p.dot())+" "+c.RSS)
	}
}

// dot stands for resident memory, block for the level that the columns are of.
func (p *printer) dot() rune {
	if p.o.ASCII {
		return 'o'
	}
	return '•'
}

func (p *printer) block() rune {
	if p.o.ASCII {
		return '#'
	}
	return '█'
}

// cell returns the character of one column in one row.
func (p *printer) cell(col report.Column, row int) rune {
	if !col.Known {
		return ' '
	}
	filled := float64(col.Live)/float64(p.top)*rows - float64(row)
	k := min(max(int(filled*8+0.5), 0), 8)
	if row == 0 && k == 0 {
		k = 1 // a known heap always shows
	}
	switch {
	case !p.o.ASCII:
		return eighths[k]
	case k >= 4 || row == 0:
		return '#'
	}
	return ' '
}

// rowOf returns the row that a horizontal line runs through, or -1.
func (p *printer) rowOf(c *report.Chart, kind report.LineKind) int {
	for _, l := range c.Lines {
		if l.Kind == kind {
			return p.rowAt(l.Bytes)
		}
	}
	return -1
}

func (p *printer) rowAt(b unit.Bytes) int {
	return min(int(float64(b)/float64(p.top)*rows), rows-1)
}

// rowLabel names the top row, the row of the threshold and that of the ceiling.
func (p *printer) rowLabel(c *report.Chart, row int) string {
	label := ""
	for _, l := range c.Lines {
		if row == rows-1 && (l.Kind == report.LineCeiling || l.Kind == report.LineLast) {
			continue // the top says how much, not that it fits
		}
		if p.rowAt(l.Bytes) == row && (label == "" || l.Kind == report.LineThreshold && row != rows-1) {
			label = l.Short
		}
	}
	if label == "" && row == rows-1 {
		label = c.Scale.Format(p.top) + " " + c.Scale.Name
	}
	return label
}

// right puts a label at the right end of the gutter.
func right(label string) string {
	const width = gutter - 2
	r := []rune(label)
	if len(r) > width {
		r = r[:width]
	}
	return strings.Repeat(" ", width-len(r)) + string(r)
}

// mark is a label under the axis.
type mark struct {
	column int
	text   string
}

// axis draws the horizontal axis and puts as many labels under it as fit: the ends first, then the inflection, the
// beginning of the climb, and restarts.
func (p *printer) axis(c *report.Chart, n int) {
	ticks := []rune(strings.Repeat("─", n))
	labels := []rune(strings.Repeat(" ", n))
	put(labels, 0, c.FromText)
	put(labels, n-utf8.RuneCountInString(c.ToText), c.ToText)
	for _, m := range marks(c, n) {
		width := utf8.RuneCountInString(m.text)
		ticks[m.column] = '┴'
		from := min(max(m.column-width/2, 0), n-width)
		if m.text == "↑" {
			from = m.column
		}
		switch {
		case free(labels, from, width):
			put(labels, from, m.text)
		case m.text == "↑":
			ticks[m.column] = '↑' // its place under the axis is taken
		}
	}
	ticks[n-1] = '┘'
	p.line(p.paint(dim, right("0")+" └"+string(ticks)))
	p.line(p.paint(dim, strings.Repeat(" ", gutter)+strings.TrimRight(string(labels), " ")))
}

func marks(c *report.Chart, n int) []mark {
	var out []mark
	for _, want := range []struct {
		kind report.MomentKind
		text string
	}{{report.MomentInflection, "↑"}, {report.MomentOnset, "climb"}, {report.MomentRestart, "restart"}} {
		for _, m := range c.Moments {
			if m.Kind == want.kind {
				out = append(out, mark{c.Column(m.At, n), want.text})
			}
		}
	}
	return out
}

func put(line []rune, from int, text string) {
	for i, r := range []rune(text) {
		if from+i >= 0 && from+i < len(line) {
			line[from+i] = r
		}
	}
}

// free reports whether a label can stand there with a space on either side.
func free(line []rune, from, width int) bool {
	for i := max(0, from-1); i < min(len(line), from+width+1); i++ {
		if line[i] != ' ' {
			return false
		}
	}
	return from >= 0 && from+width <= len(line)
}
