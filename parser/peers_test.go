package parser_test

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"oomtrace/parser"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// peersVariable names a folder of logs of other projects. Its tables of facts are optional, see docs/peers.md.
const peersVariable = "OOMTRACE_PEERS"

// peer is what one file of the folder came to.
type peer struct {
	path  string
	stats parser.Stats
	err   error

	gcs      []*event.GC
	ooms     []*event.RuntimeOOM
	settings []*event.Setting
	dumps    []*event.Dump
	ends     []*event.ProcessEnd
	others   int
}

func readPeer(path string, in io.Reader) *peer {
	p := &peer{path: path}
	reader := parser.Reader{Name: path, Year: 2020, Stats: &p.stats}
	for ev, err := range reader.Events(in) {
		if err != nil {
			p.err = err
			break
		}
		switch ev := ev.(type) {
		case *event.GC:
			p.gcs = append(p.gcs, ev)
		case *event.RuntimeOOM:
			p.ooms = append(p.ooms, ev)
		case *event.Setting:
			p.settings = append(p.settings, ev)
		case *event.Dump:
			p.dumps = append(p.dumps, ev)
		case *event.ProcessEnd:
			p.ends = append(p.ends, ev)
		case *event.Kill, *event.Sample, *event.ContainerEvent, *event.ContainerStatus:
			p.others++
		case *event.Problem: // counted in the stats
		}
	}
	return p
}

func (p *peer) scoped(scopes ...event.Scope) int {
	n := 0
	for _, gc := range p.gcs {
		if slices.Contains(scopes, gc.Scope) {
			n++
		}
	}
	return n
}

func (p *peer) String() string {
	return fmt.Sprintf("%d young, %d mixed, %d old, %d whole, %d oom, %d setting, %d dump, %d end, %d other events; %d problems; %d of %d lines unclaimed",
		p.scoped(event.Young), p.scoped(event.Mixed), p.scoped(event.Old), p.scoped(event.Whole), len(p.ooms), len(p.settings), len(p.dumps), len(p.ends), p.others,
		p.stats.Damaged, p.stats.Other, p.stats.Lines)
}

// TestPeers reads the logs of other projects and compares with what those assert about them. It fails on what no
// log can say; a fact that a project counts otherwise than we do is listed and is no failure.
func TestPeers(t *testing.T) {
	root := os.Getenv(peersVariable)
	if root == "" {
		t.Skip(peersVariable + " names no folder of logs")
	}
	peers := map[string]*peer{}
	files := peerFiles(t, root)
	if len(files) == 0 {
		t.Fatalf("%s: no files", root)
	}
	for _, name := range files {
		t.Run(name, func(t *testing.T) {
			in, err := os.Open(filepath.Join(root, name))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = in.Close() }()
			p := readPeer(name, in)
			peers[name] = p
			p.report(t)
		})
	}
	compareFiles(t, peers, table(t, filepath.Join(root, "expected.tsv")))
	compareLines(t, table(t, filepath.Join(root, "expected-lines.tsv")))
}

// peerFiles returns the paths of all logs below the folder, in order. Its own tables are none.
func peerFiles(t *testing.T, root string) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && filepath.Ext(path) != ".tsv" {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// report prints what was read and fails on values that cannot be.
func (p *peer) report(t *testing.T) {
	t.Helper()
	t.Logf("%s: %s", p.path, p)
	if p.err != nil {
		t.Logf("%s: broke off: %v", p.path, p.err)
	}
	for _, problem := range p.stats.Problems {
		t.Logf("%s:%d: %s: %s", p.path, problem.Line, problem.Dialect, problem.Message)
	}
	for _, gc := range p.gcs {
		for _, wrong := range impossible(gc) {
			t.Errorf("%s:%d: %s %s (%s): %s", p.path, gc.Pos.Line, gc.Collector, gc.Kind, gc.Cause, wrong)
		}
	}
}

// impossible lists the values of a collection that no heap can have: more in use than is committed. One part in
// a hundred, and what the log rounds away, is left to the emitter.
func impossible(gc *event.GC) []string {
	var wrong []string
	within := func(what string, used, most unit.Size) {
		u, known := used.Get()
		bound, bounded := most.Get()
		if known && (u < 0 || bounded && u > bound+bound/100+max(gc.Step, unit.KiB)) {
			wrong = append(wrong, fmt.Sprintf("%s is %s of %s", what, used, most))
		}
	}
	within("heap after", gc.After, gc.Committed)
	within("live heap", gc.Live, gc.Committed)
	within("heap committed", gc.Committed, gc.Capacity)
	within("old after", gc.Old.After, gc.Old.Committed)
	within("young after", gc.Young.After, gc.Young.Committed)
	within("metaspace after", gc.Metaspace.After, gc.Metaspace.Committed)
	for _, span := range []event.Span{gc.Pause, gc.CPU, gc.Wall} {
		if span.Known && span.D < 0 {
			wrong = append(wrong, fmt.Sprintf("a duration is %s", span.D))
		}
	}
	return wrong
}

// table reads rows of fields that tabs divide, without the head. A table that is not there has no rows.
func table(t *testing.T, path string) [][]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(text), "\n")
	var rows [][]string
	for line := range strings.Lines(body) {
		if row := strings.Split(strings.TrimRight(line, "\r\n"), "\t"); len(row) >= 4 {
			rows = append(rows, row)
		} else {
			t.Errorf("%s: %d fields: %q", path, len(row), line)
		}
	}
	return rows
}

// tally counts facts: those of which we have no like, those that agree, and those that differ.
type tally struct{ unmapped, same, differ int }

func (c *tally) add(t *testing.T, where, fact, value string, v verdict) {
	t.Helper()
	switch {
	case !v.mapped:
		c.unmapped++
	case v.got == "":
		c.same++
	default:
		c.differ++
		t.Logf("deviation: %s: %s: %s: peer %s, we %s", v.group, where, fact, value, v.got)
	}
}

func (c *tally) log(t *testing.T, what string) {
	t.Helper()
	t.Logf("%s: %d facts agree, %d differ, %d are of things that we do not report", what, c.same, c.differ, c.unmapped)
}

func compareFiles(t *testing.T, peers map[string]*peer, rows [][]string) {
	t.Helper()
	var c tally
	for _, row := range rows {
		path, fact, value := row[0], row[1], row[2]
		p := peers[path]
		if p == nil {
			t.Logf("%s: a fact about a file that was not read", path)
			continue
		}
		c.add(t, path, fact, value, compare(p, fact, value))
	}
	c.log(t, "files")
}

// joined are lines that no JVM writes: a peer makes them of several before it reads them.
var joined = regexp.MustCompile(`\]\[Eden:|\[gc,start *\].*->| User=.* Sys=|ms Metaspace:`)

// compareLines reads each line of the table as a log of its own.
func compareLines(t *testing.T, rows [][]string) {
	t.Helper()
	var c tally
	for _, row := range rows {
		text, fact, value := row[1], row[2], row[3]
		if joined.MatchString(text) {
			c.unmapped++
			continue
		}
		p := readPeer(row[0], strings.NewReader(strings.ReplaceAll(text, `\n`, "\n")+"\n"))
		for _, gc := range p.gcs {
			for _, wrong := range impossible(gc) {
				t.Errorf("%s: %q: %s", p.path, text, wrong)
			}
		}
		c.add(t, fmt.Sprintf("%q", text), fact, value, compare(p, fact[strings.LastIndex(fact, "Event.")+1:], value))
	}
	c.log(t, "lines")
}

// verdict is how a fact of a peer compares with our events. Of a fact that agrees, got is empty.
type verdict struct {
	mapped bool
	group  string
	got    string
}

func agree(group string, ok bool, got string, args ...any) verdict {
	if ok {
		return verdict{mapped: true, group: group}
	}
	return verdict{mapped: true, group: group, got: fmt.Sprintf(got, args...)}
}

// compare holds one fact of a peer, a chain of getters and the text of the value, against our events.
func compare(p *peer, fact, value string) verdict {
	for _, c := range []func(*peer, string, string) verdict{compareCount, compareSize, compareType, compareCrash} {
		if v := c(p, fact, value); v.mapped {
			return v
		}
	}
	return verdict{}
}

// counts are the getters that count events.
var counts = []struct {
	group, fact string
	ours        func(*peer) int
}{
	{"records", "model.size()", func(p *peer) int { return len(p.gcs) }},
	{"collections", "model.getGcEvents().size()", func(p *peer) int { return len(p.gcs) }},
	{"blocking", "jvmRun.getBlockingEventCount()", func(p *peer) int { return len(p.gcs) }},
	{"full", "model.getFullGCPause().getN()", func(p *peer) int { return p.scoped(event.Whole) }},
	{"full", "model.getGcEvents().stream().filter(GCEvent::isFullGC).count()", func(p *peer) int { return p.scoped(event.Whole) }},
	{"young", "model.getGCPause().getN()", func(p *peer) int { return p.scoped(event.Young, event.Mixed) }},
	{"young", "model.getGcEvents().stream().filter(GCEvent::isYoungGC).count()", func(p *peer) int { return p.scoped(event.Young, event.Mixed) }},
	{"oom", "model.getOoms().size()", func(p *peer) int { return len(p.ooms) }},
}

func compareCount(p *peer, fact, value string) verdict {
	want, err := strconv.Atoi(value)
	if err != nil {
		return verdict{}
	}
	for _, c := range counts {
		if c.fact == fact {
			got := c.ours(p)
			return agree("number of "+c.group, got == want, "%d (%s)", got, p)
		}
	}
	return verdict{}
}

// sizes are the getters of a size, by how they end. The event that they speak of counts those we have none of, so
// that any collection with such a value agrees.
var sizes = []struct {
	ending string
	scale  unit.Bytes
	of     func(*event.GC) unit.Size
}{
	{").getYoung().getPreUsed()", unit.KiB, func(gc *event.GC) unit.Size { return gc.Young.Before }},
	{").getYoung().getPostUsed()", unit.KiB, func(gc *event.GC) unit.Size { return gc.Young.After }},
	{").getYoung().getTotal()", unit.KiB, func(gc *event.GC) unit.Size { return gc.Young.Committed }},
	{").getTenured().getPreUsed()", unit.KiB, func(gc *event.GC) unit.Size { return gc.Old.Before }},
	{").getTenured().getPostUsed()", unit.KiB, func(gc *event.GC) unit.Size { return gc.Old.After }},
	{").getTenured().getTotal()", unit.KiB, func(gc *event.GC) unit.Size { return gc.Old.Committed }},
	{"(HEAP).getPreUsed()", 1, func(gc *event.GC) unit.Size { return gc.Before }},
	{"(HEAP).getPostUsed()", 1, func(gc *event.GC) unit.Size { return gc.After }},
	{"(HEAP).getPostCapacity()", 1, func(gc *event.GC) unit.Size { return gc.Committed }},
	{"(YOUNG).getPreUsed()", 1, func(gc *event.GC) unit.Size { return gc.Young.Before }},
	{"(YOUNG).getPostUsed()", 1, func(gc *event.GC) unit.Size { return gc.Young.After }},
	{"(YOUNG).getPostCapacity()", 1, func(gc *event.GC) unit.Size { return gc.Young.Committed }},
	{"(OLD).getPreUsed()", 1, func(gc *event.GC) unit.Size { return gc.Old.Before }},
	{"(OLD).getPostUsed()", 1, func(gc *event.GC) unit.Size { return gc.Old.After }},
	{"(OLD).getPostCapacity()", 1, func(gc *event.GC) unit.Size { return gc.Old.Committed }},
	{"(METASPACE).getPreUsed()", 1, func(gc *event.GC) unit.Size { return gc.Metaspace.Before }},
	{"(METASPACE).getPostUsed()", 1, func(gc *event.GC) unit.Size { return gc.Metaspace.After }},
	{").getPreUsed()", unit.KiB, func(gc *event.GC) unit.Size { return gc.Before }},
	{").getPostUsed()", unit.KiB, func(gc *event.GC) unit.Size { return gc.After }},
	{").getTotal()", unit.KiB, func(gc *event.GC) unit.Size { return gc.Committed }},
	{"getCombinedOccupancyInit()", 1, func(gc *event.GC) unit.Size { return gc.Before }},
	{"getCombinedOccupancyEnd()", 1, func(gc *event.GC) unit.Size { return gc.After }},
	{"getCombinedSpace()", 1, func(gc *event.GC) unit.Size { return gc.Committed }},
	{"getYoungOccupancyInit()", 1, func(gc *event.GC) unit.Size { return gc.Young.Before }},
	{"getYoungOccupancyEnd()", 1, func(gc *event.GC) unit.Size { return gc.Young.After }},
	{"getYoungSpace()", 1, func(gc *event.GC) unit.Size { return gc.Young.Committed }},
	{"getOldOccupancyInit()", 1, func(gc *event.GC) unit.Size { return gc.Old.Before }},
	{"getOldOccupancyEnd()", 1, func(gc *event.GC) unit.Size { return gc.Old.After }},
	{"getOldSpace()", 1, func(gc *event.GC) unit.Size { return gc.Old.Committed }},
	{"getClassOccupancyInit()", 1, func(gc *event.GC) unit.Size { return gc.Metaspace.Before }},
	{"getClassOccupancyEnd()", 1, func(gc *event.GC) unit.Size { return gc.Metaspace.After }},
	{"getPermOccupancyInit()", 1, func(gc *event.GC) unit.Size { return gc.Metaspace.Before }},
	{"getPermOccupancyEnd()", 1, func(gc *event.GC) unit.Size { return gc.Metaspace.After }},
	{"getMaxHeapOccupancy()", 1, func(gc *event.GC) unit.Size { return gc.Before }},
	{"getMaxHeapAfterGc()", 1, func(gc *event.GC) unit.Size { return gc.After }},
	{"getMaxHeap()", 1, func(gc *event.GC) unit.Size { return gc.Committed }},
	{"getMaxOldSpace()", 1, func(gc *event.GC) unit.Size { return gc.Old.Committed }},
	{"getMaxYoungSpace()", 1, func(gc *event.GC) unit.Size { return gc.Young.Committed }},
}

// stated are the getters of a size that the log states as a setting.
var stated = []struct {
	fact string
	name event.SettingName
}{
	{"jvmRun.getMaxHeapBytes()", event.MaxHeap},
	{"jvmRun.getMaxMetaspaceBytes()", event.MaxMetaspace},
	{"jvmRun.getCompressedClassSpaceSizeBytes()", event.MaxClassSpace},
	{"jvmRun.getPhysicalMemory()", event.MemoryLimit},
}

// parts are getters of what we have no size of: an area within the young generation, or a phase.
var parts = regexp.MustCompile(`\((EDEN|SURVIVOR|HUMONGOUS|ARCHIVE|CLASS|NONCLASS)\b|getLastPhaseOfType|\bphase\b`)

func compareSize(p *peer, fact, value string) verdict {
	if parts.MatchString(fact) {
		return verdict{}
	}
	if items, ok := strings.CutPrefix(value, "new GCMemoryItem("); ok {
		return compareItem(p, strings.TrimSuffix(items, ")"))
	}
	for _, s := range stated {
		if want, ok := number(value, 1); ok && s.fact == fact {
			return compareStated(p, s.name, want)
		}
	}
	for _, s := range sizes {
		if !strings.HasSuffix(fact, s.ending) {
			continue
		}
		want, ok := number(value, s.scale)
		if !ok {
			return verdict{}
		}
		var got []string
		for _, gc := range p.gcs {
			size := s.of(gc)
			if near(size, want) {
				return agree("size", true, "")
			}
			if size.IsKnown() && len(got) < 3 {
				got = append(got, size.String())
			}
		}
		return agree("size", want == 0, "%v", got)
	}
	return verdict{}
}

// compareStated holds a size against the settings. A peer says 0 of one that the log does not state.
func compareStated(p *peer, name event.SettingName, want unit.Bytes) verdict {
	var got []string
	for _, s := range p.settings {
		if s.Name == name && near(s.Size, want) {
			return agree("setting", true, "")
		}
		if s.Name == name {
			got = append(got, s.Size.String())
		}
	}
	return agree("setting", want == 0 && len(got) == 0, "%s %v", name, got)
}

// compareItem holds the sizes of one area at one collection, "HEAP, before, [committed before,] after, committed",
// against all our collections.
func compareItem(p *peer, items string) verdict {
	fields := strings.Split(items, ", ")
	if len(fields) == 5 {
		fields = slices.Delete(fields, 2, 3)
	}
	var area func(*event.GC) event.Area
	switch fields[0] {
	case "HEAP":
		area = func(gc *event.GC) event.Area {
			return event.Area{Before: gc.Before, After: gc.After, Committed: gc.Committed}
		}
	case "YOUNG":
		area = func(gc *event.GC) event.Area { return gc.Young }
	case "OLD":
		area = func(gc *event.GC) event.Area { return gc.Old }
	case "METASPACE":
		area = func(gc *event.GC) event.Area { return gc.Metaspace }
		fields = append(fields[:len(fields)-1:len(fields)-1], "unknown") // the peer's bound is what is reserved
	}
	if area == nil || len(fields) != 4 {
		return verdict{}
	}
	var got []string
	for _, gc := range p.gcs {
		a := area(gc)
		if item(fields[1], a.Before) && item(fields[2], a.After) && item(fields[3], a.Committed) {
			return agree("area", true, "")
		}
		if len(got) < 3 {
			got = append(got, fmt.Sprintf("%s->%s(%s)", a.Before, a.After, a.Committed))
		}
	}
	return agree("area", false, "%v", got)
}

// item reports whether a size is what the peer says, or the peer does not know.
func item(value string, size unit.Size) bool {
	want, ok := number(value, 1)
	return !ok || want < 0 || near(size, want)
}

// near reports whether a size is the one wanted, as far as the log gave digits: a whole number of MiB may have
// been cut, and one that is no whole number of KiB had one decimal.
func near(size unit.Size, want unit.Bytes) bool {
	got, ok := size.Get()
	slack := unit.KiB
	switch {
	case want%unit.MiB == 0:
		slack = unit.MiB
	case want%unit.KiB != 0:
		slack = unit.MiB / 10
	}
	return ok && got-want <= slack && want-got <= slack
}

var (
	longs   = regexp.MustCompile(`(\d)[lL]\b`)
	wrapped = regexp.MustCompile(`^(toKiloBytes|bytes|kilobytes|megabytes|gigabytes)\((.*)\)$`)
)

// scales are the functions of the peers around a number.
var scales = map[string]unit.Bytes{"toKiloBytes": 1, "bytes": 1, "kilobytes": unit.KiB, "megabytes": unit.MiB, "gigabytes": unit.GiB}

// number evaluates a constant expression of Java, "19.3 * 1024 * 1024" or "78819328 B", times the scale.
func number(value string, scale unit.Bytes) (unit.Bytes, bool) {
	value = strings.TrimSuffix(value, " B")
	if m := wrapped.FindStringSubmatch(value); m != nil {
		scale, value = scales[m[1]], m[2]
	}
	tv, err := types.Eval(token.NewFileSet(), nil, token.NoPos, longs.ReplaceAllString(value, "$1"))
	if err != nil || tv.Value == nil {
		return 0, false
	}
	f, _ := constant.Float64Val(constant.ToFloat(tv.Value))
	return unit.Bytes(f * float64(scale)), tv.Value.Kind() == constant.Int || tv.Value.Kind() == constant.Float
}

var eventType = regexp.MustCompile(`contains\((?:JdkUtil\.)?EventType\.(\w+)\)$`)

// eventTypes are parts of the names of types of events, and the scopes that these collections have with us. The
// first part that a name has counts; those of phases are of nothing that we report.
var eventTypes = []struct {
	part   string
	scopes []event.Scope
}{
	{"CONCURRENT", nil},
	{"REMARK", nil},
	{"CLEANUP", nil},
	{"CMS_INITIAL_MARK", nil},
	{"SHENANDOAH_INIT", nil},
	{"SHENANDOAH_FINAL", nil},
	{"Z_", nil},
	{"FULL_GC", []event.Scope{event.Whole}},
	{"SERIAL_OLD", []event.Scope{event.Whole}},
	{"COMPACTING_OLD", []event.Scope{event.Whole}},
	{"UNIFIED_OLD", []event.Scope{event.Whole}},
	{"MIXED", []event.Scope{event.Mixed, event.Young}},
	{"YOUNG", []event.Scope{event.Young, event.Mixed}},
	{"PAR_NEW", []event.Scope{event.Young}},
	{"SCAVENGE", []event.Scope{event.Young}},
	{"SERIAL_NEW", []event.Scope{event.Young}},
}

func compareType(p *peer, fact, value string) verdict {
	m := eventType.FindStringSubmatch(fact)
	switch {
	case m == nil:
		return verdict{}
	case m[1] == "UNKNOWN" && value == "false":
		return agree("every line known", p.stats.Other+p.stats.Damaged == 0, "%s", p)
	case value != "true":
		return verdict{}
	}
	for _, e := range eventTypes {
		if strings.Contains(m[1], e.part) {
			if e.scopes == nil {
				return verdict{}
			}
			return agree("type of event", p.scoped(e.scopes...) > 0, "%s", p)
		}
	}
	return verdict{}
}

// compareCrash holds what a peer reads in an hs_err file against the dump and the end of the process.
func compareCrash(p *peer, fact, value string) verdict {
	value = strings.Trim(value, `"`)
	hasEnd := func(is func(*event.ProcessEnd) bool) bool { return slices.ContainsFunc(p.ends, is) }
	switch fact {
	case "crashLog":
		return agree("crash", len(p.dumps) == 1, "%s", p)
	case "crashLog.incomplete":
		cut := slices.ContainsFunc(p.dumps, func(d *event.Dump) bool { return d.Cut })
		return agree("crash", strconv.FormatBool(cut) == value, "cut %t", cut)
	case "crashLog.sigInfo.name":
		return agree("crash", hasEnd(func(e *event.ProcessEnd) bool { return e.Signal == value }), "%s", p)
	case "crashLog.procInfo.pid":
		return agree("crash", hasEnd(func(e *event.ProcessEnd) bool { return strconv.Itoa(e.PID) == value }), "%s", p)
	}
	return verdict{}
}
