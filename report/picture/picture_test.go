package picture

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/png"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"oomtrace/report"
	"oomtrace/report/reporttest"
)

type named struct {
	name  string
	model *report.Model
}

// models are all incidents of the tests.
func models() (out []named) {
	for _, c := range reporttest.Cases() {
		out = append(out, named{c.Name, report.New(c.Input)})
	}
	return out
}

func model(name string) *report.Model {
	all := models()
	return all[slices.IndexFunc(all, func(c named) bool { return c.name == name })].model
}

func leak() *report.Model { return model("leak") }

func draw(t testing.TB, m *report.Model, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := SVG(&b, m, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func climb(t testing.TB, m *report.Model) string {
	t.Helper()
	var b bytes.Buffer
	if err := Climb(&b, m, Options{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// elements parses a picture as XML and returns how often each element occurs.
func elements(t testing.TB, svg string) map[string]int {
	t.Helper()
	count := map[string]int{}
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return count
		}
		if err != nil {
			t.Fatalf("not XML: %v", err)
		}
		if e, ok := token.(xml.StartElement); ok {
			count[e.Name.Local]++
		}
	}
}

func TestPicturesAreXMLOfKnownElements(t *testing.T) {
	known := map[string]bool{"svg": true, "title": true, "desc": true, "line": true, "rect": true, "path": true, "circle": true, "text": true}
	for _, c := range models() {
		for _, svg := range []string{draw(t, c.model, Options{}), draw(t, c.model, Options{Alone: true}), climb(t, c.model)} {
			for name := range elements(t, svg) {
				if !known[name] {
					t.Errorf("%s: element <%s>", c.name, name)
				}
			}
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
				t.Errorf("%s: a number that is none", c.name)
			}
		}
	}
}

func TestSameModelSameBytes(t *testing.T) {
	for _, c := range models() {
		first, second := draw(t, c.model, Options{})+climb(t, c.model), draw(t, c.model, Options{})+climb(t, c.model)
		if first != second {
			t.Errorf("%s: two drawings differ", c.name)
		}
	}
}

func TestTimelineTellsTheStory(t *testing.T) {
	for _, c := range []struct {
		name string
		want []string
	}{
		{"leak", []string{
			`role="img"`, `aria-labelledby="x-title x-story"`, `<title id="x-title">checkout-api OOM-killed`, `<desc id="x-story">checkout-api was OOM-killed`,
			">limit 4 GiB<", ">live heap 3.70 GiB<", ">70 % = 2.80 GiB<", ">RSS 4.00 GiB<", ">inflection<", ">09:01:12<", ">OOM kill<", ">climb begins<",
			">08:00<", ">UTC<", ">1 GiB<", "stop-the-world pause", `stroke-dasharray="6 4"`,
		}},
		{"healthy", []string{">log ends<", ">GC goal 1.19 GiB<", `stroke-dasharray="1 2.5"`}},
		{"recovered", []string{">crossed 70 %, recovered<"}},
		{"crash-loop", []string{">restart<", ">128 MiB<"}},
		{"untimed-death", []string{">OOM kill<", ">after the last collection<"}},
		{"java", []string{">old generation<", ">room 900 MiB<", ">880 MiB<", ">metaspace<", ">63 MiB<", ">share of time stopped for collections<", ">at most 61 %<", ">RSS 1.17 GiB<", `class="f-rss"`}},
		{"processes", []string{`class="s-pause"`}},
		{"witnesses", []string{">what the logs tell, and when<", ">kernel<", ">docker<", ">lives<", ">start<", ">oom<", ">exit 137<", ">life 1<", ">life 2<", `class="f-warn"`}},
		{"told-alone", []string{">4.00 GiB, killed<", ">OOM kill<", ">start<", ">life 2<", ">UTC<"}},
		{"kernel-only", []string{">resident memory of processes<", ">checkout-api<", ">2.00 GiB, killed<", ">limit 2 GiB<"}},
	} {
		svg := draw(t, model(c.name), Options{ID: "x"})
		for _, want := range c.want {
			if !strings.Contains(svg, want) {
				t.Errorf("%s: the timeline lacks %s", c.name, want)
			}
		}
		if strings.Contains(svg, ">forecast<") {
			t.Errorf("%s: the forecast belongs to the close-up", c.name)
		}
	}
}

// Nothing is drawn of witnesses where the chart itself marks all there is: the death.
func TestNoVoicesForOneDeath(t *testing.T) {
	for _, name := range []string{"leak", "kernel-only", "runtime-oom", "healthy", "nothing"} {
		if svg := draw(t, model(name), Options{}); strings.Contains(svg, "what the logs tell") {
			t.Errorf("%s: a lane for one mark", name)
		}
	}
}

// A line of another process that reaches the right end is named there.
func TestOtherProcessesAreNamed(t *testing.T) {
	m := model("processes")
	if svg := draw(t, m, Options{}); strings.Contains(svg, "another process") {
		t.Error("a line that ends long before is named at the right end")
	}
	for _, s := range m.Chart.Runs {
		if s.Other {
			s.Points[len(s.Points)-1].At = m.Chart.To
		}
	}
	if svg := draw(t, m, Options{}); !strings.Contains(svg, ">another process 340 MiB<") {
		t.Error("a line that reaches the right end is not named")
	}
}

// Marks differ by their shape, not by their colour alone.
func TestMarksDifferByShape(t *testing.T) {
	shapes := map[string]report.MarkKind{}
	for _, kind := range []report.MarkKind{report.MarkKill, report.MarkOOM, report.MarkStart, report.MarkEnd, report.MarkLife, report.MarkSaid} {
		for _, hot := range []bool{false, true} {
			var v vector
			sheet{&v}.mark(report.Mark{Kind: kind, At: 1, Until: 2, Hot: hot}, frame{right: 100, to: 10}, 50)
			shape := regexp.MustCompile(` (class|fill|stroke)="[^"]*"`).ReplaceAllString(v.String(), "")
			if other, seen := shapes[shape]; shape == "" || seen && other != kind {
				t.Errorf("%s and %s have one shape: %s", kind, other, shape)
			}
			shapes[shape] = kind
		}
	}
}

// The pixels are those of the same geometry: where the drawing has its limit there is a red line, where it has nothing there
// is paper, and the letters are there.
func TestPixels(t *testing.T) {
	for _, name := range []string{"leak", "java", "nothing", "hostile"} {
		c := named{name, model(name)}
		var first, second bytes.Buffer
		if err := PNG(&first, c.model); err != nil {
			t.Fatal(err)
		}
		if err := PNG(&second, c.model); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s: two pictures differ", c.name)
		}
		img, err := png.Decode(&first)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		l := newTimeline(c.model, Options{Alone: true})
		if got, want := img.Bounds().Max, (image.Point{2 * pageWidth, int(math.Ceil(2 * l.height))}); got != want {
			t.Errorf("%s: %v pixels, want %v", c.name, got, want)
		}
		dark := 0
		for x := range 2 * 400 {
			for y := 2 * 8; y < 2*28; y++ {
				if r, _, _, _ := img.At(x, y).RGBA(); r < 0x5000 {
					dark++
				}
			}
		}
		if dark < 500 {
			t.Errorf("%s: %d dark pixels where the heading stands", c.name, dark)
		}
		for _, line := range c.model.Chart.Lines {
			if line.Kind != report.LineLimit {
				continue
			}
			r, g, b, _ := img.At(int(2*l.f.left)+6, int(2*l.f.y(float64(line.Bytes)))).RGBA()
			if r < 0xa000 || g > 0xa000 || b > 0xa000 {
				t.Errorf("%s: no red line at the limit, but %x %x %x", c.name, r>>8, g>>8, b>>8)
			}
		}
	}
}

func TestDashes(t *testing.T) {
	for _, c := range []struct {
		pattern string
		points  []xy
		want    [][]xy
	}{
		{"", []xy{{0, 0}, {9, 0}}, [][]xy{{{0, 0}, {9, 0}}}},
		{"3 2", []xy{{0, 0}, {9, 0}}, [][]xy{{{0, 0}, {3, 0}}, {{5, 0}, {8, 0}}}},
		{"3 2", []xy{{0, 0}, {2, 0}, {2, 5}}, [][]xy{{{0, 0}, {2, 0}, {2, 1}}, {{2, 3}, {2, 5}}}},
		{"3 2", []xy{{4, 4}}, [][]xy{{{4, 4}}}},
	} {
		if diff := cmp.Diff(c.want, dashed(c.points, c.pattern), cmp.AllowUnexported(xy{})); diff != "" {
			t.Errorf("%q of %v:\n%s", c.pattern, c.points, diff)
		}
	}
}

func TestEveryColourStandsInAnAttribute(t *testing.T) {
	for _, c := range models() {
		for line := range strings.Lines(draw(t, c.model, Options{}) + climb(t, c.model)) {
			if strings.Contains(line, `class="`) && !strings.HasPrefix(line, "<svg") && !strings.Contains(line, `="#`) {
				t.Errorf("%s: coloured by class only: %s", c.name, line)
			}
			if strings.Contains(line, "style=") {
				t.Errorf("%s: a style attribute: %s", c.name, line)
			}
		}
	}
}

func TestClimb(t *testing.T) {
	svg := climb(t, leak())
	for _, want := range []string{">climb begins<", ">inflection<", ">forecast<", ">09:37:22<", ">OOM kill<", ">407 cycles<", ">no recovery<", ">08:30<", ">4 GiB<", `stroke-dasharray="3 3"`} {
		if !strings.Contains(svg, want) {
			t.Errorf("the close-up lacks %s", want)
		}
	}
	for _, c := range models() {
		run, points := primary(c.model)
		want := run != nil && len(points) > 1 && (run.Onset != nil || run.Inflection != nil)
		if got := climb(t, c.model) != ""; got != want {
			t.Errorf("%s: a close-up was drawn: %v, want %v", c.name, got, want)
		}
	}
}

// The inflection is what people look for: however near the end it is, and whatever else happens there, it has its name.
func TestInflectionIsAlwaysNamed(t *testing.T) {
	for _, at := range []float64{20710, 23000, 26000, 26250, 26300, 26304} {
		m := leak()
		m.Runs[0].Inflection.Seconds = at
		for i := range m.Chart.Moments {
			if m.Chart.Moments[i].Kind == report.MomentInflection {
				m.Chart.Moments[i].At = at
			}
		}
		if !strings.Contains(draw(t, m, Options{}), ">inflection<") || !strings.Contains(climb(t, m), ">inflection<") {
			t.Errorf("the inflection at %v has no name", at)
		}
	}
}

func TestNoCollections(t *testing.T) {
	m := model("nothing")
	m.Chart.Caption = "No collection was read. " + strings.Repeat("Words that say why. ", 20)
	svg := draw(t, m, Options{})
	for _, words := range []string{m.Verdict.Sentence.String()[:20], "No collection was read."} {
		if !strings.Contains(svg, words) {
			t.Errorf("%q is not in %s", words, svg)
		}
	}
	if strings.Count(svg, "<text") < 4 {
		t.Errorf("long words are not wrapped: %s", svg)
	}
}

func TestLogTextStaysText(t *testing.T) {
	const hostile = `</text><script>alert(1)</script>&"'`
	m := leak()
	m.Title, m.Chart.Description, m.Chart.AxisLabel = hostile, hostile, hostile
	for i := range m.Chart.Moments {
		m.Chart.Moments[i].Label, m.Chart.Moments[i].Text = hostile, hostile
	}
	for i := range m.Chart.Lines {
		m.Chart.Lines[i].Label, m.Chart.Lines[i].Short = hostile, hostile
	}
	for _, svg := range []string{draw(t, m, Options{Alone: true, ID: hostile}), climb(t, m)} {
		if n := elements(t, svg); n["script"] != 0 || n["svg"] != 1 {
			t.Errorf("log text became an element: %v", n)
		}
	}
}

// Labels may not cover each other: every two texts of a picture have boxes that are apart.
func TestTextsDoNotOverlap(t *testing.T) {
	type box struct {
		s              string
		x1, x2, y1, y2 float64
	}
	boxes := func(svg string) (out []box) {
		var open struct {
			Texts []struct {
				X      float64 `xml:"x,attr"`
				Y      float64 `xml:"y,attr"`
				Size   float64 `xml:"font-size,attr"`
				Anchor string  `xml:"text-anchor,attr"`
				Text   string  `xml:",chardata"`
			} `xml:"text"`
		}
		if err := xml.Unmarshal([]byte(svg), &open); err != nil {
			t.Fatal(err)
		}
		for _, e := range open.Texts {
			w := 0.55 * e.Size * float64(len([]rune(e.Text)))
			x := e.X - map[string]float64{"middle": w / 2, "end": w}[e.Anchor]
			out = append(out, box{e.Text, x, x + w, e.Y - 0.7*e.Size, e.Y})
		}
		return out
	}
	for _, c := range models() {
		for _, svg := range []string{draw(t, c.model, Options{}), draw(t, c.model, Options{Alone: true}), climb(t, c.model)} {
			if svg == "" {
				continue
			}
			all := boxes(svg)
			for i, a := range all {
				for _, b := range all[:i] {
					if a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2 {
						t.Errorf("%s: %q covers %q", c.name, a.s, b.s)
					}
				}
			}
		}
	}
}

func TestSettle(t *testing.T) {
	at := func(ys ...float64) (out []edgeLabel) {
		for _, y := range ys {
			out = append(out, edgeLabel{y: y})
		}
		return out
	}
	for _, c := range []struct {
		name string
		in   []edgeLabel
		want int
	}{
		{"apart", at(10, 50, 90), 3},
		{"two in one place", at(50, 50), 2},
		{"five in one place leave room for five lines", at(50, 50, 50, 50, 50), 5},
		{"the sixth and seventh have no room", at(50, 50, 50, 50, 50, 50, 50), 5},
		{"at the edge only half of the room is there", at(0, 0, 0, 0), 3},
		{"outside is moved in", at(-20, 400), 2},
	} {
		got := settle(c.in, 0, 300)
		if len(got) != c.want {
			t.Errorf("%s: %d labels placed, want %d: %v", c.name, len(got), c.want, got)
		}
		for i, a := range got {
			for _, b := range got[:i] {
				if math.Abs(a.y-b.y) < lineStep || a.y < 0 || a.y > 300 {
					t.Errorf("%s: labels at %v and %v", c.name, a.y, b.y)
				}
			}
		}
	}
}

// The drawn line must cross any height in the pixel columns in which the whole series crosses it.
func TestThinKeepsExtremesOfEachColumn(t *testing.T) {
	var all []xy
	for i := range 20000 {
		all = append(all, xy{float64(i) / 100, 100 + 50*math.Sin(float64(i)/37) + 30*math.Sin(float64(i*i))})
	}
	type reach struct{ low, high float64 }
	extent := func(points []xy) map[float64]reach {
		out := map[float64]reach{}
		for _, p := range points {
			column := math.Floor(p.x)
			r, seen := out[column]
			if !seen {
				r = reach{p.y, p.y}
			}
			out[column] = reach{min(r.low, p.y), max(r.high, p.y)}
		}
		return out
	}
	want := extent(all)
	kept := thin(slices.Clone(all))
	if len(kept) > 4*200 {
		t.Errorf("%d points left of %d in 200 columns", len(kept), len(all))
	}
	got := extent(kept)
	for column, r := range want {
		if got[column] != r {
			t.Errorf("column %v: kept %v, want %v", column, got[column], r)
		}
	}
}

// Whatever a broken model holds, the picture is XML and holds no number that is none.
func TestBrokenModels(t *testing.T) {
	for name, spoil := range map[string]func(*report.Model){
		"no width":       func(m *report.Model) { m.Chart.To = m.Chart.From },
		"no height":      func(m *report.Model) { m.Chart.Top = 0 },
		"NaN":            func(m *report.Model) { m.Chart.Runs[0].Points[5].At = math.NaN() },
		"infinite pause": func(m *report.Model) { m.Chart.Runs[0].Points[5].Pause = math.Inf(1) },
		"no points":      func(m *report.Model) { m.Chart.Runs[0].Points = nil },
		"one point":      func(m *report.Model) { m.Chart.Runs[0].Points = m.Chart.Runs[0].Points[:1] },
		"far forecast":   func(m *report.Model) { m.Runs[0].Forecast.Death = 1e9 },
		"negative sizes": func(m *report.Model) { m.Chart.Runs[0].Points[9].Live = -5 },
	} {
		m := leak()
		spoil(m)
		for _, svg := range []string{draw(t, m, Options{}), climb(t, m)} {
			if svg != "" && elements(t, svg)["svg"] != 1 {
				t.Errorf("%s: no picture", name)
			}
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
				t.Errorf("%s: a number that is none", name)
			}
		}
	}
}

type refusing struct{}

func (refusing) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestWriteErrorIsReported(t *testing.T) {
	if err := SVG(refusing{}, leak(), Options{}); err == nil {
		t.Error("SVG hides the error of its writer")
	}
	if err := Climb(refusing{}, leak(), Options{}); err == nil {
		t.Error("Climb hides the error of its writer")
	}
}
