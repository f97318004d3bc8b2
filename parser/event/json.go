package event

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"oomtrace/parser/unit"
)

// AppendJSON appends ev as one JSON object without a line end, as the command events prints it. What the
// log does not say is null. Text of the log comes out as valid UTF-8 in which everything that does not
// print is escaped, so that a line is safe on a terminal too; bytes that are no UTF-8 become U+FFFD.
// It fails for a nil event only.
func AppendJSON(dst []byte, ev Event) ([]byte, error) {
	o := object{dst: append(dst, '{')}
	switch e := ev.(type) {
	case *GC:
		e.json(&o)
	case *Kill:
		e.json(&o)
	case *RuntimeOOM:
		e.json(&o)
	case *ProcessEnd:
		e.json(&o)
	case *Dump:
		e.json(&o)
	case *Sample:
		e.json(&o)
	case *Setting:
		e.json(&o)
	case *ContainerStatus:
		e.json(&o)
	case *ContainerEvent:
		e.json(&o)
	case *Problem:
		e.json(&o)
	default:
		return dst, fmt.Errorf("event: no JSON for %T", ev)
	}
	return append(o.dst, '}'), nil
}

// MarshalJSON writes the event as AppendJSON does.
func (e *GC) MarshalJSON() ([]byte, error) { return AppendJSON(nil, e) }

// MarshalJSON writes the event as AppendJSON does.
func (e *Kill) MarshalJSON() ([]byte, error) { return AppendJSON(nil, e) }

// MarshalJSON writes the event as AppendJSON does.
func (e *RuntimeOOM) MarshalJSON() ([]byte, error) { return AppendJSON(nil, e) }

// MarshalJSON writes the event as AppendJSON does.
func (e *ProcessEnd) MarshalJSON() ([]byte, error) { return AppendJSON(nil, e) }

// MarshalJSON writes the event as AppendJSON does.
func (e *Dump) MarshalJSON() ([]byte, error) { return AppendJSON(nil, e) }

// MarshalJSON writes the event as AppendJSON does.
func (e *Sample) MarshalJSON() ([]byte, error) { return AppendJSON(nil, e) }

// MarshalJSON writes the event as AppendJSON does.
func (e *Setting) MarshalJSON() ([]byte, error) { return AppendJSON(nil, e) }

// MarshalJSON writes the event as AppendJSON does.
func (e *Problem) MarshalJSON() ([]byte, error) { return AppendJSON(nil, e) }

func (e *GC) json(o *object) {
	o.head("gc", &e.Head)
	o.number("cycle", e.Cycle, e.Numbered)
	o.text("dialect", e.Dialect)
	o.text("collector", string(e.Collector))
	o.text("scope", string(e.Scope))
	o.text("kind", e.Kind)
	o.text("cause", e.Cause)
	o.size("before_bytes", e.Before)
	o.size("peak_bytes", e.Peak)
	o.size("after_bytes", e.After)
	o.size("live_bytes", e.Live)
	o.size("previous_live_bytes", e.LivePrev)
	o.size("goal_bytes", e.Goal)
	o.size("committed_bytes", e.Committed)
	o.size("capacity_bytes", e.Capacity)
	o.size("stacks_bytes", e.Stacks)
	o.size("globals_bytes", e.Globals)
	o.area("old", e.Old)
	o.area("young", e.Young)
	o.area("metaspace", e.Metaspace)
	if e.ClassSpace != (Area{}) {
		o.area("class_space", e.ClassSpace)
	}
	o.span("pause_seconds", e.Pause)
	o.span("gc_cpu_seconds", e.CPU)
	o.span("gc_wall_seconds", e.Wall)
	o.number("procs", int64(e.Procs), e.Procs != 0)
	o.number("goroutines", int64(e.Goroutines), e.Goroutines != 0)
	o.number("step_bytes", int64(e.Step), e.Step != 0)
	o.truth("forced", e.Forced)
	o.truth("mended", e.Mended)
	o.certain("marking", e.Marking)
}

func (e *Kill) json(o *object) {
	o.head("oom-kill", &e.Head)
	o.text("dialect", e.Dialect)
	o.duration("kernel_seconds", e.Time.Boot, e.Time.Has.Has(Boot))
	o.text("host", e.Host)
	o.text("kernel", e.Kernel)
	o.text("constraint", string(e.Constraint))
	o.truth("global", e.Global)
	o.trigger(e.Trigger)
	o.text("gfp_mask", e.GFP)
	o.number("order", int64(e.Order), e.GFP != "")
	o.text("oom_memcg", e.OOMMemcg)
	o.text("task_memcg", e.TaskMemcg)
	o.size("usage_bytes", e.Usage)
	o.size("limit_bytes", e.Limit)
	o.number("failcnt", e.FailCount, e.Usage.IsKnown())
	o.swap(e.SwapUsage, e.SwapLimit)
	o.stats(e.Stats)
	o.victims(e.Victims)
	o.tasks(e.Tasks)
	o.size("page_bytes", e.Page)
	o.truth("page_assumed", e.PageAssumed)
	o.size("ram_bytes", e.RAM)
	o.truth("no_killable_process", e.NoKillable)
	o.truth("limit_lowered", e.Lowered)
	o.number("suppressed", e.Suppressed, e.Suppressed != 0)
	o.number("repeats", int64(max(e.Repeats, 1)), true)
	o.text("pod_uid", e.PodUID)
	o.text("container_id", e.ContainerID)
	o.pos("usage_source", e.UsageAt)
	o.pos("constraint_source", e.ConstraintAt)
	o.pos("killed_source", e.KilledAt)
}

func (e *RuntimeOOM) json(o *object) {
	o.head("runtime-oom", &e.Head)
	o.text("dialect", e.Dialect)
	o.text("runtime", e.Runtime)
	o.text("kind", string(e.Kind))
	o.text("message", e.Message)
	o.size("requested_bytes", e.Requested)
	o.size("in_use_bytes", e.InUse)
	o.number("bound", e.Bound, e.Bound != 0)
	o.certain("fatal", e.Fatal)
	o.number("pid", int64(e.PID), e.PID != 0)
}

func (e *ProcessEnd) json(o *object) {
	o.head("process-end", &e.Head)
	o.text("dialect", e.Dialect)
	o.text("runtime", e.Runtime)
	o.text("kind", string(e.Kind))
	o.text("message", e.Message)
	o.text("signal", e.Signal)
	o.number("exit_code", int64(e.Code), e.HasCode)
	o.number("pid", int64(e.PID), e.PID != 0)
}

func (e *Dump) json(o *object) {
	o.head("crash-dump", &e.Head)
	o.text("dialect", e.Dialect)
	o.text("runtime", e.Runtime)
	o.text("kind", e.Kind)
	o.number("lines", int64(e.Lines), true)
	o.number("goroutines", int64(e.Goroutines), true)
	o.truth("cut", e.Cut)
	if e.JVM == nil {
		o.null("jvm")
		return
	}
	o.open("jvm")
	e.JVM.json(o)
	o.close()
}

func (r *JVMReport) json(o *object) {
	o.count("pid", int64(r.PID))
	o.text("error", r.Error)
	o.text("frame", r.Frame)
	o.text("version", r.Version)
	o.text("platform", r.Platform)
	o.text("collector", string(r.Collector))
	o.span("uptime_seconds", r.Uptime)
	o.truth("starting", r.Starting)
	o.native(r.Native)
	o.space("heap", r.Heap)
	o.space("young", r.Young)
	o.space("old", r.Old)
	o.space("metaspace", r.Metaspace)
	o.space("class_space", r.ClassSpace)
	o.number("heap_base", int64(r.HeapBase), r.HeapBase != 0)
	o.text("oops_mode", r.OopsMode)
	o.count("java_heap_errors", r.HeapOOMs)
	o.count("metaspace_errors", r.MetaspaceOOMs)
	o.count("class_space_errors", r.ClassSpaceOOMs)
	o.count("stack_overflow_errors", r.StackOverflows)
	o.threads(r.Threads)
	o.process(r.Process)
	o.limits(r.Limits)
	o.machine(r.Machine)
	o.container(r.Container)
	o.nmt(r.NMT)
}

func (o *object) native(n NativeRequest) {
	if n == (NativeRequest{}) {
		o.null("native_request")
		return
	}
	o.open("native_request")
	o.text("call", n.Call)
	o.size("bytes", n.Size)
	o.text("for", n.For)
	o.close()
}

func (o *object) space(name string, s Space) {
	if s == (Space{}) {
		o.null(name)
		return
	}
	o.open(name)
	o.size("used_bytes", s.Used)
	o.size("committed_bytes", s.Committed)
	o.size("reserved_bytes", s.Reserved)
	o.close()
}

func (o *object) threads(t JVMThreads) {
	o.open("threads")
	o.count("java", int64(t.Java))
	o.count("vm", int64(t.VM))
	o.size("stacks_bytes", t.Stacks)
	o.key("groups")
	o.dst = append(o.dst, '[')
	for i, g := range t.Groups {
		o.item(i)
		o.text("name", g.Name)
		o.number("count", int64(g.Count), true)
		o.close()
	}
	o.dst = append(o.dst, ']')
	o.close()
}

func (o *object) process(p JVMProcess) {
	if p == (JVMProcess{}) {
		o.null("process")
		return
	}
	o.open("process")
	o.size("virtual_bytes", p.Virtual)
	o.size("rss_bytes", p.RSS)
	o.size("peak_rss_bytes", p.PeakRSS)
	o.size("anon_bytes", p.Anon)
	o.size("file_bytes", p.File)
	o.size("shmem_bytes", p.Shmem)
	o.size("swapped_bytes", p.Swapped)
	o.size("c_heap_bytes", p.CHeap)
	o.size("c_heap_retained_bytes", p.CHeapRetained)
	o.size("private_bytes", p.Private)
	o.close()
}

func (o *object) limits(l JVMLimits) {
	if l == (JVMLimits{}) {
		o.null("limits")
		return
	}
	o.open("limits")
	o.size("address_space_bytes", l.AddressSpace)
	o.size("data_bytes", l.Data)
	o.count("processes", l.Processes)
	o.count("threads_max", l.ThreadsMax)
	o.count("pid_max", l.PIDMax)
	o.count("max_map_count", l.MaxMapCount)
	o.count("maps", l.Maps)
	o.count("deleted_maps", l.DeletedMaps)
	o.close()
}

func (o *object) machine(m JVMMachine) {
	if m == (JVMMachine{}) {
		o.null("machine")
		return
	}
	o.open("machine")
	o.size("physical_bytes", m.Physical)
	o.size("free_bytes", m.Free)
	o.size("swap_total_bytes", m.SwapTotal)
	o.size("swap_free_bytes", m.SwapFree)
	o.size("mem_total_bytes", m.MemTotal)
	o.size("mem_free_bytes", m.MemFree)
	o.size("available_bytes", m.Available)
	o.size("commit_limit_bytes", m.CommitLimit)
	o.size("committed_as_bytes", m.CommittedAS)
	o.size("balloon_bytes", m.Balloon)
	o.size("cached_bytes", m.Cached)
	o.size("shmem_bytes", m.Shmem)
	o.size("slab_bytes", m.Slabs)
	o.close()
}

func (o *object) container(c JVMContainer) {
	if c == (JVMContainer{}) {
		o.null("container")
		return
	}
	o.open("container")
	o.text("type", c.Type)
	o.size("limit_bytes", c.Limit)
	o.size("swap_limit_bytes", c.Swap)
	o.size("usage_bytes", c.Usage)
	o.size("max_usage_bytes", c.MaxUsage)
	o.size("rss_bytes", c.RSS)
	o.size("cache_bytes", c.Cache)
	o.count("tasks", c.Tasks)
	o.count("tasks_max", c.TasksMax)
	o.close()
}

func (o *object) nmt(categories []NMTCategory) {
	o.key("nmt")
	o.dst = append(o.dst, '[')
	for i, c := range categories {
		o.item(i)
		o.text("name", c.Name)
		o.number("reserved_bytes", int64(c.Reserved), true)
		o.number("committed_bytes", int64(c.Committed), true)
		o.close()
	}
	o.dst = append(o.dst, ']')
}

func (e *Sample) json(o *object) {
	o.head("sample", &e.Head)
	o.text("dialect", e.Dialect)
	o.text("runtime", e.Runtime)
	o.open("values")
	for i, v := range e.Values {
		if !slices.ContainsFunc(e.Values[:i], func(w Value) bool { return w.Name == v.Name }) {
			o.float(v.Name, v.V)
		}
	}
	o.close()
}

func (e *Setting) json(o *object) {
	o.head("setting", &e.Head)
	o.text("dialect", e.Dialect)
	o.text("runtime", e.Runtime)
	o.text("name", string(e.Name))
	o.text("text", e.Text)
	o.size("bytes", e.Size)
	o.number("pid", int64(e.PID), e.PID != 0)
}

func (e *Problem) json(o *object) {
	o.head("problem", &e.Head)
	o.text("dialect", e.Dialect)
	o.text("message", e.Message)
	o.text("text", e.Text)
}

// object appends the members of a JSON object one by one.
type object struct{ dst []byte }

func (o *object) key(name string) {
	if last := o.dst[len(o.dst)-1]; last != '{' {
		o.dst = append(o.dst, ',')
	}
	o.dst = append(appendString(o.dst, name), ':')
}

func (o *object) open(name string) {
	o.key(name)
	o.dst = append(o.dst, '{')
}

func (o *object) close() { o.dst = append(o.dst, '}') }

func (o *object) null(name string) {
	o.key(name)
	o.dst = append(o.dst, "null"...)
}

func (o *object) head(kind string, h *Head) {
	o.text("type", kind)
	o.pos("source", h.Pos)
	o.text("stream", h.Stream.String())
	o.duration("process_seconds", h.Time.Process, h.Time.Has.Has(Process))
	o.wall(h.Time)
}

func (o *object) text(name, s string) {
	if s == "" {
		o.null(name)
		return
	}
	o.key(name)
	o.dst = appendString(o.dst, s)
}

func (o *object) number(name string, n int64, known bool) {
	if !known {
		o.null(name)
		return
	}
	o.key(name)
	o.dst = strconv.AppendInt(o.dst, n, 10)
}

// count writes a number of which 0 says nothing.
func (o *object) count(name string, n int64) { o.number(name, n, n != 0) }

func (o *object) size(name string, s unit.Size) {
	n, known := s.Get()
	o.number(name, int64(n), known)
}

func (o *object) truth(name string, b bool) {
	o.key(name)
	o.dst = strconv.AppendBool(o.dst, b)
}

// certain writes true, or null where the log does not say so.
func (o *object) certain(name string, b bool) {
	if !b {
		o.null(name)
		return
	}
	o.truth(name, true)
}

func (o *object) float(name string, f float64) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		o.null(name)
		return
	}
	o.key(name)
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	o.dst = strconv.AppendFloat(o.dst, f, format, -1, 64)
}

func (o *object) span(name string, s Span) { o.duration(name, s.D, s.Known) }

// duration writes seconds as an exact decimal, "242.031".
func (o *object) duration(name string, d time.Duration, known bool) {
	if !known {
		o.null(name)
		return
	}
	o.key(name)
	ns := uint64(d)
	if d < 0 {
		o.dst = append(o.dst, '-')
		ns = -ns
	}
	o.dst = strconv.AppendUint(o.dst, ns/1e9, 10)
	if frac := ns % 1e9; frac != 0 {
		point := len(o.dst)
		o.dst = strconv.AppendUint(o.dst, 1e9+frac, 10)
		o.dst[point] = '.'
		for o.dst[len(o.dst)-1] == '0' {
			o.dst = o.dst[:len(o.dst)-1]
		}
	}
}

func (o *object) wall(t Time) {
	if !t.Has.Has(Wall) {
		o.null("time")
		return
	}
	o.key("time")
	o.dst = append(o.dst, '"')
	o.dst = t.AppendWall(o.dst)
	o.dst = append(o.dst, '"')
}

func (o *object) pos(name string, p Pos) {
	if p == (Pos{}) {
		o.null(name)
		return
	}
	o.open(name)
	o.text("file", p.File)
	o.number("line", int64(p.Line), p.Line != 0)
	o.close()
}

func (o *object) area(name string, a Area) {
	if a == (Area{}) {
		o.null(name)
		return
	}
	o.open(name)
	o.size("before_bytes", a.Before)
	o.size("after_bytes", a.After)
	o.size("committed_bytes", a.Committed)
	o.close()
}

func (o *object) trigger(t Task) {
	if t == (Task{}) {
		o.null("trigger")
		return
	}
	o.open("trigger")
	o.number("pid", int64(t.PID), t.PID != 0)
	o.text("name", t.Name)
	o.close()
}

func (o *object) swap(usage, limit unit.Size) {
	if !usage.IsKnown() && !limit.IsKnown() {
		o.null("swap")
		return
	}
	o.open("swap")
	o.size("usage_bytes", usage)
	o.size("limit_bytes", limit)
	o.close()
}

// stats writes the first amount of every name, as an object must not name a member twice.
func (o *object) stats(stats []Stat) {
	o.open("stats")
	seen := make(map[string]bool, len(stats))
	for _, s := range stats {
		if !seen[s.Name] {
			seen[s.Name] = true
			o.number(s.Name, int64(s.Size), true)
		}
	}
	o.close()
}

func (o *object) victims(victims []Victim) {
	o.key("victims")
	o.dst = append(o.dst, '[')
	for i, v := range victims {
		o.item(i)
		o.number("pid", int64(v.PID), v.PID != 0)
		o.text("name", v.Name)
		o.number("uid", int64(v.UID), v.HasUID)
		o.size("total_vm_bytes", v.TotalVM)
		o.size("anon_bytes", v.Anon)
		o.size("file_bytes", v.File)
		o.size("shmem_bytes", v.Shmem)
		o.number("oom_score_adj", int64(v.ScoreAdj), v.HasAdj)
		o.close()
	}
	o.dst = append(o.dst, ']')
}

func (o *object) tasks(tasks []Task) {
	o.key("tasks")
	o.dst = append(o.dst, '[')
	for i, t := range tasks {
		o.item(i)
		o.number("pid", int64(t.PID), t.PID != 0)
		o.text("name", t.Name)
		o.size("rss_bytes", t.RSS)
		o.size("total_vm_bytes", t.TotalVM)
		o.number("oom_score_adj", int64(t.ScoreAdj), true)
		o.close()
	}
	o.dst = append(o.dst, ']')
}

// item opens the object number i of an array.
func (o *object) item(i int) {
	if i > 0 {
		o.dst = append(o.dst, ',')
	}
	o.dst = append(o.dst, '{')
}

const hex = "0123456789abcdef"

// appendString appends s as a JSON string. What does not print is escaped: control characters, line and
// paragraph separators, the characters that turn the direction of writing; and < > & for pages.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		if plain[s[i]] {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r >= utf8.RuneSelf && r != utf8.RuneError && unicode.IsPrint(r) {
			i += size
			continue
		}
		dst = append(dst, s[from:i]...)
		dst = appendEscaped(dst, r)
		i += size
		from = i
	}
	return append(append(dst, s[from:]...), '"')
}

func appendEscaped(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	if r > 0xffff {
		r -= 0x10000
		dst = appendUnit(dst, 0xd800+r>>10)
		r = 0xdc00 + r&0x3ff
	}
	return appendUnit(dst, r)
}

func appendUnit(dst []byte, r rune) []byte {
	return append(dst, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}

// plain tells the ASCII characters that stand for themselves in a JSON string.
var plain = func() (t [256]bool) {
	for c := ' '; c < 0x7f; c++ {
		t[c] = c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'
	}
	return t
}()
