// Gallery writes the report of every bundled incident, as a page and as a picture, and an index of them. Run it with
// "go generate ./docs/gallery" after a change that shows in a report, and look at what it changed.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"oomtrace"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/report/html"
	"oomtrace/report/picture"
	"oomtrace/report/reporttest"
)

//go:generate go run .

const incidents = "../../testdata/crashlogs"

// want is what the truth of an incident says about its input, see CONTRIBUTING.md.
type want struct {
	Files    []string `json:"files"`
	Limit    string   `json:"limit"`
	Env      []string `json:"env"`
	Profiles []string `json:"profiles"`
}

func main() {
	log.SetFlags(0)
	files, err := gallery(incidents)
	if err != nil {
		log.Fatal(err)
	}
	old, err := filepath.Glob("[a-z]*.[hp][tn][mg]*")
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range old {
		if _, ok := files[name]; !ok {
			if err := os.Remove(name); err != nil {
				log.Fatal(err)
			}
		}
	}
	for name, content := range files {
		if err := os.WriteFile(name, content, 0o644); err != nil { //nolint:gosec // to be read by everybody
			log.Fatal(err)
		}
	}
}

// madeUp begins the names of incidents without logs: of the kinds that no bundled log shows, one each from the report's own tests.
const madeUp = "made-up-"

// entry is an incident in the index.
type entry struct {
	Name, Kind, Head, Sentence string
}

// gallery returns the files by name.
func gallery(folder string) (map[string][]byte, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*", "want.json"))
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	var entries []entry
	for _, path := range paths {
		name := filepath.Base(filepath.Dir(path))
		m, err := analyze(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := add(out, name, m); err != nil {
			return nil, err
		}
		entries = append(entries, entryOf(name, m))
	}
	for _, c := range reporttest.Cases() {
		m := report.New(c.Input)
		if slices.ContainsFunc(entries, func(e entry) bool { return e.Kind == string(m.Verdict.Kind) }) {
			continue
		}
		name := madeUp + c.Name
		if err := add(out, name, m); err != nil {
			return nil, err
		}
		entries = append(entries, entryOf(name, m))
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) })
	var b bytes.Buffer
	if err := index.Execute(&b, entries); err != nil {
		return nil, err
	}
	out["index.html"] = b.Bytes()
	return out, nil
}

// add writes the page and the picture of a report.
func add(files map[string][]byte, name string, m *report.Model) error {
	var page, chart bytes.Buffer
	if err := html.Write(&page, m, html.Options{Static: true}); err != nil {
		return err
	}
	if err := picture.PNG(&chart, m); err != nil {
		return err
	}
	files[name+".html"], files[name+".png"] = page.Bytes(), chart.Bytes()
	return nil
}

func entryOf(name string, m *report.Model) entry {
	return entry{name, string(m.Verdict.Kind), m.Verdict.Kicker, m.Verdict.Sentence.String()}
}

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
	o := oomtrace.Options{Env: map[string]string{}, Profiles: inputs(folder, w.Profiles), Command: []string{"oomtrace", "analyze"}}
	o.Command = append(o.Command, w.Files...)
	if w.Limit != "" {
		limit, err := unit.Parse(w.Limit)
		if err != nil {
			return nil, err
		}
		o.Limit = unit.Known(limit)
		o.Command = append(o.Command, "--limit", w.Limit)
	}
	for _, pair := range w.Env {
		name, value, _ := strings.Cut(pair, "=")
		o.Env[name] = value
		o.Command = append(o.Command, "--env", pair)
	}
	for _, name := range w.Profiles {
		o.Command = append(o.Command, "--profile", name)
	}
	return oomtrace.Analyze(context.Background(), inputs(folder, w.Files), o)
}

func inputs(folder string, names []string) []oomtrace.Input {
	var out []oomtrace.Input
	for _, name := range names {
		out = append(out, oomtrace.Input{Name: name, Open: func() (io.ReadCloser, error) { return os.Open(filepath.Join(folder, name)) }})
	}
	return out
}

var index = template.Must(template.New("index").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>oomtrace: reports of the bundled incidents</title>
<style>
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1128px; margin: 30px auto; padding: 0 20px; }
ul { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); gap: 28px 24px; }
h2 { font-size: 15px; margin: 8px 0 2px; }
p { margin: 0; }
.kicker { font-size: 12.5px; opacity: .8; }
img { width: 100%; height: auto; display: block; border-radius: 4px; }
</style>
</head>
<body>
<main>
<h1>Reports of the bundled incidents</h1>
<p>Each is what <code>oomtrace analyze --static</code> and <code>-o chart.png</code> make of a folder of testdata/crashlogs. Those named made-up show kinds of which no log is bundled. Written by <code>go generate ./docs/gallery</code>.</p>
<ul>
{{- range .}}
<li data-kind="{{.Kind}}"><a href="{{.Name}}.html"><img src="{{.Name}}.png" alt="Timeline of {{.Name}}" loading="lazy" width="540"></a>
<h2><a href="{{.Name}}.html">{{.Name}}</a></h2>
<p class="kicker">{{.Head}}</p>
<p>{{.Sentence}}</p></li>
{{- end}}
</ul>
</main>
</body>
</html>
`))
