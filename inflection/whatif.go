package inflection

import (
	"fmt"
	"slices"
	"time"

	"oomtrace/parser/unit"
	"oomtrace/timeline"
)

// What another setting would have made of the run is worked out from the same live heap: no setting changes what a program keeps.
//
//	setting    a limit, a GOGC, a GOMEMLIMIT, a maximum heap
//	ceiling    the live heap that fits with it
//	filled     the share of its ceiling at which the process really died: the same share of another one is taken to be as deadly
//	died       the first collection that left more than that; past the end of the log, when the growth reaches it
//	survived   no collection of the log left as much, and nothing grew
type setting struct {
	name    string
	ceiling float64
	advised bool
	note    string
}

// Alternative is what another setting would have made of a run.
type Alternative struct {
	Setting       string     // "GOMEMLIMIT=1843MiB", "limit of 4 GiB", "as it was"
	Ceiling       unit.Bytes // the live heap that fits with it
	Unseen        bool       // nobody saw the end, which is that of the log
	Died          bool       // false: it would have outlived the log, by the growth seen even by many years
	At, Low, High time.Duration
	Advised       bool   // the advice of the verdict is this setting
	Note          string // what it costs; may be empty
}

const (
	filledLeast = 0.80 // of the ceiling: a process that died below it died between two collections
	filledMost  = 1.00
	limitTwice  = 2.0
	lateMost    = 10 * 365 * 24 * 3600 // seconds after the end of the log: what is told beyond ten years is told for ever
)

// alternatives replays the run with other settings. It returns none where the heap is not what the process died of, where no limit is
// known, and where nobody died.
func (st *study) alternatives(f *Facts, v Verdict) (rows []Alternative, assumed []string) {
	settings := st.settings(f, v)
	if len(settings) == 0 {
		return nil, nil
	}
	asItWas := Alternative{Setting: "as it was", Ceiling: bytes(f.Ceiling), Died: f.Seen(), Unseen: !f.Seen(), At: seconds(st.end), Low: seconds(st.end), High: seconds(st.end)}
	rows = append(rows, asItWas)
	filled := f.Most / f.Ceiling
	if filled = min(max(filled, filledLeast), filledMost); !f.Seen() {
		filled = dueAt
	}
	for _, s := range settings {
		a := Alternative{Setting: s.name, Ceiling: bytes(s.ceiling), Advised: s.advised, Note: s.note}
		st.replay(&a, filled*s.ceiling, v.Kind == Leak)
		rows = append(rows, a)
	}
	return rows, f.assumptions(v, filled)
}

// settings returns the settings that are worth a look, the advised ones first.
func (st *study) settings(f *Facts, v Verdict) []setting {
	measured := v.Kind != Leak || f.Rate > 0 && !f.V8.OnlyTheLast // else nothing tells how long more memory would last
	dies := v.Kind == Leak || v.Kind == Step || v.Kind == Spike || v.Kind == GoalOvershoot || v.Kind == UndersizedLimit
	heap := v.Detail == "" || v.Detail == "goroutine" || v.Detail == "old-generation"
	if !dies || !heap || !measured || !f.Fatal() || !f.Limited() || f.Ceiling <= 0 || st.series.made || st.series.run.Clock == timeline.ByNumber {
		return nil
	}
	switch f.Runtime {
	case "go":
		return f.goSettings(v.Kind)
	case "jvm":
		return f.javaSettings(v.Kind)
	}
	return []setting{{name: fmt.Sprintf("limit of %s", roundUp(limitTwice*f.Limit)), ceiling: f.Ceiling / f.Limit * float64(roundUp(limitTwice*f.Limit))}}
}

// goSettings are those of a Go program.
func (f *Facts) goSettings(k Kind) []setting {
	var out []setting
	running := f.Follows && f.Factor > 1 && f.Soft == 0
	if value, ok := f.memoryLimit(); ok && running && k != UndersizedLimit {
		note := "the collector works the harder the fuller it is"
		if f.Most >= nearLevel*value {
			note = "but the collector would hardly ever stop"
		}
		out = append(out, setting{fmt.Sprintf("GOMEMLIMIT=%.0fMiB", value/(1<<20)), value, true, note})
	}
	if gogc := f.otherGOGC(k); running && gogc > 0 {
		factor := 1 + float64(gogc)/100
		note := fmt.Sprintf("%.1f times as many collections", (f.Factor-1)/(factor-1))
		out = append(out, setting{fmt.Sprintf("GOGC=%d", gogc), f.Limit / factor, k == GoalOvershoot, note})
	}
	limit := f.largerLimit(k)
	ceiling := limit * f.Ceiling / f.Limit
	out = append(out, setting{fmt.Sprintf("limit of %s", bytes(limit)), ceiling, k == GoalOvershoot || k == UndersizedLimit, ""})
	return out
}

// otherGOGC is the GOGC to look at: one that fits, or for a heap that grows half of what it was; 0 for none.
func (f *Facts) otherGOGC(k Kind) int {
	if k != Leak && k != Spike && k != Step {
		return f.fittingGOGC()
	}
	return int(100*(f.Factor-1)/2/5+0.5) * 5
}

// largerLimit is the limit to look at: one that holds the peak, or for a heap that grows twice what it was.
func (f *Facts) largerLimit(k Kind) float64 {
	switch k {
	case GoalOvershoot:
		return float64(roundUp(f.Most * f.Factor / usualOfPeak))
	case UndersizedLimit:
		return float64(roundUp(max(f.Limit, f.Ceiling) * (1 + raiseBy)))
	}
	return limitTwice * f.Limit
}

// javaSettings are those of a JVM: the bound that was reached, raised.
func (f *Facts) javaSettings(k Kind) []setting {
	if f.beyondBox() {
		limit := float64(roundUp(f.Java.Xmx * boxForXmx))
		return []setting{{fmt.Sprintf("limit of %s", bytes(limit)), f.Java.Xmx, k == UndersizedLimit, "a quarter more than -Xmx, for all that is not heap"}}
	}
	if f.Java.Xmx <= 0 {
		limit := limitTwice * f.Limit
		return []setting{{fmt.Sprintf("limit of %s", bytes(limit)), f.Ceiling + f.Limit, false, ""}}
	}
	xmx := limitTwice * f.Java.Xmx
	if k == UndersizedLimit {
		xmx = float64(roundUp(f.Java.Xmx * (1 + raiseBy)))
	}
	return []setting{{"-Xmx of " + bytes(xmx).String() + f.javaRoom(xmx), f.Ceiling / f.Java.Xmx * xmx, k == UndersizedLimit, ""}}
}

// javaRoom names what a maximum heap needs around it, where the container or the machine is known to have less.
func (f *Facts) javaRoom(xmx float64) string {
	needs := xmx * boxForXmx
	switch {
	case f.Java.Box > 0 && needs > f.Java.Box:
		return fmt.Sprintf(" in a container of %s", roundUp(needs))
	case f.Java.Memory > 0 && needs > f.Java.Memory:
		return fmt.Sprintf(" with %s of memory", roundUp(needs))
	}
	return ""
}

// replay finds out when the live heap would have passed a level for the first time.
func (st *study) replay(a *Alternative, deadly float64, grows bool) {
	s := st.series
	if i := slices.IndexFunc(s.v, func(v float64) bool { return v > deadly }); i >= 0 {
		a.Died, a.At = true, seconds(s.onRun(s.t[i]))
		a.Low, a.High = a.At, a.At
		return
	}
	if !grows || !st.trend.ok || st.growing.rate <= 0 {
		return
	}
	due := st.drawnTo(deadly)
	if due.Death.Seconds() > st.end+lateMost {
		return
	}
	a.Died, a.At, a.Low, a.High = true, due.Death, due.Low, due.High
}

// drawnTo draws the growth on to a level that the log never reached, from its end on. Growth that was read on a clock that stood still
// in each collection goes on by that one, and collections take their share of the time on as they did: where they took nearly all of it
// at the end, the heap was full, and a larger one is not.
func (st *study) drawnTo(level float64) *Forecast {
	past, last, pace := *st.series, st.series.len()-1, 1.0
	if ran := past.ran; ran != nil {
		pace = (past.t[last] - past.t[0]) / (ran[last] - ran[0])
		past.t, past.ran = ran, nil
	}
	due := st.hinge.drawnOn(st.curve, &past, level/dueAt)
	end := seconds(st.end)
	later := func(at time.Duration) time.Duration {
		return max(end, seconds(st.series.t[last]+pace*(at.Seconds()-past.t[last])))
	}
	due.Death, due.Low, due.High = later(due.Death), later(due.Low), later(due.High)
	return due
}

// assumptions says what the alternatives take for granted.
func (f *Facts) assumptions(v Verdict, filled float64) []string {
	out := []string{"the program keeps the same memory whatever the setting"}
	held := "live"
	if f.resident() {
		held = "in use"
	}
	if f.Seen() {
		out = append(out, fmt.Sprintf("it dies again when %.0f %% of what fits are %s, as it did", 100*filled, held))
	} else {
		out = append(out, fmt.Sprintf("it dies when %.0f %% of what fits are %s; nobody saw the end", 100*filled, held))
	}
	if _, ok := f.memoryLimit(); ok && f.Runtime == "go" && f.Follows {
		out = append(out, fmt.Sprintf("%s of the limit go to what the Go runtime does not count%s", bytes(f.beside()), f.besideSource()))
	}
	switch v.Kind {
	case Leak:
		out = append(out, "the growth goes on as from the onset to the end")
	case Spike:
		out = append(out, "how far the rise at the end would have gone is not in the log")
	}
	return out
}

// besideSource says where the amount beside the heap comes from.
func (f *Facts) besideSource() string {
	switch {
	case f.Kill == nil || f.Machine || f.Anon <= 0:
		return ", a tenth where no kernel report tells"
	case f.Shmem+f.Kernel < leastRoom*f.Limit:
		return ", a twentieth where the kernel's report shows less"
	}
	return ", as the kernel's report shows"
}
