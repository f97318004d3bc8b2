package cli

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// session is a block of the README that shows what the program prints.
var session = regexp.MustCompile("(?s)```text\n\\$ oomtrace ([^\n]*)\n(.*?)```")

// TestReadme holds the tables of the README against the program. UPDATE_GOLDEN=1 rewrites them.
func TestReadme(t *testing.T) {
	const path = "../../../../README.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	blocks := 0
	want := session.ReplaceAllFunc(text, func(block []byte) []byte {
		blocks++
		command := string(session.FindSubmatch(block)[1])
		var out, errs bytes.Buffer
		if status := Run(strings.Fields(command), strings.NewReader(""), &out, &errs); status != 0 {
			t.Errorf("oomtrace %s: status %d: %s", command, status, errs.String())
		}
		return []byte("```text\n$ oomtrace " + command + "\n" + out.String() + "```")
	})
	if blocks < 4 {
		t.Errorf("%d blocks show what the program prints, want 4 or more", blocks)
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, want, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(text, want) {
		t.Error("README.md does not show what the program prints; UPDATE_GOLDEN=1 go test ./cmd/... rewrites it")
	}
}

// TestFlagsNameTheirValues keeps the help complete: every flag with a value says in capitals what the value is.
func TestFlagsNameTheirValues(t *testing.T) {
	set := pflag.NewFlagSet("", pflag.ContinueOnError)
	new(analyzeFlags).declare(set)
	flags := 0
	set.VisitAll(func(f *pflag.Flag) {
		flags++
		if (f.Value.Type() != "bool") != (valueNames[f.Name] != "") {
			t.Errorf("--%s has a value of type %s and is shown as %q", f.Name, f.Value.Type(), flagName(f))
		}
	})
	if flags == 0 {
		t.Error("no flag was looked at")
	}
}
