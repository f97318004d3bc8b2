package picture

import (
	"oomtrace/parser/unit"
	"oomtrace/report"
)

const (
	holderRow   = 24.0
	holderHead  = 30.0 // over each group of bars
	holderLeft  = 200.0
	holderRight = pageWidth - 120
)

func holdersHeight(list []report.Holder) float64 {
	height := 12.0
	for i, h := range list {
		if i == 0 || list[i-1].Group != h.Group {
			height += holderHead
		}
		height += holderRow
	}
	return height
}

// holders draws a bar for each holder, group by group, all in one scale, and the limit.
func (c sheet) holders(m *report.Model, top float64) {
	list := m.Chart.Holders
	most := unit.Bytes(1)
	for _, h := range list {
		most = max(most, h.Bytes)
	}
	bound := unit.Bytes(0)
	if m.Limit != nil && m.Limit.Bytes <= 4*most {
		bound = m.Limit.Bytes
		most = max(most, bound)
	}
	x := func(b unit.Bytes) float64 { return holderLeft + float64(b)/float64(most)*(holderRight-holderLeft) }
	y := top
	for i, h := range list {
		if i == 0 || list[i-1].Group != h.Group {
			y += holderHead
			c.text(xy{20, y - 8}, h.Group, lettering{soft, 12, false, start})
		}
		ink, bold := blue, false
		if h.Hot != "" {
			ink, bold = red, true
		}
		c.text(xy{holderLeft - 10, y + 15}, h.Label, lettering{ink, 12, bold, end})
		c.rect(xy{holderLeft, y + 4}, max(1.5, x(h.Bytes)-holderLeft), holderRow-9, ink, 0.85)
		value := report.Spell(h.Bytes)
		if h.Hot != "" {
			value += ", " + h.Hot
		}
		at := x(h.Bytes) + 7
		if at < x(bound)+4 && at+textWidth(value, 12, bold) > x(bound)-4 {
			at = x(bound) + 7 // not across the limit
		}
		c.text(xy{at, y + 15}, value, lettering{muted, 12, bold, start})
		y += holderRow
	}
	if bound > 0 {
		c.line(xy{x(bound), top + holderHead - 4}, xy{x(bound), y}, pen{red, 1.6, ""})
		c.text(xy{x(bound), top + holderHead - 9}, "limit "+m.Limit.Text, lettering{red, 12, true, middle})
	}
}
