package timeline

import (
	"cmp"
	"math"
	"slices"
	"time"

	"oomtrace/parser/unit"
)

// Sorting the lines of several processes apart. A collection goes to the chain that explains it best; what does not
// fit is counted in costs, whose scale is roughly that of a logarithm of odds.
const (
	maxOpen     = 32   // chains that may still go on
	maxChains   = 4096 // chains kept; the shortest are left out beyond
	affordNext  = 8.0  // the cost up to which the very next number is believed
	affordLater = 4.0  // the same where numbers are missing between
	lookBack    = 64   // cycles of a chain searched for the place of a late line
	silentFor   = 10 * time.Minute
)

// chain is a part of a run: cycles of one process in order.
type chain struct {
	*segment
	cycles Cycles
	k      float64       // goal over the live heap before, as seen last
	start  time.Duration // zero of the process clock on the axis of the sorter, no earlier than this
	upto   time.Duration // and no later than this
	every  time.Duration // mean time between two cycles
	beat   time.Duration // time between the last two
	first  int           // index in the segment of the first cycle
	seen   int           // and of the last one
	zero   time.Duration // of the process clock on the clock of the envelopes
	tied   bool          // zero is known
	gap    int           // index after the last hole in the numbers, 0 is none
	also   []int         // other files of which lines are in the chain, or would be but for their doubles
}

// sorter deals the cycles of one segment to chains. It keeps an estimate of real time: that of the envelopes
// where they have a clock, else the process clocks themselves, on the ground that lines come in the order of time.
type sorter struct {
	seg     *segment
	open    []*chain
	closed  []*chain
	now     time.Duration
	index   int
	doubles int
	dropped int // cycles in chains beyond maxChains
}

// chains splits the segment into chains, in the order in which they began.
func (s *segment) chains() (out []*chain, doubles, dropped int) {
	if s.runtime == jvm {
		return s.jvmChains()
	}
	if !s.ordered() {
		if s.newestFirst() {
			s.turned = true
			s.raw.reverse()
		}
		if !s.ordered() {
			return s.sort()
		}
	}
	c := &chain{segment: s, cycles: s.raw}
	s.raw = Cycles{}
	return []*chain{c}, 0, 0
}

func (s *segment) sort() (out []*chain, doubles, dropped int) {
	o := &sorter{seg: s}
	s.raw.drain(o.place)
	return slices.Concat(o.closed, o.open), o.doubles, o.dropped
}

// place gives one cycle to a chain.
func (o *sorter) place(c *Cycle) {
	o.index++
	var best *chain
	var at int // the place in it, -1 is its end
	low := math.Inf(1)
	for i := len(o.open) - 1; i >= 0; i-- {
		ch := o.open[i]
		if o.seg.follows(ch.cycles.last(), c) {
			if cost := o.cost(ch, c); cost < low {
				best, low, at = ch, cost, -1
			}
			continue
		}
		hole, double := ch.hole(c)
		if double {
			o.doubles++
			return
		}
		if hole >= 0 && low > 1 {
			best, low, at = ch, 1, hole
		}
	}
	switch {
	case best == nil:
		o.begin(c)
	case at >= 0:
		best.cycles.insert(at, *c)
		best.seen = o.index
	default:
		o.extend(best, c)
	}
}

// cost says how badly the cycle fits at the end of the chain; it is infinite where that cannot be.
func (o *sorter) cost(ch *chain, c *Cycle) float64 {
	last := ch.cycles.last()
	cost, afford := 0.0, affordNext
	if o.seg.numbered {
		if missing := c.N - last.N - 1; missing > 0 {
			cost, afford = min(1+math.Log(float64(missing))/2, 3.5), affordLater
		} else {
			cost = misfit(last, c, ch.k)
		}
	}
	if c.Procs != last.Procs {
		cost += 2
	}
	cost += ch.silence(o.index)
	if o.seg.timed {
		cost += o.untimely(ch, c) + ch.offBeat(c)
	}
	if cost > afford {
		return math.Inf(1)
	}
	return cost
}

// silence is the cost of having been silent for more lines than the chain usually is.
func (ch *chain) silence(index int) float64 {
	usual := max(1, float64(ch.seen-ch.first)/float64(max(1, ch.cycles.Len()-1)))
	return max(0, math.Log(float64(index-ch.seen)/usual)) / 2
}

// untimely is the cost of the time at which the line came.
func (o *sorter) untimely(ch *chain, c *Cycle) float64 {
	const jitter = 10 * time.Millisecond
	if c.stamped() {
		off := (time.Duration(c.stamp()) - c.At - ch.start).Abs()
		return min(math.Log1p(float64(off)/float64(jitter))/2, 6)
	}
	end := c.At + took(c)
	late, early := max(0, o.now-end-ch.upto), max(0, end+ch.start-o.now)
	return min(float64(late)/float64(10*jitter+min(ch.every/4, time.Second)), 10) + math.Log1p(float64(early)/float64(jitter+ch.every))/2
}

// offBeat is the cost of a time since the last cycle that is unlike the one before.
func (ch *chain) offBeat(c *Cycle) float64 {
	last := ch.cycles.last()
	if ch.beat == 0 || ch.numbered && c.N != last.N+1 {
		return 0
	}
	return min(0.3*math.Abs(math.Log(float64(c.At-last.At+time.Millisecond)/float64(ch.beat+time.Millisecond))), 1)
}

// took returns how long the collection ran.
func took(c *Cycle) time.Duration { return time.Duration(float64(c.Wall) * float64(time.Second)) }

// misfit says how badly the goal of a cycle fits the live heap of the one before: the pacer sets it from that.
func misfit(last, c *Cycle, k float64) float64 {
	goal, live := c.Goal, last.Live
	if goal == 0 {
		goal = c.Peak // Go 1.0 to 1.4 collects when the heap has doubled
		if c.Flags&lateLive != 0 {
			live = c.Live
			if live > last.Peak+unit.MiB {
				return 3
			}
		}
	}
	if k == 0 {
		k = 2
	}
	want := k * float64(live)
	if want < float64(6*unit.MiB) {
		return 0 // the minimum heap
	}
	off := math.Abs(float64(goal)-want) - k*float64(unit.MiB)
	return min(max(off, 0)/(0.1*want), 3)
}

// narrow uses that all lines so far were written before a time.
func (o *sorter) narrow(now time.Duration) {
	for _, ch := range o.open {
		ch.upto = max(ch.start, min(ch.upto, now-ch.cycles.last().At))
	}
}

// hole finds the place of a late line among the last cycles of the chain: where numbers are missing and the
// clock fits. double says that the chain has this very cycle already.
func (ch *chain) hole(c *Cycle) (at int, double bool) {
	if last := ch.cycles.last(); !ch.numbered || last.N == c.N {
		return -1, ch.timed && last.same(c)
	}
	n := ch.cycles.Len()
	if first := ch.cycles.At(0); n == 1 && c.N+1 == first.N && (!ch.timed || c.At <= first.At) && misfit(c, first, 0) < 1 {
		return 0, false // the first two lines changed places
	}
	if ch.gap == 0 || n-ch.gap > lookBack {
		return -1, false
	}
	for i := n - 1; i > max(0, n-lookBack); i-- {
		before, after := ch.cycles.At(i-1), ch.cycles.At(i)
		if after.N <= c.N {
			return -1, ch.timed && after.same(c)
		}
		if before.N >= c.N {
			continue
		}
		if ch.timed && (c.At < before.At || after.At < c.At) {
			return -1, false
		}
		return i, false
	}
	return -1, false
}

// begin starts a chain.
func (o *sorter) begin(c *Cycle) {
	if c.stamped() {
		o.now = time.Duration(c.stamp())
	}
	ch := &chain{segment: o.seg, first: o.index, seen: o.index, start: o.now - c.At, upto: math.MaxInt64 / 2}
	if o.index == 1 {
		ch.upto = ch.start // the axis of the sorter is that of the first process
	}
	ch.cycles.Append(*c)
	o.retire()
	o.open = append(o.open, ch)
}

// retire closes the chains that have been silent for long, and the most silent one where too many are open.
func (o *sorter) retire() {
	var quietest *chain // where too many are open
	if len(o.open) >= maxOpen {
		quietest = slices.MinFunc(o.open, func(a, b *chain) int { return cmp.Compare(a.seen, b.seen) })
	}
	o.open = slices.DeleteFunc(o.open, func(ch *chain) bool {
		silent := o.seg.timed && o.now-ch.start-ch.cycles.last().At > max(silentFor, 100*ch.every)
		if silent || ch == quietest {
			o.closed = append(o.closed, ch)
			return true
		}
		return false
	})
	if len(o.closed) >= 2*maxChains {
		o.shrink()
	}
}

// shrink leaves the shortest chains out.
func (o *sorter) shrink() {
	byLength := slices.Clone(o.closed)
	slices.SortStableFunc(byLength, func(a, b *chain) int { return cmp.Compare(b.cycles.Len(), a.cycles.Len()) })
	out := map[*chain]bool{}
	for _, ch := range byLength[maxChains:] {
		out[ch] = true
		o.dropped += ch.cycles.Len()
	}
	o.closed = slices.DeleteFunc(o.closed, func(ch *chain) bool { return out[ch] })
}

// extend puts the cycle at the end of a chain.
func (o *sorter) extend(ch *chain, c *Cycle) {
	last := ch.cycles.last()
	if c.N == last.N+1 && last.Live > 0 && c.Goal > 4*unit.MiB {
		ch.k = float64(c.Goal) / float64(last.Live)
	}
	if c.N > last.N+1 {
		ch.gap = ch.cycles.Len()
	}
	if o.seg.timed {
		ch.every, ch.beat = c.At/time.Duration(ch.cycles.Len()+1), c.At-last.At
	}
	if c.stamped() {
		o.now = time.Duration(c.stamp())
		ch.start = min(ch.start, o.now-c.At)
	} else {
		ch.start = max(ch.start, o.now-c.At-took(c))
		o.now = max(o.now, ch.start+c.At)
		o.narrow(ch.upto + c.At + took(c))
	}
	ch.seen = o.index
	ch.cycles.Append(*c)
}
