package html

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/report/picture/sample"
)

func render(t testing.TB, m *report.Model, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, m, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// element is an element of a parsed page: its name, its attributes, and the text directly inside it.
type element struct {
	name  string
	attrs map[string]string
	text  string
}

func parse(t testing.TB, page string) []element {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out []element
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			e := element{name: n.Data, attrs: map[string]string{}}
			for _, a := range n.Attr {
				e.attrs[a.Key] = a.Val
			}
			for c := n.FirstChild; c != nil; c = c.NextSibling {
				if c.Type == html.TextNode {
					e.text += c.Data
				}
			}
			out = append(out, e)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	return out
}

func named(elements []element, name string) []element {
	return slices.DeleteFunc(slices.Clone(elements), func(e element) bool { return e.name != name })
}

// labelAttrs are the attributes of a line or a text in a picture. How many of them there are depends on the length of labels:
// one without room is left out.
var labelAttrs = []string{"class", "fill", "font-size", "font-weight", "stroke", "stroke-dasharray", "stroke-width", "text-anchor", "x", "x1", "x2", "y", "y1", "y2"}

func unlabelled(elements []element) []element {
	return slices.DeleteFunc(slices.Clone(elements), func(e element) bool {
		if e.name != "line" && e.name != "text" {
			return false
		}
		for key := range e.attrs {
			if !slices.Contains(labelAttrs, key) {
				return false
			}
		}
		return true
	})
}

// skeleton is what a page is made of: elements and names of attributes, without any text.
func skeleton(elements []element) []string {
	var out []string
	for _, e := range elements {
		var keys []string
		for k := range e.attrs {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		out = append(out, e.name+"["+strings.Join(keys, " ")+"]")
	}
	return out
}

func TestPageHasItsParts(t *testing.T) {
	for _, c := range sample.Cases() {
		for _, o := range []Options{{}, {Static: true}} {
			page := render(t, c.Model, o)
			elements := parse(t, page)
			if !strings.HasPrefix(page, Marker+"\n<!doctype html>\n") {
				t.Errorf("%s: begins with %q", c.Name, page[:60])
			}
			if n := len(named(elements, "h1")); n != 1 {
				t.Errorf("%s: %d h1", c.Name, n)
			}
			if n := len(named(elements, "main")); n != 1 {
				t.Errorf("%s: %d main", c.Name, n)
			}
			want := 3
			if o.Static {
				want = 0
			}
			if n := len(named(elements, "script")); n != want {
				t.Errorf("%s: %d scripts, want %d", c.Name, n, want)
			}
			for _, id := range []string{"verdict", "timeline", "method", "read", "provenance"} {
				if !slices.ContainsFunc(elements, func(e element) bool { return e.attrs["id"] == id }) {
					t.Errorf("%s: nothing has the id %s", c.Name, id)
				}
			}
			for _, th := range named(elements, "th") {
				if th.attrs["scope"] == "" {
					t.Errorf("%s: a table header without scope: %q", c.Name, th.text)
				}
			}
		}
	}
}

func TestLinksLeadSomewhereAndIDsAreUnique(t *testing.T) {
	for _, c := range sample.Cases() {
		elements := parse(t, render(t, c.Model, Options{}))
		ids := map[string]int{}
		for _, e := range elements {
			if id := e.attrs["id"]; id != "" {
				ids[id]++
			}
		}
		for id, n := range ids {
			if n > 1 {
				t.Errorf("%s: %d elements have the id %s", c.Name, n, id)
			}
		}
		for _, e := range elements {
			if target, ok := strings.CutPrefix(e.attrs["href"], "#"); ok && ids[target] == 0 {
				t.Errorf("%s: a link leads to #%s, which is not there", c.Name, target)
			}
			for _, id := range strings.Fields(e.attrs["aria-labelledby"]) {
				if ids[id] == 0 {
					t.Errorf("%s: labelled by %s, which is not there", c.Name, id)
				}
			}
		}
	}
	leak := parse(t, render(t, sample.Leak(), Options{}))
	for _, id := range []string{"L6086", "L212-kern.log"} {
		if !slices.ContainsFunc(leak, func(e element) bool { return e.name == "tr" && e.attrs["id"] == id }) {
			t.Errorf("no row has the id %s", id)
		}
	}
}

// Content that is there must reach the page, whether scripts run or not.
func TestContent(t *testing.T) {
	for _, o := range []Options{{}, {Static: true}} {
		page := render(t, sample.Leak(), o)
		for _, want := range []string{
			"Go heap leak · confidence high", "was OOM-killed at 09:33:06 UTC", "Live heap crossed 70 %", "<code>session.(*Cache).put</code>",
			"22 min 09 s", "r² 0.999 over 864 cycles", "Heap that survived each", "pointed to the end at <b>09:41</b>; the kill came 8 minutes sooner.",
			"15 min before the inflection", "0.998", "Evidence around the inflection", "70.0 %", "858 further cycles", "last cycle in the log",
			"gctrace.log:6083: gc 3199 ", "Memory cgroup out of memory: Killed process 41877", "What other logs say", "encoding/json.Unmarshal ← session.Load",
			"heap-0925.pb.gz", "r² 0.999.", "at 6 GiB no cycle crosses", "No goroutine dump", "2026 is assumed", "kern.log:1<", "3 damaged lines left out",
			"Go gctrace", "6968", "(cut short)", "gctrace.log:2204", "column 34: unexpected &#34;{&#34;", "7208 lines, 3 damaged", "2 more are not shown",
			"oomtrace analyze gctrace.log kern.log", "9f2c61d07a1b5f0e9f2c61d07a1b5f0e9f2c61d07a1b5f0e9f2c61d0c0a4e41b", "4294967296 bytes", "oomtrace/1",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("static %v: the page lacks %q", o.Static, want)
			}
		}
	}
	if page := render(t, sample.Healthy(), Options{Static: true}); !strings.Contains(page, `<body class="calm">`) || strings.Contains(page, `id="growth"`) {
		t.Error("a healthy log is not calm, or shows a growth that is none")
	}
}

func TestTwoRendersAreEqual(t *testing.T) {
	for _, c := range sample.Cases() {
		first, second := render(t, c.Model, Options{}), render(t, c.Model, Options{})
		if first != second {
			t.Errorf("%s: two renders differ", c.Name)
		}
	}
}

func TestPolicyRunsOurScriptsOnly(t *testing.T) {
	for _, o := range []Options{{}, {Static: true}} {
		elements := parse(t, render(t, sample.Leak(), o))
		var got string
		for _, e := range named(elements, "meta") {
			if e.attrs["http-equiv"] == "Content-Security-Policy" {
				got = e.attrs["content"]
			}
		}
		want := "default-src 'none';"
		for i, s := range named(elements, "script") {
			if s.attrs["type"] != "" {
				continue // data, never run
			}
			if i == 0 {
				want += " script-src"
			}
			sum := sha256.Sum256([]byte(s.text))
			want += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		}
		if !o.Static {
			want += ";"
		}
		want += " style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
		if got != want {
			t.Errorf("static %v: policy\n%s\nwant\n%s", o.Static, got, want)
		}
	}
}

func TestPageLoadsNothing(t *testing.T) {
	plain := regexp.MustCompile(`(?i)\b(?:https?|wss?|ftp|file)://[^\s"'<>)]*`)
	css := regexp.MustCompile(`(?i)url\(|@import|expression\(`)
	for _, c := range sample.Cases() {
		for _, e := range parse(t, render(t, c.Model, Options{})) {
			for key, value := range e.attrs {
				switch {
				case e.name == "a" && key == "href", key == "xmlns": // a link is followed by people only, a namespace is a name
				case slices.Contains([]string{"src", "srcset", "href", "xlink:href", "data", "action", "formaction", "poster", "background", "ping"}, key):
					t.Errorf("%s: <%s %s=%q>", c.Name, e.name, key, value)
				case strings.HasPrefix(key, "on"), key == "style":
					t.Errorf("%s: <%s %s>", c.Name, e.name, key)
				case plain.MatchString(value):
					t.Errorf("%s: an address in <%s %s=%q>", c.Name, e.name, key, value)
				}
			}
			if slices.Contains([]string{"link", "img", "iframe", "object", "embed", "base", "form", "use", "image", "foreignobject", "video", "audio", "source"}, e.name) {
				t.Errorf("%s: <%s>", c.Name, e.name)
			}
			if e.name == "style" && css.MatchString(e.text) {
				t.Errorf("%s: the style sheet loads something", c.Name)
			}
		}
	}
	if address := plain.FindString(boot); address != "" {
		t.Errorf("boot.js names %s", address)
	}
}

// Size budget: a static page 170 kB, a whole one 900 kB, for any length of the log. The model never holds more than
// some 2,600 points: 2,000 of the reduction and those that it must keep.
func TestSize(t *testing.T) {
	m := sample.Leak()
	thin := 0
	for i := range m.Chart.Runs {
		points := m.Chart.Runs[i].Points
		m.Chart.Runs[i].Points = points[:min(len(points), 1300)]
		thin += len(m.Chart.Runs[i].Points)
		for k := range m.Chart.Runs[i].Points {
			p := &m.Chart.Runs[i].Points[k]
			p.Live += unit.Bytes(k*k*7919) % (600 * unit.MiB) // as uneven as can be
			p.Peak = p.Live + unit.Bytes(k*k*104729)%(600*unit.MiB)
			p.Cycle, p.Line = p.Cycle+990_000, p.Line+2_990_000
		}
	}
	for _, c := range []struct {
		o     Options
		limit int
	}{{Options{Static: true}, 170_000}, {Options{}, 900_000}} {
		if n := len(render(t, m, c.o)); n > c.limit {
			t.Errorf("static %v: %d bytes with %d points, the budget is %d", c.o.Static, n, thin, c.limit)
		}
	}
}

// hostile are strings that break out of one context or another.
var hostile = []string{
	`</script><script>alert(1)</script>`,
	`<!--<script>`,
	`--><img src=x onerror=alert(1)>`,
	`__f__alert(1)__f__`,
	`"'><svg onload=alert(1)>`,
	"\x1b[31m\x1b]8;;http://evil.example/\x07click\u202e",
	`</style><style>*{background:url(http://evil.example)}`,
	`</textarea></title></svg><a href="javascript:alert(1)" onclick=x>`,
	`{{.}} ${alert(1)} {a} {b}`,
	"\x00\xff\u2028\u2029 ]]>",
}

// spoil sets every string that can be reached from v, but the ones that the program itself compares with.
func spoil(v reflect.Value, s string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			spoil(v.Elem(), s)
		}
	case reflect.Struct:
		if v.Type().PkgPath() == "time" {
			return
		}
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; v.Type() == reflect.TypeFor[report.EvidenceRow]() && name == "Kind" || v.Type() == reflect.TypeFor[report.Evidence]() && name == "Of" {
				continue
			}
			spoil(v.Field(i), s)
		}
	case reflect.Slice:
		for i := range v.Len() {
			spoil(v.Index(i), s)
		}
	case reflect.String:
		if v.CanSet() && v.Type() == reflect.TypeFor[string]() && v.Len() > 0 {
			v.SetString(s)
		}
	}
}

// check renders a model whose strings are all s and compares the page with that of harmless strings: the same elements
// with the same attributes, so that no text became markup.
func check(t testing.TB, m *report.Model, s string, pages ...Options) {
	t.Helper()
	for _, o := range pages {
		spoil(reflect.ValueOf(m), "harmless")
		want := unlabelled(parse(t, render(t, m, o)))
		spoil(reflect.ValueOf(m), s)
		got := unlabelled(parse(t, render(t, m, o)))
		if w, g := skeleton(want), skeleton(got); !slices.Equal(w, g) {
			i := 0
			for i < min(len(w), len(g)) && w[i] == g[i] {
				i++
			}
			t.Fatalf("%q became markup: %d elements, want %d; first difference at %d: %q, want %q", s, len(g), len(w), i, g[min(i, len(g)-1)], w[min(i, len(w)-1)])
		}
		for i, e := range got {
			switch {
			case e.name == "script" && e.attrs["type"] == "" && e.text != want[i].text:
				t.Fatalf("%q changed a script", s)
			case e.name == "script" && e.attrs["type"] != "" && e.text != want[i].text:
				t.Fatalf("%q reached the data of the chart", s)
			case e.name == "style" && e.text != want[i].text:
				t.Fatalf("%q changed the style sheet", s)
			case e.attrs["href"] != want[i].attrs["href"] && !strings.HasPrefix(e.attrs["href"], "#L"):
				t.Fatalf("%q became the link %q", s, e.attrs["href"])
			}
		}
	}
	data, err := chartJSON(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"__f__", "</script", "<", "evil"} {
		if bytes.Contains(bytes.ToLower(data), []byte(bad)) {
			t.Fatalf("%q: the chart's data contain %q", s, bad)
		}
	}
}

func TestHostileText(t *testing.T) {
	for _, m := range []*report.Model{sample.Leak(), sample.Empty()} {
		for _, s := range hostile {
			check(t, m, s, Options{}, Options{Static: true})
		}
	}
}

func FuzzHostileText(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	m := sample.Leak()
	for i := range m.Chart.Runs {
		m.Chart.Runs[i].Points = m.Chart.Runs[i].Points[:3]
	}
	f.Fuzz(func(t *testing.T, s string) {
		if s == "" {
			t.Skip("an absent text leaves out its element, and should")
		}
		check(t, m, s, Options{Static: true})
	})
}

func TestChartData(t *testing.T) {
	m := sample.Leak()
	m.Chart.Runs[1].Points[3].Pause = math.NaN()
	m.Chart.Runs[1].Points[4].Pause = math.Inf(1)
	m.Chart.Runs[1].Points[5].At = math.NaN()
	data, err := chartJSON(m)
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Option struct {
			UseUTC   bool
			Dataset  []struct{ Source [][]*float64 }
			DataZoom []struct{ ZoomOnMouseWheel string }
			YAxis    []struct{ Interval float64 }
			Series   []struct {
				Name   string
				Data   any
				Encode struct{ X, Y int }
			}
		}
	}
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	o := f.Option
	if !o.UseUTC || o.DataZoom[0].ZoomOnMouseWheel != "ctrl" || o.YAxis[0].Interval != float64(unit.GiB) {
		t.Errorf("useUTC %v, zoom %q, interval %v", o.UseUTC, o.DataZoom[0].ZoomOnMouseWheel, o.YAxis[0].Interval)
	}
	rows := o.Dataset[0].Source
	if want := len(m.Chart.Runs[0].Points) + 1 + len(m.Chart.Runs[1].Points); len(rows) != want {
		t.Errorf("%d rows, want %d: every point, and one empty row between the runs", len(rows), want)
	}
	second := len(m.Chart.Runs[0].Points) + 1
	if rows[second-1][colLive] != nil {
		t.Error("the line does not break between two runs")
	}
	if rows[second+3][colPause] != nil || rows[second+4][colPause] != nil {
		t.Error("a pause that is no number is not null")
	}
	if got := *rows[second+7][colLive]; got != float64(m.Chart.Runs[1].Points[7].Live) {
		t.Errorf("live heap %v, want %v", got, m.Chart.Runs[1].Points[7].Live)
	}
	for _, s := range o.Series {
		if s.Data != nil || s.Encode.Y == 0 {
			t.Errorf("series %s is not tied to the data set", s.Name)
		}
	}
	for _, unwanted := range []string{`"legend"`, `"toolbox"`, `"title"`, "http"} {
		if bytes.Contains(data, []byte(unwanted)) {
			t.Errorf("the option has %s", unwanted)
		}
	}
}

func TestHorizontalAxis(t *testing.T) {
	for _, c := range []struct {
		axis report.Axis
		at   float64
		want float64
	}{
		{report.AxisProcess, 12.5, 12500},
		{report.AxisTMinus, 15300, -100000},
		{report.AxisCycles, 7, 7},
		{report.AxisWall, 0, 1794460900000},
		{report.AxisWall, math.NaN(), 0},
	} {
		ch := sample.Leak().Chart
		ch.Axis = c.axis
		if got := horizontal(&ch)(c.at); got != c.want {
			t.Errorf("%s at %v = %v, want %v", c.axis, c.at, got, c.want)
		}
	}
}

func TestAnchors(t *testing.T) {
	a := anchors{file: "gc.log", taken: map[string]bool{}}
	line := func(file string, n int) event.Pos { return event.Pos{File: file, Line: n} }
	for _, c := range []struct {
		pos        event.Pos
		take, then string
	}{
		{line("gc.log", 7), "L7", "L7"},
		{line("gc.log", 7), "", "L7"},
		{line("a b/kern.log!x", 7), "L7-a_b_kern.log_x", "L7-a_b_kern.log_x"},
		{line("kern.log", 7), "L7-kern.log", "L7-kern.log"},
		{line("gc.log", 0), "", ""},
		{event.Pos{}, "", ""},
	} {
		if got := a.take(c.pos); got != c.take {
			t.Errorf("take(%v) = %q, want %q", c.pos, got, c.take)
		}
		if got := a.link(c.pos); got != c.then {
			t.Errorf("link(%v) = %q, want %q", c.pos, got, c.then)
		}
	}
	if got := a.link(line("gc.log", 8)); got != "" {
		t.Errorf("a link leads to %q, which nothing shows", got)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriteErrorIsReported(t *testing.T) {
	if err := Write(full{}, sample.Leak(), Options{}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("Write = %v", err)
	}
}
