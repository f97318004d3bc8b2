// Package html writes the report as one HTML file that loads nothing: markup, styles, a drawn timeline that needs no
// script, and the chart library for those who want to zoom.
//
// Log text is hostile. It reaches the page through the escaping of html/template only, never through the chart's
// options, which hold numbers and words of ours. The chart library's own page renderers are not used: they write strings
// into scripts unescaped, and load code from the network. The page states a content security policy that runs the
// scripts of this package and no other.
package html

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"
	"time"

	"oomtrace/report"
	"oomtrace/report/picture"
)

// Marker is the first line of every page. A program may overwrite a file that begins with it, and no other. It holds
// [picture.Maker], by which pictures are known.
const Marker = "<!-- " + picture.Maker + " -->"

// Options of a page.
type Options struct {
	// Static leaves out all scripts: for mail, and for places that forbid them.
	Static bool
}

//go:embed assets/page.html
var pageText string

//go:embed assets/style.css
var style string

//go:embed assets/page.js
var pageScript string

//go:embed assets/chart.js
var chartScript string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"decimals": func(f *float64) string { return strconv.FormatFloat(*f, 'f', 3, 64) },
	"options":  report.Options,
	"upper":    upper,
}).Parse(pageText))

// Write writes the page. The same model and options give the same bytes.
func Write(w io.Writer, m *report.Model, o Options) error {
	p, err := newPage(m, o)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString(Marker + "\n")
	if err := pageTemplate.Execute(&b, p); err != nil {
		return fmt.Errorf("html: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// upper gives the head of a column its capital.
func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// page is what the template lays out.
type page struct {
	M            *report.Model
	Run          report.Run // the primary one, or an empty one
	Policy       string
	Style        template.CSS
	Library      template.JS
	Data         template.JS
	Chart        template.JS
	Script       template.JS
	Summary      string
	Files        string
	Date         *date
	Timeline     template.HTML
	Climb        template.HTML
	HasGrowth    bool
	Rows         []row
	Shown        shown // columns of Rows
	HasRaw       bool
	Accounts     []account
	ChartFiles   []string // that the tooltip of the chart names
	Suspects     []suspect
	Claims       []said
	Notes        []said
	Problems     []problem
	MoreProblems int
	ReadSum      string
}

type date struct{ Machine, Text string }

func newPage(m *report.Model, o Options) (*page, error) {
	p := &page{M: m, Style: template.CSS(style), Policy: policy(), Date: day(m), ReadSum: readSum(m)}
	for _, r := range m.Runs {
		if r.Primary {
			p.Run = r
		}
	}
	if m.Aside && m.Limit == nil {
		p.Run.WhyNone, p.Run.Ceiling = "", nil
	}
	var err error
	if p.Timeline, err = drawing(m, picture.SVG); err != nil {
		return nil, err
	}
	if !m.Aside {
		if p.Climb, err = drawing(m, picture.Climb); err != nil {
			return nil, err
		}
	}
	p.HasGrowth = p.Climb != "" || len(m.Rates) > 0 || p.Run.Forecast != nil || len(p.Run.Warnings) > 0 || p.Run.WhatIf != nil
	names := anchors{file: mainFile(m), taken: map[string]bool{}}
	p.Files = files(m)
	p.Rows, p.Shown = rowsOf(m, &names), shownIn(m.Evidence)
	for _, r := range p.Rows {
		p.HasRaw = p.HasRaw || r.Raw != ""
	}
	p.Accounts = accountsOf(m, &names)
	p.Suspects = suspectsOf(m)
	for _, c := range m.Verdict.Evidence {
		p.Claims = append(p.Claims, said{c.Text, report.At(c.Source), names.link(c.Source)})
	}
	for _, n := range m.Notes {
		if m.Told(n) {
			continue
		}
		p.Notes = append(p.Notes, said{n.Text, report.At(n.Source), names.link(n.Source)})
	}
	p.Problems, p.MoreProblems = problemsOf(m)
	if o.Static {
		return p, nil
	}
	p.Script, p.Policy, p.Summary = template.JS(pageScript), policy(pageScript), summary(m)
	if len(m.Chart.Runs) == 0 {
		return p, nil // the library draws collections
	}
	p.ChartFiles = chartFiles(m)
	data, err := chartJSON(m)
	if err != nil {
		return nil, err
	}
	p.Library, p.Data, p.Chart = template.JS(library()), template.JS(data), template.JS(chartScript)
	p.Policy = policy(pageScript, library(), chartScript)
	return p, nil
}

// policy returns a content security policy that runs these scripts only. Styles cannot be held to hashes: the chart sets
// style attributes.
func policy(scripts ...string) string {
	run := ""
	for _, s := range scripts {
		sum := sha256.Sum256([]byte(s))
		run += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	if run != "" {
		run = " script-src" + run + ";"
	}
	return "default-src 'none';" + run + " style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
}

// drawing returns one of our own pictures, which escape what they take from the model.
func drawing(m *report.Model, draw func(io.Writer, *report.Model, picture.Options) error) (template.HTML, error) {
	var b strings.Builder
	if err := draw(&b, m, picture.Options{}); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil
}

// files names the inputs in the header.
func files(m *report.Model) string {
	var names []string
	for i, in := range m.Inputs {
		if i == 3 {
			names = append(names, fmt.Sprintf("%d more", len(m.Inputs)-i))
			break
		}
		names = append(names, m.Short(in.File))
	}
	return strings.Join(names, " + ")
}

// day is the calendar time of the end, if a clock told it.
func day(m *report.Model) *date {
	t := m.Crash.Time.Time
	if t.IsZero() {
		return nil
	}
	return &date{t.UTC().Format(time.RFC3339), t.UTC().Format("2 January 2006")}
}

// summary is what the copy button puts on the clipboard.
func summary(m *report.Model) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", m.Verdict.Sentence)
	if len(m.Verdict.Second) > 0 {
		fmt.Fprintf(&b, "%s\n", m.Verdict.Second)
	}
	b.WriteString("\n")
	for _, r := range m.Summary {
		fmt.Fprintf(&b, "%s: %s\n", r.Label, r.Text)
	}
	for i, a := range m.Verdict.Advice {
		fmt.Fprintf(&b, "%d. %s\n", i+1, a)
	}
	if len(m.Closing) > 0 {
		fmt.Fprintf(&b, "\n%s\n", m.Closing)
	}
	return b.String()
}

func readSum(m *report.Model) string {
	lines, damaged := 0, 0
	for _, in := range m.Inputs {
		lines += in.Lines
		damaged += in.Damaged
	}
	s := fmt.Sprintf("%d lines", lines)
	if damaged > 0 {
		s += fmt.Sprintf(", %d damaged", damaged)
	}
	return s
}
