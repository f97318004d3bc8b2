package cli

import (
	"bufio"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"oomtrace"
	"oomtrace/cmd/oomtrace/internal/input"
	"oomtrace/parser/event"
)

func eventsCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "events FILE...",
		Short: "print what was read, as JSON Lines",
		Long:  "Prints every event that was read as one JSON object a line, in the order of the input. Nothing is judged.",
		Example: `oomtrace events gctrace.log | jq 'select(.type == "gc") | .live_bytes'
oomtrace events kern.log | jq 'select(.type == "oom-kill")'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := needFiles(cmd, s, args); err != nil {
				return err
			}
			return printEvents(cmd.Context(), s, input.Named(args, input.Until(cmd.Context(), s.in)))
		},
	}
}

func printEvents(ctx context.Context, s streams, inputs []oomtrace.Input) error {
	w := bufio.NewWriterSize(s.out, 1<<16)
	var line []byte
	events := 0
	err := oomtrace.Read(ctx, inputs, func(ev event.Event) error {
		var err error
		if line, err = event.AppendJSON(line[:0], ev); err != nil {
			return fail(Failed, "cannot print an event: %w", err)
		}
		events++
		if _, err := w.Write(append(line, '\n')); err != nil {
			return fail(Failed, "cannot write: %w", err)
		}
		return nil
	})
	if flushed := w.Flush(); flushed != nil {
		err = errors.Join(err, fail(Failed, "cannot write: %w", flushed))
	}
	switch {
	case ctx.Err() != nil:
		return fail(Interrupted, "interrupted")
	case err != nil:
		return &failure{Failed, err}
	case events == 0:
		return fail(Nothing, `no line looks like a GC or crash log. Run "oomtrace formats" to see what is understood.`)
	}
	return nil
}
