package oomtrace_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// layers says which packages of the module a package may import, besides the standard library. A package is ruled by
// the longest folder that holds it. Change the table on purpose or not at all.
var layers = map[string][]string{
	"parser/unit":                 {},
	"parser/event":                {"parser/unit"},
	"parser/shape":                {},
	"parser/anchor":               {},
	"parser/dialect":              {"parser/event"},
	"parser/dialect/dialecttest":  {"parser/dialect", "parser/event"},
	"parser/dialects":             {"parser/dialect", "parser/event", "parser/shape", "parser/unit"},
	"parser/envelope":             {"parser/event", "parser/shape"},
	"parser":                      {"parser/anchor", "parser/dialect", "parser/dialects", "parser/envelope", "parser/event", "parser/unit"},
	"timeline":                    {"parser/event", "parser/unit"},
	"inflection":                  {"timeline", "parser/event", "parser/unit"},
	"inflection/heapprof":         {"parser/unit"},
	"report":                      {"inflection", "timeline", "parser/event", "parser/unit"},
	"":                            {"parser", "timeline", "inflection", "report"},
	"docs/gallery":                {"", "parser/unit", "report"},
	"cmd/oomtrace":                {"cmd/oomtrace/internal/cli"},
	"cmd/oomtrace/internal/input": {""},
	"cmd/oomtrace/internal/cli":   {"", "cmd/oomtrace/internal/input", "parser", "timeline", "inflection", "report"},
}

// owners says which folders may import a library. Libraries that are not listed are free.
var owners = map[string][]string{
	"github.com/alecthomas/participle/v2": {"parser/shape", "parser/envelope", "parser/dialects"},
	"github.com/go-echarts/go-echarts/v2": {"report/html"},
	"github.com/google/pprof":             {"inflection/heapprof"},
	"github.com/spf13/pflag":              {"cmd/oomtrace/internal/cli", "parser/unit"},
	"github.com/spf13/cobra":              {"cmd/oomtrace/internal/cli"},
	"os":                                  {"cmd/oomtrace", "docs/gallery", "parser/dialect/dialecttest", "report/reporttest"},
	"math/rand":                           {},
	"math/rand/v2":                        {"parser/dialect/dialecttest"},
}

func TestLayers(t *testing.T) {
	seen := 0
	for folder, imports := range sources(t) {
		rule := longest(folder, layers)
		for _, path := range imports {
			seen++
			if users, ruled := owners[library(path)]; ruled && !slices.ContainsFunc(users, func(u string) bool { return within(folder, u) }) {
				t.Errorf("%s imports %s, which only %q may", folder, path, users)
			}
			inner, ours := strings.CutPrefix(path, "oomtrace")
			if !ours || inner != "" && inner[0] != '/' {
				continue
			}
			inner = strings.TrimPrefix(inner, "/")
			allowed := within(inner, rule) && rule != "" || slices.ContainsFunc(layers[rule], func(p string) bool { return inner == p || p != "" && within(inner, p) })
			if !allowed {
				t.Errorf("%s imports %q; the table allows %q", folder, inner, layers[rule])
			}
		}
	}
	if seen == 0 {
		t.Fatal("no import was looked at")
	}
}

// sources returns the imports of each folder's Go files, tests left out.
func sources(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && path != "."):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		folder := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), ".")
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			found[folder] = append(found[folder], name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func longest(folder string, table map[string][]string) string {
	best := ""
	for rule := range table {
		if within(folder, rule) && len(rule) > len(best) {
			best = rule
		}
	}
	return best
}

func within(folder, root string) bool {
	return folder == root || root == "" || strings.HasPrefix(folder, root+"/")
}

// library returns the owned library that an import path belongs to, or the path itself.
func library(path string) string {
	for name := range owners {
		if within(path, name) && strings.Contains(name, ".") {
			return name
		}
	}
	return path
}
