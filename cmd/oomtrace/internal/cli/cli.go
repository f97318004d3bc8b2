// Package cli is the command line: commands, flags, exit statuses, and what goes to the terminal. It decides nothing
// about logs; every command calls the facade and lays out what comes back.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oomtrace/cmd/oomtrace/internal/input"
)

// Status is an exit status of the program.
type Status int

// The exit statuses. They are stable: scripts rely on them.
const (
	Done        Status = 0
	Failed      Status = 1
	Usage       Status = 2
	Nothing     Status = 3
	Damaged     Status = 5
	Died        Status = 10
	Interrupted Status = 130
)

// statuses are the exit statuses with their meaning, for help and README.
var statuses = []struct {
	status Status
	text   string
}{
	{Done, "analysed, whatever the verdict"},
	{Failed, "an input could not be read or an output could not be written; the rest was done"},
	{Usage, "wrong usage"},
	{Nothing, "nothing recognisable in the input"},
	{Damaged, "`--strict` was given and there were damaged records"},
	{Died, "`--exit-code` was given and a death for want of memory was found, or the log ends where one was due"},
	{Interrupted, "interrupted"},
}

// failure is an error with its exit status. Its text is for the user: what happened, and the one thing that helps.
type failure struct {
	status Status
	err    error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func fail(status Status, format string, args ...any) error {
	return &failure{status, fmt.Errorf(format, args...)}
}

// streams are the three standard streams. Results go to out, everything else to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
	columns  int // of the terminal that out leads to; 0 where it leads to none
}

// Run runs the program with its arguments, without its name, and returns the exit status.
func Run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once, whatever it waits for
	out := &checked{w: stdout}
	root := newRoot(streams{stdin, out, stderr, columns(stdout)})
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if out.err != nil { // also where help and completion do not look
		err = fail(Failed, "cannot write: %w", out.err)
	}
	if err == nil {
		return int(Done)
	}
	for _, line := range messages(err) {
		fmt.Fprintf(stderr, "oomtrace: %s\n", line)
	}
	var f *failure
	switch {
	case ctx.Err() != nil:
		return int(Interrupted)
	case errors.As(err, &f):
		return int(f.status)
	}
	return int(Usage) // what cobra itself refuses: unknown commands, flags and values
}

// checked is standard output that remembers that it failed.
type checked struct {
	w   io.Writer
	err error
}

// Write writes as long as nothing has failed.
func (c *checked) Write(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.w.Write(p)
	c.err = err
	return n, err
}

// messages returns the text of an error, one line for each error that was joined, without the line of an error that
// only carries a status.
func messages(err error) []string {
	if f, ok := err.(*failure); ok { //nolint:errorlint // the outermost error decides, a wrapped one is part of its text
		return messages(f.err)
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var lines []string
		for _, e := range joined.Unwrap() {
			lines = append(lines, messages(e)...)
		}
		return lines
	}
	if text := err.Error(); text != "" {
		return []string{visible(text)}
	}
	return nil
}

// visible makes text that may come from a file name harmless for a terminal.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 {
			return '�'
		}
		return r
	}, text)
}

func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:           "oomtrace",
		Short:         "oomtrace finds when memory stopped recovering before an out-of-memory crash.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			if near := input.Closest(args[0], names(cmd)); near != "" {
				return fail(Usage, "unknown command %q. Did you mean %s?", args[0], near)
			}
			return fail(Usage, `unknown command %q. Run "oomtrace help" for the commands.`, args[0])
		},
		Example: `oomtrace analyze gctrace.log --limit 4GiB
oomtrace analyze gctrace.log kern.log --profile before.pb.gz --profile late.pb.gz
kubectl logs -p pod/checkout-api | oomtrace analyze - --limit 4Gi`,
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetHelpFunc(help)
	root.SetHelpCommand(helpCommand())
	root.Version = Version()
	root.SetVersionTemplate("oomtrace {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(analyzeCommand(s), eventsCommand(s), formatsCommand(s), explainCommand(s), licensesCommand(s), versionCommand(s), manCommand())
	root.AddCommand(topics()...)
	knownShells(root)
	return root
}

// knownShells has completion refuse shells that it knows nothing of, and name the others.
func knownShells(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	completion, _, err := root.Find([]string{"completion"})
	if err != nil {
		return
	}
	shells := strings.Join(names(completion), ", ")
	completion.Short, completion.Args = "print completions for a shell: "+shells, cobra.ArbitraryArgs
	completion.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return fail(Usage, "no completions for %q. Use one of: %s", args[0], shells)
	}
}

func names(cmd *cobra.Command) []string {
	var list []string
	for _, c := range cmd.Commands() {
		list = append(list, c.Name())
	}
	return list
}

// flagError says what is wrong with a flag in our own words and names the flag that was probably meant.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "" {
		name := unknown.GetSpecifiedName()
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		if near := input.Closest(name, known); near != "" {
			return fail(Usage, "unknown flag --%s. Did you mean --%s?", name, near)
		}
		return fail(Usage, `unknown flag --%s. Run "oomtrace help %s" for its flags.`, name, cmd.Name())
	}
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		return fail(Usage, "--%s %w", invalid.GetFlag().Name, invalid.Unwrap())
	}
	return fail(Usage, "%w", err)
}

// version is set by the linker in a release; otherwise the build information tells.
var version = ""

// Version returns the version of the program, as version prints it and reports name it.
func Version() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "0.1.0-dev"
}

func versionCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return printTo(s.out, "oomtrace %s\n", Version())
		},
	}
}

// printTo writes to an output whose failure must show in the exit status.
func printTo(w io.Writer, format string, args ...any) error {
	if _, err := fmt.Fprintf(w, format, args...); err != nil {
		return fail(Failed, "cannot write: %w", err)
	}
	return nil
}
