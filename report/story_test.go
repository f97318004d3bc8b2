package report_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/report/reporttest"
	"oomtrace/timeline"
)

// input returns the incident with a name.
func input(t *testing.T, name string) report.Input {
	t.Helper()
	cases := reporttest.Cases()
	i := slices.IndexFunc(cases, func(c reporttest.Case) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("no case %q", name)
	}
	return cases[i].Input
}

// jvmOOM is an incident of which nothing is known but what a JVM said at its end.
func jvmOOM(kind inflection.Kind, what event.OOMKind, message string) report.Input {
	said := &event.RuntimeOOM{Runtime: "jvm", Kind: what, Message: message}
	return report.Input{
		Timeline: &timeline.Timeline{Death: timeline.Death{Kind: timeline.RuntimeOOM, Event: said}},
		Finding:  &inflection.Finding{Verdict: inflection.Verdict{Kind: kind}},
	}
}

// TestSentences changes one thing of an incident and reads the headline.
func TestSentences(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*report.Input)
		want string
	}{
		{"leak", func(in *report.Input) { in.Service = "" }, "checkout-api was OOM-killed at 09:28:24 UTC, 27 minutes after its heap stopped recovering."},
		{"leak", func(in *report.Input) { in.Zone = time.FixedZone("CET", 3600) }, "checkout-api was OOM-killed at 10:28:24 CET, 27 minutes after its heap stopped recovering."},
		{"leak", func(in *report.Input) { in.Service, in.Timeline.Death.Name = "", "" }, "The process was OOM-killed at 09:28:24 UTC, 27 minutes after its heap stopped recovering."},
		{"leak", func(in *report.Input) { in.Finding.Runs[0].Inflection = nil }, "checkout-api was OOM-killed at 09:28:24 UTC, 93 minutes after its heap began to grow."},
		{"leak", func(in *report.Input) { in.Finding.Runs[0] = inflection.Run{} }, "checkout-api was OOM-killed at 09:28:24 UTC."},
		{"leak", func(in *report.Input) { in.Timeline.Death.Kind = timeline.UserspaceKill }, "checkout-api was killed at 09:28:24 UTC by a userspace OOM killer, 27 minutes after its heap stopped recovering."},
		{"leak", func(in *report.Input) { in.Finding.Verdict.Kind = "new-kind" }, "checkout-api was OOM-killed at 09:28:24 UTC; these logs do not tell why."},
		{"leak", func(in *report.Input) { in.Finding.Verdict.Kind = "" }, "checkout-api was OOM-killed at 09:28:24 UTC; these logs do not tell why."},
		{"untimed-death", func(in *report.Input) {
			in.Finding.Runs[0].Inflection.At = in.Timeline.Death.At
		}, "checkout-api was OOM-killed 4 min 02 s after boot, after its heap stopped recovering."},
		{"goal-overshoot", func(in *report.Input) { in.Timeline.Limit = timeline.Limit{} }, "checkout-api was OOM-killed at 02:16:44 UTC when the next GC goal no longer fitted."},
		{"goal-overshoot", func(in *report.Input) { in.Timeline.Limit.Size = unit.Known(300 * unit.MiB) }, "checkout-api was OOM-killed at 02:16:44 UTC with only 49 % of its limit live: the next GC goal (97 % of the limit) left no room for the rest of the process."},
		{"goal-overshoot", func(in *report.Input) { in.Timeline.Limit.Size = unit.Known(400 * unit.MiB) }, "checkout-api was OOM-killed at 02:16:44 UTC with only 37 % of its limit live: the heap grew past it before the next collection ended."},
		{"spike", func(in *report.Input) { in.Finding.Runs[0].Onset = nil }, "checkout-api was OOM-killed at 03:00:06 UTC; its heap burst within the last collections."},
		{"spike", func(in *report.Input) {
			o := in.Finding.Runs[0].Onset
			o.Index, o.At = 301, in.Timeline.Runs[0].Cycles.At(301).At
		}, "checkout-api was OOM-killed at 03:00:06 UTC; its heap went from 51 % to 90 % of 4 GiB in 4 s, between two collections."},
		{"spike", func(in *report.Input) {
			in.Timeline.Limit, in.Timeline.Death = timeline.Limit{}, timeline.Death{Kind: timeline.LogEnds}
		}, "The log ends at 03:00:02 UTC; its heap went from 2.05 GiB to 3.61 GiB in 1 s."},
		{"step", func(in *report.Input) { in.Finding.Runs[0].Onset = nil }, "checkout-api was OOM-killed at 03:33:44 UTC, 33 minutes after its heap stopped recovering."},
		{"step", func(in *report.Input) { in.Timeline.Death = timeline.Death{Kind: timeline.LogEnds} }, "The log ends at 03:33:40 UTC; 34 minutes before that its heap stepped up from 2.06 GiB to 3.23 GiB."},
		{"step", func(in *report.Input) {
			o := in.Finding.Runs[0].Onset
			in.Finding.Runs[0].Earlier = &inflection.Jump{At: o.At - 5*time.Minute, From: unit.GiB, To: 2 * unit.GiB}
		}, "checkout-api was OOM-killed at 03:33:44 UTC, 34 minutes after its heap stepped up from 2.06 GiB to 3.23 GiB; 5 minutes before that it had stepped up from 1.00 GiB to 2.00 GiB."},
		{"untimed-death", func(in *report.Input) {
			in.Finding.Runs[0].Inflection, in.Finding.Runs[0].Onset.At = nil, in.Timeline.Death.At
		}, "checkout-api was OOM-killed 4 min 02 s after boot, after its heap began to grow."},
		{"untimed-death", func(in *report.Input) {
			in.Finding.Verdict.Kind, in.Finding.Runs[0].Growth, in.Finding.Runs[0].Onset.At = "step", nil, in.Timeline.Death.At
		}, "checkout-api was OOM-killed 4 min 02 s after boot, after its heap stepped up from 29 MiB to 240 MiB."},
		{"untimed-death", func(in *report.Input) {
			o := in.Finding.Runs[0].Onset
			in.Finding.Verdict.Kind, o.At = "spike", in.Timeline.Death.At-2*time.Second
		}, "checkout-api was OOM-killed 4 min 02 s after boot; its heap went from 11 % to 94 % of 256 MiB in 2 s."},
		{"thrash", func(in *report.Input) {
			in.Timeline.Limits = append(in.Timeline.Limits, timeline.Limit{Size: unit.Known(250 * unit.MiB), From: "gomemlimit"})
		}, "checkout-api was OOM-killed at 02:11:04 UTC; in the last 2.9 s its collector ran 29 times and freed next to nothing: GOMEMLIMIT is 250 MiB, and 245 MiB are live."},
		{"undersized-limit", func(in *report.Input) { in.Finding.Runs[0].OtherLimit = true }, "checkout-api was OOM-killed at 03:00:24 UTC with the live heap steady at 472 MiB: its usual load does not fit."},
		{"stack-overflow", func(in *report.Input) {
			in.Timeline.Death.Event.(*event.RuntimeOOM).Message = "runtime: goroutine stack exceeds 1000000000-byte limit"
		}, "checkout-api stopped at 02:10:50.100 UTC with “runtime: goroutine stack exceeds 1000000000-byte limit”."},
		{"stack-overflow", func(in *report.Input) { in.Timeline.Death.Event.(*event.RuntimeOOM).Bound = 0 }, "checkout-api stopped at 02:10:50.100 UTC with “fatal error: stack overflow”: a stack overflowed, as endless recursion makes it."},
		{"thread-limit", func(in *report.Input) { in.Timeline.Death.Event.(*event.RuntimeOOM).Bound = 0 }, "checkout-api stopped at 02:10:50.100 UTC with “fatal error: thread exhaustion”: it may not have more threads."},
		{"thread-limit", func(in *report.Input) {
			o := in.Timeline.Death.Event.(*event.RuntimeOOM)
			o.Message, o.Bound = "runtime: program exceeds 60-thread limit", 60
		}, "checkout-api stopped at 02:10:50.100 UTC with “runtime: program exceeds 60-thread limit”."},
		{"thread-limit", func(in *report.Input) {
			o := in.Timeline.Death.Event.(*event.RuntimeOOM)
			o.Runtime = "jvm"
			o.Message, o.Bound = `Failed to start thread "Unknown thread" - pthread_create failed (EAGAIN) for attributes: stacksize: 1024k, guardsize: 0k, detached.`, 0
		}, `checkout-api stopped at 02:10:50.100 UTC with “Failed to start thread "Unknown thread" - pthread_create failed (EAGAIN)”: no further thread could be made.`},
		{"undersized-limit", func(in *report.Input) {
			*in = jvmOOM("undersized-limit", event.OOMNative, "Native memory allocation (mmap) failed to map 64 bytes.")
			in.Finding.Verdict.Detail = "startup"
		}, "The process stopped with “Native memory allocation (mmap) failed to map 64 bytes”; it asked for more than there is before it had started."},
		{"undersized-limit", func(in *report.Input) {
			*in = jvmOOM("undersized-limit", event.OOMMetaspace, "Metaspace")
			in.Finding.Verdict.Detail = "metaspace"
		}, "The process stopped with “Metaspace” with its class metadata at a steady level: the bound on it is too small."},
		{"spike", func(in *report.Input) {
			*in = jvmOOM("spike", event.OOMArray, "Requested array size exceeds VM limit")
			in.Finding.Verdict.Detail = "array-size"
		}, "The process stopped with “Requested array size exceeds VM limit”: one array was longer than a JVM can have, however much memory is free."},
		{"undetermined", func(in *report.Input) { *in = jvmOOM("undetermined", event.OOMHeap, "Java heap space") }, "The process stopped with “Java heap space”: its heap was full; these logs do not tell what filled it."},
		{"undetermined", func(in *report.Input) { *in = jvmOOM("undetermined", event.OOMNative, "C heap space") }, "The process stopped with “C heap space”; these logs do not tell why."},
		{"log-ends", func(in *report.Input) {
			in.Timeline.Limits = append(in.Timeline.Limits, timeline.Limit{Size: unit.Known(4000 * unit.MiB), From: "xmx"})
		}, "The log ends at 09:28:20 UTC with the live heap at 95 % of 4000 MiB and rising; no kill event was given."},
		{"runtime-oom", func(in *report.Input) { in.Redact = true }, "checkout-api ran out of memory at 02:36:40 UTC, 6 minutes after its heap stopped recovering."},
		{"off-heap", func(in *report.Input) {
			in.Finding.Verdict.Detail, in.Timeline.Death.RSS = "threads", unit.Size{}
		}, "checkout-api was OOM-killed at 02:43:24 UTC, but its heap was only 1.72 GiB: look at the number of threads."},
		{"off-heap", func(in *report.Input) { in.Finding.Verdict.Detail = "direct-memory" }, "checkout-api was OOM-killed at 02:43:24 UTC at 4.00 GiB RSS, but its heap was only 1.72 GiB: look at direct buffers."},
		{"off-heap", func(in *report.Input) { in.Timeline.Primary = -1 }, "checkout-api was OOM-killed at 02:43:24 UTC at 4.00 GiB RSS, but not by its heap: look at mapped files and memory."},
		{"thrash", func(in *report.Input) {
			in.Timeline.Runs[0].Clock, in.Timeline.Runs[0].Start, in.Timeline.Death = timeline.ByNumber, time.Time{}, timeline.Death{Kind: timeline.LogEnds}
		}, "The log ends after GC 420; its last 29 collections freed next to nothing."},
		{"thrash", func(in *report.Input) { in.Timeline.Primary = -1 }, "checkout-api was OOM-killed at 02:11:04 UTC; its collector ran without end and freed next to nothing."},
		{"neighbour", func(in *report.Input) { in.Timeline.Death.Event.(*event.Kill).Tasks = nil }, "checkout-api was OOM-killed at 02:26:44 UTC, but another process of its group held the memory."},
		{"shared-memory", func(in *report.Input) { in.Timeline.Death.Event.(*event.Kill).Stats = nil }, "checkout-api was OOM-killed at 02:26:44 UTC; its group was full of shared memory (tmpfs, /dev/shm)."},
		{"parent-limit", func(in *report.Input) { in.Redact = true }, "checkout-api was OOM-killed at 02:26:44 UTC by the limit of a parent group, not by its own."},
		{"not-an-oom", func(in *report.Input) {
			in.Timeline.Death.Event = &event.ProcessEnd{Kind: event.EndFatal, Message: "concurrent map writes"}
		}, "checkout-api ended at 02:10:50.100 UTC with a fatal error (concurrent map writes), not for want of memory."},
		{"not-an-oom", func(in *report.Input) {
			in.Timeline.Death.Event = &event.ProcessEnd{Kind: event.EndExit, Code: 3, HasCode: true}
		}, "checkout-api exited with status 3 at 02:10:50.100 UTC, not for want of memory."},
		{"not-an-oom", func(in *report.Input) { in.Timeline.Death.Event = nil }, "checkout-api exited at 02:10:50.100 UTC, not for want of memory."},
		{"killed-from-outside", func(in *report.Input) { in.Timeline.Death.Event = nil }, "checkout-api was ended by a signal at 02:10:50.100 UTC, and nothing in the logs shows that memory was the reason."},
		{"recovered", func(in *report.Input) {
			x := in.Finding.Runs[0].Recovered[0]
			in.Finding.Runs[0].Inflection, x.LaterCycles = &x, 16
		}, "No crash found, but the live heap ends at 17 % of 4 GiB and did not recover in the last 17 collections."},
		{"recovered", func(in *report.Input) { in.Finding.Runs[0].Recovered = in.Finding.Runs[0].Recovered[:1] }, "No crash found; 70 % was crossed once and recovered."},
		{"healthy", func(in *report.Input) { in.Timeline.Primary = -1 }, "No crash found."},
		{"alive", func(in *report.Input) { in.Finding.Runs[0].Growth = nil }, "No crash found, but the live heap stands at 160 MiB and rises."},
		{"alive", func(in *report.Input) {
			in.Timeline.Runs[0].Start, in.Timeline.Runs[0].Clock, in.Timeline.Death.Kind = time.Time{}, timeline.SinceFirst, timeline.LogEnds
		}, "The log ends 8 d 08 h after the first line with the live heap at 160 MiB and rising; no kill event was given."},
		{"crash-loop", func(in *report.Input) { in.Timeline.Death.Kills = 1 }, "checkout-api was OOM-killed at 03:10:04 UTC, as in the lives before this one."},
		{"kernel-only", func(in *report.Input) { in.Timeline.Death.Time = event.Time{} }, "checkout-api was OOM-killed at its limit of 2 GiB, 1.99 GiB of it its own (anonymous) memory; no GC log says how it grew."},
	} {
		in := input(t, c.name)
		c.edit(&in)
		if got := report.New(in).Verdict.Sentence.String(); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		kind            inflection.Kind
		detail, runtime string
		want            string
	}{
		{"leak", "", "go", "Go heap leak · confidence high"},
		{"leak", "", "jvm", "Java heap leak · confidence high"},
		{"leak", "", "v8", "JavaScript heap leak · confidence high"},
		{"leak", "", "art", "Android heap leak · confidence high"},
		{"leak", "", "x", "Managed heap leak · confidence high"},
		{"leak", "goroutine", "go", "Goroutine leak · confidence high"},
		{"leak", "class-space", "jvm", "Class space leak · confidence high"},
		{"off-heap", "mmap", "go", "Memory outside the heap: mmap · confidence high"},
		{"thrash", "", "go", "GC thrashing · confidence high"},
	} {
		in := reporttest.Leak()
		in.Finding.Verdict.Kind, in.Finding.Verdict.Detail, in.Timeline.Runs[0].Runtime = c.kind, c.detail, c.runtime
		if got := report.New(in).Verdict.Kicker; got != c.want {
			t.Errorf("%s %s: got %q, want %q", c.kind, c.detail, got, c.want)
		}
	}
}

func TestService(t *testing.T) {
	for _, c := range []struct {
		stream *event.Stream
		given  string
		want   string
	}{
		{nil, "", "checkout-api"},
		{&event.Stream{Container: "app", Unit: "docker.service", Pod: "checkout-7c1f"}, "", "app"},
		{&event.Stream{Unit: "checkout.service"}, "", "checkout.service"},
		{&event.Stream{Pod: "checkout-7c1f"}, "", "checkout-7c1f"},
		{&event.Stream{Container: "app"}, "mine", "mine"},
		{&event.Stream{Container: strings.Repeat("x", 200)}, "", strings.Repeat("x", 79) + "…"},
	} {
		in := reporttest.Leak()
		in.Service, in.Timeline.Runs[0].Stream = c.given, c.stream
		if got := report.New(in).Service; got != c.want {
			t.Errorf("%+v: got %q, want %q", c.stream, got, c.want)
		}
	}
}

// TestDeterministic makes every Model twice, and changes nothing that it was given.
func TestDeterministic(t *testing.T) {
	again := reporttest.Cases()
	for i, c := range reporttest.Cases() {
		first, second := text(t, report.New(c.Input)), text(t, report.New(c.Input))
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("%s: the second Model differs from the first:\n%s", c.Name, diff)
		}
		if diff := cmp.Diff(text(t, report.New(again[i].Input)), second); diff != "" {
			t.Errorf("%s: New changed its input:\n%s", c.Name, diff)
		}
	}
}

func text(t *testing.T, m *report.Model) string {
	t.Helper()
	b, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestRedacted looks for secrets in a redacted report.
func TestRedacted(t *testing.T) {
	m := report.New(input(t, "redacted"))
	got := text(t, m)
	for _, secret := range []string{"/srv", "node-17", "kubepods", "7c1f", "session/cache.go", "2181 @8113", "Nov 12 node"} {
		if strings.Contains(got, secret) {
			t.Errorf("the report holds %q", secret)
		}
	}
	if m.Provenance.Command != "" {
		t.Errorf("the report holds the command %q", m.Provenance.Command)
	}
}

func TestWanted(t *testing.T) {
	in := reporttest.Leak()
	wanted := report.Wanted(in)
	in.Lines = map[event.Pos]string{}
	for _, p := range wanted {
		in.Lines[p] = "line \x1b of " + report.At(p)
	}
	m := report.New(in)
	seen := 0
	for _, r := range m.Evidence.Rows {
		if r.Kind != "gap" {
			seen++
			if want := `line \x1b of ` + report.At(r.Source); r.Raw != want {
				t.Errorf("row %s: raw %q, want %q", report.At(r.Source), r.Raw, want)
			}
		}
	}
	if seen != 11 || len(wanted) != 11 || allSaid(m)[0].Raw == "" {
		t.Errorf("%d rows, %d lines wanted", seen, len(wanted))
	}
}

func TestEvidence(t *testing.T) {
	m := report.New(reporttest.Leak())
	rows := m.Evidence.Rows
	hot := slices.IndexFunc(rows, func(r report.EvidenceRow) bool { return r.Hot })
	if hot != 3 || rows[hot].Percent != "70.0 %" || rows[hot].Cycle != "1893" || !strings.HasPrefix(rows[hot].Note, "Inflection: first cycle above 70 % of the limit") {
		t.Errorf("hot row %d: %+v", hot, rows[hot])
	}
	if got := rows[hot-1].Percent; got != "69.9 %" {
		t.Errorf("the row before stands at %s", got)
	}
	if gap := rows[7]; gap.Kind != "gap" || gap.Note != "401 further cycles, none below 70 %. Lowest 2.81 GiB (70.2 % of the limit) at line 3795." {
		t.Errorf("gap: %+v", gap)
	}
	if last := rows[len(rows)-1]; last.Kind != "event" || last.Source.File != "kern.log" || last.Source.Line != 212 {
		t.Errorf("last row: %+v", last)
	}
}

func TestWitnesses(t *testing.T) {
	in := reporttest.Leak()
	k := in.Timeline.Death.Event.(*event.Kill)
	k.Repeats = 3
	k.Victims = append(k.Victims, event.Victim{PID: 2, Name: "b"}, event.Victim{PID: 3, Name: "c"}, event.Victim{PID: 4, Name: "d"})
	in.Timeline.Events = append(in.Timeline.Events,
		&event.RuntimeOOM{Kind: event.OOMHeap},
		&event.ProcessEnd{Kind: event.EndSignal, Signal: "SIGKILL", Code: 137, HasCode: true},
		&event.ProcessEnd{Kind: event.EndPanic, Message: "boom"},
		&event.ProcessEnd{Kind: event.EndFatal},
		&event.ProcessEnd{Kind: event.EndExit},
		&event.ProcessEnd{},
		&event.Dump{Kind: "goroutine-dump", Lines: 1200, Goroutines: 1, Cut: true},
		&event.Sample{},
	)
	var got []string
	for _, w := range allSaid(report.New(in)) {
		got = append(got, w.Kind+": "+w.Text)
	}
	want := []string{
		"oom-kill: the kernel's out-of-memory killer ran and killed checkout-api (pid 41877, 3.99 GiB resident), b (pid 2), c (pid 3) and others; group /kubepods/burstable/pod7c1f/4be1; usage 4.00 GiB of 4 GiB; 3 equal reports",
		"runtime-oom: the runtime gave up: heap",
		"process-end: ended by SIGKILL with status 137",
		"process-end: a panic ended it: boom",
		"process-end: a fatal error ended it",
		"process-end: it exited",
		"process-end: it ended",
		"dump: goroutine-dump, 1,200 lines, 1 goroutine, cut off",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestProvenance(t *testing.T) {
	for _, c := range []struct {
		name         string
		clock, limit string
	}{
		{"leak", "UTC, from the logs", "4 GiB = 4294967296 bytes, from --limit, confirmed by kern.log:201"},
		{"no-wall-clock", "no calendar time in the logs; times count from the start of the process", "256 MiB = 268435456 bytes, from --limit, confirmed by kern.log:201"},
		{"no-clock", "none in the logs; collections are counted", "256 MiB = 268435456 bytes, from --limit"},
		{"nothing", "the logs' own", "not known"},
	} {
		p := report.New(input(t, c.name)).Provenance
		if p.Clock != c.clock || p.Limit != c.limit {
			t.Errorf("%s: clock %q, limit %q", c.name, p.Clock, p.Limit)
		}
	}
	for from, want := range map[string]string{
		"memcg": "the kernel's out-of-memory report", "xmx": "-Xmx", "gomemlimit": "GOMEMLIMIT", "v8-flag": "a V8 flag", "docker": "docker", "": "an unnamed source",
	} {
		in := reporttest.Leak()
		in.Timeline.Limit = timeline.Limit{Size: unit.Known(unit.GiB), From: from, Source: event.Pos{File: "f", Line: 7}}
		if got := report.New(in).Provenance.Limit; got != "1 GiB = 1073741824 bytes, from "+want+" (f:7)" {
			t.Errorf("%s: %q", from, got)
		}
	}
}

func TestForecastAgainstTruth(t *testing.T) {
	for shift, want := range map[time.Duration]string{
		-5 * time.Minute: "the end came 5 minutes later",
		5 * time.Minute:  "the end came 5 minutes sooner",
		0:                "the end came then",
	} {
		in := reporttest.Leak()
		in.Finding.Runs[0].Forecast.Death = in.Timeline.Death.At + shift
		if got := report.New(in).Runs[0].Forecast.Error.String(); got != want {
			t.Errorf("forecast off by %v: %q, want %q", shift, got, want)
		}
	}
}

func TestNeverPanics(t *testing.T) {
	for _, kind := range []inflection.Kind{
		"leak", "step", "spike", "undersized-limit", "goal-overshoot", "thrash", "off-heap", "healthy", "neighbour", "parent-limit", "node-pressure", "shared-memory",
		"page-cache", "kernel-memory", "limit-lowered", "crash-loop", "address-space", "thread-limit", "stack-overflow", "killed-from-outside", "not-an-oom", "undetermined",
	} {
		for _, c := range reporttest.Cases() {
			in := c.Input
			f := inflection.Finding{Verdict: inflection.Verdict{Kind: kind}}
			if in.Finding != nil {
				f.Runs = in.Finding.Runs
			}
			in.Finding = &f
			if s := report.New(in).Verdict.Sentence.String(); s == "" || !strings.HasSuffix(s, ".") {
				t.Errorf("%s as %s: %q", c.Name, kind, s)
			}
		}
	}
}

// Where the heap did not grow, the headline names what did.
func TestGrowthBesideTheHeap(t *testing.T) {
	for detail, want := range map[string]string{"metaspace": "class metadata", "class-space": "class space", "perm-gen": "permanent generation"} {
		in := reporttest.Leak()
		in.Finding.Verdict.Detail = detail
		if got := report.New(in).Verdict.Sentence.String(); !strings.Contains(got, "; its "+want+" had grown until") {
			t.Errorf("%s: %s", detail, got)
		}
	}
}
