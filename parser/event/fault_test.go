package event

import "testing"

// The frames stand in crash reports of OpenJDK 8 to 25 on Linux and macOS.
func TestFailed(t *testing.T) {
	for _, c := range []struct{ frame, kind, place string }{
		{"V  [libjvm.so+0x6b7187]  vframeStreamForte::forte_next()+0x797", "V", "vframeStreamForte::forte_next()+0x797 of libjvm.so"},
		{"C  [libzip.dylib+0x1022c]  newEntry+0x68", "C", "newEntry+0x68 of libzip.dylib"},
		{"C  [libpthread.so.0+0x12cf0]", "C", "libpthread.so.0"},
		{"J 728 c1 jdk.internal.misc.Unsafe.getLongUnaligned(Ljava/lang/Object;J)J java.base@25.0.2 (173 bytes) @ 0x000000010f8ac794 [0x000000010f8ac500+0x0000000000000294]", "J", "jdk.internal.misc.Unsafe.getLongUnaligned(Ljava/lang/Object;J)J"},
		{"j  CrashTest.main([Ljava/lang/String;)V+16", "j", "CrashTest.main([Ljava/lang/String;)V+16"},
		{"v  ~StubRoutines::SafeFetch32", "v", "~StubRoutines::SafeFetch32"},
		{"C  0x0000000000000000", "C", "0x0000000000000000"},
		{"", "", ""},
		{"V", "", ""},
		{"V  [", "V", ""},
	} {
		if kind, place := (&JVMReport{Frame: c.frame}).Failed(); kind != c.kind || place != c.place {
			t.Errorf("%s: %q, %q; want %q, %q", c.frame, kind, place, c.kind, c.place)
		}
	}
}

func TestFault(t *testing.T) {
	for _, c := range []struct {
		end  ProcessEnd
		want bool
	}{
		{ProcessEnd{Kind: EndSignal, Signal: "SIGSEGV"}, true},
		{ProcessEnd{Kind: EndSignal, Signal: "SIGBUS", Runtime: "jvm"}, true},
		{ProcessEnd{Kind: EndSignal, Signal: "EXCEPTION_ACCESS_VIOLATION", Runtime: "jvm"}, true},
		{ProcessEnd{Kind: EndSignal, Signal: "SIGABRT", Runtime: "art"}, true},
		{ProcessEnd{Kind: EndSignal, Signal: "SIGABRT", Runtime: "go"}, false},
		{ProcessEnd{Kind: EndSignal, Signal: "SIGKILL"}, false},
		{ProcessEnd{Kind: EndSignal, Signal: "SIGQUIT"}, false},
		{ProcessEnd{Kind: EndPanic, Signal: "SIGSEGV"}, false},
		{ProcessEnd{}, false},
	} {
		if got := c.end.Fault(); got != c.want {
			t.Errorf("%+v: %t", c.end, got)
		}
	}
}
