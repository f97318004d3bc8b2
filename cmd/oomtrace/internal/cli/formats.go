package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"oomtrace/cmd/oomtrace/internal/input"
	"oomtrace/parser"
	"oomtrace/parser/dialect"
)

func formatsCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:     "formats [NAME]",
		Short:   "list the log dialects that are understood",
		Long:    "Lists the dialects that are understood. With NAME: its versions, traps, and grammar as EBNF.",
		Example: "oomtrace formats gctrace",
		Args:    cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return dialectNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return printTo(s.out, "%s", dialectList())
			}
			for _, d := range parser.Dialects() {
				if d.Name == args[0] {
					return printTo(s.out, "%s", describe(d))
				}
			}
			if near := input.Closest(args[0], dialectNames()); near != "" {
				return fail(Usage, "unknown dialect %q. Did you mean %s?", args[0], near)
			}
			return fail(Usage, `unknown dialect %q. Run "oomtrace formats" for the list.`, args[0])
		},
	}
}

func dialectNames() []string {
	var list []string
	for _, d := range parser.Dialects() {
		list = append(list, d.Name)
	}
	return list
}

func dialectList() string {
	var b strings.Builder
	width := 0
	for _, name := range dialectNames() {
		width = max(width, len(name))
	}
	for _, d := range parser.Dialects() {
		fmt.Fprintf(&b, "%-*s  %s (%s)\n", width, d.Name, d.Title, d.Versions)
	}
	fmt.Fprintf(&b, "\nThey are also found inside: %s.\nCompressed input (gzip, zstd) is recognised by its content.\n", strings.Join(parser.Envelopes(), ", "))
	return b.String()
}

func describe(d dialect.Dialect) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\nVersions: %s\n\n%s\n", d.Name, d.Title, d.Versions, strings.TrimSpace(d.Notes))
	for _, g := range d.Grammars {
		fmt.Fprintf(&b, "\n%s\n\n%s\n\n%s\n", g.Name, indent(g.Example), indent(strings.TrimSpace(g.EBNF)))
	}
	return b.String()
}
