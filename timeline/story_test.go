package timeline

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// A story is an incident in a small notation, one line for each process or happening, all on one real clock:
//
//	gc live 16MiB+4MiBx20 _ 90MiB  start=3s every=500ms k=2
//	kill at=14s rss=120MiB limit=128MiB
//	oom at=14s
//	end at=14s kind=signal signal=SIGKILL
//
// live is a list of levels: 16MiB is one collection, 16MiB+4MiBx20 is one and twenty more that grow, 16MiBx5 is five
// alike, _ is a line that was lost. Options are key=value; a clock (wall, boot) stands alone and is printed then.
type story struct {
	files map[string][]telling
	names []string
	seed  int // of the times of collections, which no two processes have alike
}

type telling struct {
	at time.Duration
	ev event.Event
}

var (
	storyWall = time.Date(2026, 11, 22, 12, 0, 0, 137e6, time.UTC)
	storyBoot = 1000*time.Second + 137*time.Millisecond
)

// tell reads a story.
func tell(t testing.TB, text string) *story {
	t.Helper()
	s := &story{files: map[string][]telling{}}
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 0 {
			s.line(words)
		}
	}
	return s
}

func (s *story) add(file string, at time.Duration, ev event.Event) {
	if _, ok := s.files[file]; !ok {
		s.names = append(s.names, file)
	}
	s.files[file] = append(s.files[file], telling{at, ev})
}

// file returns the events of a file in the order of time, with their lines numbered from 1.
func (s *story) file(name string) []event.Event {
	all := slices.Clone(s.files[name])
	slices.SortStableFunc(all, func(a, b telling) int { return cmp.Compare(a.at, b.at) })
	out := make([]event.Event, len(all))
	for i, l := range all {
		out[i] = l.ev
	}
	return number(out)
}

// number writes line numbers in the order given.
func number(evs []event.Event) []event.Event {
	for i, ev := range evs {
		ev.Header().Pos.Line = i + 1
	}
	return evs
}

// events returns all files, one after the other.
func (s *story) events() (out []event.Event) {
	for _, name := range s.names {
		out = append(out, s.file(name)...)
	}
	return out
}

type options map[string]string

func (o options) or(key, otherwise string) string { return cmp.Or(o[key], otherwise) }

func (o options) time(key, otherwise string) time.Duration {
	d, err := time.ParseDuration(o.or(key, otherwise))
	if err != nil {
		panic(err)
	}
	return d
}

func (o options) int(key string) int {
	n, err := strconv.Atoi(o.or(key, "0"))
	if err != nil {
		panic(err)
	}
	return n
}

func (o options) size(key string) unit.Size {
	if o[key] == "" {
		return unit.Size{}
	}
	return unit.Known(bytes(o[key]))
}

// bytes reads 12MiB, 12KiB or 12.
func bytes(s string) unit.Bytes {
	size, ok := memoryLimit(s)
	if !ok {
		panic("not a size: " + s)
	}
	return size.Or(0)
}

func (s *story) line(words []string) {
	o := options{}
	var plain []string
	for _, w := range words[1:] {
		if key, value, ok := strings.Cut(w, "="); ok {
			o[key] = value
		} else if w == "wall" || w == "boot" {
			o[w] = "yes"
		} else {
			plain = append(plain, w)
		}
	}
	switch words[0] {
	case "gc":
		s.process(plain, o)
	case "kill":
		s.kill(o)
	case "oom":
		ev := &event.RuntimeOOM{Runtime: "go", Kind: event.OOMHeap}
		ev.Head = o.head("app.log", o.time("at", "0s"))
		s.add(ev.Pos.File, o.time("at", "0s"), ev)
	case "end":
		ev := &event.ProcessEnd{Kind: event.EndKind(o.or("kind", "exit")), Signal: o["signal"], Code: o.int("code"), HasCode: o["code"] != "", PID: o.int("pid")}
		ev.Head = o.head("app.log", o.time("at", "0s"))
		s.add(ev.Pos.File, o.time("at", "0s"), ev)
	case "status":
		s.status(o)
	case "event":
		ev := &event.ContainerEvent{
			Container: o.container(), Action: event.ContainerAction(o["action"]), Reason: o["reason"], Message: o["message"], Process: o["process"],
			PID: o.int("pid"), Cgroup: o["group"], Usage: o.size("usage"), Limit: o.size("limit"), Signal: o.int("signal"), Count: o.int("count"),
			ExitCode: o.int("exit"), HasExit: o["exit"] != "",
		}
		ev.Head = o.head("events.log", o.time("at", "0s"))
		s.add(ev.Pos.File, o.time("at", "0s"), ev)
	default:
		panic(words[0])
	}
}

// container names what an engine tells of: engine, id, cname, namespace, pname and pod.
func (o options) container() event.Container {
	return event.Container{
		Engine: event.Engine(o.or("engine", "docker")), ID: o["id"], Name: o["cname"], Namespace: o["namespace"], Pod: o["pname"], PodUID: o["pod"],
	}
}

// status is the answer of an engine. oom is missing where it has no word for it.
func (s *story) status(o options) {
	st := &event.ContainerStatus{
		Container: o.container(), State: o["state"], Reason: o["reason"], OOMKilled: o["oom"] == "true", SaysOOM: o["oom"] != "",
		ExitCode: o.int("exit"), HasExit: o["exit"] != "", Signal: o.int("signal"), Restarts: o.int("restarts"), HasRestarts: o["restarts"] != "",
		Limit: o.size("limit"), Peak: o.size("peak"), Cgroup: o["group"],
	}
	for key, to := range map[string]*int64{"started": &st.Started, "finished": &st.Finished} {
		if o[key] != "" {
			*to = storyWall.Add(o.time(key, "0s")).UnixNano()
		}
	}
	st.Head = o.head(o.or("engine", "docker")+".json", 0)
	s.add(st.Pos.File, 0, st)
}

// streams are interned by name, as envelopes do.
var streams = map[string]*event.Stream{}

// head makes the head of a line: stream=host,pid,container,pod,unit in this order; delay is how late it was received.
func (o options) head(file string, moment time.Duration) event.Head {
	h := event.Head{Pos: event.Pos{File: o.or("file", file)}}
	if name := o["stream"]; name != "" {
		if streams[name] == nil {
			part := append(strings.Split(name, ","), "", "", "", "")
			pid, _ := strconv.Atoi(part[1])
			streams[name] = &event.Stream{Host: part[0], PID: pid, ContainerID: part[2], PodUID: part[3], Unit: part[4]}
		}
		h.Stream = streams[name]
	}
	if o["wall"] != "" {
		h.Time.Has |= event.Wall
		h.Time.Wall = storyWall.Add(moment + o.time("delay", "0s") + o.time("zone", "0s")).UnixNano()
		if o["zone"] != "" {
			h.Time.Assumed = event.AssumedZone | event.AssumedYear
		}
	}
	if o["boot"] != "" {
		h.Time.Has |= event.Boot
		h.Time.Boot = storyBoot + moment
	}
	return h
}

func (s *story) kill(o options) {
	at := o.time("at", "0s")
	k := &event.Kill{
		Head: o.head("kern.log", at), Constraint: event.Constraint(o.or("constraint", "memcg")), Limit: o.size("limit"),
		OOMMemcg: o["group"], TaskMemcg: o["task"], ContainerID: o["container"], PodUID: o["pod"], Repeats: 1,
	}
	if k.Constraint == "?" {
		k.Constraint = ""
	}
	if o["victim"] != "none" {
		k.Victims = []event.Victim{{PID: o.int("pid"), Name: o.or("name", "svc"), Anon: o.size("rss")}}
	}
	s.add(k.Pos.File, at, k)
}

// process makes the collections of one process.
func (s *story) process(words []string, o options) {
	every, start := o.time("every", "1s"), o.time("start", "0s")
	k, err := strconv.ParseFloat(o.or("k", "2"), 64)
	if err != nil {
		panic(err)
	}
	n := int64(o.int("first"))
	if n == 0 {
		n = 1
	}
	before := unit.Bytes(2) * unit.MiB
	at := o.time("at", "0s")
	s.seed++
	seed := cmp.Or(o.int("seed"), s.seed)
	for _, live := range levels(words) {
		at += every
		if live < 0 {
			n++
			continue
		}
		goal := max(unit.Bytes(k*float64(before)), 4*unit.MiB)
		if capped := o.size("cap"); capped.IsKnown() {
			goal = min(goal, max(capped.Or(0), live))
		}
		ev := &event.GC{
			Head: o.head("app.log", start+at), Collector: event.Go, Scope: event.Whole, Cycle: n, Numbered: true,
			Before: unit.Known(goal), Procs: 2, Step: unit.MiB, Wall: event.Took(time.Millisecond),
			CPU: event.Took(time.Duration(seed*7919+int(n)*104729) % 9973 * time.Microsecond),
		}
		form(ev, o.or("form", "1.18"), at, live, before, goal)
		s.add(ev.Pos.File, start+at, ev)
		before = live
		n++
	}
}

// form fills in what the release of Go prints.
func form(ev *event.GC, release string, at time.Duration, live, before, goal unit.Bytes) {
	ev.Live, ev.After = unit.Known(live), unit.Known(live)
	if release == "1.2" {
		return
	}
	if release == "1.4" {
		ev.Live, ev.After, ev.LivePrev, ev.Goroutines = unit.Size{}, unit.Size{}, unit.Known(before), 7
		return
	}
	ev.Time.Has |= event.Process
	ev.Time.Process, ev.Time.Step = at, time.Millisecond
	ev.Goal, ev.Peak = unit.Known(goal), unit.Known(goal)
	if release == "1.18" {
		ev.Stacks, ev.Globals = unit.Known(0), unit.Known(0)
	}
}

// levels reads "live 16MiB+4MiBx20 _ 90MiB"; -1 is a lost line.
func levels(words []string) (out []unit.Bytes) {
	if len(words) == 0 || words[0] != "live" {
		panic("want: gc live ...")
	}
	for _, w := range words[1:] {
		if w == "_" {
			out = append(out, -1)
			continue
		}
		level, times, ok := strings.Cut(w, "x")
		n := 1
		if ok {
			n, _ = strconv.Atoi(times)
		}
		first, step, grows := strings.Cut(level, "+")
		at := bytes(first)
		if !grows {
			out = append(out, slices.Repeat([]unit.Bytes{at}, n)...)
			continue
		}
		for i := range n + 1 {
			out = append(out, at+unit.Bytes(i)*bytes(step))
		}
	}
	return out
}

// build puts events on a timeline.
func build(o Options, evs []event.Event) *Timeline {
	b := New(o)
	for _, ev := range evs {
		b.Add(ev)
	}
	return b.Build()
}

// draw writes a timeline in one line a run and one for the death.
func (t *Timeline) draw() string {
	var s strings.Builder
	for _, r := range t.Runs {
		mark := " "
		if r.Index == t.Primary {
			mark = "*"
		}
		a, z := r.Cycles.At(0), r.Cycles.last()
		fmt.Fprintf(&s, "%s %s gc %d..%d (%d) %s..%s live %s..%s", mark, r.Version, a.N, z.N, r.Cycles.Len(), a.At, z.At, mib(a.Live), mib(z.Live))
		if r.Restarted {
			s.WriteString(" restarted")
		}
		if !r.Start.IsZero() {
			fmt.Fprintf(&s, " start %s", r.Start.Sub(storyWall).Round(time.Millisecond))
		}
		s.WriteByte('\n')
	}
	fmt.Fprintf(&s, "%s", t.Death.Kind)
	if t.Death.Name != "" {
		fmt.Fprintf(&s, " %s", t.Death.Name)
	}
	if t.Death.Timed {
		fmt.Fprintf(&s, " at %s", t.Death.At.Round(time.Millisecond))
	}
	s.WriteByte('\n')
	return s.String()
}

func mib(b unit.Bytes) string { return fmt.Sprintf("%g", float64(b)/float64(unit.MiB)) }
