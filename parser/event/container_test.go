package event_test

import (
	"testing"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

func TestContainersAsJSON(t *testing.T) {
	at := event.Head{Pos: event.Pos{File: "pod.json", Line: 3}, Dialect: "kubernetes"}
	for _, c := range []struct {
		name string
		ev   event.Event
		want string
	}{
		{
			"status", &event.ContainerStatus{
				Head: at, Container: event.Container{Engine: event.Kubernetes, ID: "ab12", Name: "api", Pod: "api-1", PodUID: "u-1", Node: "node-7"},
				State: "terminated", Reason: "OOMKilled", OOMKilled: true, SaysOOM: true, ExitCode: 137, HasExit: true,
				Started: 1795375700063957895, Finished: 1795375701000000000, Restarts: 0, HasRestarts: true, Limit: unit.Known(unit.GiB), QoS: "Burstable",
			},
			`{"type":"container-status","source":{"file":"pod.json","line":3},"stream":null,"process_seconds":null,"time":null,"dialect":"kubernetes","engine":"kubernetes",` +
				`"container_id":"ab12","name":"api","image":null,"namespace":null,"pod":"api-1","pod_uid":"u-1","node":"node-7","role":null,"state":"terminated","reason":"OOMKilled","message":null,` +
				`"oom_killed":true,"exit_code":137,"signal":null,"started":"2026-11-22T19:28:20.063957895Z","finished":"2026-11-22T19:28:21Z","restarts":0,"previous":false,"pid":null,"cgroup":null,` +
				`"limit_bytes":1073741824,"request_bytes":null,"swap_limit_bytes":null,"usage_bytes":null,"peak_bytes":null,"swap_peak_bytes":null,"qos":"Burstable"}`,
		},
		{
			"status of an engine without a word for it", &event.ContainerStatus{Head: at, Container: event.Container{Engine: event.ECS}},
			`{"type":"container-status","source":{"file":"pod.json","line":3},"stream":null,"process_seconds":null,"time":null,"dialect":"kubernetes","engine":"ecs",` +
				`"container_id":null,"name":null,"image":null,"namespace":null,"pod":null,"pod_uid":null,"node":null,"role":null,"state":null,"reason":null,"message":null,` +
				`"oom_killed":null,"exit_code":null,"signal":null,"started":null,"finished":null,"restarts":null,"previous":false,"pid":null,"cgroup":null,` +
				`"limit_bytes":null,"request_bytes":null,"swap_limit_bytes":null,"usage_bytes":null,"peak_bytes":null,"swap_peak_bytes":null,"qos":null}`,
		},
		{
			"event", &event.ContainerEvent{Head: at, Container: event.Container{Engine: event.Docker, ID: "ab12"}, Action: event.ActionExit, ExitCode: 0, HasExit: true},
			`{"type":"container-event","source":{"file":"pod.json","line":3},"stream":null,"process_seconds":null,"time":null,"dialect":"kubernetes","engine":"docker",` +
				`"container_id":"ab12","name":null,"image":null,"namespace":null,"pod":null,"pod_uid":null,"node":null,"role":null,"action":"exit","reason":null,"message":null,"exit_code":0,` +
				`"signal":null,"pid":null,"process":null,"cgroup":null,"usage_bytes":null,"limit_bytes":null,"count":1,"first":null,"ago_seconds":null}`,
		},
	} {
		got, err := event.AppendJSON(nil, c.ev)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %v\ngot  %s\nwant %s", c.name, err, got, c.want)
		}
	}
}
