package timeline

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

const (
	payments = "45cbbf984de160649beb6b1de8aa1f96b5a97f6377374174ef04ee4a1313f245"
	multi    = "bd0c1aada1d8f565c1b5ac45975665a4b297172a15f32e18e5f67224596226cf"
	pod      = "fc303d2d-4be9-43eb-8cc0-efc176d66fd3"
)

// What ended an incident, by witnesses that come from different programs. Each story is read by itself.
func TestJoins(t *testing.T) {
	const grows = "gc live 16MiB+4MiBx20 every=500ms k=2 "
	for _, c := range []struct {
		name, story string
		kind        DeathKind
		at          string // on the clock of the run; empty is not known
		told        string // what the workload is called
		limit       string
		conflict    string // a piece of it
		note        string // a piece of one
	}{
		{
			"docker denies what the kernel saw", `
			kill at=10s wall group=/system.slice/docker-` + payments + `.scope container=` + payments + ` name=java pid=793 rss=64MiB limit=64MiB
			status id=` + payments + ` cname=/payments oom=false exit=137 started=1s finished=11.5s restarts=2 limit=64MiB state=exited`,
			MemcgKill, "", "payments", "memcg 67108864 confirmed", "docker says OOMKilled=false; the kernel's log shows the kill", "",
		},
		{
			"docker alone denies", `
			status id=` + payments + ` cname=/payments oom=false exit=137 started=1s finished=11.5s limit=64MiB state=exited`,
			Signal, "", "payments", "docker 67108864", "", "",
		},
		{
			"docker alone claims", `
			status id=` + payments + ` cname=/payments oom=true exit=137 started=1s finished=11.5s limit=64MiB state=exited`,
			MemcgKill, "", "payments", "docker 67108864", "", "",
		},
		{
			"a status of another container decides nothing", `
			kill at=10s wall group=/docker/` + payments + ` container=` + payments + ` name=java pid=793 rss=64MiB limit=64MiB
			status id=` + multi + ` cname=/multi oom=false exit=0 started=1s finished=300s limit=1GiB state=exited`,
			MemcgKill, "", "the container", "memcg 67108864", "", "",
		},
		{
			"of several kills, the one that the given container died of", `
			kill at=10s wall group=/docker/` + payments + ` container=` + payments + ` name=java pid=793 rss=64MiB limit=64MiB
			kill at=60s wall group=/system.slice/other.service name=batch pid=9 rss=40MiB limit=40MiB
			status id=` + payments + ` cname=/payments oom=true exit=137 finished=11s limit=64MiB state=exited`,
			MemcgKill, "", "payments", "memcg 67108864 confirmed", "", "",
		},
		{
			"of several containers that died, the one that was asked for", `
			kill at=10s wall group=/docker/` + payments + ` container=` + payments + ` name=java pid=793 rss=64MiB limit=64MiB
			kill at=60s wall group=/docker/` + multi + ` container=` + multi + ` name=batch pid=9 rss=40MiB limit=40MiB
			event at=11s wall id=` + payments + ` action=exit exit=137
			event at=61s wall id=` + multi + ` action=exit exit=137
			status id=` + payments + ` cname=/payments oom=true exit=137 finished=11s limit=64MiB state=exited`,
			MemcgKill, "", "payments", "memcg 67108864 confirmed", "", "",
		},
		{
			"of several containers that died, the last", `
			kill at=10s wall group=/docker/` + payments + ` container=` + payments + ` name=java pid=793 rss=64MiB limit=64MiB
			kill at=60s wall group=/docker/` + multi + ` container=` + multi + ` name=batch pid=9 rss=40MiB limit=40MiB
			status id=` + multi + ` cname=/multi oom=true exit=137 finished=61s limit=40MiB state=exited
			status id=` + payments + ` cname=/payments oom=true exit=137 finished=11s limit=64MiB state=exited`,
			MemcgKill, "", "multi", "memcg 41943040 confirmed", "", "",
		},
		{
			"a child was killed, the container went on", `
			status id=` + multi + ` cname=/multi oom=true exit=0 started=1s finished=25s limit=64MiB state=exited`,
			MemcgKill, "", "multi", "docker 67108864", "docker says OOMKilled=true, but the container ended with status 0", "",
		},
		{
			"and still goes on, says an event that is older", `
			event at=10s wall id=` + multi + ` action=oom
			status id=` + multi + ` cname=/multi oom=true started=1s limit=64MiB state=running`,
			MemcgKill, "", "multi", "docker 67108864", "docker says OOMKilled=true, but the container goes on", "",
		},
		{
			"the flag of ECS", `
			status engine=ecs id=` + multi + ` cname=web oom=true exit=0 reason=OutOfMemoryError started=1s finished=25s state=STOPPED`,
			MemcgKill, "", "web", "", "a flag that stays set", "",
		},
		{
			"a node that is full, as Kubernetes tells it", `
			kill at=10s wall constraint=none container=` + payments + ` pod=` + pod + ` name=java pid=793 rss=64MiB
			status engine=kubernetes id=` + payments + ` cname=api pod=` + pod + ` pname=api-1 oom=false reason=Error exit=137 finished=11s limit=256MiB`,
			GlobalKill, "", "api of pod api-1", "kubernetes 268435456", "Kubernetes says status 137 and not OOMKilled", "",
		},
		{
			"a sibling of the pod", `
			kill at=10s wall container=` + payments + ` pod=` + pod + ` name=java pid=793 rss=64MiB limit=64MiB
			status engine=kubernetes id=` + multi + ` cname=sidecar pod=` + pod + ` oom=false exit=0 finished=300s limit=1GiB`,
			MemcgKill, "", "the container", "memcg 67108864", "", "",
		},
		{
			"a GC log by its container", grows + `wall stream=h,1,` + payments + `
			status id=` + payments + ` cname=/payments oom=true exit=137 started=-0.2s finished=10.9s limit=128MiB state=exited
			status id=` + multi + ` cname=/multi oom=false exit=1 started=-100s finished=-50s limit=1GiB state=exited`,
			MemcgKill, "10.9s", "payments", "docker 134217728", "", "",
		},
		{
			"a GC log by twelve digits", grows + `wall stream=h,1,45cbbf984de1
			status id=` + payments + ` cname=/payments oom=true exit=137 finished=10.9s limit=128MiB state=exited`,
			MemcgKill, "10.9s", "payments", "docker 134217728", "", "",
		},
		{
			"a GC log of another container", grows + `wall stream=h,1,` + multi + `
			status id=` + payments + ` cname=/payments oom=true exit=137 finished=10.9s limit=128MiB state=exited`,
			LogEnds, "", "the container", "", "", "1 container, and nothing says which",
		},
		{
			"a GC log that names nothing, and one container", grows + `
			status id=` + payments + ` cname=/payments oom=true exit=137 started=1s finished=11.9s limit=128MiB state=exited`,
			MemcgKill, "10.9s", "payments", "docker 134217728", "", "payments was taken, the only one that fits",
		},
		{
			"a GC log that names nothing, and one container of two that died", grows + `
			status id=` + payments + ` cname=/payments oom=true exit=137 started=1s finished=11.9s limit=128MiB state=exited
			status id=` + multi + ` cname=/multi oom=false exit=0 started=1s finished=300s limit=1GiB state=exited`,
			MemcgKill, "10.9s", "payments", "docker 134217728", "", "payments was taken",
		},
		{
			"a GC log that names nothing, and two that died", grows + `
			status id=` + payments + ` cname=/payments oom=true exit=137 started=1s finished=11.9s limit=128MiB state=exited
			status id=` + multi + ` cname=/multi oom=true exit=137 started=1s finished=11.9s limit=1GiB state=exited`,
			LogEnds, "", "the container", "", "", "2 containers, and nothing says which",
		},
		{
			"an earlier life", grows + `wall stream=h,1,` + payments + `
			status id=` + payments + ` cname=/payments oom=true exit=137 started=-60s finished=-30s limit=128MiB state=exited`,
			LogEnds, "", "payments", "docker 134217728", "", "",
		},
		{
			"an end of a later life", grows + `wall stream=h,1,` + payments + `
			event at=12s wall id=` + payments + ` action=exit exit=1
			event at=20s wall id=` + payments + ` action=start
			event at=25s wall id=` + payments + ` action=oom
			event at=26s wall id=` + payments + ` action=exit exit=137`,
			Exit, "12s", "container 45cbbf984de1", "", "", "",
		},
		{
			"docker's events alone", grows + `wall stream=h,1,` + payments + `
			event at=11s wall id=` + payments + ` action=oom
			event at=13s wall id=` + payments + ` action=exit exit=137`,
			MemcgKill, "11s", "container 45cbbf984de1", "", "", "",
		},
		{
			"an event of a child, long before the end", grows + `wall stream=h,1,` + payments + `
			event at=11s wall id=` + payments + ` action=oom
			event at=45s wall id=` + payments + ` action=exit exit=0`,
			Exit, "45s", "container 45cbbf984de1", "", "", "",
		},
		{
			"somebody ran docker kill", grows + `wall stream=h,1,` + payments + `
			event at=11s wall id=` + payments + ` action=kill signal=9
			event at=11.3s wall id=` + payments + ` action=exit exit=137`,
			Signal, "11s", "container 45cbbf984de1", "", "", "",
		},
		{
			"earlyoom names the process", grows + `wall stream=h,418,,,api.service
			event at=11s wall engine=earlyoom action=kill signal=15 pid=418 process=api usage=110MiB`,
			UserspaceKill, "11s", "the container", "", "", "",
		},
		{
			"earlyoom names another one", grows + `wall stream=h,418,,,api.service
			event at=11s wall engine=earlyoom action=kill signal=15 pid=419 process=chromium usage=110MiB`,
			LogEnds, "", "the container", "", "", "",
		},
		{
			"earlyoom killed a small process", grows + `wall
			event at=11s wall engine=earlyoom action=kill signal=15 pid=419 process=api usage=10MiB`,
			LogEnds, "", "the container", "", "", "",
		},
		{
			"earlyoom killed a process of another runtime", grows + `wall
			event at=11s wall engine=earlyoom action=kill signal=15 pid=419 process=java usage=110MiB`,
			LogEnds, "", "the container", "", "", "",
		},
		{
			"systemd-oomd names the group", grows + `wall stream=h,418,,,api.service
			event at=11s wall engine=systemd-oomd action=kill signal=9 cname=api.service group=/system.slice/api.service`,
			UserspaceKill, "11s", "api.service", "", "", "",
		},
		{
			"a unit", grows + `wall stream=h,418,,,api.service
			status engine=systemd cname=api.service oom=true signal=9 finished=11s limit=128MiB state=failed reason=oom-kill
			status engine=systemd cname=db.service oom=true signal=9 finished=11s limit=1MiB state=failed reason=oom-kill`,
			MemcgKill, "11s", "api.service", "systemd 134217728", "", "",
		},
		{
			"what systemd ends beside the process that the kernel killed", `
			event at=11s wall engine=systemd action=kill reason=oom-kill signal=9 cname=api.service pid=7 process=worker`,
			NoDeath, "", "the container", "", "", "",
		},
		{
			"evicted", grows + `wall stream=h,1,,` + pod + `
			status engine=kubernetes cname=api pod=` + pod + ` oom=false reason=Evicted
			end at=11s wall stream=h,1,,` + pod + ` kind=signal signal=SIGTERM`,
			Eviction, "", "api", "", "", "",
		},
		{
			"the limit of the platform", `
			event at=11s wall engine=cloud-run cname=web action=oom usage=3211MiB limit=3072MiB`,
			UserspaceKill, "", "web", "cloud-run 3221225472", "", "",
		},
		{
			"the limit of a platform that names nothing", `
			event at=11s wall engine=cloud-run action=oom usage=3211MiB limit=3072MiB`,
			UserspaceKill, "", "the container", "cloud-run 3221225472", "", "",
		},
		{
			"the kubelet's word for a full node", grows + `wall
			status engine=kubernetes id=` + payments + ` cname=api pod=` + pod + ` oom=false reason=Error exit=137 started=0s finished=11s
			event at=11.2s wall engine=kubernetes action=oom reason=SystemOOM process=api pid=77`,
			GlobalKill, "11.2s", "api", "", "", "",
		},
		{
			"a kill at one time with the end of the only container", `
			kill at=10s wall name=java pid=793 rss=64MiB limit=64MiB
			status engine=kubernetes id=` + payments + ` cname=api oom=true exit=137 finished=11s limit=64MiB`,
			MemcgKill, "", "api", "memcg 67108864 confirmed", "", "does not name the container; api was taken",
		},
		{
			"a kill at another time", `
			kill at=10s wall name=java pid=793 rss=64MiB limit=64MiB
			status engine=kubernetes id=` + payments + ` cname=api oom=true exit=137 finished=40s limit=32MiB`,
			MemcgKill, "", "api", "kubernetes 33554432", "the kernel's log shows no such kill", "",
		},
		{
			"the limit of the pod", `
			kill at=10s wall group=/kubepods/pod` + pod + ` task=/kubepods/pod` + pod + `/` + payments + ` pod=` + pod + ` container=` + payments + ` name=java pid=793 rss=64MiB limit=300MiB
			status engine=kubernetes id=` + payments + ` cname=api pod=` + pod + ` oom=true exit=137 finished=11s limit=256MiB`,
			MemcgKill, "", "api", "memcg 314572800", "", "the kernel enforced 300 MiB, that of a parent group",
		},
		{
			"no clock in common, but the engine's", grows + `
			kill at=10s boot group=/docker/` + payments + ` container=` + payments + ` name=payments pid=793 rss=110MiB limit=128MiB
			status id=` + payments + ` cname=/payments oom=true exit=137 started=1s finished=11.9s limit=128MiB`,
			MemcgKill, "10.9s", "payments", "memcg 134217728 confirmed", "", "the kill is put at the end of the container",
		},
		{
			"no clock in common, and a life that does not fit", grows + `
			kill at=10s boot group=/docker/` + payments + ` container=` + payments + ` name=payments pid=793 rss=110MiB limit=128MiB
			status id=` + payments + ` cname=/payments oom=true exit=137 started=1s finished=300s limit=128MiB`,
			MemcgKill, "", "payments", "memcg 134217728 confirmed", "", "no line names both the clock of the log and that of the kill; the kill is put after the last collection",
		},
		{
			"an engine that states another limit", `
			kill at=10s wall group=/docker/` + payments + ` container=` + payments + ` name=java pid=793 rss=64MiB limit=64MiB
			status id=` + payments + ` cname=/payments oom=true exit=137 finished=11s limit=128MiB`,
			MemcgKill, "", "payments", "memcg 67108864", "", "states a limit of 128 MiB, the kernel enforced 64 MiB",
		},
	} {
		tl := build(Options{}, tell(t, c.story).events())
		at := ""
		if tl.Death.Timed {
			at = tl.Death.At.Round(100 * time.Millisecond).String()
		}
		if tl.Death.Kind != c.kind || at != c.at {
			t.Errorf("%s: %s at %q, want %s at %q", c.name, tl.Death.Kind, at, c.kind, c.at)
		}
		if got := tl.Workload.called(); got != c.told {
			t.Errorf("%s: it is told of %s, want %s", c.name, got, c.told)
		}
		if got := drawLimit(tl.Limit); got != c.limit {
			t.Errorf("%s: limit %s, want %s", c.name, got, c.limit)
		}
		if got := texts(tl.Conflicts); (got == "") != (c.conflict == "") || !strings.Contains(got, c.conflict) {
			t.Errorf("%s: conflicts %q, want %q", c.name, got, c.conflict)
		}
		if got := texts(tl.Notes); !strings.Contains(got, c.note) {
			t.Errorf("%s: notes %q, want %q", c.name, got, c.note)
		}
	}
}

func texts(notes []Note) string {
	var out []string
	for _, n := range notes {
		out = append(out, n.Text)
	}
	return strings.Join(out, "\n")
}

func drawLimit(l Limit) string {
	size, ok := l.Size.Get()
	if !ok {
		return ""
	}
	s := l.From + " " + fmt.Sprint(int64(size))
	if l.ConfirmedBy != (event.Pos{}) {
		s += " confirmed"
	}
	return s
}

// What may be of one thing, and what may not.
func TestKin(t *testing.T) {
	box := func(c event.Container) names { return namesOfContainer(&c, "") }
	stream := func(s event.Stream) names { return namesOfStream(&s, "app.log") }
	group := func(path string) names { return names{path: path} }
	for _, c := range []struct {
		name string
		a, b names
		want kinship
	}{
		{"nothing known", names{}, box(event.Container{ID: payments}), unknown},
		{"twelve digits of an id", stream(event.Stream{ContainerID: payments[:12]}), box(event.Container{ID: payments}), same},
		{"eleven digits", stream(event.Stream{ContainerID: payments[:11]}), box(event.Container{ID: payments}), stranger},
		{"a host name that is an id", stream(event.Stream{Host: payments[:12]}), box(event.Container{ID: payments}), same},
		{"another id", stream(event.Stream{ContainerID: multi}), box(event.Container{ID: payments}), stranger},
		{"an id in a path", group("/system.slice/docker-" + payments + ".scope"), box(event.Container{ID: payments}), same},
		{"another id in a path", group("/system.slice/docker-" + payments + ".scope"), box(event.Container{ID: multi}), unknown},
		{"a name that is a path", group("/default/ctrjob"), box(event.Container{ID: "ctrjob", Engine: event.Containerd}), same},
		{"a step of Slurm", group("/slurm/uid_0/job_440575/step_0"), box(event.Container{ID: "440575.0", Engine: event.Slurm}), same},
		{"another job", group("/slurm/uid_0/job_440576/step_0"), box(event.Container{ID: "440575.0", Engine: event.Slurm}), unknown},
		{"a unit in a path", group("/system.slice/api.service"), box(event.Container{Name: "api.service", Engine: event.Systemd}), same},
		{"a slice is no workload", group("/system.slice/docker-" + payments + ".scope"), box(event.Container{Name: "system.slice", Engine: event.Systemd}), unknown},
		{"but its own group", group("/system.slice"), box(event.Container{Name: "system.slice", Engine: event.Systemd}), same},
		{"a tag and a unit", stream(event.Stream{Unit: "api"}), box(event.Container{Name: "api.service", Engine: event.Systemd}), same},
		{"a tag that is no unit", stream(event.Stream{Unit: "java"}), box(event.Container{Name: "api.service", Engine: event.Systemd}), unknown},
		{"two units", stream(event.Stream{Unit: "db.service"}), box(event.Container{Name: "api.service", Engine: event.Systemd}), stranger},
		{"the unit of the engine that wrote it down", stream(event.Stream{Unit: "docker.service"}), box(event.Container{Name: "api.service", Engine: event.Systemd}), unknown},
		{"one pod", stream(event.Stream{PodUID: pod}), box(event.Container{PodUID: pod, Name: "api", ID: payments}), same},
		{"two containers of one pod", stream(event.Stream{PodUID: pod, Container: "proxy"}), box(event.Container{PodUID: pod, Name: "api"}), stranger},
		{"a restarted container of one pod", box(event.Container{PodUID: pod, Name: "api", ID: multi}), box(event.Container{PodUID: pod, Name: "api", ID: payments}), same},
		{"two ids of one pod, without names", box(event.Container{PodUID: pod, ID: multi}), box(event.Container{PodUID: pod, Name: "api", ID: payments}), unknown},
		{"pods by name", stream(event.Stream{Pod: "api-1"}), box(event.Container{Pod: "api-1", Name: "api"}), same},
		{"another pod", stream(event.Stream{Pod: "api-2"}), box(event.Container{Pod: "api-1", Name: "api"}), stranger},
		{"another namespace", stream(event.Stream{Pod: "api-1", Namespace: "test"}), box(event.Container{Pod: "api-1", Namespace: "shop"}), stranger},
		{"the service of a project", stream(event.Stream{Container: "payments-1"}), box(event.Container{Name: "/shop-payments-1"}), same},
		{"another service", stream(event.Stream{Container: "payments-1"}), box(event.Container{Name: "/shop-web-1"}), stranger},
	} {
		if got := c.a.kin(&c.b); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
		if got := c.b.kin(&c.a); got != c.want {
			t.Errorf("%s, the other way round: %d, want %d", c.name, got, c.want)
		}
	}
}

// Engines keep logs under paths that name the container.
func TestNamesOfFile(t *testing.T) {
	for file, want := range map[string]names{
		"incident.tgz!var/log/pods/shop_api-7d9_" + pod + "/api/3.log":            {namespace: "shop", pod: "api-7d9", podUID: pod, name: "api"},
		"pods/kube-system_etcd-node1_0123456789abcdef0123456789abcdef/etcd/0.log": {namespace: "kube-system", pod: "etcd-node1", podUID: "0123456789abcdef0123456789abcdef", name: "etcd"},
		"/var/lib/docker/containers/" + payments + "/" + payments + "-json.log":   {ids: []string{payments}, own: true},
		"/var/log/containers/api-7d9_shop_api-" + payments + ".log":               {pod: "api-7d9", namespace: "shop", name: "api", ids: []string{payments}, own: true},
		"gc.log":                 {},
		"a_b_c/api/3.log":        {},
		"my_app_log-of-2026.log": {},
		"":                       {},
	} {
		got := namesOfFile(file)
		if !slices.Equal(got.ids, want.ids) || got.own != want.own || got.pod != want.pod || got.podUID != want.podUID || got.namespace != want.namespace || got.name != want.name {
			t.Errorf("%s: %+v, want %+v", file, got, want)
		}
	}
}

// The lives of a container, put together from events and statuses.
func TestLives(t *testing.T) {
	tl := build(Options{}, tell(t, `
		event at=0s wall id=`+payments+` action=start
		event at=4s wall id=`+payments+` action=oom
		event at=6s wall id=`+payments+` action=exit exit=137
		event at=14s wall id=`+payments+` action=start
		event at=22s wall id=`+payments+` action=exit exit=137
		event at=40s wall id=`+payments+` action=start
		event at=52s wall id=`+payments+` action=exit exit=137
		status id=`+payments+` cname=/payments oom=false exit=137 started=39.8s finished=50s restarts=2 state=exited`).events())
	want := []struct {
		length time.Duration
		oom    bool
	}{{6 * time.Second, true}, {8 * time.Second, false}, {10200 * time.Millisecond, false}}
	w := tl.Workload
	if len(w.Lives) != len(want) || w.Restarts != 2 || !w.HasRestarts {
		t.Fatalf("%d lives, %d restarts: %+v", len(w.Lives), w.Restarts, w.Lives)
	}
	for i, l := range w.Lives {
		length, ok := l.Length()
		if !ok || length != want[i].length || l.OOM != want[i].oom || l.ExitCode != 137 || !l.Ended {
			t.Errorf("life %d: %v %+v, want %+v", i, length, l, want[i])
		}
	}
}

// Kills are counted by the workload where one is known: two programs may have one name.
func TestKillsOfAWorkload(t *testing.T) {
	kill := func(id string) *event.Kill {
		return &event.Kill{OOMMemcg: "/docker/" + id, ContainerID: id, Victims: []event.Victim{{PID: 7, Name: "java"}}}
	}
	for asked, want := range map[bool]int{true: 2, false: 3} {
		evs := []event.Event{kill(payments), kill(multi), kill(payments)}
		if asked {
			evs = append(evs, &event.ContainerStatus{Container: event.Container{Engine: event.Docker, ID: payments}, HasExit: true, ExitCode: 137})
		}
		if d := build(Options{}, number(evs)).Death; d.Kills != want {
			t.Errorf("asked for %v: %d kills, want %d", asked, d.Kills, want)
		}
	}
}

// A flood of events of an engine costs no more than the first and the last of them.
func TestManyEvents(t *testing.T) {
	b := New(Options{})
	for i := range 3 * maxDeaths {
		b.Add(&event.ContainerEvent{
			Head:      event.Head{Pos: event.Pos{File: "events", Line: i + 1}, Time: event.Time{Has: event.Wall, Wall: int64(i) * 1e9}},
			Container: event.Container{Engine: event.Docker, ID: payments}, Action: event.ActionExit, ExitCode: 137, HasExit: true,
		})
	}
	tl := b.Build()
	if n := len(tl.Workload.Events); n != maxDeaths {
		t.Errorf("%d events kept, want %d", n, maxDeaths)
	}
	if at := tl.Death.Event.Header().Pos.Line; at != 3*maxDeaths {
		t.Errorf("the end is that of line %d, want the last", at)
	}
}

// The limit that an engine prints for none is none.
func TestNoLimit(t *testing.T) {
	for size, want := range map[unit.Bytes]bool{0: false, 64 * unit.MiB: true, 9223372036854771712: false, 1<<62 - 1: true} {
		w := Workload{Statuses: []*event.ContainerStatus{{Container: event.Container{Engine: event.Docker}, Limit: unit.Known(size)}}}
		if got := w.engineLimit(); got.Size.IsKnown() != want {
			t.Errorf("%d: %v, want %v", size, got, want)
		}
	}
}
