package picture

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	rasterizer "golang.org/x/image/vector"
)

// raster draws pixels. It carries its fonts, so that the picture is the same everywhere.
type raster struct {
	img   *image.RGBA
	scale float64 // pixels of the image for one of the sheet
	faces map[lettering]font.Face
}

func newRaster(width, height, scale float64) *raster {
	bounds := image.Rect(0, 0, int(math.Ceil(width*scale)), int(math.Ceil(height*scale)))
	return &raster{image.NewRGBA(bounds), scale, map[lettering]font.Face{}}
}

// encode writes the image with a palette: it is a third as large then.
func (r *raster) encode(w io.Writer) error {
	var b bytes.Buffer
	if err := png.Encode(&b, paletted(r.img)); err != nil {
		return err
	}
	_, err := w.Write(signed(b.Bytes()))
	return err
}

// Maker stands near the beginning of every PNG. A program may overwrite a file that has it there, and no other.
const Maker = "oomtrace report"

// signed adds the name of the maker to a PNG, behind its header, which ends at byte 33 (PNG specification, 11.3.3.3).
func signed(img []byte) []byte {
	const header = 33
	chunk := []byte("tEXtSoftware\x00" + Maker)
	out := append([]byte(nil), img[:header]...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(chunk)-4)) //nolint:gosec // a constant
	out = append(out, chunk...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
	return append(out, img[header:]...)
}

// paletted returns an opaque image in its 256 most frequent colours. There are more only where the edges of letters meet
// other colours; each of those takes the nearest.
func paletted(img *image.RGBA) *image.Paletted {
	count := map[color.RGBA]int{}
	for i := 0; i < len(img.Pix); {
		c, n := pixel(img, i), i
		for i < len(img.Pix) && pixel(img, i) == c {
			i += 4
		}
		count[c] += i - n
	}
	colours := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var p color.Palette
	for _, c := range colours[:min(len(colours), 256)] {
		p = append(p, c)
	}
	index := map[color.RGBA]uint8{}
	for _, c := range colours {
		index[c] = uint8(p.Index(c))
	}
	out := image.NewPaletted(img.Bounds(), p)
	last, k := color.RGBA{}, uint8(0)
	for i := range out.Pix {
		if c := pixel(img, 4*i); c != last {
			last, k = c, index[c]
		}
		out.Pix[i] = k
	}
	return out
}

func pixel(img *image.RGBA, i int) color.RGBA {
	return color.RGBA{img.Pix[i], img.Pix[i+1], img.Pix[i+2], 255}
}

// colourOf reads "#rrggbb".
func colourOf(i ink, opacity float64) image.Image {
	n, _ := strconv.ParseUint(strings.TrimPrefix(i.colour, "#"), 16, 32) // the inks are constants
	return image.NewUniform(color.NRGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), uint8(math.Round(255 * opacity))})
}

// fill paints closed shapes in one go: where they overlap, the colour is not laid on twice.
func (r *raster) fill(shapes [][]xy, i ink, opacity float64) {
	if len(shapes) == 0 {
		return
	}
	low, high := xy{math.Inf(1), math.Inf(1)}, xy{math.Inf(-1), math.Inf(-1)}
	for _, shape := range shapes {
		for _, p := range shape {
			low = xy{min(low.x, p.x*r.scale), min(low.y, p.y*r.scale)}
			high = xy{max(high.x, p.x*r.scale), max(high.y, p.y*r.scale)}
		}
	}
	box := image.Rect(int(math.Floor(low.x)), int(math.Floor(low.y)), int(math.Ceil(high.x)), int(math.Ceil(high.y))).Intersect(r.img.Bounds())
	if box.Empty() {
		return
	}
	z := rasterizer.NewRasterizer(box.Dx(), box.Dy())
	at := func(p xy) (float32, float32) {
		return float32(p.x*r.scale - float64(box.Min.X)), float32(p.y*r.scale - float64(box.Min.Y))
	}
	for _, shape := range shapes {
		z.MoveTo(at(shape[0]))
		for _, p := range shape[1:] {
			z.LineTo(at(p))
		}
		z.ClosePath()
	}
	z.Draw(r.img, box, colourOf(i, opacity), image.Point{})
}

func (r *raster) rect(at xy, width, height float64, i ink, opacity float64) {
	r.fill([][]xy{{at, {at.x + width, at.y}, {at.x + width, at.y + height}, {at.x, at.y + height}}}, i, opacity)
}

func (r *raster) area(points []xy, i ink, opacity float64) {
	if len(points) >= 3 {
		r.fill([][]xy{points}, i, opacity)
	}
}

func (r *raster) dot(at xy, radius float64, inside, rim ink, rimWidth float64) {
	r.fill([][]xy{disc(at, radius+rimWidth/2)}, rim, 1)
	r.fill([][]xy{disc(at, radius-rimWidth/2)}, inside, 1)
}

// disc is a circle as a polygon that turns the same way as the pieces of a stroke.
func disc(at xy, radius float64) []xy {
	const corners = 24
	out := make([]xy, 0, corners)
	for k := range corners {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / corners)
		out = append(out, xy{at.x + radius*cos, at.y + radius*sin})
	}
	return out
}

func (r *raster) line(from, to xy, p pen) { r.curve([]xy{from, to}, p) }

func (r *raster) bars(tops []xy, base float64, p pen) {
	var shapes [][]xy
	for _, top := range tops {
		shapes = append(shapes, stroke(top, xy{top.x, base}, p.width)...)
	}
	r.fill(shapes, p.ink, 1)
}

func (r *raster) curve(points []xy, p pen) {
	var shapes [][]xy
	for _, piece := range dashed(visible(points), p.dash) {
		for k := 1; k < len(piece); k++ {
			shapes = append(shapes, stroke(piece[k-1], piece[k], p.width)...)
			if k > 1 {
				shapes = append(shapes, disc(piece[k-1], p.width/2))
			}
		}
	}
	r.fill(shapes, p.ink, 1)
}

// stroke is a straight line with a width: a rectangle that turns the same way whatever the direction of the line, as
// shapes that turn against each other would cancel out where they overlap.
func stroke(from, to xy, width float64) [][]xy {
	length := math.Hypot(to.x-from.x, to.y-from.y)
	if length == 0 {
		return nil
	}
	dx, dy := (to.x-from.x)/length*width/2, (to.y-from.y)/length*width/2
	return [][]xy{{{from.x + dy, from.y - dx}, {to.x + dy, to.y - dx}, {to.x - dy, to.y + dx}, {from.x - dy, from.y + dx}}}
}

// dashed cuts a line into its strokes. The pattern is a list of lengths, stroke and gap by turns, as in SVG.
func dashed(points []xy, pattern string) [][]xy {
	var lengths []float64
	for field := range strings.FieldsSeq(pattern) {
		l, _ := strconv.ParseFloat(field, 64) // the patterns are constants
		lengths = append(lengths, l)
	}
	if len(lengths) < 2 || len(points) < 2 {
		return [][]xy{points}
	}
	var out [][]xy
	piece, turn, left := []xy{points[0]}, 0, lengths[0]
	for k := 1; k < len(points); k++ {
		from, to := points[k-1], points[k]
		rest := math.Hypot(to.x-from.x, to.y-from.y)
		for rest > left {
			share := left / rest
			from = xy{from.x + share*(to.x-from.x), from.y + share*(to.y-from.y)}
			rest -= left
			if turn%2 == 0 {
				out = append(out, append(piece, from))
			}
			piece = []xy{from}
			turn++
			left = lengths[turn%len(lengths)]
		}
		left -= rest
		if turn%2 == 0 {
			piece = append(piece, to)
		}
	}
	if turn%2 == 0 && len(piece) > 1 {
		out = append(out, piece)
	}
	return out
}

func (r *raster) text(at xy, s string, l lettering) {
	d := font.Drawer{Dst: r.img, Src: colourOf(l.ink, 1), Face: r.face(l)}
	x := at.x * r.scale
	switch width := float64(d.MeasureString(s)) / 64; l.anchor {
	case middle:
		x -= width / 2
	case end:
		x -= width
	case start:
	}
	d.Dot = fixed.Point26_6{X: fixed.Int26_6(math.Round(x * 64)), Y: fixed.Int26_6(math.Round(at.y * r.scale * 64))}
	d.DrawString(s)
}

// face returns the font in the wanted size. The fonts are part of the program and known to be well formed.
func (r *raster) face(l lettering) font.Face {
	key := lettering{size: l.size, bold: l.bold}
	if f := r.faces[key]; f != nil {
		return f
	}
	data := goregular.TTF
	if l.bold {
		data = gomedium.TTF
	}
	parsed, err := opentype.Parse(data)
	if err != nil {
		panic(err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: l.size * r.scale, DPI: 72})
	if err != nil {
		panic(err)
	}
	r.faces[key] = face
	return face
}
