package inflection

import (
	"slices"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

const gib = float64(unit.GiB)

// leaking returns the facts of a plain leak that a kernel killed at its ceiling of 1 GiB.
func leaking() Facts {
	return Facts{
		Options: Default(), Runtime: "go", Cycles: 500, Death: kernelKill, Kill: &event.Kill{},
		Limit: 2 * gib, Ceiling: gib, Factor: 2, Follows: true, Level: 0.99 * gib, Usual: 0.9 * gib, Peak: 1.9 * gib, Most: gib,
		From: 0.2 * gib, To: 0.99 * gib, Growth: 0.8, End: 1, Swing: 0.1, GrowTime: 0.5, SwingTime: 0.1, GrowCycles: 300,
		Rate: 1 << 20,
	}
}

// calm returns the facts of a level heap of the given share of its ceiling, killed by the kernel.
func calm(share float64) Facts {
	f := leaking()
	f.Growth, f.From, f.To = 0.02, share*gib, share*gib
	f.Level, f.Usual, f.Most, f.Peak = share*gib, share*gib, share*gib, 2*share*gib
	return f
}

// but changes facts.
func but(f Facts, change func(*Facts)) Facts {
	change(&f)
	return f
}

func crashed(frame string) Facts {
	return Facts{
		Ended: &event.ProcessEnd{Runtime: "jvm", Kind: event.EndSignal, Signal: "SIGSEGV", PID: 7},
		Java:  javaFacts{Report: &event.JVMReport{PID: 7, Frame: frame}},
	}
}

// Each rule on its own: facts on which it holds, and the same facts with one thing changed, on which it just does not.
func TestRules(t *testing.T) {
	oom := func(kind event.OOMKind) Facts {
		return but(calm(0.3), func(f *Facts) {
			f.OOM = &event.RuntimeOOM{Runtime: "go", Kind: kind, Message: "no more"}
			f.Kill, f.Death = nil, timeline.Death{Kind: timeline.RuntimeOOM, Event: f.OOM}
		})
	}
	ended := func(e event.ProcessEnd) Facts {
		return but(calm(0.3), func(f *Facts) {
			f.Ended, f.Kill, f.Death = &e, nil, timeline.Death{Kind: timeline.Exit}
		})
	}
	charged := func(change func(*Facts)) Facts {
		return but(but(calm(0.3), func(f *Facts) { f.Usage, f.Limit, f.VictimRSS = 2*gib, 2*gib, 0.5*gib }), change)
	}
	parent := charged(func(f *Facts) { f.Kill = &event.Kill{OOMMemcg: "/pod", TaskMemcg: "/pod/main"} })
	for _, c := range []struct {
		kind  Kind
		name  string
		facts Facts
		holds bool
	}{
		{Leak, "growth to the ceiling", leaking(), true},
		{Leak, "growth just above the swings", but(leaking(), func(f *Facts) { f.Swing, f.GrowTime = 0.8/1.3, 0 }), true},
		{Leak, "growth just below the swings", but(leaking(), func(f *Facts) { f.Swing, f.GrowTime = 0.8/1.29, 0 }), false},
		{Leak, "swings as high, but far shorter", but(leaking(), func(f *Facts) { f.Swing, f.GrowTime, f.SwingTime = 0.8, 0.5, 0.2 }), true},
		{Leak, "swings as high, and nearly as long", but(leaking(), func(f *Facts) { f.Swing, f.GrowTime, f.SwingTime = 0.8, 0.5, 0.21 }), false},
		{Leak, "a tenth of the level", but(leaking(), func(f *Facts) { f.Growth, f.Swing = 0.10, 0 }), true},
		{Leak, "less than a tenth", but(leaking(), func(f *Facts) { f.Growth, f.Swing = 0.099, 0 }), false},
		{Leak, "a tenth of a lower level", but(leaking(), func(f *Facts) { f.Growth, f.End, f.Swing = 0.05, 0.5, 0 }), true},
		{Leak, "less than a tenth of it", but(leaking(), func(f *Facts) { f.Growth, f.End, f.Swing = 0.049, 0.5, 0 }), false},
		{Leak, "just so many times the swings", but(leaking(), func(f *Facts) { f.Growth, f.Swing, f.GrowTime = 1.3, 1, 0 }), true},
		{Leak, "swings as high, and just at the ceiling", but(leaking(), func(f *Facts) { f.Swing, f.Level = 0.8, 0.84*gib }), true},
		{Leak, "swings as high, and just below the ceiling", but(leaking(), func(f *Facts) { f.Swing, f.Level = 0.8, 0.83*gib }), false},
		{Leak, "swings higher, but far shorter", but(leaking(), func(f *Facts) { f.Swing = 0.81 }), false},
		{Leak, "four cycles", but(leaking(), func(f *Facts) { f.GrowCycles = 4 }), true},
		{Leak, "three cycles", but(leaking(), func(f *Facts) { f.GrowCycles = 3 }), false},
		{Leak, "growth that rested shortly", but(leaking(), func(f *Facts) { f.Rest = 0.41 }), true},
		{Leak, "growth that stopped", but(leaking(), func(f *Facts) { f.Rest = 0.42 }), false},
		{Leak, "high enough to die of", but(leaking(), func(f *Facts) { f.Level = 0.62 * gib }), true},
		{Leak, "not high enough to die of", but(leaking(), func(f *Facts) { f.Level, f.Peak = 0.61*gib, 1.59*gib }), false},
		{Leak, "not high enough but with its garbage", but(leaking(), func(f *Facts) { f.Level, f.Peak = 0.61*gib, 1.6*gib }), true},
		{Leak, "nor with the garbage of a JVM", but(leaking(), func(f *Facts) { f.Runtime, f.Level, f.Peak = "jvm", 0.61*gib, 1.6*gib }), false},
		{Leak, "not high, but the whole machine was full", but(leaking(), func(f *Facts) { f.Level, f.Death.Kind = 0.3*gib, timeline.GlobalKill }), true},
		{Leak, "all at once", but(leaking(), func(f *Facts) { f.Jump = 0.68 }), false},
		{Leak, "mostly at once", but(leaking(), func(f *Facts) { f.Jump = 0.67 }), true},
		{Leak, "unseen garbage may explain it", but(leaking(), func(f *Facts) { f.Unsure, f.Level = true, 0.74*gib }), false},
		{Leak, "or not", but(leaking(), func(f *Facts) { f.Unsure, f.Level = true, 0.75*gib }), true},
		{Leak, "alive and far from the ceiling, eleven cycles", but(leaking(), func(f *Facts) { f.Death, f.Level, f.GrowCycles = logEnds, 0.5*gib, 11 }), false},
		{Leak, "alive and far from the ceiling, twelve cycles", but(leaking(), func(f *Facts) { f.Death, f.Level, f.GrowCycles = logEnds, 0.5*gib, 12 }), true},
		{Leak, "alive, with growth of a fifth", but(leaking(), func(f *Facts) { f.Death, f.Level, f.Growth, f.Swing = logEnds, 0.5*gib, 0.2, 0 }), false},
		{Leak, "presumed dead, with growth of a tenth", but(leaking(), func(f *Facts) { f.Death, f.Growth, f.Swing = logEnds, 0.1, 0 }), true},
		{Leak, "presumed dead, just twice its swings", but(leaking(), func(f *Facts) { f.Death, f.Swing, f.GrowTime = logEnds, 0.4, 0 }), false},
		{Leak, "presumed dead, just twice its swings and far slower", but(leaking(), func(f *Facts) { f.Death, f.Swing = logEnds, 0.4 }), true},
		{Leak, "far from the ceiling, just twice its swings and far slower", but(leaking(), func(f *Facts) { f.Death, f.Swing, f.Level = logEnds, 0.4, 0.8*gib }), false},

		{Step, "one jump", but(leaking(), func(f *Facts) { f.Jump, f.AfterJump = 0.68, 3 }), true},
		{Step, "just no jump", but(leaking(), func(f *Facts) { f.Jump, f.AfterJump = 0.67, 3 }), false},
		{Step, "one jump of two thirds of the growth, but no other", but(leaking(), func(f *Facts) { f.Jump, f.Jumps, f.Jumped, f.AfterJump = 0.66, 1, 0.66, 3 }), false},
		{Step, "three jumps that leave a sixth", but(leaking(), func(f *Facts) { f.Jumps, f.Jumped, f.AfterJump = 3, 0.84, 3 }), false},
		{Step, "three jumps", but(leaking(), func(f *Facts) { f.Jumps, f.Jumped, f.AfterJump = 3, 0.85, 3 }), true},
		{Step, "four jumps", but(leaking(), func(f *Facts) { f.Jumps, f.Jumped, f.AfterJump = 4, 1, 3 }), false},
		{Step, "that nobody died of", but(leaking(), func(f *Facts) { f.Jump, f.AfterJump, f.Death = 0.9, 3, logEnds }), false},
		{Spike, "a jump at the very end", but(leaking(), func(f *Facts) { f.Jump, f.AfterJump = 0.68, 2 }), true},
		{Spike, "a jump of a tenth of the level", but(leaking(), func(f *Facts) { f.Jump, f.AfterJump, f.Growth, f.End = 1, 2, 0.05, 0.5 }), true},
		{Spike, "a jump of less", but(leaking(), func(f *Facts) { f.Jump, f.AfterJump, f.Growth, f.End = 1, 2, 0.049, 0.5 }), false},
		{Spike, "a jump with a level after it", but(leaking(), func(f *Facts) { f.Jump, f.AfterJump = 0.68, 3 }), false},

		{Spike, "to 70 %", but(calm(0.3), func(f *Facts) { f.Spike, f.SpikeTop, f.SpikeBase = true, 0.7*gib, 0.6*gib }), true},
		{Spike, "to less, and small", but(calm(0.3), func(f *Facts) { f.Spike, f.SpikeTop, f.SpikeBase, f.SpikeRise = true, 0.69*gib, 0.5*gib, 0.19*gib }), false},
		{Spike, "to less, but great", but(calm(0.3), func(f *Facts) { f.Spike, f.SpikeTop, f.SpikeBase, f.SpikeRise = true, 0.45*gib, 0.25*gib, 0.2*gib }), true},
		{Spike, "to much less, but great", but(calm(0.3), func(f *Facts) { f.Spike, f.SpikeTop, f.SpikeBase, f.SpikeRise = true, 0.44*gib, 0.2*gib, 0.24*gib }), false},
		{Spike, "to less, by just half of what was there", but(calm(0.3), func(f *Facts) { f.Spike, f.SpikeTop, f.SpikeBase, f.SpikeRise = true, 0.54*gib, 0.36*gib, 0.18*gib }), false},
		{Spike, "of a leak that grew more", but(calm(0.3), func(f *Facts) { f.Spike, f.SpikeTop, f.LeakFirst = true, 0.9*gib, true }), false},
		{Spike, "that nobody died of", but(calm(0.3), func(f *Facts) { f.Spike, f.SpikeTop, f.Death = true, 0.8*gib, logEnds }), false},
		{Spike, "that must have been the death", but(calm(0.9), func(f *Facts) { f.Spike, f.SpikeTop, f.Death = true, 0.9*gib, logEnds }), true},

		{Thrash, "most of the time", but(calm(0.5), func(f *Facts) { f.Collecting = 0.51 }), true},
		{Thrash, "most of the time, of use", but(calm(0.5), func(f *Facts) { f.Collecting, f.Frees = 0.51, 0.26 }), false},
		{Thrash, "most of the time, of little use", but(calm(0.5), func(f *Facts) { f.Collecting, f.Frees = 0.51, 0.25 }), true},
		{Thrash, "most of the time of a JVM, which stands still meanwhile", but(calm(0.5), func(f *Facts) { f.Runtime, f.Collecting, f.Frees = "jvm", 0.51, 0.26 }), true},
		{Thrash, "half of the time", but(calm(0.5), func(f *Facts) { f.Collecting = 0.50 }), false},
		{Thrash, "a quarter near the ceiling", but(calm(0.9), func(f *Facts) { f.Collecting, f.Near = 0.26, true }), true},
		{Thrash, "a quarter of the CPU near the ceiling", but(calm(0.9), func(f *Facts) { f.CollectingCPU, f.Near = 0.26, true }), true},
		{Thrash, "just a quarter", but(calm(0.9), func(f *Facts) { f.Collecting, f.Near = 0.25, true }), false},
		{Thrash, "a quarter far from it", but(calm(0.5), func(f *Facts) { f.Collecting = 0.26 }), false},

		{GoalOvershoot, "full to 85 %", calm(0.85), true},
		{GoalOvershoot, "to 84 %", calm(0.84), false},
		{GoalOvershoot, "the ceiling is the limit", but(calm(0.85), func(f *Facts) { f.Ceiling, f.Limit = gib, gib }), false},
		{GoalOvershoot, "the ceiling is just so near to the limit", but(calm(0.9), func(f *Facts) { f.Ceiling, f.Limit = 0.8*gib, gib }), false},
		{GoalOvershoot, "the ceiling is not so near", but(calm(0.9), func(f *Facts) { f.Ceiling, f.Limit = 0.79*gib, gib }), true},
		{GoalOvershoot, "no kill was seen", but(calm(0.85), func(f *Facts) { f.Death = logEnds }), false},
		{UndersizedLimit, "full to 85 %", but(calm(0.85), func(f *Facts) { f.Limit = gib }), true},
		{UndersizedLimit, "to 84 %", but(calm(0.84), func(f *Facts) { f.Limit = gib }), false},
		{UndersizedLimit, "full in two collections", but(calm(0.85), func(f *Facts) { f.Limit, f.Cycles = gib, 2 }), true},
		{UndersizedLimit, "full in one", but(calm(0.85), func(f *Facts) { f.Limit, f.Cycles = gib, 1 }), false},
		{UndersizedLimit, "the runtime said so", but(calm(0.5), func(f *Facts) { f.Heap = true }), true},
		{OffHeap, "killed with a small heap", calm(0.3), true},
		{OffHeap, "the limit is unknown", but(calm(0.3), func(f *Facts) { f.Limit = 0 }), false},
		{OffHeap, "the system refused memory to native code", oom(event.OOMNative), true},
		{OffHeap, "the system refused threads", oom(event.OOMThreads), false},
		{OffHeap, "no collection in the log", but(calm(0.3), func(f *Facts) { f.Cycles = 0 }), false},
		{OffHeap, "the whole machine was full", but(calm(0.3), func(f *Facts) { f.Death.Kind = timeline.GlobalKill }), false},
		{Healthy, "nobody died", but(calm(0.3), func(f *Facts) { f.Death = logEnds }), true},
		{Healthy, "somebody died", calm(0.3), false},

		{StackOverflow, "a stack", oom(event.OOMStack), true},
		{StackOverflow, "threads", oom(event.OOMThreads), false},
		{ThreadLimit, "threads", oom(event.OOMThreads), true},
		{ThreadLimit, "a kill after a warning of threads", but(oom(event.OOMThreads), func(f *Facts) { f.Death = kernelKill }), false},
		{AddressSpace, "mmap refused", oom(event.OOMAddressSpace), true},
		{AddressSpace, "the Go heap could not grow", oom(event.OOMHeap), true},
		{AddressSpace, "the Java heap is full", but(oom(event.OOMHeap), func(f *Facts) { f.Runtime = "jvm" }), false},
		{AddressSpace, "after a leak", but(leaking(), func(f *Facts) { f.OOM, f.Death = oom(event.OOMHeap).OOM, oom(event.OOMHeap).Death }), false},
		{AddressSpace, "after a leak, one huge allocation", but(leaking(), func(f *Facts) {
			f.Death = oom(event.OOMHeap).Death
			f.OOM = &event.RuntimeOOM{Runtime: "go", Kind: event.OOMHeap, Requested: unit.Known(600 * unit.MiB)}
		}), true},
		{AddressSpace, "after a leak, one allocation of a quarter of the heap", but(leaking(), func(f *Facts) {
			f.Death, f.Level = oom(event.OOMHeap).Death, gib
			f.OOM = &event.RuntimeOOM{Runtime: "go", Kind: event.OOMHeap, Requested: unit.Known(256 * unit.MiB)}
		}), true},
		{AddressSpace, "after a leak, one of less", but(leaking(), func(f *Facts) {
			f.Death, f.Level = oom(event.OOMHeap).Death, gib
			f.OOM = &event.RuntimeOOM{Runtime: "go", Kind: event.OOMHeap, Requested: unit.Known(255 * unit.MiB)}
		}), false},
		{AddressSpace, "after a small leak, one arena", but(leaking(), func(f *Facts) {
			f.Death, f.Level = oom(event.OOMHeap).Death, 128*mib
			f.OOM = &event.RuntimeOOM{Runtime: "go", Kind: event.OOMHeap, Requested: unit.Known(64 * unit.MiB)}
		}), false},
		{AddressSpace, "after a small leak, more than an arena", but(leaking(), func(f *Facts) {
			f.Death, f.Level = oom(event.OOMHeap).Death, 128*mib
			f.OOM = &event.RuntimeOOM{Runtime: "go", Kind: event.OOMHeap, Requested: unit.Known(65 * unit.MiB)}
		}), true},
		{AddressSpace, "mmap refused to V8", but(oom(event.OOMAddressSpace), func(f *Facts) { f.Runtime, f.OOM.Runtime = "v8", "v8" }), true},
		{AddressSpace, "the heap of V8 is full", but(oom(event.OOMHeap), func(f *Facts) { f.Runtime, f.OOM.Runtime = "v8", "v8" }), false},
		{AddressSpace, "after a leak, one arena", but(leaking(), func(f *Facts) {
			f.Death = oom(event.OOMHeap).Death
			f.OOM = &event.RuntimeOOM{Runtime: "go", Kind: event.OOMHeap, Requested: unit.Known(64 * unit.MiB)}
		}), false},

		{NotAnOOM, "a panic", ended(event.ProcessEnd{Kind: event.EndPanic}), true},
		{NotAnOOM, "exit status 1", ended(event.ProcessEnd{Kind: event.EndExit, HasCode: true, Code: 1}), true},
		{NotAnOOM, "exit status 0", ended(event.ProcessEnd{Kind: event.EndExit, HasCode: true}), false},
		{NotAnOOM, "exit status 137", ended(event.ProcessEnd{Kind: event.EndExit, HasCode: true, Code: 137}), false},
		{NotAnOOM, "a panic, and a kill", but(ended(event.ProcessEnd{Kind: event.EndPanic}), func(f *Facts) { f.Death = kernelKill }), false},
		{NotAnOOM, "an engine tells of status 0", Facts{Told: toldFacts{exited: true, claim: "it ended"}}, true},
		{NotAnOOM, "an engine tells of status 0, beside a level heap", but(calm(0.3), func(f *Facts) { f.Death, f.Told.exited = logEnds, true }), false},
		{NotAnOOM, "an engine tells of status 1, beside a level heap", but(calm(0.3), func(f *Facts) { f.Death, f.Told = logEnds, toldFacts{exited: true, code: 1, claim: "it ended"} }), true},
		{NotAnOOM, "an engine tells of a status that a signal left", Facts{Told: toldFacts{exited: true, code: 143, signal: 15}}, false},
		{NotAnOOM, "an engine tells of status 1, and of a kill", but(calm(0.3), func(f *Facts) { f.Told.exited, f.Told.code = true, 1 }), false},
		{NotAnOOM, "SIGSEGV", ended(event.ProcessEnd{Kind: event.EndSignal, Signal: "SIGSEGV"}), true},
		{NotAnOOM, "SIGSEGV of a leak at its ceiling", but(leaking(), func(f *Facts) {
			f.Death, f.Ended = timeline.Death{Kind: timeline.Signal}, &event.ProcessEnd{Kind: event.EndSignal, Signal: "SIGSEGV"}
		}), true},
		{NotAnOOM, "SIGSEGV, and a kill", but(ended(event.ProcessEnd{Kind: event.EndSignal, Signal: "SIGSEGV"}), func(f *Facts) { f.Death = kernelKill }), false},
		{NotAnOOM, "an exception of Windows", ended(event.ProcessEnd{Kind: event.EndSignal, Signal: "EXCEPTION_ACCESS_VIOLATION"}), true},
		{NotAnOOM, "SIGABRT of an Android process", ended(event.ProcessEnd{Runtime: "art", Kind: event.EndSignal, Signal: "SIGABRT"}), true},
		{NotAnOOM, "SIGABRT, which V8 raises when its heap is full", ended(event.ProcessEnd{Kind: event.EndSignal, Signal: "SIGABRT"}), false},
		{NotAnOOM, "an engine tells of SIGSEGV", Facts{Told: toldFacts{exited: true, code: 139, signal: 11, claim: "it ended"}}, true},
		{NotAnOOM, "an engine tells of SIGABRT", Facts{Told: toldFacts{exited: true, code: 134, signal: 6}}, false},
		{KilledFromOutside, "SIGSEGV", ended(event.ProcessEnd{Kind: event.EndSignal, Signal: "SIGSEGV"}), false},
		{KilledFromOutside, "an engine tells of SIGSEGV", Facts{Told: toldFacts{exited: true, code: 139, signal: 11}}, false},
		{KilledFromOutside, "SIGQUIT", ended(event.ProcessEnd{Kind: event.EndSignal, Signal: "SIGQUIT"}), true},
		{KilledFromOutside, "SIGTERM", ended(event.ProcessEnd{Kind: event.EndSignal, Signal: "SIGTERM"}), true},
		{KilledFromOutside, "exit status 143", ended(event.ProcessEnd{Kind: event.EndExit, HasCode: true, Code: 143}), true},
		{KilledFromOutside, "a panic", ended(event.ProcessEnd{Kind: event.EndPanic}), false},
		{KilledFromOutside, "SIGKILL of a leak at its ceiling", but(leaking(), func(f *Facts) {
			f.Death, f.Ended = timeline.Death{Kind: timeline.Signal}, &event.ProcessEnd{Kind: event.EndSignal, Signal: "SIGKILL"}
		}), false},
		{KilledFromOutside, "SIGTERM of a leak at its ceiling", but(leaking(), func(f *Facts) {
			f.Death, f.Ended = timeline.Death{Kind: timeline.Signal}, &event.ProcessEnd{Kind: event.EndSignal, Signal: "SIGTERM"}
		}), true},

		{SharedMemory, "half of it", charged(func(f *Facts) { f.Shmem = gib }), true},
		{SharedMemory, "just less", charged(func(f *Facts) { f.Shmem = 0.99 * gib }), false},
		{SharedMemory, "but the heap was full", but(charged(func(f *Facts) { f.Shmem = gib }), func(f *Facts) { f.Usual = 0.62 * gib }), false},
		{KernelMemory, "three tenths", charged(func(f *Facts) { f.Kernel = 0.6 * gib }), true},
		{KernelMemory, "just less", charged(func(f *Facts) { f.Kernel = 0.59 * gib }), false},
		{PageCache, "half of it", charged(func(f *Facts) { f.File = gib }), true},
		{PageCache, "but the victim held three tenths", charged(func(f *Facts) { f.File, f.VictimRSS = gib, 0.6*gib }), false},
		{PageCache, "and the victim held a little less", charged(func(f *Facts) { f.File, f.VictimRSS = gib, 0.59*gib }), true},
		{PageCache, "but the victim was large", charged(func(f *Facts) { f.File, f.VictimRSS = gib, 0.6*gib }), false},
		{Neighbour, "another process held it", charged(func(f *Facts) { f.Culprit = event.Task{PID: 9, Name: "hog", RSS: unit.Known(unit.GiB)} }), true},
		{Neighbour, "and the heap was small", but(calm(0.3), func(f *Facts) {
			f.Limit, f.Culprit = 2*gib, event.Task{PID: 9, Name: "hog", RSS: unit.Known(unit.GiB)}
		}), true},
		{Neighbour, "but the heap was large", but(calm(0.7), func(f *Facts) {
			f.Limit, f.Culprit = 2*gib, event.Task{PID: 9, Name: "hog", RSS: unit.Known(unit.GiB)}
		}), false},
		{Neighbour, "many small ones", charged(func(f *Facts) { f.Crowd, f.CrowdHeld = 5, 1.5*gib }), true},
		{Neighbour, "many small ones, but the heap was large", but(calm(0.7), func(f *Facts) { f.Crowd, f.CrowdHeld, f.Usage = 5, 1.5*gib, 2*gib }), false},
		{Neighbour, "many small ones, and no collection in the log", but(calm(0.7), func(f *Facts) { f.Crowd, f.CrowdHeld, f.Usage, f.Cycles = 5, 1.5*gib, 2*gib, 0 }), true},
		{Neighbour, "but not enough", charged(func(f *Facts) { f.Culprit = event.Task{PID: 9, Name: "hog", RSS: unit.Known(700 * unit.MiB)} }), false},
		{NodePressure, "a global kill", but(calm(0.3), func(f *Facts) { f.Death.Kind = timeline.GlobalKill }), true},
		{NodePressure, "a kill of a group", calm(0.3), false},
		{ParentLimit, "a group above", parent, true},
		{ParentLimit, "but the victim just filled it", but(parent, func(f *Facts) { f.VictimRSS = 1.24 * gib }), false},
		{ParentLimit, "and the victim nearly did", but(parent, func(f *Facts) { f.VictimRSS = 1.23 * gib }), true},
		{ParentLimit, "nobody knows what the victim held", but(parent, func(f *Facts) { f.VictimRSS = 0 }), false},
		{ParentLimit, "the group itself", but(parent, func(f *Facts) { f.Kill = &event.Kill{OOMMemcg: "/pod", TaskMemcg: "/pod"} }), false},
		{ParentLimit, "but the victim filled it", but(parent, func(f *Facts) { f.VictimRSS = 1.3 * gib }), false},
		{LimitLowered, "the kernel was changing it", but(calm(0.3), func(f *Facts) { f.Lowered = true }), true},
		{LimitLowered, "nothing says so", calm(0.3), false},
		{LimitLowered, "the machine was full", but(calm(0.3), func(f *Facts) { f.Lowered, f.Death.Kind = true, timeline.GlobalKill }), false},
		{CrashLoop, "three deaths", but(calm(0.3), func(f *Facts) { f.Loop.deaths = 3 }), true},
		{CrashLoop, "three lives", but(calm(0.3), func(f *Facts) { f.Loop = loop{deaths: 3, lives: true} }), true},
		{CrashLoop, "two deaths", but(calm(0.3), func(f *Facts) { f.Loop.deaths = 2 }), false},
		{CrashLoop, "nobody died for want of memory", but(calm(0.3), func(f *Facts) { f.Loop.deaths, f.Death = 3, logEnds }), false},
		{Leak, "in a loop, eight collections", but(leaking(), func(f *Facts) { f.Loop.deaths, f.Cycles = 3, 8 }), true},
		{Leak, "in a loop, only a start", but(leaking(), func(f *Facts) { f.Loop.deaths, f.Cycles = 3, 7 }), false},
		{Step, "in a loop, only a start", but(leaking(), func(f *Facts) { f.Jump, f.AfterJump, f.Loop.deaths, f.Cycles = 0.68, 3, 3, 7 }), false},
		{Spike, "in a loop, only a start", but(leaking(), func(f *Facts) { f.Jump, f.AfterJump, f.Loop.deaths, f.Cycles = 0.68, 2, 3, 7 }), false},
		{OffHeap, "in a loop, only a start", but(calm(0.3), func(f *Facts) { f.Loop.deaths, f.Cycles = 3, 7 }), false},
		{Undetermined, "always, last", Facts{}, true},
	} {
		r, ok := Explain(c.kind)
		if !ok {
			t.Fatalf("no rule for %s", c.kind)
		}
		evidence, holds := r.Holds(c.facts)
		if holds != c.holds {
			t.Errorf("%s, %s: holds %v, want %v", c.kind, c.name, holds, c.holds)
		}
		for _, e := range evidence {
			if e.Claim == "" || strings.Contains(e.Claim, "%!") {
				t.Errorf("%s, %s: claim %q", c.kind, c.name, e.Claim)
			}
		}
	}
}

// What the evidence of a rule says of its numbers, and what it leaves out.
func TestClaims(t *testing.T) {
	killed := func(name string, rss float64) Facts {
		return but(calm(0.3), func(f *Facts) { f.DeathPos.Line, f.VictimName, f.VictimRSS = 1, name, rss })
	}
	refused := but(calm(0.3), func(f *Facts) {
		f.OOM = &event.RuntimeOOM{Runtime: "go", Kind: event.OOMAddressSpace}
		f.Death.Kind = timeline.RuntimeOOM
	})
	ended := func(e event.ProcessEnd) Facts { return Facts{Ended: &e} }
	node := Facts{Machine: true, Death: timeline.Death{Kind: timeline.GlobalKill}, Largest: event.Task{PID: 9, Name: "hog", RSS: unit.Known(unit.GiB)}}
	parent := but(leaking(), func(f *Facts) {
		f.Kill, f.VictimRSS, f.Usage = &event.Kill{OOMMemcg: "/pod", TaskMemcg: "/pod/main"}, 0.5*gib, 2*gib
	})
	lowered := but(leaking(), func(f *Facts) { f.Kill, f.Lowered = &event.Kill{Limit: unit.Known(2 * unit.GiB)}, true })
	loops := func(l loop) Facts {
		l.deaths, l.longest = 3, time.Minute
		return but(leaking(), func(f *Facts) { f.Loop, f.Told.engine = l, event.Docker })
	}
	for _, c := range []struct {
		kind   Kind
		name   string
		facts  Facts
		phrase string
		says   bool
	}{
		{Step, "the share of a jump", but(leaking(), func(f *Facts) { f.Jump, f.AfterJump = 0.68, 3 }), "68 % of the growth from 205 MiB to 1014 MiB came at once", true},
		{Step, "the share of two jumps", but(leaking(), func(f *Facts) { f.Jump, f.Jumps, f.Jumped, f.AfterJump = 0.5, 2, 0.9, 3 }), "90 % of the growth", true},
		{Leak, "the line that was crossed", but(leaking(), func(f *Facts) { f.CrossPos.Line = 9 }), "it passed 70 % of the 1 GiB that fit, for good", true},
		{Leak, "no line was crossed", leaking(), "it passed", false},
		{Leak, "swings of an eighth", leaking(), "the growth is 8.0 times any swing", true},
		{Leak, "swings of a hundredth", but(leaking(), func(f *Facts) { f.Swing = 0.01 * f.Growth }), "nothing of the growth was ever given back", true},
		{Leak, "swings of a little more", but(leaking(), func(f *Facts) { f.Growth, f.Swing = 0.4, 0.016 }), "the growth is 25.0 times any swing", true},
		{Leak, "growth from a level", leaking(), "from here on the live heap never came back to 205 MiB", true},
		{Leak, "growth from nothing", but(leaking(), func(f *Facts) { f.From = 0 }), "from here on the live heap grew, and never came back", true},
		{Leak, "a heap that nothing collects", but(leaking(), func(f *Facts) { f.Java.Collector = event.Epsilon }), "from here on the heap in use grew from 205 MiB", true},
		{Leak, "which gives nothing back", but(leaking(), func(f *Facts) { f.Swing, f.Java.Collector = 0, event.Epsilon }), "given back", false},
		{Leak, "other runs", but(leaking(), func(f *Facts) { f.Alike = 1 }), "1 other run", true},
		{Leak, "no other run", leaking(), "other runs", false},
		{Thrash, "the share of the time", but(calm(0.9), func(f *Facts) { f.Collecting = 0.6 }), "a collection was under way 60 % of the time", true},
		{Thrash, "several collections at once", but(calm(0.9), func(f *Facts) { f.Collecting = 1.2 }), "a collection was under way 100 % of the time", true},
		{Thrash, "a heap that GOMEMLIMIT just holds down", but(calm(nearLevel), func(f *Facts) { f.Collecting, f.Soft = 0.6, gib }), ", 85 % of the GOMEMLIMIT of 1 GiB that its collector tries to keep", true},
		{Thrash, "a heap just too low for that", but(calm(0.84), func(f *Facts) { f.Collecting, f.Soft = 0.6, gib }), "GOMEMLIMIT", false},
		{Thrash, "GOMEMLIMIT is not known", but(calm(0.9), func(f *Facts) { f.Collecting = 0.6 }), "GOMEMLIMIT", false},
		{GoalOvershoot, "the peak", calm(0.9), "peaked at 922 MiB, 45 % of the limit", true},
		{GoalOvershoot, "the goal", calm(0.9), "the goal is twice the live heap: 1.80 GiB against a limit of 2 GiB", true},
		{OffHeap, "the heap with garbage", calm(0.3), "the heap with all garbage was 614 MiB", true},
		{OffHeap, "the heap with garbage is not known", but(calm(0.3), func(f *Facts) { f.Peak = 0 }), "garbage", false},
		{AddressSpace, "the heap at the end", refused, "the live heap was 307 MiB at the last collection", true},
		{AddressSpace, "no collection in the log", but(refused, func(f *Facts) { f.Cycles = 0 }), "the live heap was", false},
		{NotAnOOM, "an error", ended(event.ProcessEnd{Kind: event.EndPanic, Message: "panic: why", HasCode: true, Code: 2}), "panic: why", true},
		{NotAnOOM, "a panic without words", ended(event.ProcessEnd{Kind: event.EndPanic}), "the process ended by itself", true},
		{NotAnOOM, "a status", ended(event.ProcessEnd{Kind: event.EndExit, HasCode: true, Code: 2}), "the process exited with status 2", true},
		{NotAnOOM, "a fault", ended(event.ProcessEnd{Kind: event.EndSignal, Signal: "SIGSEGV", Message: "SIGSEGV (0xb) at pc=0x7f37"}), "SIGSEGV (0xb) at pc=0x7f37", true},
		{NotAnOOM, "a core dump", ended(event.ProcessEnd{Kind: event.EndSignal, Signal: "SIGSEGV", Message: "core dump of java"}), "the process got SIGSEGV (core dump of java)", true},
		{NotAnOOM, "the frame of its crash report", crashed("V  [libjvm.so+0x6b7187]  forte_next()+0x797"), "the problematic frame was forte_next()+0x797 of libjvm.so", true},
		{NotAnOOM, "the frame of another", but(crashed("V  [libjvm.so+0x6b7187]  forte_next()+0x797"), func(f *Facts) { f.Java.Report.PID = 8 }), "frame", false},
		{KilledFromOutside, "a signal", ended(event.ProcessEnd{Kind: event.EndSignal, Signal: "SIGTERM"}), "the process got SIGTERM", true},
		{NodePressure, "the largest process", but(node, func(f *Facts) { f.Usage = 2 * gib }), "the largest process, hog (pid 9), held 1 GiB of the 2 GiB that the machine has", true},
		{NodePressure, "a machine of unknown size", node, "the largest process", false},
		{NodePressure, "no table of processes", but(node, func(f *Facts) { f.Usage, f.Largest = 2*gib, event.Task{} }), "the largest process", false},
		{ParentLimit, "a limit that was not reached", but(parent, func(f *Facts) { f.Told.asked = 0.6 * gib }), "the container's own limit was 614 MiB, which it had not reached", true},
		{ParentLimit, "a limit that was just reached", but(parent, func(f *Facts) { f.Told.asked = 0.5 * gib }), "own limit", false},
		{LimitLowered, "the limit is below the use", but(lowered, func(f *Facts) { f.Usage = 2*gib + 1 }), "the limit was 2 GiB while the group used 2.00 GiB", true},
		{LimitLowered, "the use came down to it", but(lowered, func(f *Facts) { f.Usage = 2 * gib }), "the kernel was applying a lower limit", true},
		{CrashLoop, "deaths", loops(loop{}), "it died 3 times, at most 1 min 00 s apart", true},
		{CrashLoop, "lives that an engine lists", loops(loop{listed: true}), "it died 3 times, and no life took longer than 1 min 00 s", true},
		{CrashLoop, "lives that the log shows", loops(loop{lives: true}), "it lived 3 times", true},
		{CrashLoop, "restarts that an engine counts", loops(loop{counted: 2}), "docker counts 2 restarts and waits before the next; the last life took 1 min 00 s", true},
		{OffHeap, "a victim", killed("svc", gib), "the kernel killed svc, which held 1 GiB", true},
		{OffHeap, "a victim of which nothing more is known", killed("svc", 0), "the kernel killed svc", true},
		{OffHeap, "and nothing is said of what it held", killed("svc", 0), "which held", false},
		{OffHeap, "a victim without name", killed("", gib), "the kernel killed a process of the group", true},
	} {
		r, _ := Explain(c.kind)
		evidence, ok := r.Holds(c.facts)
		says := slices.ContainsFunc(evidence, func(e Evidence) bool { return strings.Contains(e.Claim, c.phrase) })
		if !ok || says != c.says {
			t.Errorf("%s, %s: %v, about %q: want %v", c.kind, c.name, evidence, c.phrase, c.says)
		}
	}
}

// What bounded the memory has a line of its own in most reports.
func TestConstraintLine(t *testing.T) {
	f := Facts{Kill: &event.Kill{}, DeathPos: event.Pos{Line: 9}}
	if got := f.constraintPos(); got.Line != 9 {
		t.Errorf("line %d, want that of the kill", got.Line)
	}
	f.Kill.ConstraintAt.Line = 7
	if got := f.constraintPos(); got.Line != 7 {
		t.Errorf("line %d, want 7", got.Line)
	}
}

// Every rule is complete, and its names are its own.
func TestRuleTexts(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[r.ID] || seen[string(r.Kind)] {
			t.Errorf("%s %s: named twice", r.ID, r.Kind)
		}
		seen[r.ID], seen[string(r.Kind)] = true, true
		for _, text := range []string{r.ID, r.Title, r.Text, r.Next} {
			if text == "" || strings.TrimSpace(text) != text {
				t.Errorf("%s: text %q", r.Kind, text)
			}
		}
		if strings.HasSuffix(r.Title, ".") || !strings.HasSuffix(r.Text, ".") || !strings.HasSuffix(r.Next, ".") {
			t.Errorf("%s: titles have no full stop, texts have one", r.Kind)
		}
	}
	if _, ok := Explain("nonsense"); ok {
		t.Error("a rule for nonsense")
	}
}

// What stands beside, and in which order the rules are asked.
func TestAlso(t *testing.T) {
	j := &judge{tl: &timeline.Timeline{}, o: Default()}
	node := but(leaking(), func(f *Facts) { f.Death.Kind = timeline.GlobalKill })
	for _, c := range []struct {
		name string
		f    Facts
		kind Kind
		also []Kind
	}{
		{"a leak on a full machine", node, Leak, []Kind{NodePressure}},
		{"a leak that thrashes", but(leaking(), func(f *Facts) { f.Collecting, f.Near = 0.6, true }), Leak, []Kind{Thrash}},
		{"a leak that somebody stopped", but(leaking(), func(f *Facts) {
			f.Death, f.Ended = timeline.Death{Kind: timeline.Signal}, &event.ProcessEnd{Kind: event.EndSignal, Signal: "SIGQUIT"}
		}), KilledFromOutside, []Kind{Leak}},
		{"a full heap", calm(0.9), GoalOvershoot, nil},
		{"a leak in each of four lives", but(leaking(), func(f *Facts) { f.Loop.deaths = 4 }), Leak, []Kind{CrashLoop}},
		{"starts that the limit does not hold", but(calm(0.5), func(f *Facts) { f.Loop.deaths, f.Cycles = 4, 5 }), CrashLoop, nil},
		{"a leak whose limit was lowered", but(leaking(), func(f *Facts) { f.Lowered = true }), LimitLowered, []Kind{Leak}},
	} {
		v := j.verdict(&c.f)
		if v.Kind != c.kind || !slices.Equal(v.Also, c.also) {
			t.Errorf("%s: %s also %v, want %s also %v", c.name, v.Kind, v.Also, c.kind, c.also)
		}
	}
}

func TestDetail(t *testing.T) {
	crowd := &timeline.Timeline{Events: []event.Event{&event.Dump{Goroutines: 1000}}}
	for _, c := range []struct {
		name string
		kind Kind
		f    Facts
		tl   *timeline.Timeline
		want string
	}{
		{"a dump of a thousand goroutines", Leak, leaking(), crowd, "goroutine"},
		{"of fewer", Leak, leaking(), &timeline.Timeline{Events: []event.Event{&event.Dump{Goroutines: 999}}}, ""},
		{"three times as many", Leak, but(leaking(), func(f *Facts) { f.Routines = [2]int{40, 120} }), &timeline.Timeline{}, "goroutine"},
		{"less than three times", Leak, but(leaking(), func(f *Facts) { f.Routines = [2]int{40, 119} }), &timeline.Timeline{}, ""},
		{"a hundred of few", Leak, but(leaking(), func(f *Facts) { f.Routines = [2]int{2, 100} }), &timeline.Timeline{}, "goroutine"},
		{"three times very few", Leak, but(leaking(), func(f *Facts) { f.Routines = [2]int{2, 7} }), &timeline.Timeline{}, ""},
		{"stacks", OffHeap, but(calm(0.1), func(f *Facts) { f.Stacks, f.StacksWas = 0.2*gib, 0.05*gib }), &timeline.Timeline{}, "stacks"},
		{"stacks just as large as the heap", OffHeap, but(calm(0.1), func(f *Facts) { f.Stacks = 0.1 * gib }), &timeline.Timeline{}, ""},
		{"stacks that just doubled", OffHeap, but(calm(0.1), func(f *Facts) { f.Stacks, f.StacksWas = 0.2*gib, 0.1*gib }), &timeline.Timeline{}, ""},
		{"fragmentation", OffHeap, but(calm(0.3), func(f *Facts) { f.Most = 0.7 * gib }), &timeline.Timeline{}, "fragmentation"},
		{"half of the heap at its height, which just explains the death", OffHeap, but(calm(0.31), func(f *Facts) { f.Most = 0.62 * gib }), &timeline.Timeline{}, "fragmentation"},
		{"a third of a heap that was never high", OffHeap, but(calm(0.2), func(f *Facts) { f.Most = 0.61 * gib }), &timeline.Timeline{}, ""},
		{"a little more than half", OffHeap, but(calm(0.36), func(f *Facts) { f.Most = 0.7 * gib }), &timeline.Timeline{}, ""},
		{"as many mappings as other memory", OffHeap, but(calm(0.3), func(f *Facts) { f.File, f.Anon = gib, gib }), &timeline.Timeline{}, ""},
		{"mappings of files", OffHeap, but(calm(0.3), func(f *Facts) { f.File, f.Anon = gib, 0.5*gib }), &timeline.Timeline{}, "mmap"},
		{"nothing tells", OffHeap, calm(0.3), &timeline.Timeline{}, ""},
		{"a hundred of unknown", Leak, but(leaking(), func(f *Facts) { f.Routines = [2]int{0, 100} }), &timeline.Timeline{}, ""},
		{"a crowd", Neighbour, but(calm(0.3), func(f *Facts) { f.Crowd = 5 }), &timeline.Timeline{}, "many-processes"},
		{"one neighbour", Neighbour, calm(0.3), &timeline.Timeline{}, ""},
		{"an eviction", NodePressure, Facts{Death: timeline.Death{Kind: timeline.Eviction}}, &timeline.Timeline{}, "eviction"},
		{"a full machine", NodePressure, Facts{Death: timeline.Death{Kind: timeline.GlobalKill}}, &timeline.Timeline{}, ""},
		{"a machine full of locked memory", NodePressure, Facts{Kill: &event.Kill{}, Usage: 2, Unevictable: 1}, &timeline.Timeline{}, "locked-memory"},
		{"starts full of locked memory", CrashLoop, Facts{Kill: &event.Kill{}, Usage: 2, Unevictable: 1}, &timeline.Timeline{}, "locked-memory"},
		{"starts", CrashLoop, Facts{Kill: &event.Kill{}, Usage: 3, Unevictable: 1}, &timeline.Timeline{}, ""},
		{"kernel memory that no report counts", KernelMemory, Facts{}, &timeline.Timeline{}, ""},
		{"other kinds have none", Step, leaking(), crowd, ""},
	} {
		if got := c.f.detail(c.kind, c.tl); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestConfidence(t *testing.T) {
	cut := but(calm(0.3), func(f *Facts) { f.Quiet, f.Distance = 3.1, 1 })
	for _, c := range []struct {
		name string
		kind Kind
		f    Facts
		want Confidence
	}{
		{"a clear leak", Leak, leaking(), High},
		{"whose end nobody saw", Leak, but(leaking(), func(f *Facts) { f.Death = logEnds }), Medium},
		{"barely above its swings", Leak, but(leaking(), func(f *Facts) { f.Swing = 0.4 }), Medium},
		{"of seven cycles", Leak, but(leaking(), func(f *Facts) { f.GrowCycles = 7 }), Low},
		{"of eight cycles", Leak, but(leaking(), func(f *Facts) { f.GrowCycles = 8 }), Medium},
		{"of eleven", Leak, but(leaking(), func(f *Facts) { f.GrowCycles = 11 }), Medium},
		{"of twelve", Leak, but(leaking(), func(f *Facts) { f.GrowCycles = 12 }), High},
		{"twice what is asked for", Leak, but(leaking(), func(f *Facts) { f.Options.Swing, f.Swing, f.Growth = 1.5, 0.25, 0.75 }), High},
		{"a little less", Leak, but(leaking(), func(f *Facts) { f.Options.Swing, f.Swing, f.Growth = 1.5, 0.25, 0.74 }), Medium},
		{"seen by young collections only", Leak, but(leaking(), func(f *Facts) { f.Unsure = true }), Low},
		{"a spike", Spike, leaking(), High},
		{"a spike in a short log", Spike, but(leaking(), func(f *Facts) { f.Cycles = 7 }), Low},
		{"a spike after eight cycles", Spike, but(leaking(), func(f *Facts) { f.Cycles = 8 }), Medium},
		{"after eleven", Spike, but(leaking(), func(f *Facts) { f.Cycles = 11 }), Medium},
		{"after twelve", Spike, but(leaking(), func(f *Facts) { f.Cycles = 12 }), High},
		{"a step to a limit that is not known", Step, but(leaking(), func(f *Facts) { f.Limit = 0 }), Medium},
		{"a step that nobody saw the end of", Step, but(leaking(), func(f *Facts) { f.Death = logEnds }), Medium},
		{"a full heap", GoalOvershoot, calm(0.9), High},
		{"a full heap of eight cycles", GoalOvershoot, but(calm(0.9), func(f *Facts) { f.Cycles = 8 }), High},
		{"of seven cycles", GoalOvershoot, but(calm(0.9), func(f *Facts) { f.Cycles = 7 }), Low},
		{"a busy collector below no limit", Thrash, but(calm(0.9), func(f *Facts) { f.Limit = 0 }), Medium},
		{"a small heap", OffHeap, calm(0.3), High},
		{"a heap that explains nothing", OffHeap, calm(0.61), High},
		{"a heap in between", OffHeap, calm(0.7), Medium},
		{"a heap that just may explain it", OffHeap, but(calm(0.5), func(f *Facts) { f.Usual = 0.62 * gib }), Medium},
		{"or with its garbage", OffHeap, but(calm(0.5), func(f *Facts) { f.Peak = 1.24 * gib }), Medium},
		{"a small heap seen by young collections", OffHeap, but(calm(0.7), func(f *Facts) { f.Unsure = true }), Low},
		{"a log that ends long before the death", OffHeap, cut, Low},
		{"a short log that does", OffHeap, but(cut, func(f *Facts) { f.Cycles = 8 }), Low},
		{"one that is too short to tell", OffHeap, but(cut, func(f *Facts) { f.Cycles = 7 }), High},
		{"just three distances before it", OffHeap, but(cut, func(f *Facts) { f.Quiet = 3 }), High},
		{"less than two seconds before it", OffHeap, but(cut, func(f *Facts) { f.Quiet, f.Distance = 1.99, 0.1 }), High},
		{"two seconds before it", OffHeap, but(cut, func(f *Facts) { f.Quiet, f.Distance = 2, 0.1 }), Low},
		{"a full heap whose log ends so early", GoalOvershoot, but(calm(0.9), func(f *Facts) { f.Quiet, f.Distance = 60, 1 }), Low},
		{"a heap that needs more, and the same", UndersizedLimit, but(calm(0.9), func(f *Facts) { f.Quiet, f.Distance = 60, 1 }), Low},
		{"growth does not stop there", Leak, but(leaking(), func(f *Facts) { f.Quiet, f.Distance = 60, 1 }), High},
		{"nothing", Undetermined, Facts{}, Low},
		{"level, and a clean exit", Healthy, but(calm(0.3), func(f *Facts) { f.Death = timeline.Death{Kind: timeline.Exit} }), High},
		{"level, and the log ends", Healthy, but(calm(0.3), func(f *Facts) { f.Death = logEnds }), Medium},
		{"level for twelve cycles, and a clean exit", Healthy, but(calm(0.3), func(f *Facts) { f.Death.Kind, f.Cycles = timeline.Exit, 12 }), High},
		{"level for eleven cycles, and a clean exit", Healthy, but(calm(0.3), func(f *Facts) { f.Death.Kind, f.Cycles = timeline.Exit, 11 }), Medium},
		{"level below no limit, and a clean exit", Healthy, but(calm(0.3), func(f *Facts) { f.Death.Kind, f.Limit = timeline.Exit, 0 }), Medium},
		{"SIGTERM", KilledFromOutside, but(calm(0.3), func(f *Facts) { f.Death.Kind = timeline.Signal }), Medium},
		{"SIGTERM after eight cycles", KilledFromOutside, but(calm(0.3), func(f *Facts) { f.Death.Kind, f.Cycles = timeline.Signal, 8 }), Medium},
		{"SIGTERM after seven cycles", KilledFromOutside, but(calm(0.3), func(f *Facts) { f.Death.Kind, f.Cycles = timeline.Signal, 7 }), Low},
		{"SIGTERM before any", KilledFromOutside, but(calm(0.3), func(f *Facts) { f.Death.Kind, f.Cycles = timeline.Signal, 0 }), Medium},
		{"SIGKILL and a small heap", KilledFromOutside, but(calm(0.3), func(f *Facts) { f.Death.Kind, f.Told.signal = timeline.Signal, 9 }), Medium},
		{"SIGKILL after eight cycles", KilledFromOutside, but(calm(0.3), func(f *Facts) { f.Death.Kind, f.Told.signal, f.Cycles = timeline.Signal, 9, 8 }), Medium},
		{"SIGKILL before any", KilledFromOutside, but(calm(0.3), func(f *Facts) { f.Death.Kind, f.Told.signal, f.Cycles = timeline.Signal, 9, 0 }), Low},
		{"SIGKILL before any, and little was used", KilledFromOutside, but(calm(0.3), func(f *Facts) {
			f.Death.Kind, f.Told.signal, f.Cycles, f.Told.peak = timeline.Signal, 9, 0, 0.1*gib
		}), Medium},
		{"SIGKILL below no limit", KilledFromOutside, but(calm(0.3), func(f *Facts) { f.Death.Kind, f.Told.signal, f.Limit = timeline.Signal, 9, 0 }), Low},
		{"SIGKILL of somebody who says so", KilledFromOutside, but(calm(0.3), func(f *Facts) {
			f.Death.Kind, f.Told.signal, f.Told.sender, f.Cycles = timeline.Signal, 9, "it was me", 0
		}), High},
		{"SysRq", KilledFromOutside, Facts{Death: timeline.Death{Event: &event.Kill{Order: -1}}}, High},
		{"three kills", CrashLoop, but(calm(0.3), func(f *Facts) { f.Loop.deaths = 3 }), High},
		{"three lives", CrashLoop, but(calm(0.3), func(f *Facts) { f.Loop = loop{deaths: 3, lives: true} }), Medium},
		{"three starts whose end nobody saw", CrashLoop, but(calm(0.3), func(f *Facts) { f.Death, f.Loop.deaths, f.Cycles = logEnds, 3, 2 }), Medium},
		{"its own words", StackOverflow, Facts{}, High},
	} {
		if got := c.f.confidence(c.kind); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// contains reports whether one of the texts contains a phrase.
func contains(texts []string, phrase string) bool {
	return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, phrase) })
}

// replayed returns facts of a run that would have died so much later with a setting.
func replayed(f Facts, setting string, later time.Duration) Facts {
	f.WhatIf = []Alternative{{Setting: "as it was", Died: true, At: time.Hour}, {Setting: setting, Died: true, At: time.Hour + later}}
	return f
}

// of returns facts of a runtime of a version.
func of(v version, f Facts) Facts {
	f.Version = v
	return f
}

func TestAdvice(t *testing.T) {
	for _, c := range []struct {
		name   string
		v      Verdict
		f      Facts
		phrase string
	}{
		{"what a larger limit buys", Verdict{Kind: Leak}, replayed(leaking(), "limit of 4 GiB", 17*time.Minute), "a limit of 4 GiB buys about 17 minutes"},
		{"GOMEMLIMIT of a Go that has none", Verdict{Kind: GoalOvershoot}, of(version{1, 17}, calm(0.9)), "or run it with Go 1.19 or later, the first to have a memory limit, and set GOMEMLIMIT=1843MiB"},
		{"what such a Go has", Verdict{Kind: GoalOvershoot}, of(version{1, 17}, calm(0.9)), "give it the memory that GOGC asks for"},
		{"heap snapshots that Node.js 13 does not write", Verdict{Kind: Leak}, of(version{13}, but(leaking(), func(f *Facts) { f.Runtime = "v8" })), "--inspect"},
		{"room of a Go without GOMEMLIMIT, and no limit", Verdict{Kind: Thrash}, of(version{1, 17}, but(calm(0.7), func(f *Facts) { f.Limit = 0 })), "it takes a limit of about 1.12 GiB"},
		{"the end of the log", Verdict{Kind: OffHeap}, but(calm(0.3), func(f *Facts) { f.Quiet, f.Distance = 31, 10 }), "find the end of the log"},
		{"a collector where there is none", Verdict{Kind: Leak}, but(java(event.OOMHeap), func(f *Facts) { f.Java.Collector = event.Epsilon }), "run with a collector that collects"},
		{"goroutines", Verdict{Kind: Leak, Detail: "goroutine"}, leaking(), "group the goroutines"},
		{"GOMEMLIMIT without a report", Verdict{Kind: GoalOvershoot}, calm(0.9), "set GOMEMLIMIT=1843MiB (the limit of 2 GiB less "},
		{"GOMEMLIMIT with what the kernel counted", Verdict{Kind: GoalOvershoot}, but(calm(0.9), func(f *Facts) { f.Anon, f.Kernel, f.Shmem = 1.5*gib, 0.25*gib, 0.25*gib }), "set GOMEMLIMIT=1536MiB (the limit of 2 GiB less 512 MiB"},
		{"a limit that fits", Verdict{Kind: GoalOvershoot}, calm(0.9), "needs a limit of at least 2 GiB"},
		{"a GOGC that fits", Verdict{Kind: GoalOvershoot}, calm(0.95), "lower GOGC to 85"},
		{"a larger heap", Verdict{Kind: UndersizedLimit}, but(calm(0.9), func(f *Facts) { f.Limit, f.Runtime = gib, "jvm" }), "raise the limit from 1 GiB to about 1.38 GiB"},
		{"room without GOMEMLIMIT", Verdict{Kind: Thrash}, calm(0.7), "it takes a limit of about 1.12 GiB"},
		{"room within the limit", Verdict{Kind: Thrash}, but(calm(0.7), func(f *Facts) { f.Soft = 0.75 * gib }), "GOMEMLIMIT of 1 GiB lets it breathe"},
		{"room beyond the limit", Verdict{Kind: Thrash}, but(calm(0.7), func(f *Facts) { f.Soft, f.Limit = 0.75*gib, gib }), "does not fit the limit of 1 GiB: raise the limit to about 1.12 GiB with it"},
		{"room that just fits the limit", Verdict{Kind: Thrash}, but(calm(0.7), func(f *Facts) { f.Soft, f.Limit = 0.75*gib, 1152*mib }), "GOMEMLIMIT of 1 GiB lets it breathe"},
		{"room for V8", Verdict{Kind: Thrash}, but(calm(0.7), func(f *Facts) { f.Runtime, f.Limit = "v8", 0.75*gib }), "--max-old-space-size of 1 GiB lets it breathe"},
		{"Buffer", Verdict{Kind: OffHeap}, but(calm(0.25), func(f *Facts) { f.Runtime, f.VictimRSS = "v8", 2*gib }), "external and arrayBuffers of process.memoryUsage()"},
		{"what is not on the heap", Verdict{Kind: OffHeap}, but(calm(0.25), func(f *Facts) { f.VictimRSS = 2 * gib }), "1.50 GiB of the resident 2 GiB are not on the heap"},
		{"where to look", Verdict{Kind: OffHeap}, calm(0.25), "look at mmap, cgo"},
		{"stacks", Verdict{Kind: OffHeap, Detail: "stacks"}, but(calm(0.25), func(f *Facts) { f.Stacks = gib }), "the stacks alone took 1 GiB"},
		{"fragmentation", Verdict{Kind: OffHeap, Detail: "fragmentation"}, but(calm(0.25), func(f *Facts) { f.Most = gib }), "was 1 GiB once and 256 MiB at the end"},
		{"a step", Verdict{Kind: Step}, leaking(), "look for a reload"},
		{"a spike", Verdict{Kind: Spike}, leaking(), "the last seconds"},
		{"a fragmented machine is no fragmented heap", Verdict{Kind: NodePressure, Detail: "fragmentation"}, leaking(), "sum up what runs"},
		{"the least GOGC", Verdict{Kind: GoalOvershoot}, but(calm(0.9), func(f *Facts) { f.Most, f.Limit = 9, 11 }), "lower GOGC to 10,"},
		{"a limit beyond the heap", Verdict{Kind: UndersizedLimit}, calm(0.9), "raise the limit from 2 GiB to about 2.69 GiB"},
		{"GOMEMLIMIT with little beside", Verdict{Kind: GoalOvershoot}, but(calm(0.9), func(f *Facts) { f.Anon, f.Kernel = 1.9*gib, 0.01*gib }), "set GOMEMLIMIT=1945MiB (the limit of 2 GiB less 102 MiB"},
		{"GOMEMLIMIT on a full machine", Verdict{Kind: GoalOvershoot}, but(calm(0.9), func(f *Facts) { f.Machine, f.Anon, f.Kernel = true, 1.5*gib, 0.5*gib }), "set GOMEMLIMIT=1843MiB"},
		{"heap snapshots of V8", Verdict{Kind: Leak}, but(leaking(), func(f *Facts) { f.Runtime = "v8" }), "--heapsnapshot-near-heap-limit=2"},
		{"the rule's own", Verdict{Kind: ThreadLimit}, leaking(), "pids.max"},
	} {
		if got := c.f.advice(c.v); !contains(got, c.phrase) {
			t.Errorf("%s: %q, want %q", c.name, got, c.phrase)
		}
	}
	for _, c := range []struct {
		name   string
		kind   Kind
		f      Facts
		phrase string
	}{
		{"GOMEMLIMIT is set", Leak, but(leaking(), func(f *Facts) { f.Soft = 1.9 * gib }), "GOMEMLIMIT"},
		{"a JVM has none", Leak, but(leaking(), func(f *Facts) { f.Runtime = "jvm" }), "GOMEMLIMIT"},
		{"no limit is known", Leak, but(leaking(), func(f *Facts) { f.Limit = 0 }), "GOMEMLIMIT"},
		{"the live heap is above it", Leak, but(leaking(), func(f *Facts) { f.Level = 1.9 * gib }), "GOMEMLIMIT"},
		{"the live heap is just as large", Leak, but(leaking(), func(f *Facts) { f.Limit, f.Level = 10*gib, 9*gib }), "GOMEMLIMIT"},
		{"nothing was replayed", Leak, leaking(), "buys"},
		{"the larger limit was never reached", Leak, but(replayed(leaking(), "limit of 4 GiB", time.Hour), func(f *Facts) { f.WhatIf[1].Died = false }), "buys"},
		{"the larger limit buys nothing", Leak, replayed(leaking(), "limit of 4 GiB", 0), "buys"},
		{"Node.js 13 writes no snapshots", Leak, of(version{13}, but(leaking(), func(f *Facts) { f.Runtime = "v8" })), "--heapsnapshot"},
		{"the goal is the live heap", GoalOvershoot, but(calm(0.9), func(f *Facts) { f.Factor = 1 }), "that GOGC asks for"},
		{"no GOGC fits", GoalOvershoot, calm(1.7), "lower GOGC"},
		{"a GOGC of less than 10 is none", GoalOvershoot, but(calm(0.9), func(f *Facts) { f.Most, f.Limit = 9, 10.9 }), "lower GOGC"},
		{"no heap", GoalOvershoot, but(calm(0.9), func(f *Facts) { f.Most = 0 }), "lower GOGC"},
		{"room that just fits the limit", Thrash, but(calm(0.7), func(f *Facts) { f.Soft, f.Limit = 0.75*gib, 1152*mib }), "does not fit"},
		{"all is heap", OffHeap, but(calm(0.5), func(f *Facts) { f.VictimRSS = f.Peak }), "of the resident"},
		{"the heap with garbage is not known", OffHeap, but(calm(0.5), func(f *Facts) { f.VictimRSS, f.Peak = gib, 0 }), "of the resident"},
	} {
		if got := c.f.advice(Verdict{Kind: c.kind}); contains(got, c.phrase) {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

func TestMissing(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   Kind
		f      Facts
		phrase string
		says   bool
	}{
		{"no collection", Undetermined, Facts{}, "GODEBUG=gctrace=1", true},
		{"the end of the log", OffHeap, but(calm(0.3), func(f *Facts) { f.Quiet, f.Distance = 31, 10 }), "the log ends 31 s before the death, where a collection came at least every 10 s", true},
		{"nothing where it ends with the process", OffHeap, but(calm(0.3), func(f *Facts) { f.Quiet, f.Distance = 30, 10 }), "the log ends", false},
		{"a collector", Leak, but(leaking(), func(f *Facts) { f.Java.Collector = event.Epsilon }), "Epsilon collects nothing", true},
		{"either bound of a thread", ThreadLimit, java(event.OOMThreads), "ulimit -a of the process", true},
		{"neither where it is not about threads", OffHeap, java(event.OOMThreads), "ulimit -a of the process", false},
		{"no end", Leak, but(leaking(), func(f *Facts) { f.Death = logEnds }), "nothing says how the process ended", true},
		{"an end", Leak, leaking(), "nothing says how the process ended", false},
		{"no collection of a panic", NotAnOOM, Facts{}, "GODEBUG=gctrace=1", false},
		{"no limit of a panic", NotAnOOM, but(calm(0.3), func(f *Facts) { f.Limit = 0 }), "--limit", false},
		{"few collections before a stack overflow", StackOverflow, but(calm(0.3), func(f *Facts) { f.Cycles = 5 }), "collections", false},
		{"SIGKILL", KilledFromOutside, Facts{Ended: &event.ProcessEnd{Kind: event.EndSignal, Signal: "SIGKILL"}}, "no kernel log", true},
		{"a signal that the kernel's killer does not send", KilledFromOutside, Facts{Ended: &event.ProcessEnd{Kind: event.EndSignal, Signal: "SIGQUIT"}}, "no kernel log", false},
		{"no limit", Leak, but(leaking(), func(f *Facts) { f.Limit = 0 }), "--limit", true},
		{"GOMEMLIMIT may be set", OffHeap, calm(0.3), "GOMEMLIMIT is not known", true},
		{"GOMEMLIMIT is set", OffHeap, but(calm(0.3), func(f *Facts) { f.Soft = gib }), "GOMEMLIMIT is not known", false},
		{"young collections only", Leak, but(leaking(), func(f *Facts) { f.Unsure = true }), "garbage", true},
		{"equal reports", SharedMemory, Facts{Kill: &event.Kill{Repeats: 3, Victims: []event.Victim{{PID: 7}}}}, "seen more than once", true},
		{"equal reports of no kill", Undetermined, Facts{Kill: &event.Kill{Repeats: 3, NoKillable: true}}, "seen more than once", false},
		{"one report", SharedMemory, Facts{Kill: &event.Kill{Repeats: 1, Victims: []event.Victim{{PID: 7}}}}, "seen more than once", false},
		{"few collections", Healthy, but(calm(0.3), func(f *Facts) { f.Cycles = 5 }), "only 5 collections", true},
		{"one collection", Healthy, but(calm(0.3), func(f *Facts) { f.Cycles = 1 }), "only 1 collection is in the log", true},
		{"two collections", Healthy, but(calm(0.3), func(f *Facts) { f.Cycles = 2 }), "only 2 collections are in the log", true},
		{"seven collections", Healthy, but(calm(0.3), func(f *Facts) { f.Cycles = 7 }), "only 7 collections", true},
		{"eight collections", Healthy, but(calm(0.3), func(f *Facts) { f.Cycles = 8 }), "only 8 collections", false},
		{"none at all", Undetermined, Facts{}, "only 0 collections", false},
		{"none at all, and no limit", Undetermined, Facts{}, "--limit", false},
		{"GOMEMLIMIT may have been set", GoalOvershoot, calm(0.9), "GOMEMLIMIT is not known", true},
		{"GOMEMLIMIT does not matter to a leak", Leak, leaking(), "GOMEMLIMIT is not known", false},
		{"GOMEMLIMIT of a JVM", OffHeap, but(calm(0.3), func(f *Facts) { f.Runtime = "jvm" }), "GOMEMLIMIT is not known", false},
		{"GOMEMLIMIT without a limit", OffHeap, but(calm(0.3), func(f *Facts) { f.Limit = 0 }), "GOMEMLIMIT is not known", false},
		{"the last tenth of a life", Leak, but(leaking(), func(f *Facts) { f.Java.Late = 0.90 }), "the log begins near the end", true},
		{"a little more than it", Leak, but(leaking(), func(f *Facts) { f.Java.Late = 0.89 }), "the log begins near the end", false},
		{"the last tenth of a life that a panic ended", NotAnOOM, but(leaking(), func(f *Facts) { f.Java.Late = 0.90 }), "the log begins near the end", false},
		{"a kill that may be another's", Leak, but(leaking(), func(f *Facts) { f.Death.Guessed = true }), "another kill or another log of the input fits as well", true},
		{"a kill that is its own", Leak, leaking(), "fits as well", false},
		{"reports that the kernel kept", Leak, but(leaking(), func(f *Facts) { f.Kill = &event.Kill{Suppressed: 1} }), "1 further lines", true},
		{"a whole report", Leak, leaking(), "further lines", false},
	} {
		if got := c.f.missing(c.kind); contains(got, c.phrase) != c.says {
			t.Errorf("%s: %q, about %q: want %v", c.name, got, c.phrase, c.says)
		}
	}
}

func TestWouldChange(t *testing.T) {
	for _, k := range []Kind{Leak, Healthy, OffHeap, GoalOvershoot, KilledFromOutside} {
		f := leaking()
		if len(f.wouldChange(k)) == 0 {
			t.Errorf("%s: nothing would change it", k)
		}
	}
	dead, alive := leaking(), but(leaking(), func(f *Facts) { f.Death = logEnds })
	if slices.Equal(dead.wouldChange(Leak), alive.wouldChange(Leak)) {
		t.Error("a leak that goes on and one that died would be changed by the same")
	}
}

func TestKernelFacts(t *testing.T) {
	k := &event.Kill{
		Head:    event.Head{Pos: event.Pos{File: "dmesg.txt", Line: 1}},
		Usage:   unit.Known(840),
		UsageAt: event.Pos{File: "dmesg.txt", Line: 40},
		Stats: []event.Stat{
			{Name: "anon", Size: 100},
			{Name: "file", Size: 700},
			{Name: "shmem", Size: 600},
			{Name: "slab", Size: 30},
			{Name: "sock", Size: 5},
			{Name: "anon", Size: 9}, // of a group below
		},
		Victims: []event.Victim{{PID: 1, Name: "small", Anon: unit.Known(10)}, {PID: 2, Name: "large", Anon: unit.Known(50), File: unit.Known(5)}},
		Tasks:   []event.Task{{PID: 2, RSS: unit.Known(900)}, {PID: 3, Name: "hog", RSS: unit.Known(110)}, {PID: 4, RSS: unit.Known(60)}},
	}
	f := Facts{Kill: k}
	kernelFacts(&f)
	if f.Anon != 100 || f.Shmem != 600 || f.File != 100 || f.Kernel != 35 || f.Usage != 840 || f.StatsPos.Line != 40 {
		t.Errorf("%+v", f)
	}
	if f.VictimName != "large" || f.VictimRSS != 55 || f.Culprit.Name != "hog" {
		t.Errorf("victim %s of %v, culprit %+v", f.VictimName, f.VictimRSS, f.Culprit)
	}
	k.Tasks[1].RSS = unit.Known(109)
	k.Usage, k.UsageAt = unit.Size{}, event.Pos{}
	kernelFacts(&f)
	if f.Culprit != (event.Task{}) {
		t.Errorf("a task of less than twice the victim is no culprit: %+v", f.Culprit)
	}
	if f.Usage != 100+600+100+35 || f.StatsPos.Line != 1 {
		t.Errorf("usage %v from the parts, line %d", f.Usage, f.StatsPos.Line)
	}
}

func TestAbout(t *testing.T) {
	for _, c := range []struct {
		s    float64
		want string
	}{
		{3.14, "about 3.1 s"},
		{119, "about 1 min 59 s"},
		{120, "about 2 minutes"},
		{600, "about 10 minutes"},
		{7199, "about 120 minutes"},
		{7200, "about 2 hours"},
		{8000, "about 2 hours"},
		{172799, "about 48 hours"},
		{172800, "about 2 days"},
		{200000, "about 2 days"},
	} {
		if got := about(c.s); got != c.want {
			t.Errorf("%v: %q, want %q", c.s, got, c.want)
		}
	}
}

func TestSpan(t *testing.T) {
	for _, c := range []struct {
		s    float64
		want string
	}{
		{0, "0 ms"},
		{0.7, "700 ms"},
		{0.9994, "999 ms"},
		{0.9995, "1.0 s"},
		{0.9996, "1.0 s"},
		{6.4, "6.4 s"},
		{9.94, "9.9 s"},
		{9.95, "10 s"},
		{9.96, "10 s"},
		{14, "14 s"},
		{59.4, "59 s"},
		{59.6, "1 min 00 s"},
		{65, "1 min 05 s"},
		{3599.6, "1 h 00 min"},
		{7800, "2 h 10 min"},
		{7829, "2 h 10 min"},
		{7831, "2 h 11 min"},
	} {
		if got := span(c.s); got != c.want {
			t.Errorf("%v: %q, want %q", c.s, got, c.want)
		}
	}
}

func TestRoundUp(t *testing.T) {
	for _, c := range []struct{ v, want float64 }{{1.01 * gib, 1088 * mib}, {gib, gib}, {100 * mib, 104 * mib}, {100, 104}, {17, 18}, {15.5, 16}, {1.2, 2}, {1, 1}, {0, 0}} {
		if got := float64(roundUp(c.v)); got != c.want {
			t.Errorf("%v: %v, want %v", c.v, got, c.want)
		}
	}
}
