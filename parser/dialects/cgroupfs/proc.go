package cgroupfs

import (
	"bytes"
	"slices"
	"strconv"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// procNames are the lines of the files of /proc that are read, in kB but for threads.
var procNames = [...]map[string]string{
	status: {"VmRSS": event.ValueRSS, "VmHWM": event.ValuePeakRSS, "VmSwap": event.ValueSwap, "RssAnon": event.ValueAnon, "RssFile": event.ValueFile, "RssShmem": event.ValueShmem},
	meminfo: {
		"MemTotal": event.ValueTotal, "MemAvailable": event.ValueAvailable, "SwapFree": event.ValueSwapFree,
	},
	rollup: {"Rss": event.ValueRSS, "Anonymous": event.ValueAnon},
}

// colon reads "VmRSS:	  114796 kB" and "HugePages_Total:       0".
func colon(text []byte) (key, value []byte, ok bool) {
	key, rest, ok := bytes.Cut(text, []byte(":"))
	if !ok || len(key) == 0 || len(key) > 32 || key[0]-'A' >= 26 {
		return nil, nil, false
	}
	rest = bytes.TrimSpace(rest)
	value = bytes.TrimSuffix(rest, []byte(" kB"))
	if len(value) == 0 || len(value) > 20 {
		return nil, nil, false
	}
	for _, c := range value {
		if c-'0' > 9 {
			return nil, nil, false
		}
	}
	return key, value, true
}

// procLine reads a line of a file of /proc, if it is in one.
func (d *decoder) procLine(l *dialect.Line, key, value []byte, emit dialect.Emit) bool {
	kilo := bytes.HasSuffix(l.Text, []byte(" kB"))
	switch {
	case string(key) == "MemTotal" && kilo && !bytes.HasPrefix(d.before, []byte(machineFile)):
		d.end(emit) // what follows is of the machine
		d.kind, d.proc = meminfo, event.Stream{}
	case kilo && len(key) > 2 && key[0] == 'V' && key[1] == 'm' && d.kind != status && d.proc != (event.Stream{}):
		d.kind = status
	case string(key) == "Rss" && kilo && bytes.HasSuffix(d.before, []byte(rollupArea)):
		d.kind = rollup
	case string(key) == "Pid" && d.proc.Unit != "" && !kilo:
		d.proc.PID, _ = strconv.Atoi(string(value))
		return false
	}
	if d.kind != status && d.kind != meminfo && d.kind != rollup || !kilo && d.kind != meminfo {
		return false
	}
	n, err := strconv.ParseUint(string(value), 10, 50)
	if err != nil {
		return false
	}
	d.put(l, string(rune('0'+d.kind))+string(key), procNames[d.kind][string(key)], float64(n)*1024, emit)
	return true
}

// remember keeps what a line that is not claimed says about those that follow: which process, or which file.
func (d *decoder) remember(text []byte) {
	d.before = d.before[:0]
	if slices.ContainsFunc(leads, func(lead string) bool { return bytes.Contains(text, []byte(lead)) }) {
		d.before = append(d.before, text...)
	}
	rest, ok := bytes.CutPrefix(text, []byte("Name:\t"))
	if !ok || len(rest) == 0 {
		return
	}
	if d.kind == status {
		d.kind = none
	}
	d.proc = event.Stream{Unit: string(rest)}
}
