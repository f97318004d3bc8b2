package report

import (
	"math"
	"testing"
	"time"

	"oomtrace/parser/unit"
)

func TestMeasure(t *testing.T) {
	for _, c := range []struct {
		b           unit.Bytes
		text, bound string
	}{
		{0, "0 B", "0 B"},
		{1023, "1023 B", "1023 B"},
		{unit.KiB, "1 KiB", "1 KiB"},
		{unit.MiB + unit.MiB/2, "1.5 MiB", "1536 KiB"},
		{3 * unit.MiB, "3 MiB", "3 MiB"},
		{412*unit.MiB + 1, "412 MiB", "412 MiB"},
		{1023 * unit.MiB, "1023 MiB", "1023 MiB"},
		{4 * unit.GiB, "4.00 GiB", "4 GiB"},
		{4*unit.GiB - 308*unit.MiB, "3.70 GiB", "3788 MiB"},
		{4_000_000_000, "3.73 GiB", "3.73 GiB"},
		{1_000_000_000, "954 MiB", "954 MiB"},
		{3 * unit.TiB, "3.00 TiB", "3 TiB"},
		{-5 * unit.GiB, "-5.00 GiB", "-5.00 GiB"},
	} {
		if got := measure(c.b); got != c.text {
			t.Errorf("measure(%d) = %q, want %q", int64(c.b), got, c.text)
		}
		if got := bound(c.b); got != c.bound {
			t.Errorf("bound(%d) = %q, want %q", int64(c.b), got, c.bound)
		}
	}
}

func TestScale(t *testing.T) {
	for _, c := range []struct {
		top, b     unit.Bytes
		name, text string
	}{
		{4 * unit.GiB, 2867 * unit.MiB, "GiB", "2.80"},
		{4 * unit.TiB, unit.TiB / 2, "TiB", "0.50"},
		{900 * unit.MiB, 3 * unit.MiB, "MiB", "3"},
		{900 * unit.KiB, 1234567, "KiB", "1,206"},
		{5, 4, "B", "4"},
		{0, 0, "B", "0"},
	} {
		s := scaleFor(c.top)
		if got := s.Format(c.b); s.Name != c.name || got != c.text {
			t.Errorf("scale of %d prints %d as %q %s, want %q %s", int64(c.top), int64(c.b), got, s.Name, c.text, c.name)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", 100000: "100,000"} {
		if got := count(n); got != want {
			t.Errorf("count(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestPercent(t *testing.T) {
	for _, c := range []struct {
		f              float64
		exact, rounded string
	}{
		{0, "0.0 %", "0 %"},
		{0.0004, "0.0 %", "less than 1 %"},
		{0.699, "69.9 %", "70 %"},
		{0.7001, "70.0 %", "70 %"},
		{0.69996, "69.9 %", "70 %"},
		{0.7, "70.0 %", "70 %"},
		{0.9999, "99.9 %", "99 %"},
		{1, "100.0 %", "100 %"},
		{1.144, "114.4 %", "114 %"},
	} {
		if got := percent(c.f); got != c.exact {
			t.Errorf("percent(%g) = %q, want %q", c.f, got, c.exact)
		}
		if got := about(c.f); got != c.rounded {
			t.Errorf("about(%g) = %q, want %q", c.f, got, c.rounded)
		}
	}
}

func TestRate(t *testing.T) {
	const mib = float64(unit.MiB)
	for _, c := range []struct {
		perSecond float64
		brief     bool
		want      string
	}{
		{40 * mib / 60, false, "+40 MiB/min"},
		{-40 * mib / 60, false, "-40 MiB/min"},
		{1.24 * mib / 60, false, "+1.2 MiB/min"},
		{31 * mib / 3600, false, "+31 MiB/h"},
		{512 * 1024.0 / 3600, false, "+512 KiB/h"},
		{10 * mib, false, "+600 MiB/min"},
		{10 * mib, true, "+10 MiB/s"},
		{0.01 * mib, true, "+36 MiB/h"},
		{72 * mib, false, "+72 MiB/s"},
		{1.6 * 1024 * mib, true, "+1.6 GiB/s"},
		{0, false, "+0.0 KiB/h"},
	} {
		if got := rate(c.perSecond, c.brief); got != c.want {
			t.Errorf("rate(%g, %v) = %q, want %q", c.perSecond, c.brief, got, c.want)
		}
	}
}

func TestDurations(t *testing.T) {
	for _, c := range []struct {
		d             time.Duration
		short, spoken string
	}{
		{0, "0 s", "less than 1 ms"},
		{100 * time.Microsecond, "1 ms", "less than 1 ms"},
		{time.Millisecond, "1 ms", "1 ms"},
		{700 * time.Millisecond, "700 ms", "700 ms"},
		{999_400 * time.Microsecond, "999 ms", "999 ms"},
		{999_700 * time.Microsecond, "1 s", "1 s"},
		{time.Second, "1 s", "1 s"},
		{1500 * time.Millisecond, "1.5 s", "1.5 s"},
		{14 * time.Second, "14 s", "14 s"},
		{30900 * time.Millisecond, "30.9 s", "30.9 s"},
		{59940 * time.Millisecond, "59.9 s", "59.9 s"},
		{59960 * time.Millisecond, "1 min 00 s", "1 minute"},
		{65 * time.Second, "1 min 05 s", "1 min 05 s"},
		{119400 * time.Millisecond, "1 min 59 s", "1 min 59 s"},
		{119600 * time.Millisecond, "2 min 00 s", "2 minutes"},
		{22*time.Minute + 9*time.Second, "22 min 09 s", "22 minutes"},
		{3599600 * time.Millisecond, "1 h 00 min", "60 minutes"},
		{3*time.Hour + 5*time.Minute, "3 h 05 min", "3 hours 5 minutes"},
		{2 * time.Hour, "2 h 00 min", "2 hours"},
		{51 * time.Hour, "2 d 03 h", "2 days 3 hours"},
		{48 * time.Hour, "2 d 00 h", "2 days"},
		{-34 * time.Second, "-34 s", "less than 1 ms"},
	} {
		if got := short(c.d); got != c.short {
			t.Errorf("short(%v) = %q, want %q", c.d, got, c.short)
		}
		if got := spoken(c.d); got != c.spoken {
			t.Errorf("spoken(%v) = %q, want %q", c.d, got, c.spoken)
		}
	}
}

func TestFinite(t *testing.T) {
	if finite(math.NaN()) != nil || finite(math.Inf(-1)) != nil || *finite(1.5) != 1.5 {
		t.Error("finite lets through what JSON cannot say, or loses what it can")
	}
}

func TestShellLine(t *testing.T) {
	got := shellLine([]string{"oomtrace", "--limit=4GiB", "my log", "it's", "", "$(rm)", "a\x1b"})
	if want := `oomtrace --limit=4GiB 'my log' 'it'\''s' '' '$(rm)' 'a` + "\x1b'"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestEveryKindHasWords holds the words to the kinds of the documented JSON.
func TestEveryKindHasWords(t *testing.T) {
	kinds := []string{
		"leak", "step", "spike", "undersized-limit", "goal-overshoot", "thrash", "off-heap", "healthy", "neighbour", "parent-limit", "node-pressure",
		"shared-memory", "page-cache", "kernel-memory", "limit-lowered", "crash-loop", "address-space", "thread-limit", "stack-overflow",
		"killed-from-outside", "not-an-oom", "undetermined",
	}
	if len(kinds) != len(wordings) {
		t.Errorf("%d kinds, %d wordings", len(kinds), len(wordings))
	}
	for i, k := range kinds {
		if string(wordings[i].kind) != k {
			t.Errorf("wording %d is for %s, want %s", i, wordings[i].kind, k)
		}
	}
}

// A clock of whole seconds cannot tell that an end came within a millisecond.
func TestSpanOfACoarseClock(t *testing.T) {
	for _, c := range []struct {
		from, step  time.Duration
		span, table string
	}{
		{20 * time.Second, time.Second, "less than 1 s", "less than 1 s"},
		{19*time.Second + 300*time.Millisecond, time.Second, "less than 1 s", "less than 1 s"},
		{18 * time.Second, time.Second, "2 s", "2 s"},
		{20 * time.Second, 0, "less than 1 ms", "0 s"},
		{20*time.Second - 7*time.Millisecond, time.Millisecond, "7 ms", "7 ms"},
	} {
		k := clock{axis: AxisWall, end: 20 * time.Second, endStep: c.step}
		if got := k.span(c.from, k.end); got != c.span {
			t.Errorf("%+v: %q", c, got)
		}
		if got := k.lead(c.from, k.end); got != c.table {
			t.Errorf("%+v: in a table %q", c, got)
		}
	}
}
