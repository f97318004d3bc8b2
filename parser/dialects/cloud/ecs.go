package cloud

import (
	"bytes"
	"math"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// DecodeDocument implements dialect.DocumentDecoder.
func (d *decoder) DecodeDocument(doc *dialect.Document, emit dialect.Emit) bool {
	has := func(key string) bool { return bytes.Contains(doc.Text, []byte(key)) }
	switch {
	case has(`"platform.report"`):
		return d.telemetry(doc, gjson.ParseBytes(doc.Text), emit)
	case has(`"jobId"`) && has(`"jobQueue"`):
		return jobs(doc, gjson.ParseBytes(doc.Text), emit)
	case has(`"taskArn"`), has(`"containerName"`) && has(`"runtimeId"`):
		return tasks(doc, gjson.ParseBytes(doc.Text), emit)
	}
	return false
}

// stopped reads the reason of a task in a line that is no document: a table, an event of a service, a message of a console.
func stopped(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	i := bytes.Index(text, []byte("OutOfMemoryError: "))
	if i < 0 || !bytes.Contains(text[i:], []byte("ontainer killed due to memory usage")) {
		return false
	}
	emit(happened(l, event.ECS, event.ActionOOM, "OutOfMemoryError", text))
	return true
}

// agent reads "process within container ID (name: \"NAME\") died due to OOM" of the agent, which docker told it so.
func agent(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	_, rest, ok := bytes.Cut(text, []byte("process within container "))
	if !ok {
		return false
	}
	id, rest, _ := bytes.Cut(rest, []byte(" "))
	ev := happened(l, event.ECS, event.ActionOOM, "OOM", text)
	ev.ID = clip(id)
	if named, ok := bytes.CutPrefix(rest, []byte("(name: ")); ok {
		named, _, _ = bytes.Cut(named, []byte(") died"))
		ev.Name = strings.Trim(clip(named), `\"`)
	}
	emit(ev)
	return true
}

// tasks reads describe-tasks, an event of a task, or a change that the agent submits.
func tasks(doc *dialect.Document, root gjson.Result, emit dialect.Emit) bool {
	if list := root.Get("tasks"); list.IsArray() {
		return each(list, func(v gjson.Result) bool { return task(doc, v, emit) })
	}
	if root.IsArray() {
		return each(root, func(v gjson.Result) bool { return task(doc, v, emit) })
	}
	for _, path := range []string{"detail", "requestParameters"} {
		if inner := root.Get(path); inner.IsObject() {
			return task(doc, inner, emit)
		}
	}
	return task(doc, root, emit)
}

// each calls read for every object of a list, and reports whether one of them was read.
func each(list gjson.Result, read func(gjson.Result) bool) bool {
	found := false
	list.ForEach(func(_, v gjson.Result) bool {
		found = v.IsObject() && read(v) || found
		return true
	})
	return found
}

// task emits the states of the containers of a task.
func task(doc *dialect.Document, v gjson.Result, emit dialect.Emit) bool {
	arn := v.Get("taskArn").Str
	if arn == "" {
		arn = v.Get("task").Str
	}
	containers := v.Get("containers")
	if arn == "" || !containers.IsArray() {
		return false
	}
	whole := event.ContainerStatus{
		Container: event.Container{Engine: event.ECS, Namespace: last(first(v, "clusterArn", "cluster")), Pod: last(arn), Node: last(v.Get("containerInstanceArn").Str)},
		SaysOOM:   true, Message: text(v.Get("stoppedReason")), Limit: megabytes(v.Get("memory")),
		Started: instant(v.Get("startedAt")), Finished: instant(v.Get("stoppedAt")),
	}
	return each(containers, func(c gjson.Result) bool {
		s := whole
		s.Head = doc.Head(name)
		s.Pos = doc.PosAt(c.Index)
		s.ID, s.Name, s.Image = text(c.Get("runtimeId")), text(value(c, "name", "containerName")), text(c.Get("image"))
		s.State, s.Reason = strings.ToLower(text(value(c, "lastStatus", "status"))), text(c.Get("reason"))
		s.OOMKilled = outOfMemory(s.Reason)
		s.ExitCode, s.HasExit = code(c.Get("exitCode"))
		if own := megabytes(c.Get("memory")); own.IsKnown() {
			s.Limit = own
		}
		s.Request = megabytes(c.Get("memoryReservation"))
		emit(&s)
		return true
	})
}

// outOfMemory reports whether a reason is OutOfMemoryError, in any case.
func outOfMemory(reason string) bool { return strings.HasPrefix(reason, "OutOfMemoryError") }

// jobs reads describe-jobs of AWS Batch: every attempt of a job that ended, and the job itself.
func jobs(doc *dialect.Document, root gjson.Result, emit dialect.Emit) bool {
	list := root.Get("jobs")
	if !list.IsArray() {
		return false
	}
	return each(list, func(job gjson.Result) bool {
		limit := jobMemory(job.Get("container"))
		attempts := job.Get("attempts")
		total := len(attempts.Array())
		n := 0
		return each(attempts, func(a gjson.Result) bool {
			c := a.Get("container")
			n++
			s := &event.ContainerStatus{
				Head:      doc.Head(name),
				Container: event.Container{Engine: Batch, ID: text(job.Get("jobId")), Name: text(job.Get("jobName")), Image: text(job.Get("container.image")), Pod: last(c.Get("taskArn").Str)},
				State:     strings.ToLower(text(job.Get("status"))), Reason: text(c.Get("reason")), Message: text(a.Get("statusReason")),
				SaysOOM: true, OOMKilled: outOfMemory(c.Get("reason").Str), Previous: n < total, Restarts: n - 1, HasRestarts: true,
				Started: instant(a.Get("startedAt")), Finished: instant(a.Get("stoppedAt")), Limit: limit,
			}
			s.Pos = doc.PosAt(a.Index)
			s.ExitCode, s.HasExit = code(c.Get("exitCode"))
			emit(s)
			return true
		})
	})
}

// jobMemory returns the memory of the container of a job.
func jobMemory(c gjson.Result) unit.Size {
	if own := megabytes(c.Get("memory")); own.IsKnown() {
		return own
	}
	return megabytes(c.Get(`resourceRequirements.#(type=="MEMORY").value`))
}

func value(v gjson.Result, keys ...string) gjson.Result {
	for _, key := range keys {
		if r := v.Get(key); r.Exists() {
			return r
		}
	}
	return gjson.Result{}
}

func first(v gjson.Result, keys ...string) string { return value(v, keys...).Str }

// last returns what stands behind the last slash of a resource name, not longer than a message.
func last(arn string) string { return clip([]byte(arn[strings.LastIndexByte(arn, '/')+1:])) }

func text(v gjson.Result) string { return clip([]byte(v.Str)) }

// code reads an exit code.
func code(v gjson.Result) (int, bool) {
	n := v.Int()
	return int(n), v.Type == gjson.Number && n >= 0 && n <= math.MaxInt32
}

// instant reads a time: RFC 3339, or a number of seconds or of milliseconds since the Unix epoch; 0 is none.
func instant(v gjson.Result) int64 {
	switch v.Type {
	case gjson.String:
		t, err := time.Parse(time.RFC3339Nano, v.Str)
		if err != nil || t.Year() < 1970 || t.Year() > 2200 {
			return 0
		}
		return t.UnixNano()
	case gjson.Number:
		seconds := v.Num
		if seconds > 1e11 {
			seconds /= 1000
		}
		if seconds > 0 && seconds < 7e9 {
			return int64(seconds*1e6) * 1000
		}
	case gjson.Null, gjson.False, gjson.True, gjson.JSON:
	}
	return 0
}
