package inflection

import (
	"fmt"
	"strings"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

const (
	swapFull     = 0.99 // of swap: the kernel leaves a few pages
	swapFree     = 0.50 // of swap, beyond which something kept memory from going there
	lockedShare  = 0.50 // of what was charged that cannot be evicted
	freeShare    = 0.05 // of the machine: a kernel keeps a percent or two free
	lostShare    = 0.50 // of the anonymous memory that the task table must account for
	crowdTask    = 0.20 // of what was charged, which none of many small tasks exceeds
	crowdShare   = 0.60 // which they hold together
	crowdLeast   = 5    // tasks, fewer are no crowd
	kmemBelow    = 0.95 // of the limit: a group below it was not killed for its memory as a whole
	zoneRoom     = 0.02 // of the machine that is free high memory
	mostOrder    = 10   // of the kernel's page allocator
	crowdMissing = 0.05 // of the largest task, below which a task is no part of a crowd
)

// circumstances are what the kernel's report of the death says besides, whatever the verdict is.
func (f *Facts) circumstances() []Evidence {
	if f.Kill == nil || len(f.Kill.Victims) == 0 || f.Death.Event != event.Event(f.Kill) || f.Death.Manual() {
		return nil
	}
	var out []Evidence
	say := func(at event.Pos, so bool, format string, args ...any) {
		if so {
			out = append(out, Evidence{Claim: fmt.Sprintf(format, args...), Source: at})
		}
	}
	k := f.Kill
	used, room := float64(k.SwapUsage.Or(0)), float64(k.SwapLimit.Or(0))
	say(f.StatsPos, f.swapFull(), "swap was full too, %s of %s: memory had been short for longer than the heap tells", bytes(used), bytes(room))
	say(f.StatsPos, f.Machine && room > 0 && room-used >= swapFree*room, "%s of %s swap were free: what filled the memory could not go there", bytes(room-used), bytes(room))
	say(f.StatsPos, f.locked(), "%s of the %s %s cannot be evicted: it was locked (mlock), or belongs to the kernel", bytes(f.Unevictable), bytes(f.Usage), f.owner())
	say(f.DeathPos, f.fragmented(), "%d pages in one piece were asked for while %s were free: the memory was there, but in pieces", 1<<min(uint(max(k.Order, 0)), mostOrder), bytes(f.Free))
	say(f.DeathPos, f.lowMemory(), "%s of high memory were free, which this request (%s) cannot use: the low memory of a 32-bit kernel was full", bytes(f.HighFree), k.GFP)
	say(f.StatsPos, f.kmemLimit(), "the group used %s of its %s when a page fault failed (gfp_mask=0x0): another limit was reached, that of kernel memory", bytes(f.Usage), bytes(float64(k.Limit.Or(0))))
	held := float64(f.Culprit.RSS.Or(0))
	say(f.StatsPos, held > 0 && held < f.neighbourLeast(), "%s (pid %d) held more, %s, and was spared: the kernel weighs oom_score_adj too", f.Culprit.Name, f.Culprit.PID, bytes(held))
	say(f.StatsPos, f.TaskSum > 0 && f.TaskSum < lostShare*f.Anon, "the processes in the table hold %s, but %s of anonymous memory is charged: the rest is of processes that were gone, or of other groups", bytes(f.TaskSum), bytes(f.Anon))
	return out
}

// swapFull reports whether there was swap, and none of it left.
func (f *Facts) swapFull() bool {
	room := float64(f.Kill.SwapLimit.Or(0))
	return room > 0 && float64(f.Kill.SwapUsage.Or(0)) >= swapFull*room
}

// locked reports whether much of the memory could not be taken back.
func (f *Facts) locked() bool { return f.Usage > 0 && f.Unevictable >= lockedShare*f.Usage }

// fragmented reports whether the machine had memory, but not in one piece: the kernel kills for pieces of up to eight pages.
func (f *Facts) fragmented() bool {
	return f.Machine && f.Kill.Order >= 1 && f.Kill.Constraint != event.ConstraintCpuset && f.Kill.Constraint != event.ConstraintPolicy &&
		f.Usage > 0 && f.Free >= freeShare*f.Usage
}

// lowMemory reports whether the part of memory that a 32-bit kernel can use for itself was full, and the rest was not.
func (f *Facts) lowMemory() bool {
	return f.Machine && f.Usage > 0 && f.HighFree >= zoneRoom*f.Usage && !highMask(f.Kill.GFP)
}

// highMask reports whether a request may be served from high memory: __GFP_HIGHMEM is bit 1 of every kernel's mask, and newer
// kernels spell it out.
func highMask(gfp string) bool {
	mask, names, _ := strings.Cut(gfp, "(")
	if strings.Contains(names, "HIGH") {
		return true
	}
	last := mask[max(0, len(mask)-1):]
	return names == "" && strings.ContainsAny(last, "2367abefABEF")
}

// kmemLimit reports whether the limit of kernel memory was reached, and not that of the group.
func (f *Facts) kmemLimit() bool {
	mask, _, _ := strings.Cut(f.Kill.GFP, "(")
	limit := float64(f.Kill.Limit.Or(0))
	return mask == "0x0" && f.Death.Kind == timeline.MemcgKill && f.Usage > 0 && f.Usage < kmemBelow*limit
}

// neighbourLeast is the memory that another process must hold to be the culprit.
func (f *Facts) neighbourLeast() float64 {
	if f.Machine {
		return neighbourHeld * f.Usage
	}
	return neighbourHeld * f.Limit
}

// crowd counts the small processes that fill a group together. A process of a few pages, the shell that started the others, is
// none of them.
func crowd(k *event.Kill, usage float64) (n int, held float64) {
	top := float64(largest(k.Tasks).RSS.Or(0))
	if top > crowdTask*usage {
		return 0, 0
	}
	for _, t := range k.Tasks {
		if rss := float64(t.RSS.Or(0)); rss >= crowdMissing*top && rss > 0 {
			n++
			held += rss
		}
	}
	if n < crowdLeast || held < crowdShare*usage {
		return 0, 0
	}
	return n, held
}

// short reports whether only the line of the kill is left of the kernel's report, as a search for words leaves it.
func (f *Facts) short() bool {
	k := f.Kill
	return k != nil && len(k.Victims) > 0 && !k.Usage.IsKnown() && len(k.Tasks) == 0 && len(k.Stats) == 0
}

// lower is one step less sure.
func (c Confidence) lower() Confidence {
	if c == High {
		return Medium
	}
	return Low
}

// suppressed counts the reports that the kernel's rate limit swallowed.
func (f *Facts) suppressed() int64 {
	if f.Kill == nil {
		return 0
	}
	return f.Kill.Suppressed
}
