package kubernetes

import (
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
	"go.yaml.in/yaml/v3"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// value is a value of a document in JSON or in YAML. The zero value is absent, and all that is looked up in it is too.
type value struct {
	json gjson.Result
	yaml *yaml.Node // nil where the document is JSON
}

// source is where the values of a document stand.
type source struct {
	head event.Head
	pos  func(value) event.Pos
}

// at returns the head of an event that a value states.
func (s *source) at(v value) event.Head {
	h := s.head
	h.Pos = s.pos(v)
	return h
}

// ofDocument is the source of the values of a JSON document.
func ofDocument(d *dialect.Document) *source {
	return &source{d.Head(name), func(v value) event.Pos { return d.PosAt(v.json.Index) }}
}

// get looks a member up, and a member of that for each further key.
func (v value) get(keys ...string) value {
	for _, key := range keys {
		if v.yaml == nil {
			v.json = v.json.Get(gjson.Escape(key))
			continue
		}
		v = v.member(key)
	}
	return v
}

// member looks a member of a YAML mapping up.
func (v value) member(key string) value {
	if v.yaml.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(v.yaml.Content); i += 2 {
			if v.yaml.Content[i].Value == key {
				return ofNode(v.yaml.Content[i+1])
			}
		}
	}
	return value{}
}

// ofNode is the value of a YAML node. An alias stands for what it names, one step deep: nothing is copied, so that aliases of
// aliases cost nothing.
func ofNode(n *yaml.Node) value {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	if n.Tag == "!!null" {
		return value{}
	}
	return value{yaml: n}
}

// maxItems is how many members of one list are looked at, but for the items of a list of objects.
const maxItems = 4096

// each calls yield with the members of a list, or of a mapping with their keys.
func (v value) each(yield func(key string, item value) bool) {
	if v.yaml == nil {
		v.json.ForEach(func(key, item gjson.Result) bool { return yield(key.Str, value{json: item}) })
		return
	}
	step := 1
	if v.yaml.Kind == yaml.MappingNode {
		step = 2
	} else if v.yaml.Kind != yaml.SequenceNode {
		return
	}
	for i := 0; i+step <= len(v.yaml.Content) && i < maxItems*step; i += step {
		key := ""
		if step == 2 {
			key = v.yaml.Content[i].Value
		}
		if !yield(key, ofNode(v.yaml.Content[i+step-1])) {
			return
		}
	}
}

// exists reports whether the document states the value and it is not null.
func (v value) exists() bool {
	if v.yaml == nil {
		return v.json.Exists() && v.json.Type != gjson.Null
	}
	return true
}

func (v value) isObject() bool {
	if v.yaml == nil {
		return v.json.IsObject()
	}
	return v.yaml.Kind == yaml.MappingNode
}

// text returns a scalar as it stands, empty where there is none.
func (v value) text() string {
	if v.yaml != nil {
		return v.yaml.Value
	}
	if v.json.Type == gjson.JSON {
		return ""
	}
	return v.json.String()
}

// short returns a scalar as far as an event keeps it.
func (v value) short() string { return clip(v.text()) }

func (v value) number() (int, bool) {
	n, err := strconv.ParseInt(v.text(), 10, 32)
	return int(n), err == nil
}

// instant reads a time of Kubernetes, nanoseconds since 1970. 0 is unknown.
func (v value) instant() int64 { return instant(v.text()) }

// instant reads 2026-11-22T20:25:04Z of JSON and YAML, and Sun, 22 Nov 2026 20:25:04 +0000 of describe.
func instant(text string) int64 {
	for _, layout := range []string{time.RFC3339Nano, time.RFC1123Z} {
		if t, err := time.Parse(layout, strings.TrimSpace(text)); err == nil && t.Year() >= 1970 && t.Year() < 2200 {
			return t.UnixNano()
		}
	}
	return 0
}
