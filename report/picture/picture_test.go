package picture

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"oomtrace/report"
	"oomtrace/report/picture/sample"
)

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
	for _, c := range sample.Cases() {
		for _, svg := range []string{draw(t, c.Model, Options{}), draw(t, c.Model, Options{Alone: true}), climb(t, c.Model)} {
			for name := range elements(t, svg) {
				if !known[name] {
					t.Errorf("%s: element <%s>", c.Name, name)
				}
			}
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
				t.Errorf("%s: a number that is none", c.Name)
			}
		}
	}
}

func TestSameModelSameBytes(t *testing.T) {
	for _, c := range sample.Cases() {
		first, second := draw(t, c.Model, Options{})+climb(t, c.Model), draw(t, c.Model, Options{})+climb(t, c.Model)
		if first != second {
			t.Errorf("%s: two drawings differ", c.Name)
		}
	}
}

func TestTimelineTellsTheStory(t *testing.T) {
	svg := draw(t, sample.Leak(), Options{ID: "x"})
	for _, want := range []string{
		`role="img"`, `aria-labelledby="x-title x-story"`, `<title id="x-title">checkout-api OOM-killed`, `<desc id="x-story">Live heap of checkout-api`,
		">limit 4 GiB<", ">live heap 3.", ">70 % = 2.80<", ">GC goal 3.40<", ">inflection<", ">09:10:56<", ">OOM kill<", ">climb begins<", ">restart<",
		">crossed 70 %, recovered<", ">09:00<", ">UTC<", ">GiB<", "stop-the-world pause", `stroke-dasharray="6 4"`, `stroke-dasharray="1 2.5"`,
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("the timeline lacks %s", want)
		}
	}
	if strings.Contains(svg, "forecast") {
		t.Error("the forecast belongs to the close-up")
	}
}

func TestEveryColourStandsInAnAttribute(t *testing.T) {
	for _, c := range sample.Cases() {
		for line := range strings.Lines(draw(t, c.Model, Options{}) + climb(t, c.Model)) {
			if strings.Contains(line, `class="`) && !strings.HasPrefix(line, "<svg") && !strings.Contains(line, `="#`) {
				t.Errorf("%s: coloured by class only: %s", c.Name, line)
			}
			if strings.Contains(line, "style=") {
				t.Errorf("%s: a style attribute: %s", c.Name, line)
			}
		}
	}
}

func TestClimb(t *testing.T) {
	svg := climb(t, sample.Leak())
	for _, want := range []string{">climb begins<", ">inflection<", ">forecast<", ">09:41<", ">OOM kill<", ">166 cycles<", ">no recovery<", ">08:30<", ">4 GiB<", `stroke-dasharray="3 3"`} {
		if !strings.Contains(svg, want) {
			t.Errorf("the close-up lacks %s", want)
		}
	}
	for _, c := range sample.Cases() {
		if got := climb(t, c.Model) != ""; got != HasClimb(c.Model) {
			t.Errorf("%s: HasClimb = %v, but a close-up was drawn: %v", c.Name, HasClimb(c.Model), got)
		}
	}
}

// The inflection is what people look for: however near the end it is, and whatever else happens there, it has its name.
func TestInflectionIsAlwaysNamed(t *testing.T) {
	for _, at := range []float64{9701, 12000, 15000, 15300, 15399, 15400} {
		m := sample.Leak()
		m.Runs[1].Inflection.Seconds = at
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
	if svg := draw(t, sample.Empty(), Options{}); !strings.Contains(svg, "no collection was read") {
		t.Errorf("an empty model gives %s", svg)
	}
}

func TestLogTextStaysText(t *testing.T) {
	const hostile = `</text><script>alert(1)</script>&"'`
	m := sample.Leak()
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
	for _, c := range sample.Cases() {
		for _, svg := range []string{draw(t, c.Model, Options{}), draw(t, c.Model, Options{Alone: true}), climb(t, c.Model)} {
			if svg == "" {
				continue
			}
			all := boxes(svg)
			for i, a := range all {
				for _, b := range all[:i] {
					if a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2 {
						t.Errorf("%s: %q covers %q", c.Name, a.s, b.s)
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

func TestTicks(t *testing.T) {
	labels := func(ch *report.Chart, from, to float64) string {
		var out []string
		for _, tick := range ticks(ch, []report.Point{{At: 0, Cycle: 7}, {At: 100, Cycle: 107}}, from, to, 5) {
			out = append(out, tick.Label)
		}
		return strings.Join(out, " ")
	}
	zero := time.Date(2026, 11, 12, 9, 0, 0, 0, time.UTC)
	india := time.FixedZone("IST", 5*3600+1800)
	for _, c := range []struct {
		name     string
		chart    report.Chart
		from, to float64
		want     string
	}{
		{"wall, an hour", report.Chart{Axis: report.AxisWall, Zero: zero}, 60, 3700, "09:15 09:30 09:45 10:00"},
		{"wall, another zone", report.Chart{Axis: report.AxisWall, Zero: zero, Zone: india}, 60, 3700, "14:45 15:00 15:15 15:30"},
		{"wall, seconds", report.Chart{Axis: report.AxisWall, Zero: zero}, 0, 20, "09:00:00 09:00:05 09:00:10 09:00:15 09:00:20"},
		{"wall, milliseconds", report.Chart{Axis: report.AxisWall, Zero: zero}, 0, 1, "09:00:00.000 09:00:00.200 09:00:00.400 09:00:00.600 09:00:00.800 09:00:01.000"},
		{"wall, days", report.Chart{Axis: report.AxisWall, Zero: zero}, 0, 5 * 86400, "13 Nov 14 Nov 15 Nov 16 Nov 17 Nov"},
		{"counting down", report.Chart{Axis: report.AxisTMinus, End: 3000}, 0, 3300, "T−45:00 T−30:00 T−15:00 T−0"},
		{"after the end", report.Chart{Axis: report.AxisTMinus, End: 40}, 10, 60, "T−30 s T−20 s T−10 s T−0 T+10 s T+20 s"},
		{"process clock", report.Chart{Axis: report.AxisProcess}, 0, 20000, "0 2:00 h 4:00 h"},
		{"by number", report.Chart{Axis: report.AxisCycles}, 0, 100, "7 107 107 107 107 107"},
		{"nothing", report.Chart{Axis: report.AxisProcess}, 5, 5, ""},
	} {
		if got := labels(&c.chart, c.from, c.to); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestMilliseconds(t *testing.T) {
	for seconds, want := range map[float64]string{0.000012: "0.012 ms", 0.00057: "0.57 ms", 0.0033: "3.3 ms", 0.25: "250 ms", 12: "12000 ms"} {
		if got := milliseconds(seconds); got != want {
			t.Errorf("milliseconds(%v) = %q, want %q", seconds, got, want)
		}
	}
}

// Whatever a broken model holds, the picture is XML and holds no number that is none.
func TestBrokenModels(t *testing.T) {
	for name, spoil := range map[string]func(*report.Model){
		"no width":       func(m *report.Model) { m.Chart.To = m.Chart.From },
		"no height":      func(m *report.Model) { m.Chart.Top = 0 },
		"NaN":            func(m *report.Model) { m.Chart.Runs[1].Points[5].At = math.NaN() },
		"infinite pause": func(m *report.Model) { m.Chart.Runs[1].Points[5].Pause = math.Inf(1) },
		"no points":      func(m *report.Model) { m.Chart.Runs[1].Points = nil },
		"one point":      func(m *report.Model) { m.Chart.Runs[1].Points = m.Chart.Runs[1].Points[:1] },
		"far forecast":   func(m *report.Model) { m.Runs[1].Forecast.Death = 1e9 },
		"negative sizes": func(m *report.Model) { m.Chart.Runs[1].Points[9].Live = -5 },
	} {
		m := sample.Leak()
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
	if err := SVG(refusing{}, sample.Leak(), Options{}); err == nil {
		t.Error("SVG hides the error of its writer")
	}
	if err := Climb(refusing{}, sample.Leak(), Options{}); err == nil {
		t.Error("Climb hides the error of its writer")
	}
}
