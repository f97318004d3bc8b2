package oomtrace_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"oomtrace"
	"oomtrace/parser/event"
)

// endless is a log without a line that is understood, which never ends. Its context ends after some reads.
type endless struct {
	reads  int
	cancel func()
}

func (e *endless) Read(p []byte) (int, error) {
	if e.reads++; e.reads == 3 {
		e.cancel()
	}
	for i := range p {
		p[i] = "a line\n"[i%7]
	}
	return len(p), nil
}

func (e *endless) Close() error { return nil }

// A caller that no longer wants an answer gets the program back, even from a log that holds no event at all.
func TestContextEndsTheReading(t *testing.T) {
	for name, run := range map[string]func(context.Context, []oomtrace.Input) error{
		"analyze": func(ctx context.Context, in []oomtrace.Input) error {
			m, err := oomtrace.Analyze(ctx, in, oomtrace.Options{})
			if m != nil {
				t.Error("a report of half of the input")
			}
			return err
		},
		"read": func(ctx context.Context, in []oomtrace.Input) error {
			return oomtrace.Read(ctx, in, func(event.Event) error { return nil })
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		in := oomtrace.Input{Name: "app.log", Once: true, Open: func() (io.ReadCloser, error) { return &endless{cancel: cancel}, nil }}
		if err := run(ctx, []oomtrace.Input{in, in}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
