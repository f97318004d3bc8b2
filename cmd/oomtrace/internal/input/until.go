package input

import (
	"context"
	"io"
)

// Until returns a reader that ends when ctx does, even while it waits for a person or a pipe to say more. The read that
// waits goes on in the background, so nothing else may read r afterwards.
func Until(ctx context.Context, r io.Reader) io.Reader { return &waiting{ctx, r, nil} }

type waiting struct {
	ctx    context.Context
	r      io.Reader
	buffer []byte
}

// Read reads into a buffer of its own, as a read that was given up may still write to it.
func (w *waiting) Read(p []byte) (int, error) {
	if len(w.buffer) < len(p) {
		w.buffer = make([]byte, len(p))
	}
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	go func() {
		n, err := w.r.Read(w.buffer[:len(p)])
		done <- result{n, err}
	}()
	select {
	case <-w.ctx.Done():
		return 0, w.ctx.Err()
	case got := <-done:
		copy(p, w.buffer[:got.n])
		return got.n, got.err
	}
}
