package heapprof

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/pprof/profile"
)

func load(t testing.TB, dir string) []Profile {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", dir, "*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no profiles in testdata/%s: %v", dir, err)
	}
	var out []Profile
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, Profile{filepath.Base(path), data})
	}
	return out
}

// The series in testdata are real: programs that leaked until their memory cgroup killed them. Onset is when the
// program began to leak.
func TestRealSeries(t *testing.T) {
	tests := []struct {
		dir, onset string
		want       []string // in this order; an address where the profiles have no names
		note       string
	}{
		{"linear-go1.10.8", "2026-11-22T19:28:03.7Z", []string{"main.recordAudit"}, ".tmp it is empty"},
		{"linear-go1.10.8", "", []string{"main.recordAudit"}, ".tmp"},
		{"goroutines-go1.24.13", "2026-11-22T19:29:58.4Z", []string{"main.main.leakGoroutines.func4"}, ""},
		{"two-phase-leak-go1.26.0", "2026-11-22T19:46:43.4Z", []string{"main.recordAudit", "main.recordAudit2"}, ""},
		{"two-phase-leak-go1.26.0", "2026-11-22T19:46:49.41Z", []string{"main.recordAudit2", "main.recordAudit"}, ""},
		{"linear-go1.6", "", []string{"0x444124"}, "no function names"},
		{"goroutines-go1.24.13", "2026-11-22T19:30:08.5Z", nil, "taken before the growth began"},
	}
	for _, test := range tests {
		t.Run(test.dir+test.onset, func(t *testing.T) {
			var o Options
			if test.onset != "" {
				o.Onset, _ = time.Parse(time.RFC3339Nano, test.onset)
			}
			r := Find(load(t, test.dir), o)
			for i, want := range test.want {
				if i >= len(r.Suspects) || r.Suspects[i].Function != want {
					t.Fatalf("suspect %d: want %s in %+v", i, want, r.Suspects)
				}
			}
			if test.want == nil && len(r.Suspects) > 0 {
				t.Errorf("suspects %+v, want none", r.Suspects)
			}
			if said := fmt.Sprint(r.Notes, r.Unread); !strings.Contains(said, test.note) {
				t.Errorf("said %q, want %q", said, test.note)
			}
			for _, s := range r.Suspects {
				if s.GrowthLow > s.GrowthBytes || s.GrowthHigh < s.GrowthBytes || s.Share < minShare || s.Share > 1 || len(s.Stack) == 0 {
					t.Errorf("suspect out of its bounds: %+v", s)
				}
			}
		})
	}
}

func TestOrderOfInputDoesNotMatter(t *testing.T) {
	for _, dir := range []string{"two-phase-leak-go1.26.0", "linear-go1.6"} {
		profiles := load(t, dir)
		want := Find(profiles, Options{})
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(profiles), func(i, j int) { profiles[i], profiles[j] = profiles[j], profiles[i] })
		if d := cmp.Diff(want, Find(profiles, Options{}), cmpopts.IgnoreUnexported(Suspect{})); d != "" {
			t.Errorf("%s (-in order +shuffled):\n%s", dir, d)
		}
	}
}

func TestTwoProfilesGiveTheirDifference(t *testing.T) {
	all := load(t, "two-phase-leak-go1.26.0")
	r := Find([]Profile{all[2], all[9]}, Options{})
	for _, s := range r.Suspects {
		if s.GrowthBytes != s.LastBytes-s.BaseBytes || s.Tau != 1 {
			t.Errorf("growth %d of %s, want %d - %d", s.GrowthBytes, s.Function, s.LastBytes, s.BaseBytes)
		}
	}
	if r.Profiles != 2 || r.Base != all[2].Name || r.Last != all[9].Name {
		t.Errorf("compared %d profiles, %s to %s", r.Profiles, r.Base, r.Last)
	}
}

func TestUnreadableProfiles(t *testing.T) {
	good := load(t, "goroutines-go1.24.13")
	cpu := &profile.Profile{SampleType: []*profile.ValueType{{Type: "cpu", Unit: "nanoseconds"}}}
	var cpuData, twice bytes.Buffer
	if err := cpu.Write(&cpuData); err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(&twice)
	_, err := z.Write(good[3].Data)
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	bad := []struct{ data, note string }{
		{"", "it is empty"},
		{string(good[3].Data[:len(good[3].Data)/2]), "cut short"},
		{"\x1f\x8bnonsense", "compression is broken"},
		{"heap profile: nonsense", "cut short or damaged"},
		{"\x7fELF", "it is no heap profile"},
		{cpuData.String(), "no heap profile"},
		{twice.String(), "compressed twice"},
	}
	for i, b := range bad {
		r := Find(append(slices.Clone(good), Profile{fmt.Sprintf("bad%d", i), []byte(b.data)}), Options{})
		if len(r.Unread) != 1 || r.Unread[0].Name != fmt.Sprintf("bad%d", i) || !strings.Contains(r.Unread[0].Reason.Error(), b.note) {
			t.Errorf("unread %q, want one that says %q", r.Unread, b.note)
		}
		if len(r.Suspects) == 0 || r.Suspects[0].Function != "main.main.leakGoroutines.func4" {
			t.Errorf("%s: suspects %+v", b.note, r.Suspects)
		}
	}
	same := Profile{"same", good[0].Data}
	if r := Find(append(slices.Clone(good), same), Options{}); len(r.Unread) > 0 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], `"same" is the same profile`) {
		t.Errorf("a profile given twice: %+v", r)
	}
	if r := Find(nil, Options{}); len(r.Suspects)+len(r.Notes) > 0 {
		t.Errorf("no profiles: %+v", r)
	}
	if r := Find(good[:1], Options{}); len(r.Suspects) > 0 || !strings.Contains(strings.Join(r.Notes, ""), "Fewer than two") {
		t.Errorf("one profile: %+v", r)
	}
}

// heap is a simulated heap: bytes by function, sampled once in 512 KiB.
type heap map[string]float64

const samplePeriod = 512 << 10

// at samples the heap as the runtime does and writes a profile.
func (h heap) at(t testing.TB, rnd *rand.Rand, name string, second int) Profile {
	var held []allocation
	for _, f := range slices.Sorted(maps.Keys(h)) {
		if n := int64(poisson(rnd, h[f]/samplePeriod)); n > 0 {
			held = append(held, allocation{n, n * samplePeriod, []string{"bytes.makeSlice", f, "runtime.main"}})
		}
	}
	return written(t, name, second+1, samplePeriod, held...)
}

// allocation is what one stack holds, leaf first.
type allocation struct {
	objects, bytes int64
	stack          []string
}

// in is an allocation of one function, in objects of a byte.
func in(function string, bytes int64) allocation { return allocation{bytes, bytes, []string{function}} }

// written is a profile as the runtime writes it, taken so many seconds after the epoch; 0 is a profile without time.
func written(t testing.TB, name string, second int, period int64, held ...allocation) Profile {
	p := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "inuse_objects", Unit: "count"}, {Type: "inuse_space", Unit: "bytes"}},
		PeriodType: &profile.ValueType{Type: "space", Unit: "bytes"}, Period: period,
		TimeNanos: int64(second) * int64(time.Second),
	}
	add := func(names ...string) []*profile.Location {
		var stack []*profile.Location
		for _, n := range names {
			f := &profile.Function{ID: uint64(len(p.Function) + 1), Name: n, Filename: "/srv/app/" + n + ".go"}
			if strings.HasPrefix(n, "runtime.") || strings.HasPrefix(n, "bytes.") {
				f.Filename = "/usr/local/go/src/" + strings.ReplaceAll(n, ".", "/") + ".go"
			}
			l := &profile.Location{ID: f.ID, Line: []profile.Line{{Function: f, Line: 7}}}
			p.Function, p.Location = append(p.Function, f), append(p.Location, l)
			stack = append(stack, l)
		}
		return stack
	}
	for _, a := range held {
		p.Sample = append(p.Sample, &profile.Sample{Location: add(a.stack...), Value: []int64{a.objects, a.bytes}})
	}
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		t.Fatal(err)
	}
	return Profile{name, out.Bytes()}
}

func poisson(rnd *rand.Rand, mean float64) int {
	if mean > 100 {
		return max(0, int(math.Round(mean+rnd.NormFloat64()*math.Sqrt(mean))))
	}
	n := 0
	for p := rnd.Float64(); p > math.Exp(-mean); p *= rnd.Float64() {
		n++
	}
	return n
}

// Incidents of 300 steady sites, six new ones, a cache that swings and one leak, which may have held much before.
func TestSimulatedIncidents(t *testing.T) {
	const mib = 1 << 20
	for _, n := range []int{2, 4, 8} {
		first, innocent := 0, 0
		const incidents = 24
		for seed := range uint64(incidents) {
			rnd := rand.New(rand.NewPCG(seed, uint64(n)))
			base := []float64{0, 2 * mib, 50 * mib, 300 * mib}[seed%4]
			leak := (30 + 100*rnd.Float64()) * mib
			steady := heap{}
			for i := range 300 {
				steady[fmt.Sprintf("app.steady%d", i)] = math.Exp(rnd.NormFloat64()*1.5) * mib
			}
			var profiles []Profile
			for i := range n {
				at := float64(i) / float64(n-1)
				h := heap{"app.leak": base + leak*at, "app.cache": (40 + 15*math.Sin(float64(i)*2.4+rnd.Float64())) * mib}
				for f, size := range steady {
					h[f] = size
				}
				for j := range 6 {
					if i > 0 {
						h[fmt.Sprintf("app.new%d", j)] = 2 * mib
					}
				}
				profiles = append(profiles, h.at(t, rnd, fmt.Sprintf("heap%02d", i), i*10))
			}
			r := Find(profiles, Options{})
			if len(r.Suspects) > 0 && r.Suspects[0].Function == "app.leak" {
				first++
			}
			for _, s := range r.Suspects {
				if s.Function != "app.leak" {
					innocent++
				}
			}
		}
		if first < incidents*95/100 || innocent > incidents*6/10 {
			t.Errorf("%d profiles: the leak first in %d of %d incidents, %d innocent sites", n, first, incidents, innocent)
		}
	}
}

func TestBaseIsNearestBeforeOnset(t *testing.T) {
	const mib = 1 << 20
	rnd := rand.New(rand.NewPCG(3, 4))
	var profiles []Profile
	for i := range 10 {
		h := heap{"app.boundedCache": 100 * mib * min(1, float64(i)/3), "app.leak": 6 * mib * max(0, float64(i)-6)}
		profiles = append(profiles, h.at(t, rnd, fmt.Sprintf("heap%d", i), i))
	}
	if r := Find(profiles, Options{}); len(r.Suspects) == 0 || r.Suspects[0].Function != "app.boundedCache" {
		t.Errorf("from the start: %+v, want the cache first", r.Suspects)
	}
	r := Find(profiles, Options{Onset: time.Unix(7, 500_000_000)})
	if len(r.Suspects) != 1 || r.Suspects[0].Function != "app.leak" || r.Base != "heap6" {
		t.Errorf("from %s: %+v, want app.leak alone from heap6", r.Base, r.Suspects)
	}
}

func TestLateGrowthWithoutOnset(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	var profiles []Profile
	for i := range 12 {
		profiles = append(profiles, heap{"app.leak": 60 << 20 * max(0, float64(i)-10)}.at(t, rnd, fmt.Sprintf("heap%02d", i), i))
	}
	r := Find(profiles, Options{})
	if len(r.Suspects) != 1 || r.Suspects[0].Function != "app.leak" || !strings.Contains(strings.Join(r.Notes, ""), "may be a swing") {
		t.Errorf("suspects %+v, notes %q", r.Suspects, r.Notes)
	}
}

func TestManyProfilesAreThinned(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	var profiles []Profile
	for i := range 200 {
		profiles = append(profiles, heap{"app.leak": float64(i) * (1 << 20)}.at(t, rnd, fmt.Sprintf("heap%03d", i), i))
	}
	r := Find(profiles, Options{})
	if r.Profiles != maxProfiles || r.Base != "heap000" || r.Last != "heap199" || len(r.Suspects) != 1 {
		t.Errorf("%+v", r)
	}
}

func TestStandardLibrary(t *testing.T) {
	root := stdlib{"/usr/local/go/src/"}
	tests := []struct {
		function, file string
		want           bool
	}{
		{"runtime.mallocgc", "/usr/local/go/src/runtime/malloc.go", true},
		{"net/http.(*conn).serve", "/usr/local/go/src/net/http/server.go", true},
		{"vendor/golang.org/x/net/http2/hpack.x", "/usr/local/go/src/vendor/golang.org/x/net/http2/hpack/x.go", true},
		{"slices.Grow[go.shape.[]example.com/app.T]", "/usr/local/go/src/slices/slices.go", true},
		{"main.main", "/srv/app/main.go", false},
		{"github.com/a/b.(*T).Put", "/root/go/pkg/mod/github.com/a/b@v1.0.0/b.go", false},
		{"log.example.com/x.F", "/srv/x.go", false},
		{"internal/cache.(*Cache).Put", "/srv/app/internal/cache/cache.go", false},
		{"oomtrace/parser.Read", "/srv/oomtrace/parser/reader.go", false},
		{"go.uber.org/zap.New", "/root/go/pkg/mod/go.uber.org/zap@v1.27.0/zap.go", false},
		{"type:.eq.main.T", "<autogenerated>", true},
	}
	for _, test := range tests {
		if got := root.has(site{function: test.function, file: test.file}); got != test.want {
			t.Errorf("%s in %s: %v, want %v", test.function, test.file, got, test.want)
		}
	}
}

func TestTrend(t *testing.T) {
	tests := []struct {
		values []float64
		growth float64
		tau    float64
	}{
		{[]float64{1, 5}, 4, 1},
		{[]float64{5, 1}, -4, -1},
		{[]float64{0, 10, 20, 30}, 30, 1},
		{[]float64{0, 10, 1000, 30, 40}, 40, 0.6},
		{[]float64{7, 7, 7}, 0, 0},
	}
	for _, test := range tests {
		times := make([]float64, len(test.values))
		for i := range times {
			times[i] = float64(i)
		}
		got := trendOf(times, test.values)
		if math.Abs(got.growth-test.growth) > 1e-9 || math.Abs(got.tau-test.tau) > 1e-9 || got.low > got.growth || got.high < got.growth {
			t.Errorf("%v: %+v, want growth %v and tau %v", test.values, got, test.growth, test.tau)
		}
	}
}

// The interval of a slope is that of Kendall's statistic, whose deviation is 8.08 pairs for eight profiles: of the 28 slopes it begins
// 7.9 below the middle one and ends as far above it.
func TestTrendInterval(t *testing.T) {
	var times, values, slopes []float64
	for i := range 8 {
		times, values = append(times, float64(i+3)), append(values, math.Pow(3, float64(i)))
		for k := range i {
			slopes = append(slopes, (values[i]-values[k])/(times[i]-times[k]))
		}
	}
	slices.Sort(slopes)
	if got, want := trendOf(times, values), (trend{growth: (slopes[13] + slopes[14]) / 2 * 7, low: slopes[5] * 7, high: slopes[22] * 7, tau: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	// Two profiles of one time have no slope between them.
	if got, want := trendOf([]float64{0, 1, 1, 2}, []float64{0, 10, 12, 20}), (trend{growth: 20, low: 16, high: 24, tau: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// What two profiles of one sample every 100 bytes say: 900 bytes grown from nothing are just three standard deviations of 300.
func TestNoise(t *testing.T) {
	tests := []struct {
		name       string
		base, last int64
		period     int64
		want       Suspect // sizes only
	}{
		{"three deviations", 0, 900, 100, Suspect{GrowthBytes: 900, GrowthLow: 312, GrowthHigh: 1488, LastBytes: 900}},
		{"less", 0, 899, 100, Suspect{}},
		{"of both", 3600, 6400, 100, Suspect{}},
		{"of every allocation", 3600, 6400, 1, Suspect{GrowthBytes: 2800, GrowthLow: 2604, GrowthHigh: 2996, BaseBytes: 3600, LastBytes: 6400}},
		{"shrunk", 900, 10, 1, Suspect{}},
	}
	for _, test := range tests {
		r := Find([]Profile{written(t, "a", 1, test.period, in("app.f", test.base)), written(t, "b", 3, test.period, in("app.f", test.last))}, Options{})
		var got Suspect
		for _, s := range r.Suspects {
			got = Suspect{GrowthBytes: s.GrowthBytes, GrowthLow: s.GrowthLow, GrowthHigh: s.GrowthHigh, BaseBytes: s.BaseBytes, LastBytes: s.LastBytes}
			if s.Objects != test.last || s.BaseObjects != test.base || s.Share != 1 || s.Tau != 1 {
				t.Errorf("%s: %+v", test.name, s)
			}
		}
		if d := cmp.Diff(test.want, got, cmpopts.IgnoreUnexported(Suspect{})); d != "" || len(r.Notes) > 0 || r.Span != 2*time.Second {
			t.Errorf("%s (-want +got):\n%s%q, span %v", test.name, d, r.Notes, r.Span)
		}
	}
}

// names returns the functions of the suspects.
func names(r Result) string {
	var out []string
	for _, s := range r.Suspects {
		out = append(out, s.Function)
	}
	return strings.Join(out, " ")
}

func TestSuspects(t *testing.T) {
	many := func(n int) (out []allocation) {
		for i := range n {
			out = append(out, in(fmt.Sprintf("app.f%02d", i), 10000))
		}
		return out
	}
	tests := []struct {
		name     string
		profiles [][]allocation // one a second
		want     string
		note     string // the only one; empty is none
	}{
		{"a twentieth of the growth", [][]allocation{nil, {in("app.large", 1900), in("app.small", 100)}}, "app.large app.small", ""},
		{"less than a twentieth", [][]allocation{nil, {in("app.large", 1901), in("app.small", 99)}}, "app.large", ""},
		{"what shrank is no part of the growth", [][]allocation{{in("app.gone", 9000)}, {in("app.large", 1900), in("app.small", 100)}}, "app.large app.small", ""},
		{"nothing grew", [][]allocation{{in("app.f", 9000)}, {in("app.f", 9000)}, {in("app.f", 9000)}}, "", ""},
		{"as many ways down as up", [][]allocation{
			{in("app.leak", 0)}, {in("app.leak", 50000), in("app.burst", 100000)}, {in("app.leak", 100000), in("app.burst", 90000)}, {in("app.leak", 150000), in("app.burst", 80000)},
		}, "app.leak", ""},
		{"a swing", [][]allocation{{in("app.f", 50000)}, {in("app.f", 90000)}, {in("app.f", 20000)}, {in("app.f", 80000)}, {in("app.f", 60000)}}, "app.f", "may be a swing"},
		{"equals by name", [][]allocation{nil, {in("app.b", 900), in("app.a", 900)}}, "app.a app.b", ""},
		{"no more than twenty", [][]allocation{nil, many(20)}, "app.f00 app.f01 app.f02 app.f03 app.f04 app.f05 app.f06 app.f07 app.f08 app.f09 app.f10 app.f11 app.f12 app.f13 app.f14 app.f15 app.f16 app.f17 app.f18 app.f19", ""},
	}
	for _, test := range tests {
		var profiles []Profile
		for i, held := range test.profiles {
			profiles = append(profiles, written(t, fmt.Sprintf("heap%d", i), i+1, 1, held...))
		}
		r := Find(profiles, Options{})
		if got := names(r); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
		notes := strings.Join(r.Notes, " ")
		if (test.note == "") != (notes == "") || !strings.Contains(notes, test.note) {
			t.Errorf("%s: notes %q, want %q", test.name, r.Notes, test.note)
		}
	}
}

// The stack of a site is the one that grew most, the first by name of those that grew as much.
func TestGrownStack(t *testing.T) {
	tests := []struct {
		name       string
		base, last map[string]float64
		want       string
	}{
		{"grown most", map[string]float64{"f\nold": 900}, map[string]float64{"f\nold": 1000, "f\nnew": 200}, "f new"},
		{"as much", nil, map[string]float64{"f\nb": 200, "f\na": 200, "f\nc": 200}, "f a"},
		{"nothing left", map[string]float64{"f\nold": 900}, nil, ""},
	}
	for _, test := range tests {
		if got := strings.Join(grownStack(total{stacks: test.base}, total{stacks: test.last}), " "); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// Which profile is the base, and what is said where none is right. Profiles are taken at 10, 20 and 30 s.
func TestBase(t *testing.T) {
	profiles := []Profile{
		written(t, "c", 10, 1, in("app.f", 1000)), written(t, "b", 20, 1, in("app.f", 5000)), written(t, "a", 30, 1, in("app.f", 9000)),
	}
	untimed := []Profile{written(t, "b", 0, 1, in("app.f", 5000)), written(t, "a", 0, 1, in("app.f", 1000))}
	same := []Profile{written(t, "b", 10, 1, in("app.f", 5000)), written(t, "a", 10, 1, in("app.f", 1000))}
	tests := []struct {
		name     string
		profiles []Profile
		onset    int64 // seconds; 0 is unknown
		base     string
		span     time.Duration
		notes    string
	}{
		{"no onset", profiles, 0, "c", 20 * time.Second, ""},
		{"with the second", profiles, 20, "b", 10 * time.Second, ""},
		{"just before it", profiles, 19, "c", 20 * time.Second, ""},
		{"with the first", profiles, 10, "c", 20 * time.Second, ""},
		{"before the first", profiles, 9, "c", 20 * time.Second, "The first heap profile was taken after the growth began, so the growth before it is not shown."},
		{"with the last", profiles, 30, "", 0, "All heap profiles were taken before the growth began, so none of them shows it. Fewer than two heap profiles can be compared, so no site is named."},
		{"no times", untimed, 0, "a", 0, "The profiles are compared in the order of their names, as if evenly spaced: they do not all carry a time of their own."},
		{"one time", same, 0, "a", 0, "The profiles are compared in the order of their names, as if evenly spaced: they do not all carry a time of their own."},
		{"one profile", profiles[:1], 9, "", 0, "Fewer than two heap profiles can be compared, so no site is named."},
		{"none", nil, 9, "", 0, ""},
		{"two empty ones", []Profile{{Name: "a"}, {Name: "b"}}, 9, "", 0, `Fewer than two heap profiles can be compared, so no site is named.`},
	}
	for _, test := range tests {
		var o Options
		if test.onset > 0 {
			o.Onset = time.Unix(test.onset, 0)
		}
		r := Find(test.profiles, o)
		if notes := strings.Join(r.Notes, " "); r.Base != test.base || r.Span != test.span || notes != test.notes {
			t.Errorf("%s: base %q, span %v, notes %q", test.name, r.Base, r.Span, notes)
		}
	}
}

// What is larger than allowed is refused; what is just as large is not.
func TestInflateWithinBounds(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write(make([]byte, 1<<20))
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	if out, err := inflate(packed.Bytes(), 1<<20); err != nil || len(out) != 1<<20 {
		t.Errorf("%d bytes, %v", len(out), err)
	}
	if out, err := inflate(packed.Bytes(), 1<<20-1); err == nil {
		t.Errorf("%d bytes of one less", len(out))
	}
	if out, err := inflate(packed.Bytes(), 1<<19); err == nil || err.Error() != "it is larger than 512 KiB" {
		t.Errorf("%d bytes of half as many, %v", len(out), err)
	}
}

// Profiles need not count objects, hold samples, or name functions.
func TestLeanProfiles(t *testing.T) {
	lean := func(held int64) Profile {
		f := &profile.Function{ID: 1, Name: "app.f"}
		l := &profile.Location{ID: 1, Line: []profile.Line{{Function: f, Line: 7}}}
		p := &profile.Profile{
			SampleType: []*profile.ValueType{{Type: "inuse_space", Unit: "bytes"}}, PeriodType: &profile.ValueType{}, TimeNanos: held,
			Function: []*profile.Function{f}, Location: []*profile.Location{l}, Sample: []*profile.Sample{{Location: []*profile.Location{l}, Value: []int64{held}}},
		}
		var out bytes.Buffer
		if err := p.Write(&out); err != nil {
			t.Fatal(err)
		}
		return Profile{fmt.Sprint(held), out.Bytes()}
	}
	if r := Find([]Profile{lean(100), lean(900)}, Options{}); names(r) != "app.f" || r.Suspects[0].Objects != 0 || r.Suspects[0].GrowthBytes != 800 {
		t.Errorf("without objects: %+v", r)
	}
	freed := []Profile{written(t, "a", 1, 1, in("app.f", 0)), written(t, "b", 2, 1, in("app.f", 0))}
	if r := Find(freed, Options{}); len(r.Suspects)+len(r.Notes) > 0 {
		t.Errorf("all is freed: %+v", r)
	}
}

// The site of a sample is the first function that is not the library's, else its leaf, else an address, else nothing.
func TestSiteOf(t *testing.T) {
	of := func(names ...string) *profile.Location {
		l := &profile.Location{Address: 0x1234}
		for _, n := range names {
			l.Line = append(l.Line, profile.Line{Function: &profile.Function{Name: n}, Line: 7})
		}
		return l
	}
	tests := []struct {
		name  string
		stack []*profile.Location
		want  site
		named bool
	}{
		{"the program", []*profile.Location{of("runtime.a"), of("app.f"), of("app.g")}, site{function: "app.f", line: 7}, true},
		{"inlined", []*profile.Location{of("runtime.a", "app.f", "app.g")}, site{function: "app.f", line: 7}, true},
		{"the library alone", []*profile.Location{of("runtime.a"), of("runtime.b")}, site{function: "runtime.a", line: 7}, true},
		{"no names", []*profile.Location{of(), of()}, site{function: "0x1234", stack: "0x1234\n0x1234"}, false},
		{"lines without a function", []*profile.Location{{Line: []profile.Line{{}}}}, site{function: "unknown"}, false},
	}
	for _, test := range tests {
		if got, _, named := siteOf(&profile.Sample{Location: test.stack}, stdlib{}); got != test.want || named != test.named {
			t.Errorf("%s: %+v, named %v, want %+v", test.name, got, named, test.want)
		}
	}
}

// The library lies where the runtime does.
func TestStdlibRoot(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"runtime.mallocgc", "/usr/local/go/src/runtime/malloc.go", "/usr/local/go/src/"},
		{"runtime.mallocgc", "/src/runtime/malloc.go", "/src/"},
		{"runtime.mallocgc", "malloc.go", ""},
		{"app.f", "/srv/src/runtime/f.go", ""},
	}
	for _, test := range tests {
		p := &profile.Profile{Function: []*profile.Function{{Name: "app.main", Filename: "/srv/app/main.go"}, {Name: test.name, Filename: test.file}}}
		if got := stdlibOf(p).root; got != test.want {
			t.Errorf("%s in %s: root %q, want %q", test.name, test.file, got, test.want)
		}
	}
}

// As many profiles as are compared need not be thinned out.
func TestFewProfilesAreNotThinned(t *testing.T) {
	for _, n := range []int{maxProfiles, maxProfiles + 1} {
		var r Result
		if got := r.thin(make([]snapshot, n)); len(got) != maxProfiles || (len(r.Notes) == 0) != (n == maxProfiles) {
			t.Errorf("%d of %d profiles, notes %q", len(got), n, r.Notes)
		}
	}
}

// sameWords compares errors by what they say.
var sameWords = cmp.Comparer(func(x, y error) bool { return fmt.Sprint(x) == fmt.Sprint(y) })

func FuzzFind(f *testing.F) {
	for _, dir := range []string{"goroutines-go1.24.13", "linear-go1.6"} {
		all := load(f, dir)
		plain, err := inflate(all[len(all)-1].Data, maxSize)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(plain)
	}
	good := load(f, "goroutines-go1.24.13")[5]
	f.Fuzz(func(t *testing.T, data []byte) {
		profiles := []Profile{good, {"fuzzed", data}}
		a, b := Find(profiles, Options{}), Find(profiles, Options{})
		if d := cmp.Diff(a, b, cmpopts.IgnoreUnexported(Suspect{}), cmpopts.EquateNaNs(), sameWords); d != "" {
			t.Errorf("two answers:\n%s", d)
		}
		for _, s := range a.Suspects {
			if math.IsNaN(s.Share) || s.GrowthBytes < 0 {
				t.Errorf("suspect out of its bounds: %+v", s)
			}
		}
	})
}
