package kernel

import (
	"bytes"
	"slices"
	"strings"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// tableAhead reads the title of the task table.
func (d *decoder) tableAhead(r *record, _ int) bool {
	d.currentOrNew(r).section = inTable
	return true
}

// table reads the header of the task table. It names the columns, which differ from kernel to kernel.
func (d *decoder) table(rep *report, r *record) bool {
	if index(r.Text, " total_vm ") < 0 || index(r.Text, "pid") < 0 {
		return false
	}
	end := bytes.LastIndexByte(r.Text, ']')
	names := strings.Fields(clip(r.Text[end+1:]))
	if end < 0 || len(names) < 3 || len(names) > 32 || names[len(names)-1] != "name" {
		return false
	}
	column := func(name string) int { return slices.Index(names, name) }
	rep.section = inTable
	rep.columns = columns{count: len(names) - 1, vm: column("total_vm"), rss: column("rss"), adj: column("oom_score_adj")}
	return true
}

// task reads a row of the task table.
func (d *decoder) task(rep *report, r *record) bool {
	if rep.columns.count == 0 {
		return false
	}
	text := r.Text
	for range 8 { // an unknown envelope may hold brackets of its own
		at := bytes.IndexByte(text, '[')
		if at < 0 {
			return false
		}
		text = text[at:]
		if numbers, name, ok := cutRow(text, rep.columns.count); ok {
			d.scratch = squeeze(d.scratch[:0], numbers)
			if tree, err := d.caches.row.Parse(d.scratch); err == nil && len(tree.Cells) == rep.columns.count {
				rep.addTask(tree, name)
				return true
			}
		}
		text = text[1:]
	}
	return false
}

// cutRow cuts a row of the task table before its last column, the name, which may hold blanks.
func cutRow(text []byte, count int) (numbers, name []byte, ok bool) {
	text = text[:min(len(text), maxLine)]
	at := bytes.IndexByte(text, ']') + 1
	for range count {
		for at < len(text) && text[at] == ' ' {
			at++
		}
		start := at
		for at < len(text) && (text[at]-'0' <= 9 || text[at] == '-') {
			at++
		}
		if at == start {
			return nil, nil, false
		}
	}
	if at < len(text) && text[at] != ' ' {
		return nil, nil, false
	}
	return text[:at], text[min(at+1, len(text)):], true
}

func (r *report) addTask(row *taskRow, name []byte) {
	if len(r.kill.Tasks) == maxTasks {
		return
	}
	t := event.Task{PID: int(row.PID.Int()), Name: clip(name)}
	if c := r.columns.vm; c >= 0 {
		t.TotalVM = unit.Known(unit.Bytes(row.Cells[c].Value.Int()))
	}
	if c := r.columns.rss; c >= 0 {
		t.RSS = unit.Known(unit.Bytes(row.Cells[c].Value.Int()))
	}
	if c := r.columns.adj; c >= 0 {
		t.ScoreAdj = row.Cells[c].int()
	}
	r.kill.Tasks = append(r.kill.Tasks, t)
}
