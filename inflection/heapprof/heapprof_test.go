package heapprof

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
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
		{"linear-go1.10.8", "2026-11-22T19:28:03.7Z", []string{"main.recordAudit"}, ".tmp\" was left out: it is empty"},
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
			if !strings.Contains(strings.Join(r.Notes, "\n"), test.note) {
				t.Errorf("notes %q, want %q", r.Notes, test.note)
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
		{"heap profile: nonsense", "cut short or no profile"},
		{"\x7fELF", "cut short or no profile"},
		{cpuData.String(), "no heap profile"},
		{twice.String(), "compressed twice"},
		{string(good[0].Data), "is the same profile"},
	}
	for i, b := range bad {
		r := Find(append(slices.Clone(good), Profile{fmt.Sprintf("bad%d", i), []byte(b.data)}), Options{})
		if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], b.note) || !strings.Contains(r.Notes[0], fmt.Sprintf("%q", fmt.Sprintf("bad%d", i))) {
			t.Errorf("notes %q, want one that says %q", r.Notes, b.note)
		}
		if len(r.Suspects) == 0 || r.Suspects[0].Function != "main.main.leakGoroutines.func4" {
			t.Errorf("%s: suspects %+v", b.note, r.Suspects)
		}
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
	p := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "inuse_objects", Unit: "count"}, {Type: "inuse_space", Unit: "bytes"}},
		PeriodType: &profile.ValueType{Type: "space", Unit: "bytes"}, Period: samplePeriod,
		TimeNanos: int64(second+1) * int64(time.Second),
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
	for _, f := range slices.Sorted(mapKeys(h)) {
		if n := poisson(rnd, h[f]/samplePeriod); n > 0 {
			p.Sample = append(p.Sample, &profile.Sample{Location: add("bytes.makeSlice", f, "runtime.main"), Value: []int64{int64(n), int64(n) * samplePeriod}})
		}
	}
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		t.Fatal(err)
	}
	return Profile{name, out.Bytes()}
}

func mapKeys(h heap) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range h {
			if !yield(k) {
				return
			}
		}
	}
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

func FuzzFind(f *testing.F) {
	for _, dir := range []string{"goroutines-go1.24.13", "linear-go1.6"} {
		all := load(f, dir)
		plain, err := inflate(all[len(all)-1].Data)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(plain)
	}
	good := load(f, "goroutines-go1.24.13")[5]
	f.Fuzz(func(t *testing.T, data []byte) {
		profiles := []Profile{good, {"fuzzed", data}}
		a, b := Find(profiles, Options{}), Find(profiles, Options{})
		if d := cmp.Diff(a, b, cmpopts.IgnoreUnexported(Suspect{}), cmpopts.EquateNaNs()); d != "" {
			t.Errorf("two answers:\n%s", d)
		}
		for _, s := range a.Suspects {
			if math.IsNaN(s.Share) || s.GrowthBytes < 0 {
				t.Errorf("suspect out of its bounds: %+v", s)
			}
		}
	})
}
