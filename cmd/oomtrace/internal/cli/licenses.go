package cli

import (
	"github.com/spf13/cobra"

	"oomtrace/report/html"
)

func licensesCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "licenses",
		Short: "print the licences of bundled code",
		Long:  "Prints the licences of the script library that every HTML report carries a copy of, and of the fonts that draw a PNG.",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return printTo(s.out, "%s", html.Licenses())
		},
	}
}
