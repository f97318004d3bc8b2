// Package docker reads what the engines of containers say: docker, podman, containerd, and what crictl asks of them. All of it is
// a claim, not a fact. An engine can miss a kill of the kernel: a container that was killed three times at its limit was seen to
// end with the exit code 137, OOMKilled false and no event "oom" (dockerd 26.1, cgroup v2). And it can tell too much: OOMKilled
// stays true where a child was killed and the container went on.
//
// Where the texts come from:
//
//   - docker/docker api/types/container: the JSON of docker inspect (ContainerJSON, State, HostConfig). FinishedAt is the end of the
//     run before while the container runs. podman prints the same members and some more (libpod/define/container_inspect.go).
//   - docker/cli cli/command/system/events.go, prettyPrintEvent: "STAMP TYPE ACTION ID (KEY=VALUE, ...)", sorted by key; the labels of
//     the container stand among the attributes. As JSON a line is events.Message.
//   - containers/podman libpod/events/events.go, ToHumanReadable: "STAMP container died ID (image=..., name=..., ...)", the stamp as
//     Go prints a time; as JSON Status, ID, ContainerExitCode. Podman has no event for want of memory.
//   - containerd cmd/ctr/commands/events/events.go: "STAMP NAMESPACE TOPIC JSON".
//   - containerd internal/cri/server/events.go: "TaskOOM event ..." in its log; containers/conmon src/oom.c: "OOM event received".
//   - docker/cli cli/command/formatter/container.go: docker ps; the status is made in moby container/state.go.
//   - kubernetes-sigs/cri-tools cmd/crictl/container.go: crictl inspect, the answer ContainerStatus of the runtime interface.
package docker

import (
	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/columns"
	"oomtrace/parser/event"
	"oomtrace/parser/shape"
)

const name = "docker"

// The engines beside those that all packages know.
const (
	engineCRI    event.Engine = "cri"    // what answers crictl: containerd or CRI-O
	engineConmon event.Engine = "conmon" // the monitor of a container of podman or CRI-O
)

// Dialect is the dialect of this package.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "Container engines: docker, podman, containerd, crictl",
	Versions: "Docker 26.1, containerd 1.7, podman 5.4, crictl 1.30",
	Notes:    notes,
	New:      func() dialect.Decoder { return newDecoder() },
	Anchors:  anchors(),
	Grammars: []dialect.Grammar{
		{
			Name:    "status of a container that ended, in docker ps",
			EBNF:    endedGrammar.EBNF(),
			Example: "Exited (137)",
		},
		{
			Name:    "event of docker or podman, behind the stamp",
			EBNF:    `Event = "container" Action ID "(" Key "=" Value ("," Key "=" Value)* ")" .`,
			Example: "container die 45cbbf984de160649beb6b1de8aa1f96b5a97f6377374174ef04ee4a1313f245 (app=payments, execDuration=5, exitCode=137, image=shop/payments:1.4, name=payments)",
		},
		{
			Name:    "event of containerd, behind the stamp",
			EBNF:    `Event = Namespace Topic JSON .`,
			Example: `moby /tasks/oom {"container_id":"45cbbf984de160649beb6b1de8aa1f96b5a97f6377374174ef04ee4a1313f245"}`,
		},
	},
}

const notes = `docker inspect and podman inspect (whole, or with --format '{{json .State}}' or '{{json .HostConfig}}'), docker events and podman
events (text and JSON), ctr events, docker ps, podman ps and docker compose ps, crictl inspect and crictl ps; of the logs of
containerd and conmon the lines about kills for want of memory.

Memory, MemoryReservation and MemorySwap of HostConfig are the limits, in bytes; 0 is none. MemorySwap counts memory and swap
together. The exit code 137 says that SIGKILL ended the container, not who sent it: the kernel for want of memory, docker stop
after its grace period, an operator. OOMKilled is what the engine believes.

Of the environment and the command of a container only what bounds or steers memory comes out: GOMEMLIMIT, GOGC, GODEBUG,
MALLOC_ARENA_MAX, and the options about memory in JAVA_TOOL_OPTIONS, OPENJ9_JAVA_OPTIONS, JDK_JAVA_OPTIONS, JAVA_OPTS,
CATALINA_OPTS, _JAVA_OPTIONS, NODE_OPTIONS and the arguments. Other variables are never printed. docker ps tells when a
container ended by its age only, so that no time is known.`

// maxText is the longest text of an engine that an event keeps.
const maxText = 300

// decoder reads the lines of one stream.
type decoder struct {
	ended   *shape.Cache[ended]
	columns columns.Table
	table   *table // whose rows go on; nil if none
}

func newDecoder() *decoder { return &decoder{ended: endedGrammar.Cache()} }

// Sibling implements dialect.Sibling.
func (d *decoder) Sibling() dialect.Decoder { return &decoder{ended: d.ended} }

// Idle implements dialect.Idler.
func (d *decoder) Idle() bool { return d.table == nil }

// anchors returns the texts one of which stands in every line that begins something: the subject of an event of Docker or
// Podman, the topic of one of containerd, the first title of a table, the words of a log.
func anchors() []string {
	texts := append([]string{"CONTAINER"}, topics...)
	for _, s := range subjects {
		texts = append(texts, s+" ")
	}
	for _, k := range logs {
		texts = append(texts, k.anchor)
	}
	return texts
}

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	if len(l.Text) < len("container") || len(l.Text) > maxLine {
		return false
	}
	return textEvent(l, emit) || ctrEvent(l, emit) || d.tableRow(l, emit) || logLine(l, emit)
}

// maxLine is the longest line that is looked at: the labels of a container can be long.
const maxLine = 1 << 16

// Flush implements dialect.Decoder.
func (d *decoder) Flush(dialect.Emit) {}

func problem(l *dialect.Line, what string) *event.Problem {
	return &event.Problem{Head: l.Head(name), Message: what, Text: string(l.Text[:min(len(l.Text), maxText)])}
}

func clip(text string) string { return text[:min(len(text), maxText)] }
