// Package figures measures how well incidents are judged. It simulates programs whose fate is known, writes the logs that they would
// have left, and holds the reports that come of them against the truth. The same seed gives the same incidents.
package figures

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"oomtrace/inflection"
)

const mib = 1 << 20

// incident is one simulated program and what is true of it.
type incident struct {
	class string
	kind  inflection.Kind
	logs  map[string]string // by name
	names []string          // in the order of the command line
	limit int64             // bytes

	start float64 // of the life that is judged, seconds
	end   float64 // of its last collection
	onset float64 // seconds after start; negative where nothing grew
	rate  float64 // bytes a second from the onset to the end; 0 where nothing leaked
	last  float64 // of the life that is judged: when its live set passed 70 % of the limit for good; negative where it never did
}

// engine is how a runtime collects.
type engine string

const (
	goDoubles  engine = "go"          // the goal is a multiple of the live heap
	goBounded  engine = "go-memlimit" // GOMEMLIMIT holds the goal down
	javaWhole  engine = "java-whole"  // each collection shows the live set
	javaByAges engine = "java-ages"   // most collections see the young part only
)

// program is a live set over time, as a share of what it dies at, and how it is watched.
type program struct {
	r       *rand.Rand
	engine  engine
	long    float64 // seconds
	cycles  int     // about so many
	live    func(x float64) float64
	onset   float64 // as a share of long; negative where nothing grew
	noise   float64
	memory  float64 // of the noise, 0 to 1
	growth  float64 // GOGC / 100
	limit   float64
	dies    float64 // live set in bytes at which it dies
	lives   int     // one after the other; the last one counts
	fatal   bool
	silent  bool // nobody saw the end
	busy    bool // the collector never rests once the heap is full
	outside bool // killed for memory that is not on the heap
	spike   int  // collections of a rise at the very end
}

func (p *program) between(a, b float64) float64 { return a + (b-a)*p.r.Float64() }

func (p *program) chance(share float64) bool { return p.r.Float64() < share }

func one[T any](p *program, of ...T) T { return of[p.r.IntN(len(of))] }

// ramp is level until x0 and rises to 1 at the end.
func ramp(level, x0 float64) func(float64) float64 {
	return func(x float64) float64 { return level + (1-level)*max(0, x-x0)/(1-x0) }
}

func level(v float64) func(float64) float64 { return func(float64) float64 { return v } }

// class is a kind of incident.
type class struct {
	name string
	kind inflection.Kind
	make func(p *program)
}

// leak returns a class of leaks whose live set shape makes, of the level before and of the onset.
func leak(name string, shape func(p *program, base, x0 float64) func(float64) float64) class {
	return class{name, inflection.Leak, func(p *program) {
		base, x0 := p.between(0.12, 0.5), p.between(0.1, 0.7)
		p.onset, p.fatal, p.silent = x0, true, p.chance(0.25)
		p.live = shape(p, base, x0)
	}}
}

func classes() []class {
	return []class{
		leak("leak", func(_ *program, base, x0 float64) func(float64) float64 { return ramp(base, x0) }),
		leak("leak from the start", func(p *program, base, _ float64) func(float64) float64 {
			p.onset = 0
			return ramp(base/2, 0)
		}),
		leak("leak that accelerates", func(p *program, base, x0 float64) func(float64) float64 {
			power := p.between(1.6, 3)
			return func(x float64) float64 { return base + (1-base)*math.Pow(max(0, x-x0)/(1-x0), power) }
		}),
		leak("leak in stairs", func(p *program, base, x0 float64) func(float64) float64 {
			p.cycles = max(p.cycles, 80)
			stairs := 10 + p.r.IntN(20)
			return func(x float64) float64 {
				return base + (1-base)*math.Ceil(max(0, x-x0)/(1-x0)*float64(stairs))/float64(stairs)
			}
		}),
		leak("leak that pauses", func(p *program, base, x0 float64) func(float64) float64 {
			p.cycles = max(p.cycles, 60)
			from, to := x0+0.3*(1-x0), x0+p.between(0.5, 0.65)*(1-x0)
			grows := 1 - x0 - (to - from)
			return func(x float64) float64 {
				return base + (1-base)*(max(0, min(x, from)-x0)+max(0, x-to))/grows
			}
		}),
		leak("leak under a daily load", func(p *program, base, x0 float64) func(float64) float64 {
			p.cycles = max(p.cycles, 200)
			swing, days := p.between(0.04, 0.12), p.between(4, 12)
			return func(x float64) float64 {
				return min(1, base+swing*math.Sin(2*math.Pi*days*(x-1))+(1-base)*max(0, x-x0)/(1-x0))
			}
		}),
		leak("leak that gives back", func(p *program, base, x0 float64) func(float64) float64 {
			p.cycles = max(p.cycles, 80)
			at, share := x0+p.between(0.3, 0.7)*(1-x0), p.between(0.1, 0.3)
			top := (at - x0) * (1 - share)
			whole := top + 1 - at
			return func(x float64) float64 {
				grown := max(0, x-x0)
				if x >= at {
					grown = top + x - at
				}
				return base + (1-base)*min(1, grown/whole)
			}
		}),
		leak("leak after a hump", func(p *program, base, x0 float64) func(float64) float64 {
			p.cycles = max(p.cycles, 80)
			rise := ramp(base, max(x0, 0.4))
			p.onset = max(x0, 0.4)
			return func(x float64) float64 {
				if x > 0.1 && x < 0.25 {
					return 0.85
				}
				return rise(x)
			}
		}),
		leak("leak in noise", func(p *program, base, x0 float64) func(float64) float64 {
			p.cycles, p.noise, p.memory = max(p.cycles, 60), p.between(0.05, 0.1), p.between(0, 0.6)
			return ramp(base, x0)
		}),
		leak("leak in few collections", func(p *program, base, x0 float64) func(float64) float64 {
			p.engine, p.cycles, p.noise = one(p, goDoubles, goBounded, javaWhole), 10+p.r.IntN(10), 0.01
			p.onset = one(p, 0, x0/2)
			return ramp(base/2, p.onset)
		}),
		leak("leak in each life", func(p *program, base, x0 float64) func(float64) float64 {
			p.lives = 2 + p.r.IntN(3)
			return ramp(base, x0)
		}),
		{"leak that goes on", inflection.Leak, func(p *program) {
			base, x0, top := p.between(0.12, 0.4), p.between(0.1, 0.6), p.between(0.65, 0.9)
			p.onset = x0
			p.live = func(x float64) float64 { return base + (top-base)*max(0, x-x0)/(1-x0) }
		}},
		{"step", inflection.Step, func(p *program) {
			base, x0, top := p.between(0.15, 0.5), p.between(0.2, 0.8), p.between(0.92, 0.97)
			p.onset, p.fatal, p.cycles, p.noise = x0, true, max(p.cycles, 40), min(p.noise, 0.015)
			p.live = func(x float64) float64 { return base + (top-base)*max(0, min(1, (x-x0)/0.003)) }
		}},
		{"spike", inflection.Spike, func(p *program) {
			p.engine = one(p, goDoubles, goBounded, javaWhole)
			p.onset, p.fatal, p.spike, p.noise = 1, true, 1+p.r.IntN(3), min(p.noise, 0.03)
			p.live = level(p.between(0.15, 0.6))
		}},
		{"limit too small", inflection.UndersizedLimit, func(p *program) {
			p.engine = one(p, goBounded, javaWhole, javaByAges)
			top, rise := p.between(0.9, 0.97), p.between(0.002, 0.03)
			p.fatal, p.noise = true, min(p.noise, 0.015)
			p.live = func(x float64) float64 { return top * (1 - 0.6*math.Exp(-x/rise)) }
		}},
		{"goal beyond the limit", inflection.GoalOvershoot, func(p *program) {
			p.engine, p.growth = goDoubles, 1
			top, rise := p.between(0.95, 0.99), p.between(0.002, 0.03)
			p.fatal, p.noise = true, min(p.noise, 0.015)
			p.live = func(x float64) float64 { return top * (1 - 0.6*math.Exp(-x/rise)) }
		}},
		{"memory outside the heap", inflection.OffHeap, func(p *program) {
			p.engine, p.outside, p.fatal = one(p, goDoubles, goBounded), true, true
			p.live = level(p.between(0.2, 0.55))
		}},
		{"collector that never rests", inflection.Thrash, func(p *program) {
			p.engine, p.busy, p.cycles, p.noise = one(p, goBounded, javaByAges), true, max(p.cycles, 60), 0.004
			base, full, top := p.between(0.15, 0.6), p.between(0.1, 0.4), p.between(0.96, 0.98)
			p.live = func(x float64) float64 { return base + (top-base)*min(1, x/full) }
		}},
		healthy("cache that fills and empties", func(p *program) func(float64) float64 {
			p.cycles = max(p.cycles, 100)
			base, swing, times, phase := p.between(0.15, 0.4), p.between(0.1, 0.4), p.between(2.5, 12), p.r.Float64()
			return func(x float64) float64 { return base + swing*math.Mod(x*times+phase, 1) }
		}),
		healthy("daily load", func(p *program) func(float64) float64 {
			p.cycles = max(p.cycles, 150)
			top, swing, days, phase := p.between(0.6, 0.85), p.between(0.08, 0.3), p.between(2.5, 10), 6.28*p.r.Float64()
			return func(x float64) float64 { return top - swing + swing*math.Sin(2*math.Pi*days*x+phase) }
		}),
		healthy("warm-up", func(p *program) func(float64) float64 {
			top, takes := p.between(0.4, 0.8), p.between(0.02, 0.12)
			return func(x float64) float64 { return top * (1 - 0.9*math.Exp(-x/takes)) }
		}),
		healthy("step that holds", func(p *program) func(float64) float64 {
			base, top, x0 := p.between(0.15, 0.4), p.between(0.45, 0.65), p.between(0.2, 0.8)
			return func(x float64) float64 {
				if x < x0 {
					return base
				}
				return top
			}
		}),
		healthy("noise", func(p *program) func(float64) float64 {
			p.noise, p.memory = p.between(0.02, 0.1), p.between(0.5, 0.95)
			return level(p.between(0.2, 0.7))
		}),
		healthy("few collections", func(p *program) func(float64) float64 {
			p.cycles = 9 + p.r.IntN(8)
			return level(p.between(0.2, 0.7))
		}),
	}
}

func healthy(name string, shape func(*program) func(float64) float64) class {
	return class{name, inflection.Healthy, func(p *program) { p.live = shape(p) }}
}

// simulate makes incident i of a seed. It is made anew, with other luck, until enough collections show what it is.
func simulate(seed uint64, i int) *incident {
	all := classes()
	c := all[i%len(all)]
	for luck := uint64(0); ; luck++ {
		p := &program{r: rand.New(rand.NewPCG(seed, uint64(i)<<16|luck)), lives: 1, onset: -1, growth: 1}
		p.engine = one(p, goDoubles, goDoubles, goBounded, javaWhole, javaByAges)
		p.long = math.Exp(p.between(math.Log(600), math.Log(86400*7)))
		p.cycles = int(math.Exp(p.between(math.Log(40), math.Log(2000))))
		p.noise = math.Exp(p.between(math.Log(0.002), math.Log(0.04)))
		p.growth = one(p, 1, 1, 0.5, 2)
		p.limit = one[float64](p, 128, 256, 512, 1024, 2048, 4096, 16384) * mib
		c.make(p)
		if p.engine == goDoubles || p.engine == goBounded {
			p.long = min(p.long, 110*float64(p.cycles)) // a Go program collects every two minutes at least
		}
		if in := p.incident(c); in != nil {
			return in
		}
	}
}

// collection is one cycle of a program.
type collection struct {
	at, live, peak, goal, takes float64
	truth                       float64 // without noise and garbage
	young                       bool
}

// incident runs the program and writes its logs; nil where they show too little.
func (p *program) incident(c class) *incident {
	p.dies = p.limit * p.between(0.95, 0.98)
	if p.engine == goDoubles {
		p.dies = p.limit * p.between(0.91, 0.98) / (1 + p.growth)
	}
	in := &incident{class: c.name, kind: c.kind, limit: int64(p.limit), logs: map[string]string{}, onset: -1, last: -1}
	var log strings.Builder
	var life []collection
	start := 0.0
	for n := range p.lives {
		life = p.life()
		in.start = start
		p.write(&log, life, start)
		if n < p.lives-1 {
			start += life[len(life)-1].at + p.between(1, 60)
		}
	}
	if len(life) < 8 || !p.told(life) {
		return nil
	}
	in.end = life[len(life)-1].at
	p.truths(in, life)
	in.add(p.logName(), log.String())
	p.death(in, start+in.end)
	return in
}

func (in *incident) add(name, text string) {
	in.names = append(in.names, name)
	in.logs[name] = text
}

// told reports whether the collections show what the incident is.
func (p *program) told(life []collection) bool {
	if p.onset < 0 || p.spike > 0 {
		return true
	}
	after := 0
	for _, c := range life {
		if c.at >= p.onset*p.long {
			after++
		}
	}
	return after >= 8 && (p.cycles < 20 || after >= 12)
}

// truths works out what a report is held against.
func (p *program) truths(in *incident, life []collection) {
	n := len(life)
	if p.onset >= 0 {
		in.onset = p.onset * p.long
		if p.spike > 0 {
			in.onset = life[n-p.spike].at
		}
		in.onset = max(in.onset, life[0].at)
	}
	if in.kind == inflection.Leak {
		in.rate = (life[n-1].truth - p.live(p.onset)*p.dies) / (in.end - in.onset)
	}
	for i := n - 1; i >= 0 && life[i].truth >= 0.6*p.limit; i-- {
		if life[i].truth >= 0.7*p.limit {
			in.last = life[i].at
		}
	}
}

// life runs one life of the program.
func (p *program) life() []collection {
	var out []collection
	mean := 0.0
	for i := range 100 {
		mean += p.live(float64(i)/100) * p.dies / 100
	}
	headroom := mean * p.growth
	switch p.engine {
	case goBounded, javaWhole:
		headroom = max(p.limit-mean, 0.05*p.limit)
	case javaByAges:
		headroom = 0.2 * p.limit
	case goDoubles:
	}
	perSecond := headroom * float64(p.cycles) / p.long
	at, live, wave, garbage := 0.0, p.live(0)*p.dies, 0.0, 0.0
	for len(out) < 8*p.cycles {
		room := p.room(live, garbage)
		takes := 0.01 * p.long / float64(p.cycles)
		wait := room / perSecond * p.between(0.85, 1.15)
		if p.busy && live > 0.9*p.dies {
			wait = 0.5 * p.long / float64(p.cycles)
			takes = wait * p.between(0.65, 0.9)
		}
		at += max(wait, 2*takes*p.between(0.6, 0.7))
		if at > p.long {
			break
		}
		wave = p.memory*wave + math.Sqrt(1-p.memory*p.memory)*p.r.NormFloat64()
		truth := p.live(at/p.long) * p.dies
		before := live + garbage + room
		live = min(truth*(1+p.noise*wave), max(truth, 0.995*p.dies))
		c := collection{at: at, live: live, peak: max(before, live), goal: before, takes: takes, truth: truth}
		if p.engine == javaByAges {
			garbage = p.promote(&c, garbage, room)
		}
		out = append(out, c)
	}
	return p.rise(out)
}

// room is what can be allocated until the next collection.
func (p *program) room(live, garbage float64) float64 {
	switch p.engine {
	case goDoubles:
		return max(live*p.growth, 4*mib)
	case goBounded:
		return max(min(live*p.growth, 0.95*p.limit-live), 0.005*p.limit)
	case javaByAges:
		return max(min(0.2*p.limit, p.limit-live-garbage), 0.005*p.limit)
	case javaWhole:
	}
	return max(0.97*p.limit-live, 0.005*p.limit)
}

// promote lets garbage pile up in the old generation until a collection of the whole heap takes it away.
func (p *program) promote(c *collection, garbage, room float64) float64 {
	garbage += room * p.between(0.02, 0.08)
	if c.live+garbage > 0.9*p.limit || garbage > 0.25*p.limit || p.busy && c.live > 0.9*p.dies {
		return 0
	}
	c.young = true
	c.live = min(c.live+garbage, 0.98*p.limit)
	c.peak = max(c.peak, c.live)
	return garbage
}

// rise adds the collections of a rise at the very end.
func (p *program) rise(life []collection) []collection {
	if p.spike == 0 || len(life) == 0 {
		return life
	}
	last := life[len(life)-1]
	usual := p.long / float64(p.cycles)
	for k := 1; k <= p.spike; k++ {
		c := last
		c.at += usual * (0.5 + 0.2*float64(k))
		c.live = last.live + (0.99*p.dies-last.live)*float64(k)/float64(p.spike)
		c.peak, c.truth = max(c.live, c.peak), c.live
		life = append(life, c)
	}
	return life
}

func (p *program) logName() string {
	if p.engine == goDoubles || p.engine == goBounded {
		return "gctrace.log"
	}
	return "gc.log"
}

// zero is the wall time at which each incident begins.
var zero = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func wall(at float64, layout string) string {
	return zero.Add(time.Duration(at * 1e9)).Format(layout)
}

// write appends the log of a life that began at start.
func (p *program) write(log *strings.Builder, life []collection, start float64) {
	if p.engine == javaWhole || p.engine == javaByAges {
		p.writeJava(log, life, start)
		return
	}
	for i, c := range life {
		fmt.Fprintf(log, "%s gc %d @%.3fs 1%%: 0.018+%.1f+0.006 ms clock, 0.14+0.20/%.1f/0.1+0.052 ms cpu, %d->%d->%d MB, %d MB goal, 0 MB stacks, 0 MB globals, 8 P\n",
			wall(start+c.at, "2006-01-02T15:04:05.000000000Z"), i+1, c.at, 1000*c.takes, 8*1000*c.takes,
			int(c.peak/mib), int(c.peak/mib), int(c.live/mib), int(c.goal/mib))
	}
}

func (p *program) writeJava(log *strings.Builder, life []collection, start float64) {
	capacity := int(p.limit / mib)
	stamp := func(at float64) string {
		return fmt.Sprintf("[%s][%.3fs][info][gc] ", wall(start+at, "2006-01-02T15:04:05.000-0700"), at)
	}
	fmt.Fprintf(log, "%sUsing Parallel\n", stamp(0.008))
	fmt.Fprintf(log, "[%s][0.009s][info][gc,init] Heap Max Capacity: %dM\n", wall(start+0.009, "2006-01-02T15:04:05.000-0700"), capacity)
	for i, c := range life {
		what := "Pause Full (Ergonomics)"
		if c.young {
			what = "Pause Young (Allocation Failure)"
		}
		fmt.Fprintf(log, "%sGC(%d) %s %dM->%dM(%dM) %.3fms\n", stamp(c.at), i, what, int(c.peak/mib), int(c.live/mib), capacity, 1000*c.takes)
	}
}

// death writes what another log tells of the end.
func (p *program) death(in *incident, at float64) {
	switch {
	case !p.fatal || p.silent:
	case p.engine == javaWhole || p.engine == javaByAges:
		in.add("app.log", wall(at+0.1, "2006-01-02T15:04:05.000000000Z")+" Terminating due to java.lang.OutOfMemoryError: Java heap space\n")
	default:
		in.add("kern.log", kill(at+0.1, int64(p.limit)/1024))
	}
}

// kill is the kernel's report of a kill at the limit of a container, in KiB.
func kill(at float64, limit int64) string {
	const group = "/kubepods.slice/kubepods-pod1.slice/cri-containerd-abab.scope"
	var out strings.Builder
	for _, line := range []string{
		"svc invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=985",
		fmt.Sprintf("memory: usage %dkB, limit %dkB, failcnt 412", limit, limit),
		fmt.Sprintf("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=cri-containerd-abab.scope,mems_allowed=0,oom_memcg=%s,task_memcg=%s,task=svc,pid=4211,uid=0", group, group),
		fmt.Sprintf("Memory cgroup out of memory: Killed process 4211 (svc) total-vm:%dkB, anon-rss:%dkB, file-rss:3600kB, shmem-rss:0kB, UID:0 pgtables:2084kB oom_score_adj:985", 2*limit, limit-8000),
	} {
		out.WriteString(wall(at, "2006-01-02T15:04:05.000000+0000") + " node-7 kernel: " + line + "\n")
	}
	return out.String()
}
