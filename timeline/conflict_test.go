package timeline

import (
	"slices"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
)

// What an engine tells against the kernel, the kernel's kill being that of the container payments at 10 s.
func TestConflicts(t *testing.T) {
	const (
		boot    = "kill at=10s boot group=/docker/" + payments + " container=" + payments + " name=java pid=7 rss=64MiB limit=64MiB\n"
		kill    = "kill at=10s wall group=/docker/" + payments + " container=" + payments + " name=java pid=7 rss=64MiB limit=64MiB\n"
		machine = "kill at=10s wall constraint=none container=" + payments + " name=java pid=7 rss=64MiB\n"
		cut     = "kill at=10s wall group=/docker/" + payments + " container=" + payments + " limit=64MiB victim=none\n"
		status  = "status id=" + payments + " "
		evict   = "event at=11s wall engine=kubernetes id=" + payments + " action=evict message=memory\n"
	)
	for _, c := range []struct {
		name, story string
		want        []string // pieces of what contradicts, in order
	}{
		{"docker agrees", kill + status + "oom=true exit=137 finished=11s", nil},
		{"docker denies", kill + status + "oom=false exit=137 finished=11s", []string{"docker says OOMKilled=false"}},
		{"docker denies, and knows of a signal only", kill + status + "oom=false signal=9", []string{"docker says OOMKilled=false"}},
		{"docker denies, and knows of a status only", kill + status + "oom=false exit=0", []string{"docker says OOMKilled=false"}},
		{"docker denies, and knows of an end only", kill + status + "oom=false finished=11s", []string{"docker says OOMKilled=false"}},
		{"docker denies, and knows of no end", kill + status + "oom=false state=running", nil},
		{"an engine without a word for it", kill + status + "exit=137 finished=11s", nil},
		{"the kernel's report is cut off", cut + status + "oom=false exit=137 finished=11s", nil},
		{"the machine was full", machine + status + "engine=kubernetes oom=false exit=137 finished=11s", []string{"Kubernetes says status 137 and not OOMKilled"}},
		{"docker denies twice", kill + status + "oom=false exit=137 finished=11s\n" + status + "oom=false exit=137 finished=11s", []string{"docker says OOMKilled=false"}},
		{"docker and podman deny", kill + status + "oom=false exit=137\n" + status + "engine=podman oom=false exit=137", []string{"docker says OOMKilled=false", "podman says OOMKilled=false"}},
		{"a child was killed", kill + status + "oom=true exit=3 finished=11s", []string{"but the container ended with status 3"}},
		{"a child was killed, the end was a signal", kill + status + "oom=true signal=15 finished=11s", []string{"but the container ended with signal 15"}},
		{"a child was killed, and nothing ended", kill + status + "oom=true", []string{"but the container goes on"}},
		{"a child of a task of ECS", kill + status + "engine=ecs oom=true exit=0 finished=11s", []string{"(status 0); it takes that from a flag"}},
		{"evicted as well", kill + evict, []string{"Kubernetes evicted the pod for the pressure on its node as well"}},
		{"evicted, and the kernel's report is cut off", cut + evict, nil},
		{"evicted alone", evict, nil},
		{"an exit as well", kill + "event at=11s wall id=" + payments + " action=exit exit=137", nil},
		{"the end of an earlier life", kill + status + "oom=false exit=137 finished=-100s\n" + status + "oom=true exit=137 finished=11s", nil},
		{"the end of an earlier life in which a child was killed", kill + status + "oom=true exit=1 finished=-100s\n" + status + "oom=true exit=137 finished=11s", []string{"but the container ended with status 1"}},
		{"two ends, and no clock to tell which", boot + status + "oom=false exit=137 finished=-100s\n" + status + "oom=false exit=137 finished=11s", nil},
		{"one end, and no clock to tell which", boot + status + "oom=false exit=137 finished=-100s", []string{"docker says OOMKilled=false"}},
		{"a kill of another time", "kill at=-60s wall name=java pid=7 rss=64MiB limit=64MiB\n" + status + "oom=true exit=137 finished=11s", []string{"docker says that the container was killed for want of memory; the kernel's log shows no such kill"}},
		{"no log of the kernel", status + "oom=true exit=137 finished=11s", nil},
	} {
		tl := build(Options{}, tell(t, c.story).events())
		ok := slices.EqualFunc(tl.Conflicts, c.want, func(n Note, piece string) bool { return strings.Contains(n.Text, piece) })
		if !ok {
			t.Errorf("%s: %q, want %q", c.name, texts(tl.Conflicts), c.want)
		}
	}
}

// A status is of the life that the kernel ended where both clocks agree within 15 s, and where no clock tells, if it is the only one.
func TestSameEnd(t *testing.T) {
	at := storyWall.UnixNano()
	for _, c := range []struct {
		name     string
		finished int64
		has      event.Clocks
		statuses int
		want     bool
	}{
		{"at the limit before", at - int64(15*time.Second), event.Wall, 2, true},
		{"just beyond", at - int64(15*time.Second) - 1, event.Wall, 2, false},
		{"at the limit after", at + int64(15*time.Second), event.Wall, 2, true},
		{"far apart, though the only one", at - int64(time.Hour), event.Wall, 1, false},
		{"an end of no known time", 0, event.Wall, 2, true},
		{"no clock, one status", at, event.Boot, 1, true},
		{"no clock, two of them", at, event.Boot, 2, false},
	} {
		tl := &Timeline{Death: Death{Time: event.Time{Has: c.has, Wall: at}}, Workload: Workload{Statuses: make([]*event.ContainerStatus, c.statuses)}}
		if got := New(Options{}).sameEnd(tl, &event.ContainerStatus{Finished: c.finished}); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// A child that was killed is told of the kernel's kill of a group, not of one that the machine needed.
func TestDeathOfAChild(t *testing.T) {
	for constraint, want := range map[string]bool{"memcg": true, "none": false} {
		story := "kill at=10s wall constraint=" + constraint + " container=" + payments + " name=sh pid=7 rss=64MiB limit=64MiB\nstatus id=" + payments + " oom=true exit=0 finished=11s"
		if d := build(Options{}, tell(t, story).events()).Death; d.Child != want {
			t.Errorf("%s: %+v", constraint, d)
		}
	}
}

// How a container ended, in words.
func TestEnding(t *testing.T) {
	for want, s := range map[string]event.ContainerStatus{
		"signal 9":   {Signal: 9, HasExit: true, ExitCode: 137},
		"status 137": {HasExit: true, ExitCode: 137},
		"status 0":   {HasExit: true},
		"no status":  {},
	} {
		if got := ending(&s); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
