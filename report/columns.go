package report

import (
	"math"

	"oomtrace/parser/unit"
)

// Column is one column of a chart that is drawn with characters.
type Column struct {
	Live  unit.Bytes // most live heap that stood at some time in the column
	Known bool       // false before the first cycle of a run and after the last one of it
	Hot   bool       // at or after the inflection
}

// Columns reduces the chart to n columns of equal time. Between two cycles of a run the heap stands where the earlier one left it.
func (c *Chart) Columns(n int) []Column {
	if n <= 0 || len(c.Runs) == 0 {
		return nil
	}
	out := make([]Column, n)
	for _, s := range c.Runs {
		for i, p := range s.Points {
			from, to := c.Column(p.At, n), c.Column(p.At, n)
			if i+1 < len(s.Points) {
				to = max(from, c.Column(s.Points[i+1].At, n)-1)
			}
			for k := from; k <= to; k++ {
				out[k].Live, out[k].Known = max(out[k].Live, p.Live), true
			}
		}
	}
	if hot, ok := c.hot(); ok {
		for k := c.Column(hot, n); k < n; k++ {
			out[k].Hot = true
		}
	}
	return out
}

// Column returns the column, of n, that a moment falls into.
func (c *Chart) Column(at float64, n int) int {
	k := int(math.Floor((at - c.From) / (c.To - c.From) * float64(n)))
	return min(max(k, 0), n-1)
}

// LiveTop returns the height of a chart that shows the live heap and the horizontal lines only, at least 1.
func (c *Chart) LiveTop() unit.Bytes {
	top := unit.Bytes(1)
	for _, l := range c.Lines {
		top = max(top, l.Bytes)
	}
	for _, s := range c.Runs {
		for _, p := range s.Points {
			top = max(top, p.Live)
		}
	}
	return top
}

func (c *Chart) hot() (float64, bool) {
	for _, m := range c.Moments {
		if m.Kind == MomentInflection {
			return m.At, true
		}
	}
	return 0, false
}

var blocks = []rune("▁▂▃▄▅▆▇█")

// Sparkline draws the chart in one line of n characters; a column that no run covers is a space.
func (c *Chart) Sparkline(n int) string {
	columns := c.Columns(n)
	line := make([]rune, len(columns))
	for i, col := range columns {
		line[i] = ' '
		if col.Known {
			k := int(float64(col.Live) / float64(c.LiveTop()) * float64(len(blocks)))
			line[i] = blocks[min(max(k, 0), len(blocks)-1)]
		}
	}
	return string(line)
}
