package kubernetes

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialect/dialecttest"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

func TestGolden(t *testing.T) { dialecttest.Run(t, Dialect) }

func FuzzDecode(f *testing.F) { dialecttest.Fuzz(f, Dialect) }

func TestQuantity(t *testing.T) {
	for _, c := range []struct {
		text string
		want unit.Bytes // -1 is unknown
	}{
		{"512Mi", 512 * unit.MiB},
		{"1.5Gi", 1536 * unit.MiB},
		{"1G", 1e9},
		{"0.5k", 500},
		{"1e9", 1e9},
		{"12E2", 1200},
		{"1E", 1e18},
		{"5e-1", 1},
		{"128974848", 128974848},
		{"128974848000m", 128974848},
		{"128974848001m", 128974849},
		{"1500000000n", 2},
		{"7u", 1},
		{"4923412Ki", 4923412 * unit.KiB},
		{"+3Ki", 3 * unit.KiB},
		{" 96Mi", 96 * unit.MiB},
		{"0", 0},
		{"4Ei", -1},
		{"3Ei", 3 << 60},
		{"9999999999999999999999", -1},
		{"1e999", -1},
		{"1e", -1},
		{"-1Mi", -1},
		{"1.2.3", -1},
		{".", -1},
		{"1 Mi", -1},
		{"1MiB", -1},
		{"Mi", -1},
		{"", -1},
		{"<none>", -1},
	} {
		if got := quantity(c.text).Or(-1); got != c.want {
			t.Errorf("quantity(%q) = %d, want %d", c.text, got, c.want)
		}
	}
}

func TestAge(t *testing.T) {
	for _, c := range []struct {
		cell  string
		ago   time.Duration // -1 is unknown
		count int
	}{
		{"40s", 40 * time.Second, 0},
		{"3m56s", 236 * time.Second, 0},
		{"2d3h", 51 * time.Hour, 0},
		{"5y12d", (5*365 + 12) * 24 * time.Hour, 0},
		{"27s (x3 over 40s)", 27 * time.Second, 3},
		{"0s", 0, 0},
		{"<unknown>", -1, 0},
		{"<invalid>", -1, 0},
		{"3", -1, 0},
		{"3x", -1, 0},
		{"99999y99999y", -1, 0},
		{"99y99y", -1, 0},
		{"", -1, 0},
		{"1s1s1s1s1s1s1s1s1s", -1, 0},
	} {
		ago, count := age(c.cell)
		got := ago.D
		if !ago.Known {
			got = -1
		}
		if got != c.ago || count != c.count {
			t.Errorf("age(%q) = %v and %d, want %v and %d", c.cell, got, count, c.ago, c.count)
		}
	}
}

// One document in JSON lines can be broken: then it is a problem.
func TestBrokenDocuments(t *testing.T) {
	for _, c := range []struct {
		text    string
		cut     bool
		claimed bool
		want    []string
	}{
		{`{"kind":"Pod","apiVersion":"v1","metadata":{"name":}}`, false, true, []string{"a JSON value of Kubernetes that breaks off"}},
		{
			`{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x"},"status":{"containerStatuses":[{"name":"c","restartCount":1,"state":{"running"`, true, true,
			[]string{"*event.ContainerStatus", "the log ends inside of a JSON value of Kubernetes"},
		},
		{`{"apiVersion":"v1","items":[{"kind":"Pod","metadata":{"name":"x"},"spec":{"containers":[{"name":"c"}]}},{"ki`, true, false, nil},
		{`[1,2,"restartCount":3]`, false, true, []string{"a JSON value of Kubernetes that breaks off"}},
		{`{"a":{"restartCount":3}}`, false, false, nil},
		{`{"kind":"Pod"}`, false, false, nil},
	} {
		var got []string
		doc := &dialect.Document{Line: dialect.Line{Pos: event.Pos{File: "log", Line: 1}, Text: []byte(c.text)}, Starts: []int{0}, Cut: c.cut}
		claimed := newDecoder().DecodeDocument(doc, func(ev event.Event) {
			said := fmt.Sprintf("%T", ev)
			if p, ok := ev.(*event.Problem); ok {
				said = p.Message
			}
			got = append(got, said)
		})
		if claimed != c.claimed || !slices.Equal(got, c.want) {
			t.Errorf("%s: claimed %t, %q; want %t, %q", c.text, claimed, got, c.claimed, c.want)
		}
	}
}

func FuzzQuantity(f *testing.F) {
	for _, text := range []string{"512Mi", "1e9", "128974848000m", "0.000000001Ei"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if n, known := quantity(text).Get(); known && (n < 0 || n > math.MaxInt64/2) {
			t.Errorf("%q is %d", text, n)
		}
	})
}

// Documents that are made to cost much do not: aliases are not copied, and nothing is looked up in all for each of all.
func TestHostileDocuments(t *testing.T) {
	var status, spec strings.Builder
	for range 20_000 {
		status.WriteString(`{"name":"c","restartCount":1,"state":{"running":{}}},`)
		spec.WriteString(`{"name":"c","env":[{"name":"GOGC","value":"50"}]},`)
	}
	pod := `{"kind":"Pod","apiVersion":"v1","status":{"containerStatuses":[` + status.String() + `{}]},"spec":{"containers":[` + spec.String() + `{}]}}`
	events := 0
	doc := &dialect.Document{Line: dialect.Line{Pos: event.Pos{File: "log", Line: 1}, Text: []byte(pod)}, Starts: []int{0}}
	if !newDecoder().DecodeDocument(doc, func(event.Event) { events++ }) || events != 2*maxContainers {
		t.Errorf("%d events of a pod of 20,000 containers", events)
	}

	for name, text := range map[string]string{
		"aliases": "metadata: &a [x,x,x,x,x,x,x,x,x]\nspec: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nstatus: &c [*b,*b,*b,*b,*b,*b,*b]\ndata: &d [*c,*c,*c,*c,*c]",
		"depth":   "spec: " + strings.Repeat("[", 100_000),
		"itself":  "spec: &a\n  containers: &l\n  - &o\n    name: x\n    env: *l\n    args: [*a, *l, *o]\n  - *o",
		"large":   "data:\n" + strings.Repeat("  key: "+strings.Repeat("x", 1000)+"\n", 5000),
	} {
		d, events := newDecoder(), 0
		for i, line := range strings.Split("apiVersion: v1\nkind: Pod\n"+text, "\n") {
			d.Decode(&dialect.Line{Pos: event.Pos{File: "log", Line: i + 1}, Text: []byte(line)}, func(event.Event) { events++ })
		}
		d.Flush(func(event.Event) { events++ })
		if events > 10 {
			t.Errorf("%s: %d events", name, events)
		}
	}
}
