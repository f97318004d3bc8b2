package inflection

import (
	"strings"
	"testing"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// TestJavaEvidence holds what a JVM says of its own end, claim by claim, each against facts that leave one of them out.
func TestJavaEvidence(t *testing.T) {
	kinds := func(k event.OOMKind, change func(*Facts)) Facts { return but(java(k), change) }
	grown := func(f *Facts) {
		f.Java.MetaFrom, f.Java.MetaHalf, f.Java.MetaTo, f.Java.MaxMeta = 10*mib, 20*mib, 48*mib, 48*mib
	}
	level := func(f *Facts) {
		f.Java.MetaFrom, f.Java.MetaHalf, f.Java.MetaTo, f.Java.MaxMeta = 48*mib, 48*mib, 48*mib, 48*mib
	}
	direct := func(f *Facts) { f.OOM.InUse, f.OOM.Bound = unit.Known(60*unit.MiB), 64<<20 }
	const (
		gaveUp  = "the runtime gave up: no more"
		onlyFew = "the live heap was only 307 MiB"
		allowed = "48 MiB of it are allowed"
	)
	for _, c := range []struct {
		name  string
		rule  func(*Facts) ([]Evidence, bool)
		f     Facts
		holds bool
		want  []string
	}{
		{"class metadata grew", (*Facts).classLeak, kinds(event.OOMMetaspace, grown), true, []string{"class metadata grew from 10 MiB to 48 MiB by this collection, and on to the end", allowed, onlyFew, gaveUp}},
		{"its bound is unknown", (*Facts).classLeak, kinds(event.OOMMetaspace, func(f *Facts) { grown(f); f.Java.MaxMeta = 0 }), true, []string{"class metadata grew from 10 MiB to 48 MiB by this collection, and on to the end", onlyFew, gaveUp}},
		{"no collection shows it", (*Facts).classLeak, kinds(event.OOMMetaspace, func(f *Facts) { f.Java.MaxMeta, f.Cycles = 48*mib, 0 }), true, []string{allowed, gaveUp}},
		{"the system refused memory for it", (*Facts).classLeak, kinds(event.OOMNative, func(f *Facts) { grown(f); f.First = f.Level }), true, []string{"class metadata grew from 10 MiB to 48 MiB by this collection, and on to the end", onlyFew, gaveUp}},
		{"it was level", (*Facts).classLeak, kinds(event.OOMMetaspace, level), false, nil},
		{"the process was killed later", (*Facts).classLeak, kinds(event.OOMMetaspace, func(f *Facts) { grown(f); f.Death = logEnds }), false, nil},

		{"too little room for classes", (*Facts).metaTooSmall, kinds(event.OOMMetaspace, level), true, []string{"class metadata did not grow: 48 MiB at the last collection that shows it", allowed, gaveUp}},
		{"with a bound that is unknown", (*Facts).metaTooSmall, kinds(event.OOMMetaspace, func(f *Facts) { level(f); f.Java.MaxMeta = 0 }), true, []string{"class metadata did not grow: 48 MiB at the last collection that shows it", gaveUp}},
		{"room for classes that grew", (*Facts).metaTooSmall, kinds(event.OOMMetaspace, grown), false, nil},
		{"room on the heap", (*Facts).metaTooSmall, kinds(event.OOMHeap, level), false, nil},

		{"direct buffers", (*Facts).directFull, kinds(event.OOMDirect, direct), true, []string{"60 MiB of the 64 MiB allowed for direct buffers were in use", onlyFew, gaveUp}},
		{"of which the bound is unknown", (*Facts).directFull, kinds(event.OOMDirect, func(f *Facts) { direct(f); f.OOM.Bound = 0 }), true, []string{onlyFew, gaveUp}},
		{"of which the use is unknown", (*Facts).directFull, kinds(event.OOMDirect, func(f *Facts) { f.OOM.Bound = 64 << 20 }), true, []string{onlyFew, gaveUp}},
		{"in a log without collections", (*Facts).directFull, kinds(event.OOMDirect, func(f *Facts) { f.Cycles = 0 }), true, []string{gaveUp}},
		{"that the process got over", (*Facts).directFull, kinds(event.OOMDirect, func(f *Facts) { f.Death = kernelKill }), false, nil},
		{"no room on the heap instead", (*Facts).directFull, java(event.OOMHeap), false, nil},
		{"no error", (*Facts).directFull, calm(0.3), false, nil},

		{"an array", (*Facts).arrayTooLong, java(event.OOMArray), true, []string{"one array was longer than a JVM can have: no more", "the live heap was 307 MiB at the last collection"}},
		{"an array in a log without collections", (*Facts).arrayTooLong, kinds(event.OOMArray, func(f *Facts) { f.Cycles = 0 }), true, []string{"one array was longer than a JVM can have: no more"}},
		{"an array that the process got over", (*Facts).arrayTooLong, kinds(event.OOMArray, func(f *Facts) { f.Death = kernelKill }), false, nil},
		{"no array, but a full heap", (*Facts).arrayTooLong, java(event.OOMHeap), false, nil},
		{"no array, and no error", (*Facts).arrayTooLong, calm(0.3), false, nil},

		{"the collector's overhead", (*Facts).javaThrash, java(event.OOMOverhead), true, []string{gaveUp, "the live heap stood at 307 MiB of the 1 GiB that fit"}},
		{"overhead in a log without collections", (*Facts).javaThrash, kinds(event.OOMOverhead, func(f *Facts) { f.Cycles = 0 }), true, []string{gaveUp}},
		{"overhead that the process got over", (*Facts).javaThrash, kinds(event.OOMOverhead, func(f *Facts) { f.Death = kernelKill }), false, nil},
		{"no overhead, but a full heap", (*Facts).javaThrash, java(event.OOMHeap), false, nil},

		{"a heap that filled before the log", (*Facts).lateLeak, kinds(event.OOMHeap, func(f *Facts) { f.Java.LateFull, f.Java.Late, f.First, f.Level = true, 0.95, 0.8*gib, 0.9*gib }), true, []string{
			"the heap held 819 MiB at the first collection of the log, which covers the last 5.0 % of its life", "and 922 MiB at the last: it had filled before, and was not given back", gaveUp,
		}},
		{"a heap that did not", (*Facts).lateLeak, java(event.OOMHeap), false, nil},
	} {
		evidence, holds := c.rule(&c.f)
		var got []string
		for _, e := range evidence {
			got = append(got, e.Claim)
		}
		if holds != c.holds || strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s: %v %q, want %v %q", c.name, holds, got, c.holds, c.want)
		}
	}
}

// TestFreesNextToNothing holds a JVM whose log gives no durations against each bound of a heap that is all but full.
func TestFreesNextToNothing(t *testing.T) {
	full := but(calm(nearLevel), fullOf(0.10))
	for _, c := range []struct {
		name string
		f    Facts
		want bool
	}{
		{"a tenth freed, 85 % full", full, true},
		{"a little more freed", but(full, func(f *Facts) { f.Java.Frees = 0.101 * gib }), false},
		{"a little less full", but(full, func(f *Facts) { f.Usual = 0.849 * gib }), false},
		{"eight collections", but(full, func(f *Facts) { f.Cycles = 8 }), true},
		{"seven", but(full, func(f *Facts) { f.Cycles = 7 }), false},
		{"no limit known", but(full, func(f *Facts) { f.Limit = 0 }), false},
		{"durations, which tell more", but(full, func(f *Facts) { f.Collecting, f.CollectingCPU = 0.1, 0.1 }), false},
		{"a process that died", but(full, func(f *Facts) { f.Death = kernelKill }), false},
		{"a Go program", but(full, func(f *Facts) { f.Runtime = "go" }), false},
	} {
		ev, got := c.f.javaThrash()
		if got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
		if got && ev[0].Claim != "from here to the end half of the collections freed 102 MiB or less" {
			t.Errorf("%s: %q", c.name, ev[0].Claim)
		}
	}
}

// TestJavaDetailAndConfidence asks for both of a kind that the rules decided on already.
func TestJavaDetailAndConfidence(t *testing.T) {
	grown := func(f *Facts) {
		f.Java.MetaFrom, f.Java.MetaHalf, f.Java.MetaTo, f.First = 10*mib, 20*mib, 48*mib, f.Level
	}
	limited := func(f *Facts) {
		f.Java.Report = &event.JVMReport{Limits: event.JVMLimits{AddressSpace: unit.Known(unit.GiB)}}
	}
	few := func(f *Facts) { f.Java.Gathered, f.First, f.Level = 3, 0.5*gib, gib }
	for _, c := range []struct {
		name   string
		kind   Kind
		f      Facts
		detail string
		want   Confidence // empty where the usual measures apply
	}{
		{"classes that grew", Leak, but(java(event.OOMMetaspace), grown), "metaspace", High},
		{"classes that no line shows", Leak, java(event.OOMMetaspace), "metaspace", Low},
		{"the class space", Leak, but(java(event.OOMClassSpace), grown), "class-space", High},
		{"a class space that is too small", UndersizedLimit, java(event.OOMClassSpace), "metaspace", ""},
		{"the permanent generation", Leak, java(event.OOMPermGen), "perm-gen", Low},
		{"a permanent generation that is too small", UndersizedLimit, java(event.OOMPermGen), "metaspace", ""},
		{"a spike before classes filled up", Spike, java(event.OOMMetaspace), "", ""},
		{"memory that classes took", Leak, but(java(event.OOMNative), grown), "metaspace", High},
		{"direct buffers", OffHeap, java(event.OOMDirect), "direct-memory", High},
		{"a leak before direct buffers filled up", Leak, java(event.OOMDirect), "", ""},
		{"memory outside the heap of a killed JVM", OffHeap, but(calm(0.3), func(f *Facts) { f.Runtime = "jvm" }), "", ""},
		{"an array", Spike, java(event.OOMArray), "array-size", High},
		{"a spike of a killed JVM", Spike, but(calm(0.3), func(f *Facts) { f.Runtime = "jvm" }), "", ""},
		{"a spike of a full heap", Spike, java(event.OOMHeap), "", ""},
		{"a leak before an array", Leak, java(event.OOMArray), "", ""},
		{"humongous objects", UndersizedLimit, but(java(event.OOMHeap), func(f *Facts) {
			f.Java.Collector, f.Java.Signs = event.G1, timeline.JVMSigns{Collections: 30, Humongous: timeline.Sign{Count: 3}}
		}), "humongous", ""},
		{"a leak with humongous objects", Leak, but(java(event.OOMHeap), func(f *Facts) {
			f.Java.Collector, f.Java.Signs = event.G1, timeline.JVMSigns{Collections: 30, Humongous: timeline.Sign{Count: 3}}
		}), "", ""},
		{"lost races", UndersizedLimit, but(java(event.OOMHeap), func(f *Facts) {
			f.Java.Collector, f.Java.Signs = event.CMS, timeline.JVMSigns{Collections: 30, LostRace: timeline.Sign{Count: 2}}
		}), "promotion-failed", ""},
		{"a leak with lost races", Leak, but(java(event.OOMHeap), func(f *Facts) {
			f.Java.Collector, f.Java.Signs = event.CMS, timeline.JVMSigns{Collections: 30, LostRace: timeline.Sign{Count: 2}}
		}), "", ""},
		{"a few collections that rise", Leak, but(java(event.OOMHeap), few), "", Low},
		{"a few collections that rise to too small a limit", UndersizedLimit, but(java(event.OOMHeap), few), "", ""},
		{"a heap that filled before the log", Leak, but(java(event.OOMHeap), func(f *Facts) { f.Java.LateFull = true }), "", Low},
		{"a heap that leaked", Leak, java(event.OOMHeap), "", ""},
		{"native memory, nothing known", OffHeap, but(java(event.OOMNative), func(f *Facts) { f.Cycles = 0 }), "native", Low},
		{"native memory beside collections", OffHeap, java(event.OOMNative), "native", Medium},
		{"native memory that a crash report does not explain", OffHeap, but(java(event.OOMNative), func(f *Facts) { f.Java.Report, f.Cycles = &event.JVMReport{}, 0 }), "native", Medium},
		{"native memory at a limit", AddressSpace, but(java(event.OOMNative), limited), "rlimit", High},
		{"addresses at a limit", AddressSpace, but(java(event.OOMAddressSpace), limited), "rlimit", High},
		{"addresses, nothing known", AddressSpace, java(event.OOMAddressSpace), "", Medium},
		{"a leak before native memory ran out", Leak, java(event.OOMNative), "", Medium},
		{"direct buffers that the process got over", OffHeap, but(java(event.OOMDirect), func(f *Facts) { f.Death = logEnds }), "direct-memory", ""},
		{"a Go program", Leak, leaking(), "", ""},
	} {
		got, ok := c.f.javaConfidence(c.kind)
		if detail := c.f.javaDetail(c.kind); detail != c.detail || got != c.want || ok != (c.want != "") {
			t.Errorf("%s: detail %q, confidence %q %v; want %q, %q", c.name, detail, got, ok, c.detail, c.want)
		}
	}
}
