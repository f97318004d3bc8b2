package report

import (
	"math"

	"oomtrace/parser/unit"
)

// Column is one column of a chart that is drawn with characters.
type Column struct {
	Live     unit.Bytes // most live heap that stood at some time in the column
	Resident unit.Bytes // most of what the system counted for the process then; 0 where nothing tells, or Chart.RSS is empty
	Known    bool       // false before the first cycle of a run and after the last one of it
	Hot      bool       // at or after the inflection
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
	if c.RSS != "" {
		c.residents(out)
	}
	if hot, ok := c.hot(); ok {
		for k := c.Column(hot, n); k < n; k++ {
			out[k].Hot = true
		}
	}
	return out
}

// residents fills in what the system counted for the process. A reading stands until the next one.
func (c *Chart) residents(out []Column) {
	n := len(out)
	for i, r := range c.Resident {
		from, to := c.Column(r.At, n), c.Column(r.At, n)
		if i+1 < len(c.Resident) {
			to = max(from, c.Column(c.Resident[i+1].At, n)-1)
		}
		for k := from; k <= to; k++ {
			out[k].Resident = max(out[k].Resident, unit.Bytes(r.V))
		}
	}
	out[n-1].Resident = max(out[n-1].Resident, c.Killed)
}

// Column returns the column, of n, that a moment falls into.
func (c *Chart) Column(at float64, n int) int {
	k := int(math.Floor((at - c.From) / (c.To - c.From) * float64(n)))
	return min(max(k, 0), n-1)
}

// LiveTop returns the height of a chart that shows the live heap and the horizontal lines, and resident memory where RSS is set; at least 1.
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
	if c.RSS == "" {
		return top
	}
	for _, r := range c.Resident {
		top = max(top, unit.Bytes(r.V))
	}
	return max(top, c.Killed)
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
	return c.spark(n, func(col Column) (unit.Bytes, bool) { return col.Live, col.Known })
}

// ResidentSparkline is Sparkline of what the system counted for the process, at the same scale.
func (c *Chart) ResidentSparkline(n int) string {
	return c.spark(n, func(col Column) (unit.Bytes, bool) { return col.Resident, col.Resident > 0 })
}

func (c *Chart) spark(n int, size func(Column) (unit.Bytes, bool)) string {
	columns := c.Columns(n)
	line := make([]rune, len(columns))
	for i, col := range columns {
		line[i] = ' '
		if v, known := size(col); known {
			k := int(float64(v) / float64(c.LiveTop()) * float64(len(blocks)))
			line[i] = blocks[min(max(k, 0), len(blocks)-1)]
		}
	}
	return string(line)
}
