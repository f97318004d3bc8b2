package oomtrace_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"oomtrace/report/json"
)

// TestIncidentsFollowTheSchema holds the JSON of every bundled incident against the published schema. Keys that it does not
// name are refused, but for those of events.
func TestIncidentsFollowTheSchema(t *testing.T) {
	s := strictSchema(t)
	folders, err := filepath.Glob("testdata/crashlogs/*/want.json")
	if err != nil || len(folders) < 12 {
		t.Fatalf("%d incidents, %v", len(folders), err)
	}
	for _, path := range folders {
		folder := filepath.Dir(path)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			var b bytes.Buffer
			if err := json.Write(&b, analyze(t, folder, readWant(t, path))); err != nil {
				t.Fatal(err)
			}
			doc, err := jsonschema.UnmarshalJSON(&b)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(doc); err != nil {
				t.Error(err)
			}
		})
	}
}

func strictSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile("docs/oomtrace-1.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	refuseFurther(doc, "")
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

// refuseFurther closes the objects of a schema.
func refuseFurther(node any, key string) {
	switch n := node.(type) {
	case map[string]any:
		for k, child := range n {
			refuseFurther(child, k)
		}
		if _, ok := n["properties"]; ok && n["type"] == "object" && key != "event" {
			n["additionalProperties"] = false
		}
	case []any:
		for _, child := range n {
			refuseFurther(child, key)
		}
	}
}
