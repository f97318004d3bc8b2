package timeline

// stampUnit is the resolution of the stamps kept with the cycles, in nanoseconds.
const stampUnit = 1000

// setStamp keeps the wall or boot time at which the cycle began, in nanoseconds after a base that all cycles of
// a builder share. Times more than four years from the base do not fit and are not kept.
func (c *Cycle) setStamp(ns int64, boot bool) {
	v := ns / stampUnit
	if v != v<<16>>16 {
		return
	}
	c.stampHigh, c.stampLow = int16(v>>32), uint32(v)
	c.Flags |= WallTied
	if boot {
		c.Flags ^= WallTied | bootStamp
	}
}

// stamped reports whether the line of the cycle had a wall or boot clock.
func (c *Cycle) stamped() bool { return c.Flags&(WallTied|bootStamp) != 0 }

// stamp returns what setStamp kept.
func (c *Cycle) stamp() int64 { return (int64(c.stampHigh)<<32 | int64(c.stampLow)) * stampUnit }

// same reports whether two cycles are one collection that was read twice.
func (c *Cycle) same(d *Cycle) bool {
	return c.N == d.N && c.At == d.At && c.Live == d.Live && c.Peak == d.Peak && c.Goal == d.Goal &&
		c.CPU == d.CPU && c.Pause == d.Pause && c.Wall == d.Wall
}

// last returns the last cycle of a list that is not empty.
func (c *Cycles) last() *Cycle { return c.At(c.n - 1) }

// insert puts x before the cycle with index i.
func (c *Cycles) insert(i int, x Cycle) {
	c.Append(x)
	for j := c.n - 1; j > i; j-- {
		*c.At(j) = *c.At(j - 1)
	}
	*c.At(i) = x
}

// reverse turns the list round in place.
func (c *Cycles) reverse() {
	for i := range c.n / 2 {
		a, b := c.At(i), c.At(c.n-1-i)
		*a, *b = *b, *a
	}
}

// drain calls yield with every cycle in order and gives each block back as soon as it was read.
func (c *Cycles) drain(yield func(*Cycle)) {
	for b, block := range c.blocks {
		for i := range block {
			yield(&block[i])
		}
		c.blocks[b] = nil
	}
	*c = Cycles{}
}
