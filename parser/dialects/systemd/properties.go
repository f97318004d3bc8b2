package systemd

import (
	"bytes"
	"math"
	"strconv"
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// properties are the lines of systemctl show, which may come in any order and number. A block of them ends at an empty line.
type properties struct {
	status     event.ContainerStatus
	seen       bool // the block has a property of interest
	sure       bool // and one that only the manager writes
	code       int  // CLD_EXITED is 1, CLD_KILLED 2, CLD_DUMPED 3
	exitStatus int
	effective  unit.Size // the smallest limit of the unit and the slices above it
}

// property splits "MemoryMax=50331648", which is how the lines of systemctl show look.
func property(text []byte) (key, value []byte, ok bool) {
	at := bytes.IndexByte(text[:min(len(text), 64)], '=')
	if at < 2 || text[0]-'A' >= 26 {
		return nil, nil, false
	}
	for _, c := range text[1:at] {
		if c|0x20-'a' >= 26 && c-'0' > 9 {
			return nil, nil, false
		}
	}
	return text[:at], text[at+1:], true
}

// show reads a property of a unit.
func (d *decoder) show(l *dialect.Line, key, value []byte) bool {
	p := &d.properties
	interest := true
	switch string(key) {
	case "Id":
		p.status.Name = clip(value)
	case "ActiveState":
		p.status.State = clip(value)
	case "Result":
		p.status.Reason = clip(value)
	case "ControlGroup":
		p.status.Cgroup = clip(value)
	case "MemoryMax":
		p.status.Limit = plain(value)
	default:
		interest = p.known(string(key), value)
	}
	if !interest {
		return p.sure
	}
	if !p.seen {
		p.seen = true
		p.status.Head = l.Head(name)
	}
	return p.sure
}

// known reads the properties that only the manager writes, as no file of a unit may hold them.
func (p *properties) known(key string, value []byte) bool {
	number, err := strconv.Atoi(string(value))
	number = max(0, min(number, math.MaxInt32))
	ok := err == nil
	switch key {
	case "MemoryCurrent":
		p.status.Usage = plain(value)
	case "MemoryPeak":
		p.status.Peak = plain(value)
	case "MemorySwapPeak":
		p.status.SwapPeak = plain(value)
	case "EffectiveMemoryMax":
		p.effective = plain(value)
	case "NRestarts":
		p.status.Restarts, p.status.HasRestarts = number, ok
	case "ExecMainPID":
		p.status.PID = number
	case "ExecMainCode":
		p.code = number
	case "ExecMainStatus":
		p.exitStatus = number
	case "ExecMainStartTimestamp":
		p.status.Started = instant(value)
	case "ExecMainExitTimestamp":
		p.status.Finished = instant(value)
	default:
		return false
	}
	p.sure = true
	return true
}

// plain reads a number of bytes; "infinity", "[not set]" and nothing are unknown.
func plain(value []byte) unit.Size {
	n, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil || n < 0 || n > 1<<60 {
		return unit.Size{}
	}
	return unit.Known(unit.Bytes(n))
}

// instant reads "Sun 2026-11-22 20:47:22 UTC" or "@1795376842". Other zones than UTC have no number there: 0.
func instant(value []byte) int64 {
	if n, err := strconv.ParseInt(string(bytes.TrimPrefix(value, []byte("@"))), 10, 64); err == nil && n > 0 && n < 7e9 {
		return n * 1e9
	}
	t, err := time.Parse("Mon 2006-01-02 15:04:05 UTC", string(value))
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		return 0
	}
	return t.UnixNano()
}

// endShow emits what the block says.
func (d *decoder) endShow(emit dialect.Emit) {
	p := d.properties
	d.properties = properties{}
	if !p.sure {
		return
	}
	s := p.status
	s.Engine, s.SaysOOM, s.OOMKilled = event.Systemd, s.Reason != "", s.Reason == "oom-kill"
	s.ID = containerID(s.Name)
	if limit, ok := s.Limit.Get(); ok && p.effective.Or(limit) < limit {
		s.Limit = p.effective
	}
	switch p.code {
	case 1:
		s.ExitCode, s.HasExit = p.exitStatus, true
	case 2, 3:
		s.Signal = p.exitStatus
	}
	emit(&s)
}
