package cluster

import (
	"bytes"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// nomad is what nomad alloc status has told of the task whose events follow.
type nomad struct {
	alloc, job, node string
	task             string
	limit            unit.Size
	resources        bool // the next row names the memory
}

// nomadField reads the lines above the events of a task that say which it is.
func (d *decoder) nomadField(text []byte) bool {
	n := &d.nomad
	line := bytes.TrimPrefix(text, []byte("==> "))
	switch {
	case ascii.HasPrefix(line, `Task "`) && bytes.Contains(line, []byte(`" is "`)),
		ascii.HasPrefix(line, `Task "`) && bytes.Contains(line, []byte(`" (`)) && bytes.Contains(line, []byte(` is "`)):
		task, _, _ := bytes.Cut(line[len(`Task "`):], []byte(`"`))
		n.task, n.limit = clip(task), unit.Size{}
	case ascii.HasPrefix(line, "CPU ") && bytes.Contains(line, []byte(" Memory ")) && bytes.Contains(line, []byte(" Disk")):
		n.resources = true
	case ascii.HasPrefix(line, "ID  ") && bytes.Contains(line, []byte(" = ")):
		n.alloc = field(line)
	case ascii.HasPrefix(line, "Job ID  ") && bytes.Contains(line, []byte(" = ")):
		n.job = field(line)
	case ascii.HasPrefix(line, "Node Name  ") && bytes.Contains(line, []byte(" = ")):
		n.node = field(line)
	default:
		return false
	}
	return n.task != "" && !ascii.HasPrefix(line, "ID  ")
}

func field(line []byte) string {
	_, value, _ := bytes.Cut(line, []byte(" = "))
	return clip(bytes.TrimSpace(value))
}

// nomadRow reads "0/500 MHz  988 KiB/256 MiB  300 MiB": what a task uses and may use.
func (d *decoder) nomadRow(text []byte) {
	if !d.nomad.resources {
		return
	}
	d.nomad.resources = false
	cells := columns(text)
	if len(cells) < 2 {
		return
	}
	if _, limit, ok := bytes.Cut(cells[1], []byte("/")); ok {
		d.nomad.limit = d.sized(limit)
	}
}

// nomadEnd reads "2020-01-31T16:17:57+09:00  Terminated  Exit Code: 137, Exit Message: "OOM Killed"".
func (d *decoder) nomadEnd(l *dialect.Line, text []byte, at int, emit dialect.Emit) bool {
	at-- // the E
	if at < 0 || !bytes.Contains(text[:at], []byte("Terminated")) {
		return false
	}
	facts := text[at:]
	head := facts
	if i := bytes.Index(facts, []byte(", Exit Message: ")); i >= 0 {
		head = facts[:i]
	}
	tree, err := d.read.task.Parse(bytes.Trim(head, ` "\`))
	if err != nil {
		return false
	}
	ev := happened(l, event.Nomad, event.ActionExit, "Terminated", facts)
	ev.ExitCode, ev.HasExit = int(min(tree.Code.Int(), 1<<31-1)), true
	if tree.Signal != nil {
		ev.Signal = int(min(tree.Signal.Int(), 64))
	}
	ev.ID, ev.Name, ev.Namespace, ev.Node, ev.Limit = d.nomad.alloc, d.nomad.task, d.nomad.job, d.nomad.node, d.nomad.limit
	if name := keyed(text[:at], "task="); name != "" {
		ev.ID, ev.Name, ev.Limit = keyed(text[:at], "alloc_id="), name, unit.Size{}
	}
	if strings.Contains(ev.Message, "OOM Killed") {
		ev.Action = event.ActionOOM
	}
	emit(ev)
	return true
}

// keyed returns the value of "key=value".
func keyed(text []byte, key string) string {
	i := bytes.Index(text, []byte(" "+key))
	if i < 0 {
		return ""
	}
	value, _, _ := bytes.Cut(text[i+1+len(key):], []byte(" "))
	return clip(value)
}

// DecodeDocument implements dialect.DocumentDecoder. It reads allocations: nomad alloc status -json, and lists of them.
func (d *decoder) DecodeDocument(doc *dialect.Document, emit dialect.Emit) bool {
	if !bytes.Contains(doc.Text, []byte(`"TaskStates"`)) {
		return false
	}
	root := gjson.ParseBytes(doc.Text)
	if !root.IsArray() {
		return allocation(doc, root, emit)
	}
	found := false
	root.ForEach(func(_, alloc gjson.Result) bool {
		found = allocation(doc, alloc, emit) || found
		return true
	})
	return found
}

// allocation emits the states of the tasks of an allocation.
func allocation(doc *dialect.Document, alloc gjson.Result, emit dialect.Emit) bool {
	found := false
	alloc.Get("TaskStates").ForEach(func(task, state gjson.Result) bool {
		if !state.IsObject() {
			return true
		}
		found = true
		s := &event.ContainerStatus{
			Head:      doc.Head(name),
			Container: event.Container{Engine: event.Nomad, ID: text(alloc.Get("ID")), Name: text(task), Namespace: text(alloc.Get("JobID")), Node: text(alloc.Get("NodeName"))},
			State:     text(state.Get("State")), SaysOOM: true,
			Restarts: int(min(state.Get("Restarts").Uint(), 1<<31)), HasRestarts: state.Get("Restarts").Exists(),
			Started: instant(state.Get("StartedAt")), Finished: instant(state.Get("FinishedAt")), Limit: memory(alloc, task.Str),
		}
		s.Pos = doc.PosAt(state.Index)
		terminated(s, state.Get("Events"))
		emit(s)
		return true
	})
	return found
}

// terminated takes over how a task ended last.
func terminated(s *event.ContainerStatus, events gjson.Result) {
	events.ForEach(func(_, ev gjson.Result) bool {
		if ev.Get("Type").Str != "Terminated" {
			return true
		}
		s.ExitCode, s.HasExit = int(min(ev.Get("ExitCode").Uint(), 1<<31-1)), ev.Get("ExitCode").Exists()
		s.Signal = int(min(ev.Get("Signal").Uint(), 64))
		s.Reason, s.Message = "Terminated", text(ev.Get("DisplayMessage"))
		s.OOMKilled = ev.Get("Details.oom_killed").Str == "true" || strings.Contains(ev.Get("Message").Str+s.Message, "OOM Killed")
		return true
	})
}

// memory returns the limit of a task: memory_max, or memory where it has none.
func memory(alloc gjson.Result, task string) unit.Size {
	for _, path := range []string{"AllocatedResources.Tasks", "TaskResources"} {
		var limit unit.Size
		alloc.Get(path).ForEach(func(name, resources gjson.Result) bool {
			if name.Str != task {
				return true
			}
			for _, key := range []string{"Memory.MemoryMaxMB", "Memory.MemoryMB", "MemoryMaxMB", "MemoryMB"} {
				if n := resources.Get(key).Int(); n > 0 {
					limit = amount(n, unit.MiB)
					return false
				}
			}
			return false
		})
		if limit.IsKnown() {
			return limit
		}
	}
	return unit.Size{}
}

func text(v gjson.Result) string { return clip([]byte(v.Str)) }

// instant reads a time as RFC 3339; 0 is none, as Nomad writes the year 1 where a task did not start or end.
func instant(v gjson.Result) int64 {
	t, err := time.Parse(time.RFC3339Nano, v.Str)
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		return 0
	}
	return t.UnixNano()
}
