package envelope

import (
	"bytes"
	"strings"
)

// Table is the header of an export of log lines as comma-separated values: which column holds what.
type Table struct {
	comma   byte
	columns [tableColumns]int // index of a column, -1 where there is none
	cells   [][]byte
	text    []byte // of quoted cells
}

// The columns that are looked at.
const (
	columnWhen = iota
	columnLine
	columnHost
	columnUnit
	columnNamespace
	columnPod
	columnContainer
	tableColumns
)

// columnNames are the names of columns as stores write them: CloudWatch Logs Insights, Datadog, Kibana, Grafana, Azure,
// Google Cloud, Splunk. Case does not matter.
var columnNames = [tableColumns][]string{
	columnWhen:      {"@timestamp", "timestamp", "date", "time", "_time", "timegenerated", "timegenerated [utc]", "datetime"},
	columnLine:      {"@message", "message", "line", "log", "logentry", "logmessage", "textpayload", "_raw", "msg", "content"},
	columnHost:      {"host", "hostname", "kubernetes.node.name", "computer"},
	columnUnit:      {"service", "@logstream", "program"},
	columnNamespace: {"namespace", "kubernetes.namespace", "resource.labels.namespace_name"},
	columnPod:       {"pod", "pod_name", "podname", "kubernetes.pod.name", "resource.labels.pod_name"},
	columnContainer: {"container", "container_name", "containername", "kubernetes.container.name", "resource.labels.container_name"},
}

// Header reads the first line of an export. It returns nil for a line that is no header with a column for the time
// and one for the line.
func Header(line []byte) *Table {
	line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
	if len(line) > 4096 {
		return nil
	}
	for _, comma := range []byte(",;\t") {
		t := &Table{comma: comma}
		if !t.split(line) || len(t.cells) < 2 {
			continue
		}
		for c, names := range columnNames {
			t.columns[c] = columnOf(t.cells, names)
		}
		if t.columns[columnWhen] >= 0 && t.columns[columnLine] >= 0 {
			return t
		}
	}
	return nil
}

// columnOf returns the index of the first cell that has one of the names, the earlier name first.
func columnOf(cells [][]byte, names []string) int {
	for _, name := range names {
		for i, cell := range cells {
			if strings.EqualFold(string(bytes.TrimSpace(cell)), name) {
				return i
			}
		}
	}
	return -1
}

// split splits a row into its cells. It reports false where the row ends within a quoted cell.
func (t *Table) split(row []byte) bool {
	t.cells, t.text = t.cells[:0], t.text[:0]
	for {
		var cell []byte
		var more, ok bool
		if len(row) > 0 && row[0] == '"' {
			cell, row, more, ok = t.quotedCell(row[1:])
			if !ok {
				t.cells = append(t.cells, cell)
				return false
			}
		} else if end := bytes.IndexByte(row, t.comma); end >= 0 {
			cell, row, more = row[:end], row[end+1:], true
		} else {
			cell = row
		}
		t.cells = append(t.cells, cell)
		if !more {
			return true
		}
	}
}

// quotedCell reads a cell behind its first quote, in which two quotes stand for one.
func (t *Table) quotedCell(b []byte) (cell, rest []byte, more, ok bool) {
	from := len(t.text)
	for {
		end := bytes.IndexByte(b, '"')
		if end < 0 {
			t.text = append(t.text, b...)
			return t.text[from:], nil, false, false
		}
		t.text = append(t.text, b[:end]...)
		b = b[end+1:]
		switch {
		case len(b) > 0 && b[0] == '"':
			t.text = append(t.text, '"')
			b = b[1:]
			continue
		case len(b) > 0 && b[0] == t.comma:
			return t.text[from:len(t.text):len(t.text)], b[1:], true, true
		case len(b) == 0:
			return t.text[from:len(t.text):len(t.text)], nil, false, true
		}
		t.text = append(t.text, '"') // a quote where none belongs stands for itself
	}
}

// Open reports whether a row goes on in the next line, as a quoted cell has not ended. open says so of the line before.
func (t *Table) Open(open bool, line []byte) bool {
	begins := !open // a cell begins here
	for i := 0; i < len(line); {
		switch {
		case open:
			end := bytes.IndexByte(line[i:], '"')
			if end < 0 {
				return true
			}
			i += end + 1
			if i < len(line) && line[i] == '"' {
				i++
			} else {
				open = i < len(line) && line[i] != t.comma
			}
		case begins && line[i] == '"':
			open, begins = true, false
			i++
		default:
			comma := bytes.IndexByte(line[i:], t.comma)
			if comma < 0 {
				return false
			}
			i, begins = i+comma+1, true
		}
	}
	return open
}

func (t *Table) cell(column int) value {
	if i := t.columns[column]; i >= 0 && i < len(t.cells) {
		return value{text: t.cells[i], quoted: true}
	}
	return value{}
}

// When returns the time of a row, in nanoseconds since 1970.
func (s *Stripper) When(t *Table, row []byte) (ns int64, known bool) {
	t.split(row)
	at, ok := s.cellTime(t)
	return at.ns, ok
}

func (s *Stripper) cellTime(t *Table) (stamp, bool) {
	return s.loggerTime(value{text: bytes.TrimSpace(t.cell(columnWhen).text), quoted: true})
}

// Row takes a row of an export, which begins at a physical line and stands on several. What is not in its cells is
// lost: a row that is none gives a record of its whole text.
func (s *Stripper) Row(t *Table, row []byte, number, lines int) *Record {
	s.number = number
	s.record = Record{Line: number, Lines: lines, Outer: "csv", Spread: true}
	r := &s.record
	t.split(row)
	line := t.cell(columnLine)
	if line.text == nil {
		r.Text = row
		return r
	}
	if at, ok := s.cellTime(t); ok {
		s.setWall(r, at)
	}
	s.from(r, &origin{
		host: t.cell(columnHost), unit: t.cell(columnUnit), namespace: t.cell(columnNamespace), pod: t.cell(columnPod), container: t.cell(columnContainer),
	})
	s.decode(r, line.decode)
	if !s.inner(1) {
		return nil
	}
	return r
}
