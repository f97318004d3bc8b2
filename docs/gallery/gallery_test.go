package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oomtrace/inflection"
)

// The gallery shows every bundled incident. Whether it is stale is told by generating it again and looking at what changed.
func TestGalleryIsWhole(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(incidents, "*", "want.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d incidents, %v", len(paths), err)
	}
	index, err := os.ReadFile("index.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		name := filepath.Base(filepath.Dir(path))
		page, err := os.ReadFile(name + ".html")
		if err != nil {
			t.Errorf("%v: run go generate ./docs/gallery", err)
			continue
		}
		if len(page) > 170_000 || bytes.Contains(page, []byte("<script")) {
			t.Errorf("%s: a page of %d bytes, or with scripts", name, len(page))
		}
		if _, err := os.Stat(name + ".png"); err != nil {
			t.Error(err)
		}
		if !strings.Contains(string(index), `href="`+name+`.html"`) {
			t.Errorf("the index lacks %s", name)
		}
	}
}

// Every kind of verdict has a picture.
func TestGalleryShowsEveryKind(t *testing.T) {
	files, err := gallery(incidents)
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range inflection.Rules() {
		if !bytes.Contains(files["index.html"], []byte(`data-kind="`+string(rule.Kind)+`"`)) {
			t.Errorf("no report of the kind %s", rule.Kind)
		}
	}
}
