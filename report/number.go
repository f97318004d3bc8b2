package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"oomtrace/parser/unit"
)

const dash = "–" // where there is no value

// measure prints a size as the report prints measurements: GiB with two decimals, MiB as integers.
func measure(b unit.Bytes) string {
	abs := max(b, -b)
	switch {
	case abs >= unit.TiB:
		return fmt.Sprintf("%.2f TiB", float64(b)/float64(unit.TiB))
	case abs >= unit.GiB:
		return fmt.Sprintf("%.2f GiB", float64(b)/float64(unit.GiB))
	case abs >= 10*unit.MiB:
		return fmt.Sprintf("%.0f MiB", float64(b)/float64(unit.MiB))
	case abs >= unit.MiB:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(b)/float64(unit.MiB)), ".0") + " MiB"
	case abs >= unit.KiB:
		return fmt.Sprintf("%.0f KiB", float64(b)/float64(unit.KiB))
	}
	return fmt.Sprintf("%d B", int64(b))
}

// Spell prints a size as the report prints measurements: "1.25 GiB", "412 MiB".
func Spell(b unit.Bytes) string { return measure(b) }

// bound prints a limit: round ones without decimals, "4 GiB".
func bound(b unit.Bytes) string {
	for _, s := range scales {
		if b >= s.Unit && b%s.Unit == 0 && b/s.Unit < 10000 {
			return fmt.Sprintf("%d %s", b/s.Unit, s.Name)
		}
	}
	return measure(b)
}

var scales = []Scale{{unit.TiB, "TiB"}, {unit.GiB, "GiB"}, {unit.MiB, "MiB"}, {unit.KiB, "KiB"}, {unit.B, "B"}}

// scaleFor returns the scale in which top has at least one digit before the point.
func scaleFor(top unit.Bytes) Scale {
	for _, s := range scales {
		if top >= s.Unit {
			return s
		}
	}
	return scales[len(scales)-1]
}

// Format prints a size in the scale without naming it: GiB and TiB with two decimals, others as integers with commas.
func (s Scale) Format(b unit.Bytes) string {
	if s.Unit >= unit.GiB {
		return fmt.Sprintf("%.2f", float64(b)/float64(s.Unit))
	}
	return count(int64(math.Round(float64(b) / float64(s.Unit))))
}

// count prints an integer with commas.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// some prints a count and its noun in the right number.
func some(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(int64(n)) + " " + noun + "s"
}

// percent prints a fraction with one decimal, as evidence needs it. It cuts and does not round: what is below a line of
// 70 % never prints as 70.0.
func percent(f float64) string { return fmt.Sprintf("%.1f %%", math.Floor(1000*f+1e-9)/10) }

// about prints a fraction as whole percent, for sentences. What is not all never prints as 100, what is not nothing never as 0.
func about(f float64) string {
	p := math.Round(100 * f)
	switch {
	case p == 100 && f < 1:
		p = 99
	case p == 0 && f > 0:
		return "less than 1 %"
	}
	return fmt.Sprintf("%.0f %%", p)
}

// rate prints bytes a second in the unit that a person would use; fine is for a run of less than two minutes, told in seconds.
func rate(perSecond float64, fine bool) string {
	abs := math.Abs(perSecond)
	units := []struct {
		name string
		size float64 // bytes a second
	}{
		{"GiB/s", float64(unit.GiB)},
		{"MiB/s", float64(unit.MiB)},
		{"MiB/min", float64(unit.MiB) / 60},
		{"MiB/h", float64(unit.MiB) / 3600},
		{"KiB/h", float64(unit.KiB) / 3600},
	}
	pick := units[len(units)-1]
	for _, u := range units {
		floor := u.size
		if u.name == "MiB/s" && fine {
			floor = 0.05 * u.size
		} else if u.name == "MiB/s" {
			floor = 17 * u.size // below that, 1020 MiB/min, the minute reads better
		}
		if abs >= floor {
			pick = u
			break
		}
	}
	v := perSecond / pick.size
	if math.Abs(v) < 9.95 {
		return fmt.Sprintf("%+.1f %s", v, pick.name)
	}
	return fmt.Sprintf("%+.0f %s", v, pick.name)
}

// short prints a duration with its units: "700 ms", "30.9 s", "1 min 05 s", "3 h 05 min".
func short(d time.Duration) string {
	if d < 0 {
		return "-" + short(-d)
	}
	switch {
	case d == 0:
		return "0 s"
	case d < time.Second-time.Millisecond/2:
		return fmt.Sprintf("%.0f ms", math.Max(1, math.Round(float64(d)/float64(time.Millisecond))))
	case d < time.Minute-50*time.Millisecond:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
	}
	s := int64(math.Round(d.Seconds()))
	switch {
	case s < 3600:
		return fmt.Sprintf("%d min %02d s", s/60, s%60)
	case s < 24*3600:
		return fmt.Sprintf("%d h %02d min", s/3600, s%3600/60)
	}
	return fmt.Sprintf("%d d %02d h", s/86400, s%86400/3600)
}

// spoken prints a duration for a sentence: short below two minutes, then "22 minutes".
func spoken(d time.Duration) string {
	d = max(d, 0)
	s := int64(math.Round(d.Seconds()))
	switch {
	case d < 500*time.Microsecond:
		return "less than 1 ms"
	case s == 60 && d >= time.Minute-50*time.Millisecond:
		return "1 minute"
	case s < 120:
		return short(d)
	}
	m := (s + 30) / 60
	switch {
	case m < 120:
		return some(int(m), "minute")
	case m < 48*60:
		return some(int(m/60), "hour") + rest(int(m%60), "minute")
	}
	h := (s + 1800) / 3600
	return some(int(h/24), "day") + rest(int(h%24), "hour")
}

func rest(n int, noun string) string {
	if n == 0 {
		return ""
	}
	return " " + some(n, noun)
}

// finite returns a pointer to a number, or nil where it is none: JSON has no NaN.
func finite(f float64) *float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return &f
}

// seconds is what all At of a Model are made with.
func seconds(d time.Duration) float64 { return d.Seconds() }

// noneOr is some with a word for zero.
func noneOr(n int, noun string) string {
	if n == 0 {
		return "no " + noun
	}
	return some(n, noun)
}
