package browsertest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata" // the test needs a zone, whatever the machine has

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"oomtrace"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/report/html"
	"oomtrace/report/reporttest"
)

// browser starts one browser for all tests, or skips the test where there is none.
var browser = sync.OnceValues(func() (context.Context, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat("node_modules/axe-core/axe.min.js"); err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WSURLReadTimeout(time.Minute),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true),
	)
	allocated, _ := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(allocated)
	return ctx, chromedp.Run(ctx)
})

func TestMain(m *testing.M) {
	code := m.Run()
	if ctx, err := browser(); err == nil {
		_ = chromedp.Cancel(ctx)
	}
	os.Exit(code)
}

// tab is a page of the browser that writes down what it should not do.
type tab struct {
	ctx      context.Context
	mu       sync.Mutex
	requests []string
	messages []string
}

func open(t *testing.T) *tab {
	t.Helper()
	ctx, err := browser()
	if err != nil {
		if os.Getenv("BROWSER") == "required" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(stop)
	b := &tab{ctx: ctx}
	chromedp.ListenTarget(ctx, func(ev any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch ev := ev.(type) {
		case *network.EventRequestWillBeSent:
			b.requests = append(b.requests, ev.Request.URL)
		case *runtime.EventConsoleAPICalled:
			b.messages = append(b.messages, fmt.Sprintf("%s: %s", ev.Type, values(ev.Args)))
		case *runtime.EventExceptionThrown:
			b.messages = append(b.messages, ev.ExceptionDetails.Error())
		case *cdplog.EventEntryAdded:
			b.messages = append(b.messages, ev.Entry.Text)
		}
	})
	b.run(t, network.Enable(), cdplog.Enable(), runtime.Enable(), page.BringToFront()) // what is behind is not painted
	return b
}

func values(args []*runtime.RemoteObject) string {
	var out []string
	for _, a := range args {
		out = append(out, string(a.Value)+a.Description)
	}
	return strings.Join(out, " ")
}

func (b *tab) run(t *testing.T, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// eval runs a script in the page; it does so, too, where the page may run none.
func eval[T any](t *testing.T, b *tab, script string) T {
	t.Helper()
	var out T
	b.run(t, chromedp.Evaluate(script, &out, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	return out
}

// soon waits until a condition of the page holds, for some seconds at most.
func soon(t *testing.T, b *tab, condition string) bool {
	t.Helper()
	return eval[bool](t, b, fmt.Sprintf(`new Promise((done) => {
		const end = performance.now() + 8000;
		const look = () => { if (%s) done(true); else if (performance.now() > end) done(false); else setTimeout(look, 20); };
		look();
	})`, condition))
}

// silent fails where the page asked for anything but itself, or had something to say to the console.
func (b *tab) silent(t *testing.T, what, address string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, url := range b.requests {
		if url != address && !strings.HasPrefix(url, address+"#") {
			t.Errorf("%s: a request for %s", what, url)
		}
	}
	for _, m := range b.messages {
		t.Errorf("%s: on the console: %s", what, m)
	}
	b.requests, b.messages = nil, nil
}

// incident is a bundled crash, or one made by hand.
type incident struct {
	name  string
	model *report.Model
}

type want struct {
	Files    []string `json:"files"`
	Limit    string   `json:"limit"`
	Env      []string `json:"env"`
	Profiles []string `json:"profiles"`
}

var incidents = sync.OnceValues(func() ([]incident, error) {
	paths, err := filepath.Glob("../../../testdata/crashlogs/*/want.json")
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("no incidents: %w", err)
	}
	var out []incident
	for _, path := range paths {
		m, err := analyze(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out = append(out, incident{filepath.Base(filepath.Dir(path)), m})
	}
	for _, c := range reporttest.Cases() {
		switch c.Name {
		case "hostile", "java", "processes", "nothing", "kernel-only", "crash-loop", "no-clock", "redacted":
			out = append(out, incident{"made-" + c.Name, report.New(c.Input)})
		}
	}
	return out, nil
})

func analyze(path string) (*report.Model, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var w want
	if err := json.Unmarshal(text, &w); err != nil {
		return nil, err
	}
	folder := filepath.Dir(path)
	inputs := func(names []string) (out []oomtrace.Input) {
		for _, name := range names {
			out = append(out, oomtrace.Input{Name: name, Open: func() (io.ReadCloser, error) { return os.Open(filepath.Join(folder, name)) }})
		}
		return out
	}
	o := oomtrace.Options{Env: map[string]string{}, Profiles: inputs(w.Profiles)}
	if w.Limit != "" {
		limit, err := unit.Parse(w.Limit)
		if err != nil {
			return nil, err
		}
		o.Limit = unit.Known(limit)
	}
	for _, pair := range w.Env {
		name, value, _ := strings.Cut(pair, "=")
		o.Env[name] = value
	}
	return oomtrace.Analyze(context.Background(), inputs(w.Files), o)
}

func all(t *testing.T) []incident {
	t.Helper()
	out, err := incidents()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func write(t *testing.T, m *report.Model, o html.Options) (address string, size int) {
	t.Helper()
	var b bytes.Buffer
	if err := html.Write(&b, m, o); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return "file://" + path, b.Len()
}

var views = []struct {
	name          string
	width, height int64
	scheme        string
}{
	{"desktop, light", 1280, 900, "light"},
	{"desktop, dark", 1280, 900, "dark"},
	{"phone, light", 390, 844, "light"},
	{"phone, dark", 390, 844, "dark"},
}

func look(v struct {
	name          string
	width, height int64
	scheme        string
},
) chromedp.Tasks {
	return chromedp.Tasks{
		emulation.SetDeviceMetricsOverride(v.width, v.height, 1, v.width < 600),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: v.scheme}}),
	}
}

// bare is the text of a page without what only scripts or only their absence show: controls, and the two forms of the chart.
const bare = `(() => {
	document.querySelectorAll('details').forEach((e) => { e.open = true; });
	const copy = document.body.cloneNode(true);
	copy.querySelectorAll('.script, #chart, script, style, textarea').forEach((e) => e.remove());
	return copy.textContent.replace(/\s+/g, ' ').trim();
})()`

const drawn = `document.documentElement.classList.contains('drawn') && document.querySelectorAll('#canvas svg path').length > 3`

// offScreen lists tables whose rows do not fit their place on a phone, and names of bars that a drawing begins without.
const offScreen = `(() => {
	if (innerWidth > 560) return [];
	const wide = [...document.querySelectorAll('.scroll > table')].filter((e) => e.offsetWidth > e.parentElement.clientWidth + 1);
	const cut = [...document.querySelectorAll('.still.told')].filter((e) => e.scrollLeft !== 0);
	return [...wide, ...cut].map((e) => e.outerHTML.slice(0, 160));
})()`

// TestPages holds every report against the accessibility rules in light and dark, on a desk and on a phone: no violation, no
// request, no message, a chart where there is something to draw, nothing wider than the screen, the same text without scripts.
func TestPages(t *testing.T) {
	axe, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil && os.Getenv("BROWSER") == "required" {
		t.Fatal(err)
	}
	for _, c := range all(t) {
		t.Run(c.name, func(t *testing.T) {
			b := open(t)
			address, _ := write(t, c.model, html.Options{})
			b.run(t, look(views[0]), chromedp.Navigate(address))
			b.silent(t, "loading", address)
			b.run(t, chromedp.Evaluate(string(axe), nil))
			for _, v := range views {
				b.run(t, look(v))
				if len(c.model.Chart.Runs) > 0 && !soon(t, b, drawn) {
					t.Errorf("%s: the chart is not drawn", v.name)
				}
				if wide := eval[int](t, b, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
					t.Errorf("%s: the page is %d pixels wider than the screen", v.name, wide)
				}
				for _, hidden := range eval[[]string](t, b, offScreen) {
					t.Errorf("%s: off the screen: %s", v.name, hidden)
				}
				b.silent(t, v.name, address)
				found := eval[[]string](t, b, `axe.run(document, { resultTypes: ['violations'] }).then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 160)).join(' | ')))`)
				for _, violation := range found {
					t.Errorf("%s: axe: %s", v.name, violation)
				}
			}
			with := eval[string](t, b, bare)
			b.run(t, emulation.SetScriptExecutionDisabled(true), chromedp.Navigate(address))
			if without := eval[string](t, b, bare); with != without {
				t.Errorf("text with scripts\n%s\nwithout\n%s", with, without)
			}
			if seen := eval[bool](t, b, visible("#verdict-head")); !seen {
				t.Error("no verdict without scripts")
			}
			if seen := eval[bool](t, b, visible("#timeline .still svg")); seen == c.model.Chart.Empty() {
				t.Errorf("a drawing without scripts: %v", seen)
			}
			b.silent(t, "without scripts", address)
		})
	}
}

// visible tells whether an element takes up room.
func visible(selector string) string {
	return fmt.Sprintf(`(() => { const e = document.querySelector(%q); if (!e) return false; const r = e.getBoundingClientRect(); return r.width > 40 && r.height > 10; })()`, selector)
}

func named(t *testing.T, name string) incident {
	t.Helper()
	list := all(t)
	i := slices.IndexFunc(list, func(c incident) bool { return c.name == name })
	if i < 0 {
		t.Fatalf("no incident %s", name)
	}
	return list[i]
}

// TestZoom zooms by keyboard and by mouse, and back.
func TestZoom(t *testing.T) {
	b := open(t)
	for _, name := range []string{"leak", "made-java", "made-processes", "made-no-clock"} {
		address, _ := write(t, named(t, name).model, html.Options{})
		b.run(t, look(views[0]), chromedp.Navigate(address), chromedp.Focus("#chart", chromedp.ByQuery))
		const labels = `[...document.querySelectorAll('#canvas svg text')].map((e) => e.textContent).join(' ')`
		const reset = `!document.getElementById('reset').hidden`
		if !soon(t, b, drawn) {
			t.Fatalf("%s: no chart", name)
		}
		whole := eval[string](t, b, labels)
		state := func(what string, zoomed bool) {
			t.Helper()
			if !soon(t, b, fmt.Sprintf("%s === %v", "("+reset+")", zoomed)) {
				t.Errorf("%s: %s: way back shown: %v", name, what, !zoomed)
			}
			if zoomed && !soon(t, b, fmt.Sprintf("%s !== %q", labels, whole)) {
				t.Errorf("%s: %s: the axis has the labels of the whole range", name, what)
			}
		}
		state("at first", false)
		b.run(t, chromedp.KeyEvent("+"), chromedp.KeyEvent("+"))
		state("after +", true)
		b.run(t, chromedp.KeyEvent("\x1b"))
		state("after Escape", false)

		const place = `(() => { const e = document.getElementById('canvas'); e.scrollIntoView({ block: 'center' }); const r = e.getBoundingClientRect(); return [r.x, r.y]; })()`
		box := eval[[]float64](t, b, place)
		y := box[1] + 200
		b.run(t,
			input.DispatchMouseEvent(input.MousePressed, box[0]+300, y).WithButton(input.Left).WithClickCount(1),
			input.DispatchMouseEvent(input.MouseMoved, box[0]+400, y).WithButton(input.Left),
			input.DispatchMouseEvent(input.MouseReleased, box[0]+400, y).WithButton(input.Left).WithClickCount(1),
		)
		state("after dragging", true)
		b.run(t, chromedp.Evaluate(`document.getElementById('reset').click()`, nil))
		state("after the button", false)

		box = eval[[]float64](t, b, place)
		y = box[1] + 200
		b.run(t, input.DispatchMouseEvent(input.MouseMoved, box[0]+480, y), input.DispatchMouseEvent(input.MouseMoved, box[0]+500, y))
		if !soon(t, b, `/live .*line \d+/s.test(document.getElementById('canvas').innerText)`) {
			t.Errorf("%s: no tooltip with the line: %q", name, eval[string](t, b, `document.getElementById('canvas').innerText`))
		}
		b.silent(t, name, address)
	}
}

// TestTicks holds the labels of the horizontal axis against those of the report, from the whole range to a close-up.
func TestTicks(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	b := open(t)
	days := func(axis report.Axis) func(*report.Chart) {
		return func(ch *report.Chart) { ch.Axis, ch.From = axis, ch.From-8*86400 }
	}
	for _, c := range []struct {
		name, incident string
		change         func(*report.Chart)
	}{
		{"before the end", "leak", nil},
		{"four lives", "leak-restarts", nil},
		{"on the wall clock", "made-java", nil},
		{"without a clock", "made-no-clock", nil},
		{"a night of two shifts", "made-java", func(ch *report.Chart) { ch.Zone, ch.Zero = berlin, time.Date(2026, 10, 25, 0, 40, 0, 0, time.UTC) }},
		{"days before the end", "made-java", days(report.AxisTMinus)},
		{"days since the start", "made-java", days(report.AxisProcess)},
		{"days on the wall clock", "made-java", days(report.AxisWall)},
	} {
		m := *named(t, c.incident).model
		if c.change != nil {
			c.change(&m.Chart)
		}
		address, _ := write(t, &m, html.Options{})
		b.run(t, look(views[0]), chromedp.Navigate(address), chromedp.Focus("#chart", chromedp.ByQuery))
		ch := &m.Chart
		for from, to, level := ch.From, ch.To, 0; level < 10; level++ {
			want := []string{}
			margin := (to - from) / 50 // the chart rounds where a stretch begins and ends
			for _, tick := range ch.Ticks(from, to, report.MostTicks) {
				if tick.At > from+margin && tick.At < to-margin {
					want = append(want, tick.Label)
				}
			}
			const labels = `[...document.querySelectorAll('#canvas svg text')].map((e) => e.textContent)`
			list, err := json.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			if len(want) == 0 && level == 0 || !soon(t, b, fmt.Sprintf(`%s.every((want) => %s.includes(want))`, list, labels)) {
				t.Errorf("%s, %d times closer: labels %q, want %q", c.name, level, eval[[]string](t, b, labels), want)
			}
			quarter := (to - from) / 4
			from, to = from+quarter, to-quarter
			b.run(t, chromedp.KeyEvent("+"))
		}
		b.silent(t, c.name, address)
	}
}

// Paper has the drawings, all parts opened, and no controls.
func TestPrint(t *testing.T) {
	b := open(t)
	address, _ := write(t, named(t, "leak-java-parallel").model, html.Options{})
	b.run(t, look(views[1]), chromedp.Navigate(address), emulation.SetEmulatedMedia().WithMedia("print"))
	for selector, want := range map[string]bool{"#timeline .still svg": true, "#growth svg": true, "#chart": false, "#theme": false, "#hint": false} {
		if got := eval[bool](t, b, visible(selector)); got != want {
			t.Errorf("%s is printed: %v, want %v", selector, got, want)
		}
	}
	if ground := eval[string](t, b, `getComputedStyle(document.body).backgroundColor`); ground != "rgb(255, 255, 255)" {
		t.Errorf("the paper is %s", ground)
	}
	var paper []byte
	b.run(t, chromedp.ActionFunc(func(ctx context.Context) (err error) {
		paper, _, err = page.PrintToPDF().Do(ctx)
		return err
	}))
	if pages := bytes.Count(paper, []byte("/Type /Page\n")) + bytes.Count(paper, []byte("/Type /Page ")); pages > 6 {
		t.Errorf("%d pages", pages)
	}
}

// A ticket system may forbid scripts and styles: the verdict, the tables and the drawings are still there.
func TestForeignPolicies(t *testing.T) {
	for name, policy := range map[string]string{
		"Jenkins":  "sandbox; default-src 'none'; img-src 'self'; style-src 'self';",
		"raw host": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
	} {
		for _, static := range []bool{false, true} {
			var body bytes.Buffer
			m := named(t, "leak-java-parallel").model
			if err := html.Write(&body, m, html.Options{Static: static}); err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/" {
					http.NotFound(w, r)
					return
				}
				w.Header().Set("Content-Security-Policy", policy)
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_, _ = w.Write(body.Bytes())
			}))
			b := open(t)
			b.run(t, look(views[0]), chromedp.Navigate(server.URL+"/"))
			for _, selector := range []string{"#verdict-head", "#timeline .still svg", "#growth svg", "#evidence table"} {
				if !eval[bool](t, b, visible(selector)) {
					t.Errorf("%s, static %v: no %s", name, static, selector)
				}
			}
			if got := eval[string](t, b, `document.getElementById('verdict-head').innerText`); got != m.Verdict.Sentence.String() {
				t.Errorf("%s: the verdict is %q", name, got)
			}
			for _, control := range []string{"#chart", "#theme", "#reset"} {
				if eval[bool](t, b, visible(control)) {
					t.Errorf("%s: %s, which does nothing without scripts", name, control)
				}
			}
			server.Close()
		}
	}
}

// A log of a million collections gives a page as small and as quick as any other.
func TestMillionCycles(t *testing.T) {
	r, w := io.Pipe()
	go func() {
		for i := range 1_000_000 {
			live := 40 + i/12_000 + i%7
			if _, err := fmt.Fprintf(w, "gc %d @%d.%03ds 2%%: 0.016+1.2+0.003 ms clock, 0.033+0.087/0.56/0+0.007 ms cpu, %d->%d->%d MB, %d MB goal, 0 MB stacks, 0 MB globals, 2 P\n",
				i+1, i/20, i%20*50, 2*live-4, 2*live, live, 2*live); err != nil {
				return
			}
		}
		_ = w.Close()
	}()
	m, err := oomtrace.Analyze(t.Context(), []oomtrace.Input{{Name: "gctrace.log", Once: true, Open: func() (io.ReadCloser, error) { return r, nil }}}, oomtrace.Options{Limit: unit.Known(256 * unit.MiB)})
	if err != nil {
		t.Fatal(err)
	}
	if _, size := write(t, m, html.Options{Static: true}); size > 170_000 {
		t.Errorf("static page of %d bytes", size)
	}
	address, size := write(t, m, html.Options{})
	if size > 900_000 {
		t.Errorf("page of %d bytes", size)
	}
	// Times are told and not held to: they are the machine's as much as ours. The best of some loads counts.
	b := open(t)
	paint, load := 1e9, 1e9
	for range 6 {
		b.run(t, look(views[0]), chromedp.Navigate(address))
		times := eval[[]float64](t, b, `new Promise((done) => setTimeout(() => {
			const n = performance.getEntriesByType('navigation')[0], p = performance.getEntriesByName('first-contentful-paint')[0];
			done([p ? p.startTime : 1e9, n.loadEventEnd]);
		}, 100))`)
		paint, load = min(paint, times[0]), min(load, times[1])
	}
	t.Logf("%d bytes, first paint %.0f ms, loaded %.0f ms", size, paint, load)
}
