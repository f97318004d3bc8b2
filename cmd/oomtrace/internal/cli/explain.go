package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"oomtrace/cmd/oomtrace/internal/input"
	"oomtrace/inflection"
)

func explainCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:     "explain [KIND]",
		Short:   "say what a verdict means",
		Long:    "Says what a verdict kind means and what to do. Without KIND it lists them.",
		Example: "oomtrace explain goal-overshoot",
		Args:    cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return kinds(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return printTo(s.out, "%s", verdictList())
			}
			for _, r := range inflection.Rules() {
				if string(r.Kind) == args[0] || strings.EqualFold(r.ID, args[0]) {
					return printTo(s.out, "%s (%s): %s\n\n%s\n\nWhat to do: %s\n", r.Kind, r.ID, r.Title, r.Text, r.Next)
				}
			}
			if near := input.Closest(args[0], kinds()); near != "" {
				return fail(Usage, "unknown verdict %q. Did you mean %s?", args[0], near)
			}
			return fail(Usage, `unknown verdict %q. Run "oomtrace explain" for the list.`, args[0])
		},
	}
}

func kinds() []string {
	var list []string
	for _, r := range inflection.Rules() {
		list = append(list, string(r.Kind))
	}
	return list
}

func verdictList() string {
	var b strings.Builder
	for _, r := range inflection.Rules() {
		fmt.Fprintf(&b, "%-20s %s\n", r.Kind, r.Title)
	}
	return b.String()
}
