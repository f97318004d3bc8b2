package timeline

import (
	"cmp"
	"math"
	"slices"
	"time"

	"oomtrace/parser/event"
)

// maxFits bounds the kills that are kept for one run, so that a hostile log costs no more than a long one.
const maxFits = 32

// bestKill gives each run the kill that ended it, as far as one fits, and returns the pair that the incident is about, or nil.
func (b *Builder) bestKill(t *Timeline, ties []runTie) *match {
	var all []match
	groups := make([]names, len(b.kills))
	for i, k := range b.kills {
		groups[i] = namesOfKill(k)
	}
	for _, r := range t.Runs {
		var fits []match
		for i, k := range b.kills {
			if nobody(k) {
				continue
			}
			if m, ok := b.match(k, groups[i], r, ties[r.Index]); ok {
				fits = append(fits, m)
			}
		}
		byFit(fits)
		all = append(all, fits[:min(len(fits), maxFits)]...)
	}
	pairs := b.paired(all)
	b.dead = map[*event.Kill]*Run{}
	for _, m := range pairs {
		b.dead[b.original(m.kill)] = m.run
	}
	m := bestOf(pairs)
	if m != nil {
		b.rivals(m, all)
	}
	return m
}

// weight says how well a pair fits: by its names, its sizes and how soon the kill followed the last collection.
func (m *match) weight() float64 { return m.score - m.lateness() }

// lateness is the cost of the time between the end of a run and the kill, in terms of the longest of its last pauses.
func (m *match) lateness() float64 {
	if !m.timed {
		return 0
	}
	usual := time.Second
	n := m.run.Cycles.Len()
	for i := max(1, n-near); i < n; i++ {
		usual = max(usual, m.run.Cycles.At(i).At-m.run.Cycles.At(i-1).At)
	}
	return math.Log1p(float64(m.at-m.run.End().At)/float64(usual)) / 2
}

// byFit sorts pairs, the best first. Of those that fit equally well the nearest in time come first, then the last run and the last
// kill.
func byFit(all []match) {
	best := math.Inf(-1)
	for i := range all {
		best = max(best, all[i].weight())
	}
	grade := func(m *match) float64 { return math.Floor((best - m.weight()) / equallyGood) }
	slices.SortStableFunc(all, func(x, y match) int {
		return cmp.Or(cmp.Compare(grade(&x), grade(&y)), cmp.Compare(x.lateness(), y.lateness()), cmp.Compare(y.run.Index, x.run.Index), when(y.kill, x.kill))
	})
}

// paired makes pairs of runs and kills, the best first: a run dies once, and a kill ends as many runs as it names victims.
func (b *Builder) paired(all []match) []match {
	byFit(all)
	died, took := map[*Run]bool{}, map[*event.Kill]int{}
	var out []match
	for i := range all {
		m := &all[i]
		if k := b.original(m.kill); !died[m.run] && took[k] < max(1, len(k.Victims)) {
			died[m.run] = true
			took[k]++
			out = append(out, *m)
		}
	}
	untangle(out, all)
	return out
}

// untangle exchanges the kills of two runs that no clock ties to them where that puts both into one order and costs little.
func untangle(pairs, all []match) {
	type of struct {
		run  *Run
		kill *event.Kill
	}
	fits := map[of]*match{}
	for i := range all {
		fits[of{all[i].run, all[i].kill}] = &all[i]
	}
	slices.SortFunc(pairs, func(x, y match) int { return cmp.Compare(x.run.Index, y.run.Index) })
	for i := range pairs {
		for j := i + 1; j < len(pairs); j++ {
			x, y := &pairs[i], &pairs[j]
			if x.timed || y.timed || when(x.kill, y.kill) <= 0 {
				continue
			}
			v, w := fits[of{x.run, y.kill}], fits[of{y.run, x.kill}]
			if v != nil && w != nil && v.weight()+w.weight() >= x.weight()+y.weight()-equallyGood {
				*x, *y = *v, *w
			}
		}
	}
}

// bestOf returns the last of the pairs that fit best, or nil.
func bestOf(all []match) *match {
	best := math.Inf(-1)
	for i := range all {
		best = max(best, all[i].weight())
	}
	var out *match
	for i := range all {
		m := &all[i]
		if m.weight() >= best-equallyGood && (out == nil || later(m, out)) {
			out = m
		}
	}
	return out
}

// later reports whether a pair is to be taken rather than another that fits equally well: the last run, the last kill.
func later(m, n *match) bool {
	return cmp.Or(cmp.Compare(m.run.Index, n.run.Index), when(m.kill, n.kill)) >= 0
}

// when compares two kills by a clock that tells of both; where there is none they are alike.
func when(k, l *event.Kill) int {
	gap, _ := between(k, l)
	return cmp.Compare(0, gap)
}

// rivals counts the runs of other programs and the kills of other groups that fit as well as the pair that was taken, where
// nothing names both. Kills that ended other lives of the same log are none.
func (b *Builder) rivals(m *match, all []match) {
	if m.sure {
		return
	}
	mine := b.lineage(m.run)
	runs, seen, kills := map[lineage]bool{mine: true}, map[*event.Kill]bool{m.kill: true}, []*event.Kill{m.kill}
	for i := range all {
		o := &all[i]
		if o.weight() < m.weight()-equallyGood {
			continue
		}
		runs[b.lineage(o.run)] = true
		if seen[o.kill] {
			continue
		}
		seen[o.kill] = true
		ended := b.endedBy(o.kill)
		life := ended != nil && b.lineage(ended) == mine
		if !life && !slices.ContainsFunc(kills, func(k *event.Kill) bool { return b.sameDeaths(k, o.kill) }) {
			kills = append(kills, o.kill)
		}
	}
	m.runs, m.kills = len(runs), len(kills)
}

// endedBy returns the run that a kill ended, or nil.
func (b *Builder) endedBy(k *event.Kill) *Run { return b.dead[b.original(k)] }

// copies finds the kills that stand in the input more than once, as a machine keeps them in several logs.
func (b *Builder) copies() {
	b.copyOf = map[*event.Kill]*event.Kill{}
	seen := map[int][]*event.Kill{}
	plain := slices.Clone(b.kills)
	slices.SortStableFunc(plain, func(x, y *event.Kill) int { return cmp.Compare(x.Time.Assumed, y.Time.Assumed) })
	for _, k := range plain {
		if len(k.Victims) == 0 {
			continue
		}
		pid := k.Victims[0].PID
		if i := slices.IndexFunc(seen[pid], func(o *event.Kill) bool { return copied(o, k) }); i >= 0 {
			b.copyOf[k] = seen[pid][i]
		} else {
			seen[pid] = append(seen[pid], k)
		}
	}
}

// original returns the copy of a kill that counts: the first of those about whose stamps least was assumed.
func (b *Builder) original(k *event.Kill) *event.Kill { return cmp.Or(b.copyOf[k], k) }

// copied reports whether two reports are of one kill: of one process at one time; or in two files with the same sizes, where the
// clocks, which may differ by how late a line was received, do not speak against it.
func copied(k, l *event.Kill) bool {
	if sameVictim(k, l) {
		return true
	}
	v, w := k.Victims[0], l.Victims[0]
	if k.Pos.File == l.Pos.File || v != w || !v.Anon.IsKnown() || (k.Time.Has & l.Time.Has).Has(event.Boot) {
		return false
	}
	gap, known := between(k, l)
	return !known || (k.Time.Assumed|l.Time.Assumed)&event.AssumedZone != 0 || gap.Abs() <= sameBoot
}

// sameDeaths reports whether two kills hit one container, group or pod, or programs of one name where no group tells them apart.
func (b *Builder) sameDeaths(k, l *event.Kill) bool {
	return b.original(k) == b.original(l) || sameGroup(k, l) || sameProgram(k, l) && !otherGroup(k, l)
}

// otherGroup reports whether two kills hit groups or containers that are known to differ.
func otherGroup(k, l *event.Kill) bool {
	return differ(k.TaskMemcg, l.TaskMemcg) || differ(k.ContainerID, l.ContainerID) || differ(k.PodUID, l.PodUID)
}
