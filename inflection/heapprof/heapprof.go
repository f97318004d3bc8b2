// Package heapprof reads heap profiles of one process and names the allocation sites that grew.
//
// What goes in are the bytes of profiles as runtime/pprof writes them: gzipped protocol buffers, or the legacy text of
// Go 1.8 and earlier. What comes out are sites with their growth, most suspicious first. Comparing them with the growth
// that the GC log shows is left to others.
//
// The growth of a site is the Theil-Sen slope of its live bytes over all profiles, times the time they span; two
// profiles give their difference. A heap profile is a sample: at one sample every P bytes a sum of B bytes has a
// standard deviation of about sqrt(B*P). A site counts if it grew by three deviations of first and last together, and by
// 5 % of what all growing sites grew. Sites rank by growth times Kendall's tau, so that a swing ranks below a trend.
//
// A heap profile shows the heap as of the last collection that ended before it. An allocation after the last profile
// is in none of them.
package heapprof

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"oomtrace/parser/unit"
)

const (
	noiseDeviations = 3
	minShare        = 0.05
	maxProfiles     = 64 // more are thinned out evenly: the pairs of a series grow with the square
	maxSuspects     = 20
)

// Profile is one heap profile, not yet read.
type Profile struct {
	Name string
	Data []byte
}

// Options say what is known from elsewhere.
type Options struct {
	// Onset is when the growth began, by the wall clock; the zero time is unknown. The last profile before it is the
	// base, so that what the program built up at its start is not blamed.
	Onset time.Time
}

// Result is what the profiles of one process tell.
type Result struct {
	Suspects []Suspect
	Growth   unit.Bytes // of all sites that grew, suspects or not
	Base     string     // name of the first profile compared; empty if nothing was
	Last     string
	Profiles int           // how many were compared
	Span     time.Duration // from the base to the last; 0 if they carry no time
	Notes    []string      // what was left out or assumed, whole sentences
	Unread   []Unread      // the profiles that could not be read
}

// Unread is a profile that could not be read.
type Unread struct {
	Name   string
	Reason error // "it is cut short or damaged"
}

// Suspect is a site that grew: the first frame from the leaf that is not of the runtime or the standard library.
type Suspect struct {
	Function    string
	File        string
	Line        int
	GrowthBytes unit.Bytes
	GrowthLow   unit.Bytes // the 95 % interval of GrowthBytes
	GrowthHigh  unit.Bytes
	Share       float64 // of Result.Growth
	BaseBytes   unit.Bytes
	LastBytes   unit.Bytes
	Objects     int64    // alive in the last profile
	BaseObjects int64    // alive in the base
	Tau         float64  // Kendall's tau of bytes and time: 1 grows from profile to profile
	Stack       []string // functions of the stack that grew most, leaf first

	score float64
}

// Find compares the profiles and returns the sites that grew. Profiles that cannot be read are left out.
// The order of profiles does not matter: they carry their time, or their names are in order.
func Find(profiles []Profile, o Options) Result {
	var r Result
	all := r.read(profiles)
	timed := false
	if len(all) > 1 {
		all, timed = r.order(all)
		all = r.from(all, timed, o.Onset)
	}
	if len(all) < 2 {
		if len(profiles) > 0 {
			r.note("Fewer than two heap profiles can be compared, so no site is named.")
		}
		return r
	}
	all = r.thin(all)
	first, last := all[0], all[len(all)-1]
	r.Base, r.Last, r.Profiles = first.name, last.name, len(all)
	times := make([]float64, len(all))
	for i, s := range all {
		times[i] = float64(i)
		if timed {
			times[i] = s.after(first).Seconds()
		}
	}
	if timed {
		r.Span = last.after(first)
	}
	r.judge(all, times)
	if len(r.Suspects) == 0 {
		r.judge([]snapshot{first, last}, []float64{times[0], times[len(times)-1]})
		if len(r.Suspects) > 0 {
			r.note("No site grew over all profiles. The sites named differ between the first and the last of them, which may be a swing.")
		}
	}
	return r
}

func (r *Result) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// read parses the profiles. The bytes of the same profile given twice count once.
func (r *Result) read(profiles []Profile) []snapshot {
	var out []snapshot
	seen := map[[sha256.Size]byte]bool{}
	symbols := false
	for _, p := range profiles {
		sum := sha256.Sum256(p.Data)
		if seen[sum] && len(p.Data) > 0 {
			r.note("%q is the same profile as one before it and was left out.", p.Name)
			continue
		}
		seen[sum] = true
		s, err := parse(p)
		if err != nil {
			r.Unread = append(r.Unread, Unread{p.Name, err})
			continue
		}
		symbols = symbols || s.symbols
		out = append(out, s)
	}
	if len(out) > 0 && !symbols {
		r.note("The profiles hold no function names, so sites are addresses.")
	}
	return out
}

// order sorts two profiles or more by time where all profiles carry one, else by name, and reports whether it was time.
func (r *Result) order(all []snapshot) ([]snapshot, bool) {
	timed := !slices.ContainsFunc(all, func(s snapshot) bool { return s.time == 0 })
	slices.SortStableFunc(all, func(a, b snapshot) int {
		if timed && a.time != b.time {
			return cmp.Compare(a.time, b.time)
		}
		return strings.Compare(a.name, b.name)
	})
	timed = timed && all[0].time != all[len(all)-1].time
	if !timed {
		r.note("The profiles are compared in the order of their names, as if evenly spaced: they do not all carry a time of their own.")
	}
	return all, timed
}

// from leaves out what was taken before the base.
func (r *Result) from(all []snapshot, timed bool, onset time.Time) []snapshot {
	if onset.IsZero() {
		return all
	}
	if !timed {
		r.note("The base is the first profile: the profiles carry no time to hold against the beginning of the growth.")
		return all
	}
	after := slices.IndexFunc(all, func(s snapshot) bool { return s.time > onset.UnixNano() })
	switch {
	case after < 0:
		r.note("All heap profiles were taken before the growth began, so none of them shows it.")
		return nil
	case after == 0:
		r.note("The first heap profile was taken after the growth began, so the growth before it is not shown.")
		return all
	}
	return all[after-1:]
}

func (r *Result) thin(all []snapshot) []snapshot {
	if len(all) <= maxProfiles {
		return all
	}
	r.note("Of %d heap profiles %d were compared, evenly spaced.", len(all), maxProfiles)
	out := make([]snapshot, maxProfiles)
	for i := range out {
		out[i] = all[i*(len(all)-1)/(maxProfiles-1)]
	}
	return out
}

// judge fills in the suspects.
func (r *Result) judge(all []snapshot, times []float64) {
	var period float64
	sites := map[site]bool{}
	for _, s := range all {
		period = max(period, s.period)
		for at := range s.sites {
			sites[at] = true
		}
	}
	first, last := all[0], all[len(all)-1]
	var grown []Suspect
	var total float64
	for at := range sites {
		bytes := make([]float64, len(all))
		for i, s := range all {
			bytes[i] = s.sites[at].bytes
		}
		t := trendOf(times, bytes)
		total += math.Round(max(0, t.growth))
		base, end := first.sites[at], last.sites[at]
		noise := math.Sqrt(max(0, base.bytes+end.bytes) * period)
		if t.growth < noiseDeviations*noise {
			continue
		}
		if len(all) == 2 {
			t.low, t.high = t.growth-1.96*noise, t.growth+1.96*noise
		}
		grown = append(grown, Suspect{
			Function: at.function, File: at.file, Line: at.line,
			GrowthBytes: bytesOf(t.growth), GrowthLow: bytesOf(t.low), GrowthHigh: bytesOf(t.high),
			BaseBytes: bytesOf(base.bytes), LastBytes: bytesOf(end.bytes),
			BaseObjects: base.objects, Objects: end.objects,
			Tau: t.tau, Stack: grownStack(base, end), score: t.growth * t.tau,
		})
	}
	r.Growth = bytesOf(total)
	for _, s := range grown {
		s.Share = float64(s.GrowthBytes) / total
		if s.Share >= minShare && s.score > 0 {
			r.Suspects = append(r.Suspects, s)
		}
	}
	slices.SortFunc(r.Suspects, func(a, b Suspect) int {
		return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(a.Function, b.Function), strings.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line), slices.Compare(a.Stack, b.Stack))
	})
	r.Suspects = r.Suspects[:min(len(r.Suspects), maxSuspects)]
}

func bytesOf(f float64) unit.Bytes {
	return unit.Bytes(math.Round(max(-math.MaxInt64/2, min(f, math.MaxInt64/2))))
}

// grownStack returns the functions of the stack of a site that grew most from base to end, leaf first.
func grownStack(base, end total) []string {
	var best string
	most := math.Inf(-1)
	for _, key := range slices.Sorted(maps.Keys(end.stacks)) {
		if grew := end.stacks[key] - base.stacks[key]; grew > most {
			best, most = key, grew
		}
	}
	if best == "" {
		return nil
	}
	return strings.Split(best, "\n")
}
