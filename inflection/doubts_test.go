package inflection

import (
	"strings"
	"testing"

	"oomtrace/parser/event"
)

// A verdict that is not sure says why, and a sure one does not doubt.
func TestDoubts(t *testing.T) {
	short := but(leaking(), func(f *Facts) { f.GrowCycles = clearCycles - 1 })
	swings := but(leaking(), func(f *Facts) { f.Growth, f.Swing = 0.5, 0.25 })
	few := but(leaking(), func(f *Facts) { f.Cycles = clearCycles - 1 })
	for _, c := range []struct {
		name string
		kind Kind
		f    Facts
		want string // empty: no doubt but the one that must be
	}{
		{"growth over few collections", Leak, short, "the growth spans 11 collections only: with fewer than 12"},
		{"growth over few, in a log of eight", Leak, but(short, func(f *Facts) { f.Cycles = fewCycles }), "the growth spans 11 collections only"},
		{"no growth", Leak, but(leaking(), func(f *Facts) { f.GrowCycles = 0 }), ""},
		{"growth over enough of them", Leak, but(short, func(f *Facts) { f.GrowCycles = clearCycles }), ""},
		{"growth in a log of a few", Leak, but(short, func(f *Facts) { f.Cycles = fewCycles - 1 }), ""},
		{"growth of twice the swings", Leak, swings, "the growth is 2.0 times the swings that recovered before it"},
		{"growth of just twice what is asked for", Leak, but(swings, func(f *Facts) { f.Growth = 0.65 }), ""},
		{"growth far beyond them", Leak, but(swings, func(f *Facts) { f.Swing = 0.19 }), ""},
		{"a step that few collections tell of", Step, few, "only 11 collections tell of the jump"},
		{"a step that just eight tell of", Step, but(leaking(), func(f *Facts) { f.Cycles = fewCycles }), "only 8 collections tell of the jump"},
		{"a spike that few tell of", Spike, few, "only 11 collections tell of the jump"},
		{"few collections, and no jump", Healthy, few, ""},
		{"a spike that enough of them tell of", Spike, but(few, func(f *Facts) { f.Cycles = clearCycles }), ""},
		{"memory beside a large heap", OffHeap, leaking(), "the heap with its garbage took up to 1.90 GiB of the 2 GiB"},
		{"the same in a log of eight collections", OffHeap, but(leaking(), func(f *Facts) { f.Cycles = fewCycles }), "the heap with its garbage took up to 1.90 GiB"},
		{"the same in a log of seven", OffHeap, but(leaking(), func(f *Facts) { f.Cycles = fewCycles - 1 }), ""},
		{"lives without a seen end", CrashLoop, but(leaking(), func(f *Facts) { f.Loop.lives = true }), "the deaths were not seen"},
		{"a signal from nobody", KilledFromOutside, leaking(), "nothing says who sent the signal"},
		{"a signal from somebody", KilledFromOutside, but(leaking(), func(f *Facts) { f.Told.sender = "systemd" }), ""},
	} {
		got := strings.Join(c.f.doubts(c.kind, false), "; ")
		if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	for want, f := range map[string]Facts{"nothing in the input": {}, "the kernel's report shows one moment": {Kill: &event.Kill{}}} {
		if got := f.doubts(Undetermined, true); !strings.HasPrefix(got[0], want) {
			t.Errorf("undetermined: %q, want %q", got, want)
		}
	}
	for _, r := range Rules() {
		if got := (&Facts{}).doubts(r.Kind, true); len(got) == 0 || got[0] == "" {
			t.Errorf("%s is not sure, and nothing says why", r.Kind)
		}
	}
	kill := &event.Kill{Constraint: event.ConstraintMemcg, NoKillable: true}
	stuck := kernelKill
	stuck.Event = kill
	for name, s := range map[string]story{
		"few cycles of growth": {live: shape(40, 0, hingeAt(10, 0.8, 48)), goal: 2, limit: 100, death: kernelKill},
		"nothing to kill":      {death: stuck},
	} {
		if v := s.judge().Verdict; v.Confidence != High && len(v.Missing) == 0 {
			t.Errorf("%s: confidence %s of %s without a reason", name, v.Confidence, v.Kind)
		}
	}
}
