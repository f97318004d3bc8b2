package report

import (
	"strings"

	"oomtrace/inflection"
	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// metadataWords turn what is said of a live heap into what holds of class metadata of that name, which is lost at a threshold.
func metadataWords(name, threshold string) []string {
	return []string{
		"its heap stopped recovering", "it passed " + threshold + " for good", "its heap began to grow", "it began to grow",
		"Heap that survived each of", upper(name) + " after each of", " (line), and the heap just before it (band)", "",
		"live heap", name, "Live heap", upper(name),
	}
}

// reword calls the level of the primary run what it is, where its cycles are readings and no collections.
func (b *builder) reword() {
	if b.run == nil || b.run.Basis == timeline.FromLog || b.run.Basis == timeline.FromGoal {
		return
	}
	pairs := []string{"cycles", "readings", "collections", "readings", "collection", "reading", "Collections", "Readings", "GC ", "reading "}
	if name := inflection.LevelNames[b.run.Read]; b.run.Basis == timeline.FromResident && name != "" {
		pairs = append(pairs, "live heap", name, "Live heap", upper(name), "Go heap", "Memory", "heap", "memory", "Heap", "Memory")
	}
	if b.run.Read == event.ValuePeakUsage { // which never falls
		pairs = append([]string{"its heap stopped recovering", "its peak memory passed " + b.threshold()}, pairs...)
	}
	if b.run.Basis == timeline.FromMetadata {
		pairs = metadataWords(b.run.Read, b.threshold())
	}
	words := strings.NewReplacer(pairs...)
	m := b.m
	for _, s := range []*string{&m.Title, &m.Verdict.Name, &m.Verdict.Kicker, &m.Chart.Level, &m.Chart.Caption, &m.Chart.Description, &m.Evidence.Title, &m.Evidence.Caption} {
		*s = words.Replace(*s)
	}
	for _, t := range []Text{m.Verdict.Sentence, m.Verdict.Second} {
		t.reword(words)
	}
	for i := range m.Facts {
		f := &m.Facts[i]
		f.Label, f.Value, f.Note = words.Replace(f.Label), words.Replace(f.Value), words.Replace(f.Note)
	}
	for i := range m.Summary {
		m.Summary[i].Label = words.Replace(m.Summary[i].Label)
		m.Summary[i].Text.reword(words)
	}
	for i := range m.Runs {
		m.Runs[i].WhyNone = words.Replace(m.Runs[i].WhyNone)
	}
}

// reword replaces words of ours in place; those of a log stay.
func (t Text) reword(words *strings.Replacer) {
	for i := range t {
		if !t[i].Log {
			t[i].Text = words.Replace(t[i].Text)
		}
	}
}
