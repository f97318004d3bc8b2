// Package csv writes every collection and every other event of a report as a table for spreadsheets and data frames: no
// reduction, one row each, in a fixed order of columns. Where a run is made of readings and no collections, the rows say so, and
// their text is the value that was read. What comes out of a log cannot become a formula: a text that a
// spreadsheet would calculate gets an apostrophe before it.
package csv

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/timeline"
)

// Header is the first line of every table. A program may overwrite a file that begins with it, and no other.
const Header = "record,file,line,run,cycle,process_seconds,time,live_bytes,peak_bytes,goal_bytes,old_generation_bytes,beside_heap_bytes,pause_seconds,gc_cpu_seconds,forced,text"

// Write writes the collections of all runs, run by run, and then the events in the order of the input. A cell is empty
// where the log does not tell; times are in UTC. It fails where w does, or where an event has no JSON.
func Write(w io.Writer, m *report.Model) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true // RFC 4180
	if err := c.Write(strings.Split(Header, ",")); err != nil {
		return err
	}
	for i, r := range m.Series {
		for k := range r.Cycles.Len() {
			if err := c.Write(cycle(m, r, i, r.Cycles.At(k))); err != nil {
				return err
			}
		}
	}
	for _, ev := range m.Events {
		cells, err := row(ev)
		if err != nil {
			return err
		}
		if err := c.Write(cells); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

func cycle(m *report.Model, r *timeline.Run, run int, x *timeline.Cycle) []string {
	file := ""
	if int(x.File) < len(m.Files) {
		file = m.Files[x.File]
	}
	at, when := seconds(x.At.Seconds()), ""
	if r.Clock == timeline.ByNumber {
		at = ""
	}
	if !r.Start.IsZero() {
		when = r.Start.Add(x.At).UTC().Format("2006-01-02T15:04:05.000Z07:00")
	}
	record, peak, read := "gc", count(int64(x.Peak)), ""
	pause, cpu, forced := seconds(single(x.Pause)), seconds(single(x.CPU)), strconv.FormatBool(x.Flags&timeline.Forced != 0)
	if r.Sampled() {
		record, read, pause, cpu, forced = "reading", text(r.Read), "", "", ""
	}
	if r.Basis == timeline.FromResident {
		peak = ""
	}
	return []string{
		record, text(file), count(int64(x.Line)), strconv.Itoa(run), strconv.FormatUint(uint64(x.N), 10), at, when,
		strconv.FormatInt(int64(x.Live), 10), peak, count(int64(x.Goal)),
		count(int64(x.Old) * int64(unit.KiB)), count(int64(x.Beside) * int64(unit.KiB)), pause, cpu, forced, read,
	}
}

// row is an event that is no collection; its text is what "oomtrace events" prints of it.
func row(ev event.Event) ([]string, error) {
	data, err := event.AppendJSON(nil, ev)
	if err != nil {
		return nil, err
	}
	h := ev.Header()
	at, when := "", ""
	if h.Time.Has.Has(event.Process) {
		at = seconds(h.Time.Process.Seconds())
	}
	if h.Time.Has.Has(event.Wall) {
		when = h.Time.WallTime().UTC().Format(time.RFC3339Nano)
	}
	return []string{gjson.GetBytes(data, "type").String(), text(h.Pos.File), count(int64(h.Pos.Line)), "", "", at, when, "", "", "", "", "", "", "", "", text(string(data))}, nil
}

// text keeps a spreadsheet from taking a text for a formula.
func text(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n|", rune(s[0])) {
		return "'" + s
	}
	return s
}

// count prints a number that stands for unknown where it is 0.
func count(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// single takes a figure kept in 32 bits for the decimal that the log had.
func single(f float32) float64 {
	d, err := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
	if err != nil {
		return float64(f)
	}
	return d
}

func seconds(s float64) string {
	if math.IsNaN(s) || math.IsInf(s, 0) {
		return ""
	}
	return strconv.FormatFloat(s, 'f', -1, 64)
}
