package envelope

import (
	"bytes"
	"slices"
	"time"
)

// Item is a log line that a document holds.
type Item struct {
	Offset int // of the line within the document

	store   string
	first   bool // of a list of its own
	entry   logEntry
	when    stamp
	known   bool // when is
	boot    time.Duration
	booted  bool // boot is known
	grained time.Duration
}

// The documents that hold log lines: what they are called, and where the list of the lines stands in them.
var stores = []struct {
	name string
	path []string
	read func(*Stripper, []byte) []Item
}{
	{"dmesg-json", []string{"dmesg"}, (*Stripper).objects},
	{"cloudwatch-json", []string{"events"}, (*Stripper).objects},
	{"loki-json", []string{"data", "result"}, (*Stripper).loki},
	{"datadog-json", []string{"data"}, (*Stripper).objects},
	{"elasticsearch-json", []string{"hits", "hits"}, (*Stripper).objects},
	{"insights-json", []string{"results"}, (*Stripper).insights},
	{"json-array", nil, (*Stripper).objects},
}

// MayHoldLines reports whether a document may hold log lines, by its beginning.
func MayHoldLines(text []byte) bool {
	b := skipBlanks(text)
	if len(b) > 1 && b[0] == '[' {
		b = skipBlanks(b[1:])
		return len(b) > 0 && b[0] == '{'
	}
	if len(b) < 2 || b[0] != '{' {
		return false
	}
	b = skipBlanks(b[1:])
	key, rest, ok := quoted(b[:min(len(b), 64)])
	if !ok || len(rest) == 0 || rest[0] != ':' && rest[0] != ' ' {
		return false
	}
	switch string(key.text) {
	case "dmesg", "events", "data", "status", "hits", "took", "results", "meta", "searchedLogStreams", "nextForwardToken":
		return true
	}
	return false
}

// Unpack returns the log lines that a JSON document holds: the answer of a log store, an export of one, dmesg --json. They
// stand in the order in which they were written; backwards reports that the document has the newest first. A document that
// is cut gives the lines that are whole. One that holds other things gives none.
func (s *Stripper) Unpack(text []byte) (items []Item, backwards bool) {
	if !MayHoldLines(text) {
		return nil, false
	}
	for _, st := range stores {
		list := listAt(text, st.path)
		if list == nil {
			continue
		}
		if items = st.read(s, list); len(items) == 0 {
			continue
		}
		for i := range items {
			items[i].store = st.name
			items[i].Offset = cap(text) - cap(items[i].entry.lines[0].text)
		}
		return items, sortItems(items)
	}
	return nil, false
}

// listAt returns the text from a list on that stands under the keys of a path, nil if there is none.
func listAt(text []byte, path []string) []byte {
	b := skipBlanks(text)
	for _, want := range path {
		if b = memberOf(b, want); b == nil {
			return nil
		}
	}
	if len(b) == 0 || b[0] != '[' {
		return nil
	}
	return b
}

// memberOf returns the text from the value of a member on, nil if the object has no such member.
func memberOf(b []byte, want string) []byte {
	if len(b) == 0 || b[0] != '{' {
		return nil
	}
	b = skipBlanks(b[1:])
	for len(b) > 0 {
		key, rest, ok := quoted(b)
		rest = skipBlanks(rest)
		if !ok || len(rest) == 0 || rest[0] != ':' {
			return nil
		}
		rest = skipBlanks(rest[1:])
		if string(key.text) == want {
			return rest
		}
		if _, rest, ok = anyValue(rest); !ok {
			return nil
		}
		if b = skipBlanks(rest); len(b) == 0 || b[0] != ',' {
			return nil
		}
		b = skipBlanks(b[1:])
	}
	return nil
}

// elements calls element with every whole element of the list at the beginning of b, until it returns false.
func elements(b []byte, element func(value) bool) {
	if len(b) == 0 || b[0] != '[' {
		return
	}
	b = skipBlanks(b[1:])
	for len(b) > 0 && b[0] != ']' {
		v, rest, ok := anyValue(b)
		if !ok || !element(v) {
			return
		}
		if b = skipBlanks(rest); len(b) == 0 || b[0] != ',' {
			return
		}
		b = skipBlanks(b[1:])
	}
}

// objects reads a list of the records of a logger or a log store. The first of them must have a line and a time.
func (s *Stripper) objects(list []byte) (items []Item) {
	elements(list, func(v value) bool {
		var it Item
		if !members(v.text, it.entry.member) || it.entry.found == 0 || !s.date(&it) {
			return len(items) > 0
		}
		items = append(items, it)
		return true
	})
	return items
}

// date reads the time of an item: a stamp, or seconds since boot.
func (s *Stripper) date(it *Item) bool {
	if it.when, it.known = s.loggerTime(it.entry.when); it.known {
		return true
	}
	text := bytes.TrimLeft(it.entry.when.text, " ")
	d, step, width := seconds(text)
	it.boot, it.grained, it.booted = d, step, width > 0 && width == len(text)
	return it.booted
}

// loki reads the streams of Loki's API: labels, and pairs of nanoseconds and line.
func (s *Stripper) loki(list []byte) (items []Item) {
	elements(list, func(v value) bool {
		var from origin
		begins := true
		labels := memberOf(v.text, "stream")
		if labels == nil {
			return true // a series of Prometheus, whose answers look alike
		}
		object, _, _ := anyValue(labels)
		from.object(object)
		elements(memberOf(v.text, "values"), func(v value) bool {
			it := Item{entry: logEntry{origin: from}, first: begins}
			n := 0
			elements(v.text, func(v value) bool {
				switch n++; n {
				case 1:
					it.entry.when = v
				case 2:
					it.entry.lines[0], it.entry.found = v, 1
				}
				return n < 2
			})
			if it.entry.found == 1 && it.entry.lines[0].quoted && s.date(&it) {
				items = append(items, it)
				begins = false
			}
			return true
		})
		return true
	})
	return items
}

// insights reads the results of a query of CloudWatch Logs Insights: rows of fields.
func (s *Stripper) insights(list []byte) (items []Item) {
	elements(list, func(row value) bool {
		var it Item
		elements(row.text, func(field value) bool {
			var name, text value
			members(field.text, func(key []byte, v value) bool {
				switch string(key) {
				case "field":
					name = v
				case "value":
					text = v
				}
				return true
			})
			switch string(name.text) {
			case "@timestamp":
				it.entry.when = text
			case "@message":
				it.entry.lines[0], it.entry.found = text, 1
			case "@logStream":
				it.entry.origin.unit = text
			}
			return true
		})
		if it.entry.found == 1 && s.date(&it) {
			items = append(items, it)
		}
		return true
	})
	return items
}

// sortItems puts items in the order of their stamps, and reports whether they stood the other way round. Those of one
// moment keep the order in which they were written.
func sortItems(items []Item) (backwards bool) {
	down := 0
	for i := range items {
		if !items[i].known {
			return false
		}
		if i > 0 && !items[i].first && items[i].when.ns != items[i-1].when.ns {
			if items[i].when.ns < items[i-1].when.ns {
				down++
			} else {
				down--
			}
		}
	}
	if down > 0 {
		slices.Reverse(items)
	}
	slices.SortStableFunc(items, func(a, b Item) int {
		switch {
		case a.when.ns < b.when.ns:
			return -1
		case a.when.ns > b.when.ns:
			return 1
		}
		return 0
	})
	return down > 0
}

// Take returns an item as a record of the given physical line. It is valid until the next call, or nil where the item is
// a piece of a longer line.
func (s *Stripper) Take(it *Item, number int) *Record {
	s.record = Record{Line: number, Lines: 1, Outer: it.store}
	if number == s.number {
		s.record.Lines = 0
	}
	s.number = number
	r := &s.record
	if it.known {
		s.setWall(r, it.when)
	}
	if it.booted {
		r.setBoot(it.boot, it.grained)
	}
	s.from(r, &it.entry.origin)
	s.decode(r, it.entry.text)
	if !s.inner(1) {
		return nil
	}
	return r
}

// Pretty reads a JSON document on several lines as the one record of a logger or of the journal, and reports whether it is
// one. The record is nil where it is a piece of a longer line.
func (s *Stripper) Pretty(text []byte, number, lines int) (rec *Record, ok bool) {
	s.record = Record{Text: text, Line: number, Lines: lines}
	r := &s.record
	switch {
	case journaldJSON(s, r):
		r.Outer = "journald-json"
	case jsonLogger(s, r):
		r.Outer = "json"
	default:
		return nil, false
	}
	s.number = number
	if (r.Partial || len(s.held) > 0) && !s.join(r, 0) || !s.inner(1) {
		return nil, true
	}
	return r, true
}
