package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// Account is what the logs beside the collections say of one death, or at last what they say that is of none.
type Account struct {
	Title     string // "The death explained here, 19:49:20 UTC"; empty where no death has several witnesses
	Main      bool   // of the death of the incident
	Conflicts []Note // where the witnesses contradict each other, and whom to believe
	Witnesses []Witness
}

// accounts sorts what other logs say by the death that it is about, in the order of time.
func (b *builder) accounts() []Account {
	var out []Account
	var ends []*timeline.End // of out
	for _, ev := range b.witnessEvents() {
		w, ok := b.witness(ev)
		if !ok || b.shown(w) {
			continue
		}
		end := b.endToldBy(ev)
		i := slices.Index(ends, end)
		if i < 0 {
			i, ends, out = len(out), append(ends, end), append(out, b.account(end, ev))
		}
		out[i].add(w)
	}
	if i := slices.Index(ends, nil); i >= 0 {
		rest := out[i]
		out = append(slices.Delete(out, i, i+1), rest)
	}
	grouped := slices.ContainsFunc(out, func(a Account) bool { return len(a.Witnesses)+len(a.Conflicts) > 1 })
	if !grouped || ends[0] == nil && len(out) == 1 {
		for i := range out {
			out[i].Title = "" // one row each needs no heading
		}
	}
	return out
}

// endToldBy returns the end that an event tells of, or nil.
func (b *builder) endToldBy(ev event.Event) *timeline.End {
	for _, e := range b.in.Timeline.Ends {
		if slices.Contains(e.Told, ev) {
			return e
		}
	}
	return nil
}

// account begins that of an end, which may be nil; first is what tells of it first.
func (b *builder) account(e *timeline.End, first event.Event) Account {
	if e == nil {
		return Account{Title: "What else they say"}
	}
	a := Account{Main: e.Main}
	for _, c := range e.Conflicts {
		a.Conflicts = append(a.Conflicts, Note{b.clock.local(b.heard(c.Text)), b.pos(c.Source)})
	}
	when := b.clock.eventTime(toldAt(first))
	switch death := b.in.Timeline.Death.Event; {
	case e.Main:
		a.Title, when = "The "+deathWord(e)+" explained here", cmp.Or(b.m.Crash.Text, when)
	case death == nil:
		a.Title = "Another " + deathWord(e)
	default:
		a.Title = [...]string{"An earlier ", "Another ", "A later "}[1+b.earlier(first, death)] + deathWord(e)
	}
	for _, ev := range e.Told {
		if k, ok := ev.(*event.Kill); ok && len(k.Victims) > 0 {
			a.Title += fmt.Sprintf(", of %s (pid %d)", Clean(k.Victims[0].Name), k.Victims[0].PID)
			break
		}
	}
	if when != "" {
		a.Title += ", " + when
	}
	return a
}

// deathWord says what an end is called: a death where anybody tells of a kill or of a want of memory.
func deathWord(e *timeline.End) string {
	if slices.ContainsFunc(e.Told, deadly) {
		return "death"
	}
	return "end"
}

func deadly(ev event.Event) bool {
	switch ev := ev.(type) {
	case *event.Kill, *event.RuntimeOOM:
		return true
	case *event.ProcessEnd:
		return ev.Kind == event.EndSignal || ev.Kind == event.EndFatal
	case *event.ContainerStatus, *event.ContainerEvent:
		_, kind, _ := voiceOf(ev)
		return kind == MarkKill || kind == MarkOOM
	case *event.GC, *event.Dump, *event.Sample, *event.Setting, *event.Problem:
	}
	return false
}

// add adds a witness once. What one line tells in two ways is one row.
func (a *Account) add(w Witness) {
	for i := range a.Witnesses {
		o := &a.Witnesses[i]
		switch {
		case o.Kind == w.Kind && o.Time == w.Time && o.Text == w.Text:
			return
		case o.Source == w.Source && o.Source != event.Pos{}:
			o.Text += "; " + w.Text
			return
		}
	}
	a.Witnesses = append(a.Witnesses, w)
}

// Told reports whether the account of the death says what a note says.
func (m *Model) Told(n Note) bool {
	return slices.ContainsFunc(m.Accounts, func(a Account) bool { return a.Main && slices.Contains(a.Conflicts, n) })
}

// maxPlaces bounds the lines that are named of each witness.
const maxPlaces = 3

// toldByRow names those who tell of the death, where several do, and says where they contradict each other.
func (b *builder) toldByRow() Text {
	tl := b.in.Timeline
	if len(tl.Ends) == 0 || !tl.Ends[0].Main {
		return nil
	}
	var names []string
	places := map[string][]string{}
	told := slices.Clone(tl.Ends[0].Told)
	slices.SortStableFunc(told, func(x, y event.Event) int { return cmp.Compare(rank(x), rank(y)) })
	for _, ev := range told {
		name := speaker(ev)
		if places[name] == nil {
			names = append(names, name)
		}
		if p := At(b.pos(witnessPos(ev))); !slices.Contains(places[name], p) {
			places[name] = append(places[name], p)
		}
	}
	if len(names) < 2 {
		return nil
	}
	var t Text
	for i, name := range names {
		t = t.Plain(strings.Repeat(", ", min(i, 1)) + name + " (")
		for k, p := range places[name][:min(len(places[name]), maxPlaces)] {
			t = t.Plain(strings.Repeat(", ", min(k, 1))).Log(p)
		}
		if more := len(places[name]) - maxPlaces; more > 0 {
			t = t.Plainf(" and %d more", more)
		}
		t = t.Plain(")")
	}
	for _, c := range tl.Ends[0].Conflicts {
		t = t.Plain("; they do not agree: " + b.clock.local(b.heard(c.Text)))
	}
	return t
}

// rank puts the kernel first, and the process last.
func rank(ev event.Event) int {
	who, _, _ := voiceOf(ev)
	return slices.Index([]VoiceName{VoiceKernel, VoiceContainer, VoiceProcess}, who)
}

// speaker names who tells of an event.
func speaker(ev event.Event) string {
	switch ev := ev.(type) {
	case *event.Kill:
		return "the kernel"
	case *event.ContainerStatus:
		return ev.Engine.Title()
	case *event.ContainerEvent:
		return ev.Engine.Title()
	case *event.RuntimeOOM, *event.ProcessEnd, *event.Dump, *event.GC, *event.Sample, *event.Setting, *event.Problem:
	}
	return "the process"
}
