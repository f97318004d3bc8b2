package picture

import (
	"bytes"
	"encoding/xml"
	"math"
	"strconv"

	"oomtrace/report"
)

// vector draws SVG. Coordinates are pixels with one decimal; every colour and size is an attribute.
type vector struct{ bytes.Buffer }

// begin opens the picture and tells its story to those who cannot see it. The id begins those inside.
func (v *vector) begin(m *report.Model, id string, width, height float64) {
	v.put(`<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 `)
	v.number(width)
	v.put(" ")
	v.number(height)
	v.put(`"`)
	v.attr("width", width)
	v.attr("height", height)
	v.put(` font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"`)
	v.put(` aria-labelledby="`)
	v.escaped(id + "-title " + id + "-story")
	v.put("\">\n<title id=\"")
	v.escaped(id + "-title")
	v.put(`">`)
	v.escaped(m.Title)
	v.put("</title>\n<desc id=\"")
	v.escaped(id + "-story")
	v.put(`">`)
	v.escaped(m.Chart.Description)
	v.put("</desc>\n")
}

func (v *vector) put(parts ...string) {
	for _, p := range parts {
		v.WriteString(p)
	}
}

// number writes f with at most one decimal; what is no number is written as 0.
func (v *vector) number(f float64) {
	f = math.Round(f*10) / 10
	if math.IsNaN(f) || math.IsInf(f, 0) || f == 0 {
		f = 0 // also for negative zero
	}
	v.Write(strconv.AppendFloat(v.AvailableBuffer(), f, 'f', -1, 64))
}

func (v *vector) attr(name string, f float64) {
	v.put(" ", name, `="`)
	v.number(f)
	v.put(`"`)
}

func (v *vector) escaped(s string) {
	_ = xml.EscapeText(&v.Buffer, []byte(s)) // writing to a buffer cannot fail
}

func (v *vector) stroke(p pen) {
	v.put(` class="s-`, p.ink.name, `" stroke="`, p.ink.colour, `"`)
	v.attr("stroke-width", p.width)
	if p.dash != "" {
		v.put(` stroke-dasharray="`, p.dash, `"`)
	}
}

func (v *vector) fill(i ink, opacity float64) {
	v.put(` class="f-`, i.name, `" fill="`, i.colour, `"`)
	if opacity < 1 {
		v.put(` fill-opacity="`, strconv.FormatFloat(opacity, 'f', -1, 64), `"`)
	}
}

func (v *vector) line(from, to xy, p pen) {
	v.put("<line")
	v.attr("x1", from.x)
	v.attr("y1", from.y)
	v.attr("x2", to.x)
	v.attr("y2", to.y)
	v.stroke(p)
	v.put("/>\n")
}

func (v *vector) rect(at xy, width, height float64, i ink, opacity float64) {
	v.put("<rect")
	v.attr("x", at.x)
	v.attr("y", at.y)
	v.attr("width", width)
	v.attr("height", height)
	v.fill(i, opacity)
	v.put("/>\n")
}

func (v *vector) dot(at xy, radius float64, inside, rim ink, rimWidth float64) {
	v.put("<circle")
	v.attr("cx", at.x)
	v.attr("cy", at.y)
	v.attr("r", radius)
	v.put(` class="f-`, inside.name, ` s-`, rim.name, `" fill="`, inside.colour, `" stroke="`, rim.colour, `"`)
	v.attr("stroke-width", rimWidth)
	v.put("/>\n")
}

func (v *vector) curve(points []xy, p pen) {
	if len(points) == 0 {
		return
	}
	v.put(`<path fill="none" stroke-linejoin="round" d="`)
	v.points(visible(points))
	v.put(`"`)
	v.stroke(p)
	v.put("/>\n")
}

func (v *vector) area(points []xy, i ink, opacity float64) {
	if len(points) < 3 {
		return
	}
	v.put(`<path d="`)
	v.points(points)
	v.put(`Z"`)
	v.fill(i, opacity)
	v.put("/>\n")
}

func (v *vector) bars(tops []xy, base float64, p pen) {
	if len(tops) == 0 {
		return
	}
	v.put(`<path d="`)
	for _, top := range tops {
		v.put("M")
		v.number(top.x)
		v.put(" ")
		v.number(base)
		v.put("v")
		v.number(top.y - base)
	}
	v.put(`"`)
	v.stroke(p)
	v.put("/>\n")
}

func (v *vector) points(points []xy) {
	v.put("M")
	for i, p := range points {
		if i > 0 {
			v.put(" ")
		}
		v.number(p.x)
		v.put(" ")
		v.number(p.y)
	}
}

func (v *vector) text(at xy, s string, l lettering) {
	if s == "" {
		return
	}
	v.put("<text")
	v.attr("x", at.x)
	v.attr("y", at.y)
	v.put(` class="t-`, l.ink.name, `" fill="`, l.ink.colour, `"`)
	v.attr("font-size", l.size)
	if l.bold {
		v.put(` font-weight="600"`)
	}
	if l.anchor != start {
		v.put(` text-anchor="`, string(l.anchor), `"`)
	}
	v.put(">")
	v.escaped(s)
	v.put("</text>\n")
}
