package json_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"oomtrace/report"
	"oomtrace/report/reporttest"
)

const schemaFile = "../../docs/oomtrace-1.schema.json"

// schema compiles the published schema; strict, it also refuses keys that it does not name. Events have further keys of their
// own.
func schema(t testing.TB, strict bool) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if strict {
		closed(doc, "")
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closed(node any, key string) {
	switch n := node.(type) {
	case map[string]any:
		for k, child := range n {
			closed(child, k)
		}
		if _, ok := n["properties"]; ok && n["type"] == "object" && key != "event" {
			n["additionalProperties"] = false
		}
	case []any:
		for _, child := range n {
			closed(child, key)
		}
	}
}

func TestDocumentsFollowTheSchema(t *testing.T) {
	s := schema(t, true)
	for _, c := range reporttest.Cases() {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(render(t, report.New(c.Input))))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(doc); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}

// A schema that takes everything proves nothing: each of these must be refused.
func TestSchemaRefuses(t *testing.T) {
	s := schema(t, false)
	for what, spoil := range map[string]func(map[string]any){
		"another schema":      func(d map[string]any) { d["schema"] = "oomtrace/2" },
		"an unknown verdict":  func(d map[string]any) { d["verdict"].(map[string]any)["kind"] = "bad-luck" },
		"a size as text":      func(d map[string]any) { d["limit"].(map[string]any)["bytes"] = "4GiB" },
		"no events":           func(d map[string]any) { delete(d, "events") },
		"a local time":        func(d map[string]any) { d["crash"].(map[string]any)["time"] = "09:33" },
		"a run without index": func(d map[string]any) { delete(d["runs"].([]any)[0].(map[string]any), "index") },
		"a line of its own":   func(d map[string]any) { d["crash"].(map[string]any)["source"] = 7 },
	} {
		var doc map[string]any
		if err := json.Unmarshal([]byte(render(t, report.New(reporttest.Leak()))), &doc); err != nil {
			t.Fatal(err)
		}
		spoil(doc)
		if s.Validate(doc) == nil {
			t.Errorf("%s is taken", what)
		}
	}
}
