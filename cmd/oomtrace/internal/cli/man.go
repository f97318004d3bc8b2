package cli

import (
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manCommand writes the manual pages. Packagers call it, so that it stays out of the help.
func manCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "man FOLDER",
		Short:  "write the manual pages",
		Long:   "Writes a manual page for every command into FOLDER, which must exist.",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := os.Stat(args[0]); err != nil {
				return fail(Failed, "cannot write to %s: %w", args[0], reason(err))
			}
			undated := time.Unix(0, 0).UTC() // the same program writes the same pages
			header := &doc.GenManHeader{Title: "OOMTRACE", Section: "1", Source: "oomtrace " + Version(), Date: &undated}
			cmd.Root().DisableAutoGenTag = true
			if err := doc.GenManTree(cmd.Root(), header, args[0]); err != nil {
				return fail(Failed, "cannot write the manual pages: %w", err)
			}
			return nil
		},
	}
}
