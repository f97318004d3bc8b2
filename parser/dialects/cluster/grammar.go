package cluster

import (
	"oomtrace/parser/shape"
	"oomtrace/parser/unit"
)

// detected is the line of slurmstepd, up to its first full stop behind the step.
type detected struct {
	Count shape.Num  `parser:"'Detected' @@ ( 'oom_kill' | 'oom' '-' 'kill' ) ( 'event' | 'events' ) ( '(' 's' ')' )? 'in'"`
	Job   shape.Num  `parser:"( 'step' | 'StepId' '=' ) @@"`
	Step  *shape.Num `parser:"( '.' ( @@"`
	Batch string     `parser:"  | @Word ) )? 'cgroup'? '.'?"`
}

// above is a job or a step above its limit.
type above struct {
	Kind  string     `parser:"( @( 'Job' | 'Step' | 'step' | 'job' ) | @'JobId' '=' | @'StepId' '=' )"`
	Job   shape.Num  `parser:"@@"`
	Step  *shape.Num `parser:"( '.' ( @@"`
	Batch string     `parser:"  | @Word ) )?"`
	Used  shape.Num  `parser:"'exceeded' 'memory' 'limit' '(' @@"`
	Limit shape.Num  `parser:"'>' @@ ')'"`
}

// container names a container of YARN.
type container struct {
	PID shape.Num `parser:"'Container' '[' 'pid' '=' @@ ','"`
	ID  []string  `parser:"'containerID' '=' @Word ']'"`
}

// used is what a container uses of what it has.
type used struct {
	Used  size   `parser:"@@ 'of'"`
	Limit size   `parser:"@@"`
	Kind  string `parser:"@( 'physical' | 'virtual' ) 'memory' 'used'"`
}

// size is what StringUtils.TraditionalBinaryPrefix of Hadoop prints: units of 1024.
type size struct {
	N    shape.Decimal `parser:"@@"`
	Unit string        `parser:"@( 'B' | 'KB' | 'MB' | 'GB' | 'TB' | 'KiB' | 'MiB' | 'GiB' | 'K' | 'M' | 'G' )"`
}

// process is what stands behind the name of a process in the dump of a tree.
type process struct {
	User   shape.Num `parser:"@@"`
	System shape.Num `parser:"@@"`
	VMem   shape.Num `parser:"@@"`
	Pages  shape.Num `parser:"@@"`
}

// task is the end of a task of Nomad, up to its message.
type task struct {
	Code   shape.Num  `parser:"'Exit' 'Code' ':' @@"`
	Signal *shape.Num `parser:"( ',' 'Signal' ':' @@ )?"`
}

// pbs is a job above its limit.
type pbs struct {
	Kind  string    `parser:"@( 'mem' | 'vmem' | 'pmem' | 'pvmem' ) ( 'job' 'total' )?"`
	Used  shape.Num `parser:"@@ ( 'kb' | 'Kb' )"`
	Limit shape.Num `parser:"'exceeded' 'limit' @@ ( 'kb' | 'Kb' )"`
}

// grid is what a job of Grid Engine used and may use, in bytes.
type grid struct {
	Used  shape.Decimal `parser:"'(' @@"`
	Limit shape.Decimal `parser:"'>' 'limit' ':' @@ ')'"`
}

var (
	detectedGrammar  = shape.Words[detected]()
	aboveGrammar     = shape.Words[above]()
	containerGrammar = shape.Words[container]()
	usedGrammar      = shape.Words[used]()
	processGrammar   = shape.Words[process]()
	taskGrammar      = shape.Words[task]()
	pbsGrammar       = shape.Words[pbs]()
	gridGrammar      = shape.Words[grid]()
	sizeGrammar      = shape.Words[size]()
)

// readers are the shape caches of decoders.
type readers struct {
	detected  *shape.Cache[detected]
	above     *shape.Cache[above]
	container *shape.Cache[container]
	used      *shape.Cache[used]
	process   *shape.Cache[process]
	task      *shape.Cache[task]
	pbs       *shape.Cache[pbs]
	grid      *shape.Cache[grid]
	size      *shape.Cache[size]
}

func newReaders() *readers {
	return &readers{
		detected:  detectedGrammar.Cache(),
		above:     aboveGrammar.Cache(),
		container: containerGrammar.Cache(),
		used:      usedGrammar.Cache(),
		process:   processGrammar.Cache(),
		task:      taskGrammar.Cache(),
		pbs:       pbsGrammar.Cache(),
		grid:      gridGrammar.Cache(),
		size:      sizeGrammar.Cache(),
	}
}

// maxSize is beyond any machine.
const maxSize = 1 << 50

// amount returns a number of units in bytes; unknown if it is beyond any machine.
func amount(n int64, one unit.Bytes) unit.Size {
	if n > maxSize/int64(one) {
		return unit.Size{}
	}
	return unit.Known(unit.Bytes(n) * one)
}

// bytes returns the size as it was rounded.
func (s *size) bytes() unit.Size {
	one := map[byte]unit.Bytes{'B': 1, 'K': unit.KiB, 'M': unit.MiB, 'G': unit.GiB, 'T': unit.TiB}[s.Unit[0]]
	if s.N.Scaled(0) > maxSize/int64(one) {
		return unit.Size{}
	}
	return unit.Known(unit.Bytes(float64(one) * s.N.Float()))
}
