package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// pseudoTerminal opens a terminal of so many columns and the end that reads what is written to it.
func pseudoTerminal(t *testing.T, columns uint16) (screen, tty *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo terminals here: ", err)
	}
	t.Cleanup(func() { _ = screen.Close() })
	master := int(screen.Fd())
	if err := unix.IoctlSetPointerInt(master, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(master, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo terminals here: ", err)
	}
	if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: columns}); err != nil {
		t.Fatal(err)
	}
	return screen, tty
}

// onTerminal runs the program with standard output on a terminal and returns the lines that it shows.
func onTerminal(t *testing.T, columns uint16, args ...string) []string {
	t.Helper()
	screen, tty := pseudoTerminal(t, columns)
	status := make(chan int)
	go func() {
		got := Run(args, strings.NewReader(""), tty, io.Discard)
		_ = tty.Close()
		status <- got
	}()
	shown, err := io.ReadAll(screen)
	if err != nil && !errors.Is(err, syscall.EIO) { // how Linux says that the terminal was closed
		t.Fatal(err)
	}
	if got := <-status; got != int(Done) {
		t.Errorf("status %d, want %d", got, Done)
	}
	return strings.Split(strings.ReplaceAll(string(shown), "\r\n", "\n"), "\n")
}

var colour = regexp.MustCompile(`\x1b\[[0-9]*m`)

const leak = "../../../../testdata/crashlogs/leak/gctrace.log"

// TestTerminal shows a report on terminals: in colour, no wider than they are and never wider than 80 columns, with a chart of one
// line where they are narrow.
func TestTerminal(t *testing.T) {
	t.Setenv("LC_ALL", "C.UTF-8")
	for _, c := range []struct {
		columns   uint16
		term, no  string // TERM and NO_COLOR
		width     int
		bars, hue bool
	}{
		{50, "xterm", "", 50, false, true},
		{59, "xterm", "", 59, false, true},
		{60, "xterm", "", 60, true, true},
		{80, "xterm", "", 80, true, true},
		{200, "xterm", "", 80, true, true},
		{0, "xterm", "", 80, true, true}, // a terminal that does not tell
		{80, "dumb", "", 80, true, false},
		{80, "xterm", "1", 80, true, false},
	} {
		t.Run(fmt.Sprintf("%d columns TERM=%s NO_COLOR=%s", c.columns, c.term, c.no), func(t *testing.T) {
			t.Setenv("TERM", c.term)
			t.Setenv("NO_COLOR", c.no)
			lines := onTerminal(t, c.columns, "analyze", "--no-report", leak)
			widest := 0
			for _, l := range lines {
				widest = max(widest, utf8.RuneCountInString(colour.ReplaceAllString(l, "")))
			}
			if widest > c.width || widest < c.width*4/5 {
				t.Errorf("the widest line has %d columns of %d", widest, c.width)
			}
			if got := slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, "┤") }); got != c.bars {
				t.Errorf("bars %v, want %v", got, c.bars)
			}
			if got := slices.ContainsFunc(lines, colour.MatchString); got != c.hue {
				t.Errorf("colour %v, want %v", got, c.hue)
			}
			if t.Failed() {
				t.Log(strings.Join(lines, "\n"))
			}
		})
	}
}
