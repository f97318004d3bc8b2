// Package input turns what the user named into streams with names: files and standard input. It is the only
// package that opens files for reading; compressed content is the parser's matter.
package input

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"oomtrace"
)

// Stdin is the name that stands for standard input.
const Stdin = "-"

// Named returns one input for each name, in order. A name that cannot be opened shows when the input is opened, so
// that the others are still read. Standard input, pipes and devices can be opened once.
func Named(names []string, stdin io.Reader) []oomtrace.Input {
	inputs := make([]oomtrace.Input, 0, len(names))
	for _, name := range names {
		if name == Stdin {
			inputs = append(inputs, oomtrace.Input{Name: "stdin", Open: once(stdin), Once: true})
			continue
		}
		in := oomtrace.Input{Name: name, Open: func() (io.ReadCloser, error) { return open(name) }}
		if info, err := os.Stat(name); err == nil {
			in.Modified = info.ModTime()
			in.Once = !info.Mode().IsRegular() && !info.IsDir()
		}
		inputs = append(inputs, in)
	}
	return inputs
}

// Rereadable is Named for callers that open an input more than once: what can be opened once is kept in a temporary
// file, at its first opening. The files have no name any more where the system allows that, so that nothing is left
// behind; cleanup closes them.
func Rereadable(names []string, stdin io.Reader) (inputs []oomtrace.Input, cleanup func()) {
	var kept []*os.File
	inputs = Named(names, stdin)
	for i := range inputs {
		if in := &inputs[i]; in.Once {
			in.Open, in.Once = keep(in.Open, &kept), false
		}
	}
	return inputs, func() {
		for _, f := range kept {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}
}

// keep copies a stream into a temporary file when it is opened first, and opens the copy from then on.
func keep(first func() (io.ReadCloser, error), kept *[]*os.File) func() (io.ReadCloser, error) {
	copied := sync.OnceValues(func() (*os.File, error) {
		r, err := first()
		if err != nil {
			return nil, err
		}
		defer func() { _ = r.Close() }()
		f, err := os.CreateTemp("", "oomtrace-*")
		if err != nil {
			return nil, fmt.Errorf("cannot keep a pipe for a second reading: %w", err)
		}
		*kept = append(*kept, f)
		_ = os.Remove(f.Name()) // fails where an open file cannot be removed; cleanup tries again
		if _, err := io.Copy(f, r); err != nil {
			return nil, fmt.Errorf("cannot keep a pipe for a second reading: %w", err)
		}
		return f, nil
	})
	return func() (io.ReadCloser, error) {
		f, err := copied()
		if err != nil {
			return nil, err
		}
		return io.NopCloser(io.NewSectionReader(f, 0, math.MaxInt64)), nil
	}
}

// once opens a stream that can be read a single time.
func once(r io.Reader) func() (io.ReadCloser, error) {
	used := false
	return func() (io.ReadCloser, error) {
		if used {
			return nil, errors.New("cannot read standard input twice")
		}
		used = true
		return io.NopCloser(r), nil
	}
}

func open(name string) (io.ReadCloser, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, explain(name, err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("cannot read %s: it is a directory; name the logs in it", name)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// explain says in words why a file cannot be read, and which name may have been meant.
func explain(name string, err error) error {
	reason := err
	var path *fs.PathError
	if errors.As(err, &path) {
		reason = path.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if near := Closest(filepath.Base(name), siblings(name)); near != "" {
			return fmt.Errorf("cannot read %s: no such file. Did you mean %s? %w", name, filepath.Join(filepath.Dir(name), near), quiet{err})
		}
		return fmt.Errorf("cannot read %s: no such file%w", name, quiet{err})
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("cannot read %s: permission denied%w", name, quiet{err})
	}
	return fmt.Errorf("cannot read %s: %w", name, reason)
}

// quiet keeps an error in the chain whose text is already said in better words.
type quiet struct{ error }

func (quiet) Error() string   { return "" }
func (q quiet) Unwrap() error { return q.error }

func siblings(name string) []string {
	entries, err := os.ReadDir(filepath.Dir(name))
	if err != nil {
		return nil
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// Closest returns the candidate that differs from word by the fewest typing errors, or "" if all differ by more than half of it.
func Closest(word string, candidates []string) string {
	best, bestDistance := "", len(word)/2+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d > 0 && d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// distance counts the insertions, deletions and replacements that turn a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			next := diagonal
			if a[i] != b[j] {
				next = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
