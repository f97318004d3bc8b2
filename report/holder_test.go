package report_test

import (
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/report"
)

// Without a collection the picture is of what was counted at the death; where nothing was, of what was told, and when.
func TestPictureWithoutACollection(t *testing.T) {
	crash := func(r event.JVMReport) event.Event { return &event.Dump{Runtime: "jvm", Kind: "hs_err", JVM: &r} }
	gib := func(n unit.Bytes) unit.Size { return unit.Known(n * unit.GiB) }
	for _, c := range []struct {
		name    string
		events  []event.Event
		want    string // the holders, a word each
		caption string
	}{
		{"a crash report", []event.Event{crash(event.JVMReport{
			Native: event.NativeRequest{Size: gib(64)}, Process: event.JVMProcess{RSS: gib(1)}, Heap: event.Space{Committed: gib(2)},
			Metaspace: event.Space{Committed: gib(3)}, Machine: event.JVMMachine{Physical: gib(23), Free: gib(20)},
		})}, "asked for 64.00 GiB refused, resident set 1.00 GiB, heap, committed 2.00 GiB, metaspace, committed 3.00 GiB, physical 23.00 GiB, free 20.00 GiB", "the crash report gives"},
		{"a crash report of one size", []event.Event{crash(event.JVMReport{Process: event.JVMProcess{RSS: gib(1)}})}, "", "no sizes to compare"},
		{"another dump", []event.Event{&event.Dump{Runtime: "go", Kind: "goroutine-dump"}}, "", "no sizes to compare"},
		{"nothing", nil, "", "no sizes to compare"},
	} {
		m := told(c.events...)
		var got []string
		for _, h := range m.Chart.Holders {
			got = append(got, strings.TrimSpace(h.Label+" "+report.Spell(h.Bytes)+" "+h.Hot))
		}
		if list := strings.Join(got, ", "); list != c.want {
			t.Errorf("%s: got %q, want %q", c.name, list, c.want)
		}
		if !strings.Contains(m.Chart.Caption, c.caption) || m.Chart.Empty() != (c.want == "") {
			t.Errorf("%s: caption %q, empty %v", c.name, m.Chart.Caption, m.Chart.Empty())
		}
	}
}

// One life is a row where there is no collection that would show it.
func TestOneLifeIsDrawnAlone(t *testing.T) {
	m := told(loopOfLives()[6:8]...)
	if len(m.Chart.Voices) != 2 || m.Chart.Voices[1].Name != report.VoiceRestarts || len(m.Chart.Voices[1].Marks) != 1 {
		t.Fatalf("got %+v", m.Chart.Voices)
	}
	if life := m.Chart.Voices[1].Marks[0]; time.Duration((life.Until-life.At)*float64(time.Second)) != 7*time.Second {
		t.Errorf("the life took from %v to %v", life.At, life.Until)
	}
}
