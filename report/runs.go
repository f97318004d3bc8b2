package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// RunRow is a row of the table of runs, in words.
type RunRow struct {
	Name    string // "checkout, pid 41877"
	Runtime string // "Go 1.22.1"
	Begin   string // its first collection, "09:02:11"
	End     string // its last one
	Cycles  string
	First   string // level at its begin; a dash where that is not the level of the primary run
	Last    string
	Primary bool // the one that the report is about
}

// maxRunRows is how many runs the table has at most: the newest, and the primary one.
const maxRunRows = 40

// runRows lists the runs where there are several.
func (b *builder) runRows() []RunRow {
	if len(b.m.Runs) < 2 {
		return nil
	}
	from := max(0, len(b.m.Runs)-maxRunRows)
	if p := b.in.Timeline.Primary; p >= 0 && p < from {
		from++
		return append([]RunRow{b.runRow(p)}, b.rowsFrom(from)...)
	}
	return b.rowsFrom(from)
}

func (b *builder) rowsFrom(from int) []RunRow {
	var out []RunRow
	for i := from; i < len(b.m.Runs); i++ {
		out = append(out, b.runRow(i))
	}
	return out
}

func (b *builder) runRow(i int) RunRow {
	m, r := &b.m.Runs[i], b.in.Timeline.Runs[i]
	row := RunRow{Name: b.runName(m), Runtime: runtimeVersion(m), Cycles: count(int64(m.Cycles)), Primary: m.Primary, Begin: "–", End: "–", First: "–", Last: "–"}
	n := r.Cycles.Len()
	if n == 0 {
		return row
	}
	first, last := r.Cycles.At(0), r.Cycles.At(n-1)
	row.Begin, row.End = b.runTime(r, first.At), b.runTime(r, last.At)
	if b.comparable(r) {
		row.First, row.Last = measure(first.Live), measure(last.Live)
	}
	return row
}

// runName names a run by its writer and its process, or by its place in the list.
func (b *builder) runName(m *Run) string {
	var parts []string
	if m.Name != "" {
		parts = append(parts, m.Name)
	}
	if m.PID > 0 {
		parts = append(parts, fmt.Sprintf("pid %d", m.PID))
	}
	return cut(cmp.Or(strings.Join(parts, ", "), fmt.Sprintf("run %d", m.Index+1)), 80)
}

func runtimeVersion(m *Run) string {
	return strings.TrimSpace(runtimeName(m.Runtime) + " " + strings.TrimPrefix(m.Version, m.Runtime))
}

// otherNames names the processes that the grey lines of a chart show, each once.
func (b *builder) otherNames(ch *Chart) string {
	var names []string
	for _, s := range ch.Runs {
		if name := b.runName(&b.m.Runs[s.Run]); s.Other && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if n := len(names); n > 3 {
		names = append(names[:3], count(int64(n-3))+" more")
	}
	return strings.Join(names, "; ")
}
