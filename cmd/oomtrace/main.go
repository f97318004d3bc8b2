// Command oomtrace explains out-of-memory crashes from the logs that they leave behind.
package main

import (
	"os"

	"oomtrace/cmd/oomtrace/internal/cli"
)

func main() { os.Exit(cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
