package timeline

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// How well a kill fits a run. The weights are odds by experience, larger is better; what excludes a pair is not weighed.
const (
	sameContainer = 8.0
	samePod       = 6.0
	guessed       = 4.0
	samePID       = 5.0
	sameName      = 2.0
	inTime        = 3.0
	tooLate       = -2.0
	equallyGood   = 0.7 // pairs this close to the best are equal, and the last one counts

	killLag  = 150 * time.Second // a live Go process collects every two minutes
	killSlip = 2 * time.Second   // a tie may be wrong by that much
	killSkew = 30 * time.Second  // and so may a clock that was derived: dmesg -T after a clock step
	smallest = 0.4               // of the live heap: a victim that held less did not hold this heap
	zoneStep = 30 * time.Minute  // zones differ by half hours
)

// match is a kill and a run, and how well they fit.
type match struct {
	kill   *event.Kill
	victim *event.Victim // nil where the report names none
	run    *Run
	names  names // of the run
	of     names // of the group of the victim
	guess  bool  // they are those of the only container that may have written it
	score  float64
	sure   bool          // something names both: a container, a pod, a process, a time
	timed  bool          // at is known
	at     time.Duration // of the kill on the clock of the run
	skew   time.Duration // by which the kill seems to come before the end of the run
	ended  Life          // whose end places the kill
	off    time.Duration // taken off the wall clock of the kill, as a zone or a year was assumed wrongly
	runs   int           // of other programs, this one included, that fit as well
	kills  int           // of other groups, this one included, that fit as well
}

// match weighs a kill and a run. ok is false where they cannot belong together.
func (b *Builder) match(k *event.Kill, of names, r *Run, tie runTie) (m match, ok bool) {
	m = match{kill: k, of: of, run: r, names: b.who[r.Index].names, guess: b.who[r.Index].guess}
	if !m.weighNames() || !m.weighSize() {
		return m, false
	}
	if b.opts.Limit.IsKnown() && k.Limit.IsKnown() && k.Limit != b.opts.Limit {
		m.score--
	}
	return m, b.weighTime(&m, tie)
}

// weighNames compares container, pod, process and name.
func (m *match) weighNames() bool {
	k, s := m.kill, m.run.Stream
	m.victim = largestVictim(k)
	if !m.weighGroup() || !m.mayBeRun() {
		return false
	}
	if s == nil {
		return true
	}
	named := slices.IndexFunc(k.Victims, func(v event.Victim) bool { return isComm(v.Name, s) })
	if named >= 0 {
		m.victim, m.score = &k.Victims[named], m.score+sameName
	}
	if s.PID == 0 || relayed(s) {
		return true
	}
	if i := slices.IndexFunc(k.Victims, func(v event.Victim) bool { return v.PID == s.PID }); i >= 0 {
		m.victim, m.score, m.sure = &k.Victims[i], m.score+samePID, true
		return true
	}
	return m.sure || named >= 0 || len(k.Victims) == 0
}

// mayBeRun reports whether a victim may be the process of the log, which no java wrote where another runtime did: the kill of
// a process of such a name is that of another program of the machine, unless its container is the one of the log.
func (m *match) mayBeRun() bool {
	return m.sure || m.run.Runtime == "" || len(m.kill.Victims) == 0 ||
		slices.ContainsFunc(m.kill.Victims, func(v event.Victim) bool { return mayRun(v.Name, m.run.Runtime) })
}

// weighGroup compares the group of the victim with the container or unit that wrote the log.
func (m *match) weighGroup() bool {
	of := &m.of
	kin := m.names.kin(of)
	apart := m.names.own && len(of.ids) > 0 && !shareID(m.names.ids, of.ids)
	switch {
	case m.guess:
		m.score += float64(kin) * guessed
	case kin == stranger || apart:
		return false
	case shareID(m.names.ids, of.ids):
		m.score, m.sure = m.score+sameContainer, true
	case kin == same:
		m.score, m.sure = m.score+samePod, true
	}
	return true
}

// relayed reports whether another process handed the lines on, so that the envelope names its process id: the
// syslog and journald drivers of container engines do that.
func relayed(s *event.Stream) bool {
	if s.ContainerID != "" || s.Container != "" || s.Pod != "" || len(s.Unit) >= 12 && strings.Trim(s.Unit, "0123456789abcdef") == "" {
		return true
	}
	return isRelay(s.Unit)
}

// isRelay reports whether a unit is one that writes down what containers print.
func isRelay(unit string) bool {
	return slices.Contains([]string{"docker", "dockerd", "containerd", "podman", "conmon", "crio"}, shortUnit(unit))
}

// isComm reports whether the kernel's name of a task, 15 bytes of it, is the one that the envelope names.
func isComm(comm string, s *event.Stream) bool {
	if comm == "" {
		return false
	}
	for _, name := range []string{strings.TrimSuffix(s.Unit, ".service"), s.Container} {
		if name == comm || len(comm) == 15 && strings.HasPrefix(name, comm) {
			return true
		}
	}
	return false
}

// samePrefix reports whether one container id is the beginning of the other: docker prints 12 of 64 digits.
func samePrefix(a, b string) bool {
	return min(len(a), len(b)) >= 12 && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}

func largestVictim(k *event.Kill) *event.Victim {
	var out *event.Victim
	for i := range k.Victims {
		if v := &k.Victims[i]; out == nil || rss(k, v).Or(-1) > rss(k, out).Or(-1) {
			out = v
		}
	}
	return out
}

// rss is what the victim held: from its own line, or from the task table.
func rss(k *event.Kill, v *event.Victim) unit.Size {
	if v == nil {
		return unit.Size{}
	}
	if anon, ok := v.Anon.Get(); ok {
		return unit.Known(anon + v.File.Or(0) + v.Shmem.Or(0))
	}
	for _, task := range k.Tasks {
		if task.PID == v.PID {
			return task.RSS
		}
	}
	return unit.Size{}
}

// weighSize compares what the victim held with the heap that the run had at its end.
func (m *match) weighSize() bool {
	held, ok := rss(m.kill, m.victim).Get()
	peak, live := m.run.endSize()
	if !ok || held <= 0 || peak <= 0 {
		return true
	}
	if !m.sure && float64(held) < smallest*float64(live) {
		return false
	}
	off := math.Log(float64(held) / float64(peak))
	m.score -= min(max(off, -2*off), 3)
	return true
}

// endSize returns the largest heap of the last cycles of the run, and the largest live heap of these.
func (r *Run) endSize() (peak, live unit.Bytes) {
	for i := max(0, r.Cycles.Len()-3); i < r.Cycles.Len(); i++ {
		c := r.Cycles.At(i)
		peak, live = max(peak, c.Peak), max(live, c.Live)
	}
	return peak, live
}

// weighTime places the kill on the clock of the run, if it can, and compares it with the end of the run.
func (b *Builder) weighTime(m *match, tie runTie) bool {
	at, ok := b.onRun(&m.kill.Head, tie)
	if !ok {
		return true
	}
	slip := killSlip
	if tie.coarse {
		slip += time.Second
	}
	end := m.run.End().At
	if off, ok := b.wrongClock(m, tie, at-end, slip); ok {
		m.off, at = off, at-off
	}
	switch d := at - end; {
	case d < -killSkew:
		return false // it went on after the kill
	case d < -slip:
		m.score += tooLate
		m.skew = -d
		return true
	case d > killLag:
		m.score += tooLate
	default:
		m.score, m.sure = m.score+inTime, true
	}
	m.at, m.timed = max(at, end), true
	return true
}

// wrongClock explains a distance d between the kill and the end of the run by what was assumed about their stamps:
// a year, or a zone. ok is false where nothing was assumed, or it explains nothing.
func (b *Builder) wrongClock(m *match, tie runTie, d, slip time.Duration) (off time.Duration, ok bool) {
	fits := func(off time.Duration) bool { return off != 0 && d-off >= -slip && d-off <= killLag }
	assumed := m.kill.Time.Assumed | m.run.guess
	if tie.wall.IsZero() {
		return 0, false
	}
	if assumed&event.AssumedYear != 0 {
		off = yearsOff(tie.wall.Add(m.run.End().At+d), tie.wall.Add(m.run.End().At))
	}
	if assumed&event.AssumedZone != 0 && !fits(off) {
		off += zoneOff(d-off, slip)
	}
	return off, fits(off)
}

// yearsOff returns by how many whole years t is to be moved to come nearest to the time at.
func yearsOff(t, at time.Time) time.Duration {
	var offs []time.Duration
	for _, year := range []int{at.Year(), at.Year() - 1, at.Year() + 1} {
		offs = append(offs, t.Sub(t.AddDate(year-t.Year(), 0, 0)))
	}
	distance := func(off time.Duration) time.Duration { return t.Add(-off).Sub(at).Abs() }
	return slices.MinFunc(offs, func(x, y time.Duration) int { return cmp.Compare(distance(x), distance(y)) })
}

// zoneOff returns the half hours in a distance, as far as zones go.
func zoneOff(d, slip time.Duration) time.Duration {
	const zones = 28 // half hours in 14 hours
	n := math.Floor(float64(d+slip) / float64(zoneStep))
	if math.Abs(n) > zones {
		return 0
	}
	return time.Duration(n) * zoneStep
}

// onRun returns the time of a line on the clock of the run.
func (b *Builder) onRun(h *event.Head, tie runTie) (time.Duration, bool) {
	if tie.booted && h.Time.Has.Has(event.Boot) {
		return h.Time.Boot - tie.boot, true
	}
	if tie.wall.IsZero() {
		return 0, false
	}
	wall, ok := b.wallOf(h)
	return wall.Sub(tie.wall), ok
}
