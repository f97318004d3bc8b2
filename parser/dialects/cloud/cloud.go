// Package cloud reads what hosting platforms say when a program needs too much memory: AWS Lambda, AWS ECS and Batch, Google
// Cloud Run, Cloud Functions and App Engine, Heroku.
//
// Where the texts come from:
//
//   - Lambda writes a REPORT line for every request, with the memory of the function and the largest use of the environment
//     so far, since 2023 with "Status:" and "Error Type: Runtime.OutOfMemory" where it failed; in the JSON log format the same
//     is a platform.report of the telemetry API (schema 2022-07-01 to 2025-01-29). "RequestId: ID Error: Runtime exited with
//     error: signal: killed" stands before the REPORT or behind it.
//   - ECS: describe-tasks, the event "ECS Task State Change" and SubmitTaskStateChange. The reason is that of the agent
//     (amazon-ecs-agent, agent/dockerclient/dockerapi: OutOfMemoryError); Fargate writes it with a small c. The agent logs
//     "process within container ID (name: NAME) died due to OOM". Batch: describe-jobs.
//   - Cloud Run: "Memory limit of 512 MiB exceeded with 516 MiB used." (until 2021 "512M"), and "... was found to be using too
//     much memory and was terminated." App Engine: "Exceeded soft memory limit of 256 MB with 263 MB after servicing 4 requests
//     total."
//   - Heroku: "Process running mem=523M(102.3%)", then "Error R14 (Memory quota exceeded)" or R15, under the source heroku.
//
// All of them say MB or M and mean 2^20 bytes.
package cloud

import (
	"bytes"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialects/ascii"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

const name = "cloud"

// Batch is the engine of the jobs of AWS Batch.
const Batch event.Engine = "aws-batch"

// Dialect is the dialect of this package.
var Dialect = dialect.Dialect{
	Name:     name,
	Title:    "Cloud platforms: Lambda, ECS, Cloud Run, App Engine, Heroku",
	Versions: "texts of 2015 to 2026",
	New:      func() dialect.Decoder { return &decoder{read: newReaders()} },
	Anchors: []string{
		"questId: ", "y limit ", "y usage", "y and was terminated", " died due to OOM",
		"Process running mem=", "Error R", "Stopping process with SIGKILL", "Stopping remaining processes with SIGKILL", "Process exited with status ", "State changed from ",
	},
	Notes: `Lambda: "Max Memory Used" is the largest use of the execution environment so far, not of the request: it never falls until a
new environment starts. Each REPORT becomes a sample of it beside the limit, and those of requests that failed an event. A process that was killed by SIGKILL at less than 99 % of its memory did not
run out of it. A function that swallows its want of memory shows as a timeout at 100 %.

ECS: "OutOfMemoryError: Container killed due to memory usage" repeats a flag of docker that stays set: the container can have
gone on, and can have ended with status 0 for another reason. The memory of a container is its hard limit; a task has one too.

Cloud Run counts the files that the program writes, as they lie in memory, and all containers of the instance together.
App Engine: the soft limit ends the instance after the request, the hard one at once.

Heroku: R14 slows a dyno down as it swaps; R15, at twice the quota, kills it. The quota is worked out from the use and the percentage.`,
	Grammars: []dialect.Grammar{
		{
			Name:    "memory of a Lambda function, in its REPORT",
			EBNF:    reportGrammar.EBNF(),
			Example: "Memory Size: 128 MB Max Memory Used: 128 MB",
		},
		{
			Name:    "limit of Cloud Run",
			EBNF:    limitGrammar.EBNF(),
			Example: "Memory limit of 512 MiB exceeded with 516 MiB used.",
		},
		{
			Name:    "limit of App Engine",
			EBNF:    softGrammar.EBNF(),
			Example: "Exceeded soft memory limit of 256 MB with 263 MB after servicing 4 requests total.",
		},
		{
			Name:    "use of a dyno of Heroku",
			EBNF:    dynoGrammar.EBNF(),
			Example: "Process running mem=523M(102.3%)",
		},
		{
			Name:    "end of a dyno of Heroku",
			EBNF:    statusGrammar.EBNF(),
			Example: "Process exited with status 137",
		},
	},
}

// Bounds of the work for one line and of what a decoder remembers.
const (
	maxLine     = 1 << 14
	maxText     = 300 // of what a problem and a message quote
	maxRequests = 16  // of Lambda
)

// decoder reads the lines of one stream.
type decoder struct {
	read     *readers
	requests []request             // of Lambda, the latest last
	dyno     *event.ContainerEvent // of Heroku, that waits for the error that it led to
}

// Sibling implements dialect.Sibling.
func (d *decoder) Sibling() dialect.Decoder { return &decoder{read: d.read} }

// Decode implements dialect.Decoder. It looks for bytes that are rare in logs.
func (d *decoder) Decode(l *dialect.Line, emit dialect.Emit) bool {
	text := l.Text
	if len(text) == 0 || len(text) > maxLine {
		return false
	}
	if d.heroku(l, text, emit) {
		return true
	}
	if i := bytes.Index(text, []byte("questId: ")); i >= 2 {
		return d.lambda(l, text[i-2:], text[:i-2], emit)
	}
	if i := bytes.Index(text, []byte("OOM")); i >= 0 && bytes.HasSuffix(text[:i], []byte(" died due to ")) {
		return agent(l, text[:i+len("OOM")], emit)
	}
	return d.memory(l, text, emit)
}

// memory reads lines that speak of memory: of its limit, its usage, and of too much of it. One search finds all three.
func (d *decoder) memory(l *dialect.Line, text []byte, emit dialect.Emit) bool {
	for from := 0; ; {
		y := bytes.IndexByte(text[from:], 'y')
		if y < 0 {
			return false
		}
		from += y + 1
		rest := text[from:]
		if ascii.HasPrefix(rest, " limit ") && d.google(l, text, emit) || ascii.HasPrefix(rest, " usage") && stopped(l, text, emit) ||
			ascii.HasPrefix(rest, " and was terminated") && terminated(l, text, emit) {
			return true
		}
	}
}

// Flush implements dialect.Decoder.
func (d *decoder) Flush(emit dialect.Emit) {
	d.endDyno(emit)
	*d = decoder{read: d.read}
}

func problem(l *dialect.Line, what string) *event.Problem {
	return &event.Problem{Head: l.Head(name), Message: what, Text: clip(l.Text)}
}

func clip(text []byte) string { return string(text[:min(len(text), maxText)]) }

// maxSize is beyond any machine.
const maxSize = 1 << 50

// mib returns a number of MiB in bytes; unknown if it is beyond any machine.
func mib(n int64) unit.Size {
	if n > maxSize/int64(unit.MiB) {
		return unit.Size{}
	}
	return unit.Known(unit.Bytes(n) * unit.MiB)
}
