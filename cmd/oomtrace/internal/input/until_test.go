package input

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

// A reader that waits for a person must not keep the program from ending.
func TestUntil(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	pipe, w := io.Pipe()
	r := Until(ctx, pipe)
	go func() { _, _ = w.Write([]byte("text")) }()
	p := make([]byte, 9)
	if n, err := r.Read(p); err != nil || string(p[:n]) != "text" {
		t.Fatalf("read %q, %v", p[:n], err)
	}
	cancel()
	if n, err := r.Read(p); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of its context: %d bytes, %v", n, err)
	}
	if got, err := io.ReadAll(Until(t.Context(), strings.NewReader("text"))); err != nil || string(got) != "text" {
		t.Errorf("read %q, %v", got, err)
	}
}
