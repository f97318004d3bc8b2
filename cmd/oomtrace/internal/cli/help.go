package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oomtrace/cmd/oomtrace/internal/input"
	"oomtrace/parser/unit"
)

// help prints the help of a command, examples before everything else.
func help(cmd *cobra.Command, _ []string) {
	w := cmd.OutOrStdout()
	switch {
	case !cmd.HasParent():
		rootHelp(w, cmd)
	case !cmd.Runnable():
		fmt.Fprintln(w, cmd.Long)
	default:
		commandHelp(w, cmd)
	}
}

// helpCommand is the command help: it knows commands and topics, and says so where it knows nothing.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "help [COMMAND]",
		Short:  "help for a command or a topic",
		Hidden: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			found, rest, err := root.Find(args)
			if err == nil && len(rest) == 0 {
				return found.Help()
			}
			word := strings.Join(args, " ")
			if near := input.Closest(word, names(root)); near != "" {
				return fail(Usage, "no help for %q. Did you mean %s?", word, near)
			}
			return fail(Usage, `no help for %q. Run "oomtrace help" for the commands.`, word)
		},
	}
}

func rootHelp(w io.Writer, root *cobra.Command) {
	fmt.Fprintf(w, "%s\n\nExamples:\n%s\n\nCommands:\n", root.Short, indent(root.Example))
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() && c.Name() != "help" {
			fmt.Fprintf(w, "  %-10s %s\n", c.Name(), strings.ToLower(c.Short[:1])+c.Short[1:])
		}
	}
	fmt.Fprintf(w, "  %-10s help for a command, or for: %s\n\n", "help", strings.Join(topicNames(), ", "))
	fmt.Fprintln(w, `Run "oomtrace help analyze" for its flags.`)
}

func commandHelp(w io.Writer, cmd *cobra.Command) {
	fmt.Fprintf(w, "Usage: %s\n\n", cmd.UseLine())
	if cmd.Long != "" {
		fmt.Fprintf(w, "%s\n\n", cmd.Long)
	}
	if cmd.Example != "" {
		fmt.Fprintf(w, "%s\n", indent(cmd.Example))
	}
	flags := cmd.LocalFlags()
	for _, group := range groups(flags) {
		fmt.Fprintf(w, "\n%s\n", group.title)
		for _, f := range group.flags {
			name, text := flagName(f), f.Usage
			if len(name) > 23 {
				fmt.Fprintf(w, "  %s\n", name)
				name = ""
			}
			fmt.Fprintf(w, "  %-23s %s\n", name, text)
		}
	}
}

func indent(text string) string { return "  " + strings.ReplaceAll(text, "\n", "\n  ") }

func flagName(f *pflag.Flag) string {
	name := "    --" + f.Name
	if f.Shorthand != "" {
		name = "-" + f.Shorthand + ", --" + f.Name
	}
	if value := valueNames[f.Name]; value != "" {
		name += " " + value
	}
	return name
}

// valueNames says what stands behind a flag that takes a value.
var valueNames = map[string]string{
	"limit": "SIZE", "threshold": "PCT", "profile": "FILE", "env": "NAME=VALUE", "service": "NAME", "start": "TIME", "log-tz": "ZONE", "tz": "ZONE",
	"output": "FILE", "format": "FORMAT", "color": "WHEN",
}

// groupKey is the annotation that holds the heading of a flag in help.
const groupKey = "group"

type flagGroup struct {
	title string
	flags []*pflag.Flag
}

// groups returns the flags by their heading, in the order of declaration.
func groups(flags *pflag.FlagSet) []flagGroup {
	flags.SortFlags = false
	var list []flagGroup
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		title := "Flags"
		if g := f.Annotations[groupKey]; len(g) > 0 {
			title = g[0]
		} else if f.Name == "help" {
			return
		}
		if len(list) == 0 || list[len(list)-1].title != title {
			list = append(list, flagGroup{title: title})
		}
		last := &list[len(list)-1]
		last.flags = append(last.flags, f)
	})
	return list
}

// topic makes a help topic: a command that cannot be run.
func topic(name, short, long string) *cobra.Command {
	return &cobra.Command{Use: name, Short: short, Long: long}
}

func topics() []*cobra.Command {
	return []*cobra.Command{
		topic("sizes", "how sizes are written", sizesTopic()),
		topic("exit-codes", "exit statuses", exitTopic()),
		topic("output", "what is written where", outputTopic),
	}
}

func topicNames() []string {
	var list []string
	for _, t := range topics() {
		list = append(list, t.Name())
	}
	return list
}

func sizesTopic() string {
	return `A size is a number with an optional fraction and unit, in any case:

  KiB MiB GiB TiB PiB, Ki Mi Gi Ti Pi   powers of 1024
  k m g t p                             powers of 1024, as docker, java and systemd read them
  KB MB GB TB PB                        powers of 1000
  b, or no unit                         bytes

Examples: ` + unit.Examples + `
A bare capital (4G) is read as 1024-based too, with a note, as Kubernetes means 1000.`
}

func exitTopic() string {
	var b strings.Builder
	for _, s := range statuses {
		fmt.Fprintf(&b, "%5d  %s\n", s.status, strings.ReplaceAll(s.text, "`", ""))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

const outputTopic = `analyze prints a summary and writes one HTML report, FILE.oomtrace.html in the working
directory. The report is a single file that loads nothing from the network.

  -o, --output FILE     .html .md .json .svg .png .csv decides the format; - is standard output
  -f, --format FORMAT   what goes to standard output instead of the summary
      --no-report       no HTML report
      --static          HTML without scripts, for mail and Jenkins
      --redact          no raw log lines, paths and host names

Results go to standard output, everything else to standard error. NO_COLOR is respected.`
