package android

import (
	"bytes"
	"strings"
	"testing"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialect/dialecttest"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

func TestGolden(t *testing.T) { dialecttest.Run(t, Dialect) }

func FuzzDecode(f *testing.F) { dialecttest.Fuzz(f, Dialect) }

// Forget drops the caches, for the fuzz test that holds them against the grammars.
func (d *decoder) Forget() { d.read = newReaders() }

func TestExamples(t *testing.T) {
	r := newReaders()
	dialecttest.Examples(t, Dialect,
		dialecttest.By(r.art.Parse),
		dialecttest.By(r.dalvik.Parse),
		dialecttest.By(r.failure.Parse),
		dialecttest.By(r.kill.Parse),
		dialecttest.By(r.free.Parse),
		dialecttest.By(r.process.Parse),
		dialecttest.By(r.signal.Parse),
		dialecttest.By(r.uptime.Parse),
	)
}

// decode reads a log as one stream and returns what became of it.
func decode(log string, stream *event.Stream) (events []event.Event, foreign []string) {
	dec := newDecoder()
	emit := func(ev event.Event) { events = append(events, ev) }
	for i, text := range strings.Split(log, "\n") {
		if !dec.Decode(&dialect.Line{Pos: event.Pos{File: "log", Line: i + 1}, Stream: stream, Text: []byte(text)}, emit) {
			foreign = append(foreign, text)
		}
	}
	dec.Flush(emit)
	return events, foreign
}

func TestLogcat(t *testing.T) {
	for line, want := range map[string]message{
		"10-24 14:24:26.342   710   711 I lowmemorykiller: Kill":     {710, []byte("lowmemorykiller"), []byte("Kill")},
		"2026-10-24 14:24:26.342 +0100   710   711 I art     : x: y": {710, []byte("art"), []byte("x: y")},
		"08-27 19:39:20.735 radio 21831 21832 F DEBUG   : uid: 1001": {21831, []byte("DEBUG"), []byte("uid: 1001")},
		"995.9  1  2 I lowmemorykiller: Kill":                        {1, []byte("lowmemorykiller"), []byte("Kill")},
		"  710   711 I am_kill : [0]":                                {710, []byte("am_kill"), []byte("[0]")},
		"I/art     ( 1795): Explicit":                                {1795, []byte("art"), []byte("Explicit")},
		"10-24 14:24:26.342 I/art     ( 1795): Explicit":             {1795, []byte("art"), []byte("Explicit")},
		",I/art     (  822): Explicit":                               {822, []byte("art"), []byte("Explicit")},
		"I/art: Explicit":                                            {0, []byte("art"), []byte("Explicit")},
		"I .gpadc.yolodem: Alloc":                                    {0, []byte(""), []byte("I .gpadc.yolodem: Alloc")},
		"GET /api/x: 200":                                            {0, []byte(""), []byte("GET /api/x: 200")},
		"":                                                           {0, []byte(""), []byte("")},
	} {
		if got := logcat([]byte(line)); got.pid != want.pid || !bytes.Equal(got.tag, want.tag) || !bytes.Equal(got.text, want.text) {
			t.Errorf("%q: %d %q %q, want %d %q %q", line, got.pid, got.tag, got.text, want.pid, want.tag, want.text)
		}
	}
}

func TestScopes(t *testing.T) {
	const rest = " GC freed 9(1KB) AllocSpace objects, 0(0B) LOS objects, 46% free, 27MB/51MB, paused 267us total 1.5ms"
	for head, want := range map[string]event.GC{
		"Background concurrent copying":        {Scope: event.Whole, Kind: "concurrent copying", Cause: "Background"},
		"Background young concurrent copying":  {Scope: event.Young, Kind: "young concurrent copying", Cause: "Background"},
		"Explicit concurrent mark compact":     {Scope: event.Whole, Kind: "concurrent mark compact", Cause: "Explicit", Forced: true},
		"NativeAlloc concurrent copying":       {Scope: event.Whole, Kind: "concurrent copying", Cause: "NativeAlloc"},
		"Alloc sticky concurrent mark sweep":   {Scope: event.Young, Kind: "sticky concurrent mark sweep", Cause: "Alloc"},
		"Alloc partial concurrent mark sweep":  {Scope: event.Whole, Kind: "partial concurrent mark sweep", Cause: "Alloc"},
		"CollectorTransition mark sweep":       {Scope: event.Whole, Kind: "mark sweep", Cause: "CollectorTransition"},
		"text before it: Background semispace": {Scope: event.Whole, Kind: "semispace", Cause: "Background"},
	} {
		got, _ := decode(head+rest, nil)
		if len(got) != 1 {
			t.Errorf("%s: %d events", head, len(got))
			continue
		}
		gc := got[0].(*event.GC)
		if gc.Scope != want.Scope || gc.Kind != want.Kind || gc.Cause != want.Cause || gc.Forced != want.Forced {
			t.Errorf("%s: %s %q %q %v", head, gc.Scope, gc.Kind, gc.Cause, gc.Forced)
		}
		if live, known := gc.Live.Get(); known != (want.Scope == event.Whole) || known && live != 27*unit.MiB || gc.After != unit.Known(27*unit.MiB) || gc.Capacity != unit.Known(51*unit.MiB) {
			t.Errorf("%s: live %v, after %v, capacity %v", head, gc.Live, gc.After, gc.Capacity)
		}
	}
}

// The event log names its events by the tag alone, which an envelope takes off.
func TestTagFromTheEnvelope(t *testing.T) {
	got, _ := decode("[0,16920,com.ss.android.ugc.aweme,200,bg anr,563460]", &event.Stream{Unit: "am_kill"})
	kill, ok := got[0].(*event.ContainerEvent)
	if !ok || kill.PID != 16920 || kill.Reason != "bg anr" || kill.Process != "com.ss.android.ugc.aweme" {
		t.Errorf("%+v", got[0])
	}
}

func TestForeignLines(t *testing.T) {
	for _, line := range []string{
		"[0,16920,com.x,200,bg anr]", "GC freed 3 objects", "INFO: GC freed 12.5 MB", "Kill 'em all", "we Kill 'x' (3), uid 1",
		"GC_CONCURRENT is set", "Scudo is an allocator", "pid: 1, tid: 1, name: x", "signal 6 (SIGABRT)", "    x0  0000",
		"Failed to allocate a new page", "java.lang.OutOfMemoryError: Java heap space", "cache 3kB is below limit 4kB", "",
	} {
		if events, foreign := decode(line, nil); len(events) != 0 || len(foreign) != 1 {
			t.Errorf("%q is claimed: %v", line, events)
		}
	}
}

func TestHostileLines(t *testing.T) {
	for _, piece := range []string{"I/", "1 ", " GC freed ", "Kill '", "Scudo ", "GC_", "mark ", "*** ", "(1(1", "a,"} {
		for _, head := range []string{"", "Background concurrent copying GC freed ", "I/art( 1): ", "am_kill : [", firstRule + "\n"} {
			log := head + strings.Repeat(piece, maxLine/len(piece)) + "\n" + clampLine
			got, _ := decode(log, nil)
			found := false
			for _, ev := range got {
				_, ok := ev.(*event.Setting)
				found = found || ok
			}
			if !found {
				t.Errorf("%q, many of %q: the good line behind it is lost", head, piece)
			}
		}
	}
}

const clampLine = "I/m.android.khus( 6883): Clamp target GC heap from 279MB to 256MB"

// A device has many processes: what is remembered of them is bounded.
func TestManyProcesses(t *testing.T) {
	d := newDecoder()
	for i := range 3 * maxProcesses {
		line := strings.Replace(clampLine, "6883", strings.Repeat("1", i%9+1)+string(rune('0'+i%10)), 1)
		d.Decode(&dialect.Line{Text: []byte(strings.Replace(line, "khus", strings.Repeat("k", i%50), 1))}, func(event.Event) {})
	}
	if len(d.streams) > maxProcesses {
		t.Errorf("%d streams are remembered", len(d.streams))
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct{ name, line string }{
		{"art", "I/m.android.khus( 6883): Alloc concurrent copying GC freed 4(176B) AllocSpace objects, 0(0B) LOS objects, 0% free, 255MB/256MB, paused 68us total 46.222ms"},
		{"foreign", "D/ConnectivityService(  822): notifyType AVAILABLE for NetworkAgentInfo [WIFI () - 101]"},
		{"server", "2026/11/22 19:54:32 INFO request done path=/api/v1/items status=200 took=12ms"},
	} {
		b.Run(c.name, func(b *testing.B) {
			d := newDecoder()
			l := &dialect.Line{Pos: event.Pos{File: "log", Line: 1}, Text: []byte(c.line)}
			emit := func(event.Event) {}
			b.SetBytes(int64(len(c.line)))
			b.ReportAllocs()
			for b.Loop() {
				d.Decode(l, emit)
			}
		})
	}
}
