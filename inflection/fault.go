package inflection

import "slices"

// faultNumbers are the numbers on Linux of the signals that a process gets for a fault of its own, as engines tell them.
// SIGABRT and SIGTRAP are none of them: runtimes raise those for want of memory too.
var faultNumbers = []int{4, 7, 8, 11, 31} // SIGILL, SIGBUS, SIGFPE, SIGSEGV, SIGSYS

// fault reports whether the process died of a fault of its own. The kernel's killer sends SIGKILL and nothing else.
func (f *Facts) fault() bool {
	if f.Ended != nil {
		return f.Ended.Fault()
	}
	return slices.Contains(faultNumbers, f.Told.signal)
}

// frame is the problematic frame that the crash report of a JVM names, see [event.JVMReport.Failed].
func (f *Facts) frame() (kind, place string) {
	if r := f.Java.Report; r != nil && f.Ended != nil && r.PID == f.Ended.PID {
		return r.Failed()
	}
	return "", ""
}

// faultEvidence names the signal and where the process failed.
func (f *Facts) faultEvidence() []Evidence {
	ev := []Evidence{{Claim: f.endText(), Source: f.DeathPos}}
	if _, place := f.frame(); place != "" {
		ev = append(ev, Evidence{Claim: "the problematic frame was " + place, Source: f.Java.ReportPos})
	}
	return ev
}

// faultAdvice says whose code failed, by the letter that HotSpot puts before the frame.
func (f *Facts) faultAdvice(add func(string, ...any)) {
	kind, where := f.frame()
	switch kind {
	case "":
		add("look at the core dump, or at the stack in the crash report: it names the code that failed. Memory needs no attention for this incident")
	case "C":
		add("look at the native library of the problematic frame, %s: update it or report it to its maker. Memory needs no attention for this incident", where)
	case "V", "v":
		add("the JVM itself failed, in %s: take the latest update of its version, leave out agents and profilers, and search its list of bugs for that function", where)
	default:
		add("compiled or interpreted Java code failed, in %s: look for sun.misc.Unsafe, files mapped and cut short, and native code that writes where it must not; then take the latest update of the JVM", where)
	}
}
