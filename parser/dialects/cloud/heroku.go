package cloud

import (
	"bytes"
	"math"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

const sigkill = 9

// heroku reads what the dyno manager says: it writes under the source heroku, the program of the dyno under app.
func (d *decoder) heroku(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	switch {
	case l.Stream != nil && l.Stream.Unit == "heroku":
		return d.dynoLine(l, l.Stream.Container, text, emit)
	case ascii.HasPrefix(text, "heroku["):
		dyno, rest, ok := bytes.Cut(text[len("heroku["):], []byte("]: "))
		return ok && d.dynoLine(l, clip(dyno), rest, emit)
	case ascii.HasPrefix(text, "Process running mem="), ascii.HasPrefix(text, "Error R14 ("), ascii.HasPrefix(text, "Error R15 ("):
		return d.dynoLine(l, "", text, emit)
	}
	return false
}

// dynoLine reads a line about the dyno with a name.
func (d *decoder) dynoLine(l *dialect.Line, name string, text []byte, emit dialect.Emit) bool {
	switch {
	case ascii.HasPrefix(text, "Process running mem="):
		return d.running(l, name, text, emit)
	case ascii.HasPrefix(text, "Error R"):
		return d.failed(l, name, text, emit)
	case ascii.HasPrefix(text, "Stopping process with SIGKILL"), ascii.HasPrefix(text, "Stopping remaining processes with SIGKILL"):
		d.endDyno(emit)
		ev := ofDyno(l, name, event.ActionKill, "", text)
		ev.Signal = sigkill
		emit(ev)
	case ascii.HasPrefix(text, "Process exited with status "):
		tree, err := d.read.status.Parse(bytes.TrimRight(text, " "))
		if err != nil {
			return false
		}
		d.endDyno(emit)
		ev := ofDyno(l, name, event.ActionExit, "", text)
		ev.ExitCode, ev.HasExit = int(min(tree.Code.Int(), math.MaxInt32)), true
		emit(ev)
	case ascii.HasPrefix(text, "State changed from crashed to starting"):
		emit(ofDyno(l, name, event.ActionRestart, "", text))
	case ascii.HasPrefix(text, "State changed from starting to up"):
		emit(ofDyno(l, name, event.ActionStart, "", text))
	default:
		return false
	}
	return true
}

func ofDyno(l *dialect.Line, name string, action event.ContainerAction, reason string, text []byte) *event.ContainerEvent {
	ev := happened(l, event.Heroku, action, reason, text)
	ev.Name = name
	return ev
}

// running reads "Process running mem=523M(102.3%)". The error that it leads to stands in the next line.
func (d *decoder) running(l *dialect.Line, name string, text []byte, emit dialect.Emit) bool {
	d.endDyno(emit)
	tree, err := d.read.dyno.Parse(bytes.TrimRight(text, " "))
	if err != nil {
		emit(problem(l, "the use of a dyno that breaks off or is not as Heroku writes it"))
		return true
	}
	d.dyno = ofDyno(l, name, event.ActionExceed, "", text)
	d.dyno.Usage = mib(tree.Used.Int())
	if share := tree.Share.Float(); share > 0 {
		d.dyno.Limit = quota(float64(tree.Used.Int()) / share * 100)
	}
	return true
}

// quotas are the memories of the dynos that Heroku rents out, in MiB.
var quotas = []float64{512, 1024, 2560, 4096, 8192, 14336, 16384, 30720, 32768, 63488, 65536, 126976, 131072}

// quota returns the memory of the dyno that is about as large as a use and its percentage say.
func quota(mega float64) unit.Size {
	for _, q := range quotas {
		if math.Abs(mega-q) <= q/100 {
			return mib(int64(q))
		}
	}
	if !(mega >= 0 && mega < maxSize) {
		return unit.Size{}
	}
	return mib(int64(math.Round(mega)))
}

// failed reads "Error R14 (Memory quota exceeded)" and its kin.
func (d *decoder) failed(l *dialect.Line, name string, text []byte, emit dialect.Emit) bool {
	code, _, _ := bytes.Cut(text[len("Error "):], []byte(" "))
	ev := ofDyno(l, name, event.ActionOther, clip(code), text)
	switch string(code) {
	case "R14":
		ev.Action = event.ActionExceed
	case "R15":
		ev.Action = event.ActionOOM
	case "R10", "R12":
	default:
		return false
	}
	if d.dyno != nil && d.dyno.Name == name {
		ev.Usage, ev.Limit = d.dyno.Usage, d.dyno.Limit
		d.dyno = nil
	}
	emit(ev)
	return true
}

// endDyno emits the use of a dyno that led to no error.
func (d *decoder) endDyno(emit dialect.Emit) {
	if d.dyno != nil {
		emit(d.dyno)
		d.dyno = nil
	}
}
