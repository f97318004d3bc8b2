package cli

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// TestInterrupt sends the interrupt of a terminal while the program waits for more of its standard input.
func TestInterrupt(t *testing.T) {
	for _, args := range [][]string{{"analyze", "-"}, {"events", "-"}} {
		t.Run(args[0], func(t *testing.T) {
			t.Chdir(t.TempDir())
			in, w := io.Pipe()
			var out, errs bytes.Buffer
			status := make(chan int)
			go func() { status <- Run(args, in, &out, &errs) }()
			if _, err := w.Write([]byte("starting\n")); err != nil { // it reads, so that it also listens
				t.Fatal(err)
			}
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = self.Signal(os.Interrupt)
			}
			if err != nil {
				t.Skip("this system cannot send an interrupt:", err)
			}
			if got := <-status; got != int(Interrupted) || errs.String() != "oomtrace: interrupted\n" || out.Len() > 0 {
				t.Errorf("status %d, %q on standard error, %q on standard output", got, errs.String(), out.String())
			}
			if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestProgressLine(t *testing.T) {
	for _, c := range []struct {
		read, size int64
		elapsed    time.Duration
		want       string
	}{
		{50e6, 200e6, time.Second, "reading a.log  50 MB of 200 MB  25 %  3 s left"},
		{0, 200e6, time.Second, "reading a.log  0 MB of 200 MB  0 %"},
		{50e6, 0, 2 * time.Second, "reading a.log  50 MB  25 MB/s"},
		{50e6, 40e6, 2 * time.Second, "reading a.log  50 MB  25 MB/s"}, // compressed, or still growing
	} {
		if got := progressLine("a.log", c.read, c.size, c.elapsed); got != c.want {
			t.Errorf("%d of %d: %q, want %q", c.read, c.size, got, c.want)
		}
	}
}

func TestMessagesAreHarmless(t *testing.T) {
	err := fail(Failed, "cannot read %s", "a\x1b[2J\u009b.log")
	if got := strings.Join(messages(err), ""); got != "cannot read a�[2J�.log" {
		t.Errorf("%q", got)
	}
}
