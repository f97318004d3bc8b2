package inflection

// Options are the thresholds of a judgement. Default documents each; a report prints those that matter to its verdict.
type Options struct {
	// Fraction of the ceiling, or of the limit, from which on a process is in danger, and Recover, the fraction that it
	// must fall below to count as recovered. Two lines and not one, as a single line is crossed back and forth by noise.
	Fraction, Recover float64

	// Swing is how many times the growth must exceed the second largest swing that did recover. One hump is chance, two
	// are habit. SwingAlive is asked where nobody saw the process die for want of memory.
	Swing, SwingAlive float64

	// Growth is the least growth of a leak as a share of the level at the end, and GrowthAlive the same where nobody
	// saw the process die for want of memory and its heap is not so high that it must have.
	Growth, GrowthAlive float64

	// Presumed is the share of the ceiling from which on a growing heap whose log just ends is taken for dead.
	Presumed float64
}

// Default returns the thresholds that the published figures were measured with.
func Default() Options {
	return Options{
		Fraction: 0.70, Recover: 0.60,
		Swing: 1.3, SwingAlive: 2.2,
		Growth: 0.10, GrowthAlive: 0.22,
		Presumed: 0.85,
	}
}

// orDefault fills in what the caller left out, so that the zero value of Options works.
func (o Options) orDefault() Options {
	d := Default()
	for _, f := range []struct{ got, def *float64 }{
		{&o.Fraction, &d.Fraction},
		{&o.Recover, &d.Recover},
		{&o.Swing, &d.Swing},
		{&o.SwingAlive, &d.SwingAlive},
		{&o.Growth, &d.Growth},
		{&o.GrowthAlive, &d.GrowthAlive},
		{&o.Presumed, &d.Presumed},
	} {
		if *f.got <= 0 {
			*f.got = *f.def
		}
	}
	o.Recover = min(o.Recover, o.Fraction)
	return o
}
