package cloud

import (
	"fmt"
	"strings"
	"testing"

	"oomtrace/parser/dialect"
	"oomtrace/parser/dialect/dialecttest"
	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

func TestGolden(t *testing.T) { dialecttest.Run(t, Dialect) }

func FuzzDecode(f *testing.F) { dialecttest.Fuzz(f, Dialect) }

// Forget drops the caches, for the fuzz test that holds them against the grammars.
func (d *decoder) Forget() { d.read = newReaders() }

func TestExamples(t *testing.T) {
	r := newReaders()
	dialecttest.Examples(t, Dialect,
		dialecttest.By(r.report.Parse),
		dialecttest.By(r.limit.Parse),
		dialecttest.By(r.soft.Parse),
		dialecttest.By(r.dyno.Parse),
		dialecttest.By(r.status.Parse),
	)
}

func TestForeignLines(t *testing.T) {
	dialecttest.Refuses(t, Dialect,
		"", "RequestId: ", "RequestId: abc", "RequestId: abc-def-ghi served", "xquestId: abc", "REPORT RequestId: abc-def\tDuration: 3 ms", "a memory limit exceeded the budget", "any limit of 3",
		"The quota was exceeded with 5 used", "Exceeded the limit of 3", "Process running mem", "Process exited with status 137", "Error R12 (Exit timeout)", "heroku[web.1", "heroku[web.1]: Starting process with command `bin/web`",
		"Memory limit of the plan exceeded with a lot used", "was found to be using too much memory and was terminated", strings.Repeat("y limit ", maxLine),
	)
}

// The source heroku is taken off by the envelope.
func TestDynoFromTheEnvelope(t *testing.T) {
	d := Dialect.New()
	stream := &event.Stream{Unit: "heroku", Container: "web.7"}
	var got []*event.ContainerEvent
	emit := func(ev event.Event) { got = append(got, ev.(*event.ContainerEvent)) }
	for _, text := range []string{"Process running mem=1124M(219.5%)", "Error R15 (Memory quota vastly exceeded)", "Stopping process with SIGKILL"} {
		if !d.Decode(&dialect.Line{Stream: stream, Text: []byte(text)}, emit) {
			t.Errorf("%q is refused", text)
		}
	}
	if len(got) != 2 || got[0].Name != "web.7" || got[0].Action != event.ActionOOM || got[0].Limit != unit.Known(512*unit.MiB) || got[1].Signal != sigkill {
		t.Errorf("%+v", got)
	}
}

// Only the latest requests are remembered.
func TestManyRequests(t *testing.T) {
	d := &decoder{read: newReaders()}
	for i := range 10 * maxRequests {
		d.Decode(&dialect.Line{Text: fmt.Appendf(nil, "RequestId: 7102cad9-%d Error: Runtime exited with error: signal: killed", i)}, func(event.Event) {})
	}
	if len(d.requests) != maxRequests || d.requests[maxRequests-1].id != fmt.Sprintf("7102cad9-%d", 10*maxRequests-1) {
		t.Errorf("%d requests, the last is %+v", len(d.requests), d.requests[len(d.requests)-1])
	}
}

func BenchmarkDecode(b *testing.B) {
	dialecttest.Bench(b, Dialect, "REPORT RequestId: fa60295b-85a2-495a-a7e2-da5c85a5eb1e\tDuration: 19266.38 ms\tBilled Duration: 19267 ms\tMemory Size: 2688 MB\tMax Memory Used: 2581 MB")
}
