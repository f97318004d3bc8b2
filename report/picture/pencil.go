package picture

// ink is a role in the picture: a page that has a style sheet finds it by its name, everything else takes the colour.
type ink struct{ name, colour string }

// The inks, in the colours of light paper.
var (
	paper  = ink{"bg", "#fdfdfc"}
	black  = ink{"fg", "#15191e"}
	muted  = ink{"muted", "#566069"}
	soft   = ink{"soft", "#68737d"}
	grid   = ink{"grid", "#eceef0"}
	blue   = ink{"live", "#1f66b0"}
	grey   = ink{"goal", "#7b8794"}
	amber  = ink{"warn", "#9a5b00"}
	red    = ink{"alarm", "#c2261b"}
	slate  = ink{"pause", "#64748b"}
	purple = ink{"rss", "#7b4fa6"}
)

// pen draws a line.
type pen struct {
	ink   ink
	width float64
	dash  string // lengths of strokes and gaps; empty is solid
}

// xy is a place on the sheet, in pixels from its upper left corner.
type xy struct{ x, y float64 }

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

// pencil draws the shapes of a picture, one over the other. The layout knows no other way to leave a mark, so that every
// format has the same geometry.
type pencil interface {
	line(from, to xy, p pen)
	rect(at xy, width, height float64, i ink, opacity float64)
	dot(at xy, radius float64, inside, rim ink, rimWidth float64)
	// curve draws a line through points.
	curve(points []xy, p pen)
	// area fills a closed shape.
	area(points []xy, i ink, opacity float64)
	// bars draws upright strokes that stand on a common base and reach up to the points.
	bars(tops []xy, base float64, p pen)
	text(at xy, s string, l lettering)
}

// sheet is what a picture is laid out on.
type sheet struct{ pencil }

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

// visible makes a stroke of a single point, as a line of no length is invisible.
func visible(points []xy) []xy {
	if len(points) != 1 {
		return points
	}
	return []xy{{points[0].x - 1, points[0].y}, {points[0].x + 1, points[0].y}}
}
