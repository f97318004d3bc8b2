package event

import (
	"time"

	"oomtrace/parser/unit"
)

// Engine names who looks after containers, units or jobs.
type Engine string

// The engines, as they are named in JSON.
const (
	Docker      Engine = "docker"
	Containerd  Engine = "containerd"
	Podman      Engine = "podman"
	Kubernetes  Engine = "kubernetes"
	ECS         Engine = "ecs"
	Nomad       Engine = "nomad"
	CloudRun    Engine = "cloud-run"
	AppEngine   Engine = "app-engine"
	Lambda      Engine = "lambda"
	Heroku      Engine = "heroku"
	Slurm       Engine = "slurm"
	YARN        Engine = "yarn"
	Systemd     Engine = "systemd"
	SystemdOOMD Engine = "systemd-oomd"
	Earlyoom    Engine = "earlyoom"
	Lmkd        Engine = "lmkd"
)

// Container names a container, a unit or a job by what engines and kernels know it by. Fields that are not known are empty.
type Container struct {
	Engine    Engine
	ID        string // 64 hexadecimal digits, or what the engine has
	Name      string // of the container, unit or job
	Image     string
	Namespace string
	Pod       string
	PodUID    string // of a static pod the hash of its manifest: paths of control groups name it by that
	Node      string
	Role      string // Kubernetes: init or ephemeral; empty for all other containers
}

// ContainerStatus is the state of a container as its engine reports it: inspect, pod JSON, describe. What an engine says
// of an out-of-memory kill is a claim, not a fact: the kernel's report is the witness.
type ContainerStatus struct {
	Head
	Container
	State       string // running, terminated, waiting, exited: as the engine says
	Reason      string // OOMKilled, Error, Evicted
	Message     string
	OOMKilled   bool // the engine says so
	SaysOOM     bool // the engine has a word for it at all, so that a false OOMKilled means something
	ExitCode    int
	HasExit     bool
	Signal      int   // 0 is unknown
	Started     int64 // nanoseconds since the Unix epoch; 0 is unknown
	Finished    int64 // nanoseconds since the Unix epoch; 0 is unknown
	Restarts    int
	HasRestarts bool
	Previous    bool      // the state before the last restart
	PID         int       // of its first process, as the host counts; 0 is unknown
	Cgroup      string    // path of its control group
	Limit       unit.Size // memory limit that the engine was told to set
	Request     unit.Size
	SwapLimit   unit.Size // memory and swap together
	Usage       unit.Size // use when the engine was asked
	Peak        unit.Size // largest use that the engine saw
	SwapPeak    unit.Size // largest use of swap that the engine saw
	QoS         string    // Kubernetes: Guaranteed, Burstable, BestEffort
}

// ContainerEvent is something that an engine says happened to a container.
type ContainerEvent struct {
	Head
	Container
	Action   ContainerAction
	Reason   string // the engine's own word: OOMKilling, BackOff, R14
	Message  string
	ExitCode int
	HasExit  bool
	Signal   int // 0 is unknown
	PID      int // 0 is unknown
	Process  string
	Cgroup   string // path of the control group that was acted upon
	Usage    unit.Size
	Limit    unit.Size
	Count    int   // how often it happened, 1 or more
	First    int64 // when it happened first, where Count is above 1: nanoseconds since the Unix epoch; 0 is unknown
	Ago      Span  // how long before it was listed it happened, where a table gives its age in the place of its time
}

// ContainerAction says what happened to a container, whatever the engine calls it.
type ContainerAction string

// The actions, as they are named in JSON.
const (
	ActionStart   ContainerAction = "start"
	ActionExit    ContainerAction = "exit"    // it ended, see ExitCode
	ActionOOM     ContainerAction = "oom"     // the engine says that it ran out of memory
	ActionKill    ContainerAction = "kill"    // a userspace killer or an operator killed it
	ActionEvict   ContainerAction = "evict"   // the orchestrator took it away
	ActionExceed  ContainerAction = "exceed"  // it is above its memory quota and goes on
	ActionRestart ContainerAction = "restart" // it is restarted, or waits for that
	ActionOther   ContainerAction = "other"
)

func (*ContainerStatus) isEvent() {}
func (*ContainerEvent) isEvent()  {}

// MarshalJSON writes the event as AppendJSON does.
func (e *ContainerStatus) MarshalJSON() ([]byte, error) { return AppendJSON(nil, e) }

// MarshalJSON writes the event as AppendJSON does.
func (e *ContainerEvent) MarshalJSON() ([]byte, error) { return AppendJSON(nil, e) }

func (c *Container) json(o *object) {
	o.text("engine", string(c.Engine))
	o.text("container_id", c.ID)
	o.text("name", c.Name)
	o.text("image", c.Image)
	o.text("namespace", c.Namespace)
	o.text("pod", c.Pod)
	o.text("pod_uid", c.PodUID)
	o.text("node", c.Node)
	o.text("role", c.Role)
}

func (e *ContainerStatus) json(o *object) {
	o.head("container-status", &e.Head)
	o.text("dialect", e.Dialect)
	e.Container.json(o)
	o.text("state", e.State)
	o.text("reason", e.Reason)
	o.text("message", e.Message)
	if e.SaysOOM {
		o.truth("oom_killed", e.OOMKilled)
	} else {
		o.null("oom_killed")
	}
	o.number("exit_code", int64(e.ExitCode), e.HasExit)
	o.number("signal", int64(e.Signal), e.Signal != 0)
	o.instant("started", e.Started)
	o.instant("finished", e.Finished)
	o.number("restarts", int64(e.Restarts), e.HasRestarts)
	o.truth("previous", e.Previous)
	o.number("pid", int64(e.PID), e.PID != 0)
	o.text("cgroup", e.Cgroup)
	o.size("limit_bytes", e.Limit)
	o.size("request_bytes", e.Request)
	o.size("swap_limit_bytes", e.SwapLimit)
	o.size("usage_bytes", e.Usage)
	o.size("peak_bytes", e.Peak)
	o.size("swap_peak_bytes", e.SwapPeak)
	o.text("qos", e.QoS)
}

func (e *ContainerEvent) json(o *object) {
	o.head("container-event", &e.Head)
	o.text("dialect", e.Dialect)
	e.Container.json(o)
	o.text("action", string(e.Action))
	o.text("reason", e.Reason)
	o.text("message", e.Message)
	o.number("exit_code", int64(e.ExitCode), e.HasExit)
	o.number("signal", int64(e.Signal), e.Signal != 0)
	o.number("pid", int64(e.PID), e.PID != 0)
	o.text("process", e.Process)
	o.text("cgroup", e.Cgroup)
	o.size("usage_bytes", e.Usage)
	o.size("limit_bytes", e.Limit)
	o.number("count", int64(max(e.Count, 1)), true)
	o.instant("first", e.First)
	o.span("ago_seconds", e.Ago)
}

// instant writes a calendar time in UTC, null where it is not known.
func (o *object) instant(name string, ns int64) {
	if ns == 0 {
		o.null(name)
		return
	}
	o.key(name)
	o.dst = append(o.dst, '"')
	o.dst = time.Unix(0, ns).UTC().AppendFormat(o.dst, time.RFC3339Nano)
	o.dst = append(o.dst, '"')
}
