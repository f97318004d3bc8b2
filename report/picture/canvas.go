package picture

import (
	"bytes"
	"encoding/xml"
	"math"
	"strconv"
)

// ink is a role in the picture. The colour stands in an attribute, so that the picture is whole where no style sheet is
// read; a page that has one finds the role by its class.
type ink struct{ name, colour string }

// The inks, in the colours of light paper.
var (
	paper = ink{"bg", "#fdfdfc"}
	black = ink{"fg", "#15191e"}
	muted = ink{"muted", "#566069"}
	soft  = ink{"soft", "#68737d"}
	grid  = ink{"grid", "#eceef0"}
	blue  = ink{"live", "#1f66b0"}
	grey  = ink{"goal", "#7b8794"}
	amber = ink{"warn", "#9a5b00"}
	red   = ink{"alarm", "#c2261b"}
	slate = ink{"pause", "#64748b"}
)

// pen draws a line.
type pen struct {
	ink   ink
	width float64
	dash  string // empty is solid
}

// canvas collects SVG elements. Coordinates are pixels with one decimal.
type canvas struct{ bytes.Buffer }

func (c *canvas) put(parts ...string) {
	for _, p := range parts {
		c.WriteString(p)
	}
}

// number writes f with at most one decimal; what is no number is written as 0.
func (c *canvas) number(f float64) {
	f = math.Round(f*10) / 10
	if math.IsNaN(f) || math.IsInf(f, 0) || f == 0 {
		f = 0 // also for negative zero
	}
	c.Write(strconv.AppendFloat(c.AvailableBuffer(), f, 'f', -1, 64))
}

func (c *canvas) attr(name string, f float64) {
	c.put(" ", name, `="`)
	c.number(f)
	c.put(`"`)
}

func (c *canvas) escaped(s string) {
	_ = xml.EscapeText(&c.Buffer, []byte(s)) // writing to a buffer cannot fail
}

func (c *canvas) stroke(p pen) {
	c.put(` class="s-`, p.ink.name, `" stroke="`, p.ink.colour, `"`)
	c.attr("stroke-width", p.width)
	if p.dash != "" {
		c.put(` stroke-dasharray="`, p.dash, `"`)
	}
}

func (c *canvas) fill(i ink, opacity float64) {
	c.put(` class="f-`, i.name, `" fill="`, i.colour, `"`)
	if opacity < 1 {
		c.put(` fill-opacity="`, strconv.FormatFloat(opacity, 'f', -1, 64), `"`)
	}
}

func (c *canvas) line(x1, y1, x2, y2 float64, p pen) {
	c.put("<line")
	c.attr("x1", x1)
	c.attr("y1", y1)
	c.attr("x2", x2)
	c.attr("y2", y2)
	c.stroke(p)
	c.put("/>\n")
}

func (c *canvas) rect(x, y, w, h float64, i ink, opacity float64) {
	c.put("<rect")
	c.attr("x", x)
	c.attr("y", y)
	c.attr("width", w)
	c.attr("height", h)
	c.fill(i, opacity)
	c.put("/>\n")
}

// dot draws a circle with a rim.
func (c *canvas) dot(at xy, r float64, inside, rim ink, rimWidth float64) {
	c.put("<circle")
	c.attr("cx", at.x)
	c.attr("cy", at.y)
	c.attr("r", r)
	c.put(` class="f-`, inside.name, ` s-`, rim.name, `" fill="`, inside.colour, `" stroke="`, rim.colour, `"`)
	c.attr("stroke-width", rimWidth)
	c.put("/>\n")
}

// curve draws a line through points. One point alone becomes a short stroke, as a line of no length is invisible.
func (c *canvas) curve(points []xy, p pen) {
	if len(points) == 0 {
		return
	}
	if len(points) == 1 {
		points = []xy{{points[0].x - 1, points[0].y}, {points[0].x + 1, points[0].y}}
	}
	c.put(`<path fill="none" stroke-linejoin="round" d="`)
	c.points(points)
	c.put(`"`)
	c.stroke(p)
	c.put("/>\n")
}

// area fills a closed shape.
func (c *canvas) area(points []xy, i ink, opacity float64) {
	if len(points) < 3 {
		return
	}
	c.put(`<path d="`)
	c.points(points)
	c.put(`Z"`)
	c.fill(i, opacity)
	c.put("/>\n")
}

func (c *canvas) points(points []xy) {
	c.put("M")
	for i, p := range points {
		if i > 0 {
			c.put(" ")
		}
		c.number(p.x)
		c.put(" ")
		c.number(p.y)
	}
}

// anchor says which end of a text stands at its place.
type anchor string

const (
	start  anchor = "start"
	middle anchor = "middle"
	end    anchor = "end"
)

// lettering is how a text looks.
type lettering struct {
	ink    ink
	size   float64
	bold   bool
	anchor anchor
}

func (c *canvas) text(x, y float64, s string, l lettering) {
	if s == "" {
		return
	}
	c.put("<text")
	c.attr("x", x)
	c.attr("y", y)
	c.put(` class="t-`, l.ink.name, `" fill="`, l.ink.colour, `"`)
	c.attr("font-size", l.size)
	if l.bold {
		c.put(` font-weight="600"`)
	}
	if l.anchor != start {
		c.put(` text-anchor="`, string(l.anchor), `"`)
	}
	c.put(">")
	c.escaped(s)
	c.put("</text>\n")
}

// textWidth estimates how wide a text is in a sans-serif font, rather too wide than too narrow.
func textWidth(s string, size float64, bold bool) float64 {
	w := 0.0
	for _, r := range s {
		switch r {
		case ' ', '.', ',', ':', ';', '!', '|', '\'', 'i', 'j', 'l', 'I', 't', 'f', 'r', '(', ')':
			w += 0.36
		case 'm', 'w', 'M', 'W', '%', 'G', 'O', '−', '–':
			w += 0.88
		default:
			w += 0.62
			if r > 0x2000 {
				w += 0.4
			}
		}
	}
	if bold {
		w *= 1.06
	}
	return w * size
}
