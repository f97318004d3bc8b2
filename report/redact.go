package report

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"oomtrace/parser/event"
	"oomtrace/timeline"
)

// redactedNote says what a redacted report leaves out and what it keeps.
const redactedNote = "Redacted: raw lines and messages of the logs, the command line, and the names of files, hosts, groups, pods, containers, " +
	"images, units, threads and processes were left out. Process ids, times, sizes, versions, runtime flags and names of functions were kept."

// shortestSecret is how long a name must be to be taken out of sentences: shorter ones are words.
const shortestSecret = 3

// commonNames are names that say nothing of the user, and that sentences use as words.
var commonNames = []string{
	"java", "node", "kernel", "default", "init", "docker", "dockerd", "podman", "containerd", "kubelet", "systemd", "systemd-oomd", "earlyoom", "nohang", "lmkd",
}

// redaction takes names out of a report. The same name becomes the same word in all places, so that what belongs together
// still does.
type redaction struct {
	files   map[string]string // by the name of an input
	names   map[string]string
	count   int            // of words that stand for names
	words   *regexp.Regexp // all of them in a sentence; nil where there are none
	streams map[*event.Stream]*event.Stream
	events  map[event.Event]event.Event
	fields  []*string    // of copies, that hold names
	places  []*event.Pos // of copies
}

// redacted returns the input with copies of all that names something, and without names.
func redacted(in Input) (Input, *redaction) {
	r := &redaction{
		files: map[string]string{}, names: map[string]string{}, streams: map[*event.Stream]*event.Stream{}, events: map[event.Event]event.Event{},
	}
	r.callFiles("input", positions(in))
	r.callFiles("profile", in.Profiles)
	tl := *in.Timeline
	in.Timeline = &tl
	d, w := &tl.Death, &tl.Workload
	r.fields = append(r.fields, &d.Name, &d.Cgroup, &d.ContainerID, &d.PodUID)
	r.box(&w.Container)
	d.Event = r.event(d.Event)
	tl.Events = slices.Clone(tl.Events)
	for i, ev := range tl.Events {
		tl.Events[i] = r.event(ev)
	}
	tl.Ends = r.ends(tl.Ends)
	w.Statuses, w.Events = slices.Clone(w.Statuses), slices.Clone(w.Events)
	for i, s := range w.Statuses {
		w.Statuses[i] = r.event(s).(*event.ContainerStatus)
	}
	for i, e := range w.Events {
		w.Events[i] = r.event(e).(*event.ContainerEvent)
	}
	tl.Runs = slices.Clone(tl.Runs)
	for i, run := range tl.Runs {
		c := *run
		c.Stream = r.stream(run.Stream)
		tl.Runs[i] = &c
	}
	tl.Series = slices.Clone(tl.Series)
	for i := range tl.Series {
		tl.Series[i].Stream = r.stream(tl.Series[i].Stream)
	}
	r.hide()
	return in, r
}

func (r *redaction) ends(list []*timeline.End) []*timeline.End {
	var out []*timeline.End
	for _, e := range list {
		c := *e
		c.Told = slices.Clone(e.Told)
		for i, ev := range c.Told {
			c.Told[i] = r.event(ev)
		}
		out = append(out, &c)
	}
	return out
}

// extensions are those that a redacted name keeps.
var extensions = []string{".log", ".txt", ".json", ".jsonl", ".yaml", ".yml", ".csv", ".out", ".err", ".prom", ".pb", ".pprof", ".gz", ".zst"}

// callFiles numbers files: "input-2.log".
func (r *redaction) callFiles(what string, list []string) {
	for i, name := range list {
		rest, kept := name, ""
		for slices.Contains(extensions, path.Ext(rest)) {
			kept = path.Ext(rest) + kept
			rest = strings.TrimSuffix(rest, path.Ext(rest))
		}
		r.files[name] = fmt.Sprintf("%s-%d%s", what, i+1, kept)
	}
}

// event returns a copy of an event without what its writer said in free words; the fields of the copy that are names are kept in mind.
func (r *redaction) event(ev event.Event) event.Event {
	if ev == nil {
		return nil
	}
	if c := r.events[ev]; c != nil {
		return c
	}
	c := r.copied(ev)
	r.events[ev] = c
	return c
}

func (r *redaction) copied(ev event.Event) event.Event {
	switch ev := ev.(type) {
	case *event.GC:
		c := *ev
		r.head(&c.Head)
		return &c
	case *event.Kill:
		return r.kill(*ev)
	case *event.RuntimeOOM:
		c := *ev
		r.head(&c.Head)
		c.Message = ""
		return &c
	case *event.ProcessEnd:
		c := *ev
		r.head(&c.Head)
		c.Message = ""
		return &c
	case *event.Dump:
		return r.dump(*ev)
	case *event.Sample:
		c := *ev
		r.head(&c.Head)
		return &c
	case *event.Setting:
		c := *ev
		r.head(&c.Head)
		if strings.ContainsAny(c.Text, slashes) {
			c.Text = "" // the path of a file
		}
		return &c
	case *event.ContainerStatus:
		c := *ev
		r.head(&c.Head)
		r.box(&c.Container)
		r.fields = append(r.fields, &c.Cgroup)
		c.Message = ""
		return &c
	case *event.ContainerEvent:
		c := *ev
		r.head(&c.Head)
		r.box(&c.Container)
		r.fields = append(r.fields, &c.Process, &c.Cgroup)
		c.Message = ""
		return &c
	case *event.Problem:
		c := *ev
		r.head(&c.Head)
		c.Message, c.Text = "", ""
		return &c
	}
	return ev
}

func (r *redaction) kill(k event.Kill) *event.Kill {
	r.head(&k.Head)
	for _, p := range []*event.Pos{&k.UsageAt, &k.ConstraintAt, &k.KilledAt} {
		r.pos(p)
	}
	k.Victims, k.Tasks = slices.Clone(k.Victims), slices.Clone(k.Tasks)
	for i := range k.Victims {
		r.fields = append(r.fields, &k.Victims[i].Name)
	}
	r.fields = append(r.fields, &k.Trigger.Name, &k.Host, &k.OOMMemcg, &k.TaskMemcg, &k.PodUID, &k.ContainerID)
	for i := range k.Tasks {
		r.fields = append(r.fields, &k.Tasks[i].Name)
	}
	return &k
}

func (r *redaction) dump(d event.Dump) *event.Dump {
	r.head(&d.Head)
	if d.JVM == nil {
		return &d
	}
	report := *d.JVM
	report.Error, report.Frame = "", ""
	report.Threads.Groups = slices.Clone(report.Threads.Groups)
	for i := range report.Threads.Groups {
		r.fields = append(r.fields, &report.Threads.Groups[i].Name)
	}
	d.JVM = &report
	return &d
}

func (r *redaction) head(h *event.Head) {
	r.pos(&h.Pos)
	h.Stream = r.stream(h.Stream)
}

func (r *redaction) pos(p *event.Pos) { r.places = append(r.places, p) }

// file returns what stands for the name of an input.
func (r *redaction) file(name string) string {
	if name == "" {
		return ""
	}
	return cmp.Or(r.files[name], "input")
}

// place renames the files in the positions of the copies, once all that needs their own names is done.
func (r *redaction) place() {
	for _, p := range r.places {
		p.File = r.file(p.File)
	}
}

func (r *redaction) stream(s *event.Stream) *event.Stream {
	if s == nil {
		return nil
	}
	if c := r.streams[s]; c != nil {
		return c
	}
	c := *s
	r.fields = append(r.fields, &c.Host, &c.Unit, &c.Namespace, &c.Pod, &c.PodUID, &c.Container, &c.ContainerID)
	r.streams[s] = &c
	return &c
}

func (r *redaction) box(c *event.Container) {
	r.fields = append(r.fields, &c.Name, &c.ID, &c.Image, &c.Namespace, &c.Pod, &c.PodUID, &c.Node)
}

// hide gives every name that was met its word, and puts the words into the copies.
func (r *redaction) hide() {
	for _, f := range r.fields {
		*f = r.word(*f)
	}
	secrets := map[string]string{}
	for name, word := range r.names {
		secrets[Clean(name)] = word
	}
	for name, word := range r.files {
		secrets[Clean(name)] = word
		secrets[Clean(name[strings.LastIndexAny(name, slashes)+1:])] = word
	}
	maps.DeleteFunc(secrets, func(name, _ string) bool { return len(name) < shortestSecret })
	if len(secrets) == 0 {
		return
	}
	r.names = secrets
	list := slices.SortedFunc(maps.Keys(secrets), func(x, y string) int { // longer ones first, so that none is left in part
		return cmp.Or(cmp.Compare(len(y), len(x)), strings.Compare(x, y))
	})
	for i, name := range list {
		list[i] = whole(name)
	}
	r.words = regexp.MustCompile(strings.Join(list, "|"))
}

// word returns what stands for a name.
func (r *redaction) word(name string) string {
	const shortID = 12
	bare := strings.TrimPrefix(name, "/") // as docker writes names
	if bare == "" || slices.Contains(commonNames, bare) {
		return name
	}
	if r.names[bare] == "" {
		r.count++
		r.names[bare] = fmt.Sprintf("(redacted %d)", r.count)
	}
	if len(bare) == 64 {
		r.names[bare[:shortID]] = r.names[bare]
	}
	return r.names[bare]
}

// whole is the expression of a name that is no part of a longer word.
func whole(name string) string {
	isWord := regexp.MustCompile(`\w`).MatchString
	e := regexp.QuoteMeta(name)
	if isWord(name[:1]) {
		e = `\b` + e
	}
	if isWord(name[len(name)-1:]) {
		e += `\b`
	}
	return e
}

// sentence takes the names out of a sentence.
func (r *redaction) sentence(s string) string {
	if r == nil || r.words == nil {
		return s
	}
	return r.words.ReplaceAllStringFunc(s, func(name string) string { return r.names[name] })
}

// heard cleans a sentence that an earlier stage made, without the names in it where the report is redacted.
func (b *builder) heard(s string) string { return b.hide.sentence(Clean(s)) }

// heardAll cleans sentences as heard does.
func (b *builder) heardAll(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, b.heard(s))
	}
	return out
}
