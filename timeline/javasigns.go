package timeline

import (
	"strings"

	"oomtrace/parser/event"
)

// Sign is something that collections of a JVM said besides sizes, and how often.
type Sign struct {
	Count       int
	First, Last event.Pos
}

func (s *Sign) add(at event.Pos) {
	if s.Count == 0 {
		s.First = at
	}
	s.Count++
	s.Last = at
}

// JVMSigns are the signs of all JVMs of an incident.
type JVMSigns struct {
	Collections int  // of which these are
	NoRoom      Sign // survivors found no place: promotion failed, to-space exhausted, evacuation failure
	LostRace    Sign // CMS did not end its cycle before the old generation was full: concurrent mode failure
	Humongous   Sign // G1 collected for an object of half a region or more
}

// signs are the kinds of a sign that a collection can have.
type signs uint8

const (
	noRoom signs = 1 << iota
	lostRace
)

// signsOf reads what the log calls a collection.
func signsOf(kind string) (out signs) {
	low := strings.ToLower(kind)
	for _, s := range []string{"promotion failed", "to-space exhausted", "to-space overflow", "evacuation failure", "--"} {
		if strings.Contains(low, s) {
			out |= noRoom
		}
	}
	if strings.Contains(low, "concurrent mode failure") {
		out |= lostRace
	}
	return out
}

// maxKinds bounds the memory for names of collections.
const maxKinds = 256

// sign keeps what a collection of a JVM says besides its sizes.
func (b *Builder) sign(ev *event.GC) {
	if runtimeOf(ev.Collector) != jvm {
		return
	}
	known, ok := b.kinds[ev.Kind]
	if !ok {
		known = signsOf(ev.Kind)
		if b.kinds == nil {
			b.kinds = map[string]signs{}
		}
		if len(b.kinds) < maxKinds {
			b.kinds[ev.Kind] = known
		}
	}
	b.jvm.Collections++
	if known&noRoom != 0 {
		b.jvm.NoRoom.add(ev.Pos)
	}
	if known&lostRace != 0 {
		b.jvm.LostRace.add(ev.Pos)
	}
	if ev.Cause == "G1 Humongous Allocation" {
		b.jvm.Humongous.add(ev.Pos)
	}
}
