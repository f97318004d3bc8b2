package html

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
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
	"oomtrace/report/picture"
	"oomtrace/report/reporttest"
	"oomtrace/timeline"
)

type incident struct {
	name  string
	model *report.Model
}

// models are all incidents of the tests.
func models() (out []incident) {
	for _, c := range reporttest.Cases() {
		out = append(out, incident{c.Name, report.New(c.Input)})
	}
	return out
}

func model(name string) *report.Model {
	all := models()
	return all[slices.IndexFunc(all, func(c incident) bool { return c.name == name })].model
}

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

// unlabelled leaves out what depends on the words: labels, and the options in sentences, which are set off by how they look.
func unlabelled(elements []element) []element {
	return slices.DeleteFunc(slices.Clone(elements), func(e element) bool {
		if e.name == "code" && e.attrs["class"] == "option" {
			return true
		}
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
	for _, c := range models() {
		for _, o := range []Options{{}, {Static: true}} {
			page := render(t, c.model, o)
			elements := parse(t, page)
			if !strings.HasPrefix(page, Marker+"\n<!doctype html>\n") {
				t.Errorf("%s: begins with %q", c.name, page[:60])
			}
			if n := len(named(elements, "h1")); n != 1 {
				t.Errorf("%s: %d h1", c.name, n)
			}
			if n := len(named(elements, "main")); n != 1 {
				t.Errorf("%s: %d main", c.name, n)
			}
			want := 4 // the buttons, the library, its data, and the chart
			switch {
			case o.Static:
				want = 0
			case len(c.model.Chart.Runs) == 0:
				want = 1
			}
			if n := len(named(elements, "script")); n != want {
				t.Errorf("%s: %d scripts, want %d", c.name, n, want)
			}
			for _, id := range []string{"verdict", "timeline", "method", "read", "provenance"} {
				if !slices.ContainsFunc(elements, func(e element) bool { return e.attrs["id"] == id }) {
					t.Errorf("%s: nothing has the id %s", c.name, id)
				}
			}
			for _, th := range named(elements, "th") {
				if th.attrs["scope"] == "" {
					t.Errorf("%s: a table header without scope: %q", c.name, th.text)
				}
			}
		}
	}
}

func TestLinksLeadSomewhereAndIDsAreUnique(t *testing.T) {
	for _, c := range models() {
		elements := parse(t, render(t, c.model, Options{}))
		ids := map[string]int{}
		for _, e := range elements {
			if id := e.attrs["id"]; id != "" {
				ids[id]++
			}
		}
		for id, n := range ids {
			if n > 1 {
				t.Errorf("%s: %d elements have the id %s", c.name, n, id)
			}
		}
		for _, e := range elements {
			if target, ok := strings.CutPrefix(e.attrs["href"], "#"); ok && ids[target] == 0 {
				t.Errorf("%s: a link leads to #%s, which is not there", c.name, target)
			}
			for _, id := range strings.Fields(e.attrs["aria-labelledby"]) {
				if ids[id] == 0 {
					t.Errorf("%s: labelled by %s, which is not there", c.name, id)
				}
			}
		}
	}
	leak := parse(t, render(t, model("leak"), Options{}))
	for _, id := range []string{"L3787", "L212-kern.log"} {
		if !slices.ContainsFunc(leak, func(e element) bool { return e.name == "tr" && e.attrs["id"] == id }) {
			t.Errorf("no row has the id %s", id)
		}
	}
}

// Content that is there must reach the page, whether scripts run or not.
func TestContent(t *testing.T) {
	for _, o := range []Options{{}, {Static: true}} {
		page := render(t, model("leak"), o)
		for _, want := range []string{
			"Go heap leak · confidence high", "was OOM-killed at 09:28:24 UTC", "Live heap crossed 70 %", "<code>session.(*Cache).put</code>",
			"27 min 12 s", "r² 0.999 over 1,400 cycles", "Heap that survived each",
			"Evidence around the inflection", "70.0 %", "further cycles", "last cycle",
			"kern.log:212", "What other logs say", "session.Load ← net/http.HandlerFunc.ServeHTTP",
			"heap-0925.pb.gz", "at 6 GiB no cycle crosses", "2 damaged lines left out",
			"Go gctrace", "2300", "gctrace.log:2204", "expected milliseconds at column 34", "4852 lines, 2 damaged",
			"oomtrace analyze gctrace.log kern.log", "9f2c61d07a1b5f0e9f2c61d07a1b5f0e9f2c61d07a1b5f0e9f2c61d0c0a4e41b", "4294967296 bytes", "oomtrace/1",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("static %v: the page lacks %q", o.Static, want)
			}
		}
	}
	if page := render(t, model("healthy"), Options{Static: true}); !strings.Contains(page, `<body class="calm">`) || strings.Contains(page, `id="growth"`) {
		t.Error("a healthy log is not calm, or shows a growth that is none")
	}
}

func TestTwoRendersAreEqual(t *testing.T) {
	for _, c := range models() {
		first, second := render(t, c.model, Options{}), render(t, c.model, Options{})
		if first != second {
			t.Errorf("%s: two renders differ", c.name)
		}
	}
}

func TestPolicyRunsOurScriptsOnly(t *testing.T) {
	for _, o := range []Options{{}, {Static: true}} {
		elements := parse(t, render(t, model("leak"), o))
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
	for _, c := range models() {
		for _, e := range parse(t, render(t, c.model, Options{})) {
			for key, value := range e.attrs {
				switch {
				case e.name == "a" && key == "href", key == "xmlns": // a link is followed by people only, a namespace is a name
				case slices.Contains([]string{"src", "srcset", "href", "xlink:href", "data", "action", "formaction", "poster", "background", "ping"}, key):
					t.Errorf("%s: <%s %s=%q>", c.name, e.name, key, value)
				case strings.HasPrefix(key, "on"), key == "style":
					t.Errorf("%s: <%s %s>", c.name, e.name, key)
				case plain.MatchString(value):
					t.Errorf("%s: an address in <%s %s=%q>", c.name, e.name, key, value)
				}
			}
			if slices.Contains([]string{"link", "img", "iframe", "object", "embed", "base", "form", "use", "image", "foreignobject", "video", "audio", "source"}, e.name) {
				t.Errorf("%s: <%s>", c.name, e.name)
			}
			if e.name == "style" && css.MatchString(e.text) {
				t.Errorf("%s: the style sheet loads something", c.name)
			}
		}
	}
	if address := plain.FindString(pageScript + chartScript); address != "" {
		t.Errorf("a script of ours names %s", address)
	}
}

// Size budget: a static page 170 kB, a whole one 900 kB, for any length of the log. The model never holds more than
// some 2,600 points: 2,000 of the reduction and those that it must keep.
func TestSize(t *testing.T) {
	m := model("leak")
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
	"-ce",
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
		spoil(reflect.ValueOf(m), "harmless?") // a sign that keeps it out of the data of the chart
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

// The library comes where it has something to draw; the buttons work without it.
func TestLibraryOnlyForCollections(t *testing.T) {
	for name, want := range map[string]bool{"leak": true, "nothing": false, "kernel-only": false} {
		page := render(t, model(name), Options{})
		if got := strings.Contains(page, "Apache ECharts"); got != want {
			t.Errorf("%s: the library is there: %v", name, got)
		}
		if !strings.Contains(page, `id="copy"`) || strings.Count(page, "<script>") < 1 {
			t.Errorf("%s: the buttons are gone", name)
		}
		if drawn := strings.Contains(page, "<figure>"); drawn != (name != "nothing") {
			t.Errorf("%s: a figure is there: %v", name, drawn)
		}
	}
}

func TestHostileText(t *testing.T) {
	for _, m := range []*report.Model{model("leak"), model("nothing")} {
		for _, s := range hostile {
			check(t, m, s, Options{}, Options{Static: true})
		}
	}
}

func FuzzHostileText(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	m := model("leak")
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

// The tooltip names the file of a line where several were read. Names stand in the page, escaped, and in the figure their numbers.
func TestChartNamesFiles(t *testing.T) {
	in := reporttest.Leak()
	run := in.Timeline.Runs[0]
	one := report.New(in)
	in.Timeline.Files = append(in.Timeline.Files, "rotated <b>.log", "unused.log")
	for i := 1000; i < run.Cycles.Len(); i++ {
		run.Cycles.At(i).File = 1
	}
	m := report.New(in)
	if got, want := chartFiles(m), []string{m.Files[0], "rotated <b>.log"}; !slices.Equal(got, want) || chartFiles(one) != nil {
		t.Errorf("got %q and %q, want %q and none", got, chartFiles(one), want)
	}
	table := rows(m, horizontal(&m.Chart))
	if first, last := table[0], table[len(table)-1]; len(first) != colFile || len(last) != colFile+1 || last[colFile] != 1 {
		t.Errorf("first row %v, last %v", first, last)
	}
	page := func(m *report.Model) string {
		var b strings.Builder
		if err := Write(&b, m, Options{}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if !strings.Contains(page(m), `<ul id="files" hidden><li>`+m.Files[0]+`</li><li>rotated &lt;b&gt;.log</li></ul>`) || strings.Contains(page(one), `id="files"`) {
		t.Error("the page does not name the files, or names the only one")
	}
}

// Every level that a chart may be of has its own name in the script.
func TestLevelNames(t *testing.T) {
	levels := slices.Sorted(maps.Values(timeline.LevelNames))
	levels = append(levels, timeline.FromLog.Words("").Level, timeline.Uncollected.Level, "class metadata", "class space", "permanent generation")
	for _, level := range levels {
		ch := &report.Chart{Level: level}
		if got := levelName(ch); got != picture.LevelName(ch) {
			t.Errorf("%s is called %s", level, got)
		}
	}
}

func TestChartData(t *testing.T) {
	m := model("crash-loop")
	points := m.Chart.Runs[1].Points
	points[3].Pause, points[4].Pause, points[5].At = math.NaN(), math.Inf(1), math.NaN()
	data, err := chartJSON(m)
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Option struct {
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
	if o.DataZoom[0].ZoomOnMouseWheel != "ctrl" || o.YAxis[0].Interval != float64(128*unit.MiB) {
		t.Errorf("zoom %q, interval %v", o.DataZoom[0].ZoomOnMouseWheel, o.YAxis[0].Interval)
	}
	rows := o.Dataset[0].Source
	if want := 3*len(points) + 2; len(rows) != want {
		t.Errorf("%d rows, want %d: every point, and an empty row between two runs", len(rows), want)
	}
	second := len(m.Chart.Runs[0].Points) + 1
	if rows[second-1][colLive] != nil {
		t.Error("the line does not break between two runs")
	}
	if rows[second+3][colPause] != nil || rows[second+4][colPause] != nil {
		t.Error("a pause that is no number is not null")
	}
	if got := *rows[second+7][colLive]; got != float64(points[7].Live) {
		t.Errorf("live heap %v, want %v", got, points[7].Live)
	}
	for _, s := range o.Series {
		if s.Data != nil || s.Encode.Y == 0 {
			t.Errorf("series %s is not tied to the data set", s.Name)
		}
	}
	if n := len(o.Series); n != 5 {
		t.Errorf("%d series, want the heap, its band and goal, and the pauses", n)
	}
	for _, unwanted := range []string{`"legend"`, `"toolbox"`, `"title":{`, "http"} {
		if bytes.Contains(data, []byte(unwanted)) {
			t.Errorf("the option has %s", unwanted)
		}
	}
}

// Every lane has a plot, axes and values of its own, and moves with the others.
func TestLanesInTheChart(t *testing.T) {
	m := model("java")
	data, err := chartJSON(m)
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Option struct {
			Grid     []any
			XAxis    []any
			YAxis    []any
			DataZoom []struct{ XAxisIndex []int }
			Series   []struct {
				Name       string
				XAxisIndex int
				Data       [][]*float64
			}
		}
		Lanes []struct {
			Title, Of string
			Edges     []struct{ Text string }
			Data      [][]*float64
		}
	}
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	want := []string{"old generation", "metaspace", "share of time stopped for collections", "stop-the-world pause, longest in each column"}
	var got []string
	for i, l := range f.Lanes {
		got = append(got, l.Title)
		if n := len(l.Data); (l.Of == "seconds") != (n == 0) || l.Edges[0].Text != m.Chart.Lanes[i].Last {
			t.Errorf("%s: %d values, the last %q, want %q", l.Title, n, l.Edges[0].Text, m.Chart.Lanes[i].Last)
		}
		if !slices.ContainsFunc(f.Option.Series, func(s struct {
			Name       string
			XAxisIndex int
			Data       [][]*float64
		},
		) bool {
			return s.XAxisIndex == i+1
		}) {
			t.Errorf("%s: no series in its plot", l.Title)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("lanes %q, want %q", got, want)
	}
	o := f.Option
	if len(o.Grid) != 5 || len(o.XAxis) != 5 || len(o.YAxis) != 5 || !slices.Equal(o.DataZoom[0].XAxisIndex, []int{0, 1, 2, 3, 4}) {
		t.Errorf("%d plots, %d and %d axes, zoom of %v", len(o.Grid), len(o.XAxis), len(o.YAxis), o.DataZoom[0].XAxisIndex)
	}
}

// The labels of the vertical axes and the last values of the lanes are plain words, whatever their size: none is lost.
func TestLabelsReachTheScript(t *testing.T) {
	for _, c := range models() {
		ch := &c.model.Chart
		got := heights(ch)
		if len(got) != len(ch.Lanes)+2 || len(got[0]) != len(ch.YTicks) {
			t.Errorf("%s: labels %q of %d ticks and %d lanes", c.name, got, len(ch.YTicks), len(ch.Lanes))
			continue
		}
		for i, tick := range ch.YTicks {
			if got[0][i] != tick.Label {
				t.Errorf("%s: tick %q, want %q", c.name, got[0][i], tick.Label)
			}
		}
		for k, l := range ch.Lanes {
			for i, tick := range l.Ticks {
				if got[k+1][i] != tick.Label {
					t.Errorf("%s: tick %q of %s, want %q", c.name, got[k+1][i], l.Title, tick.Label)
				}
			}
			if last := laneEdges(l)[0].Text; last != l.Last {
				t.Errorf("%s: the last value of %s is %q, want %q", c.name, l.Title, last, l.Last)
			}
		}
	}
	if got := word("1,200", ""); got != "1,200" {
		t.Errorf("a count of thousands became %q", got)
	}
}

// Another process is drawn apart from the lives of the one that died.
func TestOtherProcessInTheChart(t *testing.T) {
	m := model("processes")
	ch := &m.Chart
	i := slices.IndexFunc(ch.Runs, func(s report.Series) bool { return s.Other })
	x := horizontal(ch)
	if i < 0 || len(others(ch, x)) != len(ch.Runs[i].Points) || len(rows(m, x)) != len(ch.Runs[1-i].Points) {
		t.Errorf("other process: series %d, %d points apart, %d in the data set", i, len(others(ch, x)), len(rows(m, x)))
	}
}

func TestHorizontalAxis(t *testing.T) {
	for _, c := range []struct {
		axis report.Axis
		at   float64
		want float64
	}{
		{report.AxisProcess, 12.5, 12500},
		{report.AxisTMinus, 26204, -100000},
		{report.AxisCycles, 7, 7},
		{report.AxisWall, 0, 1794449400000},
		{report.AxisWall, math.NaN(), 0},
	} {
		ch := model("leak").Chart
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
	if err := Write(full{}, model("leak"), Options{}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("Write = %v", err)
	}
}
