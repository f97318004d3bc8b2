package cli

import (
	"github.com/spf13/cobra"

	"oomtrace/report/html"
)

func licensesCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "licenses",
		Short: "print the licences of bundled code",
		Long:  "Prints the licence of oomtrace's bundled script library, which every HTML report carries a copy of.",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return printTo(s.out, "%s", html.Licenses())
		},
	}
}
