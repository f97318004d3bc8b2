package cli

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"oomtrace"
)

// progress tells a person at a terminal how far the reading is: one line, from half a second on, erased at the end.
type progress struct {
	out  io.Writer
	read atomic.Int64
	size atomic.Int64 // of the input that is being read; 0 is unknown
	name atomic.Pointer[string]
	stop chan struct{}
	done chan struct{}
}

// newProgress starts the progress line, or one that stays silent where out is no terminal.
func newProgress(out io.Writer) *progress {
	p := &progress{out: out, stop: make(chan struct{}), done: make(chan struct{})}
	if !isTerminal(out) {
		close(p.done)
		return p
	}
	go p.run()
	return p
}

func (p *progress) run() {
	defer close(p.done)
	begin := time.Now()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	shown := false
	for {
		select {
		case <-p.stop:
			if shown {
				fmt.Fprint(p.out, "\r\x1b[K")
			}
			return
		case <-tick.C:
			if elapsed := time.Since(begin); elapsed > 500*time.Millisecond && p.name.Load() != nil {
				shown = true
				fmt.Fprintf(p.out, "\r\x1b[K%s", progressLine(visible(*p.name.Load()), p.read.Load(), p.size.Load(), elapsed))
			}
		}
	}
}

// progressLine says what was read, and what is left where the size is known. Megabytes are millions, as disks have them.
func progressLine(name string, read, size int64, elapsed time.Duration) string {
	const mb = 1e6
	if size <= 0 || read > size {
		return fmt.Sprintf("reading %s  %.0f MB  %.0f MB/s", name, float64(read)/mb, float64(read)/mb/elapsed.Seconds())
	}
	line := fmt.Sprintf("reading %s  %.0f MB of %.0f MB  %d %%", name, float64(read)/mb, float64(size)/mb, 100*read/size)
	if read > 0 {
		left := time.Duration(float64(elapsed) * float64(size-read) / float64(read))
		line += fmt.Sprintf("  %d s left", int(left.Seconds()+0.5))
	}
	return line
}

// end erases the line.
func (p *progress) end() {
	close(p.stop)
	<-p.done
}

// watch returns the inputs with their reading counted.
func (p *progress) watch(inputs []oomtrace.Input) []oomtrace.Input {
	watched := make([]oomtrace.Input, len(inputs))
	for i, in := range inputs {
		open := in.Open
		in.Open = func() (io.ReadCloser, error) {
			r, err := open()
			if err != nil {
				return nil, err
			}
			p.name.Store(&in.Name)
			p.read.Store(0)
			p.size.Store(sizeOf(r))
			return &counted{r, &p.read}, nil
		}
		watched[i] = in
	}
	return watched
}

func sizeOf(r io.Reader) int64 {
	if f, ok := r.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			return info.Size()
		}
	}
	return 0
}

type counted struct {
	io.ReadCloser
	n *atomic.Int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	c.n.Add(int64(n))
	return n, err
}
