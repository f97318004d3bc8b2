package oomtrace

import (
	"errors"
	"fmt"
	"io"
	"time"

	"oomtrace/inflection/heapprof"
	"oomtrace/parser/unit"
	"oomtrace/report"
)

// maxProfile is how many bytes of one heap profile are read. Real ones have a few hundred kilobytes.
const maxProfile = 256 << 20

// addSuspects compares the heap profiles and adds the sites that grew to the report. It returns what could not be read.
func addSuspects(in *report.Input, profiles []Input) error {
	if len(profiles) == 0 {
		return nil
	}
	var read []heapprof.Profile
	var broken []error
	for _, p := range profiles {
		data, err := readProfile(p)
		if err != nil {
			broken = append(broken, err)
			continue
		}
		read = append(read, heapprof.Profile{Name: p.Name, Data: data})
	}
	result := heapprof.Find(read, heapprof.Options{Onset: onset(in)})
	in.Notes = append(in.Notes, result.Notes...)
	if len(read) > 0 && result.Readable == 0 {
		broken = append(broken, fmt.Errorf("cannot read %s: it is no heap profile", read[0].Name))
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

func readProfile(p Input) ([]byte, error) {
	r, err := p.Open()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, maxProfile))
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", p.Name, err)
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
