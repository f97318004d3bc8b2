package parser_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"oomtrace/parser"
	"oomtrace/parser/event"
)

const newestNote = "the newest line stands first: read from the last to the first"

func trace(n int) string {
	return fmt.Sprintf("gc %d @0.0%02ds 10%%: 0.26+0.40+0.005 ms clock, 0.53+0.061/0.46/0+0.010 ms cpu, 3->4->3 MB, 4 MB goal, 2 P", n, n)
}

// told lists the line, the number and the wall clock of each collection of a log, and the kind of every other event.
func told(t *testing.T, log string) (said []string, stats parser.Stats) {
	t.Helper()
	for ev, err := range (&parser.Reader{Name: "log", Stats: &stats}).Events(strings.NewReader(log)) {
		if err != nil {
			t.Fatal(err)
		}
		gc, ok := ev.(*event.GC)
		if !ok {
			said = append(said, fmt.Sprintf("%d %T", ev.Header().Pos.Line, ev))
			continue
		}
		at := "-"
		if gc.Time.Has.Has(event.Wall) {
			at = gc.Time.WallTime().Format("15:04:05.999")
		}
		said = append(said, fmt.Sprintf("%d gc %d %s", gc.Pos.Line, gc.Cycle, at))
	}
	return said, stats
}

func TestStores(t *testing.T) {
	for _, c := range []struct {
		name, log string
		want      []string
		newest    bool
	}{
		{
			"CSV with a cell of several lines", "Date,Host,Message\n" +
				"2026-11-22T19:28:22Z,a,\"" + trace(3) + "\"\n" +
				"2026-11-22T19:28:21Z,a,\"" + "said \"\"no\"\"\n" + trace(1) + "\n" + trace(2) + "\"\n",
			[]string{"4 gc 1 19:28:21", "5 gc 2 19:28:21", "2 gc 3 19:28:22"},
			true,
		},
		{
			"CSV oldest first, semicolons", "message;@timestamp\r\n\"" + trace(1) + "\";1795375700063\r\n\"" + trace(2) + "\";1795375700064\r\n",
			[]string{"2 gc 1 19:28:20.063", "3 gc 2 19:28:20.064"},
			false,
		},
		{
			"CSV whose last cell does not end", "time,line\n2026-11-22T19:28:22Z,\"" + trace(1) + "\n" + trace(2),
			[]string{"2 gc 1 19:28:22", "3 gc 2 19:28:22"},
			false,
		},
		{
			"Loki, two streams", `{"status":"success","data":{"resultType":"streams","result":[` +
				`{"stream":{"pod":"a"},"values":[["1795375703000000000","` + trace(3) + `"],["1795375701000000000","` + trace(1) + `"]]},` +
				`{"stream":{"pod":"b"},"values":[["1795375702000000000","` + trace(2) + `",{"detected_level":"info"}]]}]}}`,
			[]string{"1 gc 1 19:28:21", "1 gc 2 19:28:22", "1 gc 3 19:28:23"},
			true,
		},
		{
			"Elasticsearch", `{"took":3,"hits":{"total":2,"hits":[{"_id":"a","_source":{"@timestamp":"2026-11-22T19:28:20.063Z","message":"` + trace(1) + `"}}]}}`,
			[]string{"1 gc 1 19:28:20.063"},
			false,
		},
		{
			"Insights", `{"results":[[{"field":"@timestamp","value":"2026-11-22 19:28:21.000"},{"field":"@message","value":"` + trace(1) + `\n"},{"field":"@ptr","value":"x"}]],"status":"Complete"}`,
			[]string{"1 gc 1 19:28:21"},
			false,
		},
		{
			"a logger's records, printed by jq", "{\n  \"level\": \"info\",\n  \"ts\": 1795375700.063,\n  \"msg\": \"" + trace(1) + "\"\n}\n{\n  \"ts\": 1795375701.5,\n  \"msg\": \"" + trace(2) + "\"\n}\n",
			[]string{"1 gc 1 19:28:20.063", "6 gc 2 19:28:21.5"},
			false,
		},
		{
			"an answer that is cut", `[{"line":"` + trace(1) + `","timestamp":"1795375701000000000"},{"line":"` + trace(2)[:60],
			[]string{"1 gc 1 19:28:21"},
			false,
		},
		{
			"a list of other things", `[{"message":"` + trace(1) + `"}]`,
			[]string{"1 gc 1 -"},
			false,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, stats := told(t, c.log)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if slices.Contains(stats.Notes, newestNote) != c.newest {
				t.Errorf("notes %q", stats.Notes)
			}
		})
	}
}

// The answer of a store stands on one line, however many log lines it holds.
func TestLargeStore(t *testing.T) {
	var log strings.Builder
	log.WriteString(`{"status":"success","data":{"resultType":"streams","result":[{"stream":{"pod":"a"},"values":[`)
	const lines = 20000
	for i := range lines {
		fmt.Fprintf(&log, `["%d","%s"],`, 1795375703_000000000-i, trace(lines-i))
	}
	log.WriteString(`["1795375702000000000","end"]]}]}}`)
	got, _ := told(t, log.String())
	if len(got) != lines || got[0] != "1 gc 1 19:28:22.999" {
		t.Errorf("%d collections, the first is %q", len(got), got[:min(len(got), 1)])
	}
}

// Objects within objects cost no more than a line of their length.
func TestNestedRecords(t *testing.T) {
	const deep = 50000
	for _, key := range []string{"labels", "kubernetes", "attributes", "jsonPayload", "stream"} {
		log := strings.Repeat(`{"msg":"a","`+key+`":`, deep) + "1" + strings.Repeat("}", deep)
		if got, _ := told(t, log+"\n["+log+"]\n"+trace(1)+"\n"); len(got) == 0 || !strings.HasSuffix(got[len(got)-1], " gc 1 -") {
			t.Errorf("%s: %q", key, got)
		}
	}
}
