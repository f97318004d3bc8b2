package timeline

import (
	"slices"
	"testing"
	"time"

	"oomtrace/parser/unit"
)

// cyclesOf makes a list of cycles.
func cyclesOf(cycles ...Cycle) (list Cycles) {
	for _, c := range cycles {
		list.Append(c)
	}
	return list
}

// byNumber makes a list of cycles that have numbers and nothing else.
func byNumber(numbers ...uint32) (list Cycles) {
	for _, n := range numbers {
		list.Append(Cycle{N: n})
	}
	return list
}

func (c *Cycles) numbers() (out []uint32) {
	for i := range c.Len() {
		out = append(out, c.At(i).N)
	}
	return out
}

func TestLongList(t *testing.T) {
	var list Cycles
	for i := range uint32(2*blockSize + 3) {
		list.Append(Cycle{N: i})
	}
	for i, n := range list.numbers() {
		if n != uint32(i) {
			t.Fatalf("the cycle with index %d has number %d", i, n)
		}
	}
}

func TestInsert(t *testing.T) {
	for at, want := range [][]uint32{{9, 1, 2, 3}, {1, 9, 2, 3}, {1, 2, 9, 3}, {1, 2, 3, 9}} {
		list := byNumber(1, 2, 3)
		list.insert(at, Cycle{N: 9})
		if got := list.numbers(); !slices.Equal(got, want) {
			t.Errorf("before index %d: got %v, want %v", at, got, want)
		}
	}
}

func TestReverse(t *testing.T) {
	for _, numbers := range [][]uint32{nil, {1}, {1, 2}, {1, 2, 3}, {1, 2, 3, 4}, {1, 2, 3, 4, 5}} {
		list, want := byNumber(numbers...), slices.Clone(numbers)
		slices.Reverse(want)
		if list.reverse(); !slices.Equal(list.numbers(), want) {
			t.Errorf("%v turned round is %v", numbers, list.numbers())
		}
	}
}

// A log of very many processes holds a list for each of them.
func TestShortListIsSmall(t *testing.T) {
	list := byNumber(1)
	if got := cap(list.blocks[0]); got > 16 {
		t.Errorf("a list of one cycle has room for %d", got)
	}
}

func TestSame(t *testing.T) {
	c := Cycle{N: 7, At: time.Second, Live: unit.MiB, Peak: 2 * unit.MiB, Goal: 2 * unit.MiB, CPU: 0.25, Pause: 0.5, Wall: 1}
	if again := c; !c.same(&again) {
		t.Error("a cycle is not the same as itself")
	}
	elsewhere := c
	elsewhere.File, elsewhere.Line, elsewhere.Flags = 3, 90, Mended
	elsewhere.setStamp(1e9, false)
	if !c.same(&elsewhere) {
		t.Error("a cycle that was read from another place is not the same")
	}
	for name, change := range map[string]func(*Cycle){
		"number": func(c *Cycle) { c.N++ },
		"time":   func(c *Cycle) { c.At++ },
		"live":   func(c *Cycle) { c.Live++ },
		"peak":   func(c *Cycle) { c.Peak++ },
		"goal":   func(c *Cycle) { c.Goal++ },
		"CPU":    func(c *Cycle) { c.CPU++ },
		"pause":  func(c *Cycle) { c.Pause++ },
		"wall":   func(c *Cycle) { c.Wall++ },
	} {
		other := c
		if change(&other); c.same(&other) {
			t.Errorf("a cycle is the same as one that differs in %s", name)
		}
	}
}
