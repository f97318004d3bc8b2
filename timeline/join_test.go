package timeline

import (
	"fmt"
	"reflect"
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
			"a kill, and a container that goes on", `
			kill at=10s wall name=java pid=793 rss=64MiB limit=64MiB
			status engine=kubernetes id=` + payments + ` cname=api state=running limit=64MiB`,
			MemcgKill, "", "the container", "memcg 67108864", "", "",
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
		{"a service after an underscore", stream(event.Stream{Container: "payments_1"}), box(event.Container{Name: "shop_payments_1"}), same},
		{"a service that only ends alike", stream(event.Stream{Container: "payments"}), box(event.Container{Name: "repayments"}), stranger},
		{"one name", box(event.Container{Name: "api"}), box(event.Container{Name: "api"}), same},
		{"a name that the other does not have", box(event.Container{Name: "api"}), box(event.Container{Pod: "api-1"}), unknown},
		{"one pod by its id, another by its name", box(event.Container{PodUID: pod, Pod: "api-1"}), box(event.Container{PodUID: pod, Pod: "api-2"}), stranger},
		{"one pod by its name, another by its id", box(event.Container{PodUID: pod, Pod: "api-1"}), box(event.Container{PodUID: payments[:36], Pod: "api-1"}), stranger},
		{"only the namespace in common", box(event.Container{Namespace: "shop", Name: "api"}), box(event.Container{Namespace: "shop", Pod: "api-1"}), unknown},
		{"twelve digits in a path", group("/docker/" + payments), box(event.Container{ID: payments[:12]}), same},
		{"eleven digits in a path", group("/docker/" + payments), box(event.Container{ID: payments[:11]}), unknown},
		{"a tag inside of a path", group("/user.slice/api/worker"), stream(event.Stream{Unit: "api"}), unknown},
		{"a tag at the end of a path", group("/user.slice/api"), stream(event.Stream{Unit: "api"}), same},
		{"a scope inside of a path", group("/user.slice/run-9.scope/worker"), stream(event.Stream{Unit: "run-9.scope"}), same},
		{"a container by its name in a path", group("/lxc/web/init"), box(event.Container{Name: "web"}), same},
		{"the root of all groups", group("/"), names{}, unknown},
		{"a tag and the name of a container", stream(event.Stream{Unit: "api"}), box(event.Container{Name: "api"}), same},
		{"a tag of a syslog and another unit", stream(event.Stream{Unit: "cron"}), stream(event.Stream{Unit: "api.service"}), unknown},
		{"a service and a scope", stream(event.Stream{Unit: "api.service"}), stream(event.Stream{Unit: "api.scope"}), stranger},
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
		`C:\logs\pods\shop_api-7d9_` + pod + `\api\3.log`:                         {namespace: "shop", pod: "api-7d9", podUID: pod, name: "api"},
		"/var/log/containers/api-7d9_shop_-" + payments + ".log":                  {},
		"/var/log/containers/api-7d9_shop_" + payments + ".log":                   {},
		"/var/log/containers/api-7d9_shop_api-" + payments[:63] + ".log":          {},
		"/var/log/containers/api-7d9_shop_api-" + payments[:63] + "x.log":         {},
		"/var/log/containers/shop_api-" + payments + ".log":                       {},
		payments[:63] + "-json.log":                                               {},
		payments[:63] + "x-json.log":                                              {},
		"pods/shop_api-7d9_45cbbf98-4de1-60649beb6b1de8aa1f96b5a97f63/api/3.log":  {},
		"pods/shop_api-7d9_45cbbf98-4de1-6064-9beb-6b1de8aa1f96b/api/3.log":       {},
		"pods/shop_api-7d9_zzcbbf98-4de1-6064-9beb-6b1de8aa1f96/api/3.log":        {},
		"pods/shop_api-7d9_x123456789abcdef0123456789abcdef/api/3.log":            {},
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

// What an envelope says of the writer goes before the name of the file, which fills in the rest. An id that either of them
// names is the one of this life.
func TestNamesOfStream(t *testing.T) {
	const (
		podLog    = "/var/log/containers/api-7d9_shop_api-" + payments + ".log"
		dockerLog = payments + "/" + payments + "-json.log"
	)
	for _, c := range []struct {
		name   string
		stream *event.Stream
		file   string
		want   names
	}{
		{"no envelope", nil, podLog, names{pod: "api-7d9", namespace: "shop", name: "api", ids: []string{payments}, own: true}},
		{"an envelope that names the pipe only", &event.Stream{Pipe: "stderr"}, dockerLog, names{ids: []string{payments}, own: true}},
		{"an envelope that names another container", &event.Stream{ContainerID: multi, Pod: "web-1"}, podLog, names{pod: "web-1", namespace: "shop", name: "api", ids: []string{multi}, own: true}},
		{"a host name that is an id", &event.Stream{Host: payments[:12]}, "app.log", names{ids: []string{payments[:12]}, own: true}},
		{"eleven digits are a host", &event.Stream{Host: payments[:11]}, "app.log", names{}},
		{"thirteen are, too", &event.Stream{Host: payments[:13]}, "app.log", names{}},
		{"twelve letters are", &event.Stream{Host: "prod-db-01-x"}, "app.log", names{}},
		{"a unit", &event.Stream{Unit: "api.service"}, "app.log", names{unit: "api.service"}},
		{"the engine that wrote it down", &event.Stream{Unit: "crio.service", Container: "api"}, "app.log", names{name: "api"}},
		{"nothing", &event.Stream{}, "app.log", names{}},
	} {
		if got := namesOfStream(c.stream, c.file); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// A report of the kernel names the group of the victim, or else the group whose limit was hit.
func TestNamesOfKill(t *testing.T) {
	const scope = "/system.slice/docker-" + payments + ".scope"
	for _, c := range []struct {
		name string
		kill event.Kill
		want names
	}{
		{"nothing", event.Kill{}, names{}},
		{"the victim's group", event.Kill{OOMMemcg: "/a.slice", TaskMemcg: "/a.slice/api.service"}, names{path: "/a.slice/api.service", unit: "api.service"}},
		{"the group that was full", event.Kill{OOMMemcg: "/a.slice/api.service"}, names{path: "/a.slice/api.service", unit: "api.service"}},
		{"the scope that systemd makes for a container", event.Kill{TaskMemcg: scope, ContainerID: payments}, names{path: scope, ids: []string{payments}, own: true}},
		{"a pod", event.Kill{TaskMemcg: "/kubepods", PodUID: pod}, names{path: "/kubepods", podUID: pod}},
	} {
		if got := namesOfKill(&c.kill); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// Names are filled in, never replaced, and an id that the log itself names stays the only one.
func TestTake(t *testing.T) {
	full := names{ids: []string{multi}, podUID: pod, namespace: "shop", pod: "api-1", name: "api", unit: "api.service", path: "/a"}
	for _, c := range []struct {
		name     string
		to, from names
		want     names
		more     bool
	}{
		{"all", names{}, full, full, true},
		{"nothing new", full, names{ids: []string{multi[:12]}, pod: "web-1", name: "web"}, full, false},
		{"one name", names{name: "web"}, names{name: "api", pod: "api-1"}, names{name: "web", pod: "api-1"}, true},
		{"another id", names{ids: []string{payments}}, names{ids: []string{multi}}, names{ids: []string{payments, multi}}, true},
		{"no other id beside its own", names{ids: []string{payments}, own: true}, names{ids: []string{multi}}, names{ids: []string{payments}, own: true}, false},
		{"a name beside its own id", names{ids: []string{payments}, own: true}, names{name: "api"}, names{ids: []string{payments}, own: true, name: "api"}, true},
	} {
		if taken := c.to.take(&c.from); taken != c.more || !reflect.DeepEqual(c.to, c.want) {
			t.Errorf("%s: %v %+v, want %v %+v", c.name, taken, c.to, c.more, c.want)
		}
	}
}

// One name is enough to tell a thing from others; a namespace holds many.
func TestNone(t *testing.T) {
	for _, n := range []names{{ids: []string{payments}}, {podUID: pod}, {pod: "api-1"}, {name: "api"}, {unit: "api.service"}, {path: "/a"}} {
		if n.none() {
			t.Errorf("%+v is taken for no name", n)
		}
	}
	for _, n := range []names{{}, {namespace: "shop"}} {
		if !n.none() {
			t.Errorf("%+v is taken for a name", n)
		}
	}
}

// The lives of a container, put together from events and statuses: start, end, how it ended, and want of memory.
func TestLives(t *testing.T) {
	const (
		event  = "event wall id=" + payments + " "
		unit   = "event wall engine=systemd cname=api.service "
		status = "status id=" + payments + " "
	)
	for _, c := range []struct {
		name, story string
		want        []string
	}{
		{
			"three lives, the last of them by two witnesses", event + "at=0s action=start\n" + event + "at=4s action=oom\n" + event + "at=6s action=exit exit=137\n" +
				event + "at=14s action=start\n" + event + "at=22s action=exit exit=137\n" + event + "at=40s action=start\n" + event + "at=52s action=exit exit=137\n" +
				status + "oom=false exit=137 started=39.8s finished=50s state=exited",
			[]string{"0s to 6s status 137 oom", "14s to 22s status 137", "39.8s to 50s status 137"},
		},
		{"the only life by two witnesses", event + "at=0s action=start\n" + event + "at=6s action=exit\n" + status + "exit=1 started=200ms finished=5.8s", []string{"200ms to 5.8s status 1"}},
		{"an event says how it ended", event + "at=6s action=exit exit=2\n" + status + "exit=1 finished=5.8s", []string{"? to 5.8s status 2"}},
		{"want of memory in the status", event + "at=6s action=exit exit=137\n" + status + "oom=true exit=137 finished=5.8s", []string{"? to 5.8s status 137 oom"}},
		{"starts 15 s apart are two", event + "at=0s action=start\n" + status + "started=15s", []string{"0s to ?", "15s to ?"}},
		{"less is one", event + "at=0s action=start\n" + status + "started=14.999s", []string{"14.999s to ?"}},
		{"ends at one time, starts that are not", event + "at=0s action=start\n" + event + "at=40s action=exit\n" + status + "started=20s finished=40s", []string{"0s to 40s", "20s to 40s"}},
		{"one start, ends that are not", event + "at=0s action=start\n" + event + "at=10s action=exit\n" + status + "started=0s finished=40s", []string{"0s to 10s", "0s to 40s"}},
		{"want of memory told of less than 15 s after an end", event + "at=0s action=start\n" + event + "at=5s action=exit exit=137\n" + event + "at=19.999s action=oom", []string{"0s to 5s status 137 oom"}},
		{"want of memory in another life", event + "at=0s action=start\n" + event + "at=5s action=exit exit=1\n" + event + "at=20s action=oom\n" + event + "at=21s action=exit exit=137", []string{"0s to 5s status 1", "? to 21s status 137 oom"}},
		{"a status of a life that goes on tells of an earlier end", status + "started=1s exit=1", []string{"1s to ?"}},
		{"a status without times", status + "exit=1", nil},
		{"a signal", event + "at=6s action=exit signal=9", []string{"? to 6s signal 9"}},
		{"an orderly exit", event + "at=6s action=exit exit=0", []string{"? to 6s status 0"}},
		{"the start and the exit of a unit", unit + "at=0s action=start\n" + unit + "at=6s action=exit exit=1", []string{"0s to 6s status 1"}},
		{"a process that starts the unit", unit + "at=6s action=exit exit=1 process=ExecStartPre", nil},
		{"a process that docker names", event + "at=6s action=exit exit=1 process=api", []string{"? to 6s status 1"}},
	} {
		var got []string
		for _, l := range workload(names{ids: []string{payments}, unit: "api.service"}, toldIn(tell(t, c.story).events())).Lives {
			got = append(got, l.draw())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: lives %q, want %q", c.name, got, c.want)
		}
	}
}

func (l Life) draw() string {
	clock := func(at time.Time) string {
		if at.IsZero() {
			return "?"
		}
		return at.Sub(storyWall).String()
	}
	s := clock(l.Started) + " to " + clock(l.Finished)
	switch {
	case l.Ended && l.Signal != 0:
		s += fmt.Sprintf(" signal %d", l.Signal)
	case l.Ended:
		s += fmt.Sprintf(" status %d", l.ExitCode)
	}
	if l.OOM {
		s += " oom"
	}
	return s
}

// A life that ends before it begins was told wrong, and one that lacks an end has no length.
func TestLength(t *testing.T) {
	for _, c := range []struct {
		started, finished time.Time
		length            time.Duration
		ok                bool
	}{
		{storyWall, storyWall.Add(time.Second), time.Second, true},
		{storyWall, storyWall, 0, true},
		{storyWall.Add(time.Second), storyWall, 0, false},
		{storyWall, time.Time{}, 0, false},
		{time.Time{}, storyWall, 0, false},
	} {
		if length, ok := (Life{Started: c.started, Finished: c.finished}).Length(); length != c.length || ok != c.ok {
			t.Errorf("%s to %s: %s, %v", c.started, c.finished, length, ok)
		}
	}
}

// How often a workload was started anew, and whether its engine waits before it does so again.
func TestRestarts(t *testing.T) {
	const unit = "event wall at=1s engine=systemd cname=api.service action=restart "
	for _, c := range []struct {
		name, story string
		restarts    int
		known       bool
		waits       bool
	}{
		{"the count of a status", "status cname=api restarts=2", 2, true, false},
		{"a count of none", "status cname=api restarts=0", 0, true, false},
		{"no count", "status cname=api", 0, false, false},
		{"the larger of two", "status cname=api restarts=5\nstatus cname=api restarts=2", 5, true, false},
		{"the count of systemd", unit + "count=3", 3, true, false},
		{"systemd counts from one", unit + "count=1", 1, true, false},
		{"systemd does not count", unit, 0, false, false},
		{"another engine counts its events", "event wall at=1s engine=kubernetes cname=api action=restart count=7", 0, false, false},
		{"the kubelet waits", "event wall at=1s engine=kubernetes cname=api action=restart reason=BackOff", 0, false, true},
		{"it waits, in the word of a status", "event wall at=1s engine=kubernetes cname=api action=restart reason=CrashLoopBackOff", 0, false, true},
		{"it does not wait", "event wall at=1s engine=kubernetes cname=api action=restart reason=Killing", 0, false, false},
		{"a status that waits", "status cname=api reason=CrashLoopBackOff", 0, false, true},
		{"a status that does not", "status cname=api reason=Error", 0, false, false},
	} {
		w := workload(names{name: "api", unit: "api.service"}, toldIn(tell(t, c.story).events()))
		if waits := w.BackOff.Line > 0; w.Restarts != c.restarts || w.HasRestarts != c.known || waits != c.waits {
			t.Errorf("%s: %d restarts, known %v, waits %v", c.name, w.Restarts, w.HasRestarts, waits)
		}
	}
}

// Of several containers, the only one that died counts, or the only one of these that a signal ended, or want of memory.
func TestOnlyContainer(t *testing.T) {
	runs, exited := "status id=a state=running\n", "status id=b exit=1\n"
	signalled, killed, denied := "status id=c exit=137\n", "status id=d oom=true exit=137\n", "status id=e oom=false exit=0\n"
	for _, c := range []struct {
		name, story, want string
	}{
		{"none", "", ""},
		{"one that runs", runs, "a"},
		{"one that exited", runs + exited, "b"},
		{"one that a signal ended", runs + exited + signalled, "c"},
		{"one for want of memory", runs + exited + signalled + killed, "d"},
		{"two that run", runs + "status id=f state=running", ""},
		{"two that exited", exited + denied, ""},
		{"two that signals ended", exited + signalled + "status id=f signal=9", ""},
		{"two for want of memory", killed + "status id=f oom=true exit=137", ""},
		{"one of which nobody knows more than a process", "event at=1s wall engine=earlyoom action=kill pid=7 process=app\n" + exited, "b"},
	} {
		n, ok := New(Options{}).only(toldIn(tell(t, c.story).events()))
		if got := strings.Join(n.ids, " "); got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %v, want %q", c.name, got, ok, c.want)
		}
	}
}

// The start of a container ties the clock of its process where one of its lives is as long as the run, up to 2 s less and to
// 150 s more; of several, the one that is nearest.
func TestTieToStart(t *testing.T) {
	const length = 100 * time.Second
	life := func(start, length time.Duration) Life {
		return Life{Started: storyWall.Add(start), Finished: storyWall.Add(start + length)}
	}
	for _, c := range []struct {
		name  string
		lives []Life
		tie   runTie
		clock Clock
		start time.Duration // negative is none
	}{
		{"none", nil, runTie{}, SinceStart, -1},
		{"as long", []Life{life(time.Hour, length)}, runTie{}, SinceStart, time.Hour},
		{"2 s less", []Life{life(time.Hour, length-2*time.Second)}, runTie{}, SinceStart, time.Hour},
		{"even less", []Life{life(time.Hour, length-2*time.Second-1)}, runTie{}, SinceStart, -1},
		{"not quite 150 s more", []Life{life(time.Hour, length+150*time.Second-1)}, runTie{}, SinceStart, time.Hour},
		{"150 s more", []Life{life(time.Hour, length+150*time.Second)}, runTie{}, SinceStart, -1},
		{"the nearest", []Life{life(time.Hour, length+9*time.Second), life(2*time.Hour, length+time.Second), life(3*time.Hour, length+2*time.Second)}, runTie{}, SinceStart, 2 * time.Hour},
		{"the first of those alike", []Life{life(time.Hour, length), life(2*time.Hour, length)}, runTie{}, SinceStart, time.Hour},
		{"a life that goes on", []Life{{Started: storyWall}}, runTie{}, SinceStart, -1},
		{"a clock of another kind", []Life{life(time.Hour, length)}, runTie{}, SinceFirst, -1},
		{"a tie to the kernel", []Life{life(time.Hour, length)}, runTie{booted: true}, SinceStart, -1},
	} {
		tl, r := &Timeline{Workload: Workload{Lives: c.lives}}, runOf(Cycle{At: length})
		r.Clock = c.clock
		tie := c.tie
		New(Options{}).tieToStart(tl, r, &tie)
		var want time.Time
		if c.start >= 0 {
			want = storyWall.Add(c.start)
		}
		if !tie.wall.Equal(want) || !r.Start.Equal(want) || len(tl.Ties) == 1 != (c.start >= 0) {
			t.Errorf("%s: %s, want %s; ties %+v", c.name, tie.wall, want, tl.Ties)
		}
	}
	tied := runTie{wall: storyWall}
	New(Options{}).tieToStart(&Timeline{Workload: Workload{Lives: []Life{life(time.Hour, length)}}}, runOf(Cycle{At: length}), &tied)
	if !tied.wall.Equal(storyWall) {
		t.Errorf("a tie that is known was replaced by %s", tied.wall)
	}
}

// What an engine tells is of the end of a run where it came at most 3 s before the last collection, and no life began between.
func TestFitsTime(t *testing.T) {
	const end = 100 * time.Second
	started := func(at time.Duration) []Life { return []Life{{Started: storyWall.Add(at)}} }
	for _, c := range []struct {
		name  string
		at    time.Duration // of what is told; negative is not known
		lives []Life
		want  bool
	}{
		{"at no known time", -1, nil, true},
		{"at the end", end, nil, true},
		{"3 s before", end - 3*time.Second, nil, true},
		{"earlier", end - 3*time.Second - 1, nil, false},
		{"an hour later", end + time.Hour, nil, true},
		{"after the next start", end + time.Hour, started(end + time.Minute), false},
		{"with the next start", end + time.Minute, started(end + time.Minute), false},
		{"before the next start", end + time.Minute, started(end + time.Minute + 1), true},
		{"after a start within 3 s of the end", end + time.Hour, started(end + 3*time.Second), true},
		{"after one a moment later", end + time.Hour, started(end + 3*time.Second + 1), false},
		{"its own start", end + time.Hour, started(0), true},
	} {
		x := told{event: &event.ContainerEvent{}}
		if c.at >= 0 {
			x.at = storyWall.Add(c.at).UnixNano()
		}
		tl := &Timeline{Workload: Workload{Lives: c.lives}}
		if got := New(Options{}).fitsTime(tl, &x, runOf(Cycle{At: end}), &runTie{wall: storyWall}); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	x := told{event: &event.ContainerEvent{Head: event.Head{Time: event.Time{Assumed: event.AssumedZone}}}, at: storyWall.Add(end - 2*time.Hour).UnixNano()}
	if !New(Options{}).fitsTime(&Timeline{}, &x, runOf(Cycle{At: end}), &runTie{wall: storyWall}) {
		t.Error("two hours before, in a zone that was assumed")
	}
	if !New(Options{}).fitsTime(&Timeline{}, &told{event: &event.ContainerEvent{}, at: 1}, runOf(Cycle{At: end}), &runTie{}) {
		t.Error("nothing ties the clock of the run")
	}
}

// A process that an engine killed and that names no container may be that of a run of Go with 16 MiB.
func TestFitsProcess(t *testing.T) {
	killed := func(pid int, comm string, usage unit.Bytes) told {
		return told{event: &event.ContainerEvent{Action: event.ActionKill, PID: pid, Process: comm, Usage: unit.Known(usage)}}
	}
	victim := func(pid int) *match { return &match{victim: &event.Victim{PID: pid}} }
	one := []told{{names: names{name: "api"}, status: &event.ContainerStatus{}}}
	for _, c := range []struct {
		name string
		told told
		m    *match
		all  []told
		want bool
	}{
		{"a process of its size", killed(7, "app", 32*unit.MiB), nil, nil, true},
		{"a small one", killed(7, "app", unit.MiB), nil, nil, false},
		{"one of another runtime", killed(7, "java", 32*unit.MiB), nil, nil, false},
		{"the victim of the kernel, whatever its name", killed(7, "java", 32*unit.MiB), victim(7), nil, true},
		{"another than the victim of the kernel", killed(7, "java", 32*unit.MiB), victim(8), nil, false},
		{"a kill without a victim", killed(7, "java", 32*unit.MiB), &match{}, nil, false},
		{"no process id on either side", killed(0, "java", 32*unit.MiB), victim(0), nil, false},
		{"a name alone", killed(0, "app", 32*unit.MiB), nil, one, true},
		{"a process id alone", killed(7, "", 32*unit.MiB), nil, one, true},
		{"nothing at all", killed(0, "", unit.MiB), nil, nil, true},
		{"nothing at all, beside a container", killed(0, "", 32*unit.MiB), nil, one, false},
		{"a status", told{status: &event.ContainerStatus{}}, nil, nil, false},
	} {
		b, r := New(Options{}), runOf(Cycle{Peak: 32 * unit.MiB, Live: 16 * unit.MiB})
		b.who, r.Runtime = make([]identity, 1), "go"
		if got := b.fitsProcess(&c.told, r, c.m, c.all); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// What an engine says of an end tells more than what the process wrote, if that was ended by others, and for want of memory.
func TestTells(t *testing.T) {
	of := func(weight int, child bool) []claim { return []claim{{weight: weight, child: child}} }
	end := func(kind event.EndKind) event.Event { return &event.ProcessEnd{Kind: kind} }
	for _, c := range []struct {
		name string
		told []claim
		own  event.Event
		want bool
	}{
		{"nothing is told", nil, nil, false},
		{"an exit, and no word of the process", of(tellsStatus, false), nil, true},
		{"a child, and no word of the process", of(tellsMemory, true), nil, false},
		{"want of memory, and a signal", of(tellsMemory, false), end(event.EndSignal), true},
		{"want of memory, and an exit", of(tellsMemory, false), end(event.EndExit), true},
		{"want of memory, and a panic", of(tellsMemoryBy, false), end(event.EndPanic), false},
		{"want of memory, and a fatal error", of(tellsMemoryBy, false), end(event.EndFatal), false},
		{"want of memory of a child, and a signal", of(tellsMemory, true), end(event.EndSignal), false},
		{"a sender, and a signal", of(tellsSender, false), end(event.EndSignal), false},
		{"want of memory, as the runtime says itself", of(tellsMemoryBy, false), &event.RuntimeOOM{}, false},
	} {
		if got := tells(c.told, c.own); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// An incident is surely about the group of a kill where somebody asked an engine for that container, and for no other.
func TestToldOf(t *testing.T) {
	const (
		mine   = "status id=" + payments + " oom=true exit=137\n"
		exit   = "status id=" + payments + " exit=1\n"
		signal = "status id=" + payments + " exit=143\n"
		other  = "status id=" + multi + " oom=true exit=137\n"
		event  = "event at=1s wall id=" + payments + " action=exit exit=137\n"
		unit   = "status engine=systemd cname=docker.service group=/system.slice/" + payments + " oom=true\n"
		nobody = "event at=1s wall engine=earlyoom action=kill process=app\n"
	)
	for _, c := range []struct {
		name, story string
		want        int
	}{
		{"nothing", "", 0},
		{"its state", mine, 2},
		{"its state after a signal", signal, 2},
		{"its state after an exit", exit, 0},
		{"its state and that of another", mine + other, 1},
		{"an event", event, 1},
		{"the state of another", other, 0},
		{"a service manager", unit, 1},
		{"a process without a container", mine + nobody, 2},
	} {
		k := killAt(0)
		k.TaskMemcg, k.ContainerID = "/system.slice/"+payments, payments
		if got := toldOf(k, toldIn(tell(t, c.story).events())); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// What engines say counts beside a kill that is another death, or that names nobody, as far as it is about one thing.
func TestStrongest(t *testing.T) {
	const (
		oom    = "event at=100s wall id=" + payments + " action=oom\n"
		exit   = "event at=101s wall id=" + payments + " action=exit exit=137\n"
		other  = "event at=102s wall id=" + multi + " action=exit exit=0\n"
		lone   = "event at=100s wall engine=earlyoom action=kill process=app\n"
		orders = "event at=100s wall id=" + payments + " action=exit exit=0\n"
	)
	of := func(after time.Duration, id string, victims ...event.Victim) *event.Kill {
		k := killAt(after, victims...)
		k.ContainerID = id
		return k
	}
	none := of(100*time.Second, "")
	none.NoKillable = true
	app := event.Victim{PID: 7, Name: "app"}
	for _, c := range []struct {
		name, story string
		kill        *event.Kill
		want        int // claims
	}{
		{"nothing is told", "", nil, 0},
		{"no kill", oom + exit + other, nil, 2},
		{"no kill, and a process without a container", lone + exit, nil, 1},
		{"the kill of that container", oom + exit, of(100*time.Second, payments, app), 0},
		{"the kill of that container at another time", oom + exit, of(-time.Hour, payments, app), 0},
		{"a report that is cut off", oom + exit, of(100*time.Second, payments), 0},
		{"a report that is cut off, of another time", oom + exit, of(-time.Hour, payments), 2},
		{"nothing could be killed", oom + exit, none, 2},
		{"a kill of another container", oom + exit, of(100*time.Second, multi, app), 2},
		{"a kill of nobody knows what, at one time", oom + exit, of(100*time.Second, "", app), 0},
		{"a kill of nobody knows what, at another time", oom + exit, of(80*time.Second, "", app), 2},
		{"an orderly exit of another time", orders, of(-time.Hour, "", app), 0},
		{"a process without a container, at another time", lone, of(-time.Hour, "", app), 0},
	} {
		if got := New(Options{}).strongest(c.kill, toldIn(tell(t, c.story).events())); len(got) != c.want {
			t.Errorf("%s: %d claims, want %d", c.name, len(got), c.want)
		}
	}
}

// A kill and what an engine tells are one death where they are at most 10 s apart, or one of them has no time.
func TestTogether(t *testing.T) {
	at := func(after time.Duration) int64 { return storyWall.Add(after).UnixNano() }
	for _, c := range []struct {
		name string
		kill *event.Kill
		told told
		want bool
	}{
		{"10 s later", killAt(0), told{at: at(10 * time.Second)}, true},
		{"more than that", killAt(0), told{at: at(10*time.Second + 1)}, false},
		{"10 s earlier", killAt(0), told{at: at(-10 * time.Second)}, true},
		{"even earlier", killAt(0), told{at: at(-10*time.Second - 1)}, false},
		{"told at no time", killAt(time.Hour), told{}, true},
		{"a kill at no time", &event.Kill{}, told{at: at(0)}, true},
		{"of two containers", &event.Kill{ContainerID: multi}, told{names: names{ids: []string{payments}}}, false},
	} {
		if got := New(Options{}).together(c.kill, &c.told); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// A workload points at the line that tells of it first, and is called by the best of its names.
func TestCalled(t *testing.T) {
	status := &event.ContainerStatus{Head: event.Head{Pos: event.Pos{File: "docker.json", Line: 3}}}
	happened := &event.ContainerEvent{Head: event.Head{Pos: event.Pos{File: "events.log", Line: 5}}}
	for _, c := range []struct {
		w      Workload
		called string
		source event.Pos
	}{
		{Workload{}, "the container", event.Pos{}},
		{Workload{Container: event.Container{Name: "/web", ID: payments}, Statuses: []*event.ContainerStatus{status}, Events: []*event.ContainerEvent{happened}}, "web", status.Pos},
		{Workload{Container: event.Container{Name: "api", Pod: "api-1"}, Events: []*event.ContainerEvent{happened}}, "api of pod api-1", happened.Pos},
		{Workload{Container: event.Container{Pod: "api-1", ID: payments}}, "pod api-1", event.Pos{}},
		{Workload{Container: event.Container{ID: payments}}, "container 45cbbf984de1", event.Pos{}},
		{Workload{Container: event.Container{ID: "440575.0"}}, "container 440575.0", event.Pos{}},
	} {
		if got, at := c.w.called(), c.w.source(); got != c.called || at != c.source {
			t.Errorf("%q of %v, want %q of %v", got, at, c.called, c.source)
		}
	}
}

// toldIn prepares what engines say in some events.
func toldIn(evs []event.Event) []told {
	b := New(Options{})
	for _, ev := range evs {
		b.Add(ev)
	}
	return b.tell()
}

// A workload is put together from all that name it. The scope that systemd makes for a container is no engine of its own.
func TestWorkloadIsNamed(t *testing.T) {
	const scope = "event wall at=1s engine=systemd action=oom id=" + payments + " cname=docker-" + payments + ".scope\n"
	for _, c := range []struct {
		name, story string
		engine      event.Engine
		container   string
	}{
		{"docker", "status id=" + payments + " cname=/payments", event.Docker, "/payments"},
		{"docker and Kubernetes", "status id=" + payments + " cname=/k8s_api\nstatus engine=kubernetes id=" + payments + " cname=api", event.Docker, "/k8s_api"},
		{"a scope, then docker", scope + "event wall at=2s id=" + payments + " cname=/payments action=exit", event.Docker, "/payments"},
		{"a scope alone", scope, event.Systemd, ""},
		{"a unit, and what kills units", "event wall at=1s engine=systemd cname=api.service action=start\nevent wall at=2s engine=systemd-oomd cname=api.service action=kill", event.Systemd, "api.service"},
	} {
		w := workload(names{ids: []string{payments}, unit: "api.service"}, toldIn(tell(t, c.story).events()))
		if w.Engine != c.engine || w.Name != c.container || !w.Known() {
			t.Errorf("%s: %q of %s, want %q of %s", c.name, w.Name, w.Engine, c.container, c.engine)
		}
	}
	both := Workload{Statuses: make([]*event.ContainerStatus, 1), Events: make([]*event.ContainerEvent, 1)}
	if (&Workload{}).Known() || !both.Known() {
		t.Error("a workload is known by a status and an event as well as by either")
	}
}

// Containers are told apart by their names, each once.
func TestWorkloads(t *testing.T) {
	all := toldIn(tell(t, `
		event at=1s wall id=`+payments+` action=start
		event at=2s wall id=`+payments+` action=exit
		event at=3s wall id=`+multi+` action=start
		event at=4s wall engine=earlyoom action=kill pid=7
		status id=`+payments+` cname=/payments`).events())
	var got []string
	for _, n := range workloads(all) {
		got = append(got, strings.Join(n.ids, " ")+" "+n.name)
	}
	if want := []string{payments + " payments", multi + " "}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	many := make([]told, 2*maxWorkloads)
	for i := range many {
		many[i].names.name = fmt.Sprint(i)
	}
	if n := len(workloads(many)); n != maxWorkloads {
		t.Errorf("%d of many, want %d", n, maxWorkloads)
	}
}

// A status is as old as the end that it tells of. Its line tells when somebody asked; only what systemd says of a unit, it says at once.
func TestTimeOfStatus(t *testing.T) {
	for _, c := range []struct {
		story string
		want  time.Duration // after the start of the stories; negative is unknown
	}{
		{"status cname=api wall", -1},
		{"status cname=api wall finished=5s", 5 * time.Second},
		{"status engine=systemd cname=api.service wall", 0},
		{"status engine=systemd cname=api.service wall finished=5s", 5 * time.Second},
		{"event at=7s cname=api action=exit wall", 7 * time.Second},
		{"event at=7s cname=api action=exit", -1},
	} {
		want := int64(0)
		if c.want >= 0 {
			want = storyWall.Add(c.want).UnixNano()
		}
		if got := toldIn(tell(t, c.story).events())[0].at; got != want {
			t.Errorf("%s: %d, want %d", c.story, got, want)
		}
	}
}

// Kills are counted by the workload where one is known, else by the container: two programs may have one name.
func TestKillsOfAWorkload(t *testing.T) {
	kill := func(id string) *event.Kill {
		return &event.Kill{OOMMemcg: "/docker/" + id, ContainerID: id, Victims: []event.Victim{{PID: 7, Name: "java"}}}
	}
	const want = 2
	for _, asked := range []bool{true, false} {
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
	const n = maxDeaths + 7
	b := New(Options{})
	for i := range n {
		b.Add(&event.ContainerEvent{
			Head:      event.Head{Pos: event.Pos{File: "events", Line: i + 1}, Time: event.Time{Has: event.Wall, Wall: int64(i) * 1e9}},
			Container: event.Container{Engine: event.Docker, ID: payments}, Action: event.ActionExit, ExitCode: 137, HasExit: true,
		})
	}
	tl := b.Build()
	if kept := len(tl.Workload.Events); kept != maxDeaths {
		t.Errorf("%d events kept, want %d", kept, maxDeaths)
	}
	if at := tl.Death.Event.Header().Pos.Line; at != n {
		t.Errorf("the end is that of line %d, want the last", at)
	}
	if !noted(tl, "7 events beside the collections not kept") {
		t.Errorf("no note says that 7 were not kept: %+v", tl.Notes)
	}
}

// The limit that an engine prints for none is none.
func TestNoLimit(t *testing.T) {
	for size, want := range map[unit.Bytes]bool{0: false, 1: true, 64 * unit.MiB: true, 9223372036854771712: false, 1 << 62: false, 1<<62 - 1: true} {
		for _, w := range []Workload{
			{Statuses: []*event.ContainerStatus{{Limit: unit.Known(size)}}},
			{Events: []*event.ContainerEvent{{Limit: unit.Known(size)}}},
		} {
			if got := w.engineLimit(); got.Size.IsKnown() != want {
				t.Errorf("%d: %v, want %v", size, got, want)
			}
		}
	}
}
