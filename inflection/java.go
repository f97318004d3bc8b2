package inflection

import (
	"fmt"
	"slices"
	"strings"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// javaFacts are what is known of a JVM beyond its heap. Sizes are in bytes; 0 is unknown or none.
type javaFacts struct {
	Xmx, Box  float64 // -Xmx, and the limit of the container or the one that the user named
	Memory    float64 // that the JVM itself saw, of its container or of the machine
	Collector event.Collector
	Report    *event.JVMReport // the crash report of this death, nil if there is none
	ReportPos event.Pos

	MetaFrom, MetaHalf, MetaTo float64 // class metadata at the first collection that shows it, in the middle, and at the last
	MetaPos                    event.Pos
	MetaLate                   bool    // the first collection that shows it came in the second half of the run
	MaxMeta                    float64 // the bound on class metadata, or on the class space where that one was full
	Allowed                    event.Pos
	Rest                       float64 // held beside the heap when the kernel killed it, no more than nonHeapMost of the container
	Late                       float64 // share of the life of the process before the log begins; 0 is unknown
	LateFull                   bool    // the heap was full already when the log begins
	Frees                      float64 // by the middle one of the last collections
	Signs                      timeline.JVMSigns
	NoExplicit                 event.Pos // -XX:+DisableExplicitGC is set here; zero where it is not
	Gathered                   int       // collections of the whole heap, where that is all the log has
}

const (
	nonHeapMost  = 0.50 // of the container: a JVM that holds more than this beside its heap did not die of its heap
	metaRise     = 1.30 // class metadata that ends at so many times its first size grew
	metaLeast    = 1 << 20
	metaHalf     = 0.92 // of the end, that growth to the end has left to do in the middle of the run
	metaDominant = 32 << 20
	boxGrowth    = 0.50 // of the level at the end
	mappedMost   = 0.50 // of the shared memory of a container: a JVM that maps it may have its heap there
	fewLeast     = 3    // collections of the whole heap of which each leaves more than the one before
)

// javaCeiling works out what the heap of a JVM can hold: -Xmx, or where the container is smaller, what it leaves beside the rest
// of the process, as the kernel measured it.
func (c *ceiling) javaCeiling(tl *timeline.Timeline, s *series) {
	xmx, box := limitFrom(tl, "xmx"), boxLimit(tl)
	switch {
	case xmx > 0 && (box == 0 || xmx <= box):
		c.hard, c.bytes, c.basis = xmx, xmx, "-Xmx"
	case box != 0:
		rest := besideHeap(tl, s, box)
		c.hard, c.bytes = box, box-rest
		c.basis = "limit"
		if rest > 0 {
			c.basis = fmt.Sprintf("limit less %s that the process held beside its heap", bytes(rest))
		}
		if xmx > 0 {
			c.basis += fmt.Sprintf("; -Xmx is %s and beyond it", bytes(xmx))
		}
	}
}

// boxLimit returns the smallest limit that binds the whole process, in bytes, or 0.
func boxLimit(tl *timeline.Timeline) float64 {
	return leastLimit(tl, func(from string) bool {
		return !slices.Contains([]string{"xmx", "v8-flag", "growth-limit", "gomemlimit"}, from)
	})
}

// besideHeap returns what a process held beside its heap when the kernel killed it in a container of box bytes.
func besideHeap(tl *timeline.Timeline, s *series, box float64) float64 {
	k, ok := tl.Death.Event.(*event.Kill)
	if !ok {
		return 0
	}
	_, held := victim(k)
	if usage := float64(k.Usage.Or(0)); usage > 0 {
		held = min(max(held, usage/2), usage)
	}
	heap := 0.0
	for i := max(0, s.len()-endCycles); i < s.len(); i++ {
		heap = max(heap, float64(s.cycle(i).Peak))
	}
	if s.run.Collector == event.ZGC {
		heap = max(heap, float64(stat(k, "shmem"))) // the heap of ZGC is a memory file
	}
	return min(max(0, held-heap), nonHeapMost*box)
}

// java reports whether the incident is one of a JVM.
func (f *Facts) java() bool {
	return f.Runtime == "jvm" || f.OOM != nil && f.OOM.Runtime == "jvm" || f.Ended != nil && f.Ended.Runtime == "jvm"
}

// javaFacts copies what the log and the crash report say of a JVM. st is nil where the log has no collection.
func (j *judge) javaFacts(f *Facts, st *study) {
	if !f.java() {
		return
	}
	f.Java.Xmx, f.Java.Box = limitFrom(j.tl, "xmx"), boxLimit(j.tl)
	f.Java.Memory = j.seenMemory()
	f.Java.Signs = j.tl.JVM
	j.reportFacts(f)
	j.metaLimit(f)
	if st == nil || st.series.len() == 0 {
		return
	}
	f.Java.Collector = st.series.run.Collector
	f.Java.Rest = besideHeap(j.tl, st.series, f.Java.Box)
	f.Java.Frees = st.frees()
	f.Java.Late, f.Java.LateFull = st.late(), st.lateFull()
	st.metaFacts(f)
	if st.series.anchors == st.series.len() && slices.IsSorted(st.series.v) {
		f.Java.Gathered = st.series.len()
	}
	if f.Java.Collector == event.ZGC {
		heap := f.Shmem
		if f.Java.Xmx > 0 {
			heap = min(heap, f.Java.Xmx)
		}
		f.Shmem, f.Anon = f.Shmem-heap, f.Anon+heap // the heap of ZGC is a memory file, and not what people call shared memory
	}
}

// seenMemory returns the least memory that a JVM of the incident says it has, in bytes; 0 where none says so.
func (j *judge) seenMemory() float64 {
	least := 0.0
	for _, ev := range j.tl.Events {
		s, ok := ev.(*event.Setting)
		if !ok || s.Runtime != "jvm" || s.Name != event.MemoryLimit {
			continue
		}
		if size := float64(s.Size.Or(0)); size > 0 && (least == 0 || size < least) {
			least = size
		}
	}
	return least
}

// reportFacts finds the crash report of this death: by process id, else the last one.
func (j *judge) reportFacts(f *Facts) {
	mine := func(r *event.JVMReport) bool {
		return r != nil && (f.OOM != nil && r.PID == f.OOM.PID || f.Ended != nil && r.PID == f.Ended.PID)
	}
	for _, ev := range j.tl.Events {
		d, ok := ev.(*event.Dump)
		if !ok || d.JVM == nil {
			continue
		}
		if mine(d.JVM) || !mine(f.Java.Report) {
			f.Java.Report, f.Java.ReportPos = d.JVM, d.Pos
		}
	}
}

// metaLimit finds the bound on the class metadata that was full, and whether the program may ask for collections.
func (j *judge) metaLimit(f *Facts) {
	want := event.MaxMetaspace
	if f.OOM != nil && f.OOM.Kind == event.OOMClassSpace {
		want = event.MaxClassSpace
	}
	for _, ev := range j.tl.Events {
		s, ok := ev.(*event.Setting)
		switch {
		case !ok:
		case s.Name == want && s.Size.IsKnown():
			f.Java.MaxMeta, f.Java.Allowed = float64(s.Size.Or(0)), s.Pos
		case s.Name == event.FlagName && strings.Contains(s.Text, "+DisableExplicitGC"):
			f.Java.NoExplicit = s.Pos
		}
	}
}

// metaFacts copies how the class metadata grew.
func (st *study) metaFacts(f *Facts) {
	s := st.series
	half := (s.t[0] + s.t[s.len()-1]) / 2
	for i := range s.len() {
		meta := float64(s.cycle(i).Beside) * 1024
		if meta == 0 {
			continue
		}
		if f.Java.MetaFrom == 0 {
			f.Java.MetaFrom, f.Java.MetaLate = meta, s.t[i] > half
		}
		if s.t[i] <= half {
			f.Java.MetaHalf = meta
		}
		f.Java.MetaTo, f.Java.MetaPos = meta, st.at(i)
	}
}

// metaGrew reports whether the class metadata grew to the end.
func (f *Facts) metaGrew() bool {
	j := &f.Java
	return j.MetaTo >= metaRise*j.MetaFrom && j.MetaTo-j.MetaFrom >= metaLeast && j.MetaHalf <= metaHalf*j.MetaTo
}

// metaLevel reports whether the log shows that the class metadata did not grow.
func (f *Facts) metaLevel() bool {
	return f.Java.MetaFrom > 0 && !f.Java.MetaLate && f.Java.Late < lateMeta && !f.metaGrew()
}

// classOOM reports whether the JVM ran out of room for class metadata.
func (f *Facts) classOOM() bool {
	return f.OOM != nil && (f.OOM.Kind == event.OOMMetaspace || f.OOM.Kind == event.OOMClassSpace || f.OOM.Kind == event.OOMPermGen)
}

// classesFilled reports whether class metadata is what the process died of: it says so, or the system refused memory to a JVM
// that had grown by class metadata alone.
func (f *Facts) classesFilled() bool {
	if f.classOOM() {
		return true
	}
	refused := f.OOM != nil && f.OOM.Runtime == "jvm" && (f.OOM.Kind == event.OOMNative || f.OOM.Kind == event.OOMAddressSpace)
	if !refused || !f.metaGrew() {
		return false
	}
	grown := f.Java.MetaTo - f.Java.MetaFrom
	asked := f.Java.Report != nil && strings.Contains(strings.ToLower(f.Java.Report.Native.For), "metaspace")
	return asked || grown >= metaDominant && grown >= f.Level-f.First
}

// classLeak holds where class metadata grew until there was no room for it; where the log does not show it, its error alone does.
func (f *Facts) classLeak() ([]Evidence, bool) {
	if !f.java() || !f.Seen() || !f.classesFilled() || f.metaLevel() {
		return nil, false
	}
	var ev []Evidence
	if f.metaGrew() {
		ev = append(ev, Evidence{
			Claim:  fmt.Sprintf("class metadata grew from %s to %s by this collection, and on to the end", bytes(f.Java.MetaFrom), bytes(f.Java.MetaTo)),
			Source: f.Java.MetaPos,
		})
	}
	if f.Java.MaxMeta > 0 && f.classOOM() {
		ev = append(ev, Evidence{Claim: fmt.Sprintf("%s of it are allowed", bytes(f.Java.MaxMeta)), Source: f.Java.Allowed})
	}
	if f.Cycles > 0 {
		ev = append(ev, Evidence{Claim: fmt.Sprintf("the %s was only %s", f.words().Level, bytes(f.Level)), Source: f.LastPos})
	}
	return append(ev, f.deathEvidence()...), true
}

// outsideHeap reports whether the JVM itself said that what it ran out of is not its heap.
func (f *Facts) outsideHeap() bool {
	if f.OOM == nil || f.OOM.Runtime != "jvm" || f.Death.Kind != timeline.RuntimeOOM {
		return false
	}
	switch f.OOM.Kind {
	case event.OOMHeap, event.OOMOverhead:
		return false
	case event.OOMNative, event.OOMAddressSpace:
		r := f.Java.Report
		return r == nil || !r.Process.RSS.IsKnown() || f.Level < heapExplain*float64(r.Process.RSS.Or(0))
	case event.OOMThreads, event.OOMStack, event.OOMArray, event.OOMMetaspace, event.OOMClassSpace, event.OOMDirect, event.OOMPermGen:
	}
	return true
}

// arrayTooLong holds where one single array was longer than the JVM can address: a request, and no leak.
func (f *Facts) arrayTooLong() ([]Evidence, bool) {
	if f.OOM == nil || f.OOM.Kind != event.OOMArray || f.Death.Kind != timeline.RuntimeOOM {
		return nil, false
	}
	ev := []Evidence{{Claim: "one array was longer than a JVM can have: " + f.OOM.Message, Source: f.OOM.Pos}}
	if f.Cycles > 0 {
		ev = append(ev, Evidence{Claim: f.lastLevel(), Source: f.LastPos})
	}
	return ev, true
}

// fewButRising reports whether all that the log has are a few collections of the whole heap, each of which left more alive, until the
// JVM said that the heap was full.
func (f *Facts) fewButRising() bool {
	return f.java() && f.Heap && f.Java.Gathered >= fewLeast && f.Java.Gathered <= leakCycles && f.Level-f.First >= f.Options.GrowthAlive*f.Level
}

// boxGrewFull reports whether a heap that was allowed to fill its container did so in fewer collections than growth is usually asked
// for: a JVM with room to spare collects rarely.
func (f *Facts) boxGrewFull() bool {
	return f.heapFilledBox() && f.GrowCycles >= fewLeast && f.Growth >= boxGrowth*f.End && f.Growth >= f.Options.SwingAlive*f.Swing && f.Rest < restShare
}

// beyondBox reports whether the heap may grow beyond what the container leaves for it.
func (f *Facts) beyondBox() bool {
	return f.Java.Box > 0 && f.Java.Xmx > f.Java.Box
}

// mappedByJVM reports whether most of the shared memory was mapped by a JVM of which no log tells: it may be files of a tmpfs, and
// it may be the heap, which ZGC keeps in a memory file.
func (f *Facts) mappedByJVM() bool {
	if f.Kill == nil || f.Cycles > 0 {
		return false
	}
	return slices.ContainsFunc(f.Kill.Victims, func(v event.Victim) bool {
		mapped := float64(v.Shmem.Or(0))
		return v.Name == "java" && mapped > 0 && mapped >= mappedMost*f.Shmem
	})
}

// heapFilledBox reports whether the kernel killed a JVM whose heap was allowed to fill its container, and which held more heap, garbage
// included, than anything else.
func (f *Facts) heapFilledBox() bool {
	return f.beyondBox() && f.Kill != nil && f.Death.Kind == timeline.MemcgKill && f.Cycles > 0 && f.Java.Rest < nonHeapMost*f.Java.Box
}

// beyondBoxEvidence says so.
func (f *Facts) beyondBoxEvidence() []Evidence {
	if !f.beyondBox() {
		return nil
	}
	return []Evidence{{Claim: fmt.Sprintf("-Xmx is %s, the container has %s: the JVM saw no need to collect harder", bytes(f.Java.Xmx), bytes(f.Java.Box)), Source: f.LastPos}}
}

// metaTooSmall holds where there was no room for class metadata although it did not grow: its bound is too small.
func (f *Facts) metaTooSmall() ([]Evidence, bool) {
	if !f.Seen() || !f.classOOM() || !f.metaLevel() {
		return nil, false
	}
	ev := []Evidence{{Claim: fmt.Sprintf("class metadata did not grow: %s at the last collection that shows it", bytes(f.Java.MetaTo)), Source: f.Java.MetaPos}}
	if f.Java.MaxMeta > 0 {
		ev = append(ev, Evidence{Claim: fmt.Sprintf("%s of it are allowed", bytes(f.Java.MaxMeta)), Source: f.Java.Allowed})
	}
	return append(ev, f.deathEvidence()...), true
}

// directFull holds where the bound on direct buffers was reached.
func (f *Facts) directFull() ([]Evidence, bool) {
	if f.OOM == nil || f.OOM.Kind != event.OOMDirect || f.Death.Kind != timeline.RuntimeOOM {
		return nil, false
	}
	var ev []Evidence
	if used, ok := f.OOM.InUse.Get(); ok && f.OOM.Bound > 0 {
		ev = append(ev, Evidence{Claim: fmt.Sprintf("%s of the %s allowed for direct buffers were in use", used, bytes(float64(f.OOM.Bound))), Source: f.OOM.Pos})
	}
	if f.Cycles > 0 {
		ev = append(ev, Evidence{Claim: fmt.Sprintf("the %s was only %s", f.words().Level, bytes(f.Level)), Source: f.LastPos})
	}
	return append(ev, f.deathEvidence()...), true
}

// javaDetail narrows a kind down for a JVM.
func (f *Facts) javaDetail(k Kind) string {
	n, native := f.nativeCause()
	switch {
	case native && n.kind == k:
		return n.detail
	case k == Leak && f.classesFilled() && f.OOM.Kind == event.OOMClassSpace:
		return "class-space"
	case k == Leak && f.classesFilled() && f.OOM.Kind == event.OOMPermGen:
		return "perm-gen"
	case (k == Leak || k == UndersizedLimit) && f.classesFilled():
		return "metaspace"
	case k == OffHeap && f.OOM != nil && f.OOM.Kind == event.OOMDirect:
		return "direct-memory"
	case k == Spike && f.OOM != nil && f.OOM.Kind == event.OOMArray:
		return "array-size"
	case k == UndersizedLimit && f.humongous():
		return "humongous"
	case k == UndersizedLimit && f.lostRace():
		return "promotion-failed"
	}
	return ""
}

// javaConfidence says how far to trust what a JVM said itself. ok is false where the usual measures apply.
func (f *Facts) javaConfidence(k Kind) (c Confidence, ok bool) {
	if !f.java() || f.OOM == nil || !f.Seen() {
		return "", false
	}
	switch d := f.javaDetail(k); {
	case d == "direct-memory" || d == "array-size":
		return High, true
	case k == Leak && f.classesFilled():
		if f.metaGrew() {
			return High, true
		}
		return Low, true
	case k == Leak && f.uncollected():
		return Medium, true
	case k == Leak && (f.fewButRising() || f.Java.LateFull):
		return Low, true
	case d == "native" && f.Java.Report == nil && f.Cycles == 0:
		return Low, true
	case f.OOM.Kind == event.OOMNative || f.OOM.Kind == event.OOMAddressSpace:
		if f.Java.Report != nil && d != "native" {
			return High, true
		}
		return Medium, true
	}
	return "", false
}

const (
	freesLittle = 0.10 // of the ceiling: collections that free less follow each other without end
)

// javaThrash holds where the JVM says that collections took nearly all the time, or, in a log that gives no durations, where
// they freed next to nothing of a heap that is all but full while the process went on.
func (f *Facts) javaThrash() ([]Evidence, bool) {
	switch {
	case !f.java():
		return nil, false
	case f.OOM != nil && f.OOM.Kind == event.OOMOverhead && f.Death.Kind == timeline.RuntimeOOM:
		ev := f.deathEvidence()
		if f.Cycles > 0 {
			ev = append(ev, Evidence{Claim: fmt.Sprintf("the %s stood at %s of the %s that fit", f.words().Level, bytes(f.Level), bytes(f.Ceiling)), Source: f.LastPos})
		}
		return ev, true
	case f.Seen() || f.Collecting+f.CollectingCPU > 0 || f.Usual < nearLevel*f.Ceiling || !f.Limited() || f.Cycles < fewCycles || f.Java.Frees > freesLittle*f.Ceiling:
		return nil, false
	}
	return []Evidence{
		{Claim: fmt.Sprintf("from here to the end half of the collections freed %s or less", bytes(f.Java.Frees)), Source: f.CollectingPos},
		{Claim: fmt.Sprintf("the %s stood at %s of the %s that fit", f.words().Level, bytes(f.Level), bytes(f.Ceiling)), Source: f.LastPos},
	}, true
}

// frees returns what the middle one of the last quarter of the collections freed.
func (st *study) frees() float64 {
	s := st.series
	n := s.len()
	first := n - max(endCycles, n/collectingQuarter)
	if first < 0 {
		return 0
	}
	return median(sample(n-first, exactMost, func(i int) float64 {
		c := s.cycle(first + i)
		return float64(c.Peak - c.Live)
	}))
}
