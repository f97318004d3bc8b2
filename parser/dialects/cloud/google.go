package cloud

import (
	"bytes"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// google reads a limit of Cloud Run, Cloud Functions or App Engine that was passed.
func (d *decoder) google(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	if i := bytes.Index(text, []byte("emory limit of ")); i > 0 && bytes.Contains(text[i:], []byte(" exceeded with ")) {
		return d.cloudRun(l, text[i-1:], emit)
	}
	if i := bytes.Index(text, []byte("Exceeded ")); i >= 0 && bytes.Contains(text[i:], []byte(" memory limit of ")) {
		return d.appEngine(l, text[i:], emit)
	}
	if i := bytes.Index(text, []byte("Error: memory limit exceeded.")); i >= 0 {
		emit(happened(l, event.CloudRun, event.ActionOOM, "memory limit exceeded", text[i:]))
		return true
	}
	return false
}

func happened(l *dialect.Line, engine event.Engine, action event.ContainerAction, reason string, text []byte) *event.ContainerEvent {
	return &event.ContainerEvent{
		Head: l.Head(name), Container: event.Container{Engine: engine},
		Action: action, Reason: reason, Message: clip(text), Count: 1,
	}
}

// cloudRun reads "Memory limit of 512 MiB exceeded with 516 MiB used. Consider increasing the memory limit, ...".
func (d *decoder) cloudRun(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	end := bytes.Index(text, []byte(" used"))
	if end < 0 {
		emit(problem(l, "a limit of Cloud Run that breaks off"))
		return true
	}
	tree, err := d.read.limit.Parse(text[:end+len(" used")])
	if err != nil {
		return false
	}
	ev := happened(l, event.CloudRun, event.ActionOOM, "memory limit exceeded", text)
	ev.Usage, ev.Limit = tree.Used.bytes(), tree.Limit.bytes()
	emit(ev)
	return true
}

// appEngine reads "Exceeded soft memory limit of 256 MB with 263 MB after servicing 4 requests total. Consider ...".
func (d *decoder) appEngine(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	sentence, _, _ := bytes.Cut(text, []byte(". "))
	tree, err := d.read.soft.Parse(bytes.TrimRight(sentence, ". "))
	if err != nil {
		emit(problem(l, "a limit of App Engine that breaks off or is not as it writes it"))
		return true
	}
	reason := "soft memory limit"
	if tree.Hard {
		reason = "hard memory limit"
	}
	ev := happened(l, event.AppEngine, event.ActionOOM, reason, text)
	ev.Usage, ev.Limit = tree.Used.bytes(), tree.Limit.bytes()
	emit(ev)
	return true
}

// terminated reads "While handling this request, the container instance was found to be using too much memory and was
// terminated." App Engine says "the process that handled this request".
func terminated(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	engine, from := event.CloudRun, bytes.Index(text, []byte("the container instance was found to be "))
	if from < 0 {
		engine, from = event.AppEngine, bytes.Index(text, []byte("the process that handled this request was found to be "))
	}
	if from < 0 {
		return false
	}
	emit(happened(l, engine, event.ActionKill, "using too much memory", text[from:]))
	return true
}
