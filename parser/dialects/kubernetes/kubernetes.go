// Package kubernetes reads what Kubernetes says of pods, their containers and their nodes: objects in JSON and YAML, what kubectl
// describe and the tables of kubectl print, and events. It is a claim, not a fact, and it tells less than one may think: of a
// process that the kernel killed because the whole node was out of memory it says Error with the exit code 137, not OOMKilled.
//
// Where the texts come from (kubernetes/kubernetes, read at 1.36, tested with 1.0 to 1.36):
//
//   - staging/src/k8s.io/api/core/v1/types.go: ContainerStatus, ContainerState, Event, NodeCondition; events/v1 for the newer events,
//     whose old members are named deprecated.
//   - staging/src/k8s.io/apimachinery/pkg/api/resource: quantities.
//   - staging/src/k8s.io/kubectl/pkg/describe/describe.go: describePod, describeContainers, describeStatus, describeNode, DescribeEvents.
//   - staging/src/k8s.io/kubectl/pkg/cmd/events and pkg/printers/internalversion/printers.go: the tables.
//   - pkg/kubelet/oom/oom_watcher_linux.go (SystemOOM), pkg/kubelet/eviction/helpers.go (Evicted), pkg/kubelet/kuberuntime (BackOff, Killing),
//     pkg/kubelet/preemption (Preempting); kubernetes/node-problem-detector config/kernel-monitor.json (OOMKilling).
//   - staging/src/k8s.io/client-go/tools/events and tools/record: "Event occurred" in the log of the kubelet.
package kubernetes

import (
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/columns"
	"oomtrace/parser/event"
)

const name = "kubernetes"

// Dialect is the dialect of this package.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "Kubernetes: pods, kubectl describe, events, nodes",
	Versions: "Kubernetes 1.0 to 1.36",
	Notes:    notes,
	New:      func() dialect.Decoder { return newDecoder() },
	Anchors: []string{
		"apiVersion: ", "kind: ", "Name:", "State:", "REASON", "RESTARTS",
		occurred, objectReference, eviction,
	},
	Grammars: []dialect.Grammar{
		{
			Name:    "amount of memory",
			EBNF:    `Quantity = Number ("Ki" | "Mi" | "Gi" | "Ti" | "Pi" | "Ei" | "n" | "u" | "m" | "k" | "M" | "G" | "T" | "P" | "E" | ("e" | "E") Exponent)? .`,
			Example: "128974848000m",
		},
		{
			Name:    "row of kubectl get events",
			EBNF:    `Row = Age ("(x" Count "over" Age ")")? Type Reason Object Message .`,
			Example: "3m56s  Warning  SystemOOM  node/node1  System OOM encountered, victim process: java, pid: 1580",
		},
	},
}

const notes = `Pods, nodes, events and workloads in JSON and YAML (one, or lists of many, as kubectl get -o json|yaml, kubectl cluster-info dump
and the API print them), kubectl describe of pods and nodes, the tables of kubectl get events, kubectl events and kubectl get
pods, and the events in the log of the kubelet. Parts that were cut out (the state of one container, a status) are read too.

OOMKilled comes from the runtime of the containers. It can be missing for a real kill, and it stays for a container in which a
child was killed. A node that runs out of memory shows as Error with the exit code 137, and as the event SystemOOM of the
node. Evicted is no kill of the kernel: the kubelet ended the pod before the node ran out. BackOff counts restarts, not kills.

Limits and requests are those that are in force where the status of the container names them (1.27 and later), else those of the
specification. Amounts may have parts of a byte (128974848000m), which count as one. The UID of a static pod is the hash of its
manifest, as paths of control groups name it by that. Tables and describe give ages in the place of times: such events have no
time. Of environments and commands only what bounds memory comes out; the values of all other variables are never printed.`

// maxText is the longest text of Kubernetes that an event keeps.
const maxText = 300

// maxLine is the longest line of a text that is looked at.
const maxLine = 1 << 16

// decoder reads the lines of one stream.
type decoder struct {
	yaml    *manifest    // nil where none is open
	desc    *description // nil where none is open
	named   string       // by the line before, which may begin a description
	columns columns.Table
	table   *table // whose rows go on; nil if none
}

func newDecoder() *decoder { return &decoder{} }

// Decode implements dialect.Decoder.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	if len(l.Text) > maxLine && d.yaml == nil {
		return false
	}
	if d.yamlLine(l, emit) || d.describeLine(l, emit) {
		return true
	}
	return len(l.Text) > 0 && (d.tableLine(l, emit) || logLine(l, emit))
}

// Idle implements dialect.Idler.
func (d *decoder) Idle() bool {
	return d.yaml == nil && d.desc == nil && d.named == "" && d.table == nil
}

// Flush implements dialect.Decoder.
func (d *decoder) Flush(emit dialect.Emit) {
	d.endYAML(emit)
	d.endDescription(emit)
}

// setTime sets the time of an event to nanoseconds since 1970, of whole seconds.
func setTime(ev *event.ContainerEvent, at int64) {
	if at == 0 {
		return
	}
	ev.Time.Has |= event.Wall
	ev.Time.Wall, ev.Time.WallStep, ev.Time.Assumed = at, time.Second, 0
}

func problem(l *dialect.Line, what string) *event.Problem {
	return &event.Problem{Head: l.Head(name), Message: what, Text: clip(string(l.Text[:min(len(l.Text), maxText)]))}
}

func clip(text string) string { return text[:min(len(text), maxText)] }
