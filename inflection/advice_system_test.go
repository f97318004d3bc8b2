package inflection

import (
	"slices"
	"strings"
	"testing"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// What a report of the kernel alone leaves open, and what is advised, each by a phrase of it.
func TestSystemAdvice(t *testing.T) {
	killed := func(change func(*event.Kill)) *timeline.Timeline {
		k := &event.Kill{
			OOMMemcg: "/svc", Usage: mibs(64), Limit: mibs(64), Stats: stats("anon", 62, "file", 0, "shmem", 0, "kernel", 1),
			Victims: []event.Victim{{PID: 7, Name: "svc", Anon: mibs(62)}},
		}
		change(k)
		return &timeline.Timeline{Primary: -1, Events: []event.Event{k}, Limit: timeline.Limit{Size: k.Limit}, Death: timeline.Death{Kind: timeline.MemcgKill, Event: k}}
	}
	named := func(name string) *timeline.Timeline {
		return killed(func(k *event.Kill) { k.Victims[0].Name = name })
	}
	off := killed(func(*event.Kill) {})
	off.NoCollector = true
	unbounded := killed(func(k *event.Kill) { k.Limit = unit.Size{} })
	unbounded.NoCollector = true
	stuck := killed(func(k *event.Kill) { k.Victims, k.NoKillable = nil, true })
	stuck.Death.Kind = timeline.NoDeath
	ended := &timeline.Timeline{Primary: -1, Death: timeline.Death{Kind: timeline.NoDeath}}
	for _, c := range []struct {
		name            string
		tl              *timeline.Timeline
		missing, advice string
		not             string // in neither
	}{
		{"a program of any kind", named("postgres"), "readings of it over time", "record its memory over time", "gctrace"},
		{"nobody knows its name", named(""), "--env GOGC=off", "GODEBUG=gctrace=1 for Go", ""},
		{"Java", named("java"), "-Xlog:gc*", "-Xlog:gc*", "gctrace"},
		{"Node 24", named("MainThread"), "--trace-gc", "--trace-gc", "gctrace"},
		{"a limit to try", named("svc"), "", "a limit of 88 MiB instead of 64 MiB", ""},
		{"no collector", off, "GOGC=off was stated", "set GOMEMLIMIT=60MiB", "gctrace"},
		{"no collector, and no limit known", unbounded, "GOGC=off was stated", "set GOMEMLIMIT to a tenth below", "gctrace"},
		{"nothing to kill", stuck, "", "oom_score_adj above -1000", "how the process ended"},
		{"nothing at all", ended, "how the process ended", "add what would decide it: no collection", ""},
	} {
		v := Judge(c.tl, Default()).Verdict
		missing, advice := strings.Join(v.Missing, "; "), strings.Join(v.Advice, "; ")
		if v.Kind != Undetermined || !strings.Contains(missing, c.missing) || !strings.Contains(advice, c.advice) {
			t.Errorf("%s: %s\nmissing %s\nadvice %s", c.name, v.Kind, missing, advice)
		}
		if c.not != "" && strings.Contains(missing+advice, c.not) {
			t.Errorf("%s: says %q\nmissing %s\nadvice %s", c.name, c.not, missing, advice)
		}
		if slices.Contains(v.Advice, "") {
			t.Errorf("%s: empty advice", c.name)
		}
	}
}

// What is advised about the system, where the verdict alone does not say it, each by the beginning of the first advice.
func TestSystemAdviceByKind(t *testing.T) {
	bound := but(calm(0.3), func(f *Facts) { f.Kill = &event.Kill{Constraint: event.ConstraintCpuset} })
	byHand := but(calm(0.3), func(f *Facts) {
		k := &event.Kill{Order: -1, Victims: []event.Victim{{PID: 7}}}
		f.Kill, f.Death = k, timeline.Death{Kind: timeline.GlobalKill, Event: k}
	})
	stuck := Facts{Kill: &event.Kill{NoKillable: true}}
	silent := Facts{NoCollector: true}
	killed := Facts{Death: timeline.Death{Kind: timeline.MemcgKill}}
	greedy := func(share float64) Facts {
		return Facts{Kill: &event.Kill{Order: -1}, Machine: true, Usage: gib, Largest: event.Task{Name: "java", PID: 161, RSS: unit.Known(bytes(share * gib))}}
	}
	for _, c := range []struct {
		name string
		v    Verdict
		f    Facts
		want string
	}{
		{"bound to some nodes", Verdict{Kind: NodePressure}, bound, "let it use more memory nodes"},
		{"a whole machine", Verdict{Kind: NodePressure}, calm(0.3), "sum up what runs"},
		{"bound to some nodes, and no matter", Verdict{Kind: SharedMemory}, bound, "List the tmpfs mounts"},
		{"a whole machine, most of it in one process", Verdict{Kind: NodePressure}, greedy(0.5), "look at java (pid 161) first: it held 512 MiB of the 1 GiB"},
		{"a whole machine, less than half of it in one", Verdict{Kind: NodePressure}, greedy(0.49), "sum up what runs"},
		{"a machine of a cluster", Verdict{Kind: NodePressure}, Facts{Workload: event.Kubernetes}, "Sum up what runs on the machine"},
		{"an eviction", Verdict{Kind: NodePressure}, Facts{Death: timeline.Death{Kind: timeline.Eviction}}, "Sum up what runs on the machine"},
		{"killed by hand", Verdict{Kind: KilledFromOutside}, byHand, "find out who asked"},
		{"a fault in the JVM", Verdict{Kind: NotAnOOM}, crashed("V  [libjvm.so+0x6b]  forte_next()+0x7"), "the JVM itself failed, in forte_next()+0x7 of libjvm.so:"},
		{"a fault in a library", Verdict{Kind: NotAnOOM}, crashed("C  [libzip.so+0x6b]"), "look at the native library of the problematic frame, libzip.so:"},
		{"a fault in Java code", Verdict{Kind: NotAnOOM}, crashed("J 728 c1 Unsafe.getLong(J)J (173 bytes)"), "compiled or interpreted Java code failed, in Unsafe.getLong(J)J:"},
		{"a fault somewhere", Verdict{Kind: NotAnOOM}, crashed(""), "look at the core dump"},
		{"a panic", Verdict{Kind: NotAnOOM}, Facts{}, "Follow the message of the crash."},
		{"killed by a signal", Verdict{Kind: KilledFromOutside}, Facts{}, "Ask the orchestrator"},
		{"killed by hand, for shared memory", Verdict{Kind: SharedMemory}, byHand, "List the tmpfs mounts"},
		{"nothing to kill", Verdict{Kind: Undetermined}, stuck, "give the processes"},
		{"nothing to kill, for shared memory", Verdict{Kind: SharedMemory}, stuck, "List the tmpfs mounts"},
		{"no collector", Verdict{Kind: Undetermined}, silent, "set GOMEMLIMIT to a tenth below"},
		{"no collector, and a Go without GOMEMLIMIT", Verdict{Kind: Undetermined}, of(version{1, 18}, silent), "remove GOGC=off"},
		{"no collector, but collections", Verdict{Kind: Undetermined, Missing: []string{"that"}}, but(silent, func(f *Facts) { f.Cycles = 1 }), "add what would decide it: that"},
		{"no collector, and shared memory", Verdict{Kind: SharedMemory}, silent, "List the tmpfs mounts"},
		{"a kill and no collections", Verdict{Kind: Undetermined}, killed, "write a GC log"},
		{"a kill and collections", Verdict{Kind: Undetermined, Missing: []string{"that"}}, but(killed, func(f *Facts) { f.Cycles = 1 }), "add what would decide it: that"},
		{"a kill for shared memory", Verdict{Kind: SharedMemory, Missing: []string{"that"}}, killed, "List the tmpfs mounts"},
		{"something is missing", Verdict{Kind: Undetermined, Missing: []string{"this", "that"}}, Facts{}, "add what would decide it: this; that"},
		{"nothing is missing", Verdict{Kind: Undetermined}, Facts{}, "Add what would tell."},
	} {
		if got := c.f.advice(c.v); len(got) == 0 || !strings.HasPrefix(got[0], c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := killed.advice(Verdict{Kind: Undetermined}); contains(got, "until then a limit") {
		t.Errorf("a limit to try where none is known: %q", got)
	}
}
