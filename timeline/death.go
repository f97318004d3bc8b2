package timeline

import (
	"cmp"
	"slices"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// death finds the run that the incident is about and what ended it.
func (b *Builder) death(t *Timeline, ties []runTie) {
	all := b.tell()
	b.identify(t, all)
	m := b.bestKill(t, ties)
	r := b.primary(t, m)
	if r == nil {
		b.deathWithoutRun(t, all)
		b.witnesses(t, all)
		return
	}
	t.Primary = r.Index
	own := b.ownEnd(t, r)
	b.work(t, r, m, all)
	told := b.claimsOf(t, r, &ties[r.Index], m, all)
	switch {
	case m != nil && (m.sure || own == nil && !spared(told) || byKill(own)):
		t.timeByLife(m, &ties[r.Index])
		b.killed(t, m)
	case tells(told, own):
		b.claimed(t, r, ties[r.Index], told)
	case own != nil:
		b.ended(t, r, ties[r.Index], own)
		if m != nil {
			b.beside = m.kill
			t.note(m.kill.Pos, "the kernel killed %s as well, but the log of this process shows another end", victimName(m))
		}
	default:
		t.Death = Death{Kind: LogEnds, At: r.End().At}
		if r.Restarted {
			t.note(b.pos(r.End()), "the program was started again after this %s, and nothing says how it ended", r.Words().Point)
		}
	}
	if len(b.kills) > 0 && m == nil {
		t.note(b.kills[len(b.kills)-1].Pos, "no kill that the kernel reports fits the process of this log")
	}
	b.witnesses(t, all)
	b.release(t, r)
}

// witnesses holds what was said of the death, and of others, side by side.
func (b *Builder) witnesses(t *Timeline, all []told) {
	b.contradict(t)
	b.others(t, all)
	b.endings(t, all)
}

// deathWithoutRun tells what ended an incident without any collection: GOGC=off leaves no other trace.
func (b *Builder) deathWithoutRun(t *Timeline, all []told) {
	k := tellingKill(b.kills, known(all))
	told := b.strongest(k, all)
	switch {
	case k != nil && len(told) == 0 && (!nobody(k) || len(b.ends) == 0):
		if k.Time.Assumed != 0 {
			k = b.original(k)
		}
		b.workOfKill(t, k, all)
		b.killed(t, &match{kill: k, victim: largestVictim(k)})
	case len(b.ends) > 0 && !tells(told, tellingEnd(b.ends)):
		b.ended(t, nil, runTie{}, tellingEnd(b.ends))
	case len(told) > 0:
		t.Workload = workload(enrich(told[0].told.names, all), all)
		b.claimed(t, nil, runTie{}, told)
	default:
		t.Death.Kind = NoDeath
	}
}

// tellingKill returns the report that says most: the last one with a victim, if there is one of the workload that engines
// tell of; without any, the last one that may be cut off before it names its victim; at last one that says that nothing could
// be killed.
func tellingKill(kills []*event.Kill, told func(*event.Kill) int) *event.Kill {
	var out *event.Kill
	best := -1
	for _, k := range kills {
		weight := 1
		switch {
		case len(k.Victims) > 0:
			weight = 2 + told(k)
		case nobody(k):
			weight = 0
		}
		if weight >= best {
			out, best = k, weight
		}
	}
	return first(kills, out)
}

// oneShortage is how long a group stays full after a kill, as the memory of a large process takes time to be freed: the
// kernel then kills others too.
const oneShortage = time.Second

// first returns the kill with which the shortage began that ended in k, if that one hit a process of another name that was
// half as large again or more: of processes that are alike, each filled the group itself.
func first(kills []*event.Kill, k *event.Kill) *event.Kill {
	if k == nil || len(k.Victims) == 0 || k.OOMMemcg == "" {
		return k
	}
	out := k
	for _, o := range slices.Backward(kills) {
		gap, known := between(o, out)
		larger := 2*rss(o, largestVictim(o)).Or(0) >= 3*rss(out, largestVictim(out)).Or(0)
		if known && gap >= 0 && gap <= oneShortage && larger && o.OOMMemcg == k.OOMMemcg && o.TaskMemcg == k.TaskMemcg && !sameProgram(o, k) {
			out = o
		}
	}
	return out
}

// between returns how long after one kill another came, where one clock tells of both.
func between(k, l *event.Kill) (time.Duration, bool) {
	switch has := k.Time.Has & l.Time.Has; {
	case has.Has(event.Boot):
		return l.Time.Boot - k.Time.Boot, true
	case has.Has(event.Wall):
		return time.Duration(l.Time.Wall - k.Time.Wall), true
	}
	return 0, false
}

// nobody reports whether the kernel found nothing that it may kill.
func nobody(k *event.Kill) bool { return k.NoKillable && len(k.Victims) == 0 }

// tellingEnd returns the end that says most: a want of memory, then a signal, a panic or a fatal error, then a status.
// Of several alike, the last one of a parent or shell counts, and the first one of the runtime: what comes after follows from it.
func tellingEnd(ends []event.Event) event.Event {
	var out event.Event
	best := -1
	for _, ev := range ends {
		weight := 0
		switch ev := ev.(type) {
		case *event.RuntimeOOM:
			weight = 2
			if ev.Runtime == jvm {
				weight += oomWeight(ev)
			}
		case *event.ProcessEnd:
			if ev.Kind != event.EndExit {
				weight = 1
			}
		case *event.GC, *event.Kill, *event.Dump, *event.Sample, *event.Setting, *event.ContainerStatus, *event.ContainerEvent, *event.Problem:
		}
		if weight > best || weight == 0 && best == 0 {
			out, best = ev, weight
		}
	}
	return out
}

// primary picks the run that the incident is about: the one that was killed; else the one whose own end was a want
// of memory; else the last one whose live heap came near the largest of all.
func (b *Builder) primary(t *Timeline, m *match) *Run {
	if m != nil && m.sure {
		return m.run
	}
	for i := len(b.ends) - 1; i >= 0; i-- {
		if ev, ok := b.ends[i].(*event.RuntimeOOM); ok {
			if r := b.writerOf(t, ev); r != nil {
				return r
			}
		}
	}
	if m != nil {
		return m.run
	}
	most := unit.Bytes(0)
	for _, r := range t.Runs {
		most = max(most, r.maxLive())
	}
	for i := len(t.Runs) - 1; i >= 0; i-- {
		if r := t.Runs[i]; r.maxLive() >= most/2 {
			return r
		}
	}
	return nil
}

func (r *Run) maxLive() unit.Bytes {
	most := unit.Bytes(0)
	for i := range r.Cycles.Len() {
		most = max(most, r.Cycles.At(i).Live)
	}
	return most
}

// ownEnd returns what the log of the run itself says about its end, or nil.
func (b *Builder) ownEnd(t *Timeline, r *Run) event.Event {
	var own []event.Event
	for _, ev := range b.ends {
		if b.writerOf(t, ev) == r {
			own = append(own, ev)
		}
	}
	return tellingEnd(own)
}

// writerOf returns the run that an end belongs to: of the runs of its stream, or of its file where the text has no
// stream, the one whose last line stands nearest before it. A run that goes on after the text did not end by it.
func (b *Builder) writerOf(t *Timeline, ev event.Event) *Run {
	h := ev.Header()
	at := place{uint16(b.fileOf[h.Pos.File]), uint32(h.Pos.Line)}
	var out *Run
	alone := true
	for _, r := range t.Runs {
		if !r.sharesLog(h, at.file) {
			continue
		}
		alone = false
		if r.goesOn(h, at, b.base) {
			continue
		}
		if out == nil || r.later(r.end(), out.end()) {
			out = r
		}
	}
	if alone && len(t.Runs) == 1 {
		return t.Runs[0] // the crash text came as a file of its own
	}
	if alone {
		return t.jvmWriter(ev, func(r *Run) (time.Duration, bool) { return b.onRun(h, runTie{wall: r.Start}) })
	}
	return out
}

// sharesLog reports whether a line is of the writer of the run.
func (r *Run) sharesLog(h *event.Head, file uint16) bool {
	if h.Stream != nil && r.Stream != nil {
		return writer(h.Stream) == writer(r.Stream)
	}
	return r.Cycles.last().File == file || r.Cycles.At(0).File == file || slices.Contains(r.also, file)
}

// goesOn reports whether the run has collections well after a line. One may still be printed by another thread
// while the process dies.
func (r *Run) goesOn(h *event.Head, at place, base int64) bool {
	if h.Dialect == history && r.fromReport {
		return false
	}
	const still = 3
	n := r.Cycles.Len()
	if n <= still {
		return r.later(r.begin(), at)
	}
	c := r.Cycles.At(n - 1 - still)
	if h.Time.Has.Has(event.Process) && r.Runtime == jvm && r.Clock == SinceStart {
		return c.At > h.Time.Process+jvmApart
	}
	if h.Time.Has.Has(event.Wall) && c.Flags&WallTied != 0 {
		return c.stamp()+base > h.Time.Wall+int64(killSlip)
	}
	if at.file != c.File && slices.Contains(r.also, at.file) {
		return false // no order between two files
	}
	return r.later(placeOf(c), at)
}

// later reports whether line p was written after line q, in a file that may be turned round.
func (r *Run) later(p, q place) bool {
	if r.turned {
		p, q = q, p
	}
	return p.compare(q) > 0
}

// byKill reports whether an end is what the victim of a kill looks like from outside: SIGKILL, or status 137.
func byKill(ev event.Event) bool {
	e, ok := ev.(*event.ProcessEnd)
	return ok && (e.Signal == "SIGKILL" || e.HasCode && e.Code == 137)
}

// killed fills the death in from a kill.
func (b *Builder) killed(t *Timeline, m *match) {
	k := m.kill
	t.Death = Death{
		Kind: killKind(k, b.opts.Limit), Time: k.Time, Cgroup: cmp.Or(k.TaskMemcg, k.OOMMemcg), ContainerID: k.ContainerID,
		PodUID: k.PodUID, RSS: rss(k, m.victim), Event: k, Kills: b.killsLike(t, k),
	}
	if m.victim != nil {
		t.Death.PID, t.Death.Name = m.victim.PID, m.victim.Name
	}
	if wall, ok := b.wallOf(&k.Head); ok {
		t.Death.Time.Has |= event.Wall
		t.Death.Time.Wall = wall.UnixNano()
		if k.Time.Assumed != 0 {
			t.Death.Time.Wall -= int64(m.off)
		}
		b.noteBoot(t, m)
	}
	if m.run == nil {
		return
	}
	if end := m.ended.Finished; !end.IsZero() {
		t.note(m.ended.Source, "no line names both the clock of the log and that of the kill; the kill is put at the end of the container, as its engine tells it")
		if !t.Death.Time.Has.Has(event.Wall) {
			t.Death.Time.Has |= event.Wall
			t.Death.Time.Wall, t.Death.Time.Step = end.UnixNano(), resolution(end.UnixNano())
		}
	}
	t.Death.At, t.Death.Timed = m.run.End().At, m.timed
	switch {
	case m.timed:
		t.Death.At = m.at
		if m.off != 0 {
			t.note(k.Pos, "the stamps of the kill and of the log are %s apart and name no year or zone; the log ends just then, so that they were taken to be one time", m.off)
		}
	case m.skew > 0:
		t.note(k.Pos, "the log goes on for %s after the time of the kill, which cannot be; the clocks differ, and the kill is put after the last %s", m.skew.Round(time.Millisecond), m.run.Words().Point)
	default:
		t.note(k.Pos, "no line names both the clock of the log and that of the kill; the kill is put after the last %s", m.run.Words().Point)
	}
	if t.Death.Guessed = m.runs > 1 || m.kills > 1; t.Death.Guessed {
		t.note(k.Pos, "nothing names the process that was killed in the log of the %s; of %s and %s, the pair that fits by size and order was taken",
			m.run.Words().Points(), count(m.runs, "run", "runs"), count(m.kills, "kill", "kills"))
	} else if !m.sure && len(t.Runs) > 1 {
		t.note(k.Pos, "nothing names the process that was killed in the log of the %s; of %d runs, the one that fits by size and order was taken", m.run.Words().Points(), len(t.Runs))
	}
}

func (b *Builder) noteBoot(t *Timeline, m *match) {
	tie, ok := b.bootTieOf(&m.kill.Head)
	if !ok {
		return
	}
	run := -1
	if m.run != nil {
		run = m.run.Index
	}
	t.Ties = append(t.Ties, Tie{
		Run: run, From: "boot", To: "wall", Offset: tie.offset, Source: tie.at,
		Text: "the kernel line that was received with the least delay ties the clock of the kernel to the wall clock",
	})
}

// killKind tells a kill of a group from one of the whole machine. Kernels before 5.0 do not print the constraint. A
// report that nothing could be killed is the death of nobody.
func killKind(k *event.Kill, flag unit.Size) DeathKind {
	if nobody(k) {
		return NoDeath
	}
	switch k.Constraint {
	case event.ConstraintMemcg:
		return MemcgKill
	case event.ConstraintNone, event.ConstraintCpuset, event.ConstraintPolicy:
		return GlobalKill
	}
	if !k.Global && (k.OOMMemcg != "" || k.Limit.IsKnown() || k.Usage.IsKnown() || flag.IsKnown()) {
		return MemcgKill
	}
	return GlobalKill
}

// killsLike counts the kills of the same incident, each once. Beside a report with a victim only those with one count.
func (b *Builder) killsLike(t *Timeline, k *event.Kill) int {
	n := 0
	for _, o := range b.kills {
		if len(k.Victims) > 0 && len(o.Victims) == 0 || b.original(o) != o {
			continue
		}
		if b.sameIncident(t, o, k) {
			n += max(1, o.Repeats)
		}
	}
	return n
}

// sameIncident reports whether a kill hit the same workload as that of the incident. One that ended a run is of the incident if
// that is another life in the same log, or in the same container or pod. Of others the group tells, and the program where
// neither a group nor an engine tells more.
func (b *Builder) sameIncident(t *Timeline, o, k *event.Kill) bool {
	ended, primary := b.endedBy(o), t.PrimaryRun()
	life := ended != nil && primary != nil && b.lineage(ended) == b.lineage(primary)
	switch {
	case b.original(o) == b.original(k) || life:
		return true
	case ended != nil && primary != nil && !(sameProgram(o, k) && (oneContainer(o, k) || b.ofWorkload(t, o))):
		return false
	}
	return sameGroup(o, k) || b.ofWorkload(t, o) || !t.Workload.Known() && sameProgram(o, k) && !otherGroup(o, k)
}

func sameGroup(a, b *event.Kill) bool {
	return a.OOMMemcg != "" && a.OOMMemcg == b.OOMMemcg || oneContainer(a, b)
}

// oneContainer reports whether two kills hit one container or pod.
func oneContainer(a, b *event.Kill) bool {
	return a.ContainerID != "" && a.ContainerID == b.ContainerID || a.PodUID != "" && a.PodUID == b.PodUID
}

// sameProgram reports whether two kills hit programs of one name.
func sameProgram(a, b *event.Kill) bool {
	v, w := largestVictim(a), largestVictim(b)
	return v != nil && w != nil && v.Name == w.Name
}

func victimName(m *match) string {
	if m.victim == nil {
		return "a process"
	}
	return m.victim.Name
}

// ended fills the death in from what the process, its parent or its shell wrote. r is nil where there is no run.
func (b *Builder) ended(t *Timeline, r *Run, tie runTie, ev event.Event) {
	h := ev.Header()
	t.Death = Death{Time: h.Time, Event: ev}
	if s := h.Stream; s != nil {
		t.Death.PID, t.Death.ContainerID, t.Death.PodUID = s.PID, s.ContainerID, s.PodUID
	}
	switch ev := ev.(type) {
	case *event.RuntimeOOM:
		t.Death.Kind = RuntimeOOM
	case *event.ProcessEnd:
		t.Death.Kind = endKind(ev)
		t.Death.PID = cmp.Or(ev.PID, t.Death.PID)
	case *event.GC, *event.Kill, *event.Dump, *event.Sample, *event.Setting, *event.ContainerStatus, *event.ContainerEvent, *event.Problem:
	}
	if r == nil {
		return
	}
	t.Death.At = r.End().At
	at, ok := b.onRun(h, tie)
	if h.Time.Has.Has(event.Process) && r.Runtime == jvm && r.Clock == SinceStart {
		at, ok = h.Time.Process, true
	}
	if ok {
		t.Death.At, t.Death.Timed = max(at, b.lastBefore(r, ev).At), true
	}
}

// lastBefore returns the last cycle that is known to have ended before an end of the process: of a death that the runtime
// reports, the last that stands before it in its log, as further ones may follow; else the last one.
func (b *Builder) lastBefore(r *Run, ev event.Event) Cycle {
	oom, ok := ev.(*event.RuntimeOOM)
	if !ok {
		return *r.End()
	}
	for i := r.Cycles.Len() - 1; i >= 0; i-- {
		if c := r.Cycles.At(i); b.inOrder(r, c, oom) && int(c.Line) < oom.Pos.Line {
			return *c
		}
	}
	return Cycle{}
}

// endKind tells a signal from an exit.
func endKind(e *event.ProcessEnd) DeathKind {
	switch e.Kind {
	case event.EndSignal:
		return Signal
	case event.EndPanic, event.EndFatal:
		return Exit
	case event.EndExit:
	}
	if e.HasCode && bySignal(e.Code) {
		return Signal
	}
	return Exit
}

// timeByLife places a kill whose clock nothing ties to that of the run at the end of the life that the engine tells of.
func (t *Timeline) timeByLife(m *match, tie *runTie) {
	if m.timed || tie.wall.IsZero() {
		return
	}
	end := m.run.End().At
	for _, l := range slices.Backward(t.Workload.Lives) {
		at := l.Finished.Sub(tie.wall)
		killed := l.OOM || l.Signal == sigkill || l.ExitCode == 128+sigkill
		if d := at - end; killed && d >= -killSlip && d <= killLag {
			m.timed, m.at, m.ended = true, max(at, end), l
			return
		}
	}
}

// release flags the cycles after a death that the runtime itself reported: the stack unwinds and lets memory go.
func (b *Builder) release(t *Timeline, r *Run) {
	ev, ok := t.Death.Event.(*event.RuntimeOOM)
	if !ok {
		return
	}
	for i := r.Cycles.Len() - 1; i >= 0; i-- {
		c := r.Cycles.At(i)
		later := t.Death.Timed && c.At > t.Death.At+lag(ev.Time)
		if b.inOrder(r, c, ev) {
			later = int(c.Line) > ev.Pos.Line
		}
		if !later {
			return
		}
		c.Flags |= BeforeKill
	}
}

// inOrder reports whether the place of a cycle and of a death in the log tells which came first. Where it does, a stamp
// of a whole second tells nothing better.
func (b *Builder) inOrder(r *Run, c *Cycle, ev *event.RuntimeOOM) bool {
	return b.files[c.File] == ev.Pos.File && !r.turned && ev.Dialect != history // which begins with the end
}

// lag is by how much later a line may have been written than its stamp says.
func lag(t event.Time) time.Duration {
	if t.Has.Has(event.Process) {
		return 0
	}
	return t.WallStep
}
