package inflection

import (
	"fmt"

	"oomtrace/parser/event"
)

const (
	humongousLeast = 3
	humongousShare = 0.10 // of the collections, that are made for humongous objects where these break the heap into pieces
	failuresLeast  = 2    // collections that found no room: one alone is bad luck
	swapUsed       = 0.20 // of the swap of the machine
)

// humongous reports whether G1 collected again and again for objects of half a region or more: each takes whole regions in a row,
// and a heap with room in pieces has none for it.
func (f *Facts) humongous() bool {
	h := f.Java.Signs.Humongous
	return f.Java.Collector == event.G1 && h.Count >= humongousLeast && float64(h.Count) >= humongousShare*float64(f.Java.Signs.Collections)
}

// lostRace reports whether CMS failed to make room in time, again and again.
func (f *Facts) lostRace() bool {
	s := f.Java.Signs
	return f.Java.Collector == event.CMS && s.LostRace.Count+s.NoRoom.Count >= failuresLeast
}

// swapped returns how much swap of the machine was in use when the crash report was written, and how much there is.
func (f *Facts) swapped() (used, room float64) {
	if f.Java.Report == nil {
		return 0, 0
	}
	m := f.Java.Report.Machine
	room = float64(m.SwapTotal.Or(0))
	return max(0, room-float64(m.SwapFree.Or(m.SwapTotal.Or(0)))), room
}

// inSwap reports whether so much was in swap that a collection, which touches all of the heap, waits for the disk.
func (f *Facts) inSwap() bool {
	used, room := f.swapped()
	return room > 0 && used >= swapUsed*room
}

// explicitOff reports whether direct buffers ran out while the JVM was told not to collect when asked: it asks itself for a
// collection where they run out, as only a collection frees those that nobody holds.
func (f *Facts) explicitOff() bool {
	return f.java() && f.OOM != nil && f.OOM.Kind == event.OOMDirect && f.Java.NoExplicit != event.Pos{}
}

// javaSigns are what the collections of a JVM and its crash report say besides the sizes of the heap.
func (f *Facts) javaSigns(k Kind) []Evidence {
	if !f.java() || k == Healthy || k == NotAnOOM || k == Undetermined {
		return nil
	}
	var out []Evidence
	say := func(so bool, e Evidence) {
		if so {
			out = append(out, e)
		}
	}
	s := f.Java.Signs
	say(f.humongous(), Evidence{fmt.Sprintf("%d of %d collections were made for objects of half a region or more", s.Humongous.Count, s.Collections), s.Humongous.Last})
	say(s.LostRace.Count > 0, Evidence{fmt.Sprintf("the old generation was full before CMS had collected it, %s: concurrent mode failure", often(s.LostRace.Count)), s.LostRace.Last})
	say(s.NoRoom.Count > 0, Evidence{fmt.Sprintf("survivors of a collection found no room, %s, first here", often(s.NoRoom.Count)), s.NoRoom.First})
	say(f.explicitOff(), Evidence{"-XX:+DisableExplicitGC kept the JVM from collecting when direct buffers ran out", f.Java.NoExplicit})
	used, room := f.swapped()
	say(f.inSwap(), Evidence{fmt.Sprintf("%s of the %s of swap were in use", bytes(used), bytes(room)), f.Java.ReportPos})
	return out
}

func often(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// signAdvice says what to do about the signs.
func (f *Facts) signAdvice(add func(string, ...any)) {
	if f.humongous() {
		add("larger regions make fewer objects humongous: -XX:G1HeapRegionSize of twice the largest array or more; or split the arrays")
	}
	if f.lostRace() {
		add("let CMS begin earlier: -XX:CMSInitiatingOccupancyFraction=60 with -XX:+UseCMSInitiatingOccupancyOnly; or move to G1, which compacts")
	}
	if f.explicitOff() {
		add("remove -XX:+DisableExplicitGC; -XX:+ExplicitGCInvokesConcurrent spares the pauses that it was set against")
	}
	if f.inSwap() {
		add("keep the heap out of swap: a collection touches all of it. Lower -Xmx, or turn swap off for this process (memory.swap.max=0, vm.swappiness)")
	}
}
