package oomtrace

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"oomtrace/inflection/heapprof"
	"oomtrace/parser"
	"oomtrace/parser/unit"
	"oomtrace/report"
)

// maxProfile is how many bytes of one heap profile are read. Real ones have a few hundred kilobytes.
const maxProfile = 256 << 20

// apart takes the heap profiles out of the inputs, wherever they stand among them.
func apart(inputs []Input) (logs, profiles []Input) {
	for _, in := range inputs {
		if isProfile(&in) {
			profiles = append(profiles, in)
		} else {
			logs = append(logs, in)
		}
	}
	return logs, profiles
}

// isProfile looks at the beginning of an input, and puts one together again that opens a single time. An input that
// cannot be opened is none: its reading says why.
func isProfile(in *Input) bool {
	r, err := in.Open()
	if err != nil {
		if in.Once {
			in.Open = func() (io.ReadCloser, error) { return nil, err }
		}
		return false
	}
	text := bufio.NewReaderSize(r, 8*heapprof.HeadSize)
	packed, _ := text.Peek(8 * heapprof.HeadSize)
	if in.Once {
		in.Open = func() (io.ReadCloser, error) { return whole{text, r}, nil }
	} else {
		_ = r.Close()
	}
	head, _ := parser.Unpack(bytes.NewReader(packed), heapprof.HeadSize)
	return heapprof.Recognise(head)
}

// whole is a stream of which a part was looked at.
type whole struct {
	*bufio.Reader
	io.Closer
}

// addSuspects compares the heap profiles and adds the sites that grew to the report. It returns what could not be read.
func addSuspects(in *report.Input, profiles []Input) error {
	if len(profiles) == 0 {
		return nil
	}
	var read []heapprof.Profile
	var broken []error
	for _, p := range profiles {
		source := report.Source{File: p.Name, Dialects: []report.Dialect{{Name: "pprof", Title: "heap profile", Records: 1}}}
		data, err := readProfile(p, &source)
		if err != nil {
			broken = append(broken, err)
			source.Note, source.Ignored, source.Dialects = report.Unreadable, true, nil
		} else {
			read = append(read, heapprof.Profile{Name: p.Name, Data: data})
		}
		in.Sources = append(in.Sources, source)
	}
	result := heapprof.Find(read, heapprof.Options{Onset: onset(in)})
	in.Notes = append(in.Notes, result.Notes...)
	for _, u := range result.Unread {
		broken = append(broken, fmt.Errorf("cannot read %s: %w", u.Name, u.Reason))
		i := slices.IndexFunc(in.Sources, func(s report.Source) bool { return s.File == u.Name && s.Note == "" })
		s := &in.Sources[i]
		s.Note, s.Ignored, s.Dialects, s.Notes = report.Unreadable, true, nil, []string{u.Reason.Error()}
	}
	if result.Base != "" {
		in.Profiles = []string{result.Base, result.Last}
	}
	for _, s := range result.Suspects {
		in.Suspects = append(in.Suspects, report.Suspect{
			Function: s.Function, File: s.File, Line: s.Line, Growth: s.GrowthBytes,
			GrowthLow: unit.Known(s.GrowthLow), GrowthHigh: unit.Known(s.GrowthHigh), Share: s.Share,
			Base: s.BaseBytes, Last: s.LastBytes, Objects: s.Objects, New: s.BaseBytes == 0, Stack: s.Stack,
		})
	}
	return errors.Join(broken...)
}

// readProfile returns the bytes of a profile without their packing, and notes in the source what they were.
func readProfile(p Input, source *report.Source) ([]byte, error) {
	r, err := p.Open()
	if err != nil {
		return nil, err
	}
	packed, err := io.ReadAll(io.LimitReader(r, maxProfile))
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", p.Name, err)
	}
	sum := sha256.Sum256(packed)
	source.Bytes, source.SHA256 = int64(len(packed)), hex.EncodeToString(sum[:])
	data, err := parser.Unpack(bytes.NewReader(packed), maxProfile)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: it is cut short or damaged: %w", p.Name, err)
	}
	return data, nil
}

// onset returns the wall time of the onset, or the zero time where there is none or no clock tells.
func onset(in *report.Input) time.Time {
	run := in.Timeline.PrimaryRun()
	if run == nil || run.Start.IsZero() || run.Index >= len(in.Finding.Runs) {
		return time.Time{}
	}
	found := in.Finding.Runs[run.Index].Onset
	if found == nil {
		return time.Time{}
	}
	return run.Start.Add(found.At)
}
