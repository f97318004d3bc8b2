package report_test

import (
	"testing"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/report"
	"oomtrace/timeline"
)

// TestFault holds that a crash is told as its report tells it: the signal, and where it happened.
func TestFault(t *testing.T) {
	end := &event.ProcessEnd{Runtime: "jvm", Kind: event.EndSignal, Signal: "SIGSEGV", Message: "SIGSEGV (0xb) at pc=0x7f37", PID: 7}
	dump := &event.Dump{Runtime: "jvm", JVM: &event.JVMReport{PID: 7, Frame: "V  [libjvm.so+0x6b7187]  vframeStreamForte::forte_next()+0x797"}}
	in := report.Input{
		Timeline: &timeline.Timeline{Primary: -1, Death: timeline.Death{Kind: timeline.Signal, Event: end}, Events: []event.Event{dump}},
		Finding:  &inflection.Finding{Verdict: inflection.Verdict{Kind: inflection.NotAnOOM}},
	}
	said := func(want string) {
		t.Helper()
		if got := report.New(in).Verdict.Sentence.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	said("The process crashed with SIGSEGV in vframeStreamForte::forte_next()+0x797 of libjvm.so, not for want of memory.")
	in.Redact = true
	said("The process crashed with SIGSEGV, not for want of memory.")
	in.Redact, dump.JVM.PID = false, 8 // the report of another process
	said("The process crashed with SIGSEGV, not for want of memory.")
	end.Signal = "SIGQUIT"
	in.Finding.Verdict.Kind = inflection.KilledFromOutside
	said("The process was ended by SIGQUIT, and nothing in the logs shows that memory was the reason.")
}
