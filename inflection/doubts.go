package inflection

import "fmt"

// doubts says why a verdict is not sure, where that is not something missing. A doubt is always found where one must be given.
func (f *Facts) doubts(k Kind, must bool) []string {
	var out []string
	say := func(so bool, format string, args ...any) {
		if so {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	w := f.words()
	grown := k == Leak && !f.V8.OnlyTheLast && f.GrowCycles > 0
	say(grown && f.GrowCycles < clearCycles && f.Cycles >= fewCycles, "the growth spans %s only: with fewer than %d it may be a start or a burst of load", several(f.GrowCycles, w.Point), clearCycles)
	say(grown && f.Growth < clearSwing*f.Options.Swing*f.Swing, "the growth is %.1f times the swings that recovered before it: load that swings higher than usual may look the same", f.Growth/max(f.Swing, 1e-9))
	say((k == Step || k == Spike) && f.Cycles >= fewCycles && f.Cycles < clearCycles, "only %s tell of the jump", several(f.Cycles, w.Point))
	say(k == OffHeap && f.Cycles >= fewCycles && f.Limited(), "the heap with its garbage took up to %s of the %s: how much is left for what lies outside of it is not sure", bytes(f.Peak), bytes(f.Limit))
	say(k == CrashLoop && f.Loop.lives, "the deaths were not seen: the lives are told apart by their logs alone")
	say(k == KilledFromOutside && f.Told.sender == "", "nothing says who sent the signal")
	if len(out) == 0 && must {
		out = append(out, f.unsure(k))
	}
	return out
}

// unsure is the doubt that remains with a kind whatever the facts are.
func (f *Facts) unsure(k Kind) string {
	const moment = "the kernel's report shows one moment: how the memory came to be filled is not in it"
	switch k {
	case Healthy:
		if f.resident() {
			return "readings without a lasting rise cannot tell of what came between them and after the last"
		}
		return "a log without a lasting rise cannot tell of memory outside the heap"
	case Undetermined:
		if f.Kill != nil {
			return moment
		}
		return "nothing in the input tells what filled the memory"
	case AddressSpace:
		return "what had filled the address space is in no line of the input"
	case Neighbour, ParentLimit, PageCache, KernelMemory:
		return moment
	}
	return "the input shows the end, and too little of what led to it"
}
