package docker

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/columns"
	"oomtrace/parser/event"
	"oomtrace/parser/shape"
)

// ended is the beginning of the status that docker ps, podman ps and docker compose ps show of a container that ended.
type ended struct {
	State string    `parser:"@( 'Exited' | 'Restarting' )"`
	Minus bool      `parser:"'(' @'-'?"`
	Code  shape.Num `parser:"@@ ')'"`
}

var endedGrammar = shape.Words[ended]()

// table is a kind of table, told by its titles.
type table struct {
	titles []string
	read   func(*decoder, *dialect.Line, columns.Row) *event.ContainerStatus
}

var tables = []table{
	{[]string{"CONTAINER ID", "STATUS", "NAMES"}, (*decoder).psRow},
	{[]string{"CONTAINER", "STATE", "ATTEMPT"}, (*decoder).criRow},
}

// tableRow reads the titles of a table, and the rows that follow them without another line between.
func (d *decoder) tableRow(l *dialect.Line, emit dialect.Emit) bool {
	if bytes.HasPrefix(l.Text, []byte("CONTAINER")) {
		for i := range tables {
			if t, ok := columns.Header(l.Text, tables[i].titles...); ok {
				d.columns, d.table = t, &tables[i]
				return true
			}
		}
	}
	if d.table == nil {
		return false
	}
	if row, ok := d.columns.Row(l.Text); ok && isID(rowID(row)) {
		if s := d.table.read(d, l, row); s != nil {
			emit(s)
			return true
		}
	}
	d.table = nil
	return false
}

// isID reports whether a text is the id of a container, whole or cut to 12 or 13 digits.
func isID(id string) bool { return len(id) >= 12 && len(id) <= 64 && hexadecimal([]byte(id)) }

func rowID(row columns.Row) string { return row.Cell("CONTAINER ID") + row.Cell("CONTAINER") }

// psRow reads a row of docker ps or podman ps.
func (d *decoder) psRow(l *dialect.Line, row columns.Row) *event.ContainerStatus {
	s := &event.ContainerStatus{Head: l.Head(name), Container: event.Container{
		Engine: event.Docker, ID: rowID(row), Name: clip(row.Cell("NAMES")), Image: clip(row.Cell("IMAGE")),
	}}
	d.status(s, row.Cell("STATUS"))
	return s
}

// status sets what "Exited (137) 8 seconds ago" or "Up 2 hours" says.
func (d *decoder) status(s *event.ContainerStatus, text string) {
	text, _, _ = strings.Cut(text, ")")
	word, rest, _ := strings.Cut(text, " ")
	s.State = strings.ToLower(clip(word))
	if s.State == "up" {
		s.State = "running"
	}
	if !strings.HasPrefix(rest, "(") {
		return
	}
	e, err := d.ended.Parse([]byte(text + ")"))
	if err != nil || e.Code.Int() > 1<<31 {
		return
	}
	s.ExitCode, s.HasExit = int(e.Code.Int()), true
	if e.Minus {
		s.ExitCode = -s.ExitCode
	}
}

// criRow reads a row of crictl ps.
func (d *decoder) criRow(l *dialect.Line, row columns.Row) *event.ContainerStatus {
	restarts, err := strconv.Atoi(row.Cell("ATTEMPT"))
	if err != nil {
		return nil
	}
	return &event.ContainerStatus{
		Head: l.Head(name),
		Container: event.Container{
			Engine: engineCRI, ID: rowID(row), Name: clip(row.Cell("NAME")), Image: clip(row.Cell("IMAGE")),
			Pod: clip(row.Cell("POD")), Namespace: clip(row.Cell("NAMESPACE")),
		},
		State: strings.ToLower(clip(row.Cell("STATE"))), Restarts: restarts, HasRestarts: true,
	}
}

// listed reads a line of docker ps --format json or docker compose ps --format json.
func (d *decoder) listed(doc *dialect.Document, o gjson.Result, emit dialect.Emit) bool {
	id, status := o.Get("ID").String(), o.Get("Status")
	if !isID(id) || !status.Exists() {
		return false
	}
	s := &event.ContainerStatus{Head: doc.Head(name), Container: event.Container{
		Engine: event.Docker, ID: id, Name: clip(firstOf(o.Get("Names"), o.Get("Name")).String()), Image: clip(o.Get("Image").String()),
	}}
	s.Pos = doc.PosAt(o.Index)
	d.status(s, status.String())
	if state := o.Get("State").String(); state != "" {
		s.State = clip(state)
	}
	emit(s)
	return true
}
